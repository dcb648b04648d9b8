/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/syntax.h"

#include "base/ip.h"
#include "stix/codes.h"
#include "stix/table.h"

/* Kinds of characters, as bits. */
enum {
    HEX = 1,
    BASE64 = 2,
    URI = 4, /* RFC 3986 section 2, and the percent sign */
    LOWER = 8,
    DIGIT = 16,
    UPPER = 32,
    ATEXT = 64,  /* RFC 5322 section 3.2.3 */
    TOKEN = 128, /* of a media type (RFC 6838 section 4.2) */
};

/* Ranges of designators are an extension that both our compilers have; 256 rows would say less. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
static const uint8_t kinds[256] = {
        ['0' ... '9'] = HEX | BASE64 | URI | DIGIT | ATEXT | TOKEN,
        ['a' ... 'f'] = HEX | BASE64 | URI | LOWER | ATEXT | TOKEN,
        ['g' ... 'z'] = BASE64 | URI | LOWER | ATEXT | TOKEN,
        ['A' ... 'F'] = HEX | BASE64 | URI | UPPER | ATEXT | TOKEN,
        ['G' ... 'Z'] = BASE64 | URI | UPPER | ATEXT | TOKEN,
        ['+'] = BASE64 | URI | ATEXT | TOKEN,
        ['/'] = BASE64 | URI | ATEXT,
        ['-'] = URI | ATEXT | TOKEN,
        ['.'] = URI | TOKEN,
        ['_'] = URI | ATEXT | TOKEN,
        ['~'] = URI | ATEXT,
        [':'] = URI,
        ['?'] = URI | ATEXT,
        ['#'] = URI | ATEXT | TOKEN,
        ['['] = URI,
        [']'] = URI,
        ['@'] = URI,
        ['!'] = URI | ATEXT | TOKEN,
        ['$'] = URI | ATEXT | TOKEN,
        ['&'] = URI | ATEXT | TOKEN,
        ['\''] = URI | ATEXT,
        ['('] = URI,
        [')'] = URI,
        ['*'] = URI | ATEXT,
        [','] = URI,
        [';'] = URI,
        ['='] = URI | ATEXT,
        ['%'] = URI | ATEXT,
        ['^'] = ATEXT | TOKEN,
        ['`'] = ATEXT,
        ['{'] = ATEXT,
        ['|'] = ATEXT,
        ['}'] = ATEXT,
        [0x80 ... 0xff] = URI | ATEXT, /* other scripts (RFC 3987, RFC 6532) */
};
#pragma GCC diagnostic pop

static inline bool is(char c, unsigned kind)
{
    return (kinds[(uint8_t)c] & kind) != 0;
}

static bool all(slice text, unsigned kind)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is(text.ptr[i], kind))
            return false;
    return true;
}

/* ---- Timestamps ---- */

static inline unsigned two(const char *at)
{
    unsigned tens = (uint8_t)(at[0] - '0'), ones = (uint8_t)(at[1] - '0');
    return tens > 9 || ones > 9 ? 100 : tens * 10 + ones;
}

static unsigned days_of(unsigned year, unsigned month)
{
    static const uint8_t days[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month] + (month == 2 && leap);
}

bool stix_time_check(slice text, size_t *digits)
{
    const char *at = text.ptr;
    *digits = 0;
    if (text.len < 20 || at[4] != '-' || at[7] != '-' || at[10] != 'T' || at[13] != ':' || at[16] != ':' ||
            at[text.len - 1] != 'Z')
        return false;
    unsigned century = two(at), year = two(at + 2), month = two(at + 5), day = two(at + 8);
    if (century > 99 || year > 99 || month < 1 || month > 12 || day < 1 || day > days_of(century * 100 + year, month))
        return false;
    if (two(at + 11) > 23 || two(at + 14) > 59 || two(at + 17) > 60)
        return false;
    if (text.len == 20)
        return true;
    *digits = text.len - 21;
    return at[19] == '.' && *digits > 0 && all(slice_part(text, 20, text.len - 1), DIGIT);
}

/* The digits behind the point without zeros at their end. */
static slice fraction(slice text)
{
    slice digits = text.len > 20 ? slice_part(text, 20, text.len - 1) : S("");
    while (digits.len > 0 && digits.ptr[digits.len - 1] == '0')
        digits.len--;
    return digits;
}

int stix_time_order(slice a, slice b)
{
    int order = memcmp(a.ptr, b.ptr, 19);
    return order != 0 ? order : slice_order(fraction(a), fraction(b));
}

/* ---- Bytes ---- */

bool stix_syntax_hex(slice text)
{
    return text.len > 0 && text.len % 2 == 0 && all(text, HEX);
}

bool stix_syntax_base64(slice text)
{
    if (text.len % 4 != 0)
        return false;
    size_t padding = slice_ends(text, S("==")) ? 2 : slice_ends(text, S("="));
    return all(slice_part(text, 0, text.len - padding), BASE64);
}

/* ---- Languages ---- */

/*
 * The parts behind the language: script, region, variants, extensions, all by their looks. One character begins an
 * extension and needs more behind it; behind an x all is private.
 */
static bool language_parts(slice rest, bool private)
{
    slice part;
    bool open = private;
    while (slice_next(&rest, '-', &part)) {
        bool single = part.len == 1 && !private;
        if (part.len < 1 || part.len > 8 || !all(part, LOWER | UPPER | DIGIT) || (single && open))
            return false;
        open = single;
        private = private || slice_eq_fold(part, S("x"));
    }
    return !open;
}

bool stix_syntax_language(slice text)
{
    slice first = slice_part(text, 0, slice_find(text, '-'));
    bool private = slice_eq_fold(first, S("x")) || slice_eq_fold(first, S("i"));
    bool known =
            private || stix_code_language(first) || (first.len >= 5 && first.len <= 8 && all(first, LOWER | UPPER));
    if (!known || text.len > 250)
        return false;
    if (first.len == text.len)
        return !private;
    return language_parts(slice_from(text, first.len + 1), private);
}

/* ---- The network ---- */

bool stix_syntax_uri(slice text)
{
    size_t colon = slice_find(text, ':');
    if (colon == 0 || colon + 1 >= text.len || !is(text.ptr[0], LOWER | UPPER))
        return false;
    for (size_t i = 1; i < colon; i++)
        if (!is(text.ptr[i], LOWER | UPPER | DIGIT) && text.ptr[i] != '+' && text.ptr[i] != '-' && text.ptr[i] != '.')
            return false;
    return all(slice_from(text, colon + 1), URI);
}

/* The number of bits behind the slash, without leading zeros. */
static bool prefix_bits(slice text, uint64_t most)
{
    uint64_t bits;
    return text.len > 0 && !(text.len > 1 && text.ptr[0] == '0') && slice_u64(text, most, &bits);
}

static bool address(slice text, uint8_t family, uint64_t bits)
{
    struct ip ip;
    size_t slash = slice_find(text, '/');
    if (slash < text.len && !prefix_bits(slice_from(text, slash + 1), bits))
        return false;
    slice part = slice_part(text, 0, slash);
    bool colons = slice_holds(part, ':');
    return ip_parse(part, &ip) && colons == (family == 6);
}

bool stix_syntax_ipv4(slice text)
{
    return address(text, 4, 32);
}

bool stix_syntax_ipv6(slice text)
{
    return address(text, 6, 128);
}

bool stix_syntax_mac(slice text)
{
    if (text.len != 17)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (i % 3 == 2 ? c != ':' : !is(c, HEX) || is(c, UPPER))
            return false;
    }
    return true;
}

bool stix_syntax_domain(slice text)
{
    slice rest = text, label;
    if (text.len == 0 || text.len > 1024)
        return false;
    if (slice_ends(rest, S(".")) && rest.len > 1)
        rest.len--;
    while (slice_next(&rest, '.', &label)) {
        if (label.len == 0 || label.len > 250)
            return false;
        for (size_t i = 0; i < label.len; i++)
            if (!is(label.ptr[i], LOWER | UPPER | DIGIT) && label.ptr[i] != '-' && label.ptr[i] != '_' &&
                    (uint8_t)label.ptr[i] < 0x80)
                return false;
    }
    return true;
}

bool stix_syntax_email(slice text)
{
    size_t at = text.len;
    while (at > 0 && text.ptr[at - 1] != '@')
        at--;
    if (at < 2)
        return false;
    slice local = slice_part(text, 0, at - 1), domain = slice_from(text, at);
    bool quoted = local.len > 2 && local.ptr[0] == '"' && local.ptr[local.len - 1] == '"';
    for (size_t i = 0; i < local.len && !quoted; i++)
        if (!is(local.ptr[i], ATEXT) && local.ptr[i] != '.')
            return false;
    bool literal = slice_starts(domain, S("[")) && slice_ends(domain, S("]"));
    return literal || stix_syntax_domain(domain);
}

bool stix_syntax_cpe(slice text)
{
    if (!slice_starts(text, S("cpe:2.3:")))
        return false;
    size_t parts = 1;
    slice rest = slice_from(text, 8);
    if (rest.len < 2 || memchr("aho*-", rest.ptr[0], 5) == NULL || rest.ptr[1] != ':')
        return false;
    bool empty = false;
    for (size_t i = 1; i < rest.len; i++) {
        char c = rest.ptr[i];
        if (c == ':') {
            if (empty)
                return false;
            empty = true;
            parts++;
            continue;
        }
        empty = false;
        if (c == '\\' && ++i == rest.len)
            return false;
        if (c == '\\' ? (uint8_t)rest.ptr[i] <= ' '
                      : !is(c, LOWER | UPPER | DIGIT) && c != '-' && c != '.' && c != '_' && c != '*' && c != '?' &&
                                c != '~')
            return false;
    }
    return parts == 11 && !empty;
}

bool stix_syntax_mime(slice text)
{
    static const char *const tops[] = {"application", "audio", "example", "font", "haptics", "image", "message",
            "model", "multipart", "text", "video"};
    size_t slash = slice_find(text, '/');
    if (slash + 1 >= text.len)
        return false;
    size_t end = slice_find(text, ';');
    if (end <= slash + 1 || !all(slice_part(text, slash + 1, end), TOKEN))
        return false;
    for (size_t i = 0; i < COUNT_OF(tops); i++)
        if (slice_eq_fold(slice_part(text, 0, slash), slice_of(tops[i])))
            return true;
    return false;
}

bool stix_syntax_charset(slice text)
{
    slice rest = slice_of(stix_vocabularies[stix_vocabulary_find("character-set")].words), name;
    while (slice_next(&rest, '|', &name))
        if (slice_eq_fold(text, name))
            return true;
    return false;
}

/* ---- Names ---- */

bool stix_name_property(slice text)
{
    if (text.len < 3 || text.len > 250 || !is(text.ptr[0], LOWER))
        return false;
    for (size_t i = 1; i < text.len; i++)
        if (!is(text.ptr[i], LOWER | DIGIT) && text.ptr[i] != '_')
            return false;
    return true;
}

bool stix_name_type(slice text)
{
    if (text.len < 3 || text.len > 250 || !is(text.ptr[0], LOWER))
        return false;
    for (size_t i = 1; i < text.len; i++)
        if (!is(text.ptr[i], LOWER | DIGIT) && !(text.ptr[i] == '-' && text.ptr[i - 1] != '-'))
            return false;
    return true;
}

bool stix_name_key(slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is(text.ptr[i], LOWER | UPPER | DIGIT) && text.ptr[i] != '-' && text.ptr[i] != '_')
            return false;
    return text.len > 0 && text.len <= 250;
}

bool stix_name_relation(slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is(text.ptr[i], LOWER | DIGIT) && text.ptr[i] != '-')
            return false;
    return text.len > 0;
}

bool stix_name_kebab(slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (is(text.ptr[i], UPPER) || text.ptr[i] == ' ' || text.ptr[i] == '_')
            return false;
    return true;
}

/* ---- Hashes ---- */

const char *stix_hash_wrong(slice algorithm, slice value)
{
    static const struct {
        const char *name;
        size_t digits;
        const char *why;
    } rows[] = {
            {"MD5", 32, "an MD5 hash is 32 hexadecimal digits"},
            {"SHA-1", 40, "a SHA-1 hash is 40 hexadecimal digits"},
            {"SHA-256", 64, "a SHA-256 hash is 64 hexadecimal digits"},
            {"SHA-512", 128, "a SHA-512 hash is 128 hexadecimal digits"},
            {"SHA3-256", 64, "a SHA3-256 hash is 64 hexadecimal digits"},
            {"SHA3-512", 128, "a SHA3-512 hash is 128 hexadecimal digits"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (slice_eq(algorithm, slice_of(rows[i].name)))
            return value.len == rows[i].digits && all(value, HEX) ? NULL : rows[i].why;
    if (slice_eq(algorithm, S("TLSH"))) /* 35 bytes, since version 4 behind a `T1` */
        return (value.len == 70 || (value.len == 72 && slice_starts(value, S("T1")))) &&
                               all(value, LOWER | UPPER | DIGIT)
                       ? NULL
                       : "a TLSH hash is 35 bytes in hexadecimal digits";
    if (slice_eq(algorithm, S("SSDEEP"))) {
        size_t first = slice_find(value, ':'), colons = 0;
        for (size_t i = 0; i < value.len; i++)
            colons += value.ptr[i] == ':';
        return colons == 2 && first > 0 && all(slice_part(value, 0, first), DIGIT)
                       ? NULL
                       : "an ssdeep hash is BLOCKSIZE:HASH:HASH";
    }
    return NULL;
}
