/* SPDX-License-Identifier: Apache-2.0 */
#include "match/match.h"

#include <assert.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "match/image.h"
#include "match/quick.h"

/*
 * The quick twin of match_find. Adding an observable computes the hashes of all its keys straight from the text of the
 * log, asks the memory for their buckets and goes on; when the batch is full or run, the buckets have arrived.
 *
 * 1. A hash computed here equals key_hash() of the normal form whenever the value has a normal form. What is quick to
 *    recognise as plain is hashed as it stands; all else goes by way of the normal form.
 * 2. So nothing needs to be refused here: every find is confirmed in normal form, on both sides.
 * 3. Probes are queued in the order in which their finds are reported.
 * 4. A batch that is full looks up what it holds at once and keeps what was found until it is run.
 */

enum {
    ASKED_MAX = 256, /* observables in flight: enough to hide the memory, few enough for the cache */
    PROBES_MAX = 4 * ASKED_MAX,
    PROBES_EACH_MAX = 1 + sizeof(((struct image_header *)NULL)->lengths6),
    NOBODY = ASKED_MAX, /* no observable has this number */
};

static_assert(PROBES_EACH_MAX > (int)KEY_CUTS_MAX && PROBES_EACH_MAX > (int)KEY_LABELS_MAX, "no value asks more often");
static_assert(PROBES_EACH_MAX < PROBES_MAX, "an empty batch takes any one value");

struct asked {
    struct observable observable;
    uint32_t tag;
};

/* One look-up in the table. */
struct probe {
    uint64_t hash;
    uint32_t asked;
    uint16_t detail; /* prefix: bits; name: bytes kept at its end, 0 for all; below: bytes cut off the path */
    uint8_t kind;
};

/* A slot whose fingerprint is that of a probe, and its records once they are known. */
struct candidate {
    uint32_t probe, slot, from, to;
};

/* Records of following numbers that an observable met. */
struct find {
    uint32_t tag, first, count;
};

struct match_batch {
    const struct match_index *index;
    const struct key_hasher *hasher;
    uint32_t asked_count, probe_count;
    uint32_t key_of; /* whose key `key` is, or NOBODY */
    bool key_good;   /* it has a normal form */
    struct key key;
    struct buf normal; /* the bytes of `key` */
    struct buf record; /* the normal form of a record */
    struct find *finds;
    size_t find_count, find_cap;
    struct asked asked[ASKED_MAX];
    struct probe probes[PROBES_MAX];
    struct candidate candidates[PROBES_MAX];
    uint32_t candidate_count;
};

static inline void put_probe(struct match_batch *batch, uint64_t hash, enum key_kind kind, size_t detail)
{
    const struct match_index *index = batch->index;
    __builtin_prefetch(&index->buckets[image_home(hash, index->head.homes)]);
    batch->probes[batch->probe_count++] = (struct probe){hash, batch->asked_count, (uint16_t)detail, (uint8_t)kind};
}

/* The observable being added in normal form, or false if it has none. */
static bool make_key(struct match_batch *batch, uint32_t asked)
{
    if (batch->key_of != asked) {
        batch->key_of = asked;
        batch->key_good = key_make(&batch->asked[asked].observable, 0, &batch->normal, &batch->key);
    }
    return batch->key_good;
}

static void put_prefixes(struct match_batch *batch, const struct ip *ip)
{
    const struct image_header *head = &batch->index->head;
    const uint8_t *lengths = ip->family == 4 ? head->lengths4 : head->lengths6;
    size_t count = ip->family == 4 ? head->lengths4_count : head->lengths6_count;
    for (size_t i = 0; i < count; i++) {
        char space[18];
        struct key prefix = key_prefix(ip, lengths[i], space);
        put_probe(batch, quick_hash(batch->hasher->key, batch->hasher->seed[KEY_PREFIX], prefix.bytes, false),
                KEY_PREFIX, lengths[i]);
    }
}

/* The four bytes of an address, the first lowest. */
static inline void put_ipv4(struct match_batch *batch, uint32_t bytes)
{
    const struct key_hasher *hasher = batch->hasher;
    const uint64_t *map = batch->index->maps[IMAGE_V4];
    uint64_t normal = 4 | (uint64_t)bytes << 8;
    put_probe(batch, hash_mix(hasher->seed[KEY_ADDRESS] ^ normal, hasher->key.b + 5), KEY_ADDRESS, 0);
    if (map == NULL || !image_bit(map, image_v4_bit((uint8_t)bytes, (uint8_t)(bytes >> 8), (uint8_t)(bytes >> 16))))
        return;
    struct ip ip = {.family = 4};
    bytes = htole32(bytes);
    memcpy(ip.bytes, &bytes, sizeof(bytes));
    put_prefixes(batch, &ip);
}

static inline void put_ipv6(struct match_batch *batch, const struct ip *ip)
{
    const struct key_hasher *hasher = batch->hasher;
    const uint64_t *map = batch->index->maps[IMAGE_V6];
    uint64_t low = load8((const char *)ip->bytes), high = load8((const char *)ip->bytes + 8);
    uint64_t state = hash_mix(hasher->seed[KEY_ADDRESS] ^ (6 | low << 8), (low >> 56 | high << 8) ^ hasher->key.a);
    put_probe(batch, hash_mix(state ^ high >> 56, hasher->key.b + 17), KEY_ADDRESS, 0);
    if (map != NULL && (batch->index->head.v6_all != 0 || image_bit(map, image_v6_bit(hasher, image_v6_top(ip)))))
        put_prefixes(batch, ip);
}

static void put_address(struct match_batch *batch, const struct ip *ip)
{
    if (ip->family == 4)
        put_ipv4(batch, load4((const char *)ip->bytes));
    else
        put_ipv6(batch, ip);
}

/* Whether a suffix of so many labels needs a look-up. */
static inline bool depth_occurs(const struct match_batch *batch, size_t labels)
{
    return labels <= KEY_LABELS_MAX && (batch->index->head.depths >> labels & 1) != 0;
}

static void put_domains(struct match_batch *batch, slice name)
{
    for (size_t labels = key_labels(name) - 1; labels > 0; labels--) {
        name = slice_from(name, slice_find(name, '.') + 1);
        if (depth_occurs(batch, labels))
            put_probe(batch, key_name_hash(batch->hasher, name), KEY_NAME, name.len);
    }
}

/* `path` as in the normal form. */
static void put_url(struct match_batch *batch, uint64_t host, unsigned port, slice path)
{
    const struct key_hasher *hasher = batch->hasher;
    const uint64_t *map = batch->index->maps[IMAGE_BELOW];
    uint64_t hash = quick_hash(hasher->key, hasher->seed[KEY_PATH], path, false);
    put_probe(batch, key_url_hash(hasher, KEY_URL, host, port, hash), KEY_URL, 0);
    if (map == NULL || !image_bit(map, image_below_bit(host, batch->index->head.below_bits)))
        return;
    size_t cuts[KEY_CUTS_MAX];
    for (size_t i = key_cuts(path, cuts); i > 0; i--) {
        slice cut = slice_part(path, 0, cuts[i - 1]);
        hash = quick_hash(hasher->key, hasher->seed[KEY_PATH], cut, false);
        put_probe(batch, key_url_hash(hasher, KEY_BELOW, host, port, hash), KEY_BELOW, path.len - cut.len);
    }
}

/* Any value, by way of its normal form. */
static void add_slowly(struct match_batch *batch)
{
    if (!make_key(batch, batch->asked_count))
        return;
    const struct key *key = &batch->key;
    if (key->kind == KEY_ADDRESS) {
        struct ip ip = key_ip(key->bytes);
        put_address(batch, &ip);
    } else if (key->kind == KEY_URL) {
        struct key_url url = key_url_split(key->bytes);
        put_url(batch, key_name_hash(batch->hasher, url.host), url.port, url.path);
    } else {
        put_probe(batch, key_hash(batch->hasher, key), key->kind, 0);
        if (key->kind == KEY_NAME)
            put_domains(batch, key->bytes);
    }
}

static void add_address(struct match_batch *batch, const struct observable *observable)
{
    uint32_t bytes;
    struct ip ip;
    if (quick_ipv4(observable->value, &bytes))
        put_ipv4(batch, bytes);
    else if (quick_ipv6(observable->value, &ip))
        put_ipv6(batch, &ip);
    else if (ip_parse(observable->value, &ip))
        put_address(batch, &ip);
}

static void add_name(struct match_batch *batch, const struct observable *observable)
{
    struct plain_name plain;
    struct suffix suffixes[QUICK_NAME_MAX + 1];
    if (!plain_name_read(observable->value, &plain)) {
        add_slowly(batch);
        return;
    }
    size_t labels = name_suffixes(batch->hasher, &plain, suffixes);
    put_probe(batch, suffixes[labels - 1].hash, KEY_NAME, 0);
    while (--labels > 0) {
        if (depth_occurs(batch, labels))
            put_probe(batch, suffixes[labels - 1].hash, KEY_NAME, plain.len - suffixes[labels - 1].from);
    }
}

/* A URL in one piece, as host and path; only where the scheme and the end of the host are plain. */
static bool cut_url(slice value, slice *host, slice *path)
{
    size_t scheme = slice_starts(value, S("http://")) ? 7 : slice_starts(value, S("https://")) ? 8 : 0;
    slice rest = slice_from(value, scheme);
    size_t slash = slice_find(rest, '/');
    *host = slice_part(rest, 0, slash);
    *path = slice_from(rest, slash);
    return scheme > 0 && path->len > 0 && !slice_holds(*host, '?') && !slice_holds(*host, '#');
}

static void add_url(struct match_batch *batch, const struct observable *observable)
{
    struct plain_name plain;
    struct suffix suffixes[QUICK_NAME_MAX + 1];
    slice host = observable->value, path = observable->path;
    bool apart = path.ptr != NULL || cut_url(observable->value, &host, &path);
    if (!apart || !slice_starts(path, S("/")) || slice_holds(path, '#') || !plain_name_read(host, &plain)) {
        add_slowly(batch);
        return;
    }
    size_t labels = name_suffixes(batch->hasher, &plain, suffixes);
    unsigned port = observable->port == 80 || observable->port == 443 ? 0 : observable->port;
    put_url(batch, suffixes[labels - 1].hash, port, path);
}

static void add_hash(struct match_batch *batch, const struct observable *observable)
{
    static const uint8_t lengths[KEY_KINDS] = {
            [KEY_MD5] = 32, [KEY_SHA1] = 40, [KEY_SHA256] = 64, [KEY_SHA512] = 128, [KEY_JA3] = 32};
    enum key_kind kind = key_kind_of[observable->type];
    slice digits = observable->value;
    char space[128];
    if (digits.len == (size_t)lengths[kind] / 2 * 3 - 1) {
        /* Colons between the bytes, as in certificate fingerprints. */
        for (size_t i = 0; i < lengths[kind]; i += 2)
            memcpy(space + i, digits.ptr + i / 2 * 3, 2);
        digits = (slice){space, lengths[kind]};
    }
    if (digits.len == lengths[kind])
        put_probe(batch, quick_hash(batch->hasher->key, batch->hasher->seed[kind], digits, true), kind, 0);
    else
        add_slowly(batch);
}

static void add_text(struct match_batch *batch, const struct observable *observable)
{
    enum key_kind kind = key_kind_of[observable->type];
    uint64_t state = batch->hasher->seed[kind];
    if (kind == KEY_OTHER)
        state = quick_hash(batch->hasher->key, state, observable->name, false);
    put_probe(batch, quick_hash(batch->hasher->key, state, observable->value, false), kind, 0);
}

static void add_other_way(struct match_batch *batch, const struct observable *observable)
{
    (void)observable;
    add_slowly(batch);
}

static void (*const add_of[OBSERVABLE_TYPES])(struct match_batch *, const struct observable *) = {
        [OBSERVABLE_NONE] = add_other_way,
        [OBSERVABLE_IPV4] = add_address,
        [OBSERVABLE_IPV6] = add_address,
        [OBSERVABLE_CIDR] = add_other_way,
        [OBSERVABLE_DOMAIN] = add_name,
        [OBSERVABLE_HOST] = add_name,
        [OBSERVABLE_URL] = add_url,
        [OBSERVABLE_MD5] = add_hash,
        [OBSERVABLE_SHA1] = add_hash,
        [OBSERVABLE_SHA256] = add_hash,
        [OBSERVABLE_SHA512] = add_hash,
        [OBSERVABLE_EMAIL] = add_other_way,
        [OBSERVABLE_JA3] = add_hash,
        [OBSERVABLE_USERAGENT] = add_text,
        [OBSERVABLE_FILENAME] = add_text,
        [OBSERVABLE_OTHER] = add_text,
};

/* The key that a probe asked for, cut out of the observable's own. */
static struct key probe_key(const struct match_batch *batch, const struct probe *probe, char space[18])
{
    struct key key = batch->key;
    if (probe->kind == KEY_PREFIX && key.kind == KEY_ADDRESS) {
        struct ip ip = key_ip(key.bytes);
        return key_prefix(&ip, probe->detail, space);
    }
    if (probe->kind == KEY_BELOW && probe->detail <= key.bytes.len) {
        key.kind = KEY_BELOW;
        key.bytes.len -= probe->detail;
    }
    if (probe->kind == KEY_NAME && probe->detail > 0 && probe->detail <= key.bytes.len)
        key.bytes = slice_from(key.bytes, key.bytes.len - probe->detail);
    return key;
}

static void keep_find(struct match_batch *batch, uint32_t tag, uint32_t number)
{
    struct find *last = batch->find_count == 0 ? NULL : &batch->finds[batch->find_count - 1];
    if (last != NULL && last->tag == tag && last->first + last->count == number) {
        last->count++;
        return;
    }
    if (batch->find_count == batch->find_cap) {
        batch->find_cap = batch->find_cap == 0 ? 64 : 2 * batch->find_cap;
        batch->finds = reallocarray(batch->finds, batch->find_cap, sizeof(*batch->finds));
    }
    if (batch->finds == NULL)
        abort();
    batch->finds[batch->find_count++] = (struct find){tag, number, 1};
}

/* Compares the values themselves. */
static void confirm(struct match_batch *batch, const struct candidate *candidate)
{
    const struct probe *probe = &batch->probes[candidate->probe];
    char space[18];
    if (!make_key(batch, probe->asked))
        return;
    struct key key = probe_key(batch, probe, space);
    bool within = probe->kind == KEY_NAME && probe->detail > 0;
    for (uint32_t number = candidate->from; number < candidate->to; number++) {
        if (image_holds(batch->index, number, &key, within, &batch->record))
            keep_find(batch, batch->asked[probe->asked].tag, number);
    }
}

/* The way from a slot to a value is three reads, each likely to miss the cache: all candidates take each step together.
 */
static void confirm_all(struct match_batch *batch)
{
    const struct match_index *index = batch->index;
    for (uint32_t i = 0; i < batch->candidate_count; i++) {
        struct candidate *candidate = &batch->candidates[i];
        image_run(index, candidate->slot, &candidate->from, &candidate->to);
        if (candidate->from < candidate->to)
            __builtin_prefetch(&index->records[candidate->from]);
    }
    for (uint32_t i = 0; i < batch->candidate_count; i++) {
        const struct candidate *candidate = &batch->candidates[i];
        if (candidate->from < candidate->to && index->records[candidate->from] < index->blob.len)
            __builtin_prefetch(index->blob.ptr + index->records[candidate->from]);
    }
    for (uint32_t i = 0; i < batch->candidate_count; i++)
        confirm(batch, &batch->candidates[i]);
    batch->candidate_count = 0;
}

/* A fingerprint is equal. */
static void put_candidate(struct match_batch *batch, uint32_t probe, uint32_t slot)
{
    if (batch->candidate_count == PROBES_MAX)
        confirm_all(batch);
    if (slot < batch->index->head.slots)
        __builtin_prefetch(&batch->index->runs[slot]);
    batch->candidates[batch->candidate_count++] = (struct candidate){.probe = probe, .slot = slot};
}

#ifdef __SSE2__
/* A bit for each place of the bucket that holds this fingerprint. */
static inline unsigned equal_prints(const struct image_bucket *bucket, uint32_t print)
{
    const __m128i *lines = (const __m128i *)(const void *)bucket;
    __m128i want = _mm_set1_epi32((int)print);
    __m128i a = _mm_cmpeq_epi32(_mm_loadu_si128(lines), want), b = _mm_cmpeq_epi32(_mm_loadu_si128(lines + 1), want);
    __m128i c = _mm_cmpeq_epi32(_mm_loadu_si128(lines + 2), want),
            d = _mm_cmpeq_epi32(_mm_loadu_si128(lines + 3), want);
    __m128i all = _mm_packs_epi16(_mm_packs_epi32(a, b), _mm_packs_epi32(c, d));
    return (unsigned)_mm_movemask_epi8(all) & ((1u << IMAGE_PRINTS) - 1);
}
#else
static inline unsigned equal_prints(const struct image_bucket *bucket, uint32_t print)
{
    unsigned equal = 0;
    for (unsigned i = 0; i < IMAGE_PRINTS; i++)
        equal |= (unsigned)(bucket->prints[i] == print) << i;
    return equal;
}
#endif

static void look_up(struct match_batch *batch, uint32_t number)
{
    const struct match_index *index = batch->index;
    const struct probe *probe = &batch->probes[number];
    uint32_t print = image_print(probe->hash);
    for (uint64_t at = image_home(probe->hash, index->head.homes); at < index->bucket_count; at++) {
        const struct image_bucket *bucket = &index->buckets[at];
        for (unsigned equal = equal_prints(bucket, print); equal != 0; equal &= equal - 1)
            put_candidate(batch, number, (bucket->first & ~IMAGE_SPILLED) + (unsigned)__builtin_ctz(equal));
        if ((bucket->first & IMAGE_SPILLED) == 0)
            break;
    }
}

static void look_up_all(struct match_batch *batch)
{
    batch->key_of = NOBODY;
    for (uint32_t i = 0; i < batch->probe_count; i++)
        look_up(batch, i);
    confirm_all(batch);
    batch->asked_count = batch->probe_count = 0;
    batch->key_of = NOBODY;
}

struct match_batch *match_batch_open(const struct match_index *index)
{
    struct match_batch *batch = calloc(1, sizeof(*batch));
    if (batch == NULL)
        abort();
    batch->index = index;
    batch->hasher = &index->hasher;
    batch->key_of = NOBODY;
    batch->normal = batch->record = buf_make(KEY_BYTES_MAX);
    return batch;
}

void match_batch_close(struct match_batch *batch)
{
    if (batch == NULL)
        return;
    buf_free(&batch->normal);
    buf_free(&batch->record);
    free(batch->finds);
    free(batch);
}

void match_batch_add(struct match_batch *batch, const struct observable *observable, uint32_t tag)
{
    assert(observable->type < OBSERVABLE_TYPES);
    if (batch->asked_count == ASKED_MAX || batch->probe_count + PROBES_EACH_MAX > PROBES_MAX)
        look_up_all(batch);
    batch->asked[batch->asked_count] = (struct asked){*observable, tag};
    if (observable->value.len > 0)
        add_of[observable->type](batch, observable);
    batch->asked_count++;
}

void match_batch_run(struct match_batch *batch, match_found *found, void *context)
{
    look_up_all(batch);
    for (size_t i = 0; i < batch->find_count; i++) {
        const struct find *find = &batch->finds[i];
        for (uint32_t number = find->first; number - find->first < find->count; number++)
            found(context, find->tag, number);
    }
    batch->find_count = 0;
}
