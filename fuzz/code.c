/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as what strangers and administrators give to be let in: a code, a recovery code or secret in base 32, words
 * of scopes, a certificate. Reading ends, and what was read can be written and read again as the same.
 */
#include "base/arena.h"
#include "base/base32.h"
#include "base/certificate.h"
#include "base/totp.h"
#include "need.h"
#include "store/token.h"

#define ARENA_MAX (4u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void base32(slice text)
{
    uint8_t bytes[64], again[64];
    size_t len = 0, again_len = 0;
    struct buf buf = buf_make(2 * sizeof bytes);
    if (base32_read(text, bytes, sizeof bytes, &len)) {
        slice whole = {(const char *)bytes, len};
        base32_write(&buf, whole);
        fuzz_need(base32_read(buf_slice(&buf), again, sizeof again, &again_len));
        fuzz_need(slice_eq(whole, (slice){(const char *)again, again_len}));
    }
    buf_free(&buf);
}

static void code(slice text)
{
    static const slice secret = {"12345678901234567890", 20};
    int64_t step = -1;
    bool taken = totp_check(secret, text, TOTP_STEP_US, -1, &step);
    fuzz_need(taken == (step >= 0 && step <= 2));
    fuzz_need(!taken || !totp_check(secret, text, TOTP_STEP_US, 2, &step));
}

static void scopes(slice text, struct arena *arena)
{
    unsigned read = 0, again = 0;
    if (!store_scopes_find(text, &read))
        return;
    fuzz_need(read != 0 && (read & ~(unsigned)SCOPE_ALL) == 0);
    fuzz_need(store_scopes_find(store_scopes_name(read, arena), &again) && again == read);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice text = {(const char *)data, size};
    struct arena *arena = arena_open("fuzz", ARENA_WORK, ARENA_MAX);
    struct certificate certificate;
    base32(text);
    code(text);
    scopes(text, arena);
    if (certificate_parse(text, arena, &certificate).kind == ERR_NONE)
        fuzz_need(certificate.subject.len == 0 || certificate.subject.ptr != NULL);
    arena_close(arena);
    return 0;
}
