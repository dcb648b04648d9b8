/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/test_folder.h"

#include "ledger/tree.h"

/* ---- Appending and reading ---- */

/* Batches of every size over the border of several tiles; after each, all holds. */
static void what_was_appended_is_read_again_after_every_batch(void **state)
{
    (void)state;
    static const size_t batches[] = {1, 0, 1, 3, 250, 1, 1, 255, 256, 257, 512, 100};
    struct ledger_folder_check check;
    struct ledger_checkpoint before = {S("node.example/log"), 0, ledger_merkle_empty(), {NULL, 0}};
    uint64_t size = 0;
    for (size_t i = 0; i < COUNT_OF(batches); i++) {
        struct ledger_folder *folder;
        test_fine(ledger_folder_open(test.path, LEDGER_FOLDER_APPEND, test.arena, &folder));
        assert_int_equal(ledger_folder_size(folder), size);
        test_fine(ledger_folder_append(folder, size, test_entries(size, batches[i]), batches[i], test.arena));
        size += batches[i];
        assert_int_equal(ledger_folder_size(folder), size);
        struct sha256 expected = test_root(size), root = ledger_folder_root(folder);
        assert_true(ledger_hash_eq(&root, &expected));
        test_fine(test_publish(folder));
        ledger_folder_close(folder);
        test_fine(test_verify(&before, &check));
        before = check.checkpoint;
        assert_int_equal(before.size, size);
    }
    struct ledger_folder *folder;
    test_fine(ledger_folder_open(test.path, LEDGER_FOLDER_READ, test.arena, &folder));
    for (uint64_t i = 0; i < size; i++) {
        slice entry;
        test_fine(ledger_folder_entry(folder, i, test.arena, &entry));
        assert_true(slice_eq(entry, test_entry(i)));
    }
    slice entry;
    test_fails(ledger_folder_entry(folder, size, test.arena, &entry), ERR_MISSING, "no entry 1637");
    ledger_folder_close(folder);
}

/* The files that tlog-tiles names for a size, and no partial tile that a full one has replaced. */
static void the_files_are_those_of_the_text(void **state)
{
    (void)state;
    struct ledger_folder *folder;
    test_fine(ledger_folder_open(test.path, LEDGER_FOLDER_APPEND, test.arena, &folder));
    test_fine(ledger_folder_append(folder, 0, test_entries(0, 100), 100, test.arena));
    test_fine(test_publish(folder));
    assert_true(test_is_there("tile/0/000.p/100") && test_is_there("tile/entries/000.p/100"));
    test_fine(ledger_folder_append(folder, 100, test_entries(100, 156), 156, test.arena));
    assert_true(test_is_there("tile/0/000.p/100")); /* as long as its checkpoint is the last one */
    test_fine(test_publish(folder));
    assert_false(test_is_there("tile/0/000.p") || test_is_there("tile/entries/000.p"));
    assert_true(test_is_there("tile/0/000") && test_is_there("tile/entries/000") && test_is_there("tile/1/000.p/1"));
    assert_false(test_is_there("tile/0/001.p") || test_is_there("tile/2"));
    struct stat about;
    assert_int_equal(stat(test_file("tile/0/000"), &about), 0);
    assert_int_equal(about.st_mode & 0777, 0444);
    assert_int_equal(about.st_size, 8192);
    test_fine(ledger_folder_append(folder, 256, test_entries(256, 5), 5, test.arena));
    assert_true(test_is_there("tile/0/001.p/5") && test_is_there("tile/entries/001.p/5"));
    assert_true(test_is_there("tile/1/000.p/1"));
    assert_int_equal(stat(test_file("tile/0/001.p/5"), &about), 0);
    assert_int_equal(about.st_size, 5 * 32);
    ledger_folder_close(folder);
}

static void what_is_there_may_be_appended_again_but_not_otherwise(void **state)
{
    (void)state;
    struct ledger_folder *folder;
    slice *entries = test_entries(0, 600);
    test_make(500);
    test_fine(ledger_folder_open(test.path, LEDGER_FOLDER_APPEND, test.arena, &folder));
    test_fine(ledger_folder_append(folder, 0, entries, 500, test.arena));
    test_fine(ledger_folder_append(folder, 100, entries + 100, 500, test.arena));
    assert_int_equal(ledger_folder_size(folder), 600);
    test_fine(ledger_folder_append(folder, 0, entries, 600, test.arena));
    entries[300] = S("another");
    test_fails(ledger_folder_append(folder, 0, entries, 600, test.arena), ERR_CONFLICT, "entry 300 is in the log");
    entries[300] = test_entry(300);
    entries[599] = S("another");
    test_fails(ledger_folder_append(folder, 590, entries + 590, 10, test.arena), ERR_CONFLICT, "entry 599 is in");
    test_fails(ledger_folder_append(folder, 601, entries, 1, test.arena), ERR_INPUT,
            "has 600 entries: none of number 601");
    slice large = {arena_take(test.arena, LEDGER_ENTRY_MAX + 1), LEDGER_ENTRY_MAX + 1};
    test_fails(ledger_folder_append(folder, 600, &large, 1, test.arena), ERR_LIMIT, "entry 600 has more than 65,535");
    large.len--;
    test_fine(ledger_folder_append(folder, 600, &large, 1, test.arena));
    assert_int_equal(ledger_folder_size(folder), 601);
    test_fine(test_publish(folder));
    ledger_folder_close(folder);
    struct ledger_folder_check check;
    test_fine(test_verify(NULL, &check));
}

static void proofs_of_the_folder_are_those_of_the_tree(void **state)
{
    (void)state;
    enum { SIZE = 66000 }; /* three levels of tiles */
    struct ledger_tree tree = ledger_tree_open();
    struct ledger_folder *folder;
    static struct ledger_path path, expected;
    test_make(SIZE);
    for (uint64_t i = 0; i < SIZE; i++) {
        struct sha256 leaf = ledger_merkle_leaf(test_entry(i));
        test_fine(ledger_tree_add(&tree, &leaf));
    }
    struct ledger_hashes whole = ledger_tree_hashes(&tree);
    test_fine(ledger_folder_open(test.path, LEDGER_FOLDER_READ, test.arena, &folder));
    struct ledger_hashes hashes = ledger_folder_hashes(folder);
    assert_true(test_is_there("tile/0/256") && test_is_there("tile/0/257.p/208") && test_is_there("tile/1/000"));
    assert_true(test_is_there("tile/1/001.p/1") && test_is_there("tile/2/000.p/1"));
    for (uint64_t i = 0; i < SIZE; i += 997) {
        test_fine(ledger_merkle_include(&hashes, i, SIZE, &path));
        test_fine(ledger_merkle_include(&whole, i, SIZE, &expected));
        assert_true(path.count == expected.count);
        assert_memory_equal(path.hashes, expected.hashes, path.count * 32);
        test_fine(ledger_merkle_extend(&hashes, i + 1, SIZE - i % 7, &path));
        test_fine(ledger_merkle_extend(&whole, i + 1, SIZE - i % 7, &expected));
        assert_true(path.count == expected.count);
        assert_true(path.count == 0 || memcmp(path.hashes, expected.hashes, path.count * 32) == 0);
    }
    ledger_folder_close(folder);
    ledger_tree_close(&tree);
}

/* ---- The checkpoint ---- */

static void a_checkpoint_that_is_not_that_of_the_log_is_refused(void **state)
{
    (void)state;
    struct ledger_folder *folder;
    test_fine(ledger_folder_open(test.path, LEDGER_FOLDER_APPEND, test.arena, &folder));
    test_fine(ledger_folder_append(folder, 0, test_entries(0, 10), 10, test.arena));
    test_fails(ledger_folder_publish(folder, test_note(9, test_root(9)), test.arena), ERR_CONFLICT, "9 entries");
    test_fails(ledger_folder_publish(folder, test_note(10, test_root(9)), test.arena), ERR_CONFLICT, "another root");
    test_fails(ledger_folder_publish(folder, S("none"), test.arena), ERR_INPUT, "note");
    assert_false(test_is_there("checkpoint"));
    test_fine(test_publish(folder));
    test_fine(test_publish(folder)); /* again, with more signatures perhaps */
    ledger_folder_close(folder);
}

static void entries_behind_the_checkpoint_are_written_anew(void **state)
{
    (void)state;
    struct ledger_folder *folder;
    struct ledger_folder_check check;
    test_make(200);
    test_fine(ledger_folder_open(test.path, LEDGER_FOLDER_APPEND, test.arena, &folder));
    slice *others = arena_new(test.arena, slice, 100);
    for (size_t i = 0; i < 100; i++)
        others[i] = S("promised to nobody");
    test_fine(ledger_folder_append(folder, 200, others, 100, test.arena));
    ledger_folder_close(folder);
    test_fine(ledger_folder_open(test.path, LEDGER_FOLDER_APPEND, test.arena, &folder));
    assert_int_equal(ledger_folder_size(folder), 200);
    test_fine(ledger_folder_append(folder, 200, test_entries(200, 100), 100, test.arena));
    test_fine(test_publish(folder));
    ledger_folder_close(folder);
    test_fine(test_verify(NULL, &check));
    struct sha256 expected = test_root(300);
    assert_true(ledger_hash_eq(&check.checkpoint.root, &expected));
}

static void one_process_appends_while_others_read(void **state)
{
    (void)state;
    struct ledger_folder *first, *second, *reader;
    test_make(3);
    test_fine(ledger_folder_open(test.path, LEDGER_FOLDER_APPEND, test.arena, &first));
    test_fails(
            ledger_folder_open(test.path, LEDGER_FOLDER_APPEND, test.arena, &second), ERR_CONFLICT, "another process");
    test_fine(ledger_folder_open(test.path, LEDGER_FOLDER_READ, test.arena, &reader));
    /* What a reader holds goes on to be true, though the partial tile that it has read is gone. */
    test_fine(ledger_folder_append(first, 3, test_entries(3, 300), 300, test.arena));
    test_fine(test_publish(first));
    assert_false(test_is_there("tile/0/000.p"));
    struct ledger_folder_check check = {.known = &test.verifier, .known_count = 1};
    test_fine(ledger_folder_verify(reader, &check, test.arena));
    assert_int_equal(check.checkpoint.size, 3);
    ledger_folder_close(reader);
    ledger_folder_close(first);
}

static void a_folder_that_is_no_log_says_so(void **state)
{
    (void)state;
    struct ledger_folder *folder;
    test_fails(ledger_folder_open(test.path, LEDGER_FOLDER_READ, test.arena, &folder), ERR_MISSING, test.path);
    assert_int_equal(mkdir(test.path, 0755), 0);
    test_fails(ledger_folder_open(test.path, LEDGER_FOLDER_READ, test.arena, &folder), ERR_MISSING, "checkpoint");
    test_write("checkpoint", S("none\n"));
    test_fails(
            ledger_folder_open(test.path, LEDGER_FOLDER_READ, test.arena, &folder), ERR_INPUT, "checkpoint: the note");
    test_fails(ledger_folder_open(test.path, LEDGER_FOLDER_APPEND, test.arena, &folder), ERR_INPUT,
            "checkpoint: the note");
}

/* ---- Verifying ---- */

static void every_flipped_byte_of_an_entry_names_the_entry(void **state)
{
    (void)state;
    struct ledger_folder_check check;
    test_make(600);
    test_fine(test_verify(NULL, &check));
    test_flip("tile/entries/001", 2 + 50); /* in the first entry of the bundle that has bytes, or the second */
    struct err err = test_verify(NULL, &check);
    test_fails(err, ERR_DENIED, "is not the one that was logged");
    assert_in_range(check.first_bad, 256, 257);
    test_flip("tile/entries/001", 2 + 50);
    test_fine(test_verify(NULL, &check));
    test_flip("tile/entries/000", 0); /* a length: what follows is no entry any more */
    err = test_verify(NULL, &check);
    assert_true(err.kind == ERR_DENIED || err.kind == ERR_INPUT);
    assert_int_equal(check.first_bad, 0);
}

static void a_changed_tile_is_named_and_the_entries_cleared(void **state)
{
    (void)state;
    struct ledger_folder_check check;
    struct ledger_folder *folder;
    test_make(600);
    test_flip("tile/0/001", 77);
    test_fails(test_verify(NULL, &check), ERR_DENIED, "tile/0/001: is not what its entries lead to");
    assert_true(check.first_bad == LEDGER_NO_ENTRY);
    assert_string_equal(check.bad_tile, "tile/0/001");
    test_flip("tile/0/001", 77);
    /* The right edge is looked at whenever the log is opened. */
    test_flip("tile/1/000.p/2", 40);
    test_fails(ledger_folder_open(test.path, LEDGER_FOLDER_APPEND, test.arena, &folder), ERR_INPUT,
            "tile/1/000.p/2: is not");
    test_flip("tile/1/000.p/2", 40);
    test_flip("tile/0/002.p/88", 0);
    test_fails(ledger_folder_open(test.path, LEDGER_FOLDER_READ, test.arena, &folder), ERR_INPUT, "entry 512 is not");
    test_flip("tile/0/002.p/88", 0);
    test_fine(test_verify(NULL, &check));
    test_write("tile/0/001", S("short"));
    test_fails(test_verify(NULL, &check), ERR_INPUT, "tile/0/001: has 5 bytes, not 8192");
    assert_int_equal(unlink(test_file("tile/0/001")), 0);
    test_fails(test_verify(NULL, &check), ERR_INPUT, "tile/0/001: is not there");
}

/* Who edits an entry may change its hash, too, and then the hash of its tile, and so on up to the checkpoint. */
static void an_entry_that_was_changed_with_its_hash_is_found(void **state)
{
    (void)state;
    struct ledger_folder_check check;
    test_make(600);
    test_flip("tile/entries/001", 2 + 50);
    test_read("tile/entries/001");
    slice rest = buf_slice(&test.file), entry;
    struct sha256 hashes[LEDGER_TILE_WIDTH];
    for (unsigned i = 0; i < LEDGER_TILE_WIDTH; i++) {
        assert_true(ledger_tile_next_entry(&rest, &entry));
        hashes[i] = ledger_merkle_leaf(entry);
    }
    test_write("tile/0/001", (slice){(const char *)hashes, sizeof hashes});
    test_fails(test_verify(NULL, &check), ERR_DENIED, "one of the entries 256 to 511 is not the one that was logged");
    test_read("tile/1/000.p/2");
    struct sha256 hash = ledger_tile_hash(hashes, LEDGER_TILE_HEIGHT, 0);
    memcpy(test.file.ptr + 32, hash.bytes, 32);
    test_write("tile/1/000.p/2", buf_slice(&test.file));
    test_fails(test_verify(NULL, &check), ERR_INPUT, "entries and tiles agree, but do not lead to the root");
}

static void what_stands_behind_the_last_entry_is_found(void **state)
{
    (void)state;
    static const char *const bundles[] = {"tile/entries/000", "tile/entries/001.p/44"};
    struct ledger_folder_check check;
    test_make(300);
    for (size_t i = 0; i < COUNT_OF(bundles); i++)
        for (size_t more = 1; more <= 2; more++) {
            test_read(bundles[i]);
            size_t len = test.file.len;
            buf_put(&test.file, slice_part(S("\0\0"), 0, more));
            test_write(bundles[i], buf_slice(&test.file));
            test_fails(test_verify(NULL, &check), ERR_INPUT, "has more than its");
            test_write(bundles[i], slice_part(buf_slice(&test.file), 0, len));
        }
    test_fine(test_verify(NULL, &check));
}

static void two_entries_in_another_order_are_found(void **state)
{
    (void)state;
    struct ledger_folder_check check;
    test_make(300);
    test_read("tile/entries/000");
    struct buf other = buf_make(LEDGER_BUNDLE_MAX);
    slice rest = buf_slice(&test.file), entries[256];
    for (size_t i = 0; i < 256; i++)
        assert_true(ledger_tile_next_entry(&rest, &entries[i]));
    slice kept = entries[40];
    entries[40] = entries[41];
    entries[41] = kept;
    for (size_t i = 0; i < 256; i++)
        ledger_tile_put_entry(&other, entries[i]);
    test_write("tile/entries/000", buf_slice(&other));
    buf_free(&other);
    test_fails(test_verify(NULL, &check), ERR_DENIED, "entry 40 is not the one that was logged");
    assert_int_equal(check.first_bad, 40);
}

/* Written anew with all its hashes and signed with the log's own key: only who has an older checkpoint finds it. */
static void a_log_that_was_written_anew_is_found_with_an_older_checkpoint(void **state)
{
    (void)state;
    struct ledger_folder_check check, later;
    struct ledger_folder *folder;
    test_make(300);
    test_fine(test_verify(NULL, &check));
    nftw(test.path, test_forget, 16, FTW_DEPTH | FTW_PHYS);
    slice *entries = test_entries(0, 400);
    entries[123] = S("never happened");
    test_fine(ledger_folder_open(test.path, LEDGER_FOLDER_APPEND, test.arena, &folder));
    test_fine(ledger_folder_append(folder, 0, entries, 400, test.arena));
    test_fine(test_publish(folder));
    ledger_folder_close(folder);
    test_fine(test_verify(NULL, &later));
    test_fails(test_verify(&check.checkpoint, &later), ERR_DENIED, "the log was written anew");
}

static void a_log_that_went_back_is_found_with_an_older_checkpoint(void **state)
{
    (void)state;
    struct ledger_folder_check check, later;
    test_make(300);
    test_fine(test_verify(NULL, &check));
    nftw(test.path, test_forget, 16, FTW_DEPTH | FTW_PHYS);
    test_make(290);
    test_fine(test_verify(NULL, &later));
    test_fails(
            test_verify(&check.checkpoint, &later), ERR_DENIED, "the log went back: it had 300 entries, and has 290");
    check.checkpoint.origin = S("other.example/log");
    test_fails(test_verify(&check.checkpoint, &later), ERR_DENIED, "another log");
}

static void a_checkpoint_that_somebody_else_signed_is_refused(void **state)
{
    (void)state;
    struct ledger_folder_check check;
    test_make(5);
    key_new(&test.pair);
    test.verifier = ledger_note_key_of(&test.signer);
    test_fails(test_verify(NULL, &check), ERR_DENIED, "no key that we know signed");
}

static struct err no_seven(void *context, uint64_t index, slice entry, struct arena *arena)
{
    (void)entry;
    (void)arena;
    (*(uint64_t *)context)++;
    return index == 7 ? err_make(ERR_DENIED, "seven") : OK;
}

static void who_verifies_may_look_at_every_entry(void **state)
{
    (void)state;
    uint64_t seen = 0;
    struct ledger_folder *folder;
    struct ledger_folder_check check = {.each = no_seven, .context = &seen};
    test_make(20);
    test_fine(ledger_folder_open(test.path, LEDGER_FOLDER_READ, test.arena, &folder));
    test_fails(ledger_folder_verify(folder, &check, test.arena), ERR_DENIED, "seven");
    assert_true(seen == 8 && check.first_bad == 7);
    ledger_folder_close(folder);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define TEST(name) cmocka_unit_test_setup_teardown(name, test_open, test_close)
    static const struct CMUnitTest tests[] = {
            TEST(what_was_appended_is_read_again_after_every_batch),
            TEST(the_files_are_those_of_the_text),
            TEST(what_is_there_may_be_appended_again_but_not_otherwise),
            TEST(proofs_of_the_folder_are_those_of_the_tree),
            TEST(a_checkpoint_that_is_not_that_of_the_log_is_refused),
            TEST(entries_behind_the_checkpoint_are_written_anew),
            TEST(one_process_appends_while_others_read),
            TEST(a_folder_that_is_no_log_says_so),
            TEST(every_flipped_byte_of_an_entry_names_the_entry),
            TEST(a_changed_tile_is_named_and_the_entries_cleared),
            TEST(an_entry_that_was_changed_with_its_hash_is_found),
            TEST(what_stands_behind_the_last_entry_is_found),
            TEST(two_entries_in_another_order_are_found),
            TEST(a_log_that_was_written_anew_is_found_with_an_older_checkpoint),
            TEST(a_log_that_went_back_is_found_with_an_older_checkpoint),
            TEST(a_checkpoint_that_somebody_else_signed_is_refused),
            TEST(who_verifies_may_look_at_every_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
