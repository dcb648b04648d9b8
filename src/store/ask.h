/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Questions for people before something leaves, and the answers that hold: an ask is one for a partner, an originator,
 * a type and a rule, however many objects raise it; a standing rule is what two persons agreed to beforehand. A
 * question that nobody answers expires, and that is a no.
 */
#include "base/clock.h"
#include "stix/marks.h"
#include "store/work.h"

#define ASKS_OPEN_MAX 200     /* of one partner: nobody would look through more */
#define ASK_OBJECTS_MAX 10000 /* objects that are listed of one: a yes to just these is a rule for each */
#define RULES_MAX 1000        /* standing ones of one partner, but for those of single objects */

enum ask_state { ASK_OPEN, ASK_ALLOWED, ASK_DENIED, ASK_EXPIRED, ASK_STATES };

struct ask_row {
    int64_t number, partner, originator; /* originator: a partner; 0: we, or somebody outside */
    slice type, rule;
    enum stix_tlp highest; /* of the strictest of them */
    enum ask_state state;
    int64_t count, first_us, last_us, expires_us;
};

/*
 * One more object that raises it: of `row` partner, originator, type, rule, highest and expires_us. *open: the question
 * stands (it may have been answered with no before, or there are too many of that partner: then nobody is asked).
 */
MUST_USE struct err store_ask_raise(struct work *work, const struct ask_row *row, int64_t object, bool *open);
/* ERR_CONFLICT if it was allowed already, or is `state`. */
MUST_USE struct err store_ask_settle(struct work *work, int64_t number, enum ask_state state);
/* Those whose time is over become ASK_EXPIRED. */
MUST_USE struct err store_ask_expire(struct work *work, uint64_t *expired);
MUST_USE struct err store_ask_get(struct db *db, int64_t number, struct arena *arena, struct ask_row *row);
/* Behind that number; `all`: answered ones, too. */
MUST_USE struct err store_ask_list(struct db *db, bool all, int64_t after, size_t count, struct arena *arena,
        struct ask_row **rows, size_t *row_count);
/* Numbers of the objects that raised it (the first ASK_OBJECTS_MAX), behind that one, in order. */
MUST_USE struct err store_ask_objects(struct db *db, int64_t number, int64_t after, size_t count, struct arena *arena,
        int64_t **objects, size_t *object_count);
const char *store_ask_state_name(enum ask_state state); /* "open" */

/* ---- Standing rules ---- */

struct rule_row {
    int64_t number, partner; /* 0: any */
    slice type, id;          /* empty: all; id: of a single object */
    enum stix_tlp highest;
    int64_t approval, from_us, until_us, ended_us; /* ended_us: TIME_NONE: it holds until until_us */
};
MUST_USE struct err store_rule_add(struct work *work, const struct rule_row *row, int64_t *number);
/* ERR_MISSING; ERR_CONFLICT if it has ended. */
MUST_USE struct err store_rule_end(struct work *work, int64_t number);
/* Behind that number; of a partner and of any (partner 0: all there are). */
MUST_USE struct err store_rule_list(struct db *db, int64_t partner, int64_t after, size_t count, struct arena *arena,
        struct rule_row **rows, size_t *row_count);
/* Those that hold for a partner, but for those of single objects. */
MUST_USE struct err store_rule_holding(
        struct db *db, int64_t partner, int64_t now_us, struct arena *arena, struct rule_row **rows, size_t *row_count);
/* Up to which TLP one of this very object holds; none: there is none. */
MUST_USE struct err store_rule_names(struct db *db, int64_t partner, slice id, int64_t now_us, enum stix_tlp *highest);

/* ---- What kinds a partner was ever given ---- */

MUST_USE struct err store_kind_given(struct db *db, int64_t partner, slice type, bool *given);
MUST_USE struct err store_kind_give(struct work *work, int64_t partner, slice type);
