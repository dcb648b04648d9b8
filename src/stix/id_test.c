/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/id.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "json/read.h"

#define UUID "28bb3599-77cd-5a82-a950-b5bc3caf07c4"

static void an_id_is_type_and_uuid(void **state)
{
    (void)state;
    struct stix_id id;
    slice text = S("ipv4-addr--" UUID);
    assert_true(stix_id_parse(text, &id));
    assert_true(slice_eq(id.type, S("ipv4-addr")) && slice_eq(id.uuid, S(UUID)));
    assert_int_equal(id.version, 5);
    assert_true(stix_id_parse(S("tool--28BB3599-77CD-4A82-B950-B5BC3CAF07C4"), &id));
    assert_int_equal(id.version, 4);
}

static void what_is_no_id_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "tool", UUID, "--" UUID, "to--" UUID, "tool-" UUID, "tool_--" UUID,
            "Tool--" UUID, "9tool--" UUID, "a--b--" UUID, "tool--28bb3599-77cd-5a82-a950-b5bc3caf07c",
            "tool--28bb3599-77cd-5a82-a950-b5bc3caf07c44", "tool--28bb3599-77cd-5a82-a950-b5bc3caf07cg",
            "tool--28bb3599-77cd-0a82-a950-b5bc3caf07c4", "tool--28bb3599-77cd-9a82-a950-b5bc3caf07c4",
            "tool--28bb3599-77cd-5a82-c950-b5bc3caf07c4", "tool--28bb3599-77cd-5a82-7950-b5bc3caf07c4",
            "tool--28bb359977cd-5a82-a950-b5bc3caf07c40", "tool--28bb3599 77cd-5a82-a950-b5bc3caf07c4"};
    struct stix_id id;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (stix_id_parse(slice_of(texts[i]), &id))
            fail_msg("%s", texts[i]);
}

/* Every byte at every place of a UUID: only digits and hyphens where they belong. */
static void each_place_of_a_uuid_takes_what_belongs_there(void **state)
{
    (void)state;
    char text[] = "tool--11111111-1111-4111-8111-111111111111";
    struct stix_id id;
    for (size_t at = 6; at < sizeof text - 1; at++) {
        char was = text[at];
        for (int byte = 0; byte < 256; byte++) {
            text[at] = (char)byte;
            bool hyphen = was == '-', hex = byte_hex((char)byte) >= 0;
            bool version = at == 20, variant = at == 25;
            bool wanted = hyphen ? byte == '-' : version ? byte >= '1' && byte <= '8' : hex;
            if (variant)
                wanted = hex && byte_hex((char)byte) >> 2 == 2;
            if (stix_id_parse((slice){text, sizeof text - 1}, &id) != wanted)
                fail_msg("byte %d at %zu", byte, at);
        }
        text[at] = was;
    }
}

static bool made(const char *object, char id[128])
{
    struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
    struct buf out = buf_make(1 << 10);
    struct err err = stix_id_make(slice_of(object), arena, &out);
    snprintf(id, 128, "%.*s", err.kind == ERR_NONE ? (int)out.len : 0, out.len == 0 ? "" : out.ptr);
    buf_free(&out);
    arena_close(arena);
    return err.kind == ERR_NONE;
}

static void assert_same(const char *a, const char *b, bool same)
{
    char first[128], second[128];
    assert_true(made(a, first) && made(b, second));
    if ((strcmp(first, second) == 0) != same)
        fail_msg("%s\n%s\n%s\n%s", a, first, b, second);
}

static void only_contributing_properties_count(void **state)
{
    (void)state;
    char id[128];
    assert_true(made("{\"type\":\"ipv4-addr\",\"value\":\"198.51.100.3\"}", id));
    assert_string_equal(id, "ipv4-addr--" UUID);
    assert_same("{\"type\":\"ipv4-addr\",\"value\":\"198.51.100.3\"}",
            "{\"value\":\"198.51.1\\u00300.3\",\"x_drill\":[1],\"spec_version\":\"2.1\",\"type\":\"ipv4-addr\"}", true);
    assert_same("{\"type\":\"file\",\"name\":\"a\",\"size\":1}", "{\"type\":\"file\",\"size\":2,\"name\":\"a\"}", true);
    assert_same("{\"type\":\"file\",\"name\":\"a\"}", "{\"type\":\"file\",\"name\":\"b\"}", false);
    assert_same("{\"type\":\"artifact\",\"url\":\"https://a.example/\",\"hashes\":{\"MD5\":\"00\"}}",
            "{\"type\":\"artifact\",\"url\":\"https://b.example/\",\"hashes\":{\"MD5\":\"00\"}}", true);
}

static void one_hash_counts_in_the_order_of_the_standard(void **state)
{
    (void)state;
    assert_same("{\"type\":\"file\",\"hashes\":{\"SHA-512\":\"4\",\"SHA-256\":\"3\",\"SHA-1\":\"2\",\"MD5\":\"1\"}}",
            "{\"type\":\"file\",\"hashes\":{\"MD5\":\"1\"}}", true);
    assert_same("{\"type\":\"file\",\"hashes\":{\"SSDEEP\":\"0\",\"SHA-256\":\"3\",\"SHA-1\":\"2\"}}",
            "{\"type\":\"file\",\"hashes\":{\"SHA-1\":\"2\"}}", true);
    assert_same("{\"type\":\"file\",\"hashes\":{\"TLSH\":\"1\",\"SSDEEP\":\"0\"}}",
            "{\"type\":\"file\",\"hashes\":{\"SSDEEP\":\"0\"}}", true);
}

static void nothing_that_contributes_gives_a_random_id(void **state)
{
    (void)state;
    struct stix_id id;
    char text[128];
    assert_same("{\"type\":\"process\",\"pid\":1}", "{\"type\":\"process\",\"pid\":1}", false);
    assert_true(made("{\"type\":\"file\",\"size\":1}", text) && stix_id_parse(slice_of(text), &id));
    assert_int_equal(id.version, 4);
}

static void only_cyber_observables_have_one(void **state)
{
    (void)state;
    char id[128];
    static const char *const texts[] = {"{}", "[]", "7", "{\"type\":7}", "{\"type\":\"tool\",\"name\":\"a\"}",
            "{\"type\":\"x-drill\"}", "{\"type\":\"ntfs-ext\"}", "{\"type\":\"(sco)\"}", "{\"type\":\"common-sco\"}"};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_false(made(texts[i], id));
}

/* Rows of {"object_without_id", "contributing", "id"}. */
static void third_party_ids_are_ours(void **state)
{
    (void)state;
    const char *base = getenv("KENTONGAN_CONFORMANCE"), *root = getenv("KENTONGAN_ROOT");
    static char path[4096], row[1 << 20];
    snprintf(path, sizeof path, "%s%s/stix/sco-deterministic-ids-a.jsonl",
            base != NULL   ? base
            : root != NULL ? root
                           : ".",
            base != NULL ? "" : "/../shared/conformance");
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        print_message("# skipped: no third-party test data %s\n", path);
        return;
    }
    struct arena *arena = arena_open("test", ARENA_WORK, 1u << 24);
    size_t rows = 0;
    for (; fgets(row, sizeof row, file) != NULL; rows++) {
        struct buf out = buf_make(1 << 10);
        slice json = slice_of(row), object = json_get(json, S("object_without_id"));
        slice wanted = json_text(json_get(json, S("id")), arena);
        assert_int_equal(stix_id_make(object, arena, &out).kind, ERR_NONE);
        if (!slice_eq(buf_slice(&out), wanted))
            fail_msg("%.*s: %.*s", (int)object.len, object.ptr, (int)out.len, out.ptr);
        buf_free(&out);
    }
    fclose(file);
    arena_close(arena);
    assert_true(rows > 0);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(an_id_is_type_and_uuid),
            cmocka_unit_test(what_is_no_id_is_refused),
            cmocka_unit_test(each_place_of_a_uuid_takes_what_belongs_there),
            cmocka_unit_test(only_contributing_properties_count),
            cmocka_unit_test(one_hash_counts_in_the_order_of_the_standard),
            cmocka_unit_test(nothing_that_contributes_gives_a_random_id),
            cmocka_unit_test(only_cyber_observables_have_one),
            cmocka_unit_test(third_party_ids_are_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
