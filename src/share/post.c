/* SPDX-License-Identifier: Apache-2.0 */
#include "share/post.h"

#include "base/arena.h"
#include "share/agreement.h"
#include "share/consent.h"
#include "share/group.h"
#include "share/partner.h"
#include "share/recall.h"
#include "share/receipt.h"
#include "share/visitor.h"
#include "store/journal.h"
#include "json/write.h"

#define DETAIL_MAX 8192
#define LETTER_US (14 * DAY_US) /* how long a letter of ours may be on its way */

/* Who understands what. A type that ends in a point stands for all that begin with it. */
static const struct kind {
    const char *type;
    struct err (*take)(struct work *work, int64_t partner, const struct share_letter *letter);
} kinds[] = {
        {"agreement.", share_agreement_take},
        {"group.", share_group_take},
        {"consent.", share_consent_take},
        {"key.", share_key_take},
        {"log.grown", share_grown_take},
        {"partner.", share_partner_take},
        {"recall.", share_recall_take},
        {"receipt", share_receipt_take},
};

static bool is_kind(const struct kind *kind, slice type)
{
    slice name = slice_of(kind->type);
    return slice_ends(name, S(".")) ? slice_starts(type, name) : slice_eq(type, name);
}

static struct err effect(struct work *work, int64_t partner, const struct share_letter *letter)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (is_kind(&kinds[i], letter->type))
            return kinds[i].take(work, partner, letter);
    return err_format(work->arena, ERR_INPUT, "nobody here understands statements of type %.*s", (int)letter->type.len,
            letter->type.ptr);
}

/* ---- Taking one ---- */

struct taking {
    const struct share_letter *letter;
    slice own;
    struct share_mail *mail;
    struct err failed; /* of the effect */
};

static struct err tell(struct work *work, const struct taking *taking)
{
    const struct share_letter *letter = taking->letter;
    struct buf detail = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_text(&w, S("id"), letter->id);
    json_write_key_text(&w, S("type"), letter->type);
    json_write_key_text(&w, S("why"), slice_of(taking->failed.why));
    json_write_end(&w);
    const char *subject = arena_printf(work->arena, "partner/%lld", (long long)taking->mail->partner);
    struct err err = store_work_news(work, "statement.refused", slice_of(subject), buf_slice(&detail));
    buf_free(&detail);
    return err;
}

/* Whether it was answered before. What is about keys says the same again, and is done again. */
static struct err was_taken(struct work *work, struct taking *taking, bool *was)
{
    struct share_mail *mail = taking->mail;
    struct err err = store_statement_answer(work->db, mail->partner, taking->letter->id, work->arena, &mail->why);
    *was = err.kind == ERR_NONE;
    if (*was)
        mail->answered = mail->why.len > 0 ? SHARE_REFUSED : SHARE_AGAIN;
    return err.kind == ERR_MISSING ? OK : err;
}

static struct err take(struct work *work, void *context)
{
    struct taking *taking = context;
    bool was;
    taking->failed = OK;
    TRY(was_taken(work, taking, &was));
    if (was)
        return OK;
    TRY(share_statement_take(work, taking->letter, taking->own, &taking->mail->partner));
    taking->failed = effect(work, taking->mail->partner, taking->letter);
    TRY(taking->failed);
    taking->mail->answered = SHARE_TAKEN;
    return store_delivery_hurry(work, taking->mail->partner); /* it is there: what waits for it may go */
}

/* What it would have done is undone; that it was here, and why nothing came of it, stays. */
static struct err refuse(struct work *work, void *context)
{
    struct taking *taking = context;
    TRY(share_statement_take(work, taking->letter, taking->own, &taking->mail->partner));
    TRY(store_statement_refused(work, taking->mail->partner, taking->letter->id, slice_of(taking->failed.why)));
    taking->mail->answered = SHARE_REFUSED;
    taking->mail->why = slice_of(taking->failed.why);
    return tell(work, taking);
}

static struct err take_or_refuse(struct db *db, const struct actor *actor, struct taking *taking, struct arena *arena)
{
    struct err err = store_work(db, actor, arena, take, taking);
    if (err.kind == ERR_NONE || taking->failed.kind == ERR_NONE || taking->failed.kind == ERR_SYSTEM)
        return err;
    taking->failed.why = arena_cstr(arena, slice_of(taking->failed.why));
    return store_work(db, actor, arena, refuse, taking);
}

/*
 * What a stranger is told is the same whatever it tried; why, is for our own people, whom a stolen key alarms. A
 * partner that did sign it is told what is against it.
 */
static struct err turned_away(
        struct db *db, const struct share_letter *letter, struct share_mail *mail, struct err err, struct arena *arena)
{
    const struct actor node = {.name = S("@post"), .how = ACTOR_FOLLOWER};
    mail->why = slice_of(arena_cstr(arena, slice_of(err.why)));
    TRY(share_partner_alarm(db, &node, letter, err.why, arena));
    if (err.kind == ERR_DENIED)
        return err_make(ERR_DENIED, arena_cstr(arena, mail->why));
    return err_make(ERR_AUTH, "the statement is from no partner of this node, or not signed by a good key of it");
}

struct err share_post_take(struct db *db, slice text, struct arena *arena, struct share_mail *mail)
{
    struct share_letter letter;
    struct partner partner;
    struct taking taking = {.letter = &letter, .mail = mail};
    int64_t now_us = clock_now_us();
    *mail = (struct share_mail){.why = S("")};
    TRY(share_statement_read(text, arena, &letter));
    mail->type = letter.type;
    mail->id = letter.id;
    TRY(share_own_node(db, arena, &taking.own));
    struct err err = share_statement_check(db, &letter, taking.own, now_us, arena, &mail->partner);
    if (err.kind == ERR_AUTH || err.kind == ERR_DENIED)
        return turned_away(db, &letter, mail, err, arena);
    TRY(err);
    TRY(store_partner_get(db, mail->partner, now_us, arena, &partner));
    struct actor actor = share_visitor_actor(&partner);
    err = take_or_refuse(db, &actor, &taking, arena);
    return err.kind == ERR_AUTH ? turned_away(db, &letter, mail, err, arena) : err;
}

/* ---- Letting one wait ---- */

struct err share_post(struct work *work, int64_t partner, const char *type, slice statement)
{
    int64_t number;
    TRY(store_statement_put(work, partner, slice_of(type), statement, &number));
    return store_journal_ring(work->db);
}

struct err share_post_letter(struct work *work, const struct share_keys *keys, const struct partner *partner,
        const struct share_letter *letter)
{
    struct share_letter whole = *letter;
    slice text;
    whole.from = keys->node;
    whole.to = partner->node;
    whole.issued_us = work->now_us;
    whole.expires_us = work->now_us + LETTER_US;
    TRY(share_statement_write(&whole, &keys->message, work->arena, &text));
    return share_post(work, partner->number, arena_cstr(work->arena, letter->type), text);
}

struct err share_post_body(
        struct work *work, const struct share_keys *keys, int64_t partner, const char *type, struct buf *body)
{
    struct partner row;
    const struct share_letter letter = {.type = slice_of(type), .body = arena_copy(work->arena, buf_slice(body))};
    struct err err = buf_check(body);
    buf_free(body);
    TRY(err);
    TRY(store_partner_get(work->db, partner, work->now_us, work->arena, &row));
    return share_post_letter(work, keys, &row, &letter);
}
