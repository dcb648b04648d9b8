/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What decoders share: whole members of `struct event_format`, and one question about fields. Private to this folder.
 */
#include "event/event.h"

/* Measures the paths of the fields, once for all records. */
void event_fields_measure(struct event_reader *reader, struct arena *arena);

/* Whether a text is JSON, doubled keys allowed: a format is told by looks, and what is doubled is refused later. */
bool event_json_is(slice text);
/* Compiles a static table of JSON paths into the reader. */
MUST_USE struct err event_json_open(
        struct event_reader *reader, const struct event_field *fields, size_t count, struct arena *arena);
MUST_USE struct err event_json_pick(
        const struct event_reader *reader, slice record, struct arena *arena, struct json_picks *picks, size_t *offset);
/* The members of the top level, but for single values that a field took whole: a text is told again. */
void event_json_extra(const struct event_reader *reader, slice record, struct arena *arena, struct json_writer *w);

/* Adds a text to the picks, unless it is empty or they are full: JSON_PICKS_MAX of them are too many. */
void event_pick_add(struct json_picks *picks, size_t path, slice value);

/* One record a line. */
size_t event_line_record(const struct event_reader *reader, slice block);

/* Whether the event keeps this value of the field, so that it need not be told twice. */
bool event_field_takes(const struct event_field *field, slice value);
