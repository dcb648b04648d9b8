/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kentongan figures: casework of a month in numbers, each kind with what it counts. Given the same moment again they
 * are the same again.
 */
#include <inttypes.h>

#include "app/local.h"
#include "app/options.h"
#include "app/person.h"
#include "app/rates.h"
#include "case/figures.h"
#include "json/write.h"

#define ROW_MAX (64u << 10)

struct telling {
    const struct command_line *line;
    const struct case_figures *figures;
    slice from, until, as_of;
};

static void end(struct buf *buf, const char *line_end)
{
    printf("%.*s%s", (int)buf->len, buf->ptr, line_end);
    buf_free(buf);
}

/* ---- JSON: a row with all that it takes to understand it ---- */

static void value_write(struct json_writer *w, int64_t value)
{
    if (value == CASE_FIGURE_NONE)
        json_write_null(w);
    else
        json_write_i64(w, value);
}

static void put_json(const struct telling *telling, const struct case_figure *row)
{
    const struct case_figure_kind *kind = case_figure_kind_at(row->kind);
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    json_write_key_text(&w, S("figure"), slice_of(kind->name));
    json_write_key_text(&w, S("key"), row->key);
    for (size_t i = 0; kind->cells[i].name != NULL; i++) {
        const char *unit = case_figure_unit_name(kind->cells[i].unit);
        bool counts = kind->cells[i].unit == CASE_FIGURE_COUNT;
        json_write_key(&w, slice_of(counts ? kind->cells[i].name
                                           : arena_printf(telling->line->arena, "%s_%s", kind->cells[i].name, unit)));
        value_write(&w, case_figure_value(row, i));
    }
    json_write_key_text(&w, S("from"), telling->from);
    json_write_key_text(&w, S("until"), telling->until);
    json_write_key_text(&w, S("as_of"), telling->as_of);
    json_write_key_text(&w, S("definition"), slice_of(kind->definition));
    json_write_key_text(&w, S("note"), row->note);
    json_write_end(&w);
    end(&buf, "\n");
}

/* ---- Text ---- */

static void put_text(const struct telling *telling, const struct case_figure *row)
{
    static const char *const behind[] = {
            [CASE_FIGURE_COUNT] = "", [CASE_FIGURE_SPAN] = " s", [CASE_FIGURE_MONEY] = "/100"};
    const struct case_figure_kind *kind = case_figure_kind_at(row->kind);
    struct buf buf = buf_make(ROW_MAX);
    (void)telling;
    buf_printf(&buf, "%s\t%.*s", kind->name, (int)row->key.len, row->key.len > 0 ? row->key.ptr : "");
    for (size_t i = 0; kind->cells[i].name != NULL; i++) {
        buf_printf(&buf, "\t%s ", kind->cells[i].name);
        if (case_figure_value(row, i) == CASE_FIGURE_NONE) {
            buf_byte(&buf, '-');
            continue;
        }
        buf_i64(&buf, case_figure_value(row, i));
        buf_put(&buf, slice_of(behind[kind->cells[i].unit]));
    }
    if (row->note.len > 0)
        buf_printf(&buf, "\t%.*s", (int)row->note.len, row->note.ptr);
    end(&buf, "\n");
}

static void put_heads(const struct telling *telling)
{
    printf("# %.*s to %.*s, as of %.*s\n", (int)telling->from.len, telling->from.ptr, (int)telling->until.len,
            telling->until.ptr, (int)telling->as_of.len, telling->as_of.ptr);
    for (size_t i = 0; case_figure_kind_at(i) != NULL; i++)
        printf("# %s: %s\n", case_figure_kind_at(i)->name, case_figure_kind_at(i)->definition);
}

/* ---- The command ---- */

static void put(const struct telling *telling)
{
    bool json = command_flag(telling->line, "json");
    if (!json)
        put_heads(telling);
    for (size_t i = 0; i < telling->figures->count; i++)
        (json ? put_json : put_text)(telling, &telling->figures->rows[i]);
}

static struct err put_csv(const struct telling *telling)
{
    struct buf buf = buf_make(CASE_FIGURES_CSV_MAX);
    struct err err = case_figures_csv(telling->figures, telling->line->arena, &buf);
    if (err.kind == ERR_NONE)
        end(&buf, "");
    else
        buf_free(&buf);
    return err;
}

static struct err show(const struct command_line *line, struct local *local)
{
    struct case_figures figures;
    const char *as_of = command_text(line, "as-of");
    struct case_figures_asked asked = {time_month_of(clock_now_us() / DAY_US), FIGURE_NOW, NULL};
    if (line->file_count > 0 && !case_figure_month(slice_of(line->files[0]), &asked.month))
        return err_format(line->arena, ERR_INPUT, "%s is no month as 2026-11", line->files[0]);
    if (as_of != NULL && !time_parse_strict(slice_of(as_of), &asked.as_of_us))
        return err_format(line->arena, ERR_INPUT, "%s is no moment as 2026-12-05T00:00:00Z (RFC 3339)", as_of);
    TRY(rates_of_node(&local->node.config, line->arena, &asked.rates));
    TRY(case_figures_of(local->db, &local->actor, &asked, line->arena, &figures));
    const struct telling telling = {.line = line,
            .figures = &figures,
            .from = time_text(figures.span.from_us, line->arena),
            .until = time_text(figures.span.until_us, line->arena),
            .as_of = time_text(figures.told_us, line->arena)};
    if (command_flag(line, "csv"))
        return put_csv(&telling);
    put(&telling);
    return OK;
}

static int figures(struct command_line *line)
{
    struct local local;
    if (line->file_count > 1)
        return command_fail(line, err_make(ERR_INPUT, "one month, as `figures 2026-11`"));
    struct err err = local_open(line, &local);
    if (err.kind != ERR_NONE)
        return command_fail(line, err);
    err = person_enter(line, &local);
    if (err.kind == ERR_NONE)
        err = show(line, &local);
    local_close(&local);
    if (err.kind == ERR_NONE && !command_written())
        err = err_errno(line->arena, "standard output");
    return err.kind == ERR_NONE ? 0 : command_fail(line, err);
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTION_PERSON,
        {0, "as-of", "TIME", "As it stood at that moment (default: as it stands)"},
        {0, "csv", NULL, "Answer as CSV"},
        OPTION_JSON,
};

const struct command command_figures = {
        .name = "figures",
        .arguments = "[MONTH]",
        .about = "Reports, incidents, duties, take-downs and losses of a month, each with what it counts",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = figures,
};
