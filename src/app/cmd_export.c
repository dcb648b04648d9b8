/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan export: intelligence out of a node, in the forms that defenders load. */
#include <inttypes.h>

#include "app/interrupt.h"
#include "app/local.h"
#include "app/options.h"
#include "app/report.h"
#include "app/whole.h"
#include "intel/send.h"

#define KINDS_TEXT_MAX 1000

struct exporting {
    const struct command_line *line;
    struct report report;
    struct whole to;
    bool empty; /* nothing that the kind writes was there */
};

/* ---- What is told ---- */

static struct err write_text(void *context, slice text)
{
    struct exporting *exporting = context;
    const struct command_line *line = exporting->line;
    if (fwrite(text.ptr, 1, text.len, exporting->to.to) != text.len)
        return err_errno(line->arena, exporting->to.name == NULL ? "standard output" : exporting->to.name);
    return OK;
}

static void left_out(void *context, const char *what, uint64_t count)
{
    struct exporting *exporting = context;
    report_clear(&exporting->report);
    fprintf(stderr, "left out: %" PRIu64 " x %s\n", count, what);
}

static void progress(void *context, uint64_t objects)
{
    struct exporting *exporting = context;
    report_send(&exporting->report, objects);
}

/* ---- What is asked for ---- */

static const char *kinds_text(struct arena *arena)
{
    struct buf buf = buf_make(KINDS_TEXT_MAX);
    for (size_t i = 0; export_kinds[i] != NULL; i++)
        buf_printf(&buf, "%s%s", i > 0 ? ", " : "", export_kinds[i]->name);
    const char *text = arena_cstr(arena, buf_slice(&buf));
    buf_free(&buf);
    return text;
}

static struct err kind_of(const struct command_line *line, const struct export_kind **kind)
{
    const char *name = command_text(line, "as");
    if (name == NULL)
        return err_format(line->arena, ERR_INPUT, "as what? --as is one of %s", kinds_text(line->arena));
    *kind = export_kind_find(slice_of(name));
    return *kind != NULL ? OK
                         : err_format(line->arena, ERR_INPUT, "no such kind: %s (%s)", name, kinds_text(line->arena));
}

static slice text_of(const struct command_line *line, const char *option)
{
    const char *text = command_text(line, option);
    return slice_of(text == NULL ? "" : text);
}

static struct err since_of(const struct command_line *line, int64_t *since_us)
{
    const char *text = command_text(line, "since");
    *since_us = TIME_NONE;
    if (text == NULL || time_parse(slice_of(text), since_us))
        return OK;
    return err_format(line->arena, ERR_INPUT, "--since takes a time as 2026-11-20T10:00:00Z, not %s", text);
}

static const slice *ids_of(const struct command_line *line)
{
    slice *ids = arena_new(line->arena, slice, line->file_count + 1);
    for (size_t i = 0; i < line->file_count; i++)
        ids[i] = slice_of(line->files[i]);
    return ids;
}

static struct err send_of(struct exporting *exporting, const struct local *local, struct intel_send *send)
{
    const struct command_line *line = exporting->line;
    *send = (struct intel_send){
            .options = {.now_us = clock_now_us(),
                    .name = slice_of(local->node.config.name),
                    .zone = text_of(line, "zone"),
                    .private_too = command_flag(line, "private")},
            .type = text_of(line, "type"),
            .source = text_of(line, "source"),
            .ids = ids_of(line),
            .id_count = line->file_count,
            .all_versions = command_flag(line, "all-versions"),
            .context = exporting,
            .write = write_text,
            .left_out = left_out,
            .progress = progress,
            .stop = interrupt_came,
    };
    TRY(since_of(line, &send->since_us));
    return kind_of(line, &send->kind);
}

/* ---- The command ---- */

static struct err send(struct exporting *exporting, struct local *local, struct intel_sent *sent)
{
    const struct command_line *line = exporting->line;
    struct intel_send asked;
    TRY(send_of(exporting, local, &asked));
    TRY(whole_open(line, &exporting->to));
    struct err err = intel_send(local->db, &local->actor, &asked, line->arena, sent);
    exporting->empty = asked.kind->object == NULL ? sent->values == 0 : sent->objects == 0;
    return whole_end(&exporting->to, err);
}

static int export(struct command_line *line)
{
    struct exporting exporting = {.line = line, .report = report_begin(line)};
    struct intel_sent sent = {0};
    struct local local;
    struct err err = local_open(line, &local);
    if (err.kind != ERR_NONE)
        return command_fail(line, err);
    interrupt_arm();
    err = send(&exporting, &local, &sent);
    local_close(&local);
    report_clear(&exporting.report);
    if (err.kind != ERR_NONE)
        return command_fail(line, err);
    if (command_text(line, "output") != NULL)
        fprintf(stderr, "%s: %" PRIu64 " objects, %" PRIu64 " values of indicators, %" PRIu64 " left out\n",
                command_text(line, "output"), sent.objects, sent.values, sent.left_out);
    return exporting.empty ? 1 : 0;
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        {0, "as", "KIND", "stix, misp, csv, rpz, suricata, suricata-rules, zeek or nft"},
        OPTION_OUTPUT,
        {0, "type", "TYPE", "Objects of this STIX type only"},
        {0, "source", "NAME", "What this source says, and no other"},
        {0, "since", "TIME", "What arrived at this time or later"},
        {0, "all-versions", NULL, "Every version of each object (stix)"},
        {0, "zone", "NAME", "Name of the zone that it will be (rpz)"},
        {0, "private", NULL, "Addresses of private networks as well, where they would be blocked"},
};

const struct command command_export = {
        .name = "export",
        .arguments = "[ID...]",
        .about = "Give intelligence of a node out: STIX, MISP, CSV, and what defenders load",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = export,
};
