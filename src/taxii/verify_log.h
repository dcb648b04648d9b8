/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A log behind a URL, read whole and believed in nothing: its checkpoint is signed by a key that we know, every entry
 * is the one whose hash is in its tile, and all of them lead to the signed root. One bundle and one tile in memory.
 */
#include "ledger/checkpoint.h"
#include "taxii/client.h"

#define TAXII_VERIFY_ENTRIES_MAX 100000000 /* of a log that is read over the wire */

struct taxii_log_check {
    const char *url;                     /* of the log, without a "/" at the end */
    const struct ledger_verifier *known; /* its keys */
    size_t known_count;
    /* What was found: */
    struct ledger_checkpoint checkpoint;
    uint64_t entries; /* that were read */
};

/* ERR_DENIED names the first entry that is not what was logged, or says what else does not agree. */
MUST_USE struct err taxii_log_verify(struct taxii_client *client, struct taxii_log_check *check, struct arena *arena);
