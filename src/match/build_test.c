/* SPDX-License-Identifier: Apache-2.0 */
#include "match/build.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "match/image.h"

static struct arena *arena;
static char folder[] = "/tmp/kentongan-build-XXXXXX";
static char path[64];

static void add(struct match_builder *builder, enum observable_type type, const char *value, uint32_t line)
{
    struct indicator indicator = {
            .type = type, .value = slice_of(value), .line = line, .from_us = TIME_NONE, .until_us = TIME_NONE};
    assert_int_equal(match_build_add(builder, &indicator).kind, ERR_NONE);
}

static struct match_index *finish(struct match_builder *builder)
{
    struct match_index *index = NULL;
    assert_int_equal(match_build_open(builder, &index).kind, ERR_NONE);
    match_builder_close(builder);
    return index;
}

struct numbers {
    uint32_t number[4096];
    size_t count;
};

static void take(void *context, uint32_t tag, uint32_t number)
{
    struct numbers *numbers = context;
    assert_int_equal(tag, 0);
    assert_true(numbers->count < COUNT_OF(numbers->number));
    numbers->number[numbers->count++] = number;
}

static void note(void *context, uint32_t tag)
{
    assert_int_equal(tag, 0);
    *(bool *)context = true;
}

/* What find says, and the sieve with it. */
static struct numbers ask(const struct match_index *index, enum observable_type type, const char *value)
{
    static struct numbers found;
    struct observable observable = {.type = type, .value = slice_of(value)};
    bool may_meet = false;
    struct match_sieve *sieve = match_sieve_open(index, note, &may_meet);
    found.count = 0;
    match_find(index, &observable, 0, take, &found);
    match_sieve_add(sieve, &observable, 0);
    match_sieve_run(sieve);
    match_sieve_close(sieve);
    assert_true(may_meet || found.count == 0);
    return found;
}

static void an_empty_index_finds_nothing(void **state)
{
    (void)state;
    struct match_index *index = finish(match_builder_open(hash_key_fixed(1)));
    assert_int_equal(match_count(index), 0);
    assert_int_equal(ask(index, OBSERVABLE_HOST, "rs-contoh.example").count, 0);
    assert_int_equal(ask(index, OBSERVABLE_IPV4, "192.0.2.1").count, 0);
    match_close(index);
}

static void an_entry_keeps_what_was_added(void **state)
{
    (void)state;
    struct match_builder *builder = match_builder_open(hash_key_fixed(1));
    struct indicator indicator = {.type = OBSERVABLE_OTHER,
            .flags = INDICATOR_BELOW,
            .name = S("mutex"),
            .value = S("Kunci"),
            .id = S("indicator--00000000-0000-4000-8000-000000000001"),
            .label = S("contoh"),
            .line = 70000,
            .from_us = -1,
            .until_us = INT64_MAX};
    assert_int_equal(match_build_source(builder, S("daftar.csv")).kind, ERR_NONE);
    assert_int_equal(match_build_add(builder, &indicator).kind, ERR_NONE);
    struct match_index *index = finish(builder);
    struct match_entry entry;
    match_entry(index, 0, &entry);
    assert_int_equal(entry.type, OBSERVABLE_OTHER);
    assert_int_equal(entry.flags, INDICATOR_BELOW);
    assert_true(slice_eq(entry.name, indicator.name) && slice_eq(entry.value, indicator.value));
    assert_true(slice_eq(entry.id, indicator.id) && slice_eq(entry.label, indicator.label));
    assert_true(slice_eq(entry.source, S("daftar.csv")));
    assert_int_equal(entry.line, 70000);
    assert_true(entry.from_us == -1 && entry.until_us == INT64_MAX);
    match_close(index);
}

static void patterns_and_their_hints_are_kept(void **state)
{
    (void)state;
    struct match_builder *builder = match_builder_open(hash_key_fixed(1));
    struct indicator pattern = {.type = OBSERVABLE_OTHER,
            .value = S("[domain-name:value LIKE '%.example']"),
            .id = S("indicator--00000000-0000-4000-8000-000000000002"),
            .label = S("pola"),
            .line = 3,
            .modified_us = 7,
            .from_us = TIME_NONE,
            .until_us = 9};
    struct indicator hint = {.type = OBSERVABLE_HOST, .value = S("melati.example")};
    uint32_t first = 9, second = 9;
    hint.modified_us = hint.from_us = hint.until_us = TIME_NONE;
    assert_int_equal(match_build_source(builder, S("daftar.json")).kind, ERR_NONE);
    assert_int_equal(match_build_pattern(builder, &pattern, &first).kind, ERR_NONE);
    assert_int_equal(match_build_pattern(builder, &pattern, &second).kind, ERR_NONE);
    assert_int_equal(match_build_hint(builder, &hint, second).kind, ERR_NONE);
    add(builder, OBSERVABLE_HOST, "melati.example", 4);
    assert_true(first == 0 && second == 1);
    assert_int_equal(match_build_count(builder), 3);
    struct match_index *index = finish(builder);
    assert_int_equal(match_count(index), 3);
    assert_int_equal(match_records(index), 2);
    assert_int_equal(match_patterns(index), 2);
    struct match_entry entry;
    match_pattern(index, 1, &entry);
    assert_true(slice_eq(entry.value, pattern.value) && slice_eq(entry.id, pattern.id));
    assert_true(slice_eq(entry.label, pattern.label) && slice_eq(entry.source, S("daftar.json")));
    assert_true(entry.line == 3 && entry.modified_us == 7 && entry.until_us == 9 && entry.from_us == TIME_NONE);
    struct numbers found = ask(index, OBSERVABLE_HOST, "melati.example");
    assert_int_equal(found.count, 2);
    match_entry(index, found.number[0], &entry);
    assert_true((entry.flags & INDICATOR_HINT) != 0 && entry.pattern == 1);
    match_entry(index, found.number[1], &entry);
    assert_true((entry.flags & INDICATOR_HINT) == 0 && entry.line == 4);
    match_pattern(index, 2, &entry);
    assert_int_equal(entry.value.len, 0);
    match_close(index);
}

static void what_is_not_said_is_empty(void **state)
{
    (void)state;
    struct match_builder *builder = match_builder_open(hash_key_fixed(1));
    add(builder, OBSERVABLE_HOST, "rs-contoh.example", 0);
    struct match_index *index = finish(builder);
    struct match_entry entry;
    match_entry(index, 0, &entry);
    assert_int_equal(entry.id.len + entry.label.len + entry.name.len + entry.source.len, 0);
    assert_true(entry.from_us == TIME_NONE && entry.until_us == TIME_NONE);
    match_close(index);
}

static void each_indicator_knows_its_source(void **state)
{
    (void)state;
    struct match_builder *builder = match_builder_open(hash_key_fixed(1));
    char name[16], value[32];
    for (uint32_t i = 0; i < 600; i++) { /* each of 300 files twice */
        (void)snprintf(name, sizeof(name), "daftar-%u", i % 300);
        (void)snprintf(value, sizeof(value), "n%u.example", i);
        assert_int_equal(match_build_source(builder, slice_of(name)).kind, ERR_NONE);
        add(builder, OBSERVABLE_HOST, value, i);
    }
    struct match_index *index = finish(builder);
    assert_int_equal(index->head.sections[IMAGE_SOURCES].bytes, 301 * sizeof(uint64_t));
    for (uint32_t i = 0; i < 600; i++) {
        struct match_entry entry;
        match_entry(index, i, &entry);
        (void)snprintf(name, sizeof(name), "daftar-%u", entry.line % 300);
        assert_true(slice_eq(entry.source, slice_of(name)));
    }
    match_close(index);
}

static void a_value_that_is_none_is_refused_and_not_counted(void **state)
{
    (void)state;
    struct match_builder *builder = match_builder_open(hash_key_fixed(1));
    static const struct indicator wrong[] = {
            {.type = OBSERVABLE_IPV4, .value = {"192.0.2.300", 11}},
            {.type = OBSERVABLE_CIDR, .value = {"192.0.2.0/33", 12}},
            {.type = OBSERVABLE_SHA256, .value = {"abc", 3}},
            {.type = OBSERVABLE_HOST, .value = {"", 0}},
            {.type = OBSERVABLE_NONE, .value = {"x", 1}},
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct err err = match_build_add(builder, &wrong[i]);
        assert_int_equal(err.kind, ERR_INPUT);
        assert_true(strlen(err.why) > 0);
    }
    assert_int_equal(match_build_count(builder), 0);
    match_builder_close(builder);
}

static void text_beyond_its_ceiling_is_refused(void **state)
{
    (void)state;
    static char text[65536];
    memset(text, 'x', sizeof(text));
    struct match_builder *builder = match_builder_open(hash_key_fixed(1));
    struct indicator indicator = {.type = OBSERVABLE_HOST, .value = S("a.example"), .label = {text, sizeof(text)}};
    assert_int_equal(match_build_add(builder, &indicator).kind, ERR_INPUT);
    assert_int_equal(match_build_source(builder, (slice){text, sizeof(text)}).kind, ERR_LIMIT);
    indicator.label.len--;
    assert_int_equal(match_build_add(builder, &indicator).kind, ERR_NONE);
    assert_int_equal(match_build_count(builder), 1);
    match_builder_close(builder);
}

static void a_file_too_many_is_refused(void **state)
{
    (void)state;
    struct match_builder *builder = match_builder_open(hash_key_fixed(1));
    char name[16];
    for (uint32_t i = 1; i < 65536; i++) {
        (void)snprintf(name, sizeof(name), "%u", i);
        assert_int_equal(match_build_source(builder, slice_of(name)).kind, ERR_NONE);
    }
    assert_int_equal(match_build_source(builder, S("one more")).kind, ERR_LIMIT);
    assert_int_equal(match_build_source(builder, S("7")).kind, ERR_NONE);
    match_builder_close(builder);
}

static void equal_values_are_found_in_the_order_they_were_added(void **state)
{
    (void)state;
    struct match_builder *builder = match_builder_open(hash_key_fixed(1));
    for (uint32_t i = 0; i < 3000; i++)
        add(builder, OBSERVABLE_IPV4, i % 3 == 0 ? "192.0.2.1" : "198.51.100.1", i);
    struct match_index *index = finish(builder);
    assert_int_equal(index->head.slots, 2);
    struct numbers numbers = ask(index, OBSERVABLE_IPV4, "192.0.2.1");
    assert_int_equal(numbers.count, 1000);
    for (uint32_t i = 0; i < numbers.count; i++) {
        struct match_entry entry;
        match_entry(index, numbers.number[i], &entry);
        assert_int_equal(entry.line, 3 * i);
    }
    match_close(index);
}

static void print_ip(char text[16], uint32_t ip)
{
    (void)snprintf(text, 16, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
}

/* Every second address of 198.18.0.0/20 is in the index, the others are not. */
static struct match_index *half_of_a_block(struct hash_key key)
{
    struct match_builder *builder = match_builder_open(key);
    char text[16];
    for (uint32_t i = 0; i < 4096; i += 2) {
        print_ip(text, 0xc6120000u + i);
        add(builder, OBSERVABLE_IPV4, text, i);
    }
    return finish(builder);
}

static void assert_half_found(const struct match_index *index)
{
    char text[16];
    for (uint32_t i = 0; i < 4096; i++) {
        print_ip(text, 0xc6120000u + i);
        assert_int_equal(ask(index, OBSERVABLE_IPV4, text).count, i % 2 == 0);
    }
}

static uint64_t count_spilled(const struct match_index *index)
{
    uint64_t spilled = 0;
    for (uint64_t i = 0; i < index->bucket_count; i++)
        spilled += (index->buckets[i].first & IMAGE_SPILLED) != 0;
    return spilled;
}

static void ordinary_keys_spill_a_little(void **state)
{
    (void)state;
    struct match_index *index = half_of_a_block(hash_key_fixed(5));
    assert_int_equal(index->head.slots, 2048);
    assert_true(count_spilled(index) < index->bucket_count / 4);
    assert_half_found(index);
    match_close(index);
}

/* The multiplier of an address of five bytes is key.b + 5: with 1 the hash is the state and the address side by side.
 */
static void a_pile_up_in_few_buckets_is_still_found(void **state)
{
    (void)state;
    struct match_index *index = half_of_a_block((struct hash_key){.a = 0x9e3779b97f4a7c15u, .b = (uint64_t)-4});
    assert_true(count_spilled(index) > index->head.slots / IMAGE_PRINTS - 20);
    assert_half_found(index);
    match_close(index);
}

static void what_spills_from_the_last_bucket_is_still_found(void **state)
{
    (void)state;
    struct key_hasher hasher;
    struct hash_key key = {.a = 1, .b = (uint64_t)-4};
    do {
        key.a += 0x9e3779b97f4a7c16u;
        key_hasher_init(&hasher, key);
    } while (hasher.seed[KEY_ADDRESS] >> 54 != 0x3ff); /* all in the last thousandth */
    struct match_index *index = half_of_a_block(key);
    assert_true(index->bucket_count > index->head.homes);
    assert_half_found(index);
    match_close(index);
}

/* With a multiplier of 0, every address has the hash 0: one slot, one run, told apart by comparing alone. */
static void different_values_of_one_hash_are_told_apart(void **state)
{
    (void)state;
    struct match_index *index = half_of_a_block((struct hash_key){.a = 0x9e3779b97f4a7c15u, .b = (uint64_t)-5});
    assert_int_equal(index->head.slots, 1);
    assert_int_equal(match_count(index), 2048);
    char text[16];
    for (uint32_t i = 0; i < 64; i++) {
        print_ip(text, 0xc6120000u + i);
        assert_int_equal(ask(index, OBSERVABLE_IPV4, text).count, i % 2 == 0);
    }
    match_close(index);
}

static void a_large_list_is_sorted(void **state)
{
    (void)state;
    struct match_builder *builder = match_builder_open(hash_key_fixed(5));
    struct key_hasher hasher;
    char text[32];
    for (uint32_t i = 0; i < 30000; i++) {
        (void)snprintf(text, sizeof(text), "n%u.contoh.example", i);
        add(builder, OBSERVABLE_DOMAIN, text, i);
    }
    struct match_index *index = finish(builder);
    key_hasher_init(&hasher, hash_key_fixed(5));
    uint64_t last = 0;
    for (uint32_t i = 0; i < 30000; i++) {
        struct match_entry entry;
        match_entry(index, i, &entry);
        uint64_t hash = key_name_hash(&hasher, entry.value);
        assert_true(i == 0 || hash > last);
        last = hash;
    }
    match_close(index);
}

static void assert_meets(const struct match_index *index, const char *value, size_t count)
{
    enum observable_type type = strchr(value, ':') == NULL ? OBSERVABLE_IPV4 : OBSERVABLE_IPV6;
    assert_int_equal(ask(index, type, value).count, count);
}

static void short_prefixes_reach_all_they_hold(void **state)
{
    (void)state;
    struct match_builder *builder = match_builder_open(hash_key_fixed(5));
    static const char *const prefixes[] = {
            "128.0.0.0/1", "192.0.0.0/2", "192.0.0.0/2", "198.51.0.0/16", "198.51.100.0/22", "203.0.113.128/25"};
    for (uint32_t i = 0; i < COUNT_OF(prefixes); i++)
        add(builder, OBSERVABLE_CIDR, prefixes[i], i);
    struct match_index *index = finish(builder);
    assert_meets(index, "127.255.255.255", 0);
    assert_meets(index, "128.0.0.0", 1);
    assert_meets(index, "191.255.255.255", 1);
    assert_meets(index, "192.0.0.0", 3);
    assert_meets(index, "255.255.255.255", 3);
    assert_meets(index, "198.51.99.255", 4);
    assert_meets(index, "198.51.103.255", 5);
    assert_meets(index, "203.0.113.127", 3);
    assert_meets(index, "203.0.113.128", 4);
    match_close(index);
}

static void short_ipv6_prefixes_reach_all_they_hold(void **state)
{
    (void)state;
    struct match_builder *builder = match_builder_open(hash_key_fixed(5));
    add(builder, OBSERVABLE_CIDR, "2001:d00::/24", 1);
    add(builder, OBSERVABLE_CIDR, "2001:db8:8000::/33", 2);
    struct match_index *index = finish(builder);
    assert_int_equal(index->head.v6_all, 0);
    assert_meets(index, "2001:d00::", 1);
    assert_meets(index, "2001:dff:ffff::1", 1);
    assert_meets(index, "2001:e00::", 0);
    assert_meets(index, "2001:db8:8000::1", 2);
    match_close(index);
}

static void ipv6_prefixes_too_short_for_the_map_let_all_through(void **state)
{
    (void)state;
    struct match_builder *builder = match_builder_open(hash_key_fixed(5));
    add(builder, OBSERVABLE_CIDR, "2000::/3", 1);
    add(builder, OBSERVABLE_CIDR, "2001:db8::/48", 2);
    struct match_index *index = finish(builder);
    assert_int_equal(index->head.v6_all, 1);
    assert_meets(index, "3fff::1", 1);
    assert_meets(index, "4000::1", 0);
    assert_meets(index, "2001:db8::1", 2);
    match_close(index);
}

static void many_ipv6_prefixes_do_not_take_for_ever(void **state)
{
    (void)state;
    struct match_builder *builder = match_builder_open(hash_key_fixed(5));
    char text[32];
    for (uint32_t i = 0; i < 2000; i++) {
        (void)snprintf(text, sizeof(text), "%x::/16", 0x2000 + i);
        add(builder, OBSERVABLE_CIDR, text, i);
    }
    struct match_index *index = finish(builder);
    assert_int_equal(index->head.v6_all, 1);
    assert_meets(index, "2001:db8::1", 1);
    match_close(index);
}

static void a_builder_is_empty_after_opening_and_of_use_again(void **state)
{
    (void)state;
    struct match_builder *builder = match_builder_open(hash_key_fixed(5));
    struct match_index *first = NULL, *second = NULL;
    add(builder, OBSERVABLE_CIDR, "192.0.2.0/24", 1);
    assert_int_equal(match_build_open(builder, &first).kind, ERR_NONE);
    assert_int_equal(match_build_count(builder), 0);
    add(builder, OBSERVABLE_IPV4, "198.51.100.1", 1);
    assert_int_equal(match_build_open(builder, &second).kind, ERR_NONE);
    match_builder_close(builder);
    assert_meets(first, "192.0.2.1", 1);
    assert_meets(second, "192.0.2.1", 0);
    assert_meets(second, "198.51.100.1", 1);
    match_close(first);
    match_close(second);
}

static size_t files_in_folder(void)
{
    size_t count = 0;
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory))
        count += entry->d_name[0] != '.';
    assert_int_equal(closedir(directory), 0);
    return count;
}

static void a_written_index_replaces_the_file_of_that_name(void **state)
{
    (void)state;
    for (uint32_t round = 1; round < 3; round++) {
        struct match_builder *builder = match_builder_open(hash_key_fixed(5));
        struct match_index *index = NULL;
        for (uint32_t i = 0; i < round; i++)
            add(builder, OBSERVABLE_IPV4, "192.0.2.1", i);
        assert_int_equal(match_build_write(builder, path, arena).kind, ERR_NONE);
        match_builder_close(builder);
        assert_int_equal(match_open(path, arena, &index).kind, ERR_NONE);
        assert_meets(index, "192.0.2.1", round);
        match_close(index);
        assert_int_equal(files_in_folder(), 1);
    }
    assert_int_equal(unlink(path), 0);
}

static void what_was_written_may_be_opened_too(void **state)
{
    (void)state;
    struct match_builder *builder = match_builder_open(hash_key_fixed(5));
    add(builder, OBSERVABLE_IPV4, "192.0.2.1", 1);
    assert_int_equal(match_build_write(builder, path, arena).kind, ERR_NONE);
    struct match_index *index = finish(builder);
    assert_meets(index, "192.0.2.1", 1);
    match_close(index);
    assert_int_equal(unlink(path), 0);
}

static void a_missing_folder_is_named(void **state)
{
    (void)state;
    struct match_builder *builder = match_builder_open(hash_key_fixed(5));
    char missing[80];
    (void)snprintf(missing, sizeof(missing), "%s/missing/a.index", folder);
    struct err err = match_build_write(builder, missing, arena);
    assert_int_equal(err.kind, ERR_MISSING);
    assert_non_null(strstr(err.why, missing));
    match_builder_close(builder);
}

static void assert_place_is_kept(const char *place, mode_t kind)
{
    struct match_builder *builder = match_builder_open(hash_key_fixed(5));
    struct err err = match_build_write(builder, place, arena);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_non_null(strstr(err.why, place));
    struct stat stat;
    assert_int_equal(lstat(place, &stat), 0);
    assert_int_equal(stat.st_mode & S_IFMT, kind);
    char beside[80];
    (void)snprintf(beside, sizeof(beside), "%s.tmp-%ld", place, (long)getpid());
    assert_int_equal(access(beside, F_OK), -1);
    match_builder_close(builder);
}

static void what_is_no_file_is_not_replaced_by_one(void **state)
{
    (void)state;
    assert_place_is_kept(folder, S_IFDIR);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_place_is_kept(path, S_IFIFO);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("b.index", path), 0);
    assert_place_is_kept(path, S_IFLNK);
    assert_int_equal(unlink(path), 0);
}

/* As it came through a pipe, say: at any address, of any length. */
static void the_bytes_of_an_index_are_one(void **state)
{
    (void)state;
    struct match_builder *builder = match_builder_open(hash_key_fixed(5));
    struct match_index *index = NULL;
    char bytes[1 << 16];
    add(builder, OBSERVABLE_HOST, "a.example", 1);
    assert_int_equal(match_build_write(builder, path, arena).kind, ERR_NONE);
    match_builder_close(builder);
    int fd = open(path, O_RDONLY);
    ssize_t len = read(fd, bytes + 1, sizeof(bytes) - 1);
    assert_in_range(len, 4096, sizeof(bytes) - 2);
    assert_int_equal(close(fd), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(match_build_copy((slice){bytes + 1, (size_t)len}, &index).kind, ERR_NONE);
    memset(bytes, 0, sizeof(bytes));
    assert_int_equal(ask(index, OBSERVABLE_HOST, "a.example").count, 1);
    match_close(index);
    assert_int_equal(match_build_copy(S(IMAGE_MAGIC), &index).kind, ERR_INPUT);
    assert_int_equal(match_build_copy(S(""), &index).kind, ERR_INPUT);
}

static void a_full_disk_leaves_nothing_behind(void **state)
{
    (void)state;
    struct match_builder *builder = match_builder_open(hash_key_fixed(5));
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){4096, before.rlim_max};
    add(builder, OBSERVABLE_IPV4, "192.0.2.1", 1);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    struct err err = match_build_write(builder, path, arena);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, handler);
    assert_int_equal(err.kind, ERR_SYSTEM);
    assert_non_null(strstr(err.why, path));
    assert_int_equal(files_in_folder(), 0);
    match_builder_close(builder);
}

static int begin(void **state)
{
    (void)state;
    arena = arena_open("test", ARENA_WORK, 1 << 20);
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(path, sizeof(path), "%s/a.index", folder);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_close(arena);
    return rmdir(folder);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(an_empty_index_finds_nothing),
            cmocka_unit_test(an_entry_keeps_what_was_added),
            cmocka_unit_test(patterns_and_their_hints_are_kept),
            cmocka_unit_test(what_is_not_said_is_empty),
            cmocka_unit_test(each_indicator_knows_its_source),
            cmocka_unit_test(a_value_that_is_none_is_refused_and_not_counted),
            cmocka_unit_test(text_beyond_its_ceiling_is_refused),
            cmocka_unit_test(a_file_too_many_is_refused),
            cmocka_unit_test(equal_values_are_found_in_the_order_they_were_added),
            cmocka_unit_test(ordinary_keys_spill_a_little),
            cmocka_unit_test(a_pile_up_in_few_buckets_is_still_found),
            cmocka_unit_test(what_spills_from_the_last_bucket_is_still_found),
            cmocka_unit_test(different_values_of_one_hash_are_told_apart),
            cmocka_unit_test(a_large_list_is_sorted),
            cmocka_unit_test(short_prefixes_reach_all_they_hold),
            cmocka_unit_test(short_ipv6_prefixes_reach_all_they_hold),
            cmocka_unit_test(ipv6_prefixes_too_short_for_the_map_let_all_through),
            cmocka_unit_test(many_ipv6_prefixes_do_not_take_for_ever),
            cmocka_unit_test(a_builder_is_empty_after_opening_and_of_use_again),
            cmocka_unit_test(a_written_index_replaces_the_file_of_that_name),
            cmocka_unit_test(what_was_written_may_be_opened_too),
            cmocka_unit_test(a_missing_folder_is_named),
            cmocka_unit_test(what_is_no_file_is_not_replaced_by_one),
            cmocka_unit_test(the_bytes_of_an_index_are_one),
            cmocka_unit_test(a_full_disk_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
