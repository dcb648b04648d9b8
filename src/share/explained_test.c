/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever happens to objects and agreements, at every moment: each byte that a partner reads is explained by exactly
 * one entry of its log, under a signed head, and is marked no looser than what it was made from.
 */
#include <stdlib.h>

#include "ledger/merkle.h"
#include "share/test_release.h"

enum { STEPS = 24, OBJECTS = 40 };

static uint64_t dice;

static unsigned roll(unsigned sides)
{
    dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(dice >> 33) % sides;
}

/* ---- Something happens ---- */

static const char *const levels[] = {CLEAR, GREEN, AMBER, RED, NULL};
static const char *const creators[] = {TEST_OWN, NULL, TEST_B, TEST_C};
static const char *const sources[] = {"desk", "partner/B", "partner/C", "a feed"};
static const char *const types[] = {"indicator", "malware", "tool", "report"};

static const char *random_more(struct test_store *store, const char *type)
{
    const char *part = roll(4) == 0 ? arena_printf(store->arena,
                                              ",\"description\":\"secret\",\"granular_markings\":[{\"marking_ref\":"
                                              "\"%s\",\"selectors\":[\"description\"]}]",
                                              levels[roll(4)])
                                    : "";
    const char *refs = strcmp(type, "report") == 0
                               ? arena_printf(store->arena,
                                         ",\"published\":\"2026-01-01T00:00:00.000Z\",\"object_refs\":[\"%s\",\"%s\"]",
                                         test_uuid(store, "malware", (int)roll(OBJECTS)),
                                         test_uuid(store, "tool", (int)roll(OBJECTS)))
                               : "";
    const char *revoked = roll(10) == 0 ? ",\"revoked\":true" : "";
    return arena_printf(store->arena, "%s%s%s", part, refs, revoked);
}

static void objects_come(struct test_store *store)
{
    const char *json[8];
    size_t count = 1 + roll(8);
    for (size_t i = 0; i < count; i++) {
        const char *type = types[roll(COUNT_OF(types))];
        const char *when = arena_printf(store->arena, "2026-01-%02uT00:00:00.000Z", 1 + roll(28));
        json[i] = test_json(store, type, (int)roll(OBJECTS), when, creators[roll(COUNT_OF(creators))],
                levels[roll(COUNT_OF(levels))], random_more(store, type));
    }
    test_came(store, sources[roll(COUNT_OF(sources))], json, count);
}

static struct err undo(struct work *work, void *context)
{
    struct err err = store_import_undo(work, *(const int64_t *)context, S("a mistake"));
    return err.kind == ERR_CONFLICT || err.kind == ERR_MISSING ? OK : err;
}

static void something_happens(struct test_store *store, struct test_side **sides)
{
    static const char *const highest[] = {"TLP:CLEAR", "TLP:GREEN", "TLP:AMBER"};
    static const char *const onward[] = {"no", "ask", "yes"};
    static const char TERMS[] = "UPDATE agreement SET generation = generation + 1, terms = $1 WHERE number = $2";
    struct test_side *side = sides[roll(2)];
    int64_t import = 1 + roll(10);
    unsigned what = roll(8);
    if (what == 0) {
        struct test_sql sql = {TERMS,
                {db_bytes(slice_of(test_terms(store, side->node, highest[roll(3)], onward[roll(3)]))),
                        db_i64(side->agreement)},
                2};
        test_ok(test_work(store, test_sql_action, &sql));
    } else if (what == 1) {
        test_ok(test_work(store, undo, &import));
    } else {
        objects_come(store);
    }
    clock_set(clock_now_us() + MINUTE_US);
}

/* ---- What has to hold ---- */

struct checking {
    struct test_store *store;
    const struct test_side *side;
    bool followed;
    int64_t head;
    size_t count;
    struct {
        slice id, version, bytes;
        int64_t entry, object;
    } rows[1000];
};

static struct err row_note(void *context, const struct collected *row)
{
    struct checking *checking = context;
    size_t at = checking->count++;
    assert_true(at < COUNT_OF(checking->rows));
    checking->rows[at].id = arena_copy(checking->store->arena, row->id);
    checking->rows[at].version = arena_copy(checking->store->arena, row->version);
    checking->rows[at].bytes = arena_copy(checking->store->arena, row->bytes);
    checking->rows[at].entry = row->entry;
    checking->rows[at].object = row->object;
    return OK;
}

/* How many leaves of all entries are these very bytes under this id and version. */
static size_t explanations(struct checking *checking, size_t at)
{
    struct sha256 digest = hash_sha256(checking->rows[at].bytes);
    slice expected =
            store_released_leaf(checking->rows[at].id, checking->rows[at].version, &digest, checking->store->arena);
    size_t found = 0;
    for (int64_t entry = 0; entry < checking->head; entry++) {
        struct released *rows;
        size_t count;
        bool proven;
        test_ok(store_released_of_entry(
                checking->store->db, checking->side->agreement, entry, checking->store->arena, &rows, &count));
        for (size_t i = 0; i < count; i++)
            found += slice_eq(expected,
                    store_released_leaf(rows[i].id, rows[i].version, &rows[i].digest, checking->store->arena));
        if (count == 0)
            continue;
        test_ok(store_released_proven(
                checking->store->db, checking->side->agreement, entry, checking->store->arena, &proven));
        assert_true(proven);
    }
    return found;
}

static enum stix_tlp tlp_of(struct test_store *store, slice bytes)
{
    struct stix_marked marked = stix_marked_of(bytes);
    struct stix_definitions *none = stix_definitions_open();
    enum stix_tlp tlp = stix_marks_of(none, &marked, store->arena).tlp;
    stix_definitions_close(none);
    return tlp;
}

static void row_check(struct checking *checking, size_t at)
{
    struct test_store *store = checking->store;
    struct object parent;
    assert_true(checking->rows[at].entry < checking->head);
    assert_int_equal(explanations(checking, at), 1);
    enum stix_tlp leaves = tlp_of(store, checking->rows[at].bytes);
    assert_true(leaves <= TLP_AMBER);
    struct err err = store_object_get(store->db, checking->rows[at].object, store->arena, &parent);
    if (err.kind == ERR_MISSING && !checking->followed)
        return; /* undone a moment ago: the follower has not come to it */
    test_ok(err);
    bool verbatim = slice_eq(parent.bytes, checking->rows[at].bytes);
    slice own_mark = json_get(parent.bytes, S("object_marking_refs"));
    struct stix_marked whole = {.refs = own_mark};
    struct stix_definitions *none = stix_definitions_open();
    enum stix_tlp least = stix_marks_of(none, &whole, store->arena).tlp;
    stix_definitions_close(none);
    if (!verbatim && leaves < least)
        fail_msg("%.*s is wider than %.*s", (int)checking->rows[at].bytes.len, checking->rows[at].bytes.ptr,
                (int)parent.bytes.len, parent.bytes.ptr);
}

static void side_check(struct test_store *store, const struct test_side *side, bool followed)
{
    static struct checking checking;
    struct collected_query query = {
            .after_us = INT64_MIN, .limit = 1000, .versions = VERSIONS_ALL, .specs = SPECS_20 | SPECS_21};
    struct collected_end end;
    struct ledger_head head;
    checking = (struct checking){.store = store, .side = side, .followed = followed};
    test_ok(store_ledger_head_get(store->db, side->log, store->arena, &head));
    checking.head = head.size;
    test_ok(store_released_read(store->db, side->agreement, &query, true, store->arena, row_note, &checking, &end));
    for (size_t i = 0; i < checking.count; i++)
        row_check(&checking, i);
}

static void every_byte_is_explained(void **state)
{
    struct test_store *store = ready(state);
    const char *seed = getenv("KENTONGAN_SEED");
    dice = seed == NULL ? 20261121 : strtoull(seed, NULL, 10);
    test_node(store);
    struct test_side *sides[] = {
            test_partner(store, "B", TEST_B, "TLP:AMBER", "ask"), test_partner(store, "C", TEST_C, "TLP:GREEN", "yes")};
    test_rule(store, sides[0], TLP_AMBER);
    test_rule(store, sides[1], TLP_AMBER);
    for (int step = 0; step < STEPS; step++) {
        something_happens(store, sides);
        if (roll(3) == 0)
            test_follow(store, sides, 2);
        for (size_t i = 0; i < COUNT_OF(sides) && step % 6 == 5; i++)
            side_check(store, sides[i], false);
    }
    test_follow(store, sides, 2);
    side_check(store, sides[0], true);
    side_check(store, sides[1], true);
    size_t count;
    test_reads(store, sides[0], &count);
    assert_true(count > 0); /* or nothing was looked at */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(every_byte_is_explained, set_up, release_tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
