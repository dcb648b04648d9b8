/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* For tests of this folder: a node with a partner, constituents with contacts, indicators, and what was met. */
#include "desk/life.h"
#include "desk/rule.h"
#include "desk/tell.h"
#include "desk/warn.h"
#include "share/test_release.h"
#include "store/batch.h"
#include "store/contact.h"
#include "store/met.h"
#include "store/notice.h"

#define TEST_CLASS "malicious-code/infected-system"
#define STRICT "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"

static struct desk_warner test_warner;
static const struct actor test_warn_actor = {.name = {"@warn", 5}, .how = ACTOR_FOLLOWER};

/* ---- Whom we serve ---- */

struct test_contact {
    int64_t organisation, number;
    struct contact_put put;
};

static inline struct err test_contact_action(struct work *work, void *context)
{
    struct test_contact *contact = context;
    TRY(store_contact_add(work, contact->organisation, &contact->put, &contact->number));
    return store_contact_verify(work, contact->number);
}

static inline int64_t test_contact(struct test_store *store, int64_t organisation, const char *name, int64_t rank)
{
    struct test_contact contact = {.organisation = organisation,
            .put = {.name = slice_of(name),
                    .rank = rank,
                    .mail = slice_of(arena_printf(store->arena, "%s@rs.example", name)),
                    .phone = S(""),
                    .webhook = S(""),
                    .webhook_secret = S(""),
                    .languages = S("id en"),
                    .hours = S("always"),
                    .pgp_key = S("")}};
    test_ok(test_work(store, test_contact_action, &contact));
    return contact.number;
}

struct test_served {
    const char *name;
    int64_t number;
};

static inline struct err test_served_action(struct work *work, void *context)
{
    struct test_served *served = context;
    const struct organisation_put put = {.name = slice_of(served->name),
            .kind = S("hospital"),
            .sector = S("health"),
            .country = S("ID"),
            .relation = RELATION_CONSTITUENT};
    TRY(store_organisation_add(work, &put, &served->number));
    return store_organisation_state(work, served->number, ORGANISATION_ACTIVE);
}

/* Without a contact. */
static inline int64_t test_served(struct test_store *store, const char *name)
{
    struct test_served served = {.name = name};
    test_ok(test_work(store, test_served_action, &served));
    return served.number;
}

static inline int64_t test_hospital(struct test_store *store, const char *name)
{
    int64_t number = test_served(store, name);
    (void)test_contact(store, number, "siaga", 1);
    return number;
}

/* ---- Rules ---- */

static inline struct err test_standing_action(struct work *work, void *context)
{
    int64_t number;
    return store_warning_rule_add(work, context, &number);
}

/* Two persons agreed to it. */
static inline void test_standing(
        struct test_store *store, const char *class, enum severity severity, enum warning_does does)
{
    struct warning_rule rule = {.class = slice_of(class),
            .cause_kind = S(""),
            .severity = severity,
            .sector = S(""),
            .does = does,
            .until_us = TIME_NONE};
    test_ok(test_work(store, test_standing_action, &rule));
}

/* ---- What was met ---- */

struct test_met {
    struct met_put rows[8];
    size_t count;
    int64_t batch;
};

static inline struct err test_met_action(struct work *work, void *context)
{
    struct test_met *met = context;
    TRY(store_number(work->db, "batch", 1, &met->batch));
    return store_met_fold(work, met->batch, met->rows, met->count);
}

static inline struct met_put test_met_of(
        struct test_store *store, int64_t organisation, slice cause, int64_t events, enum severity severity)
{
    struct met_detail *detail = arena_new(store->arena, struct met_detail, 1);
    *detail = (struct met_detail){.digest = S("digest"),
            .first_us = NOON - HOUR_US,
            .last_us = NOON,
            .events = events,
            .own = S("192.0.2.7"),
            .peer = S("ipv4 203.0.113.77"),
            .extra = S("")};
    bool indicator = slice_starts(cause, S("indicator--"));
    return (struct met_put){.met = {.organisation = organisation,
                                    .cause_kind = indicator ? S(CAUSE_INDICATOR) : S(CAUSE_REPORT),
                                    .cause = cause,
                                    .class = S(TEST_CLASS),
                                    .stream = 1,
                                    .first_us = NOON - HOUR_US,
                                    .last_us = clock_now_us(),
                                    .events = events,
                                    .severity = severity},
            .details = detail,
            .detail_count = 1};
}

/* A batch that met something, and all that follows from it. */
static inline void test_warn(struct test_store *store)
{
    const struct follower follower = desk_follower(&test_warner);
    uint64_t followed;
    size_t did;
    do {
        test_ok(store_follower_once(store->db, &follower, 1000, store->arena, &followed));
        test_ok(desk_warn_some(&test_warner, store->db, &test_warn_actor, store->arena, &did));
    } while (did + followed > 0);
}

static inline void test_meets(
        struct test_store *store, int64_t organisation, const char *cause, int64_t events, enum severity severity)
{
    struct test_met met = {.count = 1};
    met.rows[0] = test_met_of(store, organisation, slice_of(cause), events, severity);
    test_ok(test_work(store, test_met_action, &met));
    test_warn(store);
}

/* ---- What came of it ---- */

/* The last warning there is. */
static inline struct warning test_last(struct test_store *store)
{
    struct warning *rows;
    size_t count;
    test_ok(store_warning_latest(store->db, WARNING_ALL, 0, INT64_MAX, 1, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    return rows[0];
}

static inline size_t test_warnings(struct test_store *store)
{
    struct warning *rows;
    size_t count;
    test_ok(store_warning_latest(store->db, WARNING_ALL, 0, INT64_MAX, 1000, store->arena, &rows, &count));
    return count;
}

/* How many notices of that kind there are. */
static inline size_t test_notices(struct test_store *store, enum notice_kind kind)
{
    struct notice *rows;
    size_t count, found = 0;
    test_ok(store_notice_latest(store->db, 0, INT64_MAX, 1000, store->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        found += rows[i].kind == kind;
    return found;
}

struct test_turn {
    int64_t warning;
    enum warning_state state;
    enum desk_answer answer;
};

static inline struct err test_state_action(struct work *work, void *context)
{
    const struct test_turn *turn = context;
    return desk_warning_state(work, turn->warning, turn->state, S(""));
}

static inline struct err test_answer_action(struct work *work, void *context)
{
    const struct test_turn *turn = context;
    return desk_answer(work, turn->warning, turn->answer, S(""));
}

static inline struct err test_state(struct test_store *store, int64_t warning, enum warning_state state)
{
    return test_work(store, test_state_action, &(struct test_turn){.warning = warning, .state = state});
}

static inline struct err test_answer(struct test_store *store, int64_t warning, enum desk_answer answer)
{
    return test_work(store, test_answer_action, &(struct test_turn){.warning = warning, .answer = answer});
}
