/* SPDX-License-Identifier: Apache-2.0 */
#include "event/csv.h"

#include "base/arena.h"
#include "event/fields.h"
#include "json/write.h"

/*
 * Tables of reports: comma, semicolon, tab or bar between the columns, names of the columns in the first line, quoting
 * as RFC 4180 has it. What a column means follows from its name (one table, the words of Shadowserver, IntelMQ and
 * common exports) or from a mapping file of the user.
 *
 * A quote that is never closed must not swallow the file: a record whose quoting is wrong ends at its first newline and
 * is one bad line.
 */

#define COLUMNS_MAX JSON_PICKS_MAX
/* Of one quoted field; and so far into a record may a field begin that holds newlines. */
#define QUOTED_BYTES_MAX (64u << 10)
#define HEADER_KNOWN_SURE 2 /* so many known names are no accident */

/* What a column is. Names are compared in lower case with '_' for blank, dot and hyphen. */
static const struct event_field columns[] = {
        /* time */
        {"timestamp", ROLE_TIME},
        {"time_source", ROLE_TIME},
        {"time", ROLE_TIME},
        {"_time", ROLE_TIME},
        {"@timestamp", ROLE_TIME},
        {"ts", ROLE_TIME},
        {"date", ROLE_TIME},
        {"datetime", ROLE_TIME},
        {"date_time", ROLE_TIME},
        {"event_time", ROLE_TIME},
        {"start_time", ROLE_TIME},

        /* the end a report is about */
        {"source_ip", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"src_ip", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"src", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"src_addr", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"source_address", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"srcip", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"ip", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"ip_address", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"client_ip", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"source_port", ROLE_SOURCE_PORT},
        {"src_port", ROLE_SOURCE_PORT},
        {"srcport", ROLE_SOURCE_PORT},
        {"sport", ROLE_SOURCE_PORT},
        {"port", ROLE_SOURCE_PORT},
        {"source_fqdn", ROLE_NONE, VALUE_NAME},
        {"source_reverse_dns", ROLE_NONE, VALUE_NAME},
        {"source_url", ROLE_NONE, VALUE_URL},
        {"src_hostname", ROLE_NONE, VALUE_NAME},
        {"src_host", ROLE_NONE, VALUE_NAME},

        /* the other end */
        {"destination_ip", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"dest_ip", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"dst_ip", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"dst", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"dest", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"dst_addr", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"destination_address", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"dstip", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"server_ip", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"cc_ip", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"destination_port", ROLE_DESTINATION_PORT},
        {"dest_port", ROLE_DESTINATION_PORT},
        {"dst_port", ROLE_DESTINATION_PORT},
        {"dstport", ROLE_DESTINATION_PORT},
        {"dport", ROLE_DESTINATION_PORT},
        {"cc_port", ROLE_DESTINATION_PORT},
        {"destination_fqdn", ROLE_NONE, VALUE_NAME},
        {"destination_reverse_dns", ROLE_NONE, VALUE_NAME},
        {"destination_url", ROLE_NONE, VALUE_URL},
        {"dst_hostname", ROLE_NONE, VALUE_NAME},
        {"dst_host", ROLE_NONE, VALUE_NAME},
        {"cc_dns", ROLE_NONE, VALUE_NAME},

        /* what it is taken for, and who saw it */
        {"classification_taxonomy", ROLE_CLASS_TAXONOMY},
        {"classification_type", ROLE_CLASS_TYPE},
        {"classification_identifier", ROLE_CLASS_IDENTIFIER},
        {"sensor", ROLE_SENSOR},
        {"sensor_id", ROLE_SENSOR},
        {"observer", ROLE_SENSOR},

        /* names and URLs */
        {"hostname", ROLE_NONE, VALUE_NAME},
        {"host", ROLE_NONE, VALUE_NAME},
        {"domain", ROLE_NONE, VALUE_NAME},
        {"domain_name", ROLE_NONE, VALUE_NAME},
        {"fqdn", ROLE_NONE, VALUE_NAME},
        {"query", ROLE_NONE, VALUE_NAME},
        {"rrname", ROLE_NONE, VALUE_NAME},
        {"sni", ROLE_NONE, VALUE_NAME},
        {"server_name", ROLE_NONE, VALUE_NAME},
        {"reverse_dns", ROLE_NONE, VALUE_NAME},
        {"subject_common_name", ROLE_NONE, VALUE_NAME},
        {"url", ROLE_NONE, VALUE_URL},
        {"http_url", ROLE_NONE, VALUE_URL},
        {"uri", ROLE_NONE, VALUE_URL},
        {"referer", ROLE_NONE, VALUE_URL},
        {"referrer", ROLE_NONE, VALUE_URL},
        {"http_referer", ROLE_NONE, VALUE_URL},
        {"http_host", ROLE_URL_HOST, VALUE_NAME},
        {"url_path", ROLE_URL_PATH},
        {"http_path", ROLE_URL_PATH},

        /* files, mail, fingerprints */
        {"malware_hash_md5", ROLE_NONE, VALUE_MD5},
        {"malware_hash_sha1", ROLE_NONE, VALUE_SHA1},
        {"malware_hash_sha256", ROLE_NONE, VALUE_SHA256},
        {"malware_hash", ROLE_NONE, VALUE_HASH},
        {"md5", ROLE_NONE, VALUE_MD5},
        {"md5_hash", ROLE_NONE, VALUE_MD5},
        {"sha1", ROLE_NONE, VALUE_SHA1},
        {"sha1_hash", ROLE_NONE, VALUE_SHA1},
        {"sha256", ROLE_NONE, VALUE_SHA256},
        {"sha256_hash", ROLE_NONE, VALUE_SHA256},
        {"sha512", ROLE_NONE, VALUE_SHA512},
        {"sha512_hash", ROLE_NONE, VALUE_SHA512},
        {"hash", ROLE_NONE, VALUE_HASH},
        {"file_hash", ROLE_NONE, VALUE_HASH},
        {"md5_fingerprint", ROLE_NONE, VALUE_MD5},
        {"sha1_fingerprint", ROLE_NONE, VALUE_SHA1},
        {"sha256_fingerprint", ROLE_NONE, VALUE_SHA256},
        {"sha512_fingerprint", ROLE_NONE, VALUE_SHA512},
        {"filename", ROLE_NONE, VALUE_FILENAME},
        {"file_name", ROLE_NONE, VALUE_FILENAME},
        {"email", ROLE_NONE, VALUE_EMAIL},
        {"sender", ROLE_NONE, VALUE_EMAIL},
        {"recipient", ROLE_NONE, VALUE_EMAIL},
        {"source_account", ROLE_NONE, VALUE_EMAIL},
        {"subject_email_address", ROLE_NONE, VALUE_EMAIL},
        {"user_agent", ROLE_NONE, VALUE_USERAGENT},
        {"http_user_agent", ROLE_NONE, VALUE_USERAGENT},
        {"useragent", ROLE_NONE, VALUE_USERAGENT},
        {"agent", ROLE_NONE, VALUE_USERAGENT},
        {"ja3", ROLE_NONE, VALUE_JA3},
        {"ja3_hash", ROLE_NONE, VALUE_JA3},
        {"ja3s", ROLE_NONE, VALUE_JA3},
        {"message", ROLE_TEXT},
};

/* The words of a mapping file. */
static const struct event_field words[] = {
        {"ignore", ROLE_NONE, VALUE_NONE},
        {"time", ROLE_TIME},
        {"source", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"source-port", ROLE_SOURCE_PORT},
        {"destination", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"destination-port", ROLE_DESTINATION_PORT},
        {"sensor", ROLE_SENSOR},
        {"class-taxonomy", ROLE_CLASS_TAXONOMY},
        {"class-type", ROLE_CLASS_TYPE},
        {"class-identifier", ROLE_CLASS_IDENTIFIER},
        {"url-host", ROLE_URL_HOST, VALUE_NAME},
        {"url-port", ROLE_URL_PORT},
        {"url-path", ROLE_URL_PATH},
        {"text", ROLE_TEXT},
        {"address", ROLE_NONE, VALUE_ADDRESS},
        {"ipv4", ROLE_NONE, VALUE_ADDRESS},
        {"ipv6", ROLE_NONE, VALUE_ADDRESS},
        {"host", ROLE_NONE, VALUE_NAME},
        {"domain", ROLE_NONE, VALUE_NAME},
        {"url", ROLE_NONE, VALUE_URL},
        {"md5", ROLE_NONE, VALUE_MD5},
        {"sha1", ROLE_NONE, VALUE_SHA1},
        {"sha256", ROLE_NONE, VALUE_SHA256},
        {"sha512", ROLE_NONE, VALUE_SHA512},
        {"hash", ROLE_NONE, VALUE_HASH},
        {"email", ROLE_NONE, VALUE_EMAIL},
        {"ja3", ROLE_NONE, VALUE_JA3},
        {"useragent", ROLE_NONE, VALUE_USERAGENT},
        {"filename", ROLE_NONE, VALUE_FILENAME},
        {"ja4", ROLE_NONE, VALUE_OTHER, "ja4"},
        {"hassh", ROLE_NONE, VALUE_OTHER, "hassh"},
        {"mac-addr", ROLE_NONE, VALUE_OTHER, "mac-addr"},
        {"mutex", ROLE_NONE, VALUE_OTHER, "mutex"},
        {"process", ROLE_NONE, VALUE_OTHER, "process"},
        {"directory", ROLE_NONE, VALUE_OTHER, "directory"},
        {"user-account", ROLE_NONE, VALUE_OTHER, "user-account"},
        {"windows-registry-key", ROLE_NONE, VALUE_OTHER, "windows-registry-key"},
        {"autonomous-system", ROLE_NONE, VALUE_OTHER, "autonomous-system"},
};

static const char separators[] = {',', '\t', ';', '|'};

struct csv_cells csv_cells_begin(slice record, char separator)
{
    if (record.len > 0 && record.ptr[record.len - 1] == '\r')
        record.len--;
    return (struct csv_cells){.record = record, .separator = separator, .quoted = slice_find(record, '"') < record.len};
}

/* From the quote that opens a field to the one that closes it; the length of s if it is not there or too far. */
static size_t quote_close(slice s, size_t open, bool *doubled)
{
    size_t limit = s.len - open > QUOTED_BYTES_MAX ? open + QUOTED_BYTES_MAX : s.len;
    for (size_t at = open + 1; at < limit; at += 2) {
        at += slice_find(slice_part(s, at, limit), '"');
        if (at == limit)
            break;
        if (at + 1 == s.len || s.ptr[at + 1] != '"')
            return at;
        *doubled = true;
    }
    return s.len;
}

static bool quoted_cell(struct csv_cells *cells, struct csv_cell *cell)
{
    size_t open = cells->at, close = quote_close(cells->record, open, &cell->doubled);
    if (close == cells->record.len) {
        cells->why = "a quoted field has no end (within 64 KiB)";
        return false;
    }
    cell->text = slice_part(cells->record, open + 1, close);
    cells->at = close + 1;
    cells->done = cells->at == cells->record.len;
    if (!cells->done && cells->record.ptr[cells->at] != cells->separator && cells->lenient) {
        cells->at += slice_find(slice_from(cells->record, cells->at), cells->separator);
        cells->done = cells->at == cells->record.len;
        cell->doubled = false;
        cell->text = slice_part(cells->record, open, cells->at);
    }
    if (!cells->done && cells->record.ptr[cells->at] != cells->separator) {
        cells->why = "text behind a closing quote";
        return false;
    }
    cells->at++;
    return true;
}

bool csv_cells_next(struct csv_cells *cells, struct csv_cell *cell)
{
    if (cells->done)
        return false;
    slice rest = slice_from(cells->record, cells->at);
    cell->doubled = false;
    if (cells->quoted && rest.len > 0 && rest.ptr[0] == '"')
        return quoted_cell(cells, cell);
    size_t end = slice_find_near(rest, cells->separator);
    cell->text = slice_part(rest, 0, end);
    cells->done = end == rest.len;
    cells->at += end + 1;
    return true;
}

static slice undouble(slice text, struct arena *arena)
{
    char *plain = arena_take(arena, text.len);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        plain[len++] = text.ptr[i];
        i += text.ptr[i] == '"';
    }
    return (slice){plain, len};
}

slice csv_cell_text(const struct csv_cell *cell, struct arena *arena)
{
    return cell->doubled ? undouble(cell->text, arena) : cell->text;
}

static bool ends_field(char c, char separator)
{
    return c == separator || c == '\r' || c == '\n';
}

/*
 * The length of the first record, newline included, where a line holds a quote. Where the quoting is wrong, the record
 * ends with the line in which the bad field opens: so whatever was read ahead in vain (at most 64 KiB) holds no other
 * field that opens and does not close, and the reading stays linear.
 */
static size_t quoted_record(slice block, size_t newline, char separator)
{
    size_t at = 0, end = newline; /* end: of the line that `at` stands in */
    while (at < block.len && at < QUOTED_BYTES_MAX) {
        bool doubled;
        if (block.ptr[at] == '"') {
            size_t close = quote_close(block, at, &doubled);
            if (close + 1 >= block.len && block.len - at <= QUOTED_BYTES_MAX)
                return 0;
            if (close == block.len || !ends_field(block.ptr[close + 1], separator))
                break;
            if (close > end)
                end = close + slice_find(slice_from(block, close), '\n');
            at = close + 1;
        }
        at += slice_find(slice_part(block, at, end), separator);
        if (at == end)
            break;
        at++;
    }
    return end == block.len ? 0 : end + 1;
}

size_t event_csv_record(const struct event_reader *reader, slice block)
{
    size_t newline = slice_find(block, '\n');
    if (newline == block.len)
        return 0;
    if (slice_find(slice_part(block, 0, newline), '"') == newline)
        return newline + 1;
    return quoted_record(block, newline, reader->separator);
}

/* Lower case, '_' for what stands between words. Empty if it is longer than any name we know. */
static slice name_fold(slice name, char room[static 64])
{
    name = slice_trim(name);
    if (name.len > 64)
        return S("");
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        room[i] = c == ' ' || c == '.' || c == '-' ? '_' : byte_lower(c);
    }
    return (slice){room, name.len};
}

static const struct event_field *field_find(const struct event_field *table, size_t count, slice name)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(slice_of(table[i].path), name))
            return &table[i];
    return NULL;
}

static const struct event_field *column_find(slice name)
{
    char room[64];
    return field_find(columns, COUNT_OF(columns), name_fold(name, room));
}

/* What the first line looks like when cut at one separator. */
struct header {
    size_t columns, known;
    char separator;
};

static struct header header_try(slice line, char separator)
{
    struct header header = {.separator = separator};
    struct csv_cells cells = csv_cells_begin(line, separator);
    struct csv_cell cell;
    while (header.columns < COLUMNS_MAX && csv_cells_next(&cells, &cell)) {
        header.columns++;
        header.known += column_find(cell.text) != NULL;
    }
    return header;
}

/* The separator that yields the most known columns, then the most columns. */
static struct header header_guess(slice line)
{
    struct header best = {.separator = ','};
    for (size_t i = 0; i < COUNT_OF(separators); i++) {
        struct header header = header_try(line, separators[i]);
        if (header.known > best.known || (header.known == best.known && header.columns > best.columns))
            best = header;
    }
    return best;
}

static slice without_bom(slice head)
{
    return slice_starts(head, S("\xEF\xBB\xBF")) ? slice_from(head, 3) : head;
}

slice csv_first_line(slice head)
{
    slice text = without_bom(head);
    return slice_part(text, 0, slice_find(text, '\n'));
}

static int recognise(slice head)
{
    slice line = csv_first_line(head);
    if (line.len == 0 || line.ptr[0] == '{' || line.ptr[0] == '[')
        return 0;
    struct header header = header_guess(line);
    if (header.columns < 2 || header.known == 0)
        return 0;
    return header.known >= HEADER_KNOWN_SURE ? 90 : 50;
}

/* By name, equal ones in the order of the columns. */
static int path_order(const void *a, const void *b)
{
    const struct event_field *left = *(const struct event_field *const *)a;
    const struct event_field *right = *(const struct event_field *const *)b;
    int order = strcmp(left->path, right->path);
    return order != 0 ? order : (left > right) - (left < right);
}

/* A field of a hit must name one column: the second of a name gets its number. */
static void number_equal(struct event_field *fields, size_t count, struct arena *arena)
{
    struct event_field **sorted = arena_new(arena, struct event_field *, count);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &fields[i];
    qsort(sorted, count, sizeof(struct event_field *), path_order);
    const char *first = sorted[0]->path;
    for (size_t i = 1; i < count; i++) {
        if (strcmp(sorted[i]->path, first) == 0)
            sorted[i]->path = arena_printf(arena, "%s#%zu", first, (size_t)(sorted[i] - fields) + 1);
        else
            first = sorted[i]->path;
    }
}

static struct event_field column_make(slice name, size_t number, struct arena *arena)
{
    const struct event_field *known = column_find(name);
    struct event_field field = {NULL};
    if (known != NULL)
        field = *known;
    name = slice_trim(name);
    field.path = name.len == 0 ? arena_printf(arena, "#%zu", number) : arena_cstr(arena, name);
    return field;
}

/* The columns are the reader's fields, still to be changed by a mapping. */
static struct err header_read(
        struct event_reader *reader, slice line, struct arena *arena, struct event_field **changeable)
{
    struct header header = header_guess(line);
    struct csv_cells cells = csv_cells_begin(line, header.separator);
    struct csv_cell cell;
    struct event_field *fields = arena_new(arena, struct event_field, header.columns);
    size_t count = 0;
    while (count < header.columns && csv_cells_next(&cells, &cell)) {
        fields[count] = column_make(csv_cell_text(&cell, arena), count + 1, arena);
        count++;
    }
    if (!cells.done && count < COLUMNS_MAX)
        csv_cells_next(&cells, &cell); /* says why the guess stopped there */
    if (!cells.done || cells.why != NULL)
        return err_format(arena, ERR_INPUT, "line 1, column %zu: %s", count + 1,
                cells.why != NULL ? cells.why : "too many columns (at most 4096)");
    number_equal(fields, count, arena);
    reader->separator = header.separator;
    reader->fields = *changeable = fields;
    reader->field_count = count;
    return OK;
}

struct map_line {
    const char *map;
    size_t number;
};

static struct err map_error(struct arena *arena, struct map_line at, const char *what, slice text)
{
    return err_format(arena, ERR_INPUT, "%s:%zu: %s \"%.*s\"", at.map, at.number, what,
            (int)(text.len < 80 ? text.len : 80), text.ptr);
}

static struct event_field *field_named(struct event_field *fields, size_t count, slice name)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq_fold(slice_of(fields[i].path), name))
            return &fields[i];
    return NULL;
}

static struct err map_apply(
        struct event_field *fields, size_t count, slice line, struct map_line at, struct arena *arena)
{
    const char *equals = memrchr(line.ptr, '=', line.len);
    if (equals == NULL)
        return map_error(arena, at, "no \"column = word\":", line);
    slice name = slice_trim(slice_part(line, 0, (size_t)(equals - line.ptr)));
    slice word = slice_trim(slice_from(line, (size_t)(equals - line.ptr) + 1));
    const struct event_field *meaning = field_find(words, COUNT_OF(words), word);
    if (meaning == NULL)
        return map_error(arena, at, "unknown word", word);
    struct event_field *field = field_named(fields, count, name);
    if (field == NULL)
        return map_error(arena, at, "the header has no column", name);
    field->role = meaning->role;
    field->value = meaning->value;
    field->name = meaning->name;
    return OK;
}

static struct err map_read(
        struct event_field *fields, size_t count, const struct event_options *options, struct arena *arena)
{
    slice rest = without_bom(options->map), line;
    struct map_line at = {options->map_name == NULL ? "mapping" : options->map_name, 0};
    while (slice_next(&rest, '\n', &line)) {
        at.number++;
        line = slice_trim(line);
        if (line.len > 0 && line.ptr[0] != '#')
            TRY(map_apply(fields, count, line, at, arena));
    }
    return OK;
}

static bool is_wanted(const struct event_field *field)
{
    return field->role != ROLE_NONE || field->value != VALUE_NONE;
}

struct err event_csv_header(struct event_reader *reader, slice head, struct arena *arena, struct event_field **fields)
{
    slice text = without_bom(head);
    size_t bom = head.len - text.len, newline = slice_find(text, '\n');
    if (newline == text.len && head.len >= EVENT_HEAD)
        return err_make(ERR_LIMIT, "the header is longer than 64 KiB");
    slice line = slice_part(text, 0, newline);
    size_t bytes = bom + newline + (newline < text.len);
    if (slice_trim(line).len == 0)
        return err_make(ERR_INPUT, "line 1: no header with the names of the columns");
    TRY(header_read(reader, line, arena, fields));
    reader->header = arena_copy(arena, slice_part(head, 0, bytes));
    return OK;
}

static struct err csv_open(
        struct event_reader *reader, slice head, const struct event_options *options, struct arena *arena)
{
    struct event_field *fields = NULL;
    TRY(event_csv_header(reader, head, arena, &fields));
    TRY(map_read(fields, reader->field_count, options, arena));
    for (size_t i = 0; i < reader->field_count; i++)
        if (is_wanted(&fields[i]))
            return OK;
    return err_make(ERR_INPUT, "line 1: no column has a name we know; name them in a mapping file");
}

/* Without the blanks around it, which few have. */
static slice trim(slice text)
{
    bool blank = text.len > 0 && (byte_is_blank(text.ptr[0]) || byte_is_blank(text.ptr[text.len - 1]));
    return blank ? slice_trim(text) : text;
}

static struct err columns_wrong(
        const struct event_reader *reader, struct csv_cells *cells, size_t count, struct arena *arena, size_t *offset)
{
    struct csv_cell cell;
    if (offset != NULL)
        *offset = cells->at < cells->record.len ? cells->at : cells->record.len;
    if (cells->why == NULL)
        while (csv_cells_next(cells, &cell))
            count++;
    if (cells->why != NULL)
        return err_format(arena, ERR_INPUT, "column %zu: %s", count + 1, cells->why);
    return err_format(arena, ERR_INPUT, "%zu columns where the header has %zu", count, reader->field_count);
}

struct err event_csv_pick(
        const struct event_reader *reader, slice record, struct arena *arena, struct json_picks *picks, size_t *offset)
{
    picks->count = 0;
    if (record.len > EVENT_RECORD_MAX)
        return err_make(ERR_LIMIT, "the record is longer than 16 MiB");
    struct csv_cells cells = csv_cells_begin(record, reader->separator);
    struct csv_cell cell;
    size_t column = 0, used = 0;
    cells.lenient = reader->lenient;
    for (; column < reader->field_count && csv_cells_next(&cells, &cell); column++) {
        if (!is_wanted(&reader->fields[column]) || cell.text.len == 0)
            continue;
        slice text = trim(csv_cell_text(&cell, arena));
        picks->rows[used++] = (struct json_pick){
                .ptr = text.ptr, .len = (uint32_t)text.len, .path = (uint16_t)column, .kind = JSON_STRING};
    }
    bool missing = column < reader->field_count && !(reader->lenient && cells.why == NULL);
    if (missing || !cells.done)
        return columns_wrong(reader, &cells, column, arena, offset);
    picks->count = used;
    return OK;
}

/* The columns that mean nothing to us, and times that are none. */
static void csv_extra(const struct event_reader *reader, slice record, struct arena *arena, struct json_writer *w)
{
    struct csv_cells cells = csv_cells_begin(record, reader->separator);
    struct csv_cell cell;
    for (size_t column = 0; column < reader->field_count && csv_cells_next(&cells, &cell); column++) {
        const struct event_field *field = &reader->fields[column];
        slice text = csv_cell_text(&cell, arena);
        if (text.len > 0 && !(is_wanted(field) && event_field_takes(field, trim(text))))
            json_write_key_text(w, slice_of(field->path), text);
    }
}

const struct event_format event_csv = {
        .name = "csv",
        .about = "reports as CSV (also with semicolons, tabs or bars), the names of the columns in the first line",
        .recognise = recognise,
        .open = csv_open,
        .record = event_csv_record,
        .pick = event_csv_pick,
        .extra = csv_extra,
};
