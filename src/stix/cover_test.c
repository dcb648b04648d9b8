/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/cover.h"

#include "stix/evaluate.h"
#include "stix/observed.h"
#include "stix/table_test.h"

static struct arena *arena;
static struct stix_scratch *scratch;

static int open_all(void **state)
{
    (void)state;
    arena = arena_open("cover test", ARENA_WORK, 256u << 20);
    scratch = stix_compare_open();
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    stix_compare_close(scratch);
    arena_close(arena);
    return 0;
}

static bool parsed(slice text, struct stix_pattern *pattern)
{
    struct stix_place place;
    return stix_pattern_parse(text, arena, pattern, &place).kind == ERR_NONE;
}

/* "file:name=a.exe url:value~melati x:*" */
static void spell(const struct stix_cover *cover, struct buf *out)
{
    static const char marks[] = {[STIX_HINT_EQUALS] = '=', [STIX_HINT_ISSUBSET] = '/', [STIX_HINT_HOLDS] = '~'};
    for (const struct stix_hint *hint = cover->hints; hint != NULL; hint = hint->next) {
        slice value = hint->kind == STIX_HINT_HOLDS ? hint->literal
                      : hint->constant == NULL      ? (slice){0}
                                                    : hint->constant->text;
        buf_printf(out, "%s%.*s:", hint == cover->hints ? "" : " ", (int)hint->object.len, hint->object.ptr);
        if (hint->kind == STIX_HINT_TYPE)
            buf_byte(out, '*');
        else
            buf_printf(out, "%.*s%c%.*s", (int)hint->path->text.len, hint->path->text.ptr, marks[hint->kind],
                    (int)value.len, value.ptr);
    }
}

static void the_rarest_side_of_an_and_is_taken(void **state)
{
    (void)state;
    static const struct {
        const char *text, *hints;
        enum stix_hint_kind weakest;
    } rows[] = {
            {"[file:name = 'a' AND file:size > 5]", "file:name=a", STIX_HINT_EQUALS},
            {"[file:size > 5 AND file:name IN ('a', 'b')]", "file:name=a file:name=b", STIX_HINT_EQUALS},
            {"[network-traffic:dst_port = 443 AND network-traffic:dst_ref.value = 'melati.example']",
                    "network-traffic:dst_ref.value=melati.example", STIX_HINT_EQUALS},
            {"[network-traffic:protocols[*] = 'tcp' AND network-traffic:src_ref.value ISSUBSET '192.0.2.0/24']",
                    "network-traffic:src_ref.value/192.0.2.0/24", STIX_HINT_ISSUBSET},
            {"[network-traffic:dst_port = 443 AND network-traffic:src_port = 41234]", "network-traffic:src_port=41234",
                    STIX_HINT_EQUALS},
            {"[network-traffic:protocols[*] = 'tcp' AND network-traffic:dst_port = 443]",
                    "network-traffic:dst_port=443", STIX_HINT_EQUALS},
            {"[file:name = 'a' OR url:value LIKE '%melati_c%']", "file:name=a url:value~melati", STIX_HINT_HOLDS},
            {"[(file:name = 'a' OR file:size > 5) AND file:name LIKE 'drum%']", "file:name~drum", STIX_HINT_HOLDS},
            {"[file:name = 'a'] AND [url:value = 'b']", "file:name=a url:value=b", STIX_HINT_EQUALS},
            {"[file:name = 'a'] FOLLOWEDBY [url:value != 'b'] WITHIN 5 SECONDS", "file:name=a url:*", STIX_HINT_TYPE},
            {"[file:name NOT = 'a']", "file:*", STIX_HINT_TYPE},
            {"[EXISTS file:name]", "file:*", STIX_HINT_TYPE},
            {"[file:name LIKE 'ab%']", "file:*", STIX_HINT_TYPE},
            {"[file:name NOT LIKE 'abc%']", "file:*", STIX_HINT_TYPE},
            {"[file:magic_number_hex = 'abc']", "file:*", STIX_HINT_TYPE},
            {"[file:created = t'2026-01-01T00:00:00Z']", "file:*", STIX_HINT_TYPE},
            {"[file:name = h'6162']", "file:*", STIX_HINT_TYPE},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct stix_pattern pattern;
        struct buf out = buf_make(4096);
        assert_true(parsed(slice_of(rows[i].text), &pattern));
        struct stix_cover cover = stix_cover(&pattern, arena);
        spell(&cover, &out);
        if (!slice_eq(buf_slice(&out), slice_of(rows[i].hints)) || cover.weakest != rows[i].weakest)
            fail_msg("%s: %.*s", rows[i].text, (int)out.len, out.ptr);
        buf_free(&out);
    }
}

static void regular_expressions_give_literals_only_where_they_must(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
            {"melati", "melati"},
            {"^melati\\\\.example$", "melati.example"},
            {"mel.*kenanga", "kenanga"},
            {"abcd?", "abc"},
            {"abcd*e", "abc"},
            {"abcd{0,3}", "abc"},
            {"abcd+efg", "abcd"},
            {"(abc)defg", "defg"},
            {"[abc]defg[hij]", "defg"},
            {"[]abc]defg", "defg"},
            {"[[:alpha:]xyz]defg", ""},
            {"(a(b)c[)])defg", "defg"},
            {"abc|def", ""},
            {"(?i)abc", ""},
            {"(abc(?i)d)efgh", "efgh"},
            {"(abc|def)ghi", "ghi"},
            {"\\\\Qabc\\\\E", ""},
            {"\\\\x61bcd", ""},
            {"(*ACCEPT)abc", ""},
            {"\\\\d\\\\d\\\\dabc\\\\w", "abc"},
            {"aKelvin", "elvin"},
            {"\\\\babc\\\\b", "abc"},
            {"abc\\\\", NULL},
            {"文件abc", "abc"},
            {"ab", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct stix_pattern pattern;
        bool valid = parsed(slice_of(arena_printf(arena, "[x:a MATCHES '%s']", rows[i][0])), &pattern);
        assert_int_equal(valid, rows[i][1] != NULL);
        if (!valid)
            continue;
        struct stix_cover cover = stix_cover(&pattern, arena);
        slice literal = cover.hints->kind == STIX_HINT_HOLDS ? cover.hints->literal : (slice){0};
        if (!slice_eq(literal, slice_of(rows[i][1])))
            fail_msg("%s: %.*s", rows[i][0], (int)literal.len, literal.ptr);
    }
}

/* ---- What meets a pattern meets its cover ---- */

static bool holds_literal(void *context, const struct stix_value *value)
{
    return value->kind == STIX_VALUE_TEXT && slice_find_slice(value->text, *(slice *)context) < value->text.len;
}

static bool object_meets(const struct stix_hint *hint, const struct stix_observation *observation, size_t object)
{
    struct stix_budget budget = stix_budget_of(STIX_BUDGET_STEPS);
    scratch->budget = &budget;
    if (!slice_eq(observation->source->type(observation, object), hint->object))
        return false;
    if (hint->kind == STIX_HINT_TYPE)
        return true;
    slice literal = hint->literal;
    if (hint->kind == STIX_HINT_HOLDS)
        return observation->source->walk(observation, object, hint->path, scratch, holds_literal, &literal);
    struct stix_constant constant = *hint->constant;
    struct stix_test test = {.path = *hint->path, .how = STIX_IN, .constants = &constant};
    constant.next = NULL;
    if (hint->kind == STIX_HINT_ISSUBSET) {
        test.how = STIX_ISSUBSET;
        assert_true(prefix_parse(constant.text, &test.prefix));
    }
    return stix_compare(&test, observation, object, scratch);
}

static bool meets(const struct stix_cover *cover, const struct stix_observation *observation)
{
    for (const struct stix_hint *hint = cover->hints; hint != NULL; hint = hint->next)
        for (size_t i = 0; i < observation->object_count; i++)
            if (object_meets(hint, observation, i))
                return true;
    return false;
}

static void what_meets_a_pattern_meets_its_cover(void **state)
{
    (void)state;
    slice rows = table_ours("pattern/match.tsv", arena), village = table_ours("pattern/village.json", arena);
    struct stix_observed observed;
    struct table_row row = {0};
    size_t offset, met = 0, passed = 0;
    assert_int_equal(stix_observed_read(village, arena, &observed, &offset).kind, ERR_NONE);
    while (table_next(&rows, &row)) {
        struct stix_pattern pattern;
        if (!parsed(row.columns[1], &pattern))
            continue;
        struct stix_cover cover = stix_cover(&pattern, arena);
        for (size_t i = 0; i < observed.count; i++) {
            uint64_t words[1];
            struct stix_budget budget = stix_budget_of(STIX_BUDGET_STEPS);
            bool is_met = stix_evaluate_one(&pattern, &observed.rows[i], scratch, &budget, words);
            bool is_candidate = meets(&cover, &observed.rows[i]);
            if (is_met && !is_candidate)
                fail_msg("match.tsv:%zu: observation %zu meets the pattern and no hint", row.line, i);
            met += is_met;
            passed += !is_candidate;
        }
    }
    assert_true(met > 100 && passed > 100);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_rarest_side_of_an_and_is_taken),
            cmocka_unit_test(regular_expressions_give_literals_only_where_they_must),
            cmocka_unit_test(what_meets_a_pattern_meets_its_cover),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
