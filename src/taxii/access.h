/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What lets us into other servers: a password, a token or a certificate with its key, and which authorities we trust
 * there. They come from files that nobody else may read, and lie in the node's folder of keys, by the number of the
 * peer; they are never told.
 */
#include "http/client.h"
#include "store/peer.h"

#define TAXII_SECRET_MAX 4096      /* bytes of a password or token */
#define TAXII_PEM_MAX (256u << 10) /* bytes of a file of certificates or keys */

/* Paths; NULL: none. */
struct taxii_files {
    const char *account; /* no path: the name that goes with a password */
    const char *password, *token;
    const char *certificate, *key;
    const char *ca;
};

struct taxii_access {
    const char *authorization; /* the header; NULL: none */
    const char *certificate, *key, *ca;
    enum peer_credentials kind;
};

/* ERR_INPUT for what does not go together, ERR_DENIED if others may read a secret. */
MUST_USE struct err taxii_access_read(
        const struct taxii_files *files, struct arena *arena, struct taxii_access *access);
/* Copies them for a peer. They are on disk when it returns OK. */
MUST_USE struct err taxii_access_keep(
        const struct taxii_files *files, const char *folder, int64_t number, struct arena *arena);
/* The files of a peer. */
struct taxii_files taxii_access_of(const char *folder, const struct peer *peer, struct arena *arena);
/* Those of a partner without a node, whichever there are: partner-7.token and the like, and partner-7.account for the
 * name that goes with a password. */
struct taxii_files taxii_access_partner(const char *folder, int64_t number, struct arena *arena);
MUST_USE struct err taxii_access_keep_partner(
        const struct taxii_files *files, const char *folder, int64_t number, struct arena *arena);
void taxii_access_drop(const char *folder, int64_t number, struct arena *arena);
