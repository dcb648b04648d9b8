/* SPDX-License-Identifier: Apache-2.0 */
#include "people/session.h"

#include "base/arena.h"
#include "base/clock.h"
#include "people/doorkeeper.h"

/* ---- Listing ---- */

struct err people_session_list(struct db *db, const struct doorkeeper *doorkeeper, const struct actor *actor,
        int64_t user, struct arena *arena, struct session **rows, size_t *count)
{
    int64_t now_us = clock_now_us();
    struct session *found;
    size_t found_count, good = 0;
    TRY(people_may(db, actor, user, VERB_READ_ACCESS, arena));
    TRY(store_session_list(db, user, now_us, arena, &found, &found_count));
    for (size_t i = 0; i < found_count; i++)
        if (doorkeeper == NULL || now_us - found[i].seen_us < doorkeeper->rest_us)
            found[good++] = found[i];
    *rows = found;
    *count = good;
    return OK;
}

/* ---- Ending ---- */

struct ending {
    int64_t number, user, but;
    uint64_t count;
};

static struct err tell_closed(struct work *work, int64_t user, slice why)
{
    return store_work_news(
            work, "session.closed", people_subject(user, work->arena), store_work_reason(work->arena, why));
}

static struct err end_one(struct work *work, void *context)
{
    struct ending *ending = context;
    struct session session;
    bool ended;
    TRY(store_session_get(work->db, ending->number, work->arena, &session));
    struct err err = people_may(work->db, work->actor, session.person, VERB_STOP_USERS, work->arena);
    if (err.kind == ERR_DENIED) /* numbers of others are not to be counted through */
        return err_make(ERR_MISSING, "there is no such session");
    TRY(err);
    TRY(store_session_end(work, ending->number, S("ended"), &ended));
    return ended ? tell_closed(work, session.person, S("ended"))
                 : err_make(ERR_CONFLICT, "the session is over already");
}

struct err people_session_end(struct db *db, const struct actor *actor, int64_t number, struct arena *arena)
{
    struct ending ending = {.number = number};
    return people_kept(store_work(db, actor, arena, end_one, &ending), arena);
}

static struct err end_all(struct work *work, void *context)
{
    struct ending *ending = context;
    TRY(people_may(work->db, work->actor, ending->user, VERB_STOP_USERS, work->arena));
    TRY(store_session_end_all(work, ending->user, ending->but, S("ended"), &ending->count));
    return ending->count == 0 ? OK : tell_closed(work, ending->user, S("ended"));
}

struct err people_session_end_all(
        struct db *db, const struct actor *actor, int64_t user, int64_t but, struct arena *arena, uint64_t *count)
{
    struct ending ending = {.user = user, .but = but};
    TRY(people_kept(store_work(db, actor, arena, end_all, &ending), arena));
    *count = ending.count;
    return OK;
}
