/* SPDX-License-Identifier: Apache-2.0 */
#include "people/people.h"

#include "base/arena.h"
#include "people/doorkeeper.h"
#include "store/organisation.h"
#include "store/right.h"
#include "json/read.h"

#define SET_UP S("set-up")

/* ---- The first ---- */

struct beginning {
    slice name;
    struct token link;
};

static struct err begin(struct work *work, void *context)
{
    const struct beginning *beginning = context;
    const struct organisation_put own = {.name = beginning->name, .kind = S("team"), .relation = RELATION_OWN};
    struct user_put user = {.name = S("administrator"), .roles = UINT32_C(1) << ROLE_SYSADMIN};
    struct sha256 hash = token_hash(slice_of(beginning->link.text));
    int64_t number;
    if (store_organisation_own(work->db, &number).kind == ERR_NONE)
        return err_make(ERR_CONFLICT, "the database belongs to a node already; a node wants an empty one of its own");
    TRY(store_organisation_add(work, &own, &user.organisation));
    TRY(store_user_add(work, &user, &number));
    TRY(store_link_add(work, number, SET_UP, &hash, work->now_us + PEOPLE_LINK_US));
    return store_work_news(work, "node.made", S("node"), S("{\"version\":\"" KENTONGAN_VERSION "\"}"));
}

struct err people_begin(
        struct db *db, const struct actor *actor, const char *name, struct arena *arena, struct token *link)
{
    struct beginning beginning = {slice_of(name), token_new()};
    TRY(store_work(db, actor, arena, begin, &beginning));
    *link = beginning.link;
    return OK;
}

/* ---- Others ---- */

struct adding {
    const struct people_new *user;
    struct token link;
    int64_t number;
};

/* Whoever may not in another organisation than the own one is not told which there are. */
static struct err organisation_of(struct work *work, slice name, uint32_t roles, int64_t *number)
{
    if (name.len == 0)
        return store_organisation_own(work->db, number);
    struct err err = store_organisation_find(work->db, name, number);
    if (err.kind == ERR_MISSING)
        TRY(store_right_give(work->actor, roles, 0, work->arena, NULL));
    if (err.kind == ERR_MISSING)
        return err_format(work->arena, ERR_MISSING, "there is no organisation %.*s; `kentongan org list` shows them",
                (int)name.len, name.ptr);
    return err;
}

static struct err add(struct work *work, void *context)
{
    struct adding *adding = context;
    const struct people_new *user = adding->user;
    struct user_put put = {.name = user->name, .roles = user->roles, .password_hash = user->password_hash};
    TRY(organisation_of(work, user->organisation, put.roles, &put.organisation));
    TRY(store_right_give(work->actor, put.roles, put.organisation, work->arena, NULL));
    TRY(store_user_add(work, &put, &adding->number));
    TRY(store_work_news(work, "user.added", people_subject(adding->number, work->arena), S("")));
    if (put.password_hash.len > 0)
        return OK;
    struct sha256 hash = token_hash(slice_of(adding->link.text));
    return store_link_add(work, adding->number, SET_UP, &hash, work->now_us + PEOPLE_LINK_US);
}

struct err people_add(struct db *db, const struct actor *actor, const struct people_new *user, struct arena *arena,
        int64_t *number, struct token *link)
{
    struct adding adding = {.user = user, .link = token_new()};
    TRY(store_work(db, actor, arena, add, &adding));
    *number = adding.number;
    *link = adding.link;
    return OK;
}

/* ---- By two persons ---- */

static struct err proposed_read(slice detail, struct arena *arena, struct people_new *new)
{
    struct json_elements roles = json_elements(json_get(detail, S("roles")));
    slice value;
    *new = (struct people_new){.name = json_text(json_get(detail, S("name")), arena),
            .organisation = json_text(json_get(detail, S("organisation")), arena)};
    while (json_element_next(&roles, &value)) {
        enum role role = store_role_find(json_text(value, arena));
        if (role >= ROLE_LOCAL)
            return err_make(ERR_INPUT, "there is no such role: {\"roles\": [\"analyst\"]}");
        new->roles |= UINT32_C(1) << role;
    }
    return new->roles != 0 ? OK : err_make(ERR_INPUT, "a user without a role may do nothing");
}

struct err people_may_add(
        struct db *db, const struct actor *actor, slice subject, slice detail, struct arena *arena, bool *second)
{
    struct people_new new;
    int64_t organisation = 0;
    (void)subject;
    TRY(proposed_read(detail, arena, &new));
    struct err err = new.organisation.len == 0 ? store_organisation_own(db, &organisation)
                                               : store_organisation_find(db, new.organisation, &organisation);
    if (err.kind != ERR_MISSING) /* who may not is not told which there are */
        TRY(err);
    TRY(store_right_give(actor, new.roles, organisation, arena, second));
    return organisation != 0
                   ? OK
                   : err_format(arena, ERR_MISSING, "there is no organisation %.*s; `kentongan org list` shows them",
                             (int)new.organisation.len, new.organisation.ptr);
}

struct err people_do_add(struct work *work, slice subject, slice detail)
{
    struct people_new new;
    struct user_put put;
    struct sha256 link;
    int64_t number;
    (void)subject;
    TRY(proposed_read(detail, work->arena, &new));
    put = (struct user_put){.name = new.name, .roles = new.roles};
    if (!slice_hex(json_text(json_get(detail, S("link")), work->arena), link.bytes, sizeof link.bytes))
        return err_make(ERR_INPUT, "the hash of the link is not 64 hexadecimal digits");
    TRY(new.organisation.len == 0 ? store_organisation_own(work->db, &put.organisation)
                                  : store_organisation_find(work->db, new.organisation, &put.organisation));
    TRY(store_user_add(work, &put, &number));
    TRY(store_work_news(work, "user.added", people_subject(number, work->arena), S("")));
    return store_link_add(work, number, SET_UP, &link, work->now_us + PEOPLE_LINK_US);
}

const char *people_link(const char *url, const struct token *link, struct arena *arena)
{
    return arena_printf(arena, "%sset-up/%s", url, link->text);
}
