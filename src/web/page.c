/* SPDX-License-Identifier: Apache-2.0 */
#include "web/page.h"

#include "base/arena.h"
#include "base/clock.h"
#include "text/number.h"

void page_title(struct ask *ask, slice title)
{
    json_write_key_text(&ask->json, S("title"), title);
}

void page_flag(struct ask *ask, slice key, bool value)
{
    json_write_key(&ask->json, key);
    json_write_bool(&ask->json, value);
}

enum zone page_zone(const struct ask *ask)
{
    enum zone zone = ask->language == LANGUAGE_INDONESIAN ? ZONE_JAKARTA : ZONE_UTC;
    zone_find(ask->who.zone, &zone);
    return zone;
}

static slice moment_text(struct ask *ask, int64_t us)
{
    struct buf buf = buf_make(128);
    moment_write(&buf, us, page_zone(ask), ask->language);
    slice text = arena_copy(ask->arena, buf_slice(&buf));
    buf_free(&buf);
    return text;
}

void page_moment(struct ask *ask, slice key, int64_t us)
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

static slice number_text(struct ask *ask, uint64_t count)
{
    struct buf buf = buf_make(64);
    number_write(&buf, count, ask->language);
    slice text = arena_copy(ask->arena, buf_slice(&buf));
    buf_free(&buf);
    return text;
}

void page_count(struct ask *ask, slice key, uint64_t count)
{
    json_write_key(&ask->json, key);
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("value"), count);
    json_write_key_text(&ask->json, S("text"), number_text(ask, count));
    json_write_end(&ask->json);
}

static bool a_role_would(const struct actor *actor, enum verb verb)
{
    for (enum role role = 0; role < ROLE_LOCAL; role++)
        if (actor_is(actor, role) && store_right_of(verb, role) != RIGHT_NO)
            return true;
    return false;
}

void page_why_not(struct ask *ask, enum verb verb, int64_t organisation)
{
    const struct actor *actor = &ask->who.actor;
    struct err err = store_right_check(actor, verb, organisation, ask->arena, NULL);
    json_write_key(&ask->json, S("why_not"));
    if (err.kind == ERR_NONE || !a_role_would(actor, verb))
        json_write_null(&ask->json);
    else
        json_write_text(&ask->json, ask_text(ask, slice_of(err.why)));
}

void page_more(struct ask *ask, int64_t after)
{
    json_write_key(&ask->json, S("more"));
    if (after == 0)
        json_write_null(&ask->json);
    else
        json_write_i64(&ask->json, after);
}

void page_go(struct ask *ask, const char *path, slice next)
{
    struct buf buf = buf_make(4 * HTTP_TARGET_BYTES_MAX);
    buf_put(&buf, slice_of(path));
    if (next.len > 0) {
        buf_put(&buf, S("?next="));
        buf_uri(&buf, next, "/");
    }
    ask_see(ask, arena_cstr(ask->arena, buf_slice(&buf)));
    buf_free(&buf);
}

void page_done(struct ask *ask, const char *path, const char *done)
{
    ask_see(ask, arena_printf(ask->arena, "%s%cdone=%s", path, strchr(path, '?') == NULL ? '?' : '&', done));
}

/* ---- A form that was not done ---- */

/* Fields that are never sent back: secrets, and files, which a browser would have to be given anew. */
static const char *const secrets[] = {"key", "password", "again", "old", "code", "recovery", "file"};

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

struct err page_password_again(const struct ask *ask)
{
    if (slice_eq(ask_form(ask, S("password")), ask_form(ask, S("again"))))
        return OK;
    return err_make(ERR_INPUT, W_C("the two are not the same; type the new password twice"));
}
