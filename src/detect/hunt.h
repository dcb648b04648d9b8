/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Looking into the past: who met what, when first, when last and how often, as far as it is remembered
 * (detect/remember.h). A prefix finds the addresses in it, a domain the names below it, a URL marked INDICATOR_BELOW
 * what lies below its path. One value or a million: each run is read once for all of them.
 *
 * detect_hunt is the verb, which asks for the right; a hunter is the follower "hunt", which looks for what new and
 * changed intelligence would have met, and hands that on as a batch of stream 0 ("events.met").
 */
#include "detect/remember.h"
#include "match/match.h"
#include "store/journal.h"

#define HUNT_MET_MAX 1000000    /* rows of one hunt; who asks for more asks for less at a time */
#define HUNT_VALUES_MAX 5000000 /* values of one hunt */
#define HUNT_AT_ONCE 250000     /* values of an import that are looked for at a time */
#define HUNTER_MET_MAX 100000   /* rows that one import may lead to; what has more is parked, and a person looks */

struct lists;

/* Whether a warning list holds it. */
bool hunt_is_listed(const struct match_index *lists, const struct indicator *indicator);

/* When a value is probably noise: in one place, for whoever tells of it or holds something back. */
struct hunt_noise {
    uint64_t most;                   /* of those we serve may meet it ([warning] reach); 0: any number */
    const struct match_index *lists; /* warning lists; NULL: none */
};
/* Whether a real attack would hardly have met so many. */
static inline bool hunt_is_noise(const struct hunt_noise *noise, uint64_t organisations)
{
    return noise->most != 0 && organisations > noise->most;
}

struct hunt_job {
    struct remember *remember;
    struct db *db;
    const struct indicator *values;
    size_t count;
    int64_t since_us, until_us; /* TIME_NONE: all that is remembered */
    struct hunt_noise noise;
};

/* What one organisation met of one value. */
struct hunt_met {
    uint32_t value; /* its place in the job */
    uint32_t days;  /* on how many */
    int64_t organisation;
    int64_t first_us, last_us;
    uint64_t count; /* sightings; of a name also those of names below it */
    int32_t day;    /* the first that a run may still bring */
    uint32_t seen;  /* of the days from there on, a bit each that was counted */
};

struct hunted {
    struct hunt_met *met; /* by value and organisation */
    size_t count;
    size_t listed; /* values that a warning list holds; they are looked for like the others */
    uint64_t runs, entries;
    size_t broken; /* runs that cannot be read, and were not asked */
    const char *why;
};

/*
 * For whom the actor may: all, or its own organisation. ERR_DENIED, ERR_INPUT for a value that cannot be of its type,
 * ERR_LIMIT.
 */
MUST_USE struct err detect_hunt(
        const struct hunt_job *job, const struct actor *actor, struct arena *arena, struct hunted *hunted);

/* How many of those we serve one value would have met. */
struct hunt_reach {
    uint32_t organisations;
    uint64_t sightings;
    int64_t first_us, last_us;
    bool listed; /* a warning list holds it */
    bool noise;  /* it met so many that it is probably noise */
};
/* Of each value of the job, in its order. The same rights and errors. */
MUST_USE struct err detect_reach(
        const struct hunt_job *job, const struct actor *actor, struct arena *arena, struct hunt_reach *reach);

/* ---- The follower ---- */

/*
 * What comes or changes, and is valid now, is looked for in all that is remembered; patterns that are more than values
 * to look up are not. Whoever was told of the same indicator before is not told again: not of one that was looked for
 * already, and of one that changed, or was there before, not who met it since. What a warning list holds is told as
 * well, since a person looks at such warnings; but if so many met it that it is noise, nobody is, and only its reach is
 * kept.
 */
struct hunter;

/* The db, the remember and the warning lists (NULL: none) belong to the caller and live as long. `most`: of hunt_noise.
 * One thread. */
MUST_USE struct err hunter_open(
        struct remember *remember, struct db *db, struct lists *lists, uint64_t most, struct hunter **hunter);
void hunter_close(struct hunter *hunter); /* NULL is allowed */
/* Does the next row of the journal that brings intelligence; *did: there was one. The reason of an error lives until
 * the next call. */
MUST_USE struct err hunter_once(struct hunter *hunter, bool *did);
