/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The reports of the Shadowserver Foundation: the tables of shadowserver_table.c. Static; private to this folder and
 * its tests.
 */
#include "base/slice.h"

struct shadowserver_type {
    const char *name; /* scan_telnet: as in the file's name, without the 4 or 6 of the kind of addresses */
    const char *type; /* of RSIT, but for that of blocklist; NULL: the tag of the report decides (scan_exchange) */
    const char *identifier; /* open-telnet */
    const char *column;     /* the column that holds the identifier, where identifier is NULL */
};

/* Ends with a row of NULLs. */
extern const struct shadowserver_type shadowserver_types[];
/* Names of columns, in the order of bytes; ends with a NULL. */
extern const char *const shadowserver_silent[];

/* The type that a file is named after: 2026-01-01-scan6_telnet-example-geo.csv; NULL if none. */
const struct shadowserver_type *shadowserver_type_find(slice file_name);
