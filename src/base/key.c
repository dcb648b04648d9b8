/* SPDX-License-Identifier: Apache-2.0 */
#include "base/key.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"

/* The bytes before the 32 of the key, which are always the same for Ed25519 (RFC 8410 sections 4 and 7, in DER). */
static const uint8_t der_secret[16] = {
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
static const uint8_t der_public[12] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

struct armour {
    slice begin, end;
    const uint8_t *der;
    size_t der_len;
};

static const struct armour armour_secret = {
        {"-----BEGIN PRIVATE KEY-----\n", 28}, {"\n-----END PRIVATE KEY-----", 26}, der_secret, sizeof der_secret};
static const struct armour armour_public = {
        {"-----BEGIN PUBLIC KEY-----\n", 27}, {"\n-----END PUBLIC KEY-----", 25}, der_public, sizeof der_public};

static void start(void)
{
    int started = sodium_init(); /* may be called often, and from any thread */
    assert(started >= 0);
    (void)started;
}

void key_new(struct key_pair *pair)
{
    start();
    crypto_sign_keypair(pair->public.bytes, pair->secret);
}

void key_forget(struct key_pair *pair)
{
    sodium_memzero(pair, sizeof *pair);
}

void key_sign(const struct key_pair *pair, slice message, uint8_t signature[KEY_SIGNATURE_BYTES])
{
    start();
    crypto_sign_detached(signature, NULL, (const uint8_t *)message.ptr, message.len, pair->secret);
}

bool key_verify(const struct key_public *public, slice message, slice signature)
{
    start();
    return signature.len == KEY_SIGNATURE_BYTES &&
           crypto_sign_verify_detached(
                   (const uint8_t *)signature.ptr, (const uint8_t *)message.ptr, message.len, public->bytes) == 0;
}

/* ---- PEM (RFC 7468) ---- */

static bool unarmour(const struct armour *armour, slice pem, uint8_t key[32])
{
    uint8_t der[sizeof der_secret + 33];
    size_t len = 0;
    pem = slice_trim(pem);
    if (!slice_starts(pem, armour->begin) || !slice_ends(pem, armour->end))
        return false;
    if (pem.len < armour->begin.len + armour->end.len)
        return false;
    slice middle = slice_part(pem, armour->begin.len, pem.len - armour->end.len);
    bool fine = sodium_base642bin(der, sizeof der, middle.ptr, middle.len, "\r\n", &len, NULL,
                        sodium_base64_VARIANT_ORIGINAL) == 0 &&
                len == armour->der_len + 32 && memcmp(der, armour->der, armour->der_len) == 0;
    if (fine)
        memcpy(key, der + armour->der_len, 32);
    sodium_memzero(der, sizeof der);
    return fine;
}

static void put_armoured(struct buf *buf, const struct armour *armour, const uint8_t key[32])
{
    uint8_t der[sizeof der_secret + 32];
    char text[sodium_base64_ENCODED_LEN(sizeof der_secret + 32, sodium_base64_VARIANT_ORIGINAL)];
    memcpy(der, armour->der, armour->der_len);
    memcpy(der + armour->der_len, key, 32);
    sodium_bin2base64(text, sizeof text, der, armour->der_len + 32, sodium_base64_VARIANT_ORIGINAL);
    buf_put(buf, armour->begin);
    buf_put(buf, slice_of(text));
    buf_put(buf, armour->end);
    buf_byte(buf, '\n');
    sodium_memzero(der, sizeof der);
    sodium_memzero(text, sizeof text);
}

bool key_parse(slice pem, struct key_pair *pair)
{
    uint8_t seed[32];
    start();
    if (!unarmour(&armour_secret, pem, seed))
        return false;
    crypto_sign_seed_keypair(pair->public.bytes, pair->secret, seed);
    sodium_memzero(seed, sizeof seed);
    return true;
}

bool key_public_parse(slice pem, struct key_public *public)
{
    return unarmour(&armour_public, pem, public->bytes);
}

void key_write(struct buf *buf, const struct key_pair *pair)
{
    put_armoured(buf, &armour_secret, pair->secret); /* the seed stands first */
}

void key_public_write(struct buf *buf, const struct key_public *public)
{
    put_armoured(buf, &armour_public, public->bytes);
}

/* ---- Files ---- */

/* A small file; `secret`: nobody but its owner may read it. */
static struct err read_file(const char *file, bool secret, struct arena *arena, char *text, size_t room, size_t *len)
{
    struct stat stat_of;
    struct err err = OK;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(arena, file);
    ssize_t got = fstat(fd, &stat_of) == 0 ? read(fd, text, room) : -1;
    if (got < 0)
        err = err_errno(arena, file);
    else if (secret && (stat_of.st_mode & 077) != 0)
        err = err_format(arena, ERR_DENIED,
                "%s may be read by others than its owner: chmod 600 %s, and think of who "
                "may have read it",
                file, file);
    close(fd);
    *len = got < 0 ? 0 : (size_t)got;
    return err;
}

struct err key_read(const char *file, struct arena *arena, struct key_pair *pair)
{
    char text[KEY_PEM_MAX];
    size_t len = 0;
    struct err err = read_file(file, true, arena, text, sizeof text, &len);
    if (err.kind == ERR_NONE && !key_parse((slice){text, len}, pair))
        err = err_format(arena, ERR_INPUT, "%s is no Ed25519 private key in PEM [RFC 8410 section 7]", file);
    sodium_memzero(text, sizeof text);
    return err;
}

struct err key_public_read(const char *file, struct arena *arena, struct key_public *public)
{
    char text[KEY_PEM_MAX];
    size_t len;
    TRY(read_file(file, false, arena, text, sizeof text, &len));
    if (!key_public_parse((slice){text, len}, public))
        return err_format(arena, ERR_INPUT, "%s is no Ed25519 public key in PEM [RFC 8410 section 4]", file);
    return OK;
}

struct err key_file_write(const char *file, unsigned mode, slice text, struct arena *arena)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0 && errno == EEXIST)
        return err_format(arena, ERR_CONFLICT, "%s is there already", file);
    if (fd < 0)
        return err_errno(arena, file);
    bool fine = write(fd, text.ptr, text.len) == (ssize_t)text.len && fsync(fd) == 0;
    struct err err = fine ? OK : err_errno(arena, file);
    if (close(fd) != 0 && err.kind == ERR_NONE)
        err = err_errno(arena, file);
    return err;
}

struct err key_save(const struct key_pair *pair, const char *secret_file, const char *public_file, struct arena *arena)
{
    struct buf buf = buf_make(KEY_PEM_MAX);
    key_write(&buf, pair);
    struct err err = key_file_write(secret_file, 0600, buf_slice(&buf), arena);
    sodium_memzero(buf.ptr, buf.len);
    buf_reset(&buf);
    key_public_write(&buf, &pair->public);
    if (err.kind == ERR_NONE)
        err = key_file_write(public_file, 0644, buf_slice(&buf), arena);
    buf_free(&buf);
    return err;
}
