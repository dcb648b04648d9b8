/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/owned.h"

#include <stdlib.h>

#include "base/observable.h"

#define NOWHERE UINT32_MAX
#define HEAD_BITS 64
#define JUMP_BITS_MAX 20

enum { KEY_ADDRESS4 = '4', KEY_ADDRESS6 = '6', KEY_ASN = 'a', KEY_NAME = 'd' };

/* A key, the next that encloses it, and its rows. */
struct node {
    uint32_t key_at, above, first, count;
    uint16_t key_len;
};

struct span {
    int64_t from_us, until_us, organisation, asset;
};

/*
 * The nodes of one kind of key, and where to begin among them: behind the bits that all of their heads have in common,
 * the next ones are a slot of `jump`, whose nodes are those from its number to that of the next slot.
 */
struct range {
    uint32_t from, to;
    unsigned common, bits;
    const uint32_t *jump;
};

/* heads[i] is the beginning of the key of nodes[i] as a number: equal or ascending as the keys are, so that most steps
 * of a search touch nothing else. */
struct owned_table {
    struct range kinds[256]; /* by the first byte of a key */
    const char *keys;
    const uint64_t *heads;
    const struct node *nodes;
    const struct span *spans;
    size_t node_count, span_count;
};

/* ---- Keys ---- */

static slice put_bits(char *room, const struct ip *ip, unsigned bits)
{
    room[0] = ip->family == 4 ? KEY_ADDRESS4 : KEY_ADDRESS6;
    for (unsigned i = 0; i < bits; i++)
        room[1 + i] = (char)(ip->bytes[i / 8] >> (7 - i % 8) & 1);
    return (slice){room, 1 + bits};
}

void owned_key_prefix(char room[OWNED_KEY_MAX], const struct prefix *prefix, slice *key)
{
    *key = put_bits(room, &prefix->ip, prefix->bits);
}

void owned_key_asn(char room[OWNED_KEY_MAX], uint32_t asn, slice *key)
{
    const char bytes[] = {KEY_ASN, (char)(asn >> 24), (char)(asn >> 16), (char)(asn >> 8), (char)asn};
    memcpy(room, bytes, sizeof bytes);
    *key = (slice){room, sizeof bytes};
}

/* An address comes out of observable_normal as its family and bytes; no name holds such a byte. */
static bool put_address(char *room, slice normal, slice *key)
{
    struct ip ip = {.family = 0};
    if (normal.len > 0 && (normal.ptr[0] == 4 || normal.ptr[0] == 6)) {
        ip.family = (uint8_t)normal.ptr[0];
        memcpy(ip.bytes, normal.ptr + 1, normal.len - 1);
        *key = put_bits(room, &ip, ip.family == 4 ? 32 : 128);
    }
    return ip.family != 0;
}

static slice put_labels(char *room, slice name)
{
    size_t len = 0;
    room[len++] = KEY_NAME;
    while (name.len > 0) {
        const char *dot = memrchr(name.ptr, '.', name.len);
        size_t from = dot == NULL ? 0 : (size_t)(dot - name.ptr) + 1;
        memcpy(room + len, name.ptr + from, name.len - from);
        len += name.len - from;
        room[len++] = '\0';
        name.len = dot == NULL ? 0 : from - 1;
    }
    return (slice){room, len};
}

bool owned_key_name(char room[OWNED_KEY_MAX], slice host, slice *key)
{
    char normal[OWNED_KEY_MAX];
    struct buf buf = {.ptr = normal, .cap = sizeof normal, .max = sizeof normal};
    const struct observable observable = {.type = OBSERVABLE_HOST, .value = host};
    if (!observable_normal(&observable, &buf) || buf.full)
        return false;
    if (!put_address(room, buf_slice(&buf), key))
        *key = put_labels(room, buf_slice(&buf));
    return true;
}

/* Bits of an address stand one a byte, so that packed they fill the number. */
static uint64_t head_of(slice key)
{
    bool bits = key.ptr[0] == KEY_ADDRESS4 || key.ptr[0] == KEY_ADDRESS6;
    unsigned step = bits ? 1 : 8, room = HEAD_BITS / step;
    unsigned count = key.len - 1 < room ? (unsigned)key.len - 1 : room;
    uint64_t head = 0;
    for (unsigned i = 1; i <= count; i++)
        head = head << step | (uint8_t)key.ptr[i];
    return count == 0 ? 0 : head << (HEAD_BITS - count * step);
}

/* ---- Making ---- */

static int by_key_and_time(const void *left, const void *right)
{
    const struct owned *a = left, *b = right;
    int order = slice_order(a->key, b->key);
    return order != 0 ? order : a->from_us < b->from_us ? -1 : a->from_us > b->from_us;
}

struct making {
    struct owned_table *table;
    char *keys;
    uint64_t *heads;
    struct node *nodes;
    struct span *spans;
    size_t node_count, span_count, key_bytes;
};

static slice node_key(const char *keys, const struct node *node)
{
    return (slice){keys + node->key_at, node->key_len};
}

/* The next that encloses it is the one before, or one of those that enclose that. */
static uint32_t above_find(const struct making *making, slice key)
{
    uint32_t above = making->node_count == 0 ? NOWHERE : (uint32_t)making->node_count - 1;
    while (above != NOWHERE && !slice_starts(key, node_key(making->keys, &making->nodes[above])))
        above = making->nodes[above].above;
    return above;
}

static void node_add(struct making *making, slice key)
{
    struct node node = {.key_at = (uint32_t)making->key_bytes,
            .key_len = (uint16_t)key.len,
            .first = (uint32_t)making->span_count,
            .above = above_find(making, key)};
    memcpy(making->keys + making->key_bytes, key.ptr, key.len);
    making->key_bytes += key.len;
    making->heads[making->node_count] = head_of(key);
    making->nodes[making->node_count++] = node;
    struct range *kind = &making->table->kinds[(uint8_t)key.ptr[0]];
    if (kind->to == 0)
        kind->from = (uint32_t)making->node_count - 1;
    kind->to = (uint32_t)making->node_count;
}

static void row_add(struct making *making, const struct owned *row)
{
    const struct node *last = making->node_count == 0 ? NULL : &making->nodes[making->node_count - 1];
    if (row->until_us <= row->from_us) /* it never was */
        return;
    if (last == NULL || !slice_eq(node_key(making->keys, last), row->key))
        node_add(making, row->key);
    making->nodes[making->node_count - 1].count++;
    making->spans[making->span_count++] = (struct span){row->from_us, row->until_us, row->organisation, row->asset};
}

static struct err making_begin(struct making *making, size_t rows, size_t key_bytes, struct arena *arena)
{
    if (key_bytes >= NOWHERE || rows >= NOWHERE)
        return err_make(ERR_LIMIT, "more assets than can be looked up");
    making->table = arena_new(arena, struct owned_table, 1);
    making->keys = arena_take(arena, key_bytes + 1);
    making->heads = arena_new(arena, uint64_t, rows + 1);
    making->nodes = arena_new(arena, struct node, rows + 1);
    making->spans = arena_new(arena, struct span, rows + 1);
    return arena_full(arena) ? err_make(ERR_LIMIT, "what organisations own needs more memory than there may be") : OK;
}

static uint64_t slot_of(const struct range *kind, uint64_t head)
{
    return head << kind->common >> (HEAD_BITS - kind->bits);
}

/* About as many slots as nodes. */
static void jump_make(const uint64_t *heads, struct range *kind, struct arena *arena)
{
    uint32_t count = kind->to - kind->from, at = kind->from;
    uint64_t differ = heads[kind->from] ^ heads[kind->to - 1];
    if (differ == 0 || count < 2)
        return;
    kind->common = (unsigned)__builtin_clzll(differ);
    kind->bits = 32 - (unsigned)__builtin_clz(count);
    kind->bits = kind->bits < JUMP_BITS_MAX ? kind->bits : JUMP_BITS_MAX;
    uint32_t *jump = arena_new(arena, uint32_t, ((size_t)1 << kind->bits) + 1);
    for (uint64_t slot = 0; slot <= (uint64_t)1 << kind->bits; slot++) {
        while (at < kind->to && slot_of(kind, heads[at]) < slot)
            at++;
        jump[slot] = at;
    }
    kind->jump = jump;
}

static const struct owned_table *making_end(const struct making *making, struct arena *arena)
{
    struct owned_table *table = making->table;
    table->keys = making->keys;
    table->heads = making->heads;
    table->nodes = making->nodes;
    table->spans = making->spans;
    table->node_count = making->node_count;
    table->span_count = making->span_count;
    for (size_t i = 0; i < COUNT_OF(table->kinds); i++)
        if (table->kinds[i].to > table->kinds[i].from)
            jump_make(table->heads, &table->kinds[i], arena);
    return table;
}

static size_t keys_length(const struct owned *rows, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += rows[i].key.len;
    return bytes;
}

struct err owned_make(struct owned *rows, size_t count, struct arena *arena, const struct owned_table **table)
{
    struct making making = {0};
    if (count > 0)
        qsort(rows, count, sizeof *rows, by_key_and_time);
    TRY(making_begin(&making, count, keys_length(rows, count), arena));
    for (size_t i = 0; i < count; i++)
        row_add(&making, &rows[i]);
    *table = making_end(&making, arena);
    return OK;
}

static bool is_changed(const int64_t *assets, size_t count, int64_t asset)
{
    size_t from = 0, to = count;
    while (from < to) {
        size_t middle = (from + to) / 2;
        if (assets[middle] < asset)
            from = middle + 1;
        else
            to = middle;
    }
    return from < count && assets[from] == asset;
}

struct err owned_change(const struct owned_table *before, const int64_t *assets, size_t asset_count, struct owned *rows,
        size_t count, struct arena *arena, const struct owned_table **table)
{
    struct making making = {0};
    const struct node *end = before->nodes + before->node_count;
    size_t key_bytes = keys_length(rows, count), next = 0;
    if (count > 0)
        qsort(rows, count, sizeof *rows, by_key_and_time);
    for (const struct node *node = before->nodes; node < end; node++)
        key_bytes += node->key_len;
    TRY(making_begin(&making, before->span_count + count, key_bytes, arena));
    for (const struct node *node = before->nodes; node < end; node++)
        for (const struct span *span = before->spans + node->first; span < before->spans + node->first + node->count;
                span++) {
            const struct owned row = {
                    node_key(before->keys, node), span->from_us, span->until_us, span->organisation, span->asset};
            if (is_changed(assets, asset_count, span->asset))
                continue;
            while (next < count && by_key_and_time(&rows[next], &row) < 0)
                row_add(&making, &rows[next++]);
            row_add(&making, &row);
        }
    while (next < count)
        row_add(&making, &rows[next++]);
    *table = making_end(&making, arena);
    return OK;
}

size_t owned_count(const struct owned_table *table)
{
    return table->span_count;
}

/* ---- Searching ---- */

/* Among which the first that comes behind the probe is, or the end of which is that. */
static void narrow(
        const struct owned_table *table, const struct range *kind, uint64_t head, uint32_t *from, uint32_t *to)
{
    *from = kind->from;
    *to = kind->to;
    if (kind->jump == NULL)
        return;
    if (head < table->heads[kind->from])
        *to = kind->from;
    else if (head > table->heads[kind->to - 1])
        *from = kind->to;
    else { /* between two that have bits in common it has them, too */
        uint64_t slot = slot_of(kind, head);
        *from = kind->jump[slot];
        *to = kind->jump[slot + 1];
    }
}

/* The last key of its kind that does not come behind the probe. */
static uint32_t not_behind(const struct owned_table *table, slice probe)
{
    const struct range *kind = &table->kinds[(uint8_t)probe.ptr[0]];
    uint64_t head = head_of(probe);
    uint32_t from, to;
    narrow(table, kind, head, &from, &to);
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        int order = table->heads[middle] < head ? -1 : table->heads[middle] > head;
        if (order == 0)
            order = slice_order(node_key(table->keys, &table->nodes[middle]), probe);
        if (order <= 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from > kind->from ? from - 1 : NOWHERE;
}

/* The last that began by then, if it still held: spans of one key do not overlap. */
static const struct span *span_at(const struct owned_table *table, const struct node *node, int64_t time_us)
{
    const struct span *spans = table->spans + node->first;
    size_t from = 0, to = node->count;
    while (from < to) {
        size_t middle = (from + to) / 2;
        if (spans[middle].from_us <= time_us)
            from = middle + 1;
        else
            to = middle;
    }
    return from > 0 && time_us < spans[from - 1].until_us ? &spans[from - 1] : NULL;
}

struct owned_found owned_find(const struct owned_table *table, slice probe, int64_t time_us)
{
    for (uint32_t at = not_behind(table, probe); at != NOWHERE; at = table->nodes[at].above) {
        const struct node *node = &table->nodes[at];
        if (!slice_starts(probe, node_key(table->keys, node)))
            continue;
        const struct span *span = span_at(table, node, time_us);
        if (span != NULL)
            return (struct owned_found){span->organisation, span->asset};
    }
    return (struct owned_found){0};
}
