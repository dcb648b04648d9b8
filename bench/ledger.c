/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ledger costs: entries that a node writes in batches, until their tiles are synced and the head over them is
 * signed and durable; and the proof that an entry is in a long log, read from its tiles. bench/run.sh runs it and reads
 * its lines, "NAME=VALUE".
 *
 *     bench_ledger ENTRIES DEEP     in the working folder, in which it leaves nothing
 */
#include <ftw.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ledger/folder.h"
#include "share/book.h"
#include "share/test_share.h"

#define BATCH 10000 /* entries of one work, and of one head */
#define DEEP_BATCH 65536
#define PROOFS 1000

struct bench {
    struct test_store *store;
    struct arena *arena; /* of a batch */
    struct share_book *book;
    struct key_pair key;
    int64_t log, entries;
    struct ledger_item *items;
    double rows_cpu; /* seconds of the thread that enters */
};

static double now_of(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int forget(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about;
    (void)kind;
    (void)place;
    return remove(path);
}

static void forget_all(void)
{
    static const char *const all[] = {"ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger", "deep", "high-water"};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        nftw(all[i], forget, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- Entries of a node ---- */

static struct err log_action(struct work *work, void *context)
{
    struct bench *bench = context;
    return share_book_log(work, "partner", S("3f1c7d0e-0000-4000-8000-000000000001"), &bench->log);
}

static struct err enter_action(struct work *work, void *context)
{
    const struct bench *bench = context;
    int64_t first;
    return store_ledger_append_many(work, bench->log, bench->items, BATCH, &first);
}

/* As an entry of a release has them. */
static struct ledger_item *items_make(struct arena *arena)
{
    static const struct ledger_field fields[] = {
            {.name = {"agreement", 9}, .value = {"3f1c7d0e-0000-4000-8000-000000000001", 36}},
            {.name = {"count", 5}, .value = {"1", 1}},
            {.name = {"root", 4}, .value = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 64}}};
    struct ledger_item *items = arena_new(arena, struct ledger_item, BATCH);
    for (size_t i = 0; i < BATCH; i++)
        items[i] = (struct ledger_item){"release", fields, COUNT_OF(fields)};
    return items;
}

/* A verb enters, while the book-keeper writes tiles and signs: each has a thread and a db, as in a node. */
static void *enter_run(void *context)
{
    struct bench *bench = context;
    struct arena *arena = arena_open("entering", ARENA_WORK, (size_t)1 << 30);
    struct db *db = test_store_open(bench->store);
    for (int64_t done = 0; done < bench->entries; done += BATCH) {
        arena_reset(arena);
        test_ok(store_work(db, &bench->store->actor, arena, enter_action, bench));
    }
    bench->rows_cpu = now_of(CLOCK_THREAD_CPUTIME_ID);
    db_close(db);
    arena_close(arena);
    return NULL;
}

static int64_t head_write(struct bench *bench)
{
    struct ledger_head head;
    size_t count;
    arena_reset(bench->arena);
    test_ok(share_book_write(bench->book, bench->store->db, bench->arena, &count));
    test_ok(store_ledger_head_get(bench->store->db, bench->log, bench->arena, &head));
    return head.size;
}

static void node_begin(struct bench *bench)
{
    const struct share_book_options options = {"ledger", "high-water", &bench->key};
    struct test_store *store = bench->store;
    int64_t own;
    store->db = test_store_open(store);
    key_new(&bench->key);
    test_ok(test_work(store, test_own_action, &own));
    test_ok(share_book_open(&options, store->arena, &bench->book));
    test_ok(share_book_begin(bench->book, store->db, store->arena));
    test_ok(test_work(store, log_action, bench));
    bench->items = items_make(store->arena);
}

/* SHA-256 of an entry's bytes, a second: what nobody can do without. */
static double hashes_measure(struct bench *bench)
{
    struct ledger_row row;
    double count = 0, began = now_of(CLOCK_THREAD_CPUTIME_ID);
    test_ok(store_ledger_get(bench->store->db, bench->log, 0, bench->store->arena, &row));
    for (; count < 200000; count++)
        row.seq ^= hash_sha256(row.entry).bytes[0];
    if (row.seq > UINT8_MAX)
        fail_msg("no digest is so long");
    return count / (now_of(CLOCK_THREAD_CPUTIME_ID) - began);
}

/* From the first that is entered until a signed head is over the last. */
static void entries_measure(struct bench *bench, int64_t entries)
{
    bench->entries = (entries + BATCH - 1) / BATCH * BATCH;
    double count = (double)bench->entries, began = now_of(CLOCK_MONOTONIC);
    double cpu = now_of(CLOCK_PROCESS_CPUTIME_ID), head_cpu = now_of(CLOCK_THREAD_CPUTIME_ID);
    pthread_t thread;
    if (pthread_create(&thread, NULL, enter_run, bench) != 0)
        fail_msg("there is no thread");
    while (head_write(bench) < bench->entries)
        continue;
    printf("entered=%.0f\n", count / (now_of(CLOCK_MONOTONIC) - began));
    pthread_join(thread, NULL);
    printf("entered_cpu=%.0f\n", count / (now_of(CLOCK_PROCESS_CPUTIME_ID) - cpu));
    printf("rows_cpu=%.0f\n", count / bench->rows_cpu);
    printf("heads_cpu=%.0f\n", count / (now_of(CLOCK_THREAD_CPUTIME_ID) - head_cpu));
    printf("entries=%.0f\nbatch=%d\nsha256=%.0f\n", count, BATCH, hashes_measure(bench));
}

/* ---- Proofs from a long log ---- */

static void deep_publish(struct bench *bench, struct ledger_folder *folder)
{
    const struct ledger_checkpoint checkpoint = {
            .origin = S("node.example/deep"), .size = ledger_folder_size(folder), .root = ledger_folder_root(folder)};
    const struct ledger_signer signer = {checkpoint.origin, LEDGER_KEY_ED25519, &bench->key};
    struct buf note = buf_make(LEDGER_NOTE_MAX);
    ledger_checkpoint_sign(&note, &checkpoint, &signer, 1, 0);
    test_ok(ledger_folder_publish(folder, buf_slice(&note), bench->arena));
    buf_free(&note);
}

static void deep_fill(struct bench *bench, uint64_t deep)
{
    struct ledger_folder *folder;
    arena_reset(bench->arena);
    test_ok(ledger_folder_open("deep", LEDGER_FOLDER_APPEND, bench->store->arena, &folder));
    for (uint64_t from = 0; from < deep; from += DEEP_BATCH) {
        size_t count = deep - from < DEEP_BATCH ? (size_t)(deep - from) : DEEP_BATCH;
        arena_reset(bench->arena);
        slice *entries = arena_new(bench->arena, slice, count);
        for (size_t i = 0; i < count; i++)
            entries[i] = slice_of(arena_printf(bench->arena, "entry %" PRIu64 " of a log that is long", from + i));
        test_ok(ledger_folder_append(folder, from, entries, count, bench->arena));
    }
    deep_publish(bench, folder);
    ledger_folder_close(folder);
}

static int double_order(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;
    return (one > other) - (one < other);
}

/* Reads the entry and makes its proof; whether it holds is looked at outside of the time. */
static double prove(struct ledger_folder *folder, uint64_t index, struct arena *arena)
{
    struct ledger_hashes hashes = ledger_folder_hashes(folder);
    struct sha256 root = ledger_folder_root(folder);
    uint64_t size = ledger_folder_size(folder);
    struct ledger_path path;
    slice entry;
    double began = now_of(CLOCK_MONOTONIC);
    test_ok(ledger_folder_entry(folder, index, arena, &entry));
    test_ok(ledger_merkle_include(&hashes, index, size, &path));
    double took = now_of(CLOCK_MONOTONIC) - began;
    struct sha256 leaf = ledger_merkle_leaf(entry);
    if (!ledger_merkle_included(&leaf, index, size, &path, &root))
        fail_msg("the proof of entry %" PRIu64 " does not hold", index);
    return took;
}

static void proofs_measure(struct bench *bench, uint64_t deep)
{
    static double took[PROOFS];
    struct ledger_folder *folder;
    deep_fill(bench, deep);
    test_ok(ledger_folder_open("deep", LEDGER_FOLDER_READ, bench->store->arena, &folder));
    for (size_t i = 0; i < PROOFS; i++) {
        uint64_t index;
        hash_random(&index, sizeof index);
        arena_reset(bench->arena);
        took[i] = prove(folder, index % deep, bench->arena);
    }
    qsort(took, PROOFS, sizeof took[0], double_order);
    printf("deep=%" PRIu64 "\nproof_ms=%.4f\nproof_p99_ms=%.4f\n", deep, took[PROOFS / 2] * 1e3,
            took[PROOFS - PROOFS / 100] * 1e3);
    ledger_folder_close(folder);
}

int main(int argc, char **argv)
{
    static struct test_database base = {.where = "ledger.db"};
    static struct bench bench = {.store = &test_store};
    if (argc != 3)
        return 2;
    forget_all();
    test_store = (struct test_store){.base = &base, .arena = arena_open("bench", ARENA_WORK, (size_t)1 << 30)};
    test_store.actor = (struct actor){.name = S("local"), .how = ACTOR_MACHINE, .roles = 1u << ROLE_LOCAL};
    bench.arena = arena_open("a batch", ARENA_WORK, (size_t)1 << 30);
    node_begin(&bench);
    entries_measure(&bench, (int64_t)strtoll(argv[1], NULL, 10));
    proofs_measure(&bench, strtoull(argv[2], NULL, 10));
    share_book_close(bench.book);
    db_close(test_store.db);
    arena_close(bench.arena);
    arena_close(test_store.arena);
    forget_all();
    return 0;
}
