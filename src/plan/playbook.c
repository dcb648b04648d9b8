/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/playbook_parts.h"

#include "base/arena.h"
#include "base/buf.h"
#include "json/check.h"
#include "json/read.h"

#define DEPTH_MAX 32
#define KEYS_MAX 4096        /* of one object */
#define TEXT_MAX (60u << 10) /* bytes of what one step says to who does it */

/* ---- Telling ---- */

static void tell(struct plan_reading *reading, size_t offset, bool warning, const char *why)
{
    struct plan_finding finding = {.warning = warning, .why = why};
    bool shown = reading->found != NULL;
    if (shown || (!warning && reading->wrong == 0))
        json_place(reading->text, offset, &finding.line, &finding.column);
    if (!warning && reading->wrong++ == 0)
        reading->first = err_format(
                reading->arena, ERR_INPUT, "%s:%zu:%zu: %s", reading->name, finding.line, finding.column, why);
    if (shown)
        reading->found(reading->context, &finding);
}

static size_t offset_of(const struct plan_reading *reading, slice at)
{
    uintptr_t from = (uintptr_t)reading->text.ptr, place = (uintptr_t)at.ptr;
    return place >= from && place - from <= reading->text.len ? place - from : 0;
}

void plan_playbook_wrong(struct plan_reading *reading, slice at, const char *why)
{
    tell(reading, offset_of(reading, at), false, why);
}

void plan_playbook_odd(struct plan_reading *reading, slice at, const char *why)
{
    if (++reading->odd <= PLAN_ODD_MAX)
        tell(reading, offset_of(reading, at), true,
                reading->odd < PLAN_ODD_MAX ? why : "this and perhaps more looks odd, and is not told");
}

/* ---- Reading ---- */

static slice words_of(struct plan_reading *reading, slice list)
{
    struct json_elements elements = json_elements(list);
    slice element;
    const char *words = "";
    for (size_t i = 0; json_element_next(&elements, &element); i++) {
        slice word = json_text(element, reading->arena);
        if (i == 16 || word.len > 64) {
            plan_playbook_wrong(reading, element, "playbook_types: 16 words of 64 bytes at the most here");
            break;
        }
        words = arena_printf(reading->arena, "%s%s%.*s", words, i == 0 ? "" : " ", (int)word.len, word.ptr);
    }
    return slice_of(words);
}

static void head_read(struct plan_reading *reading)
{
    struct plan_playbook *playbook = reading->playbook;
    const struct {
        slice property;
        slice *into;
    } texts[] = {{S("id"), &playbook->id}, {S("name"), &playbook->name}, {S("modified"), &playbook->version}};
    slice types = json_get(reading->text, S("playbook_types"));
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        *texts[i].into = json_text(json_get(reading->text, texts[i].property), reading->arena);
    playbook->types = words_of(reading, types);
    playbook->text_only = plan_playbook_is_text(playbook->types);
    playbook->revoked = json_kind(json_get(reading->text, S("revoked"))) == JSON_TRUE;
}

static bool is_json(struct plan_reading *reading)
{
    const struct json_limits limits = {PLAN_PLAYBOOK_MAX, DEPTH_MAX, KEYS_MAX, false};
    size_t offset = 0;
    struct err err = json_check(reading->text, &limits, &offset);
    if (err.kind != ERR_NONE)
        tell(reading, offset, false, err.why);
    return err.kind == ERR_NONE;
}

static void parts_read(struct plan_reading *reading)
{
    plan_shape_check(reading);
    if (reading->wrong > 0)
        return; /* what follows relies on it */
    head_read(reading);
    plan_refer_check(reading);
    plan_graph_read(reading);
    plan_signatures_check(reading);
}

struct err plan_playbook_read(const char *name, slice text, plan_found *found, void *context, struct arena *arena,
        struct plan_playbook *playbook)
{
    struct plan_playbook fresh = {0};
    struct plan_reading reading = {.name = name,
            .text = text,
            .found = found,
            .context = context,
            .arena = arena,
            .playbook = &fresh,
            .first = OK};
    if (is_json(&reading))
        parts_read(&reading);
    TRY(arena_check(arena));
    if (reading.wrong > 1)
        return err_format(arena, ERR_INPUT, "%s (and %zu mistakes more)", reading.first.why, reading.wrong - 1);
    TRY(reading.first);
    *playbook = fresh;
    return OK;
}

const char *plan_signature_name(enum plan_signature signature)
{
    static const char *const names[] = {
            [PLAN_UNSIGNED] = "none", [PLAN_SIGNED] = "good", [PLAN_KEY_UNKNOWN] = "unknown-key"};
    return names[signature];
}

bool plan_playbook_is_text(slice types)
{
    slice type;
    while (types.len > 0 && slice_next(&types, ' ', &type))
        if (slice_eq_fold(slice_trim(type), S("attack")) || slice_eq_fold(slice_trim(type), S("engagement")))
            return true;
    return false;
}

/* ---- Ways ---- */

/* What leads on from a step, and what it is called in the text for who does it; NULL: the order of the tasks says so.
 */
static const struct {
    slice property;
    enum plan_way_kind kind;
    const char *what;
} leads[] = {
        {{"on_true", 7}, PLAN_IF_SO, "If so"},
        {{"on_false", 8}, PLAN_IF_NOT, "If not"},
        {{"cases", 5}, PLAN_CASE, "If"},
        {{"next_steps", 10}, PLAN_SIDE_BY_SIDE, NULL},
        {{"on_completion", 13}, PLAN_THEN, NULL},
        {{"on_success", 10}, PLAN_DONE, "If it was done"},
        {{"on_failure", 10}, PLAN_NOT_DONE, "If that was not possible"},
};

struct plan_ways plan_ways(const struct plan_playbook *playbook, const struct plan_step *step, struct arena *arena)
{
    return (struct plan_ways){.playbook = playbook, .step = step, .arena = arena};
}

static bool way_is(const struct plan_ways *ways, slice when, slice id, struct plan_way *way)
{
    const struct plan_playbook *playbook = ways->playbook;
    slice text = json_text(id, ways->arena);
    *way = (struct plan_way){leads[ways->next - 1].kind, json_unescape(when, ways->arena), 0};
    while (way->to < playbook->step_count && !slice_eq(playbook->steps[way->to].id, text))
        way->to++;
    return way->to < playbook->step_count;
}

bool plan_way_next(struct plan_ways *ways, struct plan_way *way)
{
    slice when = S(""), id;
    for (;;) {
        while (json_element_next(&ways->elements, &id) || json_member_next(&ways->members, &when, &id))
            if (way_is(ways, when, id, way))
                return true;
        if (ways->next == COUNT_OF(leads))
            return false;
        id = json_get(ways->step->json, leads[ways->next++].property);
        ways->elements = json_elements(id);
        ways->members = json_members(id);
        if (json_kind(id) == JSON_STRING && way_is(ways, S(""), id, way))
            return true;
    }
}

/* ---- What a person reads ---- */

static void text_put(struct buf *out, const char *what, slice text)
{
    if (text.len > 0)
        buf_printf(out, "%s%s%.*s\n", what, *what == 0 ? "" : ": ", (int)text.len, text.ptr);
}

static void commands_put(struct buf *out, slice commands, struct arena *arena)
{
    struct json_elements elements = json_elements(commands);
    slice command;
    while (json_element_next(&elements, &command)) {
        slice type = json_text(json_get(command, S("type")), arena), what = json_get(command, S("command"));
        const char *how = slice_eq(type, S("manual"))
                                  ? "To do"
                                  : arena_printf(arena, "Command, never run from here (%.*s)", (int)type.len, type.ptr);
        text_put(out, how, json_text(what.len > 0 ? what : json_get(command, S("command_b64")), arena));
        text_put(out, "Content", json_text(json_get(command, S("content")), arena));
        text_put(out, "Content (base64)", json_text(json_get(command, S("content_b64")), arena));
    }
}

static void targets_put(struct buf *out, slice targets, struct arena *arena)
{
    struct json_elements elements = json_elements(targets);
    slice target;
    while (json_element_next(&elements, &target))
        text_put(out, "On", json_text(target, arena));
}

static const char *lead_what(enum plan_way_kind kind)
{
    size_t i = 0;
    while (leads[i].kind != kind)
        i++;
    return leads[i].what;
}

static void ways_put(
        const struct plan_playbook *playbook, const struct plan_step *step, struct buf *out, struct arena *arena)
{
    struct plan_ways ways = plan_ways(playbook, step, arena);
    struct plan_way way;
    while (plan_way_next(&ways, &way)) {
        const struct plan_step *to = &playbook->steps[way.to];
        const char *what = lead_what(way.kind);
        if (what != NULL)
            text_put(out,
                    arena_printf(arena, "%s%s%.*s", what, way.when.len > 0 ? " " : "", (int)way.when.len, way.when.ptr),
                    to->name.len > 0 ? to->name : to->id);
    }
}

slice plan_step_text(const struct plan_playbook *playbook, const struct plan_step *step, struct arena *arena)
{
    struct buf out = buf_make(TEXT_MAX);
    text_put(&out, "", step->text);
    text_put(&out, "Who", step->agent);
    targets_put(&out, json_get(step->json, S("targets")), arena);
    commands_put(&out, json_get(step->json, S("commands")), arena);
    text_put(&out, step->kind == PLAN_WHILE ? "Again and again as long as" : "To decide",
            json_text(json_get(step->json, step->kind == PLAN_SWITCH ? S("switch") : S("condition")), arena));
    text_put(&out, "Playbook to follow", json_text(json_get(step->json, S("playbook_id")), arena));
    ways_put(playbook, step, &out, arena);
    if (out.full)
        buf_reset(&out), buf_printf(&out, "This step is too long to be shown here: read it in the playbook.\n");
    slice text = arena_copy(arena, slice_trim(buf_slice(&out)));
    buf_free(&out);
    return text;
}
