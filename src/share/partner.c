/* SPDX-License-Identifier: Apache-2.0 */
#include "share/partner.h"

#include "base/arena.h"
#include "base/uuid.h"
#include "share/agreement.h"
#include "share/post.h"
#include "store/collection.h"
#include "store/journal.h"
#include "store/letter.h"
#include "store/organisation.h"
#include "store/right.h"
#include "store/session.h"
#include "store/source.h"
#include "store/token.h"
#include "store/user.h"
#include "json/read.h"
#include "json/write.h"

#define DETAIL_MAX 8192
#define ACCOUNT_LETTERS_MAX 60
#define ACCOUNTS_MAX 100 /* partners whose names make the same account name */
#define PARTNERS_PAGE 100

/* One piece of work on a partner; each verb fills in what it needs. */
struct parting {
    const struct share_introduction *introduction;
    const struct share_partner_taxii *taxii;
    const struct share_speaker *speaker;
    const struct share_partner_ending *ending;
    slice name, typed, reason;
    bool wrong; /* what was typed */
    int64_t number;
};

/* ---- What is told ---- */

static slice subject_of(int64_t number, struct arena *arena)
{
    return slice_of(arena_printf(arena, "partner/%lld", (long long)number));
}

/* Pairs of a name and a text, up to a NULL name. */
struct told {
    const char *name;
    slice text;
};

static struct err tell(struct work *work, const char *act, int64_t number, const struct told *told)
{
    struct buf buf = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    for (; told->name != NULL; told++)
        json_write_key_text(&w, slice_of(told->name), store_text_keep(work->arena, told->text, STORE_NAME_MAX));
    json_write_end(&w);
    struct err err = store_work_news(work, act, subject_of(number, work->arena), buf_slice(&buf));
    buf_free(&buf);
    return err;
}

slice share_collection_url(slice url, slice id, struct arena *arena)
{
    return slice_of(arena_printf(arena, "%.*s" SHARE_COLLECTIONS "%.*s/", (int)url.len, url.ptr, (int)id.len, id.ptr));
}

/* Words for people: their translations are gathered from po/sentences. */
const char *const *share_partner_limits(enum partner_kind kind)
{
    static const char *const node[] = {NULL};
    static const char *const taxii[] = {
            "It has no key: who it is shows its token, password or certificate alone.",
            "It does not sign agreements: what it agreed to is kept in its own words.",
            "It keeps no ledger that we could check, and cannot check ours.",
            "It acknowledges no receipt: that the server took something is all that we know.",
            "It acknowledges no recall: what became of it we learn from people.",
            NULL,
    };
    return kind == PARTNER_TAXII ? taxii : node;
}

/* ---- What comes with a partner ---- */

/* "partner-dinas-kesehatan" of "Dinas Kesehatan": letters and digits, a hyphen for all between them. */
static slice account_letters(slice name, struct arena *arena)
{
    struct buf buf = buf_make(ACCOUNT_LETTERS_MAX + sizeof "partner-");
    buf_put(&buf, S("partner-"));
    for (size_t i = 0; i < name.len && buf.len < ACCOUNT_LETTERS_MAX; i++) {
        char c = byte_lower(name.ptr[i]);
        if (byte_is_digit(c) || (c >= 'a' && c <= 'z'))
            buf_byte(&buf, c);
        else if (buf.ptr[buf.len - 1] != '-')
            buf_byte(&buf, '-');
    }
    while (buf.ptr[buf.len - 1] == '-')
        buf.len--;
    slice letters = arena_copy(arena, buf_slice(&buf));
    buf_free(&buf);
    return letters;
}

static struct err account_name(struct work *work, slice name, slice *account)
{
    slice letters = account_letters(name, work->arena);
    for (unsigned i = 1; i <= ACCOUNTS_MAX; i++) {
        struct user user;
        slice tried =
                i == 1 ? letters : slice_of(arena_printf(work->arena, "%.*s-%u", (int)letters.len, letters.ptr, i));
        struct err err = store_user_find(work->db, tried, work->arena, &user);
        if (err.kind == ERR_MISSING)
            *account = tried;
        if (err.kind != ERR_NONE)
            return err.kind == ERR_MISSING ? OK : err;
    }
    return err_format(
            work->arena, ERR_LIMIT, "more than %d users are called %.*s", ACCOUNTS_MAX, (int)letters.len, letters.ptr);
}

static struct err account_add(struct work *work, slice name, struct partner_put *put)
{
    struct user_put user = {.organisation = put->organisation, .roles = UINT32_C(1) << ROLE_LIAISON, .program = true};
    TRY(account_name(work, name, &user.name));
    return store_user_add(work, &user, &put->account);
}

static slice uuid_new(struct arena *arena, const char *prefix)
{
    struct uuid uuid = uuid_v4();
    struct buf text = buf_make(64);
    buf_put(&text, slice_of(prefix));
    uuid_write(&text, &uuid);
    slice id = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return id;
}

/* What it sends is said by its own source, and only its own people may send it. */
static struct err inbox_add(struct work *work, slice name, struct partner_put *put)
{
    slice title = slice_of(arena_printf(work->arena, "partner/%.*s", (int)name.len, name.ptr));
    const struct collection_grant grant = {
            .kind = GRANTEE_ORGANISATION, .subject = put->organisation, .can_write = true};
    TRY(store_source_put(work, title, S("taxii"), put->organisation, &put->source));
    TRY(store_collection_add_of(work, title, S("What this partner sends us"), put->source, &put->inbox));
    return store_collection_grant(work, put->inbox, &grant);
}

static struct err fresh_add(struct work *work, slice name, slice country, struct partner_put *put, int64_t *number)
{
    const struct organisation_put organisation = {
            .name = name, .kind = S("team"), .country = country, .relation = RELATION_PARTNER, .identity = put->node};
    TRY(store_organisation_add(work, &organisation, &put->organisation));
    TRY(account_add(work, name, put));
    TRY(inbox_add(work, name, put));
    put->outbox = uuid_new(work->arena, "");
    return store_partner_add(work, put, number);
}

/* ---- Introduced ---- */

static struct err not_ours(struct work *work, slice node)
{
    slice own;
    TRY(share_own_node(work->db, work->arena, &own));
    return slice_eq(own, node) ? err_make(ERR_CONFLICT, "this is our own introduction: give it to the other side") : OK;
}

/* A key that was somebody's once is nobody else's, and no partner comes back with one that it had. */
static struct err keys_new(struct work *work, const struct share_introduction *introduction)
{
    for (size_t i = 0; i < introduction->key_count; i++) {
        const struct share_certification *key = &introduction->keys[i].certified;
        bool known;
        if (key->purpose == SHARE_TLS) /* one server may stand before several nodes */
            continue;
        TRY(store_node_key_is_known(work->db, &key->key, &known));
        if (known)
            return err_format(work->arena, ERR_CONFLICT,
                    "the %s key of the introduction is known here already: of another node, or from before; new keys "
                    "are needed",
                    share_purpose_name(key->purpose));
    }
    return OK;
}

static struct err keys_put(struct work *work, int64_t number, const struct share_introduction *introduction)
{
    for (size_t i = 0; i < introduction->key_count; i++) {
        const struct share_introduced_key *key = &introduction->keys[i];
        const struct node_key row = {.partner = number,
                .purpose = slice_of(share_purpose_name(key->certified.purpose)),
                .key = key->certified.key,
                .from_us = key->certified.from_us,
                .until_us = key->certified.until_us,
                .statement = key->statement};
        bool fresh;
        TRY(store_node_key_put(work, &row, &fresh));
    }
    return OK;
}

/* Who is a candidate still may say everything anew, with the same keys; who ended needs others. */
static struct err again(struct work *work, const struct partner *there, const struct share_introduction *introduction,
        const struct partner_put *put)
{
    bool same = memcmp(&there->identity_key, &introduction->identity, sizeof introduction->identity) == 0;
    if (there->state != PARTNER_CANDIDATE && there->state != PARTNER_ENDED)
        return err_format(work->arena, ERR_CONFLICT, "%.*s is a partner already (%s); end it first",
                (int)there->name.len, there->name.ptr, store_partner_state_name(there->state));
    if (there->state == PARTNER_ENDED || !same) {
        TRY(keys_new(work, introduction));
        TRY(store_node_key_revoke_all(work, there->number, work->now_us));
    }
    return store_partner_again(work, there->number, put);
}

static struct err introduced(struct work *work, void *context)
{
    struct parting *parting = context;
    const struct share_introduction *introduction = parting->introduction;
    struct partner_put put = {.kind = PARTNER_NODE,
            .state = PARTNER_CANDIDATE,
            .node = introduction->node,
            .url = introduction->url,
            .contact = introduction->contact,
            .identity_key = introduction->identity};
    struct partner there = {0};
    TRY(not_ours(work, introduction->node));
    struct err err = store_partner_find_node(work->db, introduction->node, work->now_us, work->arena, &there);
    if (err.kind == ERR_NONE) {
        TRY(again(work, &there, introduction, &put));
        parting->number = there.number;
    } else if (err.kind == ERR_MISSING) {
        TRY(keys_new(work, introduction));
        TRY(fresh_add(work, parting->name, introduction->country, &put, &parting->number));
    } else
        return err;
    TRY(keys_put(work, parting->number, introduction));
    return tell(work, "partner.introduced", parting->number,
            (struct told[]){{"name", parting->name}, {"node", introduction->node},
                    {"key", share_key_text(&introduction->identity, work->arena)}, {NULL}});
}

struct err share_partner_add(struct db *db, const struct actor *actor, const struct share_introduction *introduction,
        slice name, struct arena *arena, int64_t *number)
{
    struct parting parting = {.introduction = introduction, .name = name.len > 0 ? name : introduction->name};
    TRY(store_right_check(actor, VERB_CHANGE_PARTNERS, 0, arena, NULL));
    TRY(store_work(db, actor, arena, introduced, &parting));
    *number = parting.number;
    return OK;
}

/* ---- Without keys ---- */

static struct err taxii_added(struct work *work, void *context)
{
    struct parting *parting = context;
    const struct share_partner_taxii *taxii = parting->taxii;
    struct partner_put put = {.kind = PARTNER_TAXII,
            .state = PARTNER_ACTIVE,
            .node = uuid_new(work->arena, "identity--"),
            .url = taxii->url,
            .contact = taxii->contact};
    TRY(fresh_add(work, taxii->name, taxii->country, &put, &parting->number));
    TRY(store_organisation_state(work, put.organisation, ORGANISATION_ACTIVE));
    return tell(work, "partner.active", parting->number,
            (struct told[]){{"name", taxii->name}, {"url", taxii->url}, {NULL}});
}

struct err share_partner_add_taxii(struct db *db, const struct actor *actor, const struct share_partner_taxii *taxii,
        struct arena *arena, int64_t *number)
{
    struct parting parting = {.taxii = taxii};
    TRY(store_right_check(actor, VERB_CHANGE_PARTNERS, 0, arena, NULL));
    if (taxii->url.len > 0)
        TRY(share_url_check(taxii->url, arena));
    TRY(store_work(db, actor, arena, taxii_added, &parting));
    *number = parting.number;
    return OK;
}

/* ---- Confirmed ---- */

struct err share_partner_comparison(
        struct db *db, const struct partner *partner, struct arena *arena, struct share_comparison *comparison)
{
    struct key_public own_key;
    slice own;
    if (partner->kind != PARTNER_NODE)
        return err_make(ERR_INPUT, "this partner has no keys, and so nothing to compare");
    TRY(share_own_node(db, arena, &own));
    TRY(share_key_find(db, 0, SHARE_IDENTITY, clock_now_us(), arena, &own_key));
    comparison->theirs = share_fingerprint(partner->node, &partner->identity_key);
    comparison->ours = share_fingerprint(own, &own_key);
    comparison->common = share_fingerprint_common(&comparison->theirs, &comparison->ours);
    return OK;
}

static struct err say_to(
        struct work *work, const struct share_speaker *speaker, const struct partner *partner, slice type, slice body)
{
    const struct share_letter letter = {.type = type, .body = body};
    const struct letter waits = {
            .partner = partner->number, .type = type, .about = S(""), .body = body, .made_us = work->now_us};
    return speaker->keys != NULL ? share_post_letter(work, speaker->keys, partner, &letter)
                                 : store_letter_add(work, &waits);
}

/* What the other node needs to send to us: sent when we are sure of it, and again with each resumption. */
static struct err hello(struct work *work, const struct partner *partner, const struct share_speaker *speaker)
{
    struct buf buf = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    json_write_key_text(&w, S("inbox"), share_collection_url(speaker->url, partner->inbox_id, work->arena));
    json_write_key_text(&w, S("outbox"), share_collection_url(speaker->url, partner->outbox, work->arena));
    json_write_end(&w);
    struct err err = say_to(work, speaker, partner, S("partner.hello"), buf_slice(&buf));
    buf_free(&buf);
    return err;
}

static struct err confirmed(struct work *work, void *context)
{
    struct parting *parting = context;
    struct share_comparison comparison;
    struct share_fingerprint typed;
    struct partner partner;
    TRY(store_partner_get(work->db, parting->number, work->now_us, work->arena, &partner));
    TRY(share_partner_comparison(work->db, &partner, work->arena, &comparison));
    bool again = partner.state == PARTNER_CONFIRMED || partner.state == PARTNER_ACTIVE;
    if (partner.state != PARTNER_CANDIDATE && !again)
        return err_format(work->arena, ERR_CONFLICT, "%.*s is %s, no candidate", (int)partner.name.len,
                partner.name.ptr, store_partner_state_name(partner.state));
    bool read = share_fingerprint_parse(parting->typed, &typed);
    bool theirs = read && share_fingerprint_eq(&typed, &comparison.theirs);
    bool common = read && share_fingerprint_eq(&typed, &comparison.common);
    parting->wrong = !theirs && !common;
    if (parting->wrong)
        return tell(work, "partner.refused", partner.number,
                (struct told[]){{"why", S("another fingerprint was read to us")}, {"typed", parting->typed}, {NULL}});
    if (!again)
        TRY(store_partner_confirm(work, partner.number, work->actor->name));
    TRY(tell(work, "partner.confirmed", partner.number,
            (struct told[]){{"compared", theirs ? S("their fingerprint") : S("the common one")}, {NULL}}));
    return parting->speaker == NULL ? OK : hello(work, &partner, parting->speaker);
}

struct err share_partner_confirm(struct db *db, const struct actor *actor, const struct share_speaker *speaker,
        int64_t number, slice typed, struct arena *arena)
{
    struct parting parting = {.number = number, .typed = typed, .speaker = speaker};
    TRY(store_right_check(actor, VERB_CHANGE_PARTNERS, 0, arena, NULL));
    if (typed.len > FINGERPRINT_TYPED_MAX)
        return err_make(ERR_LIMIT, "a fingerprint is eight words or eight groups of five digits");
    TRY(store_work(db, actor, arena, confirmed, &parting));
    return parting.wrong ? err_make(ERR_DENIED,
                                   "this is not the fingerprint of the key that we were given, nor the common one: "
                                   "read it again, and if it stays so, somebody changed the file on its way")
                         : OK;
}

/* ---- Hello ---- */

static struct err url_at(slice url, const struct partner *partner, struct arena *arena)
{
    TRY(share_url_check(url, arena));
    return slice_starts(url, partner->url)
                   ? OK
                   : err_make(ERR_DENIED, "the URLs of a hello are at the node that was introduced, and this is not");
}

struct err share_partner_take(struct work *work, int64_t number, const struct share_letter *letter)
{
    struct partner partner;
    slice inbox, outbox;
    if (!slice_eq(letter->type, S("partner.hello")))
        return err_make(ERR_INPUT, "this is nothing that partners say of themselves");
    TRY(store_partner_get(work->db, number, work->now_us, work->arena, &partner));
    TRY(share_body_only(letter->body, "inbox outbox", work->arena));
    TRY(share_body_text(letter->body, "inbox", STORE_TEXT_MAX, work->arena, &inbox));
    TRY(share_body_text(letter->body, "outbox", STORE_TEXT_MAX, work->arena, &outbox));
    TRY(url_at(inbox, &partner, work->arena));
    TRY(url_at(outbox, &partner, work->arena));
    TRY(store_partner_remote(work, number, inbox, outbox));
    if (partner.state != PARTNER_CONFIRMED)
        return OK;
    TRY(store_partner_move(work, number, PARTNER_CONFIRMED, PARTNER_ACTIVE));
    TRY(store_organisation_state(work, partner.organisation, ORGANISATION_ACTIVE));
    return tell(work, "partner.active", number, (struct told[]){{"name", partner.name}, {NULL}});
}

/* ---- Suspended and resumed ---- */

static struct err suspended(struct work *work, void *context)
{
    const struct parting *parting = context;
    struct partner partner;
    TRY(store_partner_get(work->db, parting->number, work->now_us, work->arena, &partner));
    TRY(store_partner_move(work, parting->number, PARTNER_ACTIVE, PARTNER_SUSPENDED));
    TRY(store_organisation_state(work, partner.organisation, ORGANISATION_SUSPENDED));
    return tell(work, "partner.suspended", parting->number, (struct told[]){{"reason", parting->reason}, {NULL}});
}

struct err share_partner_suspend(
        struct db *db, const struct actor *actor, int64_t number, slice reason, struct arena *arena)
{
    struct parting parting = {.number = number, .reason = reason};
    TRY(store_right_check(actor, VERB_STOP_SHARING, 0, arena, NULL));
    return store_work(db, actor, arena, suspended, &parting);
}

static struct err resumed(struct work *work, void *context)
{
    const struct parting *parting = context;
    struct partner partner;
    struct key_public key;
    TRY(store_partner_get(work->db, parting->number, work->now_us, work->arena, &partner));
    if (partner.kind == PARTNER_NODE &&
            share_key_find(work->db, partner.number, SHARE_IDENTITY, work->now_us, work->arena, &key).kind != ERR_NONE)
        return err_make(ERR_CONFLICT, "its identity key is not good any more: end it, and have it introduced anew");
    TRY(store_partner_move(work, parting->number, PARTNER_SUSPENDED, PARTNER_ACTIVE));
    TRY(store_organisation_state(work, partner.organisation, ORGANISATION_ACTIVE));
    return tell(work, "partner.resumed", parting->number, (struct told[]){{"reason", parting->reason}, {NULL}});
}

struct err share_partner_resume(
        struct db *db, const struct actor *actor, int64_t number, slice reason, struct arena *arena)
{
    struct parting parting = {.number = number, .reason = reason};
    TRY(store_right_check(actor, VERB_CHANGE_PARTNERS, 0, arena, NULL));
    return store_work(db, actor, arena, resumed, &parting);
}

/* ---- Ended ---- */

static struct err purpose_of(
        struct work *work, int64_t partner, const struct key_public *key, struct share_certification *gone)
{
    struct node_key *rows;
    size_t count;
    TRY(store_node_key_list(work->db, partner, work->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (memcmp(&rows[i].key, key, sizeof *key) == 0) {
            *gone = (struct share_certification){.purpose = share_purpose_find(rows[i].purpose), .key = *key};
            return OK;
        }
    return err_make(ERR_MISSING, "the partner has no such key; `kentongan partner key list NAME` shows them");
}

static slice reported_body(slice node, const struct share_certification *gone, struct arena *arena)
{
    struct buf buf = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    json_write_key_text(&w, S("key"), share_key_text(&gone->key, arena));
    json_write_key_text(&w, S("node"), node);
    json_write_key_text(&w, S("purpose"), slice_of(share_purpose_name(gone->purpose)));
    json_write_end(&w);
    slice body = arena_copy(arena, buf_slice(&buf));
    buf_free(&buf);
    return body;
}

/* Those who share a group with it, and with us: to others its membership is none of their business. */
static struct err report(struct work *work, const struct share_speaker *speaker, const struct partner *stolen,
        const struct share_certification *gone)
{
    slice body = reported_body(stolen->node, gone, work->arena);
    struct partner *rows;
    size_t count = PARTNERS_PAGE;
    for (int64_t after = 0; count == PARTNERS_PAGE;) {
        TRY(store_partner_list(work->db, after, PARTNERS_PAGE, work->now_us, work->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            bool together = false;
            after = rows[i].number;
            if (rows[i].kind == PARTNER_NODE && rows[i].state == PARTNER_ACTIVE && after != stolen->number)
                TRY(store_partner_share_group(work->db, rows[i].node, stolen->node, &together));
            if (together)
                TRY(say_to(work, speaker, &rows[i], S("key.reported"), body));
        }
    }
    return OK;
}

static struct err stolen(struct work *work, const struct parting *parting, const struct partner *partner, int64_t at_us)
{
    struct share_certification gone;
    bool changed;
    TRY(purpose_of(work, partner->number, &parting->ending->key, &gone));
    TRY(store_node_key_revoke(
            work, partner->number, slice_of(share_purpose_name(gone.purpose)), &gone.key, work->now_us, &changed));
    /* Nobody waits for what was stolen; the identity could certify others. The rest goes with the partner. */
    TRY(store_node_key_revoke_all(work, partner->number, gone.purpose == SHARE_IDENTITY ? work->now_us : at_us));
    TRY(tell(work, "partner.alarm", partner->number,
            (struct told[]){
                    {"what", S("its key was stolen")}, {"key", share_key_text(&gone.key, work->arena)}, {NULL}}));
    return parting->speaker == NULL ? OK : report(work, parting->speaker, partner, &gone);
}

/* Nobody of it is let in from then on (store_user_rests); what lets people in is ended now only if that is now. */
static struct err account_end(struct work *work, const struct partner *partner, int64_t at_us)
{
    uint64_t count;
    if (at_us > work->now_us)
        return OK;
    TRY(store_token_revoke_all(work, partner->account, &count));
    TRY(store_session_end_all(work, partner->account, 0, S("the partner ended"), &count));
    struct organisation organisation;
    TRY(store_organisation_get(work->db, partner->organisation, work->arena, &organisation));
    return organisation.state == ORGANISATION_ACTIVE
                   ? store_organisation_state(work, partner->organisation, ORGANISATION_SUSPENDED)
                   : OK;
}

static struct err ended(struct work *work, void *context)
{
    const struct parting *parting = context;
    const struct share_partner_ending *ending = parting->ending;
    int64_t at_us = ending->at_us > work->now_us ? ending->at_us : work->now_us;
    struct partner partner;
    TRY(store_partner_get(work->db, parting->number, work->now_us, work->arena, &partner));
    TRY(store_partner_end(work, partner.number, at_us));
    TRY(account_end(work, &partner, at_us));
    TRY(share_agreement_partner_ends(work, partner.number, at_us, ending->reason));
    TRY(tell(work, "partner.ended", partner.number,
            (struct told[]){{"at", time_text(at_us, work->arena)}, {"reason", ending->reason}, {NULL}}));
    return ending->stolen ? stolen(work, parting, &partner, at_us) : OK;
}

struct err share_partner_end(struct db *db, const struct actor *actor, const struct share_speaker *speaker,
        int64_t number, const struct share_partner_ending *ending, struct arena *arena)
{
    struct parting parting = {.number = number, .ending = ending, .speaker = speaker};
    TRY(store_right_check(actor, VERB_STOP_SHARING, 0, arena, NULL));
    return store_work(db, actor, arena, ended, &parting);
}

/* ---- A revocation that somebody brought, and alarms ---- */

struct bringing {
    const struct share_letter *letter;
    int64_t partner;
    const char *why;
};

static struct err brought(struct work *work, void *context)
{
    struct bringing *bringing = context;
    slice own;
    TRY(share_own_node(work->db, work->arena, &own));
    TRY(share_statement_take(work, bringing->letter, own, &bringing->partner));
    return share_key_take(work, bringing->partner, bringing->letter);
}

struct err share_partner_revocation(
        struct db *db, const struct actor *actor, slice statement, struct arena *arena, int64_t *number)
{
    struct share_letter letter;
    struct bringing bringing = {.letter = &letter};
    TRY(store_right_check(actor, VERB_STOP_SHARING, 0, arena, NULL));
    TRY(share_statement_read(statement, arena, &letter));
    if (!slice_eq(letter.type, S("key.revoke")))
        return err_make(ERR_INPUT, "this statement revokes no key");
    TRY(store_work(db, actor, arena, brought, &bringing));
    *number = bringing.partner;
    return OK;
}

/* Whether the key was its own once, and is it no more. */
static struct err is_misuse(struct db *db, const struct partner *partner, const struct share_letter *letter,
        int64_t now_us, struct arena *arena, bool *misuse)
{
    struct node_key *rows;
    size_t count;
    *misuse = false;
    TRY(store_node_key_list(db, partner->number, arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (memcmp(&rows[i].key, &letter->key, sizeof letter->key) == 0 && rows[i].revoked_us != TIME_NONE &&
                rows[i].revoked_us <= now_us)
            *misuse = true;
    *misuse = *misuse && share_statement_signed(letter);
    return OK;
}

static struct err told_lately(struct work *work, int64_t partner, bool *lately)
{
    struct journal_row *rows;
    size_t count;
    TRY(store_journal_about(work->db, subject_of(partner, work->arena), INT64_MAX, 1, work->arena, &rows, &count));
    *lately = count > 0 && slice_eq(rows[0].act, S("partner.alarm")) &&
              work->now_us - rows[0].time_us < SHARE_ALARM_US &&
              slice_find_slice(rows[0].detail, S("\"refused\"")) < rows[0].detail.len;
    return OK;
}

static struct err alarm(struct work *work, void *context)
{
    const struct bringing *bringing = context;
    bool lately;
    TRY(told_lately(work, bringing->partner, &lately));
    if (lately)
        return OK;
    return tell(work, "partner.alarm", bringing->partner,
            (struct told[]){{"what", S("a key that is good no more was used")}, {"refused", slice_of(bringing->why)},
                    {"type", bringing->letter->type}, {"key", share_key_text(&bringing->letter->key, work->arena)},
                    {NULL}});
}

struct err share_partner_alarm(struct db *db, const struct actor *actor, const struct share_letter *letter,
        const char *why, struct arena *arena)
{
    struct bringing bringing = {.letter = letter, .why = why};
    int64_t now_us = clock_now_us();
    struct partner partner;
    bool misuse;
    struct err err = store_partner_find_node(db, letter->from, now_us, arena, &partner);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    TRY(is_misuse(db, &partner, letter, now_us, arena, &misuse));
    bringing.partner = partner.number;
    return misuse ? store_work(db, actor, arena, alarm, &bringing) : OK;
}
