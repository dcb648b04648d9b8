/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <assert.h>

#include "base/buf.h"

enum {
    ALIGN = 16,
    CHUNK_LEAST = 4 << 10,
    CHUNK_MOST = 1 << 20, /* larger things get a chunk of their own */
};

struct chunk {
    struct chunk *next;
    size_t cap;
    size_t used;
    _Alignas(ALIGN) char bytes[];
};

struct arena {
    const char *name;
    enum arena_kind kind;
    size_t bytes_max;
    size_t used;
    size_t chunk_bytes; /* of the next ordinary chunk: doubles up to CHUNK_MOST */
    struct chunk *head; /* the one we take from; the others are kept only to be freed */
    char full_why[96];  /* ready from the start, since a full arena has no room for it */
};

static _Noreturn void stop(const char *name, const char *why)
{
    fprintf(stderr, "kentongan: arena %s: %s\n", name, why);
    abort();
}

static struct chunk *chunk_make(const struct arena *arena, size_t cap)
{
    struct chunk *chunk = malloc(sizeof(*chunk) + cap);
    if (chunk == NULL)
        stop(arena->name, "the system has no memory left");
    *chunk = (struct chunk){.cap = cap};
    return chunk;
}

/* A chunk with room for `bytes`. The head stays the head if this one is made for a single large thing. */
static struct chunk *chunk_add(struct arena *arena, size_t bytes)
{
    if (bytes > arena->chunk_bytes / 2 && arena->head != NULL) {
        struct chunk *single = chunk_make(arena, bytes);
        single->next = arena->head->next;
        arena->head->next = single;
        return single;
    }
    struct chunk *chunk = chunk_make(arena, bytes > arena->chunk_bytes ? bytes : arena->chunk_bytes);
    if (arena->chunk_bytes < CHUNK_MOST)
        arena->chunk_bytes *= 2;
    chunk->next = arena->head;
    arena->head = chunk;
    return chunk;
}

static void count_use(struct arena *arena, size_t bytes)
{
    size_t ceiling = arena->kind == ARENA_WORK ? arena->bytes_max * 2 : arena->bytes_max;
    if (bytes > ceiling || arena->used > ceiling - bytes)
        stop(arena->name, "grew past its ceiling");
    arena->used += bytes;
}

/* Memory that still holds what was there before. */
static char *take_dirty(struct arena *arena, size_t bytes)
{
    if (bytes > SIZE_MAX - ALIGN)
        stop(arena->name, "asked for more bytes than exist");
    size_t rounded = bytes == 0 ? ALIGN : (bytes + ALIGN - 1) / ALIGN * ALIGN;
    count_use(arena, rounded);
    struct chunk *chunk = arena->head;
    if (chunk == NULL || chunk->cap - chunk->used < rounded)
        chunk = chunk_add(arena, rounded);
    char *taken = chunk->bytes + chunk->used;
    chunk->used += rounded;
    return taken;
}

static void free_chunks(struct chunk *chunk)
{
    while (chunk != NULL) {
        struct chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
}

struct arena *arena_open(const char *name, enum arena_kind kind, size_t bytes_max)
{
    assert(bytes_max <= SIZE_MAX / 2);
    struct arena *arena = malloc(sizeof(*arena));
    if (arena == NULL)
        stop(name, "the system has no memory left");
    *arena = (struct arena){.name = name, .kind = kind, .bytes_max = bytes_max, .chunk_bytes = CHUNK_LEAST};
    snprintf(arena->full_why, sizeof(arena->full_why), "%s: needs more than its ceiling of %zu bytes", name, bytes_max);
    return arena;
}

void arena_close(struct arena *arena)
{
    if (arena == NULL)
        return;
    free_chunks(arena->head);
    free(arena);
}

void arena_reset(struct arena *arena)
{
    arena->used = 0;
    if (arena->head == NULL)
        return;
    free_chunks(arena->head->next);
    arena->head->next = NULL;
    arena->head->used = 0;
}

bool arena_full(const struct arena *arena)
{
    return arena->used > arena->bytes_max;
}

struct err arena_check(const struct arena *arena)
{
    return arena_full(arena) ? err_make(ERR_LIMIT, arena->full_why) : OK;
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}

void *arena_take(struct arena *arena, size_t bytes)
{
    return memset(take_dirty(arena, bytes), 0, bytes);
}

void *arena_take_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        stop(arena->name, "asked for more bytes than exist");
    return arena_take(arena, bytes);
}

slice arena_copy(struct arena *arena, slice s)
{
    if (s.len == 0)
        return S("");
    return (slice){memcpy(take_dirty(arena, s.len), s.ptr, s.len), s.len};
}

slice arena_hex(struct arena *arena, slice bytes)
{
    struct buf out = {.ptr = arena_take(arena, 2 * bytes.len + 1), .cap = 2 * bytes.len, .max = 2 * bytes.len};
    buf_hex(&out, bytes);
    return buf_slice(&out);
}

const char *arena_cstr(struct arena *arena, slice s)
{
    char *text = take_dirty(arena, s.len + 1);
    if (s.len > 0)
        memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    return text;
}

const char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

const char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    assert(len >= 0);
    char *text = take_dirty(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}
