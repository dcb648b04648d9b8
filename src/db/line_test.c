/* SPDX-License-Identifier: Apache-2.0 */
#include "db/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <cmocka.h>
#include <pthread.h>
#include <unistd.h>

#include "base/clock.h"

#define SHORT_MS 20
#define ROUNDS 50
#define TURN_US 200
#define TURNS_MAX (20 * ROUNDS) /* in order, one a round; where each takes what is free, thousands */

static char path[32];
static struct line *line;
static atomic_bool over;
static atomic_int turns;

static int set_up(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "/tmp/kentongan-line-XXXXXX");
    int fd = mkstemp(path);
    if (fd < 0)
        return -1;
    close(fd);
    line = line_open(path);
    return line == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    line_close(line);
    unlink(path);
    return 0;
}

/* Somebody who has the line nearly always. */
static void *insist(void *context)
{
    (void)context;
    while (!atomic_load(&over) && line_enter(line, 10000)) {
        int64_t until_us = clock_steady_us() + TURN_US;
        while (clock_steady_us() < until_us)
            continue;
        atomic_fetch_add(&turns, 1);
        line_leave(line);
    }
    return NULL;
}

static void who_came_first_has_its_turn_first(void **state)
{
    (void)state;
    pthread_t other;
    assert_int_equal(pthread_create(&other, NULL, insist, NULL), 0);
    while (atomic_load(&turns) == 0)
        continue;
    int before = atomic_load(&turns);
    for (int i = 0; i < ROUNDS; i++) {
        assert_true(line_enter(line, 10000));
        line_leave(line);
    }
    int took = atomic_load(&turns) - before;
    atomic_store(&over, true);
    pthread_join(other, NULL);
    assert_true(took <= TURNS_MAX);
}

static void who_waits_too_long_leaves_the_line(void **state)
{
    (void)state;
    assert_true(line_enter(line, 0));
    assert_false(line_enter(line, SHORT_MS));
    line_leave(line);
    assert_true(line_enter(line, SHORT_MS));
    line_leave(line);
}

static void all_who_open_a_file_stand_in_one_line(void **state)
{
    (void)state;
    struct line *same = line_open(path), *other;
    assert_ptr_equal(same, line);
    assert_null(line_open("/tmp/kentongan-line-nobody"));
    other = line_open("/tmp");
    assert_ptr_not_equal(other, line);
    assert_true(line_enter(other, 0));
    assert_true(line_enter(line, SHORT_MS));
    line_leave(line);
    line_leave(other);
    line_close(other);
    line_close(same);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(who_came_first_has_its_turn_first, set_up, tear_down),
            cmocka_unit_test_setup_teardown(who_waits_too_long_leaves_the_line, set_up, tear_down),
            cmocka_unit_test_setup_teardown(all_who_open_a_file_stand_in_one_line, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
