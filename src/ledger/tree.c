/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/tree.h"

#include <assert.h>

struct ledger_tree ledger_tree_open(void)
{
    struct ledger_tree tree = {.size = 0};
    for (size_t i = 0; i < COUNT_OF(tree.levels); i++)
        tree.levels[i] = buf_make((LEDGER_TREE_MAX >> i) * sizeof(struct sha256));
    return tree;
}

void ledger_tree_close(struct ledger_tree *tree)
{
    for (size_t i = 0; i < COUNT_OF(tree->levels); i++)
        buf_free(&tree->levels[i]);
}

static struct err get(void *context, unsigned level, uint64_t index, struct sha256 *hash)
{
    const struct ledger_tree *tree = context;
    assert(level < COUNT_OF(tree->levels) && index < tree->size >> level);
    memcpy(hash->bytes, tree->levels[level].ptr + index * sizeof hash->bytes, sizeof hash->bytes);
    return OK;
}

/* A place on every level that gets a hash: those up to the lowest bit of the size that is not set. */
static struct err reserve(struct ledger_tree *tree)
{
    for (unsigned level = 0;; level++) {
        if (!buf_reserve(&tree->levels[level], sizeof(struct sha256)))
            return err_make(ERR_SYSTEM, "there is no memory for the hashes of a batch");
        if (!(tree->size >> level & 1))
            return OK;
    }
}

struct err ledger_tree_add(struct ledger_tree *tree, const struct sha256 *leaf)
{
    struct sha256 node = *leaf, left;
    if (tree->size == LEDGER_TREE_MAX)
        return err_make(ERR_LIMIT, "a batch has at most 16,777,216 members");
    TRY(reserve(tree));
    for (unsigned level = 0;; level++) {
        uint64_t index = tree->size >> level;
        buf_put(&tree->levels[level], sha256_slice(&node));
        if (!(index & 1))
            break;
        memcpy(left.bytes, tree->levels[level].ptr + (index - 1) * sizeof left.bytes, sizeof left.bytes);
        node = ledger_merkle_node(&left, &node);
    }
    tree->size++;
    return OK;
}

struct ledger_hashes ledger_tree_hashes(struct ledger_tree *tree)
{
    return (struct ledger_hashes){tree, get};
}

struct sha256 ledger_tree_root(struct ledger_tree *tree)
{
    struct ledger_hashes hashes = ledger_tree_hashes(tree);
    struct sha256 root;
    struct err err = ledger_merkle_root_at(&hashes, tree->size, &root);
    assert(err.kind == ERR_NONE); /* memory does not fail */
    (void)err;
    return root;
}

void ledger_tree_include(struct ledger_tree *tree, uint64_t index, struct ledger_path *path)
{
    struct ledger_hashes hashes = ledger_tree_hashes(tree);
    struct err err = ledger_merkle_include(&hashes, index, tree->size, path);
    assert(err.kind == ERR_NONE);
    (void)err;
}
