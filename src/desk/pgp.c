/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/pgp.h"

#include <rnp/rnp.h>
#include <rnp/rnp_err.h>

#include "base/arena.h"

/* What librnp opened for one signature; closed together. */
struct keys {
    rnp_ffi_t ffi;
    rnp_input_t file, input;
    rnp_output_t output;
    rnp_identifier_iterator_t each;
    rnp_key_handle_t key, subkey;
    rnp_op_sign_t sign;
};

static void keys_close(struct keys *keys)
{
    rnp_op_sign_destroy(keys->sign);
    rnp_key_handle_destroy(keys->subkey);
    rnp_key_handle_destroy(keys->key);
    rnp_identifier_iterator_destroy(keys->each);
    rnp_output_destroy(keys->output);
    rnp_input_destroy(keys->input);
    rnp_input_destroy(keys->file);
    rnp_ffi_destroy(keys->ffi);
}

static struct err bad_key(struct arena *arena, const char *file, const char *what)
{
    return err_format(arena, ERR_INPUT, "%s: %s; look at [mail] pgp-key", file, what);
}

/* The first secret key of the file that can sign. */
static struct err key_find(struct keys *keys, const char *file, struct arena *arena)
{
    const char *id = NULL;
    bool secret = false, signs = false, locked = true;
    if (rnp_ffi_create(&keys->ffi, "GPG", "GPG") != RNP_SUCCESS)
        return err_make(ERR_SYSTEM, "librnp cannot start");
    if (rnp_input_from_path(&keys->file, file) != RNP_SUCCESS)
        return bad_key(arena, file, "cannot be read");
    if (rnp_import_keys(keys->ffi, keys->file, RNP_LOAD_SAVE_PUBLIC_KEYS | RNP_LOAD_SAVE_SECRET_KEYS, NULL) !=
            RNP_SUCCESS)
        return bad_key(arena, file, "holds no OpenPGP keys");
    if (rnp_identifier_iterator_create(keys->ffi, &keys->each, "fingerprint") != RNP_SUCCESS)
        return err_make(ERR_SYSTEM, "librnp cannot list keys");
    while (!(secret && signs) && rnp_identifier_iterator_next(keys->each, &id) == RNP_SUCCESS && id != NULL) {
        rnp_key_handle_destroy(keys->key);
        keys->key = NULL;
        if (rnp_locate_key(keys->ffi, "fingerprint", id, &keys->key) != RNP_SUCCESS || keys->key == NULL ||
                rnp_key_have_secret(keys->key, &secret) != RNP_SUCCESS ||
                rnp_key_allows_usage(keys->key, "sign", &signs) != RNP_SUCCESS)
            secret = false;
    }
    if (!secret || !signs)
        return bad_key(arena, file, "holds no secret key that signs");
    if (rnp_key_is_locked(keys->key, &locked) != RNP_SUCCESS || locked)
        return bad_key(arena, file, "is locked by a password, which a server has nobody to ask for");
    return OK;
}

static struct err written(struct keys *keys, struct arena *arena, slice *text)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    if (rnp_output_memory_get_buf(keys->output, &bytes, &len, false) != RNP_SUCCESS)
        return err_make(ERR_SYSTEM, "librnp gives nothing back");
    *text = arena_copy(arena, (slice){(const char *)bytes, len});
    return OK;
}

static struct err bytes_sign(struct keys *keys, bool clear, slice bytes, struct arena *arena, slice *text)
{
    if (rnp_input_from_memory(&keys->input, (const uint8_t *)bytes.ptr, bytes.len, false) != RNP_SUCCESS ||
            rnp_output_to_memory(&keys->output, 0) != RNP_SUCCESS)
        return err_make(ERR_SYSTEM, "librnp has no memory");
    rnp_result_t made = clear ? rnp_op_sign_cleartext_create(&keys->sign, keys->ffi, keys->input, keys->output)
                              : rnp_op_sign_detached_create(&keys->sign, keys->ffi, keys->input, keys->output);
    if (made != RNP_SUCCESS || (!clear && rnp_op_sign_set_armor(keys->sign, true) != RNP_SUCCESS) ||
            rnp_op_sign_set_hash(keys->sign, "SHA256") != RNP_SUCCESS ||
            rnp_op_sign_add_signature(keys->sign, keys->key, NULL) != RNP_SUCCESS ||
            rnp_op_sign_execute(keys->sign) != RNP_SUCCESS)
        return err_make(ERR_SYSTEM, "librnp could not sign");
    return written(keys, arena, text);
}

struct err desk_pgp_sign(const char *key_file, slice bytes, struct arena *arena, slice *signature)
{
    struct keys keys = {0};
    struct err err = key_find(&keys, key_file, arena);
    if (err.kind == ERR_NONE)
        err = bytes_sign(&keys, false, bytes, arena, signature);
    keys_close(&keys);
    return err;
}

/* What is signed are lines without their ends (section 7.1), so ends of one kind change nothing. */
static slice lines_end_alike(slice text, struct arena *arena)
{
    char *made = arena_take(arena, 2 * text.len + 1), *at = made;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\r')
            continue;
        if (text.ptr[i] == '\n')
            *at++ = '\r';
        *at++ = text.ptr[i];
    }
    return (slice){made, (size_t)(at - made)};
}

struct err desk_pgp_clear_sign(const char *key_file, slice text, struct arena *arena, slice *whole)
{
    struct keys keys = {0};
    struct err err = key_find(&keys, key_file, arena);
    if (slice_ends(text, S("\n"))) /* the last end of line is no part of what is signed: librnp writes its own */
        text.len--;
    if (err.kind == ERR_NONE)
        err = bytes_sign(&keys, true, text, arena, whole);
    keys_close(&keys);
    TRY(err);
    *whole = lines_end_alike(*whole, arena);
    return OK;
}

/* As people compare it: groups of four digits. */
static const char *grouped(const char *digits, struct arena *arena)
{
    size_t len = strlen(digits);
    char *text = arena_take(arena, 2 * len + 1), *at = text;
    for (size_t i = 0; i < len; i++) {
        if (i > 0 && i % 4 == 0)
            *at++ = ' ';
        *at++ = digits[i];
    }
    return text;
}

struct err desk_pgp_fingerprint(const char *key_file, struct arena *arena, const char **fingerprint)
{
    struct keys keys = {0};
    char *digits = NULL;
    struct err err = key_find(&keys, key_file, arena);
    if (err.kind == ERR_NONE && rnp_key_get_fprint(keys.key, &digits) != RNP_SUCCESS)
        err = err_make(ERR_SYSTEM, "librnp cannot tell the fingerprint of a key");
    if (err.kind == ERR_NONE)
        *fingerprint = grouped(digits, arena);
    rnp_buffer_destroy(digits);
    keys_close(&keys);
    return err;
}

static struct err key_write(struct keys *keys, uint32_t what, struct arena *arena, slice *text)
{
    if (rnp_output_to_memory(&keys->output, 0) != RNP_SUCCESS ||
            rnp_key_export(keys->key, keys->output, RNP_KEY_EXPORT_ARMORED | RNP_KEY_EXPORT_SUBKEYS | what) !=
                    RNP_SUCCESS)
        return err_make(ERR_SYSTEM, "librnp could not write a key");
    return written(keys, arena, text);
}

struct err desk_pgp_public(const char *key_file, struct arena *arena, slice *certificate)
{
    struct keys keys = {0};
    struct err err = key_find(&keys, key_file, arena);
    if (err.kind == ERR_NONE)
        err = key_write(&keys, RNP_KEY_EXPORT_PUBLIC, arena, certificate);
    keys_close(&keys);
    return err;
}

struct err desk_pgp_make(const char *name, struct arena *arena, slice *secret)
{
    struct keys keys = {0};
    struct err err = OK;
    if (rnp_ffi_create(&keys.ffi, "GPG", "GPG") != RNP_SUCCESS ||
            rnp_generate_key_25519(keys.ffi, name, NULL, &keys.key) != RNP_SUCCESS ||
            rnp_key_set_expiration(keys.key, 0) != RNP_SUCCESS ||
            rnp_key_get_subkey_at(keys.key, 0, &keys.subkey) != RNP_SUCCESS ||
            rnp_key_set_expiration(keys.subkey, 0) != RNP_SUCCESS)
        err = err_make(ERR_SYSTEM, "librnp could not make a key");
    if (err.kind == ERR_NONE)
        err = key_write(&keys, RNP_KEY_EXPORT_SECRET, arena, secret);
    keys_close(&keys);
    return err;
}
