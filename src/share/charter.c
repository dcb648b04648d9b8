/* SPDX-License-Identifier: Apache-2.0 */
#include "share/charter.h"

#include "base/arena.h"
#include "share/strict.h"
#include "json/read.h"
#include "json/write.h"

#define ABOUT "terms of reference"
#define MEETING_MAX 4000
#define FRACTION_MAX 1000

/* ---- What stands at the keys ---- */

static struct err read_meeting(struct strict *strict, slice value, void *target)
{
    return strict_text(strict, value, MEETING_MAX, target);
}

static struct err read_fraction(struct strict *strict, slice value, void *target)
{
    return strict_number(strict, value, FRACTION_MAX, target);
}

static struct err read_quorum(struct strict *strict, slice value, void *target)
{
    return strict_number(strict, value, CHARTER_MEMBERS_MAX, target);
}

static struct err read_days(struct strict *strict, slice value, void *target)
{
    return strict_number(strict, value, CHARTER_DAYS_MAX, target);
}

static struct err read_member(struct strict *strict, slice value, void *target)
{
    static const struct strict_key keys[] = {{"node", true, strict_node}, {"name", true, strict_name}};
    struct share_member *member = target;
    void *const targets[] = {&member->node, &member->name};
    return strict_keys(strict, value, keys, COUNT_OF(keys), targets);
}

static struct err read_members(struct strict *strict, slice value, void *target)
{
    static const struct strict_list members = {CHARTER_MEMBERS_MAX, sizeof(struct share_member), read_member};
    struct share_charter *charter = target;
    void *rows;
    TRY(strict_list(strict, value, &members, &rows, &charter->member_count));
    charter->members = rows;
    for (size_t i = 0; i < charter->member_count; i++)
        for (size_t j = 0; j < i; j++)
            if (slice_eq(charter->members[i].node, charter->members[j].node))
                return strict_wrong(strict, "a node stands there twice");
    return charter->member_count >= 2 ? OK : strict_wrong(strict, "a group has two members at least");
}

static struct err read_proposers(struct strict *strict, slice value, void *target)
{
    static const struct strict_list nodes = {CHARTER_MEMBERS_MAX, sizeof(slice), strict_node};
    struct share_charter *charter = target;
    void *rows;
    TRY(strict_list(strict, value, &nodes, &rows, &charter->proposer_count));
    charter->proposers = rows;
    return charter->proposer_count > 0 ? OK : strict_wrong(strict, "nobody could propose: leave it out for everybody");
}

static struct err read_majority(struct strict *strict, slice value, void *target)
{
    static const struct strict_key keys[] = {{"yes", true, read_fraction}, {"of", true, read_fraction}};
    struct share_charter *charter = target;
    void *const targets[] = {&charter->yes, &charter->of};
    TRY(strict_keys(strict, value, keys, COUNT_OF(keys), targets));
    if (charter->yes > charter->of)
        return strict_wrong(strict, "that is more than all");
    return charter->yes * 2 > charter->of
                   ? OK
                   : strict_wrong(strict, "it has to be more than a half: else two proposals could both be carried");
}

static struct err read_rules(struct strict *strict, slice value, void *target)
{
    static const struct strict_key keys[] = {{"quorum", true, read_quorum}, {"majority", true, read_majority},
            {"days", true, read_days}, {"proposers", false, read_proposers}};
    struct share_charter *charter = target;
    void *const targets[] = {&charter->quorum, charter, &charter->days, charter};
    return strict_keys(strict, value, keys, COUNT_OF(keys), targets);
}

static struct err read_meetings(struct strict *strict, slice value, void *target)
{
    static const struct strict_list meetings = {CHARTER_MEETINGS_MAX, sizeof(slice), read_meeting};
    struct share_charter *charter = target;
    void *rows;
    TRY(strict_list(strict, value, &meetings, &rows, &charter->meeting_count));
    charter->meetings = rows;
    return OK;
}

/* ---- The document ---- */

static const struct strict_key charter_keys[] = {
        {"version", true, strict_version},
        {"name", true, strict_name},
        {"purpose", true, strict_purpose},
        {"members", true, read_members},
        {"rules", true, read_rules},
        {"marking", true, strict_tlp},
        {"meetings", false, read_meetings},
        {"dissolved", false, strict_bool},
};

/* Between its keys. */
static struct err whole_check(const struct share_charter *charter)
{
    if (charter->quorum > (int64_t)charter->member_count)
        return err_make(ERR_INPUT, ABOUT ": rules.quorum: more votes than there are members");
    for (size_t i = 0; i < charter->proposer_count; i++)
        if (!share_charter_has(charter, charter->proposers[i]))
            return err_make(ERR_INPUT, ABOUT ": rules.proposers: one of them is no member");
    return OK;
}

struct err share_charter_read(slice json, struct arena *arena, struct share_charter *charter)
{
    struct share_charter read = {.version = 0};
    struct strict strict = {ABOUT, arena, ""};
    void *const targets[COUNT_OF(charter_keys)] = {
            &read.version, &read.name, &read.purpose, &read, &read, &read.marking, &read, &read.dissolved};
    TRY(strict_canonical(ABOUT, json, CHARTER_BYTES_MAX, arena, &read.text));
    TRY(strict_keys(&strict, read.text, charter_keys, COUNT_OF(charter_keys), targets));
    TRY(whole_check(&read));
    TRY(arena_check(arena));
    read.digest = hash_sha256(read.text);
    *charter = read;
    return OK;
}

struct err share_charter_draft(slice from, int64_t version, struct arena *arena, slice *text)
{
    struct buf out = buf_make(2u * CHARTER_BYTES_MAX);
    struct json_writer w = json_writer(&out);
    struct share_charter charter;
    slice raw, value;
    TRY(strict_check(ABOUT, from, CHARTER_BYTES_MAX, arena));
    struct json_members members = json_members(from);
    json_write_object(&w);
    while (json_member_next(&members, &raw, &value)) {
        if (json_key_is(raw, S("version")))
            continue;
        json_write_key(&w, json_unescape(raw, arena));
        json_write_raw(&w, value);
    }
    json_write_key_u64(&w, S("version"), (uint64_t)version);
    json_write_end(&w);
    struct err err = buf_check(&out);
    slice written = arena_copy(arena, buf_slice(&out));
    buf_free(&out);
    TRY(err);
    TRY(share_charter_read(written, arena, &charter));
    *text = charter.text;
    return OK;
}

/* ---- Comparing ---- */

bool share_charter_has(const struct share_charter *charter, slice node)
{
    for (size_t i = 0; i < charter->member_count; i++)
        if (slice_eq(charter->members[i].node, node))
            return true;
    return false;
}

bool share_charter_may_propose(const struct share_charter *charter, slice node)
{
    for (size_t i = 0; i < charter->proposer_count; i++)
        if (slice_eq(charter->proposers[i], node))
            return true;
    return charter->proposer_count == 0 && share_charter_has(charter, node);
}

static bool members_narrow(const struct share_charter *before, const struct share_charter *now)
{
    for (size_t i = 0; i < now->member_count; i++)
        if (!share_charter_has(before, now->members[i].node) ||
                (share_charter_may_propose(now, now->members[i].node) &&
                        !share_charter_may_propose(before, now->members[i].node)))
            return false;
    return true;
}

bool share_charter_narrow(const struct share_charter *before, const struct share_charter *now)
{
    if (now->dissolved)
        return true;
    return !before->dissolved && members_narrow(before, now) && slice_eq(before->name, now->name) &&
           slice_eq(before->purpose, now->purpose) && now->marking >= before->marking &&
           now->quorum >= before->quorum && now->yes * before->of >= before->yes * now->of && now->days >= before->days;
}

static int node_order(const void *a, const void *b)
{
    return slice_order(((const struct share_member *)a)->node, ((const struct share_member *)b)->node);
}

struct sha256 share_charter_electorate(const struct share_charter *charter)
{
    struct share_member sorted[CHARTER_MEMBERS_MAX];
    struct sha256_sum *sum = hash_sha256_begin();
    memcpy(sorted, charter->members, charter->member_count * sizeof *sorted);
    qsort(sorted, charter->member_count, sizeof *sorted, node_order);
    for (size_t i = 0; i < charter->member_count; i++) {
        hash_sha256_put(sum, sorted[i].node);
        hash_sha256_put(sum, S("\n"));
    }
    return hash_sha256_end(sum);
}

/* ---- Votes ---- */

static size_t needed(const struct share_charter *before, size_t electorate)
{
    uint64_t yes = (uint64_t)before->yes * electorate, of = (uint64_t)before->of;
    return (size_t)((yes + of - 1) / of);
}

struct share_tally share_motion_tally(const struct share_motion *motion, const struct share_charter *before)
{
    const struct share_charter *voters = before != NULL ? before : &motion->to;
    struct share_tally tally = {.electorate = voters->member_count};
    for (size_t i = 0; i < motion->vote_count; i++) {
        if (!share_charter_has(voters, motion->votes[i].node))
            continue;
        tally.cast++;
        tally.yes += motion->votes[i].yes;
    }
    tally.needed = before != NULL ? needed(before, tally.electorate) : tally.electorate;
    bool quorum = before == NULL || (int64_t)tally.cast >= before->quorum;
    tally.carried = quorum && tally.yes >= tally.needed;
    return tally;
}

const struct share_motion *share_motion_first(
        const struct share_motion *motions, size_t count, const struct share_charter *before)
{
    const struct share_motion *first = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct share_motion *motion = &motions[i];
        if (!share_motion_tally(motion, before).carried)
            continue;
        bool earlier = first == NULL || motion->ends_us < first->ends_us ||
                       (motion->ends_us == first->ends_us && slice_order(motion->id, first->id) < 0);
        first = earlier ? motion : first;
    }
    return first;
}
