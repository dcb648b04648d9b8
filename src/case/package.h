/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What is handed over, as a folder that anybody verifies with sha256sum and openssl alone: the items, the custody of
 * each with its signatures, proofs of the private log as far as it was signed, and a page in two languages that says
 * how. MANIFEST has the digest of every other file, and MANIFEST.sig is the node's signature of it.
 */
#include "store/evidence.h"

#define CASE_PACKAGE_FILES_MAX 100000

/*
 * Writes a package into a new folder, or nothing. Who it was handed to takes it (VERB_RECEIVE_EVIDENCE of its
 * organisation), which is an entry of custody, "received"; who works here has it written for them (VERB_TAKE_EVIDENCE),
 * which is one, too: "copied". ERR_MISSING for everybody else. `ledger`: the node's folder of logs.
 */
MUST_USE struct err case_package_write(struct db *db, const struct actor *actor, int64_t number, const char *folder,
        const char *ledger, struct arena *arena);
/*
 * The same into a file that is open for writing, as an archive that every tar reads (base/tar.h), its files below
 * "package-N". Nobody reads the file before it returned OK.
 */
MUST_USE struct err case_package_tar(
        struct db *db, const struct actor *actor, int64_t number, int file, const char *ledger, struct arena *arena);
/* Those that the actor may take, behind `after`. */
MUST_USE struct err case_package_list(struct db *db, const struct actor *actor, int64_t after, struct arena *arena,
        struct evidence_package **rows, size_t *row_count);
