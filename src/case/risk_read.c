/* SPDX-License-Identifier: Apache-2.0 */
/* Risks as they are read: for whom, and as a table from which they can be reckoned again. */
#include <inttypes.h>

#include "base/arena.h"
#include "base/buf.h"
#include "case/risk.h"
#include "store/organisation.h"
#include "text/mail.h"

struct err case_risk_get(
        struct db *db, const struct actor *actor, int64_t number, struct arena *arena, struct risk *row)
{
    TRY(store_right_check(actor, VERB_READ_FIGURES, 0, arena, NULL));
    return store_risk_get(db, number, arena, row);
}

struct err case_risk_sees(struct db *db, const struct actor *actor, int64_t incident, struct arena *arena, bool *sees)
{
    struct incident row;
    enum case_sight sight;
    TRY(store_incident_get(db, incident, arena, &row));
    TRY(case_sees(db, actor, &row, arena, &sight));
    *sees = sight == CASE_ALL;
    return OK;
}

/* ---- What they are called ---- */

static slice titled(slice title, slice other, enum language language)
{
    return language == LANGUAGE_INDONESIAN && other.len > 0 ? other : title;
}

slice case_risk_asset_text(slice word, enum language language)
{
    const struct plan_risk_asset *row = plan_risk_asset_find(case_risk_held(), word);
    return row == NULL ? word : titled(row->title, row->title_other, language);
}

slice case_risk_threat_text(slice word, enum language language)
{
    const struct plan_risk_threat *row = plan_risk_threat_find(case_risk_held(), word);
    return row == NULL ? word : titled(row->title, row->title_other, language);
}

slice case_risk_level_text(slice word, enum language language)
{
    const struct plan_risks *rules = case_risk_held();
    for (size_t i = 0; i < rules->level_count; i++)
        if (slice_eq(rules->levels[i].name, word))
            return titled(rules->levels[i].title, rules->levels[i].title_other, language);
    return word;
}

/* ---- CSV ---- */

struct table {
    struct db *db;
    const struct actor *actor;
    struct arena *arena;
    struct buf *out;
    int64_t now_us;
};

static void number_put(struct buf *out, int64_t number)
{
    buf_byte(out, ',');
    if (number != 0)
        buf_i64(out, number);
}

/* The columns that each line of one risk begins with. */
static struct err head_put(const struct table *table, const struct risk *row)
{
    struct organisation owner = {.name = S("")};
    struct buf *out = table->out;
    if (row->organisation != 0)
        TRY(store_organisation_get(table->db, row->organisation, table->arena, &owner));
    const slice words[] = {row->asset, row->threat, slice_of(store_risk_state_name(row->state)), row->source,
            row->version, time_text(table->now_us, table->arena)};
    const int64_t numbers[] = {row->likelihood, row->impact, row->likelihood * row->impact};
    const int64_t parts[] = {
            row->likelihood_rule, row->impact_rule, row->likelihood_said, row->impact_said, row->incidents};
    buf_i64(out, row->number);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        mail_cell_write(out, words[i], false);
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        number_put(out, numbers[i]);
    mail_cell_write(out, row->level, false);
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        number_put(out, parts[i]);
    const slice behind[] = {owner.name, row->treatment, time_text(row->review_us, table->arena)};
    for (size_t i = 0; i < COUNT_OF(behind); i++)
        mail_cell_write(out, behind[i], false);
    return OK;
}

static struct err incident_put(const struct table *table, const struct risk *row, const struct risk_incident *counted)
{
    bool sees;
    TRY(case_risk_sees(table->db, table->actor, counted->incident, table->arena, &sees));
    TRY(head_put(table, row));
    number_put(table->out, sees ? counted->incident : 0);
    mail_cell_write(table->out, time_text(counted->known_us, table->arena), false);
    number_put(table->out, counted->impact);
    buf_put(table->out, S("\r\n"));
    return buf_check(table->out);
}

static struct err risk_put(const struct table *table, const struct risk *row)
{
    struct risk_incident *rows = NULL;
    size_t count = STORE_PAGE_MAX;
    int64_t known_us = INT64_MAX, before = INT64_MAX, since_us = case_risk_since(table->now_us);
    bool any = false;
    while (count == STORE_PAGE_MAX) {
        TRY(store_risk_incidents(
                table->db, row, since_us, known_us, before, STORE_PAGE_MAX, table->arena, &rows, &count));
        for (size_t i = 0; i < count; i++)
            TRY(incident_put(table, row, &rows[i]));
        any |= count > 0;
        known_us = count > 0 ? rows[count - 1].known_us : known_us;
        before = count > 0 ? rows[count - 1].incident : before;
    }
    if (any)
        return OK;
    TRY(head_put(table, row));
    buf_put(table->out, S(",,,\r\n"));
    return buf_check(table->out);
}

static struct err which_put(const struct table *table, enum risk_which which)
{
    struct risk *rows;
    size_t count = STORE_PAGE_MAX;
    int64_t score = INT64_MAX, before = INT64_MAX;
    while (count == STORE_PAGE_MAX) {
        TRY(store_risk_list(table->db, which, score, before, STORE_PAGE_MAX, table->arena, &rows, &count));
        for (size_t i = 0; i < count; i++)
            TRY(risk_put(table, &rows[i]));
        score = count > 0 ? rows[count - 1].likelihood * rows[count - 1].impact : score;
        before = count > 0 ? rows[count - 1].number : before;
    }
    return OK;
}

/* One moment for all of it. */
static struct err all_put(struct db *db, void *context)
{
    const struct table *table = context;
    (void)db;
    for (enum risk_which which = 0; which < RISK_WHICHES; which++)
        TRY(which_put(table, which));
    return arena_check(table->arena);
}

struct err case_risk_csv(struct db *db, const struct actor *actor, struct arena *arena, struct buf *out)
{
    struct table table = {db, actor, arena, out, clock_now_us()};
    TRY(store_right_check(actor, VERB_READ_FIGURES, 0, arena, NULL));
    buf_put(out,
            S("risk,asset,threat,state,source,rule,as_of,likelihood,impact,score,level,likelihood_rule,impact_rule,"
              "likelihood_said,impact_said,incidents,owner,treatment,review,incident,known,incident_impact\r\n"));
    return db_look(db, all_put, &table);
}
