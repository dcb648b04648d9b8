/* SPDX-License-Identifier: Apache-2.0 */
#include "base/password.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"

/* What libsodium recommends for people who log in: with more, a few log-ins at once would take all memory. */
#define EFFORT crypto_pwhash_argon2id_OPSLIMIT_INTERACTIVE
#define MEMORY crypto_pwhash_argon2id_MEMLIMIT_INTERACTIVE

_Static_assert((size_t)PASSWORD_HASH_BYTES == crypto_pwhash_argon2id_STRBYTES, "a hash is as long as libsodium's");

static void start(void)
{
    int started = sodium_init(); /* may be called often, and from any thread */
    assert(started >= 0);
    (void)started;
}

/* Characters as UTF-8 counts them: bytes that begin one. */
static size_t characters(slice text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    return count;
}

static bool has_control(slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7F)
            return true;
    return false;
}

struct err password_check(slice password, slice user)
{
    if (has_control(password))
        return err_make(ERR_INPUT, "the password is not one line of text; write it alone into the file");
    if (characters(password) < PASSWORD_CHARACTERS_MIN)
        return err_make(ERR_INPUT, "the password is shorter than 12 characters; a few words in a row make a good one");
    if (password.len > PASSWORD_BYTES_MAX)
        return err_make(ERR_INPUT, "the password is longer than 1024 bytes");
    if (slice_eq_fold(password, user))
        return err_make(ERR_INPUT, "the password is the name of the user; choose another");
    return OK;
}

struct err password_hash(slice password, char hash[PASSWORD_HASH_BYTES])
{
    start();
    if (crypto_pwhash_argon2id_str(hash, password.ptr, password.len, EFFORT, MEMORY) != 0)
        return err_make(ERR_SYSTEM, "no memory to hash a password: 64 MiB are needed for a moment");
    return OK;
}

/* The hash as a C string, or false: it cannot be one of ours. */
static bool hash_text(slice hash, char text[PASSWORD_HASH_BYTES])
{
    if (hash.len >= PASSWORD_HASH_BYTES)
        return false;
    memset(text, 0, PASSWORD_HASH_BYTES);
    if (hash.len > 0)
        memcpy(text, hash.ptr, hash.len);
    return slice_starts(hash, S("$argon2id$"));
}

bool password_verify(slice password, slice hash)
{
    char text[PASSWORD_HASH_BYTES];
    start();
    return hash_text(hash, text) && crypto_pwhash_argon2id_str_verify(text, password.ptr, password.len) == 0;
}

/* ---- From a file ---- */

/* Others could have read it, and still could. A pipe or a terminal has no such others. */
static struct err open_checked(const char *file, struct arena *arena, int *fd)
{
    struct stat stat_of;
    *fd = strcmp(file, "-") == 0 ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
    if (*fd < 0 || fstat(*fd, &stat_of) != 0)
        return err_errno(arena, file);
    if (*fd == STDIN_FILENO || !S_ISREG(stat_of.st_mode) || (stat_of.st_mode & 077) == 0)
        return OK;
    return err_format(arena, ERR_DENIED, "%s may be read by others than its owner; chmod 600 %s", file, file);
}

static struct err read_all(int fd, const char *file, struct arena *arena, slice *text)
{
    const size_t room = PASSWORD_BYTES_MAX + 2; /* the end of the line, and one too many to be fine */
    char *bytes = arena_take(arena, room);
    size_t len = 0;
    for (;;) {
        ssize_t got = read(fd, bytes + len, room - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_errno(arena, file);
        len += (size_t)got;
        if (got == 0 || len == room)
            break;
    }
    *text = (slice){bytes, len};
    return OK;
}

struct err password_read(const char *file, struct arena *arena, slice *password)
{
    int fd;
    slice text = {0};
    struct err err = open_checked(file, arena, &fd);
    if (err.kind == ERR_NONE)
        err = read_all(fd, file, arena, &text);
    if (fd > STDIN_FILENO)
        close(fd);
    TRY(err);
    if (slice_ends(text, S("\n")))
        text.len--;
    if (slice_ends(text, S("\r")))
        text.len--;
    *password = text;
    return OK;
}

void password_forget(slice password)
{
    if (password.len > 0)
        sodium_memzero((char *)(uintptr_t)password.ptr, password.len);
}
