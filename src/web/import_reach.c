/* SPDX-License-Identifier: Apache-2.0 */
#include "web/import_reach.h"

#include "gate/gate.h"
#include "web/outside.h"
#include "web/page.h"
#include "web/warned.h"

static void write_row(struct outside *outside, const struct preview_row *row)
{
    struct ask *ask = outside->ask;
    const struct indicator *value = row->value;
    json_write_object(&ask->json);
    outside_write_value(outside, S("value"), value->value, OUTSIDE_NAME);
    json_write_key_text(&ask->json, S("type"),
            value->type == OBSERVABLE_OTHER ? value->name : slice_of(observable_type_name(value->type)));
    page_count(ask, S("organisations"), row->reach.organisations);
    page_flag(ask, S("any_organisation"), row->reach.organisations > 0);
    page_flag(ask, S("is_noise"), row->reach.noise);
    page_flag(ask, S("is_listed"), row->reach.listed);
    json_write_end(&ask->json);
}

static void write_preview(struct ask *ask, const struct preview *preview)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE / 2);
    json_write_object(&ask->json);
    page_count(ask, S("values"), preview->values);
    page_count(ask, S("left"), preview->left);
    page_flag(ask, S("any_left"), preview->left > 0);
    page_count(ask, S("met"), preview->met);
    page_count(ask, S("noise"), preview->noise);
    page_flag(ask, S("any_noise"), preview->noise > 0);
    page_count(ask, S("listed"), preview->listed);
    page_flag(ask, S("any_listed"), preview->listed > 0);
    page_flag(ask, S("any"), preview->row_count > 0);
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < preview->row_count; i++)
        write_row(&outside, &preview->rows[i]);
    json_write_end(&ask->json);
    json_write_end(&ask->json);
}

struct err import_reach_write(struct ask *ask, struct previewer *previewer)
{
    const struct node_parts *parts = ask->gate->options.parts;
    struct preview preview = {0};
    struct err err = err_make(ERR_DENIED, "who asks may not look into the past of all");
    if (parts->remember != NULL && warned_need(ask, VERB_HUNT).kind == ERR_NONE) {
        const struct hunt_noise noise = warned_noise(ask);
        err = preview_ask(previewer, &noise, parts->remember, ask->db, &ask->who.actor, ask->arena, &preview);
        warned_noise_leave(ask, &noise);
        TRY(err);
    }
    json_write_key(&ask->json, S("reach"));
    if (err.kind == ERR_NONE)
        write_preview(ask, &preview);
    else
        json_write_null(&ask->json);
    return OK;
}
