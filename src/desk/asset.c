/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/asset.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/ip.h"
#include "desk/fact.h"
#include "store/right.h"

#define DAY_LEN 10 /* of 2026-11-21 */

bool desk_moment(slice text, int64_t *us)
{
    char whole[] = "2026-11-21T00:00:00Z";
    if (text.len != DAY_LEN)
        return time_parse_strict(text, us);
    memcpy(whole, text.ptr, text.len);
    return time_parse_strict(slice_of(whole), us);
}

enum asset_kind desk_asset_guess(slice text)
{
    struct prefix prefix;
    uint64_t asn;
    if (prefix_parse(text, &prefix))
        return ASSET_PREFIX;
    bool is_asn = text.len > 2 && slice_eq_fold(slice_part(text, 0, 2), S("AS")) &&
                  slice_u64(slice_from(text, 2), UINT32_MAX, &asn);
    return is_asn ? ASSET_ASN : ASSET_DOMAIN;
}

struct changing {
    struct asset_put put;
    int64_t asset, organisation, at_us, fresh;
    slice reason;
};

static struct err tell(struct work *work, const char *act, int64_t number, slice reason)
{
    struct asset asset;
    TRY(store_asset_get(work->db, number, work->arena, &asset));
    const struct desk_fact facts[] = {{"kind", slice_of(store_asset_kind_name(asset.kind))}, {"value", asset.value},
            {"from", asset.from_us == ASSET_EVER ? S("") : time_text(asset.from_us, work->arena)},
            {"until", time_text(asset.until_us, work->arena)}, {"said_by", asset.said_by}, {"reason", reason}};
    return desk_fact_tell(work, act, "asset", number, asset.organisation, facts, COUNT_OF(facts));
}

static struct err add(struct work *work, void *context)
{
    struct changing *changing = context;
    TRY(store_right_check(work->actor, VERB_CHANGE_ASSETS, changing->put.organisation, work->arena, NULL));
    TRY(store_asset_add(work, &changing->put, &changing->fresh));
    return tell(work, "asset.added", changing->fresh, S(""));
}

static struct err end(struct work *work, void *context)
{
    const struct changing *changing = context;
    TRY(store_right_check(work->actor, VERB_CHANGE_ASSETS, 0, work->arena, NULL));
    TRY(store_asset_end(work, changing->asset, changing->at_us));
    return tell(work, "asset.ended", changing->asset, changing->reason);
}

static struct err hand(struct work *work, void *context)
{
    struct changing *changing = context;
    TRY(store_right_check(work->actor, VERB_CHANGE_ASSETS, 0, work->arena, NULL));
    TRY(store_asset_hand(
            work, changing->asset, changing->organisation, changing->at_us, changing->reason, &changing->fresh));
    TRY(tell(work, "asset.ended", changing->asset, S("")));
    return tell(work, "asset.handed", changing->fresh, S(""));
}

struct err desk_asset_add(
        struct db *db, const struct actor *actor, const struct asset_put *put, struct arena *arena, int64_t *number)
{
    struct changing changing = {.put = *put};
    TRY(desk_fact_kept(store_work(db, actor, arena, add, &changing), arena));
    *number = changing.fresh;
    return OK;
}

struct err desk_asset_end(
        struct db *db, const struct actor *actor, int64_t asset, int64_t until_us, slice reason, struct arena *arena)
{
    struct changing changing = {.asset = asset, .at_us = until_us, .reason = reason};
    return desk_fact_kept(store_work(db, actor, arena, end, &changing), arena);
}

struct err desk_asset_hand(struct db *db, const struct actor *actor, int64_t asset, int64_t organisation,
        int64_t from_us, slice said_by, struct arena *arena, int64_t *fresh)
{
    struct changing changing = {.asset = asset, .organisation = organisation, .at_us = from_us, .reason = said_by};
    TRY(desk_fact_kept(store_work(db, actor, arena, hand, &changing), arena));
    *fresh = changing.fresh;
    return OK;
}
