/* SPDX-License-Identifier: Apache-2.0 */
#include "store/evidence.h"

#include "base/arena.h"
#include "base/hash.h"
#include "store/page.h"

#define STEPS_MAX 10000 /* of the custody of one item */

/* ---- Items ---- */

#define FIELDS                                                                                                         \
    "e.number, e.incident, e.name, e.what, e.place, e.acquired_us, e.clock_error_us, e.person, e.tool, e.basis, "      \
    "e.bytes, e.digest, e.digest_512, e.seal, e.mark, e.hold_until_us, e.keep_until_us, e.added_us "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct evidence *)row = (struct evidence){
            .number = db_number(rows, 0),
            .incident = db_number(rows, 1),
            .name = arena_copy(arena, db_slice(rows, 2)),
            .what = arena_copy(arena, db_slice(rows, 3)),
            .place = arena_copy(arena, db_slice(rows, 4)),
            .acquired_us = db_number(rows, 5),
            .clock_error_us = page_time(rows, 6),
            .person = arena_copy(arena, db_slice(rows, 7)),
            .tool = arena_copy(arena, db_slice(rows, 8)),
            .basis = arena_copy(arena, db_slice(rows, 9)),
            .bytes = db_number(rows, 10),
            .digest = arena_copy(arena, db_slice(rows, 11)),
            .digest_512 = arena_copy(arena, db_slice(rows, 12)),
            .seal = arena_copy(arena, db_slice(rows, 13)),
            .mark = arena_copy(arena, db_slice(rows, 14)),
            .hold_until_us = page_time(rows, 15),
            .keep_until_us = page_time(rows, 16),
            .added_us = db_number(rows, 17),
    };
}

struct err store_evidence_add(struct work *work, const struct evidence *put, int64_t *number)
{
    static const char ADD[] =
            "INSERT INTO evidence (number, incident, name, what, place, acquired_us, clock_error_us, person, tool, "
            "basis, bytes, digest, digest_512, seal, mark, hold_until_us, keep_until_us, added_us) VALUES ($1, $2, "
            "$3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";
    int64_t fresh;
    TRY(store_number(work->db, "evidence", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_i64(put->incident), db_text(put->name), db_text(put->what),
            db_text(put->place), db_i64(put->acquired_us), page_time_value(put->clock_error_us), db_text(put->person),
            db_text(put->tool), db_text(put->basis), db_i64(put->bytes), db_bytes(put->digest),
            db_bytes(put->digest_512), db_bytes(put->seal), db_bytes(put->mark), page_time_value(put->hold_until_us),
            page_time_value(put->keep_until_us), db_i64(work->now_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    *number = fresh;
    return OK;
}

struct err store_evidence_keep(struct work *work, int64_t number, struct evidence *row)
{
    /* Changes nothing, and makes who changes that row wait for us, and us for them. */
    static const char KEEP[] = "UPDATE evidence SET incident = incident WHERE number = $1";
    TRY(db_run(work->db, KEEP, (struct db_value[]){db_i64(number)}, 1, NULL));
    return store_evidence_get(work->db, number, work->arena, row);
}

struct err store_evidence_hold(struct work *work, int64_t number, int64_t until_us)
{
    static const char HOLD[] = "UPDATE evidence SET hold_until_us = $2 WHERE number = $1";
    return db_run(work->db, HOLD, (struct db_value[]){db_i64(number), page_time_value(until_us)}, 2, NULL);
}

struct err store_evidence_destroy(struct work *work, int64_t number)
{
    static const char DESTROY[] = "UPDATE evidence SET seal = $2, keep_until_us = NULL WHERE number = $1";
    return db_run(work->db, DESTROY, (struct db_value[]){db_i64(number), db_bytes(S(""))}, 2, NULL);
}

struct err store_evidence_get(struct db *db, int64_t number, struct arena *arena, struct evidence *row)
{
    static const char GET[] = "SELECT " FIELDS "FROM evidence e WHERE e.number = $1";
    struct page page = page_of(struct evidence, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, row, "there is no such evidence");
}

struct err store_evidence_list(struct db *db, int64_t incident, int64_t after, size_t count, struct arena *arena,
        struct evidence **rows, size_t *row_count)
{
    static const char ALL[] = "SELECT " FIELDS "FROM evidence e WHERE e.number > $1 ORDER BY e.number LIMIT $2";
    static const char OF[] =
            "SELECT " FIELDS "FROM evidence e WHERE e.number > $1 AND e.incident = $2 ORDER BY e.number LIMIT $3";
    struct page page = page_of(struct evidence, incident == 0 ? ALL : OF, row_read, count);
    const struct db_value values[] = {db_i64(after), db_i64(incident)};
    return page_read(db, &page, values, incident == 0 ? 1 : 2, arena, (void **)rows, row_count);
}

struct err store_evidence_past(struct db *db, int64_t now_us, int64_t *count)
{
    static const char PAST[] = "SELECT count(*) FROM evidence WHERE keep_until_us <= $1 AND "
                               "(hold_until_us IS NULL OR hold_until_us <= $1)";
    return db_one(db, PAST, (struct db_value[]){db_i64(now_us)}, 1, 0, count);
}

/* ---- In whose hands ---- */

#define CUSTODY                                                                                                        \
    "SELECT evidence, step, act, time_us, actor, to_whom, why, entry, before, signature, key, other_signature, "       \
    "other_key FROM custody WHERE evidence = $1 "

static void custody_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct custody *)row = (struct custody){
            .evidence = db_number(rows, 0),
            .step = db_number(rows, 1),
            .act = arena_copy(arena, db_slice(rows, 2)),
            .time_us = db_number(rows, 3),
            .actor = arena_copy(arena, db_slice(rows, 4)),
            .to_whom = arena_copy(arena, db_slice(rows, 5)),
            .why = arena_copy(arena, db_slice(rows, 6)),
            .entry = arena_copy(arena, db_slice(rows, 7)),
            .before = arena_copy(arena, db_slice(rows, 8)),
            .signature = arena_copy(arena, db_slice(rows, 9)),
            .key = arena_copy(arena, db_slice(rows, 10)),
            .other_signature = arena_copy(arena, db_slice(rows, 11)),
            .other_key = arena_copy(arena, db_slice(rows, 12)),
    };
}

struct err store_custody_add(struct work *work, const struct custody *put)
{
    static const char ADD[] =
            "INSERT INTO custody (evidence, step, act, time_us, actor, to_whom, why, entry, before, signature, key, "
            "other_signature, other_key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    const struct db_value values[] = {db_i64(put->evidence), db_i64(put->step), db_text(put->act), db_i64(put->time_us),
            db_text(put->actor), db_text(put->to_whom), db_text(put->why), db_bytes(put->entry), db_bytes(put->before),
            db_bytes(put->signature), db_bytes(put->key), db_bytes(put->other_signature), db_bytes(put->other_key)};
    return db_run(work->db, ADD, values, COUNT_OF(values), NULL);
}

struct err store_custody_countersign(struct work *work, int64_t evidence, int64_t step, slice signature, slice key)
{
    static const char SIGN[] = "UPDATE custody SET other_signature = $3, other_key = $4 WHERE evidence = $1 AND "
                               "step = $2 AND length(other_signature) = 0";
    const struct db_value values[] = {db_i64(evidence), db_i64(step), db_bytes(signature), db_bytes(key)};
    uint64_t changed;
    TRY(db_run(work->db, SIGN, values, COUNT_OF(values), &changed));
    return changed > 0 ? OK : err_make(ERR_CONFLICT, "that entry was signed by who took it already");
}

struct err store_custody_list(
        struct db *db, int64_t evidence, struct arena *arena, struct custody **rows, size_t *row_count)
{
    static const char LIST[] = CUSTODY "AND step > 0 ORDER BY step LIMIT $2";
    struct page page = page_of(struct custody, LIST, custody_read, STEPS_MAX);
    return page_read_whole(db, &page, (struct db_value[]){db_i64(evidence)}, 1, arena, (void **)rows, row_count);
}

struct err store_custody_last(struct db *db, int64_t evidence, struct arena *arena, struct custody *row)
{
    static const char LAST[] = CUSTODY "ORDER BY step DESC LIMIT 1";
    struct page page = page_of(struct custody, LAST, custody_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(evidence)}, 1, arena, row, "nobody has had it yet");
}

/* ---- Packages ---- */

#define PACKAGE "SELECT number, incident, organisation, made_us, actor, their_reference, taken_us, taken_by "

static void package_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct evidence_package *)row = (struct evidence_package){
            .number = db_number(rows, 0),
            .incident = db_number(rows, 1),
            .organisation = db_number(rows, 2),
            .made_us = db_number(rows, 3),
            .actor = arena_copy(arena, db_slice(rows, 4)),
            .their_reference = arena_copy(arena, db_slice(rows, 5)),
            .taken_us = page_time(rows, 6),
            .taken_by = arena_copy(arena, db_slice(rows, 7)),
    };
}

struct err store_package_add(
        struct work *work, const struct evidence_package *put, const int64_t *items, size_t count, int64_t *number)
{
    static const char ADD[] = "INSERT INTO evidence_package (number, incident, organisation, made_us, actor, "
                              "their_reference, taken_by) VALUES ($1, $2, $3, $4, $5, $6, '')";
    static const char PACK[] = "INSERT INTO evidence_packed (package, evidence) VALUES ($1, $2)";
    int64_t fresh;
    TRY(store_number(work->db, "evidence-package", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_i64(put->incident), db_i64(put->organisation),
            db_i64(work->now_us), db_text(work->actor->name), db_text(put->their_reference)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    for (size_t i = 0; i < count; i++)
        TRY(db_run(work->db, PACK, (struct db_value[]){db_i64(fresh), db_i64(items[i])}, 2, NULL));
    *number = fresh;
    return OK;
}

struct err store_package_take(struct work *work, int64_t number)
{
    static const char TAKE[] = "UPDATE evidence_package SET taken_us = $2, taken_by = $3 WHERE number = $1";
    const struct db_value values[] = {db_i64(number), db_i64(work->now_us), db_text(work->actor->name)};
    return db_run(work->db, TAKE, values, COUNT_OF(values), NULL);
}

struct err store_package_get(struct db *db, int64_t number, struct arena *arena, struct evidence_package *row)
{
    static const char GET[] = PACKAGE "FROM evidence_package WHERE number = $1";
    struct page page = page_of(struct evidence_package, GET, package_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, row, "there is no such package");
}

struct err store_package_list(struct db *db, int64_t organisation, int64_t after, size_t count, struct arena *arena,
        struct evidence_package **rows, size_t *row_count)
{
    static const char ALL[] = PACKAGE "FROM evidence_package WHERE number > $1 ORDER BY number LIMIT $2";
    static const char OF[] =
            PACKAGE "FROM evidence_package WHERE number > $1 AND organisation = $2 ORDER BY number LIMIT $3";
    struct page page = page_of(struct evidence_package, organisation == 0 ? ALL : OF, package_read, count);
    const struct db_value values[] = {db_i64(after), db_i64(organisation)};
    return page_read(db, &page, values, organisation == 0 ? 1 : 2, arena, (void **)rows, row_count);
}

struct err store_package_items(
        struct db *db, int64_t number, struct arena *arena, struct evidence **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT " FIELDS "FROM evidence_packed p JOIN evidence e ON e.number = p.evidence "
                               "WHERE p.package = $1 ORDER BY e.number LIMIT $2";
    struct page page = page_of(struct evidence, LIST, row_read, EVIDENCE_PACKED_MAX);
    return page_read(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, (void **)rows, row_count);
}
