/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Text as patterns compare it: normal form C (STIX 2.1 section 9.6.2), characters as bytes and bytes behind hexadecimal
 * and base64 (9.6.4). Results lie in the arena, or are the argument where nothing had to change.
 */
#include "base/slice.h"

struct arena;

bool stix_text_is_utf8(slice text);
/* Normal form C; text that is not UTF-8 comes back as it is. */
slice stix_text_normal(slice text, struct arena *arena);
/* Each character below U+0100 as one byte; false if there is another (or no UTF-8). */
bool stix_text_as_bytes(slice text, struct arena *arena, slice *bytes);
/* Pairs of hexadecimal digits, of either case. */
bool stix_text_from_hex(slice text, struct arena *arena, slice *bytes);
/* RFC 4648 section 4; line feeds are passed over. */
bool stix_text_from_base64(slice text, struct arena *arena, slice *bytes);
