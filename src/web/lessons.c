/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lessons: what closed incidents taught. What was shared everybody who is let in reads, in the own language; who works
 * on incidents also sees those that are being written, writes them, reads what another wrote, and proposes to share it.
 */
#include "case/lesson.h"

#include "base/arena.h"
#include "stix/marks.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/row.h"
#include "web/shared.h"

#define ROWS 40
#define QUERY_MAX 200 /* bytes of what is searched for */

/* ---- What is common ---- */

static const struct {
    const char *text, *look;
} states[LESSON_STATES] = {
        [LESSON_DRAFT] = {W_C("draft"), "warn"},
        [LESSON_REVIEWED] = {W_C("read by a second person"), ""},
        [LESSON_AGREED] = {W_C("is being shared"), ""},
        [LESSON_SHARED] = {W_C("shared"), "good"},
};

static void write_head(struct outside *outside, const struct lesson *row)
{
    struct ask *ask = outside->ask;
    enum stix_tlp tlp = TLP_NONE;
    (void)stix_tlp_find(row->marking, &tlp);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)row->number);
    json_write_key_text(&ask->json, S("state"), slice_of(store_lesson_state_name(row->state)));
    json_write_key_text(&ask->json, S("state_text"), ask_text(ask, slice_of(states[row->state].text)));
    json_write_key_text(&ask->json, S("look"), slice_of(states[row->state].look));
    row_write_tlp(ask, tlp);
    page_moment(ask, S("changed"), row->changed_us);
}

static bool works(const struct ask *ask)
{
    return outside_may(ask, VERB_WORK_INCIDENTS);
}

/* ---- The list ---- */

static struct err rows_read(struct ask *ask, slice query, int64_t before, struct lesson **rows, size_t *count)
{
    bool all = case_lesson_sees_any(&ask->who.actor, ask->arena);
    enum lesson_state state = all ? LESSON_STATES : LESSON_SHARED;
    if (query.len > 0)
        return store_lesson_search(ask->db, query, state, before, ROWS, ask->arena, rows, count);
    return all ? store_lesson_latest(ask->db, before, ROWS, ask->arena, rows, count)
               : store_lesson_of_state(ask->db, state, before, ROWS, ask->arena, rows, count);
}

/* Behind which number it goes on, with what was searched for. */
static void write_more(struct ask *ask, slice query, const struct lesson *rows, size_t count)
{
    struct buf path = buf_make(8 * QUERY_MAX + 100);
    json_write_key(&ask->json, S("more"));
    if (count < ROWS) {
        json_write_null(&ask->json);
        return;
    }
    buf_printf(&path, "/lessons?before=%lld", (long long)rows[count - 1].number);
    outside_query(&path, S("q"), query);
    json_write_text(&ask->json, buf_slice(&path));
    buf_free(&path);
}

struct err web_lessons(struct ask *ask)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct lesson *rows;
    slice query;
    uint64_t before;
    size_t count, shown = 0;
    TRY(outside_asked(ask, S("q"), QUERY_MAX, &query));
    TRY(ask_number(ask, S("before"), INT64_MAX, INT64_MAX, &before));
    TRY(rows_read(ask, query, (int64_t)before, &rows, &count));
    page_title(ask, ask_text(ask, W("Lessons")));
    outside_write(&outside, S("query"), query, QUERY_MAX);
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        bool sees;
        TRY(case_lesson_sees(ask->db, &ask->who.actor, &rows[i], ask->arena, &sees));
        if (!sees)
            continue;
        json_write_object(&ask->json);
        write_head(&outside, &rows[i]);
        outside_write(&outside, S("title"), rows[i].said[ask->language].title, OUTSIDE_NAME);
        json_write_end(&ask->json);
        shown++;
    }
    json_write_end(&ask->json);
    page_flag(ask, S("empty"), shown == 0);
    write_more(ask, query, rows, count);
    return OK;
}

/* ---- One ---- */

/* Paragraphs stand between empty lines; the first line of several, without a full stop, is what they are about. */
static void write_paragraph(struct ask *ask, slice paragraph)
{
    slice line = slice_part(paragraph, 0, slice_find(paragraph, '\n'));
    bool heading = line.len < paragraph.len && !slice_ends(line, S("."));
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("heading"), heading ? line : S(""));
    json_write_key(&ask->json, S("lines"));
    json_write_array(&ask->json);
    slice rest = heading ? slice_from(paragraph, line.len + 1) : paragraph;
    while (rest.len > 0 && slice_next(&rest, '\n', &line))
        json_write_text(&ask->json, line);
    json_write_end(&ask->json);
    json_write_end(&ask->json);
}

/* Whole: it was checked when it was written, and has its own ceiling. */
static void write_text(struct ask *ask, slice text)
{
    json_write_key(&ask->json, S("paragraphs"));
    json_write_array(&ask->json);
    while (text.len > 0) {
        size_t end = slice_find_slice(text, S("\n\n"));
        slice paragraph = slice_trim(slice_part(text, 0, end));
        if (paragraph.len > 0)
            write_paragraph(ask, paragraph);
        text = slice_from(text, end == text.len ? end : end + 2);
    }
    json_write_end(&ask->json);
}

static void write_languages(struct ask *ask, const struct lesson *row)
{
    json_write_key(&ask->json, S("languages"));
    json_write_array(&ask->json);
    for (enum language i = 0; i < LANGUAGES; i++) {
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("tag"), slice_of(language_tag(i)));
        json_write_key_text(&ask->json, S("name"), slice_of(language_name(i)));
        json_write_key_text(&ask->json, S("said_title"), row->said[i].title);
        json_write_key_text(&ask->json, S("said_text"), row->said[i].text);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

/* What who works on incidents has of it, and does with it. */
static void write_work(struct ask *ask, const struct lesson *row)
{
    struct outside outside = outside_begin(ask, 4 * OUTSIDE_NAME);
    struct sha256 digest = case_lesson_digest(row);
    bool second, shares = store_right_check(&ask->who.actor, VERB_LESSONS, 0, ask->arena, &second).kind == ERR_NONE;
    page_flag(ask, S("may_write"), works(ask) && row->state < LESSON_AGREED);
    page_flag(ask, S("may_read"),
            works(ask) && row->state == LESSON_DRAFT && !case_lesson_wrote(row, ask->who.actor.name));
    page_flag(ask, S("may_share"), shares && row->state == LESSON_REVIEWED);
    if (!works(ask) && !shares)
        return;
    json_write_key_u64(&ask->json, S("incident"), (uint64_t)row->incident);
    outside_write(&outside, S("writer"), row->said[ask->language].writer, OUTSIDE_NAME);
    outside_write(&outside, S("reader"), row->reader, OUTSIDE_NAME);
    json_write_key_hex(&ask->json, S("sha256"), sha256_slice(&digest));
    write_languages(ask, row);
}

struct err web_lesson(struct ask *ask)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct lesson row;
    int64_t number;
    bool sees;
    TRY(ask_part_number(ask, 0, &number));
    TRY(store_lesson_get(ask->db, number, ask->arena, &row));
    TRY(case_lesson_sees(ask->db, &ask->who.actor, &row, ask->arena, &sees));
    if (!sees)
        return err_make(ERR_MISSING, "there is no such lesson");
    page_title(ask, row.said[ask->language].title);
    write_head(&outside, &row);
    write_text(ask, row.said[ask->language].text);
    write_work(ask, &row);
    return OK;
}

/* ---- What is done ---- */

struct doing {
    struct ask *ask;
    int64_t number;
    enum language language;
    struct lesson_said said;
    struct sha256 shown;
    struct err (*verb)(struct work *work, struct doing *doing);
};

static struct err doing_do(struct work *work, void *context)
{
    struct doing *doing = context;
    return doing->verb(work, doing);
}

/* Does it, and goes on to the lesson. */
static struct err done(struct doing *doing, struct err err, struct err (*page)(struct ask *ask))
{
    struct ask *ask = doing->ask;
    if (err.kind == ERR_NONE)
        err = store_work(ask->db, &ask->who.actor, ask->arena, doing_do, doing);
    const struct shared_form form = {outside_path(ask, "/lessons/", doing->number, ""), "saved", NULL, NULL, page};
    return shared_end(ask, &form, err);
}

static struct err draft_verb(struct work *work, struct doing *doing)
{
    int64_t incident;
    TRY(ask_part_number(doing->ask, 0, &incident));
    return case_lesson_draft(work, incident, &doing->number);
}

struct err web_lesson_draft(struct ask *ask)
{
    struct doing doing = {.ask = ask, .verb = draft_verb};
    return done(&doing, OK, web_lessons);
}

static struct err write_verb(struct work *work, struct doing *doing)
{
    return case_lesson_write(work, doing->number, doing->language, &doing->said);
}

/* A browser ends lines with CR LF. */
static slice lines_of(slice text, struct arena *arena)
{
    char *kept = arena_take(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] != '\r')
            kept[len++] = text.ptr[i];
    return (slice){kept, len};
}

struct err web_lesson_write(struct ask *ask)
{
    struct doing doing = {.ask = ask, .verb = write_verb};
    TRY(ask_part_number(ask, 0, &doing.number));
    doing.said =
            (struct lesson_said){slice_trim(ask_form(ask, S("title"))), lines_of(ask_form(ask, S("text")), ask->arena)};
    struct err err = language_find(ask_form(ask, S("language")), &doing.language)
                             ? OK
                             : err_make(ERR_INPUT, W_C("language: en or id"));
    return done(&doing, err, web_lesson);
}

static struct err read_verb(struct work *work, struct doing *doing)
{
    return case_lesson_read(work, doing->number, &doing->shown);
}

struct err web_lesson_review(struct ask *ask)
{
    struct doing doing = {.ask = ask, .verb = read_verb};
    TRY(ask_part_number(ask, 0, &doing.number));
    struct err err = slice_hex(ask_form(ask, S("sha256")), doing.shown.bytes, sizeof doing.shown.bytes)
                             ? OK
                             : err_make(ERR_INPUT, W_C("sha256: of the text that was shown"));
    return done(&doing, err, web_lesson);
}

struct err web_lesson_share(struct ask *ask)
{
    struct share_proposal proposal = {.done = true};
    int64_t number;
    slice reason;
    TRY(ask_part_number(ask, 0, &number));
    const struct shared_form form = {outside_path(ask, "/lessons/", number, ""), "saved", NULL, &proposal, web_lesson};
    struct err err = shared_reason(ask, &reason);
    if (err.kind == ERR_NONE)
        err = case_lesson_share(
                ask->db, &ask->who.actor, number, ask_form(ask, S("marking")), reason, ask->arena, &proposal);
    return shared_end(ask, &form, err);
}
