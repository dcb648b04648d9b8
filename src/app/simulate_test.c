/* SPDX-License-Identifier: Apache-2.0 */
#include "app/simulate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/ip.h"
#include "json/check.h"

#define BYTES_MAX (64u << 20)
#define START_US 1795132800000000 /* 2026-11-19 */

static const char *const formats[] = {"eve", "csv", "lines"};

struct world {
    struct arena *arena;
    const struct simulation *simulation;
    struct simulate_plan plan;
};

static struct world world_open(const char *format, uint64_t seed, uint64_t events, uint64_t hits, uint64_t indicators)
{
    struct world world = {.arena = arena_open("simulate test", ARENA_PROCESS, BYTES_MAX)};
    world.plan = (struct simulate_plan){format, seed, events, indicators, hits, START_US};
    struct err err = simulate_open(&world.plan, world.arena, &world.simulation);
    assert_int_equal(err.kind, ERR_NONE);
    return world;
}

static void world_close(struct world *world)
{
    arena_close(world->arena);
}

static struct sha256 digest_of_everything(const char *format, uint64_t seed)
{
    struct world world = world_open(format, seed, 2000, 200, 500);
    struct buf all = buf_make(BYTES_MAX);
    struct simulate_hit hit;
    simulate_head(world.simulation, &all);
    for (uint64_t i = 0; i < world.plan.events; i++)
        if (simulate_event(world.simulation, i, &all, &hit))
            simulate_hit_value(world.simulation, &hit, &all);
    for (uint64_t i = 0; i < world.plan.indicators; i++) {
        simulate_indicator(world.simulation, i, &all);
        simulate_indicator_id(world.simulation, i, &all);
    }
    assert_int_equal(buf_check(&all).kind, ERR_NONE);
    struct sha256 digest = hash_sha256(buf_slice(&all));
    buf_free(&all);
    world_close(&world);
    return digest;
}

static void the_same_seed_gives_the_same_bytes_and_another_one_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        struct sha256 first = digest_of_everything(formats[i], 7);
        struct sha256 again = digest_of_everything(formats[i], 7);
        struct sha256 other = digest_of_everything(formats[i], 8);
        assert_memory_equal(&first, &again, sizeof(first));
        assert_memory_not_equal(&first, &other, sizeof(first));
    }
}

static void an_event_is_the_same_whichever_was_asked_for_before(void **state)
{
    (void)state;
    struct world world = world_open("eve", 3, 1000, 100, 1000);
    struct buf forward = buf_make(BYTES_MAX), alone = buf_make(BYTES_MAX);
    struct simulate_hit hit;
    size_t begin = 0;
    for (uint64_t i = 0; i <= 700; i++) {
        begin = forward.len;
        simulate_event(world.simulation, i, &forward, &hit);
    }
    simulate_event(world.simulation, 700, &alone, &hit);
    assert_true(slice_eq(slice_from(buf_slice(&forward), begin), buf_slice(&alone)));
    buf_free(&forward);
    buf_free(&alone);
    world_close(&world);
}

/* --- The mix ----------------------------------------------------------------------------------------------------- */

static const struct {
    const char *mark;
    unsigned thousandths;
} eve_shares[] = {
        {"\"event_type\":\"flow\"", 300},
        {"\"event_type\":\"dns\"", 280},
        {"\"event_type\":\"tls\"", 150},
        {"\"event_type\":\"alert\"", 120},
        {"\"event_type\":\"http\"", 100},
        {"\"event_type\":\"fileinfo\"", 50},
        {"\"type\":\"query\",\"id\"", 200}, /* 160 of dns, 40 of alert */
        {"\"type\":\"answer\"", 120},
        {"\"issuerdn\"", 50},
        {"\"vlan\":[", 120},
        {"\"src_ip\":\"2001:0db8:", 60},
};

static bool holds(slice text, slice part)
{
    return slice_find_slice(text, part) < text.len;
}

static void the_mix_keeps_its_shares(void **state)
{
    (void)state;
    const unsigned events = 50000;
    struct world world = world_open("eve", 11, events, 50, 10000);
    struct buf line = buf_make(SIMULATE_RECORD_MAX);
    struct simulate_hit hit;
    unsigned seen[COUNT_OF(eve_shares)] = {0};
    uint64_t bytes = 0, most = 0;
    for (uint64_t i = 0; i<events; i++, bytes += line.len, most = line.len> most ? line.len : most) {
        buf_reset(&line);
        simulate_event(world.simulation, i, &line, &hit);
        slice text = buf_slice(&line);
        for (size_t k = 0; k < COUNT_OF(eve_shares); k++)
            seen[k] += holds(text, slice_of(eve_shares[k].mark));
    }
    for (size_t k = 0; k < COUNT_OF(eve_shares); k++)
        assert_in_range(
                seen[k] * 1000 / events, eve_shares[k].thousandths * 9 / 10, eve_shares[k].thousandths * 11 / 10);
    assert_in_range(bytes / events, 600, 700);
    assert_true(most < SIMULATE_RECORD_MAX / 2);
    buf_free(&line);
    world_close(&world);
}

static void one_web_request_in_a_hundred_holds_escapes(void **state)
{
    (void)state;
    struct world world = world_open("eve", 12, 200000, 0, 100);
    struct buf line = buf_make(SIMULATE_RECORD_MAX);
    struct simulate_hit hit;
    unsigned escapes = 0, requests = 0;
    for (uint64_t i = 0; i < world.plan.events; i++) {
        buf_reset(&line);
        simulate_event(world.simulation, i, &line, &hit);
        requests += holds(buf_slice(&line), S("\"event_type\":\"http\""));
        escapes += slice_find(buf_slice(&line), '\\') < line.len;
    }
    assert_true(requests > 18000);
    assert_in_range(escapes * 1000, requests * 7, requests * 13);
    buf_free(&line);
    world_close(&world);
}

static void every_event_is_one_line_and_eve_is_json(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT_OF(formats); k++) {
        struct world world = world_open(formats[k], 13, 5000, 500, 10000);
        struct buf line = buf_make(SIMULATE_RECORD_MAX);
        struct simulate_hit hit;
        for (uint64_t i = 0; i < world.plan.events; i++) {
            buf_reset(&line);
            simulate_event(world.simulation, i, &line, &hit);
            assert_int_equal(slice_find(buf_slice(&line), '\n'), line.len - 1);
            slice record = slice_part(buf_slice(&line), 0, line.len - 1);
            if (k == 0)
                assert_int_equal(json_check(record, &json_limits_default, NULL).kind, ERR_NONE);
        }
        buf_free(&line);
        world_close(&world);
    }
}

/* --- Indicators -------------------------------------------------------------------------------------------------- */

static void indicators_keep_their_shares_in_every_hundred(void **state)
{
    (void)state;
    static const unsigned shares[OBSERVABLE_TYPES] = {[OBSERVABLE_DOMAIN] = 35,
            [OBSERVABLE_IPV4] = 25,
            [OBSERVABLE_SHA256] = 20,
            [OBSERVABLE_URL] = 18,
            [OBSERVABLE_CIDR] = 2};
    struct world world = world_open("eve", 5, 0, 0, 1000);
    struct buf value = buf_make(SIMULATE_RECORD_MAX);
    unsigned seen[OBSERVABLE_TYPES] = {0};
    for (uint64_t i = 0; i < 1000; i++) {
        buf_reset(&value);
        enum observable_type type = simulate_indicator(world.simulation, i, &value);
        assert_null(observable_wrong(type, buf_slice(&value)));
        seen[type]++;
    }
    for (size_t type = 0; type < OBSERVABLE_TYPES; type++)
        assert_int_equal(seen[type], shares[type] * 10);
    buf_free(&value);
    world_close(&world);
}

static void a_short_list_is_the_beginning_of_a_long_one(void **state)
{
    (void)state;
    struct world brief = world_open("eve", 5, 0, 0, 10);
    struct world full = world_open("eve", 5, 0, 0, SIMULATE_INDICATORS_MAX);
    struct buf a = buf_make(SIMULATE_RECORD_MAX), b = buf_make(SIMULATE_RECORD_MAX);
    for (uint64_t i = 0; i < 10; i++) {
        simulate_indicator(brief.simulation, i, &a);
        simulate_indicator(full.simulation, i, &b);
    }
    assert_true(slice_eq(buf_slice(&a), buf_slice(&b)));
    buf_free(&a);
    buf_free(&b);
    world_close(&brief);
    world_close(&full);
}

static int order_u64(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* By 64-bit hashes: 200,000 different values do not meet by chance. */
static void no_two_indicators_and_no_two_ids_are_equal(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    struct world world = world_open("eve", 6, 0, 0, COUNT);
    struct buf text = buf_make(SIMULATE_RECORD_MAX);
    uint64_t *hashes = arena_new(world.arena, uint64_t, 2 * COUNT);
    struct hash_key key = hash_key_fixed(1);
    for (size_t i = 0; i < COUNT; i++) {
        buf_reset(&text);
        simulate_indicator(world.simulation, i, &text);
        hashes[2 * i] = hash_bytes(key, buf_slice(&text));
        buf_reset(&text);
        simulate_indicator_id(world.simulation, i, &text);
        assert_int_equal(text.len, 11 + 36);
        hashes[2 * i + 1] = hash_bytes(key, buf_slice(&text));
    }
    qsort(hashes, 2 * COUNT, sizeof(*hashes), order_u64);
    for (size_t i = 1; i < 2 * COUNT; i++)
        assert_true(hashes[i - 1] != hashes[i]);
    buf_free(&text);
    world_close(&world);
}

/* --- Nobody real ------------------------------------------------------------------------------------------------- */

static const char *const allowed[] = {"10.0.0.0/8", "198.18.0.0/15", "240.0.0.0/4", "192.0.2.0/24", "198.51.100.0/24",
        "203.0.113.0/24", "2001:db8::/32"};

static bool is_allowed(const struct ip *ip)
{
    for (size_t i = 0; i < COUNT_OF(allowed); i++) {
        struct prefix prefix;
        assert_true(prefix_parse(slice_of(allowed[i]), &prefix));
        if (prefix_holds(&prefix, ip))
            return true;
    }
    return false;
}

static bool is_address_byte(char c)
{
    return byte_hex(c) >= 0 || c == '.' || c == ':';
}

/* Every longest run of address bytes that reads as an address. Returns how many. */
static unsigned check_addresses(slice text)
{
    unsigned count = 0;
    for (size_t at = 0; at < text.len;) {
        size_t begin = at;
        while (at < text.len && is_address_byte(text.ptr[at]))
            at++;
        struct ip ip;
        if (at > begin + 6 && ip_parse(slice_part(text, begin, at), &ip)) {
            assert_true(is_allowed(&ip));
            count++;
        }
        at += at == begin;
    }
    return count;
}

static void all_addresses_are_of_nobody(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT_OF(formats); k++) {
        struct world world = world_open(formats[k], 14, 5000, 1000, 20000);
        struct buf text = buf_make(BYTES_MAX);
        struct simulate_hit hit;
        for (uint64_t i = 0; i < world.plan.events; i++)
            simulate_event(world.simulation, i, &text, &hit);
        for (uint64_t i = 0; i < world.plan.indicators; i++) {
            simulate_indicator(world.simulation, i, &text);
            buf_byte(&text, '\n');
        }
        assert_true(check_addresses(buf_slice(&text)) > world.plan.events);
        buf_free(&text);
        world_close(&world);
    }
}

static const char *const name_keys[] = {"\"rrname\":\"", "\"sni\":\"", "\"hostname\":\"", "\"http_refer\":\"http://"};

static void check_names(slice line)
{
    for (size_t k = 0; k < COUNT_OF(name_keys); k++) {
        slice key = slice_of(name_keys[k]);
        slice rest = line;
        for (size_t at = slice_find_slice(rest, key); at < rest.len; at = slice_find_slice(rest, key)) {
            rest = slice_from(rest, at + key.len);
            slice name = slice_part(rest, 0, slice_find(rest, '"'));
            if (slice_ends(name, S("/")))
                name.len--;
            assert_true(slice_ends(name, S(".example")) || slice_ends(name, S(".test")));
        }
    }
}

static void all_names_are_of_nobody(void **state)
{
    (void)state;
    struct world world = world_open("eve", 15, 5000, 1000, 10000);
    struct buf line = buf_make(SIMULATE_RECORD_MAX);
    struct simulate_hit hit;
    for (uint64_t i = 0; i < world.plan.events; i++) {
        buf_reset(&line);
        simulate_event(world.simulation, i, &line, &hit);
        check_names(buf_slice(&line));
    }
    buf_free(&line);
    world_close(&world);
}

/* --- Hits -------------------------------------------------------------------------------------------------------- */

static void hits_are_exactly_as_many_as_planned(void **state)
{
    (void)state;
    static const uint64_t plans[][2] = {
            {1000, 0}, {1000, 1}, {1000, 7}, {1000, 333}, {1000, 999}, {1000, 1000}, {1, 1}};
    for (size_t p = 0; p < COUNT_OF(plans); p++) {
        struct world world = world_open("eve", 16, plans[p][0], plans[p][1], 100);
        struct buf line = buf_make(BYTES_MAX);
        struct simulate_hit hit;
        uint64_t hits = 0;
        for (uint64_t i = 0; i < world.plan.events; i++)
            hits += simulate_event(world.simulation, i, &line, &hit);
        assert_int_equal(hits, plans[p][1]);
        buf_free(&line);
        world_close(&world);
    }
}

static void planted_hits_use_all_kinds_and_the_first_indicators_only(void **state)
{
    (void)state;
    struct world world = world_open("eve", 17, 4000, 4000, 1000000);
    struct buf line = buf_make(BYTES_MAX);
    struct simulate_hit hit;
    unsigned seen[OBSERVABLE_TYPES] = {0}, below = 0;
    for (uint64_t i = 0; i < world.plan.events; i++) {
        assert_true(simulate_event(world.simulation, i, &line, &hit));
        assert_true(hit.indicator < SIMULATE_PLANTED_FROM);
        assert_int_equal(hit.event, i);
        seen[hit.type]++;
        below += hit.below;
    }
    assert_in_range(seen[OBSERVABLE_CIDR], 300, 500);
    assert_in_range(seen[OBSERVABLE_DOMAIN], 1100, 1500);
    assert_in_range(below * 100 / seen[OBSERVABLE_DOMAIN], 45, 55);
    assert_true(seen[OBSERVABLE_IPV4] > 700 && seen[OBSERVABLE_SHA256] > 500 && seen[OBSERVABLE_URL] > 500);
    buf_free(&line);
    world_close(&world);
}

/* "dns.query[].rrname" -> "rrname" */
static slice last_key(const char *field)
{
    slice key, rest = slice_of(field);
    while (slice_next(&rest, '.', &key))
        ;
    return key;
}

static void put_member(struct buf *out, slice key, slice value)
{
    buf_byte(out, '"');
    buf_put(out, key);
    buf_put(out, S("\":\""));
    buf_put(out, value);
    buf_byte(out, '"');
}

/* What the line has to hold for the hit: a member with the value; of a URL, host and path as two members. */
static void check_planted(const struct world *world, const struct simulate_hit *hit, slice line)
{
    struct buf value = buf_make(SIMULATE_RECORD_MAX), member = buf_make(SIMULATE_RECORD_MAX);
    simulate_hit_value(world->simulation, hit, &value);
    slice text = buf_slice(&value);
    if (hit->type == OBSERVABLE_URL) {
        text = slice_from(text, S("http://").len);
        slice host = slice_part(text, 0, slice_find(text, '/'));
        put_member(&member, S("hostname"), host);
        assert_true(holds(line, buf_slice(&member)));
        buf_reset(&member);
        text = slice_from(text, host.len);
    }
    put_member(&member, last_key(hit->field), text);
    assert_true(holds(line, buf_slice(&member)));
    buf_free(&value);
    buf_free(&member);
}

static void every_planted_line_holds_its_value_in_the_named_field(void **state)
{
    (void)state;
    struct world world = world_open("eve", 18, 3000, 1500, 10000);
    struct buf line = buf_make(SIMULATE_RECORD_MAX);
    struct simulate_hit hit;
    for (uint64_t i = 0; i < world.plan.events; i++) {
        buf_reset(&line);
        if (simulate_event(world.simulation, i, &line, &hit))
            check_planted(&world, &hit, buf_slice(&line));
    }
    buf_free(&line);
    world_close(&world);
}

static void reports_and_plain_lines_hold_their_planted_values(void **state)
{
    (void)state;
    for (size_t k = 1; k < COUNT_OF(formats); k++) {
        struct world world = world_open(formats[k], 19, 3000, 1500, 10000);
        struct buf line = buf_make(SIMULATE_RECORD_MAX), value = buf_make(SIMULATE_RECORD_MAX);
        struct simulate_hit hit;
        for (uint64_t i = 0; i < world.plan.events; i++) {
            buf_reset(&line);
            buf_reset(&value);
            if (!simulate_event(world.simulation, i, &line, &hit))
                continue;
            simulate_hit_value(world.simulation, &hit, &value);
            assert_true(holds(buf_slice(&line), buf_slice(&value)));
            assert_non_null(hit.field);
        }
        buf_free(&line);
        buf_free(&value);
        world_close(&world);
    }
}

/* --- An independent search: every value of a line against every indicator, by the plainest means --------------------
 */

struct needle {
    enum observable_type type;
    slice value;
    struct prefix prefix;
};

struct hostname_url {
    slice hostname, url;
};

static bool needle_meets(const struct needle *needle, slice value)
{
    struct ip ip;
    switch (needle->type) {
    case OBSERVABLE_CIDR:
        return ip_parse(value, &ip) && prefix_holds(&needle->prefix, &ip);
    case OBSERVABLE_DOMAIN:
        return slice_ends(value, needle->value) &&
               (value.len == needle->value.len || value.ptr[value.len - needle->value.len - 1] == '.');
    default:
        return slice_eq(value, needle->value);
    }
}

static bool url_meets(const struct needle *needle, struct hostname_url parts)
{
    slice rest = slice_from(needle->value, S("http://").len);
    return parts.url.len > 0 && slice_starts(rest, parts.hostname) &&
           slice_eq(slice_from(rest, parts.hostname.len), parts.url);
}

/* The indicators that one line meets, each once. */
static size_t search(const struct needle *needles, size_t count, slice line, size_t *found, size_t room)
{
    slice piece, previous = S(""), before = S(""), rest = line;
    struct hostname_url parts = {S(""), S("")};
    bool *met = calloc(count, sizeof(*met));
    assert_non_null(met);
    for (; slice_next(&rest, '"', &piece); before = previous, previous = piece) {
        if (slice_eq(before, S("hostname")))
            parts.hostname = piece;
        if (slice_eq(before, S("url")))
            parts.url = piece;
        for (size_t i = 0; i < count; i++)
            met[i] = met[i] || (needles[i].type != OBSERVABLE_URL && needle_meets(&needles[i], piece));
    }
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        if ((met[i] || (needles[i].type == OBSERVABLE_URL && url_meets(&needles[i], parts))) && total < room)
            found[total++] = i;
    free(met);
    return total;
}

static struct needle *needles_make(const struct world *world, size_t count)
{
    struct needle *needles = arena_new(world->arena, struct needle, count);
    struct buf value = buf_make(SIMULATE_RECORD_MAX);
    for (size_t i = 0; i < count; i++) {
        buf_reset(&value);
        needles[i].type = simulate_indicator(world->simulation, i, &value);
        needles[i].value = arena_copy(world->arena, buf_slice(&value));
        if (needles[i].type == OBSERVABLE_CIDR)
            assert_true(prefix_parse(needles[i].value, &needles[i].prefix));
    }
    buf_free(&value);
    return needles;
}

static void a_search_of_everything_finds_what_was_planted_and_nothing_else(void **state)
{
    (void)state;
    enum { INDICATORS = 2000, EVENTS = 3000, HITS = 300 };
    struct world world = world_open("eve", 20, EVENTS, HITS, INDICATORS);
    const struct needle *needles = needles_make(&world, INDICATORS);
    struct buf line = buf_make(SIMULATE_RECORD_MAX);
    struct simulate_hit hit;
    for (uint64_t i = 0; i < EVENTS; i++) {
        buf_reset(&line);
        bool is_planted = simulate_event(world.simulation, i, &line, &hit);
        size_t found[4];
        size_t count = search(needles, INDICATORS, buf_slice(&line), found, COUNT_OF(found));
        assert_int_equal(count, is_planted ? 1 : 0);
        if (is_planted)
            assert_int_equal(found[0], hit.indicator);
    }
    buf_free(&line);
    world_close(&world);
}

/* --- Times and refusals ------------------------------------------------------------------------------------------ */

static void times_go_forward_from_the_start(void **state)
{
    (void)state;
    struct world world = world_open("eve", 21, 500, 0, 1);
    struct buf line = buf_make(SIMULATE_RECORD_MAX);
    struct simulate_hit hit;
    int64_t before = START_US;
    for (uint64_t i = 0; i < world.plan.events; i++) {
        buf_reset(&line);
        simulate_event(world.simulation, i, &line, &hit);
        slice rest = slice_from(buf_slice(&line), S("{\"timestamp\":\"").len);
        slice text = slice_part(rest, 0, slice_find(rest, '"'));
        assert_int_equal(text.len, S("2026-11-20T10:29:58.960622+0000").len);
        int64_t us;
        assert_true(time_parse(text, &us));
        assert_true(us >= before);
        before = us;
    }
    buf_free(&line);
    world_close(&world);
}

static slice sensor_of(slice line)
{
    slice key = S("\"host\":\"");
    size_t at = slice_find_slice(line, key);
    assert_true(at < line.len);
    slice rest = slice_from(line, at + key.len);
    return slice_part(rest, 0, slice_find(rest, '"'));
}

/* The hits are those that the same plan has without it. */
static void a_day_is_dealt_to_the_hospitals_and_ends_with_the_day(void **state)
{
    (void)state;
    struct world usual = world_open("eve", 22, 3000, 300, 1000), world = world_open("eve", 22, 3000, 300, 1000);
    world.plan.day = true;
    assert_int_equal(simulate_open(&world.plan, world.arena, &world.simulation).kind, ERR_NONE);
    struct buf line = buf_make(SIMULATE_RECORD_MAX), value = buf_make(BYTES_MAX), usual_value = buf_make(BYTES_MAX);
    struct simulate_hit hit, usual_hit;
    unsigned in_hour[24] = {0};
    for (uint64_t i = 0; i < world.plan.events; i++) {
        buf_reset(&line);
        if (simulate_event(usual.simulation, i, &line, &usual_hit))
            simulate_hit_value(usual.simulation, &usual_hit, &usual_value);
        buf_reset(&line);
        if (simulate_event(world.simulation, i, &line, &hit))
            simulate_hit_value(world.simulation, &hit, &value);
        slice hospital = slice_of(simulate_hospital((unsigned)(i % SIMULATE_HOSPITALS)));
        assert_true(slice_starts(sensor_of(buf_slice(&line)), hospital));
        int64_t us;
        assert_true(time_parse(slice_part(buf_slice(&line), 14, 45), &us));
        assert_true(us >= START_US && us < START_US + 86400000000);
        in_hour[(us - START_US) / 3600000000]++;
    }
    assert_int_equal(in_hour[0], 150);
    assert_int_equal(in_hour[18], 30);
    assert_int_equal(in_hour[23], 60);
    assert_true(value.len > 0 && slice_eq(buf_slice(&value), buf_slice(&usual_value)));
    buf_free(&line);
    buf_free(&value);
    buf_free(&usual_value);
    world_close(&world);
    world_close(&usual);
}

static void a_format_that_is_none_and_a_start_out_of_time_are_refused(void **state)
{
    (void)state;
    struct arena *arena = arena_open("simulate test", ARENA_PROCESS, BYTES_MAX);
    const struct simulation *simulation;
    struct simulate_plan plan = {"syslog", 1, 1, 1, 0, START_US};
    assert_int_equal(simulate_open(&plan, arena, &simulation).kind, ERR_INPUT);
    plan = (struct simulate_plan){"eve", 1, 1, 1, 0, -1};
    assert_int_equal(simulate_open(&plan, arena, &simulation).kind, ERR_INPUT);
    plan.start_us = INT64_MAX;
    assert_int_equal(simulate_open(&plan, arena, &simulation).kind, ERR_INPUT);
    arena_close(arena);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_same_seed_gives_the_same_bytes_and_another_one_others),
            cmocka_unit_test(an_event_is_the_same_whichever_was_asked_for_before),
            cmocka_unit_test(the_mix_keeps_its_shares),
            cmocka_unit_test(one_web_request_in_a_hundred_holds_escapes),
            cmocka_unit_test(every_event_is_one_line_and_eve_is_json),
            cmocka_unit_test(indicators_keep_their_shares_in_every_hundred),
            cmocka_unit_test(a_short_list_is_the_beginning_of_a_long_one),
            cmocka_unit_test(no_two_indicators_and_no_two_ids_are_equal),
            cmocka_unit_test(all_addresses_are_of_nobody),
            cmocka_unit_test(all_names_are_of_nobody),
            cmocka_unit_test(hits_are_exactly_as_many_as_planned),
            cmocka_unit_test(planted_hits_use_all_kinds_and_the_first_indicators_only),
            cmocka_unit_test(every_planted_line_holds_its_value_in_the_named_field),
            cmocka_unit_test(reports_and_plain_lines_hold_their_planted_values),
            cmocka_unit_test(a_search_of_everything_finds_what_was_planted_and_nothing_else),
            cmocka_unit_test(times_go_forward_from_the_start),
            cmocka_unit_test(a_day_is_dealt_to_the_hospitals_and_ends_with_the_day),
            cmocka_unit_test(a_format_that_is_none_and_a_start_out_of_time_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
