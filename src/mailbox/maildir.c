/* SPDX-License-Identifier: Apache-2.0 */
#include "mailbox/maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"

#define WORK_BYTES_MAX (256u << 20) /* of one mail, as read */

struct maildir {
    const char *folder;
    int new_fd, cur_fd;
    const struct mailbox_taker *taker;
    struct mailbox_taken *taken;
    struct arena *arena, *work;
};

/* ---- Files ---- */

static struct err folder_open(struct maildir *maildir, const char *name, int *fd)
{
    const char *path = arena_printf(maildir->arena, "%s/%s", maildir->folder, name);
    *fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *fd < 0 ? err_errno(maildir->arena, path) : OK;
}

/* A file that is no mail (a link, a pipe) is not followed and not waited for. */
static struct err file_open(struct maildir *maildir, const char *name, int *fd, size_t *size)
{
    struct stat about;
    *fd = openat(maildir->new_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (*fd < 0 && errno == ELOOP)
        return err_make(ERR_INPUT, "it is a link and no file");
    if (*fd < 0 || fstat(*fd, &about) != 0)
        return err_errno(maildir->work, name);
    if (!S_ISREG(about.st_mode))
        return err_make(ERR_INPUT, "it is no file");
    if ((uint64_t)about.st_size > MAILBOX_BYTES_MAX)
        return err_make(ERR_LIMIT, "the mail is larger than 64 MiB");
    *size = (size_t)about.st_size;
    return OK;
}

static struct err bytes_read(struct maildir *maildir, int fd, size_t size, slice *bytes)
{
    char *room = arena_take(maildir->work, size + 1);
    size_t len = 0;
    while (len < size) {
        ssize_t got = read(fd, room + len, size - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_errno(maildir->work, "a mail");
        if (got == 0)
            break;
        len += (size_t)got;
    }
    *bytes = (slice){room, len};
    return OK;
}

static struct err file_read(struct maildir *maildir, const char *name, slice *bytes)
{
    int fd = -1;
    size_t size = 0;
    struct err err = file_open(maildir, name, &fd, &size);
    if (err.kind == ERR_NONE)
        err = bytes_read(maildir, fd, size, bytes);
    if (fd >= 0)
        close(fd);
    return err;
}

/* ---- Mails ---- */

/* The move is durable before the next mail is taken, so that a crash gives back one mail at most. */
static struct err file_move(struct maildir *maildir, const char *name, const char *flags)
{
    const char *to = arena_printf(maildir->work, "%.*s:2,%s", (int)slice_find(slice_of(name), ':'), name, flags);
    if (renameat2(maildir->new_fd, name, maildir->cur_fd, to, RENAME_NOREPLACE) != 0)
        return err_errno(maildir->arena, arena_printf(maildir->work, "%s: cannot be moved to cur", name));
    if (fsync(maildir->cur_fd) != 0 || fsync(maildir->new_fd) != 0)
        return err_errno(maildir->arena, maildir->folder);
    return OK;
}

static struct err mail_take(struct maildir *maildir, const char *name)
{
    slice bytes;
    struct err err = file_read(maildir, name, &bytes);
    if (err.kind == ERR_MISSING) /* who else reads it took it */
        return OK;
    if (err.kind == ERR_NONE)
        err = maildir->taker->take(maildir->taker->context, bytes, maildir->work);
    if (err.kind == ERR_NONE) {
        maildir->taken->taken++;
        return file_move(maildir, name, "S");
    }
    const char *why = arena_printf(maildir->arena, "%s/new/%s: %s", maildir->folder, name, err.why);
    if (err.kind != ERR_INPUT && err.kind != ERR_LIMIT)
        return err_make(err.kind, why);
    maildir->taken->left++;
    maildir->taken->why = why;
    return file_move(maildir, name, "F");
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In the order of their names, which begin with when they came. */
static struct err names_list(struct maildir *maildir, const char **names, size_t *count)
{
    DIR *folder = fdopendir(dup(maildir->new_fd));
    if (folder == NULL)
        return err_errno(maildir->arena, maildir->folder);
    for (const struct dirent *entry; *count < MAILBOX_MAILDIR_ROUND && (entry = readdir(folder)) != NULL;)
        if (entry->d_name[0] != '.')
            names[(*count)++] = arena_cstr(maildir->arena, slice_of(entry->d_name));
    closedir(folder);
    qsort(names, *count, sizeof *names, by_name);
    return OK;
}

static struct err mails_take(struct maildir *maildir)
{
    const char **names = arena_new(maildir->arena, const char *, MAILBOX_MAILDIR_ROUND);
    const struct mailbox_taker *taker = maildir->taker;
    size_t count = 0;
    TRY(folder_open(maildir, "new", &maildir->new_fd));
    TRY(folder_open(maildir, "cur", &maildir->cur_fd));
    TRY(names_list(maildir, names, &count));
    for (size_t i = 0; i < count; i++) {
        if (taker->stop != NULL && taker->stop(taker->stop_context))
            break;
        arena_reset(maildir->work);
        TRY(mail_take(maildir, names[i]));
    }
    return OK;
}

struct err mailbox_maildir_take(
        const char *folder, const struct mailbox_taker *taker, struct arena *arena, struct mailbox_taken *taken)
{
    *taken = (struct mailbox_taken){0};
    struct maildir maildir = {
            .folder = folder, .new_fd = -1, .cur_fd = -1, .taker = taker, .taken = taken, .arena = arena};
    maildir.work = arena_open("a mail of a maildir", ARENA_WORK, WORK_BYTES_MAX);
    struct err err = mails_take(&maildir);
    if (maildir.new_fd >= 0)
        close(maildir.new_fd);
    if (maildir.cur_fd >= 0)
        close(maildir.cur_fd);
    arena_close(maildir.work);
    return err;
}
