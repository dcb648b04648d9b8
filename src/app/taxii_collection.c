/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan taxii collection: the collections of a node, and who may read and write them. */
#include "app/sharing.h"
#include "app/taxii.h"
#include "store/collection.h"
#include "store/organisation.h"
#include "store/right.h"
#include "store/user.h"
#include "taxii/granting.h"
#include "taxii/taxii.h"
#include "json/write.h"

#define ROW_MAX (1u << 20)
#define WHO_USER "user:"
#define WHO_ORGANISATION "organisation:"

/* ---- Who ---- */

static struct err user_of(struct local *local, slice name, struct arena *arena, int64_t *number)
{
    struct user user;
    struct err err = store_user_find(local->db, name, arena, &user);
    *number = err.kind == ERR_NONE ? user.number : 0;
    return err.kind == ERR_MISSING ? OK : err;
}

static struct err organisation_of(struct local *local, slice name, int64_t *number)
{
    struct err err = store_organisation_find(local->db, name, number);
    if (err.kind == ERR_MISSING)
        *number = 0;
    return err.kind == ERR_MISSING ? OK : err;
}

/* What it is called now, as whoever has to agree reads it. */
static struct err name_of(
        const struct command_line *line, struct local *local, int64_t user, int64_t organisation, slice *name)
{
    struct user one = {0};
    struct organisation all = {0};
    if (user != 0)
        TRY(store_user_get(local->db, user, line->arena, &one));
    else
        TRY(store_organisation_get(local->db, organisation, line->arena, &all));
    *name = user != 0 ? one.name : all.name;
    return OK;
}

/* "everyone", "user:NAME", "organisation:NAME", or a name that only one of both has. */
static struct err who_of(
        const struct command_line *line, struct local *local, const char *text, struct collection_grant *grant)
{
    slice who = slice_of(text);
    int64_t user = 0, organisation = 0;
    if (slice_eq(who, S("everyone"))) {
        *grant = (struct collection_grant){.kind = GRANTEE_EVERYONE};
        return OK;
    }
    if (slice_starts(who, S(WHO_USER)))
        TRY(user_of(local, slice_from(who, sizeof WHO_USER - 1), line->arena, &user));
    else if (slice_starts(who, S(WHO_ORGANISATION)))
        TRY(organisation_of(local, slice_from(who, sizeof WHO_ORGANISATION - 1), &organisation));
    else {
        TRY(user_of(local, who, line->arena, &user));
        TRY(organisation_of(local, who, &organisation));
    }
    if (user != 0 && organisation != 0)
        return err_format(line->arena, ERR_INPUT,
                "%s is a user and an organisation: say " WHO_USER "%s or " WHO_ORGANISATION "%s", text, text, text);
    if (user == 0 && organisation == 0)
        return err_format(line->arena, ERR_MISSING, "there is no user and no organisation %s", text);
    grant->kind = user != 0 ? GRANTEE_USER : GRANTEE_ORGANISATION;
    return name_of(line, local, user, organisation, &grant->name);
}

/* All that --read and --write named, one grant for each. */
static struct err grants_of(
        const struct command_line *line, struct local *local, struct collection_grant **grants, size_t *count)
{
    static const char *const options[] = {"read", "write"};
    const char *text;
    *grants = arena_new(line->arena, struct collection_grant, line->given_count);
    *count = 0;
    for (size_t i = 0; i < COUNT_OF(options); i++)
        for (size_t at = 0; (text = command_each(line, options[i], &at)) != NULL;) {
            struct collection_grant *grant = &(*grants)[(*count)++];
            TRY(who_of(line, local, text, grant));
            grant->can_read = i == 0;
            grant->can_write = i == 1;
        }
    return OK;
}

/* ---- What is shown ---- */

static void put_json(struct json_writer *w, const struct command_line *line, struct local *local,
        const struct collection *row, const struct collection_grant *grants, size_t count)
{
    json_write_object(w);
    json_write_key_text(w, S("id"), row->id);
    json_write_key_text(w, S("title"), row->title);
    json_write_key_text(w, S("description"), row->description);
    json_write_key_text(
            w, S("root"), slice_of(taxii_root_url(node_url(&local->node.config, line->arena), line->arena)));
    json_write_key_text(w, S("source"), row->source_name);
    json_write_key(w, S("grants"));
    json_write_array(w);
    for (size_t i = 0; i < count; i++) {
        json_write_object(w);
        json_write_key_text(w, S("to"), slice_of(store_grantee_name(grants[i].kind)));
        json_write_key_text(w, S("name"), grants[i].name);
        json_write_key(w, S("read"));
        json_write_bool(w, grants[i].can_read);
        json_write_key(w, S("write"));
        json_write_bool(w, grants[i].can_write);
        json_write_end(w);
    }
    json_write_end(w);
    json_write_end(w);
}

static void put_text(struct buf *buf, const struct command_line *line, struct local *local,
        const struct collection *row, const struct collection_grant *grants, size_t count)
{
    const char *root = taxii_root_url(node_url(&local->node.config, line->arena), line->arena);
    buf_printf(buf, "%.*s\t%.*s\t%s", (int)row->id.len, row->id.ptr, (int)row->title.len, row->title.ptr, root);
    for (size_t i = 0; i < count; i++) {
        slice name = grants[i].kind == GRANTEE_EVERYONE ? S("") : grants[i].name;
        buf_printf(buf, "\n\t%s%s%s: %s%s%.*s", grants[i].can_read ? "read" : "",
                grants[i].can_read && grants[i].can_write ? " and " : "", grants[i].can_write ? "write" : "",
                store_grantee_name(grants[i].kind), name.len > 0 ? " " : "", (int)name.len, name.ptr);
    }
}

static struct err show(const struct command_line *line, struct local *local, int64_t number, struct arena *arena)
{
    struct collection row;
    struct collection_grant *grants;
    size_t count;
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    TRY(store_collection_get(local->db, number, arena, &row));
    TRY(store_collection_grants(local->db, number, arena, &grants, &count));
    if (command_flag(line, "json"))
        put_json(&w, line, local, &row, grants, count);
    else
        put_text(&buf, line, local, &row, grants, count);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
    return OK;
}

/* ---- Verbs ---- */

static struct err number_of(const struct command_line *line, struct local *local, int64_t *number)
{
    struct err err = store_collection_find(local->db, slice_of(line->files[2]), number);
    return err.kind != ERR_MISSING ? err
                                   : err_format(line->arena, ERR_MISSING, "there is no collection %s", line->files[2]);
}

static struct err act_on(const struct command_line *line, struct local *local, const char *act, slice subject,
        const struct taxii_granting *granting, bool *done)
{
    struct share_proposal proposal;
    slice detail;
    TRY(taxii_granting_detail(granting, line->arena, &detail));
    TRY(sharing_do(line, local, act, subject, detail, &proposal));
    *done = proposal.done;
    return OK;
}

static struct err add(const struct command_line *line, struct local *local)
{
    const char *description = command_text(line, "description");
    struct collection_grant *grants;
    struct taxii_granting granting = {.title = slice_of(line->files[2])};
    int64_t number;
    bool done;
    granting.description = slice_of(description == NULL ? "" : description);
    TRY(grants_of(line, local, &grants, &granting.count));
    granting.grants = grants;
    TRY(act_on(line, local, "collection.add", S("collection"), &granting, &done));
    if (!done)
        return OK;
    TRY(number_of(line, local, &number));
    return show(line, local, number, line->arena);
}

/* The collection that was named, and what --read and --write say. */
static struct err change(const struct command_line *line, struct local *local, const char *act, bool grants_needed,
        int64_t *number, bool *done)
{
    struct collection collection;
    struct collection_grant *grants;
    struct taxii_granting granting = {0};
    TRY(number_of(line, local, number));
    TRY(store_collection_get(local->db, *number, line->arena, &collection));
    TRY(grants_of(line, local, &grants, &granting.count));
    if (grants_needed && granting.count == 0)
        return err_make(ERR_INPUT, "to whom? --read WHO, --write WHO, once or more");
    granting.title = collection.title;
    granting.grants = grants;
    return act_on(line, local, act, taxii_granting_subject(&collection, line->arena), &granting, done);
}

static struct err change_grants(const struct command_line *line, struct local *local, const char *act)
{
    int64_t number;
    bool done;
    TRY(change(line, local, act, true, &number, &done));
    return done ? show(line, local, number, line->arena) : OK;
}

static struct err grant(const struct command_line *line, struct local *local)
{
    return change_grants(line, local, "collection.grant");
}

static struct err revoke(const struct command_line *line, struct local *local)
{
    return change_grants(line, local, "collection.revoke");
}

static struct err remove_one(const struct command_line *line, struct local *local)
{
    int64_t number;
    bool done;
    return change(line, local, "collection.remove", false, &number, &done);
}

static struct err show_one(const struct command_line *line, struct local *local)
{
    int64_t number;
    TRY(store_right_check(&local->actor, VERB_READ_COLLECTIONS, 0, line->arena, NULL));
    TRY(number_of(line, local, &number));
    return show(line, local, number, line->arena);
}

static struct err list_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct collection *rows;
    TRY(store_collection_list(local->db, *after, 100, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        TRY(show(line, local, rows[i].number, arena));
        *after = rows[i].number;
    }
    return OK;
}

static struct err list(const struct command_line *line, struct local *local)
{
    TRY(store_right_check(&local->actor, VERB_READ_COLLECTIONS, 0, line->arena, NULL));
    return local_pages(line, local, list_page);
}

static const struct local_verb verbs[] = {
        {"add", 3, add},
        {"list", 2, list},
        {"show", 3, show_one},
        {"grant", 3, grant},
        {"revoke", 3, revoke},
        {"remove", 3, remove_one},
};

struct err taxii_collection(const struct command_line *line, struct local *local)
{
    for (size_t i = 0; i < COUNT_OF(verbs); i++)
        if (strcmp(line->files[1], verbs[i].name) == 0 && line->file_count == verbs[i].words)
            return verbs[i].run(line, local);
    return err_make(ERR_INPUT, "what? `taxii collection add TITLE`, `list`, or `show`, `grant`, `revoke`, `remove` "
                               "and its id or title");
}
