/* SPDX-License-Identifier: Apache-2.0 */
#include "form/object.h"

#include <stdlib.h>

#include "form/make.h"
#include "form/reader.h"
#include "stix/checker.h"

/*
 * A reading: the beginning of the stream says which form it is, the form takes it from there, and what it left behind
 * is told by name at the end.
 */

enum {
    HEAD_BYTES = 65536,    /* of the text, by which its form is recognised */
    SHOWN_MAX = 96,        /* bytes of a name from outside that is shown */
    DROP_SLOTS = 8192,     /* a power of two, twice FORM_DROPPED_MAX */
    BLOCK_BYTES = 1 << 20, /* the least that a text grows by */
};

/* ---- What was left behind ---- */

struct form_drop {
    const char *what; /* NULL: a free slot */
    uint64_t count;
};

/* The names in the order in which they were met first. */
struct form_drops {
    struct arena *names;
    struct hash_key key; /* who chooses the names cannot choose the collisions */
    size_t count;
    struct form_drop *rows[FORM_DROPPED_MAX];
    struct form_drop slots[DROP_SLOTS];
    uint64_t others;
};

static struct form_drops *drops_open(void)
{
    struct arena *names = arena_open("dropped", ARENA_WORK, 8u << 20);
    struct form_drops *drops = arena_new(names, struct form_drops, 1);
    drops->names = names;
    drops->key = hash_key_random();
    return drops;
}

void form_objects_drop(struct form_objects *reading, const char *what, slice name)
{
    struct form_drops *drops = reading->drops;
    char text[2 * SHOWN_MAX + 2];
    size_t len = (size_t)snprintf(text, SHOWN_MAX, name.len > 0 ? "%s " : "%s", what);
    len = len < SHOWN_MAX ? len : SHOWN_MAX - 1;
    for (size_t i = 0; i < name.len && i < SHOWN_MAX; i++)
        text[len++] = (char)(name.ptr[i] >= ' ' && name.ptr[i] <= '~' ? name.ptr[i] : '?');
    text[len] = '\0';
    size_t at = hash_bytes(drops->key, (slice){text, len}) % DROP_SLOTS;
    while (drops->slots[at].what != NULL && strcmp(drops->slots[at].what, text) != 0)
        at = (at + 1) % DROP_SLOTS;
    if (drops->slots[at].what == NULL && drops->count == FORM_DROPPED_MAX) {
        drops->others++;
        return;
    }
    if (drops->slots[at].what == NULL) {
        drops->slots[at].what = arena_cstr(drops->names, (slice){text, len});
        drops->rows[drops->count++] = &drops->slots[at];
    }
    drops->slots[at].count++;
}

static void drops_tell(struct form_objects *reading)
{
    const struct form_drops *drops = reading->drops;
    const struct form_object_sink *sink = reading->sink;
    for (size_t i = 0; i < drops->count; i++)
        sink->dropped(sink->context, drops->rows[i]->what, drops->rows[i]->count);
    if (drops->others > 0)
        sink->dropped(sink->context, "more kinds of things than are told by name", drops->others);
    if (reading->warned <= FORM_WARNINGS_MAX || sink->warned == NULL)
        return;
    uint64_t more = reading->warned - FORM_WARNINGS_MAX;
    if (sink->unwarned != NULL)
        sink->unwarned(sink->context, more);
    else
        sink->warned(sink->context, 0, 0,
                arena_printf(reading->messages, "%llu further warnings", (unsigned long long)more));
}

/* ---- The ways to the sink ---- */

struct err form_objects_give(struct form_objects *reading, const struct form_object *object)
{
    if (reading->failed.kind != ERR_NONE)
        return reading->failed;
    if (reading->options->objects_max > 0 && reading->given == reading->options->objects_max)
        return err_format(reading->messages, ERR_LIMIT, "line %llu: more than %llu objects",
                (unsigned long long)object->line, (unsigned long long)reading->options->objects_max);
    reading->given++;
    return reading->sink->object(reading->sink->context, object);
}

void form_objects_refuse(struct form_objects *reading, struct form_place place, const char *why, slice original)
{
    if (reading->failed.kind == ERR_NONE)
        reading->failed = reading->sink->refused(reading->sink->context, place.line, place.column, why, original);
}

void form_objects_warn(struct form_objects *reading, struct form_place place, const char *why)
{
    if (++reading->warned <= FORM_WARNINGS_MAX && reading->sink->warned != NULL)
        reading->sink->warned(reading->sink->context, place.line, place.column, why);
}

/* ---- Bytes ---- */

/* The beginning that was looked at, and then the rest. */
struct resumed {
    slice head;
    const struct stix_stream *rest;
};

static struct err resumed_read(void *context, char *to, size_t room, size_t *got)
{
    struct resumed *resumed = context;
    if (resumed->head.len == 0)
        return resumed->rest->read(resumed->rest->context, to, room, got);
    *got = resumed->head.len < room ? resumed->head.len : room;
    memcpy(to, resumed->head.ptr, *got);
    resumed->head = slice_from(resumed->head, *got);
    return OK;
}

static struct err read_head(const struct stix_stream *stream, char head[HEAD_BYTES], size_t *len)
{
    size_t got = 1;
    for (*len = 0; got > 0 && *len < HEAD_BYTES; *len += got)
        TRY(stream->read(stream->context, head + *len, HEAD_BYTES - *len, &got));
    return OK;
}

static struct err grow(struct form_objects *reading, size_t *room)
{
    if (*room >= FORM_TEXT_MAX)
        return err_make(ERR_LIMIT, "the text is longer than 1073741824 bytes");
    size_t more = *room < BLOCK_BYTES ? BLOCK_BYTES : 2 * *room;
    more = more > FORM_TEXT_MAX ? FORM_TEXT_MAX : more;
    char *text = realloc(reading->text, more);
    if (text == NULL)
        return err_make(ERR_SYSTEM, "no memory for the text");
    reading->text = text;
    *room = more;
    return OK;
}

struct err form_objects_text(struct form_objects *reading, const struct stix_stream *stream, slice *text)
{
    size_t room = 0, len = 0, got = 1;
    while (got > 0) {
        if (len == room)
            TRY(grow(reading, &room));
        TRY(stream->read(stream->context, reading->text + len, room - len, &got));
        len += got;
    }
    *text = (slice){reading->text, len};
    return OK;
}

/* ---- Readings ---- */

static const struct form *form_of(const char *name, slice head)
{
    return name == NULL ? form_recognise(head) : form_find(slice_of(name));
}

static struct err read_as(struct form_objects *reading, const struct form *form, const struct stix_stream *stream)
{
    reading->form = form->name;
    reading->work = arena_open("objects", ARENA_WORK, FORM_WORK_MAX);
    reading->drops = drops_open();
    reading->checker = stix_checker_open();
    reading->json = buf_make(STIX_OBJECT_MAX);
    reading->meaning = buf_make(STIX_OBJECT_MAX);
    reading->scratch = buf_make(STIX_OBJECT_MAX);
    uuid_parse(S(FORM_NAMESPACE), &reading->namespace);
    struct err err = form->objects(reading, stream);
    drops_tell(reading);
    arena_close(reading->drops->names);
    arena_close(reading->work);
    stix_checker_close(reading->checker);
    buf_free(&reading->json);
    buf_free(&reading->meaning);
    buf_free(&reading->scratch);
    free(reading->text);
    return reading->failed.kind == ERR_NONE ? err : reading->failed;
}

struct err form_objects_read(const struct stix_stream *stream, const struct form_object_options *options,
        struct arena *arena, const struct form_object_sink *sink, const char **used)
{
    char head[HEAD_BYTES];
    struct resumed resumed = {.rest = stream, .head.ptr = head};
    const struct stix_stream whole = {&resumed, resumed_read};
    struct form_objects reading = {.sink = sink, .options = options, .messages = arena};
    *used = NULL;
    TRY(read_head(stream, head, &resumed.head.len));
    const struct form *form = form_of(options->form, resumed.head);
    if (form == NULL && options->form != NULL)
        return err_format(
                arena, ERR_INPUT, "%s is no form of intelligence: it is stix, misp, csv, list or text", options->form);
    if (form == NULL)
        return resumed.head.len == 0 ? err_make(ERR_INPUT, "it is empty")
                                     : err_make(ERR_INPUT, "neither STIX, MISP, CSV nor a list, by its beginning; "
                                                           "--as says what it is");
    *used = form->name;
    return read_as(&reading, form, &whole);
}
