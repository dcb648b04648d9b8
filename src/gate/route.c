/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/route.h"

#include <assert.h>

#define SEGMENTS_MAX 16 /* of a path; no row has as many */

/* A path, cut at its slashes and unescaped. */
struct segments {
    slice rows[SEGMENTS_MAX];
    size_t count;
};

/* One segment without its %XX; false if it is not what RFC 3986 section 2.1 says, or holds a NUL. */
static bool unescape(slice text, struct arena *arena, slice *plain)
{
    *plain = text;
    if (!slice_holds(text, '%'))
        return true;
    char *made = arena_take(arena, text.len);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        made[len] = text.ptr[i];
        if (text.ptr[i] == '%') {
            if (text.len - i < 3 || byte_hex(text.ptr[i + 1]) < 0 || byte_hex(text.ptr[i + 2]) < 0)
                return false;
            made[len] = (char)(byte_hex(text.ptr[i + 1]) << 4 | byte_hex(text.ptr[i + 2]));
            i += 2;
        }
        if (made[len++] == '\0')
            return false;
    }
    *plain = (slice){made, len};
    return true;
}

static bool cut(slice target, struct arena *arena, struct segments *segments)
{
    slice rest, piece;
    *segments = (struct segments){.count = 0};
    if (target.len == 0 || target.ptr[0] != '/')
        return false;
    rest = slice_from(target, 1);
    while (slice_next(&rest, '/', &piece)) {
        if (segments->count == SEGMENTS_MAX || !unescape(piece, arena, &segments->rows[segments->count]))
            return false;
        segments->count++;
    }
    return true;
}

struct fit {
    slice parts[ROUTE_PARTS_MAX];
    size_t part_count;
    uint32_t written; /* a bit for each segment that is written out in the row, the first one highest */
};

static bool fit_segment(slice row, slice asked, size_t at, struct fit *fit)
{
    bool is_part = row.len > 0 && row.ptr[0] == '{';
    if (is_part) {
        assert(fit->part_count < ROUTE_PARTS_MAX);
        fit->parts[fit->part_count++] = asked;
        return asked.len > 0;
    }
    fit->written |= UINT32_C(1) << (SEGMENTS_MAX - 1 - at);
    return slice_eq(row, asked);
}

/* What is left of the target, slashes and all, if nothing in it had to be unescaped. */
static bool fit_rest(const struct segments *asked, size_t at, struct fit *fit)
{
    slice rest = asked->rows[at];
    for (size_t i = at + 1; i < asked->count; i++) {
        if (asked->rows[i].ptr != rest.ptr + rest.len + 1)
            return false;
        rest.len += 1 + asked->rows[i].len;
    }
    assert(fit->part_count < ROUTE_PARTS_MAX);
    fit->parts[fit->part_count++] = rest;
    return rest.len > 0;
}

static bool fits(const struct route *route, const struct segments *asked, struct fit *fit)
{
    slice rest = slice_of(route->path + 1), row;
    size_t at = 0;
    *fit = (struct fit){.part_count = 0};
    while (slice_next(&rest, '/', &row)) {
        if (at < asked->count && slice_ends(row, S("*}")))
            return fit_rest(asked, at, fit);
        if (at == asked->count || !fit_segment(row, asked->rows[at], at, fit))
            return false;
        at++;
    }
    return at == asked->count;
}

static bool begins_alike(const struct route *route, const struct segments *asked)
{
    slice rest = slice_of(route->path + 1), row;
    return slice_next(&rest, '/', &row) && row.len > 0 && row.ptr[0] != '{' && slice_eq(row, asked->rows[0]);
}

static bool answers(const struct route *route, enum http_method method)
{
    return route->method == (method == HTTP_HEAD ? HTTP_GET : method);
}

struct route_found route_find(const struct route *routes, enum http_method method, slice target, struct arena *arena)
{
    struct route_found found = {.route = NULL};
    struct segments asked;
    struct fit fit, best = {.written = 0};
    if (!cut(target, arena, &asked))
        return found;
    for (const struct route *route = routes; route->path != NULL; route++) {
        if (found.face == NULL && begins_alike(route, &asked))
            found.face = route->face;
        if (!fits(route, &asked, &fit))
            continue;
        found.allowed |= 1u << route->method | (route->method == HTTP_GET ? 1u << HTTP_HEAD : 0);
        if (!answers(route, method) || (found.route != NULL && fit.written <= best.written))
            continue;
        found.route = route;
        best = fit;
    }
    memcpy(found.parts, best.parts, sizeof found.parts);
    return found;
}

const char *route_scope_name(enum scope scope)
{
    static const struct {
        enum scope scope;
        const char *name;
    } names[] = {{SCOPE_READ, "read"}, {SCOPE_WRITE, "write"}, {SCOPE_TAXII, "taxii"}, {SCOPE_MATCH, "match"},
            {SCOPE_METRICS, "metrics"}, {SCOPE_EVENTS, "events"}};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (names[i].scope == scope)
            return names[i].name;
    return "";
}
