/* SPDX-License-Identifier: Apache-2.0 */
#include "share/visitor.h"

#include <sodium.h>

#include "base/arena.h"
#include "base/clock.h"
#include "share/partner.h"
#include "json/write.h"

#define TYPE "visit"
#define AHEAD_US MINUTE_US /* how far its clock may be before ours without costing it the visit */

static struct err unknown(void)
{
    return err_make(ERR_AUTH, "this visit is not good");
}

static bool decode(slice shown, struct arena *arena, slice *text)
{
    size_t len = 0;
    if (shown.len > SHARE_VISIT_BYTES_MAX)
        return false;
    unsigned char *plain = arena_take(arena, shown.len + 1);
    if (sodium_base642bin(plain, shown.len, shown.ptr, shown.len, NULL, &len, NULL,
                sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return false;
    *text = (slice){(const char *)plain, len};
    return true;
}

/* Short, so that one that gets out of hands is soon worth nothing. */
static bool is_short(const struct share_letter *letter)
{
    return letter->expires_us - letter->issued_us <= SHARE_VISIT_US;
}

struct actor share_visitor_actor(const struct partner *partner)
{
    return (struct actor){.organisation = partner->organisation,
            .user = partner->account,
            .name = partner->account_name,
            .roles = UINT32_C(1) << ROLE_LIAISON,
            .how = ACTOR_CERTIFICATE};
}

/* ---- Its clock ---- */

struct clock {
    const struct partner *partner;
    int64_t behind_us;
};

/* Once an hour at most: who shows the same visit again and again must not fill the journal. */
static struct err clock_tell(struct work *work, void *context)
{
    const struct clock *clock = context;
    uint64_t told = 0;
    slice text, name = slice_of(arena_printf(work->arena, "clock/%lld", (long long)clock->partner->number));
    TRY(store_fact_get(work->db, name, work->arena, &text));
    if (slice_u64(text, INT64_MAX, &told) && work->now_us - (int64_t)told < HOUR_US)
        return OK;
    TRY(store_fact_put(work->db, name, slice_of(arena_printf(work->arena, "%lld", (long long)work->now_us))));
    long long seconds = (long long)(clock->behind_us / SECOND_US);
    const char *why = arena_printf(work->arena,
            "a visit that it signed says a time %lld seconds %s ours: one of the two clocks was set, or somebody shows "
            "an old visit",
            seconds < 0 ? -seconds : seconds, seconds < 0 ? "ahead of" : "behind");
    struct buf detail = buf_make(WORK_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_text(&w, S("partner"), clock->partner->name);
    json_write_key_text(&w, S("why"), slice_of(why));
    json_write_end(&w);
    const char *subject = arena_printf(work->arena, "partner/%lld", (long long)clock->partner->number);
    struct err err = store_work_news(work, "ledger.doubt", slice_of(subject), buf_slice(&detail));
    buf_free(&detail);
    return err;
}

/* A visit is made anew for each request: one that is too old by its own time, and good otherwise, tells of a clock. */
static struct err clock_look(struct db *db, const struct share_letter *letter, slice own, struct arena *arena)
{
    const struct actor node = {.name = S("@post"), .how = ACTOR_FOLLOWER};
    struct partner partner;
    struct clock clock = {.partner = &partner};
    struct err err = share_statement_clock(db, letter, own, clock_now_us(), arena, &partner, &clock.behind_us);
    if (err.kind != ERR_NONE)
        return err.kind == ERR_SYSTEM ? err : OK;
    return clock.behind_us != 0 ? store_work(db, &node, arena, clock_tell, &clock) : OK;
}

struct err share_visitor_find(struct db *db, slice shown, struct arena *arena, struct share_visitor *visitor)
{
    struct share_letter letter;
    struct partner partner;
    slice text, own;
    int64_t number, now_us = clock_now_us();
    if (!decode(shown, arena, &text) || share_statement_read(text, arena, &letter).kind != ERR_NONE)
        return unknown();
    if (!slice_eq(letter.type, S(TYPE)) || !is_short(&letter))
        return unknown();
    TRY(share_own_node(db, arena, &own));
    if (!slice_eq(letter.to, own)) /* to nobody or to a group is no visit to us */
        return unknown();
    struct err err = share_statement_check(db, &letter, own, now_us, arena, &number);
    if (err.kind == ERR_AUTH) {
        const struct actor node = {.name = S("@post"), .how = ACTOR_FOLLOWER};
        TRY(share_partner_alarm(db, &node, &letter, err.why, arena));
        TRY(clock_look(db, &letter, own, arena));
    }
    if (err.kind != ERR_NONE)
        return err.kind == ERR_SYSTEM ? err : unknown();
    /* Asked last: what was done against the partner until this moment counts. */
    err = store_partner_get(db, number, now_us, arena, &partner);
    if (err.kind == ERR_SYSTEM)
        return err;
    if (err.kind != ERR_NONE || partner.state != PARTNER_ACTIVE || partner.paused.len > 0)
        return unknown();
    *visitor = (struct share_visitor){number, share_visitor_actor(&partner)};
    return OK;
}

struct err share_visit_write(const struct share_keys *keys, slice node, struct arena *arena, const char **authorization)
{
    int64_t now_us = clock_now_us();
    const struct share_letter letter = {.type = S(TYPE),
            .from = keys->node,
            .to = node,
            .issued_us = now_us - AHEAD_US,
            .expires_us = now_us - AHEAD_US + SHARE_VISIT_US,
            .body = S("{}")};
    slice text;
    TRY(share_statement_write(&letter, &keys->message, arena, &text));
    size_t room = sodium_base64_ENCODED_LEN(text.len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *shown = arena_take(arena, room);
    sodium_bin2base64(shown, room, (const unsigned char *)text.ptr, text.len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    *authorization = arena_printf(arena, SHARE_VISIT_SCHEME " %s", shown);
    return OK;
}
