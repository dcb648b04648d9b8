/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/tile.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

static void a_tile_has_one_name(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        struct ledger_tile tile;
    } rows[] = {
            {"tile/0/000", {false, 0, 0, 256}},
            {"tile/0/x001/x234/067", {false, 0, 1234067, 256}},
            {"tile/0/x001/x234/067.p/5", {false, 0, 1234067, 5}},
            {"tile/63/999.p/255", {false, 63, 999, 255}},
            {"tile/7/x001/000", {false, 7, 1000, 256}},
            {"tile/entries/000.p/1", {true, 0, 0, 1}},
            {"tile/entries/x009/x223/x372/x036/x854/x775/807", {true, 0, LEDGER_SIZE_MAX, 256}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct ledger_tile tile;
        struct buf path = buf_make(LEDGER_TILE_PATH_MAX);
        assert_true(ledger_tile_parse(slice_of(rows[i].path), &tile));
        assert_true(tile.is_entries == rows[i].tile.is_entries && tile.level == rows[i].tile.level);
        assert_true(tile.index == rows[i].tile.index && tile.width == rows[i].tile.width);
        ledger_tile_write(&path, &tile);
        assert_true(slice_eq(buf_slice(&path), slice_of(rows[i].path)));
        buf_free(&path);
    }
}

static void other_names_are_none(void **state)
{
    (void)state;
    static const char *const paths[] = {"", "tile", "tile/", "tile/0", "tile/0/", "tile/00/000", "tile/64/000",
            "tile/-1/000", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/x000/001", "tile/0/001/001", "tile/0/x001",
            "tile/0/x001/", "tile/0//000", "tile/0/000/", "tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/0",
            "tile/0/000.p/01", "tile/0/000.p/256", "tile/0/000.p/1/", "tile/0/000.p/1.p/1", "tile/0/X001/000",
            "tile/entries", "tile/entries/", "tile/Entries/000", "/tile/0/000", "tile/0/../000",
            "tile/0/x009/x223/x372/x036/x854/x775/808", "tile/0/x999/x999/x999/x999/x999/x999/x999/999", "Tile/0/000",
            "tile/0/000\n", "tile/data/000", "tile/ 0/000"};
    struct ledger_tile tile;
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        if (ledger_tile_parse(slice_of(paths[i]), &tile))
            fail_msg("%s was taken", paths[i]);
}

/* The example of tlog-tiles, Partial Tiles: a tree of size 70,000, and one of size 256. */
static void a_size_says_which_tiles_there_are(void **state)
{
    (void)state;
    assert_int_equal(ledger_tile_count(70000, 0), 274);
    assert_int_equal(ledger_tile_width(70000, 0, 272), 256);
    assert_int_equal(ledger_tile_width(70000, 0, 273), 112);
    assert_int_equal(ledger_tile_width(70000, 0, 274), 0);
    assert_int_equal(ledger_tile_count(70000, 1), 2);
    assert_int_equal(ledger_tile_width(70000, 1, 0), 256);
    assert_int_equal(ledger_tile_width(70000, 1, 1), 17);
    assert_int_equal(ledger_tile_count(70000, 2), 1);
    assert_int_equal(ledger_tile_width(70000, 2, 0), 1);
    assert_int_equal(ledger_tile_count(70000, 3), 0);
    assert_int_equal(ledger_tile_width(256, 0, 0), 256);
    assert_int_equal(ledger_tile_width(256, 0, 1), 0);
    assert_int_equal(ledger_tile_width(256, 1, 0), 1);
    assert_int_equal(ledger_tile_count(0, 0), 0);
    assert_int_equal(ledger_tile_width(LEDGER_SIZE_MAX, 63, 0), 0);
    assert_int_equal(ledger_tile_width(LEDGER_SIZE_MAX, 7, 0), 127);
}

static void a_tile_hashes_as_the_tree_does(void **state)
{
    (void)state;
    struct sha256 hashes[LEDGER_TILE_WIDTH];
    struct ledger_frontier whole = {.size = 0}, part = {.size = 0};
    for (unsigned i = 0; i < LEDGER_TILE_WIDTH; i++) {
        hashes[i] = ledger_merkle_leaf((slice){(const char *)&i, sizeof i});
        ledger_merkle_add(&whole, &hashes[i]);
        if (i >= 96 && i < 128)
            ledger_merkle_add(&part, &hashes[i]);
    }
    struct sha256 root = ledger_merkle_root(&whole), hash = ledger_tile_hash(hashes, 8, 0);
    assert_true(ledger_hash_eq(&root, &hash));
    root = ledger_merkle_root(&part);
    hash = ledger_tile_hash(hashes, 5, 3);
    assert_true(ledger_hash_eq(&root, &hash));
    hash = ledger_tile_hash(hashes, 0, 255);
    assert_true(ledger_hash_eq(&hash, &hashes[255]));
}

static void entries_stand_behind_their_lengths(void **state)
{
    (void)state;
    struct buf bundle = buf_make(1 << 20);
    static char large[LEDGER_ENTRY_MAX];
    slice rest, entry;
    ledger_tile_put_entry(&bundle, S("abc"));
    ledger_tile_put_entry(&bundle, S(""));
    ledger_tile_put_entry(&bundle, (slice){large, sizeof large});
    assert_memory_equal(bundle.ptr, "\0\3abc\0\0\xff\xff", 9);
    rest = buf_slice(&bundle);
    assert_true(ledger_tile_next_entry(&rest, &entry) && slice_eq(entry, S("abc")));
    assert_true(ledger_tile_next_entry(&rest, &entry) && entry.len == 0);
    assert_true(ledger_tile_next_entry(&rest, &entry) && entry.len == sizeof large);
    assert_false(ledger_tile_next_entry(&rest, &entry));
    assert_int_equal(rest.len, 0);
    rest = slice_part(buf_slice(&bundle), 0, 4);
    assert_false(ledger_tile_next_entry(&rest, &entry));
    assert_int_equal(rest.len, 4);
    buf_free(&bundle);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_tile_has_one_name),
            cmocka_unit_test(other_names_are_none),
            cmocka_unit_test(a_size_says_which_tiles_there_are),
            cmocka_unit_test(a_tile_hashes_as_the_tree_does),
            cmocka_unit_test(entries_stand_behind_their_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
