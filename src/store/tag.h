/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Tags: words of our own on what a source says of an id, for all its versions.
 */
#include "store/work.h"

#define TAGS_MAX 100 /* on one source and id */

/* *changed: it was not there before. ERR_LIMIT beyond TAGS_MAX. */
MUST_USE struct err store_tag_put(struct work *work, int64_t source, slice id, slice tag, bool *changed);
MUST_USE struct err store_tag_drop(struct work *work, int64_t source, slice id, slice tag, bool *changed);
MUST_USE struct err store_tag_list(
        struct db *db, int64_t source, slice id, struct arena *arena, slice **tags, size_t *count);

struct tag {
    slice tag, actor;
    int64_t made_us;
};
/* The same with who said it and when. */
MUST_USE struct err store_tag_rows(
        struct db *db, int64_t source, slice id, struct arena *arena, struct tag **rows, size_t *row_count);

struct tagged {
    int64_t source;
    slice id;
};
/* What carries a tag, behind (source, id); begin with 0 and an empty id. */
MUST_USE struct err store_tagged_list(struct db *db, slice tag, struct tagged after, size_t count, struct arena *arena,
        struct tagged **rows, size_t *row_count);
