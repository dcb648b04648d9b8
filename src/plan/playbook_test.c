/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/playbook.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"

#define ID(number) "7d000000-0000-4000-8000-0000000000" number

static struct arena *arena;
static char said[2 * PLAN_WRONG_MAX][512];
static size_t said_count;

static int set_up(void **state)
{
    (void)state;
    arena = arena_open("test", ARENA_WORK, 64u << 20);
    said_count = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

static slice file_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = arena_take(arena, PLAN_PLAYBOOK_MAX);
    if (file == NULL)
        fail_msg("%s: cannot be opened", path);
    size_t len = fread(text, 1, PLAN_PLAYBOOK_MAX, file);
    fclose(file);
    return (slice){text, len};
}

static slice sample(const char *name)
{
    return file_text(arena_printf(arena, "%s/tests/data/playbook/%s", getenv("KENTONGAN_ROOT"), name));
}

static void found(void *context, const struct plan_finding *finding)
{
    (void)context;
    assert_true(said_count < COUNT_OF(said));
    snprintf(said[said_count++], sizeof said[0], "%zu:%zu: %s%s", finding->line, finding->column,
            finding->warning ? "warning: " : "", finding->why);
}

static struct err read(slice text, struct plan_playbook *playbook)
{
    said_count = 0;
    return plan_playbook_read("a.json", text, found, NULL, arena, playbook);
}

static bool was_said(const char *part)
{
    for (size_t i = 0; i < said_count; i++)
        if (strstr(said[i], part) != NULL)
            return true;
    return false;
}

/* The text with the first `from` behind `behind` as `to`. */
static slice changed(slice text, const char *behind, const char *from, const char *to)
{
    size_t begin = slice_find_slice(text, slice_of(behind));
    size_t at = begin + slice_find_slice(slice_from(text, begin), slice_of(from)), end = at + strlen(from);
    assert_true(end <= text.len);
    return slice_of(arena_printf(arena, "%.*s%s%.*s", (int)at, text.ptr, to, (int)(text.len - end), text.ptr + end));
}

/* ---- What it is ---- */

static const struct plan_step *step(const struct plan_playbook *playbook, const char *name)
{
    for (size_t i = 0; i < playbook->step_count; i++)
        if (slice_eq(playbook->steps[i].name, slice_of(name)))
            return &playbook->steps[i];
    fail_msg("there is no step %s", name);
    return NULL;
}

static bool waits(const struct plan_playbook *playbook, const char *after, const char *before)
{
    const struct plan_step *one = step(playbook, after), *other = step(playbook, before);
    for (size_t i = 0; i < one->before_count; i++)
        if (&playbook->steps[one->befores[i]] == other)
            return true;
    return false;
}

static void one_is_read_whole(void **state)
{
    struct plan_playbook playbook;
    (void)state;
    assert_int_equal(read(sample("each-type.json"), &playbook).kind, ERR_NONE);
    assert_int_equal(said_count, 0);
    assert_true(slice_eq(playbook.name, S("Drill")) && slice_eq(playbook.types, S("mitigation")));
    assert_true(slice_eq(playbook.version, S("2026-11-21T10:00:00.000Z")) && !playbook.text_only);
    assert_int_equal(playbook.step_count, 17);
    assert_int_equal(playbook.signature, PLAN_UNSIGNED);
}

static void each_step_of_work_waits_for_those_right_before_it(void **state)
{
    static const struct {
        const char *after, *before;
        bool waits;
    } rows[] = {
            {"Block", "Ask", true},
            {"Tell", "Ask", true},
            {"Tell", "Block", false}, /* side by side */
            {"Is it worse?", "Block", true},
            {"Is it worse?", "Tell", true},
            {"Is it worse?", "Ask", false}, /* far before */
            {"The other one", "Is it worse?", true},
            {"Until it is quiet", "The other one", true},
            {"Until it is quiet", "Is it worse?", true}, /* where the other way was taken */
            {"Look", "Until it is quiet", true},
            {"Who tells?", "Look", true},
            {"We tell", "Who tells?", true},
    };
    struct plan_playbook playbook;
    (void)state;
    assert_int_equal(read(sample("each-type.json"), &playbook).kind, ERR_NONE);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (waits(&playbook, rows[i].after, rows[i].before) != rows[i].waits)
            fail_msg("%s after %s", rows[i].after, rows[i].before);
    for (size_t i = 0; i < playbook.step_count; i++)
        for (size_t b = 0; b < playbook.steps[i].before_count; b++)
            assert_true(playbook.steps[i].befores[b] < i);
    assert_int_equal(step(&playbook, "Ask")->before_count, 0);
}

static void a_command_is_text_for_a_person(void **state)
{
    struct plan_playbook playbook;
    (void)state;
    assert_int_equal(read(sample("each-type.json"), &playbook).kind, ERR_NONE);
    const char *text = arena_cstr(arena, plan_step_text(&playbook, step(&playbook, "Block"), arena));
    assert_non_null(strstr(text, "Command, never run from here (bash): nft add rule"));
    assert_non_null(strstr(text, "Who: Melati CERT"));
    text = arena_cstr(arena, plan_step_text(&playbook, step(&playbook, "Who tells?"), arena));
    assert_non_null(strstr(text, "If us: We tell"));
}

static void attacks_are_text_and_nothing_else(void **state)
{
    struct plan_playbook playbook;
    (void)state;
    assert_int_equal(read(sample("attack.json"), &playbook).kind, ERR_NONE);
    assert_true(playbook.text_only);
    assert_int_equal(
            read(changed(sample("attack.json"), "", "\"attack\"", "\" Engagement\""), &playbook).kind, ERR_NONE);
    assert_true(playbook.text_only);
    assert_int_equal(
            read(changed(sample("attack.json"), "", "\"attack\"", "\"att\\u0061ck\""), &playbook).kind, ERR_NONE);
    assert_true(playbook.text_only);
}

/* ---- What is refused ---- */

static void every_mistake_has_its_place_and_its_section(void **state)
{
    static const struct {
        const char *behind, *from, *to, *why;
    } rows[] = {
            {"", "{", "[", "RFC 8259"},
            {"", "\"playbook\"", "\"play\"", "2:11: type: it is \"playbook\" [CACAO 2.0 section 3.1]"},
            {"", "cacao-2.0", "cacao-1.0", "spec_version: it is \"cacao-2.0\""},
            {"", "\"playbook--", "\"identity--", "id: the identifier of a playbook stands here"},
            {"", "\"playbook--7d", "\"playbook-7d", "an identifier is TYPE--UUID"},
            {"", "\"Drill\"", "\" \"", "name: it is empty"},
            {"", "\"Drill\"", "7", "name: a text stands here"},
            {"", "\"name\": \"Drill\",", "", "this playbook has no name [CACAO 2.0 section 3.1]"},
            {"", "\"name\": \"Drill\",", "\"name\": \"Drill\", \"name\": \"Drill\",", "RFC 8259"},
            {"", "\"2026-11-20T10:00:00.000Z\"", "\"yesterday\"", "created: a moment is"},
            {"", "\"2026-11-20T10:00:00.000Z\"", "\"2026-11-20T17:00:00.000+07:00\"", "created: a moment is"},
            {"", "\"2026-11-20T10:00:00.000Z\"", "\"2026-11-22T10:00:00.000Z\"", "modified: it lies before created"},
            {"", "\"priority\": 3", "\"priority\": 101", "priority: a whole number from 0 to 100"},
            {"", "\"priority\": 3", "\"priority\": 3.5", "priority: a whole number from 0 to 100"},
            {"", "\"priority\": 3", "\"revoked\": \"no\"", "revoked: true or false"},
            {"", "\"priority\": 3", "\"labels\": \"one\"", "labels: a list stands here"},
            {"", "\"priority\": 3", "\"external_references\": [{}]", "this external reference has no name"},
            {"", "\"priority\": 3", "\"playbook_processing_summary\": []",
                    "a playbook processing summary is an object"},
            {"\"markings\"", "marking-tlp--7d", "marking-tlp--8d", "markings: it is not in data_marking_definitions"},
            {"", "\"__host__\"", "\"host\"", "the name of a variable is as __host__"},
            {"\"__host__\"", "\"value\": \"mail.example\"", "\"value\": 5", "value: a text stands here"},
            {"\"in_args\"", "__host__", "__other__", "neither the step nor the playbook has a variable"},
            {"\"workflow_start\"", "start--" ID("10"), "start--" ID("11"),
                    "workflow_start: there is no such step in the workflow [CACAO 2.0 section 3.1]"},
            {"\"workflow_start\"", "start--", "end--", "workflow_start: the identifier of a start stands here"},
            {"\"on_completion\"", "action--" ID("11"), "action--" ID("77"),
                    "there is no such step in the workflow [CACAO 2.0 section 4.1]"},
            {"\"next_steps\"", "action--" ID("13"), "action--" ID("99"), "there is no such step in the workflow"},
            {"\"on_true\"", "playbook-action--" ID("18"), "if-condition--" ID("17"),
                    "from this step a way leads back to it, for ever"},
            {"\"next_steps\"", "action--" ID("13"), "if-condition--" ID("17"), "each branch has an end of its own"},
            {"\"Block\"", "\"on_completion\": \"end--" ID("15"), "\"on_completion\": \"start--" ID("10"),
                    "nothing leads to the start [CACAO 2.0 section 4.3]"},
            {"\"name\": \"Ask\"", "\"name\"", "\"on_success\": \"end--" ID("26") "\", \"name\"",
                    "on_completion stands without on_success and on_failure"},
            {"\"name\": \"Tell\"", ",\n      \"on_completion\": \"end--" ID("16") "\"", "",
                    "what comes behind this step?"},
            {"\"end--" ID("26") "\": {", "\"type\"", "\"on_completion\": \"end--" ID("25") "\", \"type\"",
                    "a step end has no on_completion"},
            {"\"name\": \"Is it worse?\"", "\"condition\"", "\"conditions\"",
                    "this step if-condition has no condition"},
            {"\"name\": \"Ask\"", "\"commands\"", "\"orders\"", "this step action has no commands"},
            {"\"name\": \"Ask\"", "\"agent\": \"organization--" ID("40"), "\"agent\": \"organization--" ID("41"),
                    "agent: it is not in agent_definitions [CACAO 2.0 section 4.5]"},
            {"\"targets\"", "net-address--" ID("41"), "net-address--" ID("42"),
                    "targets: it is not in target_definitions"},
            {"\"name\": \"The other one\"", "\"playbook_id\"", "\"playbook\"",
                    "this step playbook-action has no playbook_id"},
            {"\"cases\"", "{", "{}, \"in_args\": [], \"x\": {", "it is empty [CACAO 2.0 section 4.10]"},
            {"\"workflow\": {", "\"type\": \"start\"", "\"type\": \"begin\"", "there is no such type of step"},
            {"\"workflow\": {", "\"type\": \"start\"", "\"type\": \"parallel\"",
                    "the identifier of a step begins with its type"},
            {"\"delay\"", "5", "-5", "delay: a whole number"},
            {"\"target_definitions\"", "\"net-address\"", "\"ssh-x\", \"name\": \"x\"", "RFC 8259"},
            {"\"target_definitions\"", "\"type\": \"net-address\"", "\"type\": \"sector\"", "a sector has a sector"},
            {"\"agent_definitions\"", "\"name\"", "\"nome\"", "this agent or target has no name"},
            {"\"data_marking_definitions\"", "\"created_by\"", "\"by\"", "this data marking has no created_by"},
            {"\"workflow\": {", "\"on_completion\"",
                    "\"step_extensions\": {\"extension-definition--" ID("70") "\": {}}, \"on_completion\"",
                    "an extension in use is not in extension_definitions"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct plan_playbook playbook;
        slice text = changed(sample("each-type.json"), rows[i].behind, rows[i].from, rows[i].to);
        struct err err = read(text, &playbook);
        if (err.kind != ERR_INPUT || !was_said(rows[i].why))
            fail_msg("%zu: %s: \"%s\" is not said; %s", i, rows[i].to, rows[i].why,
                    said_count == 0 ? "nothing is" : said[0]);
        assert_non_null(strstr(err.why, "a.json:"));
    }
}

static void what_only_looks_odd_refuses_nothing(void **state)
{
    struct plan_playbook playbook;
    (void)state;
    slice text = changed(sample("each-type.json"), "", "10:00:00.000Z", "10:00:00.000000Z");
    assert_int_equal(read(text, &playbook).kind, ERR_NONE);
    assert_true(was_said("warning: created: a moment has three digits"));
    text = changed(sample("each-type.json"), "", "\"priority\"", "\"colour\"");
    assert_int_equal(read(text, &playbook).kind, ERR_NONE);
    assert_true(was_said("the standard has no such property here"));
    text = changed(sample("each-type.json"), "\"workflow\": {", "action--" ID("11"), "end--" ID("26"));
    assert_int_equal(read(text, &playbook).kind, ERR_NONE);
    assert_true(was_said("no way leads from the start to this step"));
    assert_false(step(&playbook, "Ask")->work);
}

static void ceilings_hold(void **state)
{
    struct plan_playbook playbook;
    struct buf text = buf_make(PLAN_PLAYBOOK_MAX);
    (void)state;
    char *large = arena_take(arena, PLAN_PLAYBOOK_MAX + 1);
    memset(large, ' ', PLAN_PLAYBOOK_MAX + 1);
    assert_int_equal(read((slice){large, PLAN_PLAYBOOK_MAX + 1}, &playbook).kind, ERR_INPUT);
    assert_true(was_said("too long"));
    slice good = sample("each-type.json");
    size_t at = slice_find_slice(good, S("\"workflow\": {")) + 13;
    buf_put(&text, slice_part(good, 0, at));
    for (unsigned i = 0; i < PLAN_STEPS_MAX; i++)
        buf_printf(&text, "\"end--7d000000-0000-4000-8001-%012u\": {\"type\": \"end\"},", i);
    buf_put(&text, slice_from(good, at));
    assert_int_equal(read(buf_slice(&text), &playbook).kind, ERR_INPUT);
    assert_true(was_said("256 steps at the most"));
    buf_free(&text);
    slice labels = changed(good, "", "\"priority\": 3", "\"labels\": [5]");
    const char *many = arena_take(arena, 6001);
    memset((char *)(uintptr_t)many, '5', 6000);
    for (size_t i = 1; i < 6000; i += 2)
        ((char *)(uintptr_t)many)[i] = ',';
    ((char *)(uintptr_t)many)[5999] = ' ';
    struct err err = read(changed(labels, "\"labels\"", "5", many), &playbook);
    assert_non_null(strstr(err.why, "(and 999 mistakes more)"));
}

/* ---- Signatures: made by openssl ---- */

static void a_signature_holds_until_one_byte_is_changed(void **state)
{
    static const char *const samples[] = {
            "signed-rs256.json", "signed-ed25519.json", "signed-es256.json", "signed-by-two.json"};
    static const struct {
        const char *behind, *from, *to;
    } changes[] = {
            {"", "\"Drill\"", "\"Drills\""},
            {"\"workflow\"", "Ask the owner", "Ask nobody"},
            {"\"signee\"", "Melati", "Kenanga"},
            {"\"signatures\"", "2026-11-21T10:00:00.000Z", "2026-11-21T10:00:00.001Z"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        struct plan_playbook playbook;
        slice good = sample(samples[i]);
        assert_int_equal(read(good, &playbook).kind, ERR_NONE);
        assert_int_equal(playbook.signature, PLAN_SIGNED);
        assert_int_equal(playbook.key.len, 64);
        for (size_t c = 0; c < COUNT_OF(changes); c++) {
            slice text = changed(good, changes[c].behind, changes[c].from, changes[c].to);
            assert_int_equal(read(text, &playbook).kind, ERR_INPUT);
            assert_true(was_said("the signature does not hold"));
        }
    }
}

static void a_signature_without_its_key_is_told(void **state)
{
    struct plan_playbook playbook;
    (void)state;
    slice text = changed(sample("signed-ed25519.json"), "", "\"public_key\"", "\"thumbprint\"");
    assert_int_equal(read(text, &playbook).kind, ERR_NONE);
    assert_int_equal(playbook.signature, PLAN_KEY_UNKNOWN);
    assert_true(was_said("its key is not here"));
    text = changed(sample("signed-ed25519.json"), "\"public_key\"", "MC", "XX");
    assert_int_equal(read(text, &playbook).kind, ERR_INPUT);
    assert_true(was_said("the signature's key cannot be read"));
    text = changed(sample("signed-ed25519.json"), "\"related_to\"", "000001", "000002");
    assert_int_equal(read(text, &playbook).kind, ERR_INPUT);
    assert_true(was_said("for another playbook"));
}

/* ---- Ours, and those of others ---- */

static void those_that_are_shipped_are_good(void **state)
{
    static const char *const names[] = {"ransomware", "phishing", "defacement", "data-leak"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct plan_playbook playbook;
        assert_int_equal(
                read(file_text(arena_printf(arena, "%s/etc/playbooks/%s.json", getenv("KENTONGAN_ROOT"), names[i])),
                        &playbook)
                        .kind,
                ERR_NONE);
        assert_int_equal(said_count, 0);
    }
}

/* Of other projects; what is refused is refused by the text of the standard. */
static void those_of_others_are_taken_or_refused_for_a_reason(void **state)
{
    static const struct {
        const char *path, *why; /* why: NULL: it is taken */
    } rows[] = {
            {"soarca-examples/fin-playbook.json", "a key is an identifier"}, /* one hyphen: section 10.10 */
            {"soarca-examples/http-playbook.json", NULL},
            {"soarca-examples/manual-playbook.json", NULL},
            {"soarca-examples/openc2-playbook.json", NULL},
            {"soarca-examples/powershell-playbook.json", NULL},
            {"soarca-examples/ssh-playbook.json", NULL},
            {"oasis-tcs/Examples/CACAO-2.0/basic-example-1.json", NULL},
            {"oasis-tcs/Examples/CACAO-2.0/spec-3.1-example.json", NULL},
            /* One target of its ten is defined nowhere: section 4.5. */
            {"oasis-tcs/Examples/CACAO-2.0/locky-bart-mbc-examples.json", "it is not in target_definitions"},
            /* Shows coordinates alone: its actions have neither commands nor agents. */
            {"oasis-tcs/Extensions/layout/examples/playbook--aa1898b6-5251-49b4-aeb7-fd5e912583ff.json",
                    "this step action has no commands"},
    };
    (void)state;
    const char *base = getenv("KENTONGAN_CONFORMANCE");
    const char *folder = base != NULL ? arena_printf(arena, "%s/cacao", base)
                                      : arena_printf(arena, "%s/../shared/conformance/cacao", getenv("KENTONGAN_ROOT"));
    DIR *there = opendir(folder);
    if (there == NULL) {
        print_message("there is no third-party data at %s\n", folder);
        skip();
    }
    closedir(there);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct plan_playbook playbook;
        struct err err = read(file_text(arena_printf(arena, "%s/%s", folder, rows[i].path)), &playbook);
        if (rows[i].why == NULL ? err.kind != ERR_NONE : err.kind != ERR_INPUT || !was_said(rows[i].why))
            fail_msg("%s: %s", rows[i].path, err.why == NULL ? "taken" : err.why);
    }
}

#define PLAN_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
            PLAN_TEST(one_is_read_whole),
            PLAN_TEST(each_step_of_work_waits_for_those_right_before_it),
            PLAN_TEST(a_command_is_text_for_a_person),
            PLAN_TEST(attacks_are_text_and_nothing_else),
            PLAN_TEST(every_mistake_has_its_place_and_its_section),
            PLAN_TEST(what_only_looks_odd_refuses_nothing),
            PLAN_TEST(ceilings_hold),
            PLAN_TEST(a_signature_holds_until_one_byte_is_changed),
            PLAN_TEST(a_signature_without_its_key_is_told),
            PLAN_TEST(those_that_are_shipped_are_good),
            PLAN_TEST(those_of_others_are_taken_or_refused_for_a_reason),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
