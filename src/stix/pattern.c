/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/pattern.h"

#include "base/arena.h"
#include "stix/regex.h"
#include "stix/text.h"
#include "stix/token.h"
#include "json/check.h"

/*
 * A parser by rules that reads one token ahead. After the first mistake it sees nothing but the end (stix/token.h), so
 * that the rules below read straight down. Only parentheses nest, to a ceiling; what AND, OR and FOLLOWEDBY join
 * becomes one node with many children.
 */

#define ORDERED                                                                                                        \
    (TOKEN_BIT(TOKEN_STRING) | TOKEN_BIT(TOKEN_INTEGER) | TOKEN_BIT(TOKEN_FLOAT) | TOKEN_BIT(TOKEN_BINARY) |           \
            TOKEN_BIT(TOKEN_HEX) | TOKEN_BIT(TOKEN_TIME))
#define ANY (ORDERED | TOKEN_BIT(TOKEN_BOOLEAN))
#define TEXT_ONLY TOKEN_BIT(TOKEN_STRING)
#define WINDOW_MOST_US ((int64_t)1 << 60) /* some 36,000 years */
#define TIMES_MOST ((uint64_t)1 << 40)

/* The comparison operators (9.6.1): what may stand behind each, and which of them a table can answer. */
static const struct operator_row {
    enum stix_token_kind token;
    enum stix_operator how;
    const char *name;
    uint64_t constants;
    bool is_simple;
    enum stix_relation relation;
} operators[] = {
        {TOKEN_EQ, STIX_EQUAL, "=", ANY, true, STIX_RELATION_EQUALS},
        {TOKEN_NE, STIX_UNEQUAL, "!=", ANY, false, 0},
        {TOKEN_LT, STIX_LESS, "<", ORDERED, false, 0},
        {TOKEN_LE, STIX_LESS_EQUAL, "<=", ORDERED, false, 0},
        {TOKEN_GT, STIX_GREATER, ">", ORDERED, false, 0},
        {TOKEN_GE, STIX_GREATER_EQUAL, ">=", ORDERED, false, 0},
        {TOKEN_IN, STIX_IN, "IN", ANY, true, STIX_RELATION_EQUALS},
        {TOKEN_LIKE, STIX_LIKE, "LIKE", TEXT_ONLY, true, STIX_RELATION_LIKE},
        {TOKEN_MATCHES, STIX_MATCHES, "MATCHES", TEXT_ONLY, false, 0},
        {TOKEN_ISSUBSET, STIX_ISSUBSET, "ISSUBSET", TEXT_ONLY, true, STIX_RELATION_ISSUBSET},
        {TOKEN_ISSUPERSET, STIX_ISSUPERSET, "ISSUPERSET", TEXT_ONLY, false, 0},
};

/* Hashes whose length says whether a constant can be one (2.7, 10.7); names without hyphens, as feeds write both. */
static const struct hash_row {
    const char *name;
    size_t digits;
} hashes[] = {
        {"MD5", 32},
        {"SHA1", 40},
        {"SHA224", 56},
        {"SHA256", 64},
        {"SHA384", 96},
        {"SHA512", 128},
        {"SHA3224", 56},
        {"SHA3256", 64},
        {"SHA3384", 96},
        {"SHA3512", 128},
        {"RIPEMD160", 40},
        {"WHIRLPOOL", 128},
};

struct parser {
    struct stix_tokens tokens;
    struct arena *arena;
    struct stix_pattern pattern;
    struct stix_atom *last_atom;
    slice types[STIX_PATTERN_TYPES_MAX]; /* of the [ ] at hand */
    size_t type_count;
    size_t depth;
    size_t constant_count;
    size_t regex_count;
    size_t mixed_at; /* the AND that no one object can meet; SIZE_MAX: none */
};

static enum stix_token_kind kind(const struct parser *p)
{
    return p->tokens.token.kind;
}

static bool failed(const struct parser *p)
{
    return p->tokens.err.kind != ERR_NONE;
}

static void fail(struct parser *p, const char *why)
{
    stix_token_fail(&p->tokens, p->tokens.token.at, ERR_INPUT, why);
}

static void fail_limit(struct parser *p, const char *why)
{
    stix_token_fail(&p->tokens, p->tokens.token.at, ERR_LIMIT, why);
}

static bool accept(struct parser *p, enum stix_token_kind wanted)
{
    if (kind(p) != wanted || failed(p))
        return false;
    stix_token_next(&p->tokens);
    return true;
}

static void expect(struct parser *p, enum stix_token_kind wanted, const char *why)
{
    if (!accept(p, wanted))
        fail(p, why);
}

static void beyond(struct parser *p, const char *what)
{
    if (p->pattern.beyond == NULL)
        p->pattern.beyond = what;
}

static struct stix_node *node(struct parser *p, enum stix_node_kind what)
{
    struct stix_node *made = arena_new(p->arena, struct stix_node, 1);
    made->kind = what;
    return made;
}

/* ---- Object paths (9.7) ---- */

static slice unescape(struct parser *p, const struct stix_token *token)
{
    if (!token->escaped)
        return token->text;
    char *text = arena_take(p->arena, token->text.len);
    size_t len = 0;
    for (size_t i = 0; i < token->text.len; i++) {
        if (token->text.ptr[i] == '\\')
            i++;
        text[len++] = token->text.ptr[i];
    }
    return (slice){text, len};
}

static bool step_is_plain(slice step)
{
    for (size_t i = 0; i < step.len; i++)
        if (!stix_token_is_name(step.ptr[i]))
            return false;
    return step.len > 0;
}

static bool path_is_plain(slice source)
{
    for (size_t i = 0; i < source.len; i++)
        if (!stix_token_is_name(source.ptr[i]) && source.ptr[i] != '.')
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
    for (struct stix_tokens t = stix_token_begin(source); t.token.kind != TOKEN_END; stix_token_next(&t)) {
        slice step = t.token.text;
        bool quoted = t.token.kind == TOKEN_STRING && !step_is_plain(step);
        if (quoted)
            text[len++] = '\'';
        memcpy(text + len, step.ptr, step.len);
        len += step.len;
        if (quoted)
            text[len++] = '\'';
    }
    return (slice){text, len};
}

static struct stix_step read_key(struct parser *p)
{
    struct stix_step step = {.kind = STIX_STEP_KEY, .key = unescape(p, &p->tokens.token)};
    if (kind(p) == TOKEN_HYPHEN_NAME)
        fail(p, "a property name with a hyphen is written in quotes [STIX 2.1 section 9.7]");
    else if (!accept(p, TOKEN_NAME))
        expect(p, TOKEN_STRING,
                "a property name is wanted here; a keyword as a name is written in quotes [STIX 2.1 section 9.7]");
    return step;
}

/* A list as long as an index beyond 2^62 does not exist: any such number will do. */
static int64_t index_of(slice digits)
{
    uint64_t n;
    bool negative = digits.ptr[0] == '-', sign = negative || digits.ptr[0] == '+';
    bool fits = slice_u64(slice_from(digits, sign), (uint64_t)INT64_MAX, &n);
    return negative ? -1 : fits ? (int64_t)n : INT64_MAX;
}

static struct stix_step read_index(struct parser *p)
{
    struct stix_step step = {.kind = STIX_STEP_EVERY};
    if (kind(p) == TOKEN_INTEGER)
        step = (struct stix_step){.kind = STIX_STEP_INDEX, .index = index_of(p->tokens.token.text)};
    if (!accept(p, TOKEN_STAR))
        expect(p, TOKEN_INTEGER, "an index is a whole number or * [STIX 2.1 section 9.7.2]");
    expect(p, TOKEN_CLOSE_SQUARE, "an index ends with ] [STIX 2.1 section 9.7.2]");
    return step;
}

/* The last name says how values are written (9.6.4). */
static enum stix_coding coding_of(const struct stix_step *steps, size_t count)
{
    while (count > 0 && steps[count - 1].kind != STIX_STEP_KEY)
        count--;
    if (count > 0 && slice_ends(steps[count - 1].key, S("_hex")))
        return STIX_CODING_HEX;
    if (count > 0 && slice_ends(steps[count - 1].key, S("_bin")))
        return STIX_CODING_BASE64;
    return STIX_CODING_NONE;
}

static size_t read_steps(struct parser *p, struct stix_step steps[STIX_PATTERN_STEPS_MAX])
{
    size_t count = 0;
    steps[count++] = read_key(p);
    while (!failed(p)) {
        bool key = accept(p, TOKEN_DOT);
        if (!key && !accept(p, TOKEN_OPEN_SQUARE))
            break;
        if (count == STIX_PATTERN_STEPS_MAX)
            fail_limit(p, "an object path of more than 32 steps");
        else
            steps[count++] = key ? read_key(p) : read_index(p);
    }
    return count;
}

/* file:hashes.'SHA-256' */
static void read_path(struct parser *p, struct stix_path *path)
{
    struct stix_step steps[STIX_PATTERN_STEPS_MAX];
    path->object = p->tokens.token.text;
    if (!accept(p, TOKEN_HYPHEN_NAME))
        expect(p, TOKEN_NAME, "a comparison begins with an object path, as file:name does [STIX 2.1 section 9.6]");
    expect(p, TOKEN_COLON, "an object path has a colon behind the object type [STIX 2.1 section 9.7]");
    size_t from = p->tokens.token.at, count = read_steps(p, steps);
    if (failed(p))
        return;
    struct stix_step *kept = arena_new(p->arena, struct stix_step, count);
    memcpy(kept, steps, count * sizeof *steps);
    for (size_t i = 0; i < count; i++)
        path->every_count += steps[i].kind == STIX_STEP_EVERY;
    path->steps = kept;
    path->step_count = (uint32_t)count;
    path->coding = coding_of(steps, count);
    path->text = path_spell(p, slice_part(p->tokens.text, from, p->tokens.end));
}

/* ---- Constants (9.2) ---- */

static void take_number(struct parser *p, slice text, struct stix_constant *constant)
{
    slice digits = slice_from(text, text.ptr[0] == '+' || text.ptr[0] == '-');
    uint64_t whole;
    constant->kind = STIX_CONSTANT_NUMBER;
    constant->number = strtod(arena_cstr(p->arena, text), NULL);
    constant->is_integer = slice_u64(digits, (uint64_t)INT64_MAX, &whole);
    if (constant->is_integer)
        constant->integer = text.ptr[0] == '-' ? -(int64_t)whole : (int64_t)whole;
}

static struct stix_constant constant_of(struct parser *p, const struct stix_token *token)
{
    struct stix_constant constant = {.kind = STIX_CONSTANT_TEXT, .text = unescape(p, token)};
    if (token->kind == TOKEN_STRING) {
        stix_text_as_bytes(constant.text, p->arena, &constant.bytes);
    } else if (token->kind == TOKEN_HEX || token->kind == TOKEN_BINARY) {
        constant.kind = STIX_CONSTANT_BYTES;
        (token->kind == TOKEN_HEX ? stix_text_from_hex : stix_text_from_base64)(token->text, p->arena, &constant.bytes);
    } else if (token->kind == TOKEN_TIME) {
        constant.kind = STIX_CONSTANT_TIME;
    } else if (token->kind == TOKEN_BOOLEAN) {
        constant.kind = STIX_CONSTANT_BOOLEAN;
        constant.boolean = slice_eq(token->text, S("true"));
    } else {
        take_number(p, token->text, &constant);
    }
    return constant;
}

static void keep_atom(struct parser *p, const struct operator_row *row, const struct stix_test *test,
        const struct stix_constant *constant)
{
    struct stix_atom *atom = arena_new(p->arena, struct stix_atom, 1);
    *atom = (struct stix_atom){&test->path, constant, row->relation, NULL};
    if (p->last_atom == NULL)
        p->pattern.atoms = atom;
    else
        p->last_atom->next = atom;
    p->last_atom = atom;
    p->pattern.atom_count++;
}

static struct stix_constant *read_constant(struct parser *p, const struct operator_row *row, struct stix_test *test)
{
    if ((row->constants & TOKEN_BIT(kind(p))) == 0) {
        fail(p, "a constant is wanted here that the operator can take [STIX 2.1 section 9.6.1]");
        return NULL;
    }
    if (++p->constant_count > STIX_PATTERN_CONSTANTS_MAX || arena_full(p->arena)) {
        fail_limit(p, "a pattern of more than 1048576 constants, or of more memory than we give to one");
        return NULL;
    }
    struct stix_constant *constant = arena_new(p->arena, struct stix_constant, 1);
    *constant = constant_of(p, &p->tokens.token);
    test->constant_count++;
    if (p->pattern.beyond == NULL)
        keep_atom(p, row, test, constant);
    return constant;
}

/* Two numbers are of one kind, whether they have a fraction or not. */
static void read_set(struct parser *p, const struct operator_row *row, struct stix_test *test)
{
    struct stix_constant *last = NULL;
    expect(p, TOKEN_OPEN, "the set behind IN begins with ( [STIX 2.1 section 9.6.1]");
    if (accept(p, TOKEN_CLOSE)) {
        beyond(p, "an empty set");
        return;
    }
    do {
        struct stix_constant *constant = read_constant(p, row, test);
        if (constant == NULL)
            return;
        if (last == NULL)
            test->constants = constant;
        else if (last->kind != constant->kind)
            fail(p, "the constants behind IN are of one kind [STIX 2.1 section 9.6.1]");
        else
            last->next = constant;
        last = constant;
        accept(p, kind(p));
    } while (accept(p, TOKEN_COMMA));
    expect(p, TOKEN_CLOSE, "the set behind IN goes on with a comma or ends with ) [STIX 2.1 section 9.6.1]");
}

/* ---- Comparisons (9.6) ---- */

static const struct operator_row *take_operator(struct parser *p)
{
    for (size_t i = 0; i < COUNT_OF(operators); i++)
        if (accept(p, operators[i].token))
            return &operators[i];
    fail(p, "a comparison operator is wanted behind the object path [STIX 2.1 section 9.6.1]");
    return NULL;
}

static bool name_is(slice name, const char *wanted)
{
    size_t at = 0;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (c == '-' || c == '_')
            continue;
        if (wanted[at] == '\0' || byte_lower(c) != byte_lower(wanted[at]))
            return false;
        at++;
    }
    return wanted[at] == '\0';
}

/* How many digits a value of this property has; 0: it is no hash, or one of no fixed length. */
static size_t hash_digits(const struct stix_path *path)
{
    if (path->step_count < 2)
        return 0;
    const struct stix_step *of = &path->steps[path->step_count - 2], *last = of + 1;
    if (of->kind != STIX_STEP_KEY || last->kind != STIX_STEP_KEY || !slice_eq(of->key, S("hashes")))
        return 0;
    for (size_t i = 0; i < COUNT_OF(hashes); i++)
        if (name_is(last->key, hashes[i].name))
            return hashes[i].digits;
    return 0;
}

static bool is_hash(slice text, size_t digits)
{
    for (size_t i = 0; i < text.len; i++)
        if (byte_hex(text.ptr[i]) < 0)
            return false;
    return text.len == digits;
}

static bool hashes_fit(const struct stix_test *test)
{
    bool whole = test->how == STIX_EQUAL || test->how == STIX_UNEQUAL || test->how == STIX_IN;
    size_t digits = whole ? hash_digits(&test->path) : 0;
    for (const struct stix_constant *c = test->constants; digits > 0 && c != NULL; c = c->next)
        if (c->kind == STIX_CONSTANT_TEXT && !is_hash(c->text, digits))
            return false;
    return true;
}

/* Where `at` bytes into a string are in the pattern. */
static size_t in_string(const struct stix_token *token, size_t at)
{
    size_t place = token->at + 1;
    for (size_t i = 0; i < at && i < token->text.len; i++, place++)
        if (token->escaped && token->text.ptr[place - token->at - 1] == '\\')
            place++;
    return place;
}

static void prepare_regex(struct parser *p, struct stix_test *test, const struct stix_token *token)
{
    bool bytes = test->path.coding != STIX_CODING_NONE;
    slice expression = bytes ? test->constants->bytes : stix_text_normal(test->constants->text, p->arena);
    if (++p->regex_count > STIX_PATTERN_REGEXES_MAX) {
        fail_limit(p, "a pattern of more than 1024 regular expressions");
        return;
    }
    if (expression.ptr == NULL)
        return;
    size_t offset;
    struct err err = stix_regex_compile(expression, bytes, p->arena, &test->regex, &offset);
    if (err.kind != ERR_NONE)
        stix_token_fail(&p->tokens, in_string(token, offset), err.kind, err.why);
}

static void prepare(struct parser *p, struct stix_test *test, const struct stix_token *token)
{
    const struct stix_constant *constant = test->constants;
    bool bytes = test->path.coding != STIX_CODING_NONE;
    if (!hashes_fit(test))
        stix_token_fail(&p->tokens, token->at, ERR_INPUT,
                "no hash of this kind has this length or these digits [STIX 2.1 section 2.7]");
    else if (test->how == STIX_LIKE)
        test->like = bytes ? constant->bytes : stix_text_normal(constant->text, p->arena);
    else if (test->how == STIX_MATCHES)
        prepare_regex(p, test, token);
    else if ((test->how == STIX_ISSUBSET || test->how == STIX_ISSUPERSET) &&
             !prefix_parse(constant->text, &test->prefix))
        stix_token_fail(&p->tokens, token->at, ERR_INPUT,
                "an IPv4 or IPv6 address or prefix is wanted behind ISSUBSET and ISSUPERSET [STIX 2.1 section 9.6.1]");
}

/* The bit of an object type inside the [ ] at hand. */
static uint32_t type_bit(struct parser *p, slice type)
{
    for (size_t i = 0; i < p->type_count; i++)
        if (slice_eq(p->types[i], type))
            return (uint32_t)i;
    if (p->type_count == STIX_PATTERN_TYPES_MAX) {
        fail_limit(p, "an observation with more than 64 object types");
        return 0;
    }
    p->types[p->type_count] = type;
    return (uint32_t)p->type_count++;
}

static struct stix_node *test_node(struct parser *p, const struct stix_test *test)
{
    struct stix_node *made = node(p, STIX_NODE_TEST);
    made->test = test;
    made->number = type_bit(p, test->path.object);
    made->types = UINT64_C(1) << made->number;
    return made;
}

static void read_operands(struct parser *p, struct stix_test *test)
{
    test->negated = accept(p, TOKEN_NOT);
    if (test->negated)
        beyond(p, "NOT");
    const struct operator_row *row = take_operator(p);
    if (row == NULL)
        return;
    if (!row->is_simple)
        beyond(p, row->name);
    test->how = row->how;
    struct stix_token token = p->tokens.token;
    if (row->token == TOKEN_IN) {
        read_set(p, row, test);
    } else {
        test->constants = read_constant(p, row, test);
        accept(p, token.kind);
    }
    if (!failed(p))
        prepare(p, test, &token);
}

static struct stix_node *read_test(struct parser *p)
{
    struct stix_test *test = arena_new(p->arena, struct stix_test, 1);
    if (++p->pattern.comparison_count > STIX_PATTERN_COMPARISONS_MAX)
        fail_limit(p, "a pattern of more than 262144 comparisons");
    bool negated = accept(p, TOKEN_NOT);
    if (negated)
        beyond(p, "NOT");
    if (negated && kind(p) != TOKEN_EXISTS)
        fail(p, "NOT stands before EXISTS or between object path and operator [STIX 2.1 section 9.6.1]");
    if (accept(p, TOKEN_EXISTS)) {
        beyond(p, "EXISTS");
        *test = (struct stix_test){.how = STIX_EXISTS, .negated = negated};
        read_path(p, &test->path);
    } else {
        read_path(p, &test->path);
        if (!failed(p))
            read_operands(p, test);
    }
    return test_node(p, test);
}

/* ---- What joins others, inside and outside of [ ] ---- */

typedef struct stix_node *read_node(struct parser *p);

static read_node read_comparisons, read_observations, read_inner_primary, read_outer_primary, read_inner_and,
        read_outer_and, read_outer_or;

/* In the order of precedence, loosest first (9.5.3). */
static const struct joint {
    enum stix_token_kind token;
    enum stix_node_kind node;
    read_node *operand;
    const char *beyond;
} inner_or = {TOKEN_OR, STIX_NODE_OR, read_inner_and, NULL},
  inner_and = {TOKEN_AND, STIX_NODE_AND, read_inner_primary, "AND"},
  outer_followedby = {TOKEN_FOLLOWEDBY, STIX_NODE_FOLLOWEDBY, read_outer_or, "FOLLOWEDBY"},
  outer_or = {TOKEN_OR, STIX_NODE_OR, read_outer_and, NULL},
  outer_and = {TOKEN_AND, STIX_NODE_AND, read_outer_primary, "AND"};

/* One object has to meet all operands of an AND, so they need an object type in common (9.5). */
static void join_types(struct parser *p, struct stix_node *joined, const struct stix_node *operand, size_t at)
{
    uint64_t common = joined->types & operand->types;
    if (joined->kind == STIX_NODE_AND && common == 0 && p->mixed_at == SIZE_MAX)
        p->mixed_at = at;
    joined->types = joined->kind == STIX_NODE_AND ? common : joined->types | operand->types;
}

static struct stix_node *read_joined(struct parser *p, const struct joint *joint, bool inside)
{
    struct stix_node *first = joint->operand(p);
    if (kind(p) != joint->token || failed(p))
        return first;
    struct stix_node *joined = node(p, joint->node), *last = first;
    joined->first = first;
    joined->types = first->types;
    for (size_t at = p->tokens.token.at; accept(p, joint->token); at = p->tokens.token.at) {
        if (joint->beyond != NULL)
            beyond(p, joint->beyond);
        struct stix_node *operand = joint->operand(p);
        if (failed(p))
            break;
        last->next = operand;
        last = operand;
        if (inside)
            join_types(p, joined, operand, at);
    }
    return joined;
}

static bool deeper(struct parser *p)
{
    if (p->depth < STIX_PATTERN_DEPTH_MAX) {
        p->depth++;
        return true;
    }
    fail_limit(p, "more than 64 parentheses inside each other");
    return false;
}

static struct stix_node *read_inner_primary(struct parser *p)
{
    if (kind(p) != TOKEN_OPEN || !deeper(p))
        return read_test(p);
    accept(p, TOKEN_OPEN);
    struct stix_node *inside = read_comparisons(p);
    expect(p, TOKEN_CLOSE, "AND, OR or ) is wanted here [STIX 2.1 section 9.6]");
    p->depth--;
    return inside;
}

static struct stix_node *read_inner_and(struct parser *p)
{
    return read_joined(p, &inner_and, true);
}

static struct stix_node *read_comparisons(struct parser *p)
{
    return read_joined(p, &inner_or, true);
}

/* ---- Qualifiers (9.5.1) ---- */

static bool is_positive(slice number)
{
    for (size_t i = 0; i < number.len; i++)
        if (number.ptr[i] >= '1' && number.ptr[i] <= '9')
            return number.ptr[0] != '-';
    return false;
}

/* The text of a positive number of these kinds; empty after a mistake. */
static slice read_count(struct parser *p, uint64_t kinds, const char *why)
{
    slice text = p->tokens.token.text;
    if ((kinds & TOKEN_BIT(kind(p))) == 0 || !is_positive(text)) {
        fail(p, why);
        return S("1");
    }
    stix_token_next(&p->tokens);
    return text;
}

static void read_within(struct parser *p, struct stix_node *made)
{
    slice text = read_count(p, TOKEN_BIT(TOKEN_INTEGER) | TOKEN_BIT(TOKEN_FLOAT),
            "WITHIN takes a positive number [STIX 2.1 section 9.5.1]");
    expect(p, TOKEN_SECONDS, "WITHIN 5 ends with SECONDS [STIX 2.1 section 9.5.1]");
    double us = strtod(arena_cstr(p->arena, text), NULL) * 1e6 + 0.5;
    made->within_us = us < (double)WINDOW_MOST_US ? (int64_t)us : WINDOW_MOST_US;
}

static void read_repeats(struct parser *p, struct stix_node *made)
{
    slice text =
            read_count(p, TOKEN_BIT(TOKEN_INTEGER), "REPEATS takes a positive whole number [STIX 2.1 section 9.5.1]");
    expect(p, TOKEN_TIMES, "REPEATS 5 ends with TIMES [STIX 2.1 section 9.5.1]");
    made->times = TIMES_MOST;
    slice_u64(slice_from(text, text.ptr[0] == '+'), TIMES_MOST, &made->times);
}

static int64_t number_at(slice text, size_t at, size_t digits)
{
    uint64_t n = 0;
    slice_u64(slice_part(text, at, at + digits), 9999, &n);
    return (int64_t)n;
}

/* Days since 1970 of a date whose day may be one that its month does not have: then it counts on into the next. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* The moment of a timestamp that stix_token_is_time() has seen. */
static int64_t time_of(slice text)
{
    int64_t days = days_of(number_at(text, 0, 4), number_at(text, 5, 2), number_at(text, 8, 2));
    int64_t seconds = number_at(text, 11, 2) * 3600 + number_at(text, 14, 2) * 60 + number_at(text, 17, 2);
    int64_t us = 0, unit = 100000;
    for (size_t i = 20; i + 1 < text.len && unit > 0; i++, unit /= 10)
        us += (text.ptr[i] - '0') * unit;
    return (days * 86400 + seconds) * 1000000 + us;
}

static int64_t read_moment(struct parser *p, const char *why)
{
    slice text = p->tokens.token.text;
    bool moment = kind(p) == TOKEN_TIME;
    expect(p, TOKEN_TIME, why);
    return moment ? time_of(text) : 0;
}

static void read_start(struct parser *p, struct stix_node *made)
{
    made->start_us =
            read_moment(p, "START takes a timestamp, written t'2026-01-31T10:00:00Z' [STIX 2.1 section 9.5.1]");
    expect(p, TOKEN_STOP, "START t'...' goes on with STOP [STIX 2.1 section 9.5.1]");
    made->stop_us = read_moment(p, "STOP takes a timestamp, written t'2026-01-31T10:00:00Z' [STIX 2.1 section 9.5.1]");
}

static const struct qualifier {
    enum stix_token_kind token;
    enum stix_node_kind node;
    const char *name;
    void (*read)(struct parser *p, struct stix_node *made);
} qualifiers[] = {
        {TOKEN_WITHIN, STIX_NODE_WITHIN, "WITHIN", read_within},
        {TOKEN_REPEATS, STIX_NODE_REPEATS, "REPEATS", read_repeats},
        {TOKEN_START, STIX_NODE_START_STOP, "START", read_start},
};

static const struct qualifier *next_qualifier(const struct parser *p)
{
    for (size_t i = 0; i < COUNT_OF(qualifiers); i++)
        if (kind(p) == qualifiers[i].token)
            return &qualifiers[i];
    return NULL;
}

/* What stands behind ] and ), each kind once; each belongs to all before it. */
static struct stix_node *read_qualifiers(struct parser *p, struct stix_node *qualified)
{
    uint64_t seen = 0;
    for (const struct qualifier *q; !failed(p) && (q = next_qualifier(p)) != NULL; seen |= TOKEN_BIT(q->token)) {
        if ((seen & TOKEN_BIT(q->token)) != 0)
            fail(p, "the same qualifier twice; parentheses would say what it belongs to [STIX 2.1 section 9.5.1]");
        accept(p, q->token);
        beyond(p, q->name);
        struct stix_node *made = node(p, q->node);
        made->first = qualified;
        q->read(p, made);
        qualified = made;
    }
    return qualified;
}

/* ---- Observations (9.5) ---- */

static struct stix_node *read_observation(struct parser *p)
{
    struct stix_node *made = node(p, STIX_NODE_OBSERVATION);
    made->number = (uint32_t)p->pattern.observation_count++;
    if (p->pattern.observation_count > STIX_PATTERN_OBSERVATIONS_MAX)
        fail_limit(p, "a pattern of more than 65536 observations");
    expect(p, TOKEN_OPEN_SQUARE, "an observation begins with [ [STIX 2.1 section 9.5]");
    p->type_count = 0;
    if (!failed(p))
        made->first = read_comparisons(p);
    expect(p, TOKEN_CLOSE_SQUARE, "AND, OR or ] is wanted behind a comparison [STIX 2.1 section 9.5]");
    slice *names = arena_new(p->arena, slice, p->type_count);
    memcpy(names, p->types, p->type_count * sizeof *names);
    made->type_names = names;
    made->type_count = p->type_count;
    return made;
}

static struct stix_node *read_outer_primary(struct parser *p)
{
    if (kind(p) != TOKEN_OPEN || !deeper(p))
        return read_qualifiers(p, read_observation(p));
    accept(p, TOKEN_OPEN);
    struct stix_node *inside = read_observations(p);
    expect(p, TOKEN_CLOSE, "a parenthesis is opened and not closed [STIX 2.1 section 9.5]");
    p->depth--;
    return read_qualifiers(p, inside);
}

static struct stix_node *read_outer_and(struct parser *p)
{
    return read_joined(p, &outer_and, false);
}

static struct stix_node *read_outer_or(struct parser *p)
{
    return read_joined(p, &outer_or, false);
}

static struct stix_node *read_observations(struct parser *p)
{
    return read_joined(p, &outer_followedby, false);
}

static struct err parse(struct parser *p)
{
    if (!stix_text_is_utf8(p->tokens.text))
        fail(p, "a pattern is Unicode text, here in UTF-8 [STIX 2.1 section 9.4]");
    p->pattern.root = read_observations(p);
    if (!failed(p) && kind(p) != TOKEN_END)
        fail(p, "AND, OR, FOLLOWEDBY, a qualifier or the end is wanted behind an observation [STIX 2.1 section 9.5]");
    if (!failed(p) && arena_full(p->arena))
        fail_limit(p, "a pattern that takes more memory than we give to one");
    if (p->pattern.beyond != NULL) {
        p->pattern.atoms = NULL;
        p->pattern.atom_count = 0;
    }
    return p->tokens.err;
}

static struct err read_pattern(
        slice text, bool strict, struct arena *arena, struct stix_pattern *pattern, struct stix_place *place)
{
    if (text.len > STIX_PATTERN_BYTES_MAX) {
        *place = (struct stix_place){1, 1};
        return err_make(ERR_LIMIT, "a pattern longer than 16777216 bytes");
    }
    struct parser p = {.tokens = stix_token_begin(text), .arena = arena, .mixed_at = SIZE_MAX};
    struct err err = parse(&p);
    if (err.kind == ERR_NONE && strict && p.mixed_at != SIZE_MAX) {
        p.tokens.err_at = p.mixed_at;
        err = err_make(ERR_INPUT,
                "AND joins comparisons of different object types, which no one object can meet [STIX 2.1 section 9.5]");
    }
    if (err.kind == ERR_NONE)
        *pattern = p.pattern;
    else
        json_place(text, p.tokens.err_at, &place->line, &place->column);
    return err;
}

struct err stix_pattern_parse(slice text, struct arena *arena, struct stix_pattern *pattern, struct stix_place *place)
{
    return read_pattern(text, true, arena, pattern, place);
}

struct err stix_pattern_parse_mixed(
        slice text, struct arena *arena, struct stix_pattern *pattern, struct stix_place *place)
{
    return read_pattern(text, false, arena, pattern, place);
}
