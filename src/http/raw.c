/* SPDX-License-Identifier: Apache-2.0 */
/*
 * This file defines recv() and gnutls_record_recv() for the whole program. The dynamic linker then gives libmicrohttpd
 * these instead of those of the C library and of GnuTLS. Invariants:
 *
 * 1. Each does exactly what the one that it stands for does, by another function of the same library.
 * 2. Outside of http_raw_watch, and in all other threads, nothing else happens.
 * 3. Nothing is changed on the way: they look only.
 */
#include "http/raw.h"

#include <dlfcn.h>
#include <gnutls/gnutls.h>
#include <sys/socket.h>

static _Thread_local const struct http_raw_watch *watched;

/* ---- The state ---- */

void http_raw_begin(struct http_raw *raw)
{
    *raw = (struct http_raw){.first = true};
}

/* One byte of a head. CRLF ends a line and nothing else does (RFC 9112 section 2.2); a line that begins with a blank
 * goes on with the one before (section 5.2); no line holds other control characters. */
static void take_byte(struct http_raw *raw, char c)
{
    bool blank = c == ' ' || c == '\t', control = (unsigned char)c < ' ' && c != '\t';
    raw->odd |= raw->last == '\r' && c != '\n';
    raw->odd |= (control && c != '\r' && c != '\n') || c == 0x7F;
    raw->odd |= c == '\n' && raw->last != '\r';
    raw->odd |= blank && raw->line == 0;
    raw->last = c;
    raw->line++;
    if (c != '\n')
        return;
    raw->ended = raw->line == 2;
    raw->odd |= raw->ended && raw->first; /* an empty line in front of the request line */
    raw->first = false;
    raw->line = 0;
}

void http_raw_take(struct http_raw *raw, slice bytes)
{
    size_t at = 0;
    while (at < bytes.len && !raw->ended)
        take_byte(raw, bytes.ptr[at++]);
    raw->head += at;
    raw->after += bytes.len - at;
}

/* ---- Where bytes come in ---- */

void http_raw_watch(const struct http_raw_watch *watch)
{
    watched = watch;
}

void http_raw_unwatch(void)
{
    watched = NULL;
}

static void look(int fd, void *session, const void *bytes, ssize_t len)
{
    if (watched == NULL || len <= 0)
        return;
    struct http_raw *raw = watched->of(watched->context, fd, session);
    if (raw != NULL)
        http_raw_take(raw, (slice){bytes, (size_t)len});
}

/* Under names of our own in C, so that no macro or inline function of a header stands in the way. */
ssize_t http_raw_recv(int fd, void *bytes, size_t size, int flags) __asm__("recv");
ssize_t http_raw_recv_tls(gnutls_session_t session, void *bytes, size_t size) __asm__("gnutls_record_recv");

__attribute__((visibility("default"), used)) ssize_t http_raw_recv(int fd, void *bytes, size_t size, int flags)
{
    ssize_t len = recvfrom(fd, bytes, size, flags, NULL, NULL);
    if ((flags & MSG_PEEK) == 0)
        look(fd, NULL, bytes, len);
    return len;
}

__attribute__((visibility("default"), used)) ssize_t http_raw_recv_tls(
        gnutls_session_t session, void *bytes, size_t size)
{
    ssize_t len = gnutls_record_recv_seq(session, bytes, size, NULL);
    look(-1, session, bytes, len);
    return len;
}

bool http_raw_works(void)
{
    void *plain = dlsym(RTLD_DEFAULT, "recv"), *tls = dlsym(RTLD_DEFAULT, "gnutls_record_recv");
    return plain == (void *)(uintptr_t)http_raw_recv && tls == (void *)(uintptr_t)http_raw_recv_tls;
}
