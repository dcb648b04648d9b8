/* SPDX-License-Identifier: Apache-2.0 */
#include "form/misp_event.h"

#include "base/clock.h"

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

/* ---- Fields ---- */

/* What is carried of a tag. */
static const char tag_fields[] = " name ";

static bool is_carried(const char *fields, slice key)
{
    char spelt[64] = " ";
    if (key.len == 0 || key.len > sizeof(spelt) - 3 || slice_find(key, ' ') < key.len)
        return false;
    memcpy(spelt + 1, key.ptr, key.len);
    spelt[key.len + 1] = ' ';
    return slice_find_slice(slice_of(fields), (slice){spelt, key.len + 2}) < strlen(fields);
}

bool misp_says_nothing(slice json)
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

void misp_name_fields(struct misp *misp, const char *what, slice json, const char *carried)
{
    struct json_members walk = json_members(json);
    slice key, value;
    if (json.len > 0 && json_kind(json) != JSON_OBJECT)
        form_objects_drop(misp->reading, what, S("in what is no object"));
    while (json_member_next(&walk, &key, &value))
        if (!is_carried(carried, key) && !misp_says_nothing(value))
            form_objects_drop(misp->reading, what, key);
}

slice misp_text_of(struct misp *misp, slice json)
{
    enum json_kind kind = json_kind(json);
    if (kind == JSON_STRING)
        return json_text(json, misp->reading->work);
    return kind == JSON_NUMBER || kind == JSON_TRUE || kind == JSON_FALSE ? json : (slice){0};
}

slice misp_text_at(struct misp *misp, slice json, const char *key)
{
    slice value = json_get(json, slice_of(key));
    bool list = json_kind(value) == JSON_ARRAY || json_kind(value) == JSON_OBJECT;
    if (list && !misp_says_nothing(value) && !misp->noting)
        form_objects_drop(misp->reading, "list where a text should stand in the field", slice_of(key));
    return misp_text_of(misp, value);
}

/* Seconds since 1970, or a date and time; TIME_NONE: none. */
int64_t misp_time_at(struct misp *misp, slice json, const char *key)
{
    int64_t us = TIME_NONE;
    slice text = misp_text_at(misp, json, key);
    if (text.len == 0 || slice_eq(text, S("0")))
        return TIME_NONE;
    if (text.len > TIMESTAMP_MAX || !time_parse(text, &us))
        form_objects_drop(misp->reading, "time that is none in the field", slice_of(key));
    return us;
}

slice misp_joined(struct misp *misp, slice a, slice between, slice b)
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
slice misp_uuid_made(struct misp *misp, const char *kind, slice said)
{
    struct buf *name = &misp->reading->scratch;
    buf_reset(name);
    buf_printf(name, "misp%c%s%c", '\0', kind, '\0');
    buf_put(name, said);
    return form_make_uuid(misp->reading, buf_slice(name));
}

/* The thing's own in small letters, if STIX takes it; else one that is made from what it and its event say. */
slice misp_uuid_at(struct misp *misp, slice json, const char *kind, slice said)
{
    struct uuid uuid;
    slice text = misp_text_at(misp, json, "uuid");
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
    if (text.len > 0 && !misp->noting)
        form_objects_drop(misp->reading, "uuid that is none of RFC 9562, of a thing of kind", slice_of(kind));
    slice event = misp_joined(misp, misp->event.uuid, (slice){"", 1}, misp->event.info);
    return misp_uuid_made(misp, kind, misp_joined(misp, event, (slice){"", 1}, said));
}

/* ---- What was made ---- */

void misp_ref_add(struct misp *misp, const struct form_made *made)
{
    struct misp_event *event = &misp->event;
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

static struct misp_thing *thing_slot(const struct misp_event *event, const struct uuid *uuid)
{
    slice bytes = {(const char *)uuid->bytes, sizeof(uuid->bytes)};
    size_t at = (size_t)hash_bytes(event->key, bytes) & event->mask;
    while (event->things[at].id.len > 0 && memcmp(event->things[at].uuid.bytes, uuid->bytes, sizeof(uuid->bytes)) != 0)
        at = (at + 1) & event->mask;
    return &event->things[at];
}

void misp_thing_add(struct misp *misp, slice uuid_text, const char *type)
{
    struct uuid uuid;
    if (!uuid_parse(uuid_text, &uuid))
        return;
    struct misp_thing *slot = thing_slot(&misp->event, &uuid);
    slice id = misp_joined(misp, slice_of(type), S("--"), uuid_text);
    if (slot->id.len == 0)
        *slot = (struct misp_thing){uuid, arena_copy(misp->keep, id)};
}

/* The object that a uuid became; empty: none of this event. */
slice misp_thing_find(const struct misp *misp, slice uuid_text)
{
    struct uuid uuid;
    if (misp->event.things == NULL || !uuid_parse(uuid_text, &uuid))
        return (slice){0};
    return thing_slot(&misp->event, &uuid)->id;
}

void misp_write_refs(struct misp *misp, const char *key, const slice *refs, size_t count)
{
    struct json_writer *w = &misp->reading->w;
    json_write_key(w, slice_of(key));
    json_write_array(w);
    for (size_t i = 0; i < count; i++)
        json_write_text(w, refs[i]);
    json_write_end(w);
}

void misp_write_bool(struct misp *misp, const char *key, bool value)
{
    json_write_key(&misp->reading->w, slice_of(key));
    json_write_bool(&misp->reading->w, value);
}

/* ---- Tags ---- */

/* Kinds of clusters that are objects of STIX; a kind ends with one of these words. */
static const struct misp_cluster_kind cluster_kinds[] = {
        {"attack-pattern", "attack-pattern", "aliases"},
        {"course-of-action", "course-of-action", NULL},
        {"intrusion-set", "intrusion-set", "aliases"},
        {"threat-actor", "threat-actor", "aliases"},
        {"malware", "malware", "aliases"},
        {"malpedia", "malware", "aliases"},
        {"ransomware", "malware", "aliases"},
        {"banker", "malware", "aliases"},
        {"botnet", "malware", "aliases"},
        {"backdoor", "malware", "aliases"},
        {"stealer", "malware", "aliases"},
        {"rat", "malware", "aliases"},
        {"tool", "tool", "aliases"},
        {"exploit-kit", "tool", "aliases"},
};

const struct misp_cluster_kind *misp_cluster_kind_find(slice galaxy)
{
    for (size_t i = 0; galaxy.len > 0 && i < COUNT_OF(cluster_kinds); i++) {
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

static void mark(struct misp_marks *marks, slice tag)
{
    size_t i = marking_find(tag);
    if (i == COUNT_OF(markings))
        return;
    marks->set[i] = true;
    marks->tlp = marks->tlp || slice_starts(slice_of(markings[i].tag), S("tlp:"));
}

size_t misp_count_elements(slice json)
{
    struct misp_items walk = misp_items_of(json);
    slice element;
    size_t count = 0;
    while (misp_item_next(&walk, &element))
        count++;
    return count;
}

struct misp_labels misp_labels_new(struct misp *misp, slice json)
{
    struct misp_items galaxies = misp_items_of(json_get(json, S("Galaxy")));
    slice galaxy;
    size_t room = 8 + misp_count_elements(json_get(json, S("Tag")));
    while (misp_item_next(&galaxies, &galaxy))
        room += misp_count_elements(json_get(galaxy, S("GalaxyCluster")));
    return (struct misp_labels){arena_new(misp->reading->work, slice, room), 0, room};
}

static void label_add(struct misp_labels *labels, slice text)
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
    slice tag = misp_text_at(misp, cluster, "tag_name"), value = misp_text_at(misp, cluster, "value");
    slice name = misp_joined(misp, S("misp-galaxy:"), galaxy, S("=\""));
    return tag.len > 0 ? tag : misp_joined(misp, name, value, S("\""));
}

/* misp:type="ip-dst" */
void misp_label_of(struct misp *misp, struct misp_labels *labels, const char *predicate, slice value)
{
    if (value.len > 0)
        label_add(labels, misp_joined(misp, slice_of(predicate), S("=\""), misp_joined(misp, value, S("\""), S(""))));
}

/* Of an object; some tools write the name alone. */
static slice tag_name(struct misp *misp, slice tag)
{
    return json_kind(tag) == JSON_STRING ? misp_text_of(misp, tag) : misp_text_at(misp, tag, "name");
}

void misp_mark_tags(struct misp *misp, slice json, struct misp_marks *marks)
{
    struct misp_items walk = misp_items_of(json_get(json, S("Tag")));
    slice tag;
    while (misp_item_next(&walk, &tag))
        mark(marks, tag_name(misp, tag));
}

static bool is_marking_like(slice tag)
{
    return tag.len > 4 &&
           (slice_eq_fold(slice_part(tag, 0, 4), S("tlp:")) || slice_eq_fold(slice_part(tag, 0, 4), S("pap:")));
}

static void warn_of_tag(struct misp *misp, slice tag)
{
    struct buf text = buf_make(2 * TAG_SHOWN + 64);
    buf_put(&text, S("the tag "));
    for (size_t i = 0; i < tag.len && i < TAG_SHOWN; i++)
        buf_byte(&text, (char)(tag.ptr[i] >= ' ' && tag.ptr[i] <= '~' ? tag.ptr[i] : '?'));
    buf_put(&text, S(" is no marking that we know, and none was set"));
    form_objects_warn(misp->reading, misp->place, arena_cstr(misp->reading->work, buf_slice(&text)));
    buf_free(&text);
}

/* Tags, and clusters that become no object. */
void misp_read_tags(struct misp *misp, slice json, struct misp_labels *labels)
{
    struct misp_items walk = misp_items_of(json_get(json, S("Tag")));
    struct misp_items galaxies = misp_items_of(json_get(json, S("Galaxy")));
    slice tag, galaxy, cluster;
    while (misp_item_next(&walk, &tag)) {
        slice name = tag_name(misp, tag);
        if (is_marking_like(name) && marking_find(name) == COUNT_OF(markings))
            warn_of_tag(misp, name);
        label_add(labels, name);
        if (json_kind(tag) != JSON_STRING)
            misp_name_fields(misp, "tag field", tag, tag_fields);
    }
    while (misp_item_next(&galaxies, &galaxy)) {
        slice type = misp_text_at(misp, galaxy, "type");
        struct misp_items clusters = misp_items_of(json_get(galaxy, S("GalaxyCluster")));
        while (misp_cluster_kind_find(type) == NULL && misp_item_next(&clusters, &cluster))
            label_add(labels, cluster_tag(misp, cluster, type));
    }
}

void misp_mark_distribution(struct misp *misp, slice json, struct misp_marks *marks)
{
    slice number = misp_text_at(misp, json, "distribution");
    for (size_t i = 0; i < COUNT_OF(narrow_distributions) && !marks->tlp; i++)
        if (slice_eq(number, slice_of(narrow_distributions[i])))
            marks->set[marking_find(S("tlp:amber+strict"))] = true;
}

/* What is said of a part of an event: its own tags, or how far it may go if that is not as far as the event, ... */
struct misp_marks misp_marks_of(struct misp *misp, slice json)
{
    struct misp_marks marks = {0};
    misp_mark_tags(misp, json, &marks);
    bool as_event = slice_eq(misp_text_at(misp, json, "distribution"), misp->event.distribution);
    if (!as_event)
        misp_mark_distribution(misp, json, &marks);
    for (size_t i = 0; i < MARKINGS_MAX; i++) /* ... and what is said of all of it */
        marks.set[i] = marks.set[i] || misp->event.marks.set[i];
    return marks;
}

/* Hands on the markings that were not yet, and puts their ids into `made`. */
struct err misp_take_marks(struct misp *misp, const struct misp_marks *marks, struct form_made *made)
{
    slice *ids = arena_new(misp->reading->work, slice, MARKINGS_MAX + 1), other = misp->reading->options->marking;
    size_t count = 0;
    bool tlp = false;
    for (size_t i = 0; i < COUNT_OF(markings); i++) {
        if (!marks->set[i])
            continue;
        struct form_made marking = {
                .type = S("marking-definition"), .id = slice_of(markings[i].id), .place = made->place};
        ids[count++] = marking.id;
        tlp = tlp || slice_starts(slice_of(markings[i].tag), S("tlp:"));
        if (misp->told[i])
            continue;
        misp->told[i] = true;
        TRY(form_make_fixed(misp->reading, &marking, slice_of(markings[i].json)));
    }
    if (!tlp && other.len > 0) /* PAP alone does not say who may get it */
        ids[count++] = other;
    made->markings = ids;
    made->marking_count = count;
    return OK;
}

/* What everything made from an event has in common. */
struct form_made misp_made_of(const struct misp *misp, const char *type, slice uuid, struct form_place place)
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

struct misp_items misp_items_of(slice json)
{
    bool one = json.len > 0 && json_kind(json) != JSON_ARRAY && !misp_says_nothing(json);
    return (struct misp_items){one ? json : (slice){0}, json_elements(json)};
}

bool misp_item_next(struct misp_items *items, slice *item)
{
    if (items->one.len == 0)
        return json_element_next(&items->walk, item);
    *item = items->one;
    items->one = (slice){0};
    return true;
}

/* Begins an item, whose memory is that of the reading; false: it is longer than we take, which was told. */
bool misp_item_begin(struct misp *misp, slice json, struct form_place *place)
{
    arena_reset(misp->reading->work);
    bool taken = form_reader_item(&misp->reader, json);
    *place = misp->place = form_reader_place(&misp->reader, json.ptr);
    return taken;
}

struct err misp_item_end(struct misp *misp)
{
    TRY(arena_check(misp->reading->work));
    return arena_check(misp->keep);
}

void misp_drop_proposals(struct misp *misp, slice json)
{
    struct misp_items walk = misp_items_of(json);
    slice proposal;
    while (misp_item_next(&walk, &proposal))
        form_objects_drop(misp->reading, "proposed attribute", (slice){0});
}
