/* SPDX-License-Identifier: Apache-2.0 */
/* What people of ours decide of a warning. */
#include <inttypes.h>

#include "base/arena.h"
#include "desk/decide.h"
#include "desk/life.h"
#include "desk/tell.h"
#include "json/read.h"

static slice subject_of(int64_t warning, struct arena *arena)
{
    return slice_of(arena_printf(arena, DESK_SUBJECT "%" PRId64, warning));
}

static struct err subject_keep(struct work *work, slice subject, struct warning *row)
{
    uint64_t number;
    if (!slice_starts(subject, S(DESK_SUBJECT)) ||
            !slice_u64(slice_from(subject, strlen(DESK_SUBJECT)), INT64_MAX, &number))
        return err_make(ERR_INPUT, "an approval does not name the warning that it is about");
    return store_warning_keep(work, (int64_t)number, row);
}

static slice reason_of(struct work *work, slice detail)
{
    return json_text(json_get(detail, S("reason")), work->arena);
}

static struct err propose(struct db *db, const struct actor *actor, const char *act, int64_t warning, slice reason,
        struct arena *arena, struct share_proposal *proposal)
{
    struct warning row;
    bool second;
    TRY(store_text_check(arena, "reason", reason, STORE_TEXT_MAX));
    TRY(store_right_check(actor, VERB_WARN, 0, arena, &second));
    TRY(store_warning_get(db, warning, arena, &row));
    return share_propose(
            db, actor, act, subject_of(warning, arena), store_work_reason(arena, reason), reason, arena, proposal);
}

/* ---- Approving ---- */

struct err desk_warning_approve(struct db *db, const struct actor *actor, int64_t warning, slice reason,
        struct arena *arena, struct share_proposal *proposal)
{
    return propose(db, actor, "warning.approve", warning, reason, arena, proposal);
}

/* A person lets out what was doubted; nobody can let out what its marking forbids. */
static struct err marking_check(struct work *work, struct desk_deciding *deciding, struct warning *row)
{
    struct desk_decision decision;
    TRY(desk_decide(deciding, row, 0, NULL, true, &decision));
    if (decision.verdict != DESK_GOES)
        return err_format(work->arena, ERR_DENIED, "warning %" PRId64 " cannot go out: %.*s", row->number,
                (int)decision.why.len, decision.why.ptr);
    row->marking = decision.marking;
    return OK;
}

struct err desk_warning_approve_run(struct work *work, slice subject, slice detail)
{
    static const struct desk_day day = {0};
    struct desk_telling telling = {0};
    struct desk_deciding *deciding;
    struct warning row;
    TRY(subject_keep(work, subject, &row));
    TRY(desk_deciding_open(work->db, NULL, work->arena, &deciding));
    struct err err = marking_check(work, deciding, &row);
    desk_deciding_close(deciding);
    TRY(err);
    if (row.state == WARNING_APPROVED)
        return err_format(work->arena, ERR_CONFLICT, "warning %" PRId64 " is approved already", row.number);
    TRY(desk_warning_turn(work, &row, WARNING_APPROVED, reason_of(work, detail)));
    desk_telling_add(&telling, &row, work->arena);
    TRY(desk_tell(work, &telling, &day, true));
    if (telling.rows[0].held.len > 0)
        return err_format(work->arena, ERR_CONFLICT, "warning %" PRId64 ": %.*s", row.number,
                (int)telling.rows[0].held.len, telling.rows[0].held.ptr);
    return OK;
}

/* ---- Withdrawing ---- */

struct err desk_warning_withdraw(struct db *db, const struct actor *actor, int64_t warning, slice reason,
        struct arena *arena, struct share_proposal *proposal)
{
    return propose(db, actor, "warning.withdraw", warning, reason, arena, proposal);
}

struct err desk_warning_withdraw_run(struct work *work, slice subject, slice detail)
{
    struct desk_telling corrections = {0};
    struct warning row;
    TRY(subject_keep(work, subject, &row));
    if (row.state == WARNING_WITHDRAWN)
        return err_format(work->arena, ERR_CONFLICT, "warning %" PRId64 " is withdrawn already", row.number);
    TRY(desk_warning_turn(work, &row, WARNING_WITHDRAWN, reason_of(work, detail)));
    if (row.told_us != TIME_NONE)
        desk_telling_add(&corrections, &row, work->arena);
    return desk_correct(work, &corrections);
}

/* ---- Holding ---- */

struct holding {
    int64_t warning;
    slice reason;
};

static struct err hold(struct work *work, void *context)
{
    const struct holding *holding = context;
    struct warning row;
    TRY(store_warning_keep(work, holding->warning, &row));
    if (row.told_us != TIME_NONE)
        return err_format(work->arena, ERR_CONFLICT,
                "warning %" PRId64 " was told already: it can be withdrawn, and they get a correction", row.number);
    row.held = slice_of(arena_printf(work->arena, "person: %.*s", (int)holding->reason.len, holding->reason.ptr));
    row.consent = false;
    if (row.state == WARNING_DRAFTED) {
        TRY(store_warning_change(work, &row));
        TRY(store_warning_step(work, row.number, WARNING_DRAFTED, row.held));
        return desk_warning_news(work, "warning.held", &row, row.held);
    }
    return desk_warning_turn(work, &row, WARNING_DRAFTED, row.held);
}

struct err desk_warning_hold(
        struct db *db, const struct actor *actor, int64_t warning, slice reason, struct arena *arena)
{
    struct holding holding = {warning, reason};
    bool second; /* who may let it out with a second person may keep it in alone */
    TRY(store_text_check(arena, "reason", reason, STORE_NAME_MAX * 4));
    TRY(store_right_check(actor, VERB_WARN, 0, arena, &second));
    return store_work(db, actor, arena, hold, &holding);
}
