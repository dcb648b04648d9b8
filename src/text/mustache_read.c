/* SPDX-License-Identifier: Apache-2.0 */
#include "text/template.h"

#include "base/arena.h"

/*
 * A tag that stands alone on its line takes the line with it, blanks and end (all but values and texts for people do).
 * What is left of the template is cut into lines, so that a partial can be indented: what begins a line says so, if
 * need be as a text of no bytes before the tag that the line begins with.
 */

#define NAME_PARTS_MAX 16 /* of a dotted name */
#define SHOWN_MAX 60      /* bytes of what was wrong, in the reason */

struct reader {
    const char *name;
    slice text;
    struct arena *arena;
    slice open, close; /* the delimiters now */
    size_t at;         /* what stands before is read */
    struct template *made;
    uint32_t room;
    unsigned depth;
    uint32_t sections[MUSTACHE_DEPTH_MAX]; /* the nodes of what is open */
    size_t opened[MUSTACHE_DEPTH_MAX];     /* and where it was opened */
    struct buf words;
};

struct tag {
    size_t from, behind; /* with its delimiters */
    char sigil;          /* 0: a value */
    slice inside;        /* without sigil and blanks */
};

static struct err fail(const struct reader *r, size_t at, const char *why, slice what)
{
    size_t line = 1, shown = what.len > SHOWN_MAX ? SHOWN_MAX : what.len;
    for (size_t i = 0; i < at && i < r->text.len; i++)
        line += r->text.ptr[i] == '\n';
    return err_format(r->arena, ERR_INPUT, "%s:%zu: %s%.*s", r->name, line, why, (int)shown, what.ptr);
}

static struct node *node_add(struct reader *r, enum node_kind kind)
{
    struct template *made = r->made;
    if (made->count == r->room) {
        r->room = r->room == 0 ? 32 : r->room * 2;
        struct node *nodes = arena_new(r->arena, struct node, r->room);
        if (made->count > 0)
            memcpy(nodes, made->nodes, made->count * sizeof nodes[0]);
        made->nodes = nodes;
    }
    struct node *node = &made->nodes[made->count++];
    node->kind = kind;
    return node;
}

static bool begins_line(const struct reader *r, size_t at)
{
    return at == 0 || r->text.ptr[at - 1] == '\n';
}

/* What stands up to there, a line at a time. */
static void text_add(struct reader *r, size_t to)
{
    while (r->at < to) {
        slice rest = slice_part(r->text, r->at, to);
        size_t len = slice_find(rest, '\n');
        struct node *node = node_add(r, NODE_TEXT);
        node->text = slice_part(rest, 0, len + (len < rest.len));
        node->fresh = begins_line(r, r->at);
        r->at += node->text.len;
    }
}

/* The same where a tag follows that stays on its line. */
static void text_add_before(struct reader *r, size_t to)
{
    text_add(r, to);
    if (begins_line(r, to))
        node_add(r, NODE_TEXT)->fresh = true;
}

static const char sigils[] = "#^/>!=|{&";

/* The next tag from a place on; its `from` is the end of the text if there is none. */
static struct err tag_find(const struct reader *r, size_t at, struct tag *tag)
{
    slice rest = slice_from(r->text, at);
    *tag = (struct tag){.from = at + slice_find_slice(rest, r->open)};
    if (tag->from == r->text.len)
        return OK;
    size_t inside = tag->from + r->open.len;
    while (inside < r->text.len && byte_is_blank(r->text.ptr[inside]))
        inside++;
    if (inside < r->text.len && memchr(sigils, r->text.ptr[inside], sizeof sigils - 1) != NULL)
        tag->sigil = r->text.ptr[inside++];
    if (tag->sigil == '{' || tag->sigil == '&')
        return fail(r, tag->from, "a value cannot be written unescaped", S(""));
    rest = slice_from(r->text, inside);
    size_t len = slice_find_slice(rest, r->close);
    if (len == rest.len)
        return fail(r, tag->from, "a tag that is not closed", S(""));
    tag->inside = slice_trim(slice_part(rest, 0, len));
    tag->behind = inside + len + r->close.len;
    return OK;
}

static bool is_line_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Whether nothing but blanks stands around the tag on its line; then where the line begins, and the next one. */
static bool stands_alone(const struct reader *r, const struct tag *tag, size_t *line, size_t *next)
{
    size_t from = tag->from, to = tag->behind;
    while (from > r->at && is_line_blank(r->text.ptr[from - 1]))
        from--;
    while (to < r->text.len && is_line_blank(r->text.ptr[to]))
        to++;
    if (!begins_line(r, from))
        return false;
    *line = from;
    slice rest = slice_from(r->text, to);
    *next = to + (slice_starts(rest, S("\r\n")) ? 2 : slice_starts(rest, S("\n")) ? 1 : 0);
    return *next > to || rest.len == 0;
}

static bool is_name_byte(char c)
{
    return byte_is_digit(c) || (byte_lower(c) >= 'a' && byte_lower(c) <= 'z') || c == '_' || c == '-' || c == '/';
}

/* "." or names with dots between them. */
static struct err name_check(const struct reader *r, const struct tag *tag, slice name)
{
    slice rest = name, part;
    size_t parts = 0;
    if (slice_eq(name, S(".")))
        return OK;
    if (name.len == 0)
        return fail(r, tag->from, "a tag without a name", S(""));
    while (slice_next(&rest, '.', &part)) {
        if (part.len == 0 || ++parts > NAME_PARTS_MAX)
            return fail(r, tag->from, "not a name: ", name);
        for (size_t i = 0; i < part.len; i++)
            if (!is_name_byte(part.ptr[i]))
                return fail(r, tag->from, "not a name: ", name);
    }
    return OK;
}

static struct err section_open(struct reader *r, const struct tag *tag)
{
    if (r->depth == MUSTACHE_DEPTH_MAX)
        return fail(r, tag->from, "sections nest too deeply at ", tag->inside);
    struct node *node = node_add(r, tag->sigil == '#' ? NODE_SECTION : NODE_INVERTED);
    node->name = tag->inside;
    r->opened[r->depth] = tag->from;
    r->sections[r->depth++] = r->made->count - 1;
    return OK;
}

static struct err section_close(struct reader *r, const struct tag *tag)
{
    struct node *node = r->depth == 0 ? NULL : &r->made->nodes[r->sections[r->depth - 1]];
    if (node == NULL || !slice_eq(node->name, tag->inside))
        return fail(r, tag->from, "it closes what is not the innermost open section: ", tag->inside);
    node->behind = r->made->count;
    r->depth--;
    return OK;
}

static bool is_delimiter(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (byte_is_blank(s.ptr[i]) || s.ptr[i] == '=')
            return false;
    return s.len > 0;
}

/* {{=<% %>=}} */
static struct err delimiters_set(struct reader *r, const struct tag *tag)
{
    slice inside = tag->inside;
    if (!slice_ends(inside, S("=")))
        return fail(r, tag->from, "delimiters are set as {{=<% %>=}}", S(""));
    inside = slice_trim(slice_part(inside, 0, inside.len - 1));
    size_t len = 0;
    while (len < inside.len && !byte_is_blank(inside.ptr[len]))
        len++;
    slice open = slice_part(inside, 0, len), close = slice_trim(slice_from(inside, len));
    if (!is_delimiter(open) || !is_delimiter(close))
        return fail(r, tag->from, "delimiters are set as {{=<% %>=}}", S(""));
    r->open = open;
    r->close = close;
    return OK;
}

/* Text for people up to the tag: runs of blanks as one, none at the beginning. */
static struct err words_text(struct reader *r, slice text, size_t at)
{
    if (slice_find_slice(text, S("{{")) < text.len)
        return fail(r, at, "text for people cannot hold {{ itself", S(""));
    for (size_t i = 0; i < text.len; i++) {
        bool blank = byte_is_blank(text.ptr[i]);
        if (!blank)
            buf_byte(&r->words, text.ptr[i]);
        else if (r->words.len > 0 && r->words.ptr[r->words.len - 1] != ' ')
            buf_byte(&r->words, ' ');
    }
    return OK;
}

static slice words_taken(struct reader *r)
{
    if (r->words.len == 0)
        return S("");
    slice text = arena_copy(r->arena, slice_trim(buf_slice(&r->words)));
    buf_reset(&r->words);
    return text;
}

static struct err words_tag(struct reader *r, const struct tag *tag, struct node *node, bool *counts)
{
    switch (tag->sigil) {
    case 0:
        TRY(name_check(r, tag, tag->inside));
        buf_put(&r->words, S("{{"));
        buf_put(&r->words, tag->inside);
        buf_put(&r->words, S("}}"));
        return OK;
    case '!':
        return OK;
    case '|':
        if (*counts || node->name.len == 0 || tag->inside.len > 0)
            return fail(r, tag->from, "{{|}} stands once, in text that counts", S(""));
        *counts = true;
        node->text = words_taken(r);
        return OK;
    default:
        return fail(r, tag->from, "text for people holds values and nothing else: ", tag->inside);
    }
}

static bool closes_words(const struct tag *tag)
{
    return tag->sigil == '/' && slice_eq(tag->inside, S("_"));
}

/* From behind {{#_}} to behind {{/_}}. */
static struct err words_read(struct reader *r, const struct tag *opening, struct node *node)
{
    struct tag tag = *opening;
    bool counts = false;
    do {
        size_t at = tag.behind;
        TRY(tag_find(r, at, &tag));
        if (tag.from == r->text.len)
            return fail(r, opening->from, "a section that is not closed: _", S(""));
        TRY(words_text(r, slice_part(r->text, at, tag.from), at));
        if (!closes_words(&tag))
            TRY(words_tag(r, &tag, node, &counts));
    } while (!closes_words(&tag));
    if (counts != (node->name.len > 0))
        return fail(r, opening->from, "text that counts has two sides, {{|}} between them", S(""));
    *(counts ? &node->many : &node->text) = words_taken(r);
    r->at = tag.behind;
    return node->text.len > 0 && (!counts || node->many.len > 0)
                   ? OK
                   : fail(r, opening->from, "text for people that is empty", S(""));
}

static bool opens_words(const struct tag *tag)
{
    return tag->sigil == '#' && slice_starts(tag->inside, S("_")) &&
           (tag->inside.len == 1 || byte_is_blank(tag->inside.ptr[1]));
}

static struct err words_add(struct reader *r, const struct tag *tag)
{
    text_add_before(r, tag->from);
    struct node node = {.kind = NODE_WORDS, .name = slice_trim(slice_from(tag->inside, 1))};
    if (node.name.len > 0)
        TRY(name_check(r, tag, node.name));
    TRY(words_read(r, tag, &node));
    *node_add(r, NODE_WORDS) = node;
    return buf_check(&r->words);
}

static struct err tag_take(struct reader *r, const struct tag *tag, slice indent)
{
    if (tag->sigil != '!' && tag->sigil != '=')
        TRY(name_check(r, tag, tag->inside));
    switch (tag->sigil) {
    case '#':
    case '^':
        return section_open(r, tag);
    case '/':
        return section_close(r, tag);
    case '!':
        return OK;
    case '=':
        return delimiters_set(r, tag);
    case '|':
        return fail(r, tag->from, "{{|}} stands once, in text that counts", S(""));
    default: {
        struct node *node = node_add(r, tag->sigil == '>' ? NODE_PARTIAL : NODE_VALUE);
        node->name = tag->inside;
        node->text = indent;
        return OK;
    }
    }
}

static struct err tag_add(struct reader *r, const struct tag *tag)
{
    size_t line, next = tag->behind;
    slice indent = S("");
    if (opens_words(tag))
        return words_add(r, tag);
    if (tag->sigil != 0 && stands_alone(r, tag, &line, &next)) {
        text_add(r, line);
        indent = slice_part(r->text, line, tag->from);
    } else {
        next = tag->behind;
        text_add_before(r, tag->from);
    }
    r->at = next;
    return tag_take(r, tag, indent);
}

static struct err template_read(struct reader *r)
{
    struct tag tag;
    if (r->text.len > MUSTACHE_BYTES_MAX)
        return err_format(r->arena, ERR_INPUT, "%s: a template has at most %u bytes", r->name, MUSTACHE_BYTES_MAX);
    for (;;) {
        TRY(tag_find(r, r->at, &tag));
        if (tag.from == r->text.len)
            break;
        TRY(tag_add(r, &tag));
    }
    text_add(r, r->text.len);
    if (r->depth > 0)
        return fail(r, r->opened[r->depth - 1],
                "a section that is not closed: ", r->made->nodes[r->sections[r->depth - 1]].name);
    return OK;
}

struct err mustache_read(const char *name, slice text, struct arena *arena, struct template **made)
{
    struct reader r = {.name = name,
            .text = text.len == 0 ? S("") : text,
            .arena = arena,
            .open = S("{{"),
            .close = S("}}"),
            .made = arena_new(arena, struct template, 1),
            .words = buf_make(4 * MUSTACHE_BYTES_MAX)};
    r.made->name = name;
    struct err err = template_read(&r);
    buf_free(&r.words);
    if (err.kind == ERR_NONE)
        *made = r.made;
    return err;
}
