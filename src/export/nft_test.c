/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"
#include "base/ip.h"
#include "export/kind_test.h"

static void prefixes_that_hold_each_other_are_one(void **state)
{
    (void)state;
    struct exported exported = export_text_as("nft",
            "[" INDICATOR_JSON("1",
                    "[ipv4-addr:value IN ('203.0.113.9', '203.0.113.0/28', '203.0.113.16', '203.0.113.9', "
                    "'203.0.112.0/23', '198.51.100.1/32') OR ipv6-addr:value IN ('2001:db8::/48', '2001:db8::1', "
                    "'2001:db8:1::')]",
                    "") "]");
    assert_holds(&exported.text, "add element inet kentongan ipv4 {\n\t198.51.100.1, 203.0.112.0/23\n}\n");
    assert_holds(&exported.text, "add element inet kentongan ipv6 {\n\t2001:db8::/48, 2001:db8:1::\n}\n");
    assert_string_equal(exported.told.ptr, "5 address that is there already, alone or in a prefix\n");
    exported_free(&exported);
}

static void what_is_no_address_is_named(void **state)
{
    (void)state;
    struct exported exported = export_text_as("nft",
            "[" INDICATOR_JSON("1", "[domain-name:value = 'a.example' OR url:value = 'http://203.0.113.7/x']", "") "]");
    assert_string_equal(exported.told.ptr, "1 type host, which is no address\n1 type url, which is no address\n");
    assert_lacks(&exported.text, "add element");
    exported_free(&exported);
}

static bool holds_any(const struct prefix *prefixes, size_t count, const struct ip *ip)
{
    for (size_t i = 0; i < count; i++)
        if (prefix_holds(&prefixes[i], ip))
            return true;
    return false;
}

/* The elements that were written. */
static size_t elements_of(const struct exported *exported, struct prefix *found, size_t room)
{
    slice rest = buf_slice(&exported->text), line, word;
    size_t count = 0;
    while (slice_next(&rest, '\n', &line)) {
        bool elements = line.len > 1 && line.ptr[0] == '\t' && byte_is_digit(line.ptr[1]);
        while (elements && slice_next(&line, ',', &word))
            if (prefix_parse(slice_trim(word), &found[count]))
                assert_true(++count < room);
    }
    return count;
}

/* Against the obvious twin: an address is in the sets if and only if it is in one of the prefixes given. */
static void merging_changes_no_address(void **state)
{
    (void)state;
    enum { GIVEN = 300 };
    static struct prefix given[GIVEN], elements[GIVEN + 1];
    struct buf json = buf_make(EXPORTED_MAX);
    uint64_t seed = 7;
    buf_put(&json, S("["));
    for (size_t i = 0; i < GIVEN; i++) {
        char text[64];
        seed = hash_mix(seed + i, 0x9e3779b97f4a7c15u);
        unsigned bits = 25 + (unsigned)(seed >> 32) % 8;
        snprintf(text, sizeof(text), "203.0.%u.%u/%u", 64 + (unsigned)(seed & 63), (unsigned)(seed >> 8 & 255), bits);
        assert_true(prefix_parse(slice_of(text), &given[i]));
        buf_printf(&json, "%s" INDICATOR_JSON("1", "[ipv4-addr:value = '%s']", ""), i == 0 ? "" : ",", text);
    }
    buf_put(&json, S("]"));
    struct export_options options = test_options();
    struct exported exported = export_json("nft", buf_slice(&json), &options);
    size_t count = elements_of(&exported, elements, GIVEN + 1);
    assert_true(count > 10 && count < GIVEN);
    for (unsigned n = 0; n < 1u << 14; n++) {
        struct ip ip = {.bytes = {203, 0, (uint8_t)(64 + (n >> 8)), (uint8_t)n}, .family = 4};
        assert_int_equal(holds_any(given, GIVEN, &ip), holds_any(elements, count, &ip));
    }
    exported_free(&exported);
    buf_free(&json);
}

/* What checks a file without changing anything, as root or in a namespace of our own; a file that is right says so. */
static const char *checker(void)
{
    static const char *const commands[] = {"nft -c -f", "unshare -rn nft -c -f"};
    struct buf right = buf_make(EXPORTED_MAX);
    const char *found = NULL;
    buf_put(&right, S("table inet kentongan_test {\n\tset a {\n\t\ttype ipv4_addr\n\t}\n}\n"));
    buf_byte(&right, '\0');
    for (size_t i = 0; i < COUNT_OF(commands) && found == NULL; i++)
        if (run_on_file(commands[i], &right) == 0)
            found = commands[i];
    buf_free(&right);
    return found;
}

static void nft_takes_it(void **state)
{
    (void)state;
    const char *command = checker();
    if (command == NULL) {
        print_message("# nft is not installed, or may not ask the kernel here\n");
        skip();
    }
    struct buf json = buf_make(EXPORTED_MAX);
    struct export_options options = test_options();
    assert_true(test_load("all.json", &json));
    struct exported exported = export_json("nft", buf_slice(&json), &options);
    assert_int_equal(run_on_file(command, &exported.text), 0);
    exported_free(&exported);
    buf_reset(&json);
    buf_put(&json, S("["));
    for (unsigned i = 0; i < 10000; i++)
        buf_printf(&json, "%s" INDICATOR_JSON("1", "[ipv4-addr:value = '203.%u.%u.7/%u']", ""), i == 0 ? "" : ",",
                i >> 8, i & 255, 23 + i % 10);
    buf_put(&json, S("]"));
    exported = export_json("nft", buf_slice(&json), &options);
    assert_int_equal(run_on_file(command, &exported.text), 0);
    exported.text.len -= 3; /* without its last bracket */
    assert_int_not_equal(run_on_file(command, &exported.text), 0);
    exported_free(&exported);
    buf_free(&json);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(prefixes_that_hold_each_other_are_one),
            cmocka_unit_test(what_is_no_address_is_named),
            cmocka_unit_test(merging_changes_no_address),
            cmocka_unit_test(nft_takes_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
