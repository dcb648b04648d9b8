/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan taxii peer: other servers that a node asks again and again. */
#include <inttypes.h>

#include "app/taxii_client.h"
#include "json/write.h"

#define ROW_MAX (1u << 20)
#define US_PER_MS 1000
#define EVERY_MS_MAX (UINT64_C(366) * 86400 * 1000)
#define EVERY "5min"

/* ---- What is shown ---- */

static void put_times(struct json_writer *w, const struct peer *peer)
{
    const struct {
        slice key;
        int64_t us;
    } times[] = {{S("next"), peer->next_us}, {S("tried"), peer->tried_us}, {S("pulled"), peer->pulled_us}};
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        json_write_key(w, times[i].key);
        json_write_time(w, times[i].us);
    }
}

static void remote_json(struct json_writer *w, const struct remote *remote)
{
    json_write_object(w);
    json_write_key_text(w, S("id"), remote->id);
    json_write_key_text(w, S("title"), remote->title);
    json_write_key_text(w, S("url"), remote->url);
    json_write_key_text(w, S("source"), remote->source);
    json_write_key_text(w, S("added_after"), remote->added_after);
    json_write_key_u64(w, S("objects"), (uint64_t)remote->objects);
    json_write_key(w, S("moved"));
    json_write_time(w, remote->moved_us);
    json_write_end(w);
}

static void peer_json(
        struct buf *buf, const struct peer *peer, const struct remote *remotes, size_t count, struct arena *arena)
{
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    json_write_key_text(&w, S("name"), peer->name);
    json_write_key_text(&w, S("url"), slice_of(http_url_shown(arena_cstr(arena, peer->url), arena)));
    json_write_key_u64(&w, S("every_ms"), (uint64_t)peer->every_us / US_PER_MS);
    json_write_key_text(&w, S("credentials"), slice_of(store_peer_credentials_name(peer->credentials)));
    json_write_key(&w, S("paused"));
    json_write_bool(&w, peer->paused);
    put_times(&w, peer);
    json_write_key_u64(&w, S("runs"), (uint64_t)peer->runs);
    json_write_key_u64(&w, S("objects"), (uint64_t)peer->objects);
    json_write_key_u64(&w, S("failures"), (uint64_t)peer->failures);
    json_write_key_text(&w, S("why"), peer->why);
    json_write_key(&w, S("collections"));
    json_write_array(&w);
    for (size_t i = 0; i < count; i++)
        remote_json(&w, &remotes[i]);
    json_write_end(&w);
    json_write_end(&w);
    buf_byte(buf, '\n');
}

static void peer_text(struct buf *buf, const struct peer *peer, struct arena *arena)
{
    buf_printf(buf, "%.*s\t%s\t%s\tnext ", (int)peer->name.len, peer->name.ptr,
            http_url_shown(arena_cstr(arena, peer->url), arena),
            peer->paused                  ? "paused"
            : peer->failures > 0          ? "failing"
            : peer->tried_us == TIME_NONE ? "new"
                                          : "well");
    time_write(buf, peer->next_us);
    if (peer->why.len > 0)
        buf_printf(buf, "\t%.*s", (int)peer->why.len, peer->why.ptr);
    buf_byte(buf, '\n');
}

static void remote_text(struct buf *buf, const struct remote *remote, struct arena *arena)
{
    buf_printf(buf, "\t%s\t%.*s\t%.*s\t%" PRId64 " objects\tup to %.*s\n",
            http_url_shown(arena_cstr(arena, remote->url), arena), (int)remote->title.len, remote->title.ptr,
            (int)remote->source.len, remote->source.ptr, remote->objects, (int)remote->last.len, remote->last.ptr);
}

static struct err put_peer(struct taxii_call *call, const struct peer *peer, bool collections)
{
    struct arena *arena = call->line->arena;
    struct remote *remotes = NULL;
    size_t count = 0;
    if (collections)
        TRY(taxii_peer_collections(call->local->db, &call->local->actor, peer, 0, arena, &remotes, &count));
    struct buf buf = buf_make(8 * ROW_MAX);
    if (command_flag(call->line, "json"))
        peer_json(&buf, peer, remotes, count, arena);
    else
        peer_text(&buf, peer, arena);
    for (size_t i = 0; i < count && !command_flag(call->line, "json"); i++)
        remote_text(&buf, &remotes[i], arena);
    struct err err = buf_check(&buf);
    fwrite(buf.ptr, 1, buf.len, stdout);
    buf_free(&buf);
    return err;
}

/* ---- Verbs ---- */

static struct err get(struct taxii_call *call, struct peer *peer)
{
    slice name = slice_of(call->line->files[2]);
    struct err err = taxii_peer_get(call->local->db, &call->local->actor, name, call->line->arena, peer);
    return err.kind != ERR_MISSING ? err : err_format(call->line->arena, ERR_MISSING, "there is no peer %s", name.ptr);
}

static struct err every_of(const struct command_line *line, int64_t *every_us)
{
    const char *every = command_text(line, "every");
    uint64_t ms;
    if (!config_duration(slice_of(every == NULL ? EVERY : every), &ms) || ms > EVERY_MS_MAX)
        return err_format(line->arena, ERR_INPUT, "--every takes a time in min, h or d, as 5min, not %s", every);
    *every_us = (int64_t)ms * US_PER_MS;
    return OK;
}

static struct err add(struct taxii_call *call)
{
    const struct command_line *line = call->line;
    const struct taxii_files files = taxii_call_files(line);
    struct taxii_access access;
    struct peer peer;
    const char *url;
    int64_t number;
    TRY(local_url_check(line->files[3]));
    TRY(taxii_client_url(line->files[3], line->arena, &url));
    TRY(taxii_access_read(&files, line->arena, &access));
    struct peer_put put = {.name = slice_of(line->files[2]),
            .url = slice_of(url),
            .credentials = access.kind,
            .account = slice_of(files.account == NULL ? "" : files.account),
            .own_ca = files.ca != NULL};
    TRY(every_of(line, &put.every_us));
    TRY(taxii_peer_add(call->local->db, &call->local->actor, &call->fetch, &put, &files, line->arena, &number));
    TRY(get(call, &peer));
    return put_peer(call, &peer, false);
}

static struct err list(struct taxii_call *call)
{
    slice after = S("");
    for (size_t count = 1; count > 0;) {
        struct peer *rows;
        TRY(taxii_peer_list(
                call->local->db, &call->local->actor, after, STORE_PAGE_MAX, call->line->arena, &rows, &count));
        for (size_t i = 0; i < count; i++)
            TRY(put_peer(call, &rows[i], false));
        after = count > 0 ? rows[count - 1].name : after;
    }
    return OK;
}

static struct err show(struct taxii_call *call)
{
    struct peer peer;
    TRY(get(call, &peer));
    return put_peer(call, &peer, true);
}

static struct err remove_peer(struct taxii_call *call)
{
    return taxii_peer_remove(
            call->local->db, &call->local->actor, call->fetch.keys, slice_of(call->line->files[2]), call->line->arena);
}

static struct err pause_peer(struct taxii_call *call)
{
    return taxii_peer_pause(
            call->local->db, &call->local->actor, slice_of(call->line->files[2]), true, call->line->arena);
}

static struct err resume(struct taxii_call *call)
{
    return taxii_peer_pause(
            call->local->db, &call->local->actor, slice_of(call->line->files[2]), false, call->line->arena);
}

static struct err run_named(struct taxii_call *call)
{
    for (size_t i = 2; i < call->line->file_count; i++) {
        struct taxii_pulled pulled;
        TRY(taxii_peer_run(call->local->db, &call->local->actor, &call->fetch, slice_of(call->line->files[i]),
                call->line->arena, &pulled));
        taxii_call_pulled(call, &pulled);
    }
    return OK;
}

static struct err run(struct taxii_call *call)
{
    if (call->line->file_count > 2)
        return run_named(call);
    for (bool found = true; found;) {
        struct taxii_pulled pulled;
        TRY(taxii_peer_run_due(call->local->db, &call->local->actor, &call->fetch, call->line->arena, &pulled, &found));
        if (found)
            taxii_call_pulled(call, &pulled);
    }
    return OK;
}

static const struct {
    const char *name;
    size_t least, most; /* words, with "peer" */
    struct err (*run)(struct taxii_call *call);
} verbs[] = {
        {"add", 4, 4, add},
        {"list", 2, 2, list},
        {"show", 3, 3, show},
        {"remove", 3, 3, remove_peer},
        {"pause", 3, 3, pause_peer},
        {"resume", 3, 3, resume},
        {"run", 2, SIZE_MAX, run},
};

struct err taxii_peer_verb(struct taxii_call *call)
{
    const struct command_line *line = call->line;
    for (size_t i = 0; i < COUNT_OF(verbs); i++)
        if (strcmp(verbs[i].name, line->files[1]) == 0 && line->file_count >= verbs[i].least &&
                line->file_count <= verbs[i].most)
            return verbs[i].run(call);
    return err_make(ERR_INPUT, taxii_client_usage);
}
