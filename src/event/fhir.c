/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/hash.h"
#include "base/ip.h"
#include "event/document.h"
#include "event/fields.h"
#include "event/text.h"
#include "json/check.h"
#include "json/write.h"

/*
 * FHIR AuditEvent of R4, R4B and R5, alone or as the entries of a Bundle. R4 says type, subtype and a code as outcome,
 * and network as an object; R5 says category, code and an outcome object, and network in one of three members.
 *
 * Who was treated, and who did it, is health data. Therefore this decoder does not say what to leave out, as others do,
 * but what may be told: rows of codes, times and machines below. People and what was read or changed (agent.who,
 * entity.what, patient) are told as keyed hashes, so that they can be counted and compared by who holds the key; of a
 * URL the host alone is told, for its path may name a patient. All else is withheld, and named by its top-level member.
 */

#define TAXONOMY "fhir"
#define LIST S("entry")
#define PATIENTS_MAX 256 /* different ones told of one record */
#define CONTAINED_MAX                                                                                                  \
    64 /* resources inside a record that references are resolved to; others are hashed by their id                     \
        */

static const struct event_field fields[] = {
        {"recorded", ROLE_TIME},
        {"source.site", ROLE_SENSOR},
        {"type.code", ROLE_CLASS_TYPE, VALUE_NONE, TAXONOMY},
        {"category[].coding[].code", ROLE_CLASS_TYPE, VALUE_NONE, TAXONOMY},
        {"subtype[].code", ROLE_CLASS_IDENTIFIER, VALUE_NONE, TAXONOMY},
        {"code.coding[].code", ROLE_CLASS_IDENTIFIER, VALUE_NONE, TAXONOMY},
};

/* The same, where it depends on the agent what a value means: found by hand, not compiled. */
static const struct event_field agent_fields[] = {
        {"agent[].network.address", ROLE_SOURCE_ADDRESS, VALUE_NAME},
        {"agent[].networkString", ROLE_SOURCE_ADDRESS, VALUE_NAME},
        {"agent[].networkUri", ROLE_SOURCE_ADDRESS, VALUE_NAME},
        {"agent[].network.address", ROLE_DESTINATION_ADDRESS, VALUE_NAME},
        {"agent[].networkString", ROLE_DESTINATION_ADDRESS, VALUE_NAME},
        {"agent[].networkUri", ROLE_DESTINATION_ADDRESS, VALUE_NAME},
        {"agent[].network.address", ROLE_NONE, VALUE_NAME},
        {"agent[].networkString", ROLE_NONE, VALUE_NAME},
        {"agent[].networkUri", ROLE_NONE, VALUE_NAME},
};

enum network { NETWORK_ADDRESS, NETWORK_STRING, NETWORK_URI, NETWORKS };
enum side { SIDE_SOURCE, SIDE_DESTINATION, SIDE_NONE };

/* Roles of an agent (DICOM PS3.16, context group 402) that say on which side it stands. */
static const struct {
    const char *code;
    enum side side;
} agent_roles[] = {
        {"110153", SIDE_SOURCE},
        {"110152", SIDE_DESTINATION},
};

/* network.type of R4 (network-type): an address that is a telephone number or a mailbox is a person's. */
static const char *const personal_networks[] = {"3", "4"};

struct fhir {
    slice secret;
};

/* ---- Recognising, records ---- */

/* An entry of a Bundle holds its event as `resource`. */
static slice event_of(slice object)
{
    slice resource = json_get(object, S("resource"));
    return json_kind(resource) == JSON_OBJECT ? resource : object;
}

/*
 * Other resources are recognised too, faintly, and so is what is torn: what reads it as plain text would tell all.
 */
static int recognise(slice head)
{
    bool whole;
    slice object = event_document_begin(head, LIST, &whole);
    slice resource = whole ? event_of(object) : object.len > 0 ? object : head;
    if (!event_document_has(resource, whole, S("resourceType")))
        return 0;
    bool event = whole ? slice_eq(json_get(resource, S("resourceType")), S("\"AuditEvent\""))
                       : event_document_has(resource, false, S("AuditEvent"));
    return event && object.len > 0 ? 100 : 30;
}

static struct err fhir_open(
        struct event_reader *reader, slice head, const struct event_options *options, struct arena *arena)
{
    (void)head;
    struct fhir *fhir = arena_new(arena, struct fhir, 1);
    struct event_field *all = arena_new(arena, struct event_field, COUNT_OF(fields) + COUNT_OF(agent_fields));
    memcpy(all, fields, sizeof fields);
    memcpy(all + COUNT_OF(fields), agent_fields, sizeof agent_fields);
    fhir->secret = arena_copy(arena, options->secret);
    if (options->secret.len == 0) {
        char *drawn = arena_take(arena, sizeof(struct sha256));
        hash_random(drawn, sizeof(struct sha256));
        fhir->secret = (slice){drawn, sizeof(struct sha256)};
    }
    TRY(event_json_open(reader, all, COUNT_OF(fields), arena));
    reader->field_count += COUNT_OF(agent_fields); /* to be measured as well */
    reader->own = fhir;
    return OK;
}

static size_t fhir_record(const struct event_reader *reader, slice block)
{
    (void)reader;
    return event_document_length(block, LIST);
}

static bool fhir_frame(const struct event_reader *reader, slice record, struct arena *arena, struct event_reader *next)
{
    (void)arena;
    *next = *reader;
    return event_document_is_frame(record, LIST);
}

/* ---- Networks ---- */

static bool is_code(slice value, const char *code)
{
    return json_kind(value) == JSON_STRING && slice_eq(slice_part(value, 1, value.len - 1), slice_of(code));
}

static enum side side_of_concept(slice concept)
{
    struct json_elements codings = json_elements(json_get(concept, S("coding")));
    slice coding;
    while (json_element_next(&codings, &coding))
        for (size_t i = 0; i < COUNT_OF(agent_roles); i++)
            if (is_code(json_get(coding, S("code")), agent_roles[i].code))
                return agent_roles[i].side;
    return SIDE_NONE;
}

/* Its type says so; without one, whoever asked is where it came from. */
static enum side side_of(slice agent)
{
    enum side side = side_of_concept(json_get(agent, S("type")));
    bool asked = json_kind(json_get(agent, S("requestor"))) == JSON_TRUE;
    return side == SIDE_NONE && asked ? SIDE_SOURCE : side;
}

/* The raw JSON string of the agent's network, in whichever form; empty if it has none. */
static slice network_of(slice agent, enum network *form)
{
    static const char *const members[] = {[NETWORK_STRING] = "networkString", [NETWORK_URI] = "networkUri"};
    slice network = json_get(agent, S("network")), address = json_get(network, S("address"));
    slice type = json_get(network, S("type"));
    for (size_t i = 0; i < COUNT_OF(personal_networks); i++)
        if (is_code(type, personal_networks[i]))
            return S("");
    *form = NETWORK_ADDRESS;
    for (enum network at = NETWORK_STRING; at < NETWORKS && json_kind(address) != JSON_STRING; at++) {
        address = json_get(agent, slice_of(members[at]));
        *form = at;
    }
    return json_kind(address) == JSON_STRING ? address : S("");
}

/* A name of figures alone is a telephone number. */
static bool has_letter(slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (byte_lower(text.ptr[i]) >= 'a' && byte_lower(text.ptr[i]) <= 'z')
            return true;
    return false;
}

static bool is_name(slice text)
{
    struct observable name = {.type = OBSERVABLE_HOST, .value = text};
    struct buf normal = buf_make(1024);
    bool fine = has_letter(text) && slice_find(text, ' ') == text.len && observable_normal(&name, &normal);
    buf_free(&normal);
    return fine;
}

/* What may be told of a network: an address, or the name of a machine. A mailbox is neither. */
static slice host_of(slice network, struct arena *arena)
{
    struct ip ip;
    slice text = slice_trim(json_text(network, arena));
    bool url = slice_find_slice(text, S("://")) < text.len;
    if (ip_parse(text, &ip))
        return text;
    slice host = text_url_authority(text).host;
    return (url || slice_find(text, '@') == text.len) && (ip_parse(host, &ip) || is_name(host)) ? host : S("");
}

static struct err pick_agent(slice agent, struct json_picks *picks, struct arena *arena)
{
    enum network form = NETWORK_ADDRESS;
    slice network = network_of(agent, &form);
    slice host = network.len == 0 ? network : host_of(network, arena);
    struct ip ip;
    if (host.len == 0)
        return OK;
    enum side side = ip_parse(host, &ip) ? side_of(agent) : SIDE_NONE;
    return event_pick_put(picks, COUNT_OF(fields) + side * (size_t)NETWORKS + form, host);
}

static bool is_id_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || byte_is_digit(c) || c == '-' || c == '.';
}

/* A code as FHIR has it: short, and without a blank at either end (R4 section 2.24.0.1). Longer text may name somebody.
 */
static bool is_plain_code(slice code)
{
    for (size_t i = 0; i < code.len; i++)
        if (!is_id_byte(code.ptr[i]) && code.ptr[i] != '_')
            return false;
    return code.len > 0 && code.len <= 64;
}

/* What stands as a code and is none could be anything. */
static void class_keep_codes(struct json_picks *picks)
{
    size_t kept = 0;
    for (size_t i = 0; i < picks->count; i++) {
        const struct json_pick *pick = &picks->rows[i];
        enum event_role role = fields[pick->path].role;
        bool class = role == ROLE_CLASS_TYPE || role == ROLE_CLASS_IDENTIFIER;
        if (!class || is_plain_code((slice){pick->ptr, pick->len}))
            picks->rows[kept++] = *pick;
    }
    picks->count = kept;
}

static struct err fhir_pick(
        const struct event_reader *reader, slice record, struct arena *arena, struct json_picks *picks, size_t *offset)
{
    slice object = event_document_object(record, LIST), event = object, agent;
    struct err err = json_pick(reader->paths, object, arena, picks, offset);
    if (err.kind == ERR_NONE) {
        event = event_of(slice_trim(object));
        err = event.ptr == object.ptr ? OK : json_pick(reader->paths, event, arena, picks, offset);
    }
    if (err.kind != ERR_NONE) {
        if (offset != NULL)
            *offset += (size_t)(event.ptr - record.ptr);
        return err;
    }
    if (!slice_eq(json_get(event, S("resourceType")), S("\"AuditEvent\""))) {
        if (offset != NULL)
            *offset = (size_t)(event.ptr - record.ptr);
        return err_make(ERR_INPUT, "a resource that is no AuditEvent");
    }
    class_keep_codes(picks);
    struct json_elements agents = json_elements(json_get(event, S("agent")));
    while (json_element_next(&agents, &agent))
        TRY(pick_agent(agent, picks, arena));
    return OK;
}

/* ---- What else may be told ---- */

/* Who or what is meant, in words that are the same for every way to say it. */
struct identity {
    slice kind, value; /* "Patient" and its id; "identifier" and system|value; "display" and a name */
};

/* A resource inside the event, which others in it name "#id". */
struct contained {
    slice id;
    struct identity identity;
};

/* One event being told. */
struct telling {
    slice secret, event;
    struct arena *arena;
    struct json_writer *w;
    struct contained contained[CONTAINED_MAX];
    size_t contained_count;
};

static slice join(slice left, char between, slice right, struct arena *arena)
{
    char *text = arena_take(arena, left.len + 1 + right.len);
    if (left.len > 0)
        memcpy(text, left.ptr, left.len);
    text[left.len] = between;
    if (right.len > 0)
        memcpy(text + left.len + 1, right.ptr, right.len);
    return (slice){text, left.len + 1 + right.len};
}

/* "Patient/7", "https://server.example/fhir/Patient/7" and "Patient/7/_history/2" are the same patient. */
static struct identity identity_of_reference(slice reference)
{
    static const char *const marks[] = {"/_history/", "?", "#"};
    slice text = reference;
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        size_t mark = slice_find_slice(text, slice_of(marks[i]));
        text = mark > 0 ? slice_part(text, 0, mark) : text;
    }
    size_t id = text.len;
    while (id > 0 && is_id_byte(text.ptr[id - 1]))
        id--;
    if (id == 0 || id == text.len || text.ptr[id - 1] != '/')
        return (struct identity){S("reference"), reference};
    size_t kind = id - 1;
    while (kind > 0 && is_id_byte(text.ptr[kind - 1]))
        kind--;
    return (struct identity){slice_part(text, kind, id - 1), slice_from(text, id)};
}

static struct identity identity_of_identifier(slice identifier, struct arena *arena)
{
    slice system = json_text(json_get(identifier, S("system")), arena);
    slice value = json_text(json_get(identifier, S("value")), arena);
    if (value.len == 0)
        return (struct identity){S(""), S("")};
    return (struct identity){S("identifier"), join(system, '|', value, arena)};
}

/* "#id" means nothing outside the event: the identifier of the resource does, or else all of it. */
static struct identity identity_of_resource(slice resource, struct arena *arena)
{
    struct json_elements identifiers = json_elements(json_get(resource, S("identifier")));
    slice identifier;
    while (json_element_next(&identifiers, &identifier)) {
        struct identity identity = identity_of_identifier(identifier, arena);
        if (identity.value.len > 0)
            return identity;
    }
    struct sha256 sum = hash_sha256(resource);
    return (struct identity){S("contained"), arena_hex(arena, sha256_slice(&sum))};
}

/* Once for the event, as many references may name one resource. */
static void contained_read(struct telling *telling)
{
    struct json_elements resources = json_elements(json_get(telling->event, S("contained")));
    slice resource;
    while (telling->contained_count < CONTAINED_MAX && json_element_next(&resources, &resource))
        telling->contained[telling->contained_count++] = (struct contained){
                .id = json_text(json_get(resource, S("id")), telling->arena),
                .identity = identity_of_resource(resource, telling->arena),
        };
}

static struct identity identity_of_contained(const struct telling *telling, slice id)
{
    for (size_t i = 0; i < telling->contained_count; i++)
        if (slice_eq(telling->contained[i].id, id))
            return telling->contained[i].identity;
    return (struct identity){S("#"), id};
}

/* Of a Reference (FHIR R4 section 2.3.0): the reference, or the identifier, or the name that is shown. */
static struct identity identity_of(const struct telling *telling, slice who)
{
    slice reference = json_text(json_get(who, S("reference")), telling->arena);
    if (slice_starts(reference, S("#")))
        return identity_of_contained(telling, slice_from(reference, 1));
    if (reference.len > 0)
        return identity_of_reference(reference);
    struct identity identity = identity_of_identifier(json_get(who, S("identifier")), telling->arena);
    if (identity.value.len > 0)
        return identity;
    return (struct identity){S("display"), json_text(json_get(who, S("display")), telling->arena)};
}

/* In hexadecimal, so long that chance makes no two alike. Empty for no identity. */
static slice identity_hash(const struct telling *telling, struct identity identity)
{
    if (identity.value.len == 0)
        return S("");
    slice clear = join(identity.kind, '/', identity.value, telling->arena);
    struct sha256 sum = hash_hmac_sha256(telling->secret, clear);
    return arena_hex(telling->arena, sha256_slice(&sum));
}

static void write_hash(const struct telling *telling, slice key, slice who)
{
    slice hash = identity_hash(telling, identity_of(telling, who));
    if (hash.len > 0)
        json_write_key_text(telling->w, key, hash);
}

/* A code, a Coding or a CodeableConcept: the code of the first that has one. */
static slice code_of(slice value, struct arena *arena)
{
    struct json_elements codings = json_elements(json_get(value, S("coding")));
    slice coding, code = json_kind(value) == JSON_STRING ? value : json_get(value, S("code"));
    if (code.len == 0 && json_element_next(&codings, &coding))
        code = json_get(coding, S("code"));
    if (json_kind(code) == JSON_OBJECT)
        code = json_get(code, S("code")); /* R5: outcome.code is a Coding */
    code = json_text(code, arena);
    return is_plain_code(code) ? code : S("");
}

static void write_code(const struct telling *telling, slice key, slice value)
{
    slice code = code_of(value, telling->arena);
    if (code.len > 0)
        json_write_key_text(telling->w, key, code);
}

static void write_agent(const struct telling *telling, slice agent)
{
    enum network form;
    slice requestor = json_get(agent, S("requestor")), network = network_of(agent, &form);
    slice host = network.len == 0 ? network : host_of(network, telling->arena);
    write_code(telling, S("type"), json_get(agent, S("type")));
    if (json_kind(requestor) == JSON_TRUE || json_kind(requestor) == JSON_FALSE) {
        json_write_key(telling->w, S("requestor"));
        json_write_bool(telling->w, json_kind(requestor) == JSON_TRUE);
    }
    write_hash(telling, S("who"), json_get(agent, S("who")));
    if (host.len > 0)
        json_write_key_text(telling->w, S("network"), host);
}

static void write_entity(const struct telling *telling, slice entity)
{
    write_code(telling, S("type"), json_get(entity, S("type")));
    write_code(telling, S("role"), json_get(entity, S("role")));
    write_code(telling, S("lifecycle"), json_get(entity, S("lifecycle")));
    write_hash(telling, S("what"), json_get(entity, S("what")));
}

typedef void part_writer(const struct telling *telling, slice part);

static void write_parts(const struct telling *telling, slice key, part_writer *write)
{
    struct json_elements parts = json_elements(json_get(telling->event, key));
    slice part;
    if (!json_element_next(&parts, &part))
        return;
    json_write_key(telling->w, key);
    json_write_array(telling->w);
    do {
        json_write_object(telling->w);
        write(telling, part);
        json_write_end(telling->w);
    } while (json_element_next(&parts, &part));
    json_write_end(telling->w);
}

/* By what it refers to, or by the role of the entity: Patient (object-role 1). */
static bool is_patient(struct identity identity, slice role, struct arena *arena)
{
    return identity.value.len > 0 && (slice_eq(identity.kind, S("Patient")) || slice_eq(code_of(role, arena), S("1")));
}

struct patients {
    slice hashes[PATIENTS_MAX];
    size_t count;
    bool more;
};

static void patients_add(struct patients *patients, slice hash)
{
    for (size_t i = 0; i < patients->count; i++)
        if (slice_eq(patients->hashes[i], hash))
            return;
    patients->more = patients->count == PATIENTS_MAX;
    if (!patients->more)
        patients->hashes[patients->count++] = hash;
}

static void patients_read(const struct telling *telling, struct patients *patients)
{
    struct json_elements entities = json_elements(json_get(telling->event, S("entity")));
    struct identity named = identity_of(telling, json_get(telling->event, S("patient")));
    slice entity;
    if (named.value.len > 0)
        patients_add(patients, identity_hash(telling, named));
    while (!patients->more && json_element_next(&entities, &entity)) {
        struct identity identity = identity_of(telling, json_get(entity, S("what")));
        if (is_patient(identity, json_get(entity, S("role")), telling->arena))
            patients_add(patients, identity_hash(telling, identity));
    }
}

/* The different patients of an event: what a watch over access counts. */
static void write_patients(const struct telling *telling)
{
    struct patients *patients = arena_new(telling->arena, struct patients, 1);
    patients_read(telling, patients);
    if (patients->count == 0)
        return;
    json_write_key(telling->w, S("patients"));
    json_write_array(telling->w);
    for (size_t i = 0; i < patients->count; i++)
        json_write_text(telling->w, patients->hashes[i]);
    json_write_end(telling->w);
    if (patients->more) {
        json_write_key(telling->w, S("more_patients"));
        json_write_bool(telling->w, true);
    }
}

/* Members that are told, wholly or as far as they may be. */
static const char *const told[] = {"resourceType", "recorded", "type", "category", "subtype", "code", "action",
        "outcome", "severity", "agent", "entity", "patient", "source"};

static bool is_told(slice key)
{
    for (size_t i = 0; i < COUNT_OF(told); i++)
        if (json_key_is(key, slice_of(told[i])))
            return true;
    return false;
}

/* A name that FHIR could have given; another may itself be what must not be told. */
static bool is_member_name(slice key)
{
    for (size_t i = 0; i < key.len; i++)
        if (!((key.ptr[i] >= 'a' && key.ptr[i] <= 'z') || (key.ptr[i] >= 'A' && key.ptr[i] <= 'Z') ||
                    (i == 0 && key.ptr[i] == '_')))
            return false;
    return key.len > 0 && key.len <= 32;
}

static void write_withheld(const struct telling *telling)
{
    struct json_members members = json_members(telling->event);
    slice key, value;
    bool any = false;
    while (json_member_next(&members, &key, &value)) {
        if (is_told(key))
            continue;
        if (!any) {
            json_write_key(telling->w, S("withheld"));
            json_write_array(telling->w);
        }
        any = true;
        json_write_text(telling->w, is_member_name(key) ? key : S("?"));
    }
    if (any)
        json_write_end(telling->w);
}

static void fhir_extra(const struct event_reader *reader, slice record, struct arena *arena, struct json_writer *w)
{
    const struct fhir *fhir = reader->own;
    struct telling *telling = arena_new(arena, struct telling, 1);
    telling->secret = fhir->secret;
    telling->event = event_of(slice_trim(event_document_object(record, LIST)));
    telling->arena = arena;
    telling->w = w;
    contained_read(telling);
    write_code(telling, S("action"), json_get(telling->event, S("action")));
    write_code(telling, S("outcome"), json_get(telling->event, S("outcome")));
    write_code(telling, S("severity"), json_get(telling->event, S("severity")));
    write_hash(telling, S("observer"), json_get(json_get(telling->event, S("source")), S("observer")));
    write_parts(telling, S("agent"), write_agent);
    write_parts(telling, S("entity"), write_entity);
    write_patients(telling);
    write_withheld(telling);
}

const struct event_format event_fhir = {
        .name = "fhir",
        .about = "FHIR AuditEvent as JSON (R4, R4B, R5); people told as keyed hashes only",
        .recognise = recognise,
        .open = fhir_open,
        .record = fhir_record,
        .frame = fhir_frame,
        .pick = fhir_pick,
        .extra = fhir_extra,
};
