/* SPDX-License-Identifier: Apache-2.0 */
#include "app/incident_show.h"

#include <inttypes.h>

#include "base/arena.h"
#include "case/incident.h"
#include "case/opinion.h"
#include "store/journal.h"
#include "store/organisation.h"
#include "text/moment.h"
#include "text/shown.h"
#include "json/write.h"

#define ROW_MAX (4u << 20)
#define NEWS_MAX 200 /* rows of the journal that `show` tells; the rest is `journal` */

/* ---- One row ---- */

static void put_end(struct buf *buf)
{
    printf("%.*s\n", (int)buf->len, buf->ptr);
    buf_free(buf);
}

static void columns_put(struct buf *buf, int64_t number, const slice *columns, size_t count)
{
    buf_printf(buf, "%" PRId64, number);
    for (size_t i = 0; i < count; i++) {
        buf_byte(buf, '\t');
        shown_text_write(buf, columns[i], false);
    }
}

static void incident_write(struct json_writer *w, const struct incident *row)
{
    const struct {
        const char *key;
        slice text;
    } texts[] = {{"identity", row->identity}, {"title", row->title},
            {"state", slice_of(store_incident_state_name(row->state))}, {"class", row->class},
            {"local_class", row->local_class}, {"severity", slice_of(store_severity_name(row->severity))},
            {"determination", row->determination}, {"marking", row->marking}, {"sector", row->sector},
            {"flags", row->flags}, {"assets", row->assets}};
    json_write_key_u64(w, S("number"), (uint64_t)row->number);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        json_write_key_text(w, slice_of(texts[i].key), texts[i].text);
    json_write_key_u64(w, S("criticality"), (uint64_t)row->criticality);
    json_write_key(w, S("vital"));
    json_write_bool(w, row->vital);
    json_write_key(w, S("personal_data"));
    json_write_bool(w, row->personal_data);
    for (enum incident_when i = 0; i < INCIDENT_WHENS; i++) {
        json_write_key(w, slice_of(store_incident_when_name(i)));
        json_write_time(w, row->at[i]);
    }
}

void incident_show_line(const struct command_line *line, const struct incident *row)
{
    const slice columns[] = {slice_of(store_incident_state_name(row->state)),
            slice_of(store_severity_name(row->severity)), row->class, row->marking, row->title};
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    if (command_flag(line, "json")) {
        json_write_object(&w);
        incident_write(&w, row);
        json_write_end(&w);
    } else {
        columns_put(&buf, row->number, columns, COUNT_OF(columns));
    }
    put_end(&buf);
}

/* "every 4h", behind all else of those that come again. */
static slice every_text(const struct task *row, struct arena *arena)
{
    slice every = moment_every_text(row->every_us, arena);
    return slice_of(arena_printf(arena, "every %.*s", (int)every.len, every.ptr));
}

static void task_write(struct json_writer *w, const struct task *row, slice organisation, struct arena *arena)
{
    json_write_object(w);
    json_write_key_u64(w, S("number"), (uint64_t)row->number);
    json_write_key_u64(w, S("incident"), (uint64_t)row->incident);
    json_write_key_text(w, S("identity"), row->identity);
    json_write_key_text(w, S("state"), slice_of(store_task_state_name(row->state)));
    json_write_key_text(w, S("title"), row->title);
    json_write_key_text(w, S("text"), row->text);
    json_write_key_text(w, S("organisation"), organisation);
    json_write_key_text(w, S("result"), row->result);
    json_write_key_text(w, S("agreed_by"), row->agreed_by);
    json_write_key(w, S("agreed"));
    json_write_time(w, row->agreed_us);
    json_write_key(w, S("due"));
    json_write_time(w, row->due_us);
    json_write_key_text(w, S("every"), moment_every_text(row->every_us, arena));
    json_write_key_text(w, S("asks"), row->asks);
    json_write_key(w, S("done"));
    json_write_time(w, row->done_us);
    json_write_key(w, S("withdrawn"));
    json_write_time(w, row->withdrawn_us);
    json_write_end(w);
}

void task_show_line(const struct command_line *line, const struct task *row, slice organisation)
{
    const slice columns[] = {slice_of(store_task_state_name(row->state)), time_text(row->due_us, line->arena),
            organisation, row->title, row->result, every_text(row, line->arena)};
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    if (command_flag(line, "json"))
        task_write(&w, row, organisation, line->arena);
    else
        columns_put(&buf, row->number, columns, COUNT_OF(columns) - (row->every_us == 0 ? 1 : 0));
    put_end(&buf);
}

/* ---- The whole ---- */

/* A list of it: a member of the JSON object, or lines behind a word. */
struct section {
    struct json_writer *w;
    struct buf *buf;
    bool json;
    struct arena *arena;
};

static void section_begin(const struct section *section, const char *name)
{
    if (!section->json)
        return;
    json_write_key(section->w, slice_of(name));
    json_write_array(section->w);
}

static void section_end(const struct section *section)
{
    if (section->json)
        json_write_end(section->w);
}

/* Pairs of a name and a text. */
struct cell {
    const char *name;
    slice text;
};

static void row_put(const struct section *section, const char *word, const struct cell *cells, size_t count)
{
    if (section->json) {
        json_write_object(section->w);
        for (size_t i = 0; i < count; i++)
            json_write_key_text(section->w, slice_of(cells[i].name), cells[i].text);
        json_write_end(section->w);
        return;
    }
    buf_printf(section->buf, "\n%s", word);
    for (size_t i = 0; i < count; i++) {
        buf_byte(section->buf, '\t');
        shown_text_write(section->buf, cells[i].text, false);
    }
}

static struct err parties_put(const struct section *section, struct local *local, const struct incident *incident)
{
    struct party *rows;
    size_t count;
    TRY(store_party_list(local->db, incident->number, section->arena, &rows, &count));
    section_begin(section, "parties");
    for (size_t i = 0; i < count; i++) {
        const struct cell cells[] = {{"role", slice_of(store_party_role_name(rows[i].role))},
                {"organisation", rows[i].name}, {"since", time_text(rows[i].since_us, section->arena)},
                {"until", time_text(rows[i].until_us, section->arena)}, {"why", rows[i].why}};
        row_put(section, "party", cells, COUNT_OF(cells));
    }
    section_end(section);
    return OK;
}

static struct err customers_put(const struct section *section, struct local *local, const struct incident *incident)
{
    struct supply *rows;
    size_t count;
    TRY(case_incident_customers(local->db, &local->actor, incident, section->arena, &rows, &count));
    section_begin(section, "customers");
    for (size_t i = 0; i < count; i++) {
        const struct cell cells[] = {{"supplier", rows[i].supplier_name}, {"organisation", rows[i].customer_name},
                {"since", time_text(rows[i].since_us, section->arena)}, {"what", rows[i].what}};
        row_put(section, "customer", cells, COUNT_OF(cells));
    }
    section_end(section);
    return OK;
}

static struct err observables_put(const struct section *section, struct local *local, const struct incident *incident)
{
    struct incident_observable *rows;
    size_t count;
    TRY(store_incident_observables(local->db, incident->number, section->arena, &rows, &count));
    section_begin(section, "observables");
    for (size_t i = 0; i < count; i++) {
        struct buf value = buf_make(4 * STORE_TEXT_MAX);
        shown_value_write(&value, observable_type_find(rows[i].type), rows[i].value);
        const struct cell cells[] = {{"type", rows[i].type},
                {"value", section->json ? rows[i].value : arena_copy(section->arena, buf_slice(&value))},
                {"others", slice_of(arena_printf(section->arena, "%" PRId64, rows[i].others))}};
        buf_free(&value);
        row_put(section, "observable", cells, COUNT_OF(cells));
    }
    section_end(section);
    return OK;
}

static slice amount(int64_t value, struct arena *arena)
{
    return value == IMPACT_UNKNOWN ? S("unknown") : slice_of(arena_printf(arena, "%" PRId64, value));
}

static struct err impacts_put(const struct section *section, struct local *local, const struct incident *incident)
{
    struct impact *rows;
    struct scale_level *levels;
    size_t count;
    TRY(store_impact_list(local->db, incident->number, section->arena, &rows, &count));
    section_begin(section, "impacts");
    for (size_t i = 0; i < count; i++) {
        const struct cell cells[] = {{"kind", rows[i].kind}, {"least", amount(rows[i].low, section->arena)},
                {"most", amount(rows[i].high, section->arena)}, {"currency", rows[i].unit}, {"basis", rows[i].basis},
                {"confidence", rows[i].confidence}, {"at", time_text(rows[i].at_us, section->arena)}};
        row_put(section, "impact", cells, COUNT_OF(cells));
    }
    section_end(section);
    TRY(store_scale_list(local->db, incident->number, section->arena, &levels, &count));
    section_begin(section, "scales");
    for (size_t i = 0; i < count; i++) {
        const struct cell cells[] = {{"scale", levels[i].scale}, {"level", levels[i].level},
                {"from", time_text(levels[i].from_us, section->arena)}, {"why", levels[i].why}};
        row_put(section, "scale", cells, COUNT_OF(cells));
    }
    section_end(section);
    return OK;
}

/* What it was before, and who changed it. */
static struct err history_put(const struct section *section, struct local *local, const struct incident *incident)
{
    struct incident_class *classes;
    struct incident_time *times;
    size_t count;
    TRY(store_incident_classes(local->db, incident->number, section->arena, &classes, &count));
    section_begin(section, "classes");
    for (size_t i = 0; i < count; i++) {
        const struct cell cells[] = {{"from", time_text(classes[i].from_us, section->arena)},
                {"class", classes[i].class}, {"local_class", classes[i].local_class}, {"actor", classes[i].actor},
                {"why", classes[i].why}};
        row_put(section, "class", cells, COUNT_OF(cells));
    }
    section_end(section);
    TRY(store_incident_times(local->db, incident->number, section->arena, &times, &count));
    section_begin(section, "times");
    for (size_t i = 0; i < count; i++) {
        const struct cell cells[] = {{"what", slice_of(store_incident_when_name(times[i].what))},
                {"before", time_text(times[i].before_us, section->arena)},
                {"after", time_text(times[i].after_us, section->arena)}, {"proposer", times[i].proposer},
                {"actor", times[i].actor}, {"why", times[i].why}};
        row_put(section, "time", cells, COUNT_OF(cells));
    }
    section_end(section);
    return OK;
}

static struct err links_put(const struct section *section, struct local *local, const struct incident *incident)
{
    struct incident_link *rows;
    size_t count;
    TRY(store_incident_links(local->db, incident->number, section->arena, &rows, &count));
    section_begin(section, "links");
    for (size_t i = 0; i < count; i++) {
        const struct cell cells[] = {{"kind", rows[i].kind},
                {"other", slice_of(arena_printf(section->arena, "%" PRId64, rows[i].other))}, {"title", rows[i].title}};
        row_put(section, "link", cells, COUNT_OF(cells));
    }
    section_end(section);
    return OK;
}

/* The tasks that have to be done before one, "1 2". */
static struct err befores_of(const struct section *section, struct local *local, int64_t task, slice *befores)
{
    int64_t *rows;
    size_t count;
    struct buf buf = buf_make(4096);
    struct err err = store_task_befores(local->db, task, section->arena, &rows, &count);
    for (size_t i = 0; err.kind == ERR_NONE && i < count; i++)
        buf_printf(&buf, "%s%" PRId64, i == 0 ? "" : " ", rows[i]);
    *befores = arena_copy(section->arena, buf_slice(&buf));
    buf_free(&buf);
    return err;
}

static struct err tasks_put(const struct section *section, struct local *local, const struct incident *incident)
{
    struct task *rows;
    struct organisation whose;
    size_t count;
    TRY(store_task_list(local->db, incident->number, section->arena, &rows, &count));
    section_begin(section, "tasks");
    for (size_t i = 0; i < count; i++) {
        slice befores;
        TRY(store_organisation_get(local->db, rows[i].organisation, section->arena, &whose));
        TRY(befores_of(section, local, rows[i].number, &befores));
        const struct cell cells[] = {{"number", slice_of(arena_printf(section->arena, "%" PRId64, rows[i].number))},
                {"state", slice_of(store_task_state_name(rows[i].state))},
                {"due", time_text(rows[i].due_us, section->arena)}, {"organisation", whose.name},
                {"title", rows[i].title}, {"result", rows[i].result}, {"after", befores},
                {"withdrawn", time_text(rows[i].withdrawn_us, section->arena)},
                {"every", every_text(&rows[i], section->arena)}};
        row_put(section, "task", cells, COUNT_OF(cells) - (rows[i].every_us == 0 ? 1 : 0));
    }
    section_end(section);
    return OK;
}

/* What an opinion is about, as it is typed. */
static struct err about_text(
        const struct section *section, struct case_abouts *abouts, const struct incident_entry *entry, slice *text)
{
    struct case_about found;
    *text = S("");
    if (entry->kind != ENTRY_OPINION)
        return OK;
    TRY(case_about_get(abouts, entry->about, &found));
    if (found.kind == CASE_ABOUT_ENTRY)
        *text = slice_of(arena_printf(section->arena, "%" PRId64, found.entry));
    else if (found.kind != CASE_ABOUT_INCIDENT)
        *text = found.value;
    return OK;
}

/* What people wrote, then what the journal says of it. */
static struct err timeline_put(const struct section *section, struct local *local, const struct incident *incident)
{
    struct incident_entry *rows;
    struct journal_row *news;
    struct case_abouts abouts = case_abouts(local->db, incident, section->arena);
    size_t count, news_count;
    slice subject = slice_of(arena_printf(section->arena, CASE_SUBJECT "/%" PRId64, incident->number));
    TRY(store_entry_list(local->db, incident->number, INT64_MIN, 0, STORE_PAGE_MAX, section->arena, &rows, &count));
    section_begin(section, "entries");
    for (size_t i = 0; i < count; i++) {
        slice about;
        TRY(about_text(section, &abouts, &rows[i], &about));
        const struct cell cells[] = {{"number", slice_of(arena_printf(section->arena, "%" PRId64, rows[i].number))},
                {"happened", time_text(rows[i].happened_us, section->arena)},
                {"kind", slice_of(store_entry_kind_name(rows[i].kind))}, {"actor", rows[i].actor},
                {"text", rows[i].text}, {"source", rows[i].source},
                {"written", time_text(rows[i].written_us, section->arena)}, {"opinion", rows[i].opinion},
                {"about", about}, {"withdrawn", time_text(rows[i].withdrawn_us, section->arena)}};
        row_put(section, "entry", cells, COUNT_OF(cells));
    }
    section_end(section);
    TRY(store_journal_about(local->db, subject, INT64_MAX, NEWS_MAX, section->arena, &news, &news_count));
    section_begin(section, "journal");
    for (size_t i = news_count; i-- > 0;) {
        const struct cell cells[] = {{"time", time_text(news[i].time_us, section->arena)}, {"act", news[i].act},
                {"actor", news[i].actor}, {"detail", news[i].detail}};
        row_put(section, "journal", cells, COUNT_OF(cells));
    }
    section_end(section);
    return OK;
}

struct err incident_show_whole(const struct command_line *line, struct local *local, const struct incident *row)
{
    struct buf buf = buf_make(64u << 20);
    struct json_writer w = json_writer(&buf);
    const struct section section = {&w, &buf, command_flag(line, "json"), line->arena};
    struct err (*const parts[])(const struct section *section, struct local *local, const struct incident *incident) = {
            history_put, parties_put, customers_put, observables_put, impacts_put, links_put, tasks_put, timeline_put};
    struct err err = OK;
    if (section.json) {
        json_write_object(&w);
        incident_write(&w, row);
    } else {
        incident_show_line(line, row);
    }
    for (size_t i = 0; i < COUNT_OF(parts) && err.kind == ERR_NONE; i++)
        err = parts[i](&section, local, row);
    if (section.json)
        json_write_end(&w);
    if (err.kind == ERR_NONE)
        err = buf_check(&buf);
    slice text = buf_slice(&buf);
    if (err.kind == ERR_NONE && text.len > 0)
        printf("%.*s\n", (int)(section.json ? text.len : text.len - 1), section.json ? text.ptr : text.ptr + 1);
    buf_free(&buf);
    return err;
}
