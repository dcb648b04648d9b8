/* SPDX-License-Identifier: Apache-2.0 */
#include "http/limit.h"

#include <pthread.h>

#include "base/hash.h"

#define BUCKETS 4096

struct caller {
    struct caller *next;
    struct ip ip;
    unsigned count;
};

struct http_callers {
    pthread_mutex_t lock;
    struct hash_key key;
    unsigned each_max;
    struct caller *buckets[BUCKETS];
};

struct http_callers *http_callers_open(unsigned each_max)
{
    struct http_callers *callers = calloc(1, sizeof *callers);
    if (callers == NULL)
        abort();
    pthread_mutex_init(&callers->lock, NULL);
    callers->key = hash_key_random();
    callers->each_max = each_max;
    return callers;
}

void http_callers_close(struct http_callers *callers)
{
    for (size_t i = 0; i < BUCKETS; i++)
        while (callers->buckets[i] != NULL) {
            struct caller *next = callers->buckets[i]->next;
            free(callers->buckets[i]);
            callers->buckets[i] = next;
        }
    pthread_mutex_destroy(&callers->lock);
    free(callers);
}

static struct ip key_of(const struct ip *ip)
{
    return ip->family == 6 ? ip_mask(ip, 64) : *ip;
}

/* Where the pointer to this address is, or would be. */
static struct caller **place_of(struct http_callers *callers, const struct ip *ip)
{
    uint64_t hash = hash_bytes(callers->key, (slice){(const char *)ip->bytes, sizeof ip->bytes});
    struct caller **place = &callers->buckets[hash % BUCKETS];
    while (*place != NULL && ((*place)->ip.family != ip->family || memcmp((*place)->ip.bytes, ip->bytes, 16) != 0))
        place = &(*place)->next;
    return place;
}

bool http_callers_may(struct http_callers *callers, const struct ip *ip)
{
    struct ip key = key_of(ip);
    pthread_mutex_lock(&callers->lock);
    struct caller *caller = *place_of(callers, &key);
    bool may = caller == NULL || caller->count < callers->each_max;
    pthread_mutex_unlock(&callers->lock);
    return may;
}

void *http_callers_add(struct http_callers *callers, const struct ip *ip)
{
    struct ip key = key_of(ip);
    pthread_mutex_lock(&callers->lock);
    struct caller **place = place_of(callers, &key);
    if (*place == NULL) {
        *place = malloc(sizeof **place);
        if (*place == NULL)
            abort();
        **place = (struct caller){.ip = key};
    }
    struct caller *caller = *place;
    caller->count++;
    pthread_mutex_unlock(&callers->lock);
    return caller;
}

void http_callers_drop(struct http_callers *callers, void *caller)
{
    struct caller *dropped = caller;
    pthread_mutex_lock(&callers->lock);
    if (--dropped->count == 0) {
        struct caller **place = place_of(callers, &dropped->ip);
        *place = dropped->next;
        free(dropped);
    }
    pthread_mutex_unlock(&callers->lock);
}
