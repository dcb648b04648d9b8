/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "form/misp_event.h"

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

/* What is carried, or said in another way, of each kind of thing. All else is named. */
static const char event_fields[] =
        " uuid info date timestamp Orgc Attribute Object Tag Galaxy threat_level_id analysis "
        "published publish_timestamp distribution EventReport Note Opinion ShadowAttribute ";
static const char object_fields[] = " uuid name meta-category description comment deleted timestamp Attribute "
                                    "ObjectReference distribution Note Opinion Tag ";
static const char report_fields[] = " uuid name content timestamp deleted Note Opinion ";

/* ---- Objects ---- */

static struct err make_object(struct misp *misp, slice json, struct form_place place, const slice *ids, size_t count)
{
    misp->place = place;
    slice name = misp_text_at(misp, json, "name"), comment = misp_text_at(misp, json, "comment");
    struct misp_marks marks = misp_marks_of(misp, json);
    struct misp_labels labels = misp_labels_new(misp, json);
    struct form_made made = misp_made_of(misp, "grouping", misp_uuid_at(misp, json, "object", name), place);
    int64_t us = misp_time_at(misp, json, "timestamp");
    if (us != TIME_NONE) {
        made.created_us = made.modified_us = us;
        made.now = false;
    }
    made.revoked = form_misp_true(json_get(json, S("deleted")));
    made.original = json;
    misp_label_of(misp, &labels, "misp:name", name);
    misp_label_of(misp, &labels, "misp:meta-category", misp_text_at(misp, json, "meta-category"));
    misp_read_tags(misp, json, &labels);
    made.labels = labels.texts;
    made.label_count = labels.count;
    misp_name_fields(misp, "object field", json, object_fields);
    TRY(misp_take_marks(misp, &marks, &made));
    form_make_begin(misp->reading, &made);
    form_make_text(misp->reading, "name", name);
    form_make_text(misp->reading, "description", misp_text_at(misp, json, "description"));
    form_make_text(misp->reading, "context", S("unspecified"));
    form_make_text(misp->reading, "x_misp_comment", comment);
    misp_write_refs(misp, "object_refs", ids, count);
    TRY(form_make_end(misp->reading));
    misp_ref_add(misp, &made);
    if (!made.kept)
        return OK;
    struct misp_items references = misp_items_of(json_get(json, S("ObjectReference")));
    slice reference, source = arena_copy(misp->reading->work, made.id);
    while (misp_item_next(&references, &reference))
        TRY(misp_read_reference(misp, reference, source, &made));
    return misp_read_notes(misp, json, source, &made);
}

static struct err read_object(struct misp *misp, slice json)
{
    struct form_place place;
    if (!misp_item_begin(misp, json, &place))
        return OK;
    bool deleted = form_misp_true(json_get(json, S("deleted")));
    slice attributes = json_get(json, S("Attribute")), attribute;
    slice *ids = arena_new(misp->keep, slice, 1 + misp_count_elements(attributes));
    size_t count = 0;
    struct misp_items walk = misp_items_of(attributes);
    while (misp_item_next(&walk, &attribute)) {
        TRY(misp_read_attribute(misp, attribute, deleted, &ids[count]));
        count += ids[count].len > 0;
    }
    arena_reset(misp->reading->work);
    if (count > 0)
        TRY(make_object(misp, json, place, ids, count));
    else
        form_objects_refuse(misp->reading, place, "an object without an attribute that could be kept", json);
    return misp_item_end(misp);
}

/* ---- Events ---- */

/* The first pass: what each attribute and object will be, so that references find what stands behind them. */
static struct err count_things(struct misp *misp, size_t *count)
{
    struct misp_items objects = misp_items_of(json_get(misp->event.json, S("Object")));
    slice object;
    *count = 1 + misp_count_elements(json_get(misp->event.json, S("Attribute")));
    while (misp_item_next(&objects, &object))
        *count += 2 + misp_count_elements(json_get(object, S("Attribute")));
    return *count <= THINGS_MAX ? OK : err_make(ERR_LIMIT, "more than 1048576 attributes and objects in an event");
}

static void note_attributes(struct misp *misp, slice json)
{
    struct misp_items attributes = misp_items_of(json);
    slice attribute;
    while (misp_item_next(&attributes, &attribute)) {
        arena_reset(misp->reading->work);
        struct misp_attribute known = misp_attribute_of(misp, attribute, false);
        misp_thing_add(misp, known.uuid, misp_attribute_becomes(&known));
    }
}

static struct err note_things(struct misp *misp)
{
    size_t count = 0, room = 16;
    TRY(count_things(misp, &count));
    while (room < 2 * count)
        room *= 2;
    misp->event.things = arena_new(misp->keep, struct misp_thing, room);
    misp->event.mask = room - 1;
    misp->event.key = hash_key_random();
    misp->noting = true; /* what is odd is told in the second pass */
    note_attributes(misp, json_get(misp->event.json, S("Attribute")));
    struct misp_items objects = misp_items_of(json_get(misp->event.json, S("Object")));
    slice object;
    while (misp_item_next(&objects, &object)) {
        arena_reset(misp->reading->work);
        misp_thing_add(misp, misp_uuid_at(misp, object, "object", misp_text_at(misp, object, "name")), "grouping");
        note_attributes(misp, json_get(object, S("Attribute")));
    }
    misp->noting = false;
    return OK;
}

static struct err read_event_report(struct misp *misp, slice json, slice about, const struct form_made *like)
{
    struct form_made made = *like;
    int64_t us = misp_time_at(misp, json, "timestamp");
    slice name = misp_text_at(misp, json, "name"), content = misp_text_at(misp, json, "content");
    made.type = S("note");
    made.uuid = misp_uuid_at(misp, json, "event report", name);
    made.labels = NULL;
    made.label_count = 0;
    made.original = json;
    made.revoked = form_misp_true(json_get(json, S("deleted")));
    if (us != TIME_NONE) {
        made.created_us = made.modified_us = us;
        made.now = false;
    }
    misp_name_fields(misp, "event report field", json, report_fields);
    form_make_begin(misp->reading, &made);
    form_make_text(misp->reading, "abstract", name);
    form_make_text(misp->reading, "content", content.len > 0 ? content : name);
    misp_write_refs(misp, "object_refs", &about, 1);
    TRY(form_make_end(misp->reading));
    misp_ref_add(misp, &made);
    return made.kept ? misp_read_notes(misp, json, made.id, &made) : OK;
}

/* Whether the event went out, and then it is a report. */
static bool is_published(slice json)
{
    return form_misp_true(json_get(json, S("published")));
}

static void write_event(struct misp *misp, bool published, int64_t us)
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
    slice unnamed = misp_joined(misp, S("MISP event "), misp->event.uuid, S(""));
    form_make_text(misp->reading, "name", misp->event.info.len > 0 ? misp->event.info : unnamed);
    if (published && us != TIME_NONE)
        form_make_time(misp->reading, "published", us);
    if (!published)
        form_make_text(misp->reading, "context", S("unspecified"));
    if (!published && us != TIME_NONE)
        form_objects_drop(misp->reading, "event field", S("publish_timestamp"));
    for (size_t i = 0; i < COUNT_OF(carried); i++)
        form_make_text(misp->reading, carried[i].property, misp_text_at(misp, json, carried[i].key));
}

/* The report or grouping. What is about it is read before, so that it can hold that, too. */
static struct err make_event(struct misp *misp, struct form_place place)
{
    slice json = misp->event.json;
    misp->place = place;
    struct misp_labels labels = misp_labels_new(misp, json);
    bool published = is_published(json);
    int64_t us = misp_time_at(misp, json, "publish_timestamp");
    slice uuid = misp_uuid_at(misp, json, "event", misp->event.info);
    struct form_made made = misp_made_of(misp, published ? "report" : "grouping", uuid, place);
    made.original = json;
    misp_read_tags(misp, json, &labels);
    misp_name_fields(misp, "event field", json, event_fields);
    misp_drop_proposals(misp, json_get(json, S("ShadowAttribute")));
    TRY(misp_take_marks(misp, &misp->event.marks, &made));
    slice id = misp_joined(misp, made.type, S("--"), uuid);
    TRY(misp_read_galaxies(misp, json_get(json, S("Galaxy")), (slice){0}, &made));
    TRY(misp_read_list_about(misp, json_get(json, S("EventReport")), id, &made, read_event_report));
    TRY(misp_read_notes(misp, json, id, &made));
    if (misp->event.ref_count == 0) {
        form_objects_refuse(misp->reading, place, "an event in which nothing stands that could be kept", json);
        return OK;
    }
    made.labels = labels.texts;
    made.label_count = labels.count;
    if (published && us == TIME_NONE)
        made.moments[0] = "published";
    form_make_begin(misp->reading, &made);
    write_event(misp, published, us);
    misp_write_refs(misp, "object_refs", misp->event.refs, misp->event.ref_count);
    return form_make_end(misp->reading);
}

/* What all parts of an event inherit. */
static struct err event_open(struct misp *misp, slice json, struct form_place place)
{
    struct form_made organisation = {0};
    slice creator = json_get(json, S("Orgc"));
    arena_reset(misp->keep);
    misp->event = (struct misp_event){.json = json, .us = misp_time_at(misp, json, "timestamp")};
    misp->event.uuid = arena_copy(misp->keep, misp_text_at(misp, json, "uuid"));
    misp->event.info = arena_copy(misp->keep, misp_text_at(misp, json, "info"));
    misp->event.distribution = arena_copy(misp->keep, misp_text_at(misp, json, "distribution"));
    misp->event.now = misp->event.us == TIME_NONE;
    if (misp->event.now)
        misp->event.us = misp->reading->options->now_us;
    misp_mark_tags(misp, json, &misp->event.marks);
    misp_mark_distribution(misp, json, &misp->event.marks);
    if (json_kind(creator) != JSON_OBJECT)
        return OK;
    TRY(misp_make_organisation(misp, creator, place, &organisation));
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
        struct misp_items items = misp_items_of(value);
        if (json_key_is(key, S("Attribute"))) {
            while (misp_item_next(&items, &item))
                TRY(misp_read_attribute(misp, item, false, &id));
        } else if (json_key_is(key, S("Object"))) {
            while (misp_item_next(&items, &item))
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
    return misp_item_end(misp);
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
    misp->event = (struct misp_event){.us = misp->reading->options->now_us, .now = true};
    if (is_warninglist(json)) {
        form_objects_drop(misp->reading, "warning list, which is no intelligence:", misp_text_at(misp, json, "name"));
        return OK;
    }
    if (is_attribute(json)) {
        arena_reset(misp->keep);
        return misp_read_attribute(misp, json, false, &id);
    }
    if (inside.len > 0)
        return read_event(misp, inside, json_get(inside, S("info")).len == 0 && json_get(inside, S("uuid")).len == 0);
    if (misp_item_begin(misp, json, &place))
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
    struct misp_items walk = misp_items_of(json), first = walk;
    if (!misp_item_next(&first, &element))
        return json_kind(json) == JSON_ARRAY ? OK : err_make(ERR_INPUT, "neither an event nor a list of MISP");
    if (!is_misp(element))
        return err_make(ERR_INPUT, "neither an event, objects or attributes of MISP");
    while (misp_item_next(&walk, &element))
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
