/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The verbs of evidence: taken, looked at, copied, handed over, held, destroyed. Each step is an entry of custody: one
 * line of JSON that names the entry before it by SHA-256 and is signed by the node's message key. Each leaves one row
 * of the journal with the subject "evidence/3" and the entry's digest, which is so in the private log.
 *
 * To hand something over, to hold it and to destroy it takes two persons. What is destroyed loses its key at once; its
 * file, noise by then, goes with case_evidence_tidy.
 */
#include "base/key.h"
#include "evidence/sealed.h"
#include "share/approve.h"
#include "store/evidence.h"

#define CASE_EVIDENCE_SUBJECT "evidence"
#define CASE_CUSTODY_MAX (16u << 10) /* bytes of an entry */

/*
 * Where the evidence of this process's node lies: its folders "evidence" and "keys", and the key of the node. Once it
 * opened a node, and before there are other threads: acts of two persons run wherever the second one agrees.
 */
void case_evidence_open(const char *node_folder, const struct key_pair *node_key);

struct case_evidence_put {
    int64_t incident;
    slice name, what, place; /* "disk.img", in words, where it was taken */
    slice person;            /* who took it; empty: who acts */
    slice tool;              /* with version and settings */
    slice basis;             /* in law */
    int64_t acquired_us;     /* TIME_NONE: now */
    int64_t clock_error_us;  /* TIME_NONE: not known */
    int64_t keep_until_us;   /* TIME_NONE: until somebody says so */
};
/* All of the source, sealed on disk and entered, or nothing. VERB_TAKE_EVIDENCE. */
MUST_USE struct err case_evidence_take(struct db *db, const struct actor *actor, const struct case_evidence_put *put,
        const struct evidence_source *source, struct arena *arena, int64_t *number);
/* Entered as a copy before the first byte goes out. VERB_TAKE_EVIDENCE; ERR_CONFLICT as evidence_get. */
MUST_USE struct err case_evidence_copy(struct db *db, const struct actor *actor, int64_t number, slice why,
        const struct evidence_sink *sink, struct arena *arena);
/*
 * Whether its file is what was sealed, byte for byte, and its custody what was signed. VERB_VERIFY_EVIDENCE.
 * ERR_CONFLICT names the file, or the entry.
 */
MUST_USE struct err case_evidence_verify(struct db *db, const struct actor *actor, int64_t number, struct arena *arena);
/*
 * Who took it signs, too: an entry "handed-over" or "received", by a key of theirs. Whoever may take a package that it
 * is in (VERB_RECEIVE_EVIDENCE), or who works here and was brought it (VERB_TAKE_EVIDENCE). ERR_INPUT if it is not a
 * signature of that entry, ERR_CONFLICT if there is one.
 */
MUST_USE struct err case_evidence_sign(struct db *db, const struct actor *actor, int64_t number, int64_t step,
        slice signature, const struct key_public *key, struct arena *arena);
/* Files of what was destroyed, and what was begun and never finished, are removed. */
MUST_USE struct err case_evidence_tidy(struct db *db, struct arena *arena);

/* Whether the actor may know of the evidence of an incident; ERR_MISSING as if there were none. */
MUST_USE struct err case_evidence_seen(struct db *db, const struct actor *actor, int64_t incident, struct arena *arena);

/* ---- Acts of two persons ---- */

struct case_evidence_act {
    int64_t incident;
    const int64_t *items; /* of that incident */
    size_t count;
    slice why; /* of destroying: the basis in law */
};
/* A package for an organisation, which may take it from then on: VERB_HAND_EVIDENCE. `reference`: the case's number
 * there; or empty. */
MUST_USE struct err case_evidence_hand(struct db *db, const struct actor *actor, const struct case_evidence_act *act,
        int64_t organisation, slice reference, struct arena *arena, struct share_proposal *proposal);
/* It is not destroyed before; TIME_NONE: there is no hold any more. VERB_KEEP_EVIDENCE. */
MUST_USE struct err case_evidence_hold(struct db *db, const struct actor *actor, const struct case_evidence_act *act,
        int64_t until_us, struct arena *arena, struct share_proposal *proposal);
/* ERR_CONFLICT while it is held. VERB_KEEP_EVIDENCE. */
MUST_USE struct err case_evidence_destroy(struct db *db, const struct actor *actor, const struct case_evidence_act *act,
        struct arena *arena, struct share_proposal *proposal);

/* Rows of the table of acts: "evidence.hand", "evidence.hold", "evidence.destroy". */
MUST_USE struct err case_evidence_do_hand(struct work *work, slice subject, slice detail);
MUST_USE struct err case_evidence_do_hold(struct work *work, slice subject, slice detail);
MUST_USE struct err case_evidence_do_destroy(struct work *work, slice subject, slice detail);

/* ---- For this folder ---- */

struct case_step {
    const char *act; /* "copied"; the journal has "evidence.copied" */
    slice to_whom, why;
    const struct evidence *item;
};
/* Signs it and adds it behind the last one. */
MUST_USE struct err case_custody_add(struct work *work, const struct case_step *step);
/* Its file, opened with the node's key. */
MUST_USE struct err case_evidence_bytes(
        const struct evidence *row, const struct evidence_sink *sink, struct arena *arena);
MUST_USE struct err case_evidence_key(struct arena *arena, struct key_pair *pair);
