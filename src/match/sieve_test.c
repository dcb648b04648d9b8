/* SPDX-License-Identifier: Apache-2.0 */
#include "match/match.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/ip.h"
#include "match/build.h"
#include "match/image.h"
#include "match/key.h"

/*
 * Three ways to the same answer: match_find, here a walk over the whole list that knows nothing of hashes or tables,
 * only observable_normal() and prefix_holds(), and the sieve, which must report whatever they find and little else.
 */

enum {
    LIST = 400,   /* indicators */
    ASKED = 1500, /* observables */
    OWNED_MAX = LIST + ASKED,
    FINDS_MAX = 100000,
};

static struct arena *arena;
static uint64_t random_state;

static uint32_t draw(uint32_t below)
{
    random_state = hash_mix(random_state + 0x9e3779b97f4a7c15u, 0xd1342543de82ef95u);
    return (uint32_t)(random_state >> 32) % below;
}

#define PICK(table) ((table)[draw((uint32_t)COUNT_OF(table))])

/* Values from small sets, so that they often meet, in all spellings. */
static const char *draw_ipv4(void)
{
    static const char *const nets[] = {"192.0.2", "198.51.100", "203.0.113", "10.0.0", "198.18.0"};
    return arena_printf(arena, "%s.%u", PICK(nets), draw(40));
}

static const char *draw_ipv6(void)
{
    static const char *const forms[] = {"2001:db8::%x", "2001:0db8:0000:0000:0000:0000:0000:%04x", "2001:DB8:0:0::%X",
            "2001:db8:0:1::%x", "fe80::%x"};
    char text[64];
    uint32_t host = draw(20);
    switch (draw(7)) {
    case 0:
        return arena_printf(arena, "::ffff:192.0.2.%u", host);
    case 1:
        return arena_printf(arena, "0000:0000:0000:0000:0000:ffff:c000:02%02x", host);
    case 2:
        return arena_printf(arena, "0000:0000:0000:0000:0000:0000:0000:%04x", host);
    default:
        break;
    }
    struct buf buf = {.ptr = text, .cap = sizeof(text), .max = sizeof(text)};
    slice form = slice_of(PICK(forms));
    size_t percent = slice_find(form, '%');
    buf_put(&buf, slice_part(form, 0, percent));
    buf_printf(&buf, slice_ends(form, S("04x")) ? "%04x" : slice_ends(form, S("X")) ? "%X" : "%x", host);
    return arena_cstr(arena, buf_slice(&buf));
}

static const char *draw_prefix(void)
{
    return draw(3) == 0 ? arena_printf(arena, "%s/%u", draw_ipv6(), draw(129))
                        : arena_printf(arena, "%s/%u", draw_ipv4(), draw(4) == 0 ? draw(33) : 24 + draw(9));
}

static const char *draw_label(void)
{
    static const char *const labels[] = {"a", "b", "www", "klinik", "KLINIK", "rs-contoh", "_dmarc", "1",
            "xn--bcher-kva", "bücher", "sepuluh-10", "sebuah-label-yang-panjang-sekali", "enambelas-huruf1", "delapan8",
            "a^b"};
    return PICK(labels);
}

static const char *draw_host(void)
{
    static const char *const tops[] = {"example", "test", "Example", "co.test", "a.b.c.d.e.f.g.h.i.j.k.example"};
    static const char *const ends[] = {"", "", "", "", ".", "..", ":80", "]"};
    const char *name = PICK(tops);
    for (uint32_t labels = draw(5); labels > 0; labels--)
        name = arena_printf(arena, "%s.%s", draw_label(), name);
    if (draw(16) == 0)
        return draw(2) == 0 ? draw_ipv4() : draw_ipv6();
    return arena_printf(arena, "%s%s", name, PICK(ends));
}

static const char *draw_path(void)
{
    static const char *const pieces[] = {"/", "/a", "/b", "/c.php", "?d", "?", "//", "#e", "/a/"};
    const char *path = draw(8) == 0 ? "" : "/";
    for (uint32_t count = draw(5); count > 0; count--)
        path = arena_printf(arena, "%s%s", path, PICK(pieces));
    return path;
}

static const char *draw_url(void)
{
    static const char *const schemes[] = {"http://", "https://", "", "HTTP://", "ftp://u@"};
    static const char *const ports[] = {"", "", "", ":80", ":8080", ":443"};
    static const char *const hosts[] = {"toko.test", "www.toko.test", "TOKO.test", "192.0.2.1", "[2001:db8::1]",
            "198.51.100.47", "toko.test.", "bücher.test"};
    return arena_printf(
            arena, "%s%s%s%s", PICK(schemes), draw(10) == 0 ? draw_host() : PICK(hosts), PICK(ports), draw_path());
}

static const char *draw_hex(size_t bytes)
{
    static const char *const digits = "0123456789abcdefABCDEF";
    char text[200];
    struct buf buf = {.ptr = text, .cap = sizeof(text), .max = sizeof(text)};
    uint32_t form = draw(6);
    char digit = digits[draw(4)];
    if (form == 0)
        buf_put(&buf, S("0x"));
    for (size_t i = 0; i < bytes; i++) {
        if (form == 1 && i > 0)
            buf_byte(&buf, ':');
        buf_byte(&buf, form == 2 ? 'A' : 'a');
        buf_byte(&buf, i == 3 ? digits[draw(22)] : digit);
    }
    return arena_cstr(arena, buf_slice(&buf));
}

static const char *draw_md5(void)
{
    return draw_hex(16);
}

static const char *draw_sha1(void)
{
    return draw_hex(20);
}

static const char *draw_sha256(void)
{
    return draw_hex(32);
}

static const char *draw_sha512(void)
{
    return draw_hex(64);
}

static const char *draw_email(void)
{
    static const char *const locals[] = {"tagihan", "Tagihan", "\"a b\"", "", "a@b"};
    return arena_printf(arena, "%s@%s", PICK(locals), draw_host());
}

static const char *draw_text(void)
{
    static const char *const texts[] = {"a", "ab", "abc", "abcdefg", "abcdefgh", "abcdefghi", "Contoh/1.0 (sistem)",
            "sixteen bytes ok", "seventeen bytes o", "thirty-two bytes of text, exactly"};
    return PICK(texts);
}

static const struct {
    enum observable_type type;
    const char *(*draw)(void);
} kinds[] = {
        {OBSERVABLE_IPV4, draw_ipv4},
        {OBSERVABLE_IPV6, draw_ipv6},
        {OBSERVABLE_CIDR, draw_prefix},
        {OBSERVABLE_DOMAIN, draw_host},
        {OBSERVABLE_HOST, draw_host},
        {OBSERVABLE_URL, draw_url},
        {OBSERVABLE_MD5, draw_md5},
        {OBSERVABLE_SHA1, draw_sha1},
        {OBSERVABLE_SHA256, draw_sha256},
        {OBSERVABLE_SHA512, draw_sha512},
        {OBSERVABLE_EMAIL, draw_email},
        {OBSERVABLE_JA3, draw_md5},
        {OBSERVABLE_USERAGENT, draw_text},
        {OBSERVABLE_FILENAME, draw_text},
        {OBSERVABLE_OTHER, draw_text},
};

/* Copies of exactly the length of a value, so that the sanitizer sees a read beyond it. */
static char *owned[OWNED_MAX];
static size_t owned_count;

static const char *own_copy(slice value)
{
    assert_true(owned_count < OWNED_MAX);
    char *copy = malloc(value.len > 0 ? value.len : 1);
    assert_non_null(copy);
    if (value.len > 0)
        memcpy(copy, value.ptr, value.len);
    owned[owned_count++] = copy;
    return copy;
}

static void drop_copies(void)
{
    while (owned_count > 0)
        free(owned[--owned_count]);
}

/* Sometimes another byte somewhere, sometimes another type, sometimes cut short. */
static struct observable draw_observable(void)
{
    static const char *const names[] = {"mutex", "windows-registry-key", "pipa"};
    size_t kind = draw(COUNT_OF(kinds));
    struct observable observable = {.type = kinds[kind].type, .value = slice_of(kinds[kind].draw())};
    if (observable.type == OBSERVABLE_OTHER)
        observable.name = slice_of(PICK(names));
    if (draw(12) == 0 && observable.value.len > 0) {
        char *bytes = arena_take(arena, observable.value.len);
        memcpy(bytes, observable.value.ptr, observable.value.len);
        bytes[draw((uint32_t)observable.value.len)] = (char)draw(256);
        observable.value.ptr = bytes;
    }
    if (draw(40) == 0)
        observable.type = kinds[draw(COUNT_OF(kinds))].type;
    if (draw(20) == 0)
        observable.value.len = draw((uint32_t)observable.value.len + 1);
    if (observable.type == OBSERVABLE_URL && draw(2) == 0) {
        observable.value = slice_of(draw(2) == 0 ? "Toko.test" : draw_host());
        observable.path = slice_of(draw_path());
        observable.port = (uint16_t)(draw(3) == 0 ? 8080 : draw(3) == 0 ? 80 : 0);
    }
    observable.value.ptr = own_copy(observable.value);
    return observable;
}

/* One indicator of the list, in normal form. */
struct wanted {
    struct indicator indicator;
    slice normal;
};

static struct buf scratch = {.max = KEY_BYTES_MAX};

static bool normal_of(const struct observable *observable, slice *normal)
{
    buf_reset(&scratch);
    if (!observable_normal(observable, &scratch))
        return false;
    *normal = arena_copy(arena, buf_slice(&scratch));
    return true;
}

static bool is_address(slice normal)
{
    return (normal.len == 5 && normal.ptr[0] == 4) || (normal.len == 17 && normal.ptr[0] == 6);
}

static bool is_name(enum observable_type type)
{
    return type == OBSERVABLE_HOST || type == OBSERVABLE_DOMAIN;
}

static bool is_place(enum observable_type type, slice normal)
{
    return type == OBSERVABLE_IPV4 || type == OBSERVABLE_IPV6 || (is_name(type) && is_address(normal));
}

/* How far up an indicator is met: 0 not at all, then the greater the earlier. */
enum { MET_EXACTLY = 1000000 };

static uint32_t meets_prefix(slice prefix, slice address)
{
    size_t len = prefix.ptr[0] == 4 ? 4 : 16;
    struct prefix held = {.ip = {.family = (uint8_t)prefix.ptr[0]}, .bits = (uint8_t)prefix.ptr[len + 1]};
    struct ip ip = {.family = (uint8_t)address.ptr[0]};
    memcpy(held.ip.bytes, prefix.ptr + 1, len);
    memcpy(ip.bytes, address.ptr + 1, address.len - 1);
    return prefix_holds(&held, &ip) ? 1 + held.bits : 0;
}

static uint32_t meets_domain(slice domain, slice name)
{
    size_t labels = 1;
    for (size_t i = 0; i < domain.len; i++)
        labels += domain.ptr[i] == '.';
    if (labels > KEY_LABELS_MAX || name.len <= domain.len + 1)
        return 0;
    return slice_ends(name, domain) && name.ptr[name.len - domain.len - 1] == '.' ? (uint32_t)domain.len : 0;
}

static uint32_t meets_below(slice above, slice url)
{
    if (!slice_starts(url, above))
        return 0;
    char next = url.len > above.len ? url.ptr[above.len] : '/';
    bool whole = above.ptr[above.len - 1] == '/' || next == '/' || next == '?';
    return whole ? (uint32_t)above.len : 0;
}

static uint32_t meets(const struct wanted *wanted, const struct observable *observable, slice normal)
{
    const struct indicator *indicator = &wanted->indicator;
    bool place = is_place(observable->type, normal);
    if (indicator->type == OBSERVABLE_URL && (indicator->flags & INDICATOR_BELOW) != 0)
        return observable->type == OBSERVABLE_URL ? meets_below(wanted->normal, normal) : 0;
    if (indicator->type == OBSERVABLE_CIDR && place)
        return meets_prefix(wanted->normal, normal);
    bool one_kind = is_place(indicator->type, wanted->normal) ? place
                    : is_name(indicator->type)                ? is_name(observable->type)
                                                              : indicator->type == observable->type;
    if (!one_kind)
        return 0;
    if (indicator->type == OBSERVABLE_OTHER && !slice_eq(indicator->name, observable->name))
        return 0;
    if (slice_eq(wanted->normal, normal))
        return MET_EXACTLY;
    return indicator->type == OBSERVABLE_DOMAIN && !place ? meets_domain(wanted->normal, normal) : 0;
}

struct met {
    uint32_t tag, line, rank;
};

struct answer {
    const struct match_index *index;
    struct met *met;
    size_t count;
};

static void take(void *context, uint32_t tag, uint32_t number)
{
    struct answer *answer = context;
    struct match_entry entry;
    match_entry(answer->index, number, &entry);
    assert_true(answer->count < FINDS_MAX);
    answer->met[answer->count++] = (struct met){.tag = tag, .line = entry.line};
}

static int by_rank(const void *a, const void *b)
{
    const struct met *one = a, *other = b;
    if (one->rank != other->rank)
        return one->rank > other->rank ? -1 : 1;
    return one->line < other->line ? -1 : 1;
}

static void walk(const struct wanted *list, const struct observable *observable, uint32_t tag, struct answer *answer)
{
    slice normal;
    size_t first = answer->count;
    if (!normal_of(observable, &normal))
        return;
    for (size_t i = 0; i < LIST; i++) {
        uint32_t rank = list[i].normal.len == 0 ? 0 : meets(&list[i], observable, normal);
        if (rank > 0)
            answer->met[answer->count++] = (struct met){tag, list[i].indicator.line, rank};
    }
    qsort(answer->met + first, answer->count - first, sizeof(*answer->met), by_rank);
}

/* A random list; values that are none are left out. */
static struct match_index *build_list(struct wanted *list, uint64_t seed)
{
    struct match_builder *builder = match_builder_open(hash_key_fixed(seed));
    struct match_index *index = NULL;
    for (uint32_t i = 0; i < LIST; i++) {
        struct observable value = draw_observable();
        struct indicator *indicator = &list[i].indicator;
        *indicator = (struct indicator){.type = value.type, .name = value.name, .line = i + 1};
        indicator->value = arena_copy(arena, value.value);
        indicator->flags = value.type == OBSERVABLE_URL && draw(2) == 0 ? INDICATOR_BELOW : 0;
        value = (struct observable){.type = indicator->type, .value = indicator->value};
        list[i].normal = (slice){NULL, 0};
        bool good = normal_of(&value, &list[i].normal);
        assert_int_equal(match_build_add(builder, indicator).kind, good ? ERR_NONE : ERR_INPUT);
    }
    assert_int_equal(match_build_open(builder, &index).kind, ERR_NONE);
    match_builder_close(builder);
    return index;
}

static void assert_alike(const struct answer *one, const struct answer *other)
{
    assert_int_equal(one->count, other->count);
    for (size_t i = 0; i < one->count; i++) {
        assert_int_equal(one->met[i].tag, other->met[i].tag);
        assert_int_equal(one->met[i].line, other->met[i].line);
    }
}

/* What a sieve reported, by tag. */
struct reported {
    bool *tags;
    size_t count;
};

static void report(void *context, uint32_t tag)
{
    struct reported *reported = context;
    reported->count += !reported->tags[tag];
    reported->tags[tag] = true;
}

static struct reported reported_make(size_t tags)
{
    return (struct reported){arena_new(arena, bool, tags), 0};
}

/* Everything found was reported; what else was, is a text of no type that hashes like another's. */
static void assert_reported(const struct answer *found, const struct reported *reported, size_t others_max)
{
    size_t tags = 0;
    for (size_t i = 0; i < found->count; i++) {
        assert_true(reported->tags[found->met[i].tag]);
        tags += i == 0 || found->met[i].tag != found->met[i - 1].tag;
    }
    assert_true(reported->count - tags <= others_max);
}

/* The kinds of text that a value of a type may come as. */
static const enum match_text texts[OBSERVABLE_TYPES][2] = {
        [OBSERVABLE_IPV4] = {MATCH_ADDRESS, MATCH_NAME},
        [OBSERVABLE_IPV6] = {MATCH_ADDRESS, MATCH_NAME},
        [OBSERVABLE_DOMAIN] = {MATCH_NAME},
        [OBSERVABLE_HOST] = {MATCH_NAME},
        [OBSERVABLE_URL] = {MATCH_URL},
        [OBSERVABLE_MD5] = {MATCH_MD5},
        [OBSERVABLE_SHA1] = {MATCH_SHA1},
        [OBSERVABLE_SHA256] = {MATCH_SHA256},
        [OBSERVABLE_JA3] = {MATCH_JA3},
        [OBSERVABLE_USERAGENT] = {MATCH_USERAGENT},
        [OBSERVABLE_FILENAME] = {MATCH_FILENAME},
};

/* Whatever is found for a value is reported for its text, too. */
static void offer_all(const struct match_index *index, const struct observable *observables, const struct answer *found)
{
    for (size_t way = 0; way < 2; way++) {
        struct reported reported = reported_make(ASKED);
        struct match_sieve *sieve = match_sieve_open(index, report, &reported);
        for (uint32_t i = 0; i < ASKED; i++)
            match_sieve_offer(sieve, texts[observables[i].type][way], observables[i].value, i);
        match_sieve_run(sieve);
        match_sieve_close(sieve);
        for (size_t i = 0; i < found->count; i++) {
            const struct observable *observable = &observables[found->met[i].tag];
            if (texts[observable->type][way] != MATCH_NOTHING && observable->path.ptr == NULL)
                assert_true(reported.tags[found->met[i].tag]);
        }
    }
}

static size_t compare_on_one_list(uint64_t seed)
{
    random_state = seed;
    struct wanted *list = arena_new(arena, struct wanted, LIST);
    struct match_index *index = build_list(list, seed);
    struct reported reported = reported_make(ASKED);
    struct match_sieve *sieve = match_sieve_open(index, report, &reported);
    struct answer walked = {index, arena_new(arena, struct met, FINDS_MAX), 0}, found = walked;
    found.met = arena_new(arena, struct met, FINDS_MAX);
    struct observable *observables = arena_new(arena, struct observable, ASKED);
    for (uint32_t i = 0; i < ASKED; i++) {
        observables[i] = draw_observable();
        walk(list, &observables[i], i, &walked);
        match_find(index, &observables[i], i, take, &found);
        match_sieve_add(sieve, &observables[i], i);
        if (draw(300) == 0)
            match_sieve_run(sieve);
    }
    match_sieve_run(sieve);
    assert_alike(&walked, &found);
    assert_reported(&walked, &reported, ASKED / 50);
    offer_all(index, observables, &walked);
    drop_copies();
    match_sieve_close(sieve);
    match_close(index);
    arena_reset(arena);
    return walked.count;
}

static void three_ways_give_the_same_answer(void **state)
{
    (void)state;
    size_t met = 0;
    for (uint64_t seed = 1; seed <= 40; seed++)
        met += compare_on_one_list(seed);
    assert_true(met > 10000);
}

static struct match_index *index_of(const struct indicator *list, size_t count)
{
    struct match_builder *builder = match_builder_open(hash_key_fixed(8));
    struct match_index *index = NULL;
    for (size_t i = 0; i < count; i++)
        assert_int_equal(match_build_add(builder, &list[i]).kind, ERR_NONE);
    assert_int_equal(match_build_open(builder, &index).kind, ERR_NONE);
    match_builder_close(builder);
    return index;
}

static void a_sieve_that_was_never_run_forgets_nothing(void **state)
{
    (void)state;
    const struct indicator list[] = {
            {.type = OBSERVABLE_IPV4, .value = S("192.0.2.1"), .line = 1},
            {.type = OBSERVABLE_CIDR, .value = S("203.0.113.0/28"), .line = 2},
            {.type = OBSERVABLE_DOMAIN, .value = S("test"), .line = 3},
    };
    enum { ADDED = 30000 };
    struct match_index *index = index_of(list, COUNT_OF(list));
    struct reported reported = reported_make(ADDED);
    struct match_sieve *sieve = match_sieve_open(index, report, &reported);
    for (uint32_t i = 0; i < ADDED; i++) {
        slice values[] = {S("192.0.2.1"), S("rs-contoh.test"), S("198.51.100.1"), S("203.0.113.9"), S("203.0.113.99")};
        enum observable_type type = i % 5 == 1 ? OBSERVABLE_HOST : OBSERVABLE_IPV4;
        struct observable observable = {.type = type, .value = values[i % 5]};
        match_sieve_add(sieve, &observable, i);
    }
    match_sieve_run(sieve);
    for (uint32_t i = 0; i < ADDED; i++)
        assert_int_equal(reported.tags[i], i % 5 < 2 || i % 5 == 3);
    match_sieve_close(sieve);
    match_close(index);
    arena_reset(arena);
}

/* A URL tells its host, a path its file name; ordinary texts that meet nothing are not reported. */
static void a_text_tells_what_it_holds(void **state)
{
    (void)state;
    const struct indicator list[] = {
            {.type = OBSERVABLE_DOMAIN, .value = S("toko.test")},
            {.type = OBSERVABLE_FILENAME, .value = S("tagihan.exe")},
            {.type = OBSERVABLE_IPV4, .value = S("192.0.2.1")},
            {.type = OBSERVABLE_HOST, .value = S("a.b.c.toko1")},
    };
    static const struct {
        enum match_text kind;
        const char *text;
        bool met;
    } rows[] = {
            {MATCH_URL, "https://www.toko.test/a", true},
            {MATCH_URL, "https://www.toko.example/a", false},
            {MATCH_URL, "https://www.toko.example", false},
            {MATCH_URL, "ftp://www.toko.example/a", true}, /* not of the usual form: others must look */
            {MATCH_NAME, "www.toko.test", true},
            {MATCH_NAME, "www.toko.example", false},
            {MATCH_NAME, "192.0.2.1", true},
            {MATCH_NAME, "a.b.c.toko1", true}, /* four labels, the last with a digit, are no address */
            {MATCH_NAME, "192.0.2.2", false},
            {MATCH_NAME, "toko.example:443", true},
            {MATCH_NAME, "a.b.toko.example1", false},
            {MATCH_NAME, "büro.toko.test", true},
            {MATCH_NAME, "mail.toko.test", true},
            {MATCH_ADDRESS, "192.0.2.1", true},
            {MATCH_ADDRESS, "192.0.2.2", false},
            {MATCH_ADDRESS, "::ffff:192.0.2.1", true},
            {MATCH_ADDRESS, "2001:db8::1", false},
            {MATCH_ADDRESS, "[2001:db8::1]:443", true},
            {MATCH_FILENAME, "C:\\unduh\\tagihan.exe", true},
            {MATCH_FILENAME, "/unduh/tagihan.pdf", false},
            {MATCH_NOTHING, "192.0.2.1", false},
    };
    struct match_index *index = index_of(list, COUNT_OF(list));
    struct reported reported = reported_make(COUNT_OF(rows));
    struct match_sieve *sieve = match_sieve_open(index, report, &reported);
    for (uint32_t i = 0; i < COUNT_OF(rows); i++)
        match_sieve_offer(sieve, rows[i].kind, slice_of(rows[i].text), i);
    match_sieve_run(sieve);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (reported.tags[i] != rows[i].met)
            fail_msg("%s: %d", rows[i].text, reported.tags[i]);
    match_sieve_close(sieve);
    match_close(index);
    arena_reset(arena);
}

/* 10.0.0.0 and on; every second one is in the list. */
static void a_large_table_is_asked_through_its_filter(void **state)
{
    (void)state;
    enum { LARGE = IMAGE_FILTER_LEAST + 1000 };
    struct match_builder *builder = match_builder_open(hash_key_fixed(5));
    struct match_index *index = NULL;
    char text[16];
    for (uint32_t i = 0; i < 2 * LARGE; i += 2) {
        int len = snprintf(text, sizeof text, "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
        struct indicator indicator = {.type = OBSERVABLE_IPV4, .value = {text, (size_t)len}};
        assert_int_equal(match_build_add(builder, &indicator).kind, ERR_NONE);
    }
    assert_int_equal(match_build_open(builder, &index).kind, ERR_NONE);
    match_builder_close(builder);
    assert_true(index->filter_words > 0);
    struct reported reported = reported_make((size_t)2 * LARGE);
    struct match_sieve *sieve = match_sieve_open(index, report, &reported);
    for (uint32_t i = 0; i < 2 * LARGE; i++) {
        int len = snprintf(text, sizeof text, "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
        struct observable observable = {.type = OBSERVABLE_IPV4, .value = {text, (size_t)len}};
        match_sieve_add(sieve, &observable, i);
    }
    match_sieve_run(sieve);
    for (uint32_t i = 0; i < 2 * LARGE; i++)
        assert_int_equal(reported.tags[i], i % 2 == 0);
    match_sieve_close(sieve);
    match_close(index);
    arena_reset(arena);
}

static void a_host_is_not_met_by_names_below_it(void **state)
{
    (void)state;
    const struct indicator list[] = {
            {.type = OBSERVABLE_HOST, .value = S("rs-contoh.test")},
            {.type = OBSERVABLE_DOMAIN, .value = S("klinik.test")},
    };
    struct match_index *index = index_of(list, COUNT_OF(list));
    static const char *const names[] = {"www.rs-contoh.test", "rs-contoh.test", "www.klinik.test", "klinik.test"};
    struct reported reported = reported_make(COUNT_OF(names));
    struct match_sieve *sieve = match_sieve_open(index, report, &reported);
    for (uint32_t i = 0; i < COUNT_OF(names); i++) {
        struct observable observable = {.type = OBSERVABLE_HOST, .value = slice_of(names[i])};
        match_sieve_add(sieve, &observable, i);
    }
    match_sieve_run(sieve);
    assert_false(reported.tags[0]);
    assert_int_equal(reported.count, 3);
    match_sieve_close(sieve);
    match_close(index);
    arena_reset(arena);
}

static void assert_both_find(const struct match_index *index, struct observable observable, size_t count)
{
    struct answer slow = {index, arena_new(arena, struct met, FINDS_MAX), 0};
    struct reported quick = reported_make(2);
    struct match_sieve *sieve = match_sieve_open(index, report, &quick);
    match_find(index, &observable, 1, take, &slow);
    match_sieve_add(sieve, &observable, 1);
    match_sieve_run(sieve);
    match_sieve_close(sieve);
    assert_int_equal(slow.count, count);
    assert_int_equal(quick.tags[1], count > 0);
    arena_reset(arena);
}

static void names_of_every_length_are_found(void **state)
{
    (void)state;
    char name[253];
    for (size_t len = 6; len <= sizeof(name); len++) {
        for (size_t i = 0; i < len; i++)
            name[i] = (len - i) % 40 == 0 && i > 0 ? '.' : (char)('a' + (len + i) % 26);
        memcpy(name + len - 5, ".test", 5);
        if (name[len - 6] == '.')
            name[len - 6] = 'x';
        struct indicator host = {.type = OBSERVABLE_HOST, .value = {name, len}};
        struct match_index *index = index_of(&host, 1);
        assert_both_find(index, (struct observable){.type = OBSERVABLE_HOST, .value = {name, len}}, 1);
        match_close(index);
    }
}

static void texts_of_every_length_are_found(void **state)
{
    (void)state;
    char text[130], copy[130];
    for (size_t len = 1; len <= sizeof(text); len++) {
        for (size_t i = 0; i < len; i++)
            text[i] = (char)(1 + (len * 7 + i * 13) % 255);
        memcpy(copy, text, len);
        copy[len / 2] ^= 1;
        struct indicator file = {.type = OBSERVABLE_FILENAME, .value = {text, len}};
        struct match_index *index = index_of(&file, 1);
        assert_both_find(index, (struct observable){.type = OBSERVABLE_FILENAME, .value = {text, len}}, 1);
        assert_both_find(index, (struct observable){.type = OBSERVABLE_FILENAME, .value = {copy, len}}, 0);
        match_close(index);
    }
}

static void deep_names_and_paths_have_the_same_limits(void **state)
{
    (void)state;
    const struct indicator list[] = {
            {.type = OBSERVABLE_DOMAIN, .value = S("o.n.m.l.k.j.i.h.g.f.e.d.c.b.test")},
            {.type = OBSERVABLE_DOMAIN, .value = S("p.o.n.m.l.k.j.i.h.g.f.e.d.c.b.test")},
            {.type = OBSERVABLE_URL, .value = S("toko.test/1/2/3/4/5/6/7/8/9/a/b/c/d/e/f"), .flags = INDICATOR_BELOW},
            {.type = OBSERVABLE_URL, .value = S("toko.test/1/2/3/4/5/6/7/8/9/a/b/c/d/e/f/g"), .flags = INDICATOR_BELOW},
    };
    struct match_index *index = index_of(list, COUNT_OF(list));
    assert_both_find(index, (struct observable){.type = OBSERVABLE_HOST, .value = list[1].value}, 2);
    assert_both_find(index,
            (struct observable){.type = OBSERVABLE_HOST, .value = S("x.y.z.p.o.n.m.l.k.j.i.h.g.f.e.d.c.b.test")}, 1);
    assert_both_find(index, (struct observable){.type = OBSERVABLE_URL, .value = list[3].value}, 2);
    assert_both_find(index,
            (struct observable){.type = OBSERVABLE_URL, .value = S("toko.test/1/2/3/4/5/6/7/8/9/a/b/c/d/e/f/g/h")}, 1);
    match_close(index);
}

static void values_beyond_their_ceiling_meet_nothing(void **state)
{
    (void)state;
    const struct indicator list[] = {{.type = OBSERVABLE_URL, .value = S("toko.test/"), .flags = INDICATOR_BELOW}};
    struct match_index *index = index_of(list, COUNT_OF(list));
    char *path = arena_take(arena, 200000);
    memset(path, 'a', 200000);
    path[0] = '/';
    struct observable url = {.type = OBSERVABLE_URL, .value = S("toko.test"), .path = {path, 8192}};
    struct answer answer = {index, arena_new(arena, struct met, FINDS_MAX), 0};
    match_find(index, &url, 1, take, &answer);
    url.path.len = 200000;
    match_find(index, &url, 2, take, &answer);
    assert_int_equal(answer.count, 1);
    assert_int_equal(answer.met[0].tag, 1);
    match_close(index);
    arena_reset(arena);
}

static int begin(void **state)
{
    (void)state;
    arena = arena_open("test", ARENA_WORK, (size_t)256 << 20);
    return 0;
}

static int end(void **state)
{
    (void)state;
    buf_free(&scratch);
    arena_close(arena);
    return 0;
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(three_ways_give_the_same_answer),
            cmocka_unit_test(a_sieve_that_was_never_run_forgets_nothing),
            cmocka_unit_test(a_text_tells_what_it_holds),
            cmocka_unit_test(a_large_table_is_asked_through_its_filter),
            cmocka_unit_test(a_host_is_not_met_by_names_below_it),
            cmocka_unit_test(names_of_every_length_are_found),
            cmocka_unit_test(texts_of_every_length_are_found),
            cmocka_unit_test(deep_names_and_paths_have_the_same_limits),
            cmocka_unit_test(values_beyond_their_ceiling_meet_nothing),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
