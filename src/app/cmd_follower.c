/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan follower: what follows the journal of a node, and the rows that it could not do: again, or given up. */
#include <inttypes.h>

#include "app/local.h"
#include "app/options.h"
#include "base/clock.h"
#include "store/follower.h"
#include "store/right.h"
#include "text/shown.h"
#include "json/write.h"

#define ROW_MAX (64u << 10)
#define PARKED_PAGE 200

/* ---- What is shown ---- */

static void put_state(struct buf *buf, const struct command_line *line, const struct follower_state *state)
{
    if (!command_flag(line, "json")) {
        buf_printf(buf, "%.*s\t%" PRId64 "\t%" PRId64 " behind\t%" PRId64 " parked", (int)state->name.len,
                state->name.ptr, state->seq, state->behind, state->parked);
        return;
    }
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    json_write_key_text(&w, S("follower"), state->name);
    json_write_key_u64(&w, S("seq"), (uint64_t)state->seq);
    json_write_key_u64(&w, S("behind"), (uint64_t)state->behind);
    json_write_key_u64(&w, S("parked"), (uint64_t)state->parked);
    json_write_end(&w);
}

static void put_parked(struct buf *buf, const struct command_line *line, const struct parked *row)
{
    if (!command_flag(line, "json")) {
        buf_printf(buf, "%.*s\t%" PRId64 "\t%.*s\t%.*s\t%s\t", (int)row->follower.len, row->follower.ptr, row->seq,
                (int)row->act.len, row->act.ptr, (int)row->subject.len, row->subject.ptr, row->again ? "again" : "-");
        shown_text_write(buf, row->why, false);
        return;
    }
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    json_write_key_text(&w, S("follower"), row->follower);
    json_write_key_u64(&w, S("seq"), (uint64_t)row->seq);
    json_write_key_text(&w, S("act"), row->act);
    json_write_key_text(&w, S("subject"), row->subject);
    json_write_key(&w, S("parked"));
    json_write_time(&w, row->parked_us);
    json_write_key(&w, S("again"));
    json_write_bool(&w, row->again);
    json_write_key_text(&w, S("why"), row->why);
    json_write_end(&w);
}

static void print(struct buf *buf)
{
    printf("%.*s\n", (int)buf->len, buf->ptr);
    buf_free(buf);
}

/* ---- Verbs ---- */

static struct err list(const struct command_line *line, struct local *local)
{
    struct follower_state *rows;
    size_t count;
    TRY(store_right_check(&local->actor, VERB_READ_JOURNAL, 0, line->arena, NULL));
    TRY(store_follower_list(local->db, line->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        struct buf buf = buf_make(ROW_MAX);
        put_state(&buf, line, &rows[i]);
        print(&buf);
    }
    return OK;
}

static struct err parked(const struct command_line *line, struct local *local)
{
    slice after = S("");
    int64_t seq = 0;
    TRY(store_right_check(&local->actor, VERB_READ_JOURNAL, 0, line->arena, NULL));
    for (size_t count = PARKED_PAGE; count == PARKED_PAGE;) {
        struct parked *rows;
        TRY(store_parked_list(local->db, after, seq, PARKED_PAGE, line->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            struct buf buf = buf_make(ROW_MAX);
            put_parked(&buf, line, &rows[i]);
            print(&buf);
            after = rows[i].follower;
            seq = rows[i].seq;
        }
    }
    return OK;
}

/* One row that is parked, and what a person wants done with it. */
struct wish {
    slice follower, reason;
    int64_t seq;
};

static struct err wish_of(const struct command_line *line, struct wish *wish)
{
    const char *reason = command_text(line, "reason");
    uint64_t seq;
    wish->follower = slice_of(line->files[1]);
    wish->reason = slice_of(reason == NULL ? "" : reason);
    if (!slice_u64(slice_of(line->files[2]), INT64_MAX, &seq))
        return err_format(line->arena, ERR_INPUT, "%s is no number of a row of the journal, as `follower parked` shows",
                line->files[2]);
    wish->seq = (int64_t)seq;
    return OK;
}

static struct err retry_action(struct work *work, void *context)
{
    const struct wish *wish = context;
    TRY(store_right_check(work->actor, VERB_MEND_FOLLOWERS, 0, work->arena, NULL));
    return store_parked_retry(work, wish->follower, wish->seq);
}

static struct err retry(const struct command_line *line, struct local *local)
{
    struct wish wish;
    TRY(wish_of(line, &wish));
    return store_work(local->db, &local->actor, line->arena, retry_action, &wish);
}

static struct err dismiss_action(struct work *work, void *context)
{
    const struct wish *wish = context;
    TRY(store_right_check(work->actor, VERB_MEND_FOLLOWERS, 0, work->arena, NULL));
    TRY(store_text_check(work->arena, "reason", wish->reason, STORE_TEXT_MAX));
    return store_parked_dismiss(work, wish->follower, wish->seq, wish->reason);
}

static struct err dismiss(const struct command_line *line, struct local *local)
{
    struct wish wish;
    TRY(wish_of(line, &wish));
    if (wish.reason.len == 0)
        return err_make(ERR_INPUT, "why? --reason TEXT: it is never done then");
    return store_work(local->db, &local->actor, line->arena, dismiss_action, &wish);
}

/* ---- The command ---- */

static const struct local_verb verbs[] = {
        {"dismiss", 3, dismiss},
        {"list", 1, list},
        {"parked", 1, parked},
        {"retry", 3, retry},
};

static int follower(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `follower list`, `follower parked`, `follower retry NAME SEQ` or `follower dismiss NAME SEQ "
            "--reason TEXT`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        {0, "reason", "TEXT", "dismiss: why it need not be done"},
        OPTION_JSON,
};

const struct command command_follower = {
        .name = "follower",
        .arguments = "list|parked|retry NAME SEQ|dismiss NAME SEQ",
        .about = "Show what follows the journal, and have done again what it could not do",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = follower,
};
