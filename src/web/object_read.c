/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an object says, in the order in which an analyst asks. A property that has no place of its own stands in the
 * table of others, so that none is hidden, whatever its type is.
 */
#include "base/arena.h"
#include "stix/pattern.h"
#include "web/object.h"
#include "web/page.h"
#include "json/read.h"

#define STACK_MAX 256 /* nodes of a pattern that wait to be looked at */

typedef struct err write_property(struct viewing *viewing, slice value);

static slice text_of(struct viewing *viewing, slice json)
{
    return json_kind(json) == JSON_STRING ? json_text(json, viewing->summaries.arena) : json;
}

/* A list of texts in one line; anything else as it is written in JSON. */
static slice line_of(struct viewing *viewing, slice json)
{
    struct json_elements elements = json_elements(json);
    struct buf buf = buf_make(4 * OUTSIDE_LINE);
    bool texts = json_kind(json) == JSON_ARRAY;
    slice element;
    while (texts && buf.len < OUTSIDE_LINE && json_element_next(&elements, &element)) {
        texts = json_kind(element) == JSON_STRING && element.len < OUTSIDE_LINE;
        buf_put(&buf, buf.len > 0 ? S(", ") : S(""));
        if (texts)
            buf_put(&buf, text_of(viewing, element));
    }
    slice line = texts && buf.len > 0 ? arena_copy(viewing->summaries.arena, buf_slice(&buf)) : text_of(viewing, json);
    buf_free(&buf);
    return line;
}

/* ---- Text ---- */

static struct err write_description(struct viewing *viewing, slice value)
{
    outside_write_value(&viewing->shown, S("description"), text_of(viewing, value), OUTSIDE_TEXT / 2);
    return OK;
}

/* STIX 2.1, appendix A: None, Low, Med, High. */
static struct err write_confidence(struct viewing *viewing, slice value)
{
    static const struct {
        int64_t from;
        const char *text;
    } words[] = {{70, W_C("high")}, {30, W_C("medium")}, {1, W_C("low")}, {INT64_MIN, W_C("none")}};
    struct ask *ask = viewing->ask;
    int64_t number = 0;
    size_t at = 0;
    (void)json_i64(value, &number);
    while (number < words[at].from)
        at++;
    json_write_key(&ask->json, S("confidence"));
    json_write_object(&ask->json);
    json_write_key(&ask->json, S("value"));
    json_write_i64(&ask->json, number);
    json_write_key_text(&ask->json, S("text"), ask_text(ask, slice_of(words[at].text)));
    json_write_end(&ask->json);
    return OK;
}

static struct err write_creator(struct viewing *viewing, slice value)
{
    return object_write_named(viewing, S("creator"), text_of(viewing, value));
}

/* ---- Lists ---- */

/* How many entries stay unsaid: a member KEY_more. */
static void write_more(struct viewing *viewing, slice key, size_t count)
{
    struct ask *ask = viewing->ask;
    if (count > VIEW_LIST)
        json_write_key_u64(
                &ask->json, slice_of(arena_printf(ask->arena, "%.*s_more", (int)key.len, key.ptr)), count - VIEW_LIST);
}

typedef struct err write_entry(struct viewing *viewing, slice value);

static struct err write_list(struct viewing *viewing, slice key, slice value, write_entry *entry)
{
    struct json_elements elements = json_elements(value);
    struct json_writer *json = &viewing->ask->json;
    size_t count = 0;
    slice element;
    json_write_key(json, key);
    json_write_array(json);
    while (json_element_next(&elements, &element))
        if (count++ < VIEW_LIST)
            TRY(entry(viewing, element));
    json_write_end(json);
    write_more(viewing, key, count);
    return OK;
}

static struct err entry_text(struct viewing *viewing, slice value)
{
    json_write_text(&viewing->ask->json, outside_text(&viewing->shown, text_of(viewing, value), OUTSIDE_NAME, NULL));
    return OK;
}

static struct err entry_phase(struct viewing *viewing, slice value)
{
    json_write_object(&viewing->ask->json);
    outside_write(
            &viewing->shown, S("chain"), text_of(viewing, json_get(value, S("kill_chain_name"))), OUTSIDE_NAME / 2);
    outside_write(&viewing->shown, S("phase"), text_of(viewing, json_get(value, S("phase_name"))), OUTSIDE_NAME / 2);
    json_write_end(&viewing->ask->json);
    return OK;
}

/* Addresses of references are no links: who follows one tells its server that we read this. */
static struct err entry_reference(struct viewing *viewing, slice value)
{
    struct outside *shown = &viewing->shown;
    json_write_object(&viewing->ask->json);
    outside_write(shown, S("source"), text_of(viewing, json_get(value, S("source_name"))), OUTSIDE_NAME);
    outside_write(shown, S("id"), text_of(viewing, json_get(value, S("external_id"))), OUTSIDE_NAME);
    outside_write_value(shown, S("url"), text_of(viewing, json_get(value, S("url"))), OUTSIDE_LINE);
    outside_write(shown, S("description"), text_of(viewing, json_get(value, S("description"))), OUTSIDE_LINE);
    json_write_end(&viewing->ask->json);
    return OK;
}

static struct err entry_marking(struct viewing *viewing, slice value)
{
    struct ask *ask = viewing->ask;
    struct stix_marked marked = {
            .refs = slice_of(arena_printf(viewing->summaries.arena, "[%.*s]", (int)value.len, value.ptr))};
    struct stix_marks marks = stix_marks_of(viewing->summaries.definitions, &marked, viewing->summaries.arena);
    json_write_object(&ask->json);
    row_write_tlp(ask, marks.tlp);
    row_write_pap(ask, marks.pap);
    page_flag(ask, S("unknown_marking"), marks.unknown);
    TRY(object_write_named(viewing, S("definition"), text_of(viewing, value)));
    json_write_end(&ask->json);
    return OK;
}

static struct err entry_granular(struct viewing *viewing, slice value)
{
    json_write_object(&viewing->ask->json);
    outside_write(&viewing->shown, S("marking"), text_of(viewing, json_get(value, S("marking_ref"))), OUTSIDE_NAME);
    outside_write(&viewing->shown, S("language"), text_of(viewing, json_get(value, S("lang"))), OUTSIDE_NAME / 4);
    outside_write(&viewing->shown, S("selectors"), json_get(value, S("selectors")), OUTSIDE_LINE);
    json_write_end(&viewing->ask->json);
    return OK;
}

static struct err write_labels(struct viewing *viewing, slice value)
{
    return write_list(viewing, S("labels"), value, entry_text);
}

static struct err write_phases(struct viewing *viewing, slice value)
{
    return write_list(viewing, S("phases"), value, entry_phase);
}

static struct err write_references(struct viewing *viewing, slice value)
{
    return write_list(viewing, S("references"), value, entry_reference);
}

static struct err write_markings(struct viewing *viewing, slice value)
{
    return write_list(viewing, S("markings"), value, entry_marking);
}

static struct err write_granular(struct viewing *viewing, slice value)
{
    return write_list(viewing, S("granular"), value, entry_granular);
}

/* ---- The pattern ---- */

/* By enum stix_operator. */
static const struct {
    const char *plain, *negated;
} operators[] = {
        [STIX_EQUAL] = {W_C("is"), W_C("is not")},
        [STIX_UNEQUAL] = {W_C("is not"), W_C("is")},
        [STIX_LESS] = {W_C("is less than"), W_C("is not less than")},
        [STIX_LESS_EQUAL] = {W_C("is at most"), W_C("is more than")},
        [STIX_GREATER] = {W_C("is more than"), W_C("is at most")},
        [STIX_GREATER_EQUAL] = {W_C("is at least"), W_C("is less than")},
        [STIX_IN] = {W_C("is one of"), W_C("is none of")},
        [STIX_LIKE] = {W_C("is like"), W_C("is not like")},
        [STIX_MATCHES] = {W_C("meets the regular expression"), W_C("does not meet the regular expression")},
        [STIX_ISSUBSET] = {W_C("lies in"), W_C("does not lie in")},
        [STIX_ISSUPERSET] = {W_C("holds"), W_C("does not hold")},
        [STIX_EXISTS] = {W_C("is there"), W_C("is not there")},
};

static void write_part(struct viewing *viewing, const struct stix_test *test)
{
    struct ask *ask = viewing->ask;
    const char *how = test->negated ? operators[test->how].negated : operators[test->how].plain;
    const struct stix_path *path = &test->path;
    slice where = slice_of(arena_printf(viewing->summaries.arena, "%.*s:%.*s", (int)path->object.len, path->object.ptr,
            (int)path->text.len, path->text.ptr));
    json_write_object(&ask->json);
    outside_write(&viewing->shown, S("where"), where, OUTSIDE_NAME);
    json_write_key_text(&ask->json, S("how"), ask_text(ask, slice_of(how)));
    slice value = test->constants == NULL ? S("") : test->constants->text;
    outside_write_value(&viewing->shown, S("value"), value, OUTSIDE_NAME);
    json_write_key_u64(&ask->json, S("more"), test->constant_count > 1 ? test->constant_count - 1 : 0);
    page_flag(ask, S("has_more"), test->constant_count > 1);
    json_write_end(&ask->json);
}

/* Comparisons in the order of the text, as many as there is room for. */
static void write_parts(struct viewing *viewing, const struct stix_pattern *pattern)
{
    const struct stix_node *stack[STACK_MAX];
    size_t depth = 0, parts = 0;
    struct json_writer *json = &viewing->ask->json;
    json_write_key(json, S("parts"));
    json_write_array(json);
    stack[depth++] = pattern->root;
    while (depth > 0 && parts < VIEW_LIST) {
        const struct stix_node *node = stack[--depth];
        if (node->kind == STIX_NODE_TEST) {
            write_part(viewing, node->test);
            parts++;
        }
        if (node->next != NULL && depth < STACK_MAX)
            stack[depth++] = node->next;
        if (node->kind != STIX_NODE_TEST && node->first != NULL && depth < STACK_MAX)
            stack[depth++] = node->first;
    }
    json_write_end(json);
    write_more(viewing, S("parts"), pattern->comparison_count);
}

static struct err write_pattern(struct viewing *viewing, slice value)
{
    struct ask *ask = viewing->ask;
    struct stix_pattern pattern;
    struct stix_place place;
    slice text = text_of(viewing, value), type = text_of(viewing, json_get(viewing->object.bytes, S("pattern_type")));
    slice near = {text.ptr, text.len < OUTSIDE_TEXT ? text.len : OUTSIDE_TEXT};
    slice defanged = outside_defanged(near, ask->arena);
    bool is_stix = type.len == 0 || slice_eq(type, S("stix"));
    json_write_key(&ask->json, S("pattern"));
    json_write_object(&ask->json);
    outside_write(&viewing->shown, S("language"), type, OUTSIDE_NAME / 4);
    outside_write(&viewing->shown, S("text"), defanged, text.len > near.len ? OUTSIDE_TEXT / 2 : OUTSIDE_TEXT);
    if (is_stix && text.len <= SUMMARY_PATTERN_MAX) {
        struct err err = stix_pattern_parse_mixed(text, viewing->summaries.arena, &pattern, &place);
        if (err.kind == ERR_NONE)
            write_parts(viewing, &pattern);
        else
            outside_write(&viewing->shown, S("wrong"), ask_text(ask, slice_of(err.why)), OUTSIDE_LINE);
    }
    json_write_end(&ask->json);
    return OK;
}

/* ---- All properties ---- */

static struct err written_elsewhere(struct viewing *viewing, slice value)
{
    (void)viewing;
    (void)value;
    return OK;
}

static const struct {
    const char *key;
    write_property *write;
} properties[] = {
        {"description", write_description},
        {"pattern", write_pattern},
        {"confidence", write_confidence},
        {"created_by_ref", write_creator},
        {"labels", write_labels},
        {"kill_chain_phases", write_phases},
        {"external_references", write_references},
        {"object_marking_refs", write_markings},
        {"granular_markings", write_granular},
        /* in the head */
        {"type", written_elsewhere},
        {"id", written_elsewhere},
        {"name", written_elsewhere},
        {"modified", written_elsewhere},
        {"valid_from", written_elsewhere},
        {"valid_until", written_elsewhere},
        {"pattern_type", written_elsewhere},
};

static write_property *property_of(slice key)
{
    for (size_t i = 0; i < COUNT_OF(properties); i++)
        if (json_key_is(key, slice_of(properties[i].key)))
            return properties[i].write;
    return NULL;
}

static struct err write_known(struct viewing *viewing)
{
    struct json_members members = json_members(viewing->object.bytes);
    slice key, value;
    while (json_member_next(&members, &key, &value)) {
        write_property *write = property_of(key);
        if (write != NULL)
            TRY(write(viewing, value));
    }
    return OK;
}

static void write_others(struct viewing *viewing)
{
    struct json_members members = json_members(viewing->object.bytes);
    struct json_writer *json = &viewing->ask->json;
    size_t count = 0;
    slice key, value;
    json_write_key(json, S("others"));
    json_write_array(json);
    while (json_member_next(&members, &key, &value)) {
        if (property_of(key) != NULL || count++ >= VIEW_PROPERTIES)
            continue;
        json_write_object(json);
        outside_write(&viewing->shown, S("key"), json_unescape(key, viewing->summaries.arena), OUTSIDE_NAME / 2);
        outside_write_value(&viewing->shown, S("value"), line_of(viewing, value), OUTSIDE_LINE);
        json_write_end(json);
    }
    json_write_end(json);
    if (count > VIEW_PROPERTIES)
        json_write_key_u64(json, S("others_more"), count - VIEW_PROPERTIES);
}

struct err object_write_read(struct viewing *viewing)
{
    slice bytes = viewing->object.bytes;
    TRY(write_known(viewing));
    write_others(viewing);
    page_flag(viewing->ask, S("any_marking"),
            json_get(bytes, S("object_marking_refs")).len + json_get(bytes, S("granular_markings")).len > 0);
    page_flag(viewing->ask, S("any_reference"),
            json_get(bytes, S("external_references")).len + json_get(bytes, S("kill_chain_phases")).len > 0);
    return OK;
}
