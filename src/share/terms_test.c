/* SPDX-License-Identifier: Apache-2.0 */
#include "share/terms.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/arena.h"
#include "share/test_terms.h"

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_open("test of terms", ARENA_WORK, 64u << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

static struct share_document read_text(const char *text)
{
    struct share_document document;
    struct err err = share_document_read(slice_of(text), arena, &document);
    if (err.kind != ERR_NONE)
        fail_msg("%s: %s", err.why, text);
    return document;
}

/* The terms with one piece of their text replaced; NULL if it is not in them. */
static const char *changed(const char *what, const char *by)
{
    slice text = S(TEST_TERMS);
    size_t at = slice_find_slice(text, slice_of(what));
    assert_true(at < text.len);
    return arena_printf(arena, "%.*s%s%s", (int)at, text.ptr, by, text.ptr + at + strlen(what));
}

static void terms_are_read_whole(void **state)
{
    (void)state;
    struct share_document document = read_text(TEST_TERMS);
    assert_int_equal(document.version, 1);
    assert_true(slice_eq(document.parties[0].node, S(TEST_NODE_A)));
    assert_true(slice_eq(document.parties[1].name, S("CERT Example")));
    assert_false(document.parties[0].discloses);
    assert_true(document.parties[1].discloses);
    assert_int_equal(document.terms.kind_count, 2);
    assert_true(slice_eq(document.terms.kinds[1], S("sighting")));
    assert_int_equal(document.terms.highest, TLP_AMBER);
    assert_int_equal(document.terms.unmarked, TLP_AMBER);
    assert_int_equal(document.terms.onward, SHARE_ONWARD_ASK);
    assert_true(document.terms.sightings && document.terms.affected);
    assert_int_equal(document.terms.from_us, INT64_C(1793491200) * SECOND_US);
    assert_int_equal(document.after_end, SHARE_AFTER_KEEP);
    assert_int_equal(document.residency_count, 1);
    assert_true(share_document_other(&document, S(TEST_NODE_A)) == &document.parties[1]);
    assert_null(share_document_other(&document, S("identity--6b616c61-0000-4000-8000-00000000000c")));
}

static void the_same_terms_are_the_same_bytes(void **state)
{
    (void)state;
    struct share_document one = read_text(TEST_TERMS);
    struct share_document other = read_text(" {\"version\":1.0e0," TEST_PARTIES "," TEST_TERMS_REST " }\n");
    assert_true(slice_starts(one.text, S("{\"affected\":true,\"after_end\":\"keep\",\"from\":")));
    assert_true(slice_eq(one.text, other.text));
    assert_memory_equal(one.digest.bytes, other.digest.bytes, sizeof one.digest.bytes);
}

static void what_is_not_understood_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *what, *by, *why;
        enum err_kind kind;
    } cases[] = {
            {"\"version\":1", "\"version\":1,\"surprise\":2", "surprise: no such key", ERR_INPUT},
            {"\"country\":\"ID\"", "\"country\":\"ID\",\"x\":2", "parties[0].x: no such key", ERR_INPUT},
            {"\"version\":1", "\"version\":0", "version: a whole number", ERR_INPUT},
            {"\"version\":1", "\"version\":1.5", "version: a whole number", ERR_INPUT},
            {"\"version\":1", "\"version\":\"1\"", "version: a whole number", ERR_INPUT},
            {"\"affected\":true,", "", "affected: it is missing", ERR_INPUT},
            {"\"affected\":true", "\"affected\":1", "affected: true or false", ERR_INPUT},
            {"\"country\":\"ID\"", "\"country\":\"Id\"", "parties[0].country: a country is", ERR_INPUT},
            {"\"country\":\"GB\",\"d", "\"country\":\"\",\"d", "jurisdiction[0].country: it is empty", ERR_INPUT},
            {"000b\"}", "000a\"}", "parties: both are the same", ERR_INPUT},
            {TEST_NODE_A, "indicator--6b616c61-0000-4000-8000-00000000000a", "parties[0].node", ERR_INPUT},
            {"\"indicator\"", "\"Indicator\"", "kinds[0]: a STIX type", ERR_INPUT},
            {"\"indicator\"", "\"sighting\"", "kinds: a type stands there twice", ERR_INPUT},
            {"\"indicator\",\"sighting\"", "", "kinds: no type", ERR_INPUT},
            {"[\"indicator\",\"sighting\"]", "\"indicator\"", "kinds: a list", ERR_INPUT},
            {"\"highest\":\"TLP:AMBER\"", "\"highest\":\"AMBER\"", "highest: it is one of TLP:CLEAR", ERR_INPUT},
            {"\"ask\"", "\"maybe\"", "onward: it is one of no, ask, yes", ERR_INPUT},
            {"2027-12-31T23:59:59Z", "2026-10-31T23:59:59Z", "until: it is not later", ERR_INPUT},
            {"2027-12-31T23:59:59Z", "2027-12-31", "until: a time", ERR_INPUT},
            {"Protecting hospitals", "Protecting\\u0007", "purpose: there is a control", ERR_INPUT},
            {"\"version\":1", "\"version\":1,\"meant_least\":0", "meant_least: a whole number", ERR_INPUT},
            {"\"version\":1", "\"version\":1,\"version\":2", "line 1, column", ERR_INPUT},
            {"\"version\":1", "\"version\":[[[[[1]]]]]", "line 1, column", ERR_LIMIT},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct share_document document = {.version = 77};
        struct err err = share_document_read(slice_of(changed(cases[i].what, cases[i].by)), arena, &document);
        if (err.kind != cases[i].kind || strstr(err.why, cases[i].why) == NULL)
            fail_msg("%zu: %s: %s", i, err_name(err.kind), err.why == NULL ? "" : err.why);
        assert_int_equal(document.version, 77);
    }
    static const char *const others[] = {"", "[]", "7", "{}", "{\"version\":1", "\xff"};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        struct share_document document;
        assert_int_equal(share_document_read(slice_of(others[i]), arena, &document).kind, ERR_INPUT);
    }
}

static void lists_and_texts_have_their_ceilings(void **state)
{
    struct share_document document;
    struct buf many = buf_make(1u << 20);
    (void)state;
    buf_put(&many, S("\"residency\":["));
    for (int i = 0; i <= TERMS_NOTES_MAX; i++)
        buf_printf(&many, "%s\"note %d\"", i == 0 ? "" : ",", i);
    buf_put(&many, S("]"));
    const char *rows = arena_cstr(arena, buf_slice(&many));
    struct err err =
            share_document_read(slice_of(changed("\"residency\":[\"stays in Indonesia\"]", rows)), arena, &document);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_non_null(strstr(err.why, "residency: at most 16"));
    buf_reset(&many);
    for (int i = 0; i < 5000; i++)
        buf_byte(&many, 'x');
    err = share_document_read(
            slice_of(changed("Protecting hospitals", arena_cstr(arena, buf_slice(&many)))), arena, &document);
    assert_int_equal(err.kind, ERR_LIMIT);
    for (int i = 0; i < 70000; i++)
        buf_byte(&many, ' ');
    buf_free(&many);
}

static void a_draft_gets_its_parties_and_version(void **state)
{
    struct share_document before = read_text(TEST_TERMS);
    slice text;
    (void)state;
    assert_int_equal(share_terms_draft(S("{" TEST_TERMS_REST "}"), before.parties, 1, arena, &text).kind, ERR_NONE);
    assert_true(slice_eq(text, before.text));
    assert_int_equal(share_terms_draft(before.text, before.parties, 2, arena, &text).kind, ERR_NONE);
    assert_int_equal(read_text(arena_cstr(arena, text)).version, 2);
    assert_int_equal(share_terms_draft(S("{\"kinds\":[]}"), before.parties, 2, arena, &text).kind, ERR_INPUT);
}

/* Each is one change of the terms, and whether it only takes away. */
static void what_narrows_and_what_widens(void **state)
{
    static const struct {
        const char *what, *by;
        bool narrows;
    } cases[] = {
            {"\"version\":1", "\"version\":2", true},
            {"\"indicator\",", "", true},
            {"\"indicator\"", "\"indicator\",\"malware\"", false},
            {"\"indicator\"", "\"malware\"", false},
            {"\"highest\":\"TLP:AMBER\"", "\"highest\":\"TLP:GREEN\"", true},
            {"\"highest\":\"TLP:AMBER\"", "\"highest\":\"TLP:RED\"", false},
            {"\"unmarked\":\"TLP:AMBER\"", "\"unmarked\":\"TLP:AMBER+STRICT\"", true},
            {"\"unmarked\":\"TLP:AMBER\"", "\"unmarked\":\"TLP:GREEN\"", false},
            {"\"sightings\":true", "\"sightings\":false", true},
            {"\"affected\":true", "\"affected\":false", true},
            {"\"ask\"", "\"no\"", true},
            {"\"ask\"", "\"yes\"", false},
            {"\"version\":1", "\"version\":1,\"meant_least\":4", false},
            {"\"version\":1", "\"version\":1,\"meant_least\":5", true},
            {"\"version\":1", "\"version\":1,\"meant_least\":6", true},
            {"2026-11-01", "2026-10-01", false},
            {"2026-11-01", "2026-12-01", true},
            {"2027-12-31", "2028-01-31", false},
            {"2027-12-31", "2027-06-30", true},
            {"\"after_end\":\"keep\"", "\"after_end\":\"delete\"", true},
            {"\"stays in Indonesia\"", "", false},
            {"\"stays in Indonesia\"", "\"no cloud\",\"stays in Indonesia\"", true},
            {"\"discloses\":true", "\"discloses\":false", false},
            {"\"country\":\"GB\",\"d", "\"country\":\"SG\",\"d", false},
            {"CERT Example", "CERT Other", false},
            {"Protecting hospitals", "Anything", false},
    };
    struct share_document before = read_text(TEST_TERMS);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct share_document now = read_text(changed(cases[i].what, cases[i].by));
        if (share_terms_narrow(&before, &now) != cases[i].narrows)
            fail_msg("%s", now.text.ptr);
    }
    struct share_document turned = before;
    turned.parties[0] = before.parties[1];
    turned.parties[1] = before.parties[0];
    assert_true(share_terms_narrow(&before, &turned));
    turned.parties[0].discloses = false;
    assert_false(share_terms_narrow(&before, &turned));
    struct share_document less = read_text(changed("\"sightings\":true", "\"sightings\":false"));
    assert_false(share_terms_narrow(&less, &before));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(terms_are_read_whole),
            cmocka_unit_test(the_same_terms_are_the_same_bytes),
            cmocka_unit_test(what_is_not_understood_is_refused_with_its_place),
            cmocka_unit_test(lists_and_texts_have_their_ceilings),
            cmocka_unit_test(a_draft_gets_its_parties_and_version),
            cmocka_unit_test(what_narrows_and_what_widens),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
