/* SPDX-License-Identifier: Apache-2.0 */
#include "sift/prefilter.h"

#include <assert.h>
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>

struct prefilter {
    hs_database_t *database;
    hs_scratch_t *scratch; /* from which rooms are cloned */
};

struct prefilter_room {
    hs_scratch_t *scratch;
};

/* What the library cannot do for want of memory ends the program, as it does everywhere. */
static void must(bool done)
{
    if (done)
        return;
    fputs("kentongan: the system has no memory left\n", stderr);
    abort();
}

static struct err compile(const slice *literals, size_t count, struct prefilter *prefilter)
{
    const char **texts = calloc(count, sizeof *texts);
    size_t *lengths = calloc(count, sizeof *lengths);
    unsigned *flags = calloc(count, sizeof *flags), *numbers = calloc(count, sizeof *numbers);
    must(texts != NULL && lengths != NULL && flags != NULL && numbers != NULL);
    for (size_t i = 0; i < count; i++) {
        texts[i] = literals[i].ptr;
        lengths[i] = literals[i].len;
        flags[i] = HS_FLAG_CASELESS;
        numbers[i] = (unsigned)i;
    }
    hs_compile_error_t *wrong = NULL;
    hs_error_t made = hs_compile_lit_multi(
            texts, flags, numbers, lengths, (unsigned)count, HS_MODE_BLOCK, NULL, &prefilter->database, &wrong);
    hs_free_compile_error(wrong);
    free(texts);
    free(lengths);
    free(flags);
    free(numbers);
    return made == HS_SUCCESS ? OK : err_make(ERR_LIMIT, "the literals of the patterns are too much for the prefilter");
}

struct err prefilter_open(const slice *literals, size_t count, struct prefilter **prefilter)
{
    if (count > PREFILTER_LITERALS_MAX)
        return err_make(ERR_LIMIT, "patterns hold more than 200000 different literals");
    struct prefilter *made = calloc(1, sizeof *made);
    must(made != NULL);
    struct err err = compile(literals, count, made);
    if (err.kind != ERR_NONE) {
        free(made);
        return err;
    }
    must(hs_alloc_scratch(made->database, &made->scratch) == HS_SUCCESS);
    *prefilter = made;
    return OK;
}

void prefilter_close(struct prefilter *prefilter)
{
    if (prefilter == NULL)
        return;
    hs_free_scratch(prefilter->scratch);
    hs_free_database(prefilter->database);
    free(prefilter);
}

struct prefilter_room *prefilter_room_open(const struct prefilter *prefilter)
{
    struct prefilter_room *room = calloc(1, sizeof *room);
    must(room != NULL && hs_clone_scratch(prefilter->scratch, &room->scratch) == HS_SUCCESS);
    return room;
}

void prefilter_room_close(struct prefilter_room *room)
{
    if (room == NULL)
        return;
    hs_free_scratch(room->scratch);
    free(room);
}

struct finding {
    prefilter_found *found;
    void *context;
};

static int on_match(unsigned literal, unsigned long long from, unsigned long long to, unsigned flags, void *context)
{
    (void)from, (void)flags;
    const struct finding *finding = context;
    finding->found(finding->context, literal, (size_t)to);
    return 0;
}

void prefilter_scan(const struct prefilter *prefilter, struct prefilter_room *room, slice text, prefilter_found *found,
        void *context)
{
    struct finding finding = {found, context};
    assert(text.len <= UINT32_MAX);
    hs_error_t done = hs_scan(prefilter->database, text.ptr, (unsigned)text.len, 0, room->scratch, on_match, &finding);
    assert(done == HS_SUCCESS);
    (void)done;
}
