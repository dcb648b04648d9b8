/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Figures of casework: those of one month, each table with what it counts, and the incidents of a year by class as a
 * picture with its table. As of a moment, which stands there and makes the same figures again. And the account of one
 * incident, as a file.
 */
#include "case/figures.h"
#include "case/account.h"
#include "case/risk.h"

#include "base/arena.h"
#include "gate/gate.h"
#include "text/number.h"
#include "web/chart.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"
#include "web/warned.h"

#define MONTHS 12 /* of the picture, the last one with them */

/* ---- Which month, as of when ---- */

struct asked {
    int64_t month, as_of_us;
};

static struct err asked_read(struct ask *ask, struct asked *asked)
{
    slice month = ask_query(ask, S("month")), as_of = ask_query(ask, S("as_of"));
    *asked = (struct asked){time_month_of(clock_now_us() / DAY_US), FIGURE_NOW};
    if (month.len > 0 && !case_figure_month(month, &asked->month))
        return err_make(ERR_INPUT, "month: as 2026-11");
    return as_of.len == 0 || time_parse_strict(as_of, &asked->as_of_us)
                   ? OK
                   : err_make(ERR_INPUT, "as_of: a moment as 2026-12-05T00:00:00Z");
}

static slice month_name(struct ask *ask, int64_t month)
{
    return slice_of(arena_printf(ask->arena, "%04d-%02d", (int)(month / 12), (int)(month % 12) + 1));
}

static void write_time(struct ask *ask, const struct asked *asked, const struct case_figures *figures)
{
    json_write_key_text(&ask->json, S("month"), month_name(ask, asked->month));
    json_write_key_text(&ask->json, S("month_text"), chart_month_text(ask, asked->month));
    json_write_key_text(&ask->json, S("before"), month_name(ask, asked->month - 1));
    json_write_key_text(&ask->json, S("behind"), month_name(ask, asked->month + 1));
    page_flag(ask, S("has_before"), asked->month > 12);
    page_flag(ask, S("has_behind"), asked->month < time_month_of(clock_now_us() / DAY_US));
    page_moment(ask, S("as_of"), figures->told_us);
}

static struct err figures_read(struct ask *ask, const struct asked *asked, struct case_figures *figures)
{
    const struct case_figures_asked of = {asked->month, asked->as_of_us, ask->gate->options.parts->rates};
    return case_figures_of(ask->db, &ask->who.actor, &of, ask->arena, figures);
}

/* ---- Words ---- */

static const struct {
    const char *key, *text;
} words[] = {
        {"", W_C("none said")},
        {"mail", W_C("mail")},
        {"form", W_C("form")},
        {"phone", W_C("telephone")},
        {"api", W_C("program")},
        {"event", W_C("event")},
        {"warning", W_C("warning")},
        {"partner", W_C("partner")},
        {"info", W_C("information")},
        {"low", W_C("low")},
        {"medium", W_C("medium")},
        {"high", W_C("high")},
        {"critical", W_C("critical")},
        {"new", W_C("new")},
        {"triaged", W_C("triaged")},
        {"open", W_C("open")},
        {"contained", W_C("contained")},
        {"recovered", W_C("recovered")},
        {"closed", W_C("closed")},
        {"published", W_C("published")},
        {"not-an-incident", W_C("no incident")},
        {"duplicate", W_C("double")},
        {"transferred", W_C("transferred")},
        {"acknowledged", W_C("acknowledged")},
        {"requested", W_C("requested")},
        {"down", W_C("gone")},
        {"unknown", W_C("unknown")},
        {"sum", W_C("all together")},
};

static slice key_text(struct ask *ask, const struct case_figure_kind *kind, slice key)
{
    if (slice_ends(slice_of(kind->name), S("-by-class")) && key.len > 0)
        return warned_class_text(ask, key);
    if (slice_eq(slice_of(kind->name), S("risks-by-level")))
        return case_risk_level_text(key, ask->language);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (slice_eq(key, slice_of(words[i].key)))
            return ask_text(ask, slice_of(words[i].text));
    return warned_word(ask, key);
}

/* "1,234.56", or "1.234,56" in Bahasa Indonesia. */
static void money_write(struct buf *out, int64_t hundredths, enum language language)
{
    number_write(out, (uint64_t)(hundredths / 100), language);
    buf_printf(out, "%c%02d", language == LANGUAGE_INDONESIAN ? ',' : '.', (int)(hundredths % 100));
}

static slice cell_text(struct ask *ask, enum case_figure_unit unit, int64_t value)
{
    struct buf buf = buf_make(256);
    if (value == CASE_FIGURE_NONE)
        buf_put(&buf, S("–"));
    else if (unit == CASE_FIGURE_SPAN)
        moment_span_write(&buf, value, ask->language);
    else if (unit == CASE_FIGURE_MONEY)
        money_write(&buf, value, ask->language);
    else
        number_write(&buf, (uint64_t)value, ask->language);
    slice text = arena_copy(ask->arena, buf_slice(&buf));
    buf_free(&buf);
    return text;
}

/* ---- Tables ---- */

static void write_cell(struct ask *ask, const struct case_figure *row, size_t at)
{
    const struct case_figure_cell *cell = &case_figure_kind_at(row->kind)->cells[at];
    int64_t value = case_figure_value(row, at);
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("name"), slice_of(cell->name));
    json_write_key_text(&ask->json, S("heading"), ask_text(ask, slice_of(cell->heading)));
    json_write_key_text(&ask->json, S("unit"), slice_of(case_figure_unit_name(cell->unit)));
    json_write_key(&ask->json, S("value"));
    if (value == CASE_FIGURE_NONE)
        json_write_null(&ask->json);
    else
        json_write_i64(&ask->json, value);
    json_write_key_text(&ask->json, S("text"), cell_text(ask, cell->unit, row->cells[at]));
    json_write_end(&ask->json);
}

static void write_row(struct ask *ask, const struct case_figure *row)
{
    const struct case_figure_kind *kind = case_figure_kind_at(row->kind);
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("key"), row->key);
    json_write_key_text(&ask->json, S("text"), key_text(ask, kind, row->key));
    json_write_key_text(&ask->json, S("note"), ask_text(ask, row->note));
    json_write_key(&ask->json, S("cells"));
    json_write_array(&ask->json);
    for (size_t i = 0; kind->cells[i].name != NULL; i++)
        write_cell(ask, row, i);
    json_write_end(&ask->json);
    json_write_end(&ask->json);
}

static void write_kind(struct ask *ask, const struct case_figures *figures, size_t at)
{
    const struct case_figure_kind *kind = case_figure_kind_at(at);
    bool any = false;
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("name"), slice_of(kind->name));
    json_write_key_text(&ask->json, S("heading"), ask_text(ask, slice_of(kind->heading)));
    json_write_key_text(&ask->json, S("definition"), ask_text(ask, slice_of(kind->definition)));
    json_write_key_text(&ask->json, S("by"), ask_text(ask, slice_of(kind->by)));
    json_write_key(&ask->json, S("columns"));
    json_write_array(&ask->json);
    for (size_t i = 0; kind->cells[i].name != NULL; i++)
        json_write_text(&ask->json, ask_text(ask, slice_of(kind->cells[i].heading)));
    json_write_end(&ask->json);
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < figures->count; i++)
        if (figures->rows[i].kind == at) {
            write_row(ask, &figures->rows[i]);
            any = true;
        }
    json_write_end(&ask->json);
    page_flag(ask, S("any"), any);
    json_write_end(&ask->json);
}

/* ---- The picture ---- */

static struct err write_chart(struct ask *ask, const struct asked *asked)
{
    struct chart_count *rows = arena_new(ask->arena, struct chart_count, 1);
    size_t count = 0;
    for (int64_t month = asked->month - MONTHS + 1; month <= asked->month; month++) {
        struct figure_class *classes;
        size_t class_count;
        TRY(case_figures_classes(ask->db, &ask->who.actor, month, asked->as_of_us, ask->arena, &classes, &class_count));
        struct chart_count *wider = arena_new(ask->arena, struct chart_count, count + class_count + 1);
        memcpy(wider, rows, count * sizeof *wider);
        rows = wider;
        for (size_t i = 0; i < class_count; i++)
            rows[count++] = (struct chart_count){month, classes[i].class, (uint64_t)classes[i].count};
    }
    chart_write(ask, S("chart"),
            &(struct chart){asked->month - MONTHS + 1, asked->month, chart_month_text, warned_class_text, rows, count});
    return OK;
}

/* ---- The page ---- */

struct err web_figures(struct ask *ask)
{
    struct asked asked;
    struct case_figures figures;
    TRY(asked_read(ask, &asked));
    TRY(figures_read(ask, &asked, &figures));
    page_title(ask, ask_text(ask, W("Figures")));
    write_time(ask, &asked, &figures);
    json_write_key(&ask->json, S("kinds"));
    json_write_array(&ask->json);
    for (size_t i = 0; case_figure_kind_at(i) != NULL; i++)
        write_kind(ask, &figures, i);
    json_write_end(&ask->json);
    return write_chart(ask, &asked);
}

struct err web_figures_csv(struct ask *ask)
{
    struct asked asked;
    struct case_figures figures;
    struct buf out = buf_make(CASE_FIGURES_CSV_MAX);
    TRY(asked_read(ask, &asked));
    TRY(figures_read(ask, &asked, &figures));
    struct err err = case_figures_csv(&figures, ask->arena, &out);
    if (err.kind == ERR_NONE)
        err = shared_download(ask, buf_slice(&out), S("text/csv; charset=utf-8"), "figures.csv");
    buf_free(&out);
    return err;
}

/* ---- The account of one incident ---- */

struct err web_incident_report(struct ask *ask)
{
    enum case_account_form form = CASE_ACCOUNT_HTML;
    slice as = ask_query(ask, S("as"));
    int64_t number;
    TRY(ask_part_number(ask, 0, &number));
    if (as.len > 0 && !case_account_form_find(as, &form))
        return err_make(ERR_INPUT, "as: html, csv or json");
    const char *name = arena_printf(
            ask->arena, "incident-%lld.%s", (long long)number, as.len > 0 ? arena_cstr(ask->arena, as) : "html");
    struct buf out = buf_make(CASE_ACCOUNT_MAX);
    const struct case_account_asked asked = {number, form, ask->language, ask->gate->options.parts->rates};
    struct err err = case_account_write(ask->db, &ask->who.actor, &asked, ask->arena, &out);
    if (err.kind == ERR_NONE)
        err = shared_download(ask, buf_slice(&out), slice_of(case_account_type(form)), name);
    buf_free(&out);
    return err;
}
