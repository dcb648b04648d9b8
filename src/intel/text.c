/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "http/client.h"

#define STEP (256u << 10)

bool intel_text_is_url(slice location)
{
    slice scheme = {location.ptr, location.len < 8 ? location.len : 8};
    return slice_eq_fold(scheme, S("https://")) ||
           (scheme.len > 7 && slice_eq_fold(slice_part(scheme, 0, 7), S("http://")));
}

/* ---- Fetching ---- */

struct spool {
    const struct intel_fetch *fetch;
    struct arena *arena;
    int fd;
    uint64_t bytes, bytes_max;
};

/* The file loses its name at once, so that it is gone whatever happens to us. */
static struct err spool_make(struct spool *spool)
{
    char *name = arena_new(spool->arena, char, strlen(spool->fetch->folder) + 32);
    snprintf(name, strlen(spool->fetch->folder) + 32, "%s/.feed-XXXXXX", spool->fetch->folder);
    spool->fd = mkostemp(name, O_CLOEXEC);
    if (spool->fd < 0)
        return err_errno(spool->arena, spool->fetch->folder);
    unlink(name);
    return OK;
}

static struct err body(void *context, slice bytes)
{
    struct spool *spool = context;
    const struct intel_watch *watch = &spool->fetch->watch;
    if (watch->stop != NULL && watch->stop(watch->context))
        return err_make(ERR_CONFLICT, "stopped before its end; nothing of it was kept");
    spool->bytes += bytes.len;
    if (spool->bytes > spool->bytes_max)
        return err_format(spool->arena, ERR_LIMIT, "longer than %llu bytes", (unsigned long long)spool->bytes_max);
    while (bytes.len > 0) {
        ssize_t written = write(spool->fd, bytes.ptr, bytes.len);
        if (written < 0 && errno != EINTR)
            return err_errno(spool->arena, spool->fetch->folder);
        bytes = slice_from(bytes, written > 0 ? (size_t)written : 0);
    }
    return OK;
}

static struct err fetch_url(struct spool *spool, const struct text_want *want, struct text *text)
{
    struct http_client *client = want->direct ? spool->fetch->direct : spool->fetch->client;
    struct http_answer answer;
    const struct http_get get = {
            .url = want->location, .etag = want->etag, .modified = want->modified, .context = spool, .body = body};
    if (client == NULL)
        return err_make(ERR_SYSTEM, "this program fetches nothing by http");
    TRY(http_client_get(client, &get, spool->arena, &answer));
    *text = (struct text){answer.unchanged, text->name, answer.etag, answer.modified, spool->fd};
    return OK;
}

static struct err open_path(const struct text_want *want, struct arena *arena, struct text *text)
{
    text->fd = open(want->location, O_RDONLY | O_CLOEXEC);
    return text->fd < 0 ? err_errno(arena, want->location) : OK;
}

struct err intel_text_open(
        const struct intel_fetch *fetch, const struct text_want *want, struct arena *arena, struct text *text)
{
    struct spool spool = {.fetch = fetch, .arena = arena, .fd = -1};
    struct text opened = {.name = want->location, .etag = "", .modified = "", .fd = -1};
    spool.bytes_max = want->bytes_max > 0 ? want->bytes_max : fetch->bytes_max;
    spool.bytes_max = spool.bytes_max > 0 ? spool.bytes_max : INTEL_BYTES_MAX;
    if (!intel_text_is_url(slice_of(want->location))) {
        TRY(open_path(want, arena, &opened));
        *text = opened;
        return OK;
    }
    opened.name = http_url_shown(want->location, arena);
    TRY(spool_make(&spool));
    struct err err = fetch_url(&spool, want, &opened);
    if (err.kind != ERR_NONE) {
        close(spool.fd);
        return err;
    }
    *text = opened;
    return OK;
}

void intel_text_close(struct text *text)
{
    if (text->fd >= 0)
        close(text->fd);
    text->fd = -1;
}

/* ---- Reading ---- */

struct err intel_text_input(const struct text *text, struct arena *arena, struct input **input)
{
    int fd = fcntl(text->fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0 || lseek(fd, 0, SEEK_SET) != 0) {
        struct err err = err_errno(arena, text->name);
        if (fd >= 0)
            close(fd);
        return err;
    }
    return input_open_fd(fd, text->name, arena, input);
}

/* All of it, through `take`. */
static struct err each(
        const struct text *text, struct arena *arena, struct err (*take)(void *context, slice bytes), void *context)
{
    char *block = arena_new(arena, char, STEP);
    struct input *input;
    size_t got = 1;
    TRY(intel_text_input(text, arena, &input));
    struct err err = OK;
    while (got > 0 && err.kind == ERR_NONE) {
        err = input_read(input, block, STEP, &got);
        if (err.kind == ERR_NONE)
            err = take(context, (slice){block, got});
    }
    input_close(input);
    return err;
}

static struct err take_sum(void *context, slice bytes)
{
    hash_sha256_put(context, bytes);
    return OK;
}

struct err intel_text_digest(const struct text *text, struct arena *arena, struct sha256 *digest)
{
    struct sha256_sum *sum = hash_sha256_begin();
    struct err err = each(text, arena, take_sum, sum);
    struct sha256 end = hash_sha256_end(sum);
    if (err.kind == ERR_NONE)
        *digest = end;
    return err;
}

static struct err take_buf(void *context, slice bytes)
{
    buf_put(context, bytes);
    return buf_check(context);
}

struct err intel_text_all(const struct text *text, size_t bytes_max, struct arena *arena, slice *all)
{
    struct buf buf = buf_make(bytes_max);
    struct err err = each(text, arena, take_buf, &buf);
    if (err.kind == ERR_LIMIT)
        err = err_format(arena, ERR_LIMIT, "%s: longer than %zu bytes", text->name, bytes_max);
    if (err.kind == ERR_NONE)
        *all = arena_copy(arena, buf_slice(&buf));
    buf_free(&buf);
    return err;
}
