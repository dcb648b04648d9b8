/* SPDX-License-Identifier: Apache-2.0 */
#include "app/team_key.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"

static const char *own_file(const struct config *config, struct arena *arena)
{
    return arena_printf(arena, "%s/keys/team.pgp", config->folder);
}

struct err team_key_file(const struct config *config, struct arena *arena, const char **file)
{
    const char *path = config->mail.pgp_key != NULL ? config->mail.pgp_key : own_file(config, arena);
    struct stat about;
    *file = NULL;
    if (stat(path, &about) != 0)
        return errno == ENOENT && config->mail.pgp_key == NULL ? OK : err_errno(arena, path);
    if ((about.st_mode & 077) != 0)
        return err_format(arena, ERR_DENIED, "%s: others may read it; chmod 600 %s", path, path);
    *file = path;
    return OK;
}

struct err team_key_keep(const struct config *config, slice secret, struct arena *arena, const char **file)
{
    const char *path = own_file(config, arena);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST ? err_format(arena, ERR_CONFLICT, "%s is there already; move it away first", path)
                               : err_errno(arena, path);
    struct err err = file_write(fd, secret) && fsync(fd) == 0 ? OK : err_errno(arena, path);
    close(fd);
    if (err.kind != ERR_NONE)
        unlink(path);
    *file = path;
    return err;
}

struct err team_publishing(
        const struct config *config, const char *url, struct arena *arena, struct publishing *publishing)
{
    *publishing = (struct publishing){.url = url};
    return team_key_file(config, arena, &publishing->key_file);
}
