/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence: what was secured, in whose hands it was, and the packages that two persons handed over. A liaison sees the
 * packages for their organisation, takes them as an archive, and sees nothing else.
 *
 * What is fetched goes through a file without a name in the node's folder: nothing of it lies open on the disk.
 */
#include "case/evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "case/package.h"
#include "gate/gate.h"
#include "store/organisation.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"
#include "web/worked.h"

#define ITEMS 25
#define READ 100 /* at once, of which some may be of incidents that are not seen */
#define PACKAGES 15
#define CONTENT 10 /* items of a package that are named */
#define STEPS 60   /* entries of custody that are shown */
#define PICKS_MAX 100

/* ---- Who ---- */

struct reader {
    bool staff, liaison;
};

/* Who works here and may verify, or who receives packages; ERR_DENIED for everybody else. */
static struct err reader_of(struct ask *ask, struct reader *reader)
{
    *reader = (struct reader){warned_may(ask, VERB_VERIFY_EVIDENCE, 0),
            warned_may(ask, VERB_RECEIVE_EVIDENCE, ask->who.actor.organisation)};
    return reader->staff || reader->liaison
                   ? OK
                   : store_right_check(&ask->who.actor, VERB_VERIFY_EVIDENCE, 0, ask->arena, NULL);
}

/* ---- Items ---- */

static void item_write(struct outside *outside, const struct evidence *row)
{
    struct ask *ask = outside->ask;
    json_write_key_u64(&ask->json, S("number"), (uint64_t)row->number);
    json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/evidence/", row->number, "")));
    json_write_key_u64(&ask->json, S("incident"), (uint64_t)row->incident);
    outside_write(outside, S("name"), row->name, OUTSIDE_NAME);
    outside_write_value(outside, S("what"), row->what, OUTSIDE_LINE);
    page_moment(ask, S("acquired"), row->acquired_us);
    page_count(ask, S("bytes"), (uint64_t)row->bytes);
    json_write_key_text(&ask->json, S("sha256"), arena_hex(ask->arena, row->digest));
    page_flag(ask, S("destroyed"), row->seal.len == 0);
    page_moment(ask, S("hold_until"), row->hold_until_us);
    page_moment(ask, S("keep_until"), row->keep_until_us);
}

static struct err items_write(struct ask *ask, int64_t incident, int64_t after)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct evidence *rows;
    size_t count, shown = 0, at = 0;
    TRY(store_evidence_list(ask->db, incident, after, READ, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("items"));
    json_write_array(&ask->json);
    for (; at < count && shown < ITEMS; at++) {
        struct err err = case_evidence_seen(ask->db, &ask->who.actor, rows[at].incident, ask->arena);
        if (err.kind == ERR_MISSING)
            continue;
        TRY(err);
        json_write_object(&ask->json);
        item_write(&outside, &rows[at]);
        json_write_end(&ask->json);
        shown++;
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_item"), shown > 0);
    page_more(ask, at < count || count == READ ? rows[at - 1].number : 0);
    return OK;
}

/* ---- Packages ---- */

static struct err content_write(struct outside *outside, int64_t package)
{
    struct ask *ask = outside->ask;
    struct evidence *rows;
    size_t count;
    TRY(store_package_items(ask->db, package, ask->arena, &rows, &count));
    page_count(ask, S("items"), count);
    json_write_key(&ask->json, S("names"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count && i < CONTENT; i++)
        json_write_text(&ask->json, outside_text(outside, rows[i].name, OUTSIDE_NAME, NULL));
    json_write_end(&ask->json);
    return OK;
}

/* Who it was made for learns nothing of the incident but what is in it. */
static struct err package_write(
        struct outside *outside, struct warned_names *names, const struct evidence_package *row, bool staff)
{
    struct ask *ask = outside->ask;
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)row->number);
    page_moment(ask, S("made"), row->made_us);
    outside_write(outside, S("their_reference"), row->their_reference, OUTSIDE_NAME);
    page_moment(ask, S("taken"), row->taken_us);
    outside_write(outside, S("taken_by"), row->taken_by, OUTSIDE_NAME);
    TRY(content_write(outside, row->number));
    if (staff) {
        json_write_key_u64(&ask->json, S("incident"), (uint64_t)row->incident);
        TRY(warned_organisation(ask, names, S("organisation"), row->organisation));
        outside_write(outside, S("actor"), row->actor, OUTSIDE_NAME);
    }
    json_write_end(&ask->json);
    return OK;
}

static struct err packages_write(struct ask *ask, const struct reader *reader, int64_t incident)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct warned_names names = {0};
    struct evidence_package *rows;
    uint64_t after;
    size_t count, shown = 0, at = 0;
    TRY(ask_number(ask, S("packages"), INT64_MAX, 0, &after));
    TRY(case_package_list(ask->db, &ask->who.actor, (int64_t)after, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("packages"));
    json_write_array(&ask->json);
    for (; at < count && shown < PACKAGES; at++) {
        bool theirs = rows[at].organisation == ask->who.actor.organisation && reader->liaison;
        struct err err = theirs ? OK : case_evidence_seen(ask->db, &ask->who.actor, rows[at].incident, ask->arena);
        if (err.kind == ERR_MISSING || (incident != 0 && rows[at].incident != incident))
            continue;
        TRY(err);
        TRY(package_write(&outside, &names, &rows[at], reader->staff));
        shown++;
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_package"), shown > 0);
    json_write_key(&ask->json, S("more_packages"));
    if (at < count || count == STORE_PAGE_MAX)
        json_write_u64(&ask->json, (uint64_t)rows[at - 1].number);
    else
        json_write_null(&ask->json);
    return OK;
}

/* ---- The list ---- */

struct err web_evidence(struct ask *ask)
{
    struct reader reader;
    uint64_t incident, after;
    TRY(reader_of(ask, &reader));
    TRY(ask_number(ask, S("incident"), INT64_MAX, 0, &incident));
    TRY(ask_number(ask, S("after"), INT64_MAX, 0, &after));
    if (incident == 0 && ask->form_count > 0) { /* a form that was not done */
        int64_t typed;
        TRY(worked_number(ask, S("incident"), &typed));
        incident = (uint64_t)typed;
    }
    page_title(ask, ask_text(ask, W("Evidence")));
    page_flag(ask, S("staff"), reader.staff);
    if (reader.staff) {
        json_write_key(&ask->json, S("incident_number"));
        if (incident == 0)
            json_write_null(&ask->json);
        else
            json_write_u64(&ask->json, incident);
        worked_zone(ask);
        page_flag(ask, S("may_take"), warned_may(ask, VERB_TAKE_EVIDENCE, 0));
        page_flag(ask, S("may_hand"), warned_may(ask, VERB_HAND_EVIDENCE, 0));
        page_flag(ask, S("may_keep"), warned_may(ask, VERB_KEEP_EVIDENCE, 0));
        page_flag(ask, S("may_act"), warned_may(ask, VERB_HAND_EVIDENCE, 0) || warned_may(ask, VERB_KEEP_EVIDENCE, 0));
        TRY(items_write(ask, (int64_t)incident, (int64_t)after));
    }
    page_flag(ask, S("may_fetch"), reader.liaison || warned_may(ask, VERB_TAKE_EVIDENCE, 0));
    return packages_write(ask, &reader, (int64_t)incident);
}

/* ---- One item ---- */

static const struct {
    const char *act, *text;
} steps[] = {
        {"acquired", W_C("acquired")},
        {"copied", W_C("copied")},
        {"handed-over", W_C("handed over")},
        {"received", W_C("received")},
        {"held", W_C("held")},
        {"destroyed", W_C("destroyed")},
};

static slice step_text(const struct ask *ask, slice act)
{
    for (size_t i = 0; i < COUNT_OF(steps); i++)
        if (slice_eq(act, slice_of(steps[i].act)))
            return ask_text(ask, slice_of(steps[i].text));
    return act;
}

static struct err item_of(struct ask *ask, struct evidence *row)
{
    int64_t number;
    TRY(warned_need(ask, VERB_VERIFY_EVIDENCE));
    TRY(ask_part_number(ask, 0, &number));
    TRY(store_evidence_get(ask->db, number, ask->arena, row));
    return case_evidence_seen(ask->db, &ask->who.actor, row->incident, ask->arena);
}

/* The latest ones; all of it is in a package. */
static struct err custody_write(struct outside *outside, int64_t number)
{
    struct ask *ask = outside->ask;
    struct custody *rows;
    size_t count;
    TRY(store_custody_list(ask->db, number, ask->arena, &rows, &count));
    page_count(ask, S("steps"), count);
    page_flag(ask, S("cut"), count > STEPS);
    json_write_key(&ask->json, S("custody"));
    json_write_array(&ask->json);
    for (size_t i = count > STEPS ? count - STEPS : 0; i < count; i++) {
        json_write_object(&ask->json);
        json_write_key_u64(&ask->json, S("step"), (uint64_t)rows[i].step);
        json_write_key_text(&ask->json, S("act"), rows[i].act);
        json_write_key_text(&ask->json, S("text"), step_text(ask, rows[i].act));
        page_moment(ask, S("time"), rows[i].time_us);
        outside_write(outside, S("actor"), rows[i].actor, OUTSIDE_NAME);
        outside_write(outside, S("to"), rows[i].to_whom, OUTSIDE_NAME);
        outside_write_value(outside, S("why"), rows[i].why, OUTSIDE_LINE);
        json_write_key_text(&ask->json, S("taker"), arena_hex(ask->arena, rows[i].other_key));
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    return OK;
}

struct err web_evidence_one(struct ask *ask)
{
    struct evidence row;
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    TRY(item_of(ask, &row));
    page_title(ask, ask_text(ask, W("Evidence")));
    item_write(&outside, &row);
    outside_write_value(&outside, S("place"), row.place, OUTSIDE_LINE);
    outside_write(&outside, S("person"), row.person, OUTSIDE_NAME);
    outside_write_value(&outside, S("tool"), row.tool, OUTSIDE_LINE);
    outside_write_value(&outside, S("basis"), row.basis, OUTSIDE_LINE);
    json_write_key_text(&ask->json, S("sha512"), arena_hex(ask->arena, row.digest_512));
    json_write_key(&ask->json, S("clock_error_ms"));
    if (row.clock_error_us == TIME_NONE)
        json_write_null(&ask->json);
    else
        json_write_i64(&ask->json, row.clock_error_us / 1000);
    page_flag(ask, S("may_copy"), row.seal.len > 0 && warned_may(ask, VERB_TAKE_EVIDENCE, 0));
    return custody_write(&outside, row.number);
}

/* ---- Taking, looking after, fetching ---- */

struct bytes {
    slice left;
};

static struct err bytes_read(void *context, char *to, size_t room, size_t *got)
{
    struct bytes *bytes = context;
    *got = bytes->left.len < room ? bytes->left.len : room;
    memcpy(to, bytes->left.ptr, *got);
    bytes->left = slice_from(bytes->left, *got);
    return OK;
}

static const struct http_field *file_of(const struct ask *ask)
{
    for (size_t i = 0; i < ask->form_count; i++)
        if (slice_eq(ask->form[i].name, S("file")))
            return &ask->form[i];
    return NULL;
}

static struct err take(struct ask *ask, int64_t *number)
{
    const struct http_field *file = file_of(ask);
    struct case_evidence_put put = {.name = slice_trim(ask_form(ask, S("name"))),
            .what = slice_trim(ask_form(ask, S("what"))),
            .place = slice_trim(ask_form(ask, S("place"))),
            .person = slice_trim(ask_form(ask, S("person"))),
            .tool = slice_trim(ask_form(ask, S("tool"))),
            .basis = slice_trim(ask_form(ask, S("basis"))),
            .clock_error_us = TIME_NONE};
    if (file == NULL || file->value.len == 0)
        return err_make(ERR_INPUT, W_C("which file? what is taken has a byte at least"));
    struct bytes bytes = {file->value};
    const struct evidence_source source = {&bytes, bytes_read};
    put.name = put.name.len > 0 ? put.name : file->file;
    TRY(worked_number(ask, S("incident"), &put.incident));
    TRY(worked_moment(ask, S("acquired"), &put.acquired_us));
    TRY(worked_moment(ask, S("keep-until"), &put.keep_until_us));
    return case_evidence_take(ask->db, &ask->who.actor, &put, &source, ask->arena, number);
}

struct err web_evidence_take(struct ask *ask)
{
    int64_t number = 0;
    struct err err = take(ask, &number);
    const struct shared_form form = {outside_path(ask, "/evidence/", number, ""), "taken", NULL, NULL, web_evidence};
    return shared_end(ask, &form, err);
}

struct err web_evidence_verify(struct ask *ask)
{
    struct evidence row;
    TRY(item_of(ask, &row));
    const struct shared_form form = {
            outside_path(ask, "/evidence/", row.number, ""), "verified", NULL, NULL, web_evidence_one};
    return shared_end(ask, &form, case_evidence_verify(ask->db, &ask->who.actor, row.number, ask->arena));
}

/* A file without a name, gone when it is closed. */
static struct err file_new(struct ask *ask, int *file)
{
    const char *folder = ask->gate->options.parts->folder;
    *file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return *file < 0 ? err_errno(ask->arena, folder) : OK;
}

static void file_send(struct ask *ask, int file, const char *name)
{
    ask->reply->status = 200;
    ask->reply->type = S("application/octet-stream");
    ask->reply->file = file;
    http_reply_header(ask->reply, S("Content-Disposition"),
            slice_of(arena_printf(ask->arena, "attachment; filename=\"%s\"", name)));
    http_reply_header(ask->reply, S("X-Content-Type-Options"), S("nosniff"));
    http_reply_header(ask->reply, S("Cache-Control"), S("no-store"));
}

static struct err piece_put(void *context, slice piece)
{
    const int *file = context;
    return file_write(*file, piece) ? OK : err_make(ERR_SYSTEM, "the disk does not take it");
}

struct err web_evidence_copy(struct ask *ask)
{
    struct evidence row;
    int file;
    slice reason;
    TRY(item_of(ask, &row));
    struct err err = shared_reason(ask, &reason);
    if (err.kind == ERR_NONE) {
        TRY(file_new(ask, &file));
        const struct evidence_sink sink = {&file, piece_put};
        err = case_evidence_copy(ask->db, &ask->who.actor, row.number, reason, &sink, ask->arena);
        if (err.kind == ERR_NONE) {
            file_send(ask, file, arena_printf(ask->arena, "evidence-%" PRId64 ".bin", row.number));
            return OK;
        }
        close(file);
    }
    const struct shared_form form = {"/evidence", "saved", NULL, NULL, web_evidence_one};
    return shared_end(ask, &form, err);
}

struct err web_package_take(struct ask *ask)
{
    struct reader reader;
    int64_t number;
    int file;
    TRY(reader_of(ask, &reader));
    TRY(ask_part_number(ask, 0, &number));
    TRY(file_new(ask, &file));
    struct err err = case_package_tar(ask->db, &ask->who.actor, number, file,
            arena_printf(ask->arena, "%s/ledger", ask->gate->options.parts->folder), ask->arena);
    if (err.kind != ERR_NONE) {
        close(file);
        return err;
    }
    file_send(ask, file, arena_printf(ask->arena, "package-%" PRId64 ".tar", number));
    return OK;
}

/* ---- What takes two persons ---- */

static struct err picks_read(struct ask *ask, struct case_evidence_act *act, int64_t *numbers)
{
    struct evidence first;
    size_t at = 0;
    slice value;
    act->items = numbers;
    while (ask_form_each(ask, S("pick"), &at, &value)) {
        uint64_t number;
        if (!slice_u64(value, INT64_MAX, &number))
            return err_make(ERR_INPUT, W_C("pick: a number of evidence"));
        if (act->count == PICKS_MAX)
            return err_make(ERR_LIMIT, W_C("at most 100 at once"));
        numbers[act->count++] = (int64_t)number;
    }
    if (act->count == 0)
        return err_make(ERR_INPUT, W_C("tick what it is about"));
    TRY(store_evidence_get(ask->db, numbers[0], ask->arena, &first));
    TRY(case_evidence_seen(ask->db, &ask->who.actor, first.incident, ask->arena));
    act->incident = first.incident;
    return OK;
}

static struct err act_propose(struct ask *ask, struct case_evidence_act *act, struct share_proposal *proposal)
{
    slice what = ask_form(ask, S("act"));
    const struct actor *actor = &ask->who.actor;
    int64_t organisation, until_us;
    TRY(shared_reason(ask, &act->why));
    if (slice_eq(what, S("hand"))) {
        TRY(worked_organisation(ask, S("organisation"), &organisation));
        if (organisation == 0)
            return err_make(ERR_INPUT, W_C("which organisation?"));
        return case_evidence_hand(
                ask->db, actor, act, organisation, slice_trim(ask_form(ask, S("reference"))), ask->arena, proposal);
    }
    if (slice_eq(what, S("hold"))) {
        TRY(worked_moment(ask, S("until"), &until_us));
        return case_evidence_hold(ask->db, actor, act, until_us, ask->arena, proposal);
    }
    if (slice_eq(what, S("destroy")))
        return case_evidence_destroy(ask->db, actor, act, ask->arena, proposal);
    return err_make(ERR_INPUT, W_C("what is to be done with it? act says it"));
}

struct err web_evidence_act(struct ask *ask)
{
    struct share_proposal proposal = {.done = true};
    int64_t numbers[PICKS_MAX];
    struct case_evidence_act act = {.count = 0};
    TRY(warned_need(ask, VERB_VERIFY_EVIDENCE));
    struct err err = picks_read(ask, &act, numbers);
    if (err.kind == ERR_NONE)
        err = act_propose(ask, &act, &proposal);
    const struct shared_form form = {
            outside_path(ask, "/evidence?incident=", act.incident, ""), "saved", NULL, &proposal, web_evidence};
    return shared_end(ask, &form, err);
}
