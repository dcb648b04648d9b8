/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What "is seen" and "counts" mean, as parts of SQL with the name of the object's row. Every statement that reads
 * objects for somebody is made of these; see object.h for why it is decided when it is read. Private to this folder.
 */

/* An import that brought it is done. The first look nearly always answers. */
#define SEEN(o)                                                                                                        \
    "(EXISTS (SELECT 1 FROM import seen WHERE seen.number = " o ".import AND seen.state = 'done') "                    \
    "OR EXISTS (SELECT 1 FROM object_again again JOIN import seen ON seen.number = again.import "                      \
    "WHERE again.object = " o ".number AND seen.state = 'done'))"

/* No seen object of its source and id has a later version, or the same one and came before it. */
#define NEWEST(o)                                                                                                      \
    "(NOT EXISTS (SELECT 1 FROM object later WHERE later.id = " o ".id AND later.source = " o ".source "               \
    "AND later.version > " o                                                                                           \
    ".version AND " SEEN("later") ") "                                                                                 \
                                  "AND (" o                                                                            \
                                  ".variant = 0 OR NOT EXISTS (SELECT 1 FROM object first WHERE first.id = " o ".id "  \
                                  "AND first.source = " o ".source AND first.version = " o                             \
                                  ".version AND first.variant < " o ".variant "                                        \
                                  "AND " SEEN("first") ")))"
