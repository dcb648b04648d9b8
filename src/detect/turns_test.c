/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/turns.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"

#define WAIT_S 10
#define TURNS_MAX 1024

static struct arena *arena;
static struct turns *turns;
static char folder[64];
static sem_t began, goes_on, ended;
static atomic_bool waits; /* each turn says that it began, and goes on when it may */
static atomic_int fails;  /* so many turns fail */
static enum err_kind fails_as;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    int64_t stream;
    bool file, whole;
} took[TURNS_MAX];
static size_t took_count;

static struct err take(void *context, void *worker, const struct turn_task *task, struct arena *work)
{
    struct spool_piece piece;
    struct lane *lane = turns_lane(turns, task->track);
    (void)context;
    (void)worker;
    pthread_mutex_lock(&lock);
    took[took_count].stream = track_stream(task->track);
    took[took_count].file = task->file != NULL;
    took[took_count++].whole = task->file != NULL && task->file->whole;
    pthread_mutex_unlock(&lock);
    sem_post(&began);
    if (atomic_load(&waits))
        sem_wait(&goes_on);
    struct err err = OK;
    if (atomic_fetch_sub(&fails, 1) > 0)
        err = err_make(fails_as, "it does not go");
    else if (task->file == NULL && lane_first(lane, work, &piece))
        err = lane_drop(lane, piece.number, work);
    sem_post(&ended);
    return err;
}

static struct err worker_open(void *context, unsigned number, struct arena *life, void **worker)
{
    (void)context;
    (void)number;
    (void)life;
    *worker = NULL;
    return OK;
}

static void worker_close(void *worker)
{
    (void)worker;
}

static void begin(unsigned workers)
{
    const struct turns_options options = {.workers = workers,
            .posts_max = 2,
            .again_us = 20000,
            .take = take,
            .worker_open = worker_open,
            .worker_close = worker_close};
    assert_int_equal(turns_open(&options, arena, &turns).kind, ERR_NONE);
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_open("test of turns", ARENA_WORK, 64u << 20);
    snprintf(folder, sizeof folder, "/tmp/kentongan-turns-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    sem_init(&began, 0, 0);
    sem_init(&goes_on, 0, 0);
    sem_init(&ended, 0, 0);
    atomic_store(&waits, false);
    atomic_store(&fails, 0);
    took_count = 0;
    begin(2);
    return 0;
}

static void lanes_empty(void)
{
    for (int i = 1; i <= 4; i++) {
        const char *path = arena_printf(arena, "%s/%d", folder, i);
        const struct lane_limits limits = {1u << 20, 1u << 20, 0};
        struct lane *lane;
        struct spool_piece piece;
        if (access(path, F_OK) != 0 || lane_open(path, &limits, arena, &lane).kind != ERR_NONE)
            continue;
        while (lane_first(lane, arena, &piece))
            assert_int_equal(lane_drop(lane, piece.number, arena).kind, ERR_NONE);
        lane_close(lane);
        rmdir(path);
    }
}

static int tear_down(void **state)
{
    (void)state;
    atomic_store(&waits, false);
    for (int i = 0; i < 8; i++)
        sem_post(&goes_on);
    turns_close(turns);
    lanes_empty();
    rmdir(folder);
    sem_destroy(&began);
    sem_destroy(&goes_on);
    sem_destroy(&ended);
    arena_close(arena);
    return 0;
}

static void wait_for(sem_t *semaphore)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_S;
    while (sem_timedwait(semaphore, &until) != 0)
        if (errno != EINTR)
            fail_msg("nothing happened within %d s", WAIT_S);
}

/* The track of a stream, with a lane that is always under pressure, so that nothing waits to gather. */
static struct track *track_of(int64_t number)
{
    static const struct lane_limits limits = {.queue_bytes = 0, .spool_bytes = 1u << 30, .patience_us = 0};
    const struct stream stream = {.number = number, .organisation = number, .name = S("a"), .format = S("eve")};
    struct track *track = turns_track(turns, &stream);
    struct lane *lane;
    if (turns_lane(turns, track) == NULL) {
        const char *path = arena_printf(arena, "%s/%d", folder, (int)number);
        assert_int_equal(lane_open(path, &limits, arena, &lane).kind, ERR_NONE);
        turns_lane_put(turns, track, lane);
    }
    return track;
}

static void put(struct track *track, size_t bytes)
{
    char *text = arena_take(arena, bytes);
    const char *why;
    memset(text, 'x', bytes);
    text[bytes - 1] = '\n';
    lane_put(turns_lane(turns, track), (slice){text, bytes}, arena, &why);
    assert_null(why);
    turns_wake(turns);
}

static int some_file(void)
{
    int fd = memfd_create("a file", MFD_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

/* Five pieces of one stream wait when one of another comes. */
static void a_stream_waits_for_one_piece_of_another(void **state)
{
    struct track *flood = track_of(1), *other = track_of(2);
    (void)state;
    atomic_store(&waits, true);
    for (int i = 0; i < 5; i++)
        put(flood, SPOOL_PIECE_BYTES);
    wait_for(&began);
    put(other, 10);
    wait_for(&began); /* the second worker: the first stream is busy */
    pthread_mutex_lock(&lock);
    assert_int_equal(took[0].stream, 1);
    assert_int_equal(took[1].stream, 2);
    pthread_mutex_unlock(&lock);
    atomic_store(&waits, false);
    sem_post(&goes_on);
    sem_post(&goes_on);
    for (int i = 0; i < 6; i++)
        wait_for(&ended);
    assert_false(lane_waits(turns_lane(turns, flood)));
}

static void files_leave_a_worker_for_what_is_short(void **state)
{
    struct track *first = track_of(1), *second = track_of(2), *third = track_of(3);
    (void)state;
    atomic_store(&waits, true);
    assert_true(turns_file(turns, first, 1, some_file(), S("a"), true));
    wait_for(&began);
    assert_true(turns_file(turns, second, 2, some_file(), S("b"), true));
    put(third, 10);
    wait_for(&began);
    pthread_mutex_lock(&lock);
    assert_int_equal(took_count, 2);
    assert_true(took[0].file);
    assert_int_equal(took[1].stream, 3);
    pthread_mutex_unlock(&lock);
}

static void a_file_that_goes_on_waits_once(void **state)
{
    struct track *track = track_of(1);
    int fd = some_file();
    (void)state;
    atomic_store(&waits, true);
    put(track, 10);
    wait_for(&began); /* the stream is busy: its files wait */
    for (int i = 0; i < TURNS_FILES_MAX + 5; i++)
        assert_true(turns_file(turns, track, 1, dup(fd), S("a"), false));
    assert_true(turns_file(turns, track, 1, fd, S("a"), true)); /* its end is another matter */
    struct turns_state *rows;
    size_t count;
    turns_list(turns, arena, &rows, &count);
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].files, 2);
    turns_files_drop(turns, 1);
    turns_list(turns, arena, &rows, &count);
    assert_int_equal(rows[0].files, 0);
}

static void there_are_not_too_many_files(void **state)
{
    struct track *track = track_of(1);
    (void)state;
    atomic_store(&waits, true);
    put(track, 10);
    wait_for(&began);
    for (int i = 0; i < TURNS_FILES_MAX; i++)
        assert_true(turns_file(turns, track, 1, some_file(), S("a"), true));
    int fd = some_file();
    assert_false(turns_file(turns, track, 1, fd, S("a"), true));
    assert_int_equal(close(fd), 0); /* it is still ours */
}

static void what_failed_is_tried_again_and_shown(void **state)
{
    struct track *track = track_of(1);
    struct turns_state *rows;
    size_t count;
    (void)state;
    fails_as = ERR_SYSTEM;
    atomic_store(&fails, 1);
    put(track, 10);
    wait_for(&ended);
    do
        turns_list(turns, arena, &rows, &count);
    while (rows[0].failures == 0);
    assert_string_equal(rows[0].why, "it does not go");
    assert_true(lane_waits(turns_lane(turns, track)));
    wait_for(&ended); /* after a rest */
    assert_false(lane_waits(turns_lane(turns, track)));
}

static void who_posts_is_alone_with_the_stream(void **state)
{
    struct track *track = track_of(1), *other = track_of(2), *third = track_of(3);
    (void)state;
    assert_int_equal(turns_post_begin(turns, track).kind, ERR_NONE);
    put(track, 10);
    put(other, 10);
    wait_for(&ended);
    pthread_mutex_lock(&lock);
    assert_int_equal(took[0].stream, 2);
    pthread_mutex_unlock(&lock);
    assert_int_equal(turns_post_begin(turns, track).kind, ERR_LIMIT); /* one of an organisation */
    assert_int_equal(turns_post_begin(turns, other).kind, ERR_NONE);
    assert_int_equal(turns_post_begin(turns, third).kind, ERR_LIMIT); /* two at once */
    turns_post_end(turns, other);
    turns_post_end(turns, track);
    wait_for(&ended);
    assert_false(lane_waits(turns_lane(turns, track)));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(a_stream_waits_for_one_piece_of_another, set_up, tear_down),
            cmocka_unit_test_setup_teardown(files_leave_a_worker_for_what_is_short, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_file_that_goes_on_waits_once, set_up, tear_down),
            cmocka_unit_test_setup_teardown(there_are_not_too_many_files, set_up, tear_down),
            cmocka_unit_test_setup_teardown(what_failed_is_tried_again_and_shown, set_up, tear_down),
            cmocka_unit_test_setup_teardown(who_posts_is_alone_with_the_stream, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
