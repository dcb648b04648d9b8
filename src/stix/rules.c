/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <threads.h>

#include "stix/codes.h"
#include "stix/id.h"
#include "stix/object.h"
#include "stix/pattern.h"
#include "stix/syntax.h"

/*
 * The rules between properties, as rows like those of types.c: of which type, what kind of rule, which properties,
 * which section. What no kind says is a function of its own.
 */

#define RULES_MAX 128

/* A rule made ready for one type: its names as bits. */
struct stix_ready_rule {
    const struct stix_rule *row;
    uint64_t bits;
    uint8_t first, second; /* the bits of its first two names */
};

static bool seen(const struct stix_members *members, uint8_t bit)
{
    return (members->seen >> bit & 1) != 0;
}

static const struct json_token *value_of(const struct stix_check *check, const struct stix_members *members, slice name)
{
    const struct stix_ready *ready = stix_property_find(members->type, name);
    return ready == NULL || !seen(members, ready->bit) ? NULL : &check->tape->tokens[members->at[ready->bit]];
}

static size_t number_of(const struct stix_check *check, const struct json_token *token)
{
    return (size_t)(token - check->tape->tokens);
}

static slice text_or_empty(struct stix_check *check, const struct json_token *token)
{
    return token == NULL || token->kind != JSON_STRING ? S("") : stix_text(check, token);
}

static void say(struct stix_check *check, const struct stix_ready_rule *rule, size_t token)
{
    stix_say(check, rule->row->level, token, rule->row->section, "%s", rule->row->why);
}

/* ---- Kinds of rules ---- */

/* The order of two times; false if one is missing or none. */
static bool order(
        struct stix_check *check, const struct stix_members *members, const struct stix_ready_rule *rule, int *result)
{
    size_t digits;
    if (!seen(members, rule->first) || !seen(members, rule->second))
        return false;
    slice first = text_or_empty(check, &check->tape->tokens[members->at[rule->first]]);
    slice second = text_or_empty(check, &check->tape->tokens[members->at[rule->second]]);
    if (!stix_time_check(first, &digits) || !stix_time_check(second, &digits))
        return false;
    *result = stix_time_order(first, second);
    return true;
}

static void not_before(struct stix_check *check, const struct stix_members *members, const struct stix_ready_rule *rule)
{
    int result;
    if (order(check, members, rule, &result) && result > 0)
        say(check, rule, members->at[rule->second]);
}

static void after(struct stix_check *check, const struct stix_members *members, const struct stix_ready_rule *rule)
{
    int result;
    if (order(check, members, rule, &result) && result >= 0)
        say(check, rule, members->at[rule->second]);
}

static void any_of(struct stix_check *check, const struct stix_members *members, const struct stix_ready_rule *rule)
{
    if ((members->seen & rule->bits) == 0)
        say(check, rule, members->token);
}

static void all_of(struct stix_check *check, const struct stix_members *members, const struct stix_ready_rule *rule)
{
    if ((members->seen & rule->bits) != rule->bits)
        say(check, rule, members->token);
}

static void one_of(struct stix_check *check, const struct stix_members *members, const struct stix_ready_rule *rule)
{
    if (__builtin_popcountll(members->seen & rule->bits) != 1)
        say(check, rule, members->token);
}

/* The first property wants all others. */
static void needs(struct stix_check *check, const struct stix_members *members, const struct stix_ready_rule *rule)
{
    if (seen(members, rule->first) && (members->seen & rule->bits) != rule->bits)
        say(check, rule, members->at[rule->first]);
}

/* At least one property of the type itself, or an extension. */
static void any_own(struct stix_check *check, const struct stix_members *members, const struct stix_ready_rule *rule)
{
    const struct stix_masks *masks = stix_masks(members->type);
    bool extended = value_of(check, members, S("extensions")) != NULL;
    if ((members->seen & ~masks->common) == 0 && !extended)
        say(check, rule, members->token);
}

/* ---- Rules of their own ---- */

/* The pattern of an indicator. The one place that asks the pattern language (part 9). */
static struct err pattern_parse(slice text, struct arena *arena, struct stix_place *place)
{
    struct stix_pattern pattern;
    TRY(stix_pattern_parse(text, arena, &pattern, place));
    for (const struct stix_atom *atom = pattern.atoms; atom != NULL; atom = atom->next)
        if (atom->path->object.len < 3)
            return err_make(ERR_INPUT, "a type of an object has 3 letters or more [STIX 2.1 section 3.1]");
    return OK;
}

static void pattern_check(
        struct stix_check *check, const struct stix_members *members, const struct stix_ready_rule *rule)
{
    const struct json_token *pattern = value_of(check, members, S("pattern"));
    const struct json_token *type = value_of(check, members, S("pattern_type"));
    bool stix = slice_eq(text_or_empty(check, type), S("stix")) || (type == NULL && check->version == STIX_20);
    if (pattern == NULL || pattern->kind != JSON_STRING || !stix)
        return;
    struct stix_place place = {1, 1};
    struct err err = pattern_parse(stix_text(check, pattern), check->work, &place);
    if (err.kind != ERR_NONE)
        stix_say(check, rule->row->level, number_of(check, pattern), rule->row->section, "pattern, column %zu: %s",
                place.column, err.why);
}

static void place_check(
        struct stix_check *check, const struct stix_members *members, const struct stix_ready_rule *rule)
{
    bool point = value_of(check, members, S("latitude")) != NULL && value_of(check, members, S("longitude")) != NULL;
    if (value_of(check, members, S("region")) == NULL && value_of(check, members, S("country")) == NULL && !point)
        say(check, rule, members->token);
}

static void country_check(
        struct stix_check *check, const struct stix_members *members, const struct stix_ready_rule *rule)
{
    const struct json_token *country = value_of(check, members, S("country"));
    if (country != NULL && !stix_code_country(text_or_empty(check, country)))
        say(check, rule, number_of(check, country));
}

static void family_check(
        struct stix_check *check, const struct stix_members *members, const struct stix_ready_rule *rule)
{
    const struct json_token *family = value_of(check, members, S("is_family"));
    if (family != NULL && family->kind == JSON_TRUE && value_of(check, members, S("name")) == NULL)
        say(check, rule, members->token);
}

static void relation_check(
        struct stix_check *check, const struct stix_members *members, const struct stix_ready_rule *rule)
{
    static const slice common[] = {{"related-to", 10}, {"derived-from", 12}, {"duplicate-of", 12}};
    struct stix_id source, target;
    slice name = text_or_empty(check, value_of(check, members, S("relationship_type")));
    if (!stix_id_parse(text_or_empty(check, value_of(check, members, S("source_ref"))), &source) ||
            !stix_id_parse(text_or_empty(check, value_of(check, members, S("target_ref"))), &target) || name.len == 0)
        return;
    for (size_t i = 0; i < COUNT_OF(common); i++)
        if (slice_eq(name, common[i])) {
            if (i > 0 && !slice_eq(source.type, target.type))
                stix_say(check, rule->row->level, members->token, "3.7", "%s joins objects of the same type",
                        common[i].ptr);
            return;
        }
    uint16_t from = stix_type_find(source.type), to = stix_type_find(target.type);
    if (from == STIX_NONE || to == STIX_NONE)
        return; /* relationships of other types are theirs to define */
    if (stix_relation_known(from, name, to) != STIX_RELATION_DEFINED)
        stix_say(check, rule->row->level, members->token, rule->row->section, "%.*s from %.*s to %.*s %s",
                (int)name.len, name.ptr, (int)source.type.len, source.type.ptr, (int)target.type.len, target.type.ptr,
                rule->row->why);
}

static void multipart_check(
        struct stix_check *check, const struct stix_members *members, const struct stix_ready_rule *rule)
{
    const struct json_token *multipart = value_of(check, members, S("is_multipart"));
    bool body = value_of(check, members, S("body")) != NULL,
         parts = value_of(check, members, S("body_multipart")) != NULL;
    if (multipart != NULL && ((multipart->kind == JSON_TRUE && body) || (multipart->kind == JSON_FALSE && parts)))
        say(check, rule, members->token);
}

static void active_check(
        struct stix_check *check, const struct stix_members *members, const struct stix_ready_rule *rule)
{
    const struct json_token *active = value_of(check, members, S("is_active")),
                            *end = value_of(check, members, S("end"));
    if (active != NULL && active->kind == JSON_TRUE && end != NULL)
        say(check, rule, number_of(check, end));
}

static void hive_check(struct stix_check *check, const struct stix_members *members, const struct stix_ready_rule *rule)
{
    static const char *const hives[] = {"HKLM", "HKCC", "HKCR", "HKCU", "HKU"};
    slice key = text_or_empty(check, value_of(check, members, S("key")));
    slice hive = slice_part(key, 0, slice_find(key, '\\'));
    for (size_t i = 0; i < COUNT_OF(hives); i++)
        if (slice_eq_fold(hive, slice_of(hives[i])))
            say(check, rule, members->token);
}

/* Whether a text is a prefix and digits, at least so many. */
static bool is_numbered(slice text, slice prefix, size_t least)
{
    if (!slice_starts(text, prefix) || text.len < prefix.len + least)
        return false;
    for (size_t i = prefix.len; i < text.len; i++)
        if (!byte_is_digit(text.ptr[i]))
            return false;
    return true;
}

/* CVE-YYYY-NNNN or longer. */
static bool is_cve(slice text)
{
    return text.len >= 13 && text.ptr[8] == '-' && is_numbered(slice_part(text, 0, 8), S("CVE-"), 4) &&
           is_numbered(slice_from(text, 8), S("-"), 4);
}

static void source_check(
        struct stix_check *check, const struct stix_members *members, const struct stix_ready_rule *rule)
{
    const struct json_token *external = value_of(check, members, S("external_id"));
    slice source = text_or_empty(check, value_of(check, members, S("source_name"))),
          id = text_or_empty(check, external);
    bool cve = is_cve(id), capec = is_numbered(id, S("CAPEC-"), 1);
    if (slice_eq(source, S("cve")) != cve || slice_eq(source, S("capec")) != capec)
        say(check, rule, members->token);
}

/* ---- Markings ---- */

/* The fixed markings: nothing else may be TLP (section 7.2.1.4, and the TLP 2.0 extension of FIRST). */
static const struct tlp {
    const char *level, *uuid, *name, *created;
    bool second; /* of TLP 2.0 */
} tlps[] = {
        {"white", "613f2e26-407d-48c7-9eca-b8e91df99dc9", "TLP:WHITE", "2017-01-20T00:00:00Z", false},
        {"green", "34098fce-860f-48ae-8e50-ebd3cc5e41da", "TLP:GREEN", "2017-01-20T00:00:00Z", false},
        {"amber", "f88d31f6-486f-44da-b317-01333bde0b82", "TLP:AMBER", "2017-01-20T00:00:00Z", false},
        {"red", "5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "TLP:RED", "2017-01-20T00:00:00Z", false},
        {"clear", "94868c89-83c2-464b-929b-a1a8aa3c8487", "TLP:CLEAR", "2022-10-01T00:00:00Z", true},
        {"green", "bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "TLP:GREEN", "2022-10-01T00:00:00Z", true},
        {"amber", "55d920b0-5e8b-4f79-9ee9-91f868d9b421", "TLP:AMBER", "2022-10-01T00:00:00Z", true},
        {"amber+strict", "939a9414-2ddd-4d32-a0cd-375ea402b003", "TLP:AMBER+STRICT", "2022-10-01T00:00:00Z", true},
        {"red", "e828b379-4e03-4974-9ac4-e53a884c97c1", "TLP:RED", "2022-10-01T00:00:00Z", true},
};

#define TLP_2 S("extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d")

/* The TLP level that a marking says it is, and of which TLP. */
static slice tlp_level(struct stix_check *check, const struct stix_members *members, bool *second)
{
    const struct json_token *extensions = value_of(check, members, S("extensions"));
    const struct json_token *definition = value_of(check, members, S("definition"));
    *second = false;
    if (slice_eq(text_or_empty(check, value_of(check, members, S("definition_type"))), S("tlp")) && definition != NULL)
        return text_or_empty(check, stix_member(check, number_of(check, definition), S("tlp")));
    const struct json_token *extension =
            extensions == NULL ? NULL : stix_member(check, number_of(check, extensions), TLP_2);
    if (extension == NULL)
        return S("");
    *second = true;
    return text_or_empty(check, stix_member(check, number_of(check, extension), S("tlp_2_0")));
}

static bool tlp_is_fixed(struct stix_check *check, const struct stix_members *members, const struct tlp *tlp)
{
    struct stix_id id;
    slice created = text_or_empty(check, value_of(check, members, S("created")));
    slice name = text_or_empty(check, value_of(check, members, S("name")));
    size_t digits;
    return stix_id_parse(text_or_empty(check, value_of(check, members, S("id"))), &id) &&
           slice_eq_fold(id.uuid, slice_of(tlp->uuid)) && stix_time_check(created, &digits) &&
           stix_time_order(created, slice_of(tlp->created)) == 0 &&
           (slice_eq(name, slice_of(tlp->name)) || (name.len == 0 && check->version == STIX_20));
}

static void tlp_check(struct stix_check *check, const struct stix_members *members, const struct stix_ready_rule *rule)
{
    bool second, is_tlp = slice_eq(text_or_empty(check, value_of(check, members, S("definition_type"))), S("tlp"));
    slice level = tlp_level(check, members, &second);
    struct stix_id id;
    bool has_id = stix_id_parse(text_or_empty(check, value_of(check, members, S("id"))), &id);
    bool reserved = false;
    for (size_t i = 0; i < COUNT_OF(tlps); i++) {
        reserved |= has_id && slice_eq_fold(id.uuid, slice_of(tlps[i].uuid));
        if (tlps[i].second == second && slice_eq(level, slice_of(tlps[i].level)) &&
                tlp_is_fixed(check, members, &tlps[i]))
            return;
    }
    if (is_tlp || second)
        say(check, rule, members->token);
    else if (reserved)
        stix_say(check, STIX_WARNING, members->token, rule->row->section, "this id is that of a TLP marking");
}

/*
 * Section 3.2 wants milliseconds of every `created`. A marking has no versions that they would tell apart, and those
 * that are in wide use (ATT&CK) come without, so it is only a warning here.
 */
static void millis_check(
        struct stix_check *check, const struct stix_members *members, const struct stix_ready_rule *rule)
{
    const struct json_token *created = value_of(check, members, S("created"));
    size_t digits;
    if (created != NULL && stix_time_check(text_or_empty(check, created), &digits) && digits < 3)
        say(check, rule, number_of(check, created));
}

static void definition_check(
        struct stix_check *check, const struct stix_members *members, const struct stix_ready_rule *rule)
{
    const struct json_token *definition = value_of(check, members, S("definition"));
    const struct json_token *type = value_of(check, members, S("definition_type"));
    if (value_of(check, members, S("extensions")) == NULL && (definition == NULL || type == NULL)) {
        say(check, rule, members->token);
        return;
    }
    if (definition == NULL || type == NULL)
        return;
    struct stix_members parts;
    struct stix_where step = {check->path, S("definition"), 0};
    check->path = &step; // cppcheck-suppress autoVariables ; given back below
    bool statement = slice_eq(text_or_empty(check, type), S("statement"));
    bool tlp = slice_eq(text_or_empty(check, type), S("tlp"));
    if (definition->kind != JSON_OBJECT)
        stix_say(check, STIX_ERROR, number_of(check, definition), rule->row->section, "must be an object");
    else if (statement || tlp)
        stix_members_check(check, number_of(check, definition),
                stix_type_find(statement ? S("statement-marking") : S("tlp-marking")), &parts);
    check->path = step.up;
}

/* No marking marks itself. */
static void circular_check(
        struct stix_check *check, const struct stix_members *members, const struct stix_ready_rule *rule)
{
    const struct json_token *refs = value_of(check, members, S("object_marking_refs"));
    slice id = text_or_empty(check, value_of(check, members, S("id")));
    if (refs == NULL || refs->kind != JSON_ARRAY)
        return;
    for (size_t i = number_of(check, refs) + 1; i < refs->next; i = check->tape->tokens[i].next)
        if (slice_eq(text_or_empty(check, &check->tape->tokens[i]), id))
            say(check, rule, i);
}

/* The element of a list that a step of a selector names: [4]. */
static const struct json_token *element(struct stix_check *check, const struct json_token *list, slice step)
{
    uint64_t index;
    if (step.len < 3 || step.ptr[0] != '[' || step.ptr[step.len - 1] != ']' || list->kind != JSON_ARRAY ||
            !slice_u64(slice_part(step, 1, step.len - 1), UINT32_MAX, &index))
        return NULL;
    check->steps += index < list->next ? index : list->next;
    if (check->steps > STIX_STEPS_MAX)
        return NULL;
    size_t at = number_of(check, list) + 1;
    for (; at < list->next && index > 0; index--)
        at = check->tape->tokens[at].next;
    return at < list->next ? &check->tape->tokens[at] : NULL;
}

static bool selects(struct stix_check *check, slice selector)
{
    const struct json_token *at = &check->tape->tokens[check->object];
    slice rest = selector, step;
    while (at != NULL && slice_next(&rest, '.', &step))
        at = slice_starts(step, S("[")) ? element(check, at, step)
                                        : stix_member_step(check, number_of(check, at), step);
    return at != NULL && selector.len > 0;
}

static void selectors_check(
        struct stix_check *check, const struct stix_members *members, const struct stix_ready_rule *rule)
{
    const struct json_token *list = value_of(check, members, S("selectors"));
    if (list == NULL || list->kind != JSON_ARRAY)
        return;
    for (size_t i = number_of(check, list) + 1; i < list->next; i = check->tape->tokens[i].next) {
        slice selector = text_or_empty(check, &check->tape->tokens[i]);
        if (check->tape->tokens[i].kind == JSON_STRING && !selects(check, selector))
            stix_say(check, rule->row->level, i, rule->row->section, "selects %.*s, %s",
                    (int)(selector.len < 200 ? selector.len : 200), selector.ptr, rule->row->why);
    }
}

/* extension_properties only with toplevel-property-extension, which in turn should have some. */
static void properties_check(
        struct stix_check *check, const struct stix_members *members, const struct stix_ready_rule *rule)
{
    const struct json_token *types = value_of(check, members, S("extension_types"));
    const struct json_token *properties = value_of(check, members, S("extension_properties"));
    bool toplevel = false;
    if (types == NULL || types->kind != JSON_ARRAY)
        return;
    for (size_t i = number_of(check, types) + 1; i < types->next; i = check->tape->tokens[i].next)
        toplevel |= slice_eq(text_or_empty(check, &check->tape->tokens[i]), S("toplevel-property-extension"));
    if (properties != NULL && !toplevel)
        say(check, rule, number_of(check, properties));
    else if (properties == NULL && toplevel)
        stix_say(check, STIX_WARNING, members->token, rule->row->section,
                "extension_properties should name what toplevel-property-extension adds");
}

/* ---- The rules ---- */

#define BOTH (STIX_21 | STIX_20)
#define ERROR STIX_ERROR
#define WARNING STIX_WARNING

const struct stix_rule stix_rules[] = {
        {"common-sdo", not_before, "created modified", "3.2", BOTH, ERROR, "modified must not be earlier than created"},
        {"common-sco", not_before, "created modified", "3.2", BOTH, ERROR, "modified must not be earlier than created"},
        {"common-language", not_before, "created modified", "3.2", BOTH, ERROR,
                "modified must not be earlier than created"},
        {"common-extension", not_before, "created modified", "3.2", BOTH, ERROR,
                "modified must not be earlier than created"},
        {"external-reference", any_of, "description url external_id", "2.5.2", STIX_21, ERROR,
                "description, url or external_id is required"},
        {"external-reference", source_check, "", "4.1.1, 4.19.1", STIX_21, ERROR,
                "source_name is cve with external_id CVE-YYYY-NNNN, capec with CAPEC-N, and neither with others"},
        {"external-reference", needs, "url hashes", "2.5.1", STIX_21, WARNING, "a url should have hashes"},
        {"granular-marking", one_of, "lang marking_ref", "7.2.3.1", STIX_21, ERROR,
                "either lang or marking_ref is required, and not both"},
        {"granular-marking", any_of, "marking_ref", "7.2.3.1", STIX_20, ERROR, "marking_ref is required"},
        {"granular-marking", selectors_check, "", "7.2.3.1", BOTH, ERROR, "which is not there"},

        {"campaign", not_before, "first_seen last_seen", "4.2.1", BOTH, ERROR,
                "last_seen must not be earlier than first_seen"},
        {"indicator", after, "valid_from valid_until", "4.7.1", BOTH, ERROR,
                "valid_until must be later than valid_from"},
        {"indicator", pattern_check, "", "4.7.1", BOTH, ERROR, NULL},
        {"indicator", all_of, "name description", "4.7.1", STIX_21, WARNING, "name and description should be there"},
        {"indicator", any_of, "labels", "STIX 2.0 part 2 section 2.5.1", STIX_20, ERROR, "labels are required"},
        {"infrastructure", not_before, "first_seen last_seen", "4.8.1", BOTH, ERROR,
                "last_seen must not be earlier than first_seen"},
        {"intrusion-set", not_before, "first_seen last_seen", "4.9.1", BOTH, ERROR,
                "last_seen must not be earlier than first_seen"},
        {"location", place_check, "", "4.10.1", STIX_21, ERROR,
                "region, country, or latitude and longitude are required"},
        {"location", needs, "latitude longitude", "4.10.1", STIX_21, ERROR, "latitude needs longitude"},
        {"location", needs, "longitude latitude", "4.10.1", STIX_21, ERROR, "longitude needs latitude"},
        {"location", needs, "precision latitude longitude", "4.10.1", STIX_21, ERROR,
                "precision needs latitude and longitude"},
        {"location", country_check, "", "4.10.1", STIX_21, WARNING,
                "country should be a code of ISO 3166-1 with two letters"},
        {"malware", family_check, "", "4.11.1", STIX_21, ERROR, "a malware family must have a name"},
        {"malware", not_before, "first_seen last_seen", "4.11.1", BOTH, ERROR,
                "last_seen must not be earlier than first_seen"},
        {"malware", any_of, "labels", "STIX 2.0 part 2 section 2.7.1", STIX_20, ERROR, "labels are required"},
        {"malware-analysis", any_of, "result analysis_sco_refs", "4.12.1", STIX_21, ERROR,
                "result or analysis_sco_refs is required"},
        {"observed-data", one_of, "objects object_refs", "4.14.1", STIX_21, ERROR,
                "either objects or object_refs is required, and not both"},
        {"observed-data", not_before, "first_observed last_observed", "4.14.1", BOTH, ERROR,
                "last_observed must not be earlier than first_observed"},
        {"report", any_of, "labels", "STIX 2.0 part 2 section 2.9.1", STIX_20, ERROR, "labels are required"},
        {"threat-actor", not_before, "first_seen last_seen", "4.17.1", BOTH, ERROR,
                "last_seen must not be earlier than first_seen"},
        {"threat-actor", any_of, "labels", "STIX 2.0 part 2 section 2.10.1", STIX_20, ERROR, "labels are required"},
        {"tool", any_of, "labels", "STIX 2.0 part 2 section 2.11.1", STIX_20, ERROR, "labels are required"},

        {"relationship", after, "start_time stop_time", "5.1.2", STIX_21, ERROR,
                "stop_time must be later than start_time"},
        {"relationship", relation_check, "", "5.1.2", STIX_21, WARNING, "is no relationship of the standard"},
        {"sighting", not_before, "first_seen last_seen", "5.2.1", BOTH, ERROR,
                "last_seen must not be earlier than first_seen"},

        {"artifact", one_of, "payload_bin url", "6.1", STIX_21, ERROR,
                "either payload_bin or url is required, and not both"},
        {"artifact", needs, "url hashes", "6.1.1", STIX_21, ERROR, "a url must have hashes"},
        {"artifact", needs, "decryption_key encryption_algorithm", "6.1.1", STIX_21, ERROR,
                "decryption_key must not be there without encryption_algorithm"},
        {"email-message", multipart_check, "", "6.6.1", BOTH, ERROR,
                "body must not be there if is_multipart is true, nor body_multipart if it is false"},
        {"email-mime-part-type", one_of, "body body_raw_ref", "6.6.2", STIX_21, ERROR,
                "either body or body_raw_ref is required, and not both"},
        {"file", any_of, "hashes name", "6.7.1", BOTH, ERROR, "hashes or name is required"},
        {"file", needs, "name_enc name", "3.1", STIX_21, ERROR, "name_enc must not be there without name"},
        {"ntfs-ext", any_own, "", "6.7.3", STIX_21, ERROR, "must have at least one property"},
        {"pdf-ext", any_own, "", "6.7.4", STIX_21, ERROR, "must have at least one property"},
        {"raster-image-ext", any_own, "", "6.7.5", STIX_21, ERROR, "must have at least one property"},
        {"windows-pe-optional-header-type", any_own, "", "6.7.6", STIX_21, ERROR, "must have at least one property"},
        {"network-traffic", any_of, "src_ref dst_ref", "6.12.1", BOTH, ERROR, "src_ref or dst_ref is required"},
        {"network-traffic", all_of, "src_ref dst_ref", "6.12.1", STIX_21, WARNING,
                "src_ref and dst_ref should both be there"},
        {"network-traffic", not_before, "start end", "6.12.1", BOTH, ERROR, "end must not be earlier than start"},
        {"network-traffic", active_check, "", "6.12.1", BOTH, ERROR, "end must not be there if is_active is true"},
        {"tcp-ext", any_own, "", "6.12.5", STIX_21, ERROR, "must have at least one property"},
        {"process", any_own, "", "6.13.1", BOTH, ERROR, "must have at least one property of its own or an extension"},
        {"windows-process-ext", any_own, "", "6.13.2", STIX_21, ERROR, "must have at least one property"},
        {"windows-service-ext", any_own, "", "6.13.3", STIX_21, ERROR, "must have at least one property"},
        {"user-account", any_own, "", "6.16.1", BOTH, ERROR,
                "must have at least one property of its own or an extension"},
        {"unix-account-ext", any_own, "", "6.16.2", STIX_21, ERROR, "must have at least one property"},
        {"windows-registry-key", any_own, "", "6.17.1", STIX_21, ERROR, "must have at least one property of its own"},
        {"windows-registry-key", hive_check, "", "6.17.1", STIX_21, ERROR, "the hive of a key must be written in full"},
        {"windows-registry-value-type", any_own, "", "6.17.2", STIX_21, ERROR, "must have at least one property"},
        {"x509-certificate", any_own, "", "6.18.1", STIX_21, ERROR, "must have at least one property of its own"},
        {"x509-v3-extensions-type", any_own, "", "6.18.2", STIX_21, ERROR, "must have at least one property"},

        {"marking-definition", definition_check, "", "7.2.1", STIX_21, ERROR,
                "definition_type and definition, or extensions, are required"},
        {"marking-definition", tlp_check, "", "7.2.1.4", BOTH, ERROR,
                "TLP markings must be those that are defined, with their id, name, created and level"},
        {"marking-definition", millis_check, "", "3.2", STIX_21, WARNING, "created must be precise to the millisecond"},
        {"marking-definition", circular_check, "", "3.2", BOTH, ERROR, "a marking must not mark itself"},
        {"extension-definition", properties_check, "", "7.3.1", STIX_21, ERROR,
                "extension_properties must only be used with toplevel-property-extension"},
        {"extension-definition", all_of, "description", "7.3.1", STIX_21, WARNING, "a description should be there"},

        {"impact", any_of, "extensions", "7.3, impact extension", STIX_21, ERROR, "extensions are required"},
        {"impact", not_before, "start_time end_time", "7.3, impact extension", STIX_21, ERROR,
                "end_time must not be earlier than start_time"},
        {"task", any_of, "extensions", "7.3, task extension", STIX_21, ERROR, "extensions are required"},
        {"task", not_before, "start_time end_time", "7.3, task extension", STIX_21, ERROR,
                "end_time must not be earlier than start_time"},
        {"event", any_of, "extensions", "7.3, event extension", STIX_21, ERROR, "extensions are required"},
        {"event", not_before, "start_time end_time", "7.3, event extension", STIX_21, ERROR,
                "end_time must not be earlier than start_time"},
        {NULL, NULL, NULL, NULL, 0, ERROR, NULL},
};

/* ---- Made ready: the rules of each type together ---- */

static struct stix_ready_rule ready_rules[2 * RULES_MAX];
static struct {
    uint16_t first, count;
} rules_of[STIX_TYPES_MAX];
static once_flag made = ONCE_FLAG_INIT;

static struct stix_ready_rule make_rule(uint16_t type, const struct stix_rule *rule)
{
    struct stix_ready_rule ready = {.row = rule};
    slice rest = slice_of(rule->names), name;
    for (size_t i = 0; rule->names[0] != '\0' && slice_next(&rest, ' ', &name); i++) {
        const struct stix_ready *property = stix_property_find(type, name);
        assert(property != NULL);
        ready.bits |= UINT64_C(1) << property->bit;
        if (i == 0)
            ready.first = property->bit;
        else if (i == 1)
            ready.second = property->bit;
    }
    return ready;
}

static void make(void)
{
    size_t count = 0;
    for (uint16_t t = 0; stix_types[t].name != NULL; t++) {
        const char *common = stix_types[t].common;
        rules_of[t].first = (uint16_t)count;
        for (size_t i = 0; stix_rules[i].type != NULL; i++) {
            bool own = strcmp(stix_rules[i].type, stix_types[t].name) == 0 && stix_types[t].family != STIX_COMMON;
            if (!own && !(common != NULL && strcmp(stix_rules[i].type, common) == 0))
                continue;
            assert(count < COUNT_OF(ready_rules));
            ready_rules[count++] = make_rule(t, &stix_rules[i]);
            rules_of[t].count++;
        }
    }
}

void stix_rules_check(struct stix_check *check, const struct stix_members *members)
{
    call_once(&made, make);
    const struct stix_ready_rule *ready = &ready_rules[rules_of[members->type].first];
    for (uint16_t i = 0; i < rules_of[members->type].count; i++, ready++) {
        if ((ready->row->versions & check->version) == 0)
            continue;
        check->rule = ready->row;
        ready->row->check(check, members, ready);
    }
    check->rule = NULL;
}
