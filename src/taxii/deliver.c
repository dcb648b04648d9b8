/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/deliver.h"

#include "base/arena.h"
#include "share/receipt.h"
#include "store/journal.h"
#include "store/released.h"
#include "taxii/answer.h"
#include "taxii/fetch_log.h"
#include "taxii/sending.h"
#include "taxii/visit.h"
#include "json/write.h"

#define TURN_ARENA_MAX (64u << 20)
#define PAGE_ARENA_MAX (512u << 20)
#define ANSWER_BYTES_MAX (64u << 10)
#define DETAIL_MAX 32768
#define STATEMENTS_OF_TURN 100
#define REFUSED_TOLD 20               /* objects that one row of the journal names */
#define LOG_LATER_US (30 * SECOND_US) /* before a log that could not be had is asked for again */
#define NOTHING_NEW_US SECOND_US      /* before what did not go is looked at again */

struct taxii_sender {
    const struct taxii_fetch *fetch;
    struct http_client *http; /* of all nodes */
    struct arena *arena;      /* of a turn */
    struct arena *page;       /* of a page of releases */
};

struct turn {
    struct taxii_sender *sender;
    struct db *db;
    const struct actor *actor;
    struct arena *arena;
    struct taxii_turn *told;
    struct partner partner;
    struct delivery delivery;
    struct share_keys keys;
    bool has_keys;
    const char *no_keys; /* why it has none */
    struct taxii_visit visit;
    struct taxii_client client;
    struct taxii_sending *sending;
    int64_t end_us, next_us;
    bool did; /* anything besides statements and objects */
    uint64_t later_s;
};

/* ---- Statements ---- */

static struct err body_skip(void *context, slice bytes)
{
    size_t *left = context;
    if (bytes.len > *left)
        return err_make(ERR_LIMIT, "the answer to a statement is too long");
    *left -= bytes.len;
    return OK;
}

/* What will not become better by waiting. 409: it was taken before, and the answer was lost. */
static const struct {
    unsigned status;
    bool taken;
} answers[] = {
        {200, true}, {202, true}, {204, true}, {409, true}, {400, false}, {413, false}, {415, false}, {422, false}};

struct done {
    int64_t number;
    slice refused;
};

static struct err statement_done(struct work *work, void *context)
{
    const struct done *done = context;
    return store_statement_done(work, done->number, done->refused);
}

/* One that nobody took in its time is of no use to anybody. */
static bool has_expired(const struct outgoing_statement *statement, struct arena *arena)
{
    struct share_letter letter;
    return share_statement_read(statement->statement, arena, &letter).kind != ERR_NONE ||
           letter.expires_us <= clock_now_us();
}

/* By a key of ours that is good no more: who refuses it will go on to, and what stands behind it waits for nothing. */
static struct err is_of_old_key(struct turn *turn, const struct outgoing_statement *statement, bool *old)
{
    struct share_letter letter;
    struct node_key *rows;
    size_t count;
    *old = false;
    TRY(share_statement_read(statement->statement, turn->arena, &letter));
    TRY(store_node_key_list(turn->db, 0, turn->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (memcmp(&rows[i].key, &letter.key, sizeof letter.key) == 0)
            *old = share_key_good(&rows[i], clock_now_us(), turn->arena).kind != ERR_NONE;
    return OK;
}

static struct err statement_call(struct turn *turn, const struct outgoing_statement *statement, struct done *done)
{
    size_t left = ANSWER_BYTES_MAX;
    struct http_answer answer;
    const struct http_send send = {statement->statement, "application/json"};
    const struct http_get get = {.url = arena_printf(turn->arena, "%.*spartner/statement", (int)turn->partner.url.len,
                                         turn->partner.url.ptr),
            .pins = turn->visit.pins,
            .accept = "application/taxii+json;version=2.1, application/json",
            .send = &send,
            .stay = true,
            .context = &left,
            .body = body_skip};
    struct err err = http_client_get(turn->sender->http, &get, turn->arena, &answer);
    turn->later_s = answer.retry_after_s;
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        if (answers[i].status != answer.status)
            continue;
        const char *reason = taxii_answer_reason(answer.page, turn->arena);
        done->refused = answers[i].taken ? S("") : slice_of(arena_printf(turn->arena, "%s%s", err.why, reason));
        return OK;
    }
    if (err.kind == ERR_NONE)
        return err_make(ERR_REMOTE, "it answers a statement as no node does");
    bool old = false;
    if (answer.status == 401)
        TRY(is_of_old_key(turn, statement, &old));
    if (old) {
        done->refused = S("it was signed by a key of ours that is good no more, and has to be said anew");
        return OK;
    }
    return err_format(turn->arena, err.kind, "%s%s", err.why, taxii_answer_reason(answer.page, turn->arena));
}

static struct err statement_send(struct turn *turn, const struct outgoing_statement *statement)
{
    struct done done = {statement->number, S("a partner without a node reads no statements")};
    if (turn->partner.kind == PARTNER_NODE) {
        struct err err = statement_call(turn, statement, &done);
        if (err.kind != ERR_NONE && !has_expired(statement, turn->arena))
            return err;
        if (err.kind != ERR_NONE)
            done.refused = slice_of(arena_printf(turn->arena, "it expired before it was taken: %s", err.why));
    }
    turn->told->statements += done.refused.len == 0;
    return store_work(turn->db, turn->actor, turn->arena, statement_done, &done);
}

static bool is_over(const struct turn *turn)
{
    return clock_steady_us() > turn->end_us || taxii_visit_stopped(&turn->visit);
}

static struct err statements_send(struct turn *turn)
{
    for (int i = 0; i < STATEMENTS_OF_TURN && !is_over(turn); i++) {
        struct outgoing_statement statement;
        struct err err = store_statement_next(turn->db, turn->partner.number, turn->arena, &statement);
        if (err.kind == ERR_MISSING)
            return OK;
        TRY(err);
        TRY(statement_send(turn, &statement));
    }
    return OK;
}

/* ---- Releases ---- */

struct settling {
    struct turn *turn;
    int64_t sent_us;
    size_t count, refused_count;
    const struct outgoing_refused *refused;
};

static struct err refused_tell(struct work *work, const struct settling *settling)
{
    struct buf detail = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    size_t told = settling->refused_count < REFUSED_TOLD ? settling->refused_count : REFUSED_TOLD;
    json_write_object(&w);
    json_write_key_u64(&w, S("count"), settling->refused_count);
    json_write_key(&w, S("refused"));
    json_write_array(&w);
    for (size_t i = 0; i < told; i++) {
        json_write_object(&w);
        json_write_key_text(&w, S("id"), settling->refused[i].id);
        json_write_key_text(&w, S("version"), settling->refused[i].version);
        json_write_key_text(&w, S("why"), settling->refused[i].why);
        json_write_end(&w);
    }
    json_write_end(&w);
    json_write_end(&w);
    const char *subject = arena_printf(work->arena, "partner/%lld", (long long)settling->turn->partner.number);
    struct err err = store_work_news(work, "delivery.refused", slice_of(subject), buf_slice(&detail));
    buf_free(&detail);
    return err;
}

static struct err sent_keep(struct work *work, void *context)
{
    const struct settling *settling = context;
    TRY(store_delivery_sent(
            work, settling->turn->partner.number, settling->sent_us, settling->count, settling->refused_count));
    return settling->refused_count > 0 ? refused_tell(work, settling) : OK;
}

/* The number of an item is its moment in the partner's collection. */
static struct err settled(void *context, const struct taxii_item *items, size_t count,
        const struct outgoing_refused *refused, size_t refused_count, struct arena *arena)
{
    struct turn *turn = context;
    struct settling settling = {turn, items[count - 1].number, count, refused_count, refused};
    TRY(store_work(turn->db, turn->actor, arena, sent_keep, &settling));
    turn->delivery.sent_us = settling.sent_us;
    turn->told->objects += count;
    turn->told->refused += refused_count;
    return OK;
}

struct released_page {
    struct taxii_item *items;
    size_t count;
    struct arena *arena;
};

static struct err page_take(void *context, const struct collected *row)
{
    struct released_page *page = context;
    page->items[page->count++] = (struct taxii_item){arena_copy(page->arena, row->bytes),
            arena_copy(page->arena, row->id), arena_copy(page->arena, row->version), row->added_us, row->entry};
    return arena_check(page->arena);
}

/* A page is an envelope: what is read as still good leaves at once. */
static struct err page_send(struct turn *turn, int64_t agreement, struct collected_end *end)
{
    const struct collected_query query = {.after_us = turn->delivery.sent_us,
            .limit = TAXII_ENVELOPE_OBJECTS,
            .versions = VERSIONS_ALL,
            .specs = SPECS_20 | SPECS_21 | SPECS_NONE};
    struct released_page page = {.arena = turn->sender->page};
    arena_reset(page.arena);
    page.items = arena_new(page.arena, struct taxii_item, TAXII_ENVELOPE_OBJECTS);
    TRY(store_released_read(turn->db, agreement, &query, true, page.arena, page_take, &page, end));
    for (size_t i = 0; i < page.count; i++)
        TRY(taxii_sending_add(turn->sending, &page.items[i]));
    end->more = end->more && page.count > 0;
    return taxii_sending_end(turn->sending, false);
}

/* `https://node.example/taxii2/main/collections/ID/` belongs to the root before "collections". */
static const char *root_of(const char *collection, struct arena *arena)
{
    slice url = slice_of(collection);
    size_t at = slice_find_slice(url, S("/collections/"));
    return arena_printf(arena, "%.*s/", (int)(at < url.len ? at : url.len), url.ptr);
}

static struct err pages_send(struct turn *turn, int64_t agreement, const struct taxii_sending_options *options)
{
    struct collected_end end = {.more = true};
    struct err err = OK;
    taxii_sending_open(&turn->client, options, turn->arena, &turn->sending);
    while (err.kind == ERR_NONE && end.more && !is_over(turn))
        err = page_send(turn, agreement, &end);
    turn->told->envelopes = taxii_sending_envelopes(turn->sending);
    taxii_sending_close(turn->sending);
    return err;
}

/* A node takes 16 MB, or says that it is too much; what else stands there has to be asked. */
static struct err server_look(struct turn *turn, struct taxii_sending_options *options)
{
    struct taxii_site site;
    TRY(taxii_site_look(&turn->client, options->collection, turn->arena, &site));
    if (site.root_count != 1 || site.roots[0].collection_count != 1 || !site.roots[0].collections[0].can_write)
        return err_format(turn->arena, ERR_DENIED, "%s is not one collection that we may write to",
                http_url_shown(options->collection, turn->arena));
    options->root = site.roots[0].collections[0].root;
    uint64_t most = site.roots[0].content_max;
    if (most > 0 && most < TAXII_ENVELOPE_LEAST)
        return err_format(turn->arena, ERR_REMOTE, "it takes no more than %llu bytes at once: no object is as small",
                (unsigned long long)most);
    options->bytes_max = most > 0 && most < TAXII_ENVELOPE_BYTES ? (size_t)most : TAXII_ENVELOPE_BYTES;
    return OK;
}

static struct err releases_send(struct turn *turn, int64_t agreement)
{
    const struct partner *partner = &turn->partner;
    slice url = partner->kind == PARTNER_NODE ? partner->remote_inbox : partner->url;
    struct taxii_sending_options options = {.context = turn, .settled = settled, .wait_ms = TAXII_CALL_TOTAL_MS};
    if (url.len == 0)
        return OK;
    TRY(taxii_client_url(arena_cstr(turn->arena, url), turn->arena, &options.collection));
    options.root = root_of(options.collection, turn->arena);
    if (partner->kind == PARTNER_TAXII)
        TRY(server_look(turn, &options));
    return pages_send(turn, agreement, &options);
}

/* ---- The turn ---- */

struct growing {
    const struct turn *turn;
    const struct delivery_head *head;
};

/* Of growth by receipts alone nobody is told. */
static struct err grown(struct work *work, void *context)
{
    const struct growing *growing = context;
    const struct turn *turn = growing->turn;
    if (growing->head->told_from == 0)
        return store_delivery_told(work, turn->partner.number, growing->head->size);
    return share_grown_post(work, &turn->keys, &turn->partner, growing->head);
}

struct beginning {
    int64_t partner, agreement;
};

static struct err begin(struct work *work, void *context)
{
    const struct beginning *beginning = context;
    return store_delivery_begin(work, beginning->partner, beginning->agreement);
}

/* Under another agreement all begins anew. */
static struct err agreement_begin(struct turn *turn, int64_t agreement)
{
    struct beginning beginning = {turn->partner.number, agreement};
    if (turn->delivery.agreement == agreement)
        return OK;
    TRY(store_work(turn->db, turn->actor, turn->arena, begin, &beginning));
    turn->delivery.agreement = agreement;
    turn->delivery.sent_us = turn->delivery.told = 0;
    return OK;
}

/* What stands in our log of the agreement has left when the partner was told of it. */
static struct err agreement_send(struct turn *turn)
{
    struct delivery_head head;
    struct err err = store_delivery_head(turn->db, turn->partner.number, turn->arena, &head);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    TRY(agreement_begin(turn, head.agreement));
    TRY(releases_send(turn, head.agreement));
    TRY(store_delivery_head(turn->db, turn->partner.number, turn->arena, &head));
    if (turn->partner.kind != PARTNER_NODE || head.size <= turn->delivery.told)
        return OK;
    struct growing growing = {turn, &head};
    turn->did = true;
    TRY(store_work(turn->db, turn->actor, turn->arena, grown, &growing));
    return statements_send(turn);
}

static bool is_served(const struct partner *partner)
{
    return partner->state == PARTNER_ACTIVE && partner->paused.len == 0;
}

static struct err log_later(struct work *work, void *context)
{
    return store_delivery_looked(work, ((const struct turn *)context)->partner.number, work->now_us + LOG_LATER_US);
}

/* That its log cannot be had for now does not keep us from sending. */
static struct err log_look(struct turn *turn)
{
    struct taxii_log_look look = {.db = turn->db,
            .actor = turn->actor,
            .keys = &turn->keys,
            .partner = &turn->partner,
            .client = &turn->client};
    if (turn->partner.kind != PARTNER_NODE || turn->delivery.log_us > clock_now_us())
        return OK;
    turn->did = true;
    struct err err = taxii_fetch_log(&look, turn->arena);
    if (err.kind == ERR_SYSTEM)
        return err;
    if (err.kind != ERR_NONE) {
        turn->told->log_why = arena_cstr(turn->arena, slice_of(err.why));
        return store_work(turn->db, turn->actor, turn->arena, log_later, turn);
    }
    return statements_send(turn);
}

static struct err outbox_put(struct work *work, void *context)
{
    const struct partner *partner = &((const struct turn *)context)->partner;
    slice name = slice_of(arena_printf(work->arena, "partner/%.*s", (int)partner->name.len, partner->name.ptr));
    return store_peer_partner(work, partner->number, name, partner->remote_outbox);
}

/* Whoever does not push to us is asked; once its log is looked at, that is often enough to see to it. */
static struct err outbox_follow(struct turn *turn)
{
    if (turn->partner.remote_outbox.len == 0 || turn->delivery.log_us > clock_now_us())
        return OK;
    return store_work(turn->db, turn->actor, turn->arena, outbox_put, turn);
}

static struct err turn_do(struct turn *turn)
{
    if (turn->partner.kind == PARTNER_NODE && !turn->has_keys)
        return err_make(ERR_CONFLICT, turn->no_keys);
    TRY(statements_send(turn));
    if (!is_served(&turn->partner))
        return OK;
    TRY(outbox_follow(turn));
    TRY(agreement_send(turn));
    return log_look(turn);
}

/* Of a server that is no node's: what lets us in lies in files, by the number of the partner. */
static struct err turn_run(struct turn *turn)
{
    const struct taxii_fetch *fetch = turn->sender->fetch;
    turn->visit = (struct taxii_visit){&turn->keys, turn->partner.node, &fetch->watch, NULL};
    TRY(share_tls_pins(turn->db, turn->partner.number, clock_now_us(), turn->arena, &turn->visit.pins));
    turn->client = taxii_visit_client(turn->sender->http, &turn->visit);
    if (turn->partner.kind == PARTNER_NODE)
        return turn_do(turn);
    const struct taxii_files files = taxii_access_partner(fetch->keys, turn->partner.number, turn->arena);
    TRY(taxii_peer_client(fetch, &files, turn->arena, &turn->client));
    struct err err = turn_do(turn);
    http_client_close(turn->client.options.http);
    return err;
}

/* ---- How it went ---- */

static struct err ending_tell(struct work *work, const struct turn *turn, const char *act)
{
    struct buf detail = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    const struct taxii_turn *told = turn->told;
    json_write_object(&w);
    json_write_key_text(&w, S("partner"), told->name);
    json_write_key_u64(&w, S("objects"), told->objects);
    json_write_key_u64(&w, S("refused"), told->refused);
    if (told->why != NULL)
        json_write_key_text(&w, S("why"), store_text_keep(work->arena, slice_of(told->why), STORE_TEXT_MAX));
    json_write_end(&w);
    const char *subject = arena_printf(work->arena, "partner/%lld", (long long)turn->partner.number);
    struct err err = store_work_news(work, act, slice_of(subject), buf_slice(&detail));
    buf_free(&detail);
    return err;
}

/* The first failure is news, and that it is over; not each in between. */
static struct err turn_end(struct work *work, void *context)
{
    const struct turn *turn = context;
    const struct taxii_turn *told = turn->told;
    bool failed = told->why != NULL, failed_before = turn->delivery.failures > 0;
    slice why = failed ? slice_of(told->why) : S("");
    TRY(store_delivery_end(work, turn->partner.number, why, turn->next_us));
    if (failed && !failed_before)
        TRY(ending_tell(work, turn, "delivery.failed"));
    if (!failed && failed_before)
        TRY(ending_tell(work, turn, "delivery.resumed"));
    return told->objects > 0 ? ending_tell(work, turn, "delivery.sent") : OK;
}

/* It doubles; who says when to come again is believed, up to the longest of ours. */
static int64_t pause_of(const struct turn *turn)
{
    int64_t pause = TAXII_TURN_LEAST_US, said = TAXII_TURN_MOST_US;
    uint64_t later_s = turn->later_s > turn->client.later_s ? turn->later_s : turn->client.later_s;
    for (int64_t i = 0; i < turn->delivery.failures && pause < TAXII_TURN_MOST_US; i++)
        pause *= 2;
    if (later_s < (uint64_t)(TAXII_TURN_MOST_US / SECOND_US))
        said = (int64_t)later_s * SECOND_US;
    pause = pause < said ? said : pause;
    return pause < TAXII_TURN_MOST_US ? pause : TAXII_TURN_MOST_US;
}

/* A stop is no failure of the partner: its turn is free for who serves next. */
static struct err settle(struct turn *turn, struct err err, struct arena *arena)
{
    bool stopped = taxii_visit_stopped(&turn->visit);
    turn->told->name = arena_copy(arena, turn->partner.name);
    if (turn->told->log_why != NULL)
        turn->told->log_why = arena_cstr(arena, slice_of(turn->told->log_why));
    /* What was due and does not go will go later: a release that something still holds back. */
    if (!turn->did && turn->told->statements + turn->told->objects == 0)
        turn->next_us = clock_now_us() + NOTHING_NEW_US;
    if (err.kind != ERR_NONE && !stopped) {
        turn->told->why = arena_cstr(arena, slice_of(err.why));
        turn->next_us = clock_now_us() + pause_of(turn);
    }
    return store_work(turn->db, turn->actor, arena, turn_end, turn);
}

struct claiming {
    struct delivery *delivery;
    bool found;
};

static struct err claim(struct work *work, void *context)
{
    struct claiming *claiming = context;
    return store_delivery_claim(work, work->now_us + TAXII_TURN_CLAIM_US, claiming->delivery, &claiming->found);
}

static struct err turn_prepare(struct turn *turn)
{
    int64_t now_us = clock_now_us();
    struct err err = share_keys_open(turn->db, turn->sender->fetch->keys, now_us, turn->arena, &turn->keys);
    turn->has_keys = err.kind == ERR_NONE;
    turn->no_keys = err.why;
    if (err.kind == ERR_SYSTEM)
        return err;
    return store_partner_get(turn->db, turn->delivery.partner, now_us, turn->arena, &turn->partner);
}

struct err taxii_deliver(struct taxii_sender *sender, struct db *db, const struct actor *actor, struct arena *arena,
        struct taxii_turn *told, bool *found)
{
    *told = (struct taxii_turn){.name = S("")};
    arena_reset(sender->arena);
    struct turn turn = {.sender = sender,
            .db = db,
            .actor = actor,
            .arena = sender->arena,
            .told = told,
            .end_us = clock_steady_us() + TAXII_TURN_US};
    struct claiming claiming = {.delivery = &turn.delivery};
    TRY(store_delivery_due(db, clock_now_us(), found));
    if (!*found)
        return OK;
    TRY(store_work(db, actor, arena, claim, &claiming));
    *found = claiming.found;
    if (!*found)
        return OK;
    struct err err = turn_prepare(&turn);
    if (err.kind == ERR_NONE)
        err = turn_run(&turn);
    err = settle(&turn, err, arena);
    share_keys_forget(&turn.keys);
    return err;
}

struct err taxii_sender_open(const struct taxii_fetch *fetch, struct arena *arena, struct taxii_sender **sender)
{
    struct taxii_sender *made = arena_new(arena, struct taxii_sender, 1);
    struct http_client_options http = *fetch->http;
    http.connect_ms = http.connect_ms < TAXII_CALL_CONNECT_MS ? http.connect_ms : TAXII_CALL_CONNECT_MS;
    http.idle_ms = http.idle_ms < TAXII_CALL_IDLE_MS ? http.idle_ms : TAXII_CALL_IDLE_MS;
    http.total_ms = TAXII_CALL_TOTAL_MS;
    *made = (struct taxii_sender){.fetch = fetch};
    TRY(http_client_open(&http, arena, &made->http));
    made->arena = arena_open("a turn", ARENA_WORK, TURN_ARENA_MAX);
    made->page = arena_open("a page of releases", ARENA_WORK, PAGE_ARENA_MAX);
    *sender = made;
    return OK;
}

void taxii_sender_close(struct taxii_sender *sender)
{
    if (sender == NULL)
        return;
    http_client_close(sender->http);
    arena_close(sender->arena);
    arena_close(sender->page);
}
