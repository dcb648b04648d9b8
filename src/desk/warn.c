/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/warn.h"

#include <inttypes.h>

#include "base/arena.h"
#include "desk/life.h"
#include "desk/tell.h"
#include "store/met.h"
#include "store/notice.h"

#define FACT_PLACE "desk.warn" /* "BATCH MET": all that came before was looked at */
#define PIECE_MAX 150      /* rows of met in one work: a warning is up to five rows of the journal (WORK_NEWS_MAX) */
#define LOOKED_AT_ONCE 100 /* warnings that are looked at again in one work */

/* ---- One row of what was met ---- */

struct folding {
    const struct desk_warner *warner;
    struct work *work;
    struct desk_deciding *deciding;
    struct desk_telling telling; /* what is to be told when the piece is done */
};

static enum severity worse(enum severity one, enum severity other)
{
    return one > other ? one : other;
}

/* What it tells of, counted anew: rows of met grow, and so does what a warning says. */
static struct err gather(struct folding *folding, struct warning *row)
{
    struct met *rows;
    size_t count;
    row->events = 0;
    for (int64_t after = 0;; after = rows[count - 1].number) {
        TRY(store_met_of_warning(
                folding->work->db, row->number, after, STORE_PAGE_MAX, folding->work->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            row->events += rows[i].events;
            row->first_us = rows[i].first_us < row->first_us ? rows[i].first_us : row->first_us;
            row->last_us = rows[i].last_us > row->last_us ? rows[i].last_us : row->last_us;
            row->severity = worse(row->severity, rows[i].severity);
        }
        if (count < STORE_PAGE_MAX)
            return OK;
    }
}

/* What was decided of one that is drafted. */
static struct err turn(struct folding *folding, struct warning *row, const struct desk_decision *decision)
{
    row->does = decision->does;
    row->marking = decision->marking;
    row->consent = decision->consent;
    if (decision->verdict == DESK_GOES) {
        TRY(desk_warning_turn(folding->work, row, WARNING_APPROVED, decision->why));
        desk_telling_add(&folding->telling, row, folding->work->arena);
        return OK;
    }
    bool same = slice_eq(row->held, decision->why);
    row->held = decision->why;
    TRY(store_warning_change(folding->work, row));
    return same ? OK : store_warning_step(folding->work, row->number, WARNING_DRAFTED, decision->why);
}

/*
 * Another source says the same of what they were told of: the notice that told of it tells of this, too, and how they
 * answered it holds for this. Nothing is sent.
 */
static struct err join(struct folding *folding, struct warning *row, const struct warning *told)
{
    struct notice *notices;
    size_t count;
    const char *why = arena_printf(folding->work->arena, "told with warning %" PRId64, told->number);
    TRY(store_notice_of_warning(folding->work->db, told->number, 0, 1, folding->work->arena, &notices, &count));
    for (size_t i = 0; i < count; i++)
        TRY(store_notice_also(folding->work, notices[i].number, row->number));
    row->told_us = told->told_us;
    row->told = told->told;
    row->due_us = told->due_us;
    TRY(desk_warning_turn(folding->work, row, WARNING_APPROVED, slice_of(why)));
    return told->state == WARNING_APPROVED ? OK : desk_warning_turn(folding->work, row, told->state, slice_of(why));
}

/* Whether they were told of just this already, and of nothing less bad. */
static struct err told_find(struct folding *folding, const struct met *met, struct warning *told, bool *found)
{
    *found = false;
    if (!slice_eq(met->cause_kind, S(CAUSE_INDICATOR)))
        return OK;
    struct err err = store_warning_same_values(
            folding->work->db, met->organisation, met->class, met->number, folding->work->arena, told);
    *found = err.kind == ERR_NONE && told->told >= met->severity;
    return err.kind == ERR_MISSING ? OK : err;
}

static struct err draft(struct folding *folding, const struct met *met, const struct warning *last)
{
    struct warning row = {.organisation = met->organisation,
            .cause_kind = met->cause_kind,
            .cause = met->cause,
            .class = met->class,
            .severity = met->severity,
            .held = S(""),
            .marking = S(""),
            .first_us = met->first_us,
            .last_us = met->last_us,
            .events = met->events,
            .due_us = TIME_NONE,
            .told_us = TIME_NONE,
            .chase_us = TIME_NONE,
            .sector_us = TIME_NONE,
            .sector_why = S("")};
    struct desk_decision decision;
    struct warning told;
    bool found = false;
    TRY(desk_decide(folding->deciding, &row, met->number, last, false, &decision));
    if (decision.verdict == DESK_NOTHING)
        return OK;
    row.does = decision.does;
    row.marking = decision.marking;
    row.held = decision.verdict == DESK_GOES ? S("") : decision.why;
    TRY(store_warning_add(folding->work, &row, &row.number));
    TRY(store_met_warned(folding->work, met->number, row.number));
    TRY(store_warning_step(folding->work, row.number, WARNING_DRAFTED, row.held));
    TRY(desk_warning_news(folding->work, "warning.drafted", &row, row.held));
    if (decision.verdict == DESK_GOES)
        TRY(told_find(folding, met, &told, &found));
    return found ? join(folding, &row, &told) : turn(folding, &row, &decision);
}

/* It was told and got worse, or waits for a digest and became urgent: it is told (again). */
static bool is_to_be_told(const struct warning *row, enum severity before)
{
    if (row->severity <= before || row->state == WARNING_DRAFTED)
        return false;
    return row->told_us != TIME_NONE ? row->severity > row->told : row->severity == SEVERITY_CRITICAL;
}

static struct err grow(struct folding *folding, const struct met *met, int64_t warning)
{
    struct warning row;
    struct desk_decision decision;
    TRY(store_met_warned(folding->work, met->number, warning));
    TRY(store_warning_keep(folding->work, warning, &row));
    enum severity before = row.severity;
    TRY(gather(folding, &row));
    TRY(store_warning_change(folding->work, &row));
    if (row.state == WARNING_DRAFTED && row.severity > before) {
        TRY(desk_decide(folding->deciding, &row, met->number, NULL, false, &decision));
        return decision.verdict == DESK_NOTHING ? OK : turn(folding, &row, &decision);
    }
    if (!is_to_be_told(&row, before))
        return OK;
    TRY(store_warning_step(folding->work, row.number, row.state, S("it got worse")));
    desk_telling_add(&folding->telling, &row, folding->work->arena);
    return OK;
}

/* What came before somebody said that it was over belongs to what they spoke of. */
static bool is_of(const struct warning *last, const struct met *met)
{
    return warning_is_open(last) || (last->number == met->warning && met->last_us <= last->changed_us);
}

static struct err met_fold(struct folding *folding, const struct met *met)
{
    struct warning last;
    if (met->organisation == 0)
        return OK;
    struct err err = store_warning_last(
            folding->work->db, met->organisation, met->cause_kind, met->cause, met->class, folding->work->arena, &last);
    if (err.kind == ERR_MISSING)
        return draft(folding, met, NULL);
    TRY(err);
    return is_of(&last, met) ? grow(folding, met, last.number) : draft(folding, met, &last);
}

static struct err folding_open(struct folding *folding)
{
    return desk_deciding_open(folding->work->db, &folding->warner->noise, folding->work->arena, &folding->deciding);
}

/* ---- Batches ---- */

struct place {
    int64_t batch, met;
};

static struct err place_get(struct db *db, struct arena *arena, struct place *place)
{
    slice text;
    uint64_t batch, met;
    *place = (struct place){.batch = 1};
    TRY(store_fact_get(db, S(FACT_PLACE), arena, &text));
    size_t blank = slice_find(text, ' ');
    if (blank < text.len && slice_u64(slice_part(text, 0, blank), INT64_MAX, &batch) &&
            slice_u64(slice_from(text, blank + 1), INT64_MAX, &met))
        *place = (struct place){(int64_t)batch, (int64_t)met};
    return OK;
}

static struct err place_put(struct work *work, const struct place *place)
{
    const char *text = arena_printf(work->arena, "%" PRId64 " %" PRId64, place->batch, place->met);
    return store_fact_put(work->db, S(FACT_PLACE), slice_of(text));
}

/* Numbers of batches are given in the order in which they are kept: behind the last there is none yet. */
static struct err place_next(struct work *work, size_t most, struct place *place, struct met **rows, size_t *count)
{
    int64_t last;
    TRY(store_number_last(work->db, "batch", &last));
    for (*count = 0; place->batch <= last; *place = (struct place){.batch = place->batch + 1}) {
        TRY(store_met_of_batch(work->db, place->batch, place->met, most, work->arena, rows, count));
        if (*count > 0)
            return OK;
    }
    return OK;
}

struct piece {
    const struct desk_warner *warner;
    size_t most, count;
    const char *why; /* the first row cannot be done, and is passed over; NULL: it is done */
};

/* Nothing is left out in silence: who is on duty reads it in the journal. */
static struct err pass_over(struct work *work, const struct met *met, const char *why)
{
    slice subject = slice_of(arena_printf(work->arena, "met/%" PRId64, met->number));
    return store_work_news(work, "warning.failed", subject, store_work_reason(work->arena, slice_of(why)));
}

static struct err piece_fold(struct folding *folding, const struct piece *piece, const struct met *rows, size_t count)
{
    if (piece->why != NULL)
        return pass_over(folding->work, &rows[0], piece->why);
    for (size_t i = 0; i < count; i++)
        TRY(met_fold(folding, &rows[i]));
    return desk_tell(folding->work, &folding->telling, &folding->warner->day, false);
}

static struct err piece_do(struct work *work, void *context)
{
    struct piece *piece = context;
    struct folding folding = {.warner = piece->warner, .work = work};
    struct place place;
    struct met *rows;
    TRY(place_get(work->db, work->arena, &place));
    TRY(place_next(work, piece->most, &place, &rows, &piece->count));
    if (piece->count > 0) {
        TRY(folding_open(&folding));
        struct err err = piece_fold(&folding, piece, rows, piece->count);
        desk_deciding_close(folding.deciding);
        TRY(err);
        place.met = rows[piece->count - 1].number;
    }
    return place_put(work, &place);
}

/* Whether there is anything at all, without a work. */
static struct err is_behind(struct db *db, struct arena *arena, bool *behind)
{
    struct place place;
    struct met *rows;
    int64_t last;
    size_t count;
    TRY(place_get(db, arena, &place));
    TRY(store_number_last(db, "batch", &last));
    *behind = place.batch < last;
    if (place.batch != last)
        return OK;
    TRY(store_met_of_batch(db, place.batch, place.met, 1, arena, &rows, &count));
    *behind = count > 0;
    return OK;
}

/* What the machine or a link refused goes well another time. */
static bool is_of_row(struct err err)
{
    return err.kind != ERR_NONE && err.kind != ERR_SYSTEM && err.kind != ERR_REMOTE;
}

static struct err batches_some(
        const struct desk_warner *warner, struct db *db, const struct actor *actor, struct arena *arena, size_t *did)
{
    struct piece piece = {.warner = warner, .most = PIECE_MAX};
    bool behind;
    *did = 0;
    TRY(is_behind(db, arena, &behind));
    if (!behind)
        return OK;
    struct err err = store_work(db, actor, arena, piece_do, &piece);
    if (is_of_row(err)) { /* one by one, until it is alone; then it is passed over */
        piece.most = 1;
        err = store_work(db, actor, arena, piece_do, &piece);
    }
    if (is_of_row(err)) {
        piece.why = arena_cstr(arena, slice_of(err.why));
        err = store_work(db, actor, arena, piece_do, &piece);
    }
    *did = piece.count;
    return err;
}

/* ---- Causes that changed ---- */

struct looking {
    struct folding folding;
    struct desk_telling corrections;
};

/* Whether another warning that they were told, and that still holds, tells of all that this one did. */
static struct err is_still_said(struct work *work, const struct warning *row, bool *said)
{
    struct met *rows;
    struct warning other;
    size_t count;
    TRY(store_met_of_warning(work->db, row->number, 0, STORE_PAGE_MAX, work->arena, &rows, &count));
    *said = count > 0 && slice_eq(row->cause_kind, S(CAUSE_INDICATOR));
    for (size_t i = 0; i < count && *said; i++) {
        struct err err =
                store_warning_same_values(work->db, row->organisation, row->class, rows[i].number, work->arena, &other);
        if (err.kind != ERR_MISSING)
            TRY(err);
        *said = err.kind == ERR_NONE;
    }
    return OK;
}

/* Its cause is over: whoever was told hears of it, unless another source still says the same. */
static struct err take_back(struct looking *looking, struct warning *row, slice why)
{
    bool said = false;
    TRY(desk_warning_turn(looking->folding.work, row, WARNING_WITHDRAWN, why));
    if (row->told_us != TIME_NONE)
        TRY(is_still_said(looking->folding.work, row, &said));
    if (row->told_us != TIME_NONE && !said)
        desk_telling_add(&looking->corrections, row, looking->folding.work->arena);
    return OK;
}

static struct err look_again(struct looking *looking, int64_t number)
{
    struct work *work = looking->folding.work;
    struct desk_decision decision;
    struct warning row;
    TRY(store_warning_keep(work, number, &row));
    TRY(desk_decide(looking->folding.deciding, &row, 0, NULL, row.state != WARNING_DRAFTED, &decision));
    if (decision.verdict == DESK_NOTHING)
        return row.state == WARNING_WITHDRAWN ? OK : take_back(looking, &row, decision.why);
    if (decision.verdict == DESK_STAYS && row.state == WARNING_APPROVED && row.told_us == TIME_NONE) {
        row.held = decision.why;
        row.consent = decision.consent;
        return desk_warning_turn(work, &row, WARNING_DRAFTED, decision.why);
    }
    /* What a person held stays held; what waited for a consent goes on as if it were new. */
    return row.consent ? turn(&looking->folding, &row, &decision) : OK;
}

static struct err note_look(struct looking *looking, struct warning_note *note, size_t *count)
{
    struct work *work = looking->folding.work;
    struct warning *rows;
    TRY(store_warning_noted(work->db, note, LOOKED_AT_ONCE, work->arena, &rows, count));
    for (size_t i = 0; i < *count; i++)
        TRY(look_again(looking, rows[i].number));
    TRY(desk_correct(work, &looking->corrections));
    TRY(desk_tell(work, &looking->folding.telling, &looking->folding.warner->day, false));
    if (*count < LOOKED_AT_ONCE)
        return store_warning_note_done(work, note->number);
    note->cause = rows[*count - 1].cause;
    note->warning = rows[*count - 1].number;
    return store_warning_note_move(work, note);
}

struct looked {
    const struct desk_warner *warner;
    size_t count;
};

static struct err note_do(struct work *work, void *context)
{
    struct looked *looked = context;
    struct looking looking = {.folding = {.warner = looked->warner, .work = work}};
    struct warning_note note;
    TRY(store_warning_note_next(work->db, work->arena, &note));
    TRY(folding_open(&looking.folding));
    struct err err = note_look(&looking, &note, &looked->count);
    desk_deciding_close(looking.folding.deciding);
    return err;
}

/* The oldest note, or a piece of it. *did: 0: there is none. */
static struct err notes_some(
        const struct desk_warner *warner, struct db *db, const struct actor *actor, struct arena *arena, size_t *did)
{
    struct looked looked = {.warner = warner};
    struct warning_note note;
    struct err err = store_warning_note_next(db, arena, &note);
    *did = 0;
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    TRY(store_work(db, actor, arena, note_do, &looked));
    *did = looked.count + 1;
    return OK;
}

/* ---- Both, in turn ---- */

struct err desk_warn_some(
        const struct desk_warner *warner, struct db *db, const struct actor *actor, struct arena *arena, size_t *did)
{
    size_t folded, looked;
    TRY(batches_some(warner, db, actor, arena, &folded));
    TRY(notes_some(warner, db, actor, arena, &looked));
    *did = folded + looked;
    return OK;
}

static const struct {
    const char *act;
    enum warning_noted what;
    const char *prefix; /* of the subject, before what is noted; NULL: nothing of it is */
} news[] = {
        {"import.done", WARNING_OF_IMPORT, "import/"},
        {"import.undone", WARNING_OF_IMPORT, "import/"},
        {"intel.judged", WARNING_OF_CAUSE, ""},
        {"intel.unjudged", WARNING_OF_CAUSE, ""},
        {"consent.answered", WARNING_OF_CONSENT, NULL},
        {"release.consent", WARNING_OF_CONSENT, NULL},
        {"consent.withdrawn", WARNING_UNTOLD, NULL},
};
static const char *const acts[] = {"import.done", "import.undone", "intel.judged", "intel.unjudged", "consent.answered",
        "release.consent", "consent.withdrawn", NULL};

/* What an import brought or a person said may be about very many warnings: here it is only noted. */
static struct err news_do(void *context, struct work *work, const struct journal_row *row)
{
    (void)context;
    for (size_t i = 0; i < COUNT_OF(news); i++)
        if (slice_eq(row->act, slice_of(news[i].act))) {
            slice subject = news[i].prefix == NULL ? S("") : slice_from(row->subject, strlen(news[i].prefix));
            return store_warning_note(work, news[i].what, subject);
        }
    return OK;
}

struct follower desk_follower(struct desk_warner *warner)
{
    return (struct follower){.name = "warn", .context = warner, .row = news_do, .acts = acts};
}
