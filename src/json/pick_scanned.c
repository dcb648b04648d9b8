/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fast road. Two ways lead along it. The walk looks at every token of a line. But the lines of a log come in a few
 * shapes: the same keys in the same order, around other values. So the walk notes at which tokens it did something, and
 * the next line of that shape is picked at these tokens alone.
 *
 *   1. Lines are of one shape if they have the same number of tokens and, token by token, the same bracket or colon; of
 *      an opening bracket also the byte before it, of a colon also the last four bytes of its key (path_node.ends).
 *      So all that the walk checks by tokens holds for both, and a key that `ends` ruled out is ruled out in both.
 *   2. Every other key that the walk looked up is a step: whether it is the same key is looked at again.
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
    SHAPE_STEPS = 48,
};

enum step_kind {
    STEP_KEY,    /* a wanted key: its value is picked, unless an object or array */
    STEP_OTHER,  /* a key that ends like a wanted one */
    STEP_OPENED, /* of a wanted array */
    STEP_CLOSED, /* an element of a wanted array: scalars may follow */
};

struct step {
    uint8_t kind;
    uint16_t token; /* counted from the first of the line */
    uint16_t path;  /* STEP_KEY: PATH_NONE if there is nothing to pick */
    union {
        const struct path_key *key;
        const struct path_node *node; /* the others: where a key was looked up, or the elements of the array */
    };
};

struct shape {
    uint64_t hash; /* 0: none */
    size_t count;  /* of steps; beyond SHAPE_STEPS the shape cannot be used */
    struct step steps[SHAPE_STEPS];
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
    const uint8_t *asked;   /* by path: 0 if the value is not asked for; NULL: all are */
    bool escapes;           /* the line holds a backslash */
    uint64_t objects;       /* bit per level: 1 an object, 0 an array; the innermost lowest */
    unsigned depth;
    struct frame frames[JSON_DEPTH_MAX + 1];
};

/* The walk did something at this token. */
static inline void note(struct walk *walk, struct step step, const uint32_t *token)
{
    struct shape *shape = walk->shape;
    if (shape == NULL)
        return;
    step.token = (uint16_t)(token - walk->tokens);
    if (shape->count < SHAPE_STEPS)
        shape->steps[shape->count] = step;
    shape->count++;
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
    if (key == NULL) {
        note(walk, (struct step){.kind = STEP_OTHER, .node = node}, token);
        return true;
    }
    uint64_t *seen = &frame->seen[key->number / 64], bit = UINT64_C(1) << key->number % 64;
    if (*seen & bit)
        return false;
    *seen |= bit;
    *below = key->node;
    uint16_t path = opens(walk->block[colon + 1]) ? PATH_NONE : key->node->path;
    note(walk, (struct step){.kind = STEP_KEY, .path = path, .key = key}, token);
    return path == PATH_NONE || scalar_pick(walk, path, colon + 1, &(uint32_t){0});
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
    note(walk, (struct step){.kind = STEP_OPENED, .node = node}, token - 1);
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
        note(walk, (struct step){.kind = STEP_CLOSED, .node = element}, token - 1);
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

static uint64_t shape_hash(const struct json_picker *picker, const char *block, const uint32_t *tokens, size_t count)
{
    uint64_t sum = hash_mix(picker->keys[0] ^ count, picker->keys[1]);
    size_t i = 0;
    for (; i + 1 < count; i += 2)
        sum += hash_mix(token_shape(block, tokens[i]) ^ picker->keys[i],
                token_shape(block, tokens[i + 1]) ^ picker->keys[i + 1]);
    if (i < count)
        sum += hash_mix(token_shape(block, tokens[i]) ^ picker->keys[i], picker->keys[SHAPE_TOKENS - 1]);
    return sum;
}

/* Without a backslash in the line every quote bounds a string. */
static inline bool step_key(struct walk *walk, const struct step *step, uint32_t colon)
{
    const struct path_key *key = step->key;
    size_t len = key->name.len;
    const char *end = walk->block + colon - 1;
    bool same = end[-1 - (ptrdiff_t)len] == '"' && key_tail(end, len) == key->tail;
    if (len > 8)
        same &= load64(key->name.ptr) == load64(end - len);
    if (!same || (len > 16 && memcmp(key->name.ptr + 8, end - len + 8, len - 16) != 0))
        return false;
    if (step->path == PATH_NONE || (walk->asked != NULL && !walk->asked[step->path]))
        return true;
    return scalar_pick(walk, step->path, colon + 1, &(uint32_t){0});
}

static inline bool step_rare(struct walk *walk, const struct step *step, uint32_t at)
{
    if (step->kind == STEP_OPENED)
        return elements_pick(walk, step->node, at + 1);
    if (step->kind == STEP_CLOSED)
        return walk->block[at + 1] != ',' || elements_pick(walk, step->node, at + 2);
    size_t len = key_len(walk, at - 1);
    return len == 0 || key_find(step->node, walk->block + at - 1, len) == NULL;
}

static bool shape_pick(struct walk *walk, const struct shape *shape)
{
    const struct step *end = shape->steps + shape->count;
    for (const struct step *step = shape->steps; step < end; step++) {
        uint32_t at = walk->tokens[step->token];
        if (!(step->kind == STEP_KEY ? step_key : step_rare)(walk, step, at))
            return false;
    }
    return true;
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
    walk.asked = all ? NULL : picker->usual;
    size_t count = line[1].token - line->token;
    if (walk.escapes || count > SHAPE_TOKENS)
        return walk_begin(&walk, picker);
    uint64_t hash = shape_hash(picker, walk.block, walk.tokens, count);
    struct shape *shape = &picker->shapes[hash % SHAPES];
    if (shape->hash == hash && shape->count <= SHAPE_STEPS)
        return shape_pick(&walk, shape) || walk_begin(&walk, picker);
    walk.shape = shape;
    *shape = (struct shape){.hash = hash};
    bool walked = walk_begin(&walk, picker);
    if (!walked)
        shape->hash = 0;
    return walked;
}
