/* SPDX-License-Identifier: Apache-2.0 */
#include "web/outside.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/clock.h"
#include "store/object.h"
#include "store/right.h"
#include "text/moment.h"
#include "text/shown.h"

#define ELLIPSIS S("…")
#define SPELLED_MAX 10 /* bytes of "[U+E0001]", which a character of one byte or more may become */

/* What a byte takes when HTML is made of it. */
static size_t cost(char c)
{
    return c == '&' || c == '\'' ? 5 : c == '"' ? 6 : c == '<' || c == '>' ? 4 : 1;
}

/* Up to where at most `most` bytes are whole characters. */
static size_t cut_at(slice text, size_t most)
{
    if (text.len <= most)
        return text.len;
    size_t at = most;
    while (at > 0 && most - at < 4 && ((uint8_t)text.ptr[at] & 0xc0) == 0x80)
        at--;
    return at;
}

/* Up to where there is room for it on the page. */
static size_t room_for(slice text, size_t left)
{
    size_t at = 0, used = 0;
    while (at < text.len && used + cost(text.ptr[at]) <= left)
        used += cost(text.ptr[at++]);
    return cut_at(text, at);
}

slice outside_text(struct outside *outside, slice text, size_t most, bool *cut)
{
    slice near = slice_part(text, 0, cut_at(text, most));
    struct buf buf = buf_make(near.len * SPELLED_MAX + 16);
    shown_text_write(&buf, near, true);
    size_t end = room_for(buf_slice(&buf), outside->left);
    bool whole = near.len == text.len && end == buf.len;
    for (size_t i = 0; i < end; i++)
        outside->left -= cost(buf.ptr[i]);
    buf.len = end;
    if (!whole)
        buf_put(&buf, ELLIPSIS);
    if (!whole && cut != NULL)
        *cut = true;
    slice made = arena_copy(outside->ask->arena, buf_slice(&buf));
    buf_free(&buf);
    return made;
}

struct outside outside_begin(struct ask *ask, size_t page)
{
    return (struct outside){ask, page};
}

void outside_write(struct outside *outside, slice key, slice text, size_t most)
{
    struct ask *ask = outside->ask;
    bool cut = false;
    json_write_key_text(&ask->json, key, outside_text(outside, text, most, &cut));
    if (!cut)
        return;
    json_write_key(&ask->json, slice_of(arena_printf(ask->arena, "%.*s_cut", (int)key.len, key.ptr)));
    json_write_bool(&ask->json, true);
}

void outside_write_value(struct outside *outside, slice key, slice text, size_t most)
{
    /* What is cut away anyway need not be defanged. */
    slice near = {text.ptr, text.len < most + 1 ? text.len : most + 1};
    slice made = outside_defanged(near, outside->ask->arena);
    outside_write(outside, key, made, text.len > near.len ? made.len - 1 : made.len);
}

/* ---- Defanging ---- */

static bool is_end_of_word(char c)
{
    return byte_is_blank(c) || slice_find(S("'\"<>(),;"), c) < 8;
}

slice outside_defanged(slice text, struct arena *arena)
{
    struct buf buf = buf_make(text.len * SPELLED_MAX + 16);
    for (size_t at = 0; at < text.len;) {
        size_t end = at;
        while (end < text.len && !is_end_of_word(text.ptr[end]))
            end++;
        slice word = slice_part(text, at, end);
        shown_value_write(&buf, word.len == 0 ? OBSERVABLE_NONE : observable_guess(word), word);
        while (end < text.len && is_end_of_word(text.ptr[end]))
            buf_byte(&buf, text.ptr[end++]);
        at = end;
    }
    slice made = arena_copy(arena, buf_slice(&buf));
    buf_free(&buf);
    return made;
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

void outside_ago(struct ask *ask, slice key, int64_t us)
{
    struct buf buf = buf_make(128);
    moment_ago_write(&buf, us, clock_now_us(), ask->language);
    json_write_key_text(&ask->json, key, buf_slice(&buf));
    buf_free(&buf);
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
    buf_uri(buf, value, "");
}

/* ---- What is asked with ---- */

struct err outside_asked(struct ask *ask, slice name, size_t most, slice *text)
{
    *text = slice_trim(ask_query(ask, name));
    return text->len == 0 ? OK : store_text_check(ask->arena, arena_cstr(ask->arena, name), *text, most);
}

bool outside_is_id(slice text)
{
    bool is = text.len > 0 && text.len <= OBJECT_ID_MAX;
    for (size_t i = 0; is && i < text.len; i++)
        is = text.ptr[i] > ' ' && (uint8_t)text.ptr[i] < 0x7f;
    return is;
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
