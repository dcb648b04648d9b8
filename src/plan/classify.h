/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What was told us, classed by the words in it: a rule file of sections "[class NAME]" (etc/classes.conf), each with
 * phrases in three languages. Rules are read from the top. The first that fits and has a class proposes it; it and
 * those without a class that fit add their flags, and the gravest severity of them is proposed. What is proposed names
 * its rule, for the person who decides. No patterns, no weights: who wonders why reads the rule.
 *
 * A phrase is words with blanks between. It is there where its words stand in that order, as whole words; a star at its
 * beginning or end lets the first or last word go on ("menipu*"). Upper and lower case of ASCII letters, full-width
 * letters and runs of blanks are one. Writing without blanks between words (Chinese) is found anywhere.
 *
 * Pure; any thread. Everything lies in the arena.
 */
#include "plan/file.h"

#define PLAN_CLASS_PHRASES_MAX 4000            /* of a file */
#define PLAN_CLASS_TEXT_MAX ((size_t)64 << 10) /* of what was told; words behind it do not count */

struct plan_phrase {
    slice text;
    bool open_front, open_back; /* its first, its last word goes on */
};
struct plan_phrases {
    struct plan_phrase *rows;
    size_t count;
};

struct plan_class {
    slice name;
    slice class;    /* taxonomy/type of RSIT; or empty */
    slice severity; /* a word; or empty */
    slice *flags;   /* of plan_class_flag */
    size_t flag_count;
    struct plan_phrases any;     /* in all languages */
    uint64_t least;              /* so many different ones of them */
    struct plan_phrases with;    /* and one of these; none: no matter */
    struct plan_phrases without; /* but none of these */
    bool link, file;             /* and a URL is told, and a file hangs on it */
};

struct plan_classes {
    slice version;
    struct plan_class *rows;
    size_t count;
};

/* What is looked at. */
struct plan_told {
    slice subject, text;
    bool link, file;
};

struct plan_proposal {
    slice class, class_rule;       /* or both empty */
    slice severity, severity_rule; /* or both empty */
    slice flags;                   /* words between blanks, in the order of the rules; or empty */
};

/* The flag at a place, from 0; NULL behind the last one. */
const char *plan_class_flag(size_t at);
/* Those that come with the program. */
MUST_USE struct err plan_classes_shipped(struct arena *arena, struct plan_classes *classes);
/* A file by its name, as plan_read. */
MUST_USE struct err plan_classes_read(
        const char *name, slice text, plan_say *say, void *context, struct arena *arena, struct plan_classes *classes);
/* An organisation's own first; one of the shipped ones with the name of an own one is not there. */
struct plan_classes plan_classes_merge(
        const struct plan_classes *own, const struct plan_classes *shipped, struct arena *arena);
/* What is to be thought of it. */
struct plan_proposal plan_classify(
        const struct plan_classes *classes, const struct plan_told *told, struct arena *arena);
