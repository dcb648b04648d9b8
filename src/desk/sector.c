/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/sector.h"

#include "base/arena.h"
#include "desk/decide.h"
#include "desk/fact.h"
#include "desk/life.h"
#include "desk/notice.h"
#include "desk/times.h"
#include "json/read.h"
#include "json/write.h"

#define SUBJECT "organisation"

/* ---- Which team it is ---- */

/* Perpres 82/2022: a ministry leads its sector where it has no team of its own. */
bool desk_sector_may_be(const struct organisation *organisation)
{
    return organisation->relation == RELATION_CONSTITUENT &&
           (slice_eq(organisation->kind, S("team")) || slice_eq(organisation->kind, S("ministry")));
}

static struct err team_check(struct db *db, int64_t organisation, struct arena *arena, struct organisation *row)
{
    TRY(store_organisation_get(db, organisation, arena, row));
    return desk_sector_may_be(row)
                   ? OK
                   : err_format(arena, ERR_INPUT,
                             "%.*s is no team or ministry that we serve, and so cannot be the team of a sector",
                             (int)row->name.len, row->name.ptr);
}

struct err desk_sector_propose(struct db *db, const struct actor *actor, int64_t organisation, slice sector,
        slice reason, struct arena *arena, struct share_proposal *proposal)
{
    struct buf detail = buf_make(APPROVAL_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    struct organisation row;
    TRY(team_check(db, organisation, arena, &row));
    TRY(store_text_check(arena, "sector", sector, STORE_NAME_MAX));
    TRY(store_text_check(arena, "reason", reason, STORE_TEXT_MAX));
    json_write_object(&w);
    json_write_key_text(&w, S("sector"), sector);
    json_write_end(&w);
    slice text = arena_copy(arena, buf_slice(&detail));
    buf_free(&detail);
    slice subject = slice_of(arena_printf(arena, SUBJECT "/%lld", (long long)organisation));
    return share_propose(db, actor, "warning.sector", subject, text, reason, arena, proposal);
}

static struct err put(struct work *work, int64_t organisation, slice sector, slice reason)
{
    struct organisation row;
    TRY(store_organisation_get(work->db, organisation, work->arena, &row));
    if (slice_eq(row.team_of, sector))
        return err_format(work->arena, ERR_CONFLICT, "%.*s is %s already", (int)row.name.len, row.name.ptr,
                sector.len == 0 ? "the team of no sector" : "the team of that sector");
    TRY(store_organisation_team(work, organisation, sector));
    const struct desk_fact facts[] = {
            {"name", row.name}, {"sector", sector}, {"before", row.team_of}, {"reason", reason}};
    return desk_fact_tell(work, "organisation.team", SUBJECT, organisation, organisation, facts, COUNT_OF(facts));
}

struct err desk_sector_run(struct work *work, slice subject, slice detail)
{
    struct organisation row;
    int64_t number;
    TRY(desk_fact_subject(work->arena, SUBJECT, subject, &number));
    TRY(team_check(work->db, number, work->arena, &row));
    return put(work, number, json_text(json_get(detail, S("sector")), work->arena), S(""));
}

struct ending {
    int64_t organisation;
    slice reason;
};

static struct err end(struct work *work, void *context)
{
    const struct ending *ending = context;
    return put(work, ending->organisation, S(""), ending->reason);
}

struct err desk_sector_end(
        struct db *db, const struct actor *actor, int64_t organisation, slice reason, struct arena *arena)
{
    struct ending ending = {organisation, reason};
    bool second;
    TRY(store_text_check(arena, "reason", reason, STORE_TEXT_MAX));
    TRY(store_right_check(actor, VERB_WARNING_RULES, 0, arena, &second));
    return desk_fact_kept(store_work(db, actor, arena, end, &ending), arena);
}

/* ---- Telling it ---- */

/* ERR_MISSING: their sector has none, or they are it themselves. */
static struct err team_of(struct work *work, int64_t organisation, struct organisation *team)
{
    struct organisation about;
    TRY(store_organisation_get(work->db, organisation, work->arena, &about));
    TRY(store_organisation_team_of(work->db, about.sector, work->arena, team));
    return team->number == about.number ? err_make(ERR_MISSING, "it is the team of its sector itself") : OK;
}

/* Those that it may be told of come first; *allowed: how many. */
static struct err marks_ask(
        struct work *work, const struct organisation *team, struct warning *rows, size_t count, int64_t *allowed)
{
    struct desk_deciding *deciding;
    struct err err = desk_deciding_open(work->db, NULL, work->arena, &deciding);
    *allowed = 0;
    for (size_t i = 0; i < count && err.kind == ERR_NONE; i++) {
        struct desk_decision decision;
        err = desk_decide_sector(deciding, &rows[i], team, &decision);
        bool goes = err.kind == ERR_NONE && decision.verdict == DESK_GOES;
        rows[i].sector_us = goes ? work->now_us : TIME_NONE;
        rows[i].sector_why = goes || err.kind != ERR_NONE ? S("") : decision.why;
        *allowed += goes;
    }
    desk_deciding_close(deciding);
    return err;
}

static struct err notice_make(
        struct work *work, enum notice_kind kind, int64_t team, const struct warning *rows, size_t count)
{
    int64_t *numbers = arena_new(work->arena, int64_t, count + 1), notice;
    struct notice_make make = {.organisation = team,
            .about = rows[0].organisation,
            .kind = kind,
            .warnings = numbers,
            .due_us = TIME_NONE};
    for (size_t i = 0; i < count; i++)
        if (rows[i].sector_us != TIME_NONE)
            numbers[make.warning_count++] = rows[i].number;
    return desk_notice_make(work, &make, &notice);
}

struct err desk_sector_tell(struct work *work, struct warning *rows, size_t count)
{
    struct organisation team;
    int64_t allowed;
    struct err err = team_of(work, rows[0].organisation, &team);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    TRY(marks_ask(work, &team, rows, count, &allowed));
    if (allowed > 0)
        err = notice_make(work, NOTICE_OF_SECTOR, team.number, rows, count);
    if (err.kind != ERR_MISSING)
        return err;
    for (size_t i = 0; i < count; i++)
        if (rows[i].sector_us != TIME_NONE) {
            rows[i].sector_us = TIME_NONE;
            rows[i].sector_why = S("contact: nobody is known in the team of their sector who could be told");
        }
    return OK;
}

/* ---- What becomes of it ---- */

/* The notice by which their sector heard of it; ERR_MISSING. */
static struct err notice_of(struct work *work, int64_t warning, struct notice *notice)
{
    struct notice *rows;
    size_t count;
    TRY(store_notice_of_warning(work->db, warning, 0, STORE_PAGE_MAX, work->arena, &rows, &count));
    while (count > 0 && rows[count - 1].kind != NOTICE_OF_SECTOR)
        count--;
    if (count == 0)
        return err_make(ERR_MISSING, "its sector was not told of it");
    *notice = rows[count - 1];
    return OK;
}

struct err desk_sector_settle(struct work *work, const struct warning *row)
{
    struct notice notice;
    struct warning *rows;
    int64_t *numbers, open;
    size_t count;
    struct err err = notice_of(work, row->number, &notice);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    TRY(store_notice_unanswered(work->db, notice.number, &open));
    if (open > 0)
        return OK;
    TRY(store_notice_warnings(work->db, notice.number, work->arena, &numbers, &count));
    rows = arena_new(work->arena, struct warning, count);
    for (size_t i = 0; i < count; i++)
        TRY(store_warning_get(work->db, numbers[i], work->arena, &rows[i]));
    err = notice_make(work, NOTICE_OF_SETTLING, notice.organisation, rows, count);
    return err.kind == ERR_MISSING ? OK : err;
}

struct err desk_sector_lost(struct work *work, const struct notice *notice)
{
    int64_t *numbers;
    size_t count;
    TRY(store_notice_warnings(work->db, notice->number, work->arena, &numbers, &count));
    for (size_t i = 0; i < count; i++) {
        struct warning row;
        TRY(store_warning_keep(work, numbers[i], &row));
        if (row.state >= WARNING_ACKNOWLEDGED || row.sector_us == TIME_NONE)
            continue;
        row.sector_us = row.chase_us = TIME_NONE;
        row.sector_why = S("contact: what was sent to the team of their sector could not be delivered");
        row.chased = DESK_CHASES;
        TRY(store_warning_change(work, &row));
        TRY(store_warning_step(work, row.number, row.state, row.sector_why));
        TRY(desk_warning_news(work, "warning.unanswered", &row, row.sector_why));
    }
    return OK;
}
