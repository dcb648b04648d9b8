/* SPDX-License-Identifier: Apache-2.0 */
#include "base/uuid.h"

#include <assert.h>

#include "base/hash.h"

enum { UUID_TEXT = 36 };

/* Whether the text form has a hyphen before this byte. */
static bool hyphen_before(size_t byte)
{
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

bool uuid_parse(slice text, struct uuid *uuid)
{
    struct uuid read;
    const char *at = text.ptr;
    if (text.len != UUID_TEXT)
        return false;
    for (size_t i = 0; i < sizeof(read.bytes); i++) {
        if (hyphen_before(i) && *at++ != '-')
            return false;
        int high = byte_hex(*at++), low = byte_hex(*at++);
        if (high < 0 || low < 0)
            return false;
        read.bytes[i] = (uint8_t)(high << 4 | low);
    }
    *uuid = read;
    return true;
}

void uuid_write(struct buf *buf, const struct uuid *uuid)
{
    if (!buf_reserve(buf, UUID_TEXT))
        return;
    for (size_t i = 0; i < sizeof(uuid->bytes); i++) {
        if (hyphen_before(i))
            buf_byte(buf, '-');
        buf_hex(buf, (slice){(const char *)uuid->bytes + i, 1});
    }
}

static struct uuid stamp(struct uuid uuid, unsigned version)
{
    uuid.bytes[6] = (uint8_t)(version << 4 | (uuid.bytes[6] & 0x0f));
    uuid.bytes[8] = (uint8_t)(0x80 | (uuid.bytes[8] & 0x3f));
    return uuid;
}

struct uuid uuid_v4(void)
{
    struct uuid uuid = {0};
    hash_random(uuid.bytes, sizeof(uuid.bytes));
    return stamp(uuid, 4);
}

struct uuid uuid_v4_of(const uint8_t *bytes)
{
    struct uuid uuid;
    memcpy(uuid.bytes, bytes, sizeof(uuid.bytes));
    return stamp(uuid, 4);
}

struct uuid uuid_v5(const struct uuid *namespace, slice name)
{
    struct buf text = buf_make(sizeof(namespace->bytes) + name.len);
    buf_put(&text, (slice){(const char *)namespace->bytes, sizeof(namespace->bytes)});
    buf_put(&text, name);
    assert(!text.full);
    struct sha1 sum = hash_sha1(buf_slice(&text));
    buf_free(&text);
    struct uuid uuid;
    memcpy(uuid.bytes, sum.bytes, sizeof(uuid.bytes));
    return stamp(uuid, 5);
}
