/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan backup: the whole node as one file, while it works. Without a terminal it says nothing but what is wrong.
 */
#include <unistd.h>

#include "app/backup.h"
#include "app/interrupt.h"
#include "app/options.h"
#include "app/report.h"
#include "json/write.h"

#define ROW_MAX (64u << 10)

static void put_json(const char *file, const struct backup_done *done, struct arena *arena)
{
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    json_write_key_text(&w, S("file"), slice_of(file));
    json_write_key_u64(&w, S("bytes"), done->bytes);
    json_write_key_text(&w, S("sha256"), arena_hex(arena, sha256_slice(&done->digest)));
    json_write_key(&w, S("time"));
    json_write_time(&w, done->archive.time_us);
    json_write_key_text(&w, S("engine"), slice_of(archive_engine_name(done->archive.engine)));
    json_write_key_u64(&w, S("members"), done->archive.count);
    json_write_key(&w, S("keys"));
    json_write_bool(&w, done->archive.keys);
    json_write_end(&w);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static void put_text(const char *file, const struct backup_done *done, struct arena *arena)
{
    slice digest = arena_hex(arena, sha256_slice(&done->digest));
    printf("file   %s\nbytes  %llu\nsha256 %.*s\n", file, (unsigned long long)done->bytes, (int)digest.len, digest.ptr);
    printf("It holds %spersonal data and passwords of the configuration: keep it as you keep the node itself.\n",
            done->archive.keys ? "the keys of the node, " : "no keys, but ");
}

static int backup(struct command_line *line)
{
    struct local local;
    struct report report = report_begin(line);
    struct backup_done done;
    if (line->file_count != 1 || *line->files[0] == 0 || strcmp(line->files[0], "-") == 0)
        return command_fail(line, err_make(ERR_INPUT, "where? `kentongan -c CONF backup FILE` names one file"));
    struct backup_plan plan = {
            .file = line->files[0],
            .keys = !command_flag(line, "without-keys"),
            .force = command_flag(line, "force"),
            .told = {report_bytes, interrupt_came, &report},
    };
    interrupt_arm();
    struct err err = local_open(line, &local);
    if (err.kind == ERR_NONE) {
        err = backup_make(&local, &plan, &done);
        local_close(&local);
    }
    report_clear(&report);
    if (err.kind != ERR_NONE)
        return command_fail(line, err);
    if (command_flag(line, "json"))
        put_json(plan.file, &done, line->arena);
    else if (isatty(STDOUT_FILENO))
        put_text(plan.file, &done, line->arena);
    return command_written() ? 0 : command_fail(line, err_errno(line->arena, "standard output"));
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        {0, "without-keys", NULL, "Leave the node's keys out; they have to be kept elsewhere"},
        {0, "force", NULL, "Replace FILE if it is there"},
        OPTION_JSON,
};

const struct command command_backup = {
        .name = "backup",
        .arguments = "FILE",
        .about = "Put the whole node into one file, while it works",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = backup,
};
