/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Made-up events and made-up intelligence, for demos, drills and measuring. Nothing is remembered between two calls:
 * every value is a function of the seed, what it is for, and its number, so that any part can be made again alone and
 * the bytes are the same on every machine. The simulation lives in the arena it was opened with and is read-only, so
 * threads may share it.
 *
 * Nobody real can be met: addresses come from 10.0.0.0/8, 198.18.0.0/15, 240.0.0.0/4, the documentation prefixes and
 * 2001:db8::/32, names end in .example or .test. Indicators and harmless values are kept apart by construction, and
 * lists nest: a short one is the beginning of every longer one with the same seed.
 */
#include "base/observable.h"

struct arena;

#define SIMULATE_EVENTS_MAX 4000000000u   /* events times hits still fits 64 bits */
#define SIMULATE_INDICATORS_MAX 12000000u /* as many as the address plan has prefixes for */
#define SIMULATE_PLANTED_FROM 10000u      /* hits are planted from this many first indicators */
#define SIMULATE_HOSPITALS 3              /* whose sensors write the events */
#define SIMULATE_RECORD_MAX 8192          /* bytes of one event or indicator; a shorter buf may fill up */

struct simulate_plan {
    const char *format; /* eve, csv or lines */
    uint64_t seed;
    uint64_t events;
    uint64_t indicators; /* at least 1 */
    uint64_t hits;       /* events that meet an indicator, at most `events` */
    int64_t start_us;    /* of the first event */
    bool day;            /* spread over 24 hours as people keep them; event n is of hospital n % SIMULATE_HOSPITALS */
};

struct simulation;

/* Asserts the ceilings; ERR_INPUT for a format that is none. */
MUST_USE struct err simulate_open(
        const struct simulate_plan *plan, struct arena *arena, const struct simulation **simulation);

/* One planted hit: exactly one field of the event meets exactly one indicator. */
struct simulate_hit {
    uint64_t event;            /* counted from 0 */
    uint64_t indicator;        /* counted from 0 */
    enum observable_type type; /* of the indicator */
    bool below;                /* the name is only below the domain */
    const char *field;         /* the log's own path */
};

/* "rs-contoh-melati"; its sensors add a number. */
const char *simulate_hospital(unsigned hospital);

/* What stands before the first event, with its newline (CSV: the column names); lines that it takes. */
uint64_t simulate_head(const struct simulation *simulation, struct buf *out);
/*
 * Appends one event and its newline; true if a hit was planted in it. Such an event is of a kind that has room for the
 * value; all others keep the shares of the mix.
 */
bool simulate_event(const struct simulation *simulation, uint64_t number, struct buf *out, struct simulate_hit *hit);
/* The value of a hit as the event has it; of a URL in two pieces, both. */
void simulate_hit_value(const struct simulation *simulation, const struct simulate_hit *hit, struct buf *out);

/* Appends the value of an indicator. */
enum observable_type simulate_indicator(const struct simulation *simulation, uint64_t number, struct buf *out);
/* Appends "indicator--" and a UUID of its own. */
void simulate_indicator_id(const struct simulation *simulation, uint64_t number, struct buf *out);
