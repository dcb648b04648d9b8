/* SPDX-License-Identifier: Apache-2.0 */
#include "web/outside.h"

#include <inttypes.h>

#include "base/arena.h"
#include "store/store.h"

#define ELLIPSIS S("…")
#define COPY_SLACK 4    /* bytes of a character that a cut may halve */
#define SPELLED_MAX 10  /* bytes of "[U+2066]" */

/* ---- What cannot be seen ---- */

/* C1 controls; marks of direction (UAX 9) and what has no width, which make a name look like another. */
static const struct {
    uint32_t first, last;
} unseen[] = {{0x80, 0x9f}, {0xad, 0xad}, {0x61c, 0x61c}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
        {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff}};

static bool is_unseen(uint32_t c)
{
    for (size_t i = 0; i < COUNT_OF(unseen); i++)
        if (c >= unseen[i].first && c <= unseen[i].last)
            return true;
    return c < ' ' && c != '\n' && c != '\t';
}

/* The character at the front of text that is UTF-8, and its bytes. */
static uint32_t character(slice text, size_t *bytes)
{
    uint8_t first = (uint8_t)text.ptr[0];
    size_t more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
    uint32_t c = more == 0 ? first : first & (0x3fu >> more);
    *bytes = 1;
    for (; *bytes <= more && *bytes < text.len; ++*bytes)
        c = c << 6 | ((uint8_t)text.ptr[*bytes] & 0x3f);
    return c;
}

/* What it takes when HTML is made of it. */
static size_t cost(uint32_t c, size_t bytes)
{
    return c == '&' || c == '\'' ? 5 : c == '"' ? 6 : c == '<' || c == '>' ? 4 : bytes;
}

slice outside_text(struct outside *shown, slice text, size_t most, bool *cut)
{
    struct arena *arena = shown->ask->arena;
    /* Whatever is not UTF-8 becomes U+FFFD here. */
    slice rest = store_text_keep(arena, (slice){text.ptr, text.len < most ? text.len : most + COPY_SLACK}, most);
    struct buf buf = buf_make(most * SPELLED_MAX + 16);
    bool whole = text.len <= most;
    while (rest.len > 0) {
        size_t bytes;
        uint32_t c = character(rest, &bytes);
        size_t price = is_unseen(c) ? SPELLED_MAX : cost(c, bytes);
        if (price > shown->left) {
            whole = false;
            break;
        }
        shown->left -= price;
        if (is_unseen(c))
            buf_printf(&buf, "[U+%04" PRIX32 "]", c);
        else
            buf_put(&buf, slice_part(rest, 0, bytes));
        rest = slice_from(rest, bytes);
    }
    if (!whole)
        buf_put(&buf, ELLIPSIS);
    if (!whole && cut != NULL)
        *cut = true;
    slice made = arena_copy(arena, buf_slice(&buf));
    buf_free(&buf);
    return made;
}

struct outside outside_begin(struct ask *ask, size_t page)
{
    return (struct outside){ask, page};
}

void outside_write(struct outside *shown, slice key, slice text, size_t most)
{
    struct ask *ask = shown->ask;
    bool cut = false;
    json_write_key_text(&ask->json, key, outside_text(shown, text, most, &cut));
    if (!cut)
        return;
    json_write_key(&ask->json, slice_of(arena_printf(ask->arena, "%.*s_cut", (int)key.len, key.ptr)));
    json_write_bool(&ask->json, true);
}

void outside_write_value(struct outside *shown, slice key, slice text, size_t most)
{
    /* What is cut away anyway need not be defanged. */
    slice near = {text.ptr, text.len < most + 1 ? text.len : most + 1};
    slice made = outside_defanged(near, shown->ask->arena);
    outside_write(shown, key, made, text.len > near.len ? made.len - 1 : made.len);
}

/* ---- Defanging ---- */

static bool is_defanged_type(enum observable_type type)
{
    return type == OBSERVABLE_IPV4 || type == OBSERVABLE_CIDR || type == OBSERVABLE_DOMAIN || type == OBSERVABLE_HOST ||
           type == OBSERVABLE_URL || type == OBSERVABLE_EMAIL || type == OBSERVABLE_IPV6;
}

/* The scheme of a URL is broken, and every dot up to its path. */
static void defang_word(struct buf *out, slice word)
{
    size_t scheme = slice_find_slice(word, S("://"));
    size_t at = scheme < word.len ? scheme + 3 : 0, host_end = at;
    while (host_end < word.len && (at == 0 || slice_find(S("/?#"), word.ptr[host_end]) == 3))
        host_end++;
    if (at > 0 && word.len > 4 && slice_eq_fold(slice_part(word, 0, 4), S("http"))) {
        buf_put(out, S("hxxp"));
        buf_put(out, slice_part(word, 4, at));
    } else {
        buf_put(out, slice_part(word, 0, at));
    }
    for (size_t i = at; i < host_end; i++) {
        bool breaks = word.ptr[i] == '.' || word.ptr[i] == '@';
        if (breaks)
            buf_byte(out, '[');
        buf_byte(out, word.ptr[i]);
        if (breaks)
            buf_byte(out, ']');
    }
    buf_put(out, slice_from(word, host_end));
}

static bool is_end_of_word(char c)
{
    return byte_is_blank(c) || slice_find(S("'\"<>(),;"), c) < 8;
}

slice outside_defanged(slice text, struct arena *arena)
{
    struct buf buf = buf_make(6 * text.len + 16);
    for (size_t at = 0; at < text.len;) {
        size_t end = at;
        while (end < text.len && !is_end_of_word(text.ptr[end]))
            end++;
        slice word = slice_part(text, at, end);
        if (word.len > 0 && is_defanged_type(observable_guess(word)))
            defang_word(&buf, word);
        else
            buf_put(&buf, word);
        while (end < text.len && is_end_of_word(text.ptr[end]))
            buf_byte(&buf, text.ptr[end++]);
        at = end;
    }
    slice made = arena_copy(arena, buf_slice(&buf));
    buf_free(&buf);
    return made;
}

slice outside_pattern(slice pattern, struct arena *arena)
{
    return outside_defanged(pattern, arena);
}

/* ---- Words ---- */

/* STIX 2.1 sections 4 to 7, in words. */
static const struct {
    const char *type, *text;
} types[] = {
        {"artifact", W_C("Artifact")},
        {"attack-pattern", W_C("Attack pattern")},
        {"autonomous-system", W_C("Autonomous system")},
        {"campaign", W_C("Campaign")},
        {"course-of-action", W_C("Course of action")},
        {"directory", W_C("Directory")},
        {"domain-name", W_C("Domain name")},
        {"email-addr", W_C("E-mail address")},
        {"email-message", W_C("E-mail message")},
        {"extension-definition", W_C("Extension definition")},
        {"file", W_C("File")},
        {"grouping", W_C("Grouping")},
        {"identity", W_C("Identity")},
        {"incident", W_C("Incident")},
        {"indicator", W_C("Indicator")},
        {"infrastructure", W_C("Infrastructure")},
        {"intrusion-set", W_C("Intrusion set")},
        {"ipv4-addr", W_C("IPv4 address")},
        {"ipv6-addr", W_C("IPv6 address")},
        {"language-content", W_C("Language content")},
        {"location", W_C("Location")},
        {"mac-addr", W_C("MAC address")},
        {"malware", W_C("Malware")},
        {"malware-analysis", W_C("Malware analysis")},
        {"marking-definition", W_C("Marking definition")},
        {"mutex", W_C("Mutex")},
        {"network-traffic", W_C("Network traffic")},
        {"note", W_C("Note")},
        {"observed-data", W_C("Observed data")},
        {"opinion", W_C("Opinion")},
        {"process", W_C("Process")},
        {"relationship", W_C("Relationship")},
        {"report", W_C("Report")},
        {"sighting", W_C("Sighting")},
        {"software", W_C("Software")},
        {"threat-actor", W_C("Threat actor")},
        {"tool", W_C("Tool")},
        {"url", W_C("URL")},
        {"user-account", W_C("User account")},
        {"vulnerability", W_C("Vulnerability")},
        {"windows-registry-key", W_C("Windows registry key")},
        {"x509-certificate", W_C("X.509 certificate")},
};

slice outside_type(const struct ask *ask, slice type)
{
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (slice_eq(type, slice_of(types[i].type)))
            return ask_text(ask, slice_of(types[i].text));
    return type;
}

/* ---- Addresses of pages ---- */

const char *outside_path(struct ask *ask, const char *before, int64_t number, const char *behind)
{
    return arena_printf(ask->arena, "%s%" PRId64 "%s", before, number, behind);
}

void outside_query(struct buf *buf, slice name, slice value)
{
    if (value.len == 0)
        return;
    buf_byte(buf, buf->len > 0 && slice_find(buf_slice(buf), '?') < buf->len ? '&' : '?');
    buf_put(buf, name);
    buf_byte(buf, '=');
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = (uint8_t)value.ptr[i];
        bool plain = byte_is_digit((char)c) || (byte_lower((char)c) >= 'a' && byte_lower((char)c) <= 'z') || c == '-' ||
                     c == '.' || c == '_' || c == '~';
        if (plain)
            buf_byte(buf, (char)c);
        else
            buf_printf(buf, "%%%02X", c);
    }
}

/* ---- Rights ---- */

struct err outside_need(const struct ask *ask, enum verb verb)
{
    const struct actor *actor = &ask->who.actor;
    return store_right_check(actor, verb, actor->organisation, ask->arena, NULL);
}

bool outside_may(const struct ask *ask, enum verb verb)
{
    return !ask->who.half && outside_need(ask, verb).kind == ERR_NONE;
}
