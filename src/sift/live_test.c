/* SPDX-License-Identifier: Apache-2.0 */
#include "sift/live.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "match/build.h"
#include "sift/load.h"
#include "sift/sift.h"

#include "input/temp_test.h"
#include "sift/random_test.h"

static char folder[] = "/tmp/kentongan-live-XXXXXX";
static char path[64];

static void tell_nothing(void *context, const char *file, uint64_t line, uint64_t column, const char *why)
{
    (void)context, (void)file, (void)line, (void)column, (void)why;
}

struct outcome {
    struct buf rows;
    struct sift_totals totals;
};

/* One input through a job; its rows. */
static struct outcome run(struct arena *arena, struct sift_job job, const char *file)
{
    struct outcome outcome = {.rows = buf_make(256u << 20)};
    struct temp output = temp_make(S(""));
    job.malformed = tell_nothing;
    job.threads = job.threads == 0 ? 1 : job.threads;
    job.output = open(output.name, O_RDWR);
    struct err err = sift_run(&job, file, arena, &outcome.totals);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    for (ssize_t n = 1; n > 0;) {
        assert_true(buf_reserve(&outcome.rows, 65536));
        n = pread(job.output, outcome.rows.ptr + outcome.rows.len, 65536, (off_t)outcome.rows.len);
        outcome.rows.len += n > 0 ? (size_t)n : 0;
    }
    buf_byte(&outcome.rows, '\0');
    close(job.output);
    temp_drop(&output);
    return outcome;
}

static struct outcome run_text(struct arena *arena, struct sift_job job, slice text)
{
    struct temp input = temp_make(text);
    struct outcome outcome = run(arena, job, input.name);
    temp_drop(&input);
    return outcome;
}

static struct live *open_live(struct arena *arena, struct live_options options)
{
    struct live *live = NULL;
    struct err err = live_open(&options, arena, &live);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    return live;
}

static void ok(struct err err)
{
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
}

static const struct indicator no_time = {
        .line = 1, .modified_us = TIME_NONE, .from_us = TIME_NONE, .until_us = TIME_NONE};

static struct indicator value_of(enum observable_type type, const char *value, const char *label)
{
    struct indicator indicator = no_time;
    indicator.type = type;
    indicator.value = slice_of(value);
    indicator.label = slice_of(label);
    return indicator;
}

static void put_value(
        struct live *live, const char *id, enum observable_type type, const char *value, const char *label)
{
    struct indicator indicator = value_of(type, value, label);
    ok(live_begin(live, S("sumber"), slice_of(id)));
    ok(live_add(live, &indicator));
}

static void put_text_pattern(struct live *live, const char *id, const char *pattern)
{
    struct indicator indicator = value_of(OBSERVABLE_NONE, pattern, "");
    ok(live_begin(live, S("sumber"), slice_of(id)));
    ok(live_add_pattern(live, &indicator));
}

/* ---- The twin: whatever happens, the same rows as an index of all that is built anew ---- */

#define OBJECTS 60
#define ROWS_EACH 3

struct model_object {
    uint64_t changed; /* when; 0: never */
    struct indicator rows[ROWS_EACH];
    size_t row_count;
    bool is_pattern;
    char source[16], id[24], label[24];
};

static const char *const model_sources[] = {"satu", "dua", "tiga"};

static const struct {
    enum observable_type type;
    const char *value;
    unsigned flags;
} model_values[] = {
        {OBSERVABLE_IPV4, "192.0.2.1", 0},
        {OBSERVABLE_IPV4, "192.0.2.77", 0},
        {OBSERVABLE_IPV4, "198.51.100.7", 0},
        {OBSERVABLE_IPV6, "2001:db8::aa:1", 0},
        {OBSERVABLE_CIDR, "192.0.2.0/24", 0},
        {OBSERVABLE_CIDR, "192.0.2.0/30", 0},
        {OBSERVABLE_CIDR, "0.0.0.0/0", 0},
        {OBSERVABLE_CIDR, "2001:db8::/32", 0},
        {OBSERVABLE_DOMAIN, "example", 0},
        {OBSERVABLE_DOMAIN, "melati.example", 0},
        {OBSERVABLE_HOST, "update.melati.example", 0},
        {OBSERVABLE_HOST, "kenanga.test", 0},
        {OBSERVABLE_URL, "http://kenanga.test/penuh", 0},
        {OBSERVABLE_URL, "http://melati.example/muat", INDICATOR_BELOW},
        {OBSERVABLE_MD5, "0123456789abcdef0123456789abcdef", 0},
        {OBSERVABLE_JA3, "0123456789abcdef0123456789abcdef", 0},
        {OBSERVABLE_FILENAME, "kembang.exe", 0},
        {OBSERVABLE_EMAIL, "juru@mawar.example", 0},
        {OBSERVABLE_USERAGENT, "Peronda 1", 0},
        {OBSERVABLE_HOST, "tidak-ada.example", 0},
};

/* Around the events, which happen from 10:00 on. */
static const char *const model_times[] = {
        "2026-05-01T00:00:00Z", "2026-06-01T10:00:20Z", "2026-06-01T10:01:00Z", "2036-01-01T00:00:00Z"};

struct model {
    struct arena *arena;
    struct model_object objects[OBJECTS];
    uint64_t position;
};

static int64_t model_time(void)
{
    int64_t us = TIME_NONE;
    if (roll(4) == 0)
        assert_true(time_parse(slice_of(PICK(model_times)), &us));
    return us;
}

static void model_row(struct model *model, struct model_object *object, struct indicator *row)
{
    *row = no_time;
    row->line = 1 + (uint32_t)roll(9);
    row->label = arena_copy(model->arena, slice_of(object->label));
    row->from_us = model_time();
    row->until_us = model_time();
    row->flags = roll(12) == 0 ? INDICATOR_REVOKED : 0;
    if (object->is_pattern) {
        struct buf text = buf_make(65536);
        put_pattern(&text);
        row->value = arena_copy(model->arena, buf_slice(&text));
        buf_free(&text);
        return;
    }
    size_t which = roll(COUNT_OF(model_values));
    row->type = model_values[which].type;
    row->value = slice_of(model_values[which].value);
    row->flags |= model_values[which].flags;
}

/* A new version of an object, or its end. Two sources may speak of one id, and sometimes with the same pattern. */
static struct model_object *model_change(struct model *model)
{
    size_t at = roll(OBJECTS);
    struct model_object *object = &model->objects[at];
    const struct model_object *other = &model->objects[roll(2) == 0 ? at ^ 1 : roll(OBJECTS)];
    snprintf(object->source, sizeof object->source, "%s", model_sources[at % COUNT_OF(model_sources)]);
    snprintf(object->id, sizeof object->id, "indicator--%zu", at / 2);
    snprintf(object->label, sizeof object->label, "versi %zu", (size_t)model->position);
    object->changed = ++model->position;
    object->is_pattern = roll(3) == 0;
    object->row_count = roll(4) == 0 ? 0 : object->is_pattern ? 1 : 1 + roll(ROWS_EACH);
    for (size_t i = 0; i < object->row_count; i++)
        model_row(model, object, &object->rows[i]);
    if (object->is_pattern && other->is_pattern && other->row_count == 1 && object->row_count == 1 && roll(3) == 0)
        object->rows[0].value = other->rows[0].value;
    return object;
}

static void model_put(struct live *live, const struct model_object *object)
{
    ok(live_begin(live, slice_of(object->source), slice_of(object->id)));
    for (size_t i = 0; i < object->row_count; i++)
        ok((object->is_pattern ? live_add_pattern : live_add)(live, &object->rows[i]));
}

static int order_changed(const void *a, const void *b)
{
    const struct model_object *one = *(const struct model_object *const *)a;
    const struct model_object *other = *(const struct model_object *const *)b;
    return (one->changed > other->changed) - (one->changed < other->changed);
}

/* The objects that changed after this position, in that order. */
static size_t model_since(const struct model *model, uint64_t position, const struct model_object **sorted)
{
    size_t count = 0;
    for (size_t i = 0; i < OBJECTS; i++)
        if (model->objects[i].changed > position)
            sorted[count++] = &model->objects[i];
    qsort(sorted, count, sizeof *sorted, order_changed);
    return count;
}

static struct match_index *model_index(const struct model *model)
{
    const struct model_object *sorted[OBJECTS];
    size_t count = model_since(model, 0, sorted);
    struct match_builder *builder = match_builder_open(hash_key_random());
    struct arena *scratch = arena_open("pattern", ARENA_WORK, LOAD_PATTERN_BYTES_MAX);
    struct match_index *index = NULL;
    for (size_t i = 0; i < count; i++) {
        ok(match_build_source(builder, slice_of(sorted[i]->source)));
        for (size_t j = 0; j < sorted[i]->row_count; j++) {
            struct indicator row = sorted[i]->rows[j];
            row.id = slice_of(sorted[i]->id);
            if ((row.flags & INDICATOR_REVOKED) == 0)
                ok(sorted[i]->is_pattern ? load_pattern(builder, scratch, &row, NULL) : match_build_add(builder, &row));
        }
    }
    ok(match_build_open(builder, &index));
    match_builder_close(builder);
    arena_close(scratch);
    return index;
}

static struct outcome run_watched(struct arena *arena, struct sift_job job, const char *file)
{
    ok(sift_watch_open(job.index, NULL, &job.watch));
    struct outcome outcome = run(arena, job, file);
    sift_watch_close(job.watch);
    return outcome;
}

static void assert_twins(const struct outcome *one, const struct outcome *other, const char *way)
{
    size_t same = 0, begin = 0;
    while (same < one->rows.len && same < other->rows.len && one->rows.ptr[same] == other->rows.ptr[same])
        begin = one->rows.ptr[same++] == '\n' ? same : begin;
    if (same < one->rows.len || same < other->rows.len)
        fail_msg("%s: %zu rows, built anew %zu; from here on:\n%.500s\n---- anew:\n%.500s", way,
                (size_t)other->totals.hits, (size_t)one->totals.hits, other->rows.ptr + begin, one->rows.ptr + begin);
    assert_int_equal(one->totals.hits, other->totals.hits);
    assert_int_equal(one->totals.invalid, other->totals.invalid);
}

struct twin_counts {
    uint64_t hits, replaced, folds, merges, reopened;
};

static void compare(struct model *model, struct live *live, struct twin_counts *counts)
{
    static const struct {
        const char *name;
        unsigned threads;
        bool plain;
    } ways[] = {{"fast", 1, false}, {"fast, three threads", 3, false}, {"plain", 1, true}};
    struct arena *arena = arena_open("run", ARENA_WORK, 256u << 20);
    struct buf events = buf_make(16u << 20);
    for (unsigned i = 0; i < 160; i++)
        put_event(&events, i / 2);
    struct temp input = temp_make(buf_slice(&events));
    struct match_index *index = model_index(model);
    struct outcome anew = run_watched(arena, (struct sift_job){.index = index}, input.name);
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        struct sift_job job = {.live = live, .threads = ways[i].threads, .plain = ways[i].plain};
        struct outcome outcome = run_watched(arena, job, input.name);
        assert_twins(&anew, &outcome, ways[i].name);
        counts->replaced += outcome.totals.replaced;
        buf_free(&outcome.rows);
    }
    counts->hits += anew.totals.hits;
    buf_free(&anew.rows);
    buf_free(&events);
    temp_drop(&input);
    match_close(index);
    arena_close(arena);
}

/* As after a crash: the file, and the journal from where it is on. */
static struct live *reopen(struct model *model, struct live *live)
{
    const struct model_object *sorted[OBJECTS];
    uint64_t position = live_counts(live).base_position;
    live_close(live);
    bool anew = access(path, F_OK) != 0;
    live = open_live(model->arena, (struct live_options){.path = path, .by_hand = true, .anew = anew});
    assert_int_equal(live_counts(live).position, position);
    size_t count = model_since(model, position, sorted);
    for (size_t i = 0; i < count; i++)
        model_put(live, sorted[i]);
    ok(live_publish(live, model->position));
    return live;
}

static void any_changes_give_the_rows_of_an_index_built_anew(void **state)
{
    struct twin_counts counts = {0};
    for (unsigned round = 1; round <= 4; round++) {
        static struct model model;
        model = (struct model){.arena = *state};
        seed = round;
        struct live *live = open_live(*state, (struct live_options){.path = path, .by_hand = true, .anew = true});
        for (unsigned step = 0; step < 30; step++) {
            for (size_t changes = 1 + roll(10); changes > 0; changes--)
                model_put(live, model_change(&model));
            ok(live_publish(live, model.position));
            if (roll(4) == 0) {
                ok(live_fold(live));
                counts.folds++;
            }
            if (roll(6) == 0) {
                ok(live_merge(live));
                counts.merges++;
                assert_int_equal(live_counts(live).overlay, 0);
            }
            if (roll(9) == 0) {
                live = reopen(&model, live);
                counts.reopened++;
            }
            compare(&model, live, &counts);
        }
        live_close(live);
        unlink(path);
    }
    assert_true(counts.hits > 10000 && counts.replaced > 1000 && counts.folds > 10 && counts.merges > 10 &&
                counts.reopened > 5);
}

/* ---- Windows and generations ---- */

#define EVENT(minute, port)                                                                                            \
    "{\"timestamp\":\"2026-06-01T10:" minute                                                                           \
    ":00.000000+0000\",\"event_type\":\"flow\",\"src_ip\":\"192.0.2.1\",\"dest_port\":" port "}\n"
#define FIRST EVENT("00", "22")
#define SECOND EVENT("05", "4444")
#define BOTH "[network-traffic:dst_port = 22] FOLLOWEDBY [network-traffic:dst_port = 4444]"

static uint64_t hits_of(struct arena *arena, struct sift_job job, const char *event)
{
    struct outcome outcome = run_text(arena, job, slice_of(event));
    buf_free(&outcome.rows);
    return outcome.totals.hits;
}

static void a_window_stays_as_long_as_its_pattern(void **state)
{
    struct live *live = open_live(*state, (struct live_options){.by_hand = true});
    struct sift_job job = {.live = live};
    ok(sift_watch_open(NULL, NULL, &job.watch));
    put_text_pattern(live, "a", BOTH);
    ok(live_publish(live, 1));
    assert_int_equal(hits_of(*state, job, FIRST), 0);
    put_value(live, "b", OBSERVABLE_IPV4, "203.0.113.9", "");
    put_text_pattern(live, "c", "[network-traffic:dst_port = 80]");
    ok(live_publish(live, 2)); /* the overlay is another, */
    assert_int_equal(hits_of(*state, job, EVENT("01", "53")), 0);
    ok(live_merge(live)); /* and now the pattern is of the base, */
    assert_int_equal(hits_of(*state, job, EVENT("02", "53")), 0);
    put_text_pattern(live, "a", BOTH); /* and of an overlay again, as a newer version */
    ok(live_publish(live, 3));
    assert_int_equal(hits_of(*state, job, SECOND), 1);
    struct sift_watch_counts counts = sift_watch_counts(job.watch);
    assert_int_equal(counts.withdrawn, 0);
    assert_int_equal(counts.patterns, 3); /* with the one that the base still has */
    sift_watch_close(job.watch);
    live_close(live);
}

static void a_window_goes_with_its_pattern_and_is_counted(void **state)
{
    struct live *live = open_live(*state, (struct live_options){.by_hand = true});
    struct sift_job job = {.live = live};
    ok(sift_watch_open(NULL, NULL, &job.watch));
    put_text_pattern(live, "a", BOTH);
    ok(live_publish(live, 1));
    assert_int_equal(hits_of(*state, job, FIRST FIRST), 0);
    ok(live_begin(live, S("sumber"), S("a")));
    ok(live_publish(live, 2));
    assert_int_equal(hits_of(*state, job, EVENT("01", "53")), 0);
    assert_int_equal(sift_watch_counts(job.watch).withdrawn, 2);
    put_text_pattern(live, "a", BOTH);
    ok(live_publish(live, 3));
    assert_int_equal(hits_of(*state, job, SECOND), 0);
    assert_int_equal(hits_of(*state, job, EVENT("06", "22") EVENT("07", "4444")), 1);
    sift_watch_close(job.watch);
    live_close(live);
}

static void the_same_pattern_of_two_sources_tells_once_until_both_are_gone(void **state)
{
    static const char *const sources[] = {"satu", "dua"};
    struct live *live = open_live(*state, (struct live_options){.by_hand = true});
    struct sift_job job = {.live = live};
    struct indicator pattern = value_of(OBSERVABLE_NONE, "[network-traffic:dst_port = 22]", "");
    for (size_t i = 0; i < 2; i++) {
        ok(live_begin(live, slice_of(sources[i]), S("a")));
        ok(live_add_pattern(live, &pattern));
        ok(live_publish(live, i + 1));
        ok(i == 0 ? live_merge(live) : OK);
    }
    ok(sift_watch_open(NULL, NULL, &job.watch));
    assert_int_equal(hits_of(*state, job, FIRST), 1);
    for (size_t i = 0; i < 2; i++) {
        ok(live_begin(live, slice_of(sources[i]), S("a")));
        ok(live_publish(live, i + 3));
        assert_int_equal(hits_of(*state, job, FIRST), i == 0);
    }
    sift_watch_close(job.watch);
    live_close(live);
}

/* ---- A stream that waits ---- */

struct stream {
    struct live *live;
    char input[80];
    int output[2];
    struct sift_totals totals;
};

static void *stream_main(void *context)
{
    struct stream *stream = context;
    struct arena *arena = arena_open("stream", ARENA_WORK, 64u << 20);
    struct sift_job job = {.live = stream->live, .threads = 2, .output = stream->output[1], .malformed = tell_nothing};
    ok(sift_run(&job, stream->input, arena, &stream->totals));
    close(stream->output[1]);
    arena_close(arena);
    return NULL;
}

static size_t read_row(int fd, char *row, size_t room)
{
    size_t len = 0;
    while (len < room && (len == 0 || row[len - 1] != '\n')) {
        ssize_t n = read(fd, row + len, room - len);
        assert_true(n > 0);
        len += (size_t)n;
    }
    return len;
}

#define MET "{\"timestamp\":\"2026-06-01T10:00:00.000000+0000\",\"event_type\":\"dns\",\"src_ip\":\"%s\"}\n"

static void a_stream_that_waits_meets_what_is_published_meanwhile(void **state)
{
    struct stream stream = {.live = open_live(*state, (struct live_options){.path = path, .anew = true})};
    pthread_t thread;
    char row[4096];
    unsigned quick = 0;
    snprintf(stream.input, sizeof stream.input, "%s/pipa", folder);
    assert_int_equal(mkfifo(stream.input, 0600), 0);
    assert_int_equal(pipe(stream.output), 0);
    assert_int_equal(pthread_create(&thread, NULL, stream_main, &stream), 0);
    int fd = open(stream.input, O_WRONLY);
    assert_true(fd >= 0);
    assert_true(dprintf(fd, MET, "192.0.2.200") > 0); /* both workers have looked at the first generation */
    for (unsigned i = 1; i <= 20; i++) {
        char value[32];
        snprintf(value, sizeof value, "198.51.100.%u", i);
        usleep(i % 4 * 1000);
        int64_t begin_us = clock_steady_us();
        put_value(stream.live, "bergerak", OBSERVABLE_IPV4, value, value);
        ok(live_publish(stream.live, i));
        assert_true(dprintf(fd, MET MET, "198.51.100.200", value) > 0);
        size_t len = read_row(stream.output[0], row, sizeof row - 1);
        int64_t took_us = clock_steady_us() - begin_us;
        row[len] = '\0';
        assert_non_null(strstr(row, value));
        assert_true(took_us < 5000000);
        quick += took_us < 100000; /* an object that was accepted is matched within 100 ms; the machine may be busy */
    }
    close(fd);
    pthread_join(thread, NULL);
    close(stream.output[0]);
    assert_int_equal(stream.totals.hits, 20);
    assert_true(quick >= 15);
    live_close(stream.live);
    unlink(stream.input);
    unlink(path);
}

/* ---- Workers while it changes ---- */

#define STRESS_EVENTS 20000
#define STRESS_RUNS 3

struct churn {
    struct live *live;
    _Atomic bool stop;
    uint64_t published;
};

/* One object has the value that all events hold, in version after version; others come and go. */
static void *churn_main(void *context)
{
    struct churn *churn = context;
    for (uint64_t i = 1; !atomic_load(&churn->stop); i++) {
        char id[32], value[32];
        put_value(churn->live, "tetap", OBSERVABLE_IPV4, "192.0.2.1", i % 2 == 0 ? "genap" : "ganjil");
        put_text_pattern(churn->live, "pola",
                i % 2 == 0 ? "[ipv4-addr:value = '192.0.2.1' AND ipv4-addr:value != 'x']"
                           : "[ipv4-addr:value LIKE '192.0.2._']");
        for (size_t j = 0; j < 20; j++) {
            snprintf(id, sizeof id, "lain-%zu", (size_t)(i * 7 + j) % 50);
            snprintf(value, sizeof value, "203.0.113.%zu", (size_t)(i + j) % 250);
            put_value(churn->live, id, OBSERVABLE_IPV4, value, "");
        }
        ok(live_publish(churn->live, i));
        churn->published = i;
    }
    return NULL;
}

static struct buf stress_events(void)
{
    struct buf events = buf_make(64u << 20);
    for (size_t i = 0; i < STRESS_EVENTS; i++)
        buf_printf(&events, MET, "192.0.2.1");
    return events;
}

/* Whatever generation a block met, it was whole: each event meets the object once, never twice and never not. */
static void every_block_is_matched_against_one_whole_generation(void **state)
{
    struct live_options options = {.path = path, .anew = true, .merge_us = 2000};
    struct churn churn = {.live = open_live(*state, options)};
    struct buf events = stress_events();
    pthread_t thread;
    put_value(churn.live, "tetap", OBSERVABLE_IPV4, "192.0.2.1", "mula");
    put_text_pattern(churn.live, "pola", "[ipv4-addr:value LIKE '192.0.2.%']");
    ok(live_publish(churn.live, 0));
    struct sift_job job = {.live = churn.live, .threads = 2};
    ok(sift_watch_open(NULL, NULL, &job.watch));
    assert_int_equal(pthread_create(&thread, NULL, churn_main, &churn), 0);
    for (size_t i = 0; i < STRESS_RUNS; i++) {
        job.plain = i == STRESS_RUNS - 1;
        struct outcome outcome = run_text(*state, job, buf_slice(&events));
        assert_int_equal(outcome.totals.events, STRESS_EVENTS);
        assert_int_equal(outcome.totals.hits, 2 * STRESS_EVENTS);
        buf_free(&outcome.rows);
    }
    atomic_store(&churn.stop, true);
    pthread_join(thread, NULL);
    struct live_counts counts = live_counts(churn.live);
    assert_true(counts.merges > 2 && churn.published > 10);
    assert_int_equal(counts.merges_failed, 0);
    assert_int_equal(counts.position, churn.published);
    sift_watch_close(job.watch);
    live_close(churn.live);
    buf_free(&events);
    unlink(path);
}

/* ---- Merging by itself, and what can go wrong ---- */

static void wait_for_merges(struct live *live, uint64_t merges)
{
    for (unsigned tries = 0; live_counts(live).merges < merges; tries++) {
        assert_true(tries < 5000);
        usleep(1000);
    }
}

static void an_old_overlay_is_merged_and_a_young_one_is_not(void **state)
{
    struct live_options options = {.path = path, .anew = true, .merge_us = 30000};
    struct live *live = open_live(*state, options);
    put_value(live, "a", OBSERVABLE_IPV4, "192.0.2.1", "");
    ok(live_publish(live, 7));
    assert_int_equal(live_counts(live).overlay, 1);
    wait_for_merges(live, 1);
    struct live_counts counts = live_counts(live);
    assert_int_equal(counts.base, 1);
    assert_int_equal(counts.overlay, 0);
    assert_int_equal(counts.base_position, 7);
    live_close(live);
    live = open_live(*state, (struct live_options){.path = path});
    assert_int_equal(live_counts(live).position, 7);
    put_value(live, "b", OBSERVABLE_IPV4, "192.0.2.2", "");
    ok(live_publish(live, 8));
    usleep(60000);
    assert_int_equal(live_counts(live).merges, 0);
    live_close(live);
    unlink(path);
}

static void a_large_overlay_is_merged_at_once(void **state)
{
    struct live *live = open_live(*state, (struct live_options){.path = path, .anew = true});
    for (unsigned i = 0; i < LIVE_SHARE_LEAST; i++) {
        char id[32], value[32];
        snprintf(id, sizeof id, "a%u", i);
        snprintf(value, sizeof value, "10.9.%u.%u", i / 250, i % 250);
        put_value(live, id, OBSERVABLE_IPV4, value, "");
    }
    ok(live_publish(live, 1));
    wait_for_merges(live, 1);
    assert_int_equal(live_counts(live).base, LIVE_SHARE_LEAST);
    live_close(live);
    unlink(path);
}

static void a_merge_that_fails_loses_nothing(void **state)
{
    struct live *live = open_live(*state, (struct live_options){.path = path, .by_hand = true, .anew = true});
    struct sift_job job = {.live = live};
    put_value(live, "a", OBSERVABLE_IPV4, "192.0.2.1", "");
    ok(live_publish(live, 1));
    assert_int_equal(mkdir(path, 0700), 0); /* in the way */
    assert_int_equal(live_merge(live).kind, ERR_CONFLICT);
    struct live_counts counts = live_counts(live);
    assert_int_equal(counts.merges_failed, 1);
    assert_non_null(strstr(counts.why, "not a regular file"));
    assert_int_equal(counts.base_position, 0);
    assert_int_equal(hits_of(*state, job, FIRST), 1);
    ok(live_begin(live, S("sumber"), S("a")));
    put_value(live, "b", OBSERVABLE_CIDR, "192.0.2.0/24", "");
    ok(live_publish(live, 2)); /* on top of what could not be merged */
    assert_int_equal(live_counts(live).replaced, 3);
    assert_int_equal(hits_of(*state, job, FIRST), 1);
    assert_int_equal(rmdir(path), 0);
    ok(live_merge(live)); /* what was set aside, */
    assert_int_equal(live_counts(live).base_position, 1);
    assert_int_equal(hits_of(*state, job, FIRST), 1);
    ok(live_merge(live)); /* and what came since */
    counts = live_counts(live);
    assert_int_equal(counts.base_position, 2);
    assert_int_equal(counts.base, 1);
    assert_string_equal(counts.why, "");
    assert_int_equal(hits_of(*state, job, FIRST), 1);
    live_close(live);
    unlink(path);
}

static void a_file_that_cannot_serve_is_refused(void **state)
{
    struct live *live = NULL;
    struct live_options options = {.path = path, .by_hand = true};
    assert_int_equal(live_open(&options, *state, &live).kind, ERR_MISSING);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(fd, "kentongan index\n", 16), 16);
    close(fd);
    assert_int_equal(live_open(&options, *state, &live).kind, ERR_INPUT);
    options.anew = true;
    ok(live_open(&options, *state, &live));
    assert_int_equal(live_counts(live).position, 0);
    put_value(live, "a", OBSERVABLE_IPV4, "192.0.2.1", "");
    ok(live_publish(live, 3));
    ok(live_merge(live));
    live_close(live);
    options.anew = false;
    ok(live_open(&options, *state, &live));
    assert_int_equal(live_counts(live).base, 1);
    live_close(live);
    unlink(path);
}

static void what_cannot_be_is_refused_and_the_rest_stays(void **state)
{
    struct live *live = open_live(*state, (struct live_options){.by_hand = true});
    struct indicator bad = value_of(OBSERVABLE_IPV4, "bukan alamat", ""), pattern = value_of(0, "[a:b = ", "");
    char *text = arena_take(*state, 70000);
    memset(text, 'x', 70000);
    assert_int_equal(live_begin(live, S("sumber"), S("")).kind, ERR_INPUT);
    assert_int_equal(live_begin(live, S("sumber"), (slice){text, 70000}).kind, ERR_INPUT);
    put_value(live, "a", OBSERVABLE_IPV4, "192.0.2.1", "");
    assert_int_equal(live_add(live, &bad).kind, ERR_INPUT);
    assert_int_equal(live_add_pattern(live, &pattern).kind, ERR_INPUT);
    struct indicator long_label = value_of(OBSERVABLE_IPV4, "192.0.2.2", "");
    long_label.label = (slice){text, 70000};
    assert_int_equal(live_add(live, &long_label).kind, ERR_INPUT);
    ok(live_publish(live, 1));
    assert_int_equal(live_counts(live).overlay, 1);
    assert_int_equal(hits_of(*state, (struct sift_job){.live = live}, FIRST), 1);
    live_close(live);
}

/* A pattern of so many texts: [a OR b OR ...]. */
static slice wide_pattern(struct arena *arena, unsigned number, size_t texts)
{
    struct buf text = buf_make(64u << 20);
    buf_byte(&text, '[');
    for (size_t i = 0; i < texts; i++)
        buf_printf(&text, "%sdomain-name:value LIKE '%%p%ut%zu%%'", i > 0 ? " OR " : "", number, i);
    buf_byte(&text, ']');
    slice copy = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return copy;
}

/* Whoever sends patterns without end must not keep the rest from being looked for. */
static void patterns_beyond_what_one_search_holds_are_refused(void **state)
{
    static const size_t texts[] = {5000, 5000, LIVE_TEXTS_MAX - 10000, 1};
    struct live *live = open_live(*state, (struct live_options){.by_hand = true});
    for (unsigned i = 0; i < COUNT_OF(texts); i++) {
        char id[16];
        struct indicator pattern = no_time;
        pattern.value = wide_pattern(*state, i, texts[i]);
        snprintf(id, sizeof id, "a%u", i);
        ok(live_begin(live, S("sumber"), slice_of(id)));
        assert_int_equal(live_add_pattern(live, &pattern).kind, i < 3 ? ERR_NONE : ERR_INPUT);
        if (i == 0) {
            ok(live_publish(live, 1)); /* one of the base, one of the overlay, one that is staged */
            ok(live_merge(live));
        } else if (i == 1) {
            ok(live_publish(live, 2));
        }
    }
    ok(live_begin(live, S("sumber"), S("a2"))); /* so that the test need not search for it */
    put_value(live, "b", OBSERVABLE_IPV4, "192.0.2.1", "");
    ok(live_publish(live, 3));
    assert_int_equal(hits_of(*state, (struct sift_job){.live = live}, FIRST), 1);
    live_close(live);
}

static void generations_live_as_long_as_they_are_held(void **state)
{
    static const struct generation *held[LIVE_GENERATIONS_MAX];
    struct live *live = open_live(*state, (struct live_options){.by_hand = true});
    for (uint64_t i = 0; i < LIVE_GENERATIONS_MAX; i++) {
        held[i] = live_take(live);
        put_value(live, "a", OBSERVABLE_IPV4, "192.0.2.1", "");
        assert_int_equal(live_publish(live, i + 1).kind, i + 1 < LIVE_GENERATIONS_MAX ? ERR_NONE : ERR_LIMIT);
    }
    assert_int_equal(live_counts(live).position, LIVE_GENERATIONS_MAX - 1);
    for (size_t i = 0; i < LIVE_GENERATIONS_MAX; i++) {
        assert_true(i == 0 || held[i] != held[i - 1]);
        live_leave(live, held[i]);
    }
    ok(live_publish(live, LIVE_GENERATIONS_MAX)); /* what could not be published before */
    assert_int_equal(live_counts(live).position, LIVE_GENERATIONS_MAX);
    assert_int_equal(hits_of(*state, (struct sift_job){.live = live}, FIRST), 1);
    live_close(live);
}

static int begin(void **state)
{
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/base", folder);
    return arena_setup(state);
}

static int end(void **state)
{
    rmdir(folder);
    return arena_teardown(state);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(any_changes_give_the_rows_of_an_index_built_anew),
            cmocka_unit_test(a_window_stays_as_long_as_its_pattern),
            cmocka_unit_test(a_window_goes_with_its_pattern_and_is_counted),
            cmocka_unit_test(the_same_pattern_of_two_sources_tells_once_until_both_are_gone),
            cmocka_unit_test(a_stream_that_waits_meets_what_is_published_meanwhile),
            cmocka_unit_test(every_block_is_matched_against_one_whole_generation),
            cmocka_unit_test(an_old_overlay_is_merged_and_a_young_one_is_not),
            cmocka_unit_test(a_large_overlay_is_merged_at_once),
            cmocka_unit_test(a_merge_that_fails_loses_nothing),
            cmocka_unit_test(a_file_that_cannot_serve_is_refused),
            cmocka_unit_test(what_cannot_be_is_refused_and_the_rest_stays),
            cmocka_unit_test(patterns_beyond_what_one_search_holds_are_refused),
            cmocka_unit_test(generations_live_as_long_as_they_are_held),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
