/* SPDX-License-Identifier: Apache-2.0 */
#include "case/subject.h"

#include "case/duty.h"
#include "case/evidence.h"
#include "case/lesson.h"
#include "case/report.h"
#include "case/risk.h"
#include "case/takedown.h"
#include "case/task.h"

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

static struct err look(struct db *db, const struct actor *actor, const struct subject *subject, int64_t number,
        struct arena *arena, enum case_sight *sight)
{
    struct incident incident;
    struct report report;
    int64_t of;
    if (subject->incident == NULL) {
        TRY(store_report_get(db, number, arena, &report));
        return case_report_sees(actor, &report, arena, sight);
    }
    TRY(subject->incident(db, number, arena, &of));
    TRY(store_incident_get(db, of, arena, &incident));
    return case_sees(db, actor, &incident, arena, sight);
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

struct err case_subject_seen(struct db *db, const struct actor *actor, slice text, struct arena *arena, bool *seen)
{
    enum case_sight sight;
    uint64_t number;
    const struct subject *subject = subject_find(text, &number);
    *seen = subject == NULL;
    if (subject == NULL)
        return OK;
    bool may = store_right_check(actor, subject->verb, 0, arena, NULL).kind == ERR_NONE;
    if (subject->by_right) {
        *seen = may;
        return OK;
    }
    struct err err = look(db, actor, subject, (int64_t)number, arena, &sight);
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    *seen = err.kind == ERR_NONE ? sight == CASE_ALL : may;
    return OK;
}
