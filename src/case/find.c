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

struct err case_incident_find(struct db *db, const struct actor *actor, struct case_find *find, struct arena *arena,
        struct incident **rows, enum case_sight **sights, size_t *row_count)
{
    struct case_search search = {.query = find->query};
    size_t most = find->count < STORE_PAGE_MAX ? find->count : STORE_PAGE_MAX, got = 0, count;
    int64_t *numbers;
    TRY(scope(actor, VERB_READ_INCIDENTS, arena, &search.party));
    *rows = arena_new(arena, struct incident, most);
    *sights = arena_new(arena, enum case_sight, most);
    /* Again for what was found and is not to be seen, of which there is little: restricted incidents. */
    while (!find->place.end && got < most) {
        TRY(store_case_search(db, CASE_WORDS_INCIDENT, &search, &find->place, most - got, arena, &numbers, &count));
        TRY(arena_check(arena));
        for (size_t i = 0; i < count; i++) {
            TRY(store_incident_get(db, numbers[i], arena, &(*rows)[got]));
            TRY(case_sees(db, actor, &(*rows)[got], arena, &(*sights)[got]));
            got += (*sights)[got] != CASE_NOTHING;
        }
    }
    *row_count = got;
    return OK;
}
