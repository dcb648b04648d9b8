/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the forms share when they hand on whole STIX objects: the way to the sink, the count of what is left behind, and
 * the making of objects. Every made object is asked whether it is valid before it leaves; one that is not is refused
 * with its reason and what it was made from. Private to this folder; one reading, one thread.
 */
#include "base/arena.h"
#include "base/uuid.h"
#include "form/object.h"
#include "json/write.h"

struct form_objects {
    const struct form_object_sink *sink;
    const struct form_object_options *options;
    const char *form;
    struct arena *messages; /* the caller's */
    struct arena *work;     /* whoever reads items empties it after each */
    uint64_t given, warned;
    struct err failed; /* what the sink said to a refusal: forms tell those where nothing can fail */
    char *text;        /* all of it, if the form reads no stream */
    struct form_drops *drops;
    struct stix_checker *checker;
    struct uuid namespace;
    struct buf json, meaning, scratch; /* the object at hand; that without its moment; its parts */
    struct json_writer w;              /* over `json` */
    struct form_made *made;
    size_t moment_from, moment_to; /* in `json`: the moment of making */
};

/* What a made object has in common with all others. Lists may be empty. */
struct form_made {
    slice type, uuid;
    int64_t created_us, modified_us;
    bool now;               /* these times are those of the making: they are no part of what the object says */
    const char *moments[2]; /* properties that say `created` again, valid_from for one; NULL: none */
    bool revoked;
    slice creator; /* empty: that of the options */
    const slice *labels, *markings;
    size_t label_count, marking_count; /* no marking: that of the options */
    struct form_place place;
    slice original; /* what it is made from */
    slice id;       /* out: TYPE--UUID, in the work arena */
    bool kept;      /* out: it was handed on, not refused */
};

/* ---- The ways to the sink ---- */

MUST_USE struct err form_objects_give(struct form_objects *reading, const struct form_object *object);
void form_objects_refuse(struct form_objects *reading, struct form_place place, const char *why, slice original);
void form_objects_warn(struct form_objects *reading, struct form_place place, const char *why);
/* Left behind: "WHAT NAME", counted and told at the end. Of the name, which comes from outside, what is printable. */
void form_objects_drop(struct form_objects *reading, const char *what, slice name);
/* All of the stream; it lives as long as the reading. */
MUST_USE struct err form_objects_text(struct form_objects *reading, const struct stix_stream *stream, slice *text);

/* ---- Making ---- */

/* Begins an object of type and id; its own properties are then written with reading->w. */
void form_make_begin(struct form_objects *reading, struct form_made *made);
/* Ends it, checks it, and hands it on. */
MUST_USE struct err form_make_end(struct form_objects *reading);
/* A cyber-observable object of these members ("\"value\":\"x\""); its id is that of section 2.9 of STIX 2.1. */
MUST_USE struct err form_make_observable(struct form_objects *reading, struct form_made *made, slice members);
/* An object without versions that is the same for everybody, its id in `made`. */
MUST_USE struct err form_make_fixed(struct form_objects *reading, struct form_made *made, slice json);
/* What is not UTF-8 cannot be told in JSON. */
bool form_make_is_utf8(slice text);
/* The UUID of a name, in the work arena. */
slice form_make_uuid(struct form_objects *reading, slice name);
/* RFC 3339 with three digits of a second, or more if there are more. */
void form_make_time(struct form_objects *reading, const char *key, int64_t us);
/* A key and a text, if the text is not empty. */
void form_make_text(struct form_objects *reading, const char *key, slice text);
/* The pattern that finds a value, as match would find the indicator; what names a type is as in observable.h. */
void form_pattern_put(struct buf *out, const struct indicator *indicator);
/* The same without brackets, for several values of one observation. */
void form_comparison_put(struct buf *out, const struct indicator *indicator);

/* ---- The forms ---- */

typedef struct err form_objects_take(struct form_objects *reading, const struct stix_stream *stream);
form_objects_take form_stix_objects, form_misp_objects, form_csv_objects, form_list_objects, form_text_objects;
