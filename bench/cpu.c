/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cpu FILE COMMAND [ARGUMENT...]: runs a command and appends one line to FILE: CPU seconds (user and system), wall
 * seconds, largest resident set in KiB. The exit status is the command's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double steady(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int fail(const char *what)
{
    fprintf(stderr, "cpu: %s: %s\n", what, strerror(errno));
    return 127;
}

/* Waits for the child and writes down what it used. */
static int account(pid_t child, double begin, const char *path)
{
    int status;
    struct rusage used;
    if (wait4(child, &status, 0, &used) < 0)
        return fail("wait4");
    double wall = steady() - begin;
    FILE *out = fopen(path, "a");
    if (out == NULL)
        return fail(path);
    fprintf(out, "%.6f %.6f %ld\n", seconds_of(used.ru_utime) + seconds_of(used.ru_stime), wall, used.ru_maxrss);
    if (fclose(out) != 0)
        return fail(path);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: cpu FILE COMMAND [ARGUMENT...]\n");
        return 127;
    }
    double begin = steady();
    pid_t child = fork();
    if (child < 0)
        return fail("fork");
    if (child > 0)
        return account(child, begin, argv[1]);
    execvp(argv[2], argv + 2);
    _exit(fail(argv[2]));
}
