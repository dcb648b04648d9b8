/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A form arrives twice: first with what was picked, and a page asks for the reason and shows what it will be done to;
 * then confirmed, and the page says what became of each, with a form that takes it back. Each object is a work of its
 * own: one that cannot be done does not keep the others.
 */
#include "web/acts.h"

#include "base/arena.h"
#include "base/clock.h"
#include "intel/judge.h"
#include "store/source.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/row.h"

#define PICK_BYTES 240
#define SCRATCH_ARENA_MAX ((size_t)192 << 20)
#define BACK_BYTES_MAX 4096

/* ---- The acts ---- */

struct asked {
    struct intel_subject subject;
    slice tag, reason;
    int64_t at_us;
};

typedef struct err act_run(struct ask *ask, const struct asked *asked, size_t *count);

static struct err tag(struct ask *ask, const struct asked *asked, size_t *count)
{
    return intel_tag(ask->db, &ask->who.actor, &asked->subject, asked->tag, ask->arena, count);
}

static struct err untag(struct ask *ask, const struct asked *asked, size_t *count)
{
    return intel_untag(ask->db, &ask->who.actor, &asked->subject, asked->tag, ask->arena, count);
}

static struct err false_positive(struct ask *ask, const struct asked *asked, size_t *count)
{
    return intel_false_positive(ask->db, &ask->who.actor, &asked->subject, asked->reason, ask->arena, count);
}

static struct err true_positive(struct ask *ask, const struct asked *asked, size_t *count)
{
    return intel_unjudge(
            ask->db, &ask->who.actor, &asked->subject, OBJECT_FALSE_POSITIVE, asked->reason, ask->arena, count);
}

static struct err expire(struct ask *ask, const struct asked *asked, size_t *count)
{
    return intel_expire(ask->db, &ask->who.actor, &asked->subject, asked->at_us, asked->reason, ask->arena, count);
}

static struct err unexpire(struct ask *ask, const struct asked *asked, size_t *count)
{
    return intel_unjudge(ask->db, &ask->who.actor, &asked->subject, OBJECT_EXPIRED, asked->reason, ask->arena, count);
}

static struct err revoke(struct ask *ask, const struct asked *asked, size_t *count)
{
    struct intel_revoked revoked = {0};
    struct err err = intel_revoke(ask->db, &ask->who.actor, &asked->subject, asked->reason, ask->arena, &revoked);
    *count = revoked.withdrawn + revoked.versions;
    return err;
}

static struct err unrevoke(struct ask *ask, const struct asked *asked, size_t *count)
{
    struct intel_revoked revoked = {0};
    struct err err = intel_unrevoke(ask->db, &ask->who.actor, &asked->subject, asked->reason, ask->arena, &revoked);
    *count = revoked.withdrawn + revoked.versions;
    return err;
}

enum wants { WANTS_TAG = 1, WANTS_REASON = 2, WANTS_AT = 4 };

static const struct act {
    const char *name, *undo;
    enum verb verb;
    unsigned wants;
    const char *text, *done, *explained;
    act_run *run;
} acts[] = {
        {"tag", "untag", VERB_TAG, WANTS_TAG, W_C("Tag"), W_C("Tagged"),
                W_C("A word of ours on what its source says; it stays here."), tag},
        {"untag", "tag", VERB_TAG, WANTS_TAG, W_C("Take a tag away"), W_C("The tag was taken away"),
                W_C("The tag goes; that it was there stays in the journal."), untag},
        {"false-positive", "not-false-positive", VERB_JUDGE, WANTS_REASON, W_C("Hold to be a false positive"),
                W_C("Held to be a false positive"),
                W_C("It is no longer looked for, and not handed on. The object of its source stays as it is."),
                false_positive},
        {"not-false-positive", "false-positive", VERB_JUDGE, WANTS_REASON, W_C("Not a false positive after all"),
                W_C("No longer held to be a false positive"), W_C("It is looked for again."), true_positive},
        {"expire", "unexpire", VERB_JUDGE, WANTS_REASON | WANTS_AT, W_C("Expire"), W_C("An expiry was set"),
                W_C("From a moment on it is no longer looked for."), expire},
        {"unexpire", "expire", VERB_JUDGE, WANTS_REASON, W_C("Not expired after all"),
                W_C("No longer held to be expired"), W_C("Its source alone says how long it is valid."), unexpire},
        {"revoke", "unrevoke", VERB_JUDGE, WANTS_REASON, W_C("Revoke"), W_C("Revoked"),
                W_C("What our own organisation created gets a version that says it is revoked; what others created is "
                    "withdrawn here."),
                revoke},
        {"unrevoke", "revoke", VERB_JUDGE, WANTS_REASON, W_C("Take a revocation back"),
                W_C("The revocation was taken back"), W_C("It counts again, as before it was revoked here."), unrevoke},
};

static const struct act *act_find(slice name)
{
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        if (slice_eq(name, slice_of(acts[i].name)))
            return &acts[i];
    return NULL;
}

static void act_write(struct ask *ask, const struct act *act)
{
    json_write_key_text(&ask->json, S("name"), slice_of(act->name));
    json_write_key_text(&ask->json, S("text"), ask_text(ask, slice_of(act->text)));
    json_write_key_text(&ask->json, S("done"), ask_text(ask, slice_of(act->done)));
    json_write_key_text(&ask->json, S("explained"), ask_text(ask, slice_of(act->explained)));
    page_flag(ask, S("wants_tag"), (act->wants & WANTS_TAG) != 0);
    page_flag(ask, S("wants_reason"), (act->wants & WANTS_REASON) != 0);
    page_flag(ask, S("wants_at"), (act->wants & WANTS_AT) != 0);
}

void acts_write(struct ask *ask)
{
    json_write_key(&ask->json, S("acts"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < COUNT_OF(acts); i++) {
        if (!outside_may(ask, acts[i].verb))
            continue;
        json_write_object(&ask->json);
        act_write(ask, &acts[i]);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

/* ---- What was picked ---- */

struct err acts_picks(struct ask *ask, int64_t *numbers, size_t *count)
{
    size_t at = 0, got = 0;
    slice value;
    while (ask_form_each(ask, S("pick"), &at, &value)) {
        uint64_t number;
        bool there = false;
        if (!slice_u64(value, INT64_MAX, &number))
            return err_make(ERR_INPUT, "an object is picked by its number");
        for (size_t i = 0; i < got; i++)
            there = there || numbers[i] == (int64_t)number;
        if (!there && got == ACTS_PICKS_MAX)
            return err_make(ERR_LIMIT, "at most 100 objects can be picked at once");
        if (!there)
            numbers[got++] = (int64_t)number;
    }
    *count = got;
    return got > 0 ? OK : err_make(ERR_INPUT, "nothing was picked: tick the boxes of what it is to be done to");
}

static struct err write_pick(
        struct ask *ask, struct summaries *summaries, struct row_sources *sources, const struct object *object)
{
    struct outside shown = outside_begin(ask, PICK_BYTES);
    struct summary summary;
    TRY(summary_of(summaries, object, &summary));
    row_write(&shown, object, &summary);
    return row_write_source(ask, sources, object->source);
}

/* What became of it in the meantime: it was undone, or removed. */
static struct err write_picks(struct ask *ask, const int64_t *numbers, size_t count, struct arena *scratch)
{
    struct summaries summaries = summaries_open(ask->db, scratch);
    struct row_sources sources = {0};
    struct err err = OK;
    for (size_t i = 0; i < count && err.kind == ERR_NONE; i++) {
        struct object object;
        arena_reset(scratch);
        json_write_object(&ask->json);
        err = row_get(ask, numbers[i], scratch, &object);
        if (err.kind == ERR_NONE) {
            err = write_pick(ask, &summaries, &sources, &object);
        } else if (err.kind == ERR_MISSING) {
            json_write_key_u64(&ask->json, S("number"), (uint64_t)numbers[i]);
            page_flag(ask, S("missing"), true);
            err = OK;
        }
        json_write_end(&ask->json);
    }
    summaries_close(&summaries);
    return err;
}

struct err acts_write_picks(struct ask *ask, const int64_t *numbers, size_t count)
{
    struct arena *scratch = arena_open("objects that were picked", ARENA_WORK, SCRATCH_ARENA_MAX);
    json_write_key(&ask->json, S("picks"));
    json_write_array(&ask->json);
    struct err err = write_picks(ask, numbers, count, scratch);
    json_write_end(&ask->json);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(ask->arena, slice_of(err.why));
    arena_close(scratch);
    return err;
}

slice acts_back(struct ask *ask)
{
    slice back = ask_form(ask, S("back"));
    return back.len <= BACK_BYTES_MAX && ask_is_path(back) ? back : S("/intelligence");
}

/* ---- Doing it ---- */

/* A moment as a browser writes it ("2026-11-21T09:14", UTC as the page says), or as anybody else; empty: now. */
static struct err at_get(struct ask *ask, int64_t *us)
{
    slice text = slice_trim(ask_form(ask, S("at")));
    const char *whole = arena_printf(ask->arena, "%.*s%s", (int)text.len, text.ptr, text.len == 16 ? ":00Z" : "");
    *us = clock_now_us();
    return text.len == 0 || time_parse(slice_of(whole), us)
                   ? OK
                   : err_make(ERR_INPUT, "a moment is written as 2026-11-21T09:14 (UTC)");
}

/* `field`: what is wrong, if it is. */
static struct err asked_get(struct ask *ask, const struct act *act, struct asked *asked, const char **field)
{
    asked->tag = slice_trim(ask_form(ask, S("tag")));
    asked->reason = slice_trim(ask_form(ask, S("reason")));
    *field = "tag";
    if ((act->wants & WANTS_TAG) != 0)
        TRY(store_text_check(ask->arena, "tag", asked->tag, STORE_NAME_MAX));
    *field = "reason";
    if ((act->wants & WANTS_REASON) != 0)
        TRY(store_text_check(ask->arena, "reason", asked->reason, STORE_TEXT_MAX));
    *field = "at";
    return at_get(ask, &asked->at_us);
}

/* All of what its source says of the id, whatever version was picked; with "all", of what every source says. */
static struct err act_one(struct ask *ask, const struct act *act, struct asked *asked, int64_t number,
        struct arena *scratch, size_t *count)
{
    struct object object;
    struct source source;
    TRY(row_get(ask, number, scratch, &object));
    TRY(store_source_get(ask->db, object.source, scratch, &source));
    asked->subject =
            (struct intel_subject){slice_eq(ask_form(ask, S("all")), S("yes")) ? S("") : source.name, object.id};
    return act->run(ask, asked, count);
}

static struct err write_result(struct ask *ask, const struct act *act, struct asked *asked, int64_t number, bool *done)
{
    struct arena *scratch = arena_open("an object that is acted on", ARENA_WORK, SCRATCH_ARENA_MAX);
    struct outside shown = outside_begin(ask, OUTSIDE_LINE);
    size_t count = 0;
    struct err err = act_one(ask, act, asked, number, scratch, &count);
    *done = err.kind == ERR_NONE;
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)number);
    json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/objects/", number, "")));
    page_flag(ask, S("done"), *done);
    json_write_key_u64(&ask->json, S("sources"), count);
    if (!*done)
        outside_write(&shown, S("why"), ask_text(ask, slice_of(err.why)), OUTSIDE_LINE);
    json_write_end(&ask->json);
    if (err.kind == ERR_SYSTEM || err.kind == ERR_REMOTE || err.kind == ERR_AUTH || err.kind == ERR_DENIED)
        err.why = arena_cstr(ask->arena, slice_of(err.why));
    else
        err = OK; /* told beside it */
    arena_close(scratch);
    return err;
}

static void write_undo(struct ask *ask, const struct act *act, const struct asked *asked)
{
    const struct act *undo = act_find(slice_of(act->undo));
    json_write_key(&ask->json, S("undo"));
    json_write_object(&ask->json);
    act_write(ask, undo);
    if ((act->wants & WANTS_TAG) != 0)
        json_write_key_text(&ask->json, S("tag"), asked->tag);
    json_write_end(&ask->json);
}

static struct err confirmed(
        struct ask *ask, const struct act *act, struct asked *asked, const int64_t *numbers, size_t count)
{
    size_t successes = 0;
    json_write_key(&ask->json, S("results"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        bool done = false;
        TRY(write_result(ask, act, asked, numbers[i], &done));
        successes += done;
    }
    json_write_end(&ask->json);
    page_count(ask, S("successes"), successes);
    page_count(ask, S("failures"), count - successes);
    page_flag(ask, S("any"), successes > 0);
    page_flag(ask, S("all_done"), successes == count);
    if (successes > 0)
        write_undo(ask, act, asked);
    ask->status = successes == 0 ? 409 : ask->status;
    return OK;
}

static void write_head(struct ask *ask, const struct act *act, bool is_confirmed)
{
    page_title(ask, ask_text(ask, slice_of(is_confirmed ? act->done : act->text)));
    json_write_key(&ask->json, S("act"));
    json_write_object(&ask->json);
    act_write(ask, act);
    json_write_end(&ask->json);
    json_write_key_text(&ask->json, S("back"), acts_back(ask));
    page_flag(ask, S("all"), slice_eq(ask_form(ask, S("all")), S("yes")));
    page_flag(ask, S("confirmed"), is_confirmed);
}

static void write_typed(struct ask *ask)
{
    struct outside shown = outside_begin(ask, OUTSIDE_PAGE);
    json_write_key(&ask->json, S("typed"));
    json_write_object(&ask->json);
    outside_write(&shown, S("tag"), ask_form(ask, S("tag")), STORE_NAME_MAX);
    outside_write(&shown, S("reason"), ask_form(ask, S("reason")), STORE_TEXT_MAX);
    outside_write(&shown, S("at"), ask_form(ask, S("at")), OUTSIDE_NAME);
    json_write_end(&ask->json);
}

struct err web_act(struct ask *ask)
{
    int64_t numbers[ACTS_PICKS_MAX];
    size_t count;
    struct asked asked = {0};
    const char *field = NULL;
    const struct act *act = act_find(ask_form(ask, S("act")));
    bool confirm = slice_eq(ask_form(ask, S("confirm")), S("yes"));
    if (act == NULL)
        return err_make(ERR_INPUT, "what is to be done? act names one of the acts of the list");
    TRY(outside_need(ask, act->verb));
    TRY(acts_picks(ask, numbers, &count));
    struct err wrong = asked_get(ask, act, &asked, &field);
    confirm = confirm && wrong.kind == ERR_NONE;
    write_head(ask, act, confirm);
    if (confirm)
        return confirmed(ask, act, &asked, numbers, count);
    TRY(acts_write_picks(ask, numbers, count));
    if (wrong.kind == ERR_NONE || !slice_eq(ask_form(ask, S("confirm")), S("yes"))) {
        write_typed(ask);
        return OK;
    }
    return page_again(ask, field, wrong);
}
