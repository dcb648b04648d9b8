/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fast road. Two ways lead along it. The walk looks at every token of a line. But the lines of a log come in a few
 * shapes: the same keys in the same order, around other values. So the walk notes at which tokens it did something, and
 * the next line of that shape is picked at these tokens alone.
 *
 *   1. Lines are of one shape if they have the same number of tokens and, token by token, the same bracket or colon; of
 *      an opening bracket also the byte before it, of a colon also the last four bytes of its key (path_node.ends).
 *      So all that the walk checks by tokens holds for both, and a key that `ends` ruled out is ruled out in both.
 *   2. Every other key that the walk looked up is compared once more, and must be the same: what stands before these
 *      four bytes, from its opening quote.
 *   3. The shape is known by a hash of 64 bits under a random key. Nobody who writes a log can aim at it.
 *   4. Lines with a backslash are always walked.
 */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "json/check.h"
#include "json/pick_paths.h"

enum {
    SHAPES = 1024,      /* places to remember one; a newcomer replaces what was there */
    SHAPE_TOKENS = 192, /* a longer line is walked */
    SHAPE_CHECKS = 64,
    SHAPE_STEPS = 48,
    CHECKS_AT_ONCE = 4, /* what is missing to a multiple of it checks nothing */
};

/* Up to eight bytes of a key that must be the same. */
struct check {
    uint64_t bytes, mask;
    uint32_t token; /* its colon, counted from the first token of the line */
    uint32_t back;  /* so far before the colon */
};

/* Something to pick. */
struct step {
    uint16_t token;
    uint16_t path;                /* of the value behind this colon; PATH_NONE: */
    const struct path_node *node; /* the elements of the array that opens here, or goes on behind this bracket */
};

struct shape {
    uint64_t hash;                          /* 0: none */
    size_t check_count, count, usual_count; /* the shape cannot be used if there is no room for them */
    struct check checks[SHAPE_CHECKS];
    struct step usual[SHAPE_STEPS], steps[SHAPE_STEPS]; /* what is usually asked for, and all */
};

struct json_picker {
    const struct json_paths *paths;
    const uint8_t *usual;
    uint64_t keys[SHAPE_TOKENS];
    struct shape shapes[SHAPES];
};

struct frame {
    const struct path_node *node; /* NULL: nothing wanted in here */
    uint64_t seen[SEEN_WORDS];
};

struct walk {
    const struct json_scan *scan;
    const char *block;
    struct json_picks *picks;
    const uint32_t *tokens; /* of the line */
    struct shape *shape;    /* being noted, or NULL */
    const uint8_t *usual;   /* by path: 0 if the value is rarely asked for; NULL: none is */
    bool escapes;           /* the line holds a backslash */
    uint64_t objects;       /* bit per level: 1 an object, 0 an array; the innermost lowest */
    unsigned depth;
    struct frame frames[JSON_DEPTH_MAX + 1];
};

/* There is something to pick at this token. */
static inline void note_step(struct walk *walk, const uint32_t *token, uint16_t path, const struct path_node *node)
{
    struct shape *shape = walk->shape;
    if (shape == NULL)
        return;
    struct step step = {(uint16_t)(token - walk->tokens), path, node};
    if (shape->count < SHAPE_STEPS)
        shape->steps[shape->count] = step;
    shape->count++;
    if (path != PATH_NONE && walk->usual != NULL && !walk->usual[path])
        return;
    if (shape->usual_count < SHAPE_STEPS)
        shape->usual[shape->usual_count] = step;
    shape->usual_count++;
}

/* The key of `len` bytes before this colon was looked up. The shape itself holds its last four bytes. */
static void note_key(struct walk *walk, const uint32_t *token, size_t len)
{
    struct shape *shape = walk->shape;
    if (shape == NULL)
        return;
    size_t back = 1 + 4; /* quote and four bytes */
    for (size_t left = len + 1 > 4 ? len + 1 - 4 : 0; left > 0; left -= left < 8 ? left : 8) {
        back += 8;
        struct check check = {
                .bytes = load64(walk->block + *token - back),
                .mask = left < 8 ? htole64(UINT64_MAX << (64 - 8 * left)) : UINT64_MAX,
                .token = (uint32_t)(token - walk->tokens),
                .back = (uint32_t)back,
        };
        if (shape->check_count < SHAPE_CHECKS)
            shape->checks[shape->check_count] = check;
        shape->check_count++;
    }
}

/* 64 bits of the quotes from this byte on. */
static inline uint64_t quotes_from(const uint64_t *quotes, uint32_t at)
{
    unsigned shift = at & 63;
    const uint64_t *word = quotes + at / 64;
    return word[0] >> shift | word[1] << 1 << (63 - shift);
}

/* The quote that ends the string whose text begins at `at`. */
static inline uint32_t string_end(const struct walk *walk, uint32_t at)
{
    uint64_t bits = quotes_from(walk->scan->quotes, at);
    while (__builtin_expect(bits == 0, 0))
        bits = quotes_from(walk->scan->quotes, at += 64);
    return at + (uint32_t)__builtin_ctzll(bits);
}

/* The length of the key whose closing quote is at `end`, or 0 if it is empty or longer than any wanted one. */
static inline size_t key_len(const struct walk *walk, uint32_t end)
{
    const uint64_t *word = walk->scan->quotes + end / 64;
    unsigned shift = end & 63;
    uint64_t before = word[-1] >> shift | word[0] << (63 - shift) << 1;
    /* The highest bit stands for the byte before `end`. */
    return before == 0 ? 0 : (size_t)__builtin_clzll(before);
}

static inline bool pick_put(struct walk *walk, uint16_t path, uint32_t from, uint32_t to, enum json_kind kind)
{
    struct json_picks *picks = walk->picks;
    if (picks->count == JSON_PICKS_MAX)
        return false;
    const char *text = walk->block + from;
    if (__builtin_expect(walk->escapes, 0) && memchr(text, '\\', to - from) != NULL)
        return false;
    picks->rows[picks->count++] = (struct json_pick){text, to - from, path, (uint8_t)kind};
    return true;
}

static enum json_kind scalar_kind(char first)
{
    return first == 't' ? JSON_TRUE : first == 'f' ? JSON_FALSE : first == 'n' ? JSON_NULL : JSON_NUMBER;
}

/* Picks the string, number or literal at `at`; *end is the byte behind it. False: not for this road. */
static inline bool scalar_pick(struct walk *walk, uint16_t path, uint32_t at, uint32_t *end)
{
    if (walk->block[at] == '"') {
        uint32_t quote = string_end(walk, at + 1);
        *end = quote + 1;
        return path == PATH_NONE || pick_put(walk, path, at + 1, quote, JSON_STRING);
    }
    uint32_t to = at;
    while (walk->block[to] != ',' && walk->block[to] != '}' && walk->block[to] != ']')
        to++;
    *end = to;
    return path == PATH_NONE || pick_put(walk, path, at, to, scalar_kind(walk->block[at]));
}

static inline bool opens(char c)
{
    return c == '{' || c == '[';
}

/* Picks the elements of a wanted array from `at` up to the first that is itself an object or array. */
static bool elements_pick(struct walk *walk, const struct path_node *element, uint32_t at)
{
    if (element == NULL || element->path == PATH_NONE || walk->block[at] == ']')
        return true;
    while (!opens(walk->block[at])) {
        uint32_t end;
        if (!scalar_pick(walk, element->path, at, &end))
            return false;
        if (walk->block[end] != ',')
            return true;
        at = end + 1;
    }
    return true;
}

/* Whether the key of `len` bytes before `end`, whose tail is `tail`, is this one. */
static inline bool key_is(const struct path_slot *slot, uint64_t tail, const char *end, size_t len)
{
    return slot->tail == tail && slot->len == len && (len <= 8 || memcmp(slot->key->name.ptr, end - len, len - 8) == 0);
}

static inline const struct path_key *key_find(const struct path_node *node, const char *end, size_t len)
{
    uint64_t tail = key_tail(end, len);
    const struct path_slot *slot = &node->slots[key_slot(node, tail, len, end[-(ptrdiff_t)len])];
    return key_is(slot, tail, end, len) ? slot->key : NULL;
}

/* A colon: if its key is wanted here, picks the value or leaves in *below what awaits in it. */
static inline bool member_pick(
        struct walk *walk, struct frame *frame, const uint32_t *token, const struct path_node **below)
{
    const struct path_node *node = frame->node;
    uint32_t colon = *token;
    const char *end = walk->block + colon - 1;
    *below = NULL;
    if (node->ends[ends_slot(end)] == 0 && !walk->escapes)
        return true;
    size_t len = key_len(walk, colon - 1);
    if (__builtin_expect(walk->escapes, 0) && (len == 0 || memchr(end - len, '\\', len) != NULL))
        return false;
    const struct path_key *key = len == 0 ? NULL : key_find(node, end, len);
    if (len == 0 && walk->shape != NULL)
        walk->shape->check_count = SHAPE_CHECKS + 1; /* an empty key, or a very long one */
    note_key(walk, token, len);
    if (key == NULL)
        return true;
    uint64_t *seen = &frame->seen[key->number / 64], bit = UINT64_C(1) << key->number % 64;
    if (*seen & bit)
        return false;
    *seen |= bit;
    *below = key->node;
    uint16_t path = opens(walk->block[colon + 1]) ? PATH_NONE : key->node->path;
    if (path == PATH_NONE)
        return true;
    note_step(walk, token, path, NULL);
    return scalar_pick(walk, path, colon + 1, &(uint32_t){0});
}

/* Passes a whole value of no interest, from behind its opening bracket to behind its closing one. */
static inline const uint32_t *value_skip(struct walk *walk, const uint32_t *token)
{
    const char *block = walk->block;
    unsigned base = walk->depth - 1;
    while (walk->depth > base) {
        uint32_t at = *token++;
        switch (block[at]) {
        case ':':
            if (!(walk->objects & 1))
                return NULL;
            break;
        case '{':
        case '[':
            if (walk->depth == JSON_DEPTH_MAX || (block[at - 1] == ',' && walk->objects & 1))
                return NULL;
            walk->objects = walk->objects << 1 | (block[at] == '{');
            walk->depth++;
            break;
        case '}':
        case ']':
            if ((walk->objects & 1) != (block[at] == '}'))
                return NULL;
            walk->objects >>= 1;
            walk->depth--;
            break;
        case '\n':
            return NULL;
        default: /* a value behind a comma without a key */
            if (walk->objects & 1)
                return NULL;
        }
    }
    return token;
}

/* All members of a wanted object up to the next bracket; NULL: not for this road. */
static inline const uint32_t *members_walk(struct walk *walk, const uint32_t *token, const struct path_node **below)
{
    struct frame *frame = &walk->frames[walk->depth];
    while (walk->block[*token] == ':')
        if (!member_pick(walk, frame, token++, below))
            return NULL;
    return token;
}

/* An opening bracket: enters what holds something wanted, passes over all else. */
static inline const uint32_t *bracket_walk(struct walk *walk, const uint32_t *token, const struct path_node *below)
{
    uint32_t at = token[-1];
    bool object = walk->block[at] == '{', in_object = walk->objects & 1;
    if (walk->depth == JSON_DEPTH_MAX || (walk->depth > 0 && in_object && walk->block[at - 1] == ','))
        return NULL;
    if (walk->depth > 0 && !in_object)
        below = walk->frames[walk->depth].node;
    walk->objects = walk->objects << 1 | object;
    walk->depth++;
    const struct path_node *node = below == NULL ? NULL : object ? below : below->elements;
    if (node == NULL || (object && node->key_count == 0))
        return value_skip(walk, token);
    walk->frames[walk->depth] = (struct frame){.node = node};
    if (object)
        return token;
    note_step(walk, token - 1, PATH_NONE, node);
    return elements_pick(walk, node, at + 1) ? token : NULL;
}

static bool line_walk(struct walk *walk, const struct path_node *root, const uint32_t *token)
{
    const char *block = walk->block;
    const struct path_node *below = root;
    for (;;) {
        if (walk->objects & 1 && (token = members_walk(walk, token, &below)) == NULL)
            return false;
        unsigned depth = walk->depth;
        uint32_t at = *token++;
        switch (block[at]) {
        case '{':
        case '[':
            if ((token = bracket_walk(walk, token, below)) == NULL)
                return false;
            at = token[-1];
            break;
        case '}':
        case ']':
            if (walk->depth == 0 || (walk->objects & 1) != (block[at] == '}'))
                return false;
            walk->objects >>= 1;
            walk->depth--;
            break;
        case ':':
        case '\n':
            return false;
        default: /* a value behind a comma without a key */
            if (walk->depth == 0 || walk->objects & 1)
                return false;
            continue;
        }
        if (walk->depth == 0)
            return block[*token] == '\n';
        if (walk->depth > depth || walk->objects & 1)
            continue;
        const struct path_node *element = walk->frames[walk->depth].node;
        note_step(walk, token - 1, PATH_NONE, element);
        if (block[at + 1] == ',' && !elements_pick(walk, element, at + 2))
            return false;
    }
}

/* ---- Shapes ---- */

struct json_picker *json_picker_open(const struct json_paths *paths, const uint8_t *usual)
{
    struct json_picker *picker = calloc(1, sizeof *picker);
    if (picker == NULL) {
        fputs("kentongan: no memory to pick values\n", stderr);
        abort();
    }
    struct hash_key key = hash_key_random();
    picker->paths = paths;
    picker->usual = usual;
    for (size_t i = 0; i < SHAPE_TOKENS; i++)
        picker->keys[i] = hash_mix(key.a + i, key.b);
    return picker;
}

void json_picker_close(struct json_picker *picker)
{
    free(picker);
}

/* What of the eight bytes up to a token belongs to the shape: by the token, which is the highest. */
static const uint64_t shape_bytes[256] = {
        ['\n'] = UINT64_C(0xFF) << 56,
        ['}'] = UINT64_C(0xFF) << 56,
        [']'] = UINT64_C(0xFF) << 56,
        ['{'] = UINT64_C(0xFFFF) << 48,
        ['['] = UINT64_C(0xFFFF) << 48,
        [':'] = UINT64_C(0xFFFFFFFFFFFF) << 16,
};

static inline uint64_t token_shape(const char *block, uint32_t at)
{
    uint64_t eight = le64toh(load64(block + at - 7));
    return eight & shape_bytes[eight >> 56];
}

/* All lines begin with the same token and end with the same. */
static uint64_t shape_hash(const struct json_picker *picker, const char *block, const uint32_t *tokens, size_t count)
{
    uint64_t sum = hash_mix(picker->keys[0] ^ count, picker->keys[SHAPE_TOKENS - 1]);
    size_t i = 1;
    for (; i + 2 < count; i += 2)
        sum += hash_mix(token_shape(block, tokens[i]) ^ picker->keys[i],
                token_shape(block, tokens[i + 1]) ^ picker->keys[i + 1]);
    if (i + 1 < count)
        sum += hash_mix(token_shape(block, tokens[i]) ^ picker->keys[i], picker->keys[SHAPE_TOKENS - 1]);
    return sum;
}

/* Without a backslash in the line every quote bounds a string. */
static inline bool shape_same_keys(const struct walk *walk, const struct shape *shape)
{
    uint64_t other = 0;
    for (size_t i = 0; i < shape->check_count; i += CHECKS_AT_ONCE)
        for (size_t j = i; j < i + CHECKS_AT_ONCE; j++) {
            const struct check *check = &shape->checks[j];
            const char *at = walk->block + walk->tokens[check->token] - check->back;
            other |= (load64(at) ^ check->bytes) & check->mask;
        }
    return other == 0;
}

static bool shape_pick(struct walk *walk, const struct step *step, size_t count)
{
    for (const struct step *end = step + count; step < end; step++) {
        uint32_t at = walk->tokens[step->token];
        if (__builtin_expect(step->node != NULL, 0)) {
            bool opens_here = walk->block[at] == '[';
            if ((opens_here || walk->block[at + 1] == ',') && !elements_pick(walk, step->node, at + 2 - opens_here))
                return false;
        } else if (!scalar_pick(walk, step->path, at + 1, &(uint32_t){0})) {
            return false;
        }
    }
    return true;
}

static inline bool shape_usable(const struct shape *shape)
{
    return shape->check_count <= SHAPE_CHECKS && shape->count <= SHAPE_STEPS;
}

/* Checks that check nothing, where there is room: SHAPE_CHECKS is a multiple. */
static void shape_fill(struct shape *shape)
{
    while (shape->check_count % CHECKS_AT_ONCE != 0 && shape->check_count < SHAPE_CHECKS)
        shape->checks[shape->check_count++] = (struct check){0};
}

/* A line that is not known by its shape, or not allowed to be. */
static bool walk_begin(struct walk *walk, const struct json_picker *picker)
{
    walk->picks->count = 0;
    walk->objects = 0;
    walk->depth = 0;
    return line_walk(walk, &picker->paths->root, walk->tokens);
}

bool json_pick_scanned(
        struct json_picker *picker, const struct json_scan *scan, size_t index, bool all, struct json_picks *picks)
{
    const struct json_line *line = &scan->lines[index];
    picks->count = 0;
    if (line->flags & JSON_LINE_ODD || scan->tokens[line->token] == line->end)
        return false;
    struct walk walk;
    walk.scan = scan;
    walk.block = scan->block;
    walk.tokens = scan->tokens + line->token;
    walk.picks = picks;
    walk.escapes = line->flags & JSON_LINE_ESCAPES;
    walk.shape = NULL;
    walk.usual = picker->usual;
    size_t count = line[1].token - line->token;
    if (walk.escapes || count > SHAPE_TOKENS)
        return walk_begin(&walk, picker);
    uint64_t hash = shape_hash(picker, walk.block, walk.tokens, count);
    struct shape *shape = &picker->shapes[hash % SHAPES];
    if (shape->hash == hash && shape_usable(shape)) {
        const struct step *steps = all ? shape->steps : shape->usual;
        bool same = shape_same_keys(&walk, shape) && shape_pick(&walk, steps, all ? shape->count : shape->usual_count);
        return same || walk_begin(&walk, picker);
    }
    walk.shape = shape;
    shape->hash = hash;
    shape->check_count = shape->count = shape->usual_count = 0;
    bool walked = walk_begin(&walk, picker);
    if (!walked)
        shape->hash = 0;
    shape_fill(shape);
    return walked;
}
