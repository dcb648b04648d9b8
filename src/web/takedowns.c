/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages that deceive people, and one of them: who was asked in which words to take it down, what they said, and what
 * was found each time somebody looked. A draft is read here before it is approved, and nothing leaves without that.
 */
#include "base/arena.h"
#include "case/takedown.h"
#include "gate/gate.h"
#include "store/organisation.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"
#include "web/warned.h"

#define ROWS 40
#define READ_ROWS 200   /* at once */
#define LOOKED_MAX 2000 /* of one page */
#define LOOKS 30
#define URL_SHOWN 500

/* ---- In words ---- */

struct word {
    const char *text, *look;
};
static const struct word states[TAKEDOWN_STATES] = {
        [TAKEDOWN_DRAFTED] = {W_C("nobody was asked yet"), "warn"},
        [TAKEDOWN_REQUESTED] = {W_C("asked for"), ""},
        [TAKEDOWN_GONE_ONCE] = {W_C("not found once"), ""},
        [TAKEDOWN_GONE_TWICE] = {W_C("not found twice"), ""},
        [TAKEDOWN_DOWN] = {W_C("down"), "good"},
        [TAKEDOWN_GIVEN_UP] = {W_C("given up"), "off"},
};
static const struct word request_states[TAKEDOWN_REQUEST_STATES] = {
        [TAKEDOWN_REQUEST_DRAFTED] = {W_C("waits to be approved"), "warn"},
        [TAKEDOWN_REQUEST_APPROVED] = {W_C("approved"), ""},
        [TAKEDOWN_REQUEST_SENT] = {W_C("sent"), ""},
        [TAKEDOWN_REQUEST_ANSWERED] = {W_C("answered"), "good"},
        [TAKEDOWN_REQUEST_REFUSED] = {W_C("refused"), "bad"},
        [TAKEDOWN_REQUEST_UNDELIVERED] = {W_C("not delivered"), "bad"},
};
static const struct word outcomes[TAKEDOWN_OUTCOMES] = {
        [TAKEDOWN_THERE] = {W_C("there"), "bad"},
        [TAKEDOWN_GONE] = {W_C("gone"), "good"},
        [TAKEDOWN_OTHER] = {W_C("something else"), "warn"},
        [TAKEDOWN_UNREACHABLE] = {W_C("nobody answers"), ""},
        [TAKEDOWN_NOT_ALLOWED] = {W_C("may not be looked at"), "off"},
};
static const char *const recipients[TAKEDOWN_RECIPIENTS] = {
        [TAKEDOWN_HOST] = W_C("host"),
        [TAKEDOWN_REGISTRAR] = W_C("registrar"),
        [TAKEDOWN_REGISTRY] = W_C("registry"),
        [TAKEDOWN_PLATFORM] = W_C("platform"),
};

/* Three members, as those of label.h. */
static void write_word(struct ask *ask, const char *name, const struct word *word)
{
    json_write_key_text(&ask->json, S("state"), slice_of(name));
    json_write_key_text(&ask->json, S("state_text"), ask_text(ask, slice_of(word->text)));
    json_write_key_text(&ask->json, S("look"), slice_of(word->look));
}

/* ---- A row ---- */

static struct err write_row(struct outside *outside, struct warned_names *names, const struct takedown *row)
{
    struct ask *ask = outside->ask;
    json_write_key_u64(&ask->json, S("number"), (uint64_t)row->number);
    json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/takedowns/", row->number, "")));
    outside_write_value(outside, S("url"), row->url, URL_SHOWN);
    write_word(ask, store_takedown_state_name(row->state), &states[row->state]);
    json_write_key_u64(&ask->json, S("incident"), (uint64_t)row->incident);
    TRY(warned_organisation(ask, names, S("imitates"), row->imitates));
    json_write_key_text(&ask->json, S("pap"), row->pap);
    page_count(ask, S("reports"), (uint64_t)row->reports);
    page_count(ask, S("returned"), (uint64_t)row->returned);
    page_flag(ask, S("came_back"), row->returned > 0);
    page_moment(ask, S("reported"), row->reported_us);
    page_moment(ask, S("requested"), row->requested_us);
    page_moment(ask, S("down"), row->state == TAKEDOWN_DOWN ? row->down_us : TIME_NONE);
    page_moment(ask, S("next"), row->check_us);
    return OK;
}

/* ---- The list ---- */

/* Of what the actor does not see, nothing is there. */
static struct err sees(struct ask *ask, int64_t incident, bool *seen)
{
    struct incident row;
    enum case_sight sight;
    TRY(store_incident_get(ask->db, incident, ask->arena, &row));
    TRY(case_sees(ask->db, &ask->who.actor, &row, ask->arena, &sight));
    *seen = sight == CASE_ALL;
    return OK;
}

struct listing {
    struct outside outside;
    struct warned_names names;
    int64_t before; /* where it goes on; 0: it ends */
    size_t shown, looked;
};

static struct err write_some(struct ask *ask, struct listing *listing)
{
    struct takedown *rows;
    size_t count;
    TRY(store_takedown_latest(ask->db, listing->before, READ_ROWS, ask->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        bool seen;
        if (listing->shown == ROWS)
            return OK; /* there is at least one more */
        listing->before = rows[i].number;
        listing->looked++;
        TRY(sees(ask, rows[i].incident, &seen));
        if (!seen)
            continue;
        json_write_object(&ask->json);
        TRY(write_row(&listing->outside, &listing->names, &rows[i]));
        json_write_end(&ask->json);
        listing->shown++;
    }
    listing->before = count < READ_ROWS ? 0 : listing->before;
    return OK;
}

static struct err write_of_incident(struct ask *ask, struct listing *listing, int64_t incident)
{
    struct takedown *rows;
    size_t count;
    bool seen;
    struct err err = sees(ask, incident, &seen);
    if (err.kind == ERR_MISSING || (err.kind == ERR_NONE && !seen))
        return OK;
    TRY(err);
    TRY(store_takedown_list(ask->db, incident, ask->arena, &rows, &count));
    for (size_t i = 0; i < count; i++, listing->shown++) {
        json_write_object(&ask->json);
        TRY(write_row(&listing->outside, &listing->names, &rows[i]));
        json_write_end(&ask->json);
    }
    return OK;
}

/* Minutes, or null. */
static void write_minutes(struct ask *ask, slice key, int64_t us)
{
    json_write_key(&ask->json, key);
    if (us == TIME_NONE)
        json_write_null(&ask->json);
    else
        json_write_i64(&ask->json, us / MINUTE_US);
}

/* Of one incident: medians from when a page was first told. */
static struct err write_times(struct ask *ask, int64_t incident, bool any)
{
    struct case_takedown_times times;
    json_write_key(&ask->json, S("times"));
    if (!any) {
        json_write_null(&ask->json);
        return OK;
    }
    TRY(case_takedown_times(ask->db, incident, ask->arena, &times));
    json_write_object(&ask->json);
    page_count(ask, S("pages"), times.pages);
    page_count(ask, S("requested"), times.requested);
    page_count(ask, S("down"), times.down);
    page_count(ask, S("returned"), times.returned);
    write_minutes(ask, S("to_request"), times.to_request_us);
    write_minutes(ask, S("to_down"), times.to_down_us);
    json_write_end(&ask->json);
    return OK;
}

struct err web_takedowns(struct ask *ask)
{
    struct listing listing = {.outside = outside_begin(ask, OUTSIDE_PAGE)};
    uint64_t incident, before;
    TRY(warned_need(ask, VERB_READ_INCIDENTS));
    TRY(ask_number(ask, S("incident"), INT64_MAX, 0, &incident));
    TRY(ask_number(ask, S("before"), INT64_MAX, INT64_MAX, &before));
    listing.before = incident == 0 ? (int64_t)before : 0;
    page_title(ask, ask_text(ask, W("Pages to be taken down")));
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    if (incident != 0)
        TRY(write_of_incident(ask, &listing, (int64_t)incident));
    while (listing.before != 0 && listing.shown < ROWS && listing.looked < LOOKED_MAX)
        TRY(write_some(ask, &listing));
    json_write_end(&ask->json);
    page_flag(ask, S("empty"), listing.shown == 0 && listing.before == 0);
    page_more(ask, listing.before);
    TRY(write_times(ask, (int64_t)incident, incident != 0 && listing.shown > 0));
    page_flag(ask, S("may_add"), outside_may(ask, VERB_WORK_INCIDENTS));
    return OK;
}

/* ---- Adding ---- */

struct doing {
    struct ask *ask;
    struct case_takedown_put put;
    struct case_takedown_to to;
    int64_t takedown, request;
    size_t count, unfit;
    struct err (*verb)(struct work *work, struct doing *doing);
};

static struct err doing_do(struct work *work, void *context)
{
    struct doing *doing = context;
    return doing->verb(work, doing);
}

static struct err number_typed(const struct ask *ask, slice name, int64_t *number)
{
    uint64_t read = 0;
    *number = 0;
    if (!slice_u64(slice_trim(ask_form(ask, name)), INT64_MAX, &read))
        return err_make(ERR_INPUT, W_C("choose one by its number"));
    *number = (int64_t)read;
    return OK;
}

static struct err add_verb(struct work *work, struct doing *doing)
{
    slice url = slice_trim(ask_form(doing->ask, S("url")));
    return url.len > 0 ? case_takedown_add(work, &doing->put, url, &doing->takedown)
                       : case_takedown_gather(work, &doing->put, &doing->count, &doing->unfit);
}

struct err web_takedown_add(struct ask *ask)
{
    struct doing doing = {.ask = ask, .verb = add_verb};
    const struct shared_form form = {"/takedowns", "saved", NULL, NULL, web_takedowns};
    slice imitates = slice_trim(ask_form(ask, S("imitates")));
    doing.put.pap = ask_form(ask, S("pap"));
    struct err err = number_typed(ask, S("incident"), &doing.put.incident);
    if (err.kind == ERR_NONE && imitates.len > 0)
        err = store_organisation_find(ask->db, imitates, &doing.put.imitates);
    if (err.kind == ERR_NONE)
        err = store_work(ask->db, &ask->who.actor, ask->arena, doing_do, &doing);
    return shared_end(ask, &form, err);
}

/* ---- One page ---- */

static void write_request(struct outside *outside, const struct takedown_request *row)
{
    struct ask *ask = outside->ask;
    bool form;
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)row->number);
    write_word(ask, store_takedown_request_state_name(row->state), &request_states[row->state]);
    json_write_key_text(&ask->json, S("recipient"), slice_of(store_takedown_recipient_name(row->recipient)));
    json_write_key_text(&ask->json, S("recipient_text"), ask_text(ask, slice_of(recipients[row->recipient])));
    outside_write(outside, S("address"), row->address, OUTSIDE_LINE);
    (void)plan_takedown_address_is(row->address, &form);
    page_flag(ask, S("is_form"), form);
    json_write_key_text(&ask->json, S("language"), row->language);
    outside_write(outside, S("source"), row->source, OUTSIDE_NAME);
    outside_write(outside, S("subject"), row->subject, OUTSIDE_LINE);
    outside_write(outside, S("text"), row->text, OUTSIDE_TEXT);
    outside_write(outside, S("approved_by"), row->approved_by, OUTSIDE_NAME);
    outside_write(outside, S("answer"), row->answer, OUTSIDE_LINE);
    page_moment(ask, S("made"), row->made_us);
    page_moment(ask, S("sent"), row->sent_us);
    page_flag(ask, S("waits"), row->state == TAKEDOWN_REQUEST_DRAFTED);
    page_flag(ask, S("to_be_filled"), form && row->state == TAKEDOWN_REQUEST_APPROVED);
    page_flag(ask, S("may_be_answered"), row->approved_by.len > 0);
    json_write_end(&ask->json);
}

static struct err write_requests(struct ask *ask, int64_t takedown)
{
    struct outside outside = outside_begin(ask, 8 * OUTSIDE_PAGE);
    struct takedown_request *rows;
    size_t count;
    TRY(store_takedown_requests(ask->db, takedown, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("requests"));
    json_write_array(&ask->json);
    for (size_t i = count; i-- > 0;)
        write_request(&outside, &rows[i]);
    json_write_end(&ask->json);
    page_flag(ask, S("any_request"), count > 0);
    return OK;
}

static struct err write_looks(struct ask *ask, int64_t takedown)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct takedown_look *rows;
    size_t count;
    TRY(store_takedown_looks(ask->db, takedown, INT64_MAX, LOOKS, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("looks"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        json_write_object(&ask->json);
        page_moment(ask, S("time"), rows[i].looked_us);
        write_word(ask, store_takedown_outcome_name(rows[i].outcome), &outcomes[rows[i].outcome]);
        outside_write_value(&outside, S("detail"), rows[i].detail, OUTSIDE_LINE);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_look"), count > 0);
    return OK;
}

static struct err seen_row(struct ask *ask, struct takedown *row)
{
    int64_t number;
    bool seen;
    TRY(warned_need(ask, VERB_READ_INCIDENTS));
    TRY(ask_part_number(ask, 0, &number));
    TRY(store_takedown_get(ask->db, number, ask->arena, row));
    TRY(sees(ask, row->incident, &seen));
    return seen ? OK : err_make(ERR_MISSING, "there is no such take-down");
}

struct err web_takedown(struct ask *ask)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct warned_names names = {0};
    struct takedown row;
    TRY(seen_row(ask, &row));
    page_title(ask, ask_text(ask, W("A page to be taken down")));
    TRY(write_row(&outside, &names, &row));
    TRY(write_requests(ask, row.number));
    TRY(write_looks(ask, row.number));
    bool open = row.state != TAKEDOWN_GIVEN_UP;
    page_flag(ask, S("may_draft"), open && outside_may(ask, VERB_WORK_INCIDENTS));
    page_flag(ask, S("may_approve"), open && outside_may(ask, VERB_TAKEDOWN));
    return OK;
}

/* ---- What can be done with it ---- */

static struct err draft_verb(struct work *work, struct doing *doing)
{
    const struct ask *ask = doing->ask;
    const struct case_takedown_rules *rules = ask->gate->options.parts->takedowns;
    if (rules == NULL)
        return err_make(ERR_MISSING, "this server has no letters");
    doing->to.address = slice_trim(ask_form(ask, S("address")));
    doing->to.language = ask_form(ask, S("language"));
    bool by_hand = doing->to.address.len > 0;
    if (by_hand && !store_takedown_recipient_find(ask_form(ask, S("recipient")), &doing->to.recipient))
        return err_make(ERR_INPUT, W_C("to a host, registrar, registry or platform"));
    TRY(case_takedown_draft(work, rules, doing->takedown, by_hand ? &doing->to : NULL, &doing->count));
    return doing->count > 0 ? OK
                            : err_make(ERR_INPUT, W_C("nobody new is in the table for this page: say whom to ask"));
}

static struct err approve_verb(struct work *work, struct doing *doing)
{
    TRY(number_typed(doing->ask, S("request"), &doing->request));
    return case_takedown_approve(work, doing->takedown, doing->request);
}

static struct err answer_verb(struct work *work, struct doing *doing)
{
    slice state = ask_form(doing->ask, S("state"));
    TRY(number_typed(doing->ask, S("request"), &doing->request));
    for (enum takedown_request_state i = 0; i < TAKEDOWN_REQUEST_STATES; i++)
        if (slice_eq(state, slice_of(store_takedown_request_state_name(i))))
            return case_takedown_answer(
                    work, doing->takedown, doing->request, i, slice_trim(ask_form(doing->ask, S("text"))));
    return err_make(ERR_INPUT, W_C("choose an answer"));
}

/* Without an outcome the node looks itself, as soon as it can. */
static struct err look_verb(struct work *work, struct doing *doing)
{
    slice state = ask_form(doing->ask, S("state"));
    enum takedown_outcome outcome;
    if (state.len == 0)
        return case_takedown_hurry(work, doing->takedown);
    if (!store_takedown_outcome_find(state, &outcome))
        return err_make(ERR_INPUT, W_C("choose an answer"));
    return case_takedown_seen(work, doing->takedown, outcome, slice_trim(ask_form(doing->ask, S("text"))));
}

static struct err give_up_verb(struct work *work, struct doing *doing)
{
    return case_takedown_give_up(work, doing->takedown, slice_trim(ask_form(doing->ask, S("reason"))));
}

static const struct {
    const char *name;
    struct err (*verb)(struct work *work, struct doing *doing);
} acts[] = {{"draft", draft_verb}, {"approve", approve_verb}, {"answer", answer_verb}, {"look", look_verb},
        {"give-up", give_up_verb}};

struct err web_takedown_act(struct ask *ask)
{
    struct doing doing = {.ask = ask};
    struct takedown row;
    TRY(seen_row(ask, &row));
    doing.takedown = row.number;
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        if (slice_eq(ask_form(ask, S("act")), slice_of(acts[i].name)))
            doing.verb = acts[i].verb;
    struct err err = doing.verb == NULL ? err_make(ERR_INPUT, W_C("choose an answer"))
                                        : store_work(ask->db, &ask->who.actor, ask->arena, doing_do, &doing);
    const struct shared_form form = {
            outside_path(ask, "/takedowns/", row.number, ""), "saved", NULL, NULL, web_takedown};
    return shared_end(ask, &form, err);
}
