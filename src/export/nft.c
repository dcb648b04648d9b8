/* SPDX-License-Identifier: Apache-2.0 */
#include "export/kind.h"
#include "export/kinds.h"

/*
 * Two sets of a table of their own, for nft -f, which takes the whole file or nothing of it: loading it again replaces
 * what was there. The sets alone block nothing; the rules that use them are the administrator's. Prefixes that lie in
 * others are left away, since intervals must not overlap; so are all when everything is known, at the end.
 */

#define LINE_ELEMENTS 4
#define COMMAND_ELEMENTS 4096 /* nft reads many commands quicker than one of a million elements */

struct nft_state {
    struct buf prefixes[2]; /* of struct prefix: IPv4, IPv6 */
};

static struct err begin(struct export *export)
{
    struct nft_state *state = export->state = arena_new(export->memory, struct nft_state, 1);
    for (size_t i = 0; i < COUNT_OF(state->prefixes); i++)
        state->prefixes[i] = buf_make((size_t)EXPORT_KEYS_MAX * sizeof(struct prefix));
    return OK;
}

static void close(struct export *export)
{
    struct nft_state *state = export->state;
    for (size_t i = 0; state != NULL && i < COUNT_OF(state->prefixes); i++)
        buf_free(&state->prefixes[i]);
}

static struct err indicator(struct export *export, const struct indicator *indicator)
{
    struct nft_state *state = export->state;
    const struct prefix *prefix = &export->value.prefix;
    if (prefix->ip.family == 0) {
        export_leave_format(export, "type %s, which is no address", export_type_name(export, indicator));
        return OK;
    }
    const char *unfit = export_prefix_unfit(export, prefix);
    if (unfit != NULL) {
        export_leave(export, unfit);
        return OK;
    }
    struct buf *prefixes = &state->prefixes[prefix->ip.family == 6];
    buf_put(prefixes, (slice){(const char *)prefix, sizeof(*prefix)});
    return prefixes->full ? err_make(ERR_LIMIT, "more than 33554432 addresses in one export, or no memory for them")
                          : OK;
}

/* By address, the wider first; so what lies in a prefix follows it. */
static int order(const void *left, const void *right)
{
    const struct prefix *a = left, *b = right;
    int by_address = memcmp(a->ip.bytes, b->ip.bytes, sizeof(a->ip.bytes));
    return by_address != 0 ? by_address : (int)a->bits - (int)b->bits;
}

/* Prefixes lie in each other or apart, so in order each needs comparing only with the last that was kept. */
static size_t merge(struct prefix *prefixes, size_t count)
{
    size_t kept = 0;
    if (count > 0)
        qsort(prefixes, count, sizeof(*prefixes), order);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || !prefix_holds(&prefixes[kept - 1], &prefixes[i].ip))
            prefixes[kept++] = prefixes[i];
    return kept;
}

static void put_element(struct buf *out, const struct prefix *prefix)
{
    bool whole = prefix->bits == (prefix->ip.family == 4 ? 32 : 128);
    if (whole)
        ip_write(out, &prefix->ip);
    else
        prefix_write(out, prefix);
}

static struct err put_elements(struct export *export, const char *set, const struct prefix *prefixes, size_t count)
{
    struct buf *out = &export->text;
    for (size_t i = 0; i < count; i++) {
        if (i % COMMAND_ELEMENTS == 0)
            buf_printf(out, "add element inet kentongan %s {\n", set);
        buf_put(out, i % LINE_ELEMENTS == 0 ? S("\t") : S(" "));
        put_element(out, &prefixes[i]);
        bool last = i + 1 == count || (i + 1) % COMMAND_ELEMENTS == 0;
        buf_put(out, last ? S("\n}\n") : (i + 1) % LINE_ELEMENTS == 0 ? S(",\n") : S(","));
        if (last)
            TRY(export_flush(export));
    }
    return OK;
}

static void put_head(struct export *export)
{
    struct buf *out = &export->text;
    buf_put(out, S("# Addresses to block, by "));
    export_put_plain(out, export->options.name, EXPORT_LABEL_MAX, "");
    buf_put(out, S(", as of "));
    time_write(out, export->options.now_us);
    buf_put(out, S("\n# Load with nft -f; in rules: ip daddr @ipv4 drop, ip6 daddr @ipv6 drop (table inet kentongan)\n"
                   "table inet kentongan {\n"
                   "\tset ipv4 {\n\t\ttype ipv4_addr\n\t\tflags interval\n\t}\n"
                   "\tset ipv6 {\n\t\ttype ipv6_addr\n\t\tflags interval\n\t}\n"
                   "}\n"
                   "flush set inet kentongan ipv4\n"
                   "flush set inet kentongan ipv6\n"));
}

static struct err end(struct export *export)
{
    static const char *const sets[] = {"ipv4", "ipv6"};
    struct nft_state *state = export->state;
    put_head(export);
    for (size_t i = 0; i < COUNT_OF(sets); i++) {
        struct prefix *prefixes = (struct prefix *)(void *)state->prefixes[i].ptr;
        size_t given = state->prefixes[i].len / sizeof(*prefixes), kept = merge(prefixes, given);
        for (size_t j = kept; j < given; j++)
            export_leave(export, "address that is there already, alone or in a prefix");
        TRY(put_elements(export, sets[i], prefixes, kept));
    }
    return OK;
}

const struct export_kind export_nft = {
        .name = "nft",
        .about = "nftables sets ipv4 and ipv6 in table inet kentongan, for nft -f",
        .action = EXPORT_BLOCK,
        .extension = "nft",
        .begin = begin,
        .indicator = indicator,
        .end = end,
        .close = close,
};
