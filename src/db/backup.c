/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What backup and restore have in common: the new file or database is made beside its place, synced, and only then put
 * there, so that nobody ever finds a half. doc/why/backup.md says why the two engines have a format each.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "db/postgres.h"

#define COPY_BYTES ((size_t)1 << 20)
#define SEAL "kentongan backup "
#define SEAL_BYTES ((int)(sizeof SEAL - 1 + 2 * sizeof(struct sha256) + 1))

static const struct {
    enum db_engine engine;
    slice magic;
    const char *name;
} kinds[] = {
        {DB_SQLITE, {"SQLite format 3", 16}, "SQLite"}, /* with its NUL */
        {DB_POSTGRES, {BACKUP_TABLES, sizeof BACKUP_TABLES - 1}, "PostgreSQL"},
};

/* ---- A file that appears whole ---- */

static struct err file_sync(const char *path, int flags, struct arena *arena)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
    struct err err = fd < 0 || fsync(fd) != 0 ? err_errno(arena, path) : OK;
    if (fd >= 0)
        close(fd);
    return err;
}

static const char *folder_of(const char *path, struct arena *arena)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - path);
    return slash == NULL ? "." : len == 0 ? "/" : arena_cstr(arena, (slice){path, len});
}

static struct err is_free(const char *path, struct arena *arena)
{
    if (access(path, F_OK) == 0)
        return err_format(arena, ERR_CONFLICT, "%s is there already: move it away or take another name", path);
    return errno == ENOENT ? OK : err_errno(arena, path);
}

/* An empty file beside `path` that only its owner may read. */
static struct err part_make(const char *path, struct arena *arena, char **part)
{
    slice name = slice_of(arena_printf(arena, "%s.XXXXXX", path));
    char *made = memcpy(arena_take(arena, name.len + 1), name.ptr, name.len + 1);
    int fd = mkostemp(made, O_CLOEXEC);
    if (fd < 0)
        return err_errno(arena, path);
    close(fd);
    *part = made;
    return OK;
}

/* Not all file systems can rename without replacing; there the look at the beginning has to do. */
static struct err part_place(const char *part, const char *path, struct arena *arena)
{
    TRY(file_sync(part, 0, arena));
    int failed = renameat2(AT_FDCWD, part, AT_FDCWD, path, RENAME_NOREPLACE);
    if (failed != 0 && (errno == EINVAL || errno == ENOSYS))
        failed = rename(part, path);
    if (failed != 0 && errno == EEXIST)
        return is_free(path, arena);
    if (failed != 0)
        return err_errno(arena, path);
    return file_sync(folder_of(path, arena), O_DIRECTORY, arena);
}

/* ---- The seal: SQLite cannot tell that a byte of a value is another, so its image ends in a line of ours ---- */

/*
 * The digest of the first `bytes`: that of each block is over the digest before it and the block. They are copied to a
 * second file on the way, if there is one (`to` is not -1).
 */
struct image {
    int from, to;
    const struct db_told *told;
    struct arena *arena;
    struct buf block; /* the digest so far, then bytes */
};

#define DIGEST sizeof(struct sha256)

static struct err block_read(struct image *image, uint64_t done, size_t wanted)
{
    char *data = image->block.ptr + DIGEST;
    errno = EIO; /* should it be shorter than it was */
    if (pread(image->from, data, wanted, (off_t)done) != (ssize_t)wanted)
        return err_errno(image->arena, "reading the backup");
    struct sha256 digest = hash_sha256((slice){image->block.ptr, DIGEST + wanted});
    memcpy(image->block.ptr, digest.bytes, DIGEST);
    errno = ENOSPC; /* should only a part be written */
    if (image->to >= 0 && write(image->to, data, wanted) != (ssize_t)wanted)
        return err_errno(image->arena, "writing the database");
    return OK;
}

static struct err image_read(
        int from, int to, uint64_t bytes, const struct db_told *told, struct arena *arena, struct sha256 *digest)
{
    struct image image = {from, to, told, arena, buf_make(DIGEST + COPY_BYTES)};
    struct err err = buf_reserve(&image.block, DIGEST + COPY_BYTES) ? OK : buf_check(&image.block);
    if (err.kind == ERR_NONE)
        memset(image.block.ptr, 0, DIGEST);
    for (uint64_t done = 0; done < bytes && err.kind == ERR_NONE;) {
        size_t wanted = bytes - done < COPY_BYTES ? (size_t)(bytes - done) : COPY_BYTES;
        err = block_read(&image, done, wanted);
        done += wanted;
        if (told != NULL && told->progress != NULL)
            told->progress(told->context, done, bytes);
    }
    if (err.kind == ERR_NONE)
        memcpy(digest->bytes, image.block.ptr, DIGEST);
    buf_free(&image.block);
    return err;
}

static void seal_write(const struct sha256 *digest, char seal[SEAL_BYTES + 1])
{
    static const char HEX[] = "0123456789abcdef";
    memcpy(seal, SEAL, sizeof SEAL - 1);
    for (size_t i = 0; i < sizeof digest->bytes; i++) {
        seal[sizeof SEAL - 1 + 2 * i] = HEX[digest->bytes[i] >> 4];
        seal[sizeof SEAL + 2 * i] = HEX[digest->bytes[i] & 15];
    }
    seal[SEAL_BYTES - 1] = '\n';
    seal[SEAL_BYTES] = '\0';
}

static struct err seal_put(const char *path, struct arena *arena)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
    struct sha256 digest;
    char seal[SEAL_BYTES + 1];
    struct err err = size < 0 ? err_errno(arena, path) : image_read(fd, -1, (uint64_t)size, NULL, arena, &digest);
    if (err.kind == ERR_NONE) {
        seal_write(&digest, seal);
        err = write(fd, seal, SEAL_BYTES) == SEAL_BYTES ? OK : err_errno(arena, path);
    }
    if (fd >= 0)
        close(fd);
    return err;
}

/* Copies the image and holds it against its seal. */
static struct err sealed_copy(int from, int to, const char *path, const struct db_told *told, struct arena *arena)
{
    off_t size = lseek(from, 0, SEEK_END);
    struct sha256 digest;
    char seal[SEAL_BYTES + 1], found[SEAL_BYTES];
    if (size < SEAL_BYTES || pread(from, found, SEAL_BYTES, size - SEAL_BYTES) != SEAL_BYTES)
        return err_format(arena, ERR_INPUT, "%s is damaged: it ends before its end", path);
    TRY(image_read(from, to, (uint64_t)(size - SEAL_BYTES), told, arena, &digest));
    seal_write(&digest, seal);
    return memcmp(seal, found, SEAL_BYTES) == 0
                   ? OK
                   : err_format(arena, ERR_INPUT, "%s is damaged: its digest is another", path);
}

static struct err file_copy(const char *path, const char *to, const struct db_told *told, struct arena *arena)
{
    int in = open(path, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CLOEXEC);
    struct err err = in < 0 ? err_errno(arena, path) : out < 0 ? err_errno(arena, to) : OK;
    if (err.kind == ERR_NONE)
        err = sealed_copy(in, out, path, told, arena);
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return err;
}

/* ---- Backup ---- */

struct err db_backup(struct db *db, const char *path, db_progress *progress, void *context, struct arena *arena)
{
    const struct db_told told = {progress, context};
    char *part = NULL;
    TRY(is_free(path, arena));
    TRY(part_make(path, arena, &part));
    struct err err = db->driver->backup(db, part, &told);
    if (err.kind == ERR_NONE && db->driver->engine == DB_SQLITE)
        err = seal_put(part, arena);
    if (err.kind == ERR_NONE)
        err = part_place(part, path, arena);
    if (err.kind != ERR_NONE)
        unlink(part);
    return err.kind == ERR_NONE ? OK : err_make(err.kind, arena_cstr(arena, slice_of(err.why)));
}

/* ---- Restore ---- */

static struct err kind_find(const char *path, struct arena *arena, size_t *kind)
{
    char start[32] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, start, sizeof start);
    struct err err = got < 0 ? err_errno(arena, path) : OK;
    if (fd >= 0)
        close(fd);
    TRY(err);
    for (*kind = 0; *kind < COUNT_OF(kinds); (*kind)++)
        if (slice_starts((slice){start, (size_t)got}, kinds[*kind].magic))
            return OK;
    return err_format(arena, ERR_INPUT, "%s is no backup of a node's database", path);
}

/* Sound, ours, and as new as the program: looked at before it gets its name. */
static struct err copy_check(const char *part, const struct db_schema *schema, struct arena *arena)
{
    struct db *db;
    const char *looked_at;
    TRY(db_open(&(struct db_options){.where = part}, arena, &db));
    struct err err = db_check(db, true, arena, &looked_at);
    if (err.kind == ERR_NONE)
        err = db_migrate(db, schema->migrations, schema->count, arena);
    if (err.kind != ERR_NONE)
        err = err_format(arena, err.kind, "the backup cannot be used: %s", err.why);
    db_close(db);
    return err;
}

static void part_drop(const char *part, struct arena *arena)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < COUNT_OF(endings); i++)
        unlink(arena_printf(arena, "%s%s", part, endings[i]));
}

static struct err restore_file(const char *path, const char *where, const struct db_schema *schema,
        const struct db_told *told, struct arena *arena)
{
    char *part = NULL;
    TRY(is_free(where, arena));
    TRY(is_free(arena_printf(arena, "%s-wal", where), arena)); /* it would be taken for this file's */
    TRY(part_make(where, arena, &part));
    struct err err = file_copy(path, part, told, arena);
    if (err.kind == ERR_NONE)
        err = copy_check(part, schema, arena);
    if (err.kind == ERR_NONE)
        err = part_place(part, where, arena);
    if (err.kind != ERR_NONE)
        part_drop(part, arena);
    return err;
}

static struct err restore_tables(const char *path, const char *where, const struct db_schema *schema,
        const struct db_told *told, struct arena *arena)
{
    struct db *db;
    TRY(db_open(&(struct db_options){.where = where}, arena, &db));
    struct err err = postgres_restore(db, path, schema, told, arena);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    db_close(db);
    return err;
}

struct err db_restore(const char *path, const char *where, const struct db_migration *migrations, size_t count,
        db_progress *progress, void *context, struct arena *arena)
{
    const struct db_schema schema = {migrations, count};
    const struct db_told told = {progress, context};
    enum db_engine engine = db_is_url(where) ? DB_POSTGRES : DB_SQLITE;
    size_t kind;
    TRY(kind_find(path, arena, &kind));
    if (kinds[kind].engine != engine)
        return err_format(
                arena, ERR_INPUT, "%s is a backup of a %s database, restore it into one", path, kinds[kind].name);
    return (engine == DB_SQLITE ? restore_file : restore_tables)(path, where, &schema, &told, arena);
}
