/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was taken in, import by import: the list, one with what it refused and left behind, its text as it came, and
 * undoing it. The page of one that runs is asked for again by the browser itself.
 */
#include "base/arena.h"
#include "case/subject.h"
#include "intel/ingest.h"
#include "intel/judge.h"
#include "web/label.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/row.h"

#define ROWS 30
#define ROW_BYTES 300
#define REFUSED_SHOWN 15
#define DROPPED_SHOWN 40
#define ORIGINAL_MAX (256u << 20) /* bytes of a text that is given back at once */
#define AGAIN_S "2"

/* ---- One row ---- */

static void write_counts(struct ask *ask, const struct import *import)
{
    const struct {
        const char *key;
        int64_t count;
    } counts[] = {{"added", import->state == IMPORT_FAILED ? 0 : import->added}, {"duplicates", import->duplicates},
            {"conflicts", import->conflicts}, {"crowded", import->crowded}, {"refused", import->refused},
            {"dropped", import->dropped}, {"other_creator", import->other_creator}, {"bytes", import->bytes}};
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        page_count(ask, slice_of(counts[i].key), (uint64_t)counts[i].count);
}

static struct err write_import(struct ask *ask, struct row_sources *sources, const struct import *import, size_t bytes)
{
    struct outside outside = outside_begin(ask, bytes);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)import->number);
    json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/imports/", import->number, "")));
    label_import_state(ask, import->state);
    outside_write(&outside, S("name"), import->name, OUTSIDE_NAME);
    json_write_key_text(&ask->json, S("form"), import->form);
    outside_write(&outside, S("actor"), import->actor, OUTSIDE_NAME / 2);
    outside_write(&outside, S("why"), import->why, bytes);
    page_moment(ask, S("began"), import->began_us);
    page_moment(ask, S("ended"), import->ended_us);
    write_counts(ask, import);
    return row_write_source(ask, sources, import->source);
}

/* ---- The list ---- */

struct err web_imports(struct ask *ask)
{
    struct row_sources sources = {0};
    struct import *rows;
    uint64_t source, before;
    size_t count;
    TRY(outside_need(ask, VERB_READ_OBJECTS));
    TRY(ask_number(ask, S("source"), INT64_MAX, 0, &source));
    TRY(ask_number(ask, S("before"), INT64_MAX, INT64_MAX, &before));
    TRY(store_import_list(ask->db, (int64_t)source, (int64_t)before, ROWS, ask->arena, &rows, &count));
    page_title(ask, ask_text(ask, W("Imports")));
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        bool seen;
        TRY(case_subject_seen(ask->db, &ask->who.actor, rows[i].name, ask->arena, &seen));
        if (!seen)
            continue;
        json_write_object(&ask->json);
        TRY(write_import(ask, &sources, &rows[i], ROW_BYTES));
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, S("empty"), count == 0);
    page_flag(ask, S("may_import"), outside_may(ask, VERB_IMPORT));
    json_write_key(&ask->json, S("older"));
    if (count < ROWS)
        json_write_null(&ask->json);
    else
        json_write_text(&ask->json, slice_of(arena_printf(ask->arena, "/imports?source=%ju&before=%jd",
                                            (uintmax_t)source, (intmax_t)rows[count - 1].number)));
    return OK;
}

/* ---- One ---- */

static struct err write_refused(struct ask *ask, int64_t number)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct import_refused *rows;
    uint64_t from;
    size_t count;
    TRY(ask_number(ask, S("after"), INT64_MAX, 0, &from));
    int64_t after = (int64_t)from;
    TRY(store_import_refused_list(ask->db, number, &after, REFUSED_SHOWN, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("refused_rows"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        json_write_object(&ask->json);
        json_write_key_u64(&ask->json, S("line"), rows[i].line);
        json_write_key_u64(&ask->json, S("column"), rows[i].column);
        outside_write(&outside, S("why"), rows[i].why, OUTSIDE_LINE);
        outside_write_value(&outside, S("original"), rows[i].original, OUTSIDE_LINE);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_refused"), count > 0);
    json_write_key(&ask->json, S("more_refused"));
    if (count < REFUSED_SHOWN)
        json_write_null(&ask->json);
    else
        json_write_text(&ask->json,
                slice_of(arena_printf(ask->arena, "/imports/%jd?after=%jd", (intmax_t)number, (intmax_t)after)));
    return OK;
}

static struct err write_dropped(struct ask *ask, int64_t number)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE / 2);
    struct import_dropped *rows;
    slice after;
    size_t count;
    TRY(outside_asked(ask, S("behind"), STORE_TEXT_MAX, &after));
    struct buf more = buf_make(8 * STORE_TEXT_MAX);
    TRY(store_import_dropped_list(ask->db, number, after, DROPPED_SHOWN, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("dropped_rows"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        json_write_object(&ask->json);
        outside_write(&outside, S("what"), rows[i].what, OUTSIDE_NAME);
        page_count(ask, S("count"), rows[i].count);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_dropped"), count > 0);
    json_write_key(&ask->json, S("more_dropped"));
    if (count < DROPPED_SHOWN) {
        json_write_null(&ask->json);
        return OK;
    }
    buf_put(&more, slice_of(outside_path(ask, "/imports/", number, "")));
    outside_query(&more, S("behind"), rows[count - 1].what);
    json_write_text(&ask->json, buf_slice(&more));
    buf_free(&more);
    return OK;
}

/* Ours of an incident is named by it, and there for who sees that. */
static struct err import_get(struct ask *ask, struct import *import)
{
    int64_t number;
    bool seen;
    TRY(outside_need(ask, VERB_READ_OBJECTS));
    TRY(ask_part_number(ask, 0, &number));
    TRY(store_import_get(ask->db, number, ask->arena, import));
    TRY(case_subject_seen(ask->db, &ask->who.actor, import->name, ask->arena, &seen));
    return seen ? OK : err_make(ERR_MISSING, "there is no such import");
}

static struct err write_page(struct ask *ask, const struct import *import)
{
    struct row_sources sources = {0};
    bool done = import->state == IMPORT_DONE, running = import->state == IMPORT_RUNNING;
    page_title(ask, slice_of(arena_printf(ask->arena, "%.*s %jd", (int)ask_text(ask, W("Import")).len,
                            ask_text(ask, W("Import")).ptr, (intmax_t)import->number)));
    TRY(write_import(ask, &sources, import, 6 * OUTSIDE_LINE));
    TRY(write_refused(ask, import->number));
    TRY(write_dropped(ask, import->number));
    page_flag(ask, S("running"), running);
    page_flag(ask, S("failed"), import->state == IMPORT_FAILED);
    page_flag(ask, S("undone"), import->state == IMPORT_UNDONE);
    page_flag(ask, S("has_original"), !slice_eq(import->form, S("stix")) && !running);
    page_flag(ask, S("may_undo"), done && outside_may(ask, VERB_IMPORT_UNDO));
    page_flag(ask, S("brought"), done && import->added > 0);
    page_flag(ask, S("contradicts"), import->conflicts > 0);
    page_flag(ask, S("crowds"), import->crowded > 0);
    page_flag(ask, S("others_too"), import->other_creator > 0);
    if (running)
        http_reply_header(ask->reply, S("Refresh"), S(AGAIN_S));
    return OK;
}

struct err web_import_one(struct ask *ask)
{
    struct import import;
    TRY(import_get(ask, &import));
    return write_page(ask, &import);
}

/* ---- As it came ---- */

static struct err original_write(void *context, slice text)
{
    struct buf *body = context;
    buf_put(body, text);
    return buf_check(body);
}

struct err web_import_original(struct ask *ask)
{
    struct import import;
    TRY(import_get(ask, &import));
    struct buf body = buf_make(ORIGINAL_MAX);
    struct err err = intel_original(ask->db, &ask->who.actor, import.number, ask->arena, original_write, &body);
    if (err.kind != ERR_NONE) {
        buf_free(&body);
        return err;
    }
    ask->reply->status = 200;
    ask->reply->type = S("application/octet-stream");
    ask->reply->body = body;
    http_reply_header(ask->reply, S("Content-Disposition"),
            slice_of(outside_path(ask, "attachment; filename=\"import-", import.number, "\"")));
    http_reply_header(ask->reply, S("X-Content-Type-Options"), S("nosniff"));
    http_reply_header(ask->reply, S("Cache-Control"), S("no-store"));
    return OK;
}

/* ---- Undoing ---- */

struct err web_import_undo(struct ask *ask)
{
    struct import import;
    TRY(import_get(ask, &import));
    slice reason = slice_trim(ask_form(ask, S("reason")));
    struct err err = intel_undo(ask->db, &ask->who.actor, import.number, reason, ask->arena);
    if (err.kind == ERR_NONE) {
        ask_see(ask, outside_path(ask, "/imports/", import.number, ""));
        return OK;
    }
    if (err.kind == ERR_DENIED || err.kind == ERR_AUTH)
        return err;
    TRY(page_again(ask, "reason", err));
    return write_page(ask, &import);
}
