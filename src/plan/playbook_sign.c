/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures of a playbook (CACAO 2.0 section 10.15, the JSON Signature Scheme of ITU-T X.590). What is signed is the
 * digest of the canonical JSON (RFC 8785) of the playbook with this signature alone, without its value. A signature
 * brings its key or its certificate along, so that it holds says that nothing was changed since; whose key that is,
 * people know by its SHA-256. One that is only named (cert_url, thumbprint) is not fetched.
 */
#include "plan/playbook_parts.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <sodium.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "json/jcs.h"
#include "json/read.h"

#define KEY_MAX 16384  /* bytes of a key or certificate in base64 */
#define VALUE_MAX 2048 /* bytes of a signature: RSA of 16384 bits */

static const struct {
    const char *name;
    gnutls_digest_algorithm_t hash;
} hashes[] = {{"sha-256", GNUTLS_DIG_SHA256}, {"sha-384", GNUTLS_DIG_SHA384}, {"sha-512", GNUTLS_DIG_SHA512}};

/* Those of RFC 7518 section 3.1 and RFC 8037 section 3.1 with a public key; `half`: bytes of r, and of s. */
static const struct {
    const char *name;
    gnutls_sign_algorithm_t sign;
    size_t half;
} algorithms[] = {
        {"RS256", GNUTLS_SIGN_RSA_SHA256, 0},
        {"RS384", GNUTLS_SIGN_RSA_SHA384, 0},
        {"RS512", GNUTLS_SIGN_RSA_SHA512, 0},
        {"PS256", GNUTLS_SIGN_RSA_PSS_SHA256, 0},
        {"PS384", GNUTLS_SIGN_RSA_PSS_SHA384, 0},
        {"PS512", GNUTLS_SIGN_RSA_PSS_SHA512, 0},
        {"ES256", GNUTLS_SIGN_ECDSA_SHA256, 32},
        {"ES384", GNUTLS_SIGN_ECDSA_SHA384, 48},
        {"ES512", GNUTLS_SIGN_ECDSA_SHA512, 66},
        {"Ed25519", GNUTLS_SIGN_EDDSA_ED25519, 0},
        {"Ed448", GNUTLS_SIGN_EDDSA_ED448, 0},
};

/* One signature being looked at. */
struct signing {
    struct plan_reading *reading;
    slice json; /* the signature's object */
    gnutls_digest_algorithm_t hash;
    gnutls_sign_algorithm_t sign;
    size_t half;
};

static slice text_of(const struct signing *signing, slice property)
{
    return json_text(json_get(signing->json, property), signing->reading->arena);
}

static gnutls_datum_t datum_of(slice s)
{
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)s.ptr, (unsigned)s.len};
}

static bool algorithm_find(struct signing *signing)
{
    slice hash = text_of(signing, S("hash_algorithm")), name = text_of(signing, S("algorithm"));
    bool hash_known = false;
    for (size_t i = 0; i < COUNT_OF(hashes); i++)
        if (slice_eq_fold(hash, slice_of(hashes[i].name))) {
            signing->hash = hashes[i].hash;
            hash_known = true;
        }
    for (size_t i = 0; hash_known && i < COUNT_OF(algorithms); i++)
        if (slice_eq(name, slice_of(algorithms[i].name))) {
            signing->sign = algorithms[i].sign;
            signing->half = algorithms[i].half;
            return true;
        }
    return false;
}

/* ---- What was signed ---- */

static void member_put(struct buf *out, slice key, slice value)
{
    if (out->len > 0 && out->ptr[out->len - 1] != '{')
        buf_byte(out, ',');
    buf_byte(out, '"');
    buf_put(out, key);
    buf_put(out, S("\":"));
    buf_put(out, value);
}

/* An object without two of its members. */
static void object_put(struct buf *out, slice object, slice without, slice and_without)
{
    struct json_members members = json_members(object);
    slice key, value;
    buf_byte(out, '{');
    while (json_member_next(&members, &key, &value))
        if (!json_key_is(key, without) && !json_key_is(key, and_without))
            member_put(out, key, value);
}

static struct err signed_digest(const struct signing *signing, uint8_t digest[64], size_t *bytes)
{
    struct buf plain = buf_make(2 * PLAN_PLAYBOOK_MAX), canonical = buf_make(2 * PLAN_PLAYBOOK_MAX),
               own = buf_make(PLAN_PLAYBOOK_MAX);
    object_put(&own, signing->json, S("value"), S("signature"));
    buf_byte(&own, '}');
    object_put(&plain, signing->reading->text, S("signatures"), S("signatures"));
    buf_put(&plain, S(",\"signatures\":["));
    buf_put(&plain, buf_slice(&own));
    buf_put(&plain, S("]}"));
    struct err err = json_canonical(buf_slice(&plain), signing->reading->arena, &canonical);
    if (err.kind == ERR_NONE)
        err = buf_check(&canonical);
    if (err.kind == ERR_NONE && gnutls_hash_fast(signing->hash, canonical.ptr, canonical.len, digest) < 0)
        err = err_make(ERR_INPUT, "the digest cannot be made");
    *bytes = gnutls_hash_get_len(signing->hash);
    buf_free(&plain);
    buf_free(&canonical);
    buf_free(&own);
    return err;
}

/* ---- Keys ---- */

static slice pem(struct arena *arena, const char *what, slice body)
{
    return slice_of(
            arena_printf(arena, "-----BEGIN %s-----\n%.*s\n-----END %s-----\n", what, (int)body.len, body.ptr, what));
}

static bool certificate_key(gnutls_pubkey_t key, slice text)
{
    gnutls_x509_crt_t certificate;
    gnutls_datum_t datum = datum_of(text);
    if (gnutls_x509_crt_init(&certificate) < 0)
        return false;
    bool fine = gnutls_x509_crt_import(certificate, &datum, GNUTLS_X509_FMT_PEM) >= 0 &&
                gnutls_pubkey_import_x509(key, certificate, 0) >= 0;
    gnutls_x509_crt_deinit(certificate);
    return fine;
}

/* False: what stands there is no key. *body: as it stands there; empty: none does. */
static bool key_import(const struct signing *signing, gnutls_pubkey_t key, slice *body)
{
    struct arena *arena = signing->reading->arena;
    struct json_elements chain = json_elements(json_get(signing->json, S("public_cert_chain")));
    slice first;
    *body = text_of(signing, S("public_key"));
    if (body->len == 0 && json_element_next(&chain, &first)) {
        *body = json_text(first, arena);
        return body->len <= KEY_MAX && certificate_key(key, pem(arena, "CERTIFICATE", *body));
    }
    gnutls_datum_t datum = datum_of(pem(arena, "PUBLIC KEY", *body));
    return body->len == 0 || (body->len <= KEY_MAX && gnutls_pubkey_import(key, &datum, GNUTLS_X509_FMT_PEM) >= 0);
}

static bool value_read(const struct signing *signing, uint8_t value[VALUE_MAX], size_t *bytes)
{
    slice text = text_of(signing, S("value"));
    while (slice_ends(text, S("=")))
        text.len--;
    return sodium_base642bin(value, VALUE_MAX, text.ptr, text.len, NULL, bytes, NULL,
                   sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
}

static bool verifies(const struct signing *signing, gnutls_pubkey_t key, slice digest, slice value)
{
    gnutls_datum_t data = datum_of(digest), sign = datum_of(value);
    if (signing->half == 0)
        return gnutls_pubkey_verify_data2(key, signing->sign, 0, &data, &sign) >= 0;
    if (value.len != 2 * signing->half)
        return false;
    gnutls_datum_t r = datum_of(slice_part(value, 0, signing->half)), s = datum_of(slice_from(value, signing->half));
    if (gnutls_encode_rs_value(&sign, &r, &s) < 0)
        return false;
    bool fine = gnutls_pubkey_verify_data2(key, signing->sign, 0, &data, &sign) >= 0;
    gnutls_free(sign.data);
    return fine;
}

static void key_note(const struct signing *signing, gnutls_pubkey_t key)
{
    struct sha256 id;
    size_t bytes = sizeof id.bytes;
    if (signing->reading->playbook->key.len == 0 &&
            gnutls_pubkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, id.bytes, &bytes) >= 0)
        signing->reading->playbook->key = arena_hex(signing->reading->arena, sha256_slice(&id));
}

/* ---- One ---- */

static const char *look_with(const struct signing *signing, gnutls_pubkey_t key, bool *known)
{
    uint8_t value[VALUE_MAX], digest[64];
    size_t bytes, digest_bytes;
    slice body;
    if (!key_import(signing, key, &body))
        return "the signature's key cannot be read";
    *known = body.len > 0;
    if (!*known)
        return NULL;
    if (!value_read(signing, value, &bytes))
        return "the signature's value is not base64url, or too long";
    struct err err = signed_digest(signing, digest, &digest_bytes);
    if (err.kind != ERR_NONE)
        return err.why;
    if (!verifies(signing, key, (slice){(const char *)digest, digest_bytes}, (slice){(const char *)value, bytes}))
        return "the signature does not hold: the playbook, or the signature, was changed after it was signed";
    key_note(signing, key);
    return NULL;
}

static const char *look(struct signing *signing, bool *known)
{
    struct plan_reading *reading = signing->reading;
    gnutls_pubkey_t key;
    *known = false;
    if (!slice_eq(text_of(signing, S("related_to")), reading->playbook->id) ||
            !slice_eq(text_of(signing, S("related_version")), reading->playbook->version))
        return "the signature is for another playbook, or another version of it";
    if (!algorithm_find(signing))
        return NULL;
    if (gnutls_pubkey_init(&key) < 0)
        return "there is no memory for the signature's key";
    const char *why = look_with(signing, key, known);
    gnutls_pubkey_deinit(key);
    return why;
}

void plan_signatures_check(struct plan_reading *reading)
{
    struct json_elements signatures = json_elements(json_get(reading->text, S("signatures")));
    struct signing signing = {.reading = reading};
    size_t count = 0, unknown = 0;
    while (json_element_next(&signatures, &signing.json)) {
        bool known;
        if (++count > PLAN_SIGNATURES_MAX) {
            plan_playbook_wrong(reading, signing.json, "a playbook has 16 signatures at the most here");
            return;
        }
        const char *why = look(&signing, &known);
        if (why != NULL)
            plan_playbook_wrong(
                    reading, signing.json, arena_printf(reading->arena, "%s [CACAO 2.0 section 10.15]", why));
        else if (!known)
            plan_playbook_odd(reading, signing.json,
                    "the signature is not looked at: its key is not here, or it is made in a way unknown here");
        unknown += !known;
    }
    reading->playbook->signature = count == 0 ? PLAN_UNSIGNED : unknown > 0 ? PLAN_KEY_UNKNOWN : PLAN_SIGNED;
}
