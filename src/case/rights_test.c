/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may do what at the desk, and who learns what: every verb of casework, as everybody, on an incident that is there
 * for all of us, on one that is restricted, and on one that is not there at all. The table says what comes of it, and
 * says it by itself: nothing here is read from right.c. Whoever does not see a thing is answered as if it were not
 * there, to the byte, and nothing of what was tried stays.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "case/duty.h"
#include "case/evidence.h"
#include "case/find.h"
#include "case/opinion.h"
#include "case/test_case.h"
#include "desk/notice.h"
#include "store/journal.h"

#define SECRET "Rahasia" /* in the title of what is restricted, and nowhere else */

static const struct share_act acts[] = {
        {.name = "incident.close", .verb = VERB_CASE_FACTS, .run = case_incident_do_close},
        {.name = "incident.time", .verb = VERB_CASE_FACTS, .run = case_incident_do_time},
        {.name = "incident.class", .verb = VERB_CASE_FACTS, .run = case_incident_do_class},
        {.name = "incident.widen", .verb = VERB_RELEASE, .run = case_incident_do_widen},
        {.name = "duty.waive", .verb = VERB_WAIVE_DUTIES, .run = case_duty_do_waive},
        {.name = "evidence.hand", .verb = VERB_HAND_EVIDENCE, .run = case_evidence_do_hand},
        {.name = "evidence.hold", .verb = VERB_KEEP_EVIDENCE, .run = case_evidence_do_hold},
        {.name = "evidence.destroy", .verb = VERB_KEEP_EVIDENCE, .run = case_evidence_do_destroy},
};

/* ---- Who tries ---- */

/* The roles of domain.md §3.4 in its order and the machine; then an analyst who holds what is restricted, and the
 * administrator of an organisation that has nothing to do with any of it. */
enum { HOLDER = ROLES, STRANGER, ACTORS };
static struct actor actors[ACTORS];

/* ---- On what ---- */

enum { OPEN, RESTRICTED, MISSING, OBJECTS };
static const char *const object_names[OBJECTS] = {"the open one", "the restricted one", "one that is not there"};
static struct thing {
    int64_t incident, task, duty, evidence, report;
} things[OBJECTS];
static int64_t other_incident, melati, police, supplier;
static char folder[] = "case-rights-XXXXXX";

struct attempt {
    struct test_store *store;
    const struct actor *actor;
    const struct thing *thing;
    slice why; /* another for each, so that no proposal is there already */
    struct err (*act)(struct work *work, const struct attempt *attempt);
    struct share_proposal proposal;
    struct thing *makes;
};

/* ---- Verbs that are one work ---- */

static struct err set(struct work *work, const struct attempt *attempt)
{
    return case_incident_set(work, attempt->thing->incident, S("title"), S("Judul lain"), attempt->why);
}

static struct err turn(struct work *work, const struct attempt *attempt)
{
    return case_incident_state(work, attempt->thing->incident, INCIDENT_TRIAGED, attempt->why);
}

static struct err merge(struct work *work, const struct attempt *attempt)
{
    return case_incident_merge(work, attempt->thing->incident, other_incident, attempt->why);
}

static struct err merge_into(struct work *work, const struct attempt *attempt)
{
    return case_incident_merge(work, other_incident, attempt->thing->incident, attempt->why);
}

static struct err party(struct work *work, const struct attempt *attempt)
{
    return case_party_add(work, attempt->thing->incident, police, PARTY_INFORMED, attempt->why);
}

static struct err party_end(struct work *work, const struct attempt *attempt)
{
    return case_party_end(work, attempt->thing->incident, melati, PARTY_VICTIM, attempt->why);
}

static struct err observable(struct work *work, const struct attempt *attempt)
{
    return case_observable_add(work, attempt->thing->incident, S("domain-name"), S("evil.example"));
}

static struct err impact(struct work *work, const struct attempt *attempt)
{
    const struct impact put = {
            .kind = S("records"), .low = 1, .high = 2, .unit = S(""), .confidence = S("low"), .at_us = TIME_NONE};
    int64_t number;
    return case_impact_add(work, attempt->thing->incident, &put, &number);
}

static struct err scale(struct work *work, const struct attempt *attempt)
{
    return case_scale_put(work, attempt->thing->incident, S("uk-ncsc"), S("C3"), attempt->why);
}

static struct err link_to(struct work *work, const struct attempt *attempt)
{
    return case_incident_link(work, other_incident, attempt->thing->incident, S("related"));
}

static struct err task_add(struct work *work, const struct attempt *attempt)
{
    const struct case_task_put put = {.incident = attempt->thing->incident, .title = S("x"), .due_us = TIME_NONE};
    int64_t number;
    return case_task_add(work, &put, &number);
}

static struct err task_do(struct work *work, const struct attempt *attempt)
{
    return case_task_state(work, attempt->thing->task, TASK_CANCELLED, attempt->why);
}

static struct err task_agree(struct work *work, const struct attempt *attempt)
{
    return case_task_agree(work, attempt->thing->task, attempt->why);
}

static struct err task_set(struct work *work, const struct attempt *attempt)
{
    return case_task_set(work, attempt->thing->task, S("title"), S("Judul lain"));
}

static struct err entry(struct work *work, const struct attempt *attempt)
{
    const struct incident_entry put = {.kind = ENTRY_NOTE,
            .text = S("catatan"),
            .source = S(""),
            .audience = AUDIENCE_OWN,
            .happened_us = TIME_NONE,
            .due_us = TIME_NONE};
    int64_t number;
    return case_entry_add(work, attempt->thing->incident, &put, &number);
}

/* One of who takes it back. */
static struct err withdraw(struct work *work, const struct attempt *attempt)
{
    const struct incident_entry put = {
            .kind = ENTRY_NOTE, .text = S("catatan"), .happened_us = TIME_NONE, .due_us = TIME_NONE};
    int64_t number;
    TRY(case_entry_add(work, attempt->thing->incident, &put, &number));
    return case_entry_withdraw(work, attempt->thing->incident, number, attempt->why);
}

static struct err opinion(struct work *work, const struct attempt *attempt)
{
    const struct case_opinion_put put = {.opinion = S("agree")};
    int64_t number;
    return case_opinion(work, attempt->thing->incident, &put, &number);
}

static struct err duty_file(struct work *work, const struct attempt *attempt)
{
    return case_duty_file(work, attempt->thing->duty, S("REF-1"), S("form"), attempt->why);
}

static struct err report_assign(struct work *work, const struct attempt *attempt)
{
    return case_report_assign(work, attempt->thing->report, 0);
}

static struct err report_classify(struct work *work, const struct attempt *attempt)
{
    return case_report_classify(work, attempt->thing->report, S(TEST_CLASS), SEVERITY_LOW);
}

static struct err report_link(struct work *work, const struct attempt *attempt)
{
    return case_report_link(work, attempt->thing->report, other_incident);
}

static struct err report_link_to(struct work *work, const struct attempt *attempt)
{
    return case_report_link(work, things[OPEN].report, attempt->thing->incident);
}

static struct err report_open(struct work *work, const struct attempt *attempt)
{
    int64_t number;
    return case_report_open(work, attempt->thing->report, S("Insiden"), &number);
}

static struct err report_close(struct work *work, const struct attempt *attempt)
{
    return case_report_close(work, attempt->thing->report, attempt->why);
}

static struct err report_answer(struct work *work, const struct attempt *attempt)
{
    int64_t notice;
    return case_report_answer(work, attempt->thing->report, S(""), S("Terima kasih"), &notice);
}

/* Nobody knows yet who told it. */
static struct err report_told_by(struct work *work, const struct attempt *attempt)
{
    TRY(store_report_told_by(work, attempt->thing->report, 0));
    return case_report_told_by(work, attempt->thing->report, melati);
}

static struct err report_forget(struct work *work, const struct attempt *attempt)
{
    return case_report_forget(work, attempt->thing->report, attempt->why);
}

/* Does it, and takes it back. */
static struct err attempt_do(struct work *work, void *context)
{
    const struct attempt *attempt = context;
    TRY(attempt->act(work, attempt));
    return err_make(ERR_LIMIT, "taken back");
}

/* ---- Verbs that are more, or a proposal ---- */

typedef struct err asking(struct attempt *attempt);

static struct err closing(struct attempt *attempt)
{
    return case_incident_close(attempt->store->db, attempt->actor, attempt->thing->incident, attempt->why,
            attempt->store->arena, &attempt->proposal);
}

static struct err timing(struct attempt *attempt)
{
    return case_incident_time(attempt->store->db, attempt->actor, attempt->thing->incident, INCIDENT_REPORTED_AT,
            NOON - HOUR_US, attempt->why, attempt->store->arena, &attempt->proposal);
}

static struct err classing(struct attempt *attempt)
{
    return case_incident_class(attempt->store->db, attempt->actor, attempt->thing->incident, S(TEST_CLASS),
            S("ransomware"), attempt->why, attempt->store->arena, &attempt->proposal);
}

static struct err widening(struct attempt *attempt)
{
    return case_incident_widen(attempt->store->db, attempt->actor, attempt->thing->incident, S("TLP:GREEN"),
            attempt->why, attempt->store->arena, &attempt->proposal);
}

static struct err waiving(struct attempt *attempt)
{
    return case_duty_waive(attempt->store->db, attempt->actor, attempt->thing->duty, attempt->why,
            attempt->store->arena, &attempt->proposal);
}

static struct case_evidence_act act_of(const struct attempt *attempt)
{
    return (struct case_evidence_act){attempt->thing->incident, &attempt->thing->evidence, 1, attempt->why};
}

static struct err handing(struct attempt *attempt)
{
    const struct case_evidence_act act = act_of(attempt);
    return case_evidence_hand(
            attempt->store->db, attempt->actor, &act, police, S(""), attempt->store->arena, &attempt->proposal);
}

static struct err holding(struct attempt *attempt)
{
    const struct case_evidence_act act = act_of(attempt);
    return case_evidence_hold(
            attempt->store->db, attempt->actor, &act, TIME_NONE, attempt->store->arena, &attempt->proposal);
}

static struct err destroying(struct attempt *attempt)
{
    const struct case_evidence_act act = act_of(attempt);
    return case_evidence_destroy(attempt->store->db, attempt->actor, &act, attempt->store->arena, &attempt->proposal);
}

static struct err text_read(void *context, char *to, size_t room, size_t *got)
{
    slice *rest = context;
    *got = rest->len < room ? rest->len : room;
    memcpy(to, rest->ptr, *got);
    *rest = slice_from(*rest, *got);
    return OK;
}

static struct err text_drop(void *context, slice piece)
{
    (void)context, (void)piece;
    return OK;
}

static struct err taking(struct attempt *attempt)
{
    slice text = S("what was found");
    const struct evidence_source source = {&text, text_read};
    const struct case_evidence_put put = {.incident = attempt->thing->incident,
            .name = S("disk.img"),
            .what = S("a disk"),
            .place = S("room 4"),
            .tool = S("dd 9.1"),
            .basis = S("order 12"),
            .acquired_us = TIME_NONE,
            .clock_error_us = TIME_NONE,
            .keep_until_us = TIME_NONE};
    int64_t number;
    return case_evidence_take(attempt->store->db, attempt->actor, &put, &source, attempt->store->arena, &number);
}

static struct err copying(struct attempt *attempt)
{
    const struct evidence_sink sink = {NULL, text_drop};
    return case_evidence_copy(
            attempt->store->db, attempt->actor, attempt->thing->evidence, attempt->why, &sink, attempt->store->arena);
}

static struct err verifying(struct attempt *attempt)
{
    return case_evidence_verify(attempt->store->db, attempt->actor, attempt->thing->evidence, attempt->store->arena);
}

static struct err signing(struct attempt *attempt)
{
    const struct key_public key = {0};
    struct err err = case_evidence_sign(
            attempt->store->db, attempt->actor, attempt->thing->evidence, 1, S("none"), &key, attempt->store->arena);
    return err.kind == ERR_INPUT ? OK : err; /* there is nothing to sign; whoever hears of that was let in */
}

/* Reading: nothing is there for who is not to see it. */
static struct err seeing(struct attempt *attempt)
{
    struct incident row;
    enum case_sight sight;
    TRY(store_incident_get(attempt->store->db, attempt->thing->incident, attempt->store->arena, &row));
    TRY(case_sees(attempt->store->db, attempt->actor, &row, attempt->store->arena, &sight));
    return sight != CASE_NOTHING ? OK : err_make(ERR_MISSING, "there is no such incident");
}

/* Whom its suppliers supply: of who sees all of it, and nobody else. */
static struct err customers_seeing(struct attempt *attempt)
{
    struct incident row;
    struct supply *rows;
    size_t count;
    TRY(store_incident_get(attempt->store->db, attempt->thing->incident, attempt->store->arena, &row));
    TRY(case_incident_customers(attempt->store->db, attempt->actor, &row, attempt->store->arena, &rows, &count));
    assert_int_equal(count, 1);
    return OK;
}

static struct err report_seeing(struct attempt *attempt)
{
    struct report row;
    enum case_sight sight;
    TRY(store_report_get(attempt->store->db, attempt->thing->report, attempt->store->arena, &row));
    TRY(case_report_sees(attempt->actor, &row, attempt->store->arena, &sight));
    return sight != CASE_NOTHING ? OK : err_make(ERR_MISSING, "there is no such report");
}

static struct err incident_finding(struct attempt *attempt)
{
    struct case_find find = {
            .query = slice_of(arena_printf(attempt->store->arena, "%" PRId64, attempt->thing->incident)), .count = 10};
    struct incident *rows;
    enum case_sight *sights;
    size_t count;
    TRY(case_incident_find(attempt->store->db, attempt->actor, &find, attempt->store->arena, &rows, &sights, &count));
    return count > 0 ? OK : err_make(ERR_MISSING, "nothing is found");
}

static struct err report_finding(struct attempt *attempt)
{
    struct case_find find = {
            .query = slice_of(arena_printf(attempt->store->arena, "%" PRId64, attempt->thing->report)), .count = 10};
    struct report *rows;
    enum case_sight *sights;
    size_t count;
    TRY(case_report_find(attempt->store->db, attempt->actor, &find, attempt->store->arena, &rows, &sights, &count));
    return count > 0 ? OK : err_make(ERR_MISSING, "nothing is found");
}

/* ---- What is to come of it ---- */

/*
 * For each object a column for each who tries: duty officer, analyst, coordinator, manager, liaison, constituent admin
 * (of the victim), exercise director, sysadmin, auditor, machine; behind a blank, holder and stranger.
 *   + done   2 waits for a second person   . may not, whatever is there   - is not there
 */
static const struct expected {
    const char *name;
    struct err (*act)(struct work *work, const struct attempt *attempt);
    asking *ask;
    const char *of[OBJECTS];
} table[] = {
        {"see an incident", NULL, seeing, {"+++--+--++ +-", "--------++ +-", "---------- --"}},
        {"see customers of its supplier", NULL, customers_seeing, {"+++-----++ +-", "--------++ +-", "---------- --"}},
        {"find an incident", NULL, incident_finding, {"+++..+..++ +-", "---..-..++ +-", "---..-..-- --"}},
        {"set a field", set, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"triage", turn, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"merge", merge, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"merge into it", merge_into, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"add a party", party, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"end a party", party_end, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"add a value", observable, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"tell an impact", impact, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"judge on a scale", scale, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"link to it", link_to, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"write an entry", entry, NULL, {"+++--+--.+ +-", "--------.+ +-", "---------- --"}},
        {"withdraw an entry", withdraw, NULL, {"+++--+--.+ +-", "--------.+ +-", "---------- --"}},
        {"hold an opinion", opinion, NULL, {"+++--+--.+ +-", "--------.+ +-", "---------- --"}},
        {"give a task", task_add, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"cancel a task", task_do, NULL, {"+++..+...+ +-", "---..+...+ +-", "---..-...- --"}},
        {"agree to a task", task_agree, NULL, {"+++..+...+ +-", "---..+...+ +-", "---..-...- --"}},
        {"change a task", task_set, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"close what is critical", NULL, closing, {"..22.....2 ..", "..--.....2 ..", "..--.....- .."}},
        {"change a time", NULL, timing, {"..22.....2 ..", "..--.....2 ..", "..--.....- .."}},
        {"classify anew", NULL, classing, {"..22.....2 ..", "..--.....2 ..", "..--.....- .."}},
        {"widen a marking", NULL, widening, {"2.22.....2 ..", "-.--.....2 ..", "-.--.....- .."}},
        {"file a duty", duty_file, NULL, {"+.+......+ ..", "-.-......+ ..", "-.-......- .."}},
        {"waive a duty", NULL, waiving, {"..22.....2 ..", "..--.....2 ..", "..--.....- .."}},
        {"take evidence", NULL, taking, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"copy evidence", NULL, copying, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"verify evidence", NULL, verifying, {"+++.....++ +.", "---.....++ +.", "---.....-- -."}},
        {"sign custody", NULL, signing, {"+++.-....+ +.", "---.-....+ +.", "---.-....- -."}},
        {"hand evidence over", NULL, handing, {"..2......2 ..", "..-......2 ..", "..-......- .."}},
        {"hold evidence", NULL, holding, {"..22.....2 ..", "..--.....2 ..", "..--.....- .."}},
        {"destroy evidence", NULL, destroying, {"..22.....2 ..", "..--.....2 ..", "..--.....- .."}},
        {"see a report", NULL, report_seeing, {"+++--+--++ +-", "--------++ +-", "---------- --"}},
        {"find a report", NULL, report_finding, {"+++..+..++ +-", "---..-..++ +-", "---..-..-- --"}},
        {"assign a report", report_assign, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"classify a report", report_classify, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"link a report", report_link, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"link a report to it", report_link_to, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"open an incident of a report", report_open, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"close a report", report_close, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"answer a report", report_answer, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"say who told a report", report_told_by, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
        {"forget who told it", report_forget, NULL, {"+++......+ +.", "---......+ +.", "---......- -."}},
};

/* ---- The world ---- */

/* The stranger and the victim. */
static struct err supplied(struct work *work, void *context)
{
    (void)context;
    TRY(store_supply_put(work, supplier, melati, S("")));
    return store_supply_put(work, supplier, actors[STRANGER].organisation, S(""));
}

static void actors_make(struct test_store *store)
{
    static const char *const names[ACTORS] = {
            "dian", "anwar", "kori", "mira", "lia", "rini", "eka", "sis", "audi", "local", "hana", "dewi"};
    int64_t own = 0;
    for (size_t i = 0; i < ACTORS; i++) {
        enum role role = i == HOLDER ? ROLE_ANALYST : i == STRANGER ? ROLE_CONSTITUENT_ADMIN : (enum role)i;
        actors[i] = i == ROLE_LOCAL ? store->actor : test_person(store, names[i], role);
        own = i == 0 ? actors[i].organisation : own;
    }
    melati = actors[ROLE_CONSTITUENT_ADMIN].organisation = test_served(store, "RS Melati");
    actors[STRANGER].organisation = test_served(store, "RS Mawar");
    police = actors[ROLE_LIAISON].organisation = test_served(store, "Polri");
    supplier = test_served(store, "Lab Contoh");
    test_ok(store_work(store->db, &store->actor, store->arena, supplied, NULL));
}

static struct err thing_make(struct work *work, void *context)
{
    struct attempt *attempt = context;
    struct thing *thing = attempt->makes;
    bool hidden = thing == &things[RESTRICTED];
    struct case_incident_put put = test_put(hidden ? SECRET " di RS Melati" : "Ransomware di RS Melati");
    const struct case_task_put task = {.title = S("Cabut kabel"), .due_us = TIME_NONE, .agreed_by = S("dokter")};
    struct case_report_taken taken;
    struct case_report_put report = {.channel = REPORT_BY_PHONE,
            .language = S("id"),
            .organisation = melati,
            .person = {S("Budi"), S("budi@warga.example"), S("")},
            .subject = hidden ? S(SECRET) : S("Aneh"),
            .text = S("Ada yang aneh"),
            .severity = SEVERITY_LOW,
            .flags = hidden ? S("restricted") : S(""),
            .occurred_us = TIME_NONE};
    put.flags = report.flags;
    put.criticality = 90;
    TRY(case_incident_open(work, &put, &thing->incident));
    TRY(case_party_add(work, thing->incident, melati, PARTY_VICTIM, S("they called")));
    TRY(case_party_add(work, thing->incident, supplier, PARTY_SUPPLIER, S("it came from there")));
    struct case_task_put given = task;
    given.incident = thing->incident;
    given.organisation = melati;
    TRY(case_task_add(work, &given, &thing->task));
    const struct duty duty = {.incident = thing->incident,
            .rule = S("rule"),
            .version = S("1"),
            .text = S("text"),
            .organisation = melati,
            .recipient = S("authority"),
            .starts_us = NOON,
            .due_us = NOON + DAY_US,
            .remind_us = TIME_NONE};
    TRY(store_duty_add(work, &duty, &thing->duty));
    TRY(case_report_take(work, &report, &taken));
    thing->report = taken.report;
    struct report row;
    TRY(store_report_keep(work, thing->report, &row));
    row.holder = attempt->actor->user;
    return store_report_change(work, &row);
}

static void thing_add(struct test_store *store, struct thing *thing, const struct actor *actor)
{
    struct attempt attempt = {.store = store, .actor = actor, .makes = thing, .why = S("so it is")};
    test_ok(store_work(store->db, actor, store->arena, thing_make, &attempt));
}

static void evidence_add(struct test_store *store, struct thing *thing, const struct actor *actor)
{
    struct attempt attempt = {.store = store, .actor = actor, .thing = thing};
    struct evidence *rows;
    size_t count;
    test_ok(taking(&attempt));
    test_ok(store_evidence_list(store->db, thing->incident, 0, 10, store->arena, &rows, &count));
    thing->evidence = rows[0].number;
}

static struct test_store *begin(void **state)
{
    static const struct desk_notice_options notices = {
            .name = "CERT Contoh", .from = "lapor@cert.example", .phone = "+62 21 5550 100"};
    struct test_store *store = ready(state);
    struct key_pair pair;
    share_acts_set(acts, COUNT_OF(acts));
    clock_set(NOON);
    desk_notice_open(&notices);
    memset(folder + sizeof folder - 7, 'X', 6);
    assert_non_null(mkdtemp(folder));
    assert_int_equal(mkdir(arena_printf(store->arena, "%s/evidence", folder), 0700), 0);
    assert_int_equal(mkdir(arena_printf(store->arena, "%s/keys", folder), 0700), 0);
    key_new(&pair);
    test_ok(key_save(&pair, arena_printf(store->arena, "%s/keys/message.key", folder),
            arena_printf(store->arena, "%s/keys/message.pub", folder), store->arena));
    case_evidence_open(folder, &pair);
    actors_make(store);
    thing_add(store, &things[OPEN], &actors[ROLE_DUTY_OFFICER]);
    thing_add(store, &things[RESTRICTED], &actors[HOLDER]);
    evidence_add(store, &things[OPEN], &actors[ROLE_DUTY_OFFICER]);
    evidence_add(store, &things[RESTRICTED], &actors[HOLDER]);
    things[MISSING] = (struct thing){9999, 9999, 9999, 9999, 9999};
    other_incident = test_incident(store, &actors[ROLE_DUTY_OFFICER], "Insiden lain");
    return store;
}

static int clean(void **state)
{
    char order[100];
    int status = tear_down(state);
    snprintf(order, sizeof order, "rm -rf %s", folder);
    return system(order) | status;
}

/* ---- All of it ---- */

static char outcome(const struct err err, const struct attempt *attempt)
{
    switch (err.kind) {
    case ERR_NONE:
        return attempt->proposal.number != 0 && !attempt->proposal.done ? '2' : '+';
    case ERR_DENIED:
        return '.';
    case ERR_MISSING:
        return '-';
    case ERR_LIMIT:
        return strcmp(err.why, "taken back") == 0 ? '+' : '?';
    default:
        return '?';
    }
}

static struct err try(struct attempt *attempt, const struct expected *row)
{
    attempt->act = row->act;
    if (row->ask != NULL)
        return row->ask(attempt);
    return store_work(attempt->store->db, attempt->actor, attempt->store->arena, attempt_do, attempt);
}

/* What who may not, or does not see it, is told: of what is there and of what is not, the same. */
static void told_alike(const struct expected *row, const struct actor *actor, struct err err, struct err missing)
{
    bool same = err.kind == missing.kind && strcmp(err.why, missing.why) == 0;
    if (!same)
        fail_msg("%.*s tries to %s: \"%s\" of what is there, \"%s\" of what is not", (int)actor->name.len,
                actor->name.ptr, row->name, err.why, missing.why);
    if (strstr(err.why, SECRET) != NULL)
        fail_msg("%s tells %.*s what is restricted: %s", row->name, (int)actor->name.len, actor->name.ptr, err.why);
}

static size_t row_try(struct test_store *store, const struct expected *row, size_t who)
{
    struct err errs[OBJECTS];
    size_t wrong = 0;
    for (size_t object = OBJECTS; object-- > 0;) {
        struct attempt attempt = {.store = store, .actor = &actors[who], .thing = &things[object]};
        attempt.why = slice_of(arena_printf(store->arena, "%s as %zu", row->name, who));
        int64_t before, after;
        test_ok(store_journal_last(store->db, &before));
        errs[object] = try(&attempt, row);
        test_ok(store_journal_last(store->db, &after));
        char is = outcome(errs[object], &attempt), wanted = row->of[object][who + (who >= ROLES)];
        bool left = (wanted == '-' || wanted == '.') && before != after;
        if (is != wanted || left) {
            print_message("# %s, as %.*s, of %s: %c and not %c (%s)\n", row->name, (int)actors[who].name.len,
                    actors[who].name.ptr, object_names[object], is, wanted,
                    errs[object].kind == ERR_NONE ? "" : errs[object].why);
            wrong++;
        }
        /* An auditor sees what there is, and hears that it is not to be worked on. */
        bool seen = wanted == '.' && row->of[MISSING][who + (who >= ROLES)] == '-';
        if ((wanted == '-' || wanted == '.') && !seen)
            told_alike(row, &actors[who], errs[object], errs[MISSING]);
    }
    return wrong;
}

static void everybody_does_what_they_may_and_learns_of_nothing_else(void **state)
{
    struct test_store *store = begin(state);
    size_t wrong = 0;
    for (size_t i = 0; i < COUNT_OF(table); i++)
        for (size_t who = 0; who < ACTORS; who++)
            wrong += row_try(store, &table[i], who);
    print_message("# %zu tried\n", COUNT_OF(table) * ACTORS * OBJECTS);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON(DB_SQLITE, "everybody_does_what_they_may_and_learns_of_nothing_else",
                    everybody_does_what_they_may_and_learns_of_nothing_else, set_up, clean),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
