/* SPDX-License-Identifier: Apache-2.0 */
#include "web/summary.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/clock.h"
#include "stix/pattern.h"
#include "store/browse.h"
#include "web/outside.h"
#include "json/read.h"

#define MARKINGS_MAX                                                                                                   \
    50 /* references of one object that are looked up; with more, it counts as marked by an unknown                    \
        */
#define LOOKUP_ARENA_MAX (8u << 20)

struct summaries summaries_open(struct db *db, struct arena *arena)
{
    return (struct summaries){db, arena, stix_definitions_open(), clock_now_us()};
}

void summaries_close(struct summaries *summaries)
{
    stix_definitions_close(summaries->definitions);
    summaries->definitions = NULL;
}

/* ---- What stands in an object ---- */

struct parts {
    slice name, value, pattern, pattern_type, labels, refs, granular, from, until, relation, source_ref, target_ref,
            sighted, hashes, path, key, subject, description;
    slice first; /* text of a property that has no row below */
};

static const struct {
    const char *key;
    size_t at;
} wanted[] = {
        {"name", offsetof(struct parts, name)},
        {"value", offsetof(struct parts, value)},
        {"pattern", offsetof(struct parts, pattern)},
        {"pattern_type", offsetof(struct parts, pattern_type)},
        {"labels", offsetof(struct parts, labels)},
        {"object_marking_refs", offsetof(struct parts, refs)},
        {"granular_markings", offsetof(struct parts, granular)},
        {"valid_from", offsetof(struct parts, from)},
        {"valid_until", offsetof(struct parts, until)},
        {"relationship_type", offsetof(struct parts, relation)},
        {"source_ref", offsetof(struct parts, source_ref)},
        {"target_ref", offsetof(struct parts, target_ref)},
        {"sighting_of_ref", offsetof(struct parts, sighted)},
        {"hashes", offsetof(struct parts, hashes)},
        {"path", offsetof(struct parts, path)},
        {"key", offsetof(struct parts, key)},
        {"subject", offsetof(struct parts, subject)},
        {"description", offsetof(struct parts, description)},
};

/* Says nothing of what an object is about. */
static bool is_empty_word(slice key)
{
    static const char *const words[] = {"type", "id", "spec_version", "created", "modified", "lang", "first_observed",
            "last_observed", "first_seen", "last_seen", "pattern_version"};
    bool is = slice_ends(key, S("_ref"));
    for (size_t i = 0; i < COUNT_OF(words); i++)
        is = is || json_key_is(key, slice_of(words[i]));
    return is;
}

static struct parts parts_of(slice bytes)
{
    struct parts parts = {0};
    struct json_members members = json_members(bytes);
    slice key, value;
    while (json_member_next(&members, &key, &value)) {
        slice *part = NULL;
        for (size_t i = 0; i < COUNT_OF(wanted); i++)
            if (json_key_is(key, slice_of(wanted[i].key)))
                part = (slice *)(void *)((char *)&parts + wanted[i].at);
        if (part == NULL && parts.first.len == 0 && json_kind(value) == JSON_STRING && !is_empty_word(key))
            part = &parts.first;
        if (part != NULL)
            *part = value;
    }
    return parts;
}

static slice text_of(slice json, struct arena *arena)
{
    return json_kind(json) == JSON_STRING ? json_text(json, arena) : S("");
}

/* ---- Markings ---- */

/* What the marking definitions of an object say, as far as they are in the store. Published ones need none. */
static struct err definitions_get(struct summaries *summaries, const struct parts *parts)
{
    struct json_elements refs = json_elements(parts->refs);
    slice element;
    size_t seen = 0;
    if (summaries->db == NULL)
        return OK;
    while (json_element_next(&refs, &element) && seen++ < MARKINGS_MAX) {
        struct stix_marked marked = {
                .refs = slice_of(arena_printf(summaries->arena, "[%.*s]", (int)element.len, element.ptr))};
        if (!stix_marks_of(summaries->definitions, &marked, summaries->arena).unknown)
            continue;
        slice id = text_of(element, summaries->arena);
        if (!outside_is_id(id))
            continue;
        struct arena *scratch = arena_open("a marking", ARENA_WORK, LOOKUP_ARENA_MAX);
        struct object definition;
        struct err err = store_browse_any(summaries->db, id, scratch, &definition);
        if (err.kind == ERR_NONE)
            err = stix_definitions_add(summaries->definitions, definition.bytes, scratch);
        else if (err.kind == ERR_MISSING || err.kind == ERR_LIMIT)
            err = OK; /* it stays unknown, which is shown */
        arena_close(scratch);
        TRY(err);
    }
    return OK;
}

/* ---- What it is about ---- */

/* The values of a pattern that is a list of them. */
static bool pattern_values(slice pattern, struct arena *arena, struct summary *summary)
{
    struct stix_pattern read;
    struct stix_place place;
    if (pattern.len > SUMMARY_PATTERN_MAX || stix_pattern_parse_mixed(pattern, arena, &read, &place).kind != ERR_NONE ||
            read.atom_count == 0 || read.atoms->constant->kind != STIX_CONSTANT_TEXT)
        return false;
    summary->value = read.atoms->constant->text;
    summary->more = read.atom_count - 1;
    return true;
}

static void indicator_value(const struct parts *parts, struct arena *arena, struct summary *summary)
{
    slice pattern = text_of(parts->pattern, arena);
    if (slice_eq(text_of(parts->pattern_type, arena), S("stix")) && pattern_values(pattern, arena, summary))
        return;
    summary->value = pattern;
    summary->is_pattern = true;
}

static slice first_hash(slice hashes, struct arena *arena)
{
    struct json_members members = json_members(hashes);
    slice key, value;
    return json_member_next(&members, &key, &value) ? text_of(value, arena) : S("");
}

/* "malware uses tool", by the types of both ends. */
static slice relation_text(const struct parts *parts, struct arena *arena)
{
    slice from = text_of(parts->source_ref, arena), to = text_of(parts->target_ref, arena);
    slice word = text_of(parts->relation, arena);
    return slice_of(arena_printf(arena, "%.*s %.*s %.*s", (int)slice_find_slice(from, S("--")), from.ptr,
            (int)(word.len < 100 ? word.len : 100), word.ptr, (int)slice_find_slice(to, S("--")), to.ptr));
}

static void about(const struct parts *parts, slice type, struct arena *arena, struct summary *summary)
{
    const slice values[] = {parts->value, parts->path, parts->key, parts->subject, parts->sighted};
    summary->name = text_of(parts->name, arena);
    if (slice_eq(type, S("indicator"))) {
        indicator_value(parts, arena, summary);
        return;
    }
    if (slice_eq(type, S("relationship"))) {
        summary->name = relation_text(parts, arena);
        return;
    }
    summary->value = first_hash(parts->hashes, arena);
    for (size_t i = 0; i < COUNT_OF(values) && summary->value.len == 0; i++)
        summary->value = text_of(values[i], arena);
    if (summary->name.len == 0 && summary->value.len == 0)
        summary->name = text_of(parts->description, arena);
    if (summary->name.len == 0 && summary->value.len == 0) /* a type of nobody's standard */
        summary->value = text_of(parts->first, arena);
}

/* ---- Whether it counts ---- */

static const struct {
    enum object_judged kind;
    enum standing standing;
} judged[] = {
        {OBJECT_FALSE_POSITIVE, STANDING_FALSE_POSITIVE},
        {OBJECT_WITHDRAWN, STANDING_WITHDRAWN},
};

static unsigned standings_of(const struct object *object, const struct summary *summary, int64_t now_us)
{
    unsigned standings = 0;
    for (size_t i = 0; i < COUNT_OF(judged); i++)
        if ((object->judged & judged[i].kind) != 0)
            standings |= 1u << judged[i].standing;
    if ((object->judged & OBJECT_EXPIRED) != 0)
        standings |= 1u << (object->expiry_us > now_us ? STANDING_WILL_EXPIRE : STANDING_JUDGED_EXPIRED);
    if (object->revoked)
        standings |= 1u << STANDING_REVOKED;
    if (summary->until_us != TIME_NONE && summary->until_us <= now_us)
        standings |= 1u << STANDING_EXPIRED;
    if (summary->from_us != TIME_NONE && summary->from_us > now_us)
        standings |= 1u << STANDING_NOT_YET;
    bool counts = (standings & ~(1u << STANDING_WILL_EXPIRE)) == 0;
    return counts && slice_eq(object->type, S("indicator")) ? standings | 1u << STANDING_VALID : standings;
}

static int64_t time_of(slice json, struct arena *arena)
{
    int64_t us;
    return time_parse(text_of(json, arena), &us) ? us : TIME_NONE;
}

struct err summary_of(struct summaries *summaries, const struct object *object, struct summary *summary)
{
    struct arena *arena = summaries->arena;
    struct parts parts = parts_of(object->bytes);
    struct summary made = {0};
    TRY(definitions_get(summaries, &parts));
    about(&parts, object->type, arena, &made);
    made.marks = stix_marks_of(
            summaries->definitions, &(struct stix_marked){parts.labels, parts.refs, parts.granular}, arena);
    made.from_us = time_of(parts.from, arena);
    made.until_us = time_of(parts.until, arena);
    made.standings = standings_of(object, &made, summaries->now_us);
    *summary = made;
    return OK;
}

const char *summary_standing_name(enum standing standing)
{
    static const char *const names[STANDINGS] = {[STANDING_VALID] = "valid",
            [STANDING_NOT_YET] = "not-yet-valid",
            [STANDING_EXPIRED] = "expired",
            [STANDING_REVOKED] = "revoked",
            [STANDING_FALSE_POSITIVE] = "false-positive",
            [STANDING_JUDGED_EXPIRED] = "expired-here",
            [STANDING_WITHDRAWN] = "withdrawn",
            [STANDING_WILL_EXPIRE] = "expires-here"};
    return names[standing];
}
