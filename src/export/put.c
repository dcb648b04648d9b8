/* SPDX-License-Identifier: Apache-2.0 */
#include "export/kind.h"

#include <assert.h>

void export_put_plain(struct buf *out, slice text, size_t most, const char *barred)
{
    size_t from = out->len;
    bool marked = false;
    for (size_t i = 0; i < text.len; i++) {
        if (out->len - from >= most) {
            buf_put(out, S("..."));
            return;
        }
        char c = text.ptr[i];
        bool plain = c >= ' ' && c <= '~' && strchr(barred, c) == NULL;
        if (plain || !marked)
            buf_byte(out, plain ? c : '?');
        if (out->full)
            return;
        marked = !plain;
    }
}

void export_put_marks(struct buf *out, const struct stix_marks *marks)
{
    const char *names[] = {stix_tlp_name(marks->tlp), stix_pap_name(marks->pap)};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (names[i] != NULL)
            buf_printf(out, "%s ", names[i]);
}

/* RFC 4648 section 4. */
void export_put_base64(struct buf *out, slice bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        unsigned word = (unsigned)(unsigned char)bytes.ptr[i] << 16;
        word |= left > 1 ? (unsigned)(unsigned char)bytes.ptr[i + 1] << 8 : 0;
        word |= left > 2 ? (unsigned char)bytes.ptr[i + 2] : 0;
        char four[] = {digits[word >> 18], digits[word >> 12 & 63], left > 1 ? digits[word >> 6 & 63] : '=',
                left > 2 ? digits[word & 63] : '='};
        buf_put(out, (slice){four, sizeof(four)});
    }
}

bool export_has_control(slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f)
            return true;
    return false;
}

bool export_is_dns_name(slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = byte_lower(name.ptr[i]);
        if (!(c >= 'a' && c <= 'z') && !byte_is_digit(c) && c != '-' && c != '_' && c != '.')
            return false;
    }
    return name.len > 0;
}

/* Shorter ones hold so much of the Internet that somebody slipped: no network was ever given so much. */
enum { BITS_LEAST_V4 = 8, BITS_LEAST_V6 = 19 };

/* IANA's registries of special addresses: what a machine needs to talk to itself and to its neighbours. */
static const struct special {
    const char *prefix;
    const char *why;
    bool private; /* options.private_too lets it through */
} specials[] = {
        {"0.0.0.0/8", "address of no machine (0.0.0.0/8)", false},
        {"127.0.0.0/8", "loopback address", false},
        {"169.254.0.0/16", "link-local address", false},
        {"224.0.0.0/3", "multicast, reserved or broadcast address", false},
        {"10.0.0.0/8", "address of a private network", true},
        {"172.16.0.0/12", "address of a private network", true},
        {"192.168.0.0/16", "address of a private network", true},
        {"100.64.0.0/10", "address of a private network", true},
        {"::/96", "loopback address", false},
        {"fe80::/10", "link-local address", false},
        {"ff00::/8", "multicast, reserved or broadcast address", false},
        {"fc00::/7", "address of a private network", true},
};

void export_specials_fill(struct export *export)
{
    _Static_assert(COUNT_OF(specials) == EXPORT_SPECIALS, "one prefix for each row");
    for (size_t i = 0; i < COUNT_OF(specials); i++) {
        bool is_prefix = prefix_parse(slice_of(specials[i].prefix), &export->specials[i]);
        assert(is_prefix);
    }
}

const char *export_prefix_too_wide(const struct prefix *prefix)
{
    if (prefix->bits >= (prefix->ip.family == 4 ? BITS_LEAST_V4 : BITS_LEAST_V6))
        return NULL;
    return prefix->ip.family == 4 ? "prefix shorter than /8" : "IPv6 prefix shorter than /19";
}

const char *export_prefix_unfit(const struct export *export, const struct prefix *prefix)
{
    const char *wide = export_prefix_too_wide(prefix);
    if (wide != NULL)
        return wide;
    for (size_t i = 0; i < COUNT_OF(specials); i++) {
        const struct prefix *special = &export->specials[i];
        if ((prefix_holds(special, &prefix->ip) || prefix_holds(prefix, &special->ip)) &&
                !(specials[i].private && export->options.private_too))
            return specials[i].why;
    }
    return NULL;
}
