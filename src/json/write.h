/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Writes compact JSON into a buf, commas by itself. Text that is not UTF-8 is written with U+FFFD for each bad byte, so
 * that what we write is always JSON.
 *
 *     struct json_writer w = json_writer(buf);
 *     json_write_object(&w);
 *     json_write_key(&w, S("line"));
 *     json_write_u64(&w, 7);
 *     json_write_end(&w);
 */
#include "base/buf.h"

#define JSON_WRITE_DEPTH_MAX 64

struct json_writer {
    struct buf *buf;
    uint64_t arrays; /* bit per level: an array, not an object */
    unsigned depth;
    bool comma; /* something precedes on this level */
};

struct json_writer json_writer(struct buf *buf);
void json_write_object(struct json_writer *w);
void json_write_array(struct json_writer *w);
/* Ends the innermost object or array. */
void json_write_end(struct json_writer *w);
void json_write_key(struct json_writer *w, slice key);
void json_write_text(struct json_writer *w, slice text);
void json_write_u64(struct json_writer *w, uint64_t n);
void json_write_i64(struct json_writer *w, int64_t n);
void json_write_bool(struct json_writer *w, bool b);
void json_write_null(struct json_writer *w);
/* JSON that is already JSON, byte for byte. */
void json_write_raw(struct json_writer *w, slice json);
/* RFC 3339 UTC, or null for TIME_NONE. */
void json_write_time(struct json_writer *w, int64_t us);
void json_write_hex(struct json_writer *w, slice bytes); /* text of hexadecimal digits, lower case */

/* A key and its value in one call: the usual case. */
void json_write_key_text(struct json_writer *w, slice key, slice text);
void json_write_key_hex(struct json_writer *w, slice key, slice bytes);
void json_write_key_u64(struct json_writer *w, slice key, uint64_t n);
