/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Whether one object is what STIX says. The object lies on a tape; what is found goes to a function, with the place in
 * the tape's text. Nothing is allocated while nothing is found. Private to this folder: bundle.h is the way in.
 */
#include "base/arena.h"
#include "stix/table.h"
#include "stix/validate.h"
#include "json/tape.h"

#define STIX_WORK_MAX (128u << 20) /* bytes of memory for checking one object */
#define STIX_STEPS_MAX (16u << 20) /* parts of an object that its selectors and local references may pass */

enum stix_version { STIX_21 = 1, STIX_20 = 2 }; /* bits, so that a rule can be of both */

/* A step of the way to the value at hand; lives on the stack. */
struct stix_where {
    const struct stix_where *up;
    slice key;    /* or, without a pointer, */
    size_t index; /* of a list */
};

struct stix_check {
    const struct json_tape *tape;
    enum stix_version version;
    struct arena *work; /* emptied by the owner after each object */
    void *context;
    void (*say)(void *context, enum stix_level level, size_t offset, const char *why);
    bool (*wants)(void *context, enum stix_level level); /* false: only count it */
    const struct stix_where *path;
    size_t object;    /* the token of the object being checked */
    uint16_t type;    /* its type */
    size_t container; /* the token of the observable container around it; 0: none */
    bool toplevel;    /* an extension adds properties to the object itself */
    bool new_type;    /* an extension defines the object's type */
    bool full;        /* there was too little memory to check all */
    uint64_t steps;   /* taken by selectors and local references */
    /* Which row speaks, for whoever listens to `say`: a rule between properties or else a property, if any. */
    const struct stix_rule *rule;
    const struct stix_property *property;
};

/* The members of an object that were met. */
struct stix_members {
    size_t token;
    uint16_t type;
    uint64_t seen;                    /* bits of properties */
    uint32_t at[STIX_PROPERTIES_MAX]; /* their values, where seen */
    unsigned unknown;                 /* members of other names */
};

/* Checks the object at this token, as one at top level. */
void stix_object_check(struct stix_check *check, size_t token);

/* ---- For the files that check parts ---- */

/* "PATH: SENTENCE [STIX 2.1 section SECTION]", at a token. */
void stix_say(struct stix_check *check, enum stix_level level, size_t token, const char *section, const char *format,
        ...) __attribute__((format(printf, 5, 6)));
/* The text of a string or key, escapes resolved. */
slice stix_text(struct stix_check *check, const struct json_token *token);
/* The value of a member; NULL: there is none. */
const struct json_token *stix_member(const struct stix_check *check, size_t object, slice key);
/* As stix_member, for whoever may ask often: NULL, too, when all steps are taken. */
const struct json_token *stix_member_step(struct stix_check *check, size_t object, slice key);
/* Checks what stands at a token against a row. */
void stix_syntax_check(struct stix_check *check, const struct stix_ready *ready, size_t token);
/* Checks the members of an object against the rows of a type, and the rules between them. */
void stix_members_check(struct stix_check *check, size_t token, uint16_t type, struct stix_members *members);
/* Values of properties that nobody defined: what holds of every value. */
void stix_custom_check(struct stix_check *check, slice name, size_t token);
/* The extensions of an object (extension.c), and what they allow. */
void stix_extensions_check(struct stix_check *check, size_t token);
void stix_extensions_look(struct stix_check *check, size_t object, enum stix_family *family);

/* ---- The rules between properties (rules.c) ---- */

struct stix_ready_rule;
typedef void stix_rule_check(
        struct stix_check *check, const struct stix_members *members, const struct stix_ready_rule *rule);

struct stix_rule {
    const char *type; /* or the name of rows in common; NULL ends the table */
    stix_rule_check *check;
    const char *names;
    const char *section;
    unsigned versions; /* STIX_21, STIX_20 */
    enum stix_level level;
    const char *why;
};

extern const struct stix_rule stix_rules[];

void stix_rules_check(struct stix_check *check, const struct stix_members *members);
