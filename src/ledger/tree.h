/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A Merkle tree in memory, whole: for a batch (the releases of a moment, the denials of a day) of which one entry of
 * the log holds the root, and each member its own proof. The owner closes it; one thread.
 */
#include "base/buf.h"
#include "ledger/merkle.h"

#define LEDGER_TREE_MAX (UINT64_C(1) << 24) /* leaves: 1 GB of hashes */

struct ledger_tree {
    uint64_t size;
    struct buf levels[25]; /* of level n, the hashes of the complete subtrees of 2^n leaves */
};

struct ledger_tree ledger_tree_open(void);
void ledger_tree_close(struct ledger_tree *tree);
/* ERR_LIMIT at LEDGER_TREE_MAX. */
MUST_USE struct err ledger_tree_add(struct ledger_tree *tree, const struct sha256 *leaf);
struct sha256 ledger_tree_root(struct ledger_tree *tree);
/* The proof that the leaf at index < size is in the tree: ledger_merkle_included verifies it. */
void ledger_tree_include(struct ledger_tree *tree, uint64_t index, struct ledger_path *path);
/* For every proof of merkle.h; as long as the tree is open. */
struct ledger_hashes ledger_tree_hashes(struct ledger_tree *tree);
