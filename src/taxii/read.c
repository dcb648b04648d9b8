/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a collection (TAXII 2.1 sections 5.3, 5.4, 5.6, 5.8): four answers that are one walk over rows and differ in
 * what they write of a row. Objects are copied as they came.
 */
#include "taxii/client.h"
#include "taxii/options.h"
#include "taxii/query.h"
#include "taxii/rows.h"

#define PAGE_BYTES_MAX (COLLECTED_PAGE_BYTES + OBJECT_BYTES_MAX + (4u << 20))

struct reading {
    struct ask *ask;
    struct taxii_view view;
    struct taxii_query query;
    struct json_writer w;
    size_t count;
    int64_t entry;    /* the highest that explains one of them, where there is a log of it; else -1 */
    const char *list; /* "objects" or "versions" */
    void (*write)(struct json_writer *w, const struct collected *row, struct arena *arena);
};

/* ---- What is written of a row ---- */

static void object_write(struct json_writer *w, const struct collected *row, struct arena *arena)
{
    (void)arena;
    json_write_raw(w, row->bytes);
}

static void record_write(struct json_writer *w, const struct collected *row, struct arena *arena)
{
    json_write_object(w);
    json_write_key_text(w, S("id"), row->id);
    json_write_key(w, S("date_added"));
    json_write_time(w, row->added_us);
    json_write_key_text(w, S("version"), taxii_version(row->version, arena));
    json_write_key_text(w, S("media_type"),
            slice_eq(row->spec_version, S("2.0")) ? S("application/stix+json;version=2.0")
                                                  : S("application/stix+json;version=2.1"));
    json_write_end(w);
}

static void version_write(struct json_writer *w, const struct collected *row, struct arena *arena)
{
    json_write_text(w, taxii_version(row->version, arena));
}

/* ---- The walk ---- */

static struct err take(void *context, const struct collected *row)
{
    struct reading *reading = context;
    if (reading->count++ == 0) { /* an answer without rows has no list (sections 3.7, 5.3.1, 5.8.1) */
        json_write_key(&reading->w, slice_of(reading->list));
        json_write_array(&reading->w);
    }
    reading->write(&reading->w, row, reading->ask->arena);
    reading->entry = row->entry > reading->entry ? row->entry : reading->entry;
    return OK;
}

/* Six digits, as clients send them back (section 2, timestamp); an answer without rows has none. */
static void dates_write(struct ask *ask, const struct collected_end *end)
{
    const struct {
        slice name;
        int64_t us;
    } dates[] = {{S("X-TAXII-Date-Added-First"), end->first_us}, {S("X-TAXII-Date-Added-Last"), end->last_us}};
    for (size_t i = 0; end->first_us != TIME_NONE && i < COUNT_OF(dates); i++) {
        struct buf text = buf_make(64);
        time_write(&text, dates[i].us);
        http_reply_header(ask->reply, dates[i].name, arena_copy(ask->arena, buf_slice(&text)));
        buf_free(&text);
    }
}

/* What was released says which entry of the log explains the last of it. */
static void sequence_write(struct ask *ask, int64_t entry)
{
    if (entry >= 0)
        http_reply_header(ask->reply, S(TAXII_SEQUENCE), slice_of(arena_printf(ask->arena, "%lld", (long long)entry)));
}

static struct err view_read(struct reading *reading, unsigned fields)
{
    struct ask *ask = reading->ask;
    TRY(taxii_begin(ask, true));
    TRY(taxii_view_find(ask, ask->parts[1], &reading->view));
    if (!reading->view.collection.can_read)
        return err_make(ERR_DENIED, "this account may not read the collection (TAXII 2.1 section 5.4)");
    return taxii_query_read(ask, fields, reading->view.collection.id, &reading->query);
}

static struct err rows_write(struct reading *reading, bool bytes)
{
    struct ask *ask = reading->ask;
    struct collected_end end;
    const struct taxii_view *view = &reading->view;
    reading->entry = -1;
    reading->w = taxii_reply(ask, 200, PAGE_BYTES_MAX);
    json_write_object(&reading->w);
    TRY(view->kind->read(
            ask->db, view->collection.number, &reading->query.rows, bytes, ask->arena, take, reading, &end));
    if (reading->count > 0)
        json_write_end(&reading->w);
    if (reading->count > 0 || end.more) {
        json_write_key(&reading->w, S("more"));
        json_write_bool(&reading->w, end.more);
    }
    if (end.more)
        json_write_key_text(&reading->w, S("next"), taxii_next(ask, view->collection.id, end.last_us));
    json_write_end(&reading->w);
    dates_write(ask, &end);
    sequence_write(ask, reading->entry);
    return buf_check(&ask->reply->body);
}

/* Of one object. What is not there is not found; what has nothing new since then is empty. */
static struct err one_write(struct reading *reading, bool bytes)
{
    reading->query.rows.ids = &reading->ask->parts[2];
    reading->query.rows.id_count = 1;
    TRY(rows_write(reading, bytes));
    if (reading->count == 0 && !reading->query.placed)
        return err_make(ERR_MISSING, "there is no such object in the collection");
    return OK;
}

/* ---- The four answers ---- */

struct err taxii_objects(struct ask *ask)
{
    struct reading reading = {.ask = ask, .list = "objects", .write = object_write};
    TRY(view_read(&reading, FIELDS_ALL));
    return rows_write(&reading, true);
}

struct err taxii_manifest(struct ask *ask)
{
    struct reading reading = {.ask = ask, .list = "objects", .write = record_write};
    TRY(view_read(&reading, FIELDS_ALL));
    return rows_write(&reading, false);
}

struct err taxii_object(struct ask *ask)
{
    struct reading reading = {.ask = ask, .list = "objects", .write = object_write};
    TRY(view_read(&reading, FIELDS_PAGE | FIELD_VERSION | FIELD_SPEC));
    return one_write(&reading, true);
}

struct err taxii_versions(struct ask *ask)
{
    struct reading reading = {.ask = ask, .list = "versions", .write = version_write};
    TRY(view_read(&reading, FIELDS_PAGE | FIELD_SPEC));
    reading.query.rows.versions = VERSIONS_ALL;
    return one_write(&reading, false);
}
