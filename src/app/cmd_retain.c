/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan retain: removes from a node what is past the time that its configuration gives. */
#include <inttypes.h>

#include "app/interrupt.h"
#include "app/local.h"
#include "app/options.h"
#include "app/retention.h"
#include "intel/retain.h"
#include "json/write.h"

#define ROW_MAX 4096

/* ---- What went: one table for both faces ---- */

static const struct {
    const char *key, *words;
    size_t at;
} counts[] = {
        {"originals", "parts of originals", offsetof(struct retained, originals)},
        {"refused", "refused things", offsetof(struct retained, refused)},
        {"objects", "objects of imports that failed or were undone", offsetof(struct retained, objects)},
        {"details", "details of the journal", offsetof(struct retained, details)},
        {"links", "one-time links", offsetof(struct retained, links)},
        {"sessions", "sessions that ended", offsetof(struct retained, sessions)},
        {"tokens", "tokens that ended", offsetof(struct retained, tokens)},
        {"notices", "notices", offsetof(struct retained, notices)},
};

static uint64_t count_at(const struct retained *retained, size_t row)
{
    uint64_t count;
    memcpy(&count, (const char *)retained + counts[row].at, sizeof count);
    return count;
}

static void put_json(struct buf *buf, const struct retained *retained)
{
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        json_write_key_u64(&w, slice_of(counts[i].key), count_at(retained, i));
    json_write_key(&w, S("more"));
    json_write_bool(&w, retained->more);
    json_write_end(&w);
}

static void put_words(struct buf *buf, const struct retained *retained)
{
    const char *between = "removed: ";
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        if (count_at(retained, i) == 0)
            continue;
        buf_printf(buf, "%s%" PRIu64 " %s", between, count_at(retained, i), counts[i].words);
        between = ", ";
    }
    if (buf->len == 0)
        buf_put(buf, S("nothing is past its time"));
    if (retained->more)
        buf_put(buf, S("; stopped before the end"));
}

static void put_retained(const struct command_line *line, const struct retained *retained)
{
    struct buf buf = buf_make(ROW_MAX);
    if (command_flag(line, "json"))
        put_json(&buf, retained);
    else
        put_words(&buf, retained);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

/* ---- The command ---- */

/* Whatever went before an error or Ctrl-C is told. */
static struct err run(const struct command_line *line)
{
    struct local local;
    struct retained retained = {0};
    const struct intel_retain_watch watch = {.stop = interrupt_came};
    if (line->file_count > 0)
        return err_make(ERR_INPUT, "takes no files; how long what is kept stands in node.conf, section retention");
    TRY(local_open(line, &local));
    const struct retain_limits limits = retention_limits(&local.node.config);
    interrupt_arm();
    struct err err = intel_retain(local.db, &local.actor, &limits, &watch, line->arena, &retained);
    local_close(&local);
    if (err.kind != ERR_DENIED)
        put_retained(line, &retained);
    if (err.kind == ERR_NONE && !command_written())
        err = err_errno(line->arena, "standard output");
    return err;
}

static int retain(struct command_line *line)
{
    struct err err = run(line);
    return err.kind == ERR_NONE ? 0 : command_fail(line, err);
}

static const struct option_row options[] = {OPTION_CONFIG, OPTION_JSON};

const struct command command_retain = {
        .name = "retain",
        .arguments = "",
        .about = "Remove from a node what is past the time that its configuration gives",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = retain,
};
