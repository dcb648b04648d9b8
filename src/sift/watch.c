/* SPDX-License-Identifier: Apache-2.0 */
#include "sift/watch.h"

#include "base/arena.h"
#include "sift/observe.h"

static void *must(void *memory)
{
    if (memory == NULL) {
        fputs("kentongan: the system has no memory left\n", stderr);
        abort();
    }
    return memory;
}

/* ---- Opening ---- */

/* Signs as they come up, and the literals that they stand for. */
struct gathering {
    struct watch_set *watch;
    slice *literals;
    size_t literal_count, literal_room;
};

static void sign_add(struct watch_signs *signs, uint32_t sign, uint32_t pattern)
{
    if ((signs->count & (signs->count + 1)) == 0) /* grows before each power of two, less one */
        signs->rows = must(realloc(signs->rows, 2 * (signs->count + 1) * sizeof *signs->rows));
    signs->rows[signs->count++] = (struct watch_sign){sign, pattern};
}

static void literal_add(struct gathering *gathering, slice literal, uint32_t pattern)
{
    if (gathering->literal_count == gathering->literal_room) {
        gathering->literal_room = gathering->literal_room * 2 + 16;
        gathering->literals = must(realloc(gathering->literals, gathering->literal_room * sizeof(slice)));
    }
    sign_add(&gathering->watch->literals, (uint32_t)gathering->literal_count, pattern);
    gathering->literals[gathering->literal_count++] = literal;
}

static void hint_add(struct gathering *gathering, const struct observe_hint *hint, uint32_t pattern)
{
    struct watch_set *watch = gathering->watch;
    switch (hint->way) {
    case OBSERVE_TEXT:
        literal_add(gathering, hint->literal, pattern);
        watch->text_types |= hint->types;
        break;
    case OBSERVE_PORT:
        sign_add(&watch->ports, hint->port, pattern);
        watch->port_map[hint->port / 64] |= UINT64_C(1) << hint->port % 64;
        break;
    case OBSERVE_OBJECT:
        sign_add(&watch->objects, hint->types, pattern);
        watch->object_types |= hint->types;
        break;
    case OBSERVE_TABLE: /* is in the index */
    case OBSERVE_NEVER:
        break;
    }
}

static bool is_lone(const struct stix_node *node)
{
    bool one = node->kind == STIX_NODE_OBSERVATION || node->kind == STIX_NODE_OR || node->kind == STIX_NODE_WITHIN ||
               node->kind == STIX_NODE_START_STOP || (node->kind == STIX_NODE_REPEATS && node->times == 1);
    if (node->kind == STIX_NODE_OBSERVATION)
        return true;
    for (const struct stix_node *child = node->first; child != NULL && one; child = child->next)
        one = is_lone(child);
    return one;
}

static struct err pattern_open(struct gathering *gathering, uint32_t number)
{
    struct watch_set *watch = gathering->watch;
    struct watched *watched = &watch->patterns[number];
    struct stix_place place;
    match_pattern(watch->index, number, &watched->entry);
    struct err err = stix_pattern_parse_mixed(watched->entry.value, watch->arena, &watched->pattern, &place);
    if (err.kind == ERR_INPUT)
        return err_make(ERR_INPUT, "damaged index: a pattern cannot be read");
    TRY(err);
    observe_spell(&watched->pattern, watch->arena);
    watched->lone = is_lone(watched->pattern.root);
    size_t width = stix_solve_width(&watched->pattern);
    watch->width = width > watch->width ? width : watch->width;
    struct stix_cover cover = stix_cover(&watched->pattern, watch->arena);
    for (const struct stix_hint *hint = cover.hints; hint != NULL; hint = hint->next) {
        struct observe_hint found = observe_hint(hint);
        hint_add(gathering, &found, number);
    }
    return arena_check(watch->arena);
}

static int order_signs(const void *a, const void *b)
{
    const struct watch_sign *one = a, *other = b;
    if (one->sign != other->sign)
        return one->sign < other->sign ? -1 : 1;
    return (one->pattern > other->pattern) - (one->pattern < other->pattern);
}

static void signs_sort(struct watch_signs *signs)
{
    if (signs->count > 0)
        qsort(signs->rows, signs->count, sizeof *signs->rows, order_signs);
}

struct literal {
    slice text;
    uint32_t pattern;
};

static int order_literals(const void *a, const void *b)
{
    const struct literal *one = a, *other = b;
    int order = slice_order(one->text, other->text);
    return order != 0 ? order : (one->pattern > other->pattern) - (one->pattern < other->pattern);
}

/* Equal literals get one number. */
static struct err literals_open(struct gathering *gathering)
{
    struct watch_set *watch = gathering->watch;
    size_t count = gathering->literal_count, different = 0;
    if (count == 0)
        return OK;
    struct literal *sorted = must(calloc(count, sizeof *sorted));
    for (size_t i = 0; i < count; i++)
        sorted[i] = (struct literal){gathering->literals[i], watch->literals.rows[i].pattern};
    qsort(sorted, count, sizeof *sorted, order_literals);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || !slice_eq(sorted[i].text, sorted[i - 1].text))
            gathering->literals[different++] = sorted[i].text;
        watch->literals.rows[i] = (struct watch_sign){(uint32_t)different - 1, sorted[i].pattern};
    }
    free(sorted);
    watch->literal_count = (uint32_t)different;
    return prefilter_open(gathering->literals, different, &watch->prefilter);
}

static struct err patterns_open(struct watch_set *watch)
{
    struct gathering gathering = {.watch = watch};
    struct err err = OK;
    for (uint32_t i = 0; i < watch->count && err.kind == ERR_NONE; i++)
        err = pattern_open(&gathering, i);
    if (err.kind == ERR_NONE)
        err = literals_open(&gathering);
    signs_sort(&watch->ports);
    signs_sort(&watch->objects);
    free(gathering.literals);
    return err;
}

struct err watch_set_open(const struct match_index *index, struct watch_set **set)
{
    *set = NULL;
    if (match_patterns(index) == 0)
        return OK;
    struct watch_set *made = must(calloc(1, sizeof *made));
    made->index = index;
    made->count = (uint32_t)match_patterns(index);
    made->patterns = must(calloc(made->count + 1, sizeof *made->patterns));
    made->arena = arena_open("patterns", ARENA_WORK, WATCH_BYTES_MAX);
    struct err err = patterns_open(made);
    if (err.kind != ERR_NONE)
        watch_set_close(made);
    else
        *set = made;
    return err;
}

void watch_set_close(struct watch_set *set)
{
    if (set == NULL)
        return;
    prefilter_close(set->prefilter);
    arena_close(set->arena);
    free(set->literals.rows);
    free(set->ports.rows);
    free(set->objects.rows);
    free(set->patterns);
    free(set);
}

/* ---- Reading ---- */

size_t watch_sign_find(const struct watch_signs *signs, uint32_t sign)
{
    size_t low = 0, high = signs->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (signs->rows[middle].sign < sign)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* As deep as parentheses are (STIX_PATTERN_DEPTH_MAX). */
bool watch_is_met(const struct stix_node *node, const uint64_t *words, int64_t when_us)
{
    if (node->kind == STIX_NODE_OBSERVATION)
        return (words[node->number / 64] >> node->number % 64 & 1) != 0;
    if (node->kind == STIX_NODE_START_STOP && (when_us < node->start_us || when_us >= node->stop_us))
        return false;
    for (const struct stix_node *child = node->first; child != NULL; child = child->next)
        if (watch_is_met(child, words, when_us))
            return true;
    return false;
}
