/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run is written from its beginning to its end, a column after the other, and its source is read once for each: so
 * that a merge of any size needs no more room than its buffers.
 */
#include "memory/parts.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"

enum {
    BUFFER = 256 << 10,
    FILES_ROOM = 16,
    SLOTS = 2 * RUN_ORGANISATIONS,
    /* So many are synced one by one; more by one sync of the file system, which takes as long as that of a file. */
    SYNC_EACH = 12,
};

/* The organisations of a run: a table while they are found, then in order. */
struct who {
    uint64_t slots[SLOTS];  /* numbers; 0: empty */
    uint16_t places[SLOTS]; /* of the number in the same slot */
    uint64_t sorted[RUN_ORGANISATIONS];
    size_t count;
};

/* One run on its way. */
struct writing {
    int fd;
    struct sha256_sum *sum;
    char *buffer;
    size_t used;
    uint64_t bytes;
    bool failed; /* errno says why */
    struct who *who;
    struct run_header header;
};

uint64_t run_key_check(struct hash_key key)
{
    struct sha256 sum = hash_hmac_sha256((slice){(const char *)&key, sizeof key}, S("memory"));
    uint64_t check;
    memcpy(&check, sum.bytes, sizeof check);
    return check;
}

int entry_order(const struct memory_entry *a, const struct memory_entry *b)
{
    int order = memory_key_order(&a->key, &b->key);
    if (order == 0)
        order = (a->organisation > b->organisation) - (a->organisation < b->organisation);
    return order != 0 ? order : (a->day > b->day) - (a->day < b->day);
}

bool entry_join(struct memory_entry *entry, const struct memory_entry *other)
{
    if (entry_order(entry, other) != 0)
        return false;
    entry->first_s = other->first_s < entry->first_s ? other->first_s : entry->first_s;
    entry->last_s = other->last_s > entry->last_s ? other->last_s : entry->last_s;
    if (__builtin_add_overflow(entry->count, other->count, &entry->count))
        entry->count = UINT64_MAX;
    return true;
}

/* ---- Organisations ---- */

static size_t who_slot(const struct who *who, uint64_t number)
{
    size_t at = hash_mix(number, UINT64_C(0x9e3779b97f4a7c15)) % SLOTS;
    while (who->slots[at] != 0 && who->slots[at] != number)
        at = (at + 1) % SLOTS;
    return at;
}

static bool who_add(struct who *who, uint64_t number)
{
    size_t slot = who_slot(who, number);
    if (who->slots[slot] == number)
        return true;
    if (who->count == RUN_ORGANISATIONS)
        return false;
    who->slots[slot] = who->sorted[who->count++] = number;
    return true;
}

static int number_compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void who_sort(struct who *who)
{
    qsort(who->sorted, who->count, sizeof *who->sorted, number_compare);
    for (size_t i = 0; i < who->count; i++)
        who->places[who_slot(who, who->sorted[i])] = (uint16_t)i;
}

/* ---- Bytes ---- */

static void write_through(struct writing *writing)
{
    slice rest = {writing->buffer, writing->used};
    hash_sha256_put(writing->sum, rest);
    while (rest.len > 0 && !writing->failed) {
        ssize_t put = write(writing->fd, rest.ptr, rest.len);
        if (put >= 0)
            rest = slice_from(rest, (size_t)put);
        else if (errno != EINTR)
            writing->failed = true;
    }
    writing->bytes += writing->used;
    writing->used = 0;
}

static void put(struct writing *writing, const void *bytes, size_t count)
{
    if (writing->used + count > BUFFER)
        write_through(writing);
    assert(count <= BUFFER);
    memcpy(writing->buffer + writing->used, bytes, count);
    writing->used += count;
}

/* ---- Columns ---- */

/* What there is: how much of each kind, of whom, of which days, and which counts are large. */
static struct err survey(struct writing *writing, const struct run_source *source, struct arena *arena)
{
    struct memory_entry entry;
    int32_t first = INT32_MAX, last = INT32_MIN;
    uint64_t large = 0, large_days = 0;
    source->rewind(source->context);
    while (source->next(source->context, &entry)) {
        writing->header.entries[entry.key.kind]++;
        large += entry.count >= RUN_COUNT_LARGE;
        large_days += entry.count >= RUN_COUNT_LARGE_DAYS;
        first = entry.day < first ? entry.day : first;
        last = entry.day > last ? entry.day : last;
        if (!who_add(writing->who, (uint64_t)entry.organisation))
            return err_format(
                    arena, ERR_LIMIT, "a run of the memory holds at most %d organisations", RUN_ORGANISATIONS);
    }
    who_sort(writing->who);
    writing->header.organisations = writing->who->count;
    if (writing->who->count == 0)
        return OK;
    if (last - first >= MEMORY_DAYS_MAX)
        return err_format(arena, ERR_INPUT, "a run of the memory holds at most %d days", MEMORY_DAYS_MAX);
    writing->header.day = first;
    writing->header.further = last - first;
    writing->header.large = last == first ? large : large_days;
    return OK;
}

/* Puts what a column has of an entry; `place` counts within its kind. */
typedef void put_part(struct writing *writing, const struct memory_entry *entry, uint64_t place);

static void put_index(struct writing *writing, const struct memory_entry *entry, uint64_t place)
{
    if (place % RUN_BLOCK == 0)
        put(writing, &entry->key.high, sizeof entry->key.high);
}

static void put_high(struct writing *writing, const struct memory_entry *entry, uint64_t place)
{
    (void)place;
    put(writing, &entry->key.high, sizeof entry->key.high);
}

static void put_low(struct writing *writing, const struct memory_entry *entry, uint64_t place)
{
    (void)place;
    if (entry->key.kind == MEMORY_IPV6)
        put(writing, &entry->key.low, sizeof entry->key.low);
}

static void put_value(struct writing *writing, const struct memory_entry *entry, uint64_t place)
{
    (void)place;
    uint64_t large = run_count_large(&writing->header), count = entry->count < large ? entry->count : large;
    uint64_t day = (uint64_t)(entry->day - writing->header.day) << RUN_DAY_SHIFT; /* 0 in a run of one */
    uint16_t who = writing->who->places[who_slot(writing->who, (uint64_t)entry->organisation)];
    uint64_t value = RUN_VALUE(who, entry->first_s, entry->last_s, day | count);
    put(writing, &value, sizeof value);
}

static void put_column(struct writing *writing, const struct run_source *source, enum memory_kind kind, put_part *part)
{
    struct memory_entry entry;
    uint64_t place = 0;
    source->rewind(source->context);
    while (source->next(source->context, &entry) && entry.key.kind <= kind)
        if (entry.key.kind == kind)
            part(writing, &entry, place++);
}

static void put_large(struct writing *writing, const struct run_source *source)
{
    struct memory_entry entry;
    struct run_large large = {0};
    source->rewind(source->context);
    for (; writing->header.large > 0 && source->next(source->context, &entry); large.place++) {
        large.count = entry.count;
        if (entry.count >= run_count_large(&writing->header))
            put(writing, &large, sizeof large);
    }
}

static void put_header(struct writing *writing)
{
    struct run_header *header = &writing->header;
    struct sha256 digest = hash_sha256((slice){(const char *)header, offsetof(struct run_header, digest)});
    memcpy(header->digest, digest.bytes, sizeof header->digest);
    put(writing, header, sizeof *header);
}

static void put_columns(struct writing *writing, const struct run_source *source)
{
    static put_part *const parts[] = {put_index, put_high, put_low, put_value};
    for (enum memory_kind kind = 0; kind < MEMORY_KINDS; kind++)
        for (size_t i = 0; i < COUNT_OF(parts) && writing->header.entries[kind] > 0; i++)
            put_column(writing, source, kind, parts[i]);
}

static struct err write_whole(
        struct writing *writing, const struct run_source *source, struct memory_file *file, struct arena *arena)
{
    put_header(writing);
    for (size_t i = 0; i < writing->who->count; i++)
        put(writing, &writing->who->sorted[i], sizeof *writing->who->sorted);
    put_columns(writing, source);
    put_large(writing, source);
    write_through(writing);
    file->digest = hash_sha256_end(writing->sum);
    writing->sum = hash_sha256_begin();
    put(writing, file->digest.bytes, sizeof file->digest.bytes);
    write_through(writing);
    file->bytes = writing->bytes;
    return writing->failed ? err_errno(arena, file->name) : OK;
}

/* ---- Files ---- */

struct err run_writer_open(struct run_writer *writer, const char *folder, struct hash_key key, struct arena *arena)
{
    *writer = (struct run_writer){.folder = folder, .key = key, .arena = arena};
    writer->fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return writer->fd >= 0 ? OK : err_errno(arena, folder);
}

/* Named after its first day, and by chance: no two of them ever share a name. */
static struct memory_file *file_add(struct run_writer *writer, const struct run_header *header)
{
    if (writer->count == writer->room) {
        struct memory_file *more = arena_new(writer->arena, struct memory_file, 2 * writer->room + FILES_ROOM);
        if (writer->count > 0)
            memcpy(more, writer->files, writer->count * sizeof *more);
        writer->files = more;
        writer->room = 2 * writer->room + FILES_ROOM;
    }
    struct memory_file *file = &writer->files[writer->count++];
    uint64_t chance;
    hash_random(&chance, sizeof chance);
    *file = (struct memory_file){.day = header->day, .days = header->further + 1};
    snprintf(file->name, sizeof file->name, "%ld-%016llx.run", (long)header->day, (unsigned long long)chance);
    return file;
}

static struct err write_file(struct run_writer *writer, struct writing *writing, const struct run_source *source)
{
    struct memory_file *file = file_add(writer, &writing->header);
    for (enum memory_kind kind = 0; kind < MEMORY_KINDS; kind++)
        file->entries += writing->header.entries[kind];
    writing->fd = openat(writer->fd, file->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (writing->fd < 0)
        return err_errno(writer->arena, file->name);
    struct err err = write_whole(writing, source, file, writer->arena);
    if (close(writing->fd) != 0 && err.kind == ERR_NONE)
        err = err_errno(writer->arena, file->name);
    return err;
}

struct err run_write(struct run_writer *writer, const struct run_source *source)
{
    struct writing writing = {.header = {.magic = RUN_MAGIC,
                                      .version = RUN_VERSION,
                                      .order = RUN_ORDER,
                                      .key_check = run_key_check(writer->key)},
            .sum = hash_sha256_begin(),
            .buffer = malloc(BUFFER),
            .who = calloc(1, sizeof *writing.who)};
    struct err err = err_make(ERR_SYSTEM, "no memory to write a run of the memory");
    if (writing.buffer != NULL && writing.who != NULL)
        err = survey(&writing, source, writer->arena);
    if (err.kind == ERR_NONE && writing.header.organisations > 0)
        err = write_file(writer, &writing, source);
    (void)hash_sha256_end(writing.sum);
    free(writing.buffer);
    free(writing.who);
    return err;
}

static struct err sync_one(const struct run_writer *writer, const char *name)
{
    struct err err = OK;
    int fd = openat(writer->fd, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        err = err_errno(writer->arena, name);
    if (fd >= 0)
        close(fd);
    return err;
}

static struct err sync_all(const struct run_writer *writer)
{
    if (writer->count > SYNC_EACH)
        return syncfs(writer->fd) == 0 ? OK : err_errno(writer->arena, writer->folder);
    for (size_t i = 0; i < writer->count; i++)
        TRY(sync_one(writer, writer->files[i].name));
    return fsync(writer->fd) == 0 ? OK : err_errno(writer->arena, writer->folder);
}

struct err run_writer_end(struct run_writer *writer, struct err err)
{
    if (err.kind == ERR_NONE && writer->count > 0)
        err = sync_all(writer);
    for (size_t i = 0; i < writer->count && err.kind != ERR_NONE; i++)
        unlinkat(writer->fd, writer->files[i].name, 0);
    close(writer->fd);
    return err;
}
