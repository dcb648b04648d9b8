/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/api.h"

#include "gate/gate.h"

static void put_fields(const struct ask *ask, struct json_writer *w, const struct route_field *field)
{
    json_write_key(w, S("fields"));
    json_write_array(w);
    for (; field != NULL && field->name != NULL; field++) {
        json_write_object(w);
        json_write_key_text(w, S("name"), slice_of(field->name));
        json_write_key_text(w, S("about"), ask_text(ask, slice_of(field->about)));
        json_write_key(w, S("needed"));
        json_write_bool(w, field->needed);
        json_write_end(w);
    }
    json_write_end(w);
}

static void put_route(const struct ask *ask, struct json_writer *w, const struct route *route)
{
    json_write_object(w);
    json_write_key_text(w, S("method"), http_method_name(route->method));
    json_write_key_text(w, S("path"), slice_of(route->path));
    json_write_key_text(w, S("name"), slice_of(route->name));
    json_write_key_text(w, S("about"), ask_text(ask, slice_of(route->about)));
    json_write_key_text(w, S("family"), slice_of(route->face->name));
    json_write_key(w, S("open"));
    json_write_bool(w, route->access == ROUTE_OPEN);
    json_write_key_text(w, S("right"), slice_of(route->verb == VERBS ? "" : store_verb_name(route->verb)));
    json_write_key_text(w, S("scope"), slice_of(route_scope_name(route->scope)));
    json_write_key_u64(w, S("body_max"), route->body_max);
    put_fields(ask, w, route->fields);
    json_write_end(w);
}

struct err gate_api(struct ask *ask)
{
    struct json_writer *w = &ask->json;
    json_write_key_text(w, S("title"), ask_text(ask, W("Pages and forms")));
    json_write_key(w, S("routes"));
    json_write_array(w);
    for (const struct route *route = ask->gate->options.routes; route->path != NULL; route++)
        if (gate_lets_in(&ask->who, route, ask->arena).kind == ERR_NONE)
            put_route(ask, w, route);
    json_write_end(w);
    return OK;
}
