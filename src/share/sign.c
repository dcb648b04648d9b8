/* SPDX-License-Identifier: Apache-2.0 */
#include "share/sign.h"

#include "base/arena.h"
#include "share/agreement.h"
#include "share/group.h"
#include "share/post.h"
#include "store/letter.h"

#define LETTER_US (14 * DAY_US)    /* how long a letter of ours may be on its way */
#define GROUP_US STATEMENT_LIFE_US /* what is said to a group is carried for longer, and judged by when it was said */

struct signing {
    const struct share_keys *keys;
    int64_t number; /* of the letter; 0: there was none */
    slice why;
};

/* What the signature changes here, by the type of the letter. */
static const struct effect {
    const char *type; /* or how it begins */
    struct err (*done)(struct work *work, const struct letter *letter, slice statement);
} effects[] = {
        {"agreement.", share_agreement_signed},
        {"group.", share_group_signed},
};

static struct err effect(struct work *work, const struct letter *letter, slice statement)
{
    for (size_t i = 0; i < COUNT_OF(effects); i++)
        if (slice_starts(letter->type, slice_of(effects[i].type)))
            return effects[i].done(work, letter, statement);
    return OK;
}

static struct err post(struct work *work, const struct letter *letter, const struct partner *partner, slice statement)
{
    return partner->kind == PARTNER_NODE
                   ? share_post(work, partner->number, arena_cstr(work->arena, letter->type), statement)
                   : OK; /* it has no node that would read it */
}

/* To whom it is; of one to a group, all find it in proofs. */
static struct err reader_of(struct work *work, const struct letter *letter, struct partner *partner, slice *to)
{
    if (letter->partner == 0) {
        *to = letter->about;
        return OK;
    }
    TRY(store_partner_get(work->db, letter->partner, work->now_us, work->arena, partner));
    *to = partner->node;
    return OK;
}

static struct err sign_one(struct work *work, const struct share_keys *keys, const struct letter *letter)
{
    struct partner partner = {.kind = PARTNER_TAXII};
    slice statement, to;
    TRY(reader_of(work, letter, &partner, &to));
    const struct share_letter head = {.type = letter->type,
            .from = keys->node,
            .to = to,
            .agreement = letter->about,
            .agreement_version = letter->version,
            .sequence = letter->number,
            .issued_us = work->now_us,
            .expires_us = work->now_us + (slice_starts(letter->type, S("group.")) ? GROUP_US : LETTER_US),
            .body = letter->body};
    TRY(share_statement_write(&head, &keys->message, work->arena, &statement));
    TRY(effect(work, letter, statement));
    return post(work, letter, &partner, statement);
}

static struct err sign_next(struct work *work, void *context)
{
    struct signing *signing = context;
    struct letter letter;
    bool found;
    signing->number = 0;
    TRY(store_letter_next(work->db, work->arena, &letter, &found));
    if (!found)
        return OK;
    signing->number = letter.number;
    TRY(store_letter_drop(work, letter.number));
    return sign_one(work, signing->keys, &letter);
}

/* What cannot be signed any more (the terms have expired meanwhile) must not keep what stands behind it waiting. */
static struct err give_up(struct work *work, void *context)
{
    const struct signing *signing = context;
    struct letter letter;
    bool found;
    TRY(store_letter_next(work->db, work->arena, &letter, &found));
    if (!found || letter.number != signing->number)
        return OK;
    TRY(store_letter_drop(work, letter.number));
    const char *subject = arena_printf(work->arena, "%.*s/%.*s", (int)slice_find(letter.type, '.'), letter.type.ptr,
            (int)letter.about.len, letter.about.ptr);
    return store_work_news(work, "statement.unsigned", slice_of(subject), store_work_reason(work->arena, signing->why));
}

static bool is_final(enum err_kind kind)
{
    return kind == ERR_INPUT || kind == ERR_MISSING || kind == ERR_CONFLICT || kind == ERR_DENIED || kind == ERR_LIMIT;
}

static struct err sign_or_give_up(
        struct db *db, const struct actor *actor, struct signing *signing, struct arena *arena)
{
    struct err err = store_work(db, actor, arena, sign_next, signing);
    if (!is_final(err.kind) || signing->number == 0)
        return err;
    signing->why = slice_of(arena_cstr(arena, slice_of(err.why)));
    return store_work(db, actor, arena, give_up, signing);
}

struct err share_sign(
        struct db *db, const struct actor *actor, const struct share_keys *keys, struct arena *arena, size_t *count)
{
    struct signing signing = {.keys = keys};
    for (*count = 0;; (*count)++) {
        struct err err = sign_or_give_up(db, actor, &signing, arena);
        if (err.kind != ERR_NONE)
            err.why = arena_cstr(arena, slice_of(err.why));
        if (err.kind != ERR_NONE || signing.number == 0)
            return err;
    }
}
