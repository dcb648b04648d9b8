/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/clock.h"
#include "desk/fact.h"
#include "desk/roll_table.h"
#include "store/asset.h"
#include "store/contact.h"
#include "store/organisation.h"
#include "store/right.h"
#include "store/service.h"
#include "store/supply.h"

#define TIME_BYTES_MAX 64

/* A page on its way out. */
struct writing {
    struct db *db;
    struct arena *arena;
    struct buf *out;
    struct roll_place *place;
    struct organisation last; /* whose the row before was: they stand together, mostly */
};

static void cells_write(struct buf *out, const slice *cells, size_t count)
{
    for (size_t i = 0; i < count; i++)
        roll_cell_write(out, i == 0, cells[i]);
    buf_put(out, S("\r\n"));
}

static slice number(struct arena *arena, int64_t value)
{
    return slice_of(arena_printf(arena, "%lld", (long long)value));
}

static slice moment(struct arena *arena, int64_t us)
{
    char room[TIME_BYTES_MAX];
    struct buf text = {.ptr = room, .cap = sizeof room, .max = sizeof room};
    if (us != TIME_NONE)
        time_write(&text, us);
    return arena_copy(arena, buf_slice(&text));
}

static bool is_on_roll(const struct organisation *row)
{
    return (row->relation == RELATION_CONSTITUENT || row->relation == RELATION_OTHER) &&
           row->state != ORGANISATION_CLOSED;
}

/* Whose a row is, if they are on the roll. */
static struct err owner(struct writing *writing, int64_t organisation, bool *on)
{
    if (writing->last.number != organisation)
        TRY(store_organisation_get(writing->db, organisation, writing->arena, &writing->last));
    *on = is_on_roll(&writing->last);
    return OK;
}

static struct err organisation_write(struct writing *writing, const struct organisation *row)
{
    struct organisation parent = {.number = 0};
    struct service service;
    if (!is_on_roll(row))
        return OK;
    if (row->parent != 0)
        TRY(store_organisation_get(writing->db, row->parent, writing->arena, &parent));
    struct err err = store_service_get(writing->db, row->number, writing->arena, &service);
    if (err.kind != ERR_MISSING)
        TRY(err);
    const slice cells[] = {row->name, row->kind, row->sector, row->country,
            slice_of(store_relation_name(row->relation)), slice_of(store_organisation_state_name(row->state)),
            parent.name, err.kind == ERR_MISSING ? S("") : number(writing->arena, service.memory_days)};
    cells_write(writing->out, cells, COUNT_OF(cells));
    return OK;
}

static struct err organisations(struct writing *writing, size_t *count)
{
    struct organisation *rows;
    TRY(store_organisation_list(writing->db, writing->place->after, STORE_PAGE_MAX, writing->arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        TRY(organisation_write(writing, &rows[i]));
        writing->place->after = rows[i].number;
    }
    return OK;
}

static struct err contacts(struct writing *writing, size_t *count)
{
    struct contact *rows;
    TRY(store_contact_list(writing->db, writing->place->after, STORE_PAGE_MAX, writing->arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        bool on;
        writing->place->after = rows[i].number;
        TRY(owner(writing, rows[i].organisation, &on));
        if (!on || rows[i].state == CONTACT_CLOSED)
            continue;
        const struct contact_put *is = &rows[i].is;
        const slice cells[] = {writing->last.name, is->name, number(writing->arena, is->rank), is->mail, is->phone,
                is->languages, is->hours};
        cells_write(writing->out, cells, COUNT_OF(cells));
    }
    return OK;
}

static struct err assets(struct writing *writing, size_t *count)
{
    struct asset *rows;
    TRY(store_asset_list(writing->db, 0, writing->place->after, STORE_PAGE_MAX, writing->arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        bool on;
        writing->place->after = rows[i].number;
        TRY(owner(writing, rows[i].organisation, &on));
        if (!on || rows[i].until_us == rows[i].from_us)
            continue;
        const slice cells[] = {writing->last.name, slice_of(store_asset_kind_name(rows[i].kind)), rows[i].value,
                rows[i].from_us == ASSET_EVER ? S("") : moment(writing->arena, rows[i].from_us),
                moment(writing->arena, rows[i].until_us), rows[i].said_by};
        cells_write(writing->out, cells, COUNT_OF(cells));
    }
    return OK;
}

/* Of partners and the own organisation, too: who supplies whom goes beyond the roll. */
static struct err supplies(struct writing *writing, size_t *count)
{
    struct supply *rows;
    TRY(store_supply_list(writing->db, writing->place->after, STORE_PAGE_MAX, writing->arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        const slice cells[] = {rows[i].supplier_name, rows[i].customer_name, rows[i].what};
        cells_write(writing->out, cells, COUNT_OF(cells));
        writing->place->after = rows[i].number;
    }
    return OK;
}

static const struct {
    enum verb verb;
    struct err (*page)(struct writing *writing, size_t *count);
} kinds[ROLL_KINDS] = {
        [ROLL_ORGANISATIONS] = {VERB_READ_ORGANISATIONS, organisations},
        [ROLL_CONTACTS] = {VERB_READ_EVENTS, contacts},
        [ROLL_ASSETS] = {VERB_READ_EVENTS, assets},
        [ROLL_SUPPLIES] = {VERB_READ_ORGANISATIONS, supplies},
};

struct err desk_roll_write(struct db *db, const struct actor *actor, enum roll_kind kind, struct roll_place *place,
        struct arena *arena, struct buf *out)
{
    struct writing writing = {db, arena, out, place, {.number = 0}};
    const char *const *column = roll_tables[kind].columns;
    size_t count;
    TRY(store_right_check(actor, kinds[kind].verb, 0, arena, NULL));
    for (bool first = true; !place->begun && *column != NULL; column++, first = false)
        roll_cell_write(out, first, slice_of(*column));
    if (!place->begun)
        buf_put(out, S("\r\n"));
    place->begun = true;
    TRY(kinds[kind].page(&writing, &count));
    place->end = count < STORE_PAGE_MAX;
    return buf_check(out);
}
