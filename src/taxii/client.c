/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/client.h"

#include <time.h>

#include "base/arena.h"
#include "taxii/answer.h"
#include "json/read.h"

#define STEP_MS 50

/* Section 1.6.8; some servers know it without its version, some take it for plain JSON. */
static const char *const accepts[] = {
        "application/taxii+json;version=2.1", "application/taxii+json", "application/json, */*"};
static const char *const types[] = {
        "application/taxii+json;version=2.1", "application/taxii+json", "application/stix+json;version=2.1"};

struct taxii_client taxii_client_open(const struct taxii_client_options *options)
{
    return (struct taxii_client){.options = *options};
}

struct err taxii_client_url(const char *url, struct arena *arena, const char **whole)
{
    slice text = slice_part(slice_of(url), 0, strcspn(url, "?#"));
    bool http = slice_find_slice(text, S("://")) < text.len;
    if (!http || text.len > TAXII_URL_MAX)
        return err_format(arena, ERR_INPUT, "%s is no URL of a TAXII server, as https://taxii.example/taxii2/",
                http_url_shown(url, arena));
    *whole = arena_printf(arena, "%.*s%s", (int)text.len, text.ptr, slice_ends(text, S("/")) ? "" : "/");
    return OK;
}

/* ---- One request, again while the server puts it off ---- */

struct taking {
    const struct taxii_client *client;
    struct buf text;
    const char *url;
    struct arena *arena;
};

static bool is_stopped(const struct taxii_client *client)
{
    return client->options.stop != NULL && client->options.stop(client->options.context);
}

static struct err take(void *context, slice bytes)
{
    struct taking *taking = context;
    if (is_stopped(taking->client))
        return err_make(ERR_CONFLICT, "stopped before its end");
    buf_put(&taking->text, bytes);
    if (!taking->text.full)
        return OK;
    return err_format(taking->arena, ERR_LIMIT, "%s gives more than %zu bytes at once",
            http_url_shown(taking->url, taking->arena), taking->text.max);
}

struct err taxii_client_wait(struct taxii_client *client, uint64_t ms)
{
    int64_t end_us = clock_steady_us() + (int64_t)ms * 1000;
    while (clock_steady_us() < end_us) {
        if (is_stopped(client))
            return err_make(ERR_CONFLICT, "stopped before its end");
        nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000L}, NULL);
    }
    return OK;
}

static const struct {
    unsigned status;
    enum err_kind kind;
    const char *what;
} statuses[] = {
        {401, ERR_AUTH, "wants to know who asks, or does not know us: are user, password, token or certificate right?"},
        {403, ERR_DENIED, "is not for us: ask who runs it for the right"},
        {404, ERR_MISSING, "is not there, or not for us: look at the path, and ask who runs it for the right"},
        {406, ERR_REMOTE, "speaks no TAXII 2.1"},
        {413, ERR_LIMIT, "takes no envelope as large as this"},
        {415, ERR_REMOTE, "takes no TAXII 2.1"},
        {422, ERR_INPUT, "could not make sense of what we sent"},
        {429, ERR_REMOTE, "was asked too often"},
        {503, ERR_REMOTE, "cannot answer now"},
};

/* The words of the http client are those of feeds. */
static struct err reworded(const char *url, const struct http_answer *answer, struct err err, struct arena *arena)
{
    for (size_t i = 0; i < COUNT_OF(statuses); i++)
        if (answer->status == statuses[i].status)
            return err_format(arena, statuses[i].kind, "%s %s (status %u)%s", http_url_shown(url, arena),
                    statuses[i].what, answer->status, taxii_answer_reason(answer->page, arena));
    return answer->status < 400
                   ? err
                   : err_format(arena, err.kind, "%s%s", err.why, taxii_answer_reason(answer->page, arena));
}

/* Whether the same is worth asking again, after a while or in other words. */
static bool again(struct taxii_client *client, const struct http_get *get, unsigned tries, uint64_t *wait_s)
{
    *wait_s = 0;
    if (tries >= TAXII_TRIES_MAX)
        return false;
    if (client->status == 406 && client->accept + 1 < COUNT_OF(accepts))
        return ++client->accept > 0;
    if (client->status == 415 && get->send != NULL && client->type + 1 < COUNT_OF(types))
        return ++client->type > 0;
    if (client->options.once || (client->status != 429 && client->status != 503))
        return false;
    *wait_s = client->later_s > 0 ? client->later_s : UINT64_C(1) << tries >> 1;
    return *wait_s <= TAXII_WAIT_S_MAX;
}

static struct err request(
        struct taxii_client *client, struct http_get *get, struct taking *taking, struct http_answer *answer)
{
    struct http_send send = {.type = NULL};
    struct err err = OK;
    uint64_t wait_s = 0;
    if (get->send != NULL)
        send = *get->send;
    for (unsigned tries = 0; tries == 0 || again(client, get, tries, &wait_s); tries++) {
        TRY(taxii_client_wait(client, wait_s * 1000));
        buf_reset(&taking->text);
        send.type = types[client->type];
        get->send = get->send == NULL ? NULL : &send;
        get->accept = accepts[client->accept];
        get->stay = client->options.authorize != NULL; /* another node */
        if (client->options.authorize != NULL)
            get->authorization = client->options.authorize(client->options.context, taking->arena);
        err = http_client_get(client->options.http, get, taking->arena, answer);
        client->status = answer->status;
        client->later_s = answer->retry_after_s;
        if (err.kind == ERR_NONE)
            return OK;
    }
    get->send = NULL; /* it lay here */
    return reworded(get->url, answer, err, taking->arena);
}

static struct err call(struct taxii_client *client, const char *url, const slice *envelope, size_t bytes_max,
        struct arena *arena, slice *json, struct http_answer *answer)
{
    struct taking taking = {client, buf_make(bytes_max), url, arena};
    struct http_send send = {.type = NULL};
    struct http_get get = {.url = url,
            .authorization = client->options.authorization,
            .pins = client->options.pins,
            .header = client->header,
            .context = &taking,
            .body = take};
    if (envelope != NULL) {
        send.body = *envelope;
        get.send = &send;
    }
    struct err err = request(client, &get, &taking, answer);
    if (err.kind == ERR_NONE)
        err = taxii_answer_check(url, answer, buf_slice(&taking.text), arena);
    if (err.kind == ERR_NONE)
        *json = slice_trim(arena_copy(arena, buf_slice(&taking.text)));
    buf_free(&taking.text);
    return err;
}

struct err taxii_client_raw(
        struct taxii_client *client, const char *url, size_t bytes_max, struct arena *arena, slice *bytes)
{
    struct taking taking = {client, buf_make(bytes_max), url, arena};
    struct http_get get = {.url = url,
            .authorization = client->options.authorization,
            .pins = client->options.pins,
            .context = &taking,
            .body = take};
    struct http_answer answer;
    struct err err = request(client, &get, &taking, &answer);
    if (err.kind == ERR_NONE)
        *bytes = arena_copy(arena, buf_slice(&taking.text));
    buf_free(&taking.text);
    return err;
}

struct err taxii_client_get(struct taxii_client *client, const char *url, struct arena *arena, slice *json)
{
    struct http_answer answer;
    return call(client, url, NULL, TAXII_RESOURCE_BYTES_MAX, arena, json, &answer);
}

/* ---- Pages ---- */

/* All versions, since a node keeps every one; the brackets escaped (RFC 3986 section 3.2.2). */
static const char *page_url(
        const struct taxii_client *client, const struct taxii_ask *ask, const char *what, struct arena *arena)
{
    struct buf url = buf_make(TAXII_URL_MAX + 4 * TAXII_NEXT_MAX);
    buf_printf(&url, "%s%s/?limit=%llu", ask->collection, what, (unsigned long long)ask->limit);
    if (!client->plain)
        buf_put(&url, S("&match%5Bversion%5D=all"));
    if (ask->added_after.len > 0) {
        buf_put(&url, S("&added_after="));
        buf_uri(&url, ask->added_after, "");
    }
    if (ask->next.len > 0) {
        buf_put(&url, S("&next="));
        buf_uri(&url, ask->next, "");
    }
    const char *copy = arena_cstr(arena, buf_slice(&url));
    buf_free(&url);
    return copy;
}

static struct err page_call(struct taxii_client *client, const struct taxii_ask *ask, const char *what,
        struct arena *arena, struct taxii_page *page)
{
    struct http_answer answer;
    slice json;
    const char *url = page_url(client, ask, what, arena);
    TRY(call(client, url, NULL, TAXII_PAGE_BYTES_MAX, arena, &json, &answer));
    return taxii_answer_page(json, &answer, arena, page);
}

struct err taxii_client_page(
        struct taxii_client *client, const struct taxii_ask *ask, struct arena *arena, struct taxii_page *page)
{
    struct err err = page_call(client, ask, "objects", arena, page);
    /* A filter that a server does not know must be passed over (section 3.3); some refuse it. */
    if (client->status != 400 || client->plain)
        return err;
    client->plain = true;
    struct err plain = page_call(client, ask, "objects", arena, page);
    client->plain = plain.kind == ERR_NONE;
    return client->plain ? OK : err;
}

/* Versions of one page come in the order of that page (section 5.3). */
struct err taxii_client_added_last(
        struct taxii_client *client, const struct taxii_ask *ask, uint64_t count, struct arena *arena, slice *last)
{
    struct taxii_page page;
    slice record;
    *last = S("");
    struct err err = page_call(client, ask, "manifest", arena, &page);
    if (err.kind != ERR_NONE)
        return err.kind == ERR_CONFLICT ? err : OK;
    struct json_elements records = json_elements(page.objects);
    for (uint64_t i = 0; i < count && json_element_next(&records, &record); i++) {
        slice added = json_text(json_get(record, S("date_added")), arena);
        int64_t us;
        if (time_parse_strict(added, &us))
            *last = added;
    }
    return OK;
}

/* ---- Envelopes sent, and what became of them (section 4.4) ---- */

struct err taxii_client_post(struct taxii_client *client, const char *collection, slice envelope, struct arena *arena,
        struct taxii_status *status)
{
    struct http_answer answer;
    slice json;
    const char *url = arena_printf(arena, "%sobjects/", collection);
    TRY(call(client, url, &envelope, TAXII_RESOURCE_BYTES_MAX, arena, &json, &answer));
    return taxii_answer_status(json, url, arena, status);
}

struct err taxii_client_status(
        struct taxii_client *client, const char *root, slice id, struct arena *arena, struct taxii_status *status)
{
    struct buf url = buf_make(TAXII_URL_MAX);
    slice json;
    buf_printf(&url, "%sstatus/", root);
    buf_uri(&url, id, "");
    buf_byte(&url, '/');
    const char *whole = arena_cstr(arena, buf_slice(&url));
    struct err err = buf_check(&url);
    buf_free(&url);
    TRY(err);
    TRY(taxii_client_get(client, whole, arena, &json));
    return taxii_answer_status(json, whole, arena, status);
}
