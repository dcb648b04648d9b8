/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plug is pulled at every step of writing and merging: a child dies at its n-th call that changes the disk, and
 * leaves what a disk may hold then: bytes that were not synced are cut off, and files whose folder was not synced are
 * gone. What the child said was written, as a row of the tables would, has to be there and whole. The calls come here
 * through the linker (--wrap), so that the program itself knows nothing of it.
 */
#include "memory/test_memory.h"

#include <dirent.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { FILES_MAX = 256, STEPS_MAX = 4096, STATUS_DEAD = 99, DAYS_FEW = 3, DAYS_MANY = 20 };

/* ---- The disk of the child ---- */

static struct disk {
    long left;  /* calls until the power goes; negative: it stays */
    long sound; /* calls until one fails, for once; negative: none does */
    ino_t written[FILES_MAX], named[FILES_MAX];
    size_t written_count, named_count;
} disk = {.left = -1, .sound = -1};

static bool is_among(const ino_t *files, size_t count, ino_t file)
{
    for (size_t i = 0; i < count; i++)
        if (files[i] == file)
            return true;
    return false;
}

static void keep(ino_t *files, size_t *count, ino_t file)
{
    if (disk.left < 0 || is_among(files, *count, file))
        return;
    assert_true(*count < FILES_MAX);
    files[(*count)++] = file;
}

/* Does something with every file of the folder. */
static void each_file(void (*with)(const char *path, const struct stat *about))
{
    char path[512];
    struct stat about;
    DIR *folder = opendir(test.folder);
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        snprintf(path, sizeof path, "%s/%s", test.folder, entry->d_name);
        if (stat(path, &about) == 0 && S_ISREG(about.st_mode))
            with(path, &about);
    }
    closedir(folder);
}

static void keep_name(const char *path, const struct stat *about)
{
    (void)path;
    keep(disk.named, &disk.named_count, about->st_ino);
}

static void keep_bytes(const char *path, const struct stat *about)
{
    (void)path;
    keep(disk.written, &disk.written_count, about->st_ino);
}

static void lose(const char *path, const struct stat *about)
{
    if (!is_among(disk.named, disk.named_count, about->st_ino))
        unlink(path);
    else if (!is_among(disk.written, disk.written_count, about->st_ino) && truncate(path, about->st_size / 2) != 0)
        _exit(2);
}

/* False: the call fails. */
static bool step(void)
{
    if (disk.left >= 0 && disk.left-- == 0) {
        each_file(lose);
        _exit(STATUS_DEAD);
    }
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
WRAP(int, unlinkat, int folder, const char *name, int flags);

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
    if (S_ISDIR(about.st_mode))
        each_file(keep_name);
    else
        keep(disk.written, &disk.written_count, about.st_ino);
    return 0;
}

int __wrap_syncfs(int fd)
{
    (void)fd;
    if (!step())
        return -1;
    each_file(keep_name);
    each_file(keep_bytes);
    return 0;
}

int __wrap_unlinkat(int folder, const char *name, int flags)
{
    return step() ? __real_unlinkat(folder, name, flags) : -1;
}

/* ---- What the child does ---- */

/* Runs that count, as the tables would have them: in memory that the child shares with us. */
static struct rows {
    struct memory_file files[FILES_MAX];
    size_t count;
    uint64_t sightings;
} * rows;

static void note_days(int64_t days)
{
    for (int64_t day = 0; day < days; day++)
        for (uint64_t i = 0; i < 50; i++) {
            struct memory_key key = {(enum memory_kind)(i % 3), i * 7, i % 3 == MEMORY_IPV6 ? i : 0};
            memory_note(test.gather, 1 + (int64_t)i % 5, &key, TEST_US + day * DAY_US);
        }
}

static struct err days_write(int64_t days)
{
    struct memory_file *files;
    size_t count;
    memory_gather_reset(test.gather);
    note_days(days);
    TRY(memory_gather_write(&test.gather, 1, test.folder, test.key, NULL, test.arena, &files, &count));
    memcpy(rows->files + rows->count, files, count * sizeof *files);
    rows->count += count; /* the rows are there */
    rows->sightings += (uint64_t)days * 50;
    return OK;
}

/* The first two runs of a day become one, and their files go. */
static struct err first_merge(void)
{
    struct memory_run *runs[2];
    struct memory_file file;
    const char *names[2];
    size_t second = 1;
    bool any;
    while (rows->files[second].day != rows->files[0].day)
        second++;
    runs[0] = test_run(&rows->files[0]);
    runs[1] = test_run(&rows->files[second]);
    struct err err = memory_merge(
            (const struct memory_run *const *)runs, 2, test.folder, test.key, NULL, test.arena, &file, &any);
    for (size_t i = 0; i < 2; i++) {
        names[i] = arena_cstr(test.arena, slice_of(memory_run_file(runs[i])->name));
        memory_run_close(runs[i]);
    }
    TRY(err);
    assert_true(any);
    rows->files[0] = file;
    rows->files[second] = rows->files[--rows->count];
    bool removed;
    return memory_folder_remove(test.folder, names, 2, test.arena, &removed);
}

/* All days, or as many runs as one merge takes, become one, and their files go. */
static struct err month_merge(void)
{
    struct memory_run *runs[MERGE_RUNS_MAX] = {0};
    const char *names[MERGE_RUNS_MAX];
    struct memory_file file;
    size_t count = rows->count < MERGE_RUNS_MAX ? rows->count : MERGE_RUNS_MAX;
    bool any, removed;
    for (size_t i = 0; i < count; i++) {
        names[i] = arena_cstr(test.arena, slice_of(rows->files[i].name));
        runs[i] = test_run(&rows->files[i]);
    }
    struct err err = memory_merge(
            (const struct memory_run *const *)runs, count, test.folder, test.key, NULL, test.arena, &file, &any);
    for (size_t i = 0; i < count; i++)
        memory_run_close(runs[i]);
    TRY(err);
    assert_true(any && file.days > 1);
    rows->count -= count;
    memmove(rows->files, rows->files + count, rows->count * sizeof file);
    rows->files[rows->count++] = file;
    return memory_folder_remove(test.folder, names, count, test.arena, &removed);
}

static struct err work(int64_t days)
{
    TRY(days_write(days));
    TRY(days_write(days));
    TRY(first_merge());
    return month_merge();
}

/* ---- What is left ---- */

static void count_all(void *context, uint32_t tag, int32_t day, const struct memory_entry *entry)
{
    (void)tag, (void)day;
    *(uint64_t *)context += entry->count;
}

/* What counts is there and whole, and holds what was said. */
static void all_is_well(void)
{
    uint64_t sightings = 0;
    for (size_t i = 0; i < rows->count; i++) {
        struct memory_ask asks[MEMORY_KINDS];
        struct memory_run *run = test_run(&rows->files[i]);
        test_fine(memory_run_check(run, test.arena));
        for (uint32_t kind = 0; kind < MEMORY_KINDS; kind++)
            asks[kind] = (struct memory_ask){{{kind, 0, 0}, {kind, UINT64_MAX, UINT64_MAX}}, kind};
        test_fine(test_ask(run, asks, MEMORY_KINDS, count_all, &sightings));
        memory_run_close(run);
    }
    assert_int_equal(sightings, rows->sightings);
}

/* What is there besides is refused or whole, and removed. */
static void the_rest_goes(void)
{
    const char **names;
    size_t count;
    test_fine(memory_folder_list(test.folder, test.arena, &names, &count));
    for (size_t i = 0; i < count; i++) {
        struct memory_file file = {0};
        struct memory_run *run = NULL;
        bool counts = false, removed;
        for (size_t row = 0; row < rows->count; row++)
            counts |= strcmp(rows->files[row].name, names[i]) == 0;
        snprintf(file.name, sizeof file.name, "%s", names[i]);
        if (memory_run_open(test.folder, &file, test.key, test.arena, &run).kind == ERR_NONE)
            (void)memory_run_check(run, test.arena).kind;
        memory_run_close(run);
        if (!counts)
            test_fine(memory_folder_remove(test.folder, &names[i], 1, test.arena, &removed));
    }
    assert_int_equal(test_files(), rows->count);
}

static void anew(void)
{
    memset(rows, 0, sizeof *rows);
    the_rest_goes();
    arena_reset(test.arena);
}

/* Whether the child died. */
static bool work_and_die(int64_t days, long calls)
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        disk = (struct disk){.left = calls, .sound = -1};
        _exit(work(days).kind == ERR_NONE ? 0 : 3);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == STATUS_DEAD));
    return WEXITSTATUS(status) == STATUS_DEAD;
}

static void survive(int64_t days, long stride)
{
    long calls = 0, deaths = 0;
    stride = getenv("KENTONGAN_LONG") == NULL ? stride : 1;
    for (bool died = true; died; calls += stride) {
        anew();
        died = work_and_die(days, calls);
        all_is_well();
        the_rest_goes();
        test_fine(work(days));
        all_is_well();
        assert_true(calls < STEPS_MAX);
        deaths += died;
    }
    print_message("# died at %ld of %ld calls\n", deaths, calls - stride);
    assert_true(deaths > 10);
}

static void few_days_survive_every_crash(void **state)
{
    (void)state;
    survive(DAYS_FEW, 5);
}

static void many_days_survive_every_crash(void **state)
{
    (void)state;
    survive(DAYS_MANY, 41);
}

static void a_full_disk_leaves_no_file_and_the_next_try_succeeds(void **state)
{
    (void)state;
    long calls = 0;
    struct err err = {ERR_SYSTEM, NULL};
    for (; err.kind != ERR_NONE; calls++) {
        anew();
        disk.sound = calls;
        err = days_write(DAYS_FEW);
        disk.sound = -1;
        assert_int_equal(test_files(), rows->count);
        if (err.kind != ERR_NONE) {
            test_fails(err, ERR_SYSTEM, "No space left");
            assert_int_equal(rows->count, 0);
            test_fine(days_write(DAYS_FEW));
        }
        all_is_well();
    }
    print_message("# failed at every one of %ld calls\n", calls - 1);
    assert_true(calls > 8);
}

static int open_rows(void **state)
{
    static struct rows *shared;
    if (shared == NULL)
        shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    rows = shared;
    return rows == MAP_FAILED ? 1 : test_open(state);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(few_days_survive_every_crash, open_rows, test_close),
            cmocka_unit_test_setup_teardown(many_days_survive_every_crash, open_rows, test_close),
            cmocka_unit_test_setup_teardown(
                    a_full_disk_leaves_no_file_and_the_next_try_succeeds, open_rows, test_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
