/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kentongan demo: three nodes on this machine that share with each other. The story is played and told; then they stay
 * until Ctrl-C, for who wants to look, or with --check it was the self-test of an installation.
 */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "app/day.h"
#include "app/demo.h"
#include "app/interrupt.h"
#include "app/options.h"
#include "base/clock.h"
#include "json/write.h"

#define PORT_MOST 65535
#define LOOK_MS 100                 /* how often it is looked whether Ctrl-C came */
#define CROSSES_US (15 * SECOND_US) /* while people look, something crosses every so often */
#define ROW_MAX (64u << 10)
#define ROOM_MIB 64 /* three nodes with their ledgers, and a day of events; they take half of it */
#define FOLDERS_OPEN_MAX 16
#define CODES_SHOWN 3

struct playing {
    struct command_line *line;
    struct demo demo;
    bool check;
    bool made, removed; /* the folder: it is ours, and does not stay */
    unsigned failed;
};

/* ---- The folder ---- */

static struct err folder_named(struct playing *playing, const char *named)
{
    struct arena *arena = playing->line->arena;
    playing->demo.folder = named;
    if (mkdir(named, 0700) == 0)
        return OK;
    if (errno != EEXIST)
        return err_errno(arena, named);
    return err_format(arena, ERR_CONFLICT,
            "%s is there already: name a folder that is not, or remove it if it is of a demo that was", named);
}

static struct err folder_any(struct playing *playing)
{
    const char *above = getenv("TMPDIR");
    if (above == NULL || *above == '\0')
        above = "/tmp";
    size_t room = strlen(above) + sizeof "/kentongan-demo-XXXXXX";
    char *folder = arena_take(playing->line->arena, room);
    snprintf(folder, room, "%s/kentongan-demo-XXXXXX", above);
    playing->demo.folder = folder;
    return mkdtemp(folder) != NULL ? OK : err_errno(playing->line->arena, folder);
}

static struct err room_check(const char *folder, struct arena *arena)
{
    struct statvfs room;
    if (statvfs(folder, &room) != 0)
        return err_errno(arena, folder);
    uint64_t mib = (uint64_t)room.f_bavail * room.f_frsize >> 20;
    return mib >= ROOM_MIB ? OK
                           : err_format(arena, ERR_LIMIT,
                                     "%s has room for %llu MiB, and three nodes want %d; --folder or TMPDIR names "
                                     "another place",
                                     folder, (unsigned long long)mib, ROOM_MIB);
}

static struct err folder_make(struct playing *playing)
{
    const char *named = command_text(playing->line, "folder");
    TRY(named == NULL ? folder_any(playing) : folder_named(playing, named));
    playing->made = true;
    playing->removed = named == NULL && playing->check;
    return room_check(playing->demo.folder, playing->line->arena);
}

static int drop(const char *path, const struct stat *stat_of, int type, struct FTW *walk)
{
    (void)stat_of;
    (void)type;
    (void)walk;
    return remove(path);
}

/* What was only checked and is well, or never came to be, leaves nothing behind. */
static void folder_end(const struct playing *playing)
{
    if (playing->made && playing->removed && playing->failed == 0)
        nftw(playing->demo.folder, drop, FOLDERS_OPEN_MAX, FTW_DEPTH | FTW_PHYS);
    else if (playing->failed > 0)
        fprintf(stderr, "kentongan demo: what the nodes wrote is in %s\n", playing->demo.folder);
}

/* ---- The story ---- */

static void tell_text(const struct demo_step *step, const char *seen, bool fine, int64_t us)
{
    printf("%-7s %s (%.2f s)\n        expected: %s\n        seen:     %s\n", fine ? "ok" : "FAILED", step->name,
            (double)us / 1e6, step->expected, seen);
}

static void tell_json(const struct demo_step *step, const char *seen, bool fine, int64_t us)
{
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    json_write_key_text(&w, S("step"), slice_of(step->name));
    json_write_key_text(&w, S("expected"), slice_of(step->expected));
    json_write_key_text(&w, S("seen"), slice_of(seen));
    json_write_key(&w, S("ok"));
    json_write_bool(&w, fine);
    json_write_key_u64(&w, S("us"), (uint64_t)us);
    json_write_end(&w);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static void play_step(struct playing *playing, const struct demo_step *step)
{
    const char *seen = "nothing";
    bool fine = false;
    int64_t began_us = clock_steady_us();
    struct err err = step->act(&playing->demo, &seen, &fine);
    if (interrupt_came(NULL))
        return;
    if (err.kind != ERR_NONE) {
        seen = err.why;
        fine = false;
    }
    playing->failed += !fine;
    (command_flag(playing->line, "json") ? tell_json : tell_text)(step, seen, fine, clock_steady_us() - began_us);
    fflush(stdout);
}

/* A step that fails hides none of the others. */
static void play(struct playing *playing)
{
    int64_t began_us = clock_steady_us();
    for (size_t i = 0; i < demo_step_count && !interrupt_came(NULL); i++)
        play_step(playing, &demo_steps[i]);
    if (!interrupt_came(NULL) && !command_flag(playing->line, "json"))
        printf("\n%zu of %zu steps as expected, in %.1f s\n", demo_step_count - playing->failed, demo_step_count,
                (double)(clock_steady_us() - began_us) / 1e6);
}

/* ---- Staying ---- */

static void tell_console(const struct demo_node *node)
{
    printf("  %s   %s\n", node->name, node->server.url);
    for (size_t i = 0; i < DEMO_INVITED_MAX; i++)
        printf("    %-16s %-8s %s\n", node->invited[i].role, node->invited[i].name, node->invited[i].link);
    printf("    %-16s %-8s %s\n", "administrator", "", node->administrator);
    printf("    %-16s %-8s password in %s\n", "manager", node->manager.name, node->manager.password_file);
    for (unsigned i = node->manager.used; i < DEMO_CODES && i < node->manager.used + CODES_SHOWN; i++)
        printf("    %-16s %-8s code, good once: %s\n", "", "", node->manager.codes[i]);
    printf("\n");
}

static void tell_consoles(const struct demo *demo)
{
    printf("\nThree consoles are open. Each link gives one person a password, once.\n\n");
    for (size_t i = 0; i < DEMO_NODES; i++)
        tell_console(&demo->nodes[i]);
    printf("Every %d seconds an indicator of %s crosses. Ctrl-C stops all of it; what the nodes wrote stays in\n%s\n",
            (int)(CROSSES_US / SECOND_US), demo->nodes[DEMO_FOREIGN].name, demo->folder);
    fflush(stdout);
}

static struct err all_live(struct demo *demo)
{
    for (size_t i = 0; i < DEMO_NODES; i++)
        if (!child_lives(&demo->nodes[i].server))
            return err_format(demo->arena, ERR_SYSTEM, "%s does not serve any more; its log is %s", demo->nodes[i].name,
                    demo->nodes[i].log);
    return OK;
}

/* Until Ctrl-C, or until a server is gone. */
static struct err stay(struct demo *demo)
{
    struct arena *process = demo->arena;
    struct err err = OK;
    int64_t next_us = clock_steady_us() + CROSSES_US;
    for (uint64_t number = 1; err.kind == ERR_NONE && !interrupt_came(NULL);) {
        nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
        err = all_live(demo);
        if (err.kind != ERR_NONE || clock_steady_us() < next_us)
            continue;
        demo->arena = arena_open("demo", ARENA_WORK, 4u << 20);
        err = demo_publish_another(demo, DEMO_FOREIGN, number++);
        if (err.kind != ERR_NONE)
            err.why = arena_cstr(process, slice_of(err.why));
        arena_close(demo->arena);
        demo->arena = process;
        next_us += CROSSES_US;
    }
    return interrupt_came(NULL) ? OK : err;
}

static struct err demo_open(struct playing *playing)
{
    uint64_t port;
    struct demo *demo = &playing->demo;
    TRY(command_number(playing->line, "port", 1, PORT_MOST, 0, &port));
    if (playing->line->file_count > 0)
        return err_format(demo->arena, ERR_INPUT, "takes no files, but was given \"%s\"", playing->line->files[0]);
    TRY(folder_make(playing));
    interrupt_arm();
    TRY(demo_nodes_make(demo, (unsigned)port));
    return demo_nodes_serve(demo);
}

static struct err demo_run(struct playing *playing)
{
    struct demo *demo = &playing->demo;
    struct err err = demo_open(playing);
    if (err.kind != ERR_NONE) {
        playing->removed = true;
        return err;
    }
    play(playing);
    if (playing->check)
        return interrupt_came(NULL) ? err_make(ERR_SYSTEM, "interrupted") : OK;
    if (interrupt_came(NULL))
        return OK;
    tell_consoles(demo);
    return stay(demo);
}

static int run(struct command_line *line)
{
    struct playing playing = {.line = line, .demo.arena = line->arena, .check = command_flag(line, "check")};
    if (command_flag(line, "day"))
        return day_show(line);
    struct err err = demo_run(&playing);
    demo_nodes_stop(&playing.demo);
    folder_end(&playing);
    if (err.kind != ERR_NONE)
        return command_fail(line, err);
    return playing.failed > 0;
}

static const struct option_row options[] = {
        {0, "check", NULL, "Play the story without a person and end: 0 if all of it was as expected"},
        {0, "folder", "DIR", "Where the nodes are made (default: a new one in TMPDIR)"},
        {0, "port", "N", "Of the consoles, at 127.0.0.1, 127.0.0.2 and 127.0.0.3 (default: any that are free)"},
        {0, "day", NULL, "Instead: a day of three hospitals, matched and drawn"},
        {0, "seed", "N", "With --day: whole number that everything is drawn from (default 1)"},
        {0, "events", "N", "With --day: how many events each of the three hospitals has (default 200000)"},
        OPTION_JSON,
};

const struct command command_demo = {
        .name = "demo",
        .arguments = "",
        .about = "Three organisations that share, on this machine: a story told, consoles to look at",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = run,
};
