/* SPDX-License-Identifier: Apache-2.0 */
#include "case/evidence.h"

#include <inttypes.h>

#include "base/arena.h"
#include "case/incident.h"
#include "desk/fact.h"
#include "store/journal.h"
#include "store/organisation.h"
#include "json/read.h"
#include "json/write.h"

#define PROSE_MAX 4000      /* bytes of what is said of an item */
#define ABANDONED_US DAY_US /* nobody writes a file that long ago */

static struct {
    char folder[4000], message[4000]; /* of sealed files; file of the key that signs */
    struct sha256 key;
} site;

void case_evidence_open(const char *node_folder, const struct key_pair *node_key)
{
    slice secret = {(const char *)node_key->secret, sizeof node_key->secret};
    snprintf(site.folder, sizeof site.folder, "%s/evidence", node_folder);
    snprintf(site.message, sizeof site.message, "%s/keys/message.key", node_folder);
    site.key = hash_hmac_sha256(secret, S("kentongan evidence"));
}

struct err case_evidence_key(struct arena *arena, struct key_pair *pair)
{
    return key_read(site.message, arena, pair);
}

/* ---- Custody ---- */

static void moment_write(struct json_writer *w, const char *key, int64_t us)
{
    json_write_key(w, slice_of(key));
    if (us == TIME_NONE)
        json_write_null(w);
    else
        json_write_time(w, us);
}

/* What is said of the item, in its first entry. */
static void item_write(struct json_writer *w, const struct evidence *row)
{
    json_write_key_text(w, S("name"), row->name);
    json_write_key_text(w, S("what"), row->what);
    json_write_key_text(w, S("place"), row->place);
    moment_write(w, "acquired", row->acquired_us);
    json_write_key(w, S("clock_error_us"));
    if (row->clock_error_us == TIME_NONE)
        json_write_null(w);
    else
        json_write_i64(w, row->clock_error_us);
    json_write_key_text(w, S("person"), row->person);
    json_write_key_text(w, S("tool"), row->tool);
    json_write_key_text(w, S("basis"), row->basis);
    json_write_key_u64(w, S("bytes"), (uint64_t)row->bytes);
    json_write_key_hex(w, S("sha512"), row->digest_512);
}

static struct err entry_write(struct work *work, const struct case_step *step, struct custody *custody)
{
    struct buf text = buf_make(CASE_CUSTODY_MAX);
    struct json_writer w = json_writer(&text);
    json_write_object(&w);
    json_write_key_u64(&w, S("evidence"), (uint64_t)custody->evidence);
    json_write_key_u64(&w, S("step"), (uint64_t)custody->step);
    json_write_key_hex(&w, S("before"), custody->before);
    json_write_key_text(&w, S("act"), custody->act);
    moment_write(&w, "time", custody->time_us);
    json_write_key_text(&w, S("actor"), custody->actor);
    json_write_key_text(&w, S("to"), custody->to_whom);
    json_write_key_text(&w, S("why"), custody->why);
    json_write_key_u64(&w, S("incident"), (uint64_t)step->item->incident);
    json_write_key_hex(&w, S("sha256"), step->item->digest);
    if (custody->step == 1)
        item_write(&w, step->item);
    json_write_end(&w);
    buf_byte(&text, '\n');
    struct err err = buf_check(&text);
    custody->entry = arena_copy(work->arena, buf_slice(&text));
    buf_free(&text);
    return err;
}

static struct err entry_sign(struct work *work, struct custody *custody)
{
    struct key_pair pair;
    uint8_t signature[KEY_SIGNATURE_BYTES];
    TRY(case_evidence_key(work->arena, &pair));
    key_sign(&pair, custody->entry, signature);
    custody->signature = arena_copy(work->arena, (slice){(const char *)signature, sizeof signature});
    custody->key = arena_copy(work->arena, (slice){(const char *)pair.public.bytes, sizeof pair.public.bytes});
    key_forget(&pair);
    return OK;
}

static struct err step_tell(struct work *work, const struct case_step *step, const struct custody *custody)
{
    struct sha256 digest = hash_sha256(custody->entry);
    const struct desk_fact facts[] = {
            {"incident", slice_of(arena_printf(work->arena, "%" PRId64, step->item->incident))},
            {"step", slice_of(arena_printf(work->arena, "%" PRId64, custody->step))},
            {"entry", arena_hex(work->arena, sha256_slice(&digest))}};
    return desk_fact_tell(work, arena_printf(work->arena, "evidence.%s", step->act), CASE_EVIDENCE_SUBJECT,
            custody->evidence, work->actor->organisation, facts, COUNT_OF(facts));
}

struct err case_custody_add(struct work *work, const struct case_step *step)
{
    struct custody last, fresh = {.evidence = step->item->number,
                                 .step = 1,
                                 .time_us = work->now_us,
                                 .act = slice_of(step->act),
                                 .actor = work->actor->name,
                                 .to_whom = step->to_whom,
                                 .why = step->why};
    struct err err = store_custody_last(work->db, fresh.evidence, work->arena, &last);
    if (err.kind == ERR_NONE) {
        struct sha256 before = hash_sha256(last.entry);
        fresh.before = arena_copy(work->arena, sha256_slice(&before));
        fresh.step = last.step + 1;
    } else if (err.kind != ERR_MISSING) {
        return err;
    }
    TRY(entry_write(work, step, &fresh));
    TRY(entry_sign(work, &fresh));
    TRY(store_custody_add(work, &fresh));
    return step_tell(work, step, &fresh);
}

/* ---- Who sees it ---- */

struct err case_evidence_seen(struct db *db, const struct actor *actor, int64_t incident, struct arena *arena)
{
    struct incident row;
    enum case_sight sight;
    TRY(store_incident_get(db, incident, arena, &row));
    TRY(case_sees(db, actor, &row, arena, &sight));
    return sight == CASE_ALL ? OK : err_make(ERR_MISSING, "there is no such evidence");
}

/* One that the actor may know of. */
static struct err row_get(
        struct db *db, const struct actor *actor, int64_t number, struct arena *arena, struct evidence *row)
{
    TRY(store_evidence_get(db, number, arena, row));
    return case_evidence_seen(db, actor, row->incident, arena);
}

static struct evidence_sealed sealed_of(const struct evidence *row)
{
    struct evidence_sealed sealed = {.bytes = (uint64_t)row->bytes};
    if (row->digest.len == sizeof sealed.digest)
        memcpy(&sealed.digest, row->digest.ptr, sizeof sealed.digest);
    if (row->seal.len == EVIDENCE_SEAL)
        memcpy(sealed.seal, row->seal.ptr, EVIDENCE_SEAL);
    return sealed;
}

struct err case_evidence_bytes(const struct evidence *row, const struct evidence_sink *sink, struct arena *arena)
{
    struct evidence_sealed sealed = sealed_of(row);
    if (row->seal.len != EVIDENCE_SEAL)
        return err_format(arena, ERR_CONFLICT, "evidence %" PRId64 " was destroyed", row->number);
    return evidence_get(site.folder, &site.key, &sealed, sink, arena);
}

/* ---- Taking ---- */

struct taking {
    const struct case_evidence_put *put;
    struct evidence_sealed sealed;
    int64_t number;
};

static struct err put_check(const struct case_evidence_put *put, struct arena *arena)
{
    TRY(store_text_check(arena, "name of the evidence", put->name, STORE_NAME_MAX));
    TRY(store_text_check(arena, "what it is", put->what, PROSE_MAX));
    TRY(store_text_check(arena, "place where it was taken", put->place, STORE_TEXT_MAX));
    TRY(store_text_check(arena, "tool, with version and settings", put->tool, STORE_TEXT_MAX));
    TRY(store_text_check(arena, "basis in law", put->basis, STORE_TEXT_MAX));
    return put->person.len == 0 ? OK : store_text_check(arena, "who took it", put->person, STORE_NAME_MAX);
}

static struct err taking_do(struct work *work, void *context)
{
    struct taking *taking = context;
    const struct case_evidence_put *put = taking->put;
    struct sha256 mark = evidence_mark(&taking->sealed);
    struct incident incident;
    struct evidence row = {.incident = put->incident,
            .name = put->name,
            .what = put->what,
            .place = put->place,
            .person = put->person.len > 0 ? put->person : work->actor->name,
            .tool = put->tool,
            .basis = put->basis,
            .acquired_us = put->acquired_us == TIME_NONE ? work->now_us : put->acquired_us,
            .clock_error_us = put->clock_error_us,
            .bytes = (int64_t)taking->sealed.bytes,
            .digest = sha256_slice(&taking->sealed.digest),
            .digest_512 = {(const char *)taking->sealed.digest_512, EVIDENCE_SHA512},
            .seal = {(const char *)taking->sealed.seal, EVIDENCE_SEAL},
            .mark = sha256_slice(&mark),
            .hold_until_us = TIME_NONE,
            .keep_until_us = put->keep_until_us};
    if (row.acquired_us > work->now_us + MINUTE_US)
        return err_make(ERR_INPUT, "evidence was acquired already, not in the future");
    TRY(case_incident_mine(work, put->incident, &incident));
    TRY(store_evidence_add(work, &row, &row.number));
    taking->number = row.number;
    return case_custody_add(work, &(struct case_step){"acquired", S(""), put->basis, &row});
}

struct err case_evidence_take(struct db *db, const struct actor *actor, const struct case_evidence_put *put,
        const struct evidence_source *source, struct arena *arena, int64_t *number)
{
    struct taking taking = {.put = put};
    struct incident incident;
    TRY(store_right_check(actor, VERB_TAKE_EVIDENCE, 0, arena, NULL));
    TRY(case_incident_reach(db, actor, put->incident, arena, &incident));
    TRY(put_check(put, arena));
    TRY(evidence_put(site.folder, &site.key, source, arena, &taking.sealed));
    struct err err = store_work(db, actor, arena, taking_do, &taking);
    struct sha256 mark = evidence_mark(&taking.sealed);
    if (err.kind != ERR_NONE) {
        struct err left = evidence_drop(site.folder, &taking.sealed.digest, &mark, arena);
        (void)left; /* what stays then is noise: its seal is nowhere */
        return err;
    }
    *number = taking.number;
    return OK;
}

/* ---- Copies ---- */

struct copying {
    int64_t number;
    slice why;
    struct evidence row;
};

static struct err copying_do(struct work *work, void *context)
{
    struct copying *copying = context;
    TRY(store_evidence_keep(work, copying->number, &copying->row));
    return case_custody_add(work, &(struct case_step){"copied", work->actor->name, copying->why, &copying->row});
}

struct err case_evidence_copy(struct db *db, const struct actor *actor, int64_t number, slice why,
        const struct evidence_sink *sink, struct arena *arena)
{
    struct copying copying = {.number = number, .why = why};
    TRY(store_right_check(actor, VERB_TAKE_EVIDENCE, 0, arena, NULL));
    TRY(row_get(db, actor, number, arena, &copying.row));
    TRY(store_text_check(arena, "why it is copied", why, STORE_TEXT_MAX));
    TRY(case_evidence_bytes(&copying.row, NULL, arena));
    TRY(store_work(db, actor, arena, copying_do, &copying));
    return case_evidence_bytes(&copying.row, sink, arena);
}

/* ---- Signed by who took it ---- */

struct signing {
    int64_t number, step;
    slice signature;
    const struct key_public *key;
};

/* Whether one of the packages of the actor's organisation has it. */
static struct err was_handed(struct db *db, const struct actor *actor, int64_t number, struct arena *arena, bool *was)
{
    struct evidence_package *packages;
    struct evidence *items;
    size_t count, item_count;
    int64_t after = 0;
    do {
        TRY(store_package_list(db, actor->organisation, after, STORE_PAGE_MAX, arena, &packages, &count));
        for (size_t i = 0; i < count && !*was; i++) {
            after = packages[i].number;
            TRY(store_package_items(db, after, arena, &items, &item_count));
            for (size_t at = 0; at < item_count; at++)
                *was |= items[at].number == number;
        }
    } while (count == STORE_PAGE_MAX && !*was);
    return OK;
}

static struct err may_sign(struct db *db, const struct actor *actor, int64_t number, struct arena *arena)
{
    struct evidence row;
    bool was = false;
    struct err err = store_right_check(actor, VERB_RECEIVE_EVIDENCE, actor->organisation, arena, NULL);
    if (err.kind == ERR_NONE) {
        TRY(was_handed(db, actor, number, arena, &was));
        return was ? OK : err_make(ERR_MISSING, "there is no such evidence");
    }
    TRY(store_right_check(actor, VERB_TAKE_EVIDENCE, 0, arena, NULL));
    return row_get(db, actor, number, arena, &row);
}

static struct err signing_do(struct work *work, void *context)
{
    const struct signing *signing = context;
    struct evidence row;
    struct custody *rows;
    size_t count;
    slice key = {(const char *)signing->key->bytes, sizeof signing->key->bytes};
    TRY(store_evidence_keep(work, signing->number, &row));
    TRY(store_custody_list(work->db, signing->number, work->arena, &rows, &count));
    const struct custody *entry = signing->step < 1 || (size_t)signing->step > count ? NULL : &rows[signing->step - 1];
    if (entry == NULL || (!slice_eq(entry->act, S("handed-over")) && !slice_eq(entry->act, S("received"))))
        return err_make(ERR_INPUT, "who took evidence signs an entry that says handed-over or received");
    if (!key_verify(signing->key, entry->entry, signing->signature))
        return err_make(
                ERR_INPUT, "that is no signature of this entry by this key (Ed25519 of the file custody/N-STEP.json)");
    TRY(store_custody_countersign(work, signing->number, signing->step, signing->signature, key));
    const struct desk_fact facts[] = {{"incident", slice_of(arena_printf(work->arena, "%" PRId64, row.incident))},
            {"signed-step", slice_of(arena_printf(work->arena, "%" PRId64, signing->step))},
            {"key", arena_hex(work->arena, key)}};
    return desk_fact_tell(work, "evidence.signed", CASE_EVIDENCE_SUBJECT, signing->number, work->actor->organisation,
            facts, COUNT_OF(facts));
}

struct err case_evidence_sign(struct db *db, const struct actor *actor, int64_t number, int64_t step, slice signature,
        const struct key_public *key, struct arena *arena)
{
    struct signing signing = {number, step, signature, key};
    TRY(may_sign(db, actor, number, arena));
    return store_work(db, actor, arena, signing_do, &signing);
}

/* ---- Whether it holds ---- */

static bool is_signed(slice entry, slice signature, slice bytes)
{
    struct key_public key;
    if (bytes.len != sizeof key)
        return false;
    memcpy(&key, bytes.ptr, sizeof key);
    return key_verify(&key, entry, signature);
}

static struct err entry_verify(const struct custody *row, const struct sha256 *before, struct arena *arena)
{
    bool chained = row->step == 1 ? row->before.len == 0 : slice_eq(row->before, sha256_slice(before));
    slice said = json_text(json_get(row->entry, S("before")), arena);
    const char *wrong = NULL;
    if (!chained || !slice_eq(said, arena_hex(arena, row->before)))
        wrong = "the one before it is another, or missing";
    else if (!is_signed(row->entry, row->signature, row->key))
        wrong = "it is not what was signed";
    else if (row->other_key.len > 0 && !is_signed(row->entry, row->other_signature, row->other_key))
        wrong = "it is not what was signed by who took it";
    return wrong == NULL ? OK
                         : err_format(arena, ERR_CONFLICT, "custody of evidence %" PRId64 ", entry %" PRId64 ": %s",
                                   row->evidence, row->step, wrong);
}

/* What the journal, and so the private log, told last of it: an end that was cut off is missed there. */
static struct err end_verify(
        struct db *db, int64_t number, size_t steps, const struct sha256 *last, struct arena *arena)
{
    slice subject = slice_of(arena_printf(arena, CASE_EVIDENCE_SUBJECT "/%" PRId64, number));
    slice step = S(""), digest = S("");
    struct journal_row *rows;
    size_t count;
    TRY(store_journal_about(db, subject, INT64_MAX, STORE_PAGE_MAX, arena, &rows, &count));
    for (size_t i = 0; i < count && step.len == 0; i++) {
        step = json_text(json_get(rows[i].detail, S("step")), arena);
        digest = json_text(json_get(rows[i].detail, S("entry")), arena);
    }
    bool same = slice_eq(step, slice_of(arena_printf(arena, "%zu", steps))) &&
                slice_eq(digest, arena_hex(arena, sha256_slice(last)));
    return step.len == 0 || same /* details of old rows may be gone */
                   ? OK
                   : err_format(arena, ERR_CONFLICT,
                             "custody of evidence %" PRId64 ": the journal tells of entry %.*s, and here entry %zu is "
                             "the last, or is another",
                             number, (int)step.len, step.ptr, steps);
}

static struct err custody_verify(struct db *db, int64_t number, struct arena *arena)
{
    struct custody *rows;
    struct sha256 before = {0};
    size_t count;
    TRY(store_custody_list(db, number, arena, &rows, &count));
    if (count == 0)
        return err_format(arena, ERR_CONFLICT, "custody of evidence %" PRId64 ": there is none", number);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].step != (int64_t)i + 1)
            return err_format(
                    arena, ERR_CONFLICT, "custody of evidence %" PRId64 ": entry %zu is missing", number, i + 1);
        TRY(entry_verify(&rows[i], &before, arena));
        before = hash_sha256(rows[i].entry);
    }
    return end_verify(db, number, count, &before, arena);
}

struct err case_evidence_verify(struct db *db, const struct actor *actor, int64_t number, struct arena *arena)
{
    struct evidence row;
    TRY(store_right_check(actor, VERB_VERIFY_EVIDENCE, 0, arena, NULL));
    TRY(row_get(db, actor, number, arena, &row));
    TRY(custody_verify(db, number, arena));
    return row.seal.len == 0 ? OK : case_evidence_bytes(&row, NULL, arena);
}

struct err case_evidence_tidy(struct db *db, struct arena *arena)
{
    struct evidence *rows;
    size_t count, swept;
    int64_t after = 0;
    do {
        TRY(store_evidence_list(db, 0, after, STORE_PAGE_MAX, arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            struct evidence_sealed sealed = sealed_of(&rows[i]);
            struct sha256 mark;
            after = rows[i].number;
            if (rows[i].seal.len > 0 || rows[i].mark.len != sizeof mark)
                continue;
            memcpy(&mark, rows[i].mark.ptr, sizeof mark);
            TRY(evidence_drop(site.folder, &sealed.digest, &mark, arena));
        }
    } while (count == STORE_PAGE_MAX);
    return evidence_sweep(site.folder, clock_now_us() - ABANDONED_US, arena, &swept);
}

/* ---- Acts of two persons ---- */

static slice numbers_text(const int64_t *numbers, size_t count, struct arena *arena)
{
    struct buf text = buf_make(EVIDENCE_PACKED_MAX * 21);
    for (size_t i = 0; i < count; i++) {
        buf_put(&text, i > 0 ? S(" ") : S(""));
        buf_i64(&text, numbers[i]);
    }
    slice kept = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return kept;
}

static struct err items_check(const struct case_evidence_act *act, struct arena *arena)
{
    if (act->count == 0 || act->count > EVIDENCE_PACKED_MAX)
        return err_format(arena, ERR_LIMIT, "one item of evidence at least, and %d at the most", EVIDENCE_PACKED_MAX);
    for (size_t i = 1; i < act->count; i++)
        for (size_t j = 0; j < i; j++)
            if (act->items[i] == act->items[j])
                return err_format(
                        arena, ERR_INPUT, "evidence %" PRId64 " is named twice; name each once", act->items[i]);
    return OK;
}

/* The right, and the incident, before anything else that is named: nobody else learns what there is. */
static struct err may_propose(
        struct db *db, const struct actor *actor, enum verb verb, int64_t incident, struct arena *arena)
{
    struct incident row;
    bool second;
    TRY(store_right_check(actor, verb, 0, arena, &second));
    return case_incident_reach(db, actor, incident, arena, &row);
}

static struct err propose(struct db *db, const struct actor *actor, const char *name, enum verb verb,
        const struct case_evidence_act *act, const struct desk_fact *facts, size_t count, struct arena *arena,
        struct share_proposal *proposal)
{
    struct buf detail = buf_make(APPROVAL_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    TRY(may_propose(db, actor, verb, act->incident, arena));
    TRY(items_check(act, arena));
    TRY(store_text_check(arena, "why", act->why, STORE_TEXT_MAX));
    json_write_object(&w);
    json_write_key_text(&w, S("evidence"), numbers_text(act->items, act->count, arena));
    for (size_t i = 0; i < count; i++)
        json_write_key_text(&w, slice_of(facts[i].name), facts[i].text);
    json_write_key_text(&w, S("why"), act->why);
    json_write_end(&w);
    slice subject = slice_of(arena_printf(arena, CASE_SUBJECT "/%" PRId64, act->incident));
    struct err err = buf_check(&detail);
    if (err.kind == ERR_NONE)
        err = share_propose(db, actor, name, subject, buf_slice(&detail), act->why, arena, proposal);
    buf_free(&detail);
    return err;
}

struct err case_evidence_hand(struct db *db, const struct actor *actor, const struct case_evidence_act *act,
        int64_t organisation, slice reference, struct arena *arena, struct share_proposal *proposal)
{
    struct organisation whom;
    TRY(may_propose(db, actor, VERB_HAND_EVIDENCE, act->incident, arena));
    TRY(store_organisation_get(db, organisation, arena, &whom));
    if (reference.len > 0)
        TRY(store_text_check(arena, "the case's number there", reference, STORE_NAME_MAX));
    const struct desk_fact facts[] = {{"organisation", slice_of(arena_printf(arena, "%" PRId64, organisation))},
            {"name", whom.name}, {"reference", reference}};
    return propose(db, actor, "evidence.hand", VERB_HAND_EVIDENCE, act, facts, COUNT_OF(facts), arena, proposal);
}

struct err case_evidence_hold(struct db *db, const struct actor *actor, const struct case_evidence_act *act,
        int64_t until_us, struct arena *arena, struct share_proposal *proposal)
{
    struct buf text = buf_make(64);
    if (until_us == TIME_NONE)
        buf_put(&text, S("-"));
    else
        time_write(&text, until_us);
    const struct desk_fact fact = {"until", arena_copy(arena, buf_slice(&text))};
    buf_free(&text);
    return propose(db, actor, "evidence.hold", VERB_KEEP_EVIDENCE, act, &fact, 1, arena, proposal);
}

struct err case_evidence_destroy(struct db *db, const struct actor *actor, const struct case_evidence_act *act,
        struct arena *arena, struct share_proposal *proposal)
{
    return propose(db, actor, "evidence.destroy", VERB_KEEP_EVIDENCE, act, NULL, 0, arena, proposal);
}

/* ---- What they do ---- */

struct acting {
    int64_t incident;
    struct evidence *rows; /* kept */
    int64_t *numbers;
    size_t count;
    slice why;
};

static slice said(struct work *work, slice detail, slice key)
{
    return json_text(json_get(detail, key), work->arena);
}

/* The items, all of that incident and none of them destroyed; for who sees it. */
static struct err begin(struct work *work, slice subject, slice detail, struct acting *acting)
{
    slice words = said(work, detail, S("evidence")), word;
    struct incident incident;
    *acting = (struct acting){.rows = arena_new(work->arena, struct evidence, EVIDENCE_PACKED_MAX),
            .numbers = arena_new(work->arena, int64_t, EVIDENCE_PACKED_MAX),
            .why = said(work, detail, S("why"))};
    TRY(desk_fact_subject(work->arena, CASE_SUBJECT, subject, &acting->incident));
    TRY(case_incident_reach(work->db, work->actor, acting->incident, work->arena, &incident));
    while (words.len > 0 && slice_next(&words, ' ', &word)) {
        struct evidence *row = &acting->rows[acting->count];
        uint64_t number;
        if (acting->count == EVIDENCE_PACKED_MAX || !slice_u64(word, INT64_MAX, &number))
            return err_make(ERR_INPUT, "that names no evidence");
        TRY(store_evidence_keep(work, (int64_t)number, row));
        acting->numbers[acting->count++] = (int64_t)number;
        if (row->incident != acting->incident || row->seal.len == 0)
            return err_format(work->arena, ERR_CONFLICT, "evidence %" PRIu64 " %s", number,
                    row->seal.len == 0 ? "was destroyed" : "is of another incident");
    }
    return OK;
}

static struct err step_each(struct work *work, const struct acting *acting, const char *act, slice to_whom, slice why)
{
    for (size_t i = 0; i < acting->count; i++)
        TRY(case_custody_add(work, &(struct case_step){act, to_whom, why, &acting->rows[i]}));
    return OK;
}

struct err case_evidence_do_hand(struct work *work, slice subject, slice detail)
{
    struct acting acting;
    struct organisation whom;
    struct evidence_package put = {.their_reference = said(work, detail, S("reference"))};
    uint64_t organisation;
    TRY(begin(work, subject, detail, &acting));
    if (!slice_u64(said(work, detail, S("organisation")), INT64_MAX, &organisation))
        return err_make(ERR_INPUT, "that names no organisation");
    TRY(store_organisation_get(work->db, (int64_t)organisation, work->arena, &whom));
    put.incident = acting.incident;
    put.organisation = whom.number;
    TRY(store_package_add(work, &put, acting.numbers, acting.count, &put.number));
    return step_each(work, &acting, "handed-over", whom.name, acting.why);
}

struct err case_evidence_do_hold(struct work *work, slice subject, slice detail)
{
    struct acting acting;
    slice until = said(work, detail, S("until"));
    int64_t until_us = TIME_NONE;
    TRY(begin(work, subject, detail, &acting));
    if (!slice_eq(until, S("-")) && !time_parse_strict(until, &until_us))
        return err_make(ERR_INPUT, "a hold ends as 2027-11-20T00:00:00Z");
    for (size_t i = 0; i < acting.count; i++)
        TRY(store_evidence_hold(work, acting.numbers[i], until_us));
    slice why = slice_of(arena_printf(
            work->arena, "until %.*s: %.*s", (int)until.len, until.ptr, (int)acting.why.len, acting.why.ptr));
    return step_each(work, &acting, "held", S(""), why);
}

struct err case_evidence_do_destroy(struct work *work, slice subject, slice detail)
{
    struct acting acting;
    TRY(begin(work, subject, detail, &acting));
    for (size_t i = 0; i < acting.count; i++) {
        if (acting.rows[i].hold_until_us != TIME_NONE && acting.rows[i].hold_until_us > work->now_us)
            return err_format(work->arena, ERR_CONFLICT, "evidence %" PRId64 " is held: it cannot be destroyed yet",
                    acting.numbers[i]);
        TRY(store_evidence_destroy(work, acting.numbers[i]));
    }
    return step_each(work, &acting, "destroyed", S(""), acting.why);
}
