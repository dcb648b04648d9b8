/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Contacts: who can be told at an organisation that we serve, in which order, by what and in which language. Contacts
 * rot: each is unverified until somebody there says that it is read, and stale when nobody has said so for long.
 *
 * Rights and the journal are the verbs' business (desk/contact.h).
 */
#include "store/work.h"

#define CONTACT_STALE_DAYS 180 /* since the last sign of life, or since it was added */
#define CONTACT_ANSWER_DAYS 30 /* that a mail which asked may wait for an answer */
#define CONTACT_RANK_MAX 9
#define CONTACT_OF_MAX 1000    /* of one organisation, closed ones too */
#define CONTACT_MAIL_MAX 254   /* bytes: RFC 5321 section 4.5.3.1.3, without the angle brackets */
#define CONTACT_KEY_MAX 65536  /* bytes of an OpenPGP certificate */
#define CONTACT_SECRET_MAX 256 /* bytes of a sealed secret */

enum contact_state { CONTACT_UNVERIFIED, CONTACT_VERIFIED, CONTACT_STALE, CONTACT_CLOSED };

struct contact_put {
    slice name; /* "Ruang siaga" */
    int64_t rank;
    slice mail, phone, webhook; /* each may be empty, not all */
    slice webhook_secret;       /* sealed; empty with no webhook */
    slice languages;            /* "id en", the preferred first */
    slice hours;                /* "always", or "Mon-Fri 08:00-16:00 +07:00" */
    slice pgp_key;              /* OpenPGP certificate, or empty */
};

struct contact {
    int64_t number, organisation;
    struct contact_put is;
    enum contact_state state;
    int64_t changed_us;                                 /* since when it is reached like that */
    int64_t added_us, verified_us, asked_us, closed_us; /* TIME_NONE: never */
};

/* Whether a field of that name ("mail") may be that; what has no rule may be anything. ERR_INPUT. */
MUST_USE struct err store_contact_field_check(struct arena *arena, const char *name, slice text);

/* ERR_CONFLICT if they have one of that name; ERR_INPUT with what is wrong with which field. */
MUST_USE struct err store_contact_add(
        struct work *work, int64_t organisation, const struct contact_put *put, int64_t *number);
/* Where it is reached in another way than before it is unverified again. */
MUST_USE struct err store_contact_change(struct work *work, int64_t number, const struct contact_put *put);
/* Somebody there reads it, as of now. ERR_CONFLICT if it is closed. */
MUST_USE struct err store_contact_verify(struct work *work, int64_t number);
/* A mail that asks was written. */
MUST_USE struct err store_contact_asked(struct work *work, int64_t number);
/* What was sent there came back: it is stale until somebody there says that it is read. */
MUST_USE struct err store_contact_lost(struct work *work, int64_t number);
/* For ever. */
MUST_USE struct err store_contact_close(struct work *work, int64_t number);
/* Of an organisation that is closed; *count: how many. */
MUST_USE struct err store_contact_close_all(struct work *work, int64_t organisation, uint64_t *count);
/* Some that have become stale by now: they are marked so, and given. */
MUST_USE struct err store_contact_rot(struct work *work, size_t most, struct contact **rows, size_t *row_count);

MUST_USE struct err store_contact_get(struct db *db, int64_t number, struct arena *arena, struct contact *contact);
MUST_USE struct err store_contact_find(
        struct db *db, int64_t organisation, slice name, struct arena *arena, struct contact *contact);
/* Of an organisation, those that are told first first; closed ones are left out unless `closed`. */
MUST_USE struct err store_contact_of(struct db *db, int64_t organisation, bool closed, struct arena *arena,
        struct contact **rows, size_t *row_count);
/* All, behind `after`, in the order of numbers. */
MUST_USE struct err store_contact_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct contact **rows, size_t *row_count);
/* The same, of one state: what is to be asked, or looked after by hand. */
MUST_USE struct err store_contact_list_state(struct db *db, enum contact_state state, int64_t after, size_t count,
        struct arena *arena, struct contact **rows, size_t *row_count);

/* Whose contact, of those we serve, has that address of mail; or any address of its domain. *organisation: 0: nobody's,
 * or that of several. In lower case. */
MUST_USE struct err store_contact_of_mail(struct db *db, slice mail, int64_t *organisation);
MUST_USE struct err store_contact_of_domain(struct db *db, slice domain, int64_t *organisation);

const char *store_contact_state_name(enum contact_state state); /* "stale" */
bool store_contact_state_find(slice name, enum contact_state *state);
