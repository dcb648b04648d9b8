/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write DIR SIZE... : a log of entries as ours are, published at each of these sizes, for who verifies it with other
 * code. In it are checkpoint.SIZE as they were, beside it DIR.vkey and DIR.witness, their keys, and DIR.tlog-proof,
 * which opens a field of entry 0. KEY=FILE keeps the log's key for the next one, and FORGED=1 makes of entry 5 another:
 * so a log gets a second face.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "ledger/folder.h"
#include "ledger/opening.h"
#include "ledger/proof.h"

static struct arena *arena;

static void need(struct err err)
{
    if (err.kind == ERR_NONE)
        return;
    fprintf(stderr, "write: %s\n", err.why);
    exit(2);
}

static void write_file(const char *path, slice bytes)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes.ptr, 1, bytes.len, file) != bytes.len || fclose(file) != 0)
        need(err_errno(arena, path));
}

static slice entry_make(uint64_t index, struct ledger_field fields[2])
{
    struct buf bytes = buf_make(1 << 16);
    bool is_forged = index == 5 && getenv("FORGED") != NULL;
    fields[0] = (struct ledger_field){.name = S("kind"), .value = is_forged ? S("forged") : S("release")};
    fields[1] = (struct ledger_field){.name = S("object")};
    fields[1].value = slice_of(arena_printf(arena, "indicator--%llu", (unsigned long long)index));
    /* The same in every face but for number 5: salts that are not random, in no log that anybody uses. */
    memset(fields[0].salt, (int)(index % 251), sizeof fields[0].salt);
    memset(fields[1].salt, (int)(index % 241), sizeof fields[1].salt);
    need(ledger_entry_write(S("node.example/log"), index, fields, 2, arena, &bytes));
    slice entry = arena_copy(arena, buf_slice(&bytes));
    buf_free(&bytes);
    return entry;
}

static void publish(struct ledger_folder *folder, const char *path, const struct ledger_signer *signers, size_t count)
{
    struct buf note = buf_make(LEDGER_NOTE_MAX);
    struct ledger_checkpoint checkpoint = {
            S("node.example/log"), ledger_folder_size(folder), ledger_folder_root(folder), {NULL, 0}};
    ledger_checkpoint_sign(&note, &checkpoint, signers, count, clock_now_us());
    need(ledger_folder_publish(folder, buf_slice(&note), arena));
    write_file(arena_printf(arena, "%s/checkpoint.%llu", path, (unsigned long long)checkpoint.size), buf_slice(&note));
    buf_free(&note);
}

static void prove_first(struct ledger_folder *folder, const char *path)
{
    struct ledger_proof *proof = arena_new(arena, struct ledger_proof, 1);
    struct ledger_hashes hashes = ledger_folder_hashes(folder);
    struct ledger_field fields[2];
    struct buf opening = buf_make(1 << 16), text = buf_make(1 << 20);
    slice entry = entry_make(0, fields);
    ledger_opening_write(&opening, entry, fields + 1, 1);
    proof->extra = buf_slice(&opening);
    proof->checkpoint = ledger_folder_note(folder);
    need(ledger_merkle_include(&hashes, 0, ledger_folder_size(folder), &proof->path));
    ledger_proof_write(&text, proof);
    write_file(arena_printf(arena, "%s.tlog-proof", path), buf_slice(&text));
    buf_free(&opening);
    buf_free(&text);
}

static void grow(const char *path, int argc, char **argv, const struct ledger_signer *signers)
{
    struct ledger_folder *folder;
    need(ledger_folder_open(path, LEDGER_FOLDER_APPEND, arena, &folder));
    for (int i = 2; i < argc; i++) {
        uint64_t size = strtoull(argv[i], NULL, 10), from = ledger_folder_size(folder);
        slice *entries = arena_new(arena, slice, size - from);
        struct ledger_field fields[2];
        for (uint64_t index = from; index < size; index++)
            entries[index - from] = entry_make(index, fields);
        need(ledger_folder_append(folder, from, entries, size - from, arena));
        publish(folder, path, signers, 2);
    }
    prove_first(folder, path);
    ledger_folder_close(folder);
}

int main(int argc, char **argv)
{
    struct key_pair pair, witness_pair;
    struct ledger_signer signers[] = {{S("node.example/log"), LEDGER_KEY_ED25519, &pair},
            {S("witness.example/w1"), LEDGER_KEY_COSIGNATURE, &witness_pair}};
    struct buf vkey = buf_make(4096);
    arena = arena_open("write", ARENA_WORK, 1u << 30);
    if (argc < 3)
        return 2;
    const char *key = getenv("KEY");
    if (key == NULL || key_read(key, arena, &pair).kind != ERR_NONE) {
        key_new(&pair);
        if (key != NULL)
            need(key_save(&pair, key, arena_printf(arena, "%s.public", key), arena));
    }
    key_new(&witness_pair);
    for (int i = 0; i < 2; i++) {
        struct ledger_verifier verifier = ledger_note_key_of(&signers[i]);
        buf_reset(&vkey);
        ledger_note_key_write(&vkey, &verifier);
        buf_byte(&vkey, '\n');
        write_file(arena_printf(arena, "%s.%s", argv[1], i == 0 ? "vkey" : "witness"), buf_slice(&vkey));
    }
    grow(argv[1], argc, argv, signers);
    buf_free(&vkey);
    arena_close(arena);
    return 0;
}
