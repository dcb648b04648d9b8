/* SPDX-License-Identifier: Apache-2.0 */
#include "app/node.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"

#define CONF_BYTES_MAX (64u << 10)
#define FOLDERS_OPEN_MAX 16
#define HOST_BYTES_MAX 256

const char *const node_folders[] = {"keys", "index", "memory", "events", "ledger", "evidence", NULL};

/* ---- Opening ---- */

/* As errno has it. A node is open to its owner alone. */
static struct err unreadable(const char *path, struct arena *arena)
{
    return errno == EACCES
                   ? err_format(arena, ERR_DENIED,
                             "%s: Permission denied; a node is open to the account that made it: work as that", path)
                   : err_errno(arena, path);
}

struct err node_conf(const char *named, struct arena *arena, const char **conf)
{
    struct stat stat_of;
    if (named == NULL || *named == 0)
        return err_make(ERR_INPUT, "which node? -c CONF names its node.conf, or the folder of it");
    if (stat(named, &stat_of) != 0)
        return unreadable(named, arena);
    *conf = S_ISDIR(stat_of.st_mode) ? arena_printf(arena, "%s/node.conf", named) : named;
    return OK;
}

const char *node_path(const struct node *node, const char *name, struct arena *arena)
{
    return arena_printf(arena, "%s/%s", node->folder, name);
}

/* Who may write there may put a node of his own in the place of ours. */
static struct err folder_check(const char *folder, struct arena *arena)
{
    struct stat stat_of;
    if (stat(folder, &stat_of) != 0)
        return err_errno(arena, folder);
    if ((stat_of.st_mode & 022) != 0)
        return err_format(arena, ERR_DENIED, "others than its owner may write into %s; chmod 700 %s", folder, folder);
    return OK;
}

struct err node_open(const char *named, struct arena *arena, struct node *node)
{
    struct node opened = {.conf = "", .lock = -1};
    TRY(node_conf(named, arena, &opened.conf));
    if (access(opened.conf, R_OK) != 0)
        return unreadable(opened.conf, arena);
    TRY(config_load(opened.conf, arena, &opened.config));
    opened.folder = opened.config.folder;
    TRY(folder_check(opened.folder, arena));
    *node = opened;
    return OK;
}

void node_close(struct node *node)
{
    if (node->lock >= 0)
        close(node->lock);
    node->lock = -1;
}

bool node_is_loopback(const struct config *config)
{
    static const uint8_t six[sizeof config->listen.ip.bytes] = {[15] = 1};
    const struct ip *ip = &config->listen.ip;
    return ip->family == 4 ? ip->bytes[0] == 127 : memcmp(ip->bytes, six, sizeof six) == 0;
}

const char *node_url(const struct config *config, struct arena *arena)
{
    static const uint8_t every[sizeof config->listen.ip.bytes] = {0};
    char host[HOST_BYTES_MAX + 1] = {0};
    if (config->http.url != NULL)
        return config->http.url;
    const char *scheme = config->tls.certificate == NULL && node_is_loopback(config) ? "http" : "https";
    if (memcmp(config->listen.ip.bytes, every, sizeof every) != 0 || gethostname(host, HOST_BYTES_MAX) != 0)
        return arena_printf(arena, "%s://%s/", scheme, config->listen.text);
    return arena_printf(arena, "%s://%s:%u/", scheme, host, (unsigned)config->listen.port);
}

struct share_release_options node_release_options(const struct config *config)
{
    return (struct share_release_options){
            .window_us = (int64_t)config->sharing.window_ms * 1000,
            .ask_us = (int64_t)config->sharing.ask_ms * 1000,
            .recall_max = config->sharing.recall_max,
            .encrypted = config->tls.certificate != NULL || config->http.behind_proxy,
    };
}

const char *node_high_water(const struct config *config, struct arena *arena)
{
    char *whole = arena_take(arena, PATH_MAX); /* "." has no name to put something beside */
    if (config->ledger.high_water != NULL)
        return config->ledger.high_water;
    const char *folder = realpath(config->folder, whole) != NULL ? whole : config->folder;
    const char *beside = arena_printf(arena, "%s.high-water", folder);
    bool fits = access(beside, F_OK) == 0 || access(arena_printf(arena, "%s/..", folder), W_OK) == 0;
    return fits ? beside : arena_printf(arena, "%s/high-water", config->folder);
}

/* ---- One server ---- */

/* The number that the holder of the lock wrote into it; 0: not yet. */
static long holder_of(int fd)
{
    char text[32] = {0};
    ssize_t got = pread(fd, text, sizeof text - 1, 0);
    uint64_t pid = 0;
    return got > 0 && slice_u64(slice_trim(slice_of(text)), INT32_MAX, &pid) ? (long)pid : 0;
}

static struct err lock_taken(const struct node *node, int fd, struct arena *arena)
{
    int why = errno;
    long pid = holder_of(fd);
    if (why != EWOULDBLOCK)
        return err_errno(arena, node_path(node, "lock", arena));
    if (pid == 0)
        return err_format(arena, ERR_CONFLICT, "a server is at work on %s; stop it first", node->folder);
    return err_format(arena, ERR_CONFLICT, "a server (process %ld) is at work on %s; stop it first", pid, node->folder);
}

struct err node_lock(struct node *node, struct arena *arena)
{
    const char *path = node_path(node, "lock", arena);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err_errno(arena, path);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        struct err err = lock_taken(node, fd, arena);
        close(fd);
        return err;
    }
    if (ftruncate(fd, 0) != 0 || dprintf(fd, "%ld\n", (long)getpid()) < 0) {
        struct err err = err_errno(arena, path);
        close(fd);
        return err;
    }
    node->lock = fd;
    return OK;
}

/* ---- The key ---- */

struct err node_key(const struct node *node, struct arena *arena, struct key_pair *pair)
{
    const char *public_file = node_path(node, "keys/node.pub", arena);
    struct key_public public;
    TRY(key_read(node_path(node, "keys/node.key", arena), arena, pair));
    struct err err = key_public_read(public_file, arena, &public);
    if (err.kind == ERR_NONE && memcmp(&public, &pair->public, sizeof public) != 0)
        err = err_format(arena, ERR_CONFLICT, "%s does not belong to node.key beside it; bring both from one backup",
                public_file);
    if (err.kind != ERR_NONE)
        key_forget(pair);
    return err;
}

/* ---- Making one ---- */

static struct err sync_folder(const char *path, struct arena *arena)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct err err = fd < 0 || fsync(fd) != 0 ? err_errno(arena, path) : OK;
    if (fd >= 0)
        close(fd);
    return err;
}

static struct err write_new(const char *path, slice text, struct arena *arena)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(arena, path);
    bool fine = write(fd, text.ptr, text.len) == (ssize_t)text.len && fsync(fd) == 0;
    struct err err = fine ? OK : err_errno(arena, path);
    close(fd);
    return err;
}

static struct err is_empty(const char *folder, struct arena *arena)
{
    DIR *open_folder = opendir(folder);
    const struct dirent *entry = NULL;
    if (open_folder == NULL)
        return err_errno(arena, folder);
    do
        entry = readdir(open_folder);
    while (entry != NULL && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
    struct err err = OK;
    if (access(arena_printf(arena, "%s/node.conf", folder), F_OK) == 0)
        err = err_format(arena, ERR_CONFLICT,
                "%s is a node already; `kentongan -c %s doctor` says how it is. For another one name another folder",
                folder, folder);
    else if (entry != NULL)
        err = err_format(arena, ERR_CONFLICT,
                "%s is not empty (%s); a node wants a folder of its own. If an earlier init was broken off there, "
                "remove it",
                folder, entry->d_name);
    closedir(open_folder);
    return err;
}

/* The folder, made if need be, and empty, with nobody else making a node in it while `*fd` is open. */
static struct err claim(const char *folder, struct arena *arena, bool *made, int *fd)
{
    *made = mkdir(folder, 0700) == 0;
    if (!*made && errno != EEXIST)
        return err_errno(arena, folder);
    *fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0)
        return err_errno(arena, folder);
    if (flock(*fd, LOCK_EX | LOCK_NB) != 0)
        return err_format(arena, ERR_CONFLICT, "somebody else is making a node in %s", folder);
    TRY(is_empty(folder, arena));
    return fchmod(*fd, 0700) == 0 ? OK : err_errno(arena, folder);
}

/* Text of the plan and all else of node.conf; what does not hold there is refused before anything is made. */
static struct err conf_text(
        const struct node_plan *plan, const char *file, struct arena *arena, slice *text, struct config *config)
{
    const struct config_said plans[] = {
            {"node", "name", plan->name}, {"node", "listen", plan->listen}, {"node", "database", plan->database}};
    struct config_said said[COUNT_OF(plans)];
    size_t count = 0;
    struct config_mistakes *mistakes = arena_new(arena, struct config_mistakes, 1);
    struct buf buf = buf_make(CONF_BYTES_MAX);
    for (size_t i = 0; i < COUNT_OF(plans); i++) {
        if (plans[i].value == NULL)
            continue;
        if (strpbrk(plans[i].value, "\r\n") != NULL)
            return err_make(ERR_INPUT, "what stands in node.conf is one line of text");
        said[count++] = plans[i];
    }
    config_write(&buf, said, count, arena);
    *text = arena_copy(arena, buf_slice(&buf));
    struct err err = buf_check(&buf);
    buf_free(&buf);
    TRY(err);
    config_read(*text, file, arena, mistakes, config);
    return mistakes->count == 0 ? OK : err_make(ERR_INPUT, mistakes->rows[0].why);
}

static struct err make_keys(const struct node *node, struct arena *arena)
{
    struct key_pair pair;
    key_new(&pair);
    struct err err =
            key_save(&pair, node_path(node, "keys/node.key", arena), node_path(node, "keys/node.pub", arena), arena);
    key_forget(&pair);
    TRY(err);
    return sync_folder(node_path(node, "keys", arena), arena);
}

struct making {
    const struct node *node;
    slice conf;
    struct err (*more)(void *context, const struct node *node);
    void *context;
    struct arena *arena;
};

static struct err fill(const struct making *making)
{
    const struct node *node = making->node;
    for (const char *const *name = node_folders; *name != NULL; name++)
        if (mkdir(node_path(node, *name, making->arena), 0700) != 0)
            return err_errno(making->arena, node_path(node, *name, making->arena));
    TRY(make_keys(node, making->arena));
    if (making->more != NULL)
        TRY(making->more(making->context, node));
    TRY(write_new(node->conf, making->conf, making->arena));
    TRY(sync_folder(node->folder, making->arena));
    return sync_folder(node_path(node, "..", making->arena), making->arena);
}

static int drop(const char *path, const struct stat *stat_of, int type, struct FTW *walk)
{
    (void)stat_of;
    (void)type;
    return walk->level > 0 ? remove(path) : 0;
}

/* All in a folder that was empty when we claimed it, and itself if we made it. */
static void undo(const char *folder, bool made)
{
    nftw(folder, drop, FOLDERS_OPEN_MAX, FTW_DEPTH | FTW_PHYS);
    if (made)
        rmdir(folder);
}

struct err node_make(const struct node_plan *plan, struct err (*more)(void *context, const struct node *node),
        void *context, struct arena *arena, struct node *node)
{
    struct node made = {.folder = plan->folder, .lock = -1};
    slice conf;
    int fd = -1;
    bool folder_made = false;
    made.conf = node_path(&made, "node.conf", arena);
    TRY(conf_text(plan, made.conf, arena, &conf, &made.config));
    struct err err = claim(plan->folder, arena, &folder_made, &fd);
    if (err.kind == ERR_NONE) {
        const struct making making = {&made, conf, more, context, arena};
        err = fill(&making);
        if (err.kind != ERR_NONE)
            undo(plan->folder, folder_made);
    }
    if (fd >= 0)
        close(fd);
    if (err.kind == ERR_NONE)
        *node = made;
    return err;
}
