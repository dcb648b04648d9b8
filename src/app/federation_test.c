/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes that share for an hour of simulated time while the links between them are cut, forgetful and slow: in the end
 * each has what the others released to it, once, byte for byte, from the one who made it, and every log is receipted.
 * KENTONGAN_FEDERATION_SEED, _NODES, _STEPS: another run, a larger one.
 */
#include "app/test_federation.h"

#include "intel/ingest.h"
#include "share/node_log.h"
#include "share/recall.h"
#include "share/visitor.h"
#include "store/ask.h"
#include "store/object.h"
#include "store/partner_log.h"
#include "store/recall.h"
#include "store/source.h"
#include "taxii/witness.h"

#define GREEN "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
#define TERMS                                                                                                          \
    "{\"after_end\":\"keep\",\"affected\":true,\"from\":\"2026-11-01T00:00:00Z\",\"highest\":\"TLP:AMBER\","           \
    "\"jurisdiction\":[],\"kinds\":[\"indicator\"],\"onward\":\"no\",\"purpose\":\"Protecting hospitals\","            \
    "\"residency\":[],\"sightings\":false,\"unmarked\":\"TLP:AMBER\",\"until\":\"2027-12-31T23:59:59Z\"}"

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

/* Who shares with whom: everybody, or the first with each. */
static bool is_star;

static bool shares(size_t a, size_t b)
{
    return a != b && (!is_star || a == 0 || b == 0);
}

static void agree(size_t a, size_t b)
{
    fed_agree(a, b, TERMS);
}

/* ---- Publishing ---- */

struct published {
    size_t count[FEDERATION_MAX]; /* by node */
};

/* Its indicator of that number, of that moment; revoked: a later version of it; `more`: members besides. */
static void publish_with(size_t place, size_t number, bool revoked, int64_t at_us, const char *more)
{
    struct fed_node *node = &fed.nodes[place];
    struct buf text = buf_make(1u << 16);
    struct buf now = buf_make(64);
    struct intel_report report;
    const struct intel_ingest ingest = {.source = S("ours"), .kind = S("file"), .name = S("file.json"), .form = "stix"};
    time_write(&now, at_us / 1000 * 1000);
    slice at = slice_part(buf_slice(&now), 0, 23); /* to milliseconds */
    buf_printf(&text,
            "{\"type\":\"bundle\",\"id\":\"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d\",\"objects\":[{\"type\":"
            "\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--%08zx-0000-4000-8000-%012zx\",\"created\":"
            "\"2026-11-01T00:00:00.000Z\",\"modified\":\"%.*sZ\",\"created_by_ref\":\"%.*s\",\"object_marking_refs\":["
            "\"" GREEN
            "\"],\"pattern\":\"[ipv4-addr:value = '198.51.100.%zu']\",\"pattern_type\":\"stix\",\"valid_from\":"
            "\"%.*sZ\",\"revoked\":%s%s}]}",
            place, number, (int)at.len, at.ptr, (int)node->keys.node.len, node->keys.node.ptr, number % 250 + 1,
            (int)at.len, at.ptr, revoked ? "true" : "false", more);
    fed_ok(intel_ingest_text(node->db, &node->local, &ingest, buf_slice(&text), node->arena, &report));
    assert_int_equal(report.fresh + report.newer, 1);
    buf_free(&text);
    buf_free(&now);
}

static void publish_at(size_t place, size_t number, bool revoked, int64_t at_us)
{
    publish_with(place, number, revoked, at_us, "");
}

static void publish_one(size_t place, size_t number, bool revoked)
{
    publish_at(place, number, revoked, clock_now_us());
}

static void publish(size_t place, struct published *published)
{
    publish_one(place, published->count[place]++, false);
}

/* ---- The weather ---- */

static void weather_change(void)
{
    size_t from = fed_random(fed.count), to = fed_random(fed.count);
    if (!shares(from, to))
        *(fed_random(2) == 0 ? &from : &to) = 0;
    struct fed_link *link = &fed.links[from][to];
    *link = (struct fed_link){.down = fed_random(3) == 0,
            .lose = (unsigned)fed_random(300),
            .forget = (unsigned)fed_random(300),
            .twice = (unsigned)fed_random(300),
            .truncate = (unsigned)fed_random(200)};
}

static void weather_clear(void)
{
    memset(fed.links, 0, sizeof fed.links);
}

static void later(int64_t us)
{
    clock_set(clock_now_us() + us);
}

/* ---- What has to hold in the end ---- */

static const char *key_of(const struct object *object, struct arena *arena)
{
    return arena_printf(
            arena, "%.*s %.*s", (int)object->id.len, object->id.ptr, (int)object->bytes.len, object->bytes.ptr);
}

/* Every object of a source, of which there are few, in the order of their ids. */
static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t objects_of(struct fed_node *node, slice name, struct arena *arena, const char ***texts)
{
    struct object_filter filter = {.all_versions = true};
    struct object_place place = {.after = 0};
    size_t all = 0, room = 100000;
    *texts = arena_new(arena, const char *, room);
    if (store_source_find(node->db, name, &filter.source).kind != ERR_NONE)
        return 0;
    while (!place.end) {
        struct object *rows;
        size_t count;
        fed_ok(store_object_page(node->db, &filter, &place, 500, arena, &rows, &count));
        for (size_t i = 0; i < count && all < room; i++)
            (*texts)[all++] = key_of(&rows[i], arena);
    }
    qsort(*texts, all, sizeof **texts, by_text);
    return all;
}

static size_t fed_objects_at(size_t here, size_t there)
{
    struct arena *arena = arena_open("counting", ARENA_WORK, 256u << 20);
    const char **texts;
    size_t count = objects_of(
            &fed.nodes[here], slice_of(arena_printf(arena, "partner/%s", fed.nodes[there].name)), arena, &texts);
    arena_close(arena);
    return count;
}

/* Here lies exactly what that one published. */
static void same_objects(size_t here, size_t there, size_t published)
{
    struct arena *arena = arena_open("comparing", ARENA_WORK, 256u << 20);
    const char **ours, **theirs;
    slice source = slice_of(arena_printf(arena, "partner/%s", fed.nodes[there].name));
    size_t count = objects_of(&fed.nodes[here], source, arena, &ours);
    size_t of_them = objects_of(&fed.nodes[there], S("ours"), arena, &theirs);
    assert_int_equal(of_them, published);
    if (count != of_them)
        fail_msg("node %zu has %zu objects of node %zu, which published %zu", here, count, there, of_them);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(ours[i], theirs[i]);
    arena_close(arena);
}

static void log_is_receipted(size_t here, size_t there)
{
    struct fed_node *node = &fed.nodes[here];
    struct partner_log *logs;
    struct partner_entry *entries;
    size_t count, missing;
    struct arena *arena = arena_open("receipts", ARENA_WORK, 64u << 20);
    fed_ok(store_partner_log_list(node->db, fed_number(node, &fed.nodes[there]), arena, &logs, &count));
    if (count != 1)
        fail_msg("node %zu knows %zu logs of node %zu", here, count, there);
    assert_true(logs->edge.size > 0);
    if (logs->wrong.len > 0)
        fail_msg("node %zu of node %zu: %.*s", here, there, (int)logs->wrong.len, logs->wrong.ptr);
    fed_ok(store_partner_entry_missing(node->db, logs->partner, logs->origin, 0, 100, arena, &entries, &missing));
    if (missing > 0)
        fail_msg("node %zu has %zu entries of node %zu without a receipt", here, missing, there);
    arena_close(arena);
}

static void for_each_pair(void (*act)(size_t a, size_t b))
{
    for (size_t a = 0; a < fed.count; a++)
        for (size_t b = a + 1; b < fed.count; b++)
            if (shares(a, b))
                act(a, b);
}

static void all_is_well(const struct published *published)
{
    for (size_t here = 0; here < fed.count; here++)
        for (size_t there = 0; there < fed.count; there++)
            if (shares(here, there)) {
                same_objects(here, there, published->count[there]);
                log_is_receipted(here, there);
            }
}

static uint64_t round_did(void)
{
    uint64_t did = 0;
    for (size_t i = 0; i < fed.count; i++)
        did += fed_work(&fed.nodes[i]);
    return did;
}

/* Until nobody has anything to do, however long some of them wait before they try again. It has to end. */
static void settle(void)
{
    weather_clear();
    for (int hours = 0, quiet = 0; quiet < 2; hours++) {
        uint64_t did = 0;
        assert_true(hours < 24);
        for (int i = 0; i < 4; i++) {
            did += round_did();
            later(3 * SECOND_US);
        }
        quiet = did == 0 ? quiet + 1 : 0;
        later(HOUR_US);
    }
}

/* ---- Runs ---- */

/* An hour, in steps of random length: the weather changes, somebody publishes, somebody works. */
static void hour(size_t steps, struct published *published)
{
    int64_t step_us = HOUR_US / (int64_t)steps;
    for (size_t i = 0; i < steps; i++) {
        weather_change();
        if (fed_random(2) == 0)
            publish(fed_random(fed.count), published);
        fed_work(&fed.nodes[fed_random(fed.count)]);
        later(1 + (int64_t)fed_random((uint64_t)(2 * step_us)));
    }
}

static void run(size_t nodes, bool star, size_t steps)
{
    struct published published = {0};
    uint64_t seed = setting("KENTONGAN_FEDERATION_SEED", (uint64_t)getpid());
    int64_t began_us = clock_steady_us();
    printf("# KENTONGAN_FEDERATION_SEED=%llu gives this run again\n", (unsigned long long)seed);
    is_star = star;
    fed_open(nodes, seed);
    for_each_pair(fed_peer);
    fed_round();
    fed_round();
    for_each_pair(agree);
    hour(steps, &published);
    settle();
    all_is_well(&published);
    printf("# %zu nodes, %zu steps: %llu requests, %llu faults, %lld ms\n", nodes, steps,
            (unsigned long long)fed.requests, (unsigned long long)fed.faults,
            (long long)(clock_steady_us() - began_us) / 1000);
    fed_close();
}

static void three_nodes_converge_whatever_their_links_do(void **state)
{
    (void)state;
    run(setting("KENTONGAN_FEDERATION_NODES", 3), false, setting("KENTONGAN_FEDERATION_STEPS", 60));
}

static void many_partners_of_one_do_not_wait_for_each_other(void **state)
{
    (void)state;
    run(1 + setting("KENTONGAN_FEDERATION_PARTNERS", 5), true, setting("KENTONGAN_FEDERATION_STEPS", 60));
}

/* ---- What nobody gets away with ---- */

/* Two nodes that agreed, one of which has published. */
static void two_nodes(struct published *published)
{
    is_star = false;
    fed_open(2, 7);
    for_each_pair(fed_peer);
    fed_round();
    fed_round();
    for_each_pair(agree);
    publish(1, published);
    settle();
    all_is_well(published);
}

static struct partner_log log_at_first(void)
{
    struct fed_node *node = &fed.nodes[0];
    struct partner_log *logs;
    size_t count;
    fed_ok(store_partner_log_list(node->db, fed_number(node, &fed.nodes[1]), node->arena, &logs, &count));
    assert_int_equal(count, 1);
    return *logs;
}

/* The second node signs that it has so many entries with this root. */
static void head_shown(uint64_t size, const struct sha256 *root, const struct key_pair *key)
{
    struct fed_node *node = &fed.nodes[1];
    struct partner_log log = log_at_first();
    const struct ledger_checkpoint checkpoint = {.origin = log.origin, .size = size, .root = *root};
    const struct ledger_signer signer = {log.origin, LEDGER_KEY_ED25519, key};
    struct buf note = buf_make(1u << 16);
    ledger_checkpoint_sign(&note, &checkpoint, &signer, 1, clock_now_us());
    FILE *file = fopen(
            arena_printf(node->arena, "%s/ledger/%.*s/checkpoint", node->folder, (int)log.folder.len, log.folder.ptr),
            "w");
    assert_non_null(file);
    fwrite(note.ptr, 1, note.len, file);
    fclose(file);
    buf_free(&note);
}

/* What it released behind our back is another thing than it entered. */
static void opening_altered(struct published *published)
{
    static const char ALTER[] = "UPDATE released SET digest = $1";
    struct sha256 other = hash_sha256(S("another object"));
    fed.links[1][0].down = true;
    publish(1, published);
    fed_work(&fed.nodes[1]);
    fed_ok(db_run(fed.nodes[1].db, ALTER, (struct db_value[]){db_bytes(sha256_slice(&other))}, 1, NULL));
}

/* What the first node then says of that log. */
static void doubted(const char *why)
{
    later(HOUR_US);
    fed_work(&fed.nodes[0]);
    struct partner_log log = log_at_first();
    if (slice_find_slice(log.wrong, slice_of(why)) == log.wrong.len)
        fail_msg("\"%.*s\" has no \"%s\"", (int)log.wrong.len, log.wrong.ptr, why);
}

/* The entry of a recall opens to what is recalled, as that of a release does. */
static void what_was_recalled_is_in_the_log(void **state)
{
    struct published published = {0};
    struct recall *recalls;
    size_t count;
    (void)state;
    two_nodes(&published);
    publish_one(1, 0, true);
    settle();
    log_is_receipted(0, 1);
    struct fed_node *node = &fed.nodes[1];
    fed_ok(store_recall_list(node->db, 0, false, 0, 10, node->arena, &recalls, &count));
    assert_int_equal(count, 1);
    assert_true(slice_eq(recalls->answer, S("stopped")));
    fed_close();
}

static void a_log_that_is_not_what_it_was_is_noticed(void **state)
{
    struct key_pair stranger;
    (void)state;
    key_new(&stranger);
    for (int i = 0; i < 4; i++) {
        struct published published = {0};
        two_nodes(&published);
        struct partner_log log = log_at_first();
        struct sha256 other = hash_sha256(S("another root"));
        const struct key_pair *own = &fed.nodes[1].keys.log;
        uint64_t size = log.edge.size;
        if (i == 0)
            head_shown(size, &log.root, &stranger);
        else if (i == 1)
            head_shown(size, &other, own);
        else if (i == 2)
            head_shown(size - 1, &other, own);
        else
            opening_altered(&published);
        static const char *const whys[] = {
                "its checkpoint: ", "another root for its", "is gone", "do not lead to its root"};
        doubted(whys[i]);
        fed_close();
    }
}

/* ---- The end of an agreement ---- */

static struct ledger_log partner_log_of(struct fed_node *node, size_t here, size_t there)
{
    struct ledger_log log;
    fed_ok(store_ledger_log_get(node->db, fed_agreement(here, there).log, node->arena, &log));
    return log;
}

/* In its log the list stands before the cut, though nothing has worked since. */
static void what_is_recalled_is_said_before_an_agreement_ends(void **state)
{
    struct published published = {0};
    struct share_proposal proposal;
    struct ledger_row *rows;
    struct recall *recalls;
    size_t count;
    (void)state;
    two_nodes(&published);
    struct fed_node *node = &fed.nodes[1];
    int64_t size = partner_log_of(node, 1, 0).size;
    fed_ok(share_agreement_end(
            node->db, &node->ayu, fed_agreement(1, 0).number, clock_now_us(), S("it is over"), node->arena, &proposal));
    fed_second(node, &proposal);
    assert_int_equal(fed_agreement(1, 0).state, AGREEMENT_ENDED);
    fed_ok(store_ledger_list(node->db, fed_agreement(1, 0).log, size, 10, node->arena, &rows, &count));
    assert_int_equal(count, 2);
    assert_true(slice_eq(rows[0].kind, S("recall")) && slice_eq(rows[1].kind, S("agreement")));
    settle();
    log_is_receipted(0, 1);
    fed_ok(store_recall_list(node->db, 0, false, 0, 10, node->arena, &recalls, &count));
    assert_int_equal(count, 1); /* and once */
    assert_true(recalls->answer.len > 0);
    fed_close();
}

/* ---- After a restore ---- */

static void copy_folder(const struct fed_node *node, const char *from, const char *to)
{
    char command[512];
    snprintf(command, sizeof command, "rm -rf '%s%s' && cp -a '%s%s' '%s%s'", node->folder, to, node->folder, from,
            node->folder, to);
    assert_int_equal(system(command), 0);
}

static bool never(void *context)
{
    (void)context;
    return false;
}

/* As a server does at its start (app/bookkeeping.c). */
static void begin_unheard(struct fed_node *node, bool heard)
{
    const struct intel_watch watch = {.stop = never};
    struct taxii_witnessing witnessing = {.db = node->db,
            .actor = &node->local,
            .keys = &node->keys,
            .client = &fed.http,
            .folder = arena_printf(node->arena, "%s/ledger", node->folder),
            .interval_us = MINUTE_US,
            .watch = &watch};
    struct ledger_log *logs;
    size_t asked, answered, waiting;
    fed.speaking = node->place;
    fed_ok(taxii_witness_own(&witnessing, node->arena, &asked, &answered));
    assert_int_equal(answered, heard ? asked : 0);
    fed_ok(share_book_begin(node->book, node->db, node->arena));
    fed_ok(share_book_seen(node->book, node->db, 0, node->arena));
    fed_ok(store_ledger_log_waiting(node->db, 0, node->arena, &logs, &waiting));
    if (waiting > 0)
        fed_ok(taxii_witness_own(&witnessing, node->arena, &asked, &answered));
}

static void begin_again(struct fed_node *node)
{
    begin_unheard(node, true);
}

static void witness_once(struct fed_node *node)
{
    const struct intel_watch watch = {.stop = never};
    struct taxii_witnessing witnessing = {.db = node->db,
            .actor = &node->local,
            .keys = &node->keys,
            .client = &fed.http,
            .folder = arena_printf(node->arena, "%s/ledger", node->folder),
            .interval_us = MINUTE_US,
            .watch = &watch};
    struct taxii_witness_round round;
    fed.speaking = node->place;
    fed_ok(taxii_witness_round(&witnessing, node->arena, &round));
}

static struct released *released_of(struct fed_node *node, size_t place, size_t number, size_t *count)
{
    struct released *rows;
    const char *id = arena_printf(node->arena, "indicator--%08zx-0000-4000-8000-%012zx", place, number);
    fed_ok(store_released_of_id(node->db, 0, slice_of(id), node->arena, &rows, count));
    return rows;
}

/* The whole machine, so that nobody but the partner knows: two objects, a revocation and its recall were lost. */
static void what_a_restore_lost_comes_back_from_the_partner(void **state)
{
    struct published published = {0};
    struct recall *recalls;
    size_t count;
    (void)state;
    two_nodes(&published);
    struct fed_node *node = &fed.nodes[1];
    fed_node_stop(node);
    copy_folder(node, "", ".backup");
    fed_node_reopen(node);
    int64_t at_us = clock_now_us();
    publish_at(1, 1, false, at_us);
    publish_one(1, 2, false);
    publish_one(1, 0, true);
    settle();
    log_is_receipted(0, 1);
    struct ledger_log before = partner_log_of(node, 1, 0);
    fed_node_stop(node);
    copy_folder(node, ".backup", "");
    fed_node_reopen(node);
    assert_true(partner_log_of(node, 1, 0).size + 4 < before.size);
    begin_again(node);
    struct ledger_log after = partner_log_of(node, 1, 0);
    assert_true(slice_eq(after.origin, before.origin) && after.open && after.alarm.len == 0);
    assert_int_equal(after.size, before.size + 1); /* the entry that says so */
    (void)released_of(node, 1, 2, &count);
    assert_int_equal(count, 1);
    fed_ok(store_recall_list(node->db, 0, false, 0, 10, node->arena, &recalls, &count));
    assert_int_equal(count, 1);
    assert_true(slice_eq(recalls->cause, S("revoked")));
    /* What comes from its source once more is what was released before, and no second entry. */
    publish_at(1, 1, false, at_us);
    settle();
    log_is_receipted(0, 1);
    const struct released *row = released_of(node, 1, 1, &count);
    assert_int_equal(count, 1);
    assert_true(row->object != 0 && row->until_us > clock_now_us());
    fed_ok(store_recall_list(node->db, 0, false, 0, 10, node->arena, &recalls, &count));
    assert_int_equal(count, 1);
    assert_true(slice_eq(recalls->answer, S("stopped"))); /* what it had answered it answers again */
    assert_true(log_at_first().edge.size > (uint64_t)before.size);
    fed_ok(share_book_check(node->book, node->db, SIZE_MAX, node->arena));
    assert_int_equal(partner_log_of(node, 1, 0).alarm.len, 0);
    fed_close();
}

/*
 * Three objects; a backup after the first, put back behind the third on a machine that nobody reaches: whether the
 * high-water file is still there (and knows more) or is not (and vouches for nothing).
 */
static struct fed_node *put_back_unreached(struct ledger_log *before, bool has_marks)
{
    struct published published = {0};
    two_nodes(&published);
    struct fed_node *node = &fed.nodes[1];
    fed_node_stop(node);
    copy_folder(node, "", ".backup");
    fed_node_reopen(node);
    publish_one(1, 1, false);
    publish_one(1, 2, false);
    settle();
    log_is_receipted(0, 1);
    *before = partner_log_of(node, 1, 0);
    fed_node_stop(node);
    copy_folder(node, "/high-water", ".marks");
    copy_folder(node, ".backup", "");
    if (has_marks)
        copy_folder(node, ".marks", "/high-water");
    else
        assert_int_equal(unlink(arena_printf(node->arena, "%s/high-water", node->folder)), 0);
    fed_node_reopen(node);
    fed.links[1][0].down = fed.links[0][1].down = true;
    begin_unheard(node, false);
    return node;
}

/* Of something that the partner must not be told, so that it gets a derived object under an id of its own. */
#define SECRETIVE ",\"description\":\"see malware--5d0092c5-5f74-4287-9642-33f4c354e56d\""

/* What was released of our object, as the partner has it. */
static struct released *derived_of(struct fed_node *node, size_t *count)
{
    static const char ID[] =
            "SELECT COALESCE(max(id), '') FROM released WHERE length(derived) > 0 AND type = 'indicator'";
    struct db_rows *rows;
    struct released *found;
    slice id = S("");
    fed_ok(db_query(node->db, ID, NULL, 0, &rows));
    if (db_next(rows))
        id = arena_copy(node->arena, db_slice(rows, 0));
    fed_ok(db_done(rows));
    fed_ok(store_released_of_id(node->db, 0, id, node->arena, &found, count));
    return found;
}

static int64_t count_at(struct fed_node *node, const char *sql)
{
    int64_t count;
    fed_ok(db_one(node->db, sql, NULL, 0, -1, &count));
    return count;
}

static void bytes_and_ids_come_back_from_the_partner(void **state)
{
    (void)state;
    for (int is_held = 0; is_held < 2; is_held++) {
        struct published published = {0};
        size_t count;
        slice bytes;
        two_nodes(&published);
        struct fed_node *node = &fed.nodes[1];
        fed_node_stop(node);
        copy_folder(node, "", ".backup");
        fed_node_reopen(node);
        const int64_t at_us = clock_now_us();
        publish_one(1, 1, false);
        publish_with(1, 5, false, at_us, SECRETIVE);
        settle();
        log_is_receipted(0, 1);
        const struct released before = *derived_of(node, &count);
        assert_int_equal(count, 1);
        fed_node_stop(node);
        copy_folder(node, ".backup", "");
        fed_node_reopen(node);
        if (is_held == 0)
            fed_ok(db_run(
                    fed.nodes[0].db, "UPDATE object SET meaning = x'00' WHERE id LIKE 'indicator--%'", NULL, 0, NULL));
        begin_again(node);
        assert_int_equal(count_at(node, "SELECT count(*) FROM released WHERE object = 0"), 2);
        witness_once(node);
        assert_int_equal(count_at(node, "SELECT count(*) FROM released WHERE object = -1"), is_held == 0 ? 2 : 0);
        struct err err = store_released_bytes(
                node->db, before.agreement, released_of(node, 1, 1, &count)->added_us, node->arena, &bytes);
        assert_int_equal(err.kind, is_held == 0 ? ERR_MISSING : ERR_NONE);
        /* Its source brings it again: under the id that the partner has. */
        publish_with(1, 5, false, at_us, SECRETIVE);
        settle();
        log_is_receipted(0, 1);
        const struct released *after = derived_of(node, &count);
        assert_true(slice_eq(after->id, before.id));
        assert_int_equal(count, is_held == 0 ? 2 : 1);
        assert_true(is_held == 0 || (after->object > 0 && slice_eq(after->version, before.version)));
        assert_int_equal(count_at(node, "SELECT count(*) FROM derived_id"), 1);
        fed_close();
    }
}

static int64_t signed_size(struct fed_node *node)
{
    struct ledger_head head;
    fed_ok(store_ledger_head_get(node->db, partner_log_of(node, 1, 0).number, node->arena, &head));
    return head.size;
}

static void a_log_waits_until_who_kept_the_rest_answers(void **state)
{
    (void)state;
    for (int has_marks = 0; has_marks < 2; has_marks++) {
        struct ledger_log before;
        struct recall *recalls;
        size_t count;
        struct fed_node *node = put_back_unreached(&before, has_marks != 0);
        struct ledger_log waiting = partner_log_of(node, 1, 0);
        const int64_t had = signed_size(node);
        assert_true(waiting.open && waiting.waits.len > 0 && waiting.alarm.len == 0);
        assert_true(slice_eq(waiting.origin, before.origin) && had < before.size);
        /* It is entered, and neither signed nor seen. */
        publish_one(1, 3, false);
        fed_work(node);
        fed_ok(share_recall(
                node->db, &node->ayu, 0, released_of(node, 1, 0, &count)->id, S("a mistake"), node->arena, &count));
        assert_int_equal(count, 1);
        fed_work(node);
        assert_true(partner_log_of(node, 1, 0).size >= waiting.size + 2);
        assert_int_equal(signed_size(node), had);
        /* Somebody answers: what was lost comes first, then what was entered meanwhile. */
        fed.links[1][0].down = fed.links[0][1].down = false;
        witness_once(node);
        settle();
        log_is_receipted(0, 1);
        struct ledger_log after = partner_log_of(node, 1, 0);
        assert_true(slice_eq(after.origin, before.origin) && after.open);
        assert_true(after.waits.len == 0 && after.alarm.len == 0 && signed_size(node) > before.size + 2);
        fed_ok(store_recall_list(node->db, 0, false, 0, 10, node->arena, &recalls, &count));
        assert_int_equal(count, 1);
        assert_true(slice_eq(recalls->answer, S("stopped")));
        (void)released_of(node, 1, 2, &count);
        assert_int_equal(count, 1);
        assert_true(released_of(node, 1, 3, &count)->entry >= before.size);
        assert_int_equal(log_at_first().wrong.len, 0);
        fed_ok(share_book_check(node->book, node->db, SIZE_MAX, node->arena));
        assert_int_equal(partner_log_of(node, 1, 0).alarm.len, 0);
        fed_close();
    }
}

static void two_persons_need_not_wait(void **state)
{
    struct ledger_log before;
    struct share_proposal proposal;
    (void)state;
    struct fed_node *node = put_back_unreached(&before, true);
    publish_one(1, 3, false);
    fed_work(node);
    struct ledger_log waiting = partner_log_of(node, 1, 0);
    slice subject = slice_of(arena_printf(node->arena, "ledger/%.*s", (int)waiting.folder.len, waiting.folder.ptr));
    fed_ok(share_propose(node->db, &node->local, "ledger.renew", subject, S("{\"reason\":\"it burnt down\"}"),
            S("it burnt down"), node->arena, &proposal));
    assert_false(proposal.done);
    struct actor other = node->budi;
    other.roles = 1u << ROLE_SYSADMIN;
    fed_ok(share_approve(node->db, &other, proposal.number, NULL, node->arena));
    struct ledger_log after = partner_log_of(node, 1, 0);
    assert_true(slice_starts(after.origin, before.origin) && after.origin.len > before.origin.len);
    fed.links[1][0].down = fed.links[0][1].down = false;
    settle();
    assert_true(after.waits.len == 0 && signed_size(node) > 0);
    assert_int_equal(fed_objects_at(0, 1), 4);
    fed_close();
}

/* What the partner kept is believed as far as it leads to what we signed, and no further. */
static void what_was_kept_otherwise_does_not_come_back(void **state)
{
    static const char *const changes[] = {
            "UPDATE partner_entry SET opening = (SELECT opening FROM partner_entry WHERE seq = 0) WHERE seq = "
            "(SELECT max(seq) FROM partner_entry)",
            "UPDATE partner_entry SET opening = x'' WHERE seq = (SELECT max(seq) FROM partner_entry)",
            "DELETE FROM partner_entry WHERE seq = (SELECT max(seq) FROM partner_entry)",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        struct published published = {0};
        two_nodes(&published);
        struct fed_node *node = &fed.nodes[1];
        fed_node_stop(node);
        copy_folder(node, "", ".backup");
        fed_node_reopen(node);
        publish(1, &published);
        settle();
        struct ledger_log before = partner_log_of(node, 1, 0);
        fed_node_stop(node);
        copy_folder(node, ".backup", "");
        fed_node_reopen(node);
        fed_ok(db_run(fed.nodes[0].db, changes[i], NULL, 0, NULL));
        begin_again(node);
        struct ledger_log after = partner_log_of(node, 1, 0);
        assert_false(slice_eq(after.origin, before.origin)); /* a gap that is told */
        assert_true(after.follows.len > 0);
        fed_close();
    }
}

/* ---- What was shown once is read again ---- */

static struct err erase_action(struct work *work, void *context)
{
    return store_ledger_erase(work, *(const int64_t *)context, 1, S("time"), S("it was asked for"));
}

static void an_edit_at_the_partner_is_found_here_by_its_number(void **state)
{
    static const struct {
        const char *change, *why;
    } cases[] = {
            {"UPDATE log_entry SET opening = (SELECT opening FROM log_entry WHERE log = $1 AND seq = 0) "
             "WHERE log = $1 AND seq = 1",
                    "entry 1 does not open any more"},
            {"UPDATE log_entry SET entry = (SELECT entry FROM log_entry WHERE log = $1 AND seq = 0) "
             "WHERE log = $1 AND seq = 1",
                    "entry 1 is not the one that it showed before"},
            {"DELETE FROM log_entry WHERE log = $1 AND seq = 1", "entry 1 is gone"},
            {"UPDATE released SET digest = (SELECT max(identity_key) FROM partner) WHERE entry > 0 AND $1 > 0",
                    "do not lead to its root"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct published published = {0};
        two_nodes(&published);
        int64_t log = fed_agreement(1, 0).log;
        witness_once(&fed.nodes[0]);
        fed_ok(store_work(fed.nodes[1].db, &fed.nodes[1].local, fed.nodes[1].arena, erase_action, &log));
        settle();
        witness_once(&fed.nodes[0]);
        struct partner_log fine = log_at_first();
        assert_int_equal(fine.wrong.len, 0); /* erasing is no edit */
        fed_ok(db_run(fed.nodes[1].db, cases[i].change, (struct db_value[]){db_i64(log)}, 1, NULL));
        witness_once(&fed.nodes[0]);
        struct partner_log wrong = log_at_first();
        if (slice_find_slice(wrong.wrong, slice_of(cases[i].why)) == wrong.wrong.len)
            fail_msg("case %zu: \"%.*s\"", i, (int)wrong.wrong.len, wrong.wrong.ptr);
        fed_close();
    }
}

/* ---- What its node log commits to ---- */

static void node_log_grows(struct fed_node *node)
{
    size_t count;
    bool entered;
    later(MINUTE_US);
    fed_ok(share_node_log_enter(node->db, MINUTE_US, node->arena, &entered));
    fed_ok(share_book_write(node->book, node->db, node->arena, &count));
    assert_true(entered);
}

static size_t doubts_that_say(struct fed_node *node, const char *what)
{
    static const char COUNT[] = "SELECT count(*) FROM journal WHERE act = 'ledger.doubt' AND detail LIKE $1";
    const char *like = arena_printf(node->arena, "%%%s%%", what);
    int64_t count = 0;
    fed_ok(db_one(node->db, COUNT, (struct db_value[]){db_text(slice_of(like))}, 1, 0, &count));
    return (size_t)count;
}

static void a_node_log_that_commits_to_another_log_is_found(void **state)
{
    static const struct {
        const char *change, *why;
        int64_t later_us;
        bool ends; /* the log is not read on */
    } cases[] = {
            {"UPDATE log_head SET root = (SELECT max(identity_key) FROM partner) WHERE log = $1",
                    "its node log commits to another root of it", 0, true},
            {"UPDATE log_head SET size = size - 1 WHERE log = $1", "its node log commits to", 5 * MINUTE_US, false},
            {"UPDATE log_entry SET opening = x'' WHERE log <> $1", "its node log commits to 0 entries", 5 * MINUTE_US,
                    false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct published published = {0};
        two_nodes(&published);
        struct fed_node *node = &fed.nodes[1];
        const struct db_value log = db_i64(fed_agreement(1, 0).log);
        node_log_grows(node);
        witness_once(&fed.nodes[0]);
        const uint64_t anchored = log_at_first().edge.size;
        publish(1, &published); /* it goes on, and the node log says what it was before */
        for (int rounds = 0; rounds < 4; rounds++)
            fed_round();
        assert_true(log_at_first().edge.size > anchored);
        witness_once(&fed.nodes[0]);
        assert_int_equal(doubts_that_say(&fed.nodes[0], "node log"), 0);
        settle();
        if (i == 2)
            node_log_grows(node);
        fed_ok(db_run(node->db, cases[i].change, &log, 1, NULL));
        later(cases[i].later_us);
        if (i != 2)
            node_log_grows(node);
        witness_once(&fed.nodes[0]);
        assert_int_equal(doubts_that_say(&fed.nodes[0], cases[i].why), 1);
        assert_int_equal(log_at_first().wrong.len > 0, cases[i].ends);
        fed_close();
    }
}

/* What is withheld from the log, or was never sent, is in the receipt; pulled, it is there. */
static void what_is_missing_is_asked_for(void **state)
{
    struct published published = {0};
    (void)state;
    two_nodes(&published);
    struct fed_node *there = &fed.nodes[1];
    static const char NO_PUSH[] = "UPDATE partner SET remote_inbox = ''";
    fed_ok(db_run(there->db, NO_PUSH, NULL, 0, NULL));
    publish(1, &published);
    settle();
    all_is_well(&published);
    fed_close();
}

/* From that moment on nobody visits, and what waited does not leave. */
static void who_is_suspended_is_nobody_at_once(void **state)
{
    struct published published = {0};
    (void)state;
    two_nodes(&published);
    struct fed_node *here = &fed.nodes[0], *there = &fed.nodes[1];
    fed_ok(share_partner_suspend(there->db, &there->local, fed_number(there, here), S("alasan"), there->arena));
    publish(1, &published);
    publish(0, &published);
    for (int i = 0; i < 5; i++) {
        fed_round();
        later(HOUR_US);
    }
    struct delivery delivery;
    fed_ok(store_delivery_get(here->db, fed_number(here, there), here->arena, &delivery));
    assert_true(delivery.failures > 0); /* we are nobody there */
    const char **texts;
    assert_int_equal(objects_of(here, S("partner/simpul-1"), here->arena, &texts), 1);
    assert_int_equal(objects_of(there, S("partner/simpul-0"), there->arena, &texts), 0);
    fed_ok(share_partner_resume(there->db, &there->local, fed_number(there, here), S("selesai"), there->arena));
    settle();
    all_is_well(&published);
    fed_close();
}

/* ---- What answers tell (issue "What must not give us away", 2 and 8) ---- */

/* As the third node asks: the answer without what is drawn anew each time. */
static const char *answer_to(struct fed_node *node, enum http_method method, const char *path, slice body)
{
    struct fed_node *visitor = &fed.nodes[2];
    const char *authorization;
    struct http_reply reply;
    fed_ok(share_visit_write(&visitor->keys, node->keys.node, visitor->arena, &authorization));
    const struct http_header headers[] = {
            {S("accept"), S("application/taxii+json;version=2.1")},
            {S("authorization"), slice_of(authorization)},
            {S("content-type"), body.len > 0 ? S("application/taxii+json;version=2.1") : S("")},
    };
    fed_request(node, method, slice_of(path), headers, COUNT_OF(headers), body, &reply);
    const char *text = arena_printf(visitor->arena, "%u", reply.status);
    for (size_t i = 0; i < reply.header_count; i++)
        text = arena_printf(visitor->arena, "%s\n%.*s: %.*s", text, (int)reply.headers[i].name.len,
                reply.headers[i].name.ptr, (int)reply.headers[i].value.len, reply.headers[i].value.ptr);
    slice rest = buf_slice(&reply.body);
    size_t id = slice_find_slice(rest, S("\"id\":\"")); /* of the status: random */
    if (method == HTTP_POST && id + 43 < rest.len)
        rest = slice_of(arena_printf(
                visitor->arena, "%.*sID%.*s", (int)id + 6, rest.ptr, (int)(rest.len - id - 42), rest.ptr + id + 42));
    text = arena_printf(visitor->arena, "%s\n\n%.*s", text, (int)rest.len, rest.ptr);
    fed_reply_close(&reply);
    return text;
}

static const char *inbox_of(struct fed_node *node, const char *rest)
{
    slice id = fed_partner(node, &fed.nodes[2]).inbox_id;
    return arena_printf(node->arena, "/taxii2/main/collections/%.*s/objects/%s", (int)id.len, id.ptr, rest);
}

#define THEIRS(version, more)                                                                                          \
    "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--0badcafe-0000-4000-8000-000000000001\","     \
    "\"created\":\"2026-11-19T00:00:00.000Z\",\"modified\":\"" version "\",\"created_by_ref\":"                        \
    "\"identity--0badcafe-0000-4000-8000-000000000002\",\"pattern\":\"[ipv4-addr:value = '198.51.100.7']\","           \
    "\"pattern_type\":\"stix\",\"valid_from\":\"2026-11-19T00:00:00Z\"" more "}"

static void import_at(struct fed_node *node, const char *source, const char *object)
{
    struct intel_report report;
    const struct intel_ingest ingest = {
            .source = slice_of(source), .kind = S("file"), .name = S("file.json"), .form = "stix"};
    const char *bundle = arena_printf(node->arena,
            "{\"type\":\"bundle\",\"id\":\"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d\",\"objects\":[%s]}", object);
    fed_ok(intel_ingest_text(node->db, &node->local, &ingest, slice_of(bundle), node->arena, &report));
}

/* Two nodes of which one knows much of what the third posts, and of everything it asks for. */
static void answers_depend_on_what_the_partner_did_alone(void **state)
{
    (void)state;
    is_star = false;
    fed_open(3, 11);
    fed_peer(0, 2);
    fed_peer(1, 2);
    fed_round();
    fed_round();
    agree(0, 2);
    agree(1, 2);
    struct fed_node *bare = &fed.nodes[0], *full = &fed.nodes[1];
    import_at(full, "ours", THEIRS("2026-11-19T01:00:00.000Z", ",\"name\":\"ours\""));
    import_at(full, "a feed", THEIRS("2026-11-19T02:00:00.000Z", ",\"revoked\":true"));
    import_at(full, "ours", THEIRS("2026-11-19T03:00:00.000Z", ",\"object_marking_refs\":[\"" GREEN "\"]"));
#define ENVELOPE(object) S("{\"objects\":[" object "]}")
    const struct {
        enum http_method method;
        const char *rest;
        slice body;
    } asks[] = {
            {HTTP_POST, "", ENVELOPE(THEIRS("2026-11-19T01:00:00.000Z", ""))},         /* others have other content */
            {HTTP_POST, "", ENVELOPE(THEIRS("2026-11-19T01:00:00.000Z", ""))},         /* the same again */
            {HTTP_POST, "", ENVELOPE(THEIRS("2026-11-19T01:00:00.000Z", ",\"x\":1"))}, /* against its own word */
            {HTTP_POST, "", ENVELOPE(THEIRS("2026-11-19T04:00:00.000Z", ""))},
            {HTTP_POST, "",
                    ENVELOPE("{\"type\":\"playbook\",\"id\":\"playbook--0badcafe-0000-4000-8000-000000000003\"}")},
            {HTTP_POST, "", ENVELOPE("{\"type\":\"indicator\"}")}, {HTTP_POST, "", S("{\"objects\":[]}")},
            {HTTP_POST, "", S("nothing")}, {HTTP_GET, "", S("")},
            {HTTP_GET, "indicator--0badcafe-0000-4000-8000-000000000001/", S("")},
            {HTTP_DELETE, "indicator--0badcafe-0000-4000-8000-000000000001/", S("")},
            {HTTP_DELETE, "indicator--0badcafe-0000-4000-8000-000000000001/", S("")}, /* it is gone */
            {HTTP_DELETE, "indicator--0badcafe-0000-4000-8000-000000000009/", S("")}, /* it never was */
    };
    const char *said[COUNT_OF(asks)];
    for (size_t i = 0; i < COUNT_OF(asks); i++) {
        said[i] = answer_to(bare, asks[i].method, inbox_of(bare, asks[i].rest), asks[i].body);
        const char *other = answer_to(full, asks[i].method, inbox_of(full, asks[i].rest), asks[i].body);
        if (strcmp(said[i], other) != 0)
            fail_msg("ask %zu:\n%s\nand\n%s", i, said[i], other);
    }
    assert_true(strncmp(said[0], "202", 3) == 0 && strncmp(said[10], "200", 3) == 0);
    assert_string_equal(said[10], said[11]);
    assert_string_equal(said[10], said[12]);
    const char **texts;
    assert_true(objects_of(bare, S("partner/simpul-2"), bare->arena, &texts) > 0); /* no evidence went */
    fed_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(three_nodes_converge_whatever_their_links_do),
            cmocka_unit_test(many_partners_of_one_do_not_wait_for_each_other),
            cmocka_unit_test(what_was_recalled_is_in_the_log),
            cmocka_unit_test(a_log_that_is_not_what_it_was_is_noticed),
            cmocka_unit_test(what_is_recalled_is_said_before_an_agreement_ends),
            cmocka_unit_test(what_a_restore_lost_comes_back_from_the_partner),
            cmocka_unit_test(a_log_waits_until_who_kept_the_rest_answers),
            cmocka_unit_test(two_persons_need_not_wait),
            cmocka_unit_test(bytes_and_ids_come_back_from_the_partner),
            cmocka_unit_test(what_was_kept_otherwise_does_not_come_back),
            cmocka_unit_test(an_edit_at_the_partner_is_found_here_by_its_number),
            cmocka_unit_test(a_node_log_that_commits_to_another_log_is_found),
            cmocka_unit_test(what_is_missing_is_asked_for),
            cmocka_unit_test(who_is_suspended_is_nobody_at_once),
            cmocka_unit_test(answers_depend_on_what_the_partner_did_alone),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
