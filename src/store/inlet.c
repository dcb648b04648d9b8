/* SPDX-License-Identifier: Apache-2.0 */
#include "store/inlet.h"

#include <inttypes.h>

#include "base/arena.h"
#include "store/page.h"

#define PIECE "spool/"

static const char *const kinds[INLET_KINDS] = {
        [INLET_UNIX] = "unix",
        [INLET_SYSLOG] = "syslog",
        [INLET_SYSLOG_TLS] = "syslog+tls",
        [INLET_FILE] = "file",
        [INLET_FOLDER] = "folder",
};

const char *store_inlet_kind_name(enum inlet_kind kind)
{
    return kinds[kind];
}

enum inlet_kind store_inlet_kind_find(slice name)
{
    size_t i = 0;
    while (i < INLET_KINDS && !slice_eq(slice_of(kinds[i]), name))
        i++;
    return (enum inlet_kind)i;
}

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct inlet *)row = (struct inlet){
            .number = db_number(rows, 0),
            .stream = db_number(rows, 1),
            .name = arena_copy(arena, db_slice(rows, 2)),
            .organisation = db_number(rows, 3),
            .format = arena_copy(arena, db_slice(rows, 4)),
            .kind = store_inlet_kind_find(db_slice(rows, 5)),
            .place = arena_copy(arena, db_slice(rows, 6)),
            .added_us = db_number(rows, 7),
    };
}

struct err store_inlet_add(struct work *work, int64_t stream, enum inlet_kind kind, slice place, int64_t *number)
{
    static const char COUNT[] = "SELECT count(*) FROM inlet";
    static const char ADD[] = "INSERT INTO inlet (number, stream, kind, place, added_us) VALUES ($1, $2, $3, $4, $5) "
                              "ON CONFLICT (stream, kind, place) DO NOTHING";
    int64_t count, fresh;
    uint64_t changed;
    TRY(store_text_check(work->arena, "place of an inlet", place, STORE_TEXT_MAX));
    TRY(db_one(work->db, COUNT, NULL, 0, 0, &count));
    if (count >= INLETS_MAX)
        return err_format(work->arena, ERR_LIMIT, "a node has %d inlets at most", INLETS_MAX);
    TRY(store_number(work->db, "inlet", 1, &fresh));
    const struct db_value values[] = {
            db_i64(fresh), db_i64(stream), db_text(slice_of(kinds[kind])), db_text(place), db_i64(work->now_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), &changed));
    if (changed == 0)
        return err_make(ERR_CONFLICT, "the stream has this inlet already");
    *number = fresh;
    return OK;
}

struct err store_inlet_drop(struct work *work, int64_t stream, enum inlet_kind kind, slice place)
{
    static const char DROP[] = "DELETE FROM inlet WHERE stream = $1 AND kind = $2 AND place = $3";
    uint64_t changed;
    const struct db_value values[] = {db_i64(stream), db_text(slice_of(kinds[kind])), db_text(place)};
    TRY(db_run(work->db, DROP, values, COUNT_OF(values), &changed));
    return changed > 0 ? OK : err_make(ERR_MISSING, "the stream has no such inlet");
}

struct err store_inlet_list(struct db *db, struct arena *arena, struct inlet **rows, size_t *row_count)
{
    static const char LIST[] =
            "SELECT i.number, i.stream, s.name, s.organisation, s.format, i.kind, i.place, i.added_us "
            "FROM inlet i JOIN stream s ON s.number = i.stream WHERE i.number > 0 ORDER BY i.number LIMIT $1";
    struct page page = page_of(struct inlet, LIST, row_read, INLETS_MAX);
    return page_read(db, &page, NULL, 0, arena, (void **)rows, row_count);
}

struct err store_inlet_shed(struct work *work, int64_t stream, uint64_t records)
{
    static const char SHED[] = "UPDATE stream SET shed = shed + $2 WHERE number = $1";
    return db_run(work->db, SHED, (struct db_value[]){db_i64(stream), db_i64((int64_t)records)}, 2, NULL);
}

slice store_inlet_piece(struct arena *arena, uint64_t piece)
{
    return slice_of(arena_printf(arena, PIECE "%020" PRIu64, piece));
}

struct err store_inlet_forget(struct work *work, int64_t stream, uint64_t piece)
{
    /* All pieces have as many digits, so their order is that of their numbers. */
    static const char FORGET[] = "DELETE FROM stream_input WHERE stream = $1 AND input >= '" PIECE "0' AND input < $2 "
                                 "AND substr(input, 1, 6) = '" PIECE "' AND done = 1";
    const struct db_value values[] = {db_i64(stream), db_text(store_inlet_piece(work->arena, piece))};
    return db_run(work->db, FORGET, values, COUNT_OF(values), NULL);
}

static struct err forget_posts(struct work *work, slice kind, int64_t before_us)
{
    static const char FORGET[] = "DELETE FROM stream_input WHERE moved_us < $1 AND done = 1 AND place = '' "
                                 "AND substr(input, 1, $2) = $3";
    const struct db_value values[] = {db_i64(before_us), db_i64((int64_t)kind.len), db_text(kind)};
    return db_run(work->db, FORGET, values, COUNT_OF(values), NULL);
}

struct err store_inlet_forget_posts(struct work *work, int64_t named_us, int64_t unnamed_us)
{
    TRY(forget_posts(work, S(INLET_POST_NAMED), named_us));
    return forget_posts(work, S(INLET_POST_UNNAMED), unnamed_us);
}
