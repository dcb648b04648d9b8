/* SPDX-License-Identifier: Apache-2.0 */
#include "form/form.h"

#include "form/make.h"
#include "form/reader.h"

/*
 * Lists of lines: `type<TAB>value[<TAB>id]`, one value whose looks say what it is, or a line of a hosts file. Lists
 * come in tens of millions of lines, so a line costs no allocation and no copy: the sink gets slices of the text, and
 * its answer is the one check of the value.
 */

#define LIST_LINE_MAX 65536 /* bytes; a value is never longer than some thousand */
#define BINARY_NEAR 65536   /* bytes at the beginning that must hold no NUL */
#define WORDS_KEPT 64       /* a power of two */

/* The words of this list whose types were looked up: every slice is part of the text. */
struct known_word {
    slice word;
    struct form_type type;
};

struct list {
    struct form_reader reader;
    slice line;
    uint64_t number;
    struct known_word words[WORDS_KEPT];
};

static struct form_place place_of(const struct list *list, const char *at)
{
    return (struct form_place){list->number, (uint64_t)(at - list->line.ptr) + 1};
}

static void problem(struct list *list, const char *at, const char *why)
{
    const struct form_sink *sink = list->reader.sink;
    sink->problem(sink->context, list->number, (uint64_t)(at - list->line.ptr) + 1, why);
}

static struct known_word *word_slot(struct list *list, slice word)
{
    size_t mixed = word.len * 7;
    if (word.len > 0)
        mixed += (unsigned char)word.ptr[0] * 5u + (unsigned char)word.ptr[word.len - 1];
    return &list->words[mixed % WORDS_KEPT];
}

static const struct form_type *type_of_word(struct list *list, slice word)
{
    struct known_word *known = word_slot(list, word);
    if (known->word.len > 0 && slice_eq(known->word, word))
        return &known->type;
    struct form_type found;
    if (!form_type_find(word, &found))
        return NULL;
    *known = (struct known_word){word, found};
    return &known->type;
}

/* Whether the path is more than the root: "http://a.example/b/", not "http://a.example/". */
static bool is_below_root(slice url)
{
    size_t scheme = slice_find_slice(url, S("://"));
    slice rest = scheme < url.len ? slice_from(url, scheme + 3) : url;
    return slice_find(rest, '/') + 1 < rest.len;
}

/* A URL that ends in a slash or in one and a star stands for all below it; the root does only with the star. */
static void mark_below(struct indicator *indicator)
{
    slice url = indicator->value;
    if (slice_ends(url, S("/*")))
        indicator->value.len--;
    else if (!slice_ends(url, S("/")) || !is_below_root(url) || slice_find(url, '?') < url.len ||
             slice_find(url, '#') < url.len)
        return;
    indicator->flags |= INDICATOR_BELOW;
}

static struct err give(struct list *list, enum observable_type type, slice name, slice value, slice id, const char *at)
{
    struct indicator indicator = {
            .type = type,
            .name = name,
            .value = value,
            .id = id,
            .modified_us = TIME_NONE,
            .from_us = TIME_NONE,
            .until_us = TIME_NONE,
    };
    if (type == OBSERVABLE_URL)
        mark_below(&indicator);
    return form_reader_give(&list->reader, &indicator, place_of(list, at));
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static slice take_word(slice *rest)
{
    size_t from = 0;
    while (from < rest->len && is_blank(rest->ptr[from]))
        from++;
    size_t to = from;
    while (to < rest->len && !is_blank(rest->ptr[to]))
        to++;
    slice word = slice_part(*rest, from, to);
    *rest = slice_from(*rest, to);
    return word;
}

/* Where block lists in the shape of a hosts file send their names. */
static bool is_sink_hole(slice word)
{
    static const char *const addresses[] = {"0.0.0.0", "127.0.0.1", "::", "::1"};
    for (size_t i = 0; i < COUNT_OF(addresses); i++)
        if (slice_eq(word, slice_of(addresses[i])))
            return true;
    return false;
}

/* Names behind the address of a hosts line: these names alone, since a hosts file says nothing of what is below. */
static struct err read_hosts(struct list *list, slice names)
{
    for (slice word = take_word(&names); word.len > 0; word = take_word(&names)) {
        if (word.ptr[0] == '#')
            return OK;
        bool local = slice_find(word, '.') == word.len || is_sink_hole(word) || slice_ends(word, S(".localdomain"));
        if (local)
            form_reader_skip(&list->reader, "local name in a hosts line", (slice){0});
        else
            TRY(give(list, OBSERVABLE_HOST, (slice){0}, word, (slice){0}, word.ptr));
    }
    return OK;
}

static struct err read_typed(struct list *list, slice word, slice rest)
{
    size_t tab = slice_find(rest, '\t');
    slice value = slice_part(rest, 0, tab);
    slice id = tab < rest.len ? slice_from(rest, tab + 1) : (slice){0};
    if (is_sink_hole(word))
        return read_hosts(list, rest);
    const struct form_type *found = type_of_word(list, word);
    if (found == NULL) {
        problem(list, word.ptr, "the word before the tab is no type of value");
        return OK;
    }
    if (slice_find(id, '\t') < id.len) {
        problem(list, id.ptr + slice_find(id, '\t'), "a third tab; a line is type, value and perhaps an id");
        return OK;
    }
    const char *at = value.ptr;
    if (found->type == OBSERVABLE_NONE || form_type_refangs(found->type))
        value = form_reader_refang(&list->reader, value);
    enum observable_type type = form_type_of(found, value);
    if (type != OBSERVABLE_NONE)
        return give(list, type, found->name, value, id, at);
    problem(list, at, "not a hash of a known length");
    return OK;
}

/* Without what a blank and # or ; begin. */
static slice without_comment(slice text)
{
    for (size_t i = 1; i < text.len; i++)
        if ((text.ptr[i] == '#' || text.ptr[i] == ';') && is_blank(text.ptr[i - 1]))
            return slice_trim(slice_part(text, 0, i));
    return text;
}

static struct err read_bare(struct list *list, slice text)
{
    text = without_comment(text);
    size_t blank = slice_find(text, ' ');
    if (blank < text.len) {
        if (is_sink_hole(slice_part(text, 0, blank)))
            return read_hosts(list, slice_from(text, blank));
        problem(list, text.ptr + blank, "a blank; a line is one value, or a type and a value with a tab between them");
        return OK;
    }
    slice value = form_reader_refang(&list->reader, text);
    enum observable_type type = observable_guess(value);
    if (type != OBSERVABLE_NONE)
        return give(list, type, (slice){0}, value, (slice){0}, text.ptr);
    problem(list, text.ptr, "neither an address, a prefix, a name, a URL, a hash nor an e-mail address");
    return OK;
}

static bool is_comment(slice line)
{
    size_t at = 0;
    while (at < line.len && is_blank(line.ptr[at]))
        at++;
    slice text = slice_from(line, at);
    return text.len == 0 || text.ptr[0] == '#' || text.ptr[0] == ';' || slice_starts(text, S("//"));
}

static struct err read_line(struct list *list)
{
    slice line = list->line;
    while (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    if (is_comment(line))
        return OK;
    if (line.len > LIST_LINE_MAX) {
        problem(list, line.ptr, "the line is longer than 65536 bytes");
        return OK;
    }
    size_t tab = slice_find(line, '\t');
    if (tab > 0 && tab < line.len && !is_blank(line.ptr[0]) && line.ptr[tab - 1] != ' ')
        return read_typed(list, slice_part(line, 0, tab), slice_from(line, tab + 1));
    return read_bare(list, slice_trim(line));
}

static struct err read_lines(struct list *list)
{
    slice rest = list->reader.text;
    while (slice_next(&rest, '\n', &list->line)) {
        list->number++;
        if (list->reader.sink->row != NULL)
            *list->reader.sink->row = list->line;
        TRY(read_line(list));
    }
    return OK;
}

static size_t find_nul(slice text)
{
    slice near = slice_part(text, 0, text.len < BINARY_NEAR ? text.len : BINARY_NEAR);
    return slice_find(near, '\0') < near.len ? slice_find(near, '\0') : text.len;
}

static struct err read_list(slice text, struct arena *arena, const struct form_sink *sink)
{
    struct list list = {.reader = form_reader_open(text, arena, sink)};
    size_t nul = find_nul(list.reader.text);
    struct err err = nul == list.reader.text.len
                             ? read_lines(&list)
                             : form_reader_refuse(&list.reader, nul,
                                       err_make(ERR_INPUT, "here is a NUL: this is no text in UTF-8"));
    form_reader_close(&list.reader);
    return err;
}

static int recognise_line(slice line)
{
    struct form_type type;
    slice value = slice_trim(without_comment(line));
    size_t tab = slice_find(line, '\t'), blank = slice_find(value, ' ');
    if (tab < line.len && form_type_find(slice_part(line, 0, tab), &type))
        return 60;
    if (is_sink_hole(slice_part(line, 0, tab)) || is_sink_hole(slice_part(value, 0, blank)))
        return 60;
    char plain[LIST_LINE_MAX / 16];
    struct buf out = {.ptr = plain, .cap = sizeof(plain), .max = sizeof(plain)};
    observable_refang(value, &out);
    return !out.full && observable_guess(buf_slice(&out)) != OBSERVABLE_NONE ? 50 : 1;
}

static int recognise_list(slice head)
{
    slice line;
    if (head.len == 0 || find_nul(head) < head.len)
        return 0;
    head = form_without_mark(head);
    while (slice_next(&head, '\n', &line))
        if (!is_comment(slice_trim(line)))
            return recognise_line(slice_trim(line));
    return 1;
}

const struct form form_list = {"list", "lines of type, tab and value, of bare values, or of a hosts file",
        recognise_list, read_list, form_list_objects};
