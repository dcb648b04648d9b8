/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Templates: Mustache over a JSON document. A value is always written escaped for HTML; what asks for it unescaped
 * ({{{name}}}, {{&name}}) is refused when the template is read, so no page can forget to.
 *
 * {{#_}}Text with {{names}}{{/_}} is text for people: it is looked up in the catalogue as it stands, and what is found
 * there is rendered in its place. Inside of it a translation may use the names of its surroundings in any order.
 *
 * A template is made once and never changes; any thread renders from it.
 */
#include "base/buf.h"
#include "json/tape.h"

struct template;
struct catalogue;

#define MUSTACHE_BYTES_MAX (256u << 10) /* of a template */
#define MUSTACHE_DEPTH_MAX 32           /* of sections and partials in each other */

/* ERR_INPUT with NAME:LINE and the reason. `text` outlives the template. */
MUST_USE struct err mustache_read(const char *name, slice text, struct arena *arena, struct template **made);

struct mustache {
    const struct json_tape *document;  /* its first value is the context */
    const struct catalogue *catalogue; /* NULL: text stays as it is */
    /* The template of {{>name}}; NULL: there is none, which renders as nothing. */
    const struct template *(*partial)(void *context, slice name);
    void *context;
};
/* ERR_LIMIT beyond MUSTACHE_DEPTH_MAX or the ceiling of `out`. */
MUST_USE struct err mustache_render(
        const struct template *made, const struct mustache *with, struct arena *arena, struct buf *out);
