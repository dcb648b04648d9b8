/* SPDX-License-Identifier: Apache-2.0 */
#include "case/figures.h"

#include <stdlib.h>

#include "base/arena.h"
#include "store/organisation.h"
#include "text/mail.h"

#define ROWS_LEAST 64

/* ---- Rows ---- */

static const char *const units[] = {
        [CASE_FIGURE_COUNT] = "count", [CASE_FIGURE_SPAN] = "seconds", [CASE_FIGURE_MONEY] = "hundredths"};

const char *case_figure_unit_name(enum case_figure_unit unit)
{
    return units[unit];
}

/* The row of a kind and a key, made if it is new. A kind has few: classes, rules, sectors. */
static struct case_figure *row_of(struct case_figures *figures, size_t kind, slice key)
{
    for (size_t i = figures->count; i > 0 && figures->rows[i - 1].kind == kind; i--)
        if (slice_eq(figures->rows[i - 1].key, key))
            return &figures->rows[i - 1];
    if (figures->count == figures->room) {
        struct case_figure *wider = arena_new(figures->arena, struct case_figure, 2 * figures->room);
        memcpy(wider, figures->rows, figures->count * sizeof *wider);
        figures->rows = wider;
        figures->room *= 2;
    }
    struct case_figure *row = &figures->rows[figures->count++];
    *row = (struct case_figure){.kind = kind, .key = key};
    return row;
}

/* ---- Spans ---- */

static int by_size(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return left < right ? -1 : left > right;
}

/* The least of them that so many per cent do not exceed (nearest rank). */
static int64_t rank(const int64_t *sorted, size_t count, size_t per_cent)
{
    return count == 0 ? CASE_FIGURE_NONE : sorted[(count * per_cent + 99) / 100 - 1];
}

struct spans {
    int64_t *us;
    size_t count, open; /* open: those that have not come to their end */
};

/* What was over before it began to count took no time. */
static void span_add(struct spans *spans, int64_t from_us, int64_t until_us)
{
    if (from_us == TIME_NONE || until_us == TIME_NONE)
        spans->open++;
    else
        spans->us[spans->count++] = until_us > from_us ? until_us - from_us : 0;
}

/* Cells: how many, how many not yet, median, 90 of 100. */
static void spans_write(struct case_figures *figures, size_t kind, const char *key, struct spans *spans)
{
    struct case_figure *row = row_of(figures, kind, slice_of(key));
    if (spans->count > 0)
        qsort(spans->us, spans->count, sizeof *spans->us, by_size);
    row->cells[0] = (int64_t)spans->count;
    row->cells[1] = (int64_t)spans->open;
    row->cells[2] = rank(spans->us, spans->count, 50);
    row->cells[3] = rank(spans->us, spans->count, 90);
}

/* ---- Reports ---- */

static struct err reports_count(
        struct case_figures *figures, size_t kind, slice (*key)(const struct figure_report *report))
{
    struct figure_report *reports;
    size_t count;
    TRY(store_figure_reports(figures->db, &figures->span, figures->arena, &reports, &count));
    for (size_t i = 0; i < count; i++) {
        struct case_figure *row = row_of(figures, kind, key(&reports[i]));
        row->cells[0] += reports[i].count;
        row->cells[1] += reports[i].merged;
    }
    return OK;
}

static slice class_key(const struct figure_report *report)
{
    return report->class;
}

static slice channel_key(const struct figure_report *report)
{
    return report->channel;
}

static slice sector_key(const struct figure_report *report)
{
    return report->sector;
}

static struct err reports_by_class(struct case_figures *figures, size_t kind)
{
    return reports_count(figures, kind, class_key);
}

static struct err reports_by_channel(struct case_figures *figures, size_t kind)
{
    return reports_count(figures, kind, channel_key);
}

static struct err reports_by_sector(struct case_figures *figures, size_t kind)
{
    return reports_count(figures, kind, sector_key);
}

/* ---- Incidents ---- */

static bool counts(slice class, enum incident_state state)
{
    return state != INCIDENT_NOT_ONE && state != INCIDENT_DUPLICATE && !slice_starts(class, S("test/"));
}

static struct err incidents_by_class(struct case_figures *figures, size_t kind)
{
    for (size_t i = 0; i < figures->incident_count; i++)
        row_of(figures, kind, figures->incidents[i].class)->cells[0]++;
    return OK;
}

static struct err incidents_by_severity(struct case_figures *figures, size_t kind)
{
    for (size_t i = 0; i < figures->incident_count; i++)
        row_of(figures, kind, slice_of(store_severity_name(figures->incidents[i].severity)))->cells[0]++;
    return OK;
}

static struct err incidents_by_state(struct case_figures *figures, size_t kind)
{
    struct figure_class *rows;
    size_t count;
    TRY(store_figure_classes(figures->db, &figures->span, figures->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (!slice_starts(rows[i].class, S("test/")))
            row_of(figures, kind, slice_of(store_incident_state_name(rows[i].state)))->cells[0] += rows[i].count;
    return OK;
}

static struct err times_count(struct case_figures *figures, size_t kind)
{
    static const enum incident_when ends[] = {
            INCIDENT_ACKNOWLEDGED_AT, INCIDENT_CONTAINED_AT, INCIDENT_RECOVERED_AT, INCIDENT_CLOSED_AT};
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        struct spans spans = {.us = arena_new(figures->arena, int64_t, figures->incident_count + 1)};
        for (size_t j = 0; j < figures->incident_count; j++)
            span_add(&spans, figures->incidents[j].at[INCIDENT_REPORTED_AT], figures->incidents[j].at[ends[i]]);
        spans_write(figures, kind, store_incident_when_name(ends[i]), &spans);
    }
    return OK;
}

/* ---- What they cost ---- */

static struct err loss_add(struct case_figure *row, const struct figure_loss *loss)
{
    row->cells[0]++;
    return __builtin_add_overflow(row->cells[1], loss->low, &row->cells[1]) ||
                           __builtin_add_overflow(row->cells[2], loss->high, &row->cells[2])
                   ? err_make(ERR_LIMIT, "the losses of the month are more than a number holds")
                   : OK;
}

static const struct figure_incident *incident_find(const struct case_figures *figures, int64_t number)
{
    size_t low = 0, high = figures->incident_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (figures->incidents[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < figures->incident_count && figures->incidents[low].number == number ? &figures->incidents[low] : NULL;
}

/* Of each incident and whom it cost something, what was said last; an incident of which nothing, or not all, is known
 * counts as unknown. */
static struct err losses_count(struct case_figures *figures, size_t kind)
{
    struct figure_loss *losses;
    size_t count, unknown = figures->incident_count;
    int64_t told = 0;
    bool whole = false; /* all that was said of the incident `told` is known */
    TRY(store_figure_losses(figures->db, &figures->span, figures->arena, &losses, &count));
    for (size_t i = 0; i < count; i++) {
        const struct figure_loss *loss = &losses[i], *next = i + 1 < count ? loss + 1 : NULL;
        bool known = loss->low != IMPACT_UNKNOWN && loss->high != IMPACT_UNKNOWN;
        if (incident_find(figures, loss->incident) == NULL ||
                (next != NULL && next->incident == loss->incident && next->organisation == loss->organisation))
            continue;
        whole = known && (whole || loss->incident != told);
        told = loss->incident;
        if (known)
            TRY(loss_add(row_of(figures, kind, loss->unit), loss));
        unknown -= whole && (next == NULL || next->incident != loss->incident);
    }
    struct case_figure *row = row_of(figures, kind, S("unknown"));
    row->cells[0] = (int64_t)unknown;
    row->cells[1] = row->cells[2] = CASE_FIGURE_NONE;
    return OK;
}

/* Rates of a later day than these figures are of are none: so they stay what they were. */
static int64_t rates_us(const struct case_figures *figures)
{
    int64_t last_us = figures->span.until_us - 1;
    return figures->told_us < last_us ? figures->told_us : last_us;
}

static struct err together_add(struct case_figures *figures, size_t kind, size_t said, struct case_figure *sum)
{
    const struct plan_rate *rate;
    int64_t cells[CASE_FIGURE_CELLS] = {figures->rows[said].cells[0], CASE_FIGURE_NONE, CASE_FIGURE_NONE};
    slice note = S(W_C("no rate: not in the sum"));
    bool fits = true;
    if (plan_rates_find(figures->rates, figures->rows[said].key, rates_us(figures), &rate)) {
        note = plan_rate_text(figures->rates, rate, figures->arena);
        for (size_t i = 1; i <= 2; i++)
            fits = fits && plan_rate_apply(rate, figures->rows[said].cells[i], &cells[i]) &&
                   !__builtin_add_overflow(sum->cells[i], cells[i], &sum->cells[i]);
        sum->cells[0] += cells[0];
    }
    struct case_figure *row = row_of(figures, kind, figures->rows[said].key);
    memcpy(row->cells, cells, sizeof cells);
    row->note = note;
    return fits ? OK : err_make(ERR_LIMIT, "the losses of the month in one currency are more than a number holds");
}

/* The sum of each currency once more, as one; made of the rows of the kind before it, of which the last is "unknown".
 */
static struct err losses_together(struct case_figures *figures, size_t kind)
{
    struct case_figure sum = {.kind = kind, .key = S("sum"), .note = figures->rates->currency};
    size_t first = figures->count;
    while (first > 0 && figures->rows[first - 1].kind == kind - 1)
        first--;
    size_t unknown = figures->count - 1;
    for (size_t i = first; i < unknown; i++)
        TRY(together_add(figures, kind, i, &sum));
    *row_of(figures, kind, sum.key) = sum;
    struct case_figure *row = row_of(figures, kind, S("unknown"));
    memcpy(row->cells, figures->rows[unknown].cells, sizeof row->cells);
    return OK;
}

/* ---- Duties, take-downs ---- */

enum { MET, LATE, OVERDUE, RUNNING, WAIVED };

static struct err duties_count(struct case_figures *figures, size_t kind)
{
    struct figure_duty *duties;
    size_t count;
    TRY(store_figure_duties(figures->db, &figures->span, figures->arena, &duties, &count));
    for (size_t i = 0; i < count; i++) {
        const struct figure_duty *duty = &duties[i];
        size_t cell = duty->waived                  ? WAIVED
                      : duty->filed_us == TIME_NONE ? (duty->due_us < figures->told_us ? OVERDUE : RUNNING)
                                                    : (duty->filed_us <= duty->due_us ? MET : LATE);
        row_of(figures, kind, duty->rule)->cells[cell]++;
    }
    return OK;
}

static struct err takedowns_count(struct case_figures *figures, size_t kind)
{
    struct figure_takedown *rows;
    size_t count;
    int64_t returned = 0;
    TRY(store_figure_takedowns(figures->db, &figures->span, figures->arena, &rows, &count));
    struct spans asked = {.us = arena_new(figures->arena, int64_t, count + 1)};
    struct spans gone = {.us = arena_new(figures->arena, int64_t, count + 1)};
    for (size_t i = 0; i < count; i++) {
        span_add(&asked, rows[i].reported_us, rows[i].requested_us);
        span_add(&gone, rows[i].requested_us, rows[i].down_us);
        returned += rows[i].returned;
    }
    if (count == 0)
        return OK;
    spans_write(figures, kind, "requested", &asked);
    spans_write(figures, kind, "down", &gone);
    row_of(figures, kind, S("requested"))->cells[4] = CASE_FIGURE_NONE;
    row_of(figures, kind, S("down"))->cells[4] = returned;
    return OK;
}

static struct err risks_count(struct case_figures *figures, size_t kind)
{
    struct figure_risk *rows;
    size_t count;
    TRY(store_figure_risks(figures->db, &figures->span, figures->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        struct case_figure *row = row_of(figures, kind, rows[i].level);
        row->cells[0] = rows[i].count;
        row->cells[1] = rows[i].identified;
    }
    return OK;
}

/* ---- The table ---- */

#define REPORTED                                                                                                       \
    {                                                                                                                  \
        {"reports", W_C("Reports"), CASE_FIGURE_COUNT}, {"merged", W_C("Of these merged"), CASE_FIGURE_COUNT},         \
        {                                                                                                              \
            NULL                                                                                                       \
        }                                                                                                              \
    }
#define OPENED                                                                                                         \
    {                                                                                                                  \
        {"incidents", W_C("Incidents"), CASE_FIGURE_COUNT},                                                            \
        {                                                                                                              \
            NULL                                                                                                       \
        }                                                                                                              \
    }

static const struct case_figure_kind kinds[] = {
        {"reports-by-class", W_C("Reports by class"),
                W_C("Reports that were received in the month, whichever way they came, by the class of RSIT that they "
                    "have now. A report is what somebody tells; several may tell of the same, and most are no "
                    "incident. "
                    "Merged: put to another report."),
                W_C("Class"), REPORTED, reports_by_class},
        {"reports-by-channel", W_C("Reports by the way they came"), W_C("The same reports, by the way they came."),
                W_C("Way"), REPORTED, reports_by_channel},
        {"reports-by-sector", W_C("Reports by sector"),
                W_C("The same reports, by the sector that the organisation has now which told; none: somebody else "
                    "told."),
                W_C("Sector"), REPORTED, reports_by_sector},
        {"incidents-by-class", W_C("Incidents by class"),
                W_C("Incidents of ours that were opened in the month, by the class of RSIT that held at the moment of "
                    "these figures. Without those that turned out to be none or doubles of others; without tests."),
                W_C("Class"), OPENED, incidents_by_class},
        {"incidents-by-severity", W_C("Incidents by severity"),
                W_C("The same incidents, by the severity that they have now."), W_C("Severity"), OPENED,
                incidents_by_severity},
        {"incidents-by-state", W_C("Incidents by state"),
                W_C("All incidents of ours that were opened in the month, also those that turned out to be none or "
                    "doubles, by how far they were at the moment of these figures."),
                W_C("State"), OPENED, incidents_by_state},
        {"times", W_C("How long it took"),
                W_C("Incidents as by class: from when they were reported until somebody took them on, until they were "
                    "contained, until all worked again, until they were closed. Median: half of them took no longer; "
                    "90 %: nine of ten took no longer. Those that are not there yet, or where a time is not known, are "
                    "counted apart."),
                W_C("Until"),
                {{"incidents", W_C("Incidents"), CASE_FIGURE_COUNT}, {"open", W_C("Not yet"), CASE_FIGURE_COUNT},
                        {"median", W_C("Median"), CASE_FIGURE_SPAN}, {"p90", W_C("90 %"), CASE_FIGURE_SPAN}, {NULL}},
                times_count},
        {"duties", W_C("What law demanded"),
                W_C("Clocks of law whose end falls into the month, by their rule. Met: told to whom it has to be told "
                    "in "
                    "time; late: told after it; overdue: not told, and the time is over. Without those that another "
                    "took the place of, and those without an end."),
                W_C("Rule"),
                {{"met", W_C("Met"), CASE_FIGURE_COUNT}, {"late", W_C("Late"), CASE_FIGURE_COUNT},
                        {"overdue", W_C("Overdue"), CASE_FIGURE_COUNT}, {"running", W_C("Running"), CASE_FIGURE_COUNT},
                        {"waived", W_C("Waived"), CASE_FIGURE_COUNT}, {NULL}},
                duties_count},
        {"takedowns", W_C("Take-downs"),
                W_C("Pages that imitate somebody, of which we were first told in the month: from being told until the "
                    "first request to take them down, and from there until they were gone. Came back: gone, and there "
                    "again later."),
                W_C("Until"),
                {{"pages", W_C("Pages"), CASE_FIGURE_COUNT}, {"open", W_C("Not yet"), CASE_FIGURE_COUNT},
                        {"median", W_C("Median"), CASE_FIGURE_SPAN}, {"p90", W_C("90 %"), CASE_FIGURE_SPAN},
                        {"returned", W_C("Came back"), CASE_FIGURE_COUNT}, {NULL}},
                takedowns_count},
        {"loss", W_C("Loss"),
                W_C("Incidents as by class: what they cost, from the least to the most that was reckoned, added up by "
                    "currency; nothing is converted. Of each incident and whom it cost something what was said last. "
                    "Unknown: incidents of which no loss was told, or not all; that is not nought."),
                W_C("Currency"),
                {{"losses", W_C("Losses"), CASE_FIGURE_COUNT}, {"least", W_C("Least"), CASE_FIGURE_MONEY},
                        {"most", W_C("Most"), CASE_FIGURE_MONEY}, {NULL}},
                losses_count},
        {"loss-together", W_C("Loss in one currency"),
                W_C("The same losses told in one currency, which stands beside the sum: the sum of each currency by "
                    "the newest rate of this node that is not after the end of the month, to the nearest hundredth. "
                    "A currency without a rate is not in the sum, and neither is what is unknown."),
                W_C("Currency"),
                {{"losses", W_C("Losses"), CASE_FIGURE_COUNT}, {"least", W_C("Least"), CASE_FIGURE_MONEY},
                        {"most", W_C("Most"), CASE_FIGURE_MONEY}, {NULL}},
                losses_together},
        {"risks-by-level", W_C("Risks by level"),
                W_C("Risks of the register that were not closed at the end of the month, or at the moment of these "
                    "figures, by the level that they had then. To be decided on: neither treated nor accepted."),
                W_C("Level"),
                {{"risks", W_C("Risks"), CASE_FIGURE_COUNT}, {"open", W_C("To be decided on"), CASE_FIGURE_COUNT},
                        {NULL}},
                risks_count},
};

const struct case_figure_kind *case_figure_kind_at(size_t kind)
{
    return kind < COUNT_OF(kinds) ? &kinds[kind] : NULL;
}

int64_t case_figure_value(const struct case_figure *figure, size_t cell)
{
    int64_t value = figure->cells[cell];
    bool span = kinds[figure->kind].cells[cell].unit == CASE_FIGURE_SPAN;
    return value == CASE_FIGURE_NONE || !span ? value : value / SECOND_US;
}

bool case_figure_month(slice text, int64_t *month)
{
    uint64_t year, of_year;
    if (text.len != sizeof "2026-11" - 1 || text.ptr[4] != '-' || !slice_u64(slice_part(text, 0, 4), 9999, &year) ||
            !slice_u64(slice_from(text, 5), 12, &of_year) || year == 0 || of_year == 0)
        return false;
    *month = (int64_t)(year * 12 + of_year - 1);
    return true;
}

/* ---- The whole ---- */

/* In the order of the table; the larger first, of equal ones by their key. */
static int by_kind(const void *a, const void *b)
{
    const struct case_figure *left = a, *right = b;
    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    if (left->cells[0] != right->cells[0])
        return left->cells[0] < right->cells[0] ? 1 : -1;
    return slice_order(left->key, right->key);
}

static struct err span_of(struct db *db, int64_t month, int64_t as_of_us, struct figure_span *span)
{
    *span = (struct figure_span){.from_us = time_month_begins(month) * DAY_US,
            .until_us = time_month_begins(month + 1) * DAY_US,
            .as_of_us = as_of_us};
    for (enum incident_state i = 0; i < INCIDENT_STATES; i++)
        span->acts[i] = case_incident_act(i);
    return store_organisation_own(db, &span->own);
}

static struct err incidents_read(struct case_figures *figures)
{
    struct figure_incident *rows;
    size_t count, kept = 0;
    TRY(store_figure_incidents(figures->db, &figures->span, figures->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (counts(rows[i].class, rows[i].state))
            rows[kept++] = rows[i];
    figures->incidents = rows;
    figures->incident_count = kept;
    return OK;
}

/* One moment for all of them. */
static struct err figures_look(struct db *db, void *context)
{
    struct case_figures *figures = context;
    (void)db;
    TRY(incidents_read(figures));
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        size_t before = figures->count;
        TRY(kinds[i].count(figures, i));
        if (kinds[i].cells[2].name == NULL || kinds[i].count == duties_count)
            qsort(figures->rows + before, figures->count - before, sizeof *figures->rows, by_kind);
    }
    return arena_check(figures->arena);
}

struct err case_figures_of(struct db *db, const struct actor *actor, const struct case_figures_asked *asked,
        struct arena *arena, struct case_figures *figures)
{
    *figures = (struct case_figures){.rows = arena_new(arena, struct case_figure, ROWS_LEAST),
            .db = db,
            .arena = arena,
            .rates = asked->rates,
            .room = ROWS_LEAST};
    TRY(store_right_check(actor, VERB_READ_FIGURES, 0, arena, NULL));
    TRY(span_of(db, asked->month, asked->as_of_us, &figures->span));
    figures->told_us = asked->as_of_us == FIGURE_NOW ? clock_now_us() : asked->as_of_us;
    return db_look(db, figures_look, figures);
}

struct err case_figures_classes(struct db *db, const struct actor *actor, int64_t month, int64_t as_of_us,
        struct arena *arena, struct figure_class **rows, size_t *count)
{
    struct figure_span span;
    size_t all, kept = 0;
    TRY(store_right_check(actor, VERB_READ_FIGURES, 0, arena, NULL));
    TRY(span_of(db, month, as_of_us, &span));
    TRY(store_figure_classes(db, &span, arena, rows, &all));
    for (size_t i = 0; i < all; i++)
        if (counts((*rows)[i].class, (*rows)[i].state))
            (*rows)[kept++] = (*rows)[i];
    *count = kept;
    return OK;
}

/* ---- CSV ---- */

struct err case_figures_csv(const struct case_figures *figures, struct arena *arena, struct buf *out)
{
    slice from = time_text(figures->span.from_us, arena), until = time_text(figures->span.until_us, arena);
    slice as_of = time_text(figures->told_us, arena);
    buf_put(out, S("figure,key,cell,unit,value,from,until,as_of,definition,note\r\n"));
    for (size_t i = 0; i < figures->count; i++) {
        const struct case_figure *row = &figures->rows[i];
        const struct case_figure_kind *kind = &kinds[row->kind];
        for (size_t j = 0; kind->cells[j].name != NULL; j++) {
            const slice before[] = {slice_of(kind->name), row->key, slice_of(kind->cells[j].name),
                    slice_of(units[kind->cells[j].unit])};
            const slice behind[] = {from, until, as_of, slice_of(kind->definition), row->note};
            for (size_t k = 0; k < COUNT_OF(before); k++)
                mail_cell_write(out, before[k], k == 0);
            buf_byte(out, ',');
            if (row->cells[j] != CASE_FIGURE_NONE)
                buf_i64(out, case_figure_value(row, j));
            for (size_t k = 0; k < COUNT_OF(behind); k++)
                mail_cell_write(out, behind[k], false);
            buf_put(out, S("\r\n"));
        }
    }
    return buf_check(out);
}
