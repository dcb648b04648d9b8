/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words of an incident or a report are made anew from its rows whenever one of them changed: a row of the table of
 * words cannot be added to without reading it, and what is made anew forgets nothing and keeps nothing that is gone.
 */
#include "store/case_search.h"

#include <inttypes.h>

#include "base/arena.h"
#include "store/page.h"
#include "store/query.h"
#include "store/spelled.h"

/* Tiers of a search_place: the one that was named, then those of query.h. */
enum { TIER_ITSELF, TIER_NAMES, TIER_TEXT };

/* ---- What is said ---- */

/* Where the words of one stand, the most telling first; tasks and entries of its timeline the latest first. */
static const struct said {
    enum case_words which;
    bool name;
    size_t columns;
    const char *sql;
} sources[] = {
        {CASE_WORDS_INCIDENT, true, 2, "SELECT CAST(number AS TEXT), title FROM incident WHERE number = $1"},
        {CASE_WORDS_INCIDENT, false, 3, "SELECT class, local_class, sector FROM incident WHERE number = $1"},
        {CASE_WORDS_INCIDENT, false, 1,
                "SELECT n.name FROM incident_party p CROSS JOIN organisation_name n WHERE p.incident = $1 "
                "AND n.organisation = p.organisation AND n.until_us IS NULL"},
        {CASE_WORDS_INCIDENT, false, 3,
                "SELECT title, text, result FROM task WHERE incident = $1 ORDER BY number DESC LIMIT 1000"},
        {CASE_WORDS_INCIDENT, false, 2,
                "SELECT text, source FROM incident_entry WHERE incident = $1 ORDER BY number DESC LIMIT 1000"},
        {CASE_WORDS_INCIDENT, false, 1, "SELECT value FROM incident_observable WHERE incident = $1"},
        {CASE_WORDS_REPORT, true, 3, "SELECT reference, CAST(number AS TEXT), subject FROM report WHERE number = $1"},
        {CASE_WORDS_REPORT, false, 2, "SELECT class, text FROM report WHERE number = $1"},
        {CASE_WORDS_REPORT, false, 1, "SELECT value FROM report_observable WHERE report = $1"},
        {CASE_WORDS_REPORT, false, 2, "SELECT account, platform FROM report_post WHERE report = $1"},
};

/* Organisations that may find it, by its names. */
static const char *const parties[CASE_WORDS] = {
        [CASE_WORDS_INCIDENT] =
                "SELECT DISTINCT organisation FROM incident_party WHERE incident = $1 AND until_us IS NULL "
                "AND role <> 'liaison'",
        [CASE_WORDS_REPORT] = "SELECT organisation FROM report WHERE number = $1 AND organisation IS NOT NULL",
};

static struct err said_read(struct db *db, const struct said *source, int64_t number, struct spelled *spelled)
{
    struct db_rows *rows;
    TRY(db_query(db, source->sql, (struct db_value[]){db_i64(number)}, 1, &rows));
    while (spelled->bytes < SEARCH_TEXT_MAX && db_next(rows))
        for (size_t i = 0; i < source->columns; i++)
            spelled_text(spelled, db_slice(rows, i), source->name);
    return db_done(rows);
}

/* The word by which only what is of one organisation is found. */
static slice party_word(int64_t organisation, struct arena *arena)
{
    return slice_of(arena_printf(arena, "party-%" PRId64, organisation));
}

static struct err parties_read(
        struct db *db, enum case_words which, int64_t number, struct spelled *spelled, struct arena *arena)
{
    struct db_rows *rows;
    TRY(db_query(db, parties[which], (struct db_value[]){db_i64(number)}, 1, &rows));
    while (db_next(rows))
        spelled_mark(spelled, "::", party_word(db_number(rows, 0), arena));
    return db_done(rows);
}

/* ---- Kept ---- */

static const char *const drops[CASE_WORDS][2] = {
        [CASE_WORDS_INCIDENT] = {[DB_SQLITE] = "DELETE FROM incident_search WHERE rowid = $1",
                [DB_POSTGRES] = "DELETE FROM incident_search WHERE incident = $1"},
        [CASE_WORDS_REPORT] = {[DB_SQLITE] = "DELETE FROM report_search WHERE rowid = $1",
                [DB_POSTGRES] = "DELETE FROM report_search WHERE report = $1"},
};

static const char *const adds[CASE_WORDS][2] = {
        [CASE_WORDS_INCIDENT] = {[DB_SQLITE] = "INSERT INTO incident_search (rowid, word, part) VALUES ($1, $2, $3)",
                [DB_POSTGRES] = "INSERT INTO incident_search (incident, words) "
                                "VALUES ($1, CAST(CAST($2 AS TEXT) AS tsvector))"},
        [CASE_WORDS_REPORT] = {[DB_SQLITE] = "INSERT INTO report_search (rowid, word, part) VALUES ($1, $2, $3)",
                [DB_POSTGRES] = "INSERT INTO report_search (report, words) "
                                "VALUES ($1, CAST(CAST($2 AS TEXT) AS tsvector))"},
};

static struct err words_put(struct work *work, enum case_words which, int64_t number, struct spelled *spelled)
{
    struct db_value values[1 + SPELLED_VALUES_MAX] = {db_i64(number)};
    TRY(parties_read(work->db, which, number, spelled, work->arena));
    for (size_t i = 0; i < COUNT_OF(sources); i++)
        if (sources[i].which == which)
            TRY(said_read(work->db, &sources[i], number, spelled));
    size_t count = 1 + spelled_values(spelled, work->arena, values + 1);
    TRY(arena_check(work->arena));
    TRY(db_run(work->db, drops[which][spelled->engine], values, 1, NULL));
    return db_run(work->db, adds[which][spelled->engine], values, count, NULL);
}

static struct err words_make(struct work *work, enum case_words which, int64_t number)
{
    struct spelled spelled;
    spelled_open(&spelled, db_engine(work->db));
    struct err err = words_put(work, which, number, &spelled);
    spelled_close(&spelled);
    return err;
}

static struct err incident_make(struct work *work, int64_t number)
{
    return words_make(work, CASE_WORDS_INCIDENT, number);
}

static struct err report_make(struct work *work, int64_t number)
{
    return words_make(work, CASE_WORDS_REPORT, number);
}

struct err store_case_words(struct work *work, enum case_words which, int64_t number)
{
    static work_later *const makers[CASE_WORDS] = {
            [CASE_WORDS_INCIDENT] = incident_make, [CASE_WORDS_REPORT] = report_make};
    return store_work_later(work, makers[which], number);
}

/* ---- Found ---- */

/* As it is written where it stands: references of reports in capitals, ids of incidents in small letters. */
static const char *const itself[CASE_WORDS] = {
        [CASE_WORDS_INCIDENT] = "SELECT number FROM incident WHERE number = $1 "
                                "UNION ALL SELECT number FROM incident WHERE identity = lower($2) LIMIT 1",
        [CASE_WORDS_REPORT] = "SELECT number FROM report WHERE number = $1 "
                              "UNION ALL SELECT number FROM report WHERE reference = upper($2) LIMIT 1",
};

/* FTS5 gives the latest first by itself, so that a page of a common word reads no more than the page. */
static const char *const lists[CASE_WORDS][2] = {
        [CASE_WORDS_INCIDENT] =
                {[DB_SQLITE] = "SELECT rowid FROM incident_search WHERE incident_search MATCH $1 AND rowid < $2 "
                               "AND rowid <> $3 ORDER BY rowid DESC LIMIT $4",
                        [DB_POSTGRES] = "SELECT incident FROM incident_search "
                                        "WHERE words @@ CAST(CAST($1 AS TEXT) AS tsquery) AND incident < $2 "
                                        "AND incident <> $3 ORDER BY incident DESC LIMIT $4"},
        [CASE_WORDS_REPORT] = {[DB_SQLITE] =
                                       "SELECT rowid FROM report_search WHERE report_search MATCH $1 AND rowid < $2 "
                                       "AND rowid <> $3 ORDER BY rowid DESC LIMIT $4",
                [DB_POSTGRES] = "SELECT report FROM report_search "
                                "WHERE words @@ CAST(CAST($1 AS TEXT) AS tsquery) AND report < $2 "
                                "AND report <> $3 ORDER BY report DESC LIMIT $4"},
};

struct finding {
    struct db *db;
    enum case_words which;
    struct query query;
    slice party;    /* its word; empty: all */
    int64_t last;   /* tier */
    int64_t itself; /* that was named; 0: none */
};

static struct err itself_find(struct finding *finding, slice text)
{
    uint64_t number = 0;
    struct db_rows *rows;
    text = slice_trim(text);
    (void)slice_u64(text, INT64_MAX, &number);
    const struct db_value values[] = {db_i64((int64_t)number), db_text(text)};
    TRY(db_query(finding->db, itself[finding->which], values, COUNT_OF(values), &rows));
    if (db_next(rows))
        finding->itself = db_number(rows, 0);
    return db_done(rows);
}

static void number_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    (void)arena;
    *(int64_t *)row = db_number(rows, 0);
}

static struct err expression_list(struct finding *finding, slice expression, int64_t before, size_t count,
        int64_t **numbers, size_t *number_count)
{
    struct db *db = finding->db;
    const struct db_value values[] = {
            db_text(expression), db_i64(before == 0 ? INT64_MAX : before), db_i64(finding->itself)};
    struct page page = page_of(int64_t, lists[finding->which][db_engine(db)], number_read, count);
    TRY(query_plan_each(db, true));
    TRY(page_read(db, &page, values, COUNT_OF(values), finding->query.arena, (void **)numbers, number_count));
    return query_plan_each(db, false);
}

static struct err tier_list(struct finding *finding, const struct search_place *place, size_t count, int64_t **numbers,
        size_t *number_count)
{
    if (place->tier == TIER_ITSELF) {
        *numbers = &finding->itself;
        *number_count = finding->itself != 0;
        return OK;
    }
    struct buf text = buf_make(QUERY_EXPRESSION_MAX);
    struct err err = query_expression(&finding->query, db_engine(finding->db), finding->party,
            (enum query_tier)(place->tier - TIER_NAMES), &text);
    if (err.kind == ERR_NONE)
        err = expression_list(finding, buf_slice(&text), place->number, count, numbers, number_count);
    buf_free(&text);
    return err;
}

/* Fills a page from where the last one ended; a tier that has no more is followed by the next. */
static struct err tiers_list(
        struct finding *finding, struct search_place *place, size_t count, int64_t *numbers, size_t *number_count)
{
    while (!place->end && *number_count < count) {
        int64_t *part;
        size_t got, wanted = count - *number_count;
        TRY(tier_list(finding, place, wanted, &part, &got));
        if (got > 0)
            memcpy(numbers + *number_count, part, got * sizeof *part);
        *number_count += got;
        if (got == wanted && place->tier != TIER_ITSELF)
            place->number = part[got - 1];
        else
            *place = (struct search_place){place->tier + 1, 0, place->tier == finding->last};
    }
    return OK;
}

struct err store_case_search(struct db *db, enum case_words which, const struct case_search *search,
        struct search_place *place, size_t count, struct arena *arena, int64_t **numbers, size_t *number_count)
{
    struct finding finding = {.db = db, .which = which, .query = {.arena = arena}, .last = TIER_TEXT};
    struct search_place at = *place;
    size_t most = count < STORE_PAGE_MAX ? count : STORE_PAGE_MAX, got = 0;
    int64_t *list = arena_new(arena, int64_t, most);
    if (search->party != 0) {
        finding.party = party_word(search->party, arena);
        finding.last = TIER_NAMES;
    }
    if (at.tier < TIER_ITSELF || at.tier > finding.last)
        return err_make(ERR_INPUT, "a search does not go on there");
    TRY(query_parse(&finding.query, search->query));
    TRY(itself_find(&finding, search->query));
    TRY(tiers_list(&finding, &at, most, list, &got));
    *place = at;
    *numbers = list;
    *number_count = got;
    return OK;
}
