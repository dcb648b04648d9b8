/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan incident: the incidents of a node, what is known of them, and what becomes of them. */
#include <inttypes.h>

#include "app/found.h"
#include "app/incident_across.h"
#include "app/incident_responsible.h"
#include "app/incident_show.h"
#include "app/options.h"
#include "app/person.h"
#include "app/rates.h"
#include "app/risks.h"
#include "app/sharing.h"
#include "app/typed.h"
#include "case/account.h"
#include "case/find.h"
#include "case/incident.h"
#include "case/opinion.h"
#include "store/organisation.h"
#include "store/user.h"

static struct err number_of(const struct command_line *line, size_t word, int64_t *number)
{
    uint64_t read;
    *number = 0;
    if (!slice_u64(slice_of(line->files[word]), INT64_MAX, &read))
        return err_format(line->arena, ERR_INPUT, "%s is no number of an incident", line->files[word]);
    *number = (int64_t)read;
    return OK;
}

static struct err moment_of(const struct command_line *line, const char *text, int64_t *us)
{
    *us = TIME_NONE;
    return text == NULL || time_parse_strict(slice_of(text), us)
                   ? OK
                   : err_format(
                             line->arena, ERR_INPUT, "%s is no moment as 2026-11-20T22:40:00+07:00 (RFC 3339)", text);
}

static struct err organisation_of(
        const struct command_line *line, struct local *local, const char *name, int64_t *number)
{
    struct err err = store_organisation_find(local->db, slice_of(name), number);
    return err.kind != ERR_MISSING ? err : err_format(line->arena, ERR_MISSING, "there is no organisation %s", name);
}

/* ---- Reading ---- */

/* One that the actor sees; the others are as if they were not there. */
static struct err seen(struct local *local, int64_t number, struct arena *arena, struct incident *row)
{
    enum case_sight sight;
    TRY(store_incident_get(local->db, number, arena, row));
    TRY(case_sees(local->db, &local->actor, row, arena, &sight));
    return sight == CASE_ALL ? OK : err_make(ERR_MISSING, "there is no such incident");
}

static struct err show_one(const struct command_line *line, struct local *local)
{
    struct incident row;
    int64_t number;
    TRY(number_of(line, 1, &number));
    TRY(seen(local, number, line->arena, &row));
    return incident_show_whole(line, local, &row);
}

static struct err rows_of(const struct command_line *line, struct local *local, int64_t before, struct arena *arena,
        struct incident **rows, size_t *count)
{
    const char *state = command_text(line, "state"), *org = command_text(line, "org");
    enum incident_which which = command_flag(line, "all") ? INCIDENT_ALL : INCIDENT_UNDER_WORK;
    enum incident_state wanted;
    int64_t organisation;
    if (state != NULL && !store_incident_state_find(slice_of(state), &wanted))
        return err_format(line->arena, ERR_INPUT, "%s is no state of an incident", state);
    if (state != NULL)
        return store_incident_of_state(local->db, wanted, before, STORE_PAGE_MAX, arena, rows, count);
    if (command_flag(line, "mine"))
        return store_incident_of_holder(local->db, local->actor.user, before, STORE_PAGE_MAX, arena, rows, count);
    if (org == NULL)
        return store_incident_latest(local->db, which, before, STORE_PAGE_MAX, arena, rows, count);
    TRY(organisation_of(line, local, org, &organisation));
    return store_incident_of_party(local->db, organisation, before, STORE_PAGE_MAX, arena, rows, count);
}

static struct err list_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct incident *rows;
    enum case_sight sight;
    TRY(rows_of(line, local, *after == 0 ? INT64_MAX : *after, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        TRY(case_sees(local->db, &local->actor, &rows[i], arena, &sight));
        if (sight == CASE_ALL)
            incident_show_line(line, &rows[i]);
        *after = rows[i].number;
    }
    return OK;
}

static struct err found_list(
        const struct command_line *line, struct local *local, struct case_find *find, struct arena *arena)
{
    struct incident *rows;
    enum case_sight *sights;
    size_t count;
    TRY(case_incident_find(local->db, &local->actor, find, arena, &rows, &sights, &count));
    for (size_t i = 0; i < count; i++)
        if (sights[i] == CASE_ALL)
            incident_show_line(line, &rows[i]);
    return OK;
}

static struct err list(const struct command_line *line, struct local *local)
{
    if (command_text(line, "search") != NULL)
        return found_show(line, local, found_list);
    TRY(store_right_check(&local->actor, VERB_READ_INCIDENTS, 0, line->arena, NULL));
    return local_pages(line, local, list_page);
}

/* ---- What is done by one ---- */

struct doing {
    const struct command_line *line;
    struct local *local;
    int64_t incident;
    slice why;
    struct err (*verb)(struct work *work, const struct doing *doing);
    int64_t made; /* what was made, for who wants its number */
};

static struct err doing_do(struct work *work, void *context)
{
    const struct doing *doing = context;
    return doing->verb(work, doing);
}

/* Does it, and shows the incident as it is then. */
static struct err done(struct doing *doing)
{
    struct incident row;
    TRY(store_work(doing->local->db, &doing->local->actor, doing->line->arena, doing_do, doing));
    TRY(store_incident_get(doing->local->db, doing->incident, doing->line->arena, &row));
    incident_show_line(doing->line, &row);
    return OK;
}

static struct err with_number(const struct command_line *line, struct local *local,
        struct err (*verb)(struct work *work, const struct doing *doing))
{
    struct doing doing = {.line = line, .local = local, .why = typed_or(line, "reason", ""), .verb = verb};
    TRY(number_of(line, 1, &doing.incident));
    return done(&doing);
}

struct opening {
    struct case_incident_put put;
    int64_t number;
};

static struct err open_do(struct work *work, void *context)
{
    struct opening *opening = context;
    return case_incident_open(work, &opening->put, &opening->number);
}

static struct err opening_read(const struct command_line *line, struct case_incident_put *put)
{
    uint64_t criticality;
    *put = (struct case_incident_put){.title = slice_of(line->files[1]),
            .class = typed_or(line, "class", ""),
            .local_class = typed_or(line, "local-class", ""),
            .sector = typed_or(line, "sector", ""),
            .marking = typed_or(line, "marking", ""),
            .flags = command_flag(line, "restricted") ? S("restricted") : S(""),
            .vital = command_flag(line, "vital"),
            .personal_data = command_flag(line, "personal-data")};
    TRY(command_number(line, "criticality", 0, 100, 0, &criticality));
    put->criticality = (int64_t)criticality;
    if (!store_severity_find(typed_or(line, "severity", "medium"), &put->severity))
        return err_make(ERR_INPUT, "--severity is info, low, medium, high or critical");
    for (enum incident_when i = 0; i < INCIDENT_WHENS; i++)
        put->at[i] = TIME_NONE;
    TRY(moment_of(line, command_text(line, "occurred"), &put->at[INCIDENT_OCCURRED_AT]));
    return moment_of(line, command_text(line, "known"), &put->at[INCIDENT_KNOWN_AT]);
}

static struct err open(const struct command_line *line, struct local *local)
{
    struct opening opening = {.number = 0};
    struct incident row;
    struct plan_responsibility table;
    TRY(opening_read(line, &opening.put));
    TRY(responsible_table(local, &table));
    TRY(store_work(local->db, &local->actor, line->arena, open_do, &opening));
    TRY(store_incident_get(local->db, opening.number, line->arena, &row));
    incident_show_line(line, &row);
    return command_flag(line, "json") ? OK : responsible_show(local, &table, opening.number);
}

static struct err responsible(const struct command_line *line, struct local *local)
{
    struct plan_responsibility table;
    int64_t number;
    TRY(number_of(line, 1, &number));
    TRY(responsible_table(local, &table));
    if (command_flag(line, "take"))
        TRY(responsible_take(local, &table, number));
    return responsible_show(local, &table, number);
}

static struct err state_verb(struct work *work, const struct doing *doing)
{
    enum incident_state state;
    if (!store_incident_state_find(slice_of(doing->line->files[2]), &state))
        return err_format(work->arena, ERR_INPUT, "%s is no state of an incident", doing->line->files[2]);
    return case_incident_state(work, doing->incident, state, doing->why);
}

static struct err state(const struct command_line *line, struct local *local)
{
    return with_number(line, local, state_verb);
}

/* `set 7 severity=high title="..."`: all of them or none. */
static struct err set_verb(struct work *work, const struct doing *doing)
{
    for (size_t i = 2; i < doing->line->file_count; i++) {
        slice pair = slice_of(doing->line->files[i]);
        size_t sign = slice_find(pair, '=');
        if (sign == pair.len)
            return err_format(work->arena, ERR_INPUT, "%s: set is followed by FIELD=VALUE", doing->line->files[i]);
        TRY(case_incident_set(
                work, doing->incident, slice_part(pair, 0, sign), slice_from(pair, sign + 1), doing->why));
    }
    return OK;
}

static struct err set(const struct command_line *line, struct local *local)
{
    for (size_t i = 2; i < line->file_count; i++)
        if (slice_starts(slice_of(line->files[i]), S("assets="))) /* which there are is in the rule of risks */
            TRY(risks_open(&local->node.config, line->arena));
    return with_number(line, local, set_verb);
}

static struct err party_verb(struct work *work, const struct doing *doing)
{
    enum party_role role;
    int64_t organisation;
    const struct command_line *line = doing->line;
    if (!store_party_role_find(slice_of(line->files[2]), &role))
        return err_make(ERR_INPUT, "a party is victim, supplier, lead, support, informed or liaison");
    TRY(organisation_of(line, doing->local, line->files[3], &organisation));
    return command_flag(line, "end") ? case_party_end(work, doing->incident, organisation, role, doing->why)
                                     : case_party_add(work, doing->incident, organisation, role, doing->why);
}

static struct err party(const struct command_line *line, struct local *local)
{
    slice reason;
    TRY(sharing_reason(line, &reason));
    return with_number(line, local, party_verb);
}

static struct err observable_verb(struct work *work, const struct doing *doing)
{
    return case_observable_add(work, doing->incident, slice_of(doing->line->files[2]), slice_of(doing->line->files[3]));
}

static struct err observable(const struct command_line *line, struct local *local)
{
    return with_number(line, local, observable_verb);
}

static struct err amount_of(const struct command_line *line, size_t word, int64_t *amount)
{
    uint64_t read;
    if (strcmp(line->files[word], "unknown") == 0) {
        *amount = IMPACT_UNKNOWN;
        return OK;
    }
    if (!slice_u64(slice_of(line->files[word]), INT64_MAX, &read))
        return err_format(line->arena, ERR_INPUT, "%s is no whole number (of money: of hundredths) and not unknown",
                line->files[word]);
    *amount = (int64_t)read;
    return OK;
}

static struct err impact_verb(struct work *work, const struct doing *doing)
{
    const struct command_line *line = doing->line;
    const char *org = command_text(line, "org");
    struct impact put = {.kind = slice_of(line->files[2]),
            .unit = typed_or(line, "currency", ""),
            .basis = typed_or(line, "basis", ""),
            .confidence = typed_or(line, "confidence", "low")};
    int64_t number;
    TRY(amount_of(line, 3, &put.low));
    TRY(amount_of(line, line->file_count > 4 ? 4 : 3, &put.high));
    TRY(moment_of(line, command_text(line, "at"), &put.at_us));
    if (org != NULL)
        TRY(organisation_of(line, doing->local, org, &put.organisation));
    return case_impact_add(work, doing->incident, &put, &number);
}

static struct err impact(const struct command_line *line, struct local *local)
{
    return with_number(line, local, impact_verb);
}

static struct err scale_verb(struct work *work, const struct doing *doing)
{
    return case_scale_put(
            work, doing->incident, slice_of(doing->line->files[2]), slice_of(doing->line->files[3]), doing->why);
}

static struct err scale(const struct command_line *line, struct local *local)
{
    return with_number(line, local, scale_verb);
}

static struct err audience_of(const struct doing *doing, int64_t *audience)
{
    slice whom = typed_or(doing->line, "for", "own");
    *audience = AUDIENCE_OWN;
    if (slice_eq(whom, S("own")))
        return OK;
    if (slice_eq(whom, S("parties"))) {
        *audience = AUDIENCE_PARTIES;
        return OK;
    }
    return organisation_of(doing->line, doing->local, command_text(doing->line, "for"), audience);
}

static struct err note_verb(struct work *work, const struct doing *doing)
{
    const struct command_line *line = doing->line;
    uint64_t answers;
    int64_t number;
    struct incident_entry put = {.text = slice_of(line->files[2]), .source = typed_or(line, "source", "")};
    if (!store_entry_kind_find(typed_or(line, "kind", "note"), &put.kind))
        return err_make(ERR_INPUT, "--kind is event, note, question or answer");
    TRY(command_number(line, "answers", 1, INT64_MAX, 0, &answers));
    put.answers = (int64_t)answers;
    TRY(moment_of(line, command_text(line, "at"), &put.happened_us));
    TRY(moment_of(line, command_text(line, "until"), &put.due_us));
    TRY(audience_of(doing, &put.audience));
    return case_entry_add(work, doing->incident, &put, &number);
}

static struct err withdraw_verb(struct work *work, const struct doing *doing)
{
    uint64_t entry;
    TRY(command_number(doing->line, "withdraw", 1, INT64_MAX, 0, &entry));
    return case_entry_withdraw(work, doing->incident, (int64_t)entry, doing->why);
}

/* Takes one back, or writes one. */
static struct err note(const struct command_line *line, struct local *local)
{
    if (command_text(line, "withdraw") != NULL)
        return line->file_count == 2 ? with_number(line, local, withdraw_verb)
                                     : err_make(ERR_INPUT, "--withdraw takes an entry back, and writes none");
    return line->file_count == 3 ? with_number(line, local, note_verb)
                                 : err_make(ERR_INPUT, "a note has a text: `incident note N TEXT`");
}

static struct err opinion_verb(struct work *work, const struct doing *doing)
{
    const struct command_line *line = doing->line;
    struct case_opinion_put put = {.opinion = slice_of(line->files[2]),
            .why = line->file_count > 3 ? slice_of(line->files[3]) : S(""),
            .about = typed_or(line, "about", "")};
    int64_t number;
    TRY(audience_of(doing, &put.audience));
    return case_opinion(work, doing->incident, &put, &number);
}

static struct err opinion(const struct command_line *line, struct local *local)
{
    return with_number(line, local, opinion_verb);
}

static struct err link_verb(struct work *work, const struct doing *doing)
{
    int64_t other;
    TRY(number_of(doing->line, 2, &other));
    return case_incident_link(work, doing->incident, other, slice_of(doing->line->files[3]));
}

static struct err link(const struct command_line *line, struct local *local)
{
    return with_number(line, local, link_verb);
}

static struct err merge_verb(struct work *work, const struct doing *doing)
{
    int64_t into;
    TRY(number_of(doing->line, 2, &into));
    return case_incident_merge(work, doing->incident, into, doing->why);
}

static struct err merge(const struct command_line *line, struct local *local)
{
    slice reason;
    TRY(sharing_reason(line, &reason));
    return with_number(line, local, merge_verb);
}

/* ---- Other nodes ---- */

static struct err share(const struct command_line *line, struct local *local)
{
    int64_t number;
    TRY(number_of(line, 1, &number));
    return incident_share(line, local, number);
}

static struct err alert(const struct command_line *line, struct local *local)
{
    int64_t number;
    TRY(number_of(line, 1, &number));
    return incident_alert(line, local, number);
}

/* ---- What takes two ---- */

typedef struct err propose(const struct command_line *line, struct local *local, int64_t incident, slice reason,
        struct share_proposal *proposal);

static struct err proposed(const struct command_line *line, struct local *local, propose *verb)
{
    struct share_proposal proposal;
    struct incident row;
    int64_t number;
    slice reason;
    TRY(number_of(line, 1, &number));
    TRY(sharing_reason(line, &reason));
    TRY(seen(local, number, line->arena, &row));
    TRY(verb(line, local, number, reason, &proposal));
    sharing_tell(line, &proposal);
    TRY(store_incident_get(local->db, number, line->arena, &row));
    if (proposal.done)
        incident_show_line(line, &row);
    return OK;
}

static struct err close_propose(const struct command_line *line, struct local *local, int64_t incident, slice reason,
        struct share_proposal *proposal)
{
    return case_incident_close(local->db, &local->actor, incident, reason, line->arena, proposal);
}

static struct err close(const struct command_line *line, struct local *local)
{
    return proposed(line, local, close_propose);
}

static struct err time_propose(const struct command_line *line, struct local *local, int64_t incident, slice reason,
        struct share_proposal *proposal)
{
    enum incident_when what;
    int64_t us;
    if (!store_incident_when_find(slice_of(line->files[2]), &what))
        return err_make(ERR_INPUT,
                "a time is occurred, detected, known, reported, acknowledged, contained, recovered or closed");
    TRY(moment_of(line, strcmp(line->files[3], "-") == 0 ? NULL : line->files[3], &us));
    return case_incident_time(local->db, &local->actor, incident, what, us, reason, line->arena, proposal);
}

static struct err time_change(const struct command_line *line, struct local *local)
{
    return proposed(line, local, time_propose);
}

static struct err class_propose(const struct command_line *line, struct local *local, int64_t incident, slice reason,
        struct share_proposal *proposal)
{
    return case_incident_class(local->db, &local->actor, incident, slice_of(line->files[2]),
            typed_or(line, "local-class", ""), reason, line->arena, proposal);
}

static struct err class_change(const struct command_line *line, struct local *local)
{
    return proposed(line, local, class_propose);
}

static struct err widen_propose(const struct command_line *line, struct local *local, int64_t incident, slice reason,
        struct share_proposal *proposal)
{
    return case_incident_widen(
            local->db, &local->actor, incident, slice_of(line->files[2]), reason, line->arena, proposal);
}

static struct err widen(const struct command_line *line, struct local *local)
{
    return proposed(line, local, widen_propose);
}

/* ---- The account ---- */

static struct err report(const struct command_line *line, struct local *local)
{
    struct case_account_asked asked = {.form = CASE_ACCOUNT_HTML};
    TRY(number_of(line, 1, &asked.incident));
    if (!case_account_form_find(typed_or(line, "as", command_flag(line, "json") ? "json" : "html"), &asked.form))
        return err_make(ERR_INPUT, "--as is html (for print), csv (the timeline) or json");
    if (!language_find(typed_or(line, "language", "id"), &asked.language))
        return err_make(ERR_INPUT, "--language is id or en");
    TRY(rates_of_node(&local->node.config, line->arena, &asked.rates));
    struct buf out = buf_make(CASE_ACCOUNT_MAX);
    struct err err = case_account_write(local->db, &local->actor, &asked, line->arena, &out);
    if (err.kind == ERR_NONE)
        fwrite(out.ptr, 1, out.len, stdout);
    buf_free(&out);
    return err;
}

/* ---- The command ---- */

static const struct local_verb verbs[] = {
        {"list", 1, list, 0},
        {"show", 2, show_one, 0},
        {"open", 2, open, 0},
        {"state", 3, state, 0},
        {"set", 3, set, 20},
        {"party", 4, party, 0},
        {"responsible", 2, responsible, 0},
        {"observable", 4, observable, 0},
        {"impact", 4, impact, 1},
        {"scale", 4, scale, 0},
        {"note", 2, note, 1},
        {"opinion", 3, opinion, 1},
        {"link", 4, link, 0},
        {"merge", 3, merge, 0},
        {"close", 2, close, 0},
        {"time", 4, time_change, 0},
        {"class", 3, class_change, 0},
        {"widen", 3, widen, 0},
        {"share", 2, share, 0},
        {"alert", 3, alert, 0},
        {"questions", 1, incident_questions, 0},
        {"report", 2, report, 0},
};

static int incident(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `incident list`, `show N`, `open TITLE`, `state N STATE`, `set N FIELD=VALUE...`, `party N ROLE "
            "ORG`, `responsible N`, `observable N TYPE VALUE`, "
            "`impact N KIND LEAST [MOST]`, `scale N SCALE LEVEL`, `note N TEXT`, "
            "`opinion N WORD [TEXT]`, `link N OTHER KIND`, `merge N INTO`, `close N`, `time N WHAT MOMENT`, `class N "
            "CLASS`, `widen N MARKING`, `report N`, `share N`, `alert N FILE` or `questions`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTION_PERSON,
        {0, "all", NULL, "list: also those on which nobody works any more"},
        {0, "mine", NULL, "list: those that --person has"},
        {0, "state", "STATE", "list: of this state, as new, open or closed"},
        {0, "org", "NAME", "list: this organisation is a party; impact: to whom"},
        {0, "search", "WORDS", "list: with these words, \"phrases\" or beginnings*, in any state, the best first"},
        {0, "class", "CLASS", "open: taxonomy/type of RSIT"},
        {0, "local-class", "WORD", "open, class: a sub-class of ours, as ransomware"},
        {0, "severity", "WORD", "open: info, low, medium (default), high or critical"},
        {0, "criticality", "N", "open: 0 (default) to 100; from 70 on two persons close it"},
        {0, "marking", "TLP", "open: TLP:AMBER if not said; alert: TLP:GREEN"},
        {0, "sector", "NAME", "open: the sector that it is about; alert: whose constituents are told"},
        {0, "vital", NULL, "open: vital information infrastructure is concerned"},
        {0, "personal-data", NULL, "open: personal data is concerned"},
        {0, "restricted", NULL, "open: only who has it and auditors see it"},
        {0, "occurred", "TIME", "open: when it happened"},
        {0, "known", "TIME", "open: when it was known, which starts the clocks of law"},
        {0, "take", NULL, "responsible: enter what the table proposes"},
        {0, "end", NULL, "party: it has that part no longer; share: its nodes get nothing of it any more"},
        {0, "preview", NULL, "share: what each party would get, byte for byte, and why the rest stays"},
        {0, "observables", NULL, "share: what was seen, too"},
        {0, "currency", "CODE", "impact: of money, three capital letters as IDR"},
        {0, "basis", "TEXT", "impact: of what it was reckoned"},
        {0, "confidence", "WORD", "impact: low (default), medium or high"},
        {0, "at", "TIME", "impact, note: when that was (default: now)"},
        {0, "for", "WHOM", "note, opinion: own (default), parties, or the name of an organisation"},
        {0, "kind", "WORD", "note: event, note (default), question or answer"},
        {0, "answers", "N", "note: number of the question that it answers"},
        {0, "source", "TEXT", "note: where that is known from"},
        {0, "until", "TIME", "note: until when a question wants an answer"},
        {0, "withdraw", "N", "note: take that entry back; it stays, struck out, for whoever has it"},
        {0, "about", "WHAT", "opinion: number of an entry, a value that was seen, or id of an indicator"},
        {0, "as", "FORM", "report: html (default, for print), csv (the timeline) or json"},
        {0, "language", "TAG", "report: of its headings, id (default) or en"},
        {0, "reason", "TEXT", "state, set, party, scale, note, merge, close, time, class, widen, share, alert: why"},
        OPTION_JSON,
};

const struct command command_incident = {
        .name = "incident",
        .arguments = "list, "
                     "show|open|state|set|party|responsible|observable|impact|scale|note|opinion|link|merge|close|time|"
                     "class|widen|report|share|alert, questions",
        .about = "See the incidents of a node and work on them",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = incident,
};
