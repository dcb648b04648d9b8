/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan user: who may work on a node. A password comes from a file and never from the command line. */
#include "app/local.h"
#include "app/options.h"
#include "people/people.h"
#include "base/password.h"
#include "store/organisation.h"
#include "store/right.h"
#include "json/write.h"

#define ROW_MAX (64u << 10)

/* ---- What is shown ---- */

static void put_row(struct buf *row)
{
    printf("%.*s\n", (int)row->len, row->ptr);
    buf_free(row);
}

/* "analyst duty-officer", or the members of an array. */
static void put_roles(struct buf *buf, struct json_writer *w, uint32_t roles)
{
    const char *between = "";
    for (enum role role = 0; role < ROLES; role++) {
        if ((roles >> role & 1) == 0)
            continue;
        if (w != NULL)
            json_write_text(w, slice_of(store_role_name(role)));
        else
            buf_printf(buf, "%s%s", between, store_role_name(role));
        between = " ";
    }
}

static void show_json(const struct user *user, slice organisation, const char *link)
{
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    json_write_key_u64(&w, S("number"), (uint64_t)user->number);
    json_write_key_text(&w, S("name"), user->name);
    json_write_key_text(&w, S("state"), slice_of(store_user_state_name(user->state)));
    json_write_key(&w, S("roles"));
    json_write_array(&w);
    put_roles(&buf, &w, user->roles);
    json_write_end(&w);
    json_write_key_text(&w, S("organisation"), organisation);
    json_write_key(&w, S("added"));
    json_write_time(&w, user->added_us);
    if (link != NULL)
        json_write_key_text(&w, S("link"), slice_of(link));
    json_write_end(&w);
    put_row(&buf);
}

static void show_text(const struct user *user, slice organisation, const char *link)
{
    struct buf buf = buf_make(ROW_MAX);
    buf_printf(&buf, "%.*s\t%s\t", (int)user->name.len, user->name.ptr, store_user_state_name(user->state));
    put_roles(&buf, NULL, user->roles);
    buf_printf(&buf, "\t%.*s", (int)organisation.len, organisation.ptr);
    if (link != NULL)
        buf_printf(&buf, "\nlink   %s", link);
    put_row(&buf);
}

static struct err show(const struct command_line *line, struct local *local, const struct user *user, const char *link,
        struct arena *arena)
{
    struct organisation organisation;
    TRY(store_organisation_get(local->db, user->organisation, arena, &organisation));
    (command_flag(line, "json") ? show_json : show_text)(user, organisation.name, link);
    return OK;
}

/* ---- Verbs ---- */

static struct err roles_of(const struct command_line *line, uint32_t *roles)
{
    const char *name;
    size_t at = 0;
    *roles = 0;
    while ((name = command_each(line, "role", &at)) != NULL) {
        enum role role = store_role_find(slice_of(name));
        if (role == ROLES || role == ROLE_LOCAL)
            return err_format(line->arena, ERR_INPUT, "there is no role %s; kentongan-user(1) lists them", name);
        *roles |= UINT32_C(1) << role;
    }
    return *roles == 0 ? err_make(ERR_INPUT, "which role? --role ROLE, once or more") : OK;
}

static struct err hash_of(const struct command_line *line, slice name, slice *hash)
{
    const char *file = command_text(line, "password-file");
    char *made = arena_take(line->arena, PASSWORD_HASH_BYTES);
    slice password;
    *hash = (slice){0};
    if (file == NULL)
        return OK;
    TRY(password_read(file, line->arena, &password));
    struct err err = password_check(password, name);
    if (err.kind == ERR_NONE)
        err = password_hash(password, made);
    password_forget(password);
    *hash = slice_of(made);
    return err;
}

static struct err add(const struct command_line *line, struct local *local)
{
    const char *organisation = command_text(line, "organisation");
    struct people_new new = {.name = slice_of(line->files[1])};
    struct user user;
    struct token link;
    int64_t number;
    if (organisation != NULL)
        new.organisation = slice_of(organisation);
    TRY(roles_of(line, &new.roles));
    TRY(hash_of(line, new.name, &new.password_hash));
    TRY(people_add(local->db, &local->actor, &new, line->arena, &number, &link));
    TRY(store_user_get(local->db, number, line->arena, &user));
    bool invited = new.password_hash.len == 0;
    const char *shown = invited ? people_link(node_url(&local->node.config, line->arena), &link, line->arena) : NULL;
    return show(line, local, &user, shown, line->arena);
}

/* One page and where it ended; `*after` stays at the last. */
static struct err list_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct user *rows;
    TRY(store_user_list(local->db, *after, STORE_PAGE_MAX, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        TRY(show(line, local, &rows[i], NULL, arena));
        *after = rows[i].number;
    }
    return OK;
}

static struct err list(const struct command_line *line, struct local *local)
{
    TRY(store_right_check(&local->actor, VERB_READ_USERS, 0, line->arena, NULL));
    return local_pages(line, local, list_page);
}

static const struct local_verb verbs[] = {
        {"add", 2, add},
        {"list", 1, list},
};

static int user(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs), "what? `user add NAME --role ROLE` or `user list`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        {0, "role", "ROLE", "What the user may do; may be repeated"},
        {0, "password-file", "FILE",
                "File that holds the password; - is standard input (default: a link that works once)"},
        {0, "organisation", "NAME", "The organisation that the user belongs to (default: the node's own)"},
        OPTION_JSON,
};

const struct command command_user = {
        .name = "user",
        .arguments = "add NAME|list",
        .about = "Add users to a node, or list them",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = user,
};
