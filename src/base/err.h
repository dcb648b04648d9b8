/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * How a function says that it failed, and why: a small struct by value. `why` is a sentence for a person, a literal or
 * text in the caller's arena. The kinds are as many as there are different things to do about them; one table in err.c
 * gives each its name and HTTP status.
 */
#include "base/slice.h"

struct arena;

enum err_kind {
    ERR_NONE = 0,
    ERR_INPUT,    /* what we were given is not well formed */
    ERR_AUTH,     /* we do not know who asks */
    ERR_DENIED,   /* we know, and the answer is no */
    ERR_MISSING,  /* the thing named is not there */
    ERR_CONFLICT, /* it is there already, or has changed meanwhile */
    ERR_LIMIT,    /* a named ceiling was reached */
    ERR_SYSTEM,   /* the machine refused: disk, memory, file */
    ERR_REMOTE,   /* another node or service failed */
};

struct err {
    enum err_kind kind;
    const char *why;
};

#define OK ((struct err){ERR_NONE, NULL})

/* Returns from the calling function when `call` failed: the one macro that hides a branch. */
#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        struct err try_err = (call);                                                                                   \
        if (try_err.kind != ERR_NONE)                                                                                  \
            return try_err;                                                                                            \
    } while (0)

static inline struct err err_make(enum err_kind kind, const char *why)
{
    return (struct err){kind, why};
}

/* As err_make, with the sentence printed into the arena. */
struct err err_format(struct arena *arena, enum err_kind kind, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* ERR_SYSTEM (or ERR_MISSING for ENOENT) from errno: "WHAT: No such file or directory". */
struct err err_errno(struct arena *arena, const char *what);

const char *err_name(enum err_kind kind); /* "input", "limit", ... */
int err_http(enum err_kind kind);
