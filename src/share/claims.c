/* SPDX-License-Identifier: Apache-2.0 */
#include "share/claims.h"

#include "base/arena.h"
#include "stix/marks.h"
#include "store/object.h"
#include "json/read.h"
#include "json/write.h"

#define PAGE 200
#define DETAIL_MAX 4096
#define OBJECT_ARENA_MAX (256u << 20)

/* ---- What it claims ---- */

/* Things that others would have us do. They are kept as texts; nothing here ever runs one. */
static const struct {
    slice type, member; /* empty: the type says enough */
} carried_out[] = {
        {{"playbook", 8}, {NULL, 0}},                   /* CACAO */
        {{"course-of-action", 16}, {"action_bin", 10}}, /* STIX 2.1 section 4.4 */
        {{"course-of-action", 16}, {"action_type", 11}},
        {{"course-of-action", 16}, {"extensions", 10}}, /* a playbook as an extension */
        {{"x-kentongan-agreement", 21}, {NULL, 0}},
        {{"x-kentongan-configuration", 25}, {NULL, 0}},
};

static bool is_configuration(const struct object *object)
{
    for (size_t i = 0; i < COUNT_OF(carried_out); i++)
        if (slice_eq(object->type, carried_out[i].type) &&
                (carried_out[i].member.len == 0 || json_get(object->bytes, carried_out[i].member).len > 0))
            return true;
    /* Names of the trade that nobody uses for what was observed. */
    return slice_starts(object->type, S("x-")) &&
           (slice_find_slice(object->type, S("playbook")) < object->type.len ||
                   slice_find_slice(object->type, S("config")) < object->type.len);
}

/* TLP of all of it, by the published definitions and by labels. */
static enum stix_tlp tlp_of(const struct object *object, struct arena *arena)
{
    struct stix_definitions *none = stix_definitions_open();
    struct stix_marked marked = stix_marked_of(object->bytes);
    struct stix_marks marks = stix_marks_of(none, &marked, arena);
    stix_definitions_close(none);
    return marks.tlp;
}

static unsigned against(const struct object *object, const struct object *other, struct arena *arena)
{
    bool others_word = other->source != object->source;
    bool same_version = object->version.len > 0 && slice_eq(other->version, object->version);
    unsigned found = 0;
    if (other->created_by.len > 0 && !slice_eq(other->created_by, object->created_by) &&
            (others_word || other->number < object->number))
        found |= 1u << CLAIM_OTHER_CREATOR;
    if (same_version && !slice_eq(other->bytes, object->bytes))
        found |= 1u << CLAIM_OTHER_CONTENT;
    if ((others_word || other->number < object->number) && tlp_of(object, arena) < tlp_of(other, arena))
        found |= 1u << CLAIM_WIDER_MARKING;
    return found;
}

unsigned share_claims_of(const struct object *object, const struct object *others, size_t count, struct arena *arena)
{
    unsigned found = is_configuration(object) ? 1u << CLAIM_CONFIGURATION : 0;
    for (size_t i = 0; i < count; i++)
        if (others[i].number != object->number)
            found |= against(object, &others[i], arena);
    return found;
}

/* ---- The follower ---- */

static struct err tell(struct work *work, const struct claim *claim, enum claim_kind kind)
{
    struct buf detail = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_u64(&w, S("partner"), (uint64_t)claim->partner);
    json_write_key_u64(&w, S("object"), (uint64_t)claim->object);
    json_write_key_text(&w, S("kind"), slice_of(store_claim_kind_name(kind)));
    json_write_end(&w);
    struct err err = store_work_news(work, "claim.found", claim->id, buf_slice(&detail));
    buf_free(&detail);
    return err;
}

static struct err claims_add(struct work *work, const struct claim *claim, unsigned found)
{
    for (enum claim_kind kind = 0; kind < CLAIM_KINDS; kind++) {
        bool fresh;
        if ((found >> kind & 1) == 0)
            continue;
        TRY(store_claim_add(work, claim, kind, &fresh));
        /* One work tells so many things; the rest is in the list. */
        if (fresh && work->news_count < WORK_NEWS_MAX)
            TRY(tell(work, claim, kind));
    }
    return OK;
}

static struct err object_look(struct work *work, int64_t partner, int64_t number, struct arena *arena)
{
    struct object object, *others;
    size_t count;
    struct err err = store_object_get(work->db, number, arena, &object);
    if (err.kind == ERR_MISSING) /* its import was undone meanwhile */
        return OK;
    TRY(err);
    TRY(store_object_versions(work->db, object.id, arena, &others, &count));
    const struct claim claim = {.partner = partner, .object = number, .id = object.id};
    return claims_add(work, &claim, share_claims_of(&object, others, count, arena));
}

static struct err suspects_look(struct work *work, int64_t import, int64_t partner, struct arena *arena)
{
    int64_t *objects, after = 0;
    size_t count = PAGE;
    while (count == PAGE) {
        TRY(store_claim_suspects(work->db, import, after, PAGE, work->arena, &objects, &count));
        for (size_t i = 0; i < count; i++) {
            arena_reset(arena);
            TRY(object_look(work, partner, objects[i], arena));
            after = objects[i];
        }
    }
    return OK;
}

/* "import/7" */
static bool import_of(slice subject, int64_t *import)
{
    return slice_starts(subject, S("import/")) && json_i64(slice_from(subject, 7), import);
}

static struct err import_done(void *context, struct work *work, const struct journal_row *row)
{
    int64_t import, partner;
    (void)context;
    if (!import_of(row->subject, &import))
        return OK;
    TRY(store_claim_partner(work->db, import, &partner));
    if (partner == 0)
        return OK;
    struct arena *arena = arena_open("a claim", ARENA_WORK, OBJECT_ARENA_MAX);
    struct err err = suspects_look(work, import, partner, arena);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(work->arena, slice_of(err.why));
    arena_close(arena);
    return err;
}

static const char *const acts[] = {"import.done", NULL};

const struct follower share_claims = {.name = "claims", .row = import_done, .acts = acts};

/* ---- For people ---- */

struct settling {
    int64_t number;
    slice reason;
};

static struct err settle(struct work *work, void *context)
{
    const struct settling *settling = context;
    const char *subject = arena_printf(work->arena, "claim/%lld", (long long)settling->number);
    TRY(store_claim_settle(work, settling->number));
    return store_work_news(work, "claim.settled", slice_of(subject), store_work_reason(work->arena, settling->reason));
}

struct err share_claim_settle(
        struct db *db, const struct actor *actor, int64_t number, slice reason, struct arena *arena)
{
    struct settling settling = {number, reason};
    TRY(store_right_check(actor, VERB_STOP_SHARING, actor->organisation, arena, NULL));
    TRY(store_text_check(arena, "reason", reason, STORE_TEXT_MAX));
    return store_work(db, actor, arena, settle, &settling);
}
