/* SPDX-License-Identifier: Apache-2.0 */
/* Sources: whose word intelligence is, how much there is of each, and when it last brought any. */
#include "base/arena.h"
#include "store/browse.h"
#include "store/import.h"
#include "store/source.h"
#include "web/outside.h"
#include "web/page.h"
#include "web/pages.h"

#define ROWS 40
#define COUNTED_MAX 10000 /* objects of a source that are counted; beyond it is "more than" */

static const struct {
    const char *name, *text;
} kinds[] = {{"file", W_C("file")}, {"paste", W_C("paste")}, {"feed", W_C("feed")}, {"taxii", "TAXII"},
        {"desk", W_C("desk")}};

static slice kind_text(const struct ask *ask, slice kind)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (slice_eq(kind, slice_of(kinds[i].name)))
            return ask_text(ask, slice_of(kinds[i].text));
    return kind;
}

static struct err write_source(struct ask *ask, const struct source *source)
{
    struct outside outside = outside_begin(ask, 2 * OUTSIDE_NAME);
    struct import *last;
    size_t imports;
    int64_t count;
    TRY(store_browse_count(ask->db, source->number, COUNTED_MAX + 1, &count));
    TRY(store_import_list(ask->db, source->number, INT64_MAX, 1, ask->arena, &last, &imports));
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)source->number);
    outside_write(&outside, S("name"), source->name, OUTSIDE_NAME);
    json_write_key_text(&ask->json, S("kind"), source->kind);
    json_write_key_text(&ask->json, S("kind_text"), kind_text(ask, source->kind));
    page_count(ask, S("objects"), (uint64_t)(count > COUNTED_MAX ? COUNTED_MAX : count));
    page_flag(ask, S("objects_more"), count > COUNTED_MAX);
    page_moment(ask, S("added"), source->added_us);
    page_moment(ask, S("last_import"), imports > 0 ? last[0].began_us : TIME_NONE);
    json_write_end(&ask->json);
    return OK;
}

struct err web_sources(struct ask *ask)
{
    struct source *rows;
    uint64_t after;
    size_t count;
    TRY(outside_need(ask, VERB_READ_OBJECTS));
    TRY(ask_number(ask, S("after"), INT64_MAX, 0, &after));
    TRY(store_source_list(ask->db, (int64_t)after, ROWS, ask->arena, &rows, &count));
    page_title(ask, ask_text(ask, W("Sources")));
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++)
        TRY(write_source(ask, &rows[i]));
    json_write_end(&ask->json);
    page_flag(ask, S("empty"), count == 0);
    json_write_key(&ask->json, S("more"));
    if (count < ROWS)
        json_write_null(&ask->json);
    else
        json_write_text(&ask->json, slice_of(outside_path(ask, "/sources?after=", rows[count - 1].number, "")));
    return OK;
}
