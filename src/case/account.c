/* SPDX-License-Identifier: Apache-2.0 */
#include "case/account.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/observable.h"
#include "case/evidence.h"
#include "desk/words.h"
#include "store/duty.h"
#include "store/journal.h"
#include "store/organisation.h"
#include "store/report.h"
#include "store/task.h"
#include "text/mail.h"
#include "text/moment.h"
#include "text/mustache.h"
#include "text/shown.h"
#include "json/read.h"
#include "json/write.h"

#define COLUMNS 8
#define ROWS_LEAST 32

enum column_kind {
    TEXT,
    MOMENT,
    VALUE, /* the column before it has its type */
    WORD,  /* one of ours: people read it in their language */
};

struct column {
    const char *name, *heading; /* name: NULL behind the last */
    enum column_kind kind;
};

struct row {
    slice cells[COLUMNS];
    int64_t us; /* of the timeline: by which it is ordered */
};

struct account {
    struct db *db;
    const struct actor *actor;
    struct arena *arena;
    const struct incident *incident;
    const struct plan_rates *rates;
    enum language language;
    struct row *rows; /* of the section at hand */
    size_t count, room;
};

/* ---- Rows ---- */

static slice number(int64_t value, struct arena *arena)
{
    return slice_of(arena_printf(arena, "%" PRId64, value));
}

static struct row *row_add(struct account *account)
{
    if (account->count == account->room) {
        size_t room = account->room == 0 ? ROWS_LEAST : 2 * account->room;
        struct row *wider = arena_new(account->arena, struct row, room);
        if (account->count > 0)
            memcpy(wider, account->rows, account->count * sizeof *wider);
        account->rows = wider;
        account->room = room;
    }
    return &account->rows[account->count++];
}

static void put(struct account *account, const slice *cells, size_t count)
{
    struct row *row = row_add(account);
    memcpy(row->cells, cells, count * sizeof *cells);
}

#define PUT(account, ...)                                                                                              \
    put((account), (const slice[]){__VA_ARGS__}, sizeof((const slice[]){__VA_ARGS__}) / sizeof(slice))

static slice said(const struct account *account, const char *text)
{
    return catalogue_text(catalogue_of(account->language), slice_of(text));
}

static slice name_of(struct account *account, int64_t organisation)
{
    struct organisation row;
    struct err err = store_organisation_get(account->db, organisation, account->arena, &row);
    return err.kind == ERR_NONE ? row.name : S("");
}

/* ---- The sections ---- */

static struct err facts_read(struct account *account)
{
    const struct incident *row = account->incident;
    const struct {
        const char *name, *heading;
        slice text;
    } facts[] = {
            {"number", W_C("Number"), number(row->number, account->arena)},
            {"identity", W_C("STIX id"), row->identity},
            {"state", W_C("State"), slice_of(store_incident_state_name(row->state))},
            {"class", W_C("Class (RSIT)"), row->class},
            {"local_class", W_C("More exactly"), row->local_class},
            {"severity", W_C("Severity"), slice_of(store_severity_name(row->severity))},
            {"criticality", W_C("Criticality, of 100"), number(row->criticality, account->arena)},
            {"determination", W_C("Determination"), row->determination},
            {"sector", W_C("Sector"), row->sector},
            {"vital", W_C("Vital information infrastructure"), row->vital ? S("yes") : S("no")},
            {"personal_data", W_C("Personal data"), row->personal_data ? S("yes") : S("no")},
            {"flags", W_C("Marked as"), row->flags},
            {"assets", W_C("Classes of assets that it hit"), row->assets},
    };
    for (size_t i = 0; i < COUNT_OF(facts); i++)
        if (facts[i].text.len > 0)
            PUT(account, slice_of(facts[i].name), said(account, facts[i].heading), facts[i].text);
    return OK;
}

static struct err times_read(struct account *account)
{
    static const char *const words[INCIDENT_WHENS] = {W_C("Occurred"), W_C("Detected"), W_C("We know of it since"),
            W_C("Reported"), W_C("Acknowledged"), W_C("Contained"), W_C("Recovered"), W_C("Closed")};
    for (enum incident_when i = 0; i < INCIDENT_WHENS; i++)
        PUT(account, slice_of(store_incident_when_name(i)), said(account, words[i]),
                time_text(account->incident->at[i], account->arena));
    return OK;
}

static struct err parties_read(struct account *account)
{
    struct party *rows;
    size_t count;
    TRY(store_party_list(account->db, account->incident->number, account->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        PUT(account, slice_of(store_party_role_name(rows[i].role)), rows[i].name,
                time_text(rows[i].since_us, account->arena), time_text(rows[i].until_us, account->arena), rows[i].why);
    return OK;
}

static struct err reports_read(struct account *account)
{
    struct report *rows;
    size_t count;
    int64_t after = 0;
    do {
        TRY(store_report_of_incident(
                account->db, account->incident->number, after, STORE_PAGE_MAX, account->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            after = rows[i].number;
            PUT(account, number(rows[i].number, account->arena), rows[i].reference,
                    slice_of(store_report_channel_name(rows[i].channel)),
                    time_text(rows[i].received_us, account->arena), slice_of(store_report_state_name(rows[i].state)),
                    rows[i].subject);
        }
    } while (count == STORE_PAGE_MAX);
    return OK;
}

static struct err observables_read(struct account *account)
{
    struct incident_observable *rows;
    size_t count;
    TRY(store_incident_observables(account->db, account->incident->number, account->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        PUT(account, rows[i].type, rows[i].value, time_text(rows[i].added_us, account->arena), rows[i].actor,
                number(rows[i].others, account->arena));
    return OK;
}

/* Money as it is written: hundredths behind a point. Unknown is a word, never nought. */
static slice amount(int64_t value, slice unit, struct arena *arena)
{
    if (value == IMPACT_UNKNOWN)
        return S("unknown");
    return unit.len == 0 ? number(value, arena)
                         : slice_of(arena_printf(arena, "%" PRId64 ".%02d", value / 100, (int)(value % 100)));
}

static struct err impacts_read(struct account *account)
{
    struct impact *rows;
    size_t count;
    TRY(store_impact_list(account->db, account->incident->number, account->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        PUT(account, rows[i].kind, amount(rows[i].low, rows[i].unit, account->arena),
                amount(rows[i].high, rows[i].unit, account->arena), rows[i].unit, rows[i].basis, rows[i].confidence,
                rows[i].organisation == 0 ? S("") : name_of(account, rows[i].organisation),
                time_text(rows[i].at_us, account->arena));
    return OK;
}

/* What was said last of each to whom it cost something; the same rule as that of the figures (case/figures.h). */
static bool is_last(const struct impact *rows, size_t count, size_t at)
{
    for (size_t i = at + 1; i < count; i++)
        if (slice_eq(rows[i].kind, rows[at].kind) && rows[i].organisation == rows[at].organisation)
            return false;
    return slice_eq(rows[at].kind, S("loss"));
}

/* Rates of the end of the month in which it was opened, so that the figures of that month say the same. */
static int64_t rates_us(const struct account *account)
{
    int64_t month = time_month_of(account->incident->opened_us / DAY_US), now_us = clock_now_us();
    int64_t last_us = time_month_begins(month + 1) * DAY_US - 1;
    return now_us < last_us ? now_us : last_us;
}

struct told {
    int64_t low, high;
    bool whole; /* nothing is missing in it */
};

static struct err loss_put(struct account *account, const struct impact *row, struct told *sum)
{
    const struct plan_rate *rate;
    slice whom = row->organisation == 0 ? S("") : name_of(account, row->organisation), unit = account->rates->currency;
    int64_t low = IMPACT_UNKNOWN, high = IMPACT_UNKNOWN;
    bool known = row->low != IMPACT_UNKNOWN && row->high != IMPACT_UNKNOWN, fits = true;
    bool rated = known && plan_rates_find(account->rates, row->unit, rates_us(account), &rate);
    sum->whole = sum->whole && rated;
    if (rated)
        fits = plan_rate_apply(rate, row->low, &low) && plan_rate_apply(rate, row->high, &high) &&
               !__builtin_add_overflow(sum->low, low, &sum->low) &&
               !__builtin_add_overflow(sum->high, high, &sum->high);
    slice by = rated   ? plan_rate_text(account->rates, rate, account->arena)
               : known ? S(W_C("no rate: not in the sum"))
                       : S("");
    PUT(account, whom, known ? row->unit : S(""), amount(low, unit, account->arena), amount(high, unit, account->arena),
            unit, by);
    return fits ? OK : err_make(ERR_LIMIT, "the losses of the incident are more than a number holds");
}

/* In one currency, and the sum of it where there are several; what has no rate, or is not known, is not in it. */
static struct err losses_read(struct account *account)
{
    struct impact *rows;
    struct told sum = {.whole = true};
    size_t count;
    TRY(store_impact_list(account->db, account->incident->number, account->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (is_last(rows, count, i))
            TRY(loss_put(account, &rows[i], &sum));
    slice unit = account->rates->currency;
    if (account->count > 1)
        PUT(account, S(W_C("all together")), S(""), amount(sum.low, unit, account->arena),
                amount(sum.high, unit, account->arena), unit,
                sum.whole ? S("") : S(W_C("without what is not known or has no rate")));
    return OK;
}

static struct err scales_read(struct account *account)
{
    struct scale_level *rows;
    size_t count;
    TRY(store_scale_list(account->db, account->incident->number, account->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        PUT(account, rows[i].scale, rows[i].level, time_text(rows[i].from_us, account->arena), rows[i].actor,
                rows[i].why);
    return OK;
}

static struct err classes_read(struct account *account)
{
    struct incident_class *rows;
    size_t count;
    TRY(store_incident_classes(account->db, account->incident->number, account->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        PUT(account, time_text(rows[i].from_us, account->arena), rows[i].class, rows[i].local_class, rows[i].actor,
                rows[i].why);
    return OK;
}

static struct err changes_read(struct account *account)
{
    struct incident_time *rows;
    size_t count;
    TRY(store_incident_times(account->db, account->incident->number, account->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        PUT(account, time_text(rows[i].changed_us, account->arena), slice_of(store_incident_when_name(rows[i].what)),
                time_text(rows[i].before_us, account->arena), time_text(rows[i].after_us, account->arena),
                rows[i].proposer, rows[i].actor, rows[i].why);
    return OK;
}

static struct err tasks_read(struct account *account)
{
    struct task *rows;
    size_t count;
    TRY(store_task_list(account->db, account->incident->number, account->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        PUT(account, number(rows[i].number, account->arena), rows[i].title, name_of(account, rows[i].organisation),
                slice_of(store_task_state_name(rows[i].state)), time_text(rows[i].due_us, account->arena),
                time_text(rows[i].done_us, account->arena), rows[i].result);
    return OK;
}

static struct err duties_read(struct account *account)
{
    struct duty *rows;
    size_t count;
    TRY(store_duty_list(account->db, account->incident->number, account->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        PUT(account, rows[i].rule, name_of(account, rows[i].organisation), rows[i].recipient,
                slice_of(store_duty_state_name(rows[i].state)), time_text(rows[i].due_us, account->arena),
                time_text(rows[i].filed_us, account->arena), rows[i].reference, rows[i].why);
    return OK;
}

/* Only for who may verify evidence; for others the section is not there. */
static struct err evidence_read(struct account *account)
{
    struct evidence *rows;
    size_t count;
    int64_t after = 0;
    if (store_right_check(account->actor, VERB_VERIFY_EVIDENCE, 0, account->arena, NULL).kind != ERR_NONE)
        return OK;
    do {
        TRY(store_evidence_list(
                account->db, account->incident->number, after, STORE_PAGE_MAX, account->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            after = rows[i].number;
            PUT(account, number(rows[i].number, account->arena), rows[i].name, rows[i].what,
                    time_text(rows[i].acquired_us, account->arena), rows[i].person,
                    arena_hex(account->arena, rows[i].digest), rows[i].seal.len == 0 ? S("destroyed") : S("sealed"));
        }
    } while (count == STORE_PAGE_MAX);
    return OK;
}

static struct err links_read(struct account *account)
{
    struct incident_link *rows;
    size_t count;
    TRY(store_incident_links(account->db, account->incident->number, account->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        PUT(account, rows[i].kind, number(rows[i].other, account->arena), rows[i].title, rows[i].actor);
    return OK;
}

/* ---- The timeline ---- */

static void event_put(struct account *account, int64_t us, slice kind, slice text, slice actor, slice source)
{
    struct row *row = row_add(account);
    const slice cells[] = {time_text(us, account->arena), kind, text, actor, source};
    memcpy(row->cells, cells, sizeof cells);
    row->us = us;
}

/* What somebody thinks is said before why. */
static slice entry_text(const struct incident_entry *row, struct arena *arena)
{
    if (row->kind != ENTRY_OPINION || row->text.len == 0)
        return row->kind == ENTRY_OPINION ? row->opinion : row->text;
    return slice_of(arena_printf(
            arena, "%.*s: %.*s", (int)row->opinion.len, row->opinion.ptr, (int)row->text.len, row->text.ptr));
}

static struct err entries_add(struct account *account)
{
    struct incident_entry *rows;
    size_t count, all = 0;
    int64_t us = INT64_MIN, after = 0;
    do {
        TRY(store_entry_list(
                account->db, account->incident->number, us, after, STORE_PAGE_MAX, account->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            us = rows[i].happened_us;
            after = rows[i].number;
            if (rows[i].withdrawn_us != TIME_NONE) /* whoever reads the account need not read what was taken back */
                continue;
            event_put(account, us, slice_of(store_entry_kind_name(rows[i].kind)), entry_text(&rows[i], account->arena),
                    rows[i].actor, rows[i].source);
        }
        all += count;
        if (all > CASE_ACCOUNT_ENTRIES_MAX)
            return err_format(
                    account->arena, ERR_LIMIT, "an account tells of %d entries at the most", CASE_ACCOUNT_ENTRIES_MAX);
    } while (count == STORE_PAGE_MAX);
    return OK;
}

/* "field: severity, value: high": what a row of the journal says beside its act. */
static slice detail_text(slice detail, struct arena *arena)
{
    struct json_members members = json_members(detail);
    struct buf out = buf_make(2 * WORK_DETAIL_MAX);
    slice key, value;
    while (json_member_next(&members, &key, &value)) {
        if (json_kind(value) != JSON_STRING)
            continue;
        buf_put(&out, out.len > 0 ? S(", ") : S(""));
        buf_put(&out, json_unescape(key, arena));
        buf_put(&out, S(": "));
        buf_put(&out, json_text(value, arena));
    }
    slice text = arena_copy(arena, buf_slice(&out));
    buf_free(&out);
    return text;
}

static struct err news_add(struct account *account)
{
    slice subject = slice_of(arena_printf(account->arena, CASE_SUBJECT "/%" PRId64, account->incident->number));
    struct journal_row *rows;
    size_t count, all = 0;
    int64_t before = INT64_MAX;
    do {
        TRY(store_journal_about(account->db, subject, before, STORE_PAGE_MAX, account->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            before = rows[i].seq;
            event_put(account, rows[i].time_us, rows[i].act, detail_text(rows[i].detail, account->arena), rows[i].actor,
                    S("journal"));
        }
        all += count;
        if (all > CASE_ACCOUNT_NEWS_MAX)
            return err_format(account->arena, ERR_LIMIT, "an account tells of %d rows of the journal at the most",
                    CASE_ACCOUNT_NEWS_MAX);
    } while (count == STORE_PAGE_MAX);
    return OK;
}

static int by_time(const void *a, const void *b)
{
    const struct row *left = a, *right = b;
    if (left->us != right->us)
        return left->us < right->us ? -1 : 1;
    return slice_order(left->cells[1], right->cells[1]);
}

static struct err timeline_read(struct account *account)
{
    TRY(entries_add(account));
    TRY(news_add(account));
    if (account->count > 0)
        qsort(account->rows, account->count, sizeof *account->rows, by_time);
    return OK;
}

/* ---- The table ---- */

#define END                                                                                                            \
    {                                                                                                                  \
        NULL                                                                                                           \
    }

static const struct section {
    const char *name, *heading;
    struct column columns[COLUMNS + 1];
    struct err (*read)(struct account *account);
} sections[] = {
        {"facts", W_C("What it is"), {{"name", NULL}, {"heading", W_C("What")}, {"value", W_C("Value"), WORD}, END},
                facts_read},
        {"times", W_C("When it was what"),
                {{"name", NULL}, {"heading", W_C("What")}, {"time", W_C("When"), MOMENT}, END}, times_read},
        {"parties", W_C("Who has to do with it"),
                {{"role", W_C("Role"), WORD}, {"organisation", W_C("Organisation")}, {"since", W_C("Since"), MOMENT},
                        {"until", W_C("Until"), MOMENT}, {"why", W_C("Why")}, END},
                parties_read},
        {"reports", W_C("Reports"),
                {{"number", W_C("Number")}, {"reference", W_C("Reference")}, {"channel", W_C("Way"), WORD},
                        {"received", W_C("Received"), MOMENT}, {"state", W_C("State"), WORD},
                        {"subject", W_C("Subject")}, END},
                reports_read},
        {"observables", W_C("What was seen"),
                {{"type", W_C("Type")}, {"value", W_C("Value"), VALUE}, {"added", W_C("Added"), MOMENT},
                        {"actor", W_C("By whom")}, {"others", W_C("Other incidents")}, END},
                observables_read},
        {"impacts", W_C("What it costs"),
                {{"kind", W_C("Kind")}, {"least", W_C("Least"), WORD}, {"most", W_C("Most"), WORD},
                        {"currency", W_C("Currency")}, {"basis", W_C("Basis")}, {"confidence", W_C("Confidence"), WORD},
                        {"organisation", W_C("To whom")}, {"at", W_C("When"), MOMENT}, END},
                impacts_read},
        {"losses", W_C("Losses in one currency"),
                {{"organisation", W_C("To whom"), WORD}, {"said_in", W_C("Said in")}, {"least", W_C("Least"), WORD},
                        {"most", W_C("Most"), WORD}, {"currency", W_C("Currency")}, {"rate", W_C("Rate"), WORD}, END},
                losses_read},
        {"scales", W_C("On the scales of others"),
                {{"scale", W_C("Scale")}, {"level", W_C("Level")}, {"from", W_C("Since"), MOMENT},
                        {"actor", W_C("By whom")}, {"why", W_C("Why")}, END},
                scales_read},
        {"classes", W_C("Classes that it had"),
                {{"from", W_C("Since"), MOMENT}, {"class", W_C("Class")}, {"local_class", W_C("More exactly")},
                        {"actor", W_C("By whom")}, {"why", W_C("Why")}, END},
                classes_read},
        {"changes", W_C("Times that were changed"),
                {{"changed", W_C("When"), MOMENT}, {"what", W_C("What")}, {"before", W_C("Before"), MOMENT},
                        {"after", W_C("After"), MOMENT}, {"proposer", W_C("Proposed by")}, {"actor", W_C("By whom")},
                        {"why", W_C("Why")}, END},
                changes_read},
        {"tasks", W_C("Tasks"),
                {{"number", W_C("Number")}, {"title", W_C("What")}, {"organisation", W_C("Organisation")},
                        {"state", W_C("State"), WORD}, {"due", W_C("Until"), MOMENT}, {"done", W_C("Done"), MOMENT},
                        {"result", W_C("Result")}, END},
                tasks_read},
        {"duties", W_C("What law demanded"),
                {{"rule", W_C("Rule")}, {"organisation", W_C("Who")}, {"recipient", W_C("To whom")},
                        {"state", W_C("State"), WORD}, {"due", W_C("Until"), MOMENT}, {"filed", W_C("Filed"), MOMENT},
                        {"reference", W_C("Reference")}, {"why", W_C("Why")}, END},
                duties_read},
        {"evidence", W_C("Evidence"),
                {{"number", W_C("Number")}, {"name", W_C("Name")}, {"what", W_C("What")},
                        {"acquired", W_C("Acquired"), MOMENT}, {"person", W_C("By whom")}, {"sha256", "SHA-256"},
                        {"state", W_C("State"), WORD}, END},
                evidence_read},
        {"links", W_C("Other incidents"),
                {{"kind", W_C("Kind")}, {"other", W_C("Number")}, {"title", W_C("Title")}, {"actor", W_C("By whom")},
                        END},
                links_read},
        {"timeline", W_C("Timeline"),
                {{"time", W_C("When"), MOMENT}, {"kind", W_C("Kind")}, {"text", W_C("What")}, {"actor", W_C("By whom")},
                        {"source", W_C("From where")}, END},
                timeline_read},
};

static struct err section_read(struct account *account, const struct section *section)
{
    account->rows = NULL;
    account->count = account->room = 0;
    TRY(section->read(account));
    return arena_check(account->arena);
}

/* ---- As a page for print ---- */

/* Colours as FIRST has them for TLP 2.0, on black. */
static const struct {
    const char *label, *colour;
} markings[] = {{"TLP:CLEAR", "#fff"}, {"TLP:GREEN", "#3f0"}, {"TLP:AMBER", "#ffc000"}, {"TLP:AMBER+STRICT", "#ffc000"},
        {"TLP:RED", "#ff2b2b"}};

/* The marking stands on each sheet. Nothing may stand under it: all is one row of a table, whose empty head and foot
 * are repeated on each sheet, too (CSS 2.2 section 17.2). */
#define STYLE                                                                                                          \
    "@page{margin:15mm}"                                                                                               \
    "body{font:10pt/1.35 \"Liberation Sans\",Arial,sans-serif;color:#000;margin:0}"                                    \
    "h1{font-size:17pt;margin:0 0 2mm}h2{font-size:12pt;margin:6mm 0 1mm;break-after:avoid}"                           \
    "p{margin:0 0 2mm}table{border-collapse:collapse;width:100%}thead{display:table-header-group}"                     \
    "tfoot{display:table-footer-group}"                                                                                \
    "tr{break-inside:avoid}th,td{border:.2mm solid #888;padding:.8mm 1.2mm;text-align:left;vertical-align:top;"        \
    "overflow-wrap:anywhere;white-space:pre-line}th{background:#eee;overflow-wrap:normal}"                             \
    ".sheet>*>tr{break-inside:auto}.sheet>*>tr>td{border:0;padding:0;white-space:normal}"                              \
    ".sheet>thead td,.sheet>tfoot td{height:10mm}"                                                                     \
    ".tlp{position:fixed;right:0;margin:0;background:#000;font:bold 12pt sans-serif;padding:1mm 2mm;"                  \
    "print-color-adjust:exact;-webkit-print-color-adjust:exact}.head{top:0}.foot{bottom:0}"
#define SHEET_BEGIN                                                                                                    \
    "<table class=\"sheet\" role=\"presentation\"><thead><tr><td></td></tr></thead><tfoot><tr><td></td></tr></tfoot>"  \
    "<tbody><tr><td>\n"
#define SHEET_END "</td></tr></tbody></table>\n"

static void escaped(struct buf *out, slice text, bool lines)
{
    struct buf shown = buf_make(CASE_ACCOUNT_MAX);
    shown_text_write(&shown, text, lines);
    mustache_escape(buf_slice(&shown), out);
    out->full |= shown.full;
    buf_free(&shown);
}

static void moment_put(const struct account *account, struct buf *out, slice text)
{
    int64_t us;
    struct buf shown = buf_make(256);
    if (time_parse_strict(text, &us)) {
        moment_write(&shown, us, ZONE_JAKARTA, account->language);
        buf_put(&shown, S(" / "));
        moment_write(&shown, us, ZONE_UTC, account->language);
    }
    mustache_escape(buf_slice(&shown), out);
    buf_free(&shown);
}

static void value_put(struct buf *out, slice type, slice value)
{
    struct buf shown = buf_make(8 * STORE_TEXT_MAX);
    shown_value_write(&shown, observable_type_find(type), value);
    mustache_escape(buf_slice(&shown), out);
    out->full |= shown.full;
    buf_free(&shown);
}

static void cell_put(const struct account *account, const struct section *section, const struct row *row, size_t column,
        struct buf *out)
{
    buf_put(out, S("<td>"));
    if (section->columns[column].kind == MOMENT)
        moment_put(account, out, row->cells[column]);
    else if (section->columns[column].kind == VALUE)
        value_put(out, row->cells[column - 1], row->cells[column]);
    else if (section->columns[column].kind == WORD)
        mustache_escape(catalogue_text(catalogue_of(account->language), row->cells[column]), out);
    else
        escaped(out, row->cells[column], true);
    buf_put(out, S("</td>"));
}

/* A section without rows is left out; a column without a heading is for programs. */
static void section_html(const struct account *account, const struct section *section, struct buf *out)
{
    if (account->count == 0)
        return;
    buf_put(out, S("<h2>"));
    mustache_escape(said(account, section->heading), out);
    buf_put(out, S("</h2>\n<table><thead><tr>"));
    for (size_t i = 0; section->columns[i].name != NULL; i++) {
        if (section->columns[i].heading == NULL)
            continue;
        buf_put(out, S("<th scope=\"col\">"));
        mustache_escape(said(account, section->columns[i].heading), out);
        buf_put(out, S("</th>"));
    }
    buf_put(out, S("</tr></thead><tbody>\n"));
    for (size_t i = 0; i < account->count; i++) {
        buf_put(out, S("<tr>"));
        for (size_t j = 0; section->columns[j].name != NULL; j++)
            if (section->columns[j].heading != NULL)
                cell_put(account, section, &account->rows[i], j, out);
        buf_put(out, S("</tr>\n"));
    }
    buf_put(out, S("</tbody></table>\n"));
}

static void label_put(const struct account *account, const char *where, struct buf *out)
{
    const char *colour = "#ff2b2b";
    for (size_t i = 0; i < COUNT_OF(markings); i++)
        if (slice_eq(account->incident->marking, slice_of(markings[i].label)))
            colour = markings[i].colour;
    buf_printf(out, "<p class=\"tlp %s\" style=\"color:%s\">", where, colour);
    mustache_escape(account->incident->marking, out);
    buf_put(out, S("</p>\n"));
}

static void html_begin(const struct account *account, struct buf *out)
{
    buf_printf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
            language_tag(account->language));
    buf_put(out, S("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                   "'unsafe-inline'\">\n<title>"));
    escaped(out, account->incident->title, false);
    buf_put(out, S("</title>\n<style>" STYLE "</style>\n</head>\n<body>\n"));
    label_put(account, "head", out);
    label_put(account, "foot", out);
    buf_put(out, S(SHEET_BEGIN "<h1>"));
    escaped(out, account->incident->title, false);
    buf_put(out, S("</h1>\n<p>"));
    mustache_escape(said(account, W_C("Account of an incident, as of")), out);
    buf_byte(out, ' ');
    moment_put(account, out, time_text(clock_now_us(), account->arena));
    buf_put(out, S("</p>\n"));
}

static struct err html_write(struct account *account, struct buf *out)
{
    html_begin(account, out);
    for (size_t i = 0; i < COUNT_OF(sections); i++) {
        TRY(section_read(account, &sections[i]));
        section_html(account, &sections[i], out);
    }
    buf_put(out, S(SHEET_END "</body>\n</html>\n"));
    return OK;
}

/* ---- As JSON, and the timeline as CSV ---- */

static void cell_json(struct json_writer *w, const struct column *column, slice cell)
{
    json_write_key(w, slice_of(column->name));
    if (column->kind == MOMENT && cell.len == 0)
        json_write_null(w);
    else
        json_write_text(w, cell);
}

static struct err json_write(struct account *account, struct buf *out)
{
    struct json_writer w = json_writer(out);
    json_write_object(&w);
    json_write_key_text(&w, S("title"), account->incident->title);
    json_write_key_text(&w, S("marking"), account->incident->marking);
    json_write_key_text(&w, S("as_of"), time_text(clock_now_us(), account->arena));
    for (size_t i = 0; i < COUNT_OF(sections); i++) {
        TRY(section_read(account, &sections[i]));
        json_write_key(&w, slice_of(sections[i].name));
        json_write_array(&w);
        for (size_t j = 0; j < account->count; j++) {
            json_write_object(&w);
            for (size_t k = 0; sections[i].columns[k].name != NULL; k++)
                cell_json(&w, &sections[i].columns[k], account->rows[j].cells[k]);
            json_write_end(&w);
        }
        json_write_end(&w);
    }
    json_write_end(&w);
    buf_byte(out, '\n');
    return OK;
}

static struct err csv_write(struct account *account, struct buf *out)
{
    const struct section *timeline = &sections[COUNT_OF(sections) - 1];
    TRY(section_read(account, timeline));
    for (size_t i = 0; timeline->columns[i].name != NULL; i++)
        mail_cell_write(out, slice_of(timeline->columns[i].name), i == 0);
    buf_put(out, S("\r\n"));
    for (size_t i = 0; i < account->count; i++) {
        for (size_t j = 0; timeline->columns[j].name != NULL; j++)
            mail_cell_write(out, account->rows[i].cells[j], j == 0);
        buf_put(out, S("\r\n"));
    }
    return OK;
}

/* ---- The account ---- */

static const struct {
    const char *name, *type;
    struct err (*write)(struct account *account, struct buf *out);
} forms[CASE_ACCOUNT_FORMS] = {
        [CASE_ACCOUNT_HTML] = {"html", "text/html; charset=utf-8", html_write},
        [CASE_ACCOUNT_CSV] = {"csv", "text/csv; charset=utf-8", csv_write},
        [CASE_ACCOUNT_JSON] = {"json", "application/json", json_write},
};

bool case_account_form_find(slice name, enum case_account_form *form)
{
    for (enum case_account_form i = 0; i < CASE_ACCOUNT_FORMS; i++)
        if (slice_eq(name, slice_of(forms[i].name))) {
            *form = i;
            return true;
        }
    return false;
}

const char *case_account_type(enum case_account_form form)
{
    return forms[form].type;
}

struct looking {
    struct account account;
    struct incident row;
    const struct case_account_asked *asked;
    struct buf *out;
};

/* All of it as it was at one moment. */
static struct err account_look(struct db *db, void *context)
{
    struct looking *looking = context;
    struct account *account = &looking->account;
    enum case_sight sight;
    buf_reset(looking->out);
    TRY(store_incident_get(db, looking->asked->incident, account->arena, &looking->row));
    TRY(case_sees(db, account->actor, &looking->row, account->arena, &sight));
    if (sight != CASE_ALL)
        return err_make(ERR_MISSING, "there is no such incident");
    account->incident = &looking->row;
    TRY(forms[looking->asked->form].write(account, looking->out));
    return buf_check(looking->out);
}

struct err case_account_write(struct db *db, const struct actor *actor, const struct case_account_asked *asked,
        struct arena *arena, struct buf *out)
{
    struct looking looking = {
            .account = {.db = db, .actor = actor, .arena = arena, .rates = asked->rates, .language = asked->language},
            .asked = asked,
            .out = out};
    return db_look(db, account_look, &looking);
}
