/* SPDX-License-Identifier: Apache-2.0 */
/* Playbooks in an incident: how far those are that were started in it, and those that may be. */
#include <inttypes.h>

#include "base/arena.h"
#include "plan/playbook.h"
#include "store/playbook.h"
#include "web/incident.h"
#include "web/page.h"

#define RUNS 3       /* of a piece */
#define STEPS 12     /* of one; its own page has all */
#define PLAYBOOKS 20 /* that are offered */
#define READ 50      /* at once */

struct run_tasks {
    const struct task *rows;
    size_t count;
};

static void step_write(struct incident_page *page, const struct task *task)
{
    struct ask *ask = page->ask;
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)task->number);
    json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/tasks/", task->number, "")));
    outside_write_value(&page->outside, S("title"), task->title, OUTSIDE_NAME);
    worked_task_state(ask, task->state);
    json_write_end(&ask->json);
}

/* In the order in which they were made, which is that of the steps; those that are ended are counted. */
static void steps_write(struct incident_page *page, const struct run_tasks *tasks, int64_t run)
{
    struct ask *ask = page->ask;
    uint64_t count = 0, ended = 0;
    json_write_key(&ask->json, S("steps"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < tasks->count; i++) {
        if (tasks->rows[i].playbook != run)
            continue;
        if (count++ < STEPS)
            step_write(page, &tasks->rows[i]);
        ended += tasks->rows[i].state >= TASK_ENDED;
    }
    json_write_end(&ask->json);
    page_count(ask, S("step_count"), count);
    page_count(ask, S("ended"), ended);
    page_flag(ask, S("more_steps"), count > STEPS);
}

static void run_write(struct incident_page *page, const struct playbook_run *run, const struct run_tasks *tasks)
{
    struct ask *ask = page->ask;
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("playbook"), (uint64_t)run->playbook);
    json_write_key_text(&ask->json, S("path"),
            slice_of(arena_printf(
                    ask->arena, "/playbooks/%" PRId64 "?incident=%" PRId64, run->playbook, page->row->number)));
    outside_write_value(&page->outside, S("name"), run->name, OUTSIDE_NAME);
    outside_write(&page->outside, S("version"), run->version, OUTSIDE_NAME);
    page_moment(ask, S("begun"), run->begun_us);
    outside_write(&page->outside, S("actor"), run->actor, OUTSIDE_NAME);
    steps_write(page, tasks, run->number);
    json_write_end(&ask->json);
}

static struct err runs_write(struct incident_page *page)
{
    struct ask *ask = page->ask;
    struct playbook_run *rows;
    struct task *tasks = NULL;
    struct incident_piece piece;
    size_t count, task_count = 0;
    TRY(store_playbook_runs(ask->db, page->row->number, ask->arena, &rows, &count));
    if (count > 0)
        TRY(store_task_list(ask->db, page->row->number, ask->arena, &tasks, &task_count));
    const struct run_tasks all = {tasks, task_count};
    TRY(incident_piece(page, "runs", count, RUNS, &piece));
    json_write_key(&ask->json, S("runs"));
    json_write_array(&ask->json);
    for (size_t i = piece.from; i < piece.to; i++)
        run_write(page, &rows[i], &all);
    json_write_end(&ask->json);
    return OK;
}

/* One that attacks is a text and is not offered. */
static void offers_write(
        struct incident_page *page, const struct playbook *rows, size_t count, size_t *offered, bool *chosen)
{
    for (size_t i = 0; i < count && *offered < PLAYBOOKS; i++) {
        bool fits = !*chosen && rows[i].class.len > 0 && slice_eq(rows[i].class, page->row->class);
        if (plan_playbook_is_text(rows[i].types))
            continue;
        worked_choice(page->ask, slice_of(outside_path(page->ask, "", rows[i].number, "")),
                outside_text(&page->outside, outside_defanged(rows[i].name, page->ask->arena), OUTSIDE_NAME, NULL),
                fits);
        *chosen |= fits;
        ++*offered;
    }
}

/* Those that may be started; made for its class, chosen. */
static struct err playbooks_write(struct incident_page *page)
{
    struct ask *ask = page->ask;
    struct playbook *rows;
    size_t count = page->may ? READ : 0, offered = 0;
    bool chosen = false;
    json_write_key(&ask->json, S("playbooks"));
    json_write_array(&ask->json);
    for (int64_t after = 0; count == READ && offered < PLAYBOOKS; after = rows[READ - 1].number) {
        TRY(store_playbook_of_state(ask->db, PLAYBOOK_APPROVED, after, READ, ask->arena, &rows, &count));
        offers_write(page, rows, count, &offered, &chosen);
        if (count < READ)
            break;
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_playbook"), offered > 0);
    return OK;
}

struct err incident_runs(struct incident_page *page)
{
    TRY(runs_write(page));
    return playbooks_write(page);
}
