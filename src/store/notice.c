/* SPDX-License-Identifier: Apache-2.0 */
#include "store/notice.h"

#include "base/arena.h"
#include "base/base32.h"
#include "base/buf.h"
#include "base/hash.h"
#include "store/page.h"

#define ATTEMPTS_TOLD 200 /* of one notice */

#define COLUMNS                                                                                                        \
    "SELECT number, organisation, contact, channel, kind, language, reference, length(message), state, uncertain, "    \
    "attempts, next_us, made_us, sent_us, answered_us, why, address FROM notice "

static const char *const channels[] = {[NOTICE_MAIL] = "mail", [NOTICE_WEBHOOK] = "webhook"};
static const char *const kinds[] = {
        [NOTICE_OF_WARNING] = "warning",
        [NOTICE_OF_DIGEST] = "digest",
        [NOTICE_OF_REMINDER] = "reminder",
        [NOTICE_OF_ESCALATION] = "escalation",
        [NOTICE_OF_SECTOR] = "sector",
        [NOTICE_OF_SETTLING] = "settling",
        [NOTICE_OF_CORRECTION] = "correction",
        [NOTICE_OF_CONTACT] = "contact",
        [NOTICE_OF_EMERGENCY] = "emergency",
        [NOTICE_OF_DUTY] = "duty",
        [NOTICE_OF_TASK] = "task",
        [NOTICE_OF_LETTER] = "letter",
};
static const char *const states[] = {
        [NOTICE_WAITING] = "waiting",
        [NOTICE_BEGUN] = "begun",
        [NOTICE_SENT] = "sent",
        [NOTICE_DELIVERED] = "delivered",
        [NOTICE_BOUNCED] = "bounced",
        [NOTICE_FAILED] = "failed",
};
static const char *const outcomes[] = {
        [NOTICE_TAKEN] = "taken",
        [NOTICE_REFUSED] = "refused",
        [NOTICE_DEFERRED] = "deferred",
        [NOTICE_UNCERTAIN] = "uncertain",
};

const char *store_notice_channel_name(enum notice_channel channel)
{
    return channels[channel];
}

const char *store_notice_kind_name(enum notice_kind kind)
{
    return kinds[kind];
}

const char *store_notice_state_name(enum notice_state state)
{
    return states[state];
}

const char *store_notice_outcome_name(enum notice_outcome outcome)
{
    return outcomes[outcome];
}

/* The place of a word that we wrote ourselves; `otherwise` for what a later program wrote. */
static size_t place_of(const char *const *words, size_t count, slice word, size_t otherwise)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(word, slice_of(words[i])))
            return i;
    return otherwise;
}

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct notice *)row = (struct notice){
            .number = db_number(rows, 0),
            .organisation = db_number(rows, 1),
            .contact = db_number(rows, 2),
            .channel = (enum notice_channel)place_of(channels, NOTICE_CHANNELS, db_slice(rows, 3), NOTICE_MAIL),
            .kind = (enum notice_kind)place_of(kinds, NOTICE_KINDS, db_slice(rows, 4), NOTICE_OF_WARNING),
            .language = arena_copy(arena, db_slice(rows, 5)),
            .reference = arena_copy(arena, db_slice(rows, 6)),
            .bytes = db_number(rows, 7),
            .state = (enum notice_state)place_of(states, NOTICE_STATES, db_slice(rows, 8), NOTICE_FAILED),
            .uncertain = db_number(rows, 9),
            .attempts = db_number(rows, 10),
            .next_us = db_number(rows, 11),
            .made_us = db_number(rows, 12),
            .sent_us = page_time(rows, 13),
            .answered_us = page_time(rows, 14),
            .why = arena_copy(arena, db_slice(rows, 15)),
            .address = arena_copy(arena, db_slice(rows, 16)),
    };
}

slice store_notice_reference(struct arena *arena)
{
    uint8_t bits[16];
    struct buf text = buf_make(64);
    hash_random(bits, sizeof bits);
    base32_write(&text, (slice){(const char *)bits, sizeof bits});
    slice reference = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return reference;
}

static struct err warnings_add(struct work *work, int64_t number, const struct notice_put *put)
{
    static const char ADD[] = "INSERT INTO notice_warning (notice, warning) VALUES ($1, $2)";
    struct db_value *values = arena_new(work->arena, struct db_value, 2 * put->warning_count);
    for (size_t i = 0; i < put->warning_count; i++) {
        values[2 * i] = db_i64(number);
        values[2 * i + 1] = db_i64(put->warnings[i]);
    }
    return db_run_many(work->db, ADD, values, 2, put->warning_count, NULL);
}

static struct db_value number_or_null(int64_t number)
{
    return number == 0 ? db_null() : db_i64(number);
}

struct err store_notice_add(struct work *work, const struct notice_put *put, int64_t *number)
{
    static const char ADD[] =
            "INSERT INTO notice (number, organisation, contact, channel, kind, language, reference, message, state, "
            "uncertain, attempts, next_us, made_us, why, address) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', "
            "0, 0, $9, $10, '', $11)";
    int64_t fresh;
    if (put->message.len > NOTICE_BYTES_MAX)
        return err_make(ERR_LIMIT, "a notice is larger than 8 MiB");
    if (put->warning_count > NOTICE_WARNINGS_MAX)
        return err_make(ERR_LIMIT, "a notice tells of more than 1000 warnings");
    TRY(store_number(work->db, "notice", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), number_or_null(put->organisation), number_or_null(put->contact),
            db_text(slice_of(channels[put->channel])), db_text(slice_of(kinds[put->kind])), db_text(put->language),
            db_text(put->reference), db_bytes(put->message), db_i64(put->next_us), db_i64(work->now_us),
            db_text(put->address)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    TRY(put->warning_count == 0 ? OK : warnings_add(work, fresh, put));
    *number = fresh;
    return OK;
}

/* ---- Sending ---- */

/* One contact, or address, has one sender at a time: who does not answer keeps one of them, and not all. */
#define IS_NEXT                                                                                                        \
    "WHERE state = 'waiting' AND channel = $1 AND next_us <= $2 AND NOT EXISTS (SELECT 1 FROM notice busy "            \
    "WHERE busy.state = 'begun' AND busy.channel = $1 AND (busy.contact = notice.contact OR "                          \
    "(notice.contact IS NULL AND busy.address = notice.address))) "

struct err store_notice_due(struct db *db, enum notice_channel channel, int64_t now_us, bool *due)
{
    static const char IS_DUE[] = "SELECT CASE WHEN EXISTS (SELECT 1 FROM notice " IS_NEXT ") THEN 1 ELSE 0 END";
    const struct db_value values[] = {db_text(slice_of(channels[channel])), db_i64(now_us)};
    int64_t is;
    TRY(db_one(db, IS_DUE, values, COUNT_OF(values), 0, &is));
    *due = is != 0;
    return OK;
}

#define BEGUN "WHERE state = 'begun' AND channel IN ('mail', 'webhook') AND number BETWEEN $1 AND $2"

struct err store_notice_recover(struct work *work, int64_t from, int64_t to, uint64_t *count)
{
    static const char ATTEMPTS[] = "UPDATE notice_attempt SET outcome = 'uncertain' WHERE outcome = '' AND notice IN "
                                   "(SELECT number FROM notice " BEGUN ")";
    static const char NOTICES[] = "UPDATE notice SET state = 'waiting', uncertain = uncertain + 1, next_us = $3 " BEGUN;
    const struct db_value values[] = {db_i64(from), db_i64(to), db_i64(work->now_us)};
    TRY(db_run(work->db, ATTEMPTS, values, 2, NULL));
    return db_run(work->db, NOTICES, values, COUNT_OF(values), count);
}

struct err store_notice_next(struct work *work, enum notice_channel channel, struct notice *notice)
{
    static const char NEXT[] = COLUMNS IS_NEXT "ORDER BY next_us, number LIMIT 1";
    struct page page = page_of(struct notice, NEXT, row_read, 1);
    const struct db_value values[] = {db_text(slice_of(channels[channel])), db_i64(work->now_us)};
    return page_get(work->db, &page, values, COUNT_OF(values), work->arena, notice, "no notice is due");
}

struct err store_notice_postpone(struct work *work, int64_t number, int64_t next_us)
{
    static const char LATER[] = "UPDATE notice SET next_us = $2 WHERE number = $1 AND state = 'waiting'";
    return db_run(work->db, LATER, (struct db_value[]){db_i64(number), db_i64(next_us)}, 2, NULL);
}

/* A contact, or the address of a letter. */
static struct db_value whom(const struct notice *notice)
{
    return notice->contact == 0 ? db_text(notice->address) : db_i64(notice->contact);
}

struct err store_notice_rest(struct work *work, const struct notice *notice, int64_t until_us)
{
    static const char REST[] = "UPDATE notice SET next_us = $3 WHERE contact = $1 AND channel = $2 AND "
                               "state = 'waiting' AND next_us < $3";
    static const char LETTERS[] = "UPDATE notice SET next_us = $3 WHERE address = $1 AND address <> '' AND "
                                  "channel = $2 AND state = 'waiting' AND next_us < $3";
    const struct db_value values[] = {whom(notice), db_text(slice_of(channels[notice->channel])), db_i64(until_us)};
    return db_run(work->db, notice->contact == 0 ? LETTERS : REST, values, COUNT_OF(values), NULL);
}

/* The state is asked for where it is changed: of two who chose the same one, the later finds it begun. */
struct err store_notice_begin(struct work *work, int64_t number)
{
    static const char BEGIN[] =
            "UPDATE notice SET state = 'begun', attempts = attempts + 1 WHERE number = $1 AND state = 'waiting'";
    static const char ATTEMPT[] = "INSERT INTO notice_attempt (notice, attempt, begun_us, outcome, answer) "
                                  "SELECT number, attempts, $2, '', '' FROM notice WHERE number = $1";
    const struct db_value values[] = {db_i64(number), db_i64(work->now_us)};
    uint64_t changed;
    TRY(db_run(work->db, BEGIN, values, 1, &changed));
    if (changed == 0)
        return err_make(ERR_CONFLICT, "the notice does not wait to be sent");
    return db_run(work->db, ATTEMPT, values, COUNT_OF(values), NULL);
}

static struct err attempt_end(struct work *work, int64_t number, const struct notice_end *end, slice answer)
{
    static const char END[] = "UPDATE notice_attempt SET ended_us = $2, outcome = $3, answer = $4 WHERE notice = $1 "
                              "AND outcome = ''";
    bool known = end->outcome != NOTICE_UNCERTAIN;
    const struct db_value values[] = {db_i64(number), known ? db_i64(work->now_us) : db_null(),
            db_text(slice_of(outcomes[end->outcome])), db_text(answer)};
    return db_run(work->db, END, values, COUNT_OF(values), NULL);
}

struct err store_notice_end(struct work *work, int64_t number, const struct notice_end *end)
{
    static const char END[] = "UPDATE notice SET state = $2, next_us = $3, why = $4, sent_us = COALESCE($5, sent_us), "
                              "uncertain = uncertain + $6 WHERE number = $1 AND state = 'begun'";
    slice answer = store_text_keep(work->arena, end->answer, NOTICE_ANSWER_MAX);
    const struct db_value values[] = {db_i64(number), db_text(slice_of(states[end->state])), db_i64(end->next_us),
            db_text(end->outcome == NOTICE_TAKEN ? S("") : answer),
            end->state == NOTICE_SENT ? db_i64(work->now_us) : db_null(), db_i64(end->outcome == NOTICE_UNCERTAIN)};
    uint64_t changed;
    TRY(db_run(work->db, END, values, COUNT_OF(values), &changed));
    if (changed == 0)
        return err_make(ERR_CONFLICT, "no attempt to send the notice was begun");
    return attempt_end(work, number, end, answer);
}

struct err store_notice_sent_since(struct db *db, const struct notice *notice, int64_t since_us, int64_t *count)
{
    static const char SENT[] = "SELECT count(*) FROM notice WHERE contact = $1 AND sent_us > $2";
    static const char LETTERS[] = "SELECT count(*) FROM notice WHERE address = $1 AND address <> '' AND sent_us > $2";
    const struct db_value values[] = {whom(notice), db_i64(since_us)};
    return db_one(db, notice->contact == 0 ? LETTERS : SENT, values, COUNT_OF(values), 0, count);
}

struct err store_notice_letters_since(struct db *db, slice address, int64_t since_us, int64_t *count)
{
    static const char MADE[] = "SELECT count(*) FROM notice WHERE address = $1 AND address <> '' AND made_us > $2";
    return db_one(db, MADE, (struct db_value[]){db_text(address), db_i64(since_us)}, 2, 0, count);
}

struct err store_notice_forget(struct work *work, int64_t number)
{
    static const char FORGET[] =
            "UPDATE notice SET message = $2, address = '', why = '', state = CASE WHEN state = 'waiting' THEN 'failed' "
            "ELSE state END WHERE number = $1 AND kind = 'letter'";
    static const char ANSWERS[] = "UPDATE notice_attempt SET answer = '' WHERE notice = $1";
    const struct db_value values[] = {db_i64(number), db_bytes(S(""))};
    TRY(db_run(work->db, FORGET, values, COUNT_OF(values), NULL));
    return db_run(work->db, ANSWERS, values, 1, NULL);
}

struct err store_notice_all_since(struct db *db, enum notice_channel channel, int64_t since_us, int64_t *count)
{
    static const char SENT[] =
            "SELECT count(*) FROM notice WHERE sent_us IS NOT NULL AND sent_us > $2 AND channel = $1";
    const struct db_value values[] = {db_text(slice_of(channels[channel])), db_i64(since_us)};
    return db_one(db, SENT, values, COUNT_OF(values), 0, count);
}

/* ---- What became of it ---- */

struct err store_notice_heard(struct work *work, int64_t number, enum notice_state state, slice why)
{
    static const char HEARD[] =
            "UPDATE notice SET state = $2, why = $3 WHERE number = $1 AND state NOT IN ('bounced', 'failed')";
    const struct db_value values[] = {db_i64(number), db_text(slice_of(states[state])),
            db_text(store_text_keep(work->arena, why, NOTICE_ANSWER_MAX))};
    return db_run(work->db, HEARD, values, COUNT_OF(values), NULL);
}

struct err store_notice_answered(struct work *work, int64_t number)
{
    static const char ANSWERED[] = "UPDATE notice SET answered_us = $2 WHERE number = $1 AND answered_us IS NULL";
    return db_run(work->db, ANSWERED, (struct db_value[]){db_i64(number), db_i64(work->now_us)}, 2, NULL);
}

/* ---- Reading ---- */

struct err store_notice_get(struct db *db, int64_t number, struct arena *arena, struct notice *notice)
{
    static const char GET[] = COLUMNS "WHERE number = $1";
    struct page page = page_of(struct notice, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, notice, "there is no such notice");
}

struct err store_notice_find(struct db *db, slice reference, struct arena *arena, struct notice *notice)
{
    static const char FIND[] = COLUMNS "WHERE reference = $1";
    char upper[NOTICE_REFERENCE_CHARACTERS];
    struct page page = page_of(struct notice, FIND, row_read, 1);
    if (reference.len != sizeof upper)
        return err_make(ERR_MISSING, "there is no notice of that reference");
    for (size_t i = 0; i < sizeof upper; i++)
        upper[i] = reference.ptr[i] >= 'a' && reference.ptr[i] <= 'z' ? (char)(reference.ptr[i] & ~0x20)
                                                                      : reference.ptr[i];
    slice wanted = store_text_keep(arena, (slice){upper, sizeof upper}, sizeof upper);
    return page_get(
            db, &page, (struct db_value[]){db_text(wanted)}, 1, arena, notice, "there is no notice of that reference");
}

struct text {
    slice text;
};

static void text_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    ((struct text *)row)->text = arena_copy(arena, db_slice(rows, 0));
}

struct err store_notice_message(struct db *db, int64_t number, struct arena *arena, slice *message)
{
    static const char MESSAGE[] = "SELECT message FROM notice WHERE number = $1";
    struct page page = page_of(struct text, MESSAGE, text_read, 1);
    struct text text;
    TRY(page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, &text, "there is no such notice"));
    *message = text.text;
    return OK;
}

static void number_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    (void)arena;
    *(int64_t *)row = db_number(rows, 0);
}

struct err store_notice_warnings(struct db *db, int64_t number, struct arena *arena, int64_t **warnings, size_t *count)
{
    static const char WARNINGS[] = "SELECT warning FROM notice_warning WHERE notice = $1 ORDER BY warning LIMIT $2";
    struct page page = page_of(int64_t, WARNINGS, number_read, NOTICE_WARNINGS_MAX);
    return page_read(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, (void **)warnings, count);
}

static void attempt_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct notice_attempt *)row = (struct notice_attempt){
            .attempt = db_number(rows, 0),
            .begun_us = db_number(rows, 1),
            .ended_us = page_time(rows, 2),
            .outcome = (enum notice_outcome)place_of(outcomes, NOTICE_OUTCOMES, db_slice(rows, 3), NOTICE_UNCERTAIN),
            .answer = arena_copy(arena, db_slice(rows, 4)),
    };
}

struct err store_notice_attempts(
        struct db *db, int64_t number, struct arena *arena, struct notice_attempt **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT attempt, begun_us, ended_us, outcome, answer FROM notice_attempt "
                               "WHERE notice = $1 ORDER BY attempt LIMIT $2";
    struct page page = page_of(struct notice_attempt, LIST, attempt_read, ATTEMPTS_TOLD);
    return page_read(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, (void **)rows, row_count);
}

struct err store_notice_unanswered(struct db *db, int64_t number, int64_t *count)
{
    static const char COUNT[] = "SELECT count(*) FROM notice_warning nw JOIN warning w ON w.number = nw.warning "
                                "WHERE nw.notice = $1 AND w.state IN ('drafted', 'approved', 'sent', 'delivered')";
    return db_one(db, COUNT, (struct db_value[]){db_i64(number)}, 1, 0, count);
}

struct err store_notice_latest(struct db *db, int64_t organisation, int64_t before, size_t count, struct arena *arena,
        struct notice **rows, size_t *row_count)
{
    static const char ALL[] = COLUMNS "WHERE number < $1 ORDER BY number DESC LIMIT $2";
    static const char OF[] = COLUMNS "WHERE organisation = $1 AND number < $2 ORDER BY number DESC LIMIT $3";
    struct page page = page_of(struct notice, organisation == 0 ? ALL : OF, row_read, count);
    const struct db_value values[] = {db_i64(organisation), db_i64(before)};
    size_t from = organisation == 0;
    return page_read(db, &page, values + from, 2 - from, arena, (void **)rows, row_count);
}

struct err store_notice_also(struct work *work, int64_t number, int64_t warning)
{
    static const char ALSO[] = "INSERT INTO notice_warning (notice, warning) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    return db_run(work->db, ALSO, (struct db_value[]){db_i64(number), db_i64(warning)}, 2, NULL);
}

struct err store_notice_of_warning(struct db *db, int64_t warning, int64_t after, size_t count, struct arena *arena,
        struct notice **rows, size_t *row_count)
{
    static const char OF[] = COLUMNS "JOIN notice_warning w ON w.notice = number WHERE w.warning = $1 AND "
                                     "w.notice > $2 ORDER BY w.notice LIMIT $3";
    struct page page = page_of(struct notice, OF, row_read, count);
    const struct db_value values[] = {db_i64(warning), db_i64(after)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}
