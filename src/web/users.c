/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The users of the node. Who may see those of the own organisation only is shown no other. Adding one shows the link
 * once by which the user chooses a password.
 */
#include "people/people.h"

#include "base/arena.h"
#include "gate/gate.h"
#include "people/user.h"
#include "store/organisation.h"
#include "web/label.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"
#include "web/user.h"

#define ROWS 200 /* of a page */

bool user_is_shown(const struct ask *ask, int64_t organisation)
{
    bool second;
    return store_right_check(&ask->who.actor, VERB_READ_USERS, organisation, ask->arena, &second).kind == ERR_NONE;
}

void user_write(struct ask *ask, const struct user *user, slice organisation)
{
    struct json_writer *json = &ask->json;
    json_write_key_u64(json, S("number"), (uint64_t)user->number);
    json_write_key_text(json, S("name"), user->name);
    json_write_key_text(json, S("organisation"), organisation);
    label_roles(ask, S("roles"), user->roles);
    label_user_state(ask, user->state);
    page_moment(ask, S("added"), user->added_us);
    if (!ask_may(ask, VERB_READ_ACCESS)) /* who is easy to be taken for is not for everybody */
        return;
    page_flag(ask, S("second_factor"), user->second_factor);
    page_moment(ask, S("password_changed"), user->password_us);
}

bool user_roles_typed(const struct ask *ask, uint32_t *roles)
{
    bool known = true;
    size_t at = 0;
    slice name;
    *roles = 0;
    while (ask_form_each(ask, S("role"), &at, &name)) {
        enum role role = store_role_find(name);
        known &= role < ROLES;
        *roles |= role < ROLES ? UINT32_C(1) << role : 0;
    }
    return known;
}

struct err user_roles_check(const struct ask *ask, uint32_t *roles)
{
    if (!user_roles_typed(ask, roles))
        return err_make(ERR_INPUT, "role: there is no such role; the page names those that there are");
    return *roles == 0 ? err_make(ERR_INPUT, "role: choose at least one; without a role a user may do nothing") : OK;
}

/* ---- The list ---- */

static slice name_of(const struct organisation *organisations, size_t count, int64_t number)
{
    for (size_t i = 0; i < count; i++)
        if (organisations[i].number == number)
            return organisations[i].name;
    return S("");
}

struct lists {
    struct user *users;
    struct organisation *organisations;
    size_t user_count, organisation_count;
};

/* Names of organisations beyond the first page of them are asked for one by one. */
static struct err organisation_name(struct ask *ask, const struct lists *lists, int64_t number, slice *name)
{
    struct organisation organisation;
    *name = name_of(lists->organisations, lists->organisation_count, number);
    if (name->len > 0)
        return OK;
    TRY(store_organisation_get(ask->db, number, ask->arena, &organisation));
    *name = organisation.name;
    return OK;
}

static struct err write_users(struct ask *ask, const struct lists *lists)
{
    slice organisation;
    json_write_key(&ask->json, S("users"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < lists->user_count; i++) {
        const struct user *user = &lists->users[i];
        if (!user_is_shown(ask, user->organisation))
            continue;
        TRY(organisation_name(ask, lists, user->organisation, &organisation));
        json_write_object(&ask->json);
        user_write(ask, user, organisation);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    return OK;
}

static bool may_with_second(const struct ask *ask, int64_t organisation, bool *second)
{
    *second = false;
    return !ask->who.half &&
           store_right_check(&ask->who.actor, VERB_CHANGE_USERS, organisation, ask->arena, second).kind == ERR_NONE;
}

static void write_organisations(struct ask *ask, const struct lists *lists)
{
    slice typed = ask_form(ask, S("organisation"));
    json_write_key(&ask->json, S("organisations"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < lists->organisation_count; i++) {
        const struct organisation *organisation = &lists->organisations[i];
        bool second;
        if (!may_with_second(ask, organisation->number, &second))
            continue;
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("name"), organisation->name);
        json_write_key(&ask->json, S("chosen"));
        json_write_bool(&ask->json,
                typed.len > 0 ? slice_eq(typed, organisation->name) : organisation->relation == RELATION_OWN);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

struct err web_users(struct ask *ask)
{
    struct lists lists;
    uint64_t after;
    TRY(ask_number(ask, S("after"), INT64_MAX, 0, &after));
    TRY(store_user_list(ask->db, (int64_t)after, ROWS, ask->arena, &lists.users, &lists.user_count));
    TRY(store_organisation_list(
            ask->db, 0, STORE_PAGE_MAX, ask->arena, &lists.organisations, &lists.organisation_count));
    page_title(ask, ask_text(ask, W("Users")));
    TRY(write_users(ask, &lists));
    page_more(ask, lists.user_count == ROWS ? lists.users[ROWS - 1].number : 0);
    page_flag(ask, S("may_see_access"), ask_may(ask, VERB_READ_ACCESS));
    bool second, may_change = may_with_second(ask, ask->who.actor.organisation, &second);
    page_flag(ask, S("may_change"), may_change);
    page_flag(ask, S("needs_second"), second);
    if (!may_change)
        return OK;
    write_organisations(ask, &lists);
    uint32_t typed;
    user_roles_typed(ask, &typed);
    label_all_roles(ask, S("all_roles"), typed);
    return OK;
}

/* ---- With a second person ---- */

struct err user_propose(struct ask *ask, const char *act, slice subject, slice detail, struct share_proposal *proposal)
{
    slice reason;
    TRY(shared_reason(ask, &reason));
    return share_propose(ask->db, &ask->who.actor, act, subject, detail, reason, ask->arena, proposal);
}

/* ---- Adding one ---- */

/* The field that a verb's sentence is about, as far as its kind tells. */
static const char *field_of(struct err err)
{
    return err.kind == ERR_MISSING ? "organisation" : err.kind == ERR_DENIED ? NULL : "name";
}

void user_link_write(struct ask *ask, slice name, const struct token *link)
{
    json_write_key_text(&ask->json, S("added_name"), name);
    json_write_key_text(&ask->json, S("link"), slice_of(people_link(ask->gate->options.parts->url, link, ask->arena)));
}

/* Who proposes it has the link now; it works when another person has agreed. */
static struct err propose_add(struct ask *ask, const struct people_new *new, struct token *link)
{
    const struct user_put put = {.name = new->name, .roles = new->roles};
    struct share_proposal proposal;
    slice detail;
    *link = token_new();
    TRY(people_user_detail(&put, new->organisation, link, ask->arena, &detail));
    return user_propose(ask, "user.add", S("user"), detail, &proposal);
}

struct err web_users_add(struct ask *ask)
{
    struct people_new new = {.name = ask_form(ask, S("name")), .organisation = ask_form(ask, S("organisation"))};
    struct token link;
    int64_t number;
    struct err err = user_roles_check(ask, &new.roles);
    const char *field = err.kind != ERR_NONE ? "role" : NULL;
    bool second, may = may_with_second(ask, ask->who.actor.organisation, &second);
    if (err.kind == ERR_NONE && may && second)
        err = propose_add(ask, &new, &link);
    else if (err.kind == ERR_NONE)
        err = people_add(ask->db, &ask->who.actor, &new, ask->arena, &number, &link);
    if (err.kind != ERR_NONE) {
        TRY(page_again(ask, field != NULL ? field : field_of(err), err));
        return web_users(ask);
    }
    page_flag(ask, S("waits"), may && second);
    user_link_write(ask, new.name, &link);
    ask->status = 201;
    return web_users(ask);
}
