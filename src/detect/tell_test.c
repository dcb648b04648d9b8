/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/tell.h"

#include "base/arena.h"
#include "base/clock.h"
#include "detect/audience.h"

#include "detect/test_detect.h"

#define AMBER "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
#define AMBER_STRICT "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"
#define RED "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
#define GREEN "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
#define UNSEEN "marking-definition--6b616c61-0000-4000-8000-00000000aaaa"

static struct object_put marked(struct test_store *store, unsigned number, const char *marks)
{
    const char *id = arena_printf(store->arena, ID "%u", number);
    return test_object(id, FIRST,
            arena_printf(store->arena,
                    "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"%s\",\"created\":\"%sZ\",\n"
                    "\"modified\":\"%sZ\",\"pattern_type\":\"stix\",\"valid_from\":\"%sZ\"%s,\r\n"
                    "\"pattern\":\"[ipv4-addr:value = '192.0.2.%u']\"}",
                    id, FIRST, FIRST, FIRST, marks, number));
}

#define MARKS(id) ",\"object_marking_refs\":[\"" id "\"]"

static const struct {
    const char *marks;
    bool clients;
} rows[] = {
        {MARKS(GREEN), true},
        {MARKS(AMBER), true},
        {MARKS(AMBER_STRICT), false},
        {MARKS(RED), false},
        {"", false}, /* no marking is not "for all" */
        {MARKS(UNSEEN), false},
        {",\"labels\":[\"tlp:amber\"]", true},
        {",\"labels\":[\"tlp:amber\",\"TLP:RED\"]", false},
        {",\"labels\":[\"tlp:amber\",\"PAP:AMBER\"]", true},
        {",\"labels\":[\"tlp:green\",\"PAP:RED\"]", false},
        {",\"object_marking_refs\":[\"" GREEN "\",\"" UNSEEN "\"]", false},
};

static void clients_get_what_their_markings_let_them_have(void **state)
{
    struct test_store *store = ready(state);
    struct object_put puts[COUNT_OF(rows)];
    for (unsigned i = 0; i < COUNT_OF(rows); i++)
        puts[i] = marked(store, i + 1, rows[i].marks);
    test_import(store, "peer", puts, COUNT_OF(rows));
    for (enum audience_kind kind = 0; kind < AUDIENCES; kind++) {
        struct tell tell;
        size_t count;
        test_ok(tell_open(&tell, store->db, kind, 0));
        test_ok(tell_page(&tell, &count));
        buf_byte(&tell.events, '\0');
        for (unsigned i = 0; i < COUNT_OF(rows); i++) {
            const char *value = arena_printf(store->arena, "'192.0.2.%u'", i + 1);
            bool told = strstr(tell.events.ptr, value) != NULL;
            assert_int_equal(told, kind == AUDIENCE_OWN || rows[i].clients);
        }
        tell_close(&tell);
    }
}

/* The definition came later than what it marks: from then on it is known. */
static void a_definition_that_comes_is_known_from_then_on(void **state)
{
    struct test_store *store = ready(state);
    struct tell tell;
    size_t count;
    const struct object_put before = marked(store, 1, MARKS(UNSEEN)), behind = marked(store, 2, MARKS(UNSEEN));
    const struct object_put definition = test_object(UNSEEN, "",
            "{\"type\":\"marking-definition\",\"spec_version\":\"2.1\",\"id\":\"" UNSEEN
            "\",\"created\":\"2026-11-20T10:00:00Z\",\"definition_type\":\"tlp\",\"definition\":{\"tlp\":\"green\"}}");
    test_ok(tell_open(&tell, store->db, AUDIENCE_CLIENTS, 0));
    test_import(store, "peer", &before, 1);
    test_ok(tell_page(&tell, &count));
    test_import(store, "peer", &definition, 1);
    test_import(store, "peer", &behind, 1);
    test_ok(tell_page(&tell, &count));
    buf_byte(&tell.events, '\0');
    assert_null(strstr(tell.events.ptr, "'192.0.2.1'"));
    assert_non_null(strstr(tell.events.ptr, "'192.0.2.2'"));
    tell_close(&tell);
}

static void what_is_too_much_is_said_to_be(void **state)
{
    struct test_store *store = ready(state);
    struct tell tell;
    size_t count, len = TELL_PAGES_BYTES_MAX / 2;
    char *name = arena_take(store->arena, len + 1);
    struct object_put puts[3];
    memset(name, 'a', len);
    for (unsigned i = 0; i < 3; i++)
        puts[i] = marked(store, i + 1, arena_printf(store->arena, ",\"description\":\"%s\"", name));
    test_import(store, "peer", puts, 3);
    test_ok(tell_open(&tell, store->db, AUDIENCE_OWN, 0));
    assert_int_equal(tell_page(&tell, &count).kind, ERR_LIMIT);
    assert_int_equal(tell.events.len, 0);
    tell_close(&tell);
}

static void a_stream_that_is_none_is_refused(void **state)
{
    struct test_store *store = ready(state);
    static const char *const streams[] = {
            "event: change\ndata: {\"source\":\"3\"\n\n",
            "event: change\ndata: {\"source\":\"3\"}\n\n",
            "event: change\ndata: {\"source\":\"three\",\"id\":\"indicator--1\"}\n\n",
            "event: change\ndata: {\"source\":\"3\",\"id\":\"indicator--1\",\"expires\":\"soon\"}\ndata: {}\n\n",
            "event: change\ndata: {\"source\":\"3\",\"id\":\"indicator--1\"}\ndata: {\"a\":1,\"a\":2}\n\n",
            "event: change\n\n",
    };
    for (size_t i = 0; i < COUNT_OF(streams); i++) {
        struct told told;
        struct live *live;
        test_ok(live_open(&(struct live_options){.anew = true, .by_hand = true}, store->arena, &live));
        told_open(&told, live);
        assert_int_equal(told_bytes(&told, slice_of(streams[i]), store->arena).kind, ERR_REMOTE);
        told_close(&told);
        live_close(live);
    }
}

static void comments_and_unknown_fields_are_passed_over(void **state)
{
    struct test_store *store = ready(state);
    struct told told;
    struct live *live;
    test_ok(live_open(&(struct live_options){.anew = true, .by_hand = true}, store->arena, &live));
    told_open(&told, live);
    test_ok(told_bytes(
            &told, S(":\n\nretry: 5\n\nevent: other\ndata: {}\n\nevent: here\nid: 7\ndata: {}\n\n"), store->arena));
    assert_int_equal(told.position, 7);
    assert_int_equal(live_counts(live).position, 7);
    told_close(&told);
    live_close(live);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(clients_get_what_their_markings_let_them_have, set_up, tear_down),
            TEST_ON_BOTH(a_definition_that_comes_is_known_from_then_on, set_up, tear_down),
            TEST_ON_BOTH(what_is_too_much_is_said_to_be, set_up, tear_down),
            TEST_ON_BOTH(a_stream_that_is_none_is_refused, set_up, tear_down),
            TEST_ON_BOTH(comments_and_unknown_fields_are_passed_over, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
