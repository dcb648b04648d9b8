/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What pages give away of the desk: every route of casework, of proposals and of objects (an incident that is shared is
 * some), as every role, for people and for scripts, asked for what is restricted and for what is not there. To whoever
 * does not see it both are answered alike, byte for byte, and nothing of it stands on any page, in any list, in the
 * journal, in what is found, or in the live stream. Routes are those of the program: one that is added is asked, too.
 */
#include "people/test_people.h"

#include "detect/tell.h" /* its AUDIENCE_OWN is 0, as that of incidents, which is a macro */

#include "app/acts.h"
#include "app/routes.h"
#include "case/across.h"
#include "case/field.h"
#include "case/report.h"
#include "case/risk.h"
#include "case/takedown.h"
#include "case/task.h"
#include "desk/notice.h"
#include "gate/face.h"
#include "store/duty.h"
#include "store/evidence.h"
#include "store/lesson.h"
#include "store/part.h"
#include "web/test_people_page.h"

#define SECRET "Zamrud" /* in every text of what is restricted */
#define INSIDE "Lumpuh" /* in every text of an incident that is not */
#define OURS "Bisik"    /* in a note there for our own people */
#define ABSENT "9"

/* As a clock keeps the rule that it runs by. */
#define RULE                                                                                                           \
    "[file]\nversion = 1\nsource = S\n[duty id-pdp-body]\ntitle = %.*s\ntitle-id = T\nsource = S\nseen = "             \
    "2026-11-20\nfrom = 2025-11-01\n"                                                                                  \
    "countries = id\nstart = known\nhours = 72\nrecipient = R\nrecipient-id = R\ncontent = description\n"              \
    "note = N\nnote-id = N\n"

/* Numbers are of one figure, so that a page that says which was asked is as long for each. */
enum { OPEN = 1, RESTRICTED = 2, LINKED = 3 };

struct world {
    struct test_people *people;
    struct test_people asking; /* the same with an arena of its own, emptied after each question */
    struct test_cast cast;
    int64_t holder;
    const char *identity; /* of the incident that is restricted */
};

/* ---- What is there ---- */

static struct err evidence_add(struct work *work, int64_t incident, slice name)
{
    const struct evidence put = {.incident = incident,
            .name = name,
            .what = name,
            .place = name,
            .person = name,
            .tool = name,
            .basis = name,
            .digest = S("0123456789abcdef0123456789abcdef"),
            .digest_512 = S("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
            .seal = S("seal"),
            .mark = S("0123456789abcdef0123456789abcdef"),
            .acquired_us = work->now_us,
            .clock_error_us = TIME_NONE,
            .hold_until_us = TIME_NONE,
            .keep_until_us = TIME_NONE};
    int64_t number;
    return store_evidence_add(work, &put, &number);
}

/* A page to be taken down, a lesson that is not shared, and a package for the one whom we serve. */
static struct err results_add(struct work *work, const struct world *world, int64_t incident, slice text)
{
    const struct lesson lesson = {.incident = incident,
            .identity = case_identity("report", work->arena),
            .marking = S(""),
            .said = {{text, text, text}, {text, text, text}},
            .reader = S("")};
    const struct evidence_package package = {
            .incident = incident, .organisation = world->cast.other, .their_reference = text};
    struct takedown takedown = {.incident = incident,
            .url = slice_of(arena_printf(work->arena, "https://%.*s.example/", (int)text.len, text.ptr)),
            .target = text,
            .pap = S("PAP:RED"),
            .reported_us = work->now_us};
    int64_t number;
    TRY(store_lesson_add(work, &lesson, &number));
    TRY(store_package_add(work, &package, &incident, 1, &number)); /* its evidence has the same number */
    return case_takedown_begin(work, &takedown, &number);
}

static struct err around_add(struct work *work, const struct world *world, int64_t incident, slice text)
{
    const struct case_task_put task = {
            .incident = incident, .title = text, .text = text, .due_us = work->now_us + HOUR_US};
    const struct incident_entry entry = {.kind = ENTRY_NOTE,
            .text = incident == OPEN ? S(OURS " " INSIDE) : text,
            .source = S(""),
            .audience = AUDIENCE_OWN,
            .happened_us = TIME_NONE,
            .due_us = TIME_NONE};
    const struct duty duty = {.incident = incident,
            .rule = S("id-pdp-body"), /* the name of a rule is in a file that is no secret */
            .version = text,
            .text = slice_of(arena_printf(work->arena, RULE, (int)text.len, text.ptr)),
            .organisation = world->cast.other,
            .recipient = text,
            .starts_us = work->now_us,
            .due_us = work->now_us + DAY_US,
            .remind_us = TIME_NONE};
    int64_t number;
    TRY(case_party_add(work, incident, world->cast.other, PARTY_VICTIM, text));
    TRY(case_task_add(work, &task, &number));
    TRY(case_entry_add(work, incident, &entry, &number));
    TRY(store_duty_add(work, &duty, &number));
    TRY(evidence_add(work, incident, text));
    return results_add(work, world, incident, text);
}

static struct err report_add(struct work *work, const struct world *world, slice text, slice flags)
{
    const struct case_report_put put = {.channel = REPORT_BY_PHONE,
            .language = S("id"),
            .organisation = flags.len > 0 ? world->cast.other : 0,
            .person = {S("Budi"), S("budi@warga.example"), S("")},
            .subject = text,
            .text = text,
            .severity = SEVERITY_LOW,
            .flags = flags,
            .occurred_us = TIME_NONE};
    struct case_report_taken taken;
    return case_report_take(work, &put, &taken);
}

/* Risks that are there to be seen, the second one for what is restricted. */
static struct err risk_add(struct work *work, int64_t incident)
{
    const struct risk_incident counted = {
            incident, work->now_us, 4, incident == OPEN ? S("mail") : S("network"), S("malware")};
    struct risk row = {.asset = counted.asset,
            .threat = counted.threat,
            .source = S("incidents"),
            .likelihood = 3,
            .impact = 4,
            .level = S("high"),
            .incidents = 1,
            .version = S("2026-11"),
            .again_us = TIME_NONE,
            .treatment = S(""),
            .text = S(""),
            .review_us = work->now_us};
    TRY(store_risk_incident_put(work, incident, &counted, 1));
    TRY(store_risk_add(work, &row, &row.number));
    return store_risk_stood(
            work, &row, slice_of(arena_printf(work->arena, "%lld", (long long)incident)), S("it began"));
}

static struct err world_make(struct work *work, void *context)
{
    static const slice texts[] = {{INSIDE, sizeof INSIDE - 1}, {SECRET, sizeof SECRET - 1}};
    const struct world *world = context;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct case_incident_put put = {.title = texts[i],
                .severity = SEVERITY_HIGH,
                .local_class = S(""),
                .flags = i == 0 ? S("") : S("restricted")};
        int64_t number;
        for (enum incident_when j = 0; j < INCIDENT_WHENS; j++)
            put.at[j] = TIME_NONE;
        TRY(case_incident_open(work, &put, &number));
        TRY(around_add(work, world, number, texts[i]));
        TRY(risk_add(work, number));
        TRY(report_add(work, world, texts[i], put.flags));
        TRY(store_shared_put(work, number, false, texts[i]));
    }
    return OK;
}

/* One that everybody of ours sees belongs to what is restricted, and is the same as what was told of it. */
static struct err linked_make(struct work *work, void *context)
{
    struct report row;
    TRY(report_add(work, context, S("Terkait"), S("")));
    TRY(store_report_keep(work, LINKED, &row));
    row.incident = RESTRICTED;
    row.same_as = RESTRICTED;
    return store_report_change(work, &row);
}

/* What is shared is objects; and somebody proposed to close each. */
static void shared_make(struct world *world)
{
    static const char *const words[] = {[OPEN] = INSIDE, [RESTRICTED] = SECRET};
    const struct test_people *people = world->people;
    struct share_proposal proposal;
    struct incident row;
    bool did = true;
    while (did)
        test_ok(case_across_step(people->db, &people->local, people->arena, &did));
    for (int64_t number = OPEN; number <= RESTRICTED; number++)
        test_ok(share_propose(people->db, &people->local, "incident.close",
                slice_of(arena_printf(people->arena, "incident/%d", (int)number)),
                slice_of(arena_printf(people->arena, "{\"why\":\"%s\"}", words[number])), slice_of(words[number]),
                people->arena, &proposal));
    test_ok(store_incident_get(people->db, RESTRICTED, people->arena, &row));
    world->identity = arena_cstr(people->arena, row.identity);
}

static struct world made(void **state)
{
    static const struct desk_notice_options notices = {
            .name = "Melati CERT", .from = "lapor@cert.example", .phone = "+62 21 5550 100"};
    struct world world = {.people = ready(state)};
    desk_notice_open(&notices);
    world.cast = test_cast_make(world.people);
    world.holder = test_cast_user(world.people, "pemegang", S(""), ROLE_ANALYST);
    const struct actor holder = {
            world.people->organisation, world.holder, S("pemegang"), UINT32_C(1) << ROLE_ANALYST, ACTOR_SECOND_FACTOR};
    acts_open();
    test_ok(store_work(world.people->db, &holder, world.people->arena, world_make, &world));
    test_ok(store_work(world.people->db, &holder, world.people->arena, linked_make, &world));
    shared_make(&world);
    world.asking = *world.people;
    world.asking.arena = arena_open("questions", ARENA_WORK, 64u << 20);
    return world;
}

/* ---- Which routes ---- */

/* Where pages of casework begin, and the number there of what is restricted. */
static const struct {
    const char *path, *number;
} desk[] = {{"/incidents", "2"}, {"/tasks", "2"}, {"/duties", "2"}, {"/evidence", "2"}, {"/packages", "2"},
        {"/reports", "2"}, {"/takedowns", "2"}, {"/lessons", "2"}, {"/figures", "2"}, {"/playbooks", "2"},
        {"/approvals", "2"}, {"/objects", "6"}, {"/imports", "3"}};
/* And others on which something of it could stand. */
static const char *const others[] = {"/", "/board", "/today", "/journal", "/statistics", "/notices", "/intelligence",
        "/object", "/sources", "/asks", "/consents", "/releases", "/release-rules", "/hunt", "/organisations",
        "/account", "/risks", "/risks/{number}", "/risks/csv"};

static bool is_below(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    return strncmp(path, folder, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

/* NULL: it is no page of casework. */
static const char *desk_number(const struct route *route)
{
    for (size_t i = 0; i < COUNT_OF(desk); i++)
        if (is_below(route->path, desk[i].path))
            return desk[i].number;
    return NULL;
}

static bool is_other(const struct route *route)
{
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (strcmp(route->path, others[i]) == 0)
            return true;
    return false;
}

/* ---- Asking ---- */

/* As the gate would hand it on: only who may read what the row names gets as far as its function. */
static bool is_let_in(const struct world *world, const struct route *route, const struct test_page *page)
{
    const struct actor *actor = &page->ask.who.actor;
    bool second;
    return route->verb == VERBS ||
           store_right_check(actor, route->verb, actor->organisation, world->asking.arena, &second).kind == ERR_NONE;
}

struct asked {
    unsigned status;
    slice answer;
};

static struct asked ask(struct world *world, const struct route *route, enum role role, bool json, const char *number,
        const char *query)
{
    slice rest = slice_of(query), name;
    struct http_field field = {.name = slice_next(&rest, '=', &name) ? name : S("")};
    struct test_page *page = test_people_page(&world->asking, route->method, route->path);
    test_cast_as(page, &world->cast, role);
    page->ask.wants_json = json;
    field.value = rest;
    page->ask.query = &field;
    page->ask.query_count = *query != '\0';
    for (size_t i = 0; i < COUNT_OF(page->ask.parts); i++)
        page->ask.parts[i] = slice_of(number);
    if (!is_let_in(world, route, page))
        return (struct asked){403, S("")};
    if (route->method == HTTP_POST)
        test_page_field(page, "reason", "so it is");
    const slice answer = test_page_run(page, route);
    if (page->reply.status == 413 || page->reply.status >= 500)
        fail_msg("%s: %u, %s", route->path, page->reply.status, page->err.why);
    return (struct asked){page->reply.status, answer};
}

/* ---- What may be on it ---- */

static bool sees_restricted(enum role role)
{
    return role == ROLE_AUDITOR;
}

static bool sees_incidents(enum role role)
{
    return role == ROLE_DUTY_OFFICER || role == ROLE_ANALYST || role == ROLE_COORDINATOR || role == ROLE_AUDITOR;
}

/* Who may be the second person of an act sees what is proposed, and why. */
static bool is_second(const struct route *route, enum role role)
{
    return role == ROLE_MANAGER && is_below(route->path, "/approvals");
}

static size_t words_wrong(const struct route *route, enum role role, slice answer, const char *query)
{
    const struct {
        const char *word, *what;
        bool may;
    } words[] = {{SECRET, "what is restricted", sees_restricted(role)},
            {INSIDE, "what is in an incident",
                    sees_incidents(role) || role == ROLE_CONSTITUENT_ADMIN || is_second(route, role)},
            {OURS, "what is for our own people", sees_incidents(role)}};
    size_t wrong = 0;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (!words[i].may && test_has(answer, words[i].word)) {
            print_message("# %s?%s gives %s %s\n", route->path, query, store_role_name(role), words[i].what);
            wrong++;
        }
    return wrong;
}

/* Where an auditor finds what is restricted: else nobody was asked for it. */
static struct control {
    const char *path;
    bool found;
} controls[] = {{"/incidents", false}, {"/incidents/{number}", false}, {"/incidents/{number}/report", false},
        {"/tasks", false}, {"/tasks/{number}", false}, {"/duties/{number}", false}, {"/evidence", false},
        {"/evidence/{number}", false}, {"/takedowns", false}, {"/takedowns/{number}", false}, {"/reports", false},
        {"/reports/{number}", false}, {"/approvals", false}, {"/approvals/{number}", false}, {"/intelligence", false},
        {"/objects/{number}", false}, {"/objects/{number}/raw", false}, {"/objects/{number}/download", false},
        {"/journal", false}};

static void control_note(const struct route *route, slice answer)
{
    for (size_t i = 0; i < COUNT_OF(controls); i++)
        controls[i].found |= strcmp(route->path, controls[i].path) == 0 && test_has(answer, SECRET);
}

static void nothing_stands_where_it_is_not_to_be_seen(void **state)
{
    struct world world = made(state);
    const char *const queries[] = {"", "q=2", "q=zamru*", "q=lumpu*", "show=all", "view=all", "all=yes",
            "subject=incident/2", "subject=report/2", "subject=task/2", "subject=duty/2", "subject=evidence/2",
            "subject=approval/2", "incident=2", "organisation=RS Melur",
            arena_printf(world.people->arena, "id=%s", world.identity),
            arena_printf(world.people->arena, "ref=%s", world.identity),
            arena_printf(world.people->arena, "subject=%s", world.identity)};
    size_t asked = 0, shown = 0, wrong = 0;
    for (const struct route *route = routes; route->path != NULL; route++)
        for (enum role role = 0; role < ROLE_LOCAL && (desk_number(route) != NULL || is_other(route)); role++)
            for (size_t i = 0; i < 2 * COUNT_OF(queries) && route->method == HTTP_GET; i++) {
                const char *number = desk_number(route) != NULL ? desk_number(route) : "2";
                struct asked got = ask(&world, route, role, i % 2 == 0, number, queries[i / 2]);
                wrong += words_wrong(route, role, got.answer, queries[i / 2]);
                if (role == ROLE_AUDITOR)
                    control_note(route, got.answer);
                asked++;
                shown += test_has(got.answer, SECRET) || test_has(got.answer, INSIDE);
                arena_reset(world.asking.arena);
            }
    arena_close(world.asking.arena);
    print_message("# %zu pages, %zu with something on it\n", asked, shown);
    assert_int_equal(wrong, 0);
    for (size_t i = 0; i < COUNT_OF(controls); i++)
        if (!controls[i].found)
            fail_msg("an auditor does not find on %s what is restricted", controls[i].path);
    assert_true(shown > 50 && shown < asked / 2);
}

/* Of a risk that what is restricted shows: that it is there, and how many count, and not which. */
static void a_risk_does_not_say_which_incident_it_is(void **state)
{
    struct world world = made(state);
    for (const struct route *route = routes; route->path != NULL; route++)
        for (enum role role = 0; role < ROLE_LOCAL && strcmp(route->path, "/risks/{number}") == 0; role++)
            for (int json = 0; json < 2; json++) {
                struct asked got = ask(&world, route, role, json, "2", "");
                bool named = test_has(got.answer, "/incidents/2") || test_has(got.answer, "\"latest\":[2]");
                assert_int_equal(named, sees_restricted(role));
                arena_reset(world.asking.arena);
            }
    arena_close(world.asking.arena);
}

static void what_is_not_seen_answers_as_what_is_not_there(void **state)
{
    struct world world = made(state);
    size_t asked = 0;
    for (const struct route *route = routes; route->path != NULL; route++)
        for (enum role role = 0; role < ROLE_LOCAL; role++) {
            const char *number = desk_number(route);
            if (number == NULL || sees_restricted(role) || strchr(route->path, '{') == NULL)
                continue;
            for (int json = 0; json < 2; json++) {
                struct asked hidden = ask(&world, route, role, json, number, "");
                struct asked absent = ask(&world, route, role, json, ABSENT, "");
                if (hidden.status != absent.status || !slice_eq(hidden.answer, absent.answer))
                    fail_msg("%.*s %s tells %s that there is something: %u %.*s, and not %u %.*s",
                            (int)http_method_name(route->method).len, http_method_name(route->method).ptr, route->path,
                            store_role_name(role), hidden.status, (int)hidden.answer.len, hidden.answer.ptr,
                            absent.status, (int)absent.answer.len, absent.answer.ptr);
                asked++;
                arena_reset(world.asking.arena);
            }
        }
    arena_close(world.asking.arena);
    print_message("# %zu pairs\n", asked);
    assert_true(asked > 300);
}

/* The page of a report that belongs to one that is restricted: to who does not see that, it belongs to none. */
static void a_report_does_not_say_to_what_it_belongs(void **state)
{
    struct world world = made(state);
    const struct route *route = routes;
    while (strcmp(route->path, "/reports/{number}") != 0 || route->method != HTTP_GET)
        route++;
    for (enum role role = 0; role < ROLE_LOCAL; role++) {
        struct asked got = ask(&world, route, role, true, "3", "");
        bool sees = got.status == 200 && sees_incidents(role);
        assert_int_equal(sees && test_has(got.answer, "\"path\":\"/incidents/2\""), role == ROLE_AUDITOR);
        assert_int_equal(sees && test_has(got.answer, SECRET), role == ROLE_AUDITOR);
        assert_true(!sees || test_has(got.answer, "Terkait"));
        arena_reset(world.asking.arena);
    }
    arena_close(world.asking.arena);
}

static void the_live_stream_tells_nothing_of_casework(void **state)
{
    struct world world = made(state);
    for (enum audience_kind kind = 0; kind < AUDIENCES; kind++) {
        struct tell tell;
        size_t rows;
        test_ok(tell_open(&tell, world.people->db, kind, 0));
        test_ok(tell_page(&tell, &rows));
        assert_true(rows > 0);
        assert_false(test_has(buf_slice(&tell.events), SECRET) || test_has(buf_slice(&tell.events), INSIDE));
        tell_close(&tell);
    }
    arena_close(world.asking.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON(DB_SQLITE, "nothing_stands_where_it_is_not_to_be_seen", nothing_stands_where_it_is_not_to_be_seen,
                    set_up, tear_down),
            TEST_ON(DB_SQLITE, "what_is_not_seen_answers_as_what_is_not_there",
                    what_is_not_seen_answers_as_what_is_not_there, set_up, tear_down),
            TEST_ON(DB_SQLITE, "a_risk_does_not_say_which_incident_it_is", a_risk_does_not_say_which_incident_it_is,
                    set_up, tear_down),
            TEST_ON(DB_SQLITE, "a_report_does_not_say_to_what_it_belongs", a_report_does_not_say_to_what_it_belongs,
                    set_up, tear_down),
            TEST_ON(DB_SQLITE, "the_live_stream_tells_nothing_of_casework", the_live_stream_tells_nothing_of_casework,
                    set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
