/* SPDX-License-Identifier: Apache-2.0 */
/* What a node knows itself, made a report: a warning, or a row of what was met. */
#include <inttypes.h>

#include "base/arena.h"
#include "case/field.h"
#include "case/report.h"
#include "store/contact.h"
#include "store/met.h"
#include "store/warning.h"

/* The first contact there that has an address of mail, of those that are told. */
static struct err contact_of(struct work *work, int64_t organisation, struct report_person *person)
{
    struct contact *rows;
    size_t count;
    *person = (struct report_person){S(""), S(""), S("")};
    if (organisation == 0)
        return OK;
    TRY(store_contact_of(work->db, organisation, false, work->arena, &rows, &count));
    for (size_t i = 0; i < count && person->mail.len == 0; i++)
        if (rows[i].state != CONTACT_STALE && rows[i].is.mail.len > 0)
            *person = (struct report_person){rows[i].is.name, rows[i].is.mail, S("")};
    return OK;
}

struct promoted {
    enum report_channel channel;
    int64_t organisation, first_us;
    slice class, what;
    enum severity severity;
    slice details, text;
};

static struct err promote(struct work *work, const struct promoted *promoted, struct case_report_taken *taken)
{
    struct case_report_put put = {.channel = promoted->channel,
            .organisation = promoted->organisation,
            .subject = slice_of(arena_printf(work->arena, "%.*s: %.*s", (int)promoted->what.len, promoted->what.ptr,
                    (int)promoted->class.len, promoted->class.ptr)),
            .text = slice_of(arena_printf(work->arena, "%.*s%s%.*s", (int)promoted->text.len,
                    promoted->text.len > 0 ? promoted->text.ptr : "", promoted->text.len > 0 ? "\n\n" : "",
                    (int)promoted->details.len, promoted->details.ptr)),
            .class = case_class_check(promoted->class, work->arena).kind == ERR_NONE ? promoted->class : S(""),
            .severity = promoted->severity,
            .flags = S(""),
            .occurred_us = promoted->first_us,
            .bytes = S("")};
    TRY(contact_of(work, promoted->organisation, &put.person));
    return case_report_take(work, &put, taken);
}

/* What was met, one line each: when, with whom. Their own address stays with the warning: it is a victim's. */
static struct err details_put(struct work *work, const struct met *met, struct buf *out)
{
    struct met_detail *rows;
    size_t count;
    TRY(store_met_details(work->db, met->number, work->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        time_write(out, rows[i].first_us);
        buf_printf(out, " %.*s x%" PRId64 "\n", (int)rows[i].peer.len, rows[i].peer.ptr, rows[i].events);
    }
    return OK;
}

static struct err warning_details(struct work *work, int64_t warning, struct buf *out)
{
    struct met *rows;
    size_t count;
    TRY(store_met_of_warning(work->db, warning, 0, STORE_PAGE_MAX, work->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        TRY(details_put(work, &rows[i], out));
    return OK;
}

struct err case_report_warning(struct work *work, int64_t warning, slice text, struct case_report_taken *taken)
{
    struct warning row;
    struct buf details = buf_make(REPORT_TEXT_MAX);
    TRY(store_right_check(work->actor, VERB_WORK_INCIDENTS, 0, work->arena, NULL));
    TRY(store_warning_get(work->db, warning, work->arena, &row));
    struct err err = warning_details(work, warning, &details);
    const struct promoted promoted = {.channel = REPORT_OF_WARNING,
            .organisation = row.organisation,
            .first_us = row.first_us,
            .class = row.class,
            .what = slice_of(arena_printf(work->arena, "warning %" PRId64, warning)),
            .severity = row.severity,
            .details = arena_copy(work->arena, buf_slice(&details)),
            .text = text};
    buf_free(&details);
    return err.kind == ERR_NONE ? promote(work, &promoted, taken) : err;
}

struct err case_report_event(struct work *work, int64_t met, slice text, struct case_report_taken *taken)
{
    struct met row;
    struct buf details = buf_make(REPORT_TEXT_MAX);
    TRY(store_right_check(work->actor, VERB_WORK_INCIDENTS, 0, work->arena, NULL));
    TRY(store_met_get(work->db, met, work->arena, &row));
    struct err err = details_put(work, &row, &details);
    const struct promoted promoted = {.channel = REPORT_OF_EVENT,
            .organisation = row.organisation,
            .first_us = row.first_us,
            .class = row.class,
            .what = slice_of(arena_printf(work->arena, "event %" PRId64, met)),
            .severity = row.severity,
            .details = arena_copy(work->arena, buf_slice(&details)),
            .text = text};
    buf_free(&details);
    return err.kind == ERR_NONE ? promote(work, &promoted, taken) : err;
}
