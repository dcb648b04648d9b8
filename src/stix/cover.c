/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/cover.h"

#include "base/arena.h"
#include "stix/text.h"

/*
 * How many events a hint lets through, roughly: of two covers the lighter is taken. A value of a property that most
 * events share (a port, a protocol) is less telling than any literal.
 */
enum weight {
    WEIGHT_RARE = 1,
    WEIGHT_LITERAL = 20,
    WEIGHT_PORT = 50,     /* of a client, or of a service that few have */
    WEIGHT_COMMON = 100,  /* a number, the port of a service that all have */
    WEIGHT_SHARED = 1000, /* one of a handful of words */
    WEIGHT_TYPE = 10000,
    WEIGHT_MOST = 1000000000,
};

static const char *const shared[] = {"type", "protocols[*]", "protocols[0]", "is_active", "src_ref.type",
        "dst_ref.type", "account_type", "mime_type", "is_multipart"};
static const char *const ports[] = {"dst_port", "src_port"};
#define PORT_OF_SERVICE 1024 /* below are those of common services (RFC 6335 section 6), */
static const uint16_t services[] = {3128, 3306, 3389, 5060, 5432, 8000, 8008, 8080, 8081, 8443, 8888}; /* and these */

static uint64_t plus(uint64_t a, uint64_t b)
{
    return a + b > WEIGHT_MOST ? WEIGHT_MOST : a + b;
}

/* ---- Literals that a value has to hold ---- */

/*
 * ASCII but for three characters: what is looked at is in normal form C, and there `;`, `` ` `` and `K` can stand for a
 * Greek question mark, a varia and the sign of kelvin. A NUL is no text.
 */
static bool is_literal(char c)
{
    return (unsigned char)c < 0x80 && c != '\0' && c != ';' && c != '`' && c != 'K';
}

static void keep_longer(slice *best, slice run)
{
    if (run.len > best->len)
        *best = run;
}

static slice literal_of_like(slice like)
{
    slice best = {0};
    size_t from = 0;
    for (size_t i = 0; i <= like.len; i++) {
        if (i < like.len && like.ptr[i] != '%' && like.ptr[i] != '_' && is_literal(like.ptr[i]))
            continue;
        keep_longer(&best, slice_part(like, from, i));
        from = i + 1;
    }
    return best;
}

/* Behind the group or class that opens here; the end if nothing closes it. */
static size_t behind_bracket(slice regex, size_t at)
{
    size_t depth = 0;
    bool class = false;
    for (; at < regex.len; at++) {
        char c = regex.ptr[at];
        if (c == '\\')
            at++;
        else if (class && c == ']' && regex.ptr[at - 1] != '[' && regex.ptr[at - 1] != '^')
            class = false;
        else if (!class && c == '[')
            class = true;
        else if (!class && c == '(')
            depth++;
        else if (!class && c == ')')
            depth--;
        if (!class && depth == 0)
            return at + 1 < regex.len ? at + 1 : regex.len;
    }
    return regex.len;
}

/* Whether what stands before this place may be absent: ?, * and {0. */
static bool is_optional(slice regex, size_t at)
{
    return at < regex.len && (regex.ptr[at] == '?' || regex.ptr[at] == '*' || regex.ptr[at] == '{');
}

/*
 * The longest run of plain characters outside of all groups and classes. With alternatives, options or anything else
 * that we would have to understand first there is none.
 */
static slice literal_of_regex(slice regex, struct arena *arena)
{
    static const char *const beyond[] = {"(*", "\\Q", "[:"};
    slice best = {0};
    char *run = arena_take(arena, regex.len);
    size_t len = 0;
    for (size_t i = 0; i < COUNT_OF(beyond); i++)
        if (slice_find_slice(regex, slice_of(beyond[i])) < regex.len)
            return best;
    for (size_t i = 0; i < regex.len;) {
        char c = regex.ptr[i];
        size_t next = i + 1;
        bool plain = is_literal(c) && memchr("^$.[]()|?*+{}\\", c, 14) == NULL;
        if (c == '|' || slice_starts(slice_from(regex, i), S("(?")))
            return (slice){0};
        if (c == '\\' && next < regex.len) {
            /* an escaped mark is itself; an escaped letter or digit may mean anything */
            c = regex.ptr[next++];
            bool letter = byte_is_digit(c) || (byte_lower(c) >= 'a' && byte_lower(c) <= 'z');
            if (memchr("ExoNpPcgk", c, 9) != NULL)
                return (slice){0};
            plain = !letter && is_literal(c);
        } else if (c == '(' || c == '[') {
            next = behind_bracket(regex, i);
        } else if (c == '{') {
            next = i + slice_find(slice_from(regex, i), '}') + 1;
        }
        if (plain && !is_optional(regex, next)) {
            run[len++] = c;
        } else {
            keep_longer(&best, (slice){run, len});
            run += len;
            len = 0;
        }
        i = next;
    }
    keep_longer(&best, (slice){run, len});
    return best;
}

/* ---- Covers ---- */

struct cover {
    const struct stix_hint *first;
    struct stix_hint *last;
    size_t count;
    uint64_t weight;
};

static void add_hint(struct cover *cover, struct arena *arena, struct stix_hint hint, uint64_t weight)
{
    struct stix_hint *kept = arena_new(arena, struct stix_hint, 1);
    *kept = hint;
    if (cover->last == NULL)
        cover->first = kept;
    else
        cover->last->next = kept;
    cover->last = kept;
    cover->count++;
    cover->weight = plus(cover->weight, weight);
}

static bool is_one_of(slice text, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(text, slice_of(names[i])))
            return true;
    return false;
}

static bool is_common_port(slice port)
{
    uint64_t number;
    bool common = !slice_u64(port, UINT16_MAX, &number) || number < PORT_OF_SERVICE;
    for (size_t i = 0; i < COUNT_OF(services) && !common; i++)
        common = number == services[i];
    return common;
}

static uint64_t weight_of(const struct stix_path *path, const struct stix_constant *constant)
{
    if (is_one_of(path->text, shared, COUNT_OF(shared)))
        return WEIGHT_SHARED;
    if (is_one_of(path->text, ports, COUNT_OF(ports)))
        return is_common_port(constant->text) ? WEIGHT_COMMON : WEIGHT_PORT;
    return constant->kind == STIX_CONSTANT_TEXT ? WEIGHT_RARE : WEIGHT_COMMON;
}

/* A value of bytes, a moment or a number can be written in many ways: only text is found by its text. */
static bool is_findable(const struct stix_test *test)
{
    for (const struct stix_constant *c = test->constants; c != NULL; c = c->next)
        if (c->kind != STIX_CONSTANT_TEXT && c->kind != STIX_CONSTANT_NUMBER && c->kind != STIX_CONSTANT_BOOLEAN)
            return false;
    return test->path.coding == STIX_CODING_NONE;
}

static struct cover cover_test(const struct stix_test *test, struct arena *arena)
{
    struct cover cover = {0};
    struct stix_hint hint = {.object = test->path.object, .path = &test->path};
    slice literal = {0};
    bool text = test->path.coding == STIX_CODING_NONE && !test->negated;
    if (text && test->how == STIX_LIKE)
        literal = literal_of_like(test->like);
    if (text && test->how == STIX_MATCHES)
        literal = literal_of_regex(stix_text_normal(test->constants->text, arena), arena);
    if (text && (test->how == STIX_EQUAL || test->how == STIX_IN) && is_findable(test)) {
        hint.kind = STIX_HINT_EQUALS;
        for (hint.constant = test->constants; hint.constant != NULL; hint.constant = hint.constant->next)
            add_hint(&cover, arena, hint, weight_of(&test->path, hint.constant));
    } else if (text && test->how == STIX_ISSUBSET) {
        hint.kind = STIX_HINT_ISSUBSET;
        hint.constant = test->constants;
        add_hint(&cover, arena, hint, WEIGHT_RARE);
    } else if (literal.len >= STIX_COVER_LITERAL_LEAST) {
        hint.kind = STIX_HINT_HOLDS;
        hint.literal = literal;
        add_hint(&cover, arena, hint, WEIGHT_LITERAL);
    } else {
        hint = (struct stix_hint){.kind = STIX_HINT_TYPE, .object = test->path.object};
        add_hint(&cover, arena, hint, WEIGHT_TYPE);
    }
    return cover;
}

static void join(struct cover *all, const struct cover *more)
{
    if (more->count == 0)
        return;
    if (all->last == NULL)
        all->first = more->first;
    else
        all->last->next = more->first;
    all->last = more->last;
    all->count += more->count;
    all->weight = plus(all->weight, more->weight);
}

/* AND inside [ ] takes its lightest side; everything else the union. As deep as the pattern is. */
static struct cover cover_node(const struct stix_node *node, bool inside, struct arena *arena)
{
    if (node->kind == STIX_NODE_TEST)
        return cover_test(node->test, arena);
    inside |= node->kind == STIX_NODE_OBSERVATION;
    bool choose = inside && node->kind == STIX_NODE_AND;
    struct cover all = {.weight = choose ? UINT64_MAX : 0};
    for (const struct stix_node *child = node->first; child != NULL; child = child->next) {
        struct cover one = cover_node(child, inside, arena);
        if (choose && one.weight < all.weight)
            all = one;
        else if (!choose)
            join(&all, &one);
    }
    return all;
}

struct stix_cover stix_cover(const struct stix_pattern *pattern, struct arena *arena)
{
    struct cover cover = cover_node(pattern->root, false, arena);
    struct stix_cover made = {.hints = cover.first, .count = cover.count};
    for (const struct stix_hint *hint = cover.first; hint != NULL; hint = hint->next)
        if (hint->kind > made.weakest)
            made.weakest = hint->kind;
    return made;
}
