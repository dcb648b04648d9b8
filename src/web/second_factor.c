/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second factor of the own account. Its secret is offered, and counts only when a code of it came back; then the
 * recovery codes are shown, once.
 */
#include "people/factor.h"

#include "gate/gate.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/qr.h"
#include "web/session.h"

#define QR_PATH_BYTES_MAX (64u << 10)

/* Only what the page shows as text anyway; a name too long for a picture does without. */
static void write_qr(struct ask *ask, slice uri)
{
    struct qr qr;
    struct buf path = buf_make(QR_PATH_BYTES_MAX);
    json_write_key(&ask->json, S("qr"));
    if (qr_make(uri, &qr).kind != ERR_NONE) {
        json_write_null(&ask->json);
        return;
    }
    qr_write_path(&qr, &path);
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("size"), qr.size + 2 * QR_QUIET);
    json_write_key_text(&ask->json, S("path"), buf_slice(&path));
    json_write_end(&ask->json);
    buf_free(&path);
}

static void write_offer(struct ask *ask, slice secret, slice uri)
{
    page_title(ask, ask_text(ask, W("Second factor")));
    json_write_key_text(&ask->json, S("secret"), secret);
    json_write_key_text(&ask->json, S("uri"), uri);
    write_qr(ask, uri);
    page_flag(ask, S("asks_code"), true);
}

struct err web_factor_offer(struct ask *ask)
{
    struct people_factor_offer offer;
    TRY(people_factor_offer(ask->db, ask->gate->options.doorkeeper, &ask->who.actor, ask->arena, &offer));
    write_offer(ask, offer.secret, offer.uri);
    return OK;
}

static void write_codes(struct ask *ask, const struct people_recovery *recovery)
{
    json_write_key(&ask->json, S("codes"));
    json_write_object(&ask->json);
    json_write_key(&ask->json, S("list"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < PEOPLE_RECOVERY_CODES; i++)
        json_write_text(&ask->json, slice_of(recovery->codes[i]));
    json_write_end(&ask->json);
    json_write_end(&ask->json);
}

struct err web_factor_confirm(struct ask *ask)
{
    const struct people_place place = session_place(ask);
    struct people_recovery recovery;
    struct signed_in signed_in = {.session = 0};
    struct err err = people_factor_confirm(ask->db, ask->gate->options.doorkeeper, &ask->who, ask_form(ask, S("code")),
            &place, ask->arena, &recovery, &signed_in);
    if (err.kind != ERR_NONE) {
        TRY(page_again(ask, "code", err));
        page_title(ask, ask_text(ask, W("Second factor")));
        page_flag(ask, S("asks_code"), true); /* the secret that was offered still counts */
        return OK;
    }
    TRY(session_begin(ask, &signed_in));
    page_title(ask, ask_text(ask, W("Second factor")));
    write_codes(ask, &recovery);
    return OK;
}

struct err web_factor_off(struct ask *ask)
{
    const struct people_place place = session_place(ask);
    struct signed_in signed_in = {.session = 0};
    struct err err = people_factor_off(ask->db, ask->gate->options.doorkeeper, &ask->who, ask_form(ask, S("code")),
            &place, ask->arena, &signed_in);
    if (err.kind != ERR_NONE) {
        TRY(page_again(ask, "off", err));
        return web_account(ask);
    }
    TRY(session_begin(ask, &signed_in));
    page_done(ask, "/account", "second-factor-off");
    return OK;
}

struct err web_factor_codes(struct ask *ask)
{
    const struct people_place place = session_place(ask);
    struct people_recovery recovery;
    struct err err = people_factor_codes(
            ask->db, ask->gate->options.doorkeeper, &ask->who, ask_form(ask, S("code")), &place, ask->arena, &recovery);
    if (err.kind != ERR_NONE) {
        TRY(page_again(ask, "off", err));
        return web_account(ask);
    }
    page_title(ask, ask_text(ask, W("Second factor")));
    write_codes(ask, &recovery);
    return OK;
}
