/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page behind the link of a notice. Whoever has the link may answer; looking at it changes nothing, so that
 * programs that follow the links of mail answer nothing. A POST counts with a word that one of the buttons has and with
 * the token of the page; a program that presses whatever comes first presses one that does nothing
 * (doc/why/notices.md).
 */
#include "desk/answer.h"

#include "base/arena.h"
#include "base/hash.h"
#include "base/token.h"
#include "web/page.h"
#include "web/pages.h"

/* That the page was there: nothing secret, but what only its form has. */
static slice token_of(struct ask *ask)
{
    slice secret = ask->parts[0];
    struct sha256 sum =
            hash_sha256(slice_of(arena_printf(ask->arena, "page of a notice %.*s", (int)secret.len, secret.ptr)));
    return arena_hex(ask->arena, (slice){(const char *)sum.bytes, 16});
}

static struct err page_write(struct ask *ask, bool thanks)
{
    struct desk_button button;
    TRY(desk_button_look(ask->db, ask->parts[0], ask->arena, &button));
    bool contact = button.is.purpose == BUTTON_CONTACT;
    page_title(ask, contact ? ask_text(ask, W("Is this mailbox read?")) : ask_text(ask, W("Answer to our notice")));
    json_write_key_text(&ask->json, S("secret"), ask->parts[0]);
    json_write_key_text(&ask->json, S("token"), token_of(ask));
    json_write_key_text(&ask->json, S("organisation"), button.organisation);
    json_write_key_text(&ask->json, S("contact"), button.contact);
    json_write_key_text(&ask->json, S("reference"), button.reference);
    json_write_key_text(&ask->json, S("marking"), button.marking);
    json_write_key_text(
            &ask->json, S("called"), button.called == NULL ? S("") : ask_text(ask, slice_of(button.called)));
    page_moment(ask, S("made"), button.is.made_us);
    page_moment(ask, S("answered"), button.is.pressed_us);
    page_flag(ask, S("asks_contact"), contact);
    page_flag(ask, S("thanks"), thanks);
    page_flag(ask, S("was_acknowledged"), slice_eq(button.is.answer, S("acknowledged")));
    page_flag(ask, S("was_not_mine"), slice_eq(button.is.answer, S("not-mine")));
    page_flag(ask, S("was_done"), slice_eq(button.is.answer, S("done")));
    return OK;
}

struct err web_answer(struct ask *ask)
{
    return page_write(ask, false);
}

struct err web_answer_give(struct ask *ask)
{
    struct err err = err_make(ERR_INPUT, "nothing was answered: press one of the buttons");
    if (token_eq(ask_form(ask, S("token")), token_of(ask)))
        err = desk_button_press(ask->db, ask->parts[0], ask_form(ask, S("answer")), ask->arena);
    if (err.kind != ERR_INPUT)
        TRY(err);
    if (err.kind == ERR_INPUT)
        TRY(page_again(ask, NULL, err));
    return page_write(ask, err.kind == ERR_NONE);
}
