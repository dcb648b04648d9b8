/* SPDX-License-Identifier: Apache-2.0 */
#include "store/memory.h"

#include "base/arena.h"
#include "store/page.h"

/* ---- Runs ---- */

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct memory_row *)row = (struct memory_row){
            .file = arena_copy(arena, db_slice(rows, 0)),
            .day = db_number(rows, 1),
            .level = db_number(rows, 2),
            .entries = db_number(rows, 3),
            .bytes = db_number(rows, 4),
            .digest = arena_copy(arena, db_slice(rows, 5)),
            .made_us = db_number(rows, 6),
    };
}

struct err store_memory_add(struct work *work, const struct memory_row *rows, size_t count)
{
    static const char ADD[] = "INSERT INTO memory_run (file, day, level, entries, bytes, digest, made_us) "
                              "VALUES ($1, $2, $3, $4, $5, $6, $7)";
    for (size_t i = 0; i < count; i++) {
        const struct memory_row *row = &rows[i];
        const struct db_value values[] = {db_text(row->file), db_i64(row->day), db_i64(row->level),
                db_i64(row->entries), db_i64(row->bytes), db_bytes(row->digest), db_i64(work->now_us)};
        TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    }
    return OK;
}

struct err store_memory_drop(struct work *work, slice file)
{
    static const char DROP[] = "DELETE FROM memory_run WHERE file = $1";
    uint64_t changed;
    TRY(db_run(work->db, DROP, (struct db_value[]){db_text(file)}, 1, &changed));
    return changed > 0 ? OK : err_make(ERR_CONFLICT, "a run of the memory was merged by somebody else meanwhile");
}

struct err store_memory_list(struct db *db, struct arena *arena, struct memory_row **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT file, day, level, entries, bytes, digest, made_us FROM memory_run "
                               "ORDER BY day, level, file LIMIT $1";
    struct page page = page_of(struct memory_row, LIST, row_read, MEMORY_RUNS_MAX);
    return page_read_whole(db, &page, NULL, 0, arena, (void **)rows, row_count);
}

/* ---- Reach ---- */

static void reach_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct memory_reach *)row = (struct memory_reach){
            .indicator = arena_copy(arena, db_slice(rows, 0)),
            .organisations = db_number(rows, 1),
            .sightings = db_number(rows, 2),
            .first_us = db_number(rows, 3),
            .last_us = db_number(rows, 4),
            .looked_us = db_number(rows, 5),
            .listed = db_number(rows, 6) != 0,
    };
}

struct err store_memory_reach_put(struct work *work, const struct memory_reach *rows, size_t count)
{
    static const char PUT[] =
            "INSERT INTO memory_reach (indicator, organisations, sightings, first_us, last_us, looked_us, listed) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (indicator) DO UPDATE SET organisations = $2, sightings = "
            "$3, "
            "first_us = $4, last_us = $5, looked_us = $6, listed = $7";
    for (size_t i = 0; i < count; i++) {
        const struct memory_reach *row = &rows[i];
        const struct db_value values[] = {db_text(row->indicator), db_i64(row->organisations), db_i64(row->sightings),
                db_i64(row->first_us), db_i64(row->last_us), db_i64(work->now_us), db_i64(row->listed)};
        TRY(db_run(work->db, PUT, values, COUNT_OF(values), NULL));
    }
    return OK;
}

struct err store_memory_reach_get(struct db *db, slice indicator, struct arena *arena, struct memory_reach *reach)
{
    static const char GET[] = "SELECT indicator, organisations, sightings, first_us, last_us, looked_us, listed "
                              "FROM memory_reach WHERE indicator = $1";
    struct page page = page_of(struct memory_reach, GET, reach_read, 1);
    return page_get(db, &page, (struct db_value[]){db_text(indicator)}, 1, arena, reach,
            "nobody we serve is known to have met it");
}
