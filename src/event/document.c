/* SPDX-License-Identifier: Apache-2.0 */
#include "event/document.h"

#include <assert.h>

#include "base/arena.h"
#include "event/fields.h"
#include "json/check.h"

/*
 * Where objects begin and end, told by brackets and quotes alone: whether an object is JSON is for the strict reader to
 * say. Broken objects are the hard part, for a bracket that never closes would hide all behind it:
 *
 * 1. A newline in a string is not JSON: the object ends with that line.
 * 2. Brackets inside each other beyond what the reader allows: likewise.
 * 3. A line that begins as the object did, with the same blanks before the same bracket, begins the next object: who
 *    writes over many lines indents what is inside. Who does so without indenting has a line break behind the bracket
 *    and no blanks on the next line, and is excepted. JSON that does neither ("{"a": [" and then "{" at the beginning
 * of a line) is malformed to us: better that than events hidden behind a torn one.
 */

#define FIRST_LINES_MAX 8 /* looked at for a first object: an input may begin in the middle of one */

enum object_end {
    OBJECT_WHOLE,    /* the end is behind its bracket */
    OBJECT_OPEN,     /* the text ends before it does */
    OBJECT_BROKEN,   /* the end is that of its last line */
    OBJECT_LIST,     /* it holds the list: the end is behind the list's bracket */
    OBJECT_LIST_CUT, /* as before, but the text ends at the list */
};

struct object {
    slice text;
    size_t at; /* where it begins, at its bracket unless we are in it */
    slice list;
    slice indent; /* the blanks of its line before it; ptr is NULL if a line like its own does not end it */
    unsigned depth;
};

static bool is_open(char c)
{
    return c == '{' || c == '[';
}

static size_t blanks_pass(slice text, size_t at)
{
    while (at < text.len && byte_is_blank(text.ptr[at]))
        at++;
    return at;
}

/* Behind the next newline, or the end. */
static size_t line_pass(slice text, size_t at)
{
    size_t end = at + slice_find(slice_from(text, at), '\n');
    return end < text.len ? end + 1 : end;
}

/* Written over many lines without blanks at their beginning: nothing tells an object inside from the next. */
static bool is_flat(slice text, size_t open)
{
    size_t at = open + 1;
    while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\r'))
        at++;
    return at + 1 < text.len && text.ptr[at] == '\n' && !byte_is_blank(text.ptr[at + 1]);
}

static struct object object_at(slice text, size_t at, slice list)
{
    struct object object = {.text = text, .at = at, .list = list};
    size_t line = at;
    while (line > 0 && (text.ptr[line - 1] == ' ' || text.ptr[line - 1] == '\t'))
        line--;
    if ((line == 0 || text.ptr[line - 1] == '\n') && !is_flat(text, at))
        object.indent = slice_part(text, line, at);
    return object;
}

/* Whether the line at `at` begins as the object did. */
static bool is_next(const struct object *object, size_t at)
{
    slice rest = slice_from(object->text, at);
    size_t indent = object->indent.len;
    return object->indent.ptr != NULL && slice_starts(rest, object->indent) && rest.len > indent &&
           rest.ptr[indent] == '{';
}

/* Behind the closing quote of the string at `at`; 0: a newline or the end of the text comes first, at *stop. */
static size_t string_pass(slice text, size_t at, size_t *stop)
{
    for (at++; at < text.len && text.ptr[at] != '\n'; at++) {
        if (text.ptr[at] == '"')
            return at + 1;
        at += text.ptr[at] == '\\' && at + 1 < text.len && text.ptr[at + 1] != '\n';
    }
    *stop = at;
    return 0;
}

/* Behind the key of the list: does a list follow? OBJECT_WHOLE: no, it was something else. */
static enum object_end list_begins(slice text, size_t at, size_t *end)
{
    at = blanks_pass(text, at);
    if (at < text.len && text.ptr[at] != ':')
        return OBJECT_WHOLE;
    at = at < text.len ? blanks_pass(text, at + 1) : at;
    if (at < text.len && text.ptr[at] != '[')
        return OBJECT_WHOLE;
    *end = at < text.len ? at + 1 : at;
    return at < text.len ? OBJECT_LIST : OBJECT_LIST_CUT;
}

static enum object_end object_break(slice text, size_t at, size_t *end)
{
    *end = line_pass(text, at);
    return *end > 0 && text.ptr[*end - 1] == '\n' ? OBJECT_BROKEN : OBJECT_OPEN;
}

static enum object_end object_walk(const struct object *object, size_t *end)
{
    slice text = object->text;
    unsigned depth = object->depth;
    size_t at = object->at, stop = 0;
    while (at < text.len) {
        char c = text.ptr[at];
        if (c == '"') {
            size_t behind = string_pass(text, at, &stop);
            if (behind == 0)
                return object_break(text, stop, end);
            bool is_list =
                    depth == 1 && object->list.len > 0 && slice_eq(slice_part(text, at + 1, behind - 1), object->list);
            enum object_end list = is_list ? list_begins(text, behind, end) : OBJECT_WHOLE;
            if (list != OBJECT_WHOLE)
                return list;
            at = behind;
            continue;
        }
        at++;
        if (is_open(c) && ++depth > JSON_DEPTH_MAX)
            return object_break(text, at, end);
        if ((c == '}' || c == ']') && --depth == 0) {
            *end = at;
            return OBJECT_WHOLE;
        }
        if (c == '\n' && is_next(object, at)) {
            *end = at;
            return OBJECT_BROKEN;
        }
    }
    return OBJECT_OPEN;
}

/* What stands between objects. */
struct gap {
    size_t end;
    size_t line; /* behind its last newline; 0: it has none */
    bool closed; /* a list was closed in it */
    bool cut;    /* it goes on where the text ends */
};

/* A bracket too many behind an object is a fault, unless it closes what held the list. */
static bool is_gap(char c, bool opening, bool closing)
{
    return byte_is_blank(c) || c == ',' || c == ']' || (c == '[' && opening) || (c == '}' && (opening || closing));
}

/* Passes brackets, commas and, behind the list, the rest of the object that held it. */
static struct gap gap_pass(slice text, size_t at, slice list, bool opening)
{
    struct gap gap = {0};
    for (;;) {
        for (; at < text.len && is_gap(text.ptr[at], opening, gap.closed && list.len > 0); at++) {
            gap.closed |= text.ptr[at] == ']';
            if (text.ptr[at] == '\n')
                gap.line = at + 1;
        }
        gap.end = at;
        if (at == text.len || text.ptr[at] != '"' || list.len == 0 || !gap.closed)
            return gap;
        struct object outer = {.text = text, .at = at, .depth = 1};
        enum object_end end = object_walk(&outer, &at);
        gap.cut = end == OBJECT_OPEN;
        if (end != OBJECT_WHOLE)
            return gap;
    }
}

static size_t line_length(slice block, size_t at)
{
    size_t end = line_pass(block, at);
    return end > 0 && block.ptr[end - 1] == '\n' ? end : 0;
}

/* Behind a whole object: up to the next, but no further than the last newline before it. */
static size_t length_behind(slice block, size_t end, slice list)
{
    struct gap gap = gap_pass(block, end, list, false);
    if (gap.cut || gap.end == end)
        return gap.cut || end == block.len ? 0 : line_length(block, end);
    if (gap.line > 0)
        return gap.line;
    bool alone = gap.end == block.len || block.ptr[gap.end] == '{';
    return alone ? gap.end : line_length(block, gap.end);
}

size_t event_document_length(slice block, slice list)
{
    struct gap gap = gap_pass(block, 0, list, true);
    if (gap.cut || gap.line > 0)
        return gap.line;
    if (gap.end == block.len)
        return 0;
    if (block.ptr[gap.end] != '{')
        return line_length(block, gap.end);
    struct object object = object_at(block, gap.end, list);
    size_t end = 0;
    switch (object_walk(&object, &end)) {
    case OBJECT_WHOLE:
        return length_behind(block, end, list);
    case OBJECT_LIST:
        gap = gap_pass(slice_part(block, 0, blanks_pass(block, end)), end, list, false);
        return gap.line > 0 ? gap.line : end;
    case OBJECT_BROKEN:
        return end;
    default:
        return 0;
    }
}

bool event_document_is_frame(slice record, slice list)
{
    struct gap gap = gap_pass(record, 0, list, true);
    if (gap.end == record.len)
        return true;
    if (record.ptr[gap.end] != '{' || list.len == 0)
        return false;
    struct object object = object_at(record, gap.end, list);
    size_t end = 0;
    enum object_end how = object_walk(&object, &end);
    return (how == OBJECT_LIST || how == OBJECT_LIST_CUT) && blanks_pass(record, end) == record.len;
}

slice event_document_object(slice record, slice list)
{
    struct gap gap = gap_pass(record, 0, list, true);
    slice rest = slice_from(record, gap.end);
    struct object object = {.text = rest};
    size_t end = 0;
    if (rest.len == 0 || rest.ptr[0] != '{' || object_walk(&object, &end) != OBJECT_WHOLE)
        return rest;
    gap = gap_pass(rest, end, list, false);
    return gap.end == rest.len || gap.cut ? slice_part(rest, 0, end) : rest;
}

slice event_document_first(slice head, slice list, bool *whole)
{
    *whole = false;
    for (int i = 0; i < FIRST_LINES_MAX && head.len > 0; i++) {
        head = slice_from(head, gap_pass(head, 0, list, true).end);
        if (head.len == 0 || head.ptr[0] != '{') {
            head = slice_from(head, line_pass(head, 0));
            continue;
        }
        struct object object = object_at(head, 0, list);
        size_t end = 0;
        enum object_end how = object_walk(&object, &end);
        *whole = how == OBJECT_WHOLE;
        if (how == OBJECT_WHOLE)
            return slice_part(head, 0, end);
        if (how == OBJECT_OPEN || how == OBJECT_LIST_CUT)
            return head;
        head = slice_from(head, end);
    }
    return S("");
}

slice event_document_begin(slice head, slice list, bool *whole)
{
    slice object = event_document_first(head, list, whole);
    *whole = *whole && event_json_is(object);
    return object;
}

size_t event_document_record(const struct event_reader *reader, slice block)
{
    (void)reader;
    return event_document_length(block, S(""));
}

bool event_document_frame(
        const struct event_reader *reader, slice record, struct arena *arena, struct event_reader *next)
{
    (void)arena;
    *next = *reader;
    return event_document_is_frame(record, S(""));
}

struct err event_document_pick(
        const struct event_reader *reader, slice record, struct arena *arena, struct json_picks *picks, size_t *offset)
{
    slice object = event_document_object(record, S(""));
    struct err err = json_pick(reader->paths, object, arena, picks, offset);
    if (err.kind != ERR_NONE && offset != NULL)
        *offset += (size_t)(object.ptr - record.ptr);
    return err;
}

/* Without the blanks between its words: what is told of an event is one line. */
static slice compact(slice object, struct arena *arena)
{
    if (slice_find(object, '\n') == object.len && slice_find(object, '\r') == object.len)
        return object;
    char *out = arena_take(arena, object.len);
    size_t len = 0;
    bool text = false;
    for (size_t at = 0; at < object.len; at++) {
        char c = object.ptr[at];
        if (!text && byte_is_blank(c))
            continue;
        out[len++] = c;
        if (text && c == '\\')
            out[len++] = object.ptr[++at];
        else
            text ^= c == '"';
    }
    return (slice){out, len};
}

void event_document_extra(const struct event_reader *reader, slice record, struct arena *arena, struct json_writer *w)
{
    event_json_extra(reader, compact(event_document_object(record, S("")), arena), arena, w);
}

bool event_document_has(slice object, bool whole, slice key)
{
    if (whole)
        return json_get(object, key).len > 0;
    char quoted[64];
    assert(key.len + 3 <= sizeof quoted);
    int len = snprintf(quoted, sizeof quoted, "\"%.*s\"", (int)key.len, key.ptr);
    return slice_find_slice(object, (slice){quoted, (size_t)len}) < object.len;
}

struct err event_pick_put(struct json_picks *picks, size_t path, slice value)
{
    if (picks->count == JSON_PICKS_MAX)
        return err_make(ERR_LIMIT, "more than 4096 values that we read in one record");
    event_pick_add(picks, path, value);
    return OK;
}

struct err event_made_put(
        const struct event_reader *reader, struct json_picks *picks, enum event_made what, slice value)
{
    return event_pick_put(picks, reader->field_count + what, value);
}

slice event_pick_first(const struct json_picks *picks, size_t path)
{
    for (size_t i = 0; i < picks->count; i++) {
        const struct json_pick *pick = &picks->rows[i];
        if (pick->path == path && (pick->kind == JSON_STRING || pick->kind == JSON_NUMBER) && pick->len > 0)
            return (slice){pick->ptr, pick->len};
    }
    return S("");
}

struct err event_time_otherwise(const struct event_reader *reader, struct json_picks *picks, size_t path)
{
    slice time = event_pick_first(picks, path);
    if (time.len == 0 || event_time(reader, picks) != TIME_NONE)
        return OK;
    return event_made_put(reader, picks, MADE_TIME, time);
}

struct err event_class_put(
        const struct event_reader *reader, struct json_picks *picks, const struct rsit_word *map, slice word)
{
    const struct rsit_class *class = rsit_map(map, word);
    if (class == NULL) {
        TRY(event_made_put(reader, picks, MADE_TAXONOMY, slice_of(reader->format->name)));
        return event_made_put(reader, picks, MADE_TYPE, word);
    }
    TRY(event_made_put(reader, picks, MADE_TAXONOMY, slice_of(class->taxonomy)));
    TRY(event_made_put(reader, picks, MADE_TYPE, slice_of(class->type)));
    return event_made_put(reader, picks, MADE_IDENTIFIER, word);
}
