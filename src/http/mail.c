/* SPDX-License-Identifier: Apache-2.0 */
#include "http/mail.h"

#include <curl/curl.h>
#include <unistd.h>

#include "base/arena.h"

#define ANSWER_MAX 1000 /* bytes of the relay's last line that are kept */

struct http_mail {
    struct http_mail_options options;
    CURL *curl;
    char why[CURL_ERROR_SIZE];
};

/* One message on its way. */
struct handing {
    struct http_mail *mail;
    slice left; /* of the message */
    bool began; /* DATA was allowed */
    char last[ANSWER_MAX];
};

/* ---- What libcurl calls ---- */

static size_t on_read(char *room, size_t size, size_t count, void *context)
{
    struct handing *handing = context;
    size_t len = size * count < handing->left.len ? size * count : handing->left.len;
    handing->began = true;
    memcpy(room, handing->left.ptr, len);
    handing->left = slice_from(handing->left, len);
    return len;
}

/* Each line that the relay says; the last one is kept, or the first that says no, without what could harm a terminal.
 */
/* NOLINTNEXTLINE(readability-non-const-parameter): the type of libcurl */
static size_t on_line(char *bytes, size_t size, size_t count, void *context)
{
    struct handing *handing = context;
    slice line = slice_trim((slice){bytes, size * count});
    size_t len = line.len < ANSWER_MAX - 1 ? line.len : ANSWER_MAX - 1;
    if (handing->last[0] == '4' || handing->last[0] == '5')
        return size * count;
    for (size_t i = 0; i < len; i++)
        handing->last[i] = (char)((unsigned char)line.ptr[i] < ' ' || line.ptr[i] == 0x7F ? ' ' : line.ptr[i]);
    handing->last[len] = 0;
    return size * count;
}

static int on_progress(void *context, curl_off_t total, curl_off_t done, curl_off_t up_total, curl_off_t up_done)
{
    const struct http_mail *mail = context;
    (void)total;
    (void)done;
    (void)up_total;
    (void)up_done;
    return mail->options.stop != NULL && mail->options.stop(mail->options.context);
}

/* ---- The relay ---- */

static bool is_loopback(slice host)
{
    return slice_eq_fold(host, S("localhost")) || slice_starts(host, S("127.")) || slice_eq(host, S("[::1]"));
}

/* Scheme, host and nothing behind the port. */
static struct err relay_check(const struct http_mail_options *options, struct arena *arena, bool *clear)
{
    slice relay = slice_of(options->relay);
    bool tls = slice_starts(relay, S("smtps://"));
    if (!tls && !slice_starts(relay, S("smtp://")))
        return err_format(arena, ERR_INPUT, "%s: a relay is smtp://HOST:PORT or smtps://HOST:PORT", options->relay);
    slice place = slice_from(relay, slice_find_slice(relay, S("://")) + 3);
    slice host = place.len > 0 && place.ptr[0] == '[' ? slice_part(place, 0, slice_find(place, ']') + 1)
                                                      : slice_part(place, 0, slice_find(place, ':'));
    if (host.len == 0 || host.len > place.len || strpbrk(arena_cstr(arena, place), "/?#@ \r\n") != NULL)
        return err_format(arena, ERR_INPUT,
                "%s: a relay is smtp://HOST:PORT, and its user and password are keys of their own", options->relay);
    /* On this machine nobody listens in between; who names a CA wants to be sure all the same. */
    *clear = !tls && is_loopback(host) && options->ca_file == NULL;
    return OK;
}

static void curl_options(struct http_mail *mail, bool clear)
{
    CURL *curl = mail->curl;
    const struct http_mail_options *options = &mail->options;
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, mail->why);
    curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)(clear ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (options->ca_file != NULL)
        curl_easy_setopt(curl, CURLOPT_CAINFO, options->ca_file);
    if (options->user != NULL) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, options->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, options->password);
    }
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)options->connect_ms);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)options->total_ms);
    curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)(options->total_ms / 1000 + 1));
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_line);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, mail);
}

struct err http_mail_open(const struct http_mail_options *options, struct arena *arena, struct http_mail **mail)
{
    struct http_mail *made = arena_new(arena, struct http_mail, 1);
    bool clear = false;
    TRY(relay_check(options, arena, &clear));
    if (options->ca_file != NULL && access(options->ca_file, R_OK) != 0)
        return err_format(arena, ERR_INPUT, "%s cannot be read; look at [mail] ca", options->ca_file);
    made->options = *options;
    made->options.relay =
            options->name == NULL ? options->relay : arena_printf(arena, "%s/%s", options->relay, options->name);
    made->curl = curl_easy_init();
    if (made->curl == NULL)
        return err_make(ERR_SYSTEM, "libcurl cannot start");
    curl_options(made, clear);
    *mail = made;
    return OK;
}

void http_mail_close(struct http_mail *mail)
{
    if (mail != NULL)
        curl_easy_cleanup(mail->curl);
}

/* ---- What became of it ---- */

static const struct {
    CURLcode code;
    const char *what;
} failures[] = {
        {CURLE_COULDNT_RESOLVE_HOST, "the name of the relay is not known; look at [mail] relay"},
        {CURLE_COULDNT_CONNECT, "nobody answers at [mail] relay; is it up, and may this machine reach it?"},
        {CURLE_PEER_FAILED_VERIFICATION,
                "the certificate of the relay is not one to trust; if it is of your own authority, name that with "
                "[mail] ca"},
        {CURLE_SSL_CACERT_BADFILE, "the certificates to trust cannot be read; look at [mail] ca"},
        {CURLE_USE_SSL_FAILED, "the relay offers no STARTTLS, and mail goes to no other machine without TLS; try "
                               "smtps:// in [mail] relay, or ask who runs it"},
        {CURLE_SSL_CONNECT_ERROR, "no TLS came about with the relay; does it speak TLS 1.2 or later?"},
        {CURLE_LOGIN_DENIED, "the relay does not know us; look at [mail] user and password-file"},
        {CURLE_OPERATION_TIMEDOUT, "the relay takes too long"},
        {CURLE_WEIRD_SERVER_REPLY, "what answers at [mail] relay is no mail server"},
};

static const char *why_of(const struct handing *handing, CURLcode code, struct arena *arena)
{
    for (size_t i = 0; i < COUNT_OF(failures); i++)
        if (failures[i].code == code)
            return *handing->last == 0 ? failures[i].what
                                       : arena_printf(arena, "%s (it said: %s)", failures[i].what, handing->last);
    if (*handing->last != 0)
        return arena_printf(arena, "%s", handing->last);
    return arena_printf(arena, "%s", *handing->mail->why != 0 ? handing->mail->why : curl_easy_strerror(code));
}

/* Whose fault it was: codes that libcurl gives for the message's recipient or content, and not for the relay. */
static bool is_about_message(CURLcode code)
{
    return code == CURLE_SEND_ERROR || code == CURLE_SEND_FAIL_REWIND || code == CURLE_WEIRD_SERVER_REPLY ||
           code == CURLE_OK;
}

/*
 * A connection that broke before all of the message had gone has brought nothing: without its end (the lone dot) a
 * relay takes no message (RFC 5321 section 4.1.1.4). Afterwards only the relay knows.
 */
static struct http_mail_answer answer_of(const struct handing *handing, CURLcode code, struct arena *arena)
{
    struct http_mail_answer answer = {.why = why_of(handing, code, arena)};
    char first = handing->last[0];
    bool gone = handing->began && handing->left.len == 0;
    if (code == CURLE_OK)
        answer = (struct http_mail_answer){HTTP_MAIL_TAKEN, arena_printf(arena, "%s", handing->last), false};
    else if (first == '5' && is_about_message(code))
        answer.outcome = HTTP_MAIL_REFUSED;
    else if (first == '4' || !gone)
        answer.outcome = HTTP_MAIL_DEFERRED;
    else
        answer.outcome = HTTP_MAIL_UNCERTAIN;
    answer.ours = !is_about_message(code) && !handing->began;
    return answer;
}

static bool is_one_address(slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] <= ' ' || (unsigned char)text.ptr[i] >= 0x7F || text.ptr[i] == '<' ||
                text.ptr[i] == '>')
            return false;
    return text.len > 0 && slice_holds(text, '@');
}

struct err http_mail_send(struct http_mail *mail, slice from, slice to, slice message, struct arena *arena,
        struct http_mail_answer *answer)
{
    struct handing handing = {.mail = mail, .left = message};
    if (!is_one_address(from) || !is_one_address(to))
        return err_format(arena, ERR_INPUT, "\"%.*s\" is not one address of mail",
                (int)(is_one_address(from) ? to.len : from.len), is_one_address(from) ? to.ptr : from.ptr);
    struct curl_slist *recipients = curl_slist_append(NULL, arena_printf(arena, "<%.*s>", (int)to.len, to.ptr));
    CURL *curl = mail->curl;
    *mail->why = 0;
    curl_easy_setopt(curl, CURLOPT_URL, mail->options.relay);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, arena_printf(arena, "<%.*s>", (int)from.len, from.ptr));
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
    curl_easy_setopt(curl, CURLOPT_READDATA, &handing);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &handing);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)message.len);
    CURLcode code = recipients == NULL ? CURLE_OUT_OF_MEMORY : curl_easy_perform(curl);
    *answer = answer_of(&handing, code, arena);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, NULL);
    curl_slist_free_all(recipients);
    return OK;
}
