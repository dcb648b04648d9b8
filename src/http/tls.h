/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Who we are to clients, and which clients' certificates we take. What was read from the files is a set that never
 * changes; a reload makes another one, and each connection holds the set that it began or was last judged with. Any
 * thread, but a link belongs to its own.
 */
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

#include "http/server.h"

struct http_tls_store;
struct http_tls_set;

/* Of one connection. */
struct http_tls_link {
    struct http_tls_set *set;    /* NULL: plain TCP */
    struct http_tls_set *judged; /* by which set; NULL: not yet */
    bool refused;
    struct http_certificate *certificate; /* NULL: none was shown */
};

/* For MHD_OPTION_HTTPS_PRIORITIES */
#define HTTP_TLS_PRIORITIES "SECURE128:-VERS-TLS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

MUST_USE struct err http_tls_open(const struct http_tls *files, struct arena *arena, struct http_tls_store **store);
void http_tls_close(struct http_tls_store *store); /* NULL is allowed */
/* Reads the files again; on an error what there was stays. */
MUST_USE struct err http_tls_reload(struct http_tls_store *store, struct arena *arena);
/* Whether a file has changed since it was read, and was let alone since this was asked last. */
bool http_tls_changed(struct http_tls_store *store);

/* Before the handshake. */
void http_tls_begin(struct http_tls_store *store, gnutls_session_t session, struct http_tls_link *link);
void http_tls_end(struct http_tls_link *link);
/* The certificate to show, for gnutls_certificate_set_retrieve_function2. */
int http_tls_show(
        const struct http_tls_link *link, gnutls_pcert_st **chain, unsigned *chain_length, gnutls_privkey_t *key);
/* Judges what the client showed, once for each set; false if it is not to be taken. */
bool http_tls_judge(struct http_tls_store *store, gnutls_session_t session, struct http_tls_link *link);
