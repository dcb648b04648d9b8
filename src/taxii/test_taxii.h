/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For tests of this folder: a store of either engine behind a gate without a server, accounts without credentials, and
 * requests in one line.
 */
#include "gate/test_gate.h"
#include "people/doorkeeper.h"
#include "store/collection.h"
#include "store/test_store.h"
#include "taxii/taxii.h"
#include "json/check.h"
#include "json/read.h"

#define ENVELOPE "application/taxii+json;version=2.1"
#define ROOT "/taxii2/main/"

static const struct route taxii_routes[] = {
#define ROW(method, path, handler)                                                                                     \
    {                                                                                                                  \
        method, path, #handler, &taxii_face, handler, ROUTE_MEMBER, VERBS, SCOPE_TAXII, TAXII_BODY_MAX, "", NULL       \
    }
        ROW(HTTP_GET, "/taxii2/", taxii_discovery),
        ROW(HTTP_GET, "/taxii2/{root}/", taxii_root),
        ROW(HTTP_GET, "/taxii2/{root}/status/{status}/", taxii_status),
        ROW(HTTP_GET, "/taxii2/{root}/collections/", taxii_collections),
        ROW(HTTP_GET, "/taxii2/{root}/collections/{collection}/", taxii_collection_one),
        ROW(HTTP_GET, "/taxii2/{root}/collections/{collection}/manifest/", taxii_manifest),
        ROW(HTTP_GET, "/taxii2/{root}/collections/{collection}/objects/", taxii_objects),
        ROW(HTTP_POST, "/taxii2/{root}/collections/{collection}/objects/", taxii_add),
        ROW(HTTP_GET, "/taxii2/{root}/collections/{collection}/objects/{object}/", taxii_object),
        ROW(HTTP_DELETE, "/taxii2/{root}/collections/{collection}/objects/{object}/", taxii_delete),
        ROW(HTTP_GET, "/taxii2/{root}/collections/{collection}/objects/{object}/versions/", taxii_versions),
#undef ROW
        {.path = NULL},
};

static struct taxii_options taxii_test_options;

static inline int taxii_set_up(void **state)
{
    int status = set_up(state);
    if (status != 0 || test_store.base->where == NULL)
        return status;
    taxii_test_options = (struct taxii_options){.content_max = 1u << 20, .page_default = 100, .page_max = 1000};
    test_gate = (struct test_gate){.arena = arena_open("taxii test", ARENA_WORK, 256u << 20)};
    test_gate.parts = (struct node_parts){.name = "Melati CERT",
            .url = "https://node.example/",
            .folder = "/srv/node",
            .secure = true,
            .taxii = &taxii_test_options};
    static const char nobody[PASSWORD_HASH_BYTES];
    const struct gate_options options = {.routes = taxii_routes,
            .db = {.where = test_store.base->where},
            .parts = &test_gate.parts,
            .doorkeeper = doorkeeper_make(test_gate.arena, nobody),
            .otherwise = &taxii_face};
    gate_open(&options, test_gate.arena, &test_gate.gate);
    log_threshold(LOG_ERROR);
    return gate_worker_open(test_gate.gate, test_gate.arena, &test_gate.worker).kind == ERR_NONE ? 0 : -1;
}

static inline int taxii_tear_down(void **state)
{
    if (test_store.base->where != NULL)
        test_gate_close();
    return tear_down(state);
}

#define TAXII_TEST(test) TEST_ON_BOTH(test, taxii_set_up, taxii_tear_down)

/* ---- Accounts and collections ---- */

/* Who asks from now on: a user of an organisation. */
static inline void as(int64_t user, int64_t organisation)
{
    test_gate.known = OK;
    test_gate.who = (struct who){
            .actor = {.user = user, .organisation = organisation, .how = ACTOR_TOKEN}, .scopes = SCOPE_TAXII};
    test_gate.who.actor.name = S("ayu");
}

struct test_collection {
    const char *title;
    int64_t number;
    struct collection_grant grant;
};

static inline struct err test_collection_add(struct work *work, void *context)
{
    struct test_collection *made = context;
    return store_collection_add(work, slice_of(made->title), S(""), &made->number);
}

static inline struct err test_collection_grant(struct work *work, void *context)
{
    const struct test_collection *made = context;
    return store_collection_grant(work, made->number, &made->grant);
}

static inline void grant(int64_t number, enum grantee kind, int64_t subject, bool read, bool write)
{
    struct test_collection made = {.number = number, .grant = {kind, subject, read, write, S("")}};
    test_ok(test_work(&test_store, test_collection_grant, &made));
}

/* A collection that user 7 may read and write; its id. */
static inline const char *collection(const char *title, int64_t *number)
{
    struct test_collection made = {.title = title};
    struct collection row;
    test_ok(test_work(&test_store, test_collection_add, &made));
    grant(made.number, GRANTEE_USER, 7, true, true);
    test_ok(store_collection_get(test_store.db, made.number, test_store.arena, &row));
    if (number != NULL)
        *number = made.number;
    as(7, 1);
    return arena_cstr(test_store.arena, row.id);
}

/* ---- Requests ---- */

static inline unsigned request(
        enum http_method method, const char *type, const char *accept, const char *body, const char *target)
{
    test_begin(method, target);
    test_gate.request.arena = test_gate.arena;
    test_header("authorization", "Bearer made-up");
    if (accept != NULL)
        test_header("accept", accept);
    if (type != NULL)
        test_header("content-type", type);
    if (body != NULL)
        test_gate.request.body = slice_of(body);
    return test_ask();
}

static inline const char *of(const char *id, const char *rest)
{
    return arena_printf(test_store.arena, ROOT "collections/%s/%s", id, rest);
}

static inline unsigned get(const char *id, const char *rest)
{
    return request(HTTP_GET, NULL, ENVELOPE, NULL, of(id, rest));
}

static inline unsigned post(const char *id, const char *body)
{
    return request(HTTP_POST, ENVELOPE, ENVELOPE, body, of(id, "objects/"));
}

static inline bool says(const char *text)
{
    return strstr(test_body(), text) != NULL;
}

/* The value of a key of the answer, as it stands there. */
static inline slice said_of(const char *key)
{
    slice body = slice_of(test_body());
    test_ok(json_check(body, &json_limits_default, NULL));
    return json_get(body, slice_of(key));
}

/* How many elements the list of that key has. */
static inline size_t listed(const char *key)
{
    struct json_elements elements = json_elements(said_of(key));
    slice one;
    size_t count = 0;
    while (json_element_next(&elements, &one))
        count++;
    return count;
}

/* The last digits of the ids in a list of objects, "1 2 3". */
static inline const char *numbers(void)
{
    struct json_elements elements = json_elements(said_of("objects"));
    const char *text = "";
    slice one;
    while (json_element_next(&elements, &one)) {
        slice id = json_text(json_get(one, S("id")), test_store.arena);
        uint64_t number = 0;
        assert_true(id.len > 12 && slice_u64(slice_from(id, id.len - 12), UINT64_MAX, &number));
        text = arena_printf(test_store.arena, "%s%s%u", text, *text == '\0' ? "" : " ", (unsigned)number);
    }
    return text;
}

/* ---- Objects ---- */

static inline const char *indicator(int number, const char *modified, const char *name)
{
    return arena_printf(test_store.arena,
            "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--6b616c61-0000-4000-8000-%012d\","
            "\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"%s\",\"name\":\"%s\",\"pattern\":"
            "\"[domain-name:value = 'a.example']\",\"pattern_type\":\"stix\",\"valid_from\":\"2026-01-01T00:00:00Z\"}",
            number, modified, name);
}

static inline const char *malware(int number)
{
    return arena_printf(test_store.arena,
            "{\"type\":\"malware\",\"spec_version\":\"2.1\",\"id\":\"malware--6b616c61-0000-4000-8000-%012d\","
            "\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-01T00:00:00.000Z\",\"is_family\":false}",
            number);
}

#define NEW_YEAR "2026-01-01T00:00:00.000Z"

/* An envelope of indicators from one number to another. */
static inline const char *envelope(int from, int to)
{
    struct buf text = buf_make(64u << 20);
    buf_put(&text, S("{\"objects\":["));
    for (int i = from; i <= to; i++)
        buf_printf(&text, "%s%s", i == from ? "" : ",", indicator(i, NEW_YEAR, "x"));
    buf_put(&text, S("]}"));
    const char *made = arena_cstr(test_store.arena, buf_slice(&text));
    buf_free(&text);
    return made;
}
