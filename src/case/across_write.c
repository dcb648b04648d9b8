/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows become STIX objects: the incident with the incident suite's extensions, and a report that says the same in words
 * for who knows no extension; entries are notes and opinions, or events of the suite; what the suite has no word for
 * stands in our own extension, beside. An object gets a new version if, and only if, its content changed.
 */
#include <inttypes.h>

#include "base/arena.h"
#include "base/observable.h"
#include "base/uuid.h"
#include "case/across_parts.h"
#include "stix/id.h"
#include "store/organisation.h"
#include "store/part.h"
#include "store/source.h"
#include "text/moment.h"
#include "json/read.h"
#include "json/write.h"

#define MOMENT_LEN 24 /* 2026-11-20T15:40:00.000Z */
#define MOMENT_NONE S("0000-00-00T00:00:00.000Z")

struct writing {
    struct db *db;
    struct arena *arena;
    const struct incident *incident;
    int64_t own, source; /* source: 0: nothing of ours was ever made */
    slice node;          /* id of our identity */
    int64_t now_us;
    struct across_parts *parts;
    /* The object at hand. */
    struct buf text;
    struct json_writer w;
    size_t created, modified; /* where these stand in it; 0: it has none */
    bool revoked;             /* its row was withdrawn */
    slice type, id;
};

/* ---- What all objects have ---- */

/* To the millisecond, as the standard has it (section 3.2). */
static slice moment(int64_t us, struct arena *arena)
{
    struct buf text = buf_make(64);
    time_write(&text, us);
    const char *short_one = arena_printf(arena, "%.23sZ", text.ptr);
    buf_free(&text);
    return slice_of(short_one);
}

/* An id that stands for something of an object of another id: the same whoever makes it, and whenever. */
static slice id_of(const char *type, slice of, slice name, struct arena *arena)
{
    struct uuid namespace = {{0}};
    struct buf text = buf_make(200);
    (void)uuid_parse(slice_from(of, of.len - 36), &namespace);
    const struct uuid uuid = uuid_v5(&namespace, name);
    buf_printf(&text, "%s--", type);
    uuid_write(&text, &uuid);
    slice id = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return id;
}

static size_t moment_member(struct writing *writing, const char *key)
{
    json_write_key_text(&writing->w, slice_of(key), MOMENT_NONE);
    return writing->text.len - 1 - MOMENT_LEN;
}

static void marking_write(struct writing *writing)
{
    enum stix_tlp tlp = TLP_AMBER;
    slice id = S("");
    (void)stix_tlp_find(writing->incident->marking, &tlp);
    for (size_t place = 0; stix_tlp_id(tlp, place, writing->arena).len > 0; place++)
        id = stix_tlp_id(tlp, place, writing->arena);
    json_write_key(&writing->w, S("object_marking_refs"));
    json_write_array(&writing->w);
    json_write_text(&writing->w, id);
    json_write_end(&writing->w);
}

/* Begins an object that has versions. */
static void object_begin(struct writing *writing, const char *type, slice id)
{
    struct json_writer *w = &writing->w;
    buf_reset(&writing->text);
    *w = json_writer(&writing->text);
    writing->type = slice_of(type);
    writing->id = id;
    writing->revoked = false;
    json_write_object(w);
    json_write_key_text(w, S("type"), slice_of(type));
    json_write_key_text(w, S("spec_version"), S("2.1"));
    json_write_key_text(w, S("id"), id);
    json_write_key_text(w, S("created_by_ref"), writing->node);
    writing->created = moment_member(writing, "created");
    writing->modified = moment_member(writing, "modified");
    marking_write(writing);
}

static void text_write(struct writing *writing, const char *key, slice text)
{
    if (text.len > 0)
        json_write_key_text(&writing->w, slice_of(key), text);
}

static void time_write_if(struct writing *writing, const char *key, int64_t us)
{
    if (us != TIME_NONE)
        json_write_key_text(&writing->w, slice_of(key), moment(us, writing->arena));
}

static void extension_begin(struct writing *writing, const char *id, const char *type)
{
    json_write_key(&writing->w, slice_of(id));
    json_write_object(&writing->w);
    json_write_key_text(&writing->w, S("extension_type"), slice_of(type));
}

/* `suite`: the extension that the type itself is of; NULL: none. Ours stands beside it and is open afterwards. */
static void extensions_begin(struct writing *writing, const char *suite)
{
    json_write_key(&writing->w, S("extensions"));
    json_write_object(&writing->w);
    if (suite != NULL) {
        extension_begin(writing, suite, "new-sdo");
        json_write_end(&writing->w);
    }
    extension_begin(writing, STIX_OUR_EXTENSION, "property-extension");
}

static void extensions_end(struct writing *writing)
{
    json_write_end(&writing->w);
    json_write_end(&writing->w);
}

/* ---- Versions ---- */

static void moment_set(char *bytes, size_t at, slice text)
{
    if (at > 0)
        memcpy(bytes + at, text.ptr, MOMENT_LEN);
}

/* The content is what it was: then so is the version. Else it is later than the one before, whatever the clock says. */
static struct err version_find(struct writing *writing, char *bytes, struct across_part *part)
{
    struct object before;
    int64_t created_us = writing->now_us, modified_us = created_us;
    struct err err = writing->source == 0
                             ? err_make(ERR_MISSING, "")
                             : store_object_newest(writing->db, writing->source, part->id, writing->arena, &before);
    part->fresh = part->first = err.kind == ERR_MISSING;
    if (err.kind != ERR_NONE && !part->fresh)
        return err;
    if (!part->fresh && writing->revoked && before.revoked) { /* the last version of all (STIX 2.1 section 3.6) */
        part->bytes = before.bytes;
        part->version = moment(before.modified_us, writing->arena);
        return OK;
    }
    if (!part->fresh) {
        (void)time_parse_strict(json_text(json_get(before.bytes, S("created")), writing->arena), &created_us);
        moment_set(bytes, writing->created, moment(created_us, writing->arena));
        if (before.modified_us != TIME_NONE)
            moment_set(bytes, writing->modified, moment(before.modified_us, writing->arena));
        part->fresh = !slice_eq(part->bytes, before.bytes);
        if (before.modified_us != TIME_NONE && modified_us < before.modified_us + 1000)
            modified_us = before.modified_us + 1000;
        if (!part->fresh)
            modified_us = before.modified_us;
    }
    moment_set(bytes, writing->created, moment(created_us, writing->arena));
    moment_set(bytes, writing->modified, moment(modified_us, writing->arena));
    part->version = writing->modified > 0 ? moment(modified_us, writing->arena) : S("");
    return OK;
}

static struct err object_end(struct writing *writing, int64_t audience)
{
    struct across_parts *parts = writing->parts;
    json_write_end(&writing->w);
    TRY(buf_check(&writing->text));
    if (parts->count == CASE_ACROSS_PARTS_MAX)
        return err_format(writing->arena, ERR_LIMIT, "more than %d parts of one incident", CASE_ACROSS_PARTS_MAX);
    slice bytes = arena_copy(writing->arena, buf_slice(&writing->text));
    struct across_part *part = &parts->rows[parts->count++];
    *part = (struct across_part){.id = writing->id,
            .type = writing->type,
            .created_by = writing->created > 0 ? writing->node : S(""),
            .bytes = bytes,
            .audience = audience};
    TRY(version_find(writing, (char *)(uintptr_t)bytes.ptr, part));
    if (writing->revoked && part->first) /* withdrawn before anybody could have it */
        parts->count--;
    return OK;
}

/* ---- The incident ---- */

/* Of those in which it can be, what the suite knows of it. */
static const char *status_of(enum incident_state state)
{
    return state == INCIDENT_NEW ? "new" : state < INCIDENT_ENDED ? "open" : "closed";
}

static void suite_write(struct writing *writing)
{
    const struct incident *row = writing->incident;
    size_t slash = slice_find(row->class, '/');
    extension_begin(writing, ACROSS_INCIDENT, "property-extension");
    json_write_key_text(&writing->w, S("determination"), row->determination);
    json_write_key_text(&writing->w, S("investigation_status"), slice_of(status_of(row->state)));
    json_write_key_u64(&writing->w, S("criticality"), (uint64_t)row->criticality);
    if (slash < row->class.len) {
        json_write_key(&writing->w, S("incident_types"));
        json_write_array(&writing->w);
        json_write_text(&writing->w, slice_from(row->class, slash + 1));
        json_write_end(&writing->w);
    }
    json_write_end(&writing->w);
}

static struct err scales_write(struct writing *writing)
{
    struct scale_level *rows;
    size_t count;
    TRY(store_scale_list(writing->db, writing->incident->number, writing->arena, &rows, &count));
    if (count == 0)
        return OK;
    json_write_key(&writing->w, S("scales"));
    json_write_object(&writing->w);
    for (size_t i = 0; i < count; i++) /* the last of each holds */
        if (i + 1 == count || !slice_eq(rows[i].scale, rows[i + 1].scale))
            json_write_key_text(&writing->w, rows[i].scale, rows[i].level);
    json_write_end(&writing->w);
    return OK;
}

static struct err facts_write(struct writing *writing)
{
    const struct incident *row = writing->incident;
    extension_begin(writing, STIX_OUR_EXTENSION, "property-extension");
    json_write_key_text(&writing->w, S("state"), slice_of(store_incident_state_name(row->state)));
    text_write(writing, "class", row->class);
    text_write(writing, "local_class", row->local_class);
    json_write_key_text(&writing->w, S("severity"), slice_of(store_severity_name(row->severity)));
    text_write(writing, "sector", row->sector);
    json_write_key(&writing->w, S("vital"));
    json_write_bool(&writing->w, row->vital);
    json_write_key(&writing->w, S("personal_data"));
    json_write_bool(&writing->w, row->personal_data);
    for (enum incident_when i = 0; i < INCIDENT_WHENS; i++)
        time_write_if(writing, store_incident_when_name(i), row->at[i]);
    TRY(scales_write(writing));
    json_write_end(&writing->w);
    return OK;
}

static struct err incident_write(struct writing *writing)
{
    object_begin(writing, "incident", writing->incident->identity);
    json_write_key_text(&writing->w, S("name"), writing->incident->title);
    json_write_key(&writing->w, S("extensions"));
    json_write_object(&writing->w);
    suite_write(writing);
    TRY(facts_write(writing));
    json_write_end(&writing->w);
    return object_end(writing, AUDIENCE_PARTIES);
}

/* In words, for who knows the extensions of neither. */
static slice told(const struct incident *row, struct arena *arena)
{
    struct buf text = buf_make(ACROSS_OBJECT_MAX);
    const struct {
        const char *word;
        slice what;
    } lines[] = {{"State", slice_of(store_incident_state_name(row->state))}, {"Class", row->class},
            {"Also called", row->local_class}, {"Severity", slice_of(store_severity_name(row->severity))},
            {"Sector", row->sector}, {"Determination", row->determination},
            {"Vital infrastructure", row->vital ? S("yes") : S("")},
            {"Personal data", row->personal_data ? S("yes") : S("")}};
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        if (lines[i].what.len > 0)
            buf_printf(&text, "%s: %.*s\n", lines[i].word, (int)lines[i].what.len, lines[i].what.ptr);
    for (enum incident_when i = 0; i < INCIDENT_WHENS; i++)
        if (row->at[i] != TIME_NONE)
            buf_printf(&text, "Time, %s: %s\n", store_incident_when_name(i), moment(row->at[i], arena).ptr);
    slice kept = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return kept;
}

static void refs_write(struct writing *writing, const slice *ids, size_t count)
{
    json_write_key(&writing->w, S("object_refs"));
    json_write_array(&writing->w);
    for (size_t i = 0; i < count; i++)
        if (ids[i].len > 0)
            json_write_text(&writing->w, ids[i]);
    json_write_end(&writing->w);
}

static struct err report_write(struct writing *writing)
{
    const struct incident *row = writing->incident;
    object_begin(writing, "report", id_of("report", row->identity, S("report"), writing->arena));
    json_write_key_text(&writing->w, S("name"), row->title);
    json_write_key_text(&writing->w, S("description"), told(row, writing->arena));
    json_write_key_text(&writing->w, S("published"), moment(row->opened_us, writing->arena));
    refs_write(writing, &row->identity, 1);
    return object_end(writing, AUDIENCE_PARTIES);
}

/* ---- What it costs ---- */

static void amount_write(struct writing *writing, const char *key, int64_t amount)
{
    if (amount == IMPACT_UNKNOWN)
        return;
    json_write_key(&writing->w, slice_of(key));
    json_write_i64(&writing->w, amount);
}

/* To whom it came is not told. */
static struct err impact_write(struct writing *writing, const struct impact *row)
{
    slice name = slice_of(arena_printf(writing->arena, "impact/%" PRId64, row->number));
    object_begin(writing, "impact", id_of("impact", writing->incident->identity, name, writing->arena));
    json_write_key_text(&writing->w, S("impact_category"), row->kind);
    time_write_if(writing, "start_time", row->at_us);
    extensions_begin(writing, ACROSS_IMPACT);
    json_write_key_text(&writing->w, S("incident"), writing->incident->identity);
    json_write_key_u64(&writing->w, S("number"), (uint64_t)row->number);
    amount_write(writing, "low", row->low);
    amount_write(writing, "high", row->high);
    text_write(writing, "unit", row->unit);
    text_write(writing, "basis", row->basis);
    text_write(writing, "confidence", row->confidence);
    extensions_end(writing);
    return object_end(writing, AUDIENCE_PARTIES);
}

static struct err impacts_write(struct writing *writing)
{
    struct impact *rows;
    size_t count;
    TRY(store_impact_list(writing->db, writing->incident->number, writing->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        TRY(impact_write(writing, &rows[i]));
    return OK;
}

/* ---- What people wrote ---- */

/* What it says in the properties of its type. */
static void entry_body(struct writing *writing, const struct incident_entry *row, slice question)
{
    const slice refs[] = {writing->incident->identity, question};
    if (row->kind == ENTRY_OPINION) {
        json_write_key_text(&writing->w, S("opinion"), row->opinion);
        text_write(writing, "explanation", row->text);
        refs_write(writing, &row->about, 1);
    } else if (slice_eq(writing->type, S("event"))) {
        json_write_key_text(&writing->w, S("description"), row->text);
        json_write_key_text(&writing->w, S("status"), S("occurred"));
        time_write_if(writing, "start_time", row->happened_us);
    } else {
        json_write_key_text(&writing->w, S("content"), row->text);
        refs_write(writing, refs, COUNT_OF(refs));
    }
}

static struct err entry_write(struct writing *writing, const struct incident_entry *row, slice question)
{
    const char *type = row->kind == ENTRY_OPINION                  ? "opinion"
                       : slice_starts(row->identity, S("event--")) ? "event"
                                                                   : "note";
    object_begin(writing, type, row->identity);
    writing->revoked = row->withdrawn_us != TIME_NONE;
    if (writing->revoked) {
        json_write_key(&writing->w, S("revoked"));
        json_write_bool(&writing->w, true);
    }
    entry_body(writing, row, question);
    extensions_begin(writing, slice_eq(writing->type, S("event")) ? ACROSS_EVENT : NULL);
    json_write_key_text(&writing->w, S("incident"), writing->incident->identity);
    json_write_key_text(&writing->w, S("kind"), slice_of(store_entry_kind_name(row->kind)));
    time_write_if(writing, "happened", row->happened_us);
    time_write_if(writing, "due", row->due_us);
    text_write(writing, "answers", question);
    text_write(writing, "source", row->source);
    extensions_end(writing);
    return object_end(writing, row->audience);
}

/* Of an incident of ours the id of a value that was seen goes where the value does: who knows the one can guess the
 * other. */
static bool goes(const struct writing *writing, const struct incident_entry *row, bool with_observables)
{
    static const char *const told[] = {"incident--", "note--", "event--", "opinion--"};
    bool known = row->kind != ENTRY_OPINION || with_observables || writing->incident->home != writing->own;
    for (size_t i = 0; i < COUNT_OF(told); i++)
        known |= slice_starts(row->about, slice_of(told[i]));
    return known;
}

/* What we wrote ourselves, and not for our own people alone. */
static struct err entries_write(struct writing *writing, bool with_observables)
{
    struct told_entry *rows;
    int64_t after = 0;
    size_t count = STORE_PAGE_MAX;
    while (count == STORE_PAGE_MAX) {
        TRY(store_entry_told(writing->db, writing->incident->number, writing->own, after, STORE_PAGE_MAX,
                writing->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            if (goes(writing, &rows[i].entry, with_observables))
                TRY(entry_write(writing, &rows[i].entry, rows[i].question));
            after = rows[i].entry.number;
        }
    }
    return OK;
}

/* ---- Tasks ---- */

static const char *const outcomes[TASK_STATES] = {
        [TASK_TO_DO] = "pending",
        [TASK_DOING] = "ongoing",
        [TASK_WAITING] = "pending",
        [TASK_DONE] = "successful",
        [TASK_CANCELLED] = "cancelled",
};

/* One that we gave: who does it gets it; all get what we do ourselves. */
static struct err task_write(struct writing *writing, const struct task *row, const struct organisation *whose)
{
    bool partners = whose->relation == RELATION_PARTNER;
    object_begin(writing, "task", row->identity);
    json_write_key_text(&writing->w, S("name"), row->title);
    text_write(writing, "description", row->text);
    json_write_key_text(&writing->w, S("outcome"), slice_of(outcomes[row->state]));
    time_write_if(writing, "due_date", row->due_us);
    time_write_if(writing, "end_time", row->done_us);
    extensions_begin(writing, ACROSS_TASK);
    json_write_key_text(&writing->w, S("incident"), writing->incident->identity);
    json_write_key_text(&writing->w, S("state"), slice_of(store_task_state_name(row->state)));
    json_write_key_text(&writing->w, S("organisation"), partners ? whose->identity : writing->node);
    text_write(writing, "agreed_by", row->agreed_by);
    text_write(writing, "asks", row->asks);
    text_write(writing, "every", moment_every_text(row->every_us, writing->arena));
    if (!partners || row->state >= TASK_ENDED)
        text_write(writing, "result", row->result);
    extensions_end(writing);
    return object_end(writing, row->organisation == writing->own ? AUDIENCE_PARTIES : row->organisation);
}

/* One that a partner gave us: how far it is, in an object of ours. */
static struct err told_task_write(struct writing *writing, const struct task *row)
{
    slice state = slice_of(store_task_state_name(row->state));
    const slice refs[] = {row->identity, writing->incident->identity};
    object_begin(writing, "note", id_of("note", row->identity, writing->node, writing->arena));
    json_write_key_text(&writing->w, S("abstract"), state);
    json_write_key_text(&writing->w, S("content"), row->result.len > 0 ? row->result : state);
    refs_write(writing, refs, COUNT_OF(refs));
    extensions_begin(writing, NULL);
    json_write_key_text(&writing->w, S("incident"), writing->incident->identity);
    json_write_key_text(&writing->w, S("task"), row->identity);
    json_write_key_text(&writing->w, S("state"), state);
    text_write(writing, "result", row->result);
    time_write_if(writing, "agreed", row->agreed_us);
    extensions_end(writing);
    return object_end(writing, row->home);
}

/* One for somebody who is no node is for them and us. */
static struct err tasks_write(struct writing *writing)
{
    struct task *rows;
    struct organisation whose;
    size_t count;
    TRY(store_task_list(writing->db, writing->incident->number, writing->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        bool answered = rows[i].state != TASK_TO_DO || rows[i].result.len > 0 || rows[i].agreed_us != TIME_NONE;
        TRY(store_organisation_get(writing->db, rows[i].organisation, writing->arena, &whose));
        bool ours = rows[i].organisation == writing->own;
        if (rows[i].home == writing->own && (ours || whose.relation == RELATION_PARTNER))
            TRY(task_write(writing, &rows[i], &whose));
        else if (rows[i].home != writing->own && ours && answered)
            TRY(told_task_write(writing, &rows[i]));
    }
    return OK;
}

/* ---- What was seen ---- */

/* Names of types as an incident has them, what they are in STIX, and in which property the value stands. */
static const struct across_observable {
    const char *name, *type, *property;
} observables[] = {
        {"ipv4", "ipv4-addr", "value"},
        {"ipv6", "ipv6-addr", "value"},
        {"domain", "domain-name", "value"},
        {"host", "domain-name", "value"},
        {"url", "url", "value"},
        {"email", "email-addr", "value"},
        {"filename", "file", "name"},
        {"md5", "file", "MD5"},
        {"sha1", "file", "SHA-1"},
        {"sha256", "file", "SHA-256"},
        {"sha512", "file", "SHA-512"},
};

static const struct across_observable *observable_as(slice type)
{
    for (size_t i = 0; i < COUNT_OF(observables); i++)
        if (slice_eq(type, slice_of(observables[i].name)))
            return &observables[i];
    return NULL; /* of a type that is ours alone */
}

static void observable_body(struct json_writer *w, const struct across_observable *as, slice value)
{
    bool hash = slice_eq(slice_of(as->type), S("file")) && !slice_eq(slice_of(as->property), S("name"));
    if (hash) {
        json_write_key(w, S("hashes"));
        json_write_object(w);
    }
    json_write_key_text(w, slice_of(as->property), value);
    if (hash)
        json_write_end(w);
}

struct err across_observable_id(slice type, slice value, struct arena *arena, slice *id)
{
    const struct across_observable *as = observable_as(type);
    struct buf text = buf_make(ACROSS_OBJECT_MAX), made = buf_make(200);
    struct json_writer w = json_writer(&text);
    *id = S("");
    if (as == NULL)
        return OK;
    json_write_object(&w);
    json_write_key_text(&w, S("type"), slice_of(as->type));
    observable_body(&w, as, value);
    json_write_end(&w);
    struct err err = buf_check(&text);
    if (err.kind == ERR_NONE)
        err = stix_id_make(buf_slice(&text), arena, &made);
    *id = arena_copy(arena, buf_slice(&made));
    buf_free(&made);
    buf_free(&text);
    return err;
}

static struct err observable_write(struct writing *writing, const struct across_observable *as, slice value, slice id)
{
    buf_reset(&writing->text);
    writing->w = json_writer(&writing->text);
    writing->type = slice_of(as->type);
    writing->id = id;
    writing->created = writing->modified = 0;
    writing->revoked = false;
    json_write_object(&writing->w);
    json_write_key_text(&writing->w, S("type"), writing->type);
    json_write_key_text(&writing->w, S("spec_version"), S("2.1"));
    json_write_key_text(&writing->w, S("id"), id);
    marking_write(writing);
    observable_body(&writing->w, as, value);
    return object_end(writing, AUDIENCE_PARTIES);
}

static struct err seen_write(struct writing *writing, const struct incident_observable *row)
{
    const struct across_observable *as = observable_as(row->type);
    slice seen;
    if (as == NULL)
        return OK;
    TRY(across_observable_id(row->type, row->value, writing->arena, &seen));
    TRY(observable_write(writing, as, row->value, seen));
    object_begin(writing, "relationship", id_of("relationship", writing->incident->identity, seen, writing->arena));
    json_write_key_text(&writing->w, S("relationship_type"), S("related-to"));
    json_write_key_text(&writing->w, S("source_ref"), writing->incident->identity);
    json_write_key_text(&writing->w, S("target_ref"), seen);
    return object_end(writing, AUDIENCE_PARTIES);
}

static struct err observables_write(struct writing *writing)
{
    struct incident_observable *rows;
    size_t count;
    TRY(store_incident_observables(writing->db, writing->incident->number, writing->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        TRY(seen_write(writing, &rows[i]));
    return OK;
}

/* ---- The whole ---- */

static struct err whole_write(struct writing *writing, bool with_observables)
{
    bool ours = writing->incident->home == writing->own;
    if (ours) {
        TRY(incident_write(writing));
        TRY(report_write(writing));
        TRY(impacts_write(writing));
    }
    TRY(entries_write(writing, with_observables));
    TRY(tasks_write(writing));
    return ours && with_observables ? observables_write(writing) : OK;
}

struct err across_write(struct db *db, const struct incident *incident, bool with_observables, int64_t now_us,
        struct arena *arena, struct across_parts *parts)
{
    struct organisation own;
    struct writing writing = {.db = db,
            .arena = arena,
            .incident = incident,
            .now_us = now_us,
            .parts = parts,
            .text = buf_make(ACROSS_OBJECT_MAX)};
    *parts = (struct across_parts){.rows = arena_new(arena, struct across_part, CASE_ACROSS_PARTS_MAX)};
    TRY(store_organisation_own(db, &writing.own));
    TRY(store_organisation_get(db, writing.own, arena, &own));
    writing.node = own.identity;
    struct err err = store_source_find(db, S(CASE_ACROSS_SOURCE), &writing.source);
    if (err.kind == ERR_MISSING)
        err = OK;
    if (err.kind == ERR_NONE)
        err = whole_write(&writing, with_observables);
    buf_free(&writing.text);
    return err.kind == ERR_NONE ? arena_check(arena) : err;
}

/* ---- The other way ---- */

bool across_observable_of(const struct object *object, struct arena *arena, struct incident_observable *seen)
{
    slice hashes = json_get(object->bytes, S("hashes"));
    for (size_t i = 0; i < COUNT_OF(observables); i++) {
        const struct across_observable *as = &observables[i];
        slice property = slice_of(as->property);
        if (!slice_eq(object->type, slice_of(as->type)))
            continue;
        slice value = json_text(json_get(object->bytes, property), arena);
        if (value.len == 0)
            value = json_text(json_get(hashes, property), arena);
        *seen = (struct incident_observable){.type = slice_of(as->name), .value = value};
        if (value.len > 0 && value.len <= STORE_TEXT_MAX &&
                observable_wrong(observable_type_find(seen->type), value) == NULL)
            return true;
    }
    return false;
}
