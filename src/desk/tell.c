/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/tell.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "desk/life.h"
#include "desk/sector.h"
#include "store/contact.h"
#include "store/right.h"

#define FACT_DIGEST "desk.digest" /* the moment for which the last digests were made */
#define CHASED_AT_ONCE 200        /* warnings of which the next step is taken in one go */

void desk_telling_add(struct desk_telling *telling, const struct warning *row, struct arena *arena)
{
    if (telling->count == telling->room) {
        struct warning *rows = arena_new(arena, struct warning, 2 * telling->room + 8);
        if (telling->count > 0)
            memcpy(rows, telling->rows, telling->count * sizeof *rows);
        telling->rows = rows;
        telling->room = 2 * telling->room + 8;
    }
    telling->rows[telling->count++] = *row;
}

/* ---- Groups ---- */

static int class_order(const void *a, const void *b)
{
    const struct warning *one = a, *other = b;
    if (one->organisation != other->organisation)
        return one->organisation < other->organisation ? -1 : 1;
    int order = slice_order(one->class, other->class);
    return order != 0 ? order : one->number < other->number ? -1 : one->number > other->number;
}

static bool is_same_class(const struct warning *one, const struct warning *other)
{
    return one->organisation == other->organisation && slice_eq(one->class, other->class);
}

static bool is_same_organisation(const struct warning *one, const struct warning *other)
{
    return one->organisation == other->organisation;
}

static bool is_same_step(const struct warning *one, const struct warning *other)
{
    return one->organisation == other->organisation && one->chased == other->chased;
}

/* How many from there on belong together and fit into one notice. */
static size_t group_of(
        const struct warning *rows, size_t count, bool (*same)(const struct warning *, const struct warning *))
{
    size_t found = 1;
    while (found < count && found < NOTICE_WARNINGS_MAX && same(&rows[0], &rows[found]))
        found++;
    return found;
}

/* ---- One notice ---- */

struct notice_plan {
    enum notice_kind kind;
    int64_t contact; /* 0: the first */
    bool tells;      /* it is the first that they hear of it, or it got worse: their time begins */
};

/* *told: false: nobody there can be told. */
static struct err notice_make(
        struct work *work, const struct notice_plan *plan, struct warning *rows, size_t count, bool *told)
{
    int64_t *numbers = arena_new(work->arena, int64_t, count), notice;
    struct notice_make make = {.organisation = rows[0].organisation,
            .contact = plan->contact,
            .kind = plan->kind,
            .warnings = numbers,
            .warning_count = count,
            .due_us = TIME_NONE};
    for (size_t i = 0; i < count; i++) {
        numbers[i] = rows[i].number;
        if (plan->tells) {
            rows[i].due_us = desk_due_at(rows[i].severity, work->now_us);
            rows[i].told_us = work->now_us;
            rows[i].told = rows[i].severity;
            TRY(store_warning_change(work, &rows[i])); /* the notice says until when */
        }
    }
    struct err err = desk_notice_make(work, &make, &notice);
    *told = err.kind == ERR_NONE;
    return err.kind == ERR_MISSING ? OK : err;
}

/* Nobody can be told: a person has to find somebody. */
static struct err hold_all(struct work *work, struct warning *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        rows[i].due_us = rows[i].told_us = TIME_NONE;
        rows[i].held = S("contact: nobody is known there who could be told");
        if (rows[i].state != WARNING_APPROVED)
            TRY(store_warning_change(work, &rows[i]));
        else
            TRY(desk_warning_turn(work, &rows[i], WARNING_DRAFTED, rows[i].held));
    }
    return OK;
}

static struct err group_tell(struct work *work, enum notice_kind kind, struct warning *rows, size_t count)
{
    const struct notice_plan plan = {.kind = kind, .tells = true};
    bool told;
    TRY(notice_make(work, &plan, rows, count, &told));
    return told ? OK : hold_all(work, rows, count);
}

/* ---- At once, or with the digest ---- */

static bool is_urgent(const struct warning *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].severity == SEVERITY_CRITICAL || rows[i].told_us != TIME_NONE)
            return true;
    return false;
}

static struct err group_turn(
        struct work *work, struct warning *rows, size_t count, const struct desk_day *day, bool now)
{
    int64_t told_today;
    TRY(store_warning_told_since(
            work->db, rows[0].organisation, rows[0].class, desk_day_begin(day, work->now_us), &told_today));
    bool digest = told_today > 0;
    for (size_t i = 0; i < count; i++)
        digest |= rows[i].does == WARNING_DIGEST;
    if (now || is_urgent(rows, count) || !digest)
        return group_tell(work, NOTICE_OF_WARNING, rows, count);
    for (size_t i = 0; i < count; i++)
        if (rows[i].does != WARNING_DIGEST) {
            rows[i].does = WARNING_DIGEST;
            TRY(store_warning_change(work, &rows[i]));
        }
    return OK;
}

struct err desk_tell(struct work *work, struct desk_telling *telling, const struct desk_day *day, bool now)
{
    if (telling->count > 0)
        qsort(telling->rows, telling->count, sizeof *telling->rows, class_order);
    for (size_t at = 0, count; at < telling->count; at += count) {
        count = group_of(telling->rows + at, telling->count - at, is_same_class);
        TRY(group_turn(work, telling->rows + at, count, day, now));
    }
    return OK;
}

struct err desk_correct(struct work *work, struct desk_telling *telling)
{
    const struct notice_plan plan = {.kind = NOTICE_OF_CORRECTION};
    bool told;
    if (telling->count > 0)
        qsort(telling->rows, telling->count, sizeof *telling->rows, class_order);
    for (size_t at = 0, count; at < telling->count; at += count) {
        count = group_of(telling->rows + at, telling->count - at, is_same_organisation);
        TRY(notice_make(work, &plan, telling->rows + at, count, &told));
        if (!told)
            TRY(desk_warning_news(work, "warning.uncorrected", &telling->rows[at], S("nobody there can be told")));
    }
    return OK;
}

/* ---- The digest ---- */

struct digest_place {
    int64_t organisation, after;
    slice class;
};

struct digesting {
    struct digest_place from, to; /* the work may run again: who called it goes on from `to` */
    bool found;
};

/* The next constituent and class. */
static struct err digest_one(struct work *work, void *context)
{
    struct digesting *digesting = context;
    struct warning *rows;
    size_t count;
    TRY(store_warning_to_digest(work->db, digesting->from.organisation, digesting->from.class, digesting->from.after,
            NOTICE_WARNINGS_MAX, work->arena, &rows, &count));
    digesting->found = count > 0;
    if (count == 0)
        return OK;
    count = group_of(rows, count, is_same_class);
    digesting->to = (struct digest_place){rows[0].organisation, rows[count - 1].number, rows[0].class};
    for (size_t i = 0; i < count; i++) {
        TRY(store_warning_keep(work, rows[i].number, &rows[i]));
        if (rows[i].state != WARNING_APPROVED || rows[i].told_us != TIME_NONE)
            return err_make(ERR_CONFLICT, "somebody else is at the digest");
    }
    return group_tell(work, NOTICE_OF_DIGEST, rows, count);
}

static struct err digest_all(struct db *db, const struct actor *actor, struct arena *arena, size_t *did)
{
    struct digesting digesting = {.from = {.class = S("")}};
    while (true) {
        TRY(store_work(db, actor, arena, digest_one, &digesting));
        if (!digesting.found)
            return OK;
        digesting.from = digesting.to;
        ++*did;
    }
}

struct err desk_digest(struct db *db, const struct actor *actor, struct arena *arena, size_t *did)
{
    *did = 0;
    TRY(store_right_check(actor, VERB_WARN, 0, arena, NULL));
    return digest_all(db, actor, arena, did);
}

static struct err digest_note(struct work *work, void *context)
{
    const char *text = arena_printf(work->arena, "%" PRId64, *(const int64_t *)context);
    return store_fact_put(work->db, S(FACT_DIGEST), slice_of(text));
}

static struct err digest_due(
        struct db *db, const struct actor *actor, const struct desk_day *day, struct arena *arena, size_t *did)
{
    int64_t due_us = desk_digest_due(day, clock_now_us());
    uint64_t made_us = 0;
    slice made;
    TRY(store_fact_get(db, S(FACT_DIGEST), arena, &made));
    if (made.len > 0 && slice_u64(made, INT64_MAX, &made_us) && (int64_t)made_us >= due_us)
        return OK;
    if (made.len > 0) /* a node that begins has no day behind it */
        TRY(digest_all(db, actor, arena, did));
    return store_work(db, actor, arena, digest_note, &due_us);
}

/* ---- Chasing ---- */

/* The one behind the first, for who does not answer; 0: there is no other. */
static struct err second_contact(struct work *work, int64_t organisation, int64_t *contact)
{
    struct contact *rows;
    size_t count, verified = 0;
    *contact = 0;
    TRY(store_contact_of(work->db, organisation, false, work->arena, &rows, &count));
    for (size_t i = 0; i < count && *contact == 0; i++)
        if (rows[i].state == CONTACT_VERIFIED && verified++ == 1)
            *contact = rows[i].number;
    return OK;
}

#define SECTOR_STEP 2 /* behind the reminder and the second contact */

/* Those who are warned themselves, or the team of their sector; the last step tells nobody. */
static struct err step_tell(struct work *work, struct warning *rows, size_t count)
{
    struct notice_plan plan = {.kind = rows[0].chased == 0 ? NOTICE_OF_REMINDER : NOTICE_OF_ESCALATION};
    bool told;
    if (rows[0].chased >= SECTOR_STEP)
        return rows[0].chased == SECTOR_STEP ? desk_sector_tell(work, rows, count) : OK;
    if (rows[0].chased == 1)
        TRY(second_contact(work, rows[0].organisation, &plan.contact));
    return notice_make(work, &plan, rows, count, &told);
}

/* After the last step a person of ours takes up the phone: it is on the duty officer's list. */
static struct err step_take(struct work *work, struct warning *row)
{
    static const char *const words[DESK_CHASES] = {
            "reminded", "the second contact is told", "the team of their sector is told", "nobody answered"};
    bool last = row->chased + 1 >= DESK_CHASES || (row->chased == SECTOR_STEP && row->sector_us == TIME_NONE);
    slice word = slice_of(words[last ? DESK_CHASES - 1 : row->chased]);
    if (row->chased == SECTOR_STEP && row->sector_why.len > 0)
        word = row->sector_why;
    row->chased = last ? DESK_CHASES : row->chased + 1;
    row->chase_us = desk_chase_at(row->severity, row->chased, work->now_us);
    TRY(store_warning_change(work, row));
    TRY(store_warning_step(work, row->number, row->state, word));
    return desk_warning_news(work, last ? "warning.unanswered" : "warning.chased", row, word);
}

static struct err group_chase(struct work *work, struct warning *rows, size_t count)
{
    TRY(step_tell(work, rows, count));
    for (size_t i = 0; i < count; i++)
        TRY(step_take(work, &rows[i]));
    return OK;
}

static int step_order(const void *a, const void *b)
{
    const struct warning *one = a, *other = b;
    if (one->organisation != other->organisation)
        return one->organisation < other->organisation ? -1 : 1;
    if (one->chased != other->chased)
        return one->chased < other->chased ? -1 : 1;
    return one->number < other->number ? -1 : one->number > other->number;
}

/* As they are now: who answered meanwhile is left alone. */
static struct err still_due(struct work *work, struct warning *rows, size_t *count)
{
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        struct warning row;
        TRY(store_warning_keep(work, rows[i].number, &row));
        if (row.chase_us != TIME_NONE && row.chase_us <= work->now_us)
            rows[kept++] = row;
    }
    *count = kept;
    return OK;
}

static struct err chase_some(struct work *work, void *context)
{
    struct warning *rows;
    size_t count, *did = context;
    TRY(store_warning_to_chase(work->db, work->now_us, CHASED_AT_ONCE, work->arena, &rows, &count));
    TRY(still_due(work, rows, &count));
    if (count > 0)
        qsort(rows, count, sizeof *rows, step_order);
    for (size_t at = 0, group; at < count; at += group, ++*did) {
        group = group_of(rows + at, count - at, is_same_step);
        TRY(group_chase(work, rows + at, group));
    }
    return OK;
}

static struct err chase_due(struct db *db, const struct actor *actor, struct arena *arena, size_t *did)
{
    struct warning *rows;
    size_t count;
    TRY(store_warning_to_chase(db, clock_now_us(), 1, arena, &rows, &count));
    return count == 0 ? OK : store_work(db, actor, arena, chase_some, did);
}

struct err desk_due(
        struct db *db, const struct actor *actor, const struct desk_day *day, struct arena *arena, size_t *did)
{
    *did = 0;
    TRY(digest_due(db, actor, day, arena, did));
    return chase_due(db, actor, arena, did);
}

static struct err remind(struct work *work, void *context)
{
    struct warning row;
    TRY(store_warning_keep(work, *(const int64_t *)context, &row));
    if (row.state != WARNING_SENT && row.state != WARNING_DELIVERED)
        return err_format(work->arena, ERR_CONFLICT, "warning %" PRId64 " is %s: nobody is reminded of it", row.number,
                store_warning_state_name(row.state));
    if (row.chased >= DESK_CHASES)
        return err_format(work->arena, ERR_CONFLICT,
                "nobody answered warning %" PRId64 ", however often they were told: call them", row.number);
    return group_chase(work, &row, 1);
}

struct err desk_remind(struct db *db, const struct actor *actor, int64_t warning, struct arena *arena)
{
    TRY(store_right_check(actor, VERB_WARN, 0, arena, NULL));
    return store_work(db, actor, arena, remind, &warning);
}
