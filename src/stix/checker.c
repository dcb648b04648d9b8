/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/checker.h"

#include <stdlib.h>

#include "stix/object.h"
#include "json/check.h"

struct stix_checker {
    struct json_tape tape;
    struct stix_check check;
    const char *wrong;
};

static void say(void *context, enum stix_level level, size_t offset, const char *why)
{
    struct stix_checker *checker = context;
    (void)offset;
    if (level == STIX_ERROR && checker->wrong == NULL)
        checker->wrong = why == NULL ? "checking this object takes more memory than 134217728 bytes" : why;
}

static bool wants(void *context, enum stix_level level)
{
    const struct stix_checker *checker = context;
    return level == STIX_ERROR && checker->wrong == NULL;
}

struct stix_checker *stix_checker_open(void)
{
    struct stix_checker *checker = calloc(1, sizeof(*checker));
    if (checker == NULL)
        abort();
    (void)stix_type_find(S("")); /* the tables are made */
    checker->check = (struct stix_check){.tape = &checker->tape,
            .version = STIX_21,
            .work = arena_open("stix", ARENA_WORK, STIX_WORK_MAX),
            .context = checker,
            .say = say,
            .wants = wants};
    return checker;
}

const char *stix_checker_wrong(struct stix_checker *checker, slice json)
{
    arena_reset(checker->check.work);
    checker->wrong = NULL;
    if (json.len > STIX_OBJECT_MAX)
        return "an object is longer than 33554432 bytes";
    struct err err = json_check(json, &json_limits_default, NULL);
    if (err.kind != ERR_NONE)
        return err.why;
    if (!json_tape_read(&checker->tape, json, JSON_TAPE_CHECKED))
        return "a value has more than 4194304 parts";
    checker->check.path = NULL;
    stix_object_check(&checker->check, 0);
    if (checker->wrong == NULL && checker->check.steps > STIX_STEPS_MAX)
        return "the selectors or references of this object pass more than 16777216 parts of it";
    return checker->wrong;
}

void stix_checker_close(struct stix_checker *checker)
{
    if (checker == NULL)
        return;
    arena_close(checker->check.work);
    json_tape_free(&checker->tape);
    free(checker);
}
