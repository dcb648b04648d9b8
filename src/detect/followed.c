/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/followed.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"

#define CLOSED_MAX 64   /* names that the kernel told of between two looks; more are seen when they are calm */
#define AGAIN_US 200000 /* after something could not be handed on, or was not calm */
#define REST 4          /* times as long as looking took */
#define EVENTS_BYTES 16384
#define ARENA_BYTES_MAX ((size_t)256 << 20)
#define US_PER_MS 1000

/* What a file was when it was handed on. */
struct stamp {
    dev_t device;
    ino_t inode;
    int64_t size, modified_ns;
};

struct entry {
    char *name; /* ours */
    struct stamp stamp;
    bool taken;
};

struct trail {
    struct trail *next;
    int64_t inlet;
    bool folder;
    char *path, *place; /* ours; place: the folder that the kernel watches */
    int watch;          /* of inotify; -1: none */
    int64_t due_us;     /* when it is looked at without news; by the steady clock */
    int64_t rests_us;   /* until then not even with news: looking takes a fraction of the time at the most */
    bool told;          /* its trouble was */
    /* A file. */
    int fd;             /* -1: it is not there */
    struct stamp taken; /* as it was handed on last */
    /* A folder. */
    struct entry *entries; /* by name */
    size_t count;
    char *closed[CLOSED_MAX]; /* ours */
    size_t closed_count;
};

struct followed {
    struct followed_options options;
    pthread_mutex_t lock;
    struct trail *trails;
    int events, wake;
    pthread_t thread;
    bool runs;
    atomic_bool stop;
    struct arena *arena; /* of the thread */
};

static void *own(size_t size)
{
    void *made = calloc(1, size == 0 ? 1 : size);
    if (made == NULL)
        abort();
    return made;
}

static char *own_text(slice text)
{
    char *copy = own(text.len + 1);
    memcpy(copy, text.ptr, text.len);
    return copy;
}

static struct stamp stamp_of(const struct stat *about)
{
    return (struct stamp){about->st_dev, about->st_ino, about->st_size,
            (int64_t)about->st_mtim.tv_sec * 1000000000 + about->st_mtim.tv_nsec};
}

static bool same_file(struct stamp a, struct stamp b)
{
    return a.device == b.device && a.inode == b.inode;
}

static bool same(struct stamp a, struct stamp b)
{
    return same_file(a, b) && a.size == b.size && a.modified_ns == b.modified_ns;
}

static void trouble(struct followed *followed, struct trail *trail, const char *why)
{
    if (!trail->told)
        followed->options.trouble(followed->options.context, slice_of(trail->path), why);
    trail->told = true;
}

static slice name_of(slice path)
{
    size_t from = path.len;
    while (from > 0 && path.ptr[from - 1] != '/')
        from--;
    return slice_from(path, from);
}

/* A descriptor of its own, from the beginning, of what is open here: also when its name is gone. */
static int open_again(int fd)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static bool hand_on(struct followed *followed, const struct trail *trail, int fd, slice name, bool whole)
{
    int again = open_again(fd);
    if (again < 0)
        return false;
    if (followed->options.take(followed->options.context, trail->inlet, again, name, whole))
        return true;
    close(again);
    return false;
}

/* ---- A file that grows ---- */

static void file_open(struct followed *followed, struct trail *trail)
{
    struct stat about;
    trail->fd = open(trail->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (trail->fd < 0) {
        if (errno != ENOENT)
            trouble(followed, trail, err_errno(followed->arena, trail->path).why);
        return;
    }
    if (fstat(trail->fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        trouble(followed, trail, "is no file");
        close(trail->fd);
        trail->fd = -1;
        return;
    }
    trail->told = false;
    trail->taken = (struct stamp){0};
}

/* Whether another file has the name now; then the one that is open is whole. A name that is gone says nothing yet: who
 * rotates renames first and begins anew later, and until then writes on. */
static bool was_replaced(const struct trail *trail, struct stamp open)
{
    struct stat about;
    return stat(trail->path, &about) == 0 && !same_file(stamp_of(&about), open);
}

/* When it wants to be looked at again. */
static int64_t file_look(struct followed *followed, struct trail *trail)
{
    struct stat about;
    if (trail->fd < 0)
        file_open(followed, trail);
    if (trail->fd < 0 || fstat(trail->fd, &about) != 0)
        return FOLLOWED_LOOK_US;
    struct stamp now = stamp_of(&about);
    bool replaced = was_replaced(trail, now);
    if (replaced || (now.size > 0 && !same(now, trail->taken))) {
        if (!hand_on(followed, trail, trail->fd, name_of(slice_of(trail->path)), replaced))
            return AGAIN_US;
        trail->taken = now;
    }
    if (!replaced)
        return FOLLOWED_LOOK_US;
    close(trail->fd);
    trail->fd = -1;
    return 0;
}

/* ---- A folder of reports ---- */

static bool is_being_written(slice name)
{
    static const char *const ends[] = {".part", ".tmp", ".filepart"};
    for (size_t i = 0; i < COUNT_OF(ends); i++)
        if (slice_ends(name, slice_of(ends[i])))
            return true;
    return name.len == 0 || name.ptr[0] == '.';
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static void entries_free(struct entry *entries, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(entries[i].name);
    free(entries);
}

static struct entry *entries_read(struct followed *followed, struct trail *trail, DIR *names, size_t *count)
{
    struct entry *entries = NULL;
    struct stat about;
    size_t room = 0;
    *count = 0;
    for (struct dirent *entry = readdir(names); entry != NULL; entry = readdir(names)) {
        if (is_being_written(slice_of(entry->d_name)) ||
                fstatat(dirfd(names), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(about.st_mode))
            continue;
        if (*count == FOLLOWED_FILES_MAX) {
            trouble(followed, trail, "holds more files than are looked at; take away those that were read");
            break;
        }
        if (*count == room) {
            room = room == 0 ? 64 : 2 * room;
            entries = realloc(entries, room * sizeof *entries);
            if (entries == NULL)
                abort();
        }
        entries[(*count)++] = (struct entry){own_text(slice_of(entry->d_name)), stamp_of(&about), false};
    }
    if (*count > 1)
        qsort(entries, *count, sizeof *entries, by_name);
    return entries;
}

static bool was_closed(const struct trail *trail, const char *name)
{
    for (size_t i = 0; i < trail->closed_count; i++)
        if (strcmp(trail->closed[i], name) == 0)
            return true;
    return false;
}

static void closed_forget(struct trail *trail)
{
    while (trail->closed_count > 0)
        free(trail->closed[--trail->closed_count]);
}

static bool is_calm(const struct entry *entry)
{
    return clock_now_us() - entry->stamp.modified_ns / 1000 >= FOLLOWED_CALM_US;
}

static bool entry_take(struct followed *followed, const struct trail *trail, DIR *names, const struct entry *entry)
{
    int fd = openat(dirfd(names), entry->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return false;
    bool taken = followed->options.take(followed->options.context, trail->inlet, fd, slice_of(entry->name), true);
    if (!taken)
        close(fd);
    return taken;
}

static int64_t entries_take(struct followed *followed, struct trail *trail, DIR *names)
{
    int64_t again_us = FOLLOWED_SCAN_US;
    for (size_t i = 0; i < trail->count; i++) {
        struct entry *entry = &trail->entries[i];
        if (entry->taken || entry->stamp.size == 0)
            continue;
        if (is_calm(entry) || was_closed(trail, entry->name))
            entry->taken = entry_take(followed, trail, names, entry);
        if (!entry->taken)
            again_us = AGAIN_US;
    }
    return again_us;
}

static int64_t folder_look(struct followed *followed, struct trail *trail)
{
    size_t count;
    DIR *names = opendir(trail->path);
    if (names == NULL) {
        trouble(followed, trail, err_errno(followed->arena, trail->path).why);
        return FOLLOWED_LOOK_US;
    }
    struct entry *entries = entries_read(followed, trail, names, &count);
    for (size_t i = 0; i < count; i++) {
        const struct entry *before =
                trail->count == 0 ? NULL : bsearch(&entries[i], trail->entries, trail->count, sizeof *entries, by_name);
        entries[i].taken = before != NULL && before->taken && same(before->stamp, entries[i].stamp);
    }
    entries_free(trail->entries, trail->count);
    trail->entries = entries;
    trail->count = count;
    int64_t again_us = entries_take(followed, trail, names);
    closed_forget(trail);
    closedir(names);
    return again_us;
}

/* ---- The thread ---- */

static void event_take(struct followed *followed, const struct inotify_event *event)
{
    for (struct trail *trail = followed->trails; trail != NULL; trail = trail->next) {
        bool closed = (event->mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) != 0;
        if (trail->watch != event->wd || (trail->folder && !closed))
            continue;
        trail->due_us = trail->rests_us;
        if (trail->folder && event->len > 0 && trail->closed_count < CLOSED_MAX)
            trail->closed[trail->closed_count++] = own_text(slice_of(event->name));
    }
}

static void events_take(struct followed *followed)
{
    static _Thread_local char bytes[EVENTS_BYTES] __attribute__((aligned(__alignof__(struct inotify_event))));
    ssize_t got = read(followed->events, bytes, sizeof bytes);
    for (ssize_t at = 0; at < got;) {
        const struct inotify_event *event = (const struct inotify_event *)(const void *)(bytes + at);
        event_take(followed, event);
        at += (ssize_t)(sizeof *event + event->len);
    }
}

static void look(struct followed *followed, struct trail *trail)
{
    int64_t begun_us = clock_steady_us();
    int64_t again_us = trail->folder ? folder_look(followed, trail) : file_look(followed, trail);
    int64_t now_us = clock_steady_us();
    trail->rests_us = now_us + REST * (now_us - begun_us);
    trail->due_us = now_us + again_us < trail->rests_us ? trail->rests_us : now_us + again_us;
}

/* How long until something is to be looked at. */
static int64_t look_all(struct followed *followed)
{
    int64_t next_us = FOLLOWED_LOOK_US;
    for (struct trail *trail = followed->trails; trail != NULL; trail = trail->next) {
        if (trail->due_us <= clock_steady_us())
            look(followed, trail);
        int64_t wait_us = trail->due_us - clock_steady_us();
        next_us = wait_us < next_us ? wait_us : next_us;
    }
    arena_reset(followed->arena);
    return next_us < 0 ? 0 : next_us;
}

static void *follow_on(void *context)
{
    struct followed *followed = context;
    while (!atomic_load(&followed->stop)) {
        uint64_t count;
        pthread_mutex_lock(&followed->lock);
        int64_t wait_us = look_all(followed);
        pthread_mutex_unlock(&followed->lock);
        struct pollfd polls[] = {{.fd = followed->events, .events = POLLIN}, {.fd = followed->wake, .events = POLLIN}};
        if (poll(polls, COUNT_OF(polls), (int)((wait_us + US_PER_MS - 1) / US_PER_MS)) <= 0)
            continue;
        if (polls[1].revents != 0 && read(followed->wake, &count, sizeof count) < 0)
            continue;
        pthread_mutex_lock(&followed->lock);
        if (polls[0].revents != 0)
            events_take(followed);
        pthread_mutex_unlock(&followed->lock);
    }
    return NULL;
}

static void wake(struct followed *followed)
{
    uint64_t one = 1;
    if (write(followed->wake, &one, sizeof one) < 0)
        return; /* full: it is awake */
}

/* ---- The verbs ---- */

struct err followed_open(const struct followed_options *options, struct arena *arena, struct followed **followed)
{
    struct followed *made = own(sizeof *made);
    (void)arena;
    *made = (struct followed){.options = *options};
    made->arena = arena_open("files that are followed", ARENA_WORK, ARENA_BYTES_MAX);
    pthread_mutex_init(&made->lock, NULL);
    made->events = inotify_init1(IN_NONBLOCK | IN_CLOEXEC); /* -1: then they are only looked at */
    made->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    made->runs = made->wake >= 0 && pthread_create(&made->thread, NULL, follow_on, made) == 0;
    if (!made->runs) {
        followed_close(made);
        return err_make(ERR_SYSTEM, "no thread can be started for the files that are followed");
    }
    *followed = made;
    return OK;
}

static void trail_free(struct followed *followed, struct trail *trail)
{
    bool shared = false;
    for (const struct trail *other = followed->trails; other != NULL; other = other->next)
        shared |= other != trail && other->watch == trail->watch;
    if (trail->watch >= 0 && !shared)
        inotify_rm_watch(followed->events, trail->watch);
    if (trail->fd >= 0)
        close(trail->fd);
    closed_forget(trail);
    entries_free(trail->entries, trail->count);
    free(trail->path);
    free(trail->place);
    free(trail);
}

void followed_close(struct followed *followed)
{
    if (followed == NULL)
        return;
    atomic_store(&followed->stop, true);
    if (followed->runs) {
        wake(followed);
        pthread_join(followed->thread, NULL);
    }
    while (followed->trails != NULL) {
        struct trail *trail = followed->trails;
        followed->trails = trail->next;
        trail_free(followed, trail);
    }
    if (followed->events >= 0)
        close(followed->events);
    if (followed->wake >= 0)
        close(followed->wake);
    pthread_mutex_destroy(&followed->lock);
    arena_close(followed->arena);
    free(followed);
}

struct err followed_add(struct followed *followed, const struct inlet *inlet, struct arena *arena)
{
    struct stat about;
    bool folder = inlet->kind == INLET_FOLDER;
    slice path = inlet->place;
    const char *text = arena_cstr(arena, path);
    if (folder && (stat(text, &about) != 0 || !S_ISDIR(about.st_mode)))
        return err_format(arena, ERR_INPUT, "%s is no folder", text);
    struct trail *trail = own(sizeof *trail);
    *trail = (struct trail){.inlet = inlet->number, .folder = folder, .fd = -1, .watch = -1};
    trail->path = own_text(path);
    trail->place = own_text(folder ? path : slice_part(path, 0, path.len - name_of(path).len));
    pthread_mutex_lock(&followed->lock);
    if (followed->events >= 0)
        trail->watch = inotify_add_watch(
                followed->events, trail->place, IN_CLOSE_WRITE | IN_MOVED_TO | IN_MODIFY | IN_CREATE | IN_MASK_ADD);
    trail->next = followed->trails;
    followed->trails = trail;
    pthread_mutex_unlock(&followed->lock);
    wake(followed);
    return OK;
}

void followed_drop(struct followed *followed, int64_t inlet)
{
    pthread_mutex_lock(&followed->lock);
    for (struct trail **at = &followed->trails; *at != NULL; at = &(*at)->next)
        if ((*at)->inlet == inlet) {
            struct trail *trail = *at;
            *at = trail->next;
            trail_free(followed, trail);
            break;
        }
    pthread_mutex_unlock(&followed->lock);
}
