/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The one builder of text and bytes. A buf has its ceiling from birth and a sticky flag instead of an error from every
 * call: write the whole thing, then ask buf_check() once. What does not fit is not written at all.
 * The owner calls buf_free; a buf belongs to one thread.
 */
#include "base/err.h"

struct buf {
    char *ptr;
    size_t len;
    size_t cap;
    size_t max; /* ceiling in bytes */
    bool full;  /* something did not fit */
};

static inline struct buf buf_make(size_t bytes_max)
{
    return (struct buf){.max = bytes_max};
}

void buf_free(struct buf *buf);
/* Empties it and clears the flag; keeps the memory. */
void buf_reset(struct buf *buf);
/* OK, or ERR_LIMIT. */
MUST_USE struct err buf_check(const struct buf *buf);

/* Room for `bytes` more at ptr + len, or false (and the flag). The caller adds what it wrote to len. */
bool buf_reserve(struct buf *buf, size_t bytes);
void buf_put(struct buf *buf, slice s);
void buf_byte(struct buf *buf, char c);
void buf_u64(struct buf *buf, uint64_t n);
void buf_i64(struct buf *buf, int64_t n);
void buf_hex(struct buf *buf, slice bytes); /* lower case */
/* For a part of a URI: but for what RFC 3986 section 2.3 leaves alone, and what is in `kept`, each byte as %XX. */
void buf_uri(struct buf *buf, slice text, const char *kept);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline slice buf_slice(const struct buf *buf)
{
    return (slice){buf->ptr, buf->len};
}
