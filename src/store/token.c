/* SPDX-License-Identifier: Apache-2.0 */
#include "store/token.h"

#include "base/arena.h"
#include "base/clock.h"
#include "store/page.h"

#define COLUMNS "SELECT number, person, name, scopes, made_us, ends_us, used_us, revoked FROM token "

static const struct {
    const char *name;
    enum scope scope;
} names[] = {
        {"read", SCOPE_READ},
        {"write", SCOPE_WRITE},
        {"taxii", SCOPE_TAXII},
        {"match", SCOPE_MATCH},
        {"metrics", SCOPE_METRICS},
        {"events", SCOPE_EVENTS},
};

/* ---- Scopes as words: a database that outlives the program does not know our numbers ---- */

slice store_scopes_name(unsigned scopes, struct arena *arena)
{
    const char *text = "";
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if ((scopes & names[i].scope) != 0)
            text = arena_printf(arena, "%s%s%s", text, text[0] == '\0' ? "" : " ", names[i].name);
    return slice_of(text);
}

static unsigned scope_find(slice name)
{
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (slice_eq(name, slice_of(names[i].name)))
            return names[i].scope;
    return 0;
}

bool store_scopes_find(slice text, unsigned *scopes)
{
    unsigned found = 0;
    for (size_t at = 0; at < text.len;) {
        size_t end = at;
        while (end < text.len && text.ptr[end] != ' ' && text.ptr[end] != ',')
            end++;
        unsigned scope = scope_find(slice_part(text, at, end));
        if (end > at && scope == 0)
            return false;
        found |= scope;
        at = end + 1;
    }
    if (found != 0)
        *scopes = found;
    return found != 0;
}

static void token_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct token_row *token = row;
    *token = (struct token_row){
            .number = db_number(rows, 0),
            .person = db_number(rows, 1),
            .name = arena_copy(arena, db_slice(rows, 2)),
            .made_us = db_number(rows, 4),
            .ends_us = db_number(rows, 5),
            .used_us = page_time(rows, 6),
            .revoked = db_number(rows, 7) != 0,
    };
    (void)store_scopes_find(db_slice(rows, 3), &token->scopes);
}

/* ---- Changing ---- */

struct err store_token_add(struct work *work, const struct token_put *put, int64_t *number)
{
    static const char GOOD[] = "SELECT count(*) FROM token WHERE person = $1 AND revoked = 0 AND ends_us > $2";
    static const char ADD[] = "INSERT INTO token (number, secret, person, name, scopes, made_us, ends_us, used_us, "
                              "revoked) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, 0)";
    int64_t fresh, good;
    TRY(store_text_check(work->arena, "name of the token", put->name, STORE_NAME_MAX));
    TRY(db_one(work->db, GOOD, (struct db_value[]){db_i64(put->person), db_i64(work->now_us)}, 2, 0, &good));
    if (good >= TOKENS_MAX)
        return err_format(work->arena, ERR_LIMIT, "the user has %d tokens; revoke one that is not used", TOKENS_MAX);
    TRY(store_number(work->db, "token", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_bytes(sha256_slice(put->secret)), db_i64(put->person),
            db_text(put->name), db_text(store_scopes_name(put->scopes, work->arena)), db_i64(work->now_us),
            db_i64(put->ends_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    *number = fresh;
    return OK;
}

struct err store_token_revoke(struct work *work, int64_t number)
{
    static const char REVOKE[] =
            "UPDATE token SET revoked = 1, ends_us = $2 WHERE number = $1 AND revoked = 0 AND ends_us > $2";
    uint64_t changed;
    TRY(db_run(work->db, REVOKE, (struct db_value[]){db_i64(number), db_i64(work->now_us)}, 2, &changed));
    return changed > 0 ? OK : err_make(ERR_CONFLICT, "this token does not work any more as it is");
}

struct err store_token_revoke_all(struct work *work, int64_t person, uint64_t *revoked_count)
{
    static const char REVOKE[] =
            "UPDATE token SET revoked = 1, ends_us = $2 WHERE person = $1 AND revoked = 0 AND ends_us > $2";
    return db_run(work->db, REVOKE, (struct db_value[]){db_i64(person), db_i64(work->now_us)}, 2, revoked_count);
}

struct err store_token_used(struct db *db, int64_t number, int64_t used_us)
{
    static const char USED[] = "UPDATE token SET used_us = $2 WHERE number = $1";
    return db_run(db, USED, (struct db_value[]){db_i64(number), db_i64(used_us)}, 2, NULL);
}

/* ---- Reading ---- */

struct err store_token_find(struct db *db, const struct sha256 *secret, struct arena *arena, struct token_row *token)
{
    static const char FIND[] = COLUMNS "WHERE secret = $1";
    struct page page = page_of(struct token_row, FIND, token_read, 1);
    const struct db_value values[] = {db_bytes(sha256_slice(secret))};
    return page_get(db, &page, values, 1, arena, token, "there is no such token");
}

struct err store_token_get(struct db *db, int64_t number, struct arena *arena, struct token_row *token)
{
    static const char GET[] = COLUMNS "WHERE number = $1";
    struct page page = page_of(struct token_row, GET, token_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, token, "there is no such token");
}

struct err store_token_list(struct db *db, int64_t person, int64_t after, size_t count, struct arena *arena,
        struct token_row **rows, size_t *row_count)
{
    static const char ALL[] = COLUMNS "WHERE number > $1 ORDER BY number LIMIT $2";
    static const char OF[] = COLUMNS "WHERE person = $1 AND number > $2 ORDER BY number LIMIT $3";
    struct page page = page_of(struct token_row, person == 0 ? ALL : OF, token_read, count);
    const struct db_value values[] = {db_i64(person), db_i64(after)};
    size_t first = person == 0 ? 1 : 0;
    return page_read(db, &page, values + first, COUNT_OF(values) - first, arena, (void **)rows, row_count);
}
