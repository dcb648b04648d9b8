/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A row of objects as every statement of this folder reads it. Private to this folder.
 */
#include "store/object.h"
#include "store/seen.h"

/* What struct object holds, of a row `o`; `newest` is a part of SQL that is 0 or 1. */
#define OBJECT_HEAD(newest)                                                                                            \
    "SELECT o.number, o.source, o.import, o.id, o.type, o.spec_version, o.version, o.created_by, o.modified_us, "      \
    "o.added_us, o.variant, o.revoked, o.made, " newest ", "                                                           \
    "(SELECT CAST(COALESCE(sum(j.kind), 0) AS BIGINT) FROM judgement j "                                               \
    "WHERE j.source = o.source AND j.id = o.id AND j.undone_us IS NULL), "                                             \
    "(SELECT j.at_us FROM judgement j "                                                                                \
    "WHERE j.source = o.source AND j.id = o.id AND j.kind = 2 AND j.undone_us IS NULL)"
#define OBJECT_COLUMNS(newest) OBJECT_HEAD(newest) ", o.bytes "
/* Without what may be large. */
#define OBJECT_COLUMNS_LIGHT(newest) OBJECT_HEAD(newest) ", '' "
#define OBJECT_NEWEST_OR_NOT "CASE WHEN " NEWEST("o") " THEN 1 ELSE 0 END"

/* Reads struct object. */
void store_object_read(const struct db_rows *rows, struct arena *arena, void *row);
