/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan org: the organisations that a node knows: its own, those it serves, its partners and others. */
#include "app/constituent.h"
#include "app/options.h"
#include "app/person.h"
#include "app/sharing.h"
#include "app/whole.h"
#include "base/clock.h"
#include "desk/organisation.h"
#include "desk/roll.h"
#include "desk/sector.h"
#include "desk/supply.h"
#include "input/input.h"
#include "store/right.h"
#include "json/write.h"

#define ROW_MAX (256u << 10)
#define IMPORT_FILES_MAX 16
#define IMPORT_BYTES_MAX ((size_t)2 << 30) /* of what a roll needs while it is taken in */
#define PAGE_BYTES_MAX ((size_t)64 << 20)  /* of a page of the roll on its way out */

/* ---- What is shown ---- */

/* One row for both faces: the columns of the text are the keys of the JSON. */
struct column {
    const char *name;
    slice text;
};

static void show(const struct command_line *line, const struct organisation *row)
{
    const struct column columns[] = {
            {"name", row->name},
            {"relation", slice_of(store_relation_name(row->relation))},
            {"state", slice_of(store_organisation_state_name(row->state))},
            {"kind", row->kind},
            {"sector", row->sector},
            {"country", row->country},
            {"identity", row->identity},
            {"team_of", row->team_of},
    };
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    bool json = command_flag(line, "json");
    if (json) {
        json_write_object(&w);
        json_write_key_u64(&w, S("number"), (uint64_t)row->number);
    }
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        if (json)
            json_write_key_text(&w, slice_of(columns[i].name), columns[i].text);
        else if (columns[i].text.len > 0 || i + 1 < COUNT_OF(columns)) /* few are the team of a sector */
            buf_printf(&buf, "%s%.*s", i == 0 ? "" : "\t", (int)columns[i].text.len, columns[i].text.ptr);
    }
    if (json)
        json_write_end(&w);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static void show_time(struct buf *buf, int64_t us)
{
    if (us == TIME_NONE)
        buf_put(buf, S("now"));
    else
        time_write(buf, us);
}

static void show_names(const struct organisation_name *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct buf buf = buf_make(ROW_MAX);
        show_time(&buf, names[i].from_us);
        buf_put(&buf, S(" to "));
        show_time(&buf, names[i].until_us);
        printf("\t%.*s: %.*s\n", (int)buf.len, buf.ptr, (int)names[i].name.len, names[i].name.ptr);
        buf_free(&buf);
    }
}

static void show_service(const struct command_line *line, const struct service *service)
{
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    if (command_flag(line, "json")) {
        json_write_object(&w);
        json_write_key_u64(&w, S("organisation"), (uint64_t)service->organisation);
        json_write_key_u64(&w, S("memory_days"), (uint64_t)service->memory_days);
        json_write_key(&w, S("from"));
        json_write_time(&w, service->from_us);
        json_write_key(&w, S("until"));
        json_write_time(&w, service->until_us);
        json_write_end(&w);
    } else {
        buf_printf(&buf, "\tremembered for %lld days, from ", (long long)service->memory_days);
        time_write(&buf, service->from_us);
        if (service->until_us != TIME_NONE) {
            buf_put(&buf, S(" to "));
            time_write(&buf, service->until_us);
        }
    }
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

/* ---- Verbs ---- */

static struct err show_number(const struct command_line *line, struct local *local, int64_t number)
{
    struct organisation row;
    TRY(store_organisation_get(local->db, number, line->arena, &row));
    show(line, &row);
    return OK;
}

/* As it is now, or what it waits for. */
static struct err show_done(
        const struct command_line *line, struct local *local, int64_t number, const struct share_proposal *proposal)
{
    sharing_tell(line, proposal);
    return proposal->done ? show_number(line, local, number) : OK;
}

static struct err add(const struct command_line *line, struct local *local)
{
    struct organisation_put put = {
            .name = slice_of(line->files[1]),
            .kind = constituent_text(line, "kind", "other"),
            .sector = constituent_text(line, "sector", ""),
            .country = constituent_text(line, "country", ""),
    };
    struct share_proposal proposal;
    int64_t number = 0;
    slice relation = constituent_text(line, "relation", "constituent");
    if (!store_relation_find(relation, &put.relation) || put.relation == RELATION_OWN)
        return err_make(ERR_INPUT, "--relation is constituent, partner or other");
    TRY(constituent_named(line, local, command_text(line, "parent"), &put.parent));
    TRY(desk_organisation_add(
            local->db, &local->actor, &put, constituent_text(line, "reason", ""), line->arena, &proposal));
    if (proposal.done)
        TRY(store_organisation_find(local->db, put.name, &number));
    return show_done(line, local, number, &proposal);
}

static struct err list_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct organisation *rows;
    TRY(store_organisation_list(local->db, *after, STORE_PAGE_MAX, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        show(line, &rows[i]);
        *after = rows[i].number;
    }
    return OK;
}

static struct err list(const struct command_line *line, struct local *local)
{
    TRY(store_right_check(&local->actor, VERB_READ_ORGANISATIONS, 0, line->arena, NULL));
    return local_pages(line, local, list_page);
}

static struct err show_one(const struct command_line *line, struct local *local)
{
    struct organisation_name *names;
    struct service service;
    size_t count;
    int64_t number;
    TRY(constituent_named(line, local, line->files[1], &number));
    TRY(store_right_check(&local->actor, VERB_READ_ORGANISATIONS, number, line->arena, NULL));
    TRY(store_organisation_names(local->db, number, line->arena, &names, &count));
    TRY(show_number(line, local, number));
    if (command_flag(line, "json"))
        return OK;
    show_names(names, count);
    struct err err = store_service_get(local->db, number, line->arena, &service);
    if (err.kind == ERR_NONE)
        show_service(line, &service);
    return err.kind == ERR_MISSING ? OK : err;
}

static struct err change(const struct command_line *line, struct local *local)
{
    struct organisation row;
    struct share_proposal proposal;
    int64_t number;
    TRY(constituent_named(line, local, line->files[1], &number));
    TRY(store_organisation_get(local->db, number, line->arena, &row));
    struct organisation_put put = {
            .kind = row.kind, .sector = row.sector, .country = row.country, .parent = row.parent};
    put.kind = command_text(line, "kind") == NULL ? put.kind : slice_of(command_text(line, "kind"));
    put.sector = command_text(line, "sector") == NULL ? put.sector : slice_of(command_text(line, "sector"));
    put.country = command_text(line, "country") == NULL ? put.country : slice_of(command_text(line, "country"));
    if (command_text(line, "parent") != NULL)
        TRY(constituent_named(line, local, command_text(line, "parent"), &put.parent));
    TRY(desk_organisation_change(
            local->db, &local->actor, number, &put, constituent_text(line, "reason", ""), line->arena, &proposal));
    return show_done(line, local, number, &proposal);
}

static struct err rename_to(const struct command_line *line, struct local *local)
{
    struct share_proposal proposal;
    int64_t number, from_us;
    TRY(constituent_named(line, local, line->files[1], &number));
    TRY(constituent_moment(line, "from", clock_now_us(), &from_us));
    TRY(desk_organisation_rename(local->db, &local->actor, number, slice_of(line->files[2]), from_us,
            constituent_text(line, "reason", ""), line->arena, &proposal));
    return show_done(line, local, number, &proposal);
}

static struct err state(const struct command_line *line, struct local *local)
{
    enum organisation_state to;
    struct share_proposal proposal;
    int64_t number;
    slice reason;
    TRY(constituent_named(line, local, line->files[1], &number));
    if (!store_organisation_state_find(slice_of(line->files[2]), &to) || to == ORGANISATION_PROPOSED)
        return err_format(
                line->arena, ERR_INPUT, "an organisation becomes active, suspended or closed, not %s", line->files[2]);
    TRY(sharing_reason(line, &reason));
    TRY(desk_organisation_state(local->db, &local->actor, number, to, reason, line->arena, &proposal));
    return show_done(line, local, number, &proposal);
}

static struct err serve(const struct command_line *line, struct local *local)
{
    struct service service = {0};
    uint64_t days;
    if (command_text(line, "memory-days") == NULL)
        return err_make(ERR_INPUT, "for how long? --memory-days N says how long is remembered what they met");
    TRY(command_number(line, "memory-days", 0, SERVICE_DAYS_MAX, SERVICE_DAYS, &days));
    TRY(constituent_named(line, local, line->files[1], &service.organisation));
    TRY(constituent_moment(line, "from", clock_now_us(), &service.from_us));
    TRY(constituent_moment(line, "until", TIME_NONE, &service.until_us));
    service.memory_days = (int64_t)days;
    TRY(desk_organisation_service(local->db, &local->actor, &service, line->arena));
    show_service(line, &service);
    return OK;
}

/* ---- The team of a sector ---- */

static struct err team(const struct command_line *line, struct local *local)
{
    struct share_proposal proposal;
    int64_t number;
    slice reason;
    if (command_text(line, "sector") == NULL)
        return err_make(ERR_INPUT, "of which sector? --sector NAME says it; `org team-end` ends it");
    TRY(constituent_named(line, local, line->files[1], &number));
    TRY(sharing_reason(line, &reason));
    TRY(desk_sector_propose(
            local->db, &local->actor, number, slice_of(command_text(line, "sector")), reason, line->arena, &proposal));
    return show_done(line, local, number, &proposal);
}

static struct err team_end(const struct command_line *line, struct local *local)
{
    int64_t number;
    slice reason;
    TRY(constituent_named(line, local, line->files[1], &number));
    TRY(sharing_reason(line, &reason));
    TRY(desk_sector_end(local->db, &local->actor, number, reason, line->arena));
    return show_number(line, local, number);
}

/* ---- Who supplies whom ---- */

static struct err supplies(const struct command_line *line, struct local *local)
{
    int64_t supplier, customer;
    TRY(constituent_named(line, local, line->files[1], &supplier));
    TRY(constituent_named(line, local, line->files[2], &customer));
    if (command_flag(line, "end"))
        return desk_supply_end(local->db, &local->actor, supplier, customer, line->arena);
    return desk_supply_put(
            local->db, &local->actor, supplier, customer, constituent_text(line, "what", ""), line->arena);
}

static struct err customers_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct supply *rows;
    int64_t supplier;
    TRY(constituent_named(line, local, line->files[1], &supplier));
    TRY(store_supply_customers(local->db, supplier, clock_now_us(), *after, STORE_PAGE_MAX, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        const struct constituent_column columns[] = {{"name", rows[i].customer_name},
                {"since", constituent_time(arena, rows[i].since_us)}, {"what", rows[i].what}};
        constituent_show(line, rows[i].customer, columns, COUNT_OF(columns));
        *after = rows[i].customer;
    }
    return OK;
}

static struct err customers(const struct command_line *line, struct local *local)
{
    TRY(store_right_check(&local->actor, VERB_READ_ORGANISATIONS, 0, line->arena, NULL));
    return local_pages(line, local, customers_page);
}

/* ---- The roll ---- */

static void show_report(const struct command_line *line, const struct roll_report *report)
{
    for (size_t i = 0; i < ROLL_KINDS; i++) {
        const struct roll_counts *counts = &report->counts[i];
        const char *name = roll_kind_name((enum roll_kind)i);
        if (counts->added + counts->changed + counts->same == 0)
            continue;
        printf(command_flag(line, "json") ? "{\"of\":\"%s\",\"added\":%llu,\"changed\":%llu,\"same\":%llu}\n"
                                          : "%s: %llu added, %llu changed, %llu as they were\n",
                name, (unsigned long long)counts->added, (unsigned long long)counts->changed,
                (unsigned long long)counts->same);
    }
}

static void show_problems(const struct roll_report *report)
{
    for (size_t i = 0; i < report->problem_count; i++) {
        const struct roll_problem *problem = &report->problems[i];
        fprintf(stderr, "%s:%llu:", problem->file, (unsigned long long)problem->line);
        if (problem->column > 0)
            fprintf(stderr, "%u:", problem->column);
        fprintf(stderr, " %s\n", problem->why);
    }
    if (report->refused > report->problem_count)
        fprintf(stderr, "and %llu further lines\n", (unsigned long long)(report->refused - report->problem_count));
}

static struct err files_read(const struct command_line *line, struct input_text *texts, struct roll_file *files,
        size_t *count, struct arena *arena)
{
    for (*count = 0; *count + 1 < line->file_count; ++*count) {
        const char *name = line->files[*count + 1];
        TRY(input_text(name, ROLL_BYTES_MAX, arena, &texts[*count]));
        files[*count] = (struct roll_file){name, texts[*count].text};
    }
    return OK;
}

static struct err import(const struct command_line *line, struct local *local)
{
    struct input_text texts[IMPORT_FILES_MAX];
    struct roll_file files[IMPORT_FILES_MAX];
    struct roll_report report = {.problem_count = 0};
    struct arena *arena = arena_open("a roll", ARENA_WORK, IMPORT_BYTES_MAX);
    size_t count;
    struct err err = files_read(line, texts, files, &count, arena);
    if (err.kind == ERR_NONE)
        err = desk_roll_import(local->db, &local->actor, files, count, arena, &report);
    if (err.kind == ERR_NONE)
        show_report(line, &report);
    else
        err.why = arena_cstr(line->arena, slice_of(err.why));
    show_problems(&report);
    while (count > 0)
        input_text_free(&texts[--count]);
    arena_close(arena);
    return err;
}

static struct err write_pages(struct local *local, enum roll_kind kind, FILE *to, struct buf *buf, struct arena *arena)
{
    struct roll_place place = {.end = false};
    while (!place.end) {
        buf_reset(buf);
        arena_reset(arena);
        TRY(desk_roll_write(local->db, &local->actor, kind, &place, arena, buf));
        if (fwrite(buf->ptr, 1, buf->len, to) != buf->len)
            return err_errno(local->arena, "output");
    }
    return OK;
}

static struct err export(const struct command_line *line, struct local *local)
{
    enum roll_kind kind;
    struct whole whole;
    if (!roll_kind_find(slice_of(line->files[1]), &kind))
        return err_format(line->arena, ERR_INPUT,
                "`org export` takes organisations, contacts, assets or supplies, not %s", line->files[1]);
    TRY(whole_open(line, &whole));
    struct arena *arena = arena_open("a page of the roll", ARENA_WORK, PAGE_BYTES_MAX);
    struct buf buf = buf_make(PAGE_BYTES_MAX);
    struct err err = write_pages(local, kind, whole.to, &buf, arena);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(line->arena, slice_of(err.why));
    buf_free(&buf);
    arena_close(arena);
    return whole_end(&whole, err);
}

static const struct local_verb verbs[] = {
        {"add", 2, add},
        {"list", 1, list},
        {"show", 2, show_one},
        {"change", 2, change},
        {"rename", 3, rename_to},
        {"state", 3, state},
        {"service", 2, serve},
        {"team", 2, team},
        {"team-end", 2, team_end},
        {"supplies", 3, supplies},
        {"customers", 2, customers},
        {"import", 2, import, IMPORT_FILES_MAX - 1},
        {"export", 2, export},
};

static int org(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `org add NAME`, `org list`, `org show NAME`, `org change NAME`, `org rename NAME NEW`, `org state "
            "NAME "
            "STATE --reason TEXT`, `org service NAME --memory-days N`, `org team NAME --sector SECTOR --reason TEXT`, "
            "`org team-end NAME "
            "--reason TEXT`, `org supplies SUPPLIER CUSTOMER`, `org customers SUPPLIER`, `org import FILE...` or `org "
            "export "
            "organisations|contacts|assets|supplies`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTION_PERSON,
        {0, "relation", "WORD", "add: what it is to this node: constituent (default), partner or other"},
        {0, "kind", "WORD", "team, ministry, hospital, supplier, platform, police or other (default)"},
        {0, "sector", "NAME", "Its sector; team: the sector whose team it is"},
        {0, "country", "CC", "Its country, two letters (ISO 3166-1)"},
        {0, "parent", "NAME", "The organisation that it belongs to"},
        {0, "from", "TIME", "rename, service: since when (default: now)"},
        {0, "until", "TIME", "service: until when (default: no end)"},
        {0, "memory-days", "N", "service: how long is remembered what they met, 0 to 400 days; 0: not at all"},
        {0, "reason", "TEXT", "state, team: why; others: for the second person, where one is needed"},
        {0, "what", "TEXT", "supplies: what is supplied"},
        {0, "end", NULL, "supplies: no more, from now on"},
        OPTION_OUTPUT,
        OPTION_JSON,
};

const struct command command_org = {
        .name = "org",
        .arguments = "add NAME|list|show NAME|change NAME|rename NAME NEW|state NAME STATE|service NAME|team "
                     "NAME|team-end NAME|supplies SUPPLIER CUSTOMER|customers SUPPLIER|import FILE...|export WHAT",
        .about = "Keep the organisations that a node knows, and what was agreed with those it serves",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = org,
};
