/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before an incident is shared: what each party that is a partner would see of it, byte for byte, and by which rule the
 * rest stays. Then the form by which one person proposes it, and another agrees under Approvals; or by which it ends.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "case/across.h"
#include "store/part.h"
#include "web/leaving.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"
#include "web/worked.h"

#define PARTIES 3        /* of a page */
#define OBJECTS_SHOWN 15 /* of a party; `incident share --preview` prints all */
#define BYTES_SHOWN 800  /* of an object */
#define BYTES_PAGE (9u << 10)

/* ---- Which is it ---- */

static struct err incident_get(struct ask *ask, struct incident *row)
{
    int64_t number;
    bool all;
    TRY(worked_need(ask, &all));
    TRY(ask_part_number(ask, 0, &number));
    return worked_whole(ask, number, row);
}

/* ---- What each would see ---- */

struct showing {
    struct ask *ask;
    struct outside outside, bytes;
    const struct incident *row;
    const struct share_supposed *parts;
    size_t part_count;
};

/* A party sees it, and so does the partner whose incident it is. */
static struct err sees(struct showing *showing, int64_t organisation, bool *is)
{
    *is = showing->row->home == organisation;
    return *is ? OK : store_party_is(showing->ask->db, showing->row->number, organisation, PARTY_SEEING, is);
}

static struct err party_write(struct showing *showing, const struct partner *partner)
{
    struct ask *ask = showing->ask;
    const struct share_preview_of of = {
            .partner = partner->number, .supposed = showing->parts, .supposed_count = showing->part_count};
    struct leaving leaving = {.outside = showing->outside,
            .bytes = showing->bytes,
            .bytes_most = BYTES_SHOWN,
            .shown_most = OBJECTS_SHOWN};
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)partner->number);
    outside_write(&showing->outside, S("name"), partner->name, OUTSIDE_NAME);
    TRY(leaving_write(&leaving, &of));
    json_write_end(&ask->json);
    showing->outside = leaving.outside;
    showing->bytes = leaving.bytes;
    return OK;
}

static struct err parties_write(struct showing *showing)
{
    struct ask *ask = showing->ask;
    struct partner *partners;
    size_t count, parties = 0;
    uint64_t from;
    TRY(ask_number(ask, S("from"), INT64_MAX, 0, &from));
    TRY(store_partner_all(ask->db, clock_now_us(), ask->arena, &partners, &count));
    json_write_key(&ask->json, S("parties"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count && showing->part_count > 0; i++) {
        bool is;
        TRY(sees(showing, partners[i].organisation, &is));
        if (is && parties++ >= from && parties <= from + PARTIES)
            TRY(party_write(showing, &partners[i]));
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_party"), parties > 0);
    page_more(ask, parties > from + PARTIES ? (int64_t)from + PARTIES : 0);
    return OK;
}

/* As it is asked for; otherwise as it is shared now. */
static bool with_observables(const struct ask *ask, const struct incident_shared *shared)
{
    slice asked = ask_query(ask, S("observables"));
    if (ask->request->method == HTTP_POST)
        asked = slice_eq(ask_form(ask, S("observables")), S("yes")) ? S("yes") : S("no");
    return asked.len == 0 ? shared->observables : slice_eq(asked, S("yes"));
}

static struct err preview_write(struct ask *ask, const struct incident *row, const struct incident_shared *shared)
{
    bool observables = with_observables(ask, shared);
    struct showing showing = {.ask = ask,
            .outside = outside_begin(ask, OUTSIDE_PAGE),
            .bytes = outside_begin(ask, BYTES_PAGE),
            .row = row};
    struct share_supposed *parts = NULL;
    struct err err = case_across_preview(
            ask->db, &ask->who.actor, row->number, observables, ask->arena, &parts, &showing.part_count);
    if (err.kind != ERR_NONE && err.kind != ERR_DENIED)
        return err;
    showing.parts = parts;
    page_flag(ask, S("may_share"), err.kind == ERR_NONE);
    page_why_not(ask, VERB_SHARE_INCIDENTS, 0);
    page_flag(ask, S("observables"), observables);
    page_flag(ask, S("any_part"), showing.part_count > 0);
    return parties_write(&showing);
}

/* ---- The page ---- */

static struct err shared_write(struct ask *ask, int64_t incident, struct incident_shared *shared)
{
    struct outside outside = outside_begin(ask, 4 * OUTSIDE_LINE);
    struct err err = store_shared_get(ask->db, incident, ask->arena, shared);
    json_write_key(&ask->json, S("shared"));
    if (err.kind == ERR_MISSING) {
        json_write_null(&ask->json);
        return OK;
    }
    TRY(err);
    json_write_object(&ask->json);
    page_moment(ask, S("since"), shared->since_us);
    page_flag(ask, S("observables"), shared->observables);
    outside_write(&outside, S("actor"), shared->actor, OUTSIDE_NAME);
    outside_write_value(&outside, S("why"), shared->why, OUTSIDE_LINE);
    json_write_end(&ask->json);
    return OK;
}

struct err web_incident_share(struct ask *ask)
{
    struct incident_shared shared = {.observables = false};
    struct incident row;
    TRY(incident_get(ask, &row));
    page_title(ask, ask_text(ask, W("What each party would see")));
    json_write_key_u64(&ask->json, S("incident"), (uint64_t)row.number);
    TRY(shared_write(ask, row.number, &shared));
    return preview_write(ask, &row, &shared);
}

/* ---- The form ---- */

struct ending {
    int64_t incident;
    slice why;
};

static struct err end(struct work *work, void *context)
{
    const struct ending *ending = context;
    return case_across_end(work, ending->incident, ending->why);
}

struct err web_incident_share_do(struct ask *ask)
{
    struct share_proposal proposal = {.done = true};
    struct ending ending;
    struct incident row;
    TRY(incident_get(ask, &row));
    ending.incident = row.number;
    struct err err = shared_reason(ask, &ending.why);
    if (err.kind == ERR_NONE && slice_eq(ask_form(ask, S("act")), S("end")))
        err = store_work(ask->db, &ask->who.actor, ask->arena, end, &ending);
    else if (err.kind == ERR_NONE)
        err = case_across_share(ask->db, &ask->who.actor, row.number,
                slice_eq(ask_form(ask, S("observables")), S("yes")), ending.why, ask->arena, &proposal);
    const struct shared_form form = {
            outside_path(ask, "/incidents/", row.number, "/share"), "saved", "reason", &proposal, web_incident_share};
    return shared_end(ask, &form, err);
}
