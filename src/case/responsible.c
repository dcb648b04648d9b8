/* SPDX-License-Identifier: Apache-2.0 */
#include "case/responsible.h"

#include "base/arena.h"
#include "case/incident.h"
#include "store/organisation.h"

static const enum party_role roles[PLAN_PARTS] = {
        [PLAN_LEAD] = PARTY_LEAD, [PLAN_SUPPORT] = PARTY_SUPPORT, [PLAN_INFORMED] = PARTY_INFORMED};

static struct err who_find(struct db *db, slice who, slice sector, struct arena *arena, int64_t *organisation)
{
    struct organisation team;
    *organisation = 0;
    if (slice_eq(who, S("own")))
        return store_organisation_own(db, organisation);
    if (!slice_eq(who, S("sector-team"))) {
        struct err err = store_organisation_find(db, who, organisation);
        return err.kind == ERR_MISSING ? OK : err;
    }
    if (sector.len == 0)
        return OK;
    struct err err = store_organisation_team_of(db, sector, arena, &team);
    if (err.kind == ERR_NONE)
        *organisation = team.number;
    return err.kind == ERR_MISSING ? OK : err;
}

static struct err part_propose(struct db *db, const struct plan_responsible *row, enum plan_part part,
        const struct incident *incident, struct arena *arena, struct case_proposed *proposed)
{
    for (size_t i = 0; i < row->who_count[part]; i++) {
        struct case_responsible *one = &proposed->rows[proposed->count++];
        *one = (struct case_responsible){.role = roles[part], .who = row->who[part][i]};
        TRY(who_find(db, one->who, incident->sector, arena, &one->organisation));
        if (one->organisation != 0)
            TRY(store_party_is(db, incident->number, one->organisation, 1u << one->role, &one->is));
    }
    return OK;
}

struct err case_responsible_propose(struct db *db, const struct plan_responsibility *table,
        const struct incident *incident, struct arena *arena, struct case_proposed *proposed)
{
    const struct plan_facts facts = {.class = incident->class,
            .local_class = incident->local_class,
            .sector = incident->sector,
            .severity = slice_of(store_severity_name(incident->severity)),
            .vital = incident->vital};
    const struct plan_responsible *row = plan_responsibility_find(table, &facts);
    *proposed = (struct case_proposed){.why = S("")};
    if (row == NULL)
        return OK;
    proposed->why = slice_of(arena_printf(arena, "responsibility table %.*s, %.*s", (int)table->version.len,
            table->version.ptr, (int)row->name.len, row->name.ptr));
    proposed->rows = arena_new(arena, struct case_responsible, (size_t)PLAN_PARTS * PLAN_PART_MAX);
    for (enum plan_part part = 0; part < PLAN_PARTS; part++)
        TRY(part_propose(db, row, part, incident, arena, proposed));
    return OK;
}

struct err case_responsible_take(struct work *work, const struct plan_responsibility *table, int64_t incident)
{
    struct incident row;
    struct case_proposed proposed;
    TRY(case_incident_mine(work, incident, &row));
    TRY(case_responsible_propose(work->db, table, &row, work->arena, &proposed));
    for (size_t i = 0; i < proposed.count; i++)
        if (proposed.rows[i].organisation != 0 && !proposed.rows[i].is)
            TRY(case_party_add(work, incident, proposed.rows[i].organisation, proposed.rows[i].role, proposed.why));
    return OK;
}
