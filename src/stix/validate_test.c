/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/validate.h"

#include <dirent.h>

#include "base/arena.h"
#include "base/buf.h"
#include "stix/table_test.h"
#include "json/check.h"
#include "json/tape.h"

#define TEXT_MAX (64u << 20)

/* What was found, one line each, as `kentongan check` writes it. */
struct told {
    struct buf text;
    size_t objects, valid;
    struct buf *copy; /* the objects' bytes, a line each; NULL: not wanted */
};

static void found(void *context, const struct stix_finding *finding)
{
    struct told *told = context;
    assert_true(finding->line > 0 && finding->column > 0);
    buf_printf(&told->text, "%llu:%llu: %s%s\n", (unsigned long long)finding->line, (unsigned long long)finding->column,
            finding->level == STIX_WARNING ? "warning: " : "", finding->why);
}

static struct err object(void *context, const struct stix_checked *object)
{
    struct told *told = context;
    assert_true(object->line > 0 && object->column > 0);
    if (json_kind(object->json) != JSON_OBJECT) {
        assert_false(object->valid);
        return OK;
    }
    told->objects++;
    told->valid += object->valid;
    if (told->copy != NULL) {
        buf_put(told->copy, object->json);
        buf_byte(told->copy, '\n');
    }
    return OK;
}

/* Checks a text in memory of exactly its size, so that a sanitizer sees a read behind it. */
static struct stix_totals validate(slice text, struct told *told)
{
    struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
    const struct stix_sink sink = {told, found, 1000, 1000, object, false};
    struct stix_totals totals;
    char *exact = malloc(text.len + (text.len == 0));
    if (text.len > 0)
        memcpy(exact, text.ptr, text.len);
    struct err err = stix_validate_text((slice){exact, text.len}, &sink, arena, &totals);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(totals.objects, told->objects);
    free(exact);
    arena_close(arena);
    return totals;
}

static struct told told_new(void)
{
    return (struct told){.text = buf_make(1 << 20)};
}

static void assert_found(const char *text, const char *wanted)
{
    struct told told = told_new();
    validate(slice_of(text), &told);
    buf_byte(&told.text, '\0');
    assert_string_equal(told.text.ptr, wanted);
    buf_free(&told.text);
}

/* ---- Files ---- */

static bool load(const char *path, struct buf *content)
{
    FILE *file = fopen(path, "rb");
    size_t got = 1;
    if (file == NULL)
        return false;
    while (got > 0 && buf_reserve(content, 65536)) {
        got = fread(content->ptr + content->len, 1, 65536, file);
        content->len += got;
    }
    fclose(file);
    return !content->full;
}

static void own_path(char *path, size_t room, const char *name)
{
    const char *root = getenv("KENTONGAN_ROOT");
    snprintf(path, room, "%s/tests/data/stix/%s", root == NULL ? "." : root, name);
}

static void their_path(char *path, size_t room, const char *name)
{
    const char *base = getenv("KENTONGAN_CONFORMANCE"), *root = getenv("KENTONGAN_ROOT");
    snprintf(path, room, "%s%s/stix/%s",
            base != NULL   ? base
            : root != NULL ? root
                           : ".",
            base != NULL ? "" : "/../shared/conformance", name);
}

/* Third-party data; where it is absent a test says so and passes. */
static bool their_load(const char *name, struct buf *content)
{
    char path[4096];
    their_path(path, sizeof path, name);
    if (load(path, content))
        return true;
    print_message("# skipped: no third-party test data %s\n", path);
    return false;
}

typedef void file_case(const char *name, slice text, const char *wanted);

/* Calls `each` for every sample of a folder of ours, with what is expected of it. */
static void own_list(const char *folder, file_case *each)
{
    char path[4096], name[8192];
    size_t count = 0;
    own_path(path, sizeof path, folder);
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.' || slice_ends(slice_of(entry->d_name), S(".expected")))
            continue;
        struct buf text = buf_make(TEXT_MAX), wanted = buf_make(TEXT_MAX);
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        assert_true(load(name, &text));
        snprintf(name, sizeof name, "%s/%s.expected", path, entry->d_name);
        load(name, &wanted);
        buf_byte(&wanted, '\0');
        each(entry->d_name, buf_slice(&text), wanted.ptr);
        buf_free(&text);
        buf_free(&wanted);
        count++;
    }
    closedir(dir);
    assert_true(count > 40);
}

/* ---- Our own samples ---- */

static void is_valid(const char *name, slice text, const char *wanted)
{
    struct told told = told_new();
    struct stix_totals totals = validate(text, &told);
    (void)wanted;
    if (totals.errors + totals.warnings > 0 || totals.objects == 0)
        fail_msg("%s: %.*s", name, (int)told.text.len, told.text.ptr);
    assert_int_equal(told.valid, totals.objects);
    buf_free(&told.text);
}

static void every_type_has_a_valid_sample(void **state)
{
    (void)state;
    own_list("valid", is_valid);
}

static void is_invalid(const char *name, slice text, const char *wanted)
{
    struct told told = told_new();
    struct stix_totals totals = validate(text, &told);
    buf_byte(&told.text, '\0');
    if (totals.errors == 0 || strcmp(told.text.ptr, wanted) != 0)
        fail_msg("%s:\n%s", name, told.text.ptr);
    buf_free(&told.text);
}

static void every_rule_refuses_its_sample_and_names_the_section(void **state)
{
    (void)state;
    own_list("invalid", is_invalid);
}

static void is_read_safely(const char *name, slice text, const char *wanted)
{
    static const char wrong[] = "\"',\n\\[]{}:0\xff";
    (void)name, (void)wanted;
    char *copy = malloc(text.len + 1);
    memcpy(copy, text.ptr, text.len);
    for (size_t at = 0; at < text.len; at += 7) {
        struct told told = {.text = buf_make(1 << 20)};
        validate(slice_part(text, 0, at), &told);
        told.objects = 0;
        char was = copy[at];
        copy[at] = wrong[at % (sizeof wrong - 1)];
        validate((slice){copy, text.len}, &told);
        copy[at] = was;
        buf_free(&told.text);
    }
    free(copy);
}

static void damaged_samples_are_read_safely(void **state)
{
    (void)state;
    own_list("valid", is_read_safely);
}

/* ---- What third parties say ---- */

/* Each row's instance has to be valid or not as the row says, or else be an exception. */
static void rows_agree(const char *file, const char *suite, const char *always)
{
    struct buf rows = buf_make(TEXT_MAX);
    struct arena *arena = arena_open("exceptions", ARENA_WORK, 1u << 20);
    struct exceptions exceptions = exceptions_of(suite, arena);
    if (!their_load(file, &rows)) {
        arena_close(arena);
        return;
    }
    slice rest = buf_slice(&rows), row;
    size_t number = 0, wrong = 0;
    while (slice_next(&rest, '\n', &row)) {
        if (row.len == 0)
            continue;
        number++;
        struct told told = told_new();
        struct stix_totals totals = validate(json_get(row, S("instance")), &told);
        bool valid = always != NULL ? always[0] == 't' : json_kind(json_get(row, S("valid"))) == JSON_TRUE;
        bool ours = totals.errors == 0;
        if (ours != valid && !exceptions_hold(&exceptions, number, ours ? "valid" : "refused")) {
            print_message("# %s:%zu: %s, %.*s\n", file, number, valid ? "should be valid" : "should be refused",
                    (int)told.text.len, told.text.len == 0 ? "" : told.text.ptr);
            wrong++;
        }
        buf_free(&told.text);
    }
    buf_free(&rows);
    print_message("# %s: %zu rows, %zu exceptions\n", file, number, exceptions.count);
    assert_true(number > 0);
    assert_int_equal(wrong, 0);
    exceptions_end(&exceptions);
    arena_close(arena);
}

static void third_party_verdicts_are_ours(void **state)
{
    (void)state;
    rows_agree("object-verdicts-a.jsonl", "stix/object-verdicts-a", NULL);
}

static void examples_of_the_standard_are_valid(void **state)
{
    (void)state;
    rows_agree("spec-examples-valid.jsonl", "stix/spec-examples-valid", "true");
}

static void defective_examples_of_the_standard_are_refused(void **state)
{
    (void)state;
    rows_agree("spec-examples-defective.jsonl", "stix/spec-examples-defective", "false");
}

/* An object written from its tape has the values and spellings of the text, blanks aside. */
static void assert_written_back(slice json)
{
    struct json_tape tape = {0}, again = {0};
    struct buf once = buf_make(TEXT_MAX);
    assert_true(json_tape_read(&tape, json, JSON_TAPE_CHECKED));
    json_tape_write(&tape, 0, &once);
    assert_int_equal(json_check(buf_slice(&once), &json_limits_default, NULL).kind, ERR_NONE);
    assert_true(json_tape_read(&again, buf_slice(&once), JSON_TAPE_CHECKED));
    assert_int_equal(tape.count, again.count);
    for (size_t i = 0; i < tape.count; i++) {
        const struct json_token *a = &tape.tokens[i], *b = &again.tokens[i];
        bool nested = a->kind == JSON_OBJECT || a->kind == JSON_ARRAY;
        assert_int_equal(a->kind, b->kind);
        assert_int_equal(a->next, b->next);
        assert_true(nested || slice_eq(json_tape_slice(&tape, a), json_tape_slice(&again, b)));
    }
    buf_free(&once);
    json_tape_free(&tape);
    json_tape_free(&again);
}

/* Validates a text and writes all its objects back. */
static void all_come_back(slice text, size_t least)
{
    struct buf copy = buf_make(TEXT_MAX);
    struct told told = {.text = buf_make(TEXT_MAX), .copy = &copy};
    struct stix_totals totals = validate(text, &told);
    if (totals.errors > 0)
        fail_msg("%.*s", (int)told.text.len, told.text.ptr);
    assert_true(totals.objects >= least && told.valid == totals.objects);
    struct json_elements walk = json_elements(json_kind(text) == JSON_ARRAY ? text : json_get(text, S("objects")));
    slice element;
    size_t at = 0;
    while (json_element_next(&walk, &element)) { /* what was handed on is what stands in the text */
        assert_memory_equal(copy.ptr + at, element.ptr, element.len);
        at += element.len + 1;
        assert_written_back(element);
    }
    buf_free(&told.text);
    buf_free(&copy);
}

static void published_content_is_valid_and_comes_back(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t least;
    } files[] = {
            {"tlp-1.0-markings.json", 4},
            {"tlp-2.0-markings.json", 5},
            {"iep-marking-example.json", 1},
            {"incident-extension/example_2.1.json", 1},
            {"incident-extension/impact-pii-loss.json", 1},
            {"incident-extension/task-perform-patching.json", 3},
            {"examples/threat-reports/apt1.json", 10},
            {"examples/threat-reports/poisonivy.json", 10},
    };
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        struct buf text = buf_make(TEXT_MAX);
        if (their_load(files[i].name, &text))
            all_come_back(slice_trim(buf_slice(&text)), files[i].least);
        buf_free(&text);
    }
}

static void releases_of_attack_are_valid_and_come_back(void **state)
{
    (void)state;
    static const char *const names[] = {"attack/ics-attack-10.0.json.gz", "attack/ics-attack-18.1.json.gz"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char path[4096], command[8192];
        their_path(path, sizeof path, names[i]);
        FILE *there = fopen(path, "rb");
        if (there == NULL) {
            print_message("# skipped: no third-party test data %s\n", path);
            continue;
        }
        fclose(there);
        snprintf(command, sizeof command, "gzip -dc '%s'", path);
        FILE *pipe = popen(command, "r");
        assert_non_null(pipe);
        struct buf text = buf_make(TEXT_MAX);
        for (size_t got = 1; got > 0 && buf_reserve(&text, 65536); text.len += got)
            got = fread(text.ptr + text.len, 1, 65536, pipe);
        assert_int_equal(pclose(pipe), 0);
        all_come_back(slice_trim(buf_slice(&text)), 800);
        buf_free(&text);
    }
}

/* ---- The stream ---- */

struct drip {
    slice rest;
    size_t most;
};

static struct err drip_read(void *context, char *to, size_t room, size_t *got)
{
    struct drip *drip = context;
    *got = drip->rest.len < drip->most ? drip->rest.len : drip->most;
    *got = *got < room ? *got : room;
    if (*got > 0)
        memcpy(to, drip->rest.ptr, *got);
    drip->rest = slice_from(drip->rest, *got);
    return OK;
}

static void drips_as_it_flows(const char *name, slice text, const char *wanted)
{
    (void)wanted;
    struct told whole = told_new();
    validate(text, &whole);
    for (size_t most = 1; most < 40; most += 19) {
        struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
        struct told told = told_new();
        const struct stix_sink sink = {&told, found, 1000, 1000, object, false};
        struct drip drip = {text, most};
        const struct stix_stream source = {&drip, drip_read};
        struct stix_totals totals;
        assert_int_equal(stix_validate(&source, &sink, arena, &totals).kind, ERR_NONE);
        if (told.objects != whole.objects || !slice_eq(buf_slice(&told.text), buf_slice(&whole.text)))
            fail_msg("%s, %zu bytes at a time: %.*s", name, most, (int)told.text.len, told.text.ptr);
        buf_free(&told.text);
        arena_close(arena);
    }
    buf_free(&whole.text);
}

/* Bytes that come one by one tell the same; but a bundle's own version is known only when it has come. */
static void the_size_of_pieces_does_not_matter(void **state)
{
    (void)state;
    own_list("valid", drips_as_it_flows);
}

#define STAMP "\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-01T00:00:00.000Z\""

/* A bundle of more bytes than the buffer begins with; `mark` is put before the last object. */
static struct buf large_bundle(const char *before, const char *members, const char *last, const char *behind)
{
    struct buf text = buf_make(TEXT_MAX);
    buf_printf(&text, "{%s\"objects\":[\n", before);
    for (unsigned i = 0; i < 8000; i++)
        buf_printf(&text,
                "{\"type\":\"tool\",%s\"id\":\"tool--00000000-0000-4000-8000-%012x\"," STAMP ",\"name\":\"t\"},\n",
                members, i);
    buf_printf(&text, "%s]%s}\n", last, behind);
    return text;
}

#define BUNDLE "\"type\":\"bundle\",\"id\":\"bundle--00000000-0000-4000-8000-000000000000\""

static void a_bundle_larger_than_the_buffer_has_places(void **state)
{
    (void)state;
    struct told told = told_new();
    struct buf text = large_bundle(BUNDLE ",", "\"spec_version\":\"2.1\",", " {\"type\":\"tool\"}", "");
    struct stix_totals totals = validate(buf_slice(&text), &told);
    assert_int_equal(totals.objects, 8001);
    assert_int_equal(totals.errors, 5);
    slice first;
    slice rest = buf_slice(&told.text);
    assert_true(slice_next(&rest, '\n', &first));
    assert_true(slice_eq(first, S("8002:2: name is required [STIX 2.1 section 4.18.1]")));
    buf_free(&text);
    buf_free(&told.text);
}

static void a_large_bundle_may_say_its_version_at_its_end(void **state)
{
    (void)state;
    for (int older = 0; older < 2; older++) {
        struct told told = told_new();
        char behind[256];
        snprintf(behind, sizeof behind, "%s," BUNDLE, older ? ",\"spec_version\":\"2.0\"" : "");
        struct buf text = large_bundle("", "\"labels\":[\"x\"],",
                "{\"type\":\"mutex\",\"id\":"
                "\"mutex--00000000-0000-5000-8000-000000000000\",\"name\":\"m\"}",
                behind);
        struct stix_totals totals = validate(buf_slice(&text), &told);
        assert_int_equal(totals.objects, 8001);
        assert_int_equal(totals.errors, older ? 0 : 8000);
        slice wanted = S("2:1: spec_version is required, in 8000 objects from here on; the bundle does not say 2.0 "
                         "[STIX 2.1 section 3.2]\n");
        assert_true(older ? totals.warnings == 0 : slice_eq(buf_slice(&told.text), wanted));
        buf_free(&text);
        buf_free(&told.text);
    }
}

static void an_object_beyond_the_ceiling_ends_the_reading(void **state)
{
    (void)state;
    struct buf text = buf_make(TEXT_MAX);
    buf_put(&text, S("[{\"type\":\"tool\",\"name\":\""));
    assert_true(buf_reserve(&text, STIX_OBJECT_MAX + (1 << 20)));
    memset(text.ptr + text.len, 'x', STIX_OBJECT_MAX + (1 << 20));
    text.len += STIX_OBJECT_MAX + (1 << 20);
    struct told told = told_new();
    struct stix_totals totals = validate(buf_slice(&text), &told);
    assert_int_equal(totals.errors, 1);
    assert_true(slice_eq(buf_slice(&told.text), S("1:2: an object is longer than 33554432 bytes\n")));
    buf_free(&text);
    buf_free(&told.text);
}

/* What a stranger can make grow does not make the work grow faster. */
static void selectors_that_pass_too_much_end_the_check(void **state)
{
    (void)state;
    struct buf text = buf_make(TEXT_MAX);
    buf_put(&text, S("{\"type\":\"tool\",\"labels\":["));
    for (unsigned i = 0; i < 100000; i++)
        buf_put(&text, S("\"a\","));
    buf_put(&text, S("\"a\"],\"granular_markings\":[{\"lang\":\"id\",\"selectors\":["));
    for (unsigned i = 0; i < 100000; i++)
        buf_put(&text, S("\"labels.[99999]\","));
    buf_put(&text, S("\"name\"]}]}"));
    struct told told = told_new();
    struct stix_totals totals = validate(buf_slice(&text), &told);
    assert_true(totals.errors > 99000);
    buf_free(&text);
    buf_free(&told.text);
}

static void findings_beyond_the_ceiling_are_counted(void **state)
{
    (void)state;
    struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
    struct told told = told_new();
    const struct stix_sink sink = {&told, found, 2, 0, NULL, false};
    struct stix_totals totals;
    slice text = S("[{\"type\":\"tool\"},{\"type\":\"x-a\"},{\"type\":\"tool\"}]");
    assert_int_equal(stix_validate_text(text, &sink, arena, &totals).kind, ERR_NONE);
    assert_int_equal(totals.errors, 11);
    assert_int_equal(totals.warnings, 1);
    size_t lines = 0;
    for (size_t i = 0; i < told.text.len; i++)
        lines += told.text.ptr[i] == '\n';
    assert_int_equal(lines, 2);
    buf_free(&told.text);
    arena_close(arena);
}

static void broken_json_is_told_with_its_section(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
            {"", "1:1: the text ends where a value should stand [RFC 8259 section 2]\n"},
            {"{", "1:2: the text ends inside an object [RFC 8259 section 4]\n"},
            {"[", "1:2: the text ends where a value should stand [RFC 8259 section 2]\n"},
            {"{\"objects\":[", "1:13: the text ends where a value should stand [RFC 8259 section 2]\n"},
            {"{\"objects\":[{}", "1:15: the text ends inside an array [RFC 8259 section 5]\n"},
            {"{\"objects\":[] \"a\"}", "1:15: a comma is missing between members [RFC 8259 section 4]\n"},
            {"{\"objects\":[],\"objects\":[]}", "1:15: the object has this key twice [RFC 8259 section 4]\n"},
            {"{\"objects\":[],}", "1:15: a key must stand here, between double quotes [RFC 8259 section 4]\n"},
            {"{\"objects\":[]}x", "1:15: something follows the value [RFC 8259 section 2]\n"},
            {"{\"objects\":[]}\n", ""},
            {"\xEF\xBB\xBF{}", ""},
            {"7", "1:1: a number alone is no STIX content [STIX 2.1 section 8]\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct told told = told_new();
        validate(slice_of(rows[i][0]), &told);
        slice text = told.text.len == 0 ? S("") : buf_slice(&told.text);
        bool last = slice_ends(text, slice_of(rows[i][1]));
        if (!last || (rows[i][1][0] == '\0' && text.len > 0))
            fail_msg("%s: %.*s", rows[i][0], (int)text.len, text.ptr);
        buf_free(&told.text);
    }
}

static void what_should_be_only_warns(void **state)
{
    (void)state;
    assert_found("{\"type\":\"x-drill\",\"spec_version\":\"2.1\",\"id\":\"x-drill--00000000-0000-4000-8000-"
                 "000000000000\"," STAMP ",\"x_rank\":1}",
            "1:10: warning: x-drill is not of the standard; types should be added by an extension [STIX 2.1 section "
            "11.2]\n"
            "1:169: warning: x_rank is not of the standard; properties should be added by an extension "
            "[STIX 2.1 section 11.1]\n");
    assert_found("{\"type\":\"malware\",\"spec_version\":\"2.1\",\"id\":\"malware--00000000-0000-4000-8000-"
                 "000000000000\"," STAMP ",\"name\":\"m\",\"is_family\":false,\"malware_types\":[\"Drill Thing\"]}",
            "1:215: warning: malware_types[0]: Drill Thing is not in malware-type-ov, and should be in lower case with "
            "hyphens between words [STIX 2.1 section 10.15]\n");
    assert_found("{\"type\":\"relationship\",\"spec_version\":\"2.1\",\"id\":\"relationship--00000000-0000-4000-8000-"
                 "000000000000\"," STAMP
                 ",\"relationship_type\":\"targets\",\"source_ref\":\"tool--00000000-0000-4000-8000-"
                 "000000000001\",\"target_ref\":\"malware--00000000-0000-4000-8000-000000000002\"}",
            "1:1: warning: targets from tool to malware is no relationship of the standard [STIX 2.1 section 5.1.2]\n");
}

static void a_key_with_escapes_is_the_property(void **state)
{
    (void)state;
    assert_found("{\"\\u0074ype\":\"mutex\",\"id\":\"mutex--00000000-0000-5000-8000-000000000000\",\"na\\u006de\":7}",
            "1:85: na\\u006de: must be a string [STIX 2.1 section 2.15]\n");
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_type_has_a_valid_sample),
            cmocka_unit_test(every_rule_refuses_its_sample_and_names_the_section),
            cmocka_unit_test(damaged_samples_are_read_safely),
            cmocka_unit_test(third_party_verdicts_are_ours),
            cmocka_unit_test(examples_of_the_standard_are_valid),
            cmocka_unit_test(defective_examples_of_the_standard_are_refused),
            cmocka_unit_test(published_content_is_valid_and_comes_back),
            cmocka_unit_test(releases_of_attack_are_valid_and_come_back),
            cmocka_unit_test(the_size_of_pieces_does_not_matter),
            cmocka_unit_test(a_bundle_larger_than_the_buffer_has_places),
            cmocka_unit_test(a_large_bundle_may_say_its_version_at_its_end),
            cmocka_unit_test(an_object_beyond_the_ceiling_ends_the_reading),
            cmocka_unit_test(selectors_that_pass_too_much_end_the_check),
            cmocka_unit_test(findings_beyond_the_ceiling_are_counted),
            cmocka_unit_test(broken_json_is_told_with_its_section),
            cmocka_unit_test(what_should_be_only_warns),
            cmocka_unit_test(a_key_with_escapes_is_the_property),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
