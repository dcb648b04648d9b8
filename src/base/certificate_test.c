/* SPDX-License-Identifier: Apache-2.0 */
#include "base/certificate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"

/* Made for this test by openssl req -x509; its key is nowhere. */
static const char pem[] = "-----BEGIN CERTIFICATE-----\n"
                          "MIIBiTCCATugAwIBAgIURpsj84KGeTqZHsMGzNt5RwAAQEYwBQYDK2VwMDkxFDAS\n"
                          "BgNVBAoMC01lbGF0aSBDRVJUMSEwHwYDVQQDDBhjb2xsZWN0b3IubWVsYXRpLmV4\n"
                          "YW1wbGUwIBcNMjYxMTIxMTcyNTE4WhgPMjEyNjEwMjgxNzI1MThaMDkxFDASBgNV\n"
                          "BAoMC01lbGF0aSBDRVJUMSEwHwYDVQQDDBhjb2xsZWN0b3IubWVsYXRpLmV4YW1w\n"
                          "bGUwKjAFBgMrZXADIQDu2dUyzChhHoAhTMp6QOm7PvGzkWicuhsv0U0pYB0jhaNT\n"
                          "MFEwHQYDVR0OBBYEFB0wiawVWCMgGfcO8tIYXWf2Aui+MB8GA1UdIwQYMBaAFB0w\n"
                          "iawVWCMgGfcO8tIYXWf2Aui+MA8GA1UdEwEB/wQFMAMBAf8wBQYDK2VwA0EAKS/T\n"
                          "UCLjpcThHEtaR4h+x/UMflUrTNEFHM4n0AlL7xwl9rQCuypJMSS1zHq5mtFTrrOQ\n"
                          "/ENzxPHBmV6LVDZPBg==\n"
                          "-----END CERTIFICATE-----\n";
/* As openssl x509 -fingerprint -sha256 says. */
static const char fingerprint[] = "30cd15843fbe85272695e6f1cf599fc2a5ebef149f4b3059f015a014aaea462e";

/* As openssl x509 -pubkey | openssl pkey -pubin -outform DER | sha256sum says. */
static const char key[] = "75feab43fb59a5934079a08a501df4e97304a784159e3fe92601b71857d7c47e";

static int set_up(void **state)
{
    *state = arena_open("test", ARENA_WORK, 1u << 20);
    return 0;
}

static int tear_down(void **state)
{
    arena_close(*state);
    return 0;
}

static void it_says_whose_it_is_and_until_when(void **state)
{
    struct certificate certificate;
    struct buf hex = buf_make(64);
    assert_int_equal(certificate_parse(slice_of(pem), *state, &certificate).kind, ERR_NONE);
    buf_hex(&hex, sha256_slice(&certificate.fingerprint));
    assert_true(slice_eq(buf_slice(&hex), slice_of(fingerprint)));
    buf_reset(&hex);
    buf_hex(&hex, sha256_slice(&certificate.key));
    assert_true(slice_eq(buf_slice(&hex), slice_of(key)));
    assert_true(slice_eq(certificate.subject, S("CN=collector.melati.example,O=Melati CERT")));
    assert_int_equal(certificate.begins_us, INT64_C(1795281918) * 1000000);
    assert_int_equal(certificate.expires_us, INT64_C(4948881918) * 1000000);
    buf_free(&hex);
}

static void what_is_none_is_refused(void **state)
{
    slice whole = slice_of(pem);
    struct certificate certificate;
    assert_int_equal(certificate_parse(S(""), *state, &certificate).kind, ERR_INPUT);
    assert_int_equal(certificate_parse(S("-----BEGIN CERTIFICATE-----\n"), *state, &certificate).kind, ERR_INPUT);
    assert_int_equal(certificate_parse(slice_part(whole, 0, whole.len - 60), *state, &certificate).kind, ERR_INPUT);
    struct err err = certificate_read("none.pem", *state, &certificate);
    assert_int_equal(err.kind, ERR_MISSING);
    assert_string_equal(err.why, "none.pem: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(it_says_whose_it_is_and_until_when, set_up, tear_down),
            cmocka_unit_test_setup_teardown(what_is_none_is_refused, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
