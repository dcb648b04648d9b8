/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The organisations that the node knows, and one of them. Who may see only the own one is shown no other.
 */
#include "store/organisation.h"

#include "gate/gate.h"
#include "web/constituent.h"
#include "web/label.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/supply.h"

#define ROWS 200 /* of a page */

static bool may_see(const struct ask *ask, int64_t organisation)
{
    bool second;
    return store_right_check(&ask->who.actor, VERB_READ_ORGANISATIONS, organisation, ask->arena, &second).kind ==
           ERR_NONE;
}

static void write_facts(struct ask *ask, const struct organisation *organisation)
{
    struct json_writer *json = &ask->json;
    json_write_key_u64(json, S("number"), (uint64_t)organisation->number);
    json_write_key_text(json, S("name"), organisation->name);
    json_write_key_text(json, S("identity"), organisation->identity);
    json_write_key_text(json, S("kind"), organisation->kind);
    json_write_key_text(json, S("sector"), organisation->sector);
    json_write_key_text(json, S("country"), organisation->country);
    json_write_key_text(json, S("team_of"), organisation->team_of);
    label_relation(ask, organisation->relation);
    label_organisation_state(ask, organisation->state);
    page_moment(ask, S("added"), organisation->added_us);
}

struct err web_organisations(struct ask *ask)
{
    struct organisation *rows;
    size_t count;
    uint64_t after;
    TRY(ask_number(ask, S("after"), INT64_MAX, 0, &after));
    TRY(store_organisation_list(ask->db, (int64_t)after, ROWS, ask->arena, &rows, &count));
    page_title(ask, ask_text(ask, W("Organisations")));
    json_write_key(&ask->json, S("organisations"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        if (!may_see(ask, rows[i].number))
            continue;
        json_write_object(&ask->json);
        write_facts(ask, &rows[i]);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_more(ask, count == ROWS ? rows[count - 1].number : 0);
    return OK;
}

/* ---- One ---- */

static struct err write_names(struct ask *ask, int64_t number)
{
    struct organisation_name *names;
    size_t count;
    TRY(store_organisation_names(ask->db, number, ask->arena, &names, &count));
    json_write_key(&ask->json, S("names"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("name"), names[i].name);
        page_moment(ask, S("from"), names[i].from_us);
        page_moment(ask, S("until"), names[i].until_us);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    return OK;
}

/* The one that it belongs to, where who asks may see that one, too. */
static struct err write_above(struct ask *ask, int64_t parent)
{
    struct organisation above;
    json_write_key(&ask->json, S("above"));
    if (parent == 0 || !may_see(ask, parent)) {
        json_write_null(&ask->json);
        return OK;
    }
    TRY(store_organisation_get(ask->db, parent, ask->arena, &above));
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)above.number);
    json_write_key_text(&ask->json, S("name"), above.name);
    json_write_end(&ask->json);
    return OK;
}

struct err web_organisation(struct ask *ask)
{
    int64_t number;
    struct organisation organisation;
    TRY(ask_part_number(ask, 0, &number));
    if (!may_see(ask, number))
        return err_make(ERR_MISSING, "there is no such organisation");
    TRY(store_organisation_get(ask->db, number, ask->arena, &organisation));
    page_title(ask, organisation.name);
    write_facts(ask, &organisation);
    TRY(write_above(ask, organisation.parent));
    TRY(write_names(ask, number));
    TRY(supply_write(ask, &organisation));
    return constituent_write(ask, &organisation);
}
