/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What release.c (what is to be decided, and when) and release_put.c (what becomes of it) share. Nobody else includes
 * this.
 */
#include "share/release.h"

struct share_releaser {
    struct db *db;
    struct share_release_options options;
    const struct share_keys *keys;
    struct stix_definitions *definitions;
    bool definitions_read;
    struct arena *arena; /* of a step */
    struct actor actor;
    size_t turn;
    int64_t hour, window; /* that were looked after */
};

/* Decides about these for that partner (0: all), and does what follows; `subject` of the journal's row. */
MUST_USE struct err share_release_decide(struct share_releaser *releaser, struct work *work, int64_t partner,
        const struct object *objects, size_t count, slice subject);
