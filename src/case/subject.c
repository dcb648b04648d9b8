/* SPDX-License-Identifier: Apache-2.0 */
#include "case/subject.h"

#include <inttypes.h>

#include "base/arena.h"
#include "case/duty.h"
#include "case/evidence.h"
#include "case/lesson.h"
#include "case/report.h"
#include "case/risk.h"
#include "case/takedown.h"
#include "case/task.h"
#include "store/approval.h"
#include "store/notice.h"
#include "store/thread.h"

/* ---- Whose incident each is of ---- */

static struct err of_incident(struct db *db, int64_t number, struct arena *arena, int64_t *incident)
{
    (void)db, (void)arena;
    *incident = number;
    return OK;
}

static struct err of_task(struct db *db, int64_t number, struct arena *arena, int64_t *incident)
{
    struct task row = {.incident = 0};
    struct err err = store_task_get(db, number, arena, &row);
    *incident = row.incident;
    return err;
}

static struct err of_duty(struct db *db, int64_t number, struct arena *arena, int64_t *incident)
{
    struct duty row = {.incident = 0};
    struct err err = store_duty_get(db, number, arena, &row);
    *incident = row.incident;
    return err;
}

static struct err of_evidence(struct db *db, int64_t number, struct arena *arena, int64_t *incident)
{
    struct evidence row = {.incident = 0};
    struct err err = store_evidence_get(db, number, arena, &row);
    *incident = row.incident;
    return err;
}

static struct err of_takedown(struct db *db, int64_t number, struct arena *arena, int64_t *incident)
{
    struct takedown row = {.incident = 0};
    struct err err = store_takedown_get(db, number, arena, &row);
    *incident = row.incident;
    return err;
}

static struct err of_lesson(struct db *db, int64_t number, struct arena *arena, int64_t *incident)
{
    struct lesson row = {.incident = 0};
    struct err err = store_lesson_get(db, number, arena, &row);
    *incident = row.incident;
    return err;
}

/* `incident`: NULL: it is a report, or the right alone decides. */
static const struct subject {
    const char *name;
    enum verb verb;
    struct err (*incident)(struct db *db, int64_t number, struct arena *arena, int64_t *incident);
    bool by_right;
} subjects[] = {
        {CASE_SUBJECT, VERB_READ_INCIDENTS, of_incident},
        {CASE_TASK_SUBJECT, VERB_READ_INCIDENTS, of_task},
        {CASE_DUTY_SUBJECT, VERB_READ_INCIDENTS, of_duty},
        {CASE_EVIDENCE_SUBJECT, VERB_READ_INCIDENTS, of_evidence},
        {CASE_TAKEDOWN_SUBJECT, VERB_READ_INCIDENTS, of_takedown},
        {CASE_LESSON_SUBJECT, VERB_READ_INCIDENTS, of_lesson},
        {CASE_REPORT_SUBJECT, VERB_READ_REPORTS, NULL},
        {CASE_RISK_SUBJECT, VERB_READ_FIGURES, NULL, true},
};

/* ---- Who sees it ---- */

struct looked {
    enum case_sight sight;
    bool restricted;
};

static bool has_right(const struct actor *actor, const struct subject *subject, struct arena *arena)
{
    return store_right_check(actor, subject->verb, 0, arena, NULL).kind == ERR_NONE;
}

static struct err look(struct db *db, const struct actor *actor, const struct subject *subject, int64_t number,
        struct arena *arena, struct looked *looked)
{
    struct incident incident;
    struct report report;
    int64_t of;
    if (subject->by_right) {
        *looked = (struct looked){.sight = has_right(actor, subject, arena) ? CASE_ALL : CASE_NOTHING};
        return OK;
    }
    if (subject->incident == NULL) {
        TRY(store_report_get(db, number, arena, &report));
        looked->restricted = store_restricted(report.flags);
        return case_report_sees(actor, &report, arena, &looked->sight);
    }
    TRY(subject->incident(db, number, arena, &of));
    TRY(store_incident_get(db, of, arena, &incident));
    looked->restricted = store_restricted(incident.flags);
    return case_sees(db, actor, &incident, arena, &looked->sight);
}

static const struct subject *subject_find(slice text, uint64_t *number)
{
    slice name;
    if (text.len == 0 || !slice_next(&text, '/', &name) || !slice_u64(text, INT64_MAX, number))
        return NULL;
    for (size_t i = 0; i < COUNT_OF(subjects); i++)
        if (slice_eq(name, slice_of(subjects[i].name)))
            return &subjects[i];
    return NULL;
}

/* What a proposal is about stands in its place. */
static struct err proposed(struct db *db, struct arena *arena, slice *text)
{
    static const slice name = {"approval/", sizeof "approval/" - 1};
    struct approval row;
    uint64_t number;
    if (!slice_starts(*text, name) || !slice_u64(slice_from(*text, name.len), INT64_MAX, &number))
        return OK;
    struct err err = store_approval_get(db, (int64_t)number, arena, &row);
    if (err.kind == ERR_NONE)
        *text = row.subject;
    return err.kind == ERR_MISSING ? OK : err;
}

struct err case_subject_seen(struct db *db, const struct actor *actor, slice text, struct arena *arena, bool *seen)
{
    struct looked looked;
    uint64_t number;
    TRY(proposed(db, arena, &text));
    const struct subject *subject = subject_find(text, &number);
    *seen = subject == NULL;
    if (subject == NULL)
        return OK;
    struct err err = look(db, actor, subject, (int64_t)number, arena, &looked);
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    *seen = err.kind == ERR_NONE ? looked.sight == CASE_ALL : has_right(actor, subject, arena);
    return OK;
}

struct err case_subject_reach(struct db *db, const struct actor *actor, enum verb verb, slice text, struct arena *arena)
{
    struct looked looked;
    uint64_t number;
    bool second;
    const struct subject *subject = subject_find(text, &number);
    if (subject == NULL)
        return OK;
    struct err err = look(db, actor, subject, (int64_t)number, arena, &looked);
    bool acts = err.kind == ERR_NONE && !looked.restricted &&
                store_right_check(actor, verb, 0, arena, &second).kind == ERR_NONE;
    if (err.kind != ERR_MISSING && (err.kind != ERR_NONE || acts || looked.sight == CASE_ALL))
        return err;
    return err_format(arena, ERR_MISSING, "there is no such %s", subject->name);
}

/* ---- Letters ---- */

/* As desk/letter.c wrote it; by it a letter is known in its thread. */
static slice message_id_of(slice message)
{
    static const slice field = {"\r\nMessage-ID: <", sizeof "\r\nMessage-ID: <" - 1};
    size_t at = slice_find_slice(message, field);
    slice rest = slice_from(message, at < message.len ? at + field.len : message.len);
    return slice_part(rest, 0, slice_find(rest, '>'));
}

static struct err letter_subject(struct db *db, int64_t notice, struct arena *arena, slice *subject)
{
    struct takedown_request request;
    slice message;
    int64_t report;
    *subject = S("");
    TRY(store_notice_message(db, notice, arena, &message));
    struct err err = store_thread_find(db, message_id_of(message), arena, &report);
    if (err.kind == ERR_NONE)
        *subject = slice_of(arena_printf(arena, CASE_REPORT_SUBJECT "/%" PRId64, report));
    if (err.kind != ERR_MISSING)
        return err;
    err = store_takedown_request_of_notice(db, notice, arena, &request);
    if (err.kind == ERR_NONE)
        *subject = slice_of(arena_printf(arena, CASE_TAKEDOWN_SUBJECT "/%" PRId64, request.takedown));
    return err.kind == ERR_MISSING ? OK : err;
}

struct err case_letter_seen(struct db *db, const struct actor *actor, int64_t notice, struct arena *arena, bool *seen)
{
    slice subject;
    *seen = false;
    TRY(letter_subject(db, notice, arena, &subject));
    if (subject.len > 0)
        return case_subject_seen(db, actor, subject, arena, seen);
    *seen = store_right_check(actor, VERB_READ_REPORTS, 0, arena, NULL).kind == ERR_NONE;
    return OK;
}
