/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The road of a text:
 *
 *     begin      one work: the source, the row of the import (state running)
 *     objects    the form hands them on; a batch is copied and put in one work
 *     original   the bytes pass by here on their way to the form: counted, hashed, kept if the form is not STIX
 *     finish     one work: the last batch was put, the import is done and all of it is seen
 *     or fail    one work, and then what was put is removed in steps
 *
 * A work may run twice, so that what a batch became is counted only after it.
 */
#include "intel/ingest.h"

#include "base/arena.h"
#include "input/pack.h"
#include "store/collection.h"
#include "store/right.h"
#include "store/source.h"

#define BATCH_ARENA_MAX (256u << 20)
#define WORK_ARENA_MAX (256u << 20)
#define LOOKUP_ARENA_MAX (2u * OBJECT_BYTES_MAX)
#define TEXT_ARENA_MAX (64u << 20) /* sentences of one import */
#define BATCH_DROPPED 256
#define BATCH_REFUSED 256

/* How an object stands to what its source said before. */
enum standing { STANDS_FRESH, STANDS_NEWER, STANDS_OLDER };

struct ingesting {
    struct db *db;
    const struct actor *actor;
    const struct intel_ingest *ingest;
    const struct stix_stream *from;
    struct intel_report *report;
    uint64_t objects_max, bytes_max;
    bool dry;
    struct arena *sentences; /* as long as the import */
    struct arena *batch;     /* what waits to be put */
    struct arena *work;      /* of one transaction */
    struct arena *lookup;    /* of one object that was there before */
    int64_t source;
    bool known;         /* the source had something before */
    uint64_t recovered; /* imports of programs that died, whose objects nobody removed */
    struct object_put *rows;
    size_t row_count, row_bytes;
    struct object_outcome *outcomes;
    enum standing *standings;
    struct import_refused refused[BATCH_REFUSED];
    size_t refused_count;
    uint64_t refused_kept;
    struct import_dropped dropped[BATCH_DROPPED];
    size_t dropped_count;
    const char *first_refusal;
    struct buf original; /* what has not been stored of the text */
    struct buf packed;
    int64_t part;
    struct sha256_sum *sum;
    struct err failed; /* while something was taken whose taker cannot say so: whoever comes next does */
};

/* ---- Works ---- */

/* The sentence of an error of the database lives as long as the next one. */
static struct err work(struct ingesting *in, work_action *action)
{
    arena_reset(in->work);
    struct err err = store_work(in->db, in->actor, in->work, action, in);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(in->sentences, slice_of(err.why));
    return err;
}

static struct err begin(struct work *work, void *context)
{
    struct ingesting *in = context;
    const struct intel_ingest *ingest = in->ingest;
    struct import_begin begin = {.name = ingest->name, .form = slice_of(ingest->form == NULL ? "" : ingest->form)};
    struct import *before;
    size_t count;
    TRY(store_import_recover(work, &in->recovered));
    TRY(store_source_put(work, ingest->source, ingest->kind, in->actor->organisation, &begin.source));
    TRY(store_import_list(work->db, begin.source, INT64_MAX, 1, work->arena, &before, &count));
    TRY(store_import_begin(work, &begin, &in->report->import));
    in->source = begin.source;
    in->known = count > 0;
    return OK;
}

static struct err finish(struct work *work, void *context)
{
    struct ingesting *in = context;
    const struct import_end end = {slice_of(in->report->form), in->report->bytes, in->report->digest};
    if (in->ingest->finish != NULL)
        TRY(in->ingest->finish(in->ingest->watch.context, work, in->report->import));
    return store_import_finish(work, in->report->import, &end);
}

struct failing {
    int64_t import;
    slice why;
};

static struct err fail(struct work *work, void *context)
{
    struct failing *failing = context;
    return store_import_fail(work, failing->import, failing->why);
}

/* ---- A batch ---- */

static struct err standing_find(struct work *work, const struct ingesting *in, size_t at)
{
    const struct object_put *row = &in->rows[at];
    struct object before;
    in->standings[at] = STANDS_FRESH;
    if (!in->known || in->outcomes[at].kind != OBJECT_ADDED)
        return OK;
    arena_reset(in->lookup);
    struct err err = store_object_newest(work->db, in->source, row->id, in->lookup, &before);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    in->standings[at] = slice_order(row->version, before.version) < 0 ? STANDS_OLDER : STANDS_NEWER;
    return OK;
}

static struct err put(struct work *work, void *context)
{
    struct ingesting *in = context;
    TRY(store_object_put(work, in->report->import, in->rows, in->row_count, in->outcomes));
    for (size_t i = 0; i < in->row_count; i++)
        TRY(standing_find(work, in, i));
    if (in->refused_count > 0)
        TRY(store_import_refuse(work, in->report->import, in->refused, in->refused_count));
    if (in->dropped_count > 0)
        TRY(store_import_drop(work, in->report->import, in->dropped, in->dropped_count));
    return OK;
}

static void count_outcome(struct ingesting *in, size_t at)
{
    struct intel_report *report = in->report;
    const struct intel_watch *watch = &in->ingest->watch;
    uint64_t *const added[] = {
            [STANDS_FRESH] = &report->fresh, [STANDS_NEWER] = &report->newer, [STANDS_OLDER] = &report->older};
    uint64_t *const others[] = {[OBJECT_DUPLICATE] = &report->duplicates,
            [OBJECT_CONFLICT] = &report->conflicts,
            [OBJECT_CROWDED] = &report->crowded};
    enum object_outcome_kind kind = in->outcomes[at].kind;
    ++*(kind == OBJECT_ADDED ? added[in->standings[at]] : others[kind]);
    if (kind >= OBJECT_CONFLICT && watch->conflict != NULL)
        watch->conflict(watch->context, in->rows[at].id, in->rows[at].version);
    if (watch->taken != NULL)
        watch->taken(watch->context, &in->rows[at], &in->outcomes[at]);
    report->other_creator += in->outcomes[at].other_creator;
    if (in->outcomes[at].other_creator && watch->other_creator != NULL)
        watch->other_creator(watch->context, in->rows[at].id, in->rows[at].version);
}

static struct err stopped(const struct ingesting *in)
{
    const struct intel_watch *watch = &in->ingest->watch;
    TRY(in->failed);
    return watch->stop != NULL && watch->stop(watch->context)
                   ? err_make(ERR_CONFLICT, "stopped before its end; nothing of it was kept")
                   : OK;
}

static struct err batch_put(struct ingesting *in)
{
    const struct intel_watch *watch = &in->ingest->watch;
    TRY(stopped(in));
    if (!in->dry && in->row_count + in->refused_count + in->dropped_count > 0) {
        TRY(work(in, put));
        for (size_t i = 0; i < in->row_count; i++)
            count_outcome(in, i);
    }
    in->row_count = in->row_bytes = in->refused_count = in->dropped_count = 0;
    arena_reset(in->batch);
    if (watch->progress != NULL)
        watch->progress(watch->context, in->report);
    return OK;
}

static struct err batch_room(struct ingesting *in, size_t bytes)
{
    TRY(in->failed);
    bool full = in->row_count == INTEL_BATCH_OBJECTS || in->refused_count == BATCH_REFUSED ||
                in->dropped_count == BATCH_DROPPED;
    bool heavy = in->row_bytes > 0 && in->row_bytes + bytes > INTEL_BATCH_BYTES;
    if (full || heavy)
        in->failed = batch_put(in);
    in->row_bytes += bytes;
    return in->failed;
}

/* ---- What the form hands on ---- */

static struct err take_object(void *context, const struct form_object *object)
{
    struct ingesting *in = context;
    TRY(batch_room(in, object->bytes.len + object->id.len));
    in->report->objects++;
    if (in->ingest->watch.read != NULL)
        in->ingest->watch.read(in->ingest->watch.context, object);
    struct object_put *row = &in->rows[in->row_count++];
    if (in->dry)
        return OK;
    *row = (struct object_put){
            .bytes = arena_copy(in->batch, object->bytes),
            .id = arena_copy(in->batch, object->id),
            .type = arena_copy(in->batch, object->type),
            .spec_version = arena_copy(in->batch, object->spec_version),
            .version = arena_copy(in->batch, object->version),
            .created_by = arena_copy(in->batch, object->created_by),
            .modified_us = object->modified_us,
            .revoked = object->revoked,
            .made = object->made,
            .meaning = object->meaning,
    };
    return arena_check(in->batch);
}

static struct err take_refused(void *context, uint64_t line, uint64_t column, const char *why, slice original)
{
    struct ingesting *in = context;
    const struct intel_watch *watch = &in->ingest->watch;
    bool cut = original.len > IMPORT_REFUSED_BYTES_MAX;
    slice kept = {original.ptr, cut ? IMPORT_REFUSED_BYTES_MAX : original.len};
    in->report->refused++;
    if (in->first_refusal == NULL)
        in->first_refusal = arena_printf(
                in->sentences, "line %llu, column %llu: %s", (unsigned long long)line, (unsigned long long)column, why);
    if (watch->refused != NULL)
        watch->refused(watch->context, line, column, why, original);
    if (in->dry || in->refused_kept == INTEL_REFUSED_MAX)
        return stopped(in);
    TRY(batch_room(in, kept.len));
    in->refused_kept++;
    in->refused[in->refused_count++] = (struct import_refused){.line = line,
            .column = column,
            .why = arena_copy(in->batch, slice_of(why)),
            .original = arena_copy(in->batch, kept),
            .cut = cut};
    return arena_check(in->batch);
}

/* The form tells at most FORM_DROPPED_MAX names, all at its end. */
static void take_dropped(void *context, const char *what, uint64_t count)
{
    struct ingesting *in = context;
    const struct intel_watch *watch = &in->ingest->watch;
    in->report->dropped += count;
    if (watch->dropped != NULL)
        watch->dropped(watch->context, what, count);
    if (in->dry || batch_room(in, 0).kind != ERR_NONE)
        return; /* it stays in in->failed */
    in->dropped[in->dropped_count++] = (struct import_dropped){arena_copy(in->batch, slice_of(what)), count};
}

static void take_warned(void *context, uint64_t line, uint64_t column, const char *why)
{
    struct ingesting *in = context;
    const struct intel_watch *watch = &in->ingest->watch;
    in->report->warned++;
    if (watch->warned != NULL)
        watch->warned(watch->context, line, column, why);
}

static void take_unwarned(void *context, uint64_t count)
{
    struct ingesting *in = context;
    in->report->warned += count;
}

/* ---- The bytes on their way to the form ---- */

static struct err original_put(struct work *work, void *context)
{
    struct ingesting *in = context;
    return store_import_original(work, in->report->import, in->part, buf_slice(&in->packed));
}

/* STIX objects are kept byte for byte; for all other forms the text is. The form is known after its first bytes. */
static bool is_kept(const struct ingesting *in)
{
    return !in->dry && (in->report->form == NULL || strcmp(in->report->form, "stix") != 0);
}

static struct err original_flush(struct ingesting *in)
{
    if (is_kept(in) && in->original.len > 0) {
        buf_reset(&in->packed);
        TRY(input_pack(buf_slice(&in->original), &in->packed));
        TRY(work(in, original_put));
        in->part++;
    }
    buf_reset(&in->original);
    return OK;
}

static struct err original_keep(struct ingesting *in, slice bytes)
{
    while (is_kept(in) && bytes.len > 0) {
        size_t room = INTEL_ORIGINAL_BYTES - in->original.len;
        size_t part = bytes.len < room ? bytes.len : room;
        buf_put(&in->original, slice_part(bytes, 0, part));
        bytes = slice_from(bytes, part);
        TRY(buf_check(&in->original));
        if (in->original.len == INTEL_ORIGINAL_BYTES)
            TRY(original_flush(in));
    }
    return OK;
}

static struct err text_read(void *context, char *to, size_t room, size_t *got)
{
    struct ingesting *in = context;
    TRY(stopped(in));
    TRY(in->from->read(in->from->context, to, room, got));
    in->report->bytes += *got;
    if (in->report->bytes > in->bytes_max)
        return err_format(in->sentences, ERR_LIMIT, "longer than %llu bytes; nothing of it was kept",
                (unsigned long long)in->bytes_max);
    hash_sha256_put(in->sum, (slice){to, *got});
    return original_keep(in, (slice){to, *got});
}

/* ---- The whole ---- */

static struct err read_all(struct ingesting *in)
{
    const struct intel_ingest *ingest = in->ingest;
    const struct stix_stream stream = {in, text_read};
    const struct form_object_sink sink = {
            .context = in,
            .object = take_object,
            .refused = take_refused,
            .dropped = take_dropped,
            .warned = take_warned,
            .unwarned = take_unwarned,
    };
    const struct form_object_options options = {
            .name = ingest->source,
            .form = ingest->form,
            .now_us = clock_now_us(),
            .creator = ingest->creator,
            .marking = ingest->marking,
            .objects_max = in->objects_max,
    };
    return form_objects_read(&stream, &options, in->sentences, &sink, &in->report->form);
}

/* What was refused beyond INTEL_REFUSED_MAX is at least counted where people look for it. */
static void tell_rest(struct ingesting *in)
{
    if (in->report->refused > in->refused_kept && !in->dry && batch_room(in, 0).kind == ERR_NONE)
        in->dropped[in->dropped_count++] = (struct import_dropped){
                S("refused, and not kept with its original"), in->report->refused - in->refused_kept};
}

/* Many a report in prose looks like a list of one bad line. */
static struct err nothing(const struct ingesting *in)
{
    if (in->report->bytes == 0)
        return err_make(ERR_INPUT, "it is empty");
    const char *guess =
            in->ingest->form != NULL
                    ? ""
                    : arena_printf(in->sentences, " (read as %s, by its looks; --as says otherwise)", in->report->form);
    return err_format(in->sentences, ERR_INPUT, "nothing in it can be used%s%s%s",
            in->first_refusal == NULL ? "" : ": ", in->first_refusal == NULL ? "" : in->first_refusal, guess);
}

static struct err take_all(struct ingesting *in)
{
    TRY(read_all(in));
    in->report->digest = hash_sha256_end(in->sum);
    in->sum = NULL;
    tell_rest(in);
    TRY(batch_put(in)); /* what was refused is kept also if that is all there is */
    if (in->report->objects == 0)
        return nothing(in);
    TRY(original_flush(in));
    return in->dry ? OK : work(in, finish);
}

static void open_all(struct ingesting *in)
{
    *in->report = (struct intel_report){0};
    in->objects_max = in->ingest->objects_max > 0 ? in->ingest->objects_max : INTEL_OBJECTS_MAX;
    in->bytes_max = in->ingest->bytes_max > 0 ? in->ingest->bytes_max : INTEL_BYTES_MAX;
    in->sentences = arena_open("an import", ARENA_WORK, TEXT_ARENA_MAX);
    in->batch = arena_open("a batch of objects", ARENA_WORK, BATCH_ARENA_MAX);
    in->work = arena_open("an import's transaction", ARENA_WORK, WORK_ARENA_MAX);
    in->lookup = arena_open("an object of before", ARENA_WORK, LOOKUP_ARENA_MAX);
    in->rows = arena_new(in->sentences, struct object_put, INTEL_BATCH_OBJECTS);
    in->outcomes = arena_new(in->sentences, struct object_outcome, INTEL_BATCH_OBJECTS);
    in->standings = arena_new(in->sentences, enum standing, INTEL_BATCH_OBJECTS);
    in->original = buf_make(INTEL_ORIGINAL_BYTES);
    in->packed = buf_make(IMPORT_ORIGINAL_MAX);
    in->sum = hash_sha256_begin();
}

static void close_all(struct ingesting *in)
{
    if (in->sum != NULL)
        (void)hash_sha256_end(in->sum);
    buf_free(&in->original);
    buf_free(&in->packed);
    arena_close(in->lookup);
    arena_close(in->work);
    arena_close(in->batch);
    arena_close(in->sentences);
}

/* The reason of the failure is what the caller hears; what could not be removed now is not seen, and removed later. */
static void give_up(struct ingesting *in, struct err err)
{
    struct failing failing = {in->report->import, slice_of(err.why)};
    arena_reset(in->work);
    in->report->removing = true;
    struct err cleared = store_work(in->db, in->actor, in->work, fail, &failing);
    if (cleared.kind == ERR_NONE)
        cleared = intel_sweep(in->db, in->actor, &in->ingest->watch);
    in->report->removing = cleared.kind != ERR_NONE; /* whoever sweeps next does it */
}

/*
 * 30 000 objects in a PostgreSQL that holds none by its last count: a list takes 3.4 s instead of 0.4 s. The import is
 * done, whether the count succeeds or not.
 */
static void settle(const struct ingesting *in)
{
    const struct intel_report *report = in->report;
    if (!in->dry && report->fresh + report->newer + report->older >= INTEL_SETTLE_OBJECTS)
        (void)db_settle(in->db).kind;
}

static struct err run(struct ingesting *in)
{
    struct err err = in->dry ? OK : work(in, begin);
    if (err.kind != ERR_NONE) {
        in->report->import = 0;
        return err;
    }
    err = take_all(in);
    if (err.kind != ERR_NONE && !in->dry)
        give_up(in, err);
    else if (in->recovered > 0)
        in->report->removing = intel_sweep(in->db, in->actor, &in->ingest->watch).kind != ERR_NONE;
    if (err.kind == ERR_NONE)
        settle(in);
    return err;
}

static struct err ingest_run(struct ingesting *in, struct arena *arena)
{
    open_all(in);
    struct err err = run(in);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    close_all(in);
    return err;
}

static struct err may(struct db *db, const struct actor *actor, const struct intel_ingest *ingest, struct arena *arena)
{
    if (ingest->collection != 0)
        return store_collection_may_write(db, actor, ingest->collection);
    return store_right_check(actor, VERB_IMPORT, actor->organisation, arena, NULL);
}

struct err intel_ingest(struct db *db, const struct actor *actor, const struct intel_ingest *ingest,
        const struct stix_stream *text, struct arena *arena, struct intel_report *report)
{
    struct ingesting in = {.db = db, .actor = actor, .ingest = ingest, .from = text, .report = report};
    *report = (struct intel_report){0};
    TRY(may(db, actor, ingest, arena));
    return ingest_run(&in, arena);
}

struct err intel_ingest_dry(const struct intel_ingest *ingest, const struct stix_stream *text, struct arena *arena,
        struct intel_report *report)
{
    struct ingesting in = {.ingest = ingest, .from = text, .report = report, .dry = true};
    return ingest_run(&in, arena);
}

/* ---- A text in memory ---- */

static struct err memory_read(void *context, char *to, size_t room, size_t *got)
{
    slice *rest = context;
    *got = rest->len < room ? rest->len : room;
    if (*got > 0)
        memcpy(to, rest->ptr, *got);
    *rest = slice_from(*rest, *got);
    return OK;
}

struct err intel_ingest_text(struct db *db, const struct actor *actor, const struct intel_ingest *ingest, slice text,
        struct arena *arena, struct intel_report *report)
{
    const struct stix_stream stream = {&text, memory_read};
    return intel_ingest(db, actor, ingest, &stream, arena, report);
}

void intel_report_add(struct intel_report *sum, const struct intel_report *one)
{
    sum->import = one->import;
    sum->form = one->form;
    sum->bytes += one->bytes;
    sum->objects += one->objects;
    sum->fresh += one->fresh;
    sum->newer += one->newer;
    sum->older += one->older;
    sum->duplicates += one->duplicates;
    sum->conflicts += one->conflicts;
    sum->other_creator += one->other_creator;
    sum->crowded += one->crowded;
    sum->refused += one->refused;
    sum->dropped += one->dropped;
    sum->warned += one->warned;
    sum->digest = one->digest;
}

/* ---- Clearing away, and giving back ---- */

static struct err sweep_step(struct work *work, void *context)
{
    return store_import_sweep(work, INTEL_SWEEP_STEP, context);
}

struct err intel_sweep(struct db *db, const struct actor *actor, const struct intel_watch *watch)
{
    struct arena *arena = arena_open("clearing away", ARENA_WORK, WORK_ARENA_MAX);
    struct intel_report report = {.removing = true};
    struct err err = OK;
    for (uint64_t removed = 1; removed > 0 && err.kind == ERR_NONE;) {
        arena_reset(arena);
        err = store_work(db, actor, arena, sweep_step, &removed);
        report.objects += err.kind == ERR_NONE ? removed : 0;
        if (watch != NULL && watch->progress != NULL)
            watch->progress(watch->context, &report);
    }
    arena_close(arena);
    return err;
}

struct err intel_original(struct db *db, const struct actor *actor, int64_t import, struct arena *arena,
        struct err (*write)(void *context, slice text), void *context)
{
    struct import row;
    TRY(store_import_get(db, import, arena, &row));
    TRY(store_right_check(actor, VERB_READ_OBJECTS, row.organisation, arena, NULL));
    if (slice_eq(row.form, S("stix")))
        return err_make(ERR_MISSING, "it was STIX, of which the objects are kept and not the text around them; "
                                     "`export --as stix --all-versions` writes them as they came");
    struct arena *work = arena_open("an original", ARENA_WORK, WORK_ARENA_MAX);
    struct buf text = buf_make(2 * INTEL_ORIGINAL_BYTES);
    struct err err = OK;
    for (int64_t part = 0; err.kind == ERR_NONE; part++) {
        slice packed;
        arena_reset(work);
        buf_reset(&text);
        err = store_import_original_get(db, import, part, work, &packed);
        if (err.kind == ERR_MISSING && part > 0) {
            err = OK;
            break;
        }
        if (err.kind == ERR_NONE)
            err = input_unpack(packed, &text);
        if (err.kind == ERR_NONE)
            err = write(context, buf_slice(&text));
    }
    buf_free(&text);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    arena_close(work);
    return err;
}
