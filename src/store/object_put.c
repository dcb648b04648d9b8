/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a batch of objects comes in.
 *
 * 1. What was made by us and means the same as the newest is there already.
 * 2. All others are inserted as the first with their version. Where that place is free, this is all.
 * 3. Where it is taken, the object is compared with those that have its version: by the hash of its bytes, then by its
 *    canonical JSON. The same content is there already; other content becomes a variant.
 *
 * 4. Of what is new, that is told whose creator is not that of the first version.
 *
 * What is there already is linked to the import, so that it stays seen when the import that brought it first is undone.
 */
#include "base/arena.h"
#include "store/import.h"
#include "store/page.h"
#include "store/search.h"
#include "store/seen.h"
#include "json/jcs.h"

#define PUT_ARENA_MAX (1u << 30) /* bytes while one batch is put */
#define COMPARE_MAX (512u << 20) /* bytes while two objects are compared */
#define AGAIN_MAX 8              /* imports remembered to have brought an object again, the latest ones */
enum { OBJECT_WIDTH = 15 };

struct putting {
    struct work *work;
    struct arena *arena;
    int64_t import, source, first; /* first: number of rows[0], if it is kept */
    const struct object_put *rows;
    struct object_outcome *outcomes;
    size_t count;
    struct arena *compare; /* opened when first needed */
};

/* ---- Ceilings ---- */

static struct err row_check(struct arena *arena, const struct object_put *row)
{
    if (row->bytes.len > OBJECT_BYTES_MAX)
        return err_format(arena, ERR_LIMIT, "%.*s: the object takes %zu bytes, more than %u", (int)row->id.len,
                row->id.ptr, row->bytes.len, OBJECT_BYTES_MAX);
    TRY(store_text_check(arena, "id of an object", row->id, OBJECT_ID_MAX + STORE_NAME_MAX));
    TRY(store_text_check(arena, "type of an object", row->type, OBJECT_ID_MAX));
    return row->version.len > STORE_NAME_MAX || row->created_by.len > OBJECT_ID_MAX + STORE_NAME_MAX
                   ? err_make(ERR_LIMIT, "an object's version or creator is too long")
                   : OK;
}

/* ---- What is there already ---- */

/* Remembers that the import brought it, too; of very many imports the latest. */
static struct err link_add(const struct putting *putting, int64_t object)
{
    static const char ADD[] = "INSERT INTO object_again (import, object) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    static const char TRIM[] =
            "DELETE FROM object_again WHERE object = $1 AND import <= "
            "(SELECT import FROM object_again WHERE object = $1 ORDER BY import DESC LIMIT 1 OFFSET $2)";
    uint64_t added;
    TRY(db_run(putting->work->db, ADD, (struct db_value[]){db_i64(putting->import), db_i64(object)}, 2, &added));
    if (added == 0)
        return OK;
    return db_run(putting->work->db, TRIM, (struct db_value[]){db_i64(object), db_i64(AGAIN_MAX)}, 2, NULL);
}

struct there {
    int64_t number, import, variant;
    bool made, seen;
    struct sha256 meaning;
};

static void there_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    (void)arena;
    struct there *there = row;
    slice meaning = db_slice(rows, 5);
    *there = (struct there){.number = db_number(rows, 0),
            .import = db_number(rows, 1),
            .variant = db_number(rows, 2),
            .made = db_number(rows, 3) != 0,
            .seen = db_number(rows, 4) != 0};
    if (meaning.len == sizeof there->meaning)
        memcpy(&there->meaning, meaning.ptr, meaning.len);
}

#define THERE                                                                                                          \
    "SELECT o.number, o.import, o.variant, o.made, CASE WHEN " SEEN("o") " THEN 1 ELSE 0 END, o.meaning FROM object "  \
                                                                         "o "

static bool is_meaning(const struct there *there, const struct object_put *row)
{
    return memcmp(&there->meaning, &row->meaning, sizeof there->meaning) == 0;
}

/* The row says nothing but what `there` says. For whoever sees nothing of it yet, it is new all the same. */
static struct err found(const struct putting *putting, const struct there *there, struct object_outcome *outcome)
{
    bool known = there->seen || there->import == putting->import;
    *outcome = (struct object_outcome){known ? OBJECT_DUPLICATE : OBJECT_ADDED, there->number, 0};
    return there->import == putting->import ? OK : link_add(putting, there->number);
}

/* Step 1: what is translated anew has a new time, so it is held against the newest by what it says. */
static struct err made_find(const struct putting *putting, const struct object_put *row, struct object_outcome *outcome)
{
    static const char LAST[] = THERE "WHERE o.id = $1 AND o.source = $2 AND (" SEEN(
            "o") " OR o.import = $3) ORDER BY o.version DESC, o.variant LIMIT 1";
    const struct db_value values[] = {db_text(row->id), db_i64(putting->source), db_i64(putting->import)};
    struct page page = page_of(struct there, LAST, there_read, 1);
    struct there there;
    struct err err =
            page_get(putting->work->db, &page, values, COUNT_OF(values), putting->work->arena, &there, "it is new");
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    return is_meaning(&there, row) ? found(putting, &there, outcome) : OK;
}

/* ---- A place that is taken ---- */

static struct err canonical(struct arena *arena, slice json, struct buf *out)
{
    buf_reset(out);
    return json_canonical(json, arena, out);
}

/* Whether two texts say the same though their bytes differ: order of keys, blanks, spelling of numbers and strings. */
static struct err is_same_json(struct putting *putting, int64_t number, slice bytes, bool *same)
{
    static const char BYTES[] = "SELECT bytes FROM object WHERE number = $1";
    struct buf ours = buf_make(2 * OBJECT_BYTES_MAX), theirs = buf_make(2 * OBJECT_BYTES_MAX);
    struct db_rows *rows;
    if (putting->compare == NULL)
        putting->compare = arena_open("comparing objects", ARENA_WORK, COMPARE_MAX);
    arena_reset(putting->compare);
    TRY(db_query(putting->work->db, BYTES, (struct db_value[]){db_i64(number)}, 1, &rows));
    slice other = db_next(rows) ? arena_copy(putting->compare, db_slice(rows, 0)) : S("");
    TRY(db_done(rows));
    /* What has no canonical form (a number beyond double) is the same only where its bytes are. */
    *same = other.len > 0 && canonical(putting->compare, bytes, &ours).kind == ERR_NONE &&
            canonical(putting->compare, other, &theirs).kind == ERR_NONE && !arena_full(putting->compare) &&
            slice_eq(buf_slice(&ours), buf_slice(&theirs));
    buf_free(&ours);
    buf_free(&theirs);
    return OK;
}

/* The one of `all` that says the same; NULL: none. */
static struct err same_find(struct putting *putting, const struct object_put *row, const struct there *all,
        size_t count, const struct there **same)
{
    for (size_t i = 0; i < count; i++)
        if (is_meaning(&all[i], row)) {
            *same = &all[i];
            return OK;
        }
    /* Where there is no more room, only bytes are compared: who sends thousands of variants is not read again for each.
     */
    for (size_t i = 0; i < count && count < OBJECT_VARIANTS_MAX; i++) {
        bool is = false;
        if (!row->made && !all[i].made)
            TRY(is_same_json(putting, all[i].number, row->bytes, &is));
        if (is) {
            *same = &all[i];
            return OK;
        }
    }
    return OK;
}

static const char INSERT[] =
        "INSERT INTO object (number, source, id, version, variant, type, spec_version, modified_us, created_by, "
        "revoked, made, meaning, import, added_us, bytes) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) "
        "ON CONFLICT (id, source, version, variant) DO NOTHING";

static void row_write(const struct putting *putting, size_t at, int64_t variant, struct db_value *value)
{
    const struct object_put *row = &putting->rows[at];
    *value++ = db_i64(putting->first + (int64_t)at);
    *value++ = db_i64(putting->source);
    *value++ = db_text(row->id);
    *value++ = db_text(row->version);
    *value++ = db_i64(variant);
    *value++ = db_text(row->type);
    *value++ = db_text(row->spec_version);
    *value++ = page_time_value(row->modified_us);
    *value++ = db_text(row->created_by);
    *value++ = db_i64(row->revoked);
    *value++ = db_i64(row->made);
    *value++ = db_bytes((slice){(const char *)row->meaning.bytes, sizeof row->meaning.bytes});
    *value++ = db_i64(putting->import);
    *value++ = db_i64(putting->work->now_us);
    *value = db_bytes(row->bytes);
}

static struct err variant_add(struct putting *putting, size_t at, const struct there *all, size_t count)
{
    struct object_outcome *outcome = &putting->outcomes[at];
    struct db_value values[OBJECT_WIDTH];
    int64_t variant = 0;
    if (count >= OBJECT_VARIANTS_MAX) {
        *outcome = (struct object_outcome){OBJECT_CROWDED, 0, all[0].number};
        return OK;
    }
    *outcome = (struct object_outcome){OBJECT_ADDED, putting->first + (int64_t)at, 0};
    for (size_t i = count; i-- > 0;) {
        variant = all[i].variant >= variant ? all[i].variant + 1 : variant;
        if (all[i].seen || all[i].import == putting->import)
            *outcome = (struct object_outcome){OBJECT_CONFLICT, outcome->number, all[i].number};
    }
    row_write(putting, at, variant, values);
    return db_run(putting->work->db, INSERT, values, COUNT_OF(values), NULL);
}

/* Step 3. */
static struct err settle(struct putting *putting, size_t at)
{
    static const char VARIANTS[] =
            THERE "WHERE o.id = $1 AND o.source = $2 AND o.version = $3 ORDER BY o.variant LIMIT $4";
    const struct object_put *row = &putting->rows[at];
    const struct db_value values[] = {db_text(row->id), db_i64(putting->source), db_text(row->version)};
    struct page page = page_of(struct there, VARIANTS, there_read, OBJECT_VARIANTS_MAX);
    const struct there *same = NULL;
    struct there *all;
    size_t count;
    TRY(page_read(putting->work->db, &page, values, COUNT_OF(values), putting->arena, (void **)&all, &count));
    TRY(same_find(putting, row, all, count, &same));
    return same != NULL ? found(putting, same, &putting->outcomes[at]) : variant_add(putting, at, all, count);
}

/* ---- The batch ---- */

/* Steps 1 and 2. `at` are the rows that were tried, changed[i] whether at[i] found its place free. */
static struct err insert(struct putting *putting, size_t *at, uint64_t *changed, size_t *tried)
{
    struct db_value *values = arena_new(putting->arena, struct db_value, putting->count * OBJECT_WIDTH);
    size_t count = 0;
    for (size_t i = 0; i < putting->count; i++) {
        putting->outcomes[i] = (struct object_outcome){OBJECT_ADDED, 0, 0};
        TRY(row_check(putting->work->arena, &putting->rows[i]));
        if (putting->rows[i].made)
            TRY(made_find(putting, &putting->rows[i], &putting->outcomes[i]));
        if (putting->outcomes[i].number != 0)
            continue;
        putting->outcomes[i].number = putting->first + (int64_t)i;
        row_write(putting, i, 0, values + count * OBJECT_WIDTH);
        at[count++] = i;
    }
    *tried = count;
    return db_run_many(putting->work->db, INSERT, values, OBJECT_WIDTH, count, changed);
}

/* Whether the outcome's object is a row that this batch added. */
static bool is_fresh(const struct putting *putting, size_t at)
{
    return putting->outcomes[at].number == putting->first + (int64_t)at;
}

/* ---- Whose it is ---- */

static void number_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    (void)arena;
    *(int64_t *)row = db_number(rows, 0);
}

/*
 * Of the objects from one number to another those whose creator is not that of the first version that was there before
 * them. A subquery for each, and no join: on a table that was never counted a join may be planned to read all of it.
 */
static struct err others_list(const struct putting *putting, int64_t from, int64_t to, int64_t **numbers, size_t *count)
{
    static const char OTHERS[] =
            "SELECT q.number FROM (SELECT o.number, o.created_by, (SELECT f.created_by FROM object f "
            "WHERE f.id = o.id AND f.source = o.source AND f.version <> o.version "
            "AND ((f.import = $3 AND f.number < o.number) OR " SEEN(
                    "f") ") "
                         "ORDER BY f.version, f.variant LIMIT 1) AS creator FROM object o "
                         "WHERE o.number >= $1 AND o.number <= $2 AND o.version <> '') q "
                         "WHERE q.creator <> q.created_by AND q.creator <> '' ORDER BY q.number LIMIT $4";
    const struct db_value values[] = {db_i64(from), db_i64(to), db_i64(putting->import)};
    struct page page = page_of(int64_t, OTHERS, number_read, STORE_PAGE_MAX);
    return page_read(putting->work->db, &page, values, COUNT_OF(values), putting->arena, (void **)numbers, count);
}

/* Step 4. What had been there unseen keeps its number, which is not of this batch. */
static struct err others_find(const struct putting *putting)
{
    int64_t from = putting->first, to = putting->first + (int64_t)putting->count - 1, *numbers;
    for (size_t got = STORE_PAGE_MAX; got == STORE_PAGE_MAX;) {
        TRY(others_list(putting, from, to, &numbers, &got));
        for (size_t i = 0; i < got; i++) {
            struct object_outcome *outcome = &putting->outcomes[numbers[i] - putting->first];
            outcome->other_creator = outcome->kind == OBJECT_ADDED;
            from = numbers[i] + 1;
        }
    }
    for (size_t i = 0; i < putting->count; i++) {
        struct object_outcome *outcome = &putting->outcomes[i];
        size_t got = 0;
        if (outcome->kind == OBJECT_ADDED && !is_fresh(putting, i))
            TRY(others_list(putting, outcome->number, outcome->number, &numbers, &got));
        outcome->other_creator |= got > 0;
    }
    return OK;
}

static struct err search_add(const struct putting *putting)
{
    struct search_put *rows = arena_new(putting->arena, struct search_put, putting->count);
    size_t count = 0;
    for (size_t i = 0; i < putting->count; i++)
        if (is_fresh(putting, i))
            rows[count++] =
                    (struct search_put){putting->outcomes[i].number, putting->rows[i].type, putting->rows[i].bytes};
    return store_search_put(putting->work, rows, count);
}

static struct err count_up(const struct putting *putting)
{
    static const char COUNT[] =
            "UPDATE import SET added = added + $2, duplicates = duplicates + $3, conflicts = conflicts + $4, "
            "crowded = crowded + $5, other_creator = other_creator + $8, first = CASE WHEN first = 0 THEN CAST($6 AS "
            "BIGINT) ELSE first END, "
            "last = CASE WHEN CAST($7 AS BIGINT) > 0 THEN $7 ELSE last END WHERE number = $1";
    int64_t counts[OBJECT_CROWDED + 1] = {0}, first = 0, last = 0, others = 0;
    for (size_t i = 0; i < putting->count; i++) {
        counts[putting->outcomes[i].kind]++;
        others += putting->outcomes[i].other_creator;
        if (!is_fresh(putting, i))
            continue;
        first = first == 0 ? putting->outcomes[i].number : first;
        last = putting->outcomes[i].number;
    }
    const struct db_value values[] = {db_i64(putting->import), db_i64(counts[OBJECT_ADDED]),
            db_i64(counts[OBJECT_DUPLICATE]), db_i64(counts[OBJECT_CONFLICT]), db_i64(counts[OBJECT_CROWDED]),
            db_i64(first), db_i64(last), db_i64(others)};
    return db_run(putting->work->db, COUNT, values, COUNT_OF(values), NULL);
}

static struct err put(struct putting *putting)
{
    size_t *at = arena_new(putting->arena, size_t, putting->count), tried = 0;
    uint64_t *changed = arena_new(putting->arena, uint64_t, putting->count);
    TRY(store_import_beat(putting->work, putting->import, &putting->source));
    TRY(store_number(putting->work->db, "object", putting->count, &putting->first));
    TRY(insert(putting, at, changed, &tried));
    for (size_t i = 0; i < tried; i++)
        if (changed[i] == 0)
            TRY(settle(putting, at[i]));
    TRY(others_find(putting));
    TRY(search_add(putting));
    TRY(count_up(putting));
    return arena_check(putting->arena);
}

struct err store_object_put(
        struct work *work, int64_t import, const struct object_put *rows, size_t count, struct object_outcome *outcomes)
{
    if (count > OBJECT_BATCH_MAX)
        return err_format(work->arena, ERR_LIMIT, "a batch of %zu objects, more than %d", count, OBJECT_BATCH_MAX);
    if (count == 0)
        return OK;
    struct putting putting = {.work = work, .import = import, .rows = rows, .outcomes = outcomes, .count = count};
    putting.arena = arena_open("a batch of objects", ARENA_WORK, PUT_ARENA_MAX);
    struct err err = put(&putting);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(work->arena, slice_of(err.why));
    arena_close(putting.compare);
    arena_close(putting.arena);
    return err;
}
