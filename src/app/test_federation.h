/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For tests: whole nodes in one process, each with a folder, a database, keys, its gate with every route, its
 * book-keeper, and one who sends. They reach each other through http_client_get, which the linker gives to us (--wrap):
 * it finds the node by its host, asks its gate, and does to the request and the answer whatever the link is like. Time
 * is what clock_set says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/routes.h"
#include "base/arena.h"
#include "base/log.h"
#include "gate/gate.h"
#include "people/doorkeeper.h"
#include "plan/rates.h"
#include "share/agreement.h"
#include "share/book.h"
#include "share/partner.h"
#include "share/release.h"
#include "share/sign.h"
#include "store/ask.h"
#include "store/organisation.h"
#include "store/user.h"
#include "taxii/deliver.h"
#include "web/web.h"

#define FEDERATION_MAX 128
#define FEDERATION_BEGIN_US (INT64_C(1795000000) * SECOND_US) /* 19 November 2026 */

static const struct plan_rates fed_rates = {.currency = {"IDR", 3}};

struct fed_node {
    size_t place;
    char name[16];
    const char *folder, *keys_folder, *url;
    struct arena *arena, *request; /* as long as the node; one request */
    struct db *db;
    struct actor local, ayu, budi; /* two persons who may sign */
    struct share_keys keys;
    struct share_book *book;
    struct share_releaser *releaser;
    struct node_parts parts;
    struct gate *gate;
    void *worker;
    struct taxii_fetch fetch;
    struct taxii_sender *sender;
};

/* What a link does, in parts of 1000. */
struct fed_link {
    bool down;
    unsigned lose, forget, twice, truncate;
};

struct federation {
    char folder[64];
    size_t count;
    struct fed_node nodes[FEDERATION_MAX];
    struct fed_link links[FEDERATION_MAX][FEDERATION_MAX]; /* from, to */
    size_t speaking;                                       /* whose requests these are */
    uint64_t requests, faults;
    uint64_t random;
    struct http_client_options http;
};

static struct federation fed;
static int64_t fed_begin_us = FEDERATION_BEGIN_US; /* the time of a process never goes back (store/ledger.h) */

static inline void fed_ok(struct err err)
{
    if (err.kind != ERR_NONE)
        fail_msg("%s: %s", err_name(err.kind), err.why);
}

/* The same run for the same seed. */
static inline uint64_t fed_random(uint64_t below)
{
    fed.random ^= fed.random << 13;
    fed.random ^= fed.random >> 7;
    fed.random ^= fed.random << 17;
    return fed.random % below;
}

/* ---- The link ---- */

struct err __wrap_http_client_get(
        struct http_client *client, const struct http_get *get, struct arena *arena, struct http_answer *answer);

static inline struct fed_node *fed_host(slice url, slice *rest)
{
    for (size_t i = 0; i < fed.count; i++)
        if (slice_starts(url, slice_of(fed.nodes[i].url))) {
            *rest = slice_from(url, strlen(fed.nodes[i].url) - 1);
            return &fed.nodes[i];
        }
    return NULL;
}

static inline bool fed_chance(unsigned of_1000)
{
    bool hit = of_1000 > 0 && fed_random(1000) < of_1000;
    fed.faults += hit;
    return hit;
}

/* One request at the gate of a node, as its server would make it. `more`: headers besides Host. */
static inline void fed_request(struct fed_node *node, enum http_method method, slice target,
        const struct http_header *more, size_t more_count, slice body, struct http_reply *reply)
{
    struct http_header headers[8] = {{S("host"), S("node.example")}};
    size_t count = 1, end = slice_find(target, '?');
    assert_true(more_count < COUNT_OF(headers));
    for (size_t i = 0; i < more_count; i++)
        if (more[i].value.len > 0)
            headers[count++] = more[i];
    arena_reset(node->request);
    const struct http_request request = {.method = method,
            .target = slice_part(target, 0, end),
            .path = slice_part(target, 0, end),
            .query = end < target.len ? slice_from(target, end + 1) : S(""),
            .headers = headers,
            .header_count = count,
            .body = body,
            .peer = {.bytes = {192, 0, 2, 1}, .family = 4},
            .tls = true,
            .arena = node->request};
    *reply = (struct http_reply){.status = 0};
    gate_answer(node->worker, &request, reply);
}

static inline slice fed_text(const char *text)
{
    return slice_of(text == NULL ? "" : text);
}

static inline void fed_ask(struct fed_node *node, const struct http_get *get, slice target, struct http_reply *reply)
{
    slice line = fed_text(get->header);
    size_t colon = slice_find(line, ':');
    const struct http_header headers[] = {
            {S("accept"), fed_text(get->accept)},
            {S("authorization"), fed_text(get->authorization)},
            {S("content-type"), fed_text(get->send == NULL ? NULL : get->send->type)},
            {slice_part(line, 0, colon), colon < line.len ? slice_trim(slice_from(line, colon + 1)) : S("")},
    };
    fed_request(node, get->send == NULL ? HTTP_GET : HTTP_POST, target, headers, COUNT_OF(headers),
            get->send == NULL ? S("") : get->send->body, reply);
}

static inline const char *fed_said(const struct http_reply *reply, const char *name, struct arena *arena)
{
    for (size_t i = 0; i < reply->header_count; i++)
        if (slice_eq_fold(reply->headers[i].name, slice_of(name)))
            return arena_cstr(arena, reply->headers[i].value);
    return "";
}

static inline slice fed_body(const struct http_reply *reply, struct arena *arena)
{
    if (reply->fixed.len > 0)
        return reply->fixed;
    if (reply->file <= 0)
        return buf_slice(&reply->body);
    struct stat stat_of;
    assert_int_equal(fstat(reply->file, &stat_of), 0);
    char *bytes = arena_take(arena, (size_t)stat_of.st_size + 1);
    assert_int_equal(pread(reply->file, bytes, (size_t)stat_of.st_size, 0), stat_of.st_size);
    return (slice){bytes, (size_t)stat_of.st_size};
}

static inline void fed_reply_close(struct http_reply *reply)
{
    buf_free(&reply->body);
    if (reply->file > 0)
        close(reply->file);
}

static inline struct err fed_status(unsigned status, const char *url, struct arena *arena)
{
    enum err_kind kind = status == 401   ? ERR_AUTH
                         : status == 403 ? ERR_DENIED
                         : status == 404 ? ERR_MISSING
                         : status == 409 ? ERR_CONFLICT
                                         : ERR_REMOTE;
    return status < 300 ? OK : err_format(arena, kind, "%s answers with status %u", url, status);
}

struct err __wrap_http_client_get(
        struct http_client *client, const struct http_get *get, struct arena *arena, struct http_answer *answer)
{
    slice target = S("");
    struct fed_node *node = fed_host(slice_of(get->url), &target);
    (void)client;
    *answer = (struct http_answer){
            .etag = "", .modified = "", .type = "", .date = "", .added_first = "", .added_last = ""};
    assert_non_null(node);
    const struct fed_link *link = &fed.links[fed.speaking][node->place];
    fed.requests++;
    if (link->down || fed_chance(link->lose))
        return err_format(arena, ERR_REMOTE, "%s: nobody answers there", get->url);
    struct http_reply reply;
    if (fed_chance(link->twice)) {
        fed_ask(node, get, target, &reply);
        fed_reply_close(&reply);
    }
    fed_ask(node, get, target, &reply);
    slice body = arena_copy(arena, fed_body(&reply, arena));
    unsigned status = reply.status;
    answer->type = arena_cstr(arena, reply.type);
    answer->added_first = fed_said(&reply, "X-TAXII-Date-Added-First", arena);
    answer->added_last = fed_said(&reply, "X-TAXII-Date-Added-Last", arena);
    fed_reply_close(&reply);
    if (fed_chance(link->forget))
        return err_format(arena, ERR_REMOTE, "%s: the connection broke off", get->url);
    answer->status = status;
    struct err err = fed_status(status, get->url, arena);
    if (err.kind != ERR_NONE) {
        answer->page = body;
        return err;
    }
    if (fed_chance(link->truncate)) {
        TRY(get->body(get->context, slice_part(body, 0, body.len / 2)));
        if (fed_random(2) == 0) /* cut within its headers it would look whole */
            return OK;
        return err_format(arena, ERR_REMOTE, "%s: it ends before its end", get->url);
    }
    answer->bytes = body.len;
    return get->body(get->context, body);
}

/* ---- Nodes ---- */

struct fed_person {
    const char *name;
    int64_t organisation, number;
};

static inline struct err fed_own_action(struct work *work, void *context)
{
    struct fed_person *person = context;
    TRY(store_organisation_add(work,
            &(struct organisation_put){
                    .name = slice_of(person->name), .kind = S("team"), .country = S("ID"), .relation = RELATION_OWN},
            &person->organisation));
    return share_book_logs(work);
}

static inline struct err fed_person_action(struct work *work, void *context)
{
    struct fed_person *person = context;
    const struct user_put put = {.name = slice_of(person->name),
            .organisation = person->organisation,
            .roles = 1u << ROLE_MANAGER,
            .password_hash = S("$argon2id$hash")};
    return store_user_add(work, &put, &person->number);
}

static inline struct actor fed_person(struct fed_node *node, int64_t organisation, const char *name)
{
    struct fed_person person = {.name = name, .organisation = organisation};
    fed_ok(store_work(node->db, &node->local, node->arena, fed_person_action, &person));
    return (struct actor){.organisation = organisation,
            .user = person.number,
            .name = slice_of(name),
            .roles = 1u << ROLE_MANAGER,
            .how = ACTOR_SECOND_FACTOR};
}

static inline void fed_gate_open(struct fed_node *node, const char *database)
{
    node->parts = (struct node_parts){
            .name = node->name, .url = node->url, .folder = node->folder, .secure = true, .rates = &fed_rates};
    static const char nobody[PASSWORD_HASH_BYTES];
    const struct gate_options options = {.routes = routes,
            .db = {.where = database},
            .parts = &node->parts,
            .doorkeeper = doorkeeper_make(node->arena, nobody),
            .otherwise = &web_face};
    gate_open(&options, node->arena, &node->gate);
    fed_ok(gate_worker_open(node->gate, node->arena, &node->worker));
}

static inline void fed_node_open(size_t place)
{
    struct fed_node *node = &fed.nodes[place];
    struct fed_person own;
    snprintf(node->name, sizeof node->name, "simpul-%zu", place);
    own.name = node->name;
    node->place = place;
    node->arena = arena_open("a node", ARENA_WORK, 256u << 20);
    node->request = arena_open("a request", ARENA_WORK, 256u << 20);
    node->folder = arena_printf(node->arena, "%s/%s", fed.folder, node->name);
    node->keys_folder = arena_printf(node->arena, "%s/keys", node->folder);
    node->url = arena_printf(node->arena, "https://%s.example/", node->name);
    const char *ledger = arena_printf(node->arena, "%s/ledger", node->folder);
    const char *database = arena_printf(node->arena, "%s/node.db", node->folder);
    assert_int_equal(mkdir(node->folder, 0700) | mkdir(node->keys_folder, 0700) | mkdir(ledger, 0700), 0);
    fed_ok(store_open(&(struct db_options){.where = database, .create = true}, node->arena, &node->db));
    node->local = (struct actor){.name = S("local/test"), .roles = 1u << ROLE_LOCAL, .how = ACTOR_MACHINE};
    fed_ok(store_work(node->db, &node->local, node->arena, fed_own_action, &own));
    node->local.organisation = own.organisation;
    node->ayu = fed_person(node, own.organisation, "ayu");
    node->budi = fed_person(node, own.organisation, "budi");
    fed_ok(share_keys_make(node->db, &node->local, node->keys_folder, &(struct share_key_asking){0}, node->arena));
    fed_ok(share_keys_open(node->db, node->keys_folder, clock_now_us(), node->arena, &node->keys));
    const struct share_book_options book = {.folder = ledger,
            .high_water = arena_printf(node->arena, "%s/high-water", node->folder),
            .log_key = &node->keys.log};
    fed_ok(share_book_open(&book, node->arena, &node->book));
    fed_ok(share_book_begin(node->book, node->db, node->arena));
    node->releaser = share_releaser_open(node->db, &share_release_usual, &node->keys);
    fed_gate_open(node, database);
    node->fetch = (struct taxii_fetch){.http = &fed.http, .keys = node->keys_folder};
    fed_ok(taxii_sender_open(&node->fetch, node->arena, &node->sender));
}

/* Only what lies on disk stays: the node as it was put back, before it signs anything. */
static inline void fed_node_reopen(struct fed_node *node)
{
    const char *ledger = arena_printf(node->arena, "%s/ledger", node->folder);
    const char *database = arena_printf(node->arena, "%s/node.db", node->folder);
    fed_ok(store_open(&(struct db_options){.where = database}, node->arena, &node->db));
    fed_ok(share_keys_open(node->db, node->keys_folder, clock_now_us(), node->arena, &node->keys));
    const struct share_book_options book = {.folder = ledger,
            .high_water = arena_printf(node->arena, "%s/high-water", node->folder),
            .log_key = &node->keys.log};
    fed_ok(share_book_open(&book, node->arena, &node->book));
    node->releaser = share_releaser_open(node->db, &share_release_usual, &node->keys);
    fed_gate_open(node, database);
    fed_ok(taxii_sender_open(&node->fetch, node->arena, &node->sender));
}

static inline void fed_node_stop(struct fed_node *node)
{
    taxii_sender_close(node->sender);
    gate_worker_close(node->worker);
    share_releaser_close(node->releaser);
    share_book_close(node->book);
    share_keys_forget(&node->keys);
    db_close(node->db);
}

static inline void fed_node_close(struct fed_node *node)
{
    fed_node_stop(node);
    arena_close(node->request);
    arena_close(node->arena);
}

static inline void fed_open(size_t count, uint64_t seed)
{
    fed = (struct federation){.random = seed * 2654435761u + 1, .count = count};
    fed.http = (struct http_client_options){
            .plain_http = true, .connect_ms = 1000, .idle_ms = 1000, .total_ms = 5000, .bytes_max = 64u << 20};
    /* In memory, where there is such a place: what waits for disks here tells nothing. */
    snprintf(
            fed.folder, sizeof fed.folder, "%s/federation-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(fed.folder));
    log_threshold(LOG_ERROR);
    clock_set(fed_begin_us);
    for (size_t i = 0; i < count; i++)
        fed_node_open(i);
}

static inline void fed_close(void)
{
    char command[128];
    for (size_t i = 0; i < fed.count; i++)
        fed_node_close(&fed.nodes[i]);
    snprintf(command, sizeof command, "rm -rf '%s'", fed.folder);
    int status = system(command);
    (void)status;
    fed_begin_us = clock_now_us() + MINUTE_US;
    clock_set(TIME_NONE);
    log_threshold(LOG_INFO);
}

/* ---- What they do ---- */

/* Its number here. */
static inline int64_t fed_number(struct fed_node *here, const struct fed_node *there)
{
    struct partner partner;
    fed_ok(store_partner_find_node(here->db, there->keys.node, clock_now_us(), here->arena, &partner));
    return partner.number;
}

static inline struct partner fed_partner(struct fed_node *here, const struct fed_node *there)
{
    struct partner partner;
    fed_ok(store_partner_find_node(here->db, there->keys.node, clock_now_us(), here->arena, &partner));
    return partner;
}

/* `here` takes in the introduction of `there` and compares what it is told on the telephone. */
static inline void fed_meet(struct fed_node *here, struct fed_node *there)
{
    struct share_introduction introduction;
    struct share_comparison comparison;
    const struct share_introducing introducing = {
            .folder = there->keys_folder, .url = slice_of(there->url), .contact = S("petugas jaga")};
    const struct share_speaker speaker = {&here->keys, slice_of(here->url)};
    slice text;
    int64_t number;
    fed_ok(share_introduce(there->db, &there->local, &introducing, there->arena, &text));
    fed_ok(share_introduction_read(text, clock_now_us(), here->arena, &introduction));
    fed_ok(share_partner_add(here->db, &here->local, &introduction, S(""), here->arena, &number));
    struct partner partner = fed_partner(here, there);
    fed_ok(share_partner_comparison(here->db, &partner, here->arena, &comparison));
    slice words = share_fingerprint_words(&comparison.theirs, here->arena);
    fed_ok(share_partner_confirm(here->db, &here->local, &speaker, number, words, here->arena));
}

static inline void fed_peer(size_t a, size_t b)
{
    fed_meet(&fed.nodes[a], &fed.nodes[b]);
    fed_meet(&fed.nodes[b], &fed.nodes[a]);
}

static inline void fed_second(struct fed_node *node, const struct share_proposal *proposal)
{
    if (!proposal->done)
        fed_ok(share_approve(node->db, &node->budi, proposal->number, NULL, node->arena));
}

/* What is due of partners' outboxes. */
static inline uint64_t fed_pull(struct fed_node *node, struct arena *arena)
{
    uint64_t did = 0;
    struct actor peers = {.organisation = node->local.organisation, .name = S("@peers"), .how = ACTOR_FOLLOWER};
    bool found = true;
    while (found) {
        struct taxii_pulled pulled;
        arena_reset(arena);
        fed_ok(taxii_peer_run_due(node->db, &peers, &node->fetch, arena, &pulled, &found));
        did += pulled.sum.fresh;
    }
    return did;
}

/* Signs, decides, writes its book, sends what there is, and asks who is due; how many things that were. */
static inline uint64_t fed_work(struct fed_node *node)
{
    struct actor deliver = {.organisation = node->local.organisation, .name = S("@deliver"), .how = ACTOR_FOLLOWER};
    size_t count;
    uint64_t did = 0;
    bool found = true;
    struct arena *arena = arena_open("work of a node", ARENA_WORK, 256u << 20);
    fed_ok(share_sign(node->db, &node->local, &node->keys, arena, &count));
    fed_ok(share_release_some(node->releaser, 1000, &count));
    fed_ok(share_book_write(node->book, node->db, arena, &count));
    fed.speaking = node->place;
    for (int turns = 0; found && turns < 256; turns++) {
        struct taxii_turn turn;
        arena_reset(arena);
        fed_ok(taxii_deliver(node->sender, node->db, &deliver, arena, &turn, &found));
        did += turn.statements + turn.objects;
    }
    did += fed_pull(node, arena);
    arena_close(arena);
    return did;
}

static inline void fed_round(void)
{
    for (size_t i = 0; i < fed.count; i++)
        fed_work(&fed.nodes[i]);
}

/* ---- Agreeing ---- */

static inline struct err fed_rule_action(struct work *work, void *context)
{
    const struct rule_row rule = {.partner = *(const int64_t *)context,
            .type = S(""),
            .id = S(""),
            .highest = TLP_AMBER,
            .from_us = work->now_us,
            .until_us = work->now_us + 365 * DAY_US,
            .ended_us = TIME_NONE};
    int64_t number;
    return store_rule_add(work, &rule, &number);
}

/* Two persons agreed beforehand that all up to AMBER may go from here to there. */
static inline void fed_rule(size_t here, size_t there)
{
    struct fed_node *node = &fed.nodes[here];
    int64_t partner = fed_number(node, &fed.nodes[there]);
    fed_ok(store_work(node->db, &node->local, node->arena, fed_rule_action, &partner));
}

static inline struct agreement fed_agreement(size_t here, size_t there)
{
    struct fed_node *node = &fed.nodes[here];
    struct agreement row;
    fed_ok(store_agreement_with(node->db, fed_number(node, &fed.nodes[there]), node->arena, &row));
    return row;
}

static inline void fed_agree(size_t a, size_t b, const char *terms)
{
    struct fed_node *first = &fed.nodes[a], *second = &fed.nodes[b];
    struct share_proposal proposal;
    int64_t number;
    fed_ok(share_agreement_draft(
            first->db, &first->local, fed_number(first, second), slice_of(terms), first->arena, &number));
    fed_ok(share_agreement_offer(first->db, &first->ayu, number, S("as talked over"), first->arena, &proposal));
    fed_second(first, &proposal);
    fed_work(first);
    fed_ok(share_agreement_accept(
            second->db, &second->ayu, fed_agreement(b, a).number, S(""), S("it is good"), second->arena, &proposal));
    fed_second(second, &proposal);
    fed_work(second);
    fed_work(first);
    fed_rule(a, b);
    fed_rule(b, a);
}
