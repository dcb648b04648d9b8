/* SPDX-License-Identifier: Apache-2.0 */
#include "app/simulate.h"

#include <assert.h>

#include "app/simulate_text.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"

/*
 * The address and name plan. Numbers are permuted before they become values, so neighbours in number are no neighbours
 * in value; harmless and bad ones live in separate ranges of number and can never be equal.
 *
 *   10.16.0.0/14   the hospitals' own, one /16 each        192.0.2.53 and the like: their resolvers
 *   198.18.0.0/15  partners' networks                      240.0.0.0/6: the world, bad (from number 0) and harmless
 *   244.0.0.0/6    one /24 for each narrow prefix, whose rest is harmless; 248.0.0.0/6: one /16 for each wide prefix
 */
#define WORLD_NET 0xf0000000u
#define WORLD_BITS 26
#define WORLD_HARMLESS (1u << 25)
#define WORLD_ADDRESSES (1u << 22)
#define NARROW_NET 0xf4000000u
#define NARROW_BITS 18
#define WIDE_NET 0xf8000000u
#define WIDE_BITS 10
#define WIDE_EVERY 256u /* one prefix in so many is a wide one */
#define PARTNER_NET 0xc6120000u
#define PARTNER_ADDRESSES (1u << 17)
#define INNER_NET 0x0a100000u
#define INNER_ADDRESSES (1u << 16)

#define NAME_BITS 24
#define NAME_HARMLESS (1u << 23)
#define NAME_NAMES (1u << 21)
#define NAME_SITES (NAME_HARMLESS + (1u << 22)) /* hosts of bad URLs, two URLs each */
#define PATH_BITS 32
#define PATH_HARMLESS (1u << 31)
#define PATH_PATHS (1u << 22)
#define DIGEST_HARMLESS (1ull << 63)

#define EVENT_STEP_US 100000 /* ten events a second: a hospital's day is not far off a million */
#define HOUR_MS 3600000
#define START_LEAST_US 60000000          /* flows start up to a minute earlier */
#define START_MOST_US 221845392000000000 /* 9000-01-01; all events end before the year 9999 */
#define V6_PERCENT 6
#define VLAN_PERCENT 12
#define PIECES_MAX 64

/* What a number is drawn for. Slots follow: FOR_SLOTS + the place in the table, then ranges by their place in a row. */
enum purpose {
    FOR_PLANT,
    FOR_PLANTED,
    FOR_PREFIX,
    FOR_BELOW,
    FOR_ROW,
    FOR_SIDE,
    FOR_V6,
    FOR_TIME,
    FOR_HOSPITAL,
    FOR_INNER,
    FOR_OUTER,
    FOR_OUTER_KIND,
    FOR_PORT,
    FOR_WORLD,
    FOR_NARROW,
    FOR_NARROW_PLACE,
    FOR_WIDE,
    FOR_V6_HOST,
    FOR_NAME,
    FOR_NAMES,
    FOR_NAME_FRONT,
    FOR_LOOKALIKE,
    FOR_PATHS,
    FOR_PATH,
    FOR_PATH_SHAPE,
    FOR_ALIAS,
    FOR_ANSWER,
    FOR_DIGEST,
    FOR_UUID,
    FOR_UUID_NODE,
    FOR_SLOTS = 100,
    FOR_RANGES = 1000,
};

#define FITS_ADDRESS 1u
#define FITS_NAME 2u
#define FITS_URL 4u
#define FITS_DIGEST 8u

/* Shares of an indicator list in hundredths; lists nest because each hundred has the same pattern. */
static const struct kind {
    enum observable_type type;
    unsigned share, fits;
} kinds[] = {
        {OBSERVABLE_DOMAIN, 35, FITS_NAME},
        {OBSERVABLE_IPV4, 25, FITS_ADDRESS},
        {OBSERVABLE_SHA256, 20, FITS_DIGEST},
        {OBSERVABLE_URL, 18, FITS_URL},
        {OBSERVABLE_CIDR, 2, FITS_ADDRESS},
};

#define HUNDRED 100
#define CIDR_ONE_IN 12 /* hits that are moved to a prefix of the same hundred, else rare */

/* An event being written. */
struct scene {
    const struct simulation *simulation;
    const struct row *row;
    uint64_t number;
    int64_t time_us;
    unsigned hospital;
    bool v6, inbound;
    struct simulate_hit hit; /* OBSERVABLE_NONE: nothing planted */
};

/* A row's text (simulate_text.h says how it is written), cut at its slots. */
struct piece {
    slice literal; /* what stands before the slot */
    const struct slot *slot;
    uint64_t purpose, least, most;
};

struct slot {
    const char *name;
    void (*write)(const struct scene *scene, const struct piece *piece, struct buf *out);
    const char *const *words; /* of write_word */
    size_t word_count;
};

/* One kind of event. Shares are in thousandths of the mix. */
struct row {
    unsigned share;
    unsigned fits;
    unsigned inbound;       /* in sixteenths: the outer side is the source */
    uint16_t port;          /* of the service; 0: one of a table */
    bool reply;             /* the source is the one that serves */
    bool resolver;          /* the outer side is the hospital's resolver */
    const char *name_field; /* where a name can be planted */
    const char *text;
};

struct format {
    const char *name, *head;
    const char *source_field, *destination_field, *url_field, *digest_field;
    const struct row *rows;
    size_t row_count;
};

struct pieces {
    struct piece *list;
    size_t count;
};

struct simulation {
    struct simulate_plan plan;
    const struct format *format;
    struct pieces *rows; /* compiled, as format->rows */
    uint64_t key_a, key_b;
    uint8_t kind_of[HUNDRED]; /* by place in the hundred */
    uint8_t rank_of[HUNDRED]; /* how many of the same kind come before it there */
    uint8_t cidr_place;
};

/* Hundredths of a day's events in each hour, UTC, where people live seven hours ahead. */
static const uint8_t day_shares[] = {5, 8, 9, 9, 8, 6, 7, 7, 6, 5, 4, 3, 3, 3, 3, 2, 2, 2, 1, 1, 1, 1, 2, 2};

static const uint16_t service_ports[] = {443, 443, 80, 22, 445, 3389, 8443, 25};

/* --- Numbers ----------------------------------------------------------------------------------------------------- */

static uint64_t draw(const struct simulation *simulation, uint64_t purpose, uint64_t index)
{
    uint64_t odd = (2 * purpose + 1) * 0x9e3779b97f4a7c15u;
    return hash_mix(hash_mix(index ^ simulation->key_a, odd) ^ simulation->key_b, 0xd6e8feb86659fd93u);
}

/* A number below `below`, low ones far more often (the cube of an even draw): what is popular stays popular. */
static uint64_t skewed(uint64_t even, uint64_t below)
{
    uint64_t u = even >> 32;
    uint64_t cube = (u * u >> 32) * u >> 32;
    return cube * below >> 32;
}

/* A permutation of the numbers below 2^bits (an even count of bits): a Feistel network of four rounds. */
static uint32_t permuted(const struct simulation *simulation, enum purpose purpose, unsigned bits, uint32_t n)
{
    unsigned half = bits / 2;
    uint32_t mask = (1u << half) - 1;
    uint32_t left = n >> half, right = n & mask;
    for (unsigned round = 0; round < 4; round++) {
        uint32_t next = left ^ ((uint32_t)draw(simulation, purpose + (round + 1) * 0x10000, right) & mask);
        left = right;
        right = next;
    }
    return left << half | right;
}

/* Another 64-bit number for every 64-bit number: each step can be undone. */
static uint64_t scattered(const struct simulation *simulation, uint64_t n)
{
    n = (n ^ simulation->key_a) * 0xbf58476d1ce4e5b9u;
    n = (n ^ n >> 32) * 0x94d049bb133111ebu;
    return n ^ n >> 29;
}

/* --- Values ------------------------------------------------------------------------------------------------------ */

static void put(struct buf *out, const char *text)
{
    buf_put(out, slice_of(text));
}

static void put_hex(struct buf *out, uint64_t n, unsigned bytes)
{
    char text[8];
    for (unsigned i = 0; i < bytes; i++)
        text[i] = (char)(n >> 8 * (bytes - 1 - i));
    buf_hex(out, (slice){text, bytes});
}

static void put_v4(struct buf *out, uint32_t address)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        buf_u64(out, address >> shift & 255);
        if (shift > 0)
            buf_byte(out, '.');
    }
}

/* In full, as Suricata writes it. */
static void put_v6(struct buf *out, uint32_t net, uint64_t host)
{
    put(out, "2001:0db8:");
    put_hex(out, net, 2);
    put(out, ":0000");
    for (int shift = 48; shift >= 0; shift -= 16) {
        buf_byte(out, ':');
        put_hex(out, host >> shift & 0xffff, 2);
    }
}

static void put_name(const struct simulation *simulation, uint32_t number, struct buf *out)
{
    uint32_t name = permuted(simulation, FOR_NAMES, NAME_BITS, number);
    put(out, name_firsts[name >> 18]);
    buf_byte(out, '-');
    put(out, name_seconds[name >> 12 & 63]);
    buf_byte(out, '-');
    for (int shift = 8; shift >= 0; shift -= 4)
        buf_byte(out, name_letters[name >> shift & 15]);
    buf_byte(out, '.');
    put(out, name_zones[(name ^ name >> 7 ^ name >> 15) % COUNT_OF(name_zones)]);
}

/* The hex digits carry the whole number, so no two numbers give one path. */
static void put_path(const struct simulation *simulation, uint32_t number, bool query, struct buf *out)
{
    uint64_t shape = draw(simulation, FOR_PATH_SHAPE, number);
    buf_byte(out, '/');
    put(out, path_folders[shape % COUNT_OF(path_folders)]);
    buf_byte(out, '/');
    put(out, path_files[(shape >> 8) % COUNT_OF(path_files)]);
    buf_byte(out, '-');
    put_hex(out, permuted(simulation, FOR_PATHS, PATH_BITS, number), 4);
    put(out, path_endings[(shape >> 16) % COUNT_OF(path_endings)]);
    if (query && (shape >> 24) % 4 == 0) {
        put(out, "?id=");
        buf_u64(out, (shape >> 32) % 100000);
    }
}

/* The first eight bytes carry the whole number. */
static void put_digest(const struct simulation *simulation, uint64_t number, unsigned bytes, struct buf *out)
{
    put_hex(out, scattered(simulation, number), 8);
    for (unsigned at = 8; at < bytes; at += 8)
        put_hex(out, draw(simulation, FOR_DIGEST + at * 0x10000, number), bytes - at < 8 ? bytes - at : 8);
}

/* --- Indicators -------------------------------------------------------------------------------------------------- */

static const struct kind *indicator_kind(const struct simulation *simulation, uint64_t number)
{
    return &kinds[simulation->kind_of[number % HUNDRED]];
}

/* Its place among those of its kind. */
static uint32_t indicator_rank(const struct simulation *simulation, uint64_t number)
{
    uint64_t before = number / HUNDRED * indicator_kind(simulation, number)->share;
    return (uint32_t)(before + simulation->rank_of[number % HUNDRED]);
}

struct block {
    uint32_t address;
    unsigned bits;
};

static uint32_t narrow_net(const struct simulation *simulation, uint32_t rank)
{
    return NARROW_NET + (permuted(simulation, FOR_NARROW, NARROW_BITS, rank) << 8);
}

static struct block block_of(const struct simulation *simulation, uint32_t rank)
{
    uint64_t shape = draw(simulation, FOR_PREFIX, rank);
    if (rank % WIDE_EVERY == WIDE_EVERY / 2) {
        uint32_t slot = permuted(simulation, FOR_WIDE, WIDE_BITS, rank / WIDE_EVERY);
        return (struct block){WIDE_NET + (slot << 16), 16 + (unsigned)(shape % 5)};
    }
    unsigned bits = 25 + (unsigned)(shape % 4);
    uint32_t place = (uint32_t)(shape >> 8) & ((1u << (bits - 24)) - 1);
    return (struct block){narrow_net(simulation, rank) + (place << (32 - bits)), bits};
}

static uint32_t bad_address(const struct simulation *simulation, uint32_t rank)
{
    return WORLD_NET + permuted(simulation, FOR_WORLD, WORLD_BITS, rank);
}

static void put_site(const struct simulation *simulation, uint32_t rank, struct buf *out)
{
    put_name(simulation, NAME_SITES + rank / 2, out);
}

enum observable_type simulate_indicator(const struct simulation *simulation, uint64_t number, struct buf *out)
{
    enum observable_type type = indicator_kind(simulation, number)->type;
    uint32_t rank = indicator_rank(simulation, number);
    if (type == OBSERVABLE_DOMAIN) {
        put_name(simulation, rank, out);
    } else if (type == OBSERVABLE_IPV4) {
        put_v4(out, bad_address(simulation, rank));
    } else if (type == OBSERVABLE_SHA256) {
        put_digest(simulation, rank, 32, out);
    } else if (type == OBSERVABLE_URL) {
        put(out, "http://");
        put_site(simulation, rank, out);
        put_path(simulation, rank, true, out);
    } else {
        struct block block = block_of(simulation, rank);
        put_v4(out, block.address);
        buf_byte(out, '/');
        buf_u64(out, block.bits);
    }
    return type;
}

/* Version 4 in form; the last bytes carry the number, so that no two are equal. */
void simulate_indicator_id(const struct simulation *simulation, uint64_t number, struct buf *out)
{
    uint64_t front = draw(simulation, FOR_UUID, number);
    uint64_t back = draw(simulation, FOR_UUID + 0x10000, number);
    put(out, "indicator--");
    put_hex(out, front >> 32, 4);
    buf_byte(out, '-');
    put_hex(out, front >> 16 & 0xffff, 2);
    buf_byte(out, '-');
    put_hex(out, (front & 0x0fff) | 0x4000, 2);
    buf_byte(out, '-');
    put_hex(out, (back >> 48 & 0x3fff) | 0x8000, 2);
    buf_byte(out, '-');
    put_hex(out, back & 0xffffff, 3);
    put_hex(out, permuted(simulation, FOR_UUID_NODE, 24, (uint32_t)number), 3);
}

/* --- What was planted -------------------------------------------------------------------------------------------- */

/* Of each stretch of events / hits one, so that the count is exact and no event has to know of another. */
static bool is_planted(const struct simulation *simulation, uint64_t number)
{
    uint64_t events = simulation->plan.events, hits = simulation->plan.hits;
    if (hits == 0)
        return false;
    uint64_t stretch = number * hits / events;
    uint64_t begin = (stretch * events + hits - 1) / hits;
    uint64_t end = ((stretch + 1) * events + hits - 1) / hits;
    return number == begin + draw(simulation, FOR_PLANT, stretch) % (end - begin);
}

static struct simulate_hit planted(const struct simulation *simulation, uint64_t number)
{
    struct simulate_hit hit = {.event = number};
    if (!is_planted(simulation, number))
        return hit;
    uint64_t indicators = simulation->plan.indicators;
    uint64_t of = indicators < SIMULATE_PLANTED_FROM ? indicators : SIMULATE_PLANTED_FROM;
    uint64_t drawn = draw(simulation, FOR_PLANTED, number);
    hit.indicator = (drawn >> 8) % of;
    uint64_t prefix = hit.indicator / HUNDRED * HUNDRED + simulation->cidr_place;
    if (drawn % CIDR_ONE_IN == 0 && prefix < of)
        hit.indicator = prefix;
    hit.type = indicator_kind(simulation, hit.indicator)->type;
    hit.below = hit.type == OBSERVABLE_DOMAIN && draw(simulation, FOR_BELOW, number) % 2 == 0;
    return hit;
}

static uint32_t hit_address(const struct simulation *simulation, const struct simulate_hit *hit)
{
    uint32_t rank = indicator_rank(simulation, hit->indicator);
    if (hit->type == OBSERVABLE_IPV4)
        return bad_address(simulation, rank);
    struct block block = block_of(simulation, rank);
    uint32_t within = (uint32_t)draw(simulation, FOR_OUTER, hit->event) & (UINT32_MAX >> block.bits);
    return block.address + within;
}

static void put_hit_name(const struct simulation *simulation, const struct simulate_hit *hit, struct buf *out)
{
    uint64_t front = draw(simulation, FOR_NAME_FRONT, hit->event);
    if (hit->below)
        put(out, below_fronts[front % COUNT_OF(below_fronts)]);
    put_name(simulation, indicator_rank(simulation, hit->indicator), out);
}

void simulate_hit_value(const struct simulation *simulation, const struct simulate_hit *hit, struct buf *out)
{
    if (hit->type == OBSERVABLE_IPV4 || hit->type == OBSERVABLE_CIDR)
        put_v4(out, hit_address(simulation, hit));
    else if (hit->type == OBSERVABLE_DOMAIN)
        put_hit_name(simulation, hit, out);
    else
        simulate_indicator(simulation, hit->indicator, out);
}

/* --- Slots ------------------------------------------------------------------------------------------------------- */

static uint64_t slot_draw(const struct scene *scene, const struct piece *piece)
{
    return draw(scene->simulation, piece->purpose, scene->number);
}

static void write_range(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    buf_u64(out, piece->least + slot_draw(scene, piece) % (piece->most - piece->least + 1));
}

static void write_word(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    put(out, piece->slot->words[slot_draw(scene, piece) % piece->slot->word_count]);
}

/* 2026-11-20T10:29:58.960622+0000: no colon in the offset. */
static void put_suricata_time(struct buf *out, int64_t us)
{
    time_write(out, us);
    if (out->len > 0)
        out->len--;
    put(out, "+0000");
}

static void write_time(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    (void)piece;
    put_suricata_time(out, scene->time_us);
}

static void write_start(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    put_suricata_time(out, scene->time_us - (int64_t)(slot_draw(scene, piece) % 60000000));
}

static void write_rfc_time(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    (void)piece;
    time_write(out, scene->time_us);
}

/* 2026-11-20 10:29:58, as reports have it. */
static void write_report_time(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    (void)piece;
    size_t begin = out->len;
    time_write(out, scene->time_us);
    if (out->len < begin + 19)
        return;
    out->len = begin + 19;
    out->ptr[begin + 10] = ' ';
}

static void write_flow(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    buf_u64(out, slot_draw(scene, piece) >> 14 | 1ull << 49);
}

static void write_vlan(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    uint64_t drawn = slot_draw(scene, piece);
    if (drawn % 100 >= VLAN_PERCENT)
        return;
    put(out, "\"vlan\":[");
    buf_u64(out, 10 + (drawn >> 32) % 40 * 10);
    put(out, "],");
}

static void put_inner(const struct scene *scene, struct buf *out)
{
    const struct simulation *simulation = scene->simulation;
    uint32_t who = (uint32_t)skewed(draw(simulation, FOR_INNER, scene->number), INNER_ADDRESSES);
    if (scene->v6)
        put_v6(out, 0x10 + scene->hospital, draw(simulation, FOR_V6_HOST, who));
    else
        put_v4(out, INNER_NET + (scene->hospital << 16) + who);
}

/* The half of the /24 where the narrow prefix is not. */
static uint32_t beside_narrow(const struct simulation *simulation, uint64_t drawn)
{
    uint32_t rank = (uint32_t)skewed(drawn, 1u << NARROW_BITS);
    if (rank % WIDE_EVERY == WIDE_EVERY / 2)
        rank++;
    struct block block = block_of(simulation, rank);
    uint32_t low = (uint32_t)draw(simulation, FOR_NARROW_PLACE, drawn >> 40) & 127;
    return ((block.address & ~127u) ^ 128u) + low;
}

static uint32_t harmless_address(const struct simulation *simulation, uint64_t index)
{
    uint64_t drawn = draw(simulation, FOR_OUTER, index);
    uint64_t kind = draw(simulation, FOR_OUTER_KIND, index) % 16;
    if (kind < 4)
        return beside_narrow(simulation, drawn);
    if (kind < 5)
        return PARTNER_NET + (uint32_t)skewed(drawn, PARTNER_ADDRESSES);
    uint32_t number = WORLD_HARMLESS + (uint32_t)skewed(drawn, WORLD_ADDRESSES);
    return WORLD_NET + permuted(simulation, FOR_WORLD, WORLD_BITS, number);
}

static void put_outer(const struct scene *scene, struct buf *out)
{
    const struct simulation *simulation = scene->simulation;
    if (scene->hit.type == OBSERVABLE_IPV4 || scene->hit.type == OBSERVABLE_CIDR)
        put_v4(out, hit_address(simulation, &scene->hit));
    else if (scene->v6 && scene->row->resolver)
        put_v6(out, 0x10 + scene->hospital, 0x53);
    else if (scene->row->resolver)
        put(out, resolvers[scene->hospital]);
    else if (scene->v6)
        put_v6(out, 0xe000, scattered(simulation, skewed(draw(simulation, FOR_OUTER, scene->number), 1u << 18)));
    else
        put_v4(out, harmless_address(simulation, scene->number));
}

static void write_source(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    (void)piece;
    (scene->inbound ? put_outer : put_inner)(scene, out);
}

static void write_destination(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    (void)piece;
    (scene->inbound ? put_inner : put_outer)(scene, out);
}

static void put_port(const struct scene *scene, bool serves, struct buf *out)
{
    uint64_t drawn = draw(scene->simulation, FOR_PORT, scene->number);
    uint16_t service = scene->row->port != 0 ? scene->row->port : service_ports[drawn % COUNT_OF(service_ports)];
    buf_u64(out, serves ? service : 32768 + (drawn >> 16) % 28000);
}

static void write_source_port(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    (void)piece;
    put_port(scene, scene->row->reply, out);
}

static void write_destination_port(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    (void)piece;
    put_port(scene, !scene->row->reply, out);
}

/* An address in a DNS answer; each slot has its own. */
static void write_answer(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    put_v4(out, harmless_address(scene->simulation, slot_draw(scene, piece)));
}

static void put_harmless_name(const struct simulation *simulation, uint64_t drawn, struct buf *out)
{
    uint32_t popular = (uint32_t)skewed(drawn, NAME_NAMES);
    put(out, name_fronts[draw(simulation, FOR_NAME_FRONT, popular) % COUNT_OF(name_fronts)]);
    put_name(simulation, NAME_HARMLESS + popular, out);
}

/* Now and then a name that only ends like a bad one, in the middle of a label. */
static void write_name(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    (void)piece;
    const struct simulation *simulation = scene->simulation;
    uint64_t lookalike = draw(simulation, FOR_LOOKALIKE, scene->number);
    if (scene->hit.type == OBSERVABLE_DOMAIN) {
        put_hit_name(simulation, &scene->hit, out);
    } else if (lookalike % 256 == 0) {
        put(out, "bukan");
        put_name(simulation, (uint32_t)(lookalike >> 8) % 3500, out);
    } else {
        put_harmless_name(simulation, draw(simulation, FOR_NAME, scene->number), out);
    }
}

static void write_alias(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    (void)piece;
    put_harmless_name(scene->simulation, draw(scene->simulation, FOR_ALIAS, scene->number), out);
}

/* The host of a URL; one in sixteen is that of a bad URL, with a path of its own. */
static void write_site(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    const struct simulation *simulation = scene->simulation;
    uint64_t drawn = slot_draw(scene, piece);
    if (scene->hit.type == OBSERVABLE_URL)
        put_site(simulation, indicator_rank(simulation, scene->hit.indicator), out);
    else if (drawn % 16 == 0)
        put_site(simulation, (uint32_t)(drawn >> 8) % 1800, out);
    else
        put_harmless_name(simulation, drawn, out);
}

/* The same where the log keeps the host as a field of its own. */
static void write_hostname(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    (scene->hit.type == OBSERVABLE_DOMAIN ? write_name : write_site)(scene, piece, out);
}

static uint32_t path_number(const struct scene *scene)
{
    if (scene->hit.type == OBSERVABLE_URL)
        return indicator_rank(scene->simulation, scene->hit.indicator);
    return PATH_HARMLESS + (uint32_t)skewed(draw(scene->simulation, FOR_PATH, scene->number), PATH_PATHS);
}

static void write_path(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    (void)piece;
    put_path(scene->simulation, path_number(scene), true, out);
}

static void write_file(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    (void)piece;
    put_path(scene->simulation, path_number(scene), false, out);
}

static uint64_t harmless_digest(const struct scene *scene, const struct piece *piece, uint64_t most)
{
    return DIGEST_HARMLESS | piece->purpose << 40 | skewed(slot_draw(scene, piece), most);
}

static void write_sha256(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    uint64_t number = harmless_digest(scene, piece, 1u << 20);
    if (scene->hit.type == OBSERVABLE_SHA256)
        number = indicator_rank(scene->simulation, scene->hit.indicator);
    put_digest(scene->simulation, number, 32, out);
}

static void write_sha1(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    put_digest(scene->simulation, harmless_digest(scene, piece, 1u << 20), 20, out);
}

static void write_md5(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    put_digest(scene->simulation, harmless_digest(scene, piece, 1u << 20), 16, out);
}

/* Few programs, so few fingerprints. */
static void write_ja3(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    put_digest(scene->simulation, harmless_digest(scene, piece, 3000), 16, out);
}

static void put_colons(uint64_t front, uint64_t back, unsigned bytes, struct buf *out)
{
    for (unsigned i = 0; i < bytes; i++) {
        if (i > 0)
            buf_byte(out, ':');
        put_hex(out, (i < 8 ? front >> 8 * i : back >> (i - 8)) & 255, 1);
    }
}

static void write_fingerprint(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    uint64_t front = slot_draw(scene, piece);
    put_colons(front, scattered(scene->simulation, front), 20, out);
}

/* Not eight bytes, which would read as an address. */
static void write_serial(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    put_colons(slot_draw(scene, piece), 0x0142, 10, out);
}

static void write_hospital(const struct scene *scene, const struct piece *piece, struct buf *out)
{
    (void)piece;
    put(out, hospitals[scene->hospital]);
}

#define WORDS(table) write_word, table, COUNT_OF(table)

static const struct slot slots[] = {
        {"time", write_time},
        {"start", write_start},
        {"rfc-time", write_rfc_time},
        {"report-time", write_report_time},
        {"flow", write_flow},
        {"vlan", write_vlan},
        {"source", write_source},
        {"source-port", write_source_port},
        {"dest", write_destination},
        {"dest-port", write_destination_port},
        {"answer-1", write_answer},
        {"answer-2", write_answer},
        {"name", write_name},
        {"alias", write_alias},
        {"site", write_site},
        {"hostname", write_hostname},
        {"path", write_path},
        {"file", write_file},
        {"md5", write_md5},
        {"sha1", write_sha1},
        {"sha256", write_sha256},
        {"ja3", write_ja3},
        {"ja3s", write_ja3},
        {"fingerprint", write_fingerprint},
        {"serial", write_serial},
        {"hospital", write_hospital},
        {"agent", WORDS(agents)},
        {"odd-agent", WORDS(odd_agents)},
        {"app", WORDS(apps)},
        {"udp-app", WORDS(udp_apps)},
        {"state", WORDS(states)},
        {"method", WORDS(methods)},
        {"content-type", WORDS(content_types)},
        {"status", WORDS(statuses)},
        {"tls-version", WORDS(tls_versions)},
        {"ja3-string", WORDS(ja3_strings)},
        {"ja3s-string", WORDS(ja3s_strings)},
        {"rule", WORDS(rules)},
        {"magic", WORDS(magics)},
        {"target", WORDS(targets)},
        {"weight", WORDS(weights)},
        {"place", WORDS(places)},
        {"tag", WORDS(tags)},
        {"family", WORDS(families)},
        {"verdict", WORDS(verdicts)},
};

static const struct slot range_slot = {"range", write_range};

/* --- Formats ----------------------------------------------------------------------------------------------------- */

#define WEB (FITS_ADDRESS | FITS_NAME | FITS_URL)

static const struct row eve_rows[] = {
        /* share, fits, inbound, port, reply, resolver, name_field, text */
        {250, FITS_ADDRESS, 4, 0, false, false, NULL, EVE_FLOW_TCP},
        {50, FITS_ADDRESS, 0, 123, false, false, NULL, EVE_FLOW_UDP},
        {160, FITS_NAME, 0, 53, false, true, "dns.rrname", EVE_DNS_QUERY},
        {100, 0, 0, 53, false, true, NULL, EVE_DNS_ADDRESS},
        {20, 0, 0, 53, false, true, NULL, EVE_DNS_ALIAS},
        {100, FITS_ADDRESS | FITS_NAME, 0, 443, false, false, "tls.sni", EVE_TLS_PLAIN},
        {50, FITS_ADDRESS | FITS_NAME, 0, 443, false, false, "tls.sni", EVE_TLS_CERTIFICATE},
        {60, FITS_ADDRESS | FITS_URL, 0, 80, false, false, NULL, EVE_ALERT_HTTP},
        {40, FITS_NAME, 0, 53, false, true, "dns.query[].rrname", EVE_ALERT_DNS},
        {20, FITS_ADDRESS, 12, 0, false, false, NULL, EVE_ALERT_PLAIN},
        {99, WEB, 0, 80, false, false, "http.hostname", EVE_HTTP("<agent>")},
        {1, WEB, 0, 80, false, false, "http.hostname", EVE_HTTP("<odd-agent>")},
        {50, FITS_URL | FITS_DIGEST, 16, 80, true, false, NULL, EVE_FILEINFO},
};

static const struct row csv_rows[] = {
        {500, FITS_ADDRESS | FITS_NAME, 16, 0, false, false, "hostname", CSV_SCAN},
        {300, WEB, 16, 80, false, false, "hostname", CSV_DRONE},
        {150, FITS_ADDRESS | FITS_NAME | FITS_DIGEST, 16, 80, false, false, "hostname", CSV_MALWARE},
        {50, FITS_ADDRESS | FITS_NAME, 16, 0, false, false, "hostname", CSV_QUOTED},
};

static const struct row line_rows[] = {
        {400, FITS_ADDRESS, 6, 0, false, false, NULL, LINE_FIREWALL},
        {350, FITS_NAME, 0, 53, false, true, "line", LINE_RESOLVER},
        {200, FITS_ADDRESS | FITS_URL, 0, 80, false, false, NULL, LINE_PROXY},
        {50, FITS_DIGEST, 0, 0, false, false, NULL, LINE_SCANNER},
};

static const struct format formats[] = {
        {"eve", "", "src_ip", "dest_ip", "http.url", "fileinfo.sha256", eve_rows, COUNT_OF(eve_rows)},
        {"csv", CSV_HEAD, "ip", "dst_ip", "url", "sha256", csv_rows, COUNT_OF(csv_rows)},
        {"lines", "", "line", "line", "line", "line", line_rows, COUNT_OF(line_rows)},
};

/* --- Opening ----------------------------------------------------------------------------------------------------- */

static const struct slot *slot_find(slice name)
{
    for (size_t i = 0; i < COUNT_OF(slots); i++)
        if (slice_eq(name, slice_of(slots[i].name)))
            return &slots[i];
    return NULL;
}

static void range_parse(slice text, struct piece *piece)
{
    size_t dots = slice_find_slice(text, S(".."));
    assert(dots < text.len);
    bool ok = slice_u64(slice_part(text, 0, dots), UINT32_MAX, &piece->least) &&
              slice_u64(slice_from(text, dots + 2), UINT32_MAX, &piece->most);
    assert(ok && piece->least <= piece->most);
    piece->slot = &range_slot;
}

static void slot_parse(slice name, size_t place, struct piece *piece)
{
    piece->slot = slot_find(name);
    if (piece->slot != NULL) {
        piece->purpose = FOR_SLOTS + (uint64_t)(piece->slot - slots);
        return;
    }
    piece->purpose = FOR_RANGES + place;
    range_parse(name, piece);
}

static slice row_text(const char *text, struct arena *arena)
{
    size_t len = strlen(text);
    char *quoted = arena_take(arena, len);
    for (size_t i = 0; i < len; i++)
        quoted[i] = text[i] == '\'' ? '"' : text[i];
    return (slice){quoted, len};
}

static struct pieces row_compile(const char *text, struct arena *arena)
{
    struct pieces pieces = {arena_new(arena, struct piece, PIECES_MAX), 0};
    for (slice rest = row_text(text, arena); rest.len > 0;) {
        assert(pieces.count < PIECES_MAX);
        struct piece *piece = &pieces.list[pieces.count];
        size_t begin = slice_find(rest, '<'), end = slice_find(rest, '>');
        piece->literal = slice_part(rest, 0, begin);
        if (begin < rest.len)
            slot_parse(slice_part(rest, begin + 1, end), pieces.count, piece);
        rest = slice_from(rest, begin < rest.len ? end + 1 : rest.len);
        pieces.count++;
    }
    return pieces;
}

/* Spreads the kinds over the hundred: at each place the kind that is furthest behind its share. */
static void spread_kinds(struct simulation *simulation)
{
    unsigned used[COUNT_OF(kinds)] = {0};
    for (unsigned place = 0; place < HUNDRED; place++) {
        unsigned best = 0;
        for (unsigned i = 1; i < COUNT_OF(kinds); i++)
            if (kinds[i].share * (place + 1) + used[best] * HUNDRED >
                    kinds[best].share * (place + 1) + used[i] * HUNDRED)
                best = i;
        simulation->kind_of[place] = (uint8_t)best;
        simulation->rank_of[place] = (uint8_t)used[best]++;
        if (kinds[best].type == OBSERVABLE_CIDR)
            simulation->cidr_place = (uint8_t)place;
    }
}

static const struct format *format_find(slice name)
{
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        if (slice_eq(name, slice_of(formats[i].name)))
            return &formats[i];
    return NULL;
}

struct err simulate_open(const struct simulate_plan *plan, struct arena *arena, const struct simulation **simulation)
{
    assert(plan->events <= SIMULATE_EVENTS_MAX && plan->hits <= plan->events);
    assert(plan->indicators > 0 && plan->indicators <= SIMULATE_INDICATORS_MAX);
    const struct format *format = format_find(slice_of(plan->format));
    if (format == NULL)
        return err_format(arena, ERR_INPUT, "no such format to simulate: %s (eve, csv or lines)", plan->format);
    if (plan->start_us < START_LEAST_US || plan->start_us > START_MOST_US)
        return err_make(ERR_INPUT, "events can start in the years 1970 to 9000");
    struct simulation *opened = arena_new(arena, struct simulation, 1);
    opened->plan = *plan;
    opened->format = format;
    opened->key_a = hash_mix(plan->seed ^ 0xa0761d6478bd642fu, 0xe7037ed1a0b428dbu);
    opened->key_b = hash_mix(plan->seed ^ 0x8ebc6af09c88c6e3u, 0x589965cc75374cc3u);
    opened->rows = arena_new(arena, struct pieces, format->row_count);
    for (size_t i = 0; i < format->row_count; i++)
        opened->rows[i] = row_compile(format->rows[i].text, arena);
    spread_kinds(opened);
    *simulation = opened;
    return OK;
}

/* --- Events ------------------------------------------------------------------------------------------------------ */

_Static_assert(COUNT_OF(hospitals) == SIMULATE_HOSPITALS, "a name for each hospital");

const char *simulate_hospital(unsigned hospital)
{
    assert(hospital < SIMULATE_HOSPITALS);
    return hospitals[hospital];
}

uint64_t simulate_head(const struct simulation *simulation, struct buf *out)
{
    put(out, simulation->format->head);
    return simulation->format->head[0] == '\0' ? 0 : 1;
}

/* The row that the draw falls on, or the next behind it that has room for what is planted. */
static size_t row_find(const struct simulation *simulation, uint64_t number, enum observable_type planted_type)
{
    const struct format *format = simulation->format;
    uint64_t share = draw(simulation, FOR_ROW, number) % 1000;
    size_t row = 0;
    while (share >= format->rows[row].share)
        share -= format->rows[row++].share;
    unsigned fits = 0;
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (kinds[i].type == planted_type)
            fits = kinds[i].fits;
    while ((format->rows[row].fits & fits) != fits)
        row = (row + 1) % format->row_count;
    return row;
}

static const char *hit_field(const struct scene *scene)
{
    const struct format *format = scene->simulation->format;
    switch (scene->hit.type) {
    case OBSERVABLE_DOMAIN:
        return scene->row->name_field;
    case OBSERVABLE_URL:
        return format->url_field;
    case OBSERVABLE_SHA256:
        return format->digest_field;
    default:
        return scene->inbound ? format->source_field : format->destination_field;
    }
}

/* How long after the start of the day an event happens; those of one hour are spread evenly. */
static int64_t day_us(const struct simulation *simulation, uint64_t number)
{
    uint64_t events = simulation->plan.events, rest = number * HUNDRED;
    size_t hour = 0;
    while (hour < COUNT_OF(day_shares) && rest >= day_shares[hour] * events)
        rest -= day_shares[hour++] * events;
    uint64_t ms = hour * HOUR_MS;
    if (hour < COUNT_OF(day_shares))
        ms += rest * HOUR_MS / (day_shares[hour] * events);
    return (int64_t)ms * 1000;
}

static int64_t event_us(const struct simulation *simulation, uint64_t number)
{
    int64_t begin = (int64_t)number * EVENT_STEP_US, end = begin + EVENT_STEP_US;
    if (simulation->plan.day) {
        begin = day_us(simulation, number);
        end = day_us(simulation, number + 1);
    }
    uint64_t drawn = draw(simulation, FOR_TIME, number);
    uint64_t jitter = end > begin ? drawn % (uint64_t)(end - begin) : 0;
    return simulation->plan.start_us + begin + (int64_t)jitter;
}

static unsigned event_hospital(const struct simulation *simulation, uint64_t number)
{
    uint64_t drawn = simulation->plan.day ? number : draw(simulation, FOR_HOSPITAL, number);
    return (unsigned)(drawn % COUNT_OF(hospitals));
}

static struct scene scene_make(const struct simulation *simulation, uint64_t number, size_t *row)
{
    struct scene scene = {.simulation = simulation, .number = number, .hit = planted(simulation, number)};
    *row = row_find(simulation, number, scene.hit.type);
    scene.row = &simulation->format->rows[*row];
    scene.time_us = event_us(simulation, number);
    scene.hospital = event_hospital(simulation, number);
    scene.inbound = draw(simulation, FOR_SIDE, number) % 16 < scene.row->inbound;
    bool address = scene.hit.type == OBSERVABLE_IPV4 || scene.hit.type == OBSERVABLE_CIDR;
    scene.v6 = !address && draw(simulation, FOR_V6, number) % 100 < V6_PERCENT;
    return scene;
}

bool simulate_event(const struct simulation *simulation, uint64_t number, struct buf *out, struct simulate_hit *hit)
{
    size_t row;
    struct scene scene = scene_make(simulation, number, &row);
    const struct pieces *pieces = &simulation->rows[row];
    for (const struct piece *piece = pieces->list; piece < pieces->list + pieces->count; piece++) {
        buf_put(out, piece->literal);
        if (piece->slot != NULL)
            piece->slot->write(&scene, piece, out);
    }
    if (scene.hit.type == OBSERVABLE_NONE)
        return false;
    *hit = scene.hit;
    hit->field = hit_field(&scene);
    return true;
}
