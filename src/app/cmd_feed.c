/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan feed: what a node fetches again and again. */
#include <inttypes.h>

#include "app/local.h"
#include "app/options.h"
#include "app/telling.h"
#include "http/client.h"
#include "intel/feed.h"
#include "json/write.h"

#define ROW_MAX (1u << 20)
#define US_PER_MS 1000
#define EVERY_MS_MAX (UINT64_C(366) * 86400 * 1000)

/* ---- What is shown ---- */

static const char *shown(slice location, struct arena *arena)
{
    const char *text = arena_cstr(arena, location);
    return slice_find_slice(location, S("://")) < location.len ? http_url_shown(text, arena) : text;
}

static void put_times(struct json_writer *w, const struct feed *feed)
{
    const struct {
        slice key;
        int64_t us;
    } times[] = {{S("next"), feed->next_us}, {S("tried"), feed->tried_us}, {S("fetched"), feed->fetched_us}};
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        json_write_key(w, times[i].key);
        json_write_time(w, times[i].us);
    }
}

static void put_feed_json(struct buf *buf, const struct feed *feed, struct arena *arena)
{
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    json_write_key_text(&w, S("name"), feed->name);
    json_write_key_text(&w, S("location"), slice_of(shown(feed->location, arena)));
    json_write_key_text(&w, S("form"), feed->form);
    json_write_key_u64(&w, S("every_ms"), (uint64_t)feed->every_us / US_PER_MS);
    json_write_key(&w, S("direct"));
    json_write_bool(&w, feed->direct);
    json_write_key(&w, S("paused"));
    json_write_bool(&w, feed->paused);
    put_times(&w, feed);
    json_write_key_u64(&w, S("fetches"), (uint64_t)feed->fetches);
    json_write_key_u64(&w, S("unchanged"), (uint64_t)feed->unchanged);
    json_write_key_u64(&w, S("imports"), (uint64_t)feed->imports);
    json_write_key_u64(&w, S("failures"), (uint64_t)feed->failures);
    json_write_key_text(&w, S("why"), feed->why);
    json_write_end(&w);
}

static void put_feed(const struct command_line *line, const struct feed *feed, struct arena *arena)
{
    struct buf buf = buf_make(ROW_MAX);
    if (command_flag(line, "json")) {
        put_feed_json(&buf, feed, arena);
    } else {
        buf_printf(&buf, "%.*s\t%s\t%s\tnext ", (int)feed->name.len, feed->name.ptr, shown(feed->location, arena),
                feed->paused                  ? "paused"
                : feed->failures > 0          ? "failing"
                : feed->tried_us == TIME_NONE ? "new"
                                              : "well");
        time_write(&buf, feed->next_us);
        if (feed->why.len > 0)
            buf_printf(&buf, "\t%.*s", (int)feed->why.len, feed->why.ptr);
    }
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

/* ---- Verbs ---- */

/* A feed goes by its host, or by the name of its file, unless somebody says better. */
static slice name_of(const struct command_line *line, slice location)
{
    const char *name = command_text(line, "name");
    size_t scheme = slice_find_slice(location, S("://"));
    if (name != NULL)
        return slice_of(name);
    if (scheme < location.len) {
        slice host = slice_from(location, scheme + 3);
        host = slice_part(host, 0, slice_find(host, '/'));
        size_t at = slice_find(host, '@');
        return at < host.len ? slice_from(host, at + 1) : host;
    }
    while (location.len > 1 && slice_ends(location, S("/")))
        location.len--;
    size_t from = location.len;
    while (from > 0 && location.ptr[from - 1] != '/')
        from--;
    return slice_from(location, from);
}

static struct err every_of(const struct command_line *line, int64_t *every_us)
{
    const char *every = command_text(line, "every");
    uint64_t ms;
    if (!config_duration(slice_of(every == NULL ? "1h" : every), &ms) || ms > EVERY_MS_MAX)
        return err_format(line->arena, ERR_INPUT, "--every takes a time in min, h or d, as 1h, not %s", every);
    *every_us = (int64_t)ms * US_PER_MS;
    return OK;
}

static struct err add(const struct command_line *line, struct local *local)
{
    const char *form = command_text(line, "as");
    struct feed_put put = {
            .location = slice_of(line->files[1]),
            .form = slice_of(form == NULL ? "" : form),
            .direct = command_flag(line, "direct"),
    };
    struct feed feed;
    int64_t number;
    bool expire;
    put.name = name_of(line, put.location);
    TRY(every_of(line, &put.every_us));
    TRY(intel_feed_add(local->db, &local->actor, &put, command_flag(line, "expire"), line->arena, &number));
    TRY(intel_feed_get(local->db, &local->actor, put.name, line->arena, &feed, &expire));
    put_feed(line, &feed, line->arena);
    return OK;
}

static struct err list(const struct command_line *line, struct local *local)
{
    slice after = S("");
    for (size_t count = 1; count > 0;) {
        struct feed *rows;
        TRY(intel_feed_list(local->db, &local->actor, after, STORE_PAGE_MAX, line->arena, &rows, &count));
        for (size_t i = 0; i < count; i++)
            put_feed(line, &rows[i], line->arena);
        after = count > 0 ? rows[count - 1].name : after;
    }
    return OK;
}

static struct err show(const struct command_line *line, struct local *local)
{
    struct feed feed;
    bool expire;
    TRY(intel_feed_get(local->db, &local->actor, slice_of(line->files[1]), line->arena, &feed, &expire));
    put_feed(line, &feed, line->arena);
    return OK;
}

static struct err remove_feed(const struct command_line *line, struct local *local)
{
    return intel_feed_remove(local->db, &local->actor, slice_of(line->files[1]), line->arena);
}

static struct err pause_feed(const struct command_line *line, struct local *local)
{
    return intel_feed_pause(local->db, &local->actor, slice_of(line->files[1]), true, line->arena);
}

static struct err resume(const struct command_line *line, struct local *local)
{
    return intel_feed_pause(local->db, &local->actor, slice_of(line->files[1]), false, line->arena);
}

/* ---- Fetching ---- */

struct running {
    const struct command_line *line;
    struct local *local;
    struct telling telling;
    struct intel_fetch fetch;
    uint64_t failed;
};

static void put_fed(struct running *running, const struct intel_fed *fed)
{
    struct buf buf = buf_make(ROW_MAX);
    report_clear(&running->telling.report);
    if (command_flag(running->line, "json")) {
        struct json_writer w = json_writer(&buf);
        json_write_object(&w);
        json_write_key_text(&w, S("feed"), fed->name);
        json_write_key(&w, S("unchanged"));
        json_write_bool(&w, fed->unchanged);
        json_write_key_u64(&w, S("imports"), fed->imports);
        json_write_key_u64(&w, S("broken"), fed->broken);
        json_write_key_u64(&w, S("expired"), fed->expired);
        json_write_key_u64(&w, S("back"), fed->back);
        telling_counts_json(&w, &fed->sum);
        json_write_key_text(&w, S("why"), slice_of(fed->why == NULL ? "" : fed->why));
        json_write_end(&w);
    } else {
        buf_printf(&buf, "%.*s: ", (int)fed->name.len, fed->name.ptr);
        if (fed->unchanged)
            buf_put(&buf, S("unchanged"));
        if (fed->imports > 0)
            telling_counts(&buf, &fed->sum);
        if (fed->expired + fed->back > 0)
            buf_printf(&buf, "; %" PRIu64 " expired, %" PRIu64 " are back", fed->expired, fed->back);
        if (fed->broken > 0)
            buf_printf(&buf, "%s%" PRIu64 " events could not be read, the first: %s", fed->imports > 0 ? "; " : "",
                    fed->broken, fed->why);
    }
    if (!fed->failed)
        printf("%.*s\n", (int)buf.len, buf.ptr);
    else
        fprintf(stderr, "kentongan feed: %.*s: %s\n", (int)fed->name.len, fed->name.ptr, fed->why);
    running->failed += fed->failed || fed->broken > 0;
    buf_free(&buf);
}

static struct err run_named(struct running *running)
{
    const struct command_line *line = running->line;
    struct local *local = running->local;
    for (size_t i = 1; i < line->file_count; i++) {
        struct intel_fed fed;
        telling_text(&running->telling, line->files[i], NULL);
        TRY(intel_feed_run(local->db, &local->actor, &running->fetch, slice_of(line->files[i]), line->arena, &fed));
        put_fed(running, &fed);
    }
    return OK;
}

static struct err run_due(struct running *running)
{
    struct local *local = running->local;
    for (bool found = true; found;) {
        struct intel_fed fed;
        telling_text(&running->telling, "feed", NULL);
        TRY(intel_feed_run_due(local->db, &local->actor, &running->fetch, running->line->arena, &fed, &found));
        if (found)
            put_fed(running, &fed);
    }
    return OK;
}

static struct err run_all(struct running *running)
{
    struct local *local = running->local;
    const struct config *config = &local->node.config;
    struct http_client_options direct = config->feeds;
    direct.proxy = NULL;
    TRY(http_client_open(&config->feeds, local->arena, &running->fetch.client));
    TRY(http_client_open(&direct, local->arena, &running->fetch.direct));
    return running->line->file_count > 1 ? run_named(running) : run_due(running);
}

static struct err run(const struct command_line *line, struct local *local, uint64_t *failed)
{
    struct running running = {.line = line, .local = local, .telling = telling_begin(line)};
    running.telling.quiet = true;
    running.fetch = (struct intel_fetch){
            .folder = local->node.folder,
            .objects_max = local->node.config.import.objects_max,
            .bytes_max = local->node.config.import.bytes_max,
            .watch = telling_watch(&running.telling),
    };
    struct err err = run_all(&running);
    http_client_close(running.fetch.client);
    http_client_close(running.fetch.direct);
    report_clear(&running.telling.report);
    *failed = running.failed;
    return err;
}

/* ---- The command ---- */

static const struct local_verb verbs[] = {
        {"add", 2, add},
        {"list", 1, list},
        {"show", 2, show},
        {"remove", 2, remove_feed},
        {"pause", 2, pause_feed},
        {"resume", 2, resume},
};

/* `run` takes any number of names, and says with its status whether all went well. */
static int feed_run(const struct command_line *line)
{
    struct local local;
    uint64_t failed = 0;
    struct err err = local_open_to_change(line, &local);
    if (err.kind != ERR_NONE)
        return command_fail(line, err);
    err = run(line, &local, &failed);
    local_close(&local);
    if (err.kind == ERR_NONE && !command_written())
        err = err_errno(line->arena, "standard output");
    if (err.kind != ERR_NONE)
        return command_fail(line, err);
    return failed > 0 ? 1 : 0;
}

static int feed(struct command_line *line)
{
    if (line->file_count > 0 && strcmp(line->files[0], "run") == 0)
        return feed_run(line);
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `feed add URL|PATH`, `feed list`, `feed show|remove|pause|resume NAME` or `feed run [NAME...]`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        {0, "name", "NAME", "What the feed is called (default: its host, or the name of its file)"},
        {0, "as", "FORM", "What it holds: stix, misp, csv, list or text (default: by its looks)"},
        {0, "every", "TIME", "How often it is fetched, as 30min or 1d (default: 1h)"},
        {0, "direct", NULL, "Without the proxy of the configuration"},
        {0, "expire", NULL, "What is no longer listed expires"},
        OPTION_JSON,
};

const struct command command_feed = {
        .name = "feed",
        .arguments = "add URL|PATH, list, show|remove|pause|resume NAME, run [NAME...]",
        .about = "Fetch intelligence again and again: add feeds, list them, run those that are due",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = feed,
};
