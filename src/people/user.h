/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What is done to users by others. It holds at once: who is locked or closed is not let in by any way, and their
 * sessions are over for good; tokens and certificates of who was locked work again when that is taken back.
 */
#include "base/token.h"
#include "store/certificate.h"
#include "store/right.h"
#include "store/user.h"

/*
 * Whether the actor may do that with this user: every verb here asks so, and who shows what could be done. Who has its
 * right for the own organisation only (a constituent's admin) has it over those who have no other role than it: whoever
 * could give a sysadmin a new password would be one.
 */
MUST_USE struct err people_over(
        const struct actor *actor, const struct user *user, enum verb verb, struct arena *arena);

/* The same for who may only with a second person: *second. */
MUST_USE struct err people_over_with(
        const struct actor *actor, const struct user *user, enum verb verb, struct arena *arena, bool *second);

/* ERR_CONFLICT for whoever acts themselves. */
MUST_USE struct err people_user_lock(struct db *db, const struct actor *actor, int64_t user, struct arena *arena);
MUST_USE struct err people_user_unlock(struct db *db, const struct actor *actor, int64_t user, struct arena *arena);
/* For ever: the password, factors, tokens, links and certificates are gone. ERR_CONFLICT for whoever acts. */
MUST_USE struct err people_user_close(struct db *db, const struct actor *actor, int64_t user, struct arena *arena);
MUST_USE struct err people_user_roles(
        struct db *db, const struct actor *actor, int64_t user, uint32_t roles, struct arena *arena);
/*
 * The same when two persons have to agree, for their table (share/approve.h): subject "user/7", detail
 * {"roles": [NAME, ...]}. Nobody proposes or agrees to roles of their own.
 */
MUST_USE struct err people_user_may_roles(
        struct db *db, const struct actor *actor, slice subject, slice detail, struct arena *arena, bool *second);
MUST_USE struct err people_user_do_roles(struct work *work, slice subject, slice detail);
/* A link for a new password (people_link writes it); those that were not used do not work any more. ERR_CONFLICT for
 * who is locked or closed. */
MUST_USE struct err people_user_reset(
        struct db *db, const struct actor *actor, int64_t user, struct arena *arena, struct token *link);

/*
 * These when two persons have to agree: subject "user/7"; of a reset the detail is {"link": HASH}: who proposes it has
 * the link at once, and it works when another has agreed.
 */
MUST_USE struct err people_user_may_change(
        struct db *db, const struct actor *actor, slice subject, slice detail, struct arena *arena, bool *second);
/* Whom a subject names, held. */
MUST_USE struct err people_user_of(struct work *work, slice subject, struct user *user);
/* The user as it stands: nothing is done to one who was changed since that was proposed. */
MUST_USE struct err people_user_about(struct work *work, slice subject, slice detail, slice *state);
MUST_USE struct err people_user_do_unlock(struct work *work, slice subject, slice detail);
MUST_USE struct err people_user_do_close(struct work *work, slice subject, slice detail);
MUST_USE struct err people_user_do_reset(struct work *work, slice subject, slice detail);
MUST_USE struct err people_user_do_factor_off(struct work *work, slice subject, slice detail);

/* {"link": HASH, "name", "organisation", "roles": [NAME, ...]} as these and people.h want it; NULL, 0 and an empty name
 * leave a member out. */
MUST_USE struct err people_user_detail(
        const struct user_put *put, slice organisation, const struct token *link, struct arena *arena, slice *detail);

/*
 * Certificates: subject "user/7", detail {"fingerprint": HEX, "subject", "expires": TIME}, as this one writes it; to
 * take one away the fingerprint is enough. Whom a certificate makes sure is who could be a second person, so that takes
 * two as well; to stop somebody at once there is the lock.
 */
MUST_USE struct err people_certificate_detail(const struct certificate_row *put, struct arena *arena, slice *detail);
MUST_USE struct err people_user_do_certificate_add(struct work *work, slice subject, slice detail);
MUST_USE struct err people_user_do_certificate_drop(struct work *work, slice subject, slice detail);
