/* SPDX-License-Identifier: Apache-2.0 */
/* What stands for pgp.c in a build without OpenPGP. */
#include "desk/pgp.h"

static struct err not_built(void)
{
    return err_make(ERR_INPUT, "this program was built without OpenPGP (meson -Dopenpgp=enabled): leave [mail] pgp-key "
                               "out");
}

struct err desk_pgp_sign(const char *key_file, slice bytes, struct arena *arena, slice *signature)
{
    (void)key_file;
    (void)bytes;
    (void)arena;
    (void)signature;
    return not_built();
}

struct err desk_pgp_fingerprint(const char *key_file, struct arena *arena, const char **fingerprint)
{
    (void)key_file;
    (void)arena;
    (void)fingerprint;
    return not_built();
}

struct err desk_pgp_clear_sign(const char *key_file, slice text, struct arena *arena, slice *whole)
{
    return desk_pgp_sign(key_file, text, arena, whole);
}

struct err desk_pgp_public(const char *key_file, struct arena *arena, slice *certificate)
{
    return desk_pgp_sign(key_file, S(""), arena, certificate);
}

struct err desk_pgp_make(const char *name, struct arena *arena, slice *secret)
{
    return desk_pgp_sign(name, S(""), arena, secret);
}
