/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table of organisations, contacts or assets, taken into a small store. It is taken in, or refused with problems that
 * have a place; what was taken in goes out, and in again, and then nothing is new.
 */
#include "desk/roll.h"
#include "base/arena.h"
#include "base/buf.h"
#include "need.h"
#include "store/actor.h"
#include "store/organisation.h"

#define TABLE_MAX ((size_t)64 << 20)

static const struct actor local = {.name = {"local", 5}, .how = ACTOR_MACHINE, .roles = UINT32_C(1) << ROLE_LOCAL};

static void done(struct err err)
{
    fuzz_need(err.kind == ERR_NONE);
}

static struct err fill(struct work *work, void *context)
{
    const struct organisation_put put = {
            .name = S("RS Melati"), .kind = S("hospital"), .relation = RELATION_CONSTITUENT};
    int64_t number;
    (void)context;
    return store_organisation_add(work, &put, &number);
}

static struct db *filled(struct arena *arena)
{
    struct db *db;
    done(store_open(&(struct db_options){.where = ":memory:", .create = true}, arena, &db));
    done(store_work(db, &local, arena, fill, NULL));
    return db;
}

static void again(struct db *db, enum roll_kind kind, struct arena *arena)
{
    struct buf out = buf_make(TABLE_MAX);
    struct roll_place place = {0};
    struct roll_report report;
    while (!place.end)
        done(desk_roll_write(db, &local, kind, &place, arena, &out));
    const struct roll_file file = {"again", buf_slice(&out)};
    done(desk_roll_import(db, &local, &file, 1, arena, &report));
    for (size_t i = 0; i < ROLL_KINDS; i++)
        fuzz_need(report.counts[i].added == 0 && report.counts[i].changed == 0);
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct db *db;
    static struct arena *arena;
    if (arena == NULL)
        arena = arena_open("fuzz", ARENA_WORK, 256u << 20);
    arena_reset(arena);
    if (db == NULL)
        db = filled(arena);
    const struct roll_file file = {"table", {size == 0 ? "" : (const char *)data, size}};
    struct roll_report report;
    struct err err = desk_roll_import(db, &local, &file, 1, arena, &report);
    fuzz_need(err.kind == ERR_NONE ? report.refused == 0 : err.kind == ERR_INPUT && report.problem_count > 0);
    for (size_t i = 0; i < report.problem_count; i++)
        fuzz_need(report.problems[i].line > 0 && report.problems[i].why != NULL && report.problems[i].why[0] != '\0');
    if (err.kind != ERR_NONE)
        return 0;
    for (size_t i = 0; i < ROLL_KINDS; i++)
        again(db, (enum roll_kind)i, arena);
    db_close(db); /* the next begins with a store in which this one was not */
    db = NULL;
    return 0;
}
