/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The words in which events and intelligence meet. A log yields observables, intelligence yields indicators; both speak
 * of a value of a type. The types are those of lists, hits and the command line; any other value carries a STIX type
 * name of its own (mutex, windows-registry-key) under OBSERVABLE_OTHER.
 *
 * observable_normal() is the definition of "the same value". Every table, fast or slow, finds exactly what compares
 * equal in that form.
 */
#include "base/buf.h"

enum observable_type {
    OBSERVABLE_NONE,
    OBSERVABLE_IPV4,
    OBSERVABLE_IPV6,
    OBSERVABLE_CIDR,   /* indicators only: an address in it meets it */
    OBSERVABLE_DOMAIN, /* as an indicator: the name and all below it */
    OBSERVABLE_HOST,   /* that name only; what logs hold */
    OBSERVABLE_URL,
    OBSERVABLE_MD5,
    OBSERVABLE_SHA1,
    OBSERVABLE_SHA256,
    OBSERVABLE_SHA512,
    OBSERVABLE_EMAIL,
    OBSERVABLE_JA3,
    OBSERVABLE_USERAGENT,
    OBSERVABLE_FILENAME,
    OBSERVABLE_OTHER,
    OBSERVABLE_TYPES,
};

/* A value seen in an event. All slices belong to the line it was seen in (or the arena of its batch). */
struct observable {
    enum observable_type type;
    uint16_t port; /* of a URL in two pieces, where the log keeps it apart; 0: not said */
    slice name;    /* OBSERVABLE_OTHER: the STIX type name */
    slice value;   /* as the log writes it; of a URL in two pieces, the host */
    slice path;    /* of a URL in two pieces: path and query, else ptr is NULL */
    slice field;   /* the log's own path: dns.rrname */
};

enum indicator_flag {
    INDICATOR_BELOW = 1,   /* a URL and all below its path */
    INDICATOR_REVOKED = 2, /* by its producer */
    INDICATOR_HINT = 4,    /* no indicator: what meets it may matter to a pattern (match/match.h) */
};

/* What to look for. Belongs to the reader that made it; who keeps it copies. */
struct indicator {
    enum observable_type type;
    unsigned flags;
    slice name;          /* OBSERVABLE_OTHER: the STIX type name */
    slice value;         /* as the source writes it, re-fanged */
    slice id;            /* the STIX id; empty: it is named after its place, FILE:LINE */
    slice label;         /* for people; may be empty */
    uint32_t line;       /* place in its file, from 1 */
    int64_t modified_us; /* TIME_NONE: unversioned */
    int64_t from_us;     /* TIME_NONE: always valid */
    int64_t until_us;    /* exclusive (STIX 2.1 section 4.7); TIME_NONE: no end */
};

/* "sha256"; OBSERVABLE_OTHER and OBSERVABLE_NONE have none. */
const char *observable_type_name(enum observable_type type);
/* The type of that name; other names made of [a-z0-9-] are OBSERVABLE_OTHER; OBSERVABLE_NONE if it cannot be a type. */
enum observable_type observable_type_find(slice name);

/*
 * Appends the form in which equal values are equal bytes: addresses and prefixes in binary behind their family, names
 * in lower case without a final dot (and as A-labels, RFC 5891), URLs as host[:port]/path without scheme, user, default
 * port or fragment, hashes in lower case, e-mail with its domain in lower case; everything else as it is.
 * Addresses inside a URL or host are the address. False when the value cannot be of its type; `out` is then unchanged.
 */
bool observable_normal(const struct observable *observable, struct buf *out);
/* As a sentence why the value cannot be of that type, or NULL if it can. */
const char *observable_wrong(enum observable_type type, slice value);
/* What a bare value looks like: address, prefix, URL, hash by length, e-mail, name; OBSERVABLE_NONE if nothing fits. */
enum observable_type observable_guess(slice value);
/* Undoes hxxp://, [.], (.), [:], [@], [at]: appends to `out`. True if anything was defanged. */
bool observable_refang(slice value, struct buf *out);
