/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan import: intelligence into a node, and what became of it. */
#include <inttypes.h>

#include "app/interrupt.h"
#include "app/local.h"
#include "app/options.h"
#include "app/telling.h"
#include "app/warner.h"
#include "detect/preview.h"
#include "form/form.h"
#include "input/input.h"
#include "intel/judge.h"
#include "store/right.h"
#include "text/shown.h"
#include "json/write.h"

#define ROW_MAX (4u << 20)
#define PAGE 200
#define SOURCE_OTHERWISE "local"

/* ---- Taking in ---- */

struct importing {
    const struct command_line *line;
    struct local *local;   /* NULL: a dry run */
    struct dry_run *asked; /* of a dry run: the node that is asked what it would have met; NULL: none */
    struct telling telling;
    struct arena *arena; /* of one text */
    int status;
};

/* A dry run that names a node asks its memory. */
struct dry_run {
    struct local local;
    struct remember *remember;
    struct lists *lists;
};

static struct err stream_read(void *context, char *to, size_t room, size_t *got)
{
    return input_read(context, to, room, got);
}

static void put_done(const struct importing *importing, const char *name, const struct intel_report *report)
{
    struct buf buf = buf_make(ROW_MAX);
    if (command_flag(importing->line, "json")) {
        struct json_writer w = json_writer(&buf);
        json_write_object(&w);
        json_write_key_text(&w, S("file"), slice_of(name));
        if (report->import != 0)
            json_write_key_u64(&w, S("import"), (uint64_t)report->import);
        telling_counts_json(&w, report);
        json_write_end(&w);
    } else {
        buf_printf(&buf, "%s: ", name);
        if (report->import != 0)
            buf_printf(&buf, "import %" PRId64 ": ", report->import);
        telling_counts(&buf, report);
    }
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static void put_reach(const struct importing *importing, const struct preview_row *row)
{
    const struct indicator *value = row->value;
    const struct hunt_reach *reach = &row->reach;
    slice type = value->type == OBSERVABLE_OTHER ? value->name : slice_of(observable_type_name(value->type));
    struct buf buf = buf_make(ROW_MAX);
    if (command_flag(importing->line, "json")) {
        struct json_writer w = json_writer(&buf);
        json_write_object(&w);
        json_write_key_text(&w, S("value"), value->value);
        json_write_key_text(&w, S("type"), type);
        json_write_key_u64(&w, S("organisations"), reach->organisations);
        json_write_key_u64(&w, S("count"), reach->sightings);
        json_write_key(&w, S("listed"));
        json_write_bool(&w, reach->listed);
        json_write_key(&w, S("large"));
        json_write_bool(&w, reach->noise);
        json_write_end(&w);
    } else {
        buf_put(&buf, S("\t"));
        shown_value_write(&buf, value->type, value->value);
        buf_printf(&buf, "\twould have met %" PRIu32 " organisation%s%s%s", reach->organisations,
                reach->organisations == 1 ? "" : "s", reach->noise ? ": probably noise" : "",
                reach->listed ? "; on a warning list" : "");
    }
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static void put_preview(const struct importing *importing, const struct preview *preview)
{
    for (size_t i = 0; i < preview->row_count; i++)
        put_reach(importing, &preview->rows[i]);
    if (command_flag(importing->line, "json"))
        return;
    printf("\tof %zu values %zu would have met somebody; %zu are probably noise, %zu are on a warning list\n",
            preview->values, preview->met, preview->noise, preview->listed);
    if (preview->left > 0)
        printf("\t%zu further values were not looked for\n", preview->left);
}

/* What it would have met, where a node is asked. */
static struct err preview_tell(struct importing *importing)
{
    struct dry_run *asked = importing->asked;
    const struct match_index *index = lists_take(asked->lists);
    const struct hunt_noise noise = {asked->local.node.config.warning.reach_max, index};
    struct preview preview;
    struct err err = preview_ask(importing->telling.previewer, &noise, asked->remember, asked->local.db,
            &asked->local.actor, importing->arena, &preview);
    lists_leave(asked->lists, index);
    TRY(err);
    put_preview(importing, &preview);
    return OK;
}

static struct intel_ingest ingest_of(struct importing *importing, const char *name)
{
    const struct command_line *line = importing->line;
    const char *source = command_text(line, "source");
    struct intel_ingest ingest = {
            .source = slice_of(source == NULL ? SOURCE_OTHERWISE : source),
            .kind = strcmp(name, "-") == 0 ? S("paste") : S("file"),
            .name = slice_of(strcmp(name, "-") == 0 ? "(standard input)" : name),
            .form = command_text(line, "as"),
            .watch = telling_watch(&importing->telling),
    };
    if (importing->local != NULL) {
        ingest.objects_max = importing->local->node.config.import.objects_max;
        ingest.bytes_max = importing->local->node.config.import.bytes_max;
    }
    return ingest;
}

static struct err take_in(struct importing *importing, const char *name, struct intel_report *report)
{
    struct local *local = importing->local;
    struct input *input;
    TRY(input_open(name, importing->arena, &input));
    telling_text(&importing->telling, input_name(input), input);
    const struct stix_stream stream = {input, stream_read};
    const struct intel_ingest ingest = ingest_of(importing, name);
    struct err err = local == NULL ? intel_ingest_dry(&ingest, &stream, importing->arena, report)
                                   : intel_ingest(local->db, &local->actor, &ingest, &stream, importing->arena, report);
    input_close(input);
    return err;
}

/* What the reading of a file complains of names it already. */
static const char *why_of(const struct importing *importing, const char *name, struct err err)
{
    slice why = slice_of(err.why);
    if (slice_starts(why, slice_of(name)) && why.len > strlen(name) && why.ptr[strlen(name)] == ':')
        return err.why;
    return arena_printf(importing->arena, "%s: %s", name, err.why);
}

/* A text that cannot be taken in does not keep the next one out. */
static void import_file(struct importing *importing, const char *name)
{
    struct intel_report report = {0};
    const char *shown = strcmp(name, "-") == 0 ? "(standard input)" : name;
    arena_reset(importing->arena);
    struct err err = importing->asked == NULL ? OK : previewer_open(&importing->telling.previewer);
    if (err.kind == ERR_NONE)
        err = take_in(importing, name, &report);
    telling_rest(&importing->telling, report.import);
    if (err.kind == ERR_NONE)
        put_done(importing, shown, &report);
    if (err.kind == ERR_NONE && importing->asked != NULL)
        err = preview_tell(importing);
    previewer_close(importing->telling.previewer);
    importing->telling.previewer = NULL;
    if (err.kind == ERR_NONE)
        return;
    importing->status = 2;
    fprintf(stderr, "kentongan import: %s\n", why_of(importing, shown, err));
    if (err.kind == ERR_LIMIT && importing->local != NULL)
        fprintf(stderr, "kentongan import: the configuration has these ceilings ([import] objects, bytes)\n");
    if (report.import != 0)
        fprintf(stderr, "kentongan import: nothing of it was kept; import %" PRId64 " has the record\n", report.import);
}

static int import_files(const struct command_line *line, struct local *local, struct dry_run *asked)
{
    struct importing importing = {.line = line, .local = local, .asked = asked, .telling = telling_begin(line)};
    importing.arena = arena_open("an import's words", ARENA_WORK, 256u << 20);
    static const char *const standard[] = {"-"};
    const char *const *files = line->file_count > 0 ? line->files : standard;
    size_t count = line->file_count > 0 ? line->file_count : 1;
    for (size_t i = 0; i < count && !interrupt_came(NULL); i++)
        import_file(&importing, files[i]);
    arena_close(importing.arena);
    return importing.status;
}

/* ---- What became of imports ---- */

/* The store counts what it put; of a failed import nothing stayed. */
static int64_t kept(const struct import *import)
{
    return import->state == IMPORT_FAILED ? 0 : import->added;
}

static void put_import(const struct command_line *line, const struct import *import)
{
    struct buf buf = buf_make(ROW_MAX);
    if (command_flag(line, "json")) {
        struct json_writer w = json_writer(&buf);
        json_write_object(&w);
        json_write_key_u64(&w, S("import"), (uint64_t)import->number);
        json_write_key_text(&w, S("state"), slice_of(store_import_state_name(import->state)));
        json_write_key_text(&w, S("name"), import->name);
        json_write_key_text(&w, S("form"), import->form);
        json_write_key_text(&w, S("actor"), import->actor);
        json_write_key(&w, S("began"));
        json_write_time(&w, import->began_us);
        json_write_key(&w, S("ended"));
        json_write_time(&w, import->ended_us);
        json_write_key_u64(&w, S("added"), (uint64_t)kept(import));
        json_write_key_u64(&w, S("duplicates"), (uint64_t)import->duplicates);
        json_write_key_u64(&w, S("conflicts"), (uint64_t)import->conflicts);
        json_write_key_u64(&w, S("other_creator"), (uint64_t)import->other_creator);
        json_write_key_u64(&w, S("refused"), (uint64_t)import->refused);
        json_write_key_u64(&w, S("dropped"), (uint64_t)import->dropped);
        json_write_key_text(&w, S("why"), import->why);
        json_write_end(&w);
    } else {
        buf_printf(&buf, "%" PRId64 "\t", import->number);
        time_write(&buf, import->began_us);
        buf_printf(&buf, "\t%s\t%.*s\t%.*s\t%" PRId64 " added", store_import_state_name(import->state),
                (int)import->form.len, import->form.ptr, (int)import->name.len, import->name.ptr, kept(import));
        if (import->why.len > 0)
            buf_printf(&buf, "\t%.*s", (int)import->why.len, import->why.ptr);
    }
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static struct err list_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct import *rows;
    int64_t before = *after == 0 ? INT64_MAX : *after;
    TRY(store_import_list(local->db, 0, before, PAGE, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        put_import(line, &rows[i]);
        *after = rows[i].number;
    }
    return OK;
}

static struct err list(const struct command_line *line, struct local *local)
{
    TRY(store_right_check(&local->actor, VERB_READ_OBJECTS, local->actor.organisation, line->arena, NULL));
    return local_pages(line, local, list_page);
}

static struct err number_of(const struct command_line *line, const char *option, int64_t *number)
{
    uint64_t typed;
    TRY(command_number(line, option, 1, INT64_MAX, 0, &typed));
    *number = (int64_t)typed;
    return OK;
}

static void put_place(const struct command_line *line, const struct import_refused *row)
{
    struct buf buf = buf_make(ROW_MAX);
    if (command_flag(line, "json")) {
        struct json_writer w = json_writer(&buf);
        json_write_object(&w);
        json_write_key_u64(&w, S("line"), row->line);
        json_write_key_u64(&w, S("column"), row->column);
        json_write_key_text(&w, S("refused"), row->why);
        json_write_key_text(&w, S("original"), row->original);
        json_write_key(&w, S("cut"));
        json_write_bool(&w, row->cut);
        json_write_end(&w);
    } else {
        buf_printf(&buf, "refused\t%" PRIu64 ":%" PRIu64 "\t%.*s", row->line, row->column, (int)row->why.len,
                row->why.ptr);
    }
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static struct err refused_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct import_refused *rows;
    int64_t number;
    TRY(number_of(line, "show", &number));
    TRY(store_import_refused_list(local->db, number, after, PAGE, arena, &rows, count));
    for (size_t i = 0; i < *count; i++)
        put_place(line, &rows[i]);
    return OK;
}

static void put_dropped(const struct command_line *line, const struct import_dropped *row)
{
    struct buf buf = buf_make(ROW_MAX);
    if (command_flag(line, "json")) {
        struct json_writer w = json_writer(&buf);
        json_write_object(&w);
        json_write_key_text(&w, S("dropped"), row->what);
        json_write_key_u64(&w, S("count"), row->count);
        json_write_end(&w);
    } else {
        buf_printf(&buf, "left behind\t%" PRIu64 "\t%.*s", row->count, (int)row->what.len, row->what.ptr);
    }
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static struct err dropped_all(const struct command_line *line, struct local *local, int64_t number)
{
    slice after = S("");
    for (size_t count = 1; count > 0;) {
        struct import_dropped *rows;
        TRY(store_import_dropped_list(local->db, number, after, PAGE, line->arena, &rows, &count));
        for (size_t i = 0; i < count; i++)
            put_dropped(line, &rows[i]);
        after = count > 0 ? rows[count - 1].what : after;
    }
    return OK;
}

static struct err show(const struct command_line *line, struct local *local)
{
    struct import import;
    int64_t number;
    TRY(number_of(line, "show", &number));
    TRY(store_import_get(local->db, number, line->arena, &import));
    TRY(store_right_check(&local->actor, VERB_READ_OBJECTS, import.organisation, line->arena, NULL));
    put_import(line, &import);
    TRY(local_pages(line, local, refused_page));
    return dropped_all(line, local, number);
}

static struct err write_original(void *context, slice text)
{
    (void)context;
    return fwrite(text.ptr, 1, text.len, stdout) == text.len ? OK
                                                             : err_make(ERR_SYSTEM, "standard output: cannot write");
}

static struct err original(const struct command_line *line, struct local *local)
{
    int64_t number;
    TRY(number_of(line, "original", &number));
    return intel_original(local->db, &local->actor, number, line->arena, write_original, NULL);
}

static struct err undo(const struct command_line *line, struct local *local)
{
    const char *reason = command_text(line, "reason");
    struct import import;
    int64_t number;
    TRY(number_of(line, "undo", &number));
    if (reason == NULL)
        return err_make(ERR_INPUT, "why? --reason says it to whoever asks later");
    TRY(intel_undo(local->db, &local->actor, number, slice_of(reason), line->arena));
    TRY(store_import_get(local->db, number, line->arena, &import));
    put_import(line, &import);
    return OK;
}

/* ---- Which of these ---- */

static const struct {
    const char *option;
    struct err (*run)(const struct command_line *line, struct local *local);
} others[] = {{"list", list}, {"show", show}, {"original", original}, {"undo", undo}};

static int run_other(const struct command_line *line, struct local *local, size_t which)
{
    struct err err = line->file_count > 0
                             ? err_format(line->arena, ERR_INPUT, "--%s takes no files", others[which].option)
                             : others[which].run(line, local);
    if (err.kind == ERR_NONE && !command_written())
        err = err_errno(line->arena, "standard output");
    return err.kind == ERR_NONE ? 0 : command_fail(line, err);
}

/* A form that is none is a slip of the finger: no import is begun for it, and none of the files is opened. */
static struct err form_check(const struct command_line *line)
{
    const char *form = command_text(line, "as");
    return form == NULL || form_find(slice_of(form)) != NULL
                   ? OK
                   : err_format(line->arena, ERR_INPUT,
                             "%s is no form of intelligence: it is stix, misp, csv, list or text", form);
}

static int run_on_node(const struct command_line *line, struct local *local)
{
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (command_flag(line, others[i].option))
            return run_other(line, local, i);
    return import_files(line, local, NULL);
}

static struct err dry_open(const struct command_line *line, struct dry_run *asked)
{
    TRY(local_open(line, &asked->local));
    TRY(remember_open(node_path(&asked->local.node, "memory", line->arena), line->arena, &asked->remember));
    return warner_lists(&asked->local.node.config, line->arena, &asked->lists);
}

static int dry_run(struct command_line *line)
{
    struct dry_run asked = {0};
    if (command_text(line, "config") == NULL)
        return import_files(line, NULL, NULL);
    struct err err = dry_open(line, &asked);
    int status = err.kind == ERR_NONE ? import_files(line, NULL, &asked) : command_fail(line, err);
    lists_close(asked.lists);
    remember_close(asked.remember);
    local_close(&asked.local);
    return status;
}

static int import(struct command_line *line)
{
    struct local local;
    struct err err = form_check(line);
    if (err.kind == ERR_NONE && command_flag(line, "dry-run"))
        return dry_run(line);
    if (err.kind == ERR_NONE)
        err = local_open_to_change(line, &local);
    if (err.kind != ERR_NONE)
        return command_fail(line, err);
    int status = run_on_node(line, &local);
    local_close(&local);
    if (status == 0 && !command_written())
        return command_fail(line, err_errno(line->arena, "standard output"));
    return status;
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        {0, "as", "FORM", "What the files are: stix, misp, csv, list or text (default: by their looks)"},
        {0, "source", "NAME", "Whose word it is: each source stands for itself (default: local)"},
        {0, "dry-run", NULL,
                "Only say what would be taken, refused and left behind; needs no node, and asks one that is named what "
                "it "
                "would have met"},
        {0, "list", NULL, "List the imports of the node, the latest first"},
        {0, "show", "N", "Show import N, all that it refused and all that it left behind"},
        {0, "original", "N", "Write the text of import N as it came, where the node keeps it"},
        {0, "undo", "N", "Hide what only import N brought; wants --reason"},
        {0, "reason", "TEXT", "Why it is undone"},
        OPTION_JSON,
};

const struct command command_import = {
        .name = "import",
        .arguments = "[FILE...]",
        .about = "Take intelligence into a node: STIX, MISP, CSV, lists, free text",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = import,
};
