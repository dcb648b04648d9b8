/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/token.h"

#define WORD(literal)                                                                                                  \
    {                                                                                                                  \
        (literal), sizeof(literal) - 1                                                                                 \
    }

/* Keywords are written in capitals, the booleans in small letters (9.2 and the grammar). */
static const struct keyword {
    slice text;
    enum stix_token_kind kind;
} keywords[] = {
        {WORD("AND"), TOKEN_AND},
        {WORD("OR"), TOKEN_OR},
        {WORD("NOT"), TOKEN_NOT},
        {WORD("IN"), TOKEN_IN},
        {WORD("LIKE"), TOKEN_LIKE},
        {WORD("MATCHES"), TOKEN_MATCHES},
        {WORD("ISSUBSET"), TOKEN_ISSUBSET},
        {WORD("ISSUPERSET"), TOKEN_ISSUPERSET},
        {WORD("EXISTS"), TOKEN_EXISTS},
        {WORD("FOLLOWEDBY"), TOKEN_FOLLOWEDBY},
        {WORD("WITHIN"), TOKEN_WITHIN},
        {WORD("SECONDS"), TOKEN_SECONDS},
        {WORD("REPEATS"), TOKEN_REPEATS},
        {WORD("TIMES"), TOKEN_TIMES},
        {WORD("START"), TOKEN_START},
        {WORD("STOP"), TOKEN_STOP},
        {WORD("true"), TOKEN_BOOLEAN},
        {WORD("false"), TOKEN_BOOLEAN},
};

/* The longer of two that begin alike comes first. */
static const struct keyword marks[] = {
        {WORD("=="), TOKEN_EQ},
        {WORD("="), TOKEN_EQ},
        {WORD("!="), TOKEN_NE},
        {WORD("<>"), TOKEN_NE},
        {WORD("<="), TOKEN_LE},
        {WORD("<"), TOKEN_LT},
        {WORD(">="), TOKEN_GE},
        {WORD(">"), TOKEN_GT},
        {WORD("("), TOKEN_OPEN},
        {WORD(")"), TOKEN_CLOSE},
        {WORD("["), TOKEN_OPEN_SQUARE},
        {WORD("]"), TOKEN_CLOSE_SQUARE},
        {WORD(":"), TOKEN_COLON},
        {WORD("."), TOKEN_DOT},
        {WORD(","), TOKEN_COMMA},
        {WORD("*"), TOKEN_STAR},
};

void stix_token_fail(struct stix_tokens *tokens, size_t at, enum err_kind kind, const char *why)
{
    if (tokens->err.kind == ERR_NONE) {
        tokens->err = err_make(kind, why);
        tokens->err_at = at;
    }
    tokens->token = (struct stix_token){.kind = TOKEN_END, .at = at};
    tokens->at = tokens->text.len;
}

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool stix_token_is_name(char c)
{
    return is_name_start(c) || byte_is_digit(c) || c == '-';
}

static char byte_at(const struct stix_tokens *p, size_t at)
{
    return at < p->text.len ? p->text.ptr[at] : '\0';
}

/* Decided by a length and a byte for nearly all of a table. */
static bool is_keyword(const struct keyword *keyword, slice text)
{
    return keyword->text.len == text.len && keyword->text.ptr[0] == text.ptr[0] && slice_eq(keyword->text, text);
}

/* White space beyond ASCII (9.4: all that has WSpace=Y), as UTF-8. */
static const char *const wide_blanks[] = {"\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
        "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88",
        "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

/* The bytes of the blank that stands here; 0: none does. */
static size_t blank_bytes(const struct stix_tokens *p)
{
    char c = byte_at(p, p->at);
    if ((unsigned char)c < 0x80)
        return byte_is_blank(c) || c == '\v' || c == '\f';
    slice rest = slice_from(p->text, p->at);
    for (size_t i = 0; i < COUNT_OF(wide_blanks); i++)
        if (slice_starts(rest, slice_of(wide_blanks[i])))
            return strlen(wide_blanks[i]);
    return 0;
}

/* Where the comment that begins here ends; the end of the text if nothing closes it. */
static size_t comment_end(const struct stix_tokens *p)
{
    slice rest = slice_from(p->text, p->at);
    if (rest.ptr[1] == '/')
        return p->at + slice_find(rest, '\n');
    size_t body = slice_find_slice(slice_from(rest, 2), S("*/"));
    return body == rest.len - 2 ? p->text.len : p->at + body + 4;
}

static void skip_blanks(struct stix_tokens *p)
{
    for (;;) {
        for (size_t bytes; (bytes = blank_bytes(p)) > 0;)
            p->at += bytes;
        if (byte_at(p, p->at) != '/' || (byte_at(p, p->at + 1) != '/' && byte_at(p, p->at + 1) != '*'))
            return;
        p->at = comment_end(p);
    }
}

static void take_name(struct stix_tokens *p)
{
    size_t from = p->at;
    while (stix_token_is_name(byte_at(p, p->at)))
        p->at++;
    slice text = slice_part(p->text, from, p->at);
    enum stix_token_kind kind = slice_find(text, '-') == text.len ? TOKEN_NAME : TOKEN_HYPHEN_NAME;
    for (size_t i = 0; i < COUNT_OF(keywords); i++)
        if (is_keyword(&keywords[i], text))
            kind = keywords[i].kind;
    p->token = (struct stix_token){.kind = kind, .text = text, .at = from};
}

/* From the opening quote on. `escapes`: a backslash stands before a quote or another backslash, and nothing else. */
static bool take_quoted(struct stix_tokens *p, enum stix_token_kind kind, size_t from, bool escapes)
{
    size_t open = p->at++;
    bool escaped = false;
    for (char c; p->at < p->text.len && (c = p->text.ptr[p->at]) != '\''; p->at++) {
        if (c != '\\' || !escapes)
            continue;
        escaped = true;
        p->at++;
        if (byte_at(p, p->at) != '\'' && byte_at(p, p->at) != '\\') {
            stix_token_fail(p, p->at - 1, ERR_INPUT,
                    "a backslash in a string stands before ' or another backslash only [STIX 2.1 section 9.2]");
            return false;
        }
    }
    if (p->at >= p->text.len) {
        stix_token_fail(p, open, ERR_INPUT, "a quote is opened and not closed [STIX 2.1 section 9.2]");
        return false;
    }
    p->token = (struct stix_token){kind, slice_part(p->text, open + 1, p->at), from, escaped};
    p->at++;
    return true;
}

static bool number_in(slice text, size_t at, size_t digits, unsigned least, unsigned most)
{
    uint64_t n;
    return slice_u64(slice_part(text, at, at + digits), most, &n) && n >= least;
}

/* The ranges of the fields are checked, not the calendar: the grammar takes the 30th of February. */
bool stix_token_is_time(slice text)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:dd";
    if (text.len < sizeof(shape) || text.ptr[text.len - 1] != 'Z')
        return false;
    for (size_t i = 0; i < sizeof(shape) - 1; i++)
        if (shape[i] == 'd' ? !byte_is_digit(text.ptr[i]) : text.ptr[i] != shape[i])
            return false;
    slice fraction = slice_part(text, sizeof(shape) - 1, text.len - 1);
    for (size_t i = 0; i < fraction.len; i++)
        if (i == 0 ? fraction.ptr[i] != '.' : !byte_is_digit(fraction.ptr[i]))
            return false;
    return fraction.len != 1 && number_in(text, 5, 2, 1, 12) && number_in(text, 8, 2, 1, 31) &&
           number_in(text, 11, 2, 0, 23) && number_in(text, 14, 2, 0, 59) && number_in(text, 17, 2, 0, 60);
}

static bool is_hex(slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (byte_hex(text.ptr[i]) < 0)
            return false;
    return text.len % 2 == 0;
}

static bool is_base64_digit(char c)
{
    return byte_is_digit(c) || (byte_lower(c) >= 'a' && byte_lower(c) <= 'z') || c == '+' || c == '/';
}

/* Line feeds are ignored (9.2). */
static bool is_base64(slice text)
{
    size_t digits = 0, padding = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '\n' || c == '\r')
            continue;
        if (c == '=')
            padding++;
        else if (padding > 0 || !is_base64_digit(c))
            return false;
        else
            digits++;
    }
    return padding <= 2 && (digits + padding) % 4 == 0;
}

static const struct prefixed {
    char letter;
    enum stix_token_kind kind;
    bool (*valid)(slice text);
    const char *wrong;
} prefixed[] = {
        {'t', TOKEN_TIME, stix_token_is_time, "a timestamp is written t'2026-01-31T10:00:00Z' [STIX 2.1 section 9.2]"},
        {'h', TOKEN_HEX, is_hex, "a hexadecimal constant is pairs of hexadecimal digits [STIX 2.1 section 9.2]"},
        {'b', TOKEN_BINARY, is_base64, "a binary constant is base64 [STIX 2.1 section 9.2]"},
};

/* t'...', h'...' and b'...'; false if nothing of the kind begins here. */
static bool take_prefixed(struct stix_tokens *p)
{
    if (byte_at(p, p->at + 1) != '\'')
        return false;
    for (size_t i = 0; i < COUNT_OF(prefixed); i++) {
        if (p->text.ptr[p->at] != prefixed[i].letter)
            continue;
        size_t from = p->at++;
        if (take_quoted(p, prefixed[i].kind, from, false) && !prefixed[i].valid(p->token.text))
            stix_token_fail(p, from, ERR_INPUT, prefixed[i].wrong);
        return true;
    }
    return false;
}

static size_t digits_end(const struct stix_tokens *p, size_t at)
{
    while (byte_is_digit(byte_at(p, at)))
        at++;
    return at;
}

/* A whole number or one with a fraction; false if none begins here. */
static bool take_number(struct stix_tokens *p)
{
    size_t from = p->at;
    size_t whole = from + (byte_at(p, from) == '-' || byte_at(p, from) == '+');
    size_t end = digits_end(p, whole);
    enum stix_token_kind kind = TOKEN_INTEGER;
    if (byte_at(p, end) == '.' && byte_is_digit(byte_at(p, end + 1))) {
        kind = TOKEN_FLOAT;
        end = digits_end(p, end + 1);
    } else if (end == whole) {
        return false;
    } else if (end - whole > 1 && p->text.ptr[whole] == '0') {
        stix_token_fail(p, from, ERR_INPUT, "a whole number has no leading zero [STIX 2.1 section 9.2]");
        return true;
    }
    p->at = end;
    p->token = (struct stix_token){.kind = kind, .text = slice_part(p->text, from, end), .at = from};
    return true;
}

static bool take_mark(struct stix_tokens *p)
{
    slice rest = slice_from(p->text, p->at);
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        slice mark = marks[i].text;
        if (mark.ptr[0] != rest.ptr[0] || !slice_starts(rest, mark))
            continue;
        p->token = (struct stix_token){.kind = marks[i].kind, .text = mark, .at = p->at};
        p->at += mark.len;
        return true;
    }
    return false;
}

void stix_token_next(struct stix_tokens *tokens)
{
    tokens->end = tokens->at;
    skip_blanks(tokens);
    if (tokens->at >= tokens->text.len) {
        tokens->token = (struct stix_token){.kind = TOKEN_END, .at = tokens->text.len};
        return;
    }
    char c = tokens->text.ptr[tokens->at];
    if (c == '\'')
        take_quoted(tokens, TOKEN_STRING, tokens->at, true);
    else if (take_prefixed(tokens) || take_number(tokens) || take_mark(tokens))
        return;
    else if (is_name_start(c))
        take_name(tokens);
    else
        stix_token_fail(tokens, tokens->at, ERR_INPUT,
                "a character that no pattern holds outside of quotes [STIX 2.1 section 9.4]");
}

struct stix_tokens stix_token_begin(slice text)
{
    struct stix_tokens p = {.text = text};
    stix_token_next(&p);
    return p;
}
