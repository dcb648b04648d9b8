/* SPDX-License-Identifier: Apache-2.0 */
#include "app/drill.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/local.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/work.h"
#include "json/write.h"

#define FACT "exercise"
#define NOTE "clock" /* in the node's folder: a link to the socket, for commands */
#define LINE_MAX_BYTES 100
#define WAIT_MS 200      /* how soon it is seen that it is to end */
#define PATIENCE_MS 2000 /* for a line that began */
#define BACKLOG 8

struct drill_clock {
    struct db_options db;
    const char *note;
    struct sockaddr_un at;
    int fd;
    atomic_bool stop;
    pthread_t thread;
    bool started;
};

struct err drill_make(struct db *db)
{
    return store_fact_put(db, S(FACT), S("yes"));
}

struct err drill_is(struct db *db, struct arena *arena, bool *is)
{
    slice value;
    TRY(store_fact_get(db, S(FACT), arena, &value));
    *is = slice_eq(value, S("yes"));
    return OK;
}

/* ---- What is asked ---- */

static struct err tell(struct work *work, void *context)
{
    (void)context;
    struct buf detail = buf_make(1000);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key(&w, S("time"));
    json_write_time(&w, clock_now_us());
    json_write_end(&w);
    struct err err = store_work_news(work, "clock.set", S("node"), buf_slice(&detail));
    buf_free(&detail);
    return err;
}

/* NULL, or why not. Nobody but the node's owner reaches the socket, so it acts as that one. */
static const char *did(const struct drill_clock *clock, slice line, struct arena *arena)
{
    const struct actor actor = local_actor(0, arena);
    struct db *db;
    int64_t us;
    bool set = slice_starts(line, S("set "));
    if (slice_eq(line, S("now")))
        return NULL;
    if (!set && !slice_eq(line, S("run")))
        return "now, set TIME or run";
    if (set && !time_parse_strict(slice_from(line, 4), &us))
        return "a time is as 2026-11-20T22:40:00+07:00 (RFC 3339)";
    struct err err = db_open(&clock->db, arena, &db);
    if (err.kind != ERR_NONE)
        return err.why;
    if (set)
        clock_set(us);
    else
        clock_run();
    err = store_work(db, &actor, arena, tell, NULL);
    const char *why = err.kind == ERR_NONE ? NULL : arena_cstr(arena, slice_of(err.why));
    db_close(db);
    return why;
}

/* ---- Lines ---- */

/* Up to a newline; its length, or 0: nothing came, or too much. */
static size_t line_read(int fd, char *line, size_t room)
{
    size_t len = 0;
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    while (len < room && poll(&wait, 1, PATIENCE_MS) == 1) {
        ssize_t got = read(fd, line + len, 1);
        if (got != 1 || line[len] == '\n')
            return got == 1 ? len : 0;
        len++;
    }
    return 0;
}

static void answer(int fd, const char *why)
{
    struct buf out = buf_make(4096);
    if (why != NULL) {
        buf_printf(&out, "no %s\n", why);
    } else {
        buf_put(&out, S("ok "));
        time_write(&out, clock_now_us());
        buf_byte(&out, '\n');
    }
    ssize_t sent = send(fd, out.ptr, out.len, MSG_NOSIGNAL); /* who asked and went away wants no answer */
    (void)sent;
    buf_free(&out);
}

static void *listener(void *context)
{
    struct drill_clock *clock = context;
    struct arena *arena = arena_open("clock", ARENA_WORK, 16u << 20);
    while (!atomic_load(&clock->stop)) {
        struct pollfd wait = {.fd = clock->fd, .events = POLLIN};
        if (poll(&wait, 1, WAIT_MS) != 1)
            continue;
        int fd = accept(clock->fd, NULL, NULL);
        char line[LINE_MAX_BYTES];
        size_t len;
        while (fd >= 0 && !atomic_load(&clock->stop) && (len = line_read(fd, line, sizeof line)) > 0) {
            answer(fd, did(clock, (slice){line, len}, arena));
            arena_reset(arena);
        }
        if (fd >= 0)
            close(fd);
    }
    arena_close(arena);
    return NULL;
}

/* ---- The socket ---- */

static struct err address_of(const char *path, struct arena *arena, struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof address->sun_path)
        return err_format(arena, ERR_INPUT, "the path of a socket has 1 to %zu bytes", sizeof address->sun_path - 1);
    memcpy(address->sun_path, path, len + 1);
    return OK;
}

/* A connection, or -1. */
static int reach(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) != 0) {
        int why = errno;
        close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

static struct err bind_it(struct drill_clock *clock, struct arena *arena)
{
    struct stat about;
    const char *path = clock->at.sun_path;
    int fd = reach(&clock->at);
    if (fd >= 0) {
        close(fd);
        return err_format(arena, ERR_CONFLICT, "%s: somebody listens there already", path);
    }
    if (errno == ECONNREFUSED && lstat(path, &about) == 0 && S_ISSOCK(about.st_mode))
        unlink(path); /* left over by one that was killed */
    clock->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    mode_t before = umask(0077); /* only the owner reaches it, from its first moment */
    int bound = clock->fd < 0 ? -1 : bind(clock->fd, (const struct sockaddr *)&clock->at, sizeof clock->at);
    umask(before);
    return bound == 0 && listen(clock->fd, BACKLOG) == 0 ? OK : err_errno(arena, path);
}

struct err drill_clock_open(const char *socket, const struct node *node, const struct db_options *options,
        struct arena *arena, struct drill_clock **clock)
{
    struct drill_clock *made = arena_new(arena, struct drill_clock, 1);
    struct db *db;
    bool is = false;
    *made = (struct drill_clock){.db = *options, .fd = -1, .note = node_path(node, NOTE, arena)};
    const char *path = realpath(".", NULL);
    const char *whole = *socket == '/' ? socket : arena_printf(arena, "%s/%s", path == NULL ? "." : path, socket);
    free((char *)(uintptr_t)path);
    TRY(db_open(options, arena, &db));
    struct err err = drill_is(db, arena, &is);
    db_close(db);
    if (err.kind == ERR_NONE && !is)
        err = err_make(ERR_DENIED,
                "this node is not for exercises: only one that was made with `init --exercise` has a "
                "clock that can be set");
    if (err.kind == ERR_NONE)
        err = address_of(whole, arena, &made->at);
    if (err.kind == ERR_NONE)
        err = bind_it(made, arena);
    if (err.kind == ERR_NONE && ((unlink(made->note) != 0 && errno != ENOENT) || symlink(whole, made->note) != 0))
        err = err_errno(arena, made->note);
    if (err.kind == ERR_NONE) {
        made->started = pthread_create(&made->thread, NULL, listener, made) == 0;
        err = made->started ? OK : err_make(ERR_SYSTEM, "no thread could be started for the clock");
    }
    *clock = made;
    if (err.kind != ERR_NONE && made->fd >= 0)
        close(made->fd);
    if (err.kind != ERR_NONE)
        *clock = NULL;
    return err;
}

void drill_clock_close(struct drill_clock *clock)
{
    if (clock == NULL)
        return;
    atomic_store(&clock->stop, true);
    pthread_join(clock->thread, NULL);
    close(clock->fd);
    unlink(clock->at.sun_path);
    unlink(clock->note);
    clock_set(TIME_NONE);
}

/* ---- For commands ---- */

/* "ok TIME" of the answer. */
static struct err answer_take(slice text, struct arena *arena)
{
    int64_t us;
    if (!slice_starts(text, S("ok ")) || !time_parse_strict(slice_trim(slice_from(text, 3)), &us))
        return err_format(arena, ERR_SYSTEM, "the node's clock says \"%.*s\"", (int)text.len, text.ptr);
    clock_set(us);
    return OK;
}

struct err drill_clock_take(const struct node *node, struct arena *arena)
{
    struct sockaddr_un address;
    char place[sizeof address.sun_path], text[LINE_MAX_BYTES];
    ssize_t len = readlink(node_path(node, NOTE, arena), place, sizeof place - 1);
    if (len <= 0)
        return OK;
    place[len] = '\0';
    TRY(address_of(place, arena, &address));
    int fd = reach(&address);
    if (fd < 0) /* it is not served: the machine's time */
        return OK;
    size_t got = send(fd, "now\n", 4, MSG_NOSIGNAL) == 4 ? line_read(fd, text, sizeof text) : 0;
    close(fd);
    return answer_take((slice){text, got}, arena);
}
