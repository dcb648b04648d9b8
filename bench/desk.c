/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_desk DATABASE INCIDENTS REPORTS SEED QUERIES: fills the database of a node with so many incidents (each with
 * parties, tasks, entries, observables, its timeline in the journal) and reports (each with its letter, who told it,
 * observables), 3 of 100 of them still under work, and prints what that took and how long the store alone needs for
 * what the pages of the desk ask of it: "name=value" words, 99 of 100 take no longer. The file QUERIES gets words to
 * search.
 *
 * The node is to have been served once before, without anything in it. All is written by the store's functions, as the
 * verbs do it. Rows of the journal have no entries in the private log, which nothing here reads.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/hash.h"
#include "store/case_search.h"
#include "store/duty.h"
#include "store/involved.h"
#include "store/journal.h"
#include "store/organisation.h"
#include "store/report.h"
#include "store/task.h"
#include "store/thread.h"

#define ORGANISATIONS 2000
#define WORDS 20000
#define WORK_INCIDENTS 100
#define WORK_REPORTS 1000
#define TASKS 3
#define ENTRIES 4
#define ACTS 8 /* rows of the journal of an incident */
#define ASKS 400
#define OPEN_PER_MILLE 30

static struct arena *arena;
static struct db *db;
static const struct actor local = {.name = {"bench", 5}, .how = ACTOR_MACHINE, .roles = 1u << ROLE_LOCAL};
static uint64_t seed;
static int64_t now_us, own, first;
static size_t incidents, reports;

static const char *const classes[] = {"malicious-code/infected-system", "malicious-code/malware-distribution",
        "vulnerable/vulnerable-system", "intrusion-attempts/brute-force", "fraud/phishing", "availability/ddos",
        "information-content-security/unauthorised-information-modification"};
static const char *const languages[] = {"id", "en", "zh"};

static void must(struct err err)
{
    if (err.kind == ERR_NONE)
        return;
    fprintf(stderr, "bench_desk: %s\n", err.why);
    exit(1);
}

/* splitmix64 */
static uint64_t next(uint64_t below)
{
    uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) % below;
}

/* ---- What people write ---- */

/* Common words are far more common than rare ones: about as in any language. */
static slice word(struct arena *into)
{
    static const char *const syllables[] = {"ka", "ri", "ne", "so", "lu", "ma", "ti", "pe", "no", "ga", "ju", "be",
            "ra", "mi", "do", "su", "wa", "li", "ke", "po"};
    uint64_t a = next(WORDS), b = next(WORDS), c = next(WORDS);
    uint64_t rank = a * b / WORDS * c / WORDS;
    return slice_of(arena_printf(into, "%s%s%s%s", syllables[rank % 20], syllables[rank / 20 % 20],
            syllables[rank / 400 % 20], rank >= 8000 ? syllables[rank / 8000 % 20] : ""));
}

static slice prose(struct arena *into, size_t words)
{
    struct buf text = buf_make(8192);
    for (size_t i = 0; i < words; i++) {
        buf_put(&text, word(into));
        buf_byte(&text, ' ');
    }
    slice kept = arena_copy(into, buf_slice(&text));
    buf_free(&text);
    return kept;
}

static slice domain(struct arena *into)
{
    return slice_of(arena_printf(into, "www.site-%05" PRIu64 ".example", next(50000)));
}

static bool under_work(void)
{
    return next(1000) < OPEN_PER_MILLE;
}

/* ---- The journal ---- */

static struct err journal_add(struct work *work, const char *subject, size_t count, const char *const *acts)
{
    static const char ADD[] = "INSERT INTO journal (seq, time_us, organisation, actor, act, subject, detail) "
                              "VALUES ($1, $2, $3, $4, $5, $6, $7)";
    int64_t seq;
    TRY(store_number(work->db, "journal", count, &seq));
    for (size_t i = 0; i < count; i++) {
        const struct db_value row[] = {db_i64(seq + (int64_t)i), db_i64(work->now_us), db_i64(own), db_text(local.name),
                db_text(slice_of(acts[i])), db_text(slice_of(subject)), db_text(S("{\"why\":\"it was so\"}"))};
        TRY(db_run(work->db, ADD, row, COUNT_OF(row), NULL));
    }
    return OK;
}

/* ---- Incidents ---- */

static struct err organisations_add(struct work *work, void *context)
{
    int64_t number;
    (void)context;
    if (store_organisation_own(work->db, &own).kind != ERR_NONE)
        TRY(store_organisation_add(work,
                &(struct organisation_put){
                        .name = S("Tim Contoh"), .kind = S("team"), .country = S("ID"), .relation = RELATION_OWN},
                &own));
    for (int i = 0; i < ORGANISATIONS; i++) {
        struct organisation_put put = {
                .kind = S("hospital"), .sector = S("health"), .country = S("ID"), .relation = RELATION_CONSTITUENT};
        put.name = slice_of(arena_printf(work->arena, "RS Contoh %04d", i));
        TRY(store_organisation_add(work, &put, &number));
        TRY(store_organisation_state(work, number, ORGANISATION_ACTIVE));
        first = i == 0 ? number : first;
    }
    return OK;
}

static slice identity(struct arena *into, const char *type)
{
    return slice_of(arena_printf(into, "%s--%08" PRIx64 "-0000-4000-8000-%012" PRIx64, type, next(UINT64_C(1) << 32),
            next(UINT64_C(1) << 48)));
}

static struct err tasks_add(struct work *work, int64_t incident, int64_t victim, bool open)
{
    for (int i = 0; i < TASKS; i++) {
        int64_t number;
        struct task put = {.incident = incident,
                .home = own,
                .organisation = i == 0 ? victim : own,
                .identity = identity(work->arena, "task"),
                .title = prose(work->arena, 4),
                .text = prose(work->arena, 12),
                .result = open ? S("") : prose(work->arena, 6),
                .state = open ? TASK_TO_DO : TASK_DONE,
                .agreed_us = TIME_NONE,
                .due_us = now_us + (int64_t)next(1000) * HOUR_US};
        TRY(store_task_add(work, &put, &number));
    }
    return OK;
}

static struct err entries_add(struct work *work, int64_t incident, int64_t victim)
{
    for (int i = 0; i < ENTRIES; i++) {
        int64_t number;
        const struct incident_entry put = {.identity = identity(work->arena, "note"),
                .home = own,
                .kind = i == 0 ? ENTRY_EVENT : ENTRY_NOTE,
                .happened_us = work->now_us - i,
                .audience = i == 1   ? AUDIENCE_PARTIES
                            : i == 2 ? victim
                                     : AUDIENCE_OWN,
                .text = prose(work->arena, 40),
                .due_us = TIME_NONE};
        TRY(store_entry_add(work, incident, &put, &number));
    }
    return OK;
}

static struct err incident_add(struct work *work)
{
    static const char *const acts[ACTS] = {"incident.new", "incident.triaged", "incident.opened", "incident.party",
            "incident.observable", "incident.entry", "task.made", "incident.entry"};
    bool open = under_work();
    int64_t number, victim = first + (int64_t)next(ORGANISATIONS);
    struct incident put = {.identity = identity(work->arena, "incident"),
            .home = own,
            .title = prose(work->arena, 6),
            .state = open ? INCIDENT_OPEN : INCIDENT_CLOSED,
            .class = slice_of(classes[next(COUNT_OF(classes))]),
            .severity = (enum severity)next(SEVERITIES),
            .criticality = (int64_t)next(100),
            .determination = S("suspected"),
            .marking = S("TLP:AMBER"),
            .sector = S("health"),
            .flags = next(200) == 0 ? S("restricted") : S("")};
    for (enum incident_when i = 0; i < INCIDENT_WHENS; i++)
        put.at[i] = i == INCIDENT_CLOSED_AT && open ? TIME_NONE : work->now_us;
    TRY(store_incident_add(work, &put, &number));
    TRY(store_party_add(work, number, victim, PARTY_VICTIM, S("they told us")));
    TRY(store_party_add(work, number, own, PARTY_LEAD, S("ours")));
    TRY(store_party_add(
            work, number, first + (int64_t)next(ORGANISATIONS), PARTY_INFORMED, S("it may be theirs, too")));
    TRY(store_incident_observable_add(work, number, S("domain-name"), domain(work->arena)));
    TRY(tasks_add(work, number, victim, open));
    TRY(entries_add(work, number, victim));
    return journal_add(work, arena_printf(work->arena, "incident/%" PRId64, number), ACTS, acts);
}

static struct err incidents_add(struct work *work, void *context)
{
    const size_t *count = context;
    for (size_t i = 0; i < *count; i++)
        TRY(incident_add(work));
    return OK;
}

/* ---- Reports ---- */

static struct err thread_add(struct work *work, int64_t report, slice text)
{
    int64_t number;
    const struct thread_message put = {.report = report,
            .message_id = slice_of(arena_printf(work->arena, "%" PRIx64 "@example.org", next(UINT64_MAX))),
            .sender = S("warga@example.org"),
            .subject = S("Laporan"),
            .text = text,
            .digest = hash_sha256(text)};
    return store_thread_add(work, &put, text, &number);
}

static struct err report_add(struct work *work)
{
    static const char *const acts[] = {"report.received", "report.receipt"};
    bool open = under_work(), fresh;
    slice text = prose(work->arena, 30), host = domain(work->arena);
    int64_t number;
    const struct report put = {.channel = REPORT_BY_MAIL,
            .state = open ? REPORT_ACKNOWLEDGED : REPORT_CLOSED,
            .language = slice_of(languages[next(COUNT_OF(languages))]),
            .organisation = next(4) == 0 ? first + (int64_t)next(ORGANISATIONS) : 0,
            .subject = prose(work->arena, 6),
            .text = text,
            .class = slice_of(classes[next(COUNT_OF(classes))]),
            .class_rule = S("rule"),
            .severity = SEVERITY_MEDIUM,
            .flags = next(200) == 0 ? S("restricted") : S(""),
            .occurred_us = TIME_NONE,
            .receipt_us = work->now_us,
            .answered_us = TIME_NONE};
    const struct report_person person = {.name = word(work->arena),
            .mail = slice_of(arena_printf(work->arena, "warga%" PRIu64 "@example.org", next(1000000))),
            .phone = S("")};
    TRY(store_report_add(work, &put, &person, &number));
    TRY(thread_add(work, number, text));
    slice url = slice_of(arena_printf(work->arena, "http://%.*s/masuk", (int)host.len, host.ptr));
    TRY(store_report_observable_add(work, number, S("url"), url, &fresh));
    TRY(store_report_observable_add(work, number, S("domain-name"), host, &fresh));
    return journal_add(work, arena_printf(work->arena, "report/%" PRId64, number), COUNT_OF(acts), acts);
}

static struct err reports_add(struct work *work, void *context)
{
    const size_t *count = context;
    for (size_t i = 0; i < *count; i++)
        TRY(report_add(work));
    return OK;
}

/* Over the two years until today. */
static void fill(const char *name, work_action *action, size_t count, size_t at_once)
{
    int64_t began = clock_steady_us();
    for (size_t done = 0; done < count; done += at_once) {
        size_t part = count - done < at_once ? count - done : at_once;
        clock_set(now_us - 2 * 365 * DAY_US + (int64_t)(done * (2 * 365 * (uint64_t)DAY_US / count)));
        must(store_work(db, &local, arena, action, &part));
        arena_reset(arena);
    }
    clock_set(TIME_NONE);
    printf("%s_us=%.1f ", name, (double)(clock_steady_us() - began) / (double)count);
    fflush(stdout);
}

/* Who follows the journal followed all this as it came: a node that was served once has their places. */
static struct err followed(struct work *work, void *context)
{
    (void)context;
    return db_run(work->db, "UPDATE follower SET seq = (SELECT max(seq) FROM journal)", NULL, 0, NULL);
}

/* ---- What is asked ---- */

static struct err ask_list(size_t round)
{
    struct incident *rows;
    size_t count;
    return store_incident_latest(
            db, round % 2 == 0 ? INCIDENT_UNDER_WORK : INCIDENT_ALL, INT64_MAX, 50, arena, &rows, &count);
}

static struct err ask_tasks(size_t round)
{
    struct task *rows;
    size_t count;
    return store_task_of(
            db, round % 2 == 0 ? own : first + (int64_t)next(ORGANISATIONS), INT64_MIN, 0, 50, arena, &rows, &count);
}

static struct err ask_party(size_t round)
{
    struct incident *rows;
    size_t count;
    (void)round;
    return store_incident_of_party(db, first + (int64_t)next(ORGANISATIONS), INT64_MAX, 50, arena, &rows, &count);
}

/* A page of piles, with the first reports of each. */
static struct err ask_piles(void)
{
    const struct report_sight sight = {.restricted = false};
    struct report *rows;
    int64_t *piles;
    size_t count, pile_count;
    TRY(store_report_piles(db, 0, 50, arena, &piles, &pile_count));
    for (size_t i = 0; i < pile_count; i++)
        TRY(store_report_of_pile(db, piles[i], &sight, 0, 6, arena, &rows, &count));
    return OK;
}

static struct err ask_queue(size_t round)
{
    struct report *rows;
    size_t count;
    return round % 2 == 0 ? ask_piles() : store_report_latest(db, REPORT_ALL, INT64_MAX, 50, arena, &rows, &count);
}

static struct err ask_report(size_t round)
{
    struct report row, *merged;
    struct thread_message *messages;
    struct thread_file *files;
    struct report_observable *seen;
    struct report_alike *alikes;
    size_t count;
    int64_t number = (int64_t)(1 + next(reports));
    (void)round;
    TRY(store_report_get(db, number, arena, &row));
    TRY(store_thread_list(db, number, arena, &messages, &count));
    TRY(store_thread_files(db, number, arena, &files, &count));
    TRY(store_report_observables(db, number, arena, &seen, &count));
    TRY(store_report_alikes(db, number, arena, &alikes, &count));
    return store_report_merged(db, number, arena, &merged, &count);
}

static struct err search(enum case_words which, size_t round)
{
    struct search_place place = {0};
    struct case_search search = {.query = word(arena)};
    int64_t *numbers;
    size_t count;
    slice more = word(arena);
    if (round % 3 == 0)
        search.query = slice_of(
                arena_printf(arena, "%.*s %.*s", (int)search.query.len, search.query.ptr, (int)more.len, more.ptr));
    if (round % 7 == 0)
        search.query = domain(arena);
    if (round % 11 == 0)
        search.query = slice_of(arena_printf(arena, "%" PRIu64, 1 + next(incidents)));
    return store_case_search(db, which, &search, &place, 50, arena, &numbers, &count);
}

static struct err ask_incident_search(size_t round)
{
    return search(CASE_WORDS_INCIDENT, round);
}

static struct err ask_report_search(size_t round)
{
    return search(CASE_WORDS_REPORT, round);
}

/* All that stands around one. */
static struct err ask_incident(size_t round)
{
    struct incident row;
    struct party *parties;
    struct incident_observable *seen;
    struct incident_entry *entries;
    struct task *tasks;
    struct duty *duties;
    struct journal_row *journal;
    size_t count;
    int64_t number = (int64_t)(1 + next(incidents));
    (void)round;
    TRY(store_incident_get(db, number, arena, &row));
    TRY(store_party_list(db, number, arena, &parties, &count));
    TRY(store_incident_observables(db, number, arena, &seen, &count));
    TRY(store_entry_list(db, number, INT64_MIN, 0, 200, arena, &entries, &count));
    TRY(store_task_list(db, number, arena, &tasks, &count));
    TRY(store_duty_list(db, number, arena, &duties, &count));
    slice subject = slice_of(arena_printf(arena, "incident/%" PRId64, number));
    return store_journal_about(db, subject, INT64_MAX, 200, arena, &journal, &count);
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void ask(const char *name, struct err (*question)(size_t round))
{
    int64_t times[ASKS];
    for (size_t i = 0; i < ASKS; i++) {
        int64_t began = clock_steady_us();
        must(question(i));
        times[i] = clock_steady_us() - began;
        arena_reset(arena);
    }
    qsort(times, ASKS, sizeof *times, by_size);
    printf("%s_ms=%.2f ", name, (double)times[ASKS * 99 / 100 - 1] / 1000);
}

static void queries_write(const char *path)
{
    FILE *file = fopen(path, "w");
    if (file == NULL)
        must(err_make(ERR_SYSTEM, "the file of queries cannot be written"));
    for (int i = 0; i < ASKS; i++) {
        slice one = i % 7 == 0 ? domain(arena) : word(arena), two = i % 3 == 0 ? word(arena) : S("");
        fprintf(file, "%.*s %.*s\n", (int)one.len, one.ptr, (int)two.len, two.ptr);
    }
    if (fclose(file) != 0)
        must(err_make(ERR_SYSTEM, "the file of queries cannot be written"));
}

int main(int argc, char **argv)
{
    if (argc != 6)
        return 2;
    arena = arena_open("bench", ARENA_WORK, (size_t)256 << 20);
    must(store_open(&(struct db_options){.where = argv[1]}, arena_open("database", ARENA_WORK, 16u << 20), &db));
    incidents = strtoul(argv[2], NULL, 10);
    reports = strtoul(argv[3], NULL, 10);
    seed = strtoull(argv[4], NULL, 10);
    now_us = clock_now_us();
    must(store_work(db, &local, arena, organisations_add, NULL));
    fill("incident", incidents_add, incidents, WORK_INCIDENTS);
    fill("report", reports_add, reports, WORK_REPORTS);
    must(store_work(db, &local, arena, followed, NULL));
    ask("list", ask_list);
    ask("tasks", ask_tasks);
    ask("party", ask_party);
    ask("incident", ask_incident);
    ask("queue", ask_queue);
    ask("report", ask_report);
    ask("incident_search", ask_incident_search);
    ask("report_search", ask_report_search);
    printf("\n");
    queries_write(argv[5]);
    db_close(db);
    arena_close(arena);
    return 0;
}
