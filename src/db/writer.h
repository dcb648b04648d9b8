/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Group commit: one thread with a connection of its own writes for many. While it waits for the disk the next actions
 * queue; it runs all that wait in one transaction, each in a db_part, so that one wait for the disk serves them all.
 * Any thread may hand in an action and sleeps until the action's own result is on disk.
 */
#include "db/db.h"

#define DB_WRITER_QUEUE_MAX 1024 /* actions that wait; who comes then waits for room */
#define DB_WRITER_GROUP_MAX 256  /* actions of one transaction: a bound for the log and for a failure's reach */

struct db_writer;

MUST_USE struct err db_writer_open(const struct db_options *options, struct arena *arena, struct db_writer **writer);
/* Does what waits, then ends the thread. Nobody may hand in anything any more. NULL is allowed. */
void db_writer_close(struct db_writer *writer);

/*
 * Runs the action in the writer's thread, perhaps more than once, and returns when what it did is kept, or is not. An
 * action that fails takes only its own part along; when the transaction fails, all fail that were in it. The reason is
 * in the arena of the caller.
 */
MUST_USE struct err db_writer_work(struct db_writer *writer, db_action *action, void *context, struct arena *arena);

size_t db_writer_waiting(struct db_writer *writer);   /* actions that were not begun */
uint64_t db_writer_commits(struct db_writer *writer); /* transactions so far */
