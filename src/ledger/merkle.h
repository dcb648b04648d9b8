/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The Merkle tree of a log (RFC 6962 section 2.1, which C2SP tlog-tiles takes over): hashes of leaves and nodes, roots,
 * and the two proofs, made from stored hashes and verified from a path alone. Pure, no memory; any thread. A proof that
 * verifies is as strong as SHA-256; what is verified is bounded by the path, which is bounded by LEDGER_PATH_MAX.
 */
#include "base/err.h"
#include "base/hash.h"

enum { LEDGER_PATH_MAX = 64 };
#define LEDGER_SIZE_MAX ((uint64_t)INT64_MAX) /* leaves: what a BIGINT holds, and 63 lines of a proof reach */

/* The hashes of a proof, in the order of RFC 6962 sections 2.1.1 and 2.1.2. */
struct ledger_path {
    struct sha256 hashes[LEDGER_PATH_MAX];
    size_t count;
};

struct sha256 ledger_merkle_leaf(slice entry); /* SHA-256(0x00 || entry); an entry has at most 65,535 bytes */
struct sha256 ledger_merkle_node(const struct sha256 *left, const struct sha256 *right); /* SHA-256(0x01 || ...) */
struct sha256 ledger_merkle_empty(void); /* the root of no leaves: SHA-256 of nothing */

/* All that is needed to append and to give roots: one hash for each bit of the size. Begins as {0}. */
struct ledger_frontier {
    uint64_t size;
    struct sha256 nodes[64]; /* of level n, where bit n of the size is set */
};

void ledger_merkle_add(struct ledger_frontier *frontier, const struct sha256 *leaf);
struct sha256 ledger_merkle_root(const struct ledger_frontier *frontier);

/* Where hashes of complete subtrees come from: that of the leaves index << level up to (index + 1) << level. */
struct ledger_hashes {
    void *context;
    struct err (*get)(void *context, unsigned level, uint64_t index, struct sha256 *hash);
};

/* The root that the tree had at this size. */
MUST_USE struct err ledger_merkle_root_at(const struct ledger_hashes *hashes, uint64_t size, struct sha256 *root);
/* Those fail with what `get` failed with; index < size, and 0 < old <= size, are the caller's duty. */
MUST_USE struct err ledger_merkle_include(
        const struct ledger_hashes *hashes, uint64_t index, uint64_t size, struct ledger_path *path);
MUST_USE struct err ledger_merkle_extend(
        const struct ledger_hashes *hashes, uint64_t old, uint64_t size, struct ledger_path *path);
/*
 * The same as ledger_merkle_extend but for its first hash, which is there even where RFC 6962 leaves it out (old is a
 * power of two): from this path alone both roots can be computed. old < size.
 */
MUST_USE struct err ledger_merkle_prefix(
        const struct ledger_hashes *hashes, uint64_t old, uint64_t size, struct ledger_path *path);

/* Whether the path leads from the leaf at this index to the root. Any values are allowed. */
bool ledger_merkle_included(const struct sha256 *leaf, uint64_t index, uint64_t size, const struct ledger_path *path,
        const struct sha256 *root);
/* Whether the tree of `old` leaves is a prefix of the tree of `size` leaves. The empty tree is one of every tree. */
bool ledger_merkle_extends(uint64_t old, const struct sha256 *old_root, uint64_t size, const struct sha256 *root,
        const struct ledger_path *path);
/* Both roots that a path of ledger_merkle_prefix leads to; false if it has the wrong length, or 0 < old < size is not.
 */
bool ledger_merkle_replay(
        uint64_t old, uint64_t size, const struct ledger_path *path, struct sha256 *old_root, struct sha256 *root);

static inline bool ledger_hash_eq(const struct sha256 *a, const struct sha256 *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}
