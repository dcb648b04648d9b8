/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/observed.h"

#include "stix/table_test.h"

static struct arena *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_open("observed test", ARENA_WORK, 1u << 30);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

#define TIMES                                                                                                          \
    "\"first_observed\":\"2026-01-01T10:00:00.5Z\",\"last_observed\":\"2026-01-01T10:00:01Z\",\"number_observed\":3"
#define OBSERVED(more) "{\"type\":\"observed-data\",\"id\":\"o\"," TIMES more "}"

static struct stix_observed read_all(const char *text)
{
    struct stix_observed observed;
    size_t offset;
    struct err err = stix_observed_read(slice_of(text), arena, &observed, &offset);
    if (err.kind != ERR_NONE)
        fail_msg("%s: %zu: %s", text, offset, err.why);
    return observed;
}

static void every_wrapping_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t count;
    } rows[] = {
            {OBSERVED(""), 1},
            {" [" OBSERVED("") "," OBSERVED("") "] ", 2},
            {"{\"type\":\"bundle\",\"objects\":[" OBSERVED("") ",{\"type\":\"x\"}]}", 1},
            {"[{\"type\":\"bundle\",\"objects\":[" OBSERVED("") "]}," OBSERVED("") "]", 2},
            {"{\"more\":false,\"objects\":[" OBSERVED("") "]}", 1},
            {"{\"type\":\"bundle\"}", 0},
            {"[]", 0},
            {"{\"type\":\"indicator\"}", 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(read_all(rows[i].text).count, rows[i].count);
}

static void an_observation_has_times_number_and_objects(void **state)
{
    (void)state;
    struct stix_observed observed =
            read_all(OBSERVED(",\"objects\":{\"1\":{\"type\":\"file\"},\"0\":{\"type\":\"url\"}}"));
    const struct stix_observation *row = &observed.rows[0];
    assert_int_equal(row->first_us, INT64_C(1767261600500000));
    assert_int_equal(row->last_us, INT64_C(1767261601000000));
    assert_int_equal(row->number, 3);
    assert_int_equal(row->object_count, 2);
    assert_true(slice_eq(row->id, S("o")));
    assert_true(slice_eq(row->source->type(row, 0), S("url")));
}

static void references_look_at_home_first(void **state)
{
    (void)state;
    struct stix_observed observed = read_all(
            "[{\"type\":\"bundle\",\"objects\":[{\"type\":\"far\",\"id\":\"x\"},{\"type\":\"file\",\"id\":\"y\"}]},"
            "{\"type\":\"bundle\",\"objects\":[" OBSERVED(
                    ",\"object_refs\":[\"x\",\"y\",\"z\"]") ",{\"type\":\"near\",\"id\":\"x\"}]}]");
    const struct stix_observation *row = &observed.rows[0];
    assert_int_equal(row->object_count, 2);
    assert_true(slice_eq(row->source->type(row, 0), S("near")));
    assert_true(slice_eq(row->source->type(row, 1), S("file")));
}

static void what_is_wrong_is_told_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *section;
        size_t offset;
    } rows[] = {
            {"{\"type\":1}", "[STIX 2.1 section 3.2]", 0},
            {"[5]", "[STIX 2.1 sections 4.14 and 8]", 1},
            {"{\"type\":\"observed-data\"}", "[STIX 2.1 section 4.14]", 0},
            {"{\"type\":\"observed-data\",\"first_observed\":\"yesterday\"}", "[STIX 2.1 section 4.14]", 41},
            {"{\"type\":\"observed-data\",\"last_observed\":\"2026-01-01T10:00:00Z\",\"first_observed\":\"2026-01-"
             "01T10:00:01Z\"}",
                    "[STIX 2.1 section 4.14]", 0},
            {"{\"type\":\"observed-data\",\"number_observed\":1.5,\"last_observed\":\"2026-01-01T10:00:00Z\",\"first_"
             "observed\":\"2026-01-01T10:00:00Z\"}",
                    "[STIX 2.1 section 4.14]", 42},
            {"[1,2", "[RFC 8259 section 5]", 4},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct stix_observed observed;
        size_t offset = SIZE_MAX;
        struct err err = stix_observed_read(slice_of(rows[i].text), arena, &observed, &offset);
        assert_int_equal(err.kind, ERR_INPUT);
        if (offset != rows[i].offset || !slice_ends(slice_of(err.why), slice_of(rows[i].section)))
            fail_msg("%s: %zu: %s", rows[i].text, offset, err.why);
    }
}

static void objects_named_again_and_again_are_a_limit(void **state)
{
    (void)state;
    struct buf text = buf_make(64u << 20);
    buf_put(&text, S("{\"type\":\"observed-data\",\"id\":\"o\"," TIMES ",\"object_refs\":[\"o\""));
    for (size_t i = 0; i < STIX_OBSERVED_OBJECTS_MAX; i++)
        buf_put(&text, S(",\"o\""));
    buf_put(&text, S("]}"));
    struct stix_observed observed;
    size_t offset;
    struct err err = stix_observed_read(buf_slice(&text), arena, &observed, &offset);
    assert_int_equal(err.kind, ERR_LIMIT);
    buf_free(&text);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_wrapping_is_read),
            cmocka_unit_test(an_observation_has_times_number_and_objects),
            cmocka_unit_test(references_look_at_home_first),
            cmocka_unit_test(what_is_wrong_is_told_with_its_place),
            cmocka_unit_test(objects_named_again_and_again_are_a_limit),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
