/* SPDX-License-Identifier: Apache-2.0 */
#include "app/mailboxes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/notices.h"
#include "base/arena.h"
#include "base/log.h"
#include "desk/answer.h"
#include "mailbox/imap.h"
#include "mailbox/lmtp.h"
#include "mailbox/maildir.h"
#include "store/mailbox.h"

/* A mailbox that is read at this moment. */
struct looking {
    const struct mailboxes *of;
    const char *name;
    bool keeps; /* nobody else keeps what it hands over */
};

/* ---- What is kept ---- */

/* Counted anew each time, since people take mails away from there. */
static struct err room_check(int folder, struct arena *arena)
{
    size_t count = 0;
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listed = copy < 0 ? NULL : fdopendir(copy);
    if (listed == NULL)
        return err_errno(arena, "the folder mail of the node");
    while (count < MAILBOXES_KEPT_MAX + 2 && readdir(listed) != NULL)
        count++; /* with "." and ".." */
    closedir(listed);
    return count < MAILBOXES_KEPT_MAX + 2
                   ? OK
                   : err_format(arena, ERR_SYSTEM,
                             "%d mails wait in the folder mail of the node; read them, and take them away",
                             MAILBOXES_KEPT_MAX);
}

static bool bytes_write(int fd, slice bytes)
{
    for (ssize_t done; bytes.len > 0; bytes = slice_from(bytes, (size_t)done)) {
        done = write(fd, bytes.ptr, bytes.len);
        if (done < 0 && errno != EINTR)
            return false;
        done = done < 0 ? 0 : done;
    }
    return fsync(fd) == 0;
}

/* Its name is its digest: whole under it, and the same again is the same file. */
static struct err mail_put(int folder, slice bytes, struct arena *arena)
{
    const struct sha256 digest = hash_sha256(bytes);
    struct buf text = buf_make(64);
    desk_mail_name_put(&text, &digest);
    const char *name = arena_printf(arena, "%.*s.eml", (int)text.len, text.ptr);
    const char *half = arena_printf(arena, ".%s", name);
    buf_free(&text);
    if (faccessat(folder, name, F_OK, 0) == 0)
        return OK;
    TRY(room_check(folder, arena));
    int fd = openat(folder, half, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(arena, half);
    bool written = bytes_write(fd, bytes);
    close(fd);
    if (!written || renameat(folder, half, folder, name) != 0 || fsync(folder) != 0)
        return err_errno(arena, name);
    return OK;
}

/* Made durable in its parent, too, before anything in it is. */
static struct err folder_make(const struct config *config, const char *path, struct arena *arena)
{
    if (mkdir(path, 0700) != 0)
        return errno == EEXIST ? OK : err_errno(arena, path);
    int parent = open(config->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct err err = parent < 0 || fsync(parent) != 0 ? err_errno(arena, config->folder) : OK;
    if (parent >= 0)
        close(parent);
    return err;
}

static struct err mail_keep(const struct looking *looking, slice bytes, struct arena *arena)
{
    const char *path = arena_printf(arena, "%s/mail", looking->of->config->folder);
    TRY(folder_make(looking->of->config, path, arena));
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0)
        return err_errno(arena, path);
    struct err err = mail_put(folder, bytes, arena);
    close(folder);
    return err;
}

/* ---- What is taken ---- */

static void log_taken(const struct looking *looking, const struct desk_taken *taken)
{
    bool unknown = taken->as == DESK_MAIL_NOTHING;
    const struct log_field fields[] = {
            {"mailbox", slice_of(looking->name), 0},
            {"notice", {NULL, 0}, taken->notice},
            {"why", slice_of(taken->why), 0},
    };
    log_line(unknown ? LOG_WARN : LOG_INFO, unknown ? "mailbox.unknown" : "mailbox.taken", fields, COUNT_OF(fields));
}

/* ERR_INPUT is for its source to leave it to a person. */
static struct err take(void *context, slice bytes, struct arena *arena)
{
    const struct looking *looking = context;
    struct desk_taken taken;
    TRY(desk_mail_take(looking->of->db, bytes, arena, &taken));
    log_taken(looking, &taken);
    if (taken.as != DESK_MAIL_NOTHING)
        return OK;
    return looking->keeps ? mail_keep(looking, bytes, arena)
                          : err_format(arena, ERR_INPUT, "a person has to read it: %s", taken.why);
}

static struct mailbox_taker taker_of(struct looking *looking)
{
    return (struct mailbox_taker){
            .context = looking, .take = take, .stop = looking->of->stop, .stop_context = looking->of->context};
}

static struct err put(struct work *work, void *context)
{
    return store_mailbox_put(work, context);
}

static void log_left(const struct looking *looking, const struct mailbox_taken *taken)
{
    const struct log_field fields[] = {
            {"mailbox", slice_of(looking->name), 0},
            {"mails", {NULL, 0}, (int64_t)taken->left},
            {"why", slice_of(taken->why == NULL ? "" : taken->why), 0},
    };
    if (taken->left > 0)
        log_line(LOG_WARN, "mailbox.left", fields, COUNT_OF(fields));
}

/* A mailbox that cannot be read is told, and does not keep another from being read. */
static struct err look_end(const struct looking *looking, struct mailbox_state *state, struct err err,
        const struct mailbox_taken *taken, struct arena *arena)
{
    bool failed = err.kind != ERR_NONE;
    const char *why = failed ? err.why : "";
    const struct log_field fields[] = {{"mailbox", slice_of(looking->name), 0}, {"why", slice_of(why), 0}};
    if (failed)
        log_line(LOG_WARN, "mailbox.failed", fields, COUNT_OF(fields));
    log_left(looking, taken);
    state->taken = (int64_t)taken->taken;
    state->why = slice_of(why);
    return store_work(looking->of->db, looking->of->actor, arena, put, state);
}

/* ---- The three ways ---- */

static struct err maildir_look(const struct mailboxes *mailboxes)
{
    struct looking looking = {.of = mailboxes, .name = "maildir"};
    struct mailbox_state state = {.name = slice_of(looking.name)};
    struct mailbox_taken taken = {0};
    const struct mailbox_taker taker = taker_of(&looking);
    struct err err = mailbox_maildir_take(mailboxes->config->mailbox.maildir, &taker, mailboxes->arena, &taken);
    return look_end(&looking, &state, err, &taken, mailboxes->arena);
}

static struct err imap_take(struct looking *looking, struct mailbox_imap_place *place, struct mailbox_taken *taken)
{
    const struct config *config = looking->of->config;
    const struct mailbox_taker taker = taker_of(looking);
    struct mailbox_imap_options options = {.server = config->mailbox.imap,
            .folder = config->mailbox.folder,
            .user = config->mailbox.user,
            .ca_file = config->mailbox.ca,
            .connect_ms = config->mailbox.total_ms,
            .total_ms = config->mailbox.total_ms};
    TRY(notices_password(config->mailbox.password_file, looking->of->arena, &options.password));
    return mailbox_imap_take(&options, &taker, place, looking->of->arena, taken);
}

static struct err imap_look(const struct mailboxes *mailboxes)
{
    struct looking looking = {.of = mailboxes, .name = "imap"};
    struct mailbox_state state;
    struct mailbox_taken taken = {0};
    TRY(store_mailbox_get(mailboxes->db, slice_of(looking.name), mailboxes->arena, &state));
    struct mailbox_imap_place place = {state.validity, state.last};
    struct err err = imap_take(&looking, &place, &taken);
    state.validity = place.validity;
    state.last = place.last;
    return look_end(&looking, &state, err, &taken, mailboxes->arena);
}

/* Each mail is a look, so that `doctor` knows when the last one came. */
static struct err lmtp_take(void *context, slice bytes, struct arena *arena)
{
    const struct looking *looking = context;
    struct mailbox_state state = {.name = slice_of(looking->name)};
    struct err err = take(context, bytes, arena);
    const struct mailbox_taken taken = {.taken = err.kind == ERR_NONE};
    struct err told = look_end(looking, &state, err, &taken, arena);
    return err.kind == ERR_NONE ? told : err;
}

static const char *lmtp_place(const char *text)
{
    slice unix_at = S("unix:");
    return slice_starts(slice_of(text), unix_at) ? text + unix_at.len : text;
}

/* ---- All of them ---- */

struct err mailboxes_check(const struct config *config, struct arena *arena)
{
    const char *password;
    if (config->mailbox.imap == NULL)
        return OK;
    if (config->mailbox.user == NULL || config->mailbox.password_file == NULL)
        return err_make(ERR_INPUT, "[mailbox] imap is said, and no user or no password-file");
    return notices_password(config->mailbox.password_file, arena, &password);
}

struct err mailboxes_look(const struct mailboxes *mailboxes)
{
    if (mailboxes->config->mailbox.maildir != NULL)
        TRY(maildir_look(mailboxes));
    if (mailboxes->config->mailbox.imap != NULL && !mailboxes->stop(mailboxes->context))
        TRY(imap_look(mailboxes));
    return OK;
}

struct err mailboxes_listen(const struct mailboxes *mailboxes)
{
    char name[256] = "";
    struct looking looking = {.of = mailboxes, .name = "lmtp", .keeps = true};
    struct mailbox_state state = {.name = slice_of(looking.name)};
    struct mailbox_lmtp *lmtp = NULL;
    if (mailboxes->config->mailbox.lmtp == NULL)
        return OK;
    if (gethostname(name, sizeof name - 1) != 0)
        return err_errno(mailboxes->arena, "the name of this machine");
    struct mailbox_lmtp_options options = {
            .place = lmtp_place(mailboxes->config->mailbox.lmtp), .name = name, .taker = taker_of(&looking)};
    options.taker.take = lmtp_take;
    struct err err = mailbox_lmtp_open(&options, mailboxes->arena, &lmtp);
    TRY(look_end(&looking, &state, err, &(struct mailbox_taken){0}, mailboxes->arena));
    if (lmtp == NULL) /* it was told */
        return OK;
    err = mailbox_lmtp_run(lmtp, mailboxes->arena);
    mailbox_lmtp_close(lmtp);
    return err;
}
