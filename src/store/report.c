/* SPDX-License-Identifier: Apache-2.0 */
#include "store/report.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/base32.h"
#include "base/hash.h"
#include "store/case_search.h"
#include "store/page.h"

#define REFERENCE_RANDOM 4 /* letters: nobody guesses the thread of another */
#define REFERENCE_MAX 64
#define KEY_MAX 200     /* bytes of a subject's key */
#define KEY_LEAST 10    /* fewer are near to too much */
#define OTHERS_TOLD 100 /* reports with the same value, counted so far */
#define FILES_TRIED 50  /* of a report, for others that have them, too */

static const char *const channels[REPORT_CHANNELS] = {
        [REPORT_BY_MAIL] = "mail",
        [REPORT_BY_FORM] = "form",
        [REPORT_BY_PHONE] = "phone",
        [REPORT_BY_API] = "api",
        [REPORT_OF_EVENT] = "event",
        [REPORT_OF_WARNING] = "warning",
        [REPORT_BY_PARTNER] = "partner",
};
static const char *const states[REPORT_STATES] = {
        [REPORT_RECEIVED] = "received",
        [REPORT_ACKNOWLEDGED] = "acknowledged",
        [REPORT_LINKED] = "linked",
        [REPORT_ANSWERED] = "answered",
        [REPORT_CLOSED] = "closed",
};
static const char *const alikes[ALIKE_STATES] = {
        [ALIKE_PROPOSED] = "proposed", [ALIKE_SAME] = "same", [ALIKE_DIFFERENT] = "different"};

const char *store_report_channel_name(enum report_channel channel)
{
    return channels[channel];
}

bool store_report_channel_find(slice name, enum report_channel *channel)
{
    for (enum report_channel i = 0; i < REPORT_CHANNELS; i++)
        if (slice_eq(name, slice_of(channels[i]))) {
            *channel = i;
            return true;
        }
    return false;
}

const char *store_report_state_name(enum report_state state)
{
    return states[state];
}

bool store_report_state_find(slice name, enum report_state *state)
{
    for (enum report_state i = 0; i < REPORT_STATES; i++)
        if (slice_eq(name, slice_of(states[i]))) {
            *state = i;
            return true;
        }
    return false;
}

const char *store_report_alike_name(enum report_alike_state state)
{
    return alikes[state];
}

/* ---- Rows ---- */

#define ROWS                                                                                                           \
    "SELECT number, reference, channel, state, language, organisation, subject, text, class, class_rule, severity, "   \
    "flags, occurred_us, received_us, receipt_us, answered_us, changed_us, holder, incident, same_as, pile FROM "      \
    "report "
#define WAITING "state IN ('received', 'acknowledged') AND same_as IS NULL "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct report *report = row;
    *report = (struct report){
            .number = db_number(rows, 0),
            .reference = arena_copy(arena, db_slice(rows, 1)),
            .language = arena_copy(arena, db_slice(rows, 4)),
            .organisation = db_number(rows, 5),
            .subject = arena_copy(arena, db_slice(rows, 6)),
            .text = arena_copy(arena, db_slice(rows, 7)),
            .class = arena_copy(arena, db_slice(rows, 8)),
            .class_rule = arena_copy(arena, db_slice(rows, 9)),
            .flags = arena_copy(arena, db_slice(rows, 11)),
            .occurred_us = page_time(rows, 12),
            .received_us = db_number(rows, 13),
            .receipt_us = page_time(rows, 14),
            .answered_us = page_time(rows, 15),
            .changed_us = db_number(rows, 16),
            .holder = db_number(rows, 17),
            .incident = db_number(rows, 18),
            .same_as = db_number(rows, 19),
            .pile = db_number(rows, 20),
    };
    (void)store_report_channel_find(db_slice(rows, 2), &report->channel);
    (void)store_report_state_find(db_slice(rows, 3), &report->state);
    (void)store_severity_find(db_slice(rows, 10), &report->severity);
}

static struct db_value number_or_null(int64_t number)
{
    return number == 0 ? db_null() : db_i64(number);
}

/* ---- Its reference ---- */

static slice reference_make(struct work *work, int64_t number)
{
    uint8_t bits[REFERENCE_RANDOM];
    struct buf random = buf_make(REFERENCE_MAX), time = buf_make(REFERENCE_MAX);
    hash_random(bits, sizeof bits);
    base32_write(&random, (slice){(const char *)bits, sizeof bits});
    time_write(&time, work->now_us);
    const char *reference =
            arena_printf(work->arena, "%.4s-%06" PRId64 "-%.*s", time.ptr, number, REFERENCE_RANDOM, random.ptr);
    buf_free(&random);
    buf_free(&time);
    return slice_of(reference);
}

/* ---- Near subjects ---- */

/* The next word in small letters, without digits and what stands in square brackets; false at the end. */
static bool word_next(slice *rest, char *word, size_t *len)
{
    bool bracket = false;
    *len = 0;
    while (rest->len > 0) {
        char c = byte_lower(rest->ptr[0]);
        bool letter = (c >= 'a' && c <= 'z') || (c & 0x80) != 0;
        bracket = c == '[' || (bracket && c != ']');
        *rest = slice_from(*rest, 1);
        if (letter && !bracket && *len < KEY_MAX)
            word[(*len)++] = c;
        else if (*len > 0)
            return true;
    }
    return *len > 0;
}

/* What mail programs of our languages put before a subject. */
static bool is_prefix(slice word)
{
    static const char *const prefixes[] = {"re", "fw", "fwd", "bls", "trs", "aw", "wg", "\xe5\x9b\x9e\xe5\xa4\x8d",
            "\xe7\xad\x94\xe5\xa4\x8d", "\xe8\xbd\xac\xe5\x8f\x91"};
    for (size_t i = 0; i < COUNT_OF(prefixes); i++)
        if (slice_eq(word, slice_of(prefixes[i])))
            return true;
    return false;
}

/* Two subjects of one key differ by numbers, signs and prefixes only. Empty: one word of a few letters says nothing. */
static slice key_of(slice subject, struct arena *arena)
{
    struct buf key = buf_make(2 * KEY_MAX);
    char word[KEY_MAX];
    size_t len, words = 0;
    bool script = false; /* whose words have no blanks between them */
    while (key.len < KEY_MAX && word_next(&subject, word, &len)) {
        if (words == 0 && is_prefix((slice){word, len}))
            continue;
        buf_put(&key, words++ > 0 ? S(" ") : S(""));
        buf_put(&key, (slice){word, len});
        script = script || (word[0] & 0x80) != 0;
    }
    slice kept = buf_slice(&key);
    kept = kept.len > KEY_MAX ? store_text_keep(arena, kept, KEY_MAX) : arena_copy(arena, kept);
    buf_free(&key);
    return kept.len >= KEY_LEAST && (words > 1 || script) ? kept : S("");
}

/* ---- Writing ---- */

static struct err person_add(struct work *work, int64_t report, const struct report_person *person)
{
    static const char ADD[] = "INSERT INTO report_person (report, name, mail, phone) VALUES ($1, $2, $3, $4)";
    const struct db_value values[] = {
            db_i64(report), db_text(person->name), db_text(person->mail), db_text(person->phone)};
    bool any = person->name.len + person->mail.len + person->phone.len > 0;
    return any ? db_run(work->db, ADD, values, COUNT_OF(values), NULL) : OK;
}

struct err store_report_add(
        struct work *work, const struct report *put, const struct report_person *person, int64_t *number)
{
    static const char ADD[] =
            "INSERT INTO report (number, reference, channel, state, language, organisation, subject, text, class, "
            "class_rule, severity, flags, occurred_us, received_us, receipt_us, answered_us, changed_us, holder, "
            "incident, same_as, subject_key, pile) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
            "$14, "
            "$15, $16, $14, $17, $18, $19, $20, $1)";
    int64_t fresh;
    TRY(store_number(work->db, "report", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_text(reference_make(work, fresh)),
            db_text(slice_of(channels[put->channel])), db_text(slice_of(states[put->state])), db_text(put->language),
            number_or_null(put->organisation), db_text(put->subject), db_text(put->text), db_text(put->class),
            db_text(put->class_rule), db_text(slice_of(store_severity_name(put->severity))), db_text(put->flags),
            page_time_value(put->occurred_us), db_i64(work->now_us), page_time_value(put->receipt_us),
            page_time_value(put->answered_us), number_or_null(put->holder), number_or_null(put->incident),
            number_or_null(put->same_as), db_text(key_of(put->subject, work->arena))};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    TRY(person_add(work, fresh, person));
    *number = fresh;
    return store_case_words(work, CASE_WORDS_REPORT, fresh);
}

struct err store_report_told_by(struct work *work, int64_t report, int64_t organisation)
{
    static const char TOLD[] = "UPDATE report SET organisation = $2, changed_us = $3 WHERE number = $1";
    const struct db_value values[] = {db_i64(report), number_or_null(organisation), db_i64(work->now_us)};
    return db_run(work->db, TOLD, values, COUNT_OF(values), NULL);
}

/* ---- A post ---- */

struct err store_report_post_add(struct work *work, int64_t report, const struct report_post *put)
{
    static const char ADD[] =
            "INSERT INTO report_post (report, url, account, platform, captured_us) VALUES ($1, $2, $3, $4, $5)";
    const struct db_value values[] = {db_i64(report), db_text(put->url), db_text(put->account), db_text(put->platform),
            page_time_value(put->captured_us)};
    return db_run(work->db, ADD, values, COUNT_OF(values), NULL);
}

static void post_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct report_post *)row = (struct report_post){
            .url = arena_copy(arena, db_slice(rows, 0)),
            .account = arena_copy(arena, db_slice(rows, 1)),
            .platform = arena_copy(arena, db_slice(rows, 2)),
            .captured_us = page_time(rows, 3),
    };
}

struct err store_report_post(struct db *db, int64_t report, struct arena *arena, struct report_post *post)
{
    static const char GET[] = "SELECT url, account, platform, captured_us FROM report_post WHERE report = $1";
    struct page page = page_of(struct report_post, GET, post_read, 1);
    *post = (struct report_post){S(""), S(""), S(""), TIME_NONE};
    struct err err = page_get(db, &page, (struct db_value[]){db_i64(report)}, 1, arena, post, "");
    return err.kind == ERR_MISSING ? OK : err;
}

/* ---- Changing ---- */

struct err store_report_keep(struct work *work, int64_t number, struct report *row)
{
    /* Changes nothing, and makes who changes that row wait for us, and us for them. */
    static const char KEEP[] = "UPDATE report SET state = state WHERE number = $1";
    TRY(db_run(work->db, KEEP, (struct db_value[]){db_i64(number)}, 1, NULL));
    return store_report_get(work->db, number, work->arena, row);
}

struct err store_report_change(struct work *work, const struct report *row)
{
    static const char CHANGE[] =
            "UPDATE report SET changed_us = $2, state = $3, language = $4, class = $5, class_rule = $6, severity = $7, "
            "flags = $8, receipt_us = $9, answered_us = $10, holder = $11, incident = $12, same_as = $13 "
            "WHERE number = $1";
    const struct db_value values[] = {db_i64(row->number), db_i64(work->now_us), db_text(slice_of(states[row->state])),
            db_text(row->language), db_text(row->class), db_text(row->class_rule),
            db_text(slice_of(store_severity_name(row->severity))), db_text(row->flags),
            page_time_value(row->receipt_us), page_time_value(row->answered_us), number_or_null(row->holder),
            number_or_null(row->incident), number_or_null(row->same_as)};
    TRY(store_case_words(work, CASE_WORDS_REPORT, row->number));
    return db_run(work->db, CHANGE, values, COUNT_OF(values), NULL);
}

struct err store_report_get(struct db *db, int64_t number, struct arena *arena, struct report *row)
{
    static const char GET[] = ROWS "WHERE number = $1";
    struct page page = page_of(struct report, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, row, "there is no such report");
}

struct err store_report_find(struct db *db, slice reference, struct arena *arena, struct report *row)
{
    static const char FIND[] = ROWS "WHERE reference = $1";
    char upper[REFERENCE_MAX];
    struct page page = page_of(struct report, FIND, row_read, 1);
    if (reference.len > sizeof upper)
        return err_make(ERR_MISSING, "there is no report of that reference");
    for (size_t i = 0; i < reference.len; i++) {
        char c = reference.ptr[i];
        upper[i] = c >= 'a' && c <= 'z' ? (char)(c & ~0x20) : c;
    }
    const struct db_value values[] = {db_text((slice){upper, reference.len})};
    return page_get(db, &page, values, 1, arena, row, "there is no report of that reference");
}

/* ---- Lists ---- */

static struct err list(struct db *db, const char *sql, const struct db_value *values, size_t value_count, size_t count,
        struct arena *arena, struct report **rows, size_t *row_count)
{
    struct page page = page_of(struct report, sql, row_read, count);
    return page_read(db, &page, values, value_count, arena, (void **)rows, row_count);
}

struct err store_report_latest(struct db *db, enum report_which which, int64_t before, size_t count,
        struct arena *arena, struct report **rows, size_t *row_count)
{
    static const char ALL[] = ROWS "WHERE number < $1 ORDER BY number DESC LIMIT $2";
    static const char OPEN[] = ROWS "WHERE number < $1 AND " WAITING "ORDER BY number DESC LIMIT $2";
    static const char *const texts[REPORT_WHICHES] = {[REPORT_ALL] = ALL, [REPORT_WAITING] = OPEN};
    return list(db, texts[which], (struct db_value[]){db_i64(before)}, 1, count, arena, rows, row_count);
}

struct err store_report_queue(struct db *db, int64_t received_us, int64_t after, size_t count, struct arena *arena,
        struct report **rows, size_t *row_count)
{
    static const char LIST[] =
            ROWS "WHERE " WAITING "AND (received_us, number) > ($1, $2) ORDER BY received_us, number LIMIT $3";
    const struct db_value values[] = {db_i64(received_us), db_i64(after)};
    return list(db, LIST, values, COUNT_OF(values), count, arena, rows, row_count);
}

static void number_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    (void)arena;
    *(int64_t *)row = db_number(rows, 0);
}

struct err store_report_piles(
        struct db *db, int64_t after, size_t count, struct arena *arena, int64_t **piles, size_t *pile_count)
{
    /* From each pile to the next one by the index: one that holds ten thousand is no longer a way than one of one. */
    static const char LIST[] =
            "WITH RECURSIVE step (pile) AS (SELECT (SELECT MIN(pile) FROM report WHERE " WAITING "AND pile > $1) "
            "UNION ALL SELECT (SELECT MIN(r.pile) FROM report r WHERE " WAITING "AND r.pile > step.pile) FROM step "
            "WHERE step.pile IS NOT NULL) SELECT pile FROM step WHERE pile IS NOT NULL LIMIT $2";
    struct page page = page_of(int64_t, LIST, number_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(after)}, 1, arena, (void **)piles, pile_count);
}

#define OF_PILE                                                                                                        \
    "WHERE " WAITING "AND pile = $1 AND number > $2 AND ($3 = 1 OR holder = $4 OR flags NOT LIKE '%restricted%') "

struct err store_report_of_pile(struct db *db, int64_t pile, const struct report_sight *sight, int64_t after,
        size_t count, struct arena *arena, struct report **rows, size_t *row_count)
{
    static const char LIST[] = ROWS OF_PILE "ORDER BY number LIMIT $5";
    const struct db_value values[] = {db_i64(pile), db_i64(after), db_i64(sight->restricted), db_i64(sight->person)};
    return list(db, LIST, values, COUNT_OF(values), count, arena, rows, row_count);
}

struct err store_report_pile_count(
        struct db *db, int64_t pile, const struct report_sight *sight, struct arena *arena, size_t *count)
{
    static const char LIST[] = "SELECT number FROM report " OF_PILE "ORDER BY number LIMIT $5";
    struct page page = page_of(int64_t, LIST, number_read, STORE_PAGE_MAX);
    const struct db_value values[] = {db_i64(pile), db_i64(0), db_i64(sight->restricted), db_i64(sight->person)};
    int64_t *numbers;
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)&numbers, count);
}

struct err store_report_of_holder(struct db *db, int64_t person, int64_t after, size_t count, struct arena *arena,
        struct report **rows, size_t *row_count)
{
    static const char LIST[] = ROWS "WHERE holder = $1 AND number > $2 AND state <> 'closed' ORDER BY number LIMIT $3";
    const struct db_value values[] = {db_i64(person), db_i64(after)};
    return list(db, LIST, values, COUNT_OF(values), count, arena, rows, row_count);
}

struct err store_report_of_incident(struct db *db, int64_t incident, int64_t after, size_t count, struct arena *arena,
        struct report **rows, size_t *row_count)
{
    static const char LIST[] = ROWS "WHERE incident = $1 AND number > $2 ORDER BY number LIMIT $3";
    const struct db_value values[] = {db_i64(incident), db_i64(after)};
    return list(db, LIST, values, COUNT_OF(values), count, arena, rows, row_count);
}

struct err store_report_of_organisation(struct db *db, int64_t organisation, int64_t before, size_t count,
        struct arena *arena, struct report **rows, size_t *row_count)
{
    static const char LIST[] = ROWS "WHERE organisation = $1 AND number < $2 ORDER BY number DESC LIMIT $3";
    const struct db_value values[] = {db_i64(organisation), db_i64(before)};
    return list(db, LIST, values, COUNT_OF(values), count, arena, rows, row_count);
}

struct err store_report_merged_after(
        struct db *db, int64_t number, int64_t after, struct arena *arena, struct report **rows, size_t *row_count)
{
    static const char LIST[] = ROWS "WHERE same_as = $1 AND number > $2 ORDER BY number LIMIT $3";
    const struct db_value values[] = {db_i64(number), db_i64(after)};
    return list(db, LIST, values, COUNT_OF(values), STORE_PAGE_MAX, arena, rows, row_count);
}

struct err store_report_merged(
        struct db *db, int64_t number, struct arena *arena, struct report **rows, size_t *row_count)
{
    return store_report_merged_after(db, number, 0, arena, rows, row_count);
}

struct err store_report_merged_link(
        struct work *work, int64_t number, int64_t incident, enum report_state state, uint64_t *count)
{
    static const char LINK[] = "UPDATE report SET incident = $2, changed_us = $3, state = CASE WHEN state = 'closed' "
                               "THEN state ELSE $4 END WHERE same_as = $1";
    const struct db_value values[] = {
            db_i64(number), number_or_null(incident), db_i64(work->now_us), db_text(slice_of(states[state]))};
    return db_run(work->db, LINK, values, COUNT_OF(values), count);
}

struct err store_report_merged_move(struct work *work, int64_t number, int64_t into)
{
    static const char MOVE[] = "UPDATE report SET same_as = $2, changed_us = $3 WHERE same_as = $1";
    const struct db_value values[] = {db_i64(number), db_i64(into), db_i64(work->now_us)};
    return db_run(work->db, MOVE, values, COUNT_OF(values), NULL);
}

/* ---- Who told us ---- */

static void person_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct report_person *)row = (struct report_person){
            .name = arena_copy(arena, db_slice(rows, 0)),
            .mail = arena_copy(arena, db_slice(rows, 1)),
            .phone = arena_copy(arena, db_slice(rows, 2)),
    };
}

struct err store_report_person(struct db *db, int64_t report, struct arena *arena, struct report_person *person)
{
    static const char GET[] = "SELECT name, mail, phone FROM report_person WHERE report = $1";
    struct page page = page_of(struct report_person, GET, person_read, 1);
    struct err err = page_get(db, &page, (struct db_value[]){db_i64(report)}, 1, arena, person, "nobody is known");
    if (err.kind == ERR_MISSING)
        *person = (struct report_person){S(""), S(""), S("")};
    return err.kind == ERR_MISSING ? OK : err;
}

struct err store_report_person_drop(struct work *work, int64_t report)
{
    static const char DROP[] = "DELETE FROM report_person WHERE report = $1";
    return db_run(work->db, DROP, (struct db_value[]){db_i64(report)}, 1, NULL);
}

struct err store_report_text(struct work *work, int64_t report, slice subject, slice text)
{
    static const char CHANGE[] =
            "UPDATE report SET subject = $2, text = $3, subject_key = $4, changed_us = $5 WHERE number = $1";
    const struct db_value values[] = {db_i64(report), db_text(subject), db_text(text),
            db_text(key_of(subject, work->arena)), db_i64(work->now_us)};
    TRY(store_case_words(work, CASE_WORDS_REPORT, report));
    return db_run(work->db, CHANGE, values, COUNT_OF(values), NULL);
}

/* ---- What was found in it ---- */

struct err store_report_observable_add(struct work *work, int64_t report, slice type, slice value, bool *fresh)
{
    static const char ADD[] =
            "INSERT INTO report_observable (report, type, value) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    const struct db_value values[] = {db_i64(report), db_text(type), db_text(value)};
    uint64_t changed = 0;
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), &changed));
    *fresh = changed > 0;
    return store_case_words(work, CASE_WORDS_REPORT, report);
}

static void observable_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct report_observable *)row = (struct report_observable){
            .type = arena_copy(arena, db_slice(rows, 0)), .value = arena_copy(arena, db_slice(rows, 1))};
}

/* However common a value is, no more is read. */
static struct err others_count(struct db *db, int64_t report, struct arena *arena, struct report_observable *row)
{
    static const char OTHERS[] = "SELECT report FROM report_observable WHERE type = $1 AND value = $2 AND report <> $3 "
                                 "ORDER BY report LIMIT $4";
    struct page page = page_of(int64_t, OTHERS, number_read, OTHERS_TOLD);
    const struct db_value values[] = {db_text(row->type), db_text(row->value), db_i64(report)};
    int64_t *numbers;
    size_t count;
    TRY(page_read(db, &page, values, COUNT_OF(values), arena, (void **)&numbers, &count));
    row->others = (int64_t)count;
    return OK;
}

struct err store_report_observables(
        struct db *db, int64_t report, struct arena *arena, struct report_observable **rows, size_t *row_count)
{
    static const char LIST[] =
            "SELECT type, value FROM report_observable WHERE report = $1 ORDER BY type, value LIMIT $2";
    struct page page = page_of(struct report_observable, LIST, observable_read, REPORT_OBSERVABLES_MAX);
    struct report_observable *list;
    size_t count;
    TRY(page_read(db, &page, (struct db_value[]){db_i64(report)}, 1, arena, (void **)&list, &count));
    for (size_t i = 0; i < count; i++)
        TRY(others_count(db, report, arena, &list[i]));
    *rows = list;
    *row_count = count;
    return OK;
}

/* ---- What may be the same ---- */

struct candidate {
    int64_t report;
    slice why;
};

static void candidate_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct candidate *)row = (struct candidate){db_number(rows, 0), arena_copy(arena, db_slice(rows, 1))};
}

static struct err alike_put(struct work *work, int64_t report, const struct candidate *candidate, size_t *count)
{
    static const char ADD[] = "INSERT INTO report_alike (report, other, why, state) VALUES ($1, $2, $3, 'proposed') "
                              "ON CONFLICT (report, other) DO NOTHING";
    const struct db_value values[] = {db_i64(report), db_i64(candidate->report), db_text(candidate->why)};
    uint64_t changed = 0;
    if (*count < REPORT_ALIKE_MAX)
        TRY(db_run(work->db, ADD, values, COUNT_OF(values), &changed));
    *count += changed;
    return OK;
}

static struct err alike_by(struct work *work, const char *sql, const struct db_value *values, size_t value_count,
        int64_t report, size_t *count)
{
    struct page page = page_of(struct candidate, sql, candidate_read, REPORT_ALIKE_MAX);
    struct candidate *rows;
    size_t row_count = 0;
    if (*count >= REPORT_ALIKE_MAX)
        return OK;
    TRY(page_read(work->db, &page, values, value_count, work->arena, (void **)&rows, &row_count));
    for (size_t i = 0; i < row_count; i++)
        TRY(alike_put(work, report, &rows[i], count));
    return OK;
}

static void digest_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(slice *)row = arena_copy(arena, db_slice(rows, 0));
}

/* Of each value the latest few: however common it is, no more is read. */
static struct err alike_by_value(struct work *work, int64_t report, int64_t from, size_t *count)
{
    static const char FIND[] = "SELECT report, type FROM report_observable WHERE type = $1 AND value = $2 AND "
                               "report > $3 AND report < $4 ORDER BY report DESC LIMIT $5";
    struct report_observable *seen;
    size_t seen_count;
    TRY(store_report_observables(work->db, report, work->arena, &seen, &seen_count));
    for (size_t i = 0; i < seen_count && *count < REPORT_ALIKE_MAX; i++) {
        const struct db_value values[] = {db_text(seen[i].type), db_text(seen[i].value), db_i64(from), db_i64(report)};
        if (seen[i].others > 0)
            TRY(alike_by(work, FIND, values, COUNT_OF(values), report, count));
    }
    return OK;
}

/* Of each file the latest messages that have it, too. */
static struct err alike_by_file(struct work *work, int64_t report, int64_t from, size_t *count)
{
    static const char FILES[] = "SELECT a.digest FROM letter l CROSS JOIN attachment a WHERE l.report = $1 AND "
                                "a.letter = l.number LIMIT $2";
    static const char FIND[] =
            "SELECT l.report, 'attachment' FROM attachment a CROSS JOIN letter l WHERE a.digest = $1 AND "
            "a.letter > COALESCE((SELECT min(number) FROM letter WHERE report = $2), 0) AND l.number = a.letter AND "
            "l.report > $2 AND l.report < $3 ORDER BY a.letter DESC LIMIT $4";
    struct page page = page_of(slice, FILES, digest_read, FILES_TRIED);
    slice *digests;
    size_t digest_count;
    TRY(page_read(
            work->db, &page, (struct db_value[]){db_i64(report)}, 1, work->arena, (void **)&digests, &digest_count));
    for (size_t i = 0; i < digest_count && *count < REPORT_ALIKE_MAX; i++) {
        const struct db_value values[] = {db_bytes(digests[i]), db_i64(from), db_i64(report)};
        TRY(alike_by(work, FIND, values, COUNT_OF(values), report, count));
    }
    return OK;
}

static struct err pile_find(struct work *work, int64_t report)
{
    static const char FIND[] =
            "UPDATE report SET pile = COALESCE((SELECT MIN(r.pile) FROM report_alike a CROSS JOIN report r WHERE "
            "a.report = $1 AND a.state <> 'different' AND r.number = a.other AND r.state IN ('received', "
            "'acknowledged') AND r.same_as IS NULL), number) WHERE number = $1";
    return db_run(work->db, FIND, (struct db_value[]){db_i64(report)}, 1, NULL);
}

/* Reports up to this number are too old to be proposed. */
static struct err old_until(struct work *work, int64_t *number)
{
    static const char LAST[] = "SELECT COALESCE((SELECT number FROM report WHERE received_us < $1 ORDER BY "
                               "received_us DESC LIMIT 1), 0)";
    const struct db_value values[] = {db_i64(work->now_us - REPORT_ALIKE_DAYS * DAY_US)};
    return db_one(work->db, LAST, values, 1, 0, number);
}

struct err store_report_alike_find(struct work *work, int64_t report, size_t *count)
{
    static const char NEAR[] =
            "SELECT r.number, 'subject' FROM report o JOIN report r ON r.subject_key = o.subject_key AND "
            "r.subject_key <> '' WHERE o.number = $1 AND r.number > $2 AND r.number < $1 ORDER BY r.number DESC "
            "LIMIT $3";
    int64_t from;
    *count = 0;
    TRY(old_until(work, &from));
    const struct db_value values[] = {db_i64(report), db_i64(from)};
    TRY(alike_by_file(work, report, from, count));
    TRY(alike_by_value(work, report, from, count));
    TRY(alike_by(work, NEAR, values, COUNT_OF(values), report, count));
    return *count > 0 ? pile_find(work, report) : OK;
}

static void alike_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct report_alike *alike = row;
    *alike = (struct report_alike){.other = db_number(rows, 0), .why = arena_copy(arena, db_slice(rows, 1))};
    for (enum report_alike_state i = 0; i < ALIKE_STATES; i++)
        if (slice_eq(db_slice(rows, 2), slice_of(alikes[i])))
            alike->state = i;
}

struct err store_report_alikes(
        struct db *db, int64_t report, struct arena *arena, struct report_alike **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT other, why, state FROM report_alike WHERE report = $1 UNION ALL "
                               "SELECT report, why, state FROM report_alike WHERE other = $1 LIMIT $2";
    struct page page = page_of(struct report_alike, LIST, alike_read, STORE_PAGE_MAX);
    return page_read(db, &page, (struct db_value[]){db_i64(report)}, 1, arena, (void **)rows, row_count);
}

struct err store_report_alike_say(struct work *work, int64_t report, int64_t other, enum report_alike_state state)
{
    static const char SAY[] = "INSERT INTO report_alike (report, other, why, state) VALUES ($1, $2, 'person', $3) "
                              "ON CONFLICT (report, other) DO UPDATE SET state = excluded.state";
    int64_t later = report > other ? report : other;
    const struct db_value values[] = {
            db_i64(later), db_i64(report > other ? other : report), db_text(slice_of(alikes[state]))};
    TRY(db_run(work->db, SAY, values, COUNT_OF(values), NULL));
    return state == ALIKE_DIFFERENT ? pile_find(work, later) : OK;
}
