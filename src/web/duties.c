/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clocks of law: those that run, the most urgent first, with what is left of each; those that were filed late, which
 * stay to be seen; those that were met. And one of them: the rule, what is to be filed, filled in as far as it is
 * known, the forms that say that it was filed, or propose to waive it.
 */
#include "case/duty.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/clock.h"
#include "plan/duty.h"
#include "store/approval.h"
#include "web/incident.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"

#define RUNNING 20
#define ENDED 15
#define READ 100 /* at once, of which some may be of incidents that are not seen */
#define FORM_BYTES (256u << 10)
#define FORM_SHOWN (12u << 10) /* bytes of a form in a field of a page */

/* ---- The board ---- */

/* Whether who asks sees the incident; of what they do not see the clocks are not there. */
static struct err seen_of(struct ask *ask, const struct duty *duty, bool *seen)
{
    struct incident row;
    struct err err = worked_whole(ask, duty->incident, &row);
    *seen = err.kind == ERR_NONE;
    return err.kind == ERR_MISSING ? OK : err;
}

struct board {
    struct outside *outside;
    struct warned_names names;
};

static struct err rows_write(struct board *board, const struct duty *rows, size_t count, size_t most, size_t *shown,
        const struct duty **last)
{
    struct ask *ask = board->outside->ask;
    *shown = 0;
    *last = NULL;
    for (size_t i = 0; i < count && *shown < most; i++) {
        bool seen;
        *last = &rows[i];
        TRY(seen_of(ask, &rows[i], &seen));
        if (!seen)
            continue;
        json_write_object(&ask->json);
        TRY(incident_duty_write(board->outside, &board->names, &rows[i]));
        json_write_end(&ask->json);
        (*shown)++;
    }
    return OK;
}

static struct err running_write(struct board *board)
{
    struct ask *ask = board->outside->ask;
    struct duty *rows;
    const struct duty *last;
    uint64_t due_us, after;
    size_t count, shown;
    TRY(ask_number(ask, S("due"), INT64_MAX, 0, &due_us));
    TRY(ask_number(ask, S("after"), INT64_MAX, 0, &after));
    TRY(store_duty_running(
            ask->db, after == 0 ? INT64_MIN : (int64_t)due_us, (int64_t)after, READ, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("duties"));
    json_write_array(&ask->json);
    TRY(rows_write(board, rows, count, RUNNING, &shown, &last));
    json_write_end(&ask->json);
    page_flag(ask, S("any_running"), shown > 0);
    json_write_key(&ask->json, S("next"));
    if (last == NULL || (last == &rows[count - 1] && count < READ))
        json_write_null(&ask->json);
    else
        json_write_text(&ask->json, slice_of(arena_printf(ask->arena, "/duties?due=%" PRId64 "&after=%" PRId64,
                                            last->due_us == TIME_NONE ? INT64_MAX : last->due_us, last->number)));
    return OK;
}

static struct err ended_write(struct board *board, enum duty_state state, const char *key)
{
    struct ask *ask = board->outside->ask;
    struct duty *rows;
    const struct duty *last;
    uint64_t before;
    size_t count, shown;
    const char *member = arena_printf(ask->arena, "%s_before", key);
    TRY(ask_number(ask, slice_of(member), INT64_MAX, INT64_MAX, &before));
    TRY(store_duty_ended(ask->db, state, (int64_t)before, READ, ask->arena, &rows, &count));
    json_write_key(&ask->json, slice_of(key));
    json_write_object(&ask->json);
    json_write_key(&ask->json, S("duties"));
    json_write_array(&ask->json);
    TRY(rows_write(board, rows, count, ENDED, &shown, &last));
    json_write_end(&ask->json);
    page_flag(ask, S("any"), shown > 0);
    json_write_key(&ask->json, S("older"));
    if (last == NULL || (last == &rows[count - 1] && count < READ))
        json_write_null(&ask->json);
    else
        json_write_text(
                &ask->json, slice_of(arena_printf(ask->arena, "/duties?%s=%" PRId64 "#%s", member, last->number, key)));
    json_write_end(&ask->json);
    return OK;
}

struct err web_duties(struct ask *ask)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct board board = {.outside = &outside};
    TRY(warned_need(ask, VERB_READ_INCIDENTS));
    page_title(ask, ask_text(ask, W("Clocks of law")));
    TRY(running_write(&board));
    TRY(ended_write(&board, DUTY_LATE, "late"));
    TRY(ended_write(&board, DUTY_MET, "met"));
    return ended_write(&board, DUTY_WAIVED, "waived");
}

struct err worked_urgent(struct outside *outside, size_t most)
{
    struct board board = {.outside = outside};
    struct ask *ask = outside->ask;
    struct duty *rows;
    const struct duty *last;
    size_t count, shown;
    TRY(store_duty_running(ask->db, INT64_MIN, 0, READ, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("duties"));
    json_write_array(&ask->json);
    TRY(rows_write(&board, rows, count, most, &shown, &last));
    json_write_end(&ask->json);
    page_flag(ask, S("any_running"), shown > 0);
    return OK;
}

struct err worked_overdue(struct ask *ask, size_t *count)
{
    struct duty *rows;
    size_t running;
    *count = 0;
    TRY(store_duty_running(ask->db, INT64_MIN, 0, READ, ask->arena, &rows, &running));
    for (size_t i = 0; i < running && rows[i].due_us != TIME_NONE && rows[i].due_us < clock_now_us(); i++) {
        bool seen;
        TRY(seen_of(ask, &rows[i], &seen));
        *count += seen;
    }
    return OK;
}

/* ---- One of them ---- */

static struct err duty_of(struct ask *ask, struct duty *duty)
{
    int64_t number;
    bool seen;
    TRY(ask_part_number(ask, 0, &number));
    TRY(store_duty_get(ask->db, number, ask->arena, duty));
    TRY(seen_of(ask, duty, &seen));
    return seen ? OK : err_make(ERR_MISSING, "there is no such duty");
}

/* What is to be filed, or what was; a longer one than a page has room for is a file. */
static struct err form_write(struct ask *ask, const struct duty *duty)
{
    struct buf form = buf_make(FORM_BYTES);
    size_t blanks = 0;
    slice filed;
    struct err err = duty->state == DUTY_RUNNING
                             ? case_duty_form(ask->db, duty, ask->language, false, ask->arena, &form, &blanks)
                             : store_duty_form(ask->db, duty->number, ask->arena, &filed);
    if (err.kind == ERR_NONE && duty->state == DUTY_RUNNING)
        filed = arena_copy(ask->arena, buf_slice(&form));
    buf_free(&form);
    TRY(err);
    struct outside outside = outside_begin(ask, 2 * FORM_SHOWN);
    bool fits = filed.len <= FORM_SHOWN;
    page_count(ask, S("blanks"), blanks);
    page_flag(ask, S("any_blank"), blanks > 0);
    page_flag(ask, S("form_fits"), fits);
    page_flag(ask, S("any_form"), filed.len > 0);
    if (duty->state == DUTY_RUNNING)
        json_write_key_text(&ask->json, S("form"), fits ? filed : S("")); /* as it is filed, if nobody changes it */
    else
        outside_write_value(&outside, S("form"), filed, FORM_SHOWN);
    return OK;
}

static void rule_write(struct ask *ask, struct outside *outside, const struct duty *duty, const struct plan_duty *rule)
{
    bool other = ask->language == LANGUAGE_INDONESIAN && rule->note_other.len > 0;
    outside_write(outside, S("source"), rule->source, OUTSIDE_LINE);
    outside_write(outside, S("note"), other ? rule->note_other : rule->note, OUTSIDE_TEXT);
    json_write_key_text(&ask->json, S("version"), duty->version);
    outside_write(outside, S("rule_text"), duty->text, OUTSIDE_TEXT);
    outside_write(outside, S("reference"), duty->reference, OUTSIDE_LINE);
    outside_write(outside, S("filed_by"), duty->filed_by, OUTSIDE_NAME);
    outside_write_value(outside, S("why"), duty->why, OUTSIDE_LINE);
}

static struct err waits_write(struct ask *ask, const struct duty *duty)
{
    struct approval *rows;
    slice subject = slice_of(arena_printf(ask->arena, CASE_DUTY_SUBJECT "/%" PRId64, duty->number));
    size_t count;
    TRY(store_approval_about(ask->db, subject, INT64_MAX, STORE_PAGE_MAX, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("waiting"));
    for (size_t i = 0; i < count; i++)
        if (rows[i].state == APPROVAL_OPEN) {
            struct outside outside = outside_begin(ask, 2 * OUTSIDE_LINE);
            json_write_object(&ask->json);
            json_write_key_u64(&ask->json, S("number"), (uint64_t)rows[i].number);
            outside_write(&outside, S("proposed_by"), rows[i].proposed_by, OUTSIDE_NAME);
            outside_write_value(&outside, S("reason"), rows[i].reason, OUTSIDE_LINE);
            page_flag(ask, S("may_decide"), shared_may_decide(ask, &rows[i]));
            json_write_end(&ask->json);
            return OK;
        }
    json_write_null(&ask->json);
    return OK;
}

struct err web_duty(struct ask *ask)
{
    struct duty duty;
    struct plan_duty rule;
    struct warned_names names = {0};
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    TRY(warned_need(ask, VERB_READ_INCIDENTS));
    TRY(duty_of(ask, &duty));
    TRY(plan_duty_kept(duty.text, ask->arena, &rule));
    bool runs = duty.state == DUTY_RUNNING;
    TRY(incident_duty_write(&outside, &names, &duty));
    rule_write(ask, &outside, &duty, &rule);
    page_flag(ask, S("is_late"), runs && duty.due_us != TIME_NONE && duty.due_us < clock_now_us());
    page_flag(ask, S("may_file"), runs && warned_may(ask, VERB_FILE_DUTIES, duty.organisation));
    page_flag(ask, S("may_waive"), runs && warned_may(ask, VERB_WAIVE_DUTIES, 0));
    TRY(waits_write(ask, &duty));
    return form_write(ask, &duty);
}

/* What was filed, byte for byte, or what is to be. */
struct err web_duty_form(struct ask *ask)
{
    struct duty duty;
    slice filed;
    TRY(warned_need(ask, VERB_READ_INCIDENTS));
    TRY(duty_of(ask, &duty));
    TRY(store_duty_form(ask->db, duty.number, ask->arena, &filed));
    if (duty.state == DUTY_RUNNING) {
        struct buf form = buf_make(DUTY_FORM_MAX);
        size_t blanks;
        struct err err = case_duty_form(ask->db, &duty, ask->language, false, ask->arena, &form, &blanks);
        filed = arena_copy(ask->arena, buf_slice(&form));
        buf_free(&form);
        TRY(err);
    }
    return shared_download(
            ask, filed, S("text/plain; charset=utf-8"), arena_printf(ask->arena, "duty-%" PRId64 ".txt", duty.number));
}

/* ---- What is done with it ---- */

struct filing {
    int64_t duty;
    slice reference, form, why;
};

static struct err filing_do(struct work *work, void *context)
{
    const struct filing *filing = context;
    return case_duty_file(work, filing->duty, filing->reference, filing->form, filing->why);
}

struct err web_duty_file(struct ask *ask)
{
    struct duty duty;
    TRY(duty_of(ask, &duty));
    slice file = ask_form(ask, S("file"));
    struct filing filing = {duty.number, slice_trim(ask_form(ask, S("reference"))),
            file.len > 0 ? file : ask_form(ask, S("form")), slice_trim(ask_form(ask, S("reason")))};
    const struct shared_form form = {outside_path(ask, "/duties/", duty.number, ""), "filed", NULL, NULL, web_duty};
    return shared_end(ask, &form, store_work(ask->db, &ask->who.actor, ask->arena, filing_do, &filing));
}

struct err web_duty_waive(struct ask *ask)
{
    struct duty duty;
    struct share_proposal proposal = {.done = true};
    slice reason;
    TRY(duty_of(ask, &duty));
    struct err err = shared_reason(ask, &reason);
    if (err.kind == ERR_NONE)
        err = case_duty_waive(ask->db, &ask->who.actor, duty.number, reason, ask->arena, &proposal);
    const struct shared_form form = {
            outside_path(ask, "/duties/", duty.number, ""), "saved", NULL, &proposal, web_duty};
    return shared_end(ask, &form, err);
}
