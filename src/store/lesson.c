/* SPDX-License-Identifier: Apache-2.0 */
#include "store/lesson.h"

#include "base/arena.h"
#include "store/page.h"
#include "store/words.h"

#define REPORTERS_MAX 100000 /* texts about who reported one incident */

static const char *const states[LESSON_STATES] = {
        [LESSON_DRAFT] = "draft",
        [LESSON_REVIEWED] = "reviewed",
        [LESSON_AGREED] = "agreed",
        [LESSON_SHARED] = "shared",
};

const char *store_lesson_state_name(enum lesson_state state)
{
    return states[state];
}

/* ---- Rows ---- */

#define COLUMNS                                                                                                        \
    "SELECT number, identity, incident, state, marking, title, text, title_other, text_other, writer, "                \
    "writer_other, reader, changed_us FROM lesson "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct lesson *lesson = row;
    *lesson = (struct lesson){
            .number = db_number(rows, 0),
            .identity = arena_copy(arena, db_slice(rows, 1)),
            .incident = db_number(rows, 2),
            .marking = arena_copy(arena, db_slice(rows, 4)),
            .said = {{arena_copy(arena, db_slice(rows, 5)), arena_copy(arena, db_slice(rows, 6)),
                             arena_copy(arena, db_slice(rows, 9))},
                    {arena_copy(arena, db_slice(rows, 7)), arena_copy(arena, db_slice(rows, 8)),
                            arena_copy(arena, db_slice(rows, 10))}},
            .reader = arena_copy(arena, db_slice(rows, 11)),
            .changed_us = db_number(rows, 12),
    };
    for (enum lesson_state i = 0; i < LESSON_STATES; i++)
        if (slice_eq(db_slice(rows, 3), slice_of(states[i])))
            lesson->state = i;
}

/* ---- Words ---- */

struct cut {
    struct arena *arena;
    struct db_value *values; /* a word and the lesson, for each */
    size_t count, room;
    int64_t lesson;
};

static void word_take(void *context, slice word, bool part)
{
    struct cut *cut = context;
    (void)part;
    if (cut->count == cut->room)
        return;
    cut->values[2 * cut->count] = db_text(arena_copy(cut->arena, word));
    cut->values[2 * cut->count + 1] = db_i64(cut->lesson);
    cut->count++;
}

static struct err words_put(struct work *work, int64_t number, const struct lesson *row)
{
    static const char DROP[] = "DELETE FROM lesson_word WHERE lesson = $1";
    static const char ADD[] = "INSERT INTO lesson_word (word, lesson) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    /* A word has a letter and a gap behind it, or is a sign of three bytes; a word may be cut into parts of itself. */
    struct cut cut = {.arena = work->arena, .room = 2 * LESSON_LANGUAGES * (LESSON_TEXT_MAX + STORE_NAME_MAX)};
    const struct word_sink sink = {&cut, word_take};
    cut.lesson = number;
    cut.values = arena_new(work->arena, struct db_value, 2 * cut.room);
    for (size_t i = 0; i < LESSON_LANGUAGES; i++) {
        words_cut(row->said[i].title, work->arena, &sink);
        words_cut(row->said[i].text, work->arena, &sink);
    }
    TRY(db_run(work->db, DROP, (struct db_value[]){db_i64(number)}, 1, NULL));
    return db_run_many(work->db, ADD, cut.values, 2, cut.count, NULL);
}

/* ---- Changing ---- */

struct err store_lesson_add(struct work *work, const struct lesson *put, int64_t *number)
{
    static const char ADD[] = "INSERT INTO lesson (number, identity, incident, state, marking, title, text, "
                              "title_other, text_other, writer, writer_other, reader, changed_us) VALUES ($1, $2, $3, "
                              "'draft', $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    int64_t fresh;
    TRY(store_number(work->db, "lesson", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_text(put->identity), db_i64(put->incident),
            db_text(put->marking), db_text(put->said[0].title), db_text(put->said[0].text), db_text(put->said[1].title),
            db_text(put->said[1].text), db_text(put->said[0].writer), db_text(put->said[1].writer),
            db_text(put->reader), db_i64(work->now_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    *number = fresh;
    return words_put(work, fresh, put);
}

struct err store_lesson_keep(struct work *work, int64_t number, struct lesson *row)
{
    /* Changes nothing, and makes who changes that row wait for us, and us for them. */
    static const char KEEP[] = "UPDATE lesson SET incident = incident WHERE number = $1";
    TRY(db_run(work->db, KEEP, (struct db_value[]){db_i64(number)}, 1, NULL));
    return store_lesson_get(work->db, number, work->arena, row);
}

struct err store_lesson_change(struct work *work, const struct lesson *row)
{
    static const char CHANGE[] =
            "UPDATE lesson SET state = $2, marking = $3, title = $4, text = $5, title_other = $6, text_other = $7, "
            "writer = $8, writer_other = $9, reader = $10, changed_us = $11 WHERE number = $1";
    const struct db_value values[] = {db_i64(row->number), db_text(slice_of(states[row->state])), db_text(row->marking),
            db_text(row->said[0].title), db_text(row->said[0].text), db_text(row->said[1].title),
            db_text(row->said[1].text), db_text(row->said[0].writer), db_text(row->said[1].writer),
            db_text(row->reader), db_i64(work->now_us)};
    TRY(db_run(work->db, CHANGE, values, COUNT_OF(values), NULL));
    return words_put(work, row->number, row);
}

struct err store_lesson_get(struct db *db, int64_t number, struct arena *arena, struct lesson *row)
{
    static const char GET[] = COLUMNS "WHERE number = $1";
    struct page page = page_of(struct lesson, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, row, "there is no such lesson");
}

struct err store_lesson_of(struct db *db, int64_t incident, struct arena *arena, struct lesson *row)
{
    static const char GET[] = COLUMNS "WHERE incident = $1 ORDER BY number DESC LIMIT 1";
    struct page page = page_of(struct lesson, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(incident)}, 1, arena, row, "that incident has no lesson");
}

/* ---- Lists ---- */

struct err store_lesson_latest(
        struct db *db, int64_t before, size_t count, struct arena *arena, struct lesson **rows, size_t *row_count)
{
    static const char LATEST[] = COLUMNS "WHERE number < $1 ORDER BY number DESC LIMIT $2";
    struct page page = page_of(struct lesson, LATEST, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(before)}, 1, arena, (void **)rows, row_count);
}

struct err store_lesson_of_state(struct db *db, enum lesson_state state, int64_t before, size_t count,
        struct arena *arena, struct lesson **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE state = $1 AND number < $2 ORDER BY number DESC LIMIT $3";
    struct page page = page_of(struct lesson, LIST, row_read, count);
    const struct db_value values[] = {db_text(slice_of(states[state])), db_i64(before)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct asked {
    struct arena *arena;
    slice words[LESSON_WORDS_MAX];
    size_t count;
};

static void word_ask(void *context, slice word, bool part)
{
    struct asked *asked = context;
    bool there = part || asked->count == LESSON_WORDS_MAX;
    for (size_t i = 0; i < asked->count; i++)
        there |= slice_eq(asked->words[i], word);
    if (!there)
        asked->words[asked->count++] = arena_copy(asked->arena, word);
}

#define HAS(word)                                                                                                      \
    "AND (" word " = '' OR EXISTS (SELECT 1 FROM lesson_word w WHERE w.word = " word " AND w.lesson = "                \
    "lesson.number)) "

struct err store_lesson_search(struct db *db, slice text, enum lesson_state state, int64_t before, size_t count,
        struct arena *arena, struct lesson **rows, size_t *row_count)
{
    /* The first word leads: its lessons stand in their order. Without a word there are none. */
    static const char SEARCH[] = COLUMNS "JOIN lesson_word f ON f.lesson = number WHERE f.word = $1 AND f.lesson < $9 "
                                         "AND ($10 = '' OR state = $10) " HAS("$2") HAS("$3") HAS("$4") HAS("$5")
                                                 HAS("$6") HAS("$7") HAS("$8") "ORDER BY f.lesson DESC LIMIT $11";
    struct asked asked = {.arena = arena};
    struct page page = page_of(struct lesson, SEARCH, row_read, count);
    struct db_value values[LESSON_WORDS_MAX + 2];
    words_cut(text, arena, &(struct word_sink){&asked, word_ask});
    for (size_t i = 0; i < LESSON_WORDS_MAX; i++)
        values[i] = db_text(asked.words[i]);
    values[LESSON_WORDS_MAX] = db_i64(before);
    values[LESSON_WORDS_MAX + 1] = db_text(state < LESSON_STATES ? slice_of(states[state]) : S(""));
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

/* ---- Who may not be named ---- */

static void text_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(slice *)row = arena_copy(arena, db_slice(rows, 0));
}

struct err store_lesson_reporters(struct db *db, int64_t incident, struct arena *arena, slice **texts, size_t *count)
{
    static const char LIST[] =
            "SELECT p.name FROM report r JOIN report_person p ON p.report = r.number WHERE r.incident = $1 UNION ALL "
            "SELECT p.mail FROM report r JOIN report_person p ON p.report = r.number WHERE r.incident = $1 UNION ALL "
            "SELECT p.phone FROM report r JOIN report_person p ON p.report = r.number WHERE r.incident = $1 UNION ALL "
            "SELECT p.account FROM report r JOIN report_post p ON p.report = r.number WHERE r.incident = $1 UNION ALL "
            "SELECT l.sender FROM report r JOIN letter l ON l.report = r.number WHERE r.incident = $1 LIMIT $2";
    struct page page = page_of(slice, LIST, text_read, REPORTERS_MAX);
    return page_read_whole(db, &page, (struct db_value[]){db_i64(incident)}, 1, arena, (void **)texts, count);
}
