/* SPDX-License-Identifier: Apache-2.0 */
#include "json/check.h"

#include <assert.h>
#include <threads.h>

#include "base/hash.h"
#include "json/chars.h"

/*
 * One pass, one byte of lookahead. A step takes the place where it begins and returns the place behind what it took, or
 * NULL when it has said what was wrong.
 *
 * Keys of open objects lie on one stack. An object gets a key only while it is the innermost one, so the keys of each
 * object lie together, and those of the innermost on top; the slots of its hash table, which it gets when it has many
 * keys, lie on top of a second stack and can grow there.
 */

#define KEYS_FEW 16 /* compared one by one; a table is slower up to here */
#define SLOTS_FIRST 64
#define KEY_CHUNK 64 /* bytes hashed at a time */

const struct json_limits json_limits_default = {
        .bytes_max = (size_t)1 << 30,
        .depth_max = JSON_DEPTH_MAX,
        .keys_max = JSON_KEYS_MAX,
};

struct key {
    uint64_t hash;
    slice raw;
};

struct level {
    uint32_t key_count;
    uint32_t slot_count; /* a power of two, or 0 while the keys are few */
    size_t keys;         /* where they begin on their stacks */
    size_t slots;
};

struct check {
    const char *end;
    const struct json_limits *limits;
    uint64_t objects; /* bit per level, the innermost lowest: an object, not an array */
    unsigned depth;
    struct err err;
    const char *err_at;
    struct key *keys;
    uint32_t *slots; /* 1 + place among the object's keys; 0 is free */
    size_t key_top, key_room;
    size_t slot_top, slot_room;
    struct level levels[JSON_DEPTH_MAX];
};

enum start { START_NONE, START_STRING, START_NUMBER, START_WORD, START_OBJECT, START_ARRAY };

static const uint8_t starts[256] = {
        ['"'] = START_STRING,
        ['{'] = START_OBJECT,
        ['['] = START_ARRAY,
        ['t'] = START_WORD,
        ['f'] = START_WORD,
        ['n'] = START_WORD,
        ['-'] = START_NUMBER,
        ['0'] = START_NUMBER,
        ['1'] = START_NUMBER,
        ['2'] = START_NUMBER,
        ['3'] = START_NUMBER,
        ['4'] = START_NUMBER,
        ['5'] = START_NUMBER,
        ['6'] = START_NUMBER,
        ['7'] = START_NUMBER,
        ['8'] = START_NUMBER,
        ['9'] = START_NUMBER,
};

/* What people write where a value should begin. */
static const struct {
    char byte;
    const char *why;
} wrong_starts[] = {
        {',', "a value is missing before the comma [RFC 8259 section 3]"},
        {']', "a value is missing before the bracket [RFC 8259 section 5]"},
        {'}', "a value is missing before the brace [RFC 8259 section 4]"},
        {':', "a colon stands where a value should [RFC 8259 section 3]"},
        {'\'', "strings stand between double quotes [RFC 8259 section 7]"},
        {'/', "comments are not part of JSON [RFC 8259 section 2]"},
        {'+', "a number does not begin with a plus sign [RFC 8259 section 6]"},
        {'.', "a number does not begin with a point [RFC 8259 section 6]"},
        {'N', "NaN is not a number of JSON [RFC 8259 section 6]"},
        {'I', "Infinity is not a number of JSON [RFC 8259 section 6]"},
        {'T', "true, false and null are written in lower case [RFC 8259 section 3]"},
        {'F', "true, false and null are written in lower case [RFC 8259 section 3]"},
};

static struct hash_key key_hash_key;
static once_flag key_hash_once = ONCE_FLAG_INIT;

static void key_hash_draw(void)
{
    key_hash_key = hash_key_random();
}

static const char *fail_as(struct check *c, enum err_kind kind, const char *at, const char *why)
{
    c->err = err_make(kind, why);
    c->err_at = at;
    return NULL;
}

static const char *fail(struct check *c, const char *at, const char *why)
{
    return fail_as(c, ERR_INPUT, at, why);
}

static const char *blanks_many(const char *at, const char *end)
{
    while (end - at >= 8 && json_load8(at) == JSON_BYTES(' '))
        at += 8;
    while (at < end && byte_is_blank(*at)) {
        at++;
        while (end - at >= 8 && json_load8(at) == JSON_BYTES(' '))
            at += 8;
    }
    return at;
}

static inline const char *blanks(const char *at, const char *end)
{
    return at < end && (uint8_t)*at <= ' ' ? blanks_many(at, end) : at;
}

static const char *escape_unicode(struct check *c, const char *at)
{
    int32_t unit = json_escape_unit(at, c->end);
    if (unit < 0)
        return fail(c, at, "four hexadecimal digits must follow \\u [RFC 8259 section 7]");
    if (json_is_low_surrogate(unit))
        return fail(c, at, "a low surrogate has no high surrogate before it [RFC 8259 section 8.2]");
    if (!json_is_high_surrogate(unit))
        return at + 6;
    if (!json_is_low_surrogate(json_escape_unit(at + 6, c->end)))
        return fail(c, at, "a high surrogate has no low surrogate behind it [RFC 8259 section 8.2]");
    return at + 12;
}

static const char *escape(struct check *c, const char *at)
{
    if (c->end - at < 2)
        return fail(c, c->end, "the text ends inside a string [RFC 8259 section 7]");
    if (at[1] == 'u')
        return escape_unicode(c, at);
    if (json_short_escape(at[1]) == 0)
        return fail(c, at, "no such escape [RFC 8259 section 7]");
    return at + 2;
}

static const char *utf8(struct check *c, const char *at)
{
    while (at < c->end && (uint8_t)*at >= 0x80) {
        size_t bytes = json_utf8_bytes(at, c->end);
        if (bytes == 0)
            return fail(c, at, "the bytes are not UTF-8 [RFC 8259 section 8.1]");
        at += bytes;
    }
    return at;
}

/* What in a string does not stand for itself. */
static const char *string_special(struct check *c, const char *at)
{
    if (at == c->end)
        return fail(c, at, "the text ends inside a string [RFC 8259 section 7]");
    if (*at == '\\')
        return escape(c, at);
    if ((uint8_t)*at >= 0x80)
        return utf8(c, at);
    return fail(c, at, "a control character in a string must be escaped [RFC 8259 section 7]");
}

/* From behind the opening quote. */
static inline const char *string(struct check *c, const char *at)
{
    at = json_plain_end(at, c->end);
    while (at == c->end || *at != '"') {
        at = string_special(c, at);
        if (at == NULL)
            return NULL;
        at = json_plain_end(at, c->end);
    }
    return at + 1;
}

static inline const char *digits(const char *at, const char *end)
{
    while (at < end && byte_is_digit(*at))
        at++;
    return at;
}

static const char *number_exponent(struct check *c, const char *at)
{
    at++;
    if (at < c->end && (*at == '+' || *at == '-'))
        at++;
    const char *behind = digits(at, c->end);
    return behind > at ? behind : fail(c, at, "a digit is missing in the exponent [RFC 8259 section 6]");
}

static inline const char *number(struct check *c, const char *at)
{
    const char *first = *at == '-' ? at + 1 : at;
    at = digits(first, c->end);
    if (at == first)
        return fail(c, at, "a digit is missing behind the minus sign [RFC 8259 section 6]");
    if (*first == '0' && at - first > 1)
        return fail(c, first, "a number has no leading zeros [RFC 8259 section 6]");
    if (at < c->end && *at == '.') {
        first = at + 1;
        at = digits(first, c->end);
        if (at == first)
            return fail(c, at, "a digit is missing behind the point [RFC 8259 section 6]");
    }
    if (at < c->end && (*at | 0x20) == 'e')
        return number_exponent(c, at);
    return at;
}

static inline const char *word(struct check *c, const char *at)
{
    slice rest = {at, (size_t)(c->end - at)};
    if (slice_starts(rest, S("true")) || slice_starts(rest, S("null")))
        return at + 4;
    if (slice_starts(rest, S("false")))
        return at + 5;
    return fail(c, at, "the only words are true, false and null [RFC 8259 section 3]");
}

/* The stack with room for `wanted` things, or NULL: no memory. */
static void *stack_grow(void *stack, size_t *room, size_t wanted, size_t item)
{
    size_t more = *room == 0 ? 128 : *room;
    while (more < wanted)
        more *= 2;
    void *grown = reallocarray(stack, more, item);
    if (grown != NULL)
        *room = more;
    return grown;
}

static bool key_reserve(struct check *c)
{
    if (c->key_top < c->key_room)
        return true;
    void *grown = stack_grow(c->keys, &c->key_room, c->key_top + 1, sizeof c->keys[0]);
    if (grown != NULL)
        c->keys = grown;
    return grown != NULL;
}

static bool slot_reserve(struct check *c)
{
    if (c->slot_top <= c->slot_room)
        return true;
    void *grown = stack_grow(c->slots, &c->slot_room, c->slot_top, sizeof c->slots[0]);
    if (grown != NULL)
        c->slots = grown;
    return grown != NULL;
}

static bool has_escape(slice raw)
{
    return memchr(raw.ptr, '\\', raw.len) != NULL;
}

/* Of the text, not of its spelling: a key with escapes is hashed in pieces, so a long one without them is as well. */
static uint64_t key_hash(slice raw)
{
    if (raw.len < KEY_CHUNK && !has_escape(raw))
        return hash_bytes(key_hash_key, raw);
    struct json_chars chars = json_chars(raw);
    uint64_t hash = 0;
    for (;;) {
        char chunk[KEY_CHUNK];
        size_t count = 0;
        int byte = 0;
        while (count < KEY_CHUNK && (byte = json_chars_next(&chars)) >= 0)
            chunk[count++] = (char)byte;
        hash = hash_mix(hash, key_hash_key.a) ^ hash_bytes(key_hash_key, (slice){chunk, count});
        if (byte < 0)
            return hash;
    }
}

static bool key_same(slice a, slice b)
{
    if (!has_escape(a) && !has_escape(b))
        return slice_eq(a, b);
    struct json_chars as = json_chars(a), bs = json_chars(b);
    int byte = json_chars_next(&as);
    while (byte >= 0 && byte == json_chars_next(&bs))
        byte = json_chars_next(&as);
    return byte < 0 && json_chars_next(&bs) < 0;
}

/* Its slot among those of the innermost object: the one that holds an equal key, or a free one. */
static uint32_t *slot_find(struct check *c, const struct level *level, const struct key *key)
{
    uint32_t *slots = c->slots + level->slots;
    const struct key *keys = c->keys + level->keys;
    size_t at = key->hash & (level->slot_count - 1);
    while (slots[at] != 0) {
        const struct key *other = &keys[slots[at] - 1];
        if (other->hash == key->hash && key_same(other->raw, key->raw))
            break;
        at = (at + 1) & (level->slot_count - 1);
    }
    return &slots[at];
}

/* Gives the innermost object a table of twice the size with all its keys, whose top one is not yet in. */
static bool slots_grow(struct check *c, struct level *level)
{
    level->slot_count = level->slot_count == 0 ? SLOTS_FIRST : level->slot_count * 2;
    c->slot_top = level->slots + level->slot_count;
    if (!slot_reserve(c))
        return false;
    memset(c->slots + level->slots, 0, level->slot_count * sizeof c->slots[0]);
    for (uint32_t i = 0; i < level->key_count; i++)
        *slot_find(c, level, &c->keys[level->keys + i]) = i + 1;
    return true;
}

static bool key_is_among_few(const struct check *c, const struct level *level, const struct key *key)
{
    for (size_t i = level->keys; i < c->key_top; i++)
        if (c->keys[i].hash == key->hash && key_same(c->keys[i].raw, key->raw))
            return true;
    return false;
}

static bool key_is_among_many(struct check *c, struct level *level, const struct key *key)
{
    uint32_t *slot = slot_find(c, level, key);
    if (*slot != 0)
        return true;
    *slot = level->key_count + 1;
    return false;
}

/* Enters a key of the innermost object. */
static const char *key_add(struct check *c, const char *at, slice raw)
{
    struct level *level = &c->levels[c->depth - 1];
    struct key key = {key_hash(raw), raw};
    bool few = level->key_count < KEYS_FEW;
    bool crowded = !few && level->key_count >= level->slot_count / 2;
    if (!key_reserve(c) || (crowded && !slots_grow(c, level)))
        return fail_as(c, ERR_SYSTEM, at, "no memory for the keys of an object");
    if (few ? key_is_among_few(c, level, &key) : key_is_among_many(c, level, &key))
        return fail(c, at, "the object has this key twice [RFC 8259 section 4]");
    c->keys[c->key_top++] = key;
    return at;
}

/* A key and its colon. */
static inline const char *member(struct check *c, const char *at)
{
    const char *quote = at;
    if (at == c->end)
        return fail(c, at, "the text ends inside an object [RFC 8259 section 4]");
    if (*at != '"')
        return fail(c, at, "a key must stand here, between double quotes [RFC 8259 section 4]");
    at = string(c, at + 1);
    if (at == NULL)
        return NULL;
    struct level *level = &c->levels[c->depth - 1];
    if (level->key_count == c->limits->keys_max)
        return fail_as(c, ERR_LIMIT, quote, "the object has too many keys");
    if (!c->limits->duplicates_allowed && key_add(c, quote, (slice){quote + 1, (size_t)(at - quote - 2)}) == NULL)
        return NULL;
    level->key_count++;
    at = blanks(at, c->end);
    if (at == c->end || *at != ':')
        return fail(c, at, "a colon is missing behind the key [RFC 8259 section 4]");
    return blanks(at + 1, c->end);
}

static void leave(struct check *c)
{
    const struct level *level = &c->levels[--c->depth];
    c->key_top = level->keys;
    c->slot_top = level->slots;
    c->objects >>= 1;
}

/* Opens an array or object, and closes it again if there is nothing in it. */
static inline const char *enter(struct check *c, const char *at, bool object)
{
    if (c->depth == c->limits->depth_max)
        return fail_as(c, ERR_LIMIT, at, "too many arrays and objects inside each other");
    c->levels[c->depth++] = (struct level){.keys = c->key_top, .slots = c->slot_top};
    c->objects = c->objects << 1 | object;
    at = blanks(at + 1, c->end);
    if (at == c->end || *at != (object ? '}' : ']'))
        return at;
    leave(c);
    return at + 1;
}

static const char *no_value(struct check *c, const char *at)
{
    if (at == c->end)
        return fail(c, at, "the text ends where a value should stand [RFC 8259 section 2]");
    if (slice_starts((slice){at, (size_t)(c->end - at)}, S("\xEF\xBB\xBF")))
        return fail(c, at, "a byte order mark is not part of JSON [RFC 8259 section 8.1]");
    for (size_t i = 0; i < COUNT_OF(wrong_starts); i++)
        if (*at == wrong_starts[i].byte)
            return fail(c, at, wrong_starts[i].why);
    return fail(c, at, "no value begins like this [RFC 8259 section 3]");
}

/* A whole value, or the beginning of an array or object that has something in it. */
static inline const char *value(struct check *c, const char *at)
{
    if (at == c->end)
        return no_value(c, at);
    switch (starts[(uint8_t)*at]) {
    case START_STRING:
        return string(c, at + 1);
    case START_NUMBER:
        return number(c, at);
    case START_WORD:
        return word(c, at);
    case START_OBJECT:
        return enter(c, at, true);
    case START_ARRAY:
        return enter(c, at, false);
    default:
        return no_value(c, at);
    }
}

static const char *no_end(struct check *c, const char *at, bool object)
{
    if (at == c->end)
        return fail(c, at,
                object ? "the text ends inside an object [RFC 8259 section 4]"
                       : "the text ends inside an array [RFC 8259 section 5]");
    if (*at == ']' || *at == '}')
        return fail(c, at,
                object ? "an object does not end with a bracket [RFC 8259 section 4]"
                       : "an array does not end with a brace [RFC 8259 section 5]");
    return fail(c, at,
            object ? "a comma is missing between members [RFC 8259 section 4]"
                   : "a comma is missing between elements [RFC 8259 section 5]");
}

/* Behind a value: closes what ends here, and takes the comma if something is to follow. */
static inline const char *ends(struct check *c, const char *at)
{
    while (c->depth > 0) {
        bool object = c->objects & 1;
        at = blanks(at, c->end);
        if (at < c->end && *at == ',')
            return blanks(at + 1, c->end);
        if (at == c->end || *at != (object ? '}' : ']'))
            return no_end(c, at, object);
        leave(c);
        at++;
    }
    return at;
}

static const char *document(struct check *c, const char *at)
{
    unsigned depth;
    do {
        depth = c->depth;
        if (c->objects & 1)
            at = member(c, at);
        if (at != NULL)
            at = value(c, at);
        if (at != NULL && c->depth == depth)
            at = ends(c, at);
    } while (at != NULL && c->depth > 0);
    return at;
}

static void check_begin(struct check *c, slice text, const struct json_limits *limits)
{
    assert(limits->depth_max <= JSON_DEPTH_MAX && limits->keys_max < UINT32_MAX / 4);
    c->end = text.ptr + text.len;
    c->limits = limits;
    c->objects = 0;
    c->depth = 0;
    c->err = OK;
    c->err_at = NULL;
    c->keys = NULL;
    c->slots = NULL;
    c->key_top = c->key_room = 0;
    c->slot_top = c->slot_room = 0;
    if (!limits->duplicates_allowed)
        call_once(&key_hash_once, key_hash_draw);
}

struct err json_check(slice text, const struct json_limits *limits, size_t *offset)
{
    if (text.len == 0)
        text = S("");
    struct check c;
    check_begin(&c, text, limits);
    if (text.len > limits->bytes_max) {
        fail_as(&c, ERR_LIMIT, text.ptr + limits->bytes_max, "the text is too long");
    } else {
        const char *at = document(&c, blanks(text.ptr, c.end));
        if (at != NULL && (at = blanks(at, c.end)) < c.end)
            fail(&c, at, "something follows the value [RFC 8259 section 2]");
    }
    free(c.keys);
    free(c.slots);
    if (c.err.kind != ERR_NONE && offset != NULL)
        *offset = (size_t)(c.err_at - text.ptr);
    return c.err;
}

void json_place(slice text, size_t offset, size_t *line, size_t *column)
{
    slice before = {text.ptr, offset < text.len ? offset : text.len};
    size_t lines = 1;
    for (size_t newline = slice_find(before, '\n'); newline < before.len; newline = slice_find(before, '\n')) {
        before = slice_from(before, newline + 1);
        lines++;
    }
    *line = lines;
    *column = before.len + 1;
}
