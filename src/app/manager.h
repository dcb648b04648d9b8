/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Whatever starts and watches the server (systemd, or what speaks its protocol): that it is ready, ends, and lives, and
 * the socket that was opened for it. The protocol is a few datagrams and variables (sd_notify(3), sd_listen_fds(3)), so
 * no library is needed. Without a manager all of it does nothing. From the main thread, before others are started, but
 * for manager_tell.
 */
#include "base/err.h"

/* A line of the protocol, as "READY=1". */
void manager_tell(const char *state);
/* How often it wants to hear "WATCHDOG=1", microseconds; 0: never. */
int64_t manager_watchdog_us(void);
/* The socket that it opened for us; -1: none. ERR_INPUT if there are more, or it is none that listens. */
MUST_USE struct err manager_socket(int *listening);
