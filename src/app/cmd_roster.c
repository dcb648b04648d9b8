/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan roster: who is on call, and who is missing. */
#include <inttypes.h>

#include "app/options.h"
#include "app/person.h"
#include "app/typed.h"
#include "base/clock.h"
#include "desk/roster.h"
#include "input/input.h"
#include "store/right.h"
#include "store/user.h"
#include "text/shown.h"
#include "json/write.h"

#define ROW_MAX (16u << 10)
#define DAYS 7 /* that a list shows */
#define DAYS_MAX 366

/* ---- What is shown ---- */

static void shift_json(struct buf *buf, const struct shift *row)
{
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    json_write_key_u64(&w, S("shift"), (uint64_t)row->number);
    json_write_key(&w, S("from"));
    json_write_time(&w, row->is.from_us);
    json_write_key(&w, S("until"));
    json_write_time(&w, row->is.until_us);
    json_write_key_text(&w, S("rank"), slice_of(store_shift_rank_name(row->is.rank)));
    json_write_key_text(&w, S("user"), row->name);
    json_write_key_text(&w, S("mail"), row->mail);
    json_write_key_text(&w, S("phone"), row->phone);
    json_write_key(&w, S("away"));
    json_write_bool(&w, row->away);
    json_write_end(&w);
}

static void shift_line(struct buf *buf, const struct shift *row)
{
    buf_printf(buf, "%" PRId64 "\t", row->number);
    time_write(buf, row->is.from_us);
    buf_byte(buf, '\t');
    time_write(buf, row->is.until_us);
    buf_printf(buf, "\t%s\t%.*s%s\t", store_shift_rank_name(row->is.rank), (int)row->name.len, row->name.ptr,
            row->away ? " (locked out)" : "");
    shown_text_write(buf, row->mail.len > 0 ? row->mail : S("-"), true);
    buf_byte(buf, '\t');
    shown_text_write(buf, row->phone.len > 0 ? row->phone : S("-"), true);
}

static struct err shift_show(const struct command_line *line, const struct shift *row)
{
    struct buf buf = buf_make(ROW_MAX);
    if (command_flag(line, "json"))
        shift_json(&buf, row);
    else
        shift_line(&buf, row);
    struct err err = buf_check(&buf);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
    return err;
}

static struct err hole_show(const struct command_line *line, const struct roster_hole *hole)
{
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    const char *what = hole->doubled ? "doubled" : "gap";
    if (command_flag(line, "json")) {
        json_write_object(&w);
        json_write_key(&w, slice_of(what));
        json_write_text(&w, slice_of(store_shift_rank_name(hole->rank)));
        json_write_key(&w, S("from"));
        json_write_time(&w, hole->from_us);
        json_write_key(&w, S("until"));
        json_write_time(&w, hole->until_us);
        json_write_end(&w);
    } else {
        buf_printf(&buf, "%s\t", what);
        time_write(&buf, hole->from_us);
        buf_byte(&buf, '\t');
        time_write(&buf, hole->until_us);
        buf_printf(&buf, "\t%s", store_shift_rank_name(hole->rank));
    }
    struct err err = buf_check(&buf);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
    return err;
}

static struct err list(const struct command_line *line, struct local *local)
{
    struct roster_hole *holes;
    struct shift *rows;
    size_t count, hole_count;
    int64_t from_us;
    uint64_t days;
    bool cut;
    TRY(store_right_check(&local->actor, VERB_READ_ROSTER, 0, line->arena, NULL));
    TRY(typed_moment(line, "since", &from_us));
    TRY(command_number(line, "days", 1, DAYS_MAX, DAYS, &days));
    from_us = from_us == TIME_NONE ? clock_now_us() : from_us;
    int64_t until_us = from_us + (int64_t)days * DAY_US;
    TRY(store_shift_list(local->db, from_us, until_us, line->arena, &rows, &count));
    TRY(desk_roster_holes(rows, count, from_us, until_us, line->arena, &holes, &hole_count, &cut));
    for (size_t i = 0; i < count; i++)
        TRY(shift_show(line, &rows[i]));
    for (size_t i = 0; i < hole_count; i++)
        TRY(hole_show(line, &holes[i]));
    if (cut)
        fprintf(stderr, "there are more gaps; name fewer days\n");
    return OK;
}

static struct err now(const struct command_line *line, struct local *local)
{
    struct roster_now now;
    TRY(store_right_check(&local->actor, VERB_READ_ROSTER, 0, line->arena, NULL));
    TRY(desk_roster_now(local->db, clock_now_us(), line->arena, &now));
    for (size_t i = 0; i < now.count; i++)
        TRY(shift_show(line, &now.now[i]));
    if (now.next.number != 0)
        TRY(shift_show(line, &now.next));
    if (now.gap.until_us != 0)
        TRY(hole_show(line, &now.gap));
    return now.count > 0 ? OK : err_make(ERR_MISSING, "nobody is on call now");
}

/* ---- What changes ---- */

static struct err user_of(const struct command_line *line, struct local *local, const char *name, int64_t *number)
{
    struct user user;
    TRY(store_user_find(local->db, slice_of(name), line->arena, &user));
    *number = user.number;
    return OK;
}

static struct err shift_of(const struct command_line *line, struct local *local, int64_t number)
{
    struct shift row;
    TRY(store_shift_get(local->db, number, line->arena, &row));
    return shift_show(line, &row);
}

/* What was not typed stays as it is. */
static struct err reached(const struct command_line *line, struct local *local, int64_t person)
{
    const char *mail = command_text(line, "mail"), *phone = command_text(line, "phone");
    slice mail_is, phone_is;
    if (mail == NULL && phone == NULL)
        return OK;
    TRY(store_shift_person_get(local->db, person, line->arena, &mail_is, &phone_is));
    return desk_roster_person(local->db, &local->actor, person, mail == NULL ? mail_is : slice_of(mail),
            phone == NULL ? phone_is : slice_of(phone), line->arena);
}

static struct err set(const struct command_line *line, struct local *local)
{
    struct shift_put put = {.rank = SHIFT_FIRST};
    int64_t number;
    if (line->file_count > 4 && !store_shift_rank_find(slice_of(line->files[4]), &put.rank))
        return err_make(ERR_INPUT, "the rank is first or second");
    if (!time_parse_strict(slice_of(line->files[2]), &put.from_us) ||
            !time_parse_strict(slice_of(line->files[3]), &put.until_us))
        return err_make(ERR_INPUT, "a moment is written with its zone: 2026-11-23T08:00:00+07:00");
    TRY(user_of(line, local, line->files[1], &put.person));
    TRY(reached(line, local, put.person));
    TRY(desk_roster_put(local->db, &local->actor, &put, line->arena, &number));
    return shift_of(line, local, number);
}

static struct err give(const struct command_line *line, struct local *local)
{
    int64_t number, person;
    TRY(typed_number(line, line->files[1], "a shift", &number));
    TRY(user_of(line, local, line->files[2], &person));
    TRY(desk_roster_give(local->db, &local->actor, number, person, line->arena));
    return shift_of(line, local, number);
}

static struct err drop(const struct command_line *line, struct local *local)
{
    int64_t number;
    TRY(typed_number(line, line->files[1], "a shift", &number));
    return desk_roster_drop(local->db, &local->actor, number, line->arena);
}

static struct err person(const struct command_line *line, struct local *local)
{
    int64_t number;
    TRY(user_of(line, local, line->files[1], &number));
    return reached(line, local, number);
}

static struct err import(const struct command_line *line, struct local *local)
{
    struct input_text read;
    size_t count;
    TRY(input_text(line->file_count > 1 ? line->files[1] : "-", ROSTER_BYTES_MAX, line->arena, &read));
    struct err err = desk_roster_import(local->db, &local->actor, read.text, line->arena, &count);
    input_text_free(&read);
    TRY(err);
    fprintf(stderr, "%zu shifts\n", count);
    return OK;
}

/* ---- The command ---- */

static const struct local_verb verbs[] = {
        {"list", 1, list, 0},
        {"now", 1, now, 0},
        {"set", 4, set, 1},
        {"give", 3, give, 0},
        {"drop", 2, drop, 0},
        {"person", 2, person, 0},
        {"import", 1, import, 1},
};

static int roster(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `roster list`, `roster now`, `roster set USER FROM UNTIL [first|second]`, `roster give N USER`, "
            "`roster drop N`, `roster person USER` or `roster import [FILE]`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTION_PERSON,
        {0, "since", "TIME", "list: from this moment on (default: now)"},
        {0, "days", "N", "list: so many days (default: 7)"},
        {0, "mail", "ADDRESS", "set, person: where USER is reached by mail while on call"},
        {0, "phone", "NUMBER", "set, person: by which telephone number"},
        OPTION_JSON,
};

const struct command command_roster = {
        .name = "roster",
        .arguments = "list, now, set USER FROM UNTIL [RANK], give N USER, drop N, person USER, import [FILE]",
        .about = "Say who is on call, and see who is missing",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = roster,
};
