/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * An event as observed data, which is what STIX patterns speak of: one table says which object and property each value
 * of a log becomes (kentongan-match(1) shows it). The same table tells of a hint of a pattern how events that can meet
 * it are found cheaply. Nothing is owned; any thread.
 *
 * Hints that are values are written into an index when it is built, and what else they need when it is opened: who
 * changes what OBSERVE_TABLE is for raises IMAGE_VERSION (match/image.h).
 */
#include "event/event.h"
#include "stix/cover.h"
#include "stix/view.h"

struct arena;

/*
 * The view of an event, which happened at `when_us`. Values are written in one way: addresses as RFC 5952 says, names
 * and hashes in small letters without final dot, colons or 0x; what has to be rewritten goes into the arena.
 */
void observe_event(const struct event *event, int64_t when_us, struct arena *arena, struct stix_view *view);

/*
 * Writes the constants of a pattern in the same way, where it compares such values by =, !=, IN or LIKE: a hash in
 * capitals means the same hash. The pattern was read into this arena, and nobody else has it yet.
 */
void observe_spell(const struct stix_pattern *pattern, struct arena *arena);

/* Sets of what a field may give: a bit for each type of observable, and one for addresses and ports of the two ends. */
#define OBSERVE_ENDS (UINT32_C(1) << OBSERVABLE_TYPES)
uint32_t observe_field(const struct event_field *field);

/* How events that can meet a hint are found. */
enum observe_way {
    OBSERVE_NEVER, /* no event of ours holds such a value */
    OBSERVE_TABLE, /* an observable of theirs meets `value` */
    OBSERVE_TEXT,  /* the text of an observable of one of `types` holds `literal`, whatever the case */
    OBSERVE_PORT,
    OBSERVE_OBJECT, /* no more can be said than that they hold something of `types` */
};

struct observe_hint {
    enum observe_way way;
    uint32_t types;
    struct indicator value; /* type, name, value, flags */
    slice literal;
    uint16_t port;
};
struct observe_hint observe_hint(const struct stix_hint *hint);

/* Whether events can have this property, or something below it. */
bool observe_knows(const struct stix_path *path);
