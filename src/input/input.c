/* SPDX-License-Identifier: Apache-2.0 */
#include "input/input.h"

#include <errno.h>
#include <fcntl.h>
#include <isa-l/igzip_lib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "base/arena.h"

#define PACKED_CHUNK (256u << 10)
#define PIPE_BYTES (1 << 20) /* the default of 64 KiB is slower than the matcher */

struct unpacker {
    slice magic;
    struct err (*begin)(struct input *input);
    /* Unpacks what lies in input->packed; *got may be 0 if more packed bytes are needed. */
    struct err (*read)(struct input *input, char *to, size_t room, size_t *got);
    void (*end)(struct input *input);
};

struct input {
    const char *name;
    struct arena *arena;
    int fd;
    uint64_t done, total;
    uint64_t until;                  /* 0: all */
    const struct unpacker *unpacker; /* NULL: the bytes are as they are */
    bool inside;                     /* a packed member has begun and not ended */
    bool ended;                      /* no more bytes from the file */
    char *packed;                    /* the head of a plain file, or packed bytes not yet unpacked */
    size_t from, to;
    struct inflate_state gzip;
    struct isal_gzip_header gzip_header;
    ZSTD_DCtx *zstd;
};

static struct err file_read(struct input *input, char *to, size_t room, size_t *got)
{
    ssize_t n;
    if (input->until > 0 && room > input->until - input->done)
        room = (size_t)(input->until - input->done);
    do
        n = read(input->fd, to, room);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return err_errno(input->arena, input->name);
    *got = (size_t)n;
    input->done += (uint64_t)n;
    input->ended = n == 0;
    return OK;
}

static struct err damaged(struct input *input, const char *why)
{
    return err_format(input->arena, ERR_INPUT, "%s: %s", input->name, why);
}

/* ---- gzip, by ISA-L ---- */

static struct err gzip_begin(struct input *input)
{
    isal_inflate_init(&input->gzip);
    input->gzip.crc_flag = ISAL_GZIP;
    return OK;
}

static struct err gzip_read(struct input *input, char *to, size_t room, size_t *got)
{
    struct inflate_state *gzip = &input->gzip;
    if (!input->inside) {
        isal_inflate_reset(gzip);
        gzip->crc_flag = ISAL_GZIP;
        input->inside = true;
    }
    gzip->next_in = (uint8_t *)input->packed + input->from;
    gzip->avail_in = (uint32_t)(input->to - input->from);
    gzip->next_out = (uint8_t *)to;
    gzip->avail_out = (uint32_t)(room < UINT32_MAX ? room : UINT32_MAX);
    int answer = isal_inflate(gzip);
    input->from = input->to - gzip->avail_in;
    *got = (size_t)((char *)gzip->next_out - to);
    if (answer != ISAL_DECOMP_OK && answer != ISAL_END_INPUT)
        return damaged(input, "the gzip data is damaged [RFC 1952]");
    if (gzip->block_state == ISAL_BLOCK_FINISH)
        input->inside = false;
    return OK;
}

static void gzip_end(struct input *input)
{
    (void)input;
}

/* ---- zstd ---- */

static struct err zstd_begin(struct input *input)
{
    input->zstd = ZSTD_createDCtx();
    return input->zstd == NULL ? err_make(ERR_SYSTEM, "no memory for zstd") : OK;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): zstd writes there */
static struct err zstd_read(struct input *input, char *to, size_t room, size_t *got)
{
    ZSTD_inBuffer in = {input->packed, input->to, input->from};
    ZSTD_outBuffer out = {to, room, 0};
    size_t answer = ZSTD_decompressStream(input->zstd, &out, &in);
    input->from = in.pos;
    *got = out.pos;
    if (ZSTD_isError(answer))
        return damaged(input, "the zstd data is damaged [RFC 8878]");
    input->inside = answer != 0;
    return OK;
}

static void zstd_end(struct input *input)
{
    ZSTD_freeDCtx(input->zstd);
}

static const struct unpacker unpackers[] = {
        {{"\x1f\x8b", 2}, gzip_begin, gzip_read, gzip_end},
        {{"\x28\xb5\x2f\xfd", 4}, zstd_begin, zstd_read, zstd_end},
};

/* ---- The input ---- */

/* Reads until the magic of a packed file can be told. */
static struct err head_read(struct input *input)
{
    while (input->to < 4 && !input->ended) {
        size_t got = 0;
        TRY(file_read(input, input->packed + input->to, PACKED_CHUNK - input->to, &got));
        input->to += got;
    }
    slice head = {input->packed, input->to};
    for (size_t i = 0; i < COUNT_OF(unpackers); i++)
        if (slice_starts(head, unpackers[i].magic)) {
            input->unpacker = &unpackers[i];
            return input->unpacker->begin(input);
        }
    return OK;
}

struct err input_open_until(int fd, const char *name, uint64_t until, struct arena *arena, struct input **opened)
{
    struct input *input = arena_new(arena, struct input, 1);
    *input = (struct input){.name = name, .arena = arena, .fd = fd, .until = until};
    struct stat stat;
    if (input->fd < 0 || fstat(input->fd, &stat) != 0)
        return err_errno(arena, input->name);
    if (S_ISDIR(stat.st_mode)) {
        close(input->fd);
        return err_format(arena, ERR_INPUT, "%s: is a directory, not a file", name);
    }
    input->total = S_ISREG(stat.st_mode) ? (uint64_t)stat.st_size : 0;
    if (S_ISFIFO(stat.st_mode))
        (void)fcntl(input->fd, F_SETPIPE_SZ, PIPE_BYTES);
    (void)posix_fadvise(input->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    input->packed = malloc(PACKED_CHUNK);
    struct err err = input->packed == NULL ? err_make(ERR_SYSTEM, "no memory for an input") : head_read(input);
    if (err.kind != ERR_NONE) {
        input_close(input);
        return err;
    }
    *opened = input;
    return OK;
}

struct err input_open_fd(int fd, const char *name, struct arena *arena, struct input **opened)
{
    return input_open_until(fd, name, 0, arena, opened);
}

struct err input_open(const char *name, struct arena *arena, struct input **opened)
{
    bool standard = strcmp(name, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    return input_open_fd(fd, standard ? "(standard input)" : name, arena, opened);
}

void input_close(struct input *input)
{
    if (input == NULL)
        return;
    if (input->unpacker != NULL)
        input->unpacker->end(input);
    free(input->packed);
    if (input->fd != STDIN_FILENO)
        close(input->fd);
}

static struct err plain_read(struct input *input, char *to, size_t room, size_t *got)
{
    size_t waiting = input->to - input->from;
    if (waiting == 0)
        return file_read(input, to, room, got);
    *got = waiting < room ? waiting : room;
    memcpy(to, input->packed + input->from, *got);
    input->from += *got;
    return OK;
}

/* Whether the file ends where a packed member may end. Only another may follow one: zero bytes are refused. */
static struct err packed_end(struct input *input, size_t *got)
{
    *got = 0;
    return input->inside ? damaged(input, "the packed data ends early") : OK;
}

struct err input_read(struct input *input, char *to, size_t room, size_t *got)
{
    if (input->unpacker == NULL)
        return plain_read(input, to, room, got);
    for (*got = 0; *got == 0;) {
        if (input->from == input->to && !input->ended) {
            size_t more = 0;
            TRY(file_read(input, input->packed, PACKED_CHUNK, &more));
            input->from = 0;
            input->to = more;
        }
        bool starved = input->from == input->to && input->ended;
        if (starved && !input->inside)
            return packed_end(input, got);
        TRY(input->unpacker->read(input, to, room, got));
        if (starved && *got == 0)
            return packed_end(input, got);
    }
    return OK;
}

const char *input_name(const struct input *input)
{
    return input->name;
}

void input_progress(const struct input *input, uint64_t *done, uint64_t *total)
{
    *done = input->done;
    *total = input->total;
}

/* ---- The whole of a file ---- */

static struct err text_map(struct input *input, struct input_text *text, bool *mapped)
{
    *mapped = false;
    bool from_start = lseek(input->fd, 0, SEEK_CUR) == (off_t)input->done; /* standard input may be half read */
    if (input->unpacker != NULL || input->total == 0 || input->done > input->total || !from_start)
        return OK;
    void *memory = mmap(NULL, input->total, PROT_READ, MAP_PRIVATE | MAP_POPULATE, input->fd, 0);
    if (memory == MAP_FAILED)
        return OK; /* then it is read */
    *text = (struct input_text){{memory, input->total}, memory, input->total};
    *mapped = true;
    return OK;
}

static struct err text_read(struct input *input, size_t bytes_max, struct input_text *text)
{
    size_t room = 0, len = 0, got = 1;
    char *memory = NULL;
    struct err err = OK;
    while (got > 0 && err.kind == ERR_NONE) {
        if (room - len < PACKED_CHUNK) {
            room = room * 2 + 2 * PACKED_CHUNK;
            char *more = realloc(memory, room);
            if (more == NULL) {
                err = err_make(ERR_SYSTEM, "no memory for a file");
                break;
            }
            memory = more;
        }
        err = input_read(input, memory + len, room - len, &got);
        len += err.kind == ERR_NONE ? got : 0;
        if (len > bytes_max)
            err = err_format(input->arena, ERR_LIMIT, "%s: longer than %zu bytes", input->name, bytes_max);
    }
    *text = (struct input_text){{memory, len}, memory, 0};
    if (err.kind != ERR_NONE)
        input_text_free(text);
    return err;
}

struct err input_text(const char *name, size_t bytes_max, struct arena *arena, struct input_text *text)
{
    struct input *input;
    TRY(input_open(name, arena, &input));
    bool mapped = false;
    struct err err = input->total <= bytes_max
                             ? text_map(input, text, &mapped)
                             : err_format(arena, ERR_LIMIT, "%s: longer than %zu bytes", name, bytes_max);
    if (err.kind == ERR_NONE && !mapped)
        err = text_read(input, bytes_max, text);
    input_close(input);
    return err;
}

void input_text_free(struct input_text *text)
{
    if (text->mapped > 0)
        munmap(text->memory, text->mapped);
    else
        free(text->memory);
    *text = (struct input_text){0};
}
