/* SPDX-License-Identifier: Apache-2.0 */
#include "web/shared.h"

#include "base/arena.h"
#include "base/clock.h"
#include "share/decide.h"
#include "web/page.h"

#define PARTNERS_OFFERED 200

struct label {
    const char *text, *look;
};

/* ---- States ---- */

static const struct label partner_states[PARTNER_STATES] = {
        [PARTNER_CANDIDATE] = {W_C("fingerprint to compare"), "warn"},
        [PARTNER_CONFIRMED] = {W_C("waits for the other side"), ""},
        [PARTNER_ACTIVE] = {W_C("active"), "good"},
        [PARTNER_SUSPENDED] = {W_C("suspended"), "warn"},
        [PARTNER_ENDED] = {W_C("ended"), "off"},
};

static const struct label agreement_states[] = {
        [AGREEMENT_DRAFT] = {W_C("draft"), ""},
        [AGREEMENT_OFFERED] = {W_C("waits for a signature"), "warn"},
        [AGREEMENT_IN_FORCE] = {W_C("in force"), "good"},
        [AGREEMENT_SUSPENDED] = {W_C("suspended"), "warn"},
        [AGREEMENT_ENDED] = {W_C("ended"), "off"},
};

static const struct label approval_states[] = {
        [APPROVAL_OPEN] = {W_C("waits for a second person"), "warn"},
        [APPROVAL_DONE] = {W_C("agreed and done"), "good"},
        [APPROVAL_REFUSED] = {W_C("refused"), "off"},
        [APPROVAL_EXPIRED] = {W_C("nobody agreed in time"), "off"},
        [APPROVAL_FAILED] = {W_C("agreed, but could not be done"), "bad"},
        [APPROVAL_EMERGENCY] = {W_C("done in an emergency, without a second person"), "bad"},
        [APPROVAL_SEEN] = {W_C("done in an emergency, and seen since"), "warn"},
};

static void write_state(struct ask *ask, const char *word, const struct label *label)
{
    json_write_key_text(&ask->json, S("state"), slice_of(word));
    json_write_key_text(&ask->json, S("state_text"), ask_text(ask, slice_of(label->text)));
    json_write_key_text(&ask->json, S("look"), slice_of(label->look));
}

void shared_partner_state(struct ask *ask, const struct partner *partner)
{
    static const struct label paused = {W_C("paused"), "bad"};
    bool stops = partner->paused.len > 0 && partner->state != PARTNER_ENDED;
    write_state(ask, store_partner_state_name(partner->state), stops ? &paused : &partner_states[partner->state]);
}

void shared_agreement_state(struct ask *ask, const struct agreement *agreement)
{
    write_state(ask, store_agreement_state_name(agreement->state), &agreement_states[agreement->state]);
}

bool shared_may_act(const struct ask *ask, enum verb verb)
{
    bool second;
    return !ask->who.half && store_right_check(&ask->who.actor, verb, 0, ask->arena, &second).kind == ERR_NONE;
}

bool shared_may_decide(const struct ask *ask, const struct approval *row)
{
    const struct share_act *act = share_act_find(row->act);
    return act != NULL && row->proposer != ask->who.actor.user && shared_may_act(ask, act->verb);
}

void shared_approval_state(struct ask *ask, enum approval_state state)
{
    write_state(ask, store_approval_state_name(state), &approval_states[state]);
}

/* ---- Partners ---- */

struct err shared_partner_get(struct ask *ask, int64_t number, struct partner *partner)
{
    return store_partner_get(ask->db, number, clock_now_us(), ask->arena, partner);
}

static void write_named(struct ask *ask, const struct partner *partner)
{
    struct outside outside = outside_begin(ask, OUTSIDE_LINE);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)partner->number);
    outside_write(&outside, S("name"), partner->name, OUTSIDE_NAME);
}

struct err shared_partner_write(struct ask *ask, slice key, int64_t number)
{
    struct partner partner;
    json_write_key(&ask->json, key);
    if (number == 0) {
        json_write_null(&ask->json);
        return OK;
    }
    TRY(shared_partner_get(ask, number, &partner));
    json_write_object(&ask->json);
    write_named(ask, &partner);
    json_write_end(&ask->json);
    return OK;
}

struct err shared_partners_write(struct ask *ask, slice key, int64_t chosen)
{
    struct partner *rows;
    size_t count;
    TRY(store_partner_list(ask->db, 0, PARTNERS_OFFERED, clock_now_us(), ask->arena, &rows, &count));
    json_write_key(&ask->json, key);
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].state == PARTNER_ENDED)
            continue;
        json_write_object(&ask->json);
        write_named(ask, &rows[i]);
        page_flag(ask, S("chosen"), rows[i].number == chosen);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    return OK;
}

slice shared_rule_text(const struct ask *ask, slice rule)
{
    const char *why = share_rule_why(rule);
    return why == NULL ? rule : ask_text(ask, slice_of(why));
}

/* ---- Forms ---- */

struct err shared_reason(const struct ask *ask, slice *reason)
{
    *reason = slice_trim(ask_form(ask, S("reason")));
    if (reason->len == 0)
        return err_make(ERR_INPUT, W_C("say why: others read it later"));
    return store_text_check(ask->arena, "reason", *reason, SHARED_REASON_MAX);
}

struct err shared_partner_typed(const struct ask *ask, slice name, int64_t *partner)
{
    slice typed = slice_trim(ask_form(ask, name));
    uint64_t number = 0;
    if (typed.len > 0 && !slice_u64(typed, INT64_MAX, &number))
        return err_make(ERR_INPUT, W_C("choose one of the partners in the list"));
    *partner = (int64_t)number;
    return OK;
}

bool shared_word_next(slice *text, slice *word)
{
    size_t from = 0, to;
    while (from < text->len && byte_is_blank(text->ptr[from]))
        from++;
    for (to = from; to < text->len && !byte_is_blank(text->ptr[to]);)
        to++;
    *word = slice_part(*text, from, to);
    *text = slice_from(*text, to);
    return to > from;
}

struct err shared_day(const struct ask *ask, slice name, const char *time, int64_t *us)
{
    slice typed = slice_trim(ask_form(ask, name));
    const char *text = arena_printf(ask->arena, "%.*sT%sZ", (int)(typed.len < 32 ? typed.len : 32), typed.ptr, time);
    if (typed.len == 0)
        return err_format(ask->arena, ERR_INPUT, "%.*s: a day is missing, as 2027-12-31", (int)name.len, name.ptr);
    return typed.len == sizeof "2027-12-31" - 1 && time_parse_strict(slice_of(text), us)
                   ? OK
                   : err_make(ERR_INPUT, W_C("a day is written as 2027-12-31"));
}

struct err shared_until(const struct ask *ask, int64_t otherwise_us, int64_t *until_us)
{
    uint64_t days;
    slice typed = slice_trim(ask_form(ask, S("days")));
    *until_us = clock_now_us() + otherwise_us;
    if (typed.len == 0)
        return OK;
    if (!slice_u64(typed, SHARED_DAYS_MAX, &days) || days == 0)
        return err_make(ERR_INPUT, W_C("how long is a whole number of days, from 1 to 1826"));
    *until_us = clock_now_us() + (int64_t)days * DAY_US;
    return OK;
}

struct err shared_end(struct ask *ask, const struct shared_form *form, struct err err)
{
    if (err.kind != ERR_NONE) {
        TRY(page_again(ask, form->field, err));
        return form->page(ask);
    }
    bool waits = form->proposal != NULL && !form->proposal->done;
    page_done(ask, form->path, waits ? "proposed" : form->done);
    return OK;
}

struct err shared_download(struct ask *ask, slice bytes, slice type, const char *name)
{
    ask->reply->status = 200;
    ask->reply->type = type;
    ask->reply->body = buf_make(bytes.len);
    buf_put(&ask->reply->body, bytes);
    http_reply_header(ask->reply, S("Content-Disposition"),
            slice_of(arena_printf(ask->arena, "attachment; filename=\"%s\"", name)));
    http_reply_header(ask->reply, S("X-Content-Type-Options"), S("nosniff"));
    http_reply_header(ask->reply, S("Cache-Control"), S("no-store"));
    return buf_check(&ask->reply->body);
}
