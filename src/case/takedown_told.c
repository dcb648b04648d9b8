/* SPDX-License-Identifier: Apache-2.0 */
/* What reports tell of pages: those of an incident become its take-downs, and those that wait and tell of the same
 * pages become its reports. */
#include "base/arena.h"
#include "case/report.h"
#include "case/takedown.h"
#include "desk/fact.h"
#include "store/report.h"

#define TOLD_AT_ONCE 500
#define QUEUE_AT_ONCE 200
#define SCRATCH_BYTES ((size_t)256 << 20)

/* ---- Gathering what is told ---- */

struct gathering {
    struct takedown *rows; /* one for each page */
    size_t count, told, unfit;
    int64_t report; /* whose values are looked at: it counts once for a page */
    int64_t *last;  /* the report that counted last, for each page */
};

static struct err told_take(struct work *work, struct gathering *all, int64_t report, int64_t told_us, slice value)
{
    slice url, target;
    size_t at = 0;
    if (++all->told > CASE_TAKEDOWN_TOLD_MAX)
        return err_format(
                work->arena, ERR_LIMIT, "the reports of an incident tell %d URLs at the most", CASE_TAKEDOWN_TOLD_MAX);
    if (case_takedown_page(work->arena, value, &url, &target).kind != ERR_NONE) {
        all->unfit++;
        return OK;
    }
    while (at < all->count && !slice_eq(all->rows[at].target, target))
        at++;
    if (at == TAKEDOWNS_MAX)
        return err_format(work->arena, ERR_LIMIT, "an incident has %d pages at the most", TAKEDOWNS_MAX);
    struct takedown *row = &all->rows[at];
    if (at == all->count) {
        *row = (struct takedown){.url = url, .target = target, .reported_us = told_us};
        all->count++;
    }
    row->reported_us = told_us < row->reported_us ? told_us : row->reported_us;
    row->reports += report != 0 && all->last[at] != report;
    all->last[at] = report;
    return OK;
}

static struct err reports_gather(struct work *work, int64_t incident, struct gathering *all)
{
    struct takedown_told *rows;
    int64_t report = 0;
    slice url = S("");
    size_t count = TOLD_AT_ONCE;
    while (count == TOLD_AT_ONCE) {
        TRY(store_takedown_told(work->db, incident, report, url, TOLD_AT_ONCE, work->arena, &rows, &count));
        for (size_t i = 0; i < count; i++)
            TRY(told_take(work, all, rows[i].report, rows[i].received_us, rows[i].url));
        report = count > 0 ? rows[count - 1].report : 0;
        url = count > 0 ? rows[count - 1].url : S("");
    }
    return OK;
}

static struct err observables_gather(struct work *work, int64_t incident, struct gathering *all)
{
    struct incident_observable *rows;
    size_t count;
    TRY(store_incident_observables(work->db, incident, work->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (slice_eq(rows[i].type, S("url")))
            TRY(told_take(work, all, 0, rows[i].added_us, rows[i].value));
    return OK;
}

/* One that is there already knows how many tell of it by now, and since when. */
static struct err told_put(struct work *work, const struct takedown *told, bool *fresh)
{
    struct takedown row;
    int64_t number;
    struct err err = store_takedown_find(work->db, told->incident, told->target, work->arena, &row);
    *fresh = err.kind == ERR_MISSING;
    if (*fresh) {
        row = *told;
        return case_takedown_begin(work, &row, &number);
    }
    TRY(err);
    TRY(store_takedown_keep(work, row.number, &row));
    if (row.reports == told->reports && row.reported_us <= told->reported_us)
        return OK;
    row.reports = told->reports;
    row.reported_us = told->reported_us < row.reported_us ? told->reported_us : row.reported_us;
    return store_takedown_change(work, &row);
}

struct err case_takedown_gather(struct work *work, const struct case_takedown_put *put, size_t *fresh, size_t *unfit)
{
    slice pap;
    struct gathering all = {.rows = arena_new(work->arena, struct takedown, TAKEDOWNS_MAX + 1),
            .last = arena_new(work->arena, int64_t, TAKEDOWNS_MAX + 1)};
    *fresh = 0;
    TRY(case_takedown_check(work, put, &pap));
    TRY(reports_gather(work, put->incident, &all));
    TRY(observables_gather(work, put->incident, &all));
    for (size_t i = 0; i < all.count; i++) {
        bool is_fresh;
        all.rows[i].incident = put->incident;
        all.rows[i].imitates = put->imitates;
        all.rows[i].pap = pap;
        TRY(told_put(work, &all.rows[i], &is_fresh));
        *fresh += is_fresh;
    }
    *unfit = all.unfit;
    return OK;
}

/* ---- Reports that wait ---- */

struct linking {
    int64_t incident, report;
    struct takedown *pages;
    size_t page_count;
};

static bool is_page_of(const struct linking *linking, slice target)
{
    for (size_t i = 0; i < linking->page_count; i++)
        if (slice_eq(linking->pages[i].target, target))
            return true;
    return false;
}

/* What is no more than an advert or an opinion stays where it is: a person looks at it. So does what the actor
 * does not see. */
static struct err tells(struct db *db, const struct actor *actor, const struct linking *linking,
        const struct report *row, struct arena *arena, bool *it_tells)
{
    struct report_observable *rows;
    enum case_sight sight;
    slice url, target;
    size_t count;
    *it_tells = false;
    TRY(case_report_sees(actor, row, arena, &sight));
    if (sight != CASE_ALL || row->incident != 0 || slice_find_slice(row->flags, S("advert")) < row->flags.len ||
            case_report_is_opinion(row))
        return OK;
    TRY(store_report_observables(db, row->number, arena, &rows, &count));
    for (size_t i = 0; i < count && !*it_tells; i++)
        *it_tells = slice_eq(rows[i].type, S("url")) &&
                    case_takedown_page(arena, rows[i].value, &url, &target).kind == ERR_NONE &&
                    is_page_of(linking, target);
    return OK;
}

static struct err link_do(struct work *work, void *context)
{
    const struct linking *linking = context;
    return case_report_link(work, linking->report, linking->incident);
}

/* Each is a work of its own: what was linked stays so, whatever comes after. */
static struct err link_some(struct db *db, const struct actor *actor, struct linking *linking,
        const struct report *rows, size_t row_count, struct arena *arena, size_t *count)
{
    for (size_t i = 0; i < row_count; i++) {
        bool it_tells;
        TRY(tells(db, actor, linking, &rows[i], arena, &it_tells));
        linking->report = rows[i].number;
        if (it_tells)
            TRY(store_work(db, actor, arena, link_do, linking));
        *count += it_tells;
    }
    return OK;
}

struct err case_takedown_link(
        struct db *db, const struct actor *actor, int64_t incident, struct arena *arena, size_t *count)
{
    struct linking linking = {.incident = incident};
    struct report *rows;
    int64_t received_us = INT64_MIN, after = 0;
    struct incident about;
    size_t row_count = QUEUE_AT_ONCE;
    *count = 0;
    TRY(store_right_check(actor, VERB_WORK_INCIDENTS, 0, arena, NULL));
    TRY(case_incident_reach(db, actor, incident, arena, &about));
    TRY(store_takedown_list(db, incident, arena, &linking.pages, &linking.page_count));
    struct arena *scratch = arena_open("reports that wait", ARENA_WORK, SCRATCH_BYTES);
    struct err err = OK;
    for (size_t looked = 0; err.kind == ERR_NONE && row_count == QUEUE_AT_ONCE && looked < CASE_TAKEDOWN_QUEUE_MAX;
            looked += row_count) {
        arena_reset(scratch);
        err = store_report_queue(db, received_us, after, QUEUE_AT_ONCE, scratch, &rows, &row_count);
        if (err.kind == ERR_NONE && row_count > 0) {
            received_us = rows[row_count - 1].received_us;
            after = rows[row_count - 1].number;
            err = link_some(db, actor, &linking, rows, row_count, scratch, count);
        }
    }
    err = desk_fact_kept(err, arena);
    arena_close(scratch);
    return err;
}
