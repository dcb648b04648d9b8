/* SPDX-License-Identifier: Apache-2.0 */
#include "app/incident_across.h"

#include <inttypes.h>

#include "app/release.h"
#include "app/sharing.h"
#include "base/arena.h"
#include "case/across.h"
#include "case/alert.h"
#include "input/input.h"
#include "share/preview.h"
#include "store/organisation.h"
#include "text/shown.h"
#include "json/write.h"

#define LINE_MAX (1u << 20)

/* ---- What each would see ---- */

/* A party sees it, and so does the partner whose incident it is. */
static struct err sees(struct local *local, const struct incident *row, int64_t organisation, bool *is)
{
    *is = row->home == organisation;
    return *is ? OK : store_party_is(local->db, row->number, organisation, PARTY_SEEING, is);
}

static struct err partner_preview(const struct command_line *line, struct local *local, const struct partner *partner,
        const struct share_supposed *rows, size_t count)
{
    const struct share_preview_of of = {.partner = partner->number, .supposed = rows, .supposed_count = count};
    if (!command_flag(line, "json"))
        printf("party\t%.*s\n", (int)partner->name.len, partner->name.ptr);
    struct err err = release_preview(line, local, partner, &of);
    if (err.kind != ERR_MISSING)
        return err;
    fprintf(stderr, "%.*s: %s\n", (int)partner->name.len, partner->name.ptr, err.why);
    return OK;
}

static struct err preview(const struct command_line *line, struct local *local, int64_t incident)
{
    struct share_supposed *rows;
    struct incident row;
    struct partner *partners;
    size_t count, partner_count, parties = 0;
    TRY(case_across_preview(
            local->db, &local->actor, incident, command_flag(line, "observables"), line->arena, &rows, &count));
    TRY(store_incident_get(local->db, incident, line->arena, &row));
    TRY(store_partner_all(local->db, clock_now_us(), line->arena, &partners, &partner_count));
    for (size_t i = 0; i < partner_count && count > 0; i++) {
        bool is;
        TRY(sees(local, &row, partners[i].organisation, &is));
        if (is)
            TRY(partner_preview(line, local, &partners[i], rows, count));
        parties += is;
    }
    if (parties == 0 || count == 0)
        fprintf(stderr, count == 0 ? "nothing of it is told to its parties\n" : "none of its parties is a partner\n");
    return OK;
}

/* ---- Sharing ---- */

struct ending {
    int64_t incident;
    slice why;
};

static struct err end_do(struct work *work, void *context)
{
    const struct ending *ending = context;
    return case_across_end(work, ending->incident, ending->why);
}

struct err incident_share(const struct command_line *line, struct local *local, int64_t incident)
{
    struct share_proposal proposal;
    struct ending ending = {.incident = incident};
    if (command_flag(line, "preview"))
        return preview(line, local, incident);
    TRY(sharing_reason(line, &ending.why));
    if (command_flag(line, "end"))
        return store_work(local->db, &local->actor, line->arena, end_do, &ending);
    TRY(case_across_share(
            local->db, &local->actor, incident, command_flag(line, "observables"), ending.why, line->arena, &proposal));
    sharing_tell(line, &proposal);
    return OK;
}

struct err incident_alert(const struct command_line *line, struct local *local, int64_t incident)
{
    const char *sector = command_text(line, "sector"), *marking = command_text(line, "marking");
    struct share_proposal proposal;
    struct input_text file;
    struct case_alert_put put = {.incident = incident,
            .sector = slice_of(sector == NULL ? "" : sector),
            .marking = slice_of(marking == NULL ? "" : marking)};
    TRY(sharing_reason(line, &put.why));
    TRY(input_text(line->files[2], CASE_ALERT_TEXT_MAX, line->arena, &file));
    size_t end = slice_find(file.text, '\n');
    put.subject = slice_part(file.text, 0, end);
    put.text = slice_trim(slice_from(file.text, end));
    struct err err = case_alert_send(local->db, &local->actor, &put, line->arena, &proposal);
    input_text_free(&file);
    TRY(err);
    sharing_tell(line, &proposal);
    return OK;
}

/* ---- Questions ---- */

static struct err whom(struct local *local, const struct incident_question *row, struct arena *arena, slice *name)
{
    struct organisation asked;
    int64_t own;
    *name = row->audience == AUDIENCE_PARTIES ? S("parties") : S("own");
    TRY(store_organisation_own(local->db, &own));
    int64_t other = row->home != own ? row->home : row->audience;
    if (other <= 0)
        return OK;
    TRY(store_organisation_get(local->db, other, arena, &asked));
    *name = row->home != own ? slice_of(arena_printf(arena, "from %.*s", (int)asked.name.len, asked.name.ptr))
                             : asked.name;
    return OK;
}

static void question_json(const struct incident_question *row, slice name, bool late, struct buf *buf)
{
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    json_write_key_u64(&w, S("incident"), (uint64_t)row->incident);
    json_write_key_u64(&w, S("number"), (uint64_t)row->number);
    json_write_key(&w, S("due"));
    json_write_time(&w, row->due_us);
    json_write_key(&w, S("late"));
    json_write_bool(&w, late);
    json_write_key_text(&w, S("whom"), name);
    json_write_key_text(&w, S("text"), row->text);
    json_write_end(&w);
}

static void question_text(const struct incident_question *row, slice name, bool late, struct buf *buf)
{
    buf_printf(buf, "%" PRId64 "\t%" PRId64 "\t", row->incident, row->number);
    if (row->due_us != TIME_NONE)
        time_write(buf, row->due_us);
    buf_printf(buf, "\t%s\t", late ? "late" : "open");
    shown_text_write(buf, name, false);
    buf_byte(buf, '\t');
    shown_text_write(buf, row->text, false);
}

static struct err question_show(
        const struct command_line *line, struct local *local, const struct incident_question *row, struct arena *arena)
{
    bool late = row->due_us != TIME_NONE && row->due_us < clock_now_us();
    struct incident incident;
    enum case_sight sight;
    slice name;
    TRY(store_incident_get(local->db, row->incident, arena, &incident));
    TRY(case_sees(local->db, &local->actor, &incident, arena, &sight));
    if (sight != CASE_ALL)
        return OK;
    TRY(whom(local, row, arena, &name));
    struct buf buf = buf_make(LINE_MAX);
    (command_flag(line, "json") ? question_json : question_text)(row, name, late, &buf);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
    return OK;
}

struct err incident_questions(const struct command_line *line, struct local *local)
{
    struct incident_question *rows, last = {.due_us = INT64_MIN};
    size_t count = STORE_PAGE_MAX;
    TRY(store_right_check(&local->actor, VERB_READ_INCIDENTS, 0, line->arena, NULL));
    while (count == STORE_PAGE_MAX) {
        struct arena *arena = arena_open("questions", ARENA_WORK, 256u << 20);
        struct err err = store_question_open(local->db, &last, STORE_PAGE_MAX, arena, &rows, &count);
        for (size_t i = 0; i < count && err.kind == ERR_NONE; i++) {
            err = question_show(line, local, &rows[i], arena);
            last = rows[i];
        }
        if (err.kind != ERR_NONE)
            err.why = arena_cstr(line->arena, slice_of(err.why));
        arena_close(arena);
        TRY(err);
    }
    return OK;
}
