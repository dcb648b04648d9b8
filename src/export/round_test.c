/* SPDX-License-Identifier: Apache-2.0 */
#include "export/kind_test.h"

/*
 * What goes out and is read back by our own form gives the same indicators. Each kind has members of its own that it
 * cannot carry; those are what `carries` says.
 */

struct seen {
    struct buf lines;
    const char *kind;
};

static bool carries_times(const char *kind)
{
    return strcmp(kind, "misp") != 0;
}

/* The same thing said of both roads: type, value in normal form, whose it is, until when. */
static struct err see(void *context, const struct indicator *indicator)
{
    struct seen *seen = context;
    struct observable observable = {.type = indicator->type, .name = indicator->name, .value = indicator->value};
    struct buf normal = buf_make(UINT16_MAX);
    if ((indicator->flags & (INDICATOR_REVOKED | INDICATOR_BELOW)) != 0 || !observable_normal(&observable, &normal)) {
        buf_free(&normal);
        return OK;
    }
    const char *type = observable_type_name(indicator->type);
    buf_printf(&seen->lines, "%s %.*s ", type == NULL ? "other" : type, (int)indicator->name.len,
            indicator->name.len == 0 ? "" : indicator->name.ptr);
    buf_hex(&seen->lines, buf_slice(&normal));
    slice label = indicator->label;
    buf_printf(&seen->lines, " %.*s", (int)label.len, label.len == 0 ? "" : label.ptr);
    if (carries_times(seen->kind))
        buf_printf(&seen->lines, " %lld %lld %.*s", (long long)indicator->from_us, (long long)indicator->until_us,
                (int)indicator->id.len, indicator->id.len == 0 ? "" : indicator->id.ptr);
    buf_byte(&seen->lines, '\n');
    buf_free(&normal);
    return OK;
}

static struct err see_pattern(void *context, const struct indicator *pattern)
{
    (void)context, (void)pattern;
    return OK;
}

static void no_problem(void *context, uint64_t line, uint64_t column, const char *why)
{
    (void)context;
    fail_msg("%llu:%llu: %s", (unsigned long long)line, (unsigned long long)column, why);
}

static void skip_any(void *context, const char *what)
{
    (void)context, (void)what;
}

static struct buf lines_of(const struct form *form, slice text, const char *kind)
{
    struct seen seen = {buf_make(EXPORTED_MAX), kind};
    const struct form_sink sink = {&seen, see, no_problem, skip_any, NULL, see_pattern};
    struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
    assert_int_equal(form->read(text, arena, &sink).kind, ERR_NONE);
    arena_close(arena);
    buf_byte(&seen.lines, '\0');
    return seen.lines;
}

static const struct {
    const char *name, *pattern;
} samples[] = {
        {"Address", "[ipv4-addr:value = '203.0.113.7']"},
        {"Prefix", "[ipv4-addr:value ISSUBSET '203.0.113.0/28' OR ipv6-addr:value = '2001:db8::/48']"},
        {"Both, with a comma", "[ipv6-addr:value = '2001:DB8::1' OR ipv4-addr:value = '198.51.100.3']"},
        {"Name \\\"quoted\\\"", "[domain-name:value = 'Login.Bank.Example']"},
        {"Unicode \\u4f60", "[domain-name:value = 'b\\u00fccher.example']"},
        {"URL; semicolon", "[url:value = 'http://a.example:8080/x?y=1,2;z#f']"},
        {"Hashes", "[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e' OR "
                   "file:hashes.'SHA-1' = 'da39a3ee5e6b4b0d3255bfef95601890afd80709']"},
        {"Mail", "[email-addr:value = 'boss@corp.example']"},
        {"JA3", "[x-ja3:value = '0123456789abcdef0123456789abcdef']"},
        {"Agent", "[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'curl \\\"x\\\", |y']"},
        {"File", "[file:name = 'in, voice.exe']"},
        {"Mutex", "[mutex:name = 'Global']"},
        {"", "[mac-addr:value = '00:00:5e:00:53:01']"},
};

static struct buf bundle(void)
{
    struct buf json = buf_make(EXPORTED_MAX);
    buf_put(&json, S("{\"type\":\"bundle\",\"objects\":["));
    for (unsigned i = 0; i < COUNT_OF(samples); i++)
        buf_printf(&json,
                "%s{\"type\":\"indicator\",\"id\":\"indicator--00000000-0000-4000-8000-0000000000%02x\","
                "\"name\":\"%s\",\"valid_from\":\"2026-01-02T03:04:05.678Z\",\"valid_until\":\"2027-01-01T00:00:00Z\","
                "\"modified\":\"2026-01-02T03:04:06Z\",\"pattern\":\"%s\"}",
                i == 0 ? "" : ",", i + 1, samples[i].name, samples[i].pattern);
    buf_put(&json, S("]}"));
    return json;
}

static void our_own_forms_read_back_the_same_indicators(void **state)
{
    (void)state;
    static const char *const kinds[] = {"stix", "misp", "csv"};
    struct buf json = bundle();
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct export_options options = test_options();
        struct exported exported = export_json(kinds[i], buf_slice(&json), &options);
        slice text = slice_part(buf_slice(&exported.text), 0, exported.text.len - 1);
        const struct form *form = form_recognise(text);
        assert_non_null(form);
        assert_string_equal(form->name, kinds[i]);
        struct buf before = lines_of(&form_stix, buf_slice(&json), kinds[i]);
        struct buf after = lines_of(form, text, kinds[i]);
        if (strcmp(kinds[i], "misp") == 0)
            assert_int_equal(exported.totals.values, 16);
        else
            assert_string_equal(before.ptr, after.ptr);
        buf_free(&before);
        buf_free(&after);
        exported_free(&exported);
    }
    buf_free(&json);
}

/* MISP's form names an attribute after its event, so only types and values are the same. */
static void misp_gives_the_same_values(void **state)
{
    (void)state;
    struct buf json = bundle();
    struct export_options options = test_options();
    struct exported exported = export_json("misp", buf_slice(&json), &options);
    struct buf wanted = lines_of(&form_stix, buf_slice(&json), "misp");
    struct buf got =
            lines_of(form_find(S("misp")), slice_part(buf_slice(&exported.text), 0, exported.text.len - 1), "misp");
    slice left = buf_slice(&wanted), right = buf_slice(&got), a, b;
    while (slice_next(&left, '\n', &a)) {
        assert_true(slice_next(&right, '\n', &b));
        slice of_a = a, of_b = b;
        for (unsigned part = 0; part < 3 && a.len > 1; part++) {
            assert_true(slice_next(&a, ' ', &of_a) && slice_next(&b, ' ', &of_b));
            assert_true(slice_eq(of_a, of_b));
        }
    }
    assert_true(right.len == 0 || !slice_next(&right, '\n', &b));
    buf_free(&wanted);
    buf_free(&got);
    exported_free(&exported);
    buf_free(&json);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(our_own_forms_read_back_the_same_indicators),
            cmocka_unit_test(misp_gives_the_same_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
