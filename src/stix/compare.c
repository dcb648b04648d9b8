/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/compare.h"

#include "base/arena.h"
#include "stix/regex.h"
#include "stix/text.h"
#include "stix/token.h"
#include "json/read.h"

/*
 * Three answers are possible before NOT: yes, no (also where the types do not fit, 9.6.1), and absent: a value that
 * says by its name or by the constant that it is bytes or a moment, and cannot be read as one, is data that cannot be
 * obtained, so that the comparison is false whatever the operator (9.6).
 */
enum answer { NO, YES, ABSENT };

#define SCRATCH_BYTES_MAX ((size_t)4 << 30) /* text of one value, decoded and in normal form; a document has 1 GiB */
#define BYTES_PER_STEP 64u

struct stix_scratch *stix_compare_open(void)
{
    struct arena *arena = arena_open("comparison", ARENA_WORK, SCRATCH_BYTES_MAX);
    struct stix_scratch *scratch = calloc(1, sizeof *scratch);
    if (scratch == NULL) {
        fputs("kentongan: the system has no memory left\n", stderr);
        abort();
    }
    *scratch = (struct stix_scratch){.arena = arena, .room = stix_regex_room_open()};
    return scratch;
}

void stix_compare_close(struct stix_scratch *scratch)
{
    if (scratch == NULL)
        return;
    arena_close(scratch->arena);
    stix_regex_room_close(scratch->room);
    free(scratch);
}

/* ---- Order of two values of one kind: below, at or above zero ---- */

static int order_numbers(const struct stix_value *value, const struct stix_constant *constant)
{
    long double a = value->is_integer ? (long double)value->integer : (long double)value->number;
    long double b = constant->is_integer ? (long double)constant->integer : (long double)constant->number;
    return (a > b) - (a < b);
}

/* Without zeros at its end: the digits of a fraction that make a difference. */
static slice time_fraction(slice text)
{
    slice fraction = text.len > 20 ? slice_part(text, 20, text.len - 1) : (slice){0};
    while (fraction.len > 0 && fraction.ptr[fraction.len - 1] == '0')
        fraction.len--;
    return fraction;
}

/* All digits count, and all are UTC: so text orders moments (2.16). */
static int order_times(slice a, slice b)
{
    int order = memcmp(a.ptr, b.ptr, 19);
    return order != 0 ? order : slice_order(time_fraction(a), time_fraction(b));
}

/* A value against a constant: ABSENT, NO where the types do not fit, YES with *order set. */
static enum answer order_bytes(slice bytes, const struct stix_constant *constant, int *order)
{
    bool fits = (constant->kind == STIX_CONSTANT_BYTES || constant->kind == STIX_CONSTANT_TEXT) &&
                constant->bytes.ptr != NULL;
    *order = fits ? slice_order(bytes, constant->bytes) : 0;
    return fits ? YES : NO;
}

static enum answer order_text(
        slice text, const struct stix_constant *constant, struct stix_scratch *scratch, int *order)
{
    slice bytes;
    switch (constant->kind) {
    case STIX_CONSTANT_TEXT:
        *order = slice_order(text, constant->text);
        return YES;
    case STIX_CONSTANT_BYTES:
        return stix_text_as_bytes(text, scratch->arena, &bytes) ? order_bytes(bytes, constant, order) : NO;
    case STIX_CONSTANT_TIME:
        if (!stix_token_is_time(text))
            return ABSENT;
        *order = order_times(text, constant->text);
        return YES;
    default:
        return NO;
    }
}

/* A value as its property has it: bytes behind names in _hex and _bin are decoded. */
struct seen {
    const struct stix_value *value;
    bool is_bytes;
    slice bytes;
};

static enum answer order(
        const struct seen *seen, const struct stix_constant *constant, struct stix_scratch *scratch, int *result)
{
    const struct stix_value *value = seen->value;
    stix_spend(scratch->budget, 1);
    if (seen->is_bytes)
        return order_bytes(seen->bytes, constant, result);
    if (value->kind == STIX_VALUE_TEXT)
        return order_text(value->text, constant, scratch, result);
    if (value->kind == STIX_VALUE_BOOLEAN && constant->kind == STIX_CONSTANT_BOOLEAN) {
        *result = value->boolean - constant->boolean;
        return YES;
    }
    if (value->kind == STIX_VALUE_NUMBER && constant->kind == STIX_CONSTANT_NUMBER) {
        *result = order_numbers(value, constant);
        return YES;
    }
    return NO;
}

/* ---- LIKE ---- */

/* Bytes of the character that begins here; one where it is none. */
static size_t character(slice text, size_t at, bool bytes)
{
    size_t end = at + 1;
    if (!bytes && (unsigned char)text.ptr[at] >= 0xc0)
        while (end < text.len && end < at + 4 && ((unsigned char)text.ptr[end] & 0xc0) == 0x80)
            end++;
    return end - at;
}

/*
 * From both ends anchored; % is any characters, _ is one. Only the last % that was met can still give way: what stood
 * before it found its first place, and a later one would not help. So the work is at most the product of the lengths.
 */
static bool is_like(slice text, slice like, bool bytes, struct stix_budget *budget)
{
    size_t at = 0, wanted = 0, again_at = 0, again_wanted = SIZE_MAX;
    while (at < text.len) {
        if (!stix_spend(budget, 1))
            return false;
        bool literal = wanted < like.len && like.ptr[wanted] == text.ptr[at] && like.ptr[wanted] != '%';
        if (wanted < like.len && like.ptr[wanted] == '%') {
            again_wanted = ++wanted;
            again_at = at;
        } else if (wanted < like.len && like.ptr[wanted] == '_') {
            wanted++;
            at += character(text, at, bytes);
        } else if (literal) {
            wanted++;
            at++;
        } else if (again_wanted != SIZE_MAX) {
            again_at += character(text, again_at, bytes);
            at = again_at;
            wanted = again_wanted;
        } else {
            return false;
        }
    }
    while (wanted < like.len && like.ptr[wanted] == '%')
        wanted++;
    return wanted == like.len;
}

/* ---- Operators ---- */

static enum answer compare_like(const struct stix_test *test, const struct seen *seen, struct stix_scratch *scratch)
{
    if (seen->is_bytes)
        return test->like.ptr != NULL && is_like(seen->bytes, test->like, true, scratch->budget);
    if (seen->value->kind != STIX_VALUE_TEXT)
        return NO;
    return is_like(stix_text_normal(seen->value->text, scratch->arena), test->like, false, scratch->budget);
}

static enum answer compare_regex(const struct stix_test *test, const struct seen *seen, struct stix_scratch *scratch)
{
    if (test->regex == NULL || (!seen->is_bytes && seen->value->kind != STIX_VALUE_TEXT))
        return NO;
    slice subject = seen->is_bytes ? seen->bytes : stix_text_normal(seen->value->text, scratch->arena);
    return stix_regex_search(test->regex, subject, scratch->room, scratch->budget);
}

static bool prefix_within(const struct prefix *inner, const struct prefix *outer)
{
    return inner->bits >= outer->bits && prefix_holds(outer, &inner->ip);
}

static enum answer compare_prefix(const struct stix_test *test, const struct seen *seen, struct stix_scratch *scratch)
{
    struct prefix prefix;
    (void)scratch;
    if (seen->is_bytes || seen->value->kind != STIX_VALUE_TEXT || !prefix_parse(seen->value->text, &prefix))
        return NO;
    return test->how == STIX_ISSUBSET ? prefix_within(&prefix, &test->prefix) : prefix_within(&test->prefix, &prefix);
}

static enum answer compare_set(const struct stix_test *test, const struct seen *seen, struct stix_scratch *scratch)
{
    enum answer answer = NO;
    for (const struct stix_constant *c = test->constants; c != NULL && answer == NO; c = c->next) {
        int result = 0;
        answer = order(seen, c, scratch, &result);
        if (answer == YES && result != 0)
            answer = NO;
    }
    return answer;
}

static enum answer compare_order(const struct stix_test *test, const struct seen *seen, struct stix_scratch *scratch)
{
    int result = 0;
    enum answer answer = order(seen, test->constants, scratch, &result);
    if (answer != YES)
        return answer == NO && test->how == STIX_UNEQUAL ? YES : answer;
    switch (test->how) {
    case STIX_EQUAL:
        return result == 0;
    case STIX_UNEQUAL:
        return result != 0;
    case STIX_LESS:
        return result < 0;
    case STIX_LESS_EQUAL:
        return result <= 0;
    case STIX_GREATER:
        return result > 0;
    default:
        return result >= 0;
    }
}

static enum answer compare_exists(const struct stix_test *test, const struct seen *seen, struct stix_scratch *scratch)
{
    (void)test;
    (void)seen;
    (void)scratch;
    return YES;
}

typedef enum answer compare_value(const struct stix_test *test, const struct seen *seen, struct stix_scratch *scratch);

static compare_value *const comparisons[] = {
        [STIX_EQUAL] = compare_order,
        [STIX_UNEQUAL] = compare_order,
        [STIX_LESS] = compare_order,
        [STIX_LESS_EQUAL] = compare_order,
        [STIX_GREATER] = compare_order,
        [STIX_GREATER_EQUAL] = compare_order,
        [STIX_IN] = compare_set,
        [STIX_LIKE] = compare_like,
        [STIX_MATCHES] = compare_regex,
        [STIX_ISSUBSET] = compare_prefix,
        [STIX_ISSUPERSET] = compare_prefix,
        [STIX_EXISTS] = compare_exists,
};

/* ---- Values ---- */

static bool decode(enum stix_coding coding, struct seen *seen, struct arena *arena)
{
    if (coding == STIX_CODING_NONE)
        return true;
    seen->is_bytes = true;
    if (seen->value->kind != STIX_VALUE_TEXT)
        return false;
    return coding == STIX_CODING_HEX ? stix_text_from_hex(seen->value->text, arena, &seen->bytes)
                                     : stix_text_from_base64(seen->value->text, arena, &seen->bytes);
}

struct comparing {
    const struct stix_test *test;
    struct stix_scratch *scratch;
};

static bool compare_one(void *context, const struct stix_value *value)
{
    struct comparing *comparing = context;
    const struct stix_test *test = comparing->test;
    struct seen seen = {.value = value};
    if (!stix_spend(comparing->scratch->budget, 1 + value->text.len / BYTES_PER_STEP))
        return true;
    if (test->how != STIX_EXISTS && !decode(test->path.coding, &seen, comparing->scratch->arena))
        return false;
    enum answer answer = comparisons[test->how](test, &seen, comparing->scratch);
    return answer != ABSENT && (answer == YES) != test->negated;
}

bool stix_compare(const struct stix_test *test, const struct stix_observation *observation, size_t object,
        struct stix_scratch *scratch)
{
    struct comparing comparing = {test, scratch};
    struct stix_test exists = {.how = STIX_EXISTS};
    bool absent = test->how == STIX_EXISTS && test->negated;
    if (absent)
        comparing.test = &exists;
    bool found = stix_spend(scratch->budget, 1) &&
                 observation->source->walk(observation, object, &test->path, scratch, compare_one, &comparing);
    arena_reset(scratch->arena);
    return !scratch->budget->empty && found != absent;
}

struct stix_value stix_compare_number(slice digits)
{
    struct stix_value value = {.kind = STIX_VALUE_NUMBER};
    value.is_integer = json_i64(digits, &value.integer);
    if (!value.is_integer && !json_double(digits, &value.number))
        value.kind = STIX_VALUE_OTHER;
    return value;
}
