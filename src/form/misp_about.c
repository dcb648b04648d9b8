/* SPDX-License-Identifier: Apache-2.0 */
#include "form/misp_event.h"

#include "stix/syntax.h"

/* What is carried, or said in another way, of each kind of thing. All else is named. */
static const char organisation_fields[] = " uuid name ";
static const char reference_fields[] = " uuid object_uuid referenced_uuid relationship_type comment timestamp deleted ";
static const char galaxy_fields[] = " type GalaxyCluster ";
static const char cluster_fields[] = " uuid type value description tag_name meta ";
static const char meta_fields[] = " synonyms external_id ";
static const char note_fields[] = " uuid note authors created modified language ";
static const char opinion_fields[] = " uuid opinion comment authors created modified ";
static const char sighting_fields[] = " uuid date_sighting type Organisation ";

/* ---- Organisations ---- */

/* Its id in `made`. What an organisation is does not depend on the event that names it: its times are no part of it. */
struct err misp_make_organisation(struct misp *misp, slice json, struct form_place place, struct form_made *made)
{
    slice name = misp_text_at(misp, json, "name");
    bool named = misp_text_at(misp, json, "uuid").len > 0;
    slice uuid = named ? misp_uuid_at(misp, json, "organisation", name) : misp_uuid_made(misp, "organisation", name);
    *made = misp_made_of(misp, "identity", uuid, place);
    made->now = true;
    made->creator = (slice){0};
    made->original = json;
    misp_name_fields(misp, "organisation field", json, organisation_fields);
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
        made->uuid = misp_uuid_made(
                misp, "relationship", misp_joined(misp, misp_joined(misp, source, S(" "), name), S(" "), target));
    }
    form_make_begin(misp->reading, made);
    form_make_text(misp->reading, "relationship_type", relation_of(misp, name));
    form_make_text(misp->reading, "source_ref", source);
    form_make_text(misp->reading, "target_ref", target);
    return OK;
}

struct err misp_read_reference(struct misp *misp, slice json, slice source, const struct form_made *like)
{
    slice name = misp_text_at(misp, json, "relationship_type"), uuid = misp_text_at(misp, json, "referenced_uuid");
    slice target = misp_thing_find(misp, uuid);
    if (target.len == 0) {
        form_objects_drop(misp->reading, "reference to something outside of the event", (slice){0});
        return OK;
    }
    struct form_made made = *like;
    made.type = S("relationship");
    made.uuid = misp_uuid_at(misp, json, "reference", uuid);
    made.labels = NULL;
    made.label_count = 0;
    int64_t us = misp_time_at(misp, json, "timestamp");
    if (us != TIME_NONE) {
        made.created_us = made.modified_us = us;
        made.now = false;
    }
    made.revoked = form_misp_true(json_get(json, S("deleted")));
    made.original = json;
    misp_name_fields(misp, "reference field", json, reference_fields);
    TRY(make_relation(misp, &made, name, source, target));
    form_make_text(misp->reading, "description", misp_text_at(misp, json, "comment"));
    if (!slice_eq(relation_of(misp, name), name))
        form_make_text(misp->reading, "x_misp_relationship_type", name);
    TRY(form_make_end(misp->reading));
    misp_ref_add(misp, &made);
    return OK;
}

/* ---- Galaxies ---- */

/* A list of texts, of which empty ones are left out. */
static void write_texts(struct misp *misp, const char *key, slice json)
{
    struct misp_items walk = misp_items_of(json);
    struct json_writer *w = &misp->reading->w;
    bool any = false;
    slice element;
    while (misp_item_next(&walk, &element)) {
        slice text = misp_text_of(misp, element);
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
    struct misp_items walk = misp_items_of(json_get(meta, S("external_id")));
    slice id = {0}, element;
    if (misp_item_next(&walk, &element))
        id = misp_text_of(misp, element);
    while (misp_item_next(&walk, &element))
        form_objects_drop(misp->reading, "cluster meta", S("external_id behind the first"));
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
        struct misp *misp, slice json, slice galaxy, const struct misp_cluster_kind *kind, struct form_made *made)
{
    slice meta = json_get(json, S("meta"));
    made->type = slice_of(kind->type);
    made->now = true;
    made->creator = (slice){0};
    made->original = json;
    slice said = misp_joined(misp, misp_text_at(misp, json, "uuid"), S(" "), misp_text_at(misp, json, "value"));
    for (size_t i = 0; i < made->marking_count; i++)
        said = misp_joined(misp, said, S(" "), made->markings[i]);
    made->uuid = misp_uuid_made(misp, kind->type, said);
    misp_name_fields(misp, "cluster field", json, cluster_fields);
    misp_name_fields(misp, "cluster meta", meta, meta_fields);
    form_make_begin(misp->reading, made);
    form_make_text(misp->reading, "name", misp_text_at(misp, json, "value"));
    form_make_text(misp->reading, "description", misp_text_at(misp, json, "description"));
    if (slice_eq(made->type, S("malware")))
        misp_write_bool(misp, "is_family", true);
    if (kind->property != NULL)
        write_texts(misp, kind->property, json_get(meta, S("synonyms")));
    else if (!misp_says_nothing(json_get(meta, S("synonyms"))))
        form_objects_drop(misp->reading, "cluster meta", S("synonyms"));
    write_cluster_reference(misp, galaxy, meta);
    return form_make_end(misp->reading);
}

/* A cluster of an event (no source) or of an attribute or object, which it is then related to. */
static struct err read_cluster(struct misp *misp, slice json, slice galaxy, slice source, const struct form_made *like)
{
    const struct misp_cluster_kind *kind = misp_cluster_kind_find(galaxy);
    if (kind == NULL) {
        form_objects_drop(misp->reading, "all but the tag of a cluster of the galaxy", galaxy);
        return OK;
    }
    struct form_made made = *like, relation = *like;
    made.labels = NULL;
    made.label_count = 0;
    made.revoked = relation.revoked = false;
    TRY(make_cluster(misp, json, galaxy, kind, &made));
    misp_ref_add(misp, &made);
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
    misp_ref_add(misp, &relation);
    return OK;
}

struct err misp_read_galaxies(struct misp *misp, slice json, slice source, const struct form_made *like)
{
    struct misp_items galaxies = misp_items_of(json);
    slice galaxy, cluster;
    while (misp_item_next(&galaxies, &galaxy)) {
        struct misp_items clusters = misp_items_of(json_get(galaxy, S("GalaxyCluster")));
        slice type = misp_text_at(misp, galaxy, "type");
        misp_name_fields(misp, "galaxy field", galaxy, galaxy_fields);
        while (misp_item_next(&clusters, &cluster))
            TRY(read_cluster(misp, cluster, type, source, like));
    }
    return OK;
}

/* ---- Notes and opinions ---- */

static void take_written(struct misp *misp, slice json, struct form_made *made)
{
    int64_t created = misp_time_at(misp, json, "created"), modified = misp_time_at(misp, json, "modified");
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
    slice authors = misp_text_at(misp, json, "authors");
    if (authors.len > 0)
        misp_write_refs(misp, "authors", &authors, 1);
}

static struct err read_note(struct misp *misp, slice json, slice about, const struct form_made *like)
{
    struct form_made made = *like;
    slice content = misp_text_at(misp, json, "note"), language = misp_text_at(misp, json, "language");
    made.type = S("note");
    made.uuid = misp_uuid_at(misp, json, "note", content);
    take_written(misp, json, &made);
    misp_name_fields(misp, "note field", json, note_fields);
    form_make_begin(misp->reading, &made);
    form_make_text(misp->reading, "content", content);
    if (stix_syntax_language(language))
        form_make_text(misp->reading, "lang", language);
    else if (language.len > 0)
        form_objects_drop(misp->reading, "note field", S("language"));
    write_authors(misp, json);
    misp_write_refs(misp, "object_refs", &about, 1);
    TRY(form_make_end(misp->reading));
    misp_ref_add(misp, &made);
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
    slice number = misp_text_at(misp, json, "opinion");
    made.type = S("opinion");
    made.uuid = misp_uuid_at(misp, json, "opinion", number);
    take_written(misp, json, &made);
    misp_name_fields(misp, "opinion field", json, opinion_fields);
    form_make_begin(misp->reading, &made);
    form_make_text(misp->reading, "opinion", slice_of(opinion_word(number)));
    form_make_text(misp->reading, "explanation", misp_text_at(misp, json, "comment"));
    form_make_text(misp->reading, "x_misp_opinion", number);
    write_authors(misp, json);
    misp_write_refs(misp, "object_refs", &about, 1);
    TRY(form_make_end(misp->reading));
    misp_ref_add(misp, &made);
    return OK;
}

struct err misp_read_list_about(
        struct misp *misp, slice list, slice about, const struct form_made *like, misp_read_about *read)
{
    struct misp_items walk = misp_items_of(list);
    slice element;
    while (misp_item_next(&walk, &element))
        TRY(read(misp, element, about, like));
    return OK;
}

struct err misp_read_notes(struct misp *misp, slice json, slice about, const struct form_made *like)
{
    TRY(misp_read_list_about(misp, json_get(json, S("Note")), about, like, read_note));
    return misp_read_list_about(misp, json_get(json, S("Opinion")), about, like, read_opinion);
}

/* ---- Sightings ---- */

static struct err make_false_positive(struct misp *misp, struct form_made *made, slice about)
{
    made->type = S("opinion");
    form_make_begin(misp->reading, made);
    form_make_text(misp->reading, "opinion", S("strongly-disagree"));
    form_make_text(misp->reading, "explanation", S("false positive"));
    misp_write_refs(misp, "object_refs", &about, 1);
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
        misp_write_refs(misp, "where_sighted_refs", &where, 1);
    return form_make_end(misp->reading);
}

struct err misp_read_sighting(struct misp *misp, slice json, slice about, const struct form_made *like)
{
    struct form_made made = *like, organisation = {0};
    slice type = misp_text_at(misp, json, "type"), org = json_get(json, S("Organisation"));
    int64_t us = misp_time_at(misp, json, "date_sighting");
    bool false_positive = slice_eq(type, S("1"));
    if (!false_positive && type.len > 0 && !slice_eq(type, S("0"))) {
        form_objects_drop(misp->reading, "sighting of type", type);
        return OK;
    }
    misp_name_fields(misp, "sighting field", json, sighting_fields);
    if (json_kind(org) == JSON_OBJECT)
        TRY(misp_make_organisation(misp, org, made.place, &organisation));
    made.labels = NULL;
    made.label_count = 0;
    made.revoked = false;
    made.original = json;
    made.uuid = misp_uuid_at(misp, json, "sighting", json);
    if (us != TIME_NONE) {
        made.created_us = made.modified_us = us;
        made.now = false;
    }
    if (organisation.kept) {
        made.creator = organisation.id;
        misp_ref_add(misp, &organisation);
    }
    TRY(false_positive ? make_false_positive(misp, &made, about)
                       : make_sighting(misp, &made, about, organisation.kept ? organisation.id : (slice){0}));
    misp_ref_add(misp, &made);
    return OK;
}
