/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan hunt: who met this, when, how often; in what a node remembers. */
#include <inttypes.h>

#include "app/local.h"
#include "app/options.h"
#include "app/report.h"
#include "app/warner.h"
#include "base/clock.h"
#include "detect/hunt.h"
#include "sift/load.h"
#include "store/organisation.h"
#include "store/right.h"
#include "json/write.h"

#define ROW_MAX (1u << 20)
#define DAYS_MAX 36500
#define RESULT_BYTES_MAX ((size_t)2 << 30)

/* ---- What is looked for ---- */

struct values {
    struct indicator *rows;
    size_t count, room;
    struct match_index *index, *allow; /* -i and --allow; NULL: none */
};

static void values_close(struct values *values)
{
    match_close(values->index);
    match_close(values->allow);
}

static void value_add(struct values *values, struct indicator value, struct arena *arena)
{
    if (values->count == values->room) {
        size_t room = 2 * values->room + 64;
        struct indicator *rows = arena_new(arena, struct indicator, room);
        if (values->count > 0)
            memcpy(rows, values->rows, values->count * sizeof *rows);
        values->rows = rows;
        values->room = room;
    }
    values->rows[values->count++] = value;
}

/* As it was typed, perhaps defanged; by its looks unless --type says what it is. A name stands for all below it. */
static struct err typed_add(const struct command_line *line, struct values *values, const char *text)
{
    const char *type = command_text(line, "type");
    struct buf plain = buf_make(64u << 10);
    observable_refang(slice_of(text), &plain);
    struct err err = buf_check(&plain);
    struct indicator value = {.value = arena_copy(line->arena, buf_slice(&plain)), .label = slice_of(text)};
    buf_free(&plain);
    TRY(err);
    value.type = type == NULL ? observable_guess(value.value) : observable_type_find(slice_of(type));
    if (type == NULL && value.type == OBSERVABLE_HOST)
        value.type = OBSERVABLE_DOMAIN;
    if (value.type == OBSERVABLE_OTHER)
        value.name = slice_of(type);
    if (value.type == OBSERVABLE_NONE)
        return err_format(line->arena, ERR_INPUT,
                "%s: is no address, name, URL, hash or mail address; --type says what it is", text);
    value.flags = command_flag(line, "below") && value.type == OBSERVABLE_URL ? INDICATOR_BELOW : 0;
    value_add(values, value, line->arena);
    return OK;
}

static struct err files_open(
        const struct command_line *line, const char *option, struct report *report, struct match_index **index)
{
    const char **files = arena_new(line->arena, const char *, line->given_count + 1);
    size_t count = 0, at = 0;
    for (const char *file; (file = command_each(line, option, &at)) != NULL;)
        files[count++] = file;
    struct load_report load = report_load(report);
    return count == 0 ? OK : load_open(files, count, &load, line->arena, index);
}

/* What the index holds but patterns: these are no values to look up. */
static struct err index_add(const struct command_line *line, struct values *values)
{
    for (uint64_t i = 0; values->index != NULL && i < match_records(values->index); i++) {
        struct match_entry entry;
        match_entry(values->index, (uint32_t)i, &entry);
        if ((entry.flags & (INDICATOR_HINT | INDICATOR_REVOKED)) == 0)
            value_add(values, match_entry_indicator(&entry), line->arena);
    }
    if (values->index != NULL && match_patterns(values->index) > 0)
        fprintf(stderr,
                "kentongan: %" PRIu64 " patterns are more than values to look up; the past is not searched for them\n",
                match_patterns(values->index));
    return OK;
}

static struct err values_read(const struct command_line *line, struct values *values)
{
    struct report report = report_begin(line);
    for (size_t i = 0; i < line->file_count; i++)
        TRY(typed_add(line, values, line->files[i]));
    TRY(files_open(line, "intel", &report, &values->index));
    TRY(files_open(line, "allow", &report, &values->allow));
    TRY(index_add(line, values));
    return values->count > 0 ? OK : err_make(ERR_INPUT, "for what? Name values, or files of them with -i");
}

/* ---- When ---- */

/* A moment, or "7d": so many days back. */
static struct err moment_of(const struct command_line *line, const char *option, int64_t *us)
{
    const char *text = command_text(line, option);
    uint64_t days;
    *us = TIME_NONE;
    if (text == NULL)
        return OK;
    slice said = slice_of(text);
    if (slice_ends(said, S("d")) && slice_u64(slice_part(said, 0, said.len - 1), DAYS_MAX, &days))
        *us = clock_now_us() - (int64_t)days * DAY_US;
    else if (said.len == 10 && time_parse(slice_of(arena_printf(line->arena, "%sT00:00:00Z", text)), us))
        return OK;
    else if (!time_parse(said, us))
        return err_format(
                line->arena, ERR_INPUT, "--%s %s: is no day, no moment, and no number of days as 7d", option, text);
    return OK;
}

/* ---- What was found ---- */

static void put_time(struct buf *buf, int64_t us)
{
    time_write(buf, us);
    buf->len -= 8; /* to the second */
    buf_byte(buf, 'Z');
}

static void put_head(struct json_writer *w, const struct indicator *value)
{
    const char *type = observable_type_name(value->type);
    json_write_key_text(w, S("value"), value->value);
    json_write_key_text(w, S("type"), type == NULL ? value->name : slice_of(type));
    if (value->id.len > 0)
        json_write_key_text(w, S("indicator"), value->id);
}

static void put_times(struct json_writer *w, int64_t first_us, int64_t last_us)
{
    json_write_key(w, S("first"));
    json_write_time(w, first_us);
    json_write_key(w, S("last"));
    json_write_time(w, last_us);
}

static void put_met_json(struct buf *buf, const struct indicator *value, const struct hunt_met *met, slice organisation)
{
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    put_head(&w, value);
    json_write_key_text(&w, S("organisation"), organisation);
    put_times(&w, met->first_us, met->last_us);
    json_write_key_u64(&w, S("count"), met->count);
    json_write_key_u64(&w, S("days"), met->days);
    json_write_end(&w);
}

static void put_met_text(struct buf *buf, const struct indicator *value, const struct hunt_met *met, slice organisation)
{
    buf_put(buf, value->value);
    buf_byte(buf, '\t');
    buf_put(buf, organisation);
    buf_byte(buf, '\t');
    put_time(buf, met->first_us);
    buf_byte(buf, '\t');
    put_time(buf, met->last_us);
    buf_printf(buf, "\t%" PRIu64 "\t%" PRIu32, met->count, met->days);
}

static struct err row_out(const struct command_line *line, struct buf *buf)
{
    buf_byte(buf, '\n');
    TRY(buf_check(buf));
    struct err err = fwrite(buf->ptr, 1, buf->len, stdout) == buf->len ? OK : err_errno(line->arena, "standard output");
    buf_reset(buf);
    return err;
}

static struct err met_show(const struct command_line *line, const struct hunt_job *job, const struct hunted *hunted,
        struct arena *arena, struct buf *buf)
{
    struct organisation organisation = {0};
    for (size_t i = 0; i < hunted->count; i++) {
        const struct hunt_met *met = &hunted->met[i];
        if (organisation.number != met->organisation)
            TRY(store_organisation_get(job->db, met->organisation, arena, &organisation));
        (command_flag(line, "json") ? put_met_json : put_met_text)(
                buf, &job->values[met->value], met, organisation.name);
        TRY(row_out(line, buf));
    }
    return OK;
}

/* What could not be asked is said, for it may hold what was not found. */
static void tell_broken(const struct hunted *hunted)
{
    if (hunted->broken > 0)
        fprintf(stderr, "kentongan: %zu run%s of the memory cannot be read and %s not asked: %s\n", hunted->broken,
                hunted->broken == 1 ? "" : "s", hunted->broken == 1 ? "was" : "were", hunted->why);
}

static struct err met_tell(const struct command_line *line, const struct hunt_job *job, const struct actor *actor,
        struct arena *arena, bool *any)
{
    struct hunted hunted;
    struct buf buf = buf_make(ROW_MAX);
    TRY(detect_hunt(job, actor, arena, &hunted));
    struct err err = met_show(line, job, &hunted, arena, &buf);
    buf_free(&buf);
    tell_broken(&hunted);
    *any = hunted.count > 0;
    return err;
}

/* ---- Reach ---- */

static void put_reach_json(struct buf *buf, const struct indicator *value, const struct hunt_reach *reach)
{
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    put_head(&w, value);
    json_write_key_u64(&w, S("organisations"), reach->organisations);
    json_write_key_u64(&w, S("count"), reach->sightings);
    if (reach->organisations > 0)
        put_times(&w, reach->first_us, reach->last_us);
    json_write_key(&w, S("listed"));
    json_write_bool(&w, reach->listed);
    json_write_key(&w, S("large"));
    json_write_bool(&w, reach->noise);
    json_write_end(&w);
}

static void put_reach_text(struct buf *buf, const struct indicator *value, const struct hunt_reach *reach)
{
    buf_put(buf, value->value);
    buf_printf(buf, "\twould have met %" PRIu32 " organisation%s", reach->organisations,
            reach->organisations == 1 ? "" : "s");
    if (reach->organisations > 0)
        buf_printf(buf, ", %" PRIu64 " time%s", reach->sightings, reach->sightings == 1 ? "" : "s");
    if (reach->noise)
        buf_put(buf, S(": probably noise"));
    if (reach->listed)
        buf_put(buf, S("; on a warning list"));
}

static struct err reach_tell(const struct command_line *line, const struct hunt_job *job, const struct actor *actor,
        struct arena *arena, bool *any)
{
    struct buf buf = buf_make(ROW_MAX);
    struct hunt_reach *reach = arena_new(arena, struct hunt_reach, job->count);
    struct err err = detect_reach(job, actor, arena, reach);
    for (size_t i = 0; i < job->count && err.kind == ERR_NONE; i++) {
        (command_flag(line, "json") ? put_reach_json : put_reach_text)(&buf, &job->values[i], &reach[i]);
        err = row_out(line, &buf);
        *any |= reach[i].organisations > 0;
    }
    buf_free(&buf);
    return err;
}

/* ---- Forgetting ---- */

static struct err prove(const struct command_line *line, struct local *local, struct remember *remember, bool *fine)
{
    const char *name = command_text(line, "prove-forgotten");
    struct remember_proof proof;
    int64_t organisation;
    TRY(store_organisation_find(local->db, slice_of(name), &organisation));
    TRY(store_right_check(&local->actor, VERB_READ_EVENTS, organisation, line->arena, NULL));
    TRY(remember_prove(remember, local->db, organisation, line->arena, &proof));
    *fine = proof.overdue == 0 && proof.left_over == 0;
    if (command_flag(line, "json")) {
        struct buf buf = buf_make(ROW_MAX);
        struct json_writer w = json_writer(&buf);
        json_write_object(&w);
        json_write_key_text(&w, S("organisation"), slice_of(name));
        json_write_key_u64(&w, S("days"), (uint64_t)proof.days);
        json_write_key_u64(&w, S("runs"), proof.runs);
        json_write_key_u64(&w, S("entries"), proof.entries);
        json_write_key_u64(&w, S("kept"), proof.kept);
        json_write_key_u64(&w, S("overdue"), proof.overdue);
        json_write_key_u64(&w, S("left_over"), proof.left_over);
        json_write_end(&w);
        struct err err = row_out(line, &buf);
        buf_free(&buf);
        return err;
    }
    printf("%s: %" PRId64 " days are agreed; all %" PRIu64 " runs were read whole, with %" PRIu64
           " entries of everybody\n",
            name, proof.days, proof.runs, proof.entries);
    printf("%" PRIu64 " of theirs are within that time, %" PRIu64 " are past it", proof.kept, proof.overdue);
    if (proof.left_over > 0)
        printf("; %" PRIu64 " files belong to nothing", proof.left_over);
    printf("\n%s\n",
            *fine ? "nothing is left that should be gone" : "something is left: `kentongan hunt --forget` removes it");
    return OK;
}

static struct err forget(const struct command_line *line, struct local *local, struct remember *remember)
{
    struct remember_done done = {0};
    TRY(store_right_check(&local->actor, VERB_RETAIN, 0, line->arena, NULL));
    TRY(remember_clear(remember, local->db, line->arena, &done));
    TRY(remember_forget(remember, local->db, &local->actor, NULL, NULL, line->arena, &done));
    TRY(remember_merge(remember, local->db, &local->actor, NULL, NULL, line->arena, &done));
    printf("forgotten: %" PRIu64 " entries, %" PRIu64 " runs written anew, %" PRIu64
           " files that belonged to nothing\n",
            done.forgotten, done.rewritten, done.removed);
    return OK;
}

/* ---- The command ---- */

static struct err look_with(const struct command_line *line, struct hunt_job *job, const struct actor *actor, bool *any)
{
    TRY(moment_of(line, "since", &job->since_us));
    TRY(moment_of(line, "until", &job->until_us));
    struct arena *arena = arena_open("what was found", ARENA_WORK, RESULT_BYTES_MAX);
    struct err err = (command_flag(line, "reach") ? reach_tell : met_tell)(line, job, actor, arena, any);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(line->arena, slice_of(err.why));
    arena_close(arena);
    return err;
}

/* The lists that were named, or else those of the node. */
static struct err look(const struct command_line *line, struct local *local, struct remember *remember, bool *any)
{
    const struct config *config = &local->node.config;
    struct values values = {0};
    struct lists *lists = NULL;
    const struct match_index *index = NULL;
    struct err err = values_read(line, &values);
    if (err.kind == ERR_NONE && values.allow == NULL)
        err = warner_lists(config, line->arena, &lists);
    if (err.kind == ERR_NONE) {
        index = lists_take(lists);
        struct hunt_job job = {.remember = remember,
                .db = local->db,
                .values = values.rows,
                .count = values.count,
                .noise = {config->warning.reach_max, values.allow != NULL ? values.allow : index}};
        err = look_with(line, &job, &local->actor, any);
        lists_leave(lists, index);
    }
    lists_close(lists);
    values_close(&values);
    return err;
}

static struct err run(const struct command_line *line, bool *any)
{
    struct local local;
    struct remember *remember = NULL;
    TRY(local_open(line, &local));
    struct err err = remember_open(node_path(&local.node, "memory", line->arena), line->arena, &remember);
    if (err.kind == ERR_NONE && command_flag(line, "forget"))
        err = forget(line, &local, remember);
    if (err.kind == ERR_NONE && command_text(line, "prove-forgotten") != NULL)
        err = prove(line, &local, remember, any);
    else if (err.kind == ERR_NONE && command_flag(line, "forget"))
        *any = true;
    else if (err.kind == ERR_NONE)
        err = look(line, &local, remember, any);
    remember_close(remember);
    local_close(&local);
    if (err.kind == ERR_NONE && !command_written())
        err = err_errno(line->arena, "standard output");
    return err;
}

static int hunt(struct command_line *line)
{
    bool any = false;
    struct err err = run(line, &any);
    if (err.kind != ERR_NONE)
        return command_fail(line, err);
    return any ? 0 : 1;
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTION_INTEL,
        {0, "type", "TYPE", "What the values are; otherwise by their looks, and a name stands for all below it"},
        {0, "below", NULL, "URLs stand for all below their path"},
        {0, "since", "WHEN", "Only what was met since then: a day, a moment, or 7d for seven days back"},
        {0, "until", "WHEN", "Only what was met before"},
        {0, "reach", NULL, "Tell for each value how many organisations it would have met, instead of whom"},
        {0, "allow", "FILE",
                "Warning list instead of those of the node: with --reach, say which values it holds; may be repeated"},
        {0, "forget", NULL, "Forget now what nobody agreed to keep any longer; the server does so by itself"},
        {0, "prove-forgotten", "ORGANISATION",
                "Read the whole memory, and say whether anything of theirs is left that should be gone"},
        OPTION_JSON,
};

const struct command command_hunt = {
        .name = "hunt",
        .arguments = "[VALUE...]",
        .about = "Look into the past: who met this, when, how often",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = hunt,
};
