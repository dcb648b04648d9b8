/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is done with a report: one table of acts, each of which runs a verb, from the queue or from the report's page.
 * The verbs ask for the right; here is only what a form says, and where it leads to afterwards.
 */
#include "base/arena.h"
#include "store/organisation.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/reported.h"
#include "web/shared.h"

#define ORIGINAL_MAX MAILBOX_BYTES_MAX
#define PILE_MERGED 200 /* at once: the others stay where they are for the next time */

struct doing {
    struct ask *ask;
    int64_t report;
    int64_t incident, other; /* as the form says; 0: it does not */
    slice reason;
    struct buf out; /* of a download */
    int64_t message, part;
};

/* ---- What the form says ---- */

static slice typed(const struct ask *ask, const char *name)
{
    return slice_trim(ask_form(ask, slice_of(name)));
}

static struct err incident_typed(const struct ask *ask, int64_t *incident)
{
    uint64_t number;
    if (!slice_u64(typed(ask, "incident"), INT64_MAX, &number))
        return err_make(ERR_INPUT, W_C("which incident? its number"));
    *incident = (int64_t)number;
    return OK;
}

static struct err reason_typed(const struct ask *ask, slice *reason)
{
    *reason = typed(ask, "reason");
    return reason->len == 0 ? OK : store_text_check(ask->arena, "reason", *reason, SHARED_REASON_MAX);
}

/* ---- The acts ---- */

static struct err take(struct work *work, void *context)
{
    const struct doing *doing = context;
    return case_report_assign(work, doing->report, work->actor->user);
}

static struct err leave(struct work *work, void *context)
{
    const struct doing *doing = context;
    return case_report_assign(work, doing->report, 0);
}

static struct err classify(struct work *work, void *context)
{
    const struct doing *doing = context;
    enum severity severity;
    if (!store_severity_find(typed(doing->ask, "severity"), &severity))
        return err_make(ERR_INPUT, W_C("how bad is it? info, low, medium, high or critical"));
    return case_report_classify(work, doing->report, typed(doing->ask, "class"), severity);
}

static struct err link_to(struct work *work, void *context)
{
    const struct doing *doing = context;
    return case_report_link(work, doing->report, doing->incident);
}

static struct err link_off(struct work *work, void *context)
{
    const struct doing *doing = context;
    return case_report_link(work, doing->report, 0);
}

static struct err incident_open(struct work *work, void *context)
{
    struct doing *doing = context;
    return case_report_open(work, doing->report, typed(doing->ask, "title"), &doing->incident);
}

static struct err merge(struct work *work, void *context)
{
    const struct doing *doing = context;
    return case_report_merge(work, doing->report, doing->other, doing->reason);
}

/* What is proposed to be the same as this one, and is nobody's yet, is: the earliest of them stays in the queue. */
static struct err merge_all(struct work *work, void *context)
{
    const struct doing *doing = context;
    struct report_alike *rows;
    size_t count;
    int64_t into = doing->report;
    TRY(store_report_alikes(work->db, doing->report, work->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (rows[i].state == ALIKE_PROPOSED && rows[i].other < into)
            into = rows[i].other;
    struct report kept;
    TRY(store_report_get(work->db, into, work->arena, &kept));
    into = kept.same_as != 0 ? kept.same_as : into;
    for (size_t i = 0; i < count; i++) {
        struct report other;
        if (rows[i].state != ALIKE_PROPOSED || rows[i].other == into)
            continue;
        TRY(store_report_get(work->db, rows[i].other, work->arena, &other));
        if (other.same_as == 0)
            TRY(case_report_merge(work, other.number, into, rows[i].why));
    }
    return into == doing->report ? OK : case_report_merge(work, doing->report, into, doing->reason);
}

/* All that stands with it in the queue, into the first of them. */
static struct err merge_pile(struct work *work, void *context)
{
    const struct doing *doing = context;
    const struct report_sight sight = case_report_sight(work->actor);
    struct report row, *rows;
    size_t count;
    TRY(store_report_get(work->db, doing->report, work->arena, &row));
    TRY(store_report_of_pile(work->db, row.pile, &sight, 0, PILE_MERGED + 1, work->arena, &rows, &count));
    if (count < 2)
        return err_make(ERR_CONFLICT, W_C("nothing else waits there"));
    for (size_t i = 1; i < count; i++)
        TRY(case_report_merge(work, rows[i].number, rows[0].number, S("they stand together in the queue")));
    return OK;
}

static struct err differ(struct work *work, void *context)
{
    const struct doing *doing = context;
    return case_report_differs(work, doing->report, doing->other);
}

/* As proposed, or who the form says. */
static struct err told_by(struct work *work, void *context)
{
    const struct doing *doing = context;
    slice name = typed(doing->ask, "organisation");
    int64_t organisation = 0;
    if (name.len > 0)
        TRY(store_organisation_find(work->db, name, &organisation));
    return case_report_told_by(work, doing->report, organisation);
}

static struct err shut(struct work *work, void *context)
{
    const struct doing *doing = context;
    return case_report_close(work, doing->report, doing->reason);
}

static struct err advert(struct work *work, void *context)
{
    const struct doing *doing = context;
    return case_report_close(work, doing->report, S("an advert"));
}

static struct err answer(struct work *work, void *context)
{
    const struct doing *doing = context;
    int64_t notice;
    return case_report_answer(work, doing->report, typed(doing->ask, "answer"), typed(doing->ask, "text"), &notice);
}

static struct err forget(struct work *work, void *context)
{
    const struct doing *doing = context;
    return case_report_forget(work, doing->report, doing->reason);
}

/* What of the form an act reads besides. */
enum needs { NEEDS_NOTHING, NEEDS_INCIDENT, NEEDS_OTHER, NEEDS_REASON, NEEDS_TEXT };

static const char *const needed[] = {NULL, "incident", "other", "reason", "text"};

static const struct act {
    const char *name, *done;
    enum needs needs;
    struct err (*run)(struct work *work, void *context);
} acts[] = {
        {"take", "taken", NEEDS_NOTHING, take},
        {"leave", "left", NEEDS_NOTHING, leave},
        {"class", "saved", NEEDS_NOTHING, classify},
        {"link", "linked", NEEDS_INCIDENT, link_to},
        {"unlink", "saved", NEEDS_NOTHING, link_off},
        {"open", "opened", NEEDS_NOTHING, incident_open},
        {"merge", "merged", NEEDS_OTHER, merge},
        {"merge-all", "merged", NEEDS_NOTHING, merge_all},
        {"merge-pile", "merged", NEEDS_NOTHING, merge_pile},
        {"advert", "report-closed", NEEDS_NOTHING, advert},
        {"differ", "saved", NEEDS_OTHER, differ},
        {"told-by", "saved", NEEDS_NOTHING, told_by},
        {"close", "report-closed", NEEDS_REASON, shut},
        {"answer", "answered", NEEDS_TEXT, answer},
        {"forget", "forgotten", NEEDS_REASON, forget},
};

static const struct act *act_find(slice name)
{
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        if (slice_eq(name, slice_of(acts[i].name)))
            return &acts[i];
    return NULL;
}

static struct err act_run(const struct act *act, struct doing *doing)
{
    struct ask *ask = doing->ask;
    if (act->needs == NEEDS_INCIDENT)
        TRY(incident_typed(ask, &doing->incident));
    if (act->needs == NEEDS_OTHER)
        TRY(reported_typed(ask, S("other"), &doing->other));
    TRY(reason_typed(ask, &doing->reason));
    if (act->needs == NEEDS_REASON && doing->reason.len == 0)
        return err_make(ERR_INPUT, W_C("say why: others read it later"));
    return store_work(ask->db, &ask->who.actor, ask->arena, act->run, doing);
}

/* ---- Where it leads to ---- */

/* The list that it was done from, the board, or the report. */
static const char *path_of(struct ask *ask, int64_t report)
{
    slice back = ask_form(ask, S("back"));
    bool known = slice_eq(back, S("/board")) || (slice_starts(back, S("/reports?")) && ask_is_path(back));
    return known ? arena_cstr(ask->arena, back) : outside_path(ask, "/reports/", report, "");
}

/* What the letter would say, above the form that sends it. */
static struct err preview(struct ask *ask, const struct report *row)
{
    slice shown;
    struct err err = case_report_answer_show(row, typed(ask, "answer"), typed(ask, "text"), ask->arena, &shown);
    if (err.kind != ERR_NONE)
        TRY(page_again(ask, "text", err));
    else {
        json_write_key_text(&ask->json, S("preview"), shown);
        json_write_key(&ask->json, S("typed"));
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("text"), typed(ask, "text"));
        json_write_end(&ask->json);
    }
    return web_report(ask);
}

/* A button can say one thing only: one that says an incident means that the report belongs to it. */
static slice act_typed(const struct ask *ask)
{
    slice name = typed(ask, "act");
    return name.len == 0 && typed(ask, "incident").len > 0 ? S("link") : name;
}

struct err web_report_act(struct ask *ask)
{
    struct report row;
    enum case_sight sight;
    slice name = act_typed(ask);
    const struct act *act = act_find(name);
    TRY(reported_get(ask, &row, &sight));
    struct doing doing = {.ask = ask, .report = row.number};
    struct shared_form form = {.path = path_of(ask, row.number), .page = web_report};
    if (slice_eq(name, S("preview")))
        return preview(ask, &row);
    struct err err = err_make(ERR_INPUT, W_C("what is to be done with the report? act says it"));
    if (act != NULL) {
        form.done = act->done;
        form.field = needed[act->needs];
        err = act_run(act, &doing);
    }
    return shared_end(ask, &form, err);
}

/* ---- Files ---- */

/* "12-3": the third file of letter 12; "12-0": the letter itself. */
static struct err pick_typed(const struct ask *ask, struct doing *doing)
{
    slice text = typed(ask, "pick");
    size_t line = slice_find(text, '-');
    uint64_t message, part;
    if (line == text.len || !slice_u64(slice_part(text, 0, line), INT64_MAX, &message) ||
            !slice_u64(slice_from(text, line + 1), INT64_MAX, &part))
        return err_make(ERR_INPUT, W_C("which file? pick says it"));
    doing->message = (int64_t)message;
    doing->part = (int64_t)part;
    return shared_reason(ask, &doing->reason);
}

static struct err fetch(struct work *work, void *context)
{
    struct doing *doing = context;
    struct thread_file file;
    if (doing->part == 0)
        return case_report_original(work, doing->report, doing->message, doing->reason, &doing->out);
    return case_report_file(work, doing->report, doing->message, doing->part, doing->reason, &doing->out, &file);
}

/* Its own name and type stay behind: nothing opens what nobody knows the kind of. */
static struct err fetched(struct ask *ask, struct doing *doing, slice reference)
{
    doing->out = buf_make(ORIGINAL_MAX);
    struct err err = store_work(ask->db, &ask->who.actor, ask->arena, fetch, doing);
    if (err.kind == ERR_NONE)
        err = shared_download(ask, buf_slice(&doing->out), S("application/octet-stream"),
                arena_printf(ask->arena, "%.*s-%lld-%lld.quarantine", (int)reference.len, reference.ptr,
                        (long long)doing->message, (long long)doing->part));
    buf_free(&doing->out);
    return err;
}

struct err web_report_file(struct ask *ask)
{
    struct report row;
    enum case_sight sight;
    TRY(reported_get(ask, &row, &sight));
    struct doing doing = {.ask = ask, .report = row.number};
    struct shared_form form = {.field = "why", .page = web_report};
    struct err err = pick_typed(ask, &doing);
    if (err.kind == ERR_NONE)
        err = fetched(ask, &doing, row.reference);
    return err.kind == ERR_NONE ? OK : shared_end(ask, &form, err);
}

/* ---- Evidence ---- */

struct err web_report_evidence(struct ask *ask)
{
    struct report row;
    enum case_sight sight;
    int64_t evidence = 0;
    TRY(reported_get(ask, &row, &sight));
    struct doing doing = {.ask = ask, .report = row.number};
    struct err err = pick_typed(ask, &doing);
    const struct case_report_part part = {row.number, doing.message, doing.part};
    if (err.kind == ERR_NONE)
        err = case_report_secure(ask->db, &ask->who.actor, &part, doing.reason, ask->arena, &evidence);
    const struct shared_form form = {outside_path(ask, "/evidence/", evidence, ""), "sealed", "why", NULL, web_report};
    return shared_end(ask, &form, err);
}
