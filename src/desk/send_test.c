/* SPDX-License-Identifier: Apache-2.0 */
/* Against a real mail server and a real webhook on loopback: tests/mail. */
#include "desk/send.h"

#include <signal.h>

#include "base/seal.h"
#include "desk/life.h"
#include "desk/test_notice.h"
#include "http/test_sink.h"
#include "text/mail.h"

#define NOTICES 25           /* that wait at once */
#define KILL_BEFORE_US 40000 /* about what it takes to send them */

static const struct desk_notice_options cert = {
        .name = "CERT Contoh", .from = "peringatan@cert.example", .url = "https://node.example/"};

static struct sink sink, hook = {.script = "hook.py"};
static bool up;
static struct desk_send_options options;

static int servers_up(void **state)
{
    (void)state;
    up = sink_start(&sink, NULL) && sink_start(&hook, NULL);
    return 0;
}

static int servers_down(void **state)
{
    (void)state;
    sink_drop(&sink);
    sink_drop(&hook);
    return 0;
}

static struct test_store *begin(void **state)
{
    struct test_store *store = ready(state);
    if (!up)
        skip();
    sink_fault(&sink, "");
    sink_fault(&hook, "");
    options = (struct desk_send_options){
            .channel = NOTICE_MAIL, .from = cert.from, .per_minute = 100000, .per_contact_hour = 100000};
    options.mail.relay = arena_printf(store->arena, "smtp://127.0.0.1:%u", sink.port);
    options.mail.connect_ms = options.mail.total_ms = 5000;
    options.hook = (struct http_client_options){
            .plain_http = true, .connect_ms = 2000, .idle_ms = 2000, .total_ms = 5000, .bytes_max = 65536};
    options.hook_key = hash_sha256(S("key"));
    desk_notice_open(&cert);
    return store;
}

static struct desk_sender *open_ok(struct test_store *store)
{
    struct desk_sender *sender = NULL;
    test_ok(desk_send_recover(store->db, &store->actor, store->arena));
    test_ok(desk_sender_open(&options, store->arena, &sender));
    return sender;
}

/* One turn of a sender of its own. */
static struct desk_sent send_one(struct test_store *store)
{
    struct desk_sent sent;
    bool found;
    struct desk_sender *sender = open_ok(store);
    test_ok(desk_send(sender, store->db, &store->actor, store->arena, &sent, &found));
    assert_true(found);
    desk_sender_close(sender);
    return sent;
}

static struct notice get(struct test_store *store, int64_t number)
{
    struct notice notice;
    test_ok(store_notice_get(store->db, number, store->arena, &notice));
    return notice;
}

static enum warning_state state_of(struct test_store *store, int64_t number)
{
    struct warning row;
    test_ok(store_warning_get(store->db, number, store->arena, &row));
    return row.state;
}

static void a_notice_arrives_and_the_warning_is_sent(void **state)
{
    struct test_store *store = begin(state);
    struct test_notice test = {.kind = NOTICE_OF_WARNING};
    unsigned before = sink_count(&sink);
    slice message;
    test_warned(store, &test);
    test_ok(test_work(store, test_notice_make, &test));
    struct desk_sent sent = send_one(store);
    assert_int_equal(sent.notice, test.notice);
    assert_int_equal(sent.state, NOTICE_SENT);
    assert_int_equal(sink_count(&sink), before + 1);
    test_ok(store_notice_message(store->db, test.notice, store->arena, &message));
    assert_true(slice_ends(sink_message(&sink, before + 1, store->arena), message));
    assert_int_equal(state_of(store, test.warning), WARNING_SENT);
}

static void a_mailbox_that_is_not_there_leads_to_the_next_contact(void **state)
{
    struct test_store *store = begin(state);
    struct test_notice test = {.kind = NOTICE_OF_WARNING};
    struct contact contact;
    test_warned(store, &test);
    test_ok(test_work(store, test_second_add, &test));
    test_ok(test_work(store, test_notice_make, &test));
    sink_fault(&sink, "rcpt siaga 550 5.1.1 no such mailbox\n");
    assert_int_equal(send_one(store).state, NOTICE_FAILED);
    test_ok(store_contact_get(store->db, test.contact, store->arena, &contact));
    assert_int_equal(contact.state, CONTACT_STALE);
    struct desk_sent sent = send_one(store);
    assert_int_equal(sent.state, NOTICE_SENT);
    assert_int_equal(get(store, sent.notice).contact, test.second);
    assert_int_equal(state_of(store, test.warning), WARNING_SENT);
}

static void where_nobody_is_left_the_warning_waits_for_a_person(void **state)
{
    struct test_store *store = begin(state);
    struct test_notice test = {.kind = NOTICE_OF_WARNING};
    struct warning row;
    test_warned(store, &test);
    test_ok(test_work(store, test_notice_make, &test));
    sink_fault(&sink, "data 554 5.7.1 we take no such thing\n");
    assert_int_equal(send_one(store).state, NOTICE_FAILED);
    test_ok(store_warning_get(store->db, test.warning, store->arena, &row));
    assert_int_equal(row.state, WARNING_DRAFTED);
    assert_true(row.held.len > 0);
}

static void what_is_deferred_is_tried_later_and_later(void **state)
{
    struct test_store *store = begin(state);
    struct test_notice test = {.kind = NOTICE_OF_WARNING};
    test_warned(store, &test);
    test_ok(test_work(store, test_notice_make, &test));
    sink_fault(&sink, "rcpt siaga 452 4.2.2 mailbox full\n");
    int64_t last = 0, now = clock_now_us();
    clock_set(now);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(send_one(store).state, NOTICE_WAITING);
        int64_t pause = get(store, test.notice).next_us - now;
        assert_true(pause > last);
        last = pause;
        now += pause;
        clock_set(now);
    }
    clock_set(now + (DESK_SEND_DAYS + 1) * DAY_US);
    assert_int_equal(send_one(store).state, NOTICE_FAILED);
}

static void an_answer_that_was_lost_brings_it_again_recognisably(void **state)
{
    struct test_store *store = begin(state);
    struct test_notice test = {.kind = NOTICE_OF_WARNING};
    unsigned before = sink_count(&sink);
    test_warned(store, &test);
    test_ok(test_work(store, test_notice_make, &test));
    sink_fault(&sink, "drop\n");
    assert_int_equal(send_one(store).outcome, NOTICE_UNCERTAIN);
    sink_fault(&sink, "");
    clock_set(clock_now_us() + DAY_US);
    assert_int_equal(send_one(store).state, NOTICE_SENT);
    assert_int_equal(sink_count(&sink), before + 2);
    slice first = sink_message(&sink, before + 1, store->arena), again = sink_message(&sink, before + 2, store->arena);
    const char *id = arena_printf(
            store->arena, "Message-ID: <%.*s@", NOTICE_REFERENCE_CHARACTERS, get(store, test.notice).reference.ptr);
    assert_true(slice_find_slice(first, slice_of(id)) < first.len);
    assert_true(slice_find_slice(again, slice_of(id)) < again.len);
    assert_true(slice_find_slice(first, S("X-Kentongan-Repeat:")) == first.len);
    assert_true(slice_find_slice(again, S("X-Kentongan-Repeat:")) < again.len);
}

static void limits_of_the_minute_and_of_a_contact_hold(void **state)
{
    struct test_store *store = begin(state);
    struct test_notice test = {.kind = NOTICE_OF_WARNING};
    struct desk_sent sent;
    bool found;
    test_warned(store, &test);
    for (int i = 0; i < 3; i++)
        test_ok(test_work(store, test_notice_make, &test));
    options.per_minute = 1;
    struct desk_sender *sender = open_ok(store);
    test_ok(desk_send(sender, store->db, &store->actor, store->arena, &sent, &found));
    assert_true(found);
    test_ok(desk_send(sender, store->db, &store->actor, store->arena, &sent, &found));
    assert_false(found);
    options.per_minute = 1000;
    options.per_contact_hour = 1;
    test_ok(desk_send(sender, store->db, &store->actor, store->arena, &sent, &found));
    assert_false(found);
    assert_int_equal(get(store, test.notice).state, NOTICE_WAITING);
    clock_set(clock_now_us() + 2 * HOUR_US);
    test_ok(desk_send(sender, store->db, &store->actor, store->arena, &sent, &found));
    assert_true(found);
    desk_sender_close(sender);
}

static void a_relay_that_is_away_is_tried_now_and_then_by_one(void **state)
{
    struct test_store *store = begin(state);
    struct test_notice test = {.kind = NOTICE_OF_WARNING};
    struct desk_sent sent;
    bool found;
    test_warned(store, &test);
    for (int i = 0; i < 3; i++)
        test_ok(test_work(store, test_notice_make, &test));
    clock_set(clock_now_us());
    options.mail.relay = "smtp://127.0.0.1:1";
    struct desk_sender *sender = open_ok(store);
    test_ok(desk_send(sender, store->db, &store->actor, store->arena, &sent, &found));
    assert_true(found && sent.ours && sent.state == NOTICE_WAITING);
    test_ok(desk_send(sender, store->db, &store->actor, store->arena, &sent, &found));
    assert_false(found);
    clock_set(clock_now_us() + MINUTE_US);
    test_ok(desk_send(sender, store->db, &store->actor, store->arena, &sent, &found));
    assert_true(found);
    desk_sender_close(sender);
}

static void who_defers_lets_the_others_go_first(void **state)
{
    struct test_store *store = begin(state);
    struct test_notice test = {.kind = NOTICE_OF_WARNING};
    struct test_notice other = {.kind = NOTICE_OF_WARNING, .name = "RS Mawar", .mail = S("piket@rs-mawar.example")};
    struct desk_sent sent;
    bool found;
    test_warned(store, &test);
    test_warned(store, &other);
    test_ok(test_work(store, test_notice_make, &test));
    test_ok(test_work(store, test_notice_make, &test));
    test_ok(test_work(store, test_notice_make, &other));
    clock_set(clock_now_us());
    sink_fault(&sink, "rcpt siaga 452 4.2.2 mailbox full\n");
    struct desk_sender *sender = open_ok(store);
    test_ok(desk_send(sender, store->db, &store->actor, store->arena, &sent, &found));
    assert_true(found && sent.state == NOTICE_WAITING);
    test_ok(desk_send(sender, store->db, &store->actor, store->arena, &sent, &found));
    assert_true(found && sent.notice == other.notice && sent.state == NOTICE_SENT);
    test_ok(desk_send(sender, store->db, &store->actor, store->arena, &sent, &found));
    assert_false(found);
    clock_set(clock_now_us() + MINUTE_US);
    test_ok(desk_send(sender, store->db, &store->actor, store->arena, &sent, &found));
    assert_true(found && sent.notice != other.notice);
    desk_sender_close(sender);
}

static struct err withdraw(struct work *work, void *context)
{
    const struct test_notice *test = context;
    return desk_warning_state(work, test->warning, WARNING_WITHDRAWN, S("revoked"));
}

static void what_was_withdrawn_before_it_left_does_not_leave(void **state)
{
    struct test_store *store = begin(state);
    struct test_notice test = {.kind = NOTICE_OF_WARNING};
    struct desk_sent sent;
    bool found;
    unsigned before = sink_count(&sink);
    test_warned(store, &test);
    test_ok(test_work(store, test_notice_make, &test));
    test_ok(test_work(store, withdraw, &test));
    struct desk_sender *sender = open_ok(store);
    test_ok(desk_send(sender, store->db, &store->actor, store->arena, &sent, &found));
    assert_false(found);
    assert_int_equal(get(store, test.notice).state, NOTICE_FAILED);
    assert_int_equal(sink_count(&sink), before);
    desk_sender_close(sender);
}

static struct err hook_set(struct work *work, void *context)
{
    static const char SET[] = "UPDATE contact SET webhook = $2, webhook_secret = $3 WHERE number = $1";
    struct test_notice *test = context;
    char sealed[64];
    seal_close(&options.hook_key, test->webhook, S("rahasia"), (uint8_t *)sealed);
    const struct db_value values[] = {
            db_i64(test->contact), db_text(test->webhook), db_bytes((slice){sealed, 7 + SEAL_BYTES})};
    return db_run(work->db, SET, values, COUNT_OF(values), NULL);
}

static void a_webhook_is_signed_and_follows_nobody(void **state)
{
    struct test_store *store = begin(state);
    struct test_notice test = {.kind = NOTICE_OF_WARNING};
    unsigned before = sink_count(&hook);
    test_warned(store, &test);
    test.webhook = slice_of(arena_printf(store->arena, "http://127.0.0.1:%u/in", hook.port));
    test_ok(test_work(store, hook_set, &test));
    test_ok(test_work(store, test_notice_make, &test));
    options.channel = NOTICE_WEBHOOK;
    sink_fault(&hook, "status 503");
    assert_int_equal(send_one(store).state, NOTICE_WAITING);
    clock_set(clock_now_us() + DAY_US);
    sink_fault(&hook, "");
    assert_int_equal(send_one(store).state, NOTICE_SENT);
    slice posted = sink_message(&hook, before + 2, store->arena);
    slice body = slice_from(posted, slice_find_slice(posted, S("\n\n")) + 2);
    slice header = slice_from(posted, slice_find_slice(posted, S("t=")) + 2);
    slice seconds = slice_part(header, 0, slice_find(header, ','));
    const char *text = arena_printf(store->arena, "%.*s.%.*s", (int)seconds.len, seconds.ptr, (int)body.len, body.ptr);
    struct sha256 mac = hash_hmac_sha256(S("rahasia"), slice_of(text));
    assert_true(slice_starts(slice_from(header, seconds.len + 4), arena_hex(store->arena, sha256_slice(&mac))));
    test_ok(test_work(store, test_notice_make, &test));
    sink_fault(&hook, "redirect");
    assert_int_equal(send_one(store).state, NOTICE_FAILED);
    assert_int_equal(sink_count(&hook), before + 3);
}

static void a_webhook_by_plain_http_elsewhere_is_refused(void **state)
{
    struct test_store *store = begin(state);
    struct test_notice test = {.kind = NOTICE_OF_WARNING, .webhook = S("https://hook.example/in")};
    test_warned(store, &test);
    test.webhook = S("http://127.0.0.1.hook.example/in");
    test_ok(test_work(store, hook_set, &test));
    test_ok(test_work(store, test_notice_make, &test));
    options.channel = NOTICE_WEBHOOK;
    struct desk_sent sent = send_one(store);
    assert_int_equal(sent.state, NOTICE_FAILED);
    assert_string_equal(sent.why, "a webhook is an https URL");
}

/* ---- Killed at any moment ---- */

/* Another process that sends whatever there is, until it is killed or nothing is left. */
static pid_t sender_fork(const struct test_store *store)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    struct arena *arena = arena_open("a sender", ARENA_WORK, 256u << 20);
    struct db *db = NULL;
    struct desk_sender *sender = NULL;
    struct desk_sent sent;
    bool found = true;
    struct err err = store_open(&(struct db_options){.where = store->base->where}, arena, &db);
    if (err.kind == ERR_NONE)
        err = desk_send_recover(db, &store->actor, arena);
    if (err.kind == ERR_NONE)
        err = desk_sender_open(&options, arena, &sender);
    while (err.kind == ERR_NONE && found)
        err = desk_send(sender, db, &store->actor, arena, &sent, &found);
    _exit(err.kind == ERR_NONE ? 0 : 1);
}

/* Kills it at some moment; 0: lets it come to its end. True: it did. */
static bool is_done(pid_t pid, unsigned kill_before_us)
{
    int status;
    if (kill_before_us > 0) {
        usleep((unsigned)rand() % kill_before_us);
        kill(pid, SIGKILL);
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Counts by number of the notice how often each arrived; each time after the first says so. */
static void arrivals_count(struct test_store *store, unsigned from, int64_t most, unsigned *counts)
{
    struct arena *arena = arena_open("mail that arrived", ARENA_WORK, 64u << 20);
    unsigned last = sink_count(&sink);
    for (unsigned i = from; i <= last; i++) {
        struct notice notice;
        arena_reset(arena);
        slice message = sink_message(&sink, i, arena), id = S("Message-ID: <");
        size_t at = slice_find_slice(message, id) + id.len;
        test_ok(store_notice_find(
                store->db, slice_part(message, at, at + NOTICE_REFERENCE_CHARACTERS), arena, &notice));
        assert_true(notice.number <= most);
        if (++counts[notice.number] > 1 && slice_find_slice(message, S("X-Kentongan-Repeat:")) == message.len)
            fail_msg("a repeated message does not say so");
    }
    arena_close(arena);
}

/* Some notices more, in memory that is emptied: there may be thousands of them. */
static void notices_make(struct test_store *store, struct test_notice *test, struct arena *scratch)
{
    for (int i = 0; i < NOTICES; i++) {
        arena_reset(scratch);
        test_ok(store_work(store->db, &store->actor, scratch, test_notice_make, test));
    }
}

static void killed_at_any_moment_none_is_lost(void **state)
{
    struct test_store *store = begin(state);
    struct arena *scratch = arena_open("notices", ARENA_WORK, 64u << 20);
    struct test_notice test = {.kind = NOTICE_OF_WARNING};
    const char *wanted = getenv("KENTONGAN_CRASHES");
    unsigned kills = wanted == NULL ? 5 : (unsigned)strtoul(wanted, NULL, 10), killed = 0, doubles = 0;
    unsigned before = sink_count(&sink);
    test_warned(store, &test);
    for (bool done = true; killed < kills; killed += !done) {
        if (done)
            notices_make(store, &test, scratch);
        done = is_done(sender_fork(store), KILL_BEFORE_US);
    }
    assert_true(is_done(sender_fork(store), 0));
    unsigned *times = arena_new(store->arena, unsigned, (size_t)test.notice + 1);
    arrivals_count(store, before + 1, test.notice, times);
    for (int64_t number = 1; number <= test.notice; number++) {
        struct notice notice;
        arena_reset(scratch);
        test_ok(store_notice_get(store->db, number, scratch, &notice));
        assert_int_equal(notice.state, NOTICE_SENT);
        assert_true(times[number] >= 1 && times[number] <= 1 + (unsigned)notice.uncertain);
        doubles += times[number] - 1;
    }
    arena_close(scratch);
    printf("# %u kills, %u notices, %u came twice or more\n", killed, (unsigned)test.notice, doubles);
}

int main(void)
{
    /* What does not depend on the database is tried on one. */
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_notice_arrives_and_the_warning_is_sent, set_up, tear_down),
            TEST_ON_BOTH(a_mailbox_that_is_not_there_leads_to_the_next_contact, set_up, tear_down),
            TEST_ON(DB_SQLITE, "where_nobody_is_left_the_warning_waits_for_a_person",
                    where_nobody_is_left_the_warning_waits_for_a_person, set_up, tear_down),
            TEST_ON(DB_SQLITE, "what_is_deferred_is_tried_later_and_later", what_is_deferred_is_tried_later_and_later,
                    set_up, tear_down),
            TEST_ON(DB_SQLITE, "an_answer_that_was_lost_brings_it_again_recognisably",
                    an_answer_that_was_lost_brings_it_again_recognisably, set_up, tear_down),
            TEST_ON(DB_SQLITE, "limits_of_the_minute_and_of_a_contact_hold", limits_of_the_minute_and_of_a_contact_hold,
                    set_up, tear_down),
            TEST_ON(DB_SQLITE, "a_webhook_is_signed_and_follows_nobody", a_webhook_is_signed_and_follows_nobody, set_up,
                    tear_down),
            TEST_ON(DB_SQLITE, "a_webhook_by_plain_http_elsewhere_is_refused",
                    a_webhook_by_plain_http_elsewhere_is_refused, set_up, tear_down),
            TEST_ON(DB_SQLITE, "a_relay_that_is_away_is_tried_now_and_then_by_one",
                    a_relay_that_is_away_is_tried_now_and_then_by_one, set_up, tear_down),
            TEST_ON(DB_SQLITE, "who_defers_lets_the_others_go_first", who_defers_lets_the_others_go_first, set_up,
                    tear_down),
            TEST_ON(DB_SQLITE, "what_was_withdrawn_before_it_left_does_not_leave",
                    what_was_withdrawn_before_it_left_does_not_leave, set_up, tear_down),
            TEST_ON_BOTH(killed_at_any_moment_none_is_lost, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, servers_up, servers_down);
}
