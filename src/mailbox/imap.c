/* SPDX-License-Identifier: Apache-2.0 */
#include "mailbox/imap.h"

#include <curl/curl.h>
#include <pthread.h>

#include "base/arena.h"

#define WORK_BYTES_MAX (256u << 20)
#define ANSWER_BYTES_MAX (128u << 10) /* of a search */

struct imap {
    const struct mailbox_imap_options *options;
    const struct mailbox_taker *taker;
    struct mailbox_imap_place *place;
    struct mailbox_taken *taken;
    struct arena *arena, *work; /* work is emptied after each mail */
    CURL *curl;
    struct buf answer, mail;
    struct buf *into;        /* which of the two the request at hand fills */
    uint64_t validity, next; /* as the server says when the folder is opened; 0: not yet */
    char why[CURL_ERROR_SIZE];
};

/* ---- What libcurl calls ---- */

/* NOLINTNEXTLINE(readability-non-const-parameter): the type of libcurl */
static size_t on_bytes(char *bytes, size_t size, size_t count, void *context)
{
    struct imap *imap = context;
    buf_put(imap->into, (slice){bytes, size * count});
    return imap->into->full ? 0 : size * count;
}

/* "* OK [UIDVALIDITY 3857529045] UIDs valid" */
static void code_read(slice line, slice name, uint64_t *value)
{
    size_t at = slice_find_slice(line, name), end;
    if (!slice_starts(line, S("* OK [")) || at != S("* OK [").len)
        return;
    slice rest = slice_from(line, at + name.len);
    end = slice_find(rest, ']');
    (void)slice_u64(slice_part(rest, 0, end), UINT32_MAX, value);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the type of libcurl */
static size_t on_line(char *bytes, size_t size, size_t count, void *context)
{
    struct imap *imap = context;
    slice line = {bytes, size * count};
    code_read(line, S("UIDVALIDITY "), &imap->validity);
    code_read(line, S("UIDNEXT "), &imap->next);
    return size * count;
}

static bool stops(const struct imap *imap)
{
    return imap->taker->stop != NULL && imap->taker->stop(imap->taker->stop_context);
}

static int on_progress(void *context, curl_off_t total, curl_off_t done, curl_off_t up_total, curl_off_t up_done)
{
    (void)total;
    (void)done;
    (void)up_total;
    (void)up_done;
    return stops(context);
}

/* ---- The server ---- */

static bool is_loopback(slice host)
{
    return slice_eq_fold(host, S("localhost")) || slice_starts(host, S("127.")) || slice_eq(host, S("[::1]"));
}

/* Scheme, host and nothing behind the port. */
static struct err server_check(const struct mailbox_imap_options *options, struct arena *arena, bool *clear)
{
    slice server = slice_of(options->server);
    bool tls = slice_starts(server, S("imaps://"));
    size_t scheme = tls ? 8 : 7;
    slice place = slice_from(server, scheme < server.len ? scheme : server.len);
    size_t bracket = slice_starts(place, S("[")) ? slice_find(place, ']') : 0;
    slice host = slice_part(place, 0, bracket > 0 && bracket < place.len ? bracket + 1 : slice_find(place, ':'));
    if ((!tls && !slice_starts(server, S("imap://"))) || host.len == 0 || strpbrk(place.ptr, "/?#@;% \r\n") != NULL)
        return err_format(arena, ERR_INPUT,
                "%s: a server is imap://HOST:PORT or imaps://HOST:PORT; its user and password are keys of their own",
                options->server);
    /* On this machine nobody listens in between; who names a CA wants to be sure all the same. */
    *clear = !tls && is_loopback(host) && options->ca_file == NULL;
    return OK;
}

static void curl_options(struct imap *imap, bool clear)
{
    CURL *curl = imap->curl;
    const struct mailbox_imap_options *options = imap->options;
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "imap,imaps");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, imap->why);
    curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)(clear ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (options->ca_file != NULL) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, options->ca_file);
        curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    }
    curl_easy_setopt(curl, CURLOPT_USERNAME, options->user);
    curl_easy_setopt(curl, CURLOPT_PASSWORD, options->password);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)options->connect_ms);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)options->total_ms);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, imap);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_line);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, imap);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, imap);
}

/* ---- Requests ---- */

/* `uid`: of the mail that is fetched; 0: none, the request is `command`. */
static CURLcode request(struct imap *imap, uint64_t uid, const char *command, struct buf *into)
{
    struct buf url = buf_make(4096);
    buf_put(&url, slice_of(imap->options->server));
    buf_byte(&url, '/');
    buf_uri(&url, slice_of(imap->options->folder), "");
    if (uid != 0)
        buf_printf(&url, "/;UID=%llu", (unsigned long long)uid);
    buf_byte(&url, 0);
    *imap->why = 0;
    buf_reset(into);
    imap->into = into;
    curl_easy_setopt(imap->curl, CURLOPT_CUSTOMREQUEST, command);
    CURLcode code = url.full ? CURLE_URL_MALFORMAT : curl_easy_setopt(imap->curl, CURLOPT_URL, url.ptr);
    buf_free(&url);
    return code == CURLE_OK ? curl_easy_perform(imap->curl) : code;
}

static struct err failure(const struct imap *imap, CURLcode code)
{
    return err_format(imap->arena, ERR_REMOTE, "%s: %s", imap->options->server,
            *imap->why != 0 ? imap->why : curl_easy_strerror(code));
}

/* The UIDs of a window that are there, rising. */
static struct err window_search(struct imap *imap, uint64_t from, uint64_t to, uint32_t *uids, size_t *count)
{
    const char *command =
            arena_printf(imap->work, "UID SEARCH UID %llu:%llu", (unsigned long long)from, (unsigned long long)to);
    CURLcode code = request(imap, 0, command, &imap->answer);
    if (code != CURLE_OK)
        return failure(imap, code);
    slice rest = buf_slice(&imap->answer), word;
    uint64_t uid, least = from;
    while (rest.len > 0 && slice_next(&rest, ' ', &word))
        if (slice_u64(slice_trim(word), to, &uid) && uid >= least && *count < MAILBOX_IMAP_WINDOW) {
            uids[(*count)++] = (uint32_t)uid;
            least = uid + 1;
        }
    return OK;
}

/* Opens the folder: says its validity, and the UID that the next mail will get. */
static struct err folder_open(struct imap *imap)
{
    CURLcode code = request(imap, 0, "NOOP", &imap->answer);
    if (code != CURLE_OK)
        return failure(imap, code);
    if (imap->validity == 0 || imap->next == 0)
        return err_format(imap->arena, ERR_REMOTE, "%s: it says no UIDVALIDITY or UIDNEXT (RFC 9051 section 6.3.2)",
                imap->options->server);
    if ((uint64_t)imap->place->validity != imap->validity)
        *imap->place = (struct mailbox_imap_place){.validity = (int64_t)imap->validity};
    return OK;
}

/* ---- Mails ---- */

static void leave(struct imap *imap, uint64_t uid, const char *why)
{
    imap->taken->left++;
    imap->taken->why =
            arena_printf(imap->arena, "%s: UID %llu: %s", imap->options->server, (unsigned long long)uid, why);
}

static struct err mail_take(struct imap *imap, uint64_t uid)
{
    CURLcode code = request(imap, uid, NULL, &imap->mail);
    if (code == CURLE_REMOTE_FILE_NOT_FOUND) /* somebody deleted it meanwhile */
        return OK;
    if (imap->mail.full) {
        leave(imap, uid, "the mail is larger than 64 MiB");
        return OK;
    }
    if (code != CURLE_OK)
        return failure(imap, code);
    if ((uint64_t)imap->place->validity != imap->validity)
        return err_format(imap->arena, ERR_REMOTE, "%s: it counts anew meanwhile", imap->options->server);
    struct err err = imap->taker->take(imap->taker->context, buf_slice(&imap->mail), imap->work);
    if (err.kind == ERR_INPUT || err.kind == ERR_LIMIT)
        leave(imap, uid, err.why);
    else if (err.kind != ERR_NONE)
        return err_format(
                imap->arena, err.kind, "%s: UID %llu: %s", imap->options->server, (unsigned long long)uid, err.why);
    else
        imap->taken->taken++;
    return OK;
}

/* False in *more: the round is over. */
static struct err window_take(struct imap *imap, uint32_t *uids, size_t *round, bool *more)
{
    uint64_t from = (uint64_t)imap->place->last + 1, to = from + MAILBOX_IMAP_WINDOW - 1;
    size_t count = 0;
    TRY(window_search(imap, from, to, uids, &count));
    for (size_t i = 0; i < count && (*more = *round < MAILBOX_IMAP_ROUND && !stops(imap)); i++, (*round)++) {
        arena_reset(imap->work);
        TRY(mail_take(imap, uids[i]));
        imap->place->last = uids[i];
    }
    uint64_t end = to < imap->next - 1 ? to : imap->next - 1;
    if (*more && (uint64_t)imap->place->last < end)
        imap->place->last = (int64_t)end; /* there is none up to there, and there never will be */
    return OK;
}

static struct err mails_take(struct imap *imap)
{
    uint32_t *uids = arena_new(imap->arena, uint32_t, MAILBOX_IMAP_WINDOW);
    size_t round = 0;
    bool more = true;
    TRY(folder_open(imap));
    for (; more && round < MAILBOX_IMAP_ROUND && (uint64_t)imap->place->last + 1 < imap->next; round++)
        TRY(window_take(imap, uids, &round, &more));
    return OK;
}

static void init_once(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct err mailbox_imap_take(const struct mailbox_imap_options *options, const struct mailbox_taker *taker,
        struct mailbox_imap_place *place, struct arena *arena, struct mailbox_taken *taken)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct imap imap = {.options = options, .taker = taker, .place = place, .taken = taken, .arena = arena};
    bool clear;
    *taken = (struct mailbox_taken){0};
    TRY(server_check(options, arena, &clear));
    (void)pthread_once(&once, init_once);
    imap.curl = curl_easy_init();
    if (imap.curl == NULL)
        return err_make(ERR_SYSTEM, "libcurl cannot be used");
    imap.work = arena_open("a mail of IMAP", ARENA_WORK, WORK_BYTES_MAX);
    imap.answer = buf_make(ANSWER_BYTES_MAX);
    imap.mail = buf_make(MAILBOX_BYTES_MAX);
    curl_options(&imap, clear);
    struct err err = mails_take(&imap);
    curl_easy_cleanup(imap.curl);
    buf_free(&imap.answer);
    buf_free(&imap.mail);
    arena_close(imap.work);
    return err;
}
