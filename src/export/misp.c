/* SPDX-License-Identifier: Apache-2.0 */
#include "base/uuid.h"
#include "export/kind.h"
#include "export/kinds.h"
#include "json/write.h"

/*
 * Events as MISP exports and imports them: {"response":[{"Event":{...}}]}. An attribute for each value, with the uuid
 * of its indicator; an event takes so many, since MISP grows slow with more. Event uuids depend on the name of the node
 * and the number of the event, so that importing once more changes what is there instead of doubling it. What was
 * revoked goes out as a deleted attribute: a retraction has to travel like what it takes back.
 */

enum {
    ATTRIBUTES_MAX = 50000,
};

/* Types and the category in which MISP takes them. */
static const struct misp_type {
    enum observable_type type;
    const char *name; /* OBSERVABLE_OTHER: of the STIX object, or as src/form/misp.c calls it */
    const char *misp, *category;
} types[] = {
        {OBSERVABLE_IPV4, NULL, "ip-dst", "Network activity"},
        {OBSERVABLE_IPV6, NULL, "ip-dst", "Network activity"},
        {OBSERVABLE_CIDR, NULL, "ip-dst", "Network activity"},
        {OBSERVABLE_DOMAIN, NULL, "domain", "Network activity"},
        {OBSERVABLE_HOST, NULL, "hostname", "Network activity"},
        {OBSERVABLE_URL, NULL, "url", "Network activity"},
        {OBSERVABLE_MD5, NULL, "md5", "Payload delivery"},
        {OBSERVABLE_SHA1, NULL, "sha1", "Payload delivery"},
        {OBSERVABLE_SHA256, NULL, "sha256", "Payload delivery"},
        {OBSERVABLE_SHA512, NULL, "sha512", "Payload delivery"},
        {OBSERVABLE_EMAIL, NULL, "email", "Payload delivery"},
        {OBSERVABLE_JA3, NULL, "ja3-fingerprint-md5", "Network activity"},
        {OBSERVABLE_USERAGENT, NULL, "user-agent", "Network activity"},
        {OBSERVABLE_FILENAME, NULL, "filename", "Payload delivery"},
        {OBSERVABLE_OTHER, "authentihash", "authentihash", "Payload delivery"},
        {OBSERVABLE_OTHER, "imphash", "imphash", "Payload delivery"},
        {OBSERVABLE_OTHER, "impfuzzy", "impfuzzy", "Payload delivery"},
        {OBSERVABLE_OTHER, "pehash", "pehash", "Payload delivery"},
        {OBSERVABLE_OTHER, "sha224", "sha224", "Payload delivery"},
        {OBSERVABLE_OTHER, "sha384", "sha384", "Payload delivery"},
        {OBSERVABLE_OTHER, "ssdeep", "ssdeep", "Payload delivery"},
        {OBSERVABLE_OTHER, "tlsh", "tlsh", "Payload delivery"},
        {OBSERVABLE_OTHER, "email-message-id", "email-message-id", "Payload delivery"},
        {OBSERVABLE_OTHER, "email-subject", "email-subject", "Payload delivery"},
        {OBSERVABLE_OTHER, "email-x-mailer", "email-x-mailer", "Payload delivery"},
        {OBSERVABLE_OTHER, "mobile-application-id", "mobile-application-id", "Payload delivery"},
        {OBSERVABLE_OTHER, "mac-addr", "mac-address", "Network activity"},
        {OBSERVABLE_OTHER, "cookie", "cookie", "Network activity"},
        {OBSERVABLE_OTHER, "mutex", "mutex", "Artifacts dropped"},
        {OBSERVABLE_OTHER, "named-pipe", "named pipe", "Artifacts dropped"},
        {OBSERVABLE_OTHER, "pdb", "pdb", "Artifacts dropped"},
        {OBSERVABLE_OTHER, "windows-scheduled-task", "windows-scheduled-task", "Artifacts dropped"},
        {OBSERVABLE_OTHER, "windows-service-name", "windows-service-name", "Artifacts dropped"},
        {OBSERVABLE_OTHER, "windows-service-displayname", "windows-service-displayname", "Artifacts dropped"},
        {OBSERVABLE_OTHER, "windows-registry-key", "regkey", "Persistence mechanism"},
        {OBSERVABLE_OTHER, "jabber-id", "jabber-id", "Social network"},
        {OBSERVABLE_OTHER, "btc", "btc", "Financial fraud"},
        {OBSERVABLE_OTHER, "xmr", "xmr", "Financial fraud"},
        {OBSERVABLE_NONE, NULL, "stix2-pattern", "Network activity"},
};

struct misp_state {
    struct json_writer json;
    struct stix_marks marks; /* strictest of the event's attributes */
    uint64_t events;
    uint32_t attributes; /* of the event at hand */
    bool open;           /* an event is */
    struct export_set uuids;
};

/* Namespaces of our own for what has no uuid. */
static const struct uuid event_space = {
        {0x0c, 0x9e, 0x27, 0x5d, 0x71, 0x3a, 0x4b, 0x90, 0x9d, 0x1e, 0x6f, 0x3f, 0x55, 0x08, 0xb2, 0x61}};
static const struct uuid value_space = {
        {0xa4, 0x17, 0x88, 0x02, 0xd3, 0x5c, 0x47, 0x1b, 0xb6, 0x70, 0x2e, 0xc9, 0x14, 0x3d, 0x90, 0xfe}};

static struct misp_state *state_of(struct export *export)
{
    return export->state;
}

static struct err begin(struct export *export)
{
    struct misp_state *state = export->state = arena_new(export->memory, struct misp_state, 1);
    *state = (struct misp_state){.json = json_writer(&export->text), .uuids = export_set_make()};
    json_write_object(&state->json);
    json_write_key(&state->json, S("response"));
    json_write_array(&state->json);
    return OK;
}

static void close(struct export *export)
{
    if (export->state != NULL)
        export_set_free(&state_of(export)->uuids);
}

static void write_uuid(struct json_writer *json, const struct uuid *uuid)
{
    char space[36];
    struct buf text = {.ptr = space, .cap = sizeof(space), .max = sizeof(space)};
    uuid_write(&text, uuid);
    json_write_key_text(json, S("uuid"), buf_slice(&text));
}

/* Seconds, as MISP writes them: in a string. */
static void write_seconds(struct json_writer *json, slice key, int64_t us)
{
    char space[24];
    struct buf text = {.ptr = space, .cap = sizeof(space), .max = sizeof(space)};
    buf_i64(&text, us < 0 ? 0 : us / 1000000);
    json_write_key_text(json, key, buf_slice(&text));
}

static void write_tag(struct json_writer *json, const char *name, bool lower)
{
    char spelt[32];
    size_t len = 0;
    if (name == NULL)
        return;
    for (; len < sizeof(spelt) && name[len] != '\0'; len++)
        spelt[len] = lower ? byte_lower(name[len]) : name[len];
    json_write_object(json);
    json_write_key_text(json, S("name"), (slice){spelt, len});
    json_write_end(json);
}

/* As the taxonomies spell them: tlp:amber, PAP:AMBER. */
static void write_tags(struct json_writer *json, const struct stix_marks *marks)
{
    if (marks->tlp == TLP_NONE && marks->pap == PAP_NONE)
        return;
    json_write_key(json, S("Tag"));
    json_write_array(json);
    write_tag(json, stix_tlp_name(marks->tlp), true);
    write_tag(json, stix_pap_name(marks->pap), false);
    json_write_end(json);
}

static void open_event(struct export *export)
{
    struct misp_state *state = state_of(export);
    struct json_writer *json = &state->json;
    struct buf name = buf_make(UINT16_MAX), day = buf_make(UINT8_MAX);
    buf_put(&name, export->options.name);
    struct uuid uuid;
    json_write_object(json);
    json_write_key(json, S("Event"));
    json_write_object(json);
    buf_printf(&name, " %llu", (unsigned long long)++state->events);
    uuid = uuid_v5(&event_space, buf_slice(&name));
    write_uuid(json, &uuid);
    json_write_key_text(json, S("info"), state->events == 1 ? export->options.name : buf_slice(&name));
    time_write(&day, export->options.now_us);
    json_write_key_text(json, S("date"), slice_part(buf_slice(&day), 0, strlen("2026-11-21")));
    write_seconds(json, S("timestamp"), export->options.now_us);
    json_write_key_text(json, S("threat_level_id"), S("4")); /* undefined */
    json_write_key_text(json, S("analysis"), S("2"));        /* completed */
    json_write_key_text(json, S("distribution"), S("0"));    /* your organisation only: who imports it decides */
    json_write_key(json, S("published"));
    json_write_bool(json, false);
    json_write_key(json, S("Attribute"));
    json_write_array(json);
    buf_free(&name);
    buf_free(&day);
    state->open = true;
    state->attributes = 0;
    state->marks = (struct stix_marks){0};
}

static void close_event(struct misp_state *state)
{
    json_write_end(&state->json);
    write_tags(&state->json, &state->marks);
    json_write_end(&state->json);
    json_write_end(&state->json);
    state->open = false;
}

static const struct misp_type *type_find(enum observable_type type, slice name)
{
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (types[i].type == type && (types[i].name == NULL || slice_eq(name, slice_of(types[i].name))))
            return &types[i];
    return NULL;
}

/* The uuid of the indicator for its first value; of its id, the type and the value for all others. */
static struct uuid uuid_of(struct export *export, const struct indicator *indicator, const struct misp_type *type)
{
    struct uuid uuid;
    slice id = export->id;
    if (export->value_number == 0 && id.len > 36 && uuid_parse(slice_from(id, id.len - 36), &uuid))
        return uuid;
    const char *name = arena_printf(export->work, "%.*s\n%s\n", (int)id.len, id.ptr, type->misp);
    size_t len = strlen(name);
    char *text = arena_take(export->work, len + indicator->value.len);
    memcpy(text, name, len);
    if (indicator->value.len > 0)
        memcpy(text + len, indicator->value.ptr, indicator->value.len);
    return uuid_v5(&value_space, (slice){text, len + indicator->value.len});
}

static void add_marks(struct stix_marks *marks, const struct stix_marks *more)
{
    marks->tlp = more->tlp > marks->tlp ? more->tlp : marks->tlp;
    marks->pap = more->pap > marks->pap ? more->pap : marks->pap;
}

static void write_attribute(
        struct export *export, const struct indicator *indicator, const struct misp_type *type, const struct uuid *uuid)
{
    struct misp_state *state = state_of(export);
    struct json_writer *json = &state->json;
    bool revoked = (indicator->flags & INDICATOR_REVOKED) != 0;
    json_write_object(json);
    write_uuid(json, uuid);
    json_write_key_text(json, S("type"), slice_of(type->misp));
    json_write_key_text(json, S("category"), slice_of(type->category));
    json_write_key(json, S("to_ids"));
    json_write_bool(json, !revoked);
    json_write_key_text(json, S("value"), indicator->value);
    json_write_key_text(json, S("comment"), indicator->label);
    write_seconds(json, S("timestamp"),
            indicator->modified_us == TIME_NONE ? export->options.now_us : indicator->modified_us);
    json_write_key_text(json, S("distribution"), S("5")); /* as the event */
    json_write_key(json, S("deleted"));
    json_write_bool(json, revoked);
    write_tags(json, &export->marks);
    json_write_end(json);
    buf_byte(json->buf, '\n');
    add_marks(&state->marks, &export->marks);
    state->attributes++;
}

/* MISP takes a uuid once: of an indicator that is given twice, the first counts. */
static struct err give_attribute(struct export *export, const struct indicator *indicator, const struct misp_type *type)
{
    struct misp_state *state = state_of(export);
    uint32_t most = export->options.attributes_max == 0 ? ATTRIBUTES_MAX : export->options.attributes_max;
    struct uuid uuid = uuid_of(export, indicator, type);
    bool added;
    TRY(export_set_add(&state->uuids, (slice){(const char *)uuid.bytes, sizeof(uuid.bytes)}, &added));
    if (!added) {
        export_leave(export, "attribute that is there already");
        return OK;
    }
    if (state->open && state->attributes >= most)
        close_event(state);
    if (!state->open)
        open_event(export);
    if (indicator->until_us != TIME_NONE && (indicator->flags & INDICATOR_REVOKED) == 0)
        export_leave(export, "valid_until, which an attribute cannot say (the attribute is written)");
    write_attribute(export, indicator, type, &uuid);
    return OK;
}

static struct err indicator(struct export *export, const struct indicator *indicator)
{
    const struct misp_type *type = type_find(indicator->type, indicator->name);
    if (type == NULL) {
        export_leave_format(export, "type %s, which MISP has not", export_type_name(export, indicator));
        return OK;
    }
    if ((indicator->flags & INDICATOR_BELOW) != 0) {
        export_leave(export, "URL with all below it");
        return OK;
    }
    return give_attribute(export, indicator, type);
}

static struct err pattern(struct export *export, const struct indicator *pattern)
{
    struct err err = give_attribute(export, pattern, type_find(OBSERVABLE_NONE, (slice){0}));
    return err.kind == ERR_NONE ? export_flush(export) : err;
}

static struct err end(struct export *export)
{
    struct misp_state *state = state_of(export);
    if (!state->open && state->events == 0)
        open_event(export);
    if (state->open)
        close_event(state);
    json_write_end(&state->json);
    json_write_end(&state->json);
    buf_byte(&export->text, '\n');
    return OK;
}

const struct export_kind export_misp = {
        .name = "misp",
        .about = "MISP events: an attribute for each value, retractions as deleted attributes",
        .action = EXPORT_READ,
        .extension = "json",
        .revoked = true,
        .says_objects = true,
        .begin = begin,
        .indicator = indicator,
        .pattern = pattern,
        .end = end,
        .close = close,
};
