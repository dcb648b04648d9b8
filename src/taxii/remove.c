/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking an object out of a collection (TAXII 2.1 section 5.7). It stays in the store as what its source said, with the
 * journal's word on who took it out. A partner takes what it posted out of its inbox; whether there was anything, its
 * answer does not say.
 */
#include "store/delivery.h"
#include "taxii/options.h"
#include "taxii/query.h"
#include "taxii/rows.h"

#define DETAIL_BYTES_MAX 4096

struct removing {
    const struct collection *collection;
    int64_t partner; /* whose inbox it is; 0: nobody's */
    slice id;
    struct taxii_query query;
    uint64_t dropped;
};

static struct err tell(struct work *work, const struct removing *removing)
{
    struct buf detail = buf_make(DETAIL_BYTES_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_u64(&w, S("collection"), (uint64_t)removing->collection->number);
    json_write_key_text(&w, S("id"), removing->id);
    json_write_key_u64(&w, S("versions"), removing->dropped);
    json_write_end(&w);
    slice id = removing->collection->id;
    slice subject = slice_of(arena_printf(work->arena, "collection/%.*s", (int)id.len, id.ptr));
    struct err err = store_work_news(work, "collection.dropped", subject, buf_slice(&detail));
    buf_free(&detail);
    return err;
}

static struct err drop(struct work *work, void *context)
{
    struct removing *removing = context;
    TRY(store_collection_may_write(work->db, work->actor, removing->collection->number));
    TRY(store_collected_drop(
            work, removing->collection->number, removing->id, &removing->query.rows, &removing->dropped));
    if (removing->dropped == 0)
        return removing->partner != 0 ? OK : err_make(ERR_MISSING, "there is no such object in the collection");
    return tell(work, removing);
}

/* Without a version all of them go: afterwards the object is not found (section 5.7). */
struct err taxii_delete(struct ask *ask)
{
    struct taxii_view view;
    TRY(taxii_begin(ask, true));
    TRY(taxii_view_find(ask, ask->parts[1], &view));
    struct removing removing = {.collection = &view.collection, .id = ask->parts[2]};
    if (view.kind->takes && view.collection.can_write)
        TRY(store_delivery_inbox(ask->db, view.collection.number, &removing.partner));
    bool reads = view.collection.can_read || removing.partner != 0;
    if (!reads || !view.collection.can_write || !view.kind->takes)
        return err_make(ERR_DENIED, "this account may not delete from the collection (TAXII 2.1 section 5.7)");
    TRY(taxii_query_read(ask, FIELD_VERSION | FIELD_SPEC, view.collection.id, &removing.query));
    struct collected_query *rows = &removing.query.rows;
    if (rows->versions == 0 && rows->exact_count == 0)
        rows->versions = VERSIONS_ALL;
    if (rows->specs == 0)
        rows->specs = SPECS_20 | SPECS_21;
    TRY(store_work(ask->db, &ask->who.actor, ask->arena, drop, &removing));
    taxii_reply(ask, 200, 0);
    return OK;
}
