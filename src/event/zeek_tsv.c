/* SPDX-License-Identifier: Apache-2.0 */
#include "event/zeek.h"

#include "base/arena.h"
#include "event/fields.h"
#include "json/check.h"
#include "json/write.h"

/*
 * Zeek as text, a column for each field. Lines that begin with # say which columns, and what stands between and for
 * nothing in them:
 *
 *     #separator \x09
 *     #set_separator  ,
 *     #empty_field    (empty)
 *     #unset_field    -
 *     #path   dns
 *     #fields ts      uid     id.orig_h ...
 *     #types  time    string  addr ...
 *
 * They come again, with other columns, where logs were put one behind the other. All such lines in a row are one frame.
 * A value that begins with # or holds what is special is written with \xNN for its bytes, so a frame cannot be forged
 * from outside.
 */

#define COLUMNS_MAX 1024
#define FIELD_NONE UINT16_MAX

struct column {
    slice name;
    uint16_t field; /* in the table, or FIELD_NONE */
    bool list;      /* a set or vector */
    bool number, truth;
};

struct columns {
    struct column *rows;
    size_t count;
    const char *why; /* they cannot be used; NULL: they can */
    slice list_separator, empty, unset;
    char separator;
};

static const struct columns no_columns = {.why = "no #fields line before this one"};

/* ---- Text ---- */

/* Whether two hexadecimal digits stand at `at` behind \x. */
static bool is_escape(slice text, size_t at)
{
    return at + 3 < text.len && text.ptr[at] == '\\' && text.ptr[at + 1] == 'x' && byte_hex(text.ptr[at + 2]) >= 0 &&
           byte_hex(text.ptr[at + 3]) >= 0;
}

/* The bytes that \xNN and \\ stand for. */
static slice unescape(slice text, struct arena *arena)
{
    if (!slice_holds(text, '\\'))
        return text;
    char *out = arena_take(arena, text.len);
    size_t len = 0;
    for (size_t at = 0; at < text.len; at++) {
        char c = text.ptr[at];
        if (is_escape(text, at)) {
            c = (char)((unsigned)byte_hex(text.ptr[at + 2]) << 4 | (unsigned)byte_hex(text.ptr[at + 3]));
            at += 3;
        } else if (c == '\\' && at + 1 < text.len && text.ptr[at + 1] == '\\') {
            at++;
        }
        out[len++] = c;
    }
    return (slice){out, len};
}

/* ---- Frames ---- */

/* A run of such lines that is longer than any head is cut: whoever writes it wants us to read it again and again. */
static size_t frame_length(slice block)
{
    size_t at = 0;
    while (at < block.len && block.ptr[at] == '#' && at < EVENT_HEAD) {
        size_t newline = at + slice_find(slice_from(block, at), '\n');
        if (newline == block.len)
            return 0; /* not all there */
        at = newline + 1;
    }
    return at < block.len || at >= EVENT_HEAD ? at : 0;
}

static slice line_trim(slice line)
{
    return line.len > 0 && line.ptr[line.len - 1] == '\r' ? slice_part(line, 0, line.len - 1) : line;
}

/* Whether the line is this word; its value, or all its values, are behind the separator. */
static bool line_is(slice line, slice word, char separator, slice *value)
{
    if (!slice_starts(line, word) || line.len == word.len || line.ptr[word.len] != separator)
        return false;
    *value = slice_from(line, word.len + 1);
    return true;
}

static uint16_t field_find(slice name, bool list)
{
    for (size_t i = 0; i < zeek_field_count; i++) {
        const char *text = zeek_fields[i].path;
        if (name.len == 0 || text[text[0] == '"'] != name.ptr[0])
            continue;
        slice path = slice_of(text);
        bool listed = slice_ends(path, S("[]"));
        path.len -= listed ? 2 : 0;
        if (path.ptr[0] == '"')
            path = slice_part(path, 1, path.len - 1);
        if (listed == list && slice_eq(path, name))
            return (uint16_t)i;
    }
    return FIELD_NONE;
}

static void column_type(struct column *column, slice type)
{
    static const char *const numbers[] = {"time", "interval", "count", "int", "port", "double"};
    static const slice lists[] = {{"set[", 4}, {"vector[", 7}};
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        if (!column->list && slice_starts(type, lists[i]) && slice_ends(type, S("]"))) {
            column->list = true;
            type = slice_part(type, lists[i].len, type.len - 1);
        }
    column->truth = slice_eq(type, S("bool"));
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        column->number |= slice_eq(type, slice_of(numbers[i]));
}

/* Without #types every column is text, and a list is not told from its only element. */
static void columns_name(struct columns *columns, slice names, slice types, struct arena *arena)
{
    slice name, type, rest = names;
    size_t count = 0;
    while (count < COLUMNS_MAX && slice_next(&rest, columns->separator, &name))
        count++;
    columns->rows = arena_new(arena, struct column, count);
    while (slice_next(&names, columns->separator, &name)) {
        if (columns->count == COLUMNS_MAX) {
            columns->why = "the #fields line before this one names more than 1024 columns";
            return;
        }
        struct column *column = &columns->rows[columns->count++];
        column->name = name;
        if (types.ptr != NULL && slice_next(&types, columns->separator, &type))
            column_type(column, type);
        column->field = field_find(name, column->list);
        if (column->field == FIELD_NONE)
            column->field = field_find(name, !column->list);
    }
}

static struct columns columns_read(slice frame, struct arena *arena)
{
    struct columns columns = {
            .separator = '\t', .list_separator = S(","), .empty = S("(empty)"), .unset = S("-"), .why = no_columns.why};
    slice line, names = {NULL, 0}, types = {NULL, 0}, value;
    while (slice_next(&frame, '\n', &line)) {
        line = line_trim(line);
        char separator = columns.separator;
        if (line_is(line, S("#separator"), ' ', &value)) {
            value = unescape(value, arena);
            columns.separator = value.len == 1 ? value.ptr[0] : '\0'; /* then no line below is understood */
        } else if (line_is(line, S("#set_separator"), separator, &value)) {
            columns.list_separator = unescape(value, arena);
        } else if (line_is(line, S("#empty_field"), separator, &value)) {
            columns.empty = value;
        } else if (line_is(line, S("#unset_field"), separator, &value)) {
            columns.unset = value;
        } else if (line_is(line, S("#fields"), separator, &value)) {
            names = value;
        } else if (line_is(line, S("#types"), separator, &value)) {
            types = value;
        }
    }
    if (names.ptr == NULL)
        return columns;
    columns.why = columns.list_separator.len != 1 ? "a #set_separator of other than one byte" : NULL;
    columns_name(&columns, names, types, arena);
    return columns;
}

static bool zeek_tsv_frame(
        const struct event_reader *reader, slice record, struct arena *arena, struct event_reader *next)
{
    if (!slice_starts(record, S("#")))
        return false;
    *next = *reader;
    if (slice_starts(record, S("#fields")) || slice_find_slice(record, S("\n#fields")) < record.len) {
        struct columns *columns = arena_new(arena, struct columns, 1);
        *columns = columns_read(record, arena);
        next->own = columns;
    }
    return true;
}

/* From its first line to its last; a longer one loses its end, and then has fewer columns than its rows. */
static slice frame_around(slice block, size_t at)
{
    size_t from = at;
    while (from > 0) {
        const char *newline = memrchr(block.ptr, '\n', from - 1);
        size_t line = newline == NULL ? 0 : (size_t)(newline - block.ptr) + 1;
        if (block.ptr[line] != '#')
            break;
        from = line;
    }
    slice frame = slice_from(block, from);
    size_t length = frame_length(frame);
    frame.len = length == 0 ? frame.len : length;
    return slice_part(frame, 0, frame.len < EVENT_HEAD ? frame.len : EVENT_HEAD);
}

/* Backwards, line by line: a block seldom holds one, and then all its lines are passed. */
static slice zeek_tsv_frame_last(slice block)
{
    size_t end = block.len;
    while (end > 0) {
        const char *newline = memrchr(block.ptr, '\n', end - 1);
        size_t line = newline == NULL ? 0 : (size_t)(newline - block.ptr) + 1;
        if (slice_starts(slice_part(block, line, end), S("#fields")))
            return frame_around(block, line);
        end = line;
    }
    return S("");
}

/* ---- The members of the format ---- */

static int recognise(slice head)
{
    bool begins = slice_starts(head, S("#separator ")) || slice_starts(head, S("#fields\t"));
    return begins && slice_find_slice(head, S("#fields")) < head.len ? 100 : begins ? 60 : 0;
}

static struct err zeek_tsv_open(
        struct event_reader *reader, slice head, const struct event_options *options, struct arena *arena)
{
    (void)head, (void)options, (void)arena;
    reader->fields = zeek_fields;
    reader->field_count = zeek_field_count;
    reader->own = &no_columns;
    return OK;
}

static size_t zeek_tsv_record(const struct event_reader *reader, slice block)
{
    bool frame = block.len > 0 && block.ptr[0] == '#';
    return frame ? frame_length(block) : event_line_record(reader, block);
}

/* One row on its way into picks. */
struct row {
    const struct columns *columns;
    struct arena *arena;
    struct json_picks *picks;
    bool full;
};

static bool is_nothing(const struct columns *columns, slice value)
{
    return value.len == 0 || slice_eq(value, columns->unset) || slice_eq(value, columns->empty);
}

static void pick_value(struct row *row, const struct column *column, slice value)
{
    if (is_nothing(row->columns, value))
        return;
    row->full |= row->picks->count == JSON_PICKS_MAX;
    if (row->full)
        return;
    value = unescape(value, row->arena);
    row->picks->rows[row->picks->count++] = (struct json_pick){
            .ptr = value.ptr,
            .len = (uint32_t)value.len,
            .path = (uint16_t)column->field,
            .kind = column->number ? JSON_NUMBER : JSON_STRING,
    };
}

static void pick_cell(struct row *row, const struct column *column, slice cell)
{
    slice element;
    if (column->field == FIELD_NONE || is_nothing(row->columns, cell))
        return;
    if (!column->list) {
        pick_value(row, column, cell);
        return;
    }
    while (slice_next(&cell, row->columns->list_separator.ptr[0], &element))
        pick_value(row, column, element);
}

static struct err zeek_tsv_pick(
        const struct event_reader *reader, slice record, struct arena *arena, struct json_picks *picks, size_t *offset)
{
    const struct columns *columns = reader->own;
    struct row row = {.columns = columns, .arena = arena, .picks = picks};
    slice rest = line_trim(record), cell;
    size_t count = 0;
    picks->count = 0;
    if (offset != NULL)
        *offset = 0;
    if (columns->why != NULL)
        return err_make(ERR_INPUT, columns->why);
    for (; slice_next(&rest, columns->separator, &cell); count++)
        if (count < columns->count)
            pick_cell(&row, &columns->rows[count], cell);
    if (count != columns->count)
        return err_format(arena, ERR_INPUT, "%zu columns where #fields names %zu", count, columns->count);
    if (row.full)
        return err_format(arena, ERR_LIMIT, "more than %d values that we read in one line", JSON_PICKS_MAX);
    return OK;
}

/* Numbers as they stand, if JSON can write them so. */
static void write_value(const struct column *column, slice value, struct arena *arena, struct json_writer *w)
{
    bool number = column->number && json_check(value, &json_limits_default, NULL).kind == ERR_NONE &&
                  json_kind(slice_trim(value)) == JSON_NUMBER;
    if (column->truth && (slice_eq(value, S("T")) || slice_eq(value, S("F"))))
        json_write_bool(w, value.ptr[0] == 'T');
    else if (number)
        json_write_raw(w, value);
    else
        json_write_text(w, unescape(value, arena));
}

static void write_list(const struct columns *columns, const struct column *column, slice cell, struct arena *arena,
        struct json_writer *w)
{
    slice element;
    json_write_array(w);
    while (!slice_eq(cell, columns->empty) && slice_next(&cell, columns->list_separator.ptr[0], &element))
        write_value(column, element, arena, w);
    json_write_end(w);
}

static bool is_taken(const struct column *column, slice cell, struct arena *arena)
{
    if (column->field == FIELD_NONE || column->list)
        return false;
    const struct event_field *field = &zeek_fields[column->field];
    bool part = field->role == ROLE_TEXT || field->role == ROLE_URL_PATH;
    return !part && event_field_takes(field, unescape(cell, arena));
}

/* Type and code of ICMP, which stand where others have ports. */
static slice icmp_name(const struct column *column)
{
    bool from = slice_eq(column->name, S("id.orig_p")), to = slice_eq(column->name, S("id.resp_p"));
    return from ? ZEEK_ICMP_TYPE : to ? ZEEK_ICMP_CODE : S("");
}

static bool is_icmp(const struct columns *columns, slice record)
{
    slice cell;
    for (size_t i = 0; i < columns->count && slice_next(&record, columns->separator, &cell); i++)
        if (slice_eq(columns->rows[i].name, S("proto")))
            return slice_eq(cell, S("icmp"));
    return false;
}

static void zeek_tsv_extra(const struct event_reader *reader, slice record, struct arena *arena, struct json_writer *w)
{
    const struct columns *columns = reader->own;
    slice rest = line_trim(record), cell;
    bool icmp = is_icmp(columns, rest);
    for (size_t i = 0; i < columns->count && slice_next(&rest, columns->separator, &cell); i++) {
        const struct column *column = &columns->rows[i];
        slice name = icmp ? icmp_name(column) : S("");
        if (cell.len == 0 || slice_eq(cell, columns->unset) || (name.len == 0 && is_taken(column, cell, arena)))
            continue;
        json_write_key(w, name.len > 0 ? name : column->name);
        if (column->list)
            write_list(columns, column, cell, arena, w);
        else
            write_value(column, cell, arena, w);
    }
}

const struct event_format event_zeek_tsv = {
        .name = "zeek-tsv",
        .about = "Zeek logs as text in columns, named by #fields lines",
        .recognise = recognise,
        .open = zeek_tsv_open,
        .record = zeek_tsv_record,
        .frame = zeek_tsv_frame,
        .frame_last = zeek_tsv_frame_last,
        .pick = zeek_tsv_pick,
        .extra = zeek_tsv_extra,
};
