/* SPDX-License-Identifier: Apache-2.0 */
#include "http/client.h"

#include <assert.h>
#include <curl/curl.h>
#include <gnutls/x509.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/ip.h"
#include "http/gzip.h"

#define URL_BYTES_MAX HTTP_URL_BYTES_MAX
#define HEADERS_BYTES_MAX (256u << 10)
#define PAGE_BYTES_MAX (1u << 20) /* of what comes with an error or a redirect */
#define PAGE_KEPT_MAX (16u << 10) /* of that, the beginning, which may say why */
#define HEADER_KEPT_MAX 1024      /* bytes of an ETag and the like; a longer one is not kept */
#define WAKE_MS 200               /* libcurl looks at its times at least so often */

struct http_client {
    struct http_client_options options;
    CURL *curl;
    CURLM *multi; /* holds the connections, and can be woken */
    atomic_bool stopped;
    CURLU *parsed;
    bool kept_away; /* by public_only, from an address of the step at hand */
    struct http_gzip gzip;
    char why[CURL_ERROR_SIZE];
};

/* One get on its way. */
struct fetch {
    struct http_client *client;
    const struct http_get *get;
    struct arena *arena;
    struct http_answer *answer;
    const char *url;      /* of this step: redirects change it */
    const char *encoding; /* of its answer */
    bool packed;          /* what comes is gzip */
    int64_t end_us;
    size_t header_bytes, page_bytes;
    char *page;       /* PAGE_KEPT_MAX of it; NULL: nothing yet */
    curl_off_t moved; /* bytes, either way, */
    int64_t moved_us; /* when the last of them did */
    struct err err;   /* of our own: ends the transfer */
};

/* ---- URLs ---- */

const char *http_url_shown(const char *url, struct arena *arena)
{
    slice text = slice_of(url);
    size_t scheme = slice_find_slice(text, S("://"));
    size_t from = scheme < text.len ? scheme + 3 : 0;
    size_t end = from + strcspn(url + from, "/?#"), host = from;
    for (size_t i = from; i < end; i++)
        if (url[i] == '@')
            host = i + 1;
    size_t path = end + strcspn(url + end, "?#");
    struct buf shown = buf_make(2 * URL_BYTES_MAX);
    buf_put(&shown, slice_part(text, 0, from));
    for (size_t i = host; i < path && i < URL_BYTES_MAX; i++)
        buf_byte(&shown, (unsigned char)url[i] < ' ' || url[i] == 0x7F ? '?' : url[i]);
    if (url[path] == '?')
        buf_put(&shown, S("?..."));
    const char *copy = arena_cstr(arena, buf_slice(&shown));
    buf_free(&shown);
    return copy;
}

/* One part of a URL, in the arena; "" if it has none. */
static const char *url_part(struct http_client *client, const char *url, CURLUPart part, struct arena *arena)
{
    char *text = NULL;
    curl_url_set(client->parsed, CURLUPART_URL, NULL, 0); /* what it held would be taken for a base */
    if (curl_url_set(client->parsed, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
            curl_url_get(client->parsed, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK)
        return "";
    const char *copy = arena_cstr(arena, slice_of(text));
    curl_free(text);
    return copy;
}

static bool is_public(slice address)
{
    struct ip ip;
    return ip_parse(address, &ip) && ip_is_public(&ip);
}

/* A name, or an address that public_only lets through. */
static bool may_be_public(const struct http_client *client, const char *host)
{
    struct ip ip;
    slice text = slice_of(host);
    if (slice_starts(text, S("[")) && slice_ends(text, S("]")))
        text = slice_part(text, 1, text.len - 1);
    return !client->options.public_only || !ip_parse(text, &ip) || ip_is_public(&ip);
}

static struct err private_err(struct fetch *fetch)
{
    fetch->answer->reach = HTTP_PRIVATE;
    return err_format(fetch->arena, ERR_DENIED, "%s: its address is nobody's on the Internet; we do not go there",
            http_url_shown(fetch->url, fetch->arena));
}

static struct err url_check(struct fetch *fetch)
{
    struct http_client *client = fetch->client;
    struct arena *arena = fetch->arena;
    const char *shown = http_url_shown(fetch->url, arena), *url = fetch->url;
    if (strlen(url) > URL_BYTES_MAX)
        return err_make(ERR_LIMIT, "the URL is longer than 8192 bytes");
    const char *scheme = url_part(client, url, CURLUPART_SCHEME, arena);
    bool plain = strcmp(scheme, "http") == 0;
    if (*scheme != 0 && !plain && strcmp(scheme, "https") != 0)
        return err_format(arena, ERR_INPUT, "%s: only http and https are fetched, not %s", shown, scheme);
    const char *host = url_part(client, url, CURLUPART_HOST, arena);
    if (*host == 0)
        return err_format(arena, ERR_INPUT, "%s is no URL of http or https; a file is named by its path", shown);
    if (!may_be_public(client, host))
        return private_err(fetch);
    if (plain && !client->options.plain_http)
        return err_format(arena, ERR_DENIED,
                "%s: this node fetches by https only ([feeds] plain-http); ask for an https URL", shown);
    return OK;
}

bool http_url_same_origin(struct http_client *client, const char *a, const char *b, struct arena *arena)
{
    static const CURLUPart parts[] = {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT};
    bool same = true;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        const char *part = url_part(client, a, parts[i], arena);
        same = same && *part != 0 && strcasecmp(part, url_part(client, b, parts[i], arena)) == 0;
    }
    return same;
}

const char *http_url_join(struct http_client *client, const char *base, const char *relative, struct arena *arena)
{
    char *text = NULL;
    curl_url_set(client->parsed, CURLUPART_URL, NULL, 0);
    if (curl_url_set(client->parsed, CURLUPART_URL, base, 0) != CURLUE_OK ||
            curl_url_set(client->parsed, CURLUPART_URL, relative, 0) != CURLUE_OK ||
            curl_url_get(client->parsed, CURLUPART_URL, &text, 0) != CURLUE_OK)
        return NULL;
    const char *copy = arena_cstr(arena, slice_of(text));
    curl_free(text);
    return copy;
}

/* Credentials are for the host they were given for, by the same scheme and port, and for no other. */
static bool is_at_home(const struct fetch *fetch)
{
    return http_url_same_origin(fetch->client, fetch->get->url, fetch->url, fetch->arena);
}

/* ---- What libcurl calls ---- */

static long status_of(CURL *curl)
{
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

/* What came, unpacked. */
static struct err give(void *context, slice bytes)
{
    struct fetch *fetch = context;
    if (bytes.len > fetch->client->options.bytes_max - fetch->answer->bytes)
        return err_format(fetch->arena, ERR_LIMIT,
                "%s gives more than %llu bytes; if that is right, raise [feeds] bytes",
                http_url_shown(fetch->url, fetch->arena), (unsigned long long)fetch->client->options.bytes_max);
    fetch->answer->bytes += bytes.len;
    return fetch->get->body(fetch->get->context, bytes);
}

static struct err damaged(const struct fetch *fetch, const char *how)
{
    return err_format(fetch->arena, ERR_REMOTE, "%s: %s; try again, then tell who runs it",
            http_url_shown(fetch->url, fetch->arena), how);
}

/* We unpack ourselves, since libcurl takes gzip that was cut off for whole. */
static struct err unpack(struct fetch *fetch, slice bytes)
{
    fetch->packed = strcasecmp(fetch->encoding, "gzip") == 0 || strcasecmp(fetch->encoding, "x-gzip") == 0;
    if (fetch->packed) {
        struct err err = http_gzip_put(&fetch->client->gzip, bytes, give, fetch);
        return err.why == http_gzip_damaged ? damaged(fetch, err.why) : err;
    }
    if (*fetch->encoding == 0 || strcasecmp(fetch->encoding, "identity") == 0)
        return give(fetch, bytes);
    return err_format(fetch->arena, ERR_REMOTE, "%s is packed as %s, which we did not ask for; tell who runs it",
            http_url_shown(fetch->url, fetch->arena), fetch->encoding);
}

/* The beginning of a page stays, for who knows how to look for a reason in it. */
static void page_keep(struct fetch *fetch, slice bytes)
{
    slice *page = &fetch->answer->page;
    size_t room = PAGE_KEPT_MAX - page->len, len = bytes.len < room ? bytes.len : room;
    if (*fetch->encoding != 0)
        return;
    if (fetch->page == NULL)
        page->ptr = fetch->page = arena_new(fetch->arena, char, PAGE_KEPT_MAX);
    memcpy(fetch->page + page->len, bytes.ptr, len);
    page->len += len;
}

/* Passes over a page; one that does not end would hold us until the time is up. */
static bool page_passed(struct fetch *fetch, long status, slice bytes)
{
    page_keep(fetch, bytes);
    fetch->page_bytes += bytes.len;
    if (fetch->page_bytes <= PAGE_BYTES_MAX)
        return true;
    fetch->err = err_format(fetch->arena, ERR_LIMIT, "%s answers with status %ld and more than 1 MiB about it",
            http_url_shown(fetch->url, fetch->arena), status);
    return false;
}

/* What was sent may have been taken (201), or taken to be done (202). */
static bool is_good(const struct fetch *fetch, long status)
{
    return status == 200 || (fetch->get->send != NULL && (status == 201 || status == 202));
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the type of libcurl */
static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct fetch *fetch = context;
    size_t len = size * count;
    long status = status_of(fetch->client->curl);
    if (!is_good(fetch, status)) /* a page about the error */
        return page_passed(fetch, status, (slice){bytes, len}) ? len : 0;
    fetch->err = unpack(fetch, (slice){bytes, len});
    return fetch->err.kind == ERR_NONE ? len : 0;
}

/* The value of the header, if the line is of it and can be kept. */
static bool header_is(slice line, slice name, slice *value)
{
    size_t colon = slice_find(line, ':');
    *value = colon < line.len ? slice_trim(slice_from(line, colon + 1)) : (slice){0};
    if (!slice_eq_fold(slice_part(line, 0, colon), name) || value->len > HEADER_KEPT_MAX)
        return false;
    for (size_t i = 0; i < value->len; i++)
        if ((unsigned char)value->ptr[i] < ' ' || value->ptr[i] == 0x7F)
            return false;
    return true;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the type of libcurl */
static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
    struct fetch *fetch = context;
    slice line = {bytes, size * count}, value;
    fetch->header_bytes += line.len;
    if (fetch->header_bytes > HEADERS_BYTES_MAX) {
        fetch->err = err_format(fetch->arena, ERR_LIMIT, "%s answers with more than 256 KiB of headers",
                http_url_shown(fetch->url, fetch->arena));
        return 0;
    }
    const struct {
        slice name;
        const char **to;
    } kept[] = {
            {S("etag"), &fetch->answer->etag},
            {S("last-modified"), &fetch->answer->modified},
            {S("content-type"), &fetch->answer->type},
            {S("content-encoding"), &fetch->encoding},
            {S("date"), &fetch->answer->date},
            {S("x-taxii-date-added-first"), &fetch->answer->added_first},
            {S("x-taxii-date-added-last"), &fetch->answer->added_last},
    };
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        if (header_is(line, kept[i].name, &value))
            *kept[i].to = arena_cstr(fetch->arena, value);
    return line.len;
}

static int on_progress(void *context, curl_off_t total, curl_off_t done, curl_off_t up_total, curl_off_t up_done)
{
    struct fetch *fetch = context;
    (void)up_total;
    if (done + up_done != fetch->moved)
        fetch->moved_us = clock_steady_us();
    fetch->moved = done + up_done;
    if (fetch->get->progress != NULL)
        fetch->get->progress(fetch->get->context, done < 0 ? 0 : (uint64_t)done, total < 0 ? 0 : (uint64_t)total);
    return 0;
}

/* Where a name leads is known only here, and it may be another place each time. Where a proxy looks names up, that is
 * for its rules to say. */
static curl_socket_t on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct http_client *client = context;
    char text[NI_MAXHOST] = "";
    (void)purpose;
    (void)getnameinfo(&address->addr, address->addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST);
    if (client->options.public_only && client->options.proxy == NULL && !is_public(slice_of(text))) {
        client->kept_away = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* ---- Errors, as sentences that say what to do ---- */

/* %s in `what` is the URL as it may be shown. */
static const struct failure {
    CURLcode code;
    enum err_kind kind;
    const char *what, *advice;
    enum http_reach reach;
} failures[] = {
        {CURLE_COULDNT_RESOLVE_HOST, ERR_REMOTE, "the name of its host is not known",
                "look at the spelling and at the resolver of this machine", HTTP_NO_NAME},
        {CURLE_COULDNT_RESOLVE_PROXY, ERR_REMOTE, "the name of the proxy is not known", "look at [feeds] proxy",
                HTTP_NO_ANSWER},
        {CURLE_COULDNT_CONNECT, ERR_REMOTE, "nobody answers there", "is the host up, and may this machine reach it?",
                HTTP_NO_ANSWER},
        {CURLE_PROXY, ERR_REMOTE, "the proxy lets us not through", "look at [feeds] proxy and at the rules there"},
        {CURLE_PEER_FAILED_VERIFICATION, ERR_REMOTE, "its certificate is not one to trust",
                "if it is of your own authority, name that with [feeds] ca"},
        {CURLE_SSL_PINNEDPUBKEYNOTMATCH, ERR_REMOTE, "its key is none that this partner certified",
                "ask them by telephone: it is another certificate of theirs, or somebody else answers"},
        {CURLE_SSL_CONNECT_ERROR, ERR_REMOTE, "no TLS came about", "does it speak TLS 1.2 or later there?"},
        {CURLE_SSL_CACERT_BADFILE, ERR_INPUT, "the certificates to trust cannot be read", "look at [feeds] ca"},
        {CURLE_OPERATION_TIMEDOUT, ERR_REMOTE, "it takes too long",
                "try later, or raise [feeds] connect-timeout, idle-timeout or timeout", HTTP_NO_ANSWER},
        {CURLE_PARTIAL_FILE, ERR_REMOTE, "it ends before its end", "try again"},
        {CURLE_RECV_ERROR, ERR_REMOTE, "the connection broke off", "try again", HTTP_NO_ANSWER},
        {CURLE_SEND_ERROR, ERR_REMOTE, "the connection broke off", "try again", HTTP_NO_ANSWER},
        {CURLE_GOT_NOTHING, ERR_REMOTE, "the other side hung up without a word", "try again", HTTP_NO_ANSWER},
        {CURLE_WEIRD_SERVER_REPLY, ERR_REMOTE, "what answers there is no HTTP", "look at the port"},
        {CURLE_UNSUPPORTED_PROTOCOL, ERR_REMOTE, "what answers there is no HTTP", "look at the port"},
        {CURLE_OUT_OF_MEMORY, ERR_SYSTEM, "there is no memory for it", "free some"},
};

/* What libcurl says of it, without what could harm a terminal. Some messages of TLS are all that tells names apart. */
static const char *detail_of(const struct http_client *client, CURLcode code, struct arena *arena)
{
    const char *text = *client->why != 0 ? client->why : curl_easy_strerror(code);
    char *copy = arena_take(arena, strlen(text) + 1);
    for (size_t i = 0; text[i] != 0; i++)
        copy[i] = (char)((unsigned char)text[i] < ' ' || text[i] == 0x7F ? ' ' : text[i]);
    return copy;
}

static struct err transfer_err(struct fetch *fetch, CURLcode code)
{
    const char *shown = http_url_shown(fetch->url, fetch->arena);
    const char *detail = detail_of(fetch->client, code, fetch->arena);
    long proxy_status = 0;
    if (fetch->err.kind != ERR_NONE)
        return fetch->err;
    if (fetch->client->kept_away)
        return private_err(fetch);
    if (atomic_load(&fetch->client->stopped))
        return err_format(fetch->arena, ERR_CONFLICT, "%s: it was stopped", shown);
    curl_easy_getinfo(fetch->client->curl, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
    if (proxy_status >= 300)
        return err_format(fetch->arena, ERR_REMOTE,
                "%s: the proxy answers with status %ld; look at [feeds] proxy, at USER:PASSWORD@ in it, and at the "
                "rules "
                "there",
                shown, proxy_status);
    for (size_t i = 0; i < COUNT_OF(failures); i++)
        if (failures[i].code == code) {
            fetch->answer->reach = failures[i].reach;
            return err_format(fetch->arena, failures[i].kind, "%s: %s (%s); %s", shown, failures[i].what, detail,
                    failures[i].advice);
        }
    return err_format(fetch->arena, ERR_REMOTE, "%s: %s", shown, detail);
}

static const struct {
    long status;
    enum err_kind kind;
    const char *what;
} statuses[] = {
        {401, ERR_AUTH, "wants to know who asks: give the feed its credentials"},
        {403, ERR_DENIED, "is not for us: do the credentials still hold?"},
        {404, ERR_MISSING, "is not there: look at the path"},
        {409, ERR_CONFLICT, "says that it is another state there: read it anew"},
        {407, ERR_REMOTE, "is behind a proxy that wants to know who asks: write USER:PASSWORD@ into [feeds] proxy"},
        {410, ERR_MISSING, "is gone for good: look for where it went"},
        {429, ERR_REMOTE, "was asked for too often: ask less often"},
};

static struct err status_err(const struct fetch *fetch, long status)
{
    const char *shown = http_url_shown(fetch->url, fetch->arena);
    for (size_t i = 0; i < COUNT_OF(statuses); i++)
        if (statuses[i].status == status)
            return err_format(fetch->arena, statuses[i].kind, "%s %s (status %ld)", shown, statuses[i].what, status);
    return err_format(fetch->arena, ERR_REMOTE, "%s answers with status %ld: %s", shown, status,
            status >= 500 ? "its server has a trouble of its own; try later" : "look at the URL");
}

/* ---- One step, and the steps of redirects ---- */

static void add_line(struct curl_slist **headers, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*headers, line);
    if (longer != NULL)
        *headers = longer;
}

/* An empty value takes a header of libcurl's away. */
static void add_header(struct curl_slist **headers, struct arena *arena, const char *name, const char *value)
{
    if (value != NULL)
        add_line(headers, arena_printf(arena, "%s: %s", name, value));
}

static struct curl_slist *headers_of(const struct fetch *fetch)
{
    struct curl_slist *headers = NULL;
    add_header(&headers, fetch->arena, "Accept-Encoding", "gzip");
    add_header(&headers, fetch->arena, "Accept", fetch->get->accept);
    add_header(&headers, fetch->arena, "Content-Type", fetch->get->send == NULL ? NULL : fetch->get->send->type);
    add_header(&headers, fetch->arena, "If-None-Match", fetch->get->etag);
    add_header(&headers, fetch->arena, "If-Modified-Since", fetch->get->modified);
    if (is_at_home(fetch))
        add_header(&headers, fetch->arena, "Authorization", fetch->get->authorization);
    if (is_at_home(fetch) && fetch->get->header != NULL)
        add_line(&headers, fetch->get->header);
    if (fetch->get->send != NULL) /* to wait for a "100 Continue" that few servers send would cost a second */
        add_header(&headers, fetch->arena, "Expect", "");
    return headers;
}

/* The answer's own redirect, or NULL. */
static const char *redirect_of(const struct fetch *fetch)
{
    char *to = NULL;
    curl_easy_getinfo(fetch->client->curl, CURLINFO_REDIRECT_URL, &to);
    return to == NULL ? NULL : arena_cstr(fetch->arena, slice_of(to));
}

static void curl_target(struct fetch *fetch, struct curl_slist *headers)
{
    CURL *curl = fetch->client->curl;
    int64_t left_ms = fetch->end_us == INT64_MAX ? 0 : (fetch->end_us - clock_steady_us()) / 1000;
    curl_easy_setopt(curl, CURLOPT_URL, fetch->url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, fetch->end_us == INT64_MAX ? 0L : (long)(left_ms < 1 ? 1 : left_ms));
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, fetch);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, fetch);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, fetch);
    *fetch->client->why = 0;
}

static bool is_idle(const struct fetch *fetch)
{
    return clock_steady_us() - fetch->moved_us > (int64_t)fetch->client->options.idle_ms * 1000;
}

/* What curl_easy_perform does, in a way that another thread can end. libcurl itself knows no idle connection, only a
 * slow one, and a stream that says a few bytes every quarter of a minute is slow by intent. */
static CURLcode perform(struct fetch *fetch)
{
    struct http_client *client = fetch->client;
    CURLMsg *message = NULL;
    int running = 1, left;
    fetch->moved = 0;
    fetch->moved_us = clock_steady_us();
    if (curl_multi_add_handle(client->multi, client->curl) != CURLM_OK)
        return CURLE_FAILED_INIT;
    while (running > 0 && !atomic_load(&client->stopped) && !is_idle(fetch))
        if (curl_multi_perform(client->multi, &running) != CURLM_OK ||
                (running > 0 && curl_multi_poll(client->multi, NULL, 0, WAKE_MS, NULL) != CURLM_OK))
            break;
    CURLcode code = running > 0 ? CURLE_OPERATION_TIMEDOUT : CURLE_OK;
    while ((message = curl_multi_info_read(client->multi, &left)) != NULL)
        if (message->msg == CURLMSG_DONE)
            code = message->data.result;
    curl_multi_remove_handle(client->multi, client->curl);
    return code;
}

void http_client_stop(struct http_client *client)
{
    atomic_store(&client->stopped, true);
    curl_multi_wakeup(client->multi);
}

bool http_url_nameless(struct http_client *client, const char *url, struct arena *arena)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int status = getaddrinfo(url_part(client, url, CURLUPART_HOST, arena), NULL, &hints, &found);
    if (status == 0)
        freeaddrinfo(found);
    return status == EAI_NONAME;
}

static void curl_sent(const struct fetch *fetch)
{
    CURL *curl = fetch->client->curl;
    const struct http_send *send = fetch->get->send;
    const struct http_client_options *options = &fetch->client->options;
    bool home = is_at_home(fetch);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(send == NULL ? 0 : send->body.len));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, send == NULL ? "" : send->body.ptr);
    curl_easy_setopt(curl, send == NULL ? CURLOPT_HTTPGET : CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_SSLCERT, home ? options->certificate : NULL);
    curl_easy_setopt(curl, CURLOPT_SSLKEY, home ? options->key : NULL);
    curl_easy_setopt(curl, CURLOPT_PINNEDPUBLICKEY, home ? fetch->get->pins : NULL);
}

/* What an answer says beside its text. */
static long answer_read(struct fetch *fetch)
{
    curl_off_t wait_s = 0;
    long status = status_of(fetch->client->curl);
    curl_easy_getinfo(fetch->client->curl, CURLINFO_RETRY_AFTER, &wait_s);
    fetch->answer->status = (unsigned)status;
    fetch->answer->retry_after_s = wait_s > 0 ? (uint64_t)wait_s : 0;
    fetch->answer->unchanged = status == 304;
    return status;
}

/* *next: where the answer sends us, NULL if it is the answer. */
static struct err step(struct fetch *fetch, const char **next)
{
    CURL *curl = fetch->client->curl;
    struct http_answer *answer = fetch->answer;
    *next = NULL;
    TRY(url_check(fetch));
    answer->etag = answer->modified = answer->type = answer->date = fetch->encoding = "";
    answer->added_first = answer->added_last = "";
    answer->page.len = 0;
    answer->reach = HTTP_REACHED;
    fetch->packed = fetch->client->kept_away = false;
    http_gzip_begin(&fetch->client->gzip);
    struct curl_slist *headers = headers_of(fetch);
    curl_target(fetch, headers);
    curl_sent(fetch);
    CURLcode code = perform(fetch);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    long status = answer_read(fetch);
    if (code != CURLE_OK)
        return transfer_err(fetch, code);
    if (is_good(fetch, status) && fetch->packed && !http_gzip_is_whole(&fetch->client->gzip))
        return damaged(fetch, "the gzip data ends before its end [RFC 1952]");
    if (is_good(fetch, status) || status == 304)
        return OK;
    *next = redirect_of(fetch);
    return *next != NULL ? OK : status_err(fetch, status);
}

static struct err follow(struct fetch *fetch, const char *next)
{
    const char *shown = http_url_shown(fetch->url, fetch->arena), *to = http_url_shown(next, fetch->arena);
    if (fetch->answer->redirects == fetch->client->options.redirects_max)
        return err_format(fetch->arena, ERR_REMOTE,
                "%s: more than %llu redirects, the last to %s; if it is not a circle, raise [feeds] redirects",
                http_url_shown(fetch->get->url, fetch->arena), (unsigned long long)fetch->answer->redirects, to);
    if (strncasecmp(fetch->url, "https:", 6) == 0 && strncasecmp(next, "https:", 6) != 0)
        return err_format(fetch->arena, ERR_REMOTE, "%s sends us to %s, without TLS; we do not go there", shown, to);
    fetch->answer->redirects++;
    fetch->url = next;
    bool at_home = is_at_home(fetch);
    if (fetch->get->stay && !at_home)
        return err_format(
                fetch->arena, ERR_REMOTE, "%s sends us to %s; only who was introduced to us is asked", shown, to);
    if (fetch->get->send == NULL || (at_home && fetch->answer->status != 303))
        return OK;
    return err_format(fetch->arena, ERR_REMOTE,
            "%s sends us to %s (status %u); what is meant for one host is not sent to another. Ask who runs it for "
            "the right URL",
            shown, to, fetch->answer->status);
}

/* A line end in a header would begin another one. */
static struct err headers_check(const struct http_get *get)
{
    const char *type = get->send == NULL ? NULL : get->send->type;
    const char *const values[] = {get->authorization, get->etag, get->modified, get->accept, type};
    for (size_t i = 0; i < COUNT_OF(values); i++)
        if (values[i] != NULL && strpbrk(values[i], "\r\n") != NULL)
            return err_make(ERR_INPUT, "credentials and tags of a feed are one line of text each");
    return OK;
}

struct err http_client_get(
        struct http_client *client, const struct http_get *get, struct arena *arena, struct http_answer *answer)
{
    *answer = (struct http_answer){
            .etag = "", .modified = "", .type = "", .date = "", .added_first = "", .added_last = ""};
    struct fetch fetch = {
            .client = client,
            .get = get,
            .arena = arena,
            .answer = answer,
            .url = get->url,
            .encoding = "",
            .end_us = client->options.total_ms == 0 ? INT64_MAX
                                                    : clock_steady_us() + (int64_t)client->options.total_ms * 1000,
    };
    const char *next = NULL;
    TRY(headers_check(get));
    TRY(step(&fetch, &next));
    while (next != NULL) {
        TRY(follow(&fetch, next));
        TRY(step(&fetch, &next));
    }
    return OK;
}

/* ---- Opening ---- */

/* A file without a certificate would trust nobody, and say so only when a feed is fetched. */
static struct err ca_check(const char *file, struct arena *arena)
{
    gnutls_x509_trust_list_t list;
    if (file == NULL)
        return OK;
    if (access(file, R_OK) != 0)
        return err_format(arena, ERR_INPUT, "the certificates to trust cannot be read: %s; look at [feeds] ca",
                err_errno(arena, file).why);
    if (gnutls_x509_trust_list_init(&list, 0) < 0)
        return err_make(ERR_SYSTEM, "there is no memory for certificates");
    int count = gnutls_x509_trust_list_add_trust_file(list, file, NULL, GNUTLS_X509_FMT_PEM, 0, 0);
    gnutls_x509_trust_list_deinit(list, 1);
    if (count <= 0)
        return err_format(arena, ERR_INPUT, "there is no certificate in PEM in %s; look at [feeds] ca", file);
    return OK;
}

/* The same for what we show: libcurl would say so only when a server asks for it. */
static struct err own_check(const struct http_client_options *options, struct arena *arena)
{
    gnutls_certificate_credentials_t own;
    if (options->certificate == NULL)
        return OK;
    if (options->key == NULL || gnutls_certificate_allocate_credentials(&own) < 0)
        return err_make(ERR_SYSTEM, "there is no key, or no memory, for the certificate that we show");
    int result = gnutls_certificate_set_x509_key_file(own, options->certificate, options->key, GNUTLS_X509_FMT_PEM);
    gnutls_certificate_free_credentials(own);
    if (result >= 0)
        return OK;
    return err_format(arena, ERR_INPUT,
            "%s and %s cannot be shown to a server: %s; both are PEM, the key without a password, and they belong "
            "together",
            options->certificate, options->key, gnutls_strerror(result));
}

static CURLcode global_result;

static void global_start(void)
{
    global_result = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void set_limits(CURL *curl, const struct http_client_options *options)
{
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)options->connect_ms);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L); /* other threads have signals of their own */
}

/* Nothing is taken from outside of the options: "" stands for no proxy, where NULL would ask the environment. */
static void set_road(CURL *curl, const struct http_client_options *options)
{
    curl_easy_setopt(curl, CURLOPT_PROXY, options->proxy == NULL ? "" : options->proxy);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "");
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (options->ca_file != NULL) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, options->ca_file);
        curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    }
}

static void set_calls(struct http_client *client)
{
    CURL *curl = client->curl;
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, client->why);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, client);
    curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L); /* what a proxy says is not the answer */
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "kentongan/" KENTONGAN_VERSION);
}

struct err http_client_open(const struct http_client_options *options, struct arena *arena, struct http_client **client)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, global_start);
    TRY(ca_check(options->ca_file, arena));
    TRY(own_check(options, arena));
    struct http_client *made = arena_new(arena, struct http_client, 1);
    made->options = *options;
    made->curl = global_result == CURLE_OK ? curl_easy_init() : NULL;
    made->multi = made->curl == NULL ? NULL : curl_multi_init();
    made->parsed = made->multi == NULL ? NULL : curl_url();
    if (made->parsed == NULL) {
        http_client_close(made);
        return err_make(ERR_SYSTEM, "libcurl does not start: there is no memory for it");
    }
    set_limits(made->curl, options);
    set_road(made->curl, options);
    set_calls(made);
    *client = made;
    return OK;
}

void http_client_close(struct http_client *client)
{
    if (client == NULL)
        return;
    curl_url_cleanup(client->parsed);
    curl_easy_cleanup(client->curl);
    curl_multi_cleanup(client->multi);
}
