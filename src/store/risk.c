/* SPDX-License-Identifier: Apache-2.0 */
#include "store/risk.h"

#include "base/arena.h"
#include "store/page.h"

static const char *const states[RISK_STATES] = {
        [RISK_IDENTIFIED] = "identified",
        [RISK_TREATED] = "treated",
        [RISK_ACCEPTED] = "accepted",
        [RISK_REVIEWED] = "reviewed",
        [RISK_CLOSED] = "closed",
};
static const char MISSING[] = "there is no such risk";

const char *store_risk_state_name(enum risk_state state)
{
    return states[state];
}

static enum risk_state state_of(slice name)
{
    enum risk_state state = RISK_IDENTIFIED;
    for (enum risk_state i = 0; i < RISK_STATES; i++)
        if (slice_eq(name, slice_of(states[i])))
            state = i;
    return state;
}

static struct db_value number_or_null(int64_t number)
{
    return number == 0 ? db_null() : db_i64(number);
}

/* ---- Rows ---- */

#define COLUMNS                                                                                                        \
    "SELECT number, asset, threat, source, state, likelihood, impact, likelihood_rule, impact_rule, likelihood_said, " \
    "impact_said, level, incidents, version, again_us, organisation, person, treatment, text, review_us, made_us, "    \
    "changed_us FROM risk "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct risk *)row = (struct risk){
            .number = db_number(rows, 0),
            .asset = arena_copy(arena, db_slice(rows, 1)),
            .threat = arena_copy(arena, db_slice(rows, 2)),
            .source = arena_copy(arena, db_slice(rows, 3)),
            .state = state_of(db_slice(rows, 4)),
            .likelihood = db_number(rows, 5),
            .impact = db_number(rows, 6),
            .likelihood_rule = db_number(rows, 7),
            .impact_rule = db_number(rows, 8),
            .likelihood_said = db_number(rows, 9),
            .impact_said = db_number(rows, 10),
            .level = arena_copy(arena, db_slice(rows, 11)),
            .incidents = db_number(rows, 12),
            .version = arena_copy(arena, db_slice(rows, 13)),
            .again_us = page_time(rows, 14),
            .organisation = db_number(rows, 15),
            .person = db_number(rows, 16),
            .treatment = arena_copy(arena, db_slice(rows, 17)),
            .text = arena_copy(arena, db_slice(rows, 18)),
            .review_us = db_number(rows, 19),
            .made_us = db_number(rows, 20),
            .changed_us = db_number(rows, 21),
    };
}

/* From state on, in their order, to review_us. */
#define CHANGED_VALUES(row)                                                                                            \
    db_text(slice_of(states[(row)->state])), db_i64((row)->likelihood), db_i64((row)->impact),                         \
            db_i64((row)->likelihood_rule), db_i64((row)->impact_rule), db_i64((row)->likelihood_said),                \
            db_i64((row)->impact_said), db_i64((row)->likelihood *(row)->impact), db_text((row)->level),               \
            db_i64((row)->incidents), db_text((row)->version), page_time_value((row)->again_us),                       \
            number_or_null((row)->organisation), number_or_null((row)->person), db_text((row)->treatment),             \
            db_text((row)->text), db_i64((row)->review_us)

struct err store_risk_add(struct work *work, const struct risk *put, int64_t *number)
{
    static const char ADD[] =
            "INSERT INTO risk (number, made_us, changed_us, asset, threat, source, state, likelihood, impact, "
            "likelihood_rule, impact_rule, likelihood_said, impact_said, score, level, incidents, version, again_us, "
            "organisation, person, treatment, text, review_us) VALUES ($1, $2, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
            "$11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22) ON CONFLICT (asset, threat) DO NOTHING";
    int64_t fresh;
    uint64_t changed;
    TRY(store_number(work->db, "risk", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_i64(work->now_us), db_text(put->asset), db_text(put->threat),
            db_text(put->source), CHANGED_VALUES(put)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), &changed));
    if (changed == 0)
        return err_make(ERR_CONFLICT, "that class of assets has this risk already");
    *number = fresh;
    return OK;
}

struct err store_risk_keep(struct work *work, int64_t number, struct risk *row)
{
    /* Changes nothing, and makes who changes that row wait for us, and us for them. */
    static const char KEEP[] = "UPDATE risk SET state = state WHERE number = $1";
    TRY(db_run(work->db, KEEP, (struct db_value[]){db_i64(number)}, 1, NULL));
    return store_risk_get(work->db, number, work->arena, row);
}

struct err store_risk_keep_of(struct work *work, slice asset, slice threat, struct risk *row)
{
    static const char KEEP[] = "UPDATE risk SET state = state WHERE asset = $1 AND threat = $2";
    static const char GET[] = COLUMNS "WHERE asset = $1 AND threat = $2";
    const struct db_value values[] = {db_text(asset), db_text(threat)};
    struct page page = page_of(struct risk, GET, row_read, 1);
    TRY(db_run(work->db, KEEP, values, COUNT_OF(values), NULL));
    return page_get(work->db, &page, values, COUNT_OF(values), work->arena, row, MISSING);
}

struct err store_risk_change(struct work *work, const struct risk *row)
{
    static const char CHANGE[] =
            "UPDATE risk SET changed_us = $2, state = $3, likelihood = $4, impact = $5, likelihood_rule = $6, "
            "impact_rule = $7, likelihood_said = $8, impact_said = $9, score = $10, level = $11, incidents = $12, "
            "version = $13, again_us = $14, organisation = $15, person = $16, treatment = $17, text = $18, "
            "review_us = $19 WHERE number = $1";
    const struct db_value values[] = {db_i64(row->number), db_i64(work->now_us), CHANGED_VALUES(row)};
    return db_run(work->db, CHANGE, values, COUNT_OF(values), NULL);
}

struct err store_risk_get(struct db *db, int64_t number, struct arena *arena, struct risk *row)
{
    static const char GET[] = COLUMNS "WHERE number = $1";
    struct page page = page_of(struct risk, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, row, MISSING);
}

/* ---- Lists ---- */

static struct err list(struct db *db, const char *sql, const struct db_value *values, size_t value_count, size_t count,
        struct arena *arena, struct risk **rows, size_t *row_count)
{
    struct page page = page_of(struct risk, sql, row_read, count);
    return page_read(db, &page, values, value_count, arena, (void **)rows, row_count);
}

struct err store_risk_list(struct db *db, enum risk_which which, int64_t score, int64_t before, size_t count,
        struct arena *arena, struct risk **rows, size_t *row_count)
{
    static const char OPEN[] =
            COLUMNS "WHERE state <> 'closed' AND (score, number) < ($1, $2) ORDER BY score DESC, number DESC LIMIT $3";
    static const char ENDED[] =
            COLUMNS "WHERE state = 'closed' AND (score, number) < ($1, $2) ORDER BY score DESC, number DESC LIMIT $3";
    static const char *const texts[RISK_WHICHES] = {[RISK_OPEN] = OPEN, [RISK_ENDED] = ENDED};
    const struct db_value values[] = {db_i64(score), db_i64(before)};
    return list(db, texts[which], values, COUNT_OF(values), count, arena, rows, row_count);
}

struct err store_risk_cell(struct db *db, int64_t likelihood, int64_t impact, int64_t before, size_t count,
        struct arena *arena, struct risk **rows, size_t *row_count)
{
    static const char CELL[] = COLUMNS "WHERE state <> 'closed' AND likelihood = $1 AND impact = $2 AND number < $3 "
                                       "ORDER BY number DESC LIMIT $4";
    const struct db_value values[] = {db_i64(likelihood), db_i64(impact), db_i64(before)};
    return list(db, CELL, values, COUNT_OF(values), count, arena, rows, row_count);
}

struct err store_risk_again(
        struct db *db, int64_t now_us, size_t count, struct arena *arena, struct risk **rows, size_t *row_count)
{
    static const char AGAIN[] = COLUMNS "WHERE again_us IS NOT NULL AND again_us <= $1 ORDER BY again_us LIMIT $2";
    return list(db, AGAIN, (struct db_value[]){db_i64(now_us)}, 1, count, arena, rows, row_count);
}

struct err store_risk_all(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct risk **rows, size_t *row_count)
{
    static const char ALL[] = COLUMNS "WHERE number > $1 ORDER BY number LIMIT $2";
    return list(db, ALL, (struct db_value[]){db_i64(after)}, 1, count, arena, rows, row_count);
}

/* ---- Counts ---- */

struct err store_risk_matrix(struct db *db, int64_t counts[RISK_STEPS][RISK_STEPS])
{
    static const char CELL[] = "SELECT count(*) FROM risk WHERE state <> 'closed' AND likelihood = $1 AND impact = $2";
    for (int64_t i = 0; i < RISK_STEPS; i++)
        for (int64_t j = 0; j < RISK_STEPS; j++)
            TRY(db_one(db, CELL, (struct db_value[]){db_i64(i + 1), db_i64(j + 1)}, 2, 0, &counts[i][j]));
    return OK;
}

struct err store_risk_overdue(struct db *db, int64_t now_us, int64_t *count)
{
    static const char COUNT[] = "SELECT count(*) FROM risk WHERE state <> 'closed' AND review_us <= $1";
    return db_one(db, COUNT, (struct db_value[]){db_i64(now_us)}, 1, 0, count);
}

/* ---- Which incidents count ---- */

#define MEMBERS "SELECT incident, known_us, impact, asset, threat FROM risk_incident "

static void member_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct risk_incident *)row = (struct risk_incident){
            .incident = db_number(rows, 0),
            .known_us = db_number(rows, 1),
            .impact = db_number(rows, 2),
            .asset = arena_copy(arena, db_slice(rows, 3)),
            .threat = arena_copy(arena, db_slice(rows, 4)),
    };
}

struct err store_risk_incident_put(struct work *work, int64_t incident, const struct risk_incident *rows, size_t count)
{
    static const char DROP[] = "DELETE FROM risk_incident WHERE incident = $1";
    static const char PUT[] =
            "INSERT INTO risk_incident (incident, asset, threat, known_us, impact) VALUES ($1, $2, $3, $4, $5)";
    TRY(db_run(work->db, DROP, (struct db_value[]){db_i64(incident)}, 1, NULL));
    for (size_t i = 0; i < count; i++) {
        const struct db_value values[] = {db_i64(incident), db_text(rows[i].asset), db_text(rows[i].threat),
                db_i64(rows[i].known_us), db_i64(rows[i].impact)};
        TRY(db_run(work->db, PUT, values, COUNT_OF(values), NULL));
    }
    return OK;
}

struct err store_risk_of_incident(
        struct db *db, int64_t incident, struct arena *arena, struct risk_incident **rows, size_t *row_count)
{
    static const char OF[] = MEMBERS "WHERE incident = $1 ORDER BY asset, threat LIMIT $2";
    struct page page = page_of(struct risk_incident, OF, member_read, RISK_OF_INCIDENT_MAX);
    return page_read_whole(db, &page, (struct db_value[]){db_i64(incident)}, 1, arena, (void **)rows, row_count);
}

struct err store_risk_incidents(struct db *db, const struct risk *risk, int64_t since_us, int64_t known_us,
        int64_t before, size_t count, struct arena *arena, struct risk_incident **rows, size_t *row_count)
{
    static const char LIST[] =
            MEMBERS "WHERE asset = $1 AND threat = $2 AND known_us > $3 AND (known_us, incident) < ($4, $5) "
                    "ORDER BY known_us DESC, incident DESC LIMIT $6";
    struct page page = page_of(struct risk_incident, LIST, member_read, count);
    const struct db_value values[] = {
            db_text(risk->asset), db_text(risk->threat), db_i64(since_us), db_i64(known_us), db_i64(before)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

static void sum_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct risk_sum *sum = row;
    (void)arena;
    *sum = (struct risk_sum){db_number(rows, 0), db_number(rows, 1)};
    for (size_t i = 0; i < RISK_STEPS; i++) {
        sum->steps[i] = db_number(rows, 2 + 2 * i);
        sum->oldest[i] = page_time(rows, 3 + 2 * i);
    }
}

struct err store_risk_sum(struct db *db, slice asset, slice threat, const int64_t since_us[RISK_STEPS + 1],
        struct arena *arena, struct risk_sum *sum)
{
#define SINCE(value)                                                                                                   \
    ", count(CASE WHEN known_us > " value " THEN 1 END), min(CASE WHEN known_us > " value " THEN known_us END)"
    static const char SUM[] = "SELECT count(*), COALESCE(max(impact), 0)" SINCE("$4") SINCE("$5") SINCE("$6")
            SINCE("$7") SINCE("$8") " FROM risk_incident WHERE asset = $1 AND threat = $2 AND "
                                    "known_us > $3";
#undef SINCE
    struct page page = page_of(struct risk_sum, SUM, sum_read, 1);
    struct db_value values[3 + RISK_STEPS] = {db_text(asset), db_text(threat), db_i64(since_us[RISK_STEPS])};
    for (size_t i = 0; i < RISK_STEPS; i++)
        values[3 + i] = db_i64(since_us[i]);
    return page_get(db, &page, values, COUNT_OF(values), arena, sum, MISSING);
}

static void told_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    (void)arena;
    *(int64_t *)row = db_number(rows, 0);
}

struct err store_risk_told(
        struct db *db, int64_t after, size_t count, struct arena *arena, int64_t **numbers, size_t *number_count)
{
    static const char TOLD[] =
            "SELECT number FROM incident WHERE assets <> '' AND number > $1 ORDER BY number LIMIT $2";
    struct page page = page_of(int64_t, TOLD, told_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(after)}, 1, arena, (void **)numbers, number_count);
}

/* ---- How it stood ---- */

struct err store_risk_stood(struct work *work, const struct risk *row, slice latest, slice why)
{
    static const char NEXT[] = "SELECT COALESCE(max(number), 0) + 1 FROM risk_history WHERE risk = $1";
    static const char ADD[] =
            "INSERT INTO risk_history (risk, number, at_us, state, likelihood, impact, likelihood_rule, impact_rule, "
            "likelihood_said, impact_said, level, version, incidents, latest, treatment, actor, why) VALUES ($1, $2, "
            "$3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
    int64_t number;
    TRY(db_one(work->db, NEXT, (struct db_value[]){db_i64(row->number)}, 1, 1, &number));
    const struct db_value values[] = {db_i64(row->number), db_i64(number), db_i64(work->now_us),
            db_text(slice_of(states[row->state])), db_i64(row->likelihood), db_i64(row->impact),
            db_i64(row->likelihood_rule), db_i64(row->impact_rule), db_i64(row->likelihood_said),
            db_i64(row->impact_said), db_text(row->level), db_text(row->version), db_i64(row->incidents),
            db_text(latest), db_text(row->treatment), db_text(work->actor->name), db_text(why)};
    return db_run(work->db, ADD, values, COUNT_OF(values), NULL);
}

static void stood_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct risk_stood *)row = (struct risk_stood){
            .number = db_number(rows, 0),
            .at_us = db_number(rows, 1),
            .state = state_of(db_slice(rows, 2)),
            .likelihood = db_number(rows, 3),
            .impact = db_number(rows, 4),
            .likelihood_rule = db_number(rows, 5),
            .impact_rule = db_number(rows, 6),
            .likelihood_said = db_number(rows, 7),
            .impact_said = db_number(rows, 8),
            .level = arena_copy(arena, db_slice(rows, 9)),
            .version = arena_copy(arena, db_slice(rows, 10)),
            .incidents = db_number(rows, 11),
            .latest = arena_copy(arena, db_slice(rows, 12)),
            .treatment = arena_copy(arena, db_slice(rows, 13)),
            .actor = arena_copy(arena, db_slice(rows, 14)),
            .why = arena_copy(arena, db_slice(rows, 15)),
    };
}

struct err store_risk_history(struct db *db, int64_t risk, int64_t before, size_t count, struct arena *arena,
        struct risk_stood **rows, size_t *row_count)
{
    static const char LIST[] =
            "SELECT number, at_us, state, likelihood, impact, likelihood_rule, impact_rule, likelihood_said, "
            "impact_said, level, version, incidents, latest, treatment, actor, why FROM risk_history "
            "WHERE risk = $1 AND number < $2 ORDER BY number DESC LIMIT $3";
    struct page page = page_of(struct risk_stood, LIST, stood_read, count);
    const struct db_value values[] = {db_i64(risk), db_i64(before)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}
