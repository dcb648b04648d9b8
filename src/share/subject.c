/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <unicase.h>
#include <uninorm.h>

#include "base/arena.h"
#include "share/rules.h"
#include "stix/table.h"
#include "json/read.h"

enum {
    TYPE_MAX = 250, /* characters of a type (section 2.13) */
    UUID_LEN = 36,
    REFS_LEAST = 16,
    BEGINS_BYTES = (1 << 16) / 8, /* a bit for each two bytes */
    BEGINS_LEAST = 16,            /* names for which that is worth it */
};

/*
 * The redaction template. Of an identity only what kind of one it is may be told: it is not derived, since it says
 * nothing without its name. Addresses and names in what was observed are the observation; who it was addressed to,
 * whose account it was and what was written are not.
 */
static const struct template
{
    const char *type, *property;
}
template[] = {
        {"identity", "name"},
        {"identity", "description"},
        {"identity", "roles"},
        {"identity", "contact_information"},
        {"location", "latitude"},
        {"location", "longitude"},
        {"location", "precision"},
        {"location", "street_address"},
        {"location", "postal_code"},
        {"malware-analysis", "host_vm_ref"},
        {"note", "authors"},
        {"opinion", "authors"},
        {"sighting", "where_sighted_refs"},
        {"sighting", "observed_data_refs"},
        {"email-addr", "display_name"},
        {"email-addr", "belongs_to_ref"},
        {"email-message", "to_refs"},
        {"email-message", "cc_refs"},
        {"email-message", "bcc_refs"},
        {"email-message", "received_lines"},
        {"email-message", "additional_header_fields"},
        {"email-message", "body"},
        {"email-message", "body_multipart"},
        {"email-message", "raw_email_ref"},
        {"process", "cwd"},
        {"process", "environment_variables"},
        {"process", "creator_user_ref"},
        {"user-account", "user_id"},
        {"user-account", "credential"},
        {"user-account", "account_login"},
        {"user-account", "display_name"},
        {"windows-registry-key", "creator_user_ref"},
        {"http-request-ext", "request_header"},
        {"raster-image-ext", "exif_tags"},
        {"unix-account-ext", "home_dir"},
        {"windows-process-ext", "owner_sid"},
};

bool share_template_has(slice type, slice property)
{
    for (size_t i = 0; i < COUNT_OF(template); i++)
        if (slice_eq(property, slice_of(template[i].property)) && slice_eq(type, slice_of(template[i].type)))
            return true;
    return false;
}

/* ---- Strings ---- */

struct share_strings share_strings(slice json)
{
    return (struct share_strings){json.ptr, json.ptr + json.len};
}

bool share_string_next(struct share_strings *walk, slice *raw)
{
    const char *at = walk->at == walk->end ? NULL : memchr(walk->at, '"', (size_t)(walk->end - walk->at));
    if (at == NULL)
        return false;
    const char *from = ++at;
    while (*at != '"')
        at += *at == '\\' ? 2 : 1;
    *raw = (slice){from, (size_t)(at - from)};
    walk->at = at + 1;
    return true;
}

static bool is_type_byte(char c)
{
    char low = byte_lower(c);
    return (low >= 'a' && low <= 'z') || byte_is_digit(c) || c == '-' || c == '_';
}

/* From "--" and a UUID behind it backwards over the type: what lies before it is read at most once per UUID. */
bool share_id_next(slice text, size_t *at, slice *id)
{
    struct uuid uuid;
    for (size_t i = *at; i + 2 + UUID_LEN <= text.len; i++) {
        i += slice_find(slice_from(text, i), '-');
        if (i + 2 + UUID_LEN > text.len || text.ptr[i + 1] != '-' ||
                !uuid_parse(slice_part(text, i + 2, i + 2 + UUID_LEN), &uuid))
            continue;
        size_t from = i;
        while (from > *at && i - from < TYPE_MAX && is_type_byte(text.ptr[from - 1]))
            from--;
        *at = i + 2 + UUID_LEN;
        *id = slice_part(text, from, *at);
        if (from < i)
            return true;
        i = *at - 1;
    }
    *at = text.len;
    return false;
}

bool share_uuid_next(slice text, size_t *at, struct uuid *uuid)
{
    for (size_t i = *at; i + UUID_LEN <= text.len; i++) {
        size_t hyphen = i + 8 + slice_find(slice_from(text, i + 8), '-');
        if (hyphen + UUID_LEN - 8 > text.len)
            break;
        i = hyphen - 8;
        if (text.ptr[i + 13] != '-' || !uuid_parse(slice_part(text, i, i + UUID_LEN), uuid))
            continue;
        *at = i + UUID_LEN;
        return true;
    }
    *at = text.len;
    return false;
}

/* ---- Names ---- */

/* Lower case where all is ASCII, else as Unicode folds; the caller frees it. NULL: no memory, or no UTF-8. */
static char *fold(slice text, size_t *len)
{
    unsigned char all = 0;
    for (size_t i = 0; i < text.len; i++)
        all |= (unsigned char)text.ptr[i];
    if (all >= 0x80)
        return (char *)u8_casefold((const uint8_t *)text.ptr, text.len, NULL, UNINORM_NFKC, NULL, len);
    char *low = malloc(text.len + 1);
    for (size_t i = 0; i < text.len && low != NULL; i++)
        low[i] = byte_lower(text.ptr[i]);
    *len = text.len;
    return low;
}

/* A text as names are compared: case folded, compatible characters as one (Unicode NFKC). */
static slice name_fold(slice text, struct arena *arena)
{
    size_t len;
    char *folded = fold(text, &len);
    slice kept = arena_copy(arena, folded == NULL ? text : (slice){folded, len});
    free(folded);
    return kept;
}

static int name_order(const void *a, const void *b)
{
    return slice_order(*(const slice *)a, *(const slice *)b);
}

/* One of a single byte begins all texts that do, whatever comes behind it. */
static void begin_note(uint8_t *begins, slice name)
{
    size_t first = (size_t)(uint8_t)name.ptr[0] << 8, last = first | 0xff;
    if (name.len > 1)
        first = last = first | (uint8_t)name.ptr[1];
    for (size_t two = first; two <= last; two++)
        begins[two / 8] |= (uint8_t)(1u << two % 8);
}

static bool begins_one(const struct share_names *names, slice text)
{
    size_t two = (size_t)(uint8_t)text.ptr[0] << 8 | (text.len > 1 ? (uint8_t)text.ptr[1] : 0);
    return names->begins == NULL || (names->begins[two / 8] >> two % 8 & 1) != 0;
}

struct share_names share_names_make(const slice *names, size_t count, struct arena *arena)
{
    slice *kept = arena_new(arena, slice, count + 1);
    uint8_t *begins = count < BEGINS_LEAST ? NULL : arena_new(arena, uint8_t, BEGINS_BYTES);
    size_t all = 0, own = 0;
    for (size_t i = 0; i < count; i++) {
        slice name = slice_trim(name_fold(names[i], arena));
        if (name.len > 0)
            kept[all++] = name;
    }
    if (all > 0)
        qsort(kept, all, sizeof *kept, name_order);
    for (size_t i = 0; i < all; i++) {
        if (own > 0 && slice_starts(kept[i], kept[own - 1]))
            continue;
        kept[own++] = kept[i];
        if (begins != NULL)
            begin_note(begins, kept[own - 1]);
    }
    return (struct share_names){kept, own, begins};
}

/* Only the last of those before the text can begin it: whatever stood between would begin with that one itself. */
static bool starts_with_name(const struct share_names *names, slice text)
{
    size_t low = 0, high = names->count;
    if (!begins_one(names, text))
        return false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slice_order(names->names[middle], text) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && slice_starts(text, names->names[low - 1]);
}

/* What cannot be compared is taken for one of them. */
static bool holds_name(slice text, const struct share_names *names)
{
    size_t len;
    char *folded = fold(text, &len);
    bool holds = folded == NULL;
    for (size_t i = 0; !holds && i < len; i++)
        holds = starts_with_name(names, (slice){folded + i, len - i});
    free(folded);
    return holds;
}

bool share_names_in(slice json, const struct share_names *names, struct arena *arena)
{
    struct share_strings walk = share_strings(json);
    slice raw;
    while (names != NULL && names->count > 0 && share_string_next(&walk, &raw))
        if (holds_name(json_unescape(raw, arena), names))
            return true;
    return false;
}

/* ---- Ids ---- */

struct refs {
    slice *ids;
    size_t count, room;
    struct arena *arena;
};

static void refs_add(struct refs *refs, slice id)
{
    if (refs->count == refs->room) {
        size_t room = refs->room == 0 ? REFS_LEAST : refs->room * 2;
        slice *wider = arena_new(refs->arena, slice, room);
        if (refs->count > 0)
            memcpy(wider, refs->ids, refs->count * sizeof(*wider));
        refs->ids = wider;
        refs->room = room;
    }
    refs->ids[refs->count++] = id;
}

static int refs_order(const void *a, const void *b)
{
    return slice_order(*(const slice *)a, *(const slice *)b);
}

/* What everybody knows: published markings, extensions of the standard's authors that we have rows for, our own. */
static bool is_public(slice id)
{
    return stix_marking_published(id) || stix_type_find(id) != STIX_NONE || slice_eq(id, S(STIX_OUR_EXTENSION));
}

static void refs_find(slice json, slice own, struct arena *arena, struct share_subject *subject)
{
    struct refs refs = {.arena = arena};
    struct share_strings walk = share_strings(json);
    slice raw, id;
    while (share_string_next(&walk, &raw)) {
        if (raw.len < UUID_LEN)
            continue;
        slice text = json_unescape(raw, arena);
        for (size_t at = 0; share_id_next(text, &at, &id);)
            if (!slice_eq(id, own) && !is_public(id))
                refs_add(&refs, id);
    }
    if (refs.count > 0)
        qsort(refs.ids, refs.count, sizeof(*refs.ids), refs_order);
    size_t kept = 0;
    for (size_t i = 0; i < refs.count; i++)
        if (kept == 0 || !slice_eq(refs.ids[kept - 1], refs.ids[i]))
            refs.ids[kept++] = refs.ids[i];
    subject->refs = refs.ids;
    subject->ref_count = kept;
}

/* ---- Marks ---- */

/*
 * A granular marking without selectors that we can read, and those beyond the ceiling, count for the whole. A selector
 * begins with the name of a property (section 7.2.3.1).
 */
static bool has_selectors(slice selectors)
{
    struct json_elements walk = json_elements(selectors);
    slice selector;
    bool any = false;
    while (json_element_next(&walk, &selector)) {
        if (json_kind(selector) != JSON_STRING || selector.len < 3 || selector.ptr[1] == '.')
            return false;
        any = true;
    }
    return any;
}

static void parts_read(
        const struct stix_definitions *definitions, slice granular, struct arena *arena, struct share_subject *subject)
{
    struct json_elements walk = json_elements(granular);
    struct stix_part part, *parts = NULL;
    while (stix_part_next(definitions, &walk, arena, &part)) {
        if (parts == NULL)
            parts = arena_new(arena, struct stix_part, SHARE_PARTS_MAX);
        if (subject->part_count == SHARE_PARTS_MAX || !has_selectors(part.selectors))
            stix_marks_add(&subject->marks, &part.marks);
        else
            parts[subject->part_count++] = part;
    }
    subject->parts = parts;
}

/*
 * A definition goes where what it marks may go: not outside of its group or country, nor before its time. Without a
 * marking of its own it is GREEN: it says how something is marked, not what.
 */
static void definition_marked(slice object, struct arena *arena, struct stix_marks *marks)
{
    const struct stix_marks says = stix_definition_marks(object, arena);
    struct stix_marks where = {.unclear = says.unclear,
            .exercise = says.exercise,
            .embargo_us = says.embargo_us,
            .group_count = says.group_count,
            .tlp = marks->tlp == TLP_NONE ? TLP_GREEN : marks->tlp};
    memcpy(where.residency, says.residency, sizeof(where.residency));
    memcpy(where.groups, says.groups, sizeof(where.groups));
    stix_marks_add(marks, &where);
}

/* ---- The subject ---- */

/* What stands at the top of an object. */
struct top {
    slice type, id, spec_version, created, modified, created_by, revoked, identity_class, extensions;
};

static void top_read(slice object, struct arena *arena, struct top *top)
{
    const struct {
        slice key;
        slice *value;
    } wanted[] = {
            {S("type"), &top->type},
            {S("id"), &top->id},
            {S("spec_version"), &top->spec_version},
            {S("created"), &top->created},
            {S("modified"), &top->modified},
            {S("created_by_ref"), &top->created_by},
            {S("revoked"), &top->revoked},
            {S("identity_class"), &top->identity_class},
            {S("extensions"), &top->extensions},
    };
    struct json_members walk = json_members(object);
    slice key, value;
    while (json_member_next(&walk, &key, &value))
        for (size_t i = 0; i < COUNT_OF(wanted); i++)
            if (json_key_is(key, wanted[i].key))
                *wanted[i].value = json_kind(value) == JSON_STRING ? json_text(value, arena) : value;
}

static bool has_template(slice object, slice type, struct arena *arena)
{
    struct json_members walk = json_members(object);
    slice key, value;
    while (json_member_next(&walk, &key, &value))
        if (share_template_has(type, json_unescape(key, arena)))
            return true;
    return false;
}

/* An identity that names a class of others names no victim. */
static bool is_identifying(slice object, const struct top *top, struct arena *arena)
{
    struct json_members walk = json_members(top->extensions);
    slice key, extension;
    if (slice_eq(top->type, S("identity")))
        return !slice_eq(top->identity_class, S("class"));
    while (json_member_next(&walk, &key, &extension))
        if (has_template(extension, json_unescape(key, arena), arena))
            return true;
    return has_template(object, top->type, arena);
}

struct err share_subject_read(
        slice bytes, const struct stix_definitions *definitions, struct arena *arena, struct share_subject *subject)
{
    struct top top = {0};
    if (json_kind(bytes) != JSON_OBJECT)
        return err_make(ERR_INPUT, "what is to be decided about is no JSON object");
    top_read(bytes, arena, &top);
    if (top.type.len == 0 || top.id.len == 0)
        return err_make(ERR_INPUT, "what is to be decided about has no type and id (STIX 2.1 section 3.2)");
    const struct stix_marked marked = stix_marked_of(bytes);
    *subject = (struct share_subject){
            .bytes = bytes,
            .id = top.id,
            .type = top.type,
            .version = top.modified.len > 0 ? top.modified : top.created,
            .spec_version = top.spec_version,
            .created_by = top.created_by,
            .marks = stix_marks_whole(definitions, &marked, arena),
            .sighting = slice_eq(top.type, S("sighting")),
            .identifying = is_identifying(bytes, &top, arena),
            .revoked = slice_eq(top.revoked, S("true")),
            .origin = SHARE_OUTSIDE,
    };
    parts_read(definitions, marked.granular, arena, subject);
    if (slice_eq(top.type, S("marking-definition")))
        definition_marked(bytes, arena, &subject->marks);
    refs_find(bytes, top.id, arena, subject);
    return arena_check(arena);
}
