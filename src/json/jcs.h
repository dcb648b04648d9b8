/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The JSON Canonicalization Scheme (RFC 8785): one spelling for equal values, for hashes, signatures and STIX ids.
 */
#include "base/buf.h"

struct arena;

/*
 * Appends the canonical form of text that passed json_check(). Keys are sorted by their UTF-16 units (section 3.2.3),
 * numbers are written as ECMAScript does (3.2.2.3), strings with the shortest escapes (3.2.2.2). ERR_INPUT for a number
 * beyond IEEE 754 double. `arena` is for working memory.
 */
MUST_USE struct err json_canonical(slice json, struct arena *arena, struct buf *out);
