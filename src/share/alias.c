/* SPDX-License-Identifier: Apache-2.0 */
#include "share/alias.h"

#include <sodium.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/uuid.h"

#define SECRET S("derived-ids") /* fact: in hexadecimal */
#define DOMAIN "kentongan derived/1"

struct err share_alias_make(struct work *work)
{
    uint8_t bytes[SHARE_ALIAS_SECRET_BYTES];
    slice there;
    TRY(store_fact_get(work->db, SECRET, work->arena, &there));
    if (there.len > 0)
        return OK;
    hash_random(bytes, sizeof bytes);
    struct err err =
            store_fact_put(work->db, SECRET, arena_hex(work->arena, (slice){(const char *)bytes, sizeof bytes}));
    sodium_memzero(bytes, sizeof bytes);
    return err;
}

struct err share_alias_secret(struct db *db, struct arena *arena, slice *secret)
{
    return store_fact_get(db, SECRET, arena, secret);
}

static struct uuid uuid_make(slice secret, slice node, slice parent, slice type, struct arena *arena)
{
    if (secret.len == 0)
        return uuid_v4();
    const char *text = arena_printf(arena, DOMAIN "\n%.*s\n%.*s\n%.*s", (int)node.len, node.ptr, (int)type.len,
            type.ptr, (int)parent.len, parent.ptr);
    struct sha256 hash = hash_hmac_sha256(secret, slice_of(text));
    return uuid_v4_of(hash.bytes);
}

slice share_alias_id(slice secret, slice node, slice parent, slice type, struct arena *arena)
{
    struct buf buf = buf_make(64);
    struct uuid uuid = uuid_make(secret, node, parent, type, arena);
    uuid_write(&buf, &uuid);
    slice id = slice_of(arena_printf(arena, "%.*s--%.*s", (int)type.len, type.ptr, (int)buf.len, buf.ptr));
    buf_free(&buf);
    return id;
}
