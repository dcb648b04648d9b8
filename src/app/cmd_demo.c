/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kentongan demo: three nodes on this machine that share with each other. The story is played and told; then they stay
 * until Ctrl-C, for who wants to look, or with --check it was the self-test of an installation.
 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/day.h"
#include "app/demo.h"
#include "app/interrupt.h"
#include "app/options.h"
#include "base/clock.h"
#include "json/write.h"

#define PORT_MOST (65535 - DEMO_NODES)
#define LOOK_MS 100 /* how often it is looked whether Ctrl-C came */
#define ROW_MAX (64u << 10)

struct playing {
    struct command_line *line;
    struct demo demo;
    bool check, made; /* made: the folder is ours to remove */
    unsigned failed;
};

static struct err folder_make(struct playing *playing)
{
    struct arena *arena = playing->line->arena;
    const char *named = command_text(playing->line, "folder"), *above = getenv("TMPDIR");
    if (named != NULL) {
        playing->demo.folder = named;
        return mkdir(named, 0700) == 0 ? OK
               : errno == EEXIST       ? err_format(arena, ERR_CONFLICT,
                                                 "%s is there already; name a folder that is not, the demo makes it", named)
                                       : err_errno(arena, named);
    }
    if (above == NULL || *above == 0)
        above = "/tmp";
    size_t room = strlen(above) + sizeof "/kentongan-demo-XXXXXX";
    char *folder = arena_take(arena, room);
    snprintf(folder, room, "%s/kentongan-demo-XXXXXX", above);
    if (mkdtemp(folder) == NULL)
        return err_errno(arena, folder);
    playing->demo.folder = folder;
    playing->made = true;
    return OK;
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

static void play(struct playing *playing)
{
    for (size_t i = 0; i < demo_step_count && !interrupt_came(NULL); i++) {
        const struct demo_step *step = &demo_steps[i];
        const char *seen = "nothing";
        bool fine = false;
        int64_t began_us = clock_steady_us();
        struct err err = step->act(&playing->demo, &seen, &fine);
        if (err.kind != ERR_NONE) {
            seen = err.why;
            fine = false;
        }
        playing->failed += !fine;
        (command_flag(playing->line, "json") ? tell_json : tell_text)(step, seen, fine, clock_steady_us() - began_us);
        fflush(stdout);
    }
}

/* ---- Staying ---- */

static void tell_consoles(const struct demo *demo)
{
    printf("\nThree consoles are open. Ctrl-C stops all of it; %s stays, to look at.\n\n", demo->folder);
    for (size_t i = 0; i < DEMO_NODES; i++) {
        const struct demo_node *node = &demo->nodes[i];
        printf("  %-20s %s\n  %-20s manager %s, password in %s,\n  %-20s code of the second factor, once: %s\n\n",
                node->name, node->server.url, "", node->manager.name, node->manager.password_file, "",
                node->manager.used < DEMO_CODES ? node->manager.codes[node->manager.used] : "none is left");
    }
    fflush(stdout);
}

/* Until Ctrl-C, or until a server is gone. */
static struct err stay(struct demo *demo)
{
    while (!interrupt_came(NULL)) {
        for (size_t i = 0; i < DEMO_NODES; i++)
            if (!child_lives(&demo->nodes[i].server))
                return err_format(demo->arena, ERR_SYSTEM, "%s does not serve any more; its log is %s",
                        demo->nodes[i].name, demo->nodes[i].log);
        nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
    }
    printf("\n");
    return OK;
}

static struct err demo_run(struct playing *playing)
{
    uint64_t port;
    struct demo *demo = &playing->demo;
    TRY(command_number(playing->line, "port", 1, PORT_MOST, 0, &port));
    if (playing->line->file_count > 0)
        return err_format(demo->arena, ERR_INPUT, "takes no files, but was given \"%s\"", playing->line->files[0]);
    TRY(folder_make(playing));
    interrupt_arm();
    TRY(demo_nodes_make(demo, (unsigned)port));
    TRY(demo_nodes_serve(demo));
    play(playing);
    if (playing->check || interrupt_came(NULL))
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
    if (err.kind != ERR_NONE)
        return command_fail(line, err);
    return playing.failed > 0;
}

static const struct option_row options[] = {
        {0, "check", NULL, "Play the story without a person and end: 0 if all of it was as expected"},
        {0, "folder", "DIR", "Where the nodes are made (default: a new one in TMPDIR)"},
        {0, "port", "N", "Of the first console; the others are behind it (default: any that are free)"},
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
