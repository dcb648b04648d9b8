/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * One text of a feed, fetched or opened: it lies in a file without a name, is read from its beginning as often as it is
 * asked for, and is gone when it is closed. Private to this folder.
 */
#include "input/input.h"
#include "intel/feed.h"

/* What is to be fetched. */
struct text_want {
    const char *location;        /* URL or path */
    bool direct;                 /* without the proxy */
    const char *etag, *modified; /* of what is here; NULL: nothing is */
    uint64_t bytes_max;          /* 0: that of the fetch */
};

struct text {
    bool unchanged;              /* there is no text, then */
    const char *name;            /* what may be shown of the location */
    const char *etag, *modified; /* "" if there is none */
    int fd;
};

/* Whether it is fetched by http and not read from a path. */
bool intel_text_is_url(slice location);
MUST_USE struct err intel_text_open(
        const struct intel_fetch *fetch, const struct text_want *want, struct arena *arena, struct text *text);
void intel_text_close(struct text *text);
/* From its beginning, unpacked. */
MUST_USE struct err intel_text_input(const struct text *text, struct arena *arena, struct input **input);
/* Of the whole text, unpacked. */
MUST_USE struct err intel_text_digest(const struct text *text, struct arena *arena, struct sha256 *digest);
/* All of it, in the arena. ERR_LIMIT beyond. */
MUST_USE struct err intel_text_all(const struct text *text, size_t bytes_max, struct arena *arena, slice *all);
