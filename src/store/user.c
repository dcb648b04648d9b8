/* SPDX-License-Identifier: Apache-2.0 */
#include "store/user.h"

#include "base/arena.h"
#include "base/clock.h"
#include "store/page.h"

#define ROLES_TEXT_MAX 256

static const char *const states[] = {
        [USER_INVITED] = "invited",
        [USER_ACTIVE] = "active",
        [USER_LOCKED] = "locked",
        [USER_CLOSED] = "closed",
};
/* From the state of the row to that of the column, besides what a password does. Closed is the end. */
static const bool ways[4][4] = {
        [USER_INVITED] = {[USER_LOCKED] = true, [USER_CLOSED] = true},
        [USER_ACTIVE] = {[USER_LOCKED] = true, [USER_CLOSED] = true},
        [USER_LOCKED] = {[USER_INVITED] = true, [USER_ACTIVE] = true, [USER_CLOSED] = true},
};

const char *store_user_state_name(enum user_state state)
{
    return states[state];
}

static enum user_state state_find(slice name)
{
    size_t at = 0;
    while (at < USER_CLOSED && !slice_eq(name, slice_of(states[at])))
        at++;
    return (enum user_state)at;
}

/* ---- Roles as words between blanks: a database that outlives the program does not know our numbers ---- */

static slice roles_write(uint32_t roles, struct arena *arena)
{
    struct buf text = buf_make(ROLES_TEXT_MAX);
    for (enum role role = 0; role < ROLES; role++)
        if ((roles >> role & 1) != 0) {
            if (text.len > 0)
                buf_byte(&text, ' ');
            buf_put(&text, slice_of(store_role_name(role)));
        }
    slice written = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return written;
}

static uint32_t roles_read(slice text)
{
    uint32_t roles = 0;
    slice word;
    while (text.len > 0 && slice_next(&text, ' ', &word))
        if (store_role_find(word) < ROLE_LOCAL)
            roles |= 1u << store_role_find(word);
    return roles;
}

/* ---- Reading ---- */

#define COLUMNS                                                                                                        \
    "SELECT number, organisation, name, roles, password_hash, state, added_us, password_us, language, zone, "          \
    "CASE WHEN EXISTS (SELECT 1 FROM second_factor f WHERE f.person = person.number AND f.confirmed_us IS NOT NULL) "  \
    "THEN 1 ELSE 0 END, "                                                                                              \
    "CASE WHEN EXISTS (SELECT 1 FROM organisation o WHERE o.number = person.organisation AND o.relation <> 'own' "     \
    "AND o.state IN ('suspended', 'closed')) THEN 1 ELSE 0 END, "                                                      \
    "(SELECT t.ended_us FROM partner t WHERE t.organisation = person.organisation) FROM person "

static void user_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct user *)row = (struct user){
            .number = db_number(rows, 0),
            .organisation = db_number(rows, 1),
            .name = arena_copy(arena, db_slice(rows, 2)),
            .roles = roles_read(db_slice(rows, 3)),
            .password_hash = arena_copy(arena, db_slice(rows, 4)),
            .state = state_find(db_slice(rows, 5)),
            .added_us = db_number(rows, 6),
            .password_us = page_time(rows, 7),
            .language = arena_copy(arena, db_slice(rows, 8)),
            .zone = arena_copy(arena, db_slice(rows, 9)),
            .second_factor = db_number(rows, 10) != 0,
            .suspended = db_number(rows, 11) != 0,
            .ends_us = page_time(rows, 12),
    };
}

struct err store_user_get(struct db *db, int64_t number, struct arena *arena, struct user *user)
{
    static const char GET[] = COLUMNS "WHERE number = $1";
    struct page page = page_of(struct user, GET, user_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, user, "there is no such user");
}

struct err store_user_find(struct db *db, slice name, struct arena *arena, struct user *user)
{
    static const char FIND[] = COLUMNS "WHERE name = $1";
    struct page page = page_of(struct user, FIND, user_read, 1);
    return page_get(db, &page, (struct db_value[]){db_text(name)}, 1, arena, user, "there is no user of that name");
}

struct err store_user_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct user **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE number > $1 ORDER BY number LIMIT $2";
    struct page page = page_of(struct user, LIST, user_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(after)}, 1, arena, (void **)rows, row_count);
}

/* ---- Changing ---- */

/* "@" at the front is for followers, and for addresses of people nowhere a name. */
static struct err name_check(struct arena *arena, slice name)
{
    TRY(store_text_check(arena, "name of the user", name, STORE_NAME_MAX));
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool good = byte_is_digit(c) || (byte_lower(c) >= 'a' && byte_lower(c) <= 'z') ||
                    (c != '\0' && strchr(".-_", c) != NULL) || (c == '@' && i > 0);
        if (!good)
            return err_format(arena, ERR_INPUT,
                    "the name of a user is letters, digits and . - _ @ (not at the front): \"%.*s\"", (int)name.len,
                    name.ptr);
    }
    /* "local" is in the journal who acts on the node's machine. */
    return slice_eq_fold(name, S("local")) ? err_make(ERR_INPUT, "a user cannot be called local") : OK;
}

static struct err roles_check(uint32_t roles)
{
    return roles >> ROLE_LOCAL == 0 ? OK : err_make(ERR_INPUT, "no user can have that role");
}

struct err store_user_add(struct work *work, const struct user_put *put, int64_t *number)
{
    static const char ADD[] =
            "INSERT INTO person (number, organisation, name, roles, password_hash, state, added_us, password_us) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name) DO NOTHING";
    static const char ORGANISATION[] = "SELECT number FROM organisation WHERE number = $1";
    bool invited = put->password_hash.len == 0 && !put->program;
    uint64_t changed;
    int64_t fresh, organisation;
    TRY(name_check(work->arena, put->name));
    TRY(roles_check(put->roles));
    TRY(db_one(work->db, ORGANISATION, (struct db_value[]){db_i64(put->organisation)}, 1, 0, &organisation));
    if (organisation == 0)
        return err_make(ERR_MISSING, "there is no such organisation");
    TRY(store_number(work->db, "user", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_i64(organisation), db_text(put->name),
            db_text(roles_write(put->roles, work->arena)), db_text(put->password_hash),
            db_text(slice_of(states[invited ? USER_INVITED : USER_ACTIVE])), db_i64(work->now_us),
            put->password_hash.len == 0 ? db_null() : db_i64(work->now_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), &changed));
    if (changed == 0)
        return err_format(
                work->arena, ERR_CONFLICT, "there is a user \"%.*s\" already", (int)put->name.len, put->name.ptr);
    *number = fresh;
    return OK;
}

static struct err there_was(uint64_t changed)
{
    return changed > 0 ? OK : err_make(ERR_MISSING, "there is no such user, or it is closed");
}

struct err store_user_roles(struct work *work, int64_t number, uint32_t roles)
{
    static const char CHANGE[] = "UPDATE person SET roles = $2 WHERE number = $1 AND state <> 'closed'";
    uint64_t changed;
    TRY(roles_check(roles));
    const struct db_value values[] = {db_i64(number), db_text(roles_write(roles, work->arena))};
    TRY(db_run(work->db, CHANGE, values, COUNT_OF(values), &changed));
    return there_was(changed);
}

struct err store_user_password(struct work *work, int64_t number, slice password_hash)
{
    static const char CHANGE[] = "UPDATE person SET password_hash = $2, password_us = $3, "
                                 "state = CASE WHEN state = 'invited' THEN 'active' ELSE state END "
                                 "WHERE number = $1 AND state <> 'closed'";
    uint64_t changed;
    TRY(store_text_check(work->arena, "hash of the password", password_hash, STORE_TEXT_MAX));
    const struct db_value values[] = {db_i64(number), db_text(password_hash), db_i64(work->now_us)};
    TRY(db_run(work->db, CHANGE, values, COUNT_OF(values), &changed));
    return there_was(changed);
}

struct err store_user_state(struct work *work, int64_t number, enum user_state state)
{
    static const char CHANGE[] = "UPDATE person SET state = $2, "
                                 "password_hash = CASE WHEN CAST($2 AS TEXT) = 'closed' THEN '' ELSE password_hash END "
                                 "WHERE number = $1 AND state = $3";
    static const char LINKS[] = "DELETE FROM link WHERE person = $1";
    struct user there;
    uint64_t changed;
    TRY(store_user_get(work->db, number, work->arena, &there));
    /* Who never had a password is invited again, not active. */
    bool possible = state != USER_ACTIVE || there.password_hash.len > 0;
    if (!ways[there.state][state] || !possible)
        return err_format(
                work->arena, ERR_CONFLICT, "a user who is %s cannot become %s", states[there.state], states[state]);
    const struct db_value values[] = {
            db_i64(number), db_text(slice_of(states[state])), db_text(slice_of(states[there.state]))};
    TRY(db_run(work->db, CHANGE, values, COUNT_OF(values), &changed));
    if (changed == 0)
        return err_make(ERR_CONFLICT, "the user's state was changed meanwhile");
    return state == USER_CLOSED ? db_run(work->db, LINKS, values, 1, NULL) : OK;
}

struct err store_user_taste(struct work *work, int64_t number, slice language, slice zone)
{
    static const char CHANGE[] = "UPDATE person SET language = $2, zone = $3 WHERE number = $1 AND state <> 'closed'";
    const struct db_value values[] = {db_i64(number), db_text(language), db_text(zone)};
    uint64_t changed;
    if (language.len > 0)
        TRY(store_text_check(work->arena, "language", language, STORE_NAME_MAX));
    if (zone.len > 0)
        TRY(store_text_check(work->arena, "time zone", zone, STORE_NAME_MAX));
    TRY(db_run(work->db, CHANGE, values, COUNT_OF(values), &changed));
    return there_was(changed);
}

struct err store_user_hold(struct work *work, int64_t number, struct user *user)
{
    /* Changes nothing, and makes who changes that row wait for us, and us for them. */
    static const char HOLD[] = "UPDATE person SET state = state WHERE number = $1";
    TRY(db_run(work->db, HOLD, (struct db_value[]){db_i64(number)}, 1, NULL));
    return store_user_get(work->db, number, work->arena, user);
}

struct err store_user_sure(struct db *db, int64_t but, uint32_t *roles)
{
    /* Few have either, and fewer words say what they may. */
    static const char SURE[] =
            "SELECT DISTINCT roles FROM person WHERE state <> 'closed' AND number <> $1 AND number IN "
            "(SELECT person FROM second_factor WHERE confirmed_us IS NOT NULL UNION SELECT person FROM certificate)";
    struct db_rows *rows;
    TRY(db_query(db, SURE, (struct db_value[]){db_i64(but)}, 1, &rows));
    *roles = 0;
    while (db_next(rows))
        *roles |= roles_read(db_slice(rows, 0));
    return db_done(rows);
}

/* ---- One-time links ---- */

struct err store_link_add(
        struct work *work, int64_t user, slice purpose, const struct sha256 *secret, int64_t expires_us)
{
    static const char OPEN[] = "SELECT count(*) FROM link WHERE person = $1 AND used_us IS NULL AND expires_us > $2";
    static const char ADD[] = "INSERT INTO link (secret, person, purpose, made_us, expires_us, used_us) "
                              "VALUES ($1, $2, $3, $4, $5, NULL)";
    struct user there;
    int64_t open;
    TRY(store_text_check(work->arena, "purpose of the link", purpose, STORE_NAME_MAX));
    TRY(store_user_get(work->db, user, work->arena, &there));
    if (there.state == USER_CLOSED)
        return err_make(ERR_CONFLICT, "the user is closed");
    TRY(db_one(work->db, OPEN, (struct db_value[]){db_i64(user), db_i64(work->now_us)}, 2, 0, &open));
    if (open >= USER_LINKS_MAX)
        return err_format(work->arena, ERR_LIMIT, "the user has %d links that were not used", USER_LINKS_MAX);
    const struct db_value values[] = {
            db_bytes(sha256_slice(secret)), db_i64(user), db_text(purpose), db_i64(work->now_us), db_i64(expires_us)};
    return db_run(work->db, ADD, values, COUNT_OF(values), NULL);
}

struct err store_link_use(struct work *work, slice purpose, const struct sha256 *secret, int64_t *user)
{
    /* One statement decides, so that of two who come at once one is late. */
    static const char USE[] =
            "UPDATE link SET used_us = $3 WHERE secret = $1 AND purpose = $2 AND used_us IS NULL AND expires_us > $3 "
            "AND person IN (SELECT number FROM person WHERE state IN ('invited', 'active')) RETURNING person";
    const struct db_value values[] = {db_bytes(sha256_slice(secret)), db_text(purpose), db_i64(work->now_us)};
    int64_t person;
    TRY(db_one(work->db, USE, values, COUNT_OF(values), 0, &person));
    if (person == 0)
        return err_make(ERR_AUTH, "this link does not work: it was used, is too old, or never was");
    *user = person;
    return OK;
}

static void link_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct link *)row = (struct link){
            .person = db_number(rows, 0),
            .purpose = arena_copy(arena, db_slice(rows, 1)),
            .expires_us = db_number(rows, 2),
    };
}

struct err store_link_find(
        struct db *db, const struct sha256 *secret, int64_t now_us, struct arena *arena, struct link *link)
{
    static const char FIND[] =
            "SELECT person, purpose, expires_us FROM link WHERE secret = $1 AND used_us IS NULL AND expires_us > $2";
    struct page page = page_of(struct link, FIND, link_read, 1);
    const struct db_value values[] = {db_bytes(sha256_slice(secret)), db_i64(now_us)};
    return page_get(db, &page, values, COUNT_OF(values), arena, link,
            "this link does not work: it was used, is too old, or never was");
}

struct err store_link_drop(struct work *work, int64_t user)
{
    static const char DROP[] = "DELETE FROM link WHERE person = $1 AND used_us IS NULL";
    return db_run(work->db, DROP, (struct db_value[]){db_i64(user)}, 1, NULL);
}
