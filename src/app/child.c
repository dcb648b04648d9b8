/* SPDX-License-Identifier: Apache-2.0 */
#include "app/child.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"

#define LINE_MAX_BYTES 4096 /* of what a server says of itself */
#define LOG_SHOWN 2000      /* bytes of the end of a log that go into an error */
#define STEP_MS 20
#define WORDS_MAX 62 /* of a command */

/* ---- Becoming another kentongan ---- */

/* In the child. A Ctrl-C is for the parent alone, which stops its children in order. */
static _Noreturn void become(const char *const *words, int output, int error, pid_t parent)
{
    const char *argv[WORDS_MAX + 2] = {"kentongan"};
    for (size_t i = 0; i < WORDS_MAX && words[i] != NULL; i++)
        argv[i + 1] = words[i];
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(2);
    setpgid(0, 0);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
            dup2(error, STDERR_FILENO) >= 0)
        execv("/proc/self/exe", (char *const *)(uintptr_t)argv);
    _exit(2);
}

/* ---- A command ---- */

static struct err file_take(FILE *file, struct arena *arena, slice *text)
{
    off_t size = lseek(fileno(file), 0, SEEK_END);
    if (size < 0 || size > CHILD_OUTPUT_MAX)
        return err_make(ERR_LIMIT, "a command said more than is read of it");
    char *room = arena_new(arena, char, (size_t)size + 1);
    if (pread(fileno(file), room, (size_t)size, 0) != size)
        return err_errno(arena, "what a command said");
    *text = (slice){room, (size_t)size};
    return OK;
}

static struct err run_to_end(
        const char *const *words, FILE *output, FILE *error, struct arena *arena, struct child_answer *answer)
{
    int status = 0;
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        become(words, fileno(output), fileno(error), parent);
    if (pid < 0)
        return err_errno(arena, "fork");
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return err_errno(arena, "waitpid");
    answer->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    TRY(file_take(output, arena, &answer->output));
    return file_take(error, arena, &answer->error);
}

struct err child_run(const char *const *words, struct arena *arena, struct child_answer *answer)
{
    FILE *output = tmpfile(), *error = tmpfile();
    struct err err = output == NULL || error == NULL ? err_errno(arena, "a temporary file")
                                                     : run_to_end(words, output, error, arena, answer);
    if (output != NULL)
        fclose(output);
    if (error != NULL)
        fclose(error);
    return err;
}

/* ---- A node that is served ---- */

/* Whether there is something to read, or the other end is closed, before that moment. */
static bool is_ready(int fd, int64_t end_us)
{
    for (int64_t left_us; (left_us = end_us - clock_steady_us()) > 0;) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        int count = poll(&wait, 1, (int)(left_us / 1000) + 1);
        if (count > 0)
            return true;
        if (count < 0 && errno != EINTR)
            return false;
    }
    return false;
}

/* The line that says where it is served: "listening on URL". False if the child ended first, or took too long. */
static bool line_read(int ready, char *line, size_t room)
{
    int64_t end_us = clock_steady_us() + INT64_C(1000) * CHILD_START_MS;
    for (size_t len = 0; len + 1 < room && is_ready(ready, end_us); len++) {
        if (read(ready, line + len, 1) != 1)
            return false;
        if (line[len] == '\n') {
            line[len] = '\0';
            return true;
        }
    }
    return false;
}

static const char *log_end(const char *log, struct arena *arena)
{
    char *text = arena_new(arena, char, LOG_SHOWN + 1);
    int fd = open(log, O_RDONLY | O_CLOEXEC);
    ssize_t got = 0;
    if (fd >= 0) {
        off_t size = lseek(fd, 0, SEEK_END);
        got = pread(fd, text, LOG_SHOWN, size > LOG_SHOWN ? size - LOG_SHOWN : 0);
        close(fd);
    }
    return got > 0 ? text : "it said nothing";
}

static struct err started(const char *node, const char *log, int ready, struct arena *arena, struct child *child)
{
    char line[LINE_MAX_BYTES] = "";
    slice rest, word;
    if (!line_read(ready, line, sizeof line)) {
        child_stop(child);
        return err_format(arena, ERR_SYSTEM, "the node in %s does not serve: %s", node, log_end(log, arena));
    }
    for (rest = slice_of(line); slice_next(&rest, ' ', &word);)
        child->url = arena_cstr(arena, word);
    return OK;
}

struct err child_serve(const char *node, const char *log, struct arena *arena, struct child *child)
{
    int ready[2], fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(arena, log);
    if (pipe2(ready, O_CLOEXEC) != 0) {
        close(fd);
        return err_errno(arena, "pipe");
    }
    pid_t parent = getpid(), pid = fork();
    if (pid == 0)
        become((const char *const[]){"-c", node, "serve", NULL}, ready[1], fd, parent);
    close(ready[1]);
    close(fd);
    *child = (struct child){.pid = pid > 0 ? pid : 0};
    struct err err = pid < 0 ? err_errno(arena, "fork") : started(node, log, ready[0], arena, child);
    close(ready[0]);
    return err;
}

/* ---- Ending ---- */

bool child_lives(struct child *child)
{
    if (child->pid > 0 && waitpid(child->pid, NULL, WNOHANG) != 0)
        child->pid = 0;
    return child->pid > 0;
}

void child_stop(struct child *child)
{
    if (!child_lives(child))
        return;
    kill(child->pid, SIGTERM);
    for (int ms = 0; ms < CHILD_STOP_MS && child_lives(child); ms += STEP_MS)
        nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000L}, NULL);
    if (!child_lives(child))
        return;
    kill(child->pid, SIGKILL);
    waitpid(child->pid, NULL, 0);
    child->pid = 0;
}

static bool port_bind(const char *text, unsigned *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port)};
    socklen_t len = sizeof address;
    int again = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool fine = fd >= 0 && inet_pton(AF_INET, text, &address.sin_addr) == 1 &&
                setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &again, sizeof again) == 0 &&
                bind(fd, (struct sockaddr *)&address, len) == 0 &&
                getsockname(fd, (struct sockaddr *)&address, &len) == 0;
    if (fd >= 0)
        close(fd);
    *port = fine ? ntohs(address.sin_port) : *port;
    return fine;
}

struct err child_port(const char *address, struct arena *arena, unsigned *port)
{
    if (port_bind(address, port))
        return OK;
    return err_format(arena, ERR_CONFLICT, "port %u of %s cannot be used (%s); --port (make run PORT=N) takes another",
            *port, address, strerror(errno));
}
