/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/pattern.h"

#include "stix/table_test.h"
#include "json/read.h"

static struct arena *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_open("pattern test", ARENA_WORK, 256u << 20);
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
    struct stix_place place = {0};
    struct err err = stix_pattern_parse(slice_of(text), arena, &pattern, &place);
    if (err.kind != ERR_NONE)
        fail_msg("%s: %zu:%zu: %s", text, place.line, place.column, err.why);
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
    assert_null(pattern.atoms);
}

static void one_comparison_is_one_atom(void **state)
{
    (void)state;
    struct stix_pattern pattern = parsed("[domain-name:value = 'bad.example']");
    assert_null(pattern.beyond);
    assert_int_equal(pattern.atom_count, 1);
    assert_slice(pattern.atoms->path->object, "domain-name");
    assert_slice(pattern.atoms->path->text, "value");
    assert_slice(pattern.atoms->constant->text, "bad.example");
    assert_int_equal(pattern.atoms->relation, STIX_RELATION_EQUALS);
    assert_int_equal(pattern.atoms->constant->kind, STIX_CONSTANT_TEXT);
    assert_null(pattern.atoms->next);
}

static void or_joins_atoms_inside_and_outside_of_brackets(void **state)
{
    (void)state;
    struct stix_pattern pattern = parsed("([a:x = '1' OR (b:y == '2')] OR [c:z IN ('3', '4')])");
    static const char *const values[] = {"1", "2", "3", "4"};
    assert_null(pattern.beyond);
    assert_int_equal(pattern.atom_count, COUNT_OF(values));
    const struct stix_atom *atom = pattern.atoms;
    for (size_t i = 0; i < COUNT_OF(values); i++, atom = atom->next)
        assert_slice(atom->constant->text, values[i]);
}

static void a_path_has_one_spelling(void **state)
{
    (void)state;
    assert_slice(parsed("[file:hashes.custom = '0']").atoms->path->text, "hashes.custom");
    assert_slice(parsed("[file:hashes.'custom' = '0']").atoms->path->text, "hashes.custom");
    assert_slice(parsed("[file : hashes . 'one-two' = '0']").atoms->path->text, "hashes.one-two");
    assert_slice(parsed("[a:b/* why */.c[*].d[0] = '0']").atoms->path->text, "b.c[*].d[0]");
    assert_slice(parsed("[a:b.'c d'.'e' = '0']").atoms->path->text, "b.'c d'.e");
}

static void a_path_has_its_steps(void **state)
{
    (void)state;
    const struct stix_path *path = parsed("[a:b[*].'c\\'d'[7][-1].e_hex = '00']").atoms->path;
    static const struct stix_step steps[] = {{STIX_STEP_KEY, 0, {"b", 1}}, {STIX_STEP_EVERY, 0, {0}},
            {STIX_STEP_KEY, 0, {"c'd", 3}}, {STIX_STEP_INDEX, 7, {0}}, {STIX_STEP_INDEX, -1, {0}},
            {STIX_STEP_KEY, 0, {"e_hex", 5}}};
    assert_int_equal(path->step_count, COUNT_OF(steps));
    assert_int_equal(path->every_count, 1);
    assert_int_equal(path->coding, STIX_CODING_HEX);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        assert_int_equal(path->steps[i].kind, steps[i].kind);
        assert_int_equal(path->steps[i].index, steps[i].index);
        assert_true(slice_eq(path->steps[i].key, steps[i].key));
    }
}

static void constants_keep_their_kind(void **state)
{
    (void)state;
    static const struct {
        const char *text, *value;
        enum stix_constant_kind kind;
    } rows[] = {
            {"[a:b = 'It\\'s']", "It's", STIX_CONSTANT_TEXT},
            {"[a:b = 'C:\\\\tmp\\\\x']", "C:\\tmp\\x", STIX_CONSTANT_TEXT},
            {"[a:b = 5]", "5", STIX_CONSTANT_NUMBER},
            {"[a:b = -5]", "-5", STIX_CONSTANT_NUMBER},
            {"[a:b = .5]", ".5", STIX_CONSTANT_NUMBER},
            {"[a:b = true]", "true", STIX_CONSTANT_BOOLEAN},
            {"[a:b = h'00ff']", "00ff", STIX_CONSTANT_BYTES},
            {"[a:b = b'AAE=']", "AAE=", STIX_CONSTANT_BYTES},
            {"[a:b = t'2026-02-30T23:59:60.5Z']", "2026-02-30T23:59:60.5Z", STIX_CONSTANT_TIME},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct stix_constant *constant = parsed(rows[i].text).atoms->constant;
        assert_slice(constant->text, rows[i].value);
        assert_int_equal(constant->kind, rows[i].kind);
    }
    assert_slice(parsed("[a:b = b'a2Vu\nYW5nYQ==']").atoms->constant->bytes, "kenanga");
    assert_int_equal(parsed("[a:b = -9007199254740993]").atoms->constant->integer, INT64_C(-9007199254740993));
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
    assert_beyond("[a:b <> '1']", "!=");
    assert_beyond("[a:b <= 1]", "<=");
    assert_beyond("[a:b MATCHES '^x']", "MATCHES");
    assert_beyond("[a:b ISSUPERSET '192.0.2.0/24']", "ISSUPERSET");
    assert_beyond("[a:b IN ()]", "an empty set");
    assert_beyond("[a:b = '1'] WITHIN 5.5 SECONDS", "WITHIN");
    assert_beyond("[a:b = '1'] REPEATS 2 TIMES", "REPEATS");
    assert_beyond("[a:b = '1'] START t'2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00Z'", "START");
}

static void mixed_object_types_pass_where_asked_for(void **state)
{
    (void)state;
    static const char mixed[] = "[a:b = '1' AND c:d = '2']";
    struct stix_pattern pattern;
    struct stix_place place;
    assert_int_equal(stix_pattern_parse(slice_of(mixed), arena, &pattern, &place).kind, ERR_INPUT);
    assert_int_equal(place.column, 12);
    assert_int_equal(stix_pattern_parse_mixed(slice_of(mixed), arena, &pattern, &place).kind, ERR_NONE);
    assert_string_equal(pattern.beyond, "AND");
    assert_int_equal(stix_pattern_parse_mixed(S("[a:b = '1' AND c:d = ]"), arena, &pattern, &place).kind, ERR_INPUT);
}

/* The tree as text, each join in parentheses. */
static void spell(const struct stix_node *node, struct buf *out)
{
    static const char *const names[] = {[STIX_NODE_AND] = " and ",
            [STIX_NODE_OR] = " or ",
            [STIX_NODE_FOLLOWEDBY] = " then ",
            [STIX_NODE_WITHIN] = "within",
            [STIX_NODE_REPEATS] = "repeats",
            [STIX_NODE_START_STOP] = "between"};
    if (node->kind == STIX_NODE_TEST) {
        buf_put(out, node->test->path.text);
        return;
    }
    bool join = node->kind == STIX_NODE_AND || node->kind == STIX_NODE_OR || node->kind == STIX_NODE_FOLLOWEDBY;
    buf_put(out, node->kind == STIX_NODE_OBSERVATION ? S("[") : S("("));
    for (const struct stix_node *child = node->first; child != NULL; child = child->next) {
        if (child != node->first)
            buf_put(out, slice_of(names[node->kind]));
        spell(child, out);
    }
    if (node->kind == STIX_NODE_WITHIN)
        buf_printf(out, " within %lld", (long long)node->within_us);
    else if (node->kind == STIX_NODE_REPEATS)
        buf_printf(out, " repeats %llu", (unsigned long long)node->times);
    else if (node->kind == STIX_NODE_START_STOP)
        buf_printf(out, " between %lld and %lld", (long long)node->start_us, (long long)node->stop_us);
    else
        assert_true(join || node->kind == STIX_NODE_OBSERVATION);
    buf_put(out, node->kind == STIX_NODE_OBSERVATION ? S("]") : S(")"));
}

static void precedence_is_that_of_section_9_5_3(void **state)
{
    (void)state;
    static const struct {
        const char *text, *tree;
    } rows[] = {
            {"[a:b=1 OR a:c=2 AND a:d=3 OR a:e=4]", "[(b or (c and d) or e)]"},
            {"[(a:b=1 OR a:c=2) AND a:d=3]", "[((b or c) and d)]"},
            {"[a:b=1] FOLLOWEDBY [a:c=1] OR [a:d=1] AND [a:e=1]", "([b] then ([c] or ([d] and [e])))"},
            {"[a:b=1] FOLLOWEDBY [a:c=1] FOLLOWEDBY [a:d=1]", "([b] then [c] then [d])"},
            {"([a:b=1] FOLLOWEDBY [a:c=1]) FOLLOWEDBY [a:d=1]", "(([b] then [c]) then [d])"},
            {"[a:b=1] AND [a:c=1] WITHIN 5 SECONDS", "([b] and ([c] within 5000000))"},
            {"([a:b=1] AND [a:c=1]) WITHIN 0.5 SECONDS REPEATS 2 TIMES", "((([b] and [c]) within 500000) repeats 2)"},
            {"([a:b=1] REPEATS 2 TIMES) REPEATS 3 TIMES", "(([b] repeats 2) repeats 3)"},
            {"[a:b=1] START t'1970-01-01T00:00:01.5Z' STOP t'1970-02-30T00:00:00Z'",
                    "([b] between 1500000 and 5184000000000)"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf out = buf_make(4096);
        spell(parsed(rows[i].text).root, &out);
        assert_slice(buf_slice(&out), rows[i].tree);
        buf_free(&out);
    }
}

/* valid.tsv: patterns, one a line; \n is a line feed. */
static slice unbroken(slice text)
{
    char *out = arena_take(arena, text.len);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool line = text.ptr[i] == '\\' && i + 1 < text.len && text.ptr[i + 1] == 'n' &&
                    (i == 0 || text.ptr[i - 1] != '\\');
        out[len++] = line ? '\n' : text.ptr[i];
        i += line;
    }
    return (slice){out, len};
}

static void what_is_valid_is_read(void **state)
{
    (void)state;
    slice rows = table_ours("pattern/valid.tsv", arena);
    struct table_row row = {0};
    size_t count = 0;
    for (; table_next(&rows, &row); count++) {
        struct stix_pattern pattern;
        struct stix_place place;
        struct err err = stix_pattern_parse(unbroken(row.columns[0]), arena, &pattern, &place);
        if (err.kind != ERR_NONE)
            fail_msg("valid.tsv:%zu: %zu:%zu: %s", row.line, place.line, place.column, err.why);
        assert_true(pattern.observation_count > 0 && pattern.comparison_count > 0);
    }
    assert_true(count >= 40);
}

/* invalid.tsv: LINE:COLUMN, [SECTION], pattern. */
static void what_is_invalid_is_refused_with_place_and_section(void **state)
{
    (void)state;
    slice rows = table_ours("pattern/invalid.tsv", arena);
    struct table_row row = {0};
    size_t count = 0, wrong = 0;
    for (; table_next(&rows, &row); count++) {
        struct stix_pattern pattern;
        struct stix_place place = {0};
        slice text = row.count < 3 ? S("") : unbroken(row.columns[2]);
        struct err err = stix_pattern_parse(text, arena, &pattern, &place);
        const char *at = arena_printf(arena, "%zu:%zu", place.line, place.column);
        const char *why = err.kind == ERR_NONE ? "accepted" : err.why;
        if (err.kind == ERR_INPUT && slice_eq(row.columns[0], slice_of(at)) &&
                slice_ends(slice_of(why), row.columns[1]))
            continue;
        print_error("invalid.tsv:%zu: %s: %s\n", row.line, at, why);
        wrong++;
    }
    assert_int_equal(wrong, 0);
    assert_true(count >= 60);
}

static struct err parse_repeated(const char *before, const char *part, size_t times, const char *after)
{
    struct buf text = buf_make(64u << 20);
    buf_put(&text, slice_of(before));
    for (size_t i = 0; i < times; i++)
        buf_put(&text, slice_of(part));
    buf_put(&text, slice_of(after));
    struct arena *own = arena_open("ceiling", ARENA_WORK, 256u << 20);
    struct stix_pattern pattern;
    struct stix_place place;
    struct err err = stix_pattern_parse(buf_slice(&text), own, &pattern, &place);
    arena_close(own);
    buf_free(&text);
    return err;
}

static void every_ceiling_is_a_limit(void **state)
{
    (void)state;
    static const struct {
        const char *before, *part;
        size_t fits;
        const char *after;
    } rows[] = {
            {"[a:b = '1'", " ", STIX_PATTERN_BYTES_MAX - 11, "]"},
            {"[a:b = '1' OR ", "a:b=1 OR ", STIX_PATTERN_COMPARISONS_MAX - 2, "a:b=1]"},
            {"[a:b IN (1", ",1", STIX_PATTERN_CONSTANTS_MAX - 1, ")]"},
            {"[a:b=1]", "OR[a:b=1]", STIX_PATTERN_OBSERVATIONS_MAX - 1, ""},
            {"[a:b", ".c", STIX_PATTERN_STEPS_MAX - 1, "=1]"},
            {"[a:b MATCHES 'x'", " OR a:b MATCHES 'x'", STIX_PATTERN_REGEXES_MAX - 1, "]"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err fits = parse_repeated(rows[i].before, rows[i].part, rows[i].fits, rows[i].after);
        if (fits.kind != ERR_NONE)
            fail_msg("row %zu: %s", i, fits.why);
        struct err above = parse_repeated(rows[i].before, rows[i].part, rows[i].fits + 1, rows[i].after);
        assert_int_equal(above.kind, ERR_LIMIT);
        assert_non_null(above.why);
    }
}

static struct err parse_deep(size_t depth, bool inside)
{
    struct buf text = buf_make(1u << 20);
    buf_put(&text, inside ? S("[") : S(""));
    for (size_t i = 0; i < depth; i++)
        buf_byte(&text, '(');
    buf_put(&text, inside ? S("a:b=1") : S("[a:b=1]"));
    for (size_t i = 0; i < depth; i++)
        buf_byte(&text, ')');
    buf_put(&text, inside ? S("]") : S(""));
    struct stix_pattern pattern;
    struct stix_place place;
    struct err err = stix_pattern_parse(buf_slice(&text), arena, &pattern, &place);
    buf_free(&text);
    return err;
}

static void parentheses_nest_to_a_ceiling(void **state)
{
    (void)state;
    for (int inside = 0; inside < 2; inside++) {
        assert_int_equal(parse_deep(STIX_PATTERN_DEPTH_MAX, inside).kind, ERR_NONE);
        assert_int_equal(parse_deep(STIX_PATTERN_DEPTH_MAX + 1, inside).kind, ERR_LIMIT);
        assert_int_equal(parse_deep(200000, inside).kind, ERR_LIMIT);
    }
}

static void object_types_in_one_observation_have_a_ceiling(void **state)
{
    (void)state;
    for (size_t types = STIX_PATTERN_TYPES_MAX; types <= STIX_PATTERN_TYPES_MAX + 1; types++) {
        struct buf text = buf_make(1u << 20);
        for (size_t i = 0; i < types; i++)
            buf_printf(&text, "%s t%zu:b = 1", i == 0 ? "[" : " OR", i);
        buf_put(&text, S("]"));
        struct stix_pattern pattern;
        struct stix_place place;
        struct err err = stix_pattern_parse(buf_slice(&text), arena, &pattern, &place);
        assert_int_equal(err.kind, types == STIX_PATTERN_TYPES_MAX ? ERR_NONE : ERR_LIMIT);
        buf_free(&text);
    }
}

static void every_beginning_of_a_pattern_is_read_safely(void **state)
{
    (void)state;
    static const char whole[] =
            "([file:hashes.'SHA-256' IN ('a\\'b', h'00', t'2026-01-01T00:00:00Z') OR NOT EXISTS a:b[*] OR a:c MATCHES "
            "'(x|y)+'] START t'2026-01-01T00:00:00Z' STOP t'2026-01-01T00:00:00Z') REPEATS 2 TIMES // end";
    for (size_t len = 0; len < sizeof(whole) - 1; len++) {
        char *copy = malloc(len + 1);
        memcpy(copy, whole, len);
        struct stix_pattern pattern;
        struct stix_place place = {0};
        struct err err = stix_pattern_parse((slice){copy, len}, arena, &pattern, &place);
        assert_true(err.kind == ERR_NONE || (place.line == 1 && place.column >= 1 && place.column <= len + 1));
        free(copy);
    }
}

/* Third-party verdicts: rows of {"pattern", "valid"}. */
static void third_party_verdicts_are_ours(void **state)
{
    (void)state;
    slice table = table_theirs("patterns/valid-invalid-a.jsonl", arena), line;
    struct exceptions exceptions = exceptions_of("patterns/valid-invalid-a", arena);
    if (table.ptr == NULL) {
        print_message("# skipped: no third-party table of valid and invalid patterns\n");
        skip();
    }
    size_t rows = 0;
    while (slice_next(&table, '\n', &line) && line.len > 0) {
        slice text = json_text(json_get(line, S("pattern")), arena);
        bool valid = json_kind(json_get(line, S("valid"))) == JSON_TRUE;
        struct stix_pattern pattern;
        struct stix_place place;
        struct err err = stix_pattern_parse(text, arena, &pattern, &place);
        bool ours = err.kind == ERR_NONE;
        rows++;
        if (ours != valid && !exceptions_hold(&exceptions, rows, ours ? "valid" : "error"))
            fail_msg("row %zu: %.*s: %s", rows, (int)text.len, text.ptr, err.why == NULL ? "accepted" : err.why);
    }
    print_message("# %zu verdicts\n", rows);
    assert_true(rows > 0);
    exceptions_end(&exceptions);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(one_comparison_is_one_atom),
            cmocka_unit_test(or_joins_atoms_inside_and_outside_of_brackets),
            cmocka_unit_test(a_path_has_one_spelling),
            cmocka_unit_test(a_path_has_its_steps),
            cmocka_unit_test(constants_keep_their_kind),
            cmocka_unit_test(what_needs_more_than_a_table_is_named),
            cmocka_unit_test(mixed_object_types_pass_where_asked_for),
            cmocka_unit_test(precedence_is_that_of_section_9_5_3),
            cmocka_unit_test(what_is_valid_is_read),
            cmocka_unit_test(what_is_invalid_is_refused_with_place_and_section),
            cmocka_unit_test(every_ceiling_is_a_limit),
            cmocka_unit_test(parentheses_nest_to_a_ceiling),
            cmocka_unit_test(object_types_in_one_observation_have_a_ceiling),
            cmocka_unit_test(every_beginning_of_a_pattern_is_read_safely),
            cmocka_unit_test(third_party_verdicts_are_ours),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
