/* SPDX-License-Identifier: Apache-2.0 */
#include "case/find.h"

#include "base/arena.h"
#include "store/case_search.h"
#include "store/right.h"

/* Whose may be found: 0, all; else those of the actor's own organisation. */
static struct err scope(const struct actor *actor, enum verb verb, struct arena *arena, int64_t *party)
{
    struct err err = store_right_check(actor, verb, 0, arena, NULL);
    *party = err.kind == ERR_NONE ? 0 : actor->organisation;
    if (err.kind != ERR_DENIED || actor->organisation == 0)
        return err;
    return store_right_check(actor, verb, actor->organisation, arena, NULL);
}

/* How one kind of them is found. */
struct kind {
    enum case_words words;
    enum verb verb;
    size_t size; /* of a row */
    /* The row of that number, and what the actor sees of it. */
    struct err (*look)(struct db *db, const struct actor *actor, int64_t number, struct arena *arena, void *row,
            enum case_sight *sight);
};

static struct err incident_look(struct db *db, const struct actor *actor, int64_t number, struct arena *arena,
        void *row, enum case_sight *sight)
{
    TRY(store_incident_get(db, number, arena, row));
    return case_sees(db, actor, row, arena, sight);
}

static struct err report_look(struct db *db, const struct actor *actor, int64_t number, struct arena *arena, void *row,
        enum case_sight *sight)
{
    TRY(store_report_get(db, number, arena, row));
    return case_report_sees(actor, row, arena, sight);
}

static struct err find_all(struct db *db, const struct actor *actor, const struct kind *kind, struct case_find *find,
        struct arena *arena, void **rows, enum case_sight **sights, size_t *row_count)
{
    struct case_search search = {.query = find->query};
    size_t most = find->count < STORE_PAGE_MAX ? find->count : STORE_PAGE_MAX, got = 0, count;
    char *list = arena_take(arena, most * kind->size);
    enum case_sight *seen = arena_new(arena, enum case_sight, most);
    int64_t *numbers;
    TRY(scope(actor, kind->verb, arena, &search.party));
    /* Again for what was found and is not to be seen, of which there is little: what is restricted. */
    while (!find->place.end && got < most) {
        TRY(store_case_search(db, kind->words, &search, &find->place, most - got, arena, &numbers, &count));
        TRY(arena_check(arena));
        for (size_t i = 0; i < count; i++) {
            TRY(kind->look(db, actor, numbers[i], arena, list + got * kind->size, &seen[got]));
            got += seen[got] != CASE_NOTHING;
        }
    }
    *rows = list;
    *sights = seen;
    *row_count = got;
    return OK;
}

struct err case_incident_find(struct db *db, const struct actor *actor, struct case_find *find, struct arena *arena,
        struct incident **rows, enum case_sight **sights, size_t *row_count)
{
    static const struct kind kind = {CASE_WORDS_INCIDENT, VERB_READ_INCIDENTS, sizeof(struct incident), incident_look};
    return find_all(db, actor, &kind, find, arena, (void **)rows, sights, row_count);
}

struct err case_report_find(struct db *db, const struct actor *actor, struct case_find *find, struct arena *arena,
        struct report **rows, enum case_sight **sights, size_t *row_count)
{
    static const struct kind kind = {CASE_WORDS_REPORT, VERB_READ_REPORTS, sizeof(struct report), report_look};
    return find_all(db, actor, &kind, find, arena, (void **)rows, sights, row_count);
}
