/* SPDX-License-Identifier: Apache-2.0 */
#include "form/form.h"

#include "form/make.h"
#include "form/reader.h"
#include "stix/pattern.h"

/*
 * STIX 2.0 and 2.1 in every wrapping: a bundle, a TAXII envelope, one object, an array of objects, one of these a line.
 * Indicators become what their patterns name; of objects that could tell a value in another way only the type is told.
 */

#define SHOWN_MAX 48 /* bytes of an object type, and of a path, that are shown */

/* How the value of a property is to be taken. */
enum taking {
    TAKE_TYPE,            /* as the type of the row */
    TAKE_ADDRESS,         /* an address or, with a slash, a prefix */
    TAKE_ADDRESS_OR_NAME, /* by its looks */
    TAKE_OBJECT,          /* as OBSERVABLE_OTHER under the name of the object type */
};

/*
 * Which properties we look for in events. `*` stands for any object type and, at either end of a path, for any steps.
 * The first row that fits counts. Names are compared without regard to case, since feeds write 'md5' and MD5.
 */
static const struct property {
    const char *object, *path;
    enum taking taking;
    enum observable_type type;
} properties[] = {
        {"ipv4-addr", "value", TAKE_ADDRESS, OBSERVABLE_IPV4},
        {"ipv6-addr", "value", TAKE_ADDRESS, OBSERVABLE_IPV6},
        {"domain-name", "value", TAKE_TYPE, OBSERVABLE_HOST},
        {"url", "value", TAKE_TYPE, OBSERVABLE_URL},
        {"email-addr", "value", TAKE_TYPE, OBSERVABLE_EMAIL},
        {"email-message", "from_ref.value", TAKE_TYPE, OBSERVABLE_EMAIL},
        {"email-message", "sender_ref.value", TAKE_TYPE, OBSERVABLE_EMAIL},
        {"*", "hashes.MD5", TAKE_TYPE, OBSERVABLE_MD5},
        {"*", "hashes.SHA-1", TAKE_TYPE, OBSERVABLE_SHA1},
        {"*", "hashes.SHA1", TAKE_TYPE, OBSERVABLE_SHA1},
        {"*", "hashes.SHA-256", TAKE_TYPE, OBSERVABLE_SHA256},
        {"*", "hashes.SHA256", TAKE_TYPE, OBSERVABLE_SHA256},
        {"*", "hashes.SHA-512", TAKE_TYPE, OBSERVABLE_SHA512},
        {"*", "hashes.SHA512", TAKE_TYPE, OBSERVABLE_SHA512},
        {"x509-certificate", "hashes.*", TAKE_OBJECT, OBSERVABLE_OTHER},
        {"file", "name", TAKE_TYPE, OBSERVABLE_FILENAME},
        {"network-traffic", "src_ref.value", TAKE_ADDRESS_OR_NAME, OBSERVABLE_NONE},
        {"network-traffic", "dst_ref.value", TAKE_ADDRESS_OR_NAME, OBSERVABLE_NONE},
        {"network-traffic", "extensions.http-request-ext.request_header.User-Agent", TAKE_TYPE, OBSERVABLE_USERAGENT},
        {"network-traffic", "x_ja3_hash", TAKE_TYPE, OBSERVABLE_JA3},
        {"network-traffic", "x_ja3", TAKE_TYPE, OBSERVABLE_JA3},
        {"network-traffic", "*.ja3", TAKE_TYPE, OBSERVABLE_JA3},
        {"network-traffic", "*.ja3_hash", TAKE_TYPE, OBSERVABLE_JA3},
        {"network-traffic", "*.ja3_md5", TAKE_TYPE, OBSERVABLE_JA3},
        {"network-traffic", "*.ja3-fingerprint-md5", TAKE_TYPE, OBSERVABLE_JA3},
        {"x-ja3", "value", TAKE_TYPE, OBSERVABLE_JA3},
        {"user-account", "user_id", TAKE_OBJECT, OBSERVABLE_OTHER},
        {"user-account", "account_login", TAKE_OBJECT, OBSERVABLE_OTHER},
        {"*", "value", TAKE_OBJECT, OBSERVABLE_OTHER},
        {"*", "name", TAKE_OBJECT, OBSERVABLE_OTHER},
        {"*", "key", TAKE_OBJECT, OBSERVABLE_OTHER},
};

/* Objects that name no value to look for (STIX 2.1 parts 4, 5 and 7): nothing is lost by saying nothing of them. */
static const char *const valueless[] = {"attack-pattern", "campaign", "course-of-action", "extension-definition",
        "grouping", "identity", "incident", "infrastructure", "intrusion-set", "language-content", "location",
        "malware", "malware-analysis", "marking-definition", "note", "opinion", "relationship", "report", "sighting",
        "threat-actor", "tool", "vulnerability"};

/* The properties of an object that we read: raw JSON values, empty where absent. */
struct object {
    slice all;
    slice type, id, name, pattern, pattern_type, valid_from, valid_until, modified, revoked;
};

static const struct member {
    const char *key;
    size_t offset;
} members[] = {
        {"type", offsetof(struct object, type)},
        {"id", offsetof(struct object, id)},
        {"name", offsetof(struct object, name)},
        {"pattern", offsetof(struct object, pattern)},
        {"pattern_type", offsetof(struct object, pattern_type)},
        {"valid_from", offsetof(struct object, valid_from)},
        {"valid_until", offsetof(struct object, valid_until)},
        {"modified", offsetof(struct object, modified)},
        {"revoked", offsetof(struct object, revoked)},
};

static struct object object_members(slice json)
{
    struct object object = {.all = json};
    struct json_members walk = json_members(json);
    slice key, value;
    while (json_member_next(&walk, &key, &value))
        for (size_t i = 0; i < COUNT_OF(members); i++)
            if (json_key_is(key, slice_of(members[i].key)))
                *(slice *)((char *)&object + members[i].offset) = value;
    return object;
}

static bool path_fits(slice wanted, slice path)
{
    if (slice_starts(wanted, S("*"))) {
        slice end = slice_from(wanted, 1);
        return path.len >= end.len && slice_eq_fold(slice_from(path, path.len - end.len), end);
    }
    if (slice_ends(wanted, S("*"))) {
        slice start = slice_part(wanted, 0, wanted.len - 1);
        return path.len > start.len && slice_eq_fold(slice_part(path, 0, start.len), start);
    }
    return slice_eq_fold(wanted, path);
}

static const struct property *property_find(const struct stix_atom *atom)
{
    for (size_t i = 0; i < COUNT_OF(properties); i++) {
        slice object = slice_of(properties[i].object);
        if ((slice_eq(object, S("*")) || slice_eq(object, atom->path->object)) &&
                path_fits(slice_of(properties[i].path), atom->path->text))
            return &properties[i];
    }
    return NULL;
}

static enum observable_type address_or_name(slice value)
{
    enum observable_type type = observable_guess(value);
    bool address = type == OBSERVABLE_IPV4 || type == OBSERVABLE_IPV6 || type == OBSERVABLE_CIDR;
    return address ? type : OBSERVABLE_HOST;
}

static void take_value(const struct property *property, const struct stix_atom *atom, struct indicator *out)
{
    out->value = atom->constant->text;
    out->type = property->type;
    out->name = (slice){0};
    if (property->taking == TAKE_ADDRESS)
        out->type = slice_find(atom->constant->text, '/') < atom->constant->text.len ? OBSERVABLE_CIDR : property->type;
    else if (property->taking == TAKE_ADDRESS_OR_NAME)
        out->type = address_or_name(atom->constant->text);
    else if (property->taking == TAKE_OBJECT)
        out->name = atom->path->object;
}

/* A LIKE that says "this URL and all below it": one % at the end, behind a slash, and no _ (any one character). */
static bool take_below(const struct property *property, const struct stix_atom *atom, struct indicator *out)
{
    slice value = atom->constant->text;
    if (property->type != OBSERVABLE_URL || !slice_ends(value, S("/%")) || slice_find(value, '%') != value.len - 1 ||
            slice_find(value, '_') < value.len)
        return false;
    out->value.len--;
    out->flags |= INDICATOR_BELOW;
    return true;
}

/*
 * Whether a comparison and the one behind it say "this name and all below it": = 'a.example' OR LIKE '%.a.example'.
 * That is how lists of names are kept as STIX (make.h), and two comparisons are one name to look up.
 */
static bool is_name_and_below(const struct property *property, const struct stix_atom *atom)
{
    const struct stix_atom *next = atom->next;
    if (property->type != OBSERVABLE_HOST || next == NULL || property_find(next) != property ||
            atom->relation != STIX_RELATION_EQUALS || next->relation != STIX_RELATION_LIKE ||
            atom->constant->kind != STIX_CONSTANT_TEXT || next->constant->kind != STIX_CONSTANT_TEXT)
        return false;
    slice name = atom->constant->text, below = next->constant->text;
    return slice_starts(below, S("%.")) && slice_eq(slice_from(below, 2), name) && slice_find(name, '%') == name.len &&
           slice_find(name, '_') == name.len;
}

static bool is_network(const struct property *property)
{
    return property->taking == TAKE_ADDRESS || property->taking == TAKE_ADDRESS_OR_NAME;
}

/* "property file:size" */
static void skip_property(struct form_reader *reader, const struct stix_atom *atom)
{
    char text[2 * SHOWN_MAX + 2];
    size_t object = atom->path->object.len < SHOWN_MAX ? atom->path->object.len : SHOWN_MAX;
    size_t path = atom->path->text.len < SHOWN_MAX ? atom->path->text.len : SHOWN_MAX;
    snprintf(text, sizeof(text), "%.*s:%.*s", (int)object, atom->path->object.ptr, (int)path, atom->path->text.ptr);
    form_reader_skip(reader, "property", slice_of(text));
}

/*
 * One way for the pattern to match: handed on as an indicator, or skipped by the name of what we cannot look for. Moves
 * on to the last comparison that it took.
 */
static struct err give_atom(struct form_reader *reader, const struct stix_atom **at, const struct indicator *indicator,
        struct form_place place)
{
    struct indicator out = *indicator;
    const struct stix_atom *atom = *at;
    const struct property *property = property_find(atom);
    if (property == NULL) {
        skip_property(reader, atom);
        return OK;
    }
    take_value(property, atom, &out);
    if (is_name_and_below(property, atom)) {
        out.type = OBSERVABLE_DOMAIN;
        *at = atom->next;
        return form_reader_give(reader, &out, place);
    }
    if (atom->constant->kind != STIX_CONSTANT_TEXT)
        form_reader_skip(reader, "pattern with a constant that is no string", (slice){0});
    else if (atom->relation == STIX_RELATION_LIKE && !take_below(property, atom, &out))
        form_reader_skip(reader, "pattern with", S("LIKE"));
    else if (atom->relation == STIX_RELATION_ISSUBSET && !is_network(property))
        form_reader_skip(reader, "pattern with", S("ISSUBSET"));
    else
        return form_reader_give(reader, &out, place);
    return OK;
}

/* Whether looking its values up says all of a pattern. */
static bool is_for_tables(const struct stix_pattern *pattern)
{
    for (const struct stix_atom *atom = pattern->atoms; atom != NULL; atom = atom->next) {
        struct indicator out = {0};
        const struct property *property = property_find(atom);
        if (property != NULL && is_name_and_below(property, atom)) {
            atom = atom->next;
            continue;
        }
        if (property == NULL || atom->constant->kind != STIX_CONSTANT_TEXT ||
                (atom->relation == STIX_RELATION_ISSUBSET && !is_network(property)))
            return false;
        take_value(property, atom, &out);
        if (atom->relation == STIX_RELATION_LIKE &&
                (!take_below(property, atom, &out) || observable_wrong(out.type, out.value) != NULL))
            return false; /* "http://%" is below no URL */
    }
    return pattern->beyond == NULL;
}

static void tell_pattern(struct form_reader *reader, slice json, const struct stix_place *at, const char *why)
{
    const char *line = at->line == 1 ? "" : arena_printf(reader->work, "line %zu, ", at->line);
    form_reader_problem(
            reader, json.ptr, arena_printf(reader->work, "pattern, %scolumn %zu: %s", line, at->column, why));
}

static struct err give_pattern(struct form_reader *reader, slice json, const struct indicator *indicator)
{
    struct stix_pattern pattern;
    struct stix_place at = {0};
    struct err err = stix_pattern_parse_mixed(form_reader_text(reader, json), reader->work, &pattern, &at);
    if (err.kind != ERR_NONE) {
        tell_pattern(reader, json, &at, err.why);
        return OK;
    }
    struct form_place place = form_reader_place(reader, json.ptr);
    if (reader->sink->pattern != NULL && !is_for_tables(&pattern)) {
        struct indicator whole = *indicator;
        whole.value = form_reader_text(reader, json);
        return form_reader_give_pattern(reader, &whole, place);
    }
    if (pattern.beyond != NULL) {
        form_reader_skip(reader, "pattern with", slice_of(pattern.beyond));
        return OK;
    }
    for (const struct stix_atom *atom = pattern.atoms; atom != NULL; atom = atom->next)
        TRY(give_atom(reader, &atom, indicator, place));
    return OK;
}

/* An absent time leaves *us alone; false, and a problem told, if one is there and is none. */
static bool read_time(struct form_reader *reader, slice json, const char *name, int64_t *us)
{
    if (json.len == 0 || time_parse_strict(form_reader_label(reader, json), us))
        return true;
    form_reader_problem(reader, json.ptr,
            arena_printf(reader->work, "%s is not a time as RFC 3339 writes it [STIX 2.1 section 2.16]", name));
    return false;
}

static bool read_times(struct form_reader *reader, const struct object *object, struct indicator *indicator)
{
    if (!read_time(reader, object->modified, "modified", &indicator->modified_us) ||
            !read_time(reader, object->valid_from, "valid_from", &indicator->from_us) ||
            !read_time(reader, object->valid_until, "valid_until", &indicator->until_us))
        return false;
    if (indicator->until_us == TIME_NONE || indicator->from_us < indicator->until_us)
        return true;
    form_reader_problem(
            reader, object->valid_until.ptr, "valid_until is not later than valid_from [STIX 2.1 section 4.7]");
    return false;
}

static struct err read_indicator(struct form_reader *reader, const struct object *object)
{
    struct indicator indicator = {
            .flags = json_kind(object->revoked) == JSON_TRUE ? INDICATOR_REVOKED : 0,
            .modified_us = TIME_NONE,
            .from_us = TIME_NONE,
            .until_us = TIME_NONE,
    };
    slice pattern_type = form_reader_label(reader, object->pattern_type);
    if (object->pattern_type.len > 0 && !slice_eq(pattern_type, S("stix"))) {
        form_reader_skip(reader, "pattern_type", pattern_type);
        return OK;
    }
    if (json_kind(object->pattern) != JSON_STRING) {
        form_reader_problem(reader, object->all.ptr, "an indicator has a pattern, a string [STIX 2.1 section 4.7]");
        return OK;
    }
    if (!read_times(reader, object, &indicator))
        return OK;
    indicator.id = form_reader_label(reader, object->id);
    indicator.label = form_reader_label(reader, object->name);
    return give_pattern(reader, object->pattern, &indicator);
}

static bool is_valueless(slice type)
{
    for (size_t i = 0; i < COUNT_OF(valueless); i++)
        if (slice_eq(type, slice_of(valueless[i])))
            return true;
    return false;
}

static struct err read_object(struct form_reader *reader, slice json)
{
    if (!form_reader_item(reader, json))
        return OK;
    struct object object = object_members(json);
    slice type = form_reader_label(reader, object.type);
    if (slice_eq(type, S("indicator")))
        return read_indicator(reader, &object);
    if (type.len == 0)
        form_reader_problem(reader, json.ptr, "an object has a type, a string [STIX 2.1 section 3.2]");
    else if (!is_valueless(type))
        form_reader_skip(reader, "object", type);
    return OK;
}

/*
 * The objects in a bundle (STIX 2.1 section 8) or in an envelope (TAXII 2.1 section 3.7), which is an empty object when
 * nothing is new. False if it is neither.
 */
static bool unwrap(slice json, slice *objects)
{
    struct json_members walk = json_members(json);
    slice key, value, type = {0};
    bool empty = json_kind(json) == JSON_OBJECT;
    *objects = (slice){0};
    while (json_member_next(&walk, &key, &value)) {
        if (json_key_is(key, S("objects"))) {
            *objects = value;
            return json_kind(value) == JSON_ARRAY;
        }
        if (json_key_is(key, S("type")))
            type = value;
        empty = empty && json_key_is(key, S("more"));
    }
    return empty || slice_eq(type, S("\"bundle\""));
}

static struct err read_objects(struct form_reader *reader, slice objects)
{
    struct json_elements walk = json_elements(objects);
    slice json;
    while (json_element_next(&walk, &json))
        TRY(read_object(reader, json));
    return OK;
}

static bool is_object(slice json)
{
    return json_kind(json_get(json, S("type"))) == JSON_STRING && json_kind(json_get(json, S("id"))) == JSON_STRING;
}

static struct err read_list(struct form_reader *reader, slice list)
{
    struct json_elements walk = json_elements(list);
    slice json, objects;
    while (json_element_next(&walk, &json))
        TRY(unwrap(json, &objects) ? read_objects(reader, objects) : read_object(reader, json));
    return OK;
}

/* A list is taken for what its first element is. */
static struct err take_document(struct form_reader *reader, slice json)
{
    slice objects, first = {0};
    if (json_kind(json) == JSON_ARRAY) {
        struct json_elements walk = json_elements(json);
        if (!json_element_next(&walk, &first) || is_object(first) || unwrap(first, &objects))
            return read_list(reader, json);
    } else if (unwrap(json, &objects)) {
        return read_objects(reader, objects);
    } else if (is_object(json)) {
        return read_object(reader, json);
    }
    return err_make(ERR_INPUT, "neither a STIX object with type and id, nor a bundle or a TAXII envelope with objects "
                               "[STIX 2.1 section 8, TAXII 2.1 section 3.7]");
}

static struct err read_stix(slice text, struct arena *arena, const struct form_sink *sink)
{
    struct form_reader reader = form_reader_open(text, arena, sink);
    struct err err = form_reader_json(&reader, take_document);
    form_reader_close(&reader);
    return err;
}

static int recognise_stix(slice head)
{
    head = slice_trim(form_without_mark(head));
    if (!slice_starts(head, S("{")) && !slice_starts(head, S("[")))
        return 0;
    if (slice_find_slice(head, S("\"bundle\"")) < head.len)
        return 95;
    if (slice_find_slice(head, S("\"indicator\"")) < head.len || form_head_key(head, S("\"objects\"")) ||
            form_head_key(head, S("\"spec_version\"")))
        return 80;
    /* Some JSON: what is wrong with it is best said here. */
    return 2;
}

const struct form form_stix = {"stix", "STIX 2.0 or 2.1: bundle, TAXII envelope, objects, or one a line",
        recognise_stix, read_stix, form_stix_objects};
