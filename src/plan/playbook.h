/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Playbooks (CACAO Security Playbooks 2.0): the steps that people agreed on beforehand, as JSON. One is read whole or
 * not at all: shape and references of all it holds, the graph of its steps (one that is missing, one that nobody gets
 * to, a ring), and its signatures. All mistakes are told with their place, what only looks odd as a warning.
 *
 * Nothing here runs anything. What a step would run is text for the person who does it.
 *
 * Everything lies in the arena, or points into the text. Pure; any thread.
 */
#include "base/err.h"
#include "json/read.h"

struct arena;

#define PLAN_PLAYBOOK_MAX (1u << 20) /* bytes of one */
#define PLAN_STEPS_MAX 256           /* of one */
#define PLAN_BEFORES_MAX 100         /* steps of people that one of them waits for */
#define PLAN_ODD_MAX 100             /* warnings of one; the last says that there may be more */
#define PLAN_WRONG_MAX 1000          /* mistakes of one, then nobody looks for more */
#define PLAN_SIGNATURES_MAX 16       /* of one */

enum plan_step_kind {
    PLAN_START,
    PLAN_END,
    PLAN_ACTION,
    PLAN_PLAYBOOK_ACTION,
    PLAN_PARALLEL,
    PLAN_IF,
    PLAN_WHILE,
    PLAN_SWITCH,
    PLAN_STEP_KINDS,
};

struct plan_step {
    enum plan_step_kind kind;
    slice id, name, text; /* text: its description; each may be empty but the id */
    slice json;           /* the step, byte for byte */
    slice agent;          /* name of who does it; or empty */
    bool work;            /* somebody has to do something or decide: it becomes a task */
    uint16_t *befores;    /* of one that is work: the steps of work right before it, by their place */
    size_t before_count;
};

enum plan_signature { PLAN_UNSIGNED, PLAN_SIGNED, PLAN_KEY_UNKNOWN };

struct plan_playbook {
    slice id, name, version; /* version: its `modified` */
    slice types;             /* words between blanks; or empty */
    bool text_only;          /* attack or engagement: to be read, never to be started */
    bool revoked;
    enum plan_signature signature; /* PLAN_SIGNED: each one that has its key holds; whose that is, `key` says */
    slice key;                     /* SHA-256 of the first key that signed, in hexadecimal digits; or empty */
    struct plan_step *steps;       /* no step stands before one that it comes after */
    size_t step_count;
};

/* Something to be told; `line` and `column` from 1. */
struct plan_finding {
    size_t line, column;
    bool warning; /* nothing that refuses the playbook */
    const char *why;
};
typedef void plan_found(void *context, const struct plan_finding *finding);

/*
 * Reads a playbook. ERR_INPUT with the first mistake, its place, and how many there are. `found`: gets all of them;
 * NULL: nobody wants them.
 */
MUST_USE struct err plan_playbook_read(const char *name, slice text, plan_found *found, void *context,
        struct arena *arena, struct plan_playbook *playbook);

/* What the person who does a step reads: its description, what it would run, on what, and which ways lead on. */
slice plan_step_text(const struct plan_playbook *playbook, const struct plan_step *step, struct arena *arena);

/* Where it goes on from a step: `to`, by its place, under `when` (the name of a case; of other ways empty). */
enum plan_way_kind {
    PLAN_THEN,
    PLAN_DONE,
    PLAN_NOT_DONE,
    PLAN_SIDE_BY_SIDE,
    PLAN_IF_SO,
    PLAN_IF_NOT,
    PLAN_CASE,
    PLAN_WAY_KINDS,
};
struct plan_way {
    enum plan_way_kind kind;
    slice when;
    size_t to;
};
struct plan_ways {
    const struct plan_playbook *playbook;
    const struct plan_step *step;
    struct arena *arena;
    size_t next;
    struct json_elements elements;
    struct json_members members;
};
struct plan_ways plan_ways(const struct plan_playbook *playbook, const struct plan_step *step, struct arena *arena);
bool plan_way_next(struct plan_ways *ways, struct plan_way *way);

/* Whether one of these types, words between blanks, is one of which nothing is ever started: attack, engagement. */
bool plan_playbook_is_text(slice types);

const char *plan_step_kind_name(enum plan_step_kind kind);      /* "if-condition" */
const char *plan_signature_name(enum plan_signature signature); /* "none", "good", "unknown-key" */
