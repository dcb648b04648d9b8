/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the target of a request: it finds a row that fits, or none; parts are never empty and hold no NUL; and
 * what is taken for a path of ours leads nowhere else.
 */
#include "app/routes.h"

#include "base/arena.h"
#include "gate/ask.h"
#include "need.h"

/* As many parts as the row's path has, each of them something. */
static void fits(const struct route_found *found)
{
    size_t parts = 0;
    for (const char *at = found->route->path; *at != '\0'; at++)
        parts += *at == '{';
    for (size_t i = 0; i < ROUTE_PARTS_MAX; i++)
        fuzz_need(i < parts ? found->parts[i].len > 0 && slice_find(found->parts[i], '\0') == found->parts[i].len
                            : found->parts[i].len == 0);
}

/* Every method sees the same paths, and is told of itself where it is answered. */
static void find(slice target, struct arena *arena)
{
    unsigned allowed = route_find(routes, HTTP_GET, target, arena).allowed;
    for (enum http_method method = 0; method < HTTP_METHODS; method++) {
        struct route_found found = route_find(routes, method, target, arena);
        fuzz_need(found.allowed == allowed && (found.route != NULL) == ((allowed >> method & 1) != 0));
        if (found.route != NULL)
            fits(&found);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    slice target = {(const char *)bytes, count};
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 64u << 20);
    find(target, arena);
    if (ask_is_path(target))
        fuzz_need(count > 0 && bytes[0] == '/' && (count == 1 || (bytes[1] != '/' && bytes[1] != '\\')));
    arena_close(arena);
    return 0;
}
