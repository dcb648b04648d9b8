/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/regex.h"

#include "base/arena.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
    FIRST_LIMIT = 256, /* backtracking steps of the first attempt; each further one has eight times as many */
    LIMIT_GROWTH = 8,
    BYTES_PER_STEP = 16, /* of a subject that is only run over */
};

struct stix_regex {
    pcre2_code *code;
};

struct stix_regex_room {
    pcre2_match_data *data;
    pcre2_match_context *context;
};

/* Compiled code goes into the arena and is forgotten with it. */
static void *take(size_t bytes, void *arena)
{
    return arena_take(arena, bytes);
}

static void give_back(void *memory, void *arena)
{
    (void)memory;
    (void)arena;
}

static pcre2_compile_context *compile_context(pcre2_general_context *general)
{
    pcre2_compile_context *context = pcre2_compile_context_create(general);
    pcre2_set_parens_nest_limit(context, STIX_REGEX_PARENTHESES_MAX);
    pcre2_set_max_pattern_length(context, STIX_REGEX_BYTES_MAX);
    return context;
}

/* Text may come from a log and hold anything: bytes that are no UTF-8 are met by nothing. */
static uint32_t compile_options(bool bytes)
{
    uint32_t kind = bytes ? PCRE2_NEVER_UTF | PCRE2_NEVER_UCP : PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF;
    return PCRE2_DOTALL | PCRE2_NEVER_BACKSLASH_C | kind;
}

static const char *reason(int code, struct arena *arena)
{
    char text[160];
    if (pcre2_get_error_message(code, (PCRE2_UCHAR *)text, sizeof text) < 0)
        return "the regular expression of MATCHES cannot be read [STIX 2.1 section 9.6.1]";
    return arena_printf(arena, "the regular expression of MATCHES: %s [STIX 2.1 section 9.6.1]", text);
}

struct err stix_regex_compile(
        slice expression, bool bytes, struct arena *arena, const struct stix_regex **regex, size_t *offset)
{
    *offset = 0;
    if (expression.len > STIX_REGEX_BYTES_MAX)
        return err_make(ERR_LIMIT, "a regular expression longer than 8192 bytes");
    pcre2_general_context *general = pcre2_general_context_create(take, give_back, arena);
    int code = 0;
    struct stix_regex *made = arena_new(arena, struct stix_regex, 1);
    made->code = pcre2_compile((PCRE2_SPTR)expression.ptr, expression.len, compile_options(bytes), &code, offset,
            compile_context(general));
    if (made->code == NULL)
        return err_make(ERR_INPUT, reason(code, arena));
    *regex = made;
    return OK;
}

static void *must(void *memory)
{
    if (memory == NULL) {
        fputs("kentongan: the system has no memory left\n", stderr);
        abort();
    }
    return memory;
}

struct stix_regex_room *stix_regex_room_open(void)
{
    struct stix_regex_room *room = must(calloc(1, sizeof *room));
    room->data = must(pcre2_match_data_create(1, NULL));
    room->context = must(pcre2_match_context_create(NULL));
    pcre2_set_depth_limit(room->context, STIX_REGEX_DEPTH_MAX);
    pcre2_set_heap_limit(room->context, STIX_REGEX_HEAP_KIB_MAX);
    return room;
}

void stix_regex_room_close(struct stix_regex_room *room)
{
    if (room == NULL)
        return;
    pcre2_match_data_free(room->data);
    pcre2_match_context_free(room->context);
    free(room);
}

/*
 * The library does not say how much a search took, only that it reached a limit. So it is given little at first and
 * then more, and what it was given is what is paid: at most nine times what it needed.
 */
bool stix_regex_search(
        const struct stix_regex *regex, slice subject, struct stix_regex_room *room, struct stix_budget *budget)
{
    if (!stix_spend(budget, 1 + subject.len / BYTES_PER_STEP))
        return false;
    PCRE2_SPTR from = (PCRE2_SPTR)(subject.len == 0 ? "" : subject.ptr);
    for (uint32_t limit = FIRST_LIMIT; limit <= STIX_REGEX_STEPS_MAX; limit *= LIMIT_GROWTH) {
        if (!stix_spend(budget, limit / BYTES_PER_STEP))
            return false;
        pcre2_set_match_limit(room->context, limit);
        int found = pcre2_match(regex->code, from, subject.len, 0, 0, room->data, room->context);
        if (found != PCRE2_ERROR_MATCHLIMIT && found != PCRE2_ERROR_DEPTHLIMIT && found != PCRE2_ERROR_HEAPLIMIT)
            return found >= 0;
        if (found != PCRE2_ERROR_MATCHLIMIT)
            break;
    }
    stix_spend(budget, UINT64_MAX);
    return false;
}
