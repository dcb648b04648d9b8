/* SPDX-License-Identifier: Apache-2.0 */
#include "json/write.h"

#include <assert.h>

#include "base/clock.h"
#include "json/chars.h"

struct json_writer json_writer(struct buf *buf)
{
    return (struct json_writer){.buf = buf};
}

/* What comes before a value or key, 0: nothing; and whether a comma follows it. */
static char separator(struct json_writer *w, bool comma_next)
{
    assert(w->depth > 0 || !w->comma); /* one value to a text */
    char before = w->comma ? ',' : 0;
    w->comma = comma_next;
    return before;
}

static void item(struct json_writer *w, bool comma_next)
{
    if (separator(w, comma_next) != 0)
        buf_byte(w->buf, ',');
}

static void begin(struct json_writer *w, char bracket, bool array)
{
    assert(w->depth < JSON_WRITE_DEPTH_MAX);
    item(w, false);
    buf_byte(w->buf, bracket);
    w->arrays = w->arrays << 1 | array;
    w->depth++;
}

/* Well-formed sequences as they are, for each other byte a U+FFFD. */
static const char *put_utf8(struct buf *buf, const char *at, const char *end)
{
    while (at < end && (uint8_t)*at >= 0x80) {
        size_t bytes = json_utf8_bytes(at, end);
        buf_put(buf, bytes > 0 ? (slice){at, bytes} : S("\xEF\xBF\xBD"));
        at += bytes > 0 ? bytes : 1;
    }
    return at;
}

/* Text that is not plain ASCII. */
static void put_any(struct buf *buf, slice text)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    while (at < end) {
        const char *plain = json_plain_end(at, end);
        buf_put(buf, (slice){at, (size_t)(plain - at)});
        at = put_utf8(buf, plain, end);
        if (at < end && !json_is_plain(*at))
            json_put_char(buf, *at++);
    }
}

/* Most text is short and plain, and there is room for it: then it is written in one go. */
static bool put_plain(struct buf *buf, char before, slice text, char behind)
{
    const char *end = text.ptr + text.len;
    if (buf->full || text.len + 4 > buf->cap - buf->len || json_plain_end(text.ptr, end) != end)
        return false;
    char *to = buf->ptr + buf->len;
    *to = before;
    to += before != 0;
    *to++ = '"';
    memcpy(to, text.ptr, text.len);
    to += text.len;
    *to++ = '"';
    *to = behind;
    to += behind != 0;
    buf->len = (size_t)(to - buf->ptr);
    return true;
}

/* A string and the byte before and behind it; 0: none. */
static void put_string(struct buf *buf, char before, slice text, char behind)
{
    if (text.ptr == NULL) /* nothing is added to that, not even 0 (C17 6.5.6) */
        text = S("");
    if (put_plain(buf, before, text, behind))
        return;
    if (before != 0)
        buf_byte(buf, before);
    buf_byte(buf, '"');
    put_any(buf, text);
    buf_byte(buf, '"');
    if (behind != 0)
        buf_byte(buf, behind);
}

void json_write_object(struct json_writer *w)
{
    begin(w, '{', false);
}

void json_write_array(struct json_writer *w)
{
    begin(w, '[', true);
}

void json_write_end(struct json_writer *w)
{
    assert(w->depth > 0);
    buf_byte(w->buf, w->arrays & 1 ? ']' : '}');
    w->arrays >>= 1;
    w->depth--;
    w->comma = true;
}

void json_write_key(struct json_writer *w, slice key)
{
    put_string(w->buf, separator(w, false), key, ':');
}

void json_write_text(struct json_writer *w, slice text)
{
    put_string(w->buf, separator(w, true), text, 0);
}

void json_write_u64(struct json_writer *w, uint64_t n)
{
    item(w, true);
    buf_u64(w->buf, n);
}

void json_write_i64(struct json_writer *w, int64_t n)
{
    item(w, true);
    buf_i64(w->buf, n);
}

void json_write_bool(struct json_writer *w, bool b)
{
    json_write_raw(w, b ? S("true") : S("false"));
}

void json_write_null(struct json_writer *w)
{
    json_write_raw(w, S("null"));
}

void json_write_raw(struct json_writer *w, slice json)
{
    item(w, true);
    buf_put(w->buf, json);
}

void json_write_time(struct json_writer *w, int64_t us)
{
    if (us == TIME_NONE) {
        json_write_null(w);
        return;
    }
    item(w, true);
    buf_byte(w->buf, '"');
    time_write(w->buf, us);
    buf_byte(w->buf, '"');
}

void json_write_hex(struct json_writer *w, slice bytes)
{
    item(w, true);
    buf_byte(w->buf, '"');
    buf_hex(w->buf, bytes);
    buf_byte(w->buf, '"');
}

void json_write_key_text(struct json_writer *w, slice key, slice text)
{
    json_write_key(w, key);
    json_write_text(w, text);
}

void json_write_key_hex(struct json_writer *w, slice key, slice bytes)
{
    json_write_key(w, key);
    json_write_hex(w, bytes);
}

void json_write_key_u64(struct json_writer *w, slice key, uint64_t n)
{
    json_write_key(w, key);
    json_write_u64(w, n);
}
