/* SPDX-License-Identifier: Apache-2.0 */
#include "store/words.h"

#include "base/arena.h"
#include "base/ip.h"
#include "base/observable.h"
#include "stix/text.h"
#include "store/search.h"

#define PARTS_MAX 16 /* parts of one word that are searched by themselves */
#define IPV6_MAX 45  /* characters of an IPv6 address (RFC 4291 section 2.2 with an IPv4 address in it) */

enum class { CLASS_OTHER, CLASS_LETTER, CLASS_ALONE };

/* Blocks of Unicode that are no letters, or letters that stand alone. Characters of no row are letters. */
static const struct {
    uint32_t from, to;
    enum class class;
} blocks[] = {
        {0x80, 0xa9, CLASS_OTHER}, /* controls, signs */
        {0xab, 0xb4, CLASS_OTHER},
        {0xb6, 0xb9, CLASS_OTHER},
        {0xbb, 0xbf, CLASS_OTHER},
        {0xd7, 0xd7, CLASS_OTHER},
        {0xf7, 0xf7, CLASS_OTHER},
        {0x2000, 0x206f, CLASS_OTHER}, /* punctuation, blanks, directions */
        {0x20a0, 0x20cf, CLASS_OTHER}, /* currencies */
        {0x2190, 0x2bff, CLASS_OTHER}, /* arrows, mathematics, boxes, symbols */
        {0x2e00, 0x2e7f, CLASS_OTHER},
        {0x2e80, 0x2fff, CLASS_ALONE}, /* radicals */
        {0x3000, 0x3004, CLASS_OTHER},
        {0x3008, 0x3020, CLASS_OTHER},
        {0x3030, 0x3030, CLASS_OTHER},
        {0x3040, 0x30ff, CLASS_ALONE}, /* kana */
        {0x3400, 0x4dbf, CLASS_ALONE},
        {0x4e00, 0x9fff, CLASS_ALONE}, /* ideographs */
        {0xd800, 0xf8ff, CLASS_OTHER},
        {0xf900, 0xfaff, CLASS_ALONE},
        {0xfe10, 0xfe1f, CLASS_OTHER},
        {0xfe30, 0xfe6f, CLASS_OTHER},
        {0xfeff, 0xff0f, CLASS_OTHER},
        {0xff1a, 0xff20, CLASS_OTHER},
        {0xff3b, 0xff40, CLASS_OTHER},
        {0xff5b, 0xff65, CLASS_OTHER},
        {0xfff0, 0xffff, CLASS_OTHER},
        {0x1f000, 0x1faff, CLASS_OTHER}, /* pictures */
        {0x20000, 0x3ffff, CLASS_ALONE},
        {0xe0000, 0x10ffff, CLASS_OTHER},
};

/* Capital letters and how far below them their small ones stand; step 2: each second one is a capital. */
static const struct {
    uint32_t from, to, step, add;
} capitals[] = {
        {'A', 'Z', 1, 32},
        {0xc0, 0xd6, 1, 32},
        {0xd8, 0xde, 1, 32},
        {0x100, 0x12e, 2, 1},
        {0x132, 0x136, 2, 1},
        {0x139, 0x147, 2, 1},
        {0x14a, 0x176, 2, 1},
        {0x179, 0x17d, 2, 1},
        {0x386, 0x386, 1, 38},
        {0x388, 0x38a, 1, 37},
        {0x391, 0x3a1, 1, 32},
        {0x3a3, 0x3ab, 1, 32},
        {0x400, 0x40f, 1, 80},
        {0x410, 0x42f, 1, 32},
        {0x460, 0x480, 2, 1},
        {0x48a, 0x4be, 2, 1},
        {0x4d0, 0x52e, 2, 1},
        {0x531, 0x556, 1, 48},
        {0x1e00, 0x1e94, 2, 1},
        {0x1ea0, 0x1efe, 2, 1},
        {0xff21, 0xff3a, 1, 32},
};

struct cutting {
    const struct word_sink *sink;
    char word[SEARCH_WORD_MAX];
    size_t len;
    bool joined; /* a . - or _ stands in it */
    bool full;
};

/* ---- Characters ---- */

/* The character at the front of UTF-8, and its bytes. */
static uint32_t point_at(slice text, size_t at, size_t *bytes)
{
    uint8_t first = (uint8_t)text.ptr[at];
    size_t len = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    uint32_t point = len == 1 ? first : first & (0x7fu >> len);
    for (size_t i = 1; i < len; i++)
        point = point << 6 | ((uint8_t)text.ptr[at + i] & 0x3f);
    *bytes = len;
    return point;
}

static enum class class_of(uint32_t point) {
    if (point < 0x80) return byte_is_digit((char)point) ||
                    (byte_lower((char)point) >= 'a' && byte_lower((char)point) <= 'z')
            ? CLASS_LETTER
            : CLASS_OTHER;
    for (size_t i = 0; i < COUNT_OF(blocks); i++) if (point >= blocks[i].from && point <= blocks[i].to) return blocks[i]
            .class;
    return CLASS_LETTER;
}

static uint32_t lower(uint32_t point)
{
    for (size_t i = 0; i < COUNT_OF(capitals) && point >= capitals[i].from; i++)
        if (point <= capitals[i].to && (point - capitals[i].from) % capitals[i].step == 0)
            return point + capitals[i].add;
    return point;
}

static bool is_joint(char c)
{
    return c == '.' || c == '-' || c == '_';
}

/* ---- Words ---- */

/* A word longer than there is room for is known by its beginning, here and in queries. */
static void point_put(struct cutting *cutting, uint32_t point)
{
    char text[4];
    size_t len = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    cutting->full = cutting->full || cutting->len + len > sizeof cutting->word;
    if (cutting->full)
        return;
    for (size_t i = len - 1; i > 0; i--, point >>= 6)
        text[i] = (char)(0x80 | (point & 0x3f));
    text[0] = (char)(len == 1 ? point : (0xf00u >> len & 0xff) | point);
    memcpy(cutting->word + cutting->len, text, len);
    cutting->len += len;
}

/* A domain is above each name in it; pieces between joints are words, too. Of an address no part means anything. */
static void parts_tell(const struct cutting *cutting, slice word)
{
    struct ip ip;
    size_t told = 0;
    if (ip_parse(word, &ip))
        return;
    for (size_t at = 1; at < word.len && told < PARTS_MAX; at++) {
        if (!is_joint(word.ptr[at - 1]) || is_joint(word.ptr[at]))
            continue;
        slice rest = slice_from(word, at), piece = rest;
        piece.len = 0;
        while (piece.len < rest.len && !is_joint(rest.ptr[piece.len]))
            piece.len++;
        cutting->sink->word(cutting->sink->context, piece, true);
        if (word.ptr[at - 1] == '.' && piece.len < rest.len)
            cutting->sink->word(cutting->sink->context, rest, true);
        told++;
    }
}

static void word_end(struct cutting *cutting)
{
    slice word = {cutting->word, cutting->len};
    while (word.len > 0 && is_joint(word.ptr[word.len - 1]))
        word.len--;
    if (word.len > 0)
        cutting->sink->word(cutting->sink->context, word, false);
    if (word.len > 0 && cutting->joined) {
        slice front = {word.ptr, 0};
        while (front.len < word.len && !is_joint(front.ptr[front.len]))
            front.len++;
        struct ip ip;
        if (front.len < word.len && !ip_parse(word, &ip))
            cutting->sink->word(cutting->sink->context, front, true);
        parts_tell(cutting, word);
    }
    cutting->len = 0;
    cutting->joined = cutting->full = false;
}

/* Bytes of an IPv6 address that stands here by itself, told as one word; 0: none does. */
static size_t ipv6_cut(struct cutting *cutting, slice rest)
{
    size_t len = 0, colons = 0;
    struct ip ip;
    for (; len < rest.len && len <= IPV6_MAX; len++) {
        if (byte_hex(rest.ptr[len]) < 0 && rest.ptr[len] != ':' && rest.ptr[len] != '.')
            break;
        colons += rest.ptr[len] == ':';
    }
    while (len > 0 && rest.ptr[len - 1] == '.')
        len--;
    /* "::" alone stands in programs more often than for an address, as in std::string. */
    bool goes_on = len < rest.len && class_of((uint8_t)rest.ptr[len]) == CLASS_LETTER;
    if (colons < 2 || len < 3 || goes_on || !ip_parse(slice_part(rest, 0, len), &ip))
        return 0;
    struct buf text = buf_make(IPV6_MAX + 1);
    ip_write(&text, &ip);
    cutting->sink->word(cutting->sink->context, buf_slice(&text), false);
    buf_free(&text);
    return len;
}

static bool may_begin_ipv6(slice rest)
{
    size_t most = rest.len < 6 ? rest.len : 6; /* four digits at most stand before the first colon, then a bracket */
    return (byte_hex(rest.ptr[0]) >= 0 || rest.ptr[0] == ':') && slice_find(slice_part(rest, 0, most), ':') < most;
}

static void cut(slice text, struct cutting *cutting)
{
    for (size_t at = 0, bytes = 1; at < text.len; at += bytes) {
        slice rest = slice_from(text, at);
        bytes = cutting->len == 0 && may_begin_ipv6(rest) ? ipv6_cut(cutting, rest) : 0;
        if (bytes > 0)
            continue;
        uint32_t point = point_at(text, at, &bytes);
        enum class class = class_of(point);
        if (class == CLASS_LETTER) {
            point_put(cutting, lower(point));
        } else if (cutting->len > 0 && point < 0x80 && is_joint((char)point)) {
            point_put(cutting, point);
            cutting->joined = true;
        } else {
            word_end(cutting);
            if (class == CLASS_ALONE) {
                point_put(cutting, point);
                word_end(cutting);
            }
        }
    }
    word_end(cutting);
}

void words_cut(slice text, struct arena *arena, const struct word_sink *sink)
{
    struct cutting cutting = {.sink = sink};
    struct buf fanged = buf_make(text.len + 64);
    if (!stix_text_is_utf8(text))
        return;
    bool defanged = slice_holds(text, '[') || slice_holds(text, '(') || slice_find_slice(text, S("hxxp")) < text.len;
    if (defanged && observable_refang(text, &fanged) && !fanged.full)
        text = buf_slice(&fanged);
    cut(stix_text_normal(text, arena), &cutting);
    buf_free(&fanged);
}
