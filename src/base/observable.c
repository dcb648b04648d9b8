/* SPDX-License-Identifier: Apache-2.0 */
#include "base/observable.h"

#include <assert.h>
#include <idn2.h>

#include "base/ip.h"

enum {
    VALUE_MAX = 8192,    /* bytes of a value or a path: longer than any URL that browsers and servers accept */
    HOST_MAX = 253,      /* RFC 1035 section 2.3.4, as text without the final dot */
    LABEL_MAX = 63,      /* the same */
    UNICODE_MAX = 1012,  /* a name before it is turned into A-labels: four bytes for each of 253 */
    TYPE_NAME_MAX = 250, /* as STIX 2.1 limits the names of object types */
};

/* A type: its name, and what appends the normal form of its values, or says why a value has none. */
struct row {
    const char *name;
    const char *(*normalise)(const struct observable *observable, struct buf *out);
};

static const uint8_t hash_lengths[OBSERVABLE_TYPES] = {
        [OBSERVABLE_MD5] = 16,
        [OBSERVABLE_SHA1] = 20,
        [OBSERVABLE_SHA256] = 32,
        [OBSERVABLE_SHA512] = 64,
        [OBSERVABLE_JA3] = 16,
};

static bool is_unicode(slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] >= 0x80)
            return true;
    }
    return false;
}

static bool has_blank(slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c <= ' ' || c == 0x7f)
            return true;
    }
    return false;
}

/* Loops over the bytes of a value take no branch, so that the compiler takes many bytes at a time. */

/* Names in logs hold more than host names may, but nothing that ends a name in a URL or an address. */
static bool is_name(slice text)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        wrong |= (unsigned)((c <= ' ') | (c > '~') | (c == '/') | (c == ':') | (c == '@') | (c == '?') | (c == '#') |
                            (c == '[') | (c == ']'));
    }
    return wrong == 0;
}

static void put_lower(struct buf *out, slice text)
{
    if (!buf_reserve(out, text.len))
        return;
    char *to = out->ptr + out->len;
    for (size_t i = 0; i < text.len; i++)
        to[i] = byte_lower(text.ptr[i]);
    out->len += text.len;
}

static void put_ip(struct buf *out, const struct ip *ip)
{
    buf_byte(out, (char)ip->family);
    buf_put(out, (slice){(const char *)ip->bytes, ip->family == 4 ? 4 : 16});
}

static const char *normal_ip(const struct observable *observable, struct buf *out)
{
    struct ip ip;
    if (!ip_parse(observable->value, &ip))
        return "not an IP address";
    /* A mapped address (::ffff:192.0.2.1) is spelt as IPv6 and is IPv4: it is at home in both types. */
    bool spelt_v6 = slice_find(observable->value, ':') < observable->value.len;
    if (observable->type == OBSERVABLE_IPV4 && ip.family != 4)
        return "an IPv6 address, not an IPv4 address";
    if (observable->type == OBSERVABLE_IPV6 && !spelt_v6)
        return "an IPv4 address, not an IPv6 address";
    put_ip(out, &ip);
    return NULL;
}

static const char *normal_prefix(const struct observable *observable, struct buf *out)
{
    struct prefix prefix;
    if (!prefix_parse(observable->value, &prefix))
        return "not an address prefix";
    put_ip(out, &prefix.ip);
    buf_byte(out, (char)prefix.bits);
    return NULL;
}

static const char *normal_labels(slice name, struct buf *out)
{
    slice rest = name, label;
    if (name.len == 0)
        return "the host name is empty";
    if (name.len > HOST_MAX)
        return "the host name is longer than 253 bytes";
    while (slice_next(&rest, '.', &label)) {
        if (label.len == 0 || label.len > LABEL_MAX)
            return "a label of the host name is empty or longer than 63 bytes";
    }
    if (!is_name(name))
        return "a byte that cannot be in a host name";
    put_lower(out, name);
    return NULL;
}

/* An address with or without [brackets], or a name in ASCII. */
static const char *normal_ascii_host(slice host, struct buf *out)
{
    struct ip ip;
    if (slice_ends(host, S(".")))
        host.len--;
    bool bracketed = host.len > 1 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']';
    if (ip_parse(bracketed ? slice_part(host, 1, host.len - 1) : host, &ip)) {
        put_ip(out, &ip);
        return NULL;
    }
    return normal_labels(host, out);
}

/* IDNA 2008 with the mapping of UTS 46; what comes out is checked like any other name. */
static const char *normal_unicode_host(slice host, struct buf *out)
{
    char text[UNICODE_MAX + 1], *ascii = NULL;
    if (host.len > UNICODE_MAX)
        return "the host name is longer than 253 bytes";
    if (memchr(host.ptr, '\0', host.len) != NULL)
        return "a byte that cannot be in a host name";
    memcpy(text, host.ptr, host.len);
    text[host.len] = '\0';
    if (idn2_to_ascii_8z(text, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) != IDN2_OK)
        return "the host name is not a valid internationalised name (RFC 5891)";
    const char *wrong = normal_ascii_host(slice_of(ascii), out);
    idn2_free(ascii);
    return wrong;
}

static const char *put_host(slice host, struct buf *out)
{
    return is_unicode(host) ? normal_unicode_host(host, out) : normal_ascii_host(host, out);
}

static const char *normal_host(const struct observable *observable, struct buf *out)
{
    return put_host(observable->value, out);
}

/* A URL apart: the host as written, the port or 0, and the path with its query but no fragment. */
struct url {
    slice host;
    unsigned port;
    slice path;
};

/* The length of "scheme://" at the front (RFC 3986 section 3.1), or 0. */
static size_t scheme_length(slice text)
{
    size_t colon = slice_find(text, ':');
    if (colon == 0 || colon == text.len || !slice_starts(slice_from(text, colon), S("://")))
        return 0;
    for (size_t i = 0; i < colon; i++) {
        char c = byte_lower(text.ptr[i]);
        bool letter = c >= 'a' && c <= 'z';
        if (!letter && (i == 0 || (!byte_is_digit(c) && c != '+' && c != '-' && c != '.')))
            return 0;
    }
    return colon + 3;
}

static const char *parse_port(slice text, unsigned *port)
{
    uint64_t n = 0;
    if (text.len > 0 && (!slice_u64(text, 65535, &n) || n == 0))
        return "the port of the URL is not a number from 1 to 65535";
    *port = (unsigned)n;
    return NULL;
}

/* user@host:port; an IPv6 address may lack its brackets where it cannot be mistaken. */
static const char *parse_authority(slice text, struct url *url)
{
    struct ip ip;
    const char *user_end = text.len == 0 ? NULL : memrchr(text.ptr, '@', text.len);
    if (user_end != NULL)
        text = slice_from(text, (size_t)(user_end + 1 - text.ptr));
    size_t bracket = slice_starts(text, S("[")) ? slice_find(text, ']') : 0;
    size_t colon = bracket + slice_find(slice_from(text, bracket), ':');
    if (ip_parse(text, &ip))
        colon = text.len;
    url->host = slice_part(text, 0, colon);
    return colon < text.len ? parse_port(slice_from(text, colon + 1), &url->port) : NULL;
}

static size_t authority_length(slice text)
{
    size_t len = 0;
    while (len < text.len && text.ptr[len] != '/' && text.ptr[len] != '?' && text.ptr[len] != '#')
        len++;
    return len;
}

static const char *parse_url(const struct observable *observable, struct url *url)
{
    slice authority = observable->value, path = observable->path;
    if (path.ptr == NULL) {
        slice text = slice_from(authority, scheme_length(authority));
        size_t end = authority_length(text);
        authority = slice_part(text, 0, end);
        path = slice_from(text, end);
    }
    *url = (struct url){.port = observable->port, .path = slice_part(path, 0, slice_find(path, '#'))};
    return parse_authority(authority, url);
}

static const char *normal_url(const struct observable *observable, struct buf *out)
{
    struct url url;
    const char *wrong = parse_url(observable, &url);
    if (wrong == NULL)
        wrong = put_host(url.host, out);
    if (wrong != NULL)
        return wrong;
    /* Logs keep no scheme, so both default ports are dropped whatever the scheme says. */
    if (url.port != 0 && url.port != 80 && url.port != 443) {
        buf_byte(out, ':');
        buf_u64(out, url.port);
    }
    if (!slice_starts(url.path, S("/")))
        buf_byte(out, '/');
    buf_put(out, url.path);
    return NULL;
}

/* Hexadecimal without anything else, to lower case; false if it is not. */
static bool put_hex_lower(struct buf *out, slice text)
{
    if (!buf_reserve(out, text.len))
        return false;
    char *to = out->ptr + out->len;
    unsigned wrong = 0;
    for (size_t i = 0; i < text.len; i++) {
        char low = byte_lower(text.ptr[i]);
        to[i] = low;
        wrong |= (unsigned)!(((low >= '0') & (low <= '9')) | ((low >= 'a') & (low <= 'f')));
    }
    out->len += wrong == 0 ? text.len : 0;
    return wrong == 0;
}

/* Hexadecimal, with or without 0x in front and colons between all bytes. */
static const char *normal_hash(const struct observable *observable, struct buf *out)
{
    size_t bytes = hash_lengths[observable->type];
    slice text = observable->value;
    if (slice_starts(text, S("0x")) || slice_starts(text, S("0X")))
        text = slice_from(text, 2);
    bool colons = text.len == bytes * 3 - 1;
    if (!colons && text.len != bytes * 2)
        return "not a hash of that length";
    bool fine = true;
    for (size_t i = 0; colons && i < bytes && fine; i++)
        fine = put_hex_lower(out, slice_part(text, 3 * i, 3 * i + 2)) && (i == 0 || text.ptr[3 * i - 1] == ':');
    if (!colons)
        fine = put_hex_lower(out, text);
    return fine ? NULL : "not a hash: a byte that is not hexadecimal";
}

/* RFC 5321 section 4.1.2: only a "quoted" local part may hold blanks or another @. */
static bool is_local_part(slice local)
{
    if (local.len > 2 && local.ptr[0] == '"' && local.ptr[local.len - 1] == '"')
        return true;
    return local.len > 0 && !has_blank(local) && slice_find(local, '@') == local.len;
}

static const char *normal_email(const struct observable *observable, struct buf *out)
{
    slice text = observable->value;
    const char *at = memrchr(text.ptr, '@', text.len);
    if (at == NULL)
        return "not an e-mail address: it has no @";
    size_t local = (size_t)(at - text.ptr);
    if (!is_local_part(slice_part(text, 0, local)))
        return "not an e-mail address: the part before the @ is empty or needs quotes";
    buf_put(out, slice_part(text, 0, local + 1));
    return put_host(slice_from(text, local + 1), out);
}

static const char *normal_text(const struct observable *observable, struct buf *out)
{
    buf_put(out, observable->value);
    return NULL;
}

static const struct row rows[] = {
        [OBSERVABLE_IPV4] = {"ipv4", normal_ip},
        [OBSERVABLE_IPV6] = {"ipv6", normal_ip},
        [OBSERVABLE_CIDR] = {"cidr", normal_prefix},
        [OBSERVABLE_DOMAIN] = {"domain", normal_host},
        [OBSERVABLE_HOST] = {"host", normal_host},
        [OBSERVABLE_URL] = {"url", normal_url},
        [OBSERVABLE_MD5] = {"md5", normal_hash},
        [OBSERVABLE_SHA1] = {"sha1", normal_hash},
        [OBSERVABLE_SHA256] = {"sha256", normal_hash},
        [OBSERVABLE_SHA512] = {"sha512", normal_hash},
        [OBSERVABLE_EMAIL] = {"email", normal_email},
        [OBSERVABLE_JA3] = {"ja3", normal_hash},
        [OBSERVABLE_USERAGENT] = {"useragent", normal_text},
        [OBSERVABLE_FILENAME] = {"filename", normal_text},
        [OBSERVABLE_OTHER] = {NULL, normal_text},
};

const char *observable_type_name(enum observable_type type)
{
    assert(type < COUNT_OF(rows));
    return rows[type].name;
}

enum observable_type observable_type_find(slice name)
{
    for (size_t type = 0; type < COUNT_OF(rows); type++) {
        if (rows[type].name != NULL && slice_eq(name, slice_of(rows[type].name)))
            return (enum observable_type)type;
    }
    if (name.len == 0 || name.len > TYPE_NAME_MAX)
        return OBSERVABLE_NONE;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!(c >= 'a' && c <= 'z') && !byte_is_digit(c) && c != '-')
            return OBSERVABLE_NONE;
    }
    return OBSERVABLE_OTHER;
}

/* Appends the normal form, or says why there is none and leaves `out` as it was. */
static const char *normalise(const struct observable *observable, struct buf *out)
{
    assert(observable->type < COUNT_OF(rows));
    const struct row *row = &rows[observable->type];
    if (row->normalise == NULL)
        return "a value without a type";
    if (observable->value.len == 0)
        return "the value is empty";
    if (observable->value.len > VALUE_MAX || observable->path.len > VALUE_MAX)
        return "the value is longer than 8192 bytes";
    size_t before = out->len;
    const char *wrong = row->normalise(observable, out);
    if (wrong == NULL && out->full)
        wrong = "the value does not fit";
    if (wrong != NULL)
        out->len = before;
    return wrong;
}

bool observable_normal(const struct observable *observable, struct buf *out)
{
    return normalise(observable, out) == NULL;
}

const char *observable_wrong(enum observable_type type, slice value)
{
    struct observable observable = {.type = type, .value = value};
    struct buf scratch = buf_make(2 * VALUE_MAX);
    const char *wrong = normalise(&observable, &scratch);
    buf_free(&scratch);
    return wrong;
}

/* Whether a normal host looks like one that people mean: an address, or a dotted name below a top level of letters. */
static bool is_public_host(slice host)
{
    if (host.len > 0 && (host.ptr[0] == 4 || host.ptr[0] == 6))
        return true;
    const char *dot = host.len == 0 ? NULL : memrchr(host.ptr, '.', host.len);
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];
        if (!(c >= 'a' && c <= 'z') && !byte_is_digit(c) && c != '-' && c != '_' && c != '.')
            return false;
    }
    return dot != NULL && dot + 2 < host.ptr + host.len && dot[1] >= 'a' && dot[1] <= 'z';
}

static bool looks_like_host(slice text)
{
    char space[HOST_MAX];
    struct buf host = {.ptr = space, .cap = sizeof(space), .max = sizeof(space)};
    return put_host(text, &host) == NULL && !host.full && is_public_host(buf_slice(&host));
}

static bool looks_like_url(slice value)
{
    struct url url;
    struct observable observable = {.type = OBSERVABLE_URL, .value = value};
    if (observable_wrong(OBSERVABLE_URL, value) != NULL)
        return false;
    if (scheme_length(value) > 0)
        return true;
    return slice_find(value, '/') < value.len && parse_url(&observable, &url) == NULL && looks_like_host(url.host);
}

static bool looks_like_email(slice value)
{
    const char *at = memrchr(value.ptr, '@', value.len);
    return at != NULL && observable_wrong(OBSERVABLE_EMAIL, value) == NULL &&
           looks_like_host(slice_from(value, (size_t)(at + 1 - value.ptr)));
}

/* An address, a slash and a few digits that are no prefix: a slip, not a URL. */
static bool looks_like_bad_prefix(slice value)
{
    struct ip ip;
    uint64_t bits;
    size_t slash = slice_find(value, '/');
    return slash < value.len && ip_parse(slice_part(value, 0, slash), &ip) &&
           slice_u64(slice_from(value, slash + 1), 999, &bits);
}

static enum observable_type guess_hash(slice value)
{
    static const enum observable_type hashes[] = {
            OBSERVABLE_MD5, OBSERVABLE_SHA1, OBSERVABLE_SHA256, OBSERVABLE_SHA512};
    for (size_t i = 0; i < COUNT_OF(hashes); i++) {
        if (observable_wrong(hashes[i], value) == NULL)
            return hashes[i];
    }
    return OBSERVABLE_NONE;
}

enum observable_type observable_guess(slice value)
{
    struct ip ip;
    struct prefix prefix;
    if (value.len == 0 || value.len > VALUE_MAX || has_blank(value))
        return OBSERVABLE_NONE;
    if (ip_parse(value, &ip))
        return ip.family == 4 ? OBSERVABLE_IPV4 : OBSERVABLE_IPV6;
    if (prefix_parse(value, &prefix))
        return OBSERVABLE_CIDR;
    if (looks_like_bad_prefix(value))
        return OBSERVABLE_NONE;
    if (looks_like_url(value))
        return OBSERVABLE_URL;
    enum observable_type hash = guess_hash(value);
    if (hash != OBSERVABLE_NONE)
        return hash;
    if (looks_like_email(value))
        return OBSERVABLE_EMAIL;
    return looks_like_host(value) ? OBSERVABLE_DOMAIN : OBSERVABLE_NONE;
}

/* How people break what they do not want clicked, in either case. */
static const struct {
    const char *broken, *whole;
} fangs[] = {
        {"[.]", "."},
        {"(.)", "."},
        {"{.}", "."},
        {"[dot]", "."},
        {"(dot)", "."},
        {"[:]", ":"},
        {"[://]", "://"},
        {"[@]", "@"},
        {"[at]", "@"},
        {"(at)", "@"},
};

static bool starts_fold(slice text, slice with)
{
    return text.len >= with.len && slice_eq_fold(slice_part(text, 0, with.len), with);
}

/* Puts the whole of what is broken at the front of `text`. How many bytes that took, or 0. */
static size_t put_fang(slice text, struct buf *out)
{
    for (size_t i = 0; i < COUNT_OF(fangs); i++) {
        slice broken = slice_of(fangs[i].broken);
        if (!starts_fold(text, broken))
            continue;
        buf_put(out, slice_of(fangs[i].whole));
        return broken.len;
    }
    return 0;
}

/* hxxp or hxxps as a scheme, whose colon may be broken too. */
static size_t put_scheme(slice text, struct buf *out)
{
    if (!starts_fold(text, S("hxxp")))
        return 0;
    size_t len = 4;
    if (len < text.len && byte_lower(text.ptr[len]) == 's')
        len++;
    slice rest = slice_from(text, len);
    if (!slice_starts(rest, S(":")) && !slice_starts(rest, S("[:")))
        return 0;
    buf_put(out, len == 5 ? S("https") : S("http"));
    return len;
}

static bool is_letter_or_digit(char c)
{
    char low = byte_lower(c);
    return (low >= 'a' && low <= 'z') || byte_is_digit(c);
}

bool observable_refang(slice value, struct buf *out)
{
    bool changed = false;
    for (size_t i = 0; i < value.len;) {
        slice rest = slice_from(value, i);
        char c = byte_lower(rest.ptr[0]);
        size_t taken = 0;
        if (c == 'h' && (i == 0 || !is_letter_or_digit(value.ptr[i - 1])))
            taken = put_scheme(rest, out);
        else if (c == '[' || c == '(' || c == '{')
            taken = put_fang(rest, out);
        if (taken == 0)
            buf_byte(out, value.ptr[i]);
        changed = changed || taken > 0;
        i += taken > 0 ? taken : 1;
    }
    return changed;
}
