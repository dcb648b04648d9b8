/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence at rest. Power fails and disks fill up at each call that changes the disk: the calls come here through the
 * linker (--wrap), the child dies at its n-th, and what it said was put has to be there and whole.
 */
#include "evidence/sealed.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"

enum { STATUS_DEAD = 99, STEPS_MAX = 200, LONG = 150000 };

static struct test {
    struct arena *arena;
    char folder[64];
    struct sha256 key;
    char bytes[LONG];
} test;

static struct disk {
    long left;  /* calls until the power goes; negative: it stays */
    long sound; /* calls until the disk is full, from then on; negative: never */
    bool bytes_synced, name_synced;
} disk = {.left = -1, .sound = -1};

/* ---- The disk ---- */

#define WRAP(type, name, ...)                                                                                          \
    type __real_##name(__VA_ARGS__);                                                                                   \
    type __wrap_##name(__VA_ARGS__)

WRAP(ssize_t, write, int fd, const void *bytes, size_t count);
WRAP(int, fsync, int fd);
WRAP(int, rename, const char *from, const char *to);
WRAP(int, unlink, const char *path);

static bool step(void)
{
    if (disk.left >= 0 && disk.left-- == 0)
        _exit(STATUS_DEAD);
    if (disk.sound > 0 && --disk.sound > 0)
        return true;
    errno = ENOSPC;
    return disk.sound < 0;
}

ssize_t __wrap_write(int fd, const void *bytes, size_t count)
{
    return step() ? __real_write(fd, bytes, disk.left >= 0 && count > 1 ? count / 2 : count) : -1;
}

int __wrap_fsync(int fd)
{
    struct stat about;
    if (!step())
        return -1;
    assert_int_equal(fstat(fd, &about), 0);
    disk.bytes_synced |= S_ISREG(about.st_mode);
    disk.name_synced = S_ISDIR(about.st_mode);
    return 0;
}

/* A name before its bytes are on disk is a file of zeros after the power went. */
int __wrap_rename(const char *from, const char *to)
{
    if (!step())
        return -1;
    assert_true(disk.bytes_synced);
    disk.name_synced = false;
    return __real_rename(from, to);
}

int __wrap_unlink(const char *path)
{
    return disk.left >= 0 && !step() ? -1 : __real_unlink(path);
}

/* ---- Around the tests ---- */

struct reading {
    slice rest;
    size_t most; /* bytes a call */
};

static struct err reading_read(void *context, char *to, size_t room, size_t *got)
{
    struct reading *reading = context;
    size_t len = reading->rest.len < room ? reading->rest.len : room;
    *got = len < reading->most ? len : reading->most;
    memcpy(to, reading->rest.ptr, *got);
    reading->rest = slice_from(reading->rest, *got);
    return OK;
}

static struct err put(size_t len, struct evidence_sealed *sealed)
{
    struct reading reading = {{test.bytes, len}, 7000};
    const struct evidence_source source = {&reading, reading_read};
    return evidence_put(test.folder, &test.key, &source, test.arena, sealed);
}

static struct err gather(void *context, slice piece)
{
    buf_put(context, piece);
    return OK;
}

static struct err check(const struct evidence_sealed *sealed)
{
    return evidence_get(test.folder, &test.key, sealed, NULL, test.arena);
}

static void fine(struct err err)
{
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
}

/* Files below the folder, of which this text is part of the name. */
static size_t files(const char *folder, const char *part)
{
    char path[400];
    struct stat about;
    size_t count = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 || stat(path, &about) != 0)
            continue;
        count += S_ISDIR(about.st_mode) ? files(path, part) : strstr(entry->d_name, part) != NULL;
    }
    closedir(dir);
    return count;
}

static int set_up(void **state)
{
    (void)state;
    disk = (struct disk){.left = -1, .sound = -1};
    test.arena = arena_open("test", ARENA_WORK, 64u << 20);
    test.key = hash_sha256(S("node"));
    snprintf(test.folder, sizeof test.folder, "evidence-XXXXXX");
    for (size_t i = 0; i < sizeof test.bytes; i++)
        test.bytes[i] = (char)(i * 31 + i / 999);
    return mkdtemp(test.folder) == NULL;
}

static int tear_down(void **state)
{
    char order[100];
    (void)state;
    arena_close(test.arena);
    snprintf(order, sizeof order, "rm -r %s", test.folder);
    return system(order);
}

/* ---- What is put ---- */

static void what_was_put_comes_back(void **state)
{
    static const size_t lens[] = {1, 65535, 65536, 65537, 131072, LONG};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lens); i++) {
        struct evidence_sealed sealed;
        struct buf out = buf_make(LONG);
        const struct evidence_sink sink = {&out, gather};
        fine(put(lens[i], &sealed));
        assert_int_equal(sealed.bytes, lens[i]);
        struct sha256 digest = hash_sha256((slice){test.bytes, lens[i]});
        assert_memory_equal(&digest, &sealed.digest, sizeof digest);
        fine(evidence_get(test.folder, &test.key, &sealed, &sink, test.arena));
        assert_int_equal(out.len, lens[i]);
        assert_memory_equal(out.ptr, test.bytes, lens[i]);
        buf_free(&out);
    }
    assert_int_equal(files(test.folder, ".part"), 0);
}

/* FIPS 180-4: the digests of "abc". */
static void both_digests_are_taken(void **state)
{
    static const uint8_t first[] = {0xdd, 0xaf, 0x35, 0xa1, 0x93, 0x61, 0x7a, 0xba};
    struct evidence_sealed sealed;
    (void)state;
    memcpy(test.bytes, "abc", 3);
    fine(put(3, &sealed));
    assert_memory_equal(sealed.digest_512, first, sizeof first);
}

static struct err drop(const struct evidence_sealed *sealed)
{
    struct sha256 mark = evidence_mark(sealed);
    return evidence_drop(test.folder, &sealed->digest, &mark, test.arena);
}

static slice file_of(const struct evidence_sealed *sealed)
{
    char *bytes = arena_new(test.arena, char, 2 * LONG);
    int fd = open(evidence_place(test.folder, sealed, test.arena), O_RDONLY | O_CLOEXEC);
    ssize_t len = read(fd, bytes, 2 * LONG);
    assert_true(len > 0);
    close(fd);
    return (slice){bytes, (size_t)len};
}

static void nothing_of_it_lies_there_as_it_came(void **state)
{
    struct evidence_sealed sealed, again;
    (void)state;
    memset(test.bytes, 'q', LONG);
    fine(put(LONG, &sealed));
    slice file = file_of(&sealed);
    assert_true(slice_find_slice(file, S("qqqqqqqq")) == file.len);
    fine(put(LONG, &again));
    assert_int_equal(files(test.folder, ""), 2); /* the same bytes, twice, under two keys */
    fine(drop(&again));
    fine(check(&sealed));
}

static void with_another_key_it_is_noise(void **state)
{
    struct evidence_sealed sealed;
    struct sha256 other = hash_sha256(S("other"));
    (void)state;
    fine(put(100, &sealed));
    assert_int_equal(evidence_get(test.folder, &other, &sealed, NULL, test.arena).kind, ERR_CONFLICT);
    memset(sealed.seal, 0, sizeof sealed.seal);
    assert_int_not_equal(check(&sealed).kind, ERR_NONE);
}

static void file_write_whole(const char *place, slice bytes)
{
    int fd = open(place, O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_int_equal(__real_write(fd, bytes.ptr, bytes.len), bytes.len);
    close(fd);
}

/* Each byte of a small file, some of a long one, one more and one less. */
static void a_byte_that_was_changed_is_named(void **state)
{
    static const size_t lens[] = {40, LONG};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lens); i++) {
        struct evidence_sealed sealed;
        fine(put(lens[i], &sealed));
        const char *place = evidence_place(test.folder, &sealed, test.arena);
        slice file = file_of(&sealed);
        char *bytes = (char *)(uintptr_t)file.ptr;
        for (size_t at = 0; at < file.len; at += 1 + file.len / 150) {
            bytes[at] ^= 1;
            file_write_whole(place, file);
            struct err err = check(&sealed);
            assert_int_equal(err.kind, ERR_CONFLICT);
            assert_non_null(strstr(err.why, place));
            bytes[at] ^= 1;
        }
        file_write_whole(place, (slice){file.ptr, file.len - 1});
        assert_int_equal(check(&sealed).kind, ERR_CONFLICT);
        file_write_whole(place, (slice){file.ptr, file.len + 1});
        assert_int_equal(check(&sealed).kind, ERR_CONFLICT);
        file_write_whole(place, file);
        fine(check(&sealed));
    }
}

static void what_was_dropped_is_missing(void **state)
{
    struct evidence_sealed sealed;
    (void)state;
    fine(put(40, &sealed));
    fine(drop(&sealed));
    fine(drop(&sealed));
    assert_int_equal(check(&sealed).kind, ERR_MISSING);
}

static void nothing_is_no_evidence(void **state)
{
    struct evidence_sealed sealed;
    (void)state;
    assert_int_equal(put(0, &sealed).kind, ERR_INPUT);
    assert_int_equal(files(test.folder, ""), 0);
}

/* ---- What goes wrong ---- */

static void a_full_disk_is_told_and_leaves_nothing(void **state)
{
    struct evidence_sealed sealed;
    long call = 1;
    (void)state;
    for (; call < STEPS_MAX; call++) {
        disk = (struct disk){.left = -1, .sound = call};
        struct err err = put(LONG, &sealed);
        bool all = disk.sound > 0;
        disk.sound = -1;
        if (all)
            break;
        assert_int_equal(err.kind, ERR_SYSTEM);
        assert_non_null(strstr(err.why, "No space left"));
        assert_int_equal(files(test.folder, ""), 0);
    }
    assert_in_range(call, 6, STEPS_MAX - 1);
    fine(check(&sealed));
}

struct said {
    bool put;
    struct evidence_sealed sealed;
};

static void child_run(struct said *said)
{
    struct evidence_sealed sealed;
    if (put(LONG, &sealed).kind != ERR_NONE || !disk.name_synced)
        _exit(2);
    said->sealed = sealed;
    said->put = true;
    _exit(0);
}

static void the_power_may_fail_at_any_call(void **state)
{
    struct said *said = mmap(NULL, sizeof *said, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status = 0;
    size_t removed, dead = 0;
    (void)state;
    for (long call = 0; call < STEPS_MAX; call++, dead++) {
        said->put = false;
        pid_t child = fork();
        disk.left = child == 0 ? call : -1;
        if (child == 0)
            child_run(said);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == STATUS_DEAD));
        if (WEXITSTATUS(status) == 0)
            break;
        assert_false(said->put);
    }
    assert_in_range(dead, 6, STEPS_MAX - 1);
    fine(check(&said->sealed));
    fine(evidence_sweep(test.folder, 0, test.arena, &removed));
    assert_int_equal(removed, 0); /* somebody may be writing it */
    fine(evidence_sweep(test.folder, INT64_MAX, test.arena, &removed));
    assert_true(removed > 3);
    assert_int_equal(files(test.folder, ".part"), 0);
    fine(check(&said->sealed));
    munmap(said, sizeof *said);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
            IN_FOLDER(what_was_put_comes_back),
            IN_FOLDER(both_digests_are_taken),
            IN_FOLDER(nothing_of_it_lies_there_as_it_came),
            IN_FOLDER(with_another_key_it_is_noise),
            IN_FOLDER(a_byte_that_was_changed_is_named),
            IN_FOLDER(what_was_dropped_is_missing),
            IN_FOLDER(nothing_is_no_evidence),
            IN_FOLDER(a_full_disk_is_told_and_leaves_nothing),
            IN_FOLDER(the_power_may_fail_at_any_call),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
