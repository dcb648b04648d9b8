/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan restore: a node from a backup, all of it or nothing. */
#include "app/backup.h"
#include "app/interrupt.h"
#include "app/local.h"
#include "app/options.h"
#include "app/report.h"
#include "base/clock.h"
#include "json/write.h"

#define ROW_MAX (64u << 10)

static void put_json(const struct restore_done *done)
{
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    json_write_key_text(&w, S("conf"), slice_of(done->conf));
    json_write_key_text(&w, S("node"), done->archive.node);
    json_write_key(&w, S("made"));
    json_write_time(&w, done->archive.time_us);
    json_write_key_text(&w, S("version"), done->archive.version);
    json_write_key_text(&w, S("listen"), slice_of(done->listen));
    json_write_key_u64(&w, S("imports_ended"), done->ended);
    json_write_key(&w, S("notes"));
    json_write_array(&w);
    for (size_t i = 0; i < done->note_count; i++)
        json_write_text(&w, slice_of(done->notes[i]));
    json_write_end(&w);
    json_write_end(&w);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static void put_text(const struct restore_done *done)
{
    struct buf made = buf_make(64);
    time_write(&made, done->archive.time_us);
    printf("conf   %s\nnode   %.*s\nmade   %.*s by kentongan %.*s\n", done->conf, (int)done->archive.node.len,
            done->archive.node.ptr, (int)made.len, made.ptr, (int)done->archive.version.len, done->archive.version.ptr);
    if (done->ended > 0)
        printf("Imports that were in the middle then: %llu; nothing of them is seen, import them again.\n",
                (unsigned long long)done->ended);
    for (size_t i = 0; i < done->note_count; i++)
        printf("note   %s\n", done->notes[i]);
    buf_free(&made);
}

static int restore(struct command_line *line)
{
    struct report report = report_begin(line);
    struct restore_done done;
    if (line->file_count != 2 || *line->files[1] == 0)
        return command_fail(line, err_make(ERR_INPUT, "`kentongan restore FILE DIR` names a backup and a new folder"));
    const struct restore_plan plan = {
            .file = line->files[0],
            .folder = line->files[1],
            .database = command_text(line, "database"),
            .told = {report_bytes, interrupt_came, &report},
    };
    interrupt_arm();
    struct actor actor = local_actor(0, line->arena);
    struct err err = plan.database == NULL ? OK : local_url_check(plan.database);
    if (err.kind == ERR_NONE)
        err = restore_make(&actor, &plan, line->arena, &done);
    report_clear(&report);
    if (err.kind != ERR_NONE)
        return command_fail(line, err);
    (command_flag(line, "json") ? put_json : put_text)(&done);
    return command_written() ? 0 : command_fail(line, err_errno(line->arena, "standard output"));
}

static const struct option_row options[] = {
        {0, "database", "URL", "A new, empty PostgreSQL, for the backup of a node that used one"},
        OPTION_JSON,
};

const struct command command_restore = {
        .name = "restore",
        .arguments = "FILE DIR",
        .about = "Make a node from a backup",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = restore,
};
