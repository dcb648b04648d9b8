/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan playbook: what was agreed on beforehand, and its start in an incident. */
#include <inttypes.h>

#include "app/local.h"
#include "app/options.h"
#include "app/person.h"
#include "app/typed.h"
#include "case/playbook.h"
#include "input/input.h"
#include "text/shown.h"
#include "json/write.h"

#define ROW_MAX (1u << 20)
#define REASON_NONE "by command"

/* ---- Showing ---- */

static void json_show(struct buf *buf, const struct playbook *row)
{
    struct json_writer w = json_writer(buf);
    const struct {
        const char *key;
        slice text;
    } texts[] = {{"identity", row->identity}, {"version", row->version}, {"name", row->name}, {"types", row->types},
            {"class", row->class}, {"state", slice_of(store_playbook_state_name(row->state))},
            {"signature", row->signature}, {"by", row->actor}};
    json_write_object(&w);
    json_write_key_u64(&w, S("number"), (uint64_t)row->number);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        json_write_key_text(&w, slice_of(texts[i].key), texts[i].text);
    json_write_key(&w, S("added"));
    json_write_time(&w, row->added_us);
    json_write_end(&w);
}

static void line_show(struct buf *buf, const struct playbook *row)
{
    const slice columns[] = {slice_of(store_playbook_state_name(row->state)), row->signature, row->types, row->class,
            row->version, row->name};
    buf_printf(buf, "%" PRId64, row->number);
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        buf_byte(buf, '\t');
        shown_text_write(buf, columns[i], false);
    }
}

static void row_show(const struct command_line *line, const struct playbook *row)
{
    struct buf buf = buf_make(ROW_MAX);
    (command_flag(line, "json") ? json_show : line_show)(&buf, row);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static struct err number_show(const struct command_line *line, struct local *local, int64_t number)
{
    struct playbook row;
    TRY(store_playbook_get(local->db, number, line->arena, &row));
    row_show(line, &row);
    return OK;
}

/* ---- Reading ---- */

static struct err list(const struct command_line *line, struct local *local)
{
    struct playbook *rows;
    size_t count;
    int64_t after = 0;
    TRY(store_right_check(&local->actor, VERB_READ_INCIDENTS, 0, line->arena, NULL));
    do {
        TRY(store_playbook_list(local->db, after, STORE_PAGE_MAX, line->arena, &rows, &count));
        for (size_t i = 0; i < count; i++)
            row_show(line, &rows[i]);
        after = count > 0 ? rows[count - 1].number : after;
    } while (count > 0);
    return OK;
}

static void step_show(const struct plan_playbook *playbook, size_t at, struct arena *arena)
{
    const struct plan_step *step = &playbook->steps[at];
    struct buf buf = buf_make(ROW_MAX);
    buf_printf(&buf, "step %zu\t%s\t", at + 1, plan_step_kind_name(step->kind));
    shown_text_write(&buf, step->name, false);
    buf_byte(&buf, '\t');
    for (size_t i = 0; i < step->before_count; i++)
        buf_printf(&buf, "%s%u", i == 0 ? "after " : ",", step->befores[i] + 1u);
    buf_byte(&buf, '\t');
    shown_text_write(&buf, plan_step_text(playbook, step, arena), false);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static struct err show(const struct command_line *line, struct local *local)
{
    struct playbook row;
    struct plan_playbook playbook;
    int64_t number;
    TRY(store_right_check(&local->actor, VERB_READ_INCIDENTS, 0, line->arena, NULL));
    TRY(typed_number(line, line->files[1], "a playbook", &number));
    TRY(store_playbook_get(local->db, number, line->arena, &row));
    if (command_flag(line, "raw")) {
        fwrite(row.bytes.ptr, 1, row.bytes.len, stdout);
        return OK;
    }
    TRY(case_playbook_read(&row, line->arena, &playbook));
    row_show(line, &row);
    if (command_flag(line, "json"))
        return OK;
    if (playbook.key.len > 0)
        printf("signed by the key %.*s\n", (int)playbook.key.len, playbook.key.ptr);
    for (size_t i = 0; i < playbook.step_count; i++)
        if (playbook.steps[i].work)
            step_show(&playbook, i, line->arena);
    return OK;
}

/* ---- Doing ---- */

struct doing {
    const char *file;
    slice text, class, why;
    int64_t number, incident;
    size_t tasks;
};

static struct err add_do(struct work *work, void *context)
{
    struct doing *doing = context;
    return case_playbook_add(work, doing->file, doing->text, doing->class, &doing->number);
}

static struct err add(const struct command_line *line, struct local *local)
{
    const char *class = command_text(line, "class");
    struct input_text text;
    struct doing doing = {.file = line->files[1], .class = slice_of(class == NULL ? "" : class)};
    TRY(input_text(doing.file, PLAN_PLAYBOOK_MAX, line->arena, &text));
    doing.text = text.text;
    struct err err = store_work(local->db, &local->actor, line->arena, add_do, &doing);
    input_text_free(&text);
    TRY(err);
    return number_show(line, local, doing.number);
}

static struct err turn(const struct command_line *line, struct local *local, work_action *action)
{
    const char *why = command_text(line, "reason");
    struct doing doing = {.why = slice_of(why == NULL ? REASON_NONE : why)};
    TRY(typed_number(line, line->files[1], "a playbook", &doing.number));
    TRY(store_work(local->db, &local->actor, line->arena, action, &doing));
    return number_show(line, local, doing.number);
}

static struct err approve_do(struct work *work, void *context)
{
    const struct doing *doing = context;
    return case_playbook_approve(work, doing->number, doing->why);
}

static struct err approve(const struct command_line *line, struct local *local)
{
    return turn(line, local, approve_do);
}

static struct err retire_do(struct work *work, void *context)
{
    const struct doing *doing = context;
    return case_playbook_retire(work, doing->number, doing->why);
}

static struct err retire(const struct command_line *line, struct local *local)
{
    return turn(line, local, retire_do);
}

static struct err start_do(struct work *work, void *context)
{
    struct doing *doing = context;
    return case_playbook_start(work, doing->number, doing->incident, &doing->tasks);
}

static struct err start(const struct command_line *line, struct local *local)
{
    struct doing doing = {0};
    TRY(typed_number(line, line->files[1], "a playbook", &doing.number));
    TRY(typed_number(line, line->files[2], "an incident", &doing.incident));
    TRY(store_work(local->db, &local->actor, line->arena, start_do, &doing));
    printf("playbook %" PRId64 " is started in incident %" PRId64 ": %zu tasks\n", doing.number, doing.incident,
            doing.tasks);
    return OK;
}

/* ---- The command ---- */

static const struct local_verb verbs[] = {
        {"list", 1, list, 0},
        {"show", 2, show, 0},
        {"add", 2, add, 0},
        {"approve", 2, approve, 0},
        {"retire", 2, retire, 0},
        {"start", 3, start, 0},
};

static int playbook(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `playbook list`, `playbook show N`, `playbook add FILE`, `playbook approve|retire N` or `playbook "
            "start N INCIDENT`; `kentongan check FILE` looks at one without a node");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTION_PERSON,
        {0, "class", "CLASS", "add: for which incidents it is meant, a class of RSIT"},
        {0, "reason", "TEXT", "approve, retire: why"},
        {0, "raw", NULL, "show: byte for byte as it came"},
        OPTION_JSON,
};

const struct command command_playbook = {
        .name = "playbook",
        .arguments = "list, add FILE, show|approve|retire N, start N INCIDENT",
        .about = "Keep playbooks, and have one begun in an incident, as tasks for people",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = playbook,
};
