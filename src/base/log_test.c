/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

static char seen[8192];

/* What log_line writes to standard error, as one read gives it; a datagram socket keeps the writes apart. */
static slice logged(enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
    int ends[2], saved = dup(STDERR_FILENO);
    assert_true(saved >= 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    log_line(level, event, fields, count);
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    ssize_t len = read(ends[0], seen, sizeof(seen));
    assert_int_equal(read(ends[0], seen + sizeof(seen) - 1, 1), -1);
    close(ends[0]);
    close(ends[1]);
    close(saved);
    return (slice){seen, len < 0 ? 0 : (size_t)len};
}

#define STOPPED "time=2026-11-20T10:29:58.960622Z "

static int stop_clock(void **state)
{
    int64_t us;
    (void)state;
    assert_true(time_parse(S("2026-11-20T10:29:58.960622Z"), &us));
    clock_set(us);
    return 0;
}

static void a_line_is_time_level_event_and_fields(void **state)
{
    (void)state;
    struct log_field fields[] = {{"file", .text = S("a.json")}, {"line", .number = 3}};
    slice line = logged(LOG_WARN, "intel.refused", fields, 2);
    assert_true(slice_eq(line, S(STOPPED "level=warn event=intel.refused file=\"a.json\" line=3\n")));
}

static void text_from_outside_cannot_break_out(void **state)
{
    (void)state;
    struct log_field fields[] = {{"name", .text = S("a\"b\\c\nd\x1b[31m\x7f\xc3\xa4")}};
    slice line = logged(LOG_INFO, "x", fields, 1);
    assert_true(slice_eq(line, S(STOPPED "level=info event=x name=\"a\\\"b\\\\c\\x0ad\\x1b[31m\\x7f\\xc3\\xa4\"\n")));
}

static void an_empty_text_is_still_text(void **state)
{
    (void)state;
    struct log_field fields[] = {{"name", .text = S("")}};
    assert_true(slice_eq(logged(LOG_ERROR, "x", fields, 1), S(STOPPED "level=error event=x name=\"\"\n")));
}

static void lines_below_the_threshold_are_left_out(void **state)
{
    (void)state;
    assert_int_equal(logged(LOG_DEBUG, "x", NULL, 0).len, 0);
    log_threshold(LOG_DEBUG);
    assert_true(logged(LOG_DEBUG, "x", NULL, 0).len > 0);
    log_threshold(LOG_ERROR);
    assert_int_equal(logged(LOG_WARN, "x", NULL, 0).len, 0);
    log_threshold(LOG_INFO);
}

static void a_long_text_is_cut_and_marked(void **state)
{
    (void)state;
    char text[600];
    memset(text, 'a', sizeof(text));
    struct log_field fields[] = {{"name", .text = {text, sizeof(text)}}, {"after", .number = -1}};
    slice line = logged(LOG_INFO, "x", fields, 2);
    assert_true(slice_ends(line, S("aaa...\" after=-1\n")));
    assert_int_equal(line.len, strlen(STOPPED "level=info event=x name=\"...\" after=-1\n") + 512);
}

static void a_long_line_ends_at_a_whole_field(void **state)
{
    (void)state;
    char text[512];
    memset(text, '\n', sizeof(text));
    struct log_field field = {"name", .text = {text, sizeof(text)}}, fields[] = {field, field, field, field};
    slice line = logged(LOG_INFO, "x", fields, 4);
    assert_true(slice_ends(line, S("\\x0a\"\n")));
    assert_int_equal(slice_find(line, '\n'), line.len - 1);
    assert_int_equal(line.len, strlen(STOPPED "level=info event=x\n") + strlen(" name=\"\"") + 4 * sizeof(text));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_line_is_time_level_event_and_fields),
            cmocka_unit_test(text_from_outside_cannot_break_out),
            cmocka_unit_test(an_empty_text_is_still_text),
            cmocka_unit_test(lines_below_the_threshold_are_left_out),
            cmocka_unit_test(a_long_text_is_cut_and_marked),
            cmocka_unit_test(a_long_line_ends_at_a_whole_field),
    };
    return cmocka_run_group_tests(tests, stop_clock, NULL);
}
