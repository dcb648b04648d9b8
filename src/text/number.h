/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Numbers as people of a language read them: 1.234.567 in Bahasa Indonesia, 1,234,567 in English. Appended to a buf of
 * the caller; any thread.
 */
#include "base/buf.h"
#include "text/catalogue.h"

void number_write(struct buf *out, uint64_t n, enum language language);
/* A text that counts, with the number for its {{n}}: number_count_write(out, W_COUNT("{{n}} day", "{{n}} days"), 3, l).
 */
void number_count_write(struct buf *out, slice one, slice many, uint64_t n, enum language language);
