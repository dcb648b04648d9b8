/* SPDX-License-Identifier: Apache-2.0 */
#include "store/spelled.h"

#include "base/arena.h"
#include "store/search.h"
#include "store/words.h"

#define WORK_MAX (64u << 20)  /* bytes of memory while words are cut */
#define VECTOR_MAX (1u << 20) /* bytes of a tsvector, a limit of PostgreSQL */
#define POSITION_MAX 16383    /* of a word in a tsvector, the same */

void spelled_open(struct spelled *spelled, enum db_engine engine)
{
    *spelled = (struct spelled){.engine = engine};
    for (size_t k = 0; k < SPELLED_KINDS; k++)
        spelled->kinds[k] = buf_make(engine == DB_SQLITE ? 2 * SEARCH_TEXT_MAX : VECTOR_MAX);
    spelled->arena = arena_open("words of one thing", ARENA_WORK, WORK_MAX);
}

void spelled_close(struct spelled *spelled)
{
    arena_close(spelled->arena);
    for (size_t k = 0; k < SPELLED_KINDS; k++)
        buf_free(&spelled->kinds[k]);
}

void spelled_begin(struct spelled *spelled)
{
    for (size_t k = 0; k < SPELLED_KINDS; k++)
        buf_reset(&spelled->kinds[k]);
    spelled->bytes = 0;
    spelled->position = 0;
    arena_reset(spelled->arena);
}

static void word_write(void *context, slice word, bool part)
{
    struct spelled *spelled = context;
    enum spelled_kind kind = part ? SPELLED_PART : SPELLED_WORD;
    const char *mark = spelled->name ? ":" : "";
    if (spelled->bytes + word.len > SEARCH_TEXT_MAX)
        return;
    spelled->bytes += word.len + 1;
    if (spelled->engine == DB_SQLITE) {
        buf_put(&spelled->kinds[kind], slice_of(mark));
        buf_put(&spelled->kinds[kind], word);
        buf_byte(&spelled->kinds[kind], ' ');
        return;
    }
    spelled->position += spelled->position < POSITION_MAX && (!part || spelled->position == 0);
    buf_printf(
            &spelled->kinds[0], "'%s%.*s':%u%c ", mark, (int)word.len, word.ptr, spelled->position, part ? 'D' : 'A');
}

void spelled_text(struct spelled *spelled, slice text, bool name)
{
    spelled->name = name;
    words_cut(text, spelled->arena, &(struct word_sink){spelled, word_write});
    spelled->position += spelled->position < POSITION_MAX; /* no phrase goes over the end of a text */
    if (spelled->engine == DB_SQLITE)
        buf_put(&spelled->kinds[SPELLED_WORD], S(". "));
}

void spelled_mark(struct spelled *spelled, const char *colons, slice word)
{
    if (spelled->engine == DB_SQLITE)
        buf_printf(&spelled->kinds[SPELLED_PART], "%s%.*s ", colons, (int)word.len, word.ptr);
    else
        buf_printf(&spelled->kinds[0], "'%s%.*s' ", colons, (int)word.len, word.ptr);
}

size_t spelled_width(enum db_engine engine)
{
    return engine == DB_SQLITE ? SPELLED_KINDS : 1;
}

size_t spelled_values(const struct spelled *spelled, struct arena *arena, struct db_value *values)
{
    size_t width = spelled_width(spelled->engine);
    for (size_t k = 0; k < width; k++)
        values[k] = db_text(arena_copy(arena, buf_slice(&spelled->kinds[k])));
    return width;
}
