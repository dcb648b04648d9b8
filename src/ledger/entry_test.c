/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/entry.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/arena.h"
#include "ledger/note.h"
#include "ledger/opening.h"
#include "ledger/tile.h"

static struct arena *arena;
static struct buf out;

static int setup(void **state)
{
    (void)state;
    arena = arena_open("test", ARENA_WORK, 64u << 20);
    out = buf_make(1u << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    buf_free(&out);
    arena_close(arena);
    return 0;
}

static void fine(struct err err)
{
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
}

static void fails(struct err err, enum err_kind kind, const char *why)
{
    if (err.kind != kind || strstr(err.why, why) == NULL)
        fail_msg("%s: %s; not %s", err_name(err.kind), err.why, why);
}

/* Three fields as a release has them; the salts are 0, 1 and 2 thirty-two times. */
static struct ledger_field *sample(void)
{
    static struct ledger_field fields[3];
    fields[0] = (struct ledger_field){S("kind"), S("release"), {0}};
    fields[1] = (struct ledger_field){S("object"), S("indicator--1"), {0}};
    fields[2] = (struct ledger_field){S("reason"), S(""), {0}};
    for (int i = 0; i < 3; i++)
        memset(fields[i].salt, i, sizeof fields[i].salt);
    return fields;
}

/* Digests by sha256sum: lengths of 8 bytes before tag, name and value, the salt between name and value. */
static void an_entry_is_these_lines(void **state)
{
    (void)state;
    fine(ledger_entry_write(S("node.example/log/partner-7"), 41, sample(), 3, arena, &out));
    assert_string_equal(arena_cstr(arena, buf_slice(&out)), "kentongan-entry/1\n"
                                                            "node.example/log/partner-7\n"
                                                            "41\n"
                                                            "kind gPbUK//Whc8hX1PVK2zImctzTLWjY03fZvBtKKTFN3w=\n"
                                                            "object nlzstXHQj1F9UIwRWAmXYoJE720Ug//NCKwOIPqRlsA=\n"
                                                            "reason 3GZdHFi8WrWZWlG6+ogxtwP/cnWnoUCnn0ZZp/zg9HU=\n");
}

static void what_was_made_is_parsed_and_opened(void **state)
{
    (void)state;
    struct ledger_field *fields = sample();
    struct ledger_entry entry;
    fine(ledger_entry_make(S("node.example/log"), 7, fields, 3, arena, &out));
    fine(ledger_entry_parse(buf_slice(&out), arena, &entry));
    assert_true(slice_eq(entry.origin, S("node.example/log")));
    assert_true(entry.sequence == 7 && entry.count == 3);
    for (int i = 0; i < 3; i++) {
        assert_true(ledger_entry_opens(&entry, &fields[i]));
        struct ledger_field wrong = fields[i];
        wrong.salt[31] ^= 1;
        assert_false(ledger_entry_opens(&entry, &wrong));
        wrong = fields[i];
        wrong.value = S("another");
        assert_false(ledger_entry_opens(&entry, &wrong));
        wrong = fields[i];
        wrong.name = fields[(i + 1) % 3].name;
        assert_false(ledger_entry_opens(&entry, &wrong));
        wrong.name = S("none");
        assert_false(ledger_entry_opens(&entry, &wrong));
    }
}

/* Fresh salts: who knows the value learns nothing from the entry, and two entries of one value are not alike. */
static void the_same_values_never_give_the_same_entry(void **state)
{
    (void)state;
    struct ledger_field *fields = sample();
    fine(ledger_entry_make(S("node.example/log"), 7, fields, 3, arena, &out));
    slice first = arena_copy(arena, buf_slice(&out));
    assert_memory_not_equal(fields[0].salt, fields[1].salt, 32);
    buf_reset(&out);
    fine(ledger_entry_make(S("node.example/log"), 7, fields, 3, arena, &out));
    assert_int_equal(first.len, out.len);
    assert_false(slice_eq(first, buf_slice(&out)));
}

/* No two splits of the same bytes into name and value have one digest, and a long value is hashed as a short one. */
static void lengths_are_part_of_the_digest(void **state)
{
    (void)state;
    static char long_value[5000];
    struct ledger_field a = {S("ab"), S("c"), {0}}, b = {S("a"), S("bc"), {0}};
    struct sha256 x = ledger_entry_digest(&a), y = ledger_entry_digest(&b);
    assert_memory_not_equal(x.bytes, y.bytes, 32);
    memset(long_value, 'x', sizeof long_value);
    for (size_t len = 1023; len <= 1025; len++) {
        struct ledger_field field = {S("a"), {long_value, len}, {0}};
        struct buf bytes = buf_make(8192);
        buf_put(&bytes, S("\0\0\0\0\0\0\0\x11kentongan-entry/1\0\0\0\0\0\0\0\1a"));
        buf_put(&bytes, (slice){(const char *)field.salt, 32});
        buf_put(&bytes, S("\0\0\0\0\0\0"));
        buf_byte(&bytes, (char)(len >> 8));
        buf_byte(&bytes, (char)len);
        buf_put(&bytes, field.value);
        struct sha256 expected = hash_sha256(buf_slice(&bytes)), digest = ledger_entry_digest(&field);
        assert_memory_equal(expected.bytes, digest.bytes, 32);
        buf_free(&bytes);
    }
}

static void what_cannot_be_an_entry_is_not_written(void **state)
{
    (void)state;
    struct ledger_field many[LEDGER_FIELDS_MAX + 1] = {{S("a"), S(""), {0}}};
    static const char *const names[] = {"", "A", "1a", "-a", "a b", "a\nb", "a_b",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    static char long_origin[LEDGER_NAME_MAX + 1];
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        many[0].name = slice_of(names[i]);
        fails(ledger_entry_make(S("a.example"), 0, many, 1, arena, &out), ERR_INPUT, "field 1 of the entry");
    }
    many[0].name = many[1].name = S("twice");
    fails(ledger_entry_make(S("a.example"), 0, many, 2, arena, &out), ERR_INPUT,
            "two fields of the entry are named twice");
    fails(ledger_entry_make(S("a.example"), 0, many, COUNT_OF(many), arena, &out), ERR_LIMIT, "at most 64 fields");
    fails(ledger_entry_make(S(""), 0, many, 1, arena, &out), ERR_INPUT, "origin of an entry");
    fails(ledger_entry_make(S("a\nb"), 0, many, 1, arena, &out), ERR_INPUT, "origin of an entry");
    memset(long_origin, 'a', sizeof long_origin);
    fails(ledger_entry_make((slice){long_origin, sizeof long_origin}, 0, many, 1, arena, &out), ERR_INPUT, "origin");
    fails(ledger_entry_make(S("a.example"), LEDGER_SIZE_MAX + 1, many, 1, arena, &out), ERR_INPUT, "below 2^63");
    assert_int_equal(out.len, 0);
}

/* The largest that can be made is one that a bundle can hold. */
static void the_largest_entry_fits(void **state)
{
    (void)state;
    static struct ledger_field fields[LEDGER_FIELDS_MAX];
    static char names[LEDGER_FIELDS_MAX][LEDGER_FIELD_NAME_MAX], origin[LEDGER_NAME_MAX];
    struct ledger_entry entry;
    memset(origin, 'o', sizeof origin);
    for (int i = 0; i < LEDGER_FIELDS_MAX; i++) {
        memset(names[i], 'n', sizeof names[i]);
        names[i][62] = (char)('a' + i / 8);
        names[i][63] = (char)('a' + i % 8);
        fields[i] = (struct ledger_field){{names[i], sizeof names[i]}, S("value"), {0}};
    }
    fine(ledger_entry_make((slice){origin, sizeof origin}, LEDGER_SIZE_MAX, fields, LEDGER_FIELDS_MAX, arena, &out));
    assert_true(out.len <= LEDGER_ENTRY_MAX);
    fine(ledger_entry_parse(buf_slice(&out), arena, &entry));
    assert_int_equal(entry.count, LEDGER_FIELDS_MAX);
}

#define HASH "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

static void what_is_no_entry_is_refused_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } rows[] = {
            {"", "line 1"},
            {"kentongan-entry/2\na\n0\n", "line 1"},
            {"kentongan-entry/1", "line 1"},
            {"kentongan-entry/1\n", "line 2"},
            {"kentongan-entry/1\n\n0\n", "line 2"},
            {"kentongan-entry/1\na\tb\n0\n", "line 2"},
            {"kentongan-entry/1\na\n", "line 3"},
            {"kentongan-entry/1\na\n00\n", "line 3"},
            {"kentongan-entry/1\na\n-1\n", "line 3"},
            {"kentongan-entry/1\na\n0\nx\n", "line 4"},
            {"kentongan-entry/1\na\n0\nx " HASH "\nx " HASH "\n", "line 5"},
            {"kentongan-entry/1\na\n0\nx  " HASH "\n", "line 4"},
            {"kentongan-entry/1\na\n0\nX " HASH "\n", "line 4"},
            {"kentongan-entry/1\na\n0\nx " HASH " \n", "line 4"},
            {"kentongan-entry/1\na\n0\nx " HASH "\n\n", "line 5"},
            {"kentongan-entry/1\na\n0\nx " HASH, "does not end in a newline"},
    };
    struct ledger_entry entry;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        fails(ledger_entry_parse(slice_of(rows[i].text), arena, &entry), ERR_INPUT, rows[i].why);
    fine(ledger_entry_parse(S("kentongan-entry/1\na\n0\n"), arena, &entry));
    slice large = {arena_take(arena, LEDGER_ENTRY_MAX + 1), LEDGER_ENTRY_MAX + 1};
    fails(ledger_entry_parse(large, arena, &entry), ERR_LIMIT, "65,535");
}

static void an_entry_belongs_to_one_place_of_one_log(void **state)
{
    (void)state;
    struct ledger_entry entry;
    fine(ledger_entry_make(S("node.example/log"), 7, sample(), 3, arena, &out));
    fine(ledger_entry_parse(buf_slice(&out), arena, &entry));
    fine(ledger_entry_belongs(&entry, S("node.example/log"), 7, arena));
    fails(ledger_entry_belongs(&entry, S("node.example/log"), 8, arena), ERR_DENIED, "entry 8 says that it is entry 7");
    fails(ledger_entry_belongs(&entry, S("node.example/log2"), 7, arena), ERR_DENIED, "another log");
}

/* ---- Openings ---- */

static void an_opening_says_what_was_logged_and_no_more(void **state)
{
    (void)state;
    struct ledger_field *fields = sample();
    struct ledger_opening opening;
    fine(ledger_entry_make(S("node.example/log"), 7, fields, 3, arena, &out));
    slice entry = arena_copy(arena, buf_slice(&out));
    buf_reset(&out);
    ledger_opening_write(&out, entry, fields + 1, 2);
    fine(ledger_opening_parse(buf_slice(&out), arena, &opening));
    assert_true(slice_eq(opening.bytes, entry) && opening.count == 2);
    assert_true(slice_eq(opening.fields[0].value, S("indicator--1")));
    assert_true(slice_eq(opening.fields[1].name, S("reason")) && opening.fields[1].value.len == 0);
    buf_reset(&out);
    ledger_opening_write(&out, entry, NULL, 0); /* all of it erased: the entry is still one */
    fine(ledger_opening_parse(buf_slice(&out), arena, &opening));
    assert_int_equal(opening.count, 0);
}

static void an_opening_that_does_not_open_is_refused(void **state)
{
    (void)state;
    struct ledger_field *fields = sample(), order[2];
    struct ledger_opening opening;
    fine(ledger_entry_make(S("node.example/log"), 7, fields, 3, arena, &out));
    slice entry = arena_copy(arena, buf_slice(&out));
    buf_reset(&out);
    fields[1].value = S("indicator--2");
    ledger_opening_write(&out, entry, fields, 3);
    fails(ledger_opening_parse(buf_slice(&out), arena, &opening), ERR_DENIED, "another value of object");
    buf_reset(&out);
    order[0] = fields[2];
    order[1] = fields[0];
    ledger_opening_write(&out, entry, order, 2);
    fails(ledger_opening_parse(buf_slice(&out), arena, &opening), ERR_INPUT, "not in its order");
    buf_reset(&out);
    order[1] = fields[2];
    ledger_opening_write(&out, entry, order, 2);
    fails(ledger_opening_parse(buf_slice(&out), arena, &opening), ERR_INPUT, "not in its order");
    fails(ledger_opening_parse(S("none"), arena, &opening), ERR_INPUT, "line 1");
    fails(ledger_opening_parse(S("kentongan-opening/1\nentry !\n"), arena, &opening), ERR_INPUT, "line 2");
    fails(ledger_opening_parse(S("kentongan-opening/1\nentry AAAA\n"), arena, &opening), ERR_INPUT,
            "kentongan-entry/1");
    fails(ledger_opening_parse(
                  S("kentongan-opening/1\nentry a2VudG9uZ2FuLWVudHJ5LzEKYQowCg==\nfield x\n"), arena, &opening),
            ERR_INPUT, "line 3");
    fails(ledger_opening_parse(S("kentongan-opening/1\nentry a2VudG9uZ2FuLWVudHJ5LzEKYQowCg==\nmore"), arena, &opening),
            ERR_INPUT, "does not end in a newline");
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    static const struct CMUnitTest tests[] = {
            TEST(an_entry_is_these_lines),
            TEST(what_was_made_is_parsed_and_opened),
            TEST(the_same_values_never_give_the_same_entry),
            TEST(lengths_are_part_of_the_digest),
            TEST(what_cannot_be_an_entry_is_not_written),
            TEST(the_largest_entry_fits),
            TEST(what_is_no_entry_is_refused_with_its_line),
            TEST(an_entry_belongs_to_one_place_of_one_log),
            TEST(an_opening_says_what_was_logged_and_no_more),
            TEST(an_opening_that_does_not_open_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
