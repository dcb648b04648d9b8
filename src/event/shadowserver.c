/* SPDX-License-Identifier: Apache-2.0 */
#include "event/shadowserver.h"

#include "base/arena.h"
#include "base/ip.h"
#include "event/csv.h"
#include "event/fields.h"
#include "event/rsit.h"
#include "json/check.h"
#include "json/write.h"

/*
 * Reports of the Shadowserver Foundation: a file for each type of report and day, as CSV or as an array of JSON
 * objects. Which type it is, and so the class of all its events, says only the file's name. A column means the same in
 * all types, but for a few (`special_columns`). Times are UTC without saying so. What is not used stays under its own
 * name.
 */

#define TYPE_NAME_MAX 64
#define OBJECTS_DEPTH_MAX 4 /* objects inside each other; reports have none */
#define OBJECT_BYTES_MAX (1u << 20)

/* What is to be done with the values of a column before they mean something. */
enum {
    COLUMN_SILENT = 1,  /* "0" and "unknown" say nothing */
    COLUMN_ADDRESS = 2, /* an address and nothing else; 0.0.0.0 is none */
    COLUMN_REQUEST = 4, /* a path, or the request line it stands in */
    COLUMN_LIST = 8,    /* may be several, with bars between them */
    COLUMN_NAME = 16,   /* "0" and "unknown" are no value */
};

static const struct event_field columns[] = {
        {"timestamp", ROLE_TIME},

        {"ip", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"port", ROLE_SOURCE_PORT},
        {"hostname", ROLE_NONE, VALUE_NAME},
        {"src_ip", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"src_port", ROLE_SOURCE_PORT},
        {"src_hostname", ROLE_NONE, VALUE_NAME},
        {"dst_ip", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"dst_port", ROLE_DESTINATION_PORT},
        {"dst_hostname", ROLE_NONE, VALUE_NAME},
        {"sensor_id", ROLE_SENSOR},
        {"asn", ROLE_SOURCE_ASN},
        {"src_asn", ROLE_SOURCE_ASN},
        {"severity", ROLE_SEVERITY},

        {"url", ROLE_NONE, VALUE_URL},
        {"http_host", ROLE_URL_HOST, VALUE_NAME},
        {"http_url", ROLE_URL_PATH},
        {"http_agent", ROLE_NONE, VALUE_USERAGENT},
        {"user_agent", ROLE_NONE, VALUE_USERAGENT},
        {"http_referer", ROLE_NONE, VALUE_URL},
        {"http_referer_ip", ROLE_NONE, VALUE_ADDRESS},
        {"http_referer_hostname", ROLE_NONE, VALUE_NAME},
        {"forwarded_by", ROLE_TEXT},
        {"cc_url", ROLE_NONE, VALUE_URL},
        {"payload_url", ROLE_NONE, VALUE_URL},
        {"redirect_target", ROLE_NONE, VALUE_URL},
        {"leak_site_url", ROLE_NONE, VALUE_URL},
        {"source_url", ROLE_NONE, VALUE_URL},
        {"website", ROLE_NONE, VALUE_URL},

        {"host", ROLE_NONE, VALUE_NAME},
        {"domain", ROLE_NONE, VALUE_NAME},
        {"ssl_servername", ROLE_NONE, VALUE_NAME},
        {"subject_common_name", ROLE_NONE, VALUE_NAME},
        {"beacon_host", ROLE_TEXT},
        {"attack_src_ip", ROLE_NONE, VALUE_ADDRESS},
        {"external_ip", ROLE_NONE, VALUE_ADDRESS},
        {"mapped_address", ROLE_NONE, VALUE_ADDRESS},
        {"xor_mapped_address", ROLE_NONE, VALUE_ADDRESS},
        {"mac_address", ROLE_NONE, VALUE_OTHER, "mac-addr"},

        {"account", ROLE_NONE, VALUE_OTHER, "user-account"},
        {"username", ROLE_NONE, VALUE_OTHER, "user-account"},
        {"email", ROLE_NONE, VALUE_EMAIL},
        {"sender", ROLE_NONE, VALUE_EMAIL},
        {"subject_email_address", ROLE_NONE, VALUE_EMAIL},

        {"md5", ROLE_NONE, VALUE_MD5},
        {"md5hash", ROLE_NONE, VALUE_MD5}, /* in reports of sandboxes before the schema was published */
        {"sha1", ROLE_NONE, VALUE_SHA1},
        {"sha256", ROLE_NONE, VALUE_SHA256},
        {"binary_md5", ROLE_NONE, VALUE_MD5},
        {"binary_sha1", ROLE_NONE, VALUE_SHA1},
        {"binary_sha256", ROLE_NONE, VALUE_SHA256},
        {"binary_sha512", ROLE_NONE, VALUE_SHA512},
        {"config_md5", ROLE_NONE, VALUE_MD5},
        {"config_sha1", ROLE_NONE, VALUE_SHA1},
        {"config_sha256", ROLE_NONE, VALUE_SHA256},
        {"config_sha512", ROLE_NONE, VALUE_SHA512},
        {"file_md5", ROLE_NONE, VALUE_MD5},
        {"file_sha256", ROLE_NONE, VALUE_SHA256},
        {"payload_md5", ROLE_NONE, VALUE_MD5},
        {"md5_fingerprint", ROLE_NONE, VALUE_MD5},
        {"sha1_fingerprint", ROLE_NONE, VALUE_SHA1},
        {"sha256_fingerprint", ROLE_NONE, VALUE_SHA256},
        {"sha512_fingerprint", ROLE_NONE, VALUE_SHA512},
        {"hassh", ROLE_NONE, VALUE_OTHER, "hassh"},
};

/* Columns that mean something else, or only mean something, in one type of report. */
static const struct {
    const char *type;
    struct event_field field;
} special_columns[] = {
        {"compromised_website", {"url", ROLE_URL_PATH}},
        {"compromised_account", {"username", ROLE_NONE, VALUE_EMAIL}},
        /* the address is that of the site the visitor came from */
        {"event_sinkhole_http_referer", {"http_referer_ip", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS}},
        {"event_sinkhole_http_referer", {"src_ip", ROLE_NONE, VALUE_ADDRESS}},
        {"event_sinkhole_http_referer", {"src_port"}},
        {"event_sinkhole_http_referer", {"src_asn"}},
        {"event_sinkhole_http_referer", {"http_referer_asn", ROLE_SOURCE_ASN}},
        {"event_sinkhole_dns", {"query", ROLE_NONE, VALUE_NAME}},
        {"sandbox_dns", {"request", ROLE_NONE, VALUE_NAME}},
        {"sandbox_dns", {"response", ROLE_TEXT}},
        /* the relay that the mail came by */
        {"spam_url", {"src_ip", ROLE_NONE, VALUE_ADDRESS}},
        {"spam_url", {"src_asn"}},
};

/* The three that a tag decides stand behind the columns: picks of theirs have no name of a column. */
enum { SAID_TAXONOMY, SAID_TYPE, SAID_IDENTIFIER, SAID_COUNT };

static const struct event_field said[SAID_COUNT] = {
        [SAID_TAXONOMY] = {"classification.taxonomy", ROLE_CLASS_TAXONOMY},
        [SAID_TYPE] = {"classification.type", ROLE_CLASS_TYPE},
        [SAID_IDENTIFIER] = {"classification.identifier", ROLE_CLASS_IDENTIFIER},
};

/* scan_exchange reports servers that may be broken into, and such as were. */
static const slice exchange_broken[SAID_COUNT] = {
        {"intrusions", 10}, {"system-compromise", 17}, {"exchange-server-webshell", 24}};
static const slice exchange_open[SAID_COUNT] = {
        {"vulnerable", 10}, {"infected-system", 15}, {"vulnerable-exchange-server", 26}};

/* One input, beside its reader. */
struct report {
    const struct shadowserver_type *type;
    const uint8_t *flags; /* of each field */
    size_t tag;           /* the column that decides the class; SIZE_MAX: the type does */
};

/* scan6_telnet and scan_telnet, event4_sinkhole and event6_sinkhole, device_id6: the digit says only which addresses.
 */
static slice type_name(slice word, char room[static TYPE_NAME_MAX])
{
    size_t len = 0, first = slice_find(word, '_');
    if (word.len >= TYPE_NAME_MAX)
        return S("");
    for (size_t i = 0; i < word.len; i++) {
        bool digit = word.ptr[i] == '4' || word.ptr[i] == '6';
        if (!(digit && i + 1 == first) && !(word.ptr[i] == '6' && i + 1 == word.len))
            room[len++] = word.ptr[i];
    }
    return (slice){room, len};
}

const struct shadowserver_type *shadowserver_type_find(slice file_name)
{
    const char *slash = file_name.len == 0 ? NULL : memrchr(file_name.ptr, '/', file_name.len);
    slice rest = slash == NULL ? file_name : slice_from(file_name, (size_t)(slash - file_name.ptr) + 1);
    while (rest.len > 0) {
        size_t end = 0;
        while (end < rest.len && rest.ptr[end] != '-' && rest.ptr[end] != '.')
            end++;
        char room[TYPE_NAME_MAX];
        slice name = type_name(slice_part(rest, 0, end), room);
        for (const struct shadowserver_type *at = shadowserver_types; at->name != NULL; at++)
            if (slice_eq(slice_of(at->name), name))
                return at;
        rest = slice_from(rest, end < rest.len ? end + 1 : end);
    }
    return NULL;
}

static const struct event_field *column_known(slice name)
{
    for (size_t i = 0; i < COUNT_OF(columns); i++)
        if (slice_eq(slice_of(columns[i].path), name))
            return &columns[i];
    return NULL;
}

static const struct event_field *column_find(const struct shadowserver_type *type, slice name)
{
    for (size_t i = 0; i < COUNT_OF(special_columns); i++)
        if (slice_eq(slice_of(special_columns[i].type), slice_of(type->name)) &&
                slice_eq(slice_of(special_columns[i].field.path), name))
            return &special_columns[i].field;
    return column_known(name);
}

static bool is_silent_column(slice name)
{
    for (const char *const *at = shadowserver_silent; *at != NULL; at++)
        if (slice_eq(slice_of(*at), name))
            return true;
    return false;
}

static bool says_nothing(slice text)
{
    return slice_eq(text, S("0")) || slice_eq(text, S("unknown"));
}

/* The column's meaning, under the name that the report gives it. */
static struct event_field column_make(const struct shadowserver_type *type, const char *path)
{
    slice name = slice_of(path);
    const struct event_field *known = column_find(type, name);
    struct event_field field = {NULL};
    if (known != NULL)
        field = *known;
    if (type->column != NULL && slice_eq(slice_of(type->column), name))
        field.role = ROLE_CLASS_IDENTIFIER;
    field.path = path;
    return field;
}

static uint8_t column_flags(const struct event_field *field)
{
    unsigned flags = is_silent_column(slice_of(field->path)) ? COLUMN_SILENT : 0;
    if (field->value == VALUE_NAME || field->role == ROLE_CLASS_IDENTIFIER)
        flags |= COLUMN_NAME;
    if (field->value == VALUE_ADDRESS)
        flags |= COLUMN_ADDRESS;
    if (field->role == ROLE_URL_PATH)
        flags |= COLUMN_REQUEST;
    if (field->value != VALUE_NONE && field->value != VALUE_USERAGENT)
        flags |= COLUMN_LIST;
    return (uint8_t)flags;
}

/* ---- The values of a record ---- */

/* "GET /a?b HTTP/1.1" is "/a?b"; a whole URL stays whole. */
static slice request_path(slice text)
{
    if (slice_find_slice(text, S("://")) < slice_find(text, ' '))
        return slice_part(text, 0, slice_find(text, ' '));
    text = slice_from(text, slice_find(text, '/'));
    return slice_part(text, 0, slice_find(text, ' '));
}

/* What a value of the column means; empty if nothing. */
static slice value_of(uint8_t flags, slice text)
{
    struct ip ip;
    if ((flags & (COLUMN_SILENT | COLUMN_NAME)) != 0 && says_nothing(text))
        return S("");
    if ((flags & COLUMN_ADDRESS) != 0 && (slice_eq(text, S("0.0.0.0")) || !ip_parse(text, &ip)))
        return S("");
    return (flags & COLUMN_REQUEST) != 0 ? request_path(text) : text;
}

static bool put(struct json_picks *picks, size_t *used, const struct json_pick *like, slice text)
{
    if (*used == JSON_PICKS_MAX)
        return false;
    picks->rows[*used] = *like;
    picks->rows[*used].ptr = text.ptr;
    picks->rows[(*used)++].len = (uint32_t)text.len;
    return true;
}

/* In a URL a bar may stand, unescaped, where servers are lax; behind one, another URL begins. */
static bool is_list(const struct event_field *field, uint8_t flags, slice text)
{
    if ((flags & COLUMN_LIST) == 0 || !slice_holds(text, '|'))
        return false;
    return field->value != VALUE_URL || slice_find_slice(text, S("|http")) < text.len;
}

/* The values of a list, behind all other picks. */
static void list_add(struct json_picks *picks, const struct json_pick *pick, slice rest, uint8_t flags)
{
    struct json_pick like = *pick;
    slice piece;
    while (slice_next(&rest, '|', &piece)) {
        piece = value_of(flags, slice_trim(piece));
        if (piece.len > 0 && !put(picks, &picks->count, &like, piece))
            return;
    }
}

static void class_add(const struct event_reader *reader, const slice *class, struct json_picks *picks)
{
    for (size_t i = 0; i < SAID_COUNT; i++) {
        struct json_pick like = {.path = (uint16_t)(reader->field_count + i), .kind = JSON_STRING};
        if (!put(picks, &picks->count, &like, class[i]))
            return;
    }
}

/* From what stands in the columns to what it means. */
static void refine(const struct event_reader *reader, struct json_picks *picks)
{
    const struct report *report = reader->own;
    const slice *class = exchange_open;
    size_t used = 0, count = picks->count;
    for (size_t i = 0; i < count; i++) {
        struct json_pick pick = picks->rows[i];
        uint8_t flags = report->flags[pick.path];
        slice text = {pick.ptr, pick.len};
        if (pick.path == report->tag) {
            class = slice_eq(text, S("exchange;webshell")) ? exchange_broken : exchange_open;
            continue;
        }
        if (is_list(&reader->fields[pick.path], flags, text)) {
            list_add(picks, &pick, text, flags);
            continue;
        }
        text = value_of(flags, text);
        if (text.len > 0)
            put(picks, &used, &pick, text);
    }
    size_t lists = picks->count - count;
    memmove(picks->rows + used, picks->rows + count, lists * sizeof picks->rows[0]);
    picks->count = used + lists;
    if (report->type->type == NULL)
        class_add(reader, class, picks);
}

/* Whether the event says this value already, so that it need not be told twice. */
static bool is_told(const struct event_field *field, uint8_t flags, slice text)
{
    if ((field->role == ROLE_NONE && field->value == VALUE_NONE) || field->role == ROLE_URL_PATH ||
            field->role == ROLE_TEXT)
        return false;
    return value_of(flags, text).len > 0 && !is_list(field, flags, text) && event_field_takes(field, text);
}

/* What the columns mean, one after another: the fields of the reader. */
struct meanings {
    struct event_field *fields;
    uint8_t *flags;
    size_t count, known;
};

static struct meanings meanings_make(size_t room, struct arena *arena)
{
    return (struct meanings){
            .fields = arena_new(arena, struct event_field, room + SAID_COUNT),
            .flags = arena_new(arena, uint8_t, room + SAID_COUNT),
    };
}

static void meaning_add(struct meanings *meanings, struct report *report, const char *path)
{
    struct event_field field = column_make(report->type, path);
    meanings->known += field.role != ROLE_NONE || field.value != VALUE_NONE;
    if (report->type->type == NULL && slice_eq(slice_of(path), S("tag"))) {
        report->tag = meanings->count;
        field.role = ROLE_CLASS_TYPE; /* so that it is picked */
    }
    meanings->flags[meanings->count] = column_flags(&field);
    meanings->fields[meanings->count++] = field;
}

static void meanings_use(const struct meanings *meanings, struct event_reader *reader, struct report *report)
{
    memcpy(meanings->fields + meanings->count, said, sizeof said);
    reader->fields = meanings->fields;
    reader->field_count = meanings->count;
    report->flags = meanings->flags;
}

/* ---- CSV ---- */

static struct err open_csv(struct event_reader *reader, struct report *report, slice head, struct arena *arena)
{
    struct event_field *named = NULL;
    TRY(event_csv_header(reader, head, arena, &named));
    struct meanings meanings = meanings_make(reader->field_count, arena);
    for (size_t i = 0; i < reader->field_count; i++)
        meaning_add(&meanings, report, named[i].path);
    meanings_use(&meanings, reader, report);
    reader->lenient = true;
    return meanings.known > 0 ? OK : err_make(ERR_INPUT, "line 1: no column is one of Shadowserver's");
}

static void extra_csv(const struct event_reader *reader, slice record, struct arena *arena, struct json_writer *w)
{
    const struct report *report = reader->own;
    struct csv_cells cells = csv_cells_begin(record, reader->separator);
    struct csv_cell cell;
    cells.lenient = true;
    for (size_t i = 0; i < reader->field_count && csv_cells_next(&cells, &cell); i++) {
        slice text = csv_cell_text(&cell, arena), trimmed = slice_trim(text);
        bool silent = (report->flags[i] & COLUMN_SILENT) != 0 && says_nothing(trimmed);
        if (text.len > 0 && !silent && (i == report->tag || !is_told(&reader->fields[i], report->flags[i], trimmed)))
            json_write_key_text(w, slice_of(reader->fields[i].path), text);
    }
}

/* ---- JSON ---- */

static bool is_between(char c)
{
    return byte_is_blank(c) || c == ',' || c == '[' || c == ']';
}

/* Behind the string whose quote opens at `at`; false if a newline ends it, which JSON does not allow in one. */
static bool string_skip(slice text, size_t *at)
{
    size_t end = *at + 1;
    while (end < text.len && text.ptr[end] != '"' && text.ptr[end] != '\n')
        end += text.ptr[end] == '\\' && end + 1 < text.len && text.ptr[end + 1] != '\n' ? 2 : 1;
    bool newline = end < text.len && text.ptr[end] == '\n';
    *at = newline || end == text.len ? end : end + 1;
    return !newline;
}

static size_t line_end(slice text, size_t from)
{
    return from + slice_find(slice_from(text, from), '\n');
}

/* Behind the object that begins at `at`; 0 if it does not end here; a newline that cannot stand there ends it. */
static size_t object_end(slice text, size_t at)
{
    unsigned depth = 0;
    while (at < text.len) {
        char c = text.ptr[at];
        if (c == '"') {
            if (!string_skip(text, &at))
                return at;
            continue;
        }
        depth += c == '{';
        depth -= c == '}';
        at++;
        if (depth == 0)
            return at;
        if (depth > OBJECTS_DEPTH_MAX)
            return line_end(text, at);
    }
    return 0;
}

/*
 * An object of the array, what stands before it, and what follows up to its newline. One that is not closed ends at a
 * ceiling, so that the reading stays linear; where no object begins, the line is the record, and what stands between
 * objects only is one that nobody reads.
 */
static size_t record_json(slice block)
{
    size_t at = 0;
    while (at < block.len && is_between(block.ptr[at]))
        at++;
    if (at == block.len) {
        const char *newline = at == 0 ? NULL : memrchr(block.ptr, '\n', at);
        return newline == NULL ? 0 : (size_t)(newline - block.ptr) + 1;
    }
    slice near = slice_part(block, 0, block.len - at < OBJECT_BYTES_MAX ? block.len : at + OBJECT_BYTES_MAX);
    bool opens = block.ptr[at] == '{';
    size_t end = opens ? object_end(near, at) : line_end(block, at);
    if (end == 0 && near.len < block.len)
        end = line_end(block, near.len);
    if (end == block.len && !(opens && block.ptr[end - 1] == '}'))
        return 0;
    while (end > 0 && end < block.len && block.ptr[end] != '\n' && is_between(block.ptr[end]))
        end++;
    return end > 0 && end < block.len && block.ptr[end] == '\n' ? end + 1 : end;
}

/* The object alone. */
static slice object_of(slice record)
{
    while (record.len > 0 && is_between(record.ptr[0]))
        record = slice_from(record, 1);
    while (record.len > 0 && is_between(record.ptr[record.len - 1]))
        record.len--;
    return record;
}

/* Every column that means something in this type, whether or not the objects have it. */
static void open_json(struct event_reader *reader, struct report *report, struct arena *arena)
{
    struct meanings meanings = meanings_make(COUNT_OF(columns) + COUNT_OF(special_columns) + 2, arena);
    for (size_t i = 0; i < COUNT_OF(columns); i++)
        meaning_add(&meanings, report, columns[i].path);
    for (size_t i = 0; i < COUNT_OF(special_columns); i++) {
        const char *path = special_columns[i].field.path;
        if (strcmp(special_columns[i].type, report->type->name) == 0 && column_known(slice_of(path)) == NULL)
            meaning_add(&meanings, report, path);
    }
    if (report->type->column != NULL)
        meaning_add(&meanings, report, report->type->column);
    if (report->type->type == NULL)
        meaning_add(&meanings, report, "tag");
    meanings_use(&meanings, reader, report);
    reader->joined = true;
    reader->between = S("[], \t\r\n");
}

/* The field of that name; the number of fields if none has it. */
static size_t field_find(const struct event_reader *reader, slice name)
{
    size_t i = 0;
    while (i < reader->field_count && !slice_eq(slice_of(reader->fields[i].path), name))
        i++;
    return i;
}

/* Reports are flat, and two of their columns end alike, which json_pick() does not take: so member by member. */
static struct err pick_json(
        const struct event_reader *reader, slice record, struct arena *arena, struct json_picks *picks, size_t *offset)
{
    slice object = object_of(record), key, value;
    size_t within = 0;
    if (object.len == 0 || object.ptr[0] != '{')
        return err_make(ERR_INPUT, "no object stands here");
    struct err err = json_check(object, &json_limits_default, &within);
    if (offset != NULL)
        *offset = (size_t)(object.ptr - record.ptr) + within;
    TRY(err);
    struct json_members members = json_members(object);
    while (json_member_next(&members, &key, &value)) {
        enum json_kind kind = json_kind(value);
        size_t field = field_find(reader, json_unescape(key, arena));
        if (field == reader->field_count || (kind != JSON_STRING && kind != JSON_NUMBER))
            continue;
        struct json_pick like = {.path = (uint16_t)field, .kind = (uint8_t)kind};
        slice text = slice_trim(kind == JSON_STRING ? json_text(value, arena) : value);
        if (text.len > 0)
            put(picks, &picks->count, &like, text);
    }
    return OK;
}

static bool is_told_json(const struct event_reader *reader, slice name, slice text)
{
    const struct report *report = reader->own;
    size_t i = field_find(reader, name);
    return i < reader->field_count && i != report->tag && is_told(&reader->fields[i], report->flags[i], text);
}

/* JSON with its line ends, which can stand between tokens only, made blanks: a row of ours is a line. */
static slice one_line(slice json, struct arena *arena)
{
    if (!slice_holds(json, '\n') && !slice_holds(json, '\r'))
        return json;
    char *copy = arena_take(arena, json.len);
    for (size_t i = 0; i < json.len; i++)
        copy[i] = json.ptr[i] == '\n' || json.ptr[i] == '\r' ? ' ' : json.ptr[i];
    return (slice){copy, json.len};
}

static void extra_json(const struct event_reader *reader, slice record, struct arena *arena, struct json_writer *w)
{
    struct json_members members = json_members(object_of(record));
    slice key, value;
    while (json_member_next(&members, &key, &value)) {
        enum json_kind kind = json_kind(value);
        bool single = kind == JSON_STRING || kind == JSON_NUMBER;
        slice name = json_unescape(key, arena), text = kind == JSON_STRING ? json_text(value, arena) : value;
        bool silent = text.len == 0 || (says_nothing(text) && is_silent_column(name));
        if (single && (silent || is_told_json(reader, name, slice_trim(text))))
            continue;
        json_write_key(w, name);
        json_write_raw(w, one_line(value, arena));
    }
}

/* ---- Both ---- */

#define TYPE_UNKNOWN "the file's name says no type of report that we know (2026-01-01-scan_telnet-NAME.csv)"

static bool looks_json(slice head)
{
    slice text = slice_trim(head);
    return slice_starts(text, S("[")) || slice_starts(text, S("{"));
}

static struct err shadowserver_open(
        struct event_reader *reader, slice head, const struct event_options *options, struct arena *arena)
{
    const struct shadowserver_type *type = shadowserver_type_find(options->name);
    if (type == NULL)
        return err_make(ERR_INPUT, TYPE_UNKNOWN);
    struct report *report = arena_new(arena, struct report, 1);
    *report = (struct report){.type = type, .tag = SIZE_MAX};
    reader->own = report;
    if (type->type != NULL) {
        const struct rsit_class *class = rsit_find(slice_of(type->type));
        reader->class.taxonomy = class == NULL ? S("other") : slice_of(class->taxonomy);
        reader->class.type = slice_of(type->type);
        reader->class.identifier = type->identifier == NULL ? S("") : slice_of(type->identifier);
    }
    if (!looks_json(head))
        return open_csv(reader, report, head, arena);
    open_json(reader, report, arena);
    return OK;
}

static size_t shadowserver_record(const struct event_reader *reader, slice block)
{
    return reader->joined ? record_json(block) : event_csv_record(reader, block);
}

static struct err shadowserver_pick(
        const struct event_reader *reader, slice record, struct arena *arena, struct json_picks *picks, size_t *offset)
{
    picks->count = 0;
    TRY((reader->joined ? pick_json : event_csv_pick)(reader, record, arena, picks, offset));
    refine(reader, picks);
    return picks->count < JSON_PICKS_MAX ? OK : err_make(ERR_LIMIT, "more than 4095 values in one report");
}

static void shadowserver_extra(
        const struct event_reader *reader, slice record, struct arena *arena, struct json_writer *w)
{
    (reader->joined ? extra_json : extra_csv)(reader, record, arena, w);
}

static int recognise(slice head)
{
    (void)head; /* without a name, a report is a table like others */
    return 0;
}

static int recognise_named(slice head, slice name)
{
    if (shadowserver_type_find(name) == NULL)
        return 0;
    slice start = looks_json(head) ? head : csv_first_line(head);
    return slice_find_slice(start, S("timestamp")) < start.len ? 97 : 0;
}

const struct event_format event_shadowserver = {
        .name = "shadowserver",
        .about = "reports of the Shadowserver Foundation, as CSV or JSON, the type of the report in the file's name",
        .recognise = recognise,
        .recognise_named = recognise_named,
        .open = shadowserver_open,
        .record = shadowserver_record,
        .pick = shadowserver_pick,
        .extra = shadowserver_extra,
};
