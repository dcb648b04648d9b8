/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "What do I have to do today": the portal of whoever looks after a constituent, often alone, by telephone, and no
 * specialist. A few items in plain words, each with why, how and until when; then what we believe to be theirs, to be
 * confirmed. It shows what was told to them, and nothing that waits, is held, or may never be told.
 */
#include "web/today.h"
#include "base/arena.h"
#include "base/clock.h"
#include "desk/words.h"
#include "web/constituent.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"
#include "web/warned.h"

#define ITEMS 5          /* nobody does more in a day */
#define OPEN_READ 200    /* of which these are chosen */
#define ANSWERED_SHOWN 5 /* what was answered last */
#define DETAIL_ROWS 8    /* of one thing to do, on a telephone; the mail has all */

/* Whether it is theirs to see: a notice of it was written. */
static bool was_told(const struct warning *warning)
{
    return warning->told_us != TIME_NONE;
}

/* Sooner due first, then worse. */
static int by_due(const void *a, const void *b)
{
    const struct warning *left = a, *right = b;
    int64_t due_left = left->due_us == TIME_NONE ? INT64_MAX : left->due_us;
    int64_t due_right = right->due_us == TIME_NONE ? INT64_MAX : right->due_us;
    if (due_left != due_right)
        return due_left < due_right ? -1 : 1;
    return left->severity == right->severity ? 0 : left->severity > right->severity ? -1 : 1;
}

static struct err told_of(struct ask *ask, enum warning_which which, size_t most, struct warning **told, size_t *count)
{
    struct warning *rows;
    size_t row_count;
    TRY(store_warning_latest(
            ask->db, which, ask->who.actor.organisation, INT64_MAX, most, ask->arena, &rows, &row_count));
    *told = rows;
    *count = 0;
    for (size_t i = 0; i < row_count; i++)
        if (was_told(&rows[i])) {
            rows[*count] = rows[i];
            rows[(*count)++].held = S(""); /* why we wait with more is ours */
        }
    return OK;
}

/* ---- What is to be done ---- */

static void write_steps(struct ask *ask, const struct desk_class_words *words)
{
    json_write_key(&ask->json, S("steps"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < DESK_STEPS && words->steps[i] != NULL; i++)
        json_write_text(&ask->json, ask_text(ask, slice_of(words->steps[i])));
    json_write_end(&ask->json);
}

static struct err write_item(struct outside *outside, struct warned_names *names, const struct warning *warning)
{
    struct ask *ask = outside->ask;
    const struct desk_class_words *words = desk_words_of_class(warning->class);
    json_write_object(&ask->json);
    TRY(warned_write(outside, names, warning));
    json_write_key_text(&ask->json, S("what"), ask_text(ask, slice_of(words->called)));
    json_write_key_text(&ask->json, S("why"), ask_text(ask, slice_of(words->why)));
    write_steps(ask, words);
    page_flag(ask, S("is_read"), warning->state == WARNING_ACKNOWLEDGED);
    TRY(warned_met(outside, warning->number, DETAIL_ROWS));
    json_write_end(&ask->json);
    return OK;
}

struct err today_count(struct ask *ask, size_t *count)
{
    struct warning *rows;
    return told_of(ask, WARNING_OPEN, OPEN_READ, &rows, count);
}

static struct err write_items(struct ask *ask)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct warned_names names = {0};
    struct warning *rows;
    size_t count;
    TRY(told_of(ask, WARNING_OPEN, OPEN_READ, &rows, &count));
    qsort(rows, count, sizeof *rows, by_due);
    json_write_key(&ask->json, S("items"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count && i < ITEMS; i++)
        TRY(write_item(&outside, &names, &rows[i]));
    json_write_end(&ask->json);
    page_flag(ask, S("any_item"), count > 0);
    page_count(ask, S("later"), count > ITEMS ? count - ITEMS : 0);
    page_flag(ask, S("any_later"), count > ITEMS);
    return OK;
}

/* ---- What was answered ---- */

static struct err write_answered(struct ask *ask)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct warned_names names = {0};
    struct warning *rows;
    size_t count, shown = 0;
    TRY(told_of(ask, WARNING_ALL, OPEN_READ, &rows, &count));
    json_write_key(&ask->json, S("answered"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count && shown < ANSWERED_SHOWN; i++) {
        if (warning_is_open(&rows[i]))
            continue;
        json_write_object(&ask->json);
        TRY(warned_write(&outside, &names, &rows[i]));
        json_write_end(&ask->json);
        shown++;
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_answered"), shown > 0);
    return OK;
}

/* ---- The page ---- */

struct err web_today(struct ask *ask)
{
    int64_t organisation = ask->who.actor.organisation;
    TRY(outside_need(ask, VERB_ANSWER_WARNINGS));
    page_title(ask, ask_text(ask, W("What do I have to do today?")));
    json_write_key_u64(&ask->json, S("organisation_number"), (uint64_t)organisation);
    TRY(write_items(ask));
    TRY(constituent_contacts(ask, organisation));
    page_flag(ask, S("may_contact"), warned_may(ask, VERB_CHANGE_CONTACTS, organisation));
    TRY(constituent_assets(ask, organisation, 0));
    return write_answered(ask);
}

struct err web_today_answer(struct ask *ask)
{
    struct shared_form form = {.path = "/today", .done = "thanks", .page = web_today};
    struct warning warning;
    enum desk_answer answer;
    slice reason;
    int64_t number;
    TRY(ask_part_number(ask, 0, &number));
    TRY(store_warning_get(ask->db, number, ask->arena, &warning));
    if (warning.organisation != ask->who.actor.organisation || !was_told(&warning))
        return err_make(ERR_MISSING, "there is no such warning");
    struct err err = warned_reason(ask, &reason);
    if (err.kind == ERR_NONE && !desk_answer_find(ask_form(ask, S("act")), &answer))
        err = err_make(ERR_INPUT, W_C("what is the answer? act says it: acknowledged, done, not-mine or noise"));
    if (err.kind == ERR_NONE)
        err = warned_answer(ask, number, answer, reason);
    return shared_end(ask, &form, err);
}
