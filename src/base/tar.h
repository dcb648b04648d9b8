/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Archives as every tar reads them: POSIX.1-2017, pax, "ustar Interchange Format". Files only; of pax's extensions the
 * one that says a size of 8 GiB and more. A file is its header, its bytes and tar_pad() zeros; an archive ends in
 * TAR_END zeros. Pure; the reader believes nothing but the checksum.
 */
#include "base/buf.h"

struct arena;

enum {
    TAR_BLOCK = 512,
    TAR_END = 2 * TAR_BLOCK,
    TAR_NAME_MAX = 255, /* bytes: 155, a slash and 100, or up to 100 */
    TAR_MORE_MAX = 128, /* bytes of the pax extension that we write and read */
};

#define TAR_SIZE_PLAIN ((UINT64_C(1) << 33) - 1) /* the largest size that needs no extension */

struct tar_file {
    slice name;
    uint64_t size;
    unsigned mode;   /* as 0600 */
    int64_t time_us; /* of its last change; before 1970: 1970 */
};

enum tar_kind {
    TAR_FILE,
    TAR_MORE, /* a pax extension for the file behind it: `size` bytes for tar_more_read */
    TAR_ZEROS /* a block of the end */
};

/* How many zeros stand behind so many bytes. */
static inline size_t tar_pad(uint64_t size)
{
    return (size_t)(-size % TAR_BLOCK);
}

/* Whether a header can hold the name. */
bool tar_name_fits(slice name);
/* Appends what stands before a file's bytes; its name fits. */
void tar_put_header(struct buf *out, const struct tar_file *file);
/* Appends zeros. */
void tar_put_zeros(struct buf *out, size_t count);

/*
 * One block. ERR_INPUT, with what it is, for anything but the three kinds: a link, a device, another dialect of tar, a
 * wrong checksum, a field that is no number. The name is in the arena and just as it stood there.
 */
MUST_USE struct err tar_header_read(slice block, struct arena *arena, enum tar_kind *kind, struct tar_file *file);
/* The size in a pax extension; ERR_INPUT if it says anything else. */
MUST_USE struct err tar_more_read(slice more, uint64_t *size);
