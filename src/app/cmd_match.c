/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan match: events in, one row per hit out. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "app/filter.h"
#include "app/local.h"
#include "app/options.h"
#include "base/password.h"
#include "detect/follow.h"
#include "detect/remote.h"
#include "store/right.h"

#define CONNECT_MS 10000
#define IDLE_MS 45000 /* the stream says something three times within it */

static struct err files_load(
        const struct command_line *line, const char *option, struct report *report, struct match_index **index)
{
    const char **files = arena_new(line->arena, const char *, line->given_count + 1);
    size_t count = 0, at = 0;
    for (const char *file; (file = command_each(line, option, &at)) != NULL;)
        files[count++] = file;
    if (count == 0)
        return OK;
    struct load_report load = report_load(report);
    return load_open(files, count, &load, line->arena, index);
}

/* What runs of events are matched against, and who owns it. */
struct intel {
    struct match_index *index, *allow;
    struct follow *follow;
    struct remote *remote;
};

/* The node's own intelligence, which may change while the command runs. */
static struct err node_follow(const struct command_line *line, struct intel *intel)
{
    struct local local;
    TRY(local_open(line, &local));
    const struct follow_options options = {
            .db = {.where = local.node.config.database},
            .path = node_path(&local.node, "index/base", line->arena),
    };
    struct err err = store_right_check(&local.actor, VERB_READ_OBJECTS, local.actor.organisation, line->arena, NULL);
    local_close(&local); /* who follows has a connection of its own */
    TRY(err);
    return follow_open(&options, line->arena, &intel->follow);
}

/* ---- A node elsewhere ---- */

/* Where its index is kept: below the folder for such things of whoever runs the command (XDG Base Directory). */
static struct err cache_file(const struct command_line *line, const char *url, const char **file)
{
    const char *named = command_text(line, "cache"), *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    struct sha256 digest = hash_sha256(slice_of(url));
    char name[17];
    for (size_t i = 0; i < 8; i++)
        snprintf(name + 2 * i, 3, "%02x", digest.bytes[i]);
    *file = named;
    if (named != NULL)
        return OK;
    if ((base == NULL || *base != '/') && (home == NULL || *home != '/'))
        return err_make(ERR_INPUT, "there is no home folder to keep the index in; name a file with --cache FILE");
    const char *above = base != NULL && *base == '/' ? base : arena_printf(line->arena, "%s/.cache", home);
    const char *folder = arena_printf(line->arena, "%s/kentongan", above);
    if ((mkdir(above, 0700) != 0 && errno != EEXIST) || (mkdir(folder, 0700) != 0 && errno != EEXIST))
        return err_errno(line->arena, folder);
    *file = arena_printf(line->arena, "%s/index-%s", folder, name);
    return OK;
}

/* A token is a secret of one line, as a password is. */
static struct err authorization(const struct command_line *line, const char **value)
{
    const char *file = command_text(line, "token-file");
    slice token;
    *value = NULL;
    if (file == NULL)
        return OK;
    TRY(password_read(file, line->arena, &token));
    *value = arena_printf(line->arena, "Bearer %.*s", (int)token.len, token.ptr);
    return OK;
}

/* What is sent by http can be read and changed on the way; on one machine there is no way. */
static struct err road_check(const char *url)
{
    static const char *const safe[] = {"https://", "http://127.", "http://localhost", "http://[::1]"};
    for (size_t i = 0; i < COUNT_OF(safe); i++)
        if (slice_starts(slice_of(url), slice_of(safe[i])))
            return OK;
    return err_make(ERR_INPUT, "a node elsewhere is asked by https:// only");
}

static struct err node_remote(const struct command_line *line, struct intel *intel)
{
    const char *url = command_text(line, "node"), *why;
    TRY(local_url_check(url));
    TRY(road_check(url));
    struct remote_options options = {
            .url = slice_ends(slice_of(url), S("/")) ? url : arena_printf(line->arena, "%s/", url),
            .http = {.ca_file = command_text(line, "ca"),
                    .plain_http = true,
                    .connect_ms = CONNECT_MS,
                    .idle_ms = IDLE_MS,
                    .bytes_max = INT64_MAX,
                    .redirects_max = 0},
    };
    TRY(cache_file(line, options.url, &options.file));
    TRY(authorization(line, &options.authorization));
    TRY(remote_open(&options, line->arena, &intel->remote, &why));
    if (why != NULL)
        fprintf(stderr, "kentongan match: what is known from the last time is used: %s\n", why);
    return OK;
}

/* ---- What to look for ---- */

/* Where it may come from: one of these. */
static const struct {
    const char *option;
    struct err (*open)(const struct command_line *line, struct intel *intel);
} nodes[] = {
        {"config", node_follow},
        {"node", node_remote},
};

static struct err intel_open(const struct command_line *line, struct report *report, struct intel *intel)
{
    struct err (*from)(const struct command_line *line, struct intel *intel) = NULL;
    size_t named = command_text(line, "intel") != NULL;
    for (size_t i = 0; i < COUNT_OF(nodes); i++)
        if (command_text(line, nodes[i].option) != NULL) {
            from = nodes[i].open;
            named++;
        }
    if (named > 1)
        return err_make(ERR_INPUT, "the intelligence of one of these: files (-i), a node here (-c), a node (--node)");
    if (named == 0)
        return err_make(ERR_INPUT, "what to look for? Name intelligence with -i FILE, a node with -c CONF, or one "
                                   "elsewhere with --node URL");
    TRY(files_load(line, "allow", report, &intel->allow));
    return from != NULL ? from(line, intel) : files_load(line, "intel", report, &intel->index);
}

static void intel_close(struct intel *intel)
{
    match_close(intel->index);
    match_close(intel->allow);
    follow_close(intel->follow);
    remote_close(intel->remote);
}

static struct live *intel_live(const struct intel *intel)
{
    return intel->follow != NULL   ? follow_live(intel->follow)
           : intel->remote != NULL ? remote_live(intel->remote)
                                   : NULL;
}

/* Hits after a failure may lack what the node learned since. */
static void tell_end(const struct intel *intel)
{
    if (intel->follow != NULL && follow_counts(intel->follow).why[0] != '\0')
        fprintf(stderr, "kentongan match: the node's journal could not be followed to its end: %s\n",
                follow_counts(intel->follow).why);
    if (intel->remote != NULL && remote_counts(intel->remote).why[0] != '\0')
        fprintf(stderr, "kentongan match: the node could not be followed to the end: %s\n",
                remote_counts(intel->remote).why);
}

/* The exit status is that of grep. */
static int match(struct command_line *line)
{
    struct report report = report_begin(line);
    struct sift_totals totals = {0};
    struct intel intel = {0};
    struct err err = intel_open(line, &report, &intel);
    int status;
    if (err.kind == ERR_NONE) {
        const struct filter_intel found = {intel.index, intel_live(&intel), intel.allow};
        status = filter_run(line, &report, &found, &totals);
    } else {
        status = command_fail(line, err);
    }
    tell_end(&intel);
    intel_close(&intel);
    return status == 0 && totals.hits == 0 ? 1 : status;
}

static const struct option_row options[] = {
        OPTION_INTEL,
        OPTION_CONFIG,
        {0, "node", "URL", "Match with the intelligence of this node, and what it learns meanwhile"},
        {0, "token-file", "FILE", "The token for --node: a file that only you may read; - is standard input"},
        {0, "ca", "FILE", "Certificates (PEM) to trust for --node, instead of those of the system"},
        {0, "cache", "FILE", "Where the index of --node is kept for the next time"},
        OPTION_FORMAT,
        OPTION_THREADS,
        OPTION_OUTPUT,
        {0, "allow", "FILE", "Warning list: values that make no hit, only a count; may be repeated"},
        {0, "window", "N", "Keep N candidate events for each pattern over several (default: 10000)"},
        OPTION_MAP,
        OPTION_STATS,
        OPTION_PLAIN,
};

const struct command command_match = {
        .name = "match",
        .arguments = "[EVENTS...]",
        .about = "Find known threats in logs: events in, one JSON line per hit out",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = match,
};
