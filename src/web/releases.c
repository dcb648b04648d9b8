/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What would leave for a partner, byte for byte, and by which rule the rest stays; what was released to it; what we
 * asked partners to stop using, and what they ask of us. Nothing here removes anything from anybody: it is requested.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "share/recall.h"
#include "store/browse.h"
#include "web/leaving.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/row.h"
#include "web/shared.h"

#define NEWEST 12        /* objects that are previewed if nobody names any */
#define NAMED 12         /* that can be named */
#define BYTES_SHOWN 2500 /* of an object that would leave; `release preview` prints all of it */
#define PREVIEW_BYTES (12u << 10)
#define ROWS 15 /* released, recalls */
#define SINCE_US (7 * DAY_US)

/* ---- Which objects ---- */

struct picking {
    struct ask *ask;
    slice ids[NEWEST];
    size_t count;
};

static struct err pick(void *context, const struct object *object, bool *taken)
{
    struct picking *picking = context;
    *taken = picking->count < NEWEST;
    if (*taken)
        picking->ids[picking->count++] = arena_copy(picking->ask->arena, object->id);
    return OK;
}

/* Those that were typed, between blanks; else the newest that arrived. */
static struct err pick_ids(struct ask *ask, slice typed, struct picking *picking)
{
    picking->ask = ask;
    for (slice id; shared_word_next(&typed, &id);) {
        if (picking->count == NAMED)
            return err_make(ERR_LIMIT, W_C("name at most twelve objects at once"));
        picking->ids[picking->count++] = id;
    }
    if (picking->count > 0)
        return OK;
    const struct browse browse = {.since_us = TIME_NONE, .context = picking, .visit = pick};
    struct browse_place place = {.end = false};
    return store_browse(ask->db, &browse, &place, NEWEST, ask->arena);
}

/* ---- The preview ---- */

static bool is_waiting(const struct ask *ask)
{
    return slice_eq(ask_query(ask, S("terms")), S("waiting"));
}

static struct err write_preview(struct ask *ask, int64_t partner)
{
    struct leaving leaving = {.outside = outside_begin(ask, OUTSIDE_PAGE),
            .bytes = outside_begin(ask, PREVIEW_BYTES),
            .bytes_most = BYTES_SHOWN,
            .shown_most = NEWEST};
    struct picking picking = {.count = 0};
    slice typed;
    if (partner == 0 || !outside_may(ask, VERB_PREVIEW))
        return leaving_write(&leaving, NULL);
    TRY(outside_asked(ask, S("ids"), NAMED * OBJECT_ID_MAX, &typed));
    TRY(pick_ids(ask, typed, &picking));
    const struct share_preview_of of = {partner, picking.ids, picking.count, is_waiting(ask)};
    return leaving_write(&leaving, picking.count == 0 ? NULL : &of); /* nothing is here at all */
}

/* ---- What was released ---- */

static void write_released_row(struct ask *ask, struct outside *outside, const struct released *row)
{
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/objects/", row->object, "")));
    outside_write(outside, S("id"), row->id, OUTSIDE_NAME);
    outside_write(outside, S("what"), outside_type(ask, row->type), OUTSIDE_NAME);
    page_moment(ask, S("added"), row->added_us);
    page_flag(ask, S("derived"), row->derived);
    page_flag(ask, S("valid"), row->until_us > clock_now_us());
    json_write_key_u64(&ask->json, S("entry"), (uint64_t)row->entry);
    json_write_end(&ask->json);
}

static struct err write_released(struct ask *ask, int64_t partner)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct agreement agreement = {.number = 0};
    struct released *rows;
    uint64_t after;
    size_t count = 0;
    TRY(ask_number(ask, S("after"), INT64_MAX, (uint64_t)(clock_now_us() - SINCE_US), &after));
    struct err err = partner == 0 ? OK : store_agreement_with(ask->db, partner, ask->arena, &agreement);
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    if (agreement.number != 0 && outside_may(ask, VERB_READ_OBJECTS))
        TRY(store_released_list(ask->db, agreement.number, (int64_t)after, ROWS, ask->arena, &rows, &count));
    json_write_key_u64(&ask->json, S("log"), (uint64_t)agreement.log);
    json_write_key(&ask->json, S("released"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++)
        write_released_row(ask, &outside, &rows[i]);
    json_write_end(&ask->json);
    page_flag(ask, S("any_released"), count > 0);
    page_more(ask, count == ROWS ? rows[count - 1].added_us : 0);
    return OK;
}

/* ---- Recalls ---- */

static const struct {
    const char *name, *text, *look;
} answers[] = {
        {"stopped", W_C("they stopped using it"), "good"},
        {"deleted", W_C("they deleted it"), "good"},
        {"passed-on", W_C("they had passed it on"), "warn"},
};

static void write_answer(struct ask *ask, const struct recall *row)
{
    slice text = row->told == RECALL_CANNOT ? ask_text(ask, W("requested; it cannot answer: call them"))
                                            : ask_text(ask, W("requested; no answer yet"));
    slice look = row->told == RECALL_CANNOT ? S("warn") : S("");
    for (size_t i = 0; i < COUNT_OF(answers); i++)
        if (slice_eq(row->answer, slice_of(answers[i].name))) {
            text = ask_text(ask, slice_of(answers[i].text));
            look = slice_of(answers[i].look);
        }
    json_write_key_text(&ask->json, S("answer"), row->answer);
    json_write_key_text(&ask->json, S("answer_text"), text);
    json_write_key_text(&ask->json, S("look"), look);
}

static struct err write_recalls(struct ask *ask, int64_t partner)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE / 2);
    struct recall *rows;
    size_t count;
    TRY(store_recall_list(ask->db, partner, false, 0, ROWS, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("recalls"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        json_write_object(&ask->json);
        TRY(shared_partner_write(ask, S("partner"), rows[i].partner));
        outside_write(&outside, S("id"), rows[i].id, OUTSIDE_NAME);
        json_write_key_text(&ask->json, S("cause"), rows[i].cause);
        page_moment(ask, S("asked"), rows[i].asked_us);
        page_moment(ask, S("answered"), rows[i].answered_us);
        write_answer(ask, &rows[i]);
        outside_write(&outside, S("passed_on"), rows[i].passed_on, OUTSIDE_LINE);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_recall"), count > 0);
    return OK;
}

static struct err write_heard(struct ask *ask)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE / 2);
    struct recall_heard *rows;
    size_t count;
    TRY(store_recall_heard_list(ask->db, false, 0, ROWS, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("heard"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        json_write_object(&ask->json);
        json_write_key_u64(&ask->json, S("number"), (uint64_t)rows[i].number);
        TRY(shared_partner_write(ask, S("partner"), rows[i].partner));
        outside_write(&outside, S("cause"), rows[i].cause, OUTSIDE_NAME);
        outside_write(&outside, S("ids"), rows[i].ids, OUTSIDE_LINE);
        page_moment(ask, S("asked"), rows[i].heard_us);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_heard"), count > 0);
    return OK;
}

/* ---- The page ---- */

static struct err write_page(struct ask *ask, int64_t partner)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE / 4);
    page_title(ask, ask_text(ask, W("Releases")));
    TRY(shared_partner_write(ask, S("partner"), partner));
    TRY(shared_partners_write(ask, S("partners"), partner));
    outside_write(&outside, S("ids"), slice_trim(ask_query(ask, S("ids"))), NAMED * OUTSIDE_NAME);
    page_flag(ask, S("waiting"), is_waiting(ask));
    TRY(write_preview(ask, partner));
    TRY(write_released(ask, partner));
    TRY(write_recalls(ask, partner));
    TRY(write_heard(ask));
    page_flag(ask, S("may_preview"), outside_may(ask, VERB_PREVIEW));
    page_flag(ask, S("may_recall"), outside_may(ask, VERB_STOP_SHARING));
    page_flag(ask, S("may_judge"), outside_may(ask, VERB_JUDGE));
    page_flag(ask, S("may_read"), outside_may(ask, VERB_READ_OBJECTS));
    return OK;
}

struct err web_releases(struct ask *ask)
{
    uint64_t partner;
    TRY(outside_need(ask, VERB_READ_SHARING));
    TRY(ask_number(ask, S("partner"), INT64_MAX, 0, &partner));
    return write_page(ask, (int64_t)partner);
}

/* ---- Forms ---- */

static struct err page_again_from_start(struct ask *ask)
{
    return write_page(ask, 0);
}

/* What would be asked of whom, once more, before it is. */
static struct err confirm(struct ask *ask, int64_t partner, slice id, slice reason)
{
    struct outside outside = outside_begin(ask, 4 * OUTSIDE_LINE);
    struct released *rows;
    size_t count;
    TRY(store_released_of_id(ask->db, partner, id, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("confirm"));
    json_write_object(&ask->json);
    outside_write(&outside, S("id"), id, OBJECT_ID_MAX);
    json_write_key_u64(&ask->json, S("partner"), (uint64_t)partner);
    outside_write(&outside, S("reason"), reason, SHARED_REASON_MAX);
    page_count(ask, S("count"), count);
    page_flag(ask, S("any"), count > 0);
    json_write_end(&ask->json);
    return write_page(ask, partner);
}

struct err web_recall(struct ask *ask)
{
    slice id = slice_trim(ask_form(ask, S("id"))), reason, typed = ask_form(ask, S("partner"));
    uint64_t partner = 0;
    size_t count;
    struct err err = shared_reason(ask, &reason);
    if (err.kind == ERR_NONE && !outside_is_id(id))
        err = err_make(ERR_INPUT, W_C("which object? Its id is needed"));
    if (err.kind == ERR_NONE && typed.len > 0 && !slice_u64(typed, INT64_MAX, &partner))
        err = err_make(ERR_INPUT, "partner is a number");
    if (err.kind == ERR_NONE && !slice_eq(ask_form(ask, S("confirm")), S("yes")))
        return confirm(ask, (int64_t)partner, id, reason);
    if (err.kind == ERR_NONE)
        err = share_recall(ask->db, &ask->who.actor, (int64_t)partner, id, reason, ask->arena, &count);
    const struct shared_form form = {"/releases", "recalled", NULL, NULL, page_again_from_start};
    return shared_end(ask, &form, err);
}

struct err web_recall_heard(struct ask *ask)
{
    int64_t number;
    TRY(ask_part_number(ask, 0, &number));
    struct err err = share_recall_agree(ask->db, &ask->who.actor, number, ask->arena);
    const struct shared_form form = {"/releases", "saved", NULL, NULL, page_again_from_start};
    return shared_end(ask, &form, err);
}
