/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POST /partner/statement: a signed statement of another node (share/post.h). Anybody may bring one; what the answer
 * says depends on its bytes, on that partner, and on what became of the same statement before.
 */
#include "base/log.h"
#include "share/post.h"
#include "taxii/media.h"
#include "taxii/options.h"
#include "taxii/taxii.h"

#define ANSWER_BYTES_MAX 4096
#define LATER_S "30"

static void log_mail(const struct share_mail *mail, const char *event, slice why)
{
    const struct log_field fields[] = {
            {"partner", {NULL, 0}, mail->partner},
            {"type", mail->type, 0},
            {"id", mail->id, 0},
            {"why", why, 0},
    };
    size_t first = mail->type.ptr == NULL ? 3 : 0; /* of what was no statement only the reason is known */
    log_line(LOG_WARN, event, fields + first, COUNT_OF(fields) - first);
}

static bool is_json(slice type)
{
    return slice_eq_fold(slice_trim(slice_part(type, 0, slice_find(type, ';'))), S("application/json"));
}

static struct err failed(struct ask *ask, const struct share_mail *mail, struct err err)
{
    log_mail(mail, "partner.statement.refused", err.kind == ERR_AUTH ? mail->why : slice_of(err.why));
    if (err.kind != ERR_CONFLICT)
        return err;
    http_reply_header(ask->reply, S("Retry-After"), S(LATER_S));
    return taxii_fail(ask, 503, ERR_CONFLICT, err.why);
}

struct err taxii_statement(struct ask *ask)
{
    struct share_mail mail;
    if (!is_json(http_header(ask->request, S("content-type"), NULL)))
        return taxii_fail(ask, 415, ERR_INPUT, "a statement comes as application/json");
    struct err err = share_post_take(ask->db, ask->request->body, ask->arena, &mail);
    if (err.kind != ERR_NONE)
        return failed(ask, &mail, err);
    if (mail.answered == SHARE_REFUSED) {
        log_mail(&mail, "partner.statement.refused", mail.why);
        return taxii_fail(ask, 422, ERR_INPUT, arena_cstr(ask->arena, mail.why));
    }
    if (mail.answered == SHARE_AGAIN) {
        log_mail(&mail, "partner.statement.again", S("it was taken before"));
        return err_make(ERR_CONFLICT, "this statement was taken before; nothing was done again");
    }
    struct json_writer w = taxii_reply(ask, 202, ANSWER_BYTES_MAX);
    json_write_object(&w);
    json_write_key_text(&w, S("id"), mail.id);
    json_write_end(&w);
    return OK;
}
