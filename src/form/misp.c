/* SPDX-License-Identifier: Apache-2.0 */
#include "form/form.h"

#include "form/make.h"
#include "form/misp.h"
#include "form/reader.h"

/*
 * MISP as its API, its exports and its feeds write it: an event in "Event" or bare, a "response" of events, objects or
 * attributes, a list of any of these, one of them a line; and warning lists. Attributes for detection (to_ids) become
 * indicators; all others are skipped by the name of the reason.
 */

/*
 * The types of MISP attributes that name a value to look for. A type with | holds two values with | between them; the
 * port and the data of a registry value are nothing to look for, so those have no type on the right. OBSERVABLE_CIDR is
 * an address or a prefix. Types that are not here are skipped by name: text, link, yara, ...
 */
static const struct form_misp_type misp_types[] = {
        {"md5", OBSERVABLE_MD5, OBSERVABLE_NONE, NULL},
        {"sha1", OBSERVABLE_SHA1, OBSERVABLE_NONE, NULL},
        {"sha256", OBSERVABLE_SHA256, OBSERVABLE_NONE, NULL},
        {"sha512", OBSERVABLE_SHA512, OBSERVABLE_NONE, NULL},
        {"filename", OBSERVABLE_FILENAME, OBSERVABLE_NONE, NULL},
        {"attachment", OBSERVABLE_FILENAME, OBSERVABLE_NONE, NULL},
        {"email-attachment", OBSERVABLE_FILENAME, OBSERVABLE_NONE, NULL},
        {"filename|md5", OBSERVABLE_FILENAME, OBSERVABLE_MD5, NULL},
        {"filename|sha1", OBSERVABLE_FILENAME, OBSERVABLE_SHA1, NULL},
        {"filename|sha256", OBSERVABLE_FILENAME, OBSERVABLE_SHA256, NULL},
        {"filename|sha512", OBSERVABLE_FILENAME, OBSERVABLE_SHA512, NULL},
        {"malware-sample", OBSERVABLE_FILENAME, OBSERVABLE_MD5, NULL},
        {"filename|authentihash", OBSERVABLE_FILENAME, OBSERVABLE_OTHER, "authentihash"},
        {"filename|impfuzzy", OBSERVABLE_FILENAME, OBSERVABLE_OTHER, "impfuzzy"},
        {"filename|imphash", OBSERVABLE_FILENAME, OBSERVABLE_OTHER, "imphash"},
        {"filename|pehash", OBSERVABLE_FILENAME, OBSERVABLE_OTHER, "pehash"},
        {"filename|sha224", OBSERVABLE_FILENAME, OBSERVABLE_OTHER, "sha224"},
        {"filename|sha384", OBSERVABLE_FILENAME, OBSERVABLE_OTHER, "sha384"},
        {"filename|sha3-224", OBSERVABLE_FILENAME, OBSERVABLE_OTHER, "sha3-224"},
        {"filename|sha3-256", OBSERVABLE_FILENAME, OBSERVABLE_OTHER, "sha3-256"},
        {"filename|sha3-384", OBSERVABLE_FILENAME, OBSERVABLE_OTHER, "sha3-384"},
        {"filename|sha3-512", OBSERVABLE_FILENAME, OBSERVABLE_OTHER, "sha3-512"},
        {"filename|sha512/224", OBSERVABLE_FILENAME, OBSERVABLE_OTHER, "sha512-224"},
        {"filename|sha512/256", OBSERVABLE_FILENAME, OBSERVABLE_OTHER, "sha512-256"},
        {"filename|ssdeep", OBSERVABLE_FILENAME, OBSERVABLE_OTHER, "ssdeep"},
        {"filename|tlsh", OBSERVABLE_FILENAME, OBSERVABLE_OTHER, "tlsh"},
        {"filename|vhash", OBSERVABLE_FILENAME, OBSERVABLE_OTHER, "vhash"},
        {"authentihash", OBSERVABLE_OTHER, OBSERVABLE_NONE, "authentihash"},
        {"cdhash", OBSERVABLE_OTHER, OBSERVABLE_NONE, "cdhash"},
        {"impfuzzy", OBSERVABLE_OTHER, OBSERVABLE_NONE, "impfuzzy"},
        {"imphash", OBSERVABLE_OTHER, OBSERVABLE_NONE, "imphash"},
        {"pehash", OBSERVABLE_OTHER, OBSERVABLE_NONE, "pehash"},
        {"sha224", OBSERVABLE_OTHER, OBSERVABLE_NONE, "sha224"},
        {"sha384", OBSERVABLE_OTHER, OBSERVABLE_NONE, "sha384"},
        {"sha3-224", OBSERVABLE_OTHER, OBSERVABLE_NONE, "sha3-224"},
        {"sha3-256", OBSERVABLE_OTHER, OBSERVABLE_NONE, "sha3-256"},
        {"sha3-384", OBSERVABLE_OTHER, OBSERVABLE_NONE, "sha3-384"},
        {"sha3-512", OBSERVABLE_OTHER, OBSERVABLE_NONE, "sha3-512"},
        {"sha512/224", OBSERVABLE_OTHER, OBSERVABLE_NONE, "sha512-224"},
        {"sha512/256", OBSERVABLE_OTHER, OBSERVABLE_NONE, "sha512-256"},
        {"ssdeep", OBSERVABLE_OTHER, OBSERVABLE_NONE, "ssdeep"},
        {"telfhash", OBSERVABLE_OTHER, OBSERVABLE_NONE, "telfhash"},
        {"tlsh", OBSERVABLE_OTHER, OBSERVABLE_NONE, "tlsh"},
        {"vhash", OBSERVABLE_OTHER, OBSERVABLE_NONE, "vhash"},
        {"pdb", OBSERVABLE_OTHER, OBSERVABLE_NONE, "pdb"},
        {"ip-src", OBSERVABLE_CIDR, OBSERVABLE_NONE, NULL},
        {"ip-dst", OBSERVABLE_CIDR, OBSERVABLE_NONE, NULL},
        {"ip-src|port", OBSERVABLE_CIDR, OBSERVABLE_NONE, NULL},
        {"ip-dst|port", OBSERVABLE_CIDR, OBSERVABLE_NONE, NULL},
        {"hostname", OBSERVABLE_HOST, OBSERVABLE_NONE, NULL},
        {"hostname|port", OBSERVABLE_HOST, OBSERVABLE_NONE, NULL},
        {"domain", OBSERVABLE_DOMAIN, OBSERVABLE_NONE, NULL},
        {"domain|ip", OBSERVABLE_DOMAIN, OBSERVABLE_CIDR, NULL},
        {"url", OBSERVABLE_URL, OBSERVABLE_NONE, NULL},
        {"uri", OBSERVABLE_URL, OBSERVABLE_NONE, NULL},
        {"email", OBSERVABLE_EMAIL, OBSERVABLE_NONE, NULL},
        {"email-src", OBSERVABLE_EMAIL, OBSERVABLE_NONE, NULL},
        {"email-dst", OBSERVABLE_EMAIL, OBSERVABLE_NONE, NULL},
        {"email-reply-to", OBSERVABLE_EMAIL, OBSERVABLE_NONE, NULL},
        {"target-email", OBSERVABLE_EMAIL, OBSERVABLE_NONE, NULL},
        {"whois-registrant-email", OBSERVABLE_EMAIL, OBSERVABLE_NONE, NULL},
        {"dns-soa-email", OBSERVABLE_EMAIL, OBSERVABLE_NONE, NULL},
        {"email-message-id", OBSERVABLE_OTHER, OBSERVABLE_NONE, "email-message-id"},
        {"email-subject", OBSERVABLE_OTHER, OBSERVABLE_NONE, "email-subject"},
        {"email-x-mailer", OBSERVABLE_OTHER, OBSERVABLE_NONE, "email-x-mailer"},
        {"user-agent", OBSERVABLE_USERAGENT, OBSERVABLE_NONE, NULL},
        {"ja3-fingerprint-md5", OBSERVABLE_JA3, OBSERVABLE_NONE, NULL},
        {"jarm-fingerprint", OBSERVABLE_OTHER, OBSERVABLE_NONE, "jarm-fingerprint"},
        {"hassh-md5", OBSERVABLE_OTHER, OBSERVABLE_NONE, "hassh-md5"},
        {"hasshserver-md5", OBSERVABLE_OTHER, OBSERVABLE_NONE, "hasshserver-md5"},
        {"favicon-mmh3", OBSERVABLE_OTHER, OBSERVABLE_NONE, "favicon-mmh3"},
        {"community-id", OBSERVABLE_OTHER, OBSERVABLE_NONE, "community-id"},
        {"ssh-fingerprint", OBSERVABLE_OTHER, OBSERVABLE_NONE, "ssh-fingerprint"},
        {"x509-fingerprint-md5", OBSERVABLE_MD5, OBSERVABLE_NONE, NULL},
        {"x509-fingerprint-sha1", OBSERVABLE_SHA1, OBSERVABLE_NONE, NULL},
        {"x509-fingerprint-sha256", OBSERVABLE_SHA256, OBSERVABLE_NONE, NULL},
        {"mac-address", OBSERVABLE_OTHER, OBSERVABLE_NONE, "mac-addr"},
        {"mutex", OBSERVABLE_OTHER, OBSERVABLE_NONE, "mutex"},
        {"named pipe", OBSERVABLE_OTHER, OBSERVABLE_NONE, "named-pipe"},
        {"regkey", OBSERVABLE_OTHER, OBSERVABLE_NONE, "windows-registry-key"},
        {"regkey|value", OBSERVABLE_OTHER, OBSERVABLE_NONE, "windows-registry-key"},
        {"windows-scheduled-task", OBSERVABLE_OTHER, OBSERVABLE_NONE, "windows-scheduled-task"},
        {"windows-service-name", OBSERVABLE_OTHER, OBSERVABLE_NONE, "windows-service-name"},
        {"windows-service-displayname", OBSERVABLE_OTHER, OBSERVABLE_NONE, "windows-service-displayname"},
        {"mobile-application-id", OBSERVABLE_OTHER, OBSERVABLE_NONE, "mobile-application-id"},
        {"chrome-extension-id", OBSERVABLE_OTHER, OBSERVABLE_NONE, "chrome-extension-id"},
        {"cookie", OBSERVABLE_OTHER, OBSERVABLE_NONE, "cookie"},
        {"jabber-id", OBSERVABLE_OTHER, OBSERVABLE_NONE, "jabber-id"},
        {"btc", OBSERVABLE_OTHER, OBSERVABLE_NONE, "btc"},
        {"dash", OBSERVABLE_OTHER, OBSERVABLE_NONE, "dash"},
        {"xmr", OBSERVABLE_OTHER, OBSERVABLE_NONE, "xmr"},
};

#define TIMESTAMP_MAX 64 /* bytes */

/* The members of an attribute that we read: raw JSON, empty where absent. */
struct attribute {
    slice all;
    slice type, value, uuid, comment, to_ids, deleted, timestamp, event, proposals;
};

static const struct member {
    const char *key;
    size_t offset;
} members[] = {
        {"type", offsetof(struct attribute, type)},
        {"value", offsetof(struct attribute, value)},
        {"uuid", offsetof(struct attribute, uuid)},
        {"comment", offsetof(struct attribute, comment)},
        {"to_ids", offsetof(struct attribute, to_ids)},
        {"deleted", offsetof(struct attribute, deleted)},
        {"timestamp", offsetof(struct attribute, timestamp)},
        {"Event", offsetof(struct attribute, event)},
        {"ShadowAttribute", offsetof(struct attribute, proposals)},
};

/* What an attribute inherits from where it stands. */
struct setting {
    slice info;   /* raw: the info of the event */
    bool deleted; /* its object is */
};

static struct attribute attribute_members(slice json)
{
    struct attribute attribute = {.all = json};
    struct json_members walk = json_members(json);
    slice key, value;
    while (json_member_next(&walk, &key, &value))
        for (size_t i = 0; i < COUNT_OF(members); i++)
            if (json_key_is(key, slice_of(members[i].key)))
                *(slice *)((char *)&attribute + members[i].offset) = value;
    return attribute;
}

/* MISP writes true, 1 and "1" for the same thing. */
bool form_misp_true(slice json)
{
    return slice_eq(json, S("true")) || slice_eq(json, S("1")) || slice_eq(json, S("\"1\"")) ||
           slice_eq(json, S("\"true\""));
}

static bool is_plain(slice json)
{
    return json_kind(json) == JSON_STRING || json_kind(json) == JSON_NUMBER;
}

/* A string, or a number as it is written: MISP writes numbers both ways. */
static slice plain_text(struct form_reader *reader, slice json)
{
    return json_kind(json) == JSON_STRING ? form_reader_text(reader, json) : json;
}

const struct form_misp_type *form_misp_type_find(slice name)
{
    for (size_t i = 0; i < COUNT_OF(misp_types); i++)
        if (slice_eq(name, slice_of(misp_types[i].name)))
            return &misp_types[i];
    return NULL;
}

static struct err give_part(struct form_reader *reader, enum observable_type type, const char *other, slice value,
        struct indicator *indicator, struct form_place place)
{
    if (type == OBSERVABLE_NONE)
        return OK;
    indicator->type = type == OBSERVABLE_CIDR ? form_address_type(value) : type;
    indicator->name = type == OBSERVABLE_OTHER ? slice_of(other) : (slice){0};
    indicator->value = value;
    return form_reader_give(reader, indicator, place);
}

static bool is_composite(const struct form_misp_type *type)
{
    return strchr(type->name, '|') != NULL || type->right != OBSERVABLE_NONE;
}

static struct err give_value(struct form_reader *reader, const struct form_misp_type *type,
        const struct attribute *attribute, struct indicator *indicator)
{
    slice value = plain_text(reader, attribute->value), right = {0};
    struct form_place place = form_reader_place(reader, attribute->value.ptr);
    if (is_composite(type)) {
        size_t bar = slice_find(value, '|');
        if (bar == value.len) {
            form_reader_problem(reader, attribute->value.ptr,
                    arena_printf(reader->work, "the value of an attribute %s is two with | between them", type->name));
            return OK;
        }
        right = slice_from(value, bar + 1);
        value.len = bar;
    }
    TRY(give_part(reader, type->left, type->other, value, indicator, place));
    return give_part(reader, type->right, type->other, right, indicator, place);
}

static slice label_of(struct form_reader *reader, const struct attribute *attribute, const struct setting *setting)
{
    slice raw[] = {setting->info, json_get(attribute->event, S("info")), attribute->comment};
    for (size_t i = 0; i < COUNT_OF(raw); i++) {
        slice label = form_reader_label(reader, raw[i]);
        if (label.len > 0)
            return label;
    }
    return (slice){0};
}

/* Seconds since 1970, as a number or a string; the version of the attribute. */
static int64_t timestamp_of(struct form_reader *reader, slice json)
{
    int64_t us = TIME_NONE;
    if (is_plain(json) && json.len < TIMESTAMP_MAX)
        time_parse(plain_text(reader, json), &us);
    return us;
}

static struct err read_detectable(
        struct form_reader *reader, const struct attribute *attribute, const struct setting *setting)
{
    slice name = form_reader_label(reader, attribute->type);
    const struct form_misp_type *type = form_misp_type_find(name);
    if (type == NULL) {
        form_reader_skip(reader, "attribute type", name);
        return OK;
    }
    struct indicator indicator = {
            .id = form_reader_label(reader, attribute->uuid),
            .label = label_of(reader, attribute, setting),
            .modified_us = timestamp_of(reader, attribute->timestamp),
            .from_us = TIME_NONE,
            .until_us = TIME_NONE,
    };
    return give_value(reader, type, attribute, &indicator);
}

static void skip_proposals(struct form_reader *reader, slice json)
{
    struct json_elements walk = json_elements(json);
    slice proposal;
    while (json_element_next(&walk, &proposal))
        form_reader_skip(reader, "proposed attribute", (slice){0});
}

static struct err read_attribute(struct form_reader *reader, slice json, const struct setting *setting)
{
    if (!form_reader_item(reader, json))
        return OK;
    struct attribute attribute = attribute_members(json);
    skip_proposals(reader, attribute.proposals);
    if (setting->deleted || form_misp_true(attribute.deleted))
        form_reader_skip(reader, "deleted attribute", (slice){0});
    else if (!form_misp_true(attribute.to_ids))
        form_reader_skip(reader, "attribute without to_ids", (slice){0});
    else if (json_kind(attribute.type) != JSON_STRING || !is_plain(attribute.value))
        form_reader_problem(reader, json.ptr, "an attribute has a type, a string, and a value, a string or a number");
    else
        return read_detectable(reader, &attribute, setting);
    return OK;
}

/* One, or a list of them: MISP writes either. */
typedef struct err read_item(struct form_reader *reader, slice json, const struct setting *setting);

static struct err read_items(struct form_reader *reader, slice json, const struct setting *setting, read_item *read)
{
    if (json_kind(json) == JSON_OBJECT)
        return read(reader, json, setting);
    struct json_elements walk = json_elements(json);
    slice element;
    while (json_element_next(&walk, &element))
        TRY(read(reader, element, setting));
    return OK;
}

static struct err read_object(struct form_reader *reader, slice json, const struct setting *setting)
{
    struct setting inner = *setting;
    inner.deleted = inner.deleted || form_misp_true(json_get(json, S("deleted")));
    return read_items(reader, json_get(json, S("Attribute")), &inner, read_attribute);
}

/* An event, or what has attributes and objects as events have them. In the order of the text. */
static struct err read_event(struct form_reader *reader, slice json)
{
    struct setting setting = {.info = json_get(json, S("info"))};
    struct json_members walk = json_members(json);
    slice key, value;
    while (json_member_next(&walk, &key, &value)) {
        if (json_key_is(key, S("Attribute")))
            TRY(read_items(reader, value, &setting, read_attribute));
        else if (json_key_is(key, S("Object")))
            TRY(read_items(reader, value, &setting, read_object));
        else if (json_key_is(key, S("ShadowAttribute")))
            skip_proposals(reader, value);
    }
    return OK;
}

/* How the entries of a warning list are to be taken, by the list's type. */
enum entry_taking { ENTRY_ADDRESS, ENTRY_DOMAIN, ENTRY_STRING, ENTRY_SKIPPED };

static const struct list_type {
    const char *name;
    enum entry_taking taking;
} list_types[] = {
        {"cidr", ENTRY_ADDRESS},
        {"hostname", ENTRY_DOMAIN},
        {"string", ENTRY_STRING},
        {"substring", ENTRY_SKIPPED},
        {"regex", ENTRY_SKIPPED},
};

struct warninglist {
    const struct list_type *type;
    slice name; /* raw */
    bool names; /* its entries are matched against names, so what looks like nothing may be one: "com" */
};

static enum observable_type entry_type(const struct warninglist *list, slice value)
{
    if (list->type->taking == ENTRY_ADDRESS)
        return form_address_type(value);
    if (list->type->taking == ENTRY_DOMAIN)
        return OBSERVABLE_DOMAIN;
    enum observable_type type = observable_guess(value);
    if (type == OBSERVABLE_DOMAIN || (type == OBSERVABLE_NONE && list->names))
        return OBSERVABLE_HOST;
    return type;
}

static struct err read_entry(struct form_reader *reader, slice json, const struct warninglist *list)
{
    if (!form_reader_item(reader, json))
        return OK;
    struct indicator indicator = {
            .value = form_reader_text(reader, json),
            .label = form_reader_label(reader, list->name),
            .modified_us = TIME_NONE,
            .from_us = TIME_NONE,
            .until_us = TIME_NONE,
    };
    if (list->type->taking == ENTRY_SKIPPED) {
        form_reader_skip(reader, "warning list entry of type", slice_of(list->type->name));
        return OK;
    }
    /* ".example.com" and "example.com" both mean the name and all below it. */
    if (list->type->taking == ENTRY_DOMAIN && slice_starts(indicator.value, S(".")))
        indicator.value = slice_from(indicator.value, 1);
    indicator.type = entry_type(list, indicator.value);
    if (indicator.type != OBSERVABLE_NONE)
        return form_reader_give(reader, &indicator, form_reader_place(reader, json.ptr));
    form_reader_skip(reader, "warning list entry of no type we know", (slice){0});
    return OK;
}

static bool is_about_names(slice attributes)
{
    struct json_elements walk = json_elements(attributes);
    slice element;
    while (json_element_next(&walk, &element))
        if (slice_eq(element, S("\"hostname\"")) || slice_eq(element, S("\"domain\"")))
            return true;
    return false;
}

static const struct list_type *list_type_find(slice name)
{
    for (size_t i = 0; i < COUNT_OF(list_types); i++)
        if (slice_eq(name, slice_of(list_types[i].name)))
            return &list_types[i];
    return NULL;
}

static bool is_warninglist(slice json)
{
    return json_kind(json_get(json, S("list"))) == JSON_ARRAY && json_kind(json_get(json, S("type"))) == JSON_STRING;
}

static struct err read_warninglist(struct form_reader *reader, slice json)
{
    slice type = form_reader_label(reader, json_get(json, S("type")));
    struct warninglist list = {
            .type = list_type_find(type),
            .name = json_get(json, S("name")),
            .names = is_about_names(json_get(json, S("matching_attributes"))),
    };
    if (list.type == NULL) {
        form_reader_skip(reader, "warning list of type", type);
        return OK;
    }
    struct json_elements walk = json_elements(json_get(json, S("list")));
    slice entry;
    while (json_element_next(&walk, &entry))
        TRY(read_entry(reader, entry, &list));
    return OK;
}

/* Of a document: what stands in it, as MISP wraps it; empty if it is nothing of MISP's. */
static slice unwrap(slice json)
{
    slice event = json_get(json, S("Event"));
    if (json_kind(event) == JSON_OBJECT && json_get(json, S("value")).len == 0)
        return event;
    bool bare = json_get(json, S("Attribute")).len > 0 || json_get(json, S("Object")).len > 0 ||
                (json_get(json, S("info")).len > 0 && json_get(json, S("threat_level_id")).len > 0);
    return bare ? json : (slice){0};
}

static bool is_attribute(slice json)
{
    return json_get(json, S("value")).len > 0 && json_get(json, S("category")).len > 0;
}

static bool is_misp(slice json)
{
    return is_attribute(json) || is_warninglist(json) || unwrap(json).len > 0;
}

static struct err read_one(struct form_reader *reader, slice json)
{
    if (is_warninglist(json))
        return read_warninglist(reader, json);
    if (is_attribute(json))
        return read_attribute(reader, json, &(struct setting){0});
    slice inside = unwrap(json);
    if (inside.len > 0)
        return read_event(reader, inside);
    if (form_reader_item(reader, json))
        form_reader_problem(reader, json.ptr, "neither an event nor an object nor an attribute of MISP");
    return OK;
}

static struct err take_document(struct form_reader *reader, slice json)
{
    slice response = json_get(json, S("response"));
    if (response.len > 0)
        json = response;
    struct json_elements walk = json_elements(json);
    slice element = json;
    bool list = json_kind(json) == JSON_ARRAY;
    if (list && !json_element_next(&walk, &element))
        return OK;
    if (!is_misp(element))
        return err_make(ERR_INPUT, "neither an event, objects or attributes of MISP, nor a warning list");
    do
        TRY(read_one(reader, element));
    while (list && json_element_next(&walk, &element));
    return OK;
}

static struct err read_misp(slice text, struct arena *arena, const struct form_sink *sink)
{
    struct form_reader reader = form_reader_open(text, arena, sink);
    struct err err = form_reader_json(&reader, take_document);
    form_reader_close(&reader);
    return err;
}

static const struct telling {
    const char *key;
    int sure;
} telling[] = {
        {"\"Event\"", 90},
        {"\"to_ids\"", 90},
        {"\"matching_attributes\"", 90},
        {"\"Attribute\"", 85},
        {"\"threat_level_id\"", 70},
        {"\"list\"", 60},
        {"\"response\"", 50},
};

static int recognise_misp(slice head)
{
    head = slice_trim(form_without_mark(head));
    if (!slice_starts(head, S("{")) && !slice_starts(head, S("[")))
        return 0;
    for (size_t i = 0; i < COUNT_OF(telling); i++)
        if (form_head_key(head, slice_of(telling[i].key)))
            return telling[i].sure;
    return 0;
}

const struct form form_misp = {"misp", "MISP event, collection of events, objects or attributes, or warning list",
        recognise_misp, read_misp, form_misp_objects};
