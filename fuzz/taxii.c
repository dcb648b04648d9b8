/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as what a client of TAXII says: a line of Accept, a line of Content-Type, and a query. Reading ends; what
 * is taken keeps to its ceilings, a place is only taken if we gave it, and a version is written as it was read.
 */
#include "taxii/taxii.h"
#include "gate/gate.h"
#include "need.h"
#include "taxii/media.h"
#include "taxii/query.h"

#define COLLECTION S("6b616c61-0000-4000-8000-000000000000")
#define PAGE_MAX 500

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void values_check(const slice *values, size_t count)
{
    fuzz_need(count <= COLLECTED_IDS_MAX);
    for (size_t i = 0; i < count; i++)
        fuzz_need(values[i].len > 0);
}

/* Whatever was read of a version is found again by what is shown of it, and shown of that the same. */
static void versions_check(const struct collected_query *rows, struct arena *arena)
{
    for (size_t i = 0; i < rows->exact_count; i++) {
        slice shown = taxii_version(rows->exact[i], arena);
        slice kept = store_version_kept(shown);
        fuzz_need(slice_eq(taxii_version(kept, arena), shown));
    }
}

/* A place that was taken is the one that we give for its moment. */
static void place_check(const struct ask *ask, slice next)
{
    uint64_t moment = 0;
    for (size_t i = 0; i < 16; i++)
        moment = moment << 4 | (uint64_t)byte_hex(next.ptr[i]);
    fuzz_need(slice_eq(taxii_next(ask, COLLECTION, (int64_t)moment), next));
}

static void query_check(const struct ask *ask)
{
    struct taxii_query query;
    size_t at = 0;
    if (taxii_query_read(ask, FIELDS_ALL, COLLECTION, &query).kind != ERR_NONE)
        return;
    fuzz_need(query.rows.limit > 0 && query.rows.limit <= PAGE_MAX);
    values_check(query.rows.ids, query.rows.id_count);
    values_check(query.rows.types, query.rows.type_count);
    values_check(query.rows.exact, query.rows.exact_count);
    versions_check(&query.rows, ask->arena);
    for (; at < ask->query_count; at++)
        if (slice_eq(ask->query[at].name, S("next")))
            place_check(ask, ask->query[at].value);
}

/* Who binds places; as long as the process. */
static struct arena *door_arena;
static struct doorkeeper *door;

static void door_close(void)
{
    people_doorkeeper_close(door);
    arena_close(door_arena);
}

static void door_open(void)
{
    door_arena = arena_open("door", ARENA_PROCESS, 16u << 20);
    fuzz_need(people_doorkeeper_open(door_arena, &door).kind == ERR_NONE && atexit(door_close) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct taxii_options options = {.content_max = 1000, .page_default = 100, .page_max = PAGE_MAX};
    static const struct node_parts parts = {.name = "fuzz", .url = "http://node.example/", .taxii = &options};
    static struct gate gate = {.options.parts = &parts};
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 16u << 20);
    slice rest = {(const char *)data, size}, accept = S(""), type = S("");
    struct http_request request = {.arena = arena};
    if (door == NULL)
        door_open();
    gate.options.doorkeeper = door;
    struct ask ask = {.request = &request, .gate = &gate, .arena = arena};
    if (size > 0 && slice_next(&rest, '\n', &accept) && rest.ptr != NULL && slice_next(&rest, '\n', &type))
        request.query = rest;
    (void)taxii_accepts(accept);
    (void)taxii_takes(type);
    if (http_query(&request, &ask.query, &ask.query_count).kind == ERR_NONE)
        query_check(&ask);
    arena_close(arena);
    return 0;
}
