/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/clock.h"
#include "event/date.h"
#include "event/fields.h"
#include "event/syslog.h"
#include "json/write.h"

/*
 * The Common Event Format, version 0 and 1: seven columns between bars, then an extension of `key=value`. A bar is
 * escaped in the columns only, an equals sign in the extension only. A value holds blanks and ends where ` key=`
 * begins. Mostly the whole is the message of a syslog record. Keys have a short name and a long one.
 */

#define KEY_BYTES_MAX 64
#define EPOCH_MS_DIGITS 13

enum {
    HEADER_VERSION,
    HEADER_VENDOR,
    HEADER_PRODUCT,
    HEADER_DEVICE,
    HEADER_CLASS,
    HEADER_NAME,
    HEADER_SEVERITY,
    HEADERS
};

static const char *const header_names[HEADERS] = {
        "version", "vendor", "product", "device_version", "event_class_id", "name", "severity"};

/* The keys in the order of the specification's dictionary, then what the header and the syslog around it say. */
static const struct event_field fields[] = {
        {"src", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"sourceAddress", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"spt", ROLE_SOURCE_PORT},
        {"sourcePort", ROLE_SOURCE_PORT},
        {"shost", ROLE_NONE, VALUE_NAME},
        {"sourceHostName", ROLE_NONE, VALUE_NAME},
        {"smac", ROLE_NONE, VALUE_OTHER, "mac-addr"},
        {"sourceMacAddress", ROLE_NONE, VALUE_OTHER, "mac-addr"},
        {"suser", ROLE_NONE, VALUE_OTHER, "user-account"},
        {"sourceUserName", ROLE_NONE, VALUE_OTHER, "user-account"},
        {"suid", ROLE_NONE, VALUE_OTHER, "user-account"},
        {"sourceUserId", ROLE_NONE, VALUE_OTHER, "user-account"},
        {"sntdom", ROLE_NONE, VALUE_NAME},
        {"sourceNtDomain", ROLE_NONE, VALUE_NAME},
        {"sourceDnsDomain", ROLE_NONE, VALUE_NAME},
        {"sproc", ROLE_NONE, VALUE_OTHER, "process"},
        {"sourceProcessName", ROLE_NONE, VALUE_OTHER, "process"},
        {"sourceTranslatedAddress", ROLE_NONE, VALUE_ADDRESS},

        {"dst", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"destinationAddress", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"dpt", ROLE_DESTINATION_PORT},
        {"destinationPort", ROLE_DESTINATION_PORT},
        {"dhost", ROLE_NONE, VALUE_NAME},
        {"destinationHostName", ROLE_NONE, VALUE_NAME},
        {"dmac", ROLE_NONE, VALUE_OTHER, "mac-addr"},
        {"destinationMacAddress", ROLE_NONE, VALUE_OTHER, "mac-addr"},
        {"duser", ROLE_NONE, VALUE_OTHER, "user-account"},
        {"destinationUserName", ROLE_NONE, VALUE_OTHER, "user-account"},
        {"duid", ROLE_NONE, VALUE_OTHER, "user-account"},
        {"destinationUserId", ROLE_NONE, VALUE_OTHER, "user-account"},
        {"dntdom", ROLE_NONE, VALUE_NAME},
        {"destinationNtDomain", ROLE_NONE, VALUE_NAME},
        {"destinationDnsDomain", ROLE_NONE, VALUE_NAME},
        {"dproc", ROLE_NONE, VALUE_OTHER, "process"},
        {"destinationProcessName", ROLE_NONE, VALUE_OTHER, "process"},
        {"destinationTranslatedAddress", ROLE_NONE, VALUE_ADDRESS},

        {"dvchost", ROLE_SENSOR},
        {"deviceHostName", ROLE_SENSOR},
        {"dvc", ROLE_NONE, VALUE_ADDRESS},
        {"deviceAddress", ROLE_NONE, VALUE_ADDRESS},
        {"dvcmac", ROLE_NONE, VALUE_OTHER, "mac-addr"},
        {"deviceMacAddress", ROLE_NONE, VALUE_OTHER, "mac-addr"},
        {"deviceDnsDomain", ROLE_NONE, VALUE_NAME},
        {"deviceTranslatedAddress", ROLE_NONE, VALUE_ADDRESS},
        {"deviceProcessName", ROLE_NONE, VALUE_OTHER, "process"},

        {"request", ROLE_NONE, VALUE_URL},
        {"requestUrl", ROLE_NONE, VALUE_URL},
        {"requestURL", ROLE_NONE, VALUE_URL},
        {"requestContext", ROLE_NONE, VALUE_URL},
        {"requestClientApplication", ROLE_NONE, VALUE_USERAGENT},

        {"fileHash", ROLE_NONE, VALUE_HASH},
        {"oldFileHash", ROLE_NONE, VALUE_HASH},
        {"fname", ROLE_NONE, VALUE_FILENAME},
        {"filename", ROLE_NONE, VALUE_FILENAME},
        {"fileName", ROLE_NONE, VALUE_FILENAME},
        {"filePath", ROLE_NONE, VALUE_FILENAME},
        {"oldFileName", ROLE_NONE, VALUE_FILENAME},
        {"oldFilePath", ROLE_NONE, VALUE_FILENAME},

        {"c6a1", ROLE_NONE, VALUE_ADDRESS},
        {"c6a2", ROLE_NONE, VALUE_ADDRESS},
        {"c6a3", ROLE_NONE, VALUE_ADDRESS},
        {"c6a4", ROLE_NONE, VALUE_ADDRESS},
        {"deviceCustomIPv6Address1", ROLE_NONE, VALUE_ADDRESS},
        {"deviceCustomIPv6Address2", ROLE_NONE, VALUE_ADDRESS},
        {"deviceCustomIPv6Address3", ROLE_NONE, VALUE_ADDRESS},
        {"deviceCustomIPv6Address4", ROLE_NONE, VALUE_ADDRESS},
        {"cs1", ROLE_TEXT},
        {"cs2", ROLE_TEXT},
        {"cs3", ROLE_TEXT},
        {"cs4", ROLE_TEXT},
        {"cs5", ROLE_TEXT},
        {"cs6", ROLE_TEXT},
        {"deviceCustomString1", ROLE_TEXT},
        {"deviceCustomString2", ROLE_TEXT},
        {"deviceCustomString3", ROLE_TEXT},
        {"deviceCustomString4", ROLE_TEXT},
        {"deviceCustomString5", ROLE_TEXT},
        {"deviceCustomString6", ROLE_TEXT},
        {"flexString1", ROLE_TEXT},
        {"flexString2", ROLE_TEXT},
        {"msg", ROLE_TEXT},
        {"message", ROLE_TEXT},
        {"reason", ROLE_TEXT},

#define FIELD_NAME (COUNT_OF(fields) - 5)
#define FIELD_CLASS (COUNT_OF(fields) - 4)
#define FIELD_STRUCTURED (COUNT_OF(fields) - 3)
#define FIELD_HOST (COUNT_OF(fields) - 2)
#define FIELD_TIME (COUNT_OF(fields) - 1)
        {"name", ROLE_CLASS_TYPE, VALUE_NONE, "cef"},
        {"event_class_id", ROLE_CLASS_IDENTIFIER, VALUE_NONE, "cef"},
        {"syslog.structured_data", ROLE_TEXT},
        {"hostname", ROLE_SENSOR},
        {"time", ROLE_TIME},
};

/* Where the time may stand, the most telling first: when it was received, when it began, when it ended. */
static const struct {
    const char *name, *long_name;
} time_keys[] = {
        {"rt", "deviceReceiptTime"},
        {"start", "startTime"},
        {"end", "endTime"},
        {"art", "agentReceiptTime"},
};

/* One record taken apart. */
struct cef {
    slice header[HEADERS]; /* without escapes */
    slice extension;       /* as it stands */
    slice around;          /* before CEF:, where that is no syslog */
    size_t start;          /* of CEF: */
    struct syslog syslog;
};

/* ---- Taking apart ---- */

/* Without backslashes; what they stand before is itself, but for line ends. */
static slice unescape(slice text, struct arena *arena)
{
    if (!slice_holds(text, '\\'))
        return text;
    char *plain = arena_take(arena, text.len);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char next = text.ptr[i] == '\\' && i + 1 < text.len ? text.ptr[i + 1] : '\0';
        bool escape = next != '\0' && memchr("\\|=nr", next, 5) != NULL;
        i += escape;
        plain[len++] = !escape ? text.ptr[i] : next == 'n' ? '\n' : next == 'r' ? '\r' : next;
    }
    return (slice){plain, len};
}

/* In the header only a bar and a backslash are escaped. */
static slice unescape_header(slice text, struct arena *arena)
{
    if (!slice_holds(text, '\\'))
        return text;
    char *plain = arena_take(arena, text.len);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char next = text.ptr[i] == '\\' && i + 1 < text.len ? text.ptr[i + 1] : '\0';
        i += next == '|' || next == '\\';
        plain[len++] = text.ptr[i];
    }
    return (slice){plain, len};
}

/* Where the column that begins at `at` ends: a bar that is not escaped, or the end. */
static size_t column_end(slice text, size_t at)
{
    while (at < text.len && text.ptr[at] != '|')
        at += text.ptr[at] == '\\' && at + 1 < text.len ? 2 : 1;
    return at;
}

/* "CEF:" before a digit, from a place on; the length of the text if there is none. */
static size_t cef_find(slice text)
{
    size_t at = 0;
    for (;;) {
        at += slice_find_slice(slice_from(text, at), S("CEF:"));
        if (at + 4 >= text.len)
            return text.len;
        if (byte_is_digit(text.ptr[at + 4]))
            return at;
        at += 4;
    }
}

static struct err header_read(slice text, struct arena *arena, struct cef *cef, size_t *at)
{
    for (size_t i = 0; i < HEADERS; i++) {
        size_t end = column_end(text, *at);
        bool last = i + 1 == HEADERS; /* an extension may be missing, with its bar */
        if (end == text.len && !last)
            return err_format(arena, ERR_INPUT, "%zu columns of a header that has 7", i + 1);
        cef->header[i] = unescape_header(slice_part(text, *at, end), arena);
        *at = end < text.len ? end + 1 : end;
    }
    return OK;
}

static struct err cef_parse(slice record, int64_t now_us, struct arena *arena, struct cef *cef, size_t *offset)
{
    size_t start = cef_find(record), at = start + 4, ignored;
    slice text = record;
    while (text.len > 0 && byte_is_blank(text.ptr[text.len - 1]))
        text.len--;
    *cef = (struct cef){.around = slice_trim(slice_part(record, 0, start)), .start = start};
    *offset = 0;
    if (record.len > EVENT_RECORD_MAX)
        return err_make(ERR_LIMIT, "the record is longer than 16 MiB");
    if (start >= text.len)
        return err_make(ERR_INPUT, "no CEF:0| stands here");
    *offset = start;
    TRY(header_read(text, arena, cef, &at));
    *offset = at;
    cef->extension = slice_from(text, at);
    cef->syslog.priority = SYSLOG_NO_PRIORITY;
    if (start > 0 &&
            syslog_parse(slice_part(record, 0, start), now_us, arena, &cef->syslog, &ignored).kind == ERR_NONE &&
            cef->syslog.message.len == 0)
        cef->around = S("");
    return OK;
}

static bool is_key_byte(char c)
{
    char low = byte_lower(c);
    return (low >= 'a' && low <= 'z') || byte_is_digit(c) || memchr("_.-[]", c, 5) != NULL;
}

/*
 * The next key at or behind `at`: where it begins, and the place of its equals sign. False if there is no further. A
 * key stands at the beginning or behind a blank; what has no such key before its equals sign is part of a value.
 */
static bool key_find(slice text, size_t at, size_t *begin, size_t *equals)
{
    size_t start = at; /* of the run of key bytes that we are in */
    for (size_t i = at; i < text.len; i++) {
        char c = text.ptr[i];
        bool fits = i > start && i - start <= KEY_BYTES_MAX && (start == 0 || text.ptr[start - 1] == ' ');
        if (c == '=' && fits) {
            *begin = start;
            *equals = i;
            return true;
        }
        if (!is_key_byte(c))
            start = i + 1;
        i += c == '\\'; /* whatever is escaped begins no key */
        if (c == '\\')
            start = i + 1;
    }
    return false;
}

/* The pairs of an extension, one after another. */
struct pairs {
    slice text;
    size_t begin, equals;
    bool more;
};

static struct pairs pairs_begin(slice extension)
{
    struct pairs pairs = {.text = extension};
    pairs.more = key_find(extension, 0, &pairs.begin, &pairs.equals);
    return pairs;
}

static bool pair_next(struct pairs *pairs, slice *key, slice *value)
{
    if (!pairs->more)
        return false;
    size_t begin = 0, equals = 0, end = pairs->text.len;
    *key = slice_part(pairs->text, pairs->begin, pairs->equals);
    pairs->more = key_find(pairs->text, pairs->equals + 1, &begin, &equals);
    if (pairs->more)
        end = begin;
    *value = slice_part(pairs->text, pairs->equals + 1, end);
    while (value->len > 0 && byte_is_blank(value->ptr[value->len - 1]))
        value->len--;
    pairs->begin = begin;
    pairs->equals = equals;
    return true;
}

/* ---- Picking ---- */

static size_t field_find(slice key)
{
    size_t i = 0;
    while (i < FIELD_NAME && !(fields[i].path[0] == key.ptr[0] && slice_eq(slice_of(fields[i].path), key)))
        i++;
    return i;
}

/* Milliseconds since 1970, a date with the month's name, or whatever time_parse() reads. */
static slice time_read(slice text, int64_t now_us, struct arena *arena)
{
    uint64_t ms;
    slice date = {NULL, 0};
    if (text.len == EPOCH_MS_DIGITS && slice_u64(text, UINT64_MAX, &ms))
        return slice_of(
                arena_printf(arena, "%.*s.%.*s", EPOCH_MS_DIGITS - 3, text.ptr, 3, text.ptr + EPOCH_MS_DIGITS - 3));
    size_t length = date_month_first(text, now_us, arena, &date);
    return length > 0 && length == text.len ? date : text;
}

static void put_structured(struct json_picks *picks, slice structured, struct arena *arena)
{
    struct syslog_parameter parameter;
    slice element = {NULL, 0};
    while (syslog_parameter_next(&structured, &element, &parameter))
        event_pick_add(picks, FIELD_STRUCTURED, syslog_value(&parameter, arena));
}

static void times_note(slice key, slice value, slice times[static COUNT_OF(time_keys)])
{
    for (size_t i = 0; i < COUNT_OF(time_keys); i++)
        if (times[i].len == 0 &&
                (slice_eq(slice_of(time_keys[i].name), key) || slice_eq(slice_of(time_keys[i].long_name), key)))
            times[i] = value;
}

static struct err cef_pick(
        const struct event_reader *reader, slice record, struct arena *arena, struct json_picks *picks, size_t *offset)
{
    const int64_t *now_us = reader->own;
    struct cef cef;
    size_t place;
    slice key, value, times[COUNT_OF(time_keys)] = {{NULL, 0}};
    picks->count = 0;
    struct err err = cef_parse(record, *now_us, arena, &cef, &place);
    if (offset != NULL)
        *offset = place < record.len ? place : record.len;
    TRY(err);
    struct pairs pairs = pairs_begin(cef.extension);
    while (pair_next(&pairs, &key, &value)) {
        size_t field = field_find(key);
        times_note(key, value, times);
        if (field < FIELD_NAME)
            event_pick_add(picks, field, unescape(value, arena));
    }
    event_pick_add(picks, FIELD_NAME, cef.header[HEADER_NAME]);
    event_pick_add(picks, FIELD_CLASS, cef.header[HEADER_CLASS]);
    put_structured(picks, cef.syslog.structured, arena);
    event_pick_add(picks, FIELD_HOST, cef.syslog.host);
    for (size_t i = 0; i < COUNT_OF(time_keys); i++)
        event_pick_add(picks, FIELD_TIME, time_read(times[i], *now_us, arena));
    event_pick_add(picks, FIELD_TIME, cef.syslog.time);
    return picks->count < JSON_PICKS_MAX ? OK : err_make(ERR_LIMIT, "more than 4095 values in one record");
}

/* What the syslog around it says, for its host and time may not be those of the event. */
static void write_syslog(const struct syslog *syslog, struct arena *arena, struct json_writer *w)
{
    json_write_key(w, S("syslog"));
    json_write_object(w);
    if (syslog->time.len > 0)
        json_write_key_text(w, S("timestamp"), syslog->time);
    if (syslog->host.len > 0)
        json_write_key_text(w, S("hostname"), syslog->host);
    syslog_write(syslog, arena, w);
    json_write_end(w);
}

/* The whole of it: header and extension have no member in common. */
static void cef_extra(const struct event_reader *reader, slice record, struct arena *arena, struct json_writer *w)
{
    const int64_t *now_us = reader->own;
    struct cef cef;
    size_t ignored;
    slice key, value;
    if (cef_parse(record, *now_us, arena, &cef, &ignored).kind != ERR_NONE)
        return;
    for (size_t i = 0; i < HEADERS; i++)
        json_write_key_text(w, slice_of(header_names[i]), cef.header[i]);
    if (cef.around.len > 0)
        json_write_key_text(w, S("before"), cef.around);
    else if (cef.start > 0)
        write_syslog(&cef.syslog, arena, w);
    json_write_key(w, S("extension"));
    json_write_object(w);
    struct pairs pairs = pairs_begin(cef.extension);
    while (pair_next(&pairs, &key, &value))
        json_write_key_text(w, key, unescape(value, arena));
    json_write_end(w);
}

static struct err cef_open(
        struct event_reader *reader, slice head, const struct event_options *options, struct arena *arena)
{
    (void)head, (void)options;
    int64_t *now_us = arena_new(arena, int64_t, 1);
    *now_us = clock_now_us();
    reader->own = now_us;
    reader->fields = fields;
    reader->field_count = COUNT_OF(fields);
    return OK;
}

#define LINES_LOOKED_AT 8

/* CEF:0| at the beginning, or behind what can be the head of a syslog message. */
static int recognise(slice head)
{
    slice rest = head, line;
    for (int i = 0; i < LINES_LOOKED_AT && slice_next(&rest, '\n', &line); i++) {
        size_t at = cef_find(line);
        if (at + 6 < line.len && line.ptr[at + 5] == '|' && column_end(line, at + 6) < line.len)
            return at == 0 ? 99 : line.ptr[0] != '{' && line.ptr[at - 1] == ' ' ? 98 : 0;
    }
    return 0;
}

const struct event_format event_cef = {
        .name = "cef",
        .about = "Common Event Format, by itself or behind the head of a syslog message",
        .records_are_lines = true,
        .recognise = recognise,
        .open = cef_open,
        .record = event_line_record,
        .pick = cef_pick,
        .extra = cef_extra,
};
