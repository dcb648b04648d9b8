/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who supplies an organisation and whom it supplies, and the form by which that is said or ends. Only who reads all
 * organisations is shown any of it: who else buys from the same is no customer's business.
 */
#include "web/supply.h"

#include "base/arena.h"
#include "base/clock.h"
#include "desk/supply.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"
#include "web/warned.h"

#define ROWS 20 /* of a list */

struct listing {
    struct outside outside;
    struct warned_names names;
    int64_t organisation;
};

static struct err row_write(struct listing *listing, const struct supply *row, int64_t other)
{
    struct ask *ask = listing->outside.ask;
    json_write_object(&ask->json);
    TRY(warned_organisation(ask, &listing->names, S("organisation"), other));
    outside_write_value(&listing->outside, S("what"), row->what, OUTSIDE_NAME);
    page_moment(ask, S("since"), row->since_us);
    json_write_end(&ask->json);
    return OK;
}

/* Behind whom it goes on, by the number of the other organisation. */
static struct err list_write(struct listing *listing, const char *name, bool suppliers)
{
    struct ask *ask = listing->outside.ask;
    struct supply *rows;
    int64_t last = 0;
    uint64_t after;
    size_t count;
    TRY(ask_number(ask, slice_of(name), INT64_MAX, 0, &after));
    TRY(suppliers ? store_supply_suppliers(
                            ask->db, listing->organisation, (int64_t)after, ROWS, ask->arena, &rows, &count)
                  : store_supply_customers(ask->db, listing->organisation, clock_now_us(), (int64_t)after, ROWS,
                            ask->arena, &rows, &count));
    json_write_key(&ask->json, slice_of(name));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        last = suppliers ? rows[i].supplier : rows[i].customer;
        TRY(row_write(listing, &rows[i], last));
    }
    json_write_end(&ask->json);
    json_write_key(&ask->json, slice_of(arena_printf(ask->arena, "%s_more", name)));
    if (count < ROWS)
        json_write_null(&ask->json);
    else
        json_write_text(&ask->json, slice_of(arena_printf(ask->arena, "/organisations/%lld?%s=%lld#%s",
                                            (long long)listing->organisation, name, (long long)last, name)));
    return OK;
}

struct err supply_write(struct ask *ask, const struct organisation *organisation)
{
    struct listing listing = {.outside = outside_begin(ask, OUTSIDE_PAGE / 2), .organisation = organisation->number};
    bool sees = warned_may(ask, VERB_READ_ORGANISATIONS, 0);
    page_flag(ask, S("sees_supply"), sees);
    if (!sees)
        return OK;
    page_flag(ask, S("may_supply"), organisation->state != ORGANISATION_CLOSED && outside_may(ask, VERB_CHANGE_ASSETS));
    TRY(list_write(&listing, "suppliers", true));
    return list_write(&listing, "customers", false);
}

/* ---- The form ---- */

struct supply_typed {
    int64_t supplier, customer;
    slice what;
};

static struct err typed(struct ask *ask, int64_t organisation, struct supply_typed *typed)
{
    slice way = ask_form(ask, S("way")), other = slice_trim(ask_form(ask, S("other")));
    int64_t number;
    bool by = slice_eq(way, S("by"));
    if (!by && !slice_eq(way, S("to")))
        return err_make(ERR_INPUT, W_C("which way? by or to"));
    if (other.len == 0)
        return err_make(ERR_INPUT, W_C("which organisation?"));
    TRY(store_organisation_find(ask->db, other, &number));
    *typed = (struct supply_typed){
            by ? number : organisation, by ? organisation : number, slice_trim(ask_form(ask, S("what")))};
    return OK;
}

struct err web_organisation_supply(struct ask *ask)
{
    struct shared_form form = {.done = "saved", .field = "other", .page = web_organisation};
    struct supply_typed put;
    int64_t number;
    TRY(ask_part_number(ask, 0, &number));
    TRY(warned_need(ask, VERB_READ_ORGANISATIONS));
    form.path = outside_path(ask, "/organisations/", number, "");
    struct err err = typed(ask, number, &put);
    if (err.kind == ERR_NONE && slice_eq(ask_form(ask, S("act")), S("end")))
        err = desk_supply_end(ask->db, &ask->who.actor, put.supplier, put.customer, ask->arena);
    else if (err.kind == ERR_NONE)
        err = desk_supply_put(ask->db, &ask->who.actor, put.supplier, put.customer, put.what, ask->arena);
    return shared_end(ask, &form, err);
}
