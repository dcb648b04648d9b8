/* SPDX-License-Identifier: Apache-2.0 */
#include "app/simulate_year.h"

#include <assert.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"

#define TWICE_TENTHS 3 /* of ten reports so many came before */
#define MALFORMED_ONE_IN 1000
#define NOBODY_PERCENT 5
#define BACK_MOST 40 /* how far back the earlier one is looked for, and */
#define BACK_TRIES 8
#define PEAK_EVERY 91 /* days; a peak is PEAK times a usual day */
#define PEAK_DAY 45
#define PEAK 20
#define PORTS 60000u /* different ones, from 1024 */

enum purpose { FOR_MALFORMED, FOR_TWICE, FOR_BACK, FOR_MEMBER, FOR_CLASS, FOR_PEER, FOR_HASH };

struct year {
    struct year_plan plan;
    uint64_t key_a, key_b;
    uint64_t first[YEAR_DAYS + 1]; /* number of the first report of each day that brings any */
};

/* Shares in thousandths: most of a year's reports are about infected machines. */
static const struct {
    const char *taxonomy, *type;
    unsigned share;
} classes[YEAR_CLASSES] = {
        {"malicious-code", "infected-system", 700},
        {"malicious-code", "malware-distribution", 90},
        {"malicious-code", "c2-server", 40},
        {"vulnerable", "vulnerable-system", 70},
        {"information-gathering", "scanner", 40},
        {"intrusion-attempts", "brute-force", 30},
        {"fraud", "phishing", 15},
        {"intrusions", "system-compromise", 10},
        {"availability", "ddos", 5},
};

static const char *const sectors[] = {
        "health", "energy", "finance", "government", "transport", "water", "education", "telecommunications"};

static uint64_t draw(const struct year *year, enum purpose purpose, uint64_t number)
{
    uint64_t odd = (2 * (uint64_t)purpose + 1) * 0x9e3779b97f4a7c15u;
    return hash_mix(hash_mix(number ^ year->key_a, odd) ^ year->key_b, 0xd6e8feb86659fd93u);
}

const struct year *year_open(const struct year_plan *plan, struct arena *arena)
{
    struct year *year = arena_new(arena, struct year, 1);
    uint64_t units = 0, so_far = 0;
    *year = (struct year){.plan = *plan};
    year->key_a = hash_mix(plan->seed ^ 0x243f6a8885a308d3u, 0x9e3779b97f4a7c15u) | 1;
    year->key_b = hash_mix(plan->seed ^ 0x13198a2e03707344u, 0xd6e8feb86659fd93u) | 1;
    for (unsigned day = 0; day < plan->days; day++)
        units += day % PEAK_EVERY == PEAK_DAY ? PEAK : 1;
    for (unsigned day = 0; day < plan->days; day++) {
        year->first[day] = so_far * plan->reports / units;
        so_far += day % PEAK_EVERY == PEAK_DAY ? PEAK : 1;
    }
    year->first[plan->days] = plan->reports;
    return year;
}

static unsigned day_of(const struct year *year, uint64_t number)
{
    unsigned low = 0, high = year->plan.days;
    while (high - low > 1) {
        unsigned middle = (low + high) / 2;
        if (year->first[middle] <= number)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static bool is_malformed(const struct year *year, uint64_t number)
{
    return draw(year, FOR_MALFORMED, number) % MALFORMED_ONE_IN == 0;
}

/* By its own draw; one that finds nothing before it that day is a first one all the same. */
static bool is_first(const struct year *year, uint64_t number)
{
    return !is_malformed(year, number) && draw(year, FOR_TWICE, number) % 10 >= TWICE_TENTHS;
}

/* The report that this one repeats, or itself. */
static uint64_t repeated(const struct year *year, uint64_t number, unsigned day)
{
    uint64_t back = 1 + draw(year, FOR_BACK, number) % BACK_MOST;
    if (is_first(year, number))
        return number;
    for (uint64_t i = 0; i < BACK_TRIES && number >= year->first[day] + back + i; i++)
        if (is_first(year, number - back - i))
            return number - back - i;
    return number;
}

static unsigned class_of(const struct year *year, uint64_t number)
{
    uint64_t at = draw(year, FOR_CLASS, number) % 1000;
    unsigned class = 0;
    for (; class + 1 < YEAR_CLASSES && at >= classes[class].share; class ++)
        at -= classes[class].share;
    return class;
}

static unsigned member_of(const struct year *year, uint64_t number)
{
    uint64_t drawn = draw(year, FOR_MEMBER, number);
    return drawn % 100 < NOBODY_PERCENT ? YEAR_NOBODY : (unsigned)((drawn >> 8) % YEAR_MEMBERS);
}

/* No two first reports of a day have the same host and port. */
static void put_ends(const struct year *year, uint64_t first, unsigned day, unsigned member, struct buf *out)
{
    uint64_t place = first - year->first[day], peer = draw(year, FOR_PEER, first);
    unsigned host = 1 + (unsigned)(place / PORTS % 250), port = 1024 + (unsigned)(place % PORTS);
    if (member == YEAR_NOBODY)
        buf_printf(out, "\"source.ip\":\"198.51.100.%u\",", host);
    else
        buf_printf(out, "\"source.ip\":\"198.18.%u.%u\",\"source.reverse_dns\":\"h%u.contoh-%02u.example\",", member,
                host, host, member);
    buf_printf(out,
            "\"source.port\":%u,\"source.asn\":%u,\"source.geolocation.cc\":\"ID\",\"destination.ip\":\"203.0.113.%u\","
            "\"destination.port\":%u,\"destination.fqdn\":\"penampung-%u.example\",",
            port, 64496 + member % 16, (unsigned)(peer % 254) + 1, peer % 3 == 0 ? 80 : 443,
            (unsigned)(peer >> 16) % 9000);
}

static void put_rest(const struct year *year, uint64_t number, unsigned class, struct buf *out)
{
    uint64_t hash = draw(year, FOR_HASH, number);
    buf_printf(out,
            "\"protocol.transport\":\"tcp\",\"protocol.application\":\"https\",\"malware.name\":\"contoh-%u\","
            "\"extra\":{\"tag\":\"contoh;latihan\",\"sensor\":\"penampung-%u\",\"banner\":\"HTTP/1.1 200 OK\"},",
            class * 7 % 40, (unsigned)(hash % 500));
    buf_put(out, S("\"event_hash\":\""));
    for (int i = 0; i < 4; i++)
        buf_printf(out, "%016llx", (unsigned long long)hash_mix(hash + (uint64_t)i, 0x9e3779b97f4a7c15u));
    buf_put(out, S("\"}\n"));
}

struct year_truth year_report(const struct year *year, uint64_t number, struct buf *out)
{
    unsigned day = day_of(year, number);
    uint64_t first = repeated(year, number, day);
    uint64_t count = year->first[day + 1] - year->first[day];
    unsigned of_year = day * YEAR_DAYS / year->plan.days;
    int64_t time_us =
            year->plan.start_us + of_year * DAY_US + (int64_t)((number - year->first[day]) * 86400 / count) * SECOND_US;
    struct year_truth truth = {
            is_malformed(year, number), first != number, of_year, member_of(year, first), class_of(year, first)};
    buf_put(out, S("{\"time.source\":\""));
    time_write(out, time_us);
    if (truth.malformed) {
        buf_put(out, S("\",\"feed.name\":\n"));
        return truth;
    }
    buf_printf(out,
            "\",\"feed.name\":\"contoh-harian\","
            "\"classification.taxonomy\":\"%s\",\"classification.type\":\"%s\",\"classification.identifier\":\"contoh-%"
            "u\",",
            classes[truth.class].taxonomy, classes[truth.class].type, truth.class);
    put_ends(year, first, day, truth.member, out);
    put_rest(year, number, truth.class, out);
    return truth;
}

struct year_member year_member(unsigned number)
{
    struct year_member member = {.sector = sectors[number % COUNT_OF(sectors)]};
    assert(number < YEAR_MEMBERS);
    snprintf(member.name, sizeof member.name, "contoh-%02u", number);
    snprintf(member.prefix, sizeof member.prefix, "198.18.%u.0/24", number);
    return member;
}

const char *year_class(unsigned number)
{
    static const char *const names[YEAR_CLASSES] = {"malicious-code/infected-system",
            "malicious-code/malware-distribution", "malicious-code/c2-server", "vulnerable/vulnerable-system",
            "information-gathering/scanner", "intrusion-attempts/brute-force", "fraud/phishing",
            "intrusions/system-compromise", "availability/ddos"};
    return names[number];
}
