/* SPDX-License-Identifier: Apache-2.0 */
#include "share/strict.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "json/check.h"
#include "json/jcs.h"
#include "json/read.h"

#define DEPTH_MAX 4
#define KEYS_MAX 32 /* of one object */

struct err strict_wrong(const struct strict *strict, const char *what)
{
    return err_format(strict->arena, ERR_INPUT, "%s: %s: %s", strict->about, strict->place, what);
}

static struct err too_many(const struct strict *strict, size_t most)
{
    return err_format(strict->arena, ERR_LIMIT, "%s: %s: at most %zu", strict->about, strict->place, most);
}

/* The place of a word in a list; `count` if it is not there. */
static size_t word_find(slice word, const char *const *words, size_t count)
{
    size_t at = 0;
    while (at < count && !slice_eq(word, slice_of(words[at])))
        at++;
    return at;
}

/* ---- Plain values ---- */

struct err strict_text(struct strict *strict, slice value, size_t bytes_max, slice *text)
{
    if (json_kind(value) != JSON_STRING)
        return strict_wrong(strict, "a text has to stand here");
    slice read = json_text(value, strict->arena);
    for (size_t i = 0; i < read.len; i++)
        if ((unsigned char)read.ptr[i] < ' ' || read.ptr[i] == 0x7f)
            return strict_wrong(strict, "there is a control character in it");
    if (read.len == 0)
        return strict_wrong(strict, "it is empty");
    if (read.len > bytes_max)
        return err_format(
                strict->arena, ERR_LIMIT, "%s: %s: at most %zu bytes", strict->about, strict->place, bytes_max);
    *text = read;
    return OK;
}

struct err strict_bool(struct strict *strict, slice value, void *target)
{
    enum json_kind kind = json_kind(value);
    if (kind != JSON_TRUE && kind != JSON_FALSE)
        return strict_wrong(strict, "true or false has to stand here");
    *(bool *)target = kind == JSON_TRUE;
    return OK;
}

struct err strict_version(struct strict *strict, slice value, void *target)
{
    return strict_number(strict, value, STRICT_VERSION_MAX, target);
}

struct err strict_name(struct strict *strict, slice value, void *target)
{
    return strict_text(strict, value, STRICT_WORD_MAX, target);
}

struct err strict_purpose(struct strict *strict, slice value, void *target)
{
    return strict_text(strict, value, STRICT_PURPOSE_MAX, target);
}

struct err strict_time(struct strict *strict, slice value, void *target)
{
    slice text;
    TRY(strict_text(strict, value, STRICT_WORD_MAX, &text));
    return time_parse_strict(text, target) ? OK : strict_wrong(strict, "a time as RFC 3339 has it has to stand here");
}

struct err strict_number(struct strict *strict, slice value, int64_t most, int64_t *number)
{
    int64_t read;
    if (json_kind(value) != JSON_NUMBER || !json_i64(value, &read) || read < 1 || read > most)
        return err_format(strict->arena, ERR_INPUT, "%s: %s: a whole number from 1 to %lld has to stand here",
                strict->about, strict->place, (long long)most);
    *number = read;
    return OK;
}

struct err strict_word(struct strict *strict, slice value, const char *const *words, size_t count, size_t *found)
{
    slice text;
    TRY(strict_text(strict, value, STRICT_WORD_MAX, &text));
    *found = word_find(text, words, count);
    if (*found < count)
        return OK;
    const char *list = "";
    for (size_t i = 0; i < count; i++)
        list = arena_printf(strict->arena, "%s%s%s", list, i == 0 ? "" : ", ", words[i]);
    return strict_wrong(strict, arena_printf(strict->arena, "it is one of %s", list));
}

struct err strict_country(struct strict *strict, slice value, void *target)
{
    slice text;
    TRY(strict_text(strict, value, STRICT_WORD_MAX, &text));
    bool good = text.len == 2 && text.ptr[0] >= 'A' && text.ptr[0] <= 'Z' && text.ptr[1] >= 'A' && text.ptr[1] <= 'Z';
    if (!good)
        return strict_wrong(strict, "a country is two capital letters (ISO 3166-1)");
    *(slice *)target = text;
    return OK;
}

struct err strict_node(struct strict *strict, slice value, void *target)
{
    slice text;
    TRY(strict_text(strict, value, STRICT_WORD_MAX, &text));
    struct uuid uuid;
    slice prefix = S("identity--");
    if (!slice_starts(text, prefix) || !uuid_parse(slice_from(text, prefix.len), &uuid))
        return strict_wrong(strict, "a node is the id of a STIX identity");
    *(slice *)target = text;
    return OK;
}

struct err strict_tlp(struct strict *strict, slice value, void *target)
{
    const char *names[TLP_RED];
    size_t found;
    for (enum stix_tlp tlp = TLP_CLEAR; tlp <= TLP_RED; tlp++)
        names[tlp - TLP_CLEAR] = stix_tlp_name(tlp);
    TRY(strict_word(strict, value, names, COUNT_OF(names), &found));
    *(enum stix_tlp *)target = (enum stix_tlp)(TLP_CLEAR + found);
    return OK;
}

/* ---- Objects and lists ---- */

static const struct strict_key *key_find(const struct strict_key *keys, size_t count, slice raw)
{
    for (size_t i = 0; i < count; i++)
        if (json_key_is(raw, slice_of(keys[i].name)))
            return &keys[i];
    return NULL;
}

/* Each key of the table at most once (json_check saw to that), each required one, and no other. targets[i] is that of
 * keys[i]. */
struct err strict_keys(
        struct strict *strict, slice object, const struct strict_key *keys, size_t count, void *const *targets)
{
    const char *place = strict->place, *dot = *place == '\0' ? "" : ".";
    struct json_members members = json_members(object);
    slice raw, value;
    uint64_t seen = 0;
    if (json_kind(object) != JSON_OBJECT)
        return strict_wrong(strict, "an object has to stand here");
    while (json_member_next(&members, &raw, &value)) {
        const struct strict_key *key = key_find(keys, count, raw);
        if (key == NULL)
            return err_format(strict->arena, ERR_INPUT, "%s: %s%s%.*s: no such key is known", strict->about, place, dot,
                    (int)(raw.len < STRICT_WORD_MAX ? raw.len : STRICT_WORD_MAX), raw.ptr);
        seen |= UINT64_C(1) << (key - keys);
        strict->place = arena_printf(strict->arena, "%s%s%s", place, dot, key->name);
        TRY(key->read(strict, value, targets[key - keys]));
        strict->place = place;
    }
    for (size_t i = 0; i < count; i++)
        if (keys[i].required && (seen >> i & 1) == 0)
            return err_format(
                    strict->arena, ERR_INPUT, "%s: %s%s%s: it is missing", strict->about, place, dot, keys[i].name);
    return OK;
}

struct err strict_list(
        struct strict *strict, slice array, const struct strict_list *listing, void **rows, size_t *count)
{
    const char *place = strict->place;
    struct json_elements elements = json_elements(array);
    slice value;
    size_t found = 0;
    if (json_kind(array) != JSON_ARRAY)
        return strict_wrong(strict, "a list has to stand here");
    char *made = arena_take_array(strict->arena, listing->most, listing->size);
    while (json_element_next(&elements, &value)) {
        if (found == listing->most)
            return too_many(strict, listing->most);
        strict->place = arena_printf(strict->arena, "%s[%zu]", place, found);
        TRY(listing->read(strict, value, made + found * listing->size));
        strict->place = place;
        found++;
    }
    *rows = made;
    *count = found;
    return OK;
}

/* ---- The whole text ---- */

struct err strict_check(const char *about, slice json, size_t bytes_max, struct arena *arena)
{
    const struct json_limits limits = {.bytes_max = bytes_max, .depth_max = DEPTH_MAX, .keys_max = KEYS_MAX};
    size_t offset = 0, line, column;
    struct err err = json_check(json, &limits, &offset);
    if (err.kind == ERR_NONE)
        return OK;
    json_place(json, offset, &line, &column);
    return err_format(arena, err.kind, "%s: line %zu, column %zu: %s", about, line, column, err.why);
}

struct err strict_canonical(const char *about, slice json, size_t bytes_max, struct arena *arena, slice *text)
{
    struct buf out = buf_make(bytes_max);
    struct err err = strict_check(about, json, bytes_max, arena);
    if (err.kind == ERR_NONE)
        err = json_canonical(json, arena, &out);
    if (err.kind == ERR_NONE)
        err = buf_check(&out);
    *text = arena_copy(arena, buf_slice(&out));
    buf_free(&out);
    return err;
}
