/* SPDX-License-Identifier: Apache-2.0 */
#include "web/page.h"

#include "base/arena.h"
#include "base/clock.h"

void page_title(struct ask *ask, slice title)
{
    json_write_key_text(&ask->json, S("title"), title);
}

void page_flag(struct ask *ask, slice key, bool value)
{
    json_write_key(&ask->json, key);
    json_write_bool(&ask->json, value);
}

/* 2026-11-20 10:29:58 UTC. The second is enough for people; scripts have all digits beside it. */
static slice moment_text(struct ask *ask, int64_t us)
{
    struct buf buf = buf_make(64);
    time_write(&buf, us);
    const char *text = arena_printf(ask->arena, "%.10s %.8s UTC", buf.ptr, buf.ptr + 11);
    buf_free(&buf);
    return slice_of(text);
}

void page_time(struct ask *ask, slice key, int64_t us)
{
    json_write_key(&ask->json, key);
    if (us == TIME_NONE) {
        json_write_null(&ask->json);
        return;
    }
    json_write_object(&ask->json);
    json_write_key(&ask->json, S("utc"));
    json_write_time(&ask->json, us);
    json_write_key_text(&ask->json, S("text"), moment_text(ask, us));
    json_write_end(&ask->json);
}

void page_count(struct ask *ask, slice key, uint64_t count)
{
    json_write_key(&ask->json, key);
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("value"), count);
    json_write_key_text(&ask->json, S("text"), slice_of(arena_printf(ask->arena, "%ju", (uintmax_t)count)));
    json_write_end(&ask->json);
}

void page_done(struct ask *ask, const char *path, const char *done)
{
    ask_see(ask, arena_printf(ask->arena, "%s%cdone=%s", path, strchr(path, '?') == NULL ? '?' : '&', done));
}

/* ---- A form that was not done ---- */

/* Fields that are never sent back. */
static const char *const secrets[] = {"key", "password", "again", "old", "code", "recovery"};

static bool is_secret(slice name)
{
    for (size_t i = 0; i < COUNT_OF(secrets); i++)
        if (slice_eq(name, slice_of(secrets[i])))
            return true;
    return false;
}

/* Fields that stand more than once (boxes to tick) would be no JSON object: the first of each. */
static void write_typed(struct ask *ask)
{
    json_write_key(&ask->json, S("typed"));
    json_write_object(&ask->json);
    for (const struct route_field *field = ask->route->fields; field != NULL && field->name != NULL; field++)
        if (!is_secret(slice_of(field->name)))
            json_write_key_text(&ask->json, slice_of(field->name), ask_form(ask, slice_of(field->name)));
    json_write_end(&ask->json);
}

static void write_fields(struct json_writer *json, const char *field, slice why)
{
    json_write_key(json, S("fields"));
    json_write_object(json);
    if (field != NULL)
        json_write_key_text(json, slice_of(field), why);
    json_write_end(json);
}

struct err page_again(struct ask *ask, const char *field, struct err err)
{
    if (err.kind == ERR_SYSTEM || err.kind == ERR_REMOTE)
        return err;
    struct json_writer *json = &ask->json;
    slice why = ask_text(ask, slice_of(err.why));
    ask->status = (unsigned)err_http(err.kind);
    json_write_key(json, S("error"));
    json_write_object(json);
    json_write_key_text(json, S("kind"), slice_of(err_name(err.kind)));
    json_write_key_text(json, S("why"), why);
    write_fields(json, field, why);
    json_write_end(json);
    write_typed(ask);
    return OK;
}
