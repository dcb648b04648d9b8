/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Playbooks by their state, and the form that takes one in: what is wrong with a file is told with its places, and
 * nothing of it is kept.
 */
#include "base/arena.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/playbook.h"

#define ROWS 50
#define PROBLEMS_SHOWN 50
#define PROBLEMS_TEXT (24u << 10) /* bytes */

/* ---- In words ---- */

static const struct {
    const char *text, *look;
} states[PLAYBOOK_STATES] = {
        [PLAYBOOK_DRAFT] = {W_C("draft"), "warn"},
        [PLAYBOOK_APPROVED] = {W_C("approved"), "good"},
        [PLAYBOOK_RETIRED] = {W_C("retired"), "off"},
};

static const struct {
    const char *name, *text;
} signatures[] = {
        {"none", W_C("not signed")},
        {"good", W_C("signed, and the signature holds")},
        {"unknown-key", W_C("signed by a key that it does not name")},
};

static slice signature_text(const struct ask *ask, slice name)
{
    for (size_t i = 0; i < COUNT_OF(signatures); i++)
        if (slice_eq(name, slice_of(signatures[i].name)))
            return ask_text(ask, slice_of(signatures[i].text));
    return name;
}

/* ---- A row ---- */

struct err playbook_need(const struct ask *ask)
{
    return warned_need(ask, VERB_READ_INCIDENTS);
}

void playbook_write(struct outside *outside, const struct playbook *row)
{
    struct ask *ask = outside->ask;
    json_write_key_u64(&ask->json, S("number"), (uint64_t)row->number);
    json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/playbooks/", row->number, "")));
    outside_write_value(outside, S("name"), row->name, OUTSIDE_NAME);
    outside_write(outside, S("version"), row->version, OUTSIDE_NAME);
    outside_write(outside, S("types"), row->types, OUTSIDE_NAME);
    json_write_key_text(&ask->json, S("class"), row->class);
    json_write_key_text(&ask->json, S("class_text"), warned_class_text(ask, row->class));
    json_write_key_text(&ask->json, S("state"), slice_of(store_playbook_state_name(row->state)));
    json_write_key_text(&ask->json, S("state_text"), ask_text(ask, slice_of(states[row->state].text)));
    json_write_key_text(&ask->json, S("look"), slice_of(states[row->state].look));
    json_write_key_text(&ask->json, S("signature"), row->signature);
    json_write_key_text(&ask->json, S("signature_text"), signature_text(ask, row->signature));
    page_moment(ask, S("added"), row->added_us);
    outside_write(outside, S("actor"), row->actor, OUTSIDE_NAME);
    page_flag(ask, S("is_text"), plan_playbook_is_text(row->types));
}

/* ---- The list ---- */

static struct err state_asked(const struct ask *ask, enum playbook_state *state)
{
    slice name = ask_query(ask, S("state"));
    *state = PLAYBOOK_APPROVED;
    return name.len == 0 || store_playbook_state_find(name, state)
                   ? OK
                   : err_make(ERR_INPUT, "state is one of draft, approved and retired");
}

static void states_write(struct ask *ask, enum playbook_state chosen)
{
    json_write_key(&ask->json, S("states"));
    json_write_array(&ask->json);
    for (enum playbook_state i = 0; i < PLAYBOOK_STATES; i++)
        worked_choice(
                ask, slice_of(store_playbook_state_name(i)), ask_text(ask, slice_of(states[i].text)), i == chosen);
    json_write_end(&ask->json);
    json_write_key_text(&ask->json, S("state"), slice_of(store_playbook_state_name(chosen)));
}

static struct err rows_write(struct ask *ask, enum playbook_state state, int64_t after)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct playbook *rows;
    size_t count;
    TRY(store_playbook_of_state(ask->db, state, after, ROWS, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        json_write_object(&ask->json);
        playbook_write(&outside, &rows[i]);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, S("empty"), count == 0);
    page_more(ask, count == ROWS ? rows[count - 1].number : 0);
    return OK;
}

struct err web_playbooks(struct ask *ask)
{
    enum playbook_state state;
    uint64_t after;
    TRY(playbook_need(ask));
    TRY(state_asked(ask, &state));
    TRY(ask_number(ask, S("after"), INT64_MAX, 0, &after));
    page_title(ask, ask_text(ask, W("Playbooks")));
    states_write(ask, state);
    TRY(rows_write(ask, state, (int64_t)after));
    bool may = outside_may(ask, VERB_PLAYBOOKS);
    page_flag(ask, S("may_change"), may);
    if (may)
        worked_classes(ask);
    return OK;
}

/* ---- What is wrong with a file ---- */

struct telling {
    struct outside *outside;
    const char *name;
    size_t count;
};

static void found(void *context, const struct plan_finding *finding)
{
    struct telling *telling = context;
    struct ask *ask = telling->outside->ask;
    if (telling->count++ >= PROBLEMS_SHOWN)
        return;
    json_write_object(&ask->json);
    outside_write(telling->outside, S("place"),
            slice_of(arena_printf(ask->arena, "%s:%zu:%zu", telling->name, finding->line, finding->column)),
            OUTSIDE_LINE);
    page_flag(ask, S("is_warning"), finding->warning);
    outside_write(telling->outside, S("why"), slice_of(finding->why), OUTSIDE_LINE);
    json_write_end(&ask->json);
}

struct err playbook_read(struct outside *outside, const char *name, slice text, struct plan_playbook *playbook)
{
    struct ask *ask = outside->ask;
    struct telling telling = {outside, name, 0};
    json_write_key(&ask->json, S("problems"));
    json_write_array(&ask->json);
    struct err err = plan_playbook_read(name, text, found, &telling, ask->arena, playbook);
    json_write_end(&ask->json);
    page_flag(ask, S("any_problem"), telling.count > 0);
    json_write_key(&ask->json, S("more_problems"));
    if (telling.count <= PROBLEMS_SHOWN)
        json_write_null(&ask->json);
    else
        json_write_u64(&ask->json, telling.count - PROBLEMS_SHOWN);
    return err;
}

/* ---- One that is taken in ---- */

struct adding {
    const char *name;
    slice bytes, class;
    int64_t number;
};

static struct err add(struct work *work, void *context)
{
    struct adding *adding = context;
    return case_playbook_add(work, adding->name, adding->bytes, adding->class, &adding->number);
}

static void file_typed(struct ask *ask, struct adding *adding)
{
    struct outside outside = outside_begin(ask, OUTSIDE_LINE);
    adding->name = "playbook.json";
    adding->class = slice_trim(ask_form(ask, S("class")));
    for (size_t i = 0; i < ask->form_count; i++) {
        if (!slice_eq(ask->form[i].name, S("file")))
            continue;
        adding->bytes = ask->form[i].value;
        if (ask->form[i].file.len > 0)
            adding->name = arena_cstr(ask->arena, outside_text(&outside, ask->form[i].file, OUTSIDE_NAME, NULL));
    }
}

/* With all its mistakes: case_playbook_add tells the first. */
static struct err again(struct ask *ask, const struct adding *adding, struct err err)
{
    struct outside outside = outside_begin(ask, PROBLEMS_TEXT);
    struct plan_playbook playbook;
    TRY(page_again(ask, "file", err));
    if (adding->bytes.len > 0 && err.kind == ERR_INPUT)
        err = playbook_read(&outside, adding->name, adding->bytes, &playbook);
    return web_playbooks(ask);
}

struct err web_playbook_add(struct ask *ask)
{
    struct adding adding = {.bytes = S("")};
    struct err err = OK;
    file_typed(ask, &adding);
    if (adding.bytes.len == 0)
        err = err_make(ERR_INPUT, W_C("choose a file"));
    else if (adding.bytes.len > PLAN_PLAYBOOK_MAX)
        err = err_make(ERR_LIMIT, W_C("a playbook has a megabyte at most"));
    else
        err = store_work(ask->db, &ask->who.actor, ask->arena, add, &adding);
    if (err.kind != ERR_NONE)
        return again(ask, &adding, err);
    page_done(ask, outside_path(ask, "/playbooks/", adding.number, ""), "saved");
    return OK;
}
