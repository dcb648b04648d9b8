/* SPDX-License-Identifier: Apache-2.0 */
#include "sift/windows.h"

#include "base/arena.h"
#include "base/clock.h"
#include "sift/rows.h"

#define ROW_TEXT_MAX (1u << 20)
#define PATTERN_BYTES_MAX ((size_t)1 << 30)

/*
 * What is kept of one pattern. It owns all that it needs, and reads the pattern for itself: the index that a sighting
 * came from may be gone when the next one comes.
 */
struct kept {
    uint64_t hash;
    slice id, value, source;
    uint32_t line;
    struct arena *arena;
    struct stix_pattern pattern;
    struct stix_window *window; /* NULL until needed */
    int64_t newest_us;
    uint64_t late;       /* sightings that came too long after later ones */
    uint64_t given_up;   /* events that took more steps than they are given, outside of the window */
    uint64_t generation; /* the last that had this pattern */
};

struct sift_watch {
    struct stix_window_limits limits;
    struct watch_set *set;        /* of the index it was opened for, */
    struct generation generation; /* of that one part */
    uint64_t newest;              /* generation whose patterns are kept; older blocks may follow */
    struct hash_key key;
    struct kept **kept; /* by hash; a free place is NULL */
    size_t kept_count, kept_size;
    struct sift_watch_counts gone; /* of patterns that are no more */
    const char **files;
    size_t file_count;
    struct arena *work;
    int64_t arrived_us; /* when the last event arrived of which the log does not say a time */
    uint64_t cut;       /* events of which the view had no room for all */
    uint64_t patterns;  /* of the newest generation */
};

static void *must(void *memory)
{
    if (memory == NULL) {
        fputs("kentongan: the system has no memory left\n", stderr);
        abort();
    }
    return memory;
}

/* ---- Opening ---- */

static uint64_t patterns_count(const struct generation *generation)
{
    uint64_t count = 0;
    for (size_t i = 0; i < generation->count; i++)
        count += generation->parts[i].watch == NULL ? 0 : generation->parts[i].watch->count;
    return count;
}

struct err sift_watch_open(
        const struct match_index *index, const struct stix_window_limits *limits, struct sift_watch **watch)
{
    struct watch_set *set = NULL;
    if (index != NULL)
        TRY(watch_set_open(index, &set));
    struct sift_watch *made = must(calloc(1, sizeof *made));
    made->limits = limits == NULL ? stix_window_defaults : *limits;
    made->key = hash_key_random();
    made->work = arena_open("windows", ARENA_WORK, WATCH_BYTES_MAX);
    made->set = set;
    made->generation = (struct generation){.number = 1, .count = index != NULL, .indexes = {index}, .parts = {{set}}};
    generation_settle(&made->generation);
    made->patterns = patterns_count(&made->generation);
    *watch = made;
    return OK;
}

static void kept_free(struct kept *kept)
{
    stix_window_close(kept->window);
    arena_close(kept->arena);
    free(kept);
}

void sift_watch_close(struct sift_watch *watch)
{
    if (watch == NULL)
        return;
    for (size_t i = 0; i < watch->kept_size; i++)
        if (watch->kept[i] != NULL)
            kept_free(watch->kept[i]);
    free(watch->kept);
    generation_unsettle(&watch->generation);
    watch_set_close(watch->set);
    arena_close(watch->work);
    free(watch->files);
    free(watch);
}

const struct generation *watch_generation(const struct sift_watch *watch)
{
    return watch->generation.count == 0 ? NULL : &watch->generation;
}

uint64_t watch_steps(const struct sift_watch *watch)
{
    return watch->limits.steps;
}

/* ---- What is kept, by pattern ---- */

static uint64_t entry_hash(const struct sift_watch *watch, const struct match_entry *entry)
{
    slice name = entry->id.len > 0 ? entry->id : entry->source;
    return hash_mix(hash_bytes(watch->key, name), hash_bytes(watch->key, entry->value) | 1);
}

static bool is_of(const struct kept *kept, const struct match_entry *entry)
{
    if (!slice_eq(kept->id, entry->id) || !slice_eq(kept->value, entry->value))
        return false;
    return kept->id.len > 0 || (slice_eq(kept->source, entry->source) && kept->line == entry->line);
}

/* Where it stands, or the free place where it would. The table has one. */
static struct kept **kept_place(const struct sift_watch *watch, uint64_t hash, const struct match_entry *entry)
{
    size_t at = (size_t)hash & (watch->kept_size - 1);
    while (watch->kept[at] != NULL && !(watch->kept[at]->hash == hash && is_of(watch->kept[at], entry)))
        at = (at + 1) & (watch->kept_size - 1);
    return &watch->kept[at];
}

/* All that stay, in a table that has room for some more. */
static void kept_rehash(struct sift_watch *watch, size_t size)
{
    struct kept **old = watch->kept;
    size_t old_size = watch->kept_size;
    watch->kept = must(calloc(size, sizeof(struct kept *)));
    watch->kept_size = size;
    for (size_t i = 0; i < old_size; i++) {
        if (old[i] == NULL)
            continue;
        size_t at = (size_t)old[i]->hash & (size - 1);
        while (watch->kept[at] != NULL)
            at = (at + 1) & (size - 1);
        watch->kept[at] = old[i];
    }
    free(old);
}

static struct kept *kept_make(const struct sift_watch *watch, uint64_t hash, const struct match_entry *entry)
{
    struct kept *kept = must(calloc(1, sizeof *kept));
    kept->arena = arena_open("pattern", ARENA_WORK, PATTERN_BYTES_MAX);
    kept->hash = hash;
    kept->id = arena_copy(kept->arena, entry->id);
    kept->value = arena_copy(kept->arena, entry->value);
    kept->source = arena_copy(kept->arena, entry->source);
    kept->line = entry->line;
    kept->newest_us = INT64_MIN;
    kept->generation = watch->newest;
    return kept;
}

static struct kept *kept_get(struct sift_watch *watch, const struct match_entry *entry)
{
    if (2 * (watch->kept_count + 1) > watch->kept_size)
        kept_rehash(watch, watch->kept_size == 0 ? 64 : 2 * watch->kept_size);
    uint64_t hash = entry_hash(watch, entry);
    struct kept **place = kept_place(watch, hash, entry);
    if (*place == NULL) {
        *place = kept_make(watch, hash, entry);
        watch->kept_count++;
    }
    return *place;
}

/* The text was read before, so it can be read again; only memory could be wanting. */
static struct stix_window *window_of(const struct sift_watch *watch, struct kept *kept)
{
    struct stix_place place;
    if (kept->window == NULL &&
            stix_pattern_parse_mixed(kept->value, kept->arena, &kept->pattern, &place).kind == ERR_NONE)
        kept->window = stix_window_open(&kept->pattern, &watch->limits);
    return kept->window;
}

/* A match can span more than the window keeps: then what leaves it with time may be missed. */
static bool is_longer(const struct sift_watch *watch, const struct kept *kept)
{
    return kept->window != NULL && stix_solve_span(kept->pattern.root) > watch->limits.us;
}

static void counts_add(const struct sift_watch *watch, const struct kept *kept, struct sift_watch_counts *counts)
{
    struct stix_window_counts window = {0};
    if (kept->window != NULL)
        window = stix_window_counts(kept->window);
    uint64_t lost = window.out_of_room + (is_longer(watch, kept) ? window.out_of_time : kept->late);
    counts->out_of_time += window.out_of_time;
    counts->out_of_room += window.out_of_room;
    counts->given_up += window.given_up + kept->given_up;
    counts->lost += lost;
    counts->losers += lost > 0;
}

/* ---- Generations: what is kept of a pattern goes with it ---- */

static void kept_mark(struct sift_watch *watch, const struct generation *generation)
{
    for (size_t part = 0; part < generation->count; part++) {
        const struct generation_part *at = &generation->parts[part];
        for (uint32_t i = 0; at->watch != NULL && i < at->watch->count; i++) {
            const struct match_entry *entry = &at->watch->patterns[i].entry;
            if (generation_is_off(at, i))
                continue;
            struct kept *kept = *kept_place(watch, entry_hash(watch, entry), entry);
            if (kept != NULL)
                kept->generation = generation->number;
        }
    }
}

static void kept_sweep(struct sift_watch *watch, uint64_t generation)
{
    for (size_t i = 0; i < watch->kept_size; i++) {
        struct kept *kept = watch->kept[i];
        if (kept == NULL || kept->generation == generation)
            continue;
        counts_add(watch, kept, &watch->gone);
        watch->gone.withdrawn += kept->window == NULL ? 0 : stix_window_held(kept->window);
        kept_free(kept);
        watch->kept[i] = NULL;
        watch->kept_count--;
    }
    kept_rehash(watch, watch->kept_size);
}

void watch_follow(struct sift_watch *watch, const struct generation *generation)
{
    if (generation->number <= watch->newest)
        return;
    watch->newest = generation->number;
    watch->patterns = patterns_count(generation);
    if (watch->kept_count == 0)
        return;
    kept_mark(watch, generation);
    kept_sweep(watch, generation->number);
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
    struct kept *kept = kept_get(watch, &sighting->watched->entry);
    int64_t when_us = sighting_time(watch, sighting);
    struct stix_candidate candidate = {when_us, when_us, 1,
            all->file << (64 - WATCH_FILE_BITS) | (sighting->line & (UINT64_MAX >> WATCH_FILE_BITS))};
    struct stix_window *window = window_of(watch, kept);
    if (window == NULL)
        return (struct stix_window_answer){0};
    if (kept->newest_us != INT64_MIN && when_us < kept->newest_us - watch->limits.us)
        kept->late++; /* the window drops it without a look */
    if (when_us > kept->newest_us)
        kept->newest_us = when_us;
    return stix_window_put(window, &candidate, sighting->words, watch->work);
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
        kept_get(watch, &sightings->given_up[i]->entry)->given_up++;
    for (size_t i = 0; i < sightings->count; i++) {
        const struct sighting *sighting = &sightings->rows[i];
        struct stix_window_answer answer = sighting_put(watch, sighting, sightings);
        *hits += answer.match;
        if (answer.match && sightings->taker != NULL) {
            const struct sift_hit hit = {&sighting->watched->entry, NULL, sighting->event, sighting->line};
            sightings->taker->hit(sightings->gatherer, &hit);
        } else if (answer.match) {
            buf_put(merged, slice_part(rows, written, sighting->row_at));
            written = sighting->row_at;
            watch_row_write(watch, merged, &text, &sighting->watched->entry, sighting, sightings, &answer);
            any = true;
        }
        arena_reset(watch->work);
    }
    if (any)
        buf_put(merged, slice_from(rows, written));
    buf_free(&text);
    return any;
}

/* ---- What came of it ---- */

struct sift_watch_counts sift_watch_counts(const struct sift_watch *watch)
{
    struct sift_watch_counts counts = watch->gone;
    counts.patterns = watch->patterns;
    counts.cut = watch->cut;
    for (size_t i = 0; i < watch->kept_size; i++)
        if (watch->kept[i] != NULL)
            counts_add(watch, watch->kept[i], &counts);
    return counts;
}

/* As they were first met is no order; by name, it is the same in every run. */
static int order_names(const void *a, const void *b)
{
    const struct kept *one = *(const struct kept *const *)a, *other = *(const struct kept *const *)b;
    int order = slice_order(one->id, other->id);
    order = order != 0 ? order : slice_order(one->source, other->source);
    return order != 0 ? order : (one->line > other->line) - (one->line < other->line);
}

static void given_up_tell(const struct kept *kept, struct buf *name, sift_given_up *tell, void *context)
{
    uint64_t count = kept->given_up;
    if (kept->window != NULL)
        count += stix_window_counts(kept->window).given_up;
    if (count == 0)
        return;
    buf_reset(name);
    if (kept->id.len > 0)
        buf_put(name, kept->id);
    else
        buf_printf(name, "%.*s:%u", (int)kept->source.len, kept->source.ptr, kept->line);
    tell(context, buf_slice(name), count);
}

void sift_watch_given_up(const struct sift_watch *watch, sift_given_up *tell, void *context)
{
    struct buf name = buf_make(ROW_TEXT_MAX);
    const struct kept **sorted = must(calloc(watch->kept_count + 1, sizeof(struct kept *)));
    size_t count = 0;
    for (size_t i = 0; i < watch->kept_size; i++)
        if (watch->kept[i] != NULL)
            sorted[count++] = watch->kept[i];
    qsort(sorted, count, sizeof *sorted, order_names);
    for (size_t i = 0; i < count; i++)
        given_up_tell(sorted[i], &name, tell, context);
    free(sorted);
    buf_free(&name);
}
