/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal: what happened, the latest first, in words for people beside the act as programs know it. What it tells
 * of casework is there for who sees that incident or report, and for nobody else.
 */
#include "store/journal.h"

#include "base/arena.h"
#include "base/clock.h"
#include "case/subject.h"
#include "store/object.h"
#include "web/news.h"
#include "web/outside.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/subject.h"

#define ROWS 40
#define ROW_BYTES 260
#define SUBJECT_SHORT 20 /* bytes that stand in one line */

static const struct {
    const char *act, *text;
} acts[] = {
        {"agreement.accepted", W_C("Two persons accepted the terms of a partner")},
        {"agreement.countersigned", W_C("A partner signed what holds already")},
        {"agreement.drafted", W_C("Terms of an agreement were drafted")},
        {"agreement.ended", W_C("An agreement ended")},
        {"agreement.ending", W_C("The end of an agreement was announced")},
        {"agreement.held", W_C("A version of an agreement holds")},
        {"agreement.offered", W_C("Two persons offered terms to a partner")},
        {"agreement.received", W_C("A partner offered terms")},
        {"agreement.refused", W_C("Terms were refused")},
        {"agreement.reminder", W_C("An agreement ends soon")},
        {"agreement.regrouped", W_C("What leaves under an agreement is decided anew: a sharing group changed")},
        {"agreement.resumed", W_C("An agreement was resumed")},
        {"agreement.signed", W_C("The node signed terms")},
        {"agreement.suspended", W_C("An agreement was suspended")},
        {"approval.done", W_C("A second person agreed, and it was done")},
        {"approval.emergency", W_C("Done in an emergency, without a second person")},
        {"approval.expired", W_C("A proposal found no second person in time")},
        {"approval.failed", W_C("What a second person agreed to could not be done")},
        {"approval.proposed", W_C("Something was proposed to a second person")},
        {"approval.refused", W_C("A proposal was refused")},
        {"approval.seen", W_C("Another person has seen what was done in an emergency")},
        {"asset.added", W_C("Something is known to be somebody's")},
        {"asset.ended", W_C("Something is somebody's no more")},
        {"asset.handed", W_C("Something became somebody else's")},
        {"certificate.added", W_C("A certificate was given to a user")},
        {"certificate.removed", W_C("A certificate was taken from a user")},
        {"claim.found", W_C("A partner contradicts somebody")},
        {"claim.settled", W_C("Somebody looked at what a partner claims")},
        {"clock.set", W_C("The clock of an exercise was set")},
        {"collection.added", W_C("A collection was added")},
        {"collection.dropped", W_C("An object was taken out of a collection")},
        {"collection.granted", W_C("Somebody may use a collection")},
        {"collection.removed", W_C("A collection was removed")},
        {"collection.revoked", W_C("Somebody may no longer use a collection")},
        {"consent.answered", W_C("A partner answered a request for consent")},
        {"consent.given", W_C("Two persons let an object of ours go on")},
        {"consent.refused", W_C("A request for consent was refused")},
        {"consent.withdrawn", W_C("A consent was taken back")},
        {"consent.requested", W_C("A partner asked for consent")},
        {"contact.added", W_C("A contact was added")},
        {"contact.asked", W_C("A contact was asked whether it is still read")},
        {"contact.changed", W_C("A contact was changed")},
        {"contact.closed", W_C("A contact was closed")},
        {"contact.stale", W_C("A contact has not been heard of for long")},
        {"contact.verified", W_C("A contact was verified")},
        {"delivery.failed", W_C("Nothing could be sent to a partner")},
        {"delivery.missing", W_C("A partner lacks what was released to it")},
        {"delivery.refused", W_C("A partner did not take some objects")},
        {"delivery.resumed", W_C("Sending to a partner works again")},
        {"delivery.sent", W_C("Objects were sent to a partner")},
        {"duty.begun", W_C("A clock of law began")},
        {"duty.filed", W_C("What law demands was filed")},
        {"duty.reminded", W_C("A clock of law runs out")},
        {"duty.replaced", W_C("A clock of law was replaced by another")},
        {"duty.waived", W_C("Two persons waived what law demands")},
        {"factor.codes", W_C("New recovery codes were made")},
        {"factor.off", W_C("A second factor was taken away")},
        {"factor.on", W_C("A second factor was set up")},
        {"factor.recovered", W_C("A recovery code was used")},
        {"events.met", W_C("New intelligence met what is remembered")},
        {"events.taken", W_C("Events were taken in")},
        {"feed.added", W_C("A feed was added")},
        {"feed.failed", W_C("A feed could not be fetched")},
        {"feed.fetched", W_C("A feed was fetched")},
        {"feed.hurried", W_C("A feed was made due")},
        {"feed.paused", W_C("A feed was paused")},
        {"feed.removed", W_C("A feed was removed")},
        {"feed.resumed", W_C("A feed was resumed")},
        {"follower.again", W_C("Parked news is to be followed again")},
        {"follower.dismissed", W_C("Parked news was given up")},
        {"group.accepted", W_C("A version of a sharing group holds here")},
        {"group.contradicted", W_C("Members of a sharing group voted for two proposals at once")},
        {"group.decided", W_C("A sharing group decided by vote")},
        {"group.left", W_C("A member left a sharing group")},
        {"group.motion", W_C("A change of a sharing group was proposed")},
        {"group.proposed", W_C("Two persons proposed a change of a sharing group")},
        {"group.rejected", W_C("A proposal in a sharing group was not carried")},
        {"group.voted", W_C("Two persons voted in a sharing group")},
        {"hunt.noise", W_C("What very many met, and a warning list holds, was not warned of")},
        {"import.begin", W_C("An import began")},
        {"import.done", W_C("An import was done")},
        {"import.failed", W_C("An import failed")},
        {"import.undone", W_C("An import was undone")},
        {"incident.alert", W_C("A sector was alerted")},
        {"incident.changed", W_C("An incident was changed")},
        {"incident.class", W_C("An incident got another class")},
        {"incident.closed", W_C("An incident was closed")},
        {"incident.contained", W_C("An incident was contained")},
        {"incident.duplicate", W_C("An incident turned out to be the same as another")},
        {"incident.entry", W_C("Something was written into the timeline of an incident")},
        {"incident.entry-withdrawn", W_C("Something in the timeline of an incident was withdrawn by who wrote it")},
        {"incident.impact", W_C("It was told what an incident costs")},
        {"incident.linked", W_C("Two incidents were linked")},
        {"incident.marking", W_C("The marking of an incident was made wider")},
        {"incident.merged", W_C("Another incident was merged into this one")},
        {"incident.new", W_C("An incident was begun")},
        {"incident.not-one", W_C("What was told turned out to be no incident")},
        {"incident.observable", W_C("A value was added to an incident")},
        {"incident.opened", W_C("An incident was opened")},
        {"incident.opinion", W_C("Somebody has another opinion of an incident")},
        {"incident.party", W_C("An organisation became a party of an incident")},
        {"incident.party-ended", W_C("An organisation is no party of an incident any more")},
        {"incident.published", W_C("The lesson of an incident was published")},
        {"incident.recovered", W_C("All works again after an incident")},
        {"incident.received", W_C("A partner shared an incident with us")},
        {"incident.report", W_C("A report belongs to an incident")},
        {"incident.scale", W_C("An incident was judged on a scale")},
        {"incident.share-ended", W_C("An incident is shared no more")},
        {"incident.share-failed", W_C("What is shared of an incident could not be made")},
        {"incident.shared", W_C("Two persons shared an incident with its parties")},
        {"incident.time", W_C("A time of an incident was changed")},
        {"incident.told", W_C("A partner told more of its incident")},
        {"incident.transferred", W_C("An incident was transferred")},
        {"incident.triaged", W_C("An incident was triaged")},
        {"incident.unread", W_C("A partner sent more of its incidents than is read")},
        {"inlet.added", W_C("A place was added where events come in")},
        {"inlet.dropped", W_C("A place where events came in was taken away")},
        {"intel.judged", W_C("An object was judged")},
        {"intel.tagged", W_C("An object was tagged")},
        {"intel.unjudged", W_C("A judgement was taken back")},
        {"intel.untagged", W_C("A tag was taken away")},
        {"ledger.alarm", W_C("Something is wrong with the ledger")},
        {"ledger.cleared", W_C("An alarm of the ledger was cleared")},
        {"ledger.doubt", W_C("A partner's log is not what it was")},
        {"ledger.reread", W_C("A partner's log is read on")},
        {"ledger.erased", W_C("Something was erased from the ledger")},
        {"ledger.forgiven", W_C("Sharing goes on with a partner whose log had two faces")},
        {"ledger.recovered", W_C("Entries that a restore had lost came back from a partner")},
        {"ledger.renewed", W_C("A log goes on under a new origin")},
        {"ledger.split", W_C("The log of a partner has two faces")},
        {"ledger.waits", W_C("A log waits for its partner, who may have kept what is lost")},
        {"lesson.agreed", W_C("Two persons agreed to share a lesson")},
        {"lesson.drafted", W_C("A lesson was drafted")},
        {"lesson.read", W_C("A second person read a lesson")},
        {"lesson.shared", W_C("A lesson was shared")},
        {"lesson.written", W_C("A lesson was written")},
        {"memory.unread", W_C("A part of the memory cannot be read")},
        {"node.backup", W_C("A backup was made")},
        {"node.made", W_C("The node was made")},
        {"node.restore", W_C("The node was restored")},
        {"memory.forgotten", W_C("What was remembered past its time was forgotten")},
        {"notice.answered", W_C("A notice was answered")},
        {"notice.bounced", W_C("A notice came back")},
        {"notice.deferred", W_C("A notice could not be sent yet")},
        {"notice.delivered", W_C("A notice was delivered")},
        {"notice.failed", W_C("A notice could not be sent")},
        {"notice.made", W_C("A notice was written")},
        {"notice.sent", W_C("A notice was sent")},
        {"organisation.added", W_C("An organisation was added")},
        {"organisation.changed", W_C("An organisation was changed")},
        {"organisation.closed", W_C("An organisation was closed")},
        {"organisation.imported", W_C("Organisations, contacts or assets were imported from a file")},
        {"organisation.moved", W_C("An organisation was activated or suspended")},
        {"organisation.renamed", W_C("An organisation has a new name")},
        {"organisation.supplied", W_C("An organisation is supplied by another")},
        {"organisation.supply-ended", W_C("An organisation is supplied by another no more")},
        {"organisation.team", W_C("The team of a sector was named, or is it no longer")},
        {"partner.active", W_C("A partner was activated")},
        {"partner.alarm", W_C("Something about a partner needs to be looked at")},
        {"partner.confirmed", W_C("A partner was confirmed")},
        {"partner.ended", W_C("Sharing with a partner was ended")},
        {"partner.introduced", W_C("A partner was introduced")},
        {"partner.introduction", W_C("An introduction of this node was written")},
        {"partner.key", W_C("A key was certified, rotated or revoked")},
        {"partner.refused", W_C("A wrong fingerprint was refused")},
        {"partner.resumed", W_C("A partner was resumed")},
        {"partner.suspended", W_C("A partner was suspended")},
        {"peer.added", W_C("A peer was added")},
        {"peer.failed", W_C("A peer could not be reached")},
        {"peer.paused", W_C("A peer was paused")},
        {"peer.pulled", W_C("A peer's intelligence was fetched")},
        {"peer.pushed", W_C("Intelligence was sent to a peer")},
        {"peer.removed", W_C("A peer was removed")},
        {"peer.resumed", W_C("A peer was resumed")},
        {"playbook.added", W_C("A playbook was taken in")},
        {"playbook.approved", W_C("A playbook was approved")},
        {"playbook.retired", W_C("A playbook was retired")},
        {"profile.changed", W_C("What we say of ourselves was changed")},
        {"profile.published", W_C("A document about us was published")},
        {"profile.withdrawn", W_C("A document about us was withdrawn: something is missing")},
        {"playbook.started", W_C("A playbook was started in an incident")},
        {"recall.agreed", W_C("What a partner recalled was withdrawn")},
        {"recall.answered", W_C("A partner answered a recall")},
        {"recall.asked", W_C("Partners were asked to stop using something")},
        {"recall.decided", W_C("Somebody recalled an object")},
        {"recall.heard", W_C("A partner recalled what it sent")},
        {"release.alarm", W_C("What was to be released is not what was decided")},
        {"release.answered", W_C("Two persons let something leave")},
        {"release.consent", W_C("A consent was noted, or is asked for")},
        {"release.decided", W_C("It was decided what leaves")},
        {"release.denied", W_C("A question before a release was answered with no")},
        {"release.refilled", W_C("What a restore had lost of released objects came back from a partner")},
        {"release.rule", W_C("Two persons agreed to a standing rule")},
        {"release.stopped", W_C("A standing rule was ended")},
        {"report.answered", W_C("A report was answered")},
        {"report.assigned", W_C("A report was assigned")},
        {"report.attachment", W_C("A file that hung on a report was taken out of quarantine")},
        {"report.classified", W_C("A person said what a report is about")},
        {"report.closed", W_C("A report was closed")},
        {"report.different", W_C("Two reports do not tell of the same")},
        {"report.forgotten", W_C("It was forgotten who told a report")},
        {"report.handover", W_C("A shift was handed over")},
        {"report.linked", W_C("A report was linked to an incident")},
        {"report.merged", W_C("A report was merged with another")},
        {"report.original", W_C("The original of a report was looked at")},
        {"report.receipt", W_C("It was decided whether a report gets a receipt")},
        {"report.received", W_C("A report came in")},
        {"report.replied", W_C("Something came into the thread of a report")},
        {"report.told-by", W_C("It was said which organisation told a report")},
        {"report.unlinked", W_C("A report was taken out of an incident")},
        {"risk.accepted", W_C("A risk was accepted")},
        {"risk.added", W_C("A risk was added")},
        {"risk.closed", W_C("A risk was closed")},
        {"risk.fell", W_C("A risk became smaller")},
        {"risk.identified", W_C("Incidents showed a risk")},
        {"risk.reckoned", W_C("A risk was reckoned again")},
        {"risk.reviewed", W_C("A risk was reviewed")},
        {"risk.rose", W_C("A risk became greater")},
        {"risk.treated", W_C("Something is done about a risk")},
        {"rule.added", W_C("Two persons agreed to a rule of what is warned of by itself")},
        {"rule.ended", W_C("A rule of what is warned of by itself was ended")},
        {"roster.dropped", W_C("A shift was taken out of the roster")},
        {"roster.given", W_C("A shift was given to somebody else")},
        {"roster.person", W_C("It was changed how somebody on call is reached")},
        {"roster.put", W_C("A shift was put into the roster")},
        {"service.changed", W_C("It was agreed how long is remembered what an organisation met")},
        {"session.closed", W_C("Somebody signed out")},
        {"session.opened", W_C("Somebody signed in")},
        {"session.refused", W_C("A sign-in was refused")},
        {"statement.refused", W_C("A partner's statement was refused")},
        {"statement.unsigned", W_C("A statement could not be signed any more")},
        {"store.retained", W_C("What was past its time was removed")},
        {"stream.added", W_C("A stream of events was added")},
        {"stream.shed", W_C("Events were let go, since more came than could be taken")},
        {"sums.rebuilt", W_C("Sums of events were made anew from the counts")},
        {"takedown.added", W_C("A page that deceives people was told of")},
        {"takedown.answered", W_C("Who was asked to take a page down answered")},
        {"takedown.approved", W_C("A request to take a page down was approved")},
        {"takedown.down", W_C("A page that deceived people was gone three times in a row")},
        {"takedown.drafted", W_C("A request to take a page down was drafted")},
        {"takedown.given-up", W_C("Having a page taken down was given up")},
        {"takedown.gone", W_C("A page that deceives people was not found")},
        {"takedown.hurried", W_C("A page is to be looked at now")},
        {"takedown.returned", W_C("A page that was taken down returned")},
        {"takedown.sent", W_C("A request to take a page down was sent")},
        {"takedown.there", W_C("A page that was not found is there again")},
        {"takedown.undelivered", W_C("A request to take a page down could not be delivered")},
        {"takedown.warned", W_C("An organisation was told of pages that imitate it")},
        {"task.agreed", W_C("The word that a task waits for was given")},
        {"task.cancelled", W_C("A task was cancelled")},
        {"task.changed", W_C("A task was changed")},
        {"task.doing", W_C("A task was begun")},
        {"task.done", W_C("A task was done")},
        {"task.given", W_C("A task was given")},
        {"task.received", W_C("A partner gave a task")},
        {"task.reminded", W_C("A task is due")},
        {"task.round-ended", W_C("A task comes no more: its incident has too many")},
        {"task.to-do", W_C("A task is to be done")},
        {"task.told", W_C("A partner told how far a task is")},
        {"task.waiting", W_C("A task waits")},
        {"token.added", W_C("A token was made")},
        {"token.revoked", W_C("A token was revoked")},
        {"user.added", W_C("A user was added")},
        {"user.closed", W_C("An account was closed")},
        {"user.locked", W_C("An account was locked")},
        {"user.password", W_C("A password was changed")},
        {"user.reset", W_C("A password was reset")},
        {"user.roles", W_C("Roles were changed")},
        {"user.unlocked", W_C("An account was unlocked")},
        {"warning.acknowledged", W_C("A warning was acknowledged")},
        {"warning.approved", W_C("A warning was approved")},
        {"warning.chased", W_C("Who does not answer a warning was reminded")},
        {"warning.delivered", W_C("A warning was delivered")},
        {"warning.done", W_C("What a warning told of was mended")},
        {"warning.drafted", W_C("A warning was drafted")},
        {"warning.failed", W_C("What was met could not be warned of")},
        {"warning.held", W_C("A warning waits for a person")},
        {"warning.noise", W_C("Who was warned says that it was no trouble")},
        {"warning.not-mine", W_C("Who was warned says that it is not theirs")},
        {"warning.sent", W_C("A warning was sent")},
        {"warning.unanswered", W_C("Nobody answered a warning")},
        {"warning.uncorrected", W_C("A correction could not be told")},
        {"warning.withdrawn", W_C("A warning was withdrawn")},
};

slice news_text(const struct ask *ask, slice act)
{
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        if (slice_eq(act, slice_of(acts[i].act)))
            return ask_text(ask, slice_of(acts[i].text));
    return S("");
}

static void write_subject(struct ask *ask, struct outside *outside, slice subject)
{
    outside_write(outside, S("subject"), subject, OUTSIDE_NAME);
    page_flag(ask, S("short"), subject.len <= SUBJECT_SHORT);
    subject_path(ask, subject);
}

static void write_row(struct ask *ask, const struct journal_row *row)
{
    struct outside outside = outside_begin(ask, ROW_BYTES);
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("seq"), (uint64_t)row->seq);
    page_moment(ask, S("time"), row->time_us);
    outside_write(&outside, S("actor"), row->actor, OUTSIDE_NAME / 2);
    outside_write(&outside, S("act"), row->act, OUTSIDE_NAME / 2);
    json_write_key_text(&ask->json, S("text"), news_text(ask, row->act));
    write_subject(ask, &outside, row->subject);
    outside_write_value(&outside, S("detail"), row->detail, OUTSIDE_NAME);
    json_write_end(&ask->json);
}

/* ---- What is chosen ---- */

struct chosen {
    slice actor, act, subject;
    int64_t before;
    bool end;
};

static const char *older(struct ask *ask, const struct chosen *chosen)
{
    struct buf path = buf_make(32 * STORE_NAME_MAX);
    buf_put(&path, S("/journal"));
    outside_query(&path, S("actor"), chosen->actor);
    outside_query(&path, S("act"), chosen->act);
    outside_query(&path, S("subject"), chosen->subject);
    outside_query(&path, S("before"), slice_of(outside_path(ask, "", chosen->before, "")));
    const char *made = arena_cstr(ask->arena, buf_slice(&path));
    buf_free(&path);
    return made;
}

static void write_chosen(struct ask *ask, const struct chosen *chosen)
{
    struct outside outside = outside_begin(ask, 6 * OUTSIDE_LINE);
    json_write_key(&ask->json, S("asked"));
    json_write_object(&ask->json);
    outside_write(&outside, S("actor"), chosen->actor, OUTSIDE_NAME);
    outside_write(&outside, S("subject"), chosen->subject, OUTSIDE_NAME);
    json_write_end(&ask->json);
    json_write_key(&ask->json, S("act_choices"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < COUNT_OF(acts); i++) {
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("name"), slice_of(acts[i].act));
        json_write_key_text(&ask->json, S("text"), ask_text(ask, slice_of(acts[i].text)));
        page_flag(ask, S("selected"), slice_eq(chosen->act, slice_of(acts[i].act)));
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

/* Of casework only what who asks sees. */
static struct err rows_sift(struct ask *ask, struct journal_row *rows, size_t *count)
{
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        bool seen;
        TRY(case_subject_seen(ask->db, &ask->who.actor, rows[i].subject, ask->arena, &seen));
        if (seen)
            rows[kept++] = rows[i];
    }
    *count = kept;
    return OK;
}

static struct err rows_get(struct ask *ask, struct chosen *chosen, struct journal_row **rows, size_t *count)
{
    bool seen;
    TRY(case_subject_seen(ask->db, &ask->who.actor, chosen->subject, ask->arena, &seen));
    *count = 0;
    chosen->end = !seen;
    if (!seen)
        return OK;
    if (chosen->subject.len == 0)
        return store_journal_chosen(
                ask->db, chosen->actor, chosen->act, &chosen->before, ROWS, ask->arena, rows, count, &chosen->end);
    TRY(store_journal_about(ask->db, chosen->subject, chosen->before, ROWS, ask->arena, rows, count));
    chosen->end = *count < ROWS;
    chosen->before = *count > 0 ? (*rows)[*count - 1].seq : 0;
    return OK;
}

struct err web_journal(struct ask *ask)
{
    struct chosen chosen = {.before = INT64_MAX};
    struct journal_row *rows = NULL;
    uint64_t before;
    size_t count;
    TRY(outside_need(ask, VERB_READ_JOURNAL));
    TRY(outside_asked(ask, S("actor"), STORE_NAME_MAX, &chosen.actor));
    TRY(outside_asked(ask, S("act"), STORE_NAME_MAX, &chosen.act));
    TRY(outside_asked(ask, S("subject"), OBJECT_ID_MAX, &chosen.subject));
    TRY(ask_number(ask, S("before"), INT64_MAX, INT64_MAX, &before));
    chosen.before = (int64_t)before;
    TRY(rows_get(ask, &chosen, &rows, &count));
    TRY(rows_sift(ask, rows, &count));
    page_title(ask, ask_text(ask, W("Journal")));
    write_chosen(ask, &chosen);
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++)
        write_row(ask, &rows[i]);
    json_write_end(&ask->json);
    page_flag(ask, S("empty"), count == 0 && chosen.end);
    page_flag(ask, S("partial"), count < ROWS && !chosen.end);
    page_flag(ask, S("may_read"), outside_may(ask, VERB_READ_OBJECTS));
    json_write_key(&ask->json, S("older"));
    if (chosen.end)
        json_write_null(&ask->json);
    else
        json_write_text(&ask->json, slice_of(older(ask, &chosen)));
    return OK;
}
