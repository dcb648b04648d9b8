/* SPDX-License-Identifier: Apache-2.0 */
#include "case/takedown.h"

#include "case/test_case.h"
#include "desk/fact.h"
#include "desk/notice.h"
#include "store/contact.h"
#include "store/notice.h"
#include "store/report.h"
#include "text/mail.h"

#define TLP_CLEAR_PAP_AMBER                                                                                            \
    "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--5a5b6a1e-5d5f-4c19-8f7c-3d2d1b0f7a11\","     \
    "\"created\":\"2026-11-20T10:00:00Z\",\"modified\":\"2026-11-20T10:00:00Z\",\"name\":\"a page\","                  \
    "\"pattern\":\"[domain-name:value = 'held.example']\",\"pattern_type\":\"stix\","                                  \
    "\"valid_from\":\"2026-11-20T10:00:00Z\",\"labels\":[\"PAP:AMBER\"]}"

static struct actor officer, analyst, auditor;
static struct case_takedown_rules rules;
static int64_t incident, merchant;
static const struct actor machine = {.name = {"@takedown", 9}, .how = ACTOR_FOLLOWER};

static const struct desk_notice_options mail = {.name = "Tim Contoh", .from = "siaga@cert.example"};

#define TABLE                                                                                                          \
    "[file]\nversion = 1\nsource = a test\n"                                                                           \
    "[takedown registry]\nrecipient = registry\nname = R\ndomains = example\naddress = abuse@registry.test\n"          \
    "language = id\n"                                                                                                  \
    "[takedown platform]\nrecipient = platform\nname = P\ndomains = pages.example\n"                                   \
    "address = https://pages.test/report\nlanguage = zh\n"                                                             \
    "[takedown host]\nrecipient = host\nname = H\nnetworks = 198.51.100.0/24\naddress = abuse@host.test\n"             \
    "language = en\n"

static struct test_store *begin(void **state)
{
    struct test_store *store = ready(state);
    clock_set(NOON);
    desk_notice_open(&mail);
    officer = test_person(store, "siti", ROLE_DUTY_OFFICER);
    analyst = test_person(store, "rudi", ROLE_ANALYST);
    auditor = test_person(store, "bayu", ROLE_AUDITOR);
    merchant = test_served(store, "Toko Melati");
    incident = test_incident(store, &officer, "Pages that imitate Toko Melati");
    test_ok(plan_takedown_read("own.conf", S(TABLE), NULL, NULL, store->arena, &rules.table));
    for (size_t i = 0; i < CASE_TAKEDOWN_LANGUAGES; i++)
        for (enum plan_letter_to to = 0; to < PLAN_LETTER_TOS; to++)
            test_ok(plan_letter_shipped(to, slice_of(plan_letter_language(i)), store->arena, &rules.letters[to][i]));
    return store;
}

/* ---- Verbs in one line each ---- */

struct doing {
    struct case_takedown_put put;
    int64_t takedown, request;
    slice text;
    int word;
    const struct case_takedown_to *to;
    size_t count, unfit;
};

static struct err add_action(struct work *work, void *context)
{
    struct doing *doing = context;
    return case_takedown_add(work, &doing->put, doing->text, &doing->takedown);
}

static struct err add_as(struct test_store *store, const struct actor *actor, const char *url, int64_t *number)
{
    struct doing doing = {.put = {.incident = incident, .imitates = merchant}, .text = slice_of(url)};
    struct err err = store_work(store->db, actor, store->arena, add_action, &doing);
    *number = doing.takedown;
    return err;
}

static int64_t add(struct test_store *store, const char *url)
{
    int64_t number;
    test_ok(add_as(store, &officer, url, &number));
    return number;
}

static struct err draft_action(struct work *work, void *context)
{
    struct doing *doing = context;
    return case_takedown_draft(work, &rules, doing->takedown, doing->to, &doing->count);
}

static size_t draft(struct test_store *store, int64_t takedown, const struct case_takedown_to *to)
{
    struct doing doing = {.takedown = takedown, .to = to};
    test_ok(store_work(store->db, &officer, store->arena, draft_action, &doing));
    return doing.count;
}

static struct err approve_action(struct work *work, void *context)
{
    const struct doing *doing = context;
    return case_takedown_approve(work, doing->takedown, doing->request);
}

static struct err approve_as(struct test_store *store, const struct actor *actor, int64_t takedown, int64_t request)
{
    struct doing doing = {.takedown = takedown, .request = request};
    return store_work(store->db, actor, store->arena, approve_action, &doing);
}

static struct err answer_action(struct work *work, void *context)
{
    const struct doing *doing = context;
    return case_takedown_answer(
            work, doing->takedown, doing->request, (enum takedown_request_state)doing->word, doing->text);
}

static struct err answer(struct test_store *store, int64_t takedown, int64_t request, enum takedown_request_state state)
{
    struct doing doing = {.takedown = takedown, .request = request, .word = (int)state, .text = S("they will")};
    return store_work(store->db, &officer, store->arena, answer_action, &doing);
}

static struct err seen_action(struct work *work, void *context)
{
    const struct doing *doing = context;
    return case_takedown_seen(work, doing->takedown, (enum takedown_outcome)doing->word, doing->text);
}

static struct takedown get(struct test_store *store, int64_t takedown)
{
    struct takedown row;
    test_ok(store_takedown_get(store->db, takedown, store->arena, &row));
    return row;
}

static enum takedown_state seen(struct test_store *store, int64_t takedown, enum takedown_outcome outcome)
{
    struct doing doing = {.takedown = takedown, .word = (int)outcome, .text = S("by telephone")};
    test_ok(store_work(store->db, &officer, store->arena, seen_action, &doing));
    return get(store, takedown).state;
}

static struct err give_up_action(struct work *work, void *context)
{
    const struct doing *doing = context;
    return case_takedown_give_up(work, doing->takedown, doing->text);
}

static struct err gather_action(struct work *work, void *context)
{
    struct doing *doing = context;
    return case_takedown_gather(work, &doing->put, &doing->count, &doing->unfit);
}

static struct takedown_request request_get(struct test_store *store, int64_t takedown, int64_t number)
{
    struct takedown_request row;
    test_ok(store_takedown_request_get(store->db, takedown, number, store->arena, &row));
    return row;
}

/* One whose request left. */
static int64_t requested(struct test_store *store, const char *url)
{
    int64_t number = add(store, url);
    const struct case_takedown_to to = {TAKEDOWN_PLATFORM, S("https://form.test/"), S("en")};
    assert_int_equal(draft(store, number, &to), 1);
    test_ok(approve_as(store, &analyst, number, 1));
    test_ok(answer(store, number, 1, TAKEDOWN_REQUEST_SENT));
    return number;
}

/* ---- Pages ---- */

static void a_page_is_one_however_it_is_spelled(void **state)
{
    static const struct {
        const char *told, *url;
    } rows[] = {
            {"hxxps://Toko[.]Example/login", "https://toko.example/login"},
            {"toko.example:8080/a?b=1", "http://toko.example:8080/a?b=1"},
            {"http://198.51.100.7/a", "http://198.51.100.7/a"},
            {"https://[2001:db8::7]/", "https://[2001:db8::7]/"},
            {"https://user:secret@akun.example/x", "https://akun.example/x"},
            {"https://b.example/a?to=siti@mail.example&x=1", "https://b.example/a"},
            {"https://c.example/u/siti%40mail.example/y?z", "https://c.example/u/"},
            {"https://c.example/b?u=[reporter]&x", "https://c.example/b"},
            {"https://d.example/@toko?x=1", "https://d.example/@toko?x=1"},
    };
    struct test_store *store = begin(state);
    int64_t number;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct takedown row = get(store, add(store, rows[i].told));
        if (!slice_eq(row.url, slice_of(rows[i].url)))
            fail_msg("%.*s, not %s", (int)row.url.len, row.url.ptr, rows[i].url);
    }
    test_refused(add_as(store, &officer, "http://toko.example/login", &number), ERR_CONFLICT, "already");
    test_refused(add_as(store, &officer, "ftp://toko.example/login", &number), ERR_INPUT, "http or https");
    test_refused(add_as(store, &officer, "javascript:alert(1)", &number), ERR_INPUT, "");
    test_refused(add_as(store, &auditor, "http://e.example/", &number), ERR_DENIED, "");
}

struct telling {
    const char *url, *flags;
    int64_t incident, number;
};

static struct err told_action(struct work *work, void *context)
{
    struct telling *telling = context;
    bool fresh;
    const struct report put = {.state = telling->incident != 0 ? REPORT_LINKED : REPORT_RECEIVED,
            .language = S("id"),
            .subject = S("a page"),
            .text = slice_of(telling->url),
            .class = S(""),
            .class_rule = S(""),
            .severity = SEVERITY_MEDIUM,
            .flags = slice_of(telling->flags),
            .occurred_us = TIME_NONE,
            .receipt_us = TIME_NONE,
            .answered_us = TIME_NONE,
            .incident = telling->incident};
    const struct report_person person = {S("Budi"), S("budi@warga.example"), S("")};
    TRY(store_report_add(work, &put, &person, &telling->number));
    return store_report_observable_add(work, telling->number, S("url"), slice_of(telling->url), &fresh);
}

/* A report of the incident. */
static void told(struct test_store *store, const char *url)
{
    struct telling telling = {.url = url, .flags = "", .incident = incident};
    test_ok(store_work(store->db, &machine, store->arena, told_action, &telling));
}

/* One that waits. */
static int64_t waits(struct test_store *store, const char *url, const char *flags)
{
    struct telling telling = {.url = url, .flags = flags};
    test_ok(store_work(store->db, &machine, store->arena, told_action, &telling));
    return telling.number;
}

static struct err observable_action(struct work *work, void *context)
{
    const struct doing *doing = context;
    return case_observable_add(work, incident, S("url"), doing->text);
}

static void what_reports_tell_is_grouped_by_page(void **state)
{
    struct test_store *store = begin(state);
    struct doing doing = {.put = {.incident = incident}, .text = S("https://third.example/")};
    struct takedown *rows;
    size_t count;
    told(store, "https://one.example/a?v=anna@mail.example");
    clock_set(NOON + HOUR_US);
    told(store, "http://ONE.example/a?v=budi@mail.example");
    told(store, "https://two.example/a");
    told(store, "ftp://two.example/a");
    test_ok(store_work(store->db, &officer, store->arena, observable_action, &doing));
    test_ok(store_work(store->db, &officer, store->arena, gather_action, &doing));
    assert_true(doing.count == 3 && doing.unfit == 1);
    test_ok(store_takedown_list(store->db, incident, store->arena, &rows, &count));
    assert_true(count == 3 && rows[0].reports == 2 && rows[0].reported_us == NOON);
    assert_true(rows[1].reports == 1 && rows[2].reports == 0);
    told(store, "https://two.example/a#x");
    test_ok(store_work(store->db, &officer, store->arena, gather_action, &doing));
    assert_int_equal(doing.count, 0);
    assert_int_equal(get(store, rows[1].number).reports, 2);
}

static int64_t incident_of(struct test_store *store, int64_t report)
{
    struct report row;
    test_ok(store_report_get(store->db, report, store->arena, &row));
    return row.incident;
}

static void what_waits_and_tells_of_the_same_page_is_linked(void **state)
{
    struct test_store *store = begin(state);
    size_t count;
    add(store, "https://one.example/a");
    int64_t same = waits(store, "hxxp://ONE[.]example/a?v=citra@mail.example", "");
    int64_t advert = waits(store, "https://one.example/a", "advert");
    int64_t other = waits(store, "https://one.example/b", "");
    test_refused(case_takedown_link(store->db, &auditor, incident, store->arena, &count), ERR_DENIED, "");
    test_ok(case_takedown_link(store->db, &officer, incident, store->arena, &count));
    assert_int_equal(count, 1);
    assert_true(incident_of(store, same) == incident && incident_of(store, advert) == 0);
    assert_int_equal(incident_of(store, other), 0);
    test_ok(case_takedown_link(store->db, &officer, incident, store->arena, &count));
    assert_int_equal(count, 0);
}

static struct err warn_action(struct work *work, void *context)
{
    struct doing *doing = context;
    return case_takedown_warn(work, &rules, incident, &doing->count);
}

static struct err contact_action(struct work *work, void *context)
{
    const struct contact_put put = {.name = S("Piket"),
            .rank = 1,
            .mail = S("piket@toko.example"),
            .phone = S(""),
            .webhook = S(""),
            .webhook_secret = S(""),
            .languages = S("zh en"),
            .hours = S("always"),
            .pgp_key = S("")};
    struct doing *doing = context;
    return store_contact_add(work, merchant, &put, &doing->request);
}

static void who_is_imitated_is_told_which_pages_and_not_by_whom(void **state)
{
    struct test_store *store = begin(state);
    struct doing doing = {.put = {.incident = incident, .imitates = merchant}};
    struct notice *rows;
    struct mail_read mail_in;
    slice message;
    size_t count;
    told(store, "https://one.example/a?v=anna@mail.example");
    told(store, "https://two.example/a");
    test_ok(store_work(store->db, &officer, store->arena, gather_action, &doing));
    test_refused(store_work(store->db, &officer, store->arena, warn_action, &doing), ERR_MISSING, "contact add");
    test_ok(store_work(store->db, &officer, store->arena, contact_action, &doing));
    test_ok(store_work(store->db, &officer, store->arena, warn_action, &doing));
    assert_int_equal(doing.count, 1);
    test_ok(store_notice_latest(store->db, merchant, INT64_MAX, 10, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    test_ok(store_notice_message(store->db, rows[0].number, store->arena, &message));
    test_ok(mail_read(message, store->arena, &mail_in));
    assert_true(slice_starts(mail_in.subject, S("TLP:AMBER 有页面仿冒贵方:2个")));
    assert_true(slice_find_slice(mail_in.text, S("hxxps://one[.]example/a\n")) < mail_in.text.len);
    assert_true(slice_find_slice(mail_in.text, S("hxxps://two[.]example/a")) < mail_in.text.len);
    assert_true(slice_find_slice(message, S("anna")) == message.len);
    assert_true(slice_find_slice(message, S("budi@")) == message.len);
}

/* ---- Requests ---- */

static void who_answers_for_it_is_asked_in_their_language(void **state)
{
    struct test_store *store = begin(state);
    int64_t number = add(store, "https://toko.pages.example/login");
    assert_int_equal(draft(store, number, NULL), 2);
    assert_int_equal(draft(store, number, NULL), 0); /* both wait */
    struct takedown_request registry = request_get(store, number, 1), platform = request_get(store, number, 2);
    assert_true(slice_eq(registry.address, S("abuse@registry.test")) && slice_eq(registry.language, S("id")));
    assert_true(slice_find_slice(registry.subject, S("toko[.]pages[.]example")) < registry.subject.len);
    assert_true(slice_find_slice(registry.text, S("hxxps://toko[.]pages[.]example/login")) < registry.text.len);
    assert_true(slice_find_slice(registry.text, S("Toko Melati")) < registry.text.len);
    assert_true(slice_find(registry.text, '{') == registry.text.len);
    assert_true(slice_find_slice(platform.text, S("平台运营方")) < platform.text.len);
    number = add(store, "http://198.51.100.7/login");
    assert_int_equal(draft(store, number, NULL), 1);
    assert_int_equal(request_get(store, number, 1).recipient, TAKEDOWN_HOST);
    const struct case_takedown_to to = {TAKEDOWN_REGISTRAR, S("abuse@registrar.test"), S("")};
    assert_int_equal(draft(store, number, &to), 1);
    assert_true(slice_eq(request_get(store, number, 2).language, S("en")));
}

static void follow(struct test_store *store)
{
    const struct follower follower = case_takedown_follower();
    uint64_t did = 1;
    while (did > 0)
        test_ok(store_follower_once(store->db, &follower, 100, store->arena, &did));
}

/* What became of a letter, as whoever sends it says. */
static struct err letter_action(struct work *work, void *context)
{
    const struct doing *doing = context;
    bool fine = doing->word != 0;
    const struct notice_end end = {.outcome = fine ? NOTICE_TAKEN : NOTICE_REFUSED,
            .answer = fine ? S("250 fine") : S("550 nobody here"),
            .state = fine ? NOTICE_SENT : NOTICE_FAILED};
    TRY(store_notice_begin(work, doing->request));
    TRY(store_notice_end(work, doing->request, &end));
    return desk_fact_tell(work, fine ? "notice.sent" : "notice.failed", "notice", doing->request, 0, NULL, 0);
}

static void letter(struct test_store *store, int64_t notice, bool fine)
{
    struct doing doing = {.request = notice, .word = fine};
    test_ok(store_work(store->db, &machine, store->arena, letter_action, &doing));
    follow(store);
}

static void nothing_leaves_before_somebody_approves(void **state)
{
    struct test_store *store = begin(state);
    int64_t number = add(store, "http://198.51.100.7/login");
    const struct case_takedown_to to = {TAKEDOWN_REGISTRAR, S("abuse@registrar.test"), S("id")};
    struct notice *notices;
    slice message;
    size_t count;
    draft(store, number, NULL);
    draft(store, number, &to);
    test_ok(store_notice_latest(store->db, 0, INT64_MAX, 10, store->arena, &notices, &count));
    assert_int_equal(count, 0);
    test_refused(approve_as(store, &auditor, number, 1), ERR_DENIED, "");
    test_refused(answer(store, number, 1, TAKEDOWN_REQUEST_ANSWERED), ERR_CONFLICT, "nobody approved");
    clock_set(NOON + HOUR_US);
    test_ok(approve_as(store, &analyst, number, 1));
    test_refused(approve_as(store, &analyst, number, 1), ERR_CONFLICT, "approved already");
    test_ok(approve_as(store, &officer, number, 2));
    struct takedown_request first = request_get(store, number, 1), second = request_get(store, number, 2);
    assert_true(first.notice != 0 && slice_eq(first.approved_by, S("rudi")));
    test_ok(store_notice_message(store->db, first.notice, store->arena, &message));
    assert_true(slice_find_slice(message, S("To: <abuse@host.test>")) < message.len);
    assert_int_equal(get(store, number).state, TAKEDOWN_DRAFTED);
    clock_set(NOON + HOUR_US + MINUTE_US);
    letter(store, first.notice, true);
    letter(store, second.notice, false);
    const struct takedown row = get(store, number);
    assert_true(row.state == TAKEDOWN_REQUESTED && row.requested_us == NOON + HOUR_US + MINUTE_US);
    assert_true(row.check_us == row.requested_us + HOUR_US);
    assert_int_equal(request_get(store, number, 1).state, TAKEDOWN_REQUEST_SENT);
    assert_int_equal(request_get(store, number, 2).state, TAKEDOWN_REQUEST_UNDELIVERED);
    test_ok(answer(store, number, 1, TAKEDOWN_REQUEST_REFUSED));
    assert_int_equal(test_acts(store, "takedown.answered"), 1);
}

/* ---- Looks ---- */

static void it_is_down_when_it_was_gone_three_times_in_a_row(void **state)
{
    struct test_store *store = begin(state);
    int64_t number = requested(store, "http://a.test/");
    assert_int_equal(seen(store, number, TAKEDOWN_GONE), TAKEDOWN_GONE_ONCE);
    assert_int_equal(seen(store, number, TAKEDOWN_GONE), TAKEDOWN_GONE_TWICE);
    assert_int_equal(seen(store, number, TAKEDOWN_OTHER), TAKEDOWN_REQUESTED);
    clock_set(NOON + 2 * HOUR_US);
    assert_int_equal(seen(store, number, TAKEDOWN_GONE), TAKEDOWN_GONE_ONCE);
    clock_set(NOON + 3 * HOUR_US);
    assert_int_equal(seen(store, number, TAKEDOWN_GONE), TAKEDOWN_GONE_TWICE);
    clock_set(NOON + 4 * HOUR_US);
    assert_int_equal(seen(store, number, TAKEDOWN_GONE), TAKEDOWN_DOWN);
    assert_int_equal(get(store, number).down_us, NOON + 2 * HOUR_US);
    assert_int_equal(get(store, number).check_us, NOON + 4 * HOUR_US + DAY_US);
    clock_set(NOON + 40 * DAY_US);
    assert_int_equal(seen(store, number, TAKEDOWN_GONE), TAKEDOWN_DOWN);
    assert_int_equal(get(store, number).check_us, TIME_NONE);
    assert_int_equal(test_acts(store, "takedown.down"), 1);
}

static void one_that_returns_is_open_again(void **state)
{
    struct test_store *store = begin(state);
    struct case_takedown_times times;
    int64_t number = requested(store, "http://a.test/");
    clock_set(NOON + HOUR_US);
    for (int i = 0; i < 3; i++)
        seen(store, number, TAKEDOWN_GONE);
    test_ok(case_takedown_times(store->db, incident, store->arena, &times));
    assert_true(times.pages == 1 && times.to_request_us == 0 && times.to_down_us == HOUR_US && times.returned == 0);
    assert_int_equal(seen(store, number, TAKEDOWN_OTHER), TAKEDOWN_DOWN); /* who knows what that is */
    assert_int_equal(seen(store, number, TAKEDOWN_THERE), TAKEDOWN_REQUESTED);
    const struct takedown row = get(store, number);
    assert_true(row.returned == 1 && row.down_us == TIME_NONE && row.check_us != TIME_NONE);
    assert_int_equal(test_acts(store, "takedown.returned"), 1);
    test_ok(case_takedown_times(store->db, incident, store->arena, &times));
    assert_true(times.down == 0 && times.to_down_us == TIME_NONE && times.returned == 1);
}

static struct err silent_action(struct work *work, void *context)
{
    const struct doing *doing = context;
    return store_takedown_look_add(work, doing->takedown, TAKEDOWN_UNREACHABLE, S("nobody answers there"));
}

/* Nothing is fetched where the door is NULL: it would not end well. */
static void amber_and_red_are_not_looked_at(void **state)
{
    struct test_store *store = begin(state);
    const struct object_put held[] = {
            test_object("indicator--5a5b6a1e-5d5f-4c19-8f7c-3d2d1b0f7a11", "2026-11-20T10:00:00", TLP_CLEAR_PAP_AMBER)};
    struct doing doing = {.put = {.incident = incident, .pap = S("PAP:RED")}, .text = S("http://red.example/")};
    enum takedown_outcome outcome = TAKEDOWN_THERE;
    test_ok(store_work(store->db, &officer, store->arena, add_action, &doing));
    test_ok(case_takedown_look(store->db, &officer, NULL, doing.takedown, store->arena, &outcome));
    assert_int_equal(outcome, TAKEDOWN_NOT_ALLOWED);
    test_import(store, "a partner", held, 1);
    int64_t number = add(store, "http://held.example/login");
    outcome = TAKEDOWN_THERE;
    test_ok(case_takedown_look(store->db, &officer, NULL, number, store->arena, &outcome));
    assert_int_equal(outcome, TAKEDOWN_NOT_ALLOWED);
    assert_int_equal(get(store, number).check_us, TIME_NONE);
    assert_int_equal(seen(store, number, TAKEDOWN_GONE), TAKEDOWN_GONE_ONCE); /* what people say counts all the same */
    doing.put.pap = S("PAP:BLUE");
    doing.text = S("http://blue.example/");
    test_refused(store_work(store->db, &officer, store->arena, add_action, &doing), ERR_INPUT, "PAP:CLEAR");
    test_refused(case_takedown_look(store->db, &auditor, NULL, number, store->arena, &outcome), ERR_DENIED, "");
}

static void silence_is_measured_from_its_beginning(void **state)
{
    struct test_store *store = begin(state);
    struct doing doing = {.takedown = requested(store, "http://a.test/")};
    int64_t since_us;
    test_ok(store_takedown_silent(store->db, doing.takedown, &since_us));
    assert_int_equal(since_us, TIME_NONE);
    for (int i = 1; i < 3; i++) {
        clock_set(NOON + i * HOUR_US);
        test_ok(store_work(store->db, &machine, store->arena, silent_action, &doing));
    }
    test_ok(store_takedown_silent(store->db, doing.takedown, &since_us));
    assert_int_equal(since_us, NOON + HOUR_US);
    seen(store, doing.takedown, TAKEDOWN_THERE);
    test_ok(store_takedown_silent(store->db, doing.takedown, &since_us));
    assert_int_equal(since_us, TIME_NONE);
}

static void what_was_given_up_is_left_alone(void **state)
{
    struct test_store *store = begin(state);
    struct doing doing = {.takedown = requested(store, "http://a.test/"), .text = S("")};
    enum takedown_outcome outcome;
    test_refused(store_work(store->db, &analyst, store->arena, give_up_action, &doing), ERR_INPUT, "reason");
    doing.text = S("the host answers nobody");
    test_ok(store_work(store->db, &analyst, store->arena, give_up_action, &doing));
    const struct takedown row = get(store, doing.takedown);
    assert_true(row.state == TAKEDOWN_GIVEN_UP && row.check_us == TIME_NONE);
    test_refused(case_takedown_look(store->db, &officer, NULL, row.number, store->arena, &outcome), ERR_CONFLICT, "");
}

#define CASE_TEST(name) TEST_ON_BOTH(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
            CASE_TEST(a_page_is_one_however_it_is_spelled),
            CASE_TEST(what_reports_tell_is_grouped_by_page),
            CASE_TEST(what_waits_and_tells_of_the_same_page_is_linked),
            CASE_TEST(who_is_imitated_is_told_which_pages_and_not_by_whom),
            CASE_TEST(who_answers_for_it_is_asked_in_their_language),
            CASE_TEST(nothing_leaves_before_somebody_approves),
            CASE_TEST(it_is_down_when_it_was_gone_three_times_in_a_row),
            CASE_TEST(one_that_returns_is_open_again),
            CASE_TEST(amber_and_red_are_not_looked_at),
            CASE_TEST(silence_is_measured_from_its_beginning),
            CASE_TEST(what_was_given_up_is_left_alone),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
