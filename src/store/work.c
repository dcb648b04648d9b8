/* SPDX-License-Identifier: Apache-2.0 */
#include "store/work.h"

#include "base/arena.h"
#include "base/clock.h"
#include "store/journal.h"
#include "store/ledger.h"
#include "json/write.h"

struct work_news {
    struct work_news *next;
    slice act, subject, detail;
};

struct work_put_off {
    struct work_put_off *before;
    work_later *later;
    int64_t number;
};

struct working {
    const struct actor *actor;
    struct arena *arena;
    work_action *action;
    void *context;
};

static struct err rows_add(struct work *work, const struct journal_row *rows, size_t count)
{
    static const char ADD[] = "INSERT INTO journal (seq, time_us, organisation, actor, act, subject, detail) "
                              "VALUES ($1, $2, $3, $4, $5, $6, $7)";
    enum { WIDTH = 7 };
    struct db_value *values = arena_new(work->arena, struct db_value, count * WIDTH), *value = values;
    TRY(arena_check(work->arena));
    for (const struct journal_row *row = rows; row < rows + count; row++) {
        *value++ = db_i64(row->seq);
        *value++ = db_i64(row->time_us);
        *value++ = db_i64(row->organisation);
        *value++ = db_text(row->actor);
        *value++ = db_text(row->act);
        *value++ = db_text(row->subject);
        *value++ = db_text(row->detail);
    }
    return db_run_many(work->db, ADD, values, WIDTH, count, NULL);
}

/* The last statements before the commit: until then nobody else can take a number that is lower than ours, here or in
 * the private log. */
static struct err news_write(struct work *work)
{
    struct journal_row *rows = arena_new(work->arena, struct journal_row, work->news_count), *row = rows;
    int64_t seq;
    TRY(arena_check(work->arena));
    TRY(store_number(work->db, "journal", work->news_count, &seq));
    for (const struct work_news *news = work->news; news != NULL; news = news->next)
        *row++ = (struct journal_row){seq++, work->now_us, work->actor->organisation, work->actor->name, news->act,
                news->subject, news->detail};
    TRY(rows_add(work, rows, work->news_count));
    TRY(store_ledger_journal(work, rows, work->news_count));
    return store_journal_ring(work->db);
}

static struct err run(struct db *db, void *context)
{
    struct working *working = context;
    struct work work = {
            .db = db, .actor = working->actor, .arena = working->arena, .now_us = clock_now_us(), .news = NULL};
    work.news_end = &work.news;
    TRY(working->action(&work, working->context));
    for (struct work_put_off *at = work.put_off; at != NULL; at = at->before)
        TRY(at->later(&work, at->number));
    return work.news_count > 0 ? news_write(&work) : OK;
}

struct err store_work(struct db *db, const struct actor *actor, struct arena *arena, work_action *action, void *context)
{
    struct working working = {actor, arena, action, context};
    return db_work(db, run, &working);
}

struct err store_work_news(struct work *work, const char *act, slice subject, slice detail)
{
    if (work->news_count == WORK_NEWS_MAX)
        return err_format(work->arena, ERR_LIMIT, "one piece of work has more than %d pieces of news", WORK_NEWS_MAX);
    if (subject.len + detail.len > WORK_DETAIL_MAX)
        return err_format(work->arena, ERR_LIMIT, "news of %s take more than %u bytes", act, WORK_DETAIL_MAX);
    struct work_news *news = arena_new(work->arena, struct work_news, 1);
    news->act = slice_of(act);
    news->subject = arena_copy(work->arena, subject);
    news->detail = arena_copy(work->arena, detail);
    *work->news_end = news;
    work->news_end = &news->next;
    work->news_count++;
    return OK;
}

struct err store_work_later(struct work *work, work_later *later, int64_t number)
{
    for (const struct work_put_off *at = work->put_off; at != NULL; at = at->before)
        if (at->later == later && at->number == number)
            return OK;
    if (work->put_off_count == WORK_NEWS_MAX)
        return err_format(work->arena, ERR_LIMIT, "one piece of work changes more than %d things", WORK_NEWS_MAX);
    struct work_put_off *fresh = arena_new(work->arena, struct work_put_off, 1);
    TRY(arena_check(work->arena));
    *fresh = (struct work_put_off){work->put_off, later, number};
    work->put_off = fresh;
    work->put_off_count++;
    return OK;
}

slice store_work_reason(struct arena *arena, slice reason)
{
    struct buf text = buf_make(WORK_DETAIL_MAX);
    struct json_writer w = json_writer(&text);
    json_write_object(&w);
    json_write_key_text(&w, S("reason"), store_text_keep(arena, reason, STORE_TEXT_MAX));
    json_write_end(&w);
    slice detail = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return detail;
}
