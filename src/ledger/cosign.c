/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/cosign.h"

#include <assert.h>

#include "base/clock.h"

/* What is signed: two lines of our own and the text (tlog-cosignature, Ed25519 signed message). */
static void message_write(struct buf *out, slice text, uint64_t time_s)
{
    buf_put(out, S("cosignature/v1\ntime "));
    buf_u64(out, time_s);
    buf_byte(out, '\n');
    buf_put(out, text);
}

void ledger_cosign_make(
        const struct key_pair *pair, slice text, int64_t time_us, uint8_t signature[LEDGER_COSIGNATURE_BYTES])
{
    assert(time_us >= 0);
    uint64_t time_s = (uint64_t)(time_us / SECOND_US);
    struct buf message = buf_make(LEDGER_NOTE_MAX + 64);
    message_write(&message, text, time_s);
    for (unsigned i = 0; i < 8; i++)
        signature[i] = (uint8_t)(time_s >> (56 - 8 * i));
    key_sign(pair, buf_slice(&message), signature + 8);
    buf_free(&message);
}

static uint64_t seconds_of(slice signature)
{
    uint64_t time_s = 0;
    for (unsigned i = 0; i < 8; i++)
        time_s = time_s << 8 | (uint8_t)signature.ptr[i];
    return time_s;
}

bool ledger_cosign_verify(const struct key_public *key, slice text, slice signature)
{
    if (signature.len != LEDGER_COSIGNATURE_BYTES || seconds_of(signature) > INT64_MAX)
        return false;
    struct buf message = buf_make(LEDGER_NOTE_MAX + 64);
    message_write(&message, text, seconds_of(signature));
    bool fine = !message.full && key_verify(key, buf_slice(&message), slice_from(signature, 8));
    buf_free(&message);
    return fine;
}

int64_t ledger_cosign_time(slice signature)
{
    assert(signature.len == LEDGER_COSIGNATURE_BYTES);
    uint64_t time_s = seconds_of(signature), most = (uint64_t)(INT64_MAX / SECOND_US);
    return (int64_t)(time_s < most ? time_s : most) * SECOND_US;
}
