/* SPDX-License-Identifier: Apache-2.0 */
#include "json/scan.h"

#include <assert.h>

#include "json/scan_state.h"

struct scan_way {
    const char *name;
    void (*run)(struct json_scan *scan);
    uint64_t (*newlines)(slice text);
    bool (*here)(void); /* whether this machine can */
};

static bool here_avx512(void)
{
    return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi2") &&
           __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("gfni") &&
           __builtin_cpu_supports("vpclmulqdq") && __builtin_cpu_supports("bmi2");
}

static bool here_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("bmi2");
}

static bool here_always(void)
{
    return true;
}

/* The best first. */
static const struct scan_way ways[] = {
        {"avx512", scan_words_avx512, newlines_count_avx512, here_avx512},
        {"avx2", scan_words_avx2, newlines_count_avx2, here_avx2},
        {"scalar", scan_words_scalar, newlines_count_scalar, here_always},
};

static const struct scan_way *chosen;

__attribute__((constructor)) static void choose(void)
{
    const char *wanted = getenv("KENTONGAN_SCAN");
    if (wanted != NULL && json_scan_force(wanted))
        return;
    for (size_t i = 0; chosen == NULL; i++)
        if (ways[i].here())
            chosen = &ways[i];
}

bool json_scan_force(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(ways); i++)
        if (strcmp(ways[i].name, name) == 0 && ways[i].here()) {
            chosen = &ways[i];
            return true;
        }
    return false;
}

const char *json_scan_name(void)
{
    return chosen->name;
}

uint64_t json_scan_newlines(slice text)
{
    return chosen->newlines(text);
}

static void *memory(size_t count, size_t size)
{
    void *taken = calloc(count, size);
    if (taken == NULL) {
        fputs("kentongan: no memory for a scan\n", stderr);
        abort();
    }
    return taken;
}

struct json_scan *json_scan_open(size_t block_max)
{
    assert(block_max < UINT32_MAX - 64);
    struct json_scan *scan = memory(1, sizeof *scan);
    size_t words = block_max / 64 + 1;
    scan->room = block_max;
    /* All is written in whole groups of 64 or stretches of eight of them; and the bits before the first key and behind
     * the last are read. */
    scan->tokens = memory(words * 64 + 64, sizeof *scan->tokens);
    scan->lines = memory(block_max + 2, sizeof *scan->lines);
    scan->notes = memory(words + 8, sizeof *scan->notes);
    scan->quotes = (uint64_t *)memory(words + 10, sizeof *scan->quotes) + 1;
    scan->newlines = memory(words + 8, sizeof *scan->newlines);
    scan->token_bits = memory(words + 8, sizeof *scan->token_bits);
    scan->looked_at = memory(words + 8, sizeof *scan->looked_at);
    scan->tokens_before = memory(words + 8, sizeof *scan->tokens_before);
    scan->with_newlines = memory(words / 8 + 16, sizeof *scan->with_newlines);
    scan->with_looks = memory(words / 8 + 16, sizeof *scan->with_looks);
    return scan;
}

void json_scan_close(struct json_scan *scan)
{
    if (scan == NULL)
        return;
    free(scan->tokens);
    free(scan->lines);
    free(scan->notes);
    free(scan->quotes - 1);
    free(scan->newlines);
    free(scan->token_bits);
    free(scan->looked_at);
    free(scan->tokens_before);
    free(scan->with_newlines);
    free(scan->with_looks);
    free(scan);
}

static unsigned value_ends(char c)
{
    return (c == ',') | (c == '}') | (c == ']');
}

/* RFC 8259 section 6; all bytes up to the newline of the line may be read. */
static bool is_number(const char *at)
{
    at += *at == '-';
    if (*at == '0')
        at++;
    else if (byte_is_digit(*at))
        while (byte_is_digit(*at))
            at++;
    else
        return false;
    if (*at == '.') {
        if (!byte_is_digit(*++at))
            return false;
        while (byte_is_digit(*at))
            at++;
    }
    if (*at == 'e' || *at == 'E') {
        at++;
        at += *at == '+' || *at == '-';
        if (!byte_is_digit(*at))
            return false;
        while (byte_is_digit(*at))
            at++;
    }
    return value_ends(*at) != 0;
}

/* Whether the number around `at`, which holds a byte that is no digit, is well formed. */
static bool number_fine(const char *block, uint32_t at)
{
    const uint32_t look_back_max = 64; /* a longer number is left to the strict reader */
    uint32_t start = at;
    while (start > 0 && block[start - 1] != ':' && block[start - 1] != ',' && block[start - 1] != '[') {
        start--;
        if (at - start > look_back_max || block[start] == '\n')
            return false;
    }
    return is_number(block + start);
}

/*
 * Whether a scalar begins here that is "true", "false" or "null", without a branch: which of them it is nobody can
 * predict. Reads one byte before and eight from here.
 */
static bool is_usual(const char *at)
{
    static const uint32_t word_true = 0x65757274, word_fals = 0x736C6166, word_null = 0x6C6C756E;
    uint32_t four;
    memcpy(&four, at, sizeof four);
    unsigned begins = (at[-1] == ':') | (at[-1] == ',') | (at[-1] == '[');
    unsigned four_long = ((four == word_true) | (four == word_null)) & value_ends(at[4]);
    unsigned five_long = (four == word_fals) & (at[4] == 'e') & value_ends(at[5]);
    return (begins & (four_long | five_long)) != 0;
}

static void line_mark_odd(struct json_scan *scan, uint32_t at)
{
    size_t low = 0, high = scan->line_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (scan->lines[middle].end < at)
            low = middle + 1;
        else
            high = middle;
    }
    scan->lines[low].flags |= JSON_LINE_ODD;
}

static void scalars_check(struct json_scan *scan)
{
    for (size_t first = 0; first < scan->group_count; first += 64)
        for (uint64_t groups = groups_with(scan->with_looks, first); groups != 0; groups &= groups - 1) {
            size_t group = first + (size_t)__builtin_ctzll(groups);
            for (uint64_t bits = scan->looked_at[group]; bits != 0; bits &= bits - 1) {
                uint32_t at = (uint32_t)(64 * group) + (uint32_t)__builtin_ctzll(bits);
                if (__builtin_expect(!is_usual(scan->block + at), 0) && !number_fine(scan->block, at))
                    line_mark_odd(scan, at);
            }
        }
}

/* Whether a backslash begins an escape that we decode; surrogates are left to the strict reader. */
static bool escape_fine(const char *backslash)
{
    char c = backslash[1];
    if (c != 'u')
        return c != '\0' && strchr("\"\\/bfnrt", c) != NULL;
    for (int i = 2; i < 6; i++)
        if (byte_hex(backslash[i]) < 0)
            return false;
    bool surrogate = byte_lower(backslash[2]) == 'd' && byte_hex(backslash[3]) >= 8;
    return !surrogate;
}

/* RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
static bool utf8_fine(const char *text, const char *text_end)
{
    const uint8_t *at = (const uint8_t *)text, *end = (const uint8_t *)text_end;
    while (at < end) {
        uint64_t eight;
        if (end - at >= 8 && (memcpy(&eight, at, 8), (eight & UINT64_C(0x8080808080808080)) == 0)) {
            at += 8;
            continue;
        }
        if (*at < 0x80) {
            at++;
            continue;
        }
        size_t more = *at >= 0xF0 ? 3 : *at >= 0xE0 ? 2 : 1;
        if (*at < 0xC2 || *at > 0xF4 || (size_t)(end - at) <= more)
            return false;
        uint8_t least = *at == 0xE0 ? 0xA0 : *at == 0xF0 ? 0x90 : 0x80;
        uint8_t most = *at == 0xED ? 0x9F : *at == 0xF4 ? 0x8F : 0xBF;
        if (at[1] < least || at[1] > most)
            return false;
        for (size_t i = 2; i <= more; i++)
            if (at[i] < 0x80 || at[i] > 0xBF)
                return false;
        at += 1 + more;
    }
    return true;
}

/* What a note says of the part of its 64 bytes that lies in a line. */
static uint32_t note_flags(
        const struct json_scan *scan, const struct scan_note *note, uint32_t start, uint32_t end, bool *high)
{
    uint64_t mine = ~UINT64_C(0);
    if (start > note->base)
        mine &= ~UINT64_C(0) << (start - note->base);
    if (end - note->base < 63)
        mine &= (UINT64_C(2) << (end - note->base)) - 1;
    bool odd = (note->odd & mine) != 0;
    for (uint64_t escapes = note->escapes & mine; escapes != 0; escapes &= escapes - 1)
        odd |= !escape_fine(scan->block + note->base + __builtin_ctzll(escapes));
    *high |= (note->high & mine) != 0;
    return (odd ? JSON_LINE_ODD : 0u) | ((note->backslash & mine) != 0 ? JSON_LINE_ESCAPES : 0u);
}

/* Gives each line what was noted of it. */
static void lines_flag(struct json_scan *scan)
{
    size_t next = 0;
    uint32_t start = 0;
    for (size_t i = 0; i < scan->line_count; i++) {
        struct json_line *line = &scan->lines[i];
        bool high = false;
        line->flags = line->end > start && scan->block[line->end - 1] != '}' ? JSON_LINE_ODD : 0;
        while (next < scan->note_count && scan->notes[next].base <= line->end) {
            line->flags |= note_flags(scan, &scan->notes[next], start, line->end, &high);
            if (scan->notes[next].base + 63 > line->end)
                break;
            next++;
        }
        if (high && !utf8_fine(scan->block + start, scan->block + line->end))
            line->flags |= JSON_LINE_ODD;
        start = line->end + 1;
    }
}

bool json_scan_is_whole(const struct json_scan *scan, size_t index)
{
    const struct json_line *line = &scan->lines[index];
    unsigned depth = 0;
    if (line->flags & JSON_LINE_ODD)
        return false;
    for (const uint32_t *token = scan->tokens + line->token; *token < line->end; token++) {
        char c = scan->block[*token];
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
        if (depth == 0)
            return *token + 1 == line->end;
    }
    return false;
}

void json_scan_block(struct json_scan *scan, slice block)
{
    assert(block.len <= scan->room && (block.len == 0 || block.ptr[block.len - 1] == '\n'));
    scan->block = block.ptr;
    scan->bytes = block.len;
    scan->group_count = (block.len + 63) / 64;
    scan->line_count = scan->token_count = scan->note_count = 0;
    scan->lines[0].token = 0;
    /* The last stretch is seldom whole, and 64 are asked for at a time. */
    memset(scan->with_newlines + scan->group_count / 8, 0, 9);
    memset(scan->with_looks + scan->group_count / 8, 0, 9);
    chosen->run(scan);
    scan->quotes[scan->group_count] = scan->quotes[scan->group_count + 1] = 0;
    lines_flag(scan);
    scalars_check(scan);
}
