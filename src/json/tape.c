/* SPDX-License-Identifier: Apache-2.0 */
#include "json/tape.h"

#include "base/hash.h"
#include "json/chars.h"
#include "json/check.h"

/*
 * As json/check.c, a step takes the place where it begins and returns the place behind what it took, or NULL; it says
 * no reason, because the check will.
 */

#define KEYS_MAX 64 /* of one object, compared with each other; beyond, the check finds a doubled one */

struct reading {
    struct json_tape *tape;
    const char *text, *end, *stopped;
    bool checked;
    unsigned depth;
    uint32_t open[JSON_DEPTH_MAX]; /* the tokens of what is open */
    uint64_t seen[JSON_DEPTH_MAX]; /* a bit for the hash of each key; two keys may share one */
};

static const char *stop(struct reading *r, const char *at)
{
    r->stopped = at;
    return NULL;
}

static inline const char *blanks(const char *at, const char *end)
{
    while (at < end && (uint8_t)*at <= ' ' && byte_is_blank(*at)) {
        at++;
        while (end - at >= 8 && json_load8(at) == JSON_BYTES(' '))
            at += 8;
    }
    return at;
}

static bool tokens_grow(struct json_tape *tape)
{
    size_t room = tape->room == 0 ? 256 : tape->room * 2;
    struct json_token *tokens =
            room > JSON_TAPE_TOKENS_MAX ? NULL : reallocarray(tape->tokens, room, sizeof tape->tokens[0]);
    tape->full = tokens == NULL;
    if (tokens == NULL)
        return false;
    tape->tokens = tokens;
    tape->room = room;
    return true;
}

/* The next token, or NULL if there can be no more. Its number is count - 1 afterwards. */
static inline struct json_token *token_add(struct reading *r)
{
    struct json_tape *tape = r->tape;
    if (tape->count == tape->room && !tokens_grow(tape))
        return NULL;
    return &tape->tokens[tape->count++];
}

static const char *escape(struct reading *r, const char *at)
{
    if (r->end - at < 2)
        return stop(r, at);
    if (at[1] != 'u')
        return json_short_escape(at[1]) == 0 ? stop(r, at) : at + 2;
    int32_t unit = json_escape_unit(at, r->end);
    if (unit < 0 || json_is_low_surrogate(unit))
        return stop(r, at);
    if (!json_is_high_surrogate(unit))
        return at + 6;
    return json_is_low_surrogate(json_escape_unit(at + 6, r->end)) ? at + 12 : stop(r, at);
}

static const char *string_special(struct reading *r, const char *at, uint8_t *flags)
{
    if (at == r->end)
        return stop(r, at);
    if (*at == '\\') {
        *flags |= JSON_TOKEN_ESCAPES;
        return escape(r, at);
    }
    if ((uint8_t)*at < 0x80)
        return stop(r, at);
    while (at < r->end && (uint8_t)*at >= 0x80) {
        size_t bytes = json_utf8_bytes(at, r->end);
        if (bytes == 0)
            return stop(r, at);
        at += bytes;
    }
    return at;
}

/* From behind the opening quote to the closing one. */
static inline const char *string(struct reading *r, const char *at, uint8_t *flags)
{
    at = json_plain_end(at, r->end);
    while (at == r->end || *at != '"') {
        at = string_special(r, at, flags);
        if (at == NULL)
            return NULL;
        at = json_plain_end(at, r->end);
    }
    return at;
}

static inline const char *digits(const char *at, const char *end)
{
    while (at < end && byte_is_digit(*at))
        at++;
    return at;
}

static const char *number(struct reading *r, const char *at, uint8_t *flags)
{
    const char *first = *at == '-' ? at + 1 : at;
    at = digits(first, r->end);
    if (at == first || (*first == '0' && at - first > 1))
        return stop(r, at);
    *flags = JSON_TOKEN_WHOLE;
    if (at < r->end && *at == '.') {
        *flags = 0;
        first = at + 1;
        at = digits(first, r->end);
        if (at == first)
            return stop(r, at);
    }
    if (at < r->end && (*at | 0x20) == 'e') {
        *flags = 0;
        at++;
        if (at < r->end && (*at == '+' || *at == '-'))
            at++;
        first = at;
        at = digits(first, r->end);
        if (at == first)
            return stop(r, at);
    }
    return at == r->end ? stop(r, at) : at; /* at the end of the bytes a number may go on */
}

static const char *word(struct reading *r, const char *at, slice spelt)
{
    slice rest = {at, (size_t)(r->end - at)};
    return slice_starts(rest, spelt) ? at + spelt.len : stop(r, at);
}

uint32_t json_tape_hash(slice key)
{
    uint64_t first = 0, last = 0;
    if (key.len >= 8) {
        first = json_load8(key.ptr);
        last = json_load8(key.ptr + key.len - 8);
    } else {
        for (size_t i = 0; i < key.len; i++)
            first = first << 8 | (uint8_t)key.ptr[i];
    }
    uint64_t hash = hash_mix(first ^ UINT64_C(0x9E3779B97F4A7C15), last ^ UINT64_C(0xD1B54A32D192ED03) ^ key.len << 56);
    return (uint32_t)(hash ^ hash >> 32);
}

/* Whether an earlier key of the innermost object is the same. */
static bool key_is_doubled(const struct reading *r, const struct json_token *key)
{
    const struct json_token *tokens = r->tape->tokens;
    slice text = {r->text + key->at, key->len};
    const struct json_token *other = &tokens[r->open[r->depth - 1] + 1];
    for (; other < key; other = &tokens[other[1].next])
        if (other->next == key->next && slice_eq((slice){r->text + other->at, other->len}, text))
            return true;
    return false;
}

static inline bool key_is_new(struct reading *r, const struct json_token *key, const struct json_token *object)
{
    uint64_t bit = UINT64_C(1) << (key->next >> 26);
    uint64_t *seen = &r->seen[r->depth - 1];
    if (r->checked)
        return true;
    if ((key->flags & JSON_TOKEN_ESCAPES) != 0 || object->count == KEYS_MAX)
        return false;
    bool shared = (*seen & bit) != 0;
    *seen |= bit;
    return !shared || !key_is_doubled(r, key);
}

/* A key and its colon, for the innermost object. */
static inline const char *member(struct reading *r, const char *at)
{
    if (at == r->end || *at != '"')
        return stop(r, at);
    const char *text = at + 1;
    uint8_t flags = JSON_TOKEN_KEY;
    at = string(r, text, &flags);
    if (at == NULL)
        return NULL;
    struct json_token *key = token_add(r);
    if (key == NULL)
        return stop(r, at);
    slice raw = {text, (size_t)(at - text)};
    *key = (struct json_token){
            (uint32_t)(text - r->text), (uint32_t)raw.len, json_tape_hash(raw), JSON_STRING, flags, 0};
    if (!key_is_new(r, key, &r->tape->tokens[r->open[r->depth - 1]]))
        return stop(r, text);
    at = blanks(at + 1, r->end);
    if (at == r->end || *at != ':')
        return stop(r, at);
    return blanks(at + 1, r->end);
}

static void leave(struct reading *r, const char *end)
{
    struct json_token *token = &r->tape->tokens[r->open[--r->depth]];
    token->len = (uint32_t)(end - r->text) - token->at;
    token->next = (uint32_t)r->tape->count;
}

static inline const char *enter(struct reading *r, const char *at, struct json_token *token, enum json_kind kind)
{
    if (r->depth == JSON_DEPTH_MAX)
        return stop(r, at);
    token->kind = (uint8_t)kind;
    r->seen[r->depth] = 0;
    r->open[r->depth++] = (uint32_t)(token - r->tape->tokens);
    at = blanks(at + 1, r->end);
    if (at == r->end || *at != (kind == JSON_OBJECT ? '}' : ']'))
        return at;
    leave(r, at + 1);
    return at + 1;
}

/* A whole value, or the beginning of an array or object that has something in it. */
static inline const char *value(struct reading *r, const char *at)
{
    struct json_token *token = at == r->end ? NULL : token_add(r);
    if (token == NULL)
        return stop(r, at);
    *token = (struct json_token){.at = (uint32_t)(at - r->text), .next = (uint32_t)r->tape->count};
    const char *from = at;
    switch (*at) {
    case '"':
        token->at++;
        token->kind = JSON_STRING;
        at = string(r, ++from, &token->flags);
        if (at != NULL)
            token->len = (uint32_t)(at - from);
        return at == NULL ? NULL : at + 1;
    case '{':
        return enter(r, at, token, JSON_OBJECT);
    case '[':
        return enter(r, at, token, JSON_ARRAY);
    case 't':
        token->kind = JSON_TRUE;
        at = word(r, at, S("true"));
        break;
    case 'f':
        token->kind = JSON_FALSE;
        at = word(r, at, S("false"));
        break;
    case 'n':
        token->kind = JSON_NULL;
        at = word(r, at, S("null"));
        break;
    default:
        token->kind = JSON_NUMBER;
        at = *at == '-' || byte_is_digit(*at) ? number(r, at, &token->flags) : stop(r, at);
    }
    if (at != NULL)
        token->len = (uint32_t)(at - from);
    return at;
}

/* Behind a value: counts it, closes what ends here, and takes the comma if something is to follow. */
static inline const char *ends(struct reading *r, const char *at)
{
    while (r->depth > 0) {
        struct json_token *open = &r->tape->tokens[r->open[r->depth - 1]];
        open->count = (uint16_t)(open->count + (open->count < UINT16_MAX));
        at = blanks(at, r->end);
        if (at < r->end && *at == ',')
            return blanks(at + 1, r->end);
        if (at == r->end || *at != (open->kind == JSON_OBJECT ? '}' : ']'))
            return stop(r, at);
        leave(r, ++at);
    }
    return at;
}

static const char *document(struct reading *r, const char *at)
{
    unsigned depth;
    do {
        depth = r->depth;
        if (depth > 0 && r->tape->tokens[r->open[depth - 1]].kind == JSON_OBJECT)
            at = member(r, at);
        if (at != NULL)
            at = value(r, at);
        if (at != NULL && r->depth == depth)
            at = ends(r, at);
    } while (at != NULL && r->depth > 0);
    return at;
}

bool json_tape_read(struct json_tape *tape, slice text, enum json_tape_mode mode)
{
    struct reading r;
    r.tape = tape;
    r.text = r.stopped = text.ptr;
    r.end = text.ptr + text.len;
    r.checked = mode == JSON_TAPE_CHECKED;
    r.depth = 0;
    tape->text = text.ptr;
    tape->count = 0;
    tape->full = text.len > JSON_TAPE_BYTES_MAX;
    const char *at = tape->full ? NULL : document(&r, blanks(text.ptr, r.end));
    tape->end = (size_t)((at == NULL ? r.stopped : at) - text.ptr);
    return at != NULL;
}

void json_tape_free(struct json_tape *tape)
{
    free(tape->tokens);
    *tape = (struct json_tape){0};
}

/* A scalar or key as it stands in the text. */
static void scalar_write(const struct json_tape *tape, const struct json_token *token, struct buf *out)
{
    if (token->kind == JSON_STRING)
        buf_byte(out, '"');
    buf_put(out, json_tape_slice(tape, token));
    if (token->kind == JSON_STRING)
        buf_byte(out, '"');
}

void json_tape_write(const struct json_tape *tape, size_t token, struct buf *out)
{
    uint32_t open[JSON_DEPTH_MAX];
    unsigned depth = 0;
    size_t end = tape->tokens[token].next;
    bool comma = false;
    for (size_t i = token; i < end || depth > 0;) {
        if (depth > 0 && i == tape->tokens[open[depth - 1]].next) {
            buf_byte(out, tape->tokens[open[--depth]].kind == JSON_OBJECT ? '}' : ']');
            comma = true;
            continue;
        }
        const struct json_token *at = &tape->tokens[i];
        if (comma)
            buf_byte(out, ',');
        comma = false;
        if (at->kind == JSON_OBJECT || at->kind == JSON_ARRAY) {
            buf_byte(out, at->kind == JSON_OBJECT ? '{' : '[');
            open[depth++] = (uint32_t)i;
        } else {
            scalar_write(tape, at, out);
            comma = (at->flags & JSON_TOKEN_KEY) == 0;
            if (!comma)
                buf_byte(out, ':');
        }
        i++;
    }
}
