/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The high-water mark: the largest head that was ever signed of each log, in a file that no backup takes along. A
 * database that was put back to yesterday knows less than this file, and that is how the node notices. A line a head,
 *
 *     SIZE ROOT(hex) TIME(microseconds) ORIGIN
 *
 * appended and synced before the head counts; the last line of an origin holds, a line that is cut off was never said.
 * Belongs to one thread. Without the file nothing is known: its absence proves nothing.
 */
#include "base/err.h"
#include "base/hash.h"

#define SHARE_HEADS_MAX 100000 /* logs of which a file may tell */

struct share_head {
    slice origin;
    int64_t size;
    struct sha256 root;
    int64_t time_us;
};

struct share_high_water;

/* Reads what there is and writes it anew, without what was overtaken; *found: there was a file. ERR_INPUT names a line.
 */
MUST_USE struct err share_high_water_open(
        const char *path, struct arena *arena, struct share_high_water **high_water, bool *found);
void share_high_water_close(struct share_high_water *high_water); /* NULL is allowed */

const struct share_head *share_high_water_list(const struct share_high_water *high_water, size_t *count);
/* On disk when it returns OK. ERR_CONFLICT if one is smaller, or of another root, than what is there. */
MUST_USE struct err share_high_water_put(
        struct share_high_water *high_water, const struct share_head *heads, size_t count, struct arena *arena);
