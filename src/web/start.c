/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The start: what waits for who asks, what is new, each figure with what it counts, and the latest imports. Everything
 * here is read in a few pages, however large the node is; what who asks may not see is not asked for.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "case/report.h"
#include "gate/gate.h"
#include "share/book.h"
#include "store/approval.h"
#include "store/ask.h"
#include "store/feed.h"
#include "store/follower.h"
#include "store/partner.h"
#include "store/session.h"
#include "text/number.h"
#include "web/label.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"
#include "web/today.h"
#include "web/worked.h"

#define SINCE_US (INT64_C(24) * 3600 * 1000000) /* for who was not here before */
#define IMPORTS_COUNTED 1000                    /* the newest, of which figures are made */
#define IMPORTS_SHOWN 8
#define FEEDS_ASKED 200
#define PARKED_ASKED 100

/* ---- What waits ---- */

struct todo {
    slice what, why, how, path;
    const char *look;
};

static void write_todo(struct ask *ask, const struct todo *todo)
{
    struct json_writer *json = &ask->json;
    json_write_object(json);
    json_write_key_text(json, S("what"), todo->what);
    json_write_key_text(json, S("why"), todo->why);
    json_write_key_text(json, S("how"), todo->how);
    json_write_key_text(json, S("path"), todo->path);
    json_write_key_text(json, S("look"), slice_of(todo->look));
    json_write_end(json);
}

static slice counted(struct ask *ask, slice one, slice many, uint64_t count)
{
    struct buf buf = buf_make(256);
    number_count_write(&buf, one, many, count, ask->language);
    slice text = arena_copy(ask->arena, buf_slice(&buf));
    buf_free(&buf);
    return text;
}

static struct err todo_second_factor(struct ask *ask, size_t *count)
{
    struct user user;
    TRY(store_user_get(ask->db, ask->who.actor.user, ask->arena, &user));
    if (user.second_factor)
        return OK;
    (*count)++;
    write_todo(ask, &(struct todo){ask_text(ask, W("Your account has no second factor")),
                            ask_text(ask, W("Who learns your password can sign in as you.")),
                            ask_text(ask, W("Set it up")), S("/account#second-factor"), "warn"});
    return OK;
}

static struct err todo_feeds(struct ask *ask, size_t *count)
{
    struct feed *feeds;
    size_t feed_count, failing = 0;
    TRY(store_feed_list(ask->db, S(""), FEEDS_ASKED, ask->arena, &feeds, &feed_count));
    for (size_t i = 0; i < feed_count; i++)
        failing += feeds[i].failures > 0 && !feeds[i].paused;
    if (failing == 0)
        return OK;
    (*count)++;
    write_todo(ask, &(struct todo){counted(ask, W_COUNT("{{n}} feed fails", "{{n}} feeds fail"), failing),
                            ask_text(ask, W("What they would bring is missing until they are fetched again.")),
                            ask_text(ask, W("Look at the feeds")), S("/feeds"), "bad"});
    return OK;
}

static struct err todo_parked(struct ask *ask, size_t *count)
{
    struct parked *rows;
    size_t parked;
    TRY(store_parked_list(ask->db, S(""), 0, PARKED_ASKED, ask->arena, &rows, &parked));
    if (parked == 0)
        return OK;
    (*count)++;
    write_todo(ask,
            &(struct todo){
                    counted(ask, W_COUNT("{{n}} piece of news is parked", "{{n}} pieces of news are parked"), parked),
                    ask_text(ask, W("A part of the node could not follow them; `kentongan follower parked` says why.")),
                    ask_text(ask, W("Look at the journal")), S("/journal"), "bad"});
    return OK;
}

static struct err todo_approvals(struct ask *ask, size_t *count)
{
    struct approval *rows;
    size_t open, others = 0;
    TRY(store_approval_open(ask->db, 0, PARKED_ASKED, ask->arena, &rows, &open));
    TRY(share_approvals_sift(ask->db, &ask->who.actor, rows, ask->arena, &open));
    for (size_t i = 0; i < open; i++)
        others += shared_may_decide(ask, &rows[i]);
    if (others == 0)
        return OK;
    (*count)++;
    write_todo(ask, &(struct todo){counted(ask,
                                           W_COUNT("{{n}} proposal waits for a second person",
                                                   "{{n}} proposals wait for a second person"),
                                           others),
                            ask_text(ask, W("Nothing of it is done until somebody else agrees.")),
                            ask_text(ask, W("Look at the approvals")), S("/approvals"), "warn"});
    return OK;
}

/* Whoever could have agreed beforehand is told, and who looks at all acts; until one of them has seen it. */
static struct err todo_emergencies(struct ask *ask, size_t *count)
{
    struct approval *rows;
    size_t unseen, told = 0;
    TRY(store_approval_unseen(ask->db, 0, PARKED_ASKED, ask->arena, &rows, &unseen));
    TRY(share_approvals_sift(ask->db, &ask->who.actor, rows, ask->arena, &unseen));
    for (size_t i = 0; i < unseen; i++)
        told += shared_may_decide(ask, &rows[i]) || ask_may(ask, VERB_READ_LEDGER);
    if (told == 0)
        return OK;
    (*count)++;
    write_todo(ask, &(struct todo){counted(ask,
                                           W_COUNT("{{n}} thing was done in an emergency, without a second person",
                                                   "{{n}} things were done in an emergency, without a second person"),
                                           told),
                            ask_text(ask, W("It was done at the machine. It stands here until one who could have "
                                            "agreed has seen it.")),
                            ask_text(ask, W("See what was done")), S("/approvals"), "bad"});
    return OK;
}

static struct err todo_asks(struct ask *ask, size_t *count)
{
    struct ask_row *rows;
    size_t open;
    TRY(store_ask_list(ask->db, false, 0, PARKED_ASKED, ask->arena, &rows, &open));
    if (open == 0)
        return OK;
    (*count)++;
    write_todo(ask, &(struct todo){counted(ask,
                                           W_COUNT("{{n}} question before a release waits",
                                                   "{{n}} questions before a release wait"),
                                           open),
                            ask_text(ask, W("Without an answer in time it stays here.")),
                            ask_text(ask, W("Look at the questions")), S("/asks"), "warn"});
    return OK;
}

/* Partners to whom nothing is released until people decide. */
static struct err todo_partners(struct ask *ask, size_t *count)
{
    struct partner *rows;
    size_t partners, paused = 0;
    TRY(store_partner_list(ask->db, 0, FEEDS_ASKED, clock_now_us(), ask->arena, &rows, &partners));
    for (size_t i = 0; i < partners; i++)
        paused += rows[i].paused.len > 0 && rows[i].state != PARTNER_ENDED;
    if (paused == 0)
        return OK;
    (*count)++;
    write_todo(
            ask, &(struct todo){counted(ask, W_COUNT("{{n}} partner is paused", "{{n}} partners are paused"), paused),
                         ask_text(ask, W("Something is wrong with their logs; nothing is released to them.")),
                         ask_text(ask, W("Look at the partners")), S("/partners"), "bad"});
    return OK;
}

static struct err todo_today(struct ask *ask, size_t *count)
{
    size_t open;
    TRY(today_count(ask, &open));
    if (open == 0)
        return OK;
    (*count)++;
    write_todo(ask,
            &(struct todo){
                    counted(ask, W_COUNT("{{n}} warning waits for your answer", "{{n}} warnings wait for your answer"),
                            open),
                    ask_text(ask, W("Something of yours is concerned.")), ask_text(ask, W("What to do")), S("/today"),
                    "bad"});
    return OK;
}

static struct err todo_duties(struct ask *ask, size_t *count)
{
    size_t overdue;
    if (!warned_may(ask, VERB_READ_INCIDENTS, 0))
        return OK;
    TRY(worked_overdue(ask, &overdue));
    if (overdue == 0)
        return OK;
    (*count)++;
    write_todo(ask,
            &(struct todo){counted(ask, W_COUNT("{{n}} clock of law ran out", "{{n}} clocks of law ran out"), overdue),
                    ask_text(ask, W("What is filed late needs a reason, and stays to be seen.")),
                    ask_text(ask, W("Look at the clocks")), S("/duties"), "bad"});
    return OK;
}

static struct err todo_tasks(struct ask *ask, size_t *count)
{
    size_t open;
    TRY(worked_tasks(ask, &open));
    if (open == 0)
        return OK;
    (*count)++;
    write_todo(ask,
            &(struct todo){counted(ask, W_COUNT("{{n}} task is yours", "{{n}} tasks are yours"), open),
                    ask_text(ask, W("Somebody in an incident waits for it.")), ask_text(ask, W("Look at the tasks")),
                    warned_may(ask, VERB_READ_INCIDENTS, 0) ? S("/tasks?show=mine") : S("/tasks"), "warn"});
    return OK;
}

static struct err todo_ledger(struct ask *ask, size_t *count)
{
    slice alarm;
    TRY(share_book_alarm(ask->db, ask->arena, &alarm));
    if (alarm.len == 0)
        return OK;
    (*count)++;
    write_todo(ask, &(struct todo){ask_text(ask, W("Something is wrong with our ledger")),
                            ask_text(ask, W("Nothing is signed or released until it is mended.")),
                            ask_text(ask, W("Look at the ledger")), S("/ledger"), "bad"});
    return OK;
}

/* Others go on; warnings of our own constituents do, too. */
static struct err todo_waiting(struct ask *ask, size_t *count)
{
    struct ledger_log *logs;
    size_t waiting;
    TRY(store_ledger_log_waiting(ask->db, 0, ask->arena, &logs, &waiting));
    if (waiting == 0)
        return OK;
    (*count)++;
    write_todo(ask,
            &(struct todo){
                    counted(ask, W_COUNT("{{n}} log waits for its partner", "{{n}} logs wait for their partners"),
                            waiting),
                    ask_text(ask,
                            W("More was signed than is here; what is released to them is kept until they answer.")),
                    ask_text(ask, W("Look at the ledger")), S("/ledger"), "warn"});
    return OK;
}

/* Who sees their own organisation's alone waits for us, and not we for them. */
static struct err todo_reports(struct ask *ask, size_t *count)
{
    struct report *rows;
    size_t waiting;
    if (!shared_may_act(ask, VERB_READ_REPORTS))
        return OK;
    TRY(store_report_queue(ask->db, INT64_MIN, 0, PARKED_ASKED, ask->arena, &rows, &waiting));
    if (waiting == 0)
        return OK;
    bool late = clock_now_us() - rows[0].received_us > CASE_REPORT_LATE_US;
    (*count)++;
    write_todo(ask, &(struct todo){counted(ask, W_COUNT("{{n}} report waits", "{{n}} reports wait"), waiting),
                            ask_text(ask, late ? W("One of them has waited for more than four hours.")
                                               : W("Somebody told us something, and nobody took it yet.")),
                            ask_text(ask, W("Look at the reports")), S("/reports"), late ? "bad" : "warn"});
    return OK;
}

static const struct {
    enum verb verb; /* VERBS: everybody */
    struct err (*write)(struct ask *ask, size_t *count);
} todos[] = {
        {VERB_ANSWER_WARNINGS, todo_today},
        {VERB_READ_REPORTS, todo_reports},
        {VERB_READ_INCIDENTS, todo_duties},
        {VERB_READ_INCIDENTS, todo_tasks},
        {VERB_READ_SHARING, todo_ledger},
        {VERB_READ_SHARING, todo_waiting},
        {VERB_READ_SHARING, todo_partners},
        {VERB_READ_SHARING, todo_emergencies},
        {VERB_READ_SHARING, todo_approvals},
        {VERB_RELEASE, todo_asks},
        {VERB_MEND_FOLLOWERS, todo_parked},
        {VERB_CHANGE_FEEDS, todo_feeds},
        {VERBS, todo_second_factor},
};

static struct err write_todos(struct ask *ask)
{
    size_t count = 0;
    json_write_key(&ask->json, S("todo"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < COUNT_OF(todos); i++)
        if (todos[i].verb == VERBS || ask_may(ask, todos[i].verb))
            TRY(todos[i].write(ask, &count));
    json_write_end(&ask->json);
    page_flag(ask, S("any_todo"), count > 0);
    return OK;
}

/* ---- What is new ---- */

struct figures {
    uint64_t imports, failed, added, refused;
};

static void add_figures(struct figures *figures, const struct import *import)
{
    figures->imports += import->state == IMPORT_DONE;
    figures->failed += import->state == IMPORT_FAILED;
    figures->added += import->state == IMPORT_DONE ? (uint64_t)import->added : 0;
    figures->refused += (uint64_t)import->refused;
}

static void write_figure(struct ask *ask, slice name, uint64_t count, slice definition)
{
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("name"), ask_text(ask, name));
    page_count(ask, S("count"), count);
    json_write_key_text(&ask->json, S("definition"), ask_text(ask, definition));
    json_write_end(&ask->json);
}

static void write_figures(struct ask *ask, const struct figures *figures)
{
    json_write_key(&ask->json, S("figures"));
    json_write_array(&ask->json);
    write_figure(ask, W("New objects"), figures->added,
            W("STIX objects and versions that were not here before, of imports that are done"));
    write_figure(ask, W("Imports done"), figures->imports, W("Texts taken in whole, by people and feeds"));
    write_figure(ask, W("Imports failed"), figures->failed, W("Texts of which nothing was taken"));
    write_figure(
            ask, W("Refused"), figures->refused, W("Objects and lines of these texts that could not be understood"));
    json_write_end(&ask->json);
}

/* Of a path or an address what tells it from others; the page of the import has all of it. */
static slice last_part(slice name)
{
    size_t at = name.len;
    while (at > 0 && name.ptr[at - 1] != '/')
        at--;
    return at < name.len ? slice_from(name, at) : name;
}

static void write_import(struct ask *ask, const struct import *import)
{
    struct json_writer *json = &ask->json;
    json_write_object(json);
    json_write_key_u64(json, S("number"), (uint64_t)import->number);
    json_write_key_text(json, S("name"), last_part(import->name));
    label_import_state(ask, import->state);
    page_count(ask, S("added"), (uint64_t)import->added);
    page_count(ask, S("refused"), (uint64_t)import->refused);
    page_moment(ask, S("began"), import->began_us);
    json_write_end(json);
}

/* When this person was here last, by another session than this. */
static struct err visit_before(struct ask *ask, int64_t *since_us)
{
    TRY(store_session_before(ask->db, ask->who.actor.user, ask->who.session, since_us));
    page_flag(ask, S("visited"), *since_us != TIME_NONE);
    if (*since_us == TIME_NONE)
        *since_us = clock_now_us() - SINCE_US;
    return OK;
}

static struct err write_news(struct ask *ask)
{
    struct figures figures = {0};
    struct import *imports;
    size_t count;
    int64_t since_us;
    TRY(visit_before(ask, &since_us));
    TRY(store_import_list(ask->db, 0, INT64_MAX, IMPORTS_COUNTED, ask->arena, &imports, &count));
    if (count == IMPORTS_COUNTED && imports[count - 1].began_us > since_us)
        since_us = imports[count - 1].began_us; /* so that the figures are those of the time that is said */
    for (size_t i = 0; i < count && imports[i].began_us >= since_us; i++)
        add_figures(&figures, &imports[i]);
    page_moment(ask, S("since"), since_us);
    write_figures(ask, &figures);
    json_write_key(&ask->json, S("imports"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count && i < IMPORTS_SHOWN; i++)
        write_import(ask, &imports[i]);
    json_write_end(&ask->json);
    page_flag(ask, S("any_import"), count > 0);
    return OK;
}

struct err web_start(struct ask *ask)
{
    page_title(ask, ask_text(ask, W("Start")));
    TRY(write_todos(ask));
    page_flag(ask, S("any_figure"), ask_may(ask, VERB_READ_OBJECTS));
    return ask_may(ask, VERB_READ_OBJECTS) ? write_news(ask) : OK;
}
