/* SPDX-License-Identifier: Apache-2.0 */
#include "match/match.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "match/build.h"
#include "match/image.h"

static struct arena *arena;
static char folder[] = "/tmp/kentongan-index-XXXXXX";
static char path[64];

/* What a small list holds; the line is the place here, from 1. */
static const struct indicator list[] = {
        {.type = OBSERVABLE_IPV4, .value = {"192.0.2.7", 9}},
        {.type = OBSERVABLE_CIDR, .value = {"192.0.2.0/24", 12}},
        {.type = OBSERVABLE_CIDR, .value = {"192.0.2.0/29", 12}},
        {.type = OBSERVABLE_CIDR, .value = {"0.0.0.0/0", 9}},
        {.type = OBSERVABLE_IPV6, .value = {"2001:db8::7", 11}},
        {.type = OBSERVABLE_CIDR, .value = {"2001:db8::/32", 13}},
        {.type = OBSERVABLE_CIDR, .value = {"2001:db8::/126", 14}},
        {.type = OBSERVABLE_DOMAIN, .value = {"klinik.example", 14}},
        {.type = OBSERVABLE_HOST, .value = {"klinik.example", 14}},
        {.type = OBSERVABLE_HOST, .value = {"www.klinik.example", 18}},
        {.type = OBSERVABLE_DOMAIN, .value = {"example", 7}},
        {.type = OBSERVABLE_URL, .value = {"http://toko.test/a/b?c", 22}},
        {.type = OBSERVABLE_URL, .value = {"http://toko.test/a/", 19}, .flags = INDICATOR_BELOW},
        {.type = OBSERVABLE_URL, .value = {"http://toko.test/a/b", 20}, .flags = INDICATOR_BELOW},
        {.type = OBSERVABLE_URL, .value = {"toko.test", 9}, .flags = INDICATOR_BELOW},
        {.type = OBSERVABLE_MD5, .value = {"0123456789ABCDEF0123456789ABCDEF", 32}},
        {.type = OBSERVABLE_OTHER, .name = {"mutex", 5}, .value = {"Global\\kunci", 12}},
        {.type = OBSERVABLE_EMAIL, .value = {"tagihan@toko.test", 17}},
        {.type = OBSERVABLE_IPV4, .value = {"192.0.2.7", 9}},
};

static struct match_builder *small_builder(void)
{
    struct match_builder *builder = match_builder_open(hash_key_fixed(42));
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        struct indicator indicator = list[i];
        indicator.line = (uint32_t)i + 1;
        indicator.from_us = indicator.until_us = TIME_NONE;
        assert_int_equal(match_build_add(builder, &indicator).kind, ERR_NONE);
    }
    return builder;
}

static struct match_index *small_index(void)
{
    struct match_index *index = NULL;
    struct match_builder *builder = small_builder();
    assert_int_equal(match_build_open(builder, &index).kind, ERR_NONE);
    match_builder_close(builder);
    return index;
}

/* The lines of what was found, in order. */
struct lines {
    const struct match_index *index;
    uint32_t line[32];
    size_t count;
};

static void take_line(void *context, uint32_t tag, uint32_t number)
{
    struct lines *lines = context;
    struct match_entry entry;
    assert_int_equal(tag, 5);
    match_entry(lines->index, number, &entry);
    assert_true(lines->count < COUNT_OF(lines->line));
    lines->line[lines->count++] = entry.line;
}

static struct lines ask(const struct match_index *index, struct observable observable)
{
    struct lines lines = {.index = index};
    match_find(index, &observable, 5, take_line, &lines);
    return lines;
}

static void assert_finds_of(struct observable observable, const uint32_t *expected, size_t count)
{
    struct match_index *index = small_index();
    struct lines lines = ask(index, observable);
    assert_int_equal(lines.count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(lines.line[i], expected[i]);
    match_close(index);
}

static void assert_finds(enum observable_type type, const char *value, const uint32_t *expected, size_t count)
{
    assert_finds_of((struct observable){.type = type, .value = slice_of(value)}, expected, count);
}

#define LINES(...) ((const uint32_t[]){__VA_ARGS__}), COUNT_OF(((const uint32_t[]){__VA_ARGS__}))

static void an_address_meets_itself_then_prefixes_from_the_longest(void **state)
{
    (void)state;
    assert_finds(OBSERVABLE_IPV4, "192.0.2.7", LINES(1, 19, 3, 2, 4));
    assert_finds(OBSERVABLE_IPV4, "192.0.2.8", LINES(2, 4));
    assert_finds(OBSERVABLE_HOST, "192.0.2.8", LINES(2, 4));
    assert_finds(OBSERVABLE_IPV4, "203.0.113.1", LINES(4));
    assert_finds(OBSERVABLE_IPV6, "::ffff:192.0.2.9", LINES(2, 4));
    assert_finds(OBSERVABLE_IPV6, "2001:DB8:0:0::7", LINES(5, 6));
    assert_finds(OBSERVABLE_IPV6, "2001:db8::1", LINES(7, 6));
    assert_finds(OBSERVABLE_IPV6, "2001:db9::1", NULL, 0);
}

static void a_prefix_as_an_observable_meets_its_equal(void **state)
{
    (void)state;
    assert_finds(OBSERVABLE_CIDR, "192.0.2.1/24", LINES(2));
    assert_finds(OBSERVABLE_CIDR, "192.0.2.1/25", NULL, 0);
}

static void a_name_meets_itself_then_domains_from_the_longest(void **state)
{
    (void)state;
    assert_finds(OBSERVABLE_HOST, "www.klinik.example", LINES(10, 8, 11));
    assert_finds(OBSERVABLE_HOST, "KLINIK.Example.", LINES(8, 9, 11));
    assert_finds(OBSERVABLE_HOST, "a.www.klinik.example", LINES(8, 11));
    assert_finds(OBSERVABLE_HOST, "xklinik.example", LINES(11));
    assert_finds(OBSERVABLE_HOST, "klinik.test", NULL, 0);
}

static void a_url_meets_itself_then_what_it_lies_below(void **state)
{
    (void)state;
    assert_finds(OBSERVABLE_URL, "https://user@TOKO.test:443/a/b?c#d", LINES(12, 14, 13, 15));
    assert_finds(OBSERVABLE_URL, "toko.test/a/b", LINES(14, 13, 15));
    assert_finds(OBSERVABLE_URL, "toko.test/a/b/c", LINES(14, 13, 15));
    assert_finds(OBSERVABLE_URL, "toko.test/a/bc", LINES(13, 15));
    assert_finds(OBSERVABLE_URL, "toko.test/a", LINES(15));
    assert_finds(OBSERVABLE_URL, "toko.test:8080/a/b", NULL, 0);
    assert_finds(OBSERVABLE_URL, "x.toko.test/a/b", NULL, 0);
    assert_finds_of(
            (struct observable){.type = OBSERVABLE_URL, .value = S("toko.test"), .port = 80, .path = S("/a/b?c")},
            LINES(12, 14, 13, 15));
}

static void everything_else_meets_its_equal(void **state)
{
    (void)state;
    assert_finds(OBSERVABLE_MD5, "0123456789abcdef0123456789abcdef", LINES(16));
    assert_finds(OBSERVABLE_JA3, "0123456789abcdef0123456789abcdef", NULL, 0);
    assert_finds(OBSERVABLE_EMAIL, "tagihan@TOKO.test", LINES(18));
    assert_finds(OBSERVABLE_EMAIL, "Tagihan@toko.test", NULL, 0);
    assert_finds_of(
            (struct observable){.type = OBSERVABLE_OTHER, .name = S("mutex"), .value = S("Global\\kunci")}, LINES(17));
    assert_finds_of(
            (struct observable){.type = OBSERVABLE_OTHER, .name = S("pipe"), .value = S("Global\\kunci")}, NULL, 0);
}

static void a_value_that_cannot_be_of_its_type_meets_nothing(void **state)
{
    (void)state;
    assert_finds(OBSERVABLE_IPV4, "192.0.2", NULL, 0);
    assert_finds(OBSERVABLE_HOST, "", NULL, 0);
    assert_finds(OBSERVABLE_NONE, "192.0.2.7", NULL, 0);
}

static void domains_of_more_labels_than_are_asked_meet_their_own_name_only(void **state)
{
    (void)state;
    struct match_builder *builder = match_builder_open(hash_key_fixed(1));
    struct match_index *index = NULL;
    static const char *const names[] = {"o.n.m.l.k.j.i.h.g.f.e.d.c.b.test", "p.o.n.m.l.k.j.i.h.g.f.e.d.c.b.test"};
    for (uint32_t i = 0; i < COUNT_OF(names); i++) {
        struct indicator domain = {.type = OBSERVABLE_DOMAIN, .value = slice_of(names[i]), .line = i + 1};
        assert_int_equal(match_build_add(builder, &domain).kind, ERR_NONE);
    }
    assert_int_equal(match_build_open(builder, &index).kind, ERR_NONE);
    match_builder_close(builder);
    struct lines own = ask(index, (struct observable){.type = OBSERVABLE_HOST, .value = slice_of(names[1])});
    assert_int_equal(own.count, 2);
    assert_int_equal(own.line[0], 2);
    struct lines below = ask(
            index, (struct observable){.type = OBSERVABLE_HOST, .value = S("q.p.o.n.m.l.k.j.i.h.g.f.e.d.c.b.test")});
    assert_int_equal(below.count, 1);
    assert_int_equal(below.line[0], 1);
    match_close(index);
}

static void the_resident_bytes_are_buckets_and_maps(void **state)
{
    (void)state;
    struct match_index *index = small_index();
    assert_int_equal(match_count(index), COUNT_OF(list));
    uint64_t maps = (1u << IMAGE_V4_BITS) / 8 + (1u << IMAGE_V6_BITS) / 8 + 2 * (1u << 12) / 8;
    assert_true(match_resident(index) > maps && match_resident(index) <= maps + 10 * sizeof(struct image_bucket));
    match_close(index);
}

static void a_number_beyond_the_last_is_an_empty_entry(void **state)
{
    (void)state;
    struct match_index *index = small_index();
    struct match_entry entry;
    match_entry(index, COUNT_OF(list), &entry);
    assert_int_equal(entry.type, OBSERVABLE_NONE);
    assert_int_equal(entry.value.len, 0);
    assert_true(entry.from_us == TIME_NONE && entry.until_us == TIME_NONE);
    match_close(index);
}

static void write_image(const char *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), (ssize_t)len);
    assert_int_equal(close(fd), 0);
}

/* The bytes of the small index as a file, in the arena. */
static slice image_bytes(void)
{
    struct match_builder *builder = small_builder();
    assert_int_equal(match_build_write(builder, path, arena).kind, ERR_NONE);
    match_builder_close(builder);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    off_t len = lseek(fd, 0, SEEK_END);
    char *bytes = arena_take(arena, (size_t)len);
    assert_int_equal(pread(fd, bytes, (size_t)len, 0), len);
    assert_int_equal(close(fd), 0);
    return (slice){bytes, (size_t)len};
}

static void assert_refused(slice bytes, const char *part)
{
    struct match_index *index = NULL;
    write_image(bytes.ptr, bytes.len);
    struct err err = match_open(path, arena, &index);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_non_null(strstr(err.why, part));
    assert_non_null(strstr(err.why, path));
    assert_null(index);
}

static void a_file_opens_as_the_same_index(void **state)
{
    (void)state;
    struct match_index *index = NULL;
    slice bytes = image_bytes();
    assert_true(match_is_image(bytes));
    assert_int_equal(match_open(path, arena, &index).kind, ERR_NONE);
    struct lines lines = ask(index, (struct observable){.type = OBSERVABLE_IPV4, .value = S("192.0.2.7")});
    assert_int_equal(lines.count, 5);
    match_close(index);
    arena_reset(arena);
}

static void a_missing_file_is_missing(void **state)
{
    (void)state;
    struct match_index *index = NULL;
    char missing[80];
    (void)snprintf(missing, sizeof(missing), "%s/missing", folder);
    assert_int_equal(match_open(missing, arena, &index).kind, ERR_MISSING);
    assert_null(index);
}

static void other_files_are_refused(void **state)
{
    (void)state;
    char text[IMAGE_HEAD_BYTES + 1];
    memset(text, 'a', sizeof(text));
    assert_false(match_is_image((slice){text, sizeof(text)}));
    assert_false(match_is_image(S("kentongan")));
    assert_refused(S(""), "not a compiled index");
    assert_refused(S("ipv4\t192.0.2.7\n"), "not a compiled index");
    assert_refused((slice){text, sizeof(text)}, "not a compiled index");
    struct match_index *index = NULL;
    assert_int_equal(match_open("/", arena, &index).kind, ERR_INPUT);
}

static void a_file_of_another_length_is_refused(void **state)
{
    (void)state;
    slice bytes = image_bytes();
    assert_refused(slice_part(bytes, 0, bytes.len - 1), "shorter or longer");
    assert_refused(slice_part(bytes, 0, IMAGE_HEAD_BYTES), "shorter or longer");
    assert_refused((slice){bytes.ptr, 0}, "not a compiled index");
    arena_reset(arena);
}

/* Changes the header and signs it again, as only a mistake of ours or malice would. */
static void assert_header_refused(void (*change)(struct image_header *head), const char *part)
{
    slice bytes = image_bytes();
    struct image_header head;
    char *copy = arena_take(arena, bytes.len);
    memcpy(copy, bytes.ptr, bytes.len);
    memcpy(&head, copy, sizeof(head));
    change(&head);
    head.sum = hash_sha256((slice){(const char *)&head, offsetof(struct image_header, sum)});
    memcpy(copy, &head, sizeof(head));
    assert_refused((slice){copy, bytes.len}, part);
    arena_reset(arena);
}

static void change_version(struct image_header *head)
{
    head->version++;
}

static void change_endian(struct image_header *head)
{
    head->endian = __builtin_bswap64(head->endian);
}

static void change_records(struct image_header *head)
{
    head->records = UINT64_MAX;
}

static void change_slots(struct image_header *head)
{
    head->slots--;
}

static void change_homes(struct image_header *head)
{
    head->homes = 1000;
}

static void change_no_homes(struct image_header *head)
{
    head->homes = 0;
}

static void change_lengths(struct image_header *head)
{
    head->lengths4[0] = 33;
}

static void change_length_order(struct image_header *head)
{
    head->lengths6[1] = head->lengths6[0];
}

static void change_length_count(struct image_header *head)
{
    head->lengths6_count = 130;
}

static void change_below(struct image_header *head)
{
    head->below_bits = 13;
}

static void change_place(struct image_header *head)
{
    head->sections[IMAGE_BLOB].from = head->bytes + IMAGE_ALIGN;
}

static void change_size(struct image_header *head)
{
    head->sections[IMAGE_BUCKETS].bytes += 64;
}

/* As if the buckets, which are copied together with the maps before them, lay before those. */
static void change_order(struct image_header *head)
{
    head->sections[IMAGE_BUCKETS].from = IMAGE_HEAD_BYTES;
    head->sections[IMAGE_BUCKETS].bytes = head->homes * sizeof(struct image_bucket);
    head->sections[IMAGE_V4].from += IMAGE_ALIGN;
    head->sections[IMAGE_V4].bytes = 0;
}

/* As if a map lay behind the buckets, which are not copied with it. */
static void change_map_order(struct image_header *head)
{
    head->sections[IMAGE_FILTER].from = head->sections[IMAGE_BUCKETS].from + IMAGE_ALIGN;
}

static void change_wrap(struct image_header *head)
{
    head->sections[IMAGE_BLOB].bytes = UINT64_MAX - 8;
}

static void change_alignment(struct image_header *head)
{
    head->sections[IMAGE_RECORDS].from += 4;
}

static void a_header_that_cannot_be_is_refused(void **state)
{
    (void)state;
    static const struct {
        void (*change)(struct image_header *head);
        const char *part;
    } cases[] = {
            {change_version, "another version"},
            {change_endian, "another byte order"},
            {change_records, "counts that cannot be"},
            {change_slots, "wrong size"},
            {change_homes, "wrong size"},
            {change_no_homes, "counts that cannot be"},
            {change_lengths, "prefix lengths"},
            {change_length_order, "prefix lengths"},
            {change_length_count, "too many prefix lengths"},
            {change_below, "wrong size"},
            {change_place, "outside the file"},
            {change_size, "outside the file"},
            {change_order, "among those of the records"},
            {change_map_order, "behind the buckets"},
            {change_wrap, "outside the file"},
            {change_alignment, "outside the file"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_header_refused(cases[i].change, cases[i].part);
}

static void any_flipped_bit_of_the_header_is_refused(void **state)
{
    (void)state;
    slice bytes = image_bytes();
    char *copy = arena_take(arena, bytes.len);
    memcpy(copy, bytes.ptr, bytes.len);
    for (size_t i = 0; i < sizeof(struct image_header); i++) {
        copy[i] ^= (char)(1 << i % 8);
        struct match_index *index = NULL;
        write_image(copy, bytes.len);
        assert_int_equal(match_open(path, arena, &index).kind, ERR_INPUT);
        copy[i] ^= (char)(1 << i % 8);
    }
    arena_reset(arena);
}

static void ignore(void *context, uint32_t tag, uint32_t number)
{
    (void)context;
    (void)tag;
    (void)number;
}

static void ignore_tag(void *context, uint32_t tag)
{
    (void)context;
    (void)tag;
}

/* Everything that may be asked, of an index whose answers may be nonsense. */
static void use(const struct match_index *index)
{
    struct match_sieve *sieve = match_sieve_open(index, ignore_tag, NULL);
    for (uint32_t i = 0; i < COUNT_OF(list); i++) {
        struct observable observable = {.type = list[i].type, .name = list[i].name, .value = list[i].value};
        match_find(index, &observable, i, ignore, NULL);
        match_sieve_add(sieve, &observable, i);
    }
    match_sieve_run(sieve);
    match_sieve_close(sieve);
    size_t bytes = 0;
    for (uint32_t number = 0; number < COUNT_OF(list) + 2; number++) {
        struct match_entry entry;
        match_entry(index, number, &entry);
        slice texts[] = {entry.value, entry.name, entry.id, entry.label, entry.source};
        for (size_t i = 0; i < COUNT_OF(texts); i++) {
            for (size_t at = 0; at < texts[i].len; at++)
                bytes += (unsigned char)texts[i].ptr[at] & 1;
        }
    }
    assert_true(bytes < 1u << 30);
}

static void damage_behind_the_header_harms_nobody(void **state)
{
    (void)state;
    slice bytes = image_bytes();
    struct image_header head;
    memcpy(&head, bytes.ptr, sizeof(head));
    char *copy = arena_take(arena, bytes.len);
    static const enum image_section damaged[] = {IMAGE_BLOB, IMAGE_SOURCES, IMAGE_RECORDS, IMAGE_RUNS, IMAGE_BUCKETS};
    uint64_t random = 88172645463325252u;
    for (unsigned round = 0; round < 400; round++) {
        const struct image_extent *at = &head.sections[damaged[round % COUNT_OF(damaged)]];
        memcpy(copy, bytes.ptr, bytes.len);
        for (unsigned i = 0; i < 1 + round % 16; i++) {
            random = hash_mix(random + i + 1, 0x9e3779b97f4a7c15u);
            copy[at->from + random % at->bytes] = (char)(round % 3 == 0 ? 0xff : random >> 32);
        }
        struct match_index *index = NULL;
        write_image(copy, bytes.len);
        assert_int_equal(match_open(path, arena, &index).kind, ERR_NONE);
        use(index);
        match_close(index);
    }
    arena_reset(arena);
}

/* An image in which record 0 lies at the end of the blob and consists of these four bytes. */
static void assert_record_empty(const char record[4], uint64_t from_end)
{
    slice bytes = image_bytes();
    struct image_header head;
    memcpy(&head, bytes.ptr, sizeof(head));
    char *copy = arena_take(arena, bytes.len);
    memcpy(copy, bytes.ptr, bytes.len);
    uint64_t from = head.sections[IMAGE_BLOB].bytes - from_end;
    memcpy(copy + head.sections[IMAGE_RECORDS].from, &from, sizeof(from));
    memcpy(copy + head.sections[IMAGE_BLOB].from + head.sections[IMAGE_BLOB].bytes - 4, record, 4);
    struct match_index *index = NULL;
    struct match_entry entry;
    write_image(copy, bytes.len);
    assert_int_equal(match_open(path, arena, &index).kind, ERR_NONE);
    match_entry(index, 0, &entry);
    assert_int_equal(entry.type, OBSERVABLE_NONE);
    assert_null(entry.value.ptr);
    match_close(index);
    arena_reset(arena);
}

static void a_damaged_record_is_an_empty_entry(void **state)
{
    (void)state;
    assert_record_empty((const char[]){OBSERVABLE_HOST, 0, 0, 20}, 4);           /* longer than the blob */
    assert_record_empty((const char[]){OBSERVABLE_HOST, 0, 0, (char)0x80}, 4);   /* a number without an end */
    assert_record_empty((const char[]){OBSERVABLE_HOST, 0, 0, 0}, 4);            /* nothing behind the value */
    assert_record_empty((const char[]){OBSERVABLE_HOST, 0, 0, 0}, (uint64_t)-1); /* behind the blob */
}

static int begin(void **state)
{
    (void)state;
    arena = arena_open("test", ARENA_WORK, (size_t)64 << 20);
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(path, sizeof(path), "%s/a.index", folder);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_close(arena);
    (void)unlink(path);
    return rmdir(folder);
}

/* ---- Several indexes as one ---- */

struct lines_met {
    uint32_t met[64];
    size_t count;
};

static const struct match_index *asked[3];

static void line_found(void *context, uint32_t tag, uint32_t number)
{
    struct lines_met *lines = context;
    struct match_entry entry;
    match_entry(asked[tag], number, &entry);
    assert_true(lines->count < COUNT_OF(lines->met));
    lines->met[lines->count++] = entry.line;
}

/* The list dealt out to three indexes with keys of their own: the first holds its first rows. */
static void deal(struct match_index **indexes)
{
    for (size_t part = 0; part < 3; part++) {
        struct match_builder *builder = match_builder_open(hash_key_fixed(part + 1));
        for (size_t i = part * 7; i < COUNT_OF(list) && i < part * 7 + 7; i++) {
            struct indicator indicator = list[i];
            indicator.line = (uint32_t)i + 1;
            indicator.from_us = indicator.until_us = TIME_NONE;
            assert_int_equal(match_build_add(builder, &indicator).kind, ERR_NONE);
        }
        assert_int_equal(match_build_open(builder, &indexes[part]).kind, ERR_NONE);
        match_builder_close(builder);
    }
}

static void several_indexes_answer_as_one_of_all(void **state)
{
    (void)state;
    static const struct observable values[] = {
            {.type = OBSERVABLE_IPV4, .value = {"192.0.2.7", 9}},
            {.type = OBSERVABLE_IPV4, .value = {"203.0.113.1", 11}},
            {.type = OBSERVABLE_IPV6, .value = {"2001:db8::2", 11}},
            {.type = OBSERVABLE_HOST, .value = {"www.klinik.example", 18}},
            {.type = OBSERVABLE_HOST, .value = {"klinik.example", 14}},
            {.type = OBSERVABLE_URL, .value = {"http://toko.test/a/b?c", 22}},
            {.type = OBSERVABLE_EMAIL, .value = {"tagihan@toko.test", 17}},
            {.type = OBSERVABLE_MD5, .value = {"ffffffffffffffffffffffffffffffff", 32}},
    };
    struct match_index *parts[3], *whole = small_index();
    size_t met = 0;
    deal(parts);
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        struct lines_met one = {0}, several = {0};
        asked[0] = whole;
        match_find(whole, &values[i], 0, line_found, &one);
        memcpy(asked, parts, sizeof asked);
        match_find_in(asked, COUNT_OF(asked), &values[i], line_found, &several);
        assert_int_equal(several.count, one.count);
        assert_memory_equal(several.met, one.met, one.count * sizeof one.met[0]);
        met += one.count;
    }
    assert_true(met > 15);
    match_close(whole);
    for (size_t part = 0; part < 3; part++)
        match_close(parts[part]);
}

static void the_position_is_kept_in_the_file(void **state)
{
    (void)state;
    struct match_index *index = small_index();
    assert_int_equal(match_position(index), 0);
    match_close(index);
    struct match_builder *builder = small_builder();
    match_build_position(builder, UINT64_C(1) << 40);
    assert_int_equal(match_build_write(builder, path, arena).kind, ERR_NONE);
    match_builder_close(builder);
    assert_int_equal(match_open(path, arena, &index).kind, ERR_NONE);
    assert_int_equal(match_position(index), UINT64_C(1) << 40);
    match_close(index);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(an_address_meets_itself_then_prefixes_from_the_longest),
            cmocka_unit_test(a_prefix_as_an_observable_meets_its_equal),
            cmocka_unit_test(a_name_meets_itself_then_domains_from_the_longest),
            cmocka_unit_test(a_url_meets_itself_then_what_it_lies_below),
            cmocka_unit_test(everything_else_meets_its_equal),
            cmocka_unit_test(a_value_that_cannot_be_of_its_type_meets_nothing),
            cmocka_unit_test(domains_of_more_labels_than_are_asked_meet_their_own_name_only),
            cmocka_unit_test(the_resident_bytes_are_buckets_and_maps),
            cmocka_unit_test(a_number_beyond_the_last_is_an_empty_entry),
            cmocka_unit_test(a_file_opens_as_the_same_index),
            cmocka_unit_test(a_missing_file_is_missing),
            cmocka_unit_test(other_files_are_refused),
            cmocka_unit_test(a_file_of_another_length_is_refused),
            cmocka_unit_test(a_header_that_cannot_be_is_refused),
            cmocka_unit_test(any_flipped_bit_of_the_header_is_refused),
            cmocka_unit_test(a_damaged_record_is_an_empty_entry),
            cmocka_unit_test(damage_behind_the_header_harms_nobody),
            cmocka_unit_test(several_indexes_answer_as_one_of_all),
            cmocka_unit_test(the_position_is_kept_in_the_file),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
