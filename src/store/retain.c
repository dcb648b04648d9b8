/* SPDX-License-Identifier: Apache-2.0 */
#include "store/retain.h"

#include "base/arena.h"
#include "store/import_sweep.h"
#include "store/ledger.h"
#include "store/page.h"
#include "json/write.h"

#define DETAIL_MAX 1024 /* bytes of what the journal says of it */

/* One kind of what is removed: rows that are older than a moment, at most so many. */
static const char ORIGINALS[] = "DELETE FROM import_original WHERE (import, part) IN "
                                "(SELECT p.import, p.part FROM import i JOIN import_original p ON p.import = i.number "
                                "WHERE i.ended_us < $1 ORDER BY i.ended_us LIMIT $2)";
static const char REFUSED[] = "DELETE FROM import_refused WHERE number IN "
                              "(SELECT r.number FROM import i JOIN import_refused r ON r.import = i.number "
                              "WHERE i.ended_us < $1 ORDER BY i.ended_us LIMIT $2)";
/* A batch has a higher number than those that were taken before it. */
static const char QUARANTINED[] =
        "DELETE FROM quarantined WHERE (batch, place, input) IN (SELECT batch, place, input FROM quarantined "
        "WHERE batch < COALESCE((SELECT number FROM batch WHERE taken_us >= $1 ORDER BY taken_us LIMIT 1), "
        "9223372036854775807) ORDER BY batch, place, input LIMIT $2)";
static const char LINKS[] = "DELETE FROM link WHERE secret IN "
                            "(SELECT secret FROM link WHERE expires_us < $1 ORDER BY expires_us LIMIT $2)";
static const char SESSIONS[] = "DELETE FROM session WHERE number IN "
                               "(SELECT number FROM session WHERE ends_us < $1 ORDER BY ends_us LIMIT $2)";
static const char TOKENS[] = "DELETE FROM token WHERE number IN "
                             "(SELECT number FROM token WHERE ends_us < $1 ORDER BY ends_us LIMIT $2)";

static struct err older_remove(
        struct work *work, const char *sql, int64_t age_us, size_t step, uint64_t *removed, bool *more)
{
    if (age_us == 0)
        return OK;
    const struct db_value values[] = {db_i64(work->now_us - age_us), db_i64((int64_t)step)};
    TRY(db_run(work->db, sql, values, COUNT_OF(values), removed));
    *more = *more || *removed == step;
    return OK;
}

/* Objects of imports that were undone long ago. */
static struct err undone_remove(struct work *work, int64_t age_us, size_t step, uint64_t *removed, bool *more)
{
    static const char NEXT[] = "SELECT number FROM import WHERE state = 'undone' AND swept = 0 AND ended_us < $1 "
                               "ORDER BY ended_us LIMIT 1";
    const struct db_value before[] = {db_i64(work->now_us - age_us)};
    int64_t import = 0;
    if (age_us == 0)
        return OK;
    TRY(db_one(work->db, NEXT, before, COUNT_OF(before), 0, &import));
    if (import == 0)
        return OK;
    TRY(store_import_clear(work, import, step, removed));
    *more = true; /* this one goes on, or another comes */
    return OK;
}

/* Of the journal what everybody is past; where it has come to is kept, so that no row is looked at twice. */
static struct err details_empty(struct work *work, int64_t age_us, size_t step, uint64_t *removed, bool *more)
{
    static const char PAST[] = "SELECT COALESCE(min(seq), 9223372036854775807) FROM "
                               "(SELECT seq FROM follower UNION ALL SELECT seq - 1 FROM parked) followed";
    static const char END[] = "SELECT COALESCE(max(seq), 0) FROM (SELECT seq FROM journal "
                              "WHERE seq > $1 AND seq <= $2 AND time_us < $3 ORDER BY seq LIMIT $4) part";
    static const char EMPTY[] = "UPDATE journal SET detail = '' WHERE seq > $1 AND seq <= $2 AND detail <> ''";
    int64_t past, end;
    uint64_t from = 0;
    slice text;
    if (age_us == 0)
        return OK;
    TRY(store_fact_get(work->db, S("journal-emptied"), work->arena, &text));
    (void)slice_u64(text, INT64_MAX, &from);
    TRY(db_one(work->db, PAST, NULL, 0, 0, &past));
    const struct db_value part[] = {
            db_i64((int64_t)from), db_i64(past), db_i64(work->now_us - age_us), db_i64((int64_t)step)};
    TRY(db_one(work->db, END, part, COUNT_OF(part), 0, &end));
    if (end == 0)
        return OK;
    const struct db_value values[] = {db_i64((int64_t)from), db_i64(end)};
    TRY(db_run(work->db, EMPTY, values, COUNT_OF(values), removed));
    TRY(store_ledger_details_erase(work, (int64_t)from, end)); /* the row about it says so in the private log */
    *more = *more || end - (int64_t)from >= (int64_t)step;
    return store_fact_put(work->db, S("journal-emptied"), slice_of(arena_printf(work->arena, "%lld", (long long)end)));
}

static struct err tell(struct work *work, const struct retained *retained)
{
    struct buf text = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&text);
    json_write_object(&w);
    json_write_key_u64(&w, S("originals"), retained->originals);
    json_write_key_u64(&w, S("refused"), retained->refused);
    json_write_key_u64(&w, S("objects"), retained->objects);
    json_write_key_u64(&w, S("details"), retained->details);
    json_write_key_u64(&w, S("links"), retained->links);
    json_write_key_u64(&w, S("sessions"), retained->sessions);
    json_write_key_u64(&w, S("tokens"), retained->tokens);
    json_write_end(&w);
    struct err err = store_work_news(work, "store.retained", S(""), buf_slice(&text));
    buf_free(&text);
    return err;
}

struct err store_retain(struct work *work, const struct retain_limits *limits, struct retained *retained)
{
    struct retained did = {0};
    uint64_t failed = 0, quarantined = 0;
    size_t step = limits->step == 0 || limits->step > RETAIN_STEP ? RETAIN_STEP : limits->step;
    TRY(older_remove(work, ORIGINALS, limits->originals_us, step, &did.originals, &did.more));
    TRY(older_remove(work, REFUSED, limits->refused_us, step, &did.refused, &did.more));
    TRY(older_remove(work, QUARANTINED, limits->refused_us, step, &quarantined, &did.more));
    did.refused += quarantined;
    TRY(older_remove(work, LINKS, limits->links_us, step, &did.links, &did.more));
    TRY(older_remove(work, SESSIONS, limits->sessions_us, step, &did.sessions, &did.more));
    TRY(older_remove(work, TOKENS, limits->sessions_us, step, &did.tokens, &did.more));
    TRY(undone_remove(work, limits->undone_us, step, &did.objects, &did.more));
    TRY(store_import_sweep(work, step, &failed)); /* what failed was never there for anybody: no limit says so */
    did.objects += failed;
    did.more = did.more || failed > 0;
    TRY(details_empty(work, limits->details_us, step, &did.details, &did.more));
    if (did.originals + did.refused + did.objects + did.details + did.links + did.sessions + did.tokens > 0)
        TRY(tell(work, &did));
    *retained = did;
    return OK;
}
