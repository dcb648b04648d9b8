/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/face.h"

#include "gate/gate.h"

#define SENTENCE_BYTES_MAX 16384

/* Who is not known is told how to be; a browser is not, since it would ask for name and password by itself. */
static void tell_how(struct ask *ask)
{
    if (ask->status == 401)
        http_reply_header(ask->reply, S("WWW-Authenticate"), S("Bearer realm=\"kentongan\""));
}

static struct err plain_done(struct ask *ask)
{
    (void)ask;
    return OK;
}

static void plain_failed(struct ask *ask, struct err err)
{
    struct http_reply *reply = ask->reply;
    reply->status = ask->status;
    reply->type = S("text/plain; charset=utf-8");
    reply->body = buf_make(SENTENCE_BYTES_MAX);
    buf_put(&reply->body, slice_of(err.why));
    buf_byte(&reply->body, '\n');
    tell_how(ask);
}

const struct face gate_plain = {"plain", plain_done, plain_failed};

static struct err document_done(struct ask *ask)
{
    json_write_end(&ask->json);
    buf_byte(&ask->document, '\n');
    TRY(buf_check(&ask->document));
    ask->reply->status = ask->status;
    ask->reply->type = S("application/json");
    ask->reply->body = ask->document;
    ask->document = buf_make(0);
    return OK;
}

static void document_failed(struct ask *ask, struct err err)
{
    struct http_reply *reply = ask->reply;
    reply->status = ask->status;
    reply->type = S("application/json");
    reply->body = buf_make(SENTENCE_BYTES_MAX);
    struct json_writer w = json_writer(&reply->body);
    json_write_object(&w);
    json_write_key_text(&w, S("error"), slice_of(err_name(err.kind)));
    json_write_key_text(&w, S("why"), slice_of(err.why));
    json_write_end(&w);
    buf_byte(&reply->body, '\n');
    tell_how(ask);
}

const struct face gate_document = {"document", document_done, document_failed};
