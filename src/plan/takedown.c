/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/takedown.h"

#include <string.h>

#include "base/arena.h"
#include "plan/shipped.h"
#include "text/mail.h"

#define TITLE_MAX 200
#define ADDRESS_MAX 1000
#define NETWORKS_MAX 1000

static const char *const recipients[PLAN_RECIPIENTS] = {"host", "registrar", "registry", "platform"};

/* ---- Fields ---- */

static const char *recipient_set(void *thing, slice value, struct arena *arena)
{
    struct plan_takedown *row = thing;
    (void)arena;
    for (enum plan_recipient i = 0; i < PLAN_RECIPIENTS; i++)
        if (slice_eq(value, slice_of(recipients[i]))) {
            row->recipient = i;
            return NULL;
        }
    return "host, registrar, registry or platform";
}

static const char *title_set(void *thing, slice value, struct arena *arena)
{
    (void)arena;
    ((struct plan_takedown *)thing)->title = value;
    return value.len > 0 && value.len <= TITLE_MAX ? NULL : "1 to 200 bytes";
}

/* "pages.example", without a dot at either end. */
static bool is_domain(slice name)
{
    bool fine = name.len > 0 && name.len <= 253 && name.ptr[0] != '.' && name.ptr[name.len - 1] != '.';
    for (size_t i = 0; i < name.len && fine; i++) {
        char c = name.ptr[i];
        fine = byte_is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || (c == '.' && name.ptr[i - 1] != '.');
    }
    return fine;
}

static size_t words_count(slice value)
{
    size_t count = 1;
    for (size_t i = 0; i < value.len; i++)
        count += value.ptr[i] == ' ';
    return count;
}

static const char *domains_set(void *thing, slice value, struct arena *arena)
{
    struct plan_takedown *row = thing;
    slice rest = value, word;
    row->domains = arena_new(arena, slice, words_count(value));
    while (slice_next(&rest, ' ', &word)) {
        if (word.len == 0)
            continue;
        if (!is_domain(word))
            return "names of domains in lower case (A-labels), with blanks between";
        row->domains[row->domain_count++] = word;
    }
    return row->domain_count > 0 ? NULL : "at least one, or leave the line out";
}

static const char *networks_set(void *thing, slice value, struct arena *arena)
{
    struct plan_takedown *row = thing;
    slice rest = value, word;
    size_t room = words_count(value);
    if (room > NETWORKS_MAX)
        return "1000 networks at the most";
    row->networks = arena_new(arena, struct prefix, room);
    while (slice_next(&rest, ' ', &word))
        if (word.len > 0 && !prefix_parse(word, &row->networks[row->network_count++]))
            return "addresses or prefixes as 192.0.2.0/24, with blanks between";
    return row->network_count > 0 ? NULL : "at least one, or leave the line out";
}

bool plan_takedown_address_is(slice address, bool *form)
{
    *form = slice_starts(address, S("https://"));
    bool fine = address.len <= ADDRESS_MAX && (*form ? address.len > 8 : mail_address_is(address));
    for (size_t i = 0; i < address.len && fine; i++)
        fine = address.ptr[i] > ' ' && address.ptr[i] < 0x7f;
    return fine;
}

static const char *address_set(void *thing, slice value, struct arena *arena)
{
    bool form;
    (void)arena;
    ((struct plan_takedown *)thing)->address = value;
    return plan_takedown_address_is(value, &form) ? NULL : "an address of mail, or the https URL of a form";
}

static const char *language_set(void *thing, slice value, struct arena *arena)
{
    (void)arena;
    ((struct plan_takedown *)thing)->language = value;
    for (size_t i = 0; plan_letter_language(i) != NULL; i++)
        if (slice_eq(value, slice_of(plan_letter_language(i))))
            return NULL;
    return "en, id or zh";
}

static const struct plan_field fields[] = {
        {"recipient", true, recipient_set},
        {"name", true, title_set},
        {"domains", false, domains_set},
        {"networks", false, networks_set},
        {"address", true, address_set},
        {"language", true, language_set},
};
static const struct plan_kind kind = {"takedown", sizeof(struct plan_takedown), fields, COUNT_OF(fields), NULL};

struct err plan_takedown_read(
        const char *name, slice text, plan_say *say, void *context, struct arena *arena, struct plan_takedowns *table)
{
    struct plan_file file;
    TRY(plan_read(name, text, &kind, say, context, arena, &file));
    *table = (struct plan_takedowns){file.version, file.things, file.count};
    return OK;
}

/* ---- Which fit ---- */

struct plan_takedowns plan_takedown_merge(
        const struct plan_takedowns *own, const struct plan_takedowns *shipped, struct arena *arena)
{
    struct plan_takedowns all = *own;
    all.rows = arena_new(arena, struct plan_takedown, own->count + shipped->count);
    if (own->count > 0)
        memcpy(all.rows, own->rows, own->count * sizeof *own->rows);
    for (size_t i = 0; i < shipped->count; i++) {
        bool named = false;
        for (size_t j = 0; j < own->count && !named; j++)
            named = slice_eq(own->rows[j].name, shipped->rows[i].name);
        if (!named)
            all.rows[all.count++] = shipped->rows[i];
    }
    return all;
}

static bool is_at_or_below(slice host, slice domain)
{
    return slice_ends(host, domain) && (host.len == domain.len || host.ptr[host.len - domain.len - 1] == '.');
}

bool plan_takedown_fits(const struct plan_takedown *row, slice host)
{
    struct ip ip;
    bool fits = false, address = ip_parse(host, &ip);
    for (size_t i = 0; i < row->domain_count && !address; i++)
        fits |= is_at_or_below(host, row->domains[i]);
    for (size_t i = 0; i < row->network_count && address; i++)
        fits |= prefix_holds(&row->networks[i], &ip);
    return fits;
}

/* ---- What comes with the program ---- */

static const struct plan_shipped *shipped_find(const char *name)
{
    for (size_t i = 0; i < plan_shipped_count; i++)
        if (strcmp(plan_shipped[i].name, name) == 0)
            return &plan_shipped[i];
    return NULL;
}

struct err plan_takedown_shipped(struct arena *arena, struct plan_takedowns *table)
{
    const struct plan_shipped *file = shipped_find("takedown.conf");
    return plan_takedown_read(file->name, slice_of(file->text), NULL, NULL, arena, table);
}

/* ---- Letters ---- */

static const char *const words[] = {"count", "host", "imitates", "marking", "name", "pages", "recipient", "reference",
        "reported", "reports", "url"};

static const struct {
    const char *tag, *recipients[PLAN_RECIPIENTS];
} languages[] = {
        {"en", {"host", "registrar", "registry", "platform"}},
        {"id", {"penyedia hosting", "registrar", "registri", "penyedia platform"}},
        {"zh", {"主机服务商", "域名注册商", "域名注册局", "平台运营方"}},
};

const char *plan_letter_language(size_t at)
{
    return at < COUNT_OF(languages) ? languages[at].tag : NULL;
}

const char *plan_recipient_text(enum plan_recipient recipient, slice language)
{
    for (size_t i = 0; i < COUNT_OF(languages); i++)
        if (slice_eq(language, slice_of(languages[i].tag)))
            return languages[i].recipients[recipient];
    return languages[0].recipients[recipient];
}

/* The {word} at the front, without its braces; false: none stands there. */
static bool word_at(slice text, slice *word)
{
    size_t end = slice_find(text, '}');
    *word = slice_part(text, text.len > 0, end);
    return slice_starts(text, S("{")) && end < text.len;
}

static bool is_word(slice word)
{
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (slice_eq(word, slice_of(words[i])))
            return true;
    return false;
}

struct err plan_letter_read(const char *name, slice text, struct arena *arena, struct plan_letter *letter)
{
    size_t line = 1, begin = 0, end = slice_find(text, '\n');
    slice word;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '{' && (!word_at(slice_from(text, i), &word) || !is_word(word)))
            return err_format(arena, ERR_INPUT,
                    "%s:%zu:%zu: in braces stand url, host, imitates, name, recipient, reference, reported, reports, "
                    "count, pages or marking",
                    name, line, i - begin + 1);
        if (text.ptr[i] == '\n') {
            line++;
            begin = i + 1;
        }
    }
    *letter = (struct plan_letter){
            slice_trim(slice_part(text, 0, end)), slice_trim(slice_from(text, end < text.len ? end + 1 : end))};
    return letter->subject.len > 0 && letter->text.len > 0 && text.len <= PLAN_LETTER_FILE_MAX
                   ? OK
                   : err_format(arena, ERR_INPUT, "%s:1:1: a line with the subject, the letter below it, 16 KiB in all",
                             name);
}

const char *plan_letter_file(enum plan_letter_to to, slice language, struct arena *arena)
{
    return arena_printf(
            arena, "takedown/%s%.*s.txt", to == PLAN_TO_IMITATED ? "imitated-" : "", (int)language.len, language.ptr);
}

struct err plan_letter_shipped(enum plan_letter_to to, slice language, struct arena *arena, struct plan_letter *letter)
{
    const struct plan_shipped *file = shipped_find(plan_letter_file(to, language, arena));
    return file == NULL ? err_make(ERR_INPUT, "a letter is in en, id or zh")
                        : plan_letter_read(file->name, slice_of(file->text), arena, letter);
}

static slice fact_of(slice word, const struct plan_letter_fact *facts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(word, slice_of(facts[i].word)) && facts[i].text.len > 0)
            return facts[i].text;
    return S("-");
}

void plan_letter_write(slice text, const struct plan_letter_fact *facts, size_t count, struct buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        slice word;
        if (!word_at(slice_from(text, i), &word)) {
            buf_byte(out, text.ptr[i]);
            continue;
        }
        buf_put(out, fact_of(word, facts, count));
        i += word.len + 1;
    }
}
