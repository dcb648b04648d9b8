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

#define STATUS_OFTEN 429
#define SECOND_US INT64_C(1000000)

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
    unsigned wait_s = people_wait_s(ask->gate->options.doorkeeper, ask_form(ask, S("name")), &ask->request->peer);
    TRY(page_again(ask, field, err));
    if (err.kind == ERR_LIMIT) {
        ask->status = STATUS_OFTEN;
        if (wait_s > 0)
            http_reply_header(ask->reply, S("Retry-After"), slice_of(arena_printf(ask->arena, "%u", wait_s)));
    }
    return web_sign_in(ask);
}

static void let_in(struct ask *ask, const struct signed_in *signed_in)
{
    int64_t life_us = signed_in->ends_us - clock_now_us();
    slice next = next_of(ask);
    ask_session_set(ask, arena_copy(ask->arena, slice_of(signed_in->secret.text)), life_us / SECOND_US);
    page_go(ask, signed_in->half ? "/sign-in" : arena_cstr(ask->arena, next), signed_in->half ? next : S(""));
}

static struct err name_and_password(struct ask *ask, struct signed_in *signed_in)
{
    const struct sign_in sign_in = {.name = ask_form(ask, S("name")),
            .password = ask_form(ask, S("password")),
            .code = ask_form(ask, S("code")),
            .from = ask->request->peer,
            .agent = http_header(ask->request, S("user-agent"), NULL)};
    return people_sign_in(ask->db, ask->gate->options.doorkeeper, &sign_in, ask->arena, signed_in);
}

struct err web_sign_in_do(struct ask *ask)
{
    struct signed_in signed_in;
    if (ask->who.half && ask_form(ask, S("name")).len == 0) {
        struct err err = people_second_factor(ask->db, ask->gate->options.doorkeeper, &ask->who,
                ask_form(ask, S("code")), &ask->request->peer, ask->arena, &signed_in);
        if (err.kind != ERR_NONE)
            return refused(ask, "code", err);
    } else {
        struct err err = name_and_password(ask, &signed_in);
        if (err.kind != ERR_NONE)
            return refused(ask, NULL, err);
    }
    let_in(ask, &signed_in);
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
