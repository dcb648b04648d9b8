/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan mail: notices to those whom a node serves, and the mail that comes back to them. */
#include <inttypes.h>

#include "app/classes.h"
#include "app/constituent.h"
#include "app/local.h"
#include "app/options.h"
#include "base/buf.h"
#include "case/report.h"
#include "desk/answer.h"
#include "store/notice.h"
#include "store/right.h"
#include "json/write.h"

#define ROW_MAX (64u << 10)

/* ---- What came back ---- */

static struct err input_read(struct buf *out)
{
    size_t got = 1;
    while (got > 0 && buf_reserve(out, 65536)) {
        got = fread(out->ptr + out->len, 1, 65536, stdin);
        out->len += got;
    }
    return out->full ? err_make(ERR_LIMIT, "the mail is larger than 64 MiB") : OK;
}

static struct err report_take(const struct command_line *line, struct local *local, slice mail, int64_t notice)
{
    struct case_report_taken taken;
    TRY(classes_open(&local->node.config, line->arena));
    TRY(case_report_mail(local->db, mail, notice, line->arena, &taken));
    if (taken.again)
        printf("it was taken before\n");
    else
        printf("report %" PRId64 ": KTG %.*s\n", taken.report, (int)taken.reference.len, taken.reference.ptr);
    return OK;
}

static struct err take(const struct command_line *line, struct local *local)
{
    struct buf message = buf_make(MAILBOX_BYTES_MAX + 65536);
    struct desk_taken taken = {0};
    struct err err = input_read(&message);
    if (err.kind == ERR_NONE)
        err = desk_mail_take(local->db, buf_slice(&message), line->arena, &taken);
    if (err.kind == ERR_NONE && taken.as == DESK_MAIL_NOTHING)
        err = report_take(line, local, buf_slice(&message), taken.notice);
    else if (err.kind == ERR_NONE)
        printf("notice %" PRId64 ": %s\n", taken.notice, taken.why);
    buf_free(&message);
    return err;
}

/* ---- What was sent ---- */

static void json_moment(struct json_writer *w, slice key, int64_t us)
{
    json_write_key(w, key);
    json_write_time(w, us);
}

static void show(const struct command_line *line, const struct notice *row)
{
    struct buf buf = buf_make(ROW_MAX);
    const char *state = store_notice_state_name(row->state);
    if (command_flag(line, "json")) {
        struct json_writer w = json_writer(&buf);
        json_write_object(&w);
        json_write_key_u64(&w, S("number"), (uint64_t)row->number);
        json_write_key_u64(&w, S("organisation"), (uint64_t)row->organisation);
        json_write_key_u64(&w, S("contact"), (uint64_t)row->contact);
        json_write_key_text(&w, S("channel"), slice_of(store_notice_channel_name(row->channel)));
        json_write_key_text(&w, S("kind"), slice_of(store_notice_kind_name(row->kind)));
        json_write_key_text(&w, S("state"), slice_of(state));
        json_write_key_text(&w, S("reference"), row->reference);
        json_write_key_u64(&w, S("attempts"), (uint64_t)row->attempts);
        json_write_key_u64(&w, S("uncertain"), (uint64_t)row->uncertain);
        json_moment(&w, S("made"), row->made_us);
        json_moment(&w, S("sent"), row->sent_us);
        json_moment(&w, S("answered"), row->answered_us);
        json_write_key_text(&w, S("why"), row->why);
        json_write_end(&w);
    } else
        buf_printf(&buf, "%" PRId64 "\t%s\t%s\t%s\t%.*s\t%.*s", row->number, state,
                store_notice_channel_name(row->channel), store_notice_kind_name(row->kind), (int)row->reference.len,
                row->reference.ptr, (int)row->why.len, row->why.ptr);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static struct err list(const struct command_line *line, struct local *local)
{
    int64_t organisation = 0, before = INT64_MAX;
    size_t count = STORE_PAGE_MAX;
    if (line->file_count > 1)
        TRY(constituent_named(line, local, line->files[1], &organisation));
    TRY(store_right_check(&local->actor, VERB_READ_EVENTS, organisation, line->arena, NULL));
    struct arena *arena = arena_open("a page of notices", ARENA_WORK, (size_t)64 << 20);
    struct err err = OK;
    while (err.kind == ERR_NONE && count == STORE_PAGE_MAX) {
        struct notice *rows;
        arena_reset(arena);
        err = store_notice_latest(local->db, organisation, before, STORE_PAGE_MAX, arena, &rows, &count);
        for (size_t i = 0; err.kind == ERR_NONE && i < count; i++) {
            show(line, &rows[i]);
            before = rows[i].number;
        }
    }
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(line->arena, slice_of(err.why));
    arena_close(arena);
    return err;
}

/* Byte for byte what left, or will. */
static struct err show_one(const struct command_line *line, struct local *local)
{
    struct notice row;
    slice message;
    int64_t number;
    TRY(constituent_number(line, line->files[1], &number));
    TRY(store_notice_get(local->db, number, line->arena, &row));
    bool letter = row.kind == NOTICE_OF_LETTER; /* of somebody who told us something */
    TRY(store_right_check(&local->actor, letter ? VERB_READ_REPORTS : VERB_READ_EVENTS, letter ? 0 : row.organisation,
            line->arena, NULL));
    TRY(store_notice_message(local->db, number, line->arena, &message));
    return fwrite(message.ptr, 1, message.len, stdout) == message.len ? OK : err_errno(line->arena, "standard output");
}

static const struct local_verb verbs[] = {{"list", 1, list, 1}, {"show", 2, show_one}, {"take", 1, take}};

static int mail(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `mail list [ORGANISATION]`, `mail show NUMBER`, or `mail take` with a mail on "
            "standard input");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTION_JSON,
};

const struct command command_mail = {
        .name = "mail",
        .arguments = "list [ORGANISATION]|show N|take",
        .about = "See the notices that a node sends to those whom it serves, and take the mail that comes back",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = mail,
};
