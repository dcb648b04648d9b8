/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Addresses and prefixes. IPv4 is dotted decimal with four parts and no leading zeros; IPv6 is RFC 4291 section 2.2 in
 * all its spellings, written as RFC 5952 says. A zone index is refused. An IPv4-mapped address (::ffff:192.0.2.1) is
 * the IPv4 address that it carries, since logs write either.
 */
#include "base/buf.h"

struct ip {
    uint8_t bytes[16]; /* network order; IPv4 uses the first four, the rest is zero */
    uint8_t family;    /* 4 or 6 */
};

struct prefix {
    struct ip ip; /* bits behind `bits` are zero */
    uint8_t bits; /* 0 to 32, 0 to 128 */
};

bool ip_parse(slice text, struct ip *ip);
void ip_write(struct buf *buf, const struct ip *ip);
/* "192.0.2.0/24", or an address alone (then all bits). Host bits that are set are cleared. */
bool prefix_parse(slice text, struct prefix *prefix);
void prefix_write(struct buf *buf, const struct prefix *prefix);
bool prefix_holds(const struct prefix *prefix, const struct ip *ip);
/* The address with all bits behind `bits` cleared. */
struct ip ip_mask(const struct ip *ip, unsigned bits);
/* Whether it may be anybody's on the Internet: none of a machine's own, of private networks, of documentation, nor of
 * the other special ranges of IANA's registries (RFC 6890). */
bool ip_is_public(const struct ip *ip);
