/* SPDX-License-Identifier: Apache-2.0 */
#include "event/shadowserver.h"

#include "event/rsit.h"
#include "event/test_input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TABLE_BYTES_MAX (64u << 10)

/* The class that a report of this name has, by its constants; of exchange servers the tag decides. */
static void assert_class(struct input *input, slice type, const slice class[static 3])
{
    struct buf name = buf_make(1024);
    buf_printf(&name, "2026-11-20-%.*s-klinik-id.csv", (int)type.len, type.ptr);
    buf_byte(&name, '\0');
    slice head = S("timestamp,ip,src_ip,tag,infection,application\n");
    assert_int_equal(input_open_named(input, "auto", head, name.ptr).kind, ERR_NONE);
    assert_string_equal(input->reader.format->name, "shadowserver");
    assert_int_equal(input_read(input, S("2026-11-20 10:29:58,192.0.2.1,,,,")).kind, ERR_NONE);
    const slice got[] = {input->event.class.taxonomy, input->event.class.type, input->event.class.identifier};
    bool told = !slice_eq(class[0], S("-"));
    for (size_t i = 0; i < 3 && told; i++)
        assert_true(slice_eq(got[i], slice_eq(class[i], S("-")) ? S("") : class[i]));
    assert_true(told || slice_eq(got[2], S("vulnerable-exchange-server")));
    input_close(input);
    buf_free(&name);
}

/* tests/data/shadowserver-types.tsv holds all types of the schema, a line each. */
static void every_type_of_the_schema_has_its_class(void **state)
{
    (void)state;
    static struct input input;
    struct buf path = buf_make(4096), text = buf_make(TABLE_BYTES_MAX);
    buf_printf(&path, "%s/tests/data/shadowserver-types.tsv", getenv("KENTONGAN_ROOT"));
    buf_byte(&path, '\0');
    FILE *file = fopen(path.ptr, "rb");
    assert_non_null(file);
    assert_true(buf_reserve(&text, TABLE_BYTES_MAX));
    text.len = fread(text.ptr, 1, TABLE_BYTES_MAX, file);
    fclose(file);
    slice rest = buf_slice(&text), line;
    size_t count = 0;
    while (slice_next(&rest, '\n', &line)) {
        slice type, class[3];
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        assert_true(slice_next(&line, '\t', &type));
        for (size_t i = 0; i < 3; i++)
            assert_true(slice_next(&line, '\t', &class[i]));
        assert_class(&input, type, class);
        count++;
    }
    assert_int_equal(count, 170);
    buf_free(&path);
    buf_free(&text);
}

static void every_row_is_of_rsit_and_stands_in_order(void **state)
{
    (void)state;
    for (const struct shadowserver_type *at = shadowserver_types; at->name != NULL; at++) {
        assert_true(at[1].name == NULL || strcmp(at->name, at[1].name) < 0);
        assert_true((at->identifier == NULL) == (at->column != NULL || at->type == NULL));
        bool known = at->type == NULL || rsit_find(slice_of(at->type)) != NULL;
        assert_true(known || strcmp(at->name, "blocklist") == 0);
    }
    for (const char *const *at = shadowserver_silent; at[1] != NULL; at++)
        assert_true(strcmp(at[0], at[1]) < 0);
}

static void the_type_stands_in_the_name_of_the_file(void **state)
{
    (void)state;
    static const struct {
        const char *file, *type;
    } rows[] = {
            {"2026-01-01-scan_telnet-klinik-id.csv", "scan_telnet"},
            {"/var/spool/2026-01-01-scan6_telnet.csv", "scan_telnet"},
            {"scan_telnet.csv.gz", "scan_telnet"},
            {"2026-01-01-event4_sinkhole.json", "event_sinkhole"},
            {"event6_sinkhole_http_referer-a.csv", "event_sinkhole_http_referer"},
            {"2026-01-01-compromised_iot6-a.csv", "compromised_iot"},
            {"2026-01-01-population6_bgp.csv", "population_bgp"},
            {"2026-01-01-scan_db2-a.csv", "scan_db2"},
            {"scan_telnet/2026-01-01.csv", NULL},
            {"2026-01-01-scan_telnets.csv", NULL},
            {"2026-01-01-Scan_telnet.csv", NULL},
            {"-", NULL},
            {"", NULL},
            {"6", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct shadowserver_type *type = shadowserver_type_find(slice_of(rows[i].file));
        assert_int_equal(type == NULL, rows[i].type == NULL);
        if (type != NULL)
            assert_string_equal(type->name, rows[i].type);
    }
}

static void a_file_without_a_type_is_refused_by_name_and_csv_by_its_looks(void **state)
{
    (void)state;
    static struct input input;
    slice head = S("timestamp,ip\n2026-11-20 10:29:58,192.0.2.1\n");
    assert_int_equal(input_open_named(&input, "shadowserver", head, "log.csv").kind, ERR_INPUT);
    input_close(&input);
    assert_int_equal(input_open_named(&input, "auto", head, "log.csv").kind, ERR_NONE);
    assert_string_equal(input.reader.format->name, "csv");
    input_close(&input);
    assert_int_equal(input_open_named(&input, "shadowserver", S("alpha,beta\n"), "scan_dns.csv").kind, ERR_INPUT);
    input_close(&input);
}

static void objects_end_with_their_bracket(void **state)
{
    (void)state;
    static const struct {
        const char *block;
        size_t length;
    } rows[] = {
            {"[\n {\"a\":1},\n {\"b\":2}\n]\n", 12}, {"{\"a\":1},{\"b\":2}]\n", 8}, {"{\"a\":\"}\\\"{\"} ]\n", 15},
            {"{\"a\":{\"b\":1}}\n", 14}, {"{\"a\":1", 0}, {"{\"a\":1}", 7}, {"[\n", 2}, {"junk\n{}\n", 5},
            {"{\"a\n{}\n", 4},   /* no string holds a newline */
            {"{{{{{{\n{}\n", 7}, /* no report holds objects inside each other */
    };
    static struct input input;
    assert_int_equal(input_open_named(&input, "shadowserver", S("[{\"timestamp\""), "scan_dns.json").kind, ERR_NONE);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(input.reader.format->record(&input.reader, slice_of(rows[i].block)), rows[i].length);
    input_close(&input);
}

/* If a bad object cost one line and all that was read ahead were read again, these would take minutes. */
static void hostile_objects_are_read_in_linear_time(void **state)
{
    (void)state;
    static const char *const pieces[] = {
            "{", "{\n", "{\"a\n", "{\"a\":1,\n", "{}", "[\n", "}\n", "{\"\\", "{\"a\":{}}\n"};
    static struct input input;
    struct buf text = buf_make(8u << 20);
    assert_int_equal(input_open_named(&input, "shadowserver", S("[{\"timestamp\""), "scan_dns.json").kind, ERR_NONE);
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        buf_reset(&text);
        while (text.len < (2u << 20))
            buf_put(&text, slice_of(pieces[i]));
        slice rest = buf_slice(&text), record;
        size_t bytes = 0;
        while (input_next(&input, &rest, &record))
            bytes += record.len;
        assert_true(bytes <= text.len);
    }
    buf_free(&text);
    input_close(&input);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_type_of_the_schema_has_its_class),
            cmocka_unit_test(every_row_is_of_rsit_and_stands_in_order),
            cmocka_unit_test(the_type_stands_in_the_name_of_the_file),
            cmocka_unit_test(a_file_without_a_type_is_refused_by_name_and_csv_by_its_looks),
            cmocka_unit_test(objects_end_with_their_bracket),
            cmocka_unit_test(hostile_objects_are_read_in_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
