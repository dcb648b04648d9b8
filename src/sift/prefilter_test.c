/* SPDX-License-Identifier: Apache-2.0 */
#include "sift/prefilter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"

struct found {
    bool literals[1000];
    size_t end; /* of the last */
};

static void note(void *context, uint32_t literal, size_t end)
{
    struct found *found = context;
    assert_true(literal < COUNT_OF(found->literals));
    found->literals[literal] = true;
    found->end = end;
}

static struct found scan(const slice *literals, size_t count, slice text)
{
    static struct found found;
    struct prefilter *prefilter = NULL;
    found = (struct found){.end = 0};
    struct err err = prefilter_open(literals, count, &prefilter);
    assert_int_equal(err.kind, ERR_NONE);
    struct prefilter_room *room = prefilter_room_open(prefilter);
    prefilter_scan(prefilter, room, text, note, &found);
    prefilter_room_close(room);
    prefilter_close(prefilter);
    return found;
}

static void literals_are_found_whatever_the_case(void **state)
{
    (void)state;
    const slice literals[] = {S("melati"), S("gerbang.php?id="), S("xyz")};
    slice text = S("http://a.example/GERBANG.php?ID=7\0update.MelatI.example");
    struct found found = scan(literals, COUNT_OF(literals), text);
    assert_true(found.literals[0] && found.literals[1] && !found.literals[2]);
    assert_true(found.end > 0 && found.end <= text.len);
}

static void marks_of_regular_expressions_are_themselves(void **state)
{
    (void)state;
    const slice literals[] = {S("a.c"), S("(x|y)*"), S("[0-9]+"), S("a\\d")};
    struct found found = scan(literals, COUNT_OF(literals), S("abc x 123 a1"));
    for (size_t i = 0; i < COUNT_OF(literals); i++)
        assert_false(found.literals[i]);
    found = scan(literals, COUNT_OF(literals), S("a.c (x|y)* [0-9]+ a\\d"));
    for (size_t i = 0; i < COUNT_OF(literals); i++)
        assert_true(found.literals[i]);
}

/* Though only pieces of them are looked for: many that end alike, of every length. */
static void none_of_many_is_missed(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    static char texts[MANY][64];
    static slice literals[MANY];
    struct buf text = buf_make(1u << 20);
    for (unsigned i = 0; i < MANY; i++) {
        int len = snprintf(texts[i], sizeof texts[i], "%0*u.kembang.or.example", (int)(i % 30), i);
        literals[i] = (slice){texts[i], (size_t)len - i % 18};
        if (i % 2 == 0)
            buf_put(&text, literals[i]);
        buf_byte(&text, '\0');
    }
    struct found found = scan(literals, MANY, buf_slice(&text));
    for (unsigned i = 0; i < MANY; i += 2)
        assert_true(found.literals[i]);
    buf_free(&text);
}

static void too_many_are_refused(void **state)
{
    (void)state;
    struct prefilter *prefilter = NULL;
    slice *literals = calloc(PREFILTER_LITERALS_MAX + 1, sizeof *literals);
    assert_non_null(literals);
    assert_int_equal(prefilter_open(literals, PREFILTER_LITERALS_MAX + 1, &prefilter).kind, ERR_LIMIT);
    free(literals);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(literals_are_found_whatever_the_case),
            cmocka_unit_test(marks_of_regular_expressions_are_themselves),
            cmocka_unit_test(none_of_many_is_missed),
            cmocka_unit_test(too_many_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
