/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A warning: its life, what was met, byte for byte what was told to whom and what became of that, and what can be done
 * with it. For those who look after all; whoever was warned has a page of their own (today.c).
 */
#include "base/arena.h"
#include "desk/life.h"
#include "store/met.h"
#include "web/notices.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"
#include "web/warned.h"

#define DETAIL_ROWS 30 /* events that are shown one by one */

/* ---- Its life ---- */

static struct err write_steps(struct outside *outside, const struct warning *warning)
{
    struct ask *ask = outside->ask;
    struct warning_step *rows;
    size_t count;
    TRY(store_warning_steps(ask->db, warning->number, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("steps"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        const struct warning then = {.state = rows[i].state};
        json_write_object(&ask->json);
        json_write_key_u64(&ask->json, S("step"), (uint64_t)rows[i].step);
        page_moment(ask, S("time"), rows[i].time_us);
        outside_write(outside, S("actor"), rows[i].actor, OUTSIDE_NAME);
        warned_state(ask, &then);
        outside_write_value(outside, S("why"), warned_why(ask, rows[i].why), OUTSIDE_LINE);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    return OK;
}

/* ---- Why ---- */

static void write_cause(struct outside *outside, const struct warning *warning)
{
    struct ask *ask = outside->ask;
    bool indicator = slice_eq(warning->cause_kind, S(CAUSE_INDICATOR));
    json_write_key(&ask->json, S("cause"));
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("kind"), warning->cause_kind);
    json_write_key_text(
            &ask->json, S("text"), ask_text(ask, indicator ? W("An indicator was met") : W("A report says so")));
    outside_write(outside, S("cause"), warning->cause, OUTSIDE_NAME);
    json_write_key(&ask->json, S("path"));
    if (indicator && outside_is_id(warning->cause) && ask_may(ask, VERB_READ_OBJECTS))
        json_write_text(&ask->json,
                slice_of(arena_printf(ask->arena, "/object?id=%.*s", (int)warning->cause.len, warning->cause.ptr)));
    else
        json_write_null(&ask->json);
    json_write_end(&ask->json);
}

/* ---- The page ---- */

static void write_acts(struct ask *ask, const struct warning *warning)
{
    bool open = warning_is_open(warning), warns = warned_may(ask, VERB_WARN, warning->organisation);
    bool waits = warning->state == WARNING_DRAFTED, gone = warning->state >= WARNING_SENT;
    page_flag(ask, S("may_approve"), open && warns && waits);
    page_flag(ask, S("may_hold"), open && warns && !gone && warning->held.len == 0);
    page_flag(ask, S("may_withdraw"), open && warns);
    page_flag(ask, S("may_answer"), open && gone && warned_may(ask, VERB_ANSWER_WARNINGS, warning->organisation));
}

static struct err warning_of(struct ask *ask, struct warning *warning)
{
    int64_t number;
    TRY(warned_need(ask, VERB_READ_EVENTS));
    TRY(ask_part_number(ask, 0, &number));
    return store_warning_get(ask->db, number, ask->arena, warning);
}

struct err web_warning(struct ask *ask)
{
    struct warning warning;
    struct warned_names names = {0};
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    TRY(warning_of(ask, &warning));
    page_title(ask, warned_class_text(ask, warning.class));
    TRY(warned_write(&outside, &names, &warning));
    warned_sector(&outside, &warning);
    write_cause(&outside, &warning);
    write_acts(ask, &warning);
    TRY(write_steps(&outside, &warning));
    TRY(warned_met(&outside, warning.number, DETAIL_ROWS));
    return notices_write(ask, warning.number);
}

/* ---- What is done with it ---- */

struct doing {
    struct ask *ask;
    int64_t warning;
    slice reason;
    enum desk_answer answer;
    struct share_proposal proposal;
};

static struct err approve(struct doing *doing)
{
    struct ask *ask = doing->ask;
    return desk_warning_approve(ask->db, &ask->who.actor, doing->warning, doing->reason, ask->arena, &doing->proposal);
}

static struct err withdraw(struct doing *doing)
{
    struct ask *ask = doing->ask;
    return desk_warning_withdraw(ask->db, &ask->who.actor, doing->warning, doing->reason, ask->arena, &doing->proposal);
}

static struct err hold(struct doing *doing)
{
    struct ask *ask = doing->ask;
    doing->proposal.done = true;
    return desk_warning_hold(ask->db, &ask->who.actor, doing->warning, doing->reason, ask->arena);
}

static const struct {
    const char *name, *done;
    struct err (*run)(struct doing *doing);
} doings[] = {{"approve", "approved", approve}, {"hold", "held", hold}, {"withdraw", "withdrawn", withdraw}};

static struct err answer_work(struct work *work, void *context)
{
    const struct doing *doing = context;
    return desk_answer(work, doing->warning, doing->answer, doing->reason);
}

struct err warned_answer(struct ask *ask, int64_t warning, enum desk_answer answer, slice reason)
{
    struct doing doing = {ask, warning, reason, answer, {.done = true}};
    return store_work(ask->db, &ask->who.actor, ask->arena, answer_work, &doing);
}

/* What it was done from: the board shows the list again. */
static const char *back_of(struct ask *ask, int64_t warning)
{
    return slice_eq(ask_form(ask, S("back")), S("/board")) ? "/board" : outside_path(ask, "/warnings/", warning, "");
}

struct err web_warning_act(struct ask *ask)
{
    struct warning warning;
    slice act = ask_form(ask, S("act"));
    enum desk_answer answer;
    struct shared_form form = {.done = "answered", .page = web_warning};
    TRY(warning_of(ask, &warning));
    struct doing doing = {.ask = ask, .warning = warning.number, .proposal = {.done = true}};
    form.path = back_of(ask, warning.number);
    form.proposal = &doing.proposal;
    struct err err = warned_reason(ask, &doing.reason);
    if (err.kind != ERR_NONE)
        form.field = "reason";
    else if (desk_answer_find(act, &answer))
        err = warned_answer(ask, warning.number, answer, doing.reason);
    else
        err = err_make(ERR_INPUT, W_C("what is to be done with the warning? act says it"));
    for (size_t i = 0; i < COUNT_OF(doings); i++)
        if (form.field == NULL && slice_eq(act, slice_of(doings[i].name))) {
            err = doings[i].run(&doing);
            form.done = doings[i].done;
        }
    return shared_end(ask, &form, err);
}
