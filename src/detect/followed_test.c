/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/followed.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#include "base/arena.h"
#include "base/clock.h"

#define WAIT_S 10
#define TAKEN_MAX 64

static struct arena *arena;
static struct followed *followed;
static char folder[64];
static sem_t taken, told;
static atomic_int refusals; /* so many are not taken now */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    char name[32], text[64];
    bool whole;
} rows[TAKEN_MAX];
static size_t row_count;

static bool take(void *context, int64_t inlet, int fd, slice name, bool whole)
{
    (void)context;
    assert_int_equal(inlet, 7);
    if (atomic_fetch_sub(&refusals, 1) > 0)
        return false;
    pthread_mutex_lock(&lock);
    assert_true(row_count < TAKEN_MAX);
    ssize_t got = read(fd, rows[row_count].text, sizeof rows[0].text - 1);
    rows[row_count].text[got < 0 ? 0 : got] = '\0';
    snprintf(rows[row_count].name, sizeof rows[0].name, "%.*s", (int)name.len, name.ptr);
    rows[row_count++].whole = whole;
    pthread_mutex_unlock(&lock);
    close(fd);
    sem_post(&taken);
    return true;
}

static void trouble(void *context, slice inlet, const char *why)
{
    (void)context;
    (void)inlet;
    assert_non_null(why);
    sem_post(&told);
}

static int set_up(void **state)
{
    const struct followed_options options = {.take = take, .trouble = trouble};
    (void)state;
    arena = arena_open("test of files", ARENA_WORK, 16u << 20);
    snprintf(folder, sizeof folder, "/tmp/kentongan-followed-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    sem_init(&taken, 0, 0);
    sem_init(&told, 0, 0);
    atomic_store(&refusals, 0);
    row_count = 0;
    return followed_open(&options, arena, &followed).kind == ERR_NONE ? 0 : -1;
}

static const char *path_of(const char *name)
{
    return arena_printf(arena, "%s/%s", folder, name);
}

static int tear_down(void **state)
{
    static const char *const names[] = {"log", "log.1", "a.csv", "b.csv", ".c.csv", "d.part"};
    (void)state;
    followed_close(followed);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        unlink(path_of(names[i]));
    rmdir(folder);
    sem_destroy(&taken);
    sem_destroy(&told);
    arena_close(arena);
    return 0;
}

static void write_file(const char *name, const char *text, bool anew)
{
    int fd = open(path_of(name), O_WRONLY | O_CREAT | (anew ? O_TRUNC : O_APPEND), 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void follow(enum inlet_kind kind, const char *path)
{
    const struct inlet inlet = {.number = 7, .kind = kind, .place = slice_of(path)};
    assert_int_equal(followed_add(followed, &inlet, arena).kind, ERR_NONE);
}

static void wait_for(sem_t *semaphore)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_S;
    while (sem_timedwait(semaphore, &until) != 0)
        if (errno != EINTR)
            fail_msg("nothing came within %d s", WAIT_S);
}

/* Until something of this name, text and end was handed on; what was handed on twice does no harm. */
static void expect(const char *name, const char *text, bool whole)
{
    for (;;) {
        bool found = false;
        pthread_mutex_lock(&lock);
        for (size_t i = 0; i < row_count; i++)
            found |= strcmp(rows[i].name, name) == 0 && strcmp(rows[i].text, text) == 0 && rows[i].whole == whole;
        pthread_mutex_unlock(&lock);
        if (found)
            return;
        wait_for(&taken);
    }
}

static void a_file_is_handed_on_whenever_it_grew(void **state)
{
    (void)state;
    follow(INLET_FILE, path_of("log")); /* which need not be there yet */
    write_file("log", "one\n", true);
    expect("log", "one\n", false);
    write_file("log", "two\n", false);
    expect("log", "one\ntwo\n", false);
}

static void one_that_is_renamed_is_handed_on_to_its_end(void **state)
{
    (void)state;
    write_file("log", "one\n", true);
    follow(INLET_FILE, path_of("log"));
    expect("log", "one\n", false);
    assert_int_equal(rename(path_of("log"), path_of("log.1")), 0);
    write_file("log.1", "two", false); /* its writer goes on for a while */
    write_file("log", "three\n", true);
    expect("log", "one\ntwo", true);
    expect("log", "three\n", false);
}

static void one_that_is_emptied_is_handed_on_anew(void **state)
{
    (void)state;
    write_file("log", "one\n", true);
    follow(INLET_FILE, path_of("log"));
    expect("log", "one\n", false);
    write_file("log", "new\n", true);
    expect("log", "new\n", false);
}

static void what_cannot_be_taken_now_is_handed_on_later(void **state)
{
    (void)state;
    atomic_store(&refusals, 2);
    write_file("log", "one\n", true);
    follow(INLET_FILE, path_of("log"));
    expect("log", "one\n", false);
}

static void files_of_a_folder_are_handed_on_when_they_are_written(void **state)
{
    (void)state;
    write_file("b.csv", "there already", true);
    const struct utimbuf long_ago = {1763634598, 1763634598};
    assert_int_equal(utime(path_of("b.csv"), &long_ago), 0);
    follow(INLET_FOLDER, folder);
    expect("b.csv", "there already", true);
    write_file(".c.csv", "hidden", true);
    write_file("d.part", "half", true);
    write_file("a.csv", "dropped", true);
    expect("a.csv", "dropped", true);
    for (size_t i = 0; i < row_count; i++)
        assert_true(rows[i].name[1] == '.' && rows[i].name[0] != 'd');
}

static void a_folder_that_is_none_is_refused(void **state)
{
    const struct inlet inlet = {.number = 7, .kind = INLET_FOLDER, .place = slice_of(path_of("log"))};
    (void)state;
    assert_int_equal(followed_add(followed, &inlet, arena).kind, ERR_INPUT);
    follow(INLET_FILE, folder); /* and a file that is none is told */
    wait_for(&told);
}

static void what_is_dropped_is_followed_no_more(void **state)
{
    (void)state;
    write_file("log", "one\n", true);
    follow(INLET_FILE, path_of("log"));
    expect("log", "one\n", false);
    followed_drop(followed, 7);
    size_t before = row_count;
    write_file("log", "two\n", false);
    follow(INLET_FILE, path_of("a.csv"));
    write_file("a.csv", "another", true);
    expect("a.csv", "another", false);
    for (size_t i = before; i < row_count; i++)
        assert_string_equal(rows[i].name, "a.csv");
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(a_file_is_handed_on_whenever_it_grew, set_up, tear_down),
            cmocka_unit_test_setup_teardown(one_that_is_renamed_is_handed_on_to_its_end, set_up, tear_down),
            cmocka_unit_test_setup_teardown(one_that_is_emptied_is_handed_on_anew, set_up, tear_down),
            cmocka_unit_test_setup_teardown(what_cannot_be_taken_now_is_handed_on_later, set_up, tear_down),
            cmocka_unit_test_setup_teardown(files_of_a_folder_are_handed_on_when_they_are_written, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_folder_that_is_none_is_refused, set_up, tear_down),
            cmocka_unit_test_setup_teardown(what_is_dropped_is_followed_no_more, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
