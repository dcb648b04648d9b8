/* SPDX-License-Identifier: Apache-2.0 */
#include "share/book.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "share/high_water.h"
#include "share/keys.h"
#include "share/node_log.h"
#include "share/test_share.h"

struct kept {
    struct test_store *store;
    struct key_pair key;
    const char *folder, *high_water;
    struct share_book *book;
    int64_t log;
    int times;
};

static struct err log_action(struct work *work, void *context)
{
    struct kept *kept = context;
    return share_book_log(work, "partner", S("3f1c7d0e-0000-4000-8000-000000000001"), &kept->log);
}

static struct err enter_action(struct work *work, void *context)
{
    const struct kept *kept = context;
    const struct ledger_field fields[] = {{S("agreement"), S("a-1")}, {S("count"), S("3")}};
    int64_t seq;
    for (int i = 0; i < kept->times; i++) {
        TRY(store_ledger_append(work, kept->log, "release", fields, COUNT_OF(fields), &seq));
        TRY(store_work_news(work, "import.done", S("import/1"), S("{\"added\":1}")));
    }
    return OK;
}

/* In one work: each waits for the disk. */
static void enter(struct kept *kept, int times)
{
    kept->times = times;
    test_ok(test_work(kept->store, enter_action, kept));
}

static void book_open(struct kept *kept)
{
    const struct share_book_options options = {kept->folder, kept->high_water, &kept->key};
    test_ok(share_book_open(&options, kept->store->arena, &kept->book));
}

static void book_again(struct kept *kept)
{
    share_book_close(kept->book);
    book_open(kept);
    test_ok(share_book_begin(kept->book, kept->store->db, kept->store->arena));
}

static void book_write(struct kept *kept)
{
    size_t count;
    test_ok(share_book_write(kept->book, kept->store->db, kept->store->arena, &count));
}

/* A node with its logs, its book open and begun, and a partner log. */
static struct kept *begin(void **state)
{
    static struct kept kept;
    struct test_store *store = ready(state);
    kept = (struct kept){.store = store};
    (void)test_person(store, "ayu", ROLE_ANALYST);
    key_new(&kept.key);
    kept.folder = arena_printf(store->arena, "%s/ledger", store->base->folder);
    kept.high_water = arena_printf(store->arena, "%s/high-water", store->base->folder);
    book_open(&kept);
    test_ok(share_book_begin(kept.book, store->db, store->arena));
    test_ok(test_work(store, log_action, &kept));
    return &kept;
}

static void end(struct kept *kept)
{
    share_book_close(kept->book);
    clock_set(TIME_NONE);
}

static struct ledger_head head_of(struct kept *kept, int64_t log)
{
    struct ledger_head head;
    test_ok(store_ledger_head_get(kept->store->db, log, kept->store->arena, &head));
    return head;
}

static struct ledger_log log_of(struct kept *kept, int64_t number)
{
    struct ledger_log log;
    test_ok(store_ledger_log_get(kept->store->db, number, kept->store->arena, &log));
    return log;
}

static struct ledger_log log_open(struct kept *kept, const char *kind)
{
    struct ledger_log log;
    test_ok(store_ledger_log_open(kept->store->db, kind, kept->store->arena, &log));
    return log;
}

/* The folder of a log is what a stranger with the log's key alone accepts. */
static void assert_verifies(struct kept *kept, int64_t number)
{
    struct arena *arena = kept->store->arena;
    struct ledger_log log = log_of(kept, number);
    if (log.size == 0)
        return; /* it was killed before it began */
    const struct ledger_signer signer = {log.origin, LEDGER_KEY_ED25519, &kept->key};
    const struct ledger_verifier known = ledger_note_key_of(&signer);
    struct ledger_folder_check check = {.known = &known, .known_count = 1};
    struct ledger_folder *folder;
    const char *path = arena_printf(arena, "%s/%.*s", kept->folder, (int)log.folder.len, log.folder.ptr);
    test_ok(ledger_folder_open(path, LEDGER_FOLDER_READ, arena, &folder));
    test_ok(ledger_folder_verify(folder, &check, arena));
    assert_int_equal(check.checkpoint.size, log.size);
    assert_true(slice_eq(check.checkpoint.origin, log.origin));
    ledger_folder_close(folder);
}

static void run(struct kept *kept, const char *sql, int64_t seq)
{
    uint64_t changed;
    test_ok(db_run(kept->store->db, sql, (struct db_value[]){db_i64(kept->log), db_i64(seq)}, 2, &changed));
    assert_int_equal(changed, 1);
}

static void assert_alarm(struct kept *kept, const char *part)
{
    slice alarm;
    test_ok(share_book_alarm(kept->store->db, kept->store->arena, &alarm));
    if (slice_find_slice(alarm, slice_of(part)) == alarm.len)
        fail_msg("\"%.*s\" has no \"%s\"", (int)alarm.len, alarm.ptr, part);
}

static void assert_no_alarm(struct kept *kept)
{
    slice alarm;
    test_ok(share_book_alarm(kept->store->db, kept->store->arena, &alarm));
    if (alarm.len > 0)
        fail_msg("%.*s", (int)alarm.len, alarm.ptr);
}

/* ---- Writing ---- */

static void what_was_entered_gets_a_signed_head(void **state)
{
    struct kept *kept = begin(state);
    enter(kept, 3);
    assert_int_equal(head_of(kept, kept->log).size, 0);
    book_write(kept);
    assert_int_equal(head_of(kept, kept->log).size, 3);
    assert_verifies(kept, kept->log);
    enter(kept, 400);
    book_write(kept);
    assert_verifies(kept, kept->log);
    assert_verifies(kept, log_open(kept, "private").number);
    assert_no_alarm(kept);
    end(kept);
}

static void nothing_new_is_nothing_to_sign(void **state)
{
    struct kept *kept = begin(state);
    size_t count;
    enter(kept, 3);
    book_write(kept);
    struct ledger_head head = head_of(kept, kept->log);
    test_ok(share_book_write(kept->book, kept->store->db, kept->store->arena, &count));
    assert_int_equal(count, 0);
    book_again(kept);
    assert_int_equal(head_of(kept, kept->log).signed_us, head.signed_us);
    end(kept);
}

static void a_head_of_an_older_key_is_signed_anew(void **state)
{
    struct kept *kept = begin(state);
    enter(kept, 3);
    book_write(kept);
    key_new(&kept->key); /* a person rotated it */
    book_again(kept);
    book_write(kept);
    assert_int_equal(head_of(kept, kept->log).size, 3);
    assert_verifies(kept, kept->log);
    assert_no_alarm(kept);
    end(kept);
}

static void tiles_are_written_anew_from_rows(void **state)
{
    struct kept *kept = begin(state);
    enter(kept, 300);
    book_write(kept);
    test_ok(share_book_rebuild(kept->book, kept->store->db, kept->log, kept->store->arena));
    assert_verifies(kept, kept->log);
    assert_no_alarm(kept);
    end(kept);
}

/* ---- Rows that were changed ---- */

struct clearing {
    slice subject;
};

static struct err clear_action(struct work *work, void *context)
{
    return share_ledger_clear(work, ((const struct clearing *)context)->subject, S("{}"));
}

/* As two persons decided. */
static void clear(struct kept *kept, int64_t log)
{
    struct clearing clearing = {S("ledger/clock")};
    if (log > 0)
        clearing.subject = slice_of(arena_printf(
                kept->store->arena, "ledger/%.*s", (int)log_of(kept, log).folder.len, log_of(kept, log).folder.ptr));
    test_ok(test_work(kept->store, clear_action, &clearing));
}

static void check_finds(struct kept *kept, const char *part)
{
    test_ok(share_book_check(kept->book, kept->store->db, 10000, kept->store->arena));
    assert_alarm(kept, part);
    enter(kept, 1);
    book_write(kept);
    assert_true(head_of(kept, kept->log).size < log_of(kept, kept->log).size); /* not signed any more */
    assert_int_equal(test_acts(kept->store, "ledger.alarm"), 1);
    end(kept);
}

static void an_edited_entry_is_named(void **state)
{
    struct kept *kept = begin(state);
    enter(kept, 5);
    book_write(kept);
    run(kept,
            "UPDATE log_entry SET entry = (SELECT o.entry FROM log_entry o WHERE o.log = $1 AND o.seq = 0) "
            "WHERE log = $1 AND seq = $2",
            3);
    check_finds(kept, "entry 3 of log partner-");
}

static void an_edited_value_is_named(void **state)
{
    struct kept *kept = begin(state);
    enter(kept, 5);
    book_write(kept);
    run(kept,
            "UPDATE log_entry SET opening = (SELECT o.opening FROM log_entry o WHERE o.log = $1 AND o.seq = 0) "
            "WHERE log = $1 AND seq = $2",
            2);
    check_finds(kept, "entry 2 of log partner-");
}

static void a_deleted_entry_is_named(void **state)
{
    struct kept *kept = begin(state);
    enter(kept, 5);
    book_write(kept);
    run(kept, "DELETE FROM log_entry WHERE log = $1 AND seq = $2", 1);
    check_finds(kept, "entry 1 of log partner-");
}

static void an_edit_before_it_was_signed_cannot_be_told_but_a_gap_can(void **state)
{
    struct kept *kept = begin(state);
    enter(kept, 5);
    run(kept, "DELETE FROM log_entry WHERE log = $1 AND seq = $2", 4);
    book_write(kept);
    assert_alarm(kept, "entry 4 of log partner-");
    assert_int_equal(head_of(kept, kept->log).size, 0);
    end(kept);
}

static void a_changed_row_of_the_journal_is_named(void **state)
{
    struct kept *kept = begin(state);
    enter(kept, 5);
    book_write(kept);
    struct ledger_log log = log_open(kept, "private");
    const struct db_value values[] = {db_i64(log.first + 2)};
    test_ok(db_run(kept->store->db, "UPDATE journal SET actor = 'nobody' WHERE seq = $1", values, 1, NULL));
    test_ok(share_book_check(kept->book, kept->store->db, 10000, kept->store->arena));
    assert_alarm(kept, "entry 2 of log private-");
    end(kept);
}

static void a_person_lets_a_mended_log_go_on(void **state)
{
    struct kept *kept = begin(state);
    enter(kept, 5);
    book_write(kept);
    run(kept, "UPDATE log_entry SET time_us = time_us + 1 WHERE log = $1 AND seq = $2", 3);
    test_ok(share_book_check(kept->book, kept->store->db, 10000, kept->store->arena));
    assert_alarm(kept, "entry 3");
    clear(kept, kept->log);
    book_write(kept);
    assert_alarm(kept, "entry 3"); /* it was not mended */
    run(kept, "UPDATE log_entry SET time_us = time_us - 1 WHERE log = $1 AND seq = $2", 3);
    clear(kept, kept->log);
    assert_no_alarm(kept);
    enter(kept, 1);
    book_write(kept);
    assert_no_alarm(kept);
    assert_verifies(kept, kept->log);
    end(kept);
}

/* ---- A database that was put back ---- */

/* As it was when the logs had so many entries. */
static void put_back(struct kept *kept, const struct ledger_head *head, int64_t journal)
{
    struct db *db = kept->store->db;
    const struct db_value log[] = {db_i64(head->log), db_i64(head->size), db_bytes(sha256_slice(&head->root)),
            db_bytes(head->checkpoint), db_i64(head->signed_us)};
    test_ok(db_run(db, "DELETE FROM log_entry WHERE log = $1 AND seq >= $2", log, 2, NULL));
    test_ok(db_run(db, "UPDATE log SET size = $2 WHERE number = $1", log, 2, NULL));
    test_ok(db_run(db, "UPDATE log_head SET size = $2, root = $3, checkpoint = $4, signed_us = $5 WHERE log = $1", log,
            5, NULL));
    if (journal > 0) {
        test_ok(db_run(db, "DELETE FROM journal WHERE seq > $1", (struct db_value[]){db_i64(journal)}, 1, NULL));
        test_ok(db_run(db, "UPDATE counter SET value = $1 WHERE family = 'journal'",
                (struct db_value[]){db_i64(journal)}, 1, NULL));
    }
}

static void a_database_that_was_put_back_goes_on_under_a_new_origin(void **state)
{
    struct kept *kept = begin(state);
    struct ledger_row row;
    enter(kept, 5);
    book_write(kept);
    struct ledger_log private = log_open(kept, "private");
    struct ledger_head then = head_of(kept, kept->log), private_then = head_of(kept, private.number);
    enter(kept, 5);
    book_write(kept);
    put_back(kept, &then, 0);
    put_back(kept, &private_then, private.first + private_then.size - 1);
    book_again(kept);
    assert_no_alarm(kept);
    assert_false(log_of(kept, kept->log).open);
    assert_int_equal(test_acts(kept->store, "ledger.renewed"), 2);
    struct ledger_log fresh;
    test_ok(store_ledger_log_get(kept->store->db, kept->log + 1, kept->store->arena, &fresh));
    if (slice_eq(fresh.kind, S("private")))
        test_ok(store_ledger_log_get(kept->store->db, kept->log + 2, kept->store->arena, &fresh));
    assert_true(slice_starts(fresh.origin, log_of(kept, kept->log).origin));
    test_ok(store_ledger_get(kept->store->db, fresh.number, 0, kept->store->arena, &row));
    assert_true(slice_eq(row.fields[3].name, S("size")) && slice_eq(row.fields[3].value, S("5")));
    assert_true(slice_eq(row.fields[6].name, S("known-size")) && slice_eq(row.fields[6].value, S("10")));
    book_write(kept);
    assert_verifies(kept, fresh.number);
    assert_verifies(kept, log_open(kept, "private").number);
    book_again(kept);
    assert_int_equal(test_acts(kept->store, "ledger.renewed"), 2);
    assert_no_alarm(kept);
    end(kept);
}

static void one_that_went_on_before_it_was_noticed_is_no_fraud_either(void **state)
{
    struct kept *kept = begin(state);
    enter(kept, 5);
    book_write(kept);
    struct ledger_head then = head_of(kept, kept->log);
    enter(kept, 2);
    book_write(kept);
    put_back(kept, &then, 0);
    enter(kept, 9);
    book_again(kept);
    assert_no_alarm(kept);
    assert_false(log_of(kept, kept->log).open);
    end(kept);
}

static void what_partners_saw_is_compared_too(void **state)
{
    struct kept *kept = begin(state);
    enter(kept, 5);
    book_write(kept);
    struct ledger_head head = head_of(kept, kept->log);
    struct share_known known = {log_of(kept, kept->log).origin, head.size, head.root, S("partner 7")};
    test_ok(share_book_heard(kept->book, kept->store->db, &known, kept->store->arena));
    assert_no_alarm(kept);
    known.root = hash_sha256(S("another"));
    test_ok(share_book_heard(kept->book, kept->store->db, &known, kept->store->arena));
    assert_alarm(kept, "partner 7 has a head of 5 entries");
    known.origin = S("somebody");
    assert_int_equal(share_book_heard(kept->book, kept->store->db, &known, kept->store->arena).kind, ERR_MISSING);
    end(kept);
}

/* ---- The clock ---- */

static void a_clock_that_was_set_back_stops_signing_until_it_has_caught_up(void **state)
{
    struct kept *kept = begin(state);
    int64_t now = clock_now_us();
    clock_set(now);
    enter(kept, 2);
    book_write(kept);
    clock_set(now - HOUR_US);
    enter(kept, 2);
    book_write(kept);
    assert_int_equal(head_of(kept, kept->log).size, 2);
    assert_alarm(kept, "3600 seconds behind");
    book_write(kept);
    assert_int_equal(test_acts(kept->store, "ledger.alarm"), 1);
    clock_set(now + SECOND_US);
    book_write(kept);
    assert_int_equal(head_of(kept, kept->log).size, 4);
    assert_no_alarm(kept);
    end(kept);
}

static void a_person_says_that_the_clock_was_wrong_before(void **state)
{
    struct kept *kept = begin(state);
    int64_t now = clock_now_us();
    clock_set(now);
    enter(kept, 2);
    book_write(kept);
    clock_set(now - HOUR_US);
    enter(kept, 2);
    book_write(kept);
    assert_alarm(kept, "seconds behind");
    clear(kept, 0);
    book_write(kept);
    struct ledger_head head = head_of(kept, kept->log);
    assert_int_equal(head.size, 4);
    assert_int_equal(head.signed_us, now); /* never before the one that was signed */
    end(kept);
}

/* ---- The node log ---- */

static void tick(struct kept *kept, bool expected)
{
    bool entered;
    test_ok(share_node_log_enter(kept->store->db, MINUTE_US, kept->store->arena, &entered));
    assert_int_equal(entered, expected);
    book_write(kept);
}

static void assert_interval(struct kept *kept, int64_t seq, const char *interval)
{
    struct ledger_row row;
    test_ok(store_ledger_get(kept->store->db, log_open(kept, "node").number, seq, kept->store->arena, &row));
    assert_int_equal(row.count, 6);
    if (!slice_eq(row.fields[2].value, slice_of(interval)))
        fail_msg("%.*s", (int)row.fields[2].value.len, row.fields[2].value.ptr);
}

static void an_interval_has_one_entry_whatever_happens_in_it(void **state)
{
    struct kept *kept = begin(state);
    int64_t now = clock_now_us() / MINUTE_US * MINUTE_US + DAY_US;
    clock_set(now);
    tick(kept, true);
    enter(kept, 7);
    tick(kept, false);
    clock_set(now + MINUTE_US);
    tick(kept, true);
    clock_set(now + 10 * MINUTE_US);
    tick(kept, true);
    assert_interval(kept, 1, arena_printf(kept->store->arena, "%lld", (long long)(now / MINUTE_US + 1)));
    assert_interval(kept, 2,
            arena_printf(kept->store->arena, "%lld-%lld", (long long)(now / MINUTE_US + 2),
                    (long long)(now / MINUTE_US + 10)));
    assert_verifies(kept, log_open(kept, "node").number);
    end(kept);
}

static void the_head_of_a_log_is_shown_to_be_in_the_node_log(void **state)
{
    struct kept *kept = begin(state);
    int64_t now = clock_now_us();
    struct share_anchor anchor;
    assert_int_equal(share_node_log_anchor(kept->store->db, kept->log, kept->store->arena, &anchor).kind, ERR_MISSING);
    enter(kept, 3);
    book_write(kept);
    for (int i = 1; i < 70; i++) { /* past one that says all heads again */
        bool entered;
        clock_set(now + i * MINUTE_US);
        test_ok(share_node_log_enter(kept->store->db, MINUTE_US, kept->store->arena, &entered));
    }
    book_write(kept);
    test_ok(share_node_log_anchor(kept->store->db, kept->log, kept->store->arena, &anchor));
    struct sha256 leaf = ledger_merkle_leaf(anchor.leaf);
    assert_int_equal(anchor.head.size, 3);
    assert_int_equal(anchor.count, 64);
    assert_true(ledger_merkle_included(&leaf, anchor.index, anchor.count, &anchor.path, &anchor.heads));
    /* And so for a partner, who has the entry from the tiles. */
    struct arena *arena = kept->store->arena;
    struct ledger_log log = log_of(kept, kept->log), node = log_open(kept, "node");
    struct ledger_row row, other;
    struct sha256 root;
    uint64_t size;
    slice shown;
    test_ok(share_node_log_shown(kept->store->db, kept->log, arena, &shown));
    test_ok(store_ledger_get(kept->store->db, node.number, anchor.entry, arena, &row));
    test_ok(store_ledger_get(kept->store->db, node.number, anchor.entry - 1, arena, &other));
    test_ok(share_node_log_verify(shown, row.entry, log.origin, arena, &size, &root));
    assert_true(size == 3 && ledger_hash_eq(&root, &anchor.head.root));
    test_refused(share_node_log_verify(shown, other.entry, log.origin, arena, &size, &root), ERR_DENIED, "lead");
    test_refused(share_node_log_verify(shown, row.entry, node.origin, arena, &size, &root), ERR_DENIED, "not that");
    char *meddled = (char *)(uintptr_t)arena_cstr(arena, shown);
    char *digit = strstr(meddled, "\\\"size\\\":3");
    assert_non_null(digit);
    digit[9] = '4';
    test_refused(
            share_node_log_verify(slice_of(meddled), row.entry, log.origin, arena, &size, &root), ERR_DENIED, "lead");
    end(kept);
}

/* ---- Crashes ---- */

static void file_copy(const char *from, const char *to)
{
    char bytes[65536];
    FILE *in = fopen(from, "rb"), *out;
    assert_non_null(in);
    size_t len = fread(bytes, 1, sizeof bytes, in);
    fclose(in);
    unlink(to);
    out = fopen(to, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, len, out), len);
    assert_int_equal(fclose(out), 0);
}

static const char *checkpoint_of(struct kept *kept)
{
    struct ledger_log log = log_of(kept, kept->log);
    return arena_printf(kept->store->arena, "%s/%.*s/checkpoint", kept->folder, (int)log.folder.len, log.folder.ptr);
}

/* What a crash leaves behind each of the steps at the top of book.h; the step is done again, with the same outcome. */
static void each_step_is_mended_by_doing_all_of_them_again(void **state)
{
    enum { AFTER_ROWS, AFTER_TILES, AFTER_HIGH_WATER, AFTER_HEAD, STEPS };
    struct kept *kept = begin(state);
    struct arena *arena = kept->store->arena;
    const char *saved_mark = arena_printf(arena, "%s.saved", kept->high_water);
    const char *saved_note = arena_printf(arena, "%s.note", kept->high_water);
    enter(kept, 3);
    book_write(kept);
    for (int step = AFTER_ROWS; step < STEPS; step++) {
        struct ledger_head before = head_of(kept, kept->log);
        file_copy(kept->high_water, saved_mark);
        file_copy(checkpoint_of(kept), saved_note);
        enter(kept, 300);
        if (step > AFTER_ROWS)
            book_write(kept);
        struct ledger_head after = head_of(kept, kept->log);
        share_book_close(kept->book);
        if (step > AFTER_ROWS)
            file_copy(saved_note, checkpoint_of(kept));
        if (step == AFTER_TILES)
            file_copy(saved_mark, kept->high_water);
        if (step < AFTER_HEAD) {
            const struct db_value values[] = {db_i64(kept->log), db_i64(before.size),
                    db_bytes(sha256_slice(&before.root)), db_bytes(before.checkpoint)};
            test_ok(db_run(kept->store->db, "UPDATE log_head SET size = $2, root = $3, checkpoint = $4 WHERE log = $1",
                    values, 4, NULL));
        }
        book_open(kept);
        test_ok(share_book_begin(kept->book, kept->store->db, arena));
        book_write(kept);
        assert_no_alarm(kept);
        struct ledger_head mended = head_of(kept, kept->log);
        assert_int_equal(mended.size, before.size + 300);
        if (step > AFTER_ROWS)
            assert_true(slice_eq(mended.checkpoint, after.checkpoint)); /* the same signature of the same root */
        assert_verifies(kept, kept->log);
    }
    assert_int_equal(test_acts(kept->store, "ledger.renewed"), 0);
    unlink(saved_mark);
    unlink(saved_note);
    end(kept);
}

/* KENTONGAN_HEADS=500 for a measurement: from the commit of one release to its visibility. */
static void a_head_comes_quickly(void **state)
{
    struct kept *kept = begin(state);
    const char *many = getenv("KENTONGAN_HEADS");
    uint64_t count = 5;
    int64_t least = INT64_MAX, most = 0, sum = 0;
    if (many != NULL)
        assert_true(slice_u64(slice_of(many), 100000, &count));
    for (uint64_t i = 0; i < count; i++) {
        enter(kept, 1);
        int64_t from = clock_steady_us();
        book_write(kept);
        int64_t took = clock_steady_us() - from;
        least = took < least ? took : least;
        most = took > most ? took : most;
        sum += took;
    }
    if (many != NULL)
        print_message("heads of two logs: mean %lld us, least %lld, most %lld\n", (long long)(sum / (int64_t)count),
                (long long)least, (long long)most);
    assert_int_equal(head_of(kept, kept->log).size, count);
    end(kept);
}

/* Enters and signs until it is killed. */
static void work_until_killed(struct kept *kept)
{
    kept->store->db = test_store_open(kept->store);
    kept->times = 1;
    book_open(kept);
    if (share_book_begin(kept->book, kept->store->db, kept->store->arena).kind != ERR_NONE)
        _exit(1);
    for (size_t count;;) {
        if (test_work(kept->store, enter_action, kept).kind != ERR_NONE ||
                share_book_write(kept->book, kept->store->db, kept->store->arena, &count).kind != ERR_NONE)
            _exit(2);
    }
}

static void a_crash_at_any_moment_loses_and_doubles_nothing(void **state)
{
    struct kept *kept = begin(state);
    struct test_store *store = kept->store;
    share_book_close(kept->book);
    kept->book = NULL;
    for (int kill_us = 4000; kill_us < 20000; kill_us += 1300) {
        db_close(store->db);
        store->db = NULL;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            work_until_killed(kept);
        usleep((useconds_t)kill_us);
        kill(child, SIGKILL);
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        store->db = test_store_open(store);
        book_again(kept);
        book_write(kept);
        assert_no_alarm(kept);
        assert_verifies(kept, kept->log);
        share_book_close(kept->book);
        kept->book = NULL;
    }
    assert_int_equal(test_acts(store, "ledger.renewed"), 0);
    end(kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(what_was_entered_gets_a_signed_head, set_up, tear_down),
            TEST_ON_BOTH(nothing_new_is_nothing_to_sign, set_up, tear_down),
            TEST_ON_BOTH(a_head_of_an_older_key_is_signed_anew, set_up, tear_down),
            TEST_ON_BOTH(tiles_are_written_anew_from_rows, set_up, tear_down),
            TEST_ON_BOTH(an_edited_entry_is_named, set_up, tear_down),
            TEST_ON_BOTH(an_edited_value_is_named, set_up, tear_down),
            TEST_ON_BOTH(a_deleted_entry_is_named, set_up, tear_down),
            TEST_ON_BOTH(an_edit_before_it_was_signed_cannot_be_told_but_a_gap_can, set_up, tear_down),
            TEST_ON_BOTH(a_changed_row_of_the_journal_is_named, set_up, tear_down),
            TEST_ON_BOTH(a_person_lets_a_mended_log_go_on, set_up, tear_down),
            TEST_ON_BOTH(a_database_that_was_put_back_goes_on_under_a_new_origin, set_up, tear_down),
            TEST_ON_BOTH(one_that_went_on_before_it_was_noticed_is_no_fraud_either, set_up, tear_down),
            TEST_ON_BOTH(what_partners_saw_is_compared_too, set_up, tear_down),
            TEST_ON_BOTH(a_clock_that_was_set_back_stops_signing_until_it_has_caught_up, set_up, tear_down),
            TEST_ON_BOTH(a_person_says_that_the_clock_was_wrong_before, set_up, tear_down),
            TEST_ON_BOTH(an_interval_has_one_entry_whatever_happens_in_it, set_up, tear_down),
            TEST_ON_BOTH(the_head_of_a_log_is_shown_to_be_in_the_node_log, set_up, tear_down),
            TEST_ON_BOTH(each_step_is_mended_by_doing_all_of_them_again, set_up, tear_down),
            TEST_ON_BOTH(a_head_comes_quickly, set_up, tear_down),
            TEST_ON_BOTH(a_crash_at_any_moment_loses_and_doubles_nothing, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
