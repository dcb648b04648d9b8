/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The parts of a mail (RFC 5322, RFC 2045, RFC 2046), as far as reports in mails need them: one level of parts, each
 * with its type and its text as it was meant. Nothing is nested into, so nothing recurs. Private to this folder.
 */
#include "base/slice.h"

struct arena;

#define MIME_PARTS_MAX 64 /* of a mail; further ones are passed over */

struct mime {
    slice header, body;
    slice boundary; /* empty: the mail is one part */
    slice rest;     /* of the body, for mime_next */
    unsigned count;
};

struct mime_part {
    slice type; /* as it was said, "text/plain; name=report.txt"; empty: none was */
    slice encoding;
    slice body; /* as it stands */
};

/* Whether a text begins with a header that has a field of this name, upper and lower case alike. */
bool mime_has(slice text, slice name);
/*
 * How long the first mail of a text is: with the line that ends its last part, and the newline behind that. 0: it is
 * not all there, or it is one part, which nothing ends.
 */
size_t mime_length(slice text);
struct mime mime_begin(slice text);
bool mime_next(struct mime *mime, struct mime_part *part);
/* Its text with base64 and quoted-printable undone; what is damaged ends it. In the arena or the part. */
slice mime_text(const struct mime_part *part, struct arena *arena);
