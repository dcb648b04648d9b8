/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_decide: how often a second of one core the release decision is made about an object that was read once, beside
 * what else a release costs: reading the object, SHA-256 of its bytes, an Ed25519 signature and its check. Prints
 * "name=rate" words.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/key.h"
#include "share/decide.h"

#define GREEN "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
#define RED "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
#define HEAD                                                                                                           \
    "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--20000000-0000-4000-8000-000000000001\","     \
    "\"created_by_ref\":\"identity--10000000-0000-4000-8000-000000000001\",\"created\":\"2026-11-01T00:00:00.000Z\","  \
    "\"modified\":\"2026-11-02T00:00:00.000Z\",\"name\":\"server of a campaign\",\"description\":\"met in November\"," \
    "\"indicator_types\":[\"malicious-activity\"],\"pattern\":\"[ipv4-addr:value = '198.51.100.7']\","                 \
    "\"pattern_type\":\"stix\",\"valid_from\":\"2026-11-01T00:00:00Z\",\"object_marking_refs\":[\"" GREEN "\"]"
#define WHOLE HEAD "}"
#define IN_PARTS HEAD ",\"granular_markings\":[{\"marking_ref\":\"" RED "\",\"selectors\":[\"description\"]}]}"

static const slice kinds[] = {{"indicator", 9}};
static struct arena *arena;
static struct stix_definitions *definitions;
static struct share_subject subject;
static enum share_answer wanted;
static struct key_pair pair;
static uint8_t signature[KEY_SIGNATURE_BYTES];

static void must(bool holds)
{
    if (!holds)
        exit(1);
}

static void read_one(void)
{
    must(share_subject_read(subject.bytes, definitions, arena, &subject).kind == ERR_NONE);
    subject.origin = SHARE_OURS;
}

static void decide_one(void)
{
    static const struct share_recipient to = {.audience = SHARE_PARTNER, .number = 1, .active = true};
    static const struct share_terms terms = {
            .agreement = 1, .kinds = kinds, .kind_count = 1, .highest = TLP_AMBER, .until_us = INT64_MAX};
    struct share_facts facts = {.now_us = INT64_C(1795219200000000), .first = wanted == SHARE_ASK};
    struct share_decision made;
    must(share_decide(&subject, &to, &terms, &facts, arena, &made).kind == ERR_NONE && made.answer == wanted);
}

static void hash_one(void)
{
    struct sha256 sum = hash_sha256(subject.bytes);
    signature[0] ^= sum.bytes[0];
}

static void sign_one(void)
{
    key_sign(&pair, subject.bytes, signature);
}

static void verify_one(void)
{
    must(key_verify(&pair.public, subject.bytes, (slice){(const char *)signature, sizeof signature}));
}

/* A tenth of a second and more of it, in units of this CPU's time. */
static void measure(const char *name, void (*one)(void), unsigned batch)
{
    uint64_t count = 0;
    double from = (double)clock(), spent = 0;
    for (; spent < 0.2; spent = ((double)clock() - from) / CLOCKS_PER_SEC) {
        for (unsigned i = 0; i < batch; i++)
            one();
        arena_reset(arena);
        count += batch;
    }
    printf("%s=%.0f ", name, (double)count / spent);
}

static void subject_take(slice bytes, struct arena *keep)
{
    struct arena *working = arena;
    subject = (struct share_subject){.bytes = bytes};
    arena = keep;
    read_one();
    arena = working;
}

int main(void)
{
    struct arena *keep = arena_open("subject", ARENA_PROCESS, 1 << 20);
    arena = arena_open("bench", ARENA_WORK, 64 << 20);
    definitions = stix_definitions_open();
    key_new(&pair);
    subject_take(S(WHOLE), keep);
    wanted = SHARE_ALLOW;
    measure("decided", decide_one, 1000);
    wanted = SHARE_ASK;
    measure("asked", decide_one, 1000);
    wanted = SHARE_ALLOW;
    measure("sha256", hash_one, 1000);
    measure("signed", sign_one, 100);
    measure("verified", verify_one, 100);
    measure("read", read_one, 100);
    subject_take(S(IN_PARTS), keep);
    measure("derived", decide_one, 100);
    printf("\n");
    stix_definitions_close(definitions);
    arena_close(arena);
    arena_close(keep);
    return 0;
}
