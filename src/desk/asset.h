/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The verbs about what is whose: rights, the change, and the row of the journal that detect/owners.h follows.
 */
#include "store/asset.h"

/* A moment as people type it: RFC 3339, or a day, which stands for its beginning in UTC. */
bool desk_moment(slice text, int64_t *us);
/* What a value looks like: a prefix, "AS64500", or else a domain. A site has to be called one. */
enum asset_kind desk_asset_guess(slice text);

/* As store_asset_add; ERR_DENIED by right. */
MUST_USE struct err desk_asset_add(
        struct db *db, const struct actor *actor, const struct asset_put *put, struct arena *arena, int64_t *number);
MUST_USE struct err desk_asset_end(
        struct db *db, const struct actor *actor, int64_t asset, int64_t until_us, slice reason, struct arena *arena);
/* To another organisation from that moment on. */
MUST_USE struct err desk_asset_hand(struct db *db, const struct actor *actor, int64_t asset, int64_t organisation,
        int64_t from_us, slice said_by, struct arena *arena, int64_t *fresh);
