/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/table.h"

#include <assert.h>
#include <threads.h>

#include "json/tape.h"

/*
 * Every name of the tables, entered once into one hash table: each under the scope that it means something in. The
 * table is at most half full and never changes afterwards, so threads read it freely.
 */

enum {
    SLOTS = 1 << 13,
    READY_MAX = 2048,
    VOCABULARIES_MAX = 64,
    RELATIONS_MAX = 256,
    SCOPE_TYPES = 0,
    SCOPE_PROPERTIES = 0x100, /* and the type */
    SCOPE_WORDS = 0x200,      /* and the vocabulary */
    SCOPE_RELATIONS = 0x300,  /* and the source type */
};

struct slot {
    const char *name; /* NULL: free */
    uint32_t hash;
    uint16_t scope;
    uint16_t len;
    uint32_t value;
};

static struct slot slots[SLOTS];
static struct stix_ready ready[READY_MAX];
static struct stix_masks masks[STIX_TYPES_MAX];
static uint64_t relation_targets[RELATIONS_MAX][2];
static size_t ready_count, slot_count;
static uint16_t type_count;
static once_flag made = ONCE_FLAG_INIT;

static inline uint32_t place_of(uint32_t hash, unsigned scope)
{
    return (hash ^ scope * UINT32_C(0x9E3779B1)) & (SLOTS - 1);
}

/* Names are short: two loads that may overlap are quicker than a call. */
static inline bool same_bytes(const char *a, const char *b, size_t len)
{
    uint64_t first_a, first_b, last_a, last_b;
    if (len < sizeof first_a || len > 2 * sizeof first_a)
        return memcmp(a, b, len) == 0;
    memcpy(&first_a, a, sizeof first_a);
    memcpy(&first_b, b, sizeof first_b);
    memcpy(&last_a, a + len - sizeof last_a, sizeof last_a);
    memcpy(&last_b, b + len - sizeof last_b, sizeof last_b);
    return first_a == first_b && last_a == last_b;
}

static const struct slot *slot_find(unsigned scope, slice name, uint32_t hash)
{
    for (uint32_t at = place_of(hash, scope); slots[at].name != NULL; at = (at + 1) & (SLOTS - 1))
        if (slots[at].hash == hash && slots[at].scope == scope && slots[at].len == name.len &&
                same_bytes(slots[at].name, name.ptr, name.len))
            return &slots[at];
    return NULL;
}

static void slot_add(unsigned scope, slice name, uint32_t value)
{
    uint32_t hash = json_tape_hash(name), at = place_of(hash, scope);
    assert(slot_find(scope, name, hash) == NULL && slot_count < SLOTS / 2);
    while (slots[at].name != NULL)
        at = (at + 1) & (SLOTS - 1);
    slots[at] = (struct slot){name.ptr, hash, (uint16_t)scope, (uint16_t)name.len, value};
    slot_count++;
}

/* ---- Making ready ---- */

static void make_types(void)
{
    for (; stix_types[type_count].name != NULL; type_count++) {
        assert(type_count < STIX_TYPES_MAX);
        slot_add(SCOPE_TYPES, slice_of(stix_types[type_count].name), type_count);
    }
}

static uint16_t type_find(slice name)
{
    const struct slot *slot = slot_find(SCOPE_TYPES, name, json_tape_hash(name));
    return slot == NULL ? STIX_NONE : (uint16_t)slot->value;
}

static void make_words(void)
{
    for (unsigned v = 0; stix_vocabularies[v].name != NULL; v++) {
        assert(v < VOCABULARIES_MAX);
        slice rest = slice_of(stix_vocabularies[v].words), word;
        while (slice_next(&rest, '|', &word))
            slot_add(SCOPE_WORDS + v, word, v);
    }
}

static void targets_set(uint64_t targets[2], uint16_t type, bool on)
{
    uint64_t bit = UINT64_C(1) << type % 64;
    targets[type / 64] = on ? targets[type / 64] | bit : targets[type / 64] & ~bit;
}

/* One word of a list of targets: a type, a family of types, or * for all objects. */
static void targets_word(uint64_t targets[2], slice word, bool on)
{
    static const struct {
        const char *word;
        enum stix_family family;
    } families[] = {{"sdo", STIX_SDO}, {"sro", STIX_SRO}, {"sco", STIX_SCO}};
    for (size_t i = 0; i < COUNT_OF(families); i++)
        if (slice_eq(word, slice_of(families[i].word)))
            for (uint16_t t = 0; t < type_count; t++)
                if (stix_types[t].family == families[i].family)
                    targets_set(targets, t, on);
    if (slice_eq(word, S("*")))
        for (uint16_t t = 0; t < type_count; t++)
            if (stix_types[t].family <= STIX_META)
                targets_set(targets, t, on);
    uint16_t type = type_find(word);
    if (type != STIX_NONE)
        targets_set(targets, type, on);
}

static bool make_targets(const char *what, uint64_t targets[2])
{
    slice rest = slice_of(what), word;
    bool others = false;
    while (slice_next(&rest, ' ', &word)) {
        bool not = slice_starts(word, S("!"));
        others = others || slice_eq(word, S("*")) || slice_eq(word, S("..."));
        targets_word(targets, slice_from(word, not ), !not );
    }
    return others;
}

static void make_bounds(struct stix_ready *row)
{
    row->least = INT64_MIN;
    row->most = INT64_MAX;
    if (row->row->what == NULL)
        return;
    char *end = NULL;
    row->least = strtoll(row->row->what, &end, 10);
    assert(end[0] == '.' && end[1] == '.');
    if (end[2] != '\0')
        row->most = strtoll(end + 2, NULL, 10);
}

/* Makes a row ready as one of a type; the type's own rows come first and stand for those in common of the same name. */
static void make_property(uint16_t type, const struct stix_property *row, bool common)
{
    struct stix_masks *mask = &masks[type];
    slice name = slice_of(row->name);
    if (slot_find(SCOPE_PROPERTIES + type, name, json_tape_hash(name)) != NULL)
        return;
    assert(ready_count < READY_MAX && mask->count < STIX_PROPERTIES_MAX);
    struct stix_ready *made_row = &ready[ready_count];
    *made_row = (struct stix_ready){.row = row, .bit = (uint8_t)mask->count++};
    uint64_t bit = UINT64_C(1) << made_row->bit;
    mask->required |= (row->flags & STIX_REQUIRED) != 0 ? bit : 0;
    mask->required_20 |= (row->flags & STIX_REQUIRED_20) != 0 ? bit : 0;
    mask->common |= common ? bit : 0;
    if (row->kind == STIX_WORD)
        made_row->vocabulary = stix_vocabulary_find(row->what);
    if (row->kind == STIX_OBJECT)
        made_row->object = type_find(slice_of(row->what));
    if (row->kind == STIX_REF)
        made_row->others = make_targets(row->what, made_row->targets);
    if (row->kind == STIX_INTEGER || row->kind == STIX_FLOAT)
        make_bounds(made_row);
    assert(made_row->vocabulary != STIX_NONE && made_row->object != STIX_NONE);
    slot_add(SCOPE_PROPERTIES + type, name, (uint32_t)ready_count++);
}

static void make_properties(uint16_t type, const char *name, bool common)
{
    for (const struct stix_property *row = stix_properties; row->name != NULL; row++)
        if (strcmp(row->type, name) == 0)
            make_property(type, row, common);
}

static void make_relations(void)
{
    for (uint32_t r = 0; stix_relations[r].name != NULL; r++) {
        assert(r < RELATIONS_MAX);
        make_targets(stix_relations[r].targets, relation_targets[r]);
        slot_add(SCOPE_RELATIONS + type_find(slice_of(stix_relations[r].source)), slice_of(stix_relations[r].name), r);
    }
}

static void make(void)
{
    make_types();
    make_words();
    for (uint16_t t = 0; t < type_count; t++) {
        masks[t].first = (uint16_t)ready_count;
        make_properties(t, stix_types[t].name, false);
        if (stix_types[t].common != NULL)
            make_properties(t, stix_types[t].common, true);
    }
    make_relations();
}

/* ---- Looking up ---- */

uint16_t stix_type_find(slice name)
{
    call_once(&made, make);
    return type_find(name);
}

const struct stix_masks *stix_masks(uint16_t type)
{
    call_once(&made, make);
    return &masks[type];
}

const struct stix_ready *stix_property_hashed(uint16_t type, slice name, uint32_t hash)
{
    const struct slot *slot = slot_find(SCOPE_PROPERTIES + type, name, hash);
    return slot == NULL ? NULL : &ready[slot->value];
}

const struct stix_ready *stix_property_find(uint16_t type, slice name)
{
    call_once(&made, make);
    return stix_property_hashed(type, name, json_tape_hash(name));
}

const struct stix_ready *stix_property_at(uint16_t type, unsigned bit)
{
    return &ready[masks[type].first + bit];
}

bool stix_word_known(uint16_t vocabulary, slice word)
{
    return slot_find(SCOPE_WORDS + vocabulary, word, json_tape_hash(word)) != NULL;
}

uint16_t stix_vocabulary_find(const char *name)
{
    for (uint16_t v = 0; stix_vocabularies[v].name != NULL; v++)
        if (strcmp(stix_vocabularies[v].name, name) == 0)
            return v;
    return STIX_NONE;
}

enum stix_relation_answer stix_relation_known(uint16_t source, slice name, uint16_t target)
{
    const struct slot *slot = slot_find(SCOPE_RELATIONS + source, name, json_tape_hash(name));
    if (slot == NULL)
        return STIX_RELATION_UNKNOWN;
    bool there = (relation_targets[slot->value][target / 64] >> target % 64 & 1) != 0;
    return there ? STIX_RELATION_DEFINED : STIX_RELATION_OTHER_TARGET;
}
