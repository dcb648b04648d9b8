/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Plain text out of hostile bytes. Appended to a buf of the caller; any thread.
 */
#include "base/buf.h"

/* As UTF-8, what is none as U+FFFD. Control characters go; in `lines`, line feeds and tabs stay, else they are blanks.
 */
void mailbox_plain_put(struct buf *out, slice text, bool lines);
/*
 * What a reader of HTML sees, and where each link leads, between angle brackets; nothing of scripts, styles, comments
 * and tags. No markup comes out as markup would have to go in: it is to be escaped where it is shown, as all text.
 */
void mailbox_html_put(struct buf *out, slice text);
/* The name of a file: no path, no beginning dot, nothing that turns the direction of writing; "part-N" if it is empty.
 */
void mailbox_name_put(struct buf *out, slice name, size_t part);
