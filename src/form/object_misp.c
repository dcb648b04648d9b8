/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "form/make.h"
#include "form/misp.h"
#include "form/reader.h"
#include "stix/id.h"
#include "stix/syntax.h"

/*
 * MISP as STIX objects. What becomes of what:
 *
 *   event            report if it was published, else grouping, of all that was made from it; Orgc an identity
 *   attribute        for detection (to_ids): indicator. A rule (yara, sigma, ...): indicator of that pattern_type. Else
 *                    observed-data and what was observed; what STIX has no object for: x-misp-attribute
 *   object           its attributes, each as above, and a grouping that holds them together
 *   reference        relationship
 *   tag              label; TLP and PAP also the marking. An attribute has those of its event, too
 *   galaxy cluster   the STIX object of that kind, and a relationship from what it is attached to; else only its tag
 *   sighting         sighting; a false positive an opinion that strongly disagrees
 *   note, opinion, report of an event: note, opinion, note
 *
 * Ids are those of MISP where it has one, so that the same event makes the same objects and a partner's converter the
 * same ids. A field that is carried nowhere is named. `deleted` is `revoked`.
 */

enum {
    THINGS_MAX = 1 << 20,      /* attributes and objects of one event */
    KEEP_BYTES_MAX = 1u << 30, /* memory for what an event holds together */
    MARKINGS_MAX = 9,          /* all that there are */
    TIMESTAMP_MAX = 64,        /* bytes */
    PARTS_MAX = 2,             /* values of one attribute */
    LABELS_COMPARED = 256,     /* labels of one object that are not repeated */
};

/* ---- Markings (domain words of TLP 2.0 and PAP) ---- */

static const struct marking {
    const char *tag, *id, *json;
} markings[] = {
#define TLP(name, level, uuid)                                                                                         \
    {                                                                                                                  \
        "tlp:" level, "marking-definition--" uuid,                                                                     \
                "{\"type\":\"marking-definition\",\"spec_version\":\"2.1\",\"id\":\"marking-definition--" uuid         \
                "\",\"created\":\"2022-10-01T00:00:00.000Z\",\"name\":\"TLP:" name                                     \
                "\",\"extensions\":{\"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d\":{\"extension_"      \
                "type\":"                                                                                              \
                "\"property-extension\",\"tlp_2_0\":\"" level "\"}}}"                                                  \
    }
#define PAP(name, level, uuid)                                                                                         \
    {                                                                                                                  \
        "pap:" level, "marking-definition--" uuid,                                                                     \
                "{\"type\":\"marking-definition\",\"spec_version\":\"2.1\",\"id\":\"marking-definition--" uuid         \
                "\",\"created\":\"2022-10-01T00:00:00.000Z\",\"name\":\"PAP:" name                                     \
                "\",\"definition_type\":\"statement\",\"definition\":{\"statement\":\"PAP:" name "\"}}"                \
    }
        TLP("CLEAR", "clear", "94868c89-83c2-464b-929b-a1a8aa3c8487"),
        TLP("GREEN", "green", "bab4a63c-aed9-4cf5-a766-dfca5abac2bb"),
        TLP("AMBER", "amber", "55d920b0-5e8b-4f79-9ee9-91f868d9b421"),
        TLP("AMBER+STRICT", "amber+strict", "939a9414-2ddd-4d32-a0cd-375ea402b003"),
        TLP("RED", "red", "e828b379-4e03-4974-9ac4-e53a884c97c1"),
        PAP("CLEAR", "clear", "8a6e2d5f-3b1c-4f0e-9d27-6c5a41e7b901"),
        PAP("GREEN", "green", "8a6e2d5f-3b1c-4f0e-9d27-6c5a41e7b902"),
        PAP("AMBER", "amber", "8a6e2d5f-3b1c-4f0e-9d27-6c5a41e7b903"),
        PAP("RED", "red", "8a6e2d5f-3b1c-4f0e-9d27-6c5a41e7b904"),
};

/* Old words for levels. */
static const struct alias {
    const char *tag, *now;
} aliases[] = {{"tlp:white", "tlp:clear"}, {"pap:white", "pap:clear"}};

/*
 * Who may get it, in MISP's numbers, where no TLP is said: "this organisation only" and "a sharing group" are narrower
 * than TLP:AMBER, which is what an unmarked object is taken for; all others are not.
 */
static const char *const narrow_distributions[] = {"0", "4"};

struct marks {
    bool set[MARKINGS_MAX];
    bool tlp; /* one of them is of TLP */
};

/* ---- Where we are ---- */

struct thing {
    struct uuid uuid;
    slice id; /* the object that it becomes; empty: a free slot */
};

struct event {
    slice json, uuid, info, distribution, creator; /* looked up once: each look goes over all of the event */
    int64_t us;
    bool now; /* it says no time */
    struct marks marks;
    struct thing *things; /* by uuid, for references */
    size_t mask;
    slice *refs; /* all that is made from it */
    size_t ref_count, ref_room;
};

struct misp {
    struct form_objects *reading;
    struct form_reader reader;
    struct arena *keep; /* emptied after each event */
    struct event event;
    bool told[MARKINGS_MAX]; /* markings that were handed on */
};

/* What an attribute says, decoded. */
struct attribute {
    slice json, uuid, type, value, category, comment, relation;
    bool to_ids, deleted, now;
    int64_t us;
    struct form_place place;
    const struct form_misp_type *known;
    struct indicator parts[PARTS_MAX];
    size_t part_count;
};

/* ---- Fields ---- */

/* What is carried, or said in another way, of each kind of thing. All else is named. */
static const char event_fields[] =
        " uuid info date timestamp Orgc Attribute Object Tag Galaxy threat_level_id analysis "
        "published publish_timestamp distribution EventReport Note Opinion ShadowAttribute ";
static const char attribute_fields[] =
        " uuid type value category comment to_ids deleted timestamp object_relation Tag "
        "Galaxy Sighting first_seen last_seen distribution Note Opinion ShadowAttribute ";
static const char object_fields[] = " uuid name meta-category description comment deleted timestamp Attribute "
                                    "ObjectReference distribution Note Opinion Tag ";
static const char reference_fields[] = " uuid object_uuid referenced_uuid relationship_type comment timestamp deleted ";
static const char sighting_fields[] = " uuid date_sighting type Organisation ";
static const char organisation_fields[] = " uuid name ";
static const char tag_fields[] = " name ";
static const char galaxy_fields[] = " type GalaxyCluster ";
static const char cluster_fields[] = " uuid type value description tag_name meta ";
static const char meta_fields[] = " synonyms external_id ";
static const char note_fields[] = " uuid note authors created modified language ";
static const char opinion_fields[] = " uuid opinion comment authors created modified ";
static const char report_fields[] = " uuid name content timestamp deleted Note Opinion ";

static bool is_carried(const char *fields, slice key)
{
    char spelt[64] = " ";
    if (key.len == 0 || key.len > sizeof(spelt) - 3 || slice_find(key, ' ') < key.len)
        return false;
    memcpy(spelt + 1, key.ptr, key.len);
    spelt[key.len + 1] = ' ';
    return slice_find_slice(slice_of(fields), (slice){spelt, key.len + 2}) < strlen(fields);
}

static bool says_nothing(slice json)
{
    struct json_elements elements = json_elements(json);
    struct json_members members = json_members(json);
    slice key, value;
    switch (json_kind(json)) {
    case JSON_ARRAY:
        return !json_element_next(&elements, &value);
    case JSON_OBJECT:
        return !json_member_next(&members, &key, &value);
    case JSON_STRING:
        return json.len == 2;
    default:
        return json_kind(json) == JSON_NULL || json_kind(json) == JSON_NONE;
    }
}

static void name_fields(struct misp *misp, const char *what, slice json, const char *carried)
{
    struct json_members walk = json_members(json);
    slice key, value;
    while (json_member_next(&walk, &key, &value))
        if (!is_carried(carried, key) && !says_nothing(value))
            form_objects_drop(misp->reading, what, key);
}

/* A string, or a number as it is written. Lives as long as the item at hand. */
static slice text_of(struct misp *misp, slice json)
{
    enum json_kind kind = json_kind(json);
    if (kind == JSON_STRING)
        return json_text(json, misp->reading->work);
    return kind == JSON_NUMBER || kind == JSON_TRUE || kind == JSON_FALSE ? json : (slice){0};
}

static slice text_at(struct misp *misp, slice json, const char *key)
{
    return text_of(misp, json_get(json, slice_of(key)));
}

/* Seconds since 1970, or a date and time; TIME_NONE: none. */
static int64_t time_at(struct misp *misp, slice json, const char *key)
{
    int64_t us = TIME_NONE;
    slice text = text_at(misp, json, key);
    if (text.len == 0 || text.len > TIMESTAMP_MAX || slice_eq(text, S("0")) || !time_parse(text, &us))
        return TIME_NONE;
    return us;
}

static slice joined(struct misp *misp, slice a, slice between, slice b)
{
    char *text = arena_take(misp->reading->work, a.len + between.len + b.len + 1);
    const slice parts[] = {a, between, b};
    size_t len = 0;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (parts[i].len > 0)
            memcpy(text + len, parts[i].ptr, parts[i].len);
        len += parts[i].len;
    }
    return (slice){text, len};
}

/* A UUID that is made from what a thing says. */
static slice uuid_made(struct misp *misp, const char *kind, slice said)
{
    struct buf *name = &misp->reading->scratch;
    buf_reset(name);
    buf_printf(name, "misp%c%s%c", '\0', kind, '\0');
    buf_put(name, said);
    return form_make_uuid(misp->reading, buf_slice(name));
}

/* The thing's own in small letters, if STIX takes it; else one that is made from what it and its event say. */
static slice uuid_at(struct misp *misp, slice json, const char *kind, slice said)
{
    struct uuid uuid;
    slice text = text_at(misp, json, "uuid");
    struct buf out = buf_make(64);
    uint8_t version = 0, variant = 0;
    if (uuid_parse(text, &uuid)) {
        version = uuid.bytes[6] >> 4;
        variant = uuid.bytes[8] >> 6;
        uuid_write(&out, &uuid);
    }
    slice spelt = arena_copy(misp->reading->work, buf_slice(&out));
    buf_free(&out);
    if (version >= 1 && version <= 8 && variant == 2)
        return spelt;
    slice event = joined(misp, misp->event.uuid, (slice){"", 1}, misp->event.info);
    return uuid_made(misp, kind, joined(misp, event, (slice){"", 1}, said));
}

/* ---- What was made ---- */

static void ref_add(struct misp *misp, const struct form_made *made)
{
    struct event *event = &misp->event;
    if (!made->kept)
        return;
    if (event->ref_count == event->ref_room) {
        size_t room = event->ref_room == 0 ? 64 : 2 * event->ref_room;
        slice *refs = arena_new(misp->keep, slice, room);
        if (event->ref_count > 0)
            memcpy(refs, event->refs, event->ref_count * sizeof(*refs));
        event->refs = refs;
        event->ref_room = room;
    }
    event->refs[event->ref_count++] = arena_copy(misp->keep, made->id);
}

static struct thing *thing_slot(const struct event *event, const struct uuid *uuid)
{
    size_t at;
    memcpy(&at, uuid->bytes + 8, sizeof(at));
    uint64_t mixed = hash_mix(at ^ UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0xc2b2ae3d27d4eb4f));
    for (at = (size_t)mixed & event->mask; event->things[at].id.len > 0; at = (at + 1) & event->mask)
        if (memcmp(event->things[at].uuid.bytes, uuid->bytes, sizeof(uuid->bytes)) == 0)
            break;
    return &event->things[at];
}

static void thing_add(struct misp *misp, slice uuid_text, const char *type)
{
    struct uuid uuid;
    if (!uuid_parse(uuid_text, &uuid))
        return;
    struct thing *slot = thing_slot(&misp->event, &uuid);
    slice id = joined(misp, slice_of(type), S("--"), uuid_text);
    if (slot->id.len == 0)
        *slot = (struct thing){uuid, arena_copy(misp->keep, id)};
}

/* The object that a uuid became; empty: none of this event. */
static slice thing_find(const struct misp *misp, slice uuid_text)
{
    struct uuid uuid;
    if (misp->event.things == NULL || !uuid_parse(uuid_text, &uuid))
        return (slice){0};
    return thing_slot(&misp->event, &uuid)->id;
}

static void write_refs(struct misp *misp, const char *key, const slice *refs, size_t count)
{
    struct json_writer *w = &misp->reading->w;
    json_write_key(w, slice_of(key));
    json_write_array(w);
    for (size_t i = 0; i < count; i++)
        json_write_text(w, refs[i]);
    json_write_end(w);
}

static void write_raw_bool(struct misp *misp, const char *key, bool value)
{
    json_write_key(&misp->reading->w, slice_of(key));
    json_write_bool(&misp->reading->w, value);
}

/* ---- Tags ---- */

/* Kinds of clusters that are objects of STIX; a kind ends with one of these words. */
static const struct cluster_kind {
    const char *galaxy, *type, *property, *relation;
} cluster_kinds[] = {
        {"attack-pattern", "attack-pattern", "aliases", "uses"},
        {"course-of-action", "course-of-action", NULL, "related-to"},
        {"intrusion-set", "intrusion-set", "aliases", "attributed-to"},
        {"threat-actor", "threat-actor", "aliases", "attributed-to"},
        {"malware", "malware", "aliases", "related-to"},
        {"malpedia", "malware", "aliases", "related-to"},
        {"ransomware", "malware", "aliases", "related-to"},
        {"banker", "malware", "aliases", "related-to"},
        {"botnet", "malware", "aliases", "related-to"},
        {"backdoor", "malware", "aliases", "related-to"},
        {"stealer", "malware", "aliases", "related-to"},
        {"rat", "malware", "aliases", "related-to"},
        {"tool", "tool", "aliases", "related-to"},
        {"exploit-kit", "tool", "aliases", "related-to"},
};

static const struct cluster_kind *cluster_kind_find(slice galaxy)
{
    for (size_t i = 0; i < COUNT_OF(cluster_kinds); i++) {
        slice name = slice_of(cluster_kinds[i].galaxy);
        bool whole = galaxy.len == name.len || (galaxy.len > name.len && galaxy.ptr[galaxy.len - name.len - 1] == '-');
        if (whole && slice_ends(galaxy, name))
            return &cluster_kinds[i];
    }
    return NULL;
}

/* The marking of a tag, or MARKINGS_MAX. */
static size_t marking_find(slice tag)
{
    size_t i = 0;
    for (size_t j = 0; j < COUNT_OF(aliases); j++)
        if (slice_eq_fold(tag, slice_of(aliases[j].tag)))
            tag = slice_of(aliases[j].now);
    while (i < COUNT_OF(markings) && !slice_eq_fold(tag, slice_of(markings[i].tag)))
        i++;
    return i;
}

static void mark(struct marks *marks, slice tag)
{
    size_t i = marking_find(tag);
    if (i == COUNT_OF(markings))
        return;
    marks->set[i] = true;
    marks->tlp = marks->tlp || slice_starts(slice_of(markings[i].tag), S("tlp:"));
}

static size_t count_elements(slice json)
{
    struct json_elements walk = json_elements(json);
    slice element;
    size_t count = 0;
    while (json_element_next(&walk, &element))
        count++;
    return count;
}

struct labels {
    slice *texts;
    size_t count, room;
};

static struct labels labels_new(struct misp *misp, slice json)
{
    struct json_elements galaxies = json_elements(json_get(json, S("Galaxy")));
    slice galaxy;
    size_t room = 8 + count_elements(json_get(json, S("Tag")));
    while (json_element_next(&galaxies, &galaxy))
        room += count_elements(json_get(galaxy, S("GalaxyCluster")));
    return (struct labels){arena_new(misp->reading->work, slice, room), 0, room};
}

static void label_add(struct labels *labels, slice text)
{
    for (size_t i = 0; i < labels->count && i < LABELS_COMPARED; i++)
        if (slice_eq(labels->texts[i], text))
            return;
    if (text.len > 0 && labels->count < labels->room)
        labels->texts[labels->count++] = text;
}

/* misp-galaxy:sector="Health" */
static slice cluster_tag(struct misp *misp, slice cluster, slice galaxy)
{
    slice tag = text_at(misp, cluster, "tag_name"), value = text_at(misp, cluster, "value");
    slice name = joined(misp, S("misp-galaxy:"), galaxy, S("=\""));
    return tag.len > 0 ? tag : joined(misp, name, value, S("\""));
}

/* misp:type="ip-dst" */
static void label_of(struct misp *misp, struct labels *labels, const char *predicate, slice value)
{
    if (value.len > 0)
        label_add(labels, joined(misp, slice_of(predicate), S("=\""), joined(misp, value, S("\""), S(""))));
}

/* Tags, and clusters that become no object. */
static void read_tags(struct misp *misp, slice json, struct labels *labels)
{
    struct json_elements walk = json_elements(json_get(json, S("Tag")));
    struct json_elements galaxies = json_elements(json_get(json, S("Galaxy")));
    slice tag, galaxy, cluster;
    while (json_element_next(&walk, &tag)) {
        label_add(labels, text_at(misp, tag, "name"));
        name_fields(misp, "tag field", tag, tag_fields);
    }
    while (json_element_next(&galaxies, &galaxy)) {
        slice type = text_at(misp, galaxy, "type");
        struct json_elements clusters = json_elements(json_get(galaxy, S("GalaxyCluster")));
        while (cluster_kind_find(type) == NULL && json_element_next(&clusters, &cluster))
            label_add(labels, cluster_tag(misp, cluster, type));
    }
}

static void mark_distribution(struct misp *misp, slice json, struct marks *marks)
{
    slice number = text_at(misp, json, "distribution");
    for (size_t i = 0; i < COUNT_OF(narrow_distributions) && !marks->tlp; i++)
        if (slice_eq(number, slice_of(narrow_distributions[i])))
            marks->set[marking_find(S("tlp:amber+strict"))] = true;
}

/* What is said of a part of an event: its own tags, or how far it may go if that is not as far as the event, ... */
static struct marks marks_of(struct misp *misp, slice json)
{
    struct marks marks = {0};
    struct json_elements walk = json_elements(json_get(json, S("Tag")));
    slice tag;
    while (json_element_next(&walk, &tag))
        mark(&marks, text_at(misp, tag, "name"));
    bool as_event = slice_eq(text_at(misp, json, "distribution"), misp->event.distribution);
    if (!as_event)
        mark_distribution(misp, json, &marks);
    for (size_t i = 0; i < MARKINGS_MAX; i++) /* ... and what is said of all of it */
        marks.set[i] = marks.set[i] || misp->event.marks.set[i];
    return marks;
}

/* Hands on the markings that were not yet, and puts their ids into `made`. */
static struct err take_marks(struct misp *misp, const struct marks *marks, struct form_made *made)
{
    slice *ids = arena_new(misp->reading->work, slice, MARKINGS_MAX);
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(markings); i++) {
        if (!marks->set[i])
            continue;
        struct form_made marking = {
                .type = S("marking-definition"), .id = slice_of(markings[i].id), .place = made->place};
        ids[count++] = marking.id;
        if (misp->told[i])
            continue;
        misp->told[i] = true;
        TRY(form_make_fixed(misp->reading, &marking, slice_of(markings[i].json)));
    }
    made->markings = ids;
    made->marking_count = count;
    return OK;
}

/* What everything made from an event has in common. */
static struct form_made made_of(const struct misp *misp, const char *type, slice uuid, struct form_place place)
{
    return (struct form_made){
            .type = slice_of(type),
            .uuid = uuid,
            .created_us = misp->event.us,
            .modified_us = misp->event.us,
            .now = misp->event.now,
            .creator = misp->event.creator,
            .place = place,
    };
}

/* ---- Organisations ---- */

/* Its id in `made`. What an organisation is does not depend on the event that names it: its times are no part of it. */
static struct err make_organisation(struct misp *misp, slice json, struct form_place place, struct form_made *made)
{
    slice name = text_at(misp, json, "name");
    bool named = text_at(misp, json, "uuid").len > 0;
    slice uuid = named ? uuid_at(misp, json, "organisation", name) : uuid_made(misp, "organisation", name);
    *made = made_of(misp, "identity", uuid, place);
    made->now = true;
    made->creator = (slice){0};
    made->original = json;
    name_fields(misp, "organisation field", json, organisation_fields);
    form_make_begin(misp->reading, made);
    form_make_text(misp->reading, "name", name);
    form_make_text(misp->reading, "identity_class", S("organization"));
    return form_make_end(misp->reading);
}

/* ---- Relationships ---- */

/* The name of a relationship: a-z, 0-9 and hyphens (section 5.1.2 of STIX 2.1). */
static slice relation_of(struct misp *misp, slice text)
{
    char *spelt = arena_take(misp->reading->work, text.len + 1);
    for (size_t i = 0; i < text.len; i++) {
        char c = byte_lower(text.ptr[i]);
        spelt[i] = (char)((c >= 'a' && c <= 'z') || byte_is_digit(c) ? c : '-');
    }
    return text.len == 0 ? S("related-to") : (slice){spelt, text.len};
}

static struct err make_relation(struct misp *misp, struct form_made *made, slice name, slice source, slice target)
{
    if (made->uuid.len == 0) {
        made->uuid = uuid_made(misp, "relationship", joined(misp, joined(misp, source, S(" "), name), S(" "), target));
    }
    form_make_begin(misp->reading, made);
    form_make_text(misp->reading, "relationship_type", relation_of(misp, name));
    form_make_text(misp->reading, "source_ref", source);
    form_make_text(misp->reading, "target_ref", target);
    return OK;
}

static struct err read_reference(struct misp *misp, slice json, slice source, struct form_place place)
{
    slice name = text_at(misp, json, "relationship_type"), uuid = text_at(misp, json, "referenced_uuid");
    slice target = thing_find(misp, uuid);
    if (target.len == 0) {
        form_objects_drop(misp->reading, "reference to something outside of the event", (slice){0});
        return OK;
    }
    struct form_made made = made_of(misp, "relationship", uuid_at(misp, json, "reference", uuid), place);
    int64_t us = time_at(misp, json, "timestamp");
    if (us != TIME_NONE) {
        made.created_us = made.modified_us = us;
        made.now = false;
    }
    made.revoked = form_misp_true(json_get(json, S("deleted")));
    made.original = json;
    name_fields(misp, "reference field", json, reference_fields);
    TRY(make_relation(misp, &made, name, source, target));
    form_make_text(misp->reading, "description", text_at(misp, json, "comment"));
    if (!slice_eq(relation_of(misp, name), name))
        form_make_text(misp->reading, "x_misp_relationship_type", name);
    TRY(form_make_end(misp->reading));
    ref_add(misp, &made);
    return OK;
}

/* ---- Galaxies ---- */

/* A list of texts, of which empty ones are left out. */
static void write_texts(struct misp *misp, const char *key, slice json)
{
    struct json_elements walk = json_elements(json);
    struct json_writer *w = &misp->reading->w;
    bool any = false;
    slice element;
    while (json_element_next(&walk, &element)) {
        slice text = text_of(misp, element);
        if (text.len == 0)
            continue;
        if (!any) {
            json_write_key(w, slice_of(key));
            json_write_array(w);
        }
        any = true;
        json_write_text(w, text);
    }
    if (any)
        json_write_end(w);
}

static void write_cluster_reference(struct misp *misp, slice galaxy, slice meta)
{
    struct json_writer *w = &misp->reading->w;
    struct json_elements walk = json_elements(json_get(meta, S("external_id")));
    slice id = text_at(misp, meta, "external_id"), element;
    if (json_element_next(&walk, &element))
        id = text_of(misp, element);
    if (id.len == 0)
        return;
    json_write_key(w, S("external_references"));
    json_write_array(w);
    json_write_object(w);
    json_write_key_text(w, S("source_name"), galaxy);
    json_write_key_text(w, S("external_id"), id);
    json_write_end(w);
    json_write_end(w);
}

/*
 * The object of a cluster. Its UUID is made, since ATT&CK and others publish objects under the UUID of the cluster, and
 * those say more than ours. What is the same in every event has the same id in every event of the same markings.
 */
static struct err make_cluster(
        struct misp *misp, slice json, slice galaxy, const struct cluster_kind *kind, struct form_made *made)
{
    slice meta = json_get(json, S("meta"));
    made->type = slice_of(kind->type);
    made->now = true;
    made->creator = (slice){0};
    made->original = json;
    slice said = joined(misp, text_at(misp, json, "uuid"), S(" "), text_at(misp, json, "value"));
    for (size_t i = 0; i < made->marking_count; i++)
        said = joined(misp, said, S(" "), made->markings[i]);
    made->uuid = uuid_made(misp, kind->type, said);
    name_fields(misp, "cluster field", json, cluster_fields);
    name_fields(misp, "cluster meta", meta, meta_fields);
    form_make_begin(misp->reading, made);
    form_make_text(misp->reading, "name", text_at(misp, json, "value"));
    form_make_text(misp->reading, "description", text_at(misp, json, "description"));
    if (slice_eq(made->type, S("malware")))
        write_raw_bool(misp, "is_family", true);
    if (kind->property != NULL)
        write_texts(misp, kind->property, json_get(meta, S("synonyms")));
    else if (!says_nothing(json_get(meta, S("synonyms"))))
        form_objects_drop(misp->reading, "cluster meta", S("synonyms"));
    write_cluster_reference(misp, galaxy, meta);
    return form_make_end(misp->reading);
}

/* A cluster of an event (no source) or of an attribute or object, which it is then related to. */
static struct err read_cluster(struct misp *misp, slice json, slice galaxy, slice source, const struct form_made *like)
{
    const struct cluster_kind *kind = cluster_kind_find(galaxy);
    if (kind == NULL) {
        form_objects_drop(misp->reading, "all but the tag of a cluster of the galaxy", galaxy);
        return OK;
    }
    struct form_made made = *like, relation = *like;
    made.labels = NULL;
    made.label_count = 0;
    made.revoked = relation.revoked = false;
    TRY(make_cluster(misp, json, galaxy, kind, &made));
    ref_add(misp, &made);
    if (source.len == 0 || !made.kept)
        return OK;
    relation.type = S("relationship");
    relation.uuid = (slice){0};
    relation.labels = NULL;
    relation.label_count = 0;
    relation.original = json;
    bool indicates = slice_starts(source, S("indicator--")) && !slice_eq(made.type, S("course-of-action"));
    TRY(make_relation(misp, &relation, indicates ? S("indicates") : S("related-to"), source, made.id));
    TRY(form_make_end(misp->reading));
    ref_add(misp, &relation);
    return OK;
}

static struct err read_galaxies(struct misp *misp, slice json, slice source, const struct form_made *like)
{
    struct json_elements galaxies = json_elements(json);
    slice galaxy, cluster;
    while (json_element_next(&galaxies, &galaxy)) {
        struct json_elements clusters = json_elements(json_get(galaxy, S("GalaxyCluster")));
        slice type = text_at(misp, galaxy, "type");
        name_fields(misp, "galaxy field", galaxy, galaxy_fields);
        while (json_element_next(&clusters, &cluster))
            TRY(read_cluster(misp, cluster, type, source, like));
    }
    return OK;
}

/* ---- Notes and opinions ---- */

static void take_written(struct misp *misp, slice json, struct form_made *made)
{
    int64_t created = time_at(misp, json, "created"), modified = time_at(misp, json, "modified");
    made->labels = NULL;
    made->label_count = 0;
    made->revoked = false;
    made->original = json;
    if (created == TIME_NONE)
        return;
    made->now = false;
    made->created_us = created;
    made->modified_us = modified == TIME_NONE || modified < created ? created : modified;
}

static void write_authors(struct misp *misp, slice json)
{
    slice authors = text_at(misp, json, "authors");
    if (authors.len > 0)
        write_refs(misp, "authors", &authors, 1);
}

static struct err read_note(struct misp *misp, slice json, slice about, const struct form_made *like)
{
    struct form_made made = *like;
    slice content = text_at(misp, json, "note"), language = text_at(misp, json, "language");
    made.type = S("note");
    made.uuid = uuid_at(misp, json, "note", content);
    take_written(misp, json, &made);
    name_fields(misp, "note field", json, note_fields);
    form_make_begin(misp->reading, &made);
    form_make_text(misp->reading, "content", content);
    if (stix_syntax_language(language))
        form_make_text(misp->reading, "lang", language);
    else if (language.len > 0)
        form_objects_drop(misp->reading, "note field", S("language"));
    write_authors(misp, json);
    write_refs(misp, "object_refs", &about, 1);
    TRY(form_make_end(misp->reading));
    ref_add(misp, &made);
    return OK;
}

/* A number of 0 to 100 in the words of section 10.20 of STIX 2.1. */
static const char *opinion_word(slice number)
{
    static const char *const words[] = {"strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"};
    uint64_t n = 50;
    (void)slice_u64(number, 100, &n);
    return words[n > 80 ? 4 : n > 60 ? 3 : n >= 40 ? 2 : n >= 20 ? 1 : 0];
}

static struct err read_opinion(struct misp *misp, slice json, slice about, const struct form_made *like)
{
    struct form_made made = *like;
    slice number = text_at(misp, json, "opinion");
    made.type = S("opinion");
    made.uuid = uuid_at(misp, json, "opinion", number);
    take_written(misp, json, &made);
    name_fields(misp, "opinion field", json, opinion_fields);
    form_make_begin(misp->reading, &made);
    form_make_text(misp->reading, "opinion", slice_of(opinion_word(number)));
    form_make_text(misp->reading, "explanation", text_at(misp, json, "comment"));
    form_make_text(misp->reading, "x_misp_opinion", number);
    write_authors(misp, json);
    write_refs(misp, "object_refs", &about, 1);
    TRY(form_make_end(misp->reading));
    ref_add(misp, &made);
    return OK;
}

/* Which of the lists inside a thing are about it. */
typedef struct err read_about(struct misp *misp, slice json, slice about, const struct form_made *like);

static struct err read_list_about(
        struct misp *misp, slice list, slice about, const struct form_made *like, read_about *read)
{
    struct json_elements walk = json_elements(list);
    slice element;
    while (json_element_next(&walk, &element))
        TRY(read(misp, element, about, like));
    return OK;
}

static struct err read_said(struct misp *misp, slice json, slice about, const struct form_made *like)
{
    TRY(read_list_about(misp, json_get(json, S("Note")), about, like, read_note));
    return read_list_about(misp, json_get(json, S("Opinion")), about, like, read_opinion);
}

/* ---- Sightings ---- */

static struct err make_false_positive(struct misp *misp, struct form_made *made, slice about)
{
    made->type = S("opinion");
    form_make_begin(misp->reading, made);
    form_make_text(misp->reading, "opinion", S("strongly-disagree"));
    form_make_text(misp->reading, "explanation", S("false positive"));
    write_refs(misp, "object_refs", &about, 1);
    return form_make_end(misp->reading);
}

static struct err make_sighting(struct misp *misp, struct form_made *made, slice about, slice where)
{
    made->type = S("sighting");
    made->moments[0] = "first_seen";
    made->moments[1] = "last_seen";
    form_make_begin(misp->reading, made);
    form_make_text(misp->reading, "sighting_of_ref", about);
    if (where.len > 0)
        write_refs(misp, "where_sighted_refs", &where, 1);
    return form_make_end(misp->reading);
}

static struct err read_sighting(struct misp *misp, slice json, slice about, const struct form_made *like)
{
    struct form_made made = *like, organisation = {0};
    slice type = text_at(misp, json, "type"), org = json_get(json, S("Organisation"));
    int64_t us = time_at(misp, json, "date_sighting");
    bool false_positive = slice_eq(type, S("1"));
    if (!false_positive && type.len > 0 && !slice_eq(type, S("0"))) {
        form_objects_drop(misp->reading, "sighting of type", type);
        return OK;
    }
    name_fields(misp, "sighting field", json, sighting_fields);
    if (json_kind(org) == JSON_OBJECT)
        TRY(make_organisation(misp, org, made.place, &organisation));
    made.labels = NULL;
    made.label_count = 0;
    made.revoked = false;
    made.original = json;
    made.uuid = uuid_at(misp, json, "sighting", json);
    if (us != TIME_NONE) {
        made.created_us = made.modified_us = us;
        made.now = false;
    }
    if (organisation.kept) {
        made.creator = organisation.id;
        ref_add(misp, &organisation);
    }
    TRY(false_positive ? make_false_positive(misp, &made, about)
                       : make_sighting(misp, &made, about, organisation.kept ? organisation.id : (slice){0}));
    ref_add(misp, &made);
    return OK;
}

/* ---- Attributes ---- */

/* Rules that are patterns in a language of their own (section 10.23 of STIX 2.1). */
static const char *const rules[] = {"pcre", "sigma", "snort", "suricata", "yara"};

/* Where the value of an attribute stands that is not what its type of value says alone. */
static const struct special {
    const char *type, *object, *path;
} specials[] = {
        {"x509-fingerprint-md5", "x509-certificate", "x509-certificate:hashes.MD5"},
        {"x509-fingerprint-sha1", "x509-certificate", "x509-certificate:hashes.'SHA-1'"},
        {"x509-fingerprint-sha256", "x509-certificate", "x509-certificate:hashes.'SHA-256'"},
};

/* Names of hashes in STIX (section 10.6). */
static const struct hash_name {
    enum observable_type type;
    const char *other, *name;
} hash_names[] = {
        {OBSERVABLE_MD5, NULL, "MD5"},
        {OBSERVABLE_SHA1, NULL, "SHA-1"},
        {OBSERVABLE_SHA256, NULL, "SHA-256"},
        {OBSERVABLE_SHA512, NULL, "SHA-512"},
        {OBSERVABLE_OTHER, "sha3-256", "SHA3-256"},
        {OBSERVABLE_OTHER, "sha3-512", "SHA3-512"},
        {OBSERVABLE_OTHER, "ssdeep", "SSDEEP"},
        {OBSERVABLE_OTHER, "tlsh", "TLSH"},
};

/* The hive in full (section 6.17). */
static bool is_registry_key(slice value)
{
    return value.len > 5 && slice_eq_fold(slice_part(value, 0, 5), S("HKEY_"));
}

/* What is observed of a value: the object, the property, and whether STIX takes the value there. */
static const struct observed {
    enum observable_type type;
    const char *other, *object, *property;
    bool (*fits)(slice value);
} observeds[] = {
        {OBSERVABLE_IPV4, NULL, "ipv4-addr", "value", stix_syntax_ipv4},
        {OBSERVABLE_IPV6, NULL, "ipv6-addr", "value", stix_syntax_ipv6},
        {OBSERVABLE_CIDR, NULL, "ipv4-addr", "value", stix_syntax_ipv4},
        {OBSERVABLE_CIDR, NULL, "ipv6-addr", "value", stix_syntax_ipv6},
        {OBSERVABLE_DOMAIN, NULL, "domain-name", "value", stix_syntax_domain},
        {OBSERVABLE_HOST, NULL, "domain-name", "value", stix_syntax_domain},
        {OBSERVABLE_URL, NULL, "url", "value", stix_syntax_uri},
        {OBSERVABLE_EMAIL, NULL, "email-addr", "value", stix_syntax_email},
        {OBSERVABLE_FILENAME, NULL, "file", "name", NULL},
        {OBSERVABLE_OTHER, "mutex", "mutex", "name", NULL},
        {OBSERVABLE_OTHER, "windows-registry-key", "windows-registry-key", "key", is_registry_key},
        {OBSERVABLE_OTHER, "mac-addr", "mac-addr", "value", stix_syntax_mac},
};

static bool is_part(const struct indicator *part, enum observable_type type, const char *other)
{
    return part->type == type && (other == NULL || slice_eq(part->name, slice_of(other)));
}

static const struct hash_name *hash_name_find(const struct indicator *part)
{
    for (size_t i = 0; i < COUNT_OF(hash_names); i++)
        if (is_part(part, hash_names[i].type, hash_names[i].other))
            return stix_hash_wrong(slice_of(hash_names[i].name), part->value) == NULL ? &hash_names[i] : NULL;
    return NULL;
}

static const struct observed *observed_find(const struct indicator *part)
{
    for (size_t i = 0; i < COUNT_OF(observeds); i++)
        if (is_part(part, observeds[i].type, observeds[i].other) &&
                (observeds[i].fits == NULL || observeds[i].fits(part->value)))
            return &observeds[i];
    return NULL;
}

static const struct special *special_find(slice type)
{
    for (size_t i = 0; i < COUNT_OF(specials); i++)
        if (slice_eq(type, slice_of(specials[i].type)))
            return &specials[i];
    return NULL;
}

static bool is_rule(slice type)
{
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        if (slice_eq(type, slice_of(rules[i])))
            return true;
    return false;
}

static bool part_add(struct attribute *attribute, enum observable_type type, slice value)
{
    struct indicator part = {.type = type == OBSERVABLE_CIDR ? form_address_type(value) : type, .value = value};
    if (type == OBSERVABLE_OTHER)
        part.name = slice_of(attribute->known->other);
    attribute->parts[attribute->part_count++] = part;
    return observable_wrong(part.type, value) == NULL && value.len > 0;
}

/* The values in the value; none if it is not what its type says. */
static void take_parts(struct attribute *attribute)
{
    const struct form_misp_type *known = attribute->known = form_misp_type_find(attribute->type);
    slice left = attribute->value;
    attribute->part_count = 0;
    if (known == NULL || left.len == 0)
        return;
    size_t bar = slice_find(left, '|');
    bool composite = strchr(known->name, '|') != NULL || known->right != OBSERVABLE_NONE;
    bool right = composite && known->right != OBSERVABLE_NONE;
    if (composite && bar == left.len)
        return;
    bool fits = part_add(attribute, known->left, composite ? slice_part(left, 0, bar) : left);
    fits = (!right || part_add(attribute, known->right, slice_from(left, bar + 1))) && fits;
    if (!fits)
        attribute->part_count = 0;
}

static bool is_observable(const struct attribute *attribute)
{
    for (size_t i = 0; i < attribute->part_count; i++)
        if (hash_name_find(&attribute->parts[i]) == NULL && observed_find(&attribute->parts[i]) == NULL)
            return false;
    return attribute->part_count > 0;
}

/* The type of the object that an attribute becomes. */
static const char *becomes(const struct attribute *attribute)
{
    if (is_rule(attribute->type) && attribute->value.len > 0)
        return "indicator";
    if (slice_eq(attribute->type, S("vulnerability")))
        return "vulnerability";
    if (attribute->to_ids && attribute->part_count > 0)
        return "indicator";
    return is_observable(attribute) ? "observed-data" : "x-misp-attribute";
}

static struct attribute attribute_of(struct misp *misp, slice json, bool deleted)
{
    struct attribute attribute = {
            .json = json,
            .type = text_at(misp, json, "type"),
            .value = text_at(misp, json, "value"),
            .to_ids = form_misp_true(json_get(json, S("to_ids"))),
            .deleted = deleted || form_misp_true(json_get(json, S("deleted"))),
    };
    attribute.uuid = uuid_at(misp, json, "attribute", joined(misp, attribute.type, S(" "), attribute.value));
    take_parts(&attribute);
    return attribute;
}

/* Everything but the value. */
static void attribute_complete(struct misp *misp, struct attribute *attribute)
{
    slice json = attribute->json;
    attribute->category = text_at(misp, json, "category");
    attribute->comment = text_at(misp, json, "comment");
    attribute->relation = text_at(misp, json, "object_relation");
    attribute->us = time_at(misp, json, "timestamp");
    attribute->now = attribute->us == TIME_NONE && misp->event.now;
    attribute->us = attribute->us == TIME_NONE ? misp->event.us : attribute->us;
}

/* "\"name\":\"x\"" in the work arena. */
static slice member_of(struct misp *misp, const char *key, slice value)
{
    struct buf out = buf_make(STIX_OBJECT_MAX);
    struct json_writer w = json_writer(&out);
    json_write_object(&w);
    json_write_key_text(&w, slice_of(key), value);
    json_write_end(&w);
    slice member = arena_copy(misp->reading->work, slice_part(buf_slice(&out), 1, out.len - 1));
    buf_free(&out);
    return member;
}

static struct err observe(struct misp *misp, const struct form_made *like, const char *type, slice members, slice *id)
{
    struct form_made made = *like;
    made.type = slice_of(type);
    made.revoked = false;
    TRY(form_make_observable(misp->reading, &made, members));
    *id = made.kept ? made.id : (slice){0};
    ref_add(misp, &made);
    return OK;
}

/* A file or certificate of these hashes and that name. */
static struct err observe_hashes(
        struct misp *misp, const struct attribute *attribute, const struct form_made *like, slice *id)
{
    const struct special *special = special_find(attribute->type);
    slice name = {0}, hashes = {0};
    for (size_t i = 0; i < attribute->part_count; i++) {
        const struct hash_name *hash = hash_name_find(&attribute->parts[i]);
        if (hash == NULL)
            name = member_of(misp, "name", attribute->parts[i].value);
        else
            hashes = joined(misp, S("\"hashes\":{"), member_of(misp, hash->name, attribute->parts[i].value), S("}"));
    }
    slice members = joined(misp, hashes, hashes.len > 0 && name.len > 0 ? S(",") : S(""), name);
    return observe(misp, like, special == NULL ? "file" : special->object, members, id);
}

static bool is_of_file(const struct attribute *attribute)
{
    for (size_t i = 0; i < attribute->part_count; i++)
        if (hash_name_find(&attribute->parts[i]) == NULL && attribute->parts[i].type != OBSERVABLE_FILENAME)
            return false;
    return true;
}

/* What was observed; how many ids there are. */
static struct err observe_parts(struct misp *misp, const struct attribute *attribute, const struct form_made *like,
        slice ids[PARTS_MAX], size_t *count)
{
    *count = 0;
    if (is_of_file(attribute)) {
        TRY(observe_hashes(misp, attribute, like, &ids[0]));
        *count = ids[0].len > 0;
        return OK;
    }
    for (size_t i = 0; i < attribute->part_count; i++) {
        const struct observed *row = observed_find(&attribute->parts[i]);
        slice member = member_of(misp, row->property, attribute->parts[i].value);
        TRY(observe(misp, like, row->object, member, &ids[*count]));
        *count += ids[*count].len > 0;
    }
    return OK;
}

static void write_pattern(struct misp *misp, const struct attribute *attribute)
{
    const struct special *special = special_find(attribute->type);
    struct buf *pattern = &misp->reading->scratch;
    buf_reset(pattern);
    buf_byte(pattern, '[');
    for (size_t i = 0; i < attribute->part_count; i++) {
        buf_put(pattern, i > 0 ? S(" OR ") : S(""));
        if (special != NULL)
            buf_printf(pattern, "%s = '%.*s'", special->path, (int)attribute->parts[i].value.len,
                    attribute->parts[i].value.ptr);
        else
            form_comparison_put(pattern, &attribute->parts[i]);
    }
    buf_byte(pattern, ']');
    form_make_text(misp->reading, "pattern", buf_slice(pattern));
    form_make_text(misp->reading, "pattern_type", S("stix"));
}

/* Of which moment it became valid: when it was first seen, or else it was last changed (already written). */
static void write_indicator(struct misp *misp, const struct attribute *attribute)
{
    slice value = attribute->value, info = misp->event.info;
    form_make_text(misp->reading, "name", info.len > 0 && info.len <= FORM_LABEL_MAX ? info : value);
    form_make_text(misp->reading, "description", attribute->comment);
    if (!is_rule(attribute->type)) {
        write_pattern(misp, attribute);
        form_make_text(misp->reading, "x_misp_value", value); /* the pattern does not say a port */
        return;
    }
    form_make_text(misp->reading, "pattern", value);
    form_make_text(misp->reading, "pattern_type", attribute->type);
}

static void write_vulnerability(struct misp *misp, const struct attribute *attribute)
{
    struct json_writer *w = &misp->reading->w;
    form_make_text(misp->reading, "name", attribute->value);
    form_make_text(misp->reading, "description", attribute->comment);
    if (!slice_starts(attribute->value, S("CVE-")))
        return;
    json_write_key(w, S("external_references"));
    json_write_array(w);
    json_write_object(w);
    json_write_key_text(w, S("source_name"), S("cve"));
    json_write_key_text(w, S("external_id"), attribute->value);
    json_write_end(w);
    json_write_end(w);
}

/* The times at which it was seen: properties of observed-data, and of all others our own. */
static void write_seen(struct misp *misp, const struct attribute *attribute, bool observed)
{
    int64_t first = time_at(misp, attribute->json, "first_seen"), last = time_at(misp, attribute->json, "last_seen");
    if (observed && first == TIME_NONE && last == TIME_NONE)
        return; /* when it was changed: already written */
    if (observed) {
        first = first == TIME_NONE ? last : first;
        last = last == TIME_NONE || last < first ? first : last;
    }
    if (first != TIME_NONE)
        form_make_time(misp->reading, observed ? "first_observed" : "x_misp_first_seen", first);
    if (last != TIME_NONE)
        form_make_time(misp->reading, observed ? "last_observed" : "x_misp_last_seen", last);
}

static void write_observed(struct misp *misp, const struct attribute *attribute, const slice *ids, size_t count)
{
    json_write_key_u64(&misp->reading->w, S("number_observed"), 1);
    write_refs(misp, "object_refs", ids, count);
    form_make_text(misp->reading, "x_misp_comment", attribute->comment);
    form_make_text(misp->reading, "x_misp_value", attribute->value);
}

static void write_attribute(struct misp *misp, const struct attribute *attribute)
{
    form_make_text(misp->reading, "x_misp_type", attribute->type);
    form_make_text(misp->reading, "x_misp_category", attribute->category);
    form_make_text(misp->reading, "x_misp_value", attribute->value);
    form_make_text(misp->reading, "x_misp_comment", attribute->comment);
    write_raw_bool(misp, "x_misp_to_ids", attribute->to_ids);
}

/* Which properties are the time of the last change, since nothing better is said. */
static void set_moments(struct misp *misp, const struct attribute *attribute, struct form_made *made)
{
    bool seen = time_at(misp, attribute->json, "first_seen") != TIME_NONE ||
                time_at(misp, attribute->json, "last_seen") != TIME_NONE;
    if (slice_eq(made->type, S("indicator")))
        made->moments[0] = "valid_from";
    if (!slice_eq(made->type, S("observed-data")) || seen)
        return;
    made->moments[0] = "first_observed";
    made->moments[1] = "last_observed";
}

static struct err make_attribute(struct misp *misp, const struct attribute *attribute, struct form_made *made)
{
    slice ids[PARTS_MAX];
    size_t count = 0;
    const char *type = becomes(attribute);
    bool observed = strcmp(type, "observed-data") == 0, indicator = strcmp(type, "indicator") == 0;
    if (observed)
        TRY(observe_parts(misp, attribute, made, ids, &count));
    if (observed && count == 0) { /* what was to be observed was refused, which was told */
        observed = false;
        type = "x-misp-attribute";
    }
    made->type = slice_of(type);
    set_moments(misp, attribute, made);
    form_make_begin(misp->reading, made);
    if (indicator)
        write_indicator(misp, attribute);
    else if (observed)
        write_observed(misp, attribute, ids, count);
    else if (strcmp(type, "vulnerability") == 0)
        write_vulnerability(misp, attribute);
    else
        write_attribute(misp, attribute);
    write_seen(misp, attribute, observed);
    slice spread = text_at(misp, attribute->json, "distribution");
    if (!slice_eq(spread, S("5"))) /* as the event */
        form_make_text(misp->reading, "x_misp_distribution", spread);
    TRY(form_make_end(misp->reading));
    ref_add(misp, made);
    return OK;
}

static void drop_proposals(struct misp *misp, slice json)
{
    struct json_elements walk = json_elements(json);
    slice proposal;
    while (json_element_next(&walk, &proposal))
        form_objects_drop(misp->reading, "proposed attribute", (slice){0});
}

/* Labels, markings and times; then the object, and what is said of it. Its id, if it was kept, goes to `id`. */
static struct err take_attribute(struct misp *misp, struct attribute *attribute, slice *id)
{
    slice json = attribute->json;
    struct marks marks = marks_of(misp, json);
    struct labels labels = labels_new(misp, json);
    attribute_complete(misp, attribute);
    struct form_made made = made_of(misp, "", attribute->uuid, attribute->place);
    made.created_us = made.modified_us = attribute->us;
    made.now = attribute->now;
    made.revoked = attribute->deleted;
    made.original = json;
    label_of(misp, &labels, "misp:type", attribute->type);
    label_of(misp, &labels, "misp:category", attribute->category);
    label_of(misp, &labels, "misp:object-relation", attribute->relation);
    read_tags(misp, json, &labels);
    made.labels = labels.texts;
    made.label_count = labels.count;
    name_fields(misp, "attribute field", json, attribute_fields);
    drop_proposals(misp, json_get(json, S("ShadowAttribute")));
    TRY(take_marks(misp, &marks, &made));
    TRY(make_attribute(misp, attribute, &made));
    *id = made.kept ? arena_copy(misp->keep, made.id) : (slice){0};
    made.moments[0] = made.moments[1] = NULL;
    if (!made.kept) {
        form_objects_drop(misp->reading, "what was said of a refused attribute", (slice){0});
        return OK;
    }
    TRY(read_galaxies(misp, json_get(json, S("Galaxy")), *id, &made));
    TRY(read_list_about(misp, json_get(json, S("Sighting")), *id, &made, read_sighting));
    return read_said(misp, json, *id, &made);
}

/* Begins an item, whose memory is that of the reading; false: it is longer than we take, which was told. */
static bool item_begin(struct misp *misp, slice json, struct form_place *place)
{
    arena_reset(misp->reading->work);
    bool taken = form_reader_item(&misp->reader, json);
    *place = form_reader_place(&misp->reader, json.ptr);
    return taken;
}

static struct err item_end(struct misp *misp)
{
    TRY(arena_check(misp->reading->work));
    return arena_check(misp->keep);
}

static struct err read_attribute(struct misp *misp, slice json, bool deleted, slice *id)
{
    struct form_place place;
    *id = (slice){0};
    if (!item_begin(misp, json, &place))
        return OK;
    struct attribute attribute = attribute_of(misp, json, deleted);
    attribute.place = place;
    if (attribute.type.len == 0 || attribute.value.len == 0) {
        form_objects_refuse(
                misp->reading, place, "an attribute has a type, a string, and a value, a string or a number", json);
        return OK;
    }
    TRY(take_attribute(misp, &attribute, id));
    return item_end(misp);
}

/* ---- Objects ---- */

/* One, or a list of them: MISP writes either. */
struct items {
    slice one;
    struct json_elements walk;
};

static struct items items_of(slice json)
{
    bool one = json_kind(json) == JSON_OBJECT;
    return (struct items){one ? json : (slice){0}, json_elements(json)};
}

static bool item_next(struct items *items, slice *item)
{
    if (items->one.len == 0)
        return json_element_next(&items->walk, item);
    *item = items->one;
    items->one = (slice){0};
    return true;
}

static struct err make_object(struct misp *misp, slice json, struct form_place place, const slice *ids, size_t count)
{
    slice name = text_at(misp, json, "name"), comment = text_at(misp, json, "comment");
    struct marks marks = marks_of(misp, json);
    struct labels labels = labels_new(misp, json);
    struct form_made made = made_of(misp, "grouping", uuid_at(misp, json, "object", name), place);
    int64_t us = time_at(misp, json, "timestamp");
    if (us != TIME_NONE) {
        made.created_us = made.modified_us = us;
        made.now = false;
    }
    made.revoked = form_misp_true(json_get(json, S("deleted")));
    made.original = json;
    label_of(misp, &labels, "misp:name", name);
    label_of(misp, &labels, "misp:meta-category", text_at(misp, json, "meta-category"));
    read_tags(misp, json, &labels);
    made.labels = labels.texts;
    made.label_count = labels.count;
    name_fields(misp, "object field", json, object_fields);
    TRY(take_marks(misp, &marks, &made));
    form_make_begin(misp->reading, &made);
    form_make_text(misp->reading, "name", name);
    form_make_text(misp->reading, "description", text_at(misp, json, "description"));
    form_make_text(misp->reading, "context", S("unspecified"));
    form_make_text(misp->reading, "x_misp_comment", comment);
    write_refs(misp, "object_refs", ids, count);
    TRY(form_make_end(misp->reading));
    ref_add(misp, &made);
    if (!made.kept)
        return OK;
    struct items references = items_of(json_get(json, S("ObjectReference")));
    slice reference, source = arena_copy(misp->reading->work, made.id);
    while (item_next(&references, &reference))
        TRY(read_reference(misp, reference, source, place));
    return read_said(misp, json, source, &made);
}

static struct err read_object(struct misp *misp, slice json)
{
    struct form_place place;
    if (!item_begin(misp, json, &place))
        return OK;
    bool deleted = form_misp_true(json_get(json, S("deleted")));
    slice attributes = json_get(json, S("Attribute")), attribute;
    slice *ids = arena_new(misp->keep, slice, 1 + count_elements(attributes));
    size_t count = 0;
    struct items walk = items_of(attributes);
    while (item_next(&walk, &attribute)) {
        TRY(read_attribute(misp, attribute, deleted, &ids[count]));
        count += ids[count].len > 0;
    }
    arena_reset(misp->reading->work);
    if (count > 0)
        TRY(make_object(misp, json, place, ids, count));
    else
        form_objects_refuse(misp->reading, place, "an object without an attribute that could be kept", json);
    return item_end(misp);
}

/* ---- Events ---- */

/* The first pass: what each attribute and object will be, so that references find what stands behind them. */
static struct err count_things(struct misp *misp, size_t *count)
{
    struct items objects = items_of(json_get(misp->event.json, S("Object")));
    slice object;
    *count = 1 + count_elements(json_get(misp->event.json, S("Attribute")));
    while (item_next(&objects, &object))
        *count += 2 + count_elements(json_get(object, S("Attribute")));
    return *count <= THINGS_MAX ? OK : err_make(ERR_LIMIT, "more than 1048576 attributes and objects in an event");
}

static void note_attributes(struct misp *misp, slice json)
{
    struct items attributes = items_of(json);
    slice attribute;
    while (item_next(&attributes, &attribute)) {
        arena_reset(misp->reading->work);
        struct attribute known = attribute_of(misp, attribute, false);
        thing_add(misp, known.uuid, becomes(&known));
    }
}

static struct err note_things(struct misp *misp)
{
    size_t count = 0, room = 16;
    TRY(count_things(misp, &count));
    while (room < 2 * count)
        room *= 2;
    misp->event.things = arena_new(misp->keep, struct thing, room);
    misp->event.mask = room - 1;
    note_attributes(misp, json_get(misp->event.json, S("Attribute")));
    struct items objects = items_of(json_get(misp->event.json, S("Object")));
    slice object;
    while (item_next(&objects, &object)) {
        arena_reset(misp->reading->work);
        thing_add(misp, uuid_at(misp, object, "object", text_at(misp, object, "name")), "grouping");
        note_attributes(misp, json_get(object, S("Attribute")));
    }
    return OK;
}

static struct err read_event_report(struct misp *misp, slice json, slice about, const struct form_made *like)
{
    struct form_made made = *like;
    int64_t us = time_at(misp, json, "timestamp");
    slice name = text_at(misp, json, "name"), content = text_at(misp, json, "content");
    made.type = S("note");
    made.uuid = uuid_at(misp, json, "event report", name);
    made.labels = NULL;
    made.label_count = 0;
    made.original = json;
    made.revoked = form_misp_true(json_get(json, S("deleted")));
    if (us != TIME_NONE) {
        made.created_us = made.modified_us = us;
        made.now = false;
    }
    name_fields(misp, "event report field", json, report_fields);
    form_make_begin(misp->reading, &made);
    form_make_text(misp->reading, "abstract", name);
    form_make_text(misp->reading, "content", content.len > 0 ? content : name);
    write_refs(misp, "object_refs", &about, 1);
    TRY(form_make_end(misp->reading));
    ref_add(misp, &made);
    return made.kept ? read_said(misp, json, made.id, &made) : OK;
}

/* Whether the event went out, and then it is a report. */
static bool is_published(slice json)
{
    return form_misp_true(json_get(json, S("published")));
}

static void write_event(struct misp *misp, bool published)
{
    static const struct {
        const char *key, *property;
    } carried[] = {
            {"date", "x_misp_date"},
            {"threat_level_id", "x_misp_threat_level_id"},
            {"analysis", "x_misp_analysis"},
            {"distribution", "x_misp_distribution"},
    };
    slice json = misp->event.json;
    int64_t us = time_at(misp, json, "publish_timestamp");
    form_make_text(misp->reading, "name", misp->event.info);
    if (published && us != TIME_NONE)
        form_make_time(misp->reading, "published", us);
    if (!published)
        form_make_text(misp->reading, "context", S("unspecified"));
    if (!published && us != TIME_NONE)
        form_objects_drop(misp->reading, "event field", S("publish_timestamp"));
    for (size_t i = 0; i < COUNT_OF(carried); i++)
        form_make_text(misp->reading, carried[i].property, text_at(misp, json, carried[i].key));
}

/* The report or grouping. What is about it is read before, so that it can hold that, too. */
static struct err make_event(struct misp *misp, struct form_place place)
{
    slice json = misp->event.json;
    struct labels labels = labels_new(misp, json);
    bool published = is_published(json);
    slice uuid = uuid_at(misp, json, "event", misp->event.info);
    struct form_made made = made_of(misp, published ? "report" : "grouping", uuid, place);
    made.original = json;
    read_tags(misp, json, &labels);
    name_fields(misp, "event field", json, event_fields);
    drop_proposals(misp, json_get(json, S("ShadowAttribute")));
    TRY(take_marks(misp, &misp->event.marks, &made));
    slice id = joined(misp, made.type, S("--"), uuid);
    TRY(read_galaxies(misp, json_get(json, S("Galaxy")), (slice){0}, &made));
    TRY(read_list_about(misp, json_get(json, S("EventReport")), id, &made, read_event_report));
    TRY(read_said(misp, json, id, &made));
    if (misp->event.ref_count == 0) {
        form_objects_refuse(misp->reading, place, "an event in which nothing stands that could be kept", json);
        return OK;
    }
    made.labels = labels.texts;
    made.label_count = labels.count;
    if (published && time_at(misp, json, "publish_timestamp") == TIME_NONE)
        made.moments[0] = "published";
    form_make_begin(misp->reading, &made);
    write_event(misp, published);
    write_refs(misp, "object_refs", misp->event.refs, misp->event.ref_count);
    return form_make_end(misp->reading);
}

/* What all parts of an event inherit. */
static struct err event_open(struct misp *misp, slice json, struct form_place place)
{
    struct form_made organisation = {0};
    slice creator = json_get(json, S("Orgc"));
    arena_reset(misp->keep);
    misp->event = (struct event){.json = json, .us = time_at(misp, json, "timestamp")};
    misp->event.uuid = arena_copy(misp->keep, text_at(misp, json, "uuid"));
    misp->event.info = arena_copy(misp->keep, text_at(misp, json, "info"));
    misp->event.distribution = arena_copy(misp->keep, text_at(misp, json, "distribution"));
    misp->event.now = misp->event.us == TIME_NONE;
    if (misp->event.now)
        misp->event.us = misp->reading->options->now_us;
    struct json_elements walk = json_elements(json_get(json, S("Tag")));
    slice tag;
    while (json_element_next(&walk, &tag))
        mark(&misp->event.marks, text_at(misp, tag, "name"));
    mark_distribution(misp, json, &misp->event.marks);
    if (json_kind(creator) != JSON_OBJECT)
        return OK;
    TRY(make_organisation(misp, creator, place, &organisation));
    if (organisation.kept)
        misp->event.creator = arena_copy(misp->keep, organisation.id);
    return OK;
}

/* The parts in the order of the text, since places are counted along it. */
static struct err read_parts(struct misp *misp, slice json)
{
    struct json_members walk = json_members(json);
    slice key, value, item, id;
    while (json_member_next(&walk, &key, &value)) {
        struct items items = items_of(value);
        if (json_key_is(key, S("Attribute"))) {
            while (item_next(&items, &item))
                TRY(read_attribute(misp, item, false, &id));
        } else if (json_key_is(key, S("Object"))) {
            while (item_next(&items, &item))
                TRY(read_object(misp, item));
        }
    }
    return OK;
}

/* `bare`: attributes or objects without an event around them. */
static struct err read_event(struct misp *misp, slice json, bool bare)
{
    struct form_place place = form_reader_place(&misp->reader, json.ptr);
    arena_reset(misp->reading->work);
    TRY(event_open(misp, json, place));
    TRY(note_things(misp));
    TRY(read_parts(misp, json));
    arena_reset(misp->reading->work);
    if (!bare)
        TRY(make_event(misp, place));
    return item_end(misp);
}

/* ---- Documents ---- */

static bool is_attribute(slice json)
{
    return json_get(json, S("value")).len > 0 && json_get(json, S("category")).len > 0;
}

static bool is_warninglist(slice json)
{
    return json_kind(json_get(json, S("list"))) == JSON_ARRAY && json_kind(json_get(json, S("type"))) == JSON_STRING;
}

/* Of a document: what stands in it, as MISP wraps it; empty if it is nothing of MISP's. */
static slice unwrap(slice json)
{
    slice event = json_get(json, S("Event"));
    if (json_kind(event) == JSON_OBJECT && json_get(json, S("value")).len == 0)
        return event;
    bool bare = json_get(json, S("Attribute")).len > 0 || json_get(json, S("Object")).len > 0 ||
                json_get(json, S("info")).len > 0;
    return bare ? json : (slice){0};
}

static struct err read_one(struct misp *misp, slice json)
{
    slice id, inside = unwrap(json);
    struct form_place place;
    misp->event = (struct event){.us = misp->reading->options->now_us, .now = true};
    if (is_warninglist(json)) {
        form_objects_drop(misp->reading, "warning list, which is no intelligence:", text_at(misp, json, "name"));
        return OK;
    }
    if (is_attribute(json)) {
        arena_reset(misp->keep);
        return read_attribute(misp, json, false, &id);
    }
    if (inside.len > 0)
        return read_event(misp, inside, json_get(inside, S("info")).len == 0 && json_get(inside, S("uuid")).len == 0);
    if (item_begin(misp, json, &place))
        form_objects_refuse(misp->reading, place, "neither an event nor an object nor an attribute of MISP", json);
    return OK;
}

static bool is_misp(slice json)
{
    return is_attribute(json) || is_warninglist(json) || unwrap(json).len > 0;
}

static struct err take_document(struct form_reader *reader, slice json)
{
    struct misp *misp = reader->sink->context;
    slice response = json_get(json, S("response")), element;
    json = response.len > 0 ? response : json;
    struct items walk = items_of(json), first = walk;
    if (!item_next(&first, &element))
        return json_kind(json) == JSON_ARRAY ? OK : err_make(ERR_INPUT, "neither an event nor a list of MISP");
    if (!is_misp(element))
        return err_make(ERR_INPUT, "neither an event, objects or attributes of MISP");
    while (item_next(&walk, &element))
        TRY(read_one(misp, element));
    return OK;
}

static void problem(void *context, uint64_t line, uint64_t column, const char *why)
{
    struct misp *misp = context;
    form_objects_refuse(misp->reading, (struct form_place){line, column}, why, (slice){0});
}

static void skipped(void *context, const char *what)
{
    struct misp *misp = context;
    form_objects_drop(misp->reading, what, (slice){0});
}

struct err form_misp_objects(struct form_objects *reading, const struct stix_stream *stream)
{
    struct misp misp = {.reading = reading};
    struct form_place place = {0};
    const struct form_sink sink = {.context = &misp, .problem = problem, .skipped = skipped, .refused = &place};
    slice text;
    TRY(form_objects_text(reading, stream, &text));
    misp.keep = arena_open("event", ARENA_WORK, KEEP_BYTES_MAX);
    misp.reader = form_reader_open(text, reading->messages, &sink);
    struct err err = form_reader_json(&misp.reader, take_document);
    form_reader_close(&misp.reader);
    arena_close(misp.keep);
    if (err.kind != ERR_INPUT)
        return err;
    return err_format(reading->messages, ERR_INPUT, "line %llu, column %llu: %s", (unsigned long long)place.line,
            (unsigned long long)place.column, err.why);
}
