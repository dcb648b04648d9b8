/* SPDX-License-Identifier: Apache-2.0 */
#include "text/mustache.h"

#include "base/arena.h"
#include "text/catalogue.h"
#include "text/template.h"
#include "json/read.h"

/*
 * Rendering walks nodes with a stack of its own: a frame for the template, for each section that is entered and for
 * each partial. The frames that have a value are the context: a name is looked for in the innermost first.
 */

struct frame {
    const struct template *from;
    uint32_t begin, at, end;        /* of its nodes */
    const struct json_token *value; /* NULL: a partial, whose context is that of its surroundings */
    size_t next, stop;              /* of an array: the tokens still to come */
    slice indent;
};

struct rendering {
    const struct mustache *with;
    struct arena *arena;
    struct buf *out;
    struct frame frames[MUSTACHE_DEPTH_MAX + 1]; /* the first is the template */
    unsigned depth;
    size_t steps;
};

/* What a byte is written as; NULL: as it is. */
static const char *reference(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '\t':
    case '\n':
    case '\r':
        return NULL;
    default:
        return (uint8_t)c < ' ' ? "\xEF\xBF\xBD" : NULL;
    }
}

void mustache_escape(slice text, struct buf *out)
{
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *written = reference(text.ptr[i]);
        if (written == NULL)
            continue;
        buf_put(out, slice_part(text, from, i));
        buf_put(out, slice_of(written));
        from = i + 1;
    }
    if (from < text.len)
        buf_put(out, slice_from(text, from));
}

/* The value of a key, or NULL. */
static const struct json_token *member(
        const struct json_tape *tape, const struct json_token *object, slice name, uint32_t hash)
{
    if (object->kind != JSON_OBJECT)
        return NULL;
    const struct json_token *key = object + 1, *end = &tape->tokens[object->next];
    for (; key < end; key = &tape->tokens[key[1].next]) {
        slice raw = json_tape_slice(tape, key);
        bool escapes = (key->flags & JSON_TOKEN_ESCAPES) != 0;
        if (escapes ? json_key_is(raw, name) : key->next == hash && slice_eq(raw, name))
            return &key[1];
    }
    return NULL;
}

/* From the innermost context outwards. */
static const struct json_token *first_find(const struct rendering *r, slice name)
{
    uint32_t hash = json_tape_hash(name);
    for (unsigned i = r->depth; i-- > 0;) {
        const struct json_token *value = r->frames[i].value;
        if (value != NULL && slice_eq(name, S(".")))
            return value;
        if (value != NULL)
            value = member(r->with->document, value, name, hash);
        if (value != NULL)
            return value;
    }
    return NULL;
}

/* What a name stands for, or NULL: its first part in the context, each other in what was found before it. */
static const struct json_token *find(const struct rendering *r, slice name)
{
    slice rest = name, part;
    if (slice_eq(name, S(".")) || !slice_next(&rest, '.', &part))
        return first_find(r, name);
    const struct json_token *value = first_find(r, part);
    while (value != NULL && slice_next(&rest, '.', &part))
        value = member(r->with->document, value, part, json_tape_hash(part));
    return value;
}

static void value_write(struct rendering *r, slice name)
{
    const struct json_token *value = find(r, name);
    if (value == NULL || value->kind == JSON_NULL || value->kind == JSON_OBJECT || value->kind == JSON_ARRAY)
        return;
    slice text = json_tape_slice(r->with->document, value);
    if ((value->flags & JSON_TOKEN_ESCAPES) != 0)
        text = json_unescape(text, r->arena);
    mustache_escape(text, r->out);
}

/* Text for people, or its translation: what stands between braces is a name. */
static void words_write(struct rendering *r, slice words)
{
    for (;;) {
        size_t open = slice_find_slice(words, S("{{"));
        buf_put(r->out, slice_part(words, 0, open));
        if (open == words.len)
            return;
        words = slice_from(words, open + 2);
        size_t close = slice_find_slice(words, S("}}"));
        value_write(r, slice_trim(slice_part(words, 0, close)));
        words = slice_from(words, close == words.len ? close : close + 2);
    }
}

/* The number that a text counts; more than one if it is no such number. */
static uint64_t counted(const struct rendering *r, slice name)
{
    uint64_t count = 0;
    const struct json_token *value = find(r, name);
    if (value == NULL || value->kind != JSON_NUMBER ||
            !slice_u64(json_tape_slice(r->with->document, value), UINT64_MAX, &count))
        return 2;
    return count;
}

static void words(struct rendering *r, const struct node *node)
{
    const struct catalogue *catalogue = r->with->catalogue;
    words_write(r, node->name.len == 0 ? catalogue_text(catalogue, node->text)
                                       : catalogue_count(catalogue, node->text, node->many, counted(r, node->name)));
}

static bool is_true(const struct json_token *value)
{
    if (value == NULL || value->kind == JSON_FALSE || value->kind == JSON_NULL)
        return false;
    return value->kind == JSON_ARRAY ? value->count > 0 : value->kind != JSON_STRING || value->len > 0;
}

static struct err enter(struct rendering *r, const struct frame *frame)
{
    if (r->depth > MUSTACHE_DEPTH_MAX)
        return err_format(r->arena, ERR_LIMIT, "%s: more than %d sections and partials in each other",
                frame->from->name, MUSTACHE_DEPTH_MAX);
    r->frames[r->depth] = *frame;
    r->frames[r->depth++].at = frame->begin;
    return OK;
}

/* The frame takes the next element of its array, if there is one. */
static bool again(const struct rendering *r, struct frame *frame)
{
    if (frame->next == frame->stop)
        return false;
    frame->value = &r->with->document->tokens[frame->next];
    frame->next = frame->value->next;
    frame->at = frame->begin;
    return true;
}

static struct err section(struct rendering *r, struct frame *frame, const struct node *node)
{
    const struct json_token *value = find(r, node->name);
    uint32_t begin = frame->at;
    frame->at = node->behind;
    if (is_true(value) == (node->kind == NODE_INVERTED))
        return OK;
    struct frame inner = {frame->from, begin, begin, node->behind, .indent = frame->indent};
    if (node->kind == NODE_SECTION)
        inner.value = value;
    if (inner.value != NULL && value->kind == JSON_ARRAY) {
        inner.next = (size_t)(value - r->with->document->tokens) + 1;
        inner.stop = value->next;
        again(r, &inner);
    }
    return enter(r, &inner);
}

static struct err partial(struct rendering *r, const struct frame *frame, const struct node *node)
{
    const struct mustache *with = r->with;
    const struct template *from = with->partial == NULL ? NULL : with->partial(with->context, node->name);
    if (from == NULL)
        return OK;
    slice indent = node->text;
    if (indent.len > 0 && frame->indent.len > 0)
        indent = slice_of(arena_printf(
                r->arena, "%.*s%.*s", (int)frame->indent.len, frame->indent.ptr, (int)indent.len, indent.ptr));
    return enter(r, &(struct frame){from, 0, 0, from->count, .indent = indent});
}

static struct err node_render(struct rendering *r, struct frame *frame, const struct node *node)
{
    switch (node->kind) {
    case NODE_TEXT:
        if (node->fresh)
            buf_put(r->out, frame->indent);
        buf_put(r->out, node->text);
        return OK;
    case NODE_VALUE:
        value_write(r, node->name);
        return OK;
    case NODE_SECTION:
    case NODE_INVERTED:
        return section(r, frame, node);
    case NODE_PARTIAL:
        return partial(r, frame, node);
    case NODE_WORDS:
        words(r, node);
    }
    return OK;
}

struct err mustache_render(
        const struct template *made, const struct mustache *with, struct arena *arena, struct buf *out)
{
    struct rendering *r = arena_new(arena, struct rendering, 1);
    *r = (struct rendering){.with = with, .arena = arena, .out = out};
    const struct json_token *whole = with->document->count == 0 ? NULL : &with->document->tokens[0];
    TRY(enter(r, &(struct frame){made, 0, 0, made->count, .value = whole}));
    while (r->depth > 0 && !out->full) {
        struct frame *frame = &r->frames[r->depth - 1];
        if (r->steps++ == MUSTACHE_STEPS_MAX)
            return err_format(arena, ERR_LIMIT, "%s: more than %u steps", made->name, MUSTACHE_STEPS_MAX);
        if (frame->at == frame->end)
            r->depth -= !again(r, frame);
        else
            TRY(node_render(r, frame, &frame->from->nodes[frame->at++]));
    }
    return buf_check(out);
}

bool mustache_words(const struct template *made, size_t *at, slice *text, slice *many)
{
    while (*at < made->count && made->nodes[*at].kind != NODE_WORDS)
        ++*at;
    if (*at == made->count)
        return false;
    *text = made->nodes[*at].text;
    *many = made->nodes[(*at)++].many;
    return true;
}
