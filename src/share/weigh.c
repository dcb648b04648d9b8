/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From tables to what share_decide is told. What is the same for all recipients is read once for each object; what
 * partners of one class share is decided once; what is asked of the database for each partner is kept for the batch.
 */
#include "share/weigh.h"

#include <limits.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/uuid.h"
#include "share/alias.h"
#include "share/charter.h"
#include "store/consent.h"
#include "store/group.h"
#include "store/organisation.h"
#include "store/part.h"
#include "store/released.h"
#include "store/source.h"
#include "store/tag.h"
#include "json/read.h"

#define ROUNDS_MAX 64 /* in which what refers to each other is decided anew; then what is left stays */
#define MEANT_LEAST 5 /* where terms do not say: domain of the small-number test */

/* ---- A batch ---- */

/* What was decided for a class of recipients that differ in nothing else. */
struct memo {
    size_t class;
    unsigned bits;
    struct share_decision decision;
    struct memo *next;
};

struct weighing {
    const struct object *object;
    struct share_subject subject;
    bool unfit;    /* nobody can read it */
    bool returned; /* a derived object of ours that came back */
    bool by_ours;  /* one of ours created and brought it */
    slice version;
    int64_t *sources; /* all that say something of its id */
    size_t source_count, versions;
    const struct share_origin_row *originator;
    struct incident_part part; /* of which incident, if it is part of one */
    const struct share_names *victims;
    struct memo *memos;
    /* For one side. */
    const struct share_weighed *weighed;
    bool dirty, open; /* open: it may go */
};

struct known {
    slice id;
    int64_t partner;
    bool knows;
    slice alias;
    struct known *next;
};

#define KNOWN_BUCKETS 1024

struct share_batch {
    struct db *db;
    const struct share_scene *scene;
    struct arena *arena;
    struct weighing *rows;
    struct weighing **by_id;
    size_t count;
    struct known *known[KNOWN_BUCKETS];
    struct hash_key key;
    bool supposed; /* as if the incidents of its parts were shared */
    struct {
        int64_t source, partner;
        slice creator, type;
        bool foreign, one_of_us, given;
    } last; /* that were asked for */
};

static const struct share_origin_row *origin_of_source(const struct share_scene *scene, int64_t source)
{
    for (size_t i = 0; i < scene->origin_count; i++)
        if (scene->origins[i].source == source)
            return &scene->origins[i];
    return NULL;
}

static const struct share_origin_row *origin_of_node(const struct share_scene *scene, slice node)
{
    for (size_t i = 0; i < scene->origin_count && node.len > 0; i++)
        if (slice_eq(scene->origins[i].node, node))
            return &scene->origins[i];
    return NULL;
}

static enum share_onward onward_of(const struct share_origin_row *origin)
{
    return origin->side == NULL || origin->side->wrong != NULL ? SHARE_ONWARD_NO : origin->side->terms.onward;
}

/* The one that lets the least go on. */
static const struct share_origin_row *stricter(const struct share_origin_row *one, const struct share_origin_row *other)
{
    if (one == NULL || other == NULL)
        return one == NULL ? other : one;
    return onward_of(other) < onward_of(one) ? other : one;
}

/*
 * From a partner, a feed or another server: not the word of one of ours, whatever it names as its creator. What comes
 * together is mostly of one source and one creator: those of the object before are remembered.
 */
static struct err is_foreign(struct share_batch *batch, int64_t number, bool *foreign)
{
    struct source source;
    if (batch->last.source != number) {
        TRY(store_source_get(batch->db, number, batch->arena, &source));
        batch->last.source = number;
        batch->last.foreign = origin_of_source(batch->scene, number) != NULL || slice_eq(source.kind, S("feed")) ||
                              (slice_eq(source.kind, S("taxii")) && source.organisation == 0);
    }
    *foreign = batch->last.foreign;
    return OK;
}

/* Created by us or by one whom we serve. */
static struct err is_by_ours(struct share_batch *batch, slice id, bool *ours)
{
    struct organisation creator = {.relation = RELATION_OTHER};
    if (!slice_eq(batch->last.creator, id)) {
        struct err err = store_organisation_of_identity(batch->db, id, batch->arena, &creator);
        if (err.kind != ERR_MISSING)
            TRY(err);
        batch->last.creator = id;
        batch->last.one_of_us = creator.relation == RELATION_OWN || creator.relation == RELATION_CONSTITUENT;
    }
    *ours = batch->last.one_of_us;
    return OK;
}

/*
 * Where it is from. What one of ours created and brought is ours, whoever else says something of the same id: that is a
 * claim. Else whichever partner says something of it, or is named as its creator, is its originator; of several the one
 * that lets the least go on. Without a creator it is ours if nobody else has it.
 */
static struct err origin_find(struct share_batch *batch, struct weighing *row)
{
    slice from;
    bool foreign, by_ours = false;
    TRY(store_object_sources(
            batch->db, row->object->id, batch->arena, &row->sources, &row->source_count, &row->versions));
    TRY(is_foreign(batch, row->object->source, &foreign));
    if (!foreign && row->object->created_by.len > 0)
        TRY(is_by_ours(batch, row->object->created_by, &by_ours));
    for (size_t i = 0; i < row->source_count && !by_ours; i++)
        row->originator = stricter(row->originator, origin_of_source(batch->scene, row->sources[i]));
    if (!by_ours)
        row->originator = stricter(row->originator, origin_of_node(batch->scene, row->object->created_by));
    bool ours = by_ours || (!foreign && row->object->created_by.len == 0);
    row->subject.origin = row->originator != NULL ? SHARE_PARTNERS : ours ? SHARE_OURS : SHARE_OUTSIDE;
    row->subject.originator = row->originator != NULL ? row->originator->partner : 0;
    row->by_ours = by_ours;
    if (row->subject.origin != SHARE_OURS) {
        TRY(store_derived_from(batch->db, row->object->id, batch->arena, &from));
        row->returned = from.len > 0;
    }
    return OK;
}

/* What the newest that a source says of the id is marked with, what no marking comes to there, too. */
static struct err marks_of_source(struct share_batch *batch, struct weighing *row, int64_t source)
{
    const struct share_origin_row *origin = origin_of_source(batch->scene, source);
    const struct share_terms *agreed = origin == NULL || origin->side == NULL ? NULL : &origin->side->terms;
    struct share_subject said = {.marks.tlp = TLP_NONE};
    struct object object;
    struct err err = store_object_newest(batch->db, source, row->object->id, batch->arena, &object);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    struct stix_marked marked = stix_marked_of(object.bytes);
    said.marks = stix_marks_of(batch->scene->definitions, &marked, batch->arena);
    bool is_own_unmarked = row->subject.origin == SHARE_OURS && said.marks.tlp == TLP_NONE;
    enum stix_tlp tlp = is_own_unmarked ? TLP_NONE : share_tlp_of(&said, agreed);
    row->subject.least = tlp > row->subject.least ? tlp : row->subject.least;
    said.marks.tlp = TLP_NONE;
    stix_marks_add(&row->subject.marks, &said.marks);
    return OK;
}

/*
 * Several sources say something of the id: all that any of them marks it with counts, so that none can widen another's.
 * What one of ours created is not made narrower by others.
 */
static struct err marks_narrow(struct share_batch *batch, struct weighing *row)
{
    for (size_t i = 0; i < row->source_count && row->source_count > 1; i++) {
        bool foreign = false;
        if (row->by_ours)
            TRY(is_foreign(batch, row->sources[i], &foreign));
        if (!foreign && row->sources[i] != row->object->source)
            TRY(marks_of_source(batch, row, row->sources[i]));
    }
    return OK;
}

static struct err tags_read(struct share_batch *batch, struct weighing *row)
{
    slice *tags;
    size_t count;
    TRY(store_tag_list(batch->db, row->object->source, row->object->id, batch->arena, &tags, &count));
    for (size_t i = 0; i < count; i++) {
        row->subject.hold |= slice_eq(tags[i], S(WEIGH_TAG_HOLD));
        row->subject.exercise |= slice_eq(tags[i], S(WEIGH_TAG_EXERCISE));
        row->subject.from_incident |= slice_eq(tags[i], S(WEIGH_TAG_INCIDENT));
    }
    return OK;
}

static slice group_id(const struct uuid *uuid, struct arena *arena)
{
    struct buf text = buf_make(64);
    uuid_write(&text, uuid);
    slice id = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return id;
}

/* What is marked for groups and has no TLP has at least that which the groups agreed on for such. */
static struct err groups_marking(struct share_batch *batch, struct weighing *row)
{
    const struct stix_marks *marks = &row->subject.marks;
    for (size_t i = 0; i < marks->group_count && marks->tlp == TLP_NONE; i++) {
        struct group group;
        struct share_charter charter;
        struct err err = store_group_find(batch->db, group_id(&marks->groups[i], batch->arena), batch->arena, &group);
        if (err.kind == ERR_MISSING || (err.kind == ERR_NONE && group.terms.len == 0))
            continue; /* nobody is a member of it here */
        TRY(err);
        TRY(share_charter_read(group.terms, batch->arena, &charter));
        row->subject.least = charter.marking > row->subject.least ? charter.marking : row->subject.least;
    }
    return OK;
}

/* Names that its parties must not read in it: of those whom we serve, all but their own. */
static struct err victims_find(struct share_batch *batch, struct weighing *row)
{
    slice *names;
    size_t count;
    struct share_names *victims = arena_new(batch->arena, struct share_names, 1);
    TRY(store_part_secrets(batch->db, row->part.incident, batch->arena, &names, &count));
    *victims = share_names_make(names, count, batch->arena);
    row->victims = victims;
    return OK;
}

/* Rows of one incident come one after the other, mostly. */
static struct err part_known(struct share_batch *batch, struct weighing *row)
{
    row->subject.part = row->subject.from_incident = true;
    for (const struct weighing *other = row; other-- > batch->rows;)
        if (other->victims != NULL && slice_eq(other->part.incident, row->part.incident)) {
            row->victims = other->victims;
            return OK;
        }
    return victims_find(batch, row);
}

static struct err part_find(struct share_batch *batch, struct weighing *row)
{
    struct err err = store_part_get(batch->db, row->object->source, row->object->id, batch->arena, &row->part);
    return err.kind == ERR_MISSING ? OK : err.kind != ERR_NONE ? err : part_known(batch, row);
}

static bool is_expired(const struct object *object, int64_t now_us)
{
    return (object->judged & OBJECT_EXPIRED) != 0 && object->expiry_us <= now_us;
}

static struct err row_read(struct share_batch *batch, const struct object *object, struct weighing *row)
{
    row->object = object;
    row->version = store_collected_version(object->version, object->bytes, batch->arena);
    struct err err = share_subject_read(object->bytes, batch->scene->definitions, batch->arena, &row->subject);
    row->unfit = err.kind == ERR_INPUT;
    if (row->unfit)
        return OK;
    TRY(err);
    row->subject.judged = (object->judged & (OBJECT_FALSE_POSITIVE | OBJECT_WITHDRAWN)) != 0 ||
                          is_expired(object, batch->scene->now_us);
    row->subject.party = slice_eq(object->id, batch->scene->own) || origin_of_node(batch->scene, object->id) != NULL;
    TRY(origin_find(batch, row));
    TRY(marks_narrow(batch, row));
    TRY(tags_read(batch, row));
    TRY(part_find(batch, row));
    return groups_marking(batch, row);
}

static int id_order(const void *a, const void *b)
{
    return slice_order((*(struct weighing *const *)a)->object->id, (*(struct weighing *const *)b)->object->id);
}

static struct share_batch *batch_make(struct db *db, const struct share_scene *scene, size_t count, struct arena *arena)
{
    struct share_batch *batch = arena_new(arena, struct share_batch, 1);
    *batch = (struct share_batch){.db = db, .scene = scene, .arena = arena, .count = count, .key = hash_key_random()};
    batch->rows = arena_new(arena, struct weighing, count + 1);
    batch->by_id = arena_new(arena, struct weighing *, count + 1);
    for (size_t i = 0; i < count; i++)
        batch->by_id[i] = &batch->rows[i];
    return batch;
}

struct err share_batch_read(struct db *db, const struct share_scene *scene, const struct object *objects, size_t count,
        struct arena *arena, struct share_batch **batch)
{
    struct share_batch *made = batch_make(db, scene, count, arena);
    for (size_t i = 0; i < count; i++)
        TRY(row_read(made, &objects[i], &made->rows[i]));
    qsort(made->by_id, count, sizeof(struct weighing *), id_order);
    *batch = made;
    return arena_check(arena);
}

/* As row_read finds one of ours of which nobody else ever said anything. */
static struct err supposed_read(struct share_batch *batch, const struct share_supposed *supposed, struct weighing *row)
{
    row->object = &supposed->object;
    row->version = store_collected_version(supposed->object.version, supposed->object.bytes, batch->arena);
    TRY(share_subject_read(supposed->object.bytes, batch->scene->definitions, batch->arena, &row->subject));
    row->subject.origin = SHARE_OURS;
    row->subject.exercise = supposed->exercise;
    row->by_ours = true;
    row->versions = 2; /* the partner may know an earlier one */
    row->part = supposed->part;
    return part_known(batch, row);
}

struct err share_batch_suppose(struct db *db, const struct share_scene *scene, const struct share_supposed *supposed,
        size_t count, struct arena *arena, struct share_batch **batch)
{
    struct share_batch *made = batch_make(db, scene, count, arena);
    made->supposed = true;
    for (size_t i = 0; i < count; i++)
        TRY(supposed_read(made, &supposed[i], &made->rows[i]));
    qsort(made->by_id, count, sizeof(struct weighing *), id_order);
    *batch = made;
    return arena_check(arena);
}

/* Those of that id; several sources may say something of it. NULL: none. */
static struct weighing **batch_find(const struct share_batch *batch, slice id)
{
    size_t low = 0, high = batch->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slice_order(batch->by_id[middle]->object->id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < batch->count && slice_eq(batch->by_id[low]->object->id, id) ? &batch->by_id[low] : NULL;
}

/* ---- What a recipient knows ---- */

static struct err known_find(struct share_batch *batch, const struct share_side *side, slice id, struct known **found)
{
    struct known **bucket = &batch->known[hash_bytes(batch->key, id) % KNOWN_BUCKETS];
    for (*found = *bucket; *found != NULL; *found = (*found)->next)
        if ((*found)->partner == side->row.partner && slice_eq((*found)->id, id))
            return OK;
    struct known *made = arena_new(batch->arena, struct known, 1);
    *made = (struct known){.id = id, .partner = side->row.partner, .next = *bucket};
    made->knows = slice_eq(id, batch->scene->own) || slice_eq(id, side->row.node);
    if (!made->knows)
        TRY(store_released_knows(batch->db, side->row.partner, id, &made->knows));
    if (!made->knows && side->derived)
        TRY(store_derived_get(batch->db, side->row.partner, id, batch->arena, &made->alias, NULL));
    *bucket = *found = made;
    return OK;
}

/* Whether the recipient has it already, or gets it in this very batch. */
static struct err ref_is_known(
        struct share_batch *batch, const struct share_side *side, slice id, bool *knows, slice *alias)
{
    struct known *known;
    TRY(known_find(batch, side, id, &known));
    *knows = known->knows;
    *alias = known->alias;
    if (*knows)
        return OK;
    struct weighing **found = batch_find(batch, id), **end = batch->by_id + batch->count;
    for (; found != NULL && found < end && slice_eq((*found)->object->id, id) && !*knows; found++) {
        const struct share_decision *decision = &(*found)->weighed->decision;
        bool derived = (*found)->weighed->named && decision->derived;
        *knows = (*found)->open && !derived;
        if ((*found)->open && derived)
            *alias = decision->id;
    }
    return OK;
}

/* ---- What a decision is told ---- */

struct telling {
    struct share_batch *batch;
    const struct share_side *side;
    struct weighing *row;
    struct share_subject subject; /* as this recipient stands to it */
    struct share_facts facts;
    int64_t consent_until_us; /* 0: none */
    struct share_weighed *weighed;
};

/* Whom a sighting names as where it was: those of them whom we serve, and the sector if it is one. */
struct sighted {
    unsigned count;
    slice sector;
    bool several; /* sectors */
};

static struct err sighted_find(struct telling *telling, struct sighted *sighted)
{
    struct json_elements refs = json_elements(json_get(telling->row->object->bytes, S("where_sighted_refs")));
    for (slice ref; json_element_next(&refs, &ref);) {
        struct organisation organisation;
        struct err err = store_organisation_of_identity(
                telling->batch->db, json_text(ref, telling->batch->arena), telling->batch->arena, &organisation);
        if (err.kind == ERR_MISSING)
            continue;
        TRY(err);
        if (organisation.relation != RELATION_CONSTITUENT)
            continue;
        sighted->several |= sighted->count > 0 && !slice_eq(sighted->sector, organisation.sector);
        sighted->sector = organisation.sector;
        sighted->count++;
    }
    return OK;
}

/*
 * How many a sighting of ours could be about: those whom it names, else all whom we serve. It may be widened to their
 * sector where enough are in it.
 */
static struct err meant_count(struct telling *telling)
{
    struct share_batch *batch = telling->batch;
    unsigned least = telling->side->terms.meant_least == 0 ? MEANT_LEAST : telling->side->terms.meant_least;
    struct sighted sighted = {0};
    int64_t served;
    telling->facts.meant = UINT_MAX;
    if (!telling->subject.sighting || telling->subject.origin != SHARE_OURS)
        return OK;
    TRY(sighted_find(telling, &sighted));
    TRY(store_organisation_served(batch->db, S(""), &served));
    telling->facts.meant = sighted.count > 0 ? sighted.count : (unsigned)served;
    if (sighted.count == 0 || sighted.several || sighted.sector.len == 0)
        return OK;
    TRY(store_organisation_served(batch->db, sighted.sector, &served));
    telling->facts.sector = served >= least ? sighted.sector : S("");
    return OK;
}

static enum stix_tlp tlp_of(const struct telling *telling)
{
    const struct share_subject *subject = &telling->subject;
    bool theirs = subject->origin == SHARE_PARTNERS, ours = subject->origin == SHARE_OURS;
    return share_tlp_of(subject, theirs ? telling->facts.originators : ours ? &telling->side->terms : NULL);
}

static bool is_covered(const struct share_side *side, const struct share_subject *subject, enum stix_tlp tlp)
{
    for (size_t i = 0; i < side->rule_count; i++) {
        const struct rule_row *rule = &side->rules[i];
        if ((rule->type.len == 0 || slice_eq(rule->type, subject->type)) && rule->highest >= tlp)
            return true;
    }
    return false;
}

static struct err consent_find(struct telling *telling)
{
    const struct share_subject *subject = &telling->row->subject;
    if (subject->origin == SHARE_OURS)
        return OK;
    TRY(store_consent_until(telling->batch->db, subject->originator, subject->id, subject->type,
            telling->side->row.partner, telling->batch->scene->now_us, &telling->consent_until_us));
    telling->facts.consent = telling->consent_until_us > 0;
    return OK;
}

/* Who lets an object of its own go on is named in it: that is no news that we tell. */
static bool is_named_by_itself(const struct telling *telling, slice id)
{
    const struct share_origin_row *originator = telling->row->originator;
    return originator != NULL && slice_eq(originator->node, id) && slice_eq(telling->row->subject.created_by, id);
}

static struct err unknown_find(struct telling *telling)
{
    const struct share_subject *subject = &telling->row->subject;
    struct share_unknown *unknown = arena_new(telling->batch->arena, struct share_unknown, subject->ref_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < subject->ref_count; i++) {
        bool knows;
        slice alias;
        TRY(ref_is_known(telling->batch, telling->side, subject->refs[i], &knows, &alias));
        if (!knows && !is_named_by_itself(telling, subject->refs[i]))
            unknown[count++] = (struct share_unknown){subject->refs[i], alias};
    }
    telling->facts.unknown = unknown;
    telling->facts.unknown_count = count;
    return OK;
}

/* What a restore lost the table of: the id that it had is the one that would be made. */
static struct err alias_again(struct telling *telling)
{
    struct share_batch *batch = telling->batch;
    const struct side *side = &telling->side->row;
    slice bytes = S(""), id = share_alias_id(batch->scene->alias_secret, side->node, telling->subject.id,
                                 telling->subject.type, batch->arena);
    struct released *rows;
    size_t count;
    int64_t created_us;
    TRY(store_released_of_id(batch->db, side->partner, id, batch->arena, &rows, &count));
    for (size_t i = 0; i < count && telling->facts.derived_id.len == 0; i++) {
        struct err err = store_released_bytes(batch->db, rows[i].agreement, rows[i].added_us, batch->arena, &bytes);
        if (err.kind != ERR_MISSING)
            TRY(err);
        bool timed = err.kind == ERR_NONE &&
                     time_parse_strict(json_text(json_get(bytes, S("created")), batch->arena), &created_us);
        telling->facts.derived_id = id;
        telling->facts.derived_created_us = timed ? created_us : rows[i].from_us;
        telling->weighed->derived_again = true;
        telling->weighed->derived_us = telling->facts.derived_created_us;
    }
    return OK;
}

/* An id of one version that nobody has a derived object of went to nobody before. */
static struct err history_find(struct telling *telling)
{
    const struct share_side *side = telling->side;
    struct share_batch *batch = telling->batch;
    if (batch->last.partner != side->row.partner || !slice_eq(batch->last.type, telling->subject.type)) {
        TRY(store_kind_given(batch->db, side->row.partner, telling->subject.type, &batch->last.given));
        batch->last.partner = side->row.partner;
        batch->last.type = telling->subject.type;
    }
    telling->facts.first = !batch->last.given;
    if (side->derived)
        TRY(store_derived_get(batch->db, side->row.partner, telling->subject.id, batch->arena,
                &telling->facts.derived_id, &telling->facts.derived_created_us));
    if (side->recovered && telling->facts.derived_id.len == 0)
        TRY(alias_again(telling));
    telling->facts.held = telling->facts.derived_id.len > 0;
    if (!telling->facts.held && telling->row->versions > 1)
        TRY(store_released_knows(batch->db, side->row.partner, telling->subject.id, &telling->facts.held));
    return OK;
}

/* By what the source would be known, where it must not be named. */
static void sources_name(struct telling *telling)
{
    const struct share_origin_row *originator = telling->row->originator;
    if (originator == NULL)
        return;
    slice *names = arena_new(telling->batch->arena, slice, 2);
    names[0] = originator->name;
    names[1] = originator->node;
    telling->facts.sources = names;
    telling->facts.source_count = names[0].len > 0 ? 2 : 0;
}

static struct err facts_find(struct telling *telling)
{
    const struct share_scene *scene = telling->batch->scene;
    const struct share_origin_row *originator = telling->row->originator;
    const struct share_side *agreed = originator == NULL ? NULL : originator->side;
    telling->facts = (struct share_facts){
            .now_us = scene->now_us,
            .originators = agreed != NULL && agreed->wrong == NULL ? &agreed->terms : NULL,
            .encrypted = scene->encrypted,
            .victims = telling->row->victims != NULL ? telling->row->victims : &scene->victims,
            .producer = scene->own,
            .alias_secret = scene->alias_secret,
    };
    sources_name(telling);
    TRY(meant_count(telling));
    TRY(consent_find(telling));
    if (telling->subject.part)
        TRY(store_part_is_for(telling->batch->db, &telling->row->part, telling->side->row.organisation,
                telling->batch->supposed, &telling->facts.party));
    TRY(unknown_find(telling));
    return history_find(telling);
}

/* Never back to whom it is from, whichever of several sources that is. What is ours goes on to who sent it back. */
static void subject_turn(struct telling *telling)
{
    const struct weighing *row = telling->row;
    telling->subject = row->subject;
    bool from_them = slice_eq(row->object->created_by, telling->side->row.node);
    for (size_t i = 0; i < row->source_count && !row->by_ours; i++)
        from_them |= row->sources[i] == telling->side->row.source;
    if (from_them) {
        telling->subject.origin = SHARE_PARTNERS;
        telling->subject.originator = telling->side->row.partner;
    }
}

/* ---- Deciding ---- */

enum memo_bits {
    MEMO_CONSENT = 1,
    MEMO_STANDING = 2,
    MEMO_FIRST = 4,
    MEMO_HELD = 8,
    MEMO_THEIRS = 16,
    MEMO_PARTY = 32
};

static unsigned memo_bits(const struct telling *telling)
{
    const struct share_facts *facts = &telling->facts;
    bool theirs = telling->subject.originator == telling->side->row.partner;
    return (facts->consent ? MEMO_CONSENT : 0) | (facts->standing ? MEMO_STANDING : 0) |
           (facts->first ? MEMO_FIRST : 0) | (facts->held ? MEMO_HELD : 0) | (theirs ? MEMO_THEIRS : 0) |
           (facts->party ? MEMO_PARTY : 0);
}

static struct err decide_by_memo(struct telling *telling)
{
    struct share_batch *batch = telling->batch;
    const struct share_facts *facts = &telling->facts;
    struct share_decision *decision = &telling->weighed->decision;
    bool shared = facts->unknown_count == 0 && facts->derived_id.len == 0;
    unsigned bits = memo_bits(telling);
    for (struct memo *memo = telling->row->memos; shared && memo != NULL; memo = memo->next)
        if (memo->class == telling->side->class && memo->bits == bits) {
            *decision = memo->decision;
            return OK;
        }
    TRY(share_decide(
            &telling->subject, &telling->side->recipient, &telling->side->terms, facts, batch->arena, decision));
    if (shared && !decision->derived) { /* a derived object is for one recipient */
        struct memo *memo = arena_new(batch->arena, struct memo, 1);
        *memo = (struct memo){telling->side->class, bits, *decision, telling->row->memos};
        telling->row->memos = memo;
    }
    return OK;
}

static void waits_note(struct telling *telling)
{
    struct arena *arena = telling->batch->arena;
    slice *waits = arena_new(arena, slice, telling->facts.unknown_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < telling->facts.unknown_count; i++)
        if (telling->facts.unknown[i].alias.len == 0)
            waits[count++] = arena_copy(arena, telling->facts.unknown[i].id);
    telling->weighed->waits = waits;
    telling->weighed->wait_count = count;
}

/* Under a standing rule that lets this TLP go; two persons may have agreed to this very object, too. */
static struct err decide_up_to(struct telling *telling, enum stix_tlp tlp)
{
    const struct share_decision *decision = &telling->weighed->decision;
    enum stix_tlp highest;
    telling->facts.standing = is_covered(telling->side, &telling->subject, tlp);
    TRY(decide_by_memo(telling));
    if (decision->answer != SHARE_ASK || decision->asked != SHARE_ASK_TWO)
        return OK;
    TRY(store_rule_names(telling->batch->db, telling->side->row.partner, telling->subject.id,
            telling->batch->scene->now_us, &highest));
    if (highest < tlp)
        return OK;
    telling->facts.standing = true;
    return decide_by_memo(telling);
}

static struct err decide_one(
        struct share_batch *batch, const struct share_side *side, struct weighing *row, struct share_weighed *weighed)
{
    struct telling telling = {.batch = batch, .side = side, .row = row, .weighed = weighed};
    *weighed = (struct share_weighed){.object = row->object, .version = row->version};
    weighed->decision = (struct share_decision){.rule = "form", .why = "it is no STIX object"};
    if (row->unfit || row->returned) {
        weighed->decision.rule = row->unfit ? "form" : "returned";
        weighed->decision.why = row->unfit ? "it is no STIX object" : "it is a derived object of ours that came back";
        return OK;
    }
    subject_turn(&telling);
    TRY(facts_find(&telling));
    enum stix_tlp tlp = tlp_of(&telling);
    TRY(decide_up_to(&telling, tlp));
    if (weighed->decision.answer == SHARE_ALLOW && weighed->decision.tlp > tlp) /* for a part that stays in it */
        TRY(decide_up_to(&telling, weighed->decision.tlp));
    weighed->named = true;
    weighed->origin = telling.subject.origin;
    weighed->originator = row->subject.originator;
    weighed->derived_id = telling.facts.derived_id;
    weighed->until_us = weighed->decision.until_us;
    if (telling.facts.consent && telling.consent_until_us < weighed->until_us)
        weighed->until_us = telling.consent_until_us;
    waits_note(&telling);
    return arena_check(batch->arena);
}

/* What refers to this object is decided anew. */
static void referrers_mark(struct share_batch *batch, const struct weighing *changed)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct weighing *row = &batch->rows[i];
        for (size_t j = 0; j < row->subject.ref_count && row->open && !row->unfit; j++)
            row->dirty |= slice_eq(row->subject.refs[j], changed->object->id);
    }
}

/* One round: those that are dirty; what turns out not to go, or to go under another id, makes others dirty. */
static struct err round_run(
        struct share_batch *batch, const struct share_side *side, struct share_weighed *weighed, bool *again)
{
    *again = false;
    for (size_t i = 0; i < batch->count; i++) {
        struct weighing *row = &batch->rows[i];
        bool was_open = row->open, was_derived = weighed[i].named && weighed[i].decision.derived;
        if (!row->dirty)
            continue;
        row->dirty = false;
        TRY(decide_one(batch, side, row, &weighed[i]));
        row->open = weighed[i].named && weighed[i].decision.answer == SHARE_ALLOW;
        bool is_derived = weighed[i].named && weighed[i].decision.derived;
        if ((was_open && !row->open) || (row->open && is_derived != was_derived)) {
            referrers_mark(batch, row);
            row->dirty = false; /* it may name itself */
            *again = true;
        }
    }
    return OK;
}

/*
 * All go to begin with; whatever does not takes with it what cannot do without it, until nothing changes: the most that
 * can go together. What still changes after many rounds stays.
 */
struct err share_weigh(struct share_batch *batch, const struct share_side *side, struct share_weighed *weighed)
{
    bool again = batch->count > 0;
    for (size_t i = 0; i < batch->count; i++) {
        weighed[i] = (struct share_weighed){0};
        batch->rows[i].weighed = &weighed[i];
        batch->rows[i].dirty = batch->rows[i].open = true;
    }
    for (int round = 0; again && round < ROUNDS_MAX; round++)
        TRY(round_run(batch, side, weighed, &again));
    for (size_t i = 0; i < batch->count; i++)
        if (again && batch->rows[i].subject.ref_count > 0)
            weighed[i].decision = (struct share_decision){.rule = "references", .why = "too much refers to each other"};
    return OK;
}

/* ---- Those whom we serve ---- */

/* What a warning tells of an indicator. */
static const char *const told[] = {"pattern", "indicator_types"};

static bool part_is_told(const struct stix_part *part, struct arena *arena)
{
    struct json_elements selectors = json_elements(part->selectors);
    for (slice selector; json_element_next(&selectors, &selector);)
        for (size_t i = 0; i < COUNT_OF(told); i++)
            if (slice_starts(json_text(selector, arena), slice_of(told[i])))
                return true;
    return false;
}

/* The object as far as it is told: its marks, and those of the parts that are. */
static struct share_subject subject_told(const struct weighing *row, struct arena *arena)
{
    struct share_subject subject = row->subject;
    struct stix_part *parts = arena_new(arena, struct stix_part, subject.part_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < subject.part_count; i++)
        if (part_is_told(&subject.parts[i], arena)) {
            parts[count] = subject.parts[i];
            parts[count++].marks.attribution = ATTRIBUTION_MAY;
        }
    subject.parts = parts;
    subject.part_count = count;
    subject.bytes = S("{}");
    subject.ref_count = 0;
    subject.identifying = false;
    subject.marks.attribution = ATTRIBUTION_MAY; /* a warning never says from whom it is */
    return subject;
}

static struct err decide_served(struct share_batch *batch, const struct share_recipient *recipient, bool standing,
        struct weighing *row, struct share_weighed *weighed)
{
    const struct share_side *agreed = row->originator == NULL ? NULL : row->originator->side;
    const struct share_subject subject = subject_told(row, batch->arena);
    struct share_facts facts = {.now_us = batch->scene->now_us,
            .originators = agreed != NULL && agreed->wrong == NULL ? &agreed->terms : NULL,
            .standing = standing,
            .meant = UINT_MAX,
            .producer = batch->scene->own};
    int64_t consent_us = 0;
    /* Consent for those whom it concerns is none for others. */
    if (subject.origin != SHARE_OURS && recipient->audience == SHARE_CONSTITUENT)
        TRY(store_consent_until(batch->db, subject.originator, subject.id, subject.type, CONSENT_AFFECTED,
                batch->scene->now_us, &consent_us));
    facts.consent = consent_us > 0;
    weighed->named = true;
    weighed->origin = subject.origin;
    weighed->originator = subject.originator;
    return share_decide(&subject, recipient, NULL, &facts, batch->arena, &weighed->decision);
}

struct err share_weigh_served(struct share_batch *batch, const struct share_recipient *recipient, bool standing,
        struct share_weighed *weighed)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct weighing *row = &batch->rows[i];
        weighed[i] = (struct share_weighed){.object = row->object, .version = row->version};
        weighed[i].decision = (struct share_decision){.rule = "form", .why = "it is no STIX object"};
        if (!row->unfit)
            TRY(decide_served(batch, recipient, standing, row, &weighed[i]));
    }
    return arena_check(batch->arena);
}
