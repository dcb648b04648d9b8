/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For tests: a port of loopback at which nobody listens.
 */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

static inline unsigned test_port_free(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = bind(fd, (const struct sockaddr *)&address, len) == 0 &&
              getsockname(fd, (struct sockaddr *)&address, &len) == 0;
    close(fd);
    return ok ? ntohs(address.sin_port) : 0;
}
