/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The columns of the roll, and how a cell is written and read. Private to roll.c and roll_write.c.
 */
#include "base/buf.h"
#include "desk/roll.h"

#define ROLL_COLUMNS_MAX 10
#define ROLL_LINE_MAX (64u << 10) /* bytes */

enum {
    ORGANISATION_NAME,
    ORGANISATION_KIND,
    ORGANISATION_SECTOR,
    ORGANISATION_COUNTRY,
    ORGANISATION_RELATION,
    ORGANISATION_STATE,
    ORGANISATION_PARENT,
    ORGANISATION_DAYS
};
enum { CONTACT_OF, CONTACT_NAME, CONTACT_RANK, CONTACT_MAIL, CONTACT_PHONE, CONTACT_LANGUAGES, CONTACT_HOURS };
enum { ASSET_OF, ASSET_KIND, ASSET_VALUE, ASSET_FROM, ASSET_UNTIL, ASSET_SAID };
enum { SUPPLY_BY, SUPPLY_TO, SUPPLY_WHAT };

struct roll_table {
    const char *name;
    const char *columns[ROLL_COLUMNS_MAX + 1]; /* ends with NULL */
    unsigned needed;                           /* bits of those that have to be there */
};
extern const struct roll_table roll_tables[ROLL_KINDS];

/* A cell, with a comma before it unless it is the first. */
void roll_cell_write(struct buf *out, bool first, slice text);
/* Without blanks around it, and without the apostrophe before what could be a formula. */
slice roll_cell_read(slice text);
