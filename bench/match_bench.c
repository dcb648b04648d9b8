/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index alone: how long it takes to build and to open, what it keeps in memory, and nanoseconds per observable for
 * values that meet nothing and values that meet an indicator, by sieve and by the slow twin.
 *
 *     match_bench [INDICATORS...]        10000, 1000000 and 10000000 if none are given
 *
 * Lists are 35 % domains, 25 % IPv4, 20 % SHA-256, 18 % URLs and 2 % prefixes. Observables are 45 % IPv4, 5 % IPv6, 30
 * % hosts, 10 % URLs in two pieces, 10 % hashes, drawn evenly: no value is looked up often enough to stay in the cache.
 */
#include <inttypes.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "match/build.h"

enum {
    OBSERVABLES = 1000000,
    FIND_SHARE = 10, /* the slow twin gets one in so many */
    BLOCK = 1000,    /* observables between two runs of a sieve: about what a block of log lines holds */
    ROUNDS = 3,
    TEXT_BYTES = 160,
};

/* Every value is made from a number; indicators have odd ones, so that even ones meet nothing. */
static uint64_t scramble(uint64_t n)
{
    n = (n ^ (n >> 31)) * 0x7fb5d329728ea185u;
    n = (n ^ (n >> 27)) * 0x81dadef4bc2dd44du;
    return n ^ (n >> 33);
}

/* Processor time: others may use the machine. */
static int64_t cpu_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static slice print_ipv4(char *text, uint64_t n)
{
    uint32_t ip = 0xf0000000u | ((uint32_t)n & 0x0fffffffu);
    return (slice){
            text, (size_t)snprintf(text, TEXT_BYTES, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255)};
}

static slice print_ipv6(char *text, uint64_t n)
{
    uint64_t s = scramble(n);
    return (slice){
            text, (size_t)snprintf(text, TEXT_BYTES, "2001:0db8:%04x:%04x:%04x:0000:0000:%04x", (unsigned)(s & 0xffff),
                          (unsigned)(s >> 16 & 0xffff), (unsigned)(s >> 32 & 0xffff), (unsigned)(n & 0xffff))};
}

static slice print_cidr(char *text, uint64_t n)
{
    uint64_t s = scramble(n);
    return (slice){text, (size_t)snprintf(text, TEXT_BYTES, "10.%u.%u.%u/%u", (unsigned)(s & 255),
                                 (unsigned)(s >> 8 & 255), (unsigned)(s >> 16 & 0xf0), 25 + (unsigned)(n / 2 % 4))};
}

static slice print_host(char *text, uint64_t n)
{
    static const struct {
        const char *before, *behind;
    } forms[] = {{"", "-klinik.example"}, {"rs-", ".test"}, {"www.toko", ".co.test"}, {"cdn.", ".web.example"}};
    unsigned form = (unsigned)scramble(n) & 3;
    return (slice){
            text, (size_t)snprintf(text, TEXT_BYTES, "%s%" PRIx64 "%s", forms[form].before, n, forms[form].behind)};
}

static slice print_sha256(char *text, uint64_t n)
{
    return (slice){text, (size_t)snprintf(text, TEXT_BYTES, "%016" PRIx64 "%016" PRIx64 "%016" PRIx64 "%016" PRIx64,
                                 scramble(n), scramble(n + 1), scramble(n + 2), n)};
}

static slice print_path(char *text, uint64_t n)
{
    return (slice){text,
            (size_t)snprintf(text, TEXT_BYTES, "/unduh/%" PRIx64 "/berkas.php?id=%" PRIu64, scramble(n) & 0xffffff, n)};
}

static slice print_url(char *text, uint64_t n)
{
    char host[TEXT_BYTES], path[TEXT_BYTES];
    (void)print_host(host, n + 1);
    (void)print_path(path, n);
    return (slice){text, (size_t)snprintf(text, TEXT_BYTES, "http://%.60s%.90s", host, path)};
}

struct mix {
    enum observable_type type;
    unsigned share; /* of a hundred */
    slice (*print)(char *text, uint64_t n);
};

static const struct mix list_mix[] = {
        {OBSERVABLE_DOMAIN, 35, print_host},
        {OBSERVABLE_IPV4, 25, print_ipv4},
        {OBSERVABLE_SHA256, 20, print_sha256},
        {OBSERVABLE_URL, 18, print_url},
        {OBSERVABLE_CIDR, 2, print_cidr},
};

static const struct mix log_mix[] = {
        {OBSERVABLE_IPV4, 45, print_ipv4},
        {OBSERVABLE_IPV6, 5, print_ipv6},
        {OBSERVABLE_HOST, 30, print_host},
        {OBSERVABLE_URL, 10, print_host},
        {OBSERVABLE_SHA256, 10, print_sha256},
};

static void must(struct err err)
{
    if (err.kind == ERR_NONE)
        return;
    fprintf(stderr, "match_bench: %s\n", err.why);
    exit(2);
}

static size_t list_row(uint64_t i)
{
    unsigned at = (unsigned)(i * 37 % 100);
    size_t row = 0;
    for (; at >= list_mix[row].share; row++)
        at -= list_mix[row].share;
    return row;
}

/* The time of the adds alone: the text is printed before, in blocks. */
static int64_t add_list(struct match_builder *builder, uint64_t count)
{
    static char texts[BLOCK][TEXT_BYTES];
    static struct indicator indicators[BLOCK];
    int64_t taken = 0;
    for (uint64_t i = 0; i < count; i += BLOCK) {
        uint64_t here = count - i < BLOCK ? count - i : BLOCK;
        for (uint64_t j = 0; j < here; j++) {
            size_t row = list_row(i + j);
            indicators[j] = (struct indicator){.type = list_mix[row].type,
                    .line = (uint32_t)(i + j + 1),
                    .value = list_mix[row].print(texts[j], (i + j) * 2 + 1),
                    .from_us = TIME_NONE,
                    .until_us = TIME_NONE};
        }
        int64_t start = cpu_ns();
        for (uint64_t j = 0; j < here; j++)
            must(match_build_add(builder, &indicators[j]));
        taken += cpu_ns() - start;
    }
    return taken;
}

/* An observable that meets an indicator of its type, or with `miss` nothing. Its text goes to *at. */
static struct observable make_observable(char **at, uint64_t i, uint64_t count, bool miss)
{
    unsigned share = (unsigned)(scramble(i) % 100);
    size_t row = 0;
    for (; share >= log_mix[row].share; row++)
        share -= log_mix[row].share;
    enum observable_type type = log_mix[row].type, wanted = type == OBSERVABLE_HOST ? OBSERVABLE_DOMAIN : type;
    uint64_t n = scramble(i + 12345) % count;
    while (!miss && type != OBSERVABLE_IPV6 && list_mix[list_row(n)].type != wanted)
        n = (n + 1) % count;
    n = n * 2 + !miss;
    bool url = type == OBSERVABLE_URL;
    struct observable observable = {.type = type, .value = log_mix[row].print(*at, n + (url && !miss))};
    *at += observable.value.len + 1;
    if (url) {
        observable.path = print_path(*at, n);
        *at += observable.path.len + 1;
    }
    return observable;
}

static void count_found(void *context, uint32_t tag, uint32_t number)
{
    (void)tag;
    (void)number;
    ++*(uint64_t *)context;
}

/* One block of observables, packed as a block of log is, so that their text is in the cache as it is after decoding. */
struct block {
    char texts[BLOCK * 2 * TEXT_BYTES];
    struct observable observables[BLOCK];
};

static void fill_block(struct block *block, uint64_t from, uint64_t count, bool miss)
{
    char *at = block->texts;
    for (size_t i = 0; i < BLOCK; i++)
        block->observables[i] = make_observable(&at, from + i, count, miss);
}

static int64_t time_sieve(struct match_sieve *sieve, const struct block *block, uint64_t *found)
{
    int64_t start = cpu_ns();
    for (size_t i = 0; i < BLOCK; i++)
        match_sieve_add(sieve, &block->observables[i], (uint32_t)i);
    match_sieve_run(sieve);
    return cpu_ns() - start;
}

static int64_t time_find(const struct match_index *index, const struct block *block, uint64_t *found)
{
    int64_t start = cpu_ns();
    for (size_t i = 0; i < BLOCK; i++)
        match_find(index, &block->observables[i], (uint32_t)i, count_found, found);
    return cpu_ns() - start;
}

static void time_lookups(const struct match_index *index, uint64_t count, bool miss)
{
    static struct block block;
    struct match_sieve *sieve = match_sieve_open(index);
    int64_t best = INT64_MAX, slow = 0;
    uint64_t found = 0, found_slowly = 0;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t taken = 0;
        for (uint64_t from = 0; from < OBSERVABLES; from += BLOCK) {
            fill_block(&block, from + (uint64_t)round * OBSERVABLES, count, miss);
            taken += time_sieve(sieve, &block, &found);
            if (round == 0 && from < OBSERVABLES / FIND_SHARE)
                slow += time_find(index, &block, &found_slowly);
        }
        best = taken < best ? taken : best;
    }
    printf("  %-6s sieve %6.1f ns  find %6.0f ns  finds per observable %.3f\n", miss ? "misses" : "hits",
            (double)best / OBSERVABLES, (double)slow / (OBSERVABLES / FIND_SHARE),
            (double)found / OBSERVABLES / ROUNDS);
    match_sieve_close(sieve);
}

static void bench(uint64_t count, const char *path)
{
    struct arena *arena = arena_open("bench", ARENA_WORK, 1 << 20);
    struct match_builder *builder = match_builder_open(hash_key_random());
    struct match_index *index = NULL;
    int64_t add_ns = add_list(builder, count), start = clock_steady_us();
    must(match_build_write(builder, path, arena));
    int64_t written = clock_steady_us();
    must(match_build_open(builder, &index));
    match_builder_close(builder);
    printf("%" PRIu64 " indicators: add %.3f s, sort, fill and write %.3f s, resident %.2f bytes each\n",
            match_count(index), (double)add_ns / 1e9, (double)(written - start) / 1e6,
            (double)match_resident(index) / (double)count);
    printf(" in memory\n");
    time_lookups(index, count, true);
    time_lookups(index, count, false);
    match_close(index);
    start = clock_steady_us();
    must(match_open(path, arena, &index));
    printf(" mapped file, opened in %.3f ms\n", (double)(clock_steady_us() - start) / 1e3);
    time_lookups(index, count, true);
    time_lookups(index, count, false);
    match_close(index);
    (void)unlink(path);
    arena_close(arena);
}

int main(int argc, char **argv)
{
    static const uint64_t usual[] = {10000, 1000000, 10000000};
    char path[64];
    (void)snprintf(path, sizeof(path), "match_bench-%ld.index", (long)getpid());
    for (int i = 1; i < argc; i++) {
        uint64_t count = 0;
        if (!slice_u64(slice_of(argv[i]), MATCH_INDICATORS_MAX, &count) || count == 0) {
            fprintf(stderr, "match_bench: not a number of indicators: %s\n", argv[i]);
            return 2;
        }
        bench(count, path);
    }
    for (size_t i = 0; argc == 1 && i < COUNT_OF(usual); i++)
        bench(usual[i], path);
    return 0;
}
