/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/classify.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "event/rsit.h"
#include "plan/shipped.h"

#define RULE_PHRASES_MAX 500
#define PHRASE_MAX 100 /* bytes */
#define PHRASE_LEAST 2
#define LEAST_MAX 20

/* Words that console, receipts and figures know. */
static const char *const flags[] = {
        "money-lost", "personal-data", "clinical", "ransomware", "defacement", "advert", "opinion"};

const char *plan_class_flag(size_t at)
{
    return at < COUNT_OF(flags) ? flags[at] : NULL;
}

/* ---- Text as phrases are looked for in it ---- */

/* What stands for nothing: joiners and the soft hyphen, which hide words from whoever looks for them. */
static size_t hidden_at(slice text)
{
    static const char *const hidden[] = {
            "\xE2\x80\x8B", "\xE2\x80\x8C", "\xE2\x80\x8D", "\xE2\x81\xA0", "\xEF\xBB\xBF", "\xC2\xAD"};
    for (size_t i = 0; i < COUNT_OF(hidden); i++)
        if (slice_starts(text, slice_of(hidden[i])))
            return strlen(hidden[i]);
    return 0;
}

/* What is written otherwise: one ASCII character that it means, and its bytes. */
static size_t other_at(slice text, char *means)
{
    static const struct {
        const char *text;
        char means;
    } others[] = {{"\xC2\xA0", ' '}, {"\xE3\x80\x80", ' '}, {"\xE2\x80\x99", '\''}};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (slice_starts(text, slice_of(others[i].text))) {
            *means = others[i].means;
            return strlen(others[i].text);
        }
    /* U+FF01 to U+FF5E are ASCII from 0x21 on, in full width. */
    if (text.len < 3 || text.ptr[0] != '\xEF' || (text.ptr[1] != '\xBC' && text.ptr[1] != '\xBD'))
        return 0;
    unsigned code = ((unsigned char)text.ptr[1] & 0x3Fu) << 6 | ((unsigned char)text.ptr[2] & 0x3Fu);
    if (code < 0xF01 || code > 0xF5E)
        return 0;
    *means = (char)(code - 0xF00 + 0x20);
    return 3;
}

static bool is_ascii(char byte)
{
    return (unsigned char)byte < 0x80;
}

/*
 * Lower case, plain letters, one blank for many; none between two characters that are no ASCII, where a line was broken
 * within a sentence that needs none.
 */
static slice folded(slice text, struct arena *arena)
{
    char *to = arena_take(arena, text.len + 1);
    size_t len = 0;
    bool blank = false;
    for (size_t at = 0; at < text.len;) {
        slice rest = slice_from(text, at);
        size_t hidden = hidden_at(rest);
        char byte = rest.ptr[0];
        size_t size = hidden > 0 || is_ascii(byte) ? 0 : other_at(rest, &byte);
        at += hidden > 0 ? hidden : size > 0 ? size : 1;
        if (hidden > 0)
            continue;
        bool is_blank = byte_is_blank(byte);
        if (!is_blank && blank && len > 0 && (is_ascii(byte) || is_ascii(to[len - 1])))
            to[len++] = ' ';
        if (!is_blank)
            to[len++] = byte_lower(byte);
        blank = is_blank;
    }
    return (slice){to, len};
}

/* ---- Phrases ---- */

static bool in_word(char byte)
{
    return (byte >= 'a' && byte <= 'z') || byte_is_digit(byte);
}

static bool phrase_is_at(const struct plan_phrase *phrase, slice text, size_t at)
{
    size_t end = at + phrase->text.len;
    bool joined_front = at > 0 && in_word(text.ptr[at - 1]) && in_word(text.ptr[at]);
    bool joined_back = end < text.len && in_word(text.ptr[end - 1]) && in_word(text.ptr[end]);
    return (phrase->open_front || !joined_front) && (phrase->open_back || !joined_back);
}

static bool phrase_is_in(const struct plan_phrase *phrase, slice text)
{
    for (size_t at = 0; at < text.len; at++) {
        at += slice_find_slice(slice_from(text, at), phrase->text);
        if (at < text.len && phrase_is_at(phrase, text, at))
            return true;
    }
    return false;
}

/* How many of them are in the text; no more than `enough` are looked for. */
static size_t phrases_in(const struct plan_phrases *phrases, slice text, uint64_t enough)
{
    size_t found = 0;
    for (size_t i = 0; i < phrases->count && found < enough; i++)
        found += phrase_is_in(&phrases->rows[i], text);
    return found;
}

static bool phrase_is_among(const struct plan_phrases *phrases, const struct plan_phrase *phrase)
{
    for (size_t i = 0; i < phrases->count; i++)
        if (slice_eq(phrases->rows[i].text, phrase->text))
            return true;
    return false;
}

static const char *phrase_read(slice text, struct arena *arena, struct plan_phrase *phrase)
{
    phrase->open_front = slice_starts(text, S("*"));
    text = slice_from(text, phrase->open_front);
    phrase->open_back = slice_ends(text, S("*"));
    phrase->text = folded(slice_part(text, 0, text.len - phrase->open_back), arena);
    if (phrase->text.len < PHRASE_LEAST || phrase->text.len > PHRASE_MAX)
        return "phrases of 2 to 100 bytes, with semicolons between";
    return slice_find(phrase->text, '*') < phrase->text.len ? "a star stands at the beginning or the end of a phrase"
                                                            : NULL;
}

/* ---- Fields ---- */

/* Room for as many more as the value can hold. */
static void phrases_grow(struct plan_phrases *phrases, slice value, struct arena *arena)
{
    size_t room = phrases->count + 1;
    for (size_t i = 0; i < value.len; i++)
        room += value.ptr[i] == ';';
    struct plan_phrase *rows = arena_new(arena, struct plan_phrase, room);
    if (phrases->count > 0)
        memcpy(rows, phrases->rows, phrases->count * sizeof *rows);
    phrases->rows = rows;
}

static const char *phrases_add(struct plan_phrases *phrases, slice value, struct arena *arena)
{
    slice rest = value, text;
    phrases_grow(phrases, value, arena);
    while (slice_next(&rest, ';', &text)) {
        struct plan_phrase phrase;
        const char *why = phrase_read(slice_trim(text), arena, &phrase);
        if (why != NULL)
            return why;
        if (phrases->count == RULE_PHRASES_MAX)
            return "a rule has 500 phrases at the most";
        if (!phrase_is_among(phrases, &phrase)) /* languages share words: ransomware */
            phrases->rows[phrases->count++] = phrase;
    }
    return NULL;
}

static const char *any_set(void *thing, slice value, struct arena *arena)
{
    return phrases_add(&((struct plan_class *)thing)->any, value, arena);
}

static const char *with_set(void *thing, slice value, struct arena *arena)
{
    return phrases_add(&((struct plan_class *)thing)->with, value, arena);
}

static const char *without_set(void *thing, slice value, struct arena *arena)
{
    return phrases_add(&((struct plan_class *)thing)->without, value, arena);
}

static const char *least_set(void *thing, slice value, struct arena *arena)
{
    return plan_number(value, 1, LEAST_MAX, &((struct plan_class *)thing)->least, arena);
}

static const char *class_set(void *thing, slice value, struct arena *arena)
{
    (void)arena;
    ((struct plan_class *)thing)->class = value;
    return rsit_class_find(value) != NULL ? NULL : "a taxonomy/type of RSIT, as fraud/phishing";
}

static const char *severity_set(void *thing, slice value, struct arena *arena)
{
    (void)arena;
    ((struct plan_class *)thing)->severity = value;
    return plan_severity(value) > 0 ? NULL : PLAN_SEVERITIES;
}

static bool is_flag(slice word)
{
    for (size_t i = 0; i < COUNT_OF(flags); i++)
        if (slice_eq(word, slice_of(flags[i])))
            return true;
    return false;
}

static const char *flags_set(void *thing, slice value, struct arena *arena)
{
    struct plan_class *rule = thing;
    const char *why = plan_words(value, arena, &rule->flags, &rule->flag_count);
    for (size_t i = 0; why == NULL && i < rule->flag_count; i++)
        if (!is_flag(rule->flags[i]))
            why = "money-lost, personal-data, clinical, ransomware, defacement, advert, opinion";
    return why;
}

static const char *link_set(void *thing, slice value, struct arena *arena)
{
    (void)arena;
    return plan_truth(value, &((struct plan_class *)thing)->link);
}

static const char *file_set(void *thing, slice value, struct arena *arena)
{
    (void)arena;
    return plan_truth(value, &((struct plan_class *)thing)->file);
}

static const char *end(void *thing, struct arena *arena)
{
    struct plan_class *rule = thing;
    (void)arena;
    rule->least = rule->least == 0 ? 1 : rule->least;
    if (rule->any.count < rule->least)
        return "it has fewer phrases (id, en, zh) than have to be there";
    return rule->class.len > 0 || rule->severity.len > 0 || rule->flag_count > 0
                   ? NULL
                   : "it proposes nothing: a class, a severity or flags";
}

static const struct plan_field fields[] = {
        {"id", false, any_set},
        {"en", false, any_set},
        {"zh", false, any_set},
        {"least", false, least_set},
        {"with", false, with_set},
        {"without", false, without_set},
        {"link", false, link_set},
        {"file", false, file_set},
        {"class", false, class_set},
        {"severity", false, severity_set},
        {"flags", false, flags_set},
};
static const struct plan_kind kind = {"class", sizeof(struct plan_class), fields, COUNT_OF(fields), end};

struct err plan_classes_read(
        const char *name, slice text, plan_say *say, void *context, struct arena *arena, struct plan_classes *classes)
{
    struct plan_file file;
    TRY(plan_read(name, text, &kind, say, context, arena, &file));
    const struct plan_classes read = {file.version, file.things, file.count};
    size_t phrases = 0;
    for (size_t i = 0; i < read.count; i++)
        phrases += read.rows[i].any.count + read.rows[i].with.count + read.rows[i].without.count;
    if (phrases > PLAN_CLASS_PHRASES_MAX)
        return err_format(
                arena, ERR_LIMIT, "%s: it has %zu phrases; %d are the most", name, phrases, PLAN_CLASS_PHRASES_MAX);
    *classes = read;
    return arena_check(arena);
}

/* ---- What comes with the program ---- */

static bool is_named(const struct plan_classes *classes, slice name)
{
    for (size_t i = 0; i < classes->count; i++)
        if (slice_eq(classes->rows[i].name, name))
            return true;
    return false;
}

struct plan_classes plan_classes_merge(
        const struct plan_classes *own, const struct plan_classes *shipped, struct arena *arena)
{
    struct plan_classes all = {
            own->version, arena_new(arena, struct plan_class, own->count + shipped->count), own->count};
    if (own->count > 0)
        memcpy(all.rows, own->rows, own->count * sizeof *own->rows);
    for (size_t i = 0; i < shipped->count; i++)
        if (!is_named(own, shipped->rows[i].name))
            all.rows[all.count++] = shipped->rows[i];
    return all;
}

struct err plan_classes_shipped(struct arena *arena, struct plan_classes *classes)
{
    return plan_classes_read("classes.conf", plan_shipped_text(S("classes.conf")), NULL, NULL, arena, classes);
}

/* ---- Proposing ---- */

static bool fits(const struct plan_class *rule, const struct plan_told *told, slice text)
{
    return (!rule->link || told->link) && (!rule->file || told->file) &&
           phrases_in(&rule->any, text, rule->least) == rule->least &&
           (rule->with.count == 0 || phrases_in(&rule->with, text, 1) == 1) && phrases_in(&rule->without, text, 1) == 0;
}

static void flags_add(const struct plan_class *rule, struct buf *joined)
{
    for (size_t i = 0; i < rule->flag_count; i++) {
        slice rest = buf_slice(joined), word;
        bool there = false;
        while (rest.len > 0 && slice_next(&rest, ' ', &word))
            there |= slice_eq(word, rule->flags[i]);
        if (!there)
            buf_printf(joined, "%s%.*s", joined->len == 0 ? "" : " ", (int)rule->flags[i].len, rule->flags[i].ptr);
    }
}

static slice begins(slice text)
{
    return slice_part(text, 0, text.len < PLAN_CLASS_TEXT_MAX ? text.len : PLAN_CLASS_TEXT_MAX);
}

static slice text_of(const struct plan_told *told, struct arena *arena)
{
    slice subject = begins(told->subject), text = begins(told->text);
    struct buf both = buf_make(2 * PLAN_CLASS_TEXT_MAX + 1);
    buf_put(&both, subject);
    buf_byte(&both, '\n');
    buf_put(&both, text);
    slice all = folded(buf_slice(&both), arena);
    buf_free(&both);
    return all;
}

struct plan_proposal plan_classify(
        const struct plan_classes *classes, const struct plan_told *told, struct arena *arena)
{
    struct plan_proposal proposal = {.class = S("")};
    struct buf joined = buf_make(COUNT_OF(flags) * PLAN_NAME_MAX);
    slice text = text_of(told, arena);
    for (size_t i = 0; i < classes->count; i++) {
        const struct plan_class *rule = &classes->rows[i];
        bool late = rule->class.len > 0 && proposal.class.len > 0;
        if (late || !fits(rule, told, text))
            continue;
        if (rule->class.len > 0) {
            proposal.class = rule->class;
            proposal.class_rule = rule->name;
        }
        if (plan_severity(rule->severity) > plan_severity(proposal.severity)) {
            proposal.severity = rule->severity;
            proposal.severity_rule = rule->name;
        }
        flags_add(rule, &joined);
    }
    proposal.flags = arena_copy(arena, buf_slice(&joined));
    buf_free(&joined);
    return proposal;
}
