/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Ctrl-C for work that wants to end in order: the first SIGINT or SIGTERM is remembered and asked for, the second ends
 * the program as ever.
 */
#include <stdbool.h>

void interrupt_arm(void);
/* Whether one came; the context is not used, so that it fits where a callback is wanted. */
bool interrupt_came(void *context);
