/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds: how each does, when it is next due, and why it failed; adding one, pausing it, fetching it soon, removing it.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "http/client.h"
#include "intel/feed.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/row.h"

#define ROWS 25
#define ROW_BYTES 500
#define EVERY_MINUTES 60
#define EVERY_MINUTES_MAX (365 * 24 * 60)

static const struct state {
    const char *name, *text, *look;
} paused = {"paused", W_C("paused"), "off"}, failing = {"failing", W_C("failing"), "bad"},
  fresh = {"new", W_C("not fetched yet"), "warn"}, well = {"well", W_C("well"), "good"};

static const struct state *state_of(const struct feed *feed)
{
    return feed->paused ? &paused : feed->failures > 0 ? &failing : feed->tried_us == TIME_NONE ? &fresh : &well;
}

/* Without a password in it, if somebody put one there. */
static slice location_of(const struct ask *ask, slice location)
{
    bool is_url = slice_find_slice(location, S("://")) < location.len;
    return is_url ? slice_of(http_url_shown(arena_cstr(ask->arena, location), ask->arena)) : location;
}

static void write_feed(struct ask *ask, const struct feed *feed)
{
    struct outside outside = outside_begin(ask, ROW_BYTES);
    const struct state *state = state_of(feed);
    json_write_object(&ask->json);
    outside_write(&outside, S("name"), feed->name, STORE_NAME_MAX);
    outside_write(&outside, S("location"), location_of(ask, feed->location), OUTSIDE_NAME);
    json_write_key_text(&ask->json, S("form"), feed->form);
    json_write_key_u64(&ask->json, S("source"), (uint64_t)feed->source);
    json_write_key_text(&ask->json, S("state"), slice_of(state->name));
    json_write_key_text(&ask->json, S("state_text"), ask_text(ask, slice_of(state->text)));
    json_write_key_text(&ask->json, S("look"), slice_of(state->look));
    page_flag(ask, S("paused"), feed->paused);
    page_flag(ask, S("failing"), feed->failures > 0);
    page_count(ask, S("failures"), (uint64_t)feed->failures);
    outside_write(&outside, S("why"), feed->failures > 0 ? feed->why : S(""), OUTSIDE_LINE);
    page_count(ask, S("every_minutes"), (uint64_t)(feed->every_us / MINUTE_US));
    page_moment(ask, S("next"), feed->paused ? TIME_NONE : feed->next_us);
    page_moment(ask, S("tried"), feed->tried_us);
    page_moment(ask, S("fetched"), feed->fetched_us);
    page_count(ask, S("fetches"), (uint64_t)feed->fetches);
    page_count(ask, S("imports"), (uint64_t)feed->imports);
    json_write_end(&ask->json);
}

static void write_more(struct ask *ask, const struct feed *rows, size_t count)
{
    struct buf more = buf_make(8 * STORE_NAME_MAX);
    json_write_key(&ask->json, S("more"));
    if (count < ROWS) {
        json_write_null(&ask->json);
        return;
    }
    buf_put(&more, S("/feeds"));
    outside_query(&more, S("after"), rows[count - 1].name);
    json_write_text(&ask->json, buf_slice(&more));
    buf_free(&more);
}

struct err web_feeds(struct ask *ask)
{
    struct feed *rows;
    slice after;
    size_t count;
    TRY(outside_asked(ask, S("after"), STORE_NAME_MAX, &after));
    TRY(intel_feed_list(ask->db, &ask->who.actor, after, ROWS, ask->arena, &rows, &count));
    page_title(ask, ask_text(ask, W("Feeds")));
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++)
        write_feed(ask, &rows[i]);
    json_write_end(&ask->json);
    page_flag(ask, S("empty"), count == 0);
    page_flag(ask, S("may_change"), outside_may(ask, VERB_CHANGE_FEEDS));
    page_flag(ask, S("may_read"), outside_may(ask, VERB_READ_OBJECTS));
    write_more(ask, rows, count);
    return OK;
}

/* ---- Changing ---- */

static struct err again(struct ask *ask, const char *field, struct err err)
{
    if (err.kind == ERR_DENIED || err.kind == ERR_AUTH)
        return err;
    TRY(page_again(ask, field, err));
    return web_feeds(ask);
}

/* What is not called anything is called after its host. */
static slice name_of(slice name, slice location)
{
    slice host = slice_from(location, slice_find(location, '/') + 2);
    size_t end = 0;
    while (end < host.len && slice_find(S("/:?#@"), host.ptr[end]) == 5)
        end++;
    return name.len > 0 ? name : slice_part(host, 0, end);
}

struct err web_feed_add(struct ask *ask)
{
    uint64_t minutes = EVERY_MINUTES;
    int64_t number;
    slice every = slice_trim(ask_form(ask, S("every")));
    struct feed_put put = {.name = slice_trim(ask_form(ask, S("name"))),
            .location = slice_trim(ask_form(ask, S("location"))),
            .form = ask_form(ask, S("form")),
            .direct = slice_eq(ask_form(ask, S("direct")), S("yes"))};
    if (every.len > 0 && (!slice_u64(every, EVERY_MINUTES_MAX, &minutes) || minutes == 0))
        return again(ask, "every", err_make(ERR_INPUT, "how often is a whole number of minutes, one at least"));
    /* A path is of this machine: its files are for who sits there (kentongan feed add). */
    if (!slice_starts(put.location, S("https://")) && !slice_starts(put.location, S("http://")))
        return again(ask, "location", err_make(ERR_INPUT, "the address of a feed begins with https:// or http://"));
    put.every_us = (int64_t)minutes * MINUTE_US;
    put.name = name_of(put.name, put.location);
    struct err err = intel_feed_add(
            ask->db, &ask->who.actor, &put, slice_eq(ask_form(ask, S("expire")), S("yes")), ask->arena, &number);
    if (err.kind != ERR_NONE)
        return again(ask, err.kind == ERR_CONFLICT ? "name" : "location", err);
    page_done(ask, "/feeds", "saved");
    return OK;
}

static struct err pause(struct ask *ask, slice name)
{
    return intel_feed_pause(ask->db, &ask->who.actor, name, true, ask->arena);
}

static struct err resume(struct ask *ask, slice name)
{
    return intel_feed_pause(ask->db, &ask->who.actor, name, false, ask->arena);
}

static struct err hurry(struct ask *ask, slice name)
{
    return intel_feed_hurry(ask->db, &ask->who.actor, name, ask->arena);
}

static struct err drop(struct ask *ask, slice name)
{
    return intel_feed_remove(ask->db, &ask->who.actor, name, ask->arena);
}

static const struct {
    const char *name;
    struct err (*run)(struct ask *ask, slice name);
} changes[] = {{"pause", pause}, {"resume", resume}, {"fetch", hurry}, {"remove", drop}};

struct err web_feed_change(struct ask *ask)
{
    slice act = ask_form(ask, S("act")), name = ask_form(ask, S("name"));
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        if (!slice_eq(act, slice_of(changes[i].name)))
            continue;
        struct err err = store_text_check(ask->arena, "name of a feed", name, STORE_NAME_MAX);
        if (err.kind == ERR_NONE)
            err = changes[i].run(ask, name);
        if (err.kind != ERR_NONE)
            return again(ask, NULL, err);
        page_done(ask, "/feeds", "saved");
        return OK;
    }
    return err_make(ERR_INPUT, "what is to be done with the feed? act is pause, resume, fetch or remove");
}
