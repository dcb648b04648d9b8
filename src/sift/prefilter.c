/* SPDX-License-Identifier: Apache-2.0 */
#include "sift/prefilter.h"

#include <assert.h>
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    GRAM = 4,
    GRAM_BITS = 16,
    TAIL = 8, /* bytes that the search hashes; only behind a hit it looks at those before */
};

struct prefilter {
    hs_database_t *database;
    hs_scratch_t *scratch; /* from which rooms are cloned */
};

struct prefilter_room {
    hs_scratch_t *scratch;
};

/* What the library cannot do for want of memory ends the program, as it does everywhere. */
static _Noreturn void no_memory(void)
{
    fputs("kentongan: the system has no memory left\n", stderr);
    abort();
}

/*
 * Of literals that end alike (".example", ".html") the search would find nearly every text and then look closer: with
 * a thousand of them that took ten times as long as the rest. So each is cut behind the place whose last bytes are the
 * rarest among all, and near the middle where all are alike.
 */
static const char *const frequent[] = {"http://www.", "https://", ".com/", ".org/", ".net/", ".example", ".html",
        ".php", ".aspx", "index.", "Mozilla/5.0"};

static uint32_t gram_at(slice text, size_t end)
{
    uint32_t gram = 0;
    for (size_t i = end - GRAM; i < end; i++)
        gram = gram << 8 | (uint8_t)byte_lower(text.ptr[i]);
    return (gram * UINT32_C(0x9E3779B1)) >> (32 - GRAM_BITS);
}

static void grams_count(uint32_t *counts, slice text, uint32_t weight)
{
    for (size_t end = GRAM; end <= text.len; end++)
        counts[gram_at(text, end)] += weight;
}

static size_t distance(size_t a, size_t b)
{
    return a < b ? b - a : a - b;
}

static slice telling_piece(const uint32_t *counts, slice literal)
{
    size_t best = literal.len, middle = literal.len / 2 + GRAM;
    for (size_t end = TAIL; end < literal.len; end++) {
        uint32_t here = counts[gram_at(literal, end)], there = counts[gram_at(literal, best)];
        if (here < there || (here == there && distance(end, middle) < distance(best, middle)))
            best = end;
    }
    return slice_part(literal, 0, best);
}

static struct err compile(const slice *literals, size_t count, struct prefilter *prefilter)
{
    const char **texts = calloc(count, sizeof *texts);
    size_t *lengths = calloc(count, sizeof *lengths);
    unsigned *flags = calloc(count, sizeof *flags), *numbers = calloc(count, sizeof *numbers);
    uint32_t *counts = calloc(1u << GRAM_BITS, sizeof *counts);
    if (texts == NULL || lengths == NULL || flags == NULL || numbers == NULL || counts == NULL)
        no_memory();
    for (size_t i = 0; i < COUNT_OF(frequent); i++)
        grams_count(counts, slice_of(frequent[i]), (uint32_t)count + 1);
    for (size_t i = 0; i < count; i++)
        grams_count(counts, literals[i], 1);
    for (size_t i = 0; i < count; i++) {
        slice piece = telling_piece(counts, literals[i]);
        texts[i] = piece.ptr;
        lengths[i] = piece.len;
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
    free(counts);
    return made == HS_SUCCESS ? OK : err_make(ERR_LIMIT, "the literals of the patterns are too much for the prefilter");
}

struct err prefilter_open(const slice *literals, size_t count, struct prefilter **prefilter)
{
    if (count > PREFILTER_LITERALS_MAX)
        return err_make(ERR_LIMIT, "patterns hold more than 200000 different literals");
    struct prefilter *made = calloc(1, sizeof *made);
    if (made == NULL)
        no_memory();
    struct err err = compile(literals, count, made);
    if (err.kind != ERR_NONE) {
        free(made);
        return err;
    }
    if (hs_alloc_scratch(made->database, &made->scratch) != HS_SUCCESS)
        no_memory();
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
    if (room == NULL || hs_clone_scratch(prefilter->scratch, &room->scratch) != HS_SUCCESS)
        no_memory();
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
