/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>

#include "base/arena.h"

static const struct {
    const char *name;
    int http_status;
} kinds[] = {
        [ERR_NONE] = {"none", 200},
        [ERR_INPUT] = {"input", 400},
        [ERR_AUTH] = {"auth", 401},
        [ERR_DENIED] = {"denied", 403},
        [ERR_MISSING] = {"missing", 404},
        [ERR_CONFLICT] = {"conflict", 409},
        [ERR_LIMIT] = {"limit", 413},
        [ERR_SYSTEM] = {"system", 500},
        [ERR_REMOTE] = {"remote", 502},
};

struct err err_format(struct arena *arena, enum err_kind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *why = arena_vprintf(arena, format, args);
    va_end(args);
    return err_make(kind, why);
}

struct err err_errno(struct arena *arena, const char *what)
{
    int number = errno;
    char text[128];
    const char *reason = strerror_r(number, text, sizeof(text));
    return err_format(arena, number == ENOENT ? ERR_MISSING : ERR_SYSTEM, "%s: %s", what, reason);
}

const char *err_name(enum err_kind kind)
{
    assert(kind < COUNT_OF(kinds));
    return kinds[kind].name;
}

int err_http(enum err_kind kind)
{
    assert(kind < COUNT_OF(kinds));
    return kinds[kind].http_status;
}
