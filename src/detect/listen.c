/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "detect/lane.h"
#include "event/event.h"
#include "input/frame.h"

#define BACKLOG 128
#define WAIT_MS 1000
#define US_PER_MS 1000
#define RECORDS_BYTES_MAX (2u * FRAME_BYTES_MAX + 2 * LISTEN_READ_BYTES) /* that one turn can make */
#define ARENA_BYTES_MAX (64u << 20)

/* A place that is listened at. */
struct door {
    struct door *next;
    enum inlet_kind kind;
    const char *place; /* ours */
    int fd;
    dev_t device; /* of a Unix socket, to take away what we made and nothing else */
    ino_t inode;
};

/* A stream behind a door. */
struct way {
    struct way *next;
    int64_t inlet, organisation;
    struct door *door;
    struct lane *lane;
    size_t connections;
    bool unwraps; /* what comes as messages of syslog has a format of its own */
    bool gone;    /* freed with its last connection */
};

enum turn { TURN_HANDSHAKE, TURN_READ };

struct connection {
    struct connection *next;
    struct door *door;
    struct way *way; /* NULL: the handshake is to say */
    int fd;
    enum turn turn;
    short wants; /* of poll */
    bool over, held;
    int64_t since_ms; /* something came, or the connection did */
    gnutls_session_t session;
    struct http_tls_link tls;
    struct framing framing;
};

/* One of both, or none: the end of our sleep. */
struct watched {
    struct door *door;
    struct connection *connection;
};

struct listen {
    struct listen_options options;
    struct http_tls_store *tls;
    pthread_mutex_t lock; /* of all that follows; only the thread takes anything out of the lists */
    pthread_cond_t swept;
    struct door *doors;
    struct way *ways;
    struct connection *connections;
    size_t count;
    uint64_t refused, cut;
    int64_t looked_ms; /* at the files of certificates */
    int wake;
    pthread_t thread;
    bool runs;
    atomic_bool stop;
    struct arena *arena; /* of the thread */
    struct buf records, messages;
    struct pollfd *polls;
    struct watched *watched; /* whose they are */
    size_t poll_count, poll_room;
};

static int64_t now_ms(void)
{
    return clock_steady_us() / US_PER_MS;
}

static void wake(struct listen *listen)
{
    uint64_t one = 1;
    if (write(listen->wake, &one, sizeof one) < 0)
        return; /* full: it is awake */
}

static char *own_text(slice text)
{
    char *copy = malloc(text.len + 1);
    if (copy == NULL)
        abort();
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return copy;
}

static void *own(size_t size)
{
    void *made = calloc(1, size);
    if (made == NULL)
        abort();
    return made;
}

/* ---- Places ---- */

static struct err bad_place(slice place, struct arena *arena)
{
    return err_format(arena, ERR_INPUT, "%.*s is no ADDRESS:PORT, as 192.0.2.1:6514 or [2001:db8::1]:6514",
            (int)place.len, place.ptr);
}

static socklen_t address_of(const struct ip *ip, uint16_t port, struct sockaddr_storage *address)
{
    *address = (struct sockaddr_storage){0};
    if (ip->family == 6) {
        struct sockaddr_in6 *six = (struct sockaddr_in6 *)address;
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(port);
        memcpy(&six->sin6_addr, ip->bytes, sizeof six->sin6_addr);
        return sizeof *six;
    }
    struct sockaddr_in *four = (struct sockaddr_in *)address;
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    memcpy(&four->sin_addr, ip->bytes, sizeof four->sin_addr);
    return sizeof *four;
}

static struct err address_read(slice place, struct arena *arena, struct sockaddr_storage *address, socklen_t *len)
{
    struct ip ip;
    uint64_t port;
    size_t colon = place.len;
    while (colon > 0 && place.ptr[colon - 1] != ':')
        colon--;
    if (colon == 0 || !slice_u64(slice_from(place, colon), UINT16_MAX, &port))
        return bad_place(place, arena);
    slice host = slice_part(place, 0, colon - 1);
    bool bracketed = host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']';
    if (bracketed)
        host = slice_part(host, 1, host.len - 1);
    if (!ip_parse(host, &ip) || (ip.family == 6) != bracketed)
        return bad_place(place, arena);
    *len = address_of(&ip, (uint16_t)port, address);
    return OK;
}

struct err listen_place_check(enum inlet_kind kind, slice place, struct arena *arena)
{
    struct sockaddr_storage address;
    struct sockaddr_un local;
    socklen_t len;
    if (kind == INLET_SYSLOG || kind == INLET_SYSLOG_TLS)
        return address_read(place, arena, &address, &len);
    if (place.len == 0 || place.ptr[0] != '/')
        return err_format(arena, ERR_INPUT, "%.*s is no path from the root", (int)place.len, place.ptr);
    if (kind == INLET_UNIX && place.len >= sizeof local.sun_path)
        return err_format(arena, ERR_INPUT, "%.*s is longer than a socket's path can be (%zu bytes)", (int)place.len,
                place.ptr, sizeof local.sun_path - 1);
    return OK;
}

/* ---- Doors ---- */

/* What the kernel took and we did not read is lost when we die, so it may not grow without bounds: set before
 * listening, since connections inherit it and TCP settles its window as they begin. */
static struct err door_net(struct door *door, struct arena *arena)
{
    struct sockaddr_storage address;
    socklen_t len;
    int on = 1, window = LISTEN_WINDOW_BYTES;
    TRY(address_read(slice_of(door->place), arena, &address, &len));
    door->fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (door->fd < 0)
        return err_errno(arena, door->place);
    setsockopt(door->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(door->fd, SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
    if (address.ss_family == AF_INET6)
        setsockopt(door->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(door->fd, (const struct sockaddr *)&address, len) == 0 && listen(door->fd, BACKLOG) == 0)
        return OK;
    struct err err = err_errno(arena, door->place);
    return errno == EADDRINUSE ? err_make(ERR_CONFLICT, err.why) : err;
}

/* Whether a socket lies there that nobody listens on any more, as a program that was killed leaves it. */
static bool is_left_over(const struct sockaddr_un *address)
{
    struct stat about;
    if (lstat(address->sun_path, &about) != 0 || !S_ISSOCK(about.st_mode))
        return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool dead = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 && errno == ECONNREFUSED;
    if (fd >= 0)
        close(fd);
    return dead;
}

/* Who may write to it is said by its folder: 0660 lets in those of its group, as Suricata's. */
static struct err door_unix(struct door *door, struct arena *arena)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat about;
    memcpy(address.sun_path, door->place, strlen(door->place) + 1); /* listen_place_check saw its length */
    if (is_left_over(&address))
        unlink(address.sun_path);
    door->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (door->fd < 0)
        return err_errno(arena, door->place);
    if (bind(door->fd, (const struct sockaddr *)&address, sizeof address) != 0)
        return errno == EADDRINUSE ? err_format(arena, ERR_CONFLICT, "%s: something is there already", door->place)
                                   : err_errno(arena, door->place);
    if (lstat(door->place, &about) == 0) {
        door->device = about.st_dev;
        door->inode = about.st_ino;
    }
    if (chmod(door->place, 0660) != 0 || listen(door->fd, BACKLOG) != 0)
        return err_errno(arena, door->place);
    return OK;
}

static void door_close(struct door *door)
{
    struct stat about;
    if (door->fd >= 0)
        close(door->fd);
    if (door->inode != 0 && lstat(door->place, &about) == 0 && about.st_dev == door->device &&
            about.st_ino == door->inode)
        unlink(door->place);
    free((char *)(uintptr_t)door->place);
    free(door);
}

static struct err door_open(const struct inlet *inlet, struct arena *arena, struct door **door)
{
    TRY(listen_place_check(inlet->kind, inlet->place, arena));
    struct door *made = own(sizeof *made);
    *made = (struct door){.kind = inlet->kind, .place = own_text(inlet->place), .fd = -1};
    struct err err = inlet->kind == INLET_UNIX ? door_unix(made, arena) : door_net(made, arena);
    if (err.kind != ERR_NONE)
        door_close(made);
    else
        *door = made;
    return err;
}

static struct door *door_find(const struct listen *listen, const struct inlet *inlet)
{
    struct door *door = listen->doors;
    while (door != NULL && !(door->kind == inlet->kind && slice_eq(slice_of(door->place), inlet->place)))
        door = door->next;
    return door;
}

static bool is_used(const struct listen *listen, const struct door *door)
{
    for (const struct way *way = listen->ways; way != NULL; way = way->next)
        if (way->door == door && !way->gone)
            return true;
    return false;
}

/* ---- Connections ---- */

static void connection_free(struct connection *connection)
{
    if (connection->session != NULL) {
        if (connection->way != NULL)
            (void)gnutls_bye(connection->session, GNUTLS_SHUT_WR); /* as far as it goes without waiting */
        gnutls_deinit(connection->session);
    }
    http_tls_end(&connection->tls);
    close(connection->fd);
    framing_free(&connection->framing);
    free(connection);
}

static void refuse(struct listen *listen, const struct door *door, const char *why)
{
    listen->refused++;
    listen->options.trouble(listen->options.context, slice_of(door->place), why);
}

/* The first stream behind the door that takes who shows this; NULL: none does. */
static struct way *way_for(struct listen *listen, const struct connection *connection)
{
    const struct listen_options *options = &listen->options;
    for (struct way *way = listen->ways; way != NULL; way = way->next)
        if (way->door == connection->door && !way->gone &&
                (options->tls == NULL || options->tls->clients == NULL || connection->session == NULL ||
                        (connection->tls.certificate != NULL &&
                                options->may_send(options->context, connection->tls.certificate, way->organisation))))
            return way;
    return NULL;
}

static bool settle(struct listen *listen, struct connection *connection)
{
    struct way *way = way_for(listen, connection);
    connection->turn = TURN_READ;
    connection->wants = POLLIN;
    if (way == NULL) {
        refuse(listen, connection->door, "the certificate is nobody's who may send for a stream here");
    } else if (way->connections >= LISTEN_PER_INLET_MAX) {
        refuse(listen, connection->door, "there are too many connections of this inlet");
    } else {
        way->connections++;
        connection->way = way;
    }
    return connection->way != NULL;
}

static int show_certificate(gnutls_session_t session, const gnutls_datum_t *names, int name_count,
        const gnutls_pk_algorithm_t *algorithms, int algorithm_count, gnutls_pcert_st **chain, unsigned *length,
        gnutls_privkey_t *key)
{
    const struct connection *connection = gnutls_session_get_ptr(session);
    (void)names;
    (void)name_count;
    (void)algorithms;
    (void)algorithm_count;
    return http_tls_show(&connection->tls, chain, length, key);
}

static gnutls_certificate_credentials_t credentials;
static pthread_once_t credentials_once = PTHREAD_ONCE_INIT;

static void credentials_make(void)
{
    if (gnutls_certificate_allocate_credentials(&credentials) < 0)
        abort();
    gnutls_certificate_set_retrieve_function2(credentials, show_certificate);
}

static bool tls_begin(struct listen *listen, struct connection *connection)
{
    pthread_once(&credentials_once, credentials_make);
    if (gnutls_init(&connection->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0)
        return false;
    gnutls_session_set_ptr(connection->session, connection);
    gnutls_transport_set_int(connection->session, connection->fd);
    if (gnutls_priority_set_direct(connection->session, HTTP_TLS_PRIORITIES, NULL) < 0 ||
            gnutls_credentials_set(connection->session, GNUTLS_CRD_CERTIFICATE, credentials) < 0)
        return false;
    http_tls_begin(listen->tls, connection->session, &connection->tls);
    connection->turn = TURN_HANDSHAKE;
    return true;
}

static void accept_one(struct listen *listen, struct door *door, int fd)
{
    const struct listen_options *options = &listen->options;
    struct connection *connection = own(sizeof *connection);
    int on = 1;
    *connection = (struct connection){.door = door, .fd = fd, .wants = POLLIN, .since_ms = now_ms()};
    connection->framing = framing_make(door->kind == INLET_UNIX ? FRAME_LINES : FRAME_SYSLOG);
    if (door->kind != INLET_UNIX)
        setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    bool fine = listen->count < options->connections_max;
    if (!fine)
        refuse(listen, door, "there are too many connections");
    else
        fine = door->kind == INLET_SYSLOG_TLS ? tls_begin(listen, connection) : settle(listen, connection);
    if (!fine) {
        connection_free(connection);
        return;
    }
    connection->next = listen->connections;
    listen->connections = connection;
    listen->count++;
}

static void accept_all(struct listen *listen, struct door *door)
{
    for (int i = 0; i < BACKLOG; i++) {
        int fd = accept4(door->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        accept_one(listen, door, fd);
    }
}

static void handshake(struct listen *listen, struct connection *connection)
{
    int code = gnutls_handshake(connection->session);
    if (code == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED || (code < 0 && gnutls_error_is_fatal(code) == 0)) {
        connection->wants = gnutls_record_get_direction(connection->session) == 1 ? POLLOUT : POLLIN;
        return;
    }
    if (code < 0) {
        refuse(listen, connection->door, gnutls_strerror(code));
        connection->over = true;
    } else if (!http_tls_judge(listen->tls, connection->session, &connection->tls)) {
        refuse(listen, connection->door, "the certificate is not one that is taken here");
        connection->over = true;
    } else {
        connection->over = !settle(listen, connection);
    }
}

/* What came; 0: nothing now; -1: the end. */
static ssize_t receive(struct connection *connection, char *to, size_t room)
{
    ssize_t got;
    if (connection->session == NULL) {
        got = read(connection->fd, to, room);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            return -1;
        return got < 0 ? 0 : got;
    }
    got = gnutls_record_recv(connection->session, to, room);
    if (got == 0 || (got < 0 && gnutls_error_is_fatal((int)got) != 0))
        return -1;
    return got < 0 ? 0 : got;
}

/* The messages alone; an empty one is none. */
static slice unwrap(struct listen *listen, slice records)
{
    slice record;
    buf_reset(&listen->messages);
    while (records.len > 0 && slice_next(&records, '\n', &record)) {
        slice message = slice_trim(event_syslog_message(record, listen->arena));
        if (message.len == 0)
            continue;
        buf_put(&listen->messages, message);
        buf_byte(&listen->messages, '\n');
    }
    return buf_slice(&listen->messages);
}

static void put_records(struct listen *listen, struct connection *connection)
{
    const char *why;
    slice records = buf_slice(&listen->records);
    if (records.len == 0 || lane_sheds(connection->way->lane, records))
        return;
    if (connection->way->unwraps)
        records = unwrap(listen, records);
    if (records.len == 0)
        return;
    lane_put(connection->way->lane, records, listen->arena, &why);
    if (why != NULL)
        listen->options.trouble(listen->options.context, slice_of(connection->door->place), why);
    listen->options.came(listen->options.context);
}

static void read_some(struct listen *listen, struct connection *connection)
{
    static _Thread_local char bytes[LISTEN_READ_BYTES];
    size_t taken = 0;
    ssize_t got = 0;
    buf_reset(&listen->records);
    do {
        got = receive(connection, bytes + taken, sizeof bytes - taken);
        taken += got > 0 ? (size_t)got : 0;
    } while (got > 0 && taken < sizeof bytes && connection->session != NULL &&
             gnutls_record_check_pending(connection->session) > 0);
    if (taken > 0) {
        connection->since_ms = now_ms();
        framing_take(&connection->framing, (slice){bytes, taken}, &listen->records);
    }
    connection->over = got < 0;
    if (connection->over)
        framing_end(&connection->framing, &listen->records);
    listen->cut += connection->framing.cuts;
    connection->framing.cuts = 0;
    put_records(listen, connection);
}

/* ---- The thread ---- */

/* How long it may go on like this. */
static int64_t left_ms(const struct listen *listen, const struct connection *connection, int64_t now)
{
    int64_t most = connection->turn == TURN_HANDSHAKE ? LISTEN_HANDSHAKE_MS : (int64_t)listen->options.idle_ms;
    return connection->since_ms + most - now;
}

/* Ends what is over, and takes away what nobody uses any more. */
static void sweep(struct listen *listen)
{
    int64_t now = now_ms();
    for (struct connection **at = &listen->connections; *at != NULL;) {
        struct connection *connection = *at;
        bool gone = connection->way != NULL && connection->way->gone;
        if (!connection->over && !gone && !(left_ms(listen, connection, now) < 0 && !connection->held)) {
            at = &connection->next;
            continue;
        }
        *at = connection->next;
        if (connection->way != NULL)
            connection->way->connections--;
        listen->count--;
        connection_free(connection);
    }
    for (struct way **at = &listen->ways; *at != NULL;) {
        struct way *way = *at;
        if (!way->gone || way->connections > 0) {
            at = &way->next;
            continue;
        }
        *at = way->next;
        free(way);
    }
    pthread_cond_broadcast(&listen->swept);
}

static void sweep_doors(struct listen *listen)
{
    for (struct door **at = &listen->doors; *at != NULL;) {
        struct door *door = *at;
        if (is_used(listen, door)) {
            at = &door->next;
            continue;
        }
        for (struct connection *c = listen->connections; c != NULL; c = c->next)
            c->over |= c->door == door; /* in its handshake: freed before its door */
        sweep(listen);
        *at = door->next;
        door_close(door);
    }
}

static void *grown(void *array, size_t size)
{
    void *larger = realloc(array, size);
    if (larger == NULL)
        abort();
    return larger;
}

static void poll_put(struct listen *listen, struct watched watched, int fd, short events)
{
    if (listen->poll_count == listen->poll_room) {
        listen->poll_room = listen->poll_room == 0 ? 64 : 2 * listen->poll_room;
        listen->polls = grown(listen->polls, listen->poll_room * sizeof *listen->polls);
        listen->watched = grown(listen->watched, listen->poll_room * sizeof *listen->watched);
    }
    listen->polls[listen->poll_count] = (struct pollfd){.fd = fd, .events = events};
    listen->watched[listen->poll_count++] = watched;
}

static bool is_pending(const struct connection *connection)
{
    return connection->session != NULL && gnutls_record_check_pending(connection->session) > 0;
}

/* Whoever is held is not asked for. Returns how long to wait. */
static int poll_all(struct listen *listen)
{
    int64_t now = now_ms(), wait = WAIT_MS;
    listen->poll_count = 0;
    poll_put(listen, (struct watched){0}, listen->wake, POLLIN);
    for (struct door *door = listen->doors; door != NULL; door = door->next)
        poll_put(listen, (struct watched){.door = door}, door->fd, POLLIN);
    for (struct connection *c = listen->connections; c != NULL; c = c->next) {
        c->held = c->way != NULL && lane_pressure(c->way->lane) == LANE_HOLD;
        if (c->held && wait > LISTEN_HOLD_MS)
            wait = LISTEN_HOLD_MS;
        else if (!c->held && is_pending(c))
            wait = 0;
        else if (!c->held && left_ms(listen, c, now) < wait)
            wait = left_ms(listen, c, now) + 1;
        poll_put(listen, (struct watched){.connection = c}, c->held ? -1 : c->fd, c->wants);
    }
    return wait < 0 ? 0 : (int)wait;
}

static void serve(struct listen *listen, struct connection *connection, bool ready)
{
    if (connection->held || connection->over || (!ready && !is_pending(connection)))
        return;
    if (connection->turn == TURN_HANDSHAKE)
        handshake(listen, connection);
    else
        read_some(listen, connection);
    arena_reset(listen->arena);
}

static void serve_all(struct listen *listen)
{
    uint64_t count;
    if (listen->polls[0].revents != 0 && read(listen->wake, &count, sizeof count) < 0)
        return; /* nobody woke us after all */
    for (size_t i = 1; i < listen->poll_count; i++) {
        const struct watched *watched = &listen->watched[i];
        bool ready = listen->polls[i].revents != 0;
        if (watched->connection != NULL)
            serve(listen, watched->connection, ready);
        else if (ready)
            accept_all(listen, watched->door);
    }
}

/* Certificates are renewed without anybody telling us. */
static void look_at_certificates(struct listen *listen)
{
    int64_t now = now_ms();
    if (listen->tls == NULL || now - listen->looked_ms < LISTEN_FILES_MS)
        return;
    listen->looked_ms = now;
    struct err err = http_tls_changed(listen->tls) ? http_tls_reload(listen->tls, listen->arena) : OK;
    if (err.kind != ERR_NONE)
        listen->options.trouble(listen->options.context, S("certificates"), err.why);
    arena_reset(listen->arena);
}

static void *listen_on(void *context)
{
    struct listen *listen = context;
    while (!atomic_load(&listen->stop)) {
        look_at_certificates(listen);
        pthread_mutex_lock(&listen->lock);
        sweep(listen);
        sweep_doors(listen);
        int wait = poll_all(listen);
        pthread_mutex_unlock(&listen->lock);
        if (poll(listen->polls, listen->poll_count, wait) < 0)
            continue;
        pthread_mutex_lock(&listen->lock);
        serve_all(listen);
        pthread_mutex_unlock(&listen->lock);
    }
    return NULL;
}

/* ---- The verbs ---- */

struct err listen_open(const struct listen_options *options, struct arena *arena, struct listen **listen)
{
    struct http_tls_store *tls = NULL;
    if (options->tls != NULL && options->tls->certificate != NULL)
        TRY(http_tls_open(options->tls, arena, &tls));
    struct listen *made = own(sizeof *made);
    *made = (struct listen){.options = *options, .tls = tls, .records = buf_make(RECORDS_BYTES_MAX)};
    made->messages = buf_make(RECORDS_BYTES_MAX);
    made->options.connections_max = options->connections_max == 0 ? LISTEN_CONNECTIONS_MAX : options->connections_max;
    made->options.idle_ms = options->idle_ms == 0 ? LISTEN_IDLE_MS : options->idle_ms;
    made->arena = arena_open("connections of sensors", ARENA_WORK, ARENA_BYTES_MAX);
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->swept, NULL);
    made->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    made->runs = made->wake >= 0 && pthread_create(&made->thread, NULL, listen_on, made) == 0;
    if (!made->runs) {
        listen_close(made);
        return err_make(ERR_SYSTEM, "no thread can be started for the sockets of sensors");
    }
    *listen = made;
    return OK;
}

void listen_close(struct listen *listen)
{
    if (listen == NULL)
        return;
    atomic_store(&listen->stop, true);
    if (listen->runs) {
        wake(listen);
        pthread_join(listen->thread, NULL);
    }
    for (struct way *way = listen->ways; way != NULL; way = way->next)
        way->gone = true;
    sweep(listen);
    sweep_doors(listen);
    if (listen->wake >= 0)
        close(listen->wake);
    http_tls_close(listen->tls);
    pthread_cond_destroy(&listen->swept);
    pthread_mutex_destroy(&listen->lock);
    buf_free(&listen->records);
    buf_free(&listen->messages);
    arena_close(listen->arena);
    free(listen->polls);
    free(listen->watched);
    free(listen);
}

/* Only where certificates tell who sends may streams share a door. */
static struct err door_for(struct listen *listen, const struct inlet *inlet, struct arena *arena, struct door **door)
{
    *door = door_find(listen, inlet);
    if (*door == NULL) {
        TRY(door_open(inlet, arena, door));
        (*door)->next = listen->doors;
        listen->doors = *door;
        return OK;
    }
    if (inlet->kind != INLET_SYSLOG_TLS || listen->options.tls->clients == NULL)
        return err_format(arena, ERR_CONFLICT,
                "%.*s is of another stream; only one of TLS can be of several, by certificates of [tls] clients",
                (int)inlet->place.len, inlet->place.ptr);
    return OK;
}

struct err listen_add(struct listen *listen, const struct inlet *inlet, struct lane *lane, struct arena *arena)
{
    struct door *door;
    if (inlet->kind == INLET_SYSLOG_TLS && listen->tls == NULL)
        return err_make(ERR_INPUT, "syslog over TLS wants a certificate of the node: [tls] certificate and key");
    pthread_mutex_lock(&listen->lock);
    struct err err = door_for(listen, inlet, arena, &door);
    if (err.kind == ERR_NONE) {
        struct way **last = &listen->ways;
        while (*last != NULL)
            last = &(*last)->next;
        *last = own(sizeof **last);
        **last = (struct way){.inlet = inlet->number, .organisation = inlet->organisation, .door = door, .lane = lane};
        (*last)->unwraps = inlet->kind != INLET_UNIX && event_is_inside_syslog(arena_cstr(arena, inlet->format));
    }
    pthread_mutex_unlock(&listen->lock);
    wake(listen);
    return err;
}

static struct way *way_find(const struct listen *listen, int64_t inlet)
{
    struct way *way = listen->ways;
    while (way != NULL && way->inlet != inlet)
        way = way->next;
    return way;
}

void listen_drop(struct listen *listen, int64_t inlet)
{
    pthread_mutex_lock(&listen->lock);
    struct way *way = way_find(listen, inlet);
    if (way != NULL)
        way->gone = true;
    wake(listen);
    while (way_find(listen, inlet) != NULL)
        pthread_cond_wait(&listen->swept, &listen->lock);
    pthread_mutex_unlock(&listen->lock);
}

struct err listen_reload(struct listen *listen, struct arena *arena)
{
    return listen->tls == NULL ? OK : http_tls_reload(listen->tls, arena);
}

struct listen_counts listen_counts(struct listen *listen)
{
    pthread_mutex_lock(&listen->lock);
    struct listen_counts counts = {listen->count, listen->refused, listen->cut};
    pthread_mutex_unlock(&listen->lock);
    return counts;
}
