/* SPDX-License-Identifier: Apache-2.0 */
/* Asking that a page is taken down: who is asked in which words, who approved it, and what came of it. */
#include <inttypes.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/observable.h"
#include "case/takedown.h"
#include "desk/fact.h"
#include "desk/letter.h"
#include "store/contact.h"
#include "store/notice.h"
#include "store/organisation.h"
#include "text/moment.h"
#include "text/shown.h"

#define SHOWN_MAX (32u << 10)
#define PAGES_MAX 50 /* that a letter names; further ones are counted */

_Static_assert((int)PLAN_RECIPIENTS == (int)TAKEDOWN_RECIPIENTS && (int)PLAN_PLATFORM == (int)TAKEDOWN_PLATFORM,
        "one list of recipients in both folders");

static struct err tell(struct work *work, const char *act, const struct takedown *row,
        const struct takedown_request *request, slice more)
{
    slice to = slice_of(store_takedown_recipient_name(request->recipient));
    return case_takedown_tell(work, act, row, "recipient", to, more);
}

/* ---- What is written ---- */

/* The letter of a language, and the language itself; English for one that there is not. */
static size_t letter_of(slice language)
{
    for (size_t i = 0; plan_letter_language(i) != NULL; i++)
        if (slice_eq(language, slice_of(plan_letter_language(i))))
            return i;
    return 0;
}

/* By the clock of who reads it: Jakarta's, Shanghai's, or UTC. */
static slice moment_of(int64_t us, slice language, struct arena *arena)
{
    bool indonesian = slice_eq(language, S("id")), chinese = slice_eq(language, S("zh"));
    struct buf text = buf_make(128);
    moment_write(&text, us,
            indonesian ? ZONE_JAKARTA
            : chinese  ? ZONE_SHANGHAI
                       : ZONE_UTC,
            indonesian ? LANGUAGE_INDONESIAN : LANGUAGE_ENGLISH);
    slice kept = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return kept;
}

static slice shown_of(enum observable_type type, slice value, struct arena *arena)
{
    struct buf text = buf_make(SHOWN_MAX);
    if (type == OBSERVABLE_NONE)
        shown_text_write(&text, value, false);
    else
        shown_value_write(&text, type, value);
    slice kept = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return kept;
}

/* Each fact has a ceiling, so that all of them fit. */
static slice filled(slice text, const struct plan_letter_fact *facts, size_t count, struct arena *arena)
{
    struct buf out = buf_make(PLAN_LETTER_MAX);
    plan_letter_write(text, facts, count, &out);
    slice kept = arena_copy(arena, buf_slice(&out));
    buf_free(&out);
    return kept;
}

static struct err letter_write(struct work *work, const struct plan_letter *letter, const struct takedown *row,
        struct takedown_request *request)
{
    struct organisation own, imitated = {.name = S("")};
    struct arena *arena = work->arena;
    int64_t number;
    TRY(store_organisation_own(work->db, &number));
    TRY(store_organisation_get(work->db, number, arena, &own));
    if (row->imitates != 0)
        TRY(store_organisation_get(work->db, row->imitates, arena, &imitated));
    const struct plan_letter_fact facts[] = {{"url", shown_of(OBSERVABLE_URL, row->url, arena)},
            {"host", shown_of(OBSERVABLE_HOST, case_takedown_host(row->target), arena)},
            {"imitates", shown_of(OBSERVABLE_NONE, imitated.name, arena)}, {"name", own.name},
            {"recipient", slice_of(plan_recipient_text((enum plan_recipient)request->recipient, request->language))},
            {"reported", moment_of(row->reported_us, request->language, arena)},
            {"reports", row->reports == 0 ? S("") : slice_of(arena_printf(arena, "%" PRId64, row->reports))},
            {"reference", slice_of(arena_printf(arena, "TD-%" PRId64, row->number))}};
    request->subject = filled(letter->subject, facts, COUNT_OF(facts), arena);
    request->text = filled(letter->text, facts, COUNT_OF(facts), arena);
    return OK;
}

/* ---- Drafting ---- */

struct drafting {
    const struct case_takedown_rules *rules;
    struct takedown row;
    struct takedown_request *before;
    size_t before_count, count;
};

/* A draft for them waits already. */
static bool is_waiting(const struct drafting *drafting, slice address)
{
    for (size_t i = 0; i < drafting->before_count; i++)
        if (slice_eq_fold(drafting->before[i].address, address) &&
                drafting->before[i].state <= TAKEDOWN_REQUEST_APPROVED)
            return true;
    return false;
}

static struct err draft(struct work *work, struct drafting *drafting, struct takedown_request *request)
{
    const struct plan_letter *letter = &drafting->rules->letters[PLAN_TO_RECIPIENT][letter_of(request->language)];
    int64_t number;
    if (is_waiting(drafting, request->address))
        return OK;
    request->takedown = drafting->row.number;
    TRY(letter_write(work, letter, &drafting->row, request));
    TRY(store_takedown_request_add(work, request, &number));
    drafting->count++;
    return tell(work, "takedown.drafted", &drafting->row, request, S(""));
}

/* Of the first row that answers for the page. */
static slice language_of(const struct drafting *drafting)
{
    const struct plan_takedowns *table = &drafting->rules->table;
    for (size_t i = 0; i < table->count; i++)
        if (plan_takedown_fits(&table->rows[i], case_takedown_host(drafting->row.target)))
            return table->rows[i].language;
    return S("en");
}

static struct err draft_to(struct work *work, struct drafting *drafting, const struct case_takedown_to *to)
{
    struct takedown_request request = {.recipient = to->recipient,
            .address = to->address,
            .source = S(""),
            .language = to->language.len > 0 ? to->language : language_of(drafting)};
    bool form;
    if (!plan_takedown_address_is(to->address, &form))
        return err_make(ERR_INPUT, "address: one of mail, or the https URL of a form");
    if (letter_of(request.language) == 0 && !slice_eq(request.language, S("en")))
        return err_make(ERR_INPUT, "language: en, id or zh");
    return draft(work, drafting, &request);
}

static struct err draft_all(struct work *work, struct drafting *drafting)
{
    const struct plan_takedowns *table = &drafting->rules->table;
    for (size_t i = 0; i < table->count; i++) {
        const struct plan_takedown *fit = &table->rows[i];
        struct takedown_request request = {.recipient = (enum takedown_recipient)fit->recipient,
                .address = fit->address,
                .source = fit->name,
                .language = fit->language};
        if (plan_takedown_fits(fit, case_takedown_host(drafting->row.target)))
            TRY(draft(work, drafting, &request));
    }
    return OK;
}

struct err case_takedown_draft(struct work *work, const struct case_takedown_rules *rules, int64_t takedown,
        const struct case_takedown_to *to, size_t *count)
{
    struct drafting drafting = {.rules = rules};
    TRY(case_takedown_mine(work, takedown, &drafting.row));
    TRY(store_takedown_requests(work->db, takedown, work->arena, &drafting.before, &drafting.before_count));
    TRY(to != NULL ? draft_to(work, &drafting, to) : draft_all(work, &drafting));
    *count = drafting.count;
    return OK;
}

/* ---- Whom they imitate ---- */

/* The first that is reached by mail, of those that are known to read it before others. */
static struct err contact_find(struct work *work, int64_t organisation, struct contact *found)
{
    static const enum contact_state order[] = {CONTACT_VERIFIED, CONTACT_UNVERIFIED, CONTACT_STALE};
    struct contact *rows;
    size_t count;
    TRY(store_contact_of(work->db, organisation, false, work->arena, &rows, &count));
    for (size_t state = 0; state < COUNT_OF(order); state++)
        for (size_t i = 0; i < count; i++)
            if (rows[i].state == order[state] && rows[i].is.mail.len > 0) {
                *found = rows[i];
                return OK;
            }
    return err_make(ERR_MISSING, "nobody there can be told by mail; add a contact (kentongan contact add)");
}

struct warning_of {
    struct incident incident;
    struct takedown *rows;
    size_t count;
};

static bool is_first_of(const struct warning_of *all, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (all->rows[i].imitates == all->rows[at].imitates)
            return false;
    return all->rows[at].imitates != 0;
}

/* Its pages, one a line, and how many reports tell of them. */
static slice pages_of(
        const struct warning_of *all, int64_t organisation, struct arena *arena, size_t *pages, int64_t *reports)
{
    struct buf text = buf_make(PLAN_LETTER_MAX / 2);
    *pages = 0;
    *reports = 0;
    for (size_t i = 0; i < all->count; i++) {
        if (all->rows[i].imitates != organisation)
            continue;
        if (*pages < PAGES_MAX) {
            buf_put(&text, *pages == 0 ? S("    ") : S("\n    "));
            shown_value_write(&text, OBSERVABLE_URL, all->rows[i].url);
        }
        ++*pages;
        *reports += all->rows[i].reports;
    }
    if (*pages > PAGES_MAX)
        buf_printf(&text, "\n    + %zu", *pages - PAGES_MAX);
    slice kept = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return kept;
}

static struct err warn(struct work *work, const struct case_takedown_rules *rules, const struct warning_of *all,
        const struct takedown *row)
{
    struct organisation own, imitated;
    struct contact contact;
    struct desk_letter_made made;
    struct arena *arena = work->arena;
    int64_t number, reports;
    size_t pages;
    TRY(store_organisation_own(work->db, &number));
    TRY(store_organisation_get(work->db, number, arena, &own));
    TRY(store_organisation_get(work->db, row->imitates, arena, &imitated));
    TRY(contact_find(work, row->imitates, &contact));
    slice language = slice_part(contact.is.languages, 0, slice_find(contact.is.languages, ' '));
    slice lines = pages_of(all, row->imitates, arena, &pages, &reports);
    const struct plan_letter *letter = &rules->letters[PLAN_TO_IMITATED][letter_of(language)];
    const struct plan_letter_fact facts[] = {{"imitates", imitated.name}, {"name", own.name}, {"pages", lines},
            {"marking", all->incident.marking}, {"count", slice_of(arena_printf(arena, "%zu", pages))},
            {"reports", slice_of(arena_printf(arena, "%" PRId64, reports))},
            {"reference", slice_of(arena_printf(arena, "IN-%" PRId64, all->incident.number))}};
    const struct desk_letter mail = {.name = contact.is.name,
            .address = contact.is.mail,
            .subject = filled(letter->subject, facts, COUNT_OF(facts), arena),
            .text = filled(letter->text, facts, COUNT_OF(facts), arena),
            .language = slice_of(plan_letter_language(letter_of(language))),
            .organisation = row->imitates};
    TRY(desk_letter_make(work, &mail, &made));
    return case_takedown_tell(work, "takedown.warned", row, "organisation_told", imitated.name, S(""));
}

struct err case_takedown_warn(
        struct work *work, const struct case_takedown_rules *rules, int64_t incident, size_t *count)
{
    struct warning_of all;
    *count = 0;
    TRY(store_right_check(work->actor, VERB_TAKEDOWN, 0, work->arena, NULL));
    TRY(case_incident_mine(work, incident, &all.incident));
    TRY(store_takedown_list(work->db, incident, work->arena, &all.rows, &all.count));
    for (size_t i = 0; i < all.count; i++)
        if (is_first_of(&all, i)) {
            TRY(warn(work, rules, &all, &all.rows[i]));
            ++*count;
        }
    return OK;
}

/* ---- Approving, and what comes of it ---- */

/* The first that left sets the clock of requests, and from then on the page is looked at. */
static struct err sent(struct work *work, struct takedown *row, struct takedown_request *request)
{
    request->state = TAKEDOWN_REQUEST_SENT;
    request->sent_us = work->now_us;
    TRY(store_takedown_request_change(work, request));
    if (row->requested_us == TIME_NONE)
        row->requested_us = work->now_us;
    if (row->state == TAKEDOWN_DRAFTED)
        row->state = TAKEDOWN_REQUESTED;
    if (row->state != TAKEDOWN_GIVEN_UP && row->check_us == TIME_NONE)
        row->check_us = case_takedown_next(row, work->now_us);
    TRY(store_takedown_change(work, row));
    return tell(work, "takedown.sent", row, request, S(""));
}

static struct err letter_send(struct work *work, struct takedown_request *request)
{
    struct desk_letter_made made;
    const struct desk_letter letter = {.name = S(""),
            .address = request->address,
            .subject = request->subject,
            .text = request->text,
            .language = request->language};
    TRY(desk_letter_make(work, &letter, &made));
    request->notice = made.notice;
    return OK;
}

struct err case_takedown_approve(struct work *work, int64_t takedown, int64_t request)
{
    struct takedown row;
    struct takedown_request asked;
    bool form;
    TRY(store_right_check(work->actor, VERB_TAKEDOWN, 0, work->arena, NULL));
    TRY(case_takedown_mine(work, takedown, &row));
    TRY(store_takedown_request_get(work->db, takedown, request, work->arena, &asked));
    if (row.state == TAKEDOWN_GIVEN_UP)
        return err_make(ERR_CONFLICT, "this take-down was given up");
    if (asked.state != TAKEDOWN_REQUEST_DRAFTED)
        return err_format(work->arena, ERR_CONFLICT, "this request is %s already",
                store_takedown_request_state_name(asked.state));
    asked.state = TAKEDOWN_REQUEST_APPROVED;
    asked.approved_by = work->actor->name;
    (void)plan_takedown_address_is(asked.address, &form);
    if (!form)
        TRY(letter_send(work, &asked));
    TRY(store_takedown_request_change(work, &asked));
    return tell(work, "takedown.approved", &row, &asked, S(""));
}

struct err case_takedown_answer(
        struct work *work, int64_t takedown, int64_t request, enum takedown_request_state state, slice text)
{
    struct takedown row;
    struct takedown_request asked;
    TRY(case_takedown_mine(work, takedown, &row));
    TRY(store_takedown_request_get(work->db, takedown, request, work->arena, &asked));
    if (asked.approved_by.len == 0)
        return err_make(ERR_CONFLICT, "nobody approved this request yet");
    if (state == TAKEDOWN_REQUEST_SENT)
        return asked.notice == 0 && asked.state == TAKEDOWN_REQUEST_APPROVED
                       ? sent(work, &row, &asked)
                       : err_make(ERR_CONFLICT, "a letter is sent by the node, and a form once");
    if (state != TAKEDOWN_REQUEST_ANSWERED && state != TAKEDOWN_REQUEST_REFUSED)
        return err_make(ERR_INPUT, "sent, answered or refused");
    TRY(store_prose_check(work->arena, "what they said", text, STORE_TEXT_MAX));
    asked.state = state;
    asked.answer = text;
    TRY(store_takedown_request_change(work, &asked));
    return tell(work, "takedown.answered", &row, &asked, text);
}

/* ---- Following ---- */

static const char *const acts[] = {"notice.sent", "notice.failed", "notice.bounced", NULL};

static struct err followed(void *context, struct work *work, const struct journal_row *news)
{
    struct takedown row;
    struct takedown_request asked;
    struct notice notice;
    int64_t number;
    (void)context;
    TRY(desk_fact_subject(work->arena, "notice", news->subject, &number));
    struct err err = store_takedown_request_of_notice(work->db, number, work->arena, &asked);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    TRY(store_takedown_keep(work, asked.takedown, &row));
    TRY(store_notice_get(work->db, number, work->arena, &notice));
    if (slice_eq(news->act, S("notice.sent")))
        return asked.state == TAKEDOWN_REQUEST_APPROVED ? sent(work, &row, &asked) : OK;
    asked.state = TAKEDOWN_REQUEST_UNDELIVERED;
    asked.answer = notice.why;
    TRY(store_takedown_request_change(work, &asked));
    return tell(work, "takedown.undelivered", &row, &asked, notice.why);
}

struct follower case_takedown_follower(void)
{
    return (struct follower){.name = "@takedown", .row = followed, .acts = acts};
}
