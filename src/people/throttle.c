/* SPDX-License-Identifier: Apache-2.0 */
#include "people/throttle.h"
#include "base/clock.h"

#include <assert.h>
#include <pthread.h>

#include "base/arena.h"
#include "base/hash.h"

#define WAYS 8 /* places that a row may lie in */
#define SETS (THROTTLE_ROWS / WAYS)
#define IPV6_BITS 64
#define KEY_BYTES_MAX 512 /* a longer name is cut: no user has one */

/* What failures are counted for. */
enum count { COUNT_PAIR, COUNT_ADDRESS, COUNT_NAME, COUNTS };

/*
 * How many failures cost nothing, and the longest wait behind them; the first is a second, and each doubles. Many
 * people may stand behind one address. For a name from anywhere a password may be tried once a minute for ever, since
 * whoever waits for it may be its owner; of codes there are so few that it is less. Of reports the name is nobody's:
 * its row bounds what comes from all addresses together, and never keeps anybody out for longer than it takes to try
 * again. Where the longest wait is 0 nothing is counted.
 */
static const struct {
    uint32_t free;
    int64_t most_us;
} rules[KNOCK_KINDS][COUNTS] = {
        [KNOCK_PASSWORD] = {{5, 15 * MINUTE_US}, {50, 15 * MINUTE_US}, {10, MINUTE_US}},
        [KNOCK_CODE] = {{5, 15 * MINUTE_US}, {50, 15 * MINUTE_US}, {10, 15 * MINUTE_US}},
        [KNOCK_REPORT] = {{10, 15 * MINUTE_US}, {0, 0}, {1000, 2 * SECOND_US}},
};

struct row {
    uint64_t tag; /* 0: nobody's */
    uint32_t failures;
    bool known; /* was right, and when: at_us */
    int64_t at_us;
    int64_t until_us;
};

struct throttle {
    pthread_mutex_t lock;
    struct hash_key key;
    struct row rows[SETS][WAYS];
};

struct throttle *throttle_open(struct arena *arena)
{
    struct throttle *throttle = arena_new(arena, struct throttle, 1);
    throttle->key = hash_key_random();
    int result = pthread_mutex_init(&throttle->lock, NULL);
    assert(result == 0);
    (void)result;
    return throttle;
}

void throttle_close(struct throttle *throttle)
{
    pthread_mutex_destroy(&throttle->lock);
}

/* ---- Rows ---- */

/* The address row is one for passwords and codes. */
static uint64_t tag_of(const struct throttle *throttle, const struct knock *knock, enum count count)
{
    char text[KEY_BYTES_MAX + 32];
    size_t len = 0;
    text[len++] = (char)count;
    text[len++] = (char)(count == COUNT_ADDRESS ? KNOCK_PASSWORD : knock->kind);
    if (count != COUNT_NAME) {
        struct ip from = knock->from.family == 6 ? ip_mask(&knock->from, IPV6_BITS) : knock->from;
        text[len++] = (char)from.family;
        memcpy(text + len, from.bytes, sizeof from.bytes);
        len += sizeof from.bytes;
    }
    if (count != COUNT_ADDRESS) {
        size_t bytes = knock->name.len < KEY_BYTES_MAX ? knock->name.len : KEY_BYTES_MAX;
        if (bytes > 0)
            memcpy(text + len, knock->name.ptr, bytes);
        len += bytes;
    }
    return hash_bytes(throttle->key, (slice){text, len}) | 1;
}

static bool is_over(const struct row *row, int64_t now_us)
{
    int64_t age_us = now_us - row->at_us;
    /* A clock that was put back must not make anybody wait until it is there again. */
    return age_us < 0 || age_us > (row->known ? THROTTLE_KNOWN_US : THROTTLE_FORGET_US);
}

static struct row *find(struct throttle *throttle, uint64_t tag, int64_t now_us)
{
    struct row *set = throttle->rows[(tag >> 1) % SETS];
    for (size_t i = 0; i < WAYS; i++)
        if (set[i].tag == tag && !is_over(&set[i], now_us))
            return &set[i];
    return NULL;
}

/* Whether a is the lesser loss. */
static bool is_cheaper(const struct row *a, const struct row *b, int64_t now_us)
{
    bool a_free = a->tag == 0 || is_over(a, now_us), b_free = b->tag == 0 || is_over(b, now_us);
    if (a_free != b_free)
        return a_free;
    if (a->known != b->known)
        return b->known;
    return a->failures != b->failures ? a->failures < b->failures : a->at_us < b->at_us;
}

static struct row *take(struct throttle *throttle, uint64_t tag, int64_t now_us)
{
    struct row *set = throttle->rows[(tag >> 1) % SETS], *row = find(throttle, tag, now_us);
    if (row != NULL)
        return row;
    row = &set[0];
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].tag == tag) {
            row = &set[i];
            break;
        }
        if (is_cheaper(&set[i], row, now_us))
            row = &set[i];
    }
    *row = (struct row){.tag = tag, .at_us = now_us};
    return row;
}

/* ---- Waiting ---- */

int64_t throttle_wait_us(struct throttle *throttle, const struct knock *knock, int64_t now_us)
{
    int64_t wait_us = 0;
    pthread_mutex_lock(&throttle->lock);
    const struct row *pair = find(throttle, tag_of(throttle, knock, COUNT_PAIR), now_us);
    bool known = knock->kind == KNOCK_PASSWORD && pair != NULL && pair->known;
    for (enum count count = 0; count < COUNTS; count++) {
        const struct row *row = find(throttle, tag_of(throttle, knock, count), now_us);
        if (row == NULL || (count == COUNT_NAME && known) || rules[knock->kind][count].most_us == 0)
            continue;
        int64_t left_us = row->until_us - now_us;
        wait_us = left_us > wait_us ? left_us : wait_us;
    }
    pthread_mutex_unlock(&throttle->lock);
    return wait_us;
}

static int64_t wait_after(uint32_t failures, uint32_t free, int64_t most_us)
{
    if (failures <= free)
        return 0;
    uint32_t doubled = failures - free - 1;
    int64_t wait_us = doubled < 20 ? SECOND_US << doubled : most_us;
    return wait_us < most_us ? wait_us : most_us;
}

void throttle_failed(struct throttle *throttle, const struct knock *knock, int64_t now_us)
{
    pthread_mutex_lock(&throttle->lock);
    for (enum count count = 0; count < COUNTS; count++) {
        if (rules[knock->kind][count].most_us == 0)
            continue;
        struct row *row = take(throttle, tag_of(throttle, knock, count), now_us);
        row->failures += row->failures < UINT32_MAX;
        row->at_us = row->known ? row->at_us : now_us;
        row->until_us =
                now_us + wait_after(row->failures, rules[knock->kind][count].free, rules[knock->kind][count].most_us);
    }
    pthread_mutex_unlock(&throttle->lock);
}

/* The address keeps its failures: whoever has one account could try for all others in between. */
void throttle_right(struct throttle *throttle, const struct knock *knock, int64_t now_us)
{
    pthread_mutex_lock(&throttle->lock);
    struct row *pair = take(throttle, tag_of(throttle, knock, COUNT_PAIR), now_us);
    *pair = (struct row){.tag = pair->tag, .known = true, .at_us = now_us};
    pthread_mutex_unlock(&throttle->lock);
}
