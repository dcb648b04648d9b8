/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is on call: a week as a table, day by day as clocks show it where who asks is, with what is missing; and the
 * forms to put a shift, to give one away, to say how one is reached, and to hand over at its end.
 */
#include "desk/roster.h"

#include "base/arena.h"
#include "case/report.h"
#include "store/organisation.h"
#include "store/right.h"
#include "store/user.h"
#include "web/page.h"
#include "web/pages.h"

#define DAYS 7
#define PEOPLE_MAX 200 /* in a form */

static bool may_plan(const struct ask *ask)
{
    return ask_may(ask, VERB_CHANGE_ROSTER);
}

/* ---- Days as clocks show them ---- */

static slice local_text(struct ask *ask, int64_t us)
{
    struct buf buf = buf_make(64);
    moment_local_write(&buf, us, page_zone(ask));
    slice text = arena_copy(ask->arena, buf_slice(&buf));
    buf_free(&buf);
    return text;
}

/* What clocks there show, as if it were UTC. */
static int64_t shown_us(struct ask *ask, int64_t us)
{
    slice text = local_text(ask, us);
    int64_t shown = us;
    (void)time_parse_strict(slice_of(arena_printf(ask->arena, "%.*s:00Z", (int)text.len, text.ptr)), &shown);
    return shown;
}

/* 1 January 1970 was a Thursday. */
static int64_t monday_of(int64_t day)
{
    return day - ((day + 3) % DAYS + DAYS) % DAYS;
}

/* The day of the query, "2026-11-23", or today; then the Monday before. */
static struct err week_typed(struct ask *ask, int64_t *monday)
{
    slice typed = ask_query(ask, S("week"));
    int64_t us = shown_us(ask, clock_now_us());
    if (typed.len > 0 && (typed.len != 10 || !time_parse_strict(slice_of(arena_printf(ask->arena, "%.*sT00:00:00Z",
                                                                        (int)typed.len, typed.ptr)),
                                                     &us)))
        return err_make(ERR_INPUT, "week: a day, as 2026-11-23");
    if (us < 8 * DAY_US)
        return err_make(ERR_INPUT, "week: a day, as 2026-11-23");
    *monday = monday_of(us / DAY_US);
    return OK;
}

static slice day_name(struct ask *ask, int64_t day)
{
    return slice_part(time_text(day * DAY_US, ask->arena), 0, strlen("2026-11-23"));
}

/* ---- The week ---- */

static const char *const weekdays[DAYS] = {W_C("Monday"), W_C("Tuesday"), W_C("Wednesday"), W_C("Thursday"),
        W_C("Friday"), W_C("Saturday"), W_C("Sunday")};
static const char *const rank_texts[SHIFT_RANKS] = {
        [SHIFT_FIRST] = W_C("called first"), [SHIFT_SECOND] = W_C("called second")};

struct day {
    int64_t from_us, until_us;
};

/* "08:00-16:00", as far as it lies in the day. */
static void write_span(struct ask *ask, const struct day *day, int64_t from_us, int64_t until_us)
{
    slice from = from_us <= day->from_us ? S("00:00") : slice_from(local_text(ask, from_us), strlen("2026-11-23T"));
    slice until = until_us >= day->until_us ? S("24:00") : slice_from(local_text(ask, until_us), strlen("2026-11-23T"));
    json_write_key_text(&ask->json, S("span"),
            slice_of(arena_printf(ask->arena, "%.*s–%.*s", (int)from.len, from.ptr, (int)until.len, until.ptr)));
}

static bool may_give(const struct ask *ask, const struct shift *row)
{
    return may_plan(ask) || (ask->who.actor.user != 0 && ask->who.actor.user == row->is.person);
}

static void write_shift(struct ask *ask, const struct shift *row)
{
    json_write_key_u64(&ask->json, S("number"), (uint64_t)row->number);
    json_write_key_text(&ask->json, S("name"), row->name);
    json_write_key_text(&ask->json, S("rank"), slice_of(store_shift_rank_name(row->is.rank)));
    json_write_key_text(&ask->json, S("rank_text"), ask_text(ask, slice_of(rank_texts[row->is.rank])));
    json_write_key_text(&ask->json, S("phone"), row->phone);
    json_write_key_text(&ask->json, S("mail"), row->mail);
    page_moment(ask, S("from"), row->is.from_us);
    page_moment(ask, S("until"), row->is.until_us);
    page_flag(ask, S("is_mine"), ask->who.actor.user != 0 && ask->who.actor.user == row->is.person);
    page_flag(ask, S("away"), row->away);
}

static bool overlaps(const struct day *day, int64_t from_us, int64_t until_us)
{
    return from_us < day->until_us && until_us > day->from_us;
}

struct week {
    const struct shift *rows;
    const struct roster_hole *holes;
    size_t count, hole_count;
};

static void write_day(struct ask *ask, const struct week *week, const struct day *day)
{
    json_write_key(&ask->json, S("shifts"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < week->count; i++)
        if (overlaps(day, week->rows[i].is.from_us, week->rows[i].is.until_us)) {
            json_write_object(&ask->json);
            write_shift(ask, &week->rows[i]);
            write_span(ask, day, week->rows[i].is.from_us, week->rows[i].is.until_us);
            json_write_end(&ask->json);
        }
    json_write_end(&ask->json);
    json_write_key(&ask->json, S("holes"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < week->hole_count; i++)
        if (overlaps(day, week->holes[i].from_us, week->holes[i].until_us)) {
            json_write_object(&ask->json);
            page_flag(ask, S("doubled"), week->holes[i].doubled);
            json_write_key_text(&ask->json, S("rank_text"), ask_text(ask, slice_of(rank_texts[week->holes[i].rank])));
            write_span(ask, day, week->holes[i].from_us, week->holes[i].until_us);
            json_write_end(&ask->json);
        }
    json_write_end(&ask->json);
}

static void write_days(struct ask *ask, const struct week *week, int64_t monday)
{
    json_write_key(&ask->json, S("days"));
    json_write_array(&ask->json);
    for (int64_t i = 0; i < DAYS; i++) {
        const struct day day = {moment_of_clock((monday + i) * DAY_US, page_zone(ask)),
                moment_of_clock((monday + i + 1) * DAY_US, page_zone(ask))};
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("day"), day_name(ask, monday + i));
        json_write_key_text(&ask->json, S("weekday"), ask_text(ask, slice_of(weekdays[i])));
        page_flag(ask, S("is_today"), clock_now_us() >= day.from_us && clock_now_us() < day.until_us);
        write_day(ask, week, &day);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

/* ---- The forms ---- */

/* `next`: who comes next by the roster, whom the form of a hand-over proposes. */
static struct err write_people(struct ask *ask, int64_t next)
{
    slice typed = ask_form(ask, S("user"));
    struct user *rows;
    int64_t own, after = 0;
    size_t count = PEOPLE_MAX, written = 0;
    TRY(store_organisation_own(ask->db, &own));
    json_write_key(&ask->json, S("people"));
    json_write_array(&ask->json);
    while (count == PEOPLE_MAX && written < PEOPLE_MAX) {
        TRY(store_user_list(ask->db, after, PEOPLE_MAX, ask->arena, &rows, &count));
        for (size_t i = 0; i < count && written < PEOPLE_MAX; i++) {
            after = rows[i].number;
            if (rows[i].organisation != own || rows[i].state == USER_LOCKED || rows[i].state == USER_CLOSED)
                continue;
            json_write_object(&ask->json);
            json_write_key_text(&ask->json, S("name"), rows[i].name);
            page_flag(ask, S("chosen"), slice_eq(typed, rows[i].name));
            page_flag(ask, S("is_next"), rows[i].number == next);
            json_write_end(&ask->json);
            written++;
        }
    }
    json_write_end(&ask->json);
    return OK;
}

/* Shifts of the week that who asks may give to somebody else: those that are not over. */
static bool write_mine(struct ask *ask, const struct week *week)
{
    bool any = false;
    json_write_key(&ask->json, S("to_give"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < week->count; i++)
        if (may_give(ask, &week->rows[i]) && week->rows[i].is.until_us > clock_now_us()) {
            json_write_object(&ask->json);
            write_shift(ask, &week->rows[i]);
            json_write_end(&ask->json);
            any = true;
        }
    json_write_end(&ask->json);
    page_flag(ask, S("any_to_give"), any);
    return any;
}

/* How who asks is reached. */
static struct err write_reached(struct ask *ask)
{
    slice mail = S(""), phone = S("");
    if (ask->who.actor.user != 0)
        TRY(store_shift_person_get(ask->db, ask->who.actor.user, ask->arena, &mail, &phone));
    json_write_key_text(&ask->json, S("my_mail"), mail);
    json_write_key_text(&ask->json, S("my_phone"), phone);
    return OK;
}

struct err web_roster(struct ask *ask)
{
    struct roster_hole *holes;
    struct roster_now now;
    struct shift *rows;
    struct week week;
    int64_t monday;
    bool cut;
    TRY(store_right_check(&ask->who.actor, VERB_READ_ROSTER, 0, ask->arena, NULL));
    TRY(week_typed(ask, &monday));
    int64_t from_us = moment_of_clock(monday * DAY_US, page_zone(ask)),
            until_us = moment_of_clock((monday + DAYS) * DAY_US, page_zone(ask));
    TRY(store_shift_list(ask->db, from_us, until_us, ask->arena, &rows, &week.count));
    int64_t now_us = clock_now_us(); /* what is over cannot be mended */
    TRY(desk_roster_holes(rows, week.count, from_us > now_us ? from_us : now_us, until_us, ask->arena, &holes,
            &week.hole_count, &cut));
    week.rows = rows;
    week.holes = holes;
    page_title(ask, ask_text(ask, W("Who is on call")));
    json_write_key_text(&ask->json, S("week"), day_name(ask, monday));
    json_write_key_text(&ask->json, S("before"), day_name(ask, monday - DAYS));
    json_write_key_text(&ask->json, S("after"), day_name(ask, monday + DAYS));
    json_write_key_text(&ask->json, S("zone"), slice_of(zone_name(page_zone(ask))));
    write_days(ask, &week, monday);
    page_flag(ask, S("may_plan"), may_plan(ask));
    bool gives = write_mine(ask, &week);
    TRY(write_reached(ask));
    TRY(desk_roster_now(ask->db, clock_now_us(), ask->arena, &now));
    page_flag(ask, S("may_hand_over"), ask_may(ask, VERB_WORK_INCIDENTS));
    bool lists = gives || may_plan(ask) || ask_may(ask, VERB_WORK_INCIDENTS);
    return lists ? write_people(ask, now.next.is.person) : OK;
}

/* ---- What the forms do ---- */

static struct err again(struct ask *ask, const char *field, struct err err)
{
    TRY(page_again(ask, field, err));
    return web_roster(ask);
}

static struct err user_typed(struct ask *ask, int64_t *number)
{
    struct user user;
    TRY(store_user_find(ask->db, ask_form(ask, S("user")), ask->arena, &user));
    *number = user.number;
    return OK;
}

static struct err put_typed(struct ask *ask, struct shift_put *put)
{
    slice rank = ask_form(ask, S("rank"));
    if (!moment_read(slice_trim(ask_form(ask, S("from"))), page_zone(ask), &put->from_us) ||
            !moment_read(slice_trim(ask_form(ask, S("until"))), page_zone(ask), &put->until_us))
        return err_make(ERR_INPUT, W_C("a moment is written as 2026-11-23T08:00"));
    put->rank = SHIFT_FIRST;
    if (rank.len > 0 && !store_shift_rank_find(rank, &put->rank))
        return err_make(ERR_INPUT, "the rank is first or second");
    return user_typed(ask, &put->person);
}

struct err web_roster_put(struct ask *ask)
{
    struct shift_put put;
    int64_t number;
    struct err err = put_typed(ask, &put);
    if (err.kind == ERR_NONE)
        err = desk_roster_put(ask->db, &ask->who.actor, &put, ask->arena, &number);
    if (err.kind != ERR_NONE)
        return again(ask, NULL, err);
    slice day = slice_part(local_text(ask, put.from_us), 0, strlen("2026-11-23"));
    page_done(ask, arena_printf(ask->arena, "/roster?week=%.*s", (int)day.len, day.ptr), "saved");
    return OK;
}

static struct err shift_do(struct ask *ask)
{
    slice act = ask_form(ask, S("act"));
    uint64_t number;
    int64_t person;
    if (!slice_u64(ask_form(ask, S("shift")), INT64_MAX, &number))
        return err_make(ERR_INPUT, W_C("choose a shift"));
    if (slice_eq(act, S("drop")))
        return desk_roster_drop(ask->db, &ask->who.actor, (int64_t)number, ask->arena);
    if (!slice_eq(act, S("give")))
        return err_make(ERR_INPUT, "act: give or drop");
    TRY(user_typed(ask, &person));
    return desk_roster_give(ask->db, &ask->who.actor, (int64_t)number, person, ask->arena);
}

struct err web_roster_shift(struct ask *ask)
{
    struct err err = shift_do(ask);
    if (err.kind != ERR_NONE)
        return again(ask, NULL, err);
    page_done(ask, "/roster", "saved");
    return OK;
}

struct err web_roster_person(struct ask *ask)
{
    slice mail = slice_trim(ask_form(ask, S("mail"))), phone = slice_trim(ask_form(ask, S("phone")));
    struct err err = desk_roster_person(ask->db, &ask->who.actor, ask->who.actor.user, mail, phone, ask->arena);
    if (err.kind != ERR_NONE)
        return again(ask, err.kind == ERR_INPUT && slice_starts(slice_of(err.why), S("mail")) ? "mail" : NULL, err);
    page_done(ask, "/roster", "saved");
    return OK;
}

/* ---- The end of a shift ---- */

struct handing {
    int64_t to;
    slice note;
    struct case_handover made;
};

static struct err hand_over(struct work *work, void *context)
{
    struct handing *handing = context;
    int64_t since_us;
    TRY(case_report_shift(work->db, work->now_us, work->arena, &since_us));
    return case_report_handover(work, since_us, handing->to, handing->note, &handing->made);
}

/* The note is shown once, to be read out or pasted; the command prints the same. */
struct err web_roster_hand_over(struct ask *ask)
{
    struct handing handing = {.note = slice_trim(ask_form(ask, S("note")))};
    struct err err = ask_form(ask, S("user")).len == 0 ? OK : user_typed(ask, &handing.to);
    if (err.kind == ERR_NONE)
        err = store_work(ask->db, &ask->who.actor, ask->arena, hand_over, &handing);
    if (err.kind != ERR_NONE)
        return again(ask, NULL, err);
    json_write_key_text(&ask->json, S("handover"), handing.made.text);
    json_write_key_u64(&ask->json, S("handed_over"), (uint64_t)handing.made.mine);
    ask->status = 201;
    return web_roster(ask);
}
