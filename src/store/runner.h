/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Which process does something that takes longer than a transaction, and whether it still lives. Several processes, on
 * several machines, may share a database, and a process that died cannot say so. Private to this folder.
 */
#include "base/buf.h"

#define RUNNER_MAX 160 /* bytes of a name */

enum runner_state {
    RUNNER_LIVES,
    RUNNER_DEAD,
    RUNNER_ELSEWHERE, /* of another machine or container: only its silence can tell */
};

/* Appends the name of this process: machine, boot, process namespace, number and start. */
void runner_write(struct buf *out);
enum runner_state runner_state(slice name);
