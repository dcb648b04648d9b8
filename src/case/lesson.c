/* SPDX-License-Identifier: Apache-2.0 */
#include "case/lesson.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/uuid.h"
#include "case/field.h"
#include "case/nameless.h"
#include "desk/fact.h"
#include "intel/ingest.h"
#include "stix/marks.h"
#include "store/organisation.h"
#include "json/read.h"
#include "json/write.h"

#define BUNDLE_MAX (1u << 20)

_Static_assert((int)LESSON_LANGUAGES == (int)LANGUAGES, "a lesson has a text for each language");

static const char *const in[LANGUAGES] = {
        [LANGUAGE_ENGLISH] = "in English", [LANGUAGE_INDONESIAN] = "in Bahasa Indonesia"};

/* ---- What is common ---- */

static struct err tell(
        struct work *work, const char *act, const struct lesson *row, const struct desk_fact *facts, size_t count)
{
    int64_t own;
    struct desk_fact all[4] = {{"incident", slice_of(arena_printf(work->arena, "%" PRId64, row->incident))}};
    for (size_t i = 0; i < count; i++)
        all[i + 1] = facts[i];
    TRY(store_organisation_own(work->db, &own));
    return desk_fact_tell(work, act, CASE_LESSON_SUBJECT, row->number, own, all, count + 1);
}

static struct err said_check(const struct case_nameless *nameless, const struct lesson_said *said,
        enum language language, struct arena *arena)
{
    const char *title = arena_printf(arena, "title %s", in[language]);
    const char *text = arena_printf(arena, "text %s", in[language]);
    TRY(store_text_check(arena, title, said->title, STORE_NAME_MAX));
    TRY(store_prose_check(arena, text, said->text, LESSON_TEXT_MAX));
    TRY(case_nameless_check(nameless, title, said->title, arena));
    return case_nameless_check(nameless, text, said->text, arena);
}

/* All of it, by what is known now: since it was written somebody may have become known. */
static struct err whole_check(struct work *work, const struct lesson *row)
{
    struct case_nameless nameless;
    TRY(case_nameless_of(work->db, row->incident, work->arena, &nameless));
    for (enum language i = 0; i < LANGUAGES; i++) {
        slice open = S(CASE_LESSON_OPEN);
        TRY(said_check(&nameless, &row->said[i], i, work->arena));
        if (slice_find_slice(row->said[i].text, open) < row->said[i].text.len)
            return err_format(work->arena, ERR_INPUT,
                    "text %s: where it says " CASE_LESSON_OPEN " a person has something to say still", in[i]);
    }
    return OK;
}

static bool is_flagged(const struct incident *incident, slice word)
{
    return slice_find_slice(incident->flags, word) < incident->flags.len;
}

static bool was_closed(const struct incident *incident)
{
    return incident->state == INCIDENT_CLOSED || incident->state == INCIDENT_PUBLISHED;
}

struct sha256 case_lesson_digest(const struct lesson *row)
{
    struct sha256_sum *sum = hash_sha256_begin();
    for (size_t i = 0; i < LESSON_LANGUAGES; i++) {
        hash_sha256_put(sum, row->said[i].title);
        hash_sha256_put(sum, S("\0"));
        hash_sha256_put(sum, row->said[i].text);
        hash_sha256_put(sum, S("\0"));
    }
    return hash_sha256_end(sum);
}

/* Whoever reads the node's keys is one person, by whichever account of the machine. */
static bool is_same_person(slice one, slice other)
{
    return slice_eq(one, other) || (slice_starts(one, S("local/")) && slice_starts(other, S("local/")));
}

bool case_lesson_wrote(const struct lesson *row, slice name)
{
    for (size_t i = 0; i < LESSON_LANGUAGES; i++)
        if (is_same_person(row->said[i].writer, name))
            return true;
    return false;
}

static bool works(const struct actor *actor, struct arena *arena)
{
    return store_right_check(actor, VERB_WORK_INCIDENTS, 0, arena, NULL).kind == ERR_NONE;
}

static bool shares(const struct actor *actor, struct arena *arena)
{
    bool second;
    return store_right_check(actor, VERB_LESSONS, 0, arena, &second).kind == ERR_NONE;
}

bool case_lesson_sees_any(const struct actor *actor, struct arena *arena)
{
    return works(actor, arena) || shares(actor, arena);
}

struct err case_lesson_sees(
        struct db *db, const struct actor *actor, const struct lesson *row, struct arena *arena, bool *sees)
{
    struct incident about;
    enum case_sight sight;
    TRY(store_incident_get(db, row->incident, arena, &about));
    TRY(case_sees(db, actor, &about, arena, &sight));
    *sees = row->state == LESSON_SHARED || (works(actor, arena) && sight == CASE_ALL) ||
            (shares(actor, arena) && row->state >= LESSON_REVIEWED && !is_flagged(&about, S("restricted")));
    return OK;
}

/* ---- Writing ---- */

static struct err may_begin(struct work *work, const struct incident *incident)
{
    struct lesson before;
    struct err err = store_lesson_of(work->db, incident->number, work->arena, &before);
    if (!was_closed(incident))
        return err_format(work->arena, ERR_CONFLICT, "incident %" PRId64 " is %s: a lesson is drawn from a closed one",
                incident->number, store_incident_state_name(incident->state));
    if (err.kind == ERR_NONE && before.state != LESSON_SHARED)
        return err_format(work->arena, ERR_CONFLICT, "incident %" PRId64 " has lesson %" PRId64 " already, which is %s",
                incident->number, before.number, store_lesson_state_name(before.state));
    return err.kind == ERR_MISSING ? OK : err;
}

struct err case_lesson_draft(struct work *work, int64_t incident, int64_t *number)
{
    struct incident about;
    struct case_nameless nameless;
    struct lesson row = {.incident = incident, .marking = S(""), .reader = S(""), .state = LESSON_DRAFT};
    TRY(case_incident_mine(work, incident, &about));
    TRY(may_begin(work, &about));
    TRY(case_nameless_of(work->db, incident, work->arena, &nameless));
    row.identity = case_identity("report", work->arena);
    for (enum language i = 0; i < LANGUAGES; i++)
        TRY(case_lesson_compose(work, &about, &nameless, i, &row.said[i]));
    for (enum language i = 0; i < LANGUAGES; i++)
        row.said[i].writer = work->actor->name;
    TRY(store_lesson_add(work, &row, number));
    row.number = *number;
    return tell(work, "lesson.drafted", &row, NULL, 0);
}

/* The row, kept, for who works on its incident; nobody else learns that it is there. */
static struct err lesson_mine(struct work *work, int64_t number, struct lesson *row)
{
    struct incident about;
    TRY(store_right_check(work->actor, VERB_WORK_INCIDENTS, 0, work->arena, NULL));
    TRY(store_lesson_keep(work, number, row));
    struct err err = case_incident_mine(work, row->incident, &about);
    return err.kind == ERR_MISSING ? err_make(ERR_MISSING, "there is no such lesson") : err;
}

struct err case_lesson_write(struct work *work, int64_t number, enum language language, const struct lesson_said *said)
{
    struct lesson row;
    struct case_nameless nameless;
    TRY(lesson_mine(work, number, &row));
    if (row.state >= LESSON_AGREED)
        return err_format(
                work->arena, ERR_CONFLICT, "lesson %" PRId64 " is out: what was agreed to stays as it is", number);
    TRY(case_nameless_of(work->db, row.incident, work->arena, &nameless));
    TRY(said_check(&nameless, said, language, work->arena));
    row.said[language] = *said;
    row.said[language].writer = work->actor->name;
    row.state = LESSON_DRAFT;
    row.reader = S("");
    TRY(store_lesson_change(work, &row));
    return tell(work, "lesson.written", &row, (struct desk_fact[]){{"language", slice_of(language_tag(language))}}, 1);
}

/* What was shown is what is stored. */
static struct err same_text(const struct lesson *row, const struct sha256 *shown)
{
    struct sha256 now = case_lesson_digest(row);
    return slice_eq(sha256_slice(&now), sha256_slice(shown))
                   ? OK
                   : err_make(ERR_CONFLICT, "the lesson was written anew meanwhile: read it again");
}

struct err case_lesson_read(struct work *work, int64_t number, const struct sha256 *shown)
{
    struct lesson row;
    TRY(lesson_mine(work, number, &row));
    if (row.state != LESSON_DRAFT)
        return err_format(work->arena, ERR_CONFLICT, "lesson %" PRId64 " is %s: a draft is read", number,
                store_lesson_state_name(row.state));
    if (case_lesson_wrote(&row, work->actor->name))
        return err_make(ERR_DENIED, "who wrote it does not see what it gives away: another person reads it");
    TRY(same_text(&row, shown));
    TRY(whole_check(work, &row));
    row.state = LESSON_REVIEWED;
    row.reader = work->actor->name;
    TRY(store_lesson_change(work, &row));
    return tell(work, "lesson.read", &row, NULL, 0);
}

/* ---- Sharing ---- */

static slice digest_text(const struct lesson *row, struct arena *arena)
{
    struct sha256 digest = case_lesson_digest(row);
    return arena_hex(arena, sha256_slice(&digest));
}

static struct err marking_check(slice marking)
{
    enum stix_tlp tlp;
    return stix_tlp_find(marking, &tlp) && tlp >= TLP_CLEAR && tlp <= TLP_AMBER && slice_starts(marking, S("TLP:"))
                   ? OK
                   : err_make(ERR_INPUT, "marking: what names nobody is TLP:CLEAR, TLP:GREEN or TLP:AMBER");
}

/* One that the actor sees; ERR_MISSING. */
static struct err seen(struct db *db, const struct actor *actor, const struct lesson *row, struct arena *arena)
{
    bool sees;
    TRY(case_lesson_sees(db, actor, row, arena, &sees));
    return sees ? OK : err_make(ERR_MISSING, "there is no such lesson");
}

struct err case_lesson_share(struct db *db, const struct actor *actor, int64_t number, slice marking, slice why,
        struct arena *arena, struct share_proposal *proposal)
{
    struct lesson row;
    bool second;
    struct buf detail = buf_make(STORE_TEXT_MAX);
    struct json_writer w = json_writer(&detail);
    TRY(store_right_check(actor, VERB_LESSONS, 0, arena, &second));
    TRY(store_lesson_get(db, number, arena, &row));
    TRY(seen(db, actor, &row, arena));
    TRY(marking_check(marking));
    json_write_object(&w);
    json_write_key_text(&w, S("title"), row.said[0].title);
    json_write_key_text(&w, S("marking"), marking);
    json_write_key_text(&w, S("sha256"), digest_text(&row, arena));
    json_write_end(&w);
    slice subject = slice_of(arena_printf(arena, CASE_LESSON_SUBJECT "/%" PRId64, number));
    struct err err = buf_check(&detail);
    if (err.kind == ERR_NONE)
        err = share_propose(db, actor, "lesson.share", subject, buf_slice(&detail), why, arena, proposal);
    buf_free(&detail);
    return err;
}

/* Which of its incident keeps it in. */
static struct err may_leave(struct work *work, const struct lesson *row)
{
    static const char *const flags[] = {"exercise", "restricted"};
    struct incident about;
    TRY(store_incident_keep(work, row->incident, &about));
    for (size_t i = 0; i < COUNT_OF(flags); i++)
        if (is_flagged(&about, slice_of(flags[i])))
            return err_format(work->arena, ERR_CONFLICT, "incident %" PRId64 " is marked %s: its lesson stays here",
                    about.number, flags[i]);
    return was_closed(&about) ? OK
                              : err_format(work->arena, ERR_CONFLICT, "incident %" PRId64 " is %s again", about.number,
                                        store_incident_state_name(about.state));
}

struct err case_lesson_do_share(struct work *work, slice subject, slice detail)
{
    struct lesson row;
    int64_t number;
    slice marking = json_text(json_get(detail, S("marking")), work->arena);
    TRY(desk_fact_subject(work->arena, CASE_LESSON_SUBJECT, subject, &number));
    TRY(store_lesson_keep(work, number, &row));
    TRY(seen(work->db, work->actor, &row, work->arena));
    if (row.state != LESSON_REVIEWED)
        return err_format(work->arena, ERR_CONFLICT,
                "lesson %" PRId64 " is %s: what a second person has read is shared", number,
                store_lesson_state_name(row.state));
    if (!slice_eq(json_text(json_get(detail, S("sha256")), work->arena), digest_text(&row, work->arena)))
        return err_make(ERR_CONFLICT, "the lesson was written anew meanwhile: propose it again");
    TRY(marking_check(marking));
    TRY(may_leave(work, &row));
    TRY(whole_check(work, &row));
    row.marking = marking;
    row.state = LESSON_AGREED;
    TRY(store_lesson_change(work, &row));
    return tell(work, "lesson.agreed", &row, (struct desk_fact[]){{"marking", marking}}, 1);
}

/* ---- As STIX: report and note in English, and what they are called in the other language ---- */

struct leaving {
    const struct lesson *row;
    slice creator, moment, marking; /* marking: id of the definition */
    struct arena *arena;
    struct json_writer w;
};

/* The same again for the same lesson, so that what was taken in once is not another one. */
static slice id_of(const struct leaving *leaving, const char *type, const char *of)
{
    struct uuid report = {0}, made;
    struct buf text = buf_make(100);
    uuid_parse(slice_from(leaving->row->identity, sizeof "report--" - 1), &report);
    made = uuid_v5(&report, slice_of(of));
    buf_printf(&text, "%s--", type);
    uuid_write(&text, &made);
    slice id = arena_copy(leaving->arena, buf_slice(&text));
    buf_free(&text);
    return id;
}

static void list_write(struct json_writer *w, const char *key, slice only)
{
    json_write_key(w, slice_of(key));
    json_write_array(w);
    json_write_text(w, only);
    json_write_end(w);
}

static void object_begin(struct leaving *leaving, const char *type, slice id)
{
    struct json_writer *w = &leaving->w;
    const struct desk_fact pairs[] = {{"type", slice_of(type)}, {"spec_version", S("2.1")}, {"id", id},
            {"created_by_ref", leaving->creator}, {"created", leaving->moment}, {"modified", leaving->moment}};
    json_write_object(w);
    for (size_t i = 0; i < COUNT_OF(pairs); i++)
        json_write_key_text(w, slice_of(pairs[i].name), pairs[i].text);
    list_write(w, "object_marking_refs", leaving->marking);
}

static void report_write(struct leaving *leaving, slice note)
{
    struct json_writer *w = &leaving->w;
    slice text = leaving->row->said[LANGUAGE_ENGLISH].text;
    object_begin(leaving, "report", leaving->row->identity);
    json_write_key_text(w, S("lang"), S("en"));
    json_write_key_text(w, S("name"), leaving->row->said[LANGUAGE_ENGLISH].title);
    json_write_key_text(w, S("description"), slice_part(text, 0, slice_find_slice(text, S("\n\n"))));
    list_write(w, "report_types", S("threat-report"));
    list_write(w, "labels", S("lesson"));
    json_write_key_text(w, S("published"), leaving->moment);
    list_write(w, "object_refs", note);
    json_write_end(w);
}

static void note_write(struct leaving *leaving, slice note)
{
    struct json_writer *w = &leaving->w;
    object_begin(leaving, "note", note);
    json_write_key_text(w, S("lang"), S("en"));
    json_write_key_text(w, S("abstract"), leaving->row->said[LANGUAGE_ENGLISH].title);
    json_write_key_text(w, S("content"), leaving->row->said[LANGUAGE_ENGLISH].text);
    list_write(w, "labels", S("lesson"));
    list_write(w, "object_refs", leaving->row->identity);
    json_write_end(w);
}

/* Two properties of an object in the other language (STIX 2.1 section 7.1). */
static void other_write(struct leaving *leaving, slice object, const char *title, const char *text, slice said)
{
    struct json_writer *w = &leaving->w;
    object_begin(leaving, "language-content", id_of(leaving, "language-content", title));
    json_write_key_text(w, S("object_ref"), object);
    json_write_key_text(w, S("object_modified"), leaving->moment);
    json_write_key(w, S("contents"));
    json_write_object(w);
    json_write_key(w, slice_of(language_tag(LANGUAGE_INDONESIAN)));
    json_write_object(w);
    json_write_key_text(w, slice_of(title), leaving->row->said[LANGUAGE_INDONESIAN].title);
    json_write_key_text(w, slice_of(text), said);
    json_write_end(w);
    json_write_end(w);
    json_write_end(w);
}

static void bundle_write(struct leaving *leaving)
{
    struct json_writer *w = &leaving->w;
    slice note = id_of(leaving, "note", "content"), said = leaving->row->said[LANGUAGE_INDONESIAN].text;
    json_write_object(w);
    json_write_key_text(w, S("type"), S("bundle"));
    json_write_key_text(w, S("id"), id_of(leaving, "bundle", "bundle"));
    json_write_key(w, S("objects"));
    json_write_array(w);
    report_write(leaving, note);
    note_write(leaving, note);
    other_write(leaving, leaving->row->identity, "name", "description",
            slice_part(said, 0, slice_find_slice(said, S("\n\n"))));
    other_write(leaving, note, "abstract", "content", said);
    json_write_end(w);
    json_write_end(w);
}

/* The definition of TLP 2.0: the last one of its level. */
static slice tlp_id(slice marking, struct arena *arena)
{
    enum stix_tlp tlp = TLP_NONE;
    slice id = S(""), next;
    (void)stix_tlp_find(marking, &tlp);
    for (size_t i = 0; (next = stix_tlp_id(tlp, i, arena)).len > 0; i++)
        id = next;
    return id;
}

static struct err leaving_of(struct db *db, const struct lesson *row, struct arena *arena, struct leaving *leaving)
{
    struct organisation own;
    struct buf moment = buf_make(64);
    int64_t number;
    *leaving = (struct leaving){.row = row, .arena = arena, .marking = tlp_id(row->marking, arena)};
    TRY(store_organisation_own(db, &number));
    TRY(store_organisation_get(db, number, arena, &own));
    leaving->creator = own.identity;
    /* To the millisecond, as every STIX program keeps it (section 3.2, timestamp). */
    time_write(&moment, row->changed_us);
    leaving->moment = slice_of(arena_printf(arena, "%.*sZ", (int)moment.len - 4, moment.ptr));
    buf_free(&moment);
    return OK;
}

/* In the work that makes the objects seen. */
static struct err taken(void *context, struct work *work, int64_t import)
{
    const struct leaving *leaving = context;
    struct lesson row;
    struct incident about;
    TRY(store_lesson_keep(work, leaving->row->number, &row));
    TRY(store_incident_keep(work, row.incident, &about));
    row.state = LESSON_SHARED;
    TRY(store_lesson_change(work, &row));
    if (about.state == INCIDENT_CLOSED)
        TRY(case_incident_state(work, row.incident, INCIDENT_PUBLISHED, row.said[0].title));
    const struct desk_fact facts[] = {{"report", row.identity}, {"marking", row.marking},
            {"import", slice_of(arena_printf(work->arena, "%" PRId64, import))}};
    return tell(work, "lesson.shared", &row, facts, COUNT_OF(facts));
}

static struct err publish(struct db *db, const struct actor *actor, const struct lesson *row, struct arena *arena)
{
    struct leaving leaving;
    struct intel_report report;
    struct buf bundle = buf_make(BUNDLE_MAX);
    TRY(leaving_of(db, row, arena, &leaving));
    const struct intel_ingest ingest = {.source = S("desk"),
            .kind = S("desk"),
            .name = slice_of(arena_printf(arena, CASE_LESSON_SUBJECT "/%" PRId64, row->number)),
            .form = "stix",
            .finish = taken,
            .watch = {.context = &leaving}};
    leaving.w = json_writer(&bundle);
    bundle_write(&leaving);
    struct err err = buf_check(&bundle);
    if (err.kind == ERR_NONE)
        err = intel_ingest_text(db, actor, &ingest, buf_slice(&bundle), arena, &report);
    buf_free(&bundle);
    return err;
}

struct err case_lesson_publish(struct db *db, const struct actor *actor, struct arena *arena, size_t *count)
{
    struct lesson *rows;
    struct err first = OK;
    *count = 0;
    TRY(store_lesson_of_state(db, LESSON_AGREED, INT64_MAX, STORE_PAGE_MAX, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        struct err err = publish(db, actor, &rows[i], arena);
        if (first.kind == ERR_NONE)
            first = desk_fact_kept(err, arena);
    }
    return first;
}
