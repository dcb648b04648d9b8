/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/pattern.h"

#include "base/arena.h"

/*
 * Two layers: a tokenizer, and a parser that reads one token ahead. The parser keeps a sticky first error and then sees
 * nothing but the end, so that the rules below read straight down. Parentheses are counted, not nested: who does not
 * evaluate needs no more, and no input can make us recurse.
 */

enum token_kind {
    TOKEN_END,
    TOKEN_NAME,
    TOKEN_HYPHEN_NAME, /* allowed as an object type only */
    TOKEN_STRING,
    TOKEN_INTEGER,
    TOKEN_FLOAT,
    TOKEN_BINARY,
    TOKEN_HEX,
    TOKEN_TIME,
    TOKEN_BOOLEAN,
    TOKEN_EQ,
    TOKEN_NE,
    TOKEN_LT,
    TOKEN_LE,
    TOKEN_GT,
    TOKEN_GE,
    TOKEN_IN,
    TOKEN_LIKE,
    TOKEN_MATCHES,
    TOKEN_ISSUBSET,
    TOKEN_ISSUPERSET,
    TOKEN_AND,
    TOKEN_OR,
    TOKEN_NOT,
    TOKEN_EXISTS,
    TOKEN_FOLLOWEDBY,
    TOKEN_WITHIN,
    TOKEN_SECONDS,
    TOKEN_REPEATS,
    TOKEN_TIMES,
    TOKEN_START,
    TOKEN_STOP,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_OPEN_SQUARE,
    TOKEN_CLOSE_SQUARE,
    TOKEN_COLON,
    TOKEN_DOT,
    TOKEN_COMMA,
    TOKEN_STAR,
};

#define BIT(kind) (UINT64_C(1) << (kind))

/* Keywords are written in capitals, the booleans in small letters (9.2, 9.8). */
static const struct keyword {
    const char *text;
    enum token_kind kind;
} keywords[] = {
        {"AND", TOKEN_AND},
        {"OR", TOKEN_OR},
        {"NOT", TOKEN_NOT},
        {"IN", TOKEN_IN},
        {"LIKE", TOKEN_LIKE},
        {"MATCHES", TOKEN_MATCHES},
        {"ISSUBSET", TOKEN_ISSUBSET},
        {"ISSUPERSET", TOKEN_ISSUPERSET},
        {"EXISTS", TOKEN_EXISTS},
        {"FOLLOWEDBY", TOKEN_FOLLOWEDBY},
        {"WITHIN", TOKEN_WITHIN},
        {"SECONDS", TOKEN_SECONDS},
        {"REPEATS", TOKEN_REPEATS},
        {"TIMES", TOKEN_TIMES},
        {"START", TOKEN_START},
        {"STOP", TOKEN_STOP},
        {"true", TOKEN_BOOLEAN},
        {"false", TOKEN_BOOLEAN},
};

/* The longer of two that begin alike comes first. */
static const struct keyword marks[] = {
        {"==", TOKEN_EQ},
        {"=", TOKEN_EQ},
        {"!=", TOKEN_NE},
        {"<>", TOKEN_NE},
        {"<=", TOKEN_LE},
        {"<", TOKEN_LT},
        {">=", TOKEN_GE},
        {">", TOKEN_GT},
        {"(", TOKEN_OPEN},
        {")", TOKEN_CLOSE},
        {"[", TOKEN_OPEN_SQUARE},
        {"]", TOKEN_CLOSE_SQUARE},
        {":", TOKEN_COLON},
        {".", TOKEN_DOT},
        {",", TOKEN_COMMA},
        {"*", TOKEN_STAR},
};

#define LITERALS_ORDERED                                                                                               \
    (BIT(TOKEN_STRING) | BIT(TOKEN_INTEGER) | BIT(TOKEN_FLOAT) | BIT(TOKEN_BINARY) | BIT(TOKEN_HEX) | BIT(TOKEN_TIME))
#define LITERALS_ANY (LITERALS_ORDERED | BIT(TOKEN_BOOLEAN))

/* The comparison operators (9.5.2): what may stand behind each, and which of them a table can answer. */
static const struct operator_row {
    enum token_kind token;
    const char *name;
    uint64_t literals;
    bool is_simple;
    enum stix_pattern_relation simple;
} operators[] = {
        {TOKEN_EQ, "=", LITERALS_ANY, true, STIX_PATTERN_EQUALS},
        {TOKEN_NE, "!=", LITERALS_ANY, false, 0},
        {TOKEN_LT, "<", LITERALS_ORDERED, false, 0},
        {TOKEN_LE, "<=", LITERALS_ORDERED, false, 0},
        {TOKEN_GT, ">", LITERALS_ORDERED, false, 0},
        {TOKEN_GE, ">=", LITERALS_ORDERED, false, 0},
        {TOKEN_IN, "IN", LITERALS_ANY, true, STIX_PATTERN_EQUALS},
        {TOKEN_LIKE, "LIKE", BIT(TOKEN_STRING), true, STIX_PATTERN_LIKE},
        {TOKEN_MATCHES, "MATCHES", BIT(TOKEN_STRING), false, 0},
        {TOKEN_ISSUBSET, "ISSUBSET", BIT(TOKEN_STRING), true, STIX_PATTERN_ISSUBSET},
        {TOKEN_ISSUPERSET, "ISSUPERSET", BIT(TOKEN_STRING), false, 0},
};

struct token {
    enum token_kind kind;
    slice text;   /* of a string or another quoted literal: what is between the quotes */
    size_t at;    /* where it begins */
    bool escaped; /* a string with a backslash */
};

struct parser {
    slice text;
    size_t at;  /* behind the token */
    size_t end; /* behind the token taken last */
    struct token token;
    struct arena *arena;
    struct stix_pattern_atom *last;
    struct stix_pattern pattern;
    struct err err;
    size_t err_at;
};

static void fail_at(struct parser *p, size_t at, enum err_kind kind, const char *why)
{
    if (p->err.kind == ERR_NONE) {
        p->err = err_make(kind, why);
        p->err_at = at;
    }
    p->token = (struct token){.kind = TOKEN_END, .at = at};
    p->at = p->text.len;
}

static void fail(struct parser *p, const char *why)
{
    fail_at(p, p->token.at, ERR_INPUT, why);
}

static bool failed(const struct parser *p)
{
    return p->err.kind != ERR_NONE;
}

/* The tokenizer. */

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name(char c)
{
    return is_name_start(c) || byte_is_digit(c) || c == '-';
}

static char byte_at(const struct parser *p, size_t at)
{
    return at < p->text.len ? p->text.ptr[at] : '\0';
}

static bool is_blank(char c)
{
    return byte_is_blank(c) || c == '\v' || c == '\f';
}

/* Where the comment that begins here ends; the end of the text if nothing closes it. */
static size_t comment_end(const struct parser *p)
{
    slice rest = slice_from(p->text, p->at);
    if (rest.ptr[1] == '/')
        return p->at + slice_find(rest, '\n');
    size_t body = slice_find_slice(slice_from(rest, 2), S("*/"));
    return body == rest.len - 2 ? p->text.len : p->at + body + 4;
}

static void skip_blanks(struct parser *p)
{
    for (;;) {
        while (is_blank(byte_at(p, p->at)))
            p->at++;
        if (byte_at(p, p->at) != '/' || (byte_at(p, p->at + 1) != '/' && byte_at(p, p->at + 1) != '*'))
            return;
        p->at = comment_end(p);
    }
}

static void take_name(struct parser *p)
{
    size_t from = p->at;
    while (is_name(byte_at(p, p->at)))
        p->at++;
    slice text = slice_part(p->text, from, p->at);
    enum token_kind kind = slice_find(text, '-') == text.len ? TOKEN_NAME : TOKEN_HYPHEN_NAME;
    for (size_t i = 0; i < COUNT_OF(keywords); i++)
        if (slice_eq(text, slice_of(keywords[i].text)))
            kind = keywords[i].kind;
    p->token = (struct token){.kind = kind, .text = text, .at = from};
}

/* From the opening quote on. `escapes`: a backslash stands before a quote or another backslash, and nothing else. */
static bool take_quoted(struct parser *p, enum token_kind kind, size_t from, bool escapes)
{
    size_t open = p->at++;
    bool escaped = false;
    for (char c; p->at < p->text.len && (c = p->text.ptr[p->at]) != '\''; p->at++) {
        if (c != '\\' || !escapes)
            continue;
        escaped = true;
        p->at++;
        if (byte_at(p, p->at) != '\'' && byte_at(p, p->at) != '\\') {
            fail_at(p, p->at - 1, ERR_INPUT, "a backslash in a string stands before ' or another backslash only [9.2]");
            return false;
        }
    }
    if (p->at >= p->text.len) {
        fail_at(p, open, ERR_INPUT, "a quote is opened and not closed");
        return false;
    }
    p->token = (struct token){kind, slice_part(p->text, open + 1, p->at), from, escaped};
    p->at++;
    return true;
}

static bool number_in(slice text, size_t at, size_t digits, unsigned least, unsigned most)
{
    uint64_t n;
    return slice_u64(slice_part(text, at, at + digits), most, &n) && n >= least;
}

/* The ranges of the fields are checked, not the calendar: the grammar takes the 30th of February. */
static bool is_timestamp(slice text)
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

static bool is_base64(slice text)
{
    size_t padding = 0;
    while (padding < 2 && padding < text.len && text.ptr[text.len - 1 - padding] == '=')
        padding++;
    for (size_t i = 0; i < text.len - padding; i++) {
        char c = text.ptr[i];
        if (!(byte_is_digit(c) || (byte_lower(c) >= 'a' && byte_lower(c) <= 'z') || c == '+' || c == '/'))
            return false;
    }
    return text.len % 4 == 0;
}

static const struct prefixed {
    char letter;
    enum token_kind kind;
    bool (*valid)(slice text);
    const char *wrong;
} prefixed[] = {
        {'t', TOKEN_TIME, is_timestamp, "a timestamp is written t'2026-01-31T10:00:00Z' [9.2]"},
        {'h', TOKEN_HEX, is_hex, "a hexadecimal constant is pairs of hexadecimal digits [9.2]"},
        {'b', TOKEN_BINARY, is_base64, "a binary constant is base64 [9.2]"},
};

/* t'...', h'...' and b'...'; false if nothing of the kind begins here. */
static bool take_prefixed(struct parser *p)
{
    if (byte_at(p, p->at + 1) != '\'')
        return false;
    for (size_t i = 0; i < COUNT_OF(prefixed); i++) {
        if (p->text.ptr[p->at] != prefixed[i].letter)
            continue;
        size_t from = p->at++;
        if (take_quoted(p, prefixed[i].kind, from, false) && !prefixed[i].valid(p->token.text))
            fail_at(p, from, ERR_INPUT, prefixed[i].wrong);
        return true;
    }
    return false;
}

static size_t digits_end(const struct parser *p, size_t at)
{
    while (byte_is_digit(byte_at(p, at)))
        at++;
    return at;
}

/* A whole number or one with a fraction; false if none begins here. */
static bool take_number(struct parser *p)
{
    size_t from = p->at;
    size_t whole = from + (byte_at(p, from) == '-' || byte_at(p, from) == '+');
    size_t end = digits_end(p, whole);
    enum token_kind kind = TOKEN_INTEGER;
    if (byte_at(p, end) == '.' && byte_is_digit(byte_at(p, end + 1))) {
        kind = TOKEN_FLOAT;
        end = digits_end(p, end + 1);
    } else if (end == whole) {
        return false;
    } else if (end - whole > 1 && p->text.ptr[whole] == '0') {
        fail_at(p, from, ERR_INPUT, "a whole number has no leading zero [9.2]");
        return true;
    }
    p->at = end;
    p->token = (struct token){.kind = kind, .text = slice_part(p->text, from, end), .at = from};
    return true;
}

static bool take_mark(struct parser *p)
{
    slice rest = slice_from(p->text, p->at);
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        slice mark = slice_of(marks[i].text);
        if (!slice_starts(rest, mark))
            continue;
        p->token = (struct token){.kind = marks[i].kind, .text = mark, .at = p->at};
        p->at += mark.len;
        return true;
    }
    return false;
}

static void next(struct parser *p)
{
    skip_blanks(p);
    if (p->at >= p->text.len) {
        p->token = (struct token){.kind = TOKEN_END, .at = p->text.len};
        return;
    }
    char c = p->text.ptr[p->at];
    if (c == '\'')
        take_quoted(p, TOKEN_STRING, p->at, true);
    else if (take_prefixed(p) || take_number(p) || take_mark(p))
        return;
    else if (is_name_start(c))
        take_name(p);
    else
        fail_at(p, p->at, ERR_INPUT, "a character that no pattern holds outside of quotes");
}

/* The parser. */

static bool accept(struct parser *p, enum token_kind kind)
{
    if (p->token.kind != kind || failed(p))
        return false;
    p->end = p->at;
    next(p);
    return true;
}

static void expect(struct parser *p, enum token_kind kind, const char *why)
{
    if (!accept(p, kind))
        fail(p, why);
}

static void beyond(struct parser *p, const char *what)
{
    if (p->pattern.beyond == NULL)
        p->pattern.beyond = what;
}

static bool step_is_plain(slice step)
{
    for (size_t i = 0; i < step.len; i++)
        if (!is_name(step.ptr[i]))
            return false;
    return step.len > 0;
}

static bool path_is_plain(slice source)
{
    for (size_t i = 0; i < source.len; i++)
        if (!is_name(source.ptr[i]) && source.ptr[i] != '.')
            return false;
    return true;
}

/* The one spelling of a path: no blanks, and no quotes that are not needed. Never longer than the source. */
static slice path_spell(struct parser *p, slice source)
{
    if (path_is_plain(source))
        return source;
    char *text = arena_take(p->arena, source.len);
    size_t len = 0;
    struct parser steps = {.text = source};
    for (next(&steps); steps.token.kind != TOKEN_END; next(&steps)) {
        slice step = steps.token.text;
        bool quoted = steps.token.kind == TOKEN_STRING && !step_is_plain(step);
        if (quoted)
            text[len++] = '\'';
        memcpy(text + len, step.ptr, step.len);
        len += step.len;
        if (quoted)
            text[len++] = '\'';
    }
    return (slice){text, len};
}

static void read_step(struct parser *p)
{
    if (p->token.kind == TOKEN_HYPHEN_NAME)
        fail(p, "a property name with a hyphen is written in quotes [9.7]");
    else if (!accept(p, TOKEN_NAME))
        expect(p, TOKEN_STRING, "a property name is wanted here");
}

static void read_index(struct parser *p)
{
    if (!accept(p, TOKEN_STAR))
        expect(p, TOKEN_INTEGER, "an index is a whole number or * [9.7.3]");
    expect(p, TOKEN_CLOSE_SQUARE, "an index ends with ] [9.7.3]");
}

/* file:hashes.'SHA-256' (9.7); fills object and path of the atom. */
static void read_path(struct parser *p, struct stix_pattern_atom *atom)
{
    atom->object = p->token.text;
    if (!accept(p, TOKEN_HYPHEN_NAME))
        expect(p, TOKEN_NAME, "a comparison begins with an object path, as file:name does [9.7]");
    expect(p, TOKEN_COLON, "an object path has a colon behind the object type [9.7]");
    size_t from = p->token.at;
    read_step(p);
    while (!failed(p)) {
        if (accept(p, TOKEN_DOT))
            read_step(p);
        else if (accept(p, TOKEN_OPEN_SQUARE))
            read_index(p);
        else
            break;
    }
    if (!failed(p))
        atom->path = path_spell(p, slice_part(p->text, from, p->end));
}

static slice unescape(struct parser *p, slice quoted)
{
    char *text = arena_take(p->arena, quoted.len);
    size_t len = 0;
    for (size_t i = 0; i < quoted.len; i++) {
        if (quoted.ptr[i] == '\\')
            i++;
        text[len++] = quoted.ptr[i];
    }
    return (slice){text, len};
}

static void keep(struct parser *p, struct stix_pattern_atom atom)
{
    if (p->pattern.count == STIX_PATTERN_ATOMS_MAX) {
        fail_at(p, p->token.at, ERR_LIMIT, "a pattern of more than 1048576 comparisons");
        return;
    }
    atom.value = p->token.escaped ? unescape(p, p->token.text) : p->token.text;
    atom.is_text = p->token.kind == TOKEN_STRING;
    struct stix_pattern_atom *kept = arena_new(p->arena, struct stix_pattern_atom, 1);
    *kept = atom;
    if (p->last == NULL)
        p->pattern.atoms = kept;
    else
        p->last->next = kept;
    p->last = kept;
    p->pattern.count++;
}

static void read_literal(struct parser *p, const struct operator_row *row, const struct stix_pattern_atom *atom)
{
    if ((row->literals & BIT(p->token.kind)) == 0) {
        fail(p, "a constant is wanted here that the operator can take [9.5.2]");
        return;
    }
    /* Once beyond, the atoms will not be used; do not fill the arena with them. */
    if (p->pattern.beyond == NULL)
        keep(p, *atom);
    accept(p, p->token.kind);
}

static void read_set(struct parser *p, const struct operator_row *row, const struct stix_pattern_atom *atom)
{
    expect(p, TOKEN_OPEN, "the set behind IN begins with ( [9.5.2]");
    if (accept(p, TOKEN_CLOSE)) {
        beyond(p, "an empty set");
        return;
    }
    do
        read_literal(p, row, atom);
    while (accept(p, TOKEN_COMMA));
    expect(p, TOKEN_CLOSE, "the set behind IN goes on with a comma or ends with ) [9.5.2]");
}

static const struct operator_row *take_operator(struct parser *p)
{
    for (size_t i = 0; i < COUNT_OF(operators); i++)
        if (accept(p, operators[i].token))
            return &operators[i];
    fail(p, "a comparison operator is wanted behind the object path [9.5.2]");
    return NULL;
}

static void read_comparison(struct parser *p)
{
    struct stix_pattern_atom atom = {0};
    bool negated = accept(p, TOKEN_NOT);
    if (negated)
        beyond(p, "NOT");
    if (negated && p->token.kind != TOKEN_EXISTS) {
        fail(p, "NOT stands before EXISTS or between object path and operator [9.5]");
        return;
    }
    if (accept(p, TOKEN_EXISTS)) {
        beyond(p, "EXISTS");
        read_path(p, &atom);
        return;
    }
    read_path(p, &atom);
    if (accept(p, TOKEN_NOT))
        beyond(p, "NOT");
    const struct operator_row *row = take_operator(p);
    if (row == NULL)
        return;
    if (!row->is_simple)
        beyond(p, row->name);
    atom.relation = row->simple;
    if (row->token == TOKEN_IN)
        read_set(p, row, &atom);
    else
        read_literal(p, row, &atom);
}

/* The inside of one [ ]. */
static void read_comparisons(struct parser *p)
{
    for (size_t depth = 0;;) {
        while (accept(p, TOKEN_OPEN))
            depth++;
        read_comparison(p);
        while (depth > 0 && accept(p, TOKEN_CLOSE))
            depth--;
        if (accept(p, TOKEN_AND)) {
            beyond(p, "AND");
            continue;
        }
        if (accept(p, TOKEN_OR))
            continue;
        if (depth > 0)
            fail(p, "AND, OR or ) is wanted here [9.5]");
        return;
    }
}

static bool is_positive(slice number)
{
    for (size_t i = 0; i < number.len; i++)
        if (number.ptr[i] >= '1' && number.ptr[i] <= '9')
            return number.ptr[0] != '-';
    return false;
}

static void read_count(struct parser *p, uint64_t kinds, const char *why)
{
    if ((kinds & BIT(p->token.kind)) == 0 || !is_positive(p->token.text))
        fail(p, why);
    else
        next(p);
}

static void read_within(struct parser *p)
{
    read_count(p, BIT(TOKEN_INTEGER) | BIT(TOKEN_FLOAT), "WITHIN takes a positive number [9.3.1]");
    expect(p, TOKEN_SECONDS, "WITHIN 5 ends with SECONDS [9.3.1]");
}

static void read_repeats(struct parser *p)
{
    read_count(p, BIT(TOKEN_INTEGER), "REPEATS takes a positive whole number [9.3.1]");
    expect(p, TOKEN_TIMES, "REPEATS 5 ends with TIMES [9.3.1]");
}

static void read_start(struct parser *p)
{
    expect(p, TOKEN_TIME, "START takes a timestamp, written t'2026-01-31T10:00:00Z' [9.3.1]");
    expect(p, TOKEN_STOP, "START t'...' goes on with STOP [9.3.1]");
    expect(p, TOKEN_TIME, "STOP takes a timestamp, written t'2026-01-31T10:00:00Z' [9.3.1]");
}

static const struct qualifier {
    enum token_kind token;
    const char *name;
    void (*read)(struct parser *p);
} qualifiers[] = {
        {TOKEN_WITHIN, "WITHIN", read_within},
        {TOKEN_REPEATS, "REPEATS", read_repeats},
        {TOKEN_START, "START", read_start},
};

static const struct qualifier *take_qualifier(struct parser *p)
{
    for (size_t i = 0; i < COUNT_OF(qualifiers); i++)
        if (accept(p, qualifiers[i].token))
            return &qualifiers[i];
    return NULL;
}

/* What may stand behind ] and ), each kind once (9.3.1). */
static void read_qualifiers(struct parser *p)
{
    uint64_t seen = 0;
    for (const struct qualifier *q; (q = take_qualifier(p)) != NULL; seen |= BIT(q->token)) {
        if ((seen & BIT(q->token)) != 0)
            fail(p, "the same qualifier twice; parentheses would say what it belongs to [9.3.1]");
        beyond(p, q->name);
        q->read(p);
    }
}

static bool read_joint(struct parser *p)
{
    if (accept(p, TOKEN_OR))
        return true;
    const char *name = p->token.kind == TOKEN_AND ? "AND" : "FOLLOWEDBY";
    if (!accept(p, TOKEN_AND) && !accept(p, TOKEN_FOLLOWEDBY))
        return false;
    beyond(p, name);
    return true;
}

static void read_observations(struct parser *p)
{
    size_t depth = 0;
    do {
        while (accept(p, TOKEN_OPEN))
            depth++;
        expect(p, TOKEN_OPEN_SQUARE, "an observation begins with [ [9.3]");
        read_comparisons(p);
        expect(p, TOKEN_CLOSE_SQUARE, "AND, OR or ] is wanted behind a comparison [9.3]");
        read_qualifiers(p);
        while (depth > 0 && accept(p, TOKEN_CLOSE)) {
            depth--;
            read_qualifiers(p);
        }
    } while (read_joint(p));
    if (depth > 0)
        fail(p, "a parenthesis is opened and not closed");
    else if (p->token.kind != TOKEN_END)
        fail(p, "AND, OR, FOLLOWEDBY, a qualifier or the end is wanted behind an observation [9.3]");
}

struct err stix_pattern_parse(slice text, struct arena *arena, struct stix_pattern *pattern, size_t *column)
{
    struct parser p = {.text = text, .arena = arena};
    if (text.len > STIX_PATTERN_BYTES_MAX) {
        *column = 1;
        return err_make(ERR_LIMIT, "a pattern longer than 16777216 bytes");
    }
    next(&p);
    read_observations(&p);
    if (failed(&p)) {
        *column = p.err_at + 1;
        return p.err;
    }
    *pattern = p.pattern;
    return OK;
}
