/* SPDX-License-Identifier: Apache-2.0 */
#include "event/event.h"

#include "base/arena.h"
#include "base/ip.h"
#include "event/fields.h"
#include "event/text.h"
#include "json/check.h"
#include "json/write.h"

/*
 * From picks to what they mean. event_observables() and event_intricate() stand on the fast road: they look at each
 * value once, check only what is cheap (length, first byte) and leave the full check to the index, which needs the
 * normal form anyway. event_fill() is for people and checks everything.
 */

#define VALUE_BYTES_MAX 8192 /* no indicator is longer */
#define PORT_MAX 65535

/* One record on its way from picks to observables. */
struct gather {
    struct arena *arena;
    struct observable *rows;
    size_t count, room;
    struct text_authority url_host;
    uint32_t url_port;
    slice url_path, url_field;
};

static void add(struct gather *g, enum observable_type type, slice value, slice field)
{
    if (g->count < g->room)
        g->rows[g->count++] = (struct observable){.type = type, .value = value, .field = field};
}

/* As far as a length and a first byte tell; the index parses it. */
static void add_address(struct gather *g, slice text, slice field)
{
    bool colon = slice_holds(text, ':');
    if (colon && text.len >= 2 && text.len <= 45)
        add(g, OBSERVABLE_IPV6, text, field);
    else if (!colon && text.len >= 7 && text.len <= 15 && byte_is_digit(text.ptr[0]))
        add(g, OBSERVABLE_IPV4, text, field);
}

static void add_name(struct gather *g, struct text_authority end, slice field)
{
    struct ip ip;
    if (end.host.len == 0)
        return;
    if ((end.colons || byte_is_digit(end.host.ptr[0])) && ip_parse(end.host, &ip))
        add(g, ip.family == 4 && !end.colons ? OBSERVABLE_IPV4 : OBSERVABLE_IPV6, end.host, field);
    else if (!end.colons)
        add(g, OBSERVABLE_HOST, end.host, field);
}

static void read_nothing(struct gather *g, const struct event_field *field, slice value, slice path)
{
    (void)g, (void)field, (void)value, (void)path;
}

static void read_address(struct gather *g, const struct event_field *field, slice value, slice path)
{
    (void)field;
    add_address(g, text_authority(value).host, path);
}

static void read_name(struct gather *g, const struct event_field *field, slice value, slice path)
{
    (void)field;
    add_name(g, text_authority(value), path);
}

/* Host names in logs hold no blanks: such a value is the text of another kind of DNS record. */
static void read_address_name(struct gather *g, const struct event_field *field, slice value, slice path)
{
    if (!slice_holds(value, ' '))
        read_name(g, field, value, path);
}

/* Whoever meets a URL meets its host. A path alone names neither. */
static void read_url(struct gather *g, const struct event_field *field, slice value, slice path)
{
    (void)field;
    if (value.ptr[0] == '/')
        return;
    add(g, OBSERVABLE_URL, value, path);
    add_name(g, text_url_authority(value), path);
}

static const struct hash_form {
    enum event_value value;
    enum observable_type type;
    size_t digits;
} hash_forms[] = {
        {VALUE_MD5, OBSERVABLE_MD5, 32},
        {VALUE_SHA1, OBSERVABLE_SHA1, 40},
        {VALUE_SHA256, OBSERVABLE_SHA256, 64},
        {VALUE_SHA512, OBSERVABLE_SHA512, 128},
        {VALUE_JA3, OBSERVABLE_JA3, 32},
};

/* The digits alone, behind 0x, or with a colon between the bytes. */
static bool hash_length_fits(size_t bytes, size_t digits)
{
    return bytes == digits || bytes == digits + 2 || bytes == digits / 2 * 3 - 1;
}

static void read_hash(struct gather *g, const struct event_field *field, slice value, slice path)
{
    for (size_t i = 0; i < COUNT_OF(hash_forms); i++) {
        const struct hash_form *form = &hash_forms[i];
        bool wanted = form->value == field->value || (field->value == VALUE_HASH && form->value != VALUE_JA3);
        if (wanted && hash_length_fits(value.len, form->digits))
            add(g, form->type, value, path);
    }
}

static void read_email(struct gather *g, const struct event_field *field, slice value, slice path)
{
    (void)field;
    const char *open = memrchr(value.ptr, '<', value.len);
    if (open != NULL) {
        value = slice_from(value, (size_t)(open - value.ptr) + 1);
        value.len = slice_find(value, '>');
    }
    value = slice_trim(value);
    if (slice_find(value, '@') < value.len)
        add(g, OBSERVABLE_EMAIL, value, path);
}

static void read_useragent(struct gather *g, const struct event_field *field, slice value, slice path)
{
    (void)field;
    add(g, OBSERVABLE_USERAGENT, value, path);
}

/* The whole path, and its last part: lists hold either. A folder is no file. */
static void read_filename(struct gather *g, const struct event_field *field, slice value, slice path)
{
    (void)field;
    size_t last = value.len;
    while (last > 0 && value.ptr[last - 1] != '/' && value.ptr[last - 1] != '\\')
        last--;
    if (last == value.len)
        return;
    add(g, OBSERVABLE_FILENAME, value, path);
    if (last > 0)
        add(g, OBSERVABLE_FILENAME, slice_from(value, last), path);
}

static void read_other(struct gather *g, const struct event_field *field, slice value, slice path)
{
    if (g->count < g->room)
        g->rows[g->count++] = (struct observable){
                .type = OBSERVABLE_OTHER, .name = slice_of(field->name), .value = value, .field = path};
}

typedef void value_reader(struct gather *g, const struct event_field *field, slice value, slice path);

static value_reader *const value_readers[] = {
        [VALUE_NONE] = read_nothing,
        [VALUE_ADDRESS] = read_address,
        [VALUE_NAME] = read_name,
        [VALUE_ADDRESS_NAME] = read_address_name,
        [VALUE_URL] = read_url,
        [VALUE_MD5] = read_hash,
        [VALUE_SHA1] = read_hash,
        [VALUE_SHA256] = read_hash,
        [VALUE_SHA512] = read_hash,
        [VALUE_HASH] = read_hash,
        [VALUE_EMAIL] = read_email,
        [VALUE_JA3] = read_hash,
        [VALUE_USERAGENT] = read_useragent,
        [VALUE_FILENAME] = read_filename,
        [VALUE_OTHER] = read_other,
};

static const uint8_t value_ways[VALUE_KINDS] = {
        [VALUE_ADDRESS] = EVENT_PLAIN,
        [VALUE_NAME] = EVENT_PLAIN,
        [VALUE_ADDRESS_NAME] = EVENT_PLAIN,
        [VALUE_URL] = EVENT_PLAIN,
        [VALUE_MD5] = EVENT_PLAIN,
        [VALUE_SHA1] = EVENT_PLAIN,
        [VALUE_SHA256] = EVENT_PLAIN,
        [VALUE_SHA512] = EVENT_INTRICATE,
        [VALUE_HASH] = EVENT_INTRICATE,
        [VALUE_EMAIL] = EVENT_INTRICATE,
        [VALUE_JA3] = EVENT_PLAIN,
        [VALUE_USERAGENT] = EVENT_PLAIN,
        [VALUE_FILENAME] = EVENT_PLAIN,
        [VALUE_OTHER] = EVENT_INTRICATE,
};

static uint32_t port_parse(slice text)
{
    uint64_t port = 0;
    return slice_u64(text, PORT_MAX, &port) ? (uint32_t)port : 0;
}

/* The roles that give observables of another kind than the field's own value. */
static void note_role(struct gather *g, const struct event_field *field, slice value, slice path)
{
    switch (field->role) {
    case ROLE_URL_HOST:
        g->url_host = text_authority(value);
        break;
    case ROLE_URL_PORT:
    case ROLE_DESTINATION_URL_PORT:
        g->url_port = port_parse(value);
        break;
    case ROLE_URL_PATH:
        g->url_path = value;
        g->url_field = path;
        break;
    default:
        g->count += text_observables(value, path, g->arena, g->rows + g->count, g->room - g->count);
    }
}

/* "host:443", the target of a CONNECT (RFC 9112 section 3.2.3). */
static bool is_authority_form(slice target)
{
    struct text_authority end = text_authority(target);
    return end.host.len > 0 && port_parse(end.port) != 0;
}

/*
 * A log that keeps host and path apart may still write a whole URL where the path stands: clients of a proxy ask for
 * that. Its host was given by the field of the host.
 */
static void add_url(struct gather *g)
{
    slice path = g->url_path, host = g->url_host.host;
    if (path.len == 0 || g->count == g->room)
        return;
    if (path.ptr[0] != '/') {
        if (slice_find_slice(path, S("://")) < path.len || is_authority_form(path))
            add(g, OBSERVABLE_URL, path, g->url_field);
        return;
    }
    if (host.len == 0)
        return;
    uint32_t port = g->url_port != 0 ? g->url_port : port_parse(g->url_host.port);
    g->rows[g->count++] = (struct observable){
            .type = OBSERVABLE_URL, .port = (uint16_t)port, .value = host, .path = path, .field = g->url_field};
}

/* Whether a value says anything: logs write nothing as "" or "-". */
static bool is_value(slice value)
{
    return value.len > 1 || (value.len == 1 && value.ptr[0] != '-');
}

/* Of each pick the values that need one of these ways. */
static size_t gather(
        const struct event_reader *reader, const struct json_picks *picks, unsigned wanted, struct gather *g)
{
    for (size_t i = 0; i < picks->count; i++) {
        const struct json_pick *pick = &picks->rows[i];
        unsigned ways = reader->ways[pick->path] & wanted;
        const struct event_field *field = &reader->fields[pick->path];
        bool special = field->role >= ROLE_URL_HOST;
        if (ways == 0 || (!special && pick->kind != JSON_STRING))
            continue;
        slice value = {pick->ptr, pick->len}, path = reader->field_names[pick->path];
        if (!is_value(value))
            continue;
        if (value.len > VALUE_BYTES_MAX && field->value == VALUE_URL && (wanted & EVENT_PLAIN) != 0)
            add_name(g, text_url_authority(slice_part(value, 0, VALUE_BYTES_MAX)), path);
        if (value.len > VALUE_BYTES_MAX && field->role != ROLE_TEXT)
            continue;
        if (special && (pick->kind == JSON_STRING || pick->kind == JSON_NUMBER))
            note_role(g, field, value, path);
        if (pick->kind == JSON_STRING && value.len <= VALUE_BYTES_MAX && (value_ways[field->value] & wanted) != 0)
            value_readers[field->value](g, field, value, path);
    }
    add_url(g);
    return g->count;
}

struct err event_pick(
        const struct event_reader *reader, slice record, struct arena *arena, struct json_picks *picks, size_t *offset)
{
    TRY(reader->format->pick(reader, record, arena, picks, offset));
    return reader->format->conclude == NULL ? OK : reader->format->conclude(reader, arena, picks);
}

size_t event_observables(const struct event_reader *reader, const struct json_picks *picks, struct arena *arena,
        struct observable *observables)
{
    struct gather g = {.arena = arena, .rows = observables, .room = EVENT_OBSERVABLES_MAX};
    return gather(reader, picks, EVENT_PLAIN | EVENT_INTRICATE, &g);
}

size_t event_intricate(const struct event_reader *reader, const struct json_picks *picks, struct arena *arena,
        struct observable *observables)
{
    struct gather g = {.arena = arena, .rows = observables, .room = EVENT_OBSERVABLES_MAX};
    return gather(reader, picks, EVENT_INTRICATE, &g);
}

int64_t event_time(const struct event_reader *reader, const struct json_picks *picks)
{
    int64_t us = TIME_NONE;
    for (size_t i = 0; i < picks->count; i++) {
        const struct json_pick *pick = &picks->rows[i];
        if (reader->fields[pick->path].role == ROLE_TIME && time_parse((slice){pick->ptr, pick->len}, &us))
            break;
    }
    return us;
}

static void set_once(slice *target, slice value)
{
    if (target->len == 0)
        *target = value;
}

static void set_end(struct event_end *end, slice value)
{
    struct text_authority split = text_authority(value);
    if (end->address.len > 0)
        return;
    end->address = split.host;
    if (end->port == 0)
        end->port = port_parse(split.port);
}

static void set_port(struct event_end *end, slice value)
{
    if (end->port == 0)
        end->port = port_parse(value);
}

/* "64500", or "AS64500". */
static void set_asn(struct event *event, slice value)
{
    uint64_t number;
    bool named = value.len > 2 && slice_eq_fold(slice_part(value, 0, 2), S("AS"));
    if (event->source_asn == 0 && slice_u64(slice_from(value, named ? 2 : 0), UINT32_MAX, &number))
        event->source_asn = (uint32_t)number;
}

/* The first value of a role counts; of the taxonomy the last. */
static void fill_role(struct event *event, const struct event_field *field, slice value)
{
    switch (field->role) {
    case ROLE_SOURCE_ADDRESS:
        set_end(&event->source, value);
        break;
    case ROLE_SOURCE_PORT:
        set_port(&event->source, value);
        break;
    case ROLE_DESTINATION_ADDRESS:
        set_end(&event->destination, value);
        break;
    case ROLE_DESTINATION_PORT:
    case ROLE_DESTINATION_URL_PORT:
        set_port(&event->destination, value);
        break;
    case ROLE_SENSOR:
        set_once(&event->sensor, value);
        break;
    case ROLE_SOURCE_ASN:
        set_asn(event, value);
        break;
    case ROLE_SEVERITY:
        set_once(&event->severity, value);
        break;
    case ROLE_CLASS_TAXONOMY:
        event->class.taxonomy = value;
        break;
    case ROLE_CLASS_TYPE:
        set_once(&event->class.type, value);
        break;
    case ROLE_CLASS_IDENTIFIER:
        set_once(&event->class.identifier, value);
        break;
    default:
        return;
    }
    if (field->name != NULL && (field->role == ROLE_CLASS_TYPE || field->role == ROLE_CLASS_IDENTIFIER))
        set_once(&event->class.taxonomy, slice_of(field->name));
}

/* More than can be found in that many bytes: "a.bc/" is the shortest text that gives two. */
static size_t observables_most(const struct event_reader *reader, const struct json_picks *picks)
{
    size_t most = 1; /* the URL in pieces */
    for (size_t i = 0; i < picks->count && most < EVENT_OBSERVABLES_MAX; i++) {
        const struct json_pick *pick = &picks->rows[i];
        most += 2 + (reader->fields[pick->path].role == ROLE_TEXT ? pick->len / 2 : 0);
    }
    return most < EVENT_OBSERVABLES_MAX ? most : EVENT_OBSERVABLES_MAX;
}

/* Takes out what cannot be of its type. */
static size_t keep_whole(struct observable *rows, size_t count)
{
    struct buf normal = buf_make(4 * VALUE_BYTES_MAX);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        buf_reset(&normal);
        if (observable_normal(&rows[i], &normal))
            rows[kept++] = rows[i];
    }
    buf_free(&normal);
    return kept;
}

void event_fill_observables(
        const struct event_reader *reader, const struct json_picks *picks, struct arena *arena, struct event *event)
{
    size_t room = observables_most(reader, picks);
    event->observables = arena_new(arena, struct observable, room);
    struct gather g = {.arena = arena, .rows = event->observables, .room = room};
    event->observable_count = keep_whole(event->observables, gather(reader, picks, EVENT_PLAIN | EVENT_INTRICATE, &g));
}

void event_fill_roles(const struct event_reader *reader, const struct json_picks *picks, struct event *event)
{
    *event = (struct event){.time_us = event_time(reader, picks)};
    bool portless = false;
    for (size_t i = 0; i < picks->count; i++) {
        const struct json_pick *pick = &picks->rows[i];
        slice value = {pick->ptr, pick->len};
        if ((pick->kind == JSON_STRING || pick->kind == JSON_NUMBER) && is_value(value))
            fill_role(event, &reader->fields[pick->path], value);
        portless |= reader->fields[pick->path].role == ROLE_TRANSPORT && slice_eq_fold(value, S("icmp"));
    }
    set_once(&event->class.taxonomy, reader->class.taxonomy);
    set_once(&event->class.type, reader->class.type);
    set_once(&event->class.identifier, reader->class.identifier);
    if (portless)
        event->source.port = event->destination.port = 0;
}

void event_fill(
        const struct event_reader *reader, const struct json_picks *picks, struct arena *arena, struct event *event)
{
    event_fill_roles(reader, picks, event);
    event_fill_observables(reader, picks, arena, event);
}

bool event_field_takes(const struct event_field *field, slice value)
{
    int64_t us;
    if (!is_value(value) || value.len > VALUE_BYTES_MAX)
        return false;
    if (field->role == ROLE_TIME)
        return time_parse(value, &us);
    uint64_t port;
    if (field->role == ROLE_SOURCE_PORT || field->role == ROLE_DESTINATION_PORT ||
            field->role == ROLE_DESTINATION_URL_PORT)
        return slice_u64(value, PORT_MAX, &port); /* 0 says nothing, and is taken as that */
    if (field->role == ROLE_TRANSPORT || field->role == ROLE_SOURCE_ASN || field->role == ROLE_SEVERITY)
        return false; /* it is told as it stands */
    if (field->role != ROLE_NONE)
        return true;
    struct observable rows[4];
    struct gather g = {.rows = rows, .room = COUNT_OF(rows)};
    value_readers[field->value](&g, field, value, S("field"));
    return keep_whole(rows, g.count) > 0;
}

/* A key that holds a dot is quoted in the path of a field, and as it is in what people read. */
static slice name_unquote(const char *path, struct arena *arena)
{
    slice quoted = slice_of(path);
    size_t end = quoted.len > 0 && path[0] == '"' ? 1 + slice_find(slice_from(quoted, 1), '"') : quoted.len;
    return end >= quoted.len ? quoted
                             : slice_of(arena_printf(arena, "%.*s%s", (int)(end - 1), path + 1, path + end + 1));
}

void event_fields_measure(struct event_reader *reader, struct arena *arena)
{
    size_t rows = reader->field_count + reader->made_count;
    slice *names = arena_new(arena, slice, rows + 1);
    uint8_t *ways = arena_new(arena, uint8_t, rows + 1);
    for (size_t i = 0; i < rows; i++) {
        const struct event_field *field = &reader->fields[i];
        names[i] = name_unquote(field->path, arena);
        ways[i] = value_ways[field->value] | (field->role >= ROLE_URL_HOST ? EVENT_INTRICATE : 0);
    }
    reader->field_names = names;
    reader->ways = ways;
}

bool event_json_is(slice text)
{
    struct json_limits limits = json_limits_default;
    limits.duplicates_allowed = true;
    return json_check(text, &limits, NULL).kind == ERR_NONE;
}

struct err event_json_open(
        struct event_reader *reader, const struct event_field *fields, size_t count, struct arena *arena)
{
    const char **paths = arena_new(arena, const char *, count);
    for (size_t i = 0; i < count; i++)
        paths[i] = fields[i].path;
    TRY(json_paths_compile(paths, count, arena, &reader->paths));
    reader->fields = fields;
    reader->field_count = count;
    return OK;
}

struct err event_json_pick(
        const struct event_reader *reader, slice record, struct arena *arena, struct json_picks *picks, size_t *offset)
{
    return json_pick(reader->paths, record, arena, picks, offset);
}

/* Whether a path is this key and no more; one that holds a dot is quoted. */
static bool path_is_key(const char *path, slice key)
{
    bool quoted = path[0] == '"';
    slice name = slice_of(path + quoted);
    if (quoted && name.ptr[name.len - 1] != '"')
        return false;
    name.len -= quoted;
    return json_key_is(key, name);
}

/* Keys rarely hold escapes: then the length of the name, its first byte and its last rule out nearly all of the table.
 */
static const struct event_field *top_field(const struct event_reader *reader, slice key)
{
    bool escaped = slice_holds(key, '\\');
    for (size_t i = 0; key.len > 0 && i < reader->field_count; i++) {
        slice name = reader->field_names[i];
        bool may_be = escaped || (name.len == key.len && name.ptr[0] == key.ptr[0] &&
                                         name.ptr[name.len - 1] == key.ptr[key.len - 1]);
        if (may_be && path_is_key(reader->fields[i].path, key))
            return &reader->fields[i];
    }
    return NULL;
}

static bool is_taken(const struct event_reader *reader, slice key, slice value, struct arena *arena)
{
    enum json_kind kind = json_kind(value);
    if (kind != JSON_STRING && kind != JSON_NUMBER)
        return false;
    const struct event_field *field = top_field(reader, key);
    bool part = field != NULL && (field->role == ROLE_TEXT || field->role == ROLE_URL_PATH);
    return field != NULL && !part && event_field_takes(field, kind == JSON_STRING ? json_text(value, arena) : value);
}

void event_json_extra(const struct event_reader *reader, slice record, struct arena *arena, struct json_writer *w)
{
    struct json_members members = json_members(record);
    slice key, value;
    while (json_member_next(&members, &key, &value)) {
        if (is_taken(reader, key, value, arena))
            continue;
        json_write_key(w, json_unescape(key, arena));
        json_write_raw(w, value);
    }
}

void event_pick_add(struct json_picks *picks, size_t path, slice value)
{
    if (value.len > 0 && picks->count < JSON_PICKS_MAX)
        picks->rows[picks->count++] = (struct json_pick){
                .ptr = value.ptr, .len = (uint32_t)value.len, .path = (uint16_t)path, .kind = JSON_STRING};
}

size_t event_line_record(const struct event_reader *reader, slice block)
{
    (void)reader;
    size_t newline = slice_find(block, '\n');
    return newline == block.len ? 0 : newline + 1;
}
