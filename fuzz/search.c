/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A query and, behind the first line feed, text. The query is run on a small store: whatever it is, the engine never
 * calls it bad syntax. The text is cut into words: none holds what either engine reads as syntax, and cut once more
 * each is still the same word.
 */
#include "store/search.h"
#include "base/arena.h"
#include "need.h"
#include "store/import.h"
#include "store/source.h"
#include "store/words.h"

static const char text[] = "{\"id\":\"malware--6b616c61-0000-4000-8000-000000000001\",\"name\":\"alpha beta\","
                           "\"pattern\":\"[domain-name:value = 'www.evil.example']\"}";

static void done(struct err err)
{
    fuzz_need(err.kind == ERR_NONE);
}

static struct err fill(struct work *work, void *context)
{
    (void)context;
    struct object_put put = {
            .bytes = slice_of(text), .id = S("malware--1"), .type = S("malware"), .modified_us = TIME_NONE};
    struct object_outcome outcome;
    int64_t source, import;
    TRY(store_source_put(work, S("fuzz"), S("file"), 0, &source));
    TRY(store_import_begin(work, &(struct import_begin){source, S("fuzz"), S("stix")}, &import));
    TRY(store_object_put(work, import, &put, 1, &outcome));
    return store_import_finish(work, import, &(struct import_end){0});
}

static struct db *filled(struct arena *arena)
{
    struct db *db;
    const struct actor actor = {.name = S("local"), .how = ACTOR_MACHINE};
    done(store_open(&(struct db_options){.where = ":memory:", .create = true}, arena, &db));
    done(store_work(db, &actor, arena, fill, NULL));
    return db;
}

static void same_word(void *context, slice word, bool part)
{
    if (!part)
        fuzz_need(slice_eq(word, *(const slice *)context));
}

struct cutting {
    struct arena *arena;
    bool again;
};

static void word_look(void *context, slice word, bool part)
{
    const struct cutting *cutting = context;
    fuzz_need(word.len > 0 && word.len <= SEARCH_WORD_MAX);
    for (size_t i = 0; i < word.len; i++) {
        char c = word.ptr[i];
        bool plain = byte_is_digit(c) || (c >= 'a' && c <= 'z') || (uint8_t)c >= 0x80;
        fuzz_need(plain || ((c == '.' || c == '-' || c == '_') && i > 0) || c == ':');
    }
    if (!part && cutting->again)
        words_cut(word, cutting->arena, &(struct word_sink){&word, same_word});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct db *db;
    static struct arena *arena;
    slice query, rest = {size == 0 ? "" : (const char *)data, size};
    if (db == NULL) {
        arena = arena_open("fuzz", ARENA_WORK, 64u << 20);
        db = filled(arena);
    }
    arena_reset(arena);
    struct search_place place = {0};
    struct object *rows;
    size_t count;
    if (!slice_next(&rest, '\n', &query))
        query = S("");
    struct err err = store_search_list(db, query, S(""), &place, 10, arena, &rows, &count);
    fuzz_need(err.kind == ERR_NONE || err.kind == ERR_INPUT || err.kind == ERR_LIMIT);
    words_cut(rest, arena, &(struct word_sink){&(struct cutting){arena, true}, word_look});
    return 0;
}
