/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/follow.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "detect/tell.h"
#include "match/build.h"
#include "store/journal.h"
#include "store/judgement.h"
#include "store/retain.h"

#include "detect/test_detect.h"

static struct follow_options options_of(struct test_store *store)
{
    return (struct follow_options){
            .db = {.where = store->base->where},
            .path = arena_printf(store->arena, "%s/index/base", store->base->folder),
            .by_hand = true,
    };
}

/*
 * Beside the index of the node, one that is told of it elsewhere: whatever the one meets, the other does. What it is
 * told comes in pieces of any size.
 */
static struct mirror {
    struct live *live;
    struct tell tell;
    struct told told;
    unsigned pieces;
} mirror;

static int mirror_open(void **state)
{
    if (set_up(state) != 0 || test_store.base->where == NULL)
        return test_store.base == NULL;
    test_ok(live_open(&(struct live_options){.anew = true, .by_hand = true}, test_store.arena, &mirror.live));
    test_ok(tell_open(&mirror.tell, test_store.db, AUDIENCE_OWN, 0));
    told_open(&mirror.told, mirror.live);
    return 0;
}

static int mirror_close(void **state)
{
    if (mirror.live != NULL) {
        told_close(&mirror.told);
        tell_close(&mirror.tell);
        live_close(mirror.live);
    }
    mirror = (struct mirror){0};
    return tear_down(state);
}

static void mirror_told(struct test_store *store)
{
    slice left = buf_slice(&mirror.tell.events);
    while (left.len > 0) {
        size_t piece = 1 + mirror.pieces++ % 700;
        piece = piece < left.len ? piece : left.len;
        test_ok(told_bytes(&mirror.told, slice_part(left, 0, piece), store->arena));
        left = slice_from(left, piece);
    }
    buf_reset(&mirror.tell.events);
}

/* What cannot be told is in the index, which is taken as it is. */
static void mirror_follow(struct test_store *store, struct follow *follow)
{
    for (size_t rows = NEWS_PAGE_ROWS; rows == NEWS_PAGE_ROWS;) {
        struct err err = tell_page(&mirror.tell, &rows);
        if (err.kind == ERR_LIMIT) {
            test_ok(live_merge(follow_live(follow)));
            test_ok(live_adopt(mirror.live, options_of(store).path, store->arena));
            test_ok(store_journal_last(store->db, &mirror.tell.news.position));
            assert_int_equal(live_counts(mirror.live).position, mirror.tell.news.position);
            continue;
        }
        test_ok(err);
        mirror_told(store);
    }
}

static const char *met(struct test_store *store, struct follow *follow)
{
    const char *here = met_by(store, follow_live(follow));
    int64_t last;
    test_ok(store_journal_last(store->db, &last));
    if (live_counts(follow_live(follow)).position == (uint64_t)last) {
        mirror_follow(store, follow);
        assert_string_equal(met_by(store, mirror.live), here);
    }
    return here;
}

static struct follow *open_follow(struct test_store *store)
{
    struct follow *follow;
    struct follow_options options = options_of(store);
    test_ok(follow_open(&options, store->arena, &follow));
    return follow;
}

static void undo(struct test_store *store, int64_t import)
{
    test_ok(test_work(store, test_import_undo_action, &import));
}

/* ---- What changes ---- */

static void what_is_imported_replaced_revoked_and_undone_is_followed(void **state)
{
    struct test_store *store = ready(state);
    struct follow *follow = open_follow(store);
    assert_string_equal(met(store, follow), "");
    const struct object_put first[] = {
            indicator(store, ID "1", FIRST, ADDRESS("1")), indicator(store, ID "2", FIRST, EVALUATED("80"))};
    test_import(store, "peer", first, 2);
    assert_string_equal(met(store, follow), "");
    test_ok(follow_once(follow));
    assert_string_equal(met(store, follow), "12");
    const struct object_put second = indicator(store, ID "1", SECOND, ADDRESS("3"));
    struct test_import newer = test_import(store, "peer", &second, 1);
    test_ok(follow_once(follow));
    assert_string_equal(met(store, follow), "23");
    const struct object_put third = indicator(store, ID "2", THIRD, NULL);
    test_import(store, "peer", &third, 1);
    test_ok(follow_once(follow));
    assert_string_equal(met(store, follow), "3");
    undo(store, newer.number); /* the first version counts again */
    test_ok(follow_once(follow));
    assert_string_equal(met(store, follow), "1");
    assert_int_equal(follow_counts(follow).rebuilds, 1);
    follow_close(follow);
}

static void an_older_version_changes_nothing_and_a_source_stands_for_itself(void **state)
{
    struct test_store *store = ready(state);
    struct follow *follow = open_follow(store);
    const struct object_put new = indicator(store, ID "1", SECOND, ADDRESS("2")),
                            old = indicator(store, ID "1", FIRST, ADDRESS("1")),
                            other = indicator(store, ID "1", FIRST, ADDRESS("3"));
    test_import(store, "peer", &new, 1);
    test_import(store, "peer", &old, 1);
    struct test_import import = test_import(store, "other", &other, 1);
    test_ok(follow_once(follow));
    assert_string_equal(met(store, follow), "23");
    undo(store, import.number);
    test_ok(follow_once(follow));
    assert_string_equal(met(store, follow), "2");
    follow_close(follow);
}

/* Pages end by their bytes, too: a short one is not the last. */
static void an_import_of_large_objects_is_followed_to_its_end(void **state)
{
    struct test_store *store = ready(state);
    struct follow *follow = open_follow(store);
    size_t len = (OBJECT_PAGE_BYTES / 2) + 1000;
    char *name = arena_take(store->arena, len + 1);
    struct object_put puts[3];
    memset(name, 'a', len);
    for (int i = 0; i < 3; i++) {
        const char *id = arena_printf(store->arena, ID "%d", i + 1);
        puts[i] = test_object(id, FIRST,
                arena_printf(store->arena,
                        "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"%s\",\"created\":\"%sZ\","
                        "\"modified\":\"%sZ\",\"pattern_type\":\"stix\",\"valid_from\":\"%sZ\",\"description\":\"%s\","
                        "\"pattern\":\"[ipv4-addr:value = '192.0.2.%d']\"}",
                        id, FIRST, FIRST, FIRST, name, i + 1));
    }
    test_import(store, "peer", puts, 3);
    test_ok(follow_once(follow));
    assert_string_equal(met(store, follow), "123");
    follow_close(follow);
}

static void an_import_that_fails_is_never_looked_for(void **state)
{
    struct test_store *store = ready(state);
    struct follow *follow = open_follow(store);
    const struct object_put put = indicator(store, ID "1", FIRST, ADDRESS("1"));
    struct test_import import = test_import_begin(store, "peer");
    test_import_put(store, &import, &put, 1);
    test_ok(follow_once(follow));
    assert_string_equal(met(store, follow), "");
    test_ok(test_work(store, test_import_fail_action, &import.number));
    test_ok(follow_once(follow));
    assert_string_equal(met(store, follow), "");
    follow_close(follow);
}

static void what_cannot_be_looked_for_is_counted(void **state)
{
    struct test_store *store = ready(state);
    struct follow *follow = open_follow(store);
    const struct object_put puts[] = {indicator(store, ID "1", FIRST, "[ipv4-addr:value = "),
            indicator(store, ID "2", FIRST, ADDRESS("1")),
            test_object("malware--6b616c61-0000-4000-8000-000000000001", FIRST, "{\"type\":\"malware\"}")};
    test_import(store, "peer", puts, 3);
    test_ok(follow_once(follow));
    assert_string_equal(met(store, follow), "1");
    assert_int_equal(follow_counts(follow).unused, 1);
    assert_int_equal(follow_counts(follow).objects, 2);
    follow_close(follow);
}

/* ---- What we hold of it ---- */

/* A judgement as the verbs make them, with their row of the journal. */
struct judging {
    int64_t source, number, at_us;
    enum object_judged kind;
};

static struct err judge(struct work *work, void *context)
{
    struct judging *judging = context;
    TRY(store_judgement_add(
            work, judging->source, S(ID "1"), judging->kind, judging->at_us, S("our own scan"), &judging->number));
    return store_work_news(work, "intel.judged", S(ID "1"), S(""));
}

static struct err unjudge(struct work *work, void *context)
{
    TRY(store_judgement_undo(work, ((struct judging *)context)->number, S("it was none")));
    return store_work_news(work, "intel.unjudged", S(ID "1"), S(""));
}

static void what_is_judged_is_not_looked_for_until_that_is_undone(void **state)
{
    struct test_store *store = ready(state);
    struct follow *follow = open_follow(store);
    const struct object_put put = indicator(store, ID "1", FIRST, ADDRESS("1"));
    const struct test_import import = test_import(store, "peer", &put, 1);
    const struct object_put other = indicator(store, ID "1", FIRST, ADDRESS("2"));
    test_import(store, "other", &other, 1);
    int64_t before_us = 0, behind_us = 0; /* the event, which is of noon */
    assert_true(time_parse(S("2026-11-20T11:59:59Z"), &before_us));
    assert_true(time_parse(S("2026-11-20T12:00:01Z"), &behind_us));
    struct judging rows[] = {
            {.kind = OBJECT_FALSE_POSITIVE, .at_us = TIME_NONE},
            {.kind = OBJECT_WITHDRAWN, .at_us = TIME_NONE},
            {.kind = OBJECT_EXPIRED, .at_us = before_us},
            {.kind = OBJECT_EXPIRED, .at_us = behind_us},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        rows[i].source = import.source_number;
        test_ok(test_work(store, judge, &rows[i]));
        test_ok(follow_once(follow));
        assert_string_equal(met(store, follow), rows[i].at_us == behind_us ? "12" : "2"); /* the other source stays */
        follow_close(follow);
        unlink(options_of(store).path);
        follow = open_follow(store); /* made anew, it says the same */
        assert_string_equal(met(store, follow), rows[i].at_us == behind_us ? "12" : "2");
        test_ok(test_work(store, unjudge, &rows[i]));
        test_ok(follow_once(follow));
        assert_string_equal(met(store, follow), "12");
    }
    follow_close(follow);
}

/* ---- Starting ---- */

static void an_index_opens_where_its_file_is_and_reads_on(void **state)
{
    struct test_store *store = ready(state);
    const struct object_put puts[] = {
            indicator(store, ID "1", FIRST, ADDRESS("1")), indicator(store, ID "2", FIRST, EVALUATED("80"))};
    struct follow *follow = open_follow(store);
    test_import(store, "peer", puts, 1);
    test_ok(follow_once(follow));
    test_ok(live_merge(follow_live(follow)));
    int64_t last;
    test_ok(store_journal_last(store->db, &last));
    assert_int_equal(live_counts(follow_live(follow)).base_position, last);
    follow_close(follow);
    test_import(store, "peer", puts + 1, 1);
    follow = open_follow(store);
    assert_int_equal(follow_counts(follow).rebuilds, 0);
    assert_int_equal(live_counts(follow_live(follow)).base, 1);
    assert_string_equal(met(store, follow), "12");
    follow_close(follow);
}

static void spoil(const char *path, off_t length)
{
    assert_int_equal(truncate(path, length), 0);
}

static void a_file_that_cannot_serve_is_made_anew(void **state)
{
    struct test_store *store = ready(state);
    struct follow_options options = options_of(store);
    const struct object_put puts[] = {indicator(store, ID "1", FIRST, ADDRESS("1")),
            indicator(store, ID "2", FIRST, EVALUATED("80")), indicator(store, ID "1", SECOND, ADDRESS("3"))};
    for (size_t i = 0; i < 3; i++)
        test_import(store, "peer", puts + i, 1);
    struct follow *follow = open_follow(store);
    assert_int_equal(follow_counts(follow).rebuilds, 1);
    assert_string_equal(met(store, follow), "23");
    follow_close(follow);
    for (off_t length = 0; length < 8192; length += 5000) {
        spoil(options.path, length);
        follow = open_follow(store);
        assert_int_equal(follow_counts(follow).rebuilds, 1);
        assert_string_equal(met(store, follow), "23");
        follow_close(follow);
    }
    unlink(options.path);
    follow = open_follow(store);
    assert_int_equal(follow_counts(follow).rebuilds, 1);
    assert_string_equal(met(store, follow), "23");
    follow_close(follow);
    follow = open_follow(store);
    assert_int_equal(follow_counts(follow).rebuilds, 0);
    follow_close(follow);
}

static void a_file_ahead_of_the_journal_is_of_another_store(void **state)
{
    struct test_store *store = ready(state);
    struct follow_options options = options_of(store);
    struct match_builder *builder = match_builder_open(hash_key_random());
    const struct indicator stranger = {.type = OBSERVABLE_IPV4, .value = {"192.0.2.2", 9}, .id = {"x", 1}};
    const struct object_put put = indicator(store, ID "1", FIRST, ADDRESS("1"));
    test_ok(match_build_add(builder, &stranger));
    match_build_position(builder, 1000000);
    assert_int_equal(mkdir(arena_printf(store->arena, "%s/index", store->base->folder), 0700), 0);
    test_ok(match_build_write(builder, options.path, store->arena));
    match_builder_close(builder);
    test_import(store, "peer", &put, 1);
    struct follow *follow = open_follow(store);
    assert_int_equal(follow_counts(follow).rebuilds, 1);
    assert_string_equal(met(store, follow), "1");
    follow_close(follow);
}

static struct err retain(struct work *work, void *context)
{
    (void)context;
    struct retained retained;
    const struct retain_limits limits = {.undone_us = 1, .step = 1};
    return store_retain(work, &limits, &retained);
}

/* The file still holds what nobody can name any more. */
static void what_retention_removed_before_it_was_read_is_not_looked_for(void **state)
{
    struct test_store *store = ready(state);
    const struct object_put puts[] = {indicator(store, ID "1", FIRST, ADDRESS("1")),
            indicator(store, ID "2", FIRST, ADDRESS("2")), indicator(store, ID "3", FIRST, ADDRESS("3"))};
    const struct test_import import = test_import(store, "peer", puts, 2);
    test_import(store, "peer", puts + 2, 1);
    struct follow *follow = open_follow(store);
    assert_string_equal(met(store, follow), "123");
    follow_close(follow);
    undo(store, import.number);
    usleep(2000); /* one of the two is removed: retention goes in steps */
    test_ok(test_work(store, retain, NULL));
    follow = open_follow(store);
    assert_string_equal(met(store, follow), "3");
    assert_int_equal(follow_counts(follow).rebuilds, 1);
    follow_close(follow);
}

/* ---- By itself ---- */

static void what_is_accepted_is_looked_for_within_a_tenth_of_a_second(void **state)
{
    struct test_store *store = ready(state);
    struct follow *follow;
    struct follow_options options = options_of(store);
    unsigned quick = 0;
    options.by_hand = false;
    test_ok(follow_open(&options, store->arena, &follow));
    for (unsigned i = 1; i <= 5; i++) {
        const char *id = arena_printf(store->arena, ID "%u", i);
        const struct object_put put = indicator(store, id, FIRST, ADDRESS("1"));
        usleep(i * 7000);
        test_import(store, "peer", &put, 1);
        int64_t accepted_us = clock_steady_us(), last;
        test_ok(store_journal_last(store->db, &last));
        while (live_counts(follow_live(follow)).position < (uint64_t)last) {
            assert_true(clock_steady_us() < accepted_us + 5000000);
            usleep(1000);
        }
        quick += clock_steady_us() < accepted_us + 100000; /* the machine may be busy */
        assert_int_equal(strlen(met(store, follow)), i);
    }
    assert_int_equal(follow_counts(follow).failures, 0);
    assert_true(quick >= 3);
    follow_close(follow);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(what_is_imported_replaced_revoked_and_undone_is_followed, mirror_open, mirror_close),
            TEST_ON_BOTH(an_older_version_changes_nothing_and_a_source_stands_for_itself, mirror_open, mirror_close),
            TEST_ON_BOTH(an_import_of_large_objects_is_followed_to_its_end, mirror_open, mirror_close),
            TEST_ON_BOTH(an_import_that_fails_is_never_looked_for, mirror_open, mirror_close),
            TEST_ON_BOTH(what_cannot_be_looked_for_is_counted, mirror_open, mirror_close),
            TEST_ON_BOTH(what_is_judged_is_not_looked_for_until_that_is_undone, mirror_open, mirror_close),
            TEST_ON_BOTH(an_index_opens_where_its_file_is_and_reads_on, mirror_open, mirror_close),
            TEST_ON_BOTH(a_file_that_cannot_serve_is_made_anew, mirror_open, mirror_close),
            TEST_ON_BOTH(a_file_ahead_of_the_journal_is_of_another_store, mirror_open, mirror_close),
            TEST_ON_BOTH(what_retention_removed_before_it_was_read_is_not_looked_for, mirror_open, mirror_close),
            TEST_ON_BOTH(what_is_accepted_is_looked_for_within_a_tenth_of_a_second, mirror_open, mirror_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
