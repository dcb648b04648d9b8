/* SPDX-License-Identifier: Apache-2.0 */
#include "store/group.h"

#include "base/arena.h"
#include "store/page.h"

#define MEMBERS_MAX 64 /* of a group, as its terms of reference may have */

static const char *const states[] = {[GROUP_PROPOSED] = "proposed",
        [GROUP_ACTIVE] = "active",
        [GROUP_LEFT] = "left",
        [GROUP_DISSOLVED] = "dissolved"};
static const char *const proposal_states[] = {
        [PROPOSAL_OPEN] = "open", [PROPOSAL_CARRIED] = "carried", [PROPOSAL_REJECTED] = "rejected"};

const char *store_group_state_name(enum group_state state)
{
    return states[state];
}

const char *store_proposal_state_name(enum proposal_state state)
{
    return proposal_states[state];
}

/* The place of a word; the last one for a word that is none. */
static size_t word_find(slice word, const char *const *words, size_t count)
{
    size_t at = 0;
    while (at + 1 < count && !slice_eq(word, slice_of(words[at])))
        at++;
    return at;
}

/* ---- Groups ---- */

#define COLUMNS "SELECT number, id, name, state, version, accepted, terms, added_us FROM sharing_group "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct group *)row = (struct group){
            .number = db_number(rows, 0),
            .id = arena_copy(arena, db_slice(rows, 1)),
            .name = arena_copy(arena, db_slice(rows, 2)),
            .state = (enum group_state)word_find(db_slice(rows, 3), states, COUNT_OF(states)),
            .version = db_number(rows, 4),
            .accepted = db_number(rows, 5),
            .terms = arena_copy(arena, db_slice(rows, 6)),
            .added_us = db_number(rows, 7),
    };
}

struct err store_group_add(struct work *work, const struct group *put, int64_t *number)
{
    static const char COUNT[] = "SELECT count(*) FROM (SELECT number FROM sharing_group LIMIT 1001) part";
    static const char ADD[] = "INSERT INTO sharing_group (number, id, name, state, version, accepted, terms, added_us) "
                              "VALUES ($1, $2, $3, 'proposed', 0, 0, $4, $5) ON CONFLICT DO NOTHING";
    int64_t fresh, there;
    uint64_t changed;
    TRY(db_one(work->db, COUNT, NULL, 0, 0, &there));
    if (there >= GROUPS_MAX)
        return err_format(work->arena, ERR_LIMIT, "there are %d sharing groups", GROUPS_MAX);
    TRY(store_text_check(work->arena, "name of the group", put->name, STORE_NAME_MAX));
    TRY(store_number(work->db, "group", 1, &fresh));
    const struct db_value values[] = {
            db_i64(fresh), db_text(put->id), db_text(put->name), db_bytes(S("")), db_i64(work->now_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), &changed));
    if (changed == 0)
        return err_make(ERR_CONFLICT, "there is a group of that id already");
    *number = fresh;
    return OK;
}

struct err store_group_hold(struct work *work, int64_t number, struct group *row)
{
    /* Changes nothing, and makes who changes that row wait for us, and us for them. */
    static const char HOLD[] = "UPDATE sharing_group SET state = state WHERE number = $1";
    TRY(db_run(work->db, HOLD, (struct db_value[]){db_i64(number)}, 1, NULL));
    return store_group_get(work->db, number, work->arena, row);
}

struct err store_group_change(struct work *work, const struct group *row)
{
    static const char CHANGE[] = "UPDATE sharing_group SET name = $2, state = $3, version = $4, accepted = $5, "
                                 "terms = $6 WHERE number = $1";
    const struct db_value values[] = {db_i64(row->number), db_text(row->name), db_text(slice_of(states[row->state])),
            db_i64(row->version), db_i64(row->accepted), db_bytes(row->terms)};
    return db_run(work->db, CHANGE, values, COUNT_OF(values), NULL);
}

struct err store_group_get(struct db *db, int64_t number, struct arena *arena, struct group *row)
{
    static const char GET[] = COLUMNS "WHERE number = $1";
    struct page page = page_of(struct group, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, row, "there is no such group");
}

struct err store_group_find(struct db *db, slice id, struct arena *arena, struct group *row)
{
    static const char FIND[] = COLUMNS "WHERE id = $1";
    struct page page = page_of(struct group, FIND, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_text(id)}, 1, arena, row, "there is no group of that id");
}

struct err store_group_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct group **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE number > $1 ORDER BY number LIMIT $2";
    struct page page = page_of(struct group, LIST, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(after)}, 1, arena, (void **)rows, row_count);
}

struct err store_group_forget(struct work *work, int64_t number)
{
    static const char *const drops[] = {
            "DELETE FROM group_vote WHERE proposal IN (SELECT id FROM group_proposal WHERE sharing_group = $1)",
            "DELETE FROM group_proposal WHERE sharing_group = $1",
            "DELETE FROM group_left WHERE sharing_group = $1",
            "DELETE FROM group_member WHERE sharing_group = $1",
            "DELETE FROM sharing_group WHERE number = $1 AND version = 0",
    };
    for (size_t i = 0; i < COUNT_OF(drops); i++)
        TRY(db_run(work->db, drops[i], (struct db_value[]){db_i64(number)}, 1, NULL));
    return OK;
}

/* ---- Members ---- */

static void text_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(slice *)row = arena_copy(arena, db_slice(rows, 0));
}

struct err store_group_members_put(struct work *work, int64_t group, const slice *nodes, size_t count)
{
    static const char CLEAR[] = "DELETE FROM group_member WHERE sharing_group = $1";
    static const char ADD[] = "INSERT INTO group_member (sharing_group, node) VALUES ($1, $2)";
    TRY(db_run(work->db, CLEAR, (struct db_value[]){db_i64(group)}, 1, NULL));
    for (size_t i = 0; i < count; i++)
        TRY(db_run(work->db, ADD, (struct db_value[]){db_i64(group), db_text(nodes[i])}, 2, NULL));
    return OK;
}

struct err store_group_members(struct db *db, int64_t group, struct arena *arena, slice **nodes, size_t *count)
{
    static const char LIST[] = "SELECT node FROM group_member WHERE sharing_group = $1 ORDER BY node LIMIT $2";
    struct page page = page_of(slice, LIST, text_read, MEMBERS_MAX);
    return page_read(db, &page, (struct db_value[]){db_i64(group)}, 1, arena, (void **)nodes, count);
}

struct err store_group_left_put(struct work *work, int64_t group, slice node, slice statement, bool *fresh)
{
    static const char ADD[] = "INSERT INTO group_left (sharing_group, node, statement, left_us) "
                              "VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    const struct db_value values[] = {db_i64(group), db_text(node), db_bytes(statement), db_i64(work->now_us)};
    uint64_t changed;
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), &changed));
    *fresh = changed > 0;
    return OK;
}

struct err store_group_left_drop(struct work *work, int64_t group, slice node, int64_t before_us, bool *dropped)
{
    static const char DROP[] = "DELETE FROM group_left WHERE sharing_group = $1 AND node = $2 AND left_us < $3";
    const struct db_value values[] = {db_i64(group), db_text(node), db_i64(before_us)};
    uint64_t changed;
    TRY(db_run(work->db, DROP, values, COUNT_OF(values), &changed));
    *dropped = changed > 0;
    return OK;
}

struct err store_group_has_left(struct db *db, int64_t group, slice node, bool *left)
{
    static const char FIND[] = "SELECT count(*) FROM group_left WHERE sharing_group = $1 AND node = $2";
    const struct db_value values[] = {db_i64(group), db_text(node)};
    int64_t found;
    TRY(db_one(db, FIND, values, COUNT_OF(values), 0, &found));
    *left = found > 0;
    return OK;
}

/* ---- Versions ---- */

#define VERSIONS "SELECT sharing_group, version, terms, proposal, narrows, decided_us FROM group_version "

static void version_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct group_version *)row = (struct group_version){
            .group = db_number(rows, 0),
            .version = db_number(rows, 1),
            .terms = arena_copy(arena, db_slice(rows, 2)),
            .proposal = arena_copy(arena, db_slice(rows, 3)),
            .narrows = db_number(rows, 4) != 0,
            .decided_us = db_number(rows, 5),
    };
}

struct err store_group_version_get(
        struct db *db, int64_t group, int64_t version, struct arena *arena, struct group_version *row)
{
    static const char GET[] = VERSIONS "WHERE sharing_group = $1 AND version = $2";
    struct page page = page_of(struct group_version, GET, version_read, 1);
    const struct db_value values[] = {db_i64(group), db_i64(version)};
    return page_get(db, &page, values, COUNT_OF(values), arena, row, "the group has no such version");
}

struct err store_group_version_list(struct db *db, int64_t group, int64_t after, size_t count, struct arena *arena,
        struct group_version **rows, size_t *row_count)
{
    static const char LIST[] = VERSIONS "WHERE sharing_group = $1 AND version > $2 ORDER BY version LIMIT $3";
    struct page page = page_of(struct group_version, LIST, version_read, count);
    const struct db_value values[] = {db_i64(group), db_i64(after)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_group_version_put(struct work *work, const struct group_version *put)
{
    static const char PUT[] =
            "INSERT INTO group_version (sharing_group, version, terms, proposal, narrows, decided_us) "
            "VALUES ($1, $2, $3, $4, $5, $6)";
    const struct db_value values[] = {db_i64(put->group), db_i64(put->version), db_bytes(put->terms),
            db_text(put->proposal), db_i64(put->narrows), db_i64(put->decided_us)};
    return db_run(work->db, PUT, values, COUNT_OF(values), NULL);
}

struct err store_group_version_drop(struct work *work, int64_t group, int64_t after)
{
    static const char DROP[] = "DELETE FROM group_version WHERE sharing_group = $1 AND version > $2";
    return db_run(work->db, DROP, (struct db_value[]){db_i64(group), db_i64(after)}, 2, NULL);
}

/* ---- Proposals ---- */

#define PROPOSALS                                                                                                      \
    "SELECT id, sharing_group, base, terms, statement, proposer, state, made_us, ends_us FROM group_proposal "

static void proposal_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct group_proposal *)row = (struct group_proposal){
            .id = arena_copy(arena, db_slice(rows, 0)),
            .group = db_number(rows, 1),
            .base = db_number(rows, 2),
            .terms = arena_copy(arena, db_slice(rows, 3)),
            .statement = arena_copy(arena, db_slice(rows, 4)),
            .proposer = arena_copy(arena, db_slice(rows, 5)),
            .state = (enum proposal_state)word_find(db_slice(rows, 6), proposal_states, COUNT_OF(proposal_states)),
            .made_us = db_number(rows, 7),
            .ends_us = db_number(rows, 8),
    };
}

static struct err room_check(struct work *work, const struct group_proposal *put)
{
    static const char ALL[] = "SELECT count(*) FROM group_proposal WHERE sharing_group = $1 AND base = $2";
    static const char OF[] =
            "SELECT count(*) FROM group_proposal WHERE sharing_group = $1 AND base = $2 AND proposer = $3";
    static const char FOUNDING[] =
            "SELECT count(*) FROM group_proposal WHERE proposer = $1 AND base = 0 AND state = 'open'";
    const struct db_value values[] = {db_i64(put->group), db_i64(put->base), db_text(put->proposer)};
    int64_t all, of, founding;
    TRY(db_one(work->db, ALL, values, 2, 0, &all));
    TRY(db_one(work->db, OF, values, 3, 0, &of));
    TRY(db_one(work->db, FOUNDING, &values[2], 1, 0, &founding));
    if (all > GROUP_PROPOSALS_MAX || of > GROUP_PROPOSALS_OF_MAX)
        return err_format(work->arena, ERR_LIMIT,
                "at most %d proposals change one version of a group, %d of them by one member", GROUP_PROPOSALS_MAX,
                GROUP_PROPOSALS_OF_MAX);
    return put->base > 0 || founding <= GROUPS_OF_MAX
                   ? OK
                   : err_format(work->arena, ERR_LIMIT, "a node proposes at most %d groups at a time", GROUPS_OF_MAX);
}

struct err store_proposal_put(struct work *work, const struct group_proposal *put, bool *fresh)
{
    static const char ADD[] =
            "INSERT INTO group_proposal (id, sharing_group, base, terms, statement, proposer, state, made_us, ends_us) "
            "VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, $8) ON CONFLICT DO NOTHING";
    const struct db_value values[] = {db_text(put->id), db_i64(put->group), db_i64(put->base), db_bytes(put->terms),
            db_bytes(put->statement), db_text(put->proposer), db_i64(work->now_us), db_i64(put->ends_us)};
    uint64_t changed;
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), &changed));
    *fresh = changed > 0;
    return *fresh ? room_check(work, put) : OK;
}

struct err store_proposal_state(struct work *work, slice id, enum proposal_state state)
{
    static const char CHANGE[] = "UPDATE group_proposal SET state = $2 WHERE id = $1";
    const struct db_value values[] = {db_text(id), db_text(slice_of(proposal_states[state]))};
    return db_run(work->db, CHANGE, values, COUNT_OF(values), NULL);
}

struct err store_proposal_get(struct db *db, slice id, struct arena *arena, struct group_proposal *row)
{
    static const char GET[] = PROPOSALS "WHERE id = $1";
    struct page page = page_of(struct group_proposal, GET, proposal_read, 1);
    return page_get(db, &page, (struct db_value[]){db_text(id)}, 1, arena, row, "there is no such proposal");
}

struct err store_proposal_list(struct db *db, int64_t group, int64_t base, struct arena *arena,
        struct group_proposal **rows, size_t *row_count)
{
    static const char LIST[] = PROPOSALS "WHERE sharing_group = $1 AND base = $2 ORDER BY id LIMIT $3";
    struct page page = page_of(struct group_proposal, LIST, proposal_read, GROUP_PROPOSALS_MAX);
    const struct db_value values[] = {db_i64(group), db_i64(base)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_proposal_due(struct db *db, int64_t now_us, size_t count, struct arena *arena,
        struct group_proposal **rows, size_t *row_count)
{
    static const char LIST[] = PROPOSALS "WHERE state = 'open' AND ends_us <= $1 ORDER BY ends_us LIMIT $2";
    struct page page = page_of(struct group_proposal, LIST, proposal_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(now_us)}, 1, arena, (void **)rows, row_count);
}

/* ---- Votes ---- */

static void vote_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct group_vote *)row = (struct group_vote){
            .proposal = arena_copy(arena, db_slice(rows, 0)),
            .node = arena_copy(arena, db_slice(rows, 1)),
            .yes = slice_eq(db_slice(rows, 2), S("yes")),
            .statement = arena_copy(arena, db_slice(rows, 3)),
            .received_us = db_number(rows, 4),
    };
}

struct err store_vote_put(struct work *work, const struct group_vote *put, bool *fresh)
{
    static const char PUT[] =
            "INSERT INTO group_vote (proposal, node, answer, statement, received_us) VALUES ($1, $2, $3, $4, $5) "
            "ON CONFLICT (proposal, node) DO UPDATE SET answer = excluded.answer, statement = excluded.statement, "
            "received_us = excluded.received_us WHERE group_vote.answer = 'no' AND excluded.answer = 'yes'";
    const struct db_value values[] = {db_text(put->proposal), db_text(put->node),
            db_text(put->yes ? S("yes") : S("no")), db_bytes(put->statement), db_i64(work->now_us)};
    uint64_t changed;
    TRY(db_run(work->db, PUT, values, COUNT_OF(values), &changed));
    *fresh = changed > 0;
    return OK;
}

struct err store_vote_list(
        struct db *db, slice proposal, struct arena *arena, struct group_vote **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT proposal, node, answer, statement, received_us FROM group_vote "
                               "WHERE proposal = $1 ORDER BY node LIMIT $2";
    struct page page = page_of(struct group_vote, LIST, vote_read, MEMBERS_MAX);
    return page_read(db, &page, (struct db_value[]){db_text(proposal)}, 1, arena, (void **)rows, row_count);
}
