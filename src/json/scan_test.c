/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "json/check.h"
#include "json/scan.h"

static const char *const ways[] = {"avx512", "avx2", "scalar"};

/* A block with pads, as the scan wants it. */
struct padded {
    struct buf buf;
    slice text;
};

static struct padded padded(slice text)
{
    struct padded p = {.buf = buf_make(64u << 20)};
    for (int i = 0; i < JSON_SCAN_PAD; i++)
        buf_byte(&p.buf, '"'); /* the worst pad: it must not matter */
    buf_put(&p.buf, text);
    for (int i = 0; i < JSON_SCAN_PAD; i++)
        buf_byte(&p.buf, '"');
    p.text = (slice){p.buf.ptr + JSON_SCAN_PAD, text.len};
    return p;
}

static uint32_t flags_of(const char *way, slice line)
{
    assert_true(json_scan_force(way));
    struct padded p = padded(line);
    struct json_scan *scan = json_scan_open(line.len);
    json_scan_block(scan, p.text);
    assert_int_equal(scan->line_count, 1);
    assert_int_equal(scan->lines[0].end, line.len - 1);
    uint32_t flags = scan->lines[0].flags;
    json_scan_close(scan);
    buf_free(&p.buf);
    return flags;
}

#define FINE 0
#define ODD JSON_LINE_ODD

static const struct {
    const char *line;
    uint32_t flags;
} lines[] = {
        {"{}\n", FINE},
        {"{\"a\":1}\n", FINE},
        {"{\"a\":\"b\",\"c\":[1,2,\"x\",{\"d\":null}],\"e\":true,\"f\":false}\n", FINE},
        {"{\"a\":-1.5e+3,\"b\":0.5,\"c\":0,\"d\":[0,0]}\n", FINE},
        {"{\"a\":{},\"b\":[],\"c\":\"\"}\n", FINE},
        {"{\"a\":\"{[:,]}\"}\n", FINE},
        {"{\"a\":\"caf\xC3\xA9\"}\n", FINE},
        {"{\"a\":\"x\\\"y\\\\\"}\n", JSON_LINE_ESCAPES},
        {"{\"a\":\"\\u00e9\\/\"}\n", JSON_LINE_ESCAPES},
        {"{\"a\": 1}\n", ODD}, /* blanks: for the strict reader */
        {"[1]\n", ODD},        /* no object */
        {"{\"a\":1},\n", ODD},
        {"{\"a\":1}{}\n", ODD},
        {"{\"a\":1}5\n", ODD},
        {"{\"a\"}\n", ODD},
        {"{\"a\":1,\"b\"}\n", ODD},
        {"{\"a\":1,}\n", ODD},
        {"{,\"a\":1}\n", ODD},
        {"{\"a\":}\n", ODD},
        {"{\"a\":1\n", ODD},
        {"{\"a\":1,\n", ODD},
        {"{\"a\":\n", ODD},
        {"{\"a\n", ODD},
        {"{\n", ODD},
        {"{\"a\"\"b\":1}\n", ODD},
        {"{\"a\":\"b\"1}\n", ODD},
        {"{\"a\":1\"b\"}\n", ODD},
        {"{\"a\"::1}\n", ODD},
        {"{\"a\":\"b\":1}\n", ODD},
        {"{a:1}\n", ODD},
        {"{\"a\":[1,]}\n", ODD},
        {"{\"a\":[,1]}\n", ODD},
        {"{\"a\":tru}\n", ODD},
        {"{\"a\":0null}\n", ODD},
        {"{\"a\":1true}\n", ODD},
        {"{\"a\":truefalse}\n", ODD},
        {"{\"a\":true0}\n", ODD},
        {"{\"a\":00}\n", ODD},
        {"{\"a\":[0,0.0,-0,null]}\n", FINE},
        {"{\"a\":truex}\n", ODD},
        {"{\"a\":nul}\n", ODD},
        {"{\"a\":falsey}\n", ODD},
        {"{\"a\":01}\n", ODD},
        {"{\"a\":-01}\n", ODD},
        {"{\"a\":1.}\n", ODD},
        {"{\"a\":.5}\n", ODD},
        {"{\"a\":1e}\n", ODD},
        {"{\"a\":+1}\n", ODD},
        {"{\"a\":--1}\n", ODD},
        {"{\"a\":0x1}\n", ODD},
        {"{\"a\":@}\n", ODD},
        {"{\"a\":\"\x01\"}\n", ODD},
        {"{\"a\":\"\t\"}\n", ODD},
        {"{\"a\":\"\xC3\"}\n", ODD},
        {"{\"a\":\"\xED\xA0\x80\"}\n", ODD},
        {"{\"a\":\"\xC0\xAF\"}\n", ODD},
        {"{\"a\":\xC3\xA9}\n", ODD},
        {"{\"a\":\"\\x\"}\n", ODD | JSON_LINE_ESCAPES},
        {"{\"a\":\"\\u12g4\"}\n", ODD | JSON_LINE_ESCAPES},
        {"{\"a\":\"\\ud800\"}\n", ODD | JSON_LINE_ESCAPES}, /* surrogates: for the strict reader */
        {"{\"a\":\\n}\n", ODD | JSON_LINE_ESCAPES},
        {"{\"a\":\"\\\n", ODD | JSON_LINE_ESCAPES},
        {"{}\r\n", ODD},
        {"{}}\n", FINE}, /* brackets that do not match are for the walk */
        {"{\"a\":[}\n", ODD},
        {"\n", FINE},
};

static void each_line_is_fine_or_odd(void **state)
{
    (void)state;
    for (size_t way = 0; way < COUNT_OF(ways); way++) {
        if (!json_scan_force(ways[way]))
            continue;
        for (size_t i = 0; i < COUNT_OF(lines); i++) {
            uint32_t flags = flags_of(ways[way], slice_of(lines[i].line));
            if (flags != lines[i].flags)
                fail_msg("%s: flags %u, not %u: %s", ways[way], flags, lines[i].flags, lines[i].line);
        }
    }
}

/* Wherever in its group of 64 a line begins, the answer is the same; and a broken line costs only itself. */
static void lines_do_not_depend_on_their_place(void **state)
{
    (void)state;
    for (size_t way = 0; way < COUNT_OF(ways); way++) {
        if (!json_scan_force(ways[way]))
            continue;
        struct json_scan *scan = json_scan_open(1u << 20);
        for (size_t shift = 0; shift < 70; shift++) {
            struct buf text = buf_make(1u << 20);
            buf_put(&text, S("{\"pad\":\""));
            for (size_t i = 0; i < shift; i++)
                buf_byte(&text, 'x');
            buf_put(&text, S("\"}\n"));
            for (size_t i = 0; i < COUNT_OF(lines); i++)
                buf_put(&text, slice_of(lines[i].line));
            struct padded p = padded(buf_slice(&text));
            json_scan_block(scan, p.text);
            size_t at = 1;
            assert_int_equal(scan->lines[0].flags, 0);
            for (size_t i = 0; i < COUNT_OF(lines); i++, at++)
                if (scan->lines[at].flags != lines[i].flags)
                    fail_msg("%s, shift %zu: flags %u, not %u: %s", ways[way], shift, scan->lines[at].flags,
                            lines[i].flags, lines[i].line);
            assert_int_equal(scan->line_count, at);
            buf_free(&p.buf);
            buf_free(&text);
        }
        json_scan_close(scan);
    }
}

static uint64_t seed = 88172645463325252u;

static uint64_t next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

/* Text made of the pieces that matter, mostly wrong. */
static void put_random_text(struct buf *buf, size_t bytes)
{
    static const char *const pieces[] = {"{", "}", "[", "]", ":", ",", "\"", "\\", "\n", "0", "12", "-", ".", "e",
            "true", "null", " ", "\t", "\x80", "\xC3\xA9", "abcdefghijklmnopqrstuvwxyz", "\"k\":", "\"v\"",
            "\"k\":\"v\",", "}\n{"};
    while (buf->len < bytes)
        buf_put(buf, slice_of(pieces[next_random() % COUNT_OF(pieces)]));
    buf_byte(buf, '\n');
}

/* What is odd has no tokens that anybody reads. */
static void expect_same_tokens(const struct json_scan *a, const struct json_scan *b, size_t line)
{
    if (a->lines[line].flags & JSON_LINE_ODD)
        return;
    const uint32_t *left = a->tokens + a->lines[line].token, *right = b->tokens + b->lines[line].token;
    do
        assert_int_equal(*left, *right++);
    while (*left++ != a->lines[line].end);
}

static void expect_same_scan(const struct json_scan *a, const struct json_scan *b)
{
    assert_int_equal(a->line_count, b->line_count);
    assert_memory_equal(a->quotes, b->quotes, (a->bytes + 63) / 64 * 8);
    for (size_t i = 0; i < a->line_count; i++) {
        assert_int_equal(a->lines[i].end, b->lines[i].end);
        assert_int_equal(a->lines[i].flags, b->lines[i].flags);
        expect_same_tokens(a, b, i);
    }
}

static void all_scans_give_the_same_answer(void **state)
{
    (void)state;
    for (int round = 0; round < 400; round++) {
        struct buf text = buf_make(1u << 20);
        put_random_text(&text, 1 + next_random() % (round % 8 == 0 ? 20000 : 3000)); /* some beyond 4 KiB */
        struct padded p = padded(buf_slice(&text));
        struct json_scan *reference = json_scan_open(text.len), *scan = json_scan_open(text.len);
        assert_true(json_scan_force("scalar"));
        json_scan_block(reference, p.text);
        for (size_t way = 0; way < COUNT_OF(ways); way++)
            if (json_scan_force(ways[way])) {
                json_scan_block(scan, p.text);
                expect_same_scan(reference, scan);
                assert_int_equal(json_scan_newlines(p.text), reference->line_count);
            }
        json_scan_close(reference);
        json_scan_close(scan);
        buf_free(&p.buf);
        buf_free(&text);
    }
}

static void the_best_scan_of_this_machine_is_named(void **state)
{
    (void)state;
    assert_false(json_scan_force("abacus"));
    assert_true(json_scan_force("scalar"));
    assert_string_equal(json_scan_name(), "scalar");
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(each_line_is_fine_or_odd),
            cmocka_unit_test(lines_do_not_depend_on_their_place),
            cmocka_unit_test(all_scans_give_the_same_answer),
            cmocka_unit_test(the_best_scan_of_this_machine_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
