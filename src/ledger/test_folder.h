/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For tests of logs in folders: a folder that is removed, entries whose bytes follow from their number, and a log's
 * key.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "ledger/folder.h"

#define TEST_TIME_US (INT64_C(1800000000) * 1000000)

struct test_log {
    struct arena *arena;
    struct key_pair pair;
    struct ledger_signer signer;
    struct ledger_verifier verifier;
    char above[64], path[96]; /* a temporary folder, and the log in it */
    struct buf file;
};

static struct test_log test;

static inline int test_forget(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about;
    (void)kind;
    (void)place;
    return remove(path);
}

static inline int test_open(void **state)
{
    (void)state;
    const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"; /* disks take their time to sync */
    test.arena = arena_open("test", ARENA_WORK, 256u << 20);
    key_new(&test.pair);
    test.signer = (struct ledger_signer){S("node.example/log"), LEDGER_KEY_ED25519, &test.pair};
    test.verifier = ledger_note_key_of(&test.signer);
    test.file = buf_make(LEDGER_BUNDLE_MAX);
    snprintf(test.above, sizeof test.above, "%s/ledger-XXXXXX", base);
    assert_non_null(mkdtemp(test.above));
    snprintf(test.path, sizeof test.path, "%s/log", test.above);
    return 0;
}

static inline int test_close(void **state)
{
    (void)state;
    nftw(test.above, test_forget, 16, FTW_DEPTH | FTW_PHYS);
    buf_free(&test.file);
    arena_close(test.arena);
    return 0;
}

static inline void test_fine(struct err err)
{
    if (err.kind != ERR_NONE)
        fail_msg("%s: %s", err_name(err.kind), err.why);
}

static inline void test_fails(struct err err, enum err_kind kind, const char *why)
{
    if (err.kind != kind || strstr(err.why, why) == NULL)
        fail_msg("%s: %s; not %s: %s", err_name(err.kind), err.why == NULL ? "" : err.why, err_name(kind), why);
}

static inline const char *test_file(const char *name)
{
    return arena_printf(test.arena, "%s/%s", test.path, name);
}

static inline bool test_is_there(const char *name)
{
    return access(test_file(name), F_OK) == 0;
}

/* The file's bytes, in test.file. */
static inline void test_read(const char *name)
{
    FILE *file = fopen(test_file(name), "rb");
    assert_non_null(file);
    buf_reset(&test.file);
    assert_true(buf_reserve(&test.file, 1u << 20));
    test.file.len = fread(test.file.ptr, 1, test.file.cap, file);
    fclose(file);
}

static inline void test_write(const char *name, slice bytes)
{
    chmod(test_file(name), 0644);
    FILE *file = fopen(test_file(name), "wb");
    assert_non_null(file);
    assert_true(fwrite(bytes.ptr, 1, bytes.len, file) == bytes.len);
    assert_int_equal(fclose(file), 0);
}

static inline void test_flip(const char *name, size_t at)
{
    test_read(name);
    assert_true(at < test.file.len);
    test.file.ptr[at] ^= 1;
    test_write(name, buf_slice(&test.file));
}

/* Entries as they come: of every length between nothing and some hundred bytes. */
static inline slice test_entry(uint64_t number)
{
    struct buf text = buf_make(1024);
    buf_printf(&text, "entry %" PRIu64 " ", number);
    for (uint64_t i = 0; i < number * 7 % 300; i++)
        buf_byte(&text, (char)('a' + i % 26));
    slice entry = number % 17 == 0 ? (slice){"", 0} : arena_copy(test.arena, buf_slice(&text));
    buf_free(&text);
    return entry;
}

static inline slice *test_entries(uint64_t from, size_t count)
{
    slice *entries = arena_new(test.arena, slice, count);
    for (size_t i = 0; i < count; i++)
        entries[i] = test_entry(from + i);
    return entries;
}

static inline struct sha256 test_root(uint64_t size)
{
    struct ledger_frontier frontier = {.size = 0};
    for (uint64_t i = 0; i < size; i++) {
        struct sha256 leaf = ledger_merkle_leaf(test_entry(i));
        ledger_merkle_add(&frontier, &leaf);
    }
    return ledger_merkle_root(&frontier);
}

static inline slice test_note(uint64_t size, struct sha256 root)
{
    struct buf note = buf_make(4096);
    struct ledger_checkpoint checkpoint = {S("node.example/log"), size, root, {NULL, 0}};
    ledger_checkpoint_sign(&note, &checkpoint, &test.signer, 1, TEST_TIME_US);
    slice bytes = arena_copy(test.arena, buf_slice(&note));
    buf_free(&note);
    return bytes;
}

static inline struct err test_publish(struct ledger_folder *folder)
{
    return ledger_folder_publish(folder, test_note(ledger_folder_size(folder), ledger_folder_root(folder)), test.arena);
}

/* A log of so many entries, published. */
static inline void test_make(uint64_t size)
{
    struct ledger_folder *folder;
    test_fine(ledger_folder_open(test.path, LEDGER_FOLDER_APPEND, test.arena, &folder));
    test_fine(ledger_folder_append(folder, 0, test_entries(0, size), size, test.arena));
    test_fine(test_publish(folder));
    ledger_folder_close(folder);
}

/* Opens the log to read, and verifies it with its key; since may be NULL. */
static inline struct err test_verify(const struct ledger_checkpoint *since, struct ledger_folder_check *check)
{
    struct ledger_folder *folder;
    *check = (struct ledger_folder_check){.known = &test.verifier, .known_count = 1, .since = since};
    TRY(ledger_folder_open(test.path, LEDGER_FOLDER_READ, test.arena, &folder));
    struct err err = ledger_folder_verify(folder, check, test.arena);
    ledger_folder_close(folder);
    return err;
}
