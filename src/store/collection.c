/* SPDX-License-Identifier: Apache-2.0 */
#include "store/collection.h"

#include "base/arena.h"
#include "base/uuid.h"
#include "store/page.h"
#include "store/source.h"
#include "json/write.h"

#define TITLE_MAX 180     /* bytes: "taxii/" and it are the name of a source */
#define STATUS_SWEEP 1000 /* old ones that go with one new */

static const char *const grantees[] = {
        [GRANTEE_USER] = "user", [GRANTEE_ORGANISATION] = "organisation", [GRANTEE_EVERYONE] = "everyone"};

const char *store_grantee_name(enum grantee kind)
{
    return grantees[kind];
}

/* ---- Reading ---- */

#define FROM " FROM collection c JOIN source s ON s.number = c.source "
#define SELECT "SELECT c.number, c.id, c.title, c.description, c.source, s.name, c.last_us, c.added_us, "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct collection *)row = (struct collection){
            .number = db_number(rows, 0),
            .id = arena_copy(arena, db_slice(rows, 1)),
            .title = arena_copy(arena, db_slice(rows, 2)),
            .description = arena_copy(arena, db_slice(rows, 3)),
            .source = db_number(rows, 4),
            .source_name = arena_copy(arena, db_slice(rows, 5)),
            .last_us = db_number(rows, 6),
            .added_us = db_number(rows, 7),
            .can_read = db_number(rows, 8) != 0,
            .can_write = db_number(rows, 9) != 0,
    };
}

struct err store_collection_get(struct db *db, int64_t number, struct arena *arena, struct collection *collection)
{
    static const char GET[] = SELECT "0, 0" FROM "WHERE c.number = $1";
    struct page page = page_of(struct collection, GET, row_read, 1);
    return page_get(
            db, &page, (struct db_value[]){db_i64(number)}, 1, arena, collection, "there is no such collection");
}

struct err store_collection_find(struct db *db, slice name, int64_t *number)
{
    static const char BY_ID[] = "SELECT number FROM collection WHERE id = $1";
    static const char BY_TITLE[] = "SELECT number FROM collection WHERE title = $1";
    int64_t found;
    TRY(db_one(db, BY_ID, (struct db_value[]){db_text(name)}, 1, 0, &found));
    if (found == 0)
        TRY(db_one(db, BY_TITLE, (struct db_value[]){db_text(name)}, 1, 0, &found));
    if (found == 0)
        return err_make(ERR_MISSING, "there is no collection of that id or title");
    *number = found;
    return OK;
}

struct err store_collection_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct collection **rows, size_t *row_count)
{
    static const char LIST[] = SELECT "0, 0" FROM "WHERE c.number > $1 ORDER BY c.number LIMIT $2";
    struct page page = page_of(struct collection, LIST, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(after)}, 1, arena, (void **)rows, row_count);
}

static void grant_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct collection_grant *grant = row;
    *grant = (struct collection_grant){
            .kind = GRANTEE_EVERYONE,
            .subject = db_number(rows, 1),
            .can_read = db_number(rows, 2) != 0,
            .can_write = db_number(rows, 3) != 0,
            .name = arena_copy(arena, db_slice(rows, 4)),
    };
    for (enum grantee kind = 0; kind < GRANTEES; kind++)
        if (slice_eq(db_slice(rows, 0), slice_of(grantees[kind])))
            grant->kind = kind;
}

struct err store_collection_grants(
        struct db *db, int64_t number, struct arena *arena, struct collection_grant **rows, size_t *row_count)
{
    static const char LIST[] =
            "SELECT g.kind, g.subject, g.can_read, g.can_write, COALESCE("
            "CASE WHEN g.kind = 'user' THEN (SELECT p.name FROM person p WHERE p.number = g.subject) "
            "WHEN g.kind = 'organisation' THEN (SELECT n.name FROM organisation_name n "
            "WHERE n.organisation = g.subject AND n.until_us IS NULL) END, 'everyone') "
            "FROM collection_grant g WHERE g.collection = $1 ORDER BY g.kind, g.subject LIMIT $2";
    struct page page = page_of(struct collection_grant, LIST, grant_read, COLLECTION_GRANTS_MAX);
    return page_read(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, (void **)rows, row_count);
}

/* ---- The view of one account ---- */

/* A grant that an actor of user $1 and organisation $2 has. Nobody is user 0 or of organisation 0 by a grant. */
#define GRANTED                                                                                                        \
    "((g.kind = 'everyone') OR (g.kind = 'user' AND g.subject = $1 AND g.subject > 0) "                                \
    "OR (g.kind = 'organisation' AND g.subject = $2 AND g.subject > 0)) "
#define MAY(what) "(SELECT max(g." what ") FROM collection_grant g WHERE g.collection = c.number AND " GRANTED ")"
#define VIEW                                                                                                           \
    SELECT MAY("can_read") ", " MAY("can_write") FROM                                                                  \
            "WHERE EXISTS (SELECT 1 FROM collection_grant g WHERE g.collection = c.number AND " GRANTED ") "

static bool is_nobody(const struct actor *actor)
{
    return actor->how == ACTOR_NOBODY;
}

/*
 * From the grants of the account to the id, never the other way: then it takes no longer to find that there is nothing
 * where there is a collection of others. `||` keeps databases from going by the index over ids.
 */
static struct err granted_find(struct db *db, const struct actor *actor, slice id, int64_t *number)
{
    static const char FIND[] = "SELECT c.number FROM collection_grant g CROSS JOIN collection c "
                               "WHERE c.number = g.collection AND " GRANTED "AND c.id || '' = $3 LIMIT 1";
    const struct db_value values[] = {db_i64(actor->user), db_i64(actor->organisation), db_text(id)};
    TRY(db_one(db, FIND, values, COUNT_OF(values), 0, number));
    return *number == 0 ? err_make(ERR_MISSING, "there is no such collection") : OK;
}

struct err store_collection_view(
        struct db *db, const struct actor *actor, slice id, struct arena *arena, struct collection *collection)
{
    static const char GET[] = VIEW "AND c.number = $3";
    int64_t number = 0;
    struct page page = page_of(struct collection, GET, row_read, 1);
    if (is_nobody(actor))
        return err_make(ERR_AUTH, "nobody is logged in who could look at a collection");
    TRY(granted_find(db, actor, id, &number));
    const struct db_value values[] = {db_i64(actor->user), db_i64(actor->organisation), db_i64(number)};
    return page_get(db, &page, values, COUNT_OF(values), arena, collection, "there is no such collection");
}

struct err store_collection_view_list(struct db *db, const struct actor *actor, int64_t after, size_t count,
        struct arena *arena, struct collection **rows, size_t *row_count)
{
    static const char LIST[] = VIEW "AND c.number > $3 ORDER BY c.number LIMIT $4";
    const struct db_value values[] = {db_i64(actor->user), db_i64(actor->organisation), db_i64(after)};
    struct page page = page_of(struct collection, LIST, row_read, count);
    if (is_nobody(actor))
        return err_make(ERR_AUTH, "nobody is logged in who could look at collections");
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_collection_may_write(struct db *db, const struct actor *actor, int64_t number)
{
    static const char MAY[] =
            "SELECT COALESCE(max(g.can_write), 0) FROM collection_grant g WHERE " GRANTED "AND g.collection = $3";
    const struct db_value values[] = {db_i64(actor->user), db_i64(actor->organisation), db_i64(number)};
    int64_t may;
    if (is_nobody(actor))
        return err_make(ERR_AUTH, "nobody is logged in who could write to a collection");
    TRY(db_one(db, MAY, values, COUNT_OF(values), 0, &may));
    return may != 0 ? OK : err_make(ERR_DENIED, "this account may not write to the collection");
}

/* ---- Changing ---- */

/* `grant` may be NULL. */
static struct err tell(
        struct work *work, const char *act, const struct collection *collection, const struct collection_grant *grant)
{
    struct buf detail = buf_make(WORK_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_u64(&w, S("collection"), (uint64_t)collection->number);
    json_write_key_u64(&w, S("source"), (uint64_t)collection->source);
    json_write_key_text(&w, S("title"), collection->title);
    if (grant != NULL) {
        json_write_key_text(&w, S("to"), slice_of(grantees[grant->kind]));
        json_write_key_u64(&w, S("number"), (uint64_t)grant->subject);
        json_write_key(&w, S("read"));
        json_write_bool(&w, grant->can_read);
        json_write_key(&w, S("write"));
        json_write_bool(&w, grant->can_write);
    }
    json_write_end(&w);
    const char *subject = arena_printf(work->arena, "collection/%.*s", (int)collection->id.len, collection->id.ptr);
    struct err err = store_work_news(work, act, slice_of(subject), buf_slice(&detail));
    buf_free(&detail);
    return err;
}

static struct err tell_of(struct work *work, const char *act, int64_t number, const struct collection_grant *grant)
{
    struct collection collection;
    TRY(store_collection_get(work->db, number, work->arena, &collection));
    return tell(work, act, &collection, grant);
}

static slice id_make(struct arena *arena)
{
    char text[37];
    struct buf buf = buf_make(sizeof text);
    struct uuid uuid = uuid_v4();
    uuid_write(&buf, &uuid);
    slice id = arena_copy(arena, buf_slice(&buf));
    buf_free(&buf);
    return id;
}

static struct err add_check(struct work *work, slice title, slice description)
{
    int64_t there;
    TRY(store_text_check(work->arena, "title of the collection", title, TITLE_MAX));
    if (description.len > 0)
        TRY(store_text_check(work->arena, "description of the collection", description, STORE_TEXT_MAX));
    struct err err = store_collection_find(work->db, title, &there);
    if (err.kind == ERR_NONE)
        return err_format(
                work->arena, ERR_CONFLICT, "there is a collection \"%.*s\" already", (int)title.len, title.ptr);
    return err.kind == ERR_MISSING ? OK : err;
}

struct err store_collection_add_of(struct work *work, slice title, slice description, int64_t source, int64_t *number)
{
    static const char ADD[] = "INSERT INTO collection (number, id, title, description, source, last_us, added_us) "
                              "VALUES ($1, $2, $3, $4, $5, 0, $6)";
    int64_t fresh;
    TRY(add_check(work, title, description));
    TRY(store_number(work->db, "collection", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_text(id_make(work->arena)), db_text(title),
            db_text(description), db_i64(source), db_i64(work->now_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    *number = fresh;
    return tell_of(work, "collection.added", fresh, NULL);
}

struct err store_collection_add(struct work *work, slice title, slice description, int64_t *number)
{
    int64_t source;
    TRY(add_check(work, title, description));
    slice name = slice_of(arena_printf(work->arena, "taxii/%.*s", (int)title.len, title.ptr));
    TRY(store_source_put(work, name, S("taxii"), work->actor->organisation, &source));
    return store_collection_add_of(work, title, description, source, number);
}

struct err store_collection_remove(struct work *work, int64_t number)
{
    static const char OBJECTS[] = "DELETE FROM collection_object WHERE collection = $1";
    static const char STATUSES[] = "DELETE FROM collection_status WHERE collection = $1";
    static const char GRANTS[] = "DELETE FROM collection_grant WHERE collection = $1";
    static const char COLLECTION[] = "DELETE FROM collection WHERE number = $1";
    static const char *const all[] = {OBJECTS, STATUSES, GRANTS, COLLECTION};
    TRY(tell_of(work, "collection.removed", number, NULL));
    for (size_t i = 0; i < COUNT_OF(all); i++)
        TRY(db_run(work->db, all[i], (struct db_value[]){db_i64(number)}, 1, NULL));
    return OK;
}

struct err store_collection_grant(struct work *work, int64_t number, const struct collection_grant *grant)
{
    static const char COUNT[] = "SELECT count(*) FROM collection_grant WHERE collection = $1";
    static const char GRANT[] =
            "INSERT INTO collection_grant (collection, kind, subject, can_read, can_write) VALUES ($1, $2, $3, $4, $5) "
            "ON CONFLICT (collection, kind, subject) DO UPDATE SET "
            "can_read = CASE WHEN excluded.can_read = 1 THEN 1 ELSE collection_grant.can_read END, "
            "can_write = CASE WHEN excluded.can_write = 1 THEN 1 ELSE collection_grant.can_write END";
    const struct db_value values[] = {db_i64(number), db_text(slice_of(grantees[grant->kind])), db_i64(grant->subject),
            db_i64(grant->can_read), db_i64(grant->can_write)};
    int64_t count;
    if (!grant->can_read && !grant->can_write)
        return err_make(ERR_INPUT, "a grant is to read, to write, or both");
    TRY(tell_of(work, "collection.granted", number, grant));
    TRY(db_one(work->db, COUNT, values, 1, 0, &count));
    if (count >= COLLECTION_GRANTS_MAX)
        return err_format(work->arena, ERR_LIMIT, "a collection has at most %d grants", COLLECTION_GRANTS_MAX);
    return db_run(work->db, GRANT, values, COUNT_OF(values), NULL);
}

struct err store_collection_revoke(struct work *work, int64_t number, const struct collection_grant *grant)
{
    static const char REVOKE[] = "UPDATE collection_grant SET can_read = CASE WHEN CAST($4 AS BIGINT) = 1 THEN 0 "
                                 "ELSE can_read END, can_write = CASE WHEN CAST($5 AS BIGINT) = 1 THEN 0 ELSE "
                                 "can_write END WHERE collection = $1 AND kind = $2 AND subject = $3";
    static const char EMPTY[] = "DELETE FROM collection_grant WHERE collection = $1 AND can_read = 0 AND can_write = 0";
    const struct db_value values[] = {db_i64(number), db_text(slice_of(grantees[grant->kind])), db_i64(grant->subject),
            db_i64(grant->can_read), db_i64(grant->can_write)};
    uint64_t changed;
    TRY(tell_of(work, "collection.revoked", number, grant));
    TRY(db_run(work->db, REVOKE, values, COUNT_OF(values), &changed));
    if (changed == 0)
        return err_make(ERR_MISSING, "nothing of this collection is granted to them");
    return db_run(work->db, EMPTY, values, 1, NULL);
}

/* ---- What a POST became ---- */

struct err store_status_put(struct work *work, slice id, int64_t collection, slice body)
{
    static const char OLD[] = "DELETE FROM collection_status WHERE id IN "
                              "(SELECT id FROM collection_status WHERE made_us < $1 ORDER BY made_us LIMIT $2)";
    static const char ADD[] = "INSERT INTO collection_status (id, collection, person, made_us, body) "
                              "VALUES ($1, $2, $3, $4, $5)";
    const struct db_value old[] = {db_i64(work->now_us - STATUS_KEPT_US), db_i64(STATUS_SWEEP)};
    const struct db_value values[] = {
            db_text(id), db_i64(collection), db_i64(work->actor->user), db_i64(work->now_us), db_bytes(body)};
    TRY(db_run(work->db, OLD, old, COUNT_OF(old), NULL));
    return db_run(work->db, ADD, values, COUNT_OF(values), NULL);
}

static void body_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(slice *)row = arena_copy(arena, db_slice(rows, 0));
}

struct err store_status_get(struct db *db, const struct actor *actor, slice id, struct arena *arena, slice *body)
{
    static const char GET[] = "SELECT t.body FROM collection_status t WHERE t.id = $3 AND t.person = $1 AND EXISTS "
                              "(SELECT 1 FROM collection_grant g WHERE g.collection = t.collection AND " GRANTED ")";
    const struct db_value values[] = {db_i64(actor->user), db_i64(actor->organisation), db_text(id)};
    struct page page = page_of(slice, GET, body_read, 1);
    if (is_nobody(actor))
        return err_make(ERR_AUTH, "nobody is logged in who could look at a status");
    return page_get(db, &page, values, COUNT_OF(values), arena, body, "there is no such status (any more)");
}
