/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A mail as it may be given to a reader that keeps each field and part in memory and goes into groups of addresses as
 * deep as somebody writes them. One pass over the lines, whatever they are for: whether one is of a header is known
 * only to who reads the whole, so the ceilings are such that no text comes near them.
 */
#include "base/buf.h"

#define MAILBOX_HEADER_MAX (256u << 10) /* bytes of the header of the mail */
#define MAILBOX_FIELDS_MAX 100000       /* lines that could be fields of a header */
#define MAILBOX_EDGES_MAX 30000         /* lines that could begin a part */
#define MAILBOX_SEPARATORS_MAX                                                                                         \
    1000 /* of addresses or parameters, in one field: 100 times as many groups would end the stack */

struct mailbox_tamed {
    bool header, fields, edges, separators; /* which ceiling was met */
};

/* Appends what may be read. */
void mailbox_tame(slice bytes, struct buf *out, struct mailbox_tamed *tamed);
