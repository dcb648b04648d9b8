/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One partner: who it is, what people read to each other on the telephone, its keys, what was agreed, given and
 * received, what waits, and what is wrong with what to do about it.
 */
#include "web/partner.h"

#include "base/arena.h"
#include "base/clock.h"
#include "gate/gate.h"
#include "share/claims.h"
#include "share/partner.h"
#include "share/receipt.h"
#include "store/ask.h"
#include "store/delivery.h"
#include "store/partner_log.h"
#include "store/recall.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/tally.h"

#define SHOWN 10      /* claims, recalls, statements */
#define KEYS_SHOWN 12 /* the youngest of a purpose first */
#define KEY_SHORT 16  /* digits that tell keys apart */
#define ASKS_READ 1000

/* ---- What the list says, too ---- */

slice partner_kind_text(const struct ask *ask, enum partner_kind kind)
{
    return ask_text(ask, kind == PARTNER_NODE ? W("a node like this one") : W("TAXII only"));
}

static void write_wrong(struct ask *ask, struct outside *outside, slice what, slice how)
{
    json_write_object(&ask->json);
    outside_write(outside, S("what"), what, OUTSIDE_LINE);
    json_write_key_text(&ask->json, S("how"), ask_text(ask, how));
    json_write_end(&ask->json);
}

static struct err write_wrong_logs(
        struct ask *ask, struct outside *outside, const struct partner *partner, size_t *count)
{
    struct partner_log *logs;
    size_t log_count;
    TRY(store_partner_log_list(ask->db, partner->number, ask->arena, &logs, &log_count));
    for (size_t i = 0; i < log_count; i++) {
        if (logs[i].wrong.len == 0)
            continue;
        (*count)++;
        write_wrong(ask, outside, logs[i].wrong,
                W("Their log is not read on. Ask them what happened to it; when it is clear, let it be read on."));
    }
    return OK;
}

struct err partner_contact(struct ask *ask, struct outside *outside, const struct partner *partner)
{
    struct delivery delivery = {.tried_us = 0, .failures = 0};
    size_t wrong = 0;
    struct err err = store_delivery_get(ask->db, partner->number, ask->arena, &delivery);
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    page_moment(ask, S("contact"), delivery.tried_us == 0 ? TIME_NONE : delivery.tried_us);
    json_write_key(&ask->json, S("wrong"));
    json_write_array(&ask->json);
    if (partner->paused.len > 0 && ++wrong)
        write_wrong(ask, outside, partner->paused,
                W("Nothing is released to them. Call them and compare; two persons can let sharing go on."));
    if (delivery.failures > 0 && ++wrong)
        write_wrong(ask, outside, delivery.why,
                W("It is tried again by itself, and nothing is lost. If it lasts, call them: their node or the way to "
                  "it is down."));
    TRY(write_wrong_logs(ask, outside, partner, &wrong));
    json_write_end(&ask->json);
    page_flag(ask, S("any_wrong"), wrong > 0);
    return OK;
}

/* ---- Who it is ---- */

static void write_facts(struct ask *ask, struct outside *outside, const struct partner *partner)
{
    page_title(ask, outside_text(outside, partner->name, OUTSIDE_NAME, NULL));
    json_write_key_u64(&ask->json, S("number"), (uint64_t)partner->number);
    outside_write(outside, S("name"), partner->name, OUTSIDE_NAME);
    outside_write(outside, S("node"), partner->node, OUTSIDE_NAME);
    json_write_key_text(&ask->json, S("country"), partner->country);
    json_write_key_text(&ask->json, S("kind"), slice_of(store_partner_kind_name(partner->kind)));
    json_write_key_text(&ask->json, S("kind_text"), partner_kind_text(ask, partner->kind));
    page_flag(ask, S("is_node"), partner->kind == PARTNER_NODE);
    shared_partner_state(ask, partner);
    outside_write(outside, S("account"), partner->account_name, OUTSIDE_NAME);
    outside_write(outside, S("url"), partner->url, OUTSIDE_LINE);
    outside_write(outside, S("call"), partner->contact, OUTSIDE_LINE);
    page_moment(ask, S("introduced"), partner->introduced_us);
    page_moment(ask, S("confirmed"), partner->confirmed_us);
    outside_write(outside, S("confirmed_by"), partner->confirmed_by, OUTSIDE_NAME);
    page_moment(ask, S("ends"), partner->ended_us);
}

static void write_fingerprint(struct ask *ask, slice key, const struct share_fingerprint *fingerprint)
{
    json_write_key(&ask->json, key);
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("words"), share_fingerprint_words(fingerprint, ask->arena));
    json_write_key_text(&ask->json, S("digits"), share_fingerprint_digits(fingerprint, ask->arena));
    json_write_end(&ask->json);
}

/*
 * While nobody compared them, ours alone, to be read out: what the other side says has to be heard and typed, so it
 * stands nowhere to be copied from. Afterwards all three.
 */
static struct err write_comparison(struct ask *ask, const struct partner *partner)
{
    struct share_comparison comparison;
    bool candidate = partner->state == PARTNER_CANDIDATE;
    page_flag(ask, S("to_compare"), candidate);
    if (partner->kind != PARTNER_NODE)
        return OK;
    struct err err = share_partner_comparison(ask->db, partner, ask->arena, &comparison);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    write_fingerprint(ask, S("ours"), &comparison.ours);
    if (candidate)
        return OK;
    write_fingerprint(ask, S("theirs"), &comparison.theirs);
    write_fingerprint(ask, S("common"), &comparison.common);
    return OK;
}

static const struct {
    const char *purpose, *text;
} purposes[] = {
        {"identity", W_C("identity: certifies the others")},
        {"log", W_C("log: signs its ledger")},
        {"witness", W_C("witness: signs what it saw of ours")},
        {"message", W_C("message: signs what it says to us")},
        {"tls", W_C("TLS: its certificate")},
};

static slice purpose_text(const struct ask *ask, slice purpose)
{
    for (size_t i = 0; i < COUNT_OF(purposes); i++)
        if (slice_eq(purpose, slice_of(purposes[i].purpose)))
            return ask_text(ask, slice_of(purposes[i].text));
    return purpose;
}

static void write_key(struct ask *ask, const struct node_key *key, int64_t now_us)
{
    bool revoked = key->revoked_us != TIME_NONE && key->revoked_us <= now_us;
    bool good = !revoked && key->from_us <= now_us && now_us < key->until_us;
    slice text = share_key_text(&key->key, ask->arena);
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("purpose"), key->purpose);
    json_write_key_text(&ask->json, S("purpose_text"), purpose_text(ask, key->purpose));
    json_write_key_text(&ask->json, S("key"), text);
    json_write_key_text(&ask->json, S("short"), slice_part(text, 0, KEY_SHORT));
    page_flag(ask, S("good"), good);
    json_write_key_text(&ask->json, S("state_text"),
            ask_text(ask, revoked ? W("revoked")
                          : good  ? W("good")
                                  : W("not in use")));
    json_write_key_text(&ask->json, S("look"), revoked ? S("bad") : good ? S("good") : S("off"));
    page_moment(ask, S("from"), key->from_us);
    page_moment(ask, S("until"), revoked ? key->revoked_us : key->until_us);
    json_write_end(&ask->json);
}

static struct err write_keys(struct ask *ask, const struct partner *partner)
{
    struct node_key *keys;
    size_t count;
    TRY(store_node_key_list(ask->db, partner->number, ask->arena, &keys, &count));
    json_write_key(&ask->json, S("keys"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count && i < KEYS_SHOWN; i++)
        write_key(ask, &keys[i], clock_now_us());
    json_write_end(&ask->json);
    page_flag(ask, S("any_key"), count > 0);
    return OK;
}

/* ---- What was agreed ---- */

static struct err write_agreement(struct ask *ask, const struct partner *partner)
{
    struct agreement agreement;
    struct err err = store_agreement_with(ask->db, partner->number, ask->arena, &agreement);
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    json_write_key(&ask->json, S("agreement"));
    if (err.kind == ERR_MISSING) {
        json_write_null(&ask->json);
        return OK;
    }
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)agreement.number);
    json_write_key_u64(&ask->json, S("version"), (uint64_t)agreement.version);
    shared_agreement_state(ask, &agreement);
    page_moment(ask, S("until"), agreement.until_us == 0 ? TIME_NONE : agreement.until_us);
    json_write_end(&ask->json);
    return OK;
}

/* ---- What waits ---- */

static struct err write_asks(struct ask *ask, const struct partner *partner)
{
    struct ask_row *rows;
    size_t count;
    uint64_t open = 0;
    TRY(store_ask_list(ask->db, false, 0, ASKS_READ, ask->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        open += rows[i].partner == partner->number;
    page_count(ask, S("asks"), open);
    page_flag(ask, S("any_ask"), open > 0);
    return OK;
}

static struct err write_waiting(struct ask *ask, const struct partner *partner)
{
    struct outgoing_statement *rows;
    struct outside outside = outside_begin(ask, SHOWN * OUTSIDE_NAME);
    size_t count, waiting = 0;
    TRY(store_statement_list(ask->db, partner->number, 0, STORE_PAGE_MAX, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("statements"));
    json_write_array(&ask->json);
    for (size_t i = count; i-- > 0 && waiting < SHOWN;) {
        if (rows[i].sent_us != TIME_NONE)
            continue;
        waiting++;
        json_write_object(&ask->json);
        outside_write(&outside, S("type"), rows[i].type, OUTSIDE_NAME);
        page_moment(ask, S("made"), rows[i].made_us);
        outside_write(&outside, S("refused"), rows[i].refused, OUTSIDE_LINE);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_statement"), waiting > 0);
    return OK;
}

static struct err write_delivery(struct ask *ask, const struct partner *partner)
{
    struct delivery delivery;
    struct err err = store_delivery_get(ask->db, partner->number, ask->arena, &delivery);
    json_write_key(&ask->json, S("delivery"));
    if (err.kind == ERR_MISSING) {
        json_write_null(&ask->json);
        return write_waiting(ask, partner);
    }
    TRY(err);
    json_write_object(&ask->json);
    page_count(ask, S("sent"), (uint64_t)delivery.sent);
    page_count(ask, S("refused"), (uint64_t)delivery.refused);
    page_moment(ask, S("tried"), delivery.tried_us == 0 ? TIME_NONE : delivery.tried_us);
    page_moment(ask, S("next"), delivery.failures == 0 ? TIME_NONE : delivery.next_us);
    page_count(ask, S("failures"), (uint64_t)delivery.failures);
    json_write_end(&ask->json);
    return write_waiting(ask, partner);
}

static const struct {
    const char *kind, *text;
} claim_kinds[] = {
        {"other-creator", W_C("It sent a version of what somebody else created.")},
        {"wider-marking", W_C("It marked looser what others marked stricter.")},
        {"other-content", W_C("It says something else in the same version than another source.")},
        {"configuration", W_C("It sent something that wants to be carried out. Nothing of it was.")},
};

static slice claim_text(const struct ask *ask, slice kind)
{
    for (size_t i = 0; i < COUNT_OF(claim_kinds); i++)
        if (slice_eq(kind, slice_of(claim_kinds[i].kind)))
            return ask_text(ask, slice_of(claim_kinds[i].text));
    return kind;
}

static struct err write_claims(struct ask *ask, const struct partner *partner)
{
    struct claim *rows;
    struct outside outside = outside_begin(ask, SHOWN * OUTSIDE_NAME);
    size_t count;
    TRY(store_claim_list(ask->db, partner->number, true, 0, SHOWN, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("claims"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        json_write_object(&ask->json);
        json_write_key_u64(&ask->json, S("number"), (uint64_t)rows[i].number);
        json_write_key_u64(&ask->json, S("partner"), (uint64_t)partner->number);
        json_write_key_u64(&ask->json, S("object"), (uint64_t)rows[i].object);
        outside_write(&outside, S("id"), rows[i].id, OUTSIDE_NAME);
        json_write_key_text(&ask->json, S("text"), claim_text(ask, rows[i].kind));
        page_moment(ask, S("found"), rows[i].found_us);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_claim"), count > 0);
    return OK;
}

static struct err write_recalls(struct ask *ask, const struct partner *partner)
{
    struct recall *rows;
    struct outside outside = outside_begin(ask, SHOWN * OUTSIDE_NAME);
    size_t count;
    TRY(store_recall_list(ask->db, partner->number, true, 0, SHOWN, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("recalls"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        json_write_object(&ask->json);
        outside_write(&outside, S("id"), rows[i].id, OUTSIDE_NAME);
        page_moment(ask, S("asked"), rows[i].asked_us);
        page_flag(ask, S("cannot"), rows[i].told == RECALL_CANNOT);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_recall"), count > 0);
    return OK;
}

void partner_limits(struct ask *ask, slice key, enum partner_kind kind)
{
    json_write_key(&ask->json, key);
    json_write_array(&ask->json);
    for (const char *const *limit = share_partner_limits(kind); *limit != NULL; limit++)
        json_write_text(&ask->json, ask_text(ask, slice_of(*limit)));
    json_write_end(&ask->json);
}

static void write_may(struct ask *ask, const struct partner *partner)
{
    bool stop = outside_may(ask, VERB_STOP_SHARING), change = outside_may(ask, VERB_CHANGE_PARTNERS);
    bool forgive = ask_may(ask, VERB_RELEASE) && partner->paused.len > 0;
    page_flag(ask, S("may_confirm"), change && partner->state == PARTNER_CANDIDATE);
    page_flag(ask, S("may_suspend"), stop && partner->state == PARTNER_ACTIVE);
    page_flag(ask, S("may_resume"), change && partner->state == PARTNER_SUSPENDED);
    page_flag(ask, S("may_reread"), change && partner->kind == PARTNER_NODE);
    page_flag(ask, S("may_end"), stop && partner->state != PARTNER_ENDED);
    page_flag(ask, S("may_forgive"), forgive);
    page_flag(ask, S("may_change_any"), change || forgive || (stop && partner->state != PARTNER_ENDED));
    page_flag(ask, S("may_settle"), stop);
    page_flag(ask, S("may_draft"), change && partner->state == PARTNER_ACTIVE);
    page_flag(ask, S("may_preview"), outside_may(ask, VERB_PREVIEW));
    page_flag(ask, S("may_read"), outside_may(ask, VERB_READ_OBJECTS));
    page_why_not(ask, VERB_STOP_SHARING, 0);
}

static struct err write_page(struct ask *ask, const struct partner *partner)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    write_facts(ask, &outside, partner);
    TRY(partner_contact(ask, &outside, partner));
    TRY(write_comparison(ask, partner));
    TRY(write_keys(ask, partner));
    TRY(write_agreement(ask, partner));
    TRY(tally_write(ask, partner));
    TRY(write_asks(ask, partner));
    TRY(write_delivery(ask, partner));
    TRY(write_claims(ask, partner));
    TRY(write_recalls(ask, partner));
    partner_limits(ask, S("limits"), partner->kind);
    page_flag(ask, S("any_limit"), partner->kind == PARTNER_TAXII);
    write_may(ask, partner);
    return OK;
}

static struct err partner_of(struct ask *ask, struct partner *partner)
{
    int64_t number;
    TRY(outside_need(ask, VERB_READ_SHARING));
    TRY(ask_part_number(ask, 0, &number));
    return shared_partner_get(ask, number, partner);
}

struct err web_partner(struct ask *ask)
{
    struct partner partner;
    TRY(partner_of(ask, &partner));
    return write_page(ask, &partner);
}

/* ---- Forms ---- */

static struct share_speaker speaker_of(const struct ask *ask)
{
    return (struct share_speaker){NULL, slice_of(ask->gate->options.parts->url)};
}

struct err web_partner_confirm(struct ask *ask)
{
    struct partner partner;
    const struct share_speaker speaker = speaker_of(ask);
    TRY(partner_of(ask, &partner));
    struct err err = share_partner_confirm(
            ask->db, &ask->who.actor, &speaker, partner.number, ask_form(ask, S("heard")), ask->arena);
    const struct shared_form form = {
            outside_path(ask, "/partners/", partner.number, ""), "confirmed", "heard", NULL, web_partner};
    return shared_end(ask, &form, err);
}

struct acting {
    struct ask *ask;
    int64_t partner;
    slice reason;
    struct share_proposal proposal;
};

static struct err act_suspend(struct acting *acting)
{
    struct ask *ask = acting->ask;
    return share_partner_suspend(ask->db, &ask->who.actor, acting->partner, acting->reason, ask->arena);
}

static struct err act_resume(struct acting *acting)
{
    struct ask *ask = acting->ask;
    return share_partner_resume(ask->db, &ask->who.actor, acting->partner, acting->reason, ask->arena);
}

static struct err act_end(struct acting *acting)
{
    struct ask *ask = acting->ask;
    const struct share_speaker speaker = speaker_of(ask);
    struct share_partner_ending ending = {.reason = acting->reason};
    slice key = slice_trim(ask_form(ask, S("stolen")));
    ending.stolen = key.len > 0;
    if (ending.stolen && !share_key_parse(key, &ending.key))
        return err_make(ERR_INPUT, W_C("that is no key of this partner"));
    return share_partner_end(ask->db, &ask->who.actor, &speaker, acting->partner, &ending, ask->arena);
}

static struct err act_reread(struct acting *acting)
{
    struct ask *ask = acting->ask;
    return share_logs_reread(ask->db, &ask->who.actor, acting->partner, acting->reason, ask->arena);
}

static struct err act_forgive(struct acting *acting)
{
    struct ask *ask = acting->ask;
    slice subject = slice_of(outside_path(ask, "partner/", acting->partner, ""));
    return share_propose(ask->db, &ask->who.actor, "ledger.forgive", subject,
            store_work_reason(ask->arena, acting->reason), acting->reason, ask->arena, &acting->proposal);
}

/* `again`: it is shown once more what will happen, before it does. */
static const struct act {
    const char *name;
    struct err (*run)(struct acting *acting);
    bool again, proposes;
} acts[] = {
        {"suspend", act_suspend, false, false},
        {"resume", act_resume, false, false},
        {"end", act_end, true, false},
        {"reread", act_reread, false, false},
        {"forgive", act_forgive, false, true},
};

static const struct act *act_named(slice name)
{
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        if (slice_eq(name, slice_of(acts[i].name)))
            return &acts[i];
    return NULL;
}

/* The page with what is to be confirmed, and what was typed. */
static struct err confirm(struct ask *ask, const struct act *act, slice reason)
{
    struct outside outside = outside_begin(ask, 4 * OUTSIDE_LINE);
    json_write_key(&ask->json, S("confirm"));
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("act"), slice_of(act->name));
    outside_write(&outside, S("reason"), reason, SHARED_REASON_MAX);
    outside_write(&outside, S("stolen"), slice_trim(ask_form(ask, S("stolen"))), OUTSIDE_NAME);
    json_write_end(&ask->json);
    return web_partner(ask);
}

struct err web_partner_act(struct ask *ask)
{
    struct partner partner;
    struct acting acting = {.ask = ask};
    const struct act *act = act_named(ask_form(ask, S("act")));
    TRY(partner_of(ask, &partner));
    if (act == NULL)
        return err_make(ERR_INPUT, "act: suspend, resume, end, reread or forgive");
    acting.partner = partner.number;
    struct err err = shared_reason(ask, &acting.reason);
    if (err.kind == ERR_NONE && act->again && !slice_eq(ask_form(ask, S("confirm")), S("yes")))
        return confirm(ask, act, acting.reason);
    if (err.kind == ERR_NONE)
        err = act->run(&acting);
    const struct shared_form form = {outside_path(ask, "/partners/", partner.number, ""), "saved", "reason",
            act->proposes ? &acting.proposal : NULL, web_partner};
    return shared_end(ask, &form, err);
}

struct err web_claim_settle(struct ask *ask)
{
    struct partner partner;
    slice reason;
    int64_t claim;
    TRY(partner_of(ask, &partner));
    TRY(ask_part_number(ask, 1, &claim));
    struct err err = shared_reason(ask, &reason);
    if (err.kind == ERR_NONE)
        err = share_claim_settle(ask->db, &ask->who.actor, claim, reason, ask->arena);
    const struct shared_form form = {
            outside_path(ask, "/partners/", partner.number, ""), "saved", NULL, NULL, web_partner};
    return shared_end(ask, &form, err);
}
