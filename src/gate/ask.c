/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/ask.h"

#include <assert.h>
#include <inttypes.h>

#include "base/token.h"
#include "gate/gate.h"
#include "gate/known.h"
#include "text/sentence.h"

#define PARTS_MOST INT64_MAX
#define LANGUAGE_COOKIE S("language")
#define LANGUAGE_SECONDS (INT64_C(365) * 86400)

/* ---- What was asked ---- */

static bool each(const struct http_field *fields, size_t count, slice name, size_t *at, slice *value)
{
    while (*at < count) {
        const struct http_field *field = &fields[(*at)++];
        if (!slice_eq(field->name, name))
            continue;
        *value = field->value;
        return true;
    }
    return false;
}

slice ask_query(const struct ask *ask, slice name)
{
    size_t at = 0;
    slice value = S("");
    each(ask->query, ask->query_count, name, &at, &value);
    return value;
}

slice ask_form(const struct ask *ask, slice name)
{
    size_t at = 0;
    slice value = S("");
    ask_form_each(ask, name, &at, &value);
    return value;
}

bool ask_form_each(const struct ask *ask, slice name, size_t *at, slice *value)
{
    return each(ask->form, ask->form_count, name, at, value);
}

struct err ask_number(const struct ask *ask, slice name, uint64_t most, uint64_t otherwise, uint64_t *value)
{
    slice text = ask_query(ask, name);
    uint64_t number = otherwise;
    if (text.len > 0 && !slice_u64(text, most, &number))
        return err_format(ask->arena, ERR_INPUT, "%.*s takes a whole number up to %llu", (int)name.len, name.ptr,
                (unsigned long long)most);
    *value = number;
    return OK;
}

struct err ask_part_number(const struct ask *ask, size_t part, int64_t *number)
{
    uint64_t value;
    assert(part < ROUTE_PARTS_MAX);
    if (!slice_u64(ask->parts[part], PARTS_MOST, &value))
        return err_make(ERR_MISSING, "there is nothing here");
    *number = (int64_t)value;
    return OK;
}

/* ---- Who asks ---- */

bool ask_may(const struct ask *ask, enum verb verb)
{
    bool second;
    const struct actor *actor = &ask->who.actor;
    return !ask->who.half && store_right_check(actor, verb, actor->organisation, ask->arena, &second).kind == ERR_NONE;
}

slice ask_text(const struct ask *ask, slice text)
{
    return sentence_text(ask->words, text, ask->arena);
}

slice ask_form_key(const struct ask *ask)
{
    if (ask->who.session == 0)
        return S("");
    const struct sha256 *key = &ask->who.form_key;
    struct sha256 made = hash_hmac_sha256((slice){(const char *)key->bytes, sizeof key->bytes}, S("form"));
    return arena_hex(ask->arena, sha256_slice(&made));
}

struct ip ask_from(const struct ask *ask)
{
    return known_from(ask);
}

/* ---- The answer ---- */

bool ask_is_path(slice text)
{
    if (text.len == 0 || text.ptr[0] != '/')
        return false;
    for (size_t i = 0; i < text.len; i++)
        if ((uint8_t)text.ptr[i] <= ' ' || text.ptr[i] == '\\' || (uint8_t)text.ptr[i] >= 0x7f)
            return false;
    return text.len == 1 || text.ptr[1] != '/';
}

void ask_see(struct ask *ask, const char *path)
{
    slice place = ask_is_path(slice_of(path)) ? arena_copy(ask->arena, slice_of(path)) : S("/");
    ask->reply->status = 303;
    http_reply_header(ask->reply, S("Location"), place);
}

static bool is_secure(const struct ask *ask)
{
    return ask->gate->options.parts->secure;
}

/* The prefix has browsers take the cookie from nobody but this host, by TLS. */
static const char *session_name(const struct ask *ask)
{
    return is_secure(ask) ? "__Host-session" : "session";
}

slice ask_session(const struct ask *ask)
{
    return http_cookie(ask->request, slice_of(session_name(ask)));
}

static void cookie_set(struct ask *ask, const char *name, slice value, const char *rules, int64_t seconds)
{
    const char *age = value.len == 0 ? "; Max-Age=0" : "";
    if (value.len > 0 && seconds > 0)
        age = arena_printf(ask->arena, "; Max-Age=%" PRId64, seconds);
    http_reply_header(ask->reply, S("Set-Cookie"),
            slice_of(arena_printf(ask->arena, "%s=%.*s; Path=/; SameSite=Lax%s%s%s", name, (int)value.len, value.ptr,
                    rules, is_secure(ask) ? "; Secure" : "", age)));
}

void ask_session_set(struct ask *ask, slice secret, int64_t seconds)
{
    cookie_set(ask, session_name(ask), secret, "; HttpOnly", seconds);
}

void ask_language_set(struct ask *ask, enum language language)
{
    cookie_set(ask, "language", slice_of(language_tag(language)), "; HttpOnly", LANGUAGE_SECONDS);
}
