/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan check: is this file well formed, as what, and if not, where and by which rule? */
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/config.h"
#include "app/filter.h"
#include "form/form.h"
#include "input/input.h"
#include "plan/classify.h"
#include "plan/playbook.h"
#include "plan/rates.h"
#include "plan/responsibility.h"
#include "plan/risk.h"
#include "plan/takedown.h"
#include "stix/pattern.h"
#include "stix/validate.h"
#include "json/check.h"
#include "json/write.h"

#define CHECK_TEXT_MAX ((size_t)4 << 30)
#define PATTERN_WORK_MAX (256u << 20)
#define COMPLAINTS_MAX 100 /* of one file; more are counted */

/* One file being checked. */
struct checking {
    const struct command_line *line;
    const char *file;
    const char *kind;
    slice text;
    uint64_t complaints;
};

/* What is said of a file: it is fine, this is wrong, or so much more is. */
struct answer {
    const char *why; /* NULL: nothing is wrong */
    uint64_t line, column;
    uint64_t more; /* instead of all these */
    bool warning;  /* nothing that refuses the file */
};

static void print_text(const struct checking *checking, const struct answer *answer)
{
    if (answer->more > 0)
        printf("%s: and %" PRIu64 " more\n", checking->file, answer->more);
    else if (answer->why == NULL)
        printf("%s: ok (%s)\n", checking->file, checking->kind);
    else
        printf("%s:%" PRIu64 ":%" PRIu64 ": %s%s\n", checking->file, answer->line, answer->column,
                answer->warning ? "warning: " : "", answer->why);
}

static void print_json(const struct checking *checking, const struct answer *answer)
{
    struct buf row = buf_make(1u << 20);
    struct json_writer w = json_writer(&row);
    json_write_object(&w);
    json_write_key_text(&w, S("file"), slice_of(checking->file));
    json_write_key(&w, S("ok"));
    json_write_bool(&w, checking->complaints == 0);
    json_write_key_text(&w, S("kind"), slice_of(checking->kind));
    if (answer->why != NULL) {
        json_write_key_u64(&w, S("line"), answer->line);
        json_write_key_u64(&w, S("column"), answer->column);
        json_write_key_text(&w, answer->warning ? S("warning") : S("reason"), slice_of(answer->why));
    }
    if (answer->more > 0)
        json_write_key_u64(&w, S("more"), answer->more);
    json_write_end(&w);
    printf("%.*s\n", (int)row.len, row.ptr);
    buf_free(&row);
}

static void print(const struct checking *checking, struct answer answer)
{
    (command_flag(checking->line, "json") ? print_json : print_text)(checking, &answer);
}

static void complain(struct checking *checking, uint64_t at_line, uint64_t column, const char *why)
{
    if (checking->complaints++ < COMPLAINTS_MAX)
        print(checking, (struct answer){.why = why, .line = at_line, .column = column});
}

static void check_as_json(struct checking *checking)
{
    size_t offset = 0, at_line, column;
    struct err err = json_check(checking->text, &json_limits_default, &offset);
    if (err.kind == ERR_NONE)
        return;
    json_place(checking->text, offset, &at_line, &column);
    complain(checking, at_line, column, err.why);
}

static void check_as_index(struct checking *checking)
{
    struct match_index *index;
    struct err err = match_build_copy(checking->text, &index);
    if (err.kind == ERR_NONE)
        match_close(index);
    else
        complain(checking, 1, 1, err.why);
}

/* One pattern a line; blank lines and those that begin with # are passed over. */
static void check_as_pattern(struct checking *checking)
{
    slice rest = checking->text, row;
    struct arena *arena = arena_open("pattern", ARENA_WORK, PATTERN_WORK_MAX);
    for (uint64_t at_line = 1; rest.len > 0 && slice_next(&rest, '\n', &row); at_line++) {
        struct stix_pattern pattern;
        struct stix_place place;
        slice text = slice_trim(row);
        if (text.len == 0 || text.ptr[0] == '#')
            continue;
        struct err err = stix_pattern_parse(text, arena, &pattern, &place);
        if (err.kind != ERR_NONE)
            complain(checking, at_line, (uint64_t)(text.ptr - row.ptr) + place.column, err.why);
        arena_reset(arena);
    }
    arena_close(arena);
}

static void check_as_config(struct checking *checking)
{
    struct config_mistakes *mistakes = arena_new(checking->line->arena, struct config_mistakes, 1);
    struct config config;
    config_read(checking->text, checking->file, checking->line->arena, mistakes, &config);
    for (size_t i = 0; i < mistakes->count; i++) {
        size_t row = i < CONFIG_MISTAKES_MAX ? i : CONFIG_MISTAKES_MAX - 1; /* the others are only counted */
        complain(checking, mistakes->rows[row].line, mistakes->rows[row].column, mistakes->rows[row].why);
    }
}

/* ---- As a playbook ---- */

static void playbook_found(void *context, const struct plan_finding *finding)
{
    if (finding->warning)
        print(context, (struct answer){
                               .why = finding->why, .line = finding->line, .column = finding->column, .warning = true});
    else
        complain(context, finding->line, finding->column, finding->why);
}

static void check_as_playbook(struct checking *checking)
{
    struct plan_playbook playbook;
    struct err err = plan_playbook_read(
            checking->file, checking->text, playbook_found, checking, checking->line->arena, &playbook);
    if (err.kind != ERR_NONE && checking->complaints == 0)
        complain(checking, 1, 1, err.why); /* there was no memory for it */
}

/* ---- As a rule file ---- */

static void rule_wrong(void *context, const char *name, size_t at_line, size_t column, const char *why)
{
    (void)name;
    complain(context, at_line, column, why);
}

static void check_as_responsibility(struct checking *checking)
{
    struct plan_responsibility table;
    struct err err = plan_responsibility_read(
            checking->file, checking->text, rule_wrong, checking, checking->line->arena, &table);
    if (err.kind != ERR_NONE && checking->complaints == 0)
        complain(checking, 1, 1, err.why);
}

static void check_as_rates(struct checking *checking)
{
    struct plan_rates rates;
    struct err err =
            plan_rates_read(checking->file, checking->text, rule_wrong, checking, checking->line->arena, &rates);
    if (err.kind != ERR_NONE && checking->complaints == 0)
        complain(checking, 1, 1, err.why);
}

static void check_as_classes(struct checking *checking)
{
    struct plan_classes classes;
    struct err err =
            plan_classes_read(checking->file, checking->text, rule_wrong, checking, checking->line->arena, &classes);
    if (err.kind != ERR_NONE && checking->complaints == 0)
        complain(checking, 1, 1, err.why);
}

static void check_as_risks(struct checking *checking)
{
    struct plan_risks rules;
    struct err err =
            plan_risks_read(checking->file, checking->text, rule_wrong, checking, checking->line->arena, &rules);
    if (err.kind != ERR_NONE && checking->complaints == 0)
        complain(checking, 1, 1, err.why);
}

static void check_as_takedown(struct checking *checking)
{
    struct plan_takedowns table;
    struct err err =
            plan_takedown_read(checking->file, checking->text, rule_wrong, checking, checking->line->arena, &table);
    if (err.kind != ERR_NONE && checking->complaints == 0)
        complain(checking, 1, 1, err.why);
}

/* ---- As STIX ---- */

static void stix_found(void *context, const struct stix_finding *finding)
{
    struct checking *checking = context;
    bool warning = finding->level == STIX_WARNING;
    checking->complaints += !warning;
    print(checking,
            (struct answer){.why = finding->why, .line = finding->line, .column = finding->column, .warning = warning});
}

static struct err stix_read(void *context, char *to, size_t room, size_t *got)
{
    return input_read(context, to, room, got);
}

/* STIX is read as a stream, since a bundle may be larger than memory, unless the text is there already. */
static struct err check_as_stix(struct checking *checking, const slice *text)
{
    struct input *input = NULL;
    struct stix_totals totals = {0};
    if (text == NULL)
        TRY(input_open(checking->file, checking->line->arena, &input));
    const struct stix_stream source = {input, stix_read};
    const struct stix_sink sink = {checking, stix_found, COMPLAINTS_MAX, COMPLAINTS_MAX, NULL, false};
    struct err err = text == NULL ? stix_validate(&source, &sink, checking->line->arena, &totals)
                                  : stix_validate_text(*text, &sink, checking->line->arena, &totals);
    input_close(input);
    checking->complaints = totals.errors;
    if (totals.warnings > COMPLAINTS_MAX)
        print(checking, (struct answer){.more = totals.warnings - COMPLAINTS_MAX, .warning = true});
    return err;
}

/* ---- As a form of intelligence ---- */

static struct err form_indicator(void *context, const struct indicator *indicator)
{
    (void)context;
    const char *wrong = observable_wrong(indicator->type, indicator->value);
    return wrong == NULL ? OK : err_make(ERR_INPUT, wrong);
}

static void form_problem(void *context, uint64_t at_line, uint64_t column, const char *why)
{
    complain(context, at_line, column, why);
}

static void form_skipped(void *context, const char *what)
{
    (void)context; /* understood, and no fault of the file */
    (void)what;
}

static void check_as_form(struct checking *checking, const struct form *form)
{
    struct form_place place = {1, 1};
    struct form_sink sink = {checking, form_indicator, form_problem, form_skipped, &place};
    uint64_t before = checking->complaints;
    struct err err = form->read(checking->text, checking->line->arena, &sink);
    if (err.kind != ERR_NONE && checking->complaints == before)
        complain(checking, place.line, place.column, err.why);
}

/* ---- As events ---- */

static void event_malformed(void *context, const char *file, uint64_t at_line, uint64_t column, const char *why)
{
    (void)file;
    complain(context, at_line, column, why);
}

static void check_as_events(struct checking *checking, const struct event_format *format)
{
    struct sift_job job = {
            .format = format->name,
            .threads = 1,
            .output = open("/dev/null", O_WRONLY | O_CLOEXEC),
            .context = checking,
            .malformed = event_malformed,
    };
    struct sift_totals totals = {0};
    struct err err = sift_run(&job, checking->file, checking->line->arena, &totals);
    if (err.kind != ERR_NONE)
        complain(checking, 1, 1, err.why);
    if (totals.malformed > checking->complaints)
        checking->complaints = totals.malformed;
    close(job.output);
}

/* ---- Which kind ---- */

/* Without --as: the surest of all forms and formats; JSON that is neither is just JSON. */
static const char *kind_recognise(slice text, slice name)
{
    slice head = slice_part(text, 0, text.len < EVENT_HEAD ? text.len : EVENT_HEAD), trimmed = slice_trim(head);
    if (match_is_image(head))
        return "index";
    if (slice_starts(trimmed, S("{")) && slice_find_slice(head, S("\"cacao-")) < head.len)
        return "playbook";
    const struct form *form = form_recognise(head);
    int sureness = form == NULL ? 1 : form->recognise(head);
    const struct event_format *format = event_format_guess(head, name, &sureness);
    if (format != NULL)
        return format->name;
    bool json = trimmed.len > 0 && (trimmed.ptr[0] == '{' || trimmed.ptr[0] == '[');
    return form != NULL && !(json && sureness < 50) ? form->name : json ? "json" : NULL;
}

/* csv is a form and a format: a table of events has the columns of a log. */
static bool events_surer(const struct form *form, const struct event_format *format, const struct checking *checking)
{
    slice head = slice_part(checking->text, 0, checking->text.len < EVENT_HEAD ? checking->text.len : EVENT_HEAD);
    return format != NULL && format->recognise(head) > form->recognise(head);
}

static const char *formats_list(struct arena *arena)
{
    const char *list = event_formats[0]->name;
    for (const struct event_format *const *at = event_formats + 1; *at != NULL; at++)
        list = arena_printf(arena, "%s, %s", list, (*at)->name);
    return list;
}

/* What is neither a form of intelligence nor a format of events. */
static const struct {
    const char *name;
    void (*check)(struct checking *checking);
} others[] = {
        {"json", check_as_json},
        {"index", check_as_index},
        {"pattern", check_as_pattern},
        {"config", check_as_config},
        {"playbook", check_as_playbook},
        {"responsibility", check_as_responsibility},
        {"classes", check_as_classes},
        {"risks", check_as_risks},
        {"takedown", check_as_takedown},
        {"rates", check_as_rates},
};

static struct err check_as(struct checking *checking)
{
    const struct form *form = form_find(slice_of(checking->kind));
    const struct event_format *format = event_format_find(slice_of(checking->kind));
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (strcmp(checking->kind, others[i].name) == 0) {
            others[i].check(checking);
            return OK;
        }
    if (strcmp(checking->kind, "stix") == 0)
        return check_as_stix(checking, &checking->text);
    else if (form != NULL && !events_surer(form, format, checking))
        check_as_form(checking, form);
    else if (format != NULL)
        check_as_events(checking, format);
    else
        return err_format(checking->line->arena, ERR_INPUT,
                "no such kind: %s (json, stix, misp, csv, list, text, index, pattern, config, playbook, "
                "responsibility, classes, risks, takedown, rates, or a format of events: %s)",
                checking->kind, formats_list(checking->line->arena));
    return OK;
}

/* Checks what is held in memory as a whole. */
static struct err check_text(struct checking *checking)
{
    struct input_text text;
    struct err err = OK;
    TRY(input_text(checking->file, CHECK_TEXT_MAX, checking->line->arena, &text));
    checking->text = text.text;
    if (checking->kind == NULL)
        checking->kind = kind_recognise(text.text, slice_of(checking->file));
    if (checking->kind == NULL) {
        checking->kind = "unknown";
        complain(checking, 1, 1, "nothing that we know by its looks; say what it should be with --as KIND");
    } else {
        err = check_as(checking);
    }
    input_text_free(&text);
    return err;
}

/* Whether a file is read as a stream: by its kind or, if it can be read twice, by how it begins. */
static struct err is_streamed(struct checking *checking, bool *streamed)
{
    struct stat stat_of;
    struct input *input;
    *streamed = checking->kind != NULL && strcmp(checking->kind, "stix") == 0;
    if (checking->kind != NULL || stat(checking->file, &stat_of) != 0 || !S_ISREG(stat_of.st_mode))
        return OK;
    char *head = arena_take(checking->line->arena, EVENT_HEAD);
    size_t len = 0, got = 1;
    TRY(input_open(checking->file, checking->line->arena, &input));
    struct err err = OK;
    while (err.kind == ERR_NONE && got > 0 && len < EVENT_HEAD) {
        err = input_read(input, head + len, EVENT_HEAD - len, &got);
        len += err.kind == ERR_NONE ? got : 0;
    }
    input_close(input);
    const char *kind = err.kind == ERR_NONE ? kind_recognise((slice){head, len}, slice_of(checking->file)) : NULL;
    *streamed = kind != NULL && strcmp(kind, "stix") == 0;
    if (*streamed)
        checking->kind = kind;
    return err;
}

static struct err check_file(const struct command_line *line, const char *file, bool *fine)
{
    struct checking checking = {.line = line, .file = file, .kind = command_text(line, "as")};
    bool streamed;
    TRY(is_streamed(&checking, &streamed));
    struct err err = streamed ? check_as_stix(&checking, NULL) : check_text(&checking);
    if (err.kind == ERR_NONE && checking.complaints == 0)
        print(&checking, (struct answer){0});
    if (checking.complaints > COMPLAINTS_MAX)
        print(&checking, (struct answer){.more = checking.complaints - COMPLAINTS_MAX});
    *fine = checking.complaints == 0;
    return err;
}

static int check(struct command_line *line)
{
    int status = 0;
    if (line->file_count == 0)
        return command_fail(line, err_make(ERR_INPUT, "which file? `kentongan check FILE...`"));
    for (size_t i = 0; i < line->file_count; i++) {
        bool fine = false;
        struct err err = check_file(line, line->files[i], &fine);
        int answer = err.kind != ERR_NONE ? command_fail(line, err) : fine ? 0 : 1;
        status = answer > status ? answer : status;
    }
    return status;
}

static const struct option_row options[] = {
        {0, "as", "KIND",
                "What it should be: json, stix, misp, csv, list, text, index, pattern, config, playbook, "
                "responsibility, classes, risks, takedown, rates, or a format of events (default: by its looks)"},
        {0, "json", NULL, "Answer as JSON lines"},
};

const struct command command_check = {
        .name = "check",
        .arguments = "FILE...",
        .about = "Say whether files are well formed, and if not, where and by which rule",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = check,
};
