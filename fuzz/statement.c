/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a statement, as an introduction, and as the body of an introduction that was signed well: reading ends;
 * what is taken is canonical and the same when it is read again; what was altered is not signed; and an introduction
 * that is taken has all keys that are needed, each good.
 */
#include "share/introduction.h"

#include "base/arena.h"
#include "need.h"
#include "json/check.h"

#define NOW_US INT64_C(1795294800000000)
#define NODE "identity--be3a6e09-1f65-49ec-b013-43163902db10"

/* Of the node of the seeds, and of nothing else in the world. */
static const char identity_pem[] = "-----BEGIN PRIVATE KEY-----\n"
                                   "MC4CAQAwBQYDK2VwBCIEILTRkHiMGPlHwfscvPqX9JC9QMD6A7OVpNceYIN44P2p\n"
                                   "-----END PRIVATE KEY-----\n";

/* Again, and with one byte of the head altered. */
static void as_statement(slice text, struct arena *arena)
{
    struct share_letter letter, again;
    if (share_statement_read(text, arena, &letter).kind != ERR_NONE)
        return;
    fuzz_need(share_statement_read(letter.text, arena, &again).kind == ERR_NONE);
    fuzz_need(slice_eq(again.text, letter.text) && slice_eq(again.head, letter.head) &&
              slice_eq(again.body, letter.body));
    fuzz_need(letter.sequence >= 0 && letter.agreement_version >= 0 && letter.type.len > 0 && letter.from.len > 0);
    if (!share_statement_signed(&letter))
        return;
    slice head = arena_copy(arena, letter.head);
    char *bytes = arena_take(arena, head.len);
    memcpy(bytes, head.ptr, head.len);
    bytes[head.len / 2] ^= 1;
    letter.head = (slice){bytes, head.len};
    fuzz_need(!share_statement_signed(&letter));
}

static void as_introduction(slice text, struct arena *arena)
{
    struct share_introduction read;
    bool has[SHARE_PURPOSES] = {false};
    if (share_introduction_read(text, NOW_US, arena, &read).kind != ERR_NONE)
        return;
    fuzz_need(
            read.key_count <= INTRODUCTION_KEYS_MAX && read.name.len > 0 && share_url_check(read.url, arena).kind == 0);
    for (size_t i = 0; i < read.key_count; i++) {
        fuzz_need(read.keys[i].certified.until_us > NOW_US);
        has[read.keys[i].certified.purpose] = true;
    }
    fuzz_need(has[SHARE_IDENTITY] && has[SHARE_LOG] && has[SHARE_WITNESS] && has[SHARE_MESSAGE]);
}

/* Past the signature, where only who has an identity key gets. */
static void as_body(slice body, struct arena *arena)
{
    const struct share_letter letter = {.id = S("11111111-1111-4111-8111-111111111111"),
            .type = S("introduction"),
            .from = S(NODE),
            .issued_us = NOW_US,
            .expires_us = NOW_US + DAY_US,
            .body = body};
    struct key_pair identity;
    slice text;
    fuzz_need(key_parse(S(identity_pem), &identity));
    if (share_statement_write(&letter, &identity, arena, &text).kind == ERR_NONE)
        as_introduction(text, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static const struct json_limits limits = {.bytes_max = 1u << 20, .depth_max = 60, .keys_max = 65536};
    slice text = {(const char *)bytes, count};
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 512u << 20);
    as_statement(text, arena);
    as_introduction(text, arena);
    if (json_check(text, &limits, NULL).kind == ERR_NONE)
        as_body(text, arena);
    arena_close(arena);
    return 0;
}
