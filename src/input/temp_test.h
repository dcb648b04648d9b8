/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* For tests: files that live as long as a test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"

struct temp {
    char name[64];
};

static inline struct temp temp_make(slice content)
{
    struct temp temp = {"/tmp/kentongan-test-XXXXXX"};
    int fd = mkstemp(temp.name);
    assert_true(fd >= 0);
    for (size_t at = 0; at < content.len;) {
        ssize_t n = write(fd, content.ptr + at, content.len - at);
        assert_true(n > 0);
        at += (size_t)n;
    }
    close(fd);
    return temp;
}

static inline void temp_drop(const struct temp *temp)
{
    unlink(temp->name);
}

static inline int arena_setup(void **state)
{
    *state = arena_open("test", ARENA_WORK, 256u << 20);
    return 0;
}

static inline int arena_teardown(void **state)
{
    arena_close(*state);
    return 0;
}
