/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/forgery.h"

#include "base/token.h"
#include "gate/gate.h"

/* As the configuration says it, or as the client says whom it asks: a node may be reached by more than one name. */
static bool origin_is_ours(const struct ask *ask, slice origin)
{
    const struct node_parts *parts = ask->gate->options.parts;
    slice url = slice_of(parts->url), scheme = parts->secure ? S("https://") : S("http://");
    slice host = http_header(ask->request, S("host"), NULL);
    if (url.len > 0 && slice_eq_fold(origin, slice_part(url, 0, url.len - 1)))
        return true;
    return host.len > 0 && slice_starts(origin, scheme) && slice_eq_fold(slice_from(origin, scheme.len), host);
}

/* *said: that it comes from us. What says that it comes from elsewhere is refused, whoever asks. */
static struct err source_check(const struct ask *ask, bool *said)
{
    bool has_origin, has_site;
    slice origin = http_header(ask->request, S("origin"), &has_origin);
    slice site = http_header(ask->request, S("sec-fetch-site"), &has_site);
    if (has_origin && !origin_is_ours(ask, origin))
        return err_make(
                ERR_DENIED, "this was sent by a page of another site (Origin); open the page here and try again");
    if (has_site && !slice_eq(site, S("same-origin")))
        return err_make(ERR_DENIED,
                "this was sent by a page of another site (Sec-Fetch-Site); open the page here and try again");
    *said = has_origin || has_site;
    return OK;
}

static struct err key_check(const struct ask *ask)
{
    bool has_header;
    slice given = http_header(ask->request, S("x-form-key"), &has_header);
    if (!has_header)
        given = ask_form(ask, S("key"));
    if (given.len == 0 || !token_eq(given, ask_form_key(ask)))
        return err_make(
                ERR_DENIED, "the form is from an earlier session, or not from here; open its page and try again");
    return OK;
}

struct err forgery_check(const struct ask *ask)
{
    bool said = false;
    if (ask->request->method != HTTP_POST && ask->request->method != HTTP_DELETE)
        return OK;
    if (ask->who.actor.how != ACTOR_NOBODY && !ask->who.ambient)
        return OK;
    TRY(source_check(ask, &said));
    if (ask->who.session == 0)
        return OK;
    if (!said)
        return err_make(ERR_DENIED, "a session changes something only from a page of this node; scripts use a token");
    return key_check(ask);
}
