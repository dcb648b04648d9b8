/* SPDX-License-Identifier: Apache-2.0 */
#include "json/pick.h"

#include <assert.h>

#include "base/arena.h"
#include "json/check.h"

/*
 * The paths as an automaton: a node for every object, array or value on the way to something wanted. A node's members
 * lie in a table without collisions, so that a key is one look-up and one comparison.
 */
#define NODE_KEYS_MAX 128 /* one bit each in `seen` */
#define SEEN_WORDS (NODE_KEYS_MAX / 64)
#define PATH_NONE UINT16_MAX
#define KEY_MAX 62 /* a longer key of a log is never wanted: its start is not even looked for */

struct path_node;

struct path_key {
    slice name;
    uint64_t tail;   /* its last eight bytes, as key_tail reads them */
    unsigned number; /* among its siblings */
    struct path_node *node;
};

/* What a look-up compares first, side by side with what it would miss the cache for. */
struct path_slot {
    uint64_t tail;
    size_t len; /* 0: no key here */
    const struct path_key *key;
};

struct path_node {
    uint16_t path; /* what a value here is, or PATH_NONE */
    uint8_t shift;
    size_t key_count;
    uint8_t *ends; /* by the last four bytes before a key's closing quote: 0 if no wanted key ends so */
    uint64_t multiplier;
    struct path_slot *slots;
    struct path_key *keys;
    struct path_node *elements; /* of an array here; NULL: nothing wanted in it */
};

struct json_paths {
    struct path_node root;
};

/* ---- Compiling ---- */

static uint64_t load64(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* The last eight bytes of a key of 1 to KEY_MAX bytes as a number, zeros before a shorter one. Reads before the key. */
static uint64_t key_tail(const char *end, size_t len)
{
    uint64_t word = load64(end - 8);
    return len >= 8 ? word : word >> (64 - 8 * len);
}

/* The first byte tells apart what ends alike: orig_filenames and resp_filenames. */
static uint64_t key_slot(const struct path_node *node, uint64_t tail, size_t len, char first)
{
    return ((tail + len + ((uint64_t)(uint8_t)first << 32)) * node->multiplier) >> node->shift;
}

static struct path_node *node_new(struct arena *arena)
{
    struct path_node *node = arena_new(arena, struct path_node, 1);
    node->path = PATH_NONE;
    return node;
}

static struct err node_member(struct path_node *node, slice name, struct arena *arena, struct path_node **member)
{
    for (size_t i = 0; i < node->key_count; i++)
        if (slice_eq(node->keys[i].name, name)) {
            *member = node->keys[i].node;
            return OK;
        }
    if (node->key_count == NODE_KEYS_MAX)
        return err_make(ERR_INPUT, "more than 128 wanted keys in one object");
    if (node->keys == NULL)
        node->keys = arena_new(arena, struct path_key, NODE_KEYS_MAX);
    char padded[8 + KEY_MAX] = {0};
    memcpy(padded + 8, name.ptr, name.len);
    struct path_key *key = &node->keys[node->key_count];
    *key = (struct path_key){
            .name = arena_copy(arena, name),
            .tail = key_tail(padded + 8 + name.len, name.len),
            .number = (unsigned)node->key_count++,
            .node = node_new(arena),
    };
    *member = key->node;
    return OK;
}

/* Takes `name`, `"quoted name"` and any `[]` off the front of a path. */
static bool path_step(slice *path, slice *name, size_t *arrays)
{
    if (path->len > 0 && path->ptr[0] == '"') {
        size_t end = slice_find(slice_from(*path, 1), '"');
        if (end + 1 >= path->len)
            return false;
        *name = slice_part(*path, 1, end + 1);
        *path = slice_from(*path, end + 2);
    } else {
        size_t end = 0;
        while (end < path->len && path->ptr[end] != '.' && path->ptr[end] != '[')
            end++;
        *name = slice_part(*path, 0, end);
        *path = slice_from(*path, end);
    }
    for (*arrays = 0; slice_starts(*path, S("[]")); ++*arrays)
        *path = slice_from(*path, 2);
    return name->len > 0 && name->len <= KEY_MAX && (path->len == 0 || path->ptr[0] == '.');
}

static struct err path_add(struct path_node *node, const char *text, uint16_t number, struct arena *arena)
{
    slice rest = slice_of(text), name;
    size_t arrays;
    do {
        if (!path_step(&rest, &name, &arrays))
            return err_format(arena, ERR_INPUT, "the path %s cannot be read", text);
        TRY(node_member(node, name, arena, &node));
        for (; arrays > 0; arrays--) {
            if (node->elements == NULL)
                node->elements = node_new(arena);
            node = node->elements;
        }
        bool more = rest.len > 0;
        rest = slice_from(rest, more);
        if (!more)
            break;
    } while (true);
    if (node->path != PATH_NONE)
        return err_format(arena, ERR_INPUT, "the path %s is named twice", text);
    node->path = number;
    return OK;
}

static bool slots_fill(struct path_node *node, size_t slot_count)
{
    memset(node->slots, 0, slot_count * sizeof *node->slots);
    for (size_t i = 0; i < node->key_count; i++) {
        const struct path_key *key = &node->keys[i];
        struct path_slot *slot = &node->slots[key_slot(node, key->tail, key->name.len, key->name.ptr[0])];
        if (slot->len != 0)
            return false;
        *slot = (struct path_slot){key->tail, key->name.len, key};
    }
    return true;
}

/* Most keys of a log are not wanted: a glance at how they end says so of nearly all. */
static inline unsigned ends_slot(const char *end)
{
    uint32_t four;
    memcpy(&four, end - 4, sizeof four);
    return four * UINT32_C(0x9E3779B1) >> 24;
}

/* A key shorter than four bytes has its opening quote among them, and what stands before that. */
static void ends_note(struct path_node *node, slice key)
{
    static const char *const before[] = {",\"", "{\""};
    char text[8 + KEY_MAX];
    if (key.len < 2)
        memset(node->ends, 1, 256);
    for (size_t i = 0; i < COUNT_OF(before); i++) {
        memcpy(text, before[i], 2);
        memcpy(text + 2, key.ptr, key.len);
        if (key.len >= 2)
            node->ends[ends_slot(text + 2 + key.len)] = 1;
    }
}

/* Tries multipliers until no two keys share a slot; a table too small for that grows. */
static struct err node_seal(struct path_node *node, struct arena *arena)
{
    uint64_t multiplier = UINT64_C(0x9E3779B97F4A7C15);
    node->ends = arena_new(arena, uint8_t, 256);
    for (size_t i = 0; i < node->key_count; i++)
        ends_note(node, node->keys[i].name);
    for (uint8_t bits = 3; node->key_count > 0; bits++) {
        if (bits > 12)
            return err_make(
                    ERR_INPUT, "two wanted keys of one object begin with the same byte and end in the same eight");
        node->shift = (uint8_t)(64 - bits);
        node->slots = arena_new(arena, struct path_slot, (size_t)1 << bits);
        bool done = false;
        for (int tries = 0; tries < 1000 && !done; tries++) {
            node->multiplier = multiplier;
            multiplier = multiplier * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            done = slots_fill(node, (size_t)1 << bits);
        }
        if (done)
            break;
    }
    for (size_t i = 0; i < node->key_count; i++)
        TRY(node_seal(node->keys[i].node, arena));
    return node->elements == NULL ? OK : node_seal(node->elements, arena);
}

struct err json_paths_compile(
        const char *const *paths, size_t count, struct arena *arena, const struct json_paths **compiled)
{
    assert(count < PATH_NONE);
    struct json_paths *made = arena_new(arena, struct json_paths, 1);
    made->root.path = PATH_NONE;
    for (size_t i = 0; i < count; i++)
        TRY(path_add(&made->root, paths[i], (uint16_t)i, arena));
    TRY(node_seal(&made->root, arena));
    *compiled = made;
    return OK;
}

/* ---- The strict road: the definition ---- */

struct strict {
    struct arena *arena;
    struct json_picks *picks;
    slice line;
    const char *doubled; /* the second of two equal wanted keys */
    bool full;
};

static void strict_value(struct strict *strict, const struct path_node *node, slice value);

static const struct path_key *node_find(const struct path_node *node, slice raw_key)
{
    for (size_t i = 0; i < node->key_count; i++)
        if (json_key_is(raw_key, node->keys[i].name))
            return &node->keys[i];
    return NULL;
}

static void strict_object(struct strict *strict, const struct path_node *node, slice object)
{
    uint64_t seen[SEEN_WORDS] = {0};
    struct json_members members = json_members(object);
    slice key, value;
    while (json_member_next(&members, &key, &value)) {
        const struct path_key *wanted = node_find(node, key);
        if (wanted == NULL)
            continue;
        uint64_t *word = &seen[wanted->number / 64], bit = UINT64_C(1) << wanted->number % 64;
        if (*word & bit && strict->doubled == NULL)
            strict->doubled = key.ptr;
        *word |= bit;
        strict_value(strict, wanted->node, value);
    }
}

static void strict_array(struct strict *strict, const struct path_node *node, slice array)
{
    struct json_elements elements = json_elements(array);
    slice value;
    while (json_element_next(&elements, &value))
        strict_value(strict, node, value);
}

/* Calls itself no deeper than the wanted paths are long. */
static void strict_value(struct strict *strict, const struct path_node *node, slice value)
{
    enum json_kind kind = json_kind(value);
    if (kind == JSON_OBJECT) {
        strict_object(strict, node, value);
    } else if (kind == JSON_ARRAY) {
        if (node->elements != NULL)
            strict_array(strict, node->elements, value);
    } else if (node->path != PATH_NONE) {
        struct json_picks *picks = strict->picks;
        strict->full |= picks->count == JSON_PICKS_MAX;
        if (strict->full)
            return;
        slice text = kind == JSON_STRING ? json_text(value, strict->arena) : value;
        picks->rows[picks->count++] = (struct json_pick){text.ptr, (uint32_t)text.len, node->path, (uint8_t)kind};
    }
}

struct err json_pick(
        const struct json_paths *paths, slice line, struct arena *arena, struct json_picks *picks, size_t *offset)
{
    static const struct json_limits limits = {
            .bytes_max = UINT32_MAX,
            .depth_max = JSON_DEPTH_MAX,
            .keys_max = JSON_KEYS_MAX,
            .duplicates_allowed = true,
    };
    picks->count = 0;
    TRY(json_check(line, &limits, offset));
    struct strict strict = {.arena = arena, .picks = picks, .line = line};
    slice object = slice_trim(line);
    if (json_kind(object) != JSON_OBJECT) {
        if (offset != NULL)
            *offset = (size_t)(object.ptr - line.ptr);
        return err_make(ERR_INPUT, "the line is JSON but no object");
    }
    strict_object(&strict, &paths->root, object);
    if (strict.doubled != NULL) {
        if (offset != NULL)
            *offset = (size_t)(strict.doubled - line.ptr);
        return err_make(ERR_INPUT, "a key that we read stands twice in one object [RFC 8259 section 4]");
    }
    if (strict.full)
        return err_format(arena, ERR_LIMIT, "more than %d values that we read in one line", JSON_PICKS_MAX);
    return OK;
}

/* ---- The fast road ---- */

struct frame {
    const struct path_node *node; /* NULL: nothing wanted in here */
    uint64_t seen[SEEN_WORDS];
};

struct walk {
    const struct json_scan *scan;
    const char *block;
    struct json_picks *picks;
    bool escapes;     /* the line holds a backslash */
    uint64_t objects; /* bit per level: 1 an object, 0 an array; the innermost lowest */
    unsigned depth;
    struct frame frames[JSON_DEPTH_MAX + 1];
};

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

static inline const struct path_key *key_find(const struct path_node *node, const char *end, size_t len)
{
    uint64_t tail = key_tail(end, len);
    const struct path_slot *slot = &node->slots[key_slot(node, tail, len, end[-(ptrdiff_t)len])];
    if (slot->tail != tail || slot->len != len)
        return NULL;
    return len <= 8 || memcmp(slot->key->name.ptr, end - len, len - 8) == 0 ? slot->key : NULL;
}

/* A colon: if its key is wanted here, picks the value or leaves in *below what awaits in it. */
static inline bool member_pick(struct walk *walk, struct frame *frame, uint32_t colon, const struct path_node **below)
{
    const struct path_node *node = frame->node;
    const char *end = walk->block + colon - 1;
    *below = NULL;
    if (node->ends[ends_slot(end)] == 0 && !walk->escapes)
        return true;
    size_t len = key_len(walk, colon - 1);
    if (__builtin_expect(walk->escapes, 0) && (len == 0 || memchr(end - len, '\\', len) != NULL))
        return false;
    if (len == 0)
        return true;
    const struct path_key *key = key_find(node, end, len);
    if (key == NULL)
        return true;
    uint64_t *seen = &frame->seen[key->number / 64], bit = UINT64_C(1) << key->number % 64;
    if (*seen & bit)
        return false;
    *seen |= bit;
    *below = key->node;
    uint32_t end_of_value;
    if (opens(walk->block[colon + 1]) || key->node->path == PATH_NONE)
        return true;
    return scalar_pick(walk, key->node->path, colon + 1, &end_of_value);
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
        if (!member_pick(walk, frame, *token++, below))
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
    return object || elements_pick(walk, node, at + 1) ? token : NULL;
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
        bool closed = walk->depth <= depth && !(walk->objects & 1);
        if (closed && block[at + 1] == ',' && !elements_pick(walk, walk->frames[walk->depth].node, at + 2))
            return false;
    }
}

bool json_pick_scanned(
        const struct json_paths *paths, const struct json_scan *scan, size_t index, struct json_picks *picks)
{
    const struct json_line *line = &scan->lines[index];
    picks->count = 0;
    if (line->flags & JSON_LINE_ODD || scan->tokens[line->token] == line->end)
        return false;
    struct walk walk;
    walk.scan = scan;
    walk.block = scan->block;
    walk.picks = picks;
    walk.escapes = line->flags & JSON_LINE_ESCAPES;
    walk.objects = 0;
    walk.depth = 0;
    return line_walk(&walk, &paths->root, scan->tokens + line->token);
}
