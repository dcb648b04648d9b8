/* SPDX-License-Identifier: Apache-2.0 */
#include "mailbox/lmtp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "mailbox/session.h"

#define READ_BYTES (64u << 10)
#define BACKLOG 64
#define US_PER_MS 1000

struct connection {
    int fd; /* -1: none */
    struct mailbox_session *session;
    struct buf out;
    size_t sent; /* of out */
    int64_t heard_us;
    bool ends; /* when out was sent */
};

struct mailbox_lmtp {
    struct mailbox_lmtp_options options;
    int fd;
    struct connection connections[MAILBOX_LMTP_CONNECTIONS_MAX];
};

/* ---- The place ---- */

union address {
    struct sockaddr any;
    struct sockaddr_un un;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
};

/* "127.0.0.1:PORT" or "[::1]:PORT". */
static bool loopback_read(slice place, union address *address, socklen_t *len)
{
    static const slice four = {"127.0.0.1:", 10}, six = {"[::1]:", 6};
    bool is_four = slice_starts(place, four);
    uint64_t port;
    if ((!is_four && !slice_starts(place, six)) || !slice_u64(slice_from(place, is_four ? 10 : 6), UINT16_MAX, &port))
        return false;
    *address = (union address){0};
    if (is_four)
        address->in = (struct sockaddr_in){
                .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    else
        address->in6 = (struct sockaddr_in6){
                .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_addr = in6addr_loopback};
    *len = is_four ? sizeof address->in : sizeof address->in6;
    return true;
}

static struct err place_read(const char *text, struct arena *arena, union address *address, socklen_t *len)
{
    slice place = slice_of(text);
    if (loopback_read(place, address, len))
        return OK;
    if (!slice_starts(place, S("/")) || place.len >= sizeof address->un.sun_path)
        return err_format(arena, ERR_INPUT,
                "%s: LMTP is at a Unix socket (a path of at most 107 bytes), at 127.0.0.1:PORT or at [::1]:PORT", text);
    *address = (union address){.un = {.sun_family = AF_UNIX}};
    memcpy(address->un.sun_path, place.ptr, place.len);
    *len = sizeof address->un;
    return OK;
}

/* A socket that nobody listens on any more goes; anything else at its path stays. */
static void stale_drop(const union address *address, socklen_t len)
{
    struct stat about;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && lstat(address->un.sun_path, &about) == 0 && S_ISSOCK(about.st_mode) &&
            connect(fd, &address->any, len) != 0 && errno == ECONNREFUSED)
        (void)unlink(address->un.sun_path);
    if (fd >= 0)
        close(fd);
}

static struct err place_listen(struct mailbox_lmtp *lmtp, struct arena *arena)
{
    union address address;
    socklen_t len = 0;
    TRY(place_read(lmtp->options.place, arena, &address, &len));
    bool local = address.any.sa_family == AF_UNIX;
    if (local)
        stale_drop(&address, len);
    lmtp->fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int one = 1;
    if (lmtp->fd < 0 || setsockopt(lmtp->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0)
        return err_errno(arena, lmtp->options.place);
    if (bind(lmtp->fd, &address.any, len) != 0)
        return errno == EADDRINUSE ? err_format(arena, ERR_CONFLICT, "%s: somebody listens there", lmtp->options.place)
                                   : err_errno(arena, lmtp->options.place);
    /* Nobody can connect before listen. */
    if ((local && chmod(lmtp->options.place, 0660) != 0) || listen(lmtp->fd, BACKLOG) != 0)
        return err_errno(arena, lmtp->options.place);
    return OK;
}

/* ---- Connections ---- */

static void connection_close(struct connection *connection)
{
    if (connection->fd >= 0)
        close(connection->fd);
    mailbox_session_close(connection->session);
    buf_free(&connection->out);
    *connection = (struct connection){.fd = -1};
}

static struct connection *connection_free(struct mailbox_lmtp *lmtp)
{
    for (size_t i = 0; i < COUNT_OF(lmtp->connections); i++)
        if (lmtp->connections[i].fd < 0)
            return &lmtp->connections[i];
    return NULL;
}

static void connection_let_in(struct mailbox_lmtp *lmtp)
{
    struct connection *connection = connection_free(lmtp);
    int fd = connection == NULL ? -1 : accept4(lmtp->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    *connection = (struct connection){.fd = fd,
            .session = mailbox_session_open(lmtp->options.name, &lmtp->options.taker),
            .out = buf_make(MAILBOX_SESSION_ANSWERS_MAX),
            .heard_us = clock_steady_us()};
    mailbox_session_greet(connection->session, &connection->out);
}

static bool is_for_later(ssize_t count)
{
    return count < 0 && (errno == EAGAIN || errno == EINTR);
}

/* False: it is over. */
static bool connection_read(struct connection *connection)
{
    char bytes[READ_BYTES];
    ssize_t count = read(connection->fd, bytes, sizeof bytes);
    if (count <= 0)
        return is_for_later(count);
    connection->ends = !mailbox_session_feed(connection->session, (slice){bytes, (size_t)count}, &connection->out);
    connection->heard_us = clock_steady_us();
    return true;
}

static bool connection_write(struct connection *connection)
{
    slice left = slice_from(buf_slice(&connection->out), connection->sent);
    ssize_t count = left.len == 0 ? 0 : send(connection->fd, left.ptr, left.len, MSG_NOSIGNAL);
    if (count < 0)
        return is_for_later(count);
    connection->sent += (size_t)count;
    if (connection->sent < connection->out.len)
        return true;
    buf_reset(&connection->out);
    connection->sent = 0;
    return !connection->ends;
}

/* Who does not read its answers is not read. */
static short events_of(const struct connection *connection)
{
    return connection->out.len > 0 ? POLLOUT : POLLIN;
}

static void connection_serve(struct mailbox_lmtp *lmtp, struct connection *connection, short came)
{
    int64_t idle_us = clock_steady_us() - connection->heard_us;
    bool goes_on = idle_us < (int64_t)lmtp->options.idle_ms * US_PER_MS;
    if (goes_on && (came & (POLLIN | POLLHUP | POLLERR)) != 0 && connection->out.len == 0)
        goes_on = connection_read(connection);
    if (goes_on && (connection->out.len > 0 || connection->ends))
        goes_on = connection_write(connection);
    if (!goes_on)
        connection_close(connection);
}

static struct err look(struct mailbox_lmtp *lmtp, struct arena *arena)
{
    struct pollfd polled[MAILBOX_LMTP_CONNECTIONS_MAX + 1];
    for (size_t i = 0; i < COUNT_OF(lmtp->connections); i++)
        polled[i] = (struct pollfd){.fd = lmtp->connections[i].fd, .events = events_of(&lmtp->connections[i])};
    struct pollfd *at_door = &polled[MAILBOX_LMTP_CONNECTIONS_MAX];
    *at_door = (struct pollfd){.fd = connection_free(lmtp) == NULL ? -1 : lmtp->fd, .events = POLLIN};
    if (poll(polled, COUNT_OF(polled), MAILBOX_LMTP_LOOK_MS) < 0 && errno != EINTR)
        return err_errno(arena, lmtp->options.place);
    for (size_t i = 0; i < COUNT_OF(lmtp->connections); i++)
        if (lmtp->connections[i].fd >= 0)
            connection_serve(lmtp, &lmtp->connections[i], polled[i].revents);
    if (at_door->fd >= 0 && (at_door->revents & POLLIN) != 0)
        connection_let_in(lmtp);
    return OK;
}

/* ---- The server ---- */

struct err mailbox_lmtp_open(
        const struct mailbox_lmtp_options *options, struct arena *arena, struct mailbox_lmtp **lmtp)
{
    struct mailbox_lmtp *made = arena_new(arena, struct mailbox_lmtp, 1);
    made->options = *options;
    made->options.idle_ms = options->idle_ms == 0 ? MAILBOX_LMTP_IDLE_MS : options->idle_ms;
    made->fd = -1;
    for (size_t i = 0; i < COUNT_OF(made->connections); i++)
        made->connections[i].fd = -1;
    struct err err = place_listen(made, arena);
    if (err.kind == ERR_NONE)
        *lmtp = made;
    else if (made->fd >= 0)
        close(made->fd);
    return err;
}

struct err mailbox_lmtp_run(struct mailbox_lmtp *lmtp, struct arena *arena)
{
    const struct mailbox_taker *taker = &lmtp->options.taker;
    while (taker->stop == NULL || !taker->stop(taker->stop_context))
        TRY(look(lmtp, arena));
    return OK;
}

void mailbox_lmtp_close(struct mailbox_lmtp *lmtp)
{
    if (lmtp == NULL)
        return;
    for (size_t i = 0; i < COUNT_OF(lmtp->connections); i++)
        connection_close(&lmtp->connections[i]);
    close(lmtp->fd);
    if (lmtp->options.place[0] == '/')
        (void)unlink(lmtp->options.place);
}
