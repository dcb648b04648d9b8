/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For tests of what leaves: a node with partners in force, objects that came from somebody, the follower run to its
 * end, and what a partner reads.
 */
#include "share/release.h"
#include "share/test_share.h"
#include "store/released.h"
#include "store/test_side.h"
#include "store/withheld.h"
#include "json/read.h"

#define NOON INT64_C(1795262400000000) /* 2026-11-21 12:00 UTC */
#define TEST_OWN "identity--6b616c61-0000-4000-8000-00000000000a"
#define TEST_B "identity--6b616c61-0000-4000-8000-00000000000b"
#define TEST_C "identity--6b616c61-0000-4000-8000-00000000000c"
#define GREEN "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
#define AMBER "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
#define CLEAR "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
#define RED "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"

static struct share_releaser *test_releaser;
static struct share_release_options test_options;

/* The identity of our own organisation is one that tests know. */
static inline struct err test_identity_action(struct work *work, void *context)
{
    static const char OWN[] = "UPDATE organisation SET identity = $1 WHERE relation = 'own'";
    (void)context;
    return db_run(work->db, OWN, (struct db_value[]){db_text(S(TEST_OWN))}, 1, NULL);
}

static inline void test_node(struct test_store *store)
{
    int64_t own;
    clock_set(NOON);
    test_ok(test_work(store, test_own_action, &own));
    test_ok(test_work(store, test_identity_action, NULL));
    test_options = share_release_usual;
    test_releaser = share_releaser_open(store->db, &test_options, NULL);
}

static inline int release_tear_down(void **state)
{
    share_releaser_close(test_releaser);
    test_releaser = NULL;
    return tear_down(state);
}

/* Terms with a partner; `rest` goes before the others: "\"onward\":\"yes\"". */
static inline const char *test_terms(
        struct test_store *store, const char *node, const char *highest, const char *onward)
{
    return arena_printf(store->arena,
            "{\"after_end\":\"keep\",\"affected\":true,\"from\":\"2026-11-01T00:00:00Z\",\"highest\":\"%s\","
            "\"jurisdiction\":[],\"kinds\":[\"indicator\",\"malware\",\"relationship\",\"report\",\"sighting\","
            "\"tool\"],\"onward\":\"%s\",\"parties\":[{\"country\":\"ID\",\"name\":\"CERT Contoh\",\"node\":\"" TEST_OWN
            "\"},{\"country\":\"GB\",\"name\":\"CERT Example\",\"node\":\"%s\"}],\"purpose\":\"Protecting hospitals\","
            "\"residency\":[],\"sightings\":true,\"unmarked\":\"TLP:AMBER\",\"until\":\"2027-12-31T23:59:59Z\","
            "\"version\":1}",
            highest, onward, node);
}

static inline struct test_side *test_partner(
        struct test_store *store, const char *name, const char *node, const char *highest, const char *onward)
{
    struct test_side *side = arena_new(store->arena, struct test_side, 1);
    *side = (struct test_side){.name = name, .node = node, .terms = test_terms(store, node, highest, onward)};
    test_ok(test_work(store, test_side_action, side));
    return side;
}

struct test_rule {
    struct rule_row row;
    int64_t number;
};

static inline struct err test_rule_action(struct work *work, void *context)
{
    struct test_rule *rule = context;
    return store_rule_add(work, &rule->row, &rule->number);
}

/* Two persons agreed beforehand that all kinds up to this level may go to a partner. */
static inline void test_rule(struct test_store *store, const struct test_side *side, enum stix_tlp highest)
{
    struct test_rule rule = {.row = {.partner = side->partner,
                                     .type = S(""),
                                     .id = S(""),
                                     .highest = highest,
                                     .from_us = 0,
                                     .until_us = INT64_MAX}};
    test_ok(test_work(store, test_rule_action, &rule));
}

/* ---- Objects ---- */

static inline const char *test_uuid(struct test_store *store, const char *type, int number)
{
    return arena_printf(store->arena, "%s--6b616c61-0000-4000-8000-%012d", type, number);
}

/* `more`: further properties, each behind a comma. */
static inline const char *test_json(struct test_store *store, const char *type, int number, const char *modified,
        const char *creator, const char *marking, const char *more)
{
    const char *refs = marking == NULL ? "" : arena_printf(store->arena, ",\"object_marking_refs\":[\"%s\"]", marking);
    const char *by = creator == NULL ? "" : arena_printf(store->arena, ",\"created_by_ref\":\"%s\"", creator);
    const char *must = strcmp(type, "indicator") == 0
                               ? ",\"pattern\":\"[domain-name:value = 'a.example']\",\"pattern_type\":\"stix\","
                                 "\"valid_from\":\"2026-01-01T00:00:00Z\""
                       : strcmp(type, "malware") == 0 ? ",\"is_family\":false"
                                                      : "";
    return arena_printf(store->arena,
            "{\"type\":\"%s\",\"spec_version\":\"2.1\",\"id\":\"%s\"%s,\"created\":\"2026-01-01T00:00:00.000Z\","
            "\"modified\":\"%s\",\"name\":\"named %d\"%s%s%s}",
            type, test_uuid(store, type, number), by, modified, number, must, refs, more);
}

static inline struct object_put test_put(struct test_store *store, const char *json)
{
    slice text = slice_of(json), modified = json_text(json_get(text, S("modified")), store->arena);
    struct object_put put = test_object(arena_cstr(store->arena, json_text(json_get(text, S("id")), store->arena)),
            arena_cstr(store->arena, store_version_kept(modified)), json);
    put.created_by = json_text(json_get(text, S("created_by_ref")), store->arena);
    put.revoked = json_kind(json_get(text, S("revoked"))) == JSON_TRUE;
    return put;
}

static inline struct test_import test_came(
        struct test_store *store, const char *source, const char *const *json, size_t count)
{
    struct object_put *rows = arena_new(store->arena, struct object_put, count);
    for (size_t i = 0; i < count; i++)
        rows[i] = test_put(store, json[i]);
    return test_import(store, source, rows, count);
}

/* The follower does all there is; then the logs are signed. */
static inline void test_follow(struct test_store *store, struct test_side **sides, size_t count)
{
    size_t did;
    test_ok(share_release_some(test_releaser, 100000, &did));
    assert_true(did < 100000);
    for (size_t i = 0; i < count; i++)
        test_sign(store, sides[i]);
}

/* ---- What a partner reads ---- */

struct test_reading {
    struct test_store *store;
    struct buf all;
    size_t count;
};

static inline struct err test_read_take(void *context, const struct collected *row)
{
    struct test_reading *reading = context;
    buf_put(&reading->all, row->bytes);
    buf_byte(&reading->all, '\n');
    reading->count++;
    return OK;
}

/* All bytes of all versions, a line each. */
static inline const char *test_reads(struct test_store *store, const struct test_side *side, size_t *count)
{
    struct test_reading reading = {.store = store, .all = buf_make(256u << 20)};
    struct collected_query query = {
            .after_us = INT64_MIN, .limit = 10000, .versions = VERSIONS_ALL, .specs = SPECS_20 | SPECS_21};
    struct collected_end end;
    test_ok(store_released_read(
            store->db, side->agreement, &query, true, store->arena, test_read_take, &reading, &end));
    assert_false(end.more);
    const char *text = arena_cstr(store->arena, buf_slice(&reading.all));
    buf_free(&reading.all);
    if (count != NULL)
        *count = reading.count;
    return text;
}

/* Why an object stays; "": it does not. */
static inline const char *test_rule_of(struct test_store *store, const struct test_side *side, int64_t object)
{
    struct withheld row;
    struct err err = store_withheld_get(store->db, side->partner, object, store->arena, &row);
    return err.kind == ERR_NONE ? arena_cstr(store->arena, row.rule) : "";
}
