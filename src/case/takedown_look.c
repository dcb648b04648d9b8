/* SPDX-License-Identifier: Apache-2.0 */
/* Looking whether a page is still there: when, how, what counts as gone, and what follows. */
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "case/takedown.h"
#include "share/scene.h"
#include "stix/marks.h"
#include "store/search.h"
#include "text/shown.h"

#define PAGE_MAX (64u << 10) /* bytes of a page that are looked at */
#define TITLE_MAX 200
#define DETAIL_MAX 1000
#define TOTAL_MS 30000
#define HELD_MAX 200           /* objects of ours that name its host, and that are asked for their PAP */
#define SILENT_US DAY_US       /* nobody answers for so long: that is gone, too */
#define WATCH_US (30 * DAY_US) /* that one is looked at after it was gone */
#define CONFIRM_US HOUR_US     /* between the three times */
#define LOOK_BYTES_MAX (1u << 20)
#define REDIRECTS_MAX 5

/* ---- When ---- */

/* The older a request, the seldomer. */
static const struct {
    int64_t until_us, pause_us;
} pauses[] = {{DAY_US, HOUR_US}, {7 * DAY_US, 6 * HOUR_US}, {INT64_MAX, DAY_US}};

int64_t case_takedown_next(const struct takedown *row, int64_t now_us)
{
    size_t i = 0;
    switch (row->state) {
    case TAKEDOWN_REQUESTED:
        while (now_us - row->requested_us >= pauses[i].until_us)
            i++;
        return now_us + pauses[i].pause_us;
    case TAKEDOWN_GONE_ONCE:
    case TAKEDOWN_GONE_TWICE:
        return now_us + CONFIRM_US;
    case TAKEDOWN_DOWN:
        return now_us - row->down_us < WATCH_US ? now_us + DAY_US : TIME_NONE;
    default:
        return TIME_NONE;
    }
}

/* ---- What was found, and what follows ---- */

/* Where it stands while the page is there. */
static enum takedown_state standing(const struct takedown *row)
{
    return row->requested_us == TIME_NONE ? TAKEDOWN_DRAFTED : TAKEDOWN_REQUESTED;
}

static struct err gone(struct work *work, struct takedown *row, slice detail)
{
    static const enum takedown_state next[TAKEDOWN_STATES] = {[TAKEDOWN_DRAFTED] = TAKEDOWN_GONE_ONCE,
            [TAKEDOWN_REQUESTED] = TAKEDOWN_GONE_ONCE,
            [TAKEDOWN_GONE_ONCE] = TAKEDOWN_GONE_TWICE,
            [TAKEDOWN_GONE_TWICE] = TAKEDOWN_DOWN,
            [TAKEDOWN_DOWN] = TAKEDOWN_DOWN,
            [TAKEDOWN_GIVEN_UP] = TAKEDOWN_GIVEN_UP};
    enum takedown_state before = row->state;
    row->state = next[before];
    if (row->down_us == TIME_NONE)
        row->down_us = work->now_us;
    if (row->state == before)
        return OK;
    const char *act = row->state == TAKEDOWN_DOWN ? "takedown.down" : "takedown.gone";
    return case_takedown_tell(work, act, row, "state", slice_of(store_takedown_state_name(row->state)), detail);
}

/* Something else in the place of a page that was gone may be anything: a person looks. */
static struct err back(struct work *work, struct takedown *row, enum takedown_outcome outcome, slice detail)
{
    bool was_down = row->state == TAKEDOWN_DOWN, counted = row->down_us != TIME_NONE;
    if (!counted || (was_down && outcome == TAKEDOWN_OTHER))
        return OK;
    row->returned += was_down;
    row->state = standing(row);
    row->down_us = TIME_NONE;
    return case_takedown_tell(work, was_down ? "takedown.returned" : "takedown.there", row, "state",
            slice_of(store_takedown_state_name(row->state)), detail);
}

/* Notes what was found, and what that makes of it. */
static struct err seen(struct work *work, struct takedown *row, enum takedown_outcome outcome, slice detail)
{
    int64_t silent_us;
    TRY(store_takedown_look_add(work, row->number, outcome, store_text_keep(work->arena, detail, DETAIL_MAX)));
    TRY(store_takedown_silent(work->db, row->number, &silent_us));
    bool silent = outcome == TAKEDOWN_UNREACHABLE && work->now_us - silent_us >= SILENT_US;
    if (outcome == TAKEDOWN_GONE || silent)
        TRY(gone(work, row, detail));
    else if (outcome == TAKEDOWN_THERE || outcome == TAKEDOWN_OTHER)
        TRY(back(work, row, outcome, detail));
    row->check_us = outcome == TAKEDOWN_NOT_ALLOWED ? TIME_NONE : case_takedown_next(row, work->now_us);
    return store_takedown_change(work, row);
}

struct err case_takedown_seen(struct work *work, int64_t takedown, enum takedown_outcome outcome, slice detail)
{
    struct takedown row;
    TRY(case_takedown_mine(work, takedown, &row));
    if (outcome != TAKEDOWN_THERE && outcome != TAKEDOWN_GONE && outcome != TAKEDOWN_OTHER)
        return err_make(ERR_INPUT, "there, gone or other");
    if (row.state == TAKEDOWN_GIVEN_UP)
        return err_make(ERR_CONFLICT, "this take-down was given up");
    TRY(store_text_check(work->arena, "who saw it, and how", detail, DETAIL_MAX));
    slice who = work->actor->name;
    return seen(work, &row, outcome,
            slice_of(arena_printf(work->arena, "%.*s: %.*s", (int)who.len, who.ptr, (int)detail.len, detail.ptr)));
}

struct err case_takedown_hurry(struct work *work, int64_t takedown)
{
    struct takedown row;
    TRY(case_takedown_mine(work, takedown, &row));
    if (row.state == TAKEDOWN_GIVEN_UP)
        return err_make(ERR_CONFLICT, "this take-down was given up");
    row.check_us = work->now_us;
    TRY(store_takedown_change(work, &row));
    return case_takedown_tell(
            work, "takedown.hurried", &row, "state", slice_of(store_takedown_state_name(row.state)), S(""));
}

/* ---- Whether it may be looked at ---- */

/* PAP:AMBER and PAP:RED: nothing that whoever runs the page could notice. */
static bool forbids(enum stix_pap pap)
{
    return pap == PAP_AMBER || pap == PAP_RED;
}

static struct err definitions_ask(
        struct db *db, const struct object *rows, size_t count, struct arena *arena, const char **why)
{
    struct stix_definitions *definitions = stix_definitions_open();
    struct err err = share_definitions_read(db, definitions);
    for (size_t i = 0; i < count && err.kind == ERR_NONE && *why == NULL; i++) {
        const struct stix_marked marked = stix_marked_of(rows[i].bytes);
        const struct stix_marks marks = stix_marks_of(definitions, &marked, arena);
        if (forbids(marks.pap) || marks.unknown)
            *why = arena_printf(arena, "%.*s is marked %s", (int)rows[i].id.len, rows[i].id.ptr,
                    forbids(marks.pap) ? stix_pap_name(marks.pap) : "by what nobody gave us");
    }
    stix_definitions_close(definitions);
    return err;
}

/* *why: why not; NULL: it may. What a partner gave us of that host binds us here, too. */
static struct err may_look(struct db *db, const struct takedown *row, struct arena *arena, const char **why)
{
    slice host = case_takedown_host(row->target);
    struct search_place place = {0};
    struct object *rows;
    size_t count;
    *why = NULL;
    for (enum stix_pap pap = PAP_AMBER; pap <= PAP_RED; pap++)
        if (slice_eq(row->pap, slice_of(stix_pap_name(pap))))
            *why = arena_printf(arena, "this take-down is %s", stix_pap_name(pap));
    if (*why != NULL)
        return OK;
    slice query = slice_of(arena_printf(arena, "\"%.*s\"", (int)host.len, host.ptr));
    for (size_t seen_count = 0; seen_count < HELD_MAX && *why == NULL && !place.end; seen_count += count) {
        TRY(store_search_list(db, query, S("indicator"), &place, HELD_MAX, arena, &rows, &count));
        TRY(definitions_ask(db, rows, count, arena, why));
        if (count == 0)
            break;
    }
    return OK;
}

/* ---- A look ---- */

struct http_client_options case_takedown_door(const struct http_client_options *feeds, bool everywhere)
{
    struct http_client_options door = *feeds;
    door.plain_http = true; /* as its victims come to it; nothing that it says is believed */
    door.public_only = !everywhere;
    door.bytes_max = LOOK_BYTES_MAX;
    door.total_ms = door.total_ms < TOTAL_MS ? door.total_ms : TOTAL_MS;
    door.redirects_max = door.redirects_max < REDIRECTS_MAX ? door.redirects_max : REDIRECTS_MAX;
    return door;
}

struct page {
    char bytes[PAGE_MAX];
    size_t len;
};

/* Its beginning is enough: then we hang up. */
static struct err page_take(void *context, slice bytes)
{
    struct page *page = context;
    size_t room = PAGE_MAX - page->len, len = bytes.len < room ? bytes.len : room;
    memcpy(page->bytes + page->len, bytes.ptr, len);
    page->len += len;
    return len == bytes.len ? OK : err_make(ERR_LIMIT, "its beginning is enough");
}

static size_t find_fold(slice text, slice word)
{
    for (size_t i = 0; i + word.len <= text.len; i++)
        if (slice_eq_fold(slice_part(text, i, i + word.len), word))
            return i;
    return text.len;
}

/* What stands in <title>, as plain text; empty if nothing does. By it a page is known again. */
static slice title_of(const struct page *page, struct arena *arena)
{
    slice text = {page->bytes, page->len};
    slice rest = slice_from(text, find_fold(text, S("<title")));
    rest = slice_from(rest, slice_find(rest, '>') < rest.len ? slice_find(rest, '>') + 1 : rest.len);
    slice title = slice_trim(slice_part(rest, 0, find_fold(rest, S("</title"))));
    struct buf shown = buf_make(16 * TITLE_MAX);
    shown_text_write(&shown, slice_part(title, 0, title.len < TITLE_MAX ? title.len : TITLE_MAX), false);
    slice kept = arena_copy(arena, buf_slice(&shown));
    buf_free(&shown);
    return kept;
}

/* Statuses that say that a page is not there any more (RFC 9110, RFC 7725). */
static bool says_gone(unsigned status)
{
    return status == 404 || status == 410 || status == 451;
}

struct look {
    int64_t takedown;
    enum takedown_outcome outcome;
    slice detail;
};

/* A page under another title than it had when it was first seen is something else: parked, suspended, or in disguise.
 */
static struct err page_judge(struct db *db, const struct page *page, struct look *look, struct arena *arena)
{
    slice title = title_of(page, arena), first;
    look->detail = slice_of(arena_printf(arena, "200 %.*s", (int)title.len, title.ptr));
    TRY(store_takedown_first(db, look->takedown, arena, &first));
    look->outcome = first.len == 0 || slice_eq(first, slice_trim(look->detail)) ? TAKEDOWN_THERE : TAKEDOWN_OTHER;
    look->detail = slice_trim(look->detail);
    return OK;
}

static struct err answer_judge(struct db *db, struct http_client *door, const char *url,
        const struct http_answer *answer, const struct page *page, struct err err, struct look *look,
        struct arena *arena)
{
    bool whole = err.kind == ERR_NONE || (err.kind == ERR_LIMIT && page->len > 0);
    if (whole && answer->status == 200)
        return page_judge(db, page, look, arena);
    look->detail = slice_of(err.kind == ERR_NONE ? "it answers" : err.why);
    if (answer->reach == HTTP_PRIVATE)
        look->outcome = TAKEDOWN_NOT_ALLOWED;
    else if (says_gone(answer->status) || (answer->reach == HTTP_NO_NAME && http_url_nameless(door, url, arena)))
        look->outcome = TAKEDOWN_GONE;
    else if (answer->reach == HTTP_NO_NAME || answer->reach == HTTP_NO_ANSWER)
        look->outcome = TAKEDOWN_UNREACHABLE;
    else
        look->outcome = TAKEDOWN_OTHER;
    return OK;
}

/* Outside of any work: a page may take its time. */
static struct err fetch(
        struct db *db, struct http_client *door, const struct takedown *row, struct look *look, struct arena *arena)
{
    struct page *page = arena_new(arena, struct page, 1);
    struct http_answer answer;
    const char *why, *url = arena_cstr(arena, row->url);
    const struct http_get get = {.url = url, .accept = "text/html, */*;q=0.1", .context = page, .body = page_take};
    struct err err = may_look(db, row, arena, &why);
    if (err.kind == ERR_INPUT ||
            err.kind == ERR_LIMIT) /* what we hold of its host cannot be asked: then it may forbid */
        why = err.why;
    else
        TRY(err);
    if (why != NULL) {
        look->outcome = TAKEDOWN_NOT_ALLOWED;
        look->detail = slice_of(why);
        return OK;
    }
    err = http_client_get(door, &get, arena, &answer);
    if (err.kind == ERR_CONFLICT || err.kind == ERR_SYSTEM) /* it was stopped, or we are in trouble ourselves */
        return err;
    return answer_judge(db, door, url, &answer, page, err, look, arena);
}

static struct err look_do(struct work *work, void *context)
{
    const struct look *look = context;
    struct takedown row;
    TRY(store_takedown_keep(work, look->takedown, &row));
    return row.state == TAKEDOWN_GIVEN_UP ? OK : seen(work, &row, look->outcome, look->detail);
}

static struct err look_at(struct db *db, const struct actor *actor, struct http_client *door,
        const struct takedown *row, struct arena *arena, enum takedown_outcome *outcome)
{
    struct look look = {.takedown = row->number};
    TRY(fetch(db, door, row, &look, arena));
    *outcome = look.outcome;
    return store_work(db, actor, arena, look_do, &look);
}

struct err case_takedown_look(struct db *db, const struct actor *actor, struct http_client *door, int64_t takedown,
        struct arena *arena, enum takedown_outcome *outcome)
{
    struct takedown row;
    struct incident incident;
    enum case_sight sight;
    TRY(store_right_check(actor, VERB_WORK_INCIDENTS, 0, arena, NULL));
    TRY(store_takedown_get(db, takedown, arena, &row));
    TRY(store_incident_get(db, row.incident, arena, &incident));
    TRY(case_sees(db, actor, &incident, arena, &sight));
    if (sight != CASE_ALL)
        return err_make(ERR_MISSING, "there is no such take-down");
    if (row.state == TAKEDOWN_GIVEN_UP)
        return err_make(ERR_CONFLICT, "this take-down was given up");
    return look_at(db, actor, door, &row, arena, outcome);
}

struct err case_takedown_look_due(
        struct db *db, const struct actor *actor, struct http_client *door, struct arena *arena, bool *found)
{
    struct takedown *rows;
    enum takedown_outcome outcome;
    size_t count;
    TRY(store_takedown_due(db, clock_now_us(), 1, arena, &rows, &count));
    *found = count > 0;
    return *found ? look_at(db, actor, door, &rows[0], arena, &outcome) : OK;
}
