/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Events as JSON documents: objects one after another, each on a line or spread over many, alone or in an array. What
 * the decoders of such formats share; private to this folder. Nothing is remembered between calls: a record is found by
 * its brackets, from wherever a block begins.
 *
 * `list` names the member of an outer object whose elements are the records (the `entry` of a FHIR Bundle); empty where
 * the format has none.
 */
#include "event/event.h"
#include "event/rsit.h"

/*
 * As `record` of struct event_format. An object and what stands behind it up to the next, or a frame. A torn object
 * ends before the next line that begins as it did, so that it hides no other.
 */
size_t event_document_length(slice block, slice list);
/* Whether a record holds no object but brackets and commas, or a piece of the object around the list. */
bool event_document_is_frame(slice record, slice list);
/* The object of a record. Of one that is none or is followed by something else: all from where it should begin, to be
 * refused by who reads it. */
slice event_document_object(slice record, slice list);
/* The first object of an input; *whole if it is all there. Empty if there is none among the first lines. */
slice event_document_first(slice head, slice list, bool *whole);
/* The same to tell a format by: *whole if it is JSON too. A torn one is judged by the names that stand in it. */
slice event_document_begin(slice head, slice list, bool *whole);

/* The members of struct event_format for formats without a list. */
size_t event_document_record(const struct event_reader *reader, slice block);
bool event_document_frame(
        const struct event_reader *reader, slice record, struct arena *arena, struct event_reader *next);
void event_document_extra(const struct event_reader *reader, slice record, struct arena *arena, struct json_writer *w);
/* Picks the compiled fields of the record's object. */
MUST_USE struct err event_document_pick(
        const struct event_reader *reader, slice record, struct arena *arena, struct json_picks *picks, size_t *offset);

/* Whether an object has this member; in one that is cut off, whether the name stands in it. */
bool event_document_has(slice object, bool whole, slice key);

/*
 * Rows behind the compiled ones, for what a decoder finds out by itself. The table of fields ends with
 * EVENT_MADE_FIELDS, is opened without them, and event_made_put() adds to the picks.
 */
enum event_made { MADE_TIME, MADE_TAXONOMY, MADE_TYPE, MADE_IDENTIFIER, MADE_FIELDS };
#define EVENT_MADE_FIELDS                                                                                              \
    {"time", ROLE_TIME}, {"class.taxonomy", ROLE_CLASS_TAXONOMY}, {"class.type", ROLE_CLASS_TYPE},                     \
    {                                                                                                                  \
        "class.identifier", ROLE_CLASS_IDENTIFIER                                                                      \
    }

/* ERR_LIMIT if the picks are full. */
MUST_USE struct err event_pick_put(struct json_picks *picks, size_t path, slice value);
MUST_USE struct err event_made_put(
        const struct event_reader *reader, struct json_picks *picks, enum event_made what, slice value);
/* The first pick of the field that holds a value, or an empty slice. */
slice event_pick_first(const struct json_picks *picks, size_t path);
/* Makes the field's value the time if no field of that role holds one. */
MUST_USE struct err event_time_otherwise(const struct event_reader *reader, struct json_picks *picks, size_t path);
/* The class of a format's own word: as RSIT has it if the map knows the word, with the word as identifier unless there
 * is one; otherwise the word itself as type, in a taxonomy of the format's name. */
MUST_USE struct err event_class_put(
        const struct event_reader *reader, struct json_picks *picks, const struct rsit_word *map, slice word);
