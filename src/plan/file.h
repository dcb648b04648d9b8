/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Rule files: what an organisation writes down beforehand, as lines of text (text/ini.h). The section [file] says which
 * version it is, where its content is from and when that was looked up; each further section "[duty NAME]" is one
 * thing, whose entries are its fields. Kinds of things are tables of fields; a mistake is told as FILE:LINE:COLUMN with
 * the rule that it breaks, and reading goes on, so that all of them are told at once. With any mistake nothing is used.
 *
 * Everything lies in the arena. Pure; any thread.
 */
#include "base/err.h"
#include "base/slice.h"

struct arena;

#define PLAN_THINGS_MAX 10000 /* of one file */
#define PLAN_KINDS_MAX 8      /* of things in one file */
#define PLAN_NAME_MAX 64      /* bytes of a name: small letters, digits, hyphens */

/* One field: sets it in `thing`. NULL, or as a sentence why the value cannot stand there (a literal or in the arena).
 */
typedef const char *plan_set(void *thing, slice value, struct arena *arena);
struct plan_field {
    const char *key;
    bool must; /* each thing has it */
    plan_set *set;
};

/* What a file is made of. A thing begins as zeros; its first member is a slice, its name. */
struct plan_kind {
    const char *word; /* "duty" of "[duty NAME]" */
    size_t size;      /* of the struct */
    const struct plan_field *fields;
    size_t field_count;
    /* When all its fields were read: NULL, or what does not go together. NULL: nothing to look at. */
    const char *(*end)(void *thing, struct arena *arena);
};

struct plan_file {
    slice version; /* "2026-11"; by it a thing's file is known later */
    slice source;  /* where its content is from, and when that was looked up */
    void *things;
    size_t count;
};

/* A mistake; `line` and `column` from 1. */
typedef void plan_say(void *context, const char *name, size_t line, size_t column, const char *why);

/*
 * Reads a file. ERR_INPUT with the first mistake and how many there are. `say`: gets all; NULL: nobody wants them.
 */
MUST_USE struct err plan_read(const char *name, slice text, const struct plan_kind *kind, plan_say *say, void *context,
        struct arena *arena, struct plan_file *file);
/* The same of a file with sections of several kinds, each of which gets a plan_file; the first has version and source.
 */
MUST_USE struct err plan_read_kinds(const char *name, slice text, const struct plan_kind *kinds, size_t count,
        plan_say *say, void *context, struct arena *arena, struct plan_file *files);

/* For the tables: "yes" or "no". */
const char *plan_truth(slice value, bool *is);
/* A whole number from least to most. */
const char *plan_number(slice value, uint64_t least, uint64_t most, uint64_t *number, struct arena *arena);
/* How grave a word says it is, from 1 (info) to 5 (critical); 0: it is none of these. */
size_t plan_severity(slice word);
#define PLAN_SEVERITIES "info, low, medium, high or critical"
/* Words between blanks, each made of small letters, digits, hyphens and slashes; in their order. */
const char *plan_words(slice value, struct arena *arena, slice **words, size_t *count);
