/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What "narrows" means: of two terms of which share_terms_narrow() says that the second only takes away, share_decide()
 * lets nothing out under the second that it did not let out under the first, to the recipient of the agreement or, of
 * what came from that partner, to others. Random terms and facts over objects with every marking; KENTONGAN_SEED=N
 * repeats a run, KENTONGAN_TRIES=N makes more of it.
 */
#include "share/terms.h"
#include "share/test_decide.h"

enum { TRIES = 250000, WORK_BYTES = 1 << 22 };

static uint64_t state_of_chance;

static uint64_t chance(uint64_t below) /* splitmix64 */
{
    uint64_t z = state_of_chance += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) % below;
}

static bool one_in(uint64_t many)
{
    return chance(many) == 0;
}

/* ---- What is decided ---- */

#define SIGHTING(marks)                                                                                                \
    OBJECT("sighting", marks,                                                                                          \
            ",\"sighting_of_ref\":\"" OTHER_ID "\",\"count\":3,\"where_sighted_refs\":[\"" OF_OURS_ID "\"]")

static const char *const objects[] = {
        INDICATOR(""),
        INDICATOR(Q(CLEAR)),
        INDICATOR(Q(GREEN)),
        INDICATOR(Q(AMBER)),
        INDICATOR(Q(STRICT)),
        INDICATOR(Q(RED)),
        INDICATOR(Q(GREEN) "," Q(FOR_GROUP)),
        INDICATOR(Q(AMBER) "," Q(SILENT)),
        INDICATOR(Q(AMBER) "," Q(AT_HOME)),
        INDICATOR(Q(AMBER) "," Q(ENCRYPTED)),
        INDICATOR(Q(GREEN) "," Q(UNNAMED)),
        INDICATOR(Q(NEVER_SEEN)),
        SIGHTING(""),
        SIGHTING(Q(CLEAR)),
        SIGHTING(Q(GREEN)),
        SIGHTING(Q(AMBER)),
        OBJECT("malware", Q(AMBER), ",\"name\":\"x\",\"is_family\":false"),
};

static const char *const types[] = {"indicator", "sighting", "malware"};

struct made {
    slice kinds[2][COUNT_OF(types)];
    struct share_document before, now;
};

static void terms_random(struct share_terms *terms, slice *kinds)
{
    *terms = (struct share_terms){.agreement = 1,
            .kinds = kinds,
            .highest = (enum stix_tlp)(TLP_CLEAR + chance(5)),
            .unmarked = (enum stix_tlp)(TLP_CLEAR + chance(5)),
            .sightings = one_in(2),
            .affected = one_in(2),
            .onward = (enum share_onward)chance(3),
            .meant_least = (unsigned)chance(8),
            .from_us = NOW_US + ((int64_t)chance(4) - 2) * DAY_US,
            .until_us = NOW_US + ((int64_t)chance(4) - 1) * DAY_US};
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (!one_in(3))
            kinds[terms->kind_count++] = slice_of(types[i]);
}

/* Other terms, in which some of the first ones are kept, so that they often compare. */
static void terms_near(const struct share_terms *from, struct share_terms *terms, slice *kinds)
{
    struct share_terms other;
    terms_random(&other, kinds);
    *terms = *from;
    terms->kinds = kinds;
    terms->kind_count = 0;
    for (size_t i = 0; i < from->kind_count; i++)
        if (!one_in(4))
            kinds[terms->kind_count++] = from->kinds[i];
    terms->highest = one_in(3) ? other.highest : from->highest;
    terms->unmarked = one_in(3) ? other.unmarked : from->unmarked;
    terms->sightings = one_in(3) ? other.sightings : from->sightings;
    terms->affected = one_in(3) ? other.affected : from->affected;
    terms->onward = one_in(3) ? other.onward : from->onward;
    terms->meant_least = one_in(3) ? other.meant_least : from->meant_least;
    terms->from_us = one_in(4) ? other.from_us : from->from_us;
    terms->until_us = one_in(4) ? other.until_us : from->until_us;
}

static void make(struct made *made)
{
    made->before = made->now = (struct share_document){.purpose = S("x")};
    terms_random(&made->before.terms, made->kinds[0]);
    terms_near(&made->before.terms, &made->now.terms, made->kinds[1]);
    for (size_t i = 0; i < 2; i++) {
        made->before.parties[i].discloses = made->now.parties[i].discloses = one_in(4);
        if (one_in(8))
            made->now.parties[i].discloses = !made->before.parties[i].discloses;
    }
}

/* ---- One decision, under either ---- */

struct given {
    struct share_subject subject;
    struct share_recipient to;
    struct share_facts facts;
    struct share_terms others; /* of the one who is not asked about */
    slice kinds[COUNT_OF(types)];
    struct uuid group;
    bool onward; /* the terms are those of who it came from */
};

static void given_make(struct given *given)
{
    terms_random(&given->others, given->kinds);
    given->onward = one_in(3);
    given->subject.origin = given->onward || one_in(4) ? SHARE_PARTNERS : one_in(4) ? SHARE_OUTSIDE : SHARE_OURS;
    given->subject.originator = given->subject.origin == SHARE_PARTNERS ? 2 : 0;
    given->subject.part = given->subject.from_incident = one_in(8);
    given->to = (struct share_recipient){
            .audience = one_in(2) ? SHARE_PARTNER : (enum share_audience)chance(SHARE_AUDIENCES),
            .number = 1,
            .active = true,
            .country = one_in(2) ? S("ID") : S("SG"),
            .groups = &given->group,
            .group_count = chance(2)};
    given->facts = (struct share_facts){.now_us = NOW_US,
            .consent = one_in(3),
            .standing = !one_in(3),
            .party = one_in(2),
            .encrypted = one_in(2),
            .meant = (unsigned)chance(10),
            .sector = one_in(2) ? S("health") : S(""),
            .producer = S(OURS_ID)};
}

static struct share_decision decide(struct given given, const struct share_document *document, struct arena *arena)
{
    struct share_decision decision;
    given.to.discloses = document->parties[1].discloses;
    given.facts.originators = given.subject.origin != SHARE_PARTNERS ? NULL
                              : given.onward                         ? &document->terms
                                                                     : &given.others;
    const struct share_terms *terms = given.onward ? &given.others : &document->terms;
    assert_int_equal(share_decide(&given.subject, &given.to, terms, &given.facts, arena, &decision).kind, ERR_NONE);
    return decision;
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static void what_narrows_lets_nothing_more_out(void **state)
{
    struct test_marks marks = test_marks_open(WORK_BYTES);
    uint64_t tries = number_of("KENTONGAN_TRIES", TRIES), narrow = 0, allowed = 0, taken = 0;
    state_of_chance = number_of("KENTONGAN_SEED", 20261121);
    (void)state;
    for (uint64_t i = 0; i < tries; i++) {
        struct made made;
        struct given given = {.others = {0}};
        arena_reset(marks.arena);
        make(&made);
        if (!share_terms_narrow(&made.before, &made.now))
            continue;
        slice json = slice_of(objects[chance(COUNT_OF(objects))]);
        assert_true(uuid_parse(S(GROUP_ID), &given.group));
        assert_int_equal(share_subject_read(json, marks.definitions, marks.arena, &given.subject).kind, ERR_NONE);
        given_make(&given);
        struct share_decision before = decide(given, &made.before, marks.arena);
        struct share_decision now = decide(given, &made.now, marks.arena);
        bool good = now.answer <= before.answer && (now.answer != SHARE_ALLOW || now.tlp >= before.tlp);
        if (!good)
            fail_msg("%d by %s was %d by %s, audience %d, onward %d: %.*s", now.answer, now.rule, before.answer,
                    before.rule, given.to.audience, given.onward, (int)json.len, json.ptr);
        narrow++;
        allowed += now.answer == SHARE_ALLOW;
        taken += now.answer != SHARE_ALLOW && before.answer == SHARE_ALLOW;
    }
    test_marks_close(&marks);
    /* Both happen often enough to mean something. */
    assert_true(narrow > tries / 100 && allowed > tries / 2000 && taken > tries / 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_narrows_lets_nothing_more_out)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
