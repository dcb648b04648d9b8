/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "json/read.h"

static struct arena *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_open("pattern test", ARENA_WORK, 64u << 20);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

static struct stix_pattern parsed(const char *text)
{
    struct stix_pattern pattern;
    size_t column = 0;
    struct err err = stix_pattern_parse(slice_of(text), arena, &pattern, &column);
    if (err.kind != ERR_NONE)
        fail_msg("%s: column %zu: %s", text, column, err.why);
    return pattern;
}

static void assert_slice(slice got, const char *wanted)
{
    if (!slice_eq(got, slice_of(wanted)))
        fail_msg("'%.*s' is not '%s'", (int)got.len, got.ptr, wanted);
}

static void assert_beyond(const char *text, const char *what)
{
    struct stix_pattern pattern = parsed(text);
    if (pattern.beyond == NULL)
        fail_msg("%s: taken as simple, not as beyond by %s", text, what);
    assert_string_equal(pattern.beyond, what);
}

static void assert_wrong(const char *text, size_t wanted)
{
    struct stix_pattern pattern;
    size_t column = 0;
    struct err err = stix_pattern_parse(slice_of(text), arena, &pattern, &column);
    if (err.kind != ERR_INPUT)
        fail_msg("%s: accepted", text);
    assert_non_null(err.why);
    if (column != wanted)
        fail_msg("%s: column %zu, not %zu: %s", text, column, wanted, err.why);
}

static void one_comparison_is_one_atom(void **state)
{
    (void)state;
    struct stix_pattern pattern = parsed("[domain-name:value = 'bad.example']");
    assert_null(pattern.beyond);
    assert_int_equal(pattern.count, 1);
    assert_slice(pattern.atoms->object, "domain-name");
    assert_slice(pattern.atoms->path, "value");
    assert_slice(pattern.atoms->value, "bad.example");
    assert_int_equal(pattern.atoms->relation, STIX_PATTERN_EQUALS);
    assert_true(pattern.atoms->is_text);
    assert_null(pattern.atoms->next);
}

static void or_joins_atoms_inside_and_outside_of_brackets(void **state)
{
    (void)state;
    struct stix_pattern pattern = parsed("([a:x = '1' OR (b:y == '2')] OR [c:z IN ('3', '4')])");
    static const char *const values[] = {"1", "2", "3", "4"};
    assert_null(pattern.beyond);
    assert_int_equal(pattern.count, COUNT_OF(values));
    const struct stix_pattern_atom *atom = pattern.atoms;
    for (size_t i = 0; i < COUNT_OF(values); i++, atom = atom->next)
        assert_slice(atom->value, values[i]);
}

static void a_path_has_one_spelling(void **state)
{
    (void)state;
    assert_slice(parsed("[file:hashes.MD5 = '0']").atoms->path, "hashes.MD5");
    assert_slice(parsed("[file:hashes.'MD5' = '0']").atoms->path, "hashes.MD5");
    assert_slice(parsed("[file : hashes . 'SHA-256' = '0']").atoms->path, "hashes.SHA-256");
    assert_slice(parsed("[a:b/* why */.c[*].d[0] = '0']").atoms->path, "b.c[*].d[0]");
    assert_slice(parsed("[a:b.'c d'.'e' = '0']").atoms->path, "b.'c d'.e");
}

static void string_escapes_are_undone(void **state)
{
    (void)state;
    assert_slice(parsed("[mutex:name = 'It\\'s']").atoms->value, "It's");
    assert_slice(parsed("[file:name = 'C:\\\\tmp\\\\x']").atoms->value, "C:\\tmp\\x");
    assert_wrong("[file:name = 'C:\\tmp']", 17);
}

static void other_literals_are_kept_as_written(void **state)
{
    (void)state;
    static const struct {
        const char *text, *value;
    } rows[] = {
            {"[a:b = 5]", "5"},
            {"[a:b = -5]", "-5"},
            {"[a:b = 0.5]", "0.5"},
            {"[a:b = .5]", ".5"},
            {"[a:b = true]", "true"},
            {"[a:b = h'00ff']", "00ff"},
            {"[a:b = b'AAE=']", "AAE="},
            {"[a:b = t'2026-02-30T23:59:60.5Z']", "2026-02-30T23:59:60.5Z"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct stix_pattern pattern = parsed(rows[i].text);
        assert_slice(pattern.atoms->value, rows[i].value);
        assert_false(pattern.atoms->is_text);
    }
}

static void subset_and_like_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(parsed("[ipv4-addr:value ISSUBSET '192.0.2.0/24']").atoms->relation, STIX_PATTERN_ISSUBSET);
    assert_int_equal(parsed("[url:value LIKE 'http://bad.example/%']").atoms->relation, STIX_PATTERN_LIKE);
}

static void what_needs_more_than_a_table_is_named(void **state)
{
    (void)state;
    assert_beyond("[a:b = '1' AND a:c = '2']", "AND");
    assert_beyond("[a:b = '1'] AND [a:c = '2']", "AND");
    assert_beyond("[a:b = '1'] FOLLOWEDBY [a:c = '2']", "FOLLOWEDBY");
    assert_beyond("[a:b NOT = '1']", "NOT");
    assert_beyond("[NOT EXISTS a:b]", "NOT");
    assert_beyond("[EXISTS a:b]", "EXISTS");
    assert_beyond("[a:b != '1']", "!=");
    assert_beyond("[a:b <> '1']", "!=");
    assert_beyond("[a:b < 1]", "<");
    assert_beyond("[a:b <= 1]", "<=");
    assert_beyond("[a:b > 1]", ">");
    assert_beyond("[a:b >= 1]", ">=");
    assert_beyond("[a:b MATCHES '^x']", "MATCHES");
    assert_beyond("[a:b ISSUPERSET '192.0.2.0/24']", "ISSUPERSET");
    assert_beyond("[a:b IN ()]", "an empty set");
    assert_beyond("[a:b = '1'] WITHIN 5.5 SECONDS", "WITHIN");
    assert_beyond("[a:b = '1'] REPEATS 2 TIMES", "REPEATS");
    assert_beyond("[a:b = '1'] START t'2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00Z'", "START");
    assert_beyond("([a:b = '1'] REPEATS 2 TIMES) REPEATS 3 TIMES", "REPEATS");
}

static void what_is_no_pattern_is_refused_with_its_column(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t column;
    } rows[] = {
            {"", 1},
            {"a:b = '1'", 1},
            {"[]", 2},
            {"[a:b = '1'", 11},
            {"[a:b = '1'] x", 13},
            {"[a:b = '1']]", 12},
            {"([a:b = '1']", 13},
            {"[(a:b = '1']", 12},
            {"[a.b = '1']", 3},
            {"[a:b = ]", 8},
            {"[a:b =? '1']", 7},
            {"[a:b 'x']", 6},
            {"[a:hashes.SHA-256 = '1']", 11},
            {"[a:b[x] = '1']", 6},
            {"[a:b[0 = '1']", 8},
            {"[a:b = '1]", 8},
            {"[a:b = 'x' and a:c = 'y']", 12},
            {"[NOT a:b = '1']", 6},
            {"[a:b = 007]", 8},
            {"[a:b = h'0']", 8},
            {"[a:b = b'A']", 8},
            {"[a:b = t'2026-13-01T00:00:00Z']", 8},
            {"[a:b = t'2026-01-01T24:00:00Z']", 8},
            {"[a:b = t'2026-01-01T00:60:00Z']", 8},
            {"[a:b = t'2026-01-01T00:00:00.Z']", 8},
            {"[a:b = t'2026-01-01T00:00:00']", 8},
            {"[a:b < true]", 8},
            {"[a:b MATCHES 5]", 14},
            {"[a:b IN '1']", 9},
            {"[a:b IN ('1' '2')]", 14},
            {"[a:b IN ('1',)]", 14},
            {"[a:b = '1'] WITHIN -5 SECONDS", 20},
            {"[a:b = '1'] WITHIN 0 SECONDS", 20},
            {"[a:b = '1'] WITHIN 5", 21},
            {"[a:b = '1'] REPEATS 1.5 TIMES", 21},
            {"[a:b = '1'] START '2026-01-01T00:00:00Z' STOP '2026-01-02T00:00:00Z'", 19},
            {"[a:b = '1'] REPEATS 2 TIMES REPEATS 3 TIMES", 37},
            {"[a:b = '1'] OR", 15},
            {"[a:b = '1' % ]", 12},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_wrong(rows[i].text, rows[i].column);
}

static void deep_parentheses_are_only_counted(void **state)
{
    (void)state;
    enum { DEPTH = 200000 };
    char *text = malloc(2 * DEPTH + 16);
    memset(text, '(', DEPTH);
    memcpy(text + DEPTH, "[a:b = '1']", 11);
    memset(text + DEPTH + 11, ')', DEPTH);
    struct stix_pattern pattern;
    size_t column = 0;
    struct err err = stix_pattern_parse((slice){text, 2 * DEPTH + 11}, arena, &pattern, &column);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(pattern.count, 1);
    err = stix_pattern_parse((slice){text, 2 * DEPTH + 10}, arena, &pattern, &column);
    assert_int_equal(err.kind, ERR_INPUT);
    free(text);
}

static void every_beginning_of_a_pattern_is_read_safely(void **state)
{
    (void)state;
    static const char whole[] =
            "([file:hashes.'SHA-256' IN ('a\\'b', h'00', t'2026-01-01T00:00:00Z') OR NOT EXISTS a:b[*]] "
            "START t'2026-01-01T00:00:00Z' STOP t'2026-01-01T00:00:00Z') REPEATS 2 TIMES // end";
    for (size_t len = 0; len < sizeof(whole) - 1; len++) {
        char *copy = malloc(len + 1);
        memcpy(copy, whole, len);
        struct stix_pattern pattern;
        size_t column = 0;
        struct err err = stix_pattern_parse((slice){copy, len}, arena, &pattern, &column);
        assert_true(err.kind == ERR_NONE || (column >= 1 && column <= len + 1));
        free(copy);
    }
}

/* Third-party verdicts: rows of {"pattern", "valid"}. */
static void third_party_verdicts_are_ours(void **state)
{
    (void)state;
    char path[4096], row[16384];
    const char *base = getenv("KENTONGAN_CONFORMANCE"), *root = getenv("KENTONGAN_ROOT");
    snprintf(path, sizeof(path), "%s%s/patterns/valid-invalid-a.jsonl",
            base != NULL   ? base
            : root != NULL ? root
                           : ".",
            base != NULL ? "" : "/../shared/conformance");
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        print_message("# skipped: no third-party test data %s\n", path);
        return;
    }
    size_t rows = 0;
    for (; fgets(row, sizeof(row), file) != NULL; rows++) {
        slice json = slice_of(row), text = json_text(json_get(json, S("pattern")), arena);
        bool valid = json_kind(json_get(json, S("valid"))) == JSON_TRUE;
        struct stix_pattern pattern;
        size_t column = 0;
        struct err err = stix_pattern_parse(text, arena, &pattern, &column);
        if ((err.kind == ERR_NONE) != valid)
            fail_msg("%.*s: column %zu: %s", (int)text.len, text.ptr, column, err.why == NULL ? "accepted" : err.why);
    }
    fclose(file);
    assert_true(rows > 0);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(one_comparison_is_one_atom),
            cmocka_unit_test(or_joins_atoms_inside_and_outside_of_brackets),
            cmocka_unit_test(a_path_has_one_spelling),
            cmocka_unit_test(string_escapes_are_undone),
            cmocka_unit_test(other_literals_are_kept_as_written),
            cmocka_unit_test(subset_and_like_are_told_apart),
            cmocka_unit_test(what_needs_more_than_a_table_is_named),
            cmocka_unit_test(what_is_no_pattern_is_refused_with_its_column),
            cmocka_unit_test(deep_parentheses_are_only_counted),
            cmocka_unit_test(every_beginning_of_a_pattern_is_read_safely),
            cmocka_unit_test(third_party_verdicts_are_ours),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
