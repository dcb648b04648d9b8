/* SPDX-License-Identifier: Apache-2.0 */
#include "store/import.h"

#include "base/arena.h"
#include "store/collected.h"
#include "store/page.h"
#include "store/runner.h"
#include "json/write.h"

#define ORIGINAL_PARTS_MAX 1000000

static const char *const states[] = {
        [IMPORT_RUNNING] = "running",
        [IMPORT_DONE] = "done",
        [IMPORT_UNDONE] = "undone",
        [IMPORT_FAILED] = "failed",
};

const char *store_import_state_name(enum import_state state)
{
    return states[state];
}

static enum import_state state_find(slice name)
{
    size_t at = 0;
    while (at < IMPORT_FAILED && !slice_eq(name, slice_of(states[at])))
        at++;
    return (enum import_state)at;
}

/* ---- Reading ---- */

#define COLUMNS                                                                                                        \
    "SELECT number, source, organisation, actor, name, form, state, why, began_us, ended_us, bytes, added, "           \
    "duplicates, conflicts, crowded, refused, dropped, first, last, digest, other_creator FROM import "

static void import_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct import *import = row;
    *import = (struct import){
            .number = db_number(rows, 0),
            .source = db_number(rows, 1),
            .organisation = db_number(rows, 2),
            .actor = arena_copy(arena, db_slice(rows, 3)),
            .name = arena_copy(arena, db_slice(rows, 4)),
            .form = arena_copy(arena, db_slice(rows, 5)),
            .state = state_find(db_slice(rows, 6)),
            .why = arena_copy(arena, db_slice(rows, 7)),
            .began_us = db_number(rows, 8),
            .ended_us = page_time(rows, 9),
            .bytes = db_number(rows, 10),
            .added = db_number(rows, 11),
            .duplicates = db_number(rows, 12),
            .conflicts = db_number(rows, 13),
            .crowded = db_number(rows, 14),
            .refused = db_number(rows, 15),
            .dropped = db_number(rows, 16),
            .first = db_number(rows, 17),
            .last = db_number(rows, 18),
            .other_creator = db_number(rows, 20),
    };
    if (db_slice(rows, 19).len == sizeof import->digest)
        memcpy(&import->digest, db_slice(rows, 19).ptr, sizeof import->digest);
}

struct err store_import_get(struct db *db, int64_t number, struct arena *arena, struct import *import)
{
    static const char GET[] = COLUMNS "WHERE number = $1";
    struct page page = page_of(struct import, GET, import_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, import, "there is no such import");
}

struct err store_import_list(struct db *db, int64_t source, int64_t before, size_t count, struct arena *arena,
        struct import **rows, size_t *row_count)
{
    static const char ALL[] = COLUMNS "WHERE number < $1 ORDER BY number DESC LIMIT $2";
    static const char OF_SOURCE[] = COLUMNS "WHERE source = $2 AND number < $1 ORDER BY number DESC LIMIT $3";
    const struct db_value values[] = {db_i64(before), db_i64(source)};
    struct page page = page_of(struct import, source == 0 ? ALL : OF_SOURCE, import_read, count);
    return page_read(db, &page, values, source == 0 ? 1 : 2, arena, (void **)rows, row_count);
}

/* ---- States ---- */

static struct err not_running(struct work *work, int64_t number)
{
    return err_format(work->arena, ERR_CONFLICT, "import %lld is not running (any more)", (long long)number);
}

struct err store_import_beat(struct work *work, int64_t number, int64_t *source)
{
    static const char BEAT[] =
            "UPDATE import SET beat_us = $2 WHERE number = $1 AND state = 'running' RETURNING source";
    int64_t found;
    TRY(db_one(work->db, BEAT, (struct db_value[]){db_i64(number), db_i64(work->now_us)}, 2, 0, &found));
    if (found == 0)
        return not_running(work, number);
    *source = found;
    return OK;
}

/* One row of the journal for each step of an import, with what followers need to find its objects. */
static struct err tell(struct work *work, const char *act, int64_t number)
{
    struct import import;
    struct buf detail = buf_make(WORK_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    TRY(store_import_get(work->db, number, work->arena, &import));
    json_write_object(&w);
    json_write_key_u64(&w, S("import"), (uint64_t)import.number);
    json_write_key_u64(&w, S("source"), (uint64_t)import.source);
    json_write_key_u64(&w, S("first"), (uint64_t)import.first);
    json_write_key_u64(&w, S("last"), (uint64_t)import.last);
    json_write_key_u64(&w, S("added"), (uint64_t)import.added);
    json_write_key_u64(&w, S("duplicates"), (uint64_t)import.duplicates);
    json_write_key_u64(&w, S("conflicts"), (uint64_t)import.conflicts);
    json_write_key_u64(&w, S("other_creator"), (uint64_t)import.other_creator);
    json_write_key_u64(&w, S("refused"), (uint64_t)import.refused);
    json_write_key_text(&w, S("name"), import.name);
    json_write_key_text(&w, S("why"), import.why);
    json_write_end(&w);
    slice subject = slice_of(arena_printf(work->arena, "import/%lld", (long long)number));
    struct err err = store_work_news(work, act, subject, buf_slice(&detail));
    buf_free(&detail);
    return err;
}

struct err store_import_begin(struct work *work, const struct import_begin *begin, int64_t *number)
{
    static const char ADD[] =
            "INSERT INTO import (number, source, organisation, actor, name, form, state, why, runner, beat_us, swept, "
            "began_us, bytes, added, duplicates, conflicts, crowded, other_creator, refused, dropped, first, last) "
            "VALUES ($1, $2, $3, $4, $5, $6, 'running', '', $7, $8, 0, $8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)";
    char text[RUNNER_MAX];
    struct buf runner = buf_make(RUNNER_MAX);
    int64_t fresh;
    runner_write(&runner);
    slice name = {text, runner.len};
    if (runner.len > 0)
        memcpy(text, runner.ptr, runner.len);
    buf_free(&runner);
    TRY(store_number(work->db, "import", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_i64(begin->source), db_i64(work->actor->organisation),
            db_text(work->actor->name), db_text(store_text_keep(work->arena, begin->name, STORE_TEXT_MAX)),
            db_text(begin->form), db_text(name), db_i64(work->now_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    TRY(tell(work, "import.begin", fresh));
    *number = fresh;
    return OK;
}

struct err store_import_finish(struct work *work, int64_t number, const struct import_end *end)
{
    static const char FINISH[] =
            "UPDATE import SET state = 'done', ended_us = $2, bytes = $3, digest = $4, "
            "form = CASE WHEN CAST($5 AS TEXT) = '' THEN form ELSE $5 END WHERE number = $1 AND state = 'running'";
    const struct db_value values[] = {db_i64(number), db_i64(work->now_us), db_i64((int64_t)end->bytes),
            db_bytes((slice){(const char *)end->digest.bytes, sizeof end->digest.bytes}), db_text(end->form)};
    uint64_t changed;
    TRY(db_run(work->db, FINISH, values, COUNT_OF(values), &changed));
    return changed == 0 ? not_running(work, number) : tell(work, "import.done", number);
}

struct err store_import_fail(struct work *work, int64_t number, slice why)
{
    static const char FAIL[] = "UPDATE import SET state = 'failed', ended_us = $2, why = $3 "
                               "WHERE number = $1 AND state = 'running'";
    static const char FORGET[] = "DELETE FROM import_original WHERE import = $1";
    const struct db_value values[] = {
            db_i64(number), db_i64(work->now_us), db_text(store_text_keep(work->arena, why, IMPORT_WHY_MAX))};
    uint64_t changed;
    TRY(db_run(work->db, FAIL, values, COUNT_OF(values), &changed));
    if (changed == 0)
        return not_running(work, number);
    TRY(db_run(work->db, FORGET, values, 1, NULL)); /* a feed that fails every hour would fill the disk with them */
    return tell(work, "import.failed", number);
}

struct err store_import_undo(struct work *work, int64_t number, slice why)
{
    static const char UNDO[] = "UPDATE import SET state = 'undone', ended_us = $2, why = $3 "
                               "WHERE number = $1 AND state = 'done'";
    const struct db_value values[] = {
            db_i64(number), db_i64(work->now_us), db_text(store_text_keep(work->arena, why, IMPORT_WHY_MAX))};
    struct import import;
    uint64_t changed;
    TRY(db_run(work->db, UNDO, values, COUNT_OF(values), &changed));
    if (changed > 0) {
        TRY(store_collected_forget(work, number));
        return tell(work, "import.undone", number);
    }
    TRY(store_import_get(work->db, number, work->arena, &import));
    return err_format(work->arena, ERR_CONFLICT, "import %lld cannot be undone: it is %s", (long long)number,
            store_import_state_name(import.state));
}

/* ---- Those whose program died ---- */

struct running {
    int64_t number, beat_us;
    slice runner;
};

static void running_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct running *)row =
            (struct running){db_number(rows, 0), db_number(rows, 1), arena_copy(arena, db_slice(rows, 2))};
}

static bool is_dead(const struct running *running, int64_t now_us)
{
    enum runner_state state = runner_state(running->runner);
    return state == RUNNER_DEAD || (state == RUNNER_ELSEWHERE && now_us - running->beat_us > IMPORT_SILENT_US);
}

static struct err running_list(struct db *db, struct arena *arena, struct running **rows, size_t *count)
{
    static const char LIST[] =
            "SELECT number, beat_us, runner FROM import WHERE state = 'running' ORDER BY number LIMIT $1";
    struct page page = page_of(struct running, LIST, running_read, STORE_PAGE_MAX);
    return page_read(db, &page, NULL, 0, arena, (void **)rows, count);
}

struct err store_import_left(struct db *db, struct arena *arena, struct import_left *left)
{
    static const char UNSWEPT[] = "SELECT count(*) FROM import WHERE state = 'failed' AND swept = 0";
    struct running *rows;
    size_t count;
    int64_t unswept, now_us = clock_now_us();
    TRY(running_list(db, arena, &rows, &count));
    TRY(db_one(db, UNSWEPT, NULL, 0, 0, &unswept));
    *left = (struct import_left){.unswept = (uint64_t)unswept};
    for (size_t i = 0; i < count; i++)
        left->dead += is_dead(&rows[i], now_us);
    return OK;
}

struct err store_import_recover(struct work *work, uint64_t *failed)
{
    struct running *rows;
    size_t count;
    uint64_t ended = 0;
    TRY(running_list(work->db, work->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (is_dead(&rows[i], work->now_us)) {
            TRY(store_import_fail(work, rows[i].number, S("the program ended in the middle of it")));
            ended++;
        }
    *failed = ended;
    return OK;
}

/* ---- What was not taken ---- */

struct err store_import_refuse(struct work *work, int64_t number, const struct import_refused *rows, size_t count)
{
    static const char ADD[] = "INSERT INTO import_refused (number, import, line, col, why, cut, original) "
                              "VALUES ($1, $2, $3, $4, $5, $6, $7)";
    static const char COUNT[] = "UPDATE import SET refused = refused + $2 WHERE number = $1";
    enum { WIDTH = 7 };
    struct db_value *values = arena_new(work->arena, struct db_value, count * WIDTH), *value = values;
    int64_t source, fresh;
    TRY(store_import_beat(work, number, &source));
    TRY(store_number(work->db, "import_refused", count, &fresh));
    for (size_t i = 0; i < count; i++) {
        bool cut = rows[i].cut || rows[i].original.len > IMPORT_REFUSED_BYTES_MAX;
        slice original = rows[i].original;
        original.len = original.len > IMPORT_REFUSED_BYTES_MAX ? IMPORT_REFUSED_BYTES_MAX : original.len;
        *value++ = db_i64(fresh + (int64_t)i);
        *value++ = db_i64(number);
        *value++ = db_i64((int64_t)rows[i].line);
        *value++ = db_i64((int64_t)rows[i].column);
        *value++ = db_text(store_text_keep(work->arena, rows[i].why, IMPORT_WHY_MAX));
        *value++ = db_i64(cut);
        *value++ = db_bytes(original);
    }
    TRY(arena_check(work->arena));
    TRY(db_run_many(work->db, ADD, values, WIDTH, count, NULL));
    return db_run(work->db, COUNT, (struct db_value[]){db_i64(number), db_i64((int64_t)count)}, 2, NULL);
}

struct err store_import_drop(struct work *work, int64_t number, const struct import_dropped *rows, size_t count)
{
    static const char ADD[] = "INSERT INTO import_dropped (import, what, count) VALUES ($1, $2, $3) "
                              "ON CONFLICT (import, what) DO UPDATE SET count = import_dropped.count + excluded.count";
    static const char COUNT[] = "UPDATE import SET dropped = dropped + $2 WHERE number = $1";
    enum { WIDTH = 3 };
    struct db_value *values = arena_new(work->arena, struct db_value, count * WIDTH), *value = values;
    int64_t source, sum = 0;
    TRY(store_import_beat(work, number, &source));
    for (size_t i = 0; i < count; i++) {
        *value++ = db_i64(number);
        *value++ = db_text(store_text_keep(work->arena, rows[i].what, IMPORT_WHY_MAX));
        *value++ = db_i64((int64_t)rows[i].count);
        sum += (int64_t)rows[i].count;
    }
    TRY(arena_check(work->arena));
    TRY(db_run_many(work->db, ADD, values, WIDTH, count, NULL));
    return db_run(work->db, COUNT, (struct db_value[]){db_i64(number), db_i64(sum)}, 2, NULL);
}

struct err store_import_original(struct work *work, int64_t number, int64_t part, slice bytes)
{
    static const char ADD[] = "INSERT INTO import_original (import, part, bytes) VALUES ($1, $2, $3)";
    int64_t source;
    if (bytes.len > IMPORT_ORIGINAL_MAX)
        return err_format(work->arena, ERR_LIMIT, "a part of an original takes %zu bytes, more than %u", bytes.len,
                IMPORT_ORIGINAL_MAX);
    if (part < 0 || part >= ORIGINAL_PARTS_MAX)
        return err_format(work->arena, ERR_LIMIT, "an original of more than %d parts", ORIGINAL_PARTS_MAX);
    TRY(store_import_beat(work, number, &source));
    return db_run(work->db, ADD, (struct db_value[]){db_i64(number), db_i64(part), db_bytes(bytes)}, 3, NULL);
}

static void refused_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct import_refused *)row = (struct import_refused){
            .line = (uint64_t)db_number(rows, 1),
            .column = (uint64_t)db_number(rows, 2),
            .why = arena_copy(arena, db_slice(rows, 3)),
            .cut = db_number(rows, 4) != 0,
            .original = arena_copy(arena, db_slice(rows, 5)),
            .number = db_number(rows, 0),
    };
}

struct err store_import_refused_list(struct db *db, int64_t number, int64_t *after, size_t count, struct arena *arena,
        struct import_refused **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT number, line, col, why, cut, original FROM import_refused "
                               "WHERE import = $1 AND number > $2 ORDER BY number LIMIT $3";
    struct page page = page_of(struct import_refused, LIST, refused_read, count);
    TRY(page_read(db, &page, (struct db_value[]){db_i64(number), db_i64(*after)}, 2, arena, (void **)rows, row_count));
    if (*row_count > 0)
        *after = (*rows)[*row_count - 1].number;
    return OK;
}

static void dropped_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct import_dropped *)row =
            (struct import_dropped){arena_copy(arena, db_slice(rows, 0)), (uint64_t)db_number(rows, 1)};
}

struct err store_import_dropped_list(struct db *db, int64_t number, slice after, size_t count, struct arena *arena,
        struct import_dropped **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT what, count FROM import_dropped WHERE import = $1 AND what > $2 "
                               "ORDER BY what LIMIT $3";
    struct page page = page_of(struct import_dropped, LIST, dropped_read, count);
    return page_read(
            db, &page, (struct db_value[]){db_i64(number), db_text(after)}, 2, arena, (void **)rows, row_count);
}

static void bytes_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(slice *)row = arena_copy(arena, db_slice(rows, 0));
}

struct err store_import_original_get(struct db *db, int64_t number, int64_t part, struct arena *arena, slice *bytes)
{
    static const char GET[] = "SELECT bytes FROM import_original WHERE import = $1 AND part = $2";
    struct page page = page_of(slice, GET, bytes_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number), db_i64(part)}, 2, arena, bytes,
            "no such part of an original is kept");
}
