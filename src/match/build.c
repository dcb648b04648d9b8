/* SPDX-License-Identifier: Apache-2.0 */
#include "match/build.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "match/image.h"

/*
 * Adding appends a record to the blob, which grows where the image will begin, and a (hash, place) pair. Finishing
 * sorts the pairs and lays the other sections behind the blob, so that nothing is copied: the blob's memory becomes the
 * image.
 */

enum {
    TEXT_MAX = 65535,    /* bytes of a type name, an id or a label */
    SOURCES_MAX = 65536, /* files that one index is made of */
    SOURCE_TABLE = 2 * SOURCES_MAX,
    NUMBER_MAX = 5,   /* bytes of a varint */
    BUCKET_LOAD = 11, /* slots per home bucket: 5.8 bytes a slot, and one bucket in nine spills */
    SORT_TOP_MAX = 12,
    SORT_DIGIT = 8,
    SORT_FEW = 32,
    SPARSE = 4,            /* log2 of bits per hash in a sparse map */
    V6_WORK_MAX = 1 << 22, /* bits set one by one for IPv6 prefixes shorter than /32; then the map lets all through */
    V6_SHORT = 16,
};

/* Anonymous memory that grows without being copied: the kernel moves the pages. */
struct space {
    char *ptr;
    size_t len, cap;
};

struct pair {
    uint64_t hash, from;
};

struct match_builder {
    struct key_hasher hasher;
    struct space image;    /* a page for the header, then the blob */
    struct space pairs;    /* struct pair */
    struct space prefixes; /* uint64_t: hashed prefixes */
    struct space below;    /* uint64_t: hashed hosts */
    struct space sources;  /* uint64_t: places in the blob */
    struct space patterns; /* the same */
    uint64_t hints, position;
    uint32_t *source_table; /* by hash of the name: number + 1 */
    uint32_t source;
    uint64_t *v4, *v6; /* maps, NULL until needed */
    uint32_t v6_work;
    bool v6_all;
    bool v4_short[256]; /* prefixes shorter than /8 already in the map, as a heap */
    bool lengths4[33], lengths6[129];
    uint64_t depths, kinds;
    uint64_t slots, buckets;
    struct buf normal;
    bool finished;
};

static const struct err no_memory = {ERR_SYSTEM, "no memory for the index"};

static bool space_reserve(struct space *space, size_t bytes)
{
    if (bytes <= space->cap - space->len)
        return true;
    size_t cap = space->cap == 0 ? 1 << 16 : space->cap;
    while (cap - space->len < bytes)
        cap *= 2;
    void *ptr = space->ptr == NULL ? mmap(NULL, cap, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                                   : mremap(space->ptr, space->cap, cap, MREMAP_MAYMOVE);
    if (ptr == MAP_FAILED)
        return false;
    space->ptr = ptr;
    space->cap = cap;
    return true;
}

static void space_free(struct space *space)
{
    if (space->ptr != NULL)
        (void)munmap(space->ptr, space->cap);
    *space = (struct space){0};
}

static bool space_u64(struct space *space, uint64_t number)
{
    if (!space_reserve(space, sizeof(number)))
        return false;
    memcpy(space->ptr + space->len, &number, sizeof(number));
    space->len += sizeof(number);
    return true;
}

/* The callers of these have reserved the room. */
static void put_byte(struct space *space, unsigned byte)
{
    assert(space->ptr != NULL);
    space->ptr[space->len++] = (char)byte;
}

static void put_number(struct space *space, uint32_t number)
{
    for (; number >= 0x80; number >>= 7)
        put_byte(space, (number & 0x7f) | 0x80);
    put_byte(space, number);
}

static void put_bytes(struct space *space, slice s)
{
    if (s.len > 0)
        memcpy(space->ptr + space->len, s.ptr, s.len);
    space->len += s.len;
}

static void put_text(struct space *space, slice s)
{
    put_number(space, (uint32_t)s.len);
    put_bytes(space, s);
}

static void put_time(struct space *space, int64_t us)
{
    put_bytes(space, (slice){(const char *)&us, sizeof(us)});
}

/* The header's page, and source 0: not said. */
static struct err begin(struct match_builder *builder)
{
    if (!space_reserve(&builder->image, IMAGE_HEAD_BYTES) || !space_u64(&builder->sources, 0))
        return no_memory;
    builder->image.len = IMAGE_HEAD_BYTES;
    put_text(&builder->image, S(""));
    return OK;
}

static void empty(struct match_builder *builder)
{
    struct key_hasher hasher = builder->hasher;
    space_free(&builder->image);
    space_free(&builder->pairs);
    space_free(&builder->prefixes);
    space_free(&builder->below);
    space_free(&builder->sources);
    space_free(&builder->patterns);
    buf_free(&builder->normal);
    free(builder->source_table);
    free(builder->v4);
    free(builder->v6);
    *builder = (struct match_builder){.hasher = hasher, .normal = buf_make(KEY_BYTES_MAX)};
}

struct match_builder *match_builder_open(struct hash_key key)
{
    struct match_builder *builder = calloc(1, sizeof(*builder));
    if (builder == NULL)
        abort();
    builder->normal = buf_make(KEY_BYTES_MAX);
    key_hasher_init(&builder->hasher, key);
    return builder;
}

void match_builder_close(struct match_builder *builder)
{
    if (builder == NULL)
        return;
    empty(builder);
    free(builder);
}

static slice source_at(const struct match_builder *builder, uint32_t source)
{
    uint64_t from;
    memcpy(&from, builder->sources.ptr + source * sizeof(from), sizeof(from));
    const char *at = builder->image.ptr + IMAGE_HEAD_BYTES + from;
    size_t len = 0;
    for (unsigned shift = 0;; shift += 7) {
        len |= (size_t)(*at & 0x7f) << shift;
        if ((*at++ & 0x80) == 0)
            return (slice){at, len};
    }
}

/* The place of that name in the table: its number + 1 is there, or 0. */
static uint32_t *source_place(struct match_builder *builder, slice name)
{
    size_t at = hash_bytes(builder->hasher.key, name) % SOURCE_TABLE;
    while (builder->source_table[at] != 0 && !slice_eq(source_at(builder, builder->source_table[at] - 1), name))
        at = (at + 1) % SOURCE_TABLE;
    return &builder->source_table[at];
}

struct err match_build_source(struct match_builder *builder, slice file_name)
{
    assert(!builder->finished);
    if (builder->image.ptr == NULL)
        TRY(begin(builder));
    if (builder->source_table == NULL)
        builder->source_table = calloc(SOURCE_TABLE, sizeof(uint32_t));
    if (builder->source_table == NULL || !space_reserve(&builder->image, file_name.len + NUMBER_MAX))
        return no_memory;
    if (file_name.len > TEXT_MAX)
        return err_make(ERR_LIMIT, "the name of the file is longer than 65535 bytes");
    uint32_t *place = source_place(builder, file_name);
    uint32_t count = (uint32_t)(builder->sources.len / sizeof(uint64_t));
    if (*place == 0) {
        if (count == SOURCES_MAX)
            return err_make(ERR_LIMIT, "more than 65535 files in one index");
        if (!space_u64(&builder->sources, builder->image.len - IMAGE_HEAD_BYTES))
            return no_memory;
        put_text(&builder->image, file_name);
        *place = count + 1;
    }
    builder->source = *place - 1;
    return OK;
}

static struct err texts_check(const struct indicator *indicator)
{
    if (indicator->name.len > TEXT_MAX || indicator->id.len > TEXT_MAX || indicator->label.len > TEXT_MAX)
        return err_make(ERR_INPUT, "the type name, id or label is longer than 65535 bytes");
    return OK;
}

static struct err make_key(struct match_builder *builder, const struct indicator *indicator, struct key *key)
{
    struct observable value = {.type = indicator->type, .name = indicator->name, .value = indicator->value};
    if (!key_make(&value, indicator->flags, &builder->normal, key)) {
        const char *wrong = observable_wrong(indicator->type, indicator->value);
        return err_make(ERR_INPUT, wrong == NULL ? "the value cannot be of its type" : wrong);
    }
    return texts_check(indicator);
}

static void set_bits(uint64_t *map, uint64_t from, uint64_t count)
{
    if (count >= 64) { /* a prefix is aligned to its size */
        memset(&map[from >> 6], 0xff, count / 8);
        return;
    }
    for (uint64_t bit = from; bit < from + count; bit++)
        map[bit >> 6] |= UINT64_C(1) << (bit & 63);
}

static bool map_need(uint64_t **map, unsigned bits)
{
    if (*map == NULL)
        *map = calloc((size_t)1 << (bits - 6), sizeof(uint64_t));
    return *map != NULL;
}

static struct err note_prefix4(struct match_builder *builder, const struct ip *ip, unsigned bits)
{
    if (!map_need(&builder->v4, IMAGE_V4_BITS))
        return no_memory;
    builder->lengths4[bits] = true;
    if (bits < 8) {
        bool *done = &builder->v4_short[1u << bits | ip->bytes[0] >> (8 - bits)];
        if (*done)
            return OK;
        *done = true;
    }
    uint64_t bit = image_v4_bit(ip->bytes[0], ip->bytes[1], ip->bytes[2]);
    set_bits(builder->v4, bit, bits < IMAGE_V4_BITS ? 1u << (IMAGE_V4_BITS - bits) : 1);
    return OK;
}

static struct err note_prefix6(struct match_builder *builder, const struct ip *ip, unsigned bits)
{
    if (!map_need(&builder->v6, IMAGE_V6_BITS))
        return no_memory;
    builder->lengths6[bits] = true;
    uint32_t count = bits < V6_SHORT ? V6_WORK_MAX : bits < 32 ? 1u << (32 - bits) : 1;
    builder->v6_work += bits < 32 ? count : 0;
    builder->v6_all = builder->v6_all || builder->v6_work >= V6_WORK_MAX;
    if (builder->v6_all) {
        builder->v6_work = V6_WORK_MAX;
        return OK;
    }
    for (uint32_t i = 0; i < count; i++)
        set_bits(builder->v6, image_v6_bit(&builder->hasher, image_v6_top(ip) + i), 1);
    return OK;
}

static struct err note_prefix(struct match_builder *builder, const struct key *key)
{
    struct key address = {.bytes = slice_part(key->bytes, 0, key->bytes.len - 1)};
    struct ip ip = key_ip(address.bytes);
    unsigned bits = (uint8_t)key->bytes.ptr[key->bytes.len - 1];
    return ip.family == 4 ? note_prefix4(builder, &ip, bits) : note_prefix6(builder, &ip, bits);
}

/* What the look-up must know of all indicators together. */
static struct err note(struct match_builder *builder, enum observable_type type, const struct key *key, uint64_t hash)
{
    builder->kinds |= UINT64_C(1) << key->kind;
    if (key->kind == KEY_PREFIX)
        return space_u64(&builder->prefixes, hash) ? note_prefix(builder, key) : no_memory;
    if (key->kind == KEY_NAME && type == OBSERVABLE_DOMAIN) {
        size_t labels = key_labels(key->bytes);
        builder->depths |= labels <= KEY_LABELS_MAX ? UINT64_C(1) << labels : 0;
    }
    if (key->kind == KEY_BELOW &&
            !space_u64(&builder->below, key_name_hash(&builder->hasher, key_url_split(key->bytes).host)))
        return no_memory;
    return OK;
}

static void put_record(struct match_builder *builder, const struct indicator *indicator, const uint32_t *pattern)
{
    struct space *blob = &builder->image;
    unsigned has =
            (indicator->name.len > 0 ? IMAGE_HAS_NAME : 0) | (indicator->id.len > 0 ? IMAGE_HAS_ID : 0) |
            (indicator->label.len > 0 ? IMAGE_HAS_LABEL : 0) | (indicator->from_us != TIME_NONE ? IMAGE_HAS_FROM : 0) |
            (indicator->until_us != TIME_NONE ? IMAGE_HAS_UNTIL : 0) |
            (indicator->modified_us != TIME_NONE ? IMAGE_HAS_MODIFIED : 0) | (pattern != NULL ? IMAGE_HAS_PATTERN : 0);
    put_byte(blob, indicator->type);
    put_byte(blob, indicator->flags);
    put_byte(blob, has);
    put_text(blob, indicator->value);
    if ((has & IMAGE_HAS_NAME) != 0)
        put_text(blob, indicator->name);
    if ((has & IMAGE_HAS_ID) != 0)
        put_text(blob, indicator->id);
    if ((has & IMAGE_HAS_LABEL) != 0)
        put_text(blob, indicator->label);
    put_number(blob, builder->source);
    put_number(blob, indicator->line);
    if ((has & IMAGE_HAS_FROM) != 0)
        put_time(blob, indicator->from_us);
    if ((has & IMAGE_HAS_UNTIL) != 0)
        put_time(blob, indicator->until_us);
    if ((has & IMAGE_HAS_MODIFIED) != 0)
        put_time(blob, indicator->modified_us);
    if (pattern != NULL)
        put_number(blob, *pattern);
}

static size_t record_bytes_max(const struct indicator *indicator)
{
    return 3 + 7 * NUMBER_MAX + 3 * sizeof(int64_t) + indicator->value.len + indicator->name.len + indicator->id.len +
           indicator->label.len;
}

static uint64_t count_records(const struct match_builder *builder)
{
    return builder->pairs.len / sizeof(struct pair);
}

static uint64_t count_patterns(const struct match_builder *builder)
{
    return builder->patterns.len / sizeof(uint64_t);
}

/* Before anything is added. */
static struct err make_room(struct match_builder *builder, const struct indicator *indicator)
{
    assert((indicator->flags & INDICATOR_REVOKED) == 0 && !builder->finished);
    if (count_records(builder) + count_patterns(builder) >= MATCH_INDICATORS_MAX)
        return err_make(ERR_LIMIT, "more than 1000000000 indicators in one index");
    return builder->image.ptr == NULL ? begin(builder) : OK;
}

static struct err add(struct match_builder *builder, const struct indicator *indicator, const uint32_t *pattern)
{
    struct key key;
    TRY(make_room(builder, indicator));
    TRY(make_key(builder, indicator, &key));
    if (!space_reserve(&builder->pairs, sizeof(struct pair)) ||
            !space_reserve(&builder->image, record_bytes_max(indicator)))
        return no_memory;
    uint64_t hash = key_hash(&builder->hasher, &key);
    TRY(note(builder, indicator->type, &key, hash));
    struct pair pair = {hash, builder->image.len - IMAGE_HEAD_BYTES};
    memcpy(builder->pairs.ptr + builder->pairs.len, &pair, sizeof(pair));
    builder->pairs.len += sizeof(pair);
    put_record(builder, indicator, pattern);
    return OK;
}

struct err match_build_add(struct match_builder *builder, const struct indicator *indicator)
{
    return add(builder, indicator, NULL);
}

struct err match_build_pattern(struct match_builder *builder, const struct indicator *pattern, uint32_t *number)
{
    TRY(make_room(builder, pattern));
    TRY(texts_check(pattern));
    if (!space_reserve(&builder->image, record_bytes_max(pattern)) ||
            !space_u64(&builder->patterns, builder->image.len - IMAGE_HEAD_BYTES))
        return no_memory;
    put_record(builder, pattern, NULL);
    *number = (uint32_t)count_patterns(builder) - 1;
    return OK;
}

struct err match_build_hint(struct match_builder *builder, const struct indicator *hint, uint32_t pattern)
{
    struct indicator flagged = *hint;
    flagged.flags |= INDICATOR_HINT;
    assert(pattern < count_patterns(builder));
    TRY(add(builder, &flagged, &pattern));
    builder->hints++;
    return OK;
}

void match_build_position(struct match_builder *builder, uint64_t position)
{
    assert(!builder->finished);
    builder->position = position;
}

uint64_t match_build_count(const struct match_builder *builder)
{
    return count_records(builder) - builder->hints + count_patterns(builder);
}

/* One stable pass over `bits` of the hash. `starts` has room for 1 << bits, and is left as the ends. */
static void scatter(const struct pair *from, struct pair *to, size_t count, unsigned shift, unsigned bits, size_t *ends)
{
    uint64_t mask = (UINT64_C(1) << bits) - 1;
    memset(ends, 0, sizeof(*ends) << bits);
    for (size_t i = 0; i < count; i++)
        ends[from[i].hash >> shift & mask]++;
    size_t sum = 0;
    for (size_t digit = 0; digit <= mask; digit++) {
        size_t here = ends[digit];
        ends[digit] = sum;
        sum += here;
    }
    for (size_t i = 0; i < count; i++)
        to[ends[from[i].hash >> shift & mask]++] = from[i];
}

static void insert_sort(struct pair *pairs, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct pair moved = pairs[i];
        size_t at = i;
        for (; at > 0 && pairs[at - 1].hash > moved.hash; at--)
            pairs[at] = pairs[at - 1];
        pairs[at] = moved;
    }
}

/*
 * Sorts by hash, stable; the result is in `sorted`. The hashes are keyed and so spread evenly: the top digit cuts them
 * into parts that fit the cache, two more leave next to nothing for the insertion sort.
 */
static void sort_pairs(struct pair *pairs, struct pair *sorted, size_t count)
{
    static const size_t part_pairs = 2048;
    size_t ends[1 << SORT_TOP_MAX], small_ends[1 << SORT_DIGIT];
    unsigned top = 1;
    while (top < SORT_TOP_MAX && count >> top > part_pairs)
        top++;
    scatter(pairs, sorted, count, 64 - top, top, ends);
    for (size_t part = 0, from = 0; part < (size_t)1 << top; from = ends[part++]) {
        size_t len = ends[part] - from;
        if (len > SORT_FEW) {
            scatter(sorted + from, pairs + from, len, 64 - top - 2 * SORT_DIGIT, SORT_DIGIT, small_ends);
            scatter(pairs + from, sorted + from, len, 64 - top - SORT_DIGIT, SORT_DIGIT, small_ends);
        }
        insert_sort(sorted + from, len);
    }
}

/* Exchanges the pairs for sorted ones. */
static bool sort(struct match_builder *builder)
{
    struct space sorted = {0};
    size_t count = count_records(builder);
    if (count == 0)
        return true;
    if (!space_reserve(&sorted, builder->pairs.len))
        return false;
    sort_pairs((struct pair *)(void *)builder->pairs.ptr, (struct pair *)(void *)sorted.ptr, count);
    sorted.len = builder->pairs.len;
    space_free(&builder->pairs);
    builder->pairs = sorted;
    return true;
}

static uint64_t count_slots(const struct pair *pairs, size_t count)
{
    uint64_t slots = count > 0;
    for (size_t i = 1; i < count; i++)
        slots += pairs[i].hash != pairs[i - 1].hash;
    return slots;
}

/* Where the next slot stands. */
struct filler {
    struct image_bucket *buckets;
    uint64_t at;   /* bucket */
    unsigned used; /* places in it */
    uint32_t slot;
    uint64_t *filter;
    uint64_t filter_words; /* 0: none */
};

static void next_bucket(struct filler *filler)
{
    filler->buckets[++filler->at].first = filler->slot;
    filler->used = 0;
}

static void fill_slot(struct filler *filler, uint64_t hash, uint64_t homes)
{
    uint64_t home = image_home(hash, homes);
    while (filler->at < home)
        next_bucket(filler);
    if (filler->used == IMAGE_PRINTS) {
        filler->buckets[filler->at].first |= IMAGE_SPILLED;
        next_bucket(filler);
    }
    if (filler->filter_words > 0)
        filler->filter[image_filter_word(hash, filler->filter_words)] |= image_filter_bits(hash);
    filler->buckets[filler->at].prints[filler->used++] = image_print(hash);
    filler->slot++;
}

/* Fills filter, buckets, runs and records in one walk over the sorted pairs; returns how many buckets it took. */
static uint64_t fill(const struct match_builder *builder, const struct image_header *head)
{
    const struct pair *pairs = (const struct pair *)(const void *)builder->pairs.ptr;
    char *image = builder->image.ptr;
    uint32_t *runs = (uint32_t *)(void *)(image + head->sections[IMAGE_RUNS].from);
    uint64_t *records = (uint64_t *)(void *)(image + head->sections[IMAGE_RECORDS].from);
    struct filler filler = {
            .buckets = (struct image_bucket *)(void *)(image + head->sections[IMAGE_BUCKETS].from),
            .filter = (uint64_t *)(void *)(image + head->sections[IMAGE_FILTER].from),
            .filter_words = head->sections[IMAGE_FILTER].bytes / sizeof(uint64_t),
    };
    for (uint32_t i = 0; i < head->records; i++) {
        records[i] = pairs[i].from;
        if (i > 0 && pairs[i].hash == pairs[i - 1].hash)
            continue;
        runs[filler.slot] = i;
        fill_slot(&filler, pairs[i].hash, head->homes);
    }
    runs[filler.slot] = (uint32_t)head->records;
    while (filler.at + 1 < head->homes)
        next_bucket(&filler);
    return filler.at + 1;
}

static void list_lengths(const bool *occurs, size_t count, uint8_t *lengths, uint8_t *lengths_count)
{
    for (size_t bits = count; bits > 0; bits--) {
        if (occurs[bits - 1])
            lengths[(*lengths_count)++] = (uint8_t)(bits - 1);
    }
}

/* Sixteen bits for each hash, within bounds. */
static unsigned sparse_bits(const struct space *hashes)
{
    unsigned bits = 12;
    while (bits < IMAGE_SPARSE_BITS_MAX && hashes->len / sizeof(uint64_t) << SPARSE >> bits > 0)
        bits++;
    return bits;
}

static uint64_t sparse_bytes(const struct space *hashes)
{
    return hashes->len == 0 ? 0 : ((uint64_t)1 << sparse_bits(hashes)) / 8;
}

static void fill_sparse(struct match_builder *builder, const struct image_extent *at, const struct space *hashes)
{
    uint64_t *map = (uint64_t *)(void *)(builder->image.ptr + at->from);
    for (size_t i = 0; i < hashes->len; i += sizeof(uint64_t)) {
        uint64_t hash;
        memcpy(&hash, hashes->ptr + i, sizeof(hash));
        set_bits(map, image_sparse_bit(hash, sparse_bits(hashes)), 1);
    }
}

static uint64_t filter_bytes(uint64_t slots)
{
    return slots < IMAGE_FILTER_LEAST ? 0 : (slots * IMAGE_FILTER_BITS / 64 + 1) * sizeof(uint64_t);
}

static void copy_section(struct match_builder *builder, const struct image_extent *at, const void *bytes)
{
    if (at->bytes > 0)
        memcpy(builder->image.ptr + at->from, bytes, at->bytes);
}

/* Sets where each section lies behind the blob; of the buckets, the most that they can be. */
static void lay_out(const struct match_builder *builder, struct image_header *head)
{
    uint64_t buckets_max = head->homes + head->slots / IMAGE_PRINTS + 1, at = IMAGE_HEAD_BYTES;
    uint64_t bytes[IMAGE_SECTIONS] = {
            [IMAGE_BLOB] = builder->image.len - IMAGE_HEAD_BYTES,
            [IMAGE_SOURCES] = builder->sources.len,
            [IMAGE_PATTERNS] = builder->patterns.len,
            [IMAGE_RECORDS] = head->records * sizeof(uint64_t),
            [IMAGE_RUNS] = (head->slots + 1) * sizeof(uint32_t),
            [IMAGE_V4] = builder->v4 == NULL ? 0 : (1u << IMAGE_V4_BITS) / 8,
            [IMAGE_V6] = builder->v6 == NULL ? 0 : (1u << IMAGE_V6_BITS) / 8,
            [IMAGE_PREFIX] = sparse_bytes(&builder->prefixes),
            [IMAGE_BELOW] = sparse_bytes(&builder->below),
            [IMAGE_FILTER] = filter_bytes(head->slots),
            [IMAGE_BUCKETS] = buckets_max * sizeof(struct image_bucket),
    };
    for (unsigned i = 0; i < IMAGE_SECTIONS; i++) {
        head->sections[i] = (struct image_extent){at, bytes[i]};
        at = (at + bytes[i] + IMAGE_ALIGN - 1) / IMAGE_ALIGN * IMAGE_ALIGN;
    }
    head->bytes = at;
}

static struct image_header make_head(const struct match_builder *builder)
{
    const struct pair *pairs = (const struct pair *)(const void *)builder->pairs.ptr;
    struct image_header head = {
            .magic = {0},
            .endian = IMAGE_ENDIAN,
            .version = IMAGE_VERSION,
            .v6_all = builder->v6_all,
            .key = builder->hasher.key,
            .records = count_records(builder),
            .slots = count_slots(pairs, count_records(builder)),
            .hints = builder->hints,
            .position = builder->position,
            .depths = builder->depths,
            .kinds = builder->kinds,
            .prefix_bits = sparse_bits(&builder->prefixes),
            .below_bits = sparse_bits(&builder->below),
    };
    memcpy(head.magic, IMAGE_MAGIC, sizeof(head.magic));
    head.homes = head.slots / BUCKET_LOAD + 1;
    list_lengths(builder->lengths4, COUNT_OF(builder->lengths4), head.lengths4, &head.lengths4_count);
    list_lengths(builder->lengths6, COUNT_OF(builder->lengths6), head.lengths6, &head.lengths6_count);
    lay_out(builder, &head);
    return head;
}

/* Makes the image out of what was added; a second call finds it made. */
static struct err finish(struct match_builder *builder)
{
    if (builder->finished)
        return OK;
    if (builder->image.ptr == NULL)
        TRY(begin(builder));
    if (!sort(builder))
        return no_memory;
    struct image_header head = make_head(builder);
    if (!space_reserve(&builder->image, head.bytes - builder->image.len))
        return no_memory;
    copy_section(builder, &head.sections[IMAGE_SOURCES], builder->sources.ptr);
    copy_section(builder, &head.sections[IMAGE_PATTERNS], builder->patterns.ptr);
    copy_section(builder, &head.sections[IMAGE_V4], builder->v4);
    copy_section(builder, &head.sections[IMAGE_V6], builder->v6);
    fill_sparse(builder, &head.sections[IMAGE_PREFIX], &builder->prefixes);
    fill_sparse(builder, &head.sections[IMAGE_BELOW], &builder->below);
    struct image_extent *buckets = &head.sections[IMAGE_BUCKETS];
    buckets->bytes = fill(builder, &head) * sizeof(struct image_bucket);
    head.bytes = buckets->from + buckets->bytes;
    head.sum = hash_sha256((slice){(const char *)&head, offsetof(struct image_header, sum)});
    memcpy(builder->image.ptr, &head, sizeof(head));
    builder->image.len = head.bytes;
    builder->finished = true;
    return OK;
}

/* Makes an index of the image, which is empty afterwards unless that fails. */
static struct err adopt(struct space *image, struct match_index **index)
{
    char *map = mremap(image->ptr, image->cap, image->len, MREMAP_MAYMOVE);
    if (map == MAP_FAILED)
        return no_memory;
    *image = (struct space){map, image->len, image->len};
    TRY(image_adopt(map, image->len, index));
    (void)mprotect(map, image->len, PROT_READ);
    *image = (struct space){0};
    return OK;
}

struct err match_build_open(struct match_builder *builder, struct match_index **index)
{
    TRY(finish(builder));
    TRY(adopt(&builder->image, index));
    empty(builder);
    return OK;
}

struct err match_build_copy(slice bytes, struct match_index **index)
{
    struct space image = {0};
    if (!match_is_image(bytes))
        return err_make(ERR_INPUT, "not a compiled index");
    if (!space_reserve(&image, bytes.len))
        return no_memory;
    put_bytes(&image, bytes);
    struct err err = adopt(&image, index);
    space_free(&image);
    return err;
}

/* A stretch of the file, for one thread. */
struct part {
    int fd;
    slice bytes;
    uint64_t offset;
    int failed; /* errno */
};

static void *part_write(void *context)
{
    static const size_t write_max = 1 << 30; /* Linux takes a little less than 2 GiB at once */
    struct part *part = context;
    slice rest = part->bytes;
    while (rest.len > 0 && part->failed == 0) {
        size_t step = rest.len < write_max ? rest.len : write_max;
        ssize_t done = pwrite(part->fd, rest.ptr, step, (off_t)(part->offset + part->bytes.len - rest.len));
        if (done < 0 && errno != EINTR)
            part->failed = errno;
        rest = slice_from(rest, done < 0 ? 0 : (size_t)done);
    }
    return NULL;
}

/* Both halves at once: filling the page cache takes the kernel longer than the index took us. */
static struct err write_all(int fd, slice bytes, const char *path, struct arena *arena)
{
    size_t half = bytes.len / 2;
    struct part front = {.fd = fd, .bytes = slice_part(bytes, 0, half)};
    struct part back = {.fd = fd, .bytes = slice_from(bytes, half), .offset = half};
    pthread_t thread;
    bool threaded = pthread_create(&thread, NULL, part_write, &back) == 0;
    part_write(&front);
    if (threaded)
        pthread_join(thread, NULL);
    else
        part_write(&back);
    errno = front.failed != 0 ? front.failed : back.failed;
    if (errno != 0)
        return err_errno(arena, path);
    return fsync(fd) == 0 ? OK : err_errno(arena, path);
}

static struct err write_file(const char *path, slice bytes, struct arena *arena)
{
    (void)unlink(path); /* left by a process of the same number that was killed */
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return err_errno(arena, path);
    struct err err = write_all(fd, bytes, path, arena);
    if (close(fd) != 0 && err.kind == ERR_NONE)
        err = err_errno(arena, path);
    return err;
}

/* The new name is on disk when its directory is. */
static struct err sync_directory(const char *path, struct arena *arena)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);
    const char *directory = len == 0 ? "." : arena_cstr(arena, (slice){path, len});
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(arena, directory);
    struct err err = fsync(fd) == 0 ? OK : err_errno(arena, directory);
    (void)close(fd);
    return err;
}

struct err match_build_place(const char *path, struct arena *arena)
{
    struct stat stat;
    if (lstat(path, &stat) != 0)
        return errno == ENOENT ? OK : err_errno(arena, path);
    if (S_ISREG(stat.st_mode))
        return OK;
    return err_format(arena, ERR_CONFLICT, "%s: is not a regular file; an index takes the place of nothing else", path);
}

struct err match_build_write(struct match_builder *builder, const char *path, struct arena *arena)
{
    TRY(match_build_place(path, arena));
    TRY(finish(builder));
    const char *beside = arena_printf(arena, "%s.tmp-%ld", path, (long)getpid());
    struct err err = write_file(beside, (slice){builder->image.ptr, builder->image.len}, arena);
    if (err.kind == ERR_NONE && rename(beside, path) != 0)
        err = err_errno(arena, path);
    if (err.kind != ERR_NONE) {
        (void)unlink(beside);
        return err;
    }
    return sync_directory(path, arena);
}
