/* SPDX-License-Identifier: Apache-2.0 */
#include "event/csv.h"

#include "base/arena.h"
#include "event/fields.h"
#include "json/write.h"

/*
 * The observable summary: what a constituent sends that will not hand out its logs. A table of
 *
 *     type,value,first,last,count,constituent
 *
 * one row for each value it met: of which type, when for the first and the last time, how often, and who met it. The
 * time of such an event is the last. A row whose value cannot be of its type is malformed, since it was made for us.
 */

#define VALUE_BYTES_MAX 8192 /* to be re-fanged */

enum { COLUMN_TYPE, COLUMN_VALUE, COLUMN_FIRST, COLUMN_LAST, COLUMN_COUNT, COLUMN_CONSTITUENT, COLUMNS };

static const char *const column_names[COLUMNS] = {"type", "value", "first", "last", "count", "constituent"};

/* Then a field for each type a value may be of. */
static const struct event_field fields[] = {
        [COLUMN_TYPE] = {"type"},
        [COLUMN_VALUE] = {"value"},
        [COLUMN_FIRST] = {"first"},
        [COLUMN_LAST] = {"last", ROLE_TIME},
        [COLUMN_COUNT] = {"count"},
        [COLUMN_CONSTITUENT] = {"constituent", ROLE_SENSOR},
        {"value", ROLE_NONE, VALUE_ADDRESS, "ipv4"},
        {"value", ROLE_NONE, VALUE_ADDRESS, "ipv6"},
        {"value", ROLE_NONE, VALUE_NAME, "host"},
        {"value", ROLE_NONE, VALUE_NAME, "domain"},
        {"value", ROLE_NONE, VALUE_URL, "url"},
        {"value", ROLE_NONE, VALUE_MD5, "md5"},
        {"value", ROLE_NONE, VALUE_SHA1, "sha1"},
        {"value", ROLE_NONE, VALUE_SHA256, "sha256"},
        {"value", ROLE_NONE, VALUE_SHA512, "sha512"},
        {"value", ROLE_NONE, VALUE_EMAIL, "email"},
        {"value", ROLE_NONE, VALUE_JA3, "ja3"},
        {"value", ROLE_NONE, VALUE_USERAGENT, "useragent"},
        {"value", ROLE_NONE, VALUE_FILENAME, "filename"},
        {"value", ROLE_NONE, VALUE_OTHER, "ja4"},
        {"value", ROLE_NONE, VALUE_OTHER, "hassh"},
        {"value", ROLE_NONE, VALUE_OTHER, "mac-addr"},
        {"value", ROLE_NONE, VALUE_OTHER, "mutex"},
        {"value", ROLE_NONE, VALUE_OTHER, "process"},
        {"value", ROLE_NONE, VALUE_OTHER, "directory"},
        {"value", ROLE_NONE, VALUE_OTHER, "user-account"},
        {"value", ROLE_NONE, VALUE_OTHER, "windows-registry-key"},
        {"value", ROLE_NONE, VALUE_OTHER, "autonomous-system"},
};

static bool name_is(slice name, const char *column)
{
    return slice_eq_fold(slice_trim(name), slice_of(column));
}

/* The six names, in this order: it is our own form, and a table that only resembles it is CSV. */
static bool is_header(slice line, char separator)
{
    struct csv_cells cells = csv_cells_begin(line, separator);
    struct csv_cell cell;
    size_t count = 0;
    while (count < COLUMNS && csv_cells_next(&cells, &cell) && name_is(cell.text, column_names[count]))
        count++;
    return count == COLUMNS && cells.done;
}

static int recognise(slice head)
{
    return is_header(csv_first_line(head), ',') || is_header(csv_first_line(head), ';') ? 99 : 0;
}

static struct err summary_open(
        struct event_reader *reader, slice head, const struct event_options *options, struct arena *arena)
{
    (void)options;
    slice line = csv_first_line(head);
    char separator = is_header(line, ';') ? ';' : ',';
    if (!is_header(line, separator))
        return err_make(ERR_INPUT, "line 1: an observable summary begins with type,value,first,last,count,constituent");
    struct event_field *named = NULL;
    TRY(event_csv_header(reader, head, arena, &named));
    reader->separator = separator;
    reader->fields = fields;
    reader->field_count = COUNT_OF(fields);
    return OK;
}

struct row {
    slice cells[COLUMNS];
    size_t offsets[COLUMNS];
};

/* A day is as good as a time: it begins at midnight UTC. */
static slice time_of_text(slice time, struct arena *arena)
{
    if (time.len != 10 || time.ptr[4] != '-' || time.ptr[7] != '-')
        return time;
    return slice_of(arena_printf(arena, "%.*sT00:00:00Z", (int)time.len, time.ptr));
}

static struct err row_read(
        const struct event_reader *reader, slice record, struct arena *arena, struct row *row, size_t *offset)
{
    struct csv_cells cells = csv_cells_begin(record, reader->separator);
    struct csv_cell cell;
    size_t count = 0, at = 0;
    *offset = 0;
    if (record.len > EVENT_RECORD_MAX)
        return err_make(ERR_LIMIT, "the record is longer than 16 MiB");
    for (; count < COLUMNS && csv_cells_next(&cells, &cell); at = cells.at) {
        row->offsets[count] = at;
        row->cells[count++] = slice_trim(csv_cell_text(&cell, arena));
    }
    *offset = cells.at < record.len ? cells.at : record.len;
    if (cells.why != NULL)
        return err_format(arena, ERR_INPUT, "column %zu: %s", count + 1, cells.why);
    if (count < COLUMNS || !cells.done)
        return err_make(ERR_INPUT, "not six columns: type,value,first,last,count,constituent");
    row->cells[COLUMN_FIRST] = time_of_text(row->cells[COLUMN_FIRST], arena);
    row->cells[COLUMN_LAST] = time_of_text(row->cells[COLUMN_LAST], arena);
    return OK;
}

/* The field of a type; 0 if it has none. */
static uint16_t type_find(slice type)
{
    for (size_t i = COLUMNS; i < COUNT_OF(fields); i++)
        if (slice_eq_fold(slice_of(fields[i].name), type))
            return (uint16_t)i;
    return 0;
}

static const char *time_wrong(slice time)
{
    int64_t us;
    return time.len == 0 || time_parse(time, &us) ? NULL : "not a time";
}

static const char *count_wrong(slice count)
{
    uint64_t number;
    return count.len == 0 || slice_u64(count, UINT64_MAX, &number) ? NULL : "not a number";
}

static const char *value_wrong(slice type, slice value)
{
    enum observable_type of = observable_type_find(type);
    if (value.len == 0)
        return "no value";
    return of == OBSERVABLE_OTHER ? NULL : observable_wrong(of, value);
}

/* As indicators are shared, such values may come defanged; names of files and the like are what they are. */
static slice value_text(slice type, slice value, struct arena *arena)
{
    struct buf plain = buf_make(VALUE_BYTES_MAX);
    bool name = observable_type_find(type) < OBSERVABLE_JA3 && value.len <= VALUE_BYTES_MAX;
    if (name && observable_refang(value, &plain))
        value = arena_copy(arena, buf_slice(&plain));
    buf_free(&plain);
    return value;
}

/* The first column that cannot be what it has to be, or COLUMNS. */
static size_t row_check(const struct row *row, uint16_t type, const char **why)
{
    const char *wrong[COLUMNS] = {
            [COLUMN_TYPE] = type == 0 ? "not a type of observable" : NULL,
            [COLUMN_VALUE] = type == 0 ? NULL : value_wrong(slice_of(fields[type].name), row->cells[COLUMN_VALUE]),
            [COLUMN_FIRST] = time_wrong(row->cells[COLUMN_FIRST]),
            [COLUMN_LAST] = time_wrong(row->cells[COLUMN_LAST]),
            [COLUMN_COUNT] = count_wrong(row->cells[COLUMN_COUNT]),
    };
    size_t column = 0;
    while (column < COLUMNS && wrong[column] == NULL)
        column++;
    *why = column < COLUMNS ? wrong[column] : NULL;
    return column;
}

static struct err summary_pick(
        const struct event_reader *reader, slice record, struct arena *arena, struct json_picks *picks, size_t *offset)
{
    struct row row;
    const char *why;
    size_t place;
    picks->count = 0;
    struct err err = row_read(reader, record, arena, &row, &place);
    uint16_t type = 0;
    if (err.kind == ERR_NONE) {
        type = type_find(row.cells[COLUMN_TYPE]);
        if (type != 0)
            row.cells[COLUMN_VALUE] = value_text(slice_of(fields[type].name), row.cells[COLUMN_VALUE], arena);
        size_t column = row_check(&row, type, &why);
        if (column < COLUMNS) {
            place = row.offsets[column];
            err = err_format(arena, ERR_INPUT, "column %zu (%s): %s", column + 1, column_names[column], why);
        }
    }
    if (offset != NULL)
        *offset = place;
    TRY(err);
    slice last = row.cells[COLUMN_LAST];
    event_pick_add(picks, COLUMN_LAST, last.len > 0 ? last : row.cells[COLUMN_FIRST]);
    event_pick_add(picks, COLUMN_CONSTITUENT, row.cells[COLUMN_CONSTITUENT]);
    event_pick_add(picks, type, row.cells[COLUMN_VALUE]);
    return OK;
}

static void summary_extra(const struct event_reader *reader, slice record, struct arena *arena, struct json_writer *w)
{
    struct row row;
    size_t ignored;
    if (row_read(reader, record, arena, &row, &ignored).kind != ERR_NONE)
        return;
    if (row.cells[COLUMN_FIRST].len > 0)
        json_write_key_text(w, S("first"), row.cells[COLUMN_FIRST]);
    if (row.cells[COLUMN_COUNT].len > 0)
        json_write_key_text(w, S("count"), row.cells[COLUMN_COUNT]);
}

const struct event_format event_summary = {
        .name = "summary",
        .about = "the observable summary: type,value,first,last,count,constituent",
        .recognise = recognise,
        .open = summary_open,
        .record = event_csv_record,
        .pick = summary_pick,
        .extra = summary_extra,
};
