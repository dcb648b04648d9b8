/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One-time links: who was invited, or lost the password, chooses one and is signed in. Looking at the page uses nothing
 * up, so that programs that fetch links out of mail do no harm.
 */
#include "people/link.h"

#include "base/password.h"
#include "gate/gate.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/session.h"

struct err web_link(struct ask *ask)
{
    struct people_link_view view;
    TRY(people_link_view(ask->db, ask->parts[0], ask->arena, &view));
    page_title(ask, ask_text(ask, W("Choose your password")));
    json_write_key_text(&ask->json, S("name"), view.name);
    json_write_key_text(&ask->json, S("purpose"), view.purpose);
    json_write_key_text(&ask->json, S("secret"), ask->parts[0]);
    page_moment(ask, S("expires"), view.expires_us);
    return OK;
}

struct err web_link_use(struct ask *ask)
{
    const struct people_place place = session_place(ask);
    const struct people_link_use use = {ask->parts[0], ask_form(ask, S("password")), place.from, place.agent};
    struct signed_in signed_in;
    struct err err = page_password_again(ask);
    if (err.kind != ERR_NONE) {
        TRY(page_again(ask, "again", err));
        return web_link(ask);
    }
    err = people_link_use(ask->db, ask->gate->options.doorkeeper, &use, ask->arena, &signed_in);
    if (err.kind == ERR_INPUT) {
        TRY(page_again(ask, "password", err));
        return web_link(ask);
    }
    TRY(err);
    TRY(session_begin(ask, &signed_in));
    ask_see(ask, signed_in.half ? "/sign-in" : "/?done=welcome");
    return OK;
}
