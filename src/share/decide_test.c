/* SPDX-License-Identifier: Apache-2.0 */
#include "share/test_decide.h"

#include "stix/checker.h"
#include "json/read.h"

/*
 * We are K; B (1) and C (2) are partners, S1 and S2 work for us. Each row says one thing that the rules have to hold:
 * the last test takes each rule out in turn and demands that a row fails.
 */

static const slice kinds[] = {{"indicator", 9}, {"sighting", 8}, {"report", 6}, {"note", 4}, {"identity", 8},
        {"relationship", 12}, {"malware", 7}};
static struct uuid group;

/* The terms that are usual, and what a row has otherwise. */
static const struct share_terms usual = {.agreement = 1,
        .kinds = kinds,
        .kind_count = COUNT_OF(kinds),
        .highest = TLP_AMBER_STRICT,
        .unmarked = TLP_AMBER,
        .sightings = true,
        .onward = SHARE_ONWARD_ASK,
        .until_us = NOW_US + DAY_US};

static void affected_true(struct share_terms *terms)
{
    terms->affected = true;
}

static void unmarked_green(struct share_terms *terms)
{
    terms->unmarked = TLP_GREEN;
}

static void highest_green(struct share_terms *terms)
{
    terms->highest = TLP_GREEN;
}

static void onward_yes(struct share_terms *terms)
{
    terms->onward = SHARE_ONWARD_YES;
}

static void until_us_now_us(struct share_terms *terms)
{
    terms->until_us = NOW_US;
}

static void from_us_now_us_1(struct share_terms *terms)
{
    terms->from_us = NOW_US + 1;
}

static void suspended_true(struct share_terms *terms)
{
    terms->suspended = true;
}

static void sightings_false(struct share_terms *terms)
{
    terms->sightings = false;
}

static void highest_red(struct share_terms *terms)
{
    terms->highest = TLP_RED;
}

static void unmarked_amber_strict_highest_amber(struct share_terms *terms)
{
    terms->unmarked = TLP_AMBER_STRICT;
    terms->highest = TLP_AMBER;
}

static void unmarked_clear_highest_clear(struct share_terms *terms)
{
    terms->unmarked = TLP_CLEAR;
    terms->highest = TLP_CLEAR;
}

static void onward_no(struct share_terms *terms)
{
    terms->onward = SHARE_ONWARD_NO;
}

static void until_us_now_us_onward_yes(struct share_terms *terms)
{
    terms->until_us = NOW_US;
    terms->onward = SHARE_ONWARD_YES;
}

static void meant_least_10(struct share_terms *terms)
{
    terms->meant_least = 10;
}

#define ABOUT ",\"content\":\"we look\",\"object_refs\":[\"" OURS_ID "\"]"
#define NOTE_AT(marks) OBJECT("note", marks, ABOUT)

struct row {
    const char *what;
    const char *object;
    enum share_origin origin; /* SHARE_PARTNERS: B */
    struct share_recipient to;
    void (*terms)(struct share_terms *terms); /* with the recipient */
    void (*from)(struct share_terms *terms);  /* with B */
    struct share_facts facts;
    struct share_subject more; /* what the caller adds */
    enum share_answer answer;
    enum share_asked asked;
    const char *rule;
    unsigned stripped;
};

#define C_PARTNER                                                                                                      \
    {                                                                                                                  \
        .audience = SHARE_PARTNER, .number = 2, .active = true, .country = { "SG", 2 }                                 \
    }
#define C_MEMBER                                                                                                       \
    {                                                                                                                  \
        .audience = SHARE_PARTNER, .number = 2, .active = true, .groups = &group, .group_count = 1                     \
    }
#define ONE_SERVED                                                                                                     \
    {                                                                                                                  \
        .audience = SHARE_CONSTITUENT, .number = 7, .active = true, .country = { "ID", 2 }                             \
    }
#define SECTOR_TEAM                                                                                                    \
    {                                                                                                                  \
        .audience = SHARE_SECTOR, .number = 8, .active = true, .country = { "ID", 2 }                                  \
    }
#define ALL_SERVED                                                                                                     \
    {                                                                                                                  \
        .audience = SHARE_CONSTITUENTS, .active = true, .country = { "ID", 2 }                                         \
    }
#define S2                                                                                                             \
    {                                                                                                                  \
        .audience = SHARE_STAFF, .number = 5, .active = true                                                           \
    }
#define ANYBODY                                                                                                        \
    {                                                                                                                  \
        .audience = SHARE_PUBLIC, .active = true                                                                       \
    }
#define BLOCK_LIST                                                                                                     \
    {                                                                                                                  \
        .audience = SHARE_DEFENCE, .active = true                                                                      \
    }
#define CSAF                                                                                                           \
    {                                                                                                                  \
        .audience = SHARE_CSAF_20, .number = 2, .active = true                                                         \
    }
#define AGREED .facts = {.standing = true}

#define UNKNOWN(...)                                                                                                   \
    (const struct share_unknown[])                                                                                     \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }
#define SEEN_BY(where)                                                                                                 \
    ",\"sighting_of_ref\":\"" OTHER_ID "\",\"first_seen\":\"2026-11-19T13:14:15Z\","                                   \
    "\"last_seen\":\"2026-11-20T13:14:15Z\",\"count\":4711" where
#define WHERE ",\"where_sighted_refs\":[\"" OF_OURS_ID "\"],\"description\":\"Rumah Sakit Contoh\""

static const struct row rows[] = {
        /* ---- The 16 vectors ---- */
        {"1 CLEAR, ours, public", INDICATOR(Q(CLEAR)), SHARE_OURS, ANYBODY, .answer = SHARE_ALLOW},
        {"2 GREEN, ours, group G, public", INDICATOR(Q(GREEN) "," Q(FOR_GROUP)), SHARE_OURS, ANYBODY, .rule = "tlp"},
        {"2 GREEN, ours, group G, member", INDICATOR(Q(GREEN) "," Q(FOR_GROUP)), SHARE_OURS, C_MEMBER,
                .answer = SHARE_ALLOW},
        {"2 GREEN, ours, group G, stranger", INDICATOR(Q(GREEN) "," Q(FOR_GROUP)), SHARE_OURS, C_PARTNER,
                .rule = "group"},
        {"3 GREEN from B, no group, partner C", INDICATOR(Q(GREEN)), SHARE_PARTNERS, C_PARTNER, .answer = SHARE_ASK,
                .asked = SHARE_ASK_CONSENT, .rule = "originator"},
        {"4 AMBER from B, affected may be told, one matched", INDICATOR(Q(AMBER)), SHARE_PARTNERS, ONE_SERVED,
                .from = affected_true, AGREED, .answer = SHARE_ALLOW},
        {"4 AMBER from B, all whom we serve", INDICATOR(Q(AMBER)), SHARE_PARTNERS, ALL_SERVED, .from = affected_true,
                AGREED, .rule = "tlp"},
        {"5 AMBER from B, partner C", INDICATOR(Q(AMBER)), SHARE_PARTNERS, C_PARTNER, .asked = SHARE_ASK_CONSENT,
                .rule = "originator"},
        {"5 AMBER from B, partner C, consent", INDICATOR(Q(AMBER)), SHARE_PARTNERS, C_PARTNER,
                .facts = {.consent = true}, .answer = SHARE_ALLOW},
        {"6 AMBER+STRICT from B, our analyst", INDICATOR(Q(STRICT)), SHARE_PARTNERS, S2, .answer = SHARE_ALLOW},
        {"6 AMBER+STRICT from B, our constituent", INDICATOR(Q(STRICT)), SHARE_PARTNERS, ONE_SERVED, AGREED,
                .asked = SHARE_ASK_CONSENT, .rule = "tlp"},
        {"7 RED from B to S1, S2", INDICATOR(Q(RED)), SHARE_PARTNERS, S2, .rule = "tlp"},
        {"7 RED from B to S1, S1", INDICATOR(Q(RED)), SHARE_PARTNERS, S2, .facts = {.named = true},
                .answer = SHARE_ALLOW},
        {"8 unmarked from B, partner C", INDICATOR(""), SHARE_PARTNERS, C_PARTNER, .asked = SHARE_ASK_CONSENT,
                .rule = "originator"},
        {"8 unmarked from B, public", INDICATOR(""), SHARE_PARTNERS, ANYBODY, .rule = "tlp"},
        {"8 unmarked from B, agreed GREEN", INDICATOR(""), SHARE_PARTNERS, C_PARTNER, .from = unmarked_green,
                .answer = SHARE_ASK, .asked = SHARE_ASK_CONSENT, .rule = "originator"},
        {"9 AMBER, must not notify, matched", INDICATOR(Q(AMBER) "," Q(SILENT)), SHARE_PARTNERS, ONE_SERVED,
                .from = affected_true, AGREED, .rule = "affected"},
        {"10 GREEN, policy has ended", INDICATOR(Q(GREEN) "," Q(ENDED)), SHARE_OURS, C_PARTNER, .rule = "policy"},
        {"10 GREEN, policy has ended, matched", INDICATOR(Q(GREEN) "," Q(ENDED)), SHARE_OURS, ONE_SERVED, AGREED,
                .rule = "policy"},
        {"11 GREEN, source must not be named, member",
                OBJECT_BY("indicator", OF_OURS_ID, Q(GREEN) "," Q(FOR_GROUP) "," Q(UNNAMED),
                        PATTERN ",\"name\":\"seen at Klinik Contoh\""),
                SHARE_OURS, C_MEMBER, .facts = {.sources = (const slice[]){{"Klinik Contoh", 13}}, .source_count = 1},
                .answer = SHARE_ALLOW, .stripped = SHARE_STRIP_SOURCE},
        {"12 AMBER+STRICT, ours, CSAF 2.0", INDICATOR(Q(STRICT)), SHARE_OURS, CSAF, .rule = "tlp"},
        {"13 GREEN with AMBER description, from B, GREEN partner",
                OBJECT("indicator", Q(CLEAR),
                        PATTERN ",\"description\":\"more\",\"granular_markings\":[{\"marking_ref\":\"" AMBER
                                "\",\"selectors\":[\"description\"]}]"),
                SHARE_PARTNERS, C_PARTNER, .terms = highest_green, .from = onward_yes, .rule = "parts"},
        {"13 GREEN with AMBER description, ours, GREEN partner",
                OBJECT("indicator", Q(GREEN),
                        PATTERN ",\"description\":\"more\",\"granular_markings\":[{\"marking_ref\":\"" AMBER
                                "\",\"selectors\":[\"description\"]}]"),
                SHARE_OURS, C_PARTNER, .terms = highest_green, .answer = SHARE_ALLOW, .stripped = SHARE_STRIP_PARTS},
        {"14 sighting, fewer than 5, a sector", OBJECT("sighting", Q(GREEN), SEEN_BY(WHERE)), SHARE_OURS, C_PARTNER,
                .facts = {.meant = 4, .sector = {"health", 6}}, .answer = SHARE_ALLOW,
                .stripped = SHARE_STRIP_IDENTIFYING | SHARE_STRIP_PLACE | SHARE_STRIP_MOMENTS},
        {"14 sighting, fewer than 5, no sector", OBJECT("sighting", Q(GREEN), SEEN_BY("")), SHARE_OURS, C_PARTNER,
                .facts = {.meant = 4}, .rule = "meant"},
        {"14 sighting, five", OBJECT("sighting", Q(GREEN), SEEN_BY("")), SHARE_OURS, C_PARTNER, .facts = {.meant = 5},
                .answer = SHARE_ALLOW, .stripped = SHARE_STRIP_MOMENTS},
        {"15 exercise, real constituent", INDICATOR(Q(CLEAR) "," Q(EXERCISE)), SHARE_OURS, ONE_SERVED, AGREED,
                .rule = "exercise"},
        {"15 exercise, one who plays", INDICATOR(Q(CLEAR) "," Q(EXERCISE)), SHARE_OURS,
                {.audience = SHARE_CONSTITUENT, .active = true, .exercise = true}, AGREED, .answer = SHARE_ALLOW},
        {"16 PAP:RED, block list", INDICATOR(Q(CLEAR) "," Q(PAP_R)), SHARE_OURS, BLOCK_LIST, .rule = "pap"},

        /* ---- Each rule ---- */
        {"a recipient who is not active", INDICATOR(Q(CLEAR)), SHARE_OURS, {.audience = SHARE_PARTNER, .number = 2},
                .rule = "recipient"},
        {"a person who left", INDICATOR(Q(CLEAR)), SHARE_OURS, {.audience = SHARE_STAFF}, .rule = "recipient"},
        {"an exercise by the caller's word", INDICATOR(Q(CLEAR)), SHARE_OURS, C_PARTNER, .more = {.exercise = true},
                .rule = "exercise"},
        {"real life for who plays", INDICATOR(Q(CLEAR)), SHARE_OURS,
                {.audience = SHARE_PARTNER, .number = 2, .active = true, .exercise = true}, .rule = "exercise"},
        {"back to who sent it", INDICATOR(Q(CLEAR)), SHARE_PARTNERS,
                {.audience = SHARE_PARTNER, .number = 1, .active = true}, .rule = "returned"},
        {"back to who made it, by another way", OBJECT_BY("indicator", THEIRS_ID, Q(CLEAR), PATTERN), SHARE_PARTNERS,
                {.audience = SHARE_PARTNER, .number = 2, .active = true, .node = {THEIRS_ID, sizeof(THEIRS_ID) - 1}},
                .rule = "returned"},
        {"an agreement that has ended", INDICATOR(Q(CLEAR)), SHARE_OURS, C_PARTNER, .terms = until_us_now_us,
                .rule = "agreement"},
        {"one that has not begun", INDICATOR(Q(CLEAR)), SHARE_OURS, C_PARTNER, .terms = from_us_now_us_1,
                .rule = "agreement"},
        {"one that is suspended", INDICATOR(Q(CLEAR)), SHARE_OURS, C_PARTNER, .terms = suspended_true,
                .rule = "agreement"},
        {"a kind that was not agreed", OBJECT("tool", Q(CLEAR), ",\"name\":\"t\""), SHARE_OURS, C_PARTNER,
                .rule = "kind"},
        {"a definition goes with every kind", DEFINITION(OWN("c"), "\"x_kentongan_sharing_group\":\"" GROUP_ID "\""),
                SHARE_OURS, C_MEMBER, .answer = SHARE_ALLOW},
        {"but not to who does not belong", DEFINITION(OWN("c"), "\"x_kentongan_sharing_group\":\"" GROUP_ID "\""),
                SHARE_OURS, C_PARTNER, .rule = "group"},
        {"sightings that were not agreed", OBJECT("sighting", Q(GREEN), SEEN_BY("")), SHARE_OURS, C_PARTNER,
                .terms = sightings_false, .facts = {.meant = 9}, .rule = "sightings"},
        {"a definition that never came", INDICATOR(Q(CLEAR) "," Q(NEVER_SEEN)), SHARE_OURS, C_PARTNER,
                .rule = "marking"},
        {"a definition that cannot be read", INDICATOR(Q(CLEAR) "," Q(UNCLEAR)), SHARE_OURS, BLOCK_LIST,
                .rule = "marking"},
        {"RED is for persons", INDICATOR(Q(RED)), SHARE_OURS, C_PARTNER, .terms = highest_red, .rule = "tlp"},
        {"RED is not exported", INDICATOR(Q(RED)), SHARE_OURS, BLOCK_LIST, .rule = "tlp"},
        {"AMBER of ours for the team of a sector", INDICATOR(Q(AMBER)), SHARE_OURS, SECTOR_TEAM, AGREED,
                .answer = SHARE_ALLOW},
        {"AMBER from B, affected may be told, is not for the team of their sector", INDICATOR(Q(AMBER)), SHARE_PARTNERS,
                SECTOR_TEAM, AGREED, .from = affected_true, .asked = SHARE_ASK_CONSENT, .rule = "originator"},
        {"GREEN from B for the team of a sector", INDICATOR(Q(GREEN)), SHARE_PARTNERS, SECTOR_TEAM, AGREED,
                .answer = SHARE_ALLOW},
        {"AMBER+STRICT for the team of a sector", INDICATOR(Q(STRICT)), SHARE_PARTNERS, SECTOR_TEAM, AGREED,
                .asked = SHARE_ASK_CONSENT, .rule = "tlp"},
        {"RED for the team of a sector", INDICATOR(Q(RED)), SHARE_OURS, SECTOR_TEAM, AGREED, .rule = "tlp"},
        {"an exercise for the team of a sector", INDICATOR(Q(CLEAR) "," Q(EXERCISE)), SHARE_OURS, SECTOR_TEAM, AGREED,
                .rule = "exercise"},
        {"must not notify, the team of a sector", INDICATOR(Q(GREEN) "," Q(SILENT)), SHARE_OURS, SECTOR_TEAM, AGREED,
                .rule = "affected"},
        {"a group's, the team of a sector", INDICATOR(Q(GREEN) "," Q(FOR_GROUP)), SHARE_OURS, SECTOR_TEAM, AGREED,
                .rule = "group"},
        {"GREEN is for those whom we serve", INDICATOR(Q(GREEN)), SHARE_OURS, ALL_SERVED, AGREED,
                .answer = SHARE_ALLOW},
        {"AMBER+STRICT of ours is marked anew instead", INDICATOR(Q(STRICT)), SHARE_OURS, ONE_SERVED, AGREED,
                .rule = "tlp"},
        {"consent widens AMBER+STRICT", INDICATOR(Q(STRICT)), SHARE_PARTNERS, ONE_SERVED,
                .facts = {.standing = true, .consent = true}, .answer = SHARE_ALLOW},
        {"unmarked of ours is what was agreed", INDICATOR(""), SHARE_OURS, C_PARTNER,
                .terms = unmarked_amber_strict_highest_amber, .rule = "highest"},
        {"unmarked is never CLEAR", INDICATOR(""), SHARE_OURS, C_PARTNER, .terms = unmarked_clear_highest_clear,
                .rule = "highest"},
        {"above the highest that was agreed", INDICATOR(Q(AMBER)), SHARE_OURS, C_PARTNER, .terms = highest_green,
                .rule = "highest"},
        {"AMBER of ours for a partner", INDICATOR(Q(AMBER)), SHARE_OURS, C_PARTNER, .answer = SHARE_ALLOW},
        {"a group's for one whom a member serves", INDICATOR(Q(GREEN) "," Q(FOR_GROUP)), SHARE_OURS, ONE_SERVED, AGREED,
                .answer = SHARE_ALLOW},
        {"onward was not agreed", INDICATOR(Q(CLEAR)), SHARE_PARTNERS, C_PARTNER, .from = onward_no,
                .rule = "originator"},
        {"the originator's agreement has ended", INDICATOR(Q(CLEAR)), SHARE_PARTNERS, C_PARTNER,
                .from = until_us_now_us_onward_yes, .rule = "originator"},
        {"CLEAR goes on without a question", INDICATOR(Q(CLEAR)), SHARE_PARTNERS, C_PARTNER, .answer = SHARE_ALLOW},
        {"GREEN goes on where that was agreed", INDICATOR(Q(GREEN)), SHARE_PARTNERS, C_PARTNER, .from = onward_yes,
                .answer = SHARE_ALLOW},
        {"GREEN goes on in its group", INDICATOR(Q(GREEN) "," Q(FOR_GROUP)), SHARE_PARTNERS, C_MEMBER,
                .answer = SHARE_ALLOW},
        {"AMBER asks although onward was agreed", INDICATOR(Q(AMBER)), SHARE_PARTNERS, C_PARTNER, .from = onward_yes,
                .asked = SHARE_ASK_CONSENT, .rule = "originator"},
        {"AMBER from B, affected may not be told", INDICATOR(Q(AMBER)), SHARE_PARTNERS, ONE_SERVED, AGREED,
                .asked = SHARE_ASK_CONSENT, .rule = "originator"},
        {"AMBER from outside, partner", INDICATOR(Q(AMBER)), SHARE_OUTSIDE, C_PARTNER, .rule = "originator"},
        {"GREEN from outside, partner", INDICATOR(Q(GREEN)), SHARE_OUTSIDE, C_PARTNER, .answer = SHARE_ASK,
                .asked = SHARE_ASK_TWO, .rule = "originator"},
        {"AMBER from outside, matched", INDICATOR(Q(AMBER)), SHARE_OUTSIDE, ONE_SERVED, AGREED, .answer = SHARE_ALLOW},
        {"a policy that has not begun", INDICATOR(Q(GREEN) "," Q(LATER)), SHARE_OURS, C_PARTNER, .rule = "policy"},
        {"a way that is not encrypted", INDICATOR(Q(GREEN) "," Q(ENCRYPTED)), SHARE_OURS, C_PARTNER,
                .rule = "encryption"},
        {"a way that is", INDICATOR(Q(GREEN) "," Q(ENCRYPTED)), SHARE_OURS, C_PARTNER, .facts = {.encrypted = true},
                .answer = SHARE_ALLOW},
        {"the public reads in the clear", INDICATOR(Q(CLEAR) "," Q(ENCRYPTED)), SHARE_OURS, ANYBODY,
                .facts = {.encrypted = true}, .rule = "encryption"},
        {"only its creator leaves out the source", INDICATOR(Q(CLEAR) "," Q(UNNAMED)), SHARE_PARTNERS, C_PARTNER,
                .rule = "attribution"},
        {"only its creator leaves out victims", OBJECT("sighting", Q(CLEAR), SEEN_BY(WHERE)), SHARE_PARTNERS, C_PARTNER,
                .facts = {.meant = 9}, .rule = "template"},
        {"a name in a text", OBJECT("indicator", Q(CLEAR), PATTERN ",\"name\":\"at RUMAH SAKIT \\u0043ontoh\""),
                SHARE_OURS, C_PARTNER,
                .facts = {.victims = &(const struct share_names){(const slice[]){{"rumah sakit contoh", 18}}, 1, NULL}},
                .answer = SHARE_ALLOW, .stripped = SHARE_STRIP_IDENTIFYING},
        {"an identity says nothing without its name",
                OBJECT("identity", Q(CLEAR), ",\"name\":\"Klinik\",\"identity_class\":\"organization\""), SHARE_OURS,
                C_PARTNER, .rule = "meaning", .stripped = SHARE_STRIP_IDENTIFYING},
        {"an identity of a party", OBJECT("identity", Q(CLEAR), ",\"name\":\"Us\",\"identity_class\":\"organization\""),
                SHARE_OURS, C_PARTNER, .more = {.party = true}, .answer = SHARE_ALLOW},
        {"a class of identities", OBJECT("identity", Q(CLEAR), ",\"name\":\"clinics\",\"identity_class\":\"class\""),
                SHARE_OURS, C_PARTNER, .answer = SHARE_ALLOW},
        {"an id of a partner's object that is not known", INDICATOR(Q(CLEAR)), SHARE_PARTNERS, C_PARTNER,
                .facts = {.unknown = UNKNOWN({{OURS_ID, sizeof(OURS_ID) - 1}, {0}}), .unknown_count = 1},
                .rule = "references"},
        {"an id in ours that is not known",
                OBJECT("report", Q(CLEAR),
                        ",\"name\":\"r\",\"published\":\"2026-11-01T00:00:00Z\",\"object_refs\":[\"" OTHER_ID
                        "\",\"" OURS_ID "\"]"),
                SHARE_OURS, C_PARTNER,
                .facts = {.unknown = UNKNOWN({{OTHER_ID, sizeof(OTHER_ID) - 1}, {0}}), .unknown_count = 1},
                .answer = SHARE_ALLOW, .stripped = SHARE_STRIP_REFERENCES},
        {"a relationship with one end",
                OBJECT("relationship", Q(CLEAR),
                        ",\"relationship_type\":\"related-to\",\"source_ref\":\"" OTHER_ID
                        "\",\"target_ref\":\"" OURS_ID "\""),
                SHARE_OURS, C_PARTNER,
                .facts = {.unknown = UNKNOWN({{OTHER_ID, sizeof(OTHER_ID) - 1}, {0}}), .unknown_count = 1},
                .rule = "meaning", .stripped = SHARE_STRIP_REFERENCES},
        {"known by another id", INDICATOR(Q(CLEAR)), SHARE_OURS, C_PARTNER,
                .facts = {.derived_id = {OTHER_ID, sizeof(OTHER_ID) - 1}, .derived_created_us = NOW_US - DAY_US},
                .answer = SHARE_ALLOW, .stripped = SHARE_STRIP_ID},
        {"a partner's sighting with five", OBJECT("sighting", Q(CLEAR), SEEN_BY("")), SHARE_PARTNERS, C_PARTNER,
                .facts = {.meant = 5}, .answer = SHARE_ALLOW},
        {"more are agreed than five", OBJECT("sighting", Q(CLEAR), SEEN_BY("")), SHARE_OURS, C_PARTNER,
                .terms = meant_least_10, .facts = {.meant = 9}, .rule = "meant"},
        {"residency", INDICATOR(Q(CLEAR) "," Q(AT_HOME)), SHARE_OURS, C_PARTNER, .rule = "residency"},
        {"residency, at home", INDICATOR(Q(CLEAR) "," Q(AT_HOME)), SHARE_OURS, ONE_SERVED, AGREED,
                .answer = SHARE_ALLOW},
        {"residency, public", INDICATOR(Q(CLEAR) "," Q(AT_HOME)), SHARE_OURS,
                {.audience = SHARE_PUBLIC, .active = true, .country = {"ID", 2}}, .rule = "residency"},
        {"a legal hold", INDICATOR(Q(CLEAR)), SHARE_OURS, ANYBODY, .more = {.hold = true}, .rule = "hold"},
        {"an embargo", INDICATOR(Q(CLEAR) "," Q(EMBARGOED)), SHARE_OURS, C_PARTNER, .rule = "embargo"},
        {"an embargo, our staff", INDICATOR(Q(CLEAR) "," Q(EMBARGOED)), SHARE_OURS, S2, .answer = SHARE_ALLOW},
        {"a law that discloses, AMBER", INDICATOR(Q(AMBER)), SHARE_OURS,
                {.audience = SHARE_PARTNER, .number = 2, .active = true, .discloses = true}, .answer = SHARE_ASK,
                .asked = SHARE_ASK_TWO, .rule = "jurisdiction"},
        {"a law that discloses, AMBER+STRICT", INDICATOR(Q(STRICT)), SHARE_OURS,
                {.audience = SHARE_PARTNER, .number = 2, .active = true, .discloses = true}, AGREED,
                .rule = "jurisdiction"},
        {"revoked, never sent", OBJECT("indicator", Q(CLEAR), PATTERN ",\"revoked\":true"), SHARE_OURS, C_PARTNER,
                .rule = "withdrawn"},
        {"revoked, sent before", OBJECT("indicator", Q(CLEAR), PATTERN ",\"revoked\":true"), SHARE_OURS, C_PARTNER,
                .facts = {.held = true}, .answer = SHARE_ALLOW},
        {"held to be false", INDICATOR(Q(CLEAR)), SHARE_PARTNERS, BLOCK_LIST, .more = {.judged = true},
                .rule = "withdrawn"},
        {"the first of its kind", INDICATOR(Q(CLEAR)), SHARE_OURS, C_PARTNER, .facts = {.first = true},
                .answer = SHARE_ASK, .asked = SHARE_ASK_TWO, .rule = "persons"},
        {"from an incident", INDICATOR(Q(CLEAR)), SHARE_OURS, ANYBODY, .more = {.from_incident = true},
                .answer = SHARE_ASK, .asked = SHARE_ASK_TWO, .rule = "persons"},
        {"part of an incident, to nobody of it", NOTE_AT(Q(AMBER)), SHARE_OURS, C_PARTNER, .facts = {.standing = true},
                .more = {.part = true, .from_incident = true}, .rule = "party"},
        {"part of an incident, to a party", NOTE_AT(Q(AMBER)), SHARE_OURS, C_PARTNER,
                .facts = {.standing = true, .party = true}, .more = {.part = true, .from_incident = true},
                .answer = SHARE_ALLOW},
        {"part of an incident, to a party, one person", NOTE_AT(Q(AMBER)), SHARE_OURS, C_PARTNER,
                .facts = {.party = true}, .more = {.part = true, .from_incident = true}, .answer = SHARE_ASK,
                .asked = SHARE_ASK_TWO, .rule = "persons"},
        {"part of an incident, RED", NOTE_AT(Q(RED)), SHARE_OURS, C_PARTNER, .facts = {.standing = true, .party = true},
                .more = {.part = true, .from_incident = true}, .rule = "tlp"},
        {"part of an incident, to anybody", NOTE_AT(Q(CLEAR)), SHARE_OURS, ANYBODY, .facts = {.standing = true},
                .more = {.part = true, .from_incident = true}, .rule = "party"},
        {"part of an incident, to one whom it concerns", NOTE_AT(Q(CLEAR)), SHARE_OURS, ONE_SERVED,
                .facts = {.standing = true}, .more = {.part = true, .from_incident = true}, .rule = "party"},
        {"part of an incident that would have to lose something",
                OBJECT("note", Q(AMBER), ABOUT ",\"authors\":[\"x\"]"), SHARE_OURS, C_PARTNER,
                .facts = {.standing = true, .party = true}, .more = {.part = true, .from_incident = true},
                .rule = "template"},
        {"a warning without a standing rule", INDICATOR(Q(CLEAR)), SHARE_OURS, ONE_SERVED, .answer = SHARE_ASK,
                .asked = SHARE_ASK_TWO, .rule = "persons"},
        {"nobody is asked about what stays anyway", INDICATOR(Q(GREEN)), SHARE_PARTNERS, C_PARTNER,
                .more = {.hold = true}, .rule = "hold"},
        {"nor for consent that would not help", INDICATOR(Q(AMBER) "," Q(EMBARGOED)), SHARE_PARTNERS, C_PARTNER,
                .rule = "embargo"},
        {"a part that nobody but persons may have",
                OBJECT("indicator", Q(GREEN),
                        PATTERN ",\"name\":\"n\",\"granular_markings\":[{\"marking_ref\":\"" RED
                                "\",\"selectors\":[\"name\"]}]"),
                SHARE_OURS, S2, .rule = "parts"},
        {"a part that carries the meaning",
                OBJECT("indicator", Q(GREEN),
                        PATTERN ",\"granular_markings\":[{\"marking_ref\":\"" RED "\",\"selectors\":[\"pattern\"]}]"),
                SHARE_OURS, C_PARTNER, .rule = "meaning", .stripped = SHARE_STRIP_PARTS},
        {"a mark of a part without a selector is one of the whole",
                OBJECT("indicator", Q(GREEN), PATTERN ",\"granular_markings\":[{\"marking_ref\":\"" RED "\"}]"),
                SHARE_OURS, C_PARTNER, .rule = "tlp"},
};

/* ---- Deciding a row ---- */

static void row_decide(const struct row *row, const struct test_marks *marks, const struct share_rule *rules,
        size_t count, struct share_decision *decision)
{
    struct share_terms terms = usual, from = usual;
    struct share_subject subject;
    struct share_facts facts = row->facts;
    slice json = slice_of(row->object);
    if (json_check(json, &json_limits_default, NULL).kind != ERR_NONE)
        fail_msg("%s: %s", row->what, row->object);
    assert_int_equal(share_subject_read(json, marks->definitions, marks->arena, &subject).kind, ERR_NONE);
    subject.origin = row->origin;
    subject.originator = row->origin == SHARE_PARTNERS;
    subject.hold = row->more.hold;
    subject.exercise = row->more.exercise;
    subject.from_incident = row->more.from_incident;
    subject.part = row->more.part;
    subject.judged = row->more.judged;
    subject.party = row->more.party;
    facts.now_us = NOW_US;
    facts.producer = S(OURS_ID);
    facts.originators = row->origin == SHARE_PARTNERS ? &from : NULL;
    if (row->terms != NULL)
        row->terms(&terms);
    if (row->from != NULL)
        row->from(&from);
    struct share_case about = {
            .subject = &subject, .recipient = &row->to, .terms = &terms, .facts = &facts, .arena = marks->arena};
    assert_int_equal(share_decide_by(rules, count, &about, decision).kind, ERR_NONE);
}

static bool row_holds(const struct row *row, const struct share_decision *made)
{
    return made->answer == row->answer && made->asked == row->asked && made->stripped == row->stripped &&
           strcmp(made->rule, row->rule == NULL ? "allowed" : row->rule) == 0;
}

static void every_row_holds(void **state)
{
    (void)state;
    struct test_marks marks = test_marks_open(1u << 24);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct share_decision made;
        row_decide(&rows[i], &marks, share_rule_table, share_rule_count, &made);
        if (made.rule == NULL || !row_holds(&rows[i], &made))
            fail_msg("%s: answer %d, asked %d, rule %s, stripped %u: %s\n%.*s", rows[i].what, made.answer, made.asked,
                    made.rule, made.stripped, made.why, (int)made.bytes.len, made.bytes.ptr);
        assert_int_equal(made.answer == SHARE_ALLOW, made.bytes.len > 0);
        assert_int_equal(made.derived, made.answer == SHARE_ALLOW && made.stripped != 0);
        if (made.answer == SHARE_ALLOW && !made.derived)
            assert_ptr_equal(made.bytes.ptr, rows[i].object); /* verbatim is not copied */
    }
    test_marks_close(&marks);
}

/* How many rows let more leave where this rule is missing. */
static size_t missed(size_t without, const struct test_marks *marks)
{
    struct share_rule fewer[64];
    size_t count = 0, wrong = 0;
    for (size_t i = 0; i < share_rule_count; i++)
        if (i != without)
            fewer[count++] = share_rule_table[i];
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct share_decision made;
        row_decide(&rows[i], marks, fewer, count, &made);
        wrong += made.answer > rows[i].answer ||
                 (made.answer == SHARE_ALLOW && (rows[i].stripped & ~made.stripped) != 0);
    }
    return wrong;
}

static void every_rule_is_missed_when_it_is_gone(void **state)
{
    (void)state;
    struct test_marks marks = test_marks_open(1u << 26);
    for (size_t i = 0; i < share_rule_count; i++)
        if (missed(i, &marks) == 0)
            fail_msg("no row notices that rule %s is missing", share_rule_table[i].name);
    test_marks_close(&marks);
}

static void rules_have_names_and_sentences(void **state)
{
    (void)state;
    size_t i = 0;
    for (; share_rules[i] != NULL; i++)
        assert_non_null(share_rule_why(slice_of(share_rules[i])));
    assert_int_equal(i, share_rule_count + 1);
    for (i = 0; i < share_rule_count; i++)
        assert_string_equal(share_rules[i], share_rule_table[i].name);
    assert_null(share_rule_why(S("luck")));
}

static void a_permission_ends_and_a_denial_may_end(void **state)
{
    (void)state;
    struct test_marks marks = test_marks_open(1u << 20);
    struct share_decision made;
    const struct row policy = {"until", INDICATOR(Q(GREEN)), SHARE_OURS, C_PARTNER};
    const struct row embargo = {"again", INDICATOR(Q(GREEN) "," Q(EMBARGOED)), SHARE_OURS, C_PARTNER};
    const struct row begins = {
            "again", INDICATOR(Q(GREEN) "," Q(LATER)), SHARE_OURS, C_PARTNER, .terms = from_us_now_us_1};
    const struct row anybody = {"until", INDICATOR(Q(CLEAR)), SHARE_OURS, ANYBODY};
    row_decide(&policy, &marks, share_rule_table, share_rule_count, &made);
    assert_int_equal(made.until_us, NOW_US + DAY_US);
    assert_int_equal(made.again_us, INT64_MAX);
    row_decide(&anybody, &marks, share_rule_table, share_rule_count, &made);
    assert_int_equal(made.until_us, INT64_MAX);
    row_decide(&embargo, &marks, share_rule_table, share_rule_count, &made);
    assert_int_equal(made.again_us, NOW_US + 10 * DAY_US);
    row_decide(&begins, &marks, share_rule_table, share_rule_count, &made);
    assert_int_equal(made.again_us, NOW_US + 1);
    test_marks_close(&marks);
}

static void what_is_no_object_is_refused(void **state)
{
    (void)state;
    struct test_marks marks = test_marks_open(1u << 20);
    struct share_subject subject;
    static const char *const texts[] = {"[]", "7", "\"x\"", "{}", "{\"type\":\"indicator\"}", "{\"id\":\"x\"}"};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_int_equal(
                share_subject_read(slice_of(texts[i]), marks.definitions, marks.arena, &subject).kind, ERR_INPUT);
    test_marks_close(&marks);
}

static void ids_are_found_wherever_they_stand(void **state)
{
    (void)state;
    struct test_marks marks = test_marks_open(1u << 20);
    struct share_subject subject;
    slice json = S(
            "{\"type\":\"note\",\"id\":\"note--20000000-0000-4000-8000-000000000001\",\"object_marking_refs\":[\"" RED
            "\"],\"content\":\"see indicator\\u002d-20000000-0000-4000-8000-000000000003, "
            "tool--20000000-0000-4000-8000-000000000004.\",\"x\":{\"malware--20000000-0000-4000-8000-000000000002\":[["
            "\"tool--20000000-0000-4000-8000-000000000004\"]]},\"extensions\":{\"extension-definition--60a3c5c5-0d10-"
            "413e-aab3-9e08dde9e88d\":{}},\"y\":\"----20000000-0000-4000-8000-000000000005\"}");
    static const char *const ids[] = {"indicator--20000000-0000-4000-8000-000000000003",
            "malware--20000000-0000-4000-8000-000000000002", "tool--20000000-0000-4000-8000-000000000004"};
    assert_int_equal(json_check(json, &json_limits_default, NULL).kind, ERR_NONE);
    assert_int_equal(share_subject_read(json, marks.definitions, marks.arena, &subject).kind, ERR_NONE);
    for (size_t i = 0; i < COUNT_OF(ids) && i < subject.ref_count; i++)
        assert_true(slice_eq(subject.refs[i + (subject.ref_count > COUNT_OF(ids))], slice_of(ids[i])));
    assert_in_range(subject.ref_count, COUNT_OF(ids), COUNT_OF(ids) + 1);
    test_marks_close(&marks);
}

/* As many as a national team may serve, some of which begin with others. */
static void one_of_many_names_is_found(void **state)
{
    (void)state;
    struct test_marks marks = test_marks_open(64u << 20);
    slice names[10002] = {0};
    for (size_t i = 1; i < COUNT_OF(names) - 1; i++)
        names[i] = slice_of(arena_printf(marks.arena, " Klinik Contoh %zu", i));
    names[COUNT_OF(names) - 1] = S("\xc3\x96");
    const struct share_names all = share_names_make(names, COUNT_OF(names), marks.arena);
    static const struct {
        const char *json;
        bool holds;
    } texts[] = {{"{\"a\":\"at KLINIK contoh 9999.\"}", true}, {"{\"a\":\"klinik contoh 1\"}", true},
            {"{\"a\":\"klinik contoh\",\"b\":\" 1klinik Conto\"}", false}, {"{\"klinik contoh 7\":\"\"}", true},
            {"{\"a\":\"klinik\\u0020contoh 4321 and more\"}", true}, {"{\"a\":\"x\\u00f6\"}", true},
            {"{\"a\":\"\",\"b\":\"klinik contoh x\"}", false}};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_true(share_names_in(slice_of(texts[i].json), &all, marks.arena) == texts[i].holds);
    const struct share_names none = share_names_make(names, 1, marks.arena),
                             one = share_names_make(&S("x"), 1, marks.arena);
    assert_false(share_names_in(slice_of(texts[0].json), &none, marks.arena));
    assert_false(share_names_in(S("{\"a\":\"yz\"}"), &one, marks.arena));
    assert_true(share_names_in(S("{\"a\":\"yX\"}"), &one, marks.arena));
    test_marks_close(&marks);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    (void)uuid_parse(S(GROUP_ID), &group);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_row_holds),
            cmocka_unit_test(every_rule_is_missed_when_it_is_gone),
            cmocka_unit_test(rules_have_names_and_sentences),
            cmocka_unit_test(a_permission_ends_and_a_denial_may_end),
            cmocka_unit_test(what_is_no_object_is_refused),
            cmocka_unit_test(ids_are_found_wherever_they_stand),
            cmocka_unit_test(one_of_many_names_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
