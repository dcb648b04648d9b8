/* SPDX-License-Identifier: Apache-2.0 */
#include "app/manager.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_SOCKET 3
#define NUMBER_MOST INT64_MAX

static bool variable_number(const char *name, uint64_t *number)
{
    const char *text = getenv(name);
    return text != NULL && slice_u64(slice_of(text), NUMBER_MOST, number);
}

/* Whether a variable names our process, or there is none of that name. */
static bool is_for_us(const char *name, bool otherwise)
{
    uint64_t pid;
    if (getenv(name) == NULL)
        return otherwise;
    return variable_number(name, &pid) && pid == (uint64_t)getpid();
}

void manager_tell(const char *state)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    const char *path = getenv("NOTIFY_SOCKET");
    size_t length = path == NULL ? 0 : strlen(path);
    if (length < 2 || length >= sizeof to.sun_path || (*path != '/' && *path != '@'))
        return;
    memcpy(to.sun_path, path, length);
    if (*path == '@') /* a name that is in no folder (unix(7)) */
        to.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    /* A manager that does not listen is its own affair. */
    ssize_t sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&to, size);
    (void)sent;
    close(fd);
}

int64_t manager_watchdog_us(void)
{
    uint64_t us;
    return is_for_us("WATCHDOG_PID", true) && variable_number("WATCHDOG_USEC", &us) ? (int64_t)us : 0;
}

struct err manager_socket(int *listening)
{
    uint64_t count;
    int listens = 0;
    socklen_t size = sizeof listens;
    *listening = -1;
    if (!is_for_us("LISTEN_PID", false) || !variable_number("LISTEN_FDS", &count) || count == 0)
        return OK;
    if (count > 1)
        return err_make(ERR_INPUT, "more than one socket was handed over (LISTEN_FDS); it listens on one");
    if (getsockopt(FIRST_SOCKET, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0)
        return err_make(ERR_INPUT, "what was handed over (LISTEN_FDS) is no socket that listens");
    if (fcntl(FIRST_SOCKET, F_SETFD, FD_CLOEXEC) != 0)
        return err_make(ERR_SYSTEM, "the socket that was handed over cannot be used");
    *listening = FIRST_SOCKET;
    return OK;
}
