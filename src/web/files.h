/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The files that are part of the program: templates of pages (page/), and what browsers fetch as it is (static/), under
 * a name that holds the hash of its bytes, so that it may be kept for ever. tools/embed-web writes both tables when the
 * program is built. Any thread.
 */
#include "text/mustache.h"

/* A template as written by tools/embed-web; "frame" of page/frame.html. */
struct web_text {
    const char *name;
    slice text;
};
/* Up to one without name. */
extern const struct web_text web_texts[];

struct web_static {
    const char *name;    /* "kentongan.css" */
    const char *hashed;  /* "kentongan-0123456789abcdef.css" */
    slice bytes, packed; /* packed: by gzip */
};
extern const struct web_static web_statics[];

/* NULL: there is none. The first call reads all templates; one that cannot be read is our own mistake. */
const struct template *web_template(slice name);
/* The address of a static file: "/static/kentongan-0123456789abcdef.css". `name` is one that there is. */
const char *web_static_path(const char *name, struct arena *arena);
/* By its name with hash, NULL: there is none. */
const struct web_static *web_static_find(slice hashed);
