/* SPDX-License-Identifier: Apache-2.0 */
#include "event/test_input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "event/mime.h"

#define HEADER "X-XARF: PLAIN\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n"

/* A mail whose only part is this report. */
static struct err read_report(struct input *input, const char *report)
{
    struct buf mail = buf_make(8u << 20);
    buf_printf(&mail, HEADER "--b\r\nContent-Type: text/plain\r\n\r\n%s\r\n--b--\r\n", report);
    assert_int_equal(input_open(input, "xarf", buf_slice(&mail), NULL).kind, ERR_NONE);
    slice record = arena_copy(input->arena, buf_slice(&mail));
    buf_free(&mail);
    return input_read(input, record);
}

static struct err refused(const char *report)
{
    static struct input input;
    struct err err = read_report(&input, report);
    input_close(&input);
    return (struct err){err.kind, NULL};
}

static void a_report_is_about_its_source(void **state)
{
    static struct input input;
    int64_t us;
    (void)state;
    assert_int_equal(read_report(&input, "Report-Type: login-attack\r\nSource: 192.0.2.1\r\nPort: 22\r\n"
                                         "Date: Fri, 20 Nov 2026 12:00:00 +0700\r\nReported-From: a@melati.example")
                             .kind,
            ERR_NONE);
    assert_true(time_parse(S("2026-11-20T05:00:00Z"), &us));
    assert_true(input.event.time_us == us);
    assert_true(slice_eq(input.event.source.address, S("192.0.2.1")));
    assert_int_equal(input.event.source.port, 22);
    assert_true(slice_eq(input.event.class.type, S("brute-force")));
    assert_true(slice_eq(input.event.class.taxonomy, S("intrusion-attempts")));
    input_close(&input);
}

static void a_source_may_be_a_URL(void **state)
{
    static struct input input;
    (void)state;
    assert_int_equal(
            read_report(&input, "Report-Type: phishing\nSource-Type: uri\nSource: https://melati.example/masuk").kind,
            ERR_NONE);
    assert_int_equal(input.event.source.address.len, 0);
    assert_int_equal(input_count(&input, OBSERVABLE_URL, "https://melati.example/masuk", "source.text"), 1);
    input_close(&input);
}

static void what_no_report_needs_of_YAML_is_refused(void **state)
{
    char deep[64] = "Report-Type: ";
    (void)state;
    memset(deep + strlen(deep), '[', 20);
    assert_int_equal(refused(deep).kind, ERR_INPUT);
    assert_int_equal(refused("Report-Type: &a spam\nSource: *a").kind, ERR_INPUT);
    assert_int_equal(refused("Report-Type: spam\nReport-Type: spam").kind, ERR_INPUT);
    assert_int_equal(refused("Report-Type: \"spam").kind, ERR_INPUT);
    assert_int_equal(refused("nothing of the kind").kind, ERR_INPUT);
    assert_int_equal(refused("{\"xarf_version\":\"4\",").kind, ERR_INPUT);
}

static void a_report_that_is_too_long_is_refused_quickly(void **state)
{
    struct buf text = buf_make(4u << 20);
    (void)state;
    buf_put(&text, S("Report-Type: spam\n"));
    for (int i = 0; i < 300; i++)
        buf_printf(&text, "key-%d: value\n", i);
    buf_byte(&text, '\0');
    assert_int_equal(refused(text.ptr).kind, ERR_LIMIT);
    buf_reset(&text);
    buf_put(&text, S("Report-Type: ["));
    while (text.len < 2u << 20)
        buf_byte(&text, '[');
    buf_byte(&text, '\0');
    assert_int_equal(refused(text.ptr).kind, ERR_INPUT);
    buf_free(&text);
}

static void mails_end_with_their_last_part(void **state)
{
    static const struct {
        const char *text;
        size_t length;
    } rows[] = {
            {"", 0}, {"A: b\n", 0}, {"A: b\n\nbody\n", 0},
            {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\nnext", 56},
            {"\r\nContent-Type: multipart/mixed;\r\n boundary=\"b\"\r\n\r\n--b--\r\n", 58},
            {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b-- x\n", 0},
            {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--bb--\n", 0},
            {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--", 0}, /* its newline is to come */
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(mime_length(slice_of(rows[i].text)), rows[i].length);
}

static void encodings_are_undone(void **state)
{
    static const struct {
        const char *encoding, *body, *text;
    } rows[] = {
            {"base64", "aGFs\r\nbyA=", "halo "},
            {"BASE64", "aGFsbw", "halo"},
            {"base64", "aGFs!bw==", "hal"},
            {"quoted-printable", "satu=20dua=\r\ntiga=3D=zz", "satu duatiga==zz"},
            {"7bit", "satu=20dua", "satu=20dua"},
    };
    struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct mime_part part = {.encoding = slice_of(rows[i].encoding), .body = slice_of(rows[i].body)};
        assert_string_equal(arena_cstr(arena, mime_text(&part, arena)), rows[i].text);
    }
    arena_close(arena);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_report_is_about_its_source),
            cmocka_unit_test(a_source_may_be_a_URL),
            cmocka_unit_test(what_no_report_needs_of_YAML_is_refused),
            cmocka_unit_test(a_report_that_is_too_long_is_refused_quickly),
            cmocka_unit_test(mails_end_with_their_last_part),
            cmocka_unit_test(encodings_are_undone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
