/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan pattern: is this STIX pattern true of that observed data, and by which observations? */
#include <inttypes.h>

#include "app/command.h"
#include "input/input.h"
#include "stix/evaluate.h"
#include "stix/observed.h"
#include "json/check.h"
#include "json/write.h"

#define OBSERVED_TEXT_MAX ((size_t)1 << 30)
#define WORK_MAX ((size_t)4 << 30) /* a document at its ceiling of bytes and objects, and a pattern at its own */
#define STEPS_MOST (UINT64_C(1) << 50)
#define ANSWER_MAX ((size_t)1 << 30)

struct asking {
    const struct command_line *line;
    struct arena *arena;
    const char *file;
    uint64_t steps;
};

/* An observation is named by its id, or by its place among the others. */
static slice name_of(const struct stix_observed *observed, size_t row, struct arena *arena)
{
    slice id = observed->rows[row].id;
    return id.len > 0 ? id : slice_of(arena_printf(arena, "observation %zu", row + 1));
}

/* Text from outside is quoted, as everywhere: what is not printable is escaped. */
static void write_text(
        const struct stix_observed *observed, const struct stix_verdict *verdict, struct arena *arena, struct buf *out)
{
    buf_put(out, verdict->match ? S("match") : S("no match"));
    for (size_t i = 0; i < verdict->used_count; i++) {
        struct json_writer w = json_writer(out);
        buf_put(out, i == 0 ? S(": ") : S(", "));
        json_write_text(&w, name_of(observed, verdict->used[i], arena));
    }
}

static void write_json(const struct stix_observed *observed, const struct stix_verdict *verdict, uint64_t steps,
        struct arena *arena, struct buf *out)
{
    struct json_writer w = json_writer(out);
    json_write_object(&w);
    json_write_key(&w, S("match"));
    json_write_bool(&w, verdict->match);
    json_write_key(&w, S("observations"));
    json_write_array(&w);
    for (size_t i = 0; i < verdict->used_count; i++)
        json_write_text(&w, name_of(observed, verdict->used[i], arena));
    json_write_end(&w);
    json_write_key_u64(&w, S("observed"), observed->count);
    json_write_key_u64(&w, S("steps"), steps);
    json_write_end(&w);
}

static struct err print(const struct asking *asking, const struct stix_observed *observed,
        const struct stix_verdict *verdict, uint64_t steps)
{
    struct buf out = buf_make(ANSWER_MAX);
    if (command_flag(asking->line, "json"))
        write_json(observed, verdict, steps, asking->arena, &out);
    else
        write_text(observed, verdict, asking->arena, &out);
    buf_byte(&out, '\n');
    struct err err = buf_check(&out);
    if (err.kind == ERR_NONE && (fwrite(out.ptr, 1, out.len, stdout) != out.len || !command_written()))
        err = err_errno(asking->arena, "standard output");
    buf_free(&out);
    return err;
}

static struct err parse(const struct asking *asking, struct stix_pattern *pattern)
{
    struct stix_place place;
    struct err err = stix_pattern_parse(slice_of(asking->line->files[0]), asking->arena, pattern, &place);
    if (err.kind == ERR_NONE)
        return OK;
    return err_format(asking->arena, err.kind, "pattern:%zu:%zu: %s", place.line, place.column, err.why);
}

static struct err read_observed(const struct asking *asking, slice text, struct stix_observed *observed)
{
    size_t offset = 0, at_line, column;
    struct err err = stix_observed_read(text, asking->arena, observed, &offset);
    if (err.kind == ERR_NONE)
        return OK;
    json_place(text, offset, &at_line, &column);
    return err_format(asking->arena, err.kind, "%s:%zu:%zu: %s", asking->file, at_line, column, err.why);
}

static struct err evaluate(const struct asking *asking, slice text, bool *match)
{
    struct stix_pattern pattern;
    struct stix_observed observed;
    struct stix_verdict verdict;
    struct stix_budget budget = stix_budget_of(asking->steps);
    TRY(parse(asking, &pattern));
    TRY(read_observed(asking, text, &observed));
    struct stix_scratch *scratch = stix_compare_open();
    struct err err = stix_evaluate(&pattern, observed.rows, observed.count, scratch, &budget, asking->arena, &verdict);
    stix_compare_close(scratch);
    if (err.kind == ERR_LIMIT)
        return err_format(
                asking->arena, ERR_LIMIT, "%s: %" PRIu64 " steps; --steps gives more", err.why, asking->steps);
    TRY(err);
    *match = verdict.match;
    return print(asking, &observed, &verdict, budget.spent);
}

static struct err ask(struct asking *asking, bool *match)
{
    const struct command_line *line = asking->line;
    struct input_text text;
    if (line->file_count < 1 || line->file_count > 2)
        return err_make(ERR_INPUT, "takes a pattern and a file: `kentongan pattern PATTERN OBSERVED.json`");
    TRY(command_number(line, "steps", 1, STEPS_MOST, STIX_BUDGET_STEPS, &asking->steps));
    asking->file = line->file_count == 2 ? line->files[1] : "-";
    TRY(input_text(asking->file, OBSERVED_TEXT_MAX, line->arena, &text));
    struct err err = evaluate(asking, text.text, match);
    input_text_free(&text);
    return err;
}

static int pattern(struct command_line *line)
{
    bool match = false;
    struct asking asking = {.line = line, .arena = arena_open("pattern", ARENA_WORK, WORK_MAX)};
    struct err err = ask(&asking, &match);
    int status = err.kind != ERR_NONE ? command_fail(line, err) : match ? 0 : 1;
    arena_close(asking.arena);
    return status;
}

static const struct option_row options[] = {
        {0, "steps", "N", "Steps of work after which to give up (default: 20000000)"},
        {0, "json", NULL, "Answer as a line of JSON"},
};

const struct command command_pattern = {
        .name = "pattern",
        .arguments = "PATTERN [OBSERVED.json]",
        .about = "Say whether a STIX pattern is true of observed data",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = pattern,
};
