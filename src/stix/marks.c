/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/marks.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "stix/table.h"

#define SLOTS_LEAST 64
#define ID_MAX 256 /* bytes; a marking-definition id has 57 */

/* ---- The one table of what conditions are called ---- */

enum scale {
    SCALE_TLP,
    SCALE_PAP,
    SCALE_ACTIONS,
    SCALE_NOTIFY,
    SCALE_ATTRIBUTION,
    SCALE_ENCRYPT,
    SCALE_RESALE,
    SCALE_PROMISE,
    SCALE_EXERCISE,
    SCALE_WORDS, /* those before have words, those behind values */
    SCALE_START = SCALE_WORDS,
    SCALE_END,
    SCALE_EMBARGO,
    SCALE_RESIDENCY,
    SCALE_GROUP,
    SCALE_TEXT,      /* "PAP:AMBER", "TLP:RED"; other text says nothing that we obey */
    SCALE_NOTHING,   /* names and numbers of a policy */
    SCALE_ELSEWHERE, /* the policy or a part of it lies elsewhere */
    SCALES,
};

/*
 * Words behind "PAP:" and "TLP:", the levels of a definition, and what IEP 2.0 has in place of PAP (section 4 of the
 * IEP 2.0 JSON specification); compared without regard to case, and blanks as hyphens: MISP's taxonomy of IEP 1.0
 * writes "MUST NOT".
 */
static const struct word {
    enum scale scale;
    const char *text;
    struct stix_marks marks;
} words[] = {
        {SCALE_TLP, "CLEAR", {.tlp = TLP_CLEAR}},
        {SCALE_TLP, "WHITE", {.tlp = TLP_CLEAR}}, /* what CLEAR was called */
        {SCALE_TLP, "GREEN", {.tlp = TLP_GREEN}},
        {SCALE_TLP, "AMBER", {.tlp = TLP_AMBER}},
        {SCALE_TLP, "AMBER+STRICT", {.tlp = TLP_AMBER_STRICT}},
        {SCALE_TLP, "RED", {.tlp = TLP_RED}},
        {SCALE_PAP, "CLEAR", {.pap = PAP_CLEAR}},
        {SCALE_PAP, "WHITE", {.pap = PAP_CLEAR}},
        {SCALE_PAP, "GREEN", {.pap = PAP_GREEN}},
        {SCALE_PAP, "AMBER", {.pap = PAP_AMBER}},
        {SCALE_PAP, "RED", {.pap = PAP_RED}},
        {SCALE_ACTIONS, "none", {.pap = PAP_RED}},
        {SCALE_ACTIONS, "contact-for-instruction", {.pap = PAP_RED}},
        {SCALE_ACTIONS, "internally-visible-actions", {.pap = PAP_AMBER}},
        {SCALE_ACTIONS, "externally-visible-indirect-actions", {.pap = PAP_AMBER}},
        {SCALE_ACTIONS, "externally-visible-direct-actions", {.pap = PAP_GREEN}},
        {SCALE_NOTIFY, "may", {0}},
        {SCALE_NOTIFY, "must-not", {.silent = true}},
        {SCALE_ATTRIBUTION, "may", {0}},
        {SCALE_ATTRIBUTION, "must", {.attribution = ATTRIBUTION_MUST}},
        {SCALE_ATTRIBUTION, "must-not", {.attribution = ATTRIBUTION_MUST_NOT}},
        {SCALE_ENCRYPT, "may", {0}},
        {SCALE_ENCRYPT, "must", {.encrypted = true}},
        {SCALE_RESALE, "may", {0}},
        {SCALE_RESALE, "must-not", {0}}, /* we sell nothing */
        {SCALE_PROMISE, "may", {0}},     /* more than that we cannot promise for who gets it */
        {SCALE_EXERCISE, "true", {.exercise = true}},
        {SCALE_EXERCISE, "false", {0}},
};

/* What a word means that a scale does not have: on doubt the strictest. */
static const struct stix_marks strictest[] = {
        [SCALE_TLP] = {.tlp = TLP_RED},
        [SCALE_PAP] = {.pap = PAP_RED},
        [SCALE_ACTIONS] = {.pap = PAP_RED},
        [SCALE_NOTIFY] = {.silent = true},
        [SCALE_ATTRIBUTION] = {.attribution = ATTRIBUTION_MUST_NOT},
        [SCALE_ENCRYPT] = {.encrypted = true},
        [SCALE_RESALE] = {.unclear = true},
        [SCALE_PROMISE] = {.unclear = true},
        [SCALE_EXERCISE] = {.exercise = true},
};

/*
 * Marking definitions with published ids: TLP 1.0 (STIX 2.1 section 7.2.1.4), TLP 2.0 (extension 60a3c5c5-...), PAP
 * (extension f8d78575-... of the OASIS common objects).
 */
static const struct published {
    const char *uuid;
    struct stix_marks marks;
} published[] = {
        {"613f2e26-407d-48c7-9eca-b8e91df99dc9", {.tlp = TLP_CLEAR}},
        {"34098fce-860f-48ae-8e50-ebd3cc5e41da", {.tlp = TLP_GREEN}},
        {"f88d31f6-486f-44da-b317-01333bde0b82", {.tlp = TLP_AMBER}},
        {"5e57c739-391a-4eb3-b6be-7d15ca92d5ed", {.tlp = TLP_RED}},
        {"94868c89-83c2-464b-929b-a1a8aa3c8487", {.tlp = TLP_CLEAR}},
        {"bab4a63c-aed9-4cf5-a766-dfca5abac2bb", {.tlp = TLP_GREEN}},
        {"55d920b0-5e8b-4f79-9ee9-91f868d9b421", {.tlp = TLP_AMBER}},
        {"939a9414-2ddd-4d32-a0cd-375ea402b003", {.tlp = TLP_AMBER_STRICT}},
        {"e828b379-4e03-4974-9ac4-e53a884c97c1", {.tlp = TLP_RED}},
        {"ad15a0cd-55b6-4588-a14c-a66105329b92", {.pap = PAP_CLEAR}},
        {"a3bea94c-b469-41dc-9cfe-d6e7daba7730", {.pap = PAP_CLEAR}},
        {"c43594d1-4b11-4c59-93ab-1c9b14d53ce9", {.pap = PAP_GREEN}},
        {"60f8932b-e51e-4458-b265-a2e8be9a80ab", {.pap = PAP_AMBER}},
        {"740d36e5-7714-4c30-961a-3ae632ceee0e", {.pap = PAP_RED}},
};

/*
 * Properties of a definition or of one of its extensions, and predicates of MISP's machine tags, with hyphens for
 * underscores. What is not among them may say anything.
 */
static const struct condition {
    const char *key;
    enum scale scale;
} conditions[] = {
        /* STIX 2.1 section 7.2.1, TLP 2.0, PAP */
        {"statement", SCALE_TEXT},
        {"tlp", SCALE_TLP},
        {"tlp-2-0", SCALE_TLP},
        {"pap", SCALE_PAP},
        {"extension-type", SCALE_NOTHING},
        /* IEP 2.0; `provider_attribution` and `iep_id` are what its STIX extension writes */
        {"permitted-actions", SCALE_ACTIONS},
        {"affected-party-notifications", SCALE_NOTIFY},
        {"attribution", SCALE_ATTRIBUTION},
        {"provider-attribution", SCALE_ATTRIBUTION},
        {"encrypt-in-transit", SCALE_ENCRYPT},
        {"unmodified-resale", SCALE_RESALE},
        {"start-date", SCALE_START},
        {"end-date", SCALE_END},
        {"id", SCALE_NOTHING},
        {"iep-id", SCALE_NOTHING},
        {"name", SCALE_NOTHING},
        {"description", SCALE_NOTHING},
        {"version", SCALE_NOTHING},
        {"iep-version", SCALE_NOTHING},
        {"external-reference", SCALE_ELSEWHERE},
        {"external-references", SCALE_ELSEWHERE},
        {"reference", SCALE_ELSEWHERE},
        {"id-ref", SCALE_ELSEWHERE},
        {"url", SCALE_ELSEWHERE},
        /* IEP 1.0, in MISP's taxonomy */
        {"traffic-light-protocol", SCALE_TLP},
        {"commercial-use", SCALE_RESALE},
        {"encrypt-at-rest", SCALE_PROMISE},
        {"obfuscate-affected-parties", SCALE_PROMISE},
        /* Ours, in an extension with x_kentongan_ before it */
        {"residency", SCALE_RESIDENCY},
        {"embargo", SCALE_EMBARGO},
        {"sharing-group", SCALE_GROUP},
        {"exercise", SCALE_EXERCISE},
};

/* Namespaces of machine tags: what stands behind the colon is a word of a scale, or predicate="value". */
static const struct tags {
    const char *namespace;
    enum scale scale;
    bool predicates;
} tags[] = {
        {"tlp", SCALE_TLP, false},
        {"pap", SCALE_PAP, false},
        {"iep", SCALE_NOTHING, true},
        {"iep2-policy", SCALE_NOTHING, true},
        {"iep2-reference", SCALE_NOTHING, true},
        {"kentongan", SCALE_NOTHING, true},
};

const char *stix_tlp_name(enum stix_tlp tlp)
{
    static const char *const names[] = {NULL, "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"};
    return names[tlp];
}

const char *stix_pap_name(enum stix_pap pap)
{
    static const char *const names[] = {NULL, "PAP:CLEAR", "PAP:GREEN", "PAP:AMBER", "PAP:RED"};
    return names[pap];
}

slice stix_tlp_id(enum stix_tlp tlp, size_t place, struct arena *arena)
{
    for (size_t i = 0; i < COUNT_OF(published); i++)
        if (published[i].marks.tlp == tlp && tlp != TLP_NONE && place-- == 0)
            return slice_of(arena_printf(arena, "marking-definition--%s", published[i].uuid));
    return S("");
}

/* ---- The strictest of two ---- */

static int64_t earlier(int64_t a, int64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void add_group(struct stix_marks *marks, const struct uuid *group)
{
    for (size_t i = 0; i < marks->group_count; i++)
        if (memcmp(&marks->groups[i], group, sizeof(*group)) == 0)
            return;
    if (marks->group_count == STIX_MARKS_GROUPS_MAX)
        marks->unclear = true;
    else
        marks->groups[marks->group_count++] = *group;
}

/* Of two countries it may leave neither: nobody is in both. */
static void add_residency(struct stix_marks *marks, const char *residency)
{
    if (residency[0] == '\0')
        return;
    if (marks->residency[0] != '\0' && memcmp(marks->residency, residency, sizeof(marks->residency)) != 0)
        marks->unclear = true;
    memcpy(marks->residency, residency, sizeof(marks->residency));
}

/* Who must name the source and must not can do neither. */
static void add_attribution(struct stix_marks *marks, enum stix_attribution attribution)
{
    if (marks->attribution + attribution == ATTRIBUTION_MUST + ATTRIBUTION_MUST_NOT)
        marks->unclear = true;
    marks->attribution = attribution > marks->attribution ? attribution : marks->attribution;
}

bool stix_marks_any(const struct stix_marks *marks)
{
    bool flags = marks->unknown || marks->unclear || marks->silent || marks->encrypted || marks->exercise;
    bool times = marks->from_us != 0 || marks->until_us != 0 || marks->embargo_us != 0;
    return flags || times || marks->tlp != TLP_NONE || marks->pap != PAP_NONE ||
           marks->attribution != ATTRIBUTION_MAY || marks->residency[0] != '\0' || marks->group_count > 0;
}

void stix_marks_add(struct stix_marks *marks, const struct stix_marks *more)
{
    marks->tlp = more->tlp > marks->tlp ? more->tlp : marks->tlp;
    marks->pap = more->pap > marks->pap ? more->pap : marks->pap;
    marks->unknown |= more->unknown;
    marks->unclear |= more->unclear;
    marks->silent |= more->silent;
    marks->encrypted |= more->encrypted;
    marks->exercise |= more->exercise;
    marks->from_us = later(marks->from_us, more->from_us);
    marks->until_us = earlier(marks->until_us, more->until_us);
    marks->embargo_us = later(marks->embargo_us, more->embargo_us);
    add_attribution(marks, more->attribution);
    add_residency(marks, more->residency);
    for (size_t i = 0; i < more->group_count; i++)
        add_group(marks, &more->groups[i]);
}

/* ---- Words and values ---- */

/* Equal but for case, and with blanks and underscores for hyphens. */
static bool word_is(slice text, const char *word)
{
    size_t i = 0;
    for (; i < text.len && word[i] != '\0'; i++) {
        char c = byte_lower(text.ptr[i]);
        if ((c == ' ' || c == '_' ? '-' : c) != byte_lower(word[i]))
            return false;
    }
    return i == text.len && word[i] == '\0';
}

static void add_word(struct stix_marks *marks, slice text, enum scale scale)
{
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (words[i].scale == scale && word_is(text, words[i].text)) {
            stix_marks_add(marks, &words[i].marks);
            return;
        }
    stix_marks_add(marks, &strictest[scale]);
}

bool stix_tlp_find(slice name, enum stix_tlp *tlp)
{
    if (name.len > 4 && slice_eq_fold(slice_part(name, 0, 4), S("tlp:")))
        name = slice_from(name, 4);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (words[i].scale == SCALE_TLP && word_is(name, words[i].text)) {
            *tlp = words[i].marks.tlp;
            return true;
        }
    return false;
}

/* 0 is what says no bound, so the moment of 1970 and what lies before is the one behind it. */
static bool time_of(slice text, int64_t *us)
{
    if (!time_parse(text, us))
        return false;
    *us = *us < 1 ? 1 : *us;
    return true;
}

static bool is_letter(char c)
{
    return byte_lower(c) >= 'a' && byte_lower(c) <= 'z';
}

static void add_country(struct stix_marks *more, slice text)
{
    more->unclear = text.len != 2 || !is_letter(text.ptr[0]) || !is_letter(text.ptr[1]);
    for (size_t i = 0; i < 2 && !more->unclear; i++)
        more->residency[i] = (char)(text.ptr[i] & ~0x20);
}

/* A value of the scales that have no words; what cannot be read may say anything. */
static void add_value(struct stix_marks *marks, slice text, enum scale scale)
{
    struct stix_marks more = {0};
    struct uuid group;
    switch (scale) {
    case SCALE_START:
        more.unclear = !time_of(text, &more.from_us);
        break;
    case SCALE_END:
        more.unclear = !time_of(text, &more.until_us);
        break;
    case SCALE_EMBARGO:
        more.unclear = !time_of(text, &more.embargo_us);
        break;
    case SCALE_RESIDENCY:
        add_country(&more, text);
        break;
    case SCALE_GROUP:
        if (uuid_parse(text, &group))
            add_group(&more, &group);
        else
            more.unclear = true;
        break;
    default:
        more.unclear = scale == SCALE_ELSEWHERE;
        break;
    }
    stix_marks_add(marks, &more);
}

static void add_text(struct stix_marks *marks, slice text);

static void add(struct stix_marks *marks, slice text, enum scale scale)
{
    text = slice_trim(text);
    if (scale < SCALE_WORDS)
        add_word(marks, text, scale);
    else if (scale == SCALE_TEXT)
        add_text(marks, text);
    else
        add_value(marks, text, scale);
}

static const struct condition *condition_find(slice key)
{
    slice ours = S("x_kentongan_");
    key = slice_starts(key, ours) ? slice_from(key, ours.len) : key;
    for (size_t i = 0; i < COUNT_OF(conditions); i++)
        if (word_is(key, conditions[i].key))
            return &conditions[i];
    return NULL;
}

/* predicate="value" */
static void add_predicate(struct stix_marks *marks, slice text)
{
    size_t at = slice_find(text, '=');
    const struct condition *condition = condition_find(slice_trim(slice_part(text, 0, at)));
    slice value = at < text.len ? slice_trim(slice_from(text, at + 1)) : S("");
    if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
        value = slice_part(value, 1, value.len - 1);
    if (condition == NULL || condition->scale == SCALE_TEXT) /* a tag holds no other tag */
        marks->unclear = true;
    else
        add(marks, value, condition->scale);
}

/* A machine tag as MISP writes it: "PAP:AMBER", "tlp: green", iep2-policy:tlp="red"; other text says nothing. */
static void add_text(struct stix_marks *marks, slice text)
{
    text = slice_trim(text);
    size_t at = slice_find(text, ':');
    if (at == text.len)
        return;
    slice namespace = slice_part(text, 0, at), rest = slice_trim(slice_from(text, at + 1));
    for (size_t i = 0; i < COUNT_OF(tags); i++)
        if (slice_eq_fold(namespace, slice_of(tags[i].namespace)) && tags[i].predicates)
            add_predicate(marks, rest);
        else if (slice_eq_fold(namespace, slice_of(tags[i].namespace)))
            add(marks, rest, tags[i].scale);
}

/* ---- Definitions ---- */

struct slot {
    char *id; /* NULL: free */
    size_t id_len;
    struct stix_marks marks;
};

struct stix_definitions {
    struct hash_key key;
    struct arena *ids;
    struct slot *slots;
    size_t count, room; /* room: a power of two, at most half of it taken */
};

struct stix_definitions *stix_definitions_open(void)
{
    struct arena *ids = arena_open("marking definitions", ARENA_PROCESS, (size_t)STIX_DEFINITIONS_MAX * 2 * ID_MAX);
    struct stix_definitions *definitions = arena_new(ids, struct stix_definitions, 1);
    *definitions = (struct stix_definitions){.key = hash_key_random(), .ids = ids};
    return definitions;
}

void stix_definitions_close(struct stix_definitions *definitions)
{
    if (definitions == NULL)
        return;
    free(definitions->slots);
    arena_close(definitions->ids);
}

/* The slot of an id, or the free one where it would be. There is room. */
static struct slot *slot_of(const struct stix_definitions *definitions, slice id)
{
    size_t at = hash_bytes(definitions->key, id);
    for (;; at++) {
        struct slot *slot = &definitions->slots[at & (definitions->room - 1)];
        if (slot->id == NULL || slice_eq((slice){slot->id, slot->id_len}, id))
            return slot;
    }
}

static struct err grow(struct stix_definitions *definitions)
{
    struct stix_definitions wider = *definitions;
    wider.room = definitions->room == 0 ? SLOTS_LEAST : definitions->room * 2;
    wider.slots = calloc(wider.room, sizeof(*wider.slots));
    if (wider.slots == NULL)
        return err_make(ERR_SYSTEM, "no memory for marking definitions");
    for (size_t i = 0; i < definitions->room; i++) {
        const struct slot *slot = &definitions->slots[i];
        if (slot->id != NULL)
            *slot_of(&wider, (slice){slot->id, slot->id_len}) = *slot;
    }
    free(definitions->slots);
    *definitions = wider;
    return OK;
}

static slice string_of(slice json, struct arena *work)
{
    return json_kind(json) == JSON_STRING ? json_text(json, work) : S("");
}

/* A value as text; where a policy may leave it out (IEP 2.0: end_date, references), null and a list of nothing do. */
static void add_json(struct stix_marks *marks, slice json, enum scale scale, struct arena *work)
{
    enum json_kind kind = json_kind(json);
    struct json_elements walk = json_elements(json);
    bool optional = scale == SCALE_END || scale == SCALE_ELSEWHERE, any = false;
    slice element;
    for (; json_element_next(&walk, &element); any = true)
        add(marks, string_of(element, work), scale);
    if (any || (optional && (kind == JSON_NULL || kind == JSON_ARRAY)))
        return;
    add(marks, kind == JSON_STRING ? json_text(json, work) : json, scale);
}

/* {"tlp": "amber"}, {"statement": "PAP:RED"}, {"extension_type": ..., "pap": "amber"} */
static void add_conditions(struct stix_marks *marks, slice json, struct arena *work)
{
    struct json_members walk = json_members(json);
    slice key, value;
    marks->unclear |= json_kind(json) != JSON_OBJECT;
    while (json_member_next(&walk, &key, &value)) {
        const struct condition *condition = condition_find(json_unescape(key, work));
        if (condition == NULL)
            marks->unclear = true;
        else
            add_json(marks, value, condition->scale, work);
    }
}

/* Whether it is a property that every marking definition may have, and that says nothing of who may have what. */
static bool is_common(slice key)
{
    return stix_property_find(stix_type_find(S("marking-definition")), key) != NULL;
}

struct stix_marks stix_definition_marks(slice object, struct arena *work)
{
    struct stix_marks marks = {0};
    struct json_members walk = json_members(object);
    slice key, value, id, extension;
    bool says = false;
    while (json_member_next(&walk, &key, &value)) {
        slice name = json_unescape(key, work);
        struct stix_marks named = {0};
        if (slice_eq(name, S("definition"))) {
            says = true;
            add_conditions(&marks, value, work);
        } else if (slice_eq(name, S("extensions"))) {
            struct json_members extensions = json_members(value);
            for (; json_member_next(&extensions, &id, &extension); says = true)
                add_conditions(&marks, extension, work);
        } else if (slice_eq(name, S("name"))) {
            add_text(&named, string_of(value, work));
            says |= named.tlp != TLP_NONE || named.pap != PAP_NONE;
            stix_marks_add(&marks, &named);
        } else
            marks.unclear |= !is_common(name);
    }
    marks.unclear |= !says;
    return marks;
}

/* The published ones mean what is published, whatever a definition under their id says beside it. */
static const struct published *published_find(slice id)
{
    slice prefix = S("marking-definition--");
    if (!slice_starts(id, prefix))
        return NULL;
    for (size_t i = 0; i < COUNT_OF(published); i++)
        if (slice_eq_fold(slice_from(id, prefix.len), slice_of(published[i].uuid)))
            return &published[i];
    return NULL;
}

bool stix_marking_published(slice id)
{
    return published_find(id) != NULL;
}

struct err stix_definitions_add(struct stix_definitions *definitions, slice object, struct arena *work)
{
    slice id = string_of(json_get(object, S("id")), work);
    if (id.len == 0 || id.len > ID_MAX || published_find(id) != NULL)
        return OK;
    if (definitions->count * 2 >= definitions->room)
        TRY(grow(definitions));
    struct slot *slot = slot_of(definitions, id);
    if (slot->id == NULL) {
        if (definitions->count == STIX_DEFINITIONS_MAX)
            return err_make(ERR_LIMIT, "more than 65536 marking definitions");
        char *copy = arena_take(definitions->ids, id.len);
        memcpy(copy, id.ptr, id.len);
        *slot = (struct slot){.id = copy, .id_len = id.len};
        definitions->count++;
    }
    const struct stix_marks marks = stix_definition_marks(object, work);
    stix_marks_add(&slot->marks, &marks);
    return OK;
}

static void add_reference(
        const struct stix_definitions *definitions, struct stix_marks *marks, slice json, struct arena *work)
{
    slice id = string_of(json, work);
    const struct published *known = published_find(id);
    if (known != NULL) {
        stix_marks_add(marks, &known->marks);
        return;
    }
    const struct slot *slot = definitions->room == 0 || id.len > ID_MAX ? NULL : slot_of(definitions, id);
    if (slot != NULL && slot->id != NULL)
        stix_marks_add(marks, &slot->marks);
    else
        marks->unknown = true;
}

struct stix_marked stix_marked_of(slice object)
{
    struct stix_marked marked = {0};
    const struct {
        slice key;
        slice *value;
    } wanted[] = {
            {S("labels"), &marked.labels},
            {S("object_marking_refs"), &marked.refs},
            {S("granular_markings"), &marked.granular},
    };
    struct json_members walk = json_members(object);
    slice key, value;
    while (json_member_next(&walk, &key, &value))
        for (size_t i = 0; i < COUNT_OF(wanted); i++)
            if (json_key_is(key, wanted[i].key))
                *wanted[i].value = value;
    return marked;
}

struct stix_marks stix_marks_whole(
        const struct stix_definitions *definitions, const struct stix_marked *marked, struct arena *work)
{
    struct stix_marks marks = {0};
    slice element;
    struct json_elements labels = json_elements(marked->labels), refs = json_elements(marked->refs);
    while (json_element_next(&labels, &element))
        add_text(&marks, string_of(element, work));
    while (json_element_next(&refs, &element))
        add_reference(definitions, &marks, element, work);
    return marks;
}

bool stix_part_next(const struct stix_definitions *definitions, struct json_elements *walk, struct arena *work,
        struct stix_part *part)
{
    slice element;
    while (json_element_next(walk, &element)) {
        slice reference = json_get(element, S("marking_ref"));
        if (reference.len == 0)
            continue; /* it says a language (STIX 2.1 section 7.2.3) */
        *part = (struct stix_part){.ref = reference, .selectors = json_get(element, S("selectors"))};
        add_reference(definitions, &part->marks, reference, work);
        return true;
    }
    return false;
}

struct stix_marks stix_marks_of(
        const struct stix_definitions *definitions, const struct stix_marked *marked, struct arena *work)
{
    struct stix_marks marks = stix_marks_whole(definitions, marked, work);
    struct json_elements walk = json_elements(marked->granular);
    struct stix_part part;
    while (stix_part_next(definitions, &walk, work, &part))
        stix_marks_add(&marks, &part.marks);
    return marks;
}
