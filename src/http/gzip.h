/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Unpacks gzip (RFC 1952) that comes piece by piece, with its checksums, and knows whether its end was there: libcurl
 * takes what was cut off for whole. The state holds its memory itself and belongs to one thread.
 */
#include <isa-l/igzip_lib.h>

#include "base/err.h"

struct http_gzip {
    struct inflate_state state;
    bool inside; /* a member was begun and is not at its end */
    bool any;    /* there was a byte at all */
};

/* Why, of the error that is about the bytes. */
extern const char http_gzip_damaged[];

void http_gzip_begin(struct http_gzip *gzip);
/* Hands on what these bytes give. ERR_INPUT if they are damaged, or the error of `take`. */
MUST_USE struct err http_gzip_put(
        struct http_gzip *gzip, slice bytes, struct err (*take)(void *context, slice unpacked), void *context);
/* Whether all that was begun has come to its end. */
bool http_gzip_is_whole(const struct http_gzip *gzip);
