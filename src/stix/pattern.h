/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * STIX 2.1 patterns (part 9 of the standard) as a tree. All rules of the standard that need no data are checked when a
 * pattern is read; what comes out can be evaluated (stix/evaluate.h), watched for in a stream (stix/window.h) and taken
 * apart for tables (stix/cover.h). Everything lives in the caller's arena or is a slice of the text; a pattern that was
 * read is never changed, so threads may share it.
 */
#include "base/err.h"
#include "base/ip.h"

struct arena;
struct stix_regex;

#define STIX_PATTERN_BYTES_MAX (16u << 20)
#define STIX_PATTERN_DEPTH_MAX 64 /* parentheses inside each other */
#define STIX_PATTERN_COMPARISONS_MAX (1u << 18)
#define STIX_PATTERN_CONSTANTS_MAX (1u << 20)    /* values of all IN together, and of other operators */
#define STIX_PATTERN_OBSERVATIONS_MAX (1u << 16) /* [ ] */
#define STIX_PATTERN_TYPES_MAX 64                /* object types inside one [ ] */
#define STIX_PATTERN_STEPS_MAX 32                /* of one object path */
#define STIX_PATTERN_REGEXES_MAX 1024

enum stix_step_kind { STIX_STEP_KEY, STIX_STEP_INDEX, STIX_STEP_EVERY };

/* One step of an object path (9.7): .name, [2] or [*]. */
struct stix_step {
    enum stix_step_kind kind;
    int64_t index; /* a negative one is never there */
    slice key;     /* without quotes and escapes */
};

/* How the values of a property are written: names that end in _hex and _bin hold bytes (9.6.4). */
enum stix_coding { STIX_CODING_NONE, STIX_CODING_HEX, STIX_CODING_BASE64 };

struct stix_path {
    slice object; /* "file" */
    slice text;   /* "hashes.SHA-256": quotes are kept only around a step that holds other than letters, digits, _ and -
                   */
    const struct stix_step *steps;
    uint32_t step_count;
    uint32_t every_count; /* steps [*] among them */
    enum stix_coding coding;
};

enum stix_constant_kind {
    STIX_CONSTANT_TEXT,
    STIX_CONSTANT_NUMBER,
    STIX_CONSTANT_BOOLEAN,
    STIX_CONSTANT_BYTES, /* b'...' and h'...' */
    STIX_CONSTANT_TIME,
};

struct stix_constant {
    enum stix_constant_kind kind;
    bool boolean;
    slice text;  /* a string without quotes and escapes; anything else as written between its quotes */
    slice bytes; /* BYTES decoded; TEXT as bytes, if all its characters are below U+0100 (9.6.4), else ptr is NULL */
    double number;
    int64_t integer; /* the exact value, if is_integer */
    bool is_integer;
    const struct stix_constant *next; /* of an IN */
};

enum stix_operator {
    STIX_EQUAL,
    STIX_UNEQUAL,
    STIX_LESS,
    STIX_LESS_EQUAL,
    STIX_GREATER,
    STIX_GREATER_EQUAL,
    STIX_IN,
    STIX_LIKE,
    STIX_MATCHES,
    STIX_ISSUBSET,
    STIX_ISSUPERSET,
    STIX_EXISTS,
};

/* A comparison (9.6). */
struct stix_test {
    struct stix_path path;
    enum stix_operator how;
    bool negated;
    const struct stix_constant *constants; /* none: EXISTS, and an empty IN */
    size_t constant_count;
    union {
        struct {
            const struct stix_regex *regex; /* MATCHES; NULL: no bytes can be met by such characters */
        };
        slice like;           /* LIKE: in normal form C, or bytes if the property holds bytes; ptr NULL as above */
        struct prefix prefix; /* ISSUBSET, ISSUPERSET */
    };
};

enum stix_node_kind {
    STIX_NODE_TEST,        /* inside [ ] */
    STIX_NODE_OBSERVATION, /* [ ]: one child, which stands inside */
    STIX_NODE_AND,         /* inside and outside */
    STIX_NODE_OR,          /* inside and outside */
    STIX_NODE_FOLLOWEDBY,
    STIX_NODE_WITHIN,
    STIX_NODE_REPEATS,
    STIX_NODE_START_STOP,
};

struct stix_node {
    enum stix_node_kind kind;
    uint32_t number;               /* OBSERVATION: counts from 0 in the order of the text; TEST: the bit of its type */
    const struct stix_node *first; /* children */
    const struct stix_node *next;
    uint64_t types; /* inside [ ]: bit per object type of which one object can meet this */
    union {
        const struct stix_test *test;
        struct {
            const slice *type_names; /* OBSERVATION: by bit */
            size_t type_count;
        };
        int64_t within_us;
        uint64_t times;
        struct {
            int64_t start_us, stop_us;
        };
    };
};

enum stix_relation {
    STIX_RELATION_EQUALS, /* an IN is one of these for each of its values */
    STIX_RELATION_ISSUBSET,
    STIX_RELATION_LIKE,
};

/* One way for a simple pattern to match. */
struct stix_atom {
    const struct stix_path *path;
    const struct stix_constant *constant;
    enum stix_relation relation;
    const struct stix_atom *next;
};

struct stix_pattern {
    const struct stix_node *root;
    size_t observation_count;
    size_t comparison_count;
    /*
     * A pattern that a table can answer comes apart into atoms, any one of which is enough:
     * [a:b = 'x' OR c:d IN ('y', 'z')] OR [e:f = 'w']. `beyond` is what was met first that needs more: "AND",
     * "FOLLOWEDBY", "!="; then there are no atoms. NULL: the atoms say all of it.
     */
    const char *beyond;
    const struct stix_atom *atoms;
    size_t atom_count;
};

struct stix_place {
    size_t line, column; /* from 1, in bytes */
};

/*
 * ERR_INPUT if it is not a pattern, with the place and, in `why`, the section; ERR_LIMIT above a ceiling. `pattern` and
 * `place` are each left alone in the other case.
 */
MUST_USE struct err stix_pattern_parse(
        slice text, struct arena *arena, struct stix_pattern *pattern, struct stix_place *place);
