/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The line of those of this process who want to write into one file: each has its turn, in the order in which they
 * came. SQLite lets in whoever happens to look when the file is free, and who has waited long looks seldom: among many
 * who write all the time somebody could wait for seconds. Other programs are not in the line; for them SQLite's own
 * lock holds as before.
 *
 * Any thread may call. A line is shared by all who opened it.
 */
#include "base/err.h"

struct line;

/* That of the file; NULL if there is no such file. */
struct line *line_open(const char *path);
void line_close(struct line *line); /* NULL is allowed */
/* Waits for its turn, and then has it until it leaves. False: not within that time. */
bool line_enter(struct line *line, unsigned timeout_ms);
void line_leave(struct line *line);
