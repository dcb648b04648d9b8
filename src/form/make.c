/* SPDX-License-Identifier: Apache-2.0 */
#include "form/make.h"

#include "base/clock.h"
#include "stix/checker.h"
#include "stix/id.h"
#include "json/chars.h"

static bool is_empty(slice text)
{
    return text.len == 0;
}

slice form_make_uuid(struct form_objects *reading, slice name)
{
    struct buf out = buf_make(64);
    struct uuid uuid = uuid_v5(&reading->namespace, name);
    uuid_write(&out, &uuid);
    slice text = arena_copy(reading->work, buf_slice(&out));
    buf_free(&out);
    return text;
}

bool form_make_is_utf8(slice text)
{
    size_t bytes = 1;
    for (size_t at = 0; at < text.len && bytes > 0; at += bytes)
        bytes = (text.ptr[at] & 0x80) == 0 ? 1 : json_utf8_bytes(text.ptr + at, text.ptr + text.len);
    return bytes > 0;
}

static void put_time(struct buf *out, int64_t us)
{
    time_write(out, us);
    if (us % 1000 != 0 || !slice_ends(buf_slice(out), S("000Z")))
        return;
    out->len -= 4;
    buf_byte(out, 'Z');
}

void form_make_time(struct form_objects *reading, const char *key, int64_t us)
{
    struct buf out = buf_make(64);
    put_time(&out, us);
    json_write_key_text(&reading->w, slice_of(key), buf_slice(&out));
    buf_free(&out);
}

void form_make_text(struct form_objects *reading, const char *key, slice text)
{
    if (text.len > 0)
        json_write_key_text(&reading->w, slice_of(key), text);
}

static void write_list(struct form_objects *reading, slice key, const slice *texts, size_t count)
{
    json_write_key(&reading->w, key);
    json_write_array(&reading->w);
    for (size_t i = 0; i < count; i++)
        json_write_text(&reading->w, texts[i]);
    json_write_end(&reading->w);
}

static void write_markings(struct form_objects *reading, const struct form_made *made)
{
    if (made->marking_count > 0)
        write_list(reading, S("object_marking_refs"), made->markings, made->marking_count);
    else if (!is_empty(reading->options->marking))
        write_list(reading, S("object_marking_refs"), &reading->options->marking, 1);
}

/* What stands first in every object. */
static void write_head(struct form_objects *reading, const struct form_made *made)
{
    buf_reset(&reading->json);
    reading->w = json_writer(&reading->json);
    json_write_object(&reading->w);
    json_write_key_text(&reading->w, S("type"), made->type);
    json_write_key_text(&reading->w, S("spec_version"), S("2.1"));
    json_write_key_text(&reading->w, S("id"), made->id);
}

static void write_moment(struct form_objects *reading, const struct form_made *made)
{
    size_t from = reading->json.len;
    form_make_time(reading, "created", made->created_us);
    form_make_time(reading, "modified", made->modified_us);
    for (size_t i = 0; i < COUNT_OF(made->moments) && made->moments[i] != NULL; i++)
        form_make_time(reading, made->moments[i], made->created_us);
    reading->moment_from = made->now ? from : 0;
    reading->moment_to = made->now ? reading->json.len : 0;
}

void form_make_begin(struct form_objects *reading, struct form_made *made)
{
    slice creator = is_empty(made->creator) ? reading->options->creator : made->creator;
    reading->made = made;
    made->kept = false;
    made->id = slice_of(arena_printf(
            reading->work, "%.*s--%.*s", (int)made->type.len, made->type.ptr, (int)made->uuid.len, made->uuid.ptr));
    write_head(reading, made);
    if (!slice_eq(creator, made->id))
        form_make_text(reading, "created_by_ref", creator);
    write_moment(reading, made);
    if (made->revoked) {
        json_write_key(&reading->w, S("revoked"));
        json_write_bool(&reading->w, true);
    }
    if (made->label_count > 0)
        write_list(reading, S("labels"), made->labels, made->label_count);
    write_markings(reading, made);
}

/* The object but for its moment. */
static struct sha256 meaning_of(struct form_objects *reading)
{
    slice all = buf_slice(&reading->json);
    if (reading->moment_to == 0)
        return hash_sha256(all);
    buf_reset(&reading->meaning);
    buf_put(&reading->meaning, slice_part(all, 0, reading->moment_from));
    buf_put(&reading->meaning, slice_from(all, reading->moment_to));
    return hash_sha256(buf_slice(&reading->meaning));
}

static slice version_of(struct form_objects *reading, int64_t us)
{
    struct buf out = buf_make(64);
    time_write(&out, us);
    slice version = slice_part(arena_copy(reading->work, buf_slice(&out)), 0, out.len - 1);
    buf_free(&out);
    while (slice_ends(version, S("0")))
        version.len--;
    if (slice_ends(version, S(".")))
        version.len--;
    return version;
}

/* Asks whether it is valid; refused or handed on. */
static struct err hand_on(struct form_objects *reading, bool versioned)
{
    struct form_made *made = reading->made;
    const char *wrong = reading->json.full ? "it is longer than 33554432 bytes"
                                           : stix_checker_wrong(reading->checker, buf_slice(&reading->json));
    if (wrong != NULL) {
        form_objects_refuse(reading, made->place,
                arena_printf(reading->work, "told as %.*s of STIX it is not valid: %s", (int)made->type.len,
                        made->type.ptr, wrong),
                made->original);
        return OK;
    }
    slice creator = is_empty(made->creator) ? reading->options->creator : made->creator;
    struct form_object object = {
            .bytes = buf_slice(&reading->json),
            .id = made->id,
            .type = made->type,
            .spec_version = S("2.1"),
            .created_by = versioned && !slice_eq(creator, made->id) ? creator : (slice){0},
            .modified_us = TIME_NONE,
            .revoked = made->revoked,
            .made = true,
            .meaning = meaning_of(reading),
            .line = made->place.line,
            .column = made->place.column,
    };
    if (versioned) {
        object.modified_us = made->modified_us;
        object.version = version_of(reading, made->modified_us);
    }
    made->kept = true;
    return form_objects_give(reading, &object);
}

struct err form_make_end(struct form_objects *reading)
{
    json_write_end(&reading->w);
    return hand_on(reading, true);
}

struct err form_make_fixed(struct form_objects *reading, struct form_made *made, slice json)
{
    buf_reset(&reading->json);
    buf_put(&reading->json, json);
    reading->made = made;
    reading->moment_to = 0;
    return hand_on(reading, false);
}

struct err form_make_observable(struct form_objects *reading, struct form_made *made, slice members)
{
    struct buf id = buf_make(512);
    buf_reset(&reading->scratch);
    buf_printf(&reading->scratch, "{\"type\":\"%.*s\",", (int)made->type.len, made->type.ptr);
    buf_put(&reading->scratch, members);
    buf_byte(&reading->scratch, '}');
    struct err err = reading->scratch.full ? err_make(ERR_LIMIT, "longer than 33554432 bytes")
                                           : stix_id_make(buf_slice(&reading->scratch), reading->work, &id);
    made->id = arena_copy(reading->work, buf_slice(&id));
    buf_free(&id);
    reading->made = made;
    made->kept = false;
    if (err.kind != ERR_NONE) {
        form_objects_refuse(reading, made->place, err.why, made->original);
        return OK;
    }
    write_head(reading, made);
    write_markings(reading, made);
    buf_byte(&reading->json, ',');
    buf_put(&reading->json, members);
    json_write_end(&reading->w);
    reading->moment_to = 0;
    return hand_on(reading, false);
}

/* ---- Patterns ---- */

/* Where STIX keeps a value of a type; of others the type's own name and `value`. */
static const struct place {
    enum observable_type type;
    const char *name; /* OBSERVABLE_OTHER */
    const char *path;
} places[] = {
        {OBSERVABLE_IPV4, NULL, "ipv4-addr:value"},
        {OBSERVABLE_IPV6, NULL, "ipv6-addr:value"},
        {OBSERVABLE_DOMAIN, NULL, "domain-name:value"},
        {OBSERVABLE_HOST, NULL, "domain-name:value"},
        {OBSERVABLE_URL, NULL, "url:value"},
        {OBSERVABLE_MD5, NULL, "file:hashes.MD5"},
        {OBSERVABLE_SHA1, NULL, "file:hashes.'SHA-1'"},
        {OBSERVABLE_SHA256, NULL, "file:hashes.'SHA-256'"},
        {OBSERVABLE_SHA512, NULL, "file:hashes.'SHA-512'"},
        {OBSERVABLE_EMAIL, NULL, "email-addr:value"},
        {OBSERVABLE_JA3, NULL, "network-traffic:x_ja3_hash"},
        {OBSERVABLE_USERAGENT, NULL, "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'"},
        {OBSERVABLE_FILENAME, NULL, "file:name"},
        {OBSERVABLE_OTHER, "mutex", "mutex:name"},
        {OBSERVABLE_OTHER, "windows-registry-key", "windows-registry-key:key"},
        {OBSERVABLE_OTHER, "email-subject", "email-message:subject"},
        {OBSERVABLE_OTHER, "email-message-id", "email-message:message_id"},
        {OBSERVABLE_OTHER, "ssdeep", "file:hashes.SSDEEP"},
        {OBSERVABLE_OTHER, "tlsh", "file:hashes.TLSH"},
        {OBSERVABLE_OTHER, "sha3-256", "file:hashes.'SHA3-256'"},
        {OBSERVABLE_OTHER, "sha3-512", "file:hashes.'SHA3-512'"},
        {OBSERVABLE_OTHER, "imphash", "file:extensions.'windows-pebinary-ext'.imphash"},
};

/* The text of a constant between its quotes (section 9.4.1 of STIX 2.1). */
static void put_quoted(struct buf *out, slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'' || text.ptr[i] == '\\')
            buf_byte(out, '\\');
        buf_byte(out, text.ptr[i]);
    }
}

static void put_is(struct buf *out, slice path, const char *relation, slice value)
{
    buf_put(out, path);
    buf_printf(out, " %s '", relation);
    put_quoted(out, value);
    buf_byte(out, '\'');
}

/* LIKE has no way to say that % and _ are themselves. */
static bool is_like_safe(slice value)
{
    return slice_find(value, '%') == value.len && slice_find(value, '_') == value.len;
}

/* A regular expression for a text and what stands before or behind it. */
static void put_matches(struct buf *out, slice path, const char *before, slice value, const char *behind)
{
    struct buf regex = buf_make(1u << 20);
    buf_put(&regex, slice_of(before));
    for (size_t i = 0; i < value.len; i++) {
        char c = byte_lower(value.ptr[i]);
        bool plain = (c >= 'a' && c <= 'z') || byte_is_digit(c) || (c & 0x80) != 0;
        if (!plain)
            buf_byte(&regex, '\\');
        buf_byte(&regex, value.ptr[i]);
    }
    buf_put(&regex, slice_of(behind));
    put_is(out, path, "MATCHES", buf_slice(&regex));
    buf_free(&regex);
}

/* A name and all below it: two comparisons that form_stix takes together for one name to look up. */
static void put_domain(struct buf *out, slice path, slice value)
{
    put_is(out, path, "=", value);
    buf_put(out, S(" OR "));
    if (!is_like_safe(value)) {
        put_matches(out, path, "\\.", value, "$");
        return;
    }
    buf_put(out, path);
    buf_put(out, S(" LIKE '%."));
    put_quoted(out, value);
    buf_byte(out, '\'');
}

static void put_below(struct buf *out, slice path, slice value)
{
    if (!is_like_safe(value) || !slice_ends(value, S("/"))) {
        put_matches(out, path, "^", value, "");
        return;
    }
    buf_put(out, path);
    buf_put(out, S(" LIKE '"));
    put_quoted(out, value);
    buf_put(out, S("%'"));
}

static slice path_of(const struct indicator *indicator, struct buf *scratch)
{
    for (size_t i = 0; i < COUNT_OF(places); i++)
        if (places[i].type == indicator->type &&
                (places[i].name == NULL || slice_eq(indicator->name, slice_of(places[i].name))))
            return slice_of(places[i].path);
    buf_put(scratch, indicator->name);
    buf_put(scratch, S(":value"));
    return buf_slice(scratch);
}

void form_comparison_put(struct buf *out, const struct indicator *indicator)
{
    struct buf scratch = buf_make(1024);
    slice path = path_of(indicator, &scratch);
    if (indicator->type == OBSERVABLE_CIDR)
        put_is(out,
                slice_find(indicator->value, ':') < indicator->value.len ? S("ipv6-addr:value") : S("ipv4-addr:value"),
                "ISSUBSET", indicator->value);
    else if (indicator->type == OBSERVABLE_DOMAIN)
        put_domain(out, path, indicator->value);
    else if ((indicator->flags & INDICATOR_BELOW) != 0)
        put_below(out, path, indicator->value);
    else
        put_is(out, path, "=", indicator->value);
    buf_free(&scratch);
}

void form_pattern_put(struct buf *out, const struct indicator *indicator)
{
    buf_byte(out, '[');
    form_comparison_put(out, indicator);
    buf_byte(out, ']');
}
