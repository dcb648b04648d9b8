/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Codes that change with time (TOTP, RFC 6238) over HMAC-SHA-1, six digits, a new one every 30 seconds: what every
 * authenticator app does when nothing else is said. Pure; whoever takes a code remembers its step, so that none is
 * taken twice (section 5.2).
 */
#include "base/slice.h"

#define TOTP_STEP_US (INT64_C(30) * 1000000)
#define TOTP_DIGITS 6
#define TOTP_STEPS_AROUND 1  /* clocks that differ by that many steps are forgiven (section 6) */
#define TOTP_SECRET_BYTES 20 /* as long as the hash (RFC 4226 section 4, R6) */

int64_t totp_step(int64_t time_us);
uint32_t totp_code(slice secret, int64_t step);
/*
 * Whether the text is the code of a step around this moment and behind `after`; then *step is which. Blanks inside do
 * not count. In a time that tells nothing of the right code.
 */
bool totp_check(slice secret, slice text, int64_t time_us, int64_t after, int64_t *step);
