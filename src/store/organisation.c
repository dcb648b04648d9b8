/* SPDX-License-Identifier: Apache-2.0 */
#include "store/organisation.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "store/page.h"

static const char *const kinds[] = {"team", "ministry", "hospital", "supplier", "platform", "police", "other"};
static const char *const relations[] = {
        [RELATION_OWN] = "own",
        [RELATION_CONSTITUENT] = "constituent",
        [RELATION_PARTNER] = "partner",
        [RELATION_OTHER] = "other",
};
static const char *const states[] = {
        [ORGANISATION_PROPOSED] = "proposed",
        [ORGANISATION_ACTIVE] = "active",
        [ORGANISATION_SUSPENDED] = "suspended",
        [ORGANISATION_CLOSED] = "closed",
};
/* May it go from the state of the row to that of the column? Closed is the end. */
static const bool ways[4][4] = {
        [ORGANISATION_PROPOSED] = {[ORGANISATION_ACTIVE] = true, [ORGANISATION_CLOSED] = true},
        [ORGANISATION_ACTIVE] = {[ORGANISATION_SUSPENDED] = true, [ORGANISATION_CLOSED] = true},
        [ORGANISATION_SUSPENDED] = {[ORGANISATION_ACTIVE] = true, [ORGANISATION_CLOSED] = true},
};

static bool word_find(const char *const *words, size_t count, slice name, size_t *at)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(name, slice_of(words[i]))) {
            *at = i;
            return true;
        }
    return false;
}

const char *store_relation_name(enum organisation_relation relation)
{
    return relations[relation];
}

const char *store_organisation_state_name(enum organisation_state state)
{
    return states[state];
}

bool store_relation_find(slice name, enum organisation_relation *relation)
{
    size_t at;
    if (!word_find(relations, COUNT_OF(relations), name, &at))
        return false;
    *relation = (enum organisation_relation)at;
    return true;
}

bool store_organisation_state_find(slice name, enum organisation_state *state)
{
    size_t at;
    if (!word_find(states, COUNT_OF(states), name, &at))
        return false;
    *state = (enum organisation_state)at;
    return true;
}

/* ---- Reading ---- */

/* CROSS JOIN: in order of organisations, whatever SQLite would rather begin with. */
#define COLUMNS                                                                                                        \
    "SELECT o.number, o.identity, n.name, o.kind, o.sector, o.country, o.relation, o.state, o.parent, o.added_us, "    \
    "o.team_of "                                                                                                       \
    "FROM organisation o CROSS JOIN organisation_name n WHERE n.organisation = o.number AND n.until_us IS NULL "

static void organisation_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct organisation *organisation = row;
    *organisation = (struct organisation){
            .number = db_number(rows, 0),
            .identity = arena_copy(arena, db_slice(rows, 1)),
            .name = arena_copy(arena, db_slice(rows, 2)),
            .kind = arena_copy(arena, db_slice(rows, 3)),
            .sector = arena_copy(arena, db_slice(rows, 4)),
            .country = arena_copy(arena, db_slice(rows, 5)),
            .relation = RELATION_OTHER,
            .state = ORGANISATION_CLOSED,
            .parent = db_number(rows, 8),
            .added_us = db_number(rows, 9),
            .team_of = arena_copy(arena, db_slice(rows, 10)),
    };
    (void)store_relation_find(db_slice(rows, 6), &organisation->relation);
    (void)store_organisation_state_find(db_slice(rows, 7), &organisation->state);
}

struct err store_organisation_get(struct db *db, int64_t number, struct arena *arena, struct organisation *organisation)
{
    static const char GET[] = COLUMNS "AND o.number = $1";
    struct page page = page_of(struct organisation, GET, organisation_read, 1);
    return page_get(
            db, &page, (struct db_value[]){db_i64(number)}, 1, arena, organisation, "there is no such organisation");
}

struct err store_organisation_of_identity(
        struct db *db, slice identity, struct arena *arena, struct organisation *organisation)
{
    static const char GET[] = COLUMNS "AND o.identity = $1";
    struct page page = page_of(struct organisation, GET, organisation_read, 1);
    return page_get(
            db, &page, (struct db_value[]){db_text(identity)}, 1, arena, organisation, "there is no such organisation");
}

struct err store_organisation_team_of(
        struct db *db, slice sector, struct arena *arena, struct organisation *organisation)
{
    static const char GET[] = COLUMNS "AND o.team_of = $1 AND o.team_of <> '' AND o.state = 'active'";
    struct page page = page_of(struct organisation, GET, organisation_read, 1);
    return page_get(
            db, &page, (struct db_value[]){db_text(sector)}, 1, arena, organisation, "the sector has no active team");
}

struct err store_organisation_served(struct db *db, slice sector, int64_t *count)
{
    static const char COUNT[] = "SELECT count(*) FROM organisation WHERE relation = 'constituent' AND state = 'active' "
                                "AND ($1 = '' OR sector = $1)";
    return db_one(db, COUNT, (struct db_value[]){db_text(sector)}, 1, 0, count);
}

static void served_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(slice *)row = arena_copy(arena, db_slice(rows, 0));
}

struct err store_organisation_served_names(struct db *db, struct arena *arena, slice **names, size_t *count)
{
    static const char NAMES[] = "SELECT DISTINCT n.name FROM organisation o JOIN organisation_name n "
                                "ON n.organisation = o.number WHERE o.relation = 'constituent' LIMIT $1";
    struct page page = page_of(slice, NAMES, served_read, ORGANISATION_NAMES_MAX);
    return page_read_whole(db, &page, NULL, 0, arena, (void **)names, count);
}

struct err store_organisation_find(struct db *db, slice name, int64_t *number)
{
    /* A name may have been another's before: who has it today comes first, then who had it last. */
    static const char FIND[] = "SELECT organisation FROM organisation_name WHERE name = $1 "
                               "ORDER BY CASE WHEN until_us IS NULL THEN 0 ELSE 1 END, until_us DESC LIMIT 1";
    int64_t found;
    TRY(db_one(db, FIND, (struct db_value[]){db_text(name)}, 1, 0, &found));
    if (found == 0)
        return err_make(ERR_MISSING, "there is no organisation of that name");
    *number = found;
    return OK;
}

struct err store_organisation_own(struct db *db, int64_t *number)
{
    static const char OWN[] = "SELECT number FROM organisation WHERE relation = 'own'";
    int64_t found;
    TRY(db_one(db, OWN, NULL, 0, 0, &found));
    if (found == 0)
        return err_make(ERR_MISSING, "the node has no organisation yet");
    *number = found;
    return OK;
}

struct err store_organisation_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct organisation **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "AND o.number > $1 ORDER BY o.number LIMIT $2";
    struct page page = page_of(struct organisation, LIST, organisation_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(after)}, 1, arena, (void **)rows, row_count);
}

static void name_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct organisation_name *)row =
            (struct organisation_name){arena_copy(arena, db_slice(rows, 0)), db_number(rows, 1), page_time(rows, 2)};
}

struct err store_organisation_names(
        struct db *db, int64_t number, struct arena *arena, struct organisation_name **rows, size_t *row_count)
{
    static const char NAMES[] = "SELECT name, from_us, until_us FROM organisation_name WHERE organisation = $1 "
                                "ORDER BY from_us LIMIT $2";
    struct page page = page_of(struct organisation_name, NAMES, name_read, STORE_PAGE_MAX);
    return page_read(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, (void **)rows, row_count);
}

/* ---- Changing ---- */

static struct err country_check(struct arena *arena, slice country)
{
    bool good = country.len == 0 || country.len == 2;
    for (size_t i = 0; good && i < country.len; i++)
        good = country.ptr[i] >= 'A' && country.ptr[i] <= 'Z';
    return good ? OK
                : err_format(arena, ERR_INPUT, "a country is two capital letters (ISO 3166-1), not \"%.*s\"",
                          (int)country.len, country.ptr);
}

static struct err put_check(struct arena *arena, const struct organisation_put *put)
{
    size_t at;
    TRY(store_text_check(arena, "name of the organisation", put->name, STORE_NAME_MAX));
    if (!word_find(kinds, COUNT_OF(kinds), put->kind, &at))
        return err_format(arena, ERR_INPUT,
                "an organisation is a team, ministry, hospital, supplier, platform, police or other, not \"%.*s\"",
                (int)put->kind.len, put->kind.ptr);
    if (put->sector.len > 0)
        TRY(store_text_check(arena, "sector", put->sector, STORE_NAME_MAX));
    return country_check(arena, put->country);
}

/* That `parent` is there, and `number` is none of those above it. */
static struct err parent_check(struct work *work, int64_t number, int64_t parent)
{
    struct organisation above;
    for (int depth = 0; parent != 0; depth++) {
        if (parent == number)
            return err_make(ERR_INPUT, "an organisation cannot be above itself");
        if (depth == ORGANISATION_DEPTH_MAX)
            return err_format(
                    work->arena, ERR_INPUT, "more than %d organisations above each other", ORGANISATION_DEPTH_MAX);
        TRY(store_organisation_get(work->db, parent, work->arena, &above));
        parent = above.parent;
    }
    return OK;
}

static struct db_value parent_value(int64_t parent)
{
    return parent == 0 ? db_null() : db_i64(parent);
}

static struct err name_free(struct work *work, slice name)
{
    static const char TAKEN[] = "SELECT organisation FROM organisation_name WHERE name = $1 AND until_us IS NULL";
    int64_t taken;
    TRY(db_one(work->db, TAKEN, (struct db_value[]){db_text(name)}, 1, 0, &taken));
    return taken == 0 ? OK
                      : err_format(work->arena, ERR_CONFLICT, "there is an organisation \"%.*s\" already",
                                (int)name.len, name.ptr);
}

static struct err name_add(struct work *work, int64_t number, slice name, int64_t from_us)
{
    static const char ADD[] =
            "INSERT INTO organisation_name (organisation, from_us, until_us, name) VALUES ($1, $2, NULL, $3)";
    return db_run(work->db, ADD, (struct db_value[]){db_i64(number), db_i64(from_us), db_text(name)}, 3, NULL);
}

static slice identity_make(struct arena *arena)
{
    struct buf text = buf_make(64);
    struct uuid uuid = uuid_v4();
    buf_put(&text, S("identity--"));
    uuid_write(&text, &uuid);
    slice identity = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return identity;
}

static struct err identity_free(struct work *work, slice identity)
{
    static const char TAKEN[] = "SELECT number FROM organisation WHERE identity = $1";
    int64_t taken;
    TRY(db_one(work->db, TAKEN, (struct db_value[]){db_text(identity)}, 1, 0, &taken));
    return taken == 0 ? OK
                      : err_format(work->arena, ERR_CONFLICT, "another organisation is %.*s already", (int)identity.len,
                                identity.ptr);
}

struct err store_organisation_add(struct work *work, const struct organisation_put *put, int64_t *number)
{
    static const char ADD[] =
            "INSERT INTO organisation (number, identity, kind, sector, country, relation, state, parent, added_us) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    int64_t fresh, own;
    TRY(put_check(work->arena, put));
    TRY(parent_check(work, 0, put->parent));
    TRY(name_free(work, put->name));
    if (put->relation == RELATION_OWN && store_organisation_own(work->db, &own).kind == ERR_NONE)
        return err_make(ERR_CONFLICT, "the node has its organisation already");
    TRY(identity_free(work, put->identity));
    TRY(store_number(work->db, "organisation", 1, &fresh));
    slice identity = put->identity.len > 0 ? put->identity : identity_make(work->arena);
    const struct db_value values[] = {db_i64(fresh), db_text(identity), db_text(put->kind), db_text(put->sector),
            db_text(put->country), db_text(slice_of(relations[put->relation])),
            db_text(slice_of(states[put->relation == RELATION_OWN ? ORGANISATION_ACTIVE : ORGANISATION_PROPOSED])),
            parent_value(put->parent), db_i64(work->now_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    TRY(name_add(work, fresh, put->name, work->now_us));
    *number = fresh;
    return OK;
}

struct err store_organisation_change(struct work *work, int64_t number, const struct organisation_put *put)
{
    static const char CHANGE[] =
            "UPDATE organisation SET kind = $2, sector = $3, country = $4, parent = $5 WHERE number = $1";
    struct organisation there;
    struct organisation_put checked = *put;
    TRY(store_organisation_get(work->db, number, work->arena, &there));
    checked.name = there.name;
    TRY(put_check(work->arena, &checked));
    TRY(parent_check(work, number, put->parent));
    const struct db_value values[] = {
            db_i64(number), db_text(put->kind), db_text(put->sector), db_text(put->country), parent_value(put->parent)};
    return db_run(work->db, CHANGE, values, COUNT_OF(values), NULL);
}

struct err store_organisation_team(struct work *work, int64_t number, slice sector)
{
    static const char OTHER[] = "SELECT number FROM organisation WHERE team_of = $1 AND team_of <> '' AND number <> $2";
    static const char CHANGE[] = "UPDATE organisation SET team_of = $1 WHERE number = $2";
    const struct db_value values[] = {db_text(sector), db_i64(number)};
    struct organisation there;
    int64_t other;
    TRY(store_organisation_get(work->db, number, work->arena, &there));
    if (sector.len > 0)
        TRY(store_text_check(work->arena, "sector", sector, STORE_NAME_MAX));
    TRY(db_one(work->db, OTHER, values, COUNT_OF(values), 0, &other));
    if (other != 0)
        TRY(store_organisation_get(work->db, other, work->arena, &there));
    return other == 0 ? db_run(work->db, CHANGE, values, COUNT_OF(values), NULL)
                      : err_format(work->arena, ERR_CONFLICT, "the team of %.*s is %.*s", (int)sector.len, sector.ptr,
                                (int)there.name.len, there.name.ptr);
}

struct err store_organisation_rename(struct work *work, int64_t number, slice name, int64_t from_us)
{
    static const char END[] = "UPDATE organisation_name SET until_us = $2 "
                              "WHERE organisation = $1 AND until_us IS NULL AND from_us < $2";
    uint64_t changed;
    struct organisation there;
    TRY(store_text_check(work->arena, "name of the organisation", name, STORE_NAME_MAX));
    TRY(store_organisation_get(work->db, number, work->arena, &there));
    TRY(name_free(work, name));
    TRY(db_run(work->db, END, (struct db_value[]){db_i64(number), db_i64(from_us)}, 2, &changed));
    if (changed == 0)
        return err_make(ERR_INPUT, "it has had its present name from then on or later");
    return name_add(work, number, name, from_us);
}

struct err store_organisation_state(struct work *work, int64_t number, enum organisation_state state)
{
    static const char CHANGE[] = "UPDATE organisation SET state = $2 WHERE number = $1 AND state = $3";
    struct organisation there;
    uint64_t changed;
    TRY(store_organisation_get(work->db, number, work->arena, &there));
    if (!ways[there.state][state])
        return err_format(work->arena, ERR_CONFLICT, "an organisation that is %s cannot become %s", states[there.state],
                states[state]);
    const struct db_value values[] = {
            db_i64(number), db_text(slice_of(states[state])), db_text(slice_of(states[there.state]))};
    TRY(db_run(work->db, CHANGE, values, COUNT_OF(values), &changed));
    return changed > 0 ? OK : err_make(ERR_CONFLICT, "its state was changed meanwhile");
}
