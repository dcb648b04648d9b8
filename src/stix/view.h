/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * An observation from a plain list of rows: (object, path, value), without JSON. A log line becomes one: its objects
 * are begun one after another, each with its type, and given their values; references are spelled out in the path, as
 * patterns write them ("dst_ref.value", "protocols[0]"). Slices are kept, not copied. A view has room for what a log
 * line holds and is used again and again; what does not fit is counted, never silently gone. One thread.
 *
 *     stix_view_begin(&view, time_us, time_us);
 *     stix_view_object(&view, S("network-traffic"));
 *     stix_view_text(&view, S("dst_ref.value"), S("192.0.2.1"));
 *     stix_view_number(&view, S("dst_port"), 443);
 *     struct stix_observation observation = stix_view_observation(&view);
 */
#include "stix/value.h"

#define STIX_VIEW_OBJECTS_MAX 256
#define STIX_VIEW_ROWS_MAX 1024

struct stix_view_row {
    slice path;
    struct stix_value value;
};

struct stix_view_object {
    slice type;
    size_t from; /* its rows go on to those of the next */
};

struct stix_view {
    struct stix_view_object objects[STIX_VIEW_OBJECTS_MAX];
    struct stix_view_row rows[STIX_VIEW_ROWS_MAX];
    size_t object_count, row_count;
    size_t dropped; /* objects and rows that found no room */
    bool full;      /* the object at hand found none: its rows are dropped with it */
    int64_t first_us, last_us;
};

/* Forgets what the view held. */
void stix_view_begin(struct stix_view *view, int64_t first_us, int64_t last_us);
void stix_view_object(struct stix_view *view, slice type);
/* Values of the object begun last. Paths are spelled as stix_path.text is. */
void stix_view_text(struct stix_view *view, slice path, slice text);
void stix_view_number(struct stix_view *view, slice path, int64_t number);
void stix_view_value(struct stix_view *view, slice path, struct stix_value value);

/* Lives as long as the view is left alone. */
struct stix_observation stix_view_observation(const struct stix_view *view);
