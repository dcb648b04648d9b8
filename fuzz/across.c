/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as what a partner's node sends of casework: taken in or refused, and read into rows. Two imports are parted
 * by a line "---"; in the text @INCIDENT, @NOTE, @QUESTION and @TASK stand for the ids of what is ours. Whatever it is,
 * what is ours stays ours, each row has the partner as its home and holds what our own fields could, and reading it
 * once more changes nothing.
 */
#include <inttypes.h>

#include "base/arena.h"
#include "case/across_parts.h"
#include "case/opinion.h"
#include "intel/ingest.h"
#include "need.h"
#include "store/agreement.h"
#include "store/collection.h"
#include "store/organisation.h"
#include "store/partner.h"
#include "store/source.h"
#include "store/user.h"

#define PARTNER "identity--6b616c61-0000-4000-8000-00000000000b"
#define SOURCE "partner/Mitra"
#define NOON INT64_C(1795262400000000) /* 2026-11-21 12:00 UTC */
#define TERMS                                                                                                          \
    "{\"kinds\":[\"event\",\"impact\",\"incident\",\"note\",\"opinion\",\"relationship\",\"report\",\"task\"]}"

static struct world {
    struct arena *arena;
    struct db *db;
    struct actor actor;
    int64_t organisation, partner; /* theirs */
    int64_t incident, note, question, task;
    int64_t import;
} world;

static void fine(struct err err)
{
    if (err.kind != ERR_NONE)
        fprintf(stderr, "%s: %s\n", err_name(err.kind), err.why);
    fuzz_need(err.kind == ERR_NONE);
}

/* ---- A node with a partner that has a part in an incident ---- */

static struct err agreement_make(struct work *work)
{
    const struct agreement put = {.id = S("6b616c61-0000-4000-8000-000000000201"), .partner = world.partner};
    struct agreement row;
    int64_t number;
    TRY(store_agreement_add(work, &put, &number));
    TRY(store_agreement_hold(work, number, &row));
    row.state = AGREEMENT_IN_FORCE;
    row.version = row.generation = 1;
    row.terms = S(TERMS);
    row.until_us = INT64_MAX;
    row.reminded_us = row.ended_us = TIME_NONE;
    return store_agreement_change(work, &row);
}

static struct err partner_make(struct work *work)
{
    const struct organisation_put theirs = {.name = S("Mitra"), .kind = S("team"), .relation = RELATION_PARTNER};
    struct user_put account = {.name = S("partner-mitra"), .password_hash = S("$argon2id$x")};
    struct partner_put put = {.kind = PARTNER_NODE,
            .state = PARTNER_ACTIVE,
            .node = S(PARTNER),
            .url = S("https://node.example/"),
            .contact = S("petugas jaga"),
            .outbox = S("6b616c61-0000-4000-8000-000000000101")};
    TRY(store_organisation_add(work, &theirs, &world.organisation));
    account.organisation = put.organisation = world.organisation;
    TRY(store_user_add(work, &account, &put.account));
    TRY(store_source_put(work, S(SOURCE), S("taxii"), world.organisation, &put.source));
    TRY(store_collection_add(work, S("from Mitra"), S(""), &put.inbox));
    TRY(store_partner_add(work, &put, &world.partner));
    return agreement_make(work);
}

static struct err entry_make(struct work *work, enum entry_kind kind, int64_t *number)
{
    const struct incident_entry put = {.kind = kind,
            .audience = AUDIENCE_PARTIES,
            .text = S("ours"),
            .happened_us = TIME_NONE,
            .due_us = TIME_NONE};
    return case_entry_add(work, world.incident, &put, number);
}

static struct err case_make(struct work *work)
{
    struct case_incident_put put = {.title = S("Ours"), .severity = SEVERITY_HIGH};
    struct case_task_put task = {
            .title = S("Look"), .organisation = world.organisation, .due_us = TIME_NONE, .step = S("")};
    for (enum incident_when i = 0; i < INCIDENT_WHENS; i++)
        put.at[i] = TIME_NONE;
    TRY(case_incident_open(work, &put, &world.incident));
    TRY(case_party_add(work, world.incident, world.organisation, PARTY_SUPPORT, S("they help")));
    TRY(entry_make(work, ENTRY_NOTE, &world.note));
    TRY(entry_make(work, ENTRY_QUESTION, &world.question));
    task.incident = world.incident;
    return case_task_add(work, &task, &world.task);
}

static struct err world_make(struct work *work, void *context)
{
    const struct organisation_put ours = {
            .name = S("Tim Contoh"), .kind = S("team"), .country = S("ID"), .relation = RELATION_OWN};
    (void)context;
    TRY(store_organisation_add(work, &ours, &world.actor.organisation));
    TRY(partner_make(work));
    return case_make(work);
}

static void world_open(void)
{
    world = (struct world){.arena = arena_open("fuzz", ARENA_WORK, 256u << 20)};
    world.actor = (struct actor){.name = S("local"), .roles = 1u << ROLE_LOCAL, .how = ACTOR_MACHINE};
    clock_set(NOON);
    fine(store_open(&(struct db_options){.where = ":memory:", .create = true}, world.arena, &world.db));
    fine(store_work(world.db, &world.actor, world.arena, world_make, NULL));
}

/* ---- Taking it in ---- */

static struct incident_entry entry_of(int64_t number)
{
    struct incident_entry row;
    fine(store_entry_get(world.db, world.incident, number, world.arena, &row));
    return row;
}

static slice with_ids(slice text)
{
    struct incident incident;
    struct task task;
    fine(store_incident_get(world.db, world.incident, world.arena, &incident));
    fine(store_task_get(world.db, world.task, world.arena, &task));
    const struct {
        slice word, id;
    } ids[] = {{S("@INCIDENT"), incident.identity}, {S("@NOTE"), entry_of(world.note).identity},
            {S("@QUESTION"), entry_of(world.question).identity}, {S("@TASK"), task.identity}};
    struct buf out = buf_make(8u << 20);
    while (text.len > 0) {
        size_t taken = 1;
        slice put = slice_part(text, 0, 1);
        for (size_t i = 0; i < COUNT_OF(ids); i++)
            if (slice_starts(text, ids[i].word)) {
                put = ids[i].id;
                taken = ids[i].word.len;
            }
        buf_put(&out, put);
        text = slice_from(text, taken);
    }
    slice whole = arena_copy(world.arena, buf_slice(&out));
    buf_free(&out);
    return whole;
}

static struct err read_action(struct work *work, void *context)
{
    (void)context;
    return across_read(work, world.import, world.partner);
}

static void read_rows(void)
{
    struct err err = store_work(world.db, &world.actor, world.arena, read_action, NULL);
    fuzz_need(err.kind == ERR_NONE || err.kind == ERR_LIMIT);
}

/* ---- What came of it ---- */

static void text_check(slice text)
{
    fuzz_need(text.len == 0 || store_prose_check(world.arena, "text", text, CASE_TEXT_MAX).kind == ERR_NONE);
}

static void entry_look(struct buf *out, const struct incident *incident, const struct incident_entry *row)
{
    struct incident_entry question;
    struct case_about about;
    bool ours = row->home == world.actor.organisation;
    fuzz_need(ours ? row->withdrawn_us == TIME_NONE && slice_eq(row->text, S("ours"))
                   : row->home == world.organisation && row->audience == AUDIENCE_OWN);
    fuzz_need((row->kind == ENTRY_OPINION) == (row->opinion.len > 0));
    fuzz_need(row->kind != ENTRY_OPINION || case_opinion_is(row->opinion));
    text_check(row->text);
    struct case_abouts abouts = case_abouts(world.db, incident, world.arena);
    fine(case_about_get(&abouts, row->about, &about));
    if (row->answers != 0) {
        fine(store_entry_get(world.db, incident->number, row->answers, world.arena, &question));
        fuzz_need(row->kind == ENTRY_ANSWER && question.kind == ENTRY_QUESTION);
    }
    buf_printf(out, "%" PRId64 " %d %d %" PRId64 " %" PRId64 " %" PRId64 " ", row->number, (int)row->kind,
            (int)about.kind, row->happened_us, row->due_us, row->withdrawn_us);
    buf_put(out, row->text);
    buf_put(out, row->opinion);
    buf_byte(out, '\n');
}

static void task_look(struct buf *out, const struct task *row)
{
    bool ours = row->home == world.actor.organisation;
    fuzz_need(
            ours ? slice_eq(row->title, S("Look")) && row->withdrawn_us == TIME_NONE : row->home == world.organisation);
    fuzz_need(row->title.len > 0);
    text_check(row->text);
    text_check(row->result);
    buf_printf(out, "%" PRId64 " %d %" PRId64 " ", row->number, (int)row->state, row->withdrawn_us);
    buf_put(out, row->title);
    buf_byte(out, '\n');
}

static void incident_look(struct buf *out, const struct incident *row)
{
    struct incident_entry *entries;
    struct task *tasks;
    size_t count;
    bool ours = row->number == world.incident;
    fuzz_need(ours ? slice_eq(row->title, S("Ours")) && row->home == world.actor.organisation
                   : row->home == world.organisation && row->title.len > 0);
    buf_put(out, row->title);
    buf_printf(out, " %d %d\n", (int)row->state, (int)row->severity);
    fine(store_entry_list(world.db, row->number, INT64_MIN, 0, STORE_PAGE_MAX, world.arena, &entries, &count));
    for (size_t i = 0; i < count; i++)
        entry_look(out, row, &entries[i]);
    fine(store_task_list(world.db, row->number, world.arena, &tasks, &count));
    for (size_t i = 0; i < count; i++)
        task_look(out, &tasks[i]);
}

static slice rows_look(void)
{
    struct buf out = buf_make(64u << 20);
    struct incident *rows;
    size_t count;
    fine(store_incident_latest(world.db, INCIDENT_ALL, INT64_MAX, STORE_PAGE_MAX, world.arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        incident_look(&out, &rows[i]);
    fine(buf_check(&out));
    slice told = arena_copy(world.arena, buf_slice(&out));
    buf_free(&out);
    return told;
}

static void import_take(slice text)
{
    const struct intel_ingest ingest = {.source = S(SOURCE), .kind = S("taxii"), .name = S("an inbox"), .form = "stix"};
    struct intel_report report = {.import = 0};
    struct err err = intel_ingest_text(world.db, &world.actor, &ingest, with_ids(text), world.arena, &report);
    fuzz_need(err.kind == ERR_NONE || err.why != NULL);
    world.import = report.import;
    if (err.kind != ERR_NONE || world.import == 0)
        return;
    read_rows();
    slice first = rows_look();
    read_rows();
    fuzz_need(slice_eq(rows_look(), first));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice text = {size == 0 ? "" : (const char *)data, size};
    if (size > (1u << 20))
        return 0;
    world_open();
    for (bool more = true; more;) {
        size_t mark = slice_find_slice(text, S("\n---\n"));
        more = mark < text.len;
        import_take(slice_part(text, 0, mark));
        text = more ? slice_from(text, mark + 5) : text;
    }
    db_close(world.db);
    arena_close(world.arena);
    clock_set(TIME_NONE);
    return 0;
}
