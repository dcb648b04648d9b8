/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a compiled catalogue: what is taken answers for every text that it may hold, and for each piece of its
 * own bytes, without a step beyond them; and any bytes as what a browser says of languages.
 */
#include "text/catalogue.h"

#include "base/arena.h"

static volatile size_t touched;

static void touch(slice text)
{
    for (size_t i = 0; i < text.len; i++)
        touched += (uint8_t)text.ptr[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice whole = {size == 0 ? "" : (const char *)data, size}, rest = whole, text;
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 1u << 20);
    struct catalogue *catalogue;
    if (language_choose(whole) >= LANGUAGES)
        abort();
    if (catalogue_read(whole, arena, &catalogue).kind == ERR_NONE)
        for (size_t i = 0; i < 4096 && slice_next(&rest, 0, &text); i++) {
            touch(catalogue_text(catalogue, text));
            touch(catalogue_count(catalogue, text, S("many"), i % 3));
        }
    arena_close(arena);
    return 0;
}
