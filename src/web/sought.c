/* SPDX-License-Identifier: Apache-2.0 */
#include "web/sought.h"

#include <inttypes.h>

#include "base/arena.h"
#include "web/page.h"

#define PLACE_MAX 40 /* bytes of "2.9223372036854775807" */

struct err sought_read(struct ask *ask, size_t rows, struct case_find *find, bool *is)
{
    slice place, tier;
    uint64_t at = 0, number = 0;
    *find = (struct case_find){.count = rows};
    TRY(outside_asked(ask, S("q"), SEARCH_QUERY_MAX, &find->query));
    TRY(outside_asked(ask, S("place"), PLACE_MAX, &place));
    *is = slice_trim(find->query).len > 0;
    if (place.len == 0)
        return OK;
    if (!slice_next(&place, '.', &tier) || !slice_u64(tier, INT64_MAX, &at) || !slice_u64(place, INT64_MAX, &number))
        return err_make(ERR_INPUT, W_C("the list does not go on there"));
    find->place = (struct search_place){.tier = (int64_t)at, .number = (int64_t)number};
    return OK;
}

void sought_write(struct ask *ask, const char *path, slice more, const struct case_find *find)
{
    struct outside outside = outside_begin(ask, OUTSIDE_LINE);
    struct buf way = buf_make(16 * SEARCH_QUERY_MAX);
    outside_write(&outside, S("q"), find->query, SEARCH_QUERY_MAX);
    buf_put(&way, slice_of(path));
    outside_query(&way, S("q"), find->query);
    outside_query(&way, S("place"),
            slice_of(arena_printf(ask->arena, "%" PRId64 ".%" PRId64, find->place.tier, find->place.number)));
    json_write_key(&ask->json, more);
    if (find->place.end || find->query.len == 0)
        json_write_null(&ask->json);
    else
        json_write_text(&ask->json, buf_slice(&way));
    buf_free(&way);
}

struct err sought_end(struct ask *ask, struct err err)
{
    return err.kind == ERR_INPUT || err.kind == ERR_LIMIT ? page_again(ask, "q", err) : err;
}
