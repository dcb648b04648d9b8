/* SPDX-License-Identifier: Apache-2.0 */
#include "match/key.h"

#include <assert.h>
#include <endian.h>

const enum key_kind key_kind_of[OBSERVABLE_TYPES] = {
        [OBSERVABLE_IPV4] = KEY_ADDRESS,
        [OBSERVABLE_IPV6] = KEY_ADDRESS,
        [OBSERVABLE_CIDR] = KEY_PREFIX,
        [OBSERVABLE_DOMAIN] = KEY_NAME,
        [OBSERVABLE_HOST] = KEY_NAME,
        [OBSERVABLE_URL] = KEY_URL,
        [OBSERVABLE_MD5] = KEY_MD5,
        [OBSERVABLE_SHA1] = KEY_SHA1,
        [OBSERVABLE_SHA256] = KEY_SHA256,
        [OBSERVABLE_SHA512] = KEY_SHA512,
        [OBSERVABLE_EMAIL] = KEY_EMAIL,
        [OBSERVABLE_JA3] = KEY_JA3,
        [OBSERVABLE_USERAGENT] = KEY_USERAGENT,
        [OBSERVABLE_FILENAME] = KEY_FILENAME,
        [OBSERVABLE_OTHER] = KEY_OTHER,
};

void key_hasher_init(struct key_hasher *hasher, struct hash_key key)
{
    hasher->key = key;
    for (unsigned kind = 0; kind < KEY_KINDS; kind++)
        hasher->seed[kind] = hash_mix(key.b + kind, key.a);
}

/* The bytes of an address at the front of a normal form, where a host may be either; 0 for a name. */
static size_t address_length(slice normal)
{
    if (normal.len >= 5 && normal.ptr[0] == 4)
        return 5;
    return normal.len >= 17 && normal.ptr[0] == 6 ? 17 : 0;
}

bool key_make(const struct observable *observable, unsigned flags, struct buf *normal, struct key *key)
{
    buf_reset(normal);
    if (!observable_normal(observable, normal))
        return false;
    *key = (struct key){.kind = key_kind_of[observable->type], .bytes = buf_slice(normal)};
    if (key->kind == KEY_NAME && address_length(key->bytes) > 0)
        key->kind = KEY_ADDRESS;
    if (key->kind == KEY_URL && (flags & INDICATOR_BELOW) != 0)
        key->kind = KEY_BELOW;
    if (key->kind == KEY_OTHER)
        key->name = observable->name;
    return true;
}

bool key_eq(const struct key *a, const struct key *b)
{
    return a->kind == b->kind && slice_eq(a->name, b->name) && slice_eq(a->bytes, b->bytes);
}

/* Eight bytes, the first lowest; zeros behind the end. */
static uint64_t word_at(slice bytes, size_t at)
{
    uint64_t word = 0;
    size_t left = bytes.len > at ? bytes.len - at : 0;
    if (left > 0)
        memcpy(&word, bytes.ptr + at, left < sizeof(word) ? left : sizeof(word));
    return le64toh(word);
}

uint64_t key_bytes_hash(struct hash_key key, uint64_t state, slice bytes)
{
    uint64_t len = bytes.len;
    for (; bytes.len > KEY_STEP; bytes = slice_from(bytes, KEY_STEP))
        state = hash_mix(state ^ word_at(bytes, 0), word_at(bytes, 8) ^ key.a);
    return hash_mix(state ^ word_at(bytes, 0), (word_at(bytes, 8) ^ key.b) + len);
}

uint64_t key_name_hash(const struct key_hasher *hasher, slice name)
{
    uint64_t state = hasher->seed[KEY_NAME], len = name.len;
    for (; name.len > KEY_STEP; name.len -= KEY_STEP) {
        slice last = slice_from(name, name.len - KEY_STEP);
        state = hash_mix(state ^ word_at(last, 0), word_at(last, 8) ^ hasher->key.a);
    }
    return hash_mix(state ^ word_at(name, 0), (word_at(name, 8) ^ hasher->key.b) + len);
}

uint64_t key_url_hash(const struct key_hasher *hasher, enum key_kind kind, uint64_t host, unsigned port, uint64_t path)
{
    return hash_mix(host ^ hasher->seed[kind] ^ port, path ^ hasher->key.a);
}

static uint64_t hash_bytes_key(const struct key_hasher *hasher, const struct key *key)
{
    return key_bytes_hash(hasher->key, hasher->seed[key->kind], key->bytes);
}

static uint64_t hash_name_key(const struct key_hasher *hasher, const struct key *key)
{
    return key_name_hash(hasher, key->bytes);
}

static uint64_t hash_url_key(const struct key_hasher *hasher, const struct key *key)
{
    struct key_url url = key_url_split(key->bytes);
    uint64_t path = key_bytes_hash(hasher->key, hasher->seed[KEY_PATH], url.path);
    return key_url_hash(hasher, key->kind, key_name_hash(hasher, url.host), url.port, path);
}

static uint64_t hash_other_key(const struct key_hasher *hasher, const struct key *key)
{
    uint64_t state = key_bytes_hash(hasher->key, hasher->seed[KEY_OTHER], key->name);
    return key_bytes_hash(hasher->key, state, key->bytes);
}

uint64_t key_hash(const struct key_hasher *hasher, const struct key *key)
{
    static uint64_t (*const hash_of[KEY_KINDS])(const struct key_hasher *, const struct key *) = {
            [KEY_NAME] = hash_name_key,
            [KEY_URL] = hash_url_key,
            [KEY_BELOW] = hash_url_key,
            [KEY_OTHER] = hash_other_key,
    };
    return (hash_of[key->kind] == NULL ? hash_bytes_key : hash_of[key->kind])(hasher, key);
}

struct key_url key_url_split(slice normal)
{
    uint64_t port = 0;
    size_t host = address_length(normal); /* an address may hold any byte */
    size_t path = host + slice_find(slice_from(normal, host), '/');
    size_t colon = host + slice_find(slice_part(normal, host, path), ':');
    if (colon < path && !slice_u64(slice_part(normal, colon + 1, path), UINT16_MAX, &port))
        colon = path;
    return (struct key_url){slice_part(normal, 0, colon), (unsigned)port, slice_from(normal, path)};
}

static size_t add_cut(size_t cuts[KEY_CUTS_MAX], size_t count, size_t len)
{
    if (len == 0 || (count > 0 && cuts[count - 1] >= len))
        return count;
    assert(count < KEY_CUTS_MAX);
    cuts[count] = len;
    return count + 1;
}

size_t key_cuts(slice path, size_t cuts[KEY_CUTS_MAX])
{
    size_t count = 0, levels = 0;
    for (size_t i = 0; i < path.len && levels < KEY_LEVELS_MAX; i++) {
        if (path.ptr[i] != '/' && path.ptr[i] != '?')
            continue;
        levels++;
        count = add_cut(cuts, count, i);
        if (path.ptr[i] == '/')
            count = add_cut(cuts, count, i + 1);
    }
    return add_cut(cuts, count, path.len);
}

struct ip key_ip(slice normal)
{
    assert(address_length(normal) == normal.len);
    struct ip ip = {.family = (uint8_t)normal.ptr[0]};
    memcpy(ip.bytes, normal.ptr + 1, normal.len - 1);
    return ip;
}

size_t key_labels(slice name)
{
    size_t labels = 1;
    for (size_t i = 0; i < name.len; i++)
        labels += name.ptr[i] == '.';
    return labels;
}

struct key key_prefix(const struct ip *ip, unsigned bits, char space[18])
{
    struct ip network = ip_mask(ip, bits);
    size_t len = ip->family == 4 ? 4 : 16;
    space[0] = (char)ip->family;
    memcpy(space + 1, network.bytes, len);
    space[1 + len] = (char)bits;
    return (struct key){.kind = KEY_PREFIX, .bytes = {space, len + 2}};
}
