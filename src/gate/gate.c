/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "gate/face.h"
#include "gate/forgery.h"
#include "gate/known.h"
#include "http/stream.h"

#define STATUS_METHOD 405
#define STATUS_TYPE 415

struct worker {
    struct gate *gate;
    struct db *db;
};

/* ---- What every answer says ---- */

/* Nothing that a handler said itself is said again. */
static const struct {
    const char *name, *value;
} always[] = {
        {"Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
                "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'"},
        {"X-Content-Type-Options", "nosniff"},
        /* Not no-referrer: forms of ours would then come with the origin "null". */
        {"Referrer-Policy", "same-origin"},
        {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        /* What somebody who is signed in saw stays in no cache. What may be kept says so itself. */
        {"Cache-Control", "no-store"},
};

static bool has_header(const struct http_reply *reply, slice name)
{
    for (size_t i = 0; i < reply->header_count; i++)
        if (slice_eq_fold(reply->headers[i].name, name))
            return true;
    return false;
}

static void put_always(const struct gate *gate, struct http_reply *reply)
{
    for (size_t i = 0; i < COUNT_OF(always); i++)
        if (!has_header(reply, slice_of(always[i].name)))
            http_reply_header(reply, slice_of(always[i].name), slice_of(always[i].value));
    if (gate->options.parts->secure)
        http_reply_header(reply, S("Strict-Transport-Security"), S("max-age=31536000"));
}

/* ---- The steps ---- */

/* "GET, HEAD, POST" */
static slice methods_of(unsigned allowed, struct arena *arena)
{
    const char *list = "";
    for (enum http_method method = 0; method < HTTP_METHODS; method++) {
        slice name = http_method_name(method);
        if ((allowed >> method & 1) != 0)
            list = arena_printf(arena, "%s%s%.*s", list, *list == '\0' ? "" : ", ", (int)name.len, name.ptr);
    }
    return slice_of(list);
}

static struct err step_route(struct ask *ask, const struct face **face)
{
    const struct gate_options *options = &ask->gate->options;
    struct route_found found = route_find(options->routes, ask->request->method, ask->request->target, ask->arena);
    if (found.face != NULL)
        *face = found.face;
    if (found.allowed == 0)
        return err_make(ERR_MISSING, "there is nothing here");
    if (found.route == NULL) {
        slice methods = methods_of(found.allowed, ask->arena);
        ask->status = STATUS_METHOD;
        http_reply_header(ask->reply, S("Allow"), methods);
        return err_format(ask->arena, ERR_INPUT, "this can be asked for by %.*s only", (int)methods.len, methods.ptr);
    }
    ask->route = found.route;
    memcpy(ask->parts, found.parts, sizeof ask->parts);
    *face = found.route->face;
    return OK;
}

static struct err step_known(struct ask *ask)
{
    unsigned wait_s;
    struct err err = known_find(ask, &wait_s);
    if (err.kind == ERR_LIMIT) {
        ask->status = STATUS_OFTEN;
        http_reply_header(ask->reply, S("Retry-After"), slice_of(arena_printf(ask->arena, "%u", wait_s)));
    }
    return err;
}

/* The person's own, then what the browser was told here, then what it asks for. */
static void step_language(struct ask *ask)
{
    enum language language;
    if (!language_find(ask->who.language, &language) &&
            !language_find(http_cookie(ask->request, S("language")), &language))
        language = language_choose(http_header(ask->request, S("accept-language"), NULL));
    ask->language = language;
    ask->words = catalogue_of(language);
}

/* Scripts with a token rather read the document; a browser names HTML first, and curl takes anything. */
static void step_accept(struct ask *ask)
{
    slice accept = http_header(ask->request, S("accept"), NULL);
    unsigned json = http_accepts(accept, S("application/json")), html = http_accepts(accept, S("text/html"));
    bool is_program = ask->who.actor.how == ACTOR_TOKEN;
    ask->wants_json = json > html || (is_program && json > 0 && json == html);
}

static bool is_form(slice type)
{
    static const char *const forms[] = {"application/x-www-form-urlencoded", "multipart/form-data"};
    slice name = slice_trim(slice_part(type, 0, slice_find(type, ';')));
    for (size_t i = 0; i < COUNT_OF(forms); i++)
        if (slice_eq_fold(name, slice_of(forms[i])))
            return true;
    return false;
}

static struct err step_fields(struct ask *ask)
{
    const struct http_request *request = ask->request;
    if (request->query.len > 0)
        TRY(http_query(request, &ask->query, &ask->query_count));
    if (request->body.len == 0)
        return OK;
    if (is_form(http_header(request, S("content-type"), NULL)))
        return http_form(request, &ask->form, &ask->form_count);
    if (request->method != HTTP_POST || ask->route->fields == NULL)
        return OK; /* the handler reads it */
    ask->status = STATUS_TYPE;
    return err_make(ERR_INPUT, "this takes a form: application/x-www-form-urlencoded or multipart/form-data");
}

/* ---- Who is let in ---- */

static struct err scope_check(const struct who *who, const struct route *route, struct arena *arena)
{
    if (who->actor.how != ACTOR_TOKEN && who->scopes == SCOPE_ALL)
        return OK;
    if (route->scope == 0)
        return err_make(ERR_DENIED, "this cannot be had with a token");
    if ((who->scopes & route->scope) == 0)
        return err_format(
                arena, ERR_DENIED, "the token is not for this: it takes the scope %s", route_scope_name(route->scope));
    return OK;
}

struct err gate_lets_in(const struct who *who, const struct route *route, struct arena *arena)
{
    bool second;
    if (route->access == ROUTE_OPEN)
        return OK;
    if (who->actor.how == ACTOR_NOBODY)
        return err_make(ERR_AUTH, "nobody is signed in");
    if (who->half && route->access != ROUTE_HALF)
        return err_make(ERR_AUTH, "the second factor is still to come");
    TRY(scope_check(who, route, arena));
    if (route->verb == VERBS)
        return OK;
    return store_right_check(&who->actor, route->verb, who->actor.organisation, arena, &second);
}

/*
 * Who may only for the own organisation asked for something of another, and the verb said no: that would tell that it
 * is there.
 */
static struct err own_only(const struct ask *ask, struct err err)
{
    bool second;
    const struct route *route = ask->route;
    if (err.kind != ERR_DENIED || strchr(route->path, '{') == NULL || route->verb == VERBS)
        return err;
    if (store_right_check(&ask->who.actor, route->verb, 0, ask->arena, &second).kind == ERR_NONE)
        return err;
    return err_make(ERR_MISSING, "there is nothing here");
}

static struct err step_answer(struct ask *ask)
{
    ask->document = buf_make(ASK_DOCUMENT_BYTES_MAX);
    ask->json = json_writer(&ask->document);
    json_write_object(&ask->json);
    ask->status = 200;
    TRY(own_only(ask, ask->route->answer(ask)));
    if (ask->reply->status == 0)
        TRY(ask->route->face->done(ask));
    return arena_check(ask->arena);
}

/* Who is signed in stays so on a page that is not there. */
static struct err lost(struct ask *ask, struct err err)
{
    if (ask_session(ask).len > 0 && step_known(ask).kind == ERR_NONE)
        step_language(ask);
    return err;
}

static struct err steps(struct ask *ask, const struct face **face)
{
    step_language(ask); /* before anybody is known, for the failures until then */
    step_accept(ask);
    struct err err = step_route(ask, face);
    if (err.kind != ERR_NONE)
        return lost(ask, err);
    TRY(step_known(ask));
    step_language(ask);
    step_accept(ask);
    TRY(step_fields(ask));
    TRY(forgery_check(ask));
    TRY(gate_lets_in(&ask->who, ask->route, ask->arena));
    return step_answer(ask);
}

/* ---- Failures ---- */

/* What was said before the failure goes, but for what the gate itself said. */
static void reply_clear(struct http_reply *reply, bool keep_headers)
{
    size_t count = keep_headers ? reply->header_count : 0;
    buf_free(&reply->body);
    if (reply->file > 0)
        close(reply->file);
    if (reply->stream != NULL)
        http_stream_detach(reply->stream); /* whoever publishes sees that nobody listens */
    reply->status = 0;
    reply->type = reply->fixed = S("");
    reply->file = 0;
    reply->stream = NULL;
    reply->header_count = count;
}

/* Reasons of the machine's name files and statements: they are for the log, and for who looks after the node. */
static struct err shown(const struct ask *ask, struct err err)
{
    const char *folder = ask->gate->options.parts->folder;
    bool inward = err.kind == ERR_SYSTEM || err.kind == ERR_REMOTE;
    inward |= folder != NULL && *folder != '\0' && strstr(err.why, arena_printf(ask->arena, "%s/", folder)) != NULL;
    if (!inward || ask_may(ask, VERB_DOCTOR))
        return err;
    return err_make(err.kind, "this node could not do it; its log says why");
}

static void fail(struct ask *ask, const struct face *face, struct err err)
{
    if (ask->status < 400)
        ask->status = (unsigned)err_http(err.kind);
    reply_clear(ask->reply, ask->status == STATUS_METHOD || ask->status == STATUS_OFTEN);
    face->failed(ask, shown(ask, err));
}

/* ---- The end of each request ---- */

static void count(const struct ask *ask, int64_t us)
{
    const struct gate *gate = ask->gate;
    if (gate->counts == NULL)
        return;
    size_t row = ask->route == NULL ? gate->route_count : (size_t)(ask->route - gate->options.routes);
    unsigned status = ask->reply->status < 100 ? 100 : ask->reply->status > 599 ? 599 : ask->reply->status;
    atomic_fetch_add_explicit(&gate->counts[row].answers[status / 100 - 1], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&gate->counts[row].us, (uint64_t)us, memory_order_relaxed);
}

/* Never what stood in a query or a form, nor what a path's parts were: they may be secrets (links) or be searched for.
 */
static void log_request(const struct ask *ask, struct err err, int64_t us)
{
    struct buf from = buf_make(64);
    const struct ip ip = known_from(ask);
    bool inward = err.kind == ERR_SYSTEM || err.kind == ERR_REMOTE;
    ip_write(&from, &ip);
    const struct log_field fields[] = {
            {"method", http_method_name(ask->request->method), 0},
            {"route", ask->route == NULL ? S("-") : slice_of(ask->route->name), 0},
            {"status", {NULL, 0}, ask->reply->status},
            {"ms", {NULL, 0}, us / 1000},
            {"who", ask->who.actor.how == ACTOR_NOBODY ? S("-") : ask->who.actor.name, 0},
            {"from", buf_slice(&from), 0},
            {"why", slice_of(err.why == NULL ? "" : err.why), 0},
    };
    log_line(inward ? LOG_ERROR : LOG_INFO, "gate.answered", fields, COUNT_OF(fields) - (inward ? 0 : 1));
    buf_free(&from);
}

void gate_answer(void *worker, const struct http_request *request, struct http_reply *reply)
{
    const struct worker *at_work = worker;
    int64_t begun_us = clock_steady_us();
    struct ask ask = {.request = request, .reply = reply, .gate = at_work->gate, .db = at_work->db};
    const struct face *face = at_work->gate->options.otherwise;
    ask.arena = request->arena;
    struct err err = steps(&ask, &face);
    if (err.kind != ERR_NONE)
        fail(&ask, face, err);
    put_always(ask.gate, reply);
    buf_free(&ask.document);
    int64_t us = clock_steady_us() - begun_us;
    count(&ask, us);
    log_request(&ask, err, us);
}

/* ---- For the server ---- */

/* Whether a body is announced that is more than anybody may send. */
static bool is_large(const struct http_request *request)
{
    bool chunked;
    uint64_t bytes;
    slice length = http_header(request, S("content-length"), NULL);
    http_header(request, S("transfer-encoding"), &chunked);
    return chunked || (length.len > 0 && !slice_u64(length, GATE_BODY_OPEN_MAX, &bytes));
}

bool gate_head(void *gate, const struct http_request *request, uint64_t *body_max, struct http_reply *refusal)
{
    const struct gate *of = gate;
    struct ask ask = {.request = request, .reply = refusal, .gate = of, .arena = request->arena, .status = 401};
    struct route_found found = route_find(of->options.routes, request->method, request->target, request->arena);
    *body_max = found.route == NULL ? 0 : found.route->body_max;
    if (of->options.body_max > 0 && *body_max > of->options.body_max)
        *body_max = of->options.body_max;
    if (found.route == NULL || found.route->access == ROUTE_OPEN || *body_max <= GATE_BODY_OPEN_MAX ||
            !is_large(request) || known_shows(&ask))
        return true;
    gate_plain.failed(&ask, err_make(ERR_AUTH, "nobody is signed in, so that nothing of this size is taken"));
    put_always(of, refusal);
    return false;
}

struct err gate_worker_open(void *gate, struct arena *arena, void **worker)
{
    struct worker *opened = arena_new(arena, struct worker, 1);
    opened->gate = gate;
    TRY(db_open(&opened->gate->options.db, arena, &opened->db));
    *worker = opened;
    return OK;
}

void gate_worker_close(void *worker)
{
    struct worker *closed = worker;
    db_close(closed->db);
}

void gate_open(const struct gate_options *options, struct arena *arena, struct gate **gate)
{
    struct gate *made = arena_new(arena, struct gate, 1);
    made->options = *options;
    while (options->routes[made->route_count].path != NULL)
        made->route_count++;
    made->counts = arena_new(arena, struct gate_count, made->route_count + 1);
    *gate = made;
}
