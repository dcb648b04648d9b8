/* SPDX-License-Identifier: Apache-2.0 */
#include "base/totp.h"

#include "base/hash.h"

int64_t totp_step(int64_t time_us)
{
    return time_us / TOTP_STEP_US;
}

/* RFC 4226 section 5.3: four bytes from where the last one says, without the sign. */
uint32_t totp_code(slice secret, int64_t step)
{
    uint8_t counter[8];
    for (size_t i = 0; i < sizeof counter; i++)
        counter[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
    struct sha1 sum = hash_hmac_sha1(secret, (slice){(const char *)counter, sizeof counter});
    const uint8_t *at = sum.bytes + (sum.bytes[sizeof sum.bytes - 1] & 15);
    uint32_t number = (uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    return number % 1000000;
}

/* Six digits, perhaps with blanks between them. */
static bool code_read(slice text, uint32_t *code)
{
    uint32_t read = 0;
    unsigned digits = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (byte_is_blank(text.ptr[i]))
            continue;
        if (!byte_is_digit(text.ptr[i]) || ++digits > TOTP_DIGITS)
            return false;
        read = read * 10 + (uint32_t)(text.ptr[i] - '0');
    }
    *code = read;
    return digits == TOTP_DIGITS;
}

bool totp_check(slice secret, slice text, int64_t time_us, int64_t after, int64_t *step)
{
    int64_t now = totp_step(time_us), found = INT64_MIN;
    uint32_t code;
    if (!code_read(text, &code))
        return false;
    for (int64_t at = now - TOTP_STEPS_AROUND; at <= now + TOTP_STEPS_AROUND; at++)
        if ((totp_code(secret, at) == code) & (at > after)) /* both are asked in any case */
            found = at;
    if (found != INT64_MIN)
        *step = found;
    return found != INT64_MIN;
}
