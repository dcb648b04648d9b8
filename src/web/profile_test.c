/* SPDX-License-Identifier: Apache-2.0 */
/* The form of who we are, what anybody reads of it, and that hostile text in it harms nobody; the forms of the roster.
 */
#include "desk/profile.h"

#include "desk/publish.h"
#include "desk/roster.h"
#include "people/test_people.h"
#include "store/roster.h"
#include "web/test_people_page.h"

#define HOSTILE "<script>alert(1)</script> \"onload=\"x"
#define PAGE_BYTES_MAX 50000 /* doc/look.md */

struct fixture {
    struct test_people *people;
    struct test_cast cast;
};

static struct fixture made(void **state)
{
    struct fixture fixture = {.people = ready(state)};
    fixture.cast = test_cast_make(fixture.people);
    return fixture;
}

static struct test_page *page_of(struct fixture *fixture, enum http_method method, const char *path, enum role role)
{
    struct test_page *page = test_people_page(fixture->people, method, path);
    test_cast_as(page, &fixture->cast, role);
    page->ask.wants_json = false;
    return page;
}

static slice run(struct test_page *page, const char *name, struct err (*answer)(struct ask *ask))
{
    static const struct route_field none[] = {{NULL}};
    static struct route route;
    route = (struct route){
            page->request.method, "/", name, &web_face, answer, ROUTE_MEMBER, VERBS, SCOPE_READ, 0, "", none};
    return test_page_run(page, &route);
}

/* Every field that is needed in English. */
static void fill(struct fixture *fixture, const char *value)
{
    const struct publishing publishing = {"https://node.example/", NULL};
    struct test_people *people = fixture->people;
    struct published published = {0};
    size_t changed;
    for (const struct profile_field *field = profile_fields; field->name != NULL; field++) {
        const struct profile_typed typed = {
                slice_of(field->each ? arena_printf(people->arena, "%s.en", field->name) : field->name),
                field->kind == PROFILE_MAIL    ? S("cert@cert.example")
                : field->kind == PROFILE_PHONE ? S("+62 21 5550100")
                                               : slice_of(value)};
        if (field->needed)
            test_ok(desk_profile_set(people->db, &people->local, &typed, 1, people->arena, &changed));
    }
    test_ok(desk_publish(people->db, &people->local, &publishing, people->arena, &published));
}

static struct profile_value *values(struct fixture *fixture, size_t *count)
{
    struct profile_value *rows;
    test_ok(store_profile_list(fixture->people->db, fixture->people->arena, &rows, count));
    return rows;
}

static void the_form_is_filled_in_field_by_field(void **state)
{
    struct fixture fixture = made(state);
    struct test_page *page = page_of(&fixture, HTTP_POST, "/profile", ROLE_MANAGER);
    size_t count;
    test_page_field(page, "mission.en", "We warn.\r\nWe help.");
    test_page_field(page, "mission.id", "");
    test_page_field(page, "motto", "ignored");
    run(page, "profile", web_profile_set);
    assert_int_equal(page->reply.status, 303);
    struct profile_value *rows = values(&fixture, &count);
    assert_true(count == 1 && slice_eq(rows[0].value, S("We warn.\nWe help.")));
    page = page_of(&fixture, HTTP_POST, "/profile", ROLE_MANAGER);
    test_page_field(page, "mission.en", "We do.");
    test_page_field(page, "mail", "nowhere");
    slice html = run(page, "profile", web_profile_set);
    assert_true(page->ask.status == 400 && test_has(html, "mail: one plain address of mail"));
    assert_true(test_has(html, "value=\"nowhere\"") && test_has(html, ">We do.</textarea>"));
    rows = values(&fixture, &count);
    assert_true(count == 1 && slice_eq(rows[0].value, S("We warn.\nWe help.")));
    page = page_of(&fixture, HTTP_POST, "/profile", ROLE_ANALYST);
    test_page_field(page, "mission.en", "We do.");
    run(page, "profile", web_profile_set);
    assert_int_equal(page->ask.status, 403);
    page = page_of(&fixture, HTTP_POST, "/profile", ROLE_MANAGER);
    page->ask.who.actor.how = ACTOR_PASSWORD; /* what all read is not changed by a password alone */
    test_page_field(page, "mission.en", "We do.");
    run(page, "profile", web_profile_set);
    assert_int_equal(page->ask.status, 403);
}

static void what_anybody_reads_is_harmless(void **state)
{
    struct fixture fixture = made(state);
    struct test_page *page = page_of(&fixture, HTTP_GET, "/rfc2350", ROLE_AUDITOR);
    run(page, "rfc2350", web_rfc2350);
    assert_int_equal(page->err.kind, ERR_MISSING);
    fill(&fixture, HOSTILE);
    page = page_of(&fixture, HTTP_GET, "/rfc2350", ROLE_AUDITOR);
    page->ask.who = (struct who){.actor = {.how = ACTOR_NOBODY}};
    page->ask.language = LANGUAGE_INDONESIAN; /* of which there is none: the other is shown, and says which it is */
    slice html = run(page, "rfc2350", web_rfc2350);
    test_ok(page->err);
    assert_true(test_has(html, "<article lang=\"en\">") && test_has(html, "3.1. Mission statement"));
    assert_true(test_has(html, "&lt;script&gt;alert(1)") && !test_has(html, "<script>alert"));
    assert_true(html.len < PAGE_BYTES_MAX);
    page = page_of(&fixture, HTTP_GET, "/.well-known/security.txt", ROLE_AUDITOR);
    slice text = run(page, "security-txt", web_security_txt);
    assert_true(slice_eq(page->reply.type, S("text/plain; charset=utf-8")));
    assert_true(slice_starts(text, S("Contact: mailto:cert@cert.example\n")));
    html = run(page_of(&fixture, HTTP_GET, "/profile", ROLE_COORDINATOR), "profile", web_profile);
    assert_true(test_has(html, "&lt;script&gt;alert(1)") && !test_has(html, "<script>alert"));
    assert_true(test_has(html, "not signed") && html.len < PAGE_BYTES_MAX);
}

static void a_shift_is_put_given_and_taken_away(void **state)
{
    struct fixture fixture = made(state);
    struct test_people *people = fixture.people;
    struct test_page *page = page_of(&fixture, HTTP_POST, "/roster", ROLE_COORDINATOR);
    struct shift row;
    test_page_field(page, "user", "duty-officer");
    test_page_field(page, "from", "2026-11-21T08:00");
    test_page_field(page, "until", "2026-11-21T16:00");
    page->ask.who.zone = S("Asia/Jakarta");
    run(page, "roster", web_roster_put);
    assert_int_equal(page->reply.status, 303);
    test_ok(store_shift_get(people->db, 1, people->arena, &row));
    assert_true(row.is.until_us == TEST_NOW_US - TEST_HOUR_US); /* as clocks show it in Jakarta */
    page = page_of(&fixture, HTTP_POST, "/roster", ROLE_COORDINATOR);
    test_page_field(page, "user", "duty-officer");
    test_page_field(page, "from", "today");
    test_page_field(page, "until", "tomorrow");
    slice html = run(page, "roster", web_roster_put);
    assert_true(page->ask.status == 400 && test_has(html, "a moment is written as"));
    page = page_of(&fixture, HTTP_POST, "/roster/shift", ROLE_DUTY_OFFICER);
    test_page_field(page, "act", "give");
    test_page_field(page, "shift", "1");
    test_page_field(page, "user", "analyst");
    html = run(page, "roster", web_roster_shift);
    assert_true(page->ask.status == 409 && test_has(html, "that shift is over"));
    page = page_of(&fixture, HTTP_POST, "/roster/shift", ROLE_MANAGER);
    test_page_field(page, "act", "drop");
    test_page_field(page, "shift", "1");
    run(page, "roster", web_roster_shift);
    assert_int_equal(page->reply.status, 303);
    assert_int_equal(store_shift_get(people->db, 1, people->arena, &row).kind, ERR_MISSING);
}

/* Who comes next is proposed, and the note names it. */
static void a_shift_is_handed_over(void **state)
{
    struct fixture fixture = made(state);
    struct test_people *people = fixture.people;
    const struct shift_put put = {
            fixture.cast.users[ROLE_ANALYST], SHIFT_FIRST, TEST_NOW_US + TEST_HOUR_US, TEST_NOW_US + 9 * TEST_HOUR_US};
    int64_t number;
    test_ok(desk_roster_put(people->db, &people->local, &put, people->arena, &number));
    slice html = run(page_of(&fixture, HTTP_GET, "/roster", ROLE_DUTY_OFFICER), "roster", web_roster);
    assert_true(test_has(html, "<option selected>analyst</option>") && test_has(html, "/roster/hand-over"));
    struct test_page *page = page_of(&fixture, HTTP_POST, "/roster/hand-over", ROLE_DUTY_OFFICER);
    test_page_field(page, "user", "analyst");
    test_page_field(page, "note", "Quiet <b>night</b>.");
    html = run(page, "roster", web_roster_hand_over);
    test_ok(page->err);
    assert_true(page->ask.status == 201 && test_has(html, "On call next: analyst"));
    assert_true(test_has(html, "Quiet &lt;b&gt;night") && !test_has(html, "<b>night"));
    page = page_of(&fixture, HTTP_POST, "/roster/hand-over", ROLE_AUDITOR);
    run(page, "roster", web_roster_hand_over);
    assert_int_equal(page->ask.status, 403);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON(DB_SQLITE, "the form is filled in field by field", the_form_is_filled_in_field_by_field, set_up,
                    tear_down),
            TEST_ON(DB_SQLITE, "what anybody reads is harmless", what_anybody_reads_is_harmless, set_up, tear_down),
            TEST_ON(DB_SQLITE, "a shift is put, given and taken away", a_shift_is_put_given_and_taken_away, set_up,
                    tear_down),
            TEST_ON(DB_SQLITE, "a shift is handed over", a_shift_is_handed_over, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
