/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/organisation.h"

#include "base/arena.h"
#include "base/clock.h"
#include "desk/fact.h"
#include "store/asset.h"
#include "store/contact.h"
#include "store/supply.h"
#include "json/read.h"
#include "json/write.h"

#define SUBJECT "organisation"

/* ---- What is proposed, as JSON ---- */

static slice subject_of(int64_t number, struct arena *arena)
{
    return slice_of(arena_printf(arena, SUBJECT "/%lld", (long long)number));
}

struct proposing {
    struct db *db;
    const struct actor *actor;
    const char *act;
    slice subject, reason;
};

static struct err propose(
        const struct proposing *proposing, struct buf *detail, struct arena *arena, struct share_proposal *proposal)
{
    struct err err = buf_check(detail);
    if (err.kind == ERR_NONE)
        err = share_propose(proposing->db, proposing->actor, proposing->act, proposing->subject, buf_slice(detail),
                proposing->reason, arena, proposal);
    buf_free(detail);
    return err;
}

static void put_write(struct json_writer *w, const struct organisation_put *put)
{
    json_write_key_text(w, S("kind"), put->kind);
    json_write_key_text(w, S("sector"), put->sector);
    json_write_key_text(w, S("country"), put->country);
    json_write_key(w, S("parent"));
    json_write_i64(w, put->parent);
}

struct err desk_organisation_add(struct db *db, const struct actor *actor, const struct organisation_put *put,
        slice reason, struct arena *arena, struct share_proposal *proposal)
{
    const struct proposing proposing = {db, actor, "organisation.add", S(SUBJECT), reason};
    struct buf detail = buf_make(APPROVAL_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_text(&w, S("name"), put->name);
    json_write_key_text(&w, S("relation"), slice_of(store_relation_name(put->relation)));
    put_write(&w, put);
    json_write_end(&w);
    return propose(&proposing, &detail, arena, proposal);
}

struct err desk_organisation_change(struct db *db, const struct actor *actor, int64_t number,
        const struct organisation_put *put, slice reason, struct arena *arena, struct share_proposal *proposal)
{
    const struct proposing proposing = {db, actor, "organisation.change", subject_of(number, arena), reason};
    struct buf detail = buf_make(APPROVAL_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    put_write(&w, put);
    json_write_end(&w);
    return propose(&proposing, &detail, arena, proposal);
}

struct err desk_organisation_rename(struct db *db, const struct actor *actor, int64_t number, slice name,
        int64_t from_us, slice reason, struct arena *arena, struct share_proposal *proposal)
{
    const struct proposing proposing = {db, actor, "organisation.rename", subject_of(number, arena), reason};
    struct buf detail = buf_make(APPROVAL_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_text(&w, S("name"), name);
    json_write_key(&w, S("from"));
    json_write_time(&w, from_us);
    json_write_end(&w);
    return propose(&proposing, &detail, arena, proposal);
}

struct err desk_organisation_state(struct db *db, const struct actor *actor, int64_t number,
        enum organisation_state state, slice reason, struct arena *arena, struct share_proposal *proposal)
{
    const struct proposing proposing = {db, actor, "organisation.state", subject_of(number, arena), reason};
    struct buf detail = buf_make(APPROVAL_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_text(&w, S("state"), slice_of(store_organisation_state_name(state)));
    json_write_key_text(&w, S("reason"), reason);
    json_write_end(&w);
    return propose(&proposing, &detail, arena, proposal);
}

/* ---- What is done ---- */

static slice text(slice detail, slice key, struct arena *arena)
{
    return json_text(json_get(detail, key), arena);
}

/* A parent that is not said is none. */
static struct err put_read(slice detail, struct arena *arena, struct organisation_put *put)
{
    slice parent = json_get(detail, S("parent"));
    *put = (struct organisation_put){.name = text(detail, S("name"), arena),
            .kind = text(detail, S("kind"), arena),
            .sector = text(detail, S("sector"), arena),
            .country = text(detail, S("country"), arena),
            .relation = RELATION_CONSTITUENT};
    return parent.len == 0 || json_i64(parent, &put->parent)
                   ? OK
                   : err_make(ERR_INPUT, "\"parent\" is the number of an organisation, or 0");
}

static struct err tell(struct work *work, const char *act, int64_t number, slice reason)
{
    struct organisation row;
    TRY(store_organisation_get(work->db, number, work->arena, &row));
    const struct desk_fact facts[] = {{"name", row.name}, {"kind", row.kind}, {"sector", row.sector},
            {"state", slice_of(store_organisation_state_name(row.state))}, {"reason", reason}};
    return desk_fact_tell(work, act, SUBJECT, number, number, facts, COUNT_OF(facts));
}

struct err desk_organisation_do_add(struct work *work, slice subject, slice detail)
{
    struct organisation_put put;
    int64_t number;
    (void)subject;
    TRY(put_read(detail, work->arena, &put));
    slice relation = text(detail, S("relation"), work->arena);
    if (!store_relation_find(relation, &put.relation) || put.relation == RELATION_OWN)
        return err_make(ERR_INPUT, "\"relation\" is constituent, partner or other");
    TRY(store_organisation_add(work, &put, &number));
    return tell(work, "organisation.added", number, S(""));
}

/* The organisation, if it is one whose name and state are ours to say: the own one goes by its keys, and a partner by
 * what was agreed with it (share/partner.h). */
static struct err named(struct work *work, slice subject, struct organisation *row)
{
    int64_t number;
    TRY(desk_fact_subject(work->arena, SUBJECT, subject, &number));
    TRY(store_organisation_get(work->db, number, work->arena, row));
    return row->relation == RELATION_CONSTITUENT || row->relation == RELATION_OTHER
                   ? OK
                   : err_format(work->arena, ERR_CONFLICT, "%.*s is no constituent: it is changed by other commands",
                             (int)row->name.len, row->name.ptr);
}

struct err desk_organisation_about(struct work *work, slice subject, slice detail, slice *state)
{
    struct organisation row;
    (void)detail;
    TRY(named(work, subject, &row));
    *state = slice_of(
            arena_printf(work->arena, "%s %lld %.*s\n%.*s\n%.*s\n%.*s", store_organisation_state_name(row.state),
                    (long long)row.parent, (int)row.name.len, row.name.ptr, (int)row.kind.len, row.kind.ptr,
                    (int)row.sector.len, row.sector.ptr, (int)row.country.len, row.country.ptr));
    return OK;
}

struct err desk_organisation_do_change(struct work *work, slice subject, slice detail)
{
    struct organisation_put put;
    struct organisation row;
    TRY(named(work, subject, &row));
    TRY(put_read(detail, work->arena, &put));
    TRY(store_organisation_change(work, row.number, &put));
    return tell(work, "organisation.changed", row.number, S(""));
}

struct err desk_organisation_do_rename(struct work *work, slice subject, slice detail)
{
    struct organisation row;
    int64_t from_us;
    TRY(named(work, subject, &row));
    if (!time_parse_strict(text(detail, S("from"), work->arena), &from_us))
        return err_make(ERR_INPUT, "\"from\" is a moment as RFC 3339 has it");
    TRY(store_organisation_rename(work, row.number, text(detail, S("name"), work->arena), from_us));
    return tell(work, "organisation.renamed", row.number, S(""));
}

struct err desk_organisation_do_state(struct work *work, slice subject, slice detail)
{
    enum organisation_state state;
    struct organisation row;
    uint64_t count;
    TRY(named(work, subject, &row));
    if (!store_organisation_state_find(text(detail, S("state"), work->arena), &state))
        return err_make(ERR_INPUT, "\"state\" is active, suspended or closed");
    TRY(store_organisation_state(work, row.number, state));
    slice reason = text(detail, S("reason"), work->arena);
    if (state != ORGANISATION_CLOSED)
        return tell(work, "organisation.moved", row.number, reason);
    TRY(store_organisation_team(work, row.number, S("")));
    TRY(store_asset_end_all(work, row.number, work->now_us, &count));
    TRY(store_contact_close_all(work, row.number, &count));
    TRY(store_supply_end_all(work, row.number));
    return tell(work, "organisation.closed", row.number, reason);
}

/* ---- What was agreed with them ---- */

static struct err serve(struct work *work, void *context)
{
    const struct service *service = context;
    struct organisation row;
    TRY(store_right_check(work->actor, VERB_CHANGE_ASSETS, service->organisation, work->arena, NULL));
    TRY(store_organisation_get(work->db, service->organisation, work->arena, &row));
    TRY(store_service_put(work, service));
    const struct desk_fact facts[] = {
            {"name", row.name},
            {"memory_days", slice_of(arena_printf(work->arena, "%lld", (long long)service->memory_days))},
    };
    return desk_fact_tell(
            work, "service.changed", SUBJECT, service->organisation, service->organisation, facts, COUNT_OF(facts));
}

struct err desk_organisation_service(
        struct db *db, const struct actor *actor, const struct service *service, struct arena *arena)
{
    struct service copy = *service;
    return desk_fact_kept(store_work(db, actor, arena, serve, &copy), arena);
}
