/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/owned.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"

/* ---- The slow, obvious twin: looks at every row, and takes the longest that holds ---- */

enum twin_kind { TWIN_PREFIX, TWIN_NAME, TWIN_ASN };

struct twin_row {
    enum twin_kind kind;
    struct prefix prefix;
    char name[64];
    uint32_t asn;
    int64_t from_us, until_us, organisation;
    bool dropped;
};

static bool name_holds(const char *name, const char *host)
{
    slice above = slice_of(name), below = slice_of(host);
    return slice_eq(above, below) ||
           (below.len > above.len && slice_ends(below, above) && below.ptr[below.len - above.len - 1] == '.');
}

static size_t length(const struct twin_row *row)
{
    return row->kind == TWIN_PREFIX ? row->prefix.bits : row->kind == TWIN_NAME ? strlen(row->name) : 1;
}

static int64_t twin_find(const struct twin_row *rows, size_t count, const struct twin_row *probe, int64_t time_us)
{
    const struct twin_row *best = NULL;
    for (const struct twin_row *row = rows; row < rows + count; row++) {
        bool holds = row->kind == probe->kind && !row->dropped && row->from_us <= time_us && time_us < row->until_us;
        if (holds && row->kind == TWIN_PREFIX)
            holds = prefix_holds(&row->prefix, &probe->prefix.ip);
        if (holds && row->kind == TWIN_NAME)
            holds = name_holds(row->name, probe->name);
        if (holds && row->kind == TWIN_ASN)
            holds = row->asn == probe->asn;
        if (holds && (best == NULL || length(row) > length(best)))
            best = row;
    }
    return best == NULL ? 0 : best->organisation;
}

/* ---- Both are fed ---- */

#define ROWS 300
#define TIMES 40
#define PROBES 3000

static uint64_t seed;

static uint32_t draw(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % below;
}

/* Few bits differ, so that prefixes lie within each other and probes meet them. */
static struct ip draw_ip(void)
{
    struct ip ip = {.family = draw(2) == 0 ? 4 : 6};
    size_t len = ip.family == 4 ? 4 : 16;
    for (size_t i = 0; i < len; i++)
        ip.bytes[i] = (uint8_t)(draw(3) == 0 ? draw(256) & 0x81 : 0);
    return ip;
}

static void draw_name(char name[64])
{
    static const char *const labels[] = {"a", "b", "aa", "ab", "xn--a", "a-b"};
    int len = 0;
    for (uint32_t n = 1 + draw(4); n > 0; n--)
        len += snprintf(name + len, 64 - (size_t)len, "%s%s", labels[draw(COUNT_OF(labels))], n > 1 ? "." : "");
}

static struct twin_row draw_row(int64_t organisation)
{
    struct twin_row row = {.kind = (enum twin_kind)draw(3), .organisation = organisation, .asn = 64496 + draw(4)};
    unsigned all;
    row.prefix.ip = draw_ip();
    all = row.prefix.ip.family == 4 ? 32 : 128;
    row.prefix.bits = (uint8_t)(draw(4) == 0 ? all : draw(all + 1));
    row.prefix.ip = ip_mask(&row.prefix.ip, row.prefix.bits);
    draw_name(row.name);
    row.from_us = draw(TIMES);
    row.until_us = draw(3) == 0 ? INT64_MAX : row.from_us + draw(TIMES / 4); /* some never were */
    return row;
}

static bool is_same_key(const struct twin_row *a, const struct twin_row *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == TWIN_PREFIX)
        return a->prefix.bits == b->prefix.bits && memcmp(&a->prefix.ip, &b->prefix.ip, sizeof(struct ip)) == 0;
    return a->kind == TWIN_NAME ? strcmp(a->name, b->name) == 0 : a->asn == b->asn;
}

/* As the store has it: no two own the same at the same time. */
static bool is_free(const struct twin_row *rows, size_t count, const struct twin_row *fresh)
{
    for (size_t i = 0; i < count; i++)
        if (!rows[i].dropped && is_same_key(&rows[i], fresh) && rows[i].from_us <= fresh->until_us &&
                fresh->from_us <= rows[i].until_us)
            return false;
    return true;
}

static slice key_of(char room[OWNED_KEY_MAX], const struct twin_row *row)
{
    slice key = {0};
    if (row->kind == TWIN_PREFIX)
        owned_key_prefix(room, &row->prefix, &key);
    else if (row->kind == TWIN_NAME)
        assert_true(owned_key_name(room, slice_of(row->name), &key));
    else
        owned_key_asn(room, row->asn, &key);
    return key;
}

static struct owned owned_of(const struct twin_row *row, size_t number, struct arena *arena)
{
    char room[OWNED_KEY_MAX];
    return (struct owned){.key = arena_copy(arena, key_of(room, row)),
            .from_us = row->from_us,
            .until_us = row->until_us,
            .organisation = row->organisation,
            .asset = (int64_t)number + 1};
}

static void both_agree(const struct owned_table *table, const struct twin_row *rows, size_t count, uint64_t started)
{
    size_t found = 0;
    for (size_t i = 0; i < PROBES; i++) {
        char room[OWNED_KEY_MAX];
        struct twin_row probe = draw_row(0);
        probe.prefix.ip = draw_ip();
        probe.prefix.bits = probe.prefix.ip.family == 4 ? 32 : 128;
        int64_t time_us = draw(TIMES), expected = twin_find(rows, count, &probe, time_us);
        struct owned_found answer = owned_find(table, key_of(room, &probe), time_us);
        if (answer.organisation != expected)
            fail_msg("seed %llu, probe %zu: %lld, but the twin says %lld", (unsigned long long)started, i,
                    (long long)answer.organisation, (long long)expected);
        found += expected != 0;
    }
    assert_true(found > PROBES / 20);
}

static void table_and_twin_agree(void **state)
{
    (void)state;
    uint64_t started = seed = (uint64_t)clock_steady_us();
    struct twin_row twin[2 * ROWS];
    struct owned rows[2 * ROWS];
    struct arena *arena = arena_open("test of owners", ARENA_WORK, 64u << 20);
    const struct owned_table *table, *next;
    size_t count = 0;
    while (count < ROWS) {
        twin[count] = draw_row((int64_t)count + 1);
        if (is_free(twin, count, &twin[count])) {
            rows[count] = owned_of(&twin[count], count, arena);
            count++;
        }
    }
    assert_int_equal(owned_make(rows, count, arena, &table).kind, ERR_NONE);
    both_agree(table, twin, count, started);

    /* Then some are gone, some end earlier, some are new. */
    int64_t changed[2 * ROWS];
    size_t changed_count = 0, row_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (draw(3) > 0)
            continue;
        changed[changed_count++] = (int64_t)i + 1;
        twin[i].dropped = draw(2) == 0;
        int64_t earlier = twin[i].from_us + draw(TIMES / 8);
        twin[i].until_us = earlier < twin[i].until_us ? earlier : twin[i].until_us;
        if (!twin[i].dropped)
            rows[row_count++] = owned_of(&twin[i], i, arena);
    }
    while (count < 2 * ROWS) {
        twin[count] = draw_row((int64_t)count + 1);
        if (!is_free(twin, count, &twin[count]))
            continue;
        changed[changed_count++] = (int64_t)count + 1;
        rows[row_count++] = owned_of(&twin[count], count, arena);
        count++;
    }
    assert_int_equal(owned_change(table, changed, changed_count, rows, row_count, arena, &next).kind, ERR_NONE);
    both_agree(next, twin, count, started);
    arena_close(arena);
}

static void nothing_is_found_where_nothing_is(void **state)
{
    (void)state;
    struct arena *arena = arena_open("test of owners", ARENA_WORK, 1u << 20);
    const struct owned_table *table;
    char room[OWNED_KEY_MAX];
    slice probe;
    assert_int_equal(owned_make(NULL, 0, arena, &table).kind, ERR_NONE);
    assert_true(owned_key_name(room, S("rs-melati.example"), &probe));
    assert_int_equal(owned_find(table, probe, 0).organisation, 0);
    arena_close(arena);
}

/* Names as logs write them. */
static void a_name_has_one_key(void **state)
{
    (void)state;
    static const char *const same[] = {"www.rs-melati.example", "WWW.RS-Melati.Example.", "www.rs-melati.example."};
    static const char *const none[] = {"", ".", "a..b", "a b", "a.example:443", "http://a.example/"};
    char first[OWNED_KEY_MAX], room[OWNED_KEY_MAX], longest[300];
    slice expected, key;
    assert_true(owned_key_name(first, slice_of(same[0]), &expected));
    for (size_t i = 0; i < COUNT_OF(same); i++) {
        assert_true(owned_key_name(room, slice_of(same[i]), &key));
        assert_true(slice_eq(key, expected));
    }
    for (size_t i = 0; i < COUNT_OF(none); i++)
        assert_false(owned_key_name(room, slice_of(none[i]), &key));
    for (size_t i = 0; i < sizeof longest; i++)
        longest[i] = i % 2 == 0 ? 'a' : '.';
    assert_true(owned_key_name(room, (slice){longest, 253}, &key));
    assert_false(owned_key_name(room, (slice){longest, 255}, &key));
    /* An address in the place of a name is the address. */
    const struct prefix prefix = {{.bytes = {192, 0, 2, 1}, .family = 4}, 32};
    owned_key_prefix(first, &prefix, &expected);
    assert_true(owned_key_name(room, S("192.0.2.1"), &key) && slice_eq(key, expected));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(table_and_twin_agree),
            cmocka_unit_test(nothing_is_found_where_nothing_is),
            cmocka_unit_test(a_name_has_one_key),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
