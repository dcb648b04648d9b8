/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/ingest.h"

#include <sys/stat.h>

#include "detect/test_detect.h"
#include "store/asset.h"
#include "store/batch.h"
#include "store/count.h"
#include "store/journal.h"
#include "store/memory.h"
#include "store/met.h"
#include "store/test_organisation.h"

#define HOSPITAL "RS Contoh Melati"
#define EVENT(from, to, port)                                                                                          \
    "{\"timestamp\":\"2026-11-20T12:00:00+0000\",\"event_type\":\"flow\",\"src_ip\":\"" from "\",\"dest_ip\":\"" to    \
    "\",\"dest_port\":" port "}\n"
#define REPORT(ip, port, time)                                                                                         \
    "{\"time.source\":\"" time "\",\"source.ip\":\"" ip "\",\"source.port\":" port                                     \
    ",\"classification.type\":\"infected-system\",\"classification.identifier\":\"mirai\",\"feed.name\":\"contoh\","   \
    "\"extra.note\":\"x\"}\n"

struct call {
    struct stream_put put;
    struct asset_put asset;
    int64_t number;
};

static struct err stream_add(struct work *work, void *context)
{
    struct call *call = context;
    return store_stream_add(work, &call->put, &call->number);
}

static struct err asset_add(struct work *work, void *context)
{
    struct call *call = context;
    return store_asset_add(work, &call->asset, &call->number);
}

/* It is an hour later than what happens in these tests: what is older than was agreed is not remembered. */
static struct test_store *ready_then(void **state)
{
    struct test_store *store = ready(state);
    int64_t then_us;
    assert_true(time_parse(S("2026-11-21T02:00:00Z"), &then_us));
    clock_set(then_us);
    return store;
}

static int64_t stream_new(struct test_store *store, int64_t organisation, const char *format)
{
    struct call call = {.put = {S("stream"), organisation, slice_of(format)}};
    test_ok(test_work(store, stream_add, &call));
    return call.number;
}

static struct ingest *ingest_new(struct test_store *store, bool remembers)
{
    struct ingest_options options = {.db = {.where = store->base->where}, .actor = store->actor, .threads = 2};
    struct ingest *ingest;
    if (remembers) {
        options.memory = arena_printf(store->arena, "%s/memory", store->base->folder);
        assert_int_equal(mkdir(options.memory, 0700), 0);
    }
    test_ok(ingest_open(&options, store->arena, &ingest));
    return ingest;
}

static const char *file_put(struct test_store *store, const char *name, int flags, slice text)
{
    const char *path = arena_printf(store->arena, "%s/%s", store->base->folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | flags, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text.ptr, text.len), text.len);
    close(fd);
    return path;
}

static struct ingest_totals take(struct test_store *store, struct ingest *ingest, int64_t stream, const char *path)
{
    struct ingest_totals totals = {0};
    const struct ingest_input input = {.stream = stream, .name = path, .path = path};
    test_ok(detect_ingest(ingest, &input, store->arena, &totals));
    return totals;
}

/* All counts of the node, as "events/hits/doubles class" a row. */
static const char *counted(struct test_store *store)
{
    struct event_count *rows;
    size_t count;
    const char *text = "";
    const struct event_count from = {.day = INT32_MIN, .class = S("")};
    test_ok(store_count_list(store->db, &from, INT32_MAX, 10, store->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        text = arena_printf(store->arena, "%s[%lld:%lld/%lld/%lld %.*s]", text, (long long)rows[i].organisation,
                (long long)rows[i].events, (long long)rows[i].hits, (long long)rows[i].doubles, (int)rows[i].class.len,
                rows[i].class.ptr);
    return text;
}

static void indicator_import(struct test_store *store)
{
    const struct object_put put = indicator(store, ID "1", FIRST, ADDRESS("77"));
    test_import(store, "feed", &put, 1);
}

static void a_hit_is_folded_and_everything_is_counted(void **state)
{
    struct test_store *store = ready_then(state);
    int64_t hospital = test_constituent(store, HOSPITAL);
    int64_t stream = stream_new(store, hospital, "eve");
    indicator_import(store);
    struct ingest *ingest = ingest_new(store, true);
    struct met_detail *details;
    struct met *mets;
    size_t count;
    const char *path = file_put(store, "eve.json", O_TRUNC,
            S(EVENT("10.1.1.5", "192.0.2.77", "443") EVENT("10.1.1.5", "192.0.2.77", "443") "{broken\n" EVENT(
                    "10.1.1.6", "192.0.2.1", "80") EVENT("192.0.2.77", "10.1.1.7", "22")));
    struct ingest_totals totals = take(store, ingest, stream, path);
    assert_int_equal(totals.events, 4);
    assert_int_equal(totals.malformed, 1);
    assert_string_equal(counted(store), "[1:4/3/0 ]");
    test_ok(store_met_of_organisation(store->db, hospital, INT64_MAX, 10, store->arena, &mets, &count));
    assert_int_equal(count, 2); /* there and from there are two classes */
    for (size_t i = 0; i < count; i++) {
        test_ok(store_met_details(store->db, mets[i].number, store->arena, &details, &(size_t){0}));
        assert_true(slice_eq(mets[i].cause, S(ID "1")));
        bool out = mets[i].events == 2;
        assert_true(slice_eq(details[0].own, out ? S("10.1.1.5") : S("10.1.1.7")));
        assert_int_equal(out ? details[0].peer_port : details[0].own_port, out ? 443 : 22);
        assert_true(slice_eq(details[0].peer, S("ipv4 192.0.2.77")));
        assert_true(
                slice_eq(mets[i].class, out ? S("malicious-code/infected-system") : S("intrusion-attempts/exploit")));
    }
    struct quarantined *bad;
    test_ok(store_quarantined_list(
            store->db, stream, &(struct quarantined){.input = S("")}, INT64_MAX, 10, store->arena, &bad, &count));
    assert_int_equal(count, 1);
    assert_int_equal(bad[0].place, 3);
    assert_true(slice_eq(bad[0].record, S("{broken")) && quarantined_is_whole(&bad[0]) && bad[0].at_byte == 2);
    struct memory_row *runs;
    test_ok(store_memory_list(store->db, store->arena, &runs, &count));
    assert_int_equal(count, 1);
    assert_true(runs[0].entries >= 5);
    ingest_close(ingest);
}

static void the_same_file_adds_nothing_and_a_grown_one_its_rest(void **state)
{
    struct test_store *store = ready_then(state);
    int64_t stream = stream_new(store, test_constituent(store, HOSPITAL), "eve");
    struct ingest *ingest = ingest_new(store, false);
    const char *path = file_put(store, "eve.json", O_TRUNC, S(EVENT("10.1.1.5", "192.0.2.1", "1")));
    assert_int_equal(take(store, ingest, stream, path).events, 1);
    struct ingest_totals again = take(store, ingest, stream, path);
    assert_true(again.known);
    assert_int_equal(again.events, 0);
    file_put(store, "eve.json", O_APPEND, S(EVENT("10.1.1.5", "192.0.2.1", "2") EVENT("10.1.1.5", "192.0.2.1", "3")));
    struct ingest_totals more = take(store, ingest, stream, path);
    assert_int_equal(more.events, 2);
    assert_int_equal(more.passed, sizeof(EVENT("10.1.1.5", "192.0.2.1", "1")) - 1);
    const char *moved = arena_printf(store->arena, "%s.1", path);
    assert_int_equal(rename(path, moved), 0);
    assert_int_equal(take(store, ingest, stream, moved).events, 0);
    assert_string_equal(counted(store), "[1:3/0/0 ]");
    ingest_close(ingest);
}

static void a_record_that_is_still_being_written_waits(void **state)
{
    struct test_store *store = ready_then(state);
    int64_t stream = stream_new(store, test_constituent(store, HOSPITAL), "eve");
    struct ingest *ingest = ingest_new(store, false);
    slice event = S(EVENT("10.1.1.5", "192.0.2.1", "1"));
    const char *path = file_put(store, "eve.json", O_TRUNC, event);
    file_put(store, "eve.json", O_APPEND, slice_part(event, 0, 50));
    struct ingest_totals first = take(store, ingest, stream, path);
    assert_int_equal(first.events, 1);
    assert_int_equal(first.malformed, 0);
    assert_int_equal(first.left, 50);
    file_put(store, "eve.json", O_APPEND, slice_from(event, 50));
    struct ingest_totals second = take(store, ingest, stream, path);
    assert_int_equal(second.events, 1);
    assert_int_equal(second.malformed + second.left, 0);
    assert_string_equal(counted(store), "[1:2/0/0 ]");
    ingest_close(ingest);
}

static void a_file_that_was_written_anew_is_a_new_one(void **state)
{
    struct test_store *store = ready_then(state);
    int64_t stream = stream_new(store, test_constituent(store, HOSPITAL), "eve");
    struct ingest *ingest = ingest_new(store, false);
    const char *path = file_put(store, "eve.json", O_TRUNC, S(EVENT("10.1.1.5", "192.0.2.1", "1")));
    take(store, ingest, stream, path);
    file_put(store, "eve.json", O_TRUNC, S(EVENT("10.1.1.8", "192.0.2.1", "1") EVENT("10.1.1.8", "192.0.2.1", "1")));
    assert_int_equal(take(store, ingest, stream, path).events, 2);
    assert_string_equal(counted(store), "[1:3/0/0 ]");
    ingest_close(ingest);
}

static void reports_are_their_owners_and_doubles_are_told(void **state)
{
    struct test_store *store = ready_then(state);
    int64_t hospital = test_constituent(store, HOSPITAL);
    int64_t stream = stream_new(store, 0, "intelmq");
    struct call call = {.asset = {hospital, ASSET_PREFIX, S("203.0.113.0/26"), ASSET_EVER, TIME_NONE, S("contract")}};
    struct met_detail *details;
    struct met *mets;
    size_t count;
    test_ok(test_work(store, asset_add, &call));
    struct ingest *ingest = ingest_new(store, false);
    const char *path = file_put(store, "one.json", O_TRUNC,
            S(REPORT("203.0.113.9", "80", "2026-11-20T01:00:00Z") REPORT("203.0.113.9", "80", "2026-11-20T05:00:00Z")
                            REPORT("203.0.113.99", "80", "2026-11-20T01:00:00Z")));
    struct ingest_totals totals = take(store, ingest, stream, path);
    assert_int_equal(totals.events, 3);
    assert_int_equal(totals.doubles, 1);
    /* What came on that day is known in another file, and in another run. */
    path = file_put(store, "two.json", O_TRUNC,
            S(REPORT("203.0.113.9", "80", "2026-11-20T09:00:00Z") REPORT("203.0.113.9", "80", "2026-11-21T01:00:00Z")));
    ingest_close(ingest);
    struct ingest_options options = {.db = {.where = store->base->where}, .actor = store->actor, .threads = 1};
    test_ok(ingest_open(&options, store->arena, &ingest));
    assert_int_equal(take(store, ingest, stream, path).doubles, 1);
    assert_string_equal(counted(store),
            "[0:1/0/0 malicious-code/infected-system][1:3/0/2 malicious-code/infected-system]"
            "[1:1/0/0 malicious-code/infected-system]");
    test_ok(store_met_of_organisation(store->db, hospital, INT64_MAX, 10, store->arena, &mets, &count));
    assert_int_equal(count, 2);
    assert_int_equal(mets[1].events, 1);
    assert_true(slice_eq(mets[1].cause, S("mirai")));
    test_ok(store_met_details(store->db, mets[1].number, store->arena, &details, &count));
    assert_true(slice_eq(details[0].own, S("203.0.113.9")));
    assert_int_equal(details[0].own_port, 80);
    assert_true(slice_find_slice(details[0].extra, S("\"extra.note\":\"x\"")) < details[0].extra.len);
    ingest_close(ingest);
}

static void a_report_says_how_bad_it_is_and_whose_network(void **state)
{
    struct test_store *store = ready_then(state);
    int64_t hospital = test_constituent(store, HOSPITAL);
    int64_t stream = stream_new(store, 0, "auto");
    struct call call = {.asset = {hospital, ASSET_ASN, S("64500"), ASSET_EVER, TIME_NONE, S("contract")}};
    struct met *mets;
    size_t count;
    test_ok(test_work(store, asset_add, &call));
    struct ingest *ingest = ingest_new(store, false);
    const char *path = file_put(store, "2026-11-20-scan_telnet-contoh.csv", O_TRUNC,
            S("timestamp,severity,ip,protocol,port,hostname,tag,asn,geo\n"
              "\"2026-11-20 01:00:00\",critical,203.0.113.9,tcp,23,,telnet,64500,ID\n"
              "\"2026-11-20 01:00:00\",low,203.0.113.10,tcp,23,,telnet,64501,ID\n"));
    assert_int_equal(take(store, ingest, stream, path).events, 2);
    assert_string_equal(counted(store), "[0:1/0/0 vulnerable/vulnerable-system][1:1/0/0 vulnerable/vulnerable-system]");
    test_ok(store_met_of_organisation(store->db, hospital, INT64_MAX, 10, store->arena, &mets, &count));
    assert_int_equal(count, 1);
    assert_true(slice_eq(mets[0].cause, S("open-telnet")));
    assert_int_equal(mets[0].severity, SEVERITY_CRITICAL);
    test_ok(store_met_of_organisation(store->db, 0, INT64_MAX, 10, store->arena, &mets, &count));
    assert_int_equal(mets[0].severity, SEVERITY_LOW);
    ingest_close(ingest);
}

static void who_may_not_send_sends_nothing(void **state)
{
    struct test_store *store = ready_then(state);
    int64_t stream = stream_new(store, test_constituent(store, HOSPITAL), "eve");
    struct ingest_options options = {.db = {.where = store->base->where}, .actor = store->actor, .threads = 1};
    struct ingest *ingest;
    struct ingest_totals totals = {0};
    options.actor.roles = 1u << ROLE_CONSTITUENT_ADMIN;
    options.actor.organisation = 99;
    test_ok(ingest_open(&options, store->arena, &ingest));
    const char *path = file_put(store, "eve.json", O_TRUNC, S(EVENT("10.1.1.5", "192.0.2.1", "1")));
    const struct ingest_input input = {.stream = stream, .name = path, .path = path};
    assert_int_equal(detect_ingest(ingest, &input, store->arena, &totals).kind, ERR_DENIED);
    assert_string_equal(counted(store), "");
    ingest_close(ingest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_hit_is_folded_and_everything_is_counted, set_up, tear_down),
            TEST_ON_BOTH(the_same_file_adds_nothing_and_a_grown_one_its_rest, set_up, tear_down),
            TEST_ON_BOTH(a_record_that_is_still_being_written_waits, set_up, tear_down),
            TEST_ON_BOTH(a_file_that_was_written_anew_is_a_new_one, set_up, tear_down),
            TEST_ON_BOTH(reports_are_their_owners_and_doubles_are_told, set_up, tear_down),
            TEST_ON_BOTH(a_report_says_how_bad_it_is_and_whose_network, set_up, tear_down),
            TEST_ON_BOTH(who_may_not_send_sends_nothing, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
