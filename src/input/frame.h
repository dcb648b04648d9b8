/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Records in a stream of bytes that has no end: lines, or syslog as it is sent over a connection (RFC 6587, and RFC
 * 5425, which has octet counting only). Both ways of RFC 6587 may follow one another: a frame that begins with a number
 * without a leading zero and a blank is counted (section 3.4.1), any other one ends with its line (section 3.4.2).
 *
 * What comes out are lines: a newline inside of a counted frame becomes a blank. A framing belongs to one connection.
 */
#include "base/buf.h"

#define FRAME_BYTES_MAX (1u << 20) /* of one record: a longer one is cut, and counted */

enum frame_kind { FRAME_LINES, FRAME_SYSLOG };

struct framing {
    enum frame_kind kind;
    struct buf held;  /* the beginning of a record whose end is to come */
    uint64_t counted; /* bytes of a counted frame that are to come; 0: none was begun */
    bool cut;         /* the record that is being read is over the ceiling; the rest of it is passed over */
    uint64_t records, cuts;
};

struct framing framing_make(enum frame_kind kind);
void framing_free(struct framing *framing);
/* Puts the records that are whole with these bytes into *records, each with a newline. */
void framing_take(struct framing *framing, slice bytes, struct buf *records);
/* The connection ends: what is held is a record, too, which may be half of one. */
void framing_end(struct framing *framing, struct buf *records);
