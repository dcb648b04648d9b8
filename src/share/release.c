/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes to whom: one step at a time, each a work of its own, so that whatever dies loses nothing and does nothing
 * twice. Deciding is weigh.c's; what becomes of a decision is in
 * release_put.c.
 */
#include "share/release_parts.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/arena.h"
#include "share/consent.h"
#include "share/recall.h"
#include "store/follower.h"
#include "store/incident.h"
#include "store/ledger.h"
#include "store/part.h"
#include "store/released.h"
#include "store/withheld.h"

#define ARENA_BYTES ((size_t)1 << 30)
#define DUES_MAX 64       /* notes that take turns */
#define NOTES_AT_ONCE 200 /* rows of the journal before the next batch */
#define BATCH_BYTES (64u << 20)
#define PAUSE_US 500000
#define LOOK_US (5 * SECOND_US)

const struct share_release_options share_release_usual = {
        .window_us = DAY_US, .ask_us = 14 * DAY_US, .recall_max = 100, .encrypted = true};

/* ---- Notes ---- */

/* Decided by when it is: what these keep back is decided anew every hour, and when partners or agreements change. */
static const char *const timed[] = {"agreement", "embargo", "policy", "recipient"};

static struct err rules_note(struct work *work, const char *const *rules, size_t count)
{
    struct side *sides;
    size_t side_count;
    slice own;
    struct err err = share_own_node(work->db, work->arena, &own);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    TRY(store_side_list(work->db, own, work->arena, &sides, &side_count));
    for (size_t i = 0; i < side_count; i++)
        for (size_t j = 0; j < count; j++) {
            bool any;
            TRY(store_withheld_any(work->db, sides[i].partner, slice_of(rules[j]), &any));
            if (any)
                TRY(store_due_add(work, DUE_RULE, sides[i].partner, slice_of(rules[j])));
        }
    return OK;
}

static struct err timed_note(struct work *work, const struct journal_row *row)
{
    (void)row;
    return rules_note(work, timed, COUNT_OF(timed));
}

/* Who is in a group is a fact of every decision: nothing of before holds. */
static struct err groups_note(struct work *work, const struct journal_row *row)
{
    (void)row;
    return store_progress_void(work);
}

static slice number_of(slice subject, slice before)
{
    return slice_starts(subject, before) ? slice_from(subject, before.len) : S("0");
}

static struct err import_note(struct work *work, const struct journal_row *row)
{
    return store_due_add(work, DUE_IMPORT, 0, number_of(row->subject, S("import/")));
}

static struct err undone_note(struct work *work, const struct journal_row *row)
{
    return store_due_add(work, DUE_UNDONE, 0, number_of(row->subject, S("import/")));
}

static struct err id_note(struct work *work, const struct journal_row *row)
{
    return store_due_add(work, DUE_ID, 0, row->subject);
}

static struct err ended_note(struct work *work, const struct journal_row *row)
{
    return store_due_add(work, DUE_ENDED, 0, number_of(row->subject, S("agreement/")));
}

/* Who has to do with an incident is a fact of the decisions about its parts. */
static struct err parts_note(struct work *work, const struct journal_row *row)
{
    struct incident incident;
    struct incident_part *parts, last = {.id = S("")};
    size_t count = STORE_PAGE_MAX;
    uint64_t number = 0;
    if (!slice_u64(number_of(row->subject, S("incident/")), INT64_MAX, &number))
        return OK;
    TRY(store_incident_get(work->db, (int64_t)number, work->arena, &incident));
    while (count == STORE_PAGE_MAX) {
        TRY(store_part_list(
                work->db, incident.identity, last.source, last.id, STORE_PAGE_MAX, work->arena, &parts, &count));
        for (size_t i = 0; i < count; i++)
            TRY(store_due_add(work, DUE_ID, 0, parts[i].id));
        if (count > 0)
            last = parts[count - 1];
    }
    return OK;
}

/* An act that ends in a point stands for all that begin with it. */
static const struct {
    const char *act;
    struct err (*note)(struct work *work, const struct journal_row *row);
} notes[] = {
        {"import.done", import_note},
        {"import.undone", undone_note},
        {"intel.judged", id_note},
        {"intel.unjudged", id_note},
        {"intel.tagged", id_note},
        {"intel.untagged", id_note},
        {"agreement.ended", ended_note},
        {"agreement.", timed_note},
        {"partner.", timed_note},
        {"group.", groups_note},
        {"incident.party", parts_note},
        {"incident.party-ended", parts_note},
        {"incident.share-ended", parts_note},
};

static struct err row_note(void *context, struct work *work, const struct journal_row *row)
{
    (void)context;
    for (size_t i = 0; i < COUNT_OF(notes); i++) {
        slice act = slice_of(notes[i].act);
        if (slice_ends(act, S(".")) ? slice_starts(row->act, act) : slice_eq(row->act, act))
            return notes[i].note(work, row);
    }
    return OK;
}

static const struct follower follower = {.name = "release", .row = row_note};

/* ---- Notes, a batch at a time ---- */

struct doing {
    struct share_releaser *releaser;
    struct due due;
    struct share_side *side; /* of an agreement whose generation changed */
};

static slice due_subject(const struct due *due, struct arena *arena)
{
    return slice_of(arena_printf(arena, "due/%" PRId64, due->number));
}

/* What partners sent is known to them: what waited for that. */
static struct err inbound_note(struct work *work, const struct object *objects, size_t count)
{
    struct side *sides;
    size_t side_count;
    slice own;
    TRY(share_own_node(work->db, work->arena, &own));
    TRY(store_side_list(work->db, own, work->arena, &sides, &side_count));
    for (size_t i = 0; i < side_count; i++)
        for (size_t j = 0; j < count; j++) {
            bool awaited = false;
            if (objects[j].source == sides[i].source)
                TRY(store_withheld_is_awaited(work->db, sides[i].partner, objects[j].id, &awaited));
            if (awaited)
                TRY(store_due_add(work, DUE_WAITS, sides[i].partner, objects[j].id));
        }
    return OK;
}

/* Objects of an import behind due.at; moves the note on, or takes it away at the end. */
static struct err import_page(struct doing *doing, struct work *work, bool undone, struct object **rows, size_t *count)
{
    struct object_filter filter = {.all_versions = undone, .unseen = undone};
    struct object_place place = {.after = doing->due.at};
    uint64_t import = 0;
    *count = 0;
    if (slice_u64(doing->due.subject, INT64_MAX, &import) && import > 0) {
        filter.import = (int64_t)import;
        TRY(store_object_page(work->db, &filter, &place, WEIGH_OBJECTS_MAX, work->arena, rows, count));
    }
    return import == 0 || place.end || *count == 0 ? store_due_done(work, doing->due.number)
                                                   : store_due_move(work, doing->due.number, place.after);
}

static struct err import_do(struct doing *doing, struct work *work)
{
    struct object *rows = NULL;
    size_t count = 0;
    TRY(import_page(doing, work, false, &rows, &count));
    TRY(inbound_note(work, rows, count));
    return share_release_decide(doing->releaser, work, 0, rows, count, due_subject(&doing->due, work->arena));
}

/* Of each object that is not seen any more: who had it is asked to stop, and an earlier version counts again. */
static struct err undone_do(struct doing *doing, struct work *work)
{
    struct object *rows = NULL, object;
    size_t count = 0, kept = 0;
    TRY(import_page(doing, work, true, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(share_recall_object(work, rows[i].number, SHARE_RECALL_WITHDRAWN));
        struct err err = store_object_newest(work->db, rows[i].source, rows[i].id, work->arena, &object);
        if (err.kind == ERR_MISSING)
            continue;
        TRY(err);
        rows[kept++] = object;
    }
    return share_release_decide(doing->releaser, work, 0, rows, kept, due_subject(&doing->due, work->arena));
}

static struct err id_do(struct doing *doing, struct work *work)
{
    struct object *rows;
    int64_t *sources;
    size_t count, versions, kept = 0;
    TRY(store_due_done(work, doing->due.number));
    TRY(store_object_sources(work->db, doing->due.subject, work->arena, &sources, &count, &versions));
    rows = arena_new(work->arena, struct object, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct err err = store_object_newest(work->db, sources[i], doing->due.subject, work->arena, &rows[kept]);
        if (err.kind == ERR_MISSING)
            continue;
        TRY(err);
        kept++;
    }
    return share_release_decide(doing->releaser, work, 0, rows, kept, doing->due.subject);
}

struct numbered {
    struct object *rows;
    size_t count, bytes;
    int64_t *gone; /* of which nothing is seen any more */
    size_t gone_count;
};

static bool is_in(const struct numbered *all, int64_t number)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->rows[i].number == number)
            return true;
    return false;
}

/* What counts of its source and id, instead of an earlier version. */
static struct err object_add(struct work *work, struct numbered *all, int64_t number)
{
    struct object *row = &all->rows[all->count];
    struct err err = store_object_get(work->db, number, work->arena, row);
    if (err.kind == ERR_NONE && !row->newest)
        err = store_object_newest(work->db, row->source, row->id, work->arena, row);
    if (err.kind == ERR_MISSING) {
        all->gone[all->gone_count++] = number;
        return OK;
    }
    TRY(err);
    if (!is_in(all, row->number)) {
        all->bytes += row->bytes.len;
        all->count++;
    }
    return OK;
}

/* Objects by number, at most BATCH_BYTES of them; *took: how many of the numbers that were. */
static struct err objects_get(
        struct work *work, const int64_t *numbers, size_t count, struct numbered *all, size_t *took)
{
    *all = (struct numbered){.rows = arena_new(work->arena, struct object, count + 1),
            .gone = arena_new(work->arena, int64_t, count + 1)};
    for (*took = 0; *took < count && all->bytes < BATCH_BYTES; (*took)++)
        TRY(object_add(work, all, numbers[*took]));
    return OK;
}

static struct err numbers_do(struct doing *doing, struct work *work, const int64_t *numbers, size_t count)
{
    struct numbered all;
    size_t took;
    TRY(objects_get(work, numbers, count, &all, &took));
    if (count < WEIGH_OBJECTS_MAX && took == count)
        TRY(store_due_done(work, doing->due.number));
    else
        TRY(store_due_move(work, doing->due.number, numbers[took - 1]));
    return share_release_decide(
            doing->releaser, work, doing->due.partner, all.rows, all.count, due_subject(&doing->due, work->arena));
}

static struct err rule_do(struct doing *doing, struct work *work)
{
    struct withheld *rows;
    size_t count;
    TRY(store_withheld_list(work->db, doing->due.partner, doing->due.subject, doing->due.at, WEIGH_OBJECTS_MAX,
            work->arena, &rows, &count));
    int64_t *numbers = arena_new(work->arena, int64_t, count + 1);
    for (size_t i = 0; i < count; i++)
        numbers[i] = rows[i].object;
    return numbers_do(doing, work, numbers, count);
}

static struct err waits_do(struct doing *doing, struct work *work)
{
    int64_t *numbers;
    size_t count;
    TRY(store_withheld_waits(work->db, doing->due.partner, doing->due.subject, doing->due.at, WEIGH_OBJECTS_MAX,
            work->arena, &numbers, &count));
    if (count < WEIGH_OBJECTS_MAX)
        TRY(store_withheld_met(work, doing->due.partner, doing->due.subject));
    return numbers_do(doing, work, numbers, count);
}

/* It is cut already: nothing but the list of what is recalled is served any more. */
static struct err ended_do(struct doing *doing, struct work *work)
{
    uint64_t agreement;
    int64_t last_us, after_us = doing->due.at == 0 ? INT64_MIN : doing->due.at;
    if (!slice_u64(doing->due.subject, INT64_MAX, &agreement))
        return store_due_done(work, doing->due.number);
    TRY(share_recall_ended(work, (int64_t)agreement, after_us, &last_us));
    return last_us == PROGRESS_ALL ? store_due_done(work, doing->due.number)
                                   : store_due_move(work, doing->due.number, last_us);
}

static struct err due_do(struct work *work, void *context)
{
    static struct err (*const all[DUE_WHATS])(struct doing * doing, struct work * work) = {
            [DUE_IMPORT] = import_do,
            [DUE_UNDONE] = undone_do,
            [DUE_ID] = id_do,
            [DUE_RULE] = rule_do,
            [DUE_WAITS] = waits_do,
            [DUE_ENDED] = ended_do,
    };
    struct doing *doing = context;
    return all[doing->due.what](doing, work);
}

/* ---- A new generation ---- */

static struct err progress_begin(struct work *work, const struct share_side *side, struct release_progress *progress)
{
    int64_t last;
    TRY(store_number_last(work->db, "object", &last));
    *progress = (struct release_progress){.agreement = side->row.agreement,
            .generation = side->row.generation,
            .decided_us = INT64_MIN,
            .until_object = last,
            .begun_us = work->now_us,
            .done_us = TIME_NONE};
    return store_progress_put(work, progress);
}

/* Of what is not seen any more nothing is served. */
static struct err gone_close(struct work *work, const struct numbered *all, const struct released *rows, size_t count)
{
    for (size_t i = 0; i < all->gone_count; i++)
        for (size_t j = 0; j < count; j++)
            if (rows[j].object == all->gone[i])
                TRY(store_released_close(work, &rows[j], 1));
    return OK;
}

/*
 * Rows of before, in the order of their moments: what may still be served, is from here on. Of what has a later version
 * that is decided, and takes the rows of earlier ones along if it must not be there any more (rows_close).
 */
static struct err rows_redecide(struct doing *doing, struct work *work, struct release_progress *progress)
{
    const struct side *side = &doing->side->row;
    struct released *rows;
    struct numbered all;
    size_t count, took;
    TRY(store_released_list(
            work->db, side->agreement, progress->decided_us, WEIGH_OBJECTS_MAX, work->arena, &rows, &count));
    int64_t *numbers = arena_new(work->arena, int64_t, count + 1);
    for (size_t i = 0; i < count; i++)
        numbers[i] = rows[i].object;
    TRY(objects_get(work, numbers, count, &all, &took));
    bool end = count < WEIGH_OBJECTS_MAX && took == count;
    int64_t to_us = end ? PROGRESS_ALL : rows[took - 1].added_us;
    TRY(store_released_keep(work, side->agreement, side->generation, progress->decided_us, to_us));
    TRY(gone_close(work, &all, rows, took));
    TRY(share_release_decide(doing->releaser, work, side->partner, all.rows, all.count,
            slice_of(arena_printf(work->arena, "agreement/%" PRId64, side->agreement))));
    progress->decided_us = to_us;
    return store_progress_put(work, progress);
}

static struct err objects_redecide(struct doing *doing, struct work *work, struct release_progress *progress)
{
    const struct share_side *side = doing->side;
    struct object_place place = {.after = progress->object};
    struct object *rows;
    size_t count, kept = 0;
    TRY(store_object_page(work->db, &(struct object_filter){0}, &place, WEIGH_OBJECTS_MAX, work->arena, &rows, &count));
    progress->object = place.after;
    for (size_t i = 0; i < count && rows[i].number <= progress->until_object; i++) {
        bool holds;
        TRY(store_released_holds(work->db, side->row.agreement, side->row.generation, rows[i].number, &holds));
        if (!holds)
            rows[kept++] = rows[i];
    }
    if (place.end || count == 0 || place.after >= progress->until_object)
        progress->done_us = work->now_us;
    TRY(share_release_decide(doing->releaser, work, side->row.partner, rows, kept,
            slice_of(arena_printf(work->arena, "agreement/%" PRId64, side->row.agreement))));
    return store_progress_put(work, progress);
}

static struct err generation_do(struct work *work, void *context)
{
    struct doing *doing = context;
    const struct share_side *side = doing->side;
    struct release_progress progress = {0};
    struct err err = store_progress_get(work->db, side->row.agreement, work->arena, &progress);
    if (err.kind == ERR_MISSING || progress.generation != side->row.generation)
        return progress_begin(work, side, &progress);
    TRY(err);
    return progress.decided_us != PROGRESS_ALL ? rows_redecide(doing, work, &progress)
                                               : objects_redecide(doing, work, &progress);
}

static bool is_behind(struct share_releaser *releaser, const struct share_side *side, struct err *err)
{
    struct release_progress progress = {0};
    struct err got = store_progress_get(releaser->db, side->row.agreement, releaser->arena, &progress);
    if (got.kind != ERR_NONE && got.kind != ERR_MISSING)
        *err = got;
    bool in_force = slice_eq(side->row.state, S("in-force")) && side->wrong == NULL;
    return in_force &&
           (got.kind == ERR_MISSING || progress.generation != side->row.generation || progress.done_us == TIME_NONE);
}

/* ---- Steps ---- */

static struct err definitions_renew(struct share_releaser *releaser, const struct due *due)
{
    struct object_filter filter = {.type = S("marking-definition")};
    struct object *rows;
    uint64_t import;
    size_t count = releaser->definitions_read ? 0 : 1;
    if (count == 0 && due != NULL && due->what == DUE_IMPORT && due->at == 0 &&
            slice_u64(due->subject, INT64_MAX, &import) && import > 0) {
        filter.import = (int64_t)import;
        TRY(store_object_list(releaser->db, &filter, 0, 1, releaser->arena, &rows, &count));
    }
    if (count == 0)
        return OK;
    stix_definitions_close(releaser->definitions);
    releaser->definitions = stix_definitions_open();
    releaser->definitions_read = true;
    return share_definitions_read(releaser->db, releaser->definitions);
}

/* One of the notes and agreements that there are, each in its turn. */
static struct err turn_do(struct share_releaser *releaser, bool *did)
{
    struct arena *arena = releaser->arena;
    struct doing doing = {.releaser = releaser};
    struct share_scene scene = {0};
    struct due *dues;
    size_t due_count, behind = 0;
    struct err err = share_scene_read(releaser->db, releaser->definitions, true, arena, &scene);
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    TRY(store_due_turns(releaser->db, DUES_MAX, arena, &dues, &due_count));
    struct share_side **sides = arena_new(arena, struct share_side *, scene.side_count + 1);
    err = OK;
    for (size_t i = 0; i < scene.side_count; i++)
        if (is_behind(releaser, &scene.sides[i], &err))
            sides[behind++] = &scene.sides[i];
    TRY(err);
    *did = due_count + behind > 0;
    if (!*did)
        return OK;
    size_t at = releaser->turn++ % (due_count + behind);
    doing.due = at < due_count ? dues[at] : (struct due){0};
    doing.side = at < due_count ? NULL : sides[at - due_count];
    TRY(definitions_renew(releaser, at < due_count ? &dues[at] : NULL));
    return store_work(releaser->db, &releaser->actor, arena, at < due_count ? due_do : generation_do, &doing);
}

struct timed_work {
    bool hour, window;
    uint64_t expired;
};

static struct err times_do(struct work *work, void *context)
{
    static const char *const windows[] = {"window"};
    struct timed_work *due = context;
    TRY(store_ask_expire(work, &due->expired));
    if (due->hour)
        TRY(rules_note(work, timed, COUNT_OF(timed)));
    return due->window ? rules_note(work, windows, COUNT_OF(windows)) : OK;
}

/* What time alone changes. */
static struct err times_look(struct share_releaser *releaser)
{
    int64_t now_us, window_us = releaser->options.window_us;
    TRY(store_now_us(releaser->db, &now_us));
    int64_t hour = now_us / HOUR_US, window = window_us > 0 ? now_us / window_us : 0;
    struct timed_work due = {.hour = hour != releaser->hour, .window = window != releaser->window};
    if (!due.hour && !due.window)
        return OK;
    TRY(store_work(releaser->db, &releaser->actor, releaser->arena, times_do, &due));
    releaser->hour = hour;
    releaser->window = window;
    return OK;
}

static struct err letters_do(struct work *work, void *context)
{
    struct share_releaser *releaser = context;
    TRY(share_recall_post(work, releaser->keys));
    return share_consent_post(work, releaser->keys);
}

static struct err letters_send(struct share_releaser *releaser)
{
    bool waiting;
    if (releaser->keys == NULL)
        return OK;
    TRY(store_letters_wait(releaser->db, &waiting));
    return waiting ? store_work(releaser->db, &releaser->actor, releaser->arena, letters_do, releaser) : OK;
}

static struct err step(struct share_releaser *releaser, bool *did)
{
    uint64_t noted = 0;
    *did = false;
    arena_reset(releaser->arena);
    TRY(store_follower_once(releaser->db, &follower, NOTES_AT_ONCE, releaser->arena, &noted));
    TRY(times_look(releaser));
    TRY(definitions_renew(releaser, NULL));
    TRY(turn_do(releaser, did));
    *did |= noted > 0;
    return letters_send(releaser); /* each time: who keeps us busy holds up no recall */
}

struct err share_release_some(struct share_releaser *releaser, size_t most, size_t *did)
{
    bool more = true;
    for (*did = 0; more && *did < most; *did += more)
        TRY(step(releaser, &more));
    return OK;
}

/* What may be to do though nothing was told: time has gone by. */
static bool is_late(int64_t *looked_us)
{
    bool late = clock_steady_us() - *looked_us > LOOK_US;
    *looked_us = late ? clock_steady_us() : *looked_us;
    return late;
}

void share_release_run(struct share_releaser *releaser, const atomic_bool *stop,
        void (*failed)(void *context, struct err err), void *context)
{
    int64_t looked_us = 0;
    for (bool due = true; !atomic_load(stop);) {
        bool did = false, news = false;
        struct err err = due ? step(releaser, &did) : OK;
        if (err.kind == ERR_NONE && !did)
            err = store_journal_wait(releaser->db, FOLLOWER_STOP_MS, &news);
        due = did || news || err.kind != ERR_NONE || is_late(&looked_us);
        if (err.kind != ERR_NONE && !atomic_load(stop)) {
            failed(context, err);
            usleep(PAUSE_US);
        }
    }
}

struct share_releaser *share_releaser_open(
        struct db *db, const struct share_release_options *options, const struct share_keys *keys)
{
    struct arena *arena = arena_open("release", ARENA_WORK, ARENA_BYTES);
    struct share_releaser *releaser = calloc(1, sizeof *releaser);
    *releaser = (struct share_releaser){.db = db,
            .options = *options,
            .keys = keys,
            .arena = arena,
            .definitions = stix_definitions_open(),
            .actor = {.name = S("@release"), .how = ACTOR_FOLLOWER}};
    return releaser;
}

void share_releaser_close(struct share_releaser *releaser)
{
    if (releaser == NULL)
        return;
    stix_definitions_close(releaser->definitions);
    arena_close(releaser->arena);
    free(releaser);
}
