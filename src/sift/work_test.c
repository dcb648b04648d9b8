/* SPDX-License-Identifier: Apache-2.0 */
#include "match/build.h"
#include "sift/sift.h"

#include "input/temp_test.h"

#define NEVER TIME_NONE

/* Everything a run gives back. */
struct outcome {
    struct sift_totals totals;
    struct buf rows;
    uint64_t told, first_line, first_column; /* malformed */
};

static void tell_malformed(void *context, const char *file, uint64_t line, uint64_t column, const char *why)
{
    struct outcome *outcome = context;
    assert_non_null(file);
    assert_non_null(why);
    if (outcome->told++ == 0) {
        outcome->first_line = line;
        outcome->first_column = column;
    }
}

static struct match_index *index_of(const struct indicator *indicators, size_t count)
{
    struct match_builder *builder = match_builder_open(hash_key_random());
    struct match_index *index = NULL;
    struct err err = match_build_source(builder, S("list"));
    for (size_t i = 0; i < count && err.kind == ERR_NONE; i++)
        err = match_build_add(builder, &indicators[i]);
    if (err.kind == ERR_NONE)
        err = match_build_open(builder, &index);
    assert_int_equal(err.kind, ERR_NONE);
    match_builder_close(builder);
    return index;
}

static struct outcome run(struct arena *arena, struct sift_job job, slice events)
{
    struct outcome outcome = {.rows = buf_make(64u << 20)};
    struct temp input = temp_make(events), output = temp_make(S(""));
    job.output = open(output.name, O_WRONLY);
    job.context = &outcome;
    job.malformed = tell_malformed;
    job.threads = job.threads == 0 ? 1 : job.threads;
    struct err err = sift_run(&job, input.name, arena, &outcome.totals);
    assert_int_equal(err.kind, ERR_NONE);
    close(job.output);
    int fd = open(output.name, O_RDONLY);
    for (ssize_t n = 1; n > 0;) {
        assert_true(buf_reserve(&outcome.rows, 65536));
        n = read(fd, outcome.rows.ptr + outcome.rows.len, 65536);
        outcome.rows.len += n > 0 ? (size_t)n : 0;
    }
    close(fd);
    temp_drop(&input);
    temp_drop(&output);
    return outcome;
}

#define EVENT(time, from, to)                                                                                          \
    "{\"timestamp\":\"" time "\",\"event_type\":\"flow\",\"src_ip\":\"" from "\",\"dest_ip\":\"" to "\"}\n"
#define NOON "2026-06-01T12:00:00.000000+0000"
#define NOON_US 1780315200000000

static struct indicator address(const char *value)
{
    return (struct indicator){
            .type = OBSERVABLE_IPV4,
            .value = slice_of(value),
            .id = slice_of(value),
            .modified_us = NEVER,
            .from_us = NEVER,
            .until_us = NEVER,
    };
}

static void rows_come_in_the_order_of_the_input_whatever_the_threads(void **state)
{
    struct buf events = buf_make(32u << 20);
    for (int i = 0; i < 30000; i++)
        buf_printf(&events, EVENT(NOON, "192.0.2.%d", "198.51.100.7"), i % 256);
    struct indicator list[] = {address("192.0.2.5"), address("198.51.100.7")};
    struct match_index *index = index_of(list, COUNT_OF(list));
    struct sift_job one = {.index = index}, many = {.index = index, .threads = 7},
                    plain = {.index = index, .plain = true};
    struct outcome a = run(*state, one, buf_slice(&events)), b = run(*state, many, buf_slice(&events));
    struct outcome c = run(*state, plain, buf_slice(&events));
    assert_int_equal(a.totals.events, 30000);
    assert_int_equal(a.totals.hits, 30000 + 30000 / 256 + 1);
    assert_int_equal(a.totals.strict, 0);
    assert_int_equal(c.totals.strict, 30000);
    /* The input's own name is in each row: compare behind it. */
    assert_int_equal(a.rows.len, b.rows.len);
    assert_int_equal(a.rows.len, c.rows.len);
    slice rest_a = buf_slice(&a.rows), rest_b = buf_slice(&b.rows), rest_c = buf_slice(&c.rows), row_a, row_b, row_c;
    while (slice_next(&rest_a, '\n', &row_a) && slice_next(&rest_b, '\n', &row_b) &&
            slice_next(&rest_c, '\n', &row_c)) {
        if (row_a.len == 0)
            break;
        size_t at = slice_find_slice(row_a, S("\"format\""));
        assert_true(slice_eq(slice_part(row_a, 0, 10), slice_part(row_b, 0, 10)));
        assert_true(slice_eq(slice_from(row_a, at), slice_from(row_b, at)));
        assert_true(slice_eq(slice_from(row_a, at), slice_from(row_c, at)));
    }
    buf_free(&a.rows);
    buf_free(&b.rows);
    buf_free(&c.rows);
    buf_free(&events);
    match_close(index);
}

static void the_time_of_the_event_decides_whether_an_indicator_is_valid(void **state)
{
    clock_set(NOON_US + 1000);
    const struct {
        int64_t from_us, until_us;
        uint64_t hits;
    } rows[] = {
            {NEVER, NEVER, 1}, {NOON_US, NOON_US + 1, 1}, {NEVER, NOON_US, 0}, /* until is exclusive */
            {NOON_US + 1, NEVER, 1},                                           /* began after the event, in force now */
            {NOON_US + 2000, NEVER, 0},                                        /* not yet */
            {NEVER, NOON_US + 500, 1},                                         /* over now, but not when it happened */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct indicator indicator = address("192.0.2.5");
        indicator.from_us = rows[i].from_us;
        indicator.until_us = rows[i].until_us;
        struct match_index *index = index_of(&indicator, 1);
        struct outcome outcome =
                run(*state, (struct sift_job){.index = index}, S(EVENT(NOON, "192.0.2.5", "10.0.0.1")));
        assert_int_equal(outcome.totals.hits, rows[i].hits);
        assert_int_equal(outcome.totals.invalid, 1 - rows[i].hits);
        buf_free(&outcome.rows);
        match_close(index);
    }
    clock_set(TIME_NONE);
}

static void warning_lists_suppress_and_count(void **state)
{
    struct indicator bad[] = {address("192.0.2.5"), address("192.0.2.6")}, known[] = {address("192.0.2.6")};
    struct match_index *index = index_of(bad, 2), *allow = index_of(known, 1);
    struct outcome outcome =
            run(*state, (struct sift_job){.index = index, .allow = allow}, S(EVENT(NOON, "192.0.2.5", "192.0.2.6")));
    assert_int_equal(outcome.totals.hits, 1);
    assert_int_equal(outcome.totals.suppressed, 1);
    assert_true(slice_find_slice(buf_slice(&outcome.rows), S("192.0.2.5")) < outcome.rows.len);
    buf_free(&outcome.rows);
    match_close(index);
    match_close(allow);
}

/* Two values of one field in the same prefix: what is known of the first does not hide the second. */
static void an_allowed_value_hides_no_other_value(void **state)
{
    struct indicator bad = address("192.0.2.0/24"), known[] = {address("192.0.2.1")};
    bad.type = OBSERVABLE_CIDR;
    struct match_index *index = index_of(&bad, 1), *allow = index_of(known, 1);
    struct outcome outcome = run(*state, (struct sift_job){.index = index, .allow = allow, .format = "lines"},
            S("192.0.2.1 to 192.0.2.66\n"));
    assert_int_equal(outcome.totals.suppressed, 1);
    assert_int_equal(outcome.totals.hits, 1);
    assert_true(slice_find_slice(buf_slice(&outcome.rows), S("192.0.2.66")) < outcome.rows.len);
    buf_free(&outcome.rows);
    match_close(index);
    match_close(allow);
}

static void an_expired_twin_hides_no_valid_indicator(void **state)
{
    struct indicator twins[] = {address("192.0.2.5"), address("192.0.2.5")};
    twins[0].until_us = NOON_US - 1;
    struct match_index *index = index_of(twins, 2);
    struct outcome outcome = run(*state, (struct sift_job){.index = index}, S(EVENT(NOON, "192.0.2.5", "10.0.0.1")));
    assert_int_equal(outcome.totals.invalid, 1);
    assert_int_equal(outcome.totals.hits, 1);
    buf_free(&outcome.rows);
    match_close(index);
}

static void more_observables_than_the_ceiling_are_told(void **state)
{
    struct indicator list[] = {address("192.0.2.5")};
    struct match_index *index = index_of(list, 1);
    struct buf line = buf_make(1u << 20);
    buf_put(&line, S("192.0.2.5 "));
    for (int i = 0; i < EVENT_OBSERVABLES_MAX; i++)
        buf_put(&line, S("a.bc "));
    buf_byte(&line, '\n');
    for (int plain = 0; plain < 2; plain++) {
        struct sift_job job = {.index = index, .format = "lines", .plain = plain};
        struct outcome outcome = run(*state, job, buf_slice(&line));
        assert_int_equal(outcome.totals.hits, 1);
        assert_int_equal(outcome.totals.malformed, 1);
        assert_int_equal(outcome.told, 1);
        buf_free(&outcome.rows);
    }
    buf_free(&line);
    match_close(index);
}

static void one_field_meets_one_indicator_once(void **state)
{
    struct indicator twice[] = {address("192.0.2.5"), address("192.0.2.5")};
    struct match_index *index = index_of(twice, 2);
    struct outcome outcome = run(*state, (struct sift_job){.index = index}, S(EVENT(NOON, "192.0.2.5", "192.0.2.5")));
    assert_int_equal(outcome.totals.hits, 2); /* two fields, the same indicator */
    buf_free(&outcome.rows);
    match_close(index);
}

static void a_malformed_line_is_counted_and_told_and_costs_only_itself(void **state)
{
    struct indicator list[] = {address("192.0.2.5")};
    struct match_index *index = index_of(list, 1);
    static const char *const broken[] = {"{\"timestamp\":\"" NOON "\",\"src_ip\":\"192.0.2.5\n", "\"\n", "not json\n",
            "[1]\n", "{\"src_ip\":\"192.0.2.5\",\"src_ip\":\"192.0.2.5\"}\n", "{\"a\":\"\x80\"}\n"};
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        struct buf events = buf_make(1u << 16);
        buf_put(&events, S(EVENT(NOON, "10.0.0.1", "10.0.0.2") "\n"));
        buf_put(&events, slice_of(broken[i]));
        buf_put(&events, S(EVENT(NOON, "192.0.2.5", "10.0.0.2")));
        struct outcome outcome = run(*state, (struct sift_job){.index = index}, buf_slice(&events));
        assert_int_equal(outcome.totals.malformed, 1);
        assert_int_equal(outcome.told, 1);
        assert_int_equal(outcome.first_line, 3);
        assert_int_equal(outcome.totals.events, 2);
        assert_int_equal(outcome.totals.hits, 1);
        buf_free(&outcome.rows);
        buf_free(&events);
    }
    match_close(index);
}

static void only_the_first_ten_malformed_lines_are_told(void **state)
{
    struct buf events = buf_make(1u << 20);
    buf_put(&events, S(EVENT(NOON, "10.0.0.1", "10.0.0.2")));
    for (int i = 0; i < 5000; i++)
        buf_put(&events, S("{broken\n"));
    struct outcome outcome = run(*state, (struct sift_job){.threads = 3}, buf_slice(&events));
    assert_int_equal(outcome.totals.malformed, 5000);
    assert_int_equal(outcome.told, 10);
    assert_int_equal(outcome.first_line, 2);
    assert_int_equal(outcome.first_column, 2);
    buf_free(&outcome.rows);
    buf_free(&events);
}

static void an_output_that_nobody_reads_ends_the_run(void **state)
{
    struct outcome outcome = {0};
    struct temp input = temp_make(S(EVENT(NOON, "10.0.0.1", "10.0.0.2")));
    struct sift_job job = {
            .output = open("/dev/full", O_WRONLY), .threads = 2, .context = &outcome, .malformed = tell_malformed};
    assert_int_equal(sift_run(&job, input.name, *state, &outcome.totals).kind, ERR_SYSTEM);
    assert_true(outcome.totals.output_lost);
    close(job.output);
    temp_drop(&input);
}

/* Two indicators with long names meet every line of a block: 100 MiB of rows. */
static void rows_beyond_the_ceiling_of_a_block_end_the_run_and_are_not_dropped_in_silence(void **state)
{
    static char name[60000];
    memset(name, 'n', sizeof name);
    struct indicator twice[] = {address("192.0.2.5"), address("192.0.2.5")};
    twice[0].label = twice[1].label = (slice){name, sizeof name};
    twice[1].id = S("another");
    struct match_index *index = index_of(twice, COUNT_OF(twice));
    struct buf events = buf_make(1u << 20);
    for (int i = 0; i < 900; i++)
        buf_put(&events, S(EVENT(NOON, "192.0.2.5", "10.0.0.2")));
    struct outcome outcome = {0};
    struct temp input = temp_make(buf_slice(&events)), output = temp_make(S(""));
    struct sift_job job = {.index = index, .threads = 2, .context = &outcome, .malformed = tell_malformed};
    job.output = open(output.name, O_WRONLY);
    struct err err = sift_run(&job, input.name, *state, &outcome.totals);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_non_null(strstr(err.why, input.name));
    assert_non_null(strstr(err.why, "64 MiB"));
    assert_false(outcome.totals.output_lost);
    assert_int_equal(lseek(job.output, 0, SEEK_END), 0); /* nor is half a row written */
    close(job.output);
    temp_drop(&input);
    temp_drop(&output);
    buf_free(&events);
    match_close(index);
}

/* Objects as they come: each on its line, and all else that may stand around them. */
static const char *const pieces[] = {
        "{\"time\":\"2026-06-01T12:00:00Z\",\"category\":\"bots\",\"address\":[{\"ip\":\"192.0.2.%d\"}]}\n",
        "{\"category\":\"scanning\",\"rid\":\"a\",\"id\":\"%d\",\"fqdn\":\"a.example\",\"dport\":23,\"further\":[{"
        "\"a\":[]}]}\n",
        "{\"category\":\"bots\",\"name\":\"a\\n%d\",\"url\":\"http://a.example/\\u0041\"}\n",
        "{\"category\": \"bots\", \"time\": \"2026-06-01T12:00:00Z\", \"fqdn\": \"b%d.example\"}\n",
        "{\"category\":\"bots\",\"fqdn\":\"c%d.example\"},\n",
        "{\"category\":\"bots\",\"fqdn\":\"d%d.example\"}{\"category\":\"cnc\"}\n",
        "{\"category\":\"bots\",\"fqdn\":\"e%d.example\"}, {\"category\":\"cnc\"}]\n",
        "{\"category\":\"bots\",\"fqdn\":\"f%d.example\"}\r\n",
        "{\"category\":\"bots\",\"fqdn\":\"g%d.example\"} \n",
        " {\"category\":\"bots\",\"fqdn\":\"h%d.example\"}\n",
        "{\n  \"category\":\"bots\",\n  \"fqdn\":\"i%d.example\"\n}\n",
        "{\n\"category\":\"bots\",\"further\":[\n{\"category\":\"cnc\"},\n{\"category\":\"spam\"}\n],\n\"rid\":\"%d\"}"
        "\n",
        "{\n\"rid\":\"%d\",\"further\":\n{\"category\":\"cnc\"}\n}\n",
        "{\"further\":[\n{\"category\":\"bots\"}\n,\n{\"category\":\"cnc\"}\n],\"rid\":\"%d\"}\n",
        "{\"category\":\"bots\",\"category\":\"cnc\",\"rid\":\"%d\"}\n",
        "{\"category\":\"bots\",\"further\":[%d}]}\n",
        "{\"category\":\"bots\",\"further\":{%d\n",
        "{\"category\":\"bots%d\n",
        "{\"category\":\"bots\"}}%d\n",
        "{\"category\":\"bots\"}]}%d\n",
        "[\n",
        "]\n",
        "}\n",
        ",\n",
        "\n",
        "\"%d\n",
        "{}\n",
};

static void expect_alike(struct arena *arena, slice text)
{
    struct sift_job fast = {.format = "n6", .threads = 2}, plain = {.format = "n6", .plain = true};
    struct outcome a = run(arena, fast, text), b = run(arena, plain, text);
    assert_true(slice_eq(buf_slice(&a.rows), buf_slice(&b.rows)));
    assert_int_equal(a.totals.events, b.totals.events);
    assert_int_equal(a.totals.malformed, b.totals.malformed);
    assert_int_equal(a.first_line, b.first_line);
    assert_int_equal(a.first_column, b.first_column);
    assert_true(a.totals.events > 1000 && a.totals.strict < a.totals.events / 2 && b.totals.malformed > 0);
    buf_free(&a.rows);
    buf_free(&b.rows);
}

/* The same with a blank behind each colon and comma that a string stands beside. */
static struct buf with_blanks(slice text)
{
    struct buf wide = buf_make(16u << 20);
    for (size_t i = 0; i < text.len; i++) {
        bool behind = i > 0 && text.ptr[i - 1] == '"', before = i + 1 < text.len && text.ptr[i + 1] == '"';
        buf_byte(&wide, text.ptr[i]);
        if ((text.ptr[i] == ':' && behind) || (text.ptr[i] == ',' && before))
            buf_byte(&wide, ' ');
    }
    return wide;
}

static void objects_are_read_alike_by_both_roads(void **state)
{
    struct buf text = buf_make(16u << 20);
    struct hash_key chance = hash_key_random();
    buf_put(&text, S("{\"category\":\"bots\",\"rid\":\"first\"}\n"));
    for (unsigned i = 0; text.len < 400000; i++) {
        uint64_t drawn = hash_mix(chance.a + i, chance.b);
        const char *piece = pieces[drawn % 4 == 0 ? drawn / 4 % COUNT_OF(pieces) : drawn / 4 % 2];
        size_t place = slice_find_slice(slice_of(piece), S("%d"));
        buf_put(&text, slice_part(slice_of(piece), 0, place));
        if (piece[place] != 0) {
            buf_u64(&text, drawn % 250);
            buf_put(&text, slice_of(piece + place + 2));
        }
    }
    struct buf wide = with_blanks(buf_slice(&text));
    expect_alike(*state, buf_slice(&text));
    expect_alike(*state, buf_slice(&wide));
    buf_free(&wide);
    buf_free(&text);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(rows_come_in_the_order_of_the_input_whatever_the_threads),
            cmocka_unit_test(the_time_of_the_event_decides_whether_an_indicator_is_valid),
            cmocka_unit_test(warning_lists_suppress_and_count),
            cmocka_unit_test(an_allowed_value_hides_no_other_value),
            cmocka_unit_test(an_expired_twin_hides_no_valid_indicator),
            cmocka_unit_test(more_observables_than_the_ceiling_are_told),
            cmocka_unit_test(one_field_meets_one_indicator_once),
            cmocka_unit_test(a_malformed_line_is_counted_and_told_and_costs_only_itself),
            cmocka_unit_test(only_the_first_ten_malformed_lines_are_told),
            cmocka_unit_test(an_output_that_nobody_reads_ends_the_run),
            cmocka_unit_test(objects_are_read_alike_by_both_roads),
            cmocka_unit_test(rows_beyond_the_ceiling_of_a_block_end_the_run_and_are_not_dropped_in_silence),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
