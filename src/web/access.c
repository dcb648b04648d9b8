/* SPDX-License-Identifier: Apache-2.0 */
#include "web/access.h"

#include "base/arena.h"
#include "base/clock.h"
#include "gate/gate.h"
#include "people/session.h"
#include "people/token.h"
#include "web/page.h"

#define TOKENS 200 /* that a page shows; TOKENS_MAX of them are good */

/* ---- Sessions ---- */

struct word {
    const char *part, *text;
};

/* What browsers call themselves holds the names of others: the first that fits counts. */
static const struct word browsers[] = {{"Firefox/", "Firefox"}, {"Edg/", "Edge"}, {"OPR/", "Opera"},
        {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {NULL}};
static const struct word systems[] = {{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"},
        {"Windows", "Windows"}, {"Mac OS", "macOS"}, {"Linux", "Linux"}, {NULL}};

static const char *word_in(const struct word *words, slice agent)
{
    while (words->part != NULL && slice_find_slice(agent, slice_of(words->part)) == agent.len)
        words++;
    return words->text;
}

/* "Firefox, Android"; what is no browser that we know says itself what it is. */
static slice browser_of(struct ask *ask, slice agent)
{
    const char *browser = word_in(browsers, agent), *system = word_in(systems, agent);
    if (agent.len == 0)
        return ask_text(ask, W("unknown"));
    if (browser == NULL)
        return agent;
    return slice_of(system == NULL ? browser : arena_printf(ask->arena, "%s, %s", browser, system));
}

static void write_session(struct ask *ask, const struct session *session)
{
    struct json_writer *json = &ask->json;
    json_write_object(json);
    json_write_key_u64(json, S("number"), (uint64_t)session->number);
    json_write_key_text(json, S("agent"), session->agent);
    json_write_key_text(json, S("browser"), browser_of(ask, session->agent));
    json_write_key_text(json, S("from"), session->from);
    page_moment(ask, S("made"), session->made_us);
    page_moment(ask, S("seen"), session->seen_us);
    page_moment(ask, S("ends"), session->ends_us);
    page_flag(ask, S("current"), session->number == ask->who.session);
    json_write_end(json);
}

struct err access_sessions(struct ask *ask, int64_t user)
{
    struct session *rows;
    size_t count;
    TRY(people_session_list(ask->db, ask->gate->options.doorkeeper, &ask->who.actor, user, ask->arena, &rows, &count));
    page_flag(ask, S("any_session"), count > 0);
    json_write_key(&ask->json, S("sessions"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++)
        write_session(ask, &rows[i]);
    json_write_end(&ask->json);
    return OK;
}

/* ---- Tokens ---- */

static void write_state(struct ask *ask, const struct token_row *token)
{
    bool good = store_token_is_good(token, clock_now_us());
    slice state = token->revoked ? S("revoked") : good ? S("good") : S("expired");
    slice text = token->revoked ? W("revoked") : good ? W("good") : W("expired");
    json_write_key_text(&ask->json, S("state"), state);
    json_write_key_text(&ask->json, S("state_text"), ask_text(ask, text));
    json_write_key_text(&ask->json, S("look"), good ? S("good") : S("off"));
    page_flag(ask, S("good"), good);
}

static void write_token(struct ask *ask, const struct token_row *token)
{
    struct json_writer *json = &ask->json;
    json_write_object(json);
    json_write_key_u64(json, S("number"), (uint64_t)token->number);
    json_write_key_text(json, S("name"), token->name);
    json_write_key_text(json, S("scopes"), store_scopes_name(token->scopes, ask->arena));
    write_state(ask, token);
    page_moment(ask, S("made"), token->made_us);
    page_moment(ask, S("ends"), token->ends_us);
    page_moment(ask, S("used"), token->used_us);
    json_write_end(json);
}

struct err access_tokens(struct ask *ask, int64_t user)
{
    struct token_row *rows;
    size_t count;
    TRY(people_token_list(ask->db, &ask->who.actor, user, 0, TOKENS, ask->arena, &rows, &count));
    page_flag(ask, S("any_token"), count > 0);
    json_write_key(&ask->json, S("tokens"));
    json_write_array(&ask->json);
    for (size_t i = count; i-- > 0;) /* the youngest first */
        write_token(ask, &rows[i]);
    json_write_end(&ask->json);
    return OK;
}
