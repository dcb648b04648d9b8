/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bookkeeping.h"

#include "app/node.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "share/book.h"
#include "share/node_log.h"
#include "store/journal.h"
#include "taxii/witness.h"

#define MS_US 1000
#define WAIT_MS 200          /* how soon it sees that it is to end */
#define NO_KEYS_US MINUTE_US /* before a node without keys is looked at again */
#define PASS_ARENA_MAX ((size_t)512 << 20)

/* One of the jobs at work. */
struct keeper {
    const struct bookkeeping *of;
    struct db *db;
    const struct actor *actor;
    struct arena *arena; /* as long as it runs */
    struct arena *pass;  /* emptied each time */
    struct share_keys keys;
    struct share_book *book;
    const char *folder;
    int64_t interval_us;
};

static bool stops(const struct keeper *keeper)
{
    return keeper->of->stop(keeper->of->context);
}

static bool stop_asked(void *context)
{
    return stops(context);
}

/* A node whose keys were never made, or are not good any more, waits for a person. */
static struct err keys_open(struct keeper *keeper)
{
    int64_t now;
    TRY(store_now_us(keeper->db, &now));
    struct err err = share_keys_open(keeper->db, keeper->of->keys, now, keeper->arena, &keeper->keys);
    if (err.kind != ERR_NONE) {
        keeper->of->begun(keeper->of->context); /* nothing will come back: nobody need wait for it */
        keeper->of->rest(keeper->of->context, NO_KEYS_US);
    }
    return err;
}

static struct taxii_witnessing witnessing_of(struct keeper *keeper, struct intel_watch *watch)
{
    *watch = (struct intel_watch){.context = keeper, .stop = stop_asked};
    return (struct taxii_witnessing){.db = keeper->db,
            .actor = keeper->actor,
            .keys = &keeper->keys,
            .client = &keeper->of->config->feeds,
            .folder = keeper->folder,
            .interval_us = keeper->interval_us,
            .watch = watch};
}

/* ---- Writing ---- */

static void log_own(size_t asked, size_t answered)
{
    const struct log_field fields[] = {
            {"partners", {NULL, 0}, (int64_t)asked}, {"answered", {NULL, 0}, (int64_t)answered}};
    log_line(answered < asked ? LOG_WARN : LOG_INFO, "ledger.compared", fields, COUNT_OF(fields));
}

/*
 * Partners first: what a restore lost comes back from them before anything is compared. Whoever kept the rest of a log
 * that is found to wait is asked once more, and then in each round (taxii/witness.h). Nobody who does not answer can
 * hold up a node, but for the log that it shares with us.
 */
static struct err begin(struct keeper *keeper)
{
    struct intel_watch watch;
    struct taxii_witnessing witnessing = witnessing_of(keeper, &watch);
    struct ledger_log *logs;
    size_t asked, answered, waiting;
    TRY(taxii_witness_own(&witnessing, keeper->pass, &asked, &answered));
    log_own(asked, answered);
    TRY(share_book_begin(keeper->book, keeper->db, keeper->pass));
    TRY(share_book_seen(keeper->book, keeper->db, 0, keeper->pass));
    TRY(store_ledger_log_waiting(keeper->db, 0, keeper->pass, &logs, &waiting));
    if (waiting > 0)
        TRY(taxii_witness_own(&witnessing, keeper->pass, &asked, &answered));
    keeper->of->begun(keeper->of->context);
    return OK;
}

/* Whether a person rotated or revoked one of them: then all begins anew with those of today. */
static bool keys_are_old(struct keeper *keeper)
{
    struct share_keys now;
    if (share_keys_open(keeper->db, keeper->of->keys, clock_now_us(), keeper->pass, &now).kind != ERR_NONE)
        return true;
    bool same = memcmp(&now.log.public, &keeper->keys.log.public, sizeof now.log.public) == 0 &&
                memcmp(&now.witness.public, &keeper->keys.witness.public, sizeof now.witness.public) == 0 &&
                memcmp(&now.message.public, &keeper->keys.message.public, sizeof now.message.public) == 0;
    share_keys_forget(&now);
    return !same;
}

static struct err pass(struct keeper *keeper, int64_t *interval, bool *again)
{
    size_t count;
    bool entered = false;
    arena_reset(keeper->pass);
    int64_t now = clock_now_us() / keeper->interval_us;
    TRY(share_book_write(keeper->book, keeper->db, keeper->pass, &count));
    if (now == *interval)
        return OK;
    int64_t since_us = (*interval == 0 ? now : *interval) * keeper->interval_us;
    *interval = now;
    TRY(share_book_seen(keeper->book, keeper->db, since_us, keeper->pass));
    *again = keys_are_old(keeper);
    if (*again)
        return OK;
    TRY(share_node_log_enter(keeper->db, keeper->interval_us, keeper->pass, &entered));
    TRY(share_book_write(keeper->book, keeper->db, keeper->pass, &count));
    return share_book_check(keeper->book, keeper->db, BOOKKEEPING_CHECK, keeper->pass);
}

static struct err write_all(struct keeper *keeper)
{
    int64_t interval = 0;
    bool news, again = false;
    TRY(begin(keeper));
    while (!stops(keeper) && !again) {
        TRY(pass(keeper, &interval, &again));
        TRY(store_journal_wait(keeper->db, WAIT_MS, &news));
    }
    return OK;
}

static struct err write_open(struct keeper *keeper)
{
    TRY(keys_open(keeper));
    const struct share_book_options options = {
            keeper->folder, node_high_water(keeper->of->config, keeper->arena), &keeper->keys.log};
    struct err err = share_book_open(&options, keeper->arena, &keeper->book);
    if (err.kind == ERR_NONE)
        err = write_all(keeper);
    share_book_close(keeper->book);
    share_keys_forget(&keeper->keys);
    return err;
}

/* ---- Witnesses ---- */

static void log_round(const struct taxii_witness_round *round)
{
    const struct log_field fields[] = {{"partners", {NULL, 0}, (int64_t)round->partners},
            {"cosigned", {NULL, 0}, (int64_t)round->cosigned}, {"failed", {NULL, 0}, (int64_t)round->failed},
            {"why", slice_of(round->why == NULL ? "" : round->why), 0}};
    if (round->failed > 0)
        log_line(LOG_WARN, "ledger.witness.failed", fields, COUNT_OF(fields));
}

/* A round begins a quarter into an interval: its entry is signed by then, and what others cosign is seen for the rest.
 */
static void round_wait(const struct keeper *keeper)
{
    int64_t now = clock_now_us(), begun = now / keeper->interval_us * keeper->interval_us;
    int64_t next = begun + keeper->interval_us / 4;
    keeper->of->rest(keeper->of->context, next > now ? next - now : next + keeper->interval_us - now);
}

static struct err witness_all(struct keeper *keeper)
{
    struct intel_watch watch;
    struct taxii_witnessing witnessing = witnessing_of(keeper, &watch);
    while (!stops(keeper) && !keys_are_old(keeper)) {
        struct taxii_witness_round round = {.partners = 0};
        round_wait(keeper);
        arena_reset(keeper->pass);
        TRY(taxii_witness_round(&witnessing, keeper->pass, &round));
        log_round(&round);
    }
    return OK;
}

static struct err witness_open(struct keeper *keeper)
{
    TRY(keys_open(keeper));
    struct err err = witness_all(keeper);
    share_keys_forget(&keeper->keys);
    return err;
}

/* ---- Both ---- */

static struct err keep(const struct bookkeeping *keeping, struct db *db, const struct actor *actor, struct arena *arena,
        struct err (*job)(struct keeper *keeper))
{
    struct keeper keeper = {.of = keeping, .db = db, .actor = actor};
    keeper.interval_us = (int64_t)keeping->config->ledger.interval_ms * MS_US;
    keeper.folder = arena_printf(arena, "%s/ledger", keeping->config->folder);
    keeper.arena = arena_open("ledger", ARENA_WORK, PASS_ARENA_MAX);
    keeper.pass = arena_open("a pass of the ledger", ARENA_WORK, PASS_ARENA_MAX);
    struct err err = job(&keeper);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    arena_close(keeper.pass);
    arena_close(keeper.arena);
    return err;
}

struct err bookkeeping_write(
        const struct bookkeeping *keeping, struct db *db, const struct actor *actor, struct arena *arena)
{
    return keep(keeping, db, actor, arena, write_open);
}

struct err bookkeeping_witness(
        const struct bookkeeping *keeping, struct db *db, const struct actor *actor, struct arena *arena)
{
    return keep(keeping, db, actor, arena, witness_open);
}
