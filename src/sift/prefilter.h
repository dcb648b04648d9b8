/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Many literals looked for at once, by Vectorscan: ASCII, whatever the case. Whatever holds one is found, and some that
 * hold only a piece of it. Read-only once open, shared by threads; each brings a room of its own. Private to sift.
 */
#include "base/err.h"

struct prefilter;
struct prefilter_room;

/* ERR_LIMIT if they are more than can be searched for. */
#define PREFILTER_LITERALS_MAX 200000u
MUST_USE struct err prefilter_open(const slice *literals, size_t count, struct prefilter **prefilter);
void prefilter_close(struct prefilter *prefilter); /* NULL is allowed */

struct prefilter_room *prefilter_room_open(const struct prefilter *prefilter);
void prefilter_room_close(struct prefilter_room *room); /* NULL is allowed */

/* Called for each place where a literal, or the piece of it, ends: by number, about in the order of the text. */
typedef void prefilter_found(void *context, uint32_t literal, size_t end);
void prefilter_scan(const struct prefilter *prefilter, struct prefilter_room *room, slice text, prefilter_found *found,
        void *context);
