/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Fetching what lies behind an http or https URL, and nothing else: no file:, no other scheme, not by a redirect
 * either, and never from https back to http. The answer goes to a callback as it comes, unpacked, up to a ceiling in
 * bytes. Nothing is taken from the environment or from files in a home folder.
 *
 * A client keeps its connections open and belongs to one thread (but http_client_stop). What is told of a URL is told
 * without the user, password and query in it, since these may be credentials.
 */
#include "base/err.h"

struct http_client;

#define HTTP_URL_BYTES_MAX 8192

struct http_client_options {
    const char *proxy;             /* http://HOST:PORT or socks5h://HOST:PORT; NULL: none */
    const char *ca_file;           /* certificates to trust, as PEM; NULL: those of the system */
    const char *certificate, *key; /* PEM: what we show to who asks for it; NULL: nothing. To no other host, either */
    bool plain_http;               /* http is fetched, too, and not only https */
    bool public_only;              /* nothing is fetched from an address that is nobody's on the Internet */
    uint64_t connect_ms;           /* until the connection stands, TLS included */
    uint64_t idle_ms;              /* without a byte */
    uint64_t total_ms;             /* of one get, redirects included; 0: no end */
    uint64_t bytes_max;            /* of one answer, unpacked */
    uint64_t redirects_max;        /* followed one after the other */
};

/* A text that is sent along. */
struct http_send {
    slice body;
    const char *type;
};

struct http_get {
    const char *url;
    const char *accept;           /* media types; NULL: any */
    const struct http_send *send; /* then it is a POST, which follows redirects within its own host only; NULL: a GET */
    const char *pins;             /* keys of which the URL's own host has one, "sha256//...;..."; NULL: any */
    const char *authorization;    /* value of that header, for the URL's own host only; NULL: none */
    bool stay;                    /* redirects lead to the URL's own host alone, as those of a POST do */
    const char *header;           /* one more, "Name: value", for that host only; NULL: none */
    const char *etag;             /* of what is here already (If-None-Match); NULL: nothing is */
    const char *modified;         /* the same for If-Modified-Since */
    void *context;
    /* The next bytes of a good answer. An error ends the get and is its error. */
    struct err (*body)(void *context, slice bytes);
    /* Now and then: how far we are of how much, in bytes as they travel, 0 if nobody knows. May be NULL. */
    void (*progress)(void *context, uint64_t done, uint64_t total);
};

/* How far a get came that got no answer. */
enum http_reach {
    HTTP_REACHED,   /* something answered, whatever it was */
    HTTP_NO_NAME,   /* its host's name is not known to the resolver */
    HTTP_NO_ANSWER, /* nobody answers there, or not in time */
    HTTP_PRIVATE,   /* public_only kept us away */
};

/* Text is in the caller's arena; "" where the server said nothing. With an error it holds what there was until then. */
struct http_answer {
    unsigned status; /* 0: there was no answer */
    enum http_reach reach;
    bool unchanged; /* 304: what is here already is still right */
    const char *etag, *modified, *type;
    const char *date;                     /* of the server's clock, RFC 9110 section 6.6.1 */
    const char *added_first, *added_last; /* X-TAXII-Date-Added-First, -Last (TAXII 2.1 section 3.4.1) */
    uint64_t retry_after_s;               /* from 429 and 503; 0: not said */
    slice page;                           /* the beginning of what came with an error, if it came unpacked */
    uint64_t bytes;                       /* given to body */
    uint64_t redirects;
};

/* ERR_SYSTEM if libcurl cannot start; ERR_INPUT if the CA file, or what we show, cannot be used. */
MUST_USE struct err http_client_open(
        const struct http_client_options *options, struct arena *arena, struct http_client **client);
void http_client_close(struct http_client *client); /* NULL is allowed */

/*
 * ERR_INPUT: no URL that we fetch; ERR_AUTH, ERR_DENIED, ERR_MISSING: 401, 403, 404; ERR_LIMIT: a ceiling was reached;
 * ERR_REMOTE: whatever else the other side, or the way there, did wrong. Body may have had bytes before an error.
 */
MUST_USE struct err http_client_get(
        struct http_client *client, const struct http_get *get, struct arena *arena, struct http_answer *answer);

/*
 * Ends the get that runs now, if one does, and each that begins later: ERR_CONFLICT. Any thread; the one call that
 * another thread may make.
 */
void http_client_stop(struct http_client *client);
/*
 * Whether the resolver says that there is no such host as the URL's; not: that it could not say. A name that is gone
 * cannot be told from a resolver in trouble by a get.
 */
bool http_url_nameless(struct http_client *client, const char *url, struct arena *arena);
/* Whether both are of one scheme, host and port; nothing is, of what is no URL. */
bool http_url_same_origin(struct http_client *client, const char *a, const char *b, struct arena *arena);
/* Where a reference leads (RFC 3986 section 5): "/a/", "../b", or a URL of its own. NULL: nowhere. */
const char *http_url_join(struct http_client *client, const char *base, const char *relative, struct arena *arena);
/* The URL without user and password, and without the values behind `?`: what may be shown and logged. */
const char *http_url_shown(const char *url, struct arena *arena);
