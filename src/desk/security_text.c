/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 1. The whole: its bytes, and what stands around it where it is signed (section 2.3).
 * 2. Line after line: ends, names and values (section 4); each field by its row.
 * 3. What has to be there, and how often.
 */
#include "desk/security_text.h"

#include "base/arena.h"
#include "base/clock.h"
#include "json/chars.h"

#define EXPIRES_US (366 * DAY_US)
#define TAG_MAX 35 /* bytes of a tag of a language */

struct checking {
    slice url;
    int64_t now_us;
    struct arena *arena;
    struct security_fault *faults;
    size_t count, line;
    bool any_canonical, canonical; /* there is one; one of them is the URL */
};

static void fault(struct checking *checking, size_t line, const char *section, const char *why)
{
    if (checking->count < SECURITY_FAULTS_MAX)
        checking->faults[checking->count++] = (struct security_fault){line, section, why};
}

/* ---- Values ---- */

static bool is_scheme_byte(char c, bool first)
{
    char low = byte_lower(c);
    return (low >= 'a' && low <= 'z') || (!first && (byte_is_digit(c) || c == '+' || c == '-' || c == '.'));
}

/* RFC 3986: a scheme, and then no blank and nothing that is not ASCII. */
static bool is_uri(slice value)
{
    size_t colon = slice_find(value, ':');
    if (colon == 0 || colon + 1 >= value.len)
        return false;
    for (size_t i = 0; i < colon; i++)
        if (!is_scheme_byte(value.ptr[i], i == 0))
            return false;
    for (size_t i = colon; i < value.len; i++)
        if (value.ptr[i] <= ' ' || value.ptr[i] == 0x7f || strchr("<>\"{}|\\^`", value.ptr[i]) != NULL)
            return false;
    return true;
}

static void uri_look(struct checking *checking, slice value, const char *section)
{
    if (!is_uri(value))
        fault(checking, checking->line, section, "the value is no URI");
    else if (slice_eq_fold(slice_part(value, 0, slice_find(value, ':')), S("http")))
        fault(checking, checking->line, section, "a URI of the web begins with https://");
}

static void canonical_look(struct checking *checking, slice value, const char *section)
{
    uri_look(checking, value, section);
    checking->any_canonical = true;
    checking->canonical |= slice_eq(value, checking->url);
}

/* CSAF 2.0, section 7.1.8: it leads to the metadata themselves. */
static void csaf_look(struct checking *checking, slice value, const char *section)
{
    uri_look(checking, value, section);
    if (!slice_ends(value, S("/provider-metadata.json")))
        fault(checking, checking->line, section, "CSAF leads to a provider-metadata.json");
}

static void expires_look(struct checking *checking, slice value, const char *section)
{
    int64_t us;
    if (!time_parse_strict(value, &us))
        fault(checking, checking->line, section, "Expires is a date and time by RFC 3339");
    else if (us <= checking->now_us)
        fault(checking, checking->line, section, "it has expired");
    else if (us - checking->now_us > EXPIRES_US)
        fault(checking, checking->line, section, "Expires is less than a year ahead");
}

/* RFC 5646, section 2.1, as far as one sees without the registry: parts of up to eight letters and digits, the first
 * of two or three letters. */
static bool is_tag(slice tag)
{
    slice rest = tag, part;
    bool first = true;
    while (rest.ptr != NULL && slice_next(&rest, '-', &part)) {
        if (part.len == 0 || part.len > 8 || (first && part.len != 2 && part.len != 3))
            return false;
        for (size_t i = 0; i < part.len; i++)
            if (!is_scheme_byte(part.ptr[i], first) || part.ptr[i] == '+' || part.ptr[i] == '.')
                return false;
        first = false;
    }
    return !first && tag.len <= TAG_MAX;
}

static void languages_look(struct checking *checking, slice value, const char *section)
{
    slice rest = value, tag;
    while (rest.ptr != NULL && slice_next(&rest, ',', &tag))
        if (!is_tag(slice_trim(tag))) {
            fault(checking, checking->line, section, "Preferred-Languages are tags by RFC 5646 between commas");
            return;
        }
}

/* What is no row is a field of somebody's own (section 2.4). */
static const struct field {
    const char *name, *section;
    void (*look)(struct checking *checking, slice value, const char *section);
    bool needed, once;
} fields[] = {
        {"Acknowledgments", "2.5.1", uri_look, false, false},
        {"Canonical", "2.5.2", canonical_look, false, false},
        {"Contact", "2.5.3", uri_look, true, false},
        {"Encryption", "2.5.4", uri_look, false, false},
        {"Expires", "2.5.5", expires_look, true, true},
        {"Hiring", "2.5.6", uri_look, false, false},
        {"Policy", "2.5.7", uri_look, false, false},
        {"Preferred-Languages", "2.5.8", languages_look, false, true},
        {"CSAF", "CSAF 2.0 7.1.8", csaf_look, false, false},
};

/* ---- Lines ---- */

static bool is_name(slice name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] <= ' ' || name.ptr[i] > '~')
            return false;
    return name.len > 0;
}

static void line_look(struct checking *checking, slice line, unsigned seen[COUNT_OF(fields)])
{
    size_t colon = slice_find(line, ':');
    slice name = slice_part(line, 0, colon);
    if (slice_trim(line).len == 0 || line.ptr[0] == '#')
        return;
    if (colon == line.len || !is_name(name)) {
        fault(checking, checking->line, "4", "a line is a field, \"Name: value\", a comment behind #, or empty");
        return;
    }
    if (colon + 1 == line.len || line.ptr[colon + 1] != ' ')
        fault(checking, checking->line, "4", "a blank stands behind the colon");
    slice value = slice_trim(slice_from(line, colon + 1));
    if (value.len == 0)
        fault(checking, checking->line, "4", "the field has no value");
    for (size_t i = 0; value.len > 0 && i < COUNT_OF(fields); i++)
        if (slice_eq_fold(name, slice_of(fields[i].name))) {
            seen[i]++;
            fields[i].look(checking, value, fields[i].section);
        }
}

/* Takes the dash away that a signed text has before what begins with one (RFC 4880, section 7.1). */
static void lines_look(struct checking *checking, slice text, bool is_signed, unsigned seen[COUNT_OF(fields)])
{
    slice rest = text, line;
    while (rest.len > 0) {
        size_t end = slice_find(rest, '\n');
        line = slice_part(rest, 0, end);
        rest = end < rest.len ? slice_from(rest, end + 1) : S("");
        checking->line++;
        if (slice_ends(line, S("\r")))
            line.len--;
        if (is_signed && slice_starts(line, S("- ")))
            line = slice_from(line, 2);
        else if (is_signed && slice_starts(line, S("-")))
            fault(checking, checking->line, "2.3", "a line that begins with a dash has another before it");
        if (slice_find(line, '\r') < line.len)
            fault(checking, checking->line, "2.2", "a line ends with LF or CR LF");
        line_look(checking, line, seen);
    }
}

/* ---- What stands around it ---- */

#define BEGIN "-----BEGIN PGP SIGNED MESSAGE-----"
#define SIGNATURE "-----BEGIN PGP SIGNATURE-----"
#define END "-----END PGP SIGNATURE-----"

static bool line_take(slice *rest, slice *line)
{
    size_t end = slice_find(*rest, '\n');
    if (end == rest->len)
        return false;
    *line = slice_part(*rest, 0, end);
    *rest = slice_from(*rest, end + 1);
    if (slice_ends(*line, S("\r")))
        line->len--;
    return true;
}

/* Behind its headers ("Version: ..."), a blank line; then base64, and nothing at all behind its end. */
static bool is_armour(slice rest)
{
    slice line;
    bool body = false, data = false;
    while (line_take(&rest, &line)) {
        if (slice_eq(line, S(END)))
            return body && data && rest.len == 0;
        if (line.len == 0 && body)
            return false;
        if (!body && line.len > 0 && slice_find_slice(line, S(": ")) == line.len)
            return false;
        data |= body;
        body |= line.len == 0;
    }
    return body && data && slice_eq(rest, S(END));
}

/* What is signed, and how many lines stand before it; false: the signature has not the form of section 4. */
static bool signed_part(slice text, slice *inner, size_t *before)
{
    slice rest = text, line;
    bool hash = false;
    *before = 1;
    if (!line_take(&rest, &line) || !slice_eq(line, S(BEGIN)))
        return false;
    while (line_take(&rest, &line) && line.len > 0) {
        hash |= slice_starts(line, S("Hash: "));
        ++*before;
        if (!slice_starts(line, S("Hash: ")))
            return false;
    }
    ++*before;
    size_t at = slice_find_slice(rest, S("\n" SIGNATURE));
    if (!hash || at == rest.len)
        return false;
    *inner = slice_part(rest, 0, at + 1);
    slice armour = slice_from(rest, at + 1);
    return line_take(&armour, &line) && slice_eq(line, S(SIGNATURE)) && is_armour(armour);
}

/* UTF-8 without control characters, but for tabs and what ends lines. */
static bool is_text(slice text)
{
    const char *at = text.ptr, *end = text.len == 0 ? at : at + text.len;
    while (at < end) {
        uint8_t byte = (uint8_t)*at;
        size_t bytes = byte < 0x80 ? 1 : json_utf8_bytes(at, end);
        if (bytes == 0 || byte == 0x7f || (byte < ' ' && !byte_is_blank(*at)))
            return false;
        at += bytes;
    }
    return true;
}

/* False: there is no use in looking on. */
static bool whole_look(struct checking *checking, slice text, slice *inner, bool *is_signed)
{
    *inner = text;
    *is_signed = slice_find_slice(text, S("-----BEGIN PGP")) < text.len;
    if (text.len > SECURITY_TEXT_MAX)
        fault(checking, 0, "5.6", "it is longer than 32 KiB");
    else if (slice_starts(text, S("\xef\xbb\xbf")))
        fault(checking, 1, "3", "it begins with a byte order mark, which Net-Unicode (RFC 5198) has not");
    else if (!is_text(text))
        fault(checking, 0, "3", "it is not UTF-8, or has control characters");
    else if (*is_signed && !signed_part(text, inner, &checking->line))
        fault(checking, 0, "2.3", "the signature does not have the form of a cleartext signature");
    return checking->count == 0;
}

struct err desk_security_check(
        slice text, slice url, int64_t now_us, struct arena *arena, struct security_fault **faults, size_t *count)
{
    struct checking checking = {.url = url, .now_us = now_us, .arena = arena};
    unsigned seen[COUNT_OF(fields)] = {0};
    bool is_signed;
    slice inner;
    checking.faults = arena_new(arena, struct security_fault, SECURITY_FAULTS_MAX);
    if (whole_look(&checking, text, &inner, &is_signed)) {
        lines_look(&checking, inner, is_signed, seen);
        if (text.len > 0 && !slice_ends(text, S("\n")) && !is_signed)
            fault(&checking, checking.line, "4", "the last line has no end");
        for (size_t i = 0; i < COUNT_OF(fields); i++) {
            if (fields[i].needed && seen[i] == 0)
                fault(&checking, 0, fields[i].section, arena_printf(arena, "it has no %s", fields[i].name));
            if (fields[i].once && seen[i] > 1)
                fault(&checking, 0, fields[i].section, arena_printf(arena, "it has %s more than once", fields[i].name));
        }
        if (checking.any_canonical && url.len > 0 && !checking.canonical)
            fault(&checking, 0, "2.5.2", "no Canonical is the URL from which it comes");
    }
    *faults = checking.faults;
    *count = checking.count;
    return arena_check(arena);
}
