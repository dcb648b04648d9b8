/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the files share that make STIX objects of MISP (the story is in object_misp.c): what is known of the event at
 * hand, its fields, ids, tags and markings. Texts live as long as the item at hand, what an event holds together as
 * long as the event. Private to this folder; one reading, one thread.
 */
#include "form/make.h"
#include "form/misp.h"
#include "form/reader.h"

enum {
    THINGS_MAX = 1 << 20,      /* attributes and objects of one event */
    KEEP_BYTES_MAX = 1u << 30, /* memory for what an event holds together */
    MARKINGS_MAX = 9,          /* all that there are */
    TIMESTAMP_MAX = 64,        /* bytes */
    PARTS_MAX = 2,             /* values of one attribute */
    LABELS_COMPARED = 256,     /* labels of one object that are not repeated */
    TAG_SHOWN = 80,            /* bytes of a tag in a message */
};

struct misp_marks {
    bool set[MARKINGS_MAX];
    bool tlp; /* one of them is of TLP */
};

struct misp_thing {
    struct uuid uuid;
    slice id; /* the object that it becomes; empty: a free slot */
};

struct misp_event {
    slice json, uuid, info, distribution, creator; /* looked up once: each look goes over all of the event */
    int64_t us;
    bool now; /* it says no time */
    struct misp_marks marks;
    struct misp_thing *things; /* by uuid, for references */
    size_t mask;
    struct hash_key key;
    slice *refs; /* all that is made from it */
    size_t ref_count, ref_room;
};

struct misp {
    struct form_objects *reading;
    struct form_reader reader;
    struct arena *keep; /* emptied after each event */
    struct misp_event event;
    struct form_place place; /* of the item at hand */
    bool noting;             /* the first pass, which tells nothing */
    bool told[MARKINGS_MAX]; /* markings that were handed on */
};

/* What an attribute says, decoded. */
struct misp_attribute {
    slice json, uuid, type, value, category, comment, relation;
    bool to_ids, deleted, now;
    int64_t us, first_us, last_us; /* changed; seen first and last, or TIME_NONE */
    struct form_place place;
    const struct form_misp_type *known;
    struct indicator parts[PARTS_MAX];
    size_t part_count;
};

struct misp_labels {
    slice *texts;
    size_t count, room;
};

/* A list, or the one thing that stands where a list should: MISP writes either. */
struct misp_items {
    slice one;
    struct json_elements walk;
};

/* A kind of galaxy cluster that is an object of STIX. */
struct misp_cluster_kind {
    const char *galaxy, *type, *property;
};

/* ---- misp_event.c: fields, ids, tags, markings ---- */

/* null, "", [] and {}. */
bool misp_says_nothing(slice json);
/* Counts as dropped, under WHAT and its key, each member that is not carried and says something. */
void misp_name_fields(struct misp *misp, const char *what, slice json, const char *carried);
/* A string, or a number as it is written; empty: neither. */
slice misp_text_of(struct misp *misp, slice json);
slice misp_text_at(struct misp *misp, slice json, const char *key);
/* Seconds since 1970, or a date and time; TIME_NONE: none. What is there and is no time counts as dropped. */
int64_t misp_time_at(struct misp *misp, slice json, const char *key);
slice misp_joined(struct misp *misp, slice a, slice between, slice b);
/* A UUID that is made from what a thing says. */
slice misp_uuid_made(struct misp *misp, const char *kind, slice said);
/* The thing's own in small letters, if STIX takes it; else one that is made from what it and its event say. */
slice misp_uuid_at(struct misp *misp, slice json, const char *kind, slice said);

/* What was kept belongs to the event. */
void misp_ref_add(struct misp *misp, const struct form_made *made);
/* What an attribute or object will be; what a uuid of the event will be, or empty. */
void misp_thing_add(struct misp *misp, slice uuid_text, const char *type);
slice misp_thing_find(const struct misp *misp, slice uuid_text);
void misp_write_refs(struct misp *misp, const char *key, const slice *refs, size_t count);
void misp_write_bool(struct misp *misp, const char *key, bool value);

/* Room for the labels of a thing; one as misp:type="ip-dst"; those of its tags. */
struct misp_labels misp_labels_new(struct misp *misp, slice json);
void misp_label_of(struct misp *misp, struct misp_labels *labels, const char *predicate, slice value);
void misp_read_tags(struct misp *misp, slice json, struct misp_labels *labels);

/* The markings of its tags, as far as they are of TLP or PAP. */
void misp_mark_tags(struct misp *misp, slice json, struct misp_marks *marks);
/* The marking of a narrow distribution, where TLP is not said. */
void misp_mark_distribution(struct misp *misp, slice json, struct misp_marks *marks);
/* Those of a part of the event, and those of the event. */
struct misp_marks misp_marks_of(struct misp *misp, slice json);
/* Hands on the markings that were not yet, and puts their ids into `made`. */
MUST_USE struct err misp_take_marks(struct misp *misp, const struct misp_marks *marks, struct form_made *made);

/* What everything made from an event has in common. */
struct form_made misp_made_of(const struct misp *misp, const char *type, slice uuid, struct form_place place);
/* NULL: clusters of this galaxy are no objects of STIX. */
const struct misp_cluster_kind *misp_cluster_kind_find(slice galaxy);
size_t misp_count_elements(slice json);
struct misp_items misp_items_of(slice json);
bool misp_item_next(struct misp_items *items, slice *item);
/* Begins an item, whose memory is that of the reading; false: it is longer than we take, which was told. */
bool misp_item_begin(struct misp *misp, slice json, struct form_place *place);
MUST_USE struct err misp_item_end(struct misp *misp);
void misp_drop_proposals(struct misp *misp, slice json);

/* ---- misp_about.c: who made it, what it belongs to, what others say of it ---- */

/* Reads one of a list inside a thing; `about` is the id of that, `like` has its times and markings. */
typedef struct err misp_read_about(struct misp *misp, slice json, slice about, const struct form_made *like);
misp_read_about misp_read_sighting;

MUST_USE struct err misp_read_list_about(
        struct misp *misp, slice list, slice about, const struct form_made *like, misp_read_about *read);
/* Its notes and opinions. */
MUST_USE struct err misp_read_notes(struct misp *misp, slice json, slice about, const struct form_made *like);
/* Its id is in `made`. */
MUST_USE struct err misp_make_organisation(
        struct misp *misp, slice json, struct form_place place, struct form_made *made);
MUST_USE struct err misp_read_reference(struct misp *misp, slice json, slice source, const struct form_made *like);
/* Clusters of an event (no source), or of an attribute or object, which they are then related to. */
MUST_USE struct err misp_read_galaxies(struct misp *misp, slice json, slice source, const struct form_made *like);

/* ---- misp_attribute.c ---- */

/* What it is and says; times, labels and the like are read when it is made. */
struct misp_attribute misp_attribute_of(struct misp *misp, slice json, bool deleted);
/* The type of the object that it becomes. */
const char *misp_attribute_becomes(const struct misp_attribute *attribute);
/* `id`: of the object, if it was kept; it lives as long as the event. */
MUST_USE struct err misp_read_attribute(struct misp *misp, slice json, bool deleted, slice *id);
