/* SPDX-License-Identifier: Apache-2.0 */
#include "app/report_show.h"

#include <inttypes.h>

#include "base/arena.h"
#include "case/report.h"
#include "case/subject.h"
#include "store/notice.h"
#include "store/organisation.h"
#include "store/thread.h"
#include "text/shown.h"
#include "json/write.h"

#define ROW_MAX (64u << 20) /* a thread of a thousand messages */

/* ---- One row ---- */

static void put_end(struct buf *buf)
{
    printf("%.*s\n", (int)buf->len, buf->ptr);
    buf_free(buf);
}

static void number_or_null(struct json_writer *w, slice key, int64_t number)
{
    json_write_key(w, key);
    if (number == 0)
        json_write_null(w);
    else
        json_write_i64(w, number);
}

static void report_write(struct json_writer *w, const struct report *row)
{
    const struct {
        const char *key;
        slice text;
    } texts[] = {{"reference", row->reference}, {"channel", slice_of(store_report_channel_name(row->channel))},
            {"state", slice_of(store_report_state_name(row->state))}, {"language", row->language},
            {"subject", row->subject}, {"class", row->class}, {"class_rule", row->class_rule},
            {"severity", slice_of(store_severity_name(row->severity))}, {"flags", row->flags}};
    const struct {
        const char *key;
        int64_t us;
    } times[] = {{"occurred", row->occurred_us}, {"received", row->received_us}, {"receipt", row->receipt_us},
            {"answered", row->answered_us}, {"changed", row->changed_us}};
    json_write_key_u64(w, S("number"), (uint64_t)row->number);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        json_write_key_text(w, slice_of(texts[i].key), texts[i].text);
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        json_write_key(w, slice_of(times[i].key));
        json_write_time(w, times[i].us);
    }
    number_or_null(w, S("organisation"), row->organisation);
    number_or_null(w, S("holder"), row->holder);
    number_or_null(w, S("incident"), row->incident);
    number_or_null(w, S("same_as"), row->same_as);
}

static void columns_put(struct buf *buf, const slice *columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_byte(buf, '\t');
        shown_text_write(buf, columns[i], false);
    }
}

static slice number_of(int64_t number, struct arena *arena)
{
    return number == 0 ? S("-") : slice_of(arena_printf(arena, "%" PRId64, number));
}

/* The number of what is beside a report; 0 if who asks does not see it. */
static struct err beside(struct local *local, const char *what, struct arena *arena, int64_t *number)
{
    bool seen = false;
    slice subject = slice_of(arena_printf(arena, "%s/%" PRId64, what, *number));
    if (*number != 0)
        TRY(case_subject_seen(local->db, &local->actor, subject, arena, &seen));
    *number = seen ? *number : 0;
    return OK;
}

/* The row without the incident to which it belongs and the report with which it was merged, where these are not seen.
 */
static struct err only_seen(struct local *local, struct arena *arena, struct report *row)
{
    TRY(beside(local, CASE_SUBJECT, arena, &row->incident));
    return beside(local, CASE_REPORT_SUBJECT, arena, &row->same_as);
}

struct err report_show_line(const struct command_line *line, struct local *local, const struct report *whole)
{
    struct report seen = *whole, *row = &seen;
    TRY(only_seen(local, line->arena, row));
    const slice columns[] = {number_of(row->number, line->arena), slice_of(store_report_state_name(row->state)),
            slice_of(store_report_channel_name(row->channel)), slice_of(store_severity_name(row->severity)),
            row->class.len > 0 ? row->class : S("-"), number_of(row->incident, line->arena), row->reference,
            row->subject};
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    if (command_flag(line, "json")) {
        json_write_object(&w);
        report_write(&w, row);
        json_write_end(&w);
    } else {
        columns_put(&buf, columns, COUNT_OF(columns));
    }
    put_end(&buf);
    return OK;
}

/* ---- The whole ---- */

struct whole {
    struct json_writer *w;
    struct buf *buf;
    bool json;
    struct local *local;
    struct arena *arena;
};

/* A list of it: a member of the JSON object, or lines of their own. */
static void list_begin(const struct whole *whole, const char *name)
{
    if (whole->json) {
        json_write_key(whole->w, slice_of(name));
        json_write_array(whole->w);
    }
}

static void list_end(const struct whole *whole)
{
    if (whole->json)
        json_write_end(whole->w);
}

/* A row of a list: an object of texts, or one line behind a word. */
struct cell {
    const char *name;
    slice text;
};

static void row_put(const struct whole *whole, const char *word, const struct cell *cells, size_t count)
{
    if (whole->json)
        json_write_object(whole->w);
    else
        buf_printf(whole->buf, "\n%s", word);
    for (size_t i = 0; i < count; i++)
        if (whole->json) {
            json_write_key_text(whole->w, slice_of(cells[i].name), cells[i].text);
        } else {
            buf_byte(whole->buf, '\t');
            shown_text_write(whole->buf, cells[i].text, false);
        }
    if (whole->json)
        json_write_end(whole->w);
}

static struct err person_put(const struct whole *whole, int64_t report)
{
    struct report_person person;
    TRY(store_report_person(whole->local->db, report, whole->arena, &person));
    const struct cell cells[] = {{"name", person.name}, {"mail", person.mail}, {"phone", person.phone}};
    list_begin(whole, "reporter");
    if (person.name.len + person.mail.len + person.phone.len > 0)
        row_put(whole, "reporter", cells, COUNT_OF(cells));
    list_end(whole);
    return OK;
}

/* A script gets the value as it is, a terminal one that cannot be clicked. */
/* A post that it is about, and who may have sent it. */
static struct err post_put(const struct whole *whole, int64_t report)
{
    struct report_post post;
    TRY(store_report_post(whole->local->db, report, whole->arena, &post));
    struct buf shown = buf_make(8 * REPORT_VALUE_MAX);
    shown_value_write(&shown, OBSERVABLE_URL, post.url);
    list_begin(whole, "post");
    const struct cell cells[] = {{"url", whole->json ? post.url : buf_slice(&shown)}, {"account", post.account},
            {"platform", post.platform}, {"captured", time_text(post.captured_us, whole->arena)}};
    if (post.url.len + post.account.len + post.platform.len > 0)
        row_put(whole, "post", cells, COUNT_OF(cells));
    buf_free(&shown);
    list_end(whole);
    return OK;
}

static struct err teller_put(const struct whole *whole, int64_t report)
{
    struct case_report_teller teller;
    struct organisation whose;
    struct report row;
    TRY(store_report_get(whole->local->db, report, whole->arena, &row));
    TRY(case_report_teller_find(whole->local->db, &row, whole->arena, &teller));
    list_begin(whole, "perhaps_of");
    if (teller.organisation != 0) {
        TRY(store_organisation_get(whole->local->db, teller.organisation, whole->arena, &whose));
        const struct cell cells[] = {
                {"organisation", whose.name}, {"by", teller.by_domain ? S("domain") : S("address")}};
        row_put(whole, "perhaps-of", cells, COUNT_OF(cells));
    }
    list_end(whole);
    return OK;
}

static struct err observables_put(const struct whole *whole, int64_t report)
{
    struct report_observable *rows;
    size_t count;
    TRY(store_report_observables(whole->local->db, report, whole->arena, &rows, &count));
    list_begin(whole, "observables");
    for (size_t i = 0; i < count; i++) {
        struct buf value = buf_make(8 * REPORT_VALUE_MAX);
        shown_value_write(&value, observable_type_find(rows[i].type), rows[i].value);
        const struct cell cells[] = {{"type", rows[i].type}, {"value", whole->json ? rows[i].value : buf_slice(&value)},
                {"others", number_of(rows[i].others, whole->arena)}};
        row_put(whole, "observable", cells, COUNT_OF(cells));
        buf_free(&value);
    }
    list_end(whole);
    return OK;
}

static struct err alikes_put(const struct whole *whole, int64_t report)
{
    struct report_alike *rows;
    size_t count;
    TRY(store_report_alikes(whole->local->db, report, whole->arena, &rows, &count));
    list_begin(whole, "alike");
    for (size_t i = 0; i < count; i++) {
        TRY(beside(whole->local, CASE_REPORT_SUBJECT, whole->arena, &rows[i].other));
        if (rows[i].other == 0)
            continue;
        const struct cell cells[] = {{"report", number_of(rows[i].other, whole->arena)},
                {"state", slice_of(store_report_alike_name(rows[i].state))}, {"why", rows[i].why}};
        row_put(whole, "alike", cells, COUNT_OF(cells));
    }
    list_end(whole);
    return OK;
}

static struct err merged_put(const struct whole *whole, int64_t report)
{
    struct report *rows;
    size_t count;
    TRY(store_report_merged(whole->local->db, report, whole->arena, &rows, &count));
    list_begin(whole, "merged");
    for (size_t i = 0; i < count; i++) {
        TRY(beside(whole->local, CASE_REPORT_SUBJECT, whole->arena, &rows[i].number));
        if (rows[i].number == 0)
            continue;
        const struct cell cells[] = {{"report", number_of(rows[i].number, whole->arena)},
                {"channel", slice_of(store_report_channel_name(rows[i].channel))}, {"subject", rows[i].subject}};
        row_put(whole, "merged", cells, COUNT_OF(cells));
    }
    list_end(whole);
    return OK;
}

/* How far a letter of ours came; it is removed before what it belongs to. */
static struct err sent_of(const struct whole *whole, const struct thread_message *message, slice *state)
{
    struct notice notice;
    *state = S("");
    if (message->notice == 0)
        return OK;
    struct err err = store_notice_get(whole->local->db, message->notice, whole->arena, &notice);
    if (err.kind == ERR_NONE)
        *state = slice_of(store_notice_state_name(notice.state));
    return err.kind == ERR_MISSING ? OK : err;
}

static struct err thread_put(const struct whole *whole, int64_t report)
{
    struct thread_message *rows;
    size_t count;
    TRY(store_thread_list(whole->local->db, report, whole->arena, &rows, &count));
    list_begin(whole, "thread");
    for (size_t i = 0; i < count; i++) {
        slice sent;
        TRY(sent_of(whole, &rows[i], &sent));
        const struct cell cells[] = {{"message", number_of(rows[i].number, whole->arena)},
                {"direction", rows[i].out ? S("out") : S("in")}, {"time", time_text(rows[i].time_us, whole->arena)},
                {"by", rows[i].out ? rows[i].actor : rows[i].sender}, {"sent", sent}, {"signature", rows[i].signature},
                {"subject", rows[i].subject}, {"sha256", arena_hex(whole->arena, sha256_slice(&rows[i].digest))},
                {"text", rows[i].text}};
        row_put(whole, "message", cells, COUNT_OF(cells) - !whole->json);
        if (!whole->json) {
            buf_byte(whole->buf, '\n');
            shown_text_write(whole->buf, rows[i].text, true);
        }
    }
    list_end(whole);
    return OK;
}

static struct err files_put(const struct whole *whole, int64_t report)
{
    struct thread_file *rows;
    size_t count;
    TRY(store_thread_files(whole->local->db, report, whole->arena, &rows, &count));
    list_begin(whole, "attachments");
    for (size_t i = 0; i < count; i++) {
        const struct cell cells[] = {{"message", number_of(rows[i].message, whole->arena)},
                {"part", number_of(rows[i].part, whole->arena)}, {"name", rows[i].name}, {"type", rows[i].type},
                {"bytes", number_of(rows[i].bytes, whole->arena)},
                {"sha256", arena_hex(whole->arena, sha256_slice(&rows[i].digest))}};
        row_put(whole, "attachment", cells, COUNT_OF(cells));
    }
    list_end(whole);
    return OK;
}

static void head_put(const struct whole *whole, const struct report *row)
{
    const struct cell cells[] = {{"number", number_of(row->number, whole->arena)}, {"reference", row->reference},
            {"state", slice_of(store_report_state_name(row->state))},
            {"channel", slice_of(store_report_channel_name(row->channel))},
            {"received", time_text(row->received_us, whole->arena)},
            {"receipt", time_text(row->receipt_us, whole->arena)}, {"class", row->class},
            {"proposed-by", row->class_rule}, {"severity", slice_of(store_severity_name(row->severity))},
            {"flags", row->flags}, {"language", row->language}, {"incident", number_of(row->incident, whole->arena)},
            {"same-as", number_of(row->same_as, whole->arena)}, {"subject", row->subject}};
    for (size_t i = 0; i < COUNT_OF(cells); i++) {
        buf_printf(whole->buf, "%s%-12s ", i > 0 ? "\n" : "", cells[i].name);
        shown_text_write(whole->buf, cells[i].text, false);
    }
}

static struct err whole_put(const struct whole *whole, const struct report *row)
{
    static struct err (*const parts[])(const struct whole *whole, int64_t report) = {
            person_put, teller_put, post_put, observables_put, alikes_put, merged_put, thread_put, files_put};
    if (whole->json) {
        json_write_object(whole->w);
        report_write(whole->w, row);
        json_write_key_text(whole->w, S("text"), row->text);
    } else {
        head_put(whole, row);
    }
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        TRY(parts[i](whole, row->number));
    if (whole->json)
        json_write_end(whole->w);
    return buf_check(whole->buf);
}

struct err report_show_whole(const struct command_line *line, struct local *local, const struct report *row)
{
    struct report seen = *row;
    TRY(only_seen(local, line->arena, &seen));
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    const struct whole whole = {&w, &buf, command_flag(line, "json"), local, line->arena};
    struct err err = whole_put(&whole, &seen);
    if (err.kind == ERR_NONE)
        put_end(&buf);
    else
        buf_free(&buf);
    return err;
}
