/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports that somebody of ours, or a program, takes in: six fields while the telephone is at the ear, and the same as
 * JSON. Who may tell for their own organisation only tells for that one.
 */
#include "base/arena.h"
#include "store/organisation.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/report_in.h"
#include "web/reported.h"
#include "web/shared.h"

#define NAMES_BYTES (8u << 10) /* of organisations that are offered */

static struct err write_organisations(struct ask *ask)
{
    struct outside outside = outside_begin(ask, NAMES_BYTES);
    slice *names;
    size_t count;
    TRY(store_organisation_served_names(ask->db, ask->arena, &names, &count));
    json_write_key(&ask->json, S("organisations"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count && outside.left > STORE_NAME_MAX; i++)
        json_write_text(&ask->json, outside_text(&outside, names[i], STORE_NAME_MAX, NULL));
    json_write_end(&ask->json);
    return OK;
}

/* Whoever takes calls tells for everybody. */
static struct err calls_need(const struct ask *ask)
{
    return store_right_check(&ask->who.actor, VERB_REPORT, 0, ask->arena, NULL);
}

struct err web_report_new(struct ask *ask)
{
    TRY(calls_need(ask));
    page_title(ask, ask_text(ask, W("Somebody calls")));
    json_write_key_text(&ask->json, S("zone"), slice_of(zone_name(page_zone(ask))));
    return write_organisations(ask);
}

/* By whom it is: a person of ours, or a program that tells for its organisation. */
static struct err taken(
        struct ask *ask, enum report_channel channel, struct case_report_taken *taken, const char **field)
{
    struct case_report_put put = {.channel = channel};
    TRY(report_in_read(ask, channel, &put, field));
    return report_in_take(ask, &ask->who.actor, &put, taken, field);
}

struct err web_report_new_take(struct ask *ask)
{
    struct case_report_taken row = {0};
    struct shared_form form = {.done = "reported", .page = web_report_new};
    TRY(calls_need(ask));
    struct err err = taken(ask, REPORT_BY_PHONE, &row, &form.field);
    if (err.kind == ERR_NONE)
        form.path = outside_path(ask, "/reports/", row.report, "");
    return shared_end(ask, &form, err);
}

struct err web_report_take(struct ask *ask)
{
    struct case_report_taken row = {0};
    const char *field = NULL;
    struct err err = report_in_json(ask);
    if (err.kind == ERR_NONE)
        err = taken(ask, REPORT_BY_API, &row, &field);
    if (err.kind != ERR_NONE) {
        TRY(page_again(ask, field, err));
        return OK;
    }
    json_write_key_u64(&ask->json, S("number"), (uint64_t)row.report);
    json_write_key_text(&ask->json, S("reference"), row.reference);
    json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/reports/", row.report, "")));
    page_flag(ask, S("receipt"), row.receipt == NULL);
    page_flag(ask, S("refused"), row.advice.len > 0);
    json_write_key_text(&ask->json, S("advice"), row.advice);
    http_reply_header(ask->reply, S("Location"), slice_of(outside_path(ask, "/reports/", row.report, "")));
    ask->status = 201;
    return OK;
}
