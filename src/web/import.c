/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intelligence in: pasted or as a file, first shown as it was understood, then taken in. Between the two the text waits
 * in the node's folder (waiting.h). A script that is sure says "now" and takes one step.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "form/object.h"
#include "gate/gate.h"
#include "store/organisation.h"
#include "store/source.h"
#include "web/import_reach.h"
#include "web/importer.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/row.h"
#include "web/waiting.h"

#define SOURCES_OFFERED 100
#define OBJECTS_SHOWN 30
#define OBJECT_BYTES 170 /* of text from outside in a row, as HTML */
#define TOLD 12          /* refused things and warnings that are shown */
#define TYPES_COUNTED 60
#define DROPPED_SHOWN 30
#define READ_ARENA_MAX ((size_t)512 << 20)
#define SOURCE_OTHERWISE "console"

/* ---- The form ---- */

static const struct {
    const char *name, *text;
} forms_offered[] = {{"", W_C("By its looks")}, {"stix", W_C("STIX")}, {"misp", W_C("MISP")}, {"csv", W_C("CSV")},
        {"list", W_C("List of values")}, {"text", W_C("Free text")}};

static const struct {
    const char *name, *text;
    enum stix_tlp tlp;
} tlps_offered[] = {{"", W_C("None"), TLP_NONE}, {"clear", "TLP:CLEAR", TLP_CLEAR}, {"green", "TLP:GREEN", TLP_GREEN},
        {"amber", "TLP:AMBER", TLP_AMBER}, {"amber-strict", "TLP:AMBER+STRICT", TLP_AMBER_STRICT},
        {"red", "TLP:RED", TLP_RED}};

static void write_choice(struct ask *ask, slice name, const char *text, slice chosen)
{
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("name"), name);
    json_write_key_text(&ask->json, S("text"), ask_text(ask, slice_of(text)));
    page_flag(ask, S("selected"), slice_eq(name, chosen));
    json_write_end(&ask->json);
}

static struct err write_sources(struct ask *ask)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct source *rows;
    size_t count;
    TRY(store_source_list(ask->db, 0, SOURCES_OFFERED, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("source_choices"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++)
        if (outside.left > STORE_NAME_MAX)
            json_write_text(&ask->json, outside_text(&outside, rows[i].name, STORE_NAME_MAX, NULL));
    json_write_end(&ask->json);
    return OK;
}

static struct err write_form(struct ask *ask)
{
    page_title(ask, ask_text(ask, W("Import")));
    json_write_key(&ask->json, S("form_choices"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < COUNT_OF(forms_offered); i++)
        write_choice(ask, slice_of(forms_offered[i].name), forms_offered[i].text, ask_form(ask, S("form")));
    json_write_end(&ask->json);
    json_write_key(&ask->json, S("tlp_choices"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < COUNT_OF(tlps_offered); i++)
        write_choice(ask, slice_of(tlps_offered[i].name), tlps_offered[i].text, ask_form(ask, S("tlp")));
    json_write_end(&ask->json);
    page_flag(ask, S("own"), slice_eq(ask_form(ask, S("creator")), S("own")));
    json_write_key_text(&ask->json, S("source_otherwise"), S(SOURCE_OTHERWISE));
    return write_sources(ask);
}

struct err web_import(struct ask *ask)
{
    TRY(outside_need(ask, VERB_IMPORT));
    return write_form(ask);
}

/* ---- What was typed ---- */

/* What of the form is long is not sent back: the text itself. */
static void write_typed(struct ask *ask)
{
    static const char *const names[] = {"source", "form", "tlp", "creator"};
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    json_write_key(&ask->json, S("typed"));
    json_write_object(&ask->json);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        outside_write(&outside, slice_of(names[i]), ask_form(ask, slice_of(names[i])), STORE_NAME_MAX);
    json_write_end(&ask->json);
}

static struct err again(struct ask *ask, const char *field, struct err err)
{
    struct outside outside = outside_begin(ask, 6 * OUTSIDE_LINE);
    if (err.kind == ERR_SYSTEM || err.kind == ERR_REMOTE || err.kind == ERR_AUTH || err.kind == ERR_DENIED)
        return err;
    slice why = ask_text(ask, slice_of(err.why));
    ask->status = (unsigned)err_http(err.kind);
    json_write_key(&ask->json, S("error"));
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("kind"), slice_of(err_name(err.kind)));
    outside_write(&outside, S("why"), why, OUTSIDE_LINE * 2);
    json_write_key(&ask->json, S("fields"));
    json_write_object(&ask->json);
    outside_write(&outside, slice_of(field), why, OUTSIDE_LINE * 2);
    json_write_end(&ask->json);
    json_write_end(&ask->json);
    write_typed(ask);
    return write_form(ask);
}

/* A file, if one was chosen; else what was pasted. */
static void text_get(struct ask *ask, struct importer_text *text)
{
    const struct http_field *file = NULL;
    for (size_t i = 0; i < ask->form_count; i++)
        if (slice_eq(ask->form[i].name, S("file")) && ask->form[i].value.len > 0)
            file = &ask->form[i];
    slice name = file == NULL ? S("") : store_text_keep(ask->arena, file->file, STORE_NAME_MAX);
    text->text = file == NULL ? ask_form(ask, S("text")) : file->value;
    text->kind = file == NULL ? S("paste") : S("file");
    text->name = name.len > 0 ? name : S("paste");
}

static struct err tlp_get(struct ask *ask, struct importer_text *text)
{
    slice chosen = ask_form(ask, S("tlp"));
    for (size_t i = 0; i < COUNT_OF(tlps_offered); i++) {
        if (!slice_eq(chosen, slice_of(tlps_offered[i].name)))
            continue;
        /* The last of a level is that of TLP 2.0. */
        slice id = stix_tlp_id(tlps_offered[i].tlp, 0, ask->arena);
        for (size_t place = 1; id.len > 0; id = stix_tlp_id(tlps_offered[i].tlp, place++, ask->arena))
            text->marking = id;
        return OK;
    }
    return err_make(ERR_INPUT, "there is no such TLP");
}

static struct err creator_get(struct ask *ask, struct importer_text *text)
{
    struct organisation own;
    int64_t number;
    if (!slice_eq(ask_form(ask, S("creator")), S("own")))
        return OK;
    TRY(store_organisation_own(ask->db, &number));
    TRY(store_organisation_get(ask->db, number, ask->arena, &own));
    text->creator = own.identity;
    return OK;
}

static struct err asked(struct ask *ask, struct importer_text *text, const char **field)
{
    slice source = slice_trim(ask_form(ask, S("source")));
    text->source = source.len > 0 ? source : S(SOURCE_OTHERWISE);
    *field = "source";
    TRY(store_text_check(ask->arena, "name of a source", text->source, STORE_NAME_MAX));
    *field = "form";
    text->form = ask_form(ask, S("form"));
    if (text->form.len > 0 && form_find(text->form) == NULL)
        return err_make(ERR_INPUT, "there is no such form of intelligence: it is stix, misp, csv, list or text");
    *field = "tlp";
    TRY(tlp_get(ask, text));
    *field = "creator";
    return creator_get(ask, text);
}

/* ---- What was understood ---- */

struct told {
    uint64_t line, column;
    slice why;
};

struct reading {
    struct ask *ask;
    struct arena *arena; /* of the reading */
    struct summaries summaries;
    struct previewer *previewer;
    slice rest; /* of the text */
    uint64_t objects, refused, warned, dropped;
    size_t shown;
    struct {
        slice type;
        uint64_t count;
    } types[TYPES_COUNTED];
    size_t type_count;
    struct told refusals[TOLD], warnings[TOLD];
    struct {
        slice what;
        uint64_t count;
    } drops[DROPPED_SHOWN];
    size_t drop_count;
};

static void count_type(struct reading *reading, slice type)
{
    size_t at = 0;
    while (at < reading->type_count && !slice_eq(reading->types[at].type, type))
        at++;
    if (at == TYPES_COUNTED)
        return; /* the sum of all is told */
    if (at == reading->type_count) {
        reading->types[at].type = arena_copy(reading->ask->arena, type);
        reading->type_count++;
    }
    reading->types[at].count++;
}

static struct err object_read(void *context, const struct form_object *made)
{
    struct reading *reading = context;
    struct ask *ask = reading->ask;
    reading->objects++;
    count_type(reading, made->type);
    if (slice_eq(made->type, S("indicator")))
        previewer_add(reading->previewer, made->bytes);
    if (reading->shown == OBJECTS_SHOWN)
        return OK;
    reading->shown++;
    const struct object object = {
            .id = made->id, .type = made->type, .bytes = made->bytes, .revoked = made->revoked, .expiry_us = TIME_NONE};
    struct outside outside = outside_begin(ask, OBJECT_BYTES);
    struct summary summary;
    TRY(summary_of(&reading->summaries, &object, &summary));
    json_write_object(&ask->json);
    row_write(&outside, &object, &summary);
    json_write_end(&ask->json);
    arena_reset(reading->summaries.arena);
    return OK;
}

static void tell(struct reading *reading, struct told *told, uint64_t *count, struct told one, const char *why)
{
    if ((*count)++ >= TOLD)
        return;
    one.why = arena_copy(reading->ask->arena, slice_of(why));
    told[*count - 1] = one;
}

static struct err refused_read(void *context, uint64_t line, uint64_t column, const char *why, slice original)
{
    struct reading *reading = context;
    (void)original;
    tell(reading, reading->refusals, &reading->refused, (struct told){line, column, {0}}, why);
    return OK;
}

static void warned_read(void *context, uint64_t line, uint64_t column, const char *why)
{
    struct reading *reading = context;
    tell(reading, reading->warnings, &reading->warned, (struct told){line, column, {0}}, why);
}

static void unwarned_read(void *context, uint64_t count)
{
    ((struct reading *)context)->warned += count;
}

static void dropped_read(void *context, const char *what, uint64_t count)
{
    struct reading *reading = context;
    size_t at = 0;
    reading->dropped += count;
    while (at < reading->drop_count && !slice_eq(reading->drops[at].what, slice_of(what)))
        at++;
    if (at == DROPPED_SHOWN)
        return;
    if (at == reading->drop_count) {
        reading->drops[at].what = arena_copy(reading->ask->arena, slice_of(what));
        reading->drop_count++;
    }
    reading->drops[at].count += count;
}

static struct err text_read(void *context, char *to, size_t room, size_t *got)
{
    struct reading *reading = context;
    *got = reading->rest.len < room ? reading->rest.len : room;
    memcpy(to, *got > 0 ? reading->rest.ptr : "", *got);
    reading->rest = slice_from(reading->rest, *got);
    return OK;
}

/* ---- The preview ---- */

static void write_told(struct ask *ask, slice key, const struct told *told, uint64_t count)
{
    struct outside outside = outside_begin(ask, TOLD * 200);
    json_write_key(&ask->json, key);
    json_write_array(&ask->json);
    for (size_t i = 0; i < count && i < TOLD; i++) {
        json_write_object(&ask->json);
        page_flag(ask, S("placed"), told[i].line > 0);
        json_write_key_u64(&ask->json, S("line"), told[i].line);
        json_write_key_u64(&ask->json, S("column"), told[i].column);
        outside_write(&outside, S("why"), told[i].why, OUTSIDE_LINE);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

static void write_counts(struct reading *reading)
{
    struct ask *ask = reading->ask;
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE / 2);
    page_count(ask, S("object_count"), reading->objects);
    page_count(ask, S("refused_count"), reading->refused);
    page_count(ask, S("warned_count"), reading->warned);
    page_count(ask, S("dropped_count"), reading->dropped);
    page_flag(ask, S("any"), reading->objects > 0);
    page_flag(ask, S("any_refused"), reading->refused > 0);
    page_flag(ask, S("any_warned"), reading->warned > 0);
    page_flag(ask, S("any_dropped"), reading->dropped > 0);
    page_flag(ask, S("shown_part"), reading->objects > reading->shown);
    json_write_key(&ask->json, S("types"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < reading->type_count; i++) {
        json_write_object(&ask->json);
        outside_write(&outside, S("type"), reading->types[i].type, OUTSIDE_NAME);
        outside_write(&outside, S("what"), outside_type(ask, reading->types[i].type), OUTSIDE_NAME);
        page_count(ask, S("count"), reading->types[i].count);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    json_write_key(&ask->json, S("dropped"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < reading->drop_count; i++) {
        json_write_object(&ask->json);
        outside_write(&outside, S("what"), reading->drops[i].what, OUTSIDE_NAME);
        page_count(ask, S("count"), reading->drops[i].count);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

static struct err understand(struct reading *reading, const struct importer_text *text, const char **form)
{
    const struct stix_stream stream = {reading, text_read};
    const struct form_object_options options = {.name = text->name,
            .form = text->form.len > 0 ? arena_cstr(reading->ask->arena, text->form) : NULL,
            .now_us = clock_now_us(),
            .creator = text->creator,
            .marking = text->marking,
            .objects_max = INTEL_OBJECTS_MAX};
    const struct form_object_sink sink = {.context = reading,
            .object = object_read,
            .refused = refused_read,
            .dropped = dropped_read,
            .warned = warned_read,
            .unwarned = unwarned_read};
    struct json_writer *json = &reading->ask->json;
    json_write_key(json, S("objects"));
    json_write_array(json);
    struct err err = form_objects_read(&stream, &options, reading->arena, &sink, form);
    json_write_end(json);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(reading->ask->arena, slice_of(err.why));
    return err;
}

/* What the second step needs, as hidden fields. */
static void write_settled(struct ask *ask, const struct importer_text *text, slice waiting, const char *form)
{
    struct outside outside = outside_begin(ask, 6 * STORE_NAME_MAX);
    json_write_key_text(&ask->json, S("waiting"), waiting);
    json_write_key_text(&ask->json, S("source"), text->source);
    outside_write(&outside, S("name"), text->name, STORE_NAME_MAX);
    json_write_key_text(&ask->json, S("kind"), text->kind);
    json_write_key_text(&ask->json, S("form"), form == NULL ? text->form : slice_of(form));
    json_write_key_text(&ask->json, S("tlp"), ask_form(ask, S("tlp")));
    json_write_key_text(&ask->json, S("creator"), ask_form(ask, S("creator")));
    page_count(ask, S("bytes"), text->text.len);
}

static struct err preview_write(struct reading *reading, const struct importer_text *text)
{
    struct ask *ask = reading->ask;
    const char *form = NULL;
    slice waiting = S("");
    json_write_key(&ask->json, S("preview"));
    json_write_object(&ask->json);
    struct err read = understand(reading, text, &form);
    write_counts(reading);
    write_told(ask, S("refused"), reading->refusals, reading->refused);
    write_told(ask, S("warned"), reading->warnings, reading->warned);
    bool good = read.kind == ERR_NONE && reading->objects > 0;
    TRY(import_reach_write(ask, reading->previewer));
    if (good)
        TRY(waiting_put(ask->gate->options.parts->folder, ask->who.actor.user, text->text, ask->arena, &waiting));
    write_settled(ask, text, waiting, form);
    page_flag(ask, S("good"), good);
    json_write_end(&ask->json);
    if (read.kind != ERR_NONE)
        return again(ask, "text", read);
    return good ? write_form(ask)
                : again(ask, "text", err_make(ERR_INPUT, "nothing in it was understood as intelligence"));
}

static struct err preview(struct ask *ask, const struct importer_text *text)
{
    struct reading *reading = arena_new(ask->arena, struct reading, 1);
    reading->ask = ask;
    reading->rest = text->text;
    reading->arena = arena_open("a text that is shown", ARENA_WORK, READ_ARENA_MAX);
    reading->summaries = summaries_open(NULL, arena_open("a row of a preview", ARENA_WORK, READ_ARENA_MAX));
    struct err err = previewer_open(&reading->previewer);
    if (err.kind == ERR_NONE)
        err = preview_write(reading, text);
    previewer_close(reading->previewer);
    arena_close(reading->summaries.arena);
    summaries_close(&reading->summaries);
    arena_close(reading->arena);
    return err;
}

/* ---- Taking it in ---- */

static struct err take(struct ask *ask, const struct importer_text *text)
{
    int64_t import = 0;
    struct err err = importer_run(ask, text, &import);
    if (err.kind != ERR_NONE && import == 0)
        return again(ask, "text", err);
    /* One that failed has a page, too, which says why; one without a number waits for its turn. */
    ask_see(ask, import == 0 ? "/imports" : outside_path(ask, "/imports/", import, ""));
    return OK;
}

struct err web_import_post(struct ask *ask)
{
    struct importer_text text = {0};
    const char *field = "text";
    TRY(outside_need(ask, VERB_IMPORT));
    text_get(ask, &text);
    struct err err = asked(ask, &text, &field);
    if (err.kind == ERR_NONE && text.text.len == 0) {
        field = "text";
        err = err_make(ERR_INPUT, "there is no text: paste one, or choose a file");
    }
    if (err.kind != ERR_NONE)
        return again(ask, field, err);
    return slice_eq(ask_form(ask, S("now")), S("yes")) ? take(ask, &text) : preview(ask, &text);
}

struct err web_import_take(struct ask *ask)
{
    struct importer_text text = {0};
    const char *field = "text";
    TRY(outside_need(ask, VERB_IMPORT));
    struct err err = asked(ask, &text, &field);
    text.name = store_text_keep(ask->arena, ask_form(ask, S("name")), STORE_NAME_MAX);
    text.kind = slice_eq(ask_form(ask, S("kind")), S("file")) ? S("file") : S("paste");
    text.name = text.name.len > 0 ? text.name : S("paste");
    if (err.kind == ERR_NONE)
        err = waiting_find(ask->gate->options.parts->folder, ask->who.actor.user, ask_form(ask, S("waiting")),
                ask->arena, &text.path);
    return err.kind == ERR_NONE ? take(ask, &text) : again(ask, field, err);
}
