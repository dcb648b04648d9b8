/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan task: who is to do what until when, in the incidents of a node. */
#include <inttypes.h>

#include "app/incident_show.h"
#include "app/options.h"
#include "app/person.h"
#include "app/typed.h"
#include "case/task.h"
#include "store/organisation.h"
#include "text/moment.h"

#define BEFORE_MAX 20

/* The organisation of --org; 0: our own. */
static struct err organisation_of(const struct command_line *line, struct local *local, int64_t *number)
{
    const char *name = command_text(line, "org");
    *number = 0;
    if (name == NULL)
        return OK;
    struct err err = store_organisation_find(local->db, slice_of(name), number);
    return err.kind != ERR_MISSING ? err : err_format(line->arena, ERR_MISSING, "there is no organisation %s", name);
}

static struct err show(const struct command_line *line, struct local *local, int64_t number)
{
    struct task row;
    struct organisation whose;
    TRY(store_task_get(local->db, number, line->arena, &row));
    TRY(store_organisation_get(local->db, row.organisation, line->arena, &whose));
    task_show_line(line, &row, whose.name);
    return OK;
}

/* ---- Reading ---- */

static struct err list(const struct command_line *line, struct local *local)
{
    struct task *rows;
    struct organisation whose;
    int64_t organisation, due_us = INT64_MIN, after = 0;
    size_t count;
    TRY(organisation_of(line, local, &organisation));
    if (organisation == 0)
        TRY(store_organisation_own(local->db, &organisation));
    TRY(store_right_check(&local->actor, VERB_READ_INCIDENTS, organisation, line->arena, NULL));
    TRY(store_organisation_get(local->db, organisation, line->arena, &whose));
    do {
        TRY(store_task_of(local->db, organisation, due_us, after, STORE_PAGE_MAX, line->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            bool seen;
            TRY(case_task_seen(local->db, &local->actor, &rows[i], line->arena, &seen));
            if (seen)
                task_show_line(line, &rows[i], whose.name);
        }
        if (count > 0) {
            after = rows[count - 1].number;
            due_us = rows[count - 1].due_us == TIME_NONE ? INT64_MAX : rows[count - 1].due_us;
        }
    } while (count > 0);
    return OK;
}

/* ---- Doing ---- */

struct doing {
    const struct command_line *line;
    struct local *local;
    int64_t task;
    struct case_task_put put;
    int64_t befores[BEFORE_MAX];
    struct err (*verb)(struct work *work, struct doing *doing);
};

static struct err doing_do(struct work *work, void *context)
{
    struct doing *doing = context;
    return doing->verb(work, doing);
}

static struct err done(struct doing *doing)
{
    TRY(store_work(doing->local->db, &doing->local->actor, doing->line->arena, doing_do, doing));
    return show(doing->line, doing->local, doing->task);
}

static struct err add_verb(struct work *work, struct doing *doing)
{
    return case_task_add(work, &doing->put, &doing->task);
}

static struct err add(const struct command_line *line, struct local *local)
{
    struct doing doing = {.line = line, .local = local, .verb = add_verb};
    const char *due = command_text(line, "due"), *every = command_text(line, "every"), *before;
    size_t at = 0;
    doing.put = (struct case_task_put){.title = slice_of(line->files[2]),
            .text = typed_or(line, "text", ""),
            .person = typed_or(line, "to", ""),
            .due_us = TIME_NONE,
            .agreed_by = typed_or(line, "agreed-by", ""),
            .step = S(""),
            .befores = doing.befores};
    TRY(typed_number(line, line->files[1], "an incident", &doing.put.incident));
    TRY(organisation_of(line, local, &doing.put.organisation));
    if (due != NULL && !time_parse_strict(slice_of(due), &doing.put.due_us))
        return err_format(line->arena, ERR_INPUT, "--due %s is no moment as 2026-11-20T22:40:00+07:00 (RFC 3339)", due);
    if (every != NULL && !moment_every_read(slice_of(every), &doing.put.every_us))
        return err_format(line->arena, ERR_INPUT, "--every %s is no span as 4h, 90min or 2d", every);
    while ((before = command_each(line, "after", &at)) != NULL) {
        if (doing.put.before_count == BEFORE_MAX)
            return err_format(line->arena, ERR_LIMIT, "a task waits for %d others here", BEFORE_MAX);
        TRY(typed_number(line, before, "a task", &doing.befores[doing.put.before_count++]));
    }
    return done(&doing);
}

static struct err with_number(const struct command_line *line, struct local *local,
        struct err (*verb)(struct work *work, struct doing *doing))
{
    struct doing doing = {.line = line, .local = local, .verb = verb};
    TRY(typed_number(line, line->files[1], "a task", &doing.task));
    return done(&doing);
}

static struct err state_verb(struct work *work, struct doing *doing)
{
    enum task_state state;
    if (!store_task_state_find(slice_of(doing->line->files[2]), &state))
        return err_make(ERR_INPUT, "a task is to-do, doing, waiting, done or cancelled");
    return case_task_state(work, doing->task, state, typed_or(doing->line, "result", ""));
}

static struct err state(const struct command_line *line, struct local *local)
{
    return with_number(line, local, state_verb);
}

static struct err agree_verb(struct work *work, struct doing *doing)
{
    return case_task_agree(work, doing->task, slice_of(doing->line->files[2]));
}

static struct err agree(const struct command_line *line, struct local *local)
{
    return with_number(line, local, agree_verb);
}

static struct err set_verb(struct work *work, struct doing *doing)
{
    for (size_t i = 2; i < doing->line->file_count; i++) {
        slice pair = slice_of(doing->line->files[i]);
        size_t sign = slice_find(pair, '=');
        if (sign == pair.len)
            return err_format(work->arena, ERR_INPUT, "%s: set is followed by FIELD=VALUE", doing->line->files[i]);
        TRY(case_task_set(work, doing->task, slice_part(pair, 0, sign), slice_from(pair, sign + 1)));
    }
    return OK;
}

static struct err set(const struct command_line *line, struct local *local)
{
    return with_number(line, local, set_verb);
}

/* ---- The command ---- */

static const struct local_verb verbs[] = {
        {"list", 1, list, 0},
        {"add", 3, add, 0},
        {"state", 3, state, 0},
        {"agree", 3, agree, 0},
        {"set", 3, set, 5},
};

static int task(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `task list`, `task add INCIDENT TITLE`, `task state N STATE --result TEXT`, `task agree N WHO` or "
            "`task set N FIELD=VALUE...`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTION_PERSON,
        {0, "org", "NAME", "list, add: of this organisation (default: our own)"},
        {0, "to", "USER", "add: to this person of ours"},
        {0, "text", "TEXT", "add: what is to be done, at length"},
        {0, "due", "TIME", "add: until when"},
        {0, "every", "SPAN", "add: it comes again that long after it was done, as 4h, until the incident is recovered"},
        {0, "after", "N", "add: this task has to be done first; may be repeated"},
        {0, "agreed-by", "WHO", "add: it waits for the word of, as \"clinical owner\""},
        {0, "result", "TEXT", "state: what came of it; done and cancelled want one"},
        OPTION_JSON,
};

const struct command command_task = {
        .name = "task",
        .arguments = "list, add INCIDENT TITLE, state|agree|set N",
        .about = "See who is to do what in the incidents of a node, and say how far it is",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = task,
};
