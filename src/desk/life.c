/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/life.h"

#include <inttypes.h>

#include "base/arena.h"
#include "desk/sector.h"
#include "desk/times.h"
#include "json/write.h"

#define TO(state) (1u << (state))
#define ANSWERED (TO(WARNING_ACKNOWLEDGED) | TO(WARNING_NOT_MINE) | TO(WARNING_DONE))

/* The ways. An answer may come before we know that the notice went out: a mail that was taken as the link broke. */
static const unsigned ways[WARNING_STATES] = {
        [WARNING_DRAFTED] = TO(WARNING_APPROVED) | TO(WARNING_WITHDRAWN),
        [WARNING_APPROVED] =
                TO(WARNING_DRAFTED) | TO(WARNING_SENT) | TO(WARNING_DELIVERED) | ANSWERED | TO(WARNING_WITHDRAWN),
        [WARNING_SENT] = TO(WARNING_DELIVERED) | ANSWERED | TO(WARNING_WITHDRAWN),
        [WARNING_DELIVERED] = ANSWERED | TO(WARNING_WITHDRAWN),
        [WARNING_ACKNOWLEDGED] = TO(WARNING_NOT_MINE) | TO(WARNING_DONE) | TO(WARNING_WITHDRAWN),
        [WARNING_NOT_MINE] = TO(WARNING_DONE) | TO(WARNING_WITHDRAWN),
        [WARNING_DONE] = TO(WARNING_NOT_MINE) | TO(WARNING_WITHDRAWN),
        [WARNING_WITHDRAWN] = 0,
};

static const char *const acts[WARNING_STATES] = {
        [WARNING_DRAFTED] = "warning.held",
        [WARNING_APPROVED] = "warning.approved",
        [WARNING_SENT] = "warning.sent",
        [WARNING_DELIVERED] = "warning.delivered",
        [WARNING_ACKNOWLEDGED] = "warning.acknowledged",
        [WARNING_NOT_MINE] = "warning.not-mine",
        [WARNING_DONE] = "warning.done",
        [WARNING_WITHDRAWN] = "warning.withdrawn",
};

static const struct {
    const char *name;
    enum warning_state state;
} answers[DESK_ANSWERS] = {
        [DESK_ACKNOWLEDGED] = {"acknowledged", WARNING_ACKNOWLEDGED},
        [DESK_NOT_MINE] = {"not-mine", WARNING_NOT_MINE},
        [DESK_DONE] = {"done", WARNING_DONE},
        [DESK_NOISE] = {"noise", WARNING_DONE},
};

const char *desk_answer_name(enum desk_answer answer)
{
    return answers[answer].name;
}

bool desk_answer_find(slice name, enum desk_answer *answer)
{
    for (enum desk_answer i = 0; i < DESK_ANSWERS; i++)
        if (slice_eq(name, slice_of(answers[i].name))) {
            *answer = i;
            return true;
        }
    return false;
}

/* ---- States ---- */

struct err desk_warning_news(struct work *work, const char *act, const struct warning *row, slice why)
{
    struct buf detail = buf_make(WORK_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_text(&w, S("cause"), row->cause);
    json_write_key_text(&w, S("class"), row->class);
    json_write_key_text(&w, S("marking"), row->marking);
    json_write_key_u64(&w, S("organisation"), (uint64_t)row->organisation);
    json_write_key_text(&w, S("severity"), slice_of(store_severity_name(row->severity)));
    json_write_key_text(&w, S("why"), why);
    json_write_end(&w);
    slice subject = slice_of(arena_printf(work->arena, DESK_SUBJECT "%" PRId64, row->number));
    struct err err = store_work_news(work, act, subject, buf_slice(&detail));
    buf_free(&detail);
    return err;
}

/* What a state does to what is due by time. */
static void times_turn(struct work *work, struct warning *row)
{
    bool waits = row->state == WARNING_SENT || row->state == WARNING_DELIVERED;
    if (row->state != WARNING_APPROVED && !waits)
        row->chase_us = TIME_NONE;
    if (row->state == WARNING_SENT && row->chased == 0)
        row->chase_us = desk_chase_at(row->severity, 0, work->now_us);
    if (row->state != WARNING_DRAFTED) {
        row->held = S("");
        row->consent = false;
    }
}

struct err desk_warning_turn(struct work *work, struct warning *row, enum warning_state state, slice why)
{
    bool passed = (state == WARNING_SENT || state == WARNING_DELIVERED) && row->state >= state;
    why = store_text_keep(work->arena, why, STORE_TEXT_MAX);
    if (row->state == state || passed)
        return OK;
    if ((ways[row->state] & TO(state)) == 0)
        return err_format(work->arena, ERR_CONFLICT, "warning %" PRId64 " is %s: it cannot be %s", row->number,
                store_warning_state_name(row->state), store_warning_state_name(state));
    bool settled = row->sector_us != TIME_NONE && row->state < WARNING_ACKNOWLEDGED && state >= WARNING_ACKNOWLEDGED;
    row->state = state;
    times_turn(work, row);
    TRY(store_warning_change(work, row));
    TRY(store_warning_step(work, row->number, state, why));
    TRY(desk_warning_news(work, acts[state], row, why));
    return settled ? desk_sector_settle(work, row) : OK;
}

struct err desk_warning_state(struct work *work, int64_t warning, enum warning_state state, slice why)
{
    struct warning row;
    TRY(store_warning_keep(work, warning, &row));
    return desk_warning_turn(work, &row, state, why);
}

struct err desk_answer(struct work *work, int64_t warning, enum desk_answer answer, slice why)
{
    struct warning row;
    TRY(store_warning_keep(work, warning, &row));
    TRY(store_right_check(work->actor, VERB_ANSWER_WARNINGS, row.organisation, work->arena, NULL));
    if (row.told_us == TIME_NONE)
        return err_format(work->arena, ERR_CONFLICT, "warning %" PRId64 " was told to nobody yet", warning);
    if (answer != DESK_NOISE || row.state == WARNING_DONE)
        return desk_warning_turn(work, &row, answers[answer].state, why);
    slice noise = why.len == 0 ? S("noise") : slice_of(arena_printf(work->arena, "noise: %.*s", (int)why.len, why.ptr));
    TRY(desk_warning_turn(work, &row, WARNING_DONE, noise));
    return desk_warning_news(work, "warning.noise", &row, why);
}
