/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door: name and password, then the code of the second factor if the person has one. Whoever was on the way to a
 * page is led on to it. What failed is never said more exactly than that it failed.
 */
#include "people/sign_in.h"
#include "base/arena.h"
#include "base/clock.h"
#include "gate/gate.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/session.h"

static slice next_of(const struct ask *ask)
{
    slice next = ask->request->method == HTTP_POST ? ask_form(ask, S("next")) : ask_query(ask, S("next"));
    return ask_is_path(next) ? next : S("/");
}

struct err web_sign_in(struct ask *ask)
{
    const char *next = arena_cstr(ask->arena, next_of(ask));
    if (ask->who.session != 0 && !ask->who.half && ask->request->method != HTTP_POST) {
        ask_see(ask, next);
        return OK;
    }
    page_title(ask, ask_text(ask, W("Sign in")));
    json_write_key_text(&ask->json, S("next"), slice_of(next));
    page_flag(ask, S("half"), ask->who.half);
    return OK;
}

/* The form once more; who tried too often is told when to come again. */
static struct err refused(struct ask *ask, const char *field, struct err err)
{
    struct ip from = ask_from(ask);
    unsigned wait_s = people_wait_s(ask->gate->options.doorkeeper, ask_form(ask, S("name")), &from);
    TRY(page_again(ask, field, err));
    if (err.kind == ERR_LIMIT) {
        ask->status = STATUS_OFTEN;
        if (wait_s > 0)
            http_reply_header(ask->reply, S("Retry-After"), slice_of(arena_printf(ask->arena, "%u", wait_s)));
    }
    return web_sign_in(ask);
}

static struct err name_and_password(struct ask *ask, struct signed_in *signed_in)
{
    const struct people_place place = session_place(ask);
    const struct sign_in sign_in = {.name = ask_form(ask, S("name")),
            .password = ask_form(ask, S("password")),
            .code = ask_form(ask, S("code")),
            .from = place.from,
            .agent = place.agent};
    return people_sign_in(ask->db, ask->gate->options.doorkeeper, &sign_in, ask->arena, signed_in);
}

static struct err code(struct ask *ask, struct signed_in *signed_in)
{
    const struct people_place place = session_place(ask);
    return people_factor_code(
            ask->db, ask->gate->options.doorkeeper, &ask->who, ask_form(ask, S("code")), &place, ask->arena, signed_in);
}

struct err web_sign_in_do(struct ask *ask)
{
    struct signed_in signed_in;
    slice next = next_of(ask);
    bool second = ask->who.half && ask_form(ask, S("name")).len == 0;
    struct err err = second ? code(ask, &signed_in) : name_and_password(ask, &signed_in);
    if (err.kind != ERR_NONE)
        return refused(ask, second ? "code" : NULL, err);
    TRY(session_begin(ask, &signed_in));
    if (signed_in.half)
        page_go(ask, "/sign-in", next);
    else
        ask_see(ask, arena_cstr(ask->arena, next));
    return OK;
}

struct err web_sign_out(struct ask *ask)
{
    if (ask->who.session != 0)
        TRY(people_sign_out(ask->db, &ask->who, ask->arena));
    ask_session_set(ask, S(""), 0);
    ask_see(ask, "/sign-in?done=signed-out");
    return OK;
}
