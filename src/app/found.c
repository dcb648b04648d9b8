/* SPDX-License-Identifier: Apache-2.0 */
#include "app/found.h"

#define BYTES_MAX ((size_t)64 << 20) /* of memory, for a page */

struct err found_show(const struct command_line *line, struct local *local, found_page *page)
{
    struct case_find find = {.query = slice_of(command_text(line, "search")), .count = STORE_PAGE_MAX};
    struct arena *arena = arena_open("found", ARENA_WORK, BYTES_MAX);
    struct err err = OK;
    while (err.kind == ERR_NONE && !find.place.end) {
        arena_reset(arena);
        err = page(line, local, &find, arena);
    }
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(line->arena, slice_of(err.why));
    arena_close(arena);
    return err;
}
