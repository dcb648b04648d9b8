/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "json/check.h"
#include "json/pick.h"

static const char *const paths[] = {
        "time",
        "src_ip",
        "src_port",
        "dns.rrname",
        "dns.answers[].rdata",
        "dns.grouped.A[]",
        "tls.ja3.hash",
        "files[].name",
        "tags[]",
        "grid[][]",
        "\"id.orig_h\"",
        "both",
        "both.inner",
        "x",
        "a_key_that_is_rather_long",
};

struct bench {
    struct arena *arena;
    const struct json_paths *paths;
    struct json_picker *picker;
    struct json_picks strict, fast;
};

/* All but the port. */
static uint8_t usual[COUNT_OF(paths)];

static void compile(struct bench *bench)
{
    json_picker_close(bench->picker);
    arena_reset(bench->arena);
    struct err err = json_paths_compile(paths, COUNT_OF(paths), bench->arena, &bench->paths);
    assert_int_equal(err.kind, ERR_NONE);
    memset(usual, 1, sizeof usual);
    usual[2] = 0;
    bench->picker = json_picker_open(bench->paths, usual);
}

static int open_bench(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    bench->arena = arena_open("test", ARENA_WORK, 64u << 20);
    bench->strict.rows = calloc(JSON_PICKS_MAX, sizeof *bench->strict.rows);
    bench->fast.rows = calloc(JSON_PICKS_MAX, sizeof *bench->fast.rows);
    compile(bench);
    *state = bench;
    return 0;
}

static int close_bench(void **state)
{
    struct bench *bench = *state;
    json_picker_close(bench->picker);
    arena_close(bench->arena);
    free(bench->strict.rows);
    free(bench->fast.rows);
    free(bench);
    return 0;
}

/* "path=value path=value": what was picked, in order. */
static void put_picks(struct buf *text, const struct json_picks *picks)
{
    for (size_t i = 0; i < picks->count; i++) {
        buf_printf(text, "%s%s=", i == 0 ? "" : " ", paths[picks->rows[i].path]);
        buf_put(text, (slice){picks->rows[i].ptr, picks->rows[i].len});
    }
}

static struct err pick_strictly(struct bench *bench, slice line, size_t *offset)
{
    return json_pick(bench->paths, line, bench->arena, &bench->strict, offset);
}

/* Scans a block of whole lines that stands between the worst of pads. */
static char *scan_text(struct json_scan **scan, slice text)
{
    char *memory = malloc(text.len + 2 * JSON_SCAN_PAD);
    memset(memory, '"', text.len + 2 * JSON_SCAN_PAD);
    memcpy(memory + JSON_SCAN_PAD, text.ptr, text.len);
    *scan = json_scan_open(text.len);
    json_scan_block(*scan, (slice){memory + JSON_SCAN_PAD, text.len});
    return memory;
}

static void expect_picks(struct bench *bench, const char *line, const char *expected)
{
    struct err err = pick_strictly(bench, slice_of(line), NULL);
    assert_int_equal(err.kind, ERR_NONE);
    struct buf got = buf_make(1u << 16);
    put_picks(&got, &bench->strict);
    buf_byte(&got, '\0');
    assert_string_equal(got.ptr, expected);
    buf_free(&got);
}

static void values_are_picked_in_the_order_of_the_line(void **state)
{
    expect_picks(
            *state, "{\"src_ip\":\"192.0.2.1\",\"time\":7,\"src_port\":null}", "src_ip=192.0.2.1 time=7 src_port=null");
}

static void paths_lead_into_objects_and_arrays(void **state)
{
    expect_picks(*state,
            "{\"dns\":{\"rrname\":\"a.test\",\"answers\":[{\"rdata\":\"b.test\"},{\"ttl\":1},{\"rdata\":\"c.test\"}],"
            "\"grouped\":{\"A\":[\"192.0.2.1\",\"192.0.2.2\"]}},\"grid\":[[1,2],[3]]}",
            "dns.rrname=a.test dns.answers[].rdata=b.test dns.answers[].rdata=c.test dns.grouped.A[]=192.0.2.1 "
            "dns.grouped.A[]=192.0.2.2 grid[][]=1 grid[][]=2 grid[][]=3");
}

static void a_value_may_itself_hold_wanted_ones(void **state)
{
    expect_picks(*state, "{\"both\":\"x\"}", "both=x");
    expect_picks(*state, "{\"both\":{\"inner\":\"y\",\"both\":1}}", "both.inner=y");
}

static void keys_of_the_same_name_elsewhere_are_not_meant(void **state)
{
    expect_picks(*state, "{\"flow\":{\"src_ip\":\"192.0.2.9\"},\"rrname\":\"no.test\",\"src_ip\":\"192.0.2.1\"}",
            "src_ip=192.0.2.1");
}

static void a_quoted_step_is_one_key(void **state)
{
    expect_picks(*state, "{\"id.orig_h\":\"192.0.2.3\",\"id\":{\"orig_h\":\"192.0.2.4\"}}", "\"id.orig_h\"=192.0.2.3");
}

static void escapes_are_resolved_in_keys_and_values(void **state)
{
    expect_picks(*state, "{\"src\\u005fip\":\"192.0.2.1\",\"x\":\"a\\\"b\\u00e9\"}", "src_ip=192.0.2.1 x=a\"b\xC3\xA9");
}

static void another_kind_of_value_than_wanted_is_passed_over(void **state)
{
    expect_picks(*state, "{\"dns\":\"none\",\"tags\":\"one\",\"src_ip\":{\"x\":1},\"grid\":[1,[2]]}", "grid[][]=2");
}

static void what_is_no_event_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *line;
        size_t offset;
    } rows[] = {
            {"[1]", 0},
            {"  7", 2},
            {"{\"src_ip\":1,\"src_ip\":2}", 13},
            {"{\"dns\":{\"rrname\":1,\"rrname\":2}}", 20},
            {"{\"a\":1,}", 7},
            {"{\"a\":1", 6},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t offset = 0;
        struct err err = pick_strictly(*state, slice_of(rows[i].line), &offset);
        assert_int_equal(err.kind, ERR_INPUT);
        assert_non_null(err.why);
        if (offset != rows[i].offset)
            fail_msg("offset %zu, not %zu: %s", offset, rows[i].offset, rows[i].line);
    }
}

static void a_doubled_key_that_nobody_reads_is_no_fault(void **state)
{
    expect_picks(*state, "{\"n\":1,\"n\":2,\"src_ip\":\"192.0.2.1\"}", "src_ip=192.0.2.1");
}

static void more_values_than_the_ceiling_are_refused(void **state)
{
    struct bench *bench = *state;
    struct buf line = buf_make(1u << 20);
    buf_put(&line, S("{\"tags\":["));
    for (int i = 0; i <= JSON_PICKS_MAX; i++)
        buf_put(&line, S("1,"));
    buf_put(&line, S("1]}"));
    assert_int_equal(pick_strictly(bench, buf_slice(&line), NULL).kind, ERR_LIMIT);
    buf_byte(&line, '\n');
    struct json_scan *scan;
    char *memory = scan_text(&scan, buf_slice(&line));
    assert_false(json_pick_scanned(bench->picker, scan, 0, true, &bench->fast));
    free(memory);
    json_scan_close(scan);
    buf_free(&line);
}

static void paths_that_cannot_be_read_are_refused(void **state)
{
    struct bench *bench = *state;
    static const char *const wrong[] = {"", "a..b", "a[", "a[]b", "\"open", ".a"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        const struct json_paths *made;
        if (json_paths_compile(&wrong[i], 1, bench->arena, &made).kind != ERR_INPUT)
            fail_msg("accepted: %s", wrong[i]);
    }
    static const char *const twice[] = {"a.b", "a.b"};
    const struct json_paths *made;
    assert_int_equal(json_paths_compile(twice, 2, bench->arena, &made).kind, ERR_INPUT);
}

/* ---- The two roads ---- */

/* The fast road says what the strict one says, or nothing: of a line whose shape is new and of one that it knows.
 * Returns whether it vouched. */
static bool expect_same_once(struct bench *bench, const struct json_scan *scan, size_t index, slice line)
{
    struct err err = pick_strictly(bench, line, NULL);
    if (!json_pick_scanned(bench->picker, scan, index, true, &bench->fast))
        return false;
    if (err.kind != ERR_NONE)
        fail_msg("the fast road takes what is refused (%s): %.*s", err.why, (int)line.len, line.ptr);
    struct buf strict = buf_make(1u << 20), fast = buf_make(1u << 20);
    put_picks(&strict, &bench->strict);
    put_picks(&fast, &bench->fast);
    if (!slice_eq(buf_slice(&strict), buf_slice(&fast)))
        fail_msg("strict %.*s\nfast %.*s\nline %.*s", (int)strict.len, strict.ptr, (int)fast.len, fast.ptr,
                (int)line.len, line.ptr);
    for (size_t i = 0; i < bench->strict.count; i++)
        assert_int_equal(bench->strict.rows[i].kind, bench->fast.rows[i].kind);
    buf_free(&strict);
    buf_free(&fast);
    return true;
}

static bool expect_same(struct bench *bench, const struct json_scan *scan, size_t index, slice line)
{
    bool vouched = expect_same_once(bench, scan, index, line);
    assert_int_equal(expect_same_once(bench, scan, index, line), vouched);
    return vouched;
}

/* Every line of a text, blank ones excepted; returns how many the fast road vouched for. */
static size_t expect_same_text(struct bench *bench, slice text)
{
    struct json_scan *scan;
    char *memory = scan_text(&scan, text);
    size_t vouched = 0, start = 0;
    for (size_t i = 0; i < scan->line_count; i++) {
        slice line = slice_part(text, start, scan->lines[i].end);
        start = scan->lines[i].end + 1;
        if (line.len > 0)
            vouched += expect_same(bench, scan, i, line);
    }
    assert_int_equal(start, text.len);
    free(memory);
    json_scan_close(scan);
    compile(bench);
    return vouched;
}

static const char *const good_lines[] = {
        "{}",
        "{\"time\":\"2026-11-20T10:29:58.960622+0000\",\"src_ip\":\"192.0.2.1\",\"src_port\":443,\"n\":{\"src_ip\":"
        "\"x\"}}",
        "{\"dns\":{\"rrname\":\"a.test\",\"answers\":[{\"rdata\":\"b.test\"},{\"rdata\":7}],\"grouped\":{\"A\":[\"192."
        "0.2.1\","
        "\"192.0.2.2\",\"192.0.2.3\"]}}}",
        "{\"grid\":[[1,2],[],[3,[4]],5,[6]],\"tags\":[\"a\",{\"b\":[1,{\"c\":2}]},\"d\",true,-1.5e3]}",
        "{\"files\":[{\"name\":\"a.exe\",\"size\":1},{\"name\":\"b.dll\"}],\"both\":{\"inner\":\"y\"},\"x\":\"\"}",
        "{\"tls\":{\"ja3\":{\"hash\":\"0123456789abcdef0123456789abcdef\"},\"v\":\"x\"},\"a_key_that_is_rather_long\":"
        "1}",
        "{\"deep\":[[[[[[[[[[{\"a\":[{}]}]]]]]]]]]],\"x\":\"z\"}",
        "{\"x\":\"the string is longer than sixty-four bytes, so that its end lies in another group of the "
        "scan\",\"time\":0}",
        "{\"note\":\"a \\\"quoted\\\" word\",\"x\":\"plain\"}",
};

/* 100 keys of one object, of which 50 pairs end in the same eight bytes; the last is doubled at the end. */
static void many_keys_of_one_object_are_told_apart(void **state)
{
    struct bench *bench = *state;
    const char *many[100];
    struct buf line = buf_make(1u << 16);
    for (size_t i = 0; i < COUNT_OF(many); i++) {
        many[i] = arena_printf(bench->arena, "%c_filenames_%02zu", i % 2 == 0 ? 'o' : 'r', i / 2);
        buf_printf(&line, "%c\"%s\":%zu", i == 0 ? '{' : ',', many[i], i);
    }
    buf_put(&line, S("}\n"));
    const struct json_paths *compiled;
    assert_int_equal(json_paths_compile(many, COUNT_OF(many), bench->arena, &compiled).kind, ERR_NONE);
    struct json_picker *picker = json_picker_open(compiled, NULL);
    struct json_scan *scan;
    char *memory = scan_text(&scan, buf_slice(&line));
    assert_true(json_pick_scanned(picker, scan, 0, true, &bench->fast));
    slice text = {line.ptr, line.len - 1};
    assert_int_equal(json_pick(compiled, text, bench->arena, &bench->strict, NULL).kind, ERR_NONE);
    assert_int_equal(bench->fast.count, COUNT_OF(many));
    for (size_t i = 0; i < COUNT_OF(many); i++) {
        assert_int_equal(bench->fast.rows[i].path, i);
        assert_int_equal(bench->strict.rows[i].path, i);
    }
    json_scan_close(scan);
    free(memory);
    line.len -= 2;
    buf_printf(&line, ",\"%s\":0}\n", many[99]);
    memory = scan_text(&scan, buf_slice(&line));
    assert_false(json_pick_scanned(picker, scan, 0, true, &bench->fast));
    text = (slice){line.ptr, line.len - 1};
    assert_int_equal(json_pick(compiled, text, bench->arena, &bench->strict, NULL).kind, ERR_INPUT);
    json_scan_close(scan);
    free(memory);
    buf_free(&line);
    json_picker_close(picker);
}

static void the_fast_road_takes_all_plain_lines(void **state)
{
    struct buf text = buf_make(1u << 20);
    for (size_t i = 0; i < COUNT_OF(good_lines); i++) {
        buf_put(&text, slice_of(good_lines[i]));
        buf_byte(&text, '\n');
    }
    assert_int_equal(expect_same_text(*state, buf_slice(&text)), COUNT_OF(good_lines));
    buf_free(&text);
}

/* What the scan leaves to the walk, on wanted ways and beside them. */
static void nesting_that_does_not_fit_is_not_vouched_for(void **state)
{
    static const char *const broken[] = {
            "{\"tags\":[{}\n",
            "{\"n\":[{}\n",
            "{\"dns\":{}\n",
            "{\"n\":{}\n",
            "{\"tags\":[{]}}\n",
            "{\"tags\":[1}\n",
            "{\"n\":[[1}]\n",
            "{\"n\":{\"a\":1]}\n",
            "{\"tags\":[\"a\",\"b\":1]}\n",
            "{\"n\":[\"a\",\"b\":1]}\n",
            "{\"a\":1,\"b\",\"c\":2}\n",
            "{\"a\":1,2,\"c\":2}\n",
            "{\"n\":{\"a\":1,2}}\n",
            "{\"n\":{\"a\":1,{}}}\n",
            "{\"a\":1,{}}\n",
            "{\"a\":1}}\n",
            "{\"a\":1},{\"b\":2}\n",
            "{\"tags\":[1,2]]}\n",
            "{\"tags\":[1],[2]}\n",
    };
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        struct buf text = buf_make(1u << 16);
        buf_put(&text, slice_of(broken[i]));
        buf_put(&text, S("{\"x\":\"the next line is as it was\"}\n"));
        if (expect_same_text(*state, buf_slice(&text)) != 1)
            fail_msg("vouched for: %s", broken[i]);
        buf_free(&text);
    }
}

static uint64_t seed = 2463534242u;

static size_t next_random(size_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (size_t)(seed % below);
}

/* Deletes, doubles, swaps or overwrites a few bytes or a run of them. */
static void put_mutated(struct buf *text, slice line)
{
    static const char bytes[] = "{}[]:,\"\\\n \t0001119-.eEtfnu\x01\x80\xC3\xFF";
    char copy[1024];
    memcpy(copy, line.ptr, line.len);
    size_t len = line.len;
    for (size_t times = next_random(4); times > 0 && len > 2; times--) {
        size_t at = next_random(len), other = next_random(len);
        switch (next_random(5)) {
        case 4: { /* words where they do not belong */
            static const char *const words[] = {"true", "null", "false", "0", "1e5"};
            slice word = slice_of(words[next_random(COUNT_OF(words))]);
            memmove(copy + at + word.len, copy + at, len - at);
            memcpy(copy + at, word.ptr, word.len);
            len += word.len;
            break;
        }
        case 0:
            copy[at] = bytes[next_random(sizeof bytes - 1)];
            break;
        case 1:
            memmove(copy + at, copy + at + 1, len - at - 1);
            len--;
            break;
        case 2:
            memmove(copy + at + 1, copy + at, len - at);
            len++;
            break;
        default: {
            char swap = copy[at];
            copy[at] = copy[other];
            copy[other] = swap;
        }
        }
    }
    buf_put(text, (slice){copy, len});
    buf_byte(text, '\n');
}

static void the_roads_agree_on_broken_lines(void **state)
{
    size_t vouched = 0;
    for (int round = 0; round < 400; round++) {
        struct buf text = buf_make(1u << 20);
        for (int i = 0; i < 100; i++)
            put_mutated(&text, slice_of(good_lines[next_random(COUNT_OF(good_lines))]));
        vouched += expect_same_text(*state, buf_slice(&text));
        buf_free(&text);
    }
    assert_true(vouched > 8000); /* most of the lines that were left whole */
}

/* Random well-formed and half-formed structures from the wanted keys. */
static void put_random_value(struct buf *text, unsigned depth)
{
    static const char *const keys[] = {"time", "src_ip", "dns", "rrname", "answers", "rdata", "grouped", "A", "tls",
            "ja3", "hash", "files", "name", "tags", "grid", "both", "inner", "x", "", "zz", "id.orig_h"};
    size_t kind = next_random(depth > 5 ? 4 : 8), count = next_random(4);
    if (kind < 4) {
        static const char *const scalars[] = {"\"v\"", "7", "true", "null", "-0.5", "\"\"", "\"a,b:{\"", "1e9"};
        buf_put(text, slice_of(scalars[next_random(COUNT_OF(scalars))]));
        return;
    }
    bool object = kind < 7;
    buf_byte(text, object ? '{' : '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_byte(text, ',');
        if (object != (next_random(200) == 0)) /* now and then a key in an array, a value without one in an object */
            buf_printf(text, "\"%s\":", keys[next_random(COUNT_OF(keys))]);
        put_random_value(text, depth + 1);
    }
    bool wrong = next_random(200) == 0;
    buf_byte(text, object != wrong ? '}' : ']');
}

static void the_roads_agree_on_random_structures(void **state)
{
    size_t vouched = 0;
    for (int round = 0; round < 300; round++) {
        struct buf text = buf_make(4u << 20);
        for (int i = 0; i < 100; i++) {
            buf_put(&text, S("{\"dns\":"));
            put_random_value(&text, 0);
            buf_put(&text, S(",\"grid\":"));
            put_random_value(&text, 0);
            buf_put(&text, S(",\"tags\":"));
            put_random_value(&text, 0);
            buf_put(&text, S("}\n"));
        }
        vouched += expect_same_text(*state, buf_slice(&text));
        buf_free(&text);
    }
    assert_true(vouched > 10000);
}

static void nesting_beyond_the_ceiling_is_refused_on_both_roads(void **state)
{
    struct bench *bench = *state;
    for (size_t depth = JSON_DEPTH_MAX - 2; depth < JSON_DEPTH_MAX + 2; depth++) {
        struct buf line = buf_make(1u << 16);
        buf_put(&line, S("{\"deep\":"));
        for (size_t i = 1; i < depth; i++)
            buf_byte(&line, '[');
        for (size_t i = 1; i < depth; i++)
            buf_byte(&line, ']');
        buf_put(&line, S("}\n"));
        assert_int_equal(expect_same_text(bench, buf_slice(&line)), depth <= JSON_DEPTH_MAX);
        buf_free(&line);
    }
}

/* Each line has the shape of the first, or nearly so. */
static void lines_that_look_alike_are_told_apart(void **state)
{
    static const char text[] = "{\"src_ip\":\"192.0.2.1\",\"n\":1,\"tags\":[\"a\",\"b\"],\"x\":1}\n"
                               "{\"src_ip\":\"\",\"n\":[],\"tags\":[\"a\",\"b\"],\"x\":null}\n"
                               "{\"dst_ip\":\"192.0.2.1\",\"n\":1,\"tags\":[\"a\",\"b\"],\"x\":1}\n"
                               "{\"src_ip\":\"192.0.2.1\",\"x\":1,\"tags\":[\"a\",\"b\"],\"n\":1}\n"
                               "{\"src_ip\":\"192.0.2.1\",\"n\":1,\"tags\":[7],\"x\":1}\n"
                               "{\"src_ip\":\"192.0.2.1\",\"n\":1,\"tags\":[\"a\",\"b\"],\"xx\":1}\n"
                               "{\"asrc_ip\":\"192.0.2.1\",\"n\":1,\"tags\":[1,2,3,4],\"x\":1}\n"
                               "{\"src_ip\":\"192.0.2.1\",\"n\":1,\"bags\":[\"a\",\"b\"],\"x\":1}\n"
                               "{\"files\":[{\"name\":\"a\"},{\"name\":\"b\"}],\"grid\":[[1],2,[3]]}\n"
                               "{\"files\":[{\"name\":\"a\"},{\"game\":\"b\"}],\"grid\":[[1],\"2\",[3]]}\n"
                               "{\"files\":[{\"rname\":1},{\"name\":\"b\"}],\"grid\":[[1,2],2,[]]}\n"
                               "{\"a_key_that_is_rather_long\":1}\n"
                               "{\"b_key_that_is_rather_long\":1}\n"
                               "{\"rather_long\":1}\n";
    assert_int_equal(expect_same_text(*state, S(text)), 14);
}

static void a_key_twice_is_seen_in_a_shape_that_is_known(void **state)
{
    static const char text[] = "{\"src_port\":1,\"dst_port\":2}\n"
                               "{\"src_port\":1,\"src_port\":2}\n"
                               "{\"src_port\":3,\"dst_port\":4}\n";
    assert_int_equal(expect_same_text(*state, S(text)), 2);
}

static void unusual_values_are_left_out_once_the_shape_is_known(void **state)
{
    struct bench *bench = *state;
    struct json_scan *scan;
    char *memory = scan_text(&scan, S("{\"src_ip\":\"a\",\"src_port\":1,\"x\":2}\n"));
    static const size_t counts[] = {3, 2, 3};
    static const bool all[] = {false, false, true};
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        assert_true(json_pick_scanned(bench->picker, scan, 0, all[i], &bench->fast));
        assert_int_equal(bench->fast.count, counts[i]);
    }
    free(memory);
    json_scan_close(scan);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(values_are_picked_in_the_order_of_the_line),
            cmocka_unit_test(paths_lead_into_objects_and_arrays),
            cmocka_unit_test(a_value_may_itself_hold_wanted_ones),
            cmocka_unit_test(keys_of_the_same_name_elsewhere_are_not_meant),
            cmocka_unit_test(a_quoted_step_is_one_key),
            cmocka_unit_test(escapes_are_resolved_in_keys_and_values),
            cmocka_unit_test(another_kind_of_value_than_wanted_is_passed_over),
            cmocka_unit_test(what_is_no_event_is_refused_with_its_place),
            cmocka_unit_test(a_doubled_key_that_nobody_reads_is_no_fault),
            cmocka_unit_test(more_values_than_the_ceiling_are_refused),
            cmocka_unit_test(paths_that_cannot_be_read_are_refused),
            cmocka_unit_test(many_keys_of_one_object_are_told_apart),
            cmocka_unit_test(the_fast_road_takes_all_plain_lines),
            cmocka_unit_test(nesting_that_does_not_fit_is_not_vouched_for),
            cmocka_unit_test(the_roads_agree_on_broken_lines),
            cmocka_unit_test(the_roads_agree_on_random_structures),
            cmocka_unit_test(nesting_beyond_the_ceiling_is_refused_on_both_roads),
            cmocka_unit_test(lines_that_look_alike_are_told_apart),
            cmocka_unit_test(a_key_twice_is_seen_in_a_shape_that_is_known),
            cmocka_unit_test(unusual_values_are_left_out_once_the_shape_is_known),
    };
    return cmocka_run_group_tests(tests, open_bench, close_bench);
}
