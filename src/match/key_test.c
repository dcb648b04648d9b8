/* SPDX-License-Identifier: Apache-2.0 */
#include "match/key.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct buf space = {.max = KEY_BYTES_MAX};

static struct key key_of(enum observable_type type, slice value, unsigned flags)
{
    struct observable observable = {.type = type, .value = value};
    struct key key;
    assert_true(key_make(&observable, flags, &space, &key));
    return key;
}

static uint64_t hash_of(enum observable_type type, slice value, unsigned flags)
{
    struct key_hasher hasher;
    key_hasher_init(&hasher, hash_key_fixed(7));
    struct key key = key_of(type, value, flags);
    return key_hash(&hasher, &key);
}

static void assert_text(slice s, const char *expected)
{
    assert_int_equal(s.len, strlen(expected));
    assert_memory_equal(s.ptr, expected, s.len);
}

static void a_host_and_a_domain_share_a_kind(void **state)
{
    (void)state;
    assert_int_equal(key_of(OBSERVABLE_HOST, S("rs-contoh.example"), 0).kind, KEY_NAME);
    assert_true(hash_of(OBSERVABLE_HOST, S("RS-contoh.example."), 0) ==
                hash_of(OBSERVABLE_DOMAIN, S("rs-contoh.example"), 0));
}

static void a_name_that_is_an_address_is_an_address(void **state)
{
    (void)state;
    assert_int_equal(key_of(OBSERVABLE_HOST, S("192.0.2.7"), 0).kind, KEY_ADDRESS);
    assert_int_equal(key_of(OBSERVABLE_DOMAIN, S("2001:db8::7"), 0).kind, KEY_ADDRESS);
    assert_true(hash_of(OBSERVABLE_HOST, S("192.0.2.7"), 0) == hash_of(OBSERVABLE_IPV4, S("192.0.2.7"), 0));
}

static void a_url_below_is_another_key_than_the_url(void **state)
{
    (void)state;
    assert_int_equal(key_of(OBSERVABLE_URL, S("http://a.example/b/"), 0).kind, KEY_URL);
    assert_int_equal(key_of(OBSERVABLE_URL, S("http://a.example/b/"), INDICATOR_BELOW).kind, KEY_BELOW);
    assert_int_equal(key_of(OBSERVABLE_HOST, S("a.example"), INDICATOR_BELOW).kind, KEY_NAME);
    assert_true(hash_of(OBSERVABLE_URL, S("a.example/b/"), 0) !=
                hash_of(OBSERVABLE_URL, S("a.example/b/"), INDICATOR_BELOW));
}

static void equal_text_of_other_types_has_another_hash(void **state)
{
    (void)state;
    slice digits = S("0123456789abcdef0123456789abcdef");
    assert_true(hash_of(OBSERVABLE_MD5, digits, 0) != hash_of(OBSERVABLE_JA3, digits, 0));
    assert_true(hash_of(OBSERVABLE_FILENAME, digits, 0) != hash_of(OBSERVABLE_USERAGENT, digits, 0));
}

static void another_type_name_is_another_key(void **state)
{
    (void)state;
    struct key_hasher hasher;
    key_hasher_init(&hasher, hash_key_fixed(7));
    struct key mutex = {.kind = KEY_OTHER, .name = S("mutex"), .bytes = S("x")};
    struct key service = {.kind = KEY_OTHER, .name = S("mute"), .bytes = S("xx")};
    assert_false(key_eq(&mutex, &service));
    assert_true(key_hash(&hasher, &mutex) != key_hash(&hasher, &service));
    service.name = S("mutex");
    service.bytes = S("x");
    assert_true(key_eq(&mutex, &service));
}

static void a_value_that_is_none_has_no_key(void **state)
{
    (void)state;
    struct key key;
    struct observable wrong = {.type = OBSERVABLE_IPV4, .value = S("192.0.2.256")};
    assert_false(key_make(&wrong, 0, &space, &key));
    wrong = (struct observable){.type = OBSERVABLE_NONE, .value = S("x")};
    assert_false(key_make(&wrong, 0, &space, &key));
}

static void every_suffix_of_a_name_is_one_step_from_a_state_on_the_way(void **state)
{
    (void)state;
    struct key_hasher hasher;
    key_hasher_init(&hasher, hash_key_fixed(3));
    slice name = S("a-label-that-is-longer-than-sixteen-bytes.example");
    slice last = slice_from(name, name.len - 16), before = slice_part(name, name.len - 20, name.len - 16);
    uint64_t seed = hasher.seed[KEY_NAME], words[2];
    memcpy(words, last.ptr, sizeof words);
    uint64_t on_the_way = hash_mix(seed ^ words[0], words[1] ^ hasher.key.a), rest = 0;
    memcpy(&rest, before.ptr, before.len);
    assert_true(key_name_hash(&hasher, last) == key_bytes_hash(hasher.key, seed, last));
    assert_true(
            key_name_hash(&hasher, slice_from(name, name.len - 20)) == hash_mix(on_the_way ^ rest, hasher.key.b + 20));
}

static void lengths_and_zeros_tell_apart(void **state)
{
    (void)state;
    static const char zeros[40];
    struct hash_key key = hash_key_fixed(9);
    for (size_t a = 0; a < sizeof(zeros); a++) {
        for (size_t b = a + 1; b < sizeof(zeros); b++)
            assert_true(key_bytes_hash(key, 1, (slice){zeros, a}) != key_bytes_hash(key, 1, (slice){zeros, b}));
    }
}

static void a_normal_url_comes_apart(void **state)
{
    (void)state;
    struct key_url url = key_url_split(key_of(OBSERVABLE_URL, S("http://a.example:8080/b/c?d=e:1"), 0).bytes);
    assert_text(url.host, "a.example");
    assert_int_equal(url.port, 8080);
    assert_text(url.path, "/b/c?d=e:1");
    url = key_url_split(key_of(OBSERVABLE_URL, S("https://a.example:443"), 0).bytes);
    assert_text(url.host, "a.example");
    assert_int_equal(url.port, 0);
    assert_text(url.path, "/");
}

static void an_address_in_a_url_may_hold_any_byte(void **state)
{
    (void)state;
    struct key_url url = key_url_split(key_of(OBSERVABLE_URL, S("http://198.51.100.47:81/x"), 0).bytes); /* 47 is '/' */
    assert_int_equal(url.host.len, 5);
    assert_int_equal(url.port, 81);
    assert_text(url.path, "/x");
    url = key_url_split(key_of(OBSERVABLE_URL, S("http://[2001:db8:3a2f:2f3a::3a2f]/y"), 0).bytes);
    assert_int_equal(url.host.len, 17);
    assert_int_equal(url.port, 0);
    assert_text(url.path, "/y");
}

static void a_path_is_cut_at_slashes_and_question_marks(void **state)
{
    (void)state;
    static const size_t expected[] = {1, 2, 3, 4, 8};
    size_t cuts[KEY_CUTS_MAX];
    assert_int_equal(key_cuts(S("/a/b?c=d"), cuts), 5);
    assert_memory_equal(cuts, expected, sizeof(expected));
    assert_int_equal(key_cuts(S("/"), cuts), 1);
    assert_int_equal(cuts[0], 1);
    assert_int_equal(key_cuts(S("/a//"), cuts), 4); /* 1, 2, 3 and 4, each once */
}

static void a_path_is_cut_sixteen_times_and_at_its_end(void **state)
{
    (void)state;
    char path[256];
    size_t cuts[KEY_CUTS_MAX];
    for (size_t i = 0; i < sizeof(path); i++)
        path[i] = i % 3 == 0 ? '/' : 'x';
    size_t count = key_cuts((slice){path, sizeof(path)}, cuts);
    assert_int_equal(count, 1 + 15 * 2 + 1);
    assert_int_equal(cuts[count - 1], sizeof(path));
    assert_int_equal(cuts[count - 2], 15 * 3 + 1);
}

static void a_prefix_key_is_the_normal_form_of_the_prefix(void **state)
{
    (void)state;
    char bytes[18];
    struct ip ip;
    assert_true(ip_parse(S("198.51.100.77"), &ip));
    struct key prefix = key_prefix(&ip, 26, bytes), normal = key_of(OBSERVABLE_CIDR, S("198.51.100.64/26"), 0);
    assert_true(key_eq(&prefix, &normal));
    assert_true(ip_parse(S("2001:db8:1:2::3"), &ip));
    prefix = key_prefix(&ip, 48, bytes);
    normal = key_of(OBSERVABLE_CIDR, S("2001:db8:1::/48"), 0);
    assert_true(key_eq(&prefix, &normal));
}

static void an_address_key_is_an_address_again(void **state)
{
    (void)state;
    struct ip ip = key_ip(key_of(OBSERVABLE_IPV6, S("2001:db8::9"), 0).bytes);
    assert_int_equal(ip.family, 6);
    assert_int_equal(ip.bytes[15], 9);
    ip = key_ip(key_of(OBSERVABLE_IPV4, S("203.0.113.9"), 0).bytes);
    assert_int_equal(ip.family, 4);
    assert_int_equal(ip.bytes[0], 203);
    assert_int_equal(ip.bytes[4], 0);
}

static void labels_are_counted(void **state)
{
    (void)state;
    assert_int_equal(key_labels(S("test")), 1);
    assert_int_equal(key_labels(S("a.b.test")), 3);
}

static int free_space(void **state)
{
    (void)state;
    buf_free(&space);
    return 0;
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_host_and_a_domain_share_a_kind),
            cmocka_unit_test(a_name_that_is_an_address_is_an_address),
            cmocka_unit_test(a_url_below_is_another_key_than_the_url),
            cmocka_unit_test(equal_text_of_other_types_has_another_hash),
            cmocka_unit_test(another_type_name_is_another_key),
            cmocka_unit_test(a_value_that_is_none_has_no_key),
            cmocka_unit_test(every_suffix_of_a_name_is_one_step_from_a_state_on_the_way),
            cmocka_unit_test(lengths_and_zeros_tell_apart),
            cmocka_unit_test(a_normal_url_comes_apart),
            cmocka_unit_test(an_address_in_a_url_may_hold_any_byte),
            cmocka_unit_test(a_path_is_cut_at_slashes_and_question_marks),
            cmocka_unit_test(a_path_is_cut_sixteen_times_and_at_its_end),
            cmocka_unit_test(a_prefix_key_is_the_normal_form_of_the_prefix),
            cmocka_unit_test(an_address_key_is_an_address_again),
            cmocka_unit_test(labels_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, free_space);
}
