/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ip.h"

enum {
    IPV4_TEXT_MAX = 15, /* 255.255.255.255 */
    IPV6_TEXT_MAX = 45, /* six full groups and an IPv4 address */
    GAP_NONE = 17,
};

static const uint8_t mapped_start[12] = {[10] = 0xff, [11] = 0xff};

static bool parse_v4(slice text, uint8_t bytes[4])
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    if (text.len > IPV4_TEXT_MAX)
        return false;
    for (int part = 0; part < 4; part++) {
        unsigned n = 0;
        const char *start = at;
        while (at < end && byte_is_digit(*at) && at - start < 3)
            n = n * 10 + (unsigned)(*at++ - '0');
        if (at == start || n > 255 || (*start == '0' && at - start > 1))
            return false;
        bytes[part] = (uint8_t)n;
        if (part < 3 && (at == end || *at++ != '.'))
            return false;
    }
    return at == end;
}

/* The groups of an IPv6 address as far as they are read. */
struct groups {
    uint8_t bytes[16];
    size_t len; /* bytes filled */
    size_t gap; /* where "::" stood, in bytes, or GAP_NONE */
};

/* Takes one group, or an IPv4 address in place of the last two, off the front of *rest. */
static bool take_group(struct groups *groups, slice *rest)
{
    unsigned n = 0;
    size_t digits = 0;
    int digit;
    for (; digits < rest->len && digits < 5 && (digit = byte_hex(rest->ptr[digits])) >= 0; digits++)
        n = n << 4 | (unsigned)digit;
    if (digits < rest->len && rest->ptr[digits] == '.') {
        if (groups->len > 12 || !parse_v4(*rest, groups->bytes + groups->len))
            return false;
        groups->len += 4;
        *rest = slice_from(*rest, rest->len);
        return true;
    }
    if (digits == 0 || digits > 4 || groups->len > 14)
        return false;
    groups->bytes[groups->len++] = (uint8_t)(n >> 8);
    groups->bytes[groups->len++] = (uint8_t)n;
    *rest = slice_from(*rest, digits);
    return true;
}

/* Takes ":" or "::" off the front; a single colon must have a group behind it. */
static bool take_colons(struct groups *groups, slice *rest)
{
    if (slice_starts(*rest, S("::"))) {
        bool first = groups->gap == GAP_NONE;
        groups->gap = groups->len;
        *rest = slice_from(*rest, 2);
        return first;
    }
    bool colon = rest->len > 1 && rest->ptr[0] == ':';
    *rest = slice_from(*rest, colon ? 1 : 0);
    return colon;
}

static bool parse_v6(slice text, uint8_t bytes[16])
{
    struct groups groups = {.gap = GAP_NONE};
    if (text.len < 2 || text.len > IPV6_TEXT_MAX)
        return false;
    if (slice_starts(text, S("::")) && !take_colons(&groups, &text))
        return false;
    while (text.len > 0) {
        if (!take_group(&groups, &text) || (text.len > 0 && !take_colons(&groups, &text)))
            return false;
    }
    memset(bytes, 0, 16);
    if (groups.gap == GAP_NONE) {
        memcpy(bytes, groups.bytes, 16);
        return groups.len == 16;
    }
    size_t behind = groups.len - groups.gap;
    memcpy(bytes, groups.bytes, groups.gap);
    memcpy(bytes + 16 - behind, groups.bytes + groups.gap, behind);
    return groups.len <= 14;
}

/* As written: a mapped address is still IPv6 here. */
static bool parse_written(slice text, struct ip *ip)
{
    struct ip read = {.family = 4};
    if (!parse_v4(text, read.bytes)) {
        read.family = 6;
        if (!parse_v6(text, read.bytes))
            return false;
    }
    *ip = read;
    return true;
}

static bool is_mapped(const struct ip *ip)
{
    return ip->family == 6 && memcmp(ip->bytes, mapped_start, sizeof(mapped_start)) == 0;
}

static struct ip carried(const struct ip *mapped)
{
    struct ip ip = {.family = 4};
    memcpy(ip.bytes, mapped->bytes + 12, 4);
    return ip;
}

bool ip_parse(slice text, struct ip *ip)
{
    if (!parse_written(text, ip))
        return false;
    if (is_mapped(ip))
        *ip = carried(ip);
    return true;
}

static void write_v4(struct buf *buf, const uint8_t bytes[4])
{
    for (int i = 0; i < 4; i++) {
        if (i > 0)
            buf_byte(buf, '.');
        buf_u64(buf, bytes[i]);
    }
}

/* RFC 5952 section 4.2: the longest run of two or more zero groups, the first of equals. Its length, 0 if none. */
static int longest_zeros(const unsigned groups[8], int *from)
{
    int best = 1, run = 0;
    for (int i = 0; i < 8; i++) {
        run = groups[i] == 0 ? run + 1 : 0;
        if (run > best) {
            best = run;
            *from = i - run + 1;
        }
    }
    return best > 1 ? best : 0;
}

/* Without leading zeros (RFC 5952 section 4.1). */
static void write_group(struct buf *buf, unsigned group)
{
    bool begun = false;
    for (int shift = 12; shift >= 0; shift -= 4) {
        unsigned digit = group >> shift & 15;
        begun = begun || digit != 0 || shift == 0;
        if (begun)
            buf_byte(buf, "0123456789abcdef"[digit]);
    }
}

static void write_v6(struct buf *buf, const uint8_t bytes[16])
{
    unsigned groups[8];
    for (int i = 0; i < 8; i++)
        groups[i] = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
    int gap = 0, zeros = longest_zeros(groups, &gap);
    for (int i = 0; i < 8; i++) {
        if (zeros > 0 && i == gap) {
            buf_put(buf, S("::"));
            i += zeros - 1;
            continue;
        }
        if (i > 0 && !(zeros > 0 && i == gap + zeros))
            buf_byte(buf, ':');
        write_group(buf, groups[i]);
    }
}

void ip_write(struct buf *buf, const struct ip *ip)
{
    if (ip->family == 4)
        write_v4(buf, ip->bytes);
    else
        write_v6(buf, ip->bytes);
}

/* "/24" without sign or leading zeros. */
static bool parse_bits(slice text, unsigned most, unsigned *bits)
{
    uint64_t n;
    if (text.len > 3 || (text.len > 1 && text.ptr[0] == '0') || !slice_u64(text, most, &n))
        return false;
    *bits = (unsigned)n;
    return true;
}

bool prefix_parse(slice text, struct prefix *prefix)
{
    struct ip ip;
    size_t slash = slice_find(text, '/');
    if (!parse_written(slice_part(text, 0, slash), &ip))
        return false;
    unsigned most = ip.family == 4 ? 32 : 128, bits = most;
    if (slash < text.len && !parse_bits(slice_from(text, slash + 1), most, &bits))
        return false;
    /* A prefix shorter than the 96 bits of mapping is about IPv6. */
    if (is_mapped(&ip) && bits >= 96) {
        ip = carried(&ip);
        bits -= 96;
    }
    *prefix = (struct prefix){ip_mask(&ip, bits), (uint8_t)bits};
    return true;
}

void prefix_write(struct buf *buf, const struct prefix *prefix)
{
    ip_write(buf, &prefix->ip);
    buf_byte(buf, '/');
    buf_u64(buf, prefix->bits);
}

bool prefix_holds(const struct prefix *prefix, const struct ip *ip)
{
    if (prefix->ip.family != ip->family)
        return false;
    struct ip network = ip_mask(ip, prefix->bits);
    return memcmp(network.bytes, prefix->ip.bytes, sizeof(network.bytes)) == 0;
}

struct ip ip_mask(const struct ip *ip, unsigned bits)
{
    struct ip masked = *ip;
    for (unsigned i = 0; i < sizeof(masked.bytes); i++) {
        unsigned kept = bits > i * 8 ? bits - i * 8 : 0;
        if (kept < 8)
            masked.bytes[i] &= (uint8_t)(0xff00u >> kept);
    }
    return masked;
}

bool ip_is_public(const struct ip *ip)
{
    static const char *const specials[] = {"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
            "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
            "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"};
    /* What of IPv6 was given to anybody (RFC 4291 section 2.4), and what of it stands for something else:
     * documentation, Teredo and other protocols, IPv4 in it. */
    static const char *const specials6[] = {"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"};
    const char *const *rows = ip->family == 4 ? specials : specials6;
    struct prefix prefix;
    for (size_t i = 0; i < (ip->family == 4 ? COUNT_OF(specials) : COUNT_OF(specials6)); i++)
        if (prefix_parse(slice_of(rows[i]), &prefix) && prefix_holds(&prefix, ip))
            return false;
    return ip->family == 4 || (prefix_parse(S("2000::/3"), &prefix) && prefix_holds(&prefix, ip));
}
