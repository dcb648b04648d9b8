/* SPDX-License-Identifier: Apache-2.0 */
#include "sift/watch.h"

#include "base/arena.h"
#include "base/clock.h"
#include "sift/observe.h"
#include "sift/rows.h"

#define ROW_TEXT_MAX (1u << 20)

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
    struct sift_watch *watch;
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
    struct sift_watch *watch = gathering->watch;
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
    struct sift_watch *watch = gathering->watch;
    struct watched *watched = &watch->patterns[number];
    struct stix_place place;
    match_pattern(watch->index, number, &watched->entry);
    struct err err = stix_pattern_parse_mixed(watched->entry.value, watch->arena, &watched->pattern, &place);
    if (err.kind == ERR_INPUT)
        return err_make(ERR_INPUT, "damaged index: a pattern cannot be read");
    TRY(err);
    observe_spell(&watched->pattern, watch->arena);
    watched->lone = is_lone(watched->pattern.root);
    watched->newest_us = INT64_MIN;
    size_t width = stix_solve_width(&watched->pattern);
    watch->width = width > watch->width ? width : watch->width;
    if (watched->again)
        return OK;
    struct stix_cover cover = stix_cover(&watched->pattern, watch->arena);
    for (const struct stix_hint *hint = cover.hints; hint != NULL; hint = hint->next) {
        struct observe_hint found = observe_hint(hint);
        hint_add(gathering, &found, number);
    }
    return arena_check(watch->arena);
}

/* The same indicator may stand in several files of which no version is the newer. */
static int order_same(const void *a, const void *b)
{
    const struct watched *one = *(struct watched *const *)a, *other = *(struct watched *const *)b;
    int order = slice_order(one->entry.id, other->entry.id);
    order = order != 0 ? order : slice_order(one->entry.value, other->entry.value);
    return order != 0 ? order : (one > other) - (one < other);
}

static void mark_again(struct sift_watch *watch)
{
    struct watched **sorted = must(calloc(watch->count, sizeof(struct watched *)));
    for (uint32_t i = 0; i < watch->count; i++) {
        match_pattern(watch->index, i, &watch->patterns[i].entry);
        sorted[i] = &watch->patterns[i];
    }
    qsort(sorted, watch->count, sizeof *sorted, order_same);
    for (uint32_t i = 1; i < watch->count; i++)
        sorted[i]->again = sorted[i]->entry.id.len > 0 && slice_eq(sorted[i]->entry.id, sorted[i - 1]->entry.id) &&
                           slice_eq(sorted[i]->entry.value, sorted[i - 1]->entry.value);
    free(sorted);
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
    struct sift_watch *watch = gathering->watch;
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

static struct err patterns_open(struct sift_watch *watch)
{
    struct gathering gathering = {.watch = watch};
    struct err err = OK;
    mark_again(watch);
    for (uint32_t i = 0; i < watch->count && err.kind == ERR_NONE; i++)
        err = pattern_open(&gathering, i);
    if (err.kind == ERR_NONE)
        err = literals_open(&gathering);
    signs_sort(&watch->ports);
    signs_sort(&watch->objects);
    free(gathering.literals);
    return err;
}

struct err sift_watch_open(
        const struct match_index *index, const struct stix_window_limits *limits, struct sift_watch **watch)
{
    struct sift_watch *made = must(calloc(1, sizeof *made));
    made->index = index;
    made->limits = limits == NULL ? stix_window_defaults : *limits;
    made->count = (uint32_t)match_patterns(index);
    made->patterns = must(calloc(made->count + 1, sizeof *made->patterns));
    made->arena = arena_open("patterns", ARENA_WORK, WATCH_BYTES_MAX);
    made->work = arena_open("windows", ARENA_WORK, WATCH_BYTES_MAX);
    struct err err = patterns_open(made);
    if (err.kind != ERR_NONE)
        sift_watch_close(made);
    else
        *watch = made;
    return err;
}

void sift_watch_close(struct sift_watch *watch)
{
    if (watch == NULL)
        return;
    for (uint32_t i = 0; i < watch->count; i++)
        stix_window_close(watch->patterns[i].window);
    prefilter_close(watch->prefilter);
    arena_close(watch->arena);
    arena_close(watch->work);
    free(watch->literals.rows);
    free(watch->ports.rows);
    free(watch->objects.rows);
    free(watch->patterns);
    free(watch->files);
    free(watch);
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

/* ---- Delivering ---- */

uint64_t watch_file(struct sift_watch *watch, const char *file)
{
    if (watch->file_count >> WATCH_FILE_BITS != 0)
        return watch->file_count - 1;
    if ((watch->file_count & (watch->file_count + 1)) == 0)
        watch->files = must(realloc(watch->files, 2 * (watch->file_count + 1) * sizeof *watch->files));
    watch->files[watch->file_count] = file;
    return watch->file_count++;
}

static void events_write(const struct sift_watch *watch, struct json_writer *w, struct buf *text,
        const struct stix_window_answer *answer)
{
    json_write_key(w, S("events"));
    json_write_array(w);
    for (size_t i = 0; i < answer->count; i++) {
        buf_reset(text);
        buf_put(text, slice_of(watch->files[answer->tags[i] >> (64 - WATCH_FILE_BITS)]));
        buf_byte(text, ':');
        buf_u64(text, answer->tags[i] & (UINT64_MAX >> WATCH_FILE_BITS));
        json_write_text(w, buf_slice(text));
    }
    json_write_end(w);
}

void watch_row_write(const struct sift_watch *watch, struct buf *rows, struct buf *text,
        const struct match_entry *entry, const struct sighting *sighting, const struct sightings *place,
        const struct stix_window_answer *answer)
{
    struct json_writer w = json_writer(rows);
    struct row_place at = {sighting->line, place->file_name, place->format, sighting->time_us};
    json_write_object(&w);
    row_place_write(&w, &at);
    json_write_key_text(&w, S("type"), S("pattern"));
    json_write_key_text(&w, S("value"), entry->value);
    json_write_key_text(&w, S("field"), S(""));
    row_indicator_write(&w, entry, text);
    if (answer != NULL)
        events_write(watch, &w, text, answer);
    json_write_end(&w);
    buf_byte(rows, '\n');
}

/* Events without a time happen as they arrive, one after the other: so their order is that of the input. */
static int64_t sighting_time(struct sift_watch *watch, const struct sighting *sighting)
{
    if (sighting->time_us != TIME_NONE)
        return sighting->time_us;
    int64_t now_us = clock_now_us();
    watch->arrived_us = now_us > watch->arrived_us ? now_us : watch->arrived_us + 1;
    return watch->arrived_us;
}

static struct stix_window_answer sighting_put(
        struct sift_watch *watch, const struct sighting *sighting, const struct sightings *all)
{
    struct watched *watched = &watch->patterns[sighting->pattern];
    int64_t when_us = sighting_time(watch, sighting);
    struct stix_candidate candidate = {when_us, when_us, 1,
            all->file << (64 - WATCH_FILE_BITS) | (sighting->line & (UINT64_MAX >> WATCH_FILE_BITS))};
    if (watched->window == NULL)
        watched->window = stix_window_open(&watched->pattern, &watch->limits);
    if (watched->newest_us != INT64_MIN && when_us < watched->newest_us - watch->limits.us)
        watched->late++; /* the window drops it without a look */
    if (when_us > watched->newest_us)
        watched->newest_us = when_us;
    return stix_window_put(watched->window, &candidate, sighting->words, watch->work);
}

bool watch_deliver(
        struct sift_watch *watch, const struct sightings *sightings, slice rows, struct buf *merged, uint64_t *hits)
{
    struct buf text = buf_make(ROW_TEXT_MAX);
    size_t written = 0;
    bool any = false;
    buf_reset(merged);
    watch->cut += sightings->cut;
    for (size_t i = 0; i < sightings->given_up_count; i++)
        watch->patterns[sightings->given_up[i]].given_up++;
    for (size_t i = 0; i < sightings->count; i++) {
        const struct sighting *sighting = &sightings->rows[i];
        struct stix_window_answer answer = sighting_put(watch, sighting, sightings);
        if (answer.match) {
            buf_put(merged, slice_part(rows, written, sighting->row_at));
            written = sighting->row_at;
            watch_row_write(
                    watch, merged, &text, &watch->patterns[sighting->pattern].entry, sighting, sightings, &answer);
            any = true;
            ++*hits;
        }
        arena_reset(watch->work);
    }
    if (any)
        buf_put(merged, slice_from(rows, written));
    buf_free(&text);
    return any;
}

/* ---- What came of it ---- */

/* A match can span more than the window keeps: then what leaves it with time may be missed. */
static bool is_longer(const struct sift_watch *watch, const struct watched *watched)
{
    return stix_solve_span(watched->pattern.root) > watch->limits.us;
}

struct sift_watch_counts sift_watch_counts(const struct sift_watch *watch)
{
    struct sift_watch_counts counts = {.patterns = watch->count, .cut = watch->cut};
    for (uint32_t i = 0; i < watch->count; i++) {
        const struct watched *watched = &watch->patterns[i];
        struct stix_window_counts window = {0};
        if (watched->window != NULL)
            window = stix_window_counts(watched->window);
        uint64_t lost = window.out_of_room + (is_longer(watch, watched) ? window.out_of_time : watched->late);
        counts.out_of_time += window.out_of_time;
        counts.out_of_room += window.out_of_room;
        counts.given_up += window.given_up + watched->given_up;
        counts.lost += lost;
        counts.losers += lost > 0;
    }
    return counts;
}

void sift_watch_given_up(const struct sift_watch *watch, sift_given_up *tell, void *context)
{
    struct buf name = buf_make(ROW_TEXT_MAX);
    for (uint32_t i = 0; i < watch->count; i++) {
        const struct watched *watched = &watch->patterns[i];
        uint64_t count = watched->given_up;
        if (watched->window != NULL)
            count += stix_window_counts(watched->window).given_up;
        if (count == 0)
            continue;
        buf_reset(&name);
        if (watched->entry.id.len > 0)
            buf_put(&name, watched->entry.id);
        else
            buf_printf(
                    &name, "%.*s:%u", (int)watched->entry.source.len, watched->entry.source.ptr, watched->entry.line);
        tell(context, buf_slice(&name), count);
    }
    buf_free(&name);
}
