/* SPDX-License-Identifier: Apache-2.0 */
#include "text/catalogue.h"

#include <endian.h>

#include "base/arena.h"

/*
 * A .mo file (GNU gettext manual, section 10.3 "The Format of GNU MO Files"): a head of seven words, and two tables of
 * (length, offset), one for the originals in ascending order, one for the translations. Each text ends with a NUL; of
 * a text that counts, both sides stand behind each other with a NUL between them, and so do all its translations.
 * All of that is checked once, when it is read; looking up believes it.
 */

#define MO_MAGIC 0x950412deu
#define HEAD_BYTES 28
#define ROW_BYTES 8

struct catalogue {
    slice mo;
    bool swapped; /* of the other byte order than ours */
    uint32_t count;
    uint32_t originals, translations; /* where the tables are */
    bool counts;                      /* has one form for one, another for many; else one for all */
};

static uint32_t word(const struct catalogue *c, size_t at)
{
    uint32_t value;
    memcpy(&value, c->mo.ptr + at, sizeof value);
    return c->swapped ? __builtin_bswap32(value) : value;
}

/* A text of a table whose rows were checked. */
static slice text_at(const struct catalogue *c, uint32_t table, uint32_t row)
{
    size_t at = (size_t)table + (size_t)row * ROW_BYTES;
    return (slice){c->mo.ptr + word(c, at + 4), word(c, at)};
}

/* The n-th of the texts behind each other; the last if there are not as many. */
static slice part_of(slice texts, unsigned n)
{
    size_t end = slice_find(texts, 0);
    for (; n > 0 && end < texts.len; n--) {
        texts = slice_from(texts, end + 1);
        end = slice_find(texts, 0);
    }
    return slice_part(texts, 0, end);
}

static bool table_fits(const struct catalogue *c, uint32_t table)
{
    return table <= c->mo.len && c->count <= (c->mo.len - table) / ROW_BYTES;
}

static bool row_fits(const struct catalogue *c, uint32_t table, uint32_t row)
{
    size_t at = (size_t)table + (size_t)row * ROW_BYTES;
    uint64_t len = word(c, at), from = word(c, at + 4);
    return from + len < c->mo.len && c->mo.ptr[from + len] == 0;
}

static struct err head_read(slice mo, struct catalogue *c)
{
    c->mo = mo;
    if (mo.len < HEAD_BYTES || mo.len > CATALOGUE_BYTES_MAX)
        return err_make(ERR_INPUT, "not a catalogue: too short, or too long");
    c->swapped = word(c, 0) != MO_MAGIC;
    if (word(c, 0) != MO_MAGIC)
        return err_make(ERR_INPUT, "not a catalogue: it does not begin like one");
    if (word(c, 4) >> 16 > 1 || (word(c, 4) & 0xFFFF) != 0)
        return err_make(ERR_INPUT, "a catalogue of a revision that we do not read");
    c->count = word(c, 8);
    c->originals = word(c, 12);
    c->translations = word(c, 16);
    if (c->count > CATALOGUE_TEXTS_MAX || !table_fits(c, c->originals) || !table_fits(c, c->translations))
        return err_make(ERR_INPUT, "a catalogue whose tables reach beyond its end");
    return OK;
}

static struct err texts_check(const struct catalogue *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (!row_fits(c, c->originals, i) || !row_fits(c, c->translations, i))
            return err_make(ERR_INPUT, "a catalogue with a text that reaches beyond its end");
        if (i > 0 &&
                slice_order(part_of(text_at(c, c->originals, i - 1), 0), part_of(text_at(c, c->originals, i), 0)) >= 0)
            return err_make(ERR_INPUT, "a catalogue whose texts are not in order");
    }
    return OK;
}

/* The value of a field of the head, which is the translation of the empty text. */
static slice field(slice head, slice name)
{
    slice rest = head, line;
    while (slice_next(&rest, '\n', &line))
        if (line.len > name.len && line.ptr[name.len] == ':' && slice_eq_fold(slice_part(line, 0, name.len), name))
            return slice_trim(slice_from(line, name.len + 1));
    return S("");
}

/* Plural rules by their spelling without blanks and semicolon at the end. */
static const struct {
    const char *rule;
    bool counts;
} rules[] = {
        {"nplurals=1;plural=0", false},
        {"nplurals=2;plural=(n!=1)", true},
        {"nplurals=2;plural=n!=1", true},
};

static struct err rule_read(struct catalogue *c, slice text)
{
    char packed[64];
    size_t len = 0;
    for (size_t i = 0; i < text.len && len < sizeof packed - 1; i++)
        if (!byte_is_blank(text.ptr[i]))
            packed[len++] = text.ptr[i];
    slice rule = {packed, len > 0 && packed[len - 1] == ';' ? len - 1 : len};
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        c->counts = rules[i].counts;
        if (slice_eq(rule, slice_of(rules[i].rule)))
            return OK;
    }
    return err_make(ERR_INPUT, "a catalogue with a plural rule that we do not have");
}

struct err catalogue_read(slice mo, struct arena *arena, struct catalogue **catalogue)
{
    struct catalogue *c = arena_new(arena, struct catalogue, 1);
    TRY(head_read(mo, c));
    TRY(texts_check(c));
    slice head = c->count == 0 || text_at(c, c->originals, 0).len > 0 ? S("") : text_at(c, c->translations, 0);
    if (!slice_eq_fold(field(head, S("Content-Type")), S("text/plain; charset=UTF-8")))
        return err_make(ERR_INPUT, "a catalogue that is not in UTF-8");
    TRY(rule_read(c, field(head, S("Plural-Forms"))));
    *catalogue = c;
    return OK;
}

/* All translations of a text; empty if there is none. */
static slice look_up(const struct catalogue *c, slice text)
{
    uint32_t from = 0, to = c == NULL ? 0 : c->count;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        int order = slice_order(part_of(text_at(c, c->originals, middle), 0), text);
        if (order == 0)
            return text_at(c, c->translations, middle);
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return S("");
}

slice catalogue_text(const struct catalogue *catalogue, slice text)
{
    slice found = text.len == 0 ? S("") : part_of(look_up(catalogue, text), 0);
    return found.len == 0 ? text : found;
}

bool catalogue_has(const struct catalogue *catalogue, slice text)
{
    return text.len > 0 && look_up(catalogue, text).len > 0;
}

bool catalogue_next(const struct catalogue *catalogue, size_t *at, slice *text, slice *translation)
{
    if (*at >= catalogue->count)
        return false;
    uint32_t row = (uint32_t)(*at)++;
    *text = part_of(text_at(catalogue, catalogue->originals, row), 0);
    *translation = part_of(text_at(catalogue, catalogue->translations, row), 0);
    return true;
}

slice catalogue_count(const struct catalogue *catalogue, slice one, slice many, uint64_t count)
{
    slice found = one.len == 0 ? S("") : look_up(catalogue, one);
    if (found.len > 0)
        found = part_of(found, catalogue->counts && count != 1);
    return found.len > 0 ? found : count == 1 ? one : many;
}
