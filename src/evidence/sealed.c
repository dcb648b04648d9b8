/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file is its mark, the header of libsodium's secretstream, and pieces of PIECE bytes (the last one shorter), each
 * with its tag. The last one is tagged as such, so that one that was cut off, or went on, is seen.
 */
#include "evidence/sealed.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"

#define PIECE ((size_t)64 << 10)
#define ADDED crypto_secretstream_xchacha20poly1305_ABYTES
#define HEADER crypto_secretstream_xchacha20poly1305_HEADERBYTES
#define PART ".part-" /* of names of files that are being written */
#define START S("kentongan evidence 1\n")
#define MARK_BYTES 8 /* of the mark that stand in the name */

_Static_assert(EVIDENCE_SHA512 == crypto_hash_sha512_BYTES, "SHA-512");
_Static_assert(sizeof(struct sha256) == crypto_secretstream_xchacha20poly1305_KEYBYTES, "a hash is as long as a key");

struct sha256 evidence_mark(const struct evidence_sealed *sealed)
{
    return hash_sha256((slice){(const char *)sealed->seal, EVIDENCE_SEAL});
}

static const char *place_of(
        const char *folder, const struct sha256 *digest, const struct sha256 *mark, struct arena *arena)
{
    char name[2 * sizeof *digest + 1], which[2 * MARK_BYTES + 1];
    sodium_bin2hex(name, sizeof name, digest->bytes, sizeof digest->bytes);
    sodium_bin2hex(which, sizeof which, mark->bytes, MARK_BYTES);
    return arena_printf(arena, "%s/%.2s/%s-%s", folder, name, name + 2, which);
}

const char *evidence_place(const char *folder, const struct evidence_sealed *sealed, struct arena *arena)
{
    struct sha256 mark = evidence_mark(sealed);
    return place_of(folder, &sealed->digest, &mark, arena);
}

/* A name is on disk when its folder is. */
static struct err folder_sync(const char *folder, struct arena *arena)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(arena, folder);
    struct err err = fsync(fd) == 0 ? OK : err_errno(arena, folder);
    close(fd);
    return err;
}

static const char *folder_of(const char *file, struct arena *arena)
{
    return arena_printf(arena, "%.*s", (int)(strrchr(file, '/') - file), file);
}

/* ---- Putting ---- */

struct putting {
    const char *folder, *part; /* the file while it is written */
    const struct evidence_source *source;
    struct evidence_sealed *sealed;
    struct arena *arena;
    int fd;
    struct sha256_sum *sum;
    crypto_hash_sha512_state sum_512;
    crypto_secretstream_xchacha20poly1305_state stream;
    char plain[2][PIECE]; /* the next one is read before one is written: the last has to be known as the last */
    size_t len[2];
    uint8_t closed[PIECE + ADDED];
};

static struct err piece_read(struct putting *putting, int which)
{
    size_t len = 0, got = 1;
    while (len < PIECE && got > 0) {
        TRY(putting->source->read(putting->source->context, putting->plain[which] + len, PIECE - len, &got));
        len += got;
    }
    putting->len[which] = len;
    putting->sealed->bytes += len;
    if (putting->sealed->bytes > EVIDENCE_BYTES_MAX)
        return err_make(ERR_LIMIT, "an item of evidence has at most 1 TiB; take the image in parts");
    hash_sha256_put(putting->sum, (slice){putting->plain[which], len});
    crypto_hash_sha512_update(&putting->sum_512, (const unsigned char *)putting->plain[which], len);
    return OK;
}

static struct err piece_write(struct putting *putting, int which, bool last)
{
    crypto_secretstream_xchacha20poly1305_push(&putting->stream, putting->closed, NULL,
            (const unsigned char *)putting->plain[which], putting->len[which], NULL, 0,
            last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
    if (file_write(putting->fd, (slice){(const char *)putting->closed, putting->len[which] + ADDED}))
        return OK;
    return err_errno(putting->arena, putting->part);
}

static struct err stream_write(struct putting *putting, const struct sha256 *key)
{
    uint8_t header[HEADER];
    int which = 0;
    crypto_secretstream_xchacha20poly1305_init_push(&putting->stream, header, key->bytes);
    if (!file_write(putting->fd, START) || !file_write(putting->fd, (slice){(const char *)header, HEADER}))
        return err_errno(putting->arena, putting->part);
    TRY(piece_read(putting, which));
    if (putting->len[which] == 0)
        return err_make(ERR_INPUT, "there is not one byte to take");
    while (putting->len[which] > 0) {
        TRY(piece_read(putting, 1 - which));
        TRY(piece_write(putting, which, putting->len[1 - which] == 0));
        which = 1 - which;
    }
    return fsync(putting->fd) == 0 ? OK : err_errno(putting->arena, putting->part);
}

/* From the name under which it was written to its own. */
static struct err settle(struct putting *putting)
{
    const char *place = evidence_place(putting->folder, putting->sealed, putting->arena);
    const char *folder = folder_of(place, putting->arena);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return err_errno(putting->arena, folder);
    TRY(folder_sync(putting->folder, putting->arena));
    if (rename(putting->part, place) != 0)
        return err_errno(putting->arena, place);
    putting->part = place;
    return folder_sync(folder, putting->arena);
}

static struct err put(struct putting *putting, const struct sha256 *node_key)
{
    struct sha256 key;
    hash_random(&key, sizeof key);
    putting->sum = hash_sha256_begin();
    crypto_hash_sha512_init(&putting->sum_512);
    struct err err = stream_write(putting, &key);
    putting->sealed->digest = hash_sha256_end(putting->sum);
    crypto_hash_sha512_final(&putting->sum_512, putting->sealed->digest_512);
    seal_close(node_key, sha256_slice(&putting->sealed->digest), sha256_slice(&key), putting->sealed->seal);
    sodium_memzero(&key, sizeof key);
    return err.kind == ERR_NONE ? settle(putting) : err;
}

struct err evidence_put(const char *folder, const struct sha256 *key, const struct evidence_source *source,
        struct arena *arena, struct evidence_sealed *sealed)
{
    struct evidence_sealed made = {.bytes = 0};
    size_t room = strlen(folder) + sizeof "/" PART "XXXXXX";
    char *part = arena_take(arena, room);
    snprintf(part, room, "%s/" PART "XXXXXX", folder);
    struct putting *putting = arena_new(arena, struct putting, 1);
    *putting = (struct putting){.folder = folder, .part = part, .source = source, .sealed = &made, .arena = arena};
    if (sodium_init() < 0) /* chooses the registers; once, whoever asks first */
        return err_make(ERR_SYSTEM, "libsodium does not start");
    putting->fd = mkostemp(part, O_CLOEXEC); /* 0600 */
    if (putting->fd < 0)
        return err_errno(arena, folder);
    struct err err = put(putting, key);
    if (close(putting->fd) != 0 && err.kind == ERR_NONE)
        err = err_errno(arena, part);
    if (err.kind != ERR_NONE)
        unlink(putting->part);
    else
        *sealed = made;
    sodium_memzero(putting, sizeof *putting);
    return err;
}

/* ---- Getting ---- */

struct getting {
    const char *place;
    const struct evidence_sealed *sealed;
    const struct evidence_sink *sink;
    struct arena *arena;
    int fd;
    struct sha256_sum *sum;
    crypto_secretstream_xchacha20poly1305_state stream;
    uint8_t closed[PIECE + ADDED], plain[PIECE];
    uint64_t bytes;
};

static struct err broken(const struct getting *getting, const char *why)
{
    return err_format(getting->arena, ERR_CONFLICT, "%s: %s: it is not what was sealed", getting->place, why);
}

static struct err bytes_read(const struct getting *getting, uint8_t *to, size_t room, size_t *got)
{
    size_t len = 0;
    while (len < room) {
        ssize_t now = read(getting->fd, to + len, room - len);
        if (now < 0 && errno == EINTR)
            continue;
        if (now < 0)
            return err_errno(getting->arena, getting->place);
        if (now == 0)
            break;
        len += (size_t)now;
    }
    *got = len;
    return OK;
}

static struct err piece_open(struct getting *getting, size_t len, bool *last)
{
    unsigned long long plain;
    unsigned char tag;
    slice piece;
    if (len < ADDED || crypto_secretstream_xchacha20poly1305_pull(
                               &getting->stream, getting->plain, &plain, &tag, getting->closed, len, NULL, 0) != 0)
        return err_format(getting->arena, ERR_CONFLICT,
                "%s: a byte of the piece behind %" PRIu64 " bytes was changed: it is not what was sealed",
                getting->place, getting->bytes);
    piece = (slice){(const char *)getting->plain, (size_t)plain};
    *last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    getting->bytes += plain;
    hash_sha256_put(getting->sum, piece);
    return getting->sink == NULL ? OK : getting->sink->take(getting->sink->context, piece);
}

static struct err stream_read(struct getting *getting, const struct sha256 *key)
{
    uint8_t head[sizeof "kentongan evidence 1\n" - 1 + HEADER];
    size_t got = 0, more = 0;
    bool last = false;
    TRY(bytes_read(getting, head, sizeof head, &got));
    if (got != sizeof head || memcmp(head, START.ptr, START.len) != 0 ||
            crypto_secretstream_xchacha20poly1305_init_pull(&getting->stream, head + START.len, key->bytes) != 0)
        return broken(getting, "its beginning was changed");
    while (!last) {
        TRY(bytes_read(getting, getting->closed, sizeof getting->closed, &got));
        if (got == 0)
            return broken(getting, "its end is missing");
        TRY(piece_open(getting, got, &last));
    }
    TRY(bytes_read(getting, getting->closed, 1, &more));
    return more == 0 ? OK : broken(getting, "something stands behind its end");
}

static struct err get(struct getting *getting, const struct sha256 *node_key)
{
    struct sha256 key;
    if (!seal_open(node_key, sha256_slice(&getting->sealed->digest),
                (slice){(const char *)getting->sealed->seal, EVIDENCE_SEAL}, key.bytes))
        return broken(getting, "its key was not sealed by this node for these bytes");
    getting->sum = hash_sha256_begin();
    struct err err = stream_read(getting, &key);
    struct sha256 digest = hash_sha256_end(getting->sum);
    sodium_memzero(&key, sizeof key);
    TRY(err);
    if (memcmp(&digest, &getting->sealed->digest, sizeof digest) != 0 || getting->bytes != getting->sealed->bytes)
        return broken(getting, "its bytes have another digest");
    return OK;
}

struct err evidence_get(const char *folder, const struct sha256 *key, const struct evidence_sealed *sealed,
        const struct evidence_sink *sink, struct arena *arena)
{
    struct getting *getting = arena_new(arena, struct getting, 1);
    *getting = (struct getting){
            .place = evidence_place(folder, sealed, arena), .sealed = sealed, .sink = sink, .arena = arena};
    getting->fd = open(getting->place, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (getting->fd < 0)
        return err_errno(arena, getting->place);
    struct err err = get(getting, key);
    close(getting->fd);
    sodium_memzero(getting, sizeof *getting);
    return err;
}

/* ---- Taking away ---- */

struct err evidence_drop(
        const char *folder, const struct sha256 *digest, const struct sha256 *mark, struct arena *arena)
{
    const char *place = place_of(folder, digest, mark, arena);
    if (unlink(place) == 0)
        return folder_sync(folder_of(place, arena), arena);
    return errno == ENOENT ? OK : err_errno(arena, place);
}

struct err evidence_sweep(const char *folder, int64_t before_us, struct arena *arena, size_t *count)
{
    struct err err = OK;
    struct stat about;
    DIR *dir = opendir(folder);
    *count = 0;
    if (dir == NULL)
        return err_errno(arena, folder);
    for (struct dirent *entry = readdir(dir); entry != NULL && err.kind == ERR_NONE; entry = readdir(dir)) {
        if (!slice_starts(slice_of(entry->d_name), S(PART)))
            continue;
        const char *path = arena_printf(arena, "%s/%s", folder, entry->d_name);
        if (stat(path, &about) != 0 || about.st_mtime >= before_us / 1000000)
            continue;
        err = unlink(path) == 0 ? OK : err_errno(arena, path);
        *count += err.kind == ERR_NONE;
    }
    closedir(dir);
    return err;
}
