/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan token: by what programs are known to a node. A token is shown once, when it is made. */
#include "app/local.h"
#include "app/options.h"
#include "app/person.h"
#include "app/sharing.h"
#include "base/clock.h"
#include "people/token.h"
#include "json/write.h"

#define ROW_MAX (64u << 10)
#define US_PER_MS 1000

/* ---- What is shown ---- */

static void put_scopes(struct json_writer *w, slice scopes)
{
    slice scope;
    json_write_key(w, S("scopes"));
    json_write_array(w);
    while (scopes.len > 0 && slice_next(&scopes, ' ', &scope))
        json_write_text(w, scope);
    json_write_end(w);
}

static const char *state_of(const struct token_row *row)
{
    return row->revoked ? "revoked" : clock_now_us() < row->ends_us ? "good" : "expired";
}

static void show_json(struct buf *buf, const struct token_row *row, slice user, slice scopes, const char *token)
{
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    json_write_key_u64(&w, S("number"), (uint64_t)row->number);
    json_write_key_text(&w, S("name"), row->name);
    json_write_key_text(&w, S("user"), user);
    put_scopes(&w, scopes);
    json_write_key_text(&w, S("state"), slice_of(state_of(row)));
    json_write_key(&w, S("made"));
    json_write_time(&w, row->made_us);
    json_write_key(&w, S("ends"));
    json_write_time(&w, row->ends_us);
    json_write_key(&w, S("used"));
    json_write_time(&w, row->used_us);
    if (token != NULL)
        json_write_key_text(&w, S("token"), slice_of(token));
    json_write_end(&w);
}

static void show_text(struct buf *buf, const struct token_row *row, slice user, slice scopes, const char *token)
{
    buf_printf(buf, "%lld\t%.*s\t%.*s\t%.*s\t%s\tends ", (long long)row->number, (int)row->name.len, row->name.ptr,
            (int)user.len, user.ptr, (int)scopes.len, scopes.ptr, state_of(row));
    time_write(buf, row->ends_us);
    if (row->used_us != TIME_NONE) {
        buf_put(buf, S("\tused "));
        time_write(buf, row->used_us);
    }
    if (token != NULL)
        buf_printf(buf, "\ntoken  %s", token);
}

static struct err show(const struct command_line *line, struct local *local, const struct token_row *row,
        const char *token, struct arena *arena)
{
    struct buf buf = buf_make(ROW_MAX);
    struct user user;
    TRY(store_user_get(local->db, row->person, arena, &user));
    (command_flag(line, "json") ? show_json : show_text)(
            &buf, row, user.name, store_scopes_name(row->scopes, arena), token);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
    return OK;
}

/* ---- Verbs ---- */

static struct err user_of(const struct command_line *line, struct local *local, int64_t *number)
{
    const char *name = command_text(line, "for");
    struct user user;
    *number = 0;
    if (name == NULL)
        return OK;
    struct err err = store_user_find(local->db, slice_of(name), line->arena, &user);
    if (err.kind == ERR_MISSING)
        return err_format(line->arena, ERR_MISSING, "there is no user %s; `kentongan user list` shows them", name);
    TRY(err);
    *number = user.number;
    return OK;
}

static struct err scopes_of(const struct command_line *line, unsigned *scopes)
{
    const char *text;
    size_t at = 0;
    *scopes = 0;
    while ((text = command_each(line, "scope", &at)) != NULL) {
        unsigned some;
        if (!store_scopes_find(slice_of(text), &some))
            return err_format(line->arena, ERR_INPUT,
                    "--scope takes read, write, taxii, match, metrics, events, with commas between, not %s", text);
        *scopes |= some;
    }
    return *scopes == 0 ? err_make(ERR_INPUT, "what for? --scope read,taxii") : OK;
}

static struct err life_of(const struct command_line *line, int64_t *life_us)
{
    const char *text = command_text(line, "expires");
    uint64_t ms = 0;
    *life_us = PEOPLE_TOKEN_US;
    if (text == NULL)
        return OK;
    if (!config_duration(slice_of(text), &ms) || ms == 0 || ms > (uint64_t)PEOPLE_TOKEN_US_MAX / US_PER_MS)
        return err_format(line->arena, ERR_INPUT, "--expires takes a time up to 1830d, as 90d, not %s", text);
    *life_us = (int64_t)ms * US_PER_MS;
    return OK;
}

static struct err add_own(const struct command_line *line, struct local *local, const struct people_token_new *new)
{
    struct people_token token;
    struct token_row row;
    int64_t number;
    TRY(people_token_add(local->db, &local->actor, new, line->arena, &number, &token));
    TRY(store_token_get(local->db, number, line->arena, &row));
    return show(line, local, &row, token.text, line->arena);
}

/* What waits works when the second person has agreed. */
static void show_waiting(const struct command_line *line, const char *token)
{
    if (command_flag(line, "json"))
        printf("{\"token\":\"%s\"}\n", token);
    else
        printf("token  %s\n", token);
}

static struct err add_other(const struct command_line *line, struct local *local, const struct people_token_new *new)
{
    const char *subject = arena_printf(line->arena, "user/%lld", (long long)new->user);
    struct share_proposal proposal;
    struct people_token token;
    struct token_row row;
    slice detail;
    TRY(people_token_detail(new, line->arena, &token, &detail));
    struct sha256 secret = token_hash(slice_of(token.text));
    TRY(sharing_do(line, local, "user.token", slice_of(subject), detail, &proposal));
    if (!proposal.done) {
        show_waiting(line, token.text);
        return OK;
    }
    TRY(store_token_find(local->db, &secret, line->arena, &row));
    return show(line, local, &row, token.text, line->arena);
}

static struct err add(const struct command_line *line, struct local *local)
{
    struct people_token_new new = {.name = slice_of(line->files[1])};
    TRY(user_of(line, local, &new.user));
    if (new.user == 0)
        return err_make(ERR_INPUT, "whose? --for USER: the token may do no more than that user");
    TRY(scopes_of(line, &new.scopes));
    TRY(life_of(line, &new.life_us));
    return new.user == local->actor.user ? add_own(line, local, &new) : add_other(line, local, &new);
}

/* One page and where it ended; `*after` stays at the last. */
static struct err list_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct token_row *rows;
    int64_t user;
    TRY(user_of(line, local, &user));
    TRY(people_token_list(local->db, &local->actor, user, *after, STORE_PAGE_MAX, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        TRY(show(line, local, &rows[i], NULL, arena));
        *after = rows[i].number;
    }
    return OK;
}

static struct err list(const struct command_line *line, struct local *local)
{
    return local_pages(line, local, list_page);
}

static struct err revoke(const struct command_line *line, struct local *local)
{
    struct token_row row;
    uint64_t number;
    if (!slice_u64(slice_of(line->files[1]), INT64_MAX, &number))
        return err_format(line->arena, ERR_INPUT, "`token revoke` takes the number that `token list` shows, not %s",
                line->files[1]);
    TRY(people_token_revoke(local->db, &local->actor, (int64_t)number, line->arena));
    TRY(store_token_get(local->db, (int64_t)number, line->arena, &row));
    return show(line, local, &row, NULL, line->arena);
}

static const struct local_verb verbs[] = {
        {"add", 2, add},
        {"list", 1, list},
        {"revoke", 2, revoke},
};

static int token(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `token add NAME --for USER --scope SCOPE`, `token list` or `token revoke NUMBER`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTION_PERSON,
        OPTION_REASON,
        OPTION_EMERGENCY,
        {0, "for", "USER", "Whose token it is; list: of this user only"},
        {0, "scope", "SCOPES", "What it may be used for: read, write, taxii, match, metrics, events; may be repeated"},
        {0, "expires", "TIME", "How long it works, as 30d (default: 90d)"},
        OPTION_JSON,
};

const struct command command_token = {
        .name = "token",
        .arguments = "add NAME|revoke NUMBER|list",
        .about = "Make tokens by which programs are known to a node, list them, revoke them",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = token,
};
