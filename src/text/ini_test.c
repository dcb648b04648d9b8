/* SPDX-License-Identifier: Apache-2.0 */
#include "text/ini.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"

/* What a text gives, as one line each: "[section] 3:1", "key=value 4:1:5", "! 5:2 why". */
static void on_section(void *context, slice name, size_t line, size_t column)
{
    buf_printf(context, "[%.*s] %zu:%zu\n", (int)name.len, name.ptr, line, column);
}

static void on_entry(void *context, const struct ini_entry *entry)
{
    buf_printf(context, "%.*s=%.*s %zu:%zu:%zu\n", (int)entry->key.len, entry->key.ptr, (int)entry->value.len,
            entry->value.ptr, entry->line, entry->column, entry->value_column);
}

static void on_wrong(void *context, size_t line, size_t column, const char *why)
{
    buf_printf(context, "! %zu:%zu %s\n", line, column, why);
}

static void assert_gives(slice text, const char *expected)
{
    struct buf told = buf_make(1 << 20);
    const struct ini_sink sink = {&told, on_section, on_entry, on_wrong};
    ini_read(text, &sink);
    buf_byte(&told, '\0');
    assert_string_equal(told.ptr, expected);
    buf_free(&told);
}

static void sections_and_keys_are_told_with_their_places(void **state)
{
    (void)state;
    assert_gives(S("[node]\nname = Melati\n\n  [ feeds ]  \r\n\tproxy=http://192.0.2.1:3128\r\n"),
            "[node] 1:1\nname=Melati 2:1:8\n[feeds] 4:3\nproxy=http://192.0.2.1:3128 5:2:8\n");
}

static void comments_and_blank_lines_say_nothing(void **state)
{
    (void)state;
    assert_gives(S("# a comment\n; another\n   # and one more = no key\n\n \t \n"), "");
}

static void a_value_is_the_rest_of_its_line(void **state)
{
    (void)state;
    assert_gives(S("a = b # c ; d = \"e\" [f]  \n"), "a=b # c ; d = \"e\" [f] 1:1:5\n");
    assert_gives(S("a=\nb = "), "a= 1:1:3\nb= 2:1:4\n");
}

static void the_last_line_needs_no_end(void **state)
{
    (void)state;
    assert_gives(S("[a]\nb=c"), "[a] 1:1\nb=c 2:1:3\n");
    assert_gives(S(""), "");
    assert_gives(S("\xEF\xBB\xBF[a]\n"), "[a] 1:1\n");
}

static void a_wrong_line_is_told_and_the_others_are_read(void **state)
{
    (void)state;
    assert_gives(S("[a\nb = c\n[d] e\n[]\n[f  g]\nh\n= i\nj k = l\nm = n\n"),
            "! 1:1 the section has no ] at its end; write `[section]`\n"
            "b=c 2:1:5\n"
            "! 3:4 nothing may stand behind the ] of a section\n"
            "! 4:1 the name of a section has letters, digits and dashes\n"
            "! 5:1 the name of a section has letters, digits and dashes\n"
            "! 6:1 there is no = in this line; write `key = value`, or begin a comment with #\n"
            "! 7:1 a key has letters, digits and dashes; write `key = value`\n"
            "! 8:1 a key has letters, digits and dashes; write `key = value`\n"
            "m=n 9:1:5\n");
}

static void bytes_that_are_no_plain_text_are_told_where_they_stand(void **state)
{
    (void)state;
    assert_gives(S("a = b\0c\n"), "! 1:6 a NUL byte; is this a text file?\n");
    assert_gives(S("a = \x1b[31m\n"), "! 1:5 a control character; write plain text\n");
    assert_gives(S("a = caf\xe9\n"), "! 1:8 this is not UTF-8; save the file as UTF-8\n");
    assert_gives(S("# caf\xe9\n"), "! 1:6 this is not UTF-8; save the file as UTF-8\n");
    assert_gives(S("a = caf\xc3\xa9\n"), "a=caf\xc3\xa9 1:1:5\n");
    assert_gives(S("a = b\rc = d\n"), "! 1:6 a control character; write plain text\n");
}

static void a_line_may_have_4096_bytes_and_no_more(void **state)
{
    (void)state;
    static char text[INI_LINE_MAX + 2];
    memset(text, 'd', sizeof text);
    memcpy(text, "# ", 2);
    text[INI_LINE_MAX] = '\n';
    assert_gives((slice){text, INI_LINE_MAX + 1}, "");
    text[INI_LINE_MAX] = 'd';
    assert_gives((slice){text, INI_LINE_MAX + 1}, "! 1:1 the line is longer than 4096 bytes\n");
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(sections_and_keys_are_told_with_their_places),
            cmocka_unit_test(comments_and_blank_lines_say_nothing),
            cmocka_unit_test(a_value_is_the_rest_of_its_line),
            cmocka_unit_test(the_last_line_needs_no_end),
            cmocka_unit_test(a_wrong_line_is_told_and_the_others_are_read),
            cmocka_unit_test(bytes_that_are_no_plain_text_are_told_where_they_stand),
            cmocka_unit_test(a_line_may_have_4096_bytes_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
