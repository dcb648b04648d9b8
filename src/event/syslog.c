/* SPDX-License-Identifier: Apache-2.0 */
#include "event/syslog.h"

#include "base/arena.h"
#include "base/clock.h"
#include "event/date.h"
#include "event/fields.h"
#include "json/write.h"

/*
 * Syslog as it comes over the wire and as it lies in files: RFC 5424, RFC 3164 and what is taken for it, one message a
 * line or counted octets in front of each (RFC 6587 section 3.4.1), both also mixed in one stream. A message of
 * RFC 5424 is read strictly; one of RFC 3164 needs a priority or a date.
 */

#define MESSAGE_BYTES_MAX (1u << 20) /* that an octet count may say */
#define COUNT_DIGITS_MAX 7
#define PRIORITY_MAX 191
#define ELEMENTS_MAX 256 /* of structured data, since no two may have one name */
#define NAME_BYTES_MAX 32

enum { FIELD_TIME, FIELD_HOST, FIELD_STRUCTURED, FIELD_MESSAGE };

static const struct event_field fields[] = {
        [FIELD_TIME] = {"timestamp", ROLE_TIME},
        [FIELD_HOST] = {"hostname", ROLE_SENSOR},
        [FIELD_STRUCTURED] = {"structured_data", ROLE_TEXT},
        [FIELD_MESSAGE] = {"message", ROLE_TEXT},
};

/* Where we are, and the first thing that was wrong. */
struct cursor {
    slice rest;
    const char *why;
};

static bool fail(struct cursor *cursor, const char *why)
{
    if (cursor->why == NULL)
        cursor->why = why;
    return false;
}

static bool take(struct cursor *cursor, char byte)
{
    if (cursor->rest.len == 0 || cursor->rest.ptr[0] != byte)
        return false;
    cursor->rest = slice_from(cursor->rest, 1);
    return true;
}

static size_t digits(slice text)
{
    size_t len = 0;
    while (len < text.len && byte_is_digit(text.ptr[len]))
        len++;
    return len;
}

/* ---- Structured data ---- */

static bool is_name_byte(char c)
{
    return c > ' ' && c < 0x7F && c != '=' && c != ']' && c != '"';
}

static bool take_name(struct cursor *cursor, slice *name, const char *why)
{
    size_t len = 0;
    while (len < cursor->rest.len && is_name_byte(cursor->rest.ptr[len]))
        len++;
    if (len == 0 || len > NAME_BYTES_MAX)
        return fail(cursor, why);
    *name = slice_part(cursor->rest, 0, len);
    cursor->rest = slice_from(cursor->rest, len);
    return true;
}

/* Up to the quote that is not escaped; a bracket must be escaped (section 6.3.3). */
static bool take_value(struct cursor *cursor, slice *value)
{
    size_t len = 0;
    slice rest = cursor->rest;
    while (len < rest.len && rest.ptr[len] != '"' && rest.ptr[len] != ']') {
        bool escape = rest.ptr[len] == '\\' && len + 1 < rest.len &&
                      (rest.ptr[len + 1] == '"' || rest.ptr[len + 1] == '\\' || rest.ptr[len + 1] == ']');
        len += escape ? 2 : 1;
    }
    *value = slice_part(rest, 0, len);
    cursor->rest = slice_from(rest, len);
    return take(cursor, '"') || fail(cursor, "a parameter's value has no end [RFC 5424 section 6.3.3]");
}

static bool take_element(struct cursor *cursor, slice *name)
{
    struct syslog_parameter parameter;
    if (!take_name(cursor, name, "no name of an element, or one beyond 32 bytes [RFC 5424 section 6.3.2]"))
        return false;
    while (take(cursor, ' ')) {
        if (!take_name(
                    cursor, &parameter.name, "no name of a parameter, or one beyond 32 bytes [RFC 5424 section 6.3.3]"))
            return false;
        if (!take(cursor, '=') || !take(cursor, '"'))
            return fail(cursor, "=\" must stand behind the name of a parameter [RFC 5424 section 6.3.3]");
        if (!take_value(cursor, &parameter.value))
            return false;
    }
    return take(cursor, ']') || fail(cursor, "an element has no end [RFC 5424 section 6.3.1]");
}

static bool take_structured(struct cursor *cursor, slice *structured)
{
    slice names[ELEMENTS_MAX];
    size_t count = 0;
    const char *start = cursor->rest.ptr;
    if (take(cursor, '-'))
        return true;
    while (take(cursor, '[')) {
        if (count == ELEMENTS_MAX)
            return fail(cursor, "more than 256 elements of structured data");
        if (!take_element(cursor, &names[count]))
            return false;
        for (size_t i = 0; i < count; i++)
            if (slice_eq(names[i], names[count]))
                return fail(cursor, "two elements have one name [RFC 5424 section 6.3.2]");
        count++;
    }
    if (count == 0)
        return fail(cursor, "neither structured data nor - [RFC 5424 section 6.3]");
    *structured = (slice){start, (size_t)(cursor->rest.ptr - start)};
    return true;
}

bool syslog_parameter_next(slice *rest, slice *element, struct syslog_parameter *parameter)
{
    struct cursor cursor = {.rest = *rest};
    bool opened = take(&cursor, '[');
    *parameter = (struct syslog_parameter){{NULL, 0}, {NULL, 0}, {NULL, 0}};
    if (opened && !take_name(&cursor, element, ""))
        return false;
    parameter->element = *element;
    if (take(&cursor, ' ') && !(take_name(&cursor, &parameter->name, "") && take(&cursor, '=') && take(&cursor, '"') &&
                                      take_value(&cursor, &parameter->value)))
        return false;
    take(&cursor, ']');
    *rest = cursor.rest;
    return opened || parameter->name.len > 0;
}

/* ---- RFC 5424 ---- */

/* Printable and not empty; - for what is not known (NILVALUE). */
static bool take_word(struct cursor *cursor, size_t most, slice *word, const char *why)
{
    size_t len = 0;
    while (len < cursor->rest.len && cursor->rest.ptr[len] > ' ' && cursor->rest.ptr[len] < 0x7F)
        len++;
    slice taken = slice_part(cursor->rest, 0, len);
    if (len == 0 || len > most)
        return fail(cursor, why);
    cursor->rest = slice_from(cursor->rest, len);
    *word = slice_eq(taken, S("-")) ? S("") : taken;
    return true;
}

static bool take_blank(struct cursor *cursor)
{
    return take(cursor, ' ') || fail(cursor, "a blank must stand here [RFC 5424 section 6]");
}

/* RFC 3339, but T and Z in upper case, at most six digits of a fraction, no leap second. */
static bool is_timestamp(slice text)
{
    int64_t us;
    if (text.len < 20 || text.ptr[10] != 'T' || text.ptr[text.len - 1] == 'z' ||
            slice_eq(slice_part(text, 17, 19), S("60")))
        return false;
    return (text.ptr[19] != '.' || digits(slice_from(text, 20)) <= 6) && time_parse_strict(text, &us);
}

static bool take_timestamp(struct cursor *cursor, slice *time)
{
    static const char *const why = "not a time [RFC 5424 section 6.2.3]";
    struct cursor before = *cursor;
    if (!take_word(cursor, 64, time, why))
        return false;
    if (time->len == 0 || is_timestamp(*time))
        return true;
    cursor->rest = before.rest;
    return fail(cursor, why);
}

static bool parse_5424(struct cursor *cursor, struct syslog *message)
{
    if (!take_blank(cursor) || !take_timestamp(cursor, &message->time) || !take_blank(cursor) ||
            !take_word(cursor, 255, &message->host, "no host name, or one beyond 255 bytes [RFC 5424 section 6.2.4]") ||
            !take_blank(cursor) ||
            !take_word(cursor, 48, &message->app, "no APP-NAME, or one beyond 48 bytes [RFC 5424 section 6.2.5]") ||
            !take_blank(cursor) ||
            !take_word(cursor, 128, &message->process, "no PROCID, or one beyond 128 bytes [RFC 5424 section 6.2.6]") ||
            !take_blank(cursor) ||
            !take_word(cursor, 32, &message->id, "no MSGID, or one beyond 32 bytes [RFC 5424 section 6.2.7]") ||
            !take_blank(cursor) || !take_structured(cursor, &message->structured))
        return false;
    if (cursor->rest.len > 0 && !take_blank(cursor))
        return false;
    message->message = slice_starts(cursor->rest, S("\xEF\xBB\xBF")) ? slice_from(cursor->rest, 3) : cursor->rest;
    return true;
}

/* ---- RFC 3164 ---- */

/* A time of RFC 3339, as newer daemons write into files. */
static size_t date_iso(slice text, slice *time)
{
    int64_t us;
    size_t end = slice_find(text, ' ');
    if (end < 19 || end > 40 || text.ptr[4] != '-' || !time_parse(slice_part(text, 0, end), &us))
        return 0;
    *time = slice_part(text, 0, end);
    return end;
}

/* "sshd[71]:" gives sshd and 71. */
static void split_tag(slice tag, struct syslog *message)
{
    size_t open = slice_find(tag, '['), colon = slice_find(tag, ':'), end = open < colon ? open : colon;
    message->app = slice_part(tag, 0, end);
    if (open < colon) {
        slice inside = slice_from(tag, open + 1);
        message->process = slice_part(inside, 0, slice_find(inside, ']'));
    }
}

static bool is_tag(slice word)
{
    return word.len > 1 && (word.ptr[word.len - 1] == ':' || slice_find(word, '[') < word.len);
}

/* Behind the date: a host, then what wrote the message. A word that is a tag is no host. */
static void parse_content(slice text, struct syslog *message)
{
    slice word = slice_part(text, 0, slice_find(text, ' '));
    if (!is_tag(word)) {
        message->host = word;
        text = slice_from(text, word.len < text.len ? word.len + 1 : text.len);
        word = slice_part(text, 0, slice_find(text, ' '));
    }
    if (is_tag(word) && word.ptr[word.len - 1] == ':') {
        split_tag(word, message);
        text = slice_from(text, word.len < text.len ? word.len + 1 : text.len);
    }
    message->message = text;
}

static bool parse_3164(struct cursor *cursor, int64_t now_us, struct arena *arena, struct syslog *message)
{
    size_t date = date_month_first(cursor->rest, now_us, arena, &message->time);
    if (date == 0)
        date = date_iso(cursor->rest, &message->time);
    if (date == 0 && message->priority == SYSLOG_NO_PRIORITY)
        return fail(cursor, "neither a priority nor a date [RFC 3164 section 4.1]");
    cursor->rest = slice_from(cursor->rest, date);
    if (date == 0)
        message->message = cursor->rest; /* section 4.3.3: then all of it is the message */
    else if (take(cursor, ' ') || take(cursor, ':'))
        parse_content(slice_trim(cursor->rest), message);
    else if (cursor->rest.len > 0)
        return fail(cursor, "a blank must stand behind the date [RFC 3164 section 4.1.2]");
    return true;
}

/* ---- Both ---- */

static bool take_priority(struct cursor *cursor, unsigned *priority)
{
    static const char *const why = "not a priority: <0> to <191> [RFC 5424 section 6.2.1]";
    uint64_t number;
    if (!take(cursor, '<'))
        return true;
    size_t len = digits(cursor->rest);
    if (len == 0 || len > 3 || (len > 1 && cursor->rest.ptr[0] == '0') ||
            !slice_u64(slice_part(cursor->rest, 0, len), PRIORITY_MAX, &number))
        return fail(cursor, why);
    cursor->rest = slice_from(cursor->rest, len);
    *priority = (unsigned)number;
    return take(cursor, '>') || fail(cursor, why);
}

/*
 * The version's digits, if a message of RFC 5424 begins here: a year is of four, and behind the number that routers
 * give to each of their messages stands a colon.
 */
static bool take_version(struct cursor *cursor, unsigned *version)
{
    uint64_t number = 0;
    size_t len = digits(cursor->rest);
    char behind = len < cursor->rest.len ? cursor->rest.ptr[len] : '\0';
    if (len == 0 || behind == ':' || (len == 4 && behind == '-'))
        return true;
    if (len > 3 || cursor->rest.ptr[0] == '0' || !slice_u64(slice_part(cursor->rest, 0, len), 999, &number))
        return fail(cursor, "not a version [RFC 5424 section 6.2.2]");
    cursor->rest = slice_from(cursor->rest, len);
    *version = (unsigned)number;
    return true;
}

struct err syslog_parse(slice record, int64_t now_us, struct arena *arena, struct syslog *message, size_t *offset)
{
    struct cursor cursor = {.rest = record};
    *message = (struct syslog){.priority = SYSLOG_NO_PRIORITY};
    bool good = take_priority(&cursor, &message->priority);
    if (good && message->priority != SYSLOG_NO_PRIORITY)
        good = take_version(&cursor, &message->version);
    if (good)
        good = message->version != 0 ? parse_5424(&cursor, message) : parse_3164(&cursor, now_us, arena, message);
    if (good)
        return OK;
    if (offset != NULL)
        *offset = (size_t)(cursor.rest.ptr - record.ptr);
    return err_make(ERR_INPUT, cursor.why);
}

/* ---- Writing ---- */

slice syslog_value(const struct syslog_parameter *parameter, struct arena *arena)
{
    slice value = parameter->value;
    if (!slice_holds(value, '\\'))
        return value;
    char *plain = arena_take(arena, value.len);
    size_t len = 0;
    for (size_t i = 0; i < value.len; i++) {
        bool escape = value.ptr[i] == '\\' && i + 1 < value.len &&
                      (value.ptr[i + 1] == '"' || value.ptr[i + 1] == '\\' || value.ptr[i + 1] == ']');
        i += escape;
        plain[len++] = value.ptr[i];
    }
    return (slice){plain, len};
}

static void write_text(struct json_writer *w, const char *key, slice text)
{
    if (text.len > 0)
        json_write_key_text(w, slice_of(key), text);
}

/* A list, since a name may stand twice in one element. */
static void write_structured(struct json_writer *w, slice structured, struct arena *arena)
{
    struct syslog_parameter parameter;
    slice rest = structured, element = {NULL, 0};
    if (structured.len == 0)
        return;
    json_write_key(w, S("structured_data"));
    json_write_array(w);
    while (syslog_parameter_next(&rest, &element, &parameter)) {
        json_write_object(w);
        json_write_key_text(w, S("id"), parameter.element);
        write_text(w, "name", parameter.name);
        if (parameter.name.len > 0)
            json_write_key_text(w, S("value"), syslog_value(&parameter, arena));
        json_write_end(w);
    }
    json_write_end(w);
}

void syslog_write(const struct syslog *message, struct arena *arena, struct json_writer *w)
{
    if (message->priority != SYSLOG_NO_PRIORITY) {
        json_write_key_u64(w, S("facility"), message->priority / 8);
        json_write_key_u64(w, S("severity"), message->priority % 8);
    }
    if (message->version != 0)
        json_write_key_u64(w, S("version"), message->version);
    write_text(w, "app_name", message->app);
    write_text(w, "proc_id", message->process);
    write_text(w, "msg_id", message->id);
    write_structured(w, message->structured, arena);
    write_text(w, "message", message->message);
}

/* ---- The format ---- */

/* The bytes of the octet count and its blank, 0 if none stands here; *octets is what it counts. */
static size_t count_length(slice text, size_t *octets)
{
    size_t len = digits(slice_part(text, 0, text.len < COUNT_DIGITS_MAX + 1 ? text.len : COUNT_DIGITS_MAX + 1));
    uint64_t number;
    if (len == 0 || len > COUNT_DIGITS_MAX || text.len < len + 2 || text.ptr[0] == '0' || text.ptr[len] != ' ' ||
            text.ptr[len + 1] != '<' || !slice_u64(slice_part(text, 0, len), MESSAGE_BYTES_MAX, &number))
        return 0;
    *octets = (size_t)number;
    return len + 1;
}

/* A count of which not even the blank is there yet. */
static bool is_count_begun(slice text)
{
    size_t len = digits(slice_part(text, 0, text.len < COUNT_DIGITS_MAX + 1 ? text.len : COUNT_DIGITS_MAX + 1));
    return len == text.len || (len > 0 && len + 1 == text.len && text.ptr[len] == ' ');
}

static size_t syslog_record(const struct event_reader *reader, slice block)
{
    size_t octets, count = count_length(block, &octets);
    if (count == 0)
        return is_count_begun(block) ? 0 : event_line_record(reader, block);
    return block.len - count >= octets ? count + octets : 0;
}

/* Takes off the octet count, which has to be that of the record; its last newline may have been taken off. */
static struct err count_take(slice record, slice *text, struct arena *arena)
{
    size_t octets, count = count_length(record, &octets);
    *text = slice_from(record, count);
    if (count > 0 && text->len != octets && text->len + 1 != octets)
        return err_format(arena, ERR_INPUT, "the octet count says %zu and %zu are there [RFC 6587 section 3.4.1]",
                octets, text->len);
    while (text->len > 0 && (text->ptr[text->len - 1] == '\r' || text->ptr[text->len - 1] == '\n'))
        text->len--;
    return OK;
}

static struct err message_read(
        const struct event_reader *reader, slice record, struct arena *arena, struct syslog *message, size_t *offset)
{
    slice text;
    size_t within = 0;
    const int64_t *now_us = reader->own;
    if (offset != NULL)
        *offset = 0;
    TRY(count_take(record, &text, arena));
    struct err err = syslog_parse(text, *now_us, arena, message, &within);
    if (offset != NULL)
        *offset = (size_t)(text.ptr - record.ptr) + within;
    return err;
}

static struct err syslog_pick(
        const struct event_reader *reader, slice record, struct arena *arena, struct json_picks *picks, size_t *offset)
{
    struct syslog message;
    struct syslog_parameter parameter;
    picks->count = 0;
    if (record.len > EVENT_RECORD_MAX)
        return err_make(ERR_LIMIT, "the message is longer than 16 MiB");
    TRY(message_read(reader, record, arena, &message, offset));
    event_pick_add(picks, FIELD_TIME, message.time);
    event_pick_add(picks, FIELD_HOST, message.host);
    slice rest = message.structured, element = {NULL, 0};
    while (syslog_parameter_next(&rest, &element, &parameter))
        event_pick_add(picks, FIELD_STRUCTURED, syslog_value(&parameter, arena));
    event_pick_add(picks, FIELD_MESSAGE, message.message);
    return picks->count < JSON_PICKS_MAX ? OK : err_make(ERR_LIMIT, "more than 4095 values in one message");
}

static void syslog_extra(const struct event_reader *reader, slice record, struct arena *arena, struct json_writer *w)
{
    struct syslog message;
    if (message_read(reader, record, arena, &message, NULL).kind != ERR_NONE)
        return;
    syslog_write(&message, arena, w);
}

static struct err syslog_open(
        struct event_reader *reader, slice head, const struct event_options *options, struct arena *arena)
{
    (void)head, (void)options;
    int64_t *now_us = arena_new(arena, int64_t, 1);
    *now_us = clock_now_us();
    reader->own = now_us;
    reader->fields = fields;
    reader->field_count = COUNT_OF(fields);
    reader->joined = true;
    return OK;
}

#define LINES_LOOKED_AT 8

/* A priority says syslog. Without one, a date, a host and a tag do. */
static int sureness(slice line, struct arena *arena)
{
    struct syslog message;
    size_t octets;
    line = slice_from(line, count_length(line, &octets));
    if (syslog_parse(line, clock_now_us(), arena, &message, NULL).kind != ERR_NONE)
        return 0;
    if (message.priority != SYSLOG_NO_PRIORITY)
        return message.version != 0 ? 96 : message.time.len > 0 ? 95 : 60;
    return message.host.len > 0 && message.app.len > 0 ? 80 : 0;
}

static int recognise(slice head)
{
    slice rest = head, line;
    int best = 0;
    struct arena *arena = arena_open("syslog by its looks", ARENA_WORK, 1u << 20);
    for (int i = 0; i < LINES_LOOKED_AT && best == 0 && slice_next(&rest, '\n', &line); i++)
        best = sureness(slice_trim(line), arena);
    arena_close(arena);
    return best;
}

const struct event_format event_syslog = {
        .name = "syslog",
        .about = "syslog of RFC 5424 and RFC 3164, one message a line or behind its octet count",
        .recognise = recognise,
        .open = syslog_open,
        .record = syslog_record,
        .pick = syslog_pick,
        .extra = syslog_extra,
};

bool event_is_inside_syslog(const char *format)
{
    static const char *const json[] = {"eve", "zeek", "intelmq", "n6", "idea", "fhir", "xarf"};
    for (size_t i = 0; i < COUNT_OF(json); i++)
        if (strcmp(format, json[i]) == 0)
            return true;
    return false;
}

slice event_syslog_message(slice record, struct arena *arena)
{
    struct syslog syslog;
    if (record.len == 0 || record.ptr[0] != '<' ||
            syslog_parse(record, clock_now_us(), arena, &syslog, NULL).kind != ERR_NONE)
        return record;
    return syslog.message;
}
