/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proofs are made and verified by one walk: from a node at `index` of its level up to the root, beside the last node of
 * the level, `last` (RFC 9162 sections 2.1.3.2 and 2.1.4.2 tell RFC 6962's proofs in this way). The node is a right
 * child where its index is odd; where it is the last and even it has no sibling and is its own parent.
 */
#include "ledger/merkle.h"

#include <assert.h>

enum { ENTRY_MAX = 65535 };

struct sha256 ledger_merkle_leaf(slice entry)
{
    char bytes[1 + ENTRY_MAX];
    assert(entry.len <= ENTRY_MAX);
    bytes[0] = 0;
    if (entry.len > 0)
        memcpy(bytes + 1, entry.ptr, entry.len);
    return hash_sha256((slice){bytes, 1 + entry.len});
}

struct sha256 ledger_merkle_node(const struct sha256 *left, const struct sha256 *right)
{
    char bytes[65];
    bytes[0] = 1;
    memcpy(bytes + 1, left->bytes, 32);
    memcpy(bytes + 33, right->bytes, 32);
    return hash_sha256((slice){bytes, sizeof bytes});
}

struct sha256 ledger_merkle_empty(void)
{
    return hash_sha256((slice){NULL, 0});
}

/* ---- Appending ---- */

void ledger_merkle_add(struct ledger_frontier *frontier, const struct sha256 *leaf)
{
    struct sha256 node = *leaf;
    unsigned level = 0;
    for (; frontier->size >> level & 1; level++)
        node = ledger_merkle_node(&frontier->nodes[level], &node);
    frontier->nodes[level] = node;
    frontier->size++;
}

struct sha256 ledger_merkle_root(const struct ledger_frontier *frontier)
{
    struct sha256 root;
    bool any = false;
    for (unsigned level = 0; frontier->size >> level != 0; level++)
        if (frontier->size >> level & 1) {
            root = any ? ledger_merkle_node(&frontier->nodes[level], &root) : frontier->nodes[level];
            any = true;
        }
    return any ? root : ledger_merkle_empty();
}

/* ---- Making proofs ---- */

/* The hash of the leaves from `from`, on which a tree of the rest's size may begin, to `size`. */
static struct err hash_of_rest(const struct ledger_hashes *hashes, uint64_t from, uint64_t size, struct sha256 *hash)
{
    struct sha256 node;
    uint64_t end = size;
    for (unsigned level = 0; end > from; level++) {
        if (!((size - from) >> level & 1))
            continue;
        end -= UINT64_C(1) << level;
        TRY(hashes->get(hashes->context, level, end >> level, &node));
        *hash = (size - from) & ((UINT64_C(1) << level) - 1) ? ledger_merkle_node(&node, hash) : node;
    }
    return OK;
}

struct err ledger_merkle_root_at(const struct ledger_hashes *hashes, uint64_t size, struct sha256 *root)
{
    struct sha256 node = ledger_merkle_empty();
    TRY(hash_of_rest(hashes, 0, size, &node));
    *root = node;
    return OK;
}

/* The siblings on the way from a node to the root. */
static struct err climb(
        const struct ledger_hashes *hashes, unsigned level, uint64_t index, uint64_t size, struct ledger_path *path)
{
    for (uint64_t last = (size - 1) >> level; last > 0; level++, index >>= 1, last >>= 1) {
        uint64_t sibling = index ^ 1;
        if (sibling > last)
            continue;
        struct sha256 *to = &path->hashes[path->count];
        if (sibling == last)
            TRY(hash_of_rest(hashes, sibling << level, size, to));
        else
            TRY(hashes->get(hashes->context, level, sibling, to));
        path->count++;
    }
    return OK;
}

struct err ledger_merkle_include(
        const struct ledger_hashes *hashes, uint64_t index, uint64_t size, struct ledger_path *path)
{
    assert(index < size && size <= LEDGER_SIZE_MAX);
    path->count = 0;
    return climb(hashes, 0, index, size, path);
}

struct err ledger_merkle_prefix(
        const struct ledger_hashes *hashes, uint64_t old, uint64_t size, struct ledger_path *path)
{
    uint64_t index = old - 1;
    unsigned level = 0;
    assert(old > 0 && old <= size && size <= LEDGER_SIZE_MAX);
    while (index & 1) {
        index >>= 1;
        level++;
    }
    TRY(hashes->get(hashes->context, level, index, &path->hashes[0]));
    path->count = 1;
    return climb(hashes, level, index, size, path);
}

struct err ledger_merkle_extend(
        const struct ledger_hashes *hashes, uint64_t old, uint64_t size, struct ledger_path *path)
{
    path->count = 0;
    if (old == size)
        return OK;
    TRY(ledger_merkle_prefix(hashes, old, size, path));
    if ((old & (old - 1)) != 0)
        return OK;
    path->count--; /* who verifies has it: it is the old root */
    memmove(path->hashes, path->hashes + 1, path->count * sizeof path->hashes[0]);
    return OK;
}

/* ---- Verifying proofs ---- */

bool ledger_merkle_included(const struct sha256 *leaf, uint64_t index, uint64_t size, const struct ledger_path *path,
        const struct sha256 *root)
{
    struct sha256 node = *leaf;
    if (index >= size)
        return false;
    uint64_t last = size - 1;
    for (size_t i = 0; i < path->count; i++) {
        if (last == 0)
            return false;
        for (; index == last && !(index & 1); last >>= 1)
            index >>= 1;
        node = index & 1 ? ledger_merkle_node(&path->hashes[i], &node) : ledger_merkle_node(&node, &path->hashes[i]);
        index >>= 1;
        last >>= 1;
    }
    return last == 0 && ledger_hash_eq(&node, root);
}

bool ledger_merkle_replay(
        uint64_t old, uint64_t size, const struct ledger_path *path, struct sha256 *old_root, struct sha256 *root)
{
    if (old == 0 || old >= size || path->count == 0)
        return false;
    uint64_t index = old - 1, last = size - 1;
    for (; index & 1; last >>= 1)
        index >>= 1;
    struct sha256 before = path->hashes[0], now = path->hashes[0];
    for (size_t i = 1; i < path->count; i++) {
        if (last == 0)
            return false;
        for (; index == last && !(index & 1); last >>= 1)
            index >>= 1;
        if (index & 1) {
            before = ledger_merkle_node(&path->hashes[i], &before);
            now = ledger_merkle_node(&path->hashes[i], &now);
        } else {
            now = ledger_merkle_node(&now, &path->hashes[i]);
        }
        index >>= 1;
        last >>= 1;
    }
    if (last != 0)
        return false;
    *old_root = before;
    *root = now;
    return true;
}

bool ledger_merkle_extends(uint64_t old, const struct sha256 *old_root, uint64_t size, const struct sha256 *root,
        const struct ledger_path *path)
{
    struct ledger_path whole = {.count = 0};
    struct sha256 before, now, empty = ledger_merkle_empty();
    if (old == 0 || old == size)
        return path->count == 0 && old <= size &&
               (old == size ? ledger_hash_eq(old_root, root) : ledger_hash_eq(old_root, &empty)) &&
               (size > 0 || ledger_hash_eq(root, &empty));
    if ((old & (old - 1)) == 0)
        whole.hashes[whole.count++] = *old_root;
    if (path->count > LEDGER_PATH_MAX - whole.count)
        return false;
    memcpy(whole.hashes + whole.count, path->hashes, path->count * sizeof path->hashes[0]);
    whole.count += path->count;
    return ledger_merkle_replay(old, size, &whole, &before, &now) && ledger_hash_eq(&before, old_root) &&
           ledger_hash_eq(&now, root);
}
