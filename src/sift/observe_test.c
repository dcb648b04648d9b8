/* SPDX-License-Identifier: Apache-2.0 */
#include "sift/observe.h"

#include "input/temp_test.h"

/* The view of one record, as text: an object a line, "TYPE path=value path=value". */
static struct buf view_of(struct arena *arena, const char *format, const char *head, const char *record)
{
    static struct json_pick rows[JSON_PICKS_MAX];
    static struct stix_view view;
    struct event_reader reader;
    struct event_options options = {.map = S("user = user-account\nkunci = mutex\n"), .map_name = "test.map"};
    struct json_picks picks = {.rows = rows};
    struct event event;
    struct buf text = buf_make(1u << 20);
    size_t offset;
    if (strcmp(format, "csv") != 0)
        options = (struct event_options){0};
    assert_int_equal(event_open(format, slice_of(head), &options, arena, &reader).kind, ERR_NONE);
    assert_int_equal(event_pick(&reader, slice_of(record), arena, &picks, &offset).kind, ERR_NONE);
    event_fill(&reader, &picks, arena, &event);
    observe_event(&event, 5, arena, &view);
    assert_int_equal(view.first_us, 5);
    assert_int_equal(view.dropped, 0);
    for (size_t i = 0; i < view.object_count; i++) {
        size_t end = i + 1 < view.object_count ? view.objects[i + 1].from : view.row_count;
        buf_put(&text, view.objects[i].type);
        for (size_t row = view.objects[i].from; row < end; row++) {
            const struct stix_value *value = &view.rows[row].value;
            buf_printf(&text, " %.*s=", (int)view.rows[row].path.len, view.rows[row].path.ptr);
            if (value->kind == STIX_VALUE_TEXT)
                buf_put(&text, value->text);
            else
                buf_i64(&text, value->integer);
        }
        buf_byte(&text, '\n');
    }
    buf_byte(&text, '\0');
    return text;
}

static void assert_view(struct arena *arena, const char *record, const char *wanted)
{
    struct buf text = view_of(arena, "eve", record, record);
    assert_string_equal(text.ptr, wanted);
    buf_free(&text);
}

static void a_connection_has_two_ends(void **state)
{
    assert_view(*state,
            "{\"timestamp\":\"2026-06-01T10:00:00Z\",\"event_type\":\"dns\",\"src_ip\":\"192.0.2.1\",\"src_port\":4000,"
            "\"dest_ip\":\"2001:0DB8:0000:0000:0000:0000:0000:0053\",\"dest_port\":53,"
            "\"dns\":{\"rrname\":\"Melati.Example.\"}}",
            "network-traffic src_ref.value=192.0.2.1 src_ref.type=ipv4-addr protocols[0]=ipv4 "
            "dst_ref.value=2001:db8::53 dst_ref.type=ipv6-addr protocols[0]=ipv6 src_port=4000 dst_port=53 "
            "protocols[1]=dns\n"
            "ipv4-addr value=192.0.2.1\nipv6-addr value=2001:db8::53\ndomain-name value=melati.example\n");
}

static void what_stands_side_by_side_is_one_file(void **state)
{
    assert_view(*state,
            "{\"timestamp\":\"2026-06-01T10:00:00Z\",\"event_type\":\"alert\",\"files\":["
            "{\"filename\":\"/a/satu.exe\",\"md5\":\"0123456789ABCDEF0123456789ABCDEF\"},{\"filename\":\"dua.exe\"}]}",
            "file name=/a/satu.exe name=satu.exe hashes.MD5=0123456789abcdef0123456789abcdef\nfile name=dua.exe\n");
}

static void a_fingerprint_is_no_file(void **state)
{
    assert_view(*state,
            "{\"timestamp\":\"2026-06-01T10:00:00Z\",\"event_type\":\"tls\",\"tls\":{\"fingerprint\":"
            "\"00:11:22:33:44:55:66:77:88:99:AA:bb:cc:dd:ee:ff:00:11:22:33\"}}",
            "x509-certificate hashes.SHA-1=00112233445566778899aabbccddeeff00112233\n");
}

static void a_request_is_part_of_its_connection(void **state)
{
    assert_view(*state,
            "{\"timestamp\":\"2026-06-01T10:00:00Z\",\"event_type\":\"http\",\"http\":{\"hostname\":\"mawar.example\","
            "\"http_port\":8080,\"url\":\"/a?b\",\"http_user_agent\":\"Peronda\"}}",
            "network-traffic protocols[1]=http extensions.http-request-ext.request_header.User-Agent=Peronda "
            "extensions.http-request-ext.request_value=/a?b "
            "extensions.http-request-ext.request_header.Host=mawar.example\n"
            "domain-name value=mawar.example\nurl value=http://mawar.example:8080/a?b\n");
}

static void a_message_has_its_senders_and_receivers(void **state)
{
    assert_view(*state,
            "{\"timestamp\":\"2026-06-01T10:00:00Z\",\"event_type\":\"smtp\",\"smtp\":{\"mail_from\":\"Juru "
            "<Juru@Mawar.example>\",\"rcpt_to\":[\"a@x.example\",\"b@x.example\"]}}",
            "email-message from_ref.value=Juru@mawar.example sender_ref.value=Juru@mawar.example "
            "to_refs[0].value=a@x.example to_refs[1].value=b@x.example\n"
            "email-addr value=Juru@mawar.example\nemail-addr value=a@x.example\nemail-addr value=b@x.example\n");
}

static void other_values_have_the_property_that_tells_them(void **state)
{
    struct buf text = view_of(*state, "csv", "user,kunci\njuru,Global\\kembang\n", "juru,Global\\kembang");
    assert_string_equal(text.ptr, "user-account user_id=juru account_login=juru\nmutex name=Global\\kembang\n");
    buf_free(&text);
}

/* ---- Hints ---- */

static struct observe_hint hint_of(struct arena *arena, const char *text)
{
    struct stix_pattern pattern;
    struct stix_place place;
    assert_int_equal(stix_pattern_parse(slice_of(text), arena, &pattern, &place).kind, ERR_NONE);
    struct stix_cover cover = stix_cover(&pattern, arena);
    assert_int_equal(cover.count, 1);
    return observe_hint(cover.hints);
}

static void each_hint_has_its_way(void **state)
{
    const struct {
        const char *pattern;
        enum observe_way way;
        enum observable_type type;
    } cases[] = {
            {"[domain-name:value = 'melati.example']", OBSERVE_TABLE, OBSERVABLE_HOST},
            {"[domain-name:value = 'no name at all']", OBSERVE_NEVER, OBSERVABLE_HOST},
            {"[domain-name:value = 7]", OBSERVE_NEVER, OBSERVABLE_NONE},
            {"[domain-name:value LIKE '%melati%']", OBSERVE_TEXT, OBSERVABLE_NONE},
            {"[domain-name:value != 'melati.example']", OBSERVE_OBJECT, OBSERVABLE_NONE},
            {"[domain-name:x_warna = 'merah']", OBSERVE_NEVER, OBSERVABLE_NONE},
            {"[network-traffic:dst_ref.value = '192.0.2.1']", OBSERVE_TABLE, OBSERVABLE_IPV4},
            {"[network-traffic:dst_ref.value = 'melati.example']", OBSERVE_TABLE, OBSERVABLE_HOST},
            {"[network-traffic:dst_ref.value ISSUBSET '192.0.2.0/24']", OBSERVE_TABLE, OBSERVABLE_CIDR},
            {"[ipv6-addr:value ISSUBSET '2001:db8::1']", OBSERVE_TABLE, OBSERVABLE_IPV6},
            {"[network-traffic:dst_port = 4444]", OBSERVE_PORT, OBSERVABLE_NONE},
            {"[network-traffic:dst_port = 70000]", OBSERVE_NEVER, OBSERVABLE_NONE},
            {"[network-traffic:dst_port = '4444']", OBSERVE_NEVER, OBSERVABLE_NONE},
            {"[network-traffic:dst_port > 4444]", OBSERVE_OBJECT, OBSERVABLE_NONE},
            {"[network-traffic:protocols[*] = 'http']", OBSERVE_OBJECT, OBSERVABLE_NONE},
            {"[email-message:to_refs[3].value = 'a@x.example']", OBSERVE_TABLE, OBSERVABLE_EMAIL},
            {"[network-traffic:extensions.'http-request-ext'.request_value = '/gerbang']", OBSERVE_TEXT,
                    OBSERVABLE_NONE},
            {"[network-traffic:extensions.'http-request-ext'.request_value = '/a']", OBSERVE_OBJECT, OBSERVABLE_NONE},
            {"[mutex:name = 'Global']", OBSERVE_TABLE, OBSERVABLE_OTHER},
            {"[x-kembang:value = 'merah']", OBSERVE_TABLE, OBSERVABLE_OTHER},
            {"[file:size = 7]", OBSERVE_NEVER, OBSERVABLE_NONE},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct observe_hint hint = hint_of(*state, cases[i].pattern);
        if (hint.way != cases[i].way || (hint.way == OBSERVE_TABLE && hint.value.type != cases[i].type))
            fail_msg("%s: way %d, type %d", cases[i].pattern, (int)hint.way, (int)hint.value.type);
    }
}

/* Whether two patterns that are spelt in our way have the same constants. */
static void constants_are_spelt_as_values_are(void **state)
{
    static const char *const cases[][2] = {
            {"[file:hashes.MD5 = '0123456789ABCDEF0123456789ABCDEF']", "0123456789abcdef0123456789abcdef"},
            {"[ipv6-addr:value != '2001:0DB8:0:0:0:0:0:1']", "2001:db8::1"},
            {"[network-traffic:dst_ref.value IN ('Melati.EXAMPLE.', 'x')]", "melati.example"},
            {"[network-traffic:src_ref.value = '::FFFF:192.0.2.1']", "192.0.2.1"},
            {"[email-addr:value = 'Juru@Mawar.Example']", "Juru@mawar.example"},
            {"[file:name = 'Kembang.EXE']", "Kembang.EXE"},
            {"[domain-name:value MATCHES 'Melati']", "Melati"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct stix_pattern pattern;
        struct stix_place place;
        assert_int_equal(stix_pattern_parse(slice_of(cases[i][0]), *state, &pattern, &place).kind, ERR_NONE);
        observe_spell(&pattern, *state);
        slice text = pattern.root->first->test->constants->text;
        if (!slice_eq(text, slice_of(cases[i][1])))
            fail_msg("%s is spelt %.*s", cases[i][0], (int)text.len, text.ptr);
    }
    struct stix_pattern pattern;
    struct stix_place place;
    assert_int_equal(
            stix_pattern_parse(S("[domain-name:value LIKE '%.Melati_EXAMPLE']"), *state, &pattern, &place).kind,
            ERR_NONE);
    observe_spell(&pattern, *state);
    assert_true(slice_eq(pattern.root->first->test->like, S("%.melati_example")));
}

static void a_property_or_what_it_lies_in_is_known(void **state)
{
    const struct {
        const char *pattern;
        bool known;
    } cases[] = {
            {"[EXISTS network-traffic:extensions.'http-request-ext']", true},
            {"[EXISTS network-traffic:extensions.'http-request']", false},
            {"[EXISTS network-traffic:protocols]", true},
            {"[EXISTS file:hashes.MD5]", true},
            {"[EXISTS file:size]", false},
            {"[EXISTS x-kembang:value]", true},
            {"[EXISTS x-kembang:warna]", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct stix_pattern pattern;
        struct stix_place place;
        assert_int_equal(stix_pattern_parse(slice_of(cases[i].pattern), *state, &pattern, &place).kind, ERR_NONE);
        assert_int_equal(observe_knows(&pattern.root->first->test->path), cases[i].known);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_connection_has_two_ends),
            cmocka_unit_test(what_stands_side_by_side_is_one_file),
            cmocka_unit_test(a_fingerprint_is_no_file),
            cmocka_unit_test(a_request_is_part_of_its_connection),
            cmocka_unit_test(a_message_has_its_senders_and_receivers),
            cmocka_unit_test(other_values_have_the_property_that_tells_them),
            cmocka_unit_test(each_hint_has_its_way),
            cmocka_unit_test(constants_are_spelt_as_values_are),
            cmocka_unit_test(a_property_or_what_it_lies_in_is_known),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
