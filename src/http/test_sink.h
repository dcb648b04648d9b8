/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For tests in C: a mail server (tests/mail/sink.py) in a folder of its own, and what it kept. Where Debian's
 * python3-aiosmtpd is not there, sink_start says so and the test is skipped.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"

struct sink {
    const char *script; /* NULL: sink.py */
    char folder[64];
    pid_t pid;
    int input; /* it ends when this is closed */
    unsigned port;
};

static inline void sink_child(const struct sink *sink, const char *const *words, int input, int output)
{
    const char *root = getenv("KENTONGAN_ROOT");
    char script[4096];
    char *arguments[16] = {"python3", script};
    size_t count = 3;
    snprintf(script, sizeof script, "%s/tests/mail/%s", root == NULL ? "." : root,
            sink->script == NULL ? "sink.py" : sink->script);
    arguments[2] = strdup(sink->folder);
    for (; words != NULL && *words != NULL && count < COUNT_OF(arguments) - 1; words++)
        arguments[count++] = strdup(*words);
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    execv("/usr/bin/python3", arguments);
    _exit(127);
}

/* False: there is no such server on this machine. `words`: further arguments, up to NULL. */
static inline bool sink_start(struct sink *sink, const char *const *words)
{
    int to[2], from[2];
    char line[64] = "";
    if (*sink->folder == 0) {
        snprintf(sink->folder, sizeof sink->folder, "/tmp/kentongan-sink.XXXXXX");
        if (mkdtemp(sink->folder) == NULL)
            return false;
    }
    if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0) /* no server holds the input of another */
        return false;
    sink->pid = fork();
    if (sink->pid == 0) {
        close(to[1]);
        close(from[0]);
        sink_child(sink, words, to[0], from[1]);
    }
    close(to[0]);
    close(from[1]);
    sink->input = to[1];
    FILE *said = fdopen(from[0], "r");
    bool up = fgets(line, sizeof line, said) != NULL && sscanf(line, "%u", &sink->port) == 1;
    fclose(said);
    if (!up)
        printf("# skipped: /usr/bin/python3 with python3-aiosmtpd is needed for the mail server of this test\n");
    return up;
}

/* Its folder stays until sink_drop. */
static inline void sink_stop(struct sink *sink)
{
    if (sink->pid > 0) {
        close(sink->input);
        waitpid(sink->pid, NULL, 0);
    }
    sink->pid = 0;
}

static inline void sink_drop(struct sink *sink)
{
    char command[128];
    sink_stop(sink);
    snprintf(command, sizeof command, "rm -r %s", sink->folder); /* our own folder, made by mkdtemp */
    if (*sink->folder != 0 && system(command) != 0)
        printf("# %s stays\n", sink->folder);
    *sink->folder = 0;
}

/* What it is to do wrong from now on; "": nothing. */
static inline void sink_fault(const struct sink *sink, const char *faults)
{
    char path[128];
    snprintf(path, sizeof path, "%s/faults", sink->folder);
    FILE *file = fopen(path, "w");
    if (file != NULL) {
        fputs(faults, file);
        fclose(file);
    }
}

/* The message of that number, from 1; empty: there is none. */
static inline slice sink_message(const struct sink *sink, unsigned number, struct arena *arena)
{
    char path[128];
    slice message = {0};
    snprintf(path, sizeof path, "%s/%04u.eml", sink->folder, number);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return message;
    struct stat about;
    size_t size = fstat(fileno(file), &about) == 0 ? (size_t)about.st_size : 0;
    char *bytes = arena_take(arena, size + 1);
    message = (slice){bytes, fread(bytes, 1, size, file)};
    fclose(file);
    return message;
}

static inline unsigned sink_count(const struct sink *sink)
{
    unsigned count = 0;
    DIR *folder = opendir(sink->folder);
    for (const struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;)
        count += slice_ends(slice_of(entry->d_name), S(".eml"));
    if (folder != NULL)
        closedir(folder);
    return count;
}
