/* SPDX-License-Identifier: Apache-2.0 */
#include "event/event.h"

#include "base/arena.h"
#include "base/ip.h"
#include "event/date.h"
#include "event/fields.h"
#include "json/write.h"

/*
 * Access logs of web servers in the common and in the combined format, also with the virtual host in front:
 *
 *     [host] client identity user [10/Oct/2026:13:55:36 -0700] "GET /a HTTP/1.1" 200 2326 ["referrer" "agent"] ...
 *
 * Servers escape quotes with a backslash and odd bytes as \xHH. A request that is none (a probe, a broken client) is
 * kept as it stands; it names no URL.
 */

#define WORDS_MAX 4 /* before the time */

enum {
    FIELD_TIME,
    FIELD_CLIENT,
    FIELD_CLIENT_NAME,
    FIELD_HOST,
    FIELD_PATH,
    FIELD_URL,
    FIELD_TUNNEL,
    FIELD_USER,
    FIELD_REFERRER,
    FIELD_AGENT,
    FIELD_REST,
};

static const struct event_field fields[] = {
        [FIELD_TIME] = {"time", ROLE_TIME},
        [FIELD_CLIENT] = {"client", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        [FIELD_CLIENT_NAME] = {"client", ROLE_NONE, VALUE_NAME},
        [FIELD_HOST] = {"host", ROLE_URL_HOST, VALUE_NAME},
        [FIELD_PATH] = {"request", ROLE_URL_PATH},
        [FIELD_URL] = {"request", ROLE_NONE, VALUE_URL},     /* asked of a proxy */
        [FIELD_TUNNEL] = {"request", ROLE_NONE, VALUE_NAME}, /* CONNECT */
        [FIELD_USER] = {"user", ROLE_NONE, VALUE_OTHER, "user-account"},
        [FIELD_REFERRER] = {"referrer", ROLE_NONE, VALUE_URL},
        [FIELD_AGENT] = {"agent", ROLE_NONE, VALUE_USERAGENT},
        [FIELD_REST] = {"rest", ROLE_TEXT},
};

/* One line taken apart; quoted parts without their quotes, escapes still in them. */
struct access {
    slice host, client, identity, user, time, request, status, bytes, referrer, agent, rest;
    bool combined;
};

/* Up to the next blank; the rest begins behind it. */
static slice word_take(slice *rest)
{
    size_t end = slice_find(*rest, ' ');
    slice word = slice_part(*rest, 0, end);
    *rest = slice_from(*rest, end < rest->len ? end + 1 : end);
    return word;
}

/* A quoted part and the blank behind it. */
static bool quoted_take(slice *rest, slice *text)
{
    size_t end = 1;
    if (rest->len == 0 || rest->ptr[0] != '"')
        return false;
    while (end < rest->len && rest->ptr[end] != '"')
        end += rest->ptr[end] == '\\' && end + 1 < rest->len ? 2 : 1;
    if (end >= rest->len)
        return false;
    *text = slice_part(*rest, 1, end);
    *rest = slice_from(*rest, end + 1);
    if (rest->len > 0 && rest->ptr[0] == ' ')
        *rest = slice_from(*rest, 1);
    return true;
}

/* Client, identity and user, with the virtual host before them. A user may be written with blanks. */
static bool front_take(slice front, struct access *access)
{
    slice words[WORDS_MAX] = {{NULL, 0}};
    size_t count = 0;
    while (count + 1 < WORDS_MAX && slice_find(front, ' ') < front.len)
        words[count++] = word_take(&front);
    if (count < 2 || front.len == 0)
        return false;
    bool hosted = count == 3 && slice_eq(words[2], S("-"));
    access->host = hosted ? words[0] : S("");
    access->client = words[hosted];
    access->identity = words[hosted + 1];
    access->user = hosted || count == 2 ? front : (slice){words[2].ptr, (size_t)(front.ptr + front.len - words[2].ptr)};
    return true;
}

static struct err wrong(slice record, slice rest, size_t *offset, const char *why)
{
    *offset = (size_t)(rest.ptr - record.ptr);
    return err_make(ERR_INPUT, why);
}

static bool is_number(slice word)
{
    uint64_t number;
    return slice_eq(word, S("-")) || slice_u64(word, UINT64_MAX, &number);
}

static struct err access_parse(slice record, struct access *access, size_t *offset)
{
    slice rest = slice_trim(record);
    size_t open = slice_find_slice(rest, S(" ["));
    *access = (struct access){.combined = false};
    *offset = 0;
    if (record.len > EVENT_RECORD_MAX)
        return err_make(ERR_LIMIT, "the line is longer than 16 MiB");
    if (open == rest.len || !front_take(slice_part(rest, 0, open), access))
        return wrong(record, rest, offset, "no client, identity and user before a time in brackets");
    rest = slice_from(rest, open + 2);
    size_t close = slice_find(rest, ']');
    if (close == rest.len || !slice_starts(slice_from(rest, close), S("] ")))
        return wrong(record, rest, offset, "the time in brackets has no end");
    access->time = slice_part(rest, 0, close);
    rest = slice_from(rest, close + 2);
    if (!quoted_take(&rest, &access->request))
        return wrong(record, rest, offset, "no request between double quotes");
    access->status = word_take(&rest);
    access->bytes = word_take(&rest);
    if (!is_number(access->status) || !is_number(access->bytes))
        return wrong(record, access->status, offset, "no status and number of bytes behind the request");
    access->combined = quoted_take(&rest, &access->referrer) && quoted_take(&rest, &access->agent);
    access->rest = rest;
    return OK;
}

/* \" \\ \xHH, and the three names of controls that servers write. */
static slice unescape(slice text, struct arena *arena)
{
    if (!slice_holds(text, '\\'))
        return text;
    char *plain = arena_take(arena, text.len);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        slice rest = slice_from(text, i);
        int high = rest.len > 3 ? byte_hex(rest.ptr[2]) : -1, low = rest.len > 3 ? byte_hex(rest.ptr[3]) : -1;
        if (slice_starts(rest, S("\\x")) && high >= 0 && low >= 0) {
            plain[len++] = (char)(high * 16 + low);
            i += 3;
        } else if (slice_starts(rest, S("\\\"")) || slice_starts(rest, S("\\\\"))) {
            plain[len++] = rest.ptr[1];
            i++;
        } else {
            plain[len++] = text.ptr[i];
        }
    }
    return (slice){plain, len};
}

struct request {
    slice method, target, protocol; /* all empty: no request line */
};

static bool is_method(slice word)
{
    for (size_t i = 0; i < word.len; i++)
        if (word.ptr[i] < 'A' || word.ptr[i] > 'Z')
            return false;
    return word.len > 0;
}

/* "GET /a HTTP/1.1"; HTTP/0.9 has no protocol behind the target. */
static struct request request_split(slice line)
{
    struct request request = {0};
    slice rest = line, method = word_take(&rest);
    if (!is_method(method) || rest.len == 0)
        return request;
    const char *last = memrchr(rest.ptr, ' ', rest.len);
    size_t end = last == NULL ? rest.len : (size_t)(last - rest.ptr);
    bool named = end < rest.len && slice_starts(slice_from(rest, end + 1), S("HTTP/"));
    request.method = method;
    request.target = slice_part(rest, 0, named ? end : rest.len);
    request.protocol = named ? slice_from(rest, end + 1) : S("");
    return request;
}

/* RFC 9112 section 3.2 has four forms of a target. */
static uint16_t target_field(const struct request *request)
{
    if (slice_eq(request->method, S("CONNECT")))
        return FIELD_TUNNEL;
    return slice_find_slice(request->target, S("://")) < slice_find(request->target, '/') ? FIELD_URL : FIELD_PATH;
}

static struct err weblog_pick(
        const struct event_reader *reader, slice record, struct arena *arena, struct json_picks *picks, size_t *offset)
{
    struct access access;
    struct ip ip;
    size_t place;
    (void)reader;
    picks->count = 0;
    struct err err = access_parse(record, &access, &place);
    slice time = err.kind == ERR_NONE ? date_web(access.time, arena) : S("");
    if (err.kind == ERR_NONE && time.len == 0)
        err = wrong(record, access.time, &place, "not a time as web servers write it: 10/Oct/2026:13:55:36 -0700");
    if (offset != NULL)
        *offset = place;
    TRY(err);
    event_pick_add(picks, FIELD_TIME, time);
    event_pick_add(picks, ip_parse(access.client, &ip) ? FIELD_CLIENT : FIELD_CLIENT_NAME, access.client);
    event_pick_add(picks, FIELD_HOST, access.host);
    struct request request = request_split(unescape(access.request, arena));
    event_pick_add(picks, target_field(&request), request.target);
    event_pick_add(picks, FIELD_USER, access.user);
    event_pick_add(picks, FIELD_REFERRER, unescape(access.referrer, arena));
    event_pick_add(picks, FIELD_AGENT, unescape(access.agent, arena));
    event_pick_add(picks, FIELD_REST, unescape(access.rest, arena));
    return OK;
}

static void write_text(struct json_writer *w, const char *key, slice text)
{
    if (text.len > 0 && !slice_eq(text, S("-")))
        json_write_key_text(w, slice_of(key), text);
}

static void weblog_extra(const struct event_reader *reader, slice record, struct arena *arena, struct json_writer *w)
{
    struct access access;
    size_t ignored;
    (void)reader;
    if (access_parse(record, &access, &ignored).kind != ERR_NONE)
        return;
    const struct {
        const char *key;
        size_t field;
        slice value;
    } parts[] = {
            {"client", FIELD_CLIENT_NAME, access.client},
            {"host", FIELD_CLIENT_NAME, access.host},
            {"user", FIELD_USER, access.user},
            {"referrer", FIELD_REFERRER, unescape(access.referrer, arena)},
            {"agent", FIELD_AGENT, unescape(access.agent, arena)},
    };
    slice line = unescape(access.request, arena);
    struct request request = request_split(line);
    write_text(w, "identity", access.identity);
    write_text(w, "method", request.method);
    write_text(w, request.method.len > 0 ? "target" : "request", request.method.len > 0 ? request.target : line);
    write_text(w, "protocol", request.protocol);
    write_text(w, "status", access.status);
    write_text(w, "bytes", access.bytes);
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (!event_field_takes(&fields[parts[i].field], parts[i].value))
            write_text(w, parts[i].key, parts[i].value);
    write_text(w, "rest", access.rest);
}

static struct err weblog_open(
        struct event_reader *reader, slice head, const struct event_options *options, struct arena *arena)
{
    (void)head, (void)options, (void)arena;
    reader->fields = fields;
    reader->field_count = COUNT_OF(fields);
    return OK;
}

#define LINES_LOOKED_AT 8

static int recognise(slice head)
{
    slice rest = head, line;
    struct access access;
    size_t ignored;
    for (int i = 0; i < LINES_LOOKED_AT && slice_next(&rest, '\n', &line); i++)
        if (access_parse(line, &access, &ignored).kind == ERR_NONE && slice_find(access.time, '/') == 2)
            return access.combined ? 97 : 96;
    return 0;
}

const struct event_format event_weblog = {
        .name = "weblog",
        .about = "access logs of web servers, common or combined format, with or without the virtual host",
        .records_are_lines = true,
        .recognise = recognise,
        .open = weblog_open,
        .record = event_line_record,
        .pick = weblog_pick,
        .extra = weblog_extra,
};
