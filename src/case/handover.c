/* SPDX-License-Identifier: Apache-2.0 */
/* The note for who takes over: what came since the shift began, what waits, what is late, what law demands next. */
#include <inttypes.h>

#include "base/arena.h"
#include "base/buf.h"
#include "case/report_parts.h"
#include "desk/roster.h"
#include "store/duty.h"
#include "store/journal.h"
#include "store/user.h"
#include "text/shown.h"

#define TEXT_BYTES_MAX (1u << 20)
#define SHIFT_US (8 * HOUR_US)
#define TOLD 20 /* reports and clocks of each kind that are named */
#define FACT "report.handover"

struct err case_report_shift(struct db *db, int64_t now_us, struct arena *arena, int64_t *since_us)
{
    slice last;
    uint64_t read;
    TRY(store_fact_get(db, S(FACT), arena, &last));
    *since_us = last.len > 0 && slice_u64(last, INT64_MAX, &read) ? (int64_t)read : now_us - SHIFT_US;
    return OK;
}

static struct err report_seen(struct work *work, const struct report *row, bool *seen)
{
    enum case_sight sight;
    TRY(case_report_sees(work->actor, row, work->arena, &sight));
    *seen = sight == CASE_ALL;
    return OK;
}

static void report_put(const struct report *row, struct buf *out)
{
    buf_printf(out, "  report %" PRId64 " (%s, %s) ", row->number, store_report_channel_name(row->channel),
            store_severity_name(row->severity));
    time_write(out, row->received_us);
    buf_byte(out, ' ');
    shown_text_write(out, row->subject, false);
    buf_byte(out, '\n');
}

/* Those that came in the shift, newest first; all that who hands over sees are counted, some are named. */
static struct err received_put(struct work *work, struct case_handover *handover, struct buf *out)
{
    struct report *rows;
    size_t count = STORE_PAGE_MAX;
    int64_t before = INT64_MAX;
    bool on = true, seen;
    buf_put(out, S("Received in this shift:\n"));
    while (on && count == STORE_PAGE_MAX) {
        TRY(store_report_latest(work->db, REPORT_ALL, before, STORE_PAGE_MAX, work->arena, &rows, &count));
        for (size_t i = 0; i < count && on; i++) {
            on = rows[i].received_us >= handover->since_us;
            TRY(report_seen(work, &rows[i], &seen));
            if (on && seen && handover->received++ < TOLD)
                report_put(&rows[i], out);
            before = rows[i].number;
        }
    }
    return OK;
}

/* The queue, who has waited longest first: what is late stands in front. */
static struct err waiting_put(struct work *work, struct case_handover *handover, struct buf *out)
{
    struct report *rows;
    size_t count = STORE_PAGE_MAX;
    int64_t received_us = INT64_MIN, after = 0;
    buf_put(out, S("Waiting, the longest first:\n"));
    while (count == STORE_PAGE_MAX) {
        TRY(store_report_queue(work->db, received_us, after, STORE_PAGE_MAX, work->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            bool seen;
            TRY(report_seen(work, &rows[i], &seen));
            handover->late += seen && rows[i].received_us < work->now_us - CASE_REPORT_LATE_US;
            if (seen && handover->waiting++ < TOLD)
                report_put(&rows[i], out);
        }
        after = count > 0 ? rows[count - 1].number : after;
        received_us = count > 0 ? rows[count - 1].received_us : received_us;
    }
    return OK;
}

/* What else changed, by what the journal tells. */
static struct err changes_put(struct work *work, struct case_handover *handover, struct buf *out)
{
    static const struct {
        const char *act, *called;
    } acts[] = {{"report.answered", "reports answered"}, {"report.linked", "reports linked"},
            {"report.merged", "reports merged"}, {"report.closed", "reports closed"},
            {"incident.new", "incidents begun"}, {"incident.closed", "incidents closed"},
            {"duty.filed", "clocks of law met or filed late"}};
    buf_put(out, S("Changed in this shift:"));
    for (size_t i = 0; i < COUNT_OF(acts); i++) {
        struct journal_row *rows;
        size_t count;
        bool end;
        int64_t before = INT64_MAX, changed = 0;
        TRY(store_journal_chosen(
                work->db, S(""), slice_of(acts[i].act), &before, STORE_PAGE_MAX, work->arena, &rows, &count, &end));
        for (size_t j = 0; j < count; j++)
            changed += rows[j].time_us >= handover->since_us;
        buf_printf(out, "%s %" PRId64 " %s", i > 0 ? "," : "", changed, acts[i].called);
    }
    buf_byte(out, '\n');
    return OK;
}

/* Clocks that run out in the shift that begins, and those that have. */
static struct err duties_put(struct work *work, struct case_handover *handover, struct buf *out)
{
    struct duty *rows;
    size_t count;
    TRY(store_duty_running(work->db, INT64_MIN, 0, STORE_PAGE_MAX, work->arena, &rows, &count));
    buf_put(out, S("Clocks of law that run out within eight hours, or have:\n"));
    for (size_t i = 0; i < count; i++) {
        struct incident incident;
        if (rows[i].due_us == TIME_NONE || rows[i].due_us > work->now_us + SHIFT_US)
            continue;
        TRY(store_incident_get(work->db, rows[i].incident, work->arena, &incident));
        if (!store_restricted_seen(work->actor, incident.flags, incident.holder))
            continue;
        if (handover->duties++ >= TOLD)
            continue;
        buf_printf(out, "  duty %" PRId64 " of incident %" PRId64 " ", rows[i].number, rows[i].incident);
        time_write(out, rows[i].due_us);
        buf_byte(out, ' ');
        shown_text_write(out, rows[i].recipient, false);
        buf_byte(out, '\n');
    }
    return OK;
}

/* Whom the roster proposes for it: nothing is handed to anybody by itself. */
static struct err next_put(struct work *work, struct case_handover *handover, struct buf *out)
{
    struct roster_now now;
    TRY(desk_roster_now(work->db, work->now_us, work->arena, &now));
    handover->next = now.next.name;
    if (now.next.number == 0)
        return OK;
    buf_printf(out, "On call next: %.*s, from ", (int)now.next.name.len, now.next.name.ptr);
    time_write(out, now.next.is.from_us);
    buf_byte(out, '\n');
    return OK;
}

/* What the one has goes to the other. */
static struct err give(struct work *work, int64_t to, struct case_handover *handover)
{
    struct report *rows;
    size_t count = STORE_PAGE_MAX;
    while (to != 0 && to != work->actor->user && work->actor->user != 0 && count == STORE_PAGE_MAX) {
        TRY(store_report_of_holder(work->db, work->actor->user, 0, STORE_PAGE_MAX, work->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            TRY(case_report_assign(work, rows[i].number, to));
            handover->mine++;
        }
    }
    return OK;
}

static struct err write(struct work *work, slice note, struct case_handover *handover, struct buf *out)
{
    time_write(out, handover->since_us);
    buf_put(out, S(" to "));
    time_write(out, handover->until_us);
    buf_byte(out, '\n');
    if (note.len > 0) {
        shown_text_write(out, note, true);
        buf_byte(out, '\n');
    }
    TRY(received_put(work, handover, out));
    TRY(changes_put(work, handover, out));
    TRY(waiting_put(work, handover, out));
    TRY(duties_put(work, handover, out));
    TRY(next_put(work, handover, out));
    buf_printf(out, "Received %" PRId64 ", waiting %" PRId64 ", late %" PRId64 ", handed over %" PRId64 "\n",
            handover->received, handover->waiting, handover->late, handover->mine);
    return buf_check(out);
}

struct err case_report_handover(
        struct work *work, int64_t since_us, int64_t to, slice note, struct case_handover *handover)
{
    struct case_handover made = {.since_us = since_us, .until_us = work->now_us, .next = S("")};
    struct user user = {.name = S("")};
    struct buf text = buf_make(TEXT_BYTES_MAX);
    TRY(store_right_check(work->actor, VERB_WORK_INCIDENTS, 0, work->arena, NULL));
    if (note.len > 0)
        TRY(store_prose_check(work->arena, "note", note, STORE_TEXT_MAX));
    if (to != 0)
        TRY(store_user_get(work->db, to, work->arena, &user));
    TRY(give(work, to, &made));
    struct err err = write(work, note, &made, &text);
    made.text = arena_copy(work->arena, buf_slice(&text));
    buf_free(&text);
    TRY(err);
    TRY(store_fact_put(work->db, S(FACT), slice_of(arena_printf(work->arena, "%" PRId64, work->now_us))));
    const struct desk_fact facts[] = {{"to", user.name}, {"note", note},
            {"received", case_report_count(work, made.received)}, {"waiting", case_report_count(work, made.waiting)},
            {"late", case_report_count(work, made.late)}};
    TRY(desk_fact_tell(work, "report.handover", "person", to, work->actor->organisation, facts, COUNT_OF(facts)));
    *handover = made;
    return OK;
}
