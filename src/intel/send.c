/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects go in order of arrival. What one is marked with goes right before the first that is, since an export has to
 * know a marking before what it marks, and a choice of objects should carry its markings and no others. Where several
 * sources are read, a first pass remembers which version of each id is the latest.
 */
#include "intel/send.h"

#include "base/arena.h"
#include "intel/notes.h"
#include "store/part.h"
#include "store/right.h"
#include "store/source.h"
#include "json/read.h"

#define PAGE_ARENA_MAX (512u << 20)
#define LEFT_OUT_MAX 8 /* reasons of our own */

/* ---- Sending ---- */

struct left_out {
    const char *what;
    uint64_t count;
};

struct sending {
    struct db *db;
    const struct actor *actor;
    const struct intel_send *send;
    struct export *export;
    struct arena *arena; /* of the call */
    struct arena *page;
    bool begun;
    int64_t source;
    bool several;          /* sources */
    struct notes latest;   /* of each id; of all versions: those that went */
    struct notes markings; /* that went */
    struct left_out left_out[LEFT_OUT_MAX];
    struct intel_sent sent;
    struct err (*each)(struct sending *sending, const struct object *object);
};

static const struct {
    enum object_judged kind;
    const char *what;
} judged[] = {
        {OBJECT_FALSE_POSITIVE, "false positive, as we hold"},
        {OBJECT_WITHDRAWN, "withdrawn here"},
        {OBJECT_EXPIRED, "expired, as we hold"},
};

static void leave(struct sending *sending, const char *what)
{
    size_t at = 0;
    while (sending->left_out[at].what != NULL && sending->left_out[at].what != what)
        at++;
    sending->left_out[at].what = what;
    sending->left_out[at].count++;
    sending->sent.left_out++;
}

/* Why we keep it here; NULL: it may go. */
static const char *judged_why(const struct sending *sending, const struct object *object)
{
    for (size_t i = 0; i < COUNT_OF(judged); i++) {
        bool not_yet = judged[i].kind == OBJECT_EXPIRED && object->expiry_us > sending->send->options.now_us;
        if ((object->judged & judged[i].kind) != 0 && !not_yet)
            return judged[i].what;
    }
    return NULL;
}

static bool is_chosen(const struct sending *sending, const struct object *object)
{
    const struct intel_send *send = sending->send;
    return send->since_us == TIME_NONE || object->added_us >= send->since_us;
}

static struct err give(struct sending *sending, const struct object *object)
{
    sending->sent.objects++;
    return export_object(sending->export, &(struct export_object){object->bytes, object->type, object->id});
}

/* ---- Markings ---- */

static const slice MARKING = {"marking-definition", 18};

/* What the source of the object says of the marking, or else the first that says anything. */
static struct err marking_give(struct sending *sending, const struct object *marked, slice id)
{
    struct object marking, *all;
    size_t count = 1;
    bool fresh;
    TRY(intel_note_once(&sending->markings, id, 1, &fresh));
    if (!fresh)
        return OK;
    struct err err = store_object_newest(sending->db, marked->source, id, sending->page, &marking);
    if (err.kind == ERR_MISSING) {
        TRY(store_object_versions(sending->db, id, sending->page, &all, &count));
        marking = count > 0 ? all[0] : marking;
        err = OK;
    }
    TRY(err);
    if (count == 0)
        return OK; /* nobody gave us that marking: the export names it */
    TRY(intel_note_once(&sending->markings, marking.bytes, 1, &fresh));
    return fresh ? give(sending, &marking) : OK;
}

static struct err marking_give_json(struct sending *sending, const struct object *marked, slice json)
{
    slice id = json_text(json, sending->page);
    return slice_starts(id, MARKING) ? marking_give(sending, marked, id) : OK;
}

static struct err markings_give(struct sending *sending, const struct object *object)
{
    struct json_members members = json_members(object->bytes);
    slice key, value, element;
    while (json_member_next(&members, &key, &value)) {
        bool whole = json_key_is(key, S("object_marking_refs"));
        if (!whole && !json_key_is(key, S("granular_markings")))
            continue;
        struct json_elements elements = json_elements(value);
        while (json_element_next(&elements, &element))
            TRY(marking_give_json(sending, object, whole ? element : json_get(element, S("marking_ref"))));
    }
    return OK;
}

/* ---- One object ---- */

/*
 * Whether it goes: of an id that several sources have, the latest version; of all versions, each content once; the same
 * from two sources as it came first; and a marking once.
 */
static struct err is_wanted(struct sending *sending, const struct object *object, bool *wanted)
{
    *wanted = true;
    if (slice_eq(object->type, MARKING)) {
        bool first;
        TRY(intel_note_once(&sending->markings, object->id, object->number, &first));
        *wanted = first;
        return sending->send->all_versions ? intel_note_once(&sending->markings, object->bytes, object->number, wanted)
                                           : OK;
    }
    if (!sending->several)
        return OK;
    if (sending->send->all_versions)
        return intel_note_once(&sending->latest, object->bytes, object->number, wanted);
    const struct noted *noted = intel_note_find(&sending->latest, object->id);
    *wanted = noted != NULL && noted->number == object->number;
    return OK;
}

static struct err send_object(struct sending *sending, const struct object *object)
{
    bool wanted;
    if (!is_chosen(sending, object))
        return OK;
    const char *why = judged_why(sending, object);
    if (why != NULL) {
        leave(sending, why);
        return OK;
    }
    TRY(is_wanted(sending, object, &wanted));
    if (!wanted)
        return OK;
    TRY(markings_give(sending, object));
    return give(sending, object);
}

/* What we hold not to be true of one source's word does not stand in the way of another's. */
static struct err note_latest(struct sending *sending, const struct object *object)
{
    if (!is_chosen(sending, object) || judged_why(sending, object) != NULL)
        return OK;
    const struct noted *noted = intel_note_find(&sending->latest, object->id);
    if (noted != NULL && noted->number != 0 && slice_order(object->version, noted->version) <= 0)
        return OK;
    return intel_note_put(&sending->latest, object->id, object->number, object->version);
}

/* ---- Pages ---- */

/* Parts of incidents go to who sees those; to anybody else they are not there. */
static struct err offer(struct sending *sending, const struct object *object, bool *met)
{
    bool hidden;
    TRY(store_part_hidden(sending->db, sending->actor, object->source, object->id, sending->page, &hidden));
    *met |= !hidden;
    return hidden ? OK : sending->each(sending, object);
}

static struct err pass(struct sending *sending)
{
    const struct intel_send *send = sending->send;
    const struct object_filter filter = {
            .type = send->type, .source = sending->source, .all_versions = send->all_versions};
    struct object_place place = {0};
    bool met = false;
    while (!place.end) {
        struct object *rows;
        size_t count;
        arena_reset(sending->page);
        if (send->stop != NULL && send->stop(send->context))
            return err_make(ERR_CONFLICT, "stopped before its end");
        TRY(store_object_page(sending->db, &filter, &place, INTEL_SEND_PAGE, sending->page, &rows, &count));
        for (size_t i = 0; i < count; i++)
            TRY(offer(sending, &rows[i], &met));
        if (send->progress != NULL)
            send->progress(send->context, sending->sent.objects);
    }
    return OK;
}

/* ---- Chosen ids ---- */

static struct err send_id(struct sending *sending, slice id)
{
    const struct intel_send *send = sending->send;
    struct object *rows;
    size_t count;
    bool met = false;
    arena_reset(sending->page);
    TRY(store_object_versions(sending->db, id, sending->page, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        bool counts = send->all_versions || rows[i].newest;
        bool meant = sending->source == 0 || rows[i].source == sending->source;
        if (!counts || !meant || (send->type.len > 0 && !slice_eq(rows[i].type, send->type)))
            continue;
        TRY(offer(sending, &rows[i], &met));
    }
    return met ? OK : err_format(sending->arena, ERR_MISSING, "%.*s: there is no such object", (int)id.len, id.ptr);
}

static struct err pass_ids(struct sending *sending)
{
    for (size_t i = 0; i < sending->send->id_count; i++)
        TRY(send_id(sending, sending->send->ids[i]));
    return OK;
}

static struct err send_all(struct sending *sending)
{
    struct err (*const run)(struct sending *) = sending->send->id_count > 0 ? pass_ids : pass;
    if (sending->several && !sending->send->all_versions) {
        sending->each = note_latest;
        TRY(run(sending));
    }
    sending->each = send_object;
    return run(sending);
}

/* ---- The whole ---- */

static struct err look(struct db *db, void *context)
{
    struct sending *sending = context;
    struct source *sources;
    size_t count;
    if (sending->begun)
        return err_make(ERR_REMOTE, "the connection to the database was lost in the middle of an export");
    sending->begun = true;
    sending->db = db;
    if (sending->send->source.len > 0)
        TRY(store_source_find(db, sending->send->source, &sending->source));
    TRY(store_source_list(db, 0, 2, sending->page, &sources, &count));
    sending->several = sending->source == 0 && count > 1;
    TRY(send_all(sending));
    return export_end(sending->export);
}

static void tell_left_out(const struct sending *sending)
{
    for (size_t i = 0; i < LEFT_OUT_MAX && sending->left_out[i].what != NULL; i++)
        sending->send->left_out(sending->send->context, sending->left_out[i].what, sending->left_out[i].count);
}

static struct err export_run(struct db *db, struct sending *sending)
{
    const struct intel_send *send = sending->send;
    const struct export_sink sink = {.context = send->context, .write = send->write, .left_out = send->left_out};
    TRY(export_open(send->kind, &send->options, &sink, &sending->export));
    struct err err = db_look(db, look, sending);
    struct export_totals totals = export_totals(sending->export);
    sending->sent.values = totals.values;
    sending->sent.left_out += totals.left_out;
    if (err.kind == ERR_NONE)
        tell_left_out(sending);
    else
        err.why = arena_cstr(sending->arena, slice_of(err.why));
    export_close(sending->export);
    return err;
}

struct err intel_send(struct db *db, const struct actor *actor, const struct intel_send *send, struct arena *arena,
        struct intel_sent *sent)
{
    struct sending sending = {.actor = actor, .send = send, .arena = arena};
    *sent = (struct intel_sent){0};
    TRY(store_right_check(actor, VERB_EXPORT, actor->organisation, arena, NULL));
    if (send->all_versions && !send->kind->versions)
        return err_format(arena, ERR_INPUT, "%s takes the newest versions only: an older one may have been taken back",
                send->kind->name);
    sending.page = arena_open("a page of an export", ARENA_WORK, PAGE_ARENA_MAX);
    sending.latest = intel_notes_open();
    sending.markings = intel_notes_open();
    struct err err = export_run(db, &sending);
    *sent = sending.sent;
    intel_notes_close(&sending.latest);
    intel_notes_close(&sending.markings);
    arena_close(sending.page);
    return err;
}
