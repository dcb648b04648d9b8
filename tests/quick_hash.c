/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loaded into the programs of a scene before libsodium: hashes of passwords, the same argon2id, with the least effort
 * that it knows. A scene makes a dozen of them, of 64 MiB each, only to say who does something; the effort itself is
 * held to account by src/base/password_test.c, and by the scenes that tests/meson.build names.
 */
#include <dlfcn.h>
#include <sodium.h>

#define EFFORT crypto_pwhash_argon2id_OPSLIMIT_MIN
#define MEMORY crypto_pwhash_argon2id_MEMLIMIT_MIN

int crypto_pwhash_argon2id_str(char hash[crypto_pwhash_argon2id_STRBYTES], const char *const password,
        unsigned long long bytes, unsigned long long effort, size_t memory)
{
    int (*libsodium)(char *, const char *, unsigned long long, unsigned long long, size_t) = NULL;
    (void)effort;
    (void)memory;
    *(void **)&libsodium = dlsym(RTLD_NEXT, __func__);
    return libsodium(hash, password, bytes, EFFORT, MEMORY);
}
