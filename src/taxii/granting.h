/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Changing collections, and who may read and write them: acts that may need a second person (share/approve.h), so each
 * is a text that another can read. Subject "collection", or "collection/ID" for one that is there; the detail is
 * {"title", "description", "grants": [{"to": "user", "name", "read", "write"}, ...]}, as taxii_granting_detail writes
 * it.
 *
 * Whom a grant names is looked up by name when it is done, and has to be the same as when it was proposed.
 */
#include "store/collection.h"

struct taxii_granting {
    slice title, description; /* description: of a new one */
    const struct collection_grant *grants;
    size_t count;
};

/* ERR_LIMIT beyond what an approval may hold. */
MUST_USE struct err taxii_granting_detail(const struct taxii_granting *granting, struct arena *arena, slice *detail);
/* "collection/ID" of one that is there. */
slice taxii_granting_subject(const struct collection *collection, struct arena *arena);

/* The collection, its grants, and whom the detail names. */
MUST_USE struct err taxii_granting_about(struct work *work, slice subject, slice detail, slice *state);
MUST_USE struct err taxii_granting_do_add(struct work *work, slice subject, slice detail);
MUST_USE struct err taxii_granting_do_grant(struct work *work, slice subject, slice detail);
MUST_USE struct err taxii_granting_do_revoke(struct work *work, slice subject, slice detail);
MUST_USE struct err taxii_granting_do_remove(struct work *work, slice subject, slice detail);
