/* SPDX-License-Identifier: Apache-2.0 */
#include "app/incident_responsible.h"

#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "case/incident.h"
#include "case/responsible.h"
#include "input/input.h"
#include "store/organisation.h"
#include "text/ini.h"
#include "text/shown.h"

struct err responsible_table(const struct local *local, struct plan_responsibility *table)
{
    const char *file = node_path(&local->node, "responsibility.conf", local->arena);
    struct input_text text;
    if (access(file, F_OK) != 0)
        return plan_responsibility_shipped(local->arena, table);
    TRY(input_text(file, INI_TEXT_MAX, local->arena, &text));
    struct err err = plan_responsibility_read(file, text.text, NULL, NULL, local->arena, table);
    input_text_free(&text);
    return err;
}

static struct err line_show(const struct local *local, const struct case_responsible *row)
{
    struct organisation whose = {.name = S("")};
    struct buf buf = buf_make(1u << 16);
    if (row->organisation != 0)
        TRY(store_organisation_get(local->db, row->organisation, local->arena, &whose));
    const slice columns[] = {slice_of(store_party_role_name(row->role)), row->who, whose.name,
            row->is                  ? S("is so")
            : row->organisation != 0 ? S("proposed")
                                     : S("nobody here is called so")};
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        buf_put(&buf, i == 0 ? S("") : S("\t"));
        shown_text_write(&buf, columns[i], false);
    }
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
    return OK;
}

struct err responsible_show(struct local *local, const struct plan_responsibility *table, int64_t incident)
{
    struct incident row;
    struct case_proposed proposed;
    enum case_sight sight;
    TRY(store_incident_get(local->db, incident, local->arena, &row));
    TRY(case_sees(local->db, &local->actor, &row, local->arena, &sight));
    if (sight != CASE_ALL)
        return err_make(ERR_MISSING, "there is no such incident");
    TRY(case_responsible_propose(local->db, table, &row, local->arena, &proposed));
    for (size_t i = 0; i < proposed.count; i++)
        TRY(line_show(local, &proposed.rows[i]));
    return OK;
}

struct taking {
    const struct plan_responsibility *table;
    int64_t incident;
};

static struct err take_do(struct work *work, void *context)
{
    const struct taking *taking = context;
    return case_responsible_take(work, taking->table, taking->incident);
}

struct err responsible_take(struct local *local, const struct plan_responsibility *table, int64_t incident)
{
    struct taking taking = {table, incident};
    return store_work(local->db, &local->actor, local->arena, take_do, &taking);
}
