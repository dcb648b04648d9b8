/* SPDX-License-Identifier: Apache-2.0 */
#include "form/misp_event.h"

#include "base/clock.h"
#include "stix/syntax.h"

/* What is carried, or said in another way, of each kind of thing. All else is named. */
static const char attribute_fields[] =
        " uuid type value category comment to_ids deleted timestamp object_relation Tag "
        "Galaxy Sighting first_seen last_seen distribution Note Opinion ShadowAttribute ";

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

static bool part_add(struct misp_attribute *attribute, enum observable_type type, slice value)
{
    struct indicator part = {.type = type == OBSERVABLE_CIDR ? form_address_type(value) : type, .value = value};
    if (type == OBSERVABLE_OTHER)
        part.name = slice_of(attribute->known->other);
    attribute->parts[attribute->part_count++] = part;
    return observable_wrong(part.type, value) == NULL && value.len > 0;
}

/* The values in the value; none if it is not what its type says. */
static void take_parts(struct misp_attribute *attribute)
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

static bool is_observable(const struct misp_attribute *attribute)
{
    for (size_t i = 0; i < attribute->part_count; i++)
        if (hash_name_find(&attribute->parts[i]) == NULL && observed_find(&attribute->parts[i]) == NULL)
            return false;
    return attribute->part_count > 0;
}

/* The type of the object that an attribute becomes. */
const char *misp_attribute_becomes(const struct misp_attribute *attribute)
{
    if (is_rule(attribute->type) && attribute->value.len > 0)
        return "indicator";
    if (slice_eq(attribute->type, S("vulnerability")))
        return "vulnerability";
    if (attribute->to_ids && attribute->part_count > 0)
        return "indicator";
    return is_observable(attribute) ? "observed-data" : "x-misp-attribute";
}

struct misp_attribute misp_attribute_of(struct misp *misp, slice json, bool deleted)
{
    struct misp_attribute attribute = {
            .json = json,
            .type = misp_text_at(misp, json, "type"),
            .value = misp_text_at(misp, json, "value"),
            .to_ids = form_misp_true(json_get(json, S("to_ids"))),
            .deleted = deleted || form_misp_true(json_get(json, S("deleted"))),
    };
    attribute.uuid = misp_uuid_at(misp, json, "attribute", misp_joined(misp, attribute.type, S(" "), attribute.value));
    take_parts(&attribute);
    return attribute;
}

/* Everything but the value. */
static void attribute_complete(struct misp *misp, struct misp_attribute *attribute)
{
    slice json = attribute->json;
    attribute->category = misp_text_at(misp, json, "category");
    attribute->comment = misp_text_at(misp, json, "comment");
    attribute->relation = misp_text_at(misp, json, "object_relation");
    attribute->us = misp_time_at(misp, json, "timestamp");
    attribute->now = attribute->us == TIME_NONE && misp->event.now;
    attribute->us = attribute->us == TIME_NONE ? misp->event.us : attribute->us;
    attribute->first_us = misp_time_at(misp, json, "first_seen");
    attribute->last_us = misp_time_at(misp, json, "last_seen");
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
    misp_ref_add(misp, &made);
    return OK;
}

/* A file or certificate of these hashes and that name. */
static struct err observe_hashes(
        struct misp *misp, const struct misp_attribute *attribute, const struct form_made *like, slice *id)
{
    const struct special *special = special_find(attribute->type);
    slice name = {0}, hashes = {0};
    for (size_t i = 0; i < attribute->part_count; i++) {
        const struct hash_name *hash = hash_name_find(&attribute->parts[i]);
        if (hash == NULL)
            name = member_of(misp, "name", attribute->parts[i].value);
        else
            hashes = misp_joined(
                    misp, S("\"hashes\":{"), member_of(misp, hash->name, attribute->parts[i].value), S("}"));
    }
    slice members = misp_joined(misp, hashes, hashes.len > 0 && name.len > 0 ? S(",") : S(""), name);
    return observe(misp, like, special == NULL ? "file" : special->object, members, id);
}

static bool is_of_file(const struct misp_attribute *attribute)
{
    for (size_t i = 0; i < attribute->part_count; i++)
        if (hash_name_find(&attribute->parts[i]) == NULL && attribute->parts[i].type != OBSERVABLE_FILENAME)
            return false;
    return true;
}

/* What was observed; how many ids there are. */
static struct err observe_parts(struct misp *misp, const struct misp_attribute *attribute, const struct form_made *like,
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

static void write_pattern(struct misp *misp, const struct misp_attribute *attribute)
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
static void write_indicator(struct misp *misp, const struct misp_attribute *attribute)
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

static void write_vulnerability(struct misp *misp, const struct misp_attribute *attribute)
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
static void write_seen(struct misp *misp, const struct misp_attribute *attribute, bool observed)
{
    int64_t first = attribute->first_us, last = attribute->last_us;
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

static void write_observed(struct misp *misp, const struct misp_attribute *attribute, const slice *ids, size_t count)
{
    json_write_key_u64(&misp->reading->w, S("number_observed"), 1);
    misp_write_refs(misp, "object_refs", ids, count);
    form_make_text(misp->reading, "x_misp_comment", attribute->comment);
    form_make_text(misp->reading, "x_misp_value", attribute->value);
}

static void write_attribute(struct misp *misp, const struct misp_attribute *attribute)
{
    form_make_text(misp->reading, "x_misp_type", attribute->type);
    form_make_text(misp->reading, "x_misp_category", attribute->category);
    form_make_text(misp->reading, "x_misp_value", attribute->value);
    form_make_text(misp->reading, "x_misp_comment", attribute->comment);
    misp_write_bool(misp, "x_misp_to_ids", attribute->to_ids);
}

/* Which properties are the time of the last change, since nothing better is said. */
static void set_moments(const struct misp_attribute *attribute, struct form_made *made)
{
    bool seen = attribute->first_us != TIME_NONE || attribute->last_us != TIME_NONE;
    if (slice_eq(made->type, S("indicator")))
        made->moments[0] = "valid_from";
    if (!slice_eq(made->type, S("observed-data")) || seen)
        return;
    made->moments[0] = "first_observed";
    made->moments[1] = "last_observed";
}

static struct err make_attribute(struct misp *misp, const struct misp_attribute *attribute, struct form_made *made)
{
    slice ids[PARTS_MAX];
    size_t count = 0;
    const char *type = misp_attribute_becomes(attribute);
    bool observed = strcmp(type, "observed-data") == 0, indicator = strcmp(type, "indicator") == 0;
    if (observed)
        TRY(observe_parts(misp, attribute, made, ids, &count));
    if (observed && count == 0) { /* what was to be observed was refused, which was told */
        observed = false;
        type = "x-misp-attribute";
    }
    made->type = slice_of(type);
    set_moments(attribute, made);
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
    slice spread = misp_text_at(misp, attribute->json, "distribution");
    if (!slice_eq(spread, S("5"))) /* as the event */
        form_make_text(misp->reading, "x_misp_distribution", spread);
    TRY(form_make_end(misp->reading));
    misp_ref_add(misp, made);
    return OK;
}

/* Labels, markings and times; then the object, and what is said of it. Its id, if it was kept, goes to `id`. */
static struct err take_attribute(struct misp *misp, struct misp_attribute *attribute, slice *id)
{
    slice json = attribute->json;
    struct misp_marks marks = misp_marks_of(misp, json);
    struct misp_labels labels = misp_labels_new(misp, json);
    attribute_complete(misp, attribute);
    struct form_made made = misp_made_of(misp, "", attribute->uuid, attribute->place);
    made.created_us = made.modified_us = attribute->us;
    made.now = attribute->now;
    made.revoked = attribute->deleted;
    made.original = json;
    misp_label_of(misp, &labels, "misp:type", attribute->type);
    misp_label_of(misp, &labels, "misp:category", attribute->category);
    misp_label_of(misp, &labels, "misp:object-relation", attribute->relation);
    misp_read_tags(misp, json, &labels);
    made.labels = labels.texts;
    made.label_count = labels.count;
    misp_name_fields(misp, "attribute field", json, attribute_fields);
    misp_drop_proposals(misp, json_get(json, S("ShadowAttribute")));
    TRY(misp_take_marks(misp, &marks, &made));
    TRY(make_attribute(misp, attribute, &made));
    *id = made.kept ? arena_copy(misp->keep, made.id) : (slice){0};
    made.moments[0] = made.moments[1] = NULL;
    if (!made.kept) {
        form_objects_drop(misp->reading, "what was said of a refused attribute", (slice){0});
        return OK;
    }
    TRY(misp_read_galaxies(misp, json_get(json, S("Galaxy")), *id, &made));
    TRY(misp_read_list_about(misp, json_get(json, S("Sighting")), *id, &made, misp_read_sighting));
    return misp_read_notes(misp, json, *id, &made);
}

struct err misp_read_attribute(struct misp *misp, slice json, bool deleted, slice *id)
{
    struct form_place place;
    *id = (slice){0};
    if (!misp_item_begin(misp, json, &place))
        return OK;
    struct misp_attribute attribute = misp_attribute_of(misp, json, deleted);
    attribute.place = place;
    if (attribute.type.len == 0 || attribute.value.len == 0) {
        form_objects_refuse(
                misp->reading, place, "an attribute has a type, a string, and a value, a string or a number", json);
        return OK;
    }
    TRY(take_attribute(misp, &attribute, id));
    return misp_item_end(misp);
}
