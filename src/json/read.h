/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Reads wanted things out of JSON text that passed json_check(), without building a tree. A value is the slice of its
 * exact source bytes; nothing here can fail on checked text, and asking a value for something it is not gives the empty
 * answer (an empty slice, false).
 *
 *     struct json_members members = json_members(document);
 *     slice key, value;
 *     while (json_member_next(&members, &key, &value))
 *         if (json_key_is(key, S("objects"))) ...
 */
#include "base/slice.h"

struct arena;

enum json_kind { JSON_NONE, JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON_NUMBER, JSON_TRUE, JSON_FALSE, JSON_NULL };

enum json_kind json_kind(slice value);

struct json_members {
    const char *at, *end;
};
/* Over the members of an object (over nothing, if it is none). Keys are raw: the bytes between the quotes. */
struct json_members json_members(slice object);
bool json_member_next(struct json_members *members, slice *key, slice *value);
/* Whether a raw key is this text, escapes resolved. */
bool json_key_is(slice raw_key, slice text);

struct json_elements {
    const char *at, *end;
};
struct json_elements json_elements(slice array);
bool json_element_next(struct json_elements *elements, slice *value);

/* The value of one key; an empty slice if the object has none. One pass: read many keys with json_members. */
slice json_get(slice object, slice key);
/* The text of a string: a slice of the source where it holds no escape, else decoded into the arena. */
slice json_text(slice string, struct arena *arena);
/* The same for the bytes between quotes. */
slice json_unescape(slice raw, struct arena *arena);
/* A number without fraction or exponent. */
bool json_i64(slice number, int64_t *value);
bool json_double(slice number, double *value);
