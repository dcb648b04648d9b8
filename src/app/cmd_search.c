/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan search: what a node knows of these words. */
#include <inttypes.h>

#include "app/local.h"
#include "app/options.h"
#include "store/judgement.h"
#include "store/right.h"
#include "store/search.h"
#include "store/source.h"
#include "json/read.h"
#include "json/write.h"

#define ROW_MAX (OBJECT_BYTES_MAX + (1u << 20))
#define PAGE 100
#define PAGE_BYTES_MAX ((size_t)512 << 20)
#define LIMIT_OTHERWISE 100
#define NAME_SHOWN_MAX 100

static const enum object_judged judgements[] = {OBJECT_FALSE_POSITIVE, OBJECT_EXPIRED, OBJECT_WITHDRAWN};

/* ---- One found ---- */

/* What people call an object: its name, or else what it is about. */
static slice name_of(const struct object *object, struct arena *arena)
{
    static const char *const keys[] = {"name", "value", "pattern", "description", "subject", "path", "key"};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        slice value = json_get(object->bytes, slice_of(keys[i]));
        if (json_kind(value) == JSON_STRING)
            return json_text(value, arena);
    }
    return S("");
}

static void put_json(struct buf *buf, const struct object *object, slice source)
{
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    json_write_key_text(&w, S("id"), object->id);
    json_write_key_text(&w, S("source"), source);
    json_write_key(&w, S("arrived"));
    json_write_time(&w, object->added_us);
    json_write_key(&w, S("revoked"));
    json_write_bool(&w, object->revoked);
    json_write_key(&w, S("judged"));
    json_write_array(&w);
    for (size_t i = 0; i < COUNT_OF(judgements); i++)
        if ((object->judged & judgements[i]) != 0)
            json_write_text(&w, slice_of(store_judgement_name(judgements[i])));
    json_write_end(&w);
    if ((object->judged & OBJECT_EXPIRED) != 0) {
        json_write_key(&w, S("expires"));
        json_write_time(&w, object->expiry_us);
    }
    json_write_key(&w, S("object"));
    json_write_raw(&w, object->bytes);
    json_write_end(&w);
}

static void put_text(struct buf *buf, const struct object *object, slice source, struct arena *arena)
{
    slice name = store_text_keep(arena, name_of(object, arena), NAME_SHOWN_MAX);
    buf_printf(buf, "%.*s\t%.*s\t%.*s", (int)object->id.len, object->id.ptr, (int)source.len, source.ptr, (int)name.len,
            name.ptr);
    if (object->revoked)
        buf_put(buf, S("\trevoked"));
    for (size_t i = 0; i < COUNT_OF(judgements); i++) {
        bool not_yet = judgements[i] == OBJECT_EXPIRED && object->expiry_us > clock_now_us();
        if ((object->judged & judgements[i]) == 0)
            continue;
        buf_printf(buf, "\t%s", not_yet ? "expires " : store_judgement_name(judgements[i]));
        if (not_yet)
            time_write(buf, object->expiry_us);
    }
}

static struct err put(const struct command_line *line, struct local *local, const struct object *object,
        struct buf *buf, struct arena *arena)
{
    struct source source;
    TRY(store_source_get(local->db, object->source, arena, &source));
    buf_reset(buf);
    if (command_flag(line, "json"))
        put_json(buf, object, source.name);
    else
        put_text(buf, object, source.name, arena);
    buf_byte(buf, '\n');
    TRY(buf_check(buf));
    return fwrite(buf->ptr, 1, buf->len, stdout) == buf->len ? OK : err_errno(line->arena, "standard output");
}

/* ---- Pages ---- */

static slice query_of(const struct command_line *line)
{
    struct buf words = buf_make(SEARCH_QUERY_MAX + 1);
    for (size_t i = 0; i < line->file_count; i++) {
        if (i > 0)
            buf_byte(&words, ' ');
        buf_put(&words, slice_of(line->files[i]));
    }
    slice query = arena_copy(line->arena, buf_slice(&words));
    bool cut = words.full;
    buf_free(&words);
    return cut ? (slice){query.ptr, SEARCH_QUERY_MAX + 1} : query;
}

static struct err pages(const struct command_line *line, struct local *local, struct buf *buf, uint64_t *found)
{
    const char *type = command_text(line, "type");
    struct arena *arena = arena_open("found", ARENA_WORK, PAGE_BYTES_MAX);
    struct search_place place = {0};
    slice query = query_of(line);
    uint64_t most;
    size_t count = 1;
    struct err err = command_number(line, "limit", 1, UINT32_MAX, LIMIT_OTHERWISE, &most);
    while (err.kind == ERR_NONE && count > 0 && !place.end && *found < most) {
        struct object *rows;
        uint64_t left = most - *found;
        arena_reset(arena);
        err = store_search_list(local->db, query, slice_of(type == NULL ? "" : type), &place, left < PAGE ? left : PAGE,
                arena, &rows, &count);
        for (size_t i = 0; err.kind == ERR_NONE && i < count; i++)
            err = put(line, local, &rows[i], buf, arena);
        *found += err.kind == ERR_NONE ? count : 0;
    }
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(line->arena, slice_of(err.why));
    arena_close(arena);
    return err;
}

static struct err run(const struct command_line *line, uint64_t *found)
{
    struct local local;
    if (line->file_count == 0)
        return err_make(ERR_INPUT, "for what? Name words, \"phrases\" or beginnings*");
    TRY(local_open(line, &local));
    struct buf buf = buf_make(ROW_MAX);
    struct err err = store_right_check(&local.actor, VERB_READ_OBJECTS, local.actor.organisation, line->arena, NULL);
    if (err.kind == ERR_NONE)
        err = pages(line, &local, &buf, found);
    buf_free(&buf);
    local_close(&local);
    if (err.kind == ERR_NONE && !command_written())
        err = err_errno(line->arena, "standard output");
    return err;
}

static int search(struct command_line *line)
{
    uint64_t found = 0;
    struct err err = run(line, &found);
    if (err.kind != ERR_NONE)
        return command_fail(line, err);
    return found > 0 ? 0 : 1;
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        {0, "type", "TYPE", "Objects of this STIX type only"},
        {0, "limit", "N", "Show at most N (default: 100)"},
        OPTION_JSON,
};

const struct command command_search = {
        .name = "search",
        .arguments = "WORD...",
        .about = "Find what a node knows: words, \"phrases\", beginnings*, addresses, names",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = search,
};
