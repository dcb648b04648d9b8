/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For tests of this folder: a new store of either engine, and works and objects in one line each.
 */
#include "base/hash.h"
#include "db/test_databases.h"
#include "store/import.h"
#include "store/schema.h"
#include "store/source.h"

struct test_store {
    struct test_database *base;
    struct arena *arena;
    struct db *db;
    struct actor actor;
};

/* A test has one store at a time. */
static struct test_store test_store;

static inline void test_ok(struct err err)
{
    if (err.kind != ERR_NONE)
        fail_msg("%s: %s", err_name(err.kind), err.why);
}

static inline struct db *test_store_open(const struct test_store *store)
{
    struct db *db;
    test_ok(store_open(&(struct db_options){.where = store->base->where, .create = true}, store->arena, &db));
    return db;
}

static inline int set_up(void **state)
{
    int status = test_database_make_of(store_schema, store_schema_count, state);
    test_store = (struct test_store){.base = *state};
    *state = &test_store;
    if (status != 0 || test_store.base->where == NULL)
        return status;
    test_store.arena = arena_open("test of the store", ARENA_WORK, 256u << 20);
    test_store.actor = (struct actor){.organisation = 0, .name = S("local"), .how = ACTOR_MACHINE};
    test_store.actor.roles = 1u << ROLE_LOCAL;
    test_store.db = test_store_open(&test_store);
    return 0;
}

static inline int tear_down(void **state)
{
    void *base = test_store.base;
    (void)state;
    db_close(test_store.db);
    arena_close(test_store.arena);
    clock_set(TIME_NONE);
    return test_database_drop(&base);
}

static inline struct test_store *ready(void **state)
{
    struct test_store *store = *state;
    test_database_need(store->base);
    return store;
}

static inline struct err test_work(struct test_store *store, work_action *action, void *context)
{
    return store_work(store->db, &store->actor, store->arena, action, context);
}

/* ---- Imports ---- */

struct test_import {
    slice source;
    int64_t number, source_number;
    const struct object_put *rows;
    size_t count;
    struct object_outcome outcomes[64];
};

static inline struct err test_import_begin_action(struct work *work, void *context)
{
    struct test_import *import = context;
    TRY(store_source_put(work, import->source, S("file"), 0, &import->source_number));
    return store_import_begin(
            work, &(struct import_begin){import->source_number, S("file.json"), S("stix")}, &import->number);
}

static inline struct err test_import_put_action(struct work *work, void *context)
{
    struct test_import *import = context;
    return store_object_put(work, import->number, import->rows, import->count, import->outcomes);
}

static inline struct err test_import_finish_action(struct work *work, void *context)
{
    const struct test_import *import = context;
    return store_import_finish(work, import->number, &(struct import_end){S(""), 100, hash_sha256(S("text"))});
}

static inline struct err test_import_fail_action(struct work *work, void *context)
{
    return store_import_fail(work, *(const int64_t *)context, S("line 7: broken"));
}

static inline struct err test_import_undo_action(struct work *work, void *context)
{
    return store_import_undo(work, *(const int64_t *)context, S("a mistake"));
}

static inline struct test_import test_import_begin(struct test_store *store, const char *source)
{
    struct test_import import = {.source = slice_of(source)};
    test_ok(test_work(store, test_import_begin_action, &import));
    return import;
}

static inline void test_import_put(
        struct test_store *store, struct test_import *import, const struct object_put *rows, size_t count)
{
    import->rows = rows;
    import->count = count;
    test_ok(test_work(store, test_import_put_action, import));
}

static inline void test_import_finish(struct test_store *store, struct test_import *import)
{
    test_ok(test_work(store, test_import_finish_action, import));
}

/* One import of these rows, done. */
static inline struct test_import test_import(
        struct test_store *store, const char *source, const struct object_put *rows, size_t count)
{
    struct test_import import = test_import_begin(store, source);
    test_import_put(store, &import, rows, count);
    test_import_finish(store, &import);
    return import;
}

/* ---- Objects ---- */

/* What an importer would make of this text; type is all of the id before its two hyphens. */
static inline struct object_put test_object(const char *id, const char *version, const char *json)
{
    slice name = slice_of(id);
    struct object_put put = {.bytes = slice_of(json), .id = name, .version = slice_of(version)};
    put.type = slice_part(name, 0, slice_find_slice(name, S("--")));
    put.spec_version = S("2.1");
    put.modified_us = TIME_NONE;
    if (put.version.len > 0)
        assert_true(time_parse(put.version, &put.modified_us));
    put.meaning = hash_sha256(put.bytes);
    return put;
}
