/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What clang-tidy cannot see, since it reads one file at a time: these functions make errors, so what they return is
 * one. Included by tidy.sh before every file but the one that defines them.
 */
#include "base/err.h"

static inline struct err known_error(struct err err)
{
    if (err.kind == ERR_NONE)
        __builtin_unreachable();
    return err;
}

#define err_format(...) known_error(err_format(__VA_ARGS__))
#define err_errno(...) known_error(err_errno(__VA_ARGS__))
