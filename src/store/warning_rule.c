/* SPDX-License-Identifier: Apache-2.0 */
#include "store/warning_rule.h"

#include "base/arena.h"
#include "store/page.h"

#define COLUMNS                                                                                                        \
    "SELECT number, class, cause_kind, severity, sector, does, from_us, until_us, approval, added_us FROM "            \
    "warning_rule "
#define HOLDS "from_us <= $1 AND (until_us IS NULL OR until_us > $1) "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct warning_rule *rule = row;
    *rule = (struct warning_rule){
            .number = db_number(rows, 0),
            .class = arena_copy(arena, db_slice(rows, 1)),
            .cause_kind = arena_copy(arena, db_slice(rows, 2)),
            .severity = SEVERITY_CRITICAL,
            .sector = arena_copy(arena, db_slice(rows, 4)),
            .does = WARNING_HOLD,
            .from_us = db_number(rows, 6),
            .until_us = page_time(rows, 7),
            .approval = db_number(rows, 8),
            .added_us = db_number(rows, 9),
    };
    (void)store_severity_find(db_slice(rows, 3), &rule->severity);
    (void)store_warning_does_find(db_slice(rows, 5), &rule->does);
}

struct err store_warning_rule_add(struct work *work, const struct warning_rule *put, int64_t *number)
{
    static const char HOLDING[] = "SELECT count(*) FROM warning_rule WHERE " HOLDS;
    static const char ADD[] =
            "INSERT INTO warning_rule (number, class, cause_kind, severity, sector, does, from_us, until_us, approval, "
            "added_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    int64_t fresh, holding;
    TRY(db_one(work->db, HOLDING, (struct db_value[]){db_i64(work->now_us)}, 1, 0, &holding));
    if (holding >= WARNING_RULES_MAX)
        return err_format(work->arena, ERR_LIMIT, "there are %d rules already: end some", WARNING_RULES_MAX);
    TRY(store_number(work->db, "warning_rule", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_text(put->class), db_text(put->cause_kind),
            db_text(slice_of(store_severity_name(put->severity))), db_text(put->sector),
            db_text(slice_of(store_warning_does_name(put->does))), db_i64(put->from_us), page_time_value(put->until_us),
            db_i64(put->approval), db_i64(work->now_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    *number = fresh;
    return OK;
}

struct err store_warning_rule_end(struct work *work, int64_t number)
{
    static const char END[] =
            "UPDATE warning_rule SET until_us = $2 WHERE number = $1 AND (until_us IS NULL OR until_us > $2)";
    uint64_t changed;
    TRY(db_run(work->db, END, (struct db_value[]){db_i64(number), db_i64(work->now_us)}, 2, &changed));
    return changed > 0 ? OK : err_make(ERR_CONFLICT, "there is no such rule, or it has ended");
}

struct err store_warning_rule_get(struct db *db, int64_t number, struct arena *arena, struct warning_rule *row)
{
    static const char GET[] = COLUMNS "WHERE number = $1";
    struct page page = page_of(struct warning_rule, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, row, "there is no such rule");
}

struct err store_warning_rule_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct warning_rule **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE number > $1 ORDER BY number LIMIT $2";
    struct page page = page_of(struct warning_rule, LIST, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(after)}, 1, arena, (void **)rows, row_count);
}

struct err store_warning_rule_holding(
        struct db *db, int64_t now_us, struct arena *arena, struct warning_rule **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE " HOLDS "ORDER BY number LIMIT $2";
    struct page page = page_of(struct warning_rule, LIST, row_read, WARNING_RULES_MAX);
    return page_read_whole(db, &page, (struct db_value[]){db_i64(now_us)}, 1, arena, (void **)rows, row_count);
}
