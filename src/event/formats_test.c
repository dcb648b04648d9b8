/* SPDX-License-Identifier: Apache-2.0 */
#include "event/test_input.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "json/check.h"

#define FILE_BYTES_MAX (1u << 20)

static const char *const log_end = ".log", *const expected_end = ".expected";

static void data_folder(struct buf *path)
{
    const char *root = getenv("KENTONGAN_ROOT");
    assert_non_null(root);
    buf_printf(path, "%s/tests/data/event", root);
}

/* A file of the data folder: its name without its end, and the end. */
static struct buf file_read(slice stem, const char *end)
{
    struct buf path = buf_make(4096), text = buf_make(FILE_BYTES_MAX);
    data_folder(&path);
    buf_printf(&path, "/%.*s%s", (int)stem.len, stem.ptr, end);
    buf_byte(&path, '\0');
    FILE *file = fopen(path.ptr, "rb");
    assert_non_null(file);
    assert_true(buf_reserve(&text, FILE_BYTES_MAX));
    text.len = fread(text.ptr, 1, FILE_BYTES_MAX, file);
    assert_true(text.len < FILE_BYTES_MAX);
    fclose(file);
    buf_free(&path);
    return text;
}

static uint64_t newlines(slice s)
{
    uint64_t count = 0;
    for (size_t i = 0; i < s.len; i++)
        count += s.ptr[i] == '\n';
    return count;
}

/* What `kentongan decode` prints for a text; bad records are left out. */
static void decode(struct input *input, slice text, struct buf *out)
{
    slice rest = slice_from(text, input->reader.header.len), record;
    while (input_next(input, &rest, &record)) {
        uint64_t line = 1 + newlines((slice){text.ptr, (size_t)(record.ptr - text.ptr)});
        if (input_read(input, record).kind == ERR_NONE)
            event_write(&input->reader, &input->event, record, line, input->arena, out);
    }
}

/* Line by line, so that a failure shows the line. */
static void assert_same_lines(slice got, slice expected)
{
    slice got_line, expected_line;
    while (slice_next(&expected, '\n', &expected_line)) {
        char left[8192], right[8192];
        assert_true(slice_next(&got, '\n', &got_line));
        snprintf(left, sizeof(left), "%.*s", (int)got_line.len, got_line.ptr);
        snprintf(right, sizeof(right), "%.*s", (int)expected_line.len, expected_line.ptr);
        assert_string_equal(left, right);
        assert_true(slice_eq(got_line, expected_line));
    }
    assert_true(got.ptr == NULL);
}

static void assert_lines_are_json(slice text)
{
    slice line;
    while (slice_next(&text, '\n', &line))
        if (line.len > 0)
            assert_int_equal(json_check(line, &json_limits_default, NULL).kind, ERR_NONE);
}

/* csv-tab.log is of the format csv, zeek-tsv.log of zeek-tsv: the longest name that a format has. */
static slice format_of(slice stem)
{
    slice name = stem;
    while (event_format_find(name) == NULL) {
        const char *dash = memrchr(name.ptr, '-', name.len);
        assert_non_null(dash);
        name = slice_part(name, 0, (size_t)(dash - name.ptr));
    }
    return name;
}

static void assert_golden(slice stem, void *own)
{
    (void)own;
    static struct input input;
    struct buf text = file_read(stem, log_end), expected = file_read(stem, expected_end),
               out = buf_make(FILE_BYTES_MAX);
    char name[32];
    slice format = format_of(stem);
    snprintf(name, sizeof(name), "%.*s", (int)format.len, format.ptr);
    char file[64];
    snprintf(file, sizeof(file), "%.*s", (int)stem.len, stem.ptr);
    assert_int_equal(input_open_named(&input, name, buf_slice(&text), file).kind, ERR_NONE);
    decode(&input, buf_slice(&text), &out);
    assert_same_lines(buf_slice(&out), buf_slice(&expected));
    assert_lines_are_json(buf_slice(&out));
    input_close(&input);
    assert_int_equal(input_open_named(&input, "auto", buf_slice(&text), file).kind, ERR_NONE);
    assert_string_equal(input.reader.format->name, name);
    input_close(&input);
    buf_free(&text);
    buf_free(&expected);
    buf_free(&out);
}

/* Calls `each` with the stem of every golden log; returns how many there are. */
static size_t for_each_golden(void (*each)(slice stem, void *own), void *own)
{
    struct buf path = buf_make(4096);
    data_folder(&path);
    buf_byte(&path, '\0');
    DIR *folder = opendir(path.ptr);
    assert_non_null(folder);
    size_t count = 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        slice name = slice_of(entry->d_name);
        if (!slice_ends(name, slice_of(log_end)))
            continue;
        each(slice_part(name, 0, name.len - strlen(log_end)), own);
        count++;
    }
    closedir(folder);
    buf_free(&path);
    return count;
}

static void every_golden_log_decodes_as_expected(void **state)
{
    (void)state;
    assert_true(for_each_golden(assert_golden, NULL) >= 5);
}

/* What a golden log is taken for from less than all of it, where that is not its own format. */
/* Golden logs of which a part says less than the whole. A row that is no longer needed fails. */
enum part { FIRST_LINE, FIRST_BYTES };

static const struct {
    const char *stem;
    enum part part;
    const char *taken_for, *why;
} less_tells[] = {
        {"fhir-bundle", FIRST_LINE, "lines", "{ alone"},
        {"idea-pretty", FIRST_LINE, "lines", "[ alone"},
        {"shadowserver-device_id6-json", FIRST_LINE, "lines", "[ alone"},
        {"intelmq-nested", FIRST_LINE, "lines", "[ alone"},
        {"xarf", FIRST_LINE, "lines", "any line of a header"},
};

static void assert_recognised(slice stem, enum part part, slice head)
{
    int sure = 0;
    const struct event_format *format = event_format_guess(head, stem, &sure);
    slice own = format_of(stem);
    for (size_t i = 0; i < COUNT_OF(less_tells); i++)
        if (slice_eq(slice_of(less_tells[i].stem), stem) && less_tells[i].part == part)
            own = slice_of(less_tells[i].taken_for);
    if (!slice_eq(slice_of(format->name), own))
        fail_msg("%.*s: its first %s is taken for %s (%d)", (int)stem.len, stem.ptr,
                part == FIRST_LINE ? "line" : "300 bytes", format->name, sure);
}

static void recognise_golden(slice stem, void *own)
{
    (void)own;
    struct buf text = file_read(stem, log_end);
    slice all = buf_slice(&text), line = slice_part(all, 0, slice_find(all, '\n'));
    assert_recognised(stem, FIRST_LINE, line);
    assert_recognised(stem, FIRST_BYTES, slice_part(all, 0, all.len < 300 ? all.len : 300));
    buf_free(&text);
}

static void a_golden_log_is_recognised_from_little_of_it(void **state)
{
    (void)state;
    assert_true(for_each_golden(recognise_golden, NULL) >= 5);
}

struct sought {
    slice format;
    bool found;
};

static void seek_format(slice stem, void *own)
{
    struct sought *sought = own;
    sought->found |= slice_eq(format_of(stem), sought->format);
}

static void every_format_has_a_golden_log(void **state)
{
    (void)state;
    for (const struct event_format *const *format = event_formats; *format != NULL; format++) {
        struct sought sought = {.format = slice_of((*format)->name)};
        for_each_golden(seek_format, &sought);
        assert_true(sought.found);
    }
}

static void formats_are_found_by_name(void **state)
{
    (void)state;
    assert_string_equal(event_format_find(S("eve"))->name, "eve");
    assert_string_equal(event_format_find(S("lines"))->name, "lines");
    assert_null(event_format_find(S("EVE")));
    assert_null(event_format_find(S("")));
}

static void an_unknown_format_is_refused_with_those_we_know(void **state)
{
    (void)state;
    static struct input input;
    struct err err = input_open(&input, "eev", S(""), NULL);
    assert_int_equal(err.kind, ERR_MISSING);
    assert_string_equal(err.why,
            "unknown event format \"eev\" (known: eve zeek zeek-tsv intelmq n6 idea fhir xarf cef syslog weblog "
            "shadowserver summary csv lines)");
    input_close(&input);
}

static void what_nothing_else_is_sure_of_is_lines(void **state)
{
    (void)state;
    static const char *const heads[] = {"", "Nov 20 10:29:58 hello, world\n", "{\"a\":1}\n", "\xFF\xFE\n", "\n"};
    static struct input input;
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        assert_int_equal(input_open(&input, NULL, slice_of(heads[i]), NULL).kind, ERR_NONE);
        assert_string_equal(input.reader.format->name, "lines");
        input_close(&input);
    }
}

static void a_url_is_written_as_people_write_it(void **state)
{
    (void)state;
    static const struct {
        struct observable url;
        const char *text;
    } rows[] = {
            {{.value = {"https://evil.example/a", 22}}, "https://evil.example/a"},
            {{.value = {"evil.example", 12}, .path = {"/a?b", 4}}, "http://evil.example/a?b"},
            {{.value = {"evil.example", 12}, .path = {"/", 1}, .port = 8080}, "http://evil.example:8080/"},
            {{.value = {"2001:db8::1", 11}, .path = {"/", 1}, .port = 81}, "http://[2001:db8::1]:81/"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf out = buf_make(256);
        event_url_write(&rows[i].url, &out);
        assert_true(slice_eq(buf_slice(&out), slice_of(rows[i].text)));
        buf_free(&out);
    }
}

int main(void)
{
    int64_t now_us;
    cmocka_set_message_output(CM_OUTPUT_TAP);
    if (!time_parse(S("2026-11-21T12:00:00Z"), &now_us))
        return 1;
    clock_set(now_us); /* for dates without a year */
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_golden_log_decodes_as_expected),
            cmocka_unit_test(a_golden_log_is_recognised_from_little_of_it),
            cmocka_unit_test(every_format_has_a_golden_log),
            cmocka_unit_test(formats_are_found_by_name),
            cmocka_unit_test(an_unknown_format_is_refused_with_those_we_know),
            cmocka_unit_test(what_nothing_else_is_sure_of_is_lines),
            cmocka_unit_test(a_url_is_written_as_people_write_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
