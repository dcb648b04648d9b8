/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan warn: the warnings of a node, what becomes of them, and the rules by which they go out. */
#include <inttypes.h>

#include "app/local.h"
#include "app/options.h"
#include "app/person.h"
#include "app/sharing.h"
#include "app/typed.h"
#include "desk/life.h"
#include "desk/rule.h"
#include "desk/tell.h"
#include "store/met.h"
#include "store/organisation.h"
#include "text/shown.h"
#include "json/write.h"

#define ROW_MAX (256u << 10)

/* ---- What is shown ---- */

static struct err name_of(struct local *local, int64_t organisation, struct arena *arena, slice *name)
{
    struct organisation row;
    TRY(store_organisation_get(local->db, organisation, arena, &row));
    *name = row.name;
    return OK;
}

static void put_end(struct buf *buf)
{
    printf("%.*s\n", (int)buf->len, buf->ptr);
    buf_free(buf);
}

static void json_members_put(struct json_writer *w, const struct warning *row, slice name)
{
    json_write_key_u64(w, S("number"), (uint64_t)row->number);
    json_write_key_text(w, S("organisation"), name);
    json_write_key_text(w, S("state"), slice_of(store_warning_state_name(row->state)));
    json_write_key_text(w, S("severity"), slice_of(store_severity_name(row->severity)));
    json_write_key_text(w, S("class"), row->class);
    json_write_key_text(w, S("cause_kind"), row->cause_kind);
    json_write_key_text(w, S("cause"), row->cause);
    json_write_key_text(w, S("held"), row->held);
    json_write_key_text(w, S("marking"), row->marking);
    json_write_key_text(w, S("does"), slice_of(store_warning_does_name(row->does)));
    json_write_key_u64(w, S("events"), (uint64_t)row->events);
    json_write_key_u64(w, S("chased"), (uint64_t)row->chased);
    json_write_key_text(w, S("sector_why"), row->sector_why);
}

static void json_times_put(struct json_writer *w, const struct warning *row)
{
    const struct {
        const char *key;
        int64_t us;
    } times[] = {{"first", row->first_us}, {"last", row->last_us}, {"drafted", row->drafted_us}, {"told", row->told_us},
            {"due", row->due_us}, {"chase", row->chase_us}, {"sector_told", row->sector_us}};
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        json_write_key(w, slice_of(times[i].key));
        json_write_time(w, times[i].us);
    }
}

/* Causes and reasons are texts from outside: what a terminal would take for orders is made visible. */
static void line_put(struct buf *buf, const struct warning *row, slice name)
{
    const slice columns[] = {slice_of(store_warning_state_name(row->state)),
            slice_of(store_severity_name(row->severity)), name, row->class, row->cause, row->marking, row->held};
    buf_printf(buf, "%" PRId64, row->number);
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        buf_byte(buf, '\t');
        shown_text_write(buf, columns[i], false);
    }
}

static struct err show(
        const struct command_line *line, struct local *local, const struct warning *row, struct arena *arena)
{
    slice name;
    TRY(name_of(local, row->organisation, arena, &name));
    struct buf buf = buf_make(ROW_MAX);
    if (command_flag(line, "json")) {
        struct json_writer w = json_writer(&buf);
        json_write_object(&w);
        json_members_put(&w, row, name);
        json_times_put(&w, row);
        json_write_end(&w);
    } else {
        line_put(&buf, row, name);
    }
    put_end(&buf);
    return OK;
}

static struct err show_again(const struct command_line *line, struct local *local, int64_t number)
{
    struct warning row;
    TRY(store_warning_get(local->db, number, line->arena, &row));
    return show(line, local, &row, line->arena);
}

/* ---- Reading ---- */

static enum warning_which which_of(const struct command_line *line)
{
    static const struct {
        const char *option;
        enum warning_which which;
    } rows[] = {{"open", WARNING_OPEN}, {"held", WARNING_HELD}, {"unanswered", WARNING_UNANSWERED}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (command_flag(line, rows[i].option))
            return rows[i].which;
    return WARNING_ALL;
}

/* The organisation of --org; 0: all. */
static struct err organisation_of(const struct command_line *line, struct local *local, int64_t *number)
{
    const char *name = command_text(line, "org");
    *number = 0;
    if (name == NULL)
        return OK;
    struct err err = store_organisation_find(local->db, slice_of(name), number);
    return err.kind != ERR_MISSING ? err : err_format(line->arena, ERR_MISSING, "there is no organisation %s", name);
}

/* Newest first. */
static struct err list_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct warning *rows;
    int64_t organisation;
    TRY(organisation_of(line, local, &organisation));
    TRY(store_warning_latest(local->db, which_of(line), organisation, *after == 0 ? INT64_MAX : *after, STORE_PAGE_MAX,
            arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        TRY(show(line, local, &rows[i], arena));
        *after = rows[i].number;
    }
    return OK;
}

static struct err list(const struct command_line *line, struct local *local)
{
    int64_t organisation;
    TRY(organisation_of(line, local, &organisation));
    TRY(store_right_check(&local->actor, VERB_READ_EVENTS, organisation, line->arena, NULL));
    return local_pages(line, local, list_page);
}

static struct err number_of(const struct command_line *line, size_t word, const char *what, int64_t *number)
{
    uint64_t read;
    *number = 0;
    if (!slice_u64(slice_of(line->files[word]), INT64_MAX, &read))
        return err_format(line->arena, ERR_INPUT, "%s is no number of a %s", line->files[word], what);
    *number = (int64_t)read;
    return OK;
}

static void steps_put(struct buf *buf, const struct warning_step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_put(buf, S("\n\t"));
        time_write(buf, steps[i].time_us);
        buf_printf(buf, "\t%s\t", store_warning_state_name(steps[i].state));
        shown_text_write(buf, steps[i].actor, false);
        buf_byte(buf, '\t');
        shown_text_write(buf, steps[i].why, false);
    }
}

static void met_put(struct buf *buf, const struct met_detail *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t blank = slice_find(rows[i].peer, ' ');
        slice value = slice_from(rows[i].peer, blank < rows[i].peer.len ? blank + 1 : blank);
        buf_put(buf, S("\n\tmet\t"));
        time_write(buf, rows[i].first_us);
        buf_put(buf, S(" to "));
        time_write(buf, rows[i].last_us);
        buf_printf(buf, "\t%" PRId64 " events\t", rows[i].events);
        shown_text_write(buf, rows[i].own, false);
        buf_byte(buf, '\t');
        shown_value_write(buf, observable_type_find(slice_part(rows[i].peer, 0, blank)), value);
    }
}

static struct err details_put(struct local *local, int64_t warning, struct arena *arena, struct buf *buf)
{
    struct met *met;
    struct met_detail *details;
    size_t count, detail_count;
    TRY(store_met_of_warning(local->db, warning, 0, STORE_PAGE_MAX, arena, &met, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(store_met_details(local->db, met[i].number, arena, &details, &detail_count));
        met_put(buf, details, detail_count);
    }
    return OK;
}

static struct err show_one(const struct command_line *line, struct local *local)
{
    struct warning row;
    struct warning_step *steps;
    size_t count;
    int64_t number;
    TRY(number_of(line, 1, "warning", &number));
    TRY(store_warning_get(local->db, number, line->arena, &row));
    TRY(store_right_check(&local->actor, VERB_READ_EVENTS, row.organisation, line->arena, NULL));
    TRY(store_warning_steps(local->db, number, line->arena, &steps, &count));
    TRY(show(line, local, &row, line->arena));
    if (command_flag(line, "json"))
        return OK;
    struct buf buf = buf_make(16 * ROW_MAX);
    steps_put(&buf, steps, count);
    struct err err = details_put(local, number, line->arena, &buf);
    printf("%.*s\n", (int)(buf.len > 0 ? buf.len - 1 : 0), buf.len > 0 ? buf.ptr + 1 : "");
    buf_free(&buf);
    return err;
}

/* ---- Deciding ---- */

typedef struct err decide(struct db *db, const struct actor *actor, int64_t warning, slice reason, struct arena *arena,
        struct share_proposal *proposal);

static struct err decided(const struct command_line *line, struct local *local, decide *verb)
{
    struct share_proposal proposal;
    int64_t number;
    slice reason;
    TRY(number_of(line, 1, "warning", &number));
    TRY(sharing_reason(line, &reason));
    TRY(verb(local->db, &local->actor, number, reason, line->arena, &proposal));
    sharing_tell(line, &proposal);
    return proposal.done ? show_again(line, local, number) : OK;
}

static struct err approve(const struct command_line *line, struct local *local)
{
    return decided(line, local, desk_warning_approve);
}

static struct err withdraw(const struct command_line *line, struct local *local)
{
    return decided(line, local, desk_warning_withdraw);
}

static struct err hold(const struct command_line *line, struct local *local)
{
    int64_t number;
    slice reason;
    TRY(number_of(line, 1, "warning", &number));
    TRY(sharing_reason(line, &reason));
    TRY(desk_warning_hold(local->db, &local->actor, number, reason, line->arena));
    return show_again(line, local, number);
}

struct answering {
    int64_t warning;
    enum desk_answer answer;
    slice why;
};

static struct err answer_do(struct work *work, void *context)
{
    const struct answering *answering = context;
    return desk_answer(work, answering->warning, answering->answer, answering->why);
}

/* Somebody called: the answer is entered for them. */
static struct err answer(const struct command_line *line, struct local *local)
{
    const char *why = command_text(line, "reason");
    struct answering answering = {.why = slice_of(why == NULL ? "" : why)};
    TRY(number_of(line, 1, "warning", &answering.warning));
    if (!desk_answer_find(slice_of(line->files[2]), &answering.answer))
        return err_make(ERR_INPUT, "an answer is acknowledged, not-mine, done or noise");
    TRY(store_work(local->db, &local->actor, line->arena, answer_do, &answering));
    return show_again(line, local, answering.warning);
}

static struct err remind(const struct command_line *line, struct local *local)
{
    int64_t number;
    TRY(number_of(line, 1, "warning", &number));
    TRY(desk_remind(local->db, &local->actor, number, line->arena));
    return show_again(line, local, number);
}

static struct err digest(const struct command_line *line, struct local *local)
{
    size_t did;
    if (!command_flag(line, "now"))
        return err_make(ERR_INPUT, "the digest goes out at the time that node.conf says; --now sends what waits");
    TRY(desk_digest(local->db, &local->actor, line->arena, &did));
    printf("%zu notices\n", did);
    return OK;
}

/* ---- Rules ---- */

static struct err rule_put(const struct command_line *line, struct warning_rule *put)
{
    const char *until = command_text(line, "until");
    *put = (struct warning_rule){.class = typed_or(line, "class", ""),
            .cause_kind = typed_or(line, "cause", ""),
            .sector = typed_or(line, "sector", ""),
            .until_us = TIME_NONE};
    if (!store_severity_find(typed_or(line, "severity", "info"), &put->severity))
        return err_make(ERR_INPUT, "--severity is info, low, medium, high or critical: at least so bad");
    if (!store_warning_does_find(typed_or(line, "does", ""), &put->does))
        return err_make(ERR_INPUT, "--does is send, digest or hold: what becomes of a warning that the rule fits");
    if (until != NULL && !time_parse(slice_of(until), &put->until_us))
        return err_format(line->arena, ERR_INPUT, "--until %s is no time as 2026-11-21T12:00:00Z (RFC 3339)", until);
    return OK;
}

static struct err rule_add(const struct command_line *line, struct local *local)
{
    struct share_proposal proposal;
    struct warning_rule put;
    slice reason;
    TRY(rule_put(line, &put));
    TRY(sharing_reason(line, &reason));
    TRY(desk_rule_propose(local->db, &local->actor, &put, reason, line->arena, &proposal));
    sharing_tell(line, &proposal);
    return OK;
}

static struct err rule_end(const struct command_line *line, struct local *local)
{
    struct share_proposal proposal;
    int64_t number;
    slice reason;
    if (line->file_count < 3)
        return err_make(ERR_INPUT, "which? `warn rule end N`");
    TRY(number_of(line, 2, "rule", &number));
    TRY(sharing_reason(line, &reason));
    TRY(desk_rule_end(local->db, &local->actor, number, reason, line->arena, &proposal));
    sharing_tell(line, &proposal);
    return OK;
}

static void rule_show(const struct command_line *line, const struct warning_rule *row)
{
    const struct {
        const char *key;
        slice text;
    } columns[] = {{"does", slice_of(store_warning_does_name(row->does))}, {"class", row->class},
            {"severity", slice_of(store_severity_name(row->severity))}, {"cause_kind", row->cause_kind},
            {"sector", row->sector}};
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    bool json = command_flag(line, "json");
    if (json) {
        json_write_object(&w);
        json_write_key_u64(&w, S("number"), (uint64_t)row->number);
    } else {
        buf_printf(&buf, "%" PRId64, row->number);
    }
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        if (json)
            json_write_key_text(&w, slice_of(columns[i].key), columns[i].text);
        else
            buf_printf(&buf, "\t%.*s", columns[i].text.len > 0 ? (int)columns[i].text.len : 3,
                    columns[i].text.len > 0 ? columns[i].text.ptr : "any");
    }
    if (json) {
        json_write_key(&w, S("from"));
        json_write_time(&w, row->from_us);
        json_write_key(&w, S("until"));
        json_write_time(&w, row->until_us);
        json_write_key_u64(&w, S("approval"), (uint64_t)row->approval);
        json_write_end(&w);
    } else {
        buf_put(&buf, row->until_us == TIME_NONE ? S("\t") : S("\tuntil "));
        if (row->until_us != TIME_NONE)
            time_write(&buf, row->until_us);
    }
    put_end(&buf);
}

static struct err rules_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct warning_rule *rows;
    TRY(store_warning_rule_list(local->db, *after, STORE_PAGE_MAX, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        rule_show(line, &rows[i]);
        *after = rows[i].number;
    }
    return OK;
}

static struct err rule_list(const struct command_line *line, struct local *local)
{
    TRY(store_right_check(&local->actor, VERB_READ_EVENTS, 0, line->arena, NULL));
    return local_pages(line, local, rules_page);
}

static struct err rule(const struct command_line *line, struct local *local)
{
    static const struct {
        const char *name;
        struct err (*run)(const struct command_line *line, struct local *local);
    } words[] = {{"list", rule_list}, {"add", rule_add}, {"end", rule_end}};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strcmp(line->files[1], words[i].name) == 0)
            return words[i].run(line, local);
    return err_make(
            ERR_INPUT, "what? `warn rule list`, `warn rule add --does WORD --reason TEXT` or `warn rule end N`");
}

/* ---- The command ---- */

static const struct local_verb verbs[] = {
        {"list", 1, list, 0},
        {"show", 2, show_one, 0},
        {"approve", 2, approve, 0},
        {"hold", 2, hold, 0},
        {"withdraw", 2, withdraw, 0},
        {"answer", 3, answer, 0},
        {"remind", 2, remind, 0},
        {"rule", 2, rule, 1},
        {"digest", 1, digest, 0},
};

static int warn(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `warn list`, `warn show N`, `warn approve|hold|withdraw N --reason TEXT`, `warn answer N WORD`, "
            "`warn remind N`, `warn rule list|add|end` or `warn digest --now`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTION_PERSON,
        {0, "open", NULL, "list: those that nobody answered to the end"},
        {0, "held", NULL, "list: those that wait for a person here"},
        {0, "unanswered", NULL, "list: those that nobody answered when they were chased"},
        {0, "org", "NAME", "list: of this organisation"},
        {0, "reason", "TEXT", "approve, hold, withdraw, answer, rule: why"},
        {0, "does", "WORD", "rule add: send, digest or hold"},
        {0, "class", "CLASS", "rule add: taxonomy/type of RSIT, or taxonomy/ (default: any)"},
        {0, "severity", "WORD", "rule add: at least so bad: info (default), low, medium, high or critical"},
        {0, "cause", "WORD", "rule add: indicator or report (default: both)"},
        {0, "sector", "NAME", "rule add: constituents of this sector (default: any)"},
        {0, "until", "TIME", "rule add: it holds until then (default: until it is ended)"},
        {0, "now", NULL, "digest: what waits for it goes out now"},
        OPTION_JSON,
};

const struct command command_warn = {
        .name = "warn",
        .arguments = "list, show|approve|hold|withdraw|remind N, answer N WORD, rule list|add|end, digest",
        .about = "See the warnings of a node, decide about them, and change the rules by which they go out",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = warn,
};
