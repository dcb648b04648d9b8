/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The forms in which intelligence comes: one file per form, each ending in a `const struct form`; forms.c is the table.
 * A form reads one whole text and hands on indicators one at a time, and says of everything else what it was.
 */
#include "base/observable.h"

struct arena;
struct form_objects;
struct stix_stream;

struct form_place {
    uint64_t line, column; /* from 1 */
};

/* Where the indicators go. The caller owns it; slices of an indicator live until the call returns. */
struct form_sink {
    void *context;
    /* ERR_LIMIT ends the reading; ERR_INPUT (the value cannot be of its type) is reported as a problem by the form. */
    struct err (*indicator)(void *context, const struct indicator *indicator);
    /* Something that was not understood or not used; `line` and `column` from 1, 0: not known. `why` is a sentence. */
    void (*problem)(void *context, uint64_t line, uint64_t column, const char *why);
    /* Something understood that holds no indicator we can index yet, by name: "pattern with AND", "attribute comment".
     */
    void (*skipped)(void *context, const char *what);
    /* Set when a text is refused as a whole: where. NULL: not wanted. */
    struct form_place *refused;
    /*
     * A STIX pattern that is more than values to look up (stix/pattern.h), as an indicator of no type whose value is
     * its text. Answers as `indicator` does. NULL: not wanted; what cannot be looked up is told as skipped.
     */
    struct err (*pattern)(void *context, const struct indicator *pattern);
    /* Set to the bytes of the row at hand before anything is told of it, by forms of rows. NULL: not wanted. */
    slice *row;
    /* Set to the place of an indicator before it is handed on. NULL: not wanted. */
    struct form_place *place;
    /* A column of a table that says nothing we know, by the name it has there, once. NULL: not wanted. */
    void (*unused)(void *context, slice column);
};

struct form {
    const char *name;  /* stix, misp, csv, list, text */
    const char *about; /* one line for help */
    /* How sure we are that a text beginning so is of this form: 0 no, 100 certain. */
    int (*recognise)(slice head);
    /*
     * Reads the whole text. ERR_INPUT if it cannot be this form at all (sink->refused says where); single bad rows are
     * problems. OK though nothing was found: the caller counts. `arena` is for the caller's messages; a form resets
     * nothing.
     */
    struct err (*read)(slice text, struct arena *arena, const struct form_sink *sink);
    /* The same text as whole STIX objects: form_objects_read in object.h is the way in. */
    struct err (*objects)(struct form_objects *reading, const struct stix_stream *stream);
};

extern const struct form form_stix, form_misp, form_csv, form_list, form_text;

/* The table, most particular first; ends with a NULL name. */
extern const struct form *const forms[];
const struct form *form_find(slice name);      /* NULL: no such form */
const struct form *form_recognise(slice head); /* the surest; NULL if none is sure at all */
