/* SPDX-License-Identifier: Apache-2.0 */
#include "store/involved.h"

#include <inttypes.h>

#include "base/arena.h"
#include "store/case_search.h"
#include "store/page.h"

static const char *const roles[PARTY_ROLES] = {
        [PARTY_VICTIM] = "victim",
        [PARTY_SUPPLIER] = "supplier",
        [PARTY_LEAD] = "lead",
        [PARTY_SUPPORT] = "support",
        [PARTY_INFORMED] = "informed",
        [PARTY_LIAISON] = "liaison",
};

static const char *const kinds[ENTRY_KINDS] = {[ENTRY_EVENT] = "event",
        [ENTRY_NOTE] = "note",
        [ENTRY_QUESTION] = "question",
        [ENTRY_ANSWER] = "answer",
        [ENTRY_OPINION] = "opinion"};

const char *store_party_role_name(enum party_role role)
{
    return roles[role];
}

bool store_party_role_find(slice name, enum party_role *role)
{
    for (enum party_role i = 0; i < PARTY_ROLES; i++)
        if (slice_eq(name, slice_of(roles[i]))) {
            *role = i;
            return true;
        }
    return false;
}

const char *store_entry_kind_name(enum entry_kind kind)
{
    return kinds[kind];
}

bool store_entry_kind_find(slice name, enum entry_kind *kind)
{
    for (enum entry_kind i = 0; i < ENTRY_KINDS; i++)
        if (slice_eq(name, slice_of(kinds[i]))) {
            *kind = i;
            return true;
        }
    return false;
}

/* Everything of one incident: such lists are whole. */
static struct err whole(
        struct db *db, const struct page *page, int64_t incident, struct arena *arena, void **rows, size_t *row_count)
{
    return page_read_whole(db, page, (struct db_value[]){db_i64(incident)}, 1, arena, rows, row_count);
}

/* ---- Who has to do with it ---- */

struct err store_party_add(struct work *work, int64_t incident, int64_t organisation, enum party_role role, slice why)
{
    static const char ADD[] =
            "INSERT INTO incident_party (incident, organisation, role, since_us, actor, why) VALUES ($1, $2, $3, $4, "
            "$5, $6) ON CONFLICT (incident, organisation, role) DO UPDATE SET until_us = NULL, "
            "since_us = CASE WHEN incident_party.until_us IS NULL THEN incident_party.since_us ELSE excluded.since_us "
            "END, "
            "actor = excluded.actor, why = excluded.why";
    const struct db_value values[] = {db_i64(incident), db_i64(organisation), db_text(slice_of(roles[role])),
            db_i64(work->now_us), db_text(work->actor->name), db_text(why)};
    TRY(store_case_words(work, CASE_WORDS_INCIDENT, incident));
    return db_run(work->db, ADD, values, COUNT_OF(values), NULL);
}

struct err store_party_end(struct work *work, int64_t incident, int64_t organisation, enum party_role role)
{
    static const char END[] = "UPDATE incident_party SET until_us = $4 WHERE incident = $1 AND organisation = $2 "
                              "AND role = $3 AND until_us IS NULL";
    const struct db_value values[] = {
            db_i64(incident), db_i64(organisation), db_text(slice_of(roles[role])), db_i64(work->now_us)};
    uint64_t changed;
    TRY(store_case_words(work, CASE_WORDS_INCIDENT, incident));
    TRY(db_run(work->db, END, values, COUNT_OF(values), &changed));
    return changed > 0 ? OK : err_make(ERR_MISSING, "it has not that part in the incident");
}

static void party_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct party *party = row;
    *party = (struct party){
            .organisation = db_number(rows, 0),
            .since_us = db_number(rows, 2),
            .until_us = page_time(rows, 3),
            .name = arena_copy(arena, db_slice(rows, 4)),
            .actor = arena_copy(arena, db_slice(rows, 5)),
            .why = arena_copy(arena, db_slice(rows, 6)),
    };
    (void)store_party_role_find(db_slice(rows, 1), &party->role);
}

struct err store_party_list(
        struct db *db, int64_t incident, struct arena *arena, struct party **rows, size_t *row_count)
{
    static const char LIST[] =
            "SELECT p.organisation, p.role, p.since_us, p.until_us, n.name, p.actor, p.why FROM incident_party p "
            "CROSS JOIN organisation_name n WHERE p.incident = $1 AND n.organisation = p.organisation "
            "AND n.until_us IS NULL ORDER BY p.organisation, p.role LIMIT $2";
    struct page page = page_of(struct party, LIST, party_read, INCIDENT_ROWS_MAX);
    return whole(db, &page, incident, arena, (void **)rows, row_count);
}

struct err store_party_is(struct db *db, int64_t incident, int64_t organisation, unsigned wanted, bool *is)
{
    static const char OF[] =
            "SELECT role FROM incident_party WHERE incident = $1 AND organisation = $2 AND until_us IS NULL";
    struct db_rows *rows;
    enum party_role role;
    *is = false;
    TRY(db_query(db, OF, (struct db_value[]){db_i64(incident), db_i64(organisation)}, 2, &rows));
    while (db_next(rows))
        *is |= store_party_role_find(db_slice(rows, 0), &role) && (wanted >> role & 1) != 0;
    return db_done(rows);
}

/* ---- What was seen ---- */

struct err store_incident_observable_add(struct work *work, int64_t incident, slice type, slice value)
{
    static const char ADD[] = "INSERT INTO incident_observable (incident, type, value, added_us, actor) "
                              "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (incident, type, value) DO NOTHING";
    const struct db_value values[] = {
            db_i64(incident), db_text(type), db_text(value), db_i64(work->now_us), db_text(work->actor->name)};
    TRY(store_case_words(work, CASE_WORDS_INCIDENT, incident));
    return db_run(work->db, ADD, values, COUNT_OF(values), NULL);
}

static void observable_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct incident_observable *)row = (struct incident_observable){
            .type = arena_copy(arena, db_slice(rows, 0)),
            .value = arena_copy(arena, db_slice(rows, 1)),
            .added_us = db_number(rows, 2),
            .actor = arena_copy(arena, db_slice(rows, 3)),
            .others = db_number(rows, 4),
    };
}

struct err store_incident_observables(
        struct db *db, int64_t incident, struct arena *arena, struct incident_observable **rows, size_t *row_count)
{
    static const char LIST[] =
            "SELECT o.type, o.value, o.added_us, o.actor, (SELECT count(*) FROM incident_observable x "
            "WHERE x.type = o.type AND x.value = o.value AND x.incident <> o.incident) "
            "FROM incident_observable o WHERE o.incident = $1 ORDER BY o.type, o.value LIMIT $2";
    struct page page = page_of(struct incident_observable, LIST, observable_read, INCIDENT_ROWS_MAX);
    return whole(db, &page, incident, arena, (void **)rows, row_count);
}

/* ---- What it costs ---- */

static struct db_value known(int64_t amount)
{
    return amount == IMPACT_UNKNOWN ? db_null() : db_i64(amount);
}

/* The next number of a thing that an incident has several of; the incident's row is kept by who calls. */
static struct err next(struct work *work, const char *sql, int64_t incident, int64_t *number)
{
    return db_one(work->db, sql, (struct db_value[]){db_i64(incident)}, 1, 1, number);
}

struct err store_impact_add(struct work *work, int64_t incident, const struct impact *put, int64_t *number)
{
    static const char NEXT[] = "SELECT COALESCE(max(number), 0) + 1 FROM incident_impact WHERE incident = $1";
    static const char ADD[] =
            "INSERT INTO incident_impact (incident, number, kind, low, high, unit, basis, confidence, organisation, "
            "at_us, actor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    TRY(next(work, NEXT, incident, number));
    const struct db_value values[] = {db_i64(incident), db_i64(*number), db_text(put->kind), known(put->low),
            known(put->high), db_text(put->unit), db_text(put->basis), db_text(put->confidence),
            put->organisation == 0 ? db_null() : db_i64(put->organisation), db_i64(put->at_us),
            db_text(work->actor->name)};
    return db_run(work->db, ADD, values, COUNT_OF(values), NULL);
}

struct err store_impact_put(struct work *work, int64_t incident, const struct impact *put)
{
    static const char PUT[] =
            "INSERT INTO incident_impact (incident, number, kind, low, high, unit, basis, confidence, at_us, actor) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (incident, number) DO UPDATE SET "
            "kind = excluded.kind, low = excluded.low, high = excluded.high, unit = excluded.unit, "
            "basis = excluded.basis, confidence = excluded.confidence, at_us = excluded.at_us, actor = excluded.actor";
    const struct db_value values[] = {db_i64(incident), db_i64(put->number), db_text(put->kind), known(put->low),
            known(put->high), db_text(put->unit), db_text(put->basis), db_text(put->confidence), db_i64(put->at_us),
            db_text(work->actor->name)};
    return db_run(work->db, PUT, values, COUNT_OF(values), NULL);
}

static int64_t amount(const struct db_rows *rows, size_t column)
{
    return db_is_null(rows, column) ? IMPACT_UNKNOWN : db_number(rows, column);
}

static void impact_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct impact *)row = (struct impact){
            .number = db_number(rows, 0),
            .kind = arena_copy(arena, db_slice(rows, 1)),
            .low = amount(rows, 2),
            .high = amount(rows, 3),
            .unit = arena_copy(arena, db_slice(rows, 4)),
            .basis = arena_copy(arena, db_slice(rows, 5)),
            .confidence = arena_copy(arena, db_slice(rows, 6)),
            .organisation = db_number(rows, 7),
            .at_us = db_number(rows, 8),
            .actor = arena_copy(arena, db_slice(rows, 9)),
    };
}

struct err store_impact_list(
        struct db *db, int64_t incident, struct arena *arena, struct impact **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT number, kind, low, high, unit, basis, confidence, organisation, at_us, actor "
                               "FROM incident_impact WHERE incident = $1 ORDER BY number LIMIT $2";
    struct page page = page_of(struct impact, LIST, impact_read, INCIDENT_ROWS_MAX);
    return whole(db, &page, incident, arena, (void **)rows, row_count);
}

/* ---- How bad it is on the scales of others ---- */

struct err store_scale_put(struct work *work, int64_t incident, slice scale, slice level, slice why)
{
    /* Two in one microsecond are one: the later holds. */
    static const char PUT[] =
            "INSERT INTO incident_severity (incident, scale, from_us, level, actor, why) VALUES ($1, $2, $3, $4, $5, "
            "$6) ON CONFLICT (incident, scale, from_us) DO UPDATE SET level = excluded.level, "
            "actor = excluded.actor, why = excluded.why";
    const struct db_value values[] = {db_i64(incident), db_text(scale), db_i64(work->now_us), db_text(level),
            db_text(work->actor->name), db_text(why)};
    return db_run(work->db, PUT, values, COUNT_OF(values), NULL);
}

static void scale_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct scale_level *)row = (struct scale_level){
            .scale = arena_copy(arena, db_slice(rows, 0)),
            .from_us = db_number(rows, 1),
            .level = arena_copy(arena, db_slice(rows, 2)),
            .actor = arena_copy(arena, db_slice(rows, 3)),
            .why = arena_copy(arena, db_slice(rows, 4)),
    };
}

struct err store_scale_list(
        struct db *db, int64_t incident, struct arena *arena, struct scale_level **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT scale, from_us, level, actor, why FROM incident_severity WHERE incident = $1 "
                               "ORDER BY scale, from_us LIMIT $2";
    struct page page = page_of(struct scale_level, LIST, scale_read, INCIDENT_ROWS_MAX);
    return whole(db, &page, incident, arena, (void **)rows, row_count);
}

/* ---- What people wrote ---- */

/* "own", "parties", or the number of an organisation. */
static slice audience_write(struct arena *arena, int64_t audience)
{
    return audience == AUDIENCE_OWN       ? S("own")
           : audience == AUDIENCE_PARTIES ? S("parties")
                                          : slice_of(arena_printf(arena, "%" PRId64, audience));
}

static int64_t audience_read(slice text)
{
    uint64_t number;
    if (slice_eq(text, S("parties")))
        return AUDIENCE_PARTIES;
    return slice_u64(text, INT64_MAX, &number) ? (int64_t)number : AUDIENCE_OWN;
}

/* Answers name what they answer; it counts as answered while it is a question. */
static struct err answers_join(struct work *work, int64_t incident, const struct incident_entry *to, int64_t number)
{
    static const char JOIN[] = "UPDATE incident_entry SET answers = $3 WHERE incident = $1 AND about = $2 "
                               "AND kind = 'answer'";
    const struct db_value values[] = {
            db_i64(incident), db_text(to->identity), to->kind == ENTRY_QUESTION ? db_i64(number) : db_null()};
    return db_run(work->db, JOIN, values, COUNT_OF(values), NULL);
}

struct err store_entry_add(struct work *work, int64_t incident, const struct incident_entry *put, int64_t *number)
{
    static const char NEXT[] = "SELECT COALESCE(max(number), 0) + 1 FROM incident_entry WHERE incident = $1";
    static const char ADD[] =
            "INSERT INTO incident_entry (incident, number, identity, home, kind, happened_us, written_us, audience, "
            "text, source, actor, due_us, answers, opinion, about) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
            "$11, $12, $13, $14, $15)";
    TRY(next(work, NEXT, incident, number));
    const struct db_value values[] = {db_i64(incident), db_i64(*number), db_text(put->identity), db_i64(put->home),
            db_text(slice_of(kinds[put->kind])), db_i64(put->happened_us), db_i64(work->now_us),
            db_text(audience_write(work->arena, put->audience)), db_text(put->text), db_text(put->source),
            db_text(work->actor->name), page_time_value(put->due_us),
            put->answers == 0 ? db_null() : db_i64(put->answers), db_text(put->opinion), db_text(put->about)};
    TRY(store_case_words(work, CASE_WORDS_INCIDENT, incident));
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    return answers_join(work, incident, put, *number);
}

#define ENTRIES                                                                                                        \
    "SELECT number, identity, home, kind, happened_us, written_us, audience, text, source, actor, due_us, answers, "   \
    "opinion, about, withdrawn_us"

static void entry_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct incident_entry *entry = row;
    *entry = (struct incident_entry){
            .number = db_number(rows, 0),
            .identity = arena_copy(arena, db_slice(rows, 1)),
            .home = db_number(rows, 2),
            .happened_us = db_number(rows, 4),
            .written_us = db_number(rows, 5),
            .audience = audience_read(db_slice(rows, 6)),
            .text = arena_copy(arena, db_slice(rows, 7)),
            .source = arena_copy(arena, db_slice(rows, 8)),
            .actor = arena_copy(arena, db_slice(rows, 9)),
            .due_us = page_time(rows, 10),
            .answers = db_number(rows, 11),
            .opinion = arena_copy(arena, db_slice(rows, 12)),
            .about = arena_copy(arena, db_slice(rows, 13)),
            .withdrawn_us = page_time(rows, 14),
    };
    (void)store_entry_kind_find(db_slice(rows, 3), &entry->kind);
}

struct err store_entry_list(struct db *db, int64_t incident, int64_t happened_us, int64_t after, size_t count,
        struct arena *arena, struct incident_entry **rows, size_t *row_count)
{
    static const char LIST[] = ENTRIES " FROM incident_entry WHERE incident = $1 AND (happened_us, number) > ($2, $3) "
                                       "ORDER BY happened_us, number LIMIT $4";
    struct page page = page_of(struct incident_entry, LIST, entry_read, count);
    const struct db_value values[] = {db_i64(incident), db_i64(happened_us), db_i64(after)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_entry_latest(struct db *db, int64_t incident, int64_t happened_us, int64_t before, size_t count,
        struct arena *arena, struct incident_entry **rows, size_t *row_count)
{
    static const char LIST[] = ENTRIES " FROM incident_entry WHERE incident = $1 AND (happened_us, number) < ($2, $3) "
                                       "ORDER BY happened_us DESC, number DESC LIMIT $4";
    struct page page = page_of(struct incident_entry, LIST, entry_read, count);
    const struct db_value values[] = {db_i64(incident), db_i64(happened_us), db_i64(before)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct identified {
    int64_t incident;
    struct incident_entry entry;
};

static void identified_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct identified *found = row;
    entry_read(rows, arena, &found->entry);
    found->incident = db_number(rows, 15);
}

struct err store_entry_of_identity(
        struct db *db, slice identity, struct arena *arena, int64_t *incident, struct incident_entry *row)
{
    static const char GET[] = ENTRIES ", incident FROM incident_entry WHERE identity = $1";
    struct identified found;
    struct page page = page_of(struct identified, GET, identified_read, 1);
    TRY(page_get(db, &page, (struct db_value[]){db_text(identity)}, 1, arena, &found, "there is no such entry"));
    *incident = found.incident;
    *row = found.entry;
    return OK;
}

static void told_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct told_entry *told = row;
    entry_read(rows, arena, &told->entry);
    told->question = arena_copy(arena, db_slice(rows, 15));
}

struct err store_entry_told(struct db *db, int64_t incident, int64_t home, int64_t after, size_t count,
        struct arena *arena, struct told_entry **rows, size_t *row_count)
{
    static const char LIST[] = ENTRIES ", COALESCE((SELECT q.identity FROM incident_entry q WHERE "
                                       "q.incident = e.incident AND q.number = e.answers), '') FROM incident_entry e "
                                       "WHERE incident = $1 AND home = $2 AND number > $3 AND audience <> 'own' "
                                       "ORDER BY number LIMIT $4";
    struct page page = page_of(struct told_entry, LIST, told_read, count);
    const struct db_value values[] = {db_i64(incident), db_i64(home), db_i64(after)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_entry_count(struct db *db, int64_t incident, int64_t home, int64_t *count)
{
    static const char COUNT[] = "SELECT count(*) FROM incident_entry WHERE incident = $1 AND home = $2";
    return db_one(db, COUNT, (struct db_value[]){db_i64(incident), db_i64(home)}, 2, 0, count);
}

struct err store_entry_get(
        struct db *db, int64_t incident, int64_t number, struct arena *arena, struct incident_entry *row)
{
    static const char GET[] = ENTRIES " FROM incident_entry WHERE incident = $1 AND number = $2";
    struct page page = page_of(struct incident_entry, GET, entry_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(incident), db_i64(number)}, 2, arena, row,
            "there is no such entry in the incident");
}

struct err store_opinion_of(struct db *db, int64_t incident, const struct incident_entry *held, struct arena *arena,
        struct incident_entry *row)
{
    static const char GET[] = ENTRIES " FROM incident_entry WHERE incident = $1 AND kind = 'opinion' AND about = $2 "
                                      "AND home = $3 AND actor = $4 AND withdrawn_us IS NULL";
    struct page page = page_of(struct incident_entry, GET, entry_read, 1);
    const struct db_value values[] = {db_i64(incident), db_text(held->about), db_i64(held->home), db_text(held->actor)};
    return page_get(db, &page, values, COUNT_OF(values), arena, row, "there is no such opinion");
}

struct err store_entry_change(struct work *work, int64_t incident, const struct incident_entry *row)
{
    static const char CHANGE[] =
            "UPDATE incident_entry SET kind = $3, happened_us = $4, audience = $5, text = $6, source = $7, due_us = "
            "$8, answers = $9, opinion = $10, about = $11, withdrawn_us = $12 WHERE incident = $1 AND identity = $2";
    const struct db_value values[] = {db_i64(incident), db_text(row->identity), db_text(slice_of(kinds[row->kind])),
            db_i64(row->happened_us), db_text(audience_write(work->arena, row->audience)), db_text(row->text),
            db_text(row->source), page_time_value(row->due_us), row->answers == 0 ? db_null() : db_i64(row->answers),
            db_text(row->opinion), db_text(row->about), page_time_value(row->withdrawn_us)};
    TRY(store_case_words(work, CASE_WORDS_INCIDENT, incident));
    TRY(db_run(work->db, CHANGE, values, COUNT_OF(values), NULL));
    return answers_join(work, incident, row, row->number);
}

static void question_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct incident_question *)row = (struct incident_question){
            .incident = db_number(rows, 0),
            .number = db_number(rows, 1),
            .home = db_number(rows, 2),
            .audience = audience_read(db_slice(rows, 3)),
            .written_us = db_number(rows, 4),
            .due_us = page_time(rows, 5),
            .title = arena_copy(arena, db_slice(rows, 6)),
            .text = arena_copy(arena, db_slice(rows, 7)),
    };
}

struct err store_question_open(struct db *db, const struct incident_question *after, size_t count, struct arena *arena,
        struct incident_question **rows, size_t *row_count)
{
    static const char OPEN[] =
            "SELECT e.incident, e.number, e.home, e.audience, e.written_us, e.due_us, i.title, e.text "
            "FROM incident_entry e JOIN incident i ON i.number = e.incident WHERE e.kind = 'question' "
            "AND e.withdrawn_us IS NULL "
            "AND i.state NOT IN ('closed', 'published', 'not-an-incident', 'duplicate', 'transferred') "
            "AND NOT EXISTS (SELECT 1 FROM incident_entry a WHERE a.incident = e.incident AND a.answers = e.number "
            "AND a.withdrawn_us IS NULL) "
            "AND COALESCE(e.due_us, 9223372036854775807) >= $1 "
            "AND (COALESCE(e.due_us, 9223372036854775807), e.incident, e.number) > ($1, $2, $3) "
            "ORDER BY COALESCE(e.due_us, 9223372036854775807), e.incident, e.number LIMIT $4";
    struct page page = page_of(struct incident_question, OPEN, question_read, count);
    const struct db_value values[] = {
            db_i64(after->due_us == TIME_NONE && after->number > 0 ? INT64_MAX : after->due_us),
            db_i64(after->incident), db_i64(after->number)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

/* ---- Other incidents ---- */

struct err store_incident_link(struct work *work, int64_t incident, int64_t other, slice kind)
{
    static const char ADD[] = "INSERT INTO incident_link (incident, other, kind, actor, made_us) "
                              "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (incident, other, kind) DO NOTHING";
    const struct db_value values[] = {
            db_i64(incident), db_i64(other), db_text(kind), db_text(work->actor->name), db_i64(work->now_us)};
    return db_run(work->db, ADD, values, COUNT_OF(values), NULL);
}

static void link_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct incident_link *)row = (struct incident_link){
            .other = db_number(rows, 0),
            .kind = arena_copy(arena, db_slice(rows, 1)),
            .title = arena_copy(arena, db_slice(rows, 2)),
            .actor = arena_copy(arena, db_slice(rows, 3)),
            .made_us = db_number(rows, 4),
    };
}

struct err store_incident_links(
        struct db *db, int64_t incident, struct arena *arena, struct incident_link **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT l.other, l.kind, i.title, l.actor, l.made_us FROM incident_link l "
                               "JOIN incident i ON i.number = l.other WHERE l.incident = $1 UNION ALL "
                               "SELECT l.incident, l.kind, i.title, l.actor, l.made_us FROM incident_link l "
                               "JOIN incident i ON i.number = l.incident WHERE l.other = $1 LIMIT $2";
    struct page page = page_of(struct incident_link, LIST, link_read, INCIDENT_ROWS_MAX);
    return whole(db, &page, incident, arena, (void **)rows, row_count);
}
