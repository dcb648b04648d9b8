/* SPDX-License-Identifier: Apache-2.0 */
#include "store/peer.h"

#include "base/arena.h"
#include "base/clock.h"
#include "store/page.h"

#define PLACE_MAX 4096 /* bytes of a place in pages, as a server spells it */

static const char *const credentials_names[] = {"none", "password", "token", "certificate"};

const char *store_peer_credentials_name(enum peer_credentials credentials)
{
    return credentials_names[credentials];
}

static enum peer_credentials credentials_find(slice name)
{
    size_t i = COUNT_OF(credentials_names) - 1;
    while (i > 0 && !slice_eq(slice_of(credentials_names[i]), name))
        i--;
    return (enum peer_credentials)i;
}

#define LIST_OF_COLUMNS                                                                                                \
    "number, name, url, every_us, credentials, account, own_ca, paused, next_us, tried_us, pulled_us, failures, why, " \
    "runs, objects, partner"
#define COLUMNS "SELECT " LIST_OF_COLUMNS " FROM peer "

static void peer_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct peer *)row = (struct peer){
            .number = db_number(rows, 0),
            .name = arena_copy(arena, db_slice(rows, 1)),
            .url = arena_copy(arena, db_slice(rows, 2)),
            .every_us = db_number(rows, 3),
            .credentials = credentials_find(db_slice(rows, 4)),
            .account = arena_copy(arena, db_slice(rows, 5)),
            .own_ca = db_number(rows, 6) != 0,
            .paused = db_number(rows, 7) != 0,
            .next_us = db_number(rows, 8),
            .tried_us = page_time(rows, 9),
            .pulled_us = page_time(rows, 10),
            .failures = db_number(rows, 11),
            .why = arena_copy(arena, db_slice(rows, 12)),
            .runs = db_number(rows, 13),
            .objects = db_number(rows, 14),
            .partner = db_number(rows, 15),
    };
}

struct err store_peer_get(struct db *db, slice name, struct arena *arena, struct peer *peer)
{
    static const char GET[] = COLUMNS "WHERE name = $1";
    struct page page = page_of(struct peer, GET, peer_read, 1);
    return page_get(db, &page, (struct db_value[]){db_text(name)}, 1, arena, peer, "there is no peer of that name");
}

struct err store_peer_list(
        struct db *db, slice after, size_t count, struct arena *arena, struct peer **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE name > $1 ORDER BY name LIMIT $2";
    struct page page = page_of(struct peer, LIST, peer_read, count);
    return page_read(db, &page, (struct db_value[]){db_text(after)}, 1, arena, (void **)rows, row_count);
}

/* ---- Changing peers ---- */

static struct err put_check(struct arena *arena, const struct peer_put *put)
{
    TRY(store_text_check(arena, "name of the peer", put->name, STORE_NAME_MAX / 2));
    TRY(store_text_check(arena, "URL of the peer", put->url, STORE_TEXT_MAX));
    if (put->credentials == PEER_PASSWORD)
        TRY(store_text_check(arena, "account at the peer", put->account, STORE_NAME_MAX));
    return put->every_us >= PEER_EVERY_MIN_US ? OK
                                              : err_format(arena, ERR_INPUT, "a peer is asked every %d seconds at most",
                                                        (int)(PEER_EVERY_MIN_US / 1000000));
}

struct err store_peer_add(struct work *work, const struct peer_put *put, int64_t *number)
{
    static const char ADD[] =
            "INSERT INTO peer (number, name, url, every_us, credentials, account, own_ca, paused, next_us, failures, "
            "why, runs, objects) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, 0, '', 0, 0) ON CONFLICT (name) DO NOTHING";
    int64_t fresh;
    uint64_t changed;
    TRY(put_check(work->arena, put));
    TRY(store_number(work->db, "peer", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_text(put->name), db_text(put->url), db_i64(put->every_us),
            db_text(slice_of(credentials_names[put->credentials])), db_text(put->account), db_i64(put->own_ca),
            db_i64(work->now_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), &changed));
    if (changed == 0)
        return err_format(
                work->arena, ERR_CONFLICT, "there is a peer \"%.*s\" already", (int)put->name.len, put->name.ptr);
    *number = fresh;
    return OK;
}

struct err store_peer_partner(struct work *work, int64_t partner, slice name, slice url)
{
    static const char IS[] = "SELECT number FROM peer WHERE partner = $1";
    static const char PUT[] =
            "INSERT INTO peer (number, name, url, every_us, credentials, account, own_ca, paused, next_us, failures, "
            "why, runs, objects, partner) VALUES ($1, $2, $3, $4, 'none', '', 0, 0, $5, 0, '', 0, 0, $6) "
            "ON CONFLICT (name) DO UPDATE SET partner = excluded.partner, url = excluded.url";
    static const char MOVE[] = "UPDATE peer SET url = $2 WHERE partner = $1 AND url <> $2";
    int64_t number;
    TRY(db_one(work->db, IS, (struct db_value[]){db_i64(partner)}, 1, 0, &number));
    if (number != 0)
        return db_run(work->db, MOVE, (struct db_value[]){db_i64(partner), db_text(url)}, 2, NULL);
    TRY(store_number(work->db, "peer", 1, &number));
    const struct db_value values[] = {db_i64(number), db_text(store_text_keep(work->arena, name, STORE_NAME_MAX / 2)),
            db_text(url), db_i64(PEER_PARTNER_EVERY_US), db_i64(work->now_us), db_i64(partner)};
    return db_run(work->db, PUT, values, COUNT_OF(values), NULL);
}

struct err store_peer_hurry(struct work *work, int64_t partner)
{
    static const char HURRY[] = "UPDATE peer SET next_us = $2 WHERE partner = $1 AND next_us > $2 AND next_us < $3";
    const int64_t claimed_us = work->now_us + PEER_PARTNER_EVERY_US;
    const struct db_value values[] = {db_i64(partner), db_i64(work->now_us), db_i64(claimed_us + 1)};
    return db_run(work->db, HURRY, values, COUNT_OF(values), NULL);
}

static struct err there_was(uint64_t changed)
{
    return changed > 0 ? OK : err_make(ERR_MISSING, "there is no peer of that name");
}

struct err store_peer_drop(struct work *work, slice name)
{
    static const char FREE[] = "UPDATE remote SET peer = NULL WHERE peer = (SELECT number FROM peer WHERE name = $1)";
    static const char DROP[] = "DELETE FROM peer WHERE name = $1";
    uint64_t changed;
    TRY(db_run(work->db, FREE, (struct db_value[]){db_text(name)}, 1, NULL));
    TRY(db_run(work->db, DROP, (struct db_value[]){db_text(name)}, 1, &changed));
    return there_was(changed);
}

struct err store_peer_pause(struct work *work, slice name, bool paused)
{
    static const char PAUSE[] = "UPDATE peer SET paused = $2 WHERE name = $1";
    uint64_t changed;
    TRY(db_run(work->db, PAUSE, (struct db_value[]){db_text(name), db_i64(paused)}, 2, &changed));
    return there_was(changed);
}

struct err store_peer_claim(struct work *work, int64_t until_us, struct peer *peer, bool *found)
{
    /* The condition stands outside, too: of two who chose the same one, the later finds it moved. */
    static const char CLAIM[] = "UPDATE peer SET next_us = $2 WHERE paused = 0 AND next_us <= $1 AND number = "
                                "(SELECT due.number FROM peer due WHERE due.paused = 0 AND due.next_us <= $1 "
                                "AND (due.partner = 0 OR EXISTS (SELECT 1 FROM partner p WHERE p.number = due.partner "
                                "AND p.state = 'active' AND (p.ended_us IS NULL OR p.ended_us > $1))) "
                                "ORDER BY due.next_us LIMIT 1) RETURNING " LIST_OF_COLUMNS;
    struct page page = page_of(struct peer, CLAIM, peer_read, 1);
    const struct db_value values[] = {db_i64(work->now_us), db_i64(until_us)};
    struct err err = page_get(work->db, &page, values, COUNT_OF(values), work->arena, peer, "no peer is due");
    *found = err.kind == ERR_NONE;
    return err.kind == ERR_MISSING ? OK : err;
}

struct err store_peer_result(struct work *work, int64_t number, const struct peer_result *result)
{
    static const char WELL[] = "UPDATE peer SET next_us = $2, tried_us = $3, pulled_us = $3, failures = 0, why = '', "
                               "runs = runs + 1, objects = objects + $4 WHERE number = $1";
    static const char BADLY[] = "UPDATE peer SET next_us = $2, tried_us = $3, failures = failures + 1, why = $5, "
                                "objects = objects + $4 WHERE number = $1";
    const struct db_value values[] = {db_i64(number), db_i64(result->next_us), db_i64(work->now_us),
            db_i64((int64_t)result->objects), db_text(store_text_keep(work->arena, result->why, STORE_TEXT_MAX))};
    bool well = result->why.len == 0;
    uint64_t changed;
    TRY(db_run(work->db, well ? WELL : BADLY, values, COUNT_OF(values) - well, &changed));
    return there_was(changed);
}

/* ---- Collections that we read ---- */

#define REMOTE_COLUMNS "number, peer, url, id, title, source, added_after, next, last, digest, objects, moved_us"
#define REMOTES "SELECT " REMOTE_COLUMNS " FROM remote "

static void remote_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct remote *remote = row;
    *remote = (struct remote){
            .number = db_number(rows, 0),
            .peer = db_number(rows, 1),
            .url = arena_copy(arena, db_slice(rows, 2)),
            .id = arena_copy(arena, db_slice(rows, 3)),
            .title = arena_copy(arena, db_slice(rows, 4)),
            .source = arena_copy(arena, db_slice(rows, 5)),
            .added_after = arena_copy(arena, db_slice(rows, 6)),
            .next = arena_copy(arena, db_slice(rows, 7)),
            .last = arena_copy(arena, db_slice(rows, 8)),
            .objects = db_number(rows, 10),
            .moved_us = page_time(rows, 11),
    };
    if (db_slice(rows, 9).len == sizeof remote->digest)
        memcpy(&remote->digest, db_slice(rows, 9).ptr, sizeof remote->digest);
}

struct err store_remote_get(struct db *db, slice url, struct arena *arena, struct remote *remote)
{
    static const char GET[] = REMOTES "WHERE url = $1";
    struct page page = page_of(struct remote, GET, remote_read, 1);
    return page_get(db, &page, (struct db_value[]){db_text(url)}, 1, arena, remote, "nothing was pulled from there");
}

struct err store_remote_list(struct db *db, int64_t peer, int64_t after, size_t count, struct arena *arena,
        struct remote **rows, size_t *row_count)
{
    static const char LIST[] = REMOTES "WHERE peer = $1 AND number > $2 ORDER BY number LIMIT $3";
    struct page page = page_of(struct remote, LIST, remote_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(peer), db_i64(after)}, 2, arena, (void **)rows, row_count);
}

struct err store_remote_put(struct work *work, struct remote *remote)
{
    /* `url = excluded.url`: a row comes back, whether it was there or not. */
    static const char PUT[] =
            "INSERT INTO remote (number, peer, url, id, title, source, added_after, next, last, objects) "
            "VALUES ($1, $2, $3, $4, $5, $6, '', '', '', 0) ON CONFLICT (url) DO UPDATE SET "
            "peer = COALESCE(remote.peer, excluded.peer), title = excluded.title RETURNING " REMOTE_COLUMNS;
    struct arena *arena = work->arena;
    struct page page = page_of(struct remote, PUT, remote_read, 1);
    int64_t fresh;
    TRY(store_text_check(arena, "URL of a collection", remote->url, STORE_TEXT_MAX));
    TRY(store_text_check(arena, "id of a collection", remote->id, STORE_NAME_MAX));
    TRY(store_text_check(arena, "name of a source", remote->source, STORE_NAME_MAX));
    TRY(store_number(work->db, "remote", 1, &fresh));
    int64_t peer = remote->peer;
    const struct db_value values[] = {db_i64(fresh), peer == 0 ? db_null() : db_i64(peer), db_text(remote->url),
            db_text(remote->id), db_text(store_text_keep(arena, remote->title, STORE_NAME_MAX)),
            db_text(remote->source)};
    TRY(page_get(work->db, &page, values, COUNT_OF(values), arena, remote, "no place could be made"));
    if (peer != 0 && remote->peer != peer)
        return err_format(
                arena, ERR_CONFLICT, "another peer reads %.*s already", (int)remote->url.len, remote->url.ptr);
    return OK;
}

struct err store_remote_move(struct work *work, const struct remote *remote, uint64_t objects)
{
    static const char MOVE[] = "UPDATE remote SET added_after = $2, next = $3, last = $4, digest = $5, "
                               "objects = objects + $6, moved_us = $7 WHERE number = $1";
    const slice places[] = {remote->added_after, remote->next, remote->last};
    for (size_t i = 0; i < COUNT_OF(places); i++)
        if (places[i].len > 0)
            TRY(store_text_check(work->arena, "place in pages", places[i], PLACE_MAX));
    const struct db_value values[] = {db_i64(remote->number), db_text(remote->added_after), db_text(remote->next),
            db_text(remote->last), db_bytes((slice){(const char *)remote->digest.bytes, sizeof remote->digest}),
            db_i64((int64_t)objects), db_i64(work->now_us)};
    return db_run(work->db, MOVE, values, COUNT_OF(values), NULL);
}

/* ---- Collections that we write to ---- */

static void outgoing_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct outgoing *)row = (struct outgoing){
            .number = db_number(rows, 0),
            .url = arena_copy(arena, db_slice(rows, 1)),
            .choice = arena_copy(arena, db_slice(rows, 2)),
            .after = db_number(rows, 3),
            .sent = db_number(rows, 4),
            .refused = db_number(rows, 5),
            .moved_us = page_time(rows, 6),
    };
}

struct err store_outgoing_put(struct work *work, slice url, slice choice, struct outgoing *outgoing)
{
    static const char PUT[] =
            "INSERT INTO outgoing (number, url, choice, after, sent, refused) VALUES ($1, $2, $3, 0, 0, 0) "
            "ON CONFLICT (url, choice) DO UPDATE SET url = excluded.url "
            "RETURNING number, url, choice, after, sent, refused, moved_us";
    struct page page = page_of(struct outgoing, PUT, outgoing_read, 1);
    int64_t fresh;
    TRY(store_text_check(work->arena, "URL of a collection", url, STORE_TEXT_MAX));
    if (choice.len > 0)
        TRY(store_text_check(work->arena, "choice of objects", choice, STORE_TEXT_MAX));
    TRY(store_number(work->db, "outgoing", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_text(url), db_text(choice)};
    return page_get(work->db, &page, values, COUNT_OF(values), work->arena, outgoing, "no place could be made");
}

static struct err refused_put(struct work *work, int64_t number, const struct outgoing_refused *refused)
{
    /* One that is sent again is told with its last reason. */
    static const char PUT[] = "INSERT INTO outgoing_refused (outgoing, object, id, version, why, at_us) "
                              "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (outgoing, object) DO UPDATE SET "
                              "why = excluded.why, at_us = excluded.at_us";
    const struct db_value values[] = {db_i64(number), db_i64(refused->object), db_text(refused->id),
            db_text(refused->version), db_text(store_text_keep(work->arena, refused->why, PEER_REASON_MAX)),
            db_i64(work->now_us)};
    return db_run(work->db, PUT, values, COUNT_OF(values), NULL);
}

struct err store_outgoing_move(struct work *work, int64_t number, int64_t after, uint64_t sent,
        const struct outgoing_refused *refused, size_t refused_count)
{
    static const char MOVE[] = "UPDATE outgoing SET after = $2, sent = sent + $3, refused = refused + $4, "
                               "moved_us = $5 WHERE number = $1";
    static const char REFUSED[] = "SELECT refused FROM outgoing WHERE number = $1";
    const struct db_value values[] = {
            db_i64(number), db_i64(after), db_i64((int64_t)sent), db_i64((int64_t)refused_count), db_i64(work->now_us)};
    int64_t before;
    TRY(db_one(work->db, REFUSED, values, 1, 0, &before));
    TRY(db_run(work->db, MOVE, values, COUNT_OF(values), NULL));
    for (size_t i = 0; i < refused_count && before + (int64_t)i < PEER_REFUSED_MAX; i++)
        TRY(refused_put(work, number, &refused[i]));
    return OK;
}

static void refused_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct outgoing_refused *)row = (struct outgoing_refused){
            .object = db_number(rows, 0),
            .id = arena_copy(arena, db_slice(rows, 1)),
            .version = arena_copy(arena, db_slice(rows, 2)),
            .why = arena_copy(arena, db_slice(rows, 3)),
            .at_us = db_number(rows, 4),
    };
}

struct err store_outgoing_refused_list(struct db *db, int64_t number, int64_t after, size_t count, struct arena *arena,
        struct outgoing_refused **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT object, id, version, why, at_us FROM outgoing_refused "
                               "WHERE outgoing = $1 AND object > $2 ORDER BY object LIMIT $3";
    struct page page = page_of(struct outgoing_refused, LIST, refused_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(number), db_i64(after)}, 2, arena, (void **)rows, row_count);
}
