/* SPDX-License-Identifier: Apache-2.0 */
#include "share/consent.h"

#include <inttypes.h>

#include "base/arena.h"
#include "share/post.h"
#include "stix/id.h"
#include "store/partner.h"
#include "store/right.h"
#include "json/read.h"
#include "json/write.h"

#define AFFECTED "affected"    /* in letters: whom it concerns of those whom the asking side serves */
#define EAST_US (14 * HOUR_US) /* so much earlier than in UTC a day begins somewhere */
#define LETTER_IDS_MAX 1000    /* that are taken in one letter */
#define BODY_MAX (STATEMENT_BYTES_MAX - 8192)
#define LETTER_FULL (BODY_MAX / 2) /* bytes after which the next object goes into another letter */

/* ---- Asking ---- */

struct err share_consent_want(struct work *work, const struct share_scene *scene, const struct share_side *side,
        const struct share_weighed *weighed)
{
    const struct share_side *originator = share_side_of(scene, weighed->originator);
    int64_t number;
    if (originator == NULL || originator == side || !originator->row.is_node ||
            originator->terms.onward != SHARE_ONWARD_ASK)
        return OK;
    const struct consent put = {.originator = weighed->originator,
            .id = weighed->object->id,
            .type = weighed->object->type,
            .recipient = side->row.partner,
            .state = CONSENT_TO_ASK,
            .until_us = scene->now_us + CONSENT_LIFE_US};
    return store_consent_put(work, &put, S(""), &number);
}

/* Whom a letter names as the recipient: a node, those whom it concerns, or nobody in particular. */
static struct err recipient_name(struct work *work, int64_t number, slice *node)
{
    struct partner partner;
    if (number <= 0) {
        *node = number == CONSENT_AFFECTED ? S(AFFECTED) : S("");
        return OK;
    }
    TRY(store_partner_get(work->db, number, work->now_us, work->arena, &partner));
    *node = partner.node;
    return OK;
}

/* One letter for an originator and a recipient; *took: as many as are in it. */
static struct err ask_post(
        struct work *work, const struct share_keys *keys, const struct consent *rows, size_t count, size_t *took)
{
    struct buf body = buf_make(BODY_MAX);
    struct json_writer w = json_writer(&body);
    int64_t *numbers = arena_new(work->arena, int64_t, count);
    slice node;
    TRY(recipient_name(work, rows[0].recipient, &node));
    json_write_object(&w);
    json_write_key(&w, S("ids"));
    json_write_array(&w);
    for (*took = 0; *took < count && body.len < LETTER_FULL; ++*took) {
        numbers[*took] = rows[*took].number;
        json_write_text(&w, rows[*took].id);
    }
    json_write_end(&w);
    json_write_key_text(&w, S("recipient"), node);
    json_write_end(&w);
    TRY(share_post_body(work, keys, rows[0].originator, "consent.ask", &body));
    return store_consent_asked(work, numbers, *took);
}

/* For as many as go into one letter; *more: `id` is the next. */
static struct err answer_some(struct work *work, const struct share_keys *keys, const struct consent_request *request,
        slice *rest, slice *id, bool *more)
{
    struct buf body = buf_make(BODY_MAX);
    struct json_writer w = json_writer(&body);
    json_write_object(&w);
    json_write_key_text(&w, S("answer"), request->state == CONSENT_GIVEN ? S("yes") : S("no"));
    json_write_key(&w, S("ids"));
    json_write_array(&w);
    for (; *more && body.len < LETTER_FULL; *more = slice_next(rest, '\n', id))
        json_write_text(&w, *id);
    json_write_end(&w);
    json_write_key_text(&w, S("recipient"), request->recipient);
    json_write_key(&w, S("until"));
    json_write_time(&w, work->now_us + CONSENT_LIFE_US);
    json_write_end(&w);
    return share_post_body(work, keys, request->partner, "consent.answer", &body);
}

static struct err answer_post(struct work *work, const struct share_keys *keys, const struct consent_request *request)
{
    slice rest = request->ids, id;
    bool more = slice_next(&rest, '\n', &id);
    while (more)
        TRY(answer_some(work, keys, request, &rest, &id, &more));
    return store_consent_request_told(work, request->number);
}

struct err share_consent_post(struct work *work, const struct share_keys *keys)
{
    struct consent_request *requests;
    struct consent *rows;
    size_t count;
    TRY(store_consent_to_ask(work->db, LETTER_IDS_MAX, work->arena, &rows, &count));
    for (size_t from = 0, took; from < count; from += took) {
        size_t to = from + 1;
        while (to < count && rows[to].originator == rows[from].originator && rows[to].recipient == rows[from].recipient)
            to++;
        TRY(ask_post(work, keys, rows + from, to - from, &took));
    }
    TRY(store_consent_request_list(work->db, true, 0, 100, work->arena, &requests, &count));
    for (size_t i = 0; i < count; i++)
        TRY(answer_post(work, keys, &requests[i]));
    return OK;
}

/* ---- Being asked, and answered ---- */

static struct err ids_read(slice body, struct arena *arena, slice *ids)
{
    struct json_elements elements = json_elements(json_get(body, S("ids")));
    struct buf lines = buf_make(STATEMENT_BYTES_MAX);
    size_t count = 0;
    for (slice element; json_element_next(&elements, &element) && count <= LETTER_IDS_MAX;) {
        slice id = json_text(element, arena);
        if (id.len == 0 || id.len > OBJECT_ID_MAX || slice_find(id, '\n') < id.len) {
            buf_free(&lines);
            return err_make(ERR_INPUT, "ids: each is the id of an object (STIX 2.1 section 2.9)");
        }
        if (count++ > 0)
            buf_byte(&lines, '\n');
        buf_put(&lines, id);
    }
    *ids = arena_copy(arena, buf_slice(&lines));
    struct err err = buf_check(&lines);
    buf_free(&lines);
    TRY(err);
    if (count == 0 || count > LETTER_IDS_MAX)
        return err_format(arena, ERR_INPUT, "ids: a letter names from 1 to %d objects", LETTER_IDS_MAX);
    return OK;
}

static struct err ask_take(struct work *work, int64_t partner, const struct share_letter *letter)
{
    struct consent_request request = {.partner = partner, .statement_id = letter->id};
    TRY(share_body_only(letter->body, "ids recipient", work->arena));
    TRY(share_body_text(letter->body, "recipient", STORE_NAME_MAX, work->arena, &request.recipient));
    TRY(ids_read(letter->body, work->arena, &request.ids));
    TRY(store_consent_request_put(work, &request));
    slice subject = slice_of(arena_printf(work->arena, "partner/%" PRId64, partner));
    return store_work_news(work, "consent.requested", subject, S(""));
}

static struct err recipient_find(struct work *work, slice node, int64_t *number)
{
    struct partner partner = {0};
    *number = slice_eq(node, S(AFFECTED)) ? CONSENT_AFFECTED : 0;
    if (*number != 0 || node.len == 0)
        return OK;
    struct err err = store_partner_find_node(work->db, node, work->now_us, work->arena, &partner);
    if (err.kind == ERR_MISSING) /* in the words for all that was not asked: with whom we share is not told */
        return err_make(ERR_MISSING, "we did not ask for this consent");
    *number = partner.number;
    return err;
}

static struct err answer_take(struct work *work, int64_t partner, const struct share_letter *letter)
{
    slice ids, node, answer, id;
    int64_t until_us, recipient;
    TRY(share_body_only(letter->body, "answer ids recipient until", work->arena));
    TRY(share_body_text(letter->body, "recipient", STORE_NAME_MAX, work->arena, &node));
    TRY(share_body_text(letter->body, "answer", STORE_NAME_MAX, work->arena, &answer));
    TRY(share_body_time(letter->body, "until", work->arena, &until_us));
    TRY(ids_read(letter->body, work->arena, &ids));
    bool yes = slice_eq(answer, S("yes"));
    if (!yes && !slice_eq(answer, S("no")))
        return err_make(ERR_INPUT, "answer: yes or no");
    TRY(recipient_find(work, node, &recipient));
    while (slice_next(&ids, '\n', &id)) {
        TRY(store_consent_answer(
                work, partner, id, recipient, yes ? CONSENT_GIVEN : CONSENT_REFUSED, letter->text, until_us));
        TRY(store_due_add(work, DUE_ID, 0, id));
    }
    slice subject = slice_of(arena_printf(work->arena, "partner/%" PRId64, partner));
    return store_work_news(work, "consent.answered", subject, S(""));
}

struct err share_consent_take(struct work *work, int64_t partner, const struct share_letter *letter)
{
    if (slice_eq(letter->type, S("consent.ask")))
        return ask_take(work, partner, letter);
    if (slice_eq(letter->type, S("consent.answer")))
        return answer_take(work, partner, letter);
    return err_make(ERR_INPUT, "nobody here understands that kind of consent");
}

/* ---- What people decide ---- */

static struct err number_read(slice subject, slice before, int64_t *number)
{
    uint64_t read;
    if (!slice_starts(subject, before) || !slice_u64(slice_from(subject, before.len), INT64_MAX, &read))
        return err_make(ERR_INPUT, "an approval does not name what it is about");
    *number = (int64_t)read;
    return OK;
}

static slice subject_of(const char *what, int64_t number, struct arena *arena)
{
    return slice_of(arena_printf(arena, "%s/%" PRId64, what, number));
}

static int64_t number_get(slice detail, const char *key)
{
    int64_t number = 0;
    return json_i64(json_get(detail, slice_of(key)), &number) ? number : 0;
}

static slice finished(struct buf *detail, struct arena *arena)
{
    slice text = arena_copy(arena, buf_slice(detail));
    buf_free(detail);
    return text;
}

/* The approval under which this runs; 0: who did it may alone. */
static struct err approval_of(struct work *work, slice subject, int64_t *number)
{
    struct approval *rows;
    size_t count;
    TRY(store_approval_about(work->db, subject, INT64_MAX, 1, work->arena, &rows, &count));
    *number = count > 0 ? rows[0].number : 0;
    return OK;
}

static enum stix_tlp tlp_find(slice text)
{
    for (enum stix_tlp tlp = TLP_CLEAR; tlp <= TLP_RED; tlp++)
        if (slice_eq(text, slice_of(stix_tlp_name(tlp))))
            return tlp;
    return TLP_NONE;
}

/* ---- Answers to questions ---- */

static struct err ask_deny(struct work *work, void *context)
{
    slice subject = *(const slice *)context;
    int64_t number;
    TRY(number_read(subject, S("ask/"), &number));
    TRY(store_ask_settle(work, number, ASK_DENIED));
    return store_work_news(work, "release.denied", subject, S(""));
}

/* How many have asked, and which: SHA-256 over their numbers, in order. */
static struct err these_digest(struct db *db, int64_t ask, struct arena *arena, size_t *count, slice *digest)
{
    struct buf text = buf_make(ASK_OBJECTS_MAX * 24);
    int64_t *objects, after = 0;
    size_t some = 1;
    struct err err = OK;
    for (*count = 0; some > 0 && err.kind == ERR_NONE; *count += some) {
        err = store_ask_objects(db, ask, after, STORE_PAGE_MAX, arena, &objects, &some);
        some = err.kind == ERR_NONE ? some : 0;
        for (size_t i = 0; i < some; i++) {
            buf_i64(&text, objects[i]);
            buf_byte(&text, '\n');
            after = objects[i];
        }
    }
    struct sha256 hash = hash_sha256(buf_slice(&text));
    *digest = arena_hex(arena, sha256_slice(&hash));
    if (err.kind == ERR_NONE)
        err = buf_check(&text);
    buf_free(&text);
    return err;
}

struct err share_ask_answer(struct db *db, const struct actor *actor, int64_t ask, enum share_reply reply,
        int64_t until_us, slice reason, struct arena *arena, struct share_proposal *proposal)
{
    slice subject = subject_of("ask", ask, arena);
    struct ask_row row;
    bool second;
    TRY(store_ask_get(db, ask, arena, &row));
    if (reply == SHARE_REPLY_NO) { /* who may propose to let go may say no alone */
        TRY(store_right_check(actor, VERB_RELEASE, 0, arena, &second));
        *proposal = (struct share_proposal){.done = true};
        return store_work(db, actor, arena, ask_deny, &subject);
    }
    slice digest = S("");
    size_t listed = (size_t)row.count;
    if (reply == SHARE_REPLY_THESE && row.count > ASK_OBJECTS_MAX)
        return err_format(arena, ERR_LIMIT, "%lld objects have asked: just these is an answer for %d at most",
                (long long)row.count, ASK_OBJECTS_MAX);
    if (reply == SHARE_REPLY_THESE)
        TRY(these_digest(db, ask, arena, &listed, &digest));
    struct buf detail = buf_make(APPROVAL_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_text(&w, S("allow"), reply == SHARE_REPLY_KIND ? S("kind") : S("these"));
    json_write_key_u64(&w, S("count"), listed);
    json_write_key_text(&w, S("digest"), digest);
    json_write_key_text(&w, S("highest"), slice_of(stix_tlp_name(row.highest == TLP_NONE ? TLP_CLEAR : row.highest)));
    json_write_key_u64(&w, S("partner"), (uint64_t)row.partner);
    json_write_key_text(&w, S("rule"), row.rule);
    json_write_key_text(&w, S("type"), row.type);
    json_write_key(&w, S("until"));
    json_write_i64(&w, until_us);
    json_write_end(&w);
    return share_propose(db, actor, "release.answer", subject, finished(&detail, arena), reason, arena, proposal);
}

static struct err one_allow(struct work *work, int64_t number, struct rule_row *rule)
{
    struct object object;
    int64_t added;
    struct err err = store_object_get(work->db, number, work->arena, &object);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    rule->id = object.id;
    return store_rule_add(work, rule, &added);
}

static struct err these_allow(struct work *work, int64_t ask, slice shown, struct rule_row *rule)
{
    int64_t *objects, after = 0;
    size_t count;
    slice digest;
    TRY(these_digest(work->db, ask, work->arena, &count, &digest));
    if (!slice_eq(digest, shown))
        return err_format(
                work->arena, ERR_CONFLICT, "more has asked since that was proposed: %zu objects by now", count);
    do {
        TRY(store_ask_objects(work->db, ask, after, STORE_PAGE_MAX, work->arena, &objects, &count));
        for (size_t i = 0; i < count; i++) {
            TRY(one_allow(work, objects[i], rule));
            after = objects[i];
        }
    } while (count > 0);
    return OK;
}

struct err share_ask_run(struct work *work, slice subject, slice detail)
{
    struct ask_row ask;
    int64_t number, added;
    TRY(number_read(subject, S("ask/"), &number));
    TRY(store_ask_get(work->db, number, work->arena, &ask));
    TRY(store_ask_settle(work, number, ASK_ALLOWED));
    struct rule_row rule = {.partner = ask.partner,
            .type = ask.type,
            .id = S(""),
            .highest = tlp_find(json_text(json_get(detail, S("highest")), work->arena)),
            .from_us = work->now_us,
            .until_us = number_get(detail, "until")};
    TRY(approval_of(work, subject, &rule.approval));
    bool kind = slice_eq(json_text(json_get(detail, S("allow")), work->arena), S("kind"));
    TRY(kind ? store_rule_add(work, &rule, &added)
             : these_allow(work, number, json_text(json_get(detail, S("digest")), work->arena), &rule));
    TRY(store_due_add(work, DUE_RULE, ask.partner, ask.rule));
    return store_work_news(work, "release.answered", subject, detail);
}

/* ---- What is proposed has to make sense before anybody reads it ---- */

static struct err partner_check(struct db *db, int64_t number, struct arena *arena)
{
    struct partner partner;
    if (number <= 0)
        return OK;
    TRY(store_partner_get(db, number, clock_now_us(), arena, &partner));
    return partner.state != PARTNER_ENDED ? OK
                                          : err_format(arena, ERR_CONFLICT, "sharing with %.*s has ended",
                                                    (int)partner.name.len, partner.name.ptr);
}

static struct err id_check(slice id, struct arena *arena)
{
    struct stix_id parsed;
    size_t shown = id.len < OBJECT_ID_MAX ? id.len : OBJECT_ID_MAX;
    return id.len <= OBJECT_ID_MAX && stix_id_parse(id, &parsed)
                   ? OK
                   : err_format(arena, ERR_INPUT, "%.*s is not the id of an object: type--UUID (STIX 2.1 section 2.9)",
                             (int)shown, id.ptr);
}

/* STIX 2.1 section 3.1: lower case letters, digits and hyphens, 3 to 250 of them; empty where all are meant. */
static struct err type_check(slice type, struct arena *arena)
{
    bool fine = type.len == 0 || (type.len >= 3 && type.len <= 250);
    for (size_t i = 0; i < type.len && fine; i++)
        fine = (type.ptr[i] >= 'a' && type.ptr[i] <= 'z') || byte_is_digit(type.ptr[i]) || type.ptr[i] == '-';
    return fine ? OK
                : err_format(arena, ERR_INPUT, "%.*s is not a type of objects, as indicator (STIX 2.1 section 3.1)",
                          (int)(type.len < 250 ? type.len : 250), type.ptr);
}

static struct err until_check(int64_t until_us)
{
    return until_us > clock_now_us() ? OK : err_make(ERR_INPUT, "until when? That time is over");
}

static struct err rule_check(struct db *db, const struct share_rule_put *put, struct arena *arena)
{
    struct stix_id id = {.type = put->type};
    if (stix_tlp_name(put->highest) == NULL)
        return err_make(ERR_INPUT, "a standing rule names the highest TLP that it lets go");
    TRY(type_check(put->type, arena));
    if (put->id.len > 0)
        TRY(id_check(put->id, arena));
    if (put->id.len > 0 && put->type.len > 0 && stix_id_parse(put->id, &id) && !slice_eq(id.type, put->type))
        return err_make(ERR_INPUT, "the object is of another type than the rule: leave out one of them");
    TRY(until_check(put->until_us));
    return partner_check(db, put->partner, arena);
}

static struct err paper_check(const struct share_paper *paper, struct arena *arena)
{
    struct sha256 scan;
    if (paper->words.len == 0)
        return paper->giver.len == 0 && paper->scan.len == 0
                       ? OK
                       : err_make(ERR_INPUT, "what does the paper say, and where does it lie?");
    TRY(store_text_check(arena, "paper", paper->words, STORE_TEXT_MAX));
    if (paper->giver.len == 0)
        return err_make(ERR_INPUT, "who gave it? A name and a function, as they stand on the paper");
    TRY(store_text_check(arena, "who gave it", paper->giver, STORE_NAME_MAX));
    if (paper->given_us == TIME_NONE || paper->given_us <= 0)
        return err_make(ERR_INPUT, "when was it given? The day that stands on the paper");
    if (paper->given_us > clock_now_us() + EAST_US)
        return err_make(ERR_INPUT, "the day on the paper has not come yet");
    return paper->scan.len == 0 || slice_hex(paper->scan, scan.bytes, sizeof scan.bytes)
                   ? OK
                   : err_make(ERR_INPUT, "a scan is named by its SHA-256: 64 hexadecimal digits");
}

static struct err consent_check(struct db *db, const struct share_consent_put *put, struct arena *arena)
{
    if (put->paper.words.len == 0 && put->originator == 0)
        return err_make(ERR_INPUT, "who is no partner cannot be asked: its consent is on paper");
    if (put->id_count == 0 && put->type.len == 0)
        return err_make(ERR_INPUT, "for what? Name the objects, or a type of objects");
    if (put->id_count > 0 && put->type.len > 0)
        return err_make(ERR_INPUT, "either some objects or a whole type of objects, not both");
    if (put->id_count == 0 && put->originator == 0) /* it would hold for everybody outside at once */
        return err_make(ERR_INPUT, "of somebody who is no partner name the objects: nobody else consents to a type");
    if (put->id_count > CONSENT_IDS_MAX)
        return err_format(arena, ERR_LIMIT, "at most %d objects at once", CONSENT_IDS_MAX);
    for (size_t i = 0; i < put->id_count; i++)
        TRY(id_check(put->ids[i], arena));
    TRY(type_check(put->type, arena));
    TRY(paper_check(&put->paper, arena));
    TRY(until_check(put->until_us));
    TRY(partner_check(db, put->originator, arena));
    if (put->originator != 0 && put->originator == put->recipient)
        return err_make(ERR_INPUT, "who gave it needs no consent of its own");
    return partner_check(db, put->recipient, arena);
}

/* ---- Standing rules ---- */

struct err share_rule_propose(struct db *db, const struct actor *actor, const struct share_rule_put *put, slice reason,
        struct arena *arena, struct share_proposal *proposal)
{
    const char *highest = stix_tlp_name(put->highest);
    TRY(rule_check(db, put, arena));
    struct buf detail = buf_make(APPROVAL_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_text(&w, S("highest"), slice_of(highest));
    json_write_key_text(&w, S("id"), put->id);
    json_write_key_u64(&w, S("partner"), (uint64_t)put->partner);
    json_write_key_text(&w, S("type"), put->type);
    json_write_key(&w, S("until"));
    json_write_i64(&w, put->until_us);
    json_write_end(&w);
    return share_propose(db, actor, "release.rule", subject_of("partner", put->partner, arena),
            finished(&detail, arena), reason, arena, proposal);
}

struct err share_rule_run(struct work *work, slice subject, slice detail)
{
    struct rule_row rule = {.partner = number_get(detail, "partner"),
            .type = json_text(json_get(detail, S("type")), work->arena),
            .id = json_text(json_get(detail, S("id")), work->arena),
            .highest = tlp_find(json_text(json_get(detail, S("highest")), work->arena)),
            .from_us = work->now_us,
            .until_us = number_get(detail, "until")};
    int64_t number;
    TRY(approval_of(work, subject, &rule.approval));
    TRY(store_rule_add(work, &rule, &number));
    TRY(store_due_add(work, DUE_RULE, rule.partner, S("persons")));
    return store_work_news(work, "release.rule", subject_of("rule", number, work->arena), detail);
}

struct stopping {
    int64_t number;
    slice reason;
};

static struct err rule_end(struct work *work, void *context)
{
    const struct stopping *stopping = context;
    TRY(store_rule_end(work, stopping->number));
    return store_work_news(work, "release.stopped", subject_of("rule", stopping->number, work->arena),
            store_work_reason(work->arena, stopping->reason));
}

struct err share_rule_stop(struct db *db, const struct actor *actor, int64_t rule, slice reason, struct arena *arena)
{
    struct stopping stopping = {rule, reason};
    TRY(store_text_check(arena, "reason", reason, STORE_TEXT_MAX));
    TRY(store_right_check(actor, VERB_STOP_SHARING, 0, arena, NULL));
    return store_work(db, actor, arena, rule_end, &stopping);
}

/* ---- Consent ---- */

static void paper_write(struct json_writer *w, const struct share_paper *paper)
{
    json_write_key_text(w, S("giver"), paper->giver);
    json_write_key(w, S("given"));
    json_write_i64(w, paper->words.len > 0 ? paper->given_us : 0);
    json_write_key_text(w, S("paper"), paper->words);
    json_write_key_text(w, S("scan"), paper->scan);
}

struct err share_consent_propose(struct db *db, const struct actor *actor, const struct share_consent_put *put,
        slice reason, struct arena *arena, struct share_proposal *proposal)
{
    TRY(consent_check(db, put, arena));
    struct buf detail = buf_make(APPROVAL_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key(&w, S("ids"));
    json_write_array(&w);
    for (size_t i = 0; i < put->id_count; i++)
        json_write_text(&w, put->ids[i]);
    json_write_end(&w);
    json_write_key_u64(&w, S("originator"), (uint64_t)put->originator);
    paper_write(&w, &put->paper);
    json_write_key(&w, S("recipient"));
    json_write_i64(&w, put->recipient);
    json_write_key_text(&w, S("type"), put->type);
    json_write_key(&w, S("until"));
    json_write_i64(&w, put->until_us);
    json_write_end(&w);
    struct err err = buf_check(&detail);
    slice text = finished(&detail, arena);
    TRY(err);
    slice subject = put->recipient == CONSENT_AFFECTED ? S(AFFECTED) : subject_of("partner", put->recipient, arena);
    return share_propose(db, actor, "release.consent", subject, text, reason, arena, proposal);
}

/* One row, and what it lets go is looked at again. */
static struct err consent_keep(struct work *work, const struct consent *put, int64_t *number)
{
    TRY(store_consent_put(work, put, S(""), number));
    if (put->id.len > 0)
        return store_due_add(work, DUE_ID, 0, put->id);
    return put->recipient >= 0 ? store_due_add(work, DUE_RULE, put->recipient, S("originator")) : OK;
}

struct err share_consent_run(struct work *work, slice subject, slice detail)
{
    slice paper = json_text(json_get(detail, S("paper")), work->arena), id, ids = json_get(detail, S("ids"));
    struct json_elements elements = json_elements(ids);
    struct consent put = {.originator = number_get(detail, "originator"),
            .id = S(""),
            .type = json_text(json_get(detail, S("type")), work->arena),
            .recipient = number_get(detail, "recipient"),
            .state = paper.len > 0 ? CONSENT_GIVEN : CONSENT_TO_ASK,
            .paper = paper,
            .giver = json_text(json_get(detail, S("giver")), work->arena),
            .given_us = number_get(detail, "given"),
            .scan = json_text(json_get(detail, S("scan")), work->arena),
            .until_us = number_get(detail, "until")};
    int64_t number = 0;
    (void)subject;
    if (json_kind(ids) != JSON_ARRAY || (put.type.len > 0) == json_element_next(&elements, &id))
        return err_make(ERR_INPUT, "a consent is for some objects or for a type of objects");
    if (put.type.len > 0)
        TRY(consent_keep(work, &put, &number));
    for (elements = json_elements(ids); json_element_next(&elements, &id);) {
        put.id = json_text(id, work->arena);
        TRY(consent_keep(work, &put, &number));
    }
    return store_work_news(work, "release.consent", subject_of("consent", number, work->arena), detail);
}

static struct err consent_end(struct work *work, void *context)
{
    const struct stopping *stopping = context;
    struct consent row;
    TRY(store_consent_withdraw(work, stopping->number, &row));
    TRY(row.id.len > 0 ? store_due_add(work, DUE_ID, 0, row.id) : store_progress_void(work));
    return store_work_news(work, "consent.withdrawn", subject_of("consent", stopping->number, work->arena),
            store_work_reason(work->arena, stopping->reason));
}

struct err share_consent_withdraw(
        struct db *db, const struct actor *actor, int64_t consent, slice reason, struct arena *arena)
{
    struct stopping stopping = {consent, reason};
    TRY(store_text_check(arena, "reason", reason, STORE_TEXT_MAX));
    TRY(store_right_check(actor, VERB_STOP_SHARING, 0, arena, NULL));
    return store_work(db, actor, arena, consent_end, &stopping);
}

static struct err reply_do(struct work *work, slice subject, enum consent_state state)
{
    int64_t number;
    TRY(number_read(subject, S("request/"), &number));
    TRY(store_consent_request_answer(work, number, state));
    return store_work_news(work, state == CONSENT_GIVEN ? "consent.given" : "consent.refused", subject, S(""));
}

static struct err reply_no(struct work *work, void *context)
{
    return reply_do(work, *(const slice *)context, CONSENT_REFUSED);
}

struct err share_consent_reply_run(struct work *work, slice subject, slice detail)
{
    (void)detail;
    return reply_do(work, subject, CONSENT_GIVEN);
}

struct err share_consent_reply(struct db *db, const struct actor *actor, int64_t request, bool yes, slice reason,
        struct arena *arena, struct share_proposal *proposal)
{
    slice subject = subject_of("request", request, arena);
    struct consent_request row;
    bool second;
    TRY(store_consent_request_get(db, request, arena, &row));
    if (!yes) {
        TRY(store_right_check(actor, VERB_RELEASE, 0, arena, &second));
        *proposal = (struct share_proposal){.done = true};
        return store_work(db, actor, arena, reply_no, &subject);
    }
    struct buf detail = buf_make(APPROVAL_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_text(&w, S("ids"), row.ids);
    json_write_key_text(&w, S("recipient"), row.recipient);
    json_write_end(&w);
    return share_propose(db, actor, "consent.answer", subject, finished(&detail, arena), reason, arena, proposal);
}
