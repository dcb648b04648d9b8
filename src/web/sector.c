/* SPDX-License-Identifier: Apache-2.0 */
/* The form by which a team or ministry is named the team of a sector, on its page; or is it no longer. */
#include "desk/sector.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"

struct err web_sector_team(struct ask *ask)
{
    struct share_proposal proposal = {.done = true};
    struct shared_form form = {.done = "saved", .field = "sector", .proposal = &proposal, .page = web_organisation};
    slice sector = slice_trim(ask_form(ask, S("sector"))), reason;
    int64_t number;
    TRY(ask_part_number(ask, 0, &number));
    form.path = outside_path(ask, "/organisations/", number, "");
    struct err err = shared_reason(ask, &reason);
    if (err.kind == ERR_NONE && sector.len == 0)
        err = desk_sector_end(ask->db, &ask->who.actor, number, reason, ask->arena);
    else if (err.kind == ERR_NONE)
        err = desk_sector_propose(ask->db, &ask->who.actor, number, sector, reason, ask->arena, &proposal);
    return shared_end(ask, &form, err);
}
