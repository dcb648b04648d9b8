/* SPDX-License-Identifier: Apache-2.0 */
#include "people/token.h"

#include <sodium.h>

#include "base/arena.h"
#include "base/clock.h"
#include "people/doorkeeper.h"
#include "people/user.h"
#include "json/read.h"
#include "json/write.h"

#define DETAIL_MAX 4096

static struct err tell(struct work *work, const char *act, const struct token_row *token)
{
    struct buf detail = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_u64(&w, S("token"), (uint64_t)token->number);
    json_write_key_text(&w, S("name"), token->name);
    json_write_key_text(&w, S("scopes"), store_scopes_name(token->scopes, work->arena));
    json_write_key(&w, S("ends"));
    json_write_time(&w, token->ends_us);
    json_write_end(&w);
    struct err err = store_work_news(work, act, people_subject(token->person, work->arena), buf_slice(&detail));
    buf_free(&detail);
    return err;
}

/* ---- Adding ---- */

struct adding {
    const struct people_token_new *new;
    struct people_token token;
    int64_t number;
};

/* To the user who is held. */
static struct err add_it(struct work *work, const struct user *user, const struct token_row *row,
        const struct sha256 *secret, int64_t *number)
{
    struct token_row added = *row;
    if (user->state == USER_CLOSED)
        return err_make(ERR_CONFLICT, "the user is closed");
    const struct token_put put = {user->number, row->name, row->scopes, secret, row->ends_us};
    TRY(store_token_add(work, &put, &added.number));
    added.person = user->number;
    *number = added.number;
    return tell(work, "token.added", &added);
}

static struct err add(struct work *work, void *context)
{
    struct adding *adding = context;
    const struct people_token_new *new = adding->new;
    struct sha256 secret = token_hash(slice_of(adding->token.text));
    struct user user;
    struct token_row row = {.name = new->name, .scopes = new->scopes};
    TRY(people_may(work->db, work->actor, new->user, VERB_CHANGE_USERS, work->arena));
    TRY(store_user_hold(work, new->user, &user));
    row.ends_us = work->now_us + (new->life_us == 0 ? PEOPLE_TOKEN_US : new->life_us);
    return add_it(work, &user, &row, &secret, &adding->number);
}

static struct people_token token_make(void)
{
    struct people_token made = {PEOPLE_TOKEN_PREFIX};
    struct token token = token_new();
    memcpy(made.text + sizeof PEOPLE_TOKEN_PREFIX - 1, token.text, sizeof token.text);
    sodium_memzero(&token, sizeof token);
    return made;
}

static struct err new_check(unsigned scopes, int64_t life_us)
{
    if (scopes == 0 || (scopes & ~(unsigned)SCOPE_ALL) != 0)
        return err_make(ERR_INPUT, "a token is for one or more of read, write, taxii, match, metrics, events");
    return life_us >= 0 && life_us <= PEOPLE_TOKEN_US_MAX ? OK
                                                          : err_make(ERR_INPUT, "a token lives five years at the most");
}

struct err people_token_add(struct db *db, const struct actor *actor, const struct people_token_new *new,
        struct arena *arena, int64_t *number, struct people_token *token)
{
    struct adding adding = {.new = new, .token = token_make()};
    TRY(new_check(new->scopes, new->life_us));
    TRY(people_kept(store_work(db, actor, arena, add, &adding), arena));
    *number = adding.number;
    *token = adding.token;
    return OK;
}

/* ---- By two persons ---- */

struct err people_token_detail(
        const struct people_token_new *new, struct arena *arena, struct people_token *token, slice *detail)
{
    struct buf buf = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&buf);
    TRY(new_check(new->scopes, new->life_us));
    *token = token_make();
    struct sha256 secret = token_hash(slice_of(token->text));
    json_write_object(&w);
    json_write_key_hex(&w, S("token"), sha256_slice(&secret));
    json_write_key_text(&w, S("name"), new->name);
    json_write_key_text(&w, S("scopes"), store_scopes_name(new->scopes, arena));
    json_write_key(&w, S("ends"));
    json_write_time(&w, clock_now_us() + (new->life_us == 0 ? PEOPLE_TOKEN_US : new->life_us));
    json_write_end(&w);
    struct err err = buf_check(&buf);
    *detail = arena_copy(arena, buf_slice(&buf));
    buf_free(&buf);
    return err;
}

static struct err proposed_read(slice detail, struct arena *arena, struct token_row *row, struct sha256 *secret)
{
    row->name = json_text(json_get(detail, S("name")), arena);
    if (!slice_hex(json_text(json_get(detail, S("token")), arena), secret->bytes, sizeof secret->bytes))
        return err_make(ERR_INPUT, "the hash of the token is not 64 hexadecimal digits");
    if (!store_scopes_find(json_text(json_get(detail, S("scopes")), arena), &row->scopes))
        row->scopes = 0;
    return time_parse(json_text(json_get(detail, S("ends")), arena), &row->ends_us)
                   ? OK
                   : err_make(ERR_INPUT, "\"ends\" says when the token ends, as 2027-01-15T12:00:00Z");
}

struct err people_token_do_add(struct work *work, slice subject, slice detail)
{
    struct token_row row = {0};
    struct sha256 secret;
    struct user user;
    int64_t number;
    TRY(people_user_of(work, subject, &user));
    TRY(proposed_read(detail, work->arena, &row, &secret));
    if (row.ends_us <= work->now_us)
        return err_make(ERR_CONFLICT, "the token would have ended by now");
    TRY(new_check(row.scopes, row.ends_us - work->now_us));
    return add_it(work, &user, &row, &secret, &number);
}

/* ---- Others ---- */

struct err people_token_list(struct db *db, const struct actor *actor, int64_t user, int64_t after, size_t count,
        struct arena *arena, struct token_row **rows, size_t *row_count)
{
    TRY(people_may(db, actor, user, VERB_READ_ACCESS, arena));
    return store_token_list(db, user, after, count, arena, rows, row_count);
}

static struct err revoke(struct work *work, void *context)
{
    int64_t number = *(const int64_t *)context;
    struct token_row token;
    TRY(store_token_get(work->db, number, work->arena, &token));
    struct err err = people_may(work->db, work->actor, token.person, VERB_STOP_USERS, work->arena);
    if (err.kind == ERR_DENIED)
        return err_make(ERR_MISSING, "there is no such token");
    TRY(err);
    TRY(store_token_revoke(work, number));
    token.ends_us = work->now_us;
    return tell(work, "token.revoked", &token);
}

struct err people_token_revoke(struct db *db, const struct actor *actor, int64_t number, struct arena *arena)
{
    return people_kept(store_work(db, actor, arena, revoke, &number), arena);
}
