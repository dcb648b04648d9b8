/* SPDX-License-Identifier: Apache-2.0 */
#include "share/test_decide.h"

#include "stix/checker.h"
#include "json/read.h"

/*
 * Random objects, markings, agreements, recipients: what leaves is never wider than what it was made of. What must not
 * be in it is known from how the object was made, not from the code that decides: each thing that can be left out says
 * a word that nothing else says. KENTONGAN_SEED=N repeats a run, KENTONGAN_TRIES=N makes more of them.
 */

enum { TRIES = 100000, WORDS_MAX = 24, WORK_BYTES = 1 << 22 };

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

/* ---- What is made ---- */

struct word {
    char text[48];
    enum stix_tlp tlp; /* of the part that says it */
    bool never;        /* not in any derived object */
    bool marked;       /* by a granular marking */
};

struct made {
    struct buf json;
    struct word words[WORDS_MAX];
    size_t word_count;
    enum stix_tlp tlp; /* of the whole; none: unmarked */
    bool group, at_home, embargo, ended, silent, exercise, unknown, unclear, encrypted, pap_red;
    char refs[4][80];
    size_t ref_count;
};

static const char *const tlp_ids[] = {NULL, CLEAR, GREEN, AMBER, STRICT, RED};
static const char *const types[] = {
        "indicator", "report", "sighting", "malware", "user-account", "note", "relationship"};

static const char *word_new(struct made *made, bool never)
{
    struct word *word = &made->words[made->word_count++];
    *word = (struct word){.never = never, .tlp = TLP_NONE};
    snprintf(word->text, sizeof(word->text), "zq%016llx", (unsigned long long)chance(UINT64_MAX));
    return word->text;
}

static const char *ref_new(struct made *made, const char *type)
{
    char *ref = made->refs[made->ref_count++];
    snprintf(ref, sizeof(made->refs[0]), "%s--%08x-0000-4000-8000-%012llx", type, (unsigned)chance(1u << 30),
            (unsigned long long)chance(UINT64_C(1) << 40));
    return ref;
}

static void marks_put(struct made *made)
{
    struct {
        const char *id;
        bool *said;
        unsigned rare;
    } others[] = {
            {FOR_GROUP, &made->group, 4},
            {AT_HOME, &made->at_home, 12},
            {EMBARGOED, &made->embargo, 20},
            {ENDED, &made->ended, 20},
            {SILENT, &made->silent, 12},
            {EXERCISE, &made->exercise, 20},
            {NEVER_SEEN, &made->unknown, 20},
            {UNCLEAR, &made->unclear, 20},
            {ENCRYPTED, &made->encrypted, 12},
            {PAP_R, &made->pap_red, 8},
    };
    made->tlp = (enum stix_tlp)chance(TLP_RED + 1);
    buf_printf(&made->json, ",\"object_marking_refs\":[\"" UNNAMED "\"");
    made->json.len -= one_in(4) ? 0 : sizeof(Q(UNNAMED)) - 1;
    bool any = made->json.ptr[made->json.len - 1] != '[';
    if (made->tlp != TLP_NONE)
        buf_printf(&made->json, "%s\"%s\"", any ? "," : "", tlp_ids[made->tlp]);
    any = any || made->tlp != TLP_NONE;
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (one_in(others[i].rare)) {
            buf_printf(&made->json, "%s\"%s\"", any ? "," : "", others[i].id);
            *others[i].said = any = true;
        }
    buf_put(&made->json, S("]"));
}

/* Properties that every type may have or that no type has, each with a word. */
static void common_put(struct made *made, bool timed)
{
    if (one_in(3))
        buf_printf(&made->json, ",\"x_own\":{\"deep\":[\"%s\"]}", word_new(made, true));
    if (timed && one_in(3))
        buf_printf(&made->json, ",\"external_references\":[{\"source_name\":\"ticket\",\"description\":\"%s\"}]",
                word_new(made, true));
    if (timed && one_in(3))
        buf_printf(
                &made->json, ",\"labels\":[\"%s\",\"%s\"]", word_new(made, false), one_in(2) ? "tlp:green" : "other");
    if (one_in(6))
        buf_printf(&made->json,
                ",\"extensions\":{\"extension-definition--00000000-0000-4000-8000-0000000000ff\":{\"extension_type\":"
                "\"property-extension\",\"y\":\"%s\"}}",
                word_new(made, true));
}

/* Marks the properties `name` and `description` by parts of their own. */
static void parts_put(struct made *made, const char *const *names, struct word *const *words, size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        if (words[i] == NULL || one_in(2))
            continue;
        words[i]->tlp = (enum stix_tlp)(TLP_CLEAR + chance(TLP_RED));
        words[i]->marked = true;
        buf_printf(&made->json, "%s{\"marking_ref\":\"%s\",\"selectors\":[\"%s\"]}",
                any ? "," : ",\"granular_markings\":[", tlp_ids[words[i]->tlp], names[i]);
        any = true;
    }
    if (any)
        buf_put(&made->json, S("]"));
}

static void texts_put(struct made *made)
{
    static const char *const names[] = {"name", "description"};
    struct word *words[COUNT_OF(names)] = {0};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (i == 1 && one_in(2))
            continue;
        const char *text = word_new(made, false);
        words[i] = &made->words[made->word_count - 1];
        buf_printf(&made->json, ",\"%s\":\"%s", names[i], text);
        if (i == 1 && one_in(4))
            buf_put(&made->json, one_in(2) ? S(" at Klinik Contoh") : S(" at KLINIK c\\u006fntoh"));
        if (i == 1 && one_in(4))
            buf_printf(&made->json, " see %s", ref_new(made, "indicator"));
        buf_byte(&made->json, '"');
    }
    parts_put(made, names, words, COUNT_OF(names));
}

static void type_put(struct made *made, size_t type)
{
    switch (type) {
    case 0:
        buf_put(&made->json, S(PATTERN));
        break;
    case 1:
        buf_printf(&made->json, ",\"published\":\"2026-11-01T00:00:00Z\",\"object_refs\":[\"%s\"",
                ref_new(made, "indicator"));
        buf_printf(&made->json, ",\"%s\"]", ref_new(made, "malware"));
        break;
    case 2:
        buf_printf(&made->json, ",\"sighting_of_ref\":\"%s\",\"count\":%u,\"last_seen\":\"2026-11-20T13:14:15Z\"",
                ref_new(made, "indicator"), (unsigned)chance(100000));
        if (one_in(2))
            buf_printf(&made->json, ",\"where_sighted_refs\":[\"%s\"]", ref_new(made, "identity"));
        break;
    case 3:
        buf_put(&made->json, S(",\"is_family\":false"));
        break;
    case 4:
        buf_printf(&made->json, ",\"account_login\":\"%s\",\"account_type\":\"unix\"", word_new(made, true));
        break;
    case 5:
        buf_printf(&made->json, ",\"authors\":[\"%s\"],\"content\":\"c\",\"object_refs\":[\"%s\"]",
                word_new(made, true), ref_new(made, "indicator"));
        break;
    default:
        buf_printf(&made->json, ",\"relationship_type\":\"uses\",\"source_ref\":\"%s\"", ref_new(made, "malware"));
        buf_printf(&made->json, ",\"target_ref\":\"%s\"", ref_new(made, "tool"));
        break;
    }
}

static size_t object_make(struct made *made)
{
    size_t type = chance(COUNT_OF(types));
    bool timed = type != 4;
    buf_reset(&made->json);
    made->word_count = made->ref_count = 0;
    made->group = made->at_home = made->embargo = made->ended = made->silent = made->exercise = made->unknown =
            made->unclear = made->encrypted = made->pap_red = false;
    buf_printf(&made->json,
            "{\"type\":\"%s\",\"spec_version\":\"2.1\",\"id\":\"%s--20000000-0000-4000-8000-0000000000aa\"",
            types[type], types[type]);
    if (timed)
        buf_put(&made->json, S(",\"created\":\"2026-11-01T00:00:00.000Z\",\"modified\":\"2026-11-02T00:00:00.000Z\","
                               "\"created_by_ref\":\"" OF_OURS_ID "\""));
    marks_put(made);
    common_put(made, timed);
    if (timed && type != 2 && type != 5 && type != 6)
        texts_put(made);
    type_put(made, type);
    buf_byte(&made->json, '}');
    return type;
}

/* ---- What is given ---- */

struct given {
    struct share_subject subject;
    struct share_recipient to;
    struct share_terms terms, from;
    struct share_facts facts;
    struct share_unknown unknown[4];
    slice kinds[COUNT_OF(types)];
    struct uuid group;
};

static void terms_make(struct share_terms *terms, const slice *kinds)
{
    *terms = (struct share_terms){.agreement = 1,
            .kinds = kinds,
            .kind_count = COUNT_OF(types) - one_in(8),
            .highest = (enum stix_tlp)(TLP_GREEN + chance(4)),
            .unmarked = (enum stix_tlp)chance(TLP_RED + 1),
            .sightings = !one_in(6),
            .affected = one_in(2),
            .onward = (enum share_onward)chance(3),
            .until_us = one_in(12) ? NOW_US : NOW_US + DAY_US,
            .suspended = one_in(20)};
}

static void given_make(struct given *given, const struct made *made)
{
    for (size_t i = 0; i < COUNT_OF(types); i++)
        given->kinds[i] = slice_of(types[i]);
    terms_make(&given->terms, given->kinds);
    terms_make(&given->from, given->kinds);
    given->subject.origin = one_in(3) ? SHARE_PARTNERS : one_in(4) ? SHARE_OUTSIDE : SHARE_OURS;
    given->subject.originator = given->subject.origin == SHARE_PARTNERS;
    given->subject.hold = one_in(30);
    given->subject.judged = one_in(30);
    given->subject.from_incident = one_in(10);
    given->to = (struct share_recipient){
            .audience = one_in(2) ? SHARE_PARTNER : (enum share_audience)chance(SHARE_AUDIENCES),
            .number = (int64_t)(1 + chance(3)),
            .active = !one_in(20),
            .country = one_in(2) ? S("ID") : S("SG"),
            .discloses = one_in(8),
            .exercise = one_in(20),
            .groups = &given->group,
            .group_count = chance(2)};
    static const slice name = {"klinik contoh", 13};
    static const struct share_names victims = {&name, 1, NULL};
    given->facts = (struct share_facts){.now_us = NOW_US,
            .originators = given->subject.origin == SHARE_PARTNERS && !one_in(10) ? &given->from : NULL,
            .consent = one_in(4),
            .named = one_in(4),
            .standing = !one_in(3),
            .encrypted = one_in(2),
            .first = one_in(10),
            .meant = (unsigned)chance(10),
            .sector = one_in(2) ? S("health") : S(""),
            .unknown = given->unknown,
            .victims = one_in(2) ? &victims : NULL,
            .producer = S(OURS_ID)};
    for (size_t i = 0; i < made->ref_count; i++)
        if (one_in(3))
            given->unknown[given->facts.unknown_count++].id = slice_of(made->refs[i]);
}

/* ---- What has to hold ---- */

static bool holds(slice bytes, slice text)
{
    return memmem(bytes.ptr, bytes.len, text.ptr, text.len) != NULL;
}

/* What nobody of an audience may ever have, whatever else is true. */
static const enum stix_tlp most[] = {
        [SHARE_PARTNER] = TLP_AMBER_STRICT,
        [SHARE_CONSTITUENT] = TLP_AMBER_STRICT,
        [SHARE_CONSTITUENTS] = TLP_GREEN,
        [SHARE_SECTOR] = TLP_AMBER_STRICT,
        [SHARE_STAFF] = TLP_RED,
        [SHARE_PUBLIC] = TLP_CLEAR,
        [SHARE_DEFENCE] = TLP_AMBER_STRICT,
        [SHARE_CSAF_20] = TLP_AMBER,
};

/* NULL, or what an allowed object breaks. */
static const char *leaves_wrongly(
        const struct given *given, const struct made *made, const struct share_decision *decision)
{
    enum share_audience audience = given->to.audience;
    bool partner = audience == SHARE_PARTNER || audience == SHARE_CSAF_20;
    bool leaves = audience != SHARE_STAFF && audience != SHARE_DEFENCE;
    if (!given->to.active)
        return "it goes to who is not active";
    if (decision->tlp < made->tlp || decision->tlp == TLP_NONE || (made->tlp == TLP_NONE && decision->tlp < TLP_GREEN))
        return "it leaves under a looser TLP";
    if (decision->tlp > most[audience] || (partner && decision->tlp > given->terms.highest))
        return "it leaves under a TLP that the recipient may not have";
    if (audience == SHARE_STAFF && decision->tlp == TLP_RED && !given->facts.named)
        return "RED goes to who was not named";
    if (partner &&
            (given->terms.suspended || given->terms.until_us <= NOW_US || decision->until_us > given->terms.until_us))
        return "no agreement covers it";
    if (leaves && (made->unknown || made->unclear || made->ended || made->embargo || given->subject.hold))
        return "what is not understood, ended, under embargo or held leaves";
    if (leaves && made->exercise != given->to.exercise)
        return "exercise and life mix";
    if (leaves && made->at_home && (audience == SHARE_PUBLIC || !slice_eq(given->to.country, S("ID"))))
        return "it leaves its country";
    if (leaves && made->group && audience != SHARE_CONSTITUENT && given->to.group_count == 0)
        return "it leaves its group";
    bool served = audience == SHARE_CONSTITUENT || audience == SHARE_CONSTITUENTS || audience == SHARE_SECTOR;
    if (served && (made->silent || !given->facts.standing))
        return "those whom it concerns are told against its policy, or without two persons";
    if (audience == SHARE_SECTOR && given->subject.origin == SHARE_PARTNERS && decision->tlp >= TLP_AMBER &&
            !given->facts.consent)
        return "AMBER of a partner goes to the sector without consent";
    if (leaves && made->encrypted && !given->facts.encrypted)
        return "it leaves in the clear";
    if (audience == SHARE_DEFENCE && (made->pap_red || given->subject.judged))
        return "it is acted on in the open";
    if (partner && given->subject.origin == SHARE_PARTNERS && given->to.number == 1)
        return "it goes back";
    if (partner && given->subject.origin != SHARE_OURS && decision->tlp >= TLP_AMBER && !given->facts.consent)
        return "AMBER of others goes on without consent";
    if (decision->derived && given->subject.origin != SHARE_OURS)
        return "something was left out of what is not ours";
    if (given->subject.sighting && leaves && given->facts.meant < 5 && given->facts.sector.len == 0)
        return "a sighting tells whom it is about";
    return NULL;
}

/* NULL, or what the bytes hold that they must not. */
static const char *tells_wrongly(const struct given *given, const struct made *made,
        const struct share_decision *decision, struct test_marks *marks, struct stix_checker *checker)
{
    bool leaves = given->to.audience != SHARE_STAFF && given->to.audience != SHARE_DEFENCE;
    for (size_t i = 0; i < given->facts.unknown_count && leaves; i++)
        if (holds(decision->bytes, slice_from(given->unknown[i].id, given->unknown[i].id.len - 36)))
            return "an id that is not known";
    if (leaves && given->facts.victims != NULL &&
            (holds(decision->bytes, S("linik")) || holds(decision->bytes, S("LINIK"))))
        return "a victim's name";
    for (size_t i = 0; i < made->word_count; i++) {
        const struct word *word = &made->words[i];
        bool there = holds(decision->bytes, slice_of(word->text));
        if (there && ((word->never && decision->derived) || word->tlp > decision->tlp))
            return "a word that may not leave";
    }
    if (!decision->derived)
        return decision->bytes.ptr == made->json.ptr ? NULL : "other bytes than those of the object";
    if (holds(decision->bytes, S("20000000-0000-4000-8000-0000000000aa")) || holds(decision->bytes, S("13:14:15")) ||
            holds(decision->bytes, S("where_sighted_refs")))
        return "what it was made from";
    const struct stix_marked marked = stix_marked_of(decision->bytes);
    const struct stix_marks now = stix_marks_of(marks->definitions, &marked, marks->arena);
    if (now.tlp != decision->tlp || now.pap < given->subject.marks.pap ||
            now.group_count != given->subject.marks.group_count || now.silent != made->silent ||
            now.encrypted != made->encrypted || now.exercise != made->exercise)
        return "looser marks than those of what it was made from";
    return stix_checker_wrong(checker, decision->bytes);
}

static bool is_same(const struct share_decision *a, const struct share_decision *b)
{
    bool same = a->answer == b->answer && a->asked == b->asked && a->rule == b->rule && a->tlp == b->tlp &&
                a->until_us == b->until_us && a->stripped == b->stripped && a->derived == b->derived &&
                a->bytes.len == b->bytes.len && slice_eq(a->version, b->version);
    if (!same || !a->derived)
        return same && a->bytes.ptr == b->bytes.ptr;
    size_t id = slice_find_slice(a->bytes, a->id), end = id + a->id.len;
    return !slice_eq(a->id, b->id) && memcmp(a->bytes.ptr, b->bytes.ptr, id) == 0 &&
           memcmp(a->bytes.ptr + end, b->bytes.ptr + end, a->bytes.len - end) == 0;
}

static void try_fail(
        const struct made *made, const struct given *given, const struct share_decision *decision, const char *why)
{
    fail_msg("%s: audience %d, origin %d, rule %s, TLP %d, highest %d\n%.*s\n%.*s", why, given->to.audience,
            given->subject.origin, decision->rule, decision->tlp, given->terms.highest, (int)made->json.len,
            made->json.ptr, (int)decision->bytes.len, decision->bytes.ptr);
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static void what_leaves_is_never_wider(void **state)
{
    (void)state;
    struct test_marks marks = test_marks_open(WORK_BYTES);
    struct stix_checker *checker = stix_checker_open();
    struct made made = {.json = buf_make(1 << 16)};
    struct given given = {0};
    uint64_t tries = number_of("KENTONGAN_TRIES", TRIES), seed = number_of("KENTONGAN_SEED", 20261121);
    size_t answers[3] = {0}, derived = 0;
    assert_true(uuid_parse(S(GROUP_ID), &given.group));
    state_of_chance = seed;
    for (uint64_t i = 0; i < tries; i++) {
        struct share_decision decision, again;
        arena_reset(marks.arena);
        object_make(&made);
        slice json = buf_slice(&made.json);
        assert_int_equal(json_check(json, &json_limits_default, NULL).kind, ERR_NONE);
        assert_int_equal(share_subject_read(json, marks.definitions, marks.arena, &given.subject).kind, ERR_NONE);
        given_make(&given, &made);
        assert_int_equal(
                share_decide(&given.subject, &given.to, &given.terms, &given.facts, marks.arena, &decision).kind,
                ERR_NONE);
        assert_int_equal(share_decide(&given.subject, &given.to, &given.terms, &given.facts, marks.arena, &again).kind,
                ERR_NONE);
        answers[decision.answer]++;
        derived += decision.derived;
        const char *why = is_same(&decision, &again) ? NULL : "deciding again gives something else";
        if (why == NULL && decision.answer != SHARE_ALLOW)
            why = decision.bytes.len + decision.id.len + decision.version.len == 0 && !decision.derived
                          ? NULL
                          : "bytes of what stays";
        if (why == NULL && decision.answer == SHARE_ALLOW)
            why = leaves_wrongly(&given, &made, &decision);
        if (why == NULL && decision.answer == SHARE_ALLOW)
            why = tells_wrongly(&given, &made, &decision, &marks, checker);
        if (why != NULL)
            try_fail(&made, &given, &decision, why);
    }
    print_message("# seed %llu: %zu stay, %zu are asked about, %zu leave, %zu of these derived\n",
            (unsigned long long)seed, answers[SHARE_DENY], answers[SHARE_ASK], answers[SHARE_ALLOW], derived);
    assert_true(tries < 1000 ||
                (answers[SHARE_ALLOW] > tries / 20 && derived > tries / 100 && answers[SHARE_ASK] > tries / 200));
    buf_free(&made.json);
    stix_checker_close(checker);
    test_marks_close(&marks);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_leaves_is_never_wider),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
