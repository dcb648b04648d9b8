/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An incident, whole: for who works on it and who may read all incidents. A party's people get their part of it: their
 * tasks, what was written for their eyes, and a place to answer.
 */
#include "web/incident.h"

#include "base/arena.h"
#include "case/lesson.h"
#include "case/risk.h"
#include "store/organisation.h"
#include "web/page.h"
#include "web/pages.h"

/* ---- Facts ---- */

static void write_flags(struct incident_page *page)
{
    struct ask *ask = page->ask;
    const struct incident *row = page->row;
    page_flag(ask, S("vital"), row->vital);
    page_flag(ask, S("personal_data"), row->personal_data);
    page_flag(ask, S("exercise"), slice_find_slice(row->flags, S("exercise")) < row->flags.len);
    json_write_key_text(&ask->json, S("determination"), row->determination);
    json_write_key_text(&ask->json, S("sector"), row->sector);
    json_write_key_text(&ask->json, S("identity"), row->identity);
    json_write_key(&ask->json, S("same_as"));
    if (row->same_as == 0)
        json_write_null(&ask->json);
    else
        json_write_u64(&ask->json, (uint64_t)row->same_as);
}

/* Classes of assets that it hit. */
static void write_assets(struct incident_page *page)
{
    struct ask *ask = page->ask;
    slice rest = page->row->assets, word;
    json_write_key(&ask->json, S("assets"));
    json_write_array(&ask->json);
    while (slice_next(&rest, ' ', &word))
        if (word.len > 0)
            worked_choice(ask, word, case_risk_asset_text(word, ask->language), true);
    json_write_end(&ask->json);
}

static void write_times(struct incident_page *page)
{
    struct ask *ask = page->ask;
    json_write_key(&ask->json, S("times"));
    json_write_array(&ask->json);
    for (enum incident_when i = 0; i < INCIDENT_WHENS; i++) {
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("what"), slice_of(store_incident_when_name(i)));
        json_write_key_text(&ask->json, S("what_text"), worked_when_text(ask, i));
        page_moment(ask, S("at"), page->row->at[i]);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

/* States to which a way leads; the closing of a critical one waits for a second person. */
static void write_ways(struct incident_page *page)
{
    static const unsigned by_others = 1u << INCIDENT_DUPLICATE | 1u << INCIDENT_PUBLISHED;
    struct ask *ask = page->ask;
    unsigned ways = case_incident_ways(page->row->state) & ~by_others;
    json_write_key(&ask->json, S("ways"));
    json_write_array(&ask->json);
    for (enum incident_state i = 0; i < INCIDENT_STATES; i++)
        if (page->may && (ways >> i & 1) != 0)
            worked_choice(ask, slice_of(store_incident_state_name(i)), worked_state_text(ask, i), false);
    json_write_end(&ask->json);
    page_flag(ask, S("closes_by_two"), page->row->criticality >= CASE_CRITICAL_AT);
}

/* ---- Its lesson ---- */

/* The latest that who asks sees, and whether another may begin. */
static struct err write_lesson(struct incident_page *page)
{
    struct ask *ask = page->ask;
    struct lesson row;
    bool sees = false, closed = page->row->state == INCIDENT_CLOSED || page->row->state == INCIDENT_PUBLISHED;
    struct err err = store_lesson_of(ask->db, page->row->number, ask->arena, &row);
    if (err.kind == ERR_NONE)
        err = case_lesson_sees(ask->db, &ask->who.actor, &row, ask->arena, &sees);
    else if (err.kind == ERR_MISSING)
        err = OK;
    json_write_key(&ask->json, S("lesson"));
    if (sees)
        json_write_i64(&ask->json, row.number);
    else
        json_write_null(&ask->json);
    page_flag(ask, S("may_draft"), page->may && closed && (!sees || row.state == LESSON_SHARED));
    return err;
}

/* ---- All of it ---- */

static struct err write_whole(struct incident_page *page)
{
    static struct err (*const parts[])(struct incident_page * page) = {incident_history, incident_parties,
            incident_customers, incident_proposed, incident_reports, incident_seen, incident_costs, incident_links,
            incident_runs, incident_tasks, incident_duties, incident_evidence, incident_waiting, incident_timeline,
            incident_audiences, incident_fields};
    struct ask *ask = page->ask;
    TRY(warned_organisation(ask, &page->names, S("home"), page->row->home));
    page_flag(ask, S("is_ours"), page->row->home == page->own);
    page_flag(ask, S("may_work"), page->may);
    page_flag(ask, S("may_write"), page->may_write);
    incident_opinions(page);
    page_flag(ask, S("may_facts"), page->row->home == page->own && warned_may(ask, VERB_CASE_FACTS, 0));
    page_flag(ask, S("may_widen"), page->row->home == page->own && warned_may(ask, VERB_RELEASE, 0));
    write_flags(page);
    write_assets(page);
    write_times(page);
    write_ways(page);
    worked_zone(ask);
    TRY(write_lesson(page));
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        TRY(parts[i](page));
    return OK;
}

/* ---- A party's part ---- */

static struct err write_part(struct incident_page *page)
{
    struct ask *ask = page->ask;
    page_flag(ask, S("may_answer"), page->may_write);
    incident_opinions(page);
    TRY(incident_parties(page));
    TRY(incident_tasks(page));
    return incident_timeline(page);
}

/* ---- The page ---- */

struct err web_incident(struct ask *ask)
{
    struct incident row;
    struct incident_page page = {.ask = ask, .row = &row};
    int64_t number;
    bool all;
    TRY(worked_need(ask, &all));
    TRY(ask_part_number(ask, 0, &number));
    TRY(worked_incident(ask, number, &row, &page.sight));
    TRY(store_organisation_own(ask->db, &page.own));
    page.may = row.home == page.own && worked_may(ask);
    page.abouts = case_abouts(ask->db, &row, ask->arena);
    page.writer = page.sight == CASE_ALL ? page.own : ask->who.actor.organisation;
    page.may_write =
            page.sight == CASE_ALL ? worked_may(ask) : warned_may(ask, VERB_TASKS, ask->who.actor.organisation);
    page.outside = outside_begin(ask, OUTSIDE_PAGE);
    TRY(worked_row(&page.outside, &row, page.sight));
    page_flag(ask, S("whole"), page.sight == CASE_ALL);
    return page.sight == CASE_ALL ? write_whole(&page) : write_part(&page);
}
