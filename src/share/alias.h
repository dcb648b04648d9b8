/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Ids of derived objects. Each recipient has an object of ours that something was left out of under an id of its own,
 * which tells nobody of the object that it was made from, nor, to two who compare, that it is the same. The id is made
 * from a secret of the node, the recipient and the object's id: to all others it is random, and we find it again when
 * the table of them was lost (book_recover.h). So no second one is ever made for the same object and recipient.
 *
 * The secret is a fact of the database, and goes into each backup. A node of which it is not known (a store without a
 * node around it) draws ids at random.
 */
#include "store/work.h"

#define SHARE_ALIAS_SECRET_BYTES 32

/* Made once, before anything is derived: `init`, and the first start of an older node. */
MUST_USE struct err share_alias_make(struct work *work);
/* Empty: there is none. */
MUST_USE struct err share_alias_secret(struct db *db, struct arena *arena, slice *secret);
/* "indicator--..." for that node, of what was made from `parent`. */
slice share_alias_id(slice secret, slice node, slice parent, slice type, struct arena *arena);
