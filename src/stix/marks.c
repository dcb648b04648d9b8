/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/marks.h"

#include "base/arena.h"
#include "base/hash.h"
#include "json/read.h"

#define SLOTS_LEAST 64
#define ID_MAX 256 /* bytes; a marking-definition id has 57 */

/* ---- The one table of what PAP and TLP are called ---- */

enum scale { SCALE_TLP, SCALE_PAP, SCALE_IEP };

/*
 * Words behind "PAP:" and "TLP:", the levels of a definition, and what IEP 2.0 has in place of PAP; compared without
 * regard to case.
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
        {SCALE_IEP, "none", {.pap = PAP_RED}},
        {SCALE_IEP, "contact-for-instruction", {.pap = PAP_RED}},
        {SCALE_IEP, "internally-visible-actions", {.pap = PAP_AMBER}},
        {SCALE_IEP, "externally-visible-indirect-actions", {.pap = PAP_AMBER}},
        {SCALE_IEP, "externally-visible-direct-actions", {.pap = PAP_GREEN}},
};

/* What a word means that a scale does not have: on doubt the strictest. */
static const struct stix_marks strictest[] = {
        [SCALE_TLP] = {.tlp = TLP_RED},
        [SCALE_PAP] = {.pap = PAP_RED},
        [SCALE_IEP] = {.pap = PAP_RED},
};

/*
 * Marking definitions with published ids: TLP 1.0 (STIX 2.1 section 7.2.1.4), TLP 2.0 (extension 60a3c5c5-...), PAP
 * (extension f8d78575-... of the OASIS common objects).
 */
static const struct published {
    const char *uuid;
    struct stix_marks marks;
} published[] = {
        {"613f2e26-407d-48c7-9eca-b8e91df99dc9", {TLP_CLEAR, PAP_NONE, false}},
        {"34098fce-860f-48ae-8e50-ebd3cc5e41da", {TLP_GREEN, PAP_NONE, false}},
        {"f88d31f6-486f-44da-b317-01333bde0b82", {TLP_AMBER, PAP_NONE, false}},
        {"5e57c739-391a-4eb3-b6be-7d15ca92d5ed", {TLP_RED, PAP_NONE, false}},
        {"94868c89-83c2-464b-929b-a1a8aa3c8487", {TLP_CLEAR, PAP_NONE, false}},
        {"bab4a63c-aed9-4cf5-a766-dfca5abac2bb", {TLP_GREEN, PAP_NONE, false}},
        {"55d920b0-5e8b-4f79-9ee9-91f868d9b421", {TLP_AMBER, PAP_NONE, false}},
        {"939a9414-2ddd-4d32-a0cd-375ea402b003", {TLP_AMBER_STRICT, PAP_NONE, false}},
        {"e828b379-4e03-4974-9ac4-e53a884c97c1", {TLP_RED, PAP_NONE, false}},
        {"ad15a0cd-55b6-4588-a14c-a66105329b92", {TLP_NONE, PAP_CLEAR, false}},
        {"a3bea94c-b469-41dc-9cfe-d6e7daba7730", {TLP_NONE, PAP_CLEAR, false}},
        {"c43594d1-4b11-4c59-93ab-1c9b14d53ce9", {TLP_NONE, PAP_GREEN, false}},
        {"60f8932b-e51e-4458-b265-a2e8be9a80ab", {TLP_NONE, PAP_AMBER, false}},
        {"740d36e5-7714-4c30-961a-3ae632ceee0e", {TLP_NONE, PAP_RED, false}},
};

/* Properties of a definition, or of one of its extensions, whose value is a bare level. */
static const struct level_key {
    const char *key;
    enum scale scale;
} level_keys[] = {
        {"pap", SCALE_PAP},
        {"tlp", SCALE_TLP},
        {"tlp_2_0", SCALE_TLP},
        {"permitted_actions", SCALE_IEP},
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

/* ---- Words ---- */

static void add_marks(struct stix_marks *marks, struct stix_marks more)
{
    marks->tlp = more.tlp > marks->tlp ? more.tlp : marks->tlp;
    marks->pap = more.pap > marks->pap ? more.pap : marks->pap;
    marks->unknown = marks->unknown || more.unknown;
}

static void add_level(struct stix_marks *marks, slice level, enum scale scale)
{
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (words[i].scale == scale && slice_eq_fold(level, slice_of(words[i].text))) {
            add_marks(marks, words[i].marks);
            return;
        }
    add_marks(marks, strictest[scale]);
}

/* "PAP:AMBER", "tlp: green"; other text says nothing. */
static void add_text(struct stix_marks *marks, slice text)
{
    text = slice_trim(text);
    if (text.len < 4 || text.ptr[3] != ':')
        return;
    slice name = slice_part(text, 0, 3), level = slice_trim(slice_from(text, 4));
    if (slice_eq_fold(name, S("pap")))
        add_level(marks, level, SCALE_PAP);
    else if (slice_eq_fold(name, S("tlp")))
        add_level(marks, level, SCALE_TLP);
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

/* {"tlp": "amber"}, {"statement": "PAP:RED"}, {"extension_type": ..., "pap": "amber"} */
static void add_levels(struct stix_marks *marks, slice json, struct arena *work)
{
    struct json_members walk = json_members(json);
    slice key, value;
    while (json_member_next(&walk, &key, &value)) {
        if (json_key_is(key, S("statement")))
            add_text(marks, string_of(value, work));
        for (size_t i = 0; i < COUNT_OF(level_keys); i++)
            if (json_key_is(key, slice_of(level_keys[i].key)))
                add_level(marks, slice_trim(string_of(value, work)), level_keys[i].scale);
    }
}

static struct stix_marks definition_marks(slice object, struct arena *work)
{
    struct stix_marks marks = {0};
    slice key, extension;
    add_text(&marks, string_of(json_get(object, S("name")), work));
    add_levels(&marks, json_get(object, S("definition")), work);
    struct json_members walk = json_members(json_get(object, S("extensions")));
    while (json_member_next(&walk, &key, &extension))
        add_levels(&marks, extension, work);
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
    add_marks(&slot->marks, definition_marks(object, work));
    return OK;
}

static void add_reference(
        const struct stix_definitions *definitions, struct stix_marks *marks, slice json, struct arena *work)
{
    slice id = string_of(json, work);
    const struct published *known = published_find(id);
    if (known != NULL) {
        add_marks(marks, known->marks);
        return;
    }
    const struct slot *slot = definitions->room == 0 || id.len > ID_MAX ? NULL : slot_of(definitions, id);
    if (slot != NULL && slot->id != NULL)
        add_marks(marks, slot->marks);
    else
        marks->unknown = true;
}

/* What one part of an object is marked with counts for the whole: its value may be in that part. */
static void add_granular(
        const struct stix_definitions *definitions, struct stix_marks *marks, slice json, struct arena *work)
{
    slice reference = json_get(json, S("marking_ref"));
    if (reference.len > 0) /* else it says a language (STIX 2.1 section 7.2.3) */
        add_reference(definitions, marks, reference, work);
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

struct stix_marks stix_marks_of(
        const struct stix_definitions *definitions, const struct stix_marked *marked, struct arena *work)
{
    struct stix_marks marks = {0};
    slice element;
    struct json_elements labels = json_elements(marked->labels), refs = json_elements(marked->refs),
                         granular = json_elements(marked->granular);
    while (json_element_next(&labels, &element))
        add_text(&marks, string_of(element, work));
    while (json_element_next(&refs, &element))
        add_reference(definitions, &marks, element, work);
    while (json_element_next(&granular, &element))
        add_granular(definitions, &marks, element, work);
    return marks;
}
