/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/contact.h"

#include "desk/notice.h"
#include "share/test_share.h"
#include "store/test_organisation.h"

static const struct contact_put put = {.name = {"Ruang siaga", 11},
        .rank = 1,
        .mail = {"siaga@rs-melati.example", 23},
        .languages = {"id", 2},
        .hours = {"always", 6}};

static void an_admin_changes_those_of_its_own(void **state)
{
    struct test_store *store = ready(state);
    struct actor admin = test_person(store, "citra", ROLE_CONSTITUENT_ADMIN);
    int64_t melati = test_constituent(store, "RS Melati"), kenanga = test_constituent(store, "RS Kenanga");
    int64_t ours, theirs;
    struct contact_put other = put;
    other.hours = S("Mon-Fri 08:00-16:00 +07:00");
    admin.organisation = melati;
    test_ok(desk_contact_add(store->db, &admin, melati, &put, store->arena, &ours));
    test_ok(desk_contact_change(store->db, &admin, ours, &other, store->arena));
    test_refused(desk_contact_add(store->db, &admin, kenanga, &put, store->arena, &theirs), ERR_DENIED, "citra");
    test_ok(desk_contact_add(store->db, &store->actor, kenanga, &put, store->arena, &theirs));
    test_refused(desk_contact_change(store->db, &admin, theirs, &other, store->arena), ERR_DENIED, "citra");
    test_refused(desk_contact_verify(store->db, &admin, theirs, S("x"), store->arena), ERR_DENIED, "citra");
    test_refused(desk_contact_close(store->db, &admin, theirs, S("x"), store->arena), ERR_DENIED, "citra");
    /* Which numbers there are is nobody's business who may not. */
    test_refused(desk_contact_close(store->db, &admin, 999, S("x"), store->arena), ERR_DENIED, "citra");
    assert_int_equal(test_acts(store, "contact.added"), 2);
    assert_int_equal(test_acts(store, "contact.changed"), 1);
}

static void by_hand_it_needs_a_reason(void **state)
{
    struct test_store *store = ready(state);
    struct contact contact;
    int64_t number, melati = test_constituent(store, "RS Melati");
    test_ok(desk_contact_add(store->db, &store->actor, melati, &put, store->arena, &number));
    test_refused(desk_contact_verify(store->db, &store->actor, number, S(""), store->arena), ERR_INPUT, "reason");
    test_refused(desk_contact_close(store->db, &store->actor, number, S(""), store->arena), ERR_INPUT, "reason");
    test_ok(desk_contact_verify(store->db, &store->actor, number, S("called at 09:14"), store->arena));
    test_ok(store_contact_get(store->db, number, store->arena, &contact));
    assert_int_equal(contact.state, CONTACT_VERIFIED);
    test_ok(desk_contact_close(store->db, &store->actor, number, S("left"), store->arena));
    assert_int_equal(test_acts(store, "contact.verified"), 1);
    assert_int_equal(test_acts(store, "contact.closed"), 1);
}

static void stale_ones_are_told_once(void **state)
{
    struct test_store *store = ready(state);
    struct arena *arena = arena_open("test of the job", ARENA_WORK, 64u << 20);
    int64_t number, melati = test_constituent(store, "RS Melati");
    size_t count;
    clock_set(0);
    test_ok(desk_contact_add(store->db, &store->actor, melati, &put, store->arena, &number));
    clock_set(CONTACT_STALE_DAYS * DAY_US);
    test_ok(desk_contacts_rot(store->db, &store->actor, arena, &count));
    assert_int_equal(count, 1);
    test_ok(desk_contacts_rot(store->db, &store->actor, arena, &count));
    assert_int_equal(count, 0);
    assert_int_equal(test_acts(store, "contact.stale"), 1);
    arena_close(arena);
}

struct hearing {
    int64_t contact, asked_us;
};

static struct err hear(struct work *work, void *context)
{
    const struct hearing *hearing = context;
    return desk_contact_heard(work, hearing->contact, hearing->asked_us, S("button"));
}

static void who_reads_the_old_address_says_nothing_of_the_new(void **state)
{
    struct test_store *store = ready(state);
    struct contact_put other = put;
    struct contact contact;
    struct hearing hearing = {.asked_us = 2000};
    clock_set(1000);
    int64_t melati = test_constituent(store, "RS Melati");
    test_ok(desk_contact_add(store->db, &store->actor, melati, &put, store->arena, &hearing.contact));
    clock_set(3000);
    other.mail = S("lain@rs-melati.example");
    test_ok(desk_contact_change(store->db, &store->actor, hearing.contact, &other, store->arena));
    test_refused(test_work(store, hear, &hearing), ERR_CONFLICT, "another way");
    hearing.asked_us = 3000;
    test_ok(test_work(store, hear, &hearing));
    test_ok(store_contact_get(store->db, hearing.contact, store->arena, &contact));
    assert_int_equal(contact.state, CONTACT_VERIFIED);
}

/* Without a section [mail] nobody is asked, and nobody counts as asked. */
static void who_is_asked_is_told_by_mail(void **state)
{
    static const struct desk_notice_options cert = {.name = "CERT Contoh", .from = "cert@cert.example"};
    struct test_store *store = ready(state);
    struct actor analyst = test_person(store, "ayu", ROLE_ANALYST);
    struct contact contact;
    int64_t number, notice, melati = test_constituent(store, "RS Melati");
    test_ok(desk_contact_add(store->db, &store->actor, melati, &put, store->arena, &number));
    desk_notice_open(NULL);
    test_refused(desk_contact_ping(store->db, &store->actor, number, store->arena, &notice), ERR_MISSING, "[mail]");
    desk_notice_open(&cert);
    test_refused(desk_contact_ping(store->db, &analyst, number, store->arena, &notice), ERR_DENIED, "ayu");
    test_ok(store_contact_get(store->db, number, store->arena, &contact));
    assert_int_equal(contact.asked_us, TIME_NONE);
    test_ok(desk_contact_ping(store->db, &store->actor, number, store->arena, &notice));
    test_ok(store_contact_get(store->db, number, store->arena, &contact));
    assert_true(contact.asked_us != TIME_NONE && notice > 0);
    assert_int_equal(test_acts(store, "contact.asked"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(an_admin_changes_those_of_its_own, set_up, tear_down),
            TEST_ON_BOTH(by_hand_it_needs_a_reason, set_up, tear_down),
            TEST_ON_BOTH(stale_ones_are_told_once, set_up, tear_down),
            TEST_ON_BOTH(who_is_asked_is_told_by_mail, set_up, tear_down),
            TEST_ON_BOTH(who_reads_the_old_address_says_nothing_of_the_new, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
