/* SPDX-License-Identifier: Apache-2.0 */
#include "http/body.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"

struct http_body http_body_make(const char *folder, uint64_t bytes_max)
{
    return (struct http_body){.memory = buf_make((size_t)bytes_max), .folder = folder, .max = bytes_max};
}

void http_body_free(struct http_body *body)
{
    if (body->mapped != NULL)
        munmap(body->mapped, (size_t)body->len);
    if (body->file > 0)
        close(body->file);
    buf_free(&body->memory);
    *body = (struct http_body){0};
}

/* From here on it lies in a file. */
static bool move(struct http_body *body)
{
    int file = open(body->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0)
        return false;
    if (!file_write(file, buf_slice(&body->memory))) {
        close(file);
        return false;
    }
    buf_free(&body->memory);
    body->file = file;
    return true;
}

enum http_body_put http_body_put(struct http_body *body, slice bytes)
{
    if (bytes.len > body->max - body->len)
        return HTTP_BODY_TOO_LARGE;
    if (body->file == 0 && body->folder != NULL && body->len + bytes.len > HTTP_BODY_MEMORY_MAX && !move(body))
        return HTTP_BODY_NO_ROOM;
    if (body->file > 0) {
        if (!file_write(body->file, bytes))
            return HTTP_BODY_NO_ROOM;
    } else {
        buf_put(&body->memory, bytes);
        if (body->memory.full)
            return HTTP_BODY_TOO_LARGE;
    }
    body->len += bytes.len;
    return HTTP_BODY_KEPT;
}

bool http_body_whole(struct http_body *body, slice *text)
{
    if (body->file == 0) {
        *text = buf_slice(&body->memory);
        return true;
    }
    if (body->mapped == NULL) {
        /* Nobody else has the file, so nobody can cut it short under the mapping. */
        void *mapped = mmap(NULL, (size_t)body->len, PROT_READ, MAP_PRIVATE, body->file, 0);
        if (mapped == MAP_FAILED)
            return false;
        body->mapped = mapped;
    }
    *text = (slice){body->mapped, (size_t)body->len};
    return true;
}
