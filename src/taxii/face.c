/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate.h"
#include "taxii/media.h"
#include "taxii/options.h"

#define ERROR_BYTES_MAX 65536

static const struct taxii_options otherwise = {.content_max = 100u << 20, .page_default = 1000, .page_max = 1000};

const struct taxii_options *taxii_options_of(const struct ask *ask)
{
    const struct taxii_options *options = ask->gate->options.parts->taxii;
    return options == NULL ? &otherwise : options;
}

uint64_t taxii_content_max(const struct ask *ask)
{
    uint64_t most = taxii_options_of(ask)->content_max, http = ask->gate->options.body_max;
    most = most < TAXII_BODY_MAX ? most : TAXII_BODY_MAX;
    return http > 0 && http < most ? http : most;
}

struct err taxii_fail(struct ask *ask, unsigned status, enum err_kind kind, const char *why)
{
    ask->status = status;
    return err_make(kind, why);
}

struct err taxii_begin(struct ask *ask, bool rooted)
{
    if (!taxii_accepts(http_header(ask->request, S("accept"), NULL)))
        return taxii_fail(ask, 406, ERR_INPUT, "this answers in " TAXII_MEDIA_TYPE " (TAXII 2.1 section 1.6.8)");
    if (rooted && !slice_eq(ask->parts[0], S(TAXII_ROOT)))
        return err_make(ERR_MISSING, "there is no such API root");
    return OK;
}

struct json_writer taxii_reply(struct ask *ask, unsigned status, size_t bytes_max)
{
    buf_free(&ask->reply->body);
    ask->reply->status = status;
    ask->reply->type = S(TAXII_MEDIA_TYPE);
    ask->reply->body = buf_make(bytes_max);
    return json_writer(&ask->reply->body);
}

/* Handlers say their status themselves. */
static struct err done(struct ask *ask)
{
    struct json_writer w = taxii_reply(ask, 200, ERROR_BYTES_MAX);
    json_write_object(&w);
    json_write_end(&w);
    return OK;
}

/* The error resource, section 3.6.1. Nothing in it tells one request from another. */
static void failed(struct ask *ask, struct err err)
{
    unsigned status = ask->status;
    struct json_writer w = taxii_reply(ask, status, ERROR_BYTES_MAX);
    json_write_object(&w);
    json_write_key_text(&w, S("title"), slice_of(http_status_text(status)));
    json_write_key_text(&w, S("description"), slice_of(err.why));
    json_write_key_text(&w, S("error_code"), slice_of(err_name(err.kind)));
    json_write_key_text(&w, S("http_status"), slice_of(arena_printf(ask->arena, "%u", status)));
    json_write_end(&w);
    if (status == 401)
        http_reply_header(
                ask->reply, S("WWW-Authenticate"), S("Basic realm=\"kentongan\", Bearer realm=\"kentongan\""));
}

const struct face taxii_face = {"taxii", done, failed};
