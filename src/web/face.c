/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The face of pages. A document becomes an answer in one of two ways: as it is, or as a page. For a page the frame's
 * member is put in front of the document's own, and page/frame.html, which holds {{>page}}, is applied to all of it.
 */
#include "web/web.h"

#include "base/arena.h"
#include "web/files.h"
#include "web/frame.h"
#include "web/page.h"

#define PAGE_BYTES_MAX (8u << 20)
#define JSON_TYPE S("application/json; charset=utf-8")
#define HTML_TYPE S("text/html; charset=utf-8")

/* ---- A document as a page ---- */

struct rendering {
    struct mustache with;
    const struct template *page;
};

static const struct template *partial(void *context, slice name)
{
    const struct rendering *rendering = context;
    return slice_eq(name, S("page")) ? rendering->page : web_template(name);
}

/* The document behind the frame's member, as one object. */
static void write_whole(struct ask *ask, slice document, struct buf *whole)
{
    struct json_writer json = json_writer(whole);
    json_write_object(&json);
    web_frame_write(ask, &json);
    bool empty = document.len <= 2; /* {} */
    buf_put(whole, empty ? S("}") : S(","));
    if (!empty)
        buf_put(whole, slice_from(document, 1));
}

static struct err render_tape(struct ask *ask, slice page, const struct json_tape *tape, struct buf *out)
{
    struct rendering rendering = {{tape, ask->words, partial, &rendering}, web_template(page)};
    if (rendering.page == NULL)
        return err_format(ask->arena, ERR_SYSTEM, "the page %.*s has no template", (int)page.len, page.ptr);
    return mustache_render(web_template(S("frame")), &rendering.with, ask->arena, out);
}

static struct err render(struct ask *ask, slice page, slice document, struct buf *out)
{
    struct buf whole = buf_make(2 * PAGE_BYTES_MAX);
    struct json_tape tape = {0};
    write_whole(ask, document, &whole);
    struct err err = buf_check(&whole);
    if (err.kind == ERR_NONE && !json_tape_read(&tape, buf_slice(&whole), JSON_TAPE_CHECKED))
        err = err_make(ERR_SYSTEM, "what the page has to show is no JSON");
    if (err.kind == ERR_NONE)
        err = render_tape(ask, page, &tape, out);
    json_tape_free(&tape);
    buf_free(&whole);
    return err;
}

/* ---- What was done ---- */

static struct err answer_html(struct ask *ask)
{
    struct http_reply *reply = ask->reply;
    reply->body = buf_make(PAGE_BYTES_MAX);
    TRY(render(ask, slice_of(ask->route->name), buf_slice(&ask->document), &reply->body));
    reply->type = HTML_TYPE;
    return buf_check(&reply->body);
}

static struct err answer_json(struct ask *ask)
{
    struct http_reply *reply = ask->reply;
    reply->body = buf_make(PAGE_BYTES_MAX);
    buf_put(&reply->body, buf_slice(&ask->document));
    buf_byte(&reply->body, '\n');
    reply->type = JSON_TYPE;
    return buf_check(&reply->body);
}

/* The same address has several faces. */
static void write_vary(struct http_reply *reply)
{
    http_reply_header(reply, S("Vary"), S("Accept, Accept-Language, Authorization, Cookie"));
}

static struct err done(struct ask *ask)
{
    json_write_end(&ask->json);
    TRY(buf_check(&ask->document));
    TRY(ask->wants_json ? answer_json(ask) : answer_html(ask));
    write_vary(ask->reply);
    ask->reply->status = ask->status;
    return OK;
}

/* ---- What was not ---- */

/* What it means for a person, and what to do next. */
static const struct failure {
    const char *title, *next;
} failures[] = {
        [ERR_NONE] = {W_C("Nothing happened"), W_C("Begin again from the start page.")},
        [ERR_INPUT] = {W_C("This could not be understood"),
                W_C("Nothing was changed. Go back, put right what is named here, and send it again.")},
        [ERR_AUTH] = {W_C("You are not signed in"), W_C("Sign in, then do it again. Nothing was changed.")},
        [ERR_DENIED] = {W_C("This is not yours to do"),
                W_C("Nothing was changed. Ask a colleague whose role allows it, or an administrator for that role.")},
        [ERR_MISSING] = {W_C("There is nothing here"),
                W_C("It may have been removed, or its address was mistyped. Look for it from the start page.")},
        [ERR_CONFLICT] = {W_C("It is no longer as you saw it"),
                W_C("Nothing was changed. Look at it as it is now, and decide again.")},
        [ERR_LIMIT] = {W_C("That is too much at once"),
                W_C("Wait a moment, or ask for less. What the limit is stands above.")},
        [ERR_SYSTEM] = {W_C("The node could not do it"), W_C("Try again in a moment. If it happens again, tell an "
                                                             "administrator the time and the sentence above.")},
        [ERR_REMOTE] = {W_C("Another service did not answer"), W_C("Nothing is lost here. Try again later.")},
};

/* Where anybody may come, it is what was shown that is no good. */
static const struct failure no_good = {W_C("This does not work any more"),
        W_C("A link works once, and not for ever. Ask an administrator for a new one, or sign in.")};

static const struct failure *failure_of(const struct ask *ask, enum err_kind kind)
{
    bool open = ask->route != NULL && ask->route->access == ROUTE_OPEN;
    return kind == ERR_AUTH && open ? &no_good : &failures[kind];
}

static void write_error(struct ask *ask, struct err err, struct json_writer *json)
{
    json_write_object(json);
    json_write_key(json, S("error"));
    json_write_object(json);
    json_write_key_text(json, S("kind"), slice_of(err_name(err.kind)));
    json_write_key_text(json, S("why"), ask_text(ask, slice_of(err.why == NULL ? "" : err.why)));
    json_write_end(json);
    if (!ask->wants_json) {
        const struct failure *failure = failure_of(ask, err.kind);
        json_write_key_text(json, S("title"), ask_text(ask, slice_of(failure->title)));
        json_write_key_text(json, S("next"), ask_text(ask, slice_of(failure->next)));
        json_write_key(json, S("sign_in"));
        json_write_bool(json, err.kind == ERR_AUTH);
    }
    json_write_end(json);
}

/* A person who is not signed in and only wanted to look is led to the door, and from there back to here. */
static bool lead_to_door(struct ask *ask, struct err err)
{
    const struct http_request *request = ask->request;
    bool open = ask->route != NULL && ask->route->access == ROUTE_OPEN; /* a link that is no good, say */
    if (err.kind != ERR_AUTH || ask->wants_json || request->method == HTTP_POST || open)
        return false;
    page_go(ask, "/sign-in", web_frame_address(ask));
    return true;
}

/* If even the page of an error fails, the sentence alone has to do. */
static void answer_error(struct ask *ask, struct err err)
{
    struct http_reply *reply = ask->reply;
    struct buf document = buf_make(PAGE_BYTES_MAX);
    struct json_writer json = json_writer(&document);
    write_error(ask, err, &json);
    buf_free(&reply->body);
    reply->body = buf_make(PAGE_BYTES_MAX);
    reply->type = ask->wants_json ? JSON_TYPE : HTML_TYPE;
    if (ask->wants_json) {
        buf_put(&reply->body, buf_slice(&document));
        buf_byte(&reply->body, '\n');
    } else if (render(ask, S("error"), buf_slice(&document), &reply->body).kind != ERR_NONE) {
        buf_reset(&reply->body);
        buf_put(&reply->body, slice_of(err.why == NULL ? "" : err.why));
        reply->type = S("text/plain; charset=utf-8");
    }
    buf_free(&document);
}

static void failed(struct ask *ask, struct err err)
{
    write_vary(ask->reply);
    if (lead_to_door(ask, err))
        return;
    ask->reply->status = ask->status >= 400 ? ask->status : (unsigned)err_http(err.kind);
    answer_error(ask, err);
}

const struct face web_face = {"web", done, failed};
