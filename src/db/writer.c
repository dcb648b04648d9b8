/* SPDX-License-Identifier: Apache-2.0 */
#include "db/writer.h"

#include <assert.h>
#include <pthread.h>

#include "base/arena.h"
#include "db/driver.h"

/* Lies on the stack of the thread that waits for it. */
struct task {
    db_action *action;
    void *context;
    struct task *next;
    struct err err;
    char why[DB_WHY_MAX];
    bool done;
    pthread_cond_t woken;
};

struct db_writer {
    struct db *db;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards all below, and `done` of every task */
    pthread_cond_t work, room;
    struct task *first, **last; /* that wait */
    size_t waiting;
    uint64_t commits;
    bool closing;
};

/* ---- A group ---- */

static void task_end(struct task *task, struct err err)
{
    task->err.kind = err.kind;
    task->err.why = err.kind == ERR_NONE ? NULL : task->why;
    if (err.kind != ERR_NONE)
        snprintf(task->why, sizeof task->why, "%s", err.why);
}

/* A task alone needs no savepoint: its failure is the transaction's. */
static struct err group_run(struct db *db, void *context)
{
    struct task *first = context;
    if (first->next == NULL) {
        struct err err = first->action(db, first->context);
        task_end(first, err);
        return err;
    }
    for (struct task *task = first; task != NULL; task = task->next) {
        task_end(task, db_part(db, task->action, task->context));
        if (db->spoiled)
            return db->spoil;
    }
    return OK;
}

static void group_work(struct db *db, struct task *first)
{
    struct err err = db_work(db, group_run, first);
    for (struct task *task = first; task != NULL; task = task->next)
        if (err.kind != ERR_NONE && task->err.kind == ERR_NONE)
            task_end(task, err);
}

/* ---- The thread ---- */

static struct task *group_take(struct db_writer *writer)
{
    struct task *first = writer->first, **end = &writer->first;
    size_t count = 0;
    for (; *end != NULL && count < DB_WRITER_GROUP_MAX; count++)
        end = &(*end)->next;
    writer->first = *end;
    *end = NULL;
    writer->last = writer->first == NULL ? &writer->first : writer->last;
    writer->waiting -= count;
    pthread_cond_broadcast(&writer->room);
    return first;
}

static void group_wake(struct db_writer *writer, struct task *first)
{
    writer->commits++;
    for (struct task *task = first, *next; task != NULL; task = next) {
        next = task->next; /* once it is done it is gone */
        task->done = true;
        pthread_cond_signal(&task->woken);
    }
}

static void *writer_main(void *context)
{
    struct db_writer *writer = context;
    pthread_mutex_lock(&writer->mutex);
    while (writer->first != NULL || !writer->closing) {
        if (writer->first == NULL) {
            pthread_cond_wait(&writer->work, &writer->mutex);
            continue;
        }
        struct task *first = group_take(writer);
        pthread_mutex_unlock(&writer->mutex);
        group_work(writer->db, first);
        pthread_mutex_lock(&writer->mutex);
        group_wake(writer, first);
    }
    pthread_mutex_unlock(&writer->mutex);
    return NULL;
}

/* ---- Those who write ---- */

struct err db_writer_open(const struct db_options *options, struct arena *arena, struct db_writer **writer)
{
    struct db *db;
    TRY(db_open(options, arena, &db));
    struct db_writer *made = arena_new(arena, struct db_writer, 1);
    made->db = db;
    made->last = &made->first;
    pthread_mutex_init(&made->mutex, NULL);
    pthread_cond_init(&made->work, NULL);
    pthread_cond_init(&made->room, NULL);
    if (pthread_create(&made->thread, NULL, writer_main, made) != 0) {
        db_close(db);
        return err_make(ERR_SYSTEM, "no thread can be made for writing");
    }
    *writer = made;
    return OK;
}

void db_writer_close(struct db_writer *writer)
{
    if (writer == NULL)
        return;
    pthread_mutex_lock(&writer->mutex);
    writer->closing = true;
    pthread_cond_signal(&writer->work);
    pthread_mutex_unlock(&writer->mutex);
    pthread_join(writer->thread, NULL);
    pthread_mutex_destroy(&writer->mutex);
    pthread_cond_destroy(&writer->work);
    pthread_cond_destroy(&writer->room);
    db_close(writer->db);
}

struct err db_writer_work(struct db_writer *writer, db_action *action, void *context, struct arena *arena)
{
    struct task task = {.action = action, .context = context, .woken = PTHREAD_COND_INITIALIZER};
    pthread_mutex_lock(&writer->mutex);
    assert(!writer->closing);
    while (writer->waiting >= DB_WRITER_QUEUE_MAX)
        pthread_cond_wait(&writer->room, &writer->mutex);
    *writer->last = &task;     // cppcheck-suppress autoVariables ; it leaves the queue before this returns
    writer->last = &task.next; // cppcheck-suppress autoVariables ; the same
    writer->waiting++;
    pthread_cond_signal(&writer->work);
    while (!task.done)
        pthread_cond_wait(&task.woken, &writer->mutex);
    pthread_mutex_unlock(&writer->mutex);
    pthread_cond_destroy(&task.woken);
    return task.err.kind == ERR_NONE ? OK : err_make(task.err.kind, arena_cstr(arena, slice_of(task.why)));
}

size_t db_writer_waiting(struct db_writer *writer)
{
    pthread_mutex_lock(&writer->mutex);
    size_t waiting = writer->waiting;
    pthread_mutex_unlock(&writer->mutex);
    return waiting;
}

uint64_t db_writer_commits(struct db_writer *writer)
{
    pthread_mutex_lock(&writer->mutex);
    uint64_t commits = writer->commits;
    pthread_mutex_unlock(&writer->mutex);
    return commits;
}
