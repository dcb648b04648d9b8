/* SPDX-License-Identifier: Apache-2.0 */
#include "share/post.h"

#include <sodium.h>

#include "share/test_partner.h"
#include "share/visitor.h"
#include "store/ledger.h"
#include "store/partner_log.h"

/* A node that was introduced, confirmed, and said hello. */
static struct test_node mitra(struct test_store *store, const char *name)
{
    struct test_node node = test_node(store, name);
    test_own_node(store);
    test_introduced(store, &node);
    test_ok(share_partner_confirm(
            store->db, &store->actor, NULL, node.partner, test_words(store, &node), store->arena));
    test_ok(test_take(store, test_hello(store, &node)));
    return node;
}

static struct share_mail mail_of(struct test_store *store, slice text)
{
    struct share_mail mail;
    test_ok(share_post_take(store->db, text, store->arena, &mail));
    return mail;
}

static slice signed_letter(struct test_store *store, const struct test_node *node, const char *type, const char *body)
{
    struct share_letter letter = test_letter(store, node, type, body);
    return test_sign(store, &letter, &node->message);
}

#define GROWN "{\"checkpoint\":\"a note\",\"folder\":\"k3w9\",\"origin\":\"identity--1/partner\"}"

/* ---- Taking ---- */

static void a_statement_is_taken_once(void **state)
{
    struct test_store *store = ready(state);
    struct test_node node = mitra(store, "melati");
    slice text = signed_letter(store, &node, "log.grown", GROWN);
    struct partner_log *logs;
    size_t count;
    struct share_mail mail = mail_of(store, text);
    assert_true(mail.answered == SHARE_TAKEN && mail.partner == node.partner && slice_eq(mail.type, S("log.grown")));
    mail = mail_of(store, text);
    assert_int_equal(mail.answered, SHARE_AGAIN);
    test_ok(store_partner_log_list(store->db, node.partner, store->arena, &logs, &count));
    assert_int_equal(count, 1);
    assert_true(slice_eq(logs->folder, S("k3w9")));
}

static void what_cannot_be_done_gets_the_same_answer_each_time(void **state)
{
    struct test_store *store = ready(state);
    struct test_node node = mitra(store, "melati");
    static const struct {
        const char *type, *body, *why;
    } cases[] = {
            {"pineapple", "{}", "nobody here understands statements of type pineapple"},
            {"log.grown", "{\"checkpoint\":\"\",\"folder\":\"../keys\",\"origin\":\"x\"}", "folder"},
            {"log.grown", "{\"checkpoint\":\"\",\"folder\":\"a//b\",\"origin\":\"x\"}", "folder"},
            {"log.grown", "{\"checkpoint\":\"\",\"folder\":\"a/\",\"origin\":\"x\"}", "folder"},
            {"log.grown", "{\"checkpoint\":\"\",\"folder\":\"\",\"origin\":\"x\"}", "folder"},
            {"log.grown", "{\"folder\":\"a\",\"origin\":\"x\"}", "checkpoint"},
            {"log.grown", "{\"checkpoint\":\"\",\"folder\":\"a\",\"origin\":\"x\",\"more\":1}", "not known"},
            {"receipt", "{\"missing\":[],\"origin\":\"nobody's\",\"root\":\"00\",\"size\":1}", "root"},
            {"receipt", "{\"missing\":[1],\"origin\":\"nobody's\",\"root\":\"00\",\"size\":1}", "missing"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        slice text = signed_letter(store, &node, cases[i].type, cases[i].body);
        for (int times = 0; times < 2; times++) {
            struct share_mail mail = mail_of(store, text);
            if (mail.answered != SHARE_REFUSED)
                fail_msg("case %zu, time %d: not refused", i, times);
            if (slice_find_slice(mail.why, slice_of(cases[i].why)) == mail.why.len)
                fail_msg("case %zu: %.*s", i, (int)mail.why.len, mail.why.ptr);
        }
    }
    assert_int_equal(test_acts(store, "statement.refused"), COUNT_OF(cases));
}

static void strangers_are_all_told_the_same(void **state)
{
    struct test_store *store = ready(state);
    struct test_node node = mitra(store, "melati"), stranger = test_node(store, "orang-lain");
    struct share_mail mail;
    struct share_letter old = test_letter(store, &node, "log.grown", GROWN);
    old.issued_us -= 2 * HOUR_US;
    old.expires_us = old.issued_us + HOUR_US;
    struct share_letter elsewhere = test_letter(store, &node, "log.grown", GROWN);
    elsewhere.to = stranger.node;
    struct share_letter forged = test_letter(store, &node, "log.grown", GROWN);
    const slice tries[] = {
            signed_letter(store, &stranger, "log.grown", GROWN), /* from nobody we know */
            test_sign(store, &forged, &stranger.message),        /* in the name of one */
            test_sign(store, &forged, &node.log),                /* by a key for something else */
            test_sign(store, &old, &node.message),
            test_sign(store, &elsewhere, &node.message),
    };
    const char *first = NULL;
    for (size_t i = 0; i < COUNT_OF(tries); i++) {
        struct err err = share_post_take(store->db, tries[i], store->arena, &mail);
        assert_int_equal(err.kind, ERR_AUTH);
        first = first == NULL ? err.why : first;
        assert_string_equal(err.why, first);
        assert_true(mail.why.len > 0); /* our own log knows */
    }
}

static void what_is_no_statement_is_told_so(void **state)
{
    struct test_store *store = ready(state);
    static const char *const texts[] = {
            "", "{}", "[]", "{\"head\":{}}", "\xFF", "{\"head\":{\"statement\":\"kentongan/2\"}}"};
    struct share_mail mail;
    test_own_node(store);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_int_equal(share_post_take(store->db, slice_of(texts[i]), store->arena, &mail).kind, ERR_INPUT);
}

/* ---- Receipts ---- */

/* What an entry says here. */
static const struct ledger_field field = {.name = {"version", 7}, .value = {"1", 1}};

struct agreed {
    int64_t partner, log;
};

static struct err agree(struct work *work, void *context)
{
    static const char AGREEMENT[] =
            "INSERT INTO agreement (number, id, partner, state, version, generation, terms, from_us, until_us, log, "
            "added_us) VALUES (1, 'a', $1, 'in-force', 1, 1, $2, 0, $3, $4, 0)";
    struct agreed *agreed = context;
    struct ledger_head head = {.size = 1, .checkpoint = S("a note")};
    int64_t seq;
    TRY(store_ledger_log_new(work, "partner", S("ours/partner"), S("bbbb"), &agreed->log));
    TRY(store_ledger_append(work, agreed->log, "agreement", &field, 1, &seq));
    head.log = agreed->log;
    memset(head.root.bytes, 0xAB, sizeof head.root.bytes);
    TRY(store_ledger_head_put(work, &head));
    TRY(store_ledger_append(work, agreed->log, "agreement", &field, 1, &seq));
    TRY(store_ledger_append(work, agreed->log, "agreement", &field, 1, &seq));
    head.size = 3; /* nobody signed one of 2 */
    memset(head.root.bytes, 0xCC, sizeof head.root.bytes);
    TRY(store_ledger_head_put(work, &head));
    const struct db_value values[] = {
            db_i64(agreed->partner), db_bytes(S("{}")), db_i64(INT64_MAX), db_i64(agreed->log)};
    return db_run(work->db, AGREEMENT, values, COUNT_OF(values), NULL);
}

static const char *receipt_body(struct test_store *store, const char *origin, char digit, int size)
{
    char root[65];
    memset(root, digit, 64);
    root[64] = '\0';
    for (size_t i = 1; i < 64; i += 2)
        root[i] = digit == 'a' ? 'b' : digit;
    return arena_printf(store->arena, "{\"missing\":[\"indicator--1\"],\"origin\":\"%s\",\"root\":\"%s\",\"size\":%d}",
            origin, root, size);
}

static void a_receipt_becomes_an_entry_with_its_signature(void **state)
{
    struct test_store *store = ready(state);
    struct test_node node = mitra(store, "melati"), other = mitra(store, "kenanga");
    struct agreed agreed = {.partner = node.partner};
    struct ledger_row row;
    test_ok(test_work(store, agree, &agreed));
    slice text = signed_letter(store, &node, "receipt", receipt_body(store, "ours/partner", 'a', 1));
    assert_int_equal(mail_of(store, text).answered, SHARE_TAKEN);
    test_ok(store_ledger_get(store->db, agreed.log, 3, store->arena, &row));
    assert_true(slice_eq(row.kind, S("receipt")));
    bool has = false;
    for (size_t i = 0; i < row.count; i++)
        has |= slice_eq(row.fields[i].name, S("statement")) && slice_eq(row.fields[i].value, text);
    assert_true(has);
    assert_int_equal(test_acts(store, "delivery.missing"), 1);
    /* Another root than was signed for that size, a size that never was, somebody else's log: nothing is entered. */
    const slice wrong[] = {
            signed_letter(store, &node, "receipt", receipt_body(store, "ours/partner", '0', 1)),
            signed_letter(store, &node, "receipt", receipt_body(store, "ours/partner", '0', 0)),
            signed_letter(store, &node, "receipt", receipt_body(store, "ours/partner", 'a', 2)),
            signed_letter(store, &node, "receipt", receipt_body(store, "ours/partner", 'a', 3)),
            signed_letter(store, &node, "receipt", receipt_body(store, "ours/partner", 'a', 7)),
            signed_letter(store, &other, "receipt", receipt_body(store, "ours/partner", 'a', 1)),
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_int_equal(mail_of(store, wrong[i]).answered, SHARE_REFUSED);
    assert_int_equal(store_ledger_get(store->db, agreed.log, 4, store->arena, &row).kind, ERR_MISSING);
}

/* ---- Visits ---- */

static slice visit_of(struct test_store *store, const struct share_letter *letter, const struct key_pair *key)
{
    slice text = test_sign(store, letter, key);
    char *shown =
            arena_take(store->arena, sodium_base64_ENCODED_LEN(text.len, sodium_base64_VARIANT_URLSAFE_NO_PADDING));
    sodium_bin2base64(shown, sodium_base64_ENCODED_LEN(text.len, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
            (const unsigned char *)text.ptr, text.len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return slice_of(shown);
}

static struct share_letter visit_letter(struct test_store *store, const struct test_node *node)
{
    struct share_letter letter = test_letter(store, node, "visit", "{}");
    letter.expires_us = letter.issued_us + MINUTE_US;
    return letter;
}

static void a_visitor_is_the_account_of_its_partner(void **state)
{
    struct test_store *store = ready(state);
    struct test_node node = mitra(store, "melati");
    struct share_letter letter = visit_letter(store, &node);
    struct share_visitor visitor;
    test_ok(share_visitor_find(store->db, visit_of(store, &letter, &node.message), store->arena, &visitor));
    struct partner partner = test_partner(store, node.partner);
    assert_true(visitor.partner == node.partner && visitor.actor.organisation == partner.organisation &&
                visitor.actor.user == partner.account && actor_is(&visitor.actor, ROLE_LIAISON));
}

static void what_we_show_ourselves_is_short_and_for_one_node(void **state)
{
    struct test_store *store = ready(state);
    struct share_keys keys = {.node = test_uuid(store->arena, "identity--")};
    struct share_letter letter;
    const char *shown;
    char text[SHARE_VISIT_BYTES_MAX];
    size_t len;
    key_new(&keys.message);
    slice node = test_uuid(store->arena, "identity--");
    test_ok(share_visit_write(&keys, node, store->arena, &shown));
    slice rest = slice_from(slice_of(shown), strlen(SHARE_VISIT_SCHEME) + 1);
    assert_true(slice_starts(slice_of(shown), S(SHARE_VISIT_SCHEME " ")) && rest.len <= SHARE_VISIT_BYTES_MAX);
    assert_int_equal(sodium_base642bin((unsigned char *)text, sizeof text, rest.ptr, rest.len, NULL, &len, NULL,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING),
            0);
    test_ok(share_statement_read((slice){text, len}, store->arena, &letter));
    assert_true(share_statement_signed(&letter) && slice_eq(letter.to, node));
    assert_true(letter.expires_us - letter.issued_us <= SHARE_VISIT_US);
}

static struct err pause_action(struct work *work, void *context)
{
    const struct test_node *node = context;
    return store_partner_pause(work, node->partner, S("two heads of one log"));
}

static void whoever_is_not_good_is_nobody_in_the_same_words(void **state)
{
    struct test_store *store = ready(state);
    struct test_node node = mitra(store, "melati"), paused = mitra(store, "kenanga"),
                     suspended = mitra(store, "cempaka");
    struct test_node ended = mitra(store, "dahlia"), stranger = test_node(store, "orang-lain");
    struct share_partner_ending ending = {.at_us = 0, .reason = S("selesai")};
    test_ok(test_work(store, pause_action, &paused));
    test_ok(share_partner_suspend(store->db, &store->actor, suspended.partner, S("alasan"), store->arena));
    test_ok(share_partner_end(store->db, &store->actor, NULL, ended.partner, &ending, store->arena));
    struct share_letter good = visit_letter(store, &node), lasting = good, elsewhere = good, other = good, open = good;
    lasting.expires_us = lasting.issued_us + HOUR_US;
    elsewhere.to = stranger.node;
    open.to = S("");
    other.type = S("log.grown");
    struct share_letter of_paused = visit_letter(store, &paused), of_suspended = visit_letter(store, &suspended);
    struct share_letter of_ended = visit_letter(store, &ended), of_stranger = visit_letter(store, &stranger);
    const slice shown[] = {S(""), S("!!!"), S("e30"), visit_of(store, &lasting, &node.message),
            visit_of(store, &elsewhere, &node.message), visit_of(store, &open, &node.message),
            visit_of(store, &other, &node.message), visit_of(store, &good, &node.log),
            visit_of(store, &of_paused, &paused.message), visit_of(store, &of_suspended, &suspended.message),
            visit_of(store, &of_ended, &ended.message), visit_of(store, &of_stranger, &stranger.message)};
    struct share_visitor visitor;
    for (size_t i = 0; i < COUNT_OF(shown); i++) {
        struct err err = share_visitor_find(store->db, shown[i], store->arena, &visitor);
        if (err.kind != ERR_AUTH || strcmp(err.why, "this visit is not good") != 0)
            fail_msg("case %zu: %s: %s", i, err_name(err.kind), err.why);
    }
    test_ok(share_visitor_find(store->db, visit_of(store, &good, &node.message), store->arena, &visitor));
}

/* Told once, and only of who signed it; the answer is the same as ever. */
static void a_clock_that_was_set_back_is_noticed_by_who_is_visited(void **state)
{
    struct test_store *store = ready(state);
    struct test_node node = mitra(store, "melati"), stranger = test_node(store, "orang-lain");
    struct share_letter late = visit_letter(store, &node), ahead, forged;
    struct share_visitor visitor;
    late.issued_us -= 10 * MINUTE_US;
    late.expires_us -= 10 * MINUTE_US;
    forged = late;
    assert_int_equal(
            share_visitor_find(store->db, visit_of(store, &forged, &stranger.message), store->arena, &visitor).kind,
            ERR_AUTH);
    assert_int_equal(test_acts(store, "ledger.doubt"), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(
                share_visitor_find(store->db, visit_of(store, &late, &node.message), store->arena, &visitor).kind,
                ERR_AUTH);
    assert_int_equal(test_acts(store, "ledger.doubt"), 1);
    clock_set(clock_now_us() + 2 * HOUR_US);
    ahead = visit_letter(store, &node);
    ahead.issued_us += HOUR_US;
    ahead.expires_us += HOUR_US;
    assert_int_equal(share_visitor_find(store->db, visit_of(store, &ahead, &node.message), store->arena, &visitor).kind,
            ERR_AUTH);
    assert_int_equal(test_acts(store, "ledger.doubt"), 2);
    clock_set(TIME_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_statement_is_taken_once, set_up, tear_down),
            TEST_ON_BOTH(what_cannot_be_done_gets_the_same_answer_each_time, set_up, tear_down),
            TEST_ON_BOTH(strangers_are_all_told_the_same, set_up, tear_down),
            TEST_ON_BOTH(what_is_no_statement_is_told_so, set_up, tear_down),
            TEST_ON_BOTH(a_receipt_becomes_an_entry_with_its_signature, set_up, tear_down),
            TEST_ON_BOTH(a_visitor_is_the_account_of_its_partner, set_up, tear_down),
            TEST_ON_BOTH(a_clock_that_was_set_back_is_noticed_by_who_is_visited, set_up, tear_down),
            TEST_ON_BOTH(what_we_show_ourselves_is_short_and_for_one_node, set_up, tear_down),
            TEST_ON_BOTH(whoever_is_not_good_is_nobody_in_the_same_words, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
