/* SPDX-License-Identifier: Apache-2.0 */
/* Of an indicator: how many of those we serve would have met it before it came, and who was warned because of it. */
#include "detect/hunt.h"
#include "gate/gate.h"
#include "store/memory.h"
#include "store/met.h"
#include "web/object.h"
#include "web/page.h"
#include "web/warned.h"

#define WARNED_SHOWN 12

static struct err write_reach(struct viewing *viewing)
{
    struct ask *ask = viewing->ask;
    struct memory_reach reach;
    struct err err = store_memory_reach_get(ask->db, viewing->object.id, ask->arena, &reach);
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    json_write_key(&ask->json, S("reach"));
    if (err.kind == ERR_MISSING) {
        json_write_null(&ask->json);
        return OK;
    }
    json_write_object(&ask->json);
    page_count(ask, S("organisations"), (uint64_t)reach.organisations);
    page_count(ask, S("sightings"), (uint64_t)reach.sightings);
    page_moment(ask, S("first"), reach.first_us);
    page_moment(ask, S("last"), reach.last_us);
    page_moment(ask, S("looked"), reach.looked_us);
    const struct hunt_noise noise = {.most = ask->gate->options.parts->reach_max};
    page_flag(ask, S("is_noise"), hunt_is_noise(&noise, (uint64_t)reach.organisations));
    page_flag(ask, S("is_listed"), reach.listed);
    json_write_end(&ask->json);
    return OK;
}

static struct err write_warned(struct viewing *viewing)
{
    struct ask *ask = viewing->ask;
    struct warned_names names = {0};
    struct warning *rows;
    size_t count;
    TRY(store_warning_of_cause(
            ask->db, S(CAUSE_INDICATOR), viewing->object.id, 0, WARNED_SHOWN + 1, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("warned"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count && i < WARNED_SHOWN; i++) {
        json_write_object(&ask->json);
        TRY(warned_write(&viewing->shown, &names, &rows[i]));
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_warned"), count > 0);
    page_flag(ask, S("more_warned"), count > WARNED_SHOWN);
    return OK;
}

struct err object_write_met(struct viewing *viewing)
{
    bool shown = slice_eq(viewing->object.type, S("indicator")) &&
                 warned_need(viewing->ask, VERB_READ_EVENTS).kind == ERR_NONE;
    page_flag(viewing->ask, S("looks_back"), shown);
    if (!shown)
        return OK;
    TRY(write_reach(viewing));
    return write_warned(viewing);
}
