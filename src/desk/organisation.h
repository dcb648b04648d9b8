/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The verbs about organisations, and what was agreed with them. Each is an act of the table of share/approve.h, since
 * some may do it only with a second person: it is done at once, or waits for one.
 */
#include "share/approve.h"
#include "store/organisation.h"
#include "store/service.h"

/* In state proposed. `put.parent` is a number. */
MUST_USE struct err desk_organisation_add(struct db *db, const struct actor *actor, const struct organisation_put *put,
        slice reason, struct arena *arena, struct share_proposal *proposal);
/* Its kind, sector, country and parent. */
MUST_USE struct err desk_organisation_change(struct db *db, const struct actor *actor, int64_t number,
        const struct organisation_put *put, slice reason, struct arena *arena, struct share_proposal *proposal);
MUST_USE struct err desk_organisation_rename(struct db *db, const struct actor *actor, int64_t number, slice name,
        int64_t from_us, slice reason, struct arena *arena, struct share_proposal *proposal);
/* Closing ends what is theirs and closes their contacts, in the same work; it is the team of no sector any more. */
MUST_USE struct err desk_organisation_state(struct db *db, const struct actor *actor, int64_t number,
        enum organisation_state state, slice reason, struct arena *arena, struct share_proposal *proposal);

/* What the acts do, as the table has it: subject "organisation/7" (of a new one "organisation"), and what was written
 * above as JSON. */
MUST_USE struct err desk_organisation_do_add(struct work *work, slice subject, slice detail);
MUST_USE struct err desk_organisation_do_change(struct work *work, slice subject, slice detail);
MUST_USE struct err desk_organisation_do_rename(struct work *work, slice subject, slice detail);
MUST_USE struct err desk_organisation_do_state(struct work *work, slice subject, slice detail);
/* The organisation as it stands: nothing is done to one that was changed since that was proposed. */
MUST_USE struct err desk_organisation_about(struct work *work, slice subject, slice detail, slice *state);

/* What was agreed to be done for them: nobody needs a second person for that. */
MUST_USE struct err desk_organisation_service(
        struct db *db, const struct actor *actor, const struct service *service, struct arena *arena);
