/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Evidence at rest: files that nobody changes unseen and nobody reads without the node's key. Each lies under a key of
 * its own (libsodium's secretstream), sealed by that of the node and kept by the caller; without that seal the file is
 * noise for good. Its name is made of the SHA-256 of what is in it and of the seal, so that the same bytes taken twice
 * are two files, of which one can be destroyed. Never is any of it on disk as it came.
 *
 *     FOLDER/ab/cdef...-0123456789abcdef
 *
 * Put first and enter it in the tables then: what a crash leaves is a file that nothing refers to. Knows no database;
 * any thread.
 */
#include "base/hash.h"
#include "base/seal.h"

struct arena;

enum {
    EVIDENCE_SEAL = 32 + SEAL_BYTES, /* bytes of a file's key when it is sealed */
    EVIDENCE_SHA512 = 64,
};
#define EVIDENCE_BYTES_MAX (UINT64_C(1) << 40) /* of one item: a disk's image */

struct evidence_sealed {
    struct sha256 digest;                /* of the bytes as they came */
    uint8_t digest_512[EVIDENCE_SHA512]; /* SHA-512 of the same */
    uint64_t bytes;
    uint8_t seal[EVIDENCE_SEAL];
};

struct evidence_source {
    void *context;
    /* *got 0: the end. */
    struct err (*read)(void *context, char *to, size_t room, size_t *got);
};
struct evidence_sink {
    void *context;
    struct err (*take)(void *context, slice piece);
};

/* All of the source, on disk when it returns OK; else nothing is there. ERR_INPUT for a source without a byte,
 * ERR_LIMIT beyond EVIDENCE_BYTES_MAX. `key`: of the node. */
MUST_USE struct err evidence_put(const char *folder, const struct sha256 *key, const struct evidence_source *source,
        struct arena *arena, struct evidence_sealed *sealed);
/*
 * Hands on what was put, piece by piece. ERR_CONFLICT names the file and what is wrong where one byte of it is not what
 * was written; ERR_MISSING where it is gone. What the sink got is all of it only when this returns OK. sink NULL: only
 * whether that is so.
 */
MUST_USE struct err evidence_get(const char *folder, const struct sha256 *key, const struct evidence_sealed *sealed,
        const struct evidence_sink *sink, struct arena *arena);
/* What its name has of its seal, for who destroys that. */
struct sha256 evidence_mark(const struct evidence_sealed *sealed);
/* The file is gone when it returns OK, also where it was gone before; the caller destroys the seal. */
MUST_USE struct err evidence_drop(
        const char *folder, const struct sha256 *digest, const struct sha256 *mark, struct arena *arena);
/* Removes what was begun and never finished before that moment. */
MUST_USE struct err evidence_sweep(const char *folder, int64_t before_us, struct arena *arena, size_t *count);
/* FOLDER/ab/cdef..., for messages. */
const char *evidence_place(const char *folder, const struct evidence_sealed *sealed, struct arena *arena);
