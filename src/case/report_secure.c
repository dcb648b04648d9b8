/* SPDX-License-Identifier: Apache-2.0 */
/* What was told becomes evidence in one act: the bytes of a file or letter, sealed with where they come from. */
#include <inttypes.h>

#include "base/arena.h"
#include "case/evidence.h"
#include "case/report_parts.h"
#include "text/shown.h"

struct fetching {
    const struct case_report_part *part;
    slice basis;
    struct report row;
    struct report_post post;
    struct thread_message letter;
    struct thread_file file; /* of part 0 it has no name */
    struct buf bytes;
};

/* Whoever takes it and why is told, as for any file of a report. */
static struct err fetch(struct work *work, void *context)
{
    struct fetching *fetching = context;
    const struct case_report_part *part = fetching->part;
    buf_reset(&fetching->bytes); /* the work may run again */
    TRY(case_report_hold(work, part->report, &fetching->row));
    if (fetching->row.incident == 0)
        return err_make(ERR_CONFLICT, "evidence is of an incident: open one for the report, or link it, first");
    TRY(store_report_post(work->db, part->report, work->arena, &fetching->post));
    if (part->part == 0)
        TRY(case_report_original(work, part->report, part->message, fetching->basis, &fetching->bytes));
    else
        TRY(case_report_file(
                work, part->report, part->message, part->part, fetching->basis, &fetching->bytes, &fetching->file));
    return store_thread_get(work->db, part->message, work->arena, &fetching->letter);
}

/* "https://social.example/p/7, account @melati, Social": where the post stood. */
static slice place_of(const struct fetching *fetching, struct arena *arena)
{
    const struct report_post *post = &fetching->post;
    const slice parts[] = {post->url, post->account, post->platform};
    static const char *const before[] = {"", "account ", ""};
    const char *place = "";
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (parts[i].len > 0)
            place = arena_printf(arena, "%s%s%s%.*s", place, place[0] != '\0' ? ", " : "", before[i], (int)parts[i].len,
                    parts[i].ptr);
    if (place[0] == '\0')
        place = arena_printf(arena, "%s of a report", store_report_channel_name(fetching->row.channel));
    return store_text_keep(arena, slice_of(place), STORE_TEXT_MAX);
}

/* Names of files come from outside: one line, and never empty. */
static slice name_of(const struct fetching *fetching, struct arena *arena)
{
    struct buf shown = buf_make(8 * STORE_NAME_MAX);
    if (fetching->file.name.len > 0)
        shown_text_write(&shown, store_text_keep(arena, fetching->file.name, STORE_NAME_MAX), false);
    slice name = arena_copy(arena, buf_slice(&shown));
    buf_free(&shown);
    return name.len > 0 && name.len <= STORE_NAME_MAX
                   ? name
                   : slice_of(arena_printf(arena, "report-%" PRId64 "-%" PRId64 "-%" PRId64, fetching->part->report,
                             fetching->part->message, fetching->part->part));
}

struct reading {
    slice rest;
};

static struct err bytes_read(void *context, char *to, size_t room, size_t *got)
{
    struct reading *reading = context;
    *got = reading->rest.len < room ? reading->rest.len : room;
    if (*got > 0)
        memcpy(to, reading->rest.ptr, *got);
    reading->rest = slice_from(reading->rest, *got);
    return OK;
}

static struct err seal(struct db *db, const struct actor *actor, const struct fetching *fetching, struct arena *arena,
        int64_t *evidence)
{
    const struct report *row = &fetching->row;
    bool file = fetching->part->part != 0, said = fetching->post.captured_us != TIME_NONE && file;
    struct reading reading = {buf_slice(&fetching->bytes)};
    const struct evidence_source source = {&reading, bytes_read};
    const struct case_evidence_put put = {.incident = row->incident,
            .name = name_of(fetching, arena),
            .what = slice_of(arena_printf(arena, "%s of report KTG %.*s; it reached us on %.*s",
                    file ? "a file" : "a letter", (int)row->reference.len, row->reference.ptr,
                    (int)time_text(fetching->letter.time_us, arena).len,
                    time_text(fetching->letter.time_us, arena).ptr)),
            .place = place_of(fetching, arena),
            .tool = slice_of(arena_printf(arena, "kentongan " KENTONGAN_VERSION ", message %" PRId64 " part %" PRId64,
                    fetching->part->message, fetching->part->part)),
            .basis = fetching->basis,
            .acquired_us = said ? fetching->post.captured_us : fetching->letter.time_us,
            .clock_error_us = TIME_NONE,
            .keep_until_us = TIME_NONE};
    return case_evidence_take(db, actor, &put, &source, arena, evidence);
}

struct err case_report_secure(struct db *db, const struct actor *actor, const struct case_report_part *part,
        slice basis, struct arena *arena, int64_t *evidence)
{
    struct fetching fetching = {.part = part, .basis = basis, .file = {.name = S("")}};
    TRY(store_right_check(actor, VERB_TAKE_EVIDENCE, 0, arena, NULL));
    fetching.bytes = buf_make(MAILBOX_BYTES_MAX + 1);
    struct err err = store_work(db, actor, arena, fetch, &fetching);
    if (err.kind == ERR_NONE)
        err = seal(db, actor, &fetching, arena, evidence);
    buf_free(&fetching.bytes);
    return err;
}
