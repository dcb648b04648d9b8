/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Signing what was agreed to. Verbs run where there are no keys; what they want to say waits (store/letter.h) until
 * somebody has the node's message key: who serves, or a command that opened the keys. A letter is signed, takes its
 * effect here and goes into the post in one work, so it is signed once and in its order.
 */
#include "share/keys.h"

/* All that wait; *count: how many. */
MUST_USE struct err share_sign(
        struct db *db, const struct actor *actor, const struct share_keys *keys, struct arena *arena, size_t *count);
