/* SPDX-License-Identifier: Apache-2.0 */
#include "db/line.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

/* Lies on the stack of the thread that waits. */
struct waiter {
    struct waiter *next;
    pthread_cond_t called;
    bool turn;
};

struct line {
    struct line *next;
    dev_t device;
    ino_t inode;
    size_t users;
    bool busy;
    struct waiter *first, **last;
};

/* Of all lines: it is held for a few instructions at a time. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct line *lines;

static struct line *find_or_make(const struct stat *about)
{
    struct line *line = lines;
    while (line != NULL && !(line->device == about->st_dev && line->inode == about->st_ino))
        line = line->next;
    if (line != NULL)
        return line;
    line = calloc(1, sizeof *line);
    if (line == NULL)
        abort();
    *line = (struct line){.next = lines, .device = about->st_dev, .inode = about->st_ino};
    line->last = &line->first;
    lines = line;
    return line;
}

struct line *line_open(const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return NULL;
    pthread_mutex_lock(&mutex);
    struct line *line = find_or_make(&about);
    line->users++;
    pthread_mutex_unlock(&mutex);
    return line;
}

void line_close(struct line *line)
{
    if (line == NULL)
        return;
    pthread_mutex_lock(&mutex);
    if (--line->users == 0) {
        struct line **at = &lines;
        while (*at != line)
            at = &(*at)->next;
        *at = line->next;
        free(line);
    }
    pthread_mutex_unlock(&mutex);
}

static void waiter_remove(struct line *line, const struct waiter *waiter)
{
    struct waiter **at = &line->first;
    while (*at != waiter)
        at = &(*at)->next;
    *at = waiter->next;
    if (line->last == &waiter->next)
        line->last = at;
}

static bool await(struct line *line, unsigned timeout_ms)
{
    struct waiter waiter = {.called = PTHREAD_COND_INITIALIZER};
    struct timespec until;
    int status = 0;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    until.tv_sec += timeout_ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    *line->last = &waiter;     // cppcheck-suppress autoVariables ; it leaves the line before this returns
    line->last = &waiter.next; // cppcheck-suppress autoVariables ; the same
    while (!waiter.turn && status == 0)
        status = pthread_cond_timedwait(&waiter.called, &mutex, &until);
    if (!waiter.turn)
        waiter_remove(line, &waiter);
    pthread_cond_destroy(&waiter.called);
    return waiter.turn;
}

bool line_enter(struct line *line, unsigned timeout_ms)
{
    pthread_mutex_lock(&mutex);
    bool turn = !line->busy || await(line, timeout_ms);
    line->busy = true;
    pthread_mutex_unlock(&mutex);
    return turn;
}

/* The turn is handed on: nobody who comes just then is quicker than who waits. */
void line_leave(struct line *line)
{
    pthread_mutex_lock(&mutex);
    struct waiter *first = line->first;
    line->busy = first != NULL;
    if (first != NULL) {
        line->first = first->next;
        line->last = line->first == NULL ? &line->first : line->last;
        first->turn = true;
        pthread_cond_signal(&first->called);
    }
    pthread_mutex_unlock(&mutex);
}
