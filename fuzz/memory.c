/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a run of the memory. With an odd first byte its digests are made right, so that what is behind them is
 * reached. Whatever the bytes are, asking stays inside of them; a run that is found good holds what it says, and can be
 * merged with itself.
 */
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "memory/folder.h"
#include "memory/merge.h"
#include "memory/parts.h"

enum { ASKS = 300, BYTES_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[64]; /* of the folder */

static void folder_remove(void)
{
    char file[160];
    snprintf(file, sizeof file, "%s/fuzz.run", path);
    unlink(file);
    rmdir(path);
}

static const char *folder(void)
{
    if (path[0] == 0) {
        snprintf(path, sizeof path, "%s/fuzz-memory-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        assert(mkdtemp(path) != NULL);
        atexit(folder_remove);
    }
    return path;
}

/* Everything about it is as its bytes say. */
static void mend(char *bytes, size_t size, struct hash_key key)
{
    struct run_header header;
    memcpy(&header, bytes, sizeof header);
    header.key_check = run_key_check(key);
    struct sha256 digest = hash_sha256((slice){(const char *)&header, offsetof(struct run_header, digest)});
    memcpy(header.digest, digest.bytes, sizeof header.digest);
    memcpy(bytes, &header, sizeof header);
    digest = hash_sha256((slice){bytes, size - 32});
    memcpy(bytes + size - 32, digest.bytes, 32);
}

static bool file_write(const char *name, const char *bytes, size_t size)
{
    char file[160];
    snprintf(file, sizeof file, "%s/%s", folder(), name);
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool fine = fd >= 0 && write(fd, bytes, size) == (ssize_t)size;
    if (fd >= 0)
        close(fd);
    return fine;
}

static void count(void *context, uint32_t tag, int32_t day, const struct memory_entry *entry)
{
    (void)tag, (void)day;
    assert(entry->count > 0 && entry->first_s <= entry->last_s && entry->last_s < 86400);
    ++*(uint64_t *)context;
}

static uint64_t ask(const struct memory_run *run, struct memory_ask *asks, size_t ask_count, struct arena *arena)
{
    struct memory_asks opened;
    uint64_t found = 0;
    assert(memory_asks_open(asks, ask_count, &opened).kind == ERR_NONE);
    (void)memory_run_find(run, &opened, count, &found, arena).kind;
    memory_asks_close(&opened);
    return found;
}

static uint64_t ask_all(const struct memory_run *run, struct arena *arena)
{
    struct memory_ask asks[ASKS];
    uint32_t kinds = 0;
    for (; kinds < MEMORY_KINDS; kinds++)
        asks[kinds] = (struct memory_ask){{{kinds, 0, 0}, {kinds, UINT64_MAX, UINT64_MAX}}, kinds};
    uint64_t found = ask(run, asks, kinds, arena);
    for (uint32_t i = 0; i < ASKS; i++)
        asks[i] = (struct memory_ask){{{i % MEMORY_KINDS, i, i}, {i % MEMORY_KINDS, i + i % 5, i}}, i};
    (void)ask(run, asks, ASKS, arena);
    return found;
}

static void good_run(const struct memory_run *run, uint64_t found, struct hash_key key, struct arena *arena)
{
    const struct memory_run *twice[] = {run, run};
    struct memory_file file;
    bool any, removed;
    assert(found == memory_run_file(run)->entries);
    struct err err = memory_merge(twice, 2, folder(), key, NULL, arena, &file, &any);
    assert(err.kind == ERR_NONE && any == (found > 0) && (!any || file.entries == found));
    const char *name = file.name;
    if (any)
        assert(memory_folder_remove(folder(), &name, 1, arena, &removed).kind == ERR_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct hash_key key = hash_key_fixed(7);
    const struct memory_file file = {.name = "fuzz.run"};
    struct memory_run *run;
    if (size < 1 || size > BYTES_MAX)
        return 0;
    char *bytes = malloc(size);
    assert(bytes != NULL);
    memcpy(bytes, data + 1, size - 1);
    if (data[0] % 2 == 1 && size - 1 >= sizeof(struct run_header) + 32)
        mend(bytes, size - 1, key);
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 64u << 20);
    if (file_write(file.name, bytes, size - 1) && memory_run_open(folder(), &file, key, arena, &run).kind == ERR_NONE) {
        uint64_t found = ask_all(run, arena);
        size_t organisations;
        (void)memory_run_organisations(run, &organisations);
        uint64_t *tally = arena_new(arena, uint64_t, organisations * (size_t)memory_run_file(run)->days);
        memory_run_tally(run, tally);
        if (memory_run_check(run, arena).kind == ERR_NONE)
            good_run(run, found, key, arena);
        memory_run_close(run);
    }
    arena_close(arena);
    free(bytes);
    return 0;
}
