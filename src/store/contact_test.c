/* SPDX-License-Identifier: Apache-2.0 */
#include "store/contact.h"

#include "store/test_organisation.h"

/* One verb with its parameters, for a work of its own. */
struct call {
    struct contact_put put;
    int64_t organisation, number;
    struct contact *rows;
    size_t count;
    uint64_t closed;
};

static struct err add(struct work *work, void *context)
{
    struct call *call = context;
    return store_contact_add(work, call->organisation, &call->put, &call->number);
}

static struct err change(struct work *work, void *context)
{
    const struct call *call = context;
    return store_contact_change(work, call->number, &call->put);
}

static struct err verify(struct work *work, void *context)
{
    return store_contact_verify(work, ((const struct call *)context)->number);
}

static struct err asked(struct work *work, void *context)
{
    return store_contact_asked(work, ((const struct call *)context)->number);
}

static struct err shut(struct work *work, void *context)
{
    return store_contact_close(work, ((const struct call *)context)->number);
}

static struct err shut_all(struct work *work, void *context)
{
    struct call *call = context;
    return store_contact_close_all(work, call->organisation, &call->closed);
}

static struct err rot(struct work *work, void *context)
{
    struct call *call = context;
    return store_contact_rot(work, 10, &call->rows, &call->count);
}

static struct call call_of(int64_t organisation, const char *name)
{
    return (struct call){.organisation = organisation,
            .put = {.name = slice_of(name),
                    .rank = 1,
                    .mail = S("siaga@rs-melati.example"),
                    .phone = S("+62 21 5550 100"),
                    .languages = S("id en"),
                    .hours = S("Mon-Fri 08:00-16:00 +07:00")}};
}

static struct call add_one(struct test_store *store, int64_t organisation, const char *name)
{
    struct call call = call_of(organisation, name);
    test_ok(test_work(store, add, &call));
    return call;
}

static struct contact get(struct test_store *store, int64_t number)
{
    struct contact contact;
    test_ok(store_contact_get(store->db, number, store->arena, &contact));
    return contact;
}

static void a_contact_comes_back(void **state)
{
    struct test_store *store = ready(state);
    struct call call = call_of(test_constituent(store, "RS Melati"), "Ruang siaga");
    call.put.pgp_key = S("\x99\x00key");
    call.put.webhook = S("https://hook.rs-melati.example/in");
    call.put.webhook_secret = S("\x01\x00sealed");
    test_ok(test_work(store, add, &call));
    struct contact contact = get(store, call.number);
    assert_true(slice_eq(contact.is.mail, call.put.mail) && slice_eq(contact.is.phone, call.put.phone));
    assert_true(slice_eq(contact.is.pgp_key, call.put.pgp_key));
    assert_true(slice_eq(contact.is.webhook_secret, call.put.webhook_secret));
    assert_true(slice_eq(contact.is.languages, S("id en")) && slice_eq(contact.is.hours, call.put.hours));
    assert_int_equal(contact.state, CONTACT_UNVERIFIED);
    assert_int_equal(contact.verified_us, TIME_NONE);
    assert_int_equal(test_work(store, add, &call).kind, ERR_CONFLICT);
    struct call nobody = call_of(999, "Ruang siaga");
    assert_int_equal(test_work(store, add, &nobody).kind, ERR_MISSING);
}

/* One field of a good contact, and whether it may be that. */
static const struct {
    size_t field;
    const char *text;
    bool good;
} fields[] = {
        {offsetof(struct contact_put, name), "", false},
        {offsetof(struct contact_put, name), "a\nBcc: x@y.example", false},
        {offsetof(struct contact_put, mail), "cert+night@team.example", true},
        {offsetof(struct contact_put, mail), "cert", false},
        {offsetof(struct contact_put, mail), "cert@localhost", false},
        {offsetof(struct contact_put, mail), "a@b@c.example", false},
        {offsetof(struct contact_put, mail), ".a@c.example", false},
        {offsetof(struct contact_put, mail), "a b@c.example", false},
        {offsetof(struct contact_put, mail), "a@c.example\r\nRCPT TO:<x@y.example>", false},
        {offsetof(struct contact_put, mail), "<a@c.example>", false},
        {offsetof(struct contact_put, mail), "a@c..example", false},
        {offsetof(struct contact_put, mail), "a@-c.example", false},
        {offsetof(struct contact_put, mail), "a,b@c.example", false},
        {offsetof(struct contact_put, phone), "112", true},
        {offsetof(struct contact_put, phone), "call me", false},
        {offsetof(struct contact_put, phone), "=1+1", false},
        {offsetof(struct contact_put, webhook), "https://h.example/x", true},
        {offsetof(struct contact_put, webhook), "http://h.example/x", false},
        {offsetof(struct contact_put, webhook), "https://u:p@h.example/x", false},
        {offsetof(struct contact_put, webhook), "https:///x", false},
        {offsetof(struct contact_put, languages), "en", true},
        {offsetof(struct contact_put, languages), "", false},
        {offsetof(struct contact_put, languages), "English", false},
        {offsetof(struct contact_put, languages), "id  en", false},
        {offsetof(struct contact_put, hours), "always", true},
        {offsetof(struct contact_put, hours), "Sat 00:00-24:00 -03:30", true},
        {offsetof(struct contact_put, hours), "", false},
        {offsetof(struct contact_put, hours), "office", false},
        {offsetof(struct contact_put, hours), "Mon-Fri 8:00-16:00 +07:00", false},
        {offsetof(struct contact_put, hours), "Mon-Fri 08:00-16:00", false},
        {offsetof(struct contact_put, hours), "Mon-Fri 08:00-25:00 +07:00", false},
};

static void fields_are_what_they_may_be(void **state)
{
    struct test_store *store = ready(state);
    int64_t organisation = test_constituent(store, "RS Melati");
    struct call call = add_one(store, organisation, "Ruang siaga");
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        struct call changed = call;
        *(slice *)((char *)&changed.put + fields[i].field) = slice_of(fields[i].text);
        struct err err = test_work(store, change, &changed);
        if (err.kind != (fields[i].good ? ERR_NONE : ERR_INPUT))
            fail_msg("\"%s\": %s", fields[i].text, err_name(err.kind));
    }
    struct call unreachable = call, ranked = call;
    unreachable.put.mail = unreachable.put.phone = S("");
    ranked.put.rank = 0;
    assert_int_equal(test_work(store, change, &unreachable).kind, ERR_INPUT);
    assert_int_equal(test_work(store, change, &ranked).kind, ERR_INPUT);
}

static void another_way_to_reach_them_is_unverified(void **state)
{
    struct test_store *store = ready(state);
    clock_set(1000);
    struct call call = add_one(store, test_constituent(store, "RS Melati"), "Ruang siaga");
    clock_set(2000);
    test_ok(test_work(store, verify, &call));
    test_ok(test_work(store, asked, &call));
    assert_int_equal(get(store, call.number).state, CONTACT_VERIFIED);
    assert_int_equal(get(store, call.number).verified_us, 2000);
    call.put.hours = S("always");
    test_ok(test_work(store, change, &call));
    assert_int_equal(get(store, call.number).state, CONTACT_VERIFIED);
    call.put.mail = S("lain@rs-melati.example");
    test_ok(test_work(store, change, &call));
    assert_int_equal(get(store, call.number).state, CONTACT_UNVERIFIED);
    assert_int_equal(get(store, call.number).verified_us, TIME_NONE);
    assert_int_equal(get(store, call.number).asked_us, TIME_NONE);
}

static void closed_is_the_end(void **state)
{
    struct test_store *store = ready(state);
    int64_t melati = test_constituent(store, "RS Melati");
    struct call call = add_one(store, melati, "Ruang siaga");
    test_ok(test_work(store, shut, &call));
    assert_int_equal(test_work(store, verify, &call).kind, ERR_CONFLICT);
    assert_int_equal(test_work(store, change, &call).kind, ERR_CONFLICT);
    /* The name is free again; what was closed stays to be seen. */
    add_one(store, melati, "Ruang siaga");
    struct contact *rows;
    size_t count;
    test_ok(store_contact_of(store->db, melati, false, store->arena, &rows, &count));
    assert_int_equal(count, 1);
    test_ok(store_contact_of(store->db, melati, true, store->arena, &rows, &count));
    assert_int_equal(count, 2);
    test_ok(test_work(store, shut_all, &(struct call){.organisation = melati}));
    test_ok(store_contact_of(store->db, melati, false, store->arena, &rows, &count));
    assert_int_equal(count, 0);
}

static void who_is_told_first_comes_first(void **state)
{
    struct test_store *store = ready(state);
    int64_t melati = test_constituent(store, "RS Melati");
    struct call second = call_of(melati, "Direktur"), first = call_of(melati, "Ruang siaga");
    second.put.rank = 2;
    test_ok(test_work(store, add, &second));
    test_ok(test_work(store, add, &first));
    add_one(store, test_constituent(store, "RS Kenanga"), "Ruang siaga");
    struct contact *rows;
    size_t count;
    test_ok(store_contact_of(store->db, melati, false, store->arena, &rows, &count));
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].number, first.number);
    test_ok(store_contact_list(store->db, second.number, 10, store->arena, &rows, &count));
    assert_int_equal(count, 2);
    test_ok(store_contact_list_state(store->db, CONTACT_UNVERIFIED, 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 3);
}

static size_t rotten(struct test_store *store, int64_t day)
{
    struct call call = {0};
    clock_set(day * DAY_US);
    test_ok(test_work(store, rot, &call));
    return call.count;
}

/* Days since it was added, or verified, or asked. */
static void contacts_rot(void **state)
{
    struct test_store *store = ready(state);
    clock_set(0);
    int64_t melati = test_constituent(store, "RS Melati");
    struct call never = add_one(store, melati, "tak pernah"), fresh = add_one(store, melati, "segar");
    clock_set(100 * DAY_US);
    test_ok(test_work(store, verify, &fresh));
    assert_int_equal(rotten(store, CONTACT_STALE_DAYS - 1), 0);
    assert_int_equal(rotten(store, CONTACT_STALE_DAYS), 1);
    assert_int_equal(get(store, never.number).state, CONTACT_STALE);
    assert_int_equal(rotten(store, CONTACT_STALE_DAYS), 0);
    /* Asked, and no answer for long. */
    clock_set(200 * DAY_US);
    test_ok(test_work(store, asked, &fresh));
    assert_int_equal(rotten(store, 200 + CONTACT_ANSWER_DAYS - 1), 0);
    assert_int_equal(rotten(store, 200 + CONTACT_ANSWER_DAYS), 1);
    test_ok(test_work(store, verify, &fresh));
    assert_int_equal(get(store, fresh.number).state, CONTACT_VERIFIED);
    assert_int_equal(rotten(store, 300), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_contact_comes_back, set_up, tear_down),
            TEST_ON_BOTH(fields_are_what_they_may_be, set_up, tear_down),
            TEST_ON_BOTH(another_way_to_reach_them_is_unverified, set_up, tear_down),
            TEST_ON_BOTH(closed_is_the_end, set_up, tear_down),
            TEST_ON_BOTH(who_is_told_first_comes_first, set_up, tear_down),
            TEST_ON_BOTH(contacts_rot, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
