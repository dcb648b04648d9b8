/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "share/rules.h"
#include "stix/checker.h"
#include "json/check.h"

/*
 * Any bytes as an object that is to be released: the first line chooses who asks, under what agreement, and what is
 * known; each further one is a marking definition or, the last, the object. Every id in it is unknown to the recipient.
 * Whatever it is, what leaves is verbatim or valid, and holds none of these.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(what)                                                                                                     \
    do {                                                                                                               \
        if (!(what))                                                                                                   \
            abort();                                                                                                   \
    } while (0)

#define NOW_US (INT64_C(1795219200) * SECOND_US)
#define OURS S("identity--10000000-0000-4000-8000-000000000001")

/* A number from the choosing line, 0 behind its end. */
static unsigned choice(slice line, size_t at, unsigned below)
{
    return at < line.len ? (unsigned char)line.ptr[at] % below : 0;
}

static struct share_facts facts_of(slice line, const struct share_subject *subject, struct arena *arena)
{
    static const slice name = {"klinik contoh", 13};
    static const struct share_names victims = {&name, 1, NULL};
    struct share_unknown *unknown = arena_new(arena, struct share_unknown, subject->ref_count + 1);
    for (size_t i = 0; i < subject->ref_count; i++)
        unknown[i].id = subject->refs[i];
    return (struct share_facts){.now_us = NOW_US,
            .consent = choice(line, 4, 2) != 0,
            .standing = choice(line, 5, 2) != 0,
            .encrypted = choice(line, 6, 2) != 0,
            .meant = choice(line, 7, 10),
            .sector = choice(line, 8, 2) != 0 ? S("health") : S(""),
            .unknown = unknown,
            .unknown_count = choice(line, 9, 2) != 0 ? subject->ref_count : 0,
            .victims = &victims,
            .producer = OURS};
}

static void derived_check(const struct share_decision *made, const struct share_facts *facts)
{
    struct stix_checker *checker = stix_checker_open();
    MUST(json_check(made->bytes, &json_limits_default, NULL).kind == ERR_NONE);
    MUST(stix_checker_wrong(checker, made->bytes) == NULL);
    for (size_t i = 0; i < facts->unknown_count; i++)
        MUST(slice_find_slice(made->bytes, facts->unknown[i].id) == made->bytes.len);
    stix_checker_close(checker);
}

static void decide(slice line, slice object, const struct stix_definitions *definitions, struct arena *arena)
{
    static const slice kinds[] = {{"indicator", 9}, {"sighting", 8}, {"report", 6}, {"note", 4}};
    struct share_subject subject;
    struct share_decision made, again;
    if (share_subject_read(object, definitions, arena, &subject).kind != ERR_NONE)
        return;
    subject.origin = (enum share_origin)choice(line, 0, 3);
    const struct share_recipient to = {
            .audience = (enum share_audience)choice(line, 1, SHARE_AUDIENCES), .active = true};
    const struct share_terms terms = {.agreement = 1,
            .kinds = kinds,
            .kind_count = COUNT_OF(kinds),
            .highest = (enum stix_tlp)choice(line, 2, TLP_RED + 1),
            .unmarked = (enum stix_tlp)choice(line, 3, TLP_RED + 1),
            .sightings = true,
            .onward = SHARE_ONWARD_YES,
            .until_us = INT64_MAX};
    const struct share_facts facts = facts_of(line, &subject, arena);
    struct err err = share_decide(&subject, &to, &terms, &facts, arena, &made);
    if (err.kind != ERR_NONE || share_decide(&subject, &to, &terms, &facts, arena, &again).kind != ERR_NONE)
        return;
    MUST(made.answer == again.answer && made.rule == again.rule && made.bytes.len == again.bytes.len);
    MUST((made.answer == SHARE_ALLOW) == (made.bytes.len > 0) && made.why != NULL);
    MUST(made.answer != SHARE_ALLOW || made.derived || made.bytes.ptr == object.ptr);
    if (made.derived)
        derived_check(&made, &facts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice rest = size == 0 ? S("") : (slice){(const char *)data, size}, line, object, next;
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 1u << 28);
    struct stix_definitions *definitions = stix_definitions_open();
    if (!slice_next(&rest, '\n', &line))
        line = S("");
    for (bool any = slice_next(&rest, '\n', &object); any; object = next) {
        any = slice_next(&rest, '\n', &next);
        if (json_check(object, &json_limits_default, NULL).kind != ERR_NONE)
            continue;
        if (any)
            MUST(stix_definitions_add(definitions, object, arena).kind == ERR_NONE);
        decide(line, object, definitions, arena);
    }
    stix_definitions_close(definitions);
    arena_close(arena);
    return 0;
}
