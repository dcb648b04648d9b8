/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan duty: the clocks of law that run in the incidents of a node. */
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "app/duties.h"
#include "app/options.h"
#include "app/person.h"
#include "app/sharing.h"
#include "app/typed.h"
#include "case/duty.h"
#include "store/organisation.h"
#include "text/shown.h"
#include "json/write.h"

#define ROW_MAX (4u << 20)

/* ---- Showing ---- */

/* One that runs beyond its time is told apart. */
static slice state_of(const struct duty *row)
{
    bool over = row->state == DUTY_RUNNING && row->due_us != TIME_NONE && row->due_us < clock_now_us();
    return over ? S("overdue") : slice_of(store_duty_state_name(row->state));
}

struct cell {
    const char *name;
    slice text;
};

static void print(const struct command_line *line, const struct cell *cells, size_t count, bool lines)
{
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    if (command_flag(line, "json"))
        json_write_object(&w);
    for (size_t i = 0; i < count; i++) {
        if (command_flag(line, "json")) {
            json_write_key_text(&w, slice_of(cells[i].name), cells[i].text);
            continue;
        }
        if (lines)
            buf_printf(&buf, "%-12s ", cells[i].name);
        else if (i > 0)
            buf_byte(&buf, '\t');
        shown_text_write(&buf, cells[i].text, false);
        if (lines && i + 1 < count)
            buf_byte(&buf, '\n');
    }
    if (command_flag(line, "json"))
        json_write_end(&w);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static struct err show_row(const struct command_line *line, struct local *local, const struct duty *row, bool whole)
{
    struct organisation whose;
    TRY(store_organisation_get(local->db, row->organisation, line->arena, &whose));
    const struct cell cells[] = {{"number", slice_of(arena_printf(line->arena, "%" PRId64, row->number))},
            {"state", state_of(row)}, {"due", time_text(row->due_us, line->arena)}, {"organisation", whose.name},
            {"rule", row->rule}, {"recipient", row->recipient},
            {"incident", slice_of(arena_printf(line->arena, "%" PRId64, row->incident))}, {"version", row->version},
            {"from", time_text(row->starts_us, line->arena)},
            {"reminded", slice_of(arena_printf(line->arena, "%" PRId64, row->reminded))},
            {"filed", time_text(row->filed_us, line->arena)}, {"filed-by", row->filed_by},
            {"reference", row->reference}, {"why", row->why}};
    print(line, cells, whole || command_flag(line, "json") ? COUNT_OF(cells) : 7, whole);
    return OK;
}

/* Whether the actor sees the incident; of what it does not see, the duties are not there. */
static struct err sees(struct local *local, int64_t incident, struct arena *arena, bool *seen)
{
    struct incident row;
    enum case_sight sight;
    TRY(store_incident_get(local->db, incident, arena, &row));
    TRY(case_sees(local->db, &local->actor, &row, arena, &sight));
    *seen = sight == CASE_ALL;
    return OK;
}

static struct err seen_duty(const struct command_line *line, struct local *local, struct duty *row)
{
    int64_t number;
    bool seen;
    TRY(typed_number(line, line->files[1], "a duty", &number));
    TRY(store_duty_get(local->db, number, line->arena, row));
    TRY(sees(local, row->incident, line->arena, &seen));
    return seen ? OK : err_make(ERR_MISSING, "there is no such duty");
}

static struct err show_all(const struct command_line *line, struct local *local, const struct duty *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool seen;
        TRY(sees(local, rows[i].incident, line->arena, &seen));
        if (seen)
            TRY(show_row(line, local, &rows[i], false));
    }
    return OK;
}

static struct err list(const struct command_line *line, struct local *local)
{
    struct duty *rows;
    const char *of = command_text(line, "incident");
    int64_t incident, due_us = INT64_MIN, after = 0;
    size_t count;
    TRY(store_right_check(&local->actor, VERB_READ_INCIDENTS, 0, line->arena, NULL));
    if (of != NULL) {
        TRY(typed_number(line, of, "an incident", &incident));
        TRY(store_duty_list(local->db, incident, line->arena, &rows, &count));
        return show_all(line, local, rows, count);
    }
    do {
        TRY(store_duty_running(local->db, due_us, after, STORE_PAGE_MAX, line->arena, &rows, &count));
        TRY(show_all(line, local, rows, count));
        if (count > 0) {
            after = rows[count - 1].number;
            due_us = rows[count - 1].due_us == TIME_NONE ? INT64_MAX : rows[count - 1].due_us;
        }
    } while (count > 0);
    return OK;
}

/* What was filed, byte for byte. */
static struct err form_write(const char *file, slice form, struct arena *arena)
{
    if (form.len == 0)
        return err_make(ERR_MISSING, "nothing was filed yet");
    FILE *to = fopen(file, "wbx");
    if (to == NULL)
        return err_errno(arena, file);
    bool written = fwrite(form.ptr, 1, form.len, to) == form.len;
    return fclose(to) == 0 && written ? OK : err_errno(arena, file);
}

static struct err show(const struct command_line *line, struct local *local)
{
    struct duty row;
    slice form;
    TRY(seen_duty(line, local, &row));
    TRY(store_duty_form(local->db, row.number, line->arena, &form));
    if (command_text(line, "output") != NULL)
        return form_write(command_text(line, "output"), form, line->arena);
    TRY(show_row(line, local, &row, true));
    if (command_flag(line, "json"))
        return OK;
    struct buf out = buf_make(ROW_MAX);
    shown_text_write(&out, row.text, true);
    if (form.len > 0)
        buf_put(&out, S("\n---- filed ----\n"));
    shown_text_write(&out, form, true);
    printf("\n%.*s\n", (int)out.len, out.ptr);
    struct err err = buf_check(&out);
    buf_free(&out);
    return err;
}

static struct err form(const struct command_line *line, struct local *local)
{
    struct duty row;
    enum language language = LANGUAGE_ENGLISH;
    const char *wanted = command_text(line, "language");
    struct buf out = buf_make(ROW_MAX);
    size_t blanks;
    if (wanted != NULL && !language_find(slice_of(wanted), &language))
        return err_format(line->arena, ERR_INPUT, "--language is en or id, not %s", wanted);
    TRY(seen_duty(line, local, &row));
    struct err err = case_duty_form(local->db, &row, language, command_flag(line, "json"), line->arena, &out, &blanks);
    if (err.kind == ERR_NONE)
        printf("%.*s%s", (int)out.len, out.ptr, command_flag(line, "json") ? "\n" : "");
    if (err.kind == ERR_NONE && blanks > 0)
        fprintf(stderr, "%zu fields are to be filled in by hand\n", blanks);
    buf_free(&out);
    return err;
}

/* ---- Doing ---- */

struct doing {
    int64_t duty;
    struct case_duty_demand demand;
    slice reference, form, why;
    const struct plan_duties *rules;
};

static slice text_or_empty(const struct command_line *line, const char *option)
{
    const char *text = command_text(line, option);
    return slice_of(text == NULL ? "" : text);
}

/* Byte for byte, as it was sent. */
static struct err form_read(const char *file, struct arena *arena, slice *bytes)
{
    char *room = arena_take_array(arena, DUTY_FORM_MAX + 1, 1);
    size_t len = 0;
    ssize_t got = 1;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(arena, file);
    while (got > 0 && len <= DUTY_FORM_MAX) {
        got = read(fd, room + len, DUTY_FORM_MAX + 1 - len);
        len += got > 0 ? (size_t)got : 0;
    }
    struct err err = got < 0 ? err_errno(arena, file) : OK;
    close(fd);
    *bytes = (slice){room, len};
    return err;
}

static struct err file_do(struct work *work, void *context)
{
    const struct doing *doing = context;
    return case_duty_file(work, doing->duty, doing->reference, doing->form, doing->why);
}

static struct err again(const struct command_line *line, struct local *local, int64_t number)
{
    struct duty row;
    TRY(store_duty_get(local->db, number, line->arena, &row));
    return show_row(line, local, &row, false);
}

static struct err file(const struct command_line *line, struct local *local)
{
    struct duty row;
    struct doing doing = {.reference = text_or_empty(line, "reference"), .why = text_or_empty(line, "reason")};
    TRY(seen_duty(line, local, &row));
    TRY(form_read(line->files[2], line->arena, &doing.form));
    doing.duty = row.number;
    TRY(store_work(local->db, &local->actor, line->arena, file_do, &doing));
    return again(line, local, doing.duty);
}

static struct err waive(const struct command_line *line, struct local *local)
{
    struct duty row;
    struct share_proposal proposal;
    slice reason;
    TRY(seen_duty(line, local, &row));
    TRY(sharing_reason(line, &reason));
    TRY(case_duty_waive(local->db, &local->actor, row.number, reason, line->arena, &proposal));
    sharing_tell(line, &proposal);
    return proposal.done ? again(line, local, row.number) : OK;
}

static struct err begin_do(struct work *work, void *context)
{
    struct doing *doing = context;
    return case_duty_begin(work, doing->rules, &doing->demand, &doing->duty);
}

static struct err begin(const struct command_line *line, struct local *local)
{
    struct plan_duties rules;
    struct doing doing = {.demand = {.rule = slice_of(line->files[2]), .at_us = TIME_NONE}, .rules = &rules};
    const char *at = command_text(line, "at"), *org = command_text(line, "org");
    TRY(typed_number(line, line->files[1], "an incident", &doing.demand.incident));
    if (org != NULL)
        TRY(store_organisation_find(local->db, slice_of(org), &doing.demand.organisation));
    TRY(duties_of_node(&local->node.config, line->arena, &rules));
    if (at != NULL && !time_parse_strict(slice_of(at), &doing.demand.at_us))
        return err_format(line->arena, ERR_INPUT, "--at %s is no moment as 2026-11-20T22:40:00+07:00 (RFC 3339)", at);
    TRY(store_work(local->db, &local->actor, line->arena, begin_do, &doing));
    return again(line, local, doing.duty);
}

/* ---- The rules ---- */

static slice time_of(const struct plan_duty *rule, struct arena *arena)
{
    const char *unit = rule->months > 0 ? "months" : "minutes";
    uint64_t number = rule->months > 0 ? rule->months : rule->minutes;
    if (number == 0)
        return S("without undue delay");
    if (rule->months == 0 && number % 60 == 0)
        return slice_of(arena_printf(arena, "%" PRIu64 " h", number / 60));
    return slice_of(arena_printf(arena, "%" PRIu64 " %s", number, unit));
}

static struct err rules(const struct command_line *line, struct local *local)
{
    struct plan_duties all;
    TRY(line->file_count > 1 ? duties_of_file(line->files[1], line->arena, &all)
                             : duties_of_node(&local->node.config, line->arena, &all));
    for (size_t i = 0; i < all.count; i++) {
        const struct plan_duty *rule = &all.rows[i];
        const struct cell cells[] = {{"rule", rule->name}, {"state", rule->draft ? S("draft") : S("in force")},
                {"time", time_of(rule, line->arena)}, {"from", rule->time}, {"recipient", rule->recipient},
                {"source", rule->source}, {"version", rule->version}, {"title", rule->title}};
        print(line, cells, command_flag(line, "json") ? COUNT_OF(cells) : 7, false);
    }
    return OK;
}

/* ---- The command ---- */

static const struct local_verb verbs[] = {
        {"list", 1, list, 0},
        {"show", 2, show, 0},
        {"form", 2, form, 0},
        {"file", 3, file, 0},
        {"waive", 2, waive, 0},
        {"begin", 3, begin, 0},
        {"rules", 1, rules, 1},
};

static int duty(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `duty list`, `duty show N`, `duty form N`, `duty file N FORM --reference X`, `duty waive N --reason "
            "TEXT`, `duty begin INCIDENT RULE` or `duty rules [FILE]`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTION_PERSON,
        {0, "incident", "N", "list: all of this incident, those that have ended, too"},
        {0, "language", "TAG", "form: in this language, en (default) or id"},
        {'o', "output", "FILE", "show: write what was filed to FILE, which is not there yet"},
        {0, "reference", "TEXT", "file: under which the recipient knows it"},
        {0, "at", "TIME", "begin: when it was demanded (default: now)"},
        {0, "org", "NAME", "begin: the party of which it was demanded (default: ourselves)"},
        {0, "reason", "TEXT", "file: why it is late; waive: why nobody has to be told"},
        OPTION_JSON,
};

const struct command command_duty = {
        .name = "duty",
        .arguments = "list, show|form|waive N, file N FORM, begin INCIDENT RULE, rules [FILE]",
        .about = "See which clocks of law run in the incidents of a node, and file what they demand",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = duty,
};
