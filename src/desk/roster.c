/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/roster.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "desk/fact.h"
#include "event/csv.h"
#include "store/organisation.h"
#include "store/right.h"
#include "store/user.h"
#include "text/mail.h"

/* ---- What the verbs have in common ---- */

static struct err tell(struct work *work, const char *act, const struct shift *row, slice from)
{
    const struct desk_fact facts[] = {{"user", row->name}, {"rank", slice_of(store_shift_rank_name(row->is.rank))},
            {"from", time_text(row->is.from_us, work->arena)}, {"until", time_text(row->is.until_us, work->arena)},
            {"gave", from}};
    return desk_fact_tell(work, act, "shift", row->number, work->actor->organisation, facts, COUNT_OF(facts));
}

/* Who may plan it for all, or does it for oneself. */
static struct err may(struct work *work, int64_t person)
{
    bool itself = work->actor->user != 0 && work->actor->user == person;
    return store_right_check(work->actor, itself ? VERB_READ_ROSTER : VERB_CHANGE_ROSTER, 0, work->arena, NULL);
}

/* Only our own people are on call here, and nobody who could not sign in. */
static struct err ours(struct work *work, int64_t person, struct user *user)
{
    int64_t own;
    TRY(store_user_get(work->db, person, work->arena, user));
    TRY(store_organisation_own(work->db, &own));
    if (user->organisation != own)
        return err_format(
                work->arena, ERR_INPUT, "%.*s is none of our own people", (int)user->name.len, user->name.ptr);
    if (user->state == USER_LOCKED || user->state == USER_CLOSED)
        return err_format(work->arena, ERR_CONFLICT, "%.*s is %s", (int)user->name.len, user->name.ptr,
                store_user_state_name(user->state));
    return OK;
}

/* ---- Shifts ---- */

struct changing {
    struct shift_put put;
    int64_t number, person;
    slice mail, phone;
};

static struct err put_one(struct work *work, const struct shift_put *put, int64_t *number)
{
    struct user user;
    struct shift row;
    TRY(ours(work, put->person, &user));
    TRY(store_shift_put(work, put, number));
    TRY(store_shift_get(work->db, *number, work->arena, &row));
    return tell(work, "roster.put", &row, S(""));
}

static struct err put(struct work *work, void *context)
{
    struct changing *changing = context;
    TRY(store_right_check(work->actor, VERB_CHANGE_ROSTER, 0, work->arena, NULL));
    return put_one(work, &changing->put, &changing->number);
}

struct err desk_roster_put(
        struct db *db, const struct actor *actor, const struct shift_put *is, struct arena *arena, int64_t *number)
{
    struct changing changing = {.put = *is};
    TRY(desk_fact_kept(store_work(db, actor, arena, put, &changing), arena));
    *number = changing.number;
    return OK;
}

static struct err give(struct work *work, void *context)
{
    const struct changing *changing = context;
    struct shift before, after;
    struct user user;
    TRY(store_right_check(work->actor, VERB_READ_ROSTER, 0, work->arena, NULL));
    TRY(store_shift_get(work->db, changing->number, work->arena, &before));
    TRY(may(work, before.is.person));
    if (before.is.until_us <= work->now_us)
        return err_make(ERR_CONFLICT, "that shift is over: it stays as it was");
    TRY(ours(work, changing->person, &user));
    TRY(store_shift_give(work, changing->number, changing->person));
    TRY(store_shift_get(work->db, changing->number, work->arena, &after));
    return tell(work, "roster.given", &after, before.name);
}

struct err desk_roster_give(
        struct db *db, const struct actor *actor, int64_t number, int64_t person, struct arena *arena)
{
    struct changing changing = {.number = number, .person = person};
    return desk_fact_kept(store_work(db, actor, arena, give, &changing), arena);
}

static struct err drop(struct work *work, void *context)
{
    const struct changing *changing = context;
    struct shift before;
    TRY(store_right_check(work->actor, VERB_CHANGE_ROSTER, 0, work->arena, NULL));
    TRY(store_shift_get(work->db, changing->number, work->arena, &before));
    TRY(store_shift_drop(work, changing->number));
    return tell(work, "roster.dropped", &before, S(""));
}

struct err desk_roster_drop(struct db *db, const struct actor *actor, int64_t number, struct arena *arena)
{
    struct changing changing = {.number = number};
    return desk_fact_kept(store_work(db, actor, arena, drop, &changing), arena);
}

/* ---- People ---- */

static struct err reached(struct work *work, int64_t person, slice mail, slice phone)
{
    struct user user;
    if (mail.len > 0 && !mail_address_is(mail))
        return err_make(ERR_INPUT, "mail: one plain address of mail");
    TRY(ours(work, person, &user));
    TRY(store_shift_person(work, person, mail, phone));
    const struct desk_fact facts[] = {{"user", user.name}};
    return desk_fact_tell(work, "roster.person", "person", person, user.organisation, facts, COUNT_OF(facts));
}

static struct err person(struct work *work, void *context)
{
    const struct changing *changing = context;
    TRY(may(work, changing->person));
    return reached(work, changing->person, changing->mail, changing->phone);
}

struct err desk_roster_person(
        struct db *db, const struct actor *actor, int64_t who, slice mail, slice phone, struct arena *arena)
{
    struct changing changing = {.person = who, .mail = mail, .phone = phone};
    return desk_fact_kept(store_work(db, actor, arena, person, &changing), arena);
}

/* ---- A table of shifts ---- */

enum { FROM, UNTIL, USER, RANK, MAIL, PHONE, COLUMNS };
static const char *const columns[COLUMNS] = {"from", "until", "user", "rank", "mail", "phone"};

struct table {
    slice text;
    int order[COLUMNS]; /* of the file */
    size_t width, count;
};

static struct err at_line(struct arena *arena, size_t line, struct err err)
{
    return err.kind == ERR_INPUT || err.kind == ERR_MISSING || err.kind == ERR_CONFLICT
                   ? err_format(arena, ERR_INPUT, "line %zu: %s", line, err.why)
                   : err;
}

static struct err header_read(struct table *table, slice line, struct arena *arena)
{
    struct csv_cells cells = csv_cells_begin(line, ',');
    struct csv_cell cell;
    unsigned seen = 0;
    while (csv_cells_next(&cells, &cell)) {
        slice name = slice_trim(csv_cell_text(&cell, arena));
        int column = -1;
        for (int i = 0; i < COLUMNS; i++)
            column = slice_eq(name, slice_of(columns[i])) ? i : column;
        if (column < 0 || (seen >> column & 1) != 0)
            return err_make(
                    ERR_INPUT, "the columns are from, until, user, and perhaps rank, mail and phone, each once");
        seen |= 1u << column;
        table->order[table->width++] = column;
    }
    return (seen & 7u) == 7u ? OK : err_make(ERR_INPUT, "the first line names the columns from, until and user");
}

static struct err cells_read(const struct table *table, slice line, slice cells[COLUMNS], struct arena *arena)
{
    struct csv_cells reader = csv_cells_begin(line, ',');
    struct csv_cell cell;
    size_t count = 0;
    while (csv_cells_next(&reader, &cell)) {
        if (count == table->width)
            return err_format(arena, ERR_INPUT, "more cells than the %zu columns", table->width);
        cells[table->order[count++]] = slice_trim(csv_cell_text(&cell, arena));
    }
    if (reader.why != NULL)
        return err_make(ERR_INPUT, reader.why);
    return count == table->width ? OK : err_format(arena, ERR_INPUT, "fewer cells than the %zu columns", table->width);
}

static struct err row_put(struct work *work, const slice cells[COLUMNS])
{
    struct shift_put put = {.rank = SHIFT_FIRST};
    struct user user;
    int64_t number;
    if (!time_parse_strict(cells[FROM], &put.from_us) || !time_parse_strict(cells[UNTIL], &put.until_us))
        return err_make(ERR_INPUT, "a moment is written with its zone: 2026-11-23T08:00:00+07:00");
    if (cells[RANK].len > 0 && !store_shift_rank_find(cells[RANK], &put.rank))
        return err_make(ERR_INPUT, "the rank is first or second");
    TRY(store_user_find(work->db, cells[USER], work->arena, &user));
    put.person = user.number;
    TRY(put_one(work, &put, &number));
    return cells[MAIL].len + cells[PHONE].len > 0 ? reached(work, user.number, cells[MAIL], cells[PHONE]) : OK;
}

static struct err import(struct work *work, void *context)
{
    struct table *table = context;
    slice rest = table->text, line;
    size_t at = 0;
    table->width = table->count = 0;
    TRY(store_right_check(work->actor, VERB_CHANGE_ROSTER, 0, work->arena, NULL));
    if (slice_starts(rest, S("\xef\xbb\xbf")))
        rest = slice_from(rest, 3);
    while (rest.ptr != NULL && slice_next(&rest, '\n', &line)) {
        slice cells[COLUMNS] = {{0}};
        at++;
        if (slice_ends(line, S("\r")))
            line.len--;
        if (slice_trim(line).len == 0)
            continue;
        if (table->width == 0) {
            TRY(at_line(work->arena, at, header_read(table, line, work->arena)));
            continue;
        }
        TRY(at_line(work->arena, at, cells_read(table, line, cells, work->arena)));
        TRY(at_line(work->arena, at, row_put(work, cells)));
        table->count++;
    }
    return table->count > 0 ? OK : err_make(ERR_INPUT, "there is no shift in this table");
}

struct err desk_roster_import(struct db *db, const struct actor *actor, slice text, struct arena *arena, size_t *count)
{
    struct table table = {.text = text};
    if (text.len > ROSTER_BYTES_MAX)
        return err_make(ERR_LIMIT, "a table of shifts has 1 MiB at most");
    TRY(desk_fact_kept(store_work(db, actor, arena, import, &table), arena));
    *count = table.count;
    return OK;
}

/* ---- Gaps, and what is doubled ---- */

/* Somebody of that rank begins, or ends. */
struct edge {
    int64_t us;
    int step;
};

static int edge_order(const void *one, const void *other)
{
    const struct edge *a = one, *b = other;
    if (a->us != b->us)
        return a->us < b->us ? -1 : 1;
    return a->step - b->step; /* who goes goes first, so that one after the other is neither gap nor double */
}

struct holes {
    struct roster_hole *rows;
    size_t count;
    bool cut;
};

static void hole_add(struct holes *holes, struct roster_hole hole)
{
    struct roster_hole *last = holes->count == 0 ? NULL : &holes->rows[holes->count - 1];
    if (hole.until_us <= hole.from_us)
        return;
    if (last != NULL && last->doubled == hole.doubled && last->rank == hole.rank && last->until_us == hole.from_us)
        last->until_us = hole.until_us;
    else if (holes->count < ROSTER_HOLES_MAX)
        holes->rows[holes->count++] = hole;
    else
        holes->cut = true;
}

/* `least`: how many there have to be; more than one is doubled. */
static void rank_sweep(struct holes *holes, const struct edge *edges, size_t count, enum shift_rank rank, int least,
        int64_t from_us, int64_t until_us)
{
    int there = 0;
    int64_t at = from_us;
    for (size_t i = 0; i <= count; i++) {
        int64_t to = i == count || edges[i].us > until_us ? until_us : edges[i].us;
        if (to > at && (there < least || there > 1))
            hole_add(holes, (struct roster_hole){there > 1, rank, at, to});
        at = to > at ? to : at;
        there += i == count ? 0 : edges[i].step;
    }
}

static size_t edges_of(const struct shift *rows, size_t count, enum shift_rank rank, struct edge *edges)
{
    size_t made = 0;
    for (size_t i = 0; i < count; i++)
        if (rows[i].is.rank == rank && !rows[i].away) {
            edges[made++] = (struct edge){rows[i].is.from_us, 1};
            edges[made++] = (struct edge){rows[i].is.until_us, -1};
        }
    qsort(edges, made, sizeof *edges, edge_order);
    return made;
}

struct err desk_roster_holes(const struct shift *rows, size_t count, int64_t from_us, int64_t until_us,
        struct arena *arena, struct roster_hole **holes, size_t *hole_count, bool *cut)
{
    static const int least[SHIFT_RANKS] = {[SHIFT_FIRST] = 1, [SHIFT_SECOND] = 0};
    struct edge *edges = arena_new(arena, struct edge, 2 * count + 1);
    struct holes made = {.rows = arena_new(arena, struct roster_hole, ROSTER_HOLES_MAX)};
    for (enum shift_rank rank = 0; rank < SHIFT_RANKS; rank++)
        rank_sweep(&made, edges, edges_of(rows, count, rank, edges), rank, least[rank], from_us, until_us);
    *holes = made.rows;
    *hole_count = made.count;
    *cut = made.cut;
    return arena_check(arena);
}

/* ---- Now ---- */

static int rank_order(const void *one, const void *other)
{
    const struct shift *a = one, *b = other;
    if (a->is.rank != b->is.rank)
        return a->is.rank < b->is.rank ? -1 : 1;
    return a->number < b->number ? -1 : 1;
}

static struct err gap_find(struct db *db, int64_t at_us, struct arena *arena, struct roster_hole *gap)
{
    struct roster_hole *holes;
    struct shift *rows;
    size_t count, hole_count;
    bool cut;
    TRY(store_shift_list(db, at_us, at_us + ROSTER_SOON_US, arena, &rows, &count));
    TRY(desk_roster_holes(rows, count, at_us, at_us + ROSTER_SOON_US, arena, &holes, &hole_count, &cut));
    for (size_t i = 0; i < hole_count; i++)
        if (!holes[i].doubled) {
            *gap = holes[i];
            return OK;
        }
    return OK;
}

static struct err next_find(struct db *db, int64_t at_us, struct arena *arena, struct shift *next)
{
    struct shift *rows;
    size_t count;
    TRY(store_shift_next(db, at_us, STORE_PAGE_MAX, arena, &rows, &count));
    for (size_t i = 0; i < count && next->number == 0; i++)
        if (rows[i].is.rank == SHIFT_FIRST && !rows[i].away)
            *next = rows[i];
    return OK;
}

struct err desk_roster_now(struct db *db, int64_t at_us, struct arena *arena, struct roster_now *now)
{
    struct roster_now found = {.count = 0};
    struct shift *rows;
    size_t count;
    TRY(store_shift_any(db, &found.kept));
    TRY(store_shift_list(db, at_us, at_us + 1, arena, &rows, &count));
    found.now = rows;
    for (size_t i = 0; i < count; i++)
        if (!rows[i].away)
            rows[found.count++] = rows[i];
    if (found.count > 1)
        qsort(found.now, found.count, sizeof *found.now, rank_order);
    TRY(next_find(db, at_us, arena, &found.next));
    if (found.kept)
        TRY(gap_find(db, at_us, arena, &found.gap));
    *now = found;
    return arena_check(arena);
}
