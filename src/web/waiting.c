/* SPDX-License-Identifier: Apache-2.0 */
/* Files are FOLDER/waiting/USER.TOKEN; the folder is ours alone, like the node's. */
#include "web/waiting.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/token.h"

struct seen {
    DIR *folder;
    int64_t user;
    size_t files, own;
    uint64_t bytes;
    char oldest[NAME_MAX + 1]; /* of the person */
    time_t oldest_s;
};

/* What waited too long goes; what is left is counted. */
static void look_at(struct seen *seen, const char *name, const char *own)
{
    struct stat about;
    if (name[0] == '.' || fstatat(dirfd(seen->folder), name, &about, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    if (about.st_mtime + WAITING_S < time(NULL)) {
        unlinkat(dirfd(seen->folder), name, 0);
        return;
    }
    seen->files++;
    seen->bytes += (uint64_t)about.st_size;
    if (!slice_starts(slice_of(name), slice_of(own)))
        return;
    if (seen->own++ == 0 || about.st_mtime < seen->oldest_s) {
        memcpy(seen->oldest, name, strlen(name) + 1);
        seen->oldest_s = about.st_mtime;
    }
}

static struct err make_room(const char *folder, int64_t user, size_t bytes, struct arena *arena)
{
    const char *own = arena_printf(arena, "%" PRId64 ".", user);
    struct seen seen = {.folder = opendir(folder), .user = user};
    if (seen.folder == NULL)
        return err_errno(arena, folder);
    for (const struct dirent *entry; (entry = readdir(seen.folder)) != NULL;)
        look_at(&seen, entry->d_name, own);
    if (seen.own >= WAITING_OF_ONE_MAX && unlinkat(dirfd(seen.folder), seen.oldest, 0) == 0)
        seen.files--;
    closedir(seen.folder);
    return seen.files < WAITING_FILES_MAX && seen.bytes + bytes <= WAITING_BYTES_MAX
                   ? OK
                   : err_make(ERR_LIMIT, "too many texts wait to be confirmed; try again in an hour");
}

struct err waiting_put(const char *folder, int64_t user, slice text, struct arena *arena, slice *name)
{
    const char *place = arena_printf(arena, "%s/waiting", folder);
    struct token token = token_new();
    if (mkdir(place, 0700) != 0 && errno != EEXIST)
        return err_errno(arena, place);
    TRY(make_room(place, user, text.len, arena));
    const char *path = arena_printf(arena, "%s/%" PRId64 ".%s", place, user, token.text);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err_errno(arena, path);
    struct err err = file_write(fd, text) ? OK : err_errno(arena, "a text that waits");
    if (close(fd) != 0 && err.kind == ERR_NONE)
        err = err_errno(arena, path);
    if (err.kind != ERR_NONE)
        unlink(path);
    else
        *name = arena_copy(arena, slice_of(token.text));
    return err;
}

/* A token's characters and no others, so that it is no way to another file. */
static bool is_name(slice name)
{
    bool is = name.len == TOKEN_CHARACTERS;
    for (size_t i = 0; is && i < name.len; i++) {
        char c = name.ptr[i];
        is = byte_is_digit(c) || (byte_lower(c) >= 'a' && byte_lower(c) <= 'z') || c == '-' || c == '_';
    }
    return is;
}

struct err waiting_find(const char *folder, int64_t user, slice name, struct arena *arena, const char **path)
{
    struct stat about;
    const char *found = arena_printf(
            arena, "%s/waiting/%" PRId64 ".%.*s", folder, user, (int)(is_name(name) ? name.len : 0), name.ptr);
    bool is = is_name(name) && stat(found, &about) == 0 && about.st_mtime + WAITING_S >= time(NULL);
    if (!is)
        return err_make(ERR_MISSING, "the text is no longer here: give it once more");
    *path = found;
    return OK;
}

void waiting_drop(const char *path)
{
    unlink(path);
}
