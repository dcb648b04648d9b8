/* SPDX-License-Identifier: Apache-2.0 */
#include "memory/test_memory.h"

#include <fcntl.h>

#include "memory/parts.h"

static struct memory_run *run_of_notes(void)
{
    struct memory_file *files;
    assert_int_equal(test_write(&files), 1);
    struct memory_run *run = test_run(&files[0]);
    test_fine(memory_run_check(run, test.arena));
    return run;
}

static void what_was_noted_is_found_with_first_last_and_count(void **state)
{
    (void)state;
    test_note(3, OBSERVABLE_IPV4, "203.0.113.77", 500);
    test_note(3, OBSERVABLE_IPV4, "203.0.113.77", 20);
    test_note(3, OBSERVABLE_IPV4, "203.0.113.77", 86399);
    test_note(4, OBSERVABLE_IPV4, "203.0.113.77", 7);
    struct memory_run *run = run_of_notes();
    struct test_found found = test_find(run, OBSERVABLE_IPV4, "203.0.113.77");
    assert_true(found.entries == 2 && found.count == 4 && found.organisations == 7);
    assert_true(found.first_s == 7 && found.last_s == 86399);
    assert_int_equal(test_find(run, OBSERVABLE_IPV4, "203.0.113.78").entries, 0);
    assert_int_equal(test_entries_of(run, 3), 1);
    assert_int_equal(test_entries_of(run, 5), 0);
    memory_run_close(run);
}

static void each_kind_of_value_is_found_by_each_that_lies_above_it(void **state)
{
    (void)state;
    static const struct {
        enum observable_type seen;
        const char *value;
        enum observable_type asked;
        const char *for_value;
        unsigned flags;
        bool found;
    } rows[] = {
            {OBSERVABLE_IPV4, "192.0.2.130", OBSERVABLE_CIDR, "192.0.2.128/25", 0, true},
            {OBSERVABLE_IPV4, "192.0.2.130", OBSERVABLE_CIDR, "192.0.2.0/25", 0, false},
            {OBSERVABLE_IPV4, "192.0.2.130", OBSERVABLE_CIDR, "0.0.0.0/0", 0, true},
            {OBSERVABLE_IPV4, "192.0.2.130", OBSERVABLE_CIDR, "::/0", 0, false},
            {OBSERVABLE_IPV6, "2001:db8::1", OBSERVABLE_IPV6, "2001:0DB8:0::1", 0, true},
            {OBSERVABLE_IPV6, "2001:db8::1", OBSERVABLE_IPV6, "2001:db8::2", 0, false},
            {OBSERVABLE_IPV6, "2001:db8::ffff:1", OBSERVABLE_CIDR, "2001:db8::/96", 0, true},
            {OBSERVABLE_IPV6, "2001:db8:1::1", OBSERVABLE_CIDR, "2001:db8::/64", 0, false},
            {OBSERVABLE_IPV6, "2001:db8:1::1", OBSERVABLE_CIDR, "2001:db8::/32", 0, true},
            {OBSERVABLE_IPV6, "::ffff:192.0.2.1", OBSERVABLE_IPV4, "192.0.2.1", 0, true},
            {OBSERVABLE_HOST, "192.0.2.1", OBSERVABLE_IPV4, "192.0.2.1", 0, true},
            {OBSERVABLE_HOST, "a.b.Mawar.Example", OBSERVABLE_DOMAIN, "mawar.example", 0, true},
            {OBSERVABLE_HOST, "a.b.mawar.example", OBSERVABLE_DOMAIN, "b.mawar.example.", 0, true},
            {OBSERVABLE_HOST, "mawar.example", OBSERVABLE_DOMAIN, "mawar.example", 0, true},
            {OBSERVABLE_HOST, "a.b.mawar.example", OBSERVABLE_HOST, "mawar.example", 0, false},
            {OBSERVABLE_HOST, "a.b.mawar.example", OBSERVABLE_HOST, "a.b.mawar.example", 0, true},
            {OBSERVABLE_HOST, "mawar.example", OBSERVABLE_DOMAIN, "a.mawar.example", 0, false},
            {OBSERVABLE_HOST, "bukanmawar.example", OBSERVABLE_DOMAIN, "mawar.example", 0, false},
            {OBSERVABLE_HOST, "mawar.example", OBSERVABLE_DOMAIN, "example", 0, false},
            {OBSERVABLE_URL, "http://toko.test/a/b?c", OBSERVABLE_URL, "https://toko.test/a/b?c", 0, true},
            {OBSERVABLE_URL, "http://toko.test/a/b?c", OBSERVABLE_URL, "http://toko.test/a/b", 0, false},
            {OBSERVABLE_URL, "http://toko.test/a/b?c", OBSERVABLE_URL, "http://toko.test/a/b", INDICATOR_BELOW, true},
            {OBSERVABLE_URL, "http://toko.test/a/b?c", OBSERVABLE_URL, "http://toko.test/a/", INDICATOR_BELOW, true},
            {OBSERVABLE_URL, "http://toko.test/a/b?c", OBSERVABLE_URL, "http://toko.test/", INDICATOR_BELOW, true},
            {OBSERVABLE_URL, "http://toko.test/a/b?c", OBSERVABLE_URL, "http://toko.test/a/bc", INDICATOR_BELOW, false},
            {OBSERVABLE_URL, "http://toko.test/a", OBSERVABLE_URL, "http://toko.test/a", INDICATOR_BELOW, true},
            {OBSERVABLE_URL, "http://toko.test:8080/a", OBSERVABLE_URL, "http://toko.test/a", 0, false},
            {OBSERVABLE_MD5, "D41D8CD98F00B204E9800998ECF8427E", OBSERVABLE_MD5, "d41d8cd98f00b204e9800998ecf8427e", 0,
                    true},
            {OBSERVABLE_JA3, "d41d8cd98f00b204e9800998ecf8427e", OBSERVABLE_MD5, "d41d8cd98f00b204e9800998ecf8427e", 0,
                    false},
            {OBSERVABLE_EMAIL, "budi@Melati.Example", OBSERVABLE_EMAIL, "budi@melati.example", 0, true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        test_note(1, rows[i].seen, rows[i].value, 1);
        struct memory_run *run = run_of_notes();
        struct test_found found = test_find_flags(run, rows[i].asked, rows[i].for_value, rows[i].flags);
        if ((found.count == 1) != rows[i].found)
            fail_msg("row %zu, %s and %s: %llu", i, rows[i].value, rows[i].for_value, (unsigned long long)found.count);
        memory_run_close(run);
    }
}

static void a_url_that_is_deep_is_below_its_first_levels(void **state)
{
    (void)state;
    test_note(1, OBSERVABLE_URL, "http://toko.test/1/2/3/4/5/6/7/8/9/a?b", 1);
    struct memory_run *run = run_of_notes();
    assert_int_equal(test_find_flags(run, OBSERVABLE_URL, "http://toko.test/1/2/3/", INDICATOR_BELOW).count, 1);
    assert_int_equal(test_find_flags(run, OBSERVABLE_URL, "http://toko.test/1/2/3/4/5/6/7/", INDICATOR_BELOW).count, 0);
    assert_int_equal(test_find(run, OBSERVABLE_URL, "http://toko.test/1/2/3/4/5/6/7/8/9/a?b").count, 1);
    memory_run_close(run);
}

static void days_are_files_of_their_own(void **state)
{
    (void)state;
    struct memory_file *files;
    for (int64_t day = 0; day < 20; day++)
        test_note(1, OBSERVABLE_IPV4, "192.0.2.1", day * 86400 + day);
    assert_int_equal(test_write(&files), 20);
    for (int32_t day = 0; day < 20; day++) {
        struct memory_run *run = test_run(&files[day]);
        struct test_found found = test_find(run, OBSERVABLE_IPV4, "192.0.2.1");
        assert_true(files[day].day == TEST_DAY + day && found.first_s == day * 86400 + day && found.count == 1);
        memory_run_close(run);
    }
}

static void large_counts_are_exact(void **state)
{
    (void)state;
    struct memory_key key = {MEMORY_HASHED, 12, 0}, other = {MEMORY_IPV6, 1, 2};
    for (unsigned i = 0; i < RUN_COUNT_LARGE + 5; i++)
        memory_note(test.gather, 2, &key, TEST_US);
    for (unsigned i = 0; i < RUN_COUNT_LARGE; i++)
        memory_note(test.gather, 2, &other, TEST_US);
    memory_note(test.gather, 1, &other, TEST_US);
    struct memory_run *run = run_of_notes();
    struct test_found found = {0}, more = {0};
    struct memory_ask ask = {.range = {key, key}}, more_ask = {.range = {other, other}};
    test_fine(test_ask(run, &ask, 1, test_add, &found));
    test_fine(test_ask(run, &more_ask, 1, test_add, &more));
    assert_int_equal(found.count, RUN_COUNT_LARGE + 5);
    assert_int_equal(more.count, RUN_COUNT_LARGE + 1);
    memory_run_close(run);
}

/* ---- The slow twin: every note is looked at ---- */

enum { NOTES = 6000, ASKS = 3000 };

struct twin_note {
    int64_t organisation;
    struct memory_key key;
};

static uint64_t dice = 1;

static uint64_t draw(uint64_t under)
{
    dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (dice >> 33) % under;
}

/* Many of a few, few of many, and IPv6 addresses of which thousands share their first half. */
static struct memory_key draw_key(void)
{
    uint64_t kind = draw(MEMORY_KINDS), wide = draw(2) == 0 ? 40 : 4000;
    return (struct memory_key){(enum memory_kind)kind, kind == MEMORY_IPV6 ? draw(3) : draw(wide) << 3,
            kind == MEMORY_IPV6 ? draw(wide) << 60 | draw(wide) : 0};
}

static void count_found(void *context, uint32_t tag, int32_t day, const struct memory_entry *entry)
{
    (void)day;
    ((uint64_t *)context)[tag] += entry->count * (uint64_t)entry->organisation;
}

static void the_slow_twin_agrees(size_t ask_count)
{
    static struct twin_note notes[NOTES];
    static struct memory_ask asks[ASKS];
    static uint64_t found[ASKS], expected[ASKS];
    for (size_t i = 0; i < NOTES; i++) {
        notes[i] = (struct twin_note){(int64_t)draw(9) + 1, draw_key()};
        memory_note(test.gather, notes[i].organisation, &notes[i].key, TEST_US);
    }
    memset(found, 0, sizeof found);
    memset(expected, 0, sizeof expected);
    struct memory_run *run = run_of_notes();
    for (uint32_t i = 0; i < ask_count; i++) {
        struct memory_key first = draw_key(), last = draw(3) == 0 ? draw_key() : first;
        last.kind = first.kind;
        asks[i] = (struct memory_ask){{first, last}, i};
        for (size_t n = 0; n < NOTES; n++)
            if (memory_key_order(&notes[n].key, &first) >= 0 && memory_key_order(&notes[n].key, &last) <= 0)
                expected[i] += (uint64_t)notes[n].organisation;
    }
    test_fine(test_ask(run, asks, ask_count, count_found, found));
    assert_memory_equal(found, expected, sizeof found);
    memory_run_close(run);
}

static void few_asks_find_what_the_slow_twin_finds(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 20; i++)
        the_slow_twin_agrees(5);
}

static void many_asks_find_what_the_slow_twin_finds(void **state)
{
    (void)state;
    the_slow_twin_agrees(ASKS);
    the_slow_twin_agrees(100);
}

static void several_gatherers_become_one_run(void **state)
{
    (void)state;
    struct memory_gather *gathers[3] = {test.gather, memory_gather_open(), memory_gather_open()};
    struct memory_key key = {MEMORY_IPV4, 77, 0};
    struct memory_file *files;
    size_t count;
    for (int64_t i = 0; i < 3; i++) {
        memory_note(gathers[i], 5, &key, TEST_US + i * SECOND_US);
        memory_note(gathers[i], 6 + i, &key, TEST_US);
    }
    test_fine(memory_gather_write(gathers, 3, test.folder, test.key, NULL, test.arena, &files, &count));
    assert_true(count == 1 && files[0].entries == 4);
    struct memory_run *run = test_run(&files[0]);
    struct test_found found = {0};
    test_fine(test_ask(run, &(struct memory_ask){.range = {key, key}}, 1, test_add, &found));
    assert_true(found.count == 6 && found.last_s == 2);
    memory_run_close(run);
    memory_gather_close(gathers[1]);
    memory_gather_close(gathers[2]);
}

static bool keep_odd(void *context, int64_t organisation, int32_t day)
{
    (void)context;
    return organisation % 2 == 1 && day == TEST_DAY;
}

static void what_is_not_to_be_kept_is_not_written(void **state)
{
    (void)state;
    struct memory_keep keep = {.keep = keep_odd};
    struct memory_file *files;
    size_t count;
    for (int64_t organisation = 1; organisation <= 4; organisation++)
        test_note(organisation, OBSERVABLE_IPV4, "192.0.2.9", 0);
    test_note(1, OBSERVABLE_IPV4, "192.0.2.9", 86400);
    test_fine(memory_gather_write(&test.gather, 1, test.folder, test.key, &keep, test.arena, &files, &count));
    assert_true(count == 1 && files[0].entries == 2 && keep.left == 3);
}

static void nothing_noted_writes_nothing(void **state)
{
    (void)state;
    struct memory_file *files;
    assert_int_equal(test_write(&files), 0);
    assert_int_equal(test_files(), 0);
}

/* ---- Files that are not what they should be ---- */

static void flip(const struct memory_file *file, off_t at)
{
    char byte;
    int fd = open(arena_printf(test.arena, "%s/%s", test.folder, file->name), O_RDWR);
    assert_true(fd >= 0 && pread(fd, &byte, 1, at) == 1);
    byte ^= 4;
    assert_true(pwrite(fd, &byte, 1, at) == 1);
    close(fd);
}

static struct memory_file some_run(void)
{
    struct memory_file *files;
    for (unsigned i = 0; i < 40; i++) {
        struct memory_key key = {(enum memory_kind)(i % 3), i * 77, i % 3 == MEMORY_IPV6 ? i : 0};
        memory_note(test.gather, 1 + i % 4, &key, TEST_US);
    }
    assert_int_equal(test_write(&files), 1);
    return files[0];
}

static void every_flipped_bit_is_found(void **state)
{
    (void)state;
    struct memory_file file = some_run();
    for (off_t at = 0; at < (off_t)file.bytes; at++) {
        struct memory_run *run = NULL;
        flip(&file, at);
        struct err err = memory_run_open(test.folder, &file, test.key, test.arena, &run);
        if (err.kind == ERR_NONE) {
            struct test_found found = {0};
            struct memory_ask all = {.range = {{MEMORY_IPV6, 0, 0}, {MEMORY_IPV6, UINT64_MAX, UINT64_MAX}}};
            (void)test_ask(run, &all, 1, test_add, &found).kind;
            err = memory_run_check(run, test.arena);
            memory_run_close(run);
        }
        assert_int_equal(err.kind, ERR_INPUT);
        flip(&file, at);
    }
}

static void every_other_length_is_refused(void **state)
{
    (void)state;
    struct memory_file file = some_run();
    const char *path = arena_printf(test.arena, "%s/%s", test.folder, file.name);
    struct memory_run *run;
    assert_int_equal(truncate(path, (off_t)file.bytes + 8), 0);
    test_fails(memory_run_open(test.folder, &file, test.key, test.arena, &run), ERR_INPUT, "longer than its header");
    for (off_t length = (off_t)file.bytes - 1; length >= 0; length--) {
        assert_int_equal(truncate(path, length), 0);
        assert_int_equal(memory_run_open(test.folder, &file, test.key, test.arena, &run).kind, ERR_INPUT);
    }
    unlink(path);
    test_fails(memory_run_open(test.folder, &file, test.key, test.arena, &run), ERR_MISSING, file.name);
}

static void another_run_than_the_tables_name_is_refused(void **state)
{
    (void)state;
    struct memory_file file = some_run(), other = file;
    struct memory_run *run;
    other.day++;
    test_fails(memory_run_open(test.folder, &other, test.key, test.arena, &run), ERR_INPUT, "another day");
    other = file;
    other.digest.bytes[3]++;
    test_fails(memory_run_open(test.folder, &other, test.key, test.arena, &run), ERR_INPUT, "is not the run");
    other = file;
    other.entries++;
    test_fails(memory_run_open(test.folder, &other, test.key, test.arena, &run), ERR_INPUT, "is not the run");
    test_fails(memory_run_open(test.folder, &file, hash_key_fixed(8), test.arena, &run), ERR_INPUT, "another key");
    assert_true(memory_run_open(test.folder, &file, test.key, test.arena, &run).kind == ERR_NONE);
    memory_run_close(run);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define TEST(name) cmocka_unit_test_setup_teardown(name, test_open, test_close)
    static const struct CMUnitTest tests[] = {
            TEST(what_was_noted_is_found_with_first_last_and_count),
            TEST(each_kind_of_value_is_found_by_each_that_lies_above_it),
            TEST(a_url_that_is_deep_is_below_its_first_levels),
            TEST(days_are_files_of_their_own),
            TEST(large_counts_are_exact),
            TEST(few_asks_find_what_the_slow_twin_finds),
            TEST(many_asks_find_what_the_slow_twin_finds),
            TEST(several_gatherers_become_one_run),
            TEST(what_is_not_to_be_kept_is_not_written),
            TEST(nothing_noted_writes_nothing),
            TEST(every_flipped_bit_is_found),
            TEST(every_other_length_is_refused),
            TEST(another_run_than_the_tables_name_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
