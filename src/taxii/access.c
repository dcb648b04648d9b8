/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/access.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"

/* The files of a peer: keys/peer-7.token and the like. */
static const struct {
    const char *end;
    size_t at; /* in struct taxii_files */
    bool secret;
} kept[] = {
        {"password", offsetof(struct taxii_files, password), true},
        {"token", offsetof(struct taxii_files, token), true},
        {"certificate", offsetof(struct taxii_files, certificate), false},
        {"key", offsetof(struct taxii_files, key), true},
        {"ca", offsetof(struct taxii_files, ca), false},
};

static const char **file_at(struct taxii_files *files, size_t row)
{
    return (const char **)(void *)((char *)files + kept[row].at);
}

/* `whose`: "peer", "partner". */
static const char *path_of(const char *folder, const char *whose, int64_t number, size_t row, struct arena *arena)
{
    return arena_printf(arena, "%s/%s-%lld.%s", folder, whose, (long long)number, kept[row].end);
}

/* ---- Reading ---- */

static struct err read_fd(int fd, const char *file, size_t most, struct arena *arena, slice *text)
{
    char *room = arena_new(arena, char, most + 1);
    size_t len = 0;
    for (ssize_t got = 1; got > 0 && len <= most;) {
        got = read(fd, room + len, most + 1 - len);
        if (got < 0 && errno != EINTR)
            return err_errno(arena, file);
        len += got > 0 ? (size_t)got : 0;
        got = got < 0 ? 1 : got;
    }
    if (len > most)
        return err_format(arena, ERR_LIMIT, "%s is longer than %zu bytes", file, most);
    *text = (slice){room, len};
    return OK;
}

static struct err file_read(const char *file, bool secret, size_t most, struct arena *arena, slice *text)
{
    struct stat stat_of;
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return err_errno(arena, file);
    struct err err = OK;
    if (fstat(fd, &stat_of) != 0)
        err = err_errno(arena, file);
    else if (secret && S_ISREG(stat_of.st_mode) && (stat_of.st_mode & 077) != 0)
        err = err_format(arena, ERR_DENIED, "%s: others on this machine may read it; say `chmod 600 %s`", file, file);
    if (err.kind == ERR_NONE)
        err = read_fd(fd, file, most, arena, text);
    close(fd);
    return err;
}

/* One line of text. */
static struct err secret_read(const char *file, struct arena *arena, slice *secret)
{
    TRY(file_read(file, true, TAXII_SECRET_MAX, arena, secret));
    while (slice_ends(*secret, S("\n")) || slice_ends(*secret, S("\r")))
        secret->len--;
    for (size_t i = 0; i < secret->len; i++)
        if ((unsigned char)secret->ptr[i] < ' ' || secret->ptr[i] == 0x7F)
            return err_format(arena, ERR_INPUT, "%s is not one line of text", file);
    return secret->len > 0 ? OK : err_format(arena, ERR_INPUT, "%s is empty", file);
}

static const char *basic(const char *account, slice password, struct arena *arena)
{
    const char *both = arena_printf(arena, "%s:%.*s", account, (int)password.len, password.ptr);
    size_t room = sodium_base64_ENCODED_LEN(strlen(both), sodium_base64_VARIANT_ORIGINAL);
    char *text = arena_new(arena, char, room);
    sodium_bin2base64(text, room, (const unsigned char *)both, strlen(both), sodium_base64_VARIANT_ORIGINAL);
    return arena_printf(arena, "Basic %s", text);
}

static struct err files_check(const struct taxii_files *files)
{
    int ways = (files->password != NULL) + (files->token != NULL) + (files->certificate != NULL);
    if (ways > 1)
        return err_make(
                ERR_INPUT, "one of --password-file, --token-file and --certificate: a server is shown one thing");
    if ((files->account == NULL) != (files->password == NULL))
        return err_make(ERR_INPUT, "--user and --password-file go together [RFC 7617 section 2]");
    if ((files->key != NULL) != (files->certificate != NULL))
        return err_make(ERR_INPUT, "--certificate and --key go together");
    if (files->account != NULL && strpbrk(files->account, ":\r\n") != NULL)
        return err_make(ERR_INPUT, "a user's name has no colon [RFC 7617 section 2]");
    return OK;
}

struct err taxii_access_read(const struct taxii_files *files, struct arena *arena, struct taxii_access *access)
{
    slice secret, pem;
    *access = (struct taxii_access){.certificate = files->certificate, .key = files->key, .ca = files->ca};
    TRY(files_check(files));
    if (files->password != NULL) {
        TRY(secret_read(files->password, arena, &secret));
        access->kind = PEER_PASSWORD;
        access->authorization = basic(files->account, secret, arena);
    } else if (files->token != NULL) {
        TRY(secret_read(files->token, arena, &secret));
        access->kind = PEER_TOKEN;
        access->authorization = arena_printf(arena, "Bearer %.*s", (int)secret.len, secret.ptr);
    } else if (files->certificate != NULL) {
        TRY(file_read(files->certificate, false, TAXII_PEM_MAX, arena, &pem));
        TRY(file_read(files->key, true, TAXII_PEM_MAX, arena, &pem));
        access->kind = PEER_CERTIFICATE;
    }
    return OK;
}

/* ---- Keeping ---- */

static struct err file_write(const char *path, slice text, struct arena *arena)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err_errno(arena, path);
    bool fine = fchmod(fd, 0600) == 0 && write(fd, text.ptr, text.len) == (ssize_t)text.len && fsync(fd) == 0;
    struct err err = fine ? OK : err_errno(arena, path);
    close(fd);
    return err;
}

static struct err folder_sync(const char *folder, struct arena *arena)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct err err = fd < 0 || fsync(fd) != 0 ? err_errno(arena, folder) : OK;
    if (fd >= 0)
        close(fd);
    return err;
}

static struct err keep(
        const struct taxii_files *files, const char *folder, const char *whose, int64_t number, struct arena *arena)
{
    struct taxii_files from = *files;
    for (size_t i = 0; i < COUNT_OF(kept); i++) {
        const char *file = *file_at(&from, i);
        slice text;
        if (file == NULL)
            continue;
        TRY(file_read(file, kept[i].secret, TAXII_PEM_MAX, arena, &text));
        TRY(file_write(path_of(folder, whose, number, i, arena), text, arena));
    }
    return folder_sync(folder, arena);
}

struct err taxii_access_keep(const struct taxii_files *files, const char *folder, int64_t number, struct arena *arena)
{
    return keep(files, folder, "peer", number, arena);
}

#define ACCOUNT_FILE "%s/partner-%lld.account"

struct err taxii_access_keep_partner(
        const struct taxii_files *files, const char *folder, int64_t number, struct arena *arena)
{
    TRY(files_check(files));
    if (files->account != NULL)
        TRY(file_write(arena_printf(arena, ACCOUNT_FILE, folder, (long long)number), slice_of(files->account), arena));
    return keep(files, folder, "partner", number, arena);
}

struct taxii_files taxii_access_partner(const char *folder, int64_t number, struct arena *arena)
{
    struct taxii_files files = {0};
    slice account;
    for (size_t i = 0; i < COUNT_OF(kept); i++) {
        const char *path = path_of(folder, "partner", number, i, arena);
        if (access(path, F_OK) == 0)
            *file_at(&files, i) = path;
    }
    const char *path = arena_printf(arena, ACCOUNT_FILE, folder, (long long)number);
    if (files.password != NULL && secret_read(path, arena, &account).kind == ERR_NONE)
        files.account = arena_cstr(arena, account);
    return files;
}

struct taxii_files taxii_access_of(const char *folder, const struct peer *peer, struct arena *arena)
{
    struct taxii_files files = {0};
    const bool has[] = {peer->credentials == PEER_PASSWORD, peer->credentials == PEER_TOKEN,
            peer->credentials == PEER_CERTIFICATE, peer->credentials == PEER_CERTIFICATE, peer->own_ca};
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        if (has[i])
            *file_at(&files, i) = path_of(folder, "peer", peer->number, i, arena);
    if (has[0])
        files.account = arena_cstr(arena, peer->account);
    return files;
}

void taxii_access_drop(const char *folder, int64_t number, struct arena *arena)
{
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        unlink(path_of(folder, "peer", number, i, arena));
}
