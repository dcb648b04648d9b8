/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/judge.h"

#include "base/arena.h"
#include "intel/ingest.h"
#include "store/organisation.h"
#include "store/right.h"
#include "store/source.h"
#include "store/tag.h"
#include "json/read.h"
#include "json/write.h"

#define REVOKED_NAME "revoked here" /* name of the import that brings our own revoked version */

/* One verb on one subject: what it does for each source, and what it knows. */
struct judging {
    const struct intel_subject *subject;
    enum object_judged kind;
    int64_t at_us;
    slice text; /* reason or tag */
    /* Of a source that has the id; *done: it changed something. */
    struct err (*each)(struct work *work, const struct judging *judging, const struct object *object, bool *done);
    const char *nothing; /* what is told if it changed nothing anywhere */
    slice spared;        /* identity whose objects are not meant; empty: none */
    size_t count;
};

static bool is_own(const struct object *object, slice identity)
{
    return identity.len > 0 && slice_eq(object->created_by, identity) && object->version.len > 0;
}

/* ---- Which sources are meant ---- */

struct sources {
    const struct source *rows;
    size_t count;
};

static struct err sources_list(struct db *db, slice name, struct arena *arena, struct sources *sources)
{
    struct source *rows;
    size_t count;
    int64_t number;
    if (name.len == 0) {
        TRY(store_source_list(db, 0, INTEL_SOURCES_MAX, arena, &rows, &count));
    } else {
        TRY(store_source_find(db, name, &number));
        rows = arena_new(arena, struct source, 1);
        count = 1;
        TRY(store_source_get(db, number, arena, rows));
    }
    *sources = (struct sources){rows, count};
    return OK;
}

/* What one of them says of the id, without its bytes: of many sources these are more than fit. */
static struct err object_find(
        struct db *db, int64_t source, slice id, struct arena *scratch, struct arena *arena, struct object *object)
{
    struct object found;
    arena_reset(scratch);
    TRY(store_object_newest(db, source, id, scratch, &found));
    found.id = arena_copy(arena, found.id);
    found.version = arena_copy(arena, found.version);
    found.created_by = arena_copy(arena, found.created_by);
    found.type = found.spec_version = found.bytes = (slice){0};
    *object = found;
    return OK;
}

static struct err objects_list(struct db *db, const struct sources *sources, slice id, struct arena *arena,
        struct object *objects, size_t *count)
{
    struct arena *scratch = arena_open("an object to judge", ARENA_WORK, 2u * OBJECT_BYTES_MAX);
    struct err err = OK;
    for (size_t i = 0; i < sources->count && err.kind == ERR_NONE; i++) {
        err = object_find(db, sources->rows[i].number, id, scratch, arena, &objects[*count]);
        *count += err.kind == ERR_NONE;
        err = err.kind == ERR_MISSING ? OK : err;
    }
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    arena_close(scratch);
    return err;
}

/* What each of them says of the id, but for the bytes. */
static struct err objects_find(
        struct db *db, const struct intel_subject *subject, struct arena *arena, struct object **objects, size_t *count)
{
    struct sources sources;
    size_t found = 0;
    TRY(sources_list(db, subject->source, arena, &sources));
    *objects = arena_new(arena, struct object, sources.count + 1);
    TRY(objects_list(db, &sources, subject->id, arena, *objects, &found));
    if (found == 0)
        return err_format(arena, ERR_MISSING, "%.*s: no %s has it",
                (int)(subject->id.len < 300 ? subject->id.len : 300), subject->id.ptr,
                subject->source.len > 0 ? "such object of that source" : "source");
    *count = found;
    return OK;
}

static struct err judge_all(struct work *work, void *context)
{
    struct judging *judging = context;
    struct object *objects;
    size_t count;
    judging->count = 0;
    TRY(objects_find(work->db, judging->subject, work->arena, &objects, &count));
    for (size_t i = 0; i < count; i++) {
        bool done = false;
        if (is_own(&objects[i], judging->spared))
            continue;
        TRY(judging->each(work, judging, &objects[i], &done));
        judging->count += done;
    }
    return judging->count > 0 ? OK : err_make(ERR_CONFLICT, judging->nothing);
}

/* The sentence of an error may belong to the connection. */
static struct err kept(struct err err, struct arena *arena)
{
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    return err;
}

static struct err judging_run(struct db *db, const struct actor *actor, enum verb verb, struct judging *judging,
        struct arena *arena, size_t *count)
{
    TRY(store_right_check(actor, verb, actor->organisation, arena, NULL));
    TRY(kept(store_work(db, actor, arena, judge_all, judging), arena));
    *count = judging->count;
    return OK;
}

/* ---- News ---- */

struct news {
    const char *act;
    const struct object *object;
    enum object_judged kind;
    int64_t at_us;
    slice text;        /* reason or tag */
    int64_t judgement; /* 0: none, it is about a tag */
};

static struct err tell(struct work *work, const struct news *news)
{
    struct buf detail = buf_make(WORK_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_u64(&w, S("source"), (uint64_t)news->object->source);
    json_write_key_text(&w, S("id"), news->object->id);
    if (news->judgement != 0) {
        json_write_key_text(&w, S("kind"), slice_of(store_judgement_name(news->kind)));
        json_write_key_u64(&w, S("judgement"), (uint64_t)news->judgement);
    }
    if (news->at_us != TIME_NONE) {
        json_write_key(&w, S("at"));
        json_write_i64(&w, news->at_us);
    }
    json_write_key_text(&w, news->judgement != 0 ? S("reason") : S("tag"), news->text);
    json_write_end(&w);
    struct err err = buf_check(&detail);
    if (err.kind == ERR_NONE)
        err = store_work_news(work, news->act, news->object->id, buf_slice(&detail));
    buf_free(&detail);
    return err;
}

/* ---- Judgements ---- */

struct err intel_judge_object(struct work *work, const struct object *object, enum object_judged kind, int64_t at_us,
        slice reason, bool *done)
{
    int64_t number;
    *done = (object->judged & kind) == 0;
    if (!*done)
        return OK;
    TRY(store_judgement_add(work, object->source, object->id, kind, at_us, reason, &number));
    return tell(work, &(struct news){"intel.judged", object, kind, at_us, reason, number});
}

/* The number of the judgement that holds; 0: none. */
static struct err judgement_find(
        struct work *work, const struct object *object, enum object_judged kind, slice only, int64_t *found)
{
    int64_t after = 0;
    *found = 0;
    for (size_t count = 1; count > 0 && *found == 0;) {
        struct judgement *rows;
        TRY(store_judgement_list(
                work->db, object->source, object->id, after, STORE_PAGE_MAX, work->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            bool meant = only.len == 0 || slice_eq(only, rows[i].reason);
            after = rows[i].number;
            if (rows[i].kind == kind && rows[i].undone_us == TIME_NONE && meant)
                *found = rows[i].number;
        }
    }
    return OK;
}

struct err intel_unjudge_object(
        struct work *work, const struct object *object, enum object_judged kind, slice only, slice reason, bool *done)
{
    int64_t number = 0;
    if ((object->judged & kind) != 0)
        TRY(judgement_find(work, object, kind, only, &number));
    *done = number != 0;
    if (!*done)
        return OK;
    TRY(store_judgement_undo(work, number, reason));
    return tell(work, &(struct news){"intel.unjudged", object, kind, TIME_NONE, reason, number});
}

static struct err judge_one(struct work *work, const struct judging *judging, const struct object *object, bool *done)
{
    return intel_judge_object(work, object, judging->kind, judging->at_us, judging->text, done);
}

static struct err unjudge_one(struct work *work, const struct judging *judging, const struct object *object, bool *done)
{
    return intel_unjudge_object(work, object, judging->kind, S(""), judging->text, done);
}

struct err intel_judge(struct db *db, const struct actor *actor, const struct intel_subject *subject,
        enum object_judged kind, int64_t at_us, slice reason, struct arena *arena, size_t *count)
{
    struct judging judging = {subject, kind, kind == OBJECT_EXPIRED ? at_us : TIME_NONE, reason, judge_one,
            "it is held to be so already", S(""), 0};
    TRY(store_text_check(arena, "reason", reason, STORE_TEXT_MAX));
    return judging_run(db, actor, VERB_JUDGE, &judging, arena, count);
}

struct err intel_unjudge(struct db *db, const struct actor *actor, const struct intel_subject *subject,
        enum object_judged kind, slice reason, struct arena *arena, size_t *count)
{
    struct judging judging = {subject, kind, TIME_NONE, reason, unjudge_one, "nobody here held it to be so", S(""), 0};
    TRY(store_text_check(arena, "reason", reason, STORE_TEXT_MAX));
    return judging_run(db, actor, VERB_JUDGE, &judging, arena, count);
}

/* ---- Tags ---- */

static struct err tell_tag(
        struct work *work, const char *act, const struct judging *judging, const struct object *object)
{
    return tell(work, &(struct news){act, object, 0, TIME_NONE, judging->text, 0});
}

static struct err tag_one(struct work *work, const struct judging *judging, const struct object *object, bool *done)
{
    TRY(store_tag_put(work, object->source, object->id, judging->text, done));
    return *done ? tell_tag(work, "intel.tagged", judging, object) : OK;
}

static struct err untag_one(struct work *work, const struct judging *judging, const struct object *object, bool *done)
{
    TRY(store_tag_drop(work, object->source, object->id, judging->text, done));
    return *done ? tell_tag(work, "intel.untagged", judging, object) : OK;
}

struct err intel_tag(struct db *db, const struct actor *actor, const struct intel_subject *subject, slice tag,
        struct arena *arena, size_t *count)
{
    struct judging judging = {subject, 0, TIME_NONE, tag, tag_one, "it carries that tag already", S(""), 0};
    TRY(store_text_check(arena, "tag", tag, STORE_NAME_MAX));
    return judging_run(db, actor, VERB_TAG, &judging, arena, count);
}

struct err intel_untag(struct db *db, const struct actor *actor, const struct intel_subject *subject, slice tag,
        struct arena *arena, size_t *count)
{
    struct judging judging = {subject, 0, TIME_NONE, tag, untag_one, "it does not carry that tag", S(""), 0};
    TRY(store_text_check(arena, "tag", tag, STORE_NAME_MAX));
    return judging_run(db, actor, VERB_TAG, &judging, arena, count);
}

/* ---- Revoking ---- */

/* The id of the STIX identity that stands for us; empty: there is none yet. */
static struct err own_identity(struct db *db, struct arena *arena, slice *identity)
{
    struct organisation own;
    int64_t number;
    *identity = S("");
    struct err err = store_organisation_own(db, &number);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    TRY(store_organisation_get(db, number, arena, &own));
    *identity = own.identity;
    return OK;
}

/* The object with `modified` of now, later than before in any case, and "revoked": true; all else byte for byte. */
static void revoked_write(const struct object *object, struct arena *arena, struct buf *out)
{
    enum { MS = 1000 };
    struct json_writer w = json_writer(out);
    struct json_members members = json_members(object->bytes);
    int64_t now_us = clock_now_us() / MS * MS;
    int64_t least_us = (object->modified_us / MS + 1) * MS;
    slice key, value;
    json_write_object(&w);
    while (json_member_next(&members, &key, &value)) {
        if (json_key_is(key, S("revoked")) || json_key_is(key, S("modified")))
            continue;
        json_write_key(&w, json_unescape(key, arena));
        json_write_raw(&w, value);
    }
    json_write_key(&w, S("modified"));
    json_write_time(&w, now_us > least_us ? now_us : least_us);
    json_write_key(&w, S("revoked"));
    json_write_bool(&w, true);
    json_write_end(&w);
}

static struct err revoke_own(struct db *db, const struct actor *actor, const struct object *found, struct arena *arena)
{
    struct object object;
    struct source source;
    struct intel_report report;
    struct buf json = buf_make(OBJECT_BYTES_MAX);
    TRY(store_source_get(db, found->source, arena, &source));
    TRY(store_object_newest(db, found->source, found->id, arena, &object));
    const struct intel_ingest ingest = {
            .source = source.name, .kind = source.kind, .name = S(REVOKED_NAME), .form = "stix"};
    revoked_write(&object, arena, &json);
    struct err err = buf_check(&json);
    if (err.kind == ERR_NONE)
        err = intel_ingest_text(db, actor, &ingest, buf_slice(&json), arena, &report);
    buf_free(&json);
    return err;
}

struct err intel_revoke(struct db *db, const struct actor *actor, const struct intel_subject *subject, slice reason,
        struct arena *arena, struct intel_revoked *revoked)
{
    struct object *objects;
    size_t count, others = 0;
    slice identity;
    struct intel_revoked done = {0};
    TRY(store_right_check(actor, VERB_JUDGE, actor->organisation, arena, NULL));
    TRY(store_text_check(arena, "reason", reason, STORE_TEXT_MAX));
    TRY(kept(own_identity(db, arena, &identity), arena));
    TRY(kept(objects_find(db, subject, arena, &objects, &count), arena));
    for (size_t i = 0; i < count; i++) {
        if (!is_own(&objects[i], identity)) {
            others++;
        } else if (!objects[i].revoked) {
            TRY(revoke_own(db, actor, &objects[i], arena));
            done.versions++;
        }
    }
    if (others > 0) {
        struct judging judging = {
                subject, OBJECT_WITHDRAWN, TIME_NONE, reason, judge_one, "it is withdrawn already", identity, 0};
        struct err err = judging_run(db, actor, VERB_JUDGE, &judging, arena, &done.withdrawn);
        if (err.kind != ERR_NONE && (err.kind != ERR_CONFLICT || done.versions == 0))
            return err;
    }
    *revoked = done;
    return others > 0 || done.versions > 0 ? OK : err_make(ERR_CONFLICT, "it is revoked already");
}

struct err intel_unrevoke(struct db *db, const struct actor *actor, const struct intel_subject *subject, slice reason,
        struct arena *arena, struct intel_revoked *revoked)
{
    struct object *objects;
    size_t count, held = 0;
    struct intel_revoked done = {0};
    TRY(store_right_check(actor, VERB_JUDGE, actor->organisation, arena, NULL));
    TRY(store_text_check(arena, "reason", reason, STORE_TEXT_MAX));
    TRY(kept(objects_find(db, subject, arena, &objects, &count), arena));
    for (size_t i = 0; i < count; i++) {
        struct import import;
        held += (objects[i].judged & OBJECT_WITHDRAWN) != 0;
        if (!objects[i].revoked)
            continue;
        TRY(kept(store_import_get(db, objects[i].import, arena, &import), arena));
        if (!slice_eq(import.name, S(REVOKED_NAME)))
            continue;
        TRY(intel_undo(db, actor, import.number, reason, arena));
        done.versions++;
    }
    if (held > 0)
        TRY(intel_unjudge(db, actor, subject, OBJECT_WITHDRAWN, reason, arena, &done.withdrawn));
    *revoked = done;
    return held > 0 || done.versions > 0 ? OK : err_make(ERR_CONFLICT, "it was not revoked here");
}

/* ---- Undoing an import ---- */

struct undoing {
    int64_t import;
    slice reason;
};

static struct err undo(struct work *work, void *context)
{
    const struct undoing *undoing = context;
    return store_import_undo(work, undoing->import, undoing->reason);
}

struct err intel_undo(struct db *db, const struct actor *actor, int64_t import, slice reason, struct arena *arena)
{
    struct undoing undoing = {import, reason};
    struct import row;
    TRY(store_text_check(arena, "reason", reason, STORE_TEXT_MAX));
    TRY(kept(store_import_get(db, import, arena, &row), arena));
    TRY(store_right_check(actor, VERB_IMPORT_UNDO, row.organisation, arena, NULL));
    return kept(store_work(db, actor, arena, undo, &undoing), arena);
}

/* ---- The same, by two persons ---- */

static struct err proposed_import(slice subject, slice detail, struct arena *arena, struct undoing *undoing)
{
    slice word = S("import/");
    uint64_t number;
    if (!slice_starts(subject, word) || !slice_u64(slice_from(subject, word.len), INT64_MAX, &number))
        return err_make(ERR_INPUT, "the subject is an import: import/7");
    *undoing = (struct undoing){(int64_t)number, json_text(json_get(detail, S("reason")), arena)};
    return store_text_check(arena, "reason", undoing->reason, STORE_TEXT_MAX);
}

struct err intel_may_undo(
        struct db *db, const struct actor *actor, slice subject, slice detail, struct arena *arena, bool *second)
{
    struct undoing undoing;
    struct import row;
    TRY(proposed_import(subject, detail, arena, &undoing));
    TRY(kept(store_import_get(db, undoing.import, arena, &row), arena));
    return store_right_check(actor, VERB_IMPORT_UNDO, row.organisation, arena, second);
}

struct err intel_do_undo(struct work *work, slice subject, slice detail)
{
    struct undoing undoing;
    TRY(proposed_import(subject, detail, work->arena, &undoing));
    return undo(work, &undoing);
}
