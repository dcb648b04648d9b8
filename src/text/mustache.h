/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Templates: Mustache over a JSON document. A value is always written escaped for HTML, between tags and between the
 * quotes of an attribute; what asks for it unescaped ({{{name}}}, {{&name}}) is refused when the template is read, so
 * no page can forget to. Whether a value is fit for an href is for who writes the document.
 *
 *     {{name}} {{a.b}} {{.}}         text; a number in the spelling of the document; null, objects and arrays: nothing
 *     {{#name}}...{{/name}}          for each of an array; once for what is neither absent, null, false nor empty text
 *     {{^name}}...{{/name}}          where the section would not be
 *     {{>name}} {{! }} {{=<% %>=}}   a partial, a comment, other delimiters
 *     {{#_}}Text with {{names}}{{/_}}
 *     {{#_ count}}{{count}} object{{|}}{{count}} objects{{/_}}
 *
 * The last two are text for people: it is looked up in the catalogue, and what is found there is rendered in its place;
 * a translation may use the names of its surroundings in any order. It is looked up with its markup, each run of blanks
 * as one, none at its ends, and tags spelt {{name}}; it holds no other tags. The second is for as many as the document
 * says. Zero is a number and so is not false; lambdas, inheritance and dynamic names are not built.
 *
 * A template is made once and never changes; any thread renders from it.
 */
#include "base/buf.h"
#include "json/tape.h"

struct template;
struct catalogue;

#define MUSTACHE_BYTES_MAX (256u << 10) /* of a template */
#define MUSTACHE_DEPTH_MAX 32           /* of sections and partials in each other */
#define MUSTACHE_STEPS_MAX (4u << 20)   /* of one rendering: pieces of text, values, sections */

/* ERR_INPUT with NAME:LINE and the reason. `name` and `text` outlive the template. */
MUST_USE struct err mustache_read(const char *name, slice text, struct arena *arena, struct template **made);

struct mustache {
    const struct json_tape *document;  /* its first value is the context */
    const struct catalogue *catalogue; /* NULL: text stays as it is */
    /* The template of {{>name}}; NULL: there is none, which renders as nothing. The function may be NULL, too. */
    const struct template *(*partial)(void *context, slice name);
    void *context;
};
/* ERR_LIMIT beyond MUSTACHE_DEPTH_MAX, MUSTACHE_STEPS_MAX or the ceiling of `out`. */
MUST_USE struct err mustache_render(
        const struct template *made, const struct mustache *with, struct arena *arena, struct buf *out);

/*
 * Its texts for people, as they are looked up; begin with *at = 0; false at the end. `many` is empty where nothing is
 * counted.
 */
bool mustache_words(const struct template *made, size_t *at, slice *text, slice *many);

/* Text for HTML: & < > " ' as references, control characters that HTML does not have as U+FFFD. */
void mustache_escape(slice text, struct buf *out);
