/* SPDX-License-Identifier: Apache-2.0 */
#include "case/across.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/uuid.h"
#include "case/across_parts.h"
#include "desk/fact.h"
#include "intel/ingest.h"
#include "store/claim.h"
#include "store/ledger.h"
#include "store/organisation.h"
#include "store/part.h"
#include "store/source.h"
#include "store/tag.h"
#include "json/read.h"
#include "json/write.h"

#define BUNDLE_MAX (256u << 20) /* bytes of all objects of one incident that changed at once */

/* ---- Sharing ---- */

/* Of an incident that the actor does not see whole nothing is told, not even by sharing it. */
static struct err whole_get(
        struct db *db, const struct actor *actor, int64_t number, struct arena *arena, struct incident *row)
{
    enum case_sight sight;
    TRY(store_incident_get(db, number, arena, row));
    TRY(case_sees(db, actor, row, arena, &sight));
    return sight == CASE_ALL ? OK : err_make(ERR_MISSING, "there is no such incident");
}

/* Who would get something of it, "KES, NAS": those that have a node are told by it. */
static struct err parties_name(struct db *db, int64_t incident, struct arena *arena, slice *names)
{
    struct party *rows;
    struct organisation whose;
    size_t count;
    *names = S("");
    TRY(store_party_list(db, incident, arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        bool again = i > 0 && rows[i].organisation == rows[i - 1].organisation; /* in another role */
        TRY(store_organisation_get(db, rows[i].organisation, arena, &whose));
        if (again || rows[i].until_us != TIME_NONE || rows[i].role == PARTY_LIAISON ||
                whose.relation != RELATION_PARTNER)
            continue;
        *names = slice_of(arena_printf(arena, "%.*s%s%.*s", (int)names->len, names->ptr, names->len > 0 ? ", " : "",
                (int)whose.name.len, whose.name.ptr));
    }
    return OK;
}

struct err case_across_share(struct db *db, const struct actor *actor, int64_t incident, bool observables, slice why,
        struct arena *arena, struct share_proposal *proposal)
{
    struct incident row;
    slice names;
    struct buf detail = buf_make(APPROVAL_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    bool second;
    TRY(store_right_check(actor, VERB_SHARE_INCIDENTS, 0, arena, &second));
    TRY(whole_get(db, actor, incident, arena, &row));
    TRY(parties_name(db, incident, arena, &names));
    json_write_object(&w);
    json_write_key_text(&w, S("title"), row.title);
    json_write_key_text(&w, S("marking"), row.marking);
    json_write_key_text(&w, S("parties"), store_text_keep(arena, names, STORE_TEXT_MAX));
    json_write_key(&w, S("observables"));
    json_write_bool(&w, observables);
    json_write_key_text(&w, S("why"), why);
    json_write_end(&w);
    slice subject = slice_of(arena_printf(arena, CASE_SUBJECT "/%" PRId64, incident));
    struct err err = buf_check(&detail);
    if (err.kind == ERR_NONE)
        err = share_propose(db, actor, "incident.share", subject, buf_slice(&detail), why, arena, proposal);
    buf_free(&detail);
    return err;
}

struct err case_across_do_share(struct work *work, slice subject, slice detail)
{
    struct incident row;
    int64_t number;
    slice why = json_text(json_get(detail, S("why")), work->arena);
    bool observables = json_kind(json_get(detail, S("observables"))) == JSON_TRUE;
    TRY(desk_fact_subject(work->arena, CASE_SUBJECT, subject, &number));
    /* Who proposed it sees it all (whole_get). */
    TRY(case_incident_reach(work->db, work->actor, number, work->arena, &row));
    TRY(store_shared_put(work, number, observables, why));
    const struct desk_fact facts[] = {
            {"parties", json_text(json_get(detail, S("parties")), work->arena)}, {"why", why}};
    return desk_fact_tell(
            work, "incident.shared", CASE_SUBJECT, number, work->actor->organisation, facts, COUNT_OF(facts));
}

struct err case_across_end(struct work *work, int64_t incident, slice why)
{
    struct incident row;
    bool second; /* what only narrows waits for nobody */
    TRY(store_right_check(work->actor, VERB_SHARE_INCIDENTS, 0, work->arena, &second));
    TRY(whole_get(work->db, work->actor, incident, work->arena, &row));
    TRY(store_text_check(work->arena, "why it is shared no more", why, STORE_TEXT_MAX));
    TRY(store_shared_end(work, incident));
    return desk_fact_tell(work, "incident.share-ended", CASE_SUBJECT, incident, work->actor->organisation,
            (struct desk_fact[]){{"why", why}}, 1);
}

static bool is_exercise(const struct incident *incident)
{
    return slice_find_slice(incident->flags, S(WEIGH_TAG_EXERCISE)) < incident->flags.len;
}

struct err case_across_preview(struct db *db, const struct actor *actor, int64_t incident, bool observables,
        struct arena *arena, struct share_supposed **rows, size_t *count)
{
    struct incident row;
    struct across_parts parts;
    bool second;
    TRY(store_right_check(actor, VERB_SHARE_INCIDENTS, 0, arena, &second));
    TRY(whole_get(db, actor, incident, arena, &row));
    TRY(across_write(db, &row, observables, clock_now_us(), arena, &parts));
    struct share_supposed *made = arena_new(arena, struct share_supposed, parts.count + 1);
    for (size_t i = 0; i < parts.count; i++) {
        const struct across_part *part = &parts.rows[i];
        made[i] = (struct share_supposed){.object = {.id = part->id,
                                                  .type = part->type,
                                                  .spec_version = S("2.1"),
                                                  .version = part->version,
                                                  .created_by = part->created_by,
                                                  .bytes = part->bytes},
                .part = {.id = part->id, .incident = row.identity, .audience = part->audience},
                .exercise = is_exercise(&row)};
    }
    *rows = made;
    *count = parts.count;
    return OK;
}

/* ---- What changed ---- */

static struct err import_follow(struct work *work, slice subject)
{
    int64_t import, partner;
    TRY(desk_fact_subject(work->arena, "import", subject, &import));
    TRY(store_claim_partner(work->db, import, &partner));
    return partner == 0 ? OK : across_read(work, import, partner);
}

static struct err row_follow(void *context, struct work *work, const struct journal_row *row)
{
    struct task task;
    int64_t number;
    (void)context;
    if (slice_eq(row->act, S("import.done")))
        return import_follow(work, row->subject);
    if (!slice_starts(row->subject, S(CASE_TASK_SUBJECT "/"))) {
        TRY(desk_fact_subject(work->arena, CASE_SUBJECT, row->subject, &number));
        return store_shared_due(work, number);
    }
    TRY(desk_fact_subject(work->arena, CASE_TASK_SUBJECT, row->subject, &number));
    TRY(store_task_get(work->db, number, work->arena, &task));
    return store_shared_due(work, task.incident);
}

static const char *const acts[] = {"import.done", "incident.triaged", "incident.opened", "incident.contained",
        "incident.recovered", "incident.closed", "incident.published", "incident.not-one", "incident.duplicate",
        "incident.transferred", "incident.changed", "incident.merged", "incident.time", "incident.class",
        "incident.marking", "incident.party", "incident.observable", "incident.impact", "incident.scale",
        "incident.entry", "incident.opinion", "incident.entry-withdrawn", "task.given", "task.to-do", "task.doing",
        "task.waiting", "task.done", "task.cancelled", "task.agreed", "task.changed", NULL};

struct follower case_across_follower(void)
{
    return (struct follower){.name = "@across", .row = row_follow, .acts = acts};
}

/* ---- Making the objects ---- */

struct making {
    struct incident_shared shared;
    struct incident incident;
    struct across_parts parts;
    const char *why; /* nothing could be made of it; NULL: it could */
};

/* In the work that makes them seen: who gets them, and that two persons let them go. */
static struct err making_finish(void *context, struct work *work, int64_t import)
{
    const struct making *making = context;
    int64_t source;
    bool changed;
    (void)import;
    TRY(store_source_find(work->db, S(CASE_ACROSS_SOURCE), &source));
    for (size_t i = 0; i < making->parts.count; i++) {
        const struct across_part *made = &making->parts.rows[i];
        const struct incident_part part = {
                .source = source, .id = made->id, .incident = making->incident.identity, .audience = made->audience};
        if (!made->fresh)
            continue;
        TRY(store_part_put(work, &part));
        TRY(store_tag_put(work, source, made->id, S(WEIGH_TAG_INCIDENT), &changed));
        if (is_exercise(&making->incident))
            TRY(store_tag_put(work, source, made->id, S(WEIGH_TAG_EXERCISE), &changed));
    }
    return store_shared_done(work, making->shared.incident, making->shared.due, &changed);
}

static struct err done(struct work *work, void *context)
{
    const struct making *making = context;
    bool changed;
    TRY(store_shared_done(work, making->shared.incident, making->shared.due, &changed));
    return making->why == NULL
                   ? OK
                   : desk_fact_tell(work, "incident.share-failed", CASE_SUBJECT, making->shared.incident,
                             work->actor->organisation, (struct desk_fact[]){{"why", slice_of(making->why)}}, 1);
}

static size_t bundle_write(const struct across_parts *parts, struct buf *text)
{
    const struct uuid uuid = uuid_v4();
    size_t count = 0;
    buf_put(text, S("{\"type\":\"bundle\",\"id\":\"bundle--"));
    uuid_write(text, &uuid);
    buf_put(text, S("\",\"objects\":["));
    for (size_t i = 0; i < parts->count; i++) {
        if (!parts->rows[i].fresh)
            continue;
        buf_put(text, count++ > 0 ? S(",") : S(""));
        buf_put(text, parts->rows[i].bytes);
    }
    buf_put(text, S("]}"));
    return count;
}

/* What is not valid would be our own mistake: then nothing of it goes. */
static struct err bundle_take(
        struct db *db, const struct actor *actor, struct making *making, slice text, struct arena *arena)
{
    struct intel_report report;
    const struct intel_ingest ingest = {.source = S(CASE_ACROSS_SOURCE),
            .kind = S("desk"),
            .name = slice_of(arena_printf(arena, CASE_SUBJECT "/%" PRId64, making->incident.number)),
            .form = "stix",
            .finish = making_finish,
            .watch = {.context = making}};
    return intel_ingest_text(db, actor, &ingest, text, arena, &report);
}

static struct err make(struct db *db, const struct actor *actor, struct making *making, struct arena *arena)
{
    struct buf text = buf_make(BUNDLE_MAX);
    int64_t now_us;
    TRY(store_now_us(db, &now_us));
    TRY(store_incident_get(db, making->shared.incident, arena, &making->incident));
    TRY(across_write(db, &making->incident, making->shared.observables, now_us, arena, &making->parts));
    size_t fresh = bundle_write(&making->parts, &text);
    struct err err = buf_check(&text);
    if (err.kind == ERR_NONE)
        err = fresh == 0 ? store_work(db, actor, arena, done, making)
                         : bundle_take(db, actor, making, buf_slice(&text), arena);
    buf_free(&text);
    return err;
}

struct err case_across_step(struct db *db, const struct actor *actor, struct arena *arena, bool *did)
{
    struct making making = {.why = NULL};
    TRY(store_shared_next(db, arena, &making.shared, did));
    struct err err = *did ? make(db, actor, &making, arena) : OK;
    if (err.kind != ERR_LIMIT && err.kind != ERR_INPUT)
        return err;
    making.why = err.why; /* one that cannot be made keeps no other back; the next change tries again */
    return store_work(db, actor, arena, done, &making);
}
