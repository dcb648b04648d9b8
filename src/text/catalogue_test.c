/* SPDX-License-Identifier: Apache-2.0 */
#include "text/catalogue.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"

#define HEAD_ID "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=1; plural=0;\n"
#define HEAD_EN "Content-Type: text/plain; charset=utf-8\nPlural-Forms: nplurals=2; plural=(n != 1)\n"

static struct arena *arena;

struct pair {
    slice text, translation;
};

static void word_put(struct buf *out, uint32_t value, bool swapped)
{
    value = swapped ? __builtin_bswap32(value) : value;
    buf_put(out, (slice){(const char *)&value, sizeof value});
}

/* A catalogue as msgfmt writes it, of the pairs in this order. */
static slice mo_of(const struct pair *pairs, size_t count, bool swapped)
{
    struct buf mo = buf_make(1u << 16), bytes = buf_make(1u << 16);
    uint32_t head[7] = {0x950412de, 0, (uint32_t)count, 28, (uint32_t)(28 + 8 * count), 0, 0};
    for (size_t i = 0; i < COUNT_OF(head); i++)
        word_put(&mo, head[i], swapped);
    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < count; i++) {
            slice text = side == 0 ? pairs[i].text : pairs[i].translation;
            word_put(&mo, (uint32_t)text.len, swapped);
            word_put(&mo, (uint32_t)(28 + 16 * count + bytes.len), swapped);
            buf_put(&bytes, text);
            buf_byte(&bytes, 0);
        }
    buf_put(&mo, buf_slice(&bytes));
    slice made = arena_copy(arena, buf_slice(&mo));
    buf_free(&mo);
    buf_free(&bytes);
    return made;
}

/* Of a literal, where a constant is needed. */
#define P(literal)                                                                                                     \
    {                                                                                                                  \
        (literal), sizeof(literal) - 1                                                                                 \
    }

static const struct pair few[] = {
        {P(""), P(HEAD_ID)},
        {P("Alpha"), P("Alfa")},
        {P("Beta"), P("")},
        {P("day\0days"), P("hari")},
};

static void assert_text(const struct catalogue *c, const char *text, const char *expected)
{
    slice found = catalogue_text(c, slice_of(text));
    assert_int_equal(found.len, strlen(expected));
    assert_memory_equal(found.ptr, expected, found.len);
}

static void a_text_is_found_and_one_without_translation_stays(void **state)
{
    (void)state;
    for (int swapped = 0; swapped < 2; swapped++) {
        struct catalogue *c;
        assert_int_equal(catalogue_read(mo_of(few, COUNT_OF(few), swapped != 0), arena, &c).kind, ERR_NONE);
        assert_text(c, "Alpha", "Alfa");
        assert_text(c, "Beta", "Beta");
        assert_text(c, "Gamma", "Gamma");
        assert_text(c, "Alph", "Alph");
        assert_text(c, "", "");
        assert_text(c, "day", "hari");
    }
    assert_text(NULL, "Alpha", "Alpha");
}

static void counting_follows_the_rule_of_the_language(void **state)
{
    (void)state;
    const struct pair english[] = {{S(""), S(HEAD_EN)}, {S("day\0days"), S("Day\0Days")}};
    static const struct {
        uint64_t count;
        const char *plain, *indonesian, *english;
    } rows[] = {{0, "days", "hari", "Days"}, {1, "day", "hari", "Day"}, {2, "days", "hari", "Days"},
            {UINT64_MAX, "days", "hari", "Days"}};
    struct catalogue *id, *en;
    assert_int_equal(catalogue_read(mo_of(few, COUNT_OF(few), false), arena, &id).kind, ERR_NONE);
    assert_int_equal(catalogue_read(mo_of(english, COUNT_OF(english), false), arena, &en).kind, ERR_NONE);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint64_t n = rows[i].count;
        assert_true(slice_eq(catalogue_count(NULL, W_COUNT("day", "days"), n), slice_of(rows[i].plain)));
        assert_true(slice_eq(catalogue_count(id, W_COUNT("day", "days"), n), slice_of(rows[i].indonesian)));
        assert_true(slice_eq(catalogue_count(en, W_COUNT("day", "days"), n), slice_of(rows[i].english)));
        assert_true(slice_eq(catalogue_count(id, W_COUNT("x", "xs"), n), n == 1 ? S("x") : S("xs")));
    }
}

static void assert_refused(slice mo, const char *why)
{
    struct catalogue *c;
    struct err err = catalogue_read(mo, arena, &c);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_string_equal(err.why, why);
}

static void what_is_no_catalogue_of_ours_is_refused(void **state)
{
    (void)state;
    const struct pair latin[] = {{S(""), S("Content-Type: text/plain; charset=ISO-8859-1\n")}};
    const struct pair slavic[] = {
            {S(""), S("Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=3; plural=n%10==1;\n")}};
    const struct pair turned[] = {few[0], few[2], few[1]}, doubled[] = {few[0], few[1], few[1]};
    const struct pair headless[] = {few[1]};
    assert_refused(S(""), "not a catalogue: too short, or too long");
    assert_refused(S("0123456789012345678901234567"), "not a catalogue: it does not begin like one");
    assert_refused(mo_of(latin, 1, false), "a catalogue that is not in UTF-8");
    assert_refused(mo_of(headless, 1, false), "a catalogue that is not in UTF-8");
    assert_refused(mo_of(slavic, 1, false), "a catalogue with a plural rule that we do not have");
    assert_refused(mo_of(turned, 3, false), "a catalogue whose texts are not in order");
    assert_refused(mo_of(doubled, 3, false), "a catalogue whose texts are not in order");
}

static void a_catalogue_cut_short_or_with_other_places_is_refused(void **state)
{
    (void)state;
    slice whole = mo_of(few, COUNT_OF(few), false);
    for (size_t len = 0; len < whole.len; len++) {
        struct catalogue *c;
        char *exact = malloc(len + 1); /* so that a sanitizer sees a read behind it */
        memcpy(exact, whole.ptr, len);
        assert_int_equal(catalogue_read((slice){exact, len}, arena, &c).kind, ERR_INPUT);
        free(exact);
    }
    static const size_t places[] = {8, 12, 16, 28, 32, 28 + 8 * COUNT_OF(few), 32 + 8 * COUNT_OF(few)};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        struct catalogue *c;
        struct buf copy = buf_make(1u << 16);
        buf_put(&copy, whole);
        memset(copy.ptr + places[i], 0xFF, 4);
        assert_int_equal(catalogue_read(buf_slice(&copy), arena, &c).kind, ERR_INPUT);
        buf_free(&copy);
    }
}

static void the_catalogues_of_the_program_can_be_read(void **state)
{
    (void)state;
    assert_null(catalogue_of(LANGUAGE_ENGLISH));
    assert_non_null(catalogue_of(LANGUAGE_INDONESIAN));
    assert_text(catalogue_of(LANGUAGE_INDONESIAN), "just now", "baru saja");
}

static void a_language_is_found_by_its_tag(void **state)
{
    (void)state;
    enum language language = LANGUAGES;
    assert_true(language_find(S("id"), &language) && language == LANGUAGE_INDONESIAN);
    assert_true(language_find(S("EN-gb"), &language) && language == LANGUAGE_ENGLISH);
    assert_true(language_find(S("in"), &language) && language == LANGUAGE_INDONESIAN);
    assert_false(language_find(S("zh"), &language));
    assert_false(language_find(S(""), &language));
    assert_false(language_find(S("idn"), &language));
    for (size_t i = 0; i < LANGUAGES; i++) {
        assert_true(language_find(slice_of(language_tag((enum language)i)), &language));
        assert_int_equal(language, i);
        assert_true(strlen(language_name(language)) > 0);
    }
}

static void a_header_chooses_what_it_wants_most(void **state)
{
    (void)state;
    static const struct {
        const char *accept;
        enum language expected;
    } rows[] = {
            {"", LANGUAGE_ENGLISH},
            {"id", LANGUAGE_INDONESIAN},
            {"id-ID,id;q=0.9,en-US;q=0.8,en;q=0.7", LANGUAGE_INDONESIAN},
            {"en-US,en;q=0.9,id;q=0.8", LANGUAGE_ENGLISH},
            {"en;q=0.5, id;q=0.75", LANGUAGE_INDONESIAN},
            {"en;q=0.5 , id ; q=0.501", LANGUAGE_INDONESIAN},
            {"id;q=0.5,en;q=0.5", LANGUAGE_INDONESIAN},
            {"id;q=0,en;q=0.1", LANGUAGE_ENGLISH},
            {"id;q=0", LANGUAGE_ENGLISH},
            {"zh-CN,zh;q=0.9,id;q=0.1", LANGUAGE_INDONESIAN},
            {"*", LANGUAGE_ENGLISH},
            {"id;q=x,en;q=0.1", LANGUAGE_ENGLISH},
            {"in-ID", LANGUAGE_INDONESIAN},
            {",,;;,=,id", LANGUAGE_INDONESIAN},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(language_choose(slice_of(rows[i].accept)), rows[i].expected);
}

static int open_arena(void **state)
{
    (void)state;
    arena = arena_open("test", ARENA_WORK, 64u << 20);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_text_is_found_and_one_without_translation_stays),
            cmocka_unit_test(counting_follows_the_rule_of_the_language),
            cmocka_unit_test(what_is_no_catalogue_of_ours_is_refused),
            cmocka_unit_test(a_catalogue_cut_short_or_with_other_places_is_refused),
            cmocka_unit_test(the_catalogues_of_the_program_can_be_read),
            cmocka_unit_test(a_language_is_found_by_its_tag),
            cmocka_unit_test(a_header_chooses_what_it_wants_most),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
