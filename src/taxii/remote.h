/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A log as a partner's node shows it now: hashes and entries of its tiles, fetched as they are needed. Nothing of it is
 * believed that does not lead to a head that the partner signed.
 */
#include "ledger/tile.h"
#include "taxii/visit.h"

struct taxii_remote {
    struct http_client *http;
    struct taxii_visit *visit;
    slice url;           /* of the partner's node */
    const char *folder;  /* of the log: "node", "partner-12ab34cd" */
    uint64_t size;       /* of the head that it shows: what its last tiles are called by */
    struct arena *arena; /* as long as this */
    struct ledger_tile last;
    slice bytes; /* of `last` */
};

/* FOLDER/path. */
MUST_USE struct err taxii_remote_get(struct taxii_remote *remote, slice path, size_t bytes_max, slice *bytes);
struct ledger_hashes taxii_remote_hashes(struct taxii_remote *remote);
/* The bytes of an entry; index < size. */
MUST_USE struct err taxii_remote_entry(struct taxii_remote *remote, uint64_t index, slice *entry);
