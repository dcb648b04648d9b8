/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan risk: the register of risks of a node, what is done about them, and the rule that reckons them. */
#include <inttypes.h>

#include "app/options.h"
#include "app/person.h"
#include "app/risks.h"
#include "app/sharing.h"
#include "app/typed.h"
#include "case/risk.h"
#include "store/organisation.h"
#include "store/user.h"
#include "text/shown.h"
#include "json/write.h"

#define ROW_MAX (1u << 20)
#define HISTORY_SHOWN 50

/* ---- Showing ---- */

static void end(struct buf *buf)
{
    printf("%.*s\n", (int)buf->len, buf->ptr);
    buf_free(buf);
}

static void number_key(struct json_writer *w, slice key, int64_t number)
{
    json_write_key(w, key);
    if (number > 0)
        json_write_i64(w, number);
    else
        json_write_null(w);
}

/* Who owns it, by name; empty: nobody. */
static struct err owner_of(
        struct local *local, const struct risk *row, struct arena *arena, slice *organisation, slice *person)
{
    struct organisation whose = {.name = S("")};
    struct user user = {.name = S("")};
    if (row->organisation != 0)
        TRY(store_organisation_get(local->db, row->organisation, arena, &whose));
    if (row->person != 0)
        TRY(store_user_get(local->db, row->person, arena, &user));
    *organisation = whose.name;
    *person = user.name;
    return OK;
}

static void members_json(struct json_writer *w, const struct risk *row, slice organisation, slice person)
{
    const struct {
        const char *key;
        int64_t number;
    } numbers[] = {{"likelihood", row->likelihood}, {"impact", row->impact}, {"score", row->likelihood * row->impact},
            {"likelihood_rule", row->likelihood_rule}, {"impact_rule", row->impact_rule},
            {"likelihood_said", row->likelihood_said}, {"impact_said", row->impact_said}};
    const struct {
        const char *key;
        slice text;
    } texts[] = {{"asset", row->asset}, {"threat", row->threat}, {"source", row->source},
            {"state", slice_of(store_risk_state_name(row->state))}, {"level", row->level}, {"rule", row->version},
            {"organisation", organisation}, {"person", person}, {"treatment", row->treatment}, {"text", row->text}};
    json_write_key_u64(w, S("number"), (uint64_t)row->number);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        json_write_key_text(w, slice_of(texts[i].key), texts[i].text);
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        number_key(w, slice_of(numbers[i].key), numbers[i].number);
    json_write_key_u64(w, S("incidents"), (uint64_t)row->incidents);
    json_write_key(w, S("review"));
    json_write_time(w, row->review_us);
    json_write_key(w, S("overdue"));
    json_write_bool(w, case_risk_overdue(row, clock_now_us()));
    json_write_key(w, S("changed"));
    json_write_time(w, row->changed_us);
}

static void line_write(struct buf *buf, const struct risk *row, slice organisation, struct arena *arena)
{
    slice review = time_text(row->review_us, arena);
    buf_printf(buf, "%" PRId64 "\t%s\t%.*s\t%" PRId64 "\t%" PRId64 "x%" PRId64 "\t%.*s\t%.*s\t%" PRId64 "\t%s\t%.*s\t",
            row->number, store_risk_state_name(row->state), (int)row->level.len, row->level.ptr,
            row->likelihood * row->impact, row->likelihood, row->impact, (int)row->asset.len, row->asset.ptr,
            (int)row->threat.len, row->threat.ptr, row->incidents,
            case_risk_overdue(row, clock_now_us()) ? "overdue" : "due", (int)review.len, review.ptr);
    shown_text_write(buf, organisation, false);
}

static struct err put(const struct command_line *line, struct local *local, const struct risk *row, struct arena *arena)
{
    slice organisation, person;
    TRY(owner_of(local, row, arena, &organisation, &person));
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    if (command_flag(line, "json")) {
        json_write_object(&w);
        members_json(&w, row, organisation, person);
        json_write_end(&w);
    } else {
        line_write(&buf, row, organisation, arena);
    }
    end(&buf);
    return OK;
}

/* ---- The register ---- */

static struct err csv(const struct command_line *line, struct local *local)
{
    struct buf buf = buf_make(CASE_RISK_CSV_MAX);
    TRY(risks_open(&local->node.config, line->arena));
    struct err err = case_risk_csv(local->db, &local->actor, line->arena, &buf);
    if (err.kind == ERR_NONE)
        printf("%.*s", (int)buf.len, buf.ptr);
    buf_free(&buf);
    return err;
}

static struct err list(const struct command_line *line, struct local *local)
{
    enum risk_which which = command_flag(line, "closed") ? RISK_ENDED : RISK_OPEN;
    int64_t score = INT64_MAX, before = INT64_MAX;
    size_t count = STORE_PAGE_MAX;
    TRY(store_right_check(&local->actor, VERB_READ_FIGURES, 0, line->arena, NULL));
    if (command_flag(line, "csv"))
        return csv(line, local);
    while (count == STORE_PAGE_MAX) {
        struct risk *rows;
        TRY(store_risk_list(local->db, which, score, before, STORE_PAGE_MAX, line->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            TRY(put(line, local, &rows[i], line->arena));
            score = rows[i].likelihood * rows[i].impact;
            before = rows[i].number;
        }
    }
    return OK;
}

/* ---- One, with how it stood and by which incidents ---- */

/* Of the numbers those that the actor sees; *hidden: how many are not. */
static struct err seen_of(
        const struct command_line *line, struct local *local, slice numbers, slice *seen, uint64_t *hidden)
{
    slice word;
    const char *text = "";
    *hidden = 0;
    while (slice_next(&numbers, ' ', &word)) {
        uint64_t number;
        bool sees = false;
        if (slice_u64(word, INT64_MAX, &number))
            TRY(case_risk_sees(local->db, &local->actor, (int64_t)number, line->arena, &sees));
        if (sees)
            text = arena_printf(line->arena, "%s%s%.*s", text, text[0] == '\0' ? "" : " ", (int)word.len, word.ptr);
        *hidden += !sees && word.len > 0;
    }
    *seen = slice_of(text);
    return OK;
}

static struct err stood_put(
        const struct command_line *line, struct local *local, const struct risk_stood *row, struct json_writer *w)
{
    slice seen, at = time_text(row->at_us, line->arena);
    uint64_t hidden;
    TRY(seen_of(line, local, row->latest, &seen, &hidden));
    if (w == NULL) {
        struct buf buf = buf_make(ROW_MAX);
        buf_printf(&buf, "%.*s\t%s\t%.*s\t%" PRId64 "x%" PRId64 "\trule %.*s\t%" PRId64 " incidents\t%.*s%s\t",
                (int)at.len, at.ptr, store_risk_state_name(row->state), (int)row->level.len, row->level.ptr,
                row->likelihood, row->impact, (int)row->version.len, row->version.ptr, row->incidents, (int)seen.len,
                seen.ptr, hidden > 0 ? " (and others)" : "");
        shown_text_write(&buf, row->actor, false);
        buf_byte(&buf, '\t');
        shown_text_write(&buf, row->why, false);
        end(&buf);
        return OK;
    }
    json_write_object(w);
    json_write_key_text(w, S("at"), at);
    json_write_key_text(w, S("state"), slice_of(store_risk_state_name(row->state)));
    json_write_key_text(w, S("level"), row->level);
    number_key(w, S("likelihood"), row->likelihood);
    number_key(w, S("impact"), row->impact);
    number_key(w, S("likelihood_rule"), row->likelihood_rule);
    number_key(w, S("impact_rule"), row->impact_rule);
    number_key(w, S("likelihood_said"), row->likelihood_said);
    number_key(w, S("impact_said"), row->impact_said);
    json_write_key_text(w, S("rule"), row->version);
    json_write_key_u64(w, S("incidents"), (uint64_t)row->incidents);
    json_write_key_text(w, S("latest"), seen);
    json_write_key_u64(w, S("hidden"), hidden);
    json_write_key_text(w, S("actor"), row->actor);
    json_write_key_text(w, S("why"), row->why);
    json_write_end(w);
    return OK;
}

static struct err whole_json(const struct command_line *line, struct local *local, const struct risk *row,
        const struct risk_stood *stood, size_t count, struct json_writer *w)
{
    slice organisation, person;
    TRY(owner_of(local, row, line->arena, &organisation, &person));
    json_write_object(w);
    members_json(w, row, organisation, person);
    json_write_key(w, S("history"));
    json_write_array(w);
    for (size_t i = 0; i < count; i++)
        TRY(stood_put(line, local, &stood[i], w));
    json_write_end(w);
    json_write_end(w);
    return OK;
}

static struct err show(const struct command_line *line, struct local *local)
{
    struct risk row;
    struct risk_stood *stood;
    int64_t number;
    size_t count;
    TRY(typed_number(line, line->files[1], "a risk", &number));
    TRY(case_risk_get(local->db, &local->actor, number, line->arena, &row));
    TRY(store_risk_history(local->db, number, INT64_MAX, HISTORY_SHOWN, line->arena, &stood, &count));
    if (command_flag(line, "json")) {
        struct buf buf = buf_make(ROW_MAX);
        struct json_writer w = json_writer(&buf);
        struct err err = whole_json(line, local, &row, stood, count, &w);
        end(&buf);
        return err;
    }
    TRY(put(line, local, &row, line->arena));
    for (size_t i = 0; i < count; i++)
        TRY(stood_put(line, local, &stood[i], NULL));
    return OK;
}

/* ---- The rule ---- */

static struct err rule(const struct command_line *line, struct local *local)
{
    TRY(store_right_check(&local->actor, VERB_READ_FIGURES, 0, line->arena, NULL));
    TRY(risks_open(&local->node.config, line->arena));
    slice text = case_risk_held()->text;
    printf("%.*s", (int)text.len, text.ptr);
    return OK;
}

/* ---- What is done ---- */

struct doing {
    const struct command_line *line;
    int64_t number;
    struct case_risk_said said;
    struct case_risk_treat treat;
    struct err (*verb)(struct work *work, struct doing *doing);
};

static struct err doing_do(struct work *work, void *context)
{
    struct doing *doing = context;
    return doing->verb(work, doing);
}

static struct err done(struct local *local, struct doing *doing)
{
    struct risk row;
    TRY(risks_open(&local->node.config, doing->line->arena));
    TRY(store_work(local->db, &local->actor, doing->line->arena, doing_do, doing));
    TRY(store_risk_get(local->db, doing->number, doing->line->arena, &row));
    return put(doing->line, local, &row, doing->line->arena);
}

static struct err step_of(const struct command_line *line, const char *option, int64_t *step)
{
    uint64_t read;
    TRY(command_number(line, option, 0, RISK_STEPS, RISK_STEPS + 1, &read));
    *step = read > RISK_STEPS ? CASE_RISK_SAME : (int64_t)read;
    return OK;
}

static struct err said_of(const struct command_line *line, struct case_risk_said *said)
{
    TRY(sharing_reason(line, &said->why));
    TRY(step_of(line, "likelihood", &said->likelihood));
    TRY(step_of(line, "impact", &said->impact));
    return typed_moment(line, "review", &said->review_us);
}

static struct err add_verb(struct work *work, struct doing *doing)
{
    const struct command_line *line = doing->line;
    return case_risk_add(work, slice_of(line->files[1]), slice_of(line->files[2]), &doing->said, &doing->number);
}

static struct err add(const struct command_line *line, struct local *local)
{
    struct doing doing = {.line = line, .verb = add_verb};
    TRY(said_of(line, &doing.said));
    return done(local, &doing);
}

static struct err treat_verb(struct work *work, struct doing *doing)
{
    return case_risk_treat(work, doing->number, &doing->treat);
}

static struct err treat(const struct command_line *line, struct local *local)
{
    struct doing doing = {.line = line, .verb = treat_verb};
    const char *org = command_text(line, "org"), *owner = command_text(line, "owner");
    struct user user = {0};
    TRY(typed_number(line, line->files[1], "a risk", &doing.number));
    doing.treat.treatment = slice_of(line->files[2]);
    doing.treat.text = slice_of(line->files[3]);
    if (org != NULL)
        TRY(store_organisation_find(local->db, slice_of(org), &doing.treat.organisation));
    if (owner != NULL)
        TRY(store_user_find(local->db, slice_of(owner), line->arena, &user));
    doing.treat.person = user.number;
    TRY(typed_moment(line, "review", &doing.treat.review_us));
    return done(local, &doing);
}

static struct err review_verb(struct work *work, struct doing *doing)
{
    return case_risk_review(work, doing->number, &doing->said);
}

static struct err review(const struct command_line *line, struct local *local)
{
    struct doing doing = {.line = line, .verb = review_verb};
    TRY(typed_number(line, line->files[1], "a risk", &doing.number));
    TRY(said_of(line, &doing.said));
    return done(local, &doing);
}

static struct err close_verb(struct work *work, struct doing *doing)
{
    return case_risk_close(work, doing->number, doing->said.why);
}

static struct err end_it(const struct command_line *line, struct local *local)
{
    struct doing doing = {.line = line, .verb = close_verb};
    TRY(typed_number(line, line->files[1], "a risk", &doing.number));
    TRY(sharing_reason(line, &doing.said.why));
    return done(local, &doing);
}

static struct err accept(const struct command_line *line, struct local *local)
{
    struct share_proposal proposal;
    struct risk row;
    int64_t number, review_us;
    slice reason;
    TRY(typed_number(line, line->files[1], "a risk", &number));
    TRY(sharing_reason(line, &reason));
    TRY(typed_moment(line, "review", &review_us));
    TRY(risks_open(&local->node.config, line->arena));
    TRY(case_risk_accept(local->db, &local->actor, number, reason, review_us, line->arena, &proposal));
    sharing_tell(line, &proposal);
    if (!proposal.done)
        return OK;
    TRY(store_risk_get(local->db, number, line->arena, &row));
    return put(line, local, &row, line->arena);
}

/* ---- The command ---- */

static const struct local_verb verbs[] = {
        {"list", 1, list, 0},
        {"show", 2, show, 0},
        {"rule", 1, rule, 0},
        {"add", 3, add, 0},
        {"treat", 4, treat, 0},
        {"accept", 2, accept, 0},
        {"review", 2, review, 0},
        {"close", 2, end_it, 0},
};

static int risk(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `risk list`, `risk show N`, `risk rule`, `risk add ASSET THREAT --likelihood N --impact N --reason "
            "TEXT`, `risk treat N avoid|reduce|transfer TEXT`, or `risk accept|review|close N --reason TEXT`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTION_PERSON,
        {0, "closed", NULL, "list: those that are closed"},
        {0, "csv", NULL, "list: all of the register, with the incidents that count, as CSV"},
        {0, "likelihood", "N", "add, review: 1 to 5; 0: what the rule says, and nobody else"},
        {0, "impact", "N", "add, review: 1 to 5, or 0"},
        {0, "org", "NAME", "treat: the organisation that owns it (default: ours)"},
        {0, "owner", "USER", "treat: the person who does"},
        {0, "review", "TIME", "When it is looked at again (default: as its level says)"},
        {0, "reason", "TEXT", "add, accept, review, close: why"},
        OPTION_JSON,
};

const struct command command_risk = {
        .name = "risk",
        .arguments = "list, rule, add ASSET THREAT, show|accept|review|close N, treat N TREATMENT TEXT",
        .about = "The register of risks: what incidents show by a written rule, and what is done about it",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = risk,
};
