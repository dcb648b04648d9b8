/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The team of a sector, which hears of those in it who answer nothing: that we wrote, when, under which reference, and
 * what we ask; never what was seen, and of which class only where the marking lets the whole community know. Which
 * organisation that is, two persons agree to beforehand, as they do to a standing rule; whether it may be told of this
 * warning, desk/decide.h says each time. What it may not be told is for a person of ours, with the reason.
 */
#include "share/approve.h"
#include "store/notice.h"
#include "store/organisation.h"
#include "store/warning.h"

/* Whether it can be the team of a sector: one that we serve, of kind team or ministry. */
bool desk_sector_may_be(const struct organisation *organisation);
/* The organisation is the team of that sector. */
MUST_USE struct err desk_sector_propose(struct db *db, const struct actor *actor, int64_t organisation, slice sector,
        slice reason, struct arena *arena, struct share_proposal *proposal);
/* It is of none any more: who may let more out with a second person may let less out alone. */
MUST_USE struct err desk_sector_end(
        struct db *db, const struct actor *actor, int64_t organisation, slice reason, struct arena *arena);
/* A row of the table of acts: "warning.sector", subject "organisation/7". */
MUST_USE struct err desk_sector_run(struct work *work, slice subject, slice detail);

/* ---- For this folder ---- */

/*
 * The team of their sector is told of those of these, all of one organisation, of which it may be: sector_us is now.
 * Of others sector_why says why not; both are empty where the sector has no team. Stores nothing of the warnings.
 */
MUST_USE struct err desk_sector_tell(struct work *work, struct warning *rows, size_t count);
/* It was told of this one, which is answered or withdrawn now: it hears of it when nothing of that notice is open. */
MUST_USE struct err desk_sector_settle(struct work *work, const struct warning *row);
/* The notice did not arrive, and nobody else is known there: a person of ours goes on. */
MUST_USE struct err desk_sector_lost(struct work *work, const struct notice *notice);
