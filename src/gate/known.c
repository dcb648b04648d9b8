/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/known.h"

#include <sodium.h>

#include "gate/gate.h"
#include "share/visitor.h"

#define BASIC_BYTES_MAX 2048 /* of name and password */

/* ---- From where ---- */

/* All headers of that name are one list (RFC 9110 section 5.3): the last of them ends it. */
static slice last_header(const struct http_request *request, slice name)
{
    for (size_t i = request->header_count; i > 0; i--)
        if (slice_eq_fold(request->headers[i - 1].name, name))
            return request->headers[i - 1].value;
    return S("");
}

/* Only the last of X-Forwarded-For is the proxy's own word; what stands before it anybody can have written. */
struct ip known_from(const struct ask *ask)
{
    const struct http_request *request = ask->request;
    struct ip ip = request->peer;
    if (!ask->gate->options.parts->behind_proxy)
        return ip;
    slice list = last_header(request, S("x-forwarded-for"));
    size_t from = list.len;
    while (from > 0 && list.ptr[from - 1] != ',')
        from--;
    if (!ip_parse(slice_trim(slice_from(list, from)), &ip))
        return request->peer;
    return ip;
}

/* ---- What is shown ---- */

static bool is_scheme(slice header, slice scheme, slice *rest)
{
    size_t len = scheme.len;
    if (header.len <= len || header.ptr[len] != ' ' || !slice_eq_fold(slice_part(header, 0, len), scheme))
        return false;
    *rest = slice_trim(slice_from(header, len));
    return rest->len > 0;
}

/* RFC 7617: what stands before the first colon is the name. */
static bool read_basic(slice text, struct arena *arena, struct credentials *credentials)
{
    size_t len = 0;
    unsigned char *plain = arena_take(arena, BASIC_BYTES_MAX);
    if (sodium_base642bin(
                plain, BASIC_BYTES_MAX, text.ptr, text.len, NULL, &len, NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
        return false;
    slice both = {(const char *)plain, len};
    size_t colon = slice_find(both, ':');
    if (colon == 0 || colon == len || slice_holds(both, '\0'))
        return false;
    credentials->name = slice_part(both, 0, colon);
    credentials->password = slice_from(both, colon + 1);
    return true;
}

static struct err read_authorization(slice header, struct arena *arena, struct credentials *credentials)
{
    slice rest;
    if (is_scheme(header, S("Bearer"), &credentials->token))
        return OK;
    if (is_scheme(header, S("Basic"), &rest) && read_basic(rest, arena, credentials))
        return OK;
    return err_make(ERR_AUTH, "Authorization is neither `Bearer TOKEN` nor `Basic` with name and password (RFC 7617)");
}

static struct err read_shown(const struct ask *ask, struct credentials *credentials)
{
    const struct http_request *request = ask->request;
    bool has_header;
    slice header = http_header(request, S("authorization"), &has_header);
    credentials->from = known_from(ask);
    if (has_header)
        return read_authorization(header, ask->arena, credentials);
    credentials->session = ask_session(ask);
    if (credentials->session.len == 0 && request->certificate != NULL)
        credentials->certificate = &request->certificate->fingerprint;
    return OK;
}

bool known_shows(const struct ask *ask)
{
    bool has_header;
    http_header(ask->request, S("authorization"), &has_header);
    return has_header || ask_session(ask).len > 0 || ask->request->certificate != NULL;
}

/* The node of a partner; a person goes by what people have. */
static bool shows_visit(const struct ask *ask, slice *visit)
{
    return is_scheme(http_header(ask->request, S("authorization"), NULL), S(SHARE_VISIT_SCHEME), visit);
}

/* It may what a token for TAXII may, and nothing that its account could do otherwise. */
static struct err visitor_find(struct ask *ask, slice visit)
{
    struct share_visitor visitor;
    TRY(share_visitor_find(ask->db, visit, ask->arena, &visitor));
    ask->who = (struct who){.actor = visitor.actor, .scopes = SCOPE_TAXII};
    return OK;
}

struct err known_find(struct ask *ask, unsigned *wait_s)
{
    struct credentials credentials = {.session = S("")};
    struct who who = {.actor = {.how = ACTOR_NOBODY}};
    slice visit;
    if (shows_visit(ask, &visit))
        return visitor_find(ask, visit);
    TRY(read_shown(ask, &credentials));
    struct err err = people_who(ask->db, ask->gate->options.doorkeeper, &credentials, ask->arena, &who);
    /* A browser goes on carrying a session that is over: it is to find the way to sign in. */
    bool open = ask->route == NULL || ask->route->access == ROUTE_OPEN;
    if (open && credentials.session.len > 0 && (err.kind == ERR_AUTH || err.kind == ERR_LIMIT))
        return OK;
    if (err.kind == ERR_LIMIT)
        *wait_s = people_wait_s(ask->gate->options.doorkeeper, credentials.name, &credentials.from);
    TRY(err);
    ask->who = who;
    return OK;
}
