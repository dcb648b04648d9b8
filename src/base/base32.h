/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Base 32 (RFC 4648 section 6): how secrets are written that people type.
 */
#include "base/buf.h"

/* Upper case, without padding. */
void base32_write(struct buf *buf, slice bytes);
/*
 * Into at most `room` bytes; *len: how many they are. Either case, and as people copy it: blanks and hyphens between
 * groups do not count, nor padding at the end. False if it is none, does not fit, or bits are set that no byte has.
 */
bool base32_read(slice text, uint8_t *bytes, size_t room, size_t *len);
