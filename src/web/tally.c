/* SPDX-License-Identifier: Apache-2.0 */
#include "web/tally.h"

#include "base/arena.h"
#include "base/clock.h"
#include "store/agreement.h"
#include "store/ledger.h"
#include "store/partner_log.h"
#include "store/released.h"
#include "web/page.h"
#include "json/read.h"

#define ENTRIES_COUNTED 200   /* of a log, the newest */
#define OBJECTS_COUNTED 20000 /* of all that these name */
#define ROWS_MAX 36
#define SCRATCH_BYTES ((size_t)128 << 20)
#define MONTH_LEN 7 /* of "2026-11-21T..." */

struct tally {
    struct ask *ask;
    struct arena *scratch; /* of one entry */
    struct row {
        slice month, type;
        uint64_t given, received;
    } rows[ROWS_MAX];
    size_t count, objects;
    bool partial;
};

/* The row of a month and type; the last one holds what has no room. */
static struct row *row_of(struct tally *tally, slice month, slice type)
{
    for (size_t i = 0; i < tally->count; i++)
        if (slice_eq(tally->rows[i].month, month) && slice_eq(tally->rows[i].type, type))
            return &tally->rows[i];
    if (tally->count == ROWS_MAX) {
        tally->partial = true;
        return &tally->rows[ROWS_MAX - 1];
    }
    struct row *row = &tally->rows[tally->count++];
    *row = (struct row){.month = arena_copy(tally->ask->arena, month), .type = arena_copy(tally->ask->arena, type)};
    return row;
}

static slice month_of(struct tally *tally, int64_t us)
{
    struct buf buf = buf_make(64);
    time_write(&buf, us);
    slice month = arena_copy(tally->scratch, slice_part(buf_slice(&buf), 0, MONTH_LEN));
    buf_free(&buf);
    return month;
}

/* Whether there is room for these objects. */
static bool take(struct tally *tally, size_t objects)
{
    tally->objects += objects;
    if (tally->objects <= OBJECTS_COUNTED)
        return true;
    tally->partial = true;
    return false;
}

/* ---- Given: our log ---- */

static struct err given_entry(struct tally *tally, int64_t agreement, const struct ledger_row *entry)
{
    struct released *rows;
    size_t count;
    if (!slice_eq(entry->kind, S("release")))
        return OK;
    TRY(store_released_of_entry(tally->ask->db, agreement, entry->seq, tally->scratch, &rows, &count));
    for (size_t i = 0; i < count && take(tally, 1); i++)
        row_of(tally, month_of(tally, entry->time_us), rows[i].type)->given++;
    return OK;
}

static struct err given(struct tally *tally, const struct agreement *agreement)
{
    struct ledger_log log;
    struct ledger_row *rows;
    size_t count = 1;
    if (agreement->log == 0)
        return OK;
    TRY(store_ledger_log_get(tally->ask->db, agreement->log, tally->ask->arena, &log));
    int64_t from = log.size > ENTRIES_COUNTED ? log.size - ENTRIES_COUNTED : 0;
    tally->partial = from > 0;
    while (from < log.size && tally->objects <= OBJECTS_COUNTED) {
        arena_reset(tally->scratch);
        TRY(store_ledger_list(tally->ask->db, log.number, from, 20, tally->scratch, &rows, &count));
        for (size_t i = 0; i < count; i++)
            TRY(given_entry(tally, agreement->number, &rows[i]));
        from = count > 0 ? rows[count - 1].seq + 1 : log.size;
    }
    return OK;
}

/* ---- Received: theirs ---- */

static slice field_of(struct tally *tally, slice opening, slice name)
{
    struct json_elements fields = json_elements(json_get(opening, S("fields")));
    slice field;
    while (json_element_next(&fields, &field))
        if (slice_eq(json_text(json_get(field, S("name")), tally->scratch), name))
            return json_text(json_get(field, S("value")), tally->scratch);
    return S("");
}

static void received_entry(struct tally *tally, slice opening)
{
    slice time = field_of(tally, opening, S("time")), leaf;
    slice month = time.len < MONTH_LEN ? S("") : slice_part(time, 0, MONTH_LEN); /* erased: it is in no month */
    struct json_elements leaves = json_elements(json_get(opening, S("leaves")));
    while (json_element_next(&leaves, &leaf) && take(tally, 1)) {
        slice id = json_text(json_get(leaf, S("id")), tally->scratch);
        row_of(tally, month, slice_part(id, 0, slice_find_slice(id, S("--"))))->received++;
    }
}

static struct err received(struct tally *tally, const struct partner_log *log)
{
    struct partner_entry *rows;
    size_t count = 1;
    int64_t size = (int64_t)log->edge.size, from = size > ENTRIES_COUNTED ? size - ENTRIES_COUNTED : 0;
    tally->partial |= from > 0;
    while (from < size && tally->objects <= OBJECTS_COUNTED) {
        arena_reset(tally->scratch);
        TRY(store_partner_entry_list(
                tally->ask->db, log->partner, log->origin, from, 20, tally->scratch, &rows, &count));
        for (size_t i = 0; i < count; i++)
            received_entry(tally, slice_trim(rows[i].opening));
        from = count > 0 ? rows[count - 1].seq + 1 : size;
    }
    return OK;
}

static struct err count_all(struct tally *tally, const struct partner *partner)
{
    struct agreement agreement;
    struct partner_log *logs;
    size_t count;
    struct err err = store_agreement_with(tally->ask->db, partner->number, tally->ask->arena, &agreement);
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    if (err.kind == ERR_NONE)
        TRY(given(tally, &agreement));
    TRY(store_partner_log_list(tally->ask->db, partner->number, tally->ask->arena, &logs, &count));
    for (size_t i = 0; i < count; i++)
        TRY(received(tally, &logs[i]));
    return OK;
}

/* ---- All of it ---- */

static int newest_first(const void *one, const void *other)
{
    const struct row *a = one, *b = other;
    int order = slice_order(b->month, a->month);
    return order != 0 ? order : slice_order(a->type, b->type);
}

static void write_rows(struct ask *ask, const struct tally *tally)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE / 2);
    json_write_key(&ask->json, S("tally"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < tally->count; i++) {
        const struct row *row = &tally->rows[i];
        json_write_object(&ask->json);
        outside_write(&outside, S("month"), row->month, MONTH_LEN);
        outside_write(&outside, S("type"), row->type, OUTSIDE_NAME);
        outside_write(&outside, S("what"), outside_type(ask, row->type), OUTSIDE_NAME);
        page_count(ask, S("given"), row->given);
        page_count(ask, S("received"), row->received);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_tally"), tally->count > 0);
    page_flag(ask, S("tally_partial"), tally->partial);
}

struct err tally_write(struct ask *ask, const struct partner *partner)
{
    struct tally *tally = arena_new(ask->arena, struct tally, 1);
    tally->ask = ask;
    tally->scratch = arena_open("entries to count", ARENA_WORK, SCRATCH_BYTES);
    struct err err = count_all(tally, partner);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(ask->arena, slice_of(err.why));
    arena_close(tally->scratch);
    TRY(err);
    qsort(tally->rows, tally->count, sizeof tally->rows[0], newest_first);
    write_rows(ask, tally);
    return OK;
}
