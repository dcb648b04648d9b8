/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A pattern watched for in a stream: candidate observations come one by one, about in the order of time, and the window
 * says when some of those it holds make the pattern true. They are used up by that, so that the same observations tell
 * once. What it holds is bounded; what falls out is counted. Owned by who opened it; one thread at a time.
 */
#include "stix/evaluate.h"

#define STIX_WINDOW_OBSERVATIONS 10000
#define STIX_WINDOW_US (INT64_C(24) * 3600 * 1000000)
#define STIX_WINDOW_BYTES (16u << 20)
#define STIX_WINDOW_STEPS 1000000u /* of work for one candidate */

struct stix_window_limits {
    size_t observations; /* held at once */
    int64_t us;          /* behind the latest one that came */
    size_t bytes;        /* that they take */
    uint64_t steps;
};

extern const struct stix_window_limits stix_window_defaults;

struct stix_window_counts {
    uint64_t seen;        /* observations that were offered */
    uint64_t candidates;  /* of these, that meet some [ ] */
    uint64_t matches;     /* times that the pattern became true */
    uint64_t out_of_time; /* candidates that fell out, or came, too long after the latest */
    uint64_t out_of_room; /* that made room for newer ones */
    uint64_t given_up;    /* that took more steps than they are given: a match may have been missed */
};

struct stix_window;

/* The pattern has to outlive the window. NULL: the default limits. */
struct stix_window *stix_window_open(const struct stix_pattern *pattern, const struct stix_window_limits *limits);
void stix_window_close(struct stix_window *window); /* NULL is allowed */

struct stix_window_answer {
    bool match;
    const uint64_t
            *tags; /* of the observations that match, by time; one is there as often as it counts, at most once */
    size_t count;
};

/* `tag` is what the caller knows the observation by. The answer lies in the arena. */
struct stix_window_answer stix_window_add(struct stix_window *window, const struct stix_observation *observation,
        uint64_t tag, struct stix_scratch *scratch, struct arena *arena);

/* The same for who has evaluated it already: `words` as stix_evaluate_one gave them, not all zero. */
struct stix_window_answer stix_window_put(
        struct stix_window *window, const struct stix_candidate *candidate, const uint64_t *words, struct arena *arena);

struct stix_window_counts stix_window_counts(const struct stix_window *window);
/* Held now. */
size_t stix_window_held(const struct stix_window *window);
