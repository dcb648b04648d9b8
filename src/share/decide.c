/* SPDX-License-Identifier: Apache-2.0 */
#include "share/decide.h"

#include <assert.h>

#include "base/arena.h"
#include "share/rules.h"

/*
 * The table at the end is the decision; doc/why/decide.md says why in this order. A rule answers for the object as it
 * is marked; "parts" asks the marked ones again for each part of it. Where in doubt a rule says no.
 */

enum { MEANT_LEAST = 5 }; /* domain: fewer constituents that could be meant, and one of them is named */

#define BIT(audience) (1u << (audience))

enum {
    PARTNERS = BIT(SHARE_PARTNER) | BIT(SHARE_CSAF_20),
    SERVED = BIT(SHARE_CONSTITUENT) | BIT(SHARE_CONSTITUENTS) | BIT(SHARE_SECTOR),
    LEAVING = PARTNERS | SERVED | BIT(SHARE_PUBLIC), /* out of our organisation */
    DEFENCE = BIT(SHARE_DEFENCE),
    STAFF = BIT(SHARE_STAFF),
    EVERYBODY = LEAVING | DEFENCE | STAFF,
};

static bool is_for(const struct share_case *about, unsigned audiences)
{
    return (BIT(about->recipient->audience) & audiences) != 0;
}

static enum share_verdict no_if(bool so)
{
    return so ? SHARE_NO : SHARE_PASS;
}

/* Only who made an object may leave something of it out; and what several work on has one id and one content. */
static enum share_verdict strip(struct share_case *about, enum share_strip what)
{
    if (about->subject->origin != SHARE_OURS || about->subject->part)
        return SHARE_NO;
    about->strip |= what;
    return SHARE_PASS;
}

static bool is_in_force(const struct share_terms *terms, int64_t now_us)
{
    return terms != NULL && terms->agreement != 0 && !terms->suspended && terms->from_us <= now_us &&
           now_us < terms->until_us;
}

enum stix_tlp share_tlp_of(const struct share_subject *subject, const struct share_terms *agreed)
{
    enum stix_tlp tlp = subject->marks.tlp;
    if (tlp == TLP_NONE) {
        tlp = agreed == NULL || agreed->unmarked == TLP_NONE ? TLP_AMBER : agreed->unmarked;
        tlp = tlp == TLP_CLEAR ? TLP_GREEN : tlp;
    }
    return tlp > subject->least ? tlp : subject->least;
}

static enum stix_tlp tlp_of(const struct share_case *about)
{
    const struct share_terms *agreed = NULL;
    if (about->subject->origin == SHARE_PARTNERS)
        agreed = about->facts->originators;
    else if (about->subject->origin == SHARE_OURS && is_for(about, PARTNERS))
        agreed = about->terms;
    return share_tlp_of(about->subject, agreed);
}

/* ---- Who, and under what agreement (domain 3.3, steps 1 and 2) ---- */

static enum share_verdict recipient_is_active(struct share_case *about)
{
    return no_if(!about->recipient->active);
}

static enum share_verdict exercise_stays_apart(struct share_case *about)
{
    return no_if((about->marks->exercise || about->subject->exercise) != about->recipient->exercise);
}

/* Loops and ping-pong end here. */
static enum share_verdict not_back_to_who_it_is_from(struct share_case *about)
{
    const struct share_subject *subject = about->subject;
    bool sent = subject->origin == SHARE_PARTNERS && subject->originator == about->recipient->number;
    bool made = subject->created_by.len > 0 && slice_eq(subject->created_by, about->recipient->node);
    return no_if(sent || made);
}

static enum share_verdict agreement_is_in_force(struct share_case *about)
{
    return no_if(!is_in_force(about->terms, about->facts->now_us));
}

/* What is marked cannot be read without the definitions, nor who made it without the identities of the parties. */
static bool goes_with_every_kind(const struct share_subject *subject)
{
    return subject->party || slice_eq(subject->type, S("marking-definition"));
}

static enum share_verdict kind_is_agreed(struct share_case *about)
{
    for (size_t i = 0; i < about->terms->kind_count; i++)
        if (slice_eq(about->subject->type, about->terms->kinds[i]))
            return SHARE_PASS;
    return no_if(!goes_with_every_kind(about->subject));
}

static enum share_verdict sightings_are_agreed(struct share_case *about)
{
    return no_if(about->subject->sighting && !about->terms->sightings);
}

static enum share_verdict part_is_for_a_party(struct share_case *about)
{
    return no_if(about->subject->part && !about->facts->party);
}

/* ---- Markings (step 3) ---- */

static enum share_verdict marking_is_understood(struct share_case *about)
{
    return no_if(about->marks->unknown || about->marks->unclear);
}

enum permission { YES, NO_, NAMED, WIDER };

/* Table 2.4 of the domain: an organisation, those whom it serves, a person. */
static const enum permission permissions[SHARE_AUDIENCES][TLP_RED + 1] = {
        [SHARE_PARTNER] = {NO_, YES, YES, YES, YES, NO_},
        [SHARE_CONSTITUENT] = {NO_, YES, YES, YES, WIDER, NO_},
        [SHARE_CONSTITUENTS] = {NO_, YES, YES, NO_, NO_, NO_},
        [SHARE_SECTOR] = {NO_, YES, YES, YES, WIDER, NO_},
        [SHARE_STAFF] = {NO_, YES, YES, YES, YES, NAMED},
        [SHARE_PUBLIC] = {NO_, YES, NO_, NO_, NO_, NO_},
        [SHARE_DEFENCE] = {NO_, YES, YES, YES, YES, NO_},
        [SHARE_CSAF_20] = {NO_, YES, YES, YES, NO_, NO_},
};

static enum share_verdict tlp_permits(struct share_case *about)
{
    switch (permissions[about->recipient->audience][about->marks->tlp]) {
    case YES:
        return SHARE_PASS;
    case NAMED:
        return no_if(!about->facts->named);
    case WIDER: /* ours is marked anew instead */
        if (about->subject->origin != SHARE_PARTNERS)
            return SHARE_NO;
        about->widened |= about->facts->consent;
        return about->facts->consent ? SHARE_PASS : SHARE_NO_BUT_CONSENT;
    default:
        return SHARE_NO;
    }
}

static enum share_verdict highest_is_not_exceeded(struct share_case *about)
{
    return no_if(about->marks->tlp > about->terms->highest);
}

static bool is_member(const struct share_recipient *recipient, const struct uuid *group)
{
    for (size_t i = 0; i < recipient->group_count; i++)
        if (memcmp(&recipient->groups[i], group, sizeof(*group)) == 0)
            return true;
    return false;
}

/* A group is of organisations; a single one whom a member serves is reached under TLP and what the originator agreed.
 */
static enum share_verdict groups_hold_the_recipient(struct share_case *about)
{
    for (size_t i = 0; i < about->marks->group_count; i++)
        if (!is_member(about->recipient, &about->marks->groups[i]))
            return SHARE_NO;
    return SHARE_PASS;
}

static enum share_verdict pap_permits(struct share_case *about)
{
    return no_if(about->marks->pap > PAP_GREEN);
}

/* ---- The originator (step 4) ---- */

/* From a partner to another. TLP CLEAR and a group that was named are the originator's own word. */
static enum share_verdict onward_to_partner(const struct share_case *about, enum share_onward onward)
{
    if (about->marks->tlp >= TLP_AMBER)
        return SHARE_NO_BUT_CONSENT;
    if (about->marks->tlp == TLP_CLEAR || about->marks->group_count > 0 || onward == SHARE_ONWARD_YES)
        return SHARE_PASS;
    return SHARE_CONSENT;
}

static enum share_verdict onward_from_partner(const struct share_case *about)
{
    const struct share_terms *agreed = about->facts->originators;
    if (about->recipient->audience == SHARE_CONSTITUENT) {
        bool may = is_in_force(agreed, about->facts->now_us) && agreed->affected;
        return about->marks->tlp < TLP_AMBER || may ? SHARE_PASS : SHARE_NO_BUT_CONSENT;
    }
    if (about->recipient->audience == SHARE_SECTOR) /* it is none of those whom it concerns */
        return about->marks->tlp < TLP_AMBER ? SHARE_PASS : SHARE_NO_BUT_CONSENT;
    if (about->recipient->audience == SHARE_CONSTITUENTS)
        return SHARE_PASS; /* TLP has let GREEN and CLEAR through: its community */
    if (!is_in_force(agreed, about->facts->now_us) || agreed->onward == SHARE_ONWARD_NO)
        return SHARE_NO;
    return is_for(about, PARTNERS) ? onward_to_partner(about, agreed->onward) : SHARE_PASS;
}

/* Nobody outside can be asked: what is not for everybody is for us and those whom we serve, or two persons say so. */
static enum share_verdict onward_from_outside(const struct share_case *about)
{
    if (about->marks->tlp == TLP_CLEAR || is_for(about, SERVED))
        return SHARE_PASS;
    return about->marks->tlp >= TLP_AMBER ? SHARE_NO : about->facts->standing ? SHARE_PASS : SHARE_TWO;
}

static enum share_verdict originator_lets(struct share_case *about)
{
    if (about->subject->origin == SHARE_OURS || about->facts->consent)
        return SHARE_PASS;
    return about->subject->origin == SHARE_PARTNERS ? onward_from_partner(about) : onward_from_outside(about);
}

/* ---- Information exchange policy (step 5) ---- */

static enum share_verdict policy_is_in_force(struct share_case *about)
{
    int64_t now = about->facts->now_us, until = about->marks->until_us;
    return no_if(now < about->marks->from_us || (until != 0 && now >= until));
}

static enum share_verdict affected_may_know(struct share_case *about)
{
    return no_if(about->marks->silent);
}

static enum share_verdict way_is_encrypted(struct share_case *about)
{
    return no_if(about->marks->encrypted && (!about->facts->encrypted || is_for(about, BIT(SHARE_PUBLIC))));
}

static enum share_verdict source_stays_unnamed(struct share_case *about)
{
    return about->marks->attribution == ATTRIBUTION_MUST_NOT ? strip(about, SHARE_STRIP_SOURCE) : SHARE_PASS;
}

/* ---- What would identify (step 6) ---- */

static enum share_verdict victims_stay_unnamed(struct share_case *about)
{
    const struct share_facts *facts = about->facts;
    bool identifying = about->subject->identifying && !about->subject->party;
    if (!identifying)
        identifying = share_names_in(about->subject->bytes, facts->victims, about->arena);
    return identifying ? strip(about, SHARE_STRIP_IDENTIFYING) : SHARE_PASS;
}

static enum share_verdict references_are_known(struct share_case *about)
{
    return about->facts->unknown_count > 0 ? strip(about, SHARE_STRIP_REFERENCES) : SHARE_PASS;
}

/* Whoever has it under another id would see that both are one. */
static enum share_verdict id_stays_the_same(struct share_case *about)
{
    return about->facts->derived_id.len > 0 ? strip(about, SHARE_STRIP_ID) : SHARE_PASS;
}

/* Re-identification: presence, moment and count of a sighting tell who met it. */
static enum share_verdict enough_could_be_meant(struct share_case *about)
{
    unsigned agreed = about->terms == NULL ? 0 : about->terms->meant_least;
    if (!about->subject->sighting || about->facts->meant >= (agreed == 0 ? MEANT_LEAST : agreed))
        return SHARE_PASS;
    return about->facts->sector.len > 0 ? strip(about, SHARE_STRIP_PLACE) : SHARE_NO;
}

static enum share_verdict moments_are_coarse(struct share_case *about)
{
    if (about->subject->sighting && about->subject->origin == SHARE_OURS)
        return strip(about, SHARE_STRIP_MOMENTS);
    return SHARE_PASS;
}

/* ---- Where, when, under whose law (step 7) ---- */

static enum share_verdict country_is_that_of_residency(struct share_case *about)
{
    slice country = about->recipient->country, residency = slice_of(about->marks->residency);
    return no_if(residency.len > 0 && (is_for(about, BIT(SHARE_PUBLIC)) || !slice_eq_fold(country, residency)));
}

static enum share_verdict no_legal_hold(struct share_case *about)
{
    return no_if(about->subject->hold);
}

static enum share_verdict embargo_is_over(struct share_case *about)
{
    return no_if(about->facts->now_us < about->marks->embargo_us);
}

/* Whom its law may force to pass things on can promise less than AMBER+STRICT. */
static enum share_verdict law_keeps_the_promise(struct share_case *about)
{
    if (!about->recipient->discloses || about->marks->tlp < TLP_AMBER)
        return SHARE_PASS;
    return about->marks->tlp > TLP_AMBER ? SHARE_NO : about->facts->standing ? SHARE_PASS : SHARE_TWO;
}

/* What was revoked goes to who had it before, so that they learn of it. */
static enum share_verdict it_still_holds(struct share_case *about)
{
    bool known = about->subject->revoked && about->facts->held && !is_for(about, DEFENCE);
    return no_if((about->subject->revoked || about->subject->judged) && !known);
}

/* ---- People (step 8) ---- */

static enum share_verdict two_persons_agreed(struct share_case *about)
{
    bool needed = about->subject->from_incident || about->widened || is_for(about, SERVED) ||
                  (is_for(about, PARTNERS) && about->facts->first);
    return needed && !about->facts->standing ? SHARE_TWO : SHARE_PASS;
}

/* ---- Parts ---- */

/* Whether the object could leave if all of it were marked like this part. */
static bool part_may_leave(const struct share_case *about, const struct stix_part *part)
{
    struct stix_marks marks = *about->marks;
    struct share_case asked = *about;
    stix_marks_add(&marks, &part->marks);
    asked.marks = &marks;
    for (size_t i = 0; i < share_rule_count; i++) {
        const struct share_rule *rule = &share_rule_table[i];
        unsigned before = asked.strip;
        bool applies = rule->marked && is_for(&asked, rule->audiences);
        if (applies && (rule->ask(&asked) != SHARE_PASS || asked.strip != before))
            return false;
    }
    return true;
}

static enum share_verdict parts_may_leave(struct share_case *about)
{
    for (size_t i = 0; i < about->subject->part_count; i++)
        if (!part_may_leave(about, &about->subject->parts[i]))
            about->parts |= UINT64_C(1) << i;
    if (about->parts == 0)
        return SHARE_PASS;
    return is_for(about, LEAVING) ? strip(about, SHARE_STRIP_PARTS) : SHARE_NO;
}

/* ---- The table ---- */

const struct share_rule share_rule_table[] = {
        {"recipient", "the recipient is not active, or one of its keys is revoked", EVERYBODY, false,
                recipient_is_active},
        {"exercise", "what is of an exercise never reaches who does not play, nor the other way round",
                LEAVING | DEFENCE, true, exercise_stays_apart},
        {"returned", "it came from this recipient", PARTNERS, false, not_back_to_who_it_is_from},
        {"agreement", "no agreement with the recipient is in force", PARTNERS, false, agreement_is_in_force},
        {"kind", "the agreement does not name this kind of object", PARTNERS, false, kind_is_agreed},
        {"sightings", "the agreement does not give sightings", PARTNERS, false, sightings_are_agreed},
        {"party", "it is of an incident with which the recipient has nothing to do, or for another party", LEAVING,
                false, part_is_for_a_party},
        {"marking", "it is marked by a definition that we do not have or cannot read", LEAVING | DEFENCE, true,
                marking_is_understood},
        {"tlp", "its TLP does not permit this recipient", EVERYBODY, true, tlp_permits},
        {"highest", "its TLP is above the highest of the agreement", PARTNERS, true, highest_is_not_exceeded},
        {"group", "it is for a sharing group to which the recipient does not belong",
                PARTNERS | BIT(SHARE_CONSTITUENTS) | BIT(SHARE_SECTOR) | BIT(SHARE_PUBLIC), true,
                groups_hold_the_recipient},
        {"pap", "its PAP permits no action that others see", DEFENCE, true, pap_permits},
        {"originator", "who it came from has not agreed that it goes on", LEAVING, true, originator_lets},
        {"policy", "its information exchange policy has not begun or has ended", LEAVING, true, policy_is_in_force},
        {"affected", "its policy forbids to tell who is affected", SERVED, true, affected_may_know},
        {"encryption", "its policy demands encryption on the way", LEAVING, true, way_is_encrypted},
        {"attribution", "its policy forbids to name the source, and only its creator may leave that out", LEAVING, true,
                source_stays_unnamed},
        {"template", "it names victims or persons, and only its creator may leave that out", LEAVING, false,
                victims_stay_unnamed},
        {"references", "it refers to what the recipient does not have, and only its creator may leave that out",
                LEAVING, false, references_are_known},
        {"alias", "the recipient has it under another id, and only its creator may write that", LEAVING, false,
                id_stays_the_same},
        {"meant", "so few could be meant by the sighting that it would tell who", LEAVING, false,
                enough_could_be_meant},
        {"moments", "the sighting tells when and how often", LEAVING, false, moments_are_coarse},
        {"residency", "it must stay in its country", LEAVING, true, country_is_that_of_residency},
        {"hold", "it is under a legal hold", LEAVING, false, no_legal_hold},
        {"embargo", "its embargo is not over", LEAVING, true, embargo_is_over},
        {"jurisdiction", "the law of the recipient may force it to pass it on", PARTNERS, true, law_keeps_the_promise},
        {"withdrawn", "it is revoked, or we hold it to be false, withdrawn or expired", LEAVING | DEFENCE, false,
                it_still_holds},
        {"persons", "two persons have to agree", LEAVING, false, two_persons_agreed},
        {"parts", "a part of it is marked stricter, and only its creator may leave that out", EVERYBODY, false,
                parts_may_leave},
};
const size_t share_rule_count = COUNT_OF(share_rule_table);

#define RULE_MEANING "meaning" /* what share_derive says */
#define RULE_ALLOWED "allowed"

const char *const share_rules[] = {"recipient", "exercise", "returned", "agreement", "kind", "sightings", "party",
        "marking", "tlp", "highest", "group", "pap", "originator", "policy", "affected", "encryption", "attribution",
        "template", "references", "alias", "meant", "moments", "residency", "hold", "embargo", "jurisdiction",
        "withdrawn", "persons", "parts", RULE_MEANING, NULL};

const char *share_rule_why(slice name)
{
    for (size_t i = 0; i < share_rule_count; i++)
        if (slice_eq(name, slice_of(share_rule_table[i].name)))
            return share_rule_table[i].why;
    return slice_eq(name, S(RULE_MEANING)) ? "nothing that says anything would be left of it" : NULL;
}

/* ---- The decision ---- */

static const struct {
    enum share_answer answer;
    enum share_asked asked;
} answers[] = {
        [SHARE_PASS] = {SHARE_ALLOW, SHARE_ASK_NOBODY},
        [SHARE_NO] = {SHARE_DENY, SHARE_ASK_NOBODY},
        [SHARE_NO_BUT_CONSENT] = {SHARE_DENY, SHARE_ASK_CONSENT},
        [SHARE_CONSENT] = {SHARE_ASK, SHARE_ASK_CONSENT},
        [SHARE_TWO] = {SHARE_ASK, SHARE_ASK_TWO},
};

static void answer(struct share_decision *decision, enum share_verdict verdict, const char *rule, const char *why)
{
    decision->answer = answers[verdict].answer;
    decision->asked = answers[verdict].asked;
    decision->rule = rule;
    decision->why = why;
}

/*
 * The first that says no is the answer, else the first that asks: nobody is asked about what stays here anyway. But a
 * no that consent would change stands back behind one that it would not.
 */
static void rules_ask(
        const struct share_rule *rules, size_t count, struct share_case *about, struct share_decision *decision)
{
    answer(decision, SHARE_PASS, RULE_ALLOWED, "no rule objects");
    for (size_t i = 0; i < count; i++) {
        if (!is_for(about, rules[i].audiences))
            continue;
        enum share_verdict verdict = rules[i].ask(about);
        bool graver = answers[verdict].answer < decision->answer ||
                      (verdict == SHARE_NO && decision->asked == SHARE_ASK_CONSENT);
        if (graver)
            answer(decision, verdict, rules[i].name, rules[i].why);
        if (verdict == SHARE_NO)
            return;
    }
}

static int64_t earlier(int64_t us, int64_t than)
{
    return us < than ? us : than;
}

/* Of the object and of the parts that stay in it. */
static struct stix_marks marks_left(const struct share_case *about)
{
    struct stix_marks marks = *about->marks;
    for (size_t i = 0; i < about->subject->part_count; i++)
        if ((about->parts >> i & 1) == 0)
            stix_marks_add(&marks, &about->subject->parts[i].marks);
    return marks;
}

/* Until when what was decided holds, as far as its rules know. */
static int64_t until_of(const struct share_case *about)
{
    const struct share_facts *facts = about->facts;
    int64_t until = INT64_MAX;
    if (is_for(about, PARTNERS) && about->terms != NULL)
        until = about->terms->until_us;
    if (about->subject->origin == SHARE_PARTNERS && facts->originators != NULL && !facts->consent)
        until = earlier(until, facts->originators->until_us);
    return about->marks->until_us == 0 ? until : earlier(until, about->marks->until_us);
}

static int64_t sooner(int64_t us, int64_t than, int64_t now_us)
{
    return us > now_us && us < than ? us : than;
}

/* When time alone may change it: something begins. What ends says so by `until`. */
static int64_t again_of(const struct share_case *about)
{
    const struct share_facts *facts = about->facts;
    const struct share_subject *subject = about->subject;
    const struct share_terms *terms[] = {is_for(about, PARTNERS) ? about->terms : NULL, facts->originators};
    int64_t now = facts->now_us;
    int64_t again = sooner(subject->marks.from_us, sooner(subject->marks.embargo_us, INT64_MAX, now), now);
    for (size_t i = 0; i < subject->part_count; i++) {
        again = sooner(subject->parts[i].marks.from_us, again, now);
        again = sooner(subject->parts[i].marks.embargo_us, again, now);
    }
    for (size_t i = 0; i < COUNT_OF(terms); i++)
        again = terms[i] == NULL ? again : sooner(terms[i]->from_us, again, now);
    return again;
}

static void leaves_nothing(struct share_decision *decision)
{
    decision->derived = false;
    decision->id = decision->version = decision->bytes = S("");
}

struct err share_decide_by(
        const struct share_rule *rules, size_t count, const struct share_case *asked, struct share_decision *decision)
{
    struct share_case about = *asked;
    const struct share_subject *subject = about.subject;
    struct share_decision made = {0};
    const char *why = NULL;
    struct stix_marks marks = subject->marks;
    marks.tlp = tlp_of(&about);
    about.marks = &marks;
    rules_ask(rules, count, &about, &made);
    marks = marks_left(&about);
    made.tlp = marks.tlp;
    made.until_us = until_of(&about);
    made.again_us = again_of(&about);
    made.id = subject->id;
    made.version = subject->version;
    made.bytes = subject->bytes;
    if (made.answer != SHARE_DENY && about.strip != 0) {
        made.stripped = about.strip;
        made.derived = true;
        TRY(share_derive(&about, &made, &why));
    }
    if (why != NULL)
        answer(&made, SHARE_NO, RULE_MEANING, why);
    if (made.answer != SHARE_ALLOW)
        leaves_nothing(&made);
    TRY(arena_check(about.arena));
    *decision = made;
    return OK;
}

struct err share_decide(const struct share_subject *subject, const struct share_recipient *recipient,
        const struct share_terms *terms, const struct share_facts *facts, struct arena *arena,
        struct share_decision *decision)
{
    const struct share_case about = {
            .subject = subject, .recipient = recipient, .terms = terms, .facts = facts, .arena = arena};
    assert(recipient->audience < SHARE_AUDIENCES);
    return share_decide_by(share_rule_table, share_rule_count, &about, decision);
}
