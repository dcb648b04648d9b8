/* SPDX-License-Identifier: Apache-2.0 */
#include "case/evidence.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "case/package.h"
#include "case/report.h"
#include "case/test_case.h"

static const struct share_act acts[] = {
        {.name = "evidence.hand", .verb = VERB_HAND_EVIDENCE, .run = case_evidence_do_hand},
        {.name = "evidence.hold", .verb = VERB_KEEP_EVIDENCE, .run = case_evidence_do_hold},
        {.name = "evidence.destroy", .verb = VERB_KEEP_EVIDENCE, .run = case_evidence_do_destroy},
};

static struct actor officer, coordinator, second, police;
static int64_t incident;
static char folder[] = "case-evidence-XXXXXX";

static const char *below(struct test_store *store, const char *name)
{
    return arena_printf(store->arena, "%s/%s", folder, name);
}

static struct test_store *begin(void **state)
{
    struct test_store *store = ready(state);
    struct key_pair pair;
    struct test_person person = {.name = S("iwan"), .roles = UINT32_C(1) << ROLE_LIAISON};
    share_acts_set(acts, COUNT_OF(acts));
    clock_set(NOON);
    memset(folder + sizeof folder - 7, 'X', 6);
    assert_non_null(mkdtemp(folder));
    assert_int_equal(mkdir(below(store, "evidence"), 0700) | mkdir(below(store, "keys"), 0700), 0);
    key_new(&pair);
    test_ok(key_save(&pair, below(store, "keys/message.key"), below(store, "keys/message.pub"), store->arena));
    case_evidence_open(folder, &pair);
    officer = test_person(store, "siti", ROLE_DUTY_OFFICER);
    coordinator = test_person(store, "wati", ROLE_COORDINATOR);
    second = test_person(store, "tono", ROLE_COORDINATOR);
    person.organisation = test_served(store, "Polri");
    test_ok(test_work(store, test_person_action, &person));
    police = (struct actor){.organisation = person.organisation,
            .user = person.number,
            .name = person.name,
            .roles = person.roles,
            .how = ACTOR_SECOND_FACTOR};
    incident = test_incident(store, &officer, "Ransomware di RS Melati");
    return store;
}

static int clean(void **state)
{
    char order[100];
    (void)state;
    snprintf(order, sizeof order, "rm -rf %s", folder);
    return system(order);
}

static struct err text_read(void *context, char *to, size_t room, size_t *got)
{
    slice *rest = context;
    *got = rest->len < room ? rest->len : room;
    memcpy(to, rest->ptr, *got);
    *rest = slice_from(*rest, *got);
    return OK;
}

static struct err text_gather(void *context, slice piece)
{
    buf_put(context, piece);
    return OK;
}

static struct err take(struct test_store *store, const struct actor *actor, int64_t of, int64_t *number)
{
    slice text = S("what was found");
    const struct evidence_source source = {&text, text_read};
    const struct case_evidence_put put = {.incident = of,
            .name = S("disk.img"),
            .what = S("a disk"),
            .place = S("room 4"),
            .tool = S("dd 9.1"),
            .basis = S("order 12"),
            .acquired_us = TIME_NONE,
            .clock_error_us = 4200,
            .keep_until_us = TIME_NONE};
    return case_evidence_take(store->db, actor, &put, &source, store->arena, number);
}

static int64_t taken(struct test_store *store)
{
    int64_t number;
    test_ok(take(store, &officer, incident, &number));
    return number;
}

static struct case_evidence_act act_of(const int64_t *items, size_t count)
{
    return (struct case_evidence_act){incident, items, count, S("so it was ordered")};
}

/* The second person agrees to what was proposed. */
static struct err agreed(struct test_store *store, const struct share_proposal *proposal)
{
    assert_false(proposal->done);
    return share_approve(store->db, &second, proposal->number, NULL, store->arena);
}

static int64_t steps(struct test_store *store, int64_t number)
{
    struct custody last;
    test_ok(store_custody_last(store->db, number, store->arena, &last));
    return last.step;
}

/* ---- Taking ---- */

static void what_is_taken_is_sealed_and_entered(void **state)
{
    struct test_store *store = begin(state);
    int64_t number = taken(store);
    struct evidence row;
    struct custody last;
    test_ok(store_evidence_get(store->db, number, store->arena, &row));
    struct sha256 digest = hash_sha256(S("what was found"));
    assert_true(slice_eq(row.digest, sha256_slice(&digest)) && slice_eq(row.person, S("siti")));
    assert_true(row.acquired_us == NOON && row.clock_error_us == 4200 && row.bytes == 14);
    test_ok(store_custody_last(store->db, number, store->arena, &last));
    assert_true(last.step == 1 && slice_eq(last.act, S("acquired")) && last.before.len == 0);
    assert_int_equal(test_acts(store, "evidence.acquired"), 1);
    test_ok(case_evidence_verify(store->db, &officer, number, store->arena));
}

static void who_may_not_takes_nothing(void **state)
{
    struct test_store *store = begin(state);
    struct evidence *rows;
    size_t count;
    int64_t number = 0;
    test_refused(take(store, &police, incident, &number), ERR_DENIED, "may not take evidence");
    test_refused(take(store, &officer, 99, &number), ERR_MISSING, "no such incident");
    test_ok(store_evidence_list(store->db, 0, 0, 10, store->arena, &rows, &count));
    assert_true(count == 0 && number == 0);
}

/* The key that signs is not there: what was sealed already goes again. */
static void what_cannot_be_entered_is_not_kept(void **state)
{
    struct test_store *store = begin(state);
    struct evidence *rows;
    size_t count;
    int64_t number;
    assert_int_equal(unlink(below(store, "keys/message.key")), 0);
    assert_int_not_equal(take(store, &officer, incident, &number).kind, ERR_NONE);
    test_ok(store_evidence_list(store->db, 0, 0, 10, store->arena, &rows, &count));
    assert_int_equal(count, 0);
    struct sha256 digest = hash_sha256(S("what was found"));
    const char *place = below(
            store, arena_printf(store->arena, "evidence/%.2s", arena_hex(store->arena, sha256_slice(&digest)).ptr));
    assert_int_equal(rmdir(place), 0); /* nothing is in it */
}

/* ---- What takes two ---- */

static void two_persons_hand_it_over(void **state)
{
    struct test_store *store = begin(state);
    const int64_t items[] = {taken(store), taken(store)};
    const struct case_evidence_act act = act_of(items, 2);
    struct share_proposal proposal;
    struct evidence_package *packages;
    size_t count;
    const char *into = below(store, "package");
    test_refused(case_evidence_hand(store->db, &officer, &act, police.organisation, S("LP/7"), store->arena, &proposal),
            ERR_DENIED, "may not hand evidence over");
    test_ok(case_evidence_hand(store->db, &coordinator, &act, police.organisation, S("LP/7"), store->arena, &proposal));
    test_ok(case_package_list(store->db, &police, 0, store->arena, &packages, &count));
    assert_int_equal(count, 0);
    test_ok(agreed(store, &proposal));
    test_ok(case_package_list(store->db, &police, 0, store->arena, &packages, &count));
    assert_true(count == 1 && packages[0].taken_us == TIME_NONE && slice_eq(packages[0].their_reference, S("LP/7")));
    test_ok(case_package_write(store->db, &police, packages[0].number, into, below(store, "ledger"), store->arena));
    test_refused(case_package_write(store->db, &police, packages[0].number, into, below(store, "ledger"), store->arena),
            ERR_CONFLICT, "is there already");
    test_ok(case_package_list(store->db, &police, 0, store->arena, &packages, &count));
    assert_int_equal(packages[0].taken_us, NOON);
    assert_int_equal(steps(store, items[1]), 3); /* acquired, handed-over, received */
    test_ok(case_evidence_verify(store->db, &officer, items[1], store->arena));
}

static void a_liaison_sees_its_own_package_and_nothing_else(void **state)
{
    struct test_store *store = begin(state);
    const int64_t items[] = {taken(store)};
    const struct case_evidence_act act = act_of(items, 1);
    struct share_proposal proposal;
    struct evidence_package *packages;
    struct sha256 digest = hash_sha256(S("x"));
    const struct key_public key = {{1}};
    size_t count;
    int64_t other = test_served(store, "Another office");
    test_ok(case_evidence_hand(store->db, &coordinator, &act, other, S(""), store->arena, &proposal));
    test_ok(agreed(store, &proposal));
    test_ok(case_package_list(store->db, &police, 0, store->arena, &packages, &count));
    assert_int_equal(count, 0);
    test_refused(case_package_write(store->db, &police, 1, below(store, "p"), "", store->arena), ERR_MISSING,
            "no such package");
    test_refused(case_evidence_seen(store->db, &police, incident, store->arena), ERR_MISSING, "no such evidence");
    test_refused(case_evidence_verify(store->db, &police, items[0], store->arena), ERR_DENIED, "verify evidence");
    test_refused(case_evidence_copy(store->db, &police, items[0], S("why"), NULL, store->arena), ERR_DENIED,
            "take evidence");
    test_refused(case_evidence_sign(store->db, &police, items[0], 2, sha256_slice(&digest), &key, store->arena),
            ERR_MISSING, "no such evidence");
}

static void what_is_held_is_not_destroyed(void **state)
{
    struct test_store *store = begin(state);
    const int64_t items[] = {taken(store)};
    const struct case_evidence_act act = act_of(items, 1);
    struct share_proposal proposal;
    struct evidence row;
    test_ok(case_evidence_hold(store->db, &coordinator, &act, NOON + DAY_US, store->arena, &proposal));
    test_ok(agreed(store, &proposal));
    test_ok(case_evidence_destroy(store->db, &coordinator, &act, store->arena, &proposal));
    test_refused(agreed(store, &proposal), ERR_CONFLICT, "is held");
    clock_set(NOON + 2 * DAY_US);
    test_ok(case_evidence_destroy(store->db, &coordinator, &act, store->arena, &proposal));
    test_ok(agreed(store, &proposal));
    test_ok(store_evidence_get(store->db, items[0], store->arena, &row));
    assert_int_equal(row.seal.len, 0);
    test_refused(case_evidence_copy(store->db, &officer, items[0], S("why"), NULL, store->arena), ERR_CONFLICT,
            "was destroyed");
    test_ok(case_evidence_tidy(store->db, store->arena));
    test_ok(case_evidence_verify(store->db, &officer, items[0], store->arena));
    assert_int_equal(steps(store, items[0]), 3);
}

static void items_of_two_incidents_are_no_package(void **state)
{
    struct test_store *store = begin(state);
    int64_t other = test_incident(store, &officer, "Another"), items[2] = {taken(store), 0};
    const struct case_evidence_act act = act_of(items, 2);
    struct share_proposal proposal;
    test_ok(take(store, &officer, other, &items[1]));
    test_ok(case_evidence_hand(store->db, &coordinator, &act, police.organisation, S(""), store->arena, &proposal));
    test_refused(agreed(store, &proposal), ERR_CONFLICT, "is of another incident");
    assert_int_equal(steps(store, items[0]), 1);
}

/* ---- Whether it holds ---- */

static struct err append(struct work *work, void *context)
{
    return store_custody_add(work, context);
}

/* Entries that this node did not sign, or that follow another one than they say. */
static void an_entry_that_was_slipped_in_is_named(void **state)
{
    struct test_store *store = begin(state);
    struct custody last, forged;
    int64_t number = taken(store);
    test_ok(store_custody_last(store->db, number, store->arena, &last));
    forged = last;
    forged.step = 2;
    test_ok(test_work(store, append, &forged));
    test_refused(case_evidence_verify(store->db, &officer, number, store->arena), ERR_CONFLICT,
            "entry 2: the one before it is another, or missing");
    number = taken(store);
    test_ok(store_custody_last(store->db, number, store->arena, &last));
    struct sha256 before = hash_sha256(last.entry);
    forged = last;
    forged.step = 2;
    forged.before = sha256_slice(&before);
    forged.entry = slice_of(arena_printf(
            store->arena, "{\"before\":\"%.64s\",\"act\":\"released\"}\n", arena_hex(store->arena, forged.before).ptr));
    test_ok(test_work(store, append, &forged));
    test_refused(case_evidence_verify(store->db, &officer, number, store->arena), ERR_CONFLICT,
            "entry 2: it is not what was signed");
}

/* The last entry is gone, as if nobody had copied it: the journal knows better. */
static void an_end_that_was_cut_off_is_named(void **state)
{
    static const char CUT[] = "DELETE FROM custody WHERE evidence = $1 AND step = 2";
    struct test_store *store = begin(state);
    int64_t number = taken(store);
    struct buf out = buf_make(100);
    const struct evidence_sink sink = {&out, text_gather};
    test_ok(case_evidence_copy(store->db, &officer, number, S("analysis"), &sink, store->arena));
    assert_true(slice_eq(buf_slice(&out), S("what was found")));
    buf_free(&out);
    test_ok(case_evidence_verify(store->db, &officer, number, store->arena));
    test_ok(db_run(store->db, CUT, (struct db_value[]){db_i64(number)}, 1, NULL));
    test_refused(case_evidence_verify(store->db, &officer, number, store->arena), ERR_CONFLICT,
            "the journal tells of entry 2, and here entry 1 is the last");
}

/* ---- Of a report ---- */

struct telling {
    struct case_report_put put;
    struct case_report_taken taken;
    int64_t incident;
};

static struct err tell_action(struct work *work, void *context)
{
    struct telling *telling = context;
    return case_report_take(work, &telling->put, &telling->taken);
}

static struct err open_action(struct work *work, void *context)
{
    struct telling *telling = context;
    return case_report_open(work, telling->taken.report, S(""), &telling->incident);
}

/* A post with a picture of it, as the form of the public takes it. */
static struct telling tell(struct test_store *store, const char *url)
{
    struct telling telling = {.put = {.channel = REPORT_BY_FORM,
                                      .language = S("id"),
                                      .subject = S("Akun palsu"),
                                      .text = S("Akun palsu bank kami"),
                                      .class = S("fraud/masquerade"),
                                      .severity = SEVERITY_MEDIUM,
                                      .flags = S(""),
                                      .occurred_us = TIME_NONE,
                                      .post = {slice_of(url), S("@bank_contoh_resmi"), S("Social"), NOON - HOUR_US}}};
    const struct case_report_capture capture = {S("screen.png"), S("image/png"), S("a picture of a screen")};
    test_ok(case_report_attach(&telling.put, &capture, store->arena));
    return telling;
}

static void a_capture_of_a_post_is_sealed_in_one_act(void **state)
{
    struct test_store *store = begin(state);
    struct telling telling = tell(store, "hxxps://social[.]example/@bank_contoh_resmi/7");
    struct evidence row;
    struct custody *steps;
    struct report_post post;
    int64_t number;
    size_t count;
    test_ok(store_work(store->db, &officer, store->arena, tell_action, &telling));
    struct case_report_part part = {telling.taken.report, 1, 1};
    test_refused(case_report_secure(store->db, &officer, &part, S("order 12"), store->arena, &number), ERR_CONFLICT,
            "evidence is of an incident");
    test_ok(store_work(store->db, &officer, store->arena, open_action, &telling));
    struct thread_file *files;
    test_ok(store_thread_files(store->db, telling.taken.report, store->arena, &files, &count));
    assert_int_equal(count, 1);
    part.message = files[0].message;
    part.part = files[0].part;
    test_refused(case_report_secure(store->db, &officer, &part, S(""), store->arena, &number), ERR_INPUT, "is empty");
    test_refused(
            case_report_secure(store->db, &police, &part, S("order 12"), store->arena, &number), ERR_DENIED, "may not");
    test_ok(case_report_secure(store->db, &officer, &part, S("order 12"), store->arena, &number));
    test_ok(store_evidence_get(store->db, number, store->arena, &row));
    test_ok(store_report_post(store->db, telling.taken.report, store->arena, &post));
    assert_true(slice_eq(post.url, S("https://social.example/@bank_contoh_resmi/7")));
    struct sha256 digest = hash_sha256(S("a picture of a screen"));
    assert_true(slice_eq(row.digest, sha256_slice(&digest)) && row.incident == telling.incident);
    assert_true(row.acquired_us == NOON - HOUR_US && slice_eq(row.name, S("screen.png")));
    assert_true(
            slice_eq(row.place, S("https://social.example/@bank_contoh_resmi/7, account @bank_contoh_resmi, Social")));
    test_ok(store_custody_list(store->db, number, store->arena, &steps, &count));
    assert_true(count == 1 && slice_find_slice(steps[0].entry, S("@bank_contoh_resmi")) < steps[0].entry.len);
    test_ok(case_evidence_verify(store->db, &officer, number, store->arena));
    part.part = 0; /* the letter itself, which reached us later than the picture was taken */
    test_ok(case_report_secure(store->db, &officer, &part, S("order 12"), store->arena, &number));
    test_ok(store_evidence_get(store->db, number, store->arena, &row));
    assert_true(row.acquired_us == NOON && slice_starts(row.name, S("report-")));
}

static void a_post_has_an_address_or_is_told_why_not(void **state)
{
    static const char *const urls[] = {"javascript://social.example/x", "ftp://social.example/x", "http://"};
    struct test_store *store = begin(state);
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        struct telling telling = tell(store, urls[i]);
        test_refused(store_work(store->db, &officer, store->arena, tell_action, &telling), ERR_INPUT, "url: ");
    }
    struct telling telling = tell(store, "https://social.example/7");
    telling.put.post.captured_us = NOON + HOUR_US;
    test_refused(store_work(store->db, &officer, store->arena, tell_action, &telling), ERR_INPUT, "captured: ");
}

static int after(void **state)
{
    return clean(state) != 0 || tear_down(state) != 0;
}

#define EVIDENCE_TEST(test) TEST_ON_BOTH(test, set_up, after)

int main(void)
{
    const struct CMUnitTest tests[] = {
            EVIDENCE_TEST(what_is_taken_is_sealed_and_entered),
            EVIDENCE_TEST(who_may_not_takes_nothing),
            EVIDENCE_TEST(what_cannot_be_entered_is_not_kept),
            EVIDENCE_TEST(two_persons_hand_it_over),
            EVIDENCE_TEST(a_liaison_sees_its_own_package_and_nothing_else),
            EVIDENCE_TEST(what_is_held_is_not_destroyed),
            EVIDENCE_TEST(items_of_two_incidents_are_no_package),
            EVIDENCE_TEST(an_entry_that_was_slipped_in_is_named),
            EVIDENCE_TEST(an_end_that_was_cut_off_is_named),
            EVIDENCE_TEST(a_capture_of_a_post_is_sealed_in_one_act),
            TEST_ON(DB_SQLITE, "a_post_has_an_address_or_is_told_why_not", a_post_has_an_address_or_is_told_why_not,
                    set_up, after),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
