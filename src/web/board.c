/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The live board of who is on duty: warnings that wait for a person, that nobody answered, and that are open, newest
 * first; clocks of law and reports that wait, as far as who asks sees them; and what happened since the shift began.
 * Where the journal tells of something new a script reads the page once more, and without scripts the browser does so
 * by itself.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "desk/roster.h"
#include "store/journal.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/reported.h"
#include "web/worked.h"

#define ROWS 25      /* of the open ones */
#define HELD_ROWS 15 /* that wait for a person, and that nobody answered */
#define REPORT_ROWS 10
#define DUTY_ROWS 5
#define SHIFT_HOURS 8
#define SHIFT_HOURS_MAX 72
#define AGAIN_S 30 /* without scripts */

/* ---- Since the shift began ---- */

static struct err shift_begin(struct ask *ask, int64_t *since_us)
{
    static const unsigned offered[] = {8, 12, 24};
    uint64_t hours;
    TRY(ask_number(ask, S("hours"), SHIFT_HOURS_MAX, SHIFT_HOURS, &hours));
    hours = hours == 0 ? SHIFT_HOURS : hours;
    *since_us = clock_now_us() - (int64_t)hours * HOUR_US;
    json_write_key_u64(&ask->json, S("hours"), hours);
    json_write_key(&ask->json, S("shifts"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < COUNT_OF(offered); i++) {
        json_write_object(&ask->json);
        json_write_key_u64(&ask->json, S("hours"), offered[i]);
        page_flag(ask, S("chosen"), offered[i] == hours);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_moment(ask, S("since"), *since_us);
    return OK;
}

static void write_figure(struct ask *ask, slice name, int64_t count, slice definition)
{
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("name"), ask_text(ask, name));
    page_count(ask, S("count"), (uint64_t)count);
    json_write_key_text(&ask->json, S("definition"), ask_text(ask, definition));
    json_write_end(&ask->json);
}

static struct err write_figures(struct ask *ask, int64_t since_us)
{
    struct warning_figure *rows, sum = {0};
    size_t count;
    TRY(store_warning_figures(ask->db, since_us, clock_now_us(), ask->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        sum.drafted += rows[i].drafted;
        sum.sent += rows[i].sent;
        sum.answered += rows[i].answered;
        sum.held += rows[i].held;
    }
    json_write_key(&ask->json, S("figures"));
    json_write_array(&ask->json);
    write_figure(ask, W("New warnings"), sum.drafted, W("Drafted since the shift began"));
    write_figure(ask, W("Of these sent"), sum.sent, W("At least one notice left for a contact"));
    write_figure(
            ask, W("Of these answered"), sum.answered, W("Somebody there pressed a button, replied, or signed in"));
    write_figure(ask, W("Of these held"), sum.held, W("They wait for one of us"));
    json_write_end(&ask->json);
    return OK;
}

/* ---- Who is on call ---- */

static void write_shift(struct ask *ask, const struct shift *row)
{
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("name"), row->name);
    page_flag(ask, S("second"), row->is.rank == SHIFT_SECOND);
    json_write_key_text(&ask->json, S("phone"), row->phone);
    page_moment(ask, S("from"), row->is.from_us);
    page_moment(ask, S("until"), row->is.until_us);
    json_write_end(&ask->json);
}

/* Nothing where no roster is kept. */
static struct err write_on_call(struct ask *ask)
{
    struct roster_now now;
    TRY(desk_roster_now(ask->db, clock_now_us(), ask->arena, &now));
    page_flag(ask, S("roster"), now.kept);
    json_write_key(&ask->json, S("on_call"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < now.count; i++)
        write_shift(ask, &now.now[i]);
    json_write_end(&ask->json);
    json_write_key(&ask->json, S("next"));
    if (now.next.number != 0)
        write_shift(ask, &now.next);
    else
        json_write_null(&ask->json);
    page_moment(ask, S("gap"), now.gap.until_us != 0 ? now.gap.from_us : TIME_NONE);
    page_moment(ask, S("gap_until"), now.gap.until_us != 0 ? now.gap.until_us : TIME_NONE);
    return OK;
}

/* ---- Lists ---- */

struct list {
    const char *key;
    enum warning_which which;
    size_t rows;
};

static struct err write_list(struct outside *outside, struct warned_names *names, const struct list *list,
        int64_t before, int64_t since_us, int64_t *more)
{
    struct ask *ask = outside->ask;
    struct warning *rows;
    size_t count, written = 0;
    TRY(store_warning_latest(ask->db, list->which, 0, before, list->rows, ask->arena, &rows, &count));
    json_write_key(&ask->json, slice_of(list->key));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        if (list->which == WARNING_OPEN && rows[i].held.len > 0)
            continue; /* it stands above */
        json_write_object(&ask->json);
        TRY(warned_write(outside, names, &rows[i]));
        if (list->which == WARNING_UNANSWERED)
            warned_sector(outside, &rows[i]);
        page_flag(ask, S("is_new"), rows[i].drafted_us >= since_us);
        json_write_end(&ask->json);
        written++;
    }
    json_write_end(&ask->json);
    page_flag(ask, slice_of(arena_printf(ask->arena, "any_%s", list->key)), written > 0);
    *more = count == list->rows ? rows[count - 1].number : 0;
    return OK;
}

static struct err write_lists(struct outside *outside, int64_t since_us)
{
    static const struct list held = {"held", WARNING_HELD, HELD_ROWS},
                             unanswered = {"unanswered", WARNING_UNANSWERED, HELD_ROWS},
                             open = {"open", WARNING_OPEN, ROWS};
    struct ask *ask = outside->ask;
    struct warned_names names = {0};
    uint64_t before;
    int64_t more;
    TRY(ask_number(ask, S("before"), INT64_MAX, INT64_MAX, &before));
    TRY(write_list(outside, &names, &held, INT64_MAX, since_us, &more));
    page_flag(ask, S("more_held"), more != 0);
    TRY(write_list(outside, &names, &unanswered, INT64_MAX, since_us, &more));
    page_flag(ask, S("more_unanswered"), more != 0);
    TRY(write_list(outside, &names, &open, (int64_t)before, since_us, &more));
    page_more(ask, more);
    page_flag(ask, S("later"), before != INT64_MAX);
    return OK;
}

/* The newest reports of the queue; those that who asks does not see are not there. */
static struct err write_reports(struct outside *outside, int64_t since_us)
{
    struct ask *ask = outside->ask;
    struct report *rows;
    enum case_sight sight;
    size_t count, written = 0;
    TRY(store_report_latest(ask->db, REPORT_WAITING, INT64_MAX, REPORT_ROWS, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("reports"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        TRY(case_report_sees(&ask->who.actor, &rows[i], ask->arena, &sight));
        if (sight != CASE_ALL)
            continue;
        json_write_object(&ask->json);
        TRY(reported_write(outside, &rows[i], sight));
        page_flag(ask, S("is_new"), rows[i].received_us >= since_us);
        json_write_end(&ask->json);
        written++;
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_reports"), written > 0);
    page_flag(ask, S("may_work"), reported_may_work(ask));
    return OK;
}

static struct err write_casework(struct outside *outside, int64_t since_us)
{
    if (outside_may(outside->ask, VERB_READ_INCIDENTS))
        TRY(worked_urgent(outside, DUTY_ROWS));
    return outside_may(outside->ask, VERB_READ_REPORTS) ? write_reports(outside, since_us) : OK;
}

/* Where the journal is: what comes behind it is news. */
static struct err write_live(struct ask *ask)
{
    int64_t last;
    TRY(store_journal_last(ask->db, &last));
    json_write_key(&ask->json, S("journal"));
    json_write_i64(&ask->json, last);
    page_flag(ask, S("may_listen"), ask_may(ask, VERB_MATCH));
    json_write_key_u64(&ask->json, S("again"), AGAIN_S);
    return OK;
}

struct err web_board(struct ask *ask)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    int64_t since_us;
    TRY(warned_need(ask, VERB_READ_EVENTS));
    page_title(ask, ask_text(ask, W("Board")));
    TRY(write_live(ask));
    TRY(write_on_call(ask));
    TRY(shift_begin(ask, &since_us));
    TRY(write_figures(ask, since_us));
    page_flag(ask, S("may_warn"), warned_may(ask, VERB_WARN, 0));
    TRY(write_casework(&outside, since_us));
    return write_lists(&outside, since_us);
}
