/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The properties of a playbook and of all that it holds, as tables in the order of the standard. What is nested is
 * nested by these tables, so it ends where they do. A property that is none of the standard's is kept and told of;
 * vocabularies are open but for that of the steps.
 */
#include "plan/playbook_parts.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "json/read.h"

enum value {
    ANY,
    TEXT,      /* "" is one */
    NAME,      /* with something in it */
    TIME,      /* section 10.17 */
    TRUTH,     /* section 10.1 */
    WHOLE,     /* 0 to `most`, section 10.11 */
    ID,        /* of the type `word`, if that is named; section 10.10 */
    CONSTANT,  /* `word` */
    TEXT_NULL, /* a text, or null */
    TEXTS,
    IDS,
    OBJECT,  /* `shape` */
    OBJECTS, /* a list of them */
    BY_ID,   /* a dictionary: identifier to `shape` */
    BY_NAME, /* a dictionary: name of a variable to `shape`, section 10.18 */
    CASES,   /* a dictionary: anything to an identifier */
};

struct shape;
struct property {
    const char *name;
    enum value value;
    bool must;
    const char *section;
    const struct shape *shape;
    const char *word;
    int64_t most;
};
struct shape {
    const char *what;
    const struct property *rows;
    size_t count;
};

#define MOST_MS INT64_C(1000000000000) /* of a delay: some thirty years */

/* ---- Section 10: data types ---- */

static const struct property reference_rows[] = {
        {"name", NAME, true, "10.6"},
        {"description", TEXT, false, "10.6"},
        {"source", TEXT, false, "10.6"},
        {"url", TEXT, false, "10.6"},
        {"hash", TEXT, false, "10.6"},
        {"external_id", TEXT, false, "10.6"},
        {"reference_id", ID, false, "10.6"},
};
static const struct shape reference = {"external reference", reference_rows, COUNT_OF(reference_rows)};

static const struct property variable_rows[] = {
        {"type", NAME, true, "10.18"},
        {"description", TEXT, false, "10.18"},
        {"value", TEXT_NULL, false, "10.18"},
        {"constant", TRUTH, false, "10.18"},
        {"external", TRUTH, false, "10.18"},
};
static const struct shape variable = {"variable", variable_rows, COUNT_OF(variable_rows)};

static const struct property summary_rows[] = {
        {"manual_playbook", TRUTH, false, "10.14"},
        {"external_playbooks", TRUTH, false, "10.14"},
        {"parallel_processing", TRUTH, false, "10.14"},
        {"if_logic", TRUTH, false, "10.14"},
        {"while_logic", TRUTH, false, "10.14"},
        {"switch_logic", TRUTH, false, "10.14"},
        {"temporal_logic", TRUTH, false, "10.14"},
        {"data_markings", TRUTH, false, "10.14"},
        {"digital_signatures", TRUTH, false, "10.14"},
        {"countersigned_signature", TRUTH, false, "10.14"},
        {"extensions", TRUTH, false, "10.14"},
};
static const struct shape summary = {"playbook processing summary", summary_rows, COUNT_OF(summary_rows)};

static const struct property signature_rows[] = {
        {"type", CONSTANT, true, "10.15", NULL, "jss"},
        {"id", ID, true, "10.15", NULL, "jss"},
        {"created_by", ID, false, "10.15", NULL, "identity"},
        {"created", TIME, true, "10.15"},
        {"modified", TIME, true, "10.15"},
        {"revoked", TRUTH, false, "10.15"},
        {"signee", NAME, true, "10.15"},
        {"valid_from", TIME, false, "10.15"},
        {"valid_until", TIME, false, "10.15"},
        {"related_to", ID, true, "10.15", NULL, "playbook"},
        {"related_version", TIME, true, "10.15"},
        {"hash_algorithm", NAME, true, "10.15"},
        {"algorithm", NAME, true, "10.15"},
        {"public_key", NAME, false, "10.15"},
        {"public_cert_chain", TEXTS, false, "10.15"},
        {"cert_url", NAME, false, "10.15"},
        {"thumbprint", NAME, false, "10.15"},
        {"value", NAME, true, "10.15"},
        {"signature", ANY, false, "10.15"},
};
static const struct shape signature = {"signature", signature_rows, COUNT_OF(signature_rows)};

/* ---- Sections 5 to 9: what steps refer to ---- */

static const struct property command_rows[] = {
        {"type", NAME, true, "5.1"},
        {"description", TEXT, false, "5.1"},
        {"version", TEXT, false, "5.1"},
        {"playbook_activity", TEXT, false, "5.1"},
        {"external_references", OBJECTS, false, "5.1", &reference},
        {"command", TEXT, false, "5"},
        {"command_b64", TEXT, false, "5"},
        {"content", TEXT, false, "5"},
        {"content_b64", TEXT, false, "5"},
        {"headers", ANY, false, "5"},
};
static const struct shape command = {"command", command_rows, COUNT_OF(command_rows)};

static const struct property authentication_rows[] = {
        {"type", NAME, true, "6.1"},
        {"name", TEXT, false, "6.1"},
        {"description", TEXT, false, "6.1"},
        {"authentication_info_extensions", ANY, false, "6.1"},
        {"user_id", TEXT, false, "6"},
        {"username", TEXT, false, "6"},
        {"password", TEXT, false, "6"},
        {"oauth_header", TEXT, false, "6"},
        {"token", TEXT, false, "6"},
        {"private_key", TEXT, false, "6"},
        {"kms", TRUTH, false, "6"},
        {"kms_key_identifier", TEXT, false, "6"},
};
static const struct shape authentication = {
        "authentication information", authentication_rows, COUNT_OF(authentication_rows)};

static const struct property agent_rows[] = {
        {"type", NAME, true, "7.1"},
        {"name", NAME, true, "7.1"},
        {"description", TEXT, false, "7.1"},
        {"location", ANY, false, "7.1"},
        {"agent_target_extensions", ANY, false, "7.1"},
        {"contact", ANY, false, "7"},
        {"logical", TEXTS, false, "7"},
        {"sector", NAME, false, "7"},
        {"address", ANY, false, "7"},
        {"port", TEXT, false, "7"},
        {"authentication_info", ID, false, "7"},
        {"category", TEXTS, false, "7"},
};
static const struct shape agent = {"agent or target", agent_rows, COUNT_OF(agent_rows)};

static const struct property extension_rows[] = {
        {"type", CONSTANT, true, "8", NULL, "extension-definition"},
        {"name", NAME, true, "8"},
        {"description", TEXT, false, "8"},
        {"created_by", ID, true, "8", NULL, "identity"},
        {"schema", NAME, true, "8"},
        {"version", NAME, true, "8"},
        {"external_references", OBJECTS, false, "8", &reference},
};
static const struct shape extension = {"extension definition", extension_rows, COUNT_OF(extension_rows)};

static const struct property marking_rows[] = {
        {"type", NAME, true, "9.1"},
        {"id", ID, true, "9.1"},
        {"name", TEXT, false, "9.1"},
        {"description", TEXT, false, "9.1"},
        {"created_by", ID, true, "9.1", NULL, "identity"},
        {"created", TIME, true, "9.1"},
        {"revoked", TRUTH, false, "9.1"},
        {"valid_from", TIME, false, "9.1"},
        {"valid_until", TIME, false, "9.1"},
        {"labels", TEXTS, false, "9.1"},
        {"external_references", OBJECTS, false, "9.1", &reference},
        {"marking_extensions", ANY, false, "9.1"},
        {"statement", TEXT, false, "9.2"},
        {"tlpv2_level", TEXT, false, "9.3"},
        {"tlp", TEXT, false, "9.4"},
        {"iep_version", ANY, false, "9.4"},
        {"start_date", TIME, false, "9.4"},
        {"end_date", TIME, false, "9.4"},
        {"encrypt_in_transit", TEXT, false, "9.4"},
        {"permitted_actions", TEXT, false, "9.4"},
        {"attribution", TEXT, false, "9.4"},
        {"unmodified_resale", TEXT, false, "9.4"},
};
static const struct shape marking = {"data marking", marking_rows, COUNT_OF(marking_rows)};

/* ---- Section 4: steps. Which of these each type has is in playbook_graph.c ---- */

static const struct property step_rows[] = {
        {"type", NAME, true, "4.1"},
        {"name", TEXT, false, "4.1"},
        {"description", TEXT, false, "4.1"},
        {"external_references", OBJECTS, false, "4.1", &reference},
        {"delay", WHOLE, false, "4.1", NULL, NULL, MOST_MS},
        {"timeout", WHOLE, false, "4.1", NULL, NULL, MOST_MS},
        {"step_variables", BY_NAME, false, "4.1", &variable},
        {"owner", ID, false, "4.1", NULL, "identity"},
        {"on_completion", ID, false, "4.1"},
        {"on_success", ID, false, "4.1"},
        {"on_failure", ID, false, "4.1"},
        {"step_extensions", ANY, false, "4.1"},
        {"commands", OBJECTS, false, "4.5", &command},
        {"agent", ID, false, "4.5"},
        {"targets", IDS, false, "4.5"},
        {"in_args", TEXTS, false, "4.5"},
        {"out_args", TEXTS, false, "4.5"},
        {"playbook_id", ID, false, "4.6", NULL, "playbook"},
        {"playbook_version", TIME, false, "4.6"},
        {"next_steps", IDS, false, "4.7"},
        {"condition", NAME, false, "4.8"},
        {"on_true", ID, false, "4.8"},
        {"on_false", ID, false, "4.8"},
        {"switch", NAME, false, "4.10"},
        {"cases", CASES, false, "4.10"},
};
static const struct shape step = {"workflow step", step_rows, COUNT_OF(step_rows)};

/* ---- Section 3 ---- */

static const struct property playbook_rows[] = {
        {"type", CONSTANT, true, "3.1", NULL, "playbook"},
        {"spec_version", CONSTANT, true, "3.1", NULL, "cacao-2.0"},
        {"id", ID, true, "3.1", NULL, "playbook"},
        {"name", NAME, true, "3.1"},
        {"description", TEXT, false, "3.1"},
        {"playbook_types", TEXTS, false, "3.1"},
        {"playbook_activities", TEXTS, false, "3.1"},
        {"playbook_processing_summary", OBJECT, false, "3.1", &summary},
        {"created_by", ID, true, "3.1", NULL, "identity"},
        {"created", TIME, true, "3.1"},
        {"modified", TIME, true, "3.1"},
        {"revoked", TRUTH, false, "3.1"},
        {"valid_from", TIME, false, "3.1"},
        {"valid_until", TIME, false, "3.1"},
        {"derived_from", IDS, false, "3.1"},
        {"related_to", IDS, false, "3.1"},
        {"priority", WHOLE, false, "3.1", NULL, NULL, 100},
        {"severity", WHOLE, false, "3.1", NULL, NULL, 100},
        {"impact", WHOLE, false, "3.1", NULL, NULL, 100},
        {"industry_sectors", TEXTS, false, "3.1"},
        {"labels", TEXTS, false, "3.1"},
        {"external_references", OBJECTS, false, "3.1", &reference},
        {"markings", IDS, false, "3.1"},
        {"playbook_variables", BY_NAME, false, "3.1", &variable},
        {"workflow_start", ID, true, "3.1", NULL, "start"},
        {"workflow_exception", ID, false, "3.1"},
        {"workflow", BY_ID, true, "3.1", &step},
        {"playbook_extensions", ANY, false, "3.1"},
        {"authentication_info_definitions", BY_ID, false, "3.1", &authentication},
        {"agent_definitions", BY_ID, false, "3.1", &agent},
        {"target_definitions", BY_ID, false, "3.1", &agent},
        {"extension_definitions", BY_ID, false, "3.1", &extension},
        {"data_marking_definitions", BY_ID, false, "3.1", &marking},
        {"signatures", OBJECTS, false, "3.1", &signature},
};
static const struct shape playbook = {"playbook", playbook_rows, COUNT_OF(playbook_rows)};

/* ---- Values ---- */

bool plan_identifier(slice text, slice *type)
{
    struct uuid uuid;
    if (text.len < 36 + 3 || memcmp(text.ptr + text.len - 38, "--", 2) != 0)
        return false;
    *type = slice_part(text, 0, text.len - 38);
    for (size_t i = 0; i < type->len; i++)
        if (!((type->ptr[i] >= 'a' && type->ptr[i] <= 'z') || byte_is_digit(type->ptr[i]) || type->ptr[i] == '-'))
            return false;
    return uuid_parse(slice_from(text, text.len - 36), &uuid);
}

/* "__" and at least one character and "__" (section 10.18.2). */
static bool variable_name(slice text)
{
    if (text.len < 5 || text.len > 204 || !slice_starts(text, S("__")) || !slice_ends(text, S("__")))
        return false;
    for (size_t i = 2; i < text.len - 2; i++) {
        char c = byte_lower(text.ptr[i]);
        if (!((c >= 'a' && c <= 'z') || c == '_' || (i > 2 && (byte_is_digit(c) || c == '-'))))
            return false;
    }
    return true;
}

static void wrong(struct plan_reading *reading, slice at, const struct property *row, const char *why)
{
    plan_playbook_wrong(
            reading, at, arena_printf(reading->arena, "%s: %s [CACAO 2.0 section %s]", row->name, why, row->section));
}

/* Of hostile texts no more sentences are made than are told. */
static void odd(struct plan_reading *reading, slice at, const char *what, const char *why)
{
    if (reading->odd < PLAN_ODD_MAX)
        plan_playbook_odd(reading, at, arena_printf(reading->arena, "%s: %s", what, why));
}

static void id_check(struct plan_reading *reading, const struct property *row, slice at, slice text)
{
    slice type;
    if (!plan_identifier(text, &type))
        wrong(reading, at, row, "an identifier is TYPE--UUID, section 10.10");
    else if (row->word != NULL && !slice_eq(type, slice_of(row->word)))
        wrong(reading, at, row, arena_printf(reading->arena, "the identifier of a %s stands here", row->word));
}

static void time_check(struct plan_reading *reading, const struct property *row, slice at, slice text)
{
    int64_t us;
    if (!time_parse_strict(text, &us) || !slice_ends(text, S("Z")))
        wrong(reading, at, row, "a moment is 2026-11-20T15:40:00.000Z, in UTC, section 10.17");
    else if (text.len != 24)
        odd(reading, at, row->name,
                "a moment has three digits of a second, no more and no fewer [CACAO 2.0 section 10.17]");
}

static void text_check(struct plan_reading *reading, const struct property *row, slice value)
{
    if (json_kind(value) != JSON_STRING) {
        wrong(reading, value, row, "a text stands here, between quotes");
        return;
    }
    slice text = json_text(value, reading->arena);
    if ((row->value == NAME || row->value == CONSTANT) && slice_trim(text).len == 0)
        wrong(reading, value, row, "it is empty");
    else if (row->value == CONSTANT && !slice_eq(text, slice_of(row->word)))
        wrong(reading, value, row, arena_printf(reading->arena, "it is \"%s\"", row->word));
    else if (row->value == ID || row->value == IDS || row->value == CASES)
        id_check(reading, row, value, text);
    else if (row->value == TIME)
        time_check(reading, row, value, text);
}

static void whole_check(struct plan_reading *reading, const struct property *row, slice value)
{
    int64_t number;
    if (json_kind(value) != JSON_NUMBER || !json_i64(value, &number) || number < 0 || number > row->most)
        wrong(reading, value, row,
                arena_printf(reading->arena, "a whole number from 0 to %lld stands here", (long long)row->most));
}

static void list_check(struct plan_reading *reading, const struct property *row, slice value);
static void dictionary_check(struct plan_reading *reading, const struct property *row, slice value);
static void object_check(struct plan_reading *reading, const struct shape *shape, slice object);

static void value_check(struct plan_reading *reading, const struct property *row, slice value)
{
    enum json_kind kind = json_kind(value);
    if (row->value == ANY)
        return;
    if (row->value == TRUTH) {
        if (kind != JSON_TRUE && kind != JSON_FALSE)
            wrong(reading, value, row, "true or false stands here");
    } else if (row->value == WHOLE) {
        whole_check(reading, row, value);
    } else if (row->value == TEXTS || row->value == IDS || row->value == OBJECTS) {
        list_check(reading, row, value);
    } else if (row->value == BY_ID || row->value == BY_NAME || row->value == CASES) {
        dictionary_check(reading, row, value);
    } else if (row->value == OBJECT) {
        object_check(reading, row->shape, value);
    } else if (!(row->value == TEXT_NULL && kind == JSON_NULL)) {
        text_check(reading, row, value);
    }
}

static void list_check(struct plan_reading *reading, const struct property *row, slice value)
{
    struct json_elements elements = json_elements(value);
    slice element;
    if (json_kind(value) != JSON_ARRAY) {
        wrong(reading, value, row, "a list stands here");
        return;
    }
    while (reading->wrong < PLAN_WRONG_MAX && json_element_next(&elements, &element))
        if (row->value == OBJECTS)
            object_check(reading, row->shape, element);
        else
            text_check(reading, row, element);
}

static void dictionary_check(struct plan_reading *reading, const struct property *row, slice value)
{
    struct json_members members = json_members(value);
    slice key, member, type;
    if (json_kind(value) != JSON_OBJECT) {
        wrong(reading, value, row, "an object stands here");
        return;
    }
    while (reading->wrong < PLAN_WRONG_MAX && json_member_next(&members, &key, &member)) {
        if (row->value == BY_ID && !plan_identifier(key, &type))
            wrong(reading, key, row, "a key is an identifier, TYPE--UUID, section 10.10");
        if (row->value == BY_NAME && !variable_name(key))
            wrong(reading, key, row, "the name of a variable is as __host__, section 10.18");
        if (row->value == CASES)
            text_check(reading, row, member);
        else
            object_check(reading, row->shape, member);
    }
}

static const struct property *property_find(const struct shape *shape, slice key)
{
    for (size_t i = 0; i < shape->count; i++)
        if (json_key_is(key, slice_of(shape->rows[i].name)))
            return &shape->rows[i];
    return NULL;
}

/* Of the shape's properties those that have to be there are. */
static void musts_check(struct plan_reading *reading, const struct shape *shape, slice object, uint64_t seen)
{
    for (size_t i = 0; i < shape->count; i++)
        if (shape->rows[i].must && (seen >> i & 1) == 0)
            plan_playbook_wrong(reading, object,
                    arena_printf(reading->arena, "this %s has no %s [CACAO 2.0 section %s]", shape->what,
                            shape->rows[i].name, shape->rows[i].section));
}

static void object_check(struct plan_reading *reading, const struct shape *shape, slice object)
{
    struct json_members members = json_members(object);
    slice key, value;
    uint64_t seen = 0;
    if (json_kind(object) != JSON_OBJECT) {
        plan_playbook_wrong(reading, object, arena_printf(reading->arena, "a %s is an object", shape->what));
        return;
    }
    while (reading->wrong < PLAN_WRONG_MAX && json_member_next(&members, &key, &value)) {
        const struct property *row = property_find(shape, key);
        if (row == NULL) {
            odd(reading, key, shape->what, "the standard has no such property here: it is kept, and not looked at");
            continue;
        }
        seen |= UINT64_C(1) << (row - shape->rows);
        value_check(reading, row, value);
    }
    if (reading->wrong < PLAN_WRONG_MAX) /* else not all of it was seen */
        musts_check(reading, shape, object, seen);
}

void plan_shape_check(struct plan_reading *reading)
{
    object_check(reading, &playbook, reading->text);
}
