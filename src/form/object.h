/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Intelligence as whole STIX objects, for who keeps it: what came as STIX byte for byte, everything else translated.
 * form.h answers "what is to be looked for"; this answers "what is to be kept", and names all that it leaves behind.
 *
 * Reading is a stream: an object is held at a time (STIX), or an event (MISP), or a row. Nothing is kept between calls;
 * slices of an object live until the sink returns. One thread.
 */
#include "base/hash.h"
#include "form/form.h"
#include "stix/validate.h"

#define FORM_TEXT_MAX (1u << 30) /* bytes of a text that is no STIX: it is held as a whole */
#define FORM_WARNINGS_MAX 1000   /* of one reading that are told; then how many more there were */
#define FORM_DROPPED_MAX 4096    /* names of what was left behind; further ones are counted together */

/*
 * The namespace of UUIDs (RFC 9562 section 5.5) of objects that come without an id. The name in it is the form, the
 * name of the file or feed, the kind of value and the value, with a NUL between each: who reads tomorrow's list under
 * the same name makes the same ids. Of MISP, what has no UUID: kind, event and what it says, under "misp".
 */
#define FORM_NAMESPACE "0d6ce8a5-7b1f-4d3a-9a56-2f1e8c0b7a94"

/* One STIX object and what a keeper needs of it. */
struct form_object {
    slice bytes;         /* as it came, or, if `made`, compact JSON of ours */
    slice id, type;      /* decoded */
    slice spec_version;  /* "2.0", "2.1" */
    slice version;       /* normalised `modified`: no Z, no trailing zeros of the fraction, so that order is byte order;
                            empty: a kind without versions */
    slice created_by;    /* created_by_ref, or empty */
    int64_t modified_us; /* TIME_NONE: a kind without versions */
    bool revoked;
    bool made;             /* translated from another form: its times may be those of now, so compare `meaning` */
    struct sha256 meaning; /* of a made object: all that it says but the moment we made it; of others: of its bytes */
    uint64_t line, column; /* where it began in its text */
};

/* Where objects go. The caller owns it. */
struct form_object_sink {
    void *context;
    /* An error of either of the first two ends the reading and is its answer; nothing more is handed on then. */
    struct err (*object)(void *context, const struct form_object *object);
    /*
     * Refused: not valid STIX, a row that is none. `original` is what it was, as it came; it is empty where the reason
     * is about a bundle and not an object in it.
     */
    struct err (*refused)(void *context, uint64_t line, uint64_t column, const char *why, slice original);
    /* Understood and left behind, by name, `count` times: "attribute field event_id". */
    void (*dropped)(void *context, const char *what, uint64_t count);
    /* What should be otherwise in an object that is kept all the same; line 0: about all. NULL: not wanted. */
    void (*warned)(void *context, uint64_t line, uint64_t column, const char *why);
    /* How many warnings more there were than are told. NULL: a last one tells it, in words. */
    void (*unwarned)(void *context, uint64_t count);
};

struct form_object_options {
    slice name;           /* of the file or feed: made ids depend on it where the form has no ids of its own */
    const char *form;     /* stix, misp, csv, list, text; NULL: by its looks */
    int64_t now_us;       /* created and modified of made objects whose form has no times */
    slice creator;        /* identity id that made objects name in created_by_ref; empty: none */
    slice marking;        /* marking-definition id for made objects that come without one (MISP: of TLP); empty: none */
    uint64_t objects_max; /* ERR_LIMIT beyond; 0: none */
};

/*
 * Reads to the end. ERR_INPUT if it cannot be of that form at all, or its JSON breaks off (objects before the break
 * were handed on: the caller decides what becomes of them); ERR_LIMIT beyond a ceiling, which is named. `*used` is the
 * form that it was.
 */
MUST_USE struct err form_objects_read(const struct stix_stream *stream, const struct form_object_options *options,
        struct arena *arena, const struct form_object_sink *sink, const char **used);
