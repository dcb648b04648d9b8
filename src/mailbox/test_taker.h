/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For tests: who takes mail, keeps it, and refuses what holds "trouble" as it is told to.
 */
#include <stdatomic.h>

#include "base/arena.h"
#include "mailbox/source.h"

struct test_taker {
    struct buf came; /* each mail with "|" behind it */
    struct err err;  /* what a mail that holds "trouble" gets */
    size_t calls;
    size_t most; /* then it is to stop; 0: never */
    atomic_bool stop;
};

static inline struct err test_take(void *context, slice bytes, struct arena *work)
{
    struct test_taker *taker = context;
    (void)work;
    taker->calls++;
    if (slice_find_slice(bytes, S("trouble")) < bytes.len)
        return taker->err;
    buf_put(&taker->came, bytes);
    buf_byte(&taker->came, '|');
    return OK;
}

static inline bool test_stop(void *context)
{
    struct test_taker *taker = context;
    return atomic_load(&taker->stop) || (taker->most > 0 && taker->calls >= taker->most);
}

static inline struct mailbox_taker test_taker_of(struct test_taker *taker)
{
    taker->came = taker->came.max == 0 ? buf_make((size_t)4 << 20) : taker->came;
    return (struct mailbox_taker){.context = taker, .take = test_take, .stop = test_stop, .stop_context = taker};
}
