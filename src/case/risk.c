/* SPDX-License-Identifier: Apache-2.0 */
#include "case/risk.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/hash.h"
#include "desk/fact.h"
#include "store/organisation.h"
#include "store/user.h"
#include "json/read.h"
#include "json/write.h"

#define AGAIN_AT_ONCE 100
#define REVIEW_MAX_US (3653 * DAY_US)
#define RULE "risk.rule" /* the fact: SHA-256 of the rule by which all was reckoned */

_Static_assert((int)RISK_STEPS == (int)PLAN_RISK_STEPS, "the rule and the register have the same steps");
_Static_assert((int)RISK_OF_INCIDENT_MAX == (int)PLAN_RISK_ROWS_MAX, "an incident may hit every class of assets");

static const struct plan_risks *rules;

void case_risk_rules(const struct plan_risks *given)
{
    rules = given;
}

const struct plan_risks *case_risk_held(void)
{
    assert(rules != NULL);
    return rules;
}

/* ---- What is common ---- */

static struct err tell(struct work *work, const char *act, const struct risk *row, slice why)
{
    int64_t own;
    TRY(store_organisation_own(work->db, &own));
    const struct desk_fact facts[] = {{"asset", row->asset}, {"threat", row->threat},
            {"likelihood", slice_of(arena_printf(work->arena, "%" PRId64, row->likelihood))},
            {"impact", slice_of(arena_printf(work->arena, "%" PRId64, row->impact))}, {"level", row->level},
            {"why", why}};
    return desk_fact_tell(work, act, CASE_RISK_SUBJECT, row->number, own, facts, COUNT_OF(facts));
}

static int64_t higher(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static const struct plan_risk_level *level_of(const struct risk *row)
{
    return plan_risk_level(case_risk_held(), row->likelihood, row->impact);
}

/* What holds, of what the rule and people say. */
static void settle(struct risk *row)
{
    row->likelihood = higher(1, higher(row->likelihood_rule, row->likelihood_said));
    row->impact = higher(1, higher(row->impact_rule, row->impact_said));
    row->level = level_of(row)->name;
}

static int64_t review_by_level(const struct risk *row, int64_t now_us)
{
    return now_us + (int64_t)level_of(row)->review_days * DAY_US;
}

int64_t case_risk_since(int64_t now_us)
{
    return now_us - plan_risk_days(case_risk_held()) * DAY_US;
}

bool case_risk_overdue(const struct risk *row, int64_t now_us)
{
    return row->state != RISK_CLOSED && row->review_us <= now_us;
}

/* ---- For what an incident counts ---- */

static bool has_word(slice words, slice word)
{
    slice one;
    while (slice_next(&words, ' ', &one))
        if (slice_eq(one, word))
            return true;
    return false;
}

/* Ours, over, and no double, exercise or test. */
static bool counts(const struct incident *row, int64_t own)
{
    return row->home == own && (row->state == INCIDENT_CLOSED || row->state == INCIDENT_PUBLISHED) &&
           !has_word(row->flags, S("exercise")) && !slice_starts(row->class, S("test/"));
}

static int64_t known_of(const struct incident *row)
{
    static const enum incident_when order[] = {INCIDENT_KNOWN_AT, INCIDENT_REPORTED_AT};
    for (size_t i = 0; i < COUNT_OF(order); i++)
        if (row->at[order[i]] != TIME_NONE)
            return row->at[order[i]];
    return row->opened_us;
}

/* What was counted of one kind at one place; later numbers replace earlier ones. */
struct told {
    size_t kind;
    int64_t organisation, number, low;
};

static int by_kind(const void *a, const void *b)
{
    const struct told *left = a, *right = b;
    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    if (left->organisation != right->organisation)
        return left->organisation < right->organisation ? -1 : 1;
    return left->number < right->number ? 1 : left->number > right->number ? -1 : 0;
}

static size_t kind_of(slice word)
{
    size_t at = 0;
    while (plan_risk_impact_kind(at) != NULL && !slice_eq(word, slice_of(plan_risk_impact_kind(at))))
        at++;
    return at;
}

/* What an incident cost at the least, by kind: of each organisation what was said last, added up. */
static struct err counted(struct work *work, int64_t incident, uint64_t sums[PLAN_RISK_KINDS])
{
    struct impact *rows;
    size_t count, kept = 0;
    TRY(store_impact_list(work->db, incident, work->arena, &rows, &count));
    struct told *told = arena_new(work->arena, struct told, count + 1);
    for (size_t i = 0; i < count; i++)
        if (kind_of(rows[i].kind) < PLAN_RISK_KINDS)
            told[kept++] = (struct told){kind_of(rows[i].kind), rows[i].organisation, rows[i].number, rows[i].low};
    qsort(told, kept, sizeof *told, by_kind);
    for (size_t i = 0; i < kept; i++) {
        bool last = i == 0 || told[i].kind != told[i - 1].kind || told[i].organisation != told[i - 1].organisation;
        if (last && told[i].low != IMPACT_UNKNOWN)
            sums[told[i].kind] += (uint64_t)told[i].low;
    }
    return OK;
}

static struct err members_of(
        struct work *work, const struct incident *incident, struct risk_incident *rows, size_t *count)
{
    const struct plan_risk_threat *threat =
            plan_risk_threat_of(case_risk_held(), incident->class, incident->local_class);
    struct plan_risk_facts facts = {.severity = slice_of(store_severity_name(incident->severity)),
            .criticality = (uint64_t)incident->criticality};
    slice words = incident->assets, word;
    int64_t own;
    *count = 0;
    TRY(store_organisation_own(work->db, &own));
    if (threat == NULL || !counts(incident, own))
        return OK;
    TRY(counted(work, incident->number, facts.counted));
    int64_t impact = plan_risk_impact(case_risk_held(), &facts);
    while (slice_next(&words, ' ', &word))
        if (plan_risk_asset_find(case_risk_held(), word) != NULL && *count < RISK_OF_INCIDENT_MAX)
            rows[(*count)++] = (struct risk_incident){incident->number, known_of(incident), impact, word, threat->name};
    return OK;
}

static bool is_among(const struct risk_incident *row, const struct risk_incident *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(rows[i].asset, row->asset) && slice_eq(rows[i].threat, row->threat))
            return true;
    return false;
}

static bool same(const struct risk_incident *a, size_t a_count, const struct risk_incident *b, size_t b_count)
{
    bool is = a_count == b_count;
    for (size_t i = 0; i < a_count && is; i++) /* both have the same moment and impact throughout */
        is = is_among(&a[i], b, b_count) && a[i].known_us == b[0].known_us && a[i].impact == b[0].impact;
    return is;
}

/* ---- What follows ---- */

struct err case_risk_sum(
        struct db *db, slice asset, slice threat, int64_t now_us, struct arena *arena, struct risk_sum *sum)
{
    int64_t since_us[RISK_STEPS + 1] = {[RISK_STEPS] = case_risk_since(now_us)};
    for (size_t i = 0; i < RISK_STEPS; i++)
        since_us[i] = now_us - (int64_t)case_risk_held()->likelihoods[i].days * DAY_US;
    return store_risk_sum(db, asset, threat, since_us, arena, sum);
}

static struct err sum_of(struct work *work, slice asset, slice threat, struct risk_sum *sum)
{
    return case_risk_sum(work->db, asset, threat, work->now_us, work->arena, sum);
}

/* The next moment at which one of them is too old for a step. */
static int64_t again_of(const struct risk_sum *sum)
{
    int64_t again_us = TIME_NONE;
    for (size_t i = 0; i < RISK_STEPS; i++) {
        int64_t days = (int64_t)case_risk_held()->likelihoods[i].days;
        if (days > 0 && sum->oldest[i] != TIME_NONE &&
                (again_us == TIME_NONE || sum->oldest[i] + days * DAY_US < again_us))
            again_us = sum->oldest[i] + days * DAY_US;
    }
    return again_us;
}

static struct err latest_of(struct work *work, const struct risk *row, slice *latest)
{
    struct risk_incident *rows;
    const char *text = "";
    size_t count;
    TRY(store_risk_incidents(work->db, row, case_risk_since(work->now_us), INT64_MAX, INT64_MAX, RISK_LATEST_MAX,
            work->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        text = arena_printf(work->arena, "%s%s%" PRId64, text, i == 0 ? "" : " ", rows[i].incident);
    *latest = slice_of(text);
    return OK;
}

/* As it stands now, into its history and the journal. */
static struct err stood(struct work *work, const char *act, const struct risk *row, slice why)
{
    slice latest;
    TRY(latest_of(work, row, &latest));
    TRY(store_risk_stood(work, row, latest, why));
    return tell(work, act, row, why);
}

/* What is there is kept; what is not is made, by whoever of two is first. It has no level before it was reckoned. */
static struct err make(struct work *work, slice asset, slice threat, slice source, struct risk *row)
{
    const struct risk put = {.asset = asset,
            .threat = threat,
            .source = source,
            .likelihood = 1,
            .impact = 1,
            .level = S(""),
            .version = case_risk_held()->version,
            .again_us = TIME_NONE,
            .treatment = S(""),
            .text = S(""),
            .review_us = work->now_us};
    int64_t number;
    struct err err = store_risk_add(work, &put, &number);
    if (err.kind != ERR_NONE && err.kind != ERR_CONFLICT)
        return err;
    return store_risk_keep_of(work, asset, threat, row);
}

/* What grew, or is new, is to be decided on (again), and not later than its level says. */
static void grown(struct work *work, const struct risk *before, struct risk *row)
{
    bool fresh = before->level.len == 0;
    int64_t by_level_us = review_by_level(row, work->now_us);
    if (!fresh && row->likelihood <= before->likelihood && row->impact <= before->impact)
        return;
    row->state = RISK_IDENTIFIED;
    row->review_us = fresh || by_level_us < row->review_us ? by_level_us : row->review_us;
}

static const char *act_of(const struct risk *before, const struct risk *row)
{
    int64_t was = before->likelihood * before->impact, is = row->likelihood * row->impact;
    if (before->level.len == 0)
        return "risk.identified";
    return is > was ? "risk.rose" : is < was ? "risk.fell" : "risk.reckoned";
}

static bool stands(const struct risk *before, const struct risk *row)
{
    return before->likelihood_rule == row->likelihood_rule && before->impact_rule == row->impact_rule &&
           before->likelihood == row->likelihood && before->impact == row->impact &&
           before->incidents == row->incidents && slice_eq(before->level, row->level) &&
           slice_eq(before->version, row->version);
}

static struct err reckon(struct work *work, slice asset, slice threat, const char *why)
{
    struct risk before, row;
    struct risk_sum sum;
    struct err err = store_risk_keep_of(work, asset, threat, &row);
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    TRY(sum_of(work, asset, threat, &sum));
    if (err.kind == ERR_MISSING) {
        if (sum.count == 0)
            return OK;
        TRY(make(work, asset, threat, S("incidents"), &row));
        TRY(sum_of(work, asset, threat, &sum));
    }
    before = row;
    row.incidents = sum.count;
    row.likelihood_rule = sum.count > 0 ? plan_risk_likelihood(case_risk_held(), sum.steps) : 0;
    row.impact_rule = sum.impact;
    row.version = case_risk_held()->version;
    row.again_us = again_of(&sum);
    settle(&row);
    if (stands(&before, &row))
        return row.again_us == before.again_us ? OK : store_risk_change(work, &row);
    grown(work, &before, &row);
    TRY(store_risk_change(work, &row));
    return stood(work, act_of(&before, &row), &row, slice_of(why));
}

#define WHY_INCIDENTS "the incidents that count changed"
#define WHY_AGE "an incident became too old for a step of the rule"
#define WHY_RULE "the rule was changed"

/* For what an incident counts as it stands, and what follows. */
static struct err look(struct work *work, int64_t number)
{
    struct incident incident;
    struct risk_incident *before, *now = arena_new(work->arena, struct risk_incident, RISK_OF_INCIDENT_MAX);
    size_t before_count, count;
    TRY(store_incident_keep(work, number, &incident));
    TRY(store_risk_of_incident(work->db, number, work->arena, &before, &before_count));
    TRY(members_of(work, &incident, now, &count));
    if (same(before, before_count, now, count))
        return OK;
    TRY(store_risk_incident_put(work, number, now, count));
    for (size_t i = 0; i < count; i++)
        TRY(reckon(work, now[i].asset, now[i].threat, WHY_INCIDENTS));
    for (size_t i = 0; i < before_count; i++)
        if (!is_among(&before[i], now, count))
            TRY(reckon(work, before[i].asset, before[i].threat, WHY_INCIDENTS));
    return OK;
}

/* ---- Following ---- */

static const char *const acts[] = {"incident.changed", "incident.time", "incident.class", "incident.impact",
        "incident.opened", "incident.closed", "incident.published", "incident.not-one", "incident.duplicate",
        "incident.transferred", "incident.merged", NULL};

static struct err followed(void *context, struct work *work, const struct journal_row *row)
{
    int64_t number;
    (void)context;
    TRY(desk_fact_subject(work->arena, CASE_SUBJECT, row->subject, &number));
    return look(work, number);
}

struct follower case_risk_follower(void)
{
    return (struct follower){.name = "risks", .row = followed, .acts = acts};
}

static struct err age(struct work *work, void *context)
{
    const struct risk *row = context;
    return reckon(work, row->asset, row->threat, WHY_AGE);
}

struct err case_risk_due(struct db *db, const struct actor *actor, struct arena *arena, size_t *count)
{
    struct risk *rows;
    struct err first = OK;
    TRY(store_risk_again(db, clock_now_us(), AGAIN_AT_ONCE, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) { /* one that fails keeps nobody else's back */
        struct err err = store_work(db, actor, arena, age, &rows[i]);
        if (first.kind == ERR_NONE)
            first = desk_fact_kept(err, arena);
    }
    return first;
}

/* ---- Another rule ---- */

static struct err renew_incident(struct work *work, void *context)
{
    return look(work, *(const int64_t *)context);
}

static struct err renew_risk(struct work *work, void *context)
{
    const struct risk *row = context;
    return reckon(work, row->asset, row->threat, WHY_RULE);
}

static slice rule_digest(struct arena *arena)
{
    struct sha256 digest = hash_sha256(case_risk_held()->text);
    return arena_hex(arena, sha256_slice(&digest));
}

static struct err rule_put(struct work *work, void *context)
{
    (void)context;
    return store_fact_put(work->db, S(RULE), rule_digest(work->arena));
}

static struct err renew_incidents(
        struct db *db, const struct actor *actor, struct arena *arena, struct case_risk_renewal *renewal)
{
    int64_t *numbers;
    size_t count;
    TRY(store_risk_told(db, renewal->after, AGAIN_AT_ONCE, arena, &numbers, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(store_work(db, actor, arena, renew_incident, &numbers[i]));
        renewal->after = numbers[i];
    }
    if (count == 0)
        *renewal = (struct case_risk_renewal){.incidents_done = true};
    return OK;
}

struct err case_risk_renew(
        struct db *db, const struct actor *actor, struct arena *arena, struct case_risk_renewal *renewal)
{
    struct risk *rows;
    slice before;
    size_t count;
    TRY(store_fact_get(db, S(RULE), arena, &before));
    renewal->done = slice_eq(before, rule_digest(arena));
    if (renewal->done)
        return OK;
    if (!renewal->incidents_done)
        return renew_incidents(db, actor, arena, renewal);
    TRY(store_risk_all(db, renewal->after, AGAIN_AT_ONCE, arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(store_work(db, actor, arena, renew_risk, &rows[i]));
        renewal->after = rows[i].number;
    }
    return count > 0 ? OK : store_work(db, actor, arena, rule_put, NULL);
}

/* ---- What people say ---- */

/* By one person; what is borne is accepted. */
static const char *const treatments[] = {"avoid", "reduce", "transfer"};

static struct err may(struct work *work)
{
    return store_right_check(work->actor, VERB_RISKS, 0, work->arena, NULL);
}

static struct err review_set(struct work *work, struct risk *row, int64_t review_us)
{
    row->review_us = review_us == TIME_NONE ? review_by_level(row, work->now_us) : review_us;
    return row->review_us > work->now_us && row->review_us <= work->now_us + REVIEW_MAX_US
                   ? OK
                   : err_make(ERR_INPUT, "review: a day that is still to come, within ten years");
}

static struct err said_set(struct arena *arena, const char *what, int64_t value, int64_t *said)
{
    if (value != CASE_RISK_SAME)
        *said = value;
    return *said >= 0 && *said <= RISK_STEPS
                   ? OK
                   : err_format(arena, ERR_INPUT, "%s: 1 to 5, or 0 for what the rule says", what);
}

static struct err say(struct work *work, struct risk *row, const struct case_risk_said *said)
{
    TRY(said_set(work->arena, "likelihood", said->likelihood, &row->likelihood_said));
    TRY(said_set(work->arena, "impact", said->impact, &row->impact_said));
    TRY(store_prose_check(work->arena, "reason", said->why, CASE_RISK_TEXT_MAX));
    settle(row);
    return review_set(work, row, said->review_us);
}

struct err case_risk_add(
        struct work *work, slice asset, slice threat, const struct case_risk_said *said, int64_t *number)
{
    struct risk row;
    TRY(may(work));
    if (plan_risk_asset_find(case_risk_held(), asset) == NULL)
        return err_format(work->arena, ERR_INPUT, "asset: the rule has no class of assets \"%.*s\"",
                (int)(asset.len < 100 ? asset.len : 100), asset.ptr);
    if (plan_risk_threat_find(case_risk_held(), threat) == NULL)
        return err_format(work->arena, ERR_INPUT, "threat: the rule has no threat \"%.*s\"",
                (int)(threat.len < 100 ? threat.len : 100), threat.ptr);
    if (said->likelihood < 1 || said->impact < 1)
        return err_make(ERR_INPUT, "likelihood and impact: 1 to 5");
    TRY(make(work, asset, threat, S("hand"), &row));
    if (row.level.len > 0)
        return err_format(work->arena, ERR_CONFLICT, "that is risk %" PRId64 " already: review it", row.number);
    TRY(say(work, &row, said));
    TRY(store_risk_change(work, &row));
    *number = row.number;
    return stood(work, "risk.added", &row, said->why);
}

/* The row, kept, for who may decide on it. */
static struct err begin(struct work *work, int64_t number, struct risk *row)
{
    TRY(may(work));
    return store_risk_keep(work, number, row);
}

struct err case_risk_treat(struct work *work, int64_t number, const struct case_risk_treat *put)
{
    struct risk row;
    struct organisation owner;
    struct user person = {0};
    size_t at = 0;
    TRY(begin(work, number, &row));
    while (at < COUNT_OF(treatments) && !slice_eq(put->treatment, slice_of(treatments[at])))
        at++;
    if (at == COUNT_OF(treatments))
        return err_make(ERR_INPUT, "treatment: avoid, reduce or transfer; what is borne is accepted");
    TRY(store_prose_check(work->arena, "text", put->text, CASE_RISK_TEXT_MAX));
    row.organisation = put->organisation;
    if (row.organisation == 0)
        TRY(store_organisation_own(work->db, &row.organisation));
    TRY(store_organisation_get(work->db, row.organisation, work->arena, &owner));
    if (put->person != 0)
        TRY(store_user_get(work->db, put->person, work->arena, &person));
    row.person = put->person;
    row.state = RISK_TREATED;
    row.treatment = put->treatment;
    row.text = put->text;
    TRY(review_set(work, &row, put->review_us));
    TRY(store_risk_change(work, &row));
    return stood(work, "risk.treated", &row, put->text);
}

struct err case_risk_review(struct work *work, int64_t number, const struct case_risk_said *said)
{
    struct risk row;
    TRY(begin(work, number, &row));
    TRY(say(work, &row, said));
    if (row.state == RISK_CLOSED)
        row.state = RISK_IDENTIFIED;
    else if (row.state != RISK_IDENTIFIED)
        row.state = RISK_REVIEWED;
    TRY(store_risk_change(work, &row));
    return stood(work, "risk.reviewed", &row, said->why);
}

struct err case_risk_close(struct work *work, int64_t number, slice why)
{
    struct risk row;
    TRY(begin(work, number, &row));
    TRY(store_prose_check(work->arena, "reason", why, CASE_RISK_TEXT_MAX));
    if (row.state == RISK_CLOSED)
        return err_format(work->arena, ERR_CONFLICT, "risk %" PRId64 " is closed already", number);
    if (row.state == RISK_IDENTIFIED)
        return err_format(work->arena, ERR_CONFLICT,
                "risk %" PRId64 " is to be treated or accepted first: nobody has decided on it", number);
    row.state = RISK_CLOSED;
    TRY(store_risk_change(work, &row));
    return stood(work, "risk.closed", &row, why);
}

/* ---- Accepting ---- */

struct err case_risk_may_accept(
        struct db *db, const struct actor *actor, slice subject, slice detail, struct arena *arena, bool *second)
{
    struct risk row;
    int64_t number;
    (void)detail;
    TRY(store_right_check(actor, VERB_RISKS, 0, arena, second));
    TRY(desk_fact_subject(arena, CASE_RISK_SUBJECT, subject, &number));
    TRY(store_risk_get(db, number, arena, &row));
    return level_of(&row)->second ? store_right_check(actor, VERB_ACCEPT_RISKS, 0, arena, second) : OK;
}

struct err case_risk_about(struct work *work, slice subject, slice detail, slice *state)
{
    struct risk row;
    int64_t number;
    (void)detail;
    TRY(desk_fact_subject(work->arena, CASE_RISK_SUBJECT, subject, &number));
    TRY(store_risk_keep(work, number, &row));
    *state = slice_of(arena_printf(work->arena, "%s %" PRId64 " %" PRId64 " %.*s", store_risk_state_name(row.state),
            row.likelihood, row.impact, (int)row.level.len, row.level.ptr));
    return OK;
}

struct err case_risk_accept(struct db *db, const struct actor *actor, int64_t number, slice text, int64_t review_us,
        struct arena *arena, struct share_proposal *proposal)
{
    struct risk row;
    struct buf detail = buf_make(APPROVAL_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    TRY(store_right_check(actor, VERB_RISKS, 0, arena, NULL));
    TRY(store_risk_get(db, number, arena, &row));
    TRY(store_prose_check(arena, "reason", text, CASE_RISK_TEXT_MAX));
    json_write_object(&w);
    json_write_key_text(&w, S("asset"), row.asset);
    json_write_key_text(&w, S("threat"), row.threat);
    json_write_key_u64(&w, S("likelihood"), (uint64_t)row.likelihood);
    json_write_key_u64(&w, S("impact"), (uint64_t)row.impact);
    json_write_key_text(&w, S("level"), row.level);
    json_write_key_text(&w, S("text"), text);
    json_write_key_text(&w, S("review"), review_us == TIME_NONE ? S("") : time_text(review_us, arena));
    json_write_end(&w);
    slice subject = slice_of(arena_printf(arena, CASE_RISK_SUBJECT "/%" PRId64, number));
    struct err err = buf_check(&detail);
    if (err.kind == ERR_NONE)
        err = share_propose(db, actor, "risk.accept", subject, buf_slice(&detail), text, arena, proposal);
    buf_free(&detail);
    return err;
}

struct err case_risk_do_accept(struct work *work, slice subject, slice detail)
{
    struct risk row;
    int64_t number, review_us = TIME_NONE;
    slice text = json_text(json_get(detail, S("text")), work->arena);
    slice review = json_text(json_get(detail, S("review")), work->arena);
    TRY(desk_fact_subject(work->arena, CASE_RISK_SUBJECT, subject, &number));
    TRY(store_risk_keep(work, number, &row));
    if (row.state == RISK_CLOSED)
        return err_format(work->arena, ERR_CONFLICT, "risk %" PRId64 " is closed", number);
    if (review.len > 0 && !time_parse_strict(review, &review_us))
        return err_make(ERR_INPUT, "review: a moment as 2027-05-31T00:00:00Z");
    row.state = RISK_ACCEPTED;
    row.treatment = S("accept");
    row.text = text;
    TRY(review_set(work, &row, review_us));
    TRY(store_risk_change(work, &row));
    return stood(work, "risk.accepted", &row, text);
}
