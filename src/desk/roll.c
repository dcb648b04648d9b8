/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/roll.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "desk/asset.h"
#include "desk/fact.h"
#include "desk/roll_table.h"
#include "event/csv.h"
#include "store/contact.h"
#include "store/organisation.h"
#include "store/right.h"
#include "store/service.h"
#include "store/supply.h"
#include "json/write.h"

#define ROW_BYTES_MAX ((size_t)4 << 20) /* that one line needs while it is taken in */
#define NAME_SHOWN 200

static const char separators[] = {',', ';', '\t'};

/* A file whose header was read. */
struct table {
    const struct roll_file *file;
    enum roll_kind kind;
    char separator;
    int columns[ROLL_COLUMNS_MAX]; /* of the table, in the order of the file */
    size_t count;
    slice rows; /* behind the header */
    struct sha256 digest;
};

/* A line as cells by column of the table. */
struct row {
    slice cells[ROLL_COLUMNS_MAX];
    unsigned at[ROLL_COLUMNS_MAX]; /* column of the file from 1; 0: not there */
};

/* An organisation whose parent may stand further down. */
struct deferred {
    const struct table *table;
    slice line;
    uint64_t number;
    struct deferred *next;
};

struct importing {
    const struct roll_file *files;
    size_t file_count;
    struct roll_report *report;
    struct arena *arena;
    struct table *tables; /* one a file */

    struct work *work;         /* its arena is emptied after each line */
    const struct table *table; /* at hand */
    uint64_t line;
    unsigned column; /* of the file, that is looked at; 0: none in particular */
    struct roll_counts *counts;
    struct deferred *deferred, **deferred_end;
    bool no_parent;  /* the line at hand failed for that only */
    slice last_name; /* organisations stand together, mostly */
    int64_t last_number;
};

/* ---- Problems ---- */

static void problem(struct importing *importing, const char *file, const char *why)
{
    struct roll_report *report = importing->report;
    report->refused++;
    if (report->problem_count == ROLL_PROBLEMS_MAX)
        return;
    report->problems[report->problem_count++] = (struct roll_problem){
            file, importing->line, importing->column, arena_cstr(importing->arena, slice_of(why))};
}

/* What a person can mend in the file; all else ends the import. */
static bool is_problem(struct err err)
{
    return err.kind == ERR_INPUT || err.kind == ERR_CONFLICT || err.kind == ERR_MISSING;
}

/* ---- The header ---- */

static int column_find(enum roll_kind kind, slice name)
{
    for (int i = 0; roll_tables[kind].columns[i] != NULL; i++)
        if (slice_eq(name, slice_of(roll_tables[kind].columns[i])))
            return i;
    return -1;
}

static size_t header_cells(slice line, char separator, slice cells[ROLL_COLUMNS_MAX + 1], struct arena *arena)
{
    struct csv_cells reader = csv_cells_begin(line, separator);
    struct csv_cell cell;
    size_t count = 0;
    while (count <= ROLL_COLUMNS_MAX && csv_cells_next(&reader, &cell))
        cells[count++] = slice_trim(csv_cell_text(&cell, arena));
    return count;
}

static bool has_needed(enum roll_kind kind, const slice *cells, size_t count)
{
    unsigned found = 0;
    for (size_t i = 0; i < count; i++) {
        int column = column_find(kind, cells[i]);
        found |= column < 0 ? 0 : 1u << column;
    }
    return (found & roll_tables[kind].needed) == roll_tables[kind].needed;
}

static char separator_of(slice line)
{
    size_t best = 0;
    for (size_t i = 1; i < COUNT_OF(separators); i++)
        if (slice_find(line, separators[i]) < slice_find(line, separators[best]))
            best = i;
    return separators[best];
}

/* Supplies and assets first, then contacts: an organisation is all that has a name. */
static bool kind_find(const slice *cells, size_t count, enum roll_kind *kind)
{
    for (int i = ROLL_KINDS - 1; i >= 0; i--)
        if (has_needed((enum roll_kind)i, cells, count)) {
            *kind = (enum roll_kind)i;
            return true;
        }
    return false;
}

static struct err columns_read(
        struct table *table, const slice *cells, size_t count, unsigned *wrong, struct arena *arena)
{
    unsigned seen = 0;
    for (size_t i = 0; i < count; i++) {
        int column = i < ROLL_COLUMNS_MAX ? column_find(table->kind, cells[i]) : -1;
        *wrong = (unsigned)i + 1;
        if (column < 0)
            return err_format(arena, ERR_INPUT, "\"%.*s\" is no column of %s",
                    (int)(cells[i].len < NAME_SHOWN ? cells[i].len : NAME_SHOWN), cells[i].ptr,
                    roll_tables[table->kind].name);
        if ((seen >> column & 1) != 0)
            return err_format(
                    arena, ERR_INPUT, "the column %s stands there twice", roll_tables[table->kind].columns[column]);
        seen |= 1u << column;
        table->columns[table->count++] = column;
    }
    return OK;
}

static struct err header_read(const struct roll_file *file, struct table *table, unsigned *wrong, struct arena *arena)
{
    slice cells[ROLL_COLUMNS_MAX + 1], line = csv_first_line(file->text);
    *table = (struct table){.file = file, .separator = separator_of(line), .digest = hash_sha256(file->text)};
    const char *end =
            file->text.len == 0 ? NULL : memchr(line.ptr, '\n', (size_t)(file->text.ptr + file->text.len - line.ptr));
    if (end != NULL)
        table->rows = slice_from(file->text, (size_t)(end + 1 - file->text.ptr));
    size_t count = header_cells(line, table->separator, cells, arena);
    *wrong = 0;
    if (!kind_find(cells, count, &table->kind))
        return err_make(ERR_INPUT,
                "the first line does not name the columns of organisations (name), contacts "
                "(organisation, name), assets (organisation, value) or supplies (supplier, customer)");
    return columns_read(table, cells, count, wrong, arena);
}

static struct err headers_read(struct importing *importing)
{
    for (size_t i = 0; i < importing->file_count; i++) {
        unsigned wrong = 0;
        importing->line = 1;
        struct err err = header_read(&importing->files[i], &importing->tables[i], &wrong, importing->arena);
        importing->column = wrong;
        if (err.kind != ERR_NONE)
            problem(importing, importing->files[i].name, err.why);
    }
    return importing->report->refused == 0 ? OK : err_make(ERR_INPUT, "nothing was imported");
}

/* ---- Cells of a line ---- */

static struct err cells_read(struct importing *importing, slice line, struct row *row)
{
    const struct table *table = importing->table;
    struct csv_cells reader = csv_cells_begin(line, table->separator);
    struct csv_cell cell;
    size_t count = 0;
    *row = (struct row){0};
    for (; csv_cells_next(&reader, &cell); count++) {
        if (count == table->count)
            return err_format(importing->work->arena, ERR_INPUT, "more cells than the %zu columns", table->count);
        row->cells[table->columns[count]] = roll_cell_read(csv_cell_text(&cell, importing->work->arena));
        row->at[table->columns[count]] = (unsigned)count + 1;
    }
    importing->column = (unsigned)count + 1;
    if (reader.why != NULL)
        return err_make(ERR_INPUT, reader.why);
    importing->column = 0;
    return count == table->count
                   ? OK
                   : err_format(importing->work->arena, ERR_INPUT, "%zu cells, but %zu columns", count, table->count);
}

/* The cell, from which on errors are about that column. */
static slice cell(struct importing *importing, const struct row *row, int column)
{
    importing->column = row->at[column];
    return row->cells[column];
}

/* The same where the column may be missing: then what is there already. An empty cell: what a new one gets. */
static slice cell_or(struct importing *importing, const struct row *row, int column, slice there, const char *fresh)
{
    slice text = cell(importing, row, column);
    if (row->at[column] == 0)
        return there;
    return text.len > 0 ? text : slice_of(fresh);
}

static struct err cell_number(struct importing *importing, const struct row *row, int column, uint64_t most,
        int64_t otherwise, int64_t *number)
{
    slice text = cell(importing, row, column);
    uint64_t read = 0;
    if (text.len > 0 && !slice_u64(text, most, &read))
        return err_format(importing->work->arena, ERR_INPUT, "\"%.*s\" is no number up to %llu", (int)text.len,
                text.ptr, (unsigned long long)most);
    *number = text.len > 0 ? (int64_t)read : otherwise;
    return OK;
}

static struct err cell_moment(
        struct importing *importing, const struct row *row, int column, int64_t otherwise, int64_t *us)
{
    slice text = cell(importing, row, column);
    *us = otherwise;
    if (text.len == 0 || desk_moment(text, us))
        return OK;
    return err_format(importing->work->arena, ERR_INPUT,
            "\"%.*s\" is no moment as 2026-11-21T09:00:00+07:00, and no day as 2026-11-21", (int)text.len, text.ptr);
}

/* ---- Organisations ---- */

/* By the name of today: under one of before, a file means somebody whom we would take for another. */
static struct err named(struct importing *importing, slice name, int64_t *number)
{
    struct organisation row;
    if (name.len > 0 && slice_eq(name, importing->last_name)) {
        *number = importing->last_number;
        return OK;
    }
    TRY(store_text_check(importing->work->arena, "name of the organisation", name, STORE_NAME_MAX));
    struct err err = store_organisation_find(importing->work->db, name, number);
    if (err.kind == ERR_MISSING)
        return err_format(
                importing->work->arena, ERR_MISSING, "there is no organisation \"%.*s\"", (int)name.len, name.ptr);
    TRY(err);
    TRY(store_organisation_get(importing->work->db, *number, importing->work->arena, &row));
    if (!slice_eq(row.name, name))
        return err_format(importing->work->arena, ERR_CONFLICT, "\"%.*s\" is called \"%.*s\" today", (int)name.len,
                name.ptr, (int)row.name.len, row.name.ptr);
    importing->last_name = arena_copy(importing->arena, name);
    importing->last_number = *number;
    return OK;
}

static bool is_ours(enum organisation_relation relation)
{
    return relation == RELATION_CONSTITUENT || relation == RELATION_OTHER;
}

static struct err parent_named(struct importing *importing, const struct row *row, int64_t *number)
{
    struct err err = named(importing, cell(importing, row, ORGANISATION_PARENT), number);
    importing->no_parent = err.kind == ERR_MISSING;
    return err;
}

static struct err organisation_put(struct importing *importing, const struct row *row, const struct organisation *there,
        struct organisation_put *put)
{
    bool fresh = there->number == 0;
    slice relation = slice_of(store_relation_name(fresh ? RELATION_CONSTITUENT : there->relation));
    *put = (struct organisation_put){.parent = there->parent};
    if (row->cells[ORGANISATION_PARENT].len > 0)
        TRY(parent_named(importing, row, &put->parent));
    else if (row->at[ORGANISATION_PARENT] != 0)
        put->parent = 0;
    relation = cell_or(importing, row, ORGANISATION_RELATION, relation, "constituent");
    if (!store_relation_find(relation, &put->relation) || !is_ours(put->relation))
        return err_make(ERR_INPUT, "the relation is constituent or other; partners are introduced");
    if (!fresh && there->relation != put->relation)
        return err_format(
                importing->work->arena, ERR_CONFLICT, "it is known as %s", store_relation_name(there->relation));
    put->sector = cell_or(importing, row, ORGANISATION_SECTOR, there->sector, "");
    put->country = cell_or(importing, row, ORGANISATION_COUNTRY, there->country, "");
    put->kind = cell_or(importing, row, ORGANISATION_KIND, fresh ? S("other") : there->kind, "other");
    put->name = cell(importing, row, ORGANISATION_NAME);
    importing->column = 0;
    return OK;
}

static bool is_same_organisation(const struct organisation *there, const struct organisation_put *put)
{
    return slice_eq(there->kind, put->kind) && slice_eq(there->sector, put->sector) &&
           slice_eq(there->country, put->country) && there->parent == put->parent;
}

/* Closing ends what is theirs, which a line of a table should not do. */
static struct err organisation_state(struct importing *importing, const struct row *row,
        const struct organisation *there, int64_t number, bool *changed)
{
    enum organisation_state was = there->number == 0 ? ORGANISATION_PROPOSED : there->state, state;
    slice here = slice_of(store_organisation_state_name(there->number == 0 ? ORGANISATION_ACTIVE : was));
    slice word = cell_or(importing, row, ORGANISATION_STATE, here, "active");
    if (!store_organisation_state_find(word, &state) || state == ORGANISATION_CLOSED)
        return err_make(ERR_INPUT, "the state is proposed, active or suspended; organisations are closed one by one");
    *changed = state != was;
    if (was == ORGANISATION_PROPOSED && state == ORGANISATION_SUSPENDED) /* which leads through active */
        TRY(store_organisation_state(importing->work, number, ORGANISATION_ACTIVE));
    return *changed ? store_organisation_state(importing->work, number, state) : OK;
}

static struct err organisation_days(struct importing *importing, const struct row *row, int64_t number, bool *changed)
{
    struct service service = {.organisation = number, .from_us = importing->work->now_us, .until_us = TIME_NONE};
    int64_t days = 0;
    *changed = false;
    if (cell(importing, row, ORGANISATION_DAYS).len == 0)
        return OK;
    TRY(cell_number(importing, row, ORGANISATION_DAYS, SERVICE_DAYS_MAX, 0, &days));
    struct err err = store_service_get(importing->work->db, number, importing->work->arena, &service);
    if (err.kind != ERR_MISSING)
        TRY(err);
    *changed = err.kind == ERR_MISSING || service.memory_days != days;
    service.memory_days = days;
    return *changed ? store_service_put(importing->work, &service) : OK;
}

static struct err organisation_row(struct importing *importing, const struct row *row)
{
    struct organisation there = {.number = 0};
    struct organisation_put put;
    bool changed, moved, served;
    int64_t number;
    struct err err = named(importing, cell(importing, row, ORGANISATION_NAME), &number);
    if (err.kind == ERR_NONE)
        TRY(store_organisation_get(importing->work->db, number, importing->work->arena, &there));
    else if (err.kind != ERR_MISSING)
        return err;
    TRY(organisation_put(importing, row, &there, &put));
    changed = there.number != 0 && !is_same_organisation(&there, &put);
    if (there.number == 0)
        TRY(store_organisation_add(importing->work, &put, &number));
    else if (changed)
        TRY(store_organisation_change(importing->work, number, &put));
    TRY(organisation_state(importing, row, &there, number, &moved));
    TRY(organisation_days(importing, row, number, &served));
    importing->counts->added += there.number == 0;
    importing->counts->changed += there.number != 0 && (changed || moved || served);
    importing->counts->same += there.number != 0 && !changed && !moved && !served;
    return OK;
}

/* ---- Contacts ---- */

/* Fields that are text, by their columns. */
static const struct {
    int column;
    size_t at;
    const char *fresh;
} contact_texts[] = {
        {CONTACT_MAIL, offsetof(struct contact_put, mail), ""},
        {CONTACT_PHONE, offsetof(struct contact_put, phone), ""},
        {CONTACT_LANGUAGES, offsetof(struct contact_put, languages), "id en"},
        {CONTACT_HOURS, offsetof(struct contact_put, hours), "always"},
};

static struct err contact_put(
        struct importing *importing, const struct row *row, struct contact_put *put, bool *changed)
{
    int64_t rank = 0;
    TRY(cell_number(importing, row, CONTACT_RANK, CONTACT_RANK_MAX, row->at[CONTACT_RANK] == 0 ? put->rank : 1, &rank));
    *changed = rank != put->rank;
    put->rank = rank;
    for (size_t i = 0; i < COUNT_OF(contact_texts); i++) {
        int column = contact_texts[i].column;
        slice *field = (slice *)(void *)((char *)put + contact_texts[i].at);
        slice text = cell_or(importing, row, column, *field, contact_texts[i].fresh);
        TRY(store_contact_field_check(importing->work->arena, roll_tables[ROLL_CONTACTS].columns[column], text));
        *changed |= !slice_eq(text, *field);
        *field = text;
    }
    importing->column = 0;
    return OK;
}

static struct err contact_row(struct importing *importing, const struct row *row)
{
    struct contact there = {.number = 0};
    struct contact_put put = {.rank = 1, .languages = S("id en"), .hours = S("always")};
    int64_t organisation, number;
    bool changed;
    TRY(named(importing, cell(importing, row, CONTACT_OF), &organisation));
    slice name = cell(importing, row, CONTACT_NAME);
    TRY(store_contact_field_check(importing->work->arena, "name", name));
    struct err err = store_contact_find(importing->work->db, organisation, name, importing->work->arena, &there);
    bool fresh = err.kind == ERR_MISSING;
    if (!fresh)
        TRY(err);
    put = fresh ? put : there.is;
    put.name = name;
    TRY(contact_put(importing, row, &put, &changed));
    if (fresh)
        TRY(store_contact_add(importing->work, organisation, &put, &number));
    else if (changed)
        TRY(store_contact_change(importing->work, there.number, &put));
    importing->counts->added += fresh;
    importing->counts->changed += !fresh && changed;
    importing->counts->same += !fresh && !changed;
    return OK;
}

/* ---- Assets ---- */

static struct err asset_put(struct importing *importing, const struct row *row, struct asset_put *put)
{
    TRY(named(importing, cell(importing, row, ASSET_OF), &put->organisation));
    slice value = cell(importing, row, ASSET_VALUE), kind = cell(importing, row, ASSET_KIND);
    put->kind = desk_asset_guess(value);
    if (kind.len > 0 && !store_asset_kind_find(kind, &put->kind))
        return err_format(importing->work->arena, ERR_INPUT, "an asset is a prefix, asn, domain or site, not \"%.*s\"",
                (int)kind.len, kind.ptr);
    importing->column = row->at[ASSET_VALUE];
    TRY(store_asset_value(importing->work->arena, put->kind, value, &put->value));
    TRY(cell_moment(importing, row, ASSET_FROM, ASSET_EVER, &put->from_us));
    TRY(cell_moment(importing, row, ASSET_UNTIL, TIME_NONE, &put->until_us));
    put->said_by = cell(importing, row, ASSET_SAID);
    importing->column = 0;
    return OK;
}

static struct err asset_there(
        struct importing *importing, const struct asset_put *put, struct asset *there, bool *found)
{
    struct asset *rows;
    size_t count;
    TRY(store_asset_history(importing->work->db, put->kind, put->value, importing->work->arena, &rows, &count));
    *found = false;
    for (size_t i = 0; i < count && !*found; i++) {
        *found = rows[i].organisation == put->organisation && rows[i].from_us == put->from_us &&
                 rows[i].until_us != rows[i].from_us;
        if (*found)
            *there = rows[i];
    }
    return OK;
}

static struct err asset_change(
        struct importing *importing, const struct row *row, const struct asset_put *put, const struct asset *there)
{
    bool ends = row->at[ASSET_UNTIL] != 0 && put->until_us != there->until_us;
    bool said = row->at[ASSET_SAID] != 0 && !slice_eq(put->said_by, there->said_by);
    importing->column = row->at[ASSET_UNTIL];
    if (ends && put->until_us == TIME_NONE)
        return err_make(ERR_CONFLICT, "it ended; what is theirs again has a line of its own");
    if (ends)
        TRY(store_asset_end(importing->work, there->number, put->until_us));
    importing->column = row->at[ASSET_SAID];
    if (said)
        TRY(store_asset_said(importing->work, there->number, put->said_by));
    importing->counts->changed += ends || said;
    importing->counts->same += !ends && !said;
    return OK;
}

static struct err asset_row(struct importing *importing, const struct row *row)
{
    struct asset_put put = {0};
    struct asset there = {.number = 0};
    int64_t number;
    bool found;
    TRY(asset_put(importing, row, &put));
    TRY(asset_there(importing, &put, &there, &found));
    if (found)
        return asset_change(importing, row, &put, &there);
    TRY(store_asset_add(importing->work, &put, &number));
    importing->counts->added++;
    return OK;
}

/* ---- Supplies ---- */

static struct err supply_row(struct importing *importing, const struct row *row)
{
    struct supply there = {.what = S("")};
    int64_t supplier, customer;
    TRY(named(importing, cell(importing, row, SUPPLY_BY), &supplier));
    TRY(named(importing, cell(importing, row, SUPPLY_TO), &customer));
    struct err err = store_supply_get(importing->work->db, supplier, customer, importing->work->arena, &there);
    bool fresh = err.kind == ERR_MISSING;
    if (!fresh)
        TRY(err);
    slice what = cell_or(importing, row, SUPPLY_WHAT, there.what, "");
    bool changed = !fresh && !slice_eq(what, there.what);
    if (fresh || changed)
        TRY(store_supply_put(importing->work, supplier, customer, what));
    importing->counts->added += fresh;
    importing->counts->changed += changed;
    importing->counts->same += !fresh && !changed;
    return OK;
}

/* ---- All of it ---- */

/* In the order in which they are taken in. */
static const struct {
    enum verb verb;
    struct err (*row)(struct importing *importing, const struct row *row);
} steps[ROLL_KINDS] = {
        [ROLL_ORGANISATIONS] = {VERB_CHANGE_ORGANISATIONS, organisation_row},
        [ROLL_CONTACTS] = {VERB_CHANGE_CONTACTS, contact_row},
        [ROLL_ASSETS] = {VERB_CHANGE_ASSETS, asset_row},
        [ROLL_SUPPLIES] = {VERB_CHANGE_ASSETS, supply_row},
};

static struct err line_take(struct importing *importing, slice line)
{
    struct row row;
    importing->column = 0;
    importing->no_parent = false;
    arena_reset(importing->work->arena);
    if (line.len > ROLL_LINE_MAX)
        return err_make(ERR_INPUT, "a line of more than 64 KiB");
    TRY(cells_read(importing, line, &row));
    TRY(steps[importing->table->kind].row(importing, &row));
    return arena_check(importing->work->arena);
}

static void table_turn(struct importing *importing, const struct table *table)
{
    importing->table = table;
    importing->counts = &importing->report->counts[table->kind];
}

static void defer(struct importing *importing, slice line)
{
    struct deferred *deferred = arena_new(importing->arena, struct deferred, 1);
    *deferred = (struct deferred){importing->table, line, importing->line, NULL};
    *importing->deferred_end = deferred;
    importing->deferred_end = &deferred->next;
}

static struct err table_take(struct importing *importing, const struct table *table)
{
    slice rest = table->rows, line;
    table_turn(importing, table);
    importing->line = 1;
    while (rest.len > 0 && slice_next(&rest, '\n', &line)) {
        importing->line++;
        if (slice_trim(line).len == 0)
            continue;
        struct err err = line_take(importing, line);
        if (err.kind != ERR_NONE && !is_problem(err))
            return err;
        if (importing->no_parent)
            defer(importing, line);
        else if (err.kind != ERR_NONE)
            problem(importing, table->file->name, err.why);
    }
    return OK;
}

/* Once more, now that others are there; `last`: what has no parent now has none. */
static struct err deferred_take(struct importing *importing, bool last)
{
    struct deferred *deferred = importing->deferred;
    importing->deferred = NULL;
    importing->deferred_end = &importing->deferred;
    for (; deferred != NULL; deferred = deferred->next) {
        table_turn(importing, deferred->table);
        importing->line = deferred->number;
        struct err err = line_take(importing, deferred->line);
        if (err.kind != ERR_NONE && !is_problem(err))
            return err;
        if (importing->no_parent && !last)
            defer(importing, deferred->line);
        else if (err.kind != ERR_NONE)
            problem(importing, deferred->table->file->name, err.why);
    }
    return OK;
}

static struct err kind_take(struct importing *importing, enum roll_kind kind)
{
    importing->deferred = NULL;
    importing->deferred_end = &importing->deferred;
    for (size_t i = 0; i < importing->file_count; i++)
        if (importing->tables[i].kind == kind)
            TRY(table_take(importing, &importing->tables[i]));
    for (int depth = 1; importing->deferred != NULL; depth++)
        TRY(deferred_take(importing, depth == ORGANISATION_DEPTH_MAX));
    return OK;
}

static struct err tables_take(struct importing *importing)
{
    for (size_t kind = 0; kind < ROLL_KINDS; kind++)
        TRY(kind_take(importing, (enum roll_kind)kind));
    return importing->report->refused == 0 ? OK : err_make(ERR_INPUT, "nothing was imported");
}

static void table_tell(struct json_writer *w, const struct table *table, struct arena *arena)
{
    json_write_object(w);
    json_write_key_text(w, S("name"), store_text_keep(arena, slice_of(table->file->name), NAME_SHOWN));
    json_write_key_text(w, S("of"), slice_of(roll_kind_name(table->kind)));
    json_write_key_hex(w, S("sha256"), sha256_slice(&table->digest));
    json_write_end(w);
}

static struct err tell(struct importing *importing)
{
    struct buf detail = buf_make(WORK_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key(&w, S("files"));
    json_write_array(&w);
    for (size_t i = 0; i < importing->file_count; i++)
        table_tell(&w, &importing->tables[i], importing->arena);
    json_write_end(&w);
    for (size_t i = 0; i < ROLL_KINDS; i++) {
        json_write_key(&w, slice_of(roll_kind_name((enum roll_kind)i)));
        json_write_object(&w);
        json_write_key_u64(&w, S("added"), importing->report->counts[i].added);
        json_write_key_u64(&w, S("changed"), importing->report->counts[i].changed);
        json_write_key_u64(&w, S("same"), importing->report->counts[i].same);
        json_write_end(&w);
    }
    json_write_end(&w);
    struct err err = buf_check(&detail);
    if (err.kind == ERR_NONE)
        err = store_work_news(importing->work, "organisation.imported", S("organisations"), buf_slice(&detail));
    buf_free(&detail);
    return err;
}

/* Each line is taken in with an arena of its own: there may be very many. */
static struct err import_work(struct work *work, void *context)
{
    struct importing *importing = context;
    struct arena *own = work->arena;
    for (size_t i = 0; i < importing->file_count; i++)
        TRY(store_right_check(work->actor, steps[importing->tables[i].kind].verb, 0, own, NULL));
    importing->last_name = (slice){0};
    *importing->report = (struct roll_report){.problems = importing->report->problems};
    importing->work = work;
    work->arena = arena_open("a line of the roll", ARENA_WORK, ROW_BYTES_MAX);
    struct err err = tables_take(importing);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(own, slice_of(err.why));
    arena_close(work->arena);
    work->arena = own;
    return err.kind == ERR_NONE ? tell(importing) : err;
}

struct err desk_roll_import(struct db *db, const struct actor *actor, const struct roll_file *files, size_t count,
        struct arena *arena, struct roll_report *report)
{
    struct importing importing = {.files = files, .file_count = count, .report = report, .arena = arena};
    *report = (struct roll_report){.problems = arena_new(arena, struct roll_problem, ROLL_PROBLEMS_MAX)};
    importing.tables = arena_new(arena, struct table, count + 1);
    TRY(headers_read(&importing));
    return desk_fact_kept(store_work(db, actor, arena, import_work, &importing), arena);
}
