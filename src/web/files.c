/* SPDX-License-Identifier: Apache-2.0 */
#include "web/files.h"

#include <assert.h>
#include <pthread.h>

#include "base/arena.h"
#include "web/pages.h"

#define TEMPLATES_MAX 128
#define TEMPLATES_BYTES (8u << 20) /* of all of them, read */

/* ---- Templates ---- */

static struct template *templates[TEMPLATES_MAX];
static pthread_once_t templates_once = PTHREAD_ONCE_INIT;

/* They live as long as the process, and so does their arena. */
static void read_all(void)
{
    static struct arena *arena;
    arena = arena_open("templates", ARENA_PROCESS, TEMPLATES_BYTES);
    for (size_t i = 0; web_texts[i].name != NULL; i++) {
        assert(i < TEMPLATES_MAX);
        struct err err = mustache_read(web_texts[i].name, web_texts[i].text, arena, &templates[i]);
        if (err.kind != ERR_NONE)
            fprintf(stderr, "%s\n", err.why);
        assert(err.kind == ERR_NONE);
    }
}

const struct template *web_template(slice name)
{
    pthread_once(&templates_once, read_all);
    for (size_t i = 0; web_texts[i].name != NULL; i++)
        if (slice_eq(name, slice_of(web_texts[i].name)))
            return templates[i]; // cppcheck-suppress CastIntegerToAddressAtReturn ; it takes the name for a keyword
    return NULL;
}

/* ---- Static files ---- */

/* By the end of a name. */
static const struct {
    const char *end, *type;
} types[] = {
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".svg", "image/svg+xml"},
};

static slice type_of(slice name)
{
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (slice_ends(name, slice_of(types[i].end)))
            return slice_of(types[i].type);
    return S("application/octet-stream");
}

const char *web_static_path(const char *name, struct arena *arena)
{
    const struct web_static *file = web_statics;
    while (file->name != NULL && strcmp(file->name, name) != 0)
        file++;
    assert(file->name != NULL);
    return arena_printf(arena, "/static/%s", file->hashed);
}

const struct web_static *web_static_find(slice hashed)
{
    for (const struct web_static *file = web_statics; file->name != NULL; file++)
        if (slice_eq(hashed, slice_of(file->hashed)))
            return file;
    return NULL;
}

/* Whether a list of entity tags has this one (RFC 9110 section 13.1.2). */
static bool has_tag(slice list, slice tag)
{
    slice piece, rest = list;
    while (rest.ptr != NULL && slice_next(&rest, ',', &piece)) {
        piece = slice_trim(piece);
        if (slice_starts(piece, S("W/")))
            piece = slice_from(piece, 2);
        if (slice_eq(piece, S("*")) || slice_eq(piece, tag))
            return true;
    }
    return false;
}

/* Whether the client takes gzip (RFC 9110 section 12.5.3), which all browsers do: only a plain "gzip" counts. */
static bool takes_gzip(const struct http_request *request)
{
    slice piece, rest = http_header(request, S("accept-encoding"), NULL);
    while (rest.ptr != NULL && slice_next(&rest, ',', &piece))
        if (slice_eq(slice_trim(piece), S("gzip")))
            return true;
    return false;
}

struct err web_static(struct ask *ask)
{
    const struct web_static *file = web_static_find(ask->parts[0]);
    if (file == NULL)
        return err_make(ERR_MISSING, "there is no such file; its name changes with its bytes, so load the page anew");
    struct http_reply *reply = ask->reply;
    slice tag = slice_of(arena_printf(ask->arena, "\"%s\"", file->hashed));
    http_reply_header(reply, S("Cache-Control"), S("public, max-age=31536000, immutable"));
    http_reply_header(reply, S("ETag"), tag);
    http_reply_header(reply, S("Vary"), S("Accept-Encoding"));
    reply->status = has_tag(http_header(ask->request, S("if-none-match"), NULL), tag) ? 304 : 200;
    if (reply->status == 304)
        return OK;
    bool packed = takes_gzip(ask->request);
    if (packed)
        http_reply_header(reply, S("Content-Encoding"), S("gzip"));
    reply->type = type_of(slice_of(file->name));
    reply->fixed = packed ? file->packed : file->bytes;
    return OK;
}
