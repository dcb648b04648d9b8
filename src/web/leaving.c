/* SPDX-License-Identifier: Apache-2.0 */
#include "web/leaving.h"

#include "base/arena.h"
#include "gate/gate.h"
#include "web/page.h"
#include "web/row.h"
#include "web/shared.h"

#define SCRATCH_BYTES ((size_t)512 << 20)

/* Of what is not in the store yet there is no page. */
static void path_write(struct ask *ask, int64_t object)
{
    json_write_key(&ask->json, S("path"));
    if (object == 0)
        json_write_null(&ask->json);
    else
        json_write_text(&ask->json, slice_of(outside_path(ask, "/objects/", object, "")));
}

static void goes_write(struct leaving *leaving, const struct share_previewed *row)
{
    struct ask *ask = leaving->outside.ask;
    row_write_tlp(ask, row->tlp);
    page_flag(ask, S("derived"), row->derived);
    outside_write(&leaving->outside, S("id"), row->id, OUTSIDE_NAME);
    outside_write_value(&leaving->bytes, S("bytes"), row->bytes, leaving->bytes_most);
}

static void stays_write(struct ask *ask, const struct share_previewed *row)
{
    json_write_key_text(&ask->json, S("rule"), slice_of(row->rule));
    json_write_key_text(&ask->json, S("rule_text"), shared_rule_text(ask, slice_of(row->rule)));
    page_flag(ask, S("asks"), row->asks);
}

static struct err row_write_one(void *context, const struct share_previewed *row)
{
    struct leaving *leaving = context;
    struct ask *ask = leaving->outside.ask;
    bool goes = row->rule == NULL, hidden;
    TRY(row_hidden(ask, row->object, &hidden));
    if (hidden)
        return OK;
    *(goes ? &leaving->goes : &leaving->stays) += 1;
    if (leaving->shown == leaving->shown_most)
        return OK;
    leaving->shown++;
    json_write_object(&ask->json);
    path_write(ask, row->object->number);
    outside_write(&leaving->outside, S("object"), row->object->id, OUTSIDE_NAME);
    outside_write(&leaving->outside, S("what"), outside_type(ask, row->object->type), OUTSIDE_NAME);
    page_flag(ask, S("goes"), goes);
    if (goes)
        goes_write(leaving, row);
    else
        stays_write(ask, row);
    json_write_end(&ask->json);
    return OK;
}

static struct err rows_write(struct leaving *leaving, const struct share_preview_of *of)
{
    struct ask *ask = leaving->outside.ask;
    const struct share_release_options *set = ask->gate->options.parts->release;
    struct arena *scratch = arena_open("a preview", ARENA_WORK, SCRATCH_BYTES);
    struct err err = share_preview(
            ask->db, &ask->who.actor, of, set == NULL ? &share_release_usual : set, row_write_one, leaving, scratch);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(ask->arena, slice_of(err.why));
    arena_close(scratch);
    return err;
}

struct err leaving_write(struct leaving *leaving, const struct share_preview_of *of)
{
    struct ask *ask = leaving->outside.ask;
    json_write_key(&ask->json, S("preview"));
    json_write_array(&ask->json);
    struct err err = of == NULL ? OK : rows_write(leaving, of);
    json_write_end(&ask->json);
    if (err.kind == ERR_SYSTEM || err.kind == ERR_REMOTE)
        return err;
    page_count(ask, S("goes"), leaving->goes);
    page_count(ask, S("stays"), leaving->stays);
    page_flag(ask, S("any_preview"), leaving->goes + leaving->stays > 0);
    page_flag(ask, S("more_preview"), leaving->goes + leaving->stays > leaving->shown);
    json_write_key_text(&ask->json, S("preview_why"), err.kind == ERR_NONE ? S("") : ask_text(ask, slice_of(err.why)));
    return OK;
}
