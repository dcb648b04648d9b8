/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Reading documents that somebody is to sign: JSON by tables of keys, in which what we do not know is refused, since
 * what is signed has to be understood whole. Every error names the document and the place in it: "terms: kinds[2]:
 * ...". Private to this folder. What was read lies in the arena.
 */
#include "stix/marks.h"

struct arena;

#define STRICT_WORD_MAX 200     /* bytes of a name, a time, an id */
#define STRICT_PURPOSE_MAX 4000 /* bytes of what a document is for */
#define STRICT_VERSION_MAX 1000000

struct strict {
    const char *about; /* "terms" */
    struct arena *arena;
    const char *place; /* "parties[1].country"; begins empty */
};

/* What a key may say; `target` is where it goes. */
typedef struct err strict_read(struct strict *strict, slice value, void *target);

struct strict_key {
    const char *name;
    bool required;
    strict_read *read;
};

struct strict_list {
    size_t most, size; /* how many, and the bytes of one */
    strict_read *read;
};

/* ERR_INPUT with the place. */
struct err strict_wrong(const struct strict *strict, const char *what);

/* Each key of the table at most once, each required one, and no other. targets[i] is that of keys[i]. */
MUST_USE struct err strict_keys(
        struct strict *strict, slice object, const struct strict_key *keys, size_t count, void *const *targets);
/* ERR_LIMIT beyond list->most. */
MUST_USE struct err strict_list(
        struct strict *strict, slice array, const struct strict_list *list, void **rows, size_t *count);

MUST_USE struct err strict_text(struct strict *strict, slice value, size_t bytes_max, slice *text);
/* From 1. */
MUST_USE struct err strict_number(struct strict *strict, slice value, int64_t most, int64_t *number);
MUST_USE struct err strict_word(
        struct strict *strict, slice value, const char *const *words, size_t count, size_t *found);

/* For tables: the target is a bool, int64_t, slice, slice and enum stix_tlp; */
strict_read strict_bool, strict_time, strict_country, strict_node, strict_tlp;
/* int64_t, slice and slice, of any such document. */
strict_read strict_version, strict_name, strict_purpose;

/* The edge: JSON within the limits of such documents, and its canonical bytes (RFC 8785). */
MUST_USE struct err strict_check(const char *about, slice json, size_t bytes_max, struct arena *arena);
MUST_USE struct err strict_canonical(const char *about, slice json, size_t bytes_max, struct arena *arena, slice *text);
