/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Picks the values of wanted paths out of lines of JSON. Paths are written as the log's own: `src_ip`, `dns.rrname`,
 * `dns.answers[].rdata`, `"id.orig_h"` (quoted: one key that holds a dot). They are compiled once into an automaton.
 *
 * There are two roads and one answer. json_pick() is strict, plain and the definition. json_pick_scanned() works on the
 * tokens of a scan and gives the same picks for a line, or says that it will not vouch for it.
 */
#include "json/read.h"
#include "json/scan.h"

#define JSON_PICKS_MAX 4096 /* values of one line */

struct json_paths;

/* ERR_INPUT for a path that cannot be read. Lives in the arena. */
MUST_USE struct err json_paths_compile(
        const char *const *paths, size_t count, struct arena *arena, const struct json_paths **compiled);

struct json_pick {
    const char *ptr; /* a string's text without quotes, escapes resolved; otherwise the source bytes */
    uint32_t len;
    uint16_t path; /* index into the paths */
    uint8_t kind;  /* enum json_kind, never an object or array */
};

struct json_picks {
    struct json_pick *rows; /* room for JSON_PICKS_MAX, by the owner */
    size_t count;
};

/*
 * Checks a whole line and picks, in the order of the line. ERR_INPUT if it is not JSON, not an object, or holds a
 * wanted key twice in one object; ERR_LIMIT beyond JSON_PICKS_MAX. `offset` says where (NULL if not wanted). Decoded
 * text goes into the arena.
 */
MUST_USE struct err json_pick(
        const struct json_paths *paths, slice line, struct arena *arena, struct json_picks *picks, size_t *offset);

/*
 * Remembers how lines looked that it picked from; owned by one thread. `usual`: by path, 0 where the value is
 * rarely asked for; NULL if none is. Both live longer than the picker.
 */
struct json_picker;
struct json_picker *json_picker_open(const struct json_paths *paths, const uint8_t *usual);
void json_picker_close(struct json_picker *picker); /* NULL is allowed */

/* The same for line `index` of a scan; false if json_pick() has to decide. Unless `all` are asked for, values that are
 * not usual may be missing. */
bool json_pick_scanned(
        struct json_picker *picker, const struct json_scan *scan, size_t index, bool all, struct json_picks *picks);
