/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What opens an entry is one value of its row: for each field that was not erased
 *
 *     1 byte   length of its name     name
 *     32 bytes salt
 *     4 bytes  length of its value    value      (big-endian)
 *
 * One row for an entry and what opens it takes half the time of two; an entry alone is read where only tiles are
 * wanted.
 */
#include "store/ledger.h"

#include <assert.h>
#include <endian.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/clock.h"
#include "store/journal.h"
#include "store/page.h"
#include "store/partner.h"
#include "store/released.h"
#include "json/write.h"

#define OWN_FIELDS 2                /* kind and time, which every entry has */
#define PAGE_BYTES_MAX (32u << 20)  /* of a page of entries */
#define GROUP_ENTRIES 1024          /* entries of one round trip */
#define GROUP_BYTES_MAX (64u << 20) /* of their bytes */
#define SALTS 8                     /* drawn at once for each entry */
#define PRIVATE_FIELDS 5

enum { WIDTH = 6 }; /* columns of an entry */

/* ---- Logs ---- */

#define LOG_FIRST "number, kind, origin, folder, state, alarm, follows, size, first, checked, added_us"
#define LOG_COLUMNS LOG_FIRST ", waits, waits_size, waits_root"

static void log_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct ledger_log *log = row;
    *log = (struct ledger_log){
            .number = db_number(rows, 0),
            .kind = arena_copy(arena, db_slice(rows, 1)),
            .origin = arena_copy(arena, db_slice(rows, 2)),
            .folder = arena_copy(arena, db_slice(rows, 3)),
            .open = slice_eq(db_slice(rows, 4), S("open")),
            .alarm = arena_copy(arena, db_slice(rows, 5)),
            .follows = arena_copy(arena, db_slice(rows, 6)),
            .size = db_number(rows, 7),
            .first = db_number(rows, 8),
            .checked = db_number(rows, 9),
            .added_us = db_number(rows, 10),
            .waits = arena_copy(arena, db_slice(rows, 11)),
            .waits_size = db_number(rows, 12),
    };
    (void)slice_hex(db_slice(rows, 13), log->waits_root.bytes, sizeof log->waits_root.bytes);
}

static struct err log_add(
        struct work *work, const char *kind, slice origin, slice folder, slice follows, int64_t *number)
{
    static const char ADD[] = "INSERT INTO log (" LOG_FIRST ") VALUES ($1, $2, $3, $4, 'open', '', $5, 0, $6, 0, $7)";
    int64_t fresh, first = 0;
    TRY(store_text_check(work->arena, "origin of a log", origin, STORE_NAME_MAX));
    TRY(store_text_check(work->arena, "folder of a log", folder, STORE_NAME_MAX));
    TRY(store_number(work->db, "log", 1, &fresh));
    if (strcmp(kind, "private") == 0) /* holds the journal's counter, so that no row comes between */
        TRY(store_number(work->db, "journal", 0, &first));
    const struct db_value values[] = {db_i64(fresh), db_text(slice_of(kind)), db_text(origin), db_text(folder),
            db_text(follows), db_i64(first), db_i64(work->now_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    *number = fresh;
    return OK;
}

struct err store_ledger_log_new(struct work *work, const char *kind, slice origin, slice folder, int64_t *number)
{
    return log_add(work, kind, origin, folder, S(""), number);
}

struct err store_ledger_alarm_set(struct work *work, int64_t log, slice alarm)
{
    static const char SET[] = "UPDATE log SET alarm = $2 WHERE number = $1";
    const struct db_value values[] = {db_i64(log), db_text(store_text_keep(work->arena, alarm, STORE_TEXT_MAX))};
    return db_run(work->db, SET, values, COUNT_OF(values), NULL);
}

struct err store_ledger_wait(struct work *work, int64_t log, slice by, int64_t size, const struct sha256 *root)
{
    static const char WAIT[] = "UPDATE log SET waits = $2, waits_size = $3, waits_root = $4 WHERE number = $1";
    const struct db_value values[] = {db_i64(log), db_text(store_text_keep(work->arena, by, STORE_TEXT_MAX)),
            db_i64(size), db_text(arena_hex(work->arena, sha256_slice(root)))};
    return db_run(work->db, WAIT, values, COUNT_OF(values), NULL);
}

struct err store_ledger_wait_end(struct work *work, int64_t log)
{
    static const char END[] = "UPDATE log SET waits = '', waits_size = 0, waits_root = '' WHERE number = $1";
    static const char ANEW[] = "UPDATE agreement SET generation = generation + 1 WHERE log = $1";
    const struct db_value number = db_i64(log);
    TRY(db_run(work->db, END, &number, 1, NULL));
    TRY(db_run(work->db, ANEW, &number, 1, NULL));
    return store_journal_ring(work->db);
}

/* Whoever may be asked for what it kept of the logs of an agreement: it has a node, and we visit it. */
#define KEEPER "p.kind = 'node' AND p.state = 'active' AND p.url <> ''"

struct err store_ledger_keeper(struct db *db, int64_t log, int64_t *partner)
{
    static const char OF[] =
            "SELECT p.number FROM agreement a JOIN partner p ON p.number = a.partner WHERE a.log = $1 AND " KEEPER;
    return db_one(db, OF, (struct db_value[]){db_i64(log)}, 1, 0, partner);
}

struct err store_ledger_log_waiting(
        struct db *db, int64_t partner, struct arena *arena, struct ledger_log **rows, size_t *row_count)
{
    static const char ALL[] = "SELECT " LOG_COLUMNS " FROM log WHERE waits <> '' ORDER BY number LIMIT $1";
    static const char OF[] = "SELECT " LOG_COLUMNS " FROM log WHERE waits <> '' AND state = 'open' AND number IN "
                             "(SELECT a.log FROM agreement a WHERE a.partner = $1) ORDER BY number LIMIT $2";
    struct page page = page_of(struct ledger_log, partner == 0 ? ALL : OF, log_read, STORE_PAGE_MAX);
    return page_read(db, &page, (struct db_value[]){db_i64(partner)}, partner != 0, arena, (void **)rows, row_count);
}

struct err store_ledger_log_get(struct db *db, int64_t number, struct arena *arena, struct ledger_log *log)
{
    static const char GET[] = "SELECT " LOG_COLUMNS " FROM log WHERE number = $1";
    struct page page = page_of(struct ledger_log, GET, log_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, log, "there is no log of that number");
}

struct err store_ledger_log_find(struct db *db, slice name, struct arena *arena, struct ledger_log *log)
{
    static const char FIND[] = "SELECT " LOG_COLUMNS " FROM log WHERE folder = $1 "
                               "UNION ALL SELECT " LOG_COLUMNS " FROM log WHERE origin = $1";
    struct page page = page_of(struct ledger_log, FIND, log_read, 1);
    return page_get(db, &page, (struct db_value[]){db_text(name)}, 1, arena, log, "there is no log of that name");
}

struct err store_ledger_log_open(struct db *db, const char *kind, struct arena *arena, struct ledger_log *log)
{
    static const char OPEN[] = "SELECT " LOG_COLUMNS " FROM log WHERE kind = $1 AND state = 'open' "
                               "LIMIT 1";
    struct page page = page_of(struct ledger_log, OPEN, log_read, 1);
    return page_get(db, &page, (struct db_value[]){db_text(slice_of(kind))}, 1, arena, log, "there is no such log");
}

struct err store_ledger_log_partner(
        struct db *db, const struct ledger_log *log, int64_t organisation, int64_t now_us, int64_t *partner)
{
    static const char READER[] = "SELECT p.number FROM agreement a JOIN partner p ON p.number = a.partner "
                                 "WHERE a.id = $1 AND p.organisation = $2 AND " PARTNER_IS_SERVED("$3");
    slice rest = log->origin, node, kind, about;
    int64_t number = 0;
    if (slice_next(&rest, '/', &node) && slice_next(&rest, '/', &kind) && slice_next(&rest, '/', &about)) {
        const struct db_value values[] = {db_text(about), db_i64(organisation), db_i64(now_us)};
        TRY(db_one(db, READER, values, COUNT_OF(values), 0, &number));
    }
    if (number == 0)
        return err_make(ERR_MISSING, "there is no such log");
    *partner = number;
    return OK;
}

struct err store_ledger_partner_of(struct db *db, int64_t organisation, int64_t now_us, int64_t *partner)
{
    static const char OF[] = "SELECT p.number FROM partner p WHERE p.organisation = $1 AND p.kind = 'node' AND " //
            PARTNER_IS_SERVED("$2");
    int64_t number = 0;
    const struct db_value values[] = {db_i64(organisation), db_i64(now_us)};
    TRY(db_one(db, OF, values, COUNT_OF(values), 0, &number));
    if (number == 0)
        return err_make(ERR_MISSING, "there is no such log");
    *partner = number;
    return OK;
}

struct err store_ledger_log_agreement(struct db *db, int64_t log, int64_t *agreement)
{
    static const char OF[] = "SELECT number FROM agreement WHERE log = $1";
    return db_one(db, OF, (struct db_value[]){db_i64(log)}, 1, 0, agreement);
}

struct err store_ledger_log_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct ledger_log **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT " LOG_COLUMNS " FROM log WHERE number > $1 ORDER BY number LIMIT $2";
    struct page page = page_of(struct ledger_log, LIST, log_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(after)}, 1, arena, (void **)rows, row_count);
}

struct err store_ledger_log_behind(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct ledger_log **rows, size_t *row_count)
{
    static const char BEHIND[] =
            "SELECT " LOG_COLUMNS
            " FROM log WHERE number > $1 AND state = 'open' AND alarm = '' AND waits = '' AND (checked < 0 OR "
            "size > COALESCE((SELECT h.size FROM log_head h WHERE h.log = log.number), 0)) ORDER BY number LIMIT $2";
    struct page page = page_of(struct ledger_log, BEHIND, log_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(after)}, 1, arena, (void **)rows, row_count);
}

/* ---- What opens an entry ---- */

/* Room is asked for once a field: this runs for each field of whatever is entered. */
static void opening_put(struct buf *out, const struct ledger_field *field)
{
    uint32_t length = htobe32((uint32_t)field->value.len);
    if (!buf_reserve(out, 1 + field->name.len + sizeof field->salt + sizeof length + field->value.len))
        return;
    char *to = out->ptr + out->len;
    *to++ = (char)field->name.len;
    to = mempcpy(to, field->name.ptr, field->name.len);
    to = mempcpy(to, field->salt, sizeof field->salt);
    to = mempcpy(to, &length, sizeof length);
    if (field->value.len > 0)
        to = mempcpy(to, field->value.ptr, field->value.len);
    out->len = (size_t)(to - out->ptr);
}

/* Takes `count` bytes off the front; false where there are not so many. */
static bool take(slice *rest, size_t count, slice *piece)
{
    if (rest->len < count)
        return false;
    *piece = slice_part(*rest, 0, count);
    *rest = slice_from(*rest, count);
    return true;
}

static bool opening_next(slice *rest, struct ledger_field *field)
{
    slice length, salt;
    if (!take(rest, 1, &length) || !take(rest, (uint8_t)*length.ptr, &field->name) ||
            !take(rest, LEDGER_SALT_BYTES, &salt) || !take(rest, 4, &length))
        return false;
    memcpy(field->salt, salt.ptr, sizeof field->salt);
    const uint8_t *n = (const uint8_t *)length.ptr;
    return take(rest, (size_t)n[0] << 24 | (size_t)n[1] << 16 | (size_t)n[2] << 8 | n[3], &field->value);
}

/* Of our own row; one that was meddled with opens less, which those who hold it against its entry notice. */
static void opening_read(slice opening, struct arena *arena, struct ledger_row *row)
{
    row->fields = arena_new(arena, struct ledger_field, LEDGER_FIELDS_MAX);
    while (opening.len > 0 && row->count < LEDGER_FIELDS_MAX && opening_next(&opening, &row->fields[row->count]))
        row->count++;
}

/* ---- Appending ---- */

struct taken {
    int64_t number, first;
    slice origin;
};

static void taken_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct taken *)row = (struct taken){db_number(rows, 0), db_number(rows, 1), arena_copy(arena, db_slice(rows, 2))};
}

/* Numbers for `count` entries; the row is ours until the work ends. */
static struct err take_numbers(struct work *work, int64_t log, size_t count, struct taken *taken)
{
    static const char TAKE[] = "UPDATE log SET size = size + $2 WHERE number = $1 AND state = 'open' "
                               "RETURNING number, size - $2, origin";
    struct page page = page_of(struct taken, TAKE, taken_read, 1);
    const struct db_value values[] = {db_i64(log), db_i64((int64_t)count)};
    struct err err = page_get(work->db, &page, values, COUNT_OF(values), work->arena, taken, "there is no such log");
    struct ledger_log closed;
    if (err.kind != ERR_MISSING)
        return err;
    TRY(store_ledger_log_get(work->db, log, work->arena, &closed));
    return err_format(work->arena, ERR_CONFLICT, "the log %.*s is closed; another one goes on from it",
            (int)closed.folder.len, closed.folder.ptr);
}

/* Rows on their way: what was written so far, and where it goes. */
struct group {
    struct work *work;
    struct taken log;
    slice time;
    int64_t time_us, seq;
    struct buf entries, openings;
    struct made {
        slice kind;
        size_t entry, opening; /* where they end */
    } * made;
    struct db_value *values;
    uint8_t (*salts)[LEDGER_SALT_BYTES]; /* drawn for many at once, since each draw asks the system */
    size_t most, count, salt;
};

static void salt_draw(struct group *group, struct ledger_field *field)
{
    if (group->salt == 0) {
        group->salt = group->most * SALTS;
        hash_random(group->salts, group->salt * sizeof *group->salts);
    }
    memcpy(field->salt, group->salts[--group->salt], sizeof field->salt);
}

static const char ADD_ENTRY[] = "INSERT INTO log_entry (log, seq, kind, time_us, entry, opening) "
                                "VALUES ($1, $2, $3, $4, $5, $6)";

static struct err group_flush(struct group *group)
{
    struct db_value *value = group->values;
    size_t entry = 0, opening = 0;
    TRY(buf_check(&group->entries));
    TRY(buf_check(&group->openings));
    for (const struct made *made = group->made; made < group->made + group->count; made++) {
        *value++ = db_i64(group->log.number);
        *value++ = db_i64(group->seq++);
        *value++ = db_text(made->kind);
        *value++ = db_i64(group->time_us);
        *value++ = db_bytes(slice_part(buf_slice(&group->entries), entry, made->entry));
        *value++ = db_bytes(slice_part(buf_slice(&group->openings), opening, made->opening));
        entry = made->entry;
        opening = made->opening;
    }
    TRY(db_run_many(group->work->db, ADD_ENTRY, group->values, WIDTH, group->count, NULL));
    buf_reset(&group->entries);
    buf_reset(&group->openings);
    group->count = 0;
    return OK;
}

static struct err group_add(struct group *group, const struct ledger_item *item)
{
    struct ledger_field fields[LEDGER_FIELDS_MAX] = {
            {.name = S("kind"), .value = slice_of(item->kind)}, {.name = S("time"), .value = group->time}};
    size_t count = item->count + OWN_FIELDS;
    if (count > LEDGER_FIELDS_MAX)
        return err_format(group->work->arena, ERR_LIMIT, "an entry has %d fields at most", LEDGER_FIELDS_MAX);
    memcpy(fields + OWN_FIELDS, item->fields, item->count * sizeof *fields);
    for (size_t i = 0; i < count; i++) {
        salt_draw(group, &fields[i]);
        if (fields[i].value.len > LEDGER_VALUE_MAX)
            return err_make(ERR_LIMIT, "a value of an entry is too long for the ledger");
    }
    TRY(ledger_entry_write(group->log.origin, (uint64_t)group->seq + group->count, fields, count, group->work->arena,
            &group->entries));
    for (size_t i = 0; i < count; i++)
        opening_put(&group->openings, &fields[i]);
    group->made[group->count++] = (struct made){slice_of(item->kind), group->entries.len, group->openings.len};
    bool full = group->count == group->most || group->openings.len > GROUP_BYTES_MAX / 2;
    return full ? group_flush(group) : OK;
}

static struct err group_write(struct group *group, const struct ledger_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        TRY(group_add(group, &items[i]));
    return group->count > 0 ? group_flush(group) : OK;
}

/* Their numbers are taken. */
static struct err items_write(
        struct work *work, const struct taken *log, int64_t time_us, const struct ledger_item *items, size_t count)
{
    struct group *group = arena_new(work->arena, struct group, 1);
    struct buf time = buf_make(64);
    size_t most = count < GROUP_ENTRIES ? count : GROUP_ENTRIES;
    *group = (struct group){.work = work, .log = *log, .seq = log->first, .most = most};
    group->made = arena_new(work->arena, struct made, most);
    group->values = arena_new(work->arena, struct db_value, most * WIDTH);
    group->salts = arena_take(work->arena, most * SALTS * sizeof *group->salts);
    group->time_us = time_us;
    time_write(&time, group->time_us);
    group->time = buf_slice(&time);
    group->entries = buf_make(GROUP_BYTES_MAX);
    group->openings = buf_make(GROUP_BYTES_MAX + LEDGER_VALUE_MAX);
    struct err err = group_write(group, items, count);
    buf_free(&group->entries);
    buf_free(&group->openings);
    buf_free(&time);
    return err;
}

struct err store_ledger_append_many(
        struct work *work, int64_t log, const struct ledger_item *items, size_t count, int64_t *first)
{
    struct taken taken;
    int64_t now;
    TRY(take_numbers(work, log, count, &taken));
    *first = taken.first;
    if (count == 0)
        return OK;
    TRY(store_now_us(work->db, &now));
    TRY(items_write(work, &taken, now, items, count));
    return store_journal_ring(work->db);
}

struct err store_ledger_append(
        struct work *work, int64_t log, const char *kind, const struct ledger_field *fields, size_t count, int64_t *seq)
{
    const struct ledger_item item = {kind, fields, count};
    return store_ledger_append_many(work, log, &item, 1, seq);
}

/* ---- The private log ---- */

static slice number_text(struct arena *arena, int64_t number)
{
    return slice_of(arena_printf(arena, "%lld", (long long)number));
}

struct err store_ledger_journal(struct work *work, const struct journal_row *rows, size_t count)
{
    static const char TAKE[] = "UPDATE log SET size = size + $1 WHERE kind = 'private' AND state = 'open' "
                               "RETURNING number, size - $1, origin";
    struct page page = page_of(struct taken, TAKE, taken_read, 1);
    struct taken taken;
    struct err err = page_get(
            work->db, &page, (struct db_value[]){db_i64((int64_t)count)}, 1, work->arena, &taken, "there is none");
    if (err.kind == ERR_MISSING)
        return OK; /* a store without a node around it */
    TRY(err);
    struct ledger_item *items = arena_new(work->arena, struct ledger_item, count);
    for (size_t i = 0; i < count; i++) {
        struct ledger_field *fields = arena_new(work->arena, struct ledger_field, PRIVATE_FIELDS);
        fields[0] = (struct ledger_field){S("journal"), number_text(work->arena, rows[i].seq)};
        fields[1] = (struct ledger_field){S("organisation"), number_text(work->arena, rows[i].organisation)};
        fields[2] = (struct ledger_field){S("actor"), rows[i].actor};
        fields[3] = (struct ledger_field){S("subject"), rows[i].subject};
        fields[4] = (struct ledger_field){S("detail"), rows[i].detail};
        items[i] = (struct ledger_item){arena_cstr(work->arena, rows[i].act), fields, PRIVATE_FIELDS};
    }
    return items_write(work, &taken, work->now_us, items, count); /* the time of the row, whatever it is */
}

/* ---- A log that goes on from another ---- */

static struct err log_close(struct work *work, const struct ledger_log *log)
{
    static const char CLOSE[] = "UPDATE log SET state = 'closed', waits_size = 0 WHERE number = $1 AND state = 'open'";
    uint64_t changed;
    TRY(db_run(work->db, CLOSE, (struct db_value[]){db_i64(log->number)}, 1, &changed));
    return changed > 0 ? OK : err_make(ERR_CONFLICT, "that log is closed already");
}

static struct err agreement_move(struct work *work, int64_t from, int64_t to)
{
    static const char MOVE[] = "UPDATE agreement SET log = $2, generation = generation + 1 WHERE log = $1";
    int64_t agreement;
    TRY(store_ledger_log_agreement(work->db, from, &agreement));
    if (agreement == 0)
        return OK;
    TRY(db_run(work->db, MOVE, (struct db_value[]){db_i64(from), db_i64(to)}, 2, NULL));
    return store_released_move(work, agreement, from);
}

/* The rows of the journal that stand under no head, behind entry 0, which is none of them. */
static struct err journal_enter(struct work *work, const struct ledger_log *old, int64_t fresh)
{
    static const char FIRST[] = "UPDATE log SET first = $2 WHERE number = $1";
    struct ledger_head head;
    struct journal_row *rows;
    size_t count;
    TRY(store_ledger_head_get(work->db, old->number, work->arena, &head));
    int64_t after = old->first + head.size - 1;
    TRY(db_run(work->db, FIRST, (struct db_value[]){db_i64(fresh), db_i64(after)}, 2, NULL));
    do {
        TRY(store_journal_list(work->db, after, STORE_PAGE_MAX, work->arena, &rows, &count));
        if (count == 0)
            return OK;
        TRY(store_ledger_journal(work, rows, count));
        after = rows[count - 1].seq;
    } while (count == STORE_PAGE_MAX);
    return OK;
}

struct err store_ledger_log_follow(struct work *work, const struct ledger_log *old, slice origin, slice folder,
        slice heads, const struct ledger_field *fields, size_t count, int64_t *number)
{
    int64_t fresh, seq;
    TRY(log_close(work, old));
    TRY(log_add(work, arena_cstr(work->arena, old->kind), origin, folder, heads, &fresh));
    TRY(store_ledger_append(work, fresh, "follows", fields, count, &seq));
    if (slice_eq(old->kind, S("private")))
        TRY(journal_enter(work, old, fresh));
    *number = fresh;
    return agreement_move(work, old->number, fresh);
}

/* ---- What was lost comes back ---- */

struct err store_ledger_cut(struct work *work, int64_t log, int64_t from)
{
    static const char DROP[] = "DELETE FROM log_entry WHERE log = $1 AND seq >= $2";
    static const char SHORTEN[] = "UPDATE log SET size = $2 WHERE number = $1 AND size > $2 AND state = 'open' "
                                  "AND NOT EXISTS (SELECT 1 FROM log_head h WHERE h.log = $1 AND h.size > $2)";
    const struct db_value values[] = {db_i64(log), db_i64(from)};
    uint64_t changed;
    TRY(db_run(work->db, SHORTEN, values, COUNT_OF(values), &changed));
    return changed > 0 ? db_run(work->db, DROP, values, COUNT_OF(values), NULL)
                       : err_make(ERR_CONFLICT, "what was signed is not taken away");
}

static struct err restored_add(struct work *work, int64_t log, const struct ledger_row *row)
{
    struct buf opening = buf_make(GROUP_BYTES_MAX + LEDGER_VALUE_MAX);
    for (size_t i = 0; i < row->count; i++)
        opening_put(&opening, &row->fields[i]);
    const struct db_value values[WIDTH] = {db_i64(log), db_i64(row->seq), db_text(row->kind), db_i64(row->time_us),
            db_bytes(row->entry), db_bytes(buf_slice(&opening))};
    struct err err = buf_check(&opening);
    if (err.kind == ERR_NONE)
        err = db_run(work->db, ADD_ENTRY, values, COUNT_OF(values), NULL);
    buf_free(&opening);
    return err;
}

struct err store_ledger_restore(
        struct work *work, int64_t log, int64_t size, const struct ledger_row *rows, size_t count)
{
    static const char TAKE[] = "UPDATE log SET size = size + $3 WHERE number = $1 AND state = 'open' AND size = $2";
    const struct db_value values[] = {db_i64(log), db_i64(size), db_i64((int64_t)count)};
    uint64_t changed;
    TRY(db_run(work->db, TAKE, values, COUNT_OF(values), &changed));
    if (changed == 0)
        return err_make(ERR_CONFLICT, "something was entered in that log meanwhile");
    for (size_t i = 0; i < count; i++)
        TRY(restored_add(work, log, &rows[i]));
    return OK;
}

/* ---- Reading ---- */

static void bytes_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct ledger_row *)row = (struct ledger_row){
            .seq = db_number(rows, 0),
            .kind = arena_copy(arena, db_slice(rows, 1)),
            .time_us = db_number(rows, 2),
            .entry = arena_copy(arena, db_slice(rows, 3)),
    };
}

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    bytes_read(rows, arena, row);
    opening_read(arena_copy(arena, db_slice(rows, 4)), arena, row);
}

static struct err some_read(struct db *db, const struct page *page, int64_t log, int64_t from, struct arena *arena,
        struct ledger_row **rows, size_t *row_count)
{
    bool cut;
    return page_read_some(db, page, (struct db_value[]){db_i64(log), db_i64(from)}, 2, PAGE_BYTES_MAX, arena,
            (void **)rows, row_count, &cut);
}

struct err store_ledger_list(struct db *db, int64_t log, int64_t from, size_t count, struct arena *arena,
        struct ledger_row **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT seq, kind, time_us, entry, opening FROM log_entry "
                               "WHERE log = $1 AND seq >= $2 ORDER BY seq LIMIT $3";
    struct page page = page_of(struct ledger_row, LIST, row_read, count);
    return some_read(db, &page, log, from, arena, rows, row_count);
}

struct err store_ledger_bytes(struct db *db, int64_t log, int64_t from, size_t count, struct arena *arena,
        struct ledger_row **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT seq, '', time_us, entry FROM log_entry "
                               "WHERE log = $1 AND seq >= $2 ORDER BY seq LIMIT $3";
    struct page page = page_of(struct ledger_row, LIST, bytes_read, count);
    return some_read(db, &page, log, from, arena, rows, row_count);
}

struct err store_ledger_get(struct db *db, int64_t log, int64_t seq, struct arena *arena, struct ledger_row *row)
{
    static const char GET[] = "SELECT seq, kind, time_us, entry, opening FROM log_entry WHERE log = $1 AND seq = $2";
    struct page page = page_of(struct ledger_row, GET, row_read, 1);
    const struct db_value values[] = {db_i64(log), db_i64(seq)};
    return page_get(db, &page, values, COUNT_OF(values), arena, row, "the log has no entry of that number");
}

struct err store_ledger_checked(struct work *work, int64_t log, int64_t checked)
{
    static const char SET[] = "UPDATE log SET checked = $2 WHERE number = $1";
    const struct db_value values[] = {db_i64(log), db_i64(checked)};
    return db_run(work->db, SET, values, COUNT_OF(values), NULL);
}

/* ---- Erasing ---- */

/*
 * First over the old bytes, then without them: a page that is given back would keep what was not written over. Copies
 * in a log of the database or a backup go with those.
 */
static struct err opening_put_less(struct work *work, int64_t log, const struct ledger_row *row, slice field)
{
    static const char PUT[] = "UPDATE log_entry SET opening = $3 WHERE log = $1 AND seq = $2";
    struct buf less = buf_make(LEDGER_FIELDS_MAX * LEDGER_VALUE_MAX);
    struct buf over = buf_make(LEDGER_FIELDS_MAX * LEDGER_VALUE_MAX);
    for (size_t i = 0; i < row->count; i++) {
        struct ledger_field gone = row->fields[i];
        if (!slice_eq(gone.name, field))
            opening_put(&less, &gone);
        memset(gone.salt, 0, sizeof gone.salt);
        gone.value.ptr = arena_take(work->arena, gone.value.len + 1); /* zeroed */
        opening_put(&over, &gone);
    }
    struct db_value values[] = {db_i64(log), db_i64(row->seq), db_bytes(buf_slice(&over))};
    struct err err = buf_check(&over);
    if (err.kind == ERR_NONE)
        err = db_run(work->db, PUT, values, COUNT_OF(values), NULL);
    values[2] = db_bytes(buf_slice(&less));
    if (err.kind == ERR_NONE)
        err = db_run(work->db, PUT, values, COUNT_OF(values), NULL);
    buf_free(&over);
    buf_free(&less);
    return err;
}

static bool has_field(const struct ledger_row *row, slice name)
{
    for (size_t i = 0; i < row->count; i++)
        if (slice_eq(row->fields[i].name, name))
            return true;
    return false;
}

static struct err erasure_tell(struct work *work, const struct ledger_log *log, int64_t seq, slice field, slice reason)
{
    const char *subject =
            arena_printf(work->arena, "ledger/%.*s/%lld", (int)log->folder.len, log->folder.ptr, (long long)seq);
    struct buf text = buf_make(WORK_DETAIL_MAX);
    struct json_writer w = json_writer(&text);
    json_write_object(&w);
    json_write_key_text(&w, S("field"), field);
    json_write_key_text(&w, S("reason"), reason);
    json_write_end(&w);
    struct err err = store_work_news(work, "ledger.erased", slice_of(subject), buf_slice(&text));
    buf_free(&text);
    return err;
}

struct err store_ledger_erase(struct work *work, int64_t log, int64_t seq, slice field, slice reason)
{
    struct ledger_log of;
    struct ledger_row row;
    int64_t number;
    TRY(store_text_check(work->arena, "reason", reason, STORE_TEXT_MAX));
    TRY(store_ledger_log_get(work->db, log, work->arena, &of));
    const struct ledger_field fields[] = {
            {S("entry"), number_text(work->arena, seq)}, {S("field"), field}, {S("reason"), reason}};
    if (!slice_eq(of.kind, S("private")) && of.open) /* that of the private log is the entry of the news */
        TRY(store_ledger_append(work, log, "erasure", fields, COUNT_OF(fields), &number));
    TRY(store_ledger_get(work->db, log, seq, work->arena, &row));
    if (!has_field(&row, field))
        return err_format(work->arena, ERR_MISSING, "entry %lld opens no field \"%.*s\", or not any more",
                (long long)seq, (int)field.len, field.ptr);
    TRY(opening_put_less(work, log, &row, field));
    return erasure_tell(work, &of, seq, field, reason);
}

struct err store_ledger_details_erase(struct work *work, int64_t after, int64_t to)
{
    static const char LOGS[] = "SELECT " LOG_COLUMNS " FROM log WHERE kind = 'private' AND first <= $1 "
                               "AND first + size > $2 ORDER BY number LIMIT $3";
    struct page page = page_of(struct ledger_log, LOGS, log_read, STORE_PAGE_MAX);
    struct ledger_log *logs;
    size_t log_count;
    const struct db_value range[] = {db_i64(to), db_i64(after)};
    TRY(page_read(work->db, &page, range, COUNT_OF(range), work->arena, (void **)&logs, &log_count));
    for (size_t i = 0; i < log_count; i++) {
        int64_t from = after + 1 > logs[i].first ? after + 1 - logs[i].first : 0, end = to + 1 - logs[i].first;
        struct ledger_row *rows;
        size_t count = 0;
        for (; from<end; from = count> 0 ? rows[count - 1].seq + 1 : end) {
            TRY(store_ledger_list(work->db, logs[i].number, from, STORE_PAGE_MAX, work->arena, &rows, &count));
            for (size_t r = 0; r < count && rows[r].seq < end; r++)
                if (has_field(&rows[r], S("detail")))
                    TRY(opening_put_less(work, logs[i].number, &rows[r], S("detail")));
        }
    }
    return OK;
}

/* ---- Heads ---- */

static void head_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct ledger_head *head = row;
    slice root = db_slice(rows, 2);
    *head = (struct ledger_head){
            .log = db_number(rows, 0),
            .size = db_number(rows, 1),
            .checkpoint = arena_copy(arena, db_slice(rows, 3)),
            .signed_us = db_number(rows, 4),
    };
    if (root.len == sizeof head->root.bytes)
        memcpy(head->root.bytes, root.ptr, root.len);
}

struct err store_ledger_head_get(struct db *db, int64_t log, struct arena *arena, struct ledger_head *head)
{
    static const char GET[] = "SELECT log, size, root, checkpoint, signed_us FROM log_head WHERE log = $1";
    struct page page = page_of(struct ledger_head, GET, head_read, 1);
    struct err err = page_get(db, &page, (struct db_value[]){db_i64(log)}, 1, arena, head, "nothing was signed");
    if (err.kind == ERR_MISSING) {
        *head = (struct ledger_head){.log = log, .signed_us = TIME_NONE};
        err = OK;
    }
    return err;
}

static void headed_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct ledger_headed *headed = row;
    head_read(rows, arena, &headed->head);
    headed->origin = arena_copy(arena, db_slice(rows, 5));
}

struct err store_ledger_headed_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct ledger_headed **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT h.log, h.size, h.root, '', h.signed_us, l.origin FROM log l "
                               "JOIN log_head h ON h.log = l.number WHERE l.number > $1 AND l.kind <> 'node' "
                               "ORDER BY l.number LIMIT $2";
    struct page page = page_of(struct ledger_headed, LIST, headed_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(after)}, 1, arena, (void **)rows, row_count);
}

static void root_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct sha256 *root = row;
    (void)arena;
    *root = (struct sha256){{0}};
    if (db_slice(rows, 0).len == sizeof root->bytes)
        memcpy(root->bytes, db_slice(rows, 0).ptr, sizeof root->bytes);
}

struct err store_ledger_head_put(struct work *work, const struct ledger_head *head)
{
    static const char KEEP[] = "INSERT INTO log_root (log, size, root) SELECT l.number, $2, $3 FROM log l "
                               "WHERE l.number = $1 AND l.kind = 'partner' ON CONFLICT (log, size) DO NOTHING";
    static const char PUT[] =
            "INSERT INTO log_head (log, size, root, checkpoint, signed_us) VALUES ($1, $2, $3, $4, $5) "
            "ON CONFLICT (log) DO UPDATE SET size = excluded.size, root = excluded.root, "
            "checkpoint = excluded.checkpoint, signed_us = excluded.signed_us "
            "WHERE (log_head.size < excluded.size OR (log_head.size = excluded.size AND log_head.root = "
            "excluded.root)) "
            "AND log_head.signed_us <= excluded.signed_us";
    const struct db_value values[] = {db_i64(head->log), db_i64(head->size), db_bytes(sha256_slice(&head->root)),
            db_bytes(head->checkpoint), db_i64(head->signed_us)};
    uint64_t changed;
    TRY(db_run(work->db, PUT, values, COUNT_OF(values), &changed));
    if (changed == 0)
        return err_format(work->arena, ERR_CONFLICT,
                "another head of log %lld was signed already: larger than %lld, of another root, or later",
                (long long)head->log, (long long)head->size);
    TRY(db_run(work->db, KEEP, values, 3, NULL));
    return store_journal_ring(work->db);
}

struct err store_ledger_root_get(struct db *db, int64_t log, int64_t size, struct arena *arena, struct sha256 *root)
{
    static const char GET[] = "SELECT root FROM log_root WHERE log = $1 AND size = $2";
    struct page page = page_of(struct sha256, GET, root_read, 1);
    const struct db_value values[] = {db_i64(log), db_i64(size)};
    return page_get(db, &page, values, COUNT_OF(values), arena, root, "no head of that size was signed");
}

/* ---- The time of the node ---- */

static _Atomic int64_t now_least = TIME_NONE;

struct err store_now_us(struct db *db, int64_t *us)
{
    static const char LATEST[] = "SELECT COALESCE(max(signed_us), 0) FROM log_head";
    int64_t now = clock_now_us(), latest = 0, least = atomic_load(&now_least);
    TRY(db_one(db, LATEST, NULL, 0, 0, &latest));
    now = now > latest ? now : latest;
    *us = now > least ? now : least;
    return OK;
}

void store_now_raise(int64_t us)
{
    int64_t least = atomic_load(&now_least);
    while (us > least && !atomic_compare_exchange_weak(&now_least, &least, us))
        continue;
}
