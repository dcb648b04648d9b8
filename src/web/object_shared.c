/* SPDX-License-Identifier: Apache-2.0 */
/* With which partners an object is, under which agreement, and why with the others not. */
#include "base/arena.h"
#include "share/keys.h"
#include "store/due.h"
#include "store/released.h"
#include "store/withheld.h"
#include "web/object.h"
#include "web/page.h"
#include "web/shared.h"

#define SIDES 30 /* partners that are shown */

static void write_state(struct ask *ask, slice state, slice text, const char *look)
{
    json_write_key_text(&ask->json, S("state"), state);
    json_write_key_text(&ask->json, S("state_text"), ask_text(ask, text));
    json_write_key_text(&ask->json, S("look"), slice_of(look));
}

static struct err write_side(struct viewing *viewing, const struct side *side)
{
    struct ask *ask = viewing->ask;
    struct released *rows;
    struct withheld withheld = {.rule = S("")};
    size_t count;
    TRY(store_released_valid(ask->db, side->agreement, viewing->object.number, false, viewing->scratch, &rows, &count));
    struct err err =
            count > 0 ? err_make(ERR_MISSING, "")
                      : store_withheld_get(ask->db, side->partner, viewing->object.number, viewing->scratch, &withheld);
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("partner"), (uint64_t)side->partner);
    outside_write(&viewing->shown, S("name"), side->name, OUTSIDE_NAME);
    json_write_key_u64(&ask->json, S("agreement"), (uint64_t)side->agreement);
    if (count > 0)
        write_state(ask, S("released"), W("they have it"), "good");
    else if (err.kind == ERR_NONE)
        write_state(ask, S("stays"), W("stays here"), "");
    else
        write_state(ask, S("undecided"), W("not decided yet"), "");
    json_write_key_text(
            &ask->json, S("rule_text"), withheld.rule.len > 0 ? shared_rule_text(ask, withheld.rule) : S(""));
    page_moment(ask, S("since"), count > 0 ? rows[0].added_us : TIME_NONE);
    outside_write(&viewing->shown, S("as"), count > 0 ? rows[0].id : S(""), OUTSIDE_NAME);
    json_write_end(&ask->json);
    return OK;
}

struct err object_write_shared(struct viewing *viewing)
{
    struct ask *ask = viewing->ask;
    struct side *sides;
    slice own;
    size_t count = 0;
    bool may = outside_may(ask, VERB_READ_SHARING);
    arena_reset(viewing->scratch);
    struct err err = may ? share_own_node(ask->db, ask->arena, &own) : OK;
    if (may && err.kind == ERR_NONE)
        err = store_side_list(ask->db, own, ask->arena, &sides, &count);
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    json_write_key(&ask->json, S("shared"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count && i < SIDES; i++)
        TRY(write_side(viewing, &sides[i]));
    json_write_end(&ask->json);
    page_flag(ask, S("any_shared"), count > 0);
    page_flag(ask, S("may_recall"), outside_may(ask, VERB_STOP_SHARING));
    return OK;
}
