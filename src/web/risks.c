/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The register of risks: how many there are of each likelihood and impact, and the list of them; and one risk, with the
 * line of the rule that it meets, the incidents that count and how it stood. Who reads figures reads it; of incidents
 * that they do not see the page says only how many count.
 */
#include "base/arena.h"
#include "case/risk.h"
#include "store/user.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"
#include "web/warned.h"
#include "web/worked.h"

#define ROWS 40
#define COUNTED 20 /* incidents of one risk on its page */
#define STOOD 10

/* ---- In words ---- */

static const struct {
    const char *text, *look;
} states[RISK_STATES] = {
        [RISK_IDENTIFIED] = {W_C("to be decided on"), "warn"},
        [RISK_TREATED] = {W_C("treated"), ""},
        [RISK_ACCEPTED] = {W_C("accepted"), ""},
        [RISK_REVIEWED] = {W_C("reviewed"), "good"},
        [RISK_CLOSED] = {W_C("closed"), "off"},
};
static const struct {
    const char *name, *text;
} words[] = {
        {"avoid", W_C("avoid it")},
        {"reduce", W_C("reduce it")},
        {"transfer", W_C("transfer it")},
        {"accept", W_C("accept it")},
        {"incidents", W_C("incidents")},
        {"hand", W_C("a person")},
};
static const struct {
    const char *colour, *look;
} looks[] = {{"green", "good"}, {"yellow", ""}, {"orange", "warn"}, {"red", "bad"}};

static slice word_text(const struct ask *ask, slice word)
{
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (slice_eq(word, slice_of(words[i].name)))
            return ask_text(ask, slice_of(words[i].text));
    return word;
}

static slice look_of(slice colour)
{
    for (size_t i = 0; i < COUNT_OF(looks); i++)
        if (slice_eq(colour, slice_of(looks[i].colour)))
            return slice_of(looks[i].look);
    return S("");
}

/* Three members: "level", "level_text", "level_look". */
static void write_level(struct ask *ask, int64_t likelihood, int64_t impact)
{
    const struct plan_risk_level *level = plan_risk_level(case_risk_held(), likelihood, impact);
    json_write_key_text(&ask->json, S("level"), level->name);
    json_write_key_text(&ask->json, S("level_text"), case_risk_level_text(level->name, ask->language));
    json_write_key_text(&ask->json, S("level_look"), look_of(level->colour));
}

static void write_step(struct ask *ask, slice key, int64_t step)
{
    json_write_key(&ask->json, key);
    if (step > 0)
        json_write_i64(&ask->json, step);
    else
        json_write_null(&ask->json);
}

static void write_state(struct ask *ask, enum risk_state state)
{
    json_write_key_text(&ask->json, S("state"), slice_of(store_risk_state_name(state)));
    json_write_key_text(&ask->json, S("state_text"), ask_text(ask, slice_of(states[state].text)));
    json_write_key_text(&ask->json, S("look"), slice_of(states[state].look));
}

/* ---- A row ---- */

static struct err write_row(struct ask *ask, struct warned_names *names, const struct risk *row)
{
    json_write_key_u64(&ask->json, S("number"), (uint64_t)row->number);
    json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/risks/", row->number, "")));
    json_write_key_text(&ask->json, S("asset"), row->asset);
    json_write_key_text(&ask->json, S("asset_text"), case_risk_asset_text(row->asset, ask->language));
    json_write_key_text(&ask->json, S("threat"), row->threat);
    json_write_key_text(&ask->json, S("threat_text"), case_risk_threat_text(row->threat, ask->language));
    write_state(ask, row->state);
    write_level(ask, row->likelihood, row->impact);
    write_step(ask, S("likelihood"), row->likelihood);
    write_step(ask, S("impact"), row->impact);
    write_step(ask, S("score"), row->likelihood * row->impact);
    page_count(ask, S("incidents"), (uint64_t)row->incidents);
    page_moment(ask, S("review"), row->review_us);
    page_flag(ask, S("is_overdue"), case_risk_overdue(row, clock_now_us()));
    return warned_organisation(ask, names, S("organisation"), row->organisation);
}

/* ---- The matrix ---- */

static void write_cell(struct ask *ask, int64_t likelihood, int64_t impact, int64_t count)
{
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("impact"), (uint64_t)impact);
    write_level(ask, likelihood, impact);
    page_count(ask, S("count"), (uint64_t)count);
    json_write_key(&ask->json, S("path"));
    if (count > 0)
        json_write_text(&ask->json, slice_of(arena_printf(ask->arena, "/risks?likelihood=%d&impact=%d#list",
                                            (int)likelihood, (int)impact)));
    else
        json_write_null(&ask->json);
    json_write_end(&ask->json);
}

/* The likeliest first. */
static struct err write_matrix(struct ask *ask)
{
    int64_t counts[RISK_STEPS][RISK_STEPS];
    TRY(store_risk_matrix(ask->db, counts));
    json_write_key(&ask->json, S("matrix"));
    json_write_array(&ask->json);
    for (int64_t likelihood = RISK_STEPS; likelihood > 0; likelihood--) {
        json_write_object(&ask->json);
        json_write_key_u64(&ask->json, S("likelihood"), (uint64_t)likelihood);
        json_write_key(&ask->json, S("cells"));
        json_write_array(&ask->json);
        for (int64_t impact = 1; impact <= RISK_STEPS; impact++)
            write_cell(ask, likelihood, impact, counts[likelihood - 1][impact - 1]);
        json_write_end(&ask->json);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    return OK;
}

/* ---- The list ---- */

struct asked {
    uint64_t likelihood, impact, score, before;
    bool closed, cell;
};

static struct err asked_read(struct ask *ask, struct asked *asked)
{
    TRY(ask_number(ask, S("likelihood"), RISK_STEPS, 0, &asked->likelihood));
    TRY(ask_number(ask, S("impact"), RISK_STEPS, 0, &asked->impact));
    TRY(ask_number(ask, S("score"), INT64_MAX, INT64_MAX, &asked->score));
    TRY(ask_number(ask, S("before"), INT64_MAX, INT64_MAX, &asked->before));
    asked->closed = slice_eq(ask_query(ask, S("show")), S("closed"));
    asked->cell = asked->likelihood > 0 && asked->impact > 0;
    return OK;
}

static struct err rows_read(struct ask *ask, const struct asked *asked, struct risk **rows, size_t *count)
{
    if (asked->cell)
        return store_risk_cell(ask->db, (int64_t)asked->likelihood, (int64_t)asked->impact, (int64_t)asked->before,
                ROWS, ask->arena, rows, count);
    return store_risk_list(ask->db, asked->closed ? RISK_ENDED : RISK_OPEN, (int64_t)asked->score,
            (int64_t)asked->before, ROWS, ask->arena, rows, count);
}

static void write_more(struct ask *ask, const struct asked *asked, const struct risk *rows, size_t count)
{
    json_write_key(&ask->json, S("more"));
    if (count < ROWS) {
        json_write_null(&ask->json);
        return;
    }
    const struct risk *last = &rows[count - 1];
    const char *where = asked->closed ? "show=closed&" : "";
    if (asked->cell)
        where = arena_printf(ask->arena, "likelihood=%d&impact=%d&", (int)asked->likelihood, (int)asked->impact);
    json_write_text(&ask->json, slice_of(arena_printf(ask->arena, "/risks?%sscore=%d&before=%lld", where,
                                        (int)(last->likelihood * last->impact), (long long)last->number)));
}

/* What a form to add one may choose. */
static void write_choices(struct ask *ask)
{
    const struct plan_risks *rules = case_risk_held();
    json_write_key(&ask->json, S("assets"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < rules->asset_count; i++)
        worked_choice(ask, rules->assets[i].name, case_risk_asset_text(rules->assets[i].name, ask->language), false);
    json_write_end(&ask->json);
    json_write_key(&ask->json, S("threats"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < rules->threat_count; i++)
        worked_choice(ask, rules->threats[i].name, case_risk_threat_text(rules->threats[i].name, ask->language), false);
    json_write_end(&ask->json);
}

static struct err write_list(struct ask *ask, const struct asked *asked)
{
    struct warned_names names = {0};
    struct risk *rows;
    size_t count;
    TRY(rows_read(ask, asked, &rows, &count));
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        json_write_object(&ask->json);
        TRY(write_row(ask, &names, &rows[i]));
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, S("empty"), count == 0);
    write_more(ask, asked, rows, count);
    return OK;
}

struct err web_risks(struct ask *ask)
{
    struct asked asked;
    int64_t overdue;
    TRY(outside_need(ask, VERB_READ_FIGURES));
    TRY(asked_read(ask, &asked));
    TRY(store_risk_overdue(ask->db, clock_now_us(), &overdue));
    page_title(ask, ask_text(ask, W("Risks")));
    json_write_key_text(&ask->json, S("rule"), case_risk_held()->version);
    page_count(ask, S("overdue"), (uint64_t)overdue);
    page_flag(ask, S("any_overdue"), overdue > 0);
    page_flag(ask, S("is_cell"), asked.cell);
    page_flag(ask, S("is_closed"), asked.closed && !asked.cell);
    write_step(ask, S("likelihood"), (int64_t)asked.likelihood);
    write_step(ask, S("impact"), (int64_t)asked.impact);
    TRY(write_matrix(ask));
    TRY(write_list(ask, &asked));
    page_flag(ask, S("may_add"), outside_may(ask, VERB_RISKS));
    if (outside_may(ask, VERB_RISKS))
        write_choices(ask);
    return OK;
}

struct err web_risks_csv(struct ask *ask)
{
    struct buf out = buf_make(CASE_RISK_CSV_MAX);
    struct err err = case_risk_csv(ask->db, &ask->who.actor, ask->arena, &out);
    if (err.kind == ERR_NONE)
        err = shared_download(ask, buf_slice(&out), S("text/csv; charset=utf-8"), "risks.csv");
    buf_free(&out);
    return err;
}

struct err web_risks_rule(struct ask *ask)
{
    TRY(outside_need(ask, VERB_READ_FIGURES));
    return shared_download(ask, case_risk_held()->text, S("text/plain; charset=utf-8"), "risks.conf");
}

/* ---- One ---- */

/* By which line of the rule: how many incidents each step asks for, and how many there are. */
static struct err write_steps(struct ask *ask, const struct risk *row)
{
    struct risk_sum sum;
    TRY(case_risk_sum(ask->db, row->asset, row->threat, clock_now_us(), ask->arena, &sum));
    json_write_key(&ask->json, S("steps"));
    json_write_array(&ask->json);
    for (size_t i = RISK_STEPS; i-- > 0;) {
        const struct plan_risk_likelihood *step = &case_risk_held()->likelihoods[i];
        if (step->days == 0)
            continue;
        json_write_object(&ask->json);
        json_write_key_u64(&ask->json, S("step"), i + 1);
        page_count(ask, S("wanted"), step->incidents);
        page_count(ask, S("days"), step->days);
        page_count(ask, S("count"), (uint64_t)sum.steps[i]);
        page_flag(ask, S("holds"), row->likelihood_rule == (int64_t)i + 1);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    return OK;
}

/* Those that who asks sees; the others only as a number. */
static struct err write_counted(struct ask *ask, const struct risk *row)
{
    struct risk_incident *rows;
    size_t count, hidden = 0;
    TRY(store_risk_incidents(
            ask->db, row, case_risk_since(clock_now_us()), INT64_MAX, INT64_MAX, COUNTED, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("counted"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        bool sees;
        TRY(case_risk_sees(ask->db, &ask->who.actor, rows[i].incident, ask->arena, &sees));
        hidden += !sees;
        if (!sees)
            continue;
        json_write_object(&ask->json);
        json_write_key_u64(&ask->json, S("number"), (uint64_t)rows[i].incident);
        page_moment(ask, S("known"), rows[i].known_us);
        write_step(ask, S("impact"), rows[i].impact);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_count(ask, S("hidden"), hidden);
    page_flag(ask, S("any_hidden"), hidden > 0);
    page_flag(ask, S("more_counted"), row->incidents > (int64_t)count);
    return OK;
}

/* The numbers of a row of the history that who asks sees. */
static struct err write_latest(struct ask *ask, slice numbers)
{
    slice word;
    size_t hidden = 0;
    json_write_key(&ask->json, S("latest"));
    json_write_array(&ask->json);
    while (slice_next(&numbers, ' ', &word)) {
        uint64_t number;
        bool sees = false;
        if (!slice_u64(word, INT64_MAX, &number))
            continue;
        TRY(case_risk_sees(ask->db, &ask->who.actor, (int64_t)number, ask->arena, &sees));
        if (sees)
            json_write_u64(&ask->json, number);
        hidden += !sees;
    }
    json_write_end(&ask->json);
    page_count(ask, S("hidden"), hidden);
    return OK;
}

/* What the machine says it says in every language; what people say is theirs. */
static slice why_text(const struct ask *ask, const struct risk_stood *row)
{
    return slice_starts(row->actor, S("@")) ? ask_text(ask, row->why) : row->why;
}

static struct err write_stood(struct outside *outside, const struct risk_stood *row)
{
    struct ask *ask = outside->ask;
    json_write_object(&ask->json);
    page_moment(ask, S("at"), row->at_us);
    write_state(ask, row->state);
    json_write_key_text(&ask->json, S("level"), row->level);
    json_write_key_text(&ask->json, S("level_text"), case_risk_level_text(row->level, ask->language));
    write_step(ask, S("likelihood"), row->likelihood);
    write_step(ask, S("impact"), row->impact);
    write_step(ask, S("likelihood_rule"), row->likelihood_rule);
    write_step(ask, S("impact_rule"), row->impact_rule);
    write_step(ask, S("likelihood_said"), row->likelihood_said);
    write_step(ask, S("impact_said"), row->impact_said);
    json_write_key_text(&ask->json, S("rule"), row->version);
    page_count(ask, S("incidents"), (uint64_t)row->incidents);
    TRY(write_latest(ask, row->latest));
    outside_write(outside, S("actor"), row->actor, OUTSIDE_NAME);
    outside_write(outside, S("why"), why_text(ask, row), OUTSIDE_LINE);
    json_write_end(&ask->json);
    return OK;
}

static struct err write_history(struct ask *ask, const struct risk *row)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct risk_stood *rows;
    uint64_t before;
    size_t count;
    TRY(ask_number(ask, S("before"), INT64_MAX, INT64_MAX, &before));
    TRY(store_risk_history(ask->db, row->number, (int64_t)before, STOOD, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("history"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++)
        TRY(write_stood(&outside, &rows[i]));
    json_write_end(&ask->json);
    page_more(ask, count < STOOD || rows[count - 1].number == 1 ? 0 : rows[count - 1].number);
    return OK;
}

static void write_forms(struct ask *ask, const struct risk *row)
{
    bool may = outside_may(ask, VERB_RISKS);
    page_flag(ask, S("may_decide"), may);
    page_flag(ask, S("may_close"), may && row->state != RISK_CLOSED && row->state != RISK_IDENTIFIED);
    page_flag(ask, S("two_accept"), plan_risk_level(case_risk_held(), row->likelihood, row->impact)->second);
}

struct err web_risk(struct ask *ask)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct warned_names names = {0};
    struct risk row;
    int64_t number;
    slice person;
    TRY(outside_need(ask, VERB_READ_FIGURES));
    TRY(ask_part_number(ask, 0, &number));
    TRY(case_risk_get(ask->db, &ask->who.actor, number, ask->arena, &row));
    TRY(worked_person(ask, row.person, &person));
    page_title(ask, ask_text(ask, W("A risk")));
    TRY(write_row(ask, &names, &row));
    json_write_key_text(&ask->json, S("source"), row.source);
    json_write_key_text(&ask->json, S("source_text"), word_text(ask, row.source));
    write_step(ask, S("likelihood_rule"), row.likelihood_rule);
    write_step(ask, S("impact_rule"), row.impact_rule);
    write_step(ask, S("likelihood_said"), row.likelihood_said);
    write_step(ask, S("impact_said"), row.impact_said);
    json_write_key_text(&ask->json, S("rule"), row.version);
    outside_write(&outside, S("person"), person, OUTSIDE_NAME);
    json_write_key_text(&ask->json, S("treatment"), row.treatment);
    json_write_key_text(&ask->json, S("treatment_text"), word_text(ask, row.treatment));
    outside_write(&outside, S("text"), row.text, OUTSIDE_TEXT);
    TRY(write_steps(ask, &row));
    TRY(write_counted(ask, &row));
    TRY(write_history(ask, &row));
    write_forms(ask, &row);
    return OK;
}

/* ---- What is done ---- */

struct doing {
    struct ask *ask;
    int64_t number;
    struct case_risk_said said;
    struct case_risk_treat treat;
    struct err (*verb)(struct work *work, struct doing *doing);
};

static struct err doing_do(struct work *work, void *context)
{
    struct doing *doing = context;
    return doing->verb(work, doing);
}

static slice typed(const struct doing *doing, const char *name)
{
    return slice_trim(ask_form(doing->ask, slice_of(name)));
}

static struct err review_typed(const struct ask *ask, int64_t *review_us)
{
    *review_us = TIME_NONE;
    return slice_trim(ask_form(ask, S("review"))).len == 0 ? OK : shared_day(ask, S("review"), "23:59:59", review_us);
}

/* Empty: as it was. */
static struct err step_typed(const struct doing *doing, const char *name, int64_t *step)
{
    slice text = typed(doing, name);
    uint64_t read;
    *step = CASE_RISK_SAME;
    if (text.len == 0)
        return OK;
    if (!slice_u64(text, RISK_STEPS, &read))
        return err_make(ERR_INPUT, W_C("likelihood and impact are 1 to 5"));
    *step = (int64_t)read;
    return OK;
}

static struct err said_typed(struct doing *doing)
{
    doing->said.why = typed(doing, "reason");
    TRY(step_typed(doing, "likelihood", &doing->said.likelihood));
    TRY(step_typed(doing, "impact", &doing->said.impact));
    return review_typed(doing->ask, &doing->said.review_us);
}

static struct err add_verb(struct work *work, struct doing *doing)
{
    TRY(said_typed(doing));
    return case_risk_add(work, typed(doing, "asset"), typed(doing, "threat"), &doing->said, &doing->number);
}

static struct err treat_verb(struct work *work, struct doing *doing)
{
    struct user user = {0};
    slice owner = typed(doing, "person");
    doing->treat.treatment = typed(doing, "treatment");
    doing->treat.text = typed(doing, "text");
    TRY(worked_organisation(doing->ask, S("organisation"), &doing->treat.organisation));
    if (owner.len > 0)
        TRY(store_user_find(work->db, owner, work->arena, &user));
    doing->treat.person = user.number;
    TRY(review_typed(doing->ask, &doing->treat.review_us));
    return case_risk_treat(work, doing->number, &doing->treat);
}

static struct err review_verb(struct work *work, struct doing *doing)
{
    TRY(said_typed(doing));
    return case_risk_review(work, doing->number, &doing->said);
}

static struct err close_verb(struct work *work, struct doing *doing)
{
    return case_risk_close(work, doing->number, typed(doing, "reason"));
}

/* Does it, and goes on to the risk. */
static struct err done(struct doing *doing, struct err (*page)(struct ask *ask))
{
    struct ask *ask = doing->ask;
    struct err err = store_work(ask->db, &ask->who.actor, ask->arena, doing_do, doing);
    const struct shared_form form = {outside_path(ask, "/risks/", doing->number, ""), "saved", NULL, NULL, page};
    return shared_end(ask, &form, err);
}

struct err web_risk_add(struct ask *ask)
{
    struct doing doing = {.ask = ask, .verb = add_verb};
    return done(&doing, web_risks);
}

static struct err with_number(struct ask *ask, struct err (*verb)(struct work *work, struct doing *doing))
{
    struct doing doing = {.ask = ask, .verb = verb};
    TRY(ask_part_number(ask, 0, &doing.number));
    return done(&doing, web_risk);
}

struct err web_risk_treat(struct ask *ask)
{
    return with_number(ask, treat_verb);
}

struct err web_risk_review(struct ask *ask)
{
    return with_number(ask, review_verb);
}

struct err web_risk_close(struct ask *ask)
{
    return with_number(ask, close_verb);
}

struct err web_risk_accept(struct ask *ask)
{
    struct share_proposal proposal = {.done = true};
    int64_t number, review_us;
    TRY(ask_part_number(ask, 0, &number));
    const struct shared_form form = {outside_path(ask, "/risks/", number, ""), "saved", NULL, &proposal, web_risk};
    struct err err = review_typed(ask, &review_us);
    if (err.kind == ERR_NONE)
        err = case_risk_accept(ask->db, &ask->who.actor, number, slice_trim(ask_form(ask, S("reason"))), review_us,
                ask->arena, &proposal);
    return shared_end(ask, &form, err);
}
