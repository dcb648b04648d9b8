/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was told of an incident: its reports, as who asks sees them. There may be thousands, so the list goes on behind
 * the number of a report and nobody counts them. One of a party's people never gets here: who told what is nobody's
 * business but ours.
 */
#include <inttypes.h>

#include "base/arena.h"
#include "web/incident.h"
#include "web/page.h"
#include "web/reported.h"

#define REPORTS 8 /* of a piece */

static struct err report_write(struct incident_page *page, const struct report *row)
{
    struct ask *ask = page->ask;
    json_write_object(&ask->json);
    reported_other(&page->outside, row);
    page_moment(ask, S("received"), row->received_us);
    json_write_key_text(&ask->json, S("channel"), slice_of(store_report_channel_name(row->channel)));
    json_write_key_text(&ask->json, S("channel_text"), reported_channel(ask, row->channel));
    reported_state(ask, row, CASE_ALL);
    json_write_key_text(
            &ask->json, S("form"), slice_of(outside_path(ask, "/incidents/", page->row->number, "/reports")));
    TRY(warned_organisation(ask, &page->names, S("organisation"), row->organisation));
    json_write_end(&ask->json);
    return OK;
}

/* The next piece: where this one ends, whether or not all of it is shown. */
static void more_write(struct incident_page *page, const struct report *rows, size_t count)
{
    struct ask *ask = page->ask;
    json_write_key(&ask->json, S("reports_more"));
    if (count < REPORTS)
        json_write_null(&ask->json);
    else
        json_write_text(&ask->json,
                slice_of(arena_printf(ask->arena, "/incidents/%" PRId64 "?of=reports&from=%" PRId64 "#reports",
                        page->row->number, rows[count - 1].number)));
}

struct err incident_reports(struct incident_page *page)
{
    struct ask *ask = page->ask;
    struct report *rows;
    size_t count;
    uint64_t from = 0;
    if (slice_eq(ask_query(ask, S("of")), S("reports")))
        TRY(ask_number(ask, S("from"), INT64_MAX, 0, &from));
    TRY(store_report_of_incident(ask->db, page->row->number, (int64_t)from, REPORTS, ask->arena, &rows, &count));
    more_write(page, rows, count);
    json_write_key(&ask->json, S("reports"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        enum case_sight sight;
        TRY(case_report_sees(&ask->who.actor, &rows[i], ask->arena, &sight));
        if (sight == CASE_ALL)
            TRY(report_write(page, &rows[i]));
    }
    json_write_end(&ask->json);
    return OK;
}
