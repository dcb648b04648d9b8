/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The terms of an agreement: a JSON document that two parties sign, read strictly. What we do not know in it is
 * refused, since what is signed has to be understood whole. Its canonical bytes (RFC 8785) are what is signed and
 * compared. doc/why/agreements.md says what each key means.
 *
 * What was read lies in the arena. Pure; any thread.
 */
#include "base/hash.h"
#include "share/decide.h"

#define TERMS_BYTES_MAX (64u << 10)
#define TERMS_KINDS_MAX 64     /* STIX types that are named */
#define TERMS_NOTES_MAX 16     /* on residency */
#define TERMS_COUNTRIES_MAX 16 /* of which the law is described */
#define TERMS_MEANT_MAX 1000

enum share_after_end { SHARE_AFTER_KEEP, SHARE_AFTER_KEEP_NOT_FORWARD, SHARE_AFTER_DELETE };
const char *share_after_end_name(enum share_after_end after_end); /* "keep-not-forward" */

struct share_party {
    slice node; /* id of the STIX identity of its organisation */
    slice name;
    slice country;  /* ISO 3166-1, two letters; empty: not said */
    bool discloses; /* its law may force it to pass things on */
};

struct share_country {
    slice country;
    bool discloses;
};

/* The whole document. */
struct share_document {
    slice text; /* canonical */
    struct sha256 digest;
    int64_t version; /* from 1 */
    struct share_party parties[2];
    slice purpose;
    struct share_terms terms; /* what decisions go by; agreement, generation and suspended are the caller's */
    const slice *residency;   /* notes for people */
    size_t residency_count;
    const struct share_country *jurisdiction;
    size_t jurisdiction_count;
    enum share_after_end after_end; /* what becomes of what was given, when the agreement has ended */
};

/* ERR_INPUT or ERR_LIMIT with the place in the document ("kinds[2]") and what is wrong there. */
MUST_USE struct err share_document_read(slice json, struct arena *arena, struct share_document *document);
/* Only that a text is JSON within the limits of such a document: for who goes on to make one of it. */
MUST_USE struct err share_terms_check(slice json, struct arena *arena);
/* As share_document_read, only what decisions go by. */
MUST_USE struct err share_terms_read(slice json, struct arena *arena, struct share_terms *terms);
/*
 * A document from a template that holds all but the version and the parties, or has others there; *text: canonical.
 * `discloses` of the parties is not looked at: that is in the template's jurisdiction.
 */
MUST_USE struct err share_terms_draft(
        slice from, const struct share_party parties[2], int64_t version, struct arena *arena, slice *text);

/* The party that is not this node; NULL if this node is none of them. */
const struct share_party *share_document_other(const struct share_document *document, slice node);
/*
 * Whether `now` allows nothing that `before` did not: for every object, recipient and fact, what share_decide lets out
 * under it was let out before as well. What cannot be compared (parties, purpose) has to be equal.
 */
bool share_terms_narrow(const struct share_document *before, const struct share_document *now);
