/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plug is pulled at every step of appending and publishing: a child dies at its n-th call that changes the disk,
 * and leaves what a disk may hold then: bytes that were not synced are cut off, and files whose folder was not synced
 * are gone. The calls come here through the linker (--wrap), so that the program itself knows nothing of it.
 */
#include "ledger/test_folder.h"

#include <errno.h>
#include <sys/wait.h>

enum { STEPS_MAX = 4096, FILES_MAX = 4096, STATUS_DEAD = 99 };

/* ---- The disk of the child ---- */

static struct disk {
    long left;  /* calls until the power goes; negative: it stays */
    long sound; /* calls until one fails, for once; negative: none does */
    ino_t durable[FILES_MAX];
    size_t durable_count;
    struct {
        char name[128];
        int folder;
        ino_t parent;
    } renamed[FILES_MAX]; /* whose folder is not synced yet */
    size_t renamed_count;
} disk = {.left = -1, .sound = -1};

static bool is_durable(ino_t file)
{
    for (size_t i = 0; i < disk.durable_count; i++)
        if (disk.durable[i] == file)
            return true;
    return false;
}

static void keep(ino_t file)
{
    if (disk.left < 0 || is_durable(file))
        return;
    assert_true(disk.durable_count < FILES_MAX);
    disk.durable[disk.durable_count++] = file;
}

static int keep_one(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)path;
    (void)kind;
    (void)place;
    keep(about->st_ino);
    return 0;
}

static int cut_one(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)place;
    if (kind == FTW_F && !is_durable(about->st_ino) &&
            (chmod(path, 0644) != 0 || truncate(path, about->st_size / 2) != 0))
        _exit(2);
    return 0;
}

/* The power goes. */
static void die(void)
{
    for (size_t i = 0; i < disk.renamed_count; i++)
        unlinkat(disk.renamed[i].folder, disk.renamed[i].name, 0);
    nftw(test.path, cut_one, 16, FTW_PHYS);
    _exit(STATUS_DEAD);
}

/* False: the call fails. */
static bool step(void)
{
    if (disk.left >= 0 && disk.left-- == 0)
        die();
    if (disk.sound >= 0 && disk.sound-- == 0) {
        errno = ENOSPC;
        return false;
    }
    return true;
}

#define WRAP(type, name, ...)                                                                                          \
    type __real_##name(__VA_ARGS__);                                                                                   \
    type __wrap_##name(__VA_ARGS__)

WRAP(ssize_t, write, int fd, const void *bytes, size_t count);
WRAP(int, fsync, int fd);
WRAP(int, syncfs, int fd);
WRAP(int, mkdirat, int folder, const char *name, mode_t mode);
WRAP(int, renameat, int from, const char *name, int to, const char *to_name);

/* Half of it, then the rest: so that a write may be torn. */
ssize_t __wrap_write(int fd, const void *bytes, size_t count)
{
    if (!step())
        return -1;
    return __real_write(fd, bytes, disk.left >= 0 && count > 1 ? count / 2 : count);
}

int __wrap_fsync(int fd)
{
    struct stat about;
    if (!step())
        return -1;
    assert_int_equal(fstat(fd, &about), 0);
    keep(about.st_ino);
    for (size_t i = 0; i < disk.renamed_count;)
        if (disk.renamed[i].parent == about.st_ino)
            disk.renamed[i] = disk.renamed[--disk.renamed_count];
        else
            i++;
    return 0;
}

int __wrap_syncfs(int fd)
{
    (void)fd;
    if (!step())
        return -1;
    nftw(test.path, keep_one, 16, FTW_PHYS);
    disk.renamed_count = 0;
    return 0;
}

int __wrap_mkdirat(int folder, const char *name, mode_t mode)
{
    return step() ? __real_mkdirat(folder, name, mode) : -1;
}

int __wrap_renameat(int from, const char *name, int to, const char *to_name)
{
    struct stat about;
    char parent[128];
    if (!step())
        return -1;
    bool is_new = fstatat(to, to_name, &about, 0) != 0;
    int result = __real_renameat(from, name, to, to_name);
    snprintf(parent, sizeof parent, "%s", to_name);
    char *slash = strrchr(parent, '/');
    if (slash != NULL)
        *slash = 0;
    if (disk.left < 0 || result != 0 || !is_new || fstatat(to, slash ? parent : ".", &about, 0) != 0)
        return result;
    assert_true(disk.renamed_count < FILES_MAX);
    snprintf(disk.renamed[disk.renamed_count].name, 128, "%s", to_name);
    disk.renamed[disk.renamed_count].folder = to;
    disk.renamed[disk.renamed_count++].parent = about.st_ino;
    return result;
}

/* ---- What the child does: from a published log to a larger one, over the border of tiles, in two batches ---- */

struct plan {
    uint64_t before, first, after;
};

static void grow(const struct plan *plan)
{
    struct ledger_folder *folder;
    test_fine(ledger_folder_open(test.path, LEDGER_FOLDER_APPEND, test.arena, &folder));
    test_fine(ledger_folder_append(folder, 0, test_entries(0, plan->first), plan->first, test.arena));
    test_fine(test_publish(folder));
    test_fine(ledger_folder_append(folder, 0, test_entries(0, plan->after), plan->after, test.arena));
    test_fine(test_publish(folder));
    ledger_folder_close(folder);
}

/* Whether the child died. */
static bool grow_and_die(const struct plan *plan, long calls)
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        disk = (struct disk){.left = calls, .sound = -1};
        nftw(test.path, keep_one, 16, FTW_PHYS);
        grow(plan);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == STATUS_DEAD));
    return WEXITSTATUS(status) == STATUS_DEAD;
}

/* What is published is whole, and the same work done again ends where it would have ended. */
static void all_is_well(const struct plan *plan)
{
    struct ledger_folder_check check;
    struct err err = test_verify(NULL, &check);
    if (plan->before == 0 && err.kind == ERR_MISSING) {
        assert_false(test_is_there("checkpoint"));
    } else {
        test_fine(err);
        assert_true(check.checkpoint.size == plan->before || check.checkpoint.size == plan->first ||
                    check.checkpoint.size == plan->after);
    }
    grow(plan);
    test_fine(test_verify(NULL, &check));
    struct sha256 expected = test_root(plan->after);
    assert_true(check.checkpoint.size == plan->after && ledger_hash_eq(&check.checkpoint.root, &expected));
    assert_false(test_is_there(".new/0"));
}

/* Dies at every call, or, so that ordinary runs are quick, at every `stride`th; KENTONGAN_LONG=1: at every one. */
static void survive(const struct plan *plan, long stride)
{
    long calls = 0, deaths = 0;
    stride = getenv("KENTONGAN_LONG") == NULL ? stride : 1;
    for (bool died = true; died; calls += stride) {
        nftw(test.path, test_forget, 16, FTW_DEPTH | FTW_PHYS);
        arena_reset(test.arena);
        if (plan->before > 0)
            test_make(plan->before);
        died = grow_and_die(plan, calls);
        all_is_well(plan);
        assert_true(calls < STEPS_MAX);
        deaths += died;
    }
    print_message("# died at %ld of %ld calls\n", deaths, calls - stride);
    assert_true(deaths > 10);
}

static void a_new_log_survives_every_crash(void **state)
{
    (void)state;
    survive(&(struct plan){0, 3, 7}, 3);
}

static void a_log_survives_every_crash_where_tiles_become_full(void **state)
{
    (void)state;
    survive(&(struct plan){250, 255, 260}, 7);
}

static void a_log_survives_every_crash_of_a_large_batch(void **state)
{
    (void)state;
    survive(&(struct plan){100, 256, 2100}, 29);
}

/* ---- A disk that fails ---- */

/* The folder is tried until it is as wanted; how often it said that the disk is full. */
static long grow_at_last(struct ledger_folder *folder, const slice *entries, uint64_t size)
{
    long failures = 0;
    struct err err;
    uint64_t before = ledger_folder_size(folder);
    while ((err = ledger_folder_append(folder, 0, entries, size, test.arena)).kind != ERR_NONE) {
        test_fails(err, ERR_SYSTEM, "No space left");
        assert_int_equal(ledger_folder_size(folder), before);
        assert_true(++failures < 3);
    }
    while ((err = test_publish(folder)).kind != ERR_NONE) {
        test_fails(err, ERR_SYSTEM, "No space left");
        assert_true(++failures < 3);
    }
    return failures;
}

static void a_failed_append_leaves_the_log_as_it_was(void **state)
{
    (void)state;
    struct ledger_folder *folder;
    struct ledger_folder_check check;
    slice *entries = test_entries(0, 700);
    long calls = 0, failures = 1, stride = getenv("KENTONGAN_LONG") == NULL ? 4 : 1;
    for (; failures > 0; calls += stride) {
        nftw(test.path, test_forget, 16, FTW_DEPTH | FTW_PHYS);
        test_make(200);
        test_fine(ledger_folder_open(test.path, LEDGER_FOLDER_APPEND, test.arena, &folder));
        disk.sound = calls;
        failures = grow_at_last(folder, entries, 250) + grow_at_last(folder, entries, 700);
        disk.sound = -1;
        ledger_folder_close(folder);
        test_fine(test_verify(NULL, &check));
        assert_int_equal(check.checkpoint.size, 700);
    }
    print_message("# failed at every %ldth of %ld calls\n", stride, calls - stride);
    assert_true(calls > 30);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(a_new_log_survives_every_crash, test_open, test_close),
            cmocka_unit_test_setup_teardown(a_log_survives_every_crash_where_tiles_become_full, test_open, test_close),
            cmocka_unit_test_setup_teardown(a_log_survives_every_crash_of_a_large_batch, test_open, test_close),
            cmocka_unit_test_setup_teardown(a_failed_append_leaves_the_log_as_it_was, test_open, test_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
