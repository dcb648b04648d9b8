/* SPDX-License-Identifier: Apache-2.0 */
#include "form/form.h"

#include "form/make.h"
#include "form/reader.h"

/*
 * CSV as RFC 4180 has it, with a header, and with any of four separators. The header says what is where: either one
 * column of values with or without a column of their types, and then no other column names a value; or columns that
 * carry one type each.
 */

#define CSV_COLUMNS_MAX 256
#define HEADER_SHOWN 200 /* bytes of a header in a message */

enum role {
    ROLE_NONE,
    ROLE_TYPE,
    ROLE_VALUE,
    ROLE_TYPED, /* values of one type, which is the column's name */
    ROLE_ID,
    ROLE_LABEL,
    ROLE_FROM,
    ROLE_UNTIL,
    ROLE_REVOKED,
};

/*
 * Columns by name, in small letters with hyphens for blanks and underscores. When something was first seen is no start
 * of validity: indicators are looked for in older logs too.
 */
static const struct column_name {
    const char *name;
    enum role role;
} column_names[] = {
        {"type", ROLE_TYPE},
        {"indicator-type", ROLE_TYPE},
        {"ioc-type", ROLE_TYPE},
        {"observable-type", ROLE_TYPE},
        {"value", ROLE_VALUE},
        {"indicator", ROLE_VALUE},
        {"indicator-value", ROLE_VALUE},
        {"ioc", ROLE_VALUE},
        {"ioc-value", ROLE_VALUE},
        {"observable", ROLE_VALUE},
        {"observable-value", ROLE_VALUE},
        {"id", ROLE_ID},
        {"uuid", ROLE_ID},
        {"indicator-id", ROLE_ID},
        {"name", ROLE_LABEL},
        {"label", ROLE_LABEL},
        {"title", ROLE_LABEL},
        {"comment", ROLE_LABEL},
        {"description", ROLE_LABEL},
        {"valid-from", ROLE_FROM},
        {"valid-until", ROLE_UNTIL},
        {"expires", ROLE_UNTIL},
        {"expiry", ROLE_UNTIL},
        {"expiration", ROLE_UNTIL},
        {"expiration-date", ROLE_UNTIL},
        {"revoked", ROLE_REVOKED},
};

#define NAMES_KNOWN                                                                                                    \
    "type, value, indicator, ioc, observable, ip, address, cidr, network, domain, hostname, url, md5, sha1, sha256, "  \
    "sha512, hash, email, ja3, user_agent, filename"

struct cell {
    slice text;   /* without the quotes around it */
    bool doubled; /* quotes inside are written twice */
    struct form_place place;
};

struct column {
    enum role role;
    struct form_type type; /* ROLE_TYPED */
};

struct csv {
    struct form_reader reader;
    const char *at, *end;
    uint64_t line;
    const char *line_start;
    slice record; /* the one at hand */
    char separator;
    const char *wrong; /* with the record at hand */
    struct form_place wrong_place;
    size_t cell_count;
    struct cell cells[CSV_COLUMNS_MAX];
    size_t column_count;
    struct column columns[CSV_COLUMNS_MAX];
    bool has_value; /* a column of values */
};

static struct form_place place_here(const struct csv *csv)
{
    return (struct form_place){csv->line, (uint64_t)(csv->at - csv->line_start) + 1};
}

static void go_wrong(struct csv *csv, struct form_place place, const char *why)
{
    if (csv->wrong != NULL)
        return;
    csv->wrong = why;
    csv->wrong_place = place;
}

static void problem(struct csv *csv, struct form_place place, const char *why)
{
    csv->reader.sink->problem(csv->reader.sink->context, place.line, place.column, why);
}

/* Counts the lines of what was taken up to `to`. */
static void advance(struct csv *csv, const char *to)
{
    const char *newline;
    while (csv->at < to && (newline = memchr(csv->at, '\n', (size_t)(to - csv->at))) != NULL) {
        csv->at = csv->line_start = newline + 1;
        csv->line++;
    }
    csv->at = to;
}

static void put_cell(struct csv *csv, struct cell cell)
{
    if (csv->cell_count < CSV_COLUMNS_MAX)
        csv->cells[csv->cell_count++] = cell;
    else
        go_wrong(csv, cell.place, "more than 256 fields");
}

static bool ends_cell(const struct csv *csv, const char *at)
{
    if (at == csv->end || *at == csv->separator || *at == '\n')
        return true;
    return *at == '\r' && (at + 1 == csv->end || at[1] == '\n');
}

static void take_quoted(struct csv *csv)
{
    struct cell cell = {.place = place_here(csv)};
    const char *from = csv->at + 1, *quote = from;
    while ((quote = memchr(quote, '"', (size_t)(csv->end - quote))) != NULL && quote + 1 < csv->end &&
            quote[1] == '"') {
        cell.doubled = true;
        quote += 2;
    }
    if (quote == NULL) {
        go_wrong(csv, cell.place, "a quote is opened and not closed [RFC 4180 section 2]");
        advance(csv, csv->end);
        return;
    }
    cell.text = (slice){from, (size_t)(quote - from)};
    advance(csv, quote + 1);
    if (!ends_cell(csv, csv->at))
        go_wrong(csv, place_here(csv), "text behind the closing quote [RFC 4180 section 2]");
    while (!ends_cell(csv, csv->at))
        csv->at++;
    put_cell(csv, cell);
}

static void take_plain(struct csv *csv)
{
    struct cell cell = {.place = place_here(csv)};
    const char *from = csv->at;
    while (!ends_cell(csv, csv->at))
        csv->at++;
    cell.text = (slice){from, (size_t)(csv->at - from)};
    put_cell(csv, cell);
}

/* The next record into csv->cells; false at the end of the text. */
static bool take_record(struct csv *csv)
{
    if (csv->at >= csv->end)
        return false;
    const char *from = csv->at;
    csv->cell_count = 0;
    csv->wrong = NULL;
    for (;;) {
        if (csv->at < csv->end && *csv->at == '"')
            take_quoted(csv);
        else
            take_plain(csv);
        if (csv->at == csv->end || *csv->at != csv->separator)
            break;
        csv->at++;
    }
    if ((size_t)(csv->at - from) > FORM_ITEM_MAX)
        go_wrong(csv, place_here(csv), "the record is longer than 33554432 bytes");
    csv->record = (slice){from, (size_t)(csv->at - from)};
    const char *newline = csv->at == csv->end ? NULL : memchr(csv->at, '\n', (size_t)(csv->end - csv->at));
    advance(csv, newline == NULL ? csv->end : newline + 1);
    return true;
}

static bool is_comment_or_empty(const struct csv *csv)
{
    if (csv->at == csv->end)
        return false;
    return *csv->at == '#' || (*csv->at != csv->separator && ends_cell(csv, csv->at));
}

/* Before the header and between records. */
static void skip_comments(struct csv *csv)
{
    while (is_comment_or_empty(csv)) {
        const char *newline = memchr(csv->at, '\n', (size_t)(csv->end - csv->at));
        advance(csv, newline == NULL ? csv->end : newline + 1);
    }
}

static struct column column_find(slice name)
{
    char spelt[FORM_WORD_MAX];
    slice word = form_word(slice_trim(name), spelt);
    struct column column = {ROLE_NONE};
    for (size_t i = 0; i < COUNT_OF(column_names); i++)
        if (slice_eq(word, slice_of(column_names[i].name)))
            column.role = column_names[i].role;
    if (column.role == ROLE_NONE && word.len > 0 && form_type_find(word, &column.type) &&
            column.type.type != OBSERVABLE_OTHER)
        column.role = ROLE_TYPED;
    return column;
}

static bool has_any_value(const struct csv *csv)
{
    for (size_t i = 0; i < csv->column_count; i++)
        if (csv->columns[i].role == ROLE_VALUE || csv->columns[i].role == ROLE_TYPED)
            return true;
    return false;
}

struct csv_mark {
    const char *at;
    uint64_t line;
    const char *line_start;
};

/* Reads the header from there with this separator; how many of its columns we know. */
static size_t read_header(struct csv *csv, const struct csv_mark *from, char separator)
{
    size_t known = 0;
    csv->at = from->at;
    csv->line = from->line;
    csv->line_start = from->line_start;
    csv->separator = separator;
    csv->has_value = false;
    csv->column_count = take_record(csv) ? csv->cell_count : 0;
    for (size_t i = 0; i < csv->column_count; i++) {
        csv->columns[i] = column_find(csv->cells[i].text);
        csv->has_value = csv->has_value || csv->columns[i].role == ROLE_VALUE;
        known += csv->columns[i].role != ROLE_NONE;
    }
    return known;
}

/* Leaves csv behind the header, with the separator under which we know most columns of it. How many these are. */
static size_t find_header(struct csv *csv)
{
    static const char separators[] = {',', ';', '\t', '|'};
    skip_comments(csv);
    const struct csv_mark from = {csv->at, csv->line, csv->line_start};
    size_t most = 0;
    char best = separators[0];
    for (size_t i = 0; i < COUNT_OF(separators); i++) {
        size_t known = read_header(csv, &from, separators[i]);
        if (known > most) {
            most = known;
            best = separators[i];
        }
    }
    return read_header(csv, &from, best);
}

/* The text of a cell, quotes once, without blanks around it. */
static slice cell_text(struct csv *csv, size_t column)
{
    const struct cell *cell = &csv->cells[column];
    if (!cell->doubled)
        return slice_trim(cell->text);
    char *text = arena_take(csv->reader.work, cell->text.len);
    size_t len = 0;
    for (size_t i = 0; i < cell->text.len; i++) {
        text[len++] = cell->text.ptr[i];
        i += cell->text.ptr[i] == '"';
    }
    return slice_trim((slice){text, len});
}

/* A time, or a date, which begins at midnight UTC. */
static bool parse_time(slice text, int64_t *us)
{
    char midnight[] = "0000-00-00T00:00:00Z";
    if (text.len != 10)
        return time_parse(text, us);
    memcpy(midnight, text.ptr, 10);
    return time_parse(slice_of(midnight), us) || time_parse(text, us);
}

static bool read_time(struct csv *csv, size_t column, int64_t *us)
{
    slice text = cell_text(csv, column);
    if (text.len == 0 || parse_time(text, us))
        return true;
    problem(csv, csv->cells[column].place, "neither a date nor a time");
    return false;
}

static bool is_true(slice text)
{
    return slice_eq_fold(text, S("true")) || slice_eq_fold(text, S("yes")) || slice_eq(text, S("1"));
}

/* What all values of the record share; false, and a problem told, if a time is none. */
static bool read_shared(struct csv *csv, struct indicator *shared)
{
    for (size_t i = 0; i < csv->column_count; i++) {
        enum role role = csv->columns[i].role;
        if (role == ROLE_ID && shared->id.len == 0)
            shared->id = cell_text(csv, i);
        else if (role == ROLE_LABEL && shared->label.len == 0)
            shared->label = cell_text(csv, i);
        else if (role == ROLE_REVOKED && is_true(cell_text(csv, i)))
            shared->flags |= INDICATOR_REVOKED;
        else if (role == ROLE_FROM && !read_time(csv, i, &shared->from_us))
            return false;
        else if (role == ROLE_UNTIL && !read_time(csv, i, &shared->until_us))
            return false;
    }
    return true;
}

static struct err give_value(struct csv *csv, const struct form_type *type, size_t column, struct indicator indicator)
{
    slice value = cell_text(csv, column);
    if (type->type == OBSERVABLE_NONE || form_type_refangs(type->type))
        value = form_reader_refang(&csv->reader, value);
    indicator.type = form_type_of(type, value);
    indicator.name = type->name;
    indicator.value = value;
    if (indicator.type != OBSERVABLE_NONE)
        return form_reader_give(&csv->reader, &indicator, csv->cells[column].place);
    problem(csv, csv->cells[column].place, "not a hash of a known length");
    return OK;
}

static struct err give_guessed(struct csv *csv, size_t column, struct indicator indicator)
{
    indicator.value = form_reader_refang(&csv->reader, cell_text(csv, column));
    indicator.type = observable_guess(indicator.value);
    if (indicator.type != OBSERVABLE_NONE)
        return form_reader_give(&csv->reader, &indicator, csv->cells[column].place);
    problem(csv, csv->cells[column].place, "neither an address, a prefix, a name, a URL, a hash nor an e-mail address");
    return OK;
}

/* The column of that role, or column_count. */
static size_t column_of(const struct csv *csv, enum role role)
{
    size_t i = 0;
    while (i < csv->column_count && csv->columns[i].role != role)
        i++;
    return i;
}

static struct err read_pair(struct csv *csv, const struct indicator *shared)
{
    struct form_type type;
    size_t value = column_of(csv, ROLE_VALUE), word = column_of(csv, ROLE_TYPE);
    if (cell_text(csv, value).len == 0) {
        problem(csv, csv->cells[value].place, "the value is empty");
        return OK;
    }
    if (word == csv->column_count)
        return give_guessed(csv, value, *shared);
    if (form_type_find(cell_text(csv, word), &type))
        return give_value(csv, &type, value, *shared);
    problem(csv, csv->cells[word].place, "the word in the column of types is no type of value");
    return OK;
}

static struct err read_record(struct csv *csv)
{
    struct indicator shared = {.modified_us = TIME_NONE, .from_us = TIME_NONE, .until_us = TIME_NONE};
    arena_reset(csv->reader.work);
    if (csv->wrong == NULL && csv->cell_count != csv->column_count)
        go_wrong(csv, csv->cells[0].place,
                arena_printf(csv->reader.work, "%zu fields where the header has %zu [RFC 4180 section 2]",
                        csv->cell_count, csv->column_count));
    if (csv->wrong != NULL) {
        problem(csv, csv->wrong_place, csv->wrong);
        return OK;
    }
    if (!read_shared(csv, &shared))
        return OK;
    if (csv->has_value)
        return read_pair(csv, &shared);
    for (size_t i = 0; i < csv->column_count; i++)
        if (csv->columns[i].role == ROLE_TYPED && slice_trim(csv->cells[i].text).len > 0)
            TRY(give_value(csv, &csv->columns[i].type, i, shared));
    return OK;
}

static struct err refuse(struct csv *csv, slice header)
{
    char shown[HEADER_SHOWN + 1];
    size_t len = slice_find(header, '\n') < HEADER_SHOWN ? slice_find(header, '\n') : HEADER_SHOWN;
    for (size_t i = 0; i < len; i++)
        shown[i] = (char)(header.ptr[i] >= ' ' && header.ptr[i] <= '~' ? header.ptr[i] : ' ');
    shown[len] = '\0';
    struct err err = err_format(csv->reader.messages, ERR_INPUT,
            "the header \"%s\" has no column of values; it would be one of " NAMES_KNOWN, shown);
    return form_reader_refuse(&csv->reader, (size_t)(header.ptr - csv->reader.text.ptr), err);
}

/*
 * Whether nothing is taken from a column: its name says nothing to us, the other columns of values decide, or an
 * earlier one of the same role does.
 */
static bool is_unused(const struct csv *csv, size_t column)
{
    enum role role = csv->columns[column].role;
    if (role == ROLE_TYPED)
        return csv->has_value;
    if (role == ROLE_TYPE)
        return !csv->has_value || column_of(csv, role) != column;
    return role == ROLE_NONE || (role == ROLE_VALUE && column_of(csv, role) != column);
}

static void name_unused(struct csv *csv)
{
    const struct form_sink *sink = csv->reader.sink;
    for (size_t i = 0; sink->unused != NULL && i < csv->column_count; i++)
        if (is_unused(csv, i))
            sink->unused(sink->context, slice_trim(csv->cells[i].text));
}

static struct err read_records(struct csv *csv)
{
    skip_comments(csv);
    slice header = {csv->at, (size_t)(csv->end - csv->at)};
    find_header(csv);
    if (!has_any_value(csv) || csv->wrong != NULL)
        return refuse(csv, header);
    name_unused(csv);
    for (skip_comments(csv); take_record(csv); skip_comments(csv)) {
        if (csv->reader.sink->row != NULL)
            *csv->reader.sink->row = csv->record;
        TRY(read_record(csv));
    }
    return OK;
}

static void csv_begin(struct csv *csv, slice text)
{
    csv->at = csv->line_start = text.ptr;
    csv->end = text.ptr + text.len;
    csv->line = 1;
}

static struct err read_csv(slice text, struct arena *arena, const struct form_sink *sink)
{
    struct csv csv = {.reader = form_reader_open(text, arena, sink)};
    csv_begin(&csv, csv.reader.text);
    struct err err = read_records(&csv);
    form_reader_close(&csv.reader);
    return err;
}

/* Letters, digits, blanks, _ and -: what a column is called, and hardly any value to look for. */
static bool is_column_like(slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = byte_lower(text.ptr[i]);
        if (!(c >= 'a' && c <= 'z') && !byte_is_digit(c) && c != '_' && c != '-' && c != ' ')
            return false;
    }
    return text.len > 0 && text.len <= FORM_WORD_MAX;
}

static int recognise_csv(slice head)
{
    struct csv csv = {.reader.text = head};
    if (head.len == 0)
        return 0;
    csv_begin(&csv, form_without_mark(head));
    size_t known = find_header(&csv);
    if (!has_any_value(&csv))
        return 0;
    for (size_t i = 0; i < csv.cell_count; i++)
        if (!is_column_like(csv.cells[i].text))
            return 0;
    return known >= 2 || known == csv.column_count ? 80 : 40;
}

const struct form form_csv = {"csv", "CSV with a header: columns type and value, or columns of one type each",
        recognise_csv, read_csv, form_csv_objects};
