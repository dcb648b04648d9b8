/* SPDX-License-Identifier: Apache-2.0 */
#include "memory/key.h"

#include <endian.h>

_Static_assert(MEMORY_CUTS_MAX + 2 <= MEMORY_KEYS_MAX, "a URL, its cuts and the whole path have room");

void memory_keyer_open(struct memory_keyer *keyer, struct hash_key key)
{
    key_hasher_init(&keyer->hasher, key);
    keyer->normal = buf_make(KEY_BYTES_MAX);
}

void memory_keyer_close(struct memory_keyer *keyer)
{
    buf_free(&keyer->normal);
}

static uint64_t word_of(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return be64toh(word);
}

static struct memory_key key_of_ip(const struct ip *ip)
{
    if (ip->family == 4)
        return (struct memory_key){MEMORY_IPV4, word_of(ip->bytes) >> 32, 0};
    return (struct memory_key){MEMORY_IPV6, word_of(ip->bytes), word_of(ip->bytes + 8)};
}

static struct memory_key hashed(uint64_t hash)
{
    return (struct memory_key){MEMORY_HASHED, hash, 0};
}

/* "Somewhere below this name" is another key than the name. */
static struct memory_key below_name(const struct key_hasher *hasher, slice name)
{
    return hashed(hash_mix(key_name_hash(hasher, name) ^ hasher->seed[KEY_BELOW], hasher->key.b));
}

/* The domains above a name, from the longest; those with too many labels are no key (match/key.h). */
static size_t name_keys(const struct key_hasher *hasher, slice name, struct memory_key *keys)
{
    size_t count = 0, labels = key_labels(name);
    keys[count++] = hashed(key_name_hash(hasher, name));
    while (labels > 2) {
        name = slice_from(name, slice_find(name, '.') + 1);
        if (--labels <= KEY_LABELS_MAX)
            keys[count++] = below_name(hasher, name);
    }
    return count;
}

static size_t url_keys(const struct key_hasher *hasher, slice normal, struct memory_key *keys)
{
    size_t cuts[KEY_CUTS_MAX], count = 0;
    struct key_url url = key_url_split(normal);
    uint64_t host = key_name_hash(hasher, url.host);
    size_t cut_count = key_cuts(url.path, cuts);
    for (size_t i = 0; i < cut_count; i++) {
        slice path = slice_part(url.path, 0, cuts[i]);
        uint64_t hash = key_bytes_hash(hasher->key, hasher->seed[KEY_PATH], path);
        if (i < MEMORY_CUTS_MAX || i + 1 == cut_count)
            keys[count++] = hashed(key_url_hash(hasher, KEY_BELOW, host, url.port, hash));
        if (i + 1 == cut_count)
            keys[count++] = hashed(key_url_hash(hasher, KEY_URL, host, url.port, hash));
    }
    return count;
}

size_t memory_keys(
        struct memory_keyer *keyer, const struct observable *observable, struct memory_key keys[MEMORY_KEYS_MAX])
{
    struct key key;
    if (!key_make(observable, 0, &keyer->normal, &key) || key.kind == KEY_PREFIX)
        return 0;
    if (key.kind == KEY_NAME)
        return name_keys(&keyer->hasher, key.bytes, keys);
    if (key.kind == KEY_URL)
        return url_keys(&keyer->hasher, key.bytes, keys);
    struct ip ip = key.kind == KEY_ADDRESS ? key_ip(key.bytes) : (struct ip){0};
    keys[0] = key.kind == KEY_ADDRESS ? key_of_ip(&ip) : hashed(key_hash(&keyer->hasher, &key));
    return 1;
}

/* A prefix in normal form: family, address, bits. */
static struct memory_range prefix_range(slice normal)
{
    struct ip first = {.family = (uint8_t)normal.ptr[0]};
    memcpy(first.bytes, normal.ptr + 1, normal.len - 2);
    struct ip last = first;
    for (unsigned bit = (uint8_t)normal.ptr[normal.len - 1]; bit < 8 * (normal.len - 2); bit++)
        last.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
    return (struct memory_range){key_of_ip(&first), key_of_ip(&last)};
}

size_t memory_asks(struct memory_keyer *keyer, const struct observable *observable, unsigned flags,
        struct memory_range ranges[MEMORY_RANGES_MAX])
{
    struct key key;
    struct memory_key one;
    const struct key_hasher *hasher = &keyer->hasher;
    if (!key_make(observable, flags, &keyer->normal, &key))
        return 0;
    if (key.kind == KEY_PREFIX) {
        ranges[0] = prefix_range(key.bytes);
        return 1;
    }
    struct ip ip = key.kind == KEY_ADDRESS ? key_ip(key.bytes) : (struct ip){0};
    one = key.kind == KEY_ADDRESS ? key_of_ip(&ip) : hashed(key_hash(hasher, &key));
    ranges[0] = (struct memory_range){one, one};
    if (observable->type != OBSERVABLE_DOMAIN || key.kind != KEY_NAME)
        return 1;
    one = below_name(hasher, key.bytes);
    ranges[1] = (struct memory_range){one, one};
    return 2;
}
