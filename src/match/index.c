/* SPDX-License-Identifier: Apache-2.0 */
#include "match/match.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "match/build.h"
#include "match/image.h"

static_assert(sizeof(struct image_bucket) == 64, "a bucket is one cache line");
static_assert(sizeof(struct image_header) <= IMAGE_HEAD_BYTES, "the header fits its page");

static const char *prefix_lengths_wrong(const uint8_t *lengths, size_t count, size_t count_max, unsigned bits_max)
{
    if (count > count_max)
        return "damaged index: too many prefix lengths";
    for (size_t i = 0; i < count; i++) {
        if (lengths[i] > bits_max || (i > 0 && lengths[i] >= lengths[i - 1]))
            return "damaged index: the prefix lengths are not in order";
    }
    return NULL;
}

static const char *head_wrong(const struct image_header *head, size_t bytes)
{
    if (memcmp(head->magic, IMAGE_MAGIC, sizeof(head->magic)) != 0)
        return "not a compiled index";
    if (head->endian != IMAGE_ENDIAN)
        return "an index compiled on a machine with another byte order";
    if (head->version != IMAGE_VERSION)
        return "an index of another version: compile it again";
    struct sha256 sum = hash_sha256((slice){(const char *)head, offsetof(struct image_header, sum)});
    if (memcmp(sum.bytes, head->sum.bytes, sizeof(sum.bytes)) != 0)
        return "damaged index: the checksum of the header is wrong";
    if (head->bytes != bytes)
        return "damaged index: the file is shorter or longer than its header says";
    const char *wrong = prefix_lengths_wrong(head->lengths4, head->lengths4_count, sizeof(head->lengths4), 32);
    if (wrong == NULL)
        wrong = prefix_lengths_wrong(head->lengths6, head->lengths6_count, sizeof(head->lengths6), 128);
    return wrong;
}

static bool sparse_fits(uint64_t bytes, uint32_t bits)
{
    return bytes == 0 || (bits >= 6 && bits <= IMAGE_SPARSE_BITS_MAX && bytes == (1u << bits) / 8);
}

static bool size_fits(const struct image_header *head, enum image_section section)
{
    uint64_t bytes = head->sections[section].bytes;
    switch (section) {
    case IMAGE_SOURCES:
        return bytes % sizeof(uint64_t) == 0;
    case IMAGE_PATTERNS:
        return bytes % sizeof(uint64_t) == 0 && bytes / sizeof(uint64_t) <= MATCH_INDICATORS_MAX;
    case IMAGE_RECORDS:
        return bytes == head->records * sizeof(uint64_t);
    case IMAGE_RUNS:
        return bytes == (head->slots + 1) * sizeof(uint32_t);
    case IMAGE_V4:
        return bytes == 0 || bytes == (1u << IMAGE_V4_BITS) / 8;
    case IMAGE_V6:
        return bytes == 0 || bytes == (1u << IMAGE_V6_BITS) / 8;
    case IMAGE_PREFIX:
        return sparse_fits(bytes, head->prefix_bits);
    case IMAGE_BELOW:
        return sparse_fits(bytes, head->below_bits);
    case IMAGE_FILTER:
        return bytes % sizeof(uint64_t) == 0;
    case IMAGE_BUCKETS:
        return bytes % sizeof(struct image_bucket) == 0 && bytes / sizeof(struct image_bucket) >= head->homes;
    default:
        return true;
    }
}

static const char *sections_wrong(const struct image_header *head)
{
    if (head->records > MATCH_INDICATORS_MAX || head->slots > head->records || head->homes == 0 ||
            head->hints > head->records)
        return "damaged index: counts that cannot be";
    for (unsigned i = 0; i < IMAGE_SECTIONS; i++) {
        const struct image_extent *at = &head->sections[i];
        if (at->from < IMAGE_HEAD_BYTES || at->from > head->bytes || at->bytes > head->bytes - at->from ||
                at->from % IMAGE_ALIGN != 0)
            return "damaged index: a section lies outside the file";
        if (i > IMAGE_V4 && at->from < head->sections[IMAGE_V4].from)
            return "damaged index: a section of the look-up lies among those of the records";
        if (!size_fits(head, (enum image_section)i))
            return "damaged index: a section has the wrong size";
    }
    for (unsigned i = IMAGE_V4; i < IMAGE_BUCKETS; i++)
        if (head->sections[i].from + head->sections[i].bytes > head->sections[IMAGE_BUCKETS].from)
            return "damaged index: a map lies behind the buckets";
    return NULL;
}

static const void *section(const struct match_index *index, enum image_section which)
{
    const struct image_extent *at = &index->head.sections[which];
    return at->bytes == 0 ? NULL : index->map + at->from;
}

/*
 * What every look-up touches, the maps and the filter, or the buckets where there is no filter, is copied to huge
 * pages: with small ones each look-up in a long list costs a walk through the page tables besides (10 M indicators: a
 * twentieth of a run). Buckets behind a filter are touched by one look-up in fifty, and copying them would be most of
 * what opening costs: they stay where they are, at the end of the image. So does all where there is no memory for that.
 */
static void warm(struct match_index *index)
{
    const size_t huge = (size_t)2 << 20, page = IMAGE_HEAD_BYTES;
    const struct image_extent *at = index->head.sections;
    size_t cold = at[IMAGE_V4].from;
    size_t bytes = (at[IMAGE_FILTER].bytes > 0 ? at[IMAGE_BUCKETS].from : index->map_bytes) - cold;
    size_t room = (bytes + huge - 1) / huge * huge + huge;
    index->hot = index->map + cold;
    if (bytes < huge)
        return;
    char *memory = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return;
    char *aligned = (char *)(((uintptr_t)memory + huge - 1) / huge * huge);
    (void)madvise(aligned, room - huge, MADV_HUGEPAGE);
    size_t gone = (cold + page - 1) / page * page; /* whole pages of the map that are not needed twice in memory */
    for (size_t done = 0; done < bytes; done += huge) {
        size_t step = bytes - done < huge ? bytes - done : huge, end = (cold + done + step) / page * page;
        memcpy(aligned + done, index->hot + done, step);
        if (end > gone)
            (void)madvise(index->map + gone, end - gone, MADV_DONTNEED);
        gone = end > gone ? end : gone;
    }
    index->hot = aligned;
    index->warm = memory;
    index->warm_bytes = room;
}

static const void *hot_section(const struct match_index *index, enum image_section which)
{
    const struct image_extent *at = index->head.sections;
    return at[which].bytes == 0 ? NULL : index->hot + (at[which].from - at[IMAGE_V4].from);
}

static void point(struct match_index *index)
{
    static const enum image_section maps[] = {IMAGE_V4, IMAGE_V6, IMAGE_PREFIX, IMAGE_BELOW, IMAGE_FILTER};
    const struct image_extent *at = index->head.sections;
    key_hasher_init(&index->hasher, index->head.key);
    warm(index);
    index->buckets = at[IMAGE_FILTER].bytes > 0 ? section(index, IMAGE_BUCKETS) : hot_section(index, IMAGE_BUCKETS);
    index->bucket_count = at[IMAGE_BUCKETS].bytes / sizeof(struct image_bucket);
    index->filter_words = at[IMAGE_FILTER].bytes / sizeof(uint64_t);
    index->runs = section(index, IMAGE_RUNS);
    index->records = section(index, IMAGE_RECORDS);
    index->sources = section(index, IMAGE_SOURCES);
    index->patterns = section(index, IMAGE_PATTERNS);
    index->blob = (slice){index->map + at[IMAGE_BLOB].from, at[IMAGE_BLOB].bytes};
    for (size_t i = 0; i < COUNT_OF(maps); i++)
        index->maps[maps[i]] = hot_section(index, maps[i]);
}

struct err image_adopt(char *map, size_t map_bytes, struct match_index **index)
{
    struct image_header head;
    if (map_bytes < IMAGE_HEAD_BYTES)
        return err_make(ERR_INPUT, "not a compiled index");
    memcpy(&head, map, sizeof(head));
    const char *wrong = head_wrong(&head, map_bytes);
    if (wrong == NULL)
        wrong = sections_wrong(&head);
    if (wrong != NULL)
        return err_make(ERR_INPUT, wrong);
    struct match_index *made = calloc(1, sizeof(*made));
    if (made == NULL)
        return err_make(ERR_SYSTEM, "no memory for the index");
    *made = (struct match_index){.head = head, .map = map, .map_bytes = map_bytes};
    point(made);
    *index = made;
    return OK;
}

static struct err map_file(int fd, const char *path, struct arena *arena, char **map, size_t *bytes)
{
    struct stat stat;
    if (fstat(fd, &stat) != 0)
        return err_errno(arena, path);
    if (!S_ISREG(stat.st_mode) || stat.st_size < IMAGE_HEAD_BYTES)
        return err_format(arena, ERR_INPUT, "%s: not a compiled index", path);
    void *at = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        return err_errno(arena, path);
    *map = at;
    *bytes = (size_t)stat.st_size;
    return OK;
}

/*
 * A hit reads a few bytes here and there of what lies before the maps: reading ahead would only fill memory. Buckets
 * are wanted here and there, too, but soon all of them.
 */
static void advise(const struct match_index *index)
{
    const uint64_t page = ~(uint64_t)(IMAGE_HEAD_BYTES - 1);
    size_t cold = index->head.sections[IMAGE_V4].from & page, buckets = index->head.sections[IMAGE_BUCKETS].from & page;
    (void)madvise(index->map, cold, MADV_RANDOM);
    (void)madvise(index->map + buckets, index->map_bytes - buckets, MADV_WILLNEED);
}

struct err match_open(const char *path, struct arena *arena, struct match_index **index)
{
    char *map = NULL;
    size_t bytes = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(arena, path);
    struct err err = map_file(fd, path, arena, &map, &bytes);
    (void)close(fd);
    TRY(err);
    err = image_adopt(map, bytes, index);
    if (err.kind != ERR_NONE) {
        (void)munmap(map, bytes);
        return err_format(arena, err.kind, "%s: %s", path, err.why);
    }
    advise(*index);
    return OK;
}

bool match_is_image(slice head)
{
    return slice_starts(head, S(IMAGE_MAGIC));
}

void match_close(struct match_index *index)
{
    if (index == NULL)
        return;
    (void)munmap(index->map, index->map_bytes);
    if (index->warm != NULL)
        (void)munmap(index->warm, index->warm_bytes);
    free(index);
}

uint64_t match_count(const struct match_index *index)
{
    return index->head.records - index->head.hints + match_patterns(index);
}

uint64_t match_records(const struct match_index *index)
{
    return index->head.records;
}

uint64_t match_patterns(const struct match_index *index)
{
    return index->head.sections[IMAGE_PATTERNS].bytes / sizeof(uint64_t);
}

uint64_t match_position(const struct match_index *index)
{
    return index->head.position;
}

uint64_t match_resident(const struct match_index *index)
{
    const struct image_extent *at = index->head.sections;
    return at[IMAGE_BUCKETS].from + at[IMAGE_BUCKETS].bytes - at[IMAGE_V4].from;
}

/* Reads on until something does not fit; then `bad` stays. */
struct cursor {
    slice rest;
    bool bad;
};

static slice take(struct cursor *cursor, uint64_t bytes)
{
    if (cursor->bad || bytes > cursor->rest.len) {
        cursor->bad = true;
        return (slice){NULL, 0};
    }
    slice taken = slice_part(cursor->rest, 0, bytes);
    cursor->rest = slice_from(cursor->rest, bytes);
    return taken;
}

static uint8_t take_byte(struct cursor *cursor)
{
    slice byte = take(cursor, 1);
    return byte.len == 0 ? 0 : (uint8_t)byte.ptr[0];
}

static uint32_t take_number(struct cursor *cursor)
{
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        uint8_t byte = take_byte(cursor);
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return (uint32_t)number;
    }
    cursor->bad = true;
    return 0;
}

static slice take_text(struct cursor *cursor, bool there)
{
    return there ? take(cursor, take_number(cursor)) : (slice){NULL, 0};
}

static int64_t take_time(struct cursor *cursor, bool there)
{
    int64_t us = TIME_NONE;
    slice bytes = there ? take(cursor, sizeof(us)) : (slice){NULL, 0};
    if (bytes.len == sizeof(us))
        memcpy(&us, bytes.ptr, sizeof(us));
    return us;
}

static struct cursor cursor_at(const struct match_index *index, uint64_t from)
{
    if (from >= index->blob.len)
        return (struct cursor){.bad = true};
    return (struct cursor){.rest = slice_from(index->blob, from)};
}

static slice source_name(const struct match_index *index, uint32_t source)
{
    if (source >= index->head.sections[IMAGE_SOURCES].bytes / sizeof(uint64_t))
        return (slice){NULL, 0};
    struct cursor cursor = cursor_at(index, index->sources[source]);
    return take_text(&cursor, true);
}

static void entry_at(const struct match_index *index, uint64_t from, struct match_entry *entry)
{
    struct cursor cursor = cursor_at(index, from);
    struct match_entry read = {.type = take_byte(&cursor), .flags = take_byte(&cursor)};
    unsigned has = take_byte(&cursor);
    read.value = take_text(&cursor, true);
    read.name = take_text(&cursor, (has & IMAGE_HAS_NAME) != 0);
    read.id = take_text(&cursor, (has & IMAGE_HAS_ID) != 0);
    read.label = take_text(&cursor, (has & IMAGE_HAS_LABEL) != 0);
    read.source = source_name(index, take_number(&cursor));
    read.line = take_number(&cursor);
    read.from_us = take_time(&cursor, (has & IMAGE_HAS_FROM) != 0);
    read.until_us = take_time(&cursor, (has & IMAGE_HAS_UNTIL) != 0);
    read.modified_us = take_time(&cursor, (has & IMAGE_HAS_MODIFIED) != 0);
    read.pattern = (has & IMAGE_HAS_PATTERN) != 0 ? take_number(&cursor) : 0;
    if (!cursor.bad && read.type > OBSERVABLE_NONE && read.type < OBSERVABLE_TYPES)
        *entry = read;
}

static const struct match_entry nothing = {.from_us = TIME_NONE, .until_us = TIME_NONE, .modified_us = TIME_NONE};

void match_entry(const struct match_index *index, uint32_t number, struct match_entry *entry)
{
    *entry = nothing;
    if (number < index->head.records)
        entry_at(index, index->records[number], entry);
}

void match_pattern(const struct match_index *index, uint32_t number, struct match_entry *entry)
{
    *entry = nothing;
    if (number < match_patterns(index))
        entry_at(index, index->patterns[number], entry);
}

struct indicator match_entry_indicator(const struct match_entry *entry)
{
    return (struct indicator){
            .type = entry->type,
            .flags = entry->flags,
            .name = entry->name,
            .value = entry->value,
            .id = entry->id,
            .label = entry->label,
            .line = entry->line,
            .modified_us = entry->modified_us,
            .from_us = entry->from_us,
            .until_us = entry->until_us,
    };
}

void image_run(const struct match_index *index, uint64_t slot, uint32_t *from, uint32_t *to)
{
    *from = *to = 0;
    if (slot >= index->head.slots)
        return;
    uint32_t first = index->runs[slot], end = index->runs[slot + 1];
    if (first < end && end <= index->head.records) {
        *from = first;
        *to = end;
    }
}

bool image_holds(
        const struct match_index *index, uint32_t number, const struct key *key, bool within, struct buf *normal)
{
    struct match_entry entry;
    struct key own;
    match_entry(index, number, &entry);
    if (within && entry.type != OBSERVABLE_DOMAIN)
        return false;
    struct observable value = {.type = entry.type, .name = entry.name, .value = entry.value};
    return key_make(&value, entry.flags, normal, &own) && key_eq(&own, key);
}

/* What match_find is doing: each key is asked of all indexes before the next, so that the order is that of one. */
struct search {
    const struct match_index *const *indexes;
    size_t count;
    match_found *found;
    void *context;
    uint32_t tag;      /* of the first index, */
    struct buf normal; /* of records */
};

static void ask_slot(struct search *search, size_t which, uint64_t slot, const struct key *key, bool within)
{
    const struct match_index *index = search->indexes[which];
    uint32_t from, to;
    image_run(index, slot, &from, &to);
    for (uint32_t number = from; number < to; number++) {
        if (image_holds(index, number, key, within, &search->normal))
            search->found(search->context, search->tag + (uint32_t)which, number);
    }
}

static void ask_index(struct search *search, size_t which, const struct key *key, bool within)
{
    const struct match_index *index = search->indexes[which];
    uint64_t hash = key_hash(&index->hasher, key);
    for (uint64_t at = image_home(hash, index->head.homes); at < index->bucket_count; at++) {
        const struct image_bucket *bucket = &index->buckets[at];
        for (unsigned i = 0; i < IMAGE_PRINTS; i++) {
            if (bucket->prints[i] == image_print(hash))
                ask_slot(search, which, (bucket->first & ~IMAGE_SPILLED) + i, key, within);
        }
        if ((bucket->first & IMAGE_SPILLED) == 0)
            break;
    }
}

static void ask(struct search *search, const struct key *key, bool within)
{
    for (size_t which = 0; which < search->count; which++)
        ask_index(search, which, key, within);
}

/* The longest prefix that occurs in any index and is shorter than `below`; false if there is none. */
static bool next_length(const struct search *search, unsigned family, unsigned below, unsigned *length)
{
    bool any = false;
    for (size_t which = 0; which < search->count; which++) {
        const struct image_header *head = &search->indexes[which]->head;
        const uint8_t *lengths = family == 4 ? head->lengths4 : head->lengths6;
        size_t count = family == 4 ? head->lengths4_count : head->lengths6_count, i = 0;
        while (i < count && lengths[i] >= below)
            i++;
        if (i < count && (!any || lengths[i] > *length))
            *length = lengths[i];
        any |= i < count;
    }
    return any;
}

static void ask_prefixes(struct search *search, const struct key *address)
{
    struct ip ip = key_ip(address->bytes);
    for (unsigned below = 129, length = 0; next_length(search, ip.family, below, &length); below = length) {
        char space[18];
        struct key prefix = key_prefix(&ip, length, space);
        ask(search, &prefix, false);
    }
}

static void ask_domains(struct search *search, const struct key *name)
{
    struct key domain = *name;
    for (size_t labels = key_labels(name->bytes) - 1; labels > 0; labels--) {
        domain.bytes = slice_from(domain.bytes, slice_find(domain.bytes, '.') + 1);
        if (labels <= KEY_LABELS_MAX)
            ask(search, &domain, true);
    }
}

static void ask_below(struct search *search, const struct key *url)
{
    size_t cuts[KEY_CUTS_MAX];
    slice path = key_url_split(url->bytes).path;
    for (size_t i = key_cuts(path, cuts); i > 0; i--) {
        size_t cut_off = path.len - cuts[i - 1];
        struct key below = {.kind = KEY_BELOW, .bytes = slice_part(url->bytes, 0, url->bytes.len - cut_off)};
        ask(search, &below, false);
    }
}

static void search_run(struct search *search, const struct observable *observable)
{
    static void (*const above[KEY_KINDS])(struct search *, const struct key *) = {
            [KEY_ADDRESS] = ask_prefixes, [KEY_NAME] = ask_domains, [KEY_URL] = ask_below};
    struct buf normal = buf_make(KEY_BYTES_MAX);
    struct key key;
    search->normal = buf_make(KEY_BYTES_MAX);
    if (key_make(observable, 0, &normal, &key)) {
        ask(search, &key, false);
        if (above[key.kind] != NULL)
            above[key.kind](search, &key);
    }
    buf_free(&normal);
    buf_free(&search->normal);
}

void match_find(const struct match_index *index, const struct observable *observable, uint32_t tag, match_found *found,
        void *context)
{
    search_run(&(struct search){.indexes = &index, .count = 1, .found = found, .context = context, .tag = tag},
            observable);
}

void match_find_in(const struct match_index *const *indexes, size_t count, const struct observable *observable,
        match_found *found, void *context)
{
    search_run(&(struct search){.indexes = indexes, .count = count, .found = found, .context = context}, observable);
}
