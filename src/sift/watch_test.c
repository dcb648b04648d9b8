/* SPDX-License-Identifier: Apache-2.0 */
#include "sift/watch.h"

#include "base/clock.h"
#include "sift/load.h"

#include "input/temp_test.h"

/* ---- Runs ---- */

static void tell_nothing(void *context, const char *file, uint64_t line, uint64_t column, const char *why)
{
    (void)context, (void)file, (void)line, (void)column, (void)why;
}

static void tell_problem(void *context, const char *file, uint64_t line, uint64_t column, const char *why)
{
    (void)context, (void)file, (void)column;
    fail_msg("line %zu: %s", (size_t)line, why);
}

static void tell_no_file(void *context, const char *file, const char *form, uint64_t indicators, uint64_t problems)
{
    (void)context, (void)file, (void)form, (void)indicators;
    assert_int_equal(problems, 0);
}

static void tell_no_progress(void *context, const char *file, uint64_t indicators)
{
    (void)context, (void)file, (void)indicators;
}

static void tell_skipped(void *context, const char *file, const char *what, uint64_t count)
{
    (void)file, (void)what;
    *(uint64_t *)context += count;
}

static struct match_index *index_of(struct arena *arena, slice bundle, uint64_t *skipped)
{
    struct temp file = temp_make(bundle);
    const char *names[] = {file.name};
    struct load_report report = {skipped, tell_problem, tell_no_file, tell_no_progress, tell_skipped};
    struct match_index *index = NULL;
    struct err err = load_open(names, 1, &report, arena, &index);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    temp_drop(&file);
    return index;
}

struct outcome {
    struct buf rows;
    struct sift_totals totals;
    struct sift_watch_counts counts;
};

struct way {
    bool plain;
    unsigned threads;
    size_t window; /* 0: as always */
};

/* All inputs, one after the other, through one watch. */
static struct outcome run(
        struct arena *arena, const struct match_index *index, struct way way, const char *const *files, size_t count)
{
    struct outcome outcome = {.rows = buf_make(256u << 20)};
    struct stix_window_limits limits = stix_window_defaults;
    struct temp output = temp_make(S(""));
    struct sift_job job = {.index = index, .threads = way.threads, .plain = way.plain, .malformed = tell_nothing};
    if (way.window != 0)
        limits.observations = way.window;
    assert_int_equal(sift_watch_open(index, &limits, &job.watch).kind, ERR_NONE);
    job.output = open(output.name, O_WRONLY);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(sift_run(&job, files[i], arena, &outcome.totals).kind, ERR_NONE);
    outcome.counts = sift_watch_counts(job.watch);
    sift_watch_close(job.watch);
    close(job.output);
    int fd = open(output.name, O_RDONLY);
    for (ssize_t n = 1; n > 0;) {
        assert_true(buf_reserve(&outcome.rows, 65536));
        n = read(fd, outcome.rows.ptr + outcome.rows.len, 65536);
        outcome.rows.len += n > 0 ? (size_t)n : 0;
    }
    close(fd);
    temp_drop(&output);
    return outcome;
}

/* ---- Whatever the pattern and the event: the fast road and the slow one ---- */

static uint64_t seed;

static size_t roll(size_t sides)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(seed >> 33) % sides;
}

#define PICK(list) ((list)[roll(COUNT_OF(list))])

/* Values as logs spell them. */
static const char *const log_addresses[] = {"192.0.2.1", "192.0.2.77", "198.51.100.7:8443", "198.51.100.7",
        "2001:0DB8:0000:0000:0000:0000:00aa:0001", "2001:db8::aa:1", "::ffff:192.0.2.1", "[2001:db8::ff]:53", "bukan"};
static const char *const log_names[] = {"melati.example", "Update.MELATI.example.", "mawar.example:8080",
        "kenanga.test", "a.b.c.melur.example", "192.0.2.77", "x"};
static const char *const log_paths[] = {
        "/muat/gerbang.php?id=7", "/", "/a", "http://kenanga.test/penuh", "kenanga.test:443", "/Muat/Gerbang"};
static const char *const log_files[] = {"/muat/kembang.exe", "kembang.exe", "C:\\\\\\\\a\\\\\\\\kembang.dll", "x"};
static const char *const log_hashes[] = {
        "0123456789ABCDEF0123456789abcdef", "0123456789abcdef0123456789abcdef", "ffffffffffffffffffffffffffffffff"};
static const char *const log_sha1[] = {
        "00:11:22:33:44:55:66:77:88:99:AA:bb:cc:dd:ee:ff:00:11:22:33", "00112233445566778899aabbccddeeff00112233"};
static const char *const log_mails[] = {"Juru <Juru@Mawar.example>", "juru@mawar.example", "a@x.example"};
static const unsigned ports[] = {53, 80, 443, 4444, 8443};

static void put_event(struct buf *out, unsigned second)
{
    buf_printf(out, "{\"timestamp\":\"2026-06-01T10:%02u:%02u.000000+0000\",\"event_type\":\"x\"", second / 60 % 60,
            second % 60);
    if (roll(8) > 0)
        buf_printf(out, ",\"src_ip\":\"%s\",\"dest_ip\":\"%s\"", PICK(log_addresses), PICK(log_addresses));
    if (roll(3) > 0)
        buf_printf(out, ",\"src_port\":%u,\"dest_port\":\"%u\"", PICK(ports), PICK(ports));
    if (roll(3) == 0)
        buf_printf(out, ",\"http\":{\"hostname\":\"%s\",\"url\":\"%s\",\"http_user_agent\":\"Peronda %zu\"}",
                PICK(log_names), PICK(log_paths), roll(3));
    if (roll(3) == 0)
        buf_printf(out, ",\"dns\":{\"rrname\":\"%s\",\"grouped\":{\"TXT\":[\"lihat %s di %s\"]}}", PICK(log_names),
                PICK(log_names), PICK(log_addresses));
    if (roll(4) == 0)
        buf_printf(out, ",\"fileinfo\":{\"filename\":\"%s\",\"md5\":\"%s\"}", PICK(log_files), PICK(log_hashes));
    if (roll(4) == 0)
        buf_printf(out, ",\"tls\":{\"sni\":\"%s\",\"fingerprint\":\"%s\",\"ja3\":{\"hash\":\"%s\"}}", PICK(log_names),
                PICK(log_sha1), PICK(log_hashes));
    if (roll(5) == 0)
        buf_printf(out, ",\"smtp\":{\"mail_from\":\"%s\",\"rcpt_to\":[\"%s\",\"%s\"]}", PICK(log_mails),
                PICK(log_mails), PICK(log_mails));
    if (roll(6) == 0)
        buf_printf(out, ",\"ether\":{\"src_mac\":\"00:00:5e:00:53:%02zu\"},\"http.redirect\":\"x\"", roll(3));
    buf_put(out, S("}\n"));
}

/* Properties, and constants as patterns spell them. */
static const struct property {
    const char *path;
    const char *constants[6];
} properties[] = {
        {"ipv4-addr:value", {"192.0.2.1", "192.0.2.77", "198.51.100.7", "192.0.2.0/24"}},
        {"ipv6-addr:value", {"2001:db8::aa:1", "2001:DB8::FF", "2001:db8::/32"}},
        {"domain-name:value", {"melati.example", "Update.Melati.example.", "a.b.c.melur.example", "kenanga.test"}},
        {"url:value", {"http://melati.example/muat/gerbang.php?id=7", "http://kenanga.test/penuh",
                              "http://mawar.example:8080/a", "http://192.0.2.77/"}},
        {"file:name", {"kembang.exe", "/muat/kembang.exe", "x"}},
        {"file:hashes.MD5", {"0123456789abcdef0123456789abcdef", "0123456789ABCDEF0123456789ABCDEF"}},
        {"x509-certificate:hashes.'SHA-1'", {"00112233445566778899aabbccddeeff00112233"}},
        {"email-addr:value", {"Juru@mawar.example", "juru@mawar.example"}},
        {"email-message:from_ref.value", {"juru@mawar.example", "Juru@mawar.example"}},
        {"email-message:to_refs[*].value", {"a@x.example", "juru@mawar.example"}},
        {"network-traffic:src_ref.value", {"192.0.2.1", "2001:db8::aa:1", "198.51.100.7"}},
        {"network-traffic:dst_ref.value", {"192.0.2.77", "2001:db8::ff", "198.51.100.7"}},
        {"network-traffic:protocols[*]", {"http", "dns", "ipv4"}},
        {"network-traffic:extensions.'http-request-ext'.request_value", {"/muat/gerbang.php?id=7", "/a", "/"}},
        {"network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'", {"Peronda 1", "Peronda 2"}},
        {"network-traffic:x_ja3_hash", {"0123456789abcdef0123456789abcdef"}},
        {"mac-addr:value", {"00:00:5e:00:53:01"}},
        {"file:size", {"7"}},
};

static const char *constant_of(const struct property *property)
{
    size_t count = 0;
    while (count < COUNT_OF(property->constants) && property->constants[count] != NULL)
        count++;
    return property->constants[roll(count)];
}

static void put_test(struct buf *out, const struct property *property)
{
    const char *constant = constant_of(property);
    size_t len = strlen(constant), from = roll(len), part = 1 + roll(len - from);
    switch (roll(8)) {
    case 0:
        buf_printf(out, "%s LIKE '%%%.*s%%'", property->path, (int)part, constant + from);
        break;
    case 1:
        buf_printf(out, "%s LIKE '%.*s%%'", property->path, (int)part, constant);
        break;
    case 2:
        buf_printf(out, "%s MATCHES '%.*s'", property->path, (int)(slice_find(slice_of(constant), '?')), constant);
        break;
    case 3:
        buf_printf(out, "%s IN ('%s', '%s')", property->path, constant, constant_of(property));
        break;
    case 4:
        buf_printf(out, "%s NOT = '%s'", property->path, constant);
        break;
    case 5:
        if (strstr(property->path, "addr:value") != NULL && strstr(property->path, "ip") == property->path) {
            buf_printf(out, "%s ISSUBSET '%s'", property->path,
                    strchr(property->path, '6') ? "2001:db8::/112" : "192.0.2.0/26");
            break;
        }
        /* fall through */
    default:
        buf_printf(out, "%s = '%s'", property->path, constant);
    }
}

static void put_observation(struct buf *out)
{
    const struct property *property = &PICK(properties);
    const char *end = strchr(property->path, ':');
    size_t object = (size_t)(end - property->path);
    buf_byte(out, '[');
    put_test(out, property);
    if (roll(3) == 0) {
        const struct property *other = &PICK(properties);
        bool same = strncmp(other->path, property->path, object + 1) == 0;
        buf_put(out, same && roll(2) == 0 ? S(" AND ") : S(" OR "));
        put_test(out, other);
    } else if (strncmp(property->path, "network", 7) == 0 && roll(3) == 0) {
        buf_printf(out, roll(2) == 0 ? " AND network-traffic:dst_port = %u" : " OR network-traffic:src_port IN (%u, 1)",
                PICK(ports));
    }
    buf_byte(out, ']');
}

static void put_pattern(struct buf *out)
{
    size_t kind = roll(8);
    if (kind < 4) {
        put_observation(out);
    } else if (kind == 4) {
        put_observation(out);
        buf_put(out, S(" START t'2026-06-01T10:00:30Z' STOP t'2026-06-01T10:01:30Z'"));
    } else if (kind == 5) {
        put_observation(out);
        buf_printf(out, " REPEATS %zu TIMES WITHIN 20 SECONDS", 1 + roll(4));
    } else {
        buf_byte(out, '(');
        put_observation(out);
        buf_put(out, kind == 6 ? S(" FOLLOWEDBY ") : roll(2) == 0 ? S(" AND ") : S(" OR "));
        put_observation(out);
        buf_put(out, S(") WITHIN 10 SECONDS"));
    }
}

static struct buf bundle_of(size_t count)
{
    struct buf out = buf_make(16u << 20);
    buf_put(&out, S("{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":["));
    for (size_t i = 0; i < count; i++) {
        buf_printf(&out, "%s\n{\"type\":\"indicator\",\"id\":\"indicator--%zu\",\"pattern\":\"", i > 0 ? "," : "", i);
        put_pattern(&out);
        buf_put(&out, S("\"}"));
    }
    buf_put(&out, S("]}\n"));
    return out;
}

static void the_roads_agree_on_any_pattern_and_event(void **state)
{
    uint64_t hits = 0;
    for (unsigned round = 1; round <= 8; round++) {
        seed = round;
        uint64_t skipped = 0;
        struct buf bundle = bundle_of(round % 2 == 0 ? 250 : 7), events = buf_make(16u << 20);
        for (unsigned i = 0; i < 600; i++)
            put_event(&events, i / 4);
        struct match_index *index = index_of(*state, buf_slice(&bundle), &skipped);
        struct temp input = temp_make(buf_slice(&events));
        const char *files[] = {input.name};
        struct outcome plain = run(*state, index, (struct way){.plain = true, .threads = 1}, files, 1);
        struct outcome fast = run(*state, index, (struct way){.threads = 1}, files, 1);
        struct outcome many = run(*state, index, (struct way){.threads = 4}, files, 1);
        if (!slice_eq(buf_slice(&plain.rows), buf_slice(&fast.rows)))
            fail_msg(
                    "round %u: %zu rows plainly, %zu fast", round, (size_t)plain.totals.hits, (size_t)fast.totals.hits);
        assert_true(slice_eq(buf_slice(&fast.rows), buf_slice(&many.rows)));
        assert_int_equal(plain.totals.hits, fast.totals.hits);
        assert_int_equal(plain.counts.out_of_room + plain.counts.given_up, 0);
        hits += plain.totals.hits;
        buf_free(&plain.rows);
        buf_free(&fast.rows);
        buf_free(&many.rows);
        buf_free(&bundle);
        buf_free(&events);
        temp_drop(&input);
        match_close(index);
    }
    assert_true(hits > 10000);
}

/* ---- Windows ---- */

#define PATTERN(id, pattern, more) "{\"type\":\"indicator\",\"id\":\"" id "\",\"pattern\":\"" pattern "\"" more "}\n"
#define EVENT(time, port)                                                                                              \
    "{\"timestamp\":\"2026-06-0" time                                                                                  \
    ":00.000000+0000\",\"event_type\":\"flow\",\"src_ip\":\"192.0.2.1\",\"dest_port\":" port "}\n"

static struct outcome run_texts(
        struct arena *arena, const char *patterns, struct way way, const char *const *texts, size_t count)
{
    struct temp temps[4];
    const char *names[4];
    uint64_t skipped = 0;
    for (size_t i = 0; i < count; i++) {
        temps[i] = temp_make(slice_of(texts[i]));
        names[i] = arena_printf(arena, "%s", temps[i].name);
    }
    struct match_index *index = index_of(arena, slice_of(patterns), &skipped);
    struct outcome outcome = run(arena, index, way, names, count);
    match_close(index);
    for (size_t i = 0; i < count; i++)
        temp_drop(&temps[i]);
    buf_byte(&outcome.rows, '\0');
    return outcome;
}

static const struct way fast = {.threads = 2};

static void windows_live_across_inputs(void **state)
{
    const char *const texts[] = {EVENT("1T10:00", "22"), EVENT("1T10:05", "4444")};
    struct outcome outcome = run_texts(*state,
            PATTERN("a", "[network-traffic:dst_port = 22] FOLLOWEDBY [network-traffic:dst_port = 4444]", ""), fast,
            texts, 2);
    assert_int_equal(outcome.totals.hits, 1);
    assert_non_null(strstr(outcome.rows.ptr, "\"events\":["));
    assert_non_null(strstr(outcome.rows.ptr, "\"line\":1,"));
    buf_free(&outcome.rows);
}

static void what_falls_out_is_counted(void **state)
{
    const char *const texts[] = {
            EVENT("1T10:00", "22") EVENT("1T10:01", "22") EVENT("1T10:02", "22") EVENT("1T10:03", "22")};
    const char *pattern = PATTERN("a", "[network-traffic:dst_port = 22] REPEATS 3 TIMES", "");
    struct outcome roomy = run_texts(*state, pattern, fast, texts, 1);
    struct outcome small = run_texts(*state, pattern, (struct way){.threads = 1, .window = 2}, texts, 1);
    assert_int_equal(roomy.totals.hits, 1);
    assert_int_equal(roomy.counts.lost, 0);
    assert_int_equal(small.totals.hits, 0);
    assert_int_equal(small.counts.out_of_room, 2);
    assert_int_equal(small.counts.lost, 2);
    assert_int_equal(small.counts.losers, 1);
    buf_free(&roomy.rows);
    buf_free(&small.rows);
}

/* What is older than a day matters only to a pattern that reaches so far, or if it came late. */
static void time_loses_only_what_could_have_matched(void **state)
{
    const char *const rising[] = {EVENT("1T10:00", "22") EVENT("3T10:00", "22")};
    const char *const falling[] = {EVENT("3T10:00", "22") EVENT("1T10:00", "22")};
    const char *near = PATTERN("a", "[network-traffic:dst_port = 22] REPEATS 2 TIMES WITHIN 60 SECONDS", "");
    const char *far = PATTERN("a", "[network-traffic:dst_port = 22] REPEATS 2 TIMES", "");
    const struct {
        const char *pattern;
        const char *const *texts;
        uint64_t lost;
    } cases[] = {{near, rising, 0}, {near, falling, 1}, {far, rising, 1}, {far, falling, 1}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct outcome outcome = run_texts(*state, cases[i].pattern, fast, cases[i].texts, 1);
        assert_int_equal(outcome.counts.out_of_time, 1);
        assert_int_equal(outcome.counts.lost, cases[i].lost);
        buf_free(&outcome.rows);
    }
}

static void each_event_of_a_window_has_to_be_valid(void **state)
{
    const char *const texts[] = {EVENT("1T10:00", "22") EVENT("1T10:01", "22")};
    const char *pattern = PATTERN("a", "[network-traffic:dst_port = 22] REPEATS 2 TIMES",
            ",\"valid_from\":\"2026-01-01T00:00:00Z\",\"valid_until\":\"2026-06-01T10:01:00Z\"");
    struct outcome outcome = run_texts(*state, pattern, fast, texts, 1);
    assert_int_equal(outcome.totals.hits, 0);
    assert_int_equal(outcome.totals.invalid, 1);
    buf_free(&outcome.rows);
}

static void one_indicator_from_two_places_hits_once(void **state)
{
    const char *const texts[] = {EVENT("1T10:00", "22")};
    struct outcome outcome = run_texts(*state,
            PATTERN("a", "[network-traffic:dst_port = 22]", "") PATTERN("a", "[network-traffic:dst_port = 22]", "")
                    PATTERN("b", "[network-traffic:dst_port = 22]", ""),
            fast, texts, 1);
    assert_int_equal(outcome.totals.hits, 2);
    buf_free(&outcome.rows);
}

static void steps_are_bounded_and_told(void **state)
{
    struct buf events = buf_make(1u << 20);
    for (unsigned i = 0; i < 200; i++)
        buf_put(&events, S(EVENT("1T10:00", "22")));
    buf_byte(&events, '\0');
    const char *const texts[] = {events.ptr};
    struct outcome outcome = run_texts(*state,
            PATTERN("a",
                    "(([network-traffic:dst_port = 22] AND [network-traffic:dst_port > 1]) WITHIN 1 SECONDS REPEATS 99 "
                    "TIMES) WITHIN 130 SECONDS",
                    ""),
            fast, texts, 1);
    assert_true(outcome.counts.given_up > 0 || outcome.totals.hits > 0);
    assert_int_equal(outcome.totals.events, 200);
    buf_free(&outcome.rows);
    buf_free(&events);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_roads_agree_on_any_pattern_and_event),
            cmocka_unit_test(windows_live_across_inputs),
            cmocka_unit_test(what_falls_out_is_counted),
            cmocka_unit_test(time_loses_only_what_could_have_matched),
            cmocka_unit_test(each_event_of_a_window_has_to_be_valid),
            cmocka_unit_test(one_indicator_from_two_places_hits_once),
            cmocka_unit_test(steps_are_bounded_and_told),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
