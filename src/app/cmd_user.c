/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan user: who may work on a node. A password comes from a file and never from the command line. */
#include "app/local.h"
#include "app/options.h"
#include "app/person.h"
#include "app/sharing.h"
#include "base/certificate.h"
#include "base/clock.h"
#include "base/password.h"
#include "people/people.h"
#include "people/session.h"
#include "people/user.h"
#include "store/organisation.h"
#include "store/right.h"
#include "json/write.h"

#define ROW_MAX (64u << 10)
#define US_PER_MS 1000

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
    json_write_key(&w, S("second_factor"));
    json_write_bool(&w, user->second_factor);
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

static const char *link_of(const struct command_line *line, struct local *local, const struct token *link)
{
    return people_link(node_url(&local->node.config, line->arena), link, line->arena);
}

/* A link that was made for what waits; it works when the second person has agreed. */
static void show_link(const struct command_line *line, const char *link)
{
    if (command_flag(line, "json"))
        printf("{\"link\":\"%s\"}\n", link);
    else
        printf("link   %s\n", link);
}

/* What became of an act on a user whose link was made beforehand (NULL: none). */
static struct err show_after(const struct command_line *line, struct local *local,
        const struct share_proposal *proposal, slice name, const char *link)
{
    struct user user;
    if (!proposal->done) {
        if (link != NULL)
            show_link(line, link);
        return OK;
    }
    TRY(store_user_find(local->db, name, line->arena, &user));
    return show(line, local, &user, link, line->arena);
}

/* With a second person, users choose their password themselves: nobody is asked to agree to one. */
static struct err add_by_two(const struct command_line *line, struct local *local, const struct people_new *new,
        slice detail, const struct token *link)
{
    struct share_proposal proposal;
    if (command_text(line, "password-file") != NULL)
        return err_make(ERR_INPUT, "who is added with a second person gets a link; leave out --password-file");
    TRY(sharing_do(line, local, "user.add", S("user"), detail, &proposal));
    return show_after(line, local, &proposal, new->name, link_of(line, local, link));
}

static struct err add_alone(const struct command_line *line, struct local *local, struct people_new *new)
{
    struct user user;
    struct token link;
    int64_t number;
    TRY(hash_of(line, new->name, &new->password_hash));
    TRY(people_add(local->db, &local->actor, new, line->arena, &number, &link));
    TRY(store_user_get(local->db, number, line->arena, &user));
    bool invited = new->password_hash.len == 0;
    return show(line, local, &user, invited ? link_of(line, local, &link) : NULL, line->arena);
}

static struct err add(const struct command_line *line, struct local *local)
{
    const char *organisation = command_text(line, "organisation");
    struct people_new new = {.name = slice_of(line->files[1])};
    struct token link = token_new();
    slice detail;
    bool second;
    if (organisation != NULL)
        new.organisation = slice_of(organisation);
    TRY(roles_of(line, &new.roles));
    const struct user_put put = {.name = new.name, .roles = new.roles};
    TRY(people_user_detail(&put, new.organisation, &link, line->arena, &detail));
    TRY(share_needs_second(local->db, &local->actor, "user.add", S("user"), detail, line->arena, &second));
    return second ? add_by_two(line, local, &new, detail, &link) : add_alone(line, local, &new);
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

/* ---- Verbs on one that is there ---- */

static struct err named(const struct command_line *line, struct local *local, struct user *user)
{
    struct err err = store_user_find(local->db, slice_of(line->files[1]), line->arena, user);
    if (err.kind == ERR_MISSING)
        return err_format(
                line->arena, ERR_MISSING, "there is no user %s; `kentongan user list` shows them", line->files[1]);
    return err;
}

/* What was done, and how the user is now. */
static struct err show_again(const struct command_line *line, struct local *local, int64_t number, const char *link)
{
    struct user user;
    TRY(store_user_get(local->db, number, line->arena, &user));
    return show(line, local, &user, link, line->arena);
}

static slice subject_of(const struct command_line *line, const struct user *user)
{
    return slice_of(arena_printf(line->arena, "user/%lld", (long long)user->number));
}

/* An act of src/app/acts.c on the user that was named. */
static struct err act_on(
        const struct command_line *line, struct local *local, const char *act, slice detail, const struct token *link)
{
    struct share_proposal proposal;
    struct user user;
    TRY(named(line, local, &user));
    TRY(sharing_do(line, local, act, subject_of(line, &user), detail, &proposal));
    return show_after(line, local, &proposal, user.name, link == NULL ? NULL : link_of(line, local, link));
}

static struct err roles(const struct command_line *line, struct local *local)
{
    struct user_put put = {0};
    slice detail;
    TRY(roles_of(line, &put.roles));
    TRY(people_user_detail(&put, S(""), NULL, line->arena, &detail));
    return act_on(line, local, "user.roles", detail, NULL);
}

static struct err reset(const struct command_line *line, struct local *local)
{
    const struct user_put none = {0};
    struct token link = token_new();
    slice detail;
    TRY(people_user_detail(&none, S(""), &link, line->arena, &detail));
    return act_on(line, local, "user.reset", detail, &link);
}

/* Stopping somebody waits for nobody. */
static struct err lock(const struct command_line *line, struct local *local)
{
    struct user user;
    TRY(named(line, local, &user));
    TRY(people_user_lock(local->db, &local->actor, user.number, line->arena));
    return show_again(line, local, user.number, NULL);
}

static struct err unlock(const struct command_line *line, struct local *local)
{
    return act_on(line, local, "user.unlock", S("{}"), NULL);
}

static struct err close_user(const struct command_line *line, struct local *local)
{
    return act_on(line, local, "user.close", S("{}"), NULL);
}

static struct err second_factor(const struct command_line *line, struct local *local)
{
    if (!command_flag(line, "off"))
        return err_make(ERR_INPUT,
                "a second factor is made by its user, in the console; --off takes it from who lost their device");
    return act_on(line, local, "user.factor-off", S("{}"), NULL);
}

/* ---- Certificates ---- */

static void show_certificate(const struct command_line *line, const struct certificate_row *row)
{
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    if (command_flag(line, "json")) {
        json_write_object(&w);
        json_write_key_hex(&w, S("fingerprint"), sha256_slice(&row->fingerprint));
        json_write_key_text(&w, S("subject"), row->subject);
        json_write_key(&w, S("expires"));
        json_write_time(&w, row->expires_us);
        json_write_end(&w);
    } else {
        buf_hex(&buf, sha256_slice(&row->fingerprint));
        buf_printf(&buf, "\t%.*s\t", (int)row->subject.len, row->subject.ptr);
        time_write(&buf, row->expires_us);
    }
    put_row(&buf);
}

static struct err certificate_add(const struct command_line *line, struct local *local, const struct user *user)
{
    struct certificate certificate;
    TRY(certificate_read(command_text(line, "add"), line->arena, &certificate));
    const struct certificate_row put = {.fingerprint = certificate.fingerprint,
            .person = user->number,
            .subject = certificate.subject,
            .expires_us = certificate.expires_us};
    struct share_proposal proposal;
    slice detail;
    TRY(people_certificate_detail(&put, line->arena, &detail));
    TRY(sharing_do(line, local, "user.certificate-add", subject_of(line, user), detail, &proposal));
    if (proposal.done)
        show_certificate(line, &put);
    return OK;
}

/* As openssl writes it, with colons, too. */
static bool fingerprint_read(slice text, struct sha256 *fingerprint)
{
    size_t digits = 0;
    struct sha256 read = {0};
    for (size_t i = 0; i < text.len; i++) {
        int digit = byte_hex(text.ptr[i]);
        if (text.ptr[i] == ':')
            continue;
        if (digit < 0 || digits == 2 * sizeof read.bytes)
            return false;
        read.bytes[digits / 2] = (uint8_t)(read.bytes[digits / 2] << 4 | digit);
        digits++;
    }
    *fingerprint = read;
    return digits == 2 * sizeof read.bytes;
}

static struct err certificate_remove(const struct command_line *line, struct local *local, const struct user *user)
{
    struct certificate_row gone = {.person = user->number};
    struct share_proposal proposal;
    if (!fingerprint_read(slice_of(command_text(line, "remove")), &gone.fingerprint))
        return err_make(ERR_INPUT, "--remove takes a SHA-256 fingerprint, as `user certificate NAME` shows it");
    slice detail;
    TRY(people_certificate_detail(&gone, line->arena, &detail));
    return sharing_do(line, local, "user.certificate-drop", subject_of(line, user), detail, &proposal);
}

static struct err certificates(const struct command_line *line, struct local *local)
{
    struct certificate_row *rows;
    struct user user;
    size_t count;
    TRY(named(line, local, &user));
    if (command_text(line, "add") != NULL)
        return certificate_add(line, local, &user);
    if (command_text(line, "remove") != NULL)
        return certificate_remove(line, local, &user);
    TRY(store_right_check(&local->actor, VERB_READ_ACCESS, user.organisation, line->arena, NULL));
    TRY(store_certificate_list(local->db, user.number, line->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        show_certificate(line, &rows[i]);
    return OK;
}

/* ---- Sessions ---- */

static void show_session(const struct command_line *line, const struct session *row)
{
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    if (command_flag(line, "json")) {
        json_write_object(&w);
        json_write_key_u64(&w, S("number"), (uint64_t)row->number);
        json_write_key_text(&w, S("how"), slice_of(store_how_name(row->how)));
        json_write_key(&w, S("half"));
        json_write_bool(&w, row->half);
        json_write_key_text(&w, S("from"), row->from);
        json_write_key_text(&w, S("agent"), row->agent);
        json_write_key(&w, S("opened"));
        json_write_time(&w, row->made_us);
        json_write_key(&w, S("seen"));
        json_write_time(&w, row->seen_us);
        json_write_end(&w);
    } else {
        buf_printf(&buf, "%lld\t%s%s\t%.*s\tseen ", (long long)row->number, row->half ? "half: " : "",
                store_how_name(row->how), (int)row->from.len, row->from.ptr);
        time_write(&buf, row->seen_us);
        buf_printf(&buf, "\t%.*s", (int)row->agent.len, row->agent.ptr);
    }
    put_row(&buf);
}

static struct err sessions(const struct command_line *line, struct local *local)
{
    int64_t rest_us = (int64_t)local->node.config.people.rest_ms * US_PER_MS;
    struct session *rows;
    struct user user;
    size_t count;
    uint64_t ended;
    TRY(named(line, local, &user));
    if (command_flag(line, "end"))
        return people_session_end_all(local->db, &local->actor, user.number, 0, line->arena, &ended);
    TRY(people_session_list(local->db, NULL, &local->actor, user.number, line->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (clock_now_us() - rows[i].seen_us < rest_us)
            show_session(line, &rows[i]);
    return OK;
}

/* ---- The command ---- */

static const struct local_verb verbs[] = {
        {"add", 2, add},
        {"list", 1, list},
        {"roles", 2, roles},
        {"reset", 2, reset},
        {"lock", 2, lock},
        {"unlock", 2, unlock},
        {"close", 2, close_user},
        {"sessions", 2, sessions},
        {"second-factor", 2, second_factor},
        {"certificate", 2, certificates},
};

static int user(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `user add NAME --role ROLE`, `user list`, `user roles NAME --role ROLE`, "
            "`user reset|lock|unlock|close NAME`, `user sessions NAME [--end]`, `user second-factor NAME --off` or "
            "`user certificate NAME [--add FILE|--remove FINGERPRINT]`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTION_PERSON,
        OPTION_REASON,
        OPTION_EMERGENCY,
        {0, "role", "ROLE", "What the user may do; may be repeated"},
        {0, "password-file", "FILE",
                "File that holds the password; - is standard input (default: a link that works once)"},
        {0, "organisation", "NAME", "The organisation that the user belongs to (default: the node's own)"},
        {0, "end", NULL, "sessions: end them instead of listing them"},
        {0, "off", NULL, "second-factor: take it from a user who lost the device"},
        {0, "add", "FILE", "certificate: the user is known by this one, too (PEM)"},
        {0, "remove", "FINGERPRINT", "certificate: and no longer by this one (SHA-256)"},
        OPTION_JSON,
};

const struct command command_user = {
        .name = "user",
        .arguments = "add|roles|reset|lock|unlock|close|sessions|second-factor|certificate NAME, list",
        .about = "Add users to a node, list them, lock them, give them a new password",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = user,
};
