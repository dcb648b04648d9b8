/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of decisions: rows of a partner's collection with their entry, or notes of why something stays,
 * questions and recalls. When what is decided is release.c's affair, how weigh.c's.
 */
#include "share/release_parts.h"

#include <inttypes.h>
#include <limits.h>

#include "base/arena.h"
#include "ledger/merkle.h"
#include "share/alias.h"
#include "share/consent.h"
#include "share/recall.h"
#include "store/released.h"
#include "store/withheld.h"
#include "json/read.h"
#include "json/write.h"

struct releasing {
    struct share_releaser *of;
    struct share_scene scene;
    struct share_batch *batch;
    struct share_weighed *weighed;
    size_t count;
    uint64_t allowed, denied, asked;
    struct ledger_frontier tree; /* over (object, recipient, rule) of what stays */
};

/* The bytes are the same but for when they were made: as derive.c writes them, `modified` comes first. */
static bool is_same_but_modified(slice one, slice other)
{
    const slice key = S("\"modified\":\"");
    size_t at = slice_find_slice(one, key), time = 24;
    if (one.len != other.len || at != slice_find_slice(other, key) || at + key.len + time > one.len)
        return slice_eq(one, other);
    size_t behind = at + key.len + time;
    return slice_eq(slice_part(one, 0, at), slice_part(other, 0, at)) &&
           slice_eq(slice_from(one, behind), slice_from(other, behind));
}

/* A derived object that would be made anew just as it was stays what it is. */
static struct err derived_keep(
        struct db *db, const struct share_side *side, struct arena *arena, struct released_put *put)
{
    struct released *rows;
    size_t count;
    slice bytes;
    TRY(store_released_of_id(db, side->row.partner, put->id, arena, &rows, &count));
    for (size_t i = count; i-- > 0;) {
        bool its = rows[i].object == put->object || rows[i].object == 0; /* 0: of before a restore */
        if (rows[i].agreement != side->row.agreement || !its || rows[i].recall)
            continue;
        struct err err = store_released_bytes(db, rows[i].agreement, rows[i].added_us, arena, &bytes);
        if (err.kind == ERR_MISSING)
            continue;
        TRY(err);
        if (!is_same_but_modified(bytes, put->derived))
            continue;
        put->version = rows[i].version;
        put->digest = rows[i].digest;
        put->derived = bytes;
        return OK;
    }
    return OK;
}

struct err share_release_put(struct db *db, const struct share_scene *scene, const struct share_side *side,
        const struct share_weighed *weighed, struct arena *arena, struct released_put *put)
{
    const struct share_decision *decision = &weighed->decision;
    *put = (struct released_put){
            .object = weighed->object->number,
            .id = decision->derived ? decision->id : weighed->object->id,
            .type = weighed->object->type,
            .version = decision->derived ? store_version_kept(decision->version) : weighed->version,
            .spec_version = decision->derived ? S("2.1") : weighed->object->spec_version,
            .from_us = scene->now_us,
            .until_us = weighed->until_us,
            .digest = hash_sha256(decision->bytes),
            .derived = decision->derived ? decision->bytes : S(""),
    };
    if (put->version.len == 0)
        put->version = COLLECTED_VERSION_NONE;
    return decision->derived && weighed->derived_id.len > 0 ? derived_keep(db, side, arena, put) : OK;
}

/* Sightings of ours leave when their window is over, together with all others of it. */
static bool is_in_window(int64_t window_us, int64_t now_us, const struct share_weighed *weighed)
{
    return slice_eq(weighed->object->type, S("sighting")) && weighed->origin == SHARE_OURS && window_us > 0 &&
           weighed->object->added_us / window_us == now_us / window_us;
}

const char *share_release_rule(int64_t window_us, int64_t now_us, const struct share_weighed *weighed)
{
    bool goes = weighed->named && weighed->decision.answer == SHARE_ALLOW;
    return !goes ? weighed->decision.rule : is_in_window(window_us, now_us, weighed) ? "window" : NULL;
}

static const char *rule_of(const struct releasing *releasing, const struct share_weighed *weighed)
{
    return share_release_rule(releasing->of->options.window_us, releasing->scene.now_us, weighed);
}

/* ---- What goes ---- */

struct going {
    struct released_put *puts;
    const struct share_weighed **weighed;
    size_t count;
};

/* What waited for it is decided anew; of its kind it is not the first any more. */
static struct err told_what_came(
        struct work *work, const struct share_side *side, const struct released_put *put, slice *last_type)
{
    bool awaited;
    TRY(store_withheld_is_awaited(work->db, side->row.partner, put->id, &awaited));
    if (awaited)
        TRY(store_due_add(work, DUE_WAITS, side->row.partner, put->id));
    if (!slice_eq(*last_type, put->type))
        TRY(store_kind_give(work, side->row.partner, put->type));
    *last_type = put->type;
    return OK;
}

static struct err revoked_recall(struct work *work, const struct share_side *side, const struct released_put *put)
{
    struct released *rows;
    size_t count, kept = 0;
    TRY(store_released_of_id(work->db, side->row.partner, put->id, work->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (slice_order(rows[i].version, put->version) < 0 && rows[i].agreement == side->row.agreement)
            rows[kept++] = rows[i];
    return share_recall_note(work, rows, kept, SHARE_RECALL_REVOKED);
}

/* It went without what the partner does not know: when that comes it is decided anew. */
static struct err waits_put(struct work *work, const struct share_side *side, const struct share_weighed *weighed)
{
    const struct withheld wait = {.partner = side->row.partner,
            .object = weighed->object->number,
            .waits = weighed->waits,
            .wait_count = weighed->wait_count};
    return weighed->wait_count == 0 ? OK : store_withheld_wait(work, &wait, 1);
}

/* Decided like everything that leaves; persons agreed to what it is about. */
static struct err relation_decide(const struct releasing *releasing, const struct share_side *side,
        const struct share_weighed *weighed, slice bytes, struct arena *arena, bool *goes)
{
    const struct share_scene *scene = &releasing->scene;
    const struct share_facts facts = {.now_us = scene->now_us,
            .standing = true,
            .encrypted = scene->encrypted,
            .meant = UINT_MAX,
            .producer = scene->own};
    struct share_subject subject;
    struct share_decision decision;
    TRY(share_subject_read(bytes, scene->definitions, arena, &subject));
    subject.origin = SHARE_OURS;
    subject.least = weighed->decision.tlp;
    TRY(share_decide(&subject, &side->recipient, &side->terms, &facts, arena, &decision));
    *goes = decision.answer == SHARE_ALLOW && !decision.derived;
    return OK;
}

static struct err relation_put(struct releasing *releasing, struct work *work, const struct share_side *side,
        const struct share_weighed *weighed, slice bytes)
{
    const struct released_put put = {.object = weighed->object->number,
            .id = json_text(json_get(bytes, S("id")), work->arena),
            .type = S("relationship"),
            .version = store_version_kept(json_text(json_get(bytes, S("modified")), work->arena)),
            .spec_version = S("2.1"),
            .from_us = releasing->scene.now_us,
            .until_us = weighed->until_us,
            .digest = hash_sha256(bytes),
            .derived = bytes};
    enum released_outcome outcome;
    struct released_batch batch = {.kind = "release",
            .agreement = side->row.agreement,
            .generation = side->row.generation,
            .rows = &put,
            .count = 1,
            .outcomes = &outcome};
    releasing->allowed++;
    TRY(store_released_add(work, &batch));
    return store_derived_put(work, side->row.partner, weighed->decision.id, put.id, releasing->scene.now_us);
}

/*
 * Who was given the object itself, too, is told that ours was made from it; to everybody else that would tell of an
 * object that it does not have. Once: the relationship counts as something that was made from the derived object.
 */
static struct err derived_from_put(struct releasing *releasing, struct work *work, const struct share_side *side,
        const struct share_weighed *weighed)
{
    const struct share_decision *decision = &weighed->decision;
    const struct share_scene *scene = &releasing->scene;
    struct released *rows;
    size_t count;
    slice bytes, told, id;
    bool goes;
    TRY(store_released_of_id(work->db, side->row.partner, weighed->object->id, work->arena, &rows, &count));
    if (count == 0)
        return OK;
    TRY(store_derived_get(work->db, side->row.partner, decision->id, work->arena, &told, NULL));
    if (told.len > 0)
        return OK;
    id = share_alias_id(scene->alias_secret, side->row.node, decision->id, S("relationship"), work->arena);
    TRY(store_released_of_id(work->db, side->row.partner, id, work->arena, &rows, &count));
    if (count > 0) /* of before a restore */
        return store_derived_put(work, side->row.partner, decision->id, id, scene->now_us);
    TRY(share_derived_from(
            id, decision->id, weighed->object->id, scene->own, decision->tlp, scene->now_us, work->arena, &bytes));
    TRY(relation_decide(releasing, side, weighed, bytes, work->arena, &goes));
    return goes ? relation_put(releasing, work, side, weighed, bytes) : OK;
}

static struct err going_put(
        struct releasing *releasing, struct work *work, const struct share_side *side, const struct going *going)
{
    struct released_batch batch = {.kind = "release",
            .agreement = side->row.agreement,
            .generation = side->row.generation,
            .rows = going->puts,
            .count = going->count};
    slice type = S("");
    batch.outcomes = arena_new(work->arena, enum released_outcome, going->count + 1);
    TRY(store_released_add(work, &batch));
    for (size_t i = 0; i < going->count; i++) {
        const struct share_weighed *weighed = going->weighed[i];
        if (weighed->decision.derived && (weighed->derived_id.len == 0 || weighed->derived_again))
            TRY(store_derived_put(work, side->row.partner, weighed->object->id, going->puts[i].id,
                    weighed->derived_again ? weighed->derived_us : releasing->scene.now_us));
        if (batch.outcomes[i] != RELEASED_NEW)
            continue;
        releasing->allowed++;
        TRY(waits_put(work, side, weighed));
        TRY(told_what_came(work, side, &going->puts[i], &type));
        if (weighed->decision.derived)
            TRY(derived_from_put(releasing, work, side, weighed));
        if (weighed->object->revoked)
            TRY(revoked_recall(work, side, &going->puts[i]));
    }
    return OK;
}

/* ---- What stays ---- */

struct staying {
    struct withheld *rows;
    const struct share_weighed **weighed;
    size_t count;
};

static void leaf_note(struct releasing *releasing, struct work *work, const struct share_side *side, const char *rule,
        const struct share_weighed *weighed)
{
    slice text = slice_of(
            arena_printf(work->arena, "%" PRId64 " %" PRId64 " %s", weighed->object->number, side->row.partner, rule));
    struct sha256 leaf = ledger_merkle_leaf(text);
    ledger_merkle_add(&releasing->tree, &leaf);
    releasing->denied++;
}

static struct err question_raise(struct releasing *releasing, struct work *work, const struct share_side *side,
        const struct share_weighed *weighed)
{
    const struct share_decision *decision = &weighed->decision;
    struct withheld before;
    bool open;
    if (decision->asked == SHARE_ASK_CONSENT)
        return share_consent_want(work, &releasing->scene, side, weighed);
    if (decision->answer != SHARE_ASK)
        return OK;
    struct err err = store_withheld_get(work->db, side->row.partner, weighed->object->number, work->arena, &before);
    if (err.kind == ERR_NONE && slice_eq(before.rule, slice_of(decision->rule)))
        return OK; /* decided anew: it has been asked */
    if (err.kind != ERR_MISSING)
        TRY(err);
    const struct ask_row row = {.partner = side->row.partner,
            .originator = weighed->originator,
            .type = weighed->object->type,
            .rule = slice_of(decision->rule),
            .highest = decision->tlp,
            .expires_us = releasing->scene.now_us + releasing->of->options.ask_us};
    TRY(store_ask_raise(work, &row, weighed->object->number, &open));
    releasing->asked += open;
    return OK;
}

/* Who waits for a person or another object may keep what it has of earlier versions; who may not have it may not. */
static struct err rows_close(
        struct work *work, const struct share_side *side, const char *rule, const struct share_weighed *weighed)
{
    bool only_this = strcmp(rule, "references") == 0 || strcmp(rule, "persons") == 0 || strcmp(rule, "window") == 0;
    struct released *rows;
    size_t count;
    TRY(store_released_valid(
            work->db, side->row.agreement, weighed->object->number, !only_this, work->arena, &rows, &count));
    if (count == 0)
        return OK;
    if (strcmp(rule, "withdrawn") == 0)
        TRY(share_recall_note(work, rows, count, SHARE_RECALL_WITHDRAWN));
    return store_released_close(work, rows, count);
}

static struct err staying_put(
        struct releasing *releasing, struct work *work, const struct share_side *side, const struct staying *staying)
{
    for (size_t i = 0; i < staying->count; i++) {
        const struct share_weighed *weighed = staying->weighed[i];
        const char *rule = rule_of(releasing, weighed);
        leaf_note(releasing, work, side, rule, weighed);
        TRY(rows_close(work, side, rule, weighed));
        if (weighed->named)
            TRY(question_raise(releasing, work, side, weighed));
    }
    return store_withheld_put(work, staying->rows, staying->count);
}

/* ---- One side ---- */

static struct err side_split(struct releasing *releasing, struct work *work, const struct share_side *side,
        struct going *going, struct staying *staying, int64_t *goes)
{
    for (size_t i = 0; i < releasing->count; i++) {
        const struct share_weighed *weighed = &releasing->weighed[i];
        const char *rule = rule_of(releasing, weighed);
        if (rule == NULL) {
            goes[going->count] = weighed->object->number;
            going->weighed[going->count] = weighed;
            TRY(share_release_put(
                    work->db, &releasing->scene, side, weighed, work->arena, &going->puts[going->count++]));
            continue;
        }
        bool waits = strcmp(rule, "references") == 0 || strcmp(rule, "meaning") == 0;
        staying->weighed[staying->count] = weighed;
        staying->rows[staying->count++] = (struct withheld){.partner = side->row.partner,
                .object = weighed->object->number,
                .rule = slice_of(rule),
                .generation = side->row.generation,
                .waits = weighed->waits,
                .wait_count = waits ? weighed->wait_count : 0};
    }
    return OK;
}

static struct err side_release(struct releasing *releasing, struct work *work, const struct share_side *side)
{
    size_t room = releasing->count + 1;
    struct going going = {arena_new(work->arena, struct released_put, room),
            arena_new(work->arena, const struct share_weighed *, room), 0};
    struct staying staying = {arena_new(work->arena, struct withheld, room),
            arena_new(work->arena, const struct share_weighed *, room), 0};
    int64_t *goes = arena_new(work->arena, int64_t, room);
    TRY(share_weigh(releasing->batch, side, releasing->weighed));
    TRY(side_split(releasing, work, side, &going, &staying, goes));
    TRY(store_withheld_drop(work, side->row.partner, goes, going.count));
    TRY(going_put(releasing, work, side, &going));
    return staying_put(releasing, work, side, &staying);
}

/* One row of the journal for what was decided together, whose root commits to each decision (private log). */
static struct err decided_tell(struct releasing *releasing, struct work *work, slice subject)
{
    struct sha256 root = ledger_merkle_root(&releasing->tree);
    struct buf detail = buf_make(WORK_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    if (releasing->allowed + releasing->denied == 0)
        return OK;
    json_write_object(&w);
    json_write_key_u64(&w, S("allowed"), releasing->allowed);
    json_write_key_u64(&w, S("denied"), releasing->denied);
    json_write_key_u64(&w, S("asked"), releasing->asked);
    json_write_key_hex(&w, S("root"), sha256_slice(&root));
    json_write_end(&w);
    struct err err = store_work_news(work, "release.decided", subject, buf_slice(&detail));
    buf_free(&detail);
    return err;
}

struct err share_release_decide(struct share_releaser *releaser, struct work *work, int64_t partner,
        const struct object *objects, size_t count, slice subject)
{
    struct releasing releasing = {.of = releaser, .count = count};
    if (count == 0)
        return OK;
    TRY(share_scene_read(work->db, releaser->definitions, releaser->options.encrypted, work->arena, &releasing.scene));
    if (releasing.scene.side_count == 0)
        return OK;
    TRY(share_batch_read(work->db, &releasing.scene, objects, count, work->arena, &releasing.batch));
    releasing.weighed = arena_new(work->arena, struct share_weighed, count);
    for (size_t i = 0; i < releasing.scene.side_count; i++)
        if (partner == 0 || releasing.scene.sides[i].row.partner == partner)
            TRY(side_release(&releasing, work, &releasing.scene.sides[i]));
    return decided_tell(&releasing, work, subject);
}
