/* SPDX-License-Identifier: Apache-2.0 */
#include "store/due.h"

#include "base/arena.h"
#include "store/page.h"

#define SIDES_MAX 100000 /* agreements that are not over */

static const char *const whats[DUE_WHATS] = {[DUE_IMPORT] = "import",
        [DUE_UNDONE] = "undone",
        [DUE_ID] = "id",
        [DUE_RULE] = "rule",
        [DUE_WAITS] = "waits",
        [DUE_ENDED] = "ended"};

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct due *due = row;
    *due = (struct due){
            .number = db_number(rows, 0),
            .partner = db_number(rows, 2),
            .subject = arena_copy(arena, db_slice(rows, 3)),
            .at = db_number(rows, 4),
            .made_us = db_number(rows, 5),
    };
    for (enum due_what what = 0; what < DUE_WHATS; what++)
        if (slice_eq(db_slice(rows, 1), slice_of(whats[what])))
            due->what = what;
}

struct err store_due_add(struct work *work, enum due_what what, int64_t partner, slice subject)
{
    static const char SAME[] =
            "SELECT number FROM release_due WHERE what = $1 AND partner = $2 AND subject = $3 AND at = 0 LIMIT 1";
    static const char ADD[] =
            "INSERT INTO release_due (number, what, partner, subject, at, made_us, source) "
            "VALUES ($4, $1, $2, $3, 0, $5, COALESCE((SELECT source FROM import WHERE number = $6), 0))";
    uint64_t import = 0;
    if (what == DUE_IMPORT && !slice_u64(subject, INT64_MAX, &import))
        import = 0;
    struct db_value values[] = {db_text(slice_of(whats[what])), db_i64(partner), db_text(subject), db_i64(0),
            db_i64(work->now_us), db_i64((int64_t)import)};
    int64_t found;
    TRY(db_one(work->db, SAME, values, 3, 0, &found));
    if (found != 0)
        return OK;
    TRY(store_number(work->db, "release_due", 1, &values[3].number));
    return db_run(work->db, ADD, values, COUNT_OF(values), NULL);
}

struct err store_due_move(struct work *work, int64_t number, int64_t at)
{
    static const char MOVE[] = "UPDATE release_due SET at = $2 WHERE number = $1";
    return db_run(work->db, MOVE, (struct db_value[]){db_i64(number), db_i64(at)}, 2, NULL);
}

struct err store_due_done(struct work *work, int64_t number)
{
    static const char DONE[] = "DELETE FROM release_due WHERE number = $1";
    return db_run(work->db, DONE, (struct db_value[]){db_i64(number)}, 1, NULL);
}

#define COLUMNS "SELECT number, what, partner, subject, at, made_us FROM release_due "

struct err store_due_turns(struct db *db, size_t count, struct arena *arena, struct due **rows, size_t *row_count)
{
    static const char OTHERS[] = COLUMNS "WHERE source = 0 ORDER BY number LIMIT $1";
    static const char SOURCES[] = COLUMNS "WHERE number IN (SELECT min(number) FROM release_due WHERE source > 0 "
                                          "GROUP BY source) ORDER BY number LIMIT $1";
    struct page others = page_of(struct due, OTHERS, row_read, count);
    struct page sources = page_of(struct due, SOURCES, row_read, count);
    struct due *one, *other;
    size_t one_count, other_count;
    TRY(page_read(db, &others, NULL, 0, arena, (void **)&one, &one_count));
    TRY(page_read(db, &sources, NULL, 0, arena, (void **)&other, &other_count));
    *rows = arena_new(arena, struct due, one_count + other_count + 1);
    if (one_count > 0)
        memcpy(*rows, one, one_count * sizeof *one);
    if (other_count > 0)
        memcpy(*rows + one_count, other, other_count * sizeof *other);
    *row_count = one_count + other_count;
    return arena_check(arena);
}

/* ---- Generations ---- */

static void progress_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    (void)arena;
    *(struct release_progress *)row = (struct release_progress){
            .agreement = db_number(rows, 0),
            .generation = db_number(rows, 1),
            .decided_us = db_number(rows, 2),
            .object = db_number(rows, 3),
            .until_object = db_number(rows, 4),
            .begun_us = db_number(rows, 5),
            .done_us = page_time(rows, 6),
    };
}

struct err store_progress_get(struct db *db, int64_t agreement, struct arena *arena, struct release_progress *progress)
{
    static const char GET[] = "SELECT agreement, generation, decided_us, object, until_object, begun_us, done_us "
                              "FROM release_progress WHERE agreement = $1";
    struct page page = page_of(struct release_progress, GET, progress_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(agreement)}, 1, arena, progress,
            "nothing was decided under this agreement yet");
}

struct err store_progress_put(struct work *work, const struct release_progress *progress)
{
    static const char PUT[] =
            "INSERT INTO release_progress (agreement, generation, decided_us, object, until_object, begun_us, done_us) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (agreement) DO UPDATE SET "
            "generation = excluded.generation, decided_us = excluded.decided_us, object = excluded.object, "
            "until_object = excluded.until_object, begun_us = excluded.begun_us, done_us = excluded.done_us";
    const struct db_value values[] = {db_i64(progress->agreement), db_i64(progress->generation),
            db_i64(progress->decided_us), db_i64(progress->object), db_i64(progress->until_object),
            db_i64(progress->begun_us), page_time_value(progress->done_us)};
    return db_run(work->db, PUT, values, COUNT_OF(values), NULL);
}

struct err store_progress_void(struct work *work)
{
    static const char VOID[] = "UPDATE release_progress SET generation = -1";
    return db_run(work->db, VOID, NULL, 0, NULL);
}

/* ---- To whom something can go ---- */

static void side_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct side *)row = (struct side){
            .partner = db_number(rows, 0),
            .organisation = db_number(rows, 1),
            .source = db_number(rows, 2),
            .node = arena_copy(arena, db_slice(rows, 3)),
            .name = arena_copy(arena, db_slice(rows, 4)),
            .is_node = db_number(rows, 5) != 0,
            .active = db_number(rows, 6) != 0,
            .agreement = db_number(rows, 7),
            .generation = db_number(rows, 8),
            .log = db_number(rows, 9),
            .from_us = db_number(rows, 10),
            .until_us = db_number(rows, 11),
            .id = arena_copy(arena, db_slice(rows, 12)),
            .state = arena_copy(arena, db_slice(rows, 13)),
            .terms = arena_copy(arena, db_slice(rows, 14)),
            .groups = arena_copy(arena, db_slice(rows, 15)),
    };
}

#define LINES_SQLITE "(SELECT group_concat(id, char(10)) FROM "
#define LINES_POSTGRES "(SELECT string_agg(id, chr(10)) FROM "
#define SHARED                                                                                                         \
    "(SELECT s.id FROM sharing_group s JOIN group_member m ON m.sharing_group = s.number AND m.node = p.node "         \
    "JOIN group_member n ON n.sharing_group = s.number AND n.node = $2 WHERE s.state = 'active' ORDER BY s.id) g)"
#define SIDES(lines)                                                                                                   \
    "SELECT p.number, p.organisation, p.source, p.node, COALESCE((SELECT n.name FROM organisation_name n "             \
    "WHERE n.organisation = p.organisation AND n.until_us IS NULL), ''), CASE WHEN p.kind = 'node' THEN 1 ELSE 0 "     \
    "END, "                                                                                                            \
    "CASE WHEN p.state = 'active' AND p.paused = '' AND (p.ended_us IS NULL OR p.ended_us > $1) THEN 1 ELSE 0 END, "   \
    "a.number, a.generation, a.log, a.from_us, a.until_us, a.id, a.state, a.terms, COALESCE(" lines SHARED ", '') "    \
    "FROM partner p JOIN agreement a ON a.partner = p.number AND a.state <> 'ended' AND a.version > 0 "                \
    "ORDER BY p.number LIMIT $3"

struct err store_side_list(struct db *db, slice own, struct arena *arena, struct side **rows, size_t *row_count)
{
    static const char *const lists[] = {[DB_SQLITE] = SIDES(LINES_SQLITE), [DB_POSTGRES] = SIDES(LINES_POSTGRES)};
    const struct db_value values[] = {db_i64(clock_now_us()), db_text(own)};
    struct page page = page_of(struct side, lists[db_engine(db)], side_read, SIDES_MAX);
    return page_read_whole(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_side_log(struct db *db, int64_t agreement, int64_t *log, bool *is_node)
{
    static const char LOG[] = "SELECT log FROM agreement WHERE number = $1";
    static const char NODE[] = "SELECT count(*) FROM agreement a JOIN partner p ON p.number = a.partner "
                               "WHERE a.number = $1 AND p.kind = 'node'";
    const struct db_value values[] = {db_i64(agreement)};
    int64_t nodes;
    TRY(db_one(db, LOG, values, 1, 0, log));
    TRY(db_one(db, NODE, values, 1, 0, &nodes));
    *is_node = nodes > 0;
    return *log != 0 ? OK : err_make(ERR_MISSING, "there is no such agreement");
}

static void number_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    (void)arena;
    *(int64_t *)row = db_number(rows, 0);
}

struct err store_side_agreements(struct db *db, int64_t partner, size_t count, struct arena *arena,
        int64_t **agreements, size_t *agreement_count)
{
    static const char LIST[] = "SELECT number FROM agreement WHERE partner = $1 AND log > 0 ORDER BY number LIMIT $2";
    struct page page = page_of(int64_t, LIST, number_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(partner)}, 1, arena, (void **)agreements, agreement_count);
}
