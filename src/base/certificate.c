/* SPDX-License-Identifier: Apache-2.0 */
#include "base/certificate.h"
#include "base/clock.h"

#include <gnutls/x509.h>

#include "base/arena.h"

/* GnuTLS gives what it made to us to free. */
static slice kept(struct arena *arena, const gnutls_datum_t *datum)
{
    slice copy = arena_copy(arena, (slice){(const char *)datum->data, datum->size});
    gnutls_free(datum->data);
    return copy;
}

static bool describe(gnutls_x509_crt_t from, struct arena *arena, struct certificate *certificate)
{
    gnutls_datum_t der, subject;
    if (gnutls_x509_crt_export2(from, GNUTLS_X509_FMT_DER, &der) < 0)
        return false;
    certificate->fingerprint = hash_sha256(kept(arena, &der));
    size_t key_bytes = sizeof certificate->key.bytes;
    if (gnutls_x509_crt_get_key_id(from, GNUTLS_KEYID_USE_SHA256, certificate->key.bytes, &key_bytes) < 0)
        return false;
    if (gnutls_x509_crt_get_dn3(from, &subject, 0) < 0)
        return false;
    certificate->subject = kept(arena, &subject);
    certificate->begins_us = (int64_t)gnutls_x509_crt_get_activation_time(from) * SECOND_US;
    certificate->expires_us = (int64_t)gnutls_x509_crt_get_expiration_time(from) * SECOND_US;
    return true;
}

struct err certificate_parse(slice pem, struct arena *arena, struct certificate *certificate)
{
    gnutls_datum_t text = {(unsigned char *)(uintptr_t)pem.ptr, (unsigned)pem.len};
    struct certificate read = {0};
    gnutls_x509_crt_t from;
    if (pem.len > CERTIFICATE_BYTES_MAX || gnutls_x509_crt_init(&from) < 0)
        return err_make(ERR_INPUT, "no certificate is as long as this");
    bool fine = gnutls_x509_crt_import(from, &text, GNUTLS_X509_FMT_PEM) >= 0 && describe(from, arena, &read);
    gnutls_x509_crt_deinit(from);
    if (!fine)
        return err_make(ERR_INPUT, "this is no certificate in PEM (-----BEGIN CERTIFICATE-----)");
    *certificate = read;
    return OK;
}

struct err certificate_read(const char *file, struct arena *arena, struct certificate *certificate)
{
    FILE *in = fopen(file, "rbe");
    if (in == NULL)
        return err_errno(arena, file);
    char *bytes = arena_take(arena, CERTIFICATE_BYTES_MAX + 1);
    size_t len = fread(bytes, 1, CERTIFICATE_BYTES_MAX + 1, in);
    struct err err = ferror(in) ? err_errno(arena, file) : OK;
    fclose(in);
    TRY(err);
    err = certificate_parse((slice){bytes, len}, arena, certificate);
    return err.kind == ERR_NONE ? OK : err_format(arena, err.kind, "%s: %s", file, err.why);
}
