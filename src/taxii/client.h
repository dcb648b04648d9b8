/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The client of TAXII 2.1 (OASIS Standard, 10 June 2021): what lies behind a URL, one page of objects, one envelope
 * sent. Servers in the world are slow, wrong and sometimes hostile: what they may make grow has a ceiling here, and
 * what they do otherwise than the standard says and we can live with, we live with (doc/why/peers.md lists it).
 *
 * A client belongs to one thread; its http client to who opened that. Texts are in the arena of each call.
 */
#include "base/clock.h"
#include "http/client.h"

#define TAXII_RESOURCE_BYTES_MAX (16u << 20) /* of a discovery, a root, a list of collections, a status */
#define TAXII_PAGE_BYTES_MAX (128u << 20)    /* of a page of objects, unpacked */
#define TAXII_ROOTS_MAX 64
#define TAXII_COLLECTIONS_MAX 1000 /* of one root */
#define TAXII_LIMIT 1000           /* objects of a page that we ask for */
#define TAXII_NEXT_MAX 2048        /* bytes of a place in pages */
#define TAXII_URL_MAX 4096
#define TAXII_WAIT_S_MAX 60 /* what a server may have us wait before we ask again; beyond it, later is another run */
#define TAXII_TRIES_MAX 6   /* of one request that a server puts off */
/* With what nodes send each other: the highest entry of the log of the agreement that it brings. */
#define TAXII_SEQUENCE "Kentongan-Sequence"

struct taxii_client_options {
    struct http_client *http;
    const char *pins;          /* keys of which the host has one; NULL: any (http/client.h) */
    const char *authorization; /* of the host of each call's URL; NULL: none */
    void *context;
    /* What holds for a short while only is made anew for each request. NULL: what stands above. */
    const char *(*authorize)(void *context, struct arena *arena);
    bool (*stop)(void *context); /* NULL: nobody stops it */
    bool once;                   /* nothing is asked again after a while: who asks waits in another way */
};

struct taxii_client {
    struct taxii_client_options options;
    size_t accept, type; /* which spelling of the media type this server takes */
    bool plain;          /* it does not know match[version] */
    uint64_t later_s;    /* after an error: it said when to come again; 0: it did not */
    unsigned status;     /* of the last answer */
    const char *header;  /* sent along, "Name: value"; NULL: none */
};

struct taxii_client taxii_client_open(const struct taxii_client_options *options);

/* A URL as we write it: with a slash at the end, without what stands behind "?" or "#". ERR_INPUT. */
MUST_USE struct err taxii_client_url(const char *url, struct arena *arena, const char **whole);

/* ---- Calls: JSON that passed json_check() ---- */

/* A resource at a URL. */
MUST_USE struct err taxii_client_get(struct taxii_client *client, const char *url, struct arena *arena, slice *json);

/* Whatever is there, as it is. */
MUST_USE struct err taxii_client_raw(
        struct taxii_client *client, const char *url, size_t bytes_max, struct arena *arena, slice *bytes);

/* Which page is asked for. */
struct taxii_ask {
    const char *collection; /* its URL */
    slice added_after;      /* empty: from the first */
    slice next;             /* empty: the first page of those */
    uint64_t limit;
};

struct taxii_page {
    slice objects; /* the array, as it came; empty: none */
    uint64_t count;
    bool more;
    slice next;     /* empty: not said */
    slice last;     /* X-TAXII-Date-Added-Last, if it is a time; else empty */
    int64_t now_us; /* by the server's clock, to the second; TIME_NONE: not said */
};

MUST_USE struct err taxii_client_page(
        struct taxii_client *client, const struct taxii_ask *ask, struct arena *arena, struct taxii_page *page);
/* When the last of the first `count` objects of such a page was added, by the manifest; empty if that says nothing. */
MUST_USE struct err taxii_client_added_last(
        struct taxii_client *client, const struct taxii_ask *ask, uint64_t count, struct arena *arena, slice *last);

/* An object that a server did not take. */
struct taxii_failure {
    slice id, version, message;
};

struct taxii_status {
    slice id;
    bool complete;
    uint64_t total, success, pending;
    struct taxii_failure *failures;
    size_t failure_count;
};

/* Sends {"objects":[...]}; *status is what the server says of it at once. */
MUST_USE struct err taxii_client_post(struct taxii_client *client, const char *collection, slice envelope,
        struct arena *arena, struct taxii_status *status);
MUST_USE struct err taxii_client_status(
        struct taxii_client *client, const char *root, slice id, struct arena *arena, struct taxii_status *status);
/* Until the time is over, or ERR_CONFLICT when it is stopped. */
MUST_USE struct err taxii_client_wait(struct taxii_client *client, uint64_t ms);
