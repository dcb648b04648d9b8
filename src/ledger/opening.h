/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * An entry with what opens some of its fields: the part of a proof that says what was logged.
 *
 *     kentongan-opening/1
 *     entry BASE64
 *     field NAME SALT VALUE     (both in base64; an empty value is no characters)
 *
 * Pure; slices point into the arena.
 */
#include "ledger/entry.h"

struct ledger_opening {
    slice bytes; /* of the entry */
    struct ledger_entry entry;
    struct ledger_field *fields;
    size_t count;
};

void ledger_opening_write(struct buf *out, slice entry, const struct ledger_field *fields, size_t count);
/* ERR_INPUT if it is none; ERR_DENIED names a field that does not open the entry. */
MUST_USE struct err ledger_opening_parse(slice text, struct arena *arena, struct ledger_opening *opening);
