/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The own account: password, second factor, language and zone, sessions, tokens.
 */
#include "people/account.h"
#include "base/arena.h"
#include "base/clock.h"
#include "gate/gate.h"
#include "people/factor.h"
#include "people/session.h"
#include "people/token.h"
#include "store/organisation.h"
#include "web/access.h"
#include "web/label.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/session.h"

#define DAYS_MAX (PEOPLE_TOKEN_US_MAX / DAY_US)
#define DAYS 90 /* that a form offers for a token */

/* ---- The page ---- */

static void write_languages(struct ask *ask, slice chosen)
{
    json_write_key(&ask->json, S("languages"));
    json_write_array(&ask->json);
    for (enum language language = 0; language < LANGUAGES; language++) {
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("tag"), slice_of(language_tag(language)));
        json_write_key_text(&ask->json, S("text"), slice_of(language_name(language)));
        page_flag(ask, S("chosen"), slice_eq(chosen, slice_of(language_tag(language))));
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

/* As people of the zone know them; by the order of enum zone. */
static const char *const zone_texts[ZONES] = {
        [ZONE_UTC] = W_C("UTC"),
        [ZONE_JAKARTA] = W_C("WIB, Jakarta"),
        [ZONE_MAKASSAR] = W_C("WITA, Makassar"),
        [ZONE_JAYAPURA] = W_C("WIT, Jayapura"),
        [ZONE_LONDON] = W_C("London"),
        [ZONE_SHANGHAI] = W_C("Shanghai"),
};

static void write_zones(struct ask *ask)
{
    json_write_key(&ask->json, S("zones"));
    json_write_array(&ask->json);
    for (enum zone zone = 0; zone < ZONES; zone++) {
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("name"), slice_of(zone_name(zone)));
        json_write_key_text(&ask->json, S("text"), ask_text(ask, slice_of(zone_texts[zone])));
        page_flag(ask, S("chosen"), zone == page_zone(ask));
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

struct err web_account(struct ask *ask)
{
    struct user user;
    struct organisation organisation;
    struct people_factor factor;
    TRY(people_factor_get(ask->db, &ask->who.actor, ask->arena, &factor));
    TRY(store_user_get(ask->db, ask->who.actor.user, ask->arena, &user));
    TRY(store_organisation_get(ask->db, user.organisation, ask->arena, &organisation));
    page_title(ask, ask_text(ask, W("Your account")));
    json_write_key_text(&ask->json, S("name"), user.name);
    json_write_key_text(&ask->json, S("organisation"), organisation.name);
    label_roles(ask, S("roles"), user.roles);
    page_moment(ask, S("password_changed"), user.password_us);
    page_flag(ask, S("second_factor"), factor.on);
    json_write_key_u64(&ask->json, S("recovery_codes"), (uint64_t)factor.left);
    write_languages(ask, user.language);
    write_zones(ask);
    label_all_scopes(ask, S("scopes"));
    TRY(access_sessions(ask, user.number));
    return access_tokens(ask, user.number);
}

/* ---- Password ---- */

struct err web_account_password(struct ask *ask)
{
    const struct people_place place = session_place(ask);
    const struct people_password password = {
            ask_form(ask, S("old")), ask_form(ask, S("password")), place.from, place.agent};
    struct signed_in signed_in = {.session = 0};
    struct err err = page_password_again(ask);
    const char *field = err.kind != ERR_NONE ? "again" : NULL;
    if (err.kind == ERR_NONE)
        err = people_account_password(
                ask->db, ask->gate->options.doorkeeper, &ask->who, &password, ask->arena, &signed_in);
    if (err.kind != ERR_NONE) {
        TRY(page_again(ask, field != NULL ? field : err.kind == ERR_INPUT ? "password" : "old", err));
        return web_account(ask);
    }
    TRY(session_begin(ask, &signed_in));
    page_done(ask, "/account", "password");
    return OK;
}

/* ---- Language and zone ---- */

static struct err taste_check(slice language, slice zone)
{
    enum language known_language;
    enum zone known_zone;
    if (language.len > 0 && !language_find(language, &known_language))
        return err_make(ERR_INPUT, "language: this node does not speak it; /about names those that it speaks");
    if (zone.len > 0 && !zone_find(zone, &known_zone))
        return err_make(ERR_INPUT, "zone: there is no such zone here; the page names those that there are");
    return OK;
}

struct err web_account_taste(struct ask *ask)
{
    slice language = ask_form(ask, S("language")), zone = ask_form(ask, S("zone"));
    struct err err = taste_check(language, zone);
    if (err.kind != ERR_NONE) {
        TRY(page_again(ask, slice_starts(slice_of(err.why), S("zone")) ? "zone" : "language", err));
        return web_account(ask);
    }
    TRY(people_account_taste(ask->db, &ask->who.actor, language, zone, ask->arena));
    page_done(ask, "/account", "saved");
    return OK;
}

/* ---- Sessions ---- */

struct err web_session_end(struct ask *ask)
{
    int64_t number;
    TRY(ask_part_number(ask, 0, &number));
    TRY(people_session_end(ask->db, &ask->who.actor, number, ask->arena));
    page_done(ask, "/account", "session-ended");
    return OK;
}

struct err web_sessions_end(struct ask *ask)
{
    uint64_t count;
    const struct actor *actor = &ask->who.actor;
    TRY(people_session_end_all(ask->db, actor, actor->user, ask->who.session, ask->arena, &count));
    page_done(ask, "/account", "sessions-ended");
    return OK;
}

/* ---- Tokens ---- */

static struct err scopes_typed(struct ask *ask, unsigned *scopes)
{
    size_t at = 0;
    slice name;
    *scopes = 0;
    while (ask_form_each(ask, S("scope"), &at, &name)) {
        unsigned one;
        if (!store_scopes_find(name, &one))
            return err_make(ERR_INPUT, "scope: there is no such scope; the page names those that there are");
        *scopes |= one;
    }
    return *scopes == 0 ? err_make(ERR_INPUT, "scope: choose at least one; a token that may do nothing is of no use")
                        : OK;
}

static struct err days_typed(struct ask *ask, int64_t *life_us)
{
    slice text = ask_form(ask, S("days"));
    uint64_t days = DAYS;
    if (text.len > 0 && (!slice_u64(text, (uint64_t)DAYS_MAX, &days) || days == 0))
        return err_format(ask->arena, ERR_INPUT, "days: a whole number from 1 to %d", (int)DAYS_MAX);
    *life_us = (int64_t)days * DAY_US;
    return OK;
}

/* Which field what was typed is wrong in; NULL: none. */
static const char *token_check(struct ask *ask, struct people_token_new *new, struct err *err)
{
    *err = new->name.len == 0 ? err_make(ERR_INPUT, "name: say what the token is for, so that you know it again") : OK;
    if (err->kind != ERR_NONE)
        return "name";
    *err = scopes_typed(ask, &new->scopes);
    if (err->kind != ERR_NONE)
        return "scope";
    *err = days_typed(ask, &new->life_us);
    return err->kind != ERR_NONE ? "days" : NULL;
}

struct err web_token_add(struct ask *ask)
{
    const struct actor *actor = &ask->who.actor;
    struct people_token_new new = {.name = slice_trim(ask_form(ask, S("name"))), .user = actor->user};
    struct people_token token;
    struct err err;
    int64_t number;
    const char *field = token_check(ask, &new, &err);
    if (err.kind == ERR_NONE)
        err = people_token_add(ask->db, actor, &new, ask->arena, &number, &token);
    if (err.kind != ERR_NONE) {
        TRY(page_again(ask, field == NULL ? "name" : field, err));
        return web_account(ask);
    }
    json_write_key_text(&ask->json, S("token"), slice_of(token.text));
    ask->status = 201;
    return web_account(ask);
}

struct err web_token_revoke(struct ask *ask)
{
    int64_t number;
    TRY(ask_part_number(ask, 0, &number));
    TRY(people_token_revoke(ask->db, &ask->who.actor, number, ask->arena));
    page_done(ask, "/account", "token-revoked");
    return OK;
}
