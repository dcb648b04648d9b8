/* SPDX-License-Identifier: Apache-2.0 */
#include "app/whole.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"

#define RANDOM_END ".XXXXXX"
#define MODE 0666 /* as open() takes it, before the mask */

static struct err temporary_open(struct whole *whole)
{
    size_t size = strlen(whole->name) + sizeof RANDOM_END;
    char *temporary = arena_new(whole->arena, char, size);
    snprintf(temporary, size, "%s" RANDOM_END, whole->name);
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return err_errno(whole->arena, whole->name);
    mode_t mask = umask(0);
    umask(mask);
    (void)fchmod(fd, MODE & ~mask);
    whole->temporary = temporary;
    whole->to = fdopen(fd, "w");
    if (whole->to != NULL)
        return OK;
    struct err err = err_errno(whole->arena, whole->name);
    close(fd);
    unlink(temporary);
    return err;
}

struct err whole_open(const struct command_line *line, struct whole *whole)
{
    const char *name = command_text(line, "output");
    struct stat there;
    *whole = (struct whole){.to = stdout, .arena = line->arena};
    if (name == NULL || strcmp(name, "-") == 0)
        return OK;
    whole->name = name;
    if (stat(name, &there) != 0 || S_ISREG(there.st_mode))
        return temporary_open(whole);
    whole->to = fopen(name, "we"); /* a pipe or /dev/null is written to, and never replaced */
    return whole->to == NULL ? err_errno(whole->arena, name) : OK;
}

struct err whole_end(struct whole *whole, struct err err)
{
    if (err.kind == ERR_NONE && fflush(whole->to) != 0)
        err = err_errno(whole->arena, whole->name == NULL ? "standard output" : whole->name);
    if (whole->name == NULL)
        return err;
    if (err.kind == ERR_NONE && whole->temporary != NULL &&
            (fsync(fileno(whole->to)) != 0 || rename(whole->temporary, whole->name) != 0))
        err = err_errno(whole->arena, whole->name);
    fclose(whole->to);
    if (err.kind != ERR_NONE && whole->temporary != NULL)
        unlink(whole->temporary);
    return err;
}
