/* SPDX-License-Identifier: Apache-2.0 */
#include "share/claims.h"

#include "share/test_partner.h"
#include "store/object.h"

#define ID "indicator--11111111-1111-4111-8111-111111111111"
#define OURS "identity--22222222-2222-4222-8222-222222222222"
#define OTHERS "identity--33333333-3333-4333-8333-333333333333"
#define RED "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
#define GREEN "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"

struct claimed {
    struct test_node node;
    slice source; /* of the partner */
};

static struct claimed partner_at_work(struct test_store *store)
{
    struct claimed claimed = {.node = test_node(store, "melati")};
    test_own_node(store);
    test_introduced(store, &claimed.node);
    claimed.source = S("partner/melati");
    return claimed;
}

static struct object_put indicator(
        struct test_store *store, const char *version, const char *creator, const char *marking, const char *more)
{
    const char *json = arena_printf(store->arena,
            "{\"type\":\"indicator\",\"id\":\"" ID "\",\"modified\":\"%s\",\"created_by_ref\":\"%s\"%s%s%s%s}", version,
            creator, marking == NULL ? "" : ",\"object_marking_refs\":[\"", marking == NULL ? "" : marking,
            marking == NULL ? "" : "\"]", more);
    struct object_put put = test_object(ID, version, json);
    put.created_by = slice_of(creator);
    return put;
}

static void bring(struct test_store *store, const char *source, struct object_put put)
{
    test_import(store, source, &put, 1);
}

static struct err done_news(struct work *work, void *context)
{
    return store_work_news(work, "import.done", *(const slice *)context, S("{}"));
}

/* The follower goes over all imports that there are. */
static void follow(struct test_store *store)
{
    uint64_t did;
    for (int i = 1; i < 10; i++) {
        slice subject = slice_of(arena_printf(store->arena, "import/%d", i));
        test_ok(test_work(store, done_news, &subject));
    }
    test_ok(store_follower_once(store->db, &share_claims, 1000, store->arena, &did));
}

/* "other-creator wider-marking", in the order in which they were found. */
static const char *found(struct test_store *store)
{
    struct claim *claims;
    size_t count;
    const char *list = "";
    test_ok(store_claim_list(store->db, 0, true, 0, 100, store->arena, &claims, &count));
    for (size_t i = 0; i < count; i++)
        list = arena_printf(
                store->arena, "%s%s%.*s", list, i > 0 ? " " : "", (int)claims[i].kind.len, claims[i].kind.ptr);
    return list;
}

static void what_contradicts_somebody_is_a_claim(void **state)
{
    static const struct {
        const char *version, *creator, *marking, *more, *claims;
    } cases[] = {
            {"2026-11-20T10:00:00", OURS, RED, "", ""}, /* the same as we have */
            {"2026-11-21T10:00:00", OURS, RED, "", ""}, /* a newer version by whoever made it */
            {"2026-11-21T10:00:00", OTHERS, RED, "", "other-creator"},
            {"2026-11-21T10:00:00", OURS, GREEN, "", "wider-marking"},
            {"2026-11-21T10:00:00", OURS, NULL, "", "wider-marking"},
            {"2026-11-20T10:00:00", OURS, RED, ",\"name\":\"x\"", "other-content"},
            {"2026-11-20T10:00:00", OTHERS, GREEN, "", "other-creator wider-marking other-content"},
    };
    struct test_store *store = ready(state);
    partner_at_work(store);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct object_put put = indicator(store, cases[i].version, cases[i].creator, cases[i].marking, cases[i].more);
        struct object theirs = {.number = 7,
                .source = 2,
                .id = put.id,
                .type = put.type,
                .version = put.version,
                .created_by = put.created_by,
                .bytes = put.bytes};
        struct object_put ours = indicator(store, "2026-11-20T10:00:00", OURS, RED, "");
        struct object first = {.number = 3,
                .source = 1,
                .id = ours.id,
                .type = ours.type,
                .version = ours.version,
                .created_by = ours.created_by,
                .bytes = ours.bytes};
        unsigned claims = share_claims_of(&theirs, &first, 1, store->arena);
        const char *list = "";
        for (enum claim_kind kind = 0; kind < CLAIM_KINDS; kind++)
            if ((claims >> kind & 1) != 0)
                list = arena_printf(
                        store->arena, "%s%s%s", list, *list == '\0' ? "" : " ", store_claim_kind_name(kind));
        assert_string_equal(list, cases[i].claims);
    }
}

static void it_is_found_whoever_came_first(void **state)
{
    struct test_store *store = ready(state);
    struct claimed claimed = partner_at_work(store);
    bring(store, "ours", indicator(store, "2026-11-20T10:00:00", OURS, RED, ""));
    bring(store, arena_cstr(store->arena, claimed.source), indicator(store, "2026-11-21T10:00:00", OTHERS, GREEN, ""));
    follow(store);
    assert_string_equal(found(store), "other-creator wider-marking");
    follow(store); /* again: nothing new */
    assert_string_equal(found(store), "other-creator wider-marking");
    assert_int_equal(test_acts(store, "claim.found"), 2);
}

static void what_others_than_partners_bring_is_no_claim(void **state)
{
    struct test_store *store = ready(state);
    partner_at_work(store);
    bring(store, "ours", indicator(store, "2026-11-20T10:00:00", OURS, RED, ""));
    bring(store, "a feed", indicator(store, "2026-11-21T10:00:00", OTHERS, GREEN, ""));
    follow(store);
    assert_string_equal(found(store), "");
}

static void what_wants_to_be_carried_out_is_kept_as_a_text(void **state)
{
    static const char *const texts[] = {
            "{\"type\":\"playbook\",\"id\":\"playbook--11111111-1111-4111-8111-111111111111\"}",
            "{\"type\":\"course-of-action\",\"id\":\"course-of-action--11111111-1111-4111-8111-111111111111\","
            "\"action_bin\":\"cm0gLXJm\"}",
            "{\"type\":\"x-node-config\",\"id\":\"x-node-config--11111111-1111-4111-8111-111111111111\"}",
    };
    static const char *const ids[] = {"playbook--11111111-1111-4111-8111-111111111111",
            "course-of-action--11111111-1111-4111-8111-111111111111",
            "x-node-config--11111111-1111-4111-8111-111111111111"};
    struct test_store *store = ready(state);
    struct claimed claimed = partner_at_work(store);
    struct object *objects;
    size_t count;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        bring(store, arena_cstr(store->arena, claimed.source), test_object(ids[i], "2026-11-20T10:00:00", texts[i]));
    bring(store, arena_cstr(store->arena, claimed.source),
            test_object("course-of-action--44444444-4444-4444-8444-444444444444", "2026-11-20T10:00:00",
                    "{\"type\":\"course-of-action\",\"name\":\"patch it\"}"));
    follow(store);
    assert_string_equal(found(store), "configuration configuration configuration");
    test_ok(store_object_versions(store->db, slice_of(ids[1]), store->arena, &objects, &count));
    assert_true(count == 1 && slice_eq(objects->bytes, slice_of(texts[1])));
}

static void a_person_settles_it(void **state)
{
    struct test_store *store = ready(state);
    struct claimed claimed = partner_at_work(store);
    struct actor analyst = test_person(store, "ayu", ROLE_ANALYST), manager = test_person(store, "budi", ROLE_MANAGER);
    struct claim *claims;
    size_t count;
    bring(store, "ours", indicator(store, "2026-11-20T10:00:00", OURS, RED, ""));
    bring(store, arena_cstr(store->arena, claimed.source), indicator(store, "2026-11-21T10:00:00", OTHERS, RED, ""));
    follow(store);
    test_ok(store_claim_list(store->db, claimed.node.partner, true, 0, 10, store->arena, &claims, &count));
    assert_int_equal(count, 1);
    test_refused(
            share_claim_settle(store->db, &analyst, claims->number, S("seen"), store->arena), ERR_DENIED, "may not");
    test_ok(share_claim_settle(store->db, &manager, claims->number, S("seen"), store->arena));
    assert_int_equal(
            share_claim_settle(store->db, &manager, claims->number, S("seen"), store->arena).kind, ERR_MISSING);
    assert_string_equal(found(store), "");
    assert_int_equal(test_acts(store, "claim.settled"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(what_contradicts_somebody_is_a_claim, set_up, tear_down),
            TEST_ON_BOTH(it_is_found_whoever_came_first, set_up, tear_down),
            TEST_ON_BOTH(what_others_than_partners_bring_is_no_claim, set_up, tear_down),
            TEST_ON_BOTH(what_wants_to_be_carried_out_is_kept_as_a_text, set_up, tear_down),
            TEST_ON_BOTH(a_person_settles_it, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
