/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An object as anybody might send it, in a store of its own, and its pages: the list, its own, the raw one. Each is
 * JSON for scripts, and for browsers a page of bounded size in which nothing of the object is markup, turns the
 * direction of writing, or leads out of the node.
 */
#include "base/arena.h"
#include "gate/gate.h"
#include "need.h"
#include "store/import.h"
#include "store/source.h"
#include "web/pages.h"
#include "web/web.h"
#include "json/check.h"
#include "json/read.h"

#define PAGE_BYTES_MAX (50u << 10)

/* ---- The object, seen ---- */

static struct err put(struct work *work, void *context)
{
    const slice *bytes = context;
    slice id = json_text(json_get(*bytes, S("id")), work->arena),
          type = json_text(json_get(*bytes, S("type")), work->arena);
    struct object_put row = {.bytes = *bytes, .spec_version = S("2.1"), .modified_us = TIME_NONE};
    struct object_outcome outcome;
    int64_t source, import;
    row.id = id.len > 0 && id.len <= OBJECT_ID_MAX && memchr(id.ptr, 0, id.len) == NULL ? id : S("malware--0");
    row.type = type.len > 0 && type.len <= 100 && memchr(type.ptr, 0, type.len) == NULL ? type : S("malware");
    row.meaning = hash_sha256(*bytes);
    TRY(store_source_put(work, S("source"), S("file"), 0, &source));
    TRY(store_import_begin(work, &(struct import_begin){source, S("fuzz"), S("stix")}, &import));
    TRY(store_object_put(work, import, &row, 1, &outcome));
    return store_import_finish(work, import, &(struct import_end){S("stix"), bytes->len, hash_sha256(*bytes)});
}

/* ---- Its pages ---- */

static const struct route routes[] = {
        {.path = "/intelligence", .name = "intelligence", .face = &web_face, .answer = web_intelligence},
        {.path = "/objects/1", .name = "object", .face = &web_face, .answer = web_object},
        {.path = "/objects/1/raw", .name = "object-raw", .face = &web_face, .answer = web_object_raw},
};

static size_t count_of(slice text, slice part)
{
    size_t count = 0;
    for (size_t at; (at = slice_find_slice(text, part)) < text.len; count++)
        text = slice_from(text, at + part.len);
    return count;
}

static void check(slice answer, bool is_json)
{
    if (is_json) {
        fuzz_need(json_check(answer, &json_limits_default, NULL).kind == ERR_NONE);
        return;
    }
    fuzz_need(answer.len <= PAGE_BYTES_MAX);
    fuzz_need(count_of(answer, S("<script")) == 1); /* that of the frame */
    fuzz_need(count_of(answer, S("\xe2\x80\xae")) == 0);
    fuzz_need(count_of(answer, S("href=\"http")) == 0);
    fuzz_need(count_of(answer, S("<img")) == 1);
}

static void ask_for(struct db *db, const struct route *route, bool is_json, struct arena *arena)
{
    struct node_parts parts = {.name = "Node", .url = "https://node.example/", .folder = ""};
    struct gate gate = {.options = {.parts = &parts}};
    struct http_request request = {.method = HTTP_GET, .arena = arena};
    struct http_reply reply = {0};
    struct ask ask = {.request = &request, .reply = &reply, .gate = &gate, .route = route, .db = db, .arena = arena};
    request.path = request.target = slice_of(route->path);
    ask.parts[0] = S("1");
    ask.who =
            (struct who){.actor = {0, 1, S("sari"), 1u << ROLE_COORDINATOR, ACTOR_SECOND_FACTOR}, .scopes = SCOPE_ALL};
    ask.who.session = 1;
    ask.wants_json = is_json;
    ask.status = 200;
    ask.document = buf_make(ASK_DOCUMENT_BYTES_MAX);
    ask.json = json_writer(&ask.document);
    json_write_object(&ask.json);
    struct err err = route->answer(&ask);
    if (err.kind == ERR_NONE)
        err = route->face->done(&ask);
    fuzz_need(err.kind == ERR_NONE);
    check(buf_slice(&reply.body), is_json);
    buf_free(&ask.document);
    buf_free(&reply.body);
}

static void look(slice bytes, struct arena *arena)
{
    const struct actor actor = {.name = S("local"), .roles = 1u << ROLE_LOCAL, .how = ACTOR_MACHINE};
    struct db *db;
    fuzz_need(store_open(&(struct db_options){.where = ":memory:", .create = true}, arena, &db).kind == ERR_NONE);
    if (store_work(db, &actor, arena, put, &bytes).kind == ERR_NONE)
        for (size_t i = 0; i < 2 * COUNT_OF(routes); i++)
            ask_for(db, &routes[i / 2], i % 2 == 0, arena);
    db_close(db);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice bytes = {(const char *)data, size};
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 512u << 20);
    if (json_check(bytes, &json_limits_default, NULL).kind == ERR_NONE && json_kind(slice_trim(bytes)) == JSON_OBJECT)
        look(slice_trim(bytes), arena);
    arena_close(arena);
    return 0;
}
