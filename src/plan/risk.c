/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/risk.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "event/rsit.h"
#include "plan/shipped.h"

#define INCIDENTS_MAX 1000000
#define DAYS_MAX 3650
#define TITLE_MAX 200
#define SCORE_MAX ((uint64_t)PLAN_RISK_STEPS * PLAN_RISK_STEPS)

/* Money is not among them: sums in several currencies are no scale. */
static const char *const counted[PLAN_RISK_KINDS] = {"records", "persons", "devices", "outage-hours",
        "patients-diverted", "procedures-postponed", "results-delayed", "patients-harmed"};

const char *plan_risk_impact_kind(size_t at)
{
    return at < COUNT_OF(counted) ? counted[at] : NULL;
}

/* ---- What they are called ---- */

static const char *title_take(slice value, slice *title)
{
    *title = value;
    return value.len > 0 && value.len <= TITLE_MAX ? NULL : "1 to 200 bytes";
}

/* Of one that may be written on a line: a name, and what it is called in two languages. */
struct titled {
    slice name, title, title_other;
};
_Static_assert(offsetof(struct plan_risk_asset, title_other) == offsetof(struct titled, title_other), "as titled");
_Static_assert(offsetof(struct plan_risk_threat, title_other) == offsetof(struct titled, title_other), "as titled");
_Static_assert(offsetof(struct plan_risk_level, title_other) == offsetof(struct titled, title_other), "as titled");

static const char *title_set(void *thing, slice value, struct arena *arena)
{
    (void)arena;
    return title_take(value, &((struct titled *)thing)->title);
}

static const char *other_set(void *thing, slice value, struct arena *arena)
{
    (void)arena;
    return title_take(value, &((struct titled *)thing)->title_other);
}

#define TITLED                                                                                                         \
    {"title", true, title_set},                                                                                        \
    {                                                                                                                  \
        "title-id", false, other_set                                                                                   \
    }

static const char *classes_set(void *thing, slice value, struct arena *arena)
{
    struct plan_risk_threat *threat = thing;
    const char *why = plan_words(value, arena, &threat->classes, &threat->class_count);
    for (size_t i = 0; why == NULL && i < threat->class_count; i++) {
        slice word = threat->classes[i];
        if (slice_find(word, '/') < word.len && rsit_class_find(word) == NULL)
            why = arena_printf(arena, "\"%.*s\" is no taxonomy/type of RSIT",
                    (int)(word.len < PLAN_NAME_MAX ? word.len : PLAN_NAME_MAX), word.ptr);
    }
    return why;
}

/* ---- How likely, how bad ---- */

static const char *incidents_set(void *thing, slice value, struct arena *arena)
{
    return plan_number(value, 1, INCIDENTS_MAX, &((struct plan_risk_likelihood *)thing)->incidents, arena);
}

static const char *days_set(void *thing, slice value, struct arena *arena)
{
    return plan_number(value, 1, DAYS_MAX, &((struct plan_risk_likelihood *)thing)->days, arena);
}

static const char *severity_set(void *thing, slice value, struct arena *arena)
{
    struct plan_risk_impact *impact = thing;
    (void)arena;
    impact->severity = plan_severity(value);
    return impact->severity > 0 ? NULL : PLAN_SEVERITIES;
}

static const char *criticality_set(void *thing, slice value, struct arena *arena)
{
    return plan_number(value, 1, 100, &((struct plan_risk_impact *)thing)->criticality, arena);
}

/* "patients-harmed 1" */
static const char *count_take(struct plan_risk_impact *impact, slice pair, struct arena *arena)
{
    size_t blank = slice_find(pair, ' ');
    slice kind = slice_part(pair, 0, blank);
    for (size_t i = 0; i < COUNT_OF(counted); i++)
        if (slice_eq(kind, slice_of(counted[i])))
            return impact->least[i] > 0
                           ? "the same is said twice"
                           : plan_number(slice_trim(slice_from(pair, blank)), 1, UINT32_MAX, &impact->least[i], arena);
    return "kinds of impact with their least, as patients-harmed 1; records 10000";
}

static const char *counts_set(void *thing, slice value, struct arena *arena)
{
    slice rest = value, pair;
    const char *why = NULL;
    while (why == NULL && slice_next(&rest, ';', &pair))
        why = count_take(thing, slice_trim(pair), arena);
    return why;
}

/* A step is called by its number. */
static bool is_step(const void *thing)
{
    slice name;
    memcpy(&name, thing, sizeof name);
    return name.len == 1 && name.ptr[0] >= '1' && name.ptr[0] < '1' + PLAN_RISK_STEPS;
}

static const char *step_end(void *thing, struct arena *arena)
{
    (void)arena;
    return is_step(thing) ? NULL : "a step is called 1, 2, 3, 4 or 5";
}

static const char *impact_end(void *thing, struct arena *arena)
{
    const struct plan_risk_impact *impact = thing;
    bool any = impact->severity > 0 || impact->criticality > 0;
    for (size_t i = 0; i < PLAN_RISK_KINDS; i++)
        any |= impact->least[i] > 0;
    return any ? step_end(thing, arena) : "it says no severity, criticality or counts, so no incident is so bad";
}

/* ---- Levels ---- */

static const char *score_set(void *thing, slice value, struct arena *arena)
{
    return plan_number(value, 1, SCORE_MAX, &((struct plan_risk_level *)thing)->score, arena);
}

static const char *colour_set(void *thing, slice value, struct arena *arena)
{
    static const char *const colours[] = {"green", "yellow", "orange", "red"};
    (void)arena;
    ((struct plan_risk_level *)thing)->colour = value;
    for (size_t i = 0; i < COUNT_OF(colours); i++)
        if (slice_eq(value, slice_of(colours[i])))
            return NULL;
    return "green, yellow, orange or red";
}

static const char *second_set(void *thing, slice value, struct arena *arena)
{
    (void)arena;
    return plan_truth(value, &((struct plan_risk_level *)thing)->second);
}

static const char *review_set(void *thing, slice value, struct arena *arena)
{
    return plan_number(value, 1, DAYS_MAX, &((struct plan_risk_level *)thing)->review_days, arena);
}

/* ---- The table of sections ---- */

static const struct plan_field asset_fields[] = {TITLED};
static const struct plan_field threat_fields[] = {TITLED, {"classes", false, classes_set}};
static const struct plan_field likelihood_fields[] = {{"incidents", true, incidents_set}, {"days", true, days_set}};
static const struct plan_field impact_fields[] = {
        {"severity", false, severity_set}, {"criticality", false, criticality_set}, {"counts", false, counts_set}};
static const struct plan_field level_fields[] = {TITLED, {"score", true, score_set}, {"colour", true, colour_set},
        {"second", false, second_set}, {"review-days", true, review_set}};

enum { ASSET, THREAT, LIKELIHOOD, IMPACT, LEVEL, KINDS };
static const struct plan_kind kinds[KINDS] = {
        [ASSET] = {"asset", sizeof(struct plan_risk_asset), asset_fields, COUNT_OF(asset_fields), NULL},
        [THREAT] = {"threat", sizeof(struct plan_risk_threat), threat_fields, COUNT_OF(threat_fields), NULL},
        [LIKELIHOOD] = {"likelihood", sizeof(struct plan_risk_likelihood), likelihood_fields,
                COUNT_OF(likelihood_fields), step_end},
        [IMPACT] = {"impact", sizeof(struct plan_risk_impact), impact_fields, COUNT_OF(impact_fields), impact_end},
        [LEVEL] = {"level", sizeof(struct plan_risk_level), level_fields, COUNT_OF(level_fields), NULL},
};

/* ---- Files ---- */

static int by_score(const void *a, const void *b)
{
    const struct plan_risk_level *left = a, *right = b;
    return left->score < right->score ? -1 : left->score > right->score;
}

/* What is wrong with the file as a whole; NULL: nothing. */
static const char *whole_wrong(const struct plan_risks *rules)
{
    if (rules->asset_count == 0 || rules->asset_count > PLAN_RISK_ROWS_MAX)
        return "a file has 1 to 64 classes of assets";
    if (rules->threat_count == 0 || rules->threat_count > PLAN_RISK_ROWS_MAX)
        return "a file has 1 to 64 threats";
    if (plan_risk_days(rules) == 0)
        return "a file says when something is likely";
    for (size_t i = 0; i + 1 < rules->level_count; i++)
        if (rules->levels[i].score == rules->levels[i + 1].score)
            return "two levels begin at the same score";
    return rules->level_count > 0 && rules->levels[0].score == 1 ? NULL : "the lowest level begins at score 1";
}

static void steps_place(const struct plan_file *likelihoods, const struct plan_file *impacts, struct plan_risks *rules)
{
    const struct plan_risk_likelihood *likely = likelihoods->things;
    const struct plan_risk_impact *bad = impacts->things;
    for (size_t i = 0; i < likelihoods->count; i++)
        rules->likelihoods[likely[i].name.ptr[0] - '1'] = likely[i];
    for (size_t i = 0; i < impacts->count; i++)
        rules->impacts[bad[i].name.ptr[0] - '1'] = bad[i];
}

struct err plan_risks_read(
        const char *name, slice text, plan_say *say, void *context, struct arena *arena, struct plan_risks *rules)
{
    struct plan_file files[KINDS];
    TRY(plan_read_kinds(name, text, kinds, KINDS, say, context, arena, files));
    struct plan_risks read = {.version = files->version,
            .text = arena_copy(arena, text),
            .assets = files[ASSET].things,
            .asset_count = files[ASSET].count,
            .threats = files[THREAT].things,
            .threat_count = files[THREAT].count,
            .levels = files[LEVEL].things,
            .level_count = files[LEVEL].count};
    steps_place(&files[LIKELIHOOD], &files[IMPACT], &read);
    if (read.level_count > 1)
        qsort(read.levels, read.level_count, sizeof *read.levels, by_score);
    const char *why = whole_wrong(&read);
    if (why != NULL && say != NULL)
        say(context, name, 1, 1, why);
    if (why != NULL)
        return err_format(arena, ERR_INPUT, "%s:1:1: %s", name, why);
    *rules = read;
    return arena_check(arena);
}

struct err plan_risks_shipped(struct arena *arena, struct plan_risks *rules)
{
    return plan_risks_read("risks.conf", plan_shipped_text(S("risks.conf")), NULL, NULL, arena, rules);
}

/* ---- Reckoning ---- */

const struct plan_risk_asset *plan_risk_asset_find(const struct plan_risks *rules, slice name)
{
    for (size_t i = 0; i < rules->asset_count; i++)
        if (slice_eq(rules->assets[i].name, name))
            return &rules->assets[i];
    return NULL;
}

const struct plan_risk_threat *plan_risk_threat_find(const struct plan_risks *rules, slice name)
{
    for (size_t i = 0; i < rules->threat_count; i++)
        if (slice_eq(rules->threats[i].name, name))
            return &rules->threats[i];
    return NULL;
}

/* "fraud" is every class of that taxonomy. */
static bool means(slice word, slice class, slice local_class)
{
    return slice_eq(word, class) || slice_eq(word, local_class) ||
           (slice_starts(class, word) && class.len > word.len && class.ptr[word.len] == '/');
}

const struct plan_risk_threat *plan_risk_threat_of(const struct plan_risks *rules, slice class, slice local_class)
{
    for (size_t i = 0; i < rules->threat_count; i++) {
        const struct plan_risk_threat *threat = &rules->threats[i];
        if (threat->class_count == 0)
            return threat;
        for (size_t j = 0; j < threat->class_count; j++)
            if (means(threat->classes[j], class, local_class))
                return threat;
    }
    return NULL;
}

/* One of its conditions is enough. */
static bool is_so_bad(const struct plan_risk_impact *step, const struct plan_risk_facts *facts)
{
    bool is = (step->severity > 0 && plan_severity(facts->severity) >= step->severity) ||
              (step->criticality > 0 && facts->criticality >= step->criticality);
    for (size_t i = 0; i < PLAN_RISK_KINDS; i++)
        is |= step->least[i] > 0 && facts->counted[i] >= step->least[i];
    return is;
}

int64_t plan_risk_impact(const struct plan_risks *rules, const struct plan_risk_facts *facts)
{
    for (int64_t step = PLAN_RISK_STEPS; step > 1; step--)
        if (is_so_bad(&rules->impacts[step - 1], facts))
            return step;
    return 1;
}

int64_t plan_risk_likelihood(const struct plan_risks *rules, const int64_t counts[PLAN_RISK_STEPS])
{
    for (int64_t step = PLAN_RISK_STEPS; step > 1; step--) {
        const struct plan_risk_likelihood *likely = &rules->likelihoods[step - 1];
        if (likely->days > 0 && counts[step - 1] >= (int64_t)likely->incidents)
            return step;
    }
    return 1;
}

int64_t plan_risk_days(const struct plan_risks *rules)
{
    uint64_t days = 0;
    for (size_t i = 0; i < PLAN_RISK_STEPS; i++)
        days = rules->likelihoods[i].days > days ? rules->likelihoods[i].days : days;
    return (int64_t)days;
}

const struct plan_risk_level *plan_risk_level(const struct plan_risks *rules, int64_t likelihood, int64_t impact)
{
    size_t at = rules->level_count - 1;
    while (at > 0 && rules->levels[at].score > (uint64_t)(likelihood * impact))
        at--;
    return &rules->levels[at];
}
