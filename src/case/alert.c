/* SPDX-License-Identifier: Apache-2.0 */
#include "case/alert.h"

#include <inttypes.h>
#include <limits.h>

#include "base/arena.h"
#include "case/field.h"
#include "desk/fact.h"
#include "desk/letter.h"
#include "share/decide.h"
#include "store/contact.h"
#include "store/organisation.h"
#include "json/read.h"
#include "json/write.h"

/* ---- Whether it may go ---- */

static slice marking_id(slice name, struct arena *arena)
{
    enum stix_tlp tlp = TLP_RED; /* a name that nobody knows lets nothing go */
    slice id = S("");
    (void)stix_tlp_find(name, &tlp);
    for (size_t place = 0; stix_tlp_id(tlp, place, arena).len > 0; place++)
        id = stix_tlp_id(tlp, place, arena);
    return id;
}

/* The letter as an object that can be decided about. */
static slice object_of(const struct case_alert_put *put, struct arena *arena)
{
    struct buf text = buf_make(8 * CASE_ALERT_TEXT_MAX);
    struct json_writer w = json_writer(&text);
    json_write_object(&w);
    json_write_key_text(&w, S("type"), S("report"));
    json_write_key_text(&w, S("id"), case_identity("report", arena));
    json_write_key_text(&w, S("name"), put->subject);
    json_write_key_text(&w, S("description"), put->text);
    json_write_key(&w, S("object_marking_refs"));
    json_write_array(&w);
    json_write_text(&w, marking_id(put->marking, arena));
    json_write_end(&w);
    json_write_end(&w);
    slice object = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return object;
}

/* Two persons agree to it: what is left is what nobody may. A text cannot lose a name and say the same. */
static struct err decide(struct db *db, const struct case_alert_put *put, int64_t now_us, struct arena *arena)
{
    const struct share_recipient all = {.audience = SHARE_CONSTITUENTS, .active = true};
    struct stix_definitions *none = stix_definitions_open();
    struct share_subject subject = {.bytes = S("")};
    struct share_decision decision = {.rule = ""};
    slice *names;
    size_t count;
    struct err err = store_organisation_served_names(db, arena, &names, &count);
    if (err.kind == ERR_NONE)
        err = share_subject_read(object_of(put, arena), none, arena, &subject);
    if (err.kind == ERR_NONE) {
        const struct share_names victims = share_names_make(names, count, arena);
        const struct share_facts facts = {
                .now_us = now_us, .standing = true, .party = true, .meant = UINT_MAX, .victims = &victims};
        subject.origin = SHARE_OURS;
        subject.from_incident = subject.part = true; /* as it is or not at all */
        err = share_decide(&subject, &all, NULL, &facts, arena, &decision);
    }
    stix_definitions_close(none);
    TRY(err);
    return decision.answer == SHARE_ALLOW ? OK : err_format(arena, ERR_DENIED, "%s (%s)", decision.why, decision.rule);
}

/* ---- Proposing ---- */

static struct err put_check(const struct case_alert_put *put, struct arena *arena)
{
    TRY(store_text_check(arena, "sector", put->sector, STORE_NAME_MAX));
    TRY(store_text_check(arena, "subject", put->subject, STORE_NAME_MAX));
    TRY(store_prose_check(arena, "text", put->text, CASE_ALERT_TEXT_MAX));
    return case_marking_check(put->marking, arena);
}

struct err case_alert_send(struct db *db, const struct actor *actor, const struct case_alert_put *put,
        struct arena *arena, struct share_proposal *proposal)
{
    struct case_alert_put kept = *put;
    struct incident row;
    struct buf detail = buf_make(APPROVAL_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    bool second;
    kept.marking = put->marking.len > 0 ? put->marking : S("TLP:GREEN");
    TRY(store_right_check(actor, VERB_SHARE_INCIDENTS, 0, arena, &second));
    TRY(case_incident_reach(db, actor, put->incident, arena, &row));
    TRY(put_check(&kept, arena));
    TRY(decide(db, &kept, clock_now_us(), arena));
    json_write_object(&w);
    json_write_key_text(&w, S("sector"), kept.sector);
    json_write_key_text(&w, S("marking"), kept.marking);
    json_write_key_text(&w, S("subject"), kept.subject);
    json_write_key_text(&w, S("text"), kept.text);
    json_write_end(&w);
    slice subject = slice_of(arena_printf(arena, CASE_SUBJECT "/%" PRId64, put->incident));
    struct err err = buf_check(&detail);
    if (err.kind == ERR_NONE)
        err = share_propose(db, actor, "incident.alert", subject, buf_slice(&detail), put->why, arena, proposal);
    buf_free(&detail);
    return err;
}

/* ---- Doing ---- */

struct alerting {
    const struct case_alert_put *put;
    size_t told, untold; /* untold: nobody there has an address */
};

/* To the first contact that has an address. */
static struct err letter_make(struct work *work, struct alerting *alerting, int64_t organisation)
{
    struct contact *rows;
    size_t count;
    TRY(store_contact_of(work->db, organisation, false, work->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        struct desk_letter_made made;
        const struct desk_letter letter = {.name = rows[i].is.name,
                .address = rows[i].is.mail,
                .subject = slice_of(arena_printf(work->arena, "[%.*s] %.*s", (int)alerting->put->marking.len,
                        alerting->put->marking.ptr, (int)alerting->put->subject.len, alerting->put->subject.ptr)),
                .text = alerting->put->text,
                .language = S("id"),
                .organisation = organisation};
        if (rows[i].is.mail.len == 0 || desk_letter_cannot(rows[i].is.mail) != NULL)
            continue;
        TRY(desk_letter_make(work, &letter, &made));
        alerting->told++;
        return OK;
    }
    alerting->untold++;
    return OK;
}

static struct err sector_tell(struct work *work, struct alerting *alerting)
{
    struct organisation *rows;
    int64_t after = 0;
    size_t count = STORE_PAGE_MAX;
    while (count == STORE_PAGE_MAX) {
        TRY(store_organisation_list(work->db, after, STORE_PAGE_MAX, work->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            after = rows[i].number;
            if (rows[i].relation != RELATION_CONSTITUENT || rows[i].state != ORGANISATION_ACTIVE ||
                    !slice_eq(rows[i].sector, alerting->put->sector))
                continue;
            if (alerting->told == CASE_ALERT_MAX)
                return err_format(work->arena, ERR_LIMIT, "more than %d would be told at once", CASE_ALERT_MAX);
            TRY(letter_make(work, alerting, rows[i].number));
        }
    }
    return alerting->told > 0 ? OK : err_make(ERR_MISSING, "nobody whom we serve in that sector has an address");
}

struct err case_alert_do(struct work *work, slice subject, slice detail)
{
    struct case_alert_put put = {.sector = json_text(json_get(detail, S("sector")), work->arena),
            .subject = json_text(json_get(detail, S("subject")), work->arena),
            .text = json_text(json_get(detail, S("text")), work->arena),
            .marking = json_text(json_get(detail, S("marking")), work->arena)};
    struct alerting alerting = {.put = &put};
    struct incident row;
    TRY(desk_fact_subject(work->arena, CASE_SUBJECT, subject, &put.incident));
    TRY(case_incident_reach(work->db, work->actor, put.incident, work->arena, &row));
    TRY(decide(work->db, &put, work->now_us, work->arena)); /* whom we serve may have changed since */
    TRY(sector_tell(work, &alerting));
    const struct desk_fact facts[] = {{"sector", put.sector}, {"subject", put.subject},
            {"told", slice_of(arena_printf(work->arena, "%zu", alerting.told))},
            {"without-address", slice_of(arena_printf(work->arena, "%zu", alerting.untold))}};
    return desk_fact_tell(
            work, "incident.alert", CASE_SUBJECT, put.incident, work->actor->organisation, facts, COUNT_OF(facts));
}
