/* SPDX-License-Identifier: Apache-2.0 */
#include "case/takedown.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/observable.h"
#include "case/reporter.h"
#include "desk/fact.h"
#include "stix/marks.h"
#include "store/organisation.h"
#include "text/shown.h"

#define URL_MAX 2000 /* bytes: longer ones are nobody's link */

struct err case_takedown_tell(
        struct work *work, const char *act, const struct takedown *row, const char *name, slice text, slice more)
{
    struct buf shown = buf_make(8 * URL_MAX);
    shown_value_write(&shown, OBSERVABLE_URL, row->url);
    const struct desk_fact facts[] = {{"incident", slice_of(arena_printf(work->arena, "%" PRId64, row->incident))},
            {"url", arena_copy(work->arena, buf_slice(&shown))}, {name, text}, {"detail", more}};
    buf_free(&shown);
    return desk_fact_tell(
            work, act, CASE_TAKEDOWN_SUBJECT, row->number, work->actor->organisation, facts, COUNT_OF(facts));
}

struct err case_takedown_mine(struct work *work, int64_t takedown, struct takedown *row)
{
    struct incident incident;
    TRY(store_right_check(work->actor, VERB_WORK_INCIDENTS, 0, work->arena, NULL));
    TRY(store_takedown_keep(work, takedown, row));
    struct err err = case_incident_mine(work, row->incident, &incident);
    return err.kind == ERR_MISSING ? err_make(ERR_MISSING, "there is no such take-down") : err;
}

/* ---- Which page it is ---- */

static bool in_local_part(char c)
{
    return byte_is_digit(c) || (byte_lower(c) >= 'a' && byte_lower(c) <= 'z') || memchr("._+-", c, 4) != NULL;
}

/* Whether an address of mail stands around the "@" of so many bytes at this place: victims' links often carry theirs.
 */
static bool is_person_at(slice text, size_t at, size_t sign)
{
    size_t end = at + sign, dots = 0;
    while (end < text.len && in_local_part(text.ptr[end]))
        dots += text.ptr[end++] == '.';
    return at > 0 && in_local_part(text.ptr[at - 1]) && dots > 0;
}

/* Whether something of a person begins there: an address, or the mark that a report has in its place. */
static bool is_person(slice path, size_t at)
{
    slice rest = slice_from(path, at);
    size_t sign = path.ptr[at] == '@' ? 1 : slice_starts(rest, S("%40")) ? 3 : 0;
    return slice_starts(rest, S(REPORTER_MARK)) || (sign > 0 && is_person_at(path, at, sign));
}

/* A path and query as far as nobody's address is in it. */
static slice without_persons(slice path)
{
    size_t query = slice_find(path, '?'), at = 0, end;
    while (at < path.len && !is_person(path, at))
        at++;
    if (at == path.len)
        return path;
    for (end = at; end > 0 && path.ptr[end - 1] != '/'; end--)
        continue;
    return slice_part(path, 0, query < at ? query : end);
}

/* The text of a form whose front, where it is an address, is its bytes (observable_normal). */
static void target_write(struct buf *out, slice normal)
{
    struct ip ip = {.family = normal.len > 0 ? (uint8_t)normal.ptr[0] : 0};
    size_t bytes = ip.family == 4 ? 4 : ip.family == 6 ? 16 : 0;
    if (bytes > 0 && normal.len > bytes) {
        memcpy(ip.bytes, normal.ptr + 1, bytes);
        buf_put(out, ip.family == 6 ? S("[") : S(""));
        ip_write(out, &ip);
        buf_put(out, ip.family == 6 ? S("]") : S(""));
        normal = slice_from(normal, bytes + 1);
    }
    size_t path = slice_find(normal, '/');
    buf_put(out, slice_part(normal, 0, path));
    buf_put(out, without_persons(slice_from(normal, path)));
}

/* The scheme by which it is looked at. */
static struct err scheme_of(slice url, slice *scheme)
{
    size_t end = slice_find_slice(url, S("://"));
    *scheme = S("http");
    if (end < url.len)
        *scheme = slice_part(url, 0, end);
    if (slice_eq_fold(*scheme, S("https")) || slice_eq_fold(*scheme, S("http")))
        return OK;
    return err_make(ERR_INPUT, "a page is a URL of http or https");
}

struct err case_takedown_page(struct arena *arena, slice told, slice *url, slice *target)
{
    struct buf plain = buf_make(URL_MAX), normal = buf_make(2 * URL_MAX), text = buf_make(2 * URL_MAX);
    slice trimmed = slice_trim(told), scheme;
    struct observable seen = {.type = OBSERVABLE_URL};
    seen.value = arena_copy(arena, observable_refang(trimmed, &plain) ? buf_slice(&plain) : trimmed);
    buf_free(&plain);
    TRY(store_text_check(arena, "URL", seen.value, URL_MAX));
    const char *wrong = observable_wrong(OBSERVABLE_URL, seen.value);
    if (wrong != NULL)
        return err_format(arena, ERR_INPUT, "URL: %s", wrong);
    TRY(scheme_of(seen.value, &scheme));
    (void)observable_normal(&seen, &normal);
    target_write(&text, buf_slice(&normal));
    *target = arena_copy(arena, buf_slice(&text));
    bool tls = slice_eq_fold(scheme, S("https"));
    *url = slice_of(arena_printf(arena, "%s://%.*s", tls ? "https" : "http", (int)target->len, target->ptr));
    buf_free(&normal);
    buf_free(&text);
    return OK;
}

slice case_takedown_host(slice target)
{
    if (slice_starts(target, S("[")))
        return slice_part(target, 1, slice_find(target, ']'));
    slice place = slice_part(target, 0, slice_find(target, '/'));
    return slice_part(place, 0, slice_find(place, ':'));
}

/* ---- Adding ---- */

struct err case_takedown_check(struct work *work, const struct case_takedown_put *put, slice *pap)
{
    struct incident incident;
    struct organisation whose;
    TRY(case_incident_mine(work, put->incident, &incident));
    if (put->imitates != 0)
        TRY(store_organisation_get(work->db, put->imitates, work->arena, &whose));
    *pap = put->pap.len == 0 ? S("PAP:GREEN") : put->pap;
    for (enum stix_pap i = PAP_CLEAR; i <= PAP_RED; i++)
        if (slice_eq(*pap, slice_of(stix_pap_name(i))))
            return OK;
    return err_make(ERR_INPUT, "PAP:CLEAR, PAP:GREEN, PAP:AMBER or PAP:RED");
}

struct err case_takedown_begin(struct work *work, struct takedown *row, int64_t *number)
{
    row->check_us = TIME_NONE;
    TRY(store_takedown_add(work, row, number));
    row->number = *number;
    return case_takedown_tell(work, "takedown.added", row, "pap", row->pap, S(""));
}

struct err case_takedown_add(struct work *work, const struct case_takedown_put *put, slice url, int64_t *number)
{
    struct takedown row = {.incident = put->incident, .imitates = put->imitates, .reported_us = work->now_us};
    TRY(case_takedown_check(work, put, &row.pap));
    TRY(case_takedown_page(work->arena, url, &row.url, &row.target));
    return case_takedown_begin(work, &row, number);
}

/* ---- Giving up ---- */

struct err case_takedown_give_up(struct work *work, int64_t takedown, slice why)
{
    struct takedown row;
    TRY(store_right_check(work->actor, VERB_TAKEDOWN, 0, work->arena, NULL));
    TRY(case_takedown_mine(work, takedown, &row));
    TRY(store_text_check(work->arena, "reason", why, STORE_TEXT_MAX));
    if (row.state == TAKEDOWN_GIVEN_UP)
        return err_make(ERR_CONFLICT, "it was given up already");
    row.state = TAKEDOWN_GIVEN_UP;
    row.check_us = TIME_NONE;
    TRY(store_takedown_change(work, &row));
    return case_takedown_tell(work, "takedown.given-up", &row, "why", why, S(""));
}

/* ---- How long it took ---- */

static int by_length(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* Of an even number the mean of the two in the middle. */
static int64_t median(int64_t *values, size_t count)
{
    if (count == 0)
        return TIME_NONE;
    qsort(values, count, sizeof *values, by_length);
    int64_t low = values[(count - 1) / 2], high = values[count / 2];
    return low + (high - low) / 2;
}

struct err case_takedown_times(struct db *db, int64_t incident, struct arena *arena, struct case_takedown_times *times)
{
    struct takedown *rows;
    size_t count;
    TRY(store_takedown_list(db, incident, arena, &rows, &count));
    int64_t *requested = arena_new(arena, int64_t, count + 1), *down = arena_new(arena, int64_t, count + 1);
    *times = (struct case_takedown_times){.pages = count};
    for (size_t i = 0; i < count; i++) {
        if (rows[i].requested_us != TIME_NONE)
            requested[times->requested++] = rows[i].requested_us - rows[i].reported_us;
        if (rows[i].state == TAKEDOWN_DOWN)
            down[times->down++] = rows[i].down_us - rows[i].reported_us;
        times->returned += rows[i].returned > 0;
    }
    times->to_request_us = median(requested, times->requested);
    times->to_down_us = median(down, times->down);
    return OK;
}
