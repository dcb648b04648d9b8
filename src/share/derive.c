/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "share/alias.h"
#include "share/rules.h"
#include "stix/checker.h"
#include "stix/id.h"
#include "stix/table.h"
#include "json/write.h"

/*
 * Another object than ours, made of what of it may leave:
 *
 * 1. Only properties that the standard gives its type are looked at, in parts of it too; unknown ones do not survive.
 * 2. Of these stays what is not left out by a mark, by the template, or because a string in it holds an id, a name of
 *    the source or of a victim that must not leave. References to what the recipient has under another id are written
 *    with that one.
 * 3. What marks it is kept whole or nothing leaves: parts that stay marked lift the whole to their level.
 * 4. It has an id, a creator and times of its own; what it was made from is nowhere in it.
 * 5. What is then no valid STIX, or says nothing but what all objects say, does not leave.
 */

enum {
    MARKINGS_MAX = 64,  /* of one object */
    LABELS_MAX = 1024,  /* the same */
    PART_DEPTH_MAX = 4, /* values inside of values whose types we have rows for */
    UUID_LEN = 36,
};

/* Catalogues whose numbers everybody knows: the only references outside that a derived object keeps. */
static const char *const catalogues[] = {
        "capec", "cve", "cwe", "mitre-attack", "mitre-ics-attack", "mitre-mobile-attack", "mitre-pre-attack"};

/* Properties that an object would say something else without. */
static const struct {
    const char *type, *property;
} lasting[] = {
        {"indicator", "valid_until"},
        {"indicator", "pattern_version"},
        {"relationship", "stop_time"},
};

/* What is left of a sighting that is widened to its sector. */
static const char *const rough[] = {"sighting_of_ref", "first_seen", "last_seen", "revoked"};

struct derive {
    const struct share_case *about;
    struct arena *arena;
    uint16_t type;
    const struct stix_type *row;
    struct json_writer writer;
    slice *others; /* names of the source, and ids without a UUID */
    size_t other_count;
    struct share_names names; /* of those */
    struct uuid *forbidden;   /* in order of bytes */
    size_t forbidden_count;
    struct share_unknown *unknown; /* in order of ids */
    slice *markings;
    size_t marking_count;
    size_t said;     /* properties beyond those that all objects have */
    const char *why; /* it cannot be derived */
};

static void fails(struct derive *d, const char *why)
{
    d->why = d->why == NULL ? why : d->why;
}

/* ---- What must not be in it ---- */

static int unknown_order(const void *a, const void *b)
{
    return slice_order(((const struct share_unknown *)a)->id, ((const struct share_unknown *)b)->id);
}

static int uuid_order(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct uuid));
}

/* An id by its UUID, so that it is found under another type too; one without UUID as a name. */
static void forbid(struct derive *d, slice id)
{
    struct stix_id parsed;
    if (stix_id_parse(id, &parsed) && uuid_parse(parsed.uuid, &d->forbidden[d->forbidden_count]))
        d->forbidden_count++;
    else if (id.len > 0)
        d->others[d->other_count++] = id;
}

static void forbid_all(struct derive *d)
{
    const struct share_facts *facts = d->about->facts;
    bool unnamed = (d->about->strip & SHARE_STRIP_SOURCE) != 0;
    d->others = arena_new(d->arena, slice, facts->source_count + facts->unknown_count + 2);
    d->forbidden = arena_new(d->arena, struct uuid, facts->unknown_count + 2);
    d->unknown = arena_new(d->arena, struct share_unknown, facts->unknown_count + 1);
    for (size_t i = 0; unnamed && i < facts->source_count; i++)
        d->others[d->other_count++] = facts->sources[i];
    for (size_t i = 0; i < facts->unknown_count; i++) {
        d->unknown[i] = facts->unknown[i];
        forbid(d, facts->unknown[i].id);
    }
    forbid(d, d->about->subject->id);
    if (unnamed)
        forbid(d, d->about->subject->created_by);
    d->names = share_names_make(d->others, d->other_count, d->arena);
    qsort(d->forbidden, d->forbidden_count, sizeof(*d->forbidden), uuid_order);
    qsort(d->unknown, facts->unknown_count, sizeof(*d->unknown), unknown_order);
}

static bool holds_forbidden(const struct derive *d, slice text)
{
    struct uuid uuid;
    for (size_t at = 0; share_uuid_next(text, &at, &uuid);)
        if (bsearch(&uuid, d->forbidden, d->forbidden_count, sizeof(uuid), uuid_order) != NULL)
            return true;
    return false;
}

static bool is_clean(const struct derive *d, slice json)
{
    struct share_strings walk = share_strings(json);
    slice raw;
    while (share_string_next(&walk, &raw))
        if (raw.len >= UUID_LEN && holds_forbidden(d, json_unescape(raw, d->arena)))
            return false;
    return !share_names_in(json, &d->names, d->arena) && !share_names_in(json, d->about->facts->victims, d->arena);
}

static const struct share_unknown *unknown_find(const struct derive *d, slice id)
{
    const struct share_unknown wanted = {.id = id};
    return bsearch(&wanted, d->unknown, d->about->facts->unknown_count, sizeof(wanted), unknown_order);
}

/* ---- Values: JSON that may leave, or empty ---- */

static slice text_json(struct derive *d, slice text)
{
    struct buf buf = buf_make(SHARE_DERIVED_MAX);
    struct json_writer writer = json_writer(&buf);
    json_write_text(&writer, text);
    slice made = arena_copy(d->arena, buf_slice(&buf));
    buf_free(&buf);
    return made;
}

static slice reference_make(struct derive *d, slice value)
{
    if (json_kind(value) != JSON_STRING)
        return S("");
    const struct share_unknown *unknown = unknown_find(d, json_text(value, d->arena));
    if (unknown != NULL)
        return unknown->alias.len > 0 ? text_json(d, unknown->alias) : S("");
    return is_clean(d, value) ? value : S("");
}

static slice value_make(
        struct derive *d, const struct stix_property *row, uint16_t object, slice value, unsigned depth);

/* The properties of a value inside of the object that its type has; empty if none is left. */
static slice part_make(struct derive *d, uint16_t type, slice object, unsigned depth)
{
    struct buf buf = buf_make(SHARE_DERIVED_MAX);
    struct json_writer writer = json_writer(&buf);
    struct json_members walk = json_members(object);
    slice key, value;
    size_t count = 0;
    json_write_object(&writer);
    while (depth < PART_DEPTH_MAX && json_member_next(&walk, &key, &value)) {
        const struct stix_ready *ready = stix_property_find(type, json_unescape(key, d->arena));
        bool stays = ready != NULL && !share_template_has(slice_of(ready->row->type), slice_of(ready->row->name));
        slice made = stays ? value_make(d, ready->row, ready->object, value, depth + 1) : S("");
        if (made.len == 0)
            continue;
        json_write_key(&writer, slice_of(ready->row->name));
        json_write_raw(&writer, made);
        count++;
    }
    json_write_end(&writer);
    slice made = count == 0 ? S("") : arena_copy(d->arena, buf_slice(&buf));
    buf_free(&buf);
    return made;
}

/* Of a catalogue its name and number; all other references tell where something is known from. */
static slice catalogued_make(struct derive *d, slice reference)
{
    slice source = json_get(reference, S("source_name")), number = json_get(reference, S("external_id"));
    slice name = json_kind(source) == JSON_STRING ? json_text(source, d->arena) : S("");
    size_t i = 0;
    while (i < COUNT_OF(catalogues) && !slice_eq(name, slice_of(catalogues[i])))
        i++;
    if (i == COUNT_OF(catalogues) || json_kind(number) != JSON_STRING || !is_clean(d, number))
        return S("");
    return slice_of(arena_printf(
            d->arena, "{\"source_name\":\"%s\",\"external_id\":%.*s}", catalogues[i], (int)number.len, number.ptr));
}

/* Extensions that the standard defines for this type; what others define is theirs. */
static slice extensions_make(struct derive *d, slice value, unsigned depth)
{
    struct buf buf = buf_make(SHARE_DERIVED_MAX);
    struct json_writer writer = json_writer(&buf);
    struct json_members walk = json_members(value);
    slice key, extension;
    size_t count = 0;
    json_write_object(&writer);
    while (json_member_next(&walk, &key, &extension)) {
        uint16_t type = stix_type_find(json_unescape(key, d->arena));
        const struct stix_type *row = type == STIX_NONE ? NULL : &stix_types[type];
        bool ours = row != NULL && row->family == STIX_EXTENSION && row->of != NULL &&
                    strcmp(row->of, d->row->name) == 0 && d->row->family == STIX_SCO;
        slice made = ours ? part_make(d, type, extension, depth) : S("");
        if (made.len == 0)
            continue;
        json_write_key(&writer, slice_of(row->name));
        json_write_raw(&writer, made);
        count++;
    }
    json_write_end(&writer);
    slice made = count == 0 ? S("") : arena_copy(d->arena, buf_slice(&buf));
    buf_free(&buf);
    return made;
}

static slice element_make(
        struct derive *d, const struct stix_property *row, uint16_t object, slice value, unsigned depth)
{
    if (row->kind == STIX_REF)
        return reference_make(d, value);
    if (row->kind == STIX_EXTENSIONS)
        return extensions_make(d, value, depth);
    if (row->kind == STIX_OBJECT && slice_eq(slice_of(row->what), S("external-reference")))
        return catalogued_make(d, value);
    if (row->kind == STIX_OBJECT)
        return part_make(d, object, value, depth);
    return is_clean(d, value) ? value : S("");
}

/* Of a list those elements that may leave. */
static slice value_make(struct derive *d, const struct stix_property *row, uint16_t object, slice value, unsigned depth)
{
    if ((row->flags & STIX_LIST) == 0 || json_kind(value) != JSON_ARRAY)
        return element_make(d, row, object, value, depth);
    struct buf buf = buf_make(SHARE_DERIVED_MAX);
    struct json_writer writer = json_writer(&buf);
    struct json_elements walk = json_elements(value);
    slice element;
    size_t count = 0;
    json_write_array(&writer);
    while (json_element_next(&walk, &element)) {
        slice made = element_make(d, row, object, element, depth);
        if (made.len == 0)
            continue;
        json_write_raw(&writer, made);
        count++;
    }
    json_write_end(&writer);
    slice made = count == 0 ? S("") : arena_copy(d->arena, buf_slice(&buf));
    buf_free(&buf);
    return made;
}

/* ---- Sightings ---- */

/* Times of whole windows: a day, or a week for who is told the sector only. */
static slice moment_make(struct derive *d, slice value)
{
    int64_t us, window = (d->about->strip & SHARE_STRIP_PLACE) != 0 ? 7 * DAY_US : DAY_US;
    if (json_kind(value) != JSON_STRING || !time_parse_strict(json_text(value, d->arena), &us))
        return S("");
    us -= (us % window + window) % window;
    struct buf buf = buf_make(64);
    time_write(&buf, us);
    slice made = text_json(d, buf_slice(&buf));
    buf_free(&buf);
    return made;
}

/* Its order of magnitude. */
static slice count_make(struct derive *d, slice value)
{
    int64_t count, coarse = 1;
    if (!json_i64(value, &count) || count < 1)
        return S("");
    for (; count >= 10; count /= 10)
        coarse *= 10;
    return slice_of(arena_printf(d->arena, "%" PRId64, coarse));
}

static const struct {
    const char *property;
    slice (*make)(struct derive *d, slice value);
} coarse[] = {{"first_seen", moment_make}, {"last_seen", moment_make}, {"count", count_make}};

/* ---- Properties ---- */

/* Whether a part that has to be left out begins with this property. */
static bool is_dropped(const struct derive *d, slice name)
{
    for (size_t i = 0; i < d->about->subject->part_count; i++) {
        struct json_elements walk = json_elements(d->about->subject->parts[i].selectors);
        slice selector;
        while ((d->about->parts >> i & 1) != 0 && json_element_next(&walk, &selector)) {
            slice text = json_text(selector, d->arena);
            if (slice_eq(slice_part(text, 0, slice_find(text, '.')), name))
                return true;
        }
    }
    return false;
}

static bool is_among(slice name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(name, slice_of(names[i])))
            return true;
    return false;
}

/* By its name alone. */
static bool may_stay(const struct derive *d, slice name)
{
    if (share_template_has(slice_of(d->row->name), name) && !d->about->subject->party)
        return false;
    if ((d->about->strip & SHARE_STRIP_PLACE) != 0 && !is_among(name, rough, COUNT_OF(rough)))
        return false;
    return !is_dropped(d, name);
}

static slice property_make(struct derive *d, const struct stix_ready *ready, slice value)
{
    slice name = slice_of(ready->row->name);
    for (size_t i = 0; i < COUNT_OF(coarse) && d->about->subject->sighting; i++)
        if (slice_eq(name, slice_of(coarse[i].property)))
            return coarse[i].make(d, value);
    return value_make(d, ready->row, ready->object, value, 0);
}

static void lasting_check(struct derive *d, slice name)
{
    for (size_t i = 0; i < COUNT_OF(lasting); i++)
        if (slice_eq(name, slice_of(lasting[i].property)) && strcmp(d->row->name, lasting[i].type) == 0)
            fails(d, "without a property that cannot leave it would say something else");
}

static void property_write(struct derive *d, const struct stix_ready *ready, slice value)
{
    slice name = slice_of(ready->row->name);
    slice made = may_stay(d, name) ? property_make(d, ready, value) : S("");
    bool common = (stix_masks(d->type)->common >> ready->bit & 1) != 0;
    if (made.len == 0) {
        lasting_check(d, name);
        return;
    }
    json_write_key(&d->writer, name);
    json_write_raw(&d->writer, made);
    d->said += !common || slice_eq(name, S("extensions"));
}

/* A label that marks the object has to stay, or it would be wider without. */
static bool label_stays(struct derive *d, slice label, bool others)
{
    const struct stix_marked marked = {.labels = slice_of(arena_printf(d->arena, "[%.*s]", (int)label.len, label.ptr))};
    const struct stix_marks marks = stix_marks_whole(NULL, &marked, d->arena);
    bool clean = is_clean(d, label), marking = stix_marks_any(&marks);
    if (marking && (!clean || d->row->family == STIX_SCO || is_dropped(d, S("labels"))))
        fails(d, "a label that marks it cannot leave");
    return clean && (marking || others);
}

/* Of a sighting that is widened: where its constituents belong. */
static slice sector_make(struct derive *d)
{
    slice sector = d->about->facts->sector;
    return text_json(d, slice_of(arena_printf(d->arena, "sector:%.*s", (int)sector.len, sector.ptr)));
}

static void labels_write(struct derive *d)
{
    bool widened = (d->about->strip & SHARE_STRIP_PLACE) != 0;
    bool others = !widened && d->row->family != STIX_SCO && !is_dropped(d, S("labels"));
    struct json_elements walk = json_elements(stix_marked_of(d->about->subject->bytes).labels);
    slice label, *kept = arena_new(d->arena, slice, LABELS_MAX + 1);
    size_t count = 0;
    if (widened)
        kept[count++] = sector_make(d);
    while (json_element_next(&walk, &label))
        if (label_stays(d, label, others) && count <= LABELS_MAX)
            kept[count++] = label;
    if (count > LABELS_MAX)
        fails(d, "it has more than 1024 labels");
    if (count == 0)
        return;
    json_write_key(&d->writer, S("labels"));
    json_write_array(&d->writer);
    for (size_t i = 0; i < count; i++)
        json_write_raw(&d->writer, kept[i]);
    json_write_end(&d->writer);
}

/* Written by us, not taken from what it is made of; of a definition what it says is taken whole. */
static bool is_ours_to_write(const struct derive *d, slice name)
{
    static const char *const ours[] = {"type", "spec_version", "id", "created_by_ref", "created", "modified", "labels",
            "object_marking_refs", "granular_markings"};
    return is_among(name, ours, COUNT_OF(ours)) ||
           (d->row->family != STIX_SCO && d->row->family != STIX_META && slice_eq(name, S("extensions")));
}

/* The words of a definition, as they stand: an extension of it that we could not read has kept it here. */
static bool is_definition(const struct derive *d, slice name)
{
    static const char *const words[] = {"name", "definition_type", "definition", "extensions"};
    return d->row->family == STIX_META && is_among(name, words, COUNT_OF(words));
}

static void definition_write(struct derive *d, slice name, slice value)
{
    if (!is_clean(d, value) || is_dropped(d, name))
        fails(d, "what a definition says cannot be left out of it");
    json_write_key(&d->writer, name);
    json_write_raw(&d->writer, value);
    d->said++;
}

static void properties_write(struct derive *d)
{
    struct json_members walk = json_members(d->about->subject->bytes);
    slice key, value;
    bool typed = false;
    while (json_member_next(&walk, &key, &value)) {
        slice name = json_unescape(key, d->arena);
        const struct stix_ready *ready = stix_property_find(d->type, name);
        typed |= slice_eq(name, S("pattern_type"));
        if (is_definition(d, name))
            definition_write(d, name, value);
        else if (ready != NULL && (ready->row->flags & (STIX_NOT_HERE | STIX_ONLY_20)) == 0 &&
                 !is_ours_to_write(d, name))
            property_write(d, ready, value);
    }
    /* STIX 2.0 has patterns of one kind only. */
    if (strcmp(d->row->name, "indicator") == 0 && d->about->subject->spec_version.len == 0 && !typed)
        json_write_key_text(&d->writer, S("pattern_type"), S("stix"));
}

/* ---- Markings ---- */

/* A marking that the recipient could not read would be none to it. */
static void marking_add(struct derive *d, slice ref)
{
    slice made = reference_make(d, ref);
    size_t i = 0;
    while (i < d->marking_count && !slice_eq(d->markings[i], made))
        i++;
    if (made.len == 0 || i == MARKINGS_MAX)
        fails(d, made.len == 0 ? "it is marked by a definition that the recipient does not have"
                               : "it has more than 64 markings");
    else if (i == d->marking_count)
        d->markings[d->marking_count++] = made;
}

static bool says_tlp(const struct derive *d, enum stix_tlp tlp)
{
    slice id = stix_tlp_id(tlp, 0, d->arena);
    for (size_t place = 1; id.len > 0; id = stix_tlp_id(tlp, place++, d->arena))
        for (size_t i = 0; i < d->marking_count; i++)
            if (slice_eq(json_text(d->markings[i], d->arena), id))
                return true;
    return false;
}

/* That of TLP 2.0 is the last of a level. */
static slice tlp_id(enum stix_tlp tlp, struct arena *arena)
{
    slice id = S(""), next = stix_tlp_id(tlp, 0, arena);
    for (size_t place = 1; next.len > 0; next = stix_tlp_id(tlp, place++, arena))
        id = next;
    return id;
}

/* Those of the object, those of parts that stay, and its TLP in words that everybody knows. */
static void markings_write(struct derive *d, enum stix_tlp tlp)
{
    const struct share_subject *subject = d->about->subject;
    struct json_elements walk = json_elements(stix_marked_of(subject->bytes).refs);
    slice ref;
    d->markings = arena_new(d->arena, slice, MARKINGS_MAX);
    while (json_element_next(&walk, &ref))
        marking_add(d, ref);
    for (size_t i = 0; i < subject->part_count; i++)
        if ((d->about->parts >> i & 1) == 0)
            marking_add(d, subject->parts[i].ref);
    json_write_key(&d->writer, S("object_marking_refs"));
    json_write_array(&d->writer);
    for (size_t i = 0; i < d->marking_count; i++)
        json_write_raw(&d->writer, d->markings[i]);
    if (!says_tlp(d, tlp))
        json_write_text(&d->writer, tlp_id(tlp, d->arena));
    json_write_end(&d->writer);
}

/* ---- The object ---- */

/* With three digits of a second: what STIX 2.1 section 3.2 wants of created and modified, and all that others keep. */
static slice seconds_text(int64_t us, struct arena *arena)
{
    struct buf buf = buf_make(64);
    time_write(&buf, us);
    slice text = slice_of(arena_printf(arena, "%.*sZ", (int)buf.len - 4, buf.ptr));
    buf_free(&buf);
    return text;
}

/*
 * Ours, and where the policy forbids to name the source and that is us, nobody's; where it demands the source, the
 * source.
 */
static slice creator_of(const struct share_case *about)
{
    const struct share_facts *facts = about->facts;
    if (about->marks->attribution == ATTRIBUTION_MUST)
        return about->subject->created_by;
    bool unnamed = (about->strip & SHARE_STRIP_SOURCE) != 0;
    return unnamed && slice_eq(about->subject->created_by, facts->producer) ? S("") : facts->producer;
}

static void head_write(struct derive *d, struct share_decision *decision)
{
    const struct share_facts *facts = d->about->facts;
    slice type = slice_of(d->row->name), creator = creator_of(d->about);
    int64_t created_us = facts->derived_id.len > 0 ? facts->derived_created_us : facts->now_us;
    slice created = seconds_text(created_us, d->arena);
    slice modified = seconds_text(facts->now_us > created_us ? facts->now_us : created_us, d->arena);
    bool timed = d->row->family != STIX_SCO, versions = timed && d->row->family != STIX_META;
    decision->id = facts->derived_id.len > 0 ? facts->derived_id
                                             : share_alias_id(facts->alias_secret, d->about->recipient->node,
                                                       d->about->subject->id, type, d->arena);
    decision->version = versions ? modified : timed ? created : S("");
    json_write_key_text(&d->writer, S("type"), type);
    json_write_key_text(&d->writer, S("spec_version"), S("2.1"));
    json_write_key_text(&d->writer, S("id"), decision->id);
    if (timed && creator.len > 0)
        json_write_key_text(&d->writer, S("created_by_ref"), creator);
    if (timed)
        json_write_key_text(&d->writer, S("created"), created);
    if (versions)
        json_write_key_text(&d->writer, S("modified"), modified);
}

/* The type's row, if objects of it can be derived. */
static const struct stix_type *derivable(slice type, uint16_t *number)
{
    *number = stix_type_find(type);
    if (*number == STIX_NONE)
        return NULL;
    const struct stix_type *row = &stix_types[*number];
    bool object = row->family == STIX_SDO || row->family == STIX_SRO || row->family == STIX_SCO;
    return object || slice_eq(type, S("marking-definition")) ? row : NULL;
}

/* A part that is left out must not be what we write ourselves, or all that there is. */
static void said_check(struct derive *d)
{
    bool named = d->about->marks->attribution == ATTRIBUTION_MUST && is_dropped(d, S("created_by_ref"));
    if (named || is_dropped(d, S("type")) || is_dropped(d, S("object_marking_refs")) || d->said == 0)
        fails(d, "nothing that says anything would be left of it");
}

static void valid_check(struct derive *d, slice bytes)
{
    struct stix_checker *checker = stix_checker_open();
    const char *wrong = stix_checker_wrong(checker, bytes);
    if (wrong != NULL)
        fails(d, arena_printf(d->arena, "what would be left of it is no valid STIX: %s", wrong));
    stix_checker_close(checker);
}

struct err share_derive(const struct share_case *about, struct share_decision *decision, const char **why)
{
    const struct share_subject *subject = about->subject;
    struct derive d = {.about = about, .arena = about->arena};
    struct buf out = buf_make(SHARE_DERIVED_MAX);
    d.row = derivable(subject->type, &d.type);
    if (d.row == NULL || subject->bytes.len > SHARE_DERIVED_MAX) {
        *why = d.row == NULL ? "nothing can be left out of an object of this type"
                             : "nothing is left out of objects of more than 4 MiB";
        return OK;
    }
    forbid_all(&d);
    d.writer = json_writer(&out);
    json_write_object(&d.writer);
    head_write(&d, decision);
    properties_write(&d);
    labels_write(&d);
    markings_write(&d, decision->tlp);
    json_write_end(&d.writer);
    said_check(&d);
    if (buf_check(&out).kind != ERR_NONE)
        fails(&d, "what would be left of it is larger than 4 MiB");
    decision->bytes = arena_copy(about->arena, buf_slice(&out));
    buf_free(&out);
    if (d.why == NULL && !is_clean(&d, decision->bytes))
        fails(&d, "what must be left out would still be in it");
    if (d.why == NULL)
        valid_check(&d, decision->bytes);
    *why = d.why;
    return arena_check(about->arena);
}

struct err share_derived_from(slice id, slice derived, slice parent, slice producer, enum stix_tlp tlp, int64_t now_us,
        struct arena *arena, slice *bytes)
{
    struct buf out = buf_make(SHARE_DERIVED_MAX);
    struct json_writer writer = json_writer(&out);
    slice now = seconds_text(now_us, arena);
    json_write_object(&writer);
    json_write_key_text(&writer, S("type"), S("relationship"));
    json_write_key_text(&writer, S("spec_version"), S("2.1"));
    json_write_key_text(&writer, S("id"), id);
    json_write_key_text(&writer, S("created_by_ref"), producer);
    json_write_key_text(&writer, S("created"), now);
    json_write_key_text(&writer, S("modified"), now);
    json_write_key_text(&writer, S("relationship_type"), S("derived-from"));
    json_write_key_text(&writer, S("source_ref"), derived);
    json_write_key_text(&writer, S("target_ref"), parent);
    json_write_key(&writer, S("object_marking_refs"));
    json_write_array(&writer);
    json_write_text(&writer, tlp_id(tlp, arena));
    json_write_end(&writer);
    json_write_end(&writer);
    struct err err = buf_check(&out);
    *bytes = err.kind == ERR_NONE ? arena_copy(arena, buf_slice(&out)) : S("");
    buf_free(&out);
    return err.kind == ERR_NONE ? arena_check(arena) : err;
}
