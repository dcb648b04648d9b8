/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Second factors (TOTP, RFC 6238): a secret is offered, and counts from when a code of it was given; with it come ten
 * recovery codes for who loses the device. Whatever changes how surely somebody is known gives the session that asks a
 * new secret and ends all others of that person.
 */
#include "people/sign_in.h"

#define PEOPLE_RECOVERY_CODES 10
#define PEOPLE_RECOVERY_CHARACTERS 19 /* "ABCD-EFGH-IJKL-MNOP": 80 random bits */

struct people_factor_offer {
    slice secret; /* base 32 in groups of four, for who types it */
    slice uri;    /* otpauth://totp/..., for a QR code or a link */
};

struct people_recovery {
    char codes[PEOPLE_RECOVERY_CODES][PEOPLE_RECOVERY_CHARACTERS + 1];
};

struct people_factor {
    bool on;
    int64_t since_us; /* TIME_NONE if it is not on */
    int64_t left;     /* recovery codes that were not used */
};

/* Where a session that asks is opened anew from. */
struct people_place {
    struct ip from;
    slice agent;
};

/* A code of the device, or a recovery code, makes half a session a whole one. ERR_AUTH, ERR_LIMIT. */
MUST_USE struct err people_factor_code(struct db *db, struct doorkeeper *doorkeeper, const struct who *who, slice code,
        const struct people_place *place, struct arena *arena, struct signed_in *signed_in);

/* Of whoever acts. */
MUST_USE struct err people_factor_get(
        struct db *db, const struct actor *actor, struct arena *arena, struct people_factor *factor);
/* A secret for whoever acts; one that was offered before and not confirmed is forgotten. ERR_CONFLICT if one is on. */
MUST_USE struct err people_factor_offer(struct db *db, const struct doorkeeper *doorkeeper, const struct actor *actor,
        struct arena *arena, struct people_factor_offer *offer);
/* By its first code: on. The session (if it is by one that is asked: signed_in->session is not 0) is a new one. */
MUST_USE struct err people_factor_confirm(struct db *db, struct doorkeeper *doorkeeper, const struct who *who,
        slice code, const struct people_place *place, struct arena *arena, struct people_recovery *recovery,
        struct signed_in *signed_in);
/* Off, for who can give a code still. */
MUST_USE struct err people_factor_off(struct db *db, struct doorkeeper *doorkeeper, const struct who *who, slice code,
        const struct people_place *place, struct arena *arena, struct signed_in *signed_in);
/* New recovery codes instead of the old, for who can give a code still. */
MUST_USE struct err people_factor_codes(struct db *db, struct doorkeeper *doorkeeper, const struct who *who, slice code,
        const struct people_place *place, struct arena *arena, struct people_recovery *recovery);
/* Another's, by right (lost device): off, and all their sessions end. */
MUST_USE struct err people_factor_remove(struct db *db, const struct actor *actor, int64_t user, struct arena *arena);
/* The same in a work, when two persons have agreed; `user` is held. */
MUST_USE struct err people_factor_drop(struct work *work, int64_t user);
