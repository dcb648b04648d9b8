/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ip.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <arpa/inet.h>
#include <cmocka.h>

static void expect_ip(const char *text, const char *written, unsigned family)
{
    struct ip ip = {0};
    struct buf buf = buf_make(64);
    assert_true(ip_parse(slice_of(text), &ip));
    assert_int_equal(ip.family, family);
    ip_write(&buf, &ip);
    if (!slice_eq(buf_slice(&buf), slice_of(written)))
        fail_msg("%s was written as %.*s", text, (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static void ipv4_is_four_decimal_parts(void **state)
{
    (void)state;
    expect_ip("192.0.2.1", "192.0.2.1", 4);
    expect_ip("0.0.0.0", "0.0.0.0", 4);
    expect_ip("255.255.255.255", "255.255.255.255", 4);
}

/* The spellings of RFC 4291 section 2.2 and what RFC 5952 sections 4 and 5 make of them. */
static void ipv6_is_read_in_all_spellings_and_written_in_one(void **state)
{
    (void)state;
    expect_ip("2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a", 6);
    expect_ip("2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1", 6);
    expect_ip("::", "::", 6);
    expect_ip("::1", "::1", 6);
    expect_ip("1::", "1::", 6);
    expect_ip("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", 6);
    expect_ip("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", 6);
    expect_ip("2001:0:0:1:0:0:0:1", "2001:0:0:1::1", 6);
    expect_ip("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0", 6);
    expect_ip("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8", 6);
    expect_ip("0:0:0:0:0:0:13.1.68.3", "::d01:4403", 6);
    expect_ip("2001:db8::192.0.2.33", "2001:db8::c000:221", 6);
}

static void a_mapped_address_is_the_ipv4_address_it_carries(void **state)
{
    (void)state;
    expect_ip("::ffff:192.0.2.1", "192.0.2.1", 4);
    expect_ip("::FFFF:c000:201", "192.0.2.1", 4);
    expect_ip("0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1", 4);
}

static void what_is_no_address_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", ".", "192.0.2", "192.0.2.", "192.0.2.1.", ".192.0.2.1", "192.0.2.256",
            "192.0.02.1", "192.0.2.00", "192.0.2.1 ", " 192.0.2.1", "192.0.2.-1", "192.0.2.0x1", "3221225985",
            "1920.0.2.1", "192.0.2.1/24", ":", ":::", "1", "1:", ":1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
            "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1::2::3", "1:::2", "12345::", "::g", "fe80::1%eth0", "[::1]",
            "::1:", "1:2:3:4:5:6:7:192.0.2.1", "::192.0.2", "::192.0.2.1:1",
            "192.0.2.1::", "0000:0000:0000:0000:0000:0000:0000:00000"};
    struct ip ip = {.family = 99};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        if (ip_parse(slice_of(wrong[i]), &ip))
            fail_msg("%s is no address", wrong[i]);
    }
    assert_false(ip_parse((slice){NULL, 0}, &ip));
    assert_false(ip_parse((slice){"192.0.2.1\0", 10}, &ip));
    assert_int_equal(ip.family, 99);
}

/* A step of xorshift: the same "random" values in every run. */
static uint64_t next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void agrees_with_the_c_library(void **state)
{
    (void)state;
    static const char alphabet[] = "0123456789abcdf:::::....";
    uint64_t seed = 88172645463325252u;
    size_t good = 0;
    for (int round = 0; round < 300000; round++) {
        char text[48];
        uint8_t theirs[16];
        size_t len = next(&seed) % 20;
        for (size_t i = 0; i < len; i++)
            text[i] = alphabet[next(&seed) % (sizeof(alphabet) - 1)];
        text[len] = '\0';
        struct ip ip = {0};
        bool v4 = inet_pton(AF_INET, text, theirs) == 1, v6 = !v4 && inet_pton(AF_INET6, text, theirs) == 1;
        if (ip_parse((slice){text, len}, &ip) != (v4 || v6))
            fail_msg("the C library thinks otherwise about %s", text);
        if (v4 || (v6 && ip.family == 6))
            assert_memory_equal(ip.bytes, theirs, v4 ? 4 : 16);
        good += v4 || v6;
    }
    assert_true(good > 1000);
}

static void writing_and_reading_gives_the_same_address(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int round = 0; round < 20000; round++) {
        struct ip ip = {.family = 6}, again;
        uint64_t zeros = next(&seed);
        for (size_t i = 0; i < 16; i++)
            ip.bytes[i] = (zeros >> i / 2 & 1) == 1 ? 0 : (uint8_t)next(&seed);
        char theirs[INET6_ADDRSTRLEN];
        struct buf buf = buf_make(64);
        ip_write(&buf, &ip);
        assert_true(ip_parse(buf_slice(&buf), &again));
        if (again.family == 6) {
            assert_memory_equal(&ip, &again, sizeof(ip));
            inet_ntop(AF_INET6, ip.bytes, theirs, sizeof(theirs));
            if (strchr(theirs, '.') == NULL)
                assert_true(slice_eq(buf_slice(&buf), slice_of(theirs)));
        }
        buf_free(&buf);
    }
}

static void expect_prefix(const char *text, const char *written)
{
    struct prefix prefix;
    struct buf buf = buf_make(64);
    assert_true(prefix_parse(slice_of(text), &prefix));
    prefix_write(&buf, &prefix);
    if (!slice_eq(buf_slice(&buf), slice_of(written)))
        fail_msg("%s was written as %.*s", text, (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static void prefixes_clear_their_host_bits(void **state)
{
    (void)state;
    expect_prefix("192.0.2.77/24", "192.0.2.0/24");
    expect_prefix("192.0.2.77/25", "192.0.2.0/25");
    expect_prefix("192.0.2.255/31", "192.0.2.254/31");
    expect_prefix("198.51.100.1", "198.51.100.1/32");
    expect_prefix("203.0.113.9/0", "0.0.0.0/0");
    expect_prefix("2001:db8:ffff::1/33", "2001:db8:8000::/33");
    expect_prefix("2001:db8::1", "2001:db8::1/128");
    expect_prefix("2001:db8::1/0", "::/0");
}

static void a_mapped_prefix_is_an_ipv4_prefix_from_96_bits(void **state)
{
    (void)state;
    expect_prefix("::ffff:192.0.2.1/120", "192.0.2.0/24");
    expect_prefix("::ffff:192.0.2.1", "192.0.2.1/32");
    expect_prefix("::ffff:192.0.2.1/96", "0.0.0.0/0");
    expect_prefix("::ffff:192.0.2.1/64", "::/64");
}

static void what_is_no_prefix_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "/", "/24", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/024",
            "192.0.2.0/24/8", "192.0.2.0/24 ", "192.0.2/24", "2001:db8::/129", "2001:db8::/0128",
            "192.0.2.0/4294967297"};
    struct prefix prefix = {.bits = 99};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        if (prefix_parse(slice_of(wrong[i]), &prefix))
            fail_msg("%s is no prefix", wrong[i]);
    }
    assert_int_equal(prefix.bits, 99);
}

static bool holds(const char *prefix_text, const char *ip_text)
{
    struct prefix prefix;
    struct ip ip;
    assert_true(prefix_parse(slice_of(prefix_text), &prefix));
    assert_true(ip_parse(slice_of(ip_text), &ip));
    return prefix_holds(&prefix, &ip);
}

static void a_prefix_holds_its_addresses_and_no_others(void **state)
{
    (void)state;
    assert_true(holds("192.0.2.0/24", "192.0.2.0"));
    assert_true(holds("192.0.2.0/24", "192.0.2.255"));
    assert_false(holds("192.0.2.0/24", "192.0.3.0"));
    assert_true(holds("192.0.2.4/30", "192.0.2.7"));
    assert_false(holds("192.0.2.4/30", "192.0.2.8"));
    assert_true(holds("0.0.0.0/0", "203.0.113.1"));
    assert_false(holds("0.0.0.0/0", "2001:db8::1"));
    assert_true(holds("2001:db8::/32", "2001:db8:ffff::1"));
    assert_false(holds("2001:db8::/32", "2001:db9::1"));
    assert_true(holds("192.0.2.0/24", "::ffff:192.0.2.9"));
}

static void masks_keep_the_front(void **state)
{
    (void)state;
    struct ip ip = {.family = 6}, masked;
    memset(ip.bytes, 0xff, sizeof(ip.bytes));
    for (unsigned bits = 0; bits <= 128; bits++) {
        unsigned kept = 0;
        masked = ip_mask(&ip, bits);
        for (size_t i = 0; i < sizeof(masked.bytes); i++)
            kept += (unsigned)__builtin_popcount(masked.bytes[i]);
        assert_int_equal(kept, bits);
        assert_true(bits == 0 || (masked.bytes[(bits - 1) / 8] >> (7 - (bits - 1) % 8) & 1) == 1);
    }
}

static void special_addresses_are_nobodys_on_the_internet(void **state)
{
    static const char *const special[] = {"0.0.0.0", "10.255.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1",
            "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.1.1", "198.19.0.1",
            "198.51.100.7", "203.0.113.7", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fd00::1", "ff02::1",
            "2001:db8::1", "2001::1", "2002:a00:1::1", "64:ff9b::a00:1", "::ffff:10.0.0.1"};
    static const char *const fine[] = {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
            "172.15.255.255", "172.32.0.0", "192.167.0.1", "198.17.0.1", "223.255.255.255", "2600::1", "2001:200::1"};
    struct ip ip;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(special); i++)
        assert_true(ip_parse(slice_of(special[i]), &ip) && !ip_is_public(&ip));
    for (size_t i = 0; i < COUNT_OF(fine); i++)
        assert_true(ip_parse(slice_of(fine[i]), &ip) && ip_is_public(&ip));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(ipv4_is_four_decimal_parts),
            cmocka_unit_test(ipv6_is_read_in_all_spellings_and_written_in_one),
            cmocka_unit_test(a_mapped_address_is_the_ipv4_address_it_carries),
            cmocka_unit_test(what_is_no_address_is_refused),
            cmocka_unit_test(agrees_with_the_c_library),
            cmocka_unit_test(writing_and_reading_gives_the_same_address),
            cmocka_unit_test(prefixes_clear_their_host_bits),
            cmocka_unit_test(a_mapped_prefix_is_an_ipv4_prefix_from_96_bits),
            cmocka_unit_test(what_is_no_prefix_is_refused),
            cmocka_unit_test(a_prefix_holds_its_addresses_and_no_others),
            cmocka_unit_test(masks_keep_the_front),
            cmocka_unit_test(special_addresses_are_nobodys_on_the_internet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
