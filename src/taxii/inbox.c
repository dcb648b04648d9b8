/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is posted to a collection (TAXII 2.1 section 5.5), and what became of it (section 4.3):
 *
 *     checks      media type, size, an envelope with objects
 *     ingest      the road of all intelligence; the grant is the right, the collection's source the source
 *     finish      in the work that makes the import seen: rows of the collection, and the status
 *     answer      202 with the status, complete at once, since all of it is on disk
 *
 * One bad object is told in the status and sinks nothing; the same again is a success.
 */
#include "base/uuid.h"
#include "intel/ingest.h"
#include "store/delivery.h"
#include "taxii/client.h"
#include "taxii/media.h"
#include "taxii/options.h"
#include "taxii/query.h"
#include "taxii/rows.h"
#include "json/check.h"
#include "json/read.h"

#define STEP_US (INT64_C(250) * 1000) /* of answers to what was posted */
#define INBOX_ARENA_MAX (1u << 30)
#define STATUS_BYTES_MAX (512u << 20)
#define WHY_BYTES_MAX 500 /* of the reason of one failure */
#define LOG_AFTER_US SECOND_US
#define ID_BYTES_MAX 300 /* of what a broken object calls itself */

/* One object of the envelope. */
struct posted {
    slice id, version, why; /* why: it failed; empty: it did not */
    size_t row;             /* of `rows`, if it has one */
    bool kept;              /* the store has it: whether the collection does, is told by the outcome of its row */
};

struct inbox {
    struct ask *ask;
    struct arena *arena;
    const struct collection *collection;
    int64_t now_us;
    slice text; /* the envelope, or what of it can be read */
    struct posted *posted;
    size_t posted_count, posted_room;
    struct collected_put *rows;
    enum collected_outcome *outcomes;
    size_t row_count, row_room;
    slice status_id;
    struct buf status;
};

/* ---- What the import tells ---- */

static void *more_room(struct inbox *inbox, const void *old, size_t count, size_t *room, size_t size)
{
    *room = *room == 0 ? 1024 : 2 * *room;
    char *fresh = arena_take_array(inbox->arena, *room, size);
    if (count > 0)
        memcpy(fresh, old, count * size);
    return fresh;
}

static struct posted *posted_new(struct inbox *inbox)
{
    if (inbox->posted_count == inbox->posted_room)
        inbox->posted =
                more_room(inbox, inbox->posted, inbox->posted_count, &inbox->posted_room, sizeof *inbox->posted);
    return &inbox->posted[inbox->posted_count++];
}

static void take(void *context, const struct object_put *row, const struct object_outcome *outcome)
{
    struct inbox *inbox = context;
    struct posted *posted = posted_new(inbox);
    slice version = store_collected_version(row->version, row->bytes, inbox->arena);
    posted->id = arena_copy(inbox->arena, row->id);
    posted->version = taxii_version(version, inbox->arena);
    if (outcome->number == 0) {
        posted->why = S("not kept: there are too many others of this version with other content");
        return;
    }
    if (inbox->row_count == inbox->row_room)
        inbox->rows = more_room(inbox, inbox->rows, inbox->row_count, &inbox->row_room, sizeof *inbox->rows);
    posted->kept = true;
    posted->row = inbox->row_count;
    inbox->rows[inbox->row_count++] = (struct collected_put){.object = outcome->number,
            .id = posted->id,
            .type = arena_copy(inbox->arena, row->type),
            .version = version,
            .spec_version = arena_copy(inbox->arena, row->spec_version),
            .fresh = outcome->kind == OBJECT_ADDED};
}

/* A text of a broken object that names it, as far as that can be told. */
static slice name_of(struct inbox *inbox, slice original, slice key)
{
    slice value = json_kind(original) == JSON_OBJECT ? json_get(original, key) : S("");
    if (json_kind(value) != JSON_STRING)
        return S("");
    return store_text_keep(inbox->arena, json_text(value, inbox->arena), ID_BYTES_MAX);
}

/* What is about the envelope and no object of it is no failure of an object. */
static void refuse(void *context, uint64_t line, uint64_t column, const char *why, slice original)
{
    struct inbox *inbox = context;
    if (original.len == 0)
        return;
    struct posted *posted = posted_new(inbox);
    slice version = name_of(inbox, original, S("modified"));
    posted->id = name_of(inbox, original, S("id"));
    posted->version = version.len > 0 ? version : name_of(inbox, original, S("created"));
    posted->why = store_text_keep(inbox->arena, slice_of(why), WHY_BYTES_MAX);
    if (posted->id.len == 0)
        posted->id = slice_of(arena_printf(inbox->arena, "(no id: line %llu, column %llu of the envelope)",
                (unsigned long long)line, (unsigned long long)column));
}

/* ---- The status resource (section 4.3.1) ---- */

static const char *outcome_why(const struct inbox *inbox, const struct posted *posted)
{
    static const char *const whys[] = {
            [COLLECTED_IN] = NULL,
            [COLLECTED_CONTRADICTS] = "the collection has this version with other content, which stays; a change "
                                      "takes a later `modified` (STIX 2.1 section 3.6)",
            [COLLECTED_CROWDED] = "not added: the collection has too many versions of this object",
    };
    return posted->kept ? whys[inbox->outcomes[posted->row]] : NULL;
}

static slice failure_of(const struct inbox *inbox, const struct posted *posted)
{
    const char *why = outcome_why(inbox, posted);
    return why != NULL ? slice_of(why) : posted->why;
}

/* Clients check that lists are as long as their counts say. */
static void details_write(
        struct json_writer *w, const struct inbox *inbox, bool failed, slice count_key, slice list_key)
{
    uint64_t count = 0;
    for (size_t i = 0; i < inbox->posted_count; i++)
        count += (failure_of(inbox, &inbox->posted[i]).len > 0) == failed;
    json_write_key_u64(w, count_key, count);
    if (count == 0)
        return;
    json_write_key(w, list_key);
    json_write_array(w);
    for (size_t i = 0; i < inbox->posted_count; i++) {
        slice why = failure_of(inbox, &inbox->posted[i]);
        if ((why.len > 0) != failed)
            continue;
        json_write_object(w);
        json_write_key_text(w, S("id"), inbox->posted[i].id);
        json_write_key_text(w, S("version"), inbox->posted[i].version);
        if (failed)
            json_write_key_text(w, S("message"), why);
        json_write_end(w);
    }
    json_write_end(w);
}

static struct err status_write(struct inbox *inbox)
{
    buf_reset(&inbox->status);
    struct json_writer w = json_writer(&inbox->status);
    json_write_object(&w);
    json_write_key_text(&w, S("id"), inbox->status_id);
    json_write_key_text(&w, S("status"), S("complete"));
    json_write_key(&w, S("request_timestamp"));
    json_write_time(&w, inbox->now_us);
    json_write_key_u64(&w, S("total_count"), inbox->posted_count);
    details_write(&w, inbox, false, S("success_count"), S("successes"));
    details_write(&w, inbox, true, S("failure_count"), S("failures"));
    json_write_key_u64(&w, S("pending_count"), 0);
    json_write_end(&w);
    return buf_check(&inbox->status);
}

/* ---- Keeping ---- */

static struct err status_keep(struct work *work, struct inbox *inbox)
{
    TRY(arena_check(inbox->arena));
    TRY(status_write(inbox));
    return store_status_put(work, inbox->status_id, inbox->collection->number, buf_slice(&inbox->status));
}

/* A node that says which entry of its log explains what it sends is asked for that log, if it does not tell of it. */
static struct err log_expect(struct work *work, const struct inbox *inbox)
{
    bool says;
    int64_t partner;
    http_header(inbox->ask->request, S(TAXII_SEQUENCE), &says);
    if (!says)
        return OK;
    TRY(store_delivery_inbox(work->db, inbox->collection->number, &partner));
    return partner == 0 ? OK : store_delivery_look(work, partner, work->now_us + LOG_AFTER_US);
}

static struct err finish(void *context, struct work *work, int64_t import)
{
    struct inbox *inbox = context;
    (void)import;
    inbox->outcomes = arena_new(inbox->arena, enum collected_outcome, inbox->row_count);
    TRY(store_collected_put(work, inbox->collection->number, inbox->rows, inbox->row_count, inbox->outcomes));
    TRY(log_expect(work, inbox));
    return status_keep(work, inbox);
}

static struct err refused_keep(struct work *work, void *context)
{
    struct inbox *inbox = context;
    TRY(store_collection_may_write(work->db, work->actor, inbox->collection->number));
    return status_keep(work, inbox);
}

static slice status_id_make(struct arena *arena)
{
    struct uuid uuid = uuid_v4();
    struct buf text = buf_make(64);
    uuid_write(&text, &uuid);
    slice id = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return id;
}

static struct err envelope_take(struct inbox *inbox)
{
    struct ask *ask = inbox->ask;
    const struct intel_ingest ingest = {
            .source = inbox->collection->source_name,
            .kind = S("taxii"),
            .name = slice_of(
                    arena_printf(ask->arena, "posted by %.*s", (int)ask->who.actor.name.len, ask->who.actor.name.ptr)),
            .form = "stix",
            .collection = inbox->collection->number,
            .finish = finish,
            .watch = {.context = inbox, .taken = take, .refused = refuse},
    };
    struct intel_report report;
    struct err err = intel_ingest_text(ask->db, &ask->who.actor, &ingest, inbox->text, ask->arena, &report);
    bool only_refused = err.kind == ERR_INPUT && report.objects == 0 && inbox->posted_count > 0;
    if (!only_refused)
        return err;
    return store_work(ask->db, &ask->who.actor, inbox->arena, refused_keep, inbox);
}

/* ---- Checks ---- */

static struct err unprocessable(struct ask *ask, const char *why)
{
    return taxii_fail(ask, 422, ERR_INPUT, why);
}

/* JSON with one list of at least one object; what they are is told of each by itself. */
static struct err envelope_check(struct ask *ask, struct json_limits limits)
{
    slice body = ask->request->body, objects = S(""), key, value;
    size_t offset = 0, line, column, lists = 0;
    struct err err = json_check(body, &limits, &offset);
    if (err.kind != ERR_NONE) {
        json_place(body, offset, &line, &column);
        return unprocessable(ask, arena_printf(ask->arena, "no JSON: line %zu, column %zu: %s", line, column, err.why));
    }
    struct json_members members = json_members(slice_trim(body));
    while (json_member_next(&members, &key, &value))
        if (json_key_is(key, S("objects"))) {
            objects = value;
            lists++;
        }
    struct json_elements elements = json_elements(objects);
    if (lists != 1 || json_kind(objects) != JSON_ARRAY || !json_element_next(&elements, &value))
        return unprocessable(ask, "no envelope: it has no list `objects` with something in it (TAXII 2.1 section 3.7)");
    return OK;
}

/* A key that stands twice is an object's own fault: that one is refused, and the others go on in an envelope of ours.
 */
static struct err envelope_mend(struct inbox *inbox, struct buf *text)
{
    static const char *const kept[] = {"type", "id", "spec_version"}; /* of a bundle */
    slice body = slice_trim(inbox->ask->request->body), one;
    size_t count = 0, line, column;
    buf_byte(text, '{');
    for (size_t i = 0; i < COUNT_OF(kept); i++) {
        slice value = json_get(body, slice_of(kept[i]));
        if (json_kind(value) == JSON_STRING)
            buf_printf(text, "\"%s\":%.*s,", kept[i], (int)value.len, value.ptr);
    }
    buf_put(text, S("\"objects\":["));
    struct json_elements elements = json_elements(json_get(body, S("objects")));
    while (json_element_next(&elements, &one)) {
        struct err err = json_check(one, &json_limits_default, NULL);
        if (err.kind != ERR_NONE) {
            json_place(inbox->ask->request->body, (size_t)(one.ptr - inbox->ask->request->body.ptr), &line, &column);
            refuse(inbox, line, column, err.why, one);
            continue;
        }
        if (count++ > 0)
            buf_byte(text, ',');
        buf_put(text, one);
    }
    buf_put(text, S("]}"));
    inbox->text = buf_slice(text);
    return buf_check(text);
}

static struct err post_check(struct ask *ask, struct taxii_view *view)
{
    TRY(taxii_begin(ask, true));
    TRY(taxii_view_find(ask, ask->parts[1], view));
    if (!view->collection.can_write || !view->kind->takes)
        return err_make(ERR_DENIED, "this account may not add to the collection (TAXII 2.1 section 5.5)");
    if (!taxii_takes(http_header(ask->request, S("content-type"), NULL)))
        return taxii_fail(ask, 415, ERR_INPUT, "an envelope comes as " TAXII_MEDIA_TYPE " (TAXII 2.1 section 1.6.8)");
    if (ask->request->body.len > taxii_content_max(ask))
        return err_format(ask->arena, ERR_LIMIT, "an envelope has at most %llu bytes (max_content_length)",
                (unsigned long long)taxii_content_max(ask));
    return OK;
}

static struct err envelope_open(struct inbox *inbox, struct buf *mended)
{
    struct json_limits doubled = json_limits_default;
    doubled.duplicates_allowed = true;
    inbox->text = inbox->ask->request->body;
    if (envelope_check(inbox->ask, json_limits_default).kind == ERR_NONE)
        return OK;
    TRY(envelope_check(inbox->ask, doubled));
    inbox->ask->status = 200; /* the first answer was too strict */
    return envelope_mend(inbox, mended);
}

/*
 * What was posted before may have met something here, and what follows from that (a warning, a mail) slows what is
 * posted now. So that no time tells of it, what was taken is answered at even steps from when it came.
 */
static int64_t even(int64_t began_us)
{
    return began_us + ((clock_steady_us() - began_us) / STEP_US + 1) * STEP_US;
}

struct err taxii_add(struct ask *ask)
{
    struct taxii_view view;
    int64_t began_us = clock_steady_us();
    TRY(post_check(ask, &view));
    struct inbox inbox = {.ask = ask, .collection = &view.collection, .now_us = clock_now_us()};
    inbox.arena = arena_open("an envelope", ARENA_WORK, INBOX_ARENA_MAX);
    inbox.status = buf_make(STATUS_BYTES_MAX);
    inbox.status_id = status_id_make(ask->arena);
    struct buf mended = buf_make(TAXII_BODY_MAX);
    struct err err = envelope_open(&inbox, &mended);
    if (err.kind == ERR_NONE)
        err = envelope_take(&inbox);
    buf_free(&mended);
    if (err.kind == ERR_NONE) {
        taxii_reply(ask, 202, 0);
        ask->reply->not_before_us = even(began_us);
        ask->reply->body = inbox.status;
    } else {
        err.why = arena_cstr(ask->arena, slice_of(err.why));
        buf_free(&inbox.status);
    }
    arena_close(inbox.arena);
    return err;
}

struct err taxii_status(struct ask *ask)
{
    slice body;
    TRY(taxii_begin(ask, true));
    TRY(store_status_get(ask->db, &ask->who.actor, ask->parts[1], ask->arena, &body));
    taxii_reply(ask, 200, body.len + 1);
    buf_put(&ask->reply->body, body);
    return buf_check(&ask->reply->body);
}
