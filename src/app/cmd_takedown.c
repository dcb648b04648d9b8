/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan takedown: pages that deceive people, who is asked to take them down, and whether they are gone. */
#include <inttypes.h>

#include "app/options.h"
#include "app/person.h"
#include "app/sharing.h"
#include "app/takedowns.h"
#include "app/typed.h"
#include "case/takedown.h"
#include "store/organisation.h"
#include "text/shown.h"
#include "json/write.h"

#define ROW_MAX (1u << 20)
#define LOOKS 100

/* ---- What is shown ---- */

/* A cell of a line, and a member of an object. */
struct cell {
    const char *name;
    enum { CELL_TEXT, CELL_URL, CELL_NUMBER, CELL_TIME, CELL_DURATION } kind;
    slice text;
    int64_t number; /* or a time, TIME_NONE: none */
    bool rest;      /* not in a line of a list */
};

static void cell_json(struct json_writer *w, const struct cell *cell)
{
    json_write_key(w, slice_of(cell->name));
    if (cell->kind == CELL_TIME)
        json_write_time(w, cell->number);
    else if (cell->kind == CELL_DURATION && cell->number == TIME_NONE)
        json_write_null(w);
    else if (cell->kind == CELL_DURATION)
        json_write_i64(w, cell->number / SECOND_US);
    else if (cell->kind == CELL_NUMBER)
        json_write_i64(w, cell->number);
    else
        json_write_text(w, cell->text);
}

static void cell_line(struct buf *buf, const struct cell *cell)
{
    if (cell->kind == CELL_URL)
        shown_value_write(buf, OBSERVABLE_URL, cell->text);
    else if (cell->kind == CELL_TEXT)
        shown_text_write(buf, cell->text, true);
    else if (cell->kind == CELL_NUMBER)
        buf_printf(buf, "%" PRId64, cell->number);
    else if (cell->number == TIME_NONE)
        buf_put(buf, S("-"));
    else if (cell->kind == CELL_TIME)
        time_write(buf, cell->number);
    else
        buf_printf(buf, "%" PRId64 " min", cell->number / MINUTE_US);
}

/* One line, or one object; `whole`: a line for each cell. */
static struct err show_cells(const struct command_line *line, const struct cell *cells, size_t count, bool whole)
{
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    bool json = command_flag(line, "json");
    if (json)
        json_write_object(&w);
    for (size_t i = 0; i < count; i++) {
        if (json) {
            cell_json(&w, &cells[i]);
            continue;
        }
        if (!whole && cells[i].rest)
            continue;
        if (whole)
            buf_printf(&buf, "%-12s ", cells[i].name);
        else if (i > 0)
            buf_byte(&buf, '\t');
        cell_line(&buf, &cells[i]);
        if (whole && i + 1 < count)
            buf_byte(&buf, '\n');
    }
    if (json)
        json_write_end(&w);
    struct err err = buf_check(&buf);
    if (err.kind == ERR_NONE)
        printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
    return err;
}

static struct err show_row(const struct command_line *line, struct local *local, const struct takedown *row, bool whole)
{
    struct organisation imitated = {.name = S("")};
    if (row->imitates != 0)
        TRY(store_organisation_get(local->db, row->imitates, line->arena, &imitated));
    const struct cell cells[] = {{"number", CELL_NUMBER, .number = row->number},
            {"state", CELL_TEXT, slice_of(store_takedown_state_name(row->state))}, {"url", CELL_URL, row->url},
            {"incident", CELL_NUMBER, .number = row->incident}, {"reports", CELL_NUMBER, .number = row->reports},
            {"returned", CELL_NUMBER, .number = row->returned}, {"pap", CELL_TEXT, row->pap},
            {"imitates", CELL_TEXT, imitated.name, .rest = true},
            {"reported", CELL_TIME, .number = row->reported_us, .rest = true},
            {"requested", CELL_TIME, .number = row->requested_us, .rest = true},
            {"down", CELL_TIME, .number = row->down_us, .rest = true},
            {"look", CELL_TIME, .number = row->check_us, .rest = true}};
    return show_cells(line, cells, COUNT_OF(cells), whole);
}

static struct err show_request(const struct command_line *line, const struct takedown_request *row)
{
    const struct cell cells[] = {{"request", CELL_NUMBER, .number = row->number},
            {"state", CELL_TEXT, slice_of(store_takedown_request_state_name(row->state))},
            {"recipient", CELL_TEXT, slice_of(store_takedown_recipient_name(row->recipient))},
            {"address", CELL_TEXT, row->address}, {"language", CELL_TEXT, row->language},
            {"approved_by", CELL_TEXT, row->approved_by}, {"answer", CELL_TEXT, row->answer},
            {"sent", CELL_TIME, .number = row->sent_us, .rest = true},
            {"subject", CELL_TEXT, row->subject, .rest = true}, {"text", CELL_TEXT, row->text, .rest = true}};
    return show_cells(line, cells, COUNT_OF(cells), !command_flag(line, "json"));
}

static struct err show_look(const struct command_line *line, const struct takedown_look *row)
{
    const struct cell cells[] = {{"looked", CELL_TIME, .number = row->looked_us},
            {"outcome", CELL_TEXT, slice_of(store_takedown_outcome_name(row->outcome))},
            {"detail", CELL_TEXT, row->detail}};
    return show_cells(line, cells, COUNT_OF(cells), false);
}

/* ---- Reading ---- */

/* Of what the actor does not see, nothing is there. */
static struct err sees(struct local *local, int64_t incident, struct arena *arena, bool *seen)
{
    struct incident row;
    enum case_sight sight;
    TRY(store_incident_get(local->db, incident, arena, &row));
    TRY(case_sees(local->db, &local->actor, &row, arena, &sight));
    *seen = sight == CASE_ALL;
    return OK;
}

static struct err seen_row(const struct command_line *line, struct local *local, struct takedown *row)
{
    int64_t number;
    bool seen;
    TRY(typed_number(line, line->files[1], "a take-down", &number));
    TRY(store_takedown_get(local->db, number, line->arena, row));
    TRY(sees(local, row->incident, line->arena, &seen));
    return seen ? OK : err_make(ERR_MISSING, "there is no such take-down");
}

static struct err list_of(const struct command_line *line, struct local *local, int64_t incident)
{
    struct takedown *rows;
    size_t count;
    bool seen;
    TRY(sees(local, incident, line->arena, &seen));
    if (!seen)
        return err_make(ERR_MISSING, "there is no such incident");
    TRY(store_takedown_list(local->db, incident, line->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        TRY(show_row(line, local, &rows[i], false));
    return OK;
}

static struct err list(const struct command_line *line, struct local *local)
{
    struct takedown *rows;
    int64_t incident, before = INT64_MAX;
    size_t count = 1;
    TRY(store_right_check(&local->actor, VERB_READ_INCIDENTS, 0, line->arena, NULL));
    if (line->file_count > 1) {
        TRY(typed_number(line, line->files[1], "an incident", &incident));
        return list_of(line, local, incident);
    }
    while (count > 0) {
        TRY(store_takedown_latest(local->db, before, STORE_PAGE_MAX, line->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            bool seen;
            TRY(sees(local, rows[i].incident, line->arena, &seen));
            if (seen)
                TRY(show_row(line, local, &rows[i], false));
            before = rows[i].number;
        }
    }
    return OK;
}

static struct err show(const struct command_line *line, struct local *local)
{
    struct takedown row;
    struct takedown_request *requests;
    struct takedown_look *looks;
    size_t request_count, look_count;
    TRY(seen_row(line, local, &row));
    TRY(store_takedown_requests(local->db, row.number, line->arena, &requests, &request_count));
    TRY(store_takedown_looks(local->db, row.number, INT64_MAX, LOOKS, line->arena, &looks, &look_count));
    TRY(show_row(line, local, &row, true));
    for (size_t i = 0; i < request_count; i++)
        TRY(show_request(line, &requests[i]));
    for (size_t i = look_count; i-- > 0;)
        TRY(show_look(line, &looks[i]));
    return OK;
}

static struct err times(const struct command_line *line, struct local *local)
{
    struct case_takedown_times all;
    int64_t incident;
    bool seen;
    TRY(typed_number(line, line->files[1], "an incident", &incident));
    TRY(sees(local, incident, line->arena, &seen));
    if (!seen)
        return err_make(ERR_MISSING, "there is no such incident");
    TRY(case_takedown_times(local->db, incident, line->arena, &all));
    const struct cell cells[] = {{"pages", CELL_NUMBER, .number = (int64_t)all.pages},
            {"requested", CELL_NUMBER, .number = (int64_t)all.requested},
            {"down", CELL_NUMBER, .number = (int64_t)all.down},
            {"returned", CELL_NUMBER, .number = (int64_t)all.returned},
            {"to_request", CELL_DURATION, .number = all.to_request_us},
            {"to_down", CELL_DURATION, .number = all.to_down_us}};
    return show_cells(line, cells, COUNT_OF(cells), true);
}

/* ---- Doing ---- */

struct doing {
    const struct command_line *line;
    struct local *local;
    const struct case_takedown_rules *rules;
    struct case_takedown_put put;
    int64_t takedown, request;
    size_t count, unfit;
    const char *word; /* at hand */
    struct err (*verb)(struct work *work, struct doing *doing);
};

static struct err doing_do(struct work *work, void *context)
{
    struct doing *doing = context;
    return doing->verb(work, doing);
}

static struct err do_it(struct doing *doing)
{
    return store_work(doing->local->db, &doing->local->actor, doing->line->arena, doing_do, doing);
}

/* What it came to. */
static struct err done(struct doing *doing)
{
    struct takedown row;
    TRY(do_it(doing));
    TRY(store_takedown_get(doing->local->db, doing->takedown, doing->line->arena, &row));
    return show_row(doing->line, doing->local, &row, false);
}

static struct err add_verb(struct work *work, struct doing *doing)
{
    return case_takedown_add(work, &doing->put, slice_of(doing->word), &doing->takedown);
}

static struct err gather_verb(struct work *work, struct doing *doing)
{
    return case_takedown_gather(work, &doing->put, &doing->count, &doing->unfit);
}

static struct err imitated_find(struct doing *doing)
{
    const char *name = command_text(doing->line, "imitates");
    if (name == NULL)
        return OK;
    struct err err = store_organisation_find(doing->local->db, slice_of(name), &doing->put.imitates);
    return err.kind != ERR_MISSING ? err
                                   : err_format(doing->line->arena, ERR_MISSING, "there is no organisation %s", name);
}

static struct err add(const struct command_line *line, struct local *local)
{
    struct doing doing = {.line = line, .local = local, .verb = add_verb};
    TRY(typed_number(line, line->files[1], "an incident", &doing.put.incident));
    TRY(imitated_find(&doing));
    doing.put.pap = typed_or(line, "pap", "");
    for (size_t i = 2; i < line->file_count; i++) {
        doing.word = line->files[i];
        TRY(done(&doing));
    }
    if (line->file_count > 2)
        return OK;
    doing.verb = gather_verb;
    TRY(do_it(&doing));
    fprintf(stderr, "%zu pages are new; %zu values are no page\n", doing.count, doing.unfit);
    return list_of(line, local, doing.put.incident);
}

static struct err link_alike(const struct command_line *line, struct local *local)
{
    int64_t incident;
    size_t count;
    TRY(typed_number(line, line->files[1], "an incident", &incident));
    TRY(case_takedown_link(local->db, &local->actor, incident, line->arena, &count));
    printf("%zu reports\n", count);
    return OK;
}

static struct err warn_verb(struct work *work, struct doing *doing)
{
    return case_takedown_warn(work, doing->rules, doing->put.incident, &doing->count);
}

static struct err warn(const struct command_line *line, struct local *local)
{
    struct doing doing = {.line = line, .local = local, .verb = warn_verb};
    TRY(typed_number(line, line->files[1], "an incident", &doing.put.incident));
    TRY(takedowns_of_node(&local->node.config, line->arena, &doing.rules));
    TRY(do_it(&doing));
    printf("%zu letters\n", doing.count);
    return OK;
}

static struct err draft_verb(struct work *work, struct doing *doing)
{
    struct case_takedown_to to = {.language = typed_or(doing->line, "language", "")};
    slice pair = typed_or(doing->line, "to", "");
    size_t sign = slice_find(pair, '=');
    if (pair.len == 0)
        return case_takedown_draft(work, doing->rules, doing->takedown, NULL, &doing->count);
    if (!store_takedown_recipient_find(slice_part(pair, 0, sign), &to.recipient) || sign == pair.len)
        return err_make(ERR_INPUT, "--to is host, registrar, registry or platform, then = and the address");
    to.address = slice_from(pair, sign + 1);
    return case_takedown_draft(work, doing->rules, doing->takedown, &to, &doing->count);
}

static struct err draft(const struct command_line *line, struct local *local)
{
    struct doing doing = {.line = line, .local = local, .verb = draft_verb};
    TRY(takedowns_of_node(&local->node.config, line->arena, &doing.rules));
    for (size_t i = 1; i < line->file_count; i++) {
        struct takedown_request *rows;
        size_t count;
        TRY(typed_number(line, line->files[i], "a take-down", &doing.takedown));
        TRY(do_it(&doing));
        if (doing.count == 0)
            fprintf(stderr, "nothing new for %s: say whom to ask with --to\n", line->files[i]);
        TRY(store_takedown_requests(local->db, doing.takedown, line->arena, &rows, &count));
        for (size_t at = count - doing.count; at < count; at++)
            TRY(show_request(line, &rows[at]));
    }
    return OK;
}

static struct err request_shown(struct doing *doing)
{
    struct takedown_request row;
    TRY(typed_number(doing->line, doing->line->files[1], "a take-down", &doing->takedown));
    TRY(typed_number(doing->line, doing->line->files[2], "a request", &doing->request));
    TRY(do_it(doing));
    TRY(store_takedown_request_get(doing->local->db, doing->takedown, doing->request, doing->line->arena, &row));
    return show_request(doing->line, &row);
}

static struct err approve_verb(struct work *work, struct doing *doing)
{
    return case_takedown_approve(work, doing->takedown, doing->request);
}

static struct err approve(const struct command_line *line, struct local *local)
{
    struct doing doing = {.line = line, .local = local, .verb = approve_verb};
    return request_shown(&doing);
}

static struct err answer_verb(struct work *work, struct doing *doing)
{
    slice word = slice_of(doing->line->files[3]);
    for (enum takedown_request_state i = 0; i < TAKEDOWN_REQUEST_STATES; i++)
        if (slice_eq(word, slice_of(store_takedown_request_state_name(i))))
            return case_takedown_answer(work, doing->takedown, doing->request, i, typed_or(doing->line, "text", ""));
    return err_make(ERR_INPUT, "what became of a request: sent, answered or refused");
}

static struct err answer(const struct command_line *line, struct local *local)
{
    struct doing doing = {.line = line, .local = local, .verb = answer_verb};
    return request_shown(&doing);
}

static struct err seen_verb(struct work *work, struct doing *doing)
{
    enum takedown_outcome outcome;
    if (!store_takedown_outcome_find(slice_of(doing->word), &outcome))
        return err_make(ERR_INPUT, "what somebody saw: there, gone or other");
    return case_takedown_seen(work, doing->takedown, outcome, typed_or(doing->line, "text", ""));
}

static struct err look_now(struct doing *doing)
{
    const struct config *config = &doing->local->node.config;
    const struct http_client_options options = case_takedown_door(&config->feeds, config->takedown.everywhere);
    struct http_client *door;
    enum takedown_outcome outcome;
    TRY(http_client_open(&options, doing->line->arena, &door));
    struct err err = case_takedown_look(
            doing->local->db, &doing->local->actor, door, doing->takedown, doing->line->arena, &outcome);
    http_client_close(door);
    return err;
}

static struct err look(const struct command_line *line, struct local *local)
{
    struct doing doing = {.line = line, .local = local, .verb = seen_verb};
    struct takedown row;
    struct takedown_look *last;
    size_t count;
    TRY(typed_number(line, line->files[1], "a take-down", &doing.takedown));
    doing.word = line->file_count > 2 ? line->files[2] : NULL;
    TRY(doing.word != NULL ? do_it(&doing) : look_now(&doing));
    TRY(store_takedown_get(local->db, doing.takedown, line->arena, &row));
    TRY(store_takedown_looks(local->db, doing.takedown, INT64_MAX, 1, line->arena, &last, &count));
    TRY(show_row(line, local, &row, false));
    return count > 0 ? show_look(line, &last[0]) : OK;
}

static struct err give_up_verb(struct work *work, struct doing *doing)
{
    return case_takedown_give_up(work, doing->takedown, typed_or(doing->line, "reason", ""));
}

static struct err give_up(const struct command_line *line, struct local *local)
{
    struct doing doing = {.line = line, .local = local, .verb = give_up_verb};
    TRY(typed_number(line, line->files[1], "a take-down", &doing.takedown));
    return done(&doing);
}

/* ---- The command ---- */

#define MANY 1000

static const struct local_verb verbs[] = {
        {"list", 1, list, 1},
        {"show", 2, show, 0},
        {"add", 2, add, MANY},
        {"link", 2, link_alike, 0},
        {"warn", 2, warn, 0},
        {"draft", 2, draft, MANY},
        {"approve", 3, approve, 0},
        {"answer", 4, answer, 0},
        {"look", 2, look, 1},
        {"give-up", 2, give_up, 0},
        {"times", 2, times, 0},
};

static int takedown(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `takedown list [INCIDENT]`, `takedown show N`, `takedown add INCIDENT [URL...]`, `takedown link "
            "INCIDENT`, `takedown draft "
            "N...`, `takedown approve N REQUEST`, `takedown answer N REQUEST STATE`, `takedown look N [OUTCOME]`, "
            "`takedown give-up N --reason TEXT` or `takedown times INCIDENT`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTION_PERSON,
        {0, "imitates", "NAME", "add: the organisation that the pages imitate"},
        {0, "pap", "PAP", "add: what may be done to look at them (default: PAP:GREEN)"},
        {0, "to", "RECIPIENT", "draft: to this recipient instead of those of the table, as host=abuse@hoster.example"},
        {0, "language", "TAG", "draft: in this language, en, id or zh"},
        {0, "text", "TEXT", "answer: what they said; look: who saw it, and how"},
        {0, "reason", "TEXT", "give-up: why"},
        OPTION_JSON,
};

const struct command command_takedown = {
        .name = "takedown",
        .arguments =
                "list, show N, add INCIDENT [URL...], link|warn INCIDENT, draft|approve|answer|look|give-up N, times "
                "INCIDENT",
        .about = "Have pages that deceive people taken down, and see whether they are gone",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = takedown,
};
