/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "match/image.h"
#include "match/match.h"
#include "match/quick.h"

/*
 * Which of many observables may meet an indicator? Adding one computes the hashes of all its keys straight from the
 * text of the log, asks the memory for their buckets (or for their bits in the filter, which lets few through to a
 * bucket) and goes on; when the sieve is full or run, all that has arrived. Texts that are offered wait until there are
 * many of their kind.
 *
 * 1. A hash computed here equals key_hash() of the normal form whenever the value has a normal form. What is quick to
 *    recognise as plain is hashed as it stands; all else goes by way of the normal form. So nothing that match_find
 *    finds is missed. A text that is not plain and not ours to interpret is reported as if it met something.
 * 2. A fingerprint that is equal is reported without looking at the value: about one in 10^9 is so by chance, and a
 * text without a normal form may hash like another's. Who needs the truth asks match_find.
 */

enum {
    PROBES_MAX = 1024, /* in flight: enough to hide the memory, few enough for the cache */
    NETS_MAX = 512,
    PREFIXES_MAX = 1024,
    WAITING_MAX = 256, /* of each kind of text */
    PROBES_EACH_MAX = 1 + sizeof(((struct image_header *)NULL)->lengths6),
};

static_assert(PROBES_EACH_MAX > (int)KEY_CUTS_MAX && PROBES_EACH_MAX > (int)KEY_LABELS_MAX, "no value asks more often");
static_assert(PROBES_EACH_MAX < PROBES_MAX, "an empty sieve takes any one value");

/* One look-up in the table. */
struct probe {
    uint64_t hash;
    uint32_t tag;
    bool within; /* cut from a longer name: a host does not meet it, a domain does */
};

/* A text of a log that waits to be read together with its like. */
struct waiting {
    const char *ptr;
    uint32_t len;
    uint32_t tag;
};

/* An IPv4 address whose prefixes are looked up if the map says that there may be some. */
struct net {
    uint32_t bytes; /* the first lowest */
    uint32_t tag;
};

/* A prefix of an address, which is looked up if a bit says that it may be there. */
struct prefix_hash {
    uint64_t hash;
    uint32_t tag;
};

struct match_sieve {
    const struct match_index *index;
    const struct key_hasher *hasher;
    match_may_meet *met;
    void *context;
    uint32_t probe_count, net_count, prefix_count;
    uint32_t tag;      /* of the observable being added */
    struct buf normal; /* its normal form, where that is needed */
    struct probe probes[PROBES_MAX];
    struct net nets[NETS_MAX];
    struct prefix_hash prefixes[PREFIXES_MAX];
    uint8_t read_as[MATCH_TEXTS]; /* MATCH_NOTHING for texts that only meet what the index does not hold */
    uint32_t waiting_count[MATCH_TEXTS];
    struct waiting waiting[MATCH_TEXTS][WAITING_MAX];
};

static inline void bucket_ask(const struct match_index *index, uint64_t hash)
{
    __builtin_prefetch(&index->buckets[image_home(hash, index->head.homes)]);
}

/* Asks the memory for what look_up_all reads first. */
static inline void put_probe(struct match_sieve *sieve, uint64_t hash, bool within)
{
    const struct match_index *index = sieve->index;
    if (index->filter_words == 0)
        bucket_ask(index, hash);
    else
        __builtin_prefetch(&index->maps[IMAGE_FILTER][image_filter_word(hash, index->filter_words)]);
    sieve->probes[sieve->probe_count++] = (struct probe){hash, sieve->tag, within};
}

static inline uint64_t v4_bit(uint32_t bytes)
{
    return image_v4_bit((uint8_t)bytes, (uint8_t)(bytes >> 8), (uint8_t)(bytes >> 16));
}

/* One look-up for each length of prefix that occurs, but only where a bit says that there may be such a prefix: an
 * address beside one has most of its bits. Here the memory is asked for that bit. */
static inline void put_prefix(struct match_sieve *sieve, uint64_t hash)
{
    const struct match_index *index = sieve->index;
    if (index->maps[IMAGE_PREFIX] == NULL)
        return;
    __builtin_prefetch(&index->maps[IMAGE_PREFIX][image_sparse_bit(hash, index->head.prefix_bits) >> 6]);
    sieve->prefixes[sieve->prefix_count++] = (struct prefix_hash){hash, sieve->tag};
}

/* The normal form of an IPv4 prefix fits a word: family, address, length. */
static void put_prefixes4(struct match_sieve *sieve, uint32_t bytes)
{
    const struct image_header *head = &sieve->index->head;
    const struct key_hasher *hasher = sieve->hasher;
    uint32_t address = __builtin_bswap32(bytes);
    for (size_t i = 0; i < head->lengths4_count; i++) {
        unsigned bits = head->lengths4[i];
        uint32_t kept = bits == 0 ? 0 : address & UINT32_MAX << (32 - bits);
        uint64_t normal = 4 | (uint64_t)__builtin_bswap32(kept) << 8 | (uint64_t)bits << 40;
        put_prefix(sieve, hash_mix(hasher->seed[KEY_PREFIX] ^ normal, hasher->key.b + 6));
    }
}

static void put_prefixes6(struct match_sieve *sieve, const struct ip *ip)
{
    const struct image_header *head = &sieve->index->head;
    for (size_t i = 0; i < head->lengths6_count; i++) {
        char space[18];
        struct key prefix = key_prefix(ip, head->lengths6[i], space);
        put_prefix(sieve, quick_hash(sieve->hasher->key, sieve->hasher->seed[KEY_PREFIX], prefix.bytes, false));
    }
}

/* The four bytes of an address, the first lowest. The map of networks with prefixes is asked when the sieve is run. */
static inline void put_ipv4(struct match_sieve *sieve, uint32_t bytes)
{
    const struct key_hasher *hasher = sieve->hasher;
    const uint64_t *map = sieve->index->maps[IMAGE_V4];
    uint64_t normal = 4 | (uint64_t)bytes << 8;
    put_probe(sieve, hash_mix(hasher->seed[KEY_ADDRESS] ^ normal, hasher->key.b + 5), false);
    if (map == NULL)
        return;
    __builtin_prefetch(&map[v4_bit(bytes) >> 6]);
    sieve->nets[sieve->net_count++] = (struct net){bytes, sieve->tag};
}

static inline void put_ipv6(struct match_sieve *sieve, const struct ip *ip)
{
    const struct key_hasher *hasher = sieve->hasher;
    const uint64_t *map = sieve->index->maps[IMAGE_V6];
    uint64_t low = load8((const char *)ip->bytes), high = load8((const char *)ip->bytes + 8);
    uint64_t state = hash_mix(hasher->seed[KEY_ADDRESS] ^ (6 | low << 8), (low >> 56 | high << 8) ^ hasher->key.a);
    put_probe(sieve, hash_mix(state ^ high >> 56, hasher->key.b + 17), false);
    if (map != NULL && (sieve->index->head.v6_all != 0 || image_bit(map, image_v6_bit(hasher, image_v6_top(ip)))))
        put_prefixes6(sieve, ip);
}

static void put_address(struct match_sieve *sieve, const struct ip *ip)
{
    if (ip->family == 4)
        put_ipv4(sieve, load4((const char *)ip->bytes));
    else
        put_ipv6(sieve, ip);
}

/* Whether a suffix of so many labels needs a look-up. */
static inline bool depth_occurs(const struct match_sieve *sieve, size_t labels)
{
    return labels <= KEY_LABELS_MAX && (sieve->index->head.depths >> labels & 1) != 0;
}

static void put_domains(struct match_sieve *sieve, slice name)
{
    for (size_t labels = key_labels(name) - 1; labels > 0; labels--) {
        name = slice_from(name, slice_find(name, '.') + 1);
        if (depth_occurs(sieve, labels))
            put_probe(sieve, key_name_hash(sieve->hasher, name), true);
    }
}

/* `path` as in the normal form. */
static void put_url(struct match_sieve *sieve, uint64_t host, unsigned port, slice path)
{
    const struct key_hasher *hasher = sieve->hasher;
    const uint64_t *map = sieve->index->maps[IMAGE_BELOW];
    uint64_t hash = quick_hash(hasher->key, hasher->seed[KEY_PATH], path, false);
    put_probe(sieve, key_url_hash(hasher, KEY_URL, host, port, hash), false);
    if (map == NULL || !image_bit(map, image_sparse_bit(host, sieve->index->head.below_bits)))
        return;
    size_t cuts[KEY_CUTS_MAX];
    for (size_t i = key_cuts(path, cuts); i > 0; i--) {
        slice cut = slice_part(path, 0, cuts[i - 1]);
        hash = quick_hash(hasher->key, hasher->seed[KEY_PATH], cut, false);
        put_probe(sieve, key_url_hash(hasher, KEY_BELOW, host, port, hash), false);
    }
}

/* Any value, by way of its normal form. */
static void add_slowly(struct match_sieve *sieve, const struct observable *observable)
{
    struct key key;
    if (!key_make(observable, 0, &sieve->normal, &key))
        return;
    if (key.kind == KEY_ADDRESS) {
        struct ip ip = key_ip(key.bytes);
        put_address(sieve, &ip);
    } else if (key.kind == KEY_URL) {
        struct key_url url = key_url_split(key.bytes);
        put_url(sieve, key_name_hash(sieve->hasher, url.host), url.port, url.path);
    } else {
        put_probe(sieve, key_hash(sieve->hasher, &key), false);
        if (key.kind == KEY_NAME)
            put_domains(sieve, key.bytes);
    }
}

static void add_address(struct match_sieve *sieve, const struct observable *observable)
{
    uint32_t bytes;
    struct ip ip;
    if (quick_ipv4(observable->value, &bytes))
        put_ipv4(sieve, bytes);
    else if (quick_ipv6(observable->value, &ip))
        put_ipv6(sieve, &ip);
    else if (ip_parse(observable->value, &ip))
        put_address(sieve, &ip);
}

/* The hash of the whole name comes back: a URL is made of it, too. */
static inline uint64_t put_name(struct match_sieve *sieve, const struct plain_name *plain)
{
    struct name_states states;
    name_states_make(sieve->hasher, plain, &states);
    uint64_t whole = suffix_hash(sieve->hasher, plain, &states, 0);
    put_probe(sieve, whole, false);
    uint64_t dots = plain->dots & (UINT64_MAX >> (64 - plain->len));
    for (size_t labels = 1; dots != 0; labels++) {
        size_t dot = 63 - (size_t)__builtin_clzll(dots);
        dots ^= UINT64_C(1) << dot;
        if (depth_occurs(sieve, labels))
            put_probe(sieve, suffix_hash(sieve->hasher, plain, &states, dot + 1), true);
    }
    return whole;
}

static void add_name(struct match_sieve *sieve, const struct observable *observable)
{
    struct plain_name plain;
    if (plain_name_read(observable->value, &plain))
        put_name(sieve, &plain);
    else
        add_slowly(sieve, observable);
}

/* A URL in one piece, as host and path; only where the scheme and the end of the host are plain. */
static bool cut_url(slice value, slice *host, slice *path)
{
    size_t scheme = slice_starts(value, S("http://")) ? 7 : slice_starts(value, S("https://")) ? 8 : 0;
    slice rest = slice_from(value, scheme);
    size_t slash = slice_find(rest, '/');
    *host = slice_part(rest, 0, slash);
    *path = slash == rest.len ? S("/") : slice_from(rest, slash);
    return scheme > 0 && !slice_holds(*host, '?') && !slice_holds(*host, '#');
}

static void add_url(struct match_sieve *sieve, const struct observable *observable)
{
    struct plain_name plain;
    struct name_states states;
    slice host = observable->value, path = observable->path;
    bool apart = path.ptr != NULL || cut_url(observable->value, &host, &path);
    if (!apart || !slice_starts(path, S("/")) || slice_holds(path, '#') || !plain_name_read(host, &plain)) {
        add_slowly(sieve, observable);
        return;
    }
    name_states_make(sieve->hasher, &plain, &states);
    unsigned port = observable->port == 80 || observable->port == 443 ? 0 : observable->port;
    put_url(sieve, suffix_hash(sieve->hasher, &plain, &states, 0), port, path);
}

static void add_hash(struct match_sieve *sieve, const struct observable *observable)
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
        put_probe(sieve, quick_hash(sieve->hasher->key, sieve->hasher->seed[kind], digits, true), false);
    else
        add_slowly(sieve, observable);
}

static void add_text(struct match_sieve *sieve, const struct observable *observable)
{
    enum key_kind kind = key_kind_of[observable->type];
    uint64_t state = sieve->hasher->seed[kind];
    if (kind == KEY_OTHER)
        state = quick_hash(sieve->hasher->key, state, observable->name, false);
    put_probe(sieve, quick_hash(sieve->hasher->key, state, observable->value, false), false);
}

static void (*const add_of[OBSERVABLE_TYPES])(struct match_sieve *, const struct observable *) = {
        [OBSERVABLE_NONE] = add_slowly,
        [OBSERVABLE_IPV4] = add_address,
        [OBSERVABLE_IPV6] = add_address,
        [OBSERVABLE_CIDR] = add_slowly,
        [OBSERVABLE_DOMAIN] = add_name,
        [OBSERVABLE_HOST] = add_name,
        [OBSERVABLE_URL] = add_url,
        [OBSERVABLE_MD5] = add_hash,
        [OBSERVABLE_SHA1] = add_hash,
        [OBSERVABLE_SHA256] = add_hash,
        [OBSERVABLE_SHA512] = add_hash,
        [OBSERVABLE_EMAIL] = add_slowly,
        [OBSERVABLE_JA3] = add_hash,
        [OBSERVABLE_USERAGENT] = add_text,
        [OBSERVABLE_FILENAME] = add_text,
        [OBSERVABLE_OTHER] = add_text,
};

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

/* Of a slot that a part of a name found: whether a domain is among its records. */
static bool holds_domain(const struct match_index *index, uint64_t slot)
{
    uint32_t from, to;
    image_run(index, slot, &from, &to);
    for (uint32_t number = from; number < to; number++) {
        struct match_entry entry;
        match_entry(index, number, &entry);
        if (entry.type == OBSERVABLE_DOMAIN)
            return true;
    }
    return false;
}

static inline void look_up(struct match_sieve *sieve, const struct probe *probe)
{
    const struct match_index *index = sieve->index;
    uint32_t print = image_print(probe->hash);
    for (uint64_t at = image_home(probe->hash, index->head.homes); at < index->bucket_count; at++) {
        const struct image_bucket *bucket = &index->buckets[at];
        for (unsigned equal = equal_prints(bucket, print); equal != 0; equal &= equal - 1) {
            uint64_t slot = (bucket->first & ~IMAGE_SPILLED) + (unsigned)__builtin_ctz(equal);
            if (!probe->within || holds_domain(index, slot))
                sieve->met(sieve->context, probe->tag);
        }
        if ((bucket->first & IMAGE_SPILLED) == 0)
            break;
    }
}

/* Keeps the probes that the filter lets pass and asks for their buckets. */
static void filter_all(struct match_sieve *sieve)
{
    const struct match_index *index = sieve->index;
    const uint64_t *filter = index->maps[IMAGE_FILTER];
    uint32_t kept = 0;
    for (uint32_t i = 0; i < sieve->probe_count; i++) {
        struct probe probe = sieve->probes[i];
        uint64_t bits = image_filter_bits(probe.hash);
        sieve->probes[kept] = probe;
        kept += (filter[image_filter_word(probe.hash, index->filter_words)] & bits) == bits;
    }
    sieve->probe_count = kept;
    for (uint32_t i = 0; i < kept; i++)
        bucket_ask(index, sieve->probes[i].hash);
}

static void look_up_all(struct match_sieve *sieve)
{
    if (sieve->index->filter_words > 0)
        filter_all(sieve);
    for (uint32_t i = 0; i < sieve->probe_count; i++)
        look_up(sieve, &sieve->probes[i]);
    sieve->probe_count = 0;
}

static void prefixes_all(struct match_sieve *sieve)
{
    const struct match_index *index = sieve->index;
    for (uint32_t i = 0; i < sieve->prefix_count; i++) {
        const struct prefix_hash *prefix = &sieve->prefixes[i];
        if (!image_bit(index->maps[IMAGE_PREFIX], image_sparse_bit(prefix->hash, index->head.prefix_bits)))
            continue;
        if (sieve->probe_count == PROBES_MAX)
            look_up_all(sieve);
        sieve->tag = prefix->tag;
        put_probe(sieve, prefix->hash, false);
    }
    sieve->prefix_count = 0;
}

/* Prefixes of the addresses that lie in a network with any: a second wave of look-ups. */
static void nets_all(struct match_sieve *sieve)
{
    const uint64_t *map = sieve->index->maps[IMAGE_V4];
    for (uint32_t i = 0; i < sieve->net_count; i++) {
        const struct net *net = &sieve->nets[i];
        if (!image_bit(map, v4_bit(net->bytes)))
            continue;
        if (sieve->prefix_count + PROBES_EACH_MAX > PREFIXES_MAX)
            prefixes_all(sieve);
        sieve->tag = net->tag;
        put_prefixes4(sieve, net->bytes);
    }
    sieve->net_count = 0;
}

static void sieve_flush(struct match_sieve *sieve)
{
    nets_all(sieve);
    prefixes_all(sieve);
    look_up_all(sieve);
}

static inline void value_begin(struct match_sieve *sieve, uint32_t tag)
{
    if (sieve->net_count == NETS_MAX || sieve->probe_count + PROBES_EACH_MAX > PROBES_MAX ||
            sieve->prefix_count + PROBES_EACH_MAX > PREFIXES_MAX)
        sieve_flush(sieve);
    sieve->tag = tag;
}

void match_sieve_add(struct match_sieve *sieve, const struct observable *observable, uint32_t tag)
{
    assert(observable->type < OBSERVABLE_TYPES);
    value_begin(sieve, tag);
    if (observable->value.len > 0)
        add_of[observable->type](sieve, observable);
}

/* ---- Texts, one kind at a time: which of many kinds comes next is what a processor cannot guess ---- */

/* Only who knows the log can tell what this text means. */
static inline void read_by_others(struct match_sieve *sieve)
{
    sieve->met(sieve->context, sieve->tag);
}

static void read_odd_address(struct match_sieve *sieve, slice text)
{
    struct ip ip;
    if (quick_ipv6(text, &ip))
        put_ipv6(sieve, &ip);
    else if (ip_parse(text, &ip))
        put_address(sieve, &ip);
    else if (slice_holds(text, ':'))
        read_by_others(sieve);
}

static void read_odd_name(struct match_sieve *sieve, slice text)
{
    struct ip ip;
    if (ip_parse(text, &ip))
        put_address(sieve, &ip);
    else if (slice_holds(text, ':'))
        read_by_others(sieve);
    else
        add_slowly(sieve, &(struct observable){.type = OBSERVABLE_HOST, .value = text});
}

static void read_nothing(struct match_sieve *sieve, const struct waiting *text, size_t count, enum observable_type type)
{
    (void)sieve, (void)text, (void)count, (void)type;
}

static void read_addresses(
        struct match_sieve *sieve, const struct waiting *text, size_t count, enum observable_type type)
{
    (void)type;
    for (; count > 0; text++, count--) {
        slice address = {text->ptr, text->len};
        uint32_t bytes;
        value_begin(sieve, text->tag);
        if (quick_ipv4(address, &bytes))
            put_ipv4(sieve, bytes);
        else
            read_odd_address(sieve, address);
    }
}

static void read_names(struct match_sieve *sieve, const struct waiting *text, size_t count, enum observable_type type)
{
    (void)type;
    for (; count > 0; text++, count--) {
        slice name = {text->ptr, text->len};
        struct plain_name plain;
        value_begin(sieve, text->tag);
        if (plain_name_read(name, &plain))
            put_name(sieve, &plain);
        else
            read_odd_name(sieve, name);
    }
}

static void read_urls(struct match_sieve *sieve, const struct waiting *text, size_t count, enum observable_type type)
{
    (void)type;
    for (; count > 0; text++, count--) {
        slice value = {text->ptr, text->len}, host, path;
        struct plain_name plain;
        value_begin(sieve, text->tag);
        if (cut_url(value, &host, &path) && !slice_holds(path, '#') && plain_name_read(host, &plain))
            put_url(sieve, put_name(sieve, &plain), 0, path);
        else
            read_by_others(sieve);
    }
}

static void read_hashes(struct match_sieve *sieve, const struct waiting *text, size_t count, enum observable_type type)
{
    for (; count > 0; text++, count--) {
        value_begin(sieve, text->tag);
        add_hash(sieve, &(struct observable){.type = type, .value = {text->ptr, text->len}});
    }
}

static void read_texts(struct match_sieve *sieve, const struct waiting *text, size_t count, enum observable_type type)
{
    for (; count > 0; text++, count--) {
        value_begin(sieve, text->tag);
        add_text(sieve, &(struct observable){.type = type, .value = {text->ptr, text->len}});
    }
}

static void read_filenames(
        struct match_sieve *sieve, const struct waiting *text, size_t count, enum observable_type type)
{
    for (; count > 0; text++, count--) {
        struct waiting last = *text;
        size_t from = text->len;
        while (from > 0 && text->ptr[from - 1] != '/' && text->ptr[from - 1] != '\\')
            from--;
        last.ptr += from;
        last.len -= (uint32_t)from;
        read_texts(sieve, text, 1, type);
        if (from > 0)
            read_texts(sieve, &last, 1, type);
    }
}

/* Of each kind of text: how it is read, and as what, where it is the same for all of them. */
static const struct reading {
    void (*read)(struct match_sieve *, const struct waiting *, size_t, enum observable_type);
    enum observable_type type;
} readings[MATCH_TEXTS] = {
        [MATCH_NOTHING] = {read_nothing},
        [MATCH_ADDRESS] = {read_addresses},
        [MATCH_NAME] = {read_names},
        [MATCH_URL] = {read_urls},
        [MATCH_MD5] = {read_hashes, OBSERVABLE_MD5},
        [MATCH_SHA1] = {read_hashes, OBSERVABLE_SHA1},
        [MATCH_SHA256] = {read_hashes, OBSERVABLE_SHA256},
        [MATCH_JA3] = {read_hashes, OBSERVABLE_JA3},
        [MATCH_USERAGENT] = {read_texts, OBSERVABLE_USERAGENT},
        [MATCH_FILENAME] = {read_filenames, OBSERVABLE_FILENAME},
};

static bool is_wanted(const struct match_index *index, const struct reading *reading)
{
    return reading->type == OBSERVABLE_NONE || (index->head.kinds >> key_kind_of[reading->type] & 1) != 0;
}

struct match_sieve *match_sieve_open(const struct match_index *index, match_may_meet *met, void *context)
{
    struct match_sieve *sieve = calloc(1, sizeof(*sieve));
    if (sieve == NULL)
        abort();
    sieve->index = index;
    sieve->hasher = &index->hasher;
    sieve->met = met;
    sieve->context = context;
    sieve->normal = buf_make(KEY_BYTES_MAX);
    for (unsigned kind = 0; kind < MATCH_TEXTS; kind++)
        sieve->read_as[kind] = is_wanted(index, &readings[kind]) ? (uint8_t)kind : MATCH_NOTHING;
    return sieve;
}

void match_sieve_close(struct match_sieve *sieve)
{
    if (sieve == NULL)
        return;
    buf_free(&sieve->normal);
    free(sieve);
}

static void read_waiting(struct match_sieve *sieve, enum match_text kind)
{
    const struct reading *reading = &readings[kind];
    reading->read(sieve, sieve->waiting[kind], sieve->waiting_count[kind], reading->type);
    sieve->waiting_count[kind] = 0;
}

void match_sieve_offer(struct match_sieve *sieve, enum match_text kind, slice text, uint32_t tag)
{
    kind = (enum match_text)sieve->read_as[kind];
    uint32_t at = sieve->waiting_count[kind]++;
    sieve->waiting[kind][at] = (struct waiting){text.ptr, (uint32_t)text.len, tag};
    if (at + 1 == WAITING_MAX)
        read_waiting(sieve, kind);
}

void match_sieve_run(struct match_sieve *sieve)
{
    for (unsigned kind = 0; kind < MATCH_TEXTS; kind++)
        read_waiting(sieve, kind);
    sieve_flush(sieve);
}
