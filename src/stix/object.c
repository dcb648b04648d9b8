/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/object.h"

#include <stdarg.h>

#include "stix/codes.h"
#include "stix/id.h"
#include "stix/syntax.h"
#include "json/chars.h"

#define SHOWN_MAX 80 /* bytes of a value from outside that are shown */

/* ---- Saying ---- */

static void put_shown(struct buf *out, slice text)
{
    for (size_t i = 0; i < text.len && i < SHOWN_MAX; i++)
        buf_byte(out, (uint8_t)text.ptr[i] >= ' ' && text.ptr[i] != 0x7f ? text.ptr[i] : '?');
}

static void put_path(struct buf *out, const struct stix_where *path)
{
    const struct stix_where *way[2 * 64 + 2];
    size_t depth = 0;
    for (; path != NULL && depth < COUNT_OF(way); path = path->up)
        way[depth++] = path;
    for (size_t i = depth; i-- > 0;) {
        if (way[i]->key.ptr == NULL) {
            buf_printf(out, "[%zu]", way[i]->index);
            continue;
        }
        if (i + 1 < depth)
            buf_byte(out, '.');
        put_shown(out, way[i]->key);
    }
    if (depth > 0)
        buf_put(out, S(": "));
}

void stix_say(
        struct stix_check *check, enum stix_level level, size_t token, const char *section, const char *format, ...)
{
    size_t at = check->tape->tokens[token].at;
    check->full |= arena_used(check->work) > STIX_WORK_MAX;
    if (check->full || !check->wants(check->context, level)) {
        check->say(check->context, level, at, NULL);
        return;
    }
    struct buf out = buf_make(1 << 16);
    put_path(&out, check->path);
    va_list args;
    va_start(args, format);
    buf_put(&out, slice_of(arena_vprintf(check->work, format, args)));
    va_end(args);
    buf_printf(&out, " [%s%s]", strncmp(section, "STIX", 4) == 0 ? "" : "STIX 2.1 section ", section);
    check->say(check->context, level, at, arena_cstr(check->work, buf_slice(&out)));
    buf_free(&out);
}

slice stix_text(struct stix_check *check, const struct json_token *token)
{
    slice raw = json_tape_slice(check->tape, token);
    if ((token->flags & JSON_TOKEN_ESCAPES) == 0)
        return raw;
    check->full |= arena_used(check->work) + raw.len > STIX_WORK_MAX;
    return check->full ? raw : json_unescape(raw, check->work);
}

/* As much of a text as may be shown. */
static const char *shown(struct stix_check *check, slice text)
{
    struct buf out = buf_make(4 * SHOWN_MAX);
    put_shown(&out, text);
    const char *copy = arena_cstr(check->work, buf_slice(&out));
    buf_free(&out);
    return copy;
}

static const char *section_of(const struct stix_ready *ready)
{
    return stix_types[stix_type_find(slice_of(ready->row->type))].section;
}

static inline const struct json_token *at_token(const struct stix_check *check, size_t token)
{
    return &check->tape->tokens[token];
}

const struct json_token *stix_member(const struct stix_check *check, size_t object, slice key)
{
    size_t end = at_token(check, object)->next;
    if (at_token(check, object)->kind != JSON_OBJECT)
        return NULL;
    for (size_t i = object + 1; i < end; i = at_token(check, i + 1)->next) {
        slice name = json_tape_slice(check->tape, at_token(check, i));
        bool escapes = (at_token(check, i)->flags & JSON_TOKEN_ESCAPES) != 0;
        if (escapes ? json_key_is(name, key) : slice_eq(name, key))
            return at_token(check, i + 1);
    }
    return NULL;
}

const struct json_token *stix_member_step(struct stix_check *check, size_t object, slice key)
{
    check->steps += at_token(check, object)->count;
    return check->steps > STIX_STEPS_MAX ? NULL : stix_member(check, object, key);
}

static size_t number_of(const struct stix_check *check, const struct json_token *token)
{
    return (size_t)(token - check->tape->tokens);
}

/* ---- Kinds of values: each says itself what is wrong ---- */

typedef void kind_check(struct stix_check *check, const struct stix_ready *ready, size_t token);

static slice text_at(struct stix_check *check, size_t token)
{
    return stix_text(check, at_token(check, token));
}

static void integer_check(struct stix_check *check, const struct stix_ready *ready, size_t token)
{
    const int64_t safe = (INT64_C(1) << 53) - 1;
    int64_t number;
    slice text = json_tape_slice(check->tape, at_token(check, token));
    if (!json_i64(text, &number) || number > safe || number < -safe)
        stix_say(check, STIX_ERROR, token, "2.10", "must be a whole number of at most 54 bits");
    else if (number < ready->least)
        stix_say(check, STIX_ERROR, token, section_of(ready), "must be at least %lld, not %lld",
                (long long)ready->least, (long long)number);
    else if (number > ready->most)
        stix_say(check, STIX_ERROR, token, section_of(ready), "must be at most %lld, not %lld", (long long)ready->most,
                (long long)number);
}

static void float_check(struct stix_check *check, const struct stix_ready *ready, size_t token)
{
    double number;
    if (!json_double(json_tape_slice(check->tape, at_token(check, token)), &number))
        stix_say(check, STIX_ERROR, token, "2.6", "is beyond a double-precision number");
    else if (number < (double)ready->least || number > (double)ready->most)
        stix_say(check, STIX_ERROR, token, section_of(ready), "must be within %s", ready->row->what);
}

static void timestamp_check(struct stix_check *check, const struct stix_ready *ready, size_t token)
{
    size_t digits;
    slice text = text_at(check, token);
    if (!stix_time_check(text, &digits))
        stix_say(check, STIX_ERROR, token, "2.16.1", "must be a timestamp YYYY-MM-DDTHH:mm:ss[.s]Z, not %s",
                shown(check, text));
    else if (ready->row->kind == STIX_MILLIS && digits < 3)
        stix_say(check, STIX_ERROR, token, "3.2", "must be precise to the millisecond, with three digits or more");
    else if (ready->row->kind == STIX_SECONDS && digits > 0)
        stix_say(check, STIX_ERROR, token, section_of(ready), "must be precise to the second, without a fraction");
}

static void binary_check(struct stix_check *check, const struct stix_ready *ready, size_t token)
{
    (void)ready;
    if (!stix_syntax_base64(text_at(check, token)))
        stix_say(check, STIX_ERROR, token, "2.1", "must be base64 (RFC 4648 section 4)");
}

static void hex_check(struct stix_check *check, const struct stix_ready *ready, size_t token)
{
    (void)ready;
    if (!stix_syntax_hex(text_at(check, token)))
        stix_say(check, STIX_ERROR, token, "2.8", "must be hexadecimal, two digits for each byte");
}

static void id_check(struct stix_check *check, const struct stix_ready *ready, size_t token)
{
    struct stix_id id;
    slice text = text_at(check, token);
    (void)ready;
    if (!stix_id_parse(text, &id)) {
        stix_say(check, STIX_ERROR, token, "2.9", "must be TYPE--UUID, not %s", shown(check, text));
        return;
    }
    const struct json_token *type = stix_member(check, check->object, S("type"));
    enum stix_family family = stix_types[check->type].family;
    if (type != NULL && !slice_eq(id.type, stix_text(check, type)))
        stix_say(check, STIX_ERROR, token, "2.9", "must begin with the object's own type, not with %s",
                shown(check, id.type));
    if (check->version == STIX_20)
        return;
    if (check->type == stix_type_find(S("process")) && id.version != 4)
        stix_say(check, STIX_ERROR, token, "2.9",
                "a process has no contributing properties: its UUID must be version 4");
    else if (family == STIX_SCO && id.version != 5 && check->type != stix_type_find(S("process")))
        stix_say(check, STIX_WARNING, token, "2.9", "the UUID of a cyber-observable object should be version 5");
    else if (family != STIX_SCO && id.version != 4)
        stix_say(check, STIX_WARNING, token, "2.9", "the UUID should be version 4");
}

/* A reference inside an observable container is the name of another object there (section 2.13). */
static void local_check(struct stix_check *check, size_t token)
{
    slice text = text_at(check, token);
    if (stix_member_step(check, check->container, text) == NULL)
        stix_say(check, STIX_ERROR, token, "2.13", "must be the name of an object in the same container, not %s",
                shown(check, text));
}

/* Which objects a property may refer to, in words. */
static const char *targets_shown(struct stix_check *check, const char *what)
{
    static const char *const words[][2] = {{"sdo", "a domain object"}, {"sco", "a cyber-observable object"},
            {"sro", "a relationship object"}, {"*", "an object"}, {"...", NULL}};
    struct buf out = buf_make(1 << 12);
    slice rest = slice_of(what), word;
    while (slice_next(&rest, ' ', &word)) {
        slice shown_word = word;
        for (size_t i = 0; i < COUNT_OF(words); i++)
            if (slice_eq(word, slice_of(words[i][0])))
                shown_word = words[i][1] == NULL ? S("") : slice_of(words[i][1]);
        bool not = slice_starts(word, S("!"));
        if (out.len > 0 && shown_word.len > 0)
            buf_put(&out, not ? S(" but no ") : S(" or "));
        buf_put(&out, slice_from(shown_word, not ));
    }
    const char *text = arena_cstr(check->work, buf_slice(&out));
    buf_free(&out);
    return text;
}

static void ref_check(struct stix_check *check, const struct stix_ready *ready, size_t token)
{
    struct stix_id id;
    slice text = text_at(check, token);
    if (check->container != 0) {
        local_check(check, token);
        return;
    }
    if (!stix_id_parse(text, &id)) {
        stix_say(check, STIX_ERROR, token, "2.9", "must be TYPE--UUID, not %s", shown(check, text));
        return;
    }
    uint16_t type = stix_type_find(id.type);
    bool object = type != STIX_NONE && stix_types[type].family <= STIX_META;
    if (slice_eq(id.type, S("bundle")) || (object ? !stix_targets_hold(ready, type) : !ready->others))
        stix_say(check, STIX_ERROR, token, section_of(ready), "must refer to %s, not to %s",
                targets_shown(check, ready->row->what), shown(check, id.type));
}

static void word_check(struct stix_check *check, const struct stix_ready *ready, size_t token)
{
    slice text = text_at(check, token);
    if (stix_word_known(ready->vocabulary, text))
        return;
    const struct stix_vocabulary *vocabulary = &stix_vocabularies[ready->vocabulary];
    if (vocabulary->closed)
        stix_say(
                check, STIX_ERROR, token, vocabulary->section, "%s is not in %s", shown(check, text), vocabulary->name);
    else if (check->version == STIX_21)
        stix_say(check, STIX_WARNING, token, vocabulary->section, "%s is not in %s%s", shown(check, text),
                vocabulary->name,
                stix_name_kebab(text) ? "" : ", and should be in lower case with hyphens between words");
}

static void object_check(struct stix_check *check, const struct stix_ready *ready, size_t token)
{
    struct stix_members members;
    stix_members_check(check, token, ready->object, &members);
}

static void language_check(struct stix_check *check, const struct stix_ready *ready, size_t token)
{
    slice text = text_at(check, token);
    if (!stix_syntax_language(text))
        stix_say(check, STIX_ERROR, token, section_of(ready), "must be a language of RFC 5646, not %s",
                shown(check, text));
}

static void uri_check(struct stix_check *check, const struct stix_ready *ready, size_t token)
{
    if (!stix_syntax_uri(text_at(check, token)))
        stix_say(check, ready->row->what != NULL ? STIX_ERROR : STIX_WARNING, token, section_of(ready),
                "must be a URL (RFC 3986 section 3)");
}

static void type_name_check(struct stix_check *check, const struct stix_ready *ready, size_t token)
{
    slice text = text_at(check, token);
    (void)ready;
    if (!stix_name_type(text))
        stix_say(check, STIX_ERROR, token, "3.1",
                "a type is of a-z, 0-9 and single hyphens, 3 to 250 of them, and begins with a letter");
    else if (slice_eq(text, S("action")))
        stix_say(check, STIX_ERROR, token, "3.8", "this name is reserved");
}

static void version_check(struct stix_check *check, const struct stix_ready *ready, size_t token)
{
    slice text = text_at(check, token);
    (void)ready;
    if (check->version == STIX_20)
        stix_say(check, STIX_WARNING, token, "3.2", "only bundles of STIX 2.0 say their version");
    else if (!slice_eq(text, S("2.1")))
        stix_say(check, STIX_ERROR, token, "3.2", "must be 2.1, not %s", shown(check, text));
}

/* Each kind whose form is one question about its text. */
static void form_check(struct stix_check *check, const struct stix_ready *ready, size_t token)
{
    static const struct {
        enum stix_kind kind;
        bool (*fits)(slice text);
        enum stix_level level;
        const char *why;
    } forms[] = {
            {STIX_IPV4, stix_syntax_ipv4, STIX_ERROR, "must be an IPv4 address, or one with a prefix length"},
            {STIX_IPV6, stix_syntax_ipv6, STIX_ERROR, "must be an IPv6 address, or one with a prefix length"},
            {STIX_MAC, stix_syntax_mac, STIX_ERROR,
                    "must be six pairs of hexadecimal digits in lower case with colons"},
            {STIX_EMAIL, stix_syntax_email, STIX_ERROR, "must be an address alone (RFC 5322 section 3.4.1)"},
            {STIX_DOMAIN, stix_syntax_domain, STIX_ERROR, "must be a domain name (RFC 1034, RFC 5890)"},
            {STIX_CPE, stix_syntax_cpe, STIX_ERROR, "must be a CPE 2.3 formatted string"},
            {STIX_MIME, stix_syntax_mime, STIX_WARNING, "should be a media type of the IANA registry"},
            {STIX_RELATION_NAME, stix_name_relation, STIX_ERROR, "is limited to a-z, 0-9 and hyphens"},
            {STIX_KEBAB, stix_name_kebab, STIX_WARNING, "should be in lower case with hyphens between words"},
    };
    slice text = text_at(check, token);
    if (ready->row->kind == STIX_CHARSET && !stix_syntax_charset(text))
        stix_say(check, STIX_ERROR, token, "3.9.1", "must be a character set of the IANA registry, not %s",
                shown(check, text));
    for (size_t i = 0; i < COUNT_OF(forms); i++)
        if (forms[i].kind == ready->row->kind && !forms[i].fits(text))
            stix_say(check, forms[i].level, token, section_of(ready), "%s, not %s", forms[i].why, shown(check, text));
}

/* ---- Dictionaries ---- */

/* The rules for one kind of dictionary: what its values may be, and what is asked of each. */
struct dictionary {
    enum stix_kind kind;
    unsigned kinds; /* bits of enum json_kind */
    const char *values;
    bool (*key)(slice key);
    const char *keys;
};

#define KIND(kind) (1u << (kind))
#define BOOLEANS (KIND(JSON_TRUE) | KIND(JSON_FALSE))
#define SOMETHING                                                                                                      \
    (BOOLEANS | KIND(JSON_OBJECT) | KIND(JSON_ARRAY) | KIND(JSON_STRING) | KIND(JSON_NUMBER)) /* all but null */

/* SO_, TCP_ and so on (section 6.12.4). */
static bool is_socket_option(slice key)
{
    static const char *const families[] = {"SO_", "ICMP_", "ICMP6_", "IP_", "IPV6_", "MCAST_", "TCP_", "IRLMP_"};
    for (size_t i = 0; i < COUNT_OF(families); i++)
        if (slice_starts(key, slice_of(families[i])))
            return true;
    return false;
}

static bool is_header_name(slice key)
{
    return key.len > 0;
}

static const struct dictionary dictionaries[] = {
        {STIX_DICTIONARY, SOMETHING, "a value", stix_name_key, "a key is of A-Z, a-z, 0-9, - and _"},
        {STIX_STRINGS, KIND(JSON_STRING), "a string", stix_name_key, "a key is of A-Z, a-z, 0-9, - and _"},
        {STIX_NUMBERS_OR_STRINGS, KIND(JSON_STRING) | KIND(JSON_NUMBER), "a string or a whole number", stix_name_key,
                "a key is of A-Z, a-z, 0-9, - and _"},
        {STIX_HEADERS, KIND(JSON_ARRAY), "a list of strings", is_header_name, "a header has a name"},
        {STIX_MAIL_HEADERS, KIND(JSON_STRING) | KIND(JSON_ARRAY), "a string or a list of strings", is_header_name,
                "a header has a name"},
        {STIX_SOCKET_OPTIONS, KIND(JSON_NUMBER), "a whole number", is_socket_option,
                "an option begins with SO_, ICMP_, ICMP6_, IP_, IPV6_, MCAST_, TCP_ or IRLMP_"},
        {STIX_STARTUP_INFO, SOMETHING | KIND(JSON_NULL), "a value", stix_name_key,
                "a key is of A-Z, a-z, 0-9, - and _"},
};

/* Lists in a dictionary are lists of strings, and not empty. */
static void strings_check(struct stix_check *check, size_t token)
{
    const struct json_token *list = at_token(check, token);
    if (list->count == 0)
        stix_say(check, STIX_ERROR, token, "2.12", "a list must have at least one value");
    for (size_t i = token + 1; i < list->next; i = at_token(check, i)->next)
        if (at_token(check, i)->kind != JSON_STRING)
            stix_say(check, STIX_ERROR, i, "2.15", "must be a string");
}

static void dictionary_entry(struct stix_check *check, const struct stix_ready *ready, const struct dictionary *rules,
        slice key, size_t token)
{
    struct stix_where step = {check->path, key, 0};
    const struct json_token *value = at_token(check, token);
    check->path = &step;
    bool mail = ready->row->kind == STIX_MAIL_HEADERS || ready->row->kind == STIX_HEADERS;
    if (!rules->key(key))
        stix_say(check, STIX_ERROR, token, rules->key == stix_name_key ? "2.3" : section_of(ready), "%s", rules->keys);
    if ((rules->kinds & KIND(value->kind)) == 0)
        stix_say(check, STIX_ERROR, token, section_of(ready), "must be %s", rules->values);
    else if (value->kind == JSON_ARRAY && mail)
        strings_check(check, token);
    else if (value->kind == JSON_NUMBER && rules->kinds != SOMETHING && (value->flags & JSON_TOKEN_WHOLE) == 0)
        stix_say(check, STIX_ERROR, token, "2.10", "must be a whole number");
    check->path = step.up;
}

static void dictionary_check(struct stix_check *check, const struct stix_ready *ready, size_t token)
{
    const struct json_token *dictionary = at_token(check, token);
    const struct dictionary *rules = dictionaries;
    while (rules->kind != ready->row->kind)
        rules++;
    if (dictionary->count == 0)
        stix_say(check, STIX_ERROR, token, "2.3", "a dictionary must have at least one key");
    for (size_t i = token + 1; i < dictionary->next; i = at_token(check, i + 1)->next)
        dictionary_entry(check, ready, rules, text_at(check, i), i + 1);
}

static void hash_check(struct stix_check *check, const struct stix_ready *ready, slice name, size_t token)
{
    struct stix_where step = {check->path, name, 0};
    check->path = &step;
    const char *wrong = at_token(check, token)->kind == JSON_STRING ? stix_hash_wrong(name, text_at(check, token))
                                                                    : "a hash must be a string";
    bool known = stix_word_known(stix_vocabulary_find("hash-algorithm-ov"), name);
    bool reference = strcmp(ready->row->type, "external-reference") == 0 && check->version == STIX_21;
    if (!stix_name_key(name) || name.len < 3)
        stix_say(check, STIX_ERROR, token, "2.7", "the name of a hash is of A-Z, a-z, 0-9, - and _, 3 to 250 of them");
    else if (wrong != NULL)
        stix_say(check, STIX_ERROR, token, "2.7", "%s", wrong);
    else if (!known && reference)
        stix_say(check, STIX_ERROR, token, "2.5.1", "must be a hash of hash-algorithm-ov");
    else if (!known && check->version == STIX_21)
        stix_say(check, STIX_WARNING, token, "10.7", "%s is not in hash-algorithm-ov", shown(check, name));
    check->path = step.up;
}

static void hashes_check(struct stix_check *check, const struct stix_ready *ready, size_t token)
{
    const struct json_token *hashes = at_token(check, token);
    if (hashes->count == 0)
        stix_say(check, STIX_ERROR, token, "2.3", "a dictionary must have at least one key");
    for (size_t i = token + 1; i < hashes->next; i = at_token(check, i + 1)->next)
        hash_check(check, ready, text_at(check, i), i + 1);
}

/* Entities that an incident touched: both forms that the suite has had. */
static void counts_check(struct stix_check *check, const struct stix_ready *ready, size_t token)
{
    const struct json_token *counts = at_token(check, token);
    bool list = counts->kind == JSON_ARRAY;
    if (counts->count == 0)
        stix_say(check, STIX_ERROR, token, list ? "2.12" : "2.3", "must not be empty");
    for (size_t i = token + 1; i < counts->next; i = at_token(check, list ? i : i + 1)->next) {
        const struct json_token *count = list ? stix_member(check, i, S("count")) : at_token(check, i + 1);
        const struct json_token *entity = list ? stix_member(check, i, S("entity_type")) : at_token(check, i);
        bool whole = count != NULL && count->kind == JSON_NUMBER && (count->flags & JSON_TOKEN_WHOLE) != 0 &&
                     check->tape->text[count->at] != '-';
        if (!whole || entity == NULL || entity->kind != JSON_STRING)
            stix_say(check, STIX_ERROR, i, section_of(ready),
                    "must count an entity_type with a whole number of 0 or more");
    }
}

/* ---- Containers and translations ---- */

static void contained_check(struct stix_check *check, slice name, size_t token)
{
    struct stix_where step = {check->path, name, 0};
    check->path = &step; // cppcheck-suppress autoVariables ; given back below
    const struct json_token *type = stix_member(check, token, S("type"));
    uint16_t known = type == NULL || type->kind != JSON_STRING ? STIX_NONE : stix_type_find(stix_text(check, type));
    struct stix_members members;
    if (at_token(check, token)->kind != JSON_OBJECT || type == NULL || type->kind != JSON_STRING)
        stix_say(check, STIX_ERROR, token, "2.13", "must be an object with a type");
    check->type = known;
    if (known != STIX_NONE && stix_types[known].family == STIX_SCO)
        stix_members_check(check, token, known, &members);
    check->path = step.up;
}

static void container_check(struct stix_check *check, const struct stix_ready *ready, size_t token)
{
    const struct json_token *container = at_token(check, token);
    size_t outer_object = check->object, outer_container = check->container;
    uint16_t outer_type = check->type;
    (void)ready;
    if (outer_container != 0)
        return; /* no container has another */
    if (container->count == 0)
        stix_say(check, STIX_ERROR, token, "2.13", "a container must hold at least one object");
    check->container = token;
    for (size_t i = token + 1; i < container->next; i = at_token(check, i + 1)->next) {
        check->object = i + 1;
        contained_check(check, text_at(check, i), i + 1);
    }
    check->container = outer_container;
    check->object = outer_object;
    check->type = outer_type;
}

static void contents_check(struct stix_check *check, const struct stix_ready *ready, size_t token)
{
    const struct json_token *contents = at_token(check, token);
    if (contents->count == 0)
        stix_say(check, STIX_ERROR, token, "2.3", "a dictionary must have at least one key");
    for (size_t i = token + 1; i < contents->next; i = at_token(check, i + 1)->next) {
        struct stix_where step = {check->path, text_at(check, i), 0};
        check->path = &step;
        if (!stix_syntax_language(step.key))
            stix_say(check, STIX_ERROR, i, section_of(ready), "a key must be a language of RFC 5646");
        const struct json_token *texts = at_token(check, i + 1);
        if (texts->kind != JSON_OBJECT || texts->count == 0)
            stix_say(check, STIX_ERROR, i + 1, section_of(ready), "must be a dictionary of translated properties");
        for (size_t j = i + 2; texts->kind == JSON_OBJECT && j < texts->next; j = at_token(check, j + 1)->next)
            if (!stix_name_property(text_at(check, j)))
                stix_say(check, STIX_ERROR, j, section_of(ready), "%s cannot be the name of a property",
                        shown(check, text_at(check, j)));
        check->path = step.up;
    }
}

static void extensions_check(struct stix_check *check, const struct stix_ready *ready, size_t token)
{
    (void)ready;
    stix_extensions_check(check, token);
}

/* ---- The kinds ---- */

static const struct kind {
    kind_check *check; /* NULL: the kind of JSON says it all */
    unsigned kinds;    /* bits of enum json_kind */
    const char *is;
    const char *section;
} kinds[STIX_KINDS] = {
        [STIX_ANY] = {NULL, SOMETHING, "a value", "2"},
        [STIX_STRING] = {NULL, KIND(JSON_STRING), "a string", "2.15"},
        [STIX_BOOLEAN] = {NULL, BOOLEANS, "true or false", "2.2"},
        [STIX_INTEGER] = {integer_check, KIND(JSON_NUMBER), "a whole number", "2.10"},
        [STIX_FLOAT] = {float_check, KIND(JSON_NUMBER), "a number", "2.6"},
        [STIX_TIMESTAMP] = {timestamp_check, KIND(JSON_STRING), "a timestamp", "2.16"},
        [STIX_MILLIS] = {timestamp_check, KIND(JSON_STRING), "a timestamp", "2.16"},
        [STIX_SECONDS] = {timestamp_check, KIND(JSON_STRING), "a timestamp", "2.16"},
        [STIX_BINARY] = {binary_check, KIND(JSON_STRING), "a string", "2.1"},
        [STIX_HEX] = {hex_check, KIND(JSON_STRING), "a string", "2.8"},
        [STIX_HASHES] = {hashes_check, KIND(JSON_OBJECT), "a dictionary of hashes", "2.7"},
        [STIX_DICTIONARY] = {dictionary_check, KIND(JSON_OBJECT), "a dictionary", "2.3"},
        [STIX_ID] = {id_check, KIND(JSON_STRING), "an identifier", "2.9"},
        [STIX_REF] = {ref_check, KIND(JSON_STRING), "an identifier", "2.9"},
        [STIX_WORD] = {word_check, KIND(JSON_STRING), "a string", "2.14"},
        [STIX_OBJECT] = {object_check, KIND(JSON_OBJECT), "an object", "2"},
        [STIX_LANG] = {language_check, KIND(JSON_STRING), "a string", "2.15"},
        [STIX_URI] = {uri_check, KIND(JSON_STRING), "a string", "2.15"},
        [STIX_TYPE_NAME] = {type_name_check, KIND(JSON_STRING), "a string", "2.15"},
        [STIX_VERSION] = {version_check, KIND(JSON_STRING), "a string", "2.15"},
        [STIX_EXTENSIONS] = {extensions_check, KIND(JSON_OBJECT), "a dictionary", "3.2"},
        [STIX_CONTAINER] = {container_check, KIND(JSON_OBJECT), "an observable container", "2.13"},
        [STIX_CONTENTS] = {contents_check, KIND(JSON_OBJECT), "a dictionary", "7.1.1"},
        [STIX_COUNTS] = {counts_check, KIND(JSON_OBJECT) | KIND(JSON_ARRAY), "a dictionary or a list of counts", "7.3"},
        [STIX_STRINGS] = {dictionary_check, KIND(JSON_OBJECT), "a dictionary", "2.3"},
        [STIX_NUMBERS_OR_STRINGS] = {dictionary_check, KIND(JSON_OBJECT), "a dictionary", "2.3"},
        [STIX_HEADERS] = {dictionary_check, KIND(JSON_OBJECT), "a dictionary", "2.3"},
        [STIX_MAIL_HEADERS] = {dictionary_check, KIND(JSON_OBJECT), "a dictionary", "2.3"},
        [STIX_SOCKET_OPTIONS] = {dictionary_check, KIND(JSON_OBJECT), "a dictionary", "2.3"},
        [STIX_STARTUP_INFO] = {dictionary_check, KIND(JSON_OBJECT), "a dictionary", "2.3"},
        [STIX_IPV4] = {form_check, KIND(JSON_STRING), "a string", "2.15"},
        [STIX_IPV6] = {form_check, KIND(JSON_STRING), "a string", "2.15"},
        [STIX_MAC] = {form_check, KIND(JSON_STRING), "a string", "2.15"},
        [STIX_EMAIL] = {form_check, KIND(JSON_STRING), "a string", "2.15"},
        [STIX_DOMAIN] = {form_check, KIND(JSON_STRING), "a string", "2.15"},
        [STIX_CPE] = {form_check, KIND(JSON_STRING), "a string", "2.15"},
        [STIX_MIME] = {form_check, KIND(JSON_STRING), "a string", "2.15"},
        [STIX_CHARSET] = {form_check, KIND(JSON_STRING), "a string", "2.15"},
        [STIX_RELATION_NAME] = {form_check, KIND(JSON_STRING), "a string", "2.15"},
        [STIX_KEBAB] = {form_check, KIND(JSON_STRING), "a string", "2.15"},
};

static inline void one_check(struct stix_check *check, const struct stix_ready *ready, size_t token)
{
    const struct kind *kind = &kinds[ready->row->kind];
    check->property = ready->row;
    if ((kind->kinds & KIND(at_token(check, token)->kind)) == 0)
        stix_say(check, STIX_ERROR, token, kind->section, "must be %s", kind->is);
    else if (kind->check != NULL)
        kind->check(check, ready, token);
}

static void list_check(struct stix_check *check, const struct stix_ready *ready, size_t token)
{
    const struct json_token *list = at_token(check, token);
    struct stix_where step = {.up = check->path};
    check->property = ready->row;
    if (list->kind != JSON_ARRAY) {
        stix_say(check, STIX_ERROR, token, "2.12", "must be a list");
        return;
    }
    if (list->count == 0)
        stix_say(check, STIX_ERROR, token, "2.12", "a list must have at least one value");
    check->path = &step;
    for (size_t i = token + 1; i < list->next; i = at_token(check, i)->next, step.index++)
        one_check(check, ready, i);
    check->path = step.up;
}

/* What its row says of the property itself. */
static void flags_check(struct stix_check *check, const struct stix_ready *ready, size_t token)
{
    if (check->version == STIX_20 || check->container != 0)
        return;
    if ((ready->row->flags & STIX_NEVER) != 0)
        stix_say(check, STIX_ERROR, token, "3.2", "must not be used on this type");
    else if ((ready->row->flags & STIX_NOT_HERE) != 0)
        stix_say(check, STIX_WARNING, token, "3.2", "does not apply to this type");
    else if ((ready->row->flags & STIX_DEPRECATED) != 0)
        stix_say(check, STIX_WARNING, token, section_of(ready), "is deprecated");
}

void stix_syntax_check(struct stix_check *check, const struct stix_ready *ready, size_t token)
{
    struct stix_where step = {check->path, json_tape_slice(check->tape, at_token(check, token - 1)), 0};
    check->path = &step;
    if ((ready->row->flags & (STIX_NEVER | STIX_NOT_HERE | STIX_DEPRECATED)) != 0)
        flags_check(check, ready, token);
    if ((ready->row->flags & STIX_LIST) != 0)
        list_check(check, ready, token);
    else
        one_check(check, ready, token);
    check->path = step.up;
}

/* ---- Members ---- */

void stix_custom_check(struct stix_check *check, slice name, size_t token)
{
    struct stix_where step = {check->path, name, 0};
    const struct json_token *value = at_token(check, token);
    check->path = &step;
    if (value->kind == JSON_NULL)
        stix_say(check, STIX_ERROR, token, "2", "no property has the value null");
    else if (value->kind == JSON_ARRAY && value->count == 0)
        stix_say(check, STIX_ERROR, token, "2.12", "a list must have at least one value");
    else if (value->kind == JSON_STRING && slice_ends(name, S("_bin")))
        binary_check(check, NULL, token);
    else if (value->kind == JSON_STRING && slice_ends(name, S("_hex")))
        hex_check(check, NULL, token);
    check->path = step.up;
}

static bool is_reserved(slice name)
{
    return slice_eq(name, S("severity")) || slice_eq(name, S("username")) || slice_eq(name, S("phone_number")) ||
           slice_eq(name, S("phone_numbers")) || slice_eq(name, S("action"));
}

/* Members that no row names: of custom properties (section 11.1) or of extensions. */
static void unknown_check(struct stix_check *check, const struct stix_members *members)
{
    bool top = members->token == check->object && check->container == 0;
    for (size_t i = members->token + 1; i < at_token(check, members->token)->next; i = at_token(check, i + 1)->next) {
        slice name = text_at(check, i);
        if (stix_property_find(members->type, name) != NULL)
            continue;
        if (!stix_name_property(name))
            stix_say(check, STIX_ERROR, i, "3.1",
                    "%s: a property's name is of a-z, 0-9 and _, 3 to 250 of them, and begins with a letter",
                    shown(check, name));
        else if (top && is_reserved(name))
            stix_say(check, STIX_ERROR, i, "3.8", "%s is a reserved name", shown(check, name));
        else if (!(top && (check->toplevel || check->new_type)))
            stix_say(check, STIX_WARNING, i, "11.1",
                    "%s is not of the standard; properties should be added by an extension", shown(check, name));
        stix_custom_check(check, name, i + 1);
    }
}

static void missing_check(struct stix_check *check, const struct stix_members *members)
{
    const struct stix_masks *masks = stix_masks(members->type);
    uint64_t required = check->version == STIX_20 ? masks->required_20 : masks->required;
    if (check->container != 0)
        required &= ~masks->common;
    for (uint64_t missing = required & ~members->seen; missing != 0; missing &= missing - 1) {
        const struct stix_ready *ready = stix_property_at(members->type, (unsigned)__builtin_ctzll(missing));
        check->property = ready->row;
        stix_say(check, STIX_ERROR, members->token, section_of(ready), "%s is required", ready->row->name);
    }
}

void stix_members_check(struct stix_check *check, size_t token, uint16_t type, struct stix_members *members)
{
    const struct json_tape *tape = check->tape;
    size_t end = tape->tokens[token].next;
    members->token = token;
    members->type = type;
    members->seen = 0;
    members->unknown = 0;
    check->rule = NULL; /* also for a part that a rule looks into */
    for (size_t i = token + 1; i < end; i = tape->tokens[i + 1].next) {
        const struct json_token *key = &tape->tokens[i];
        slice name = json_tape_slice(tape, key);
        const struct stix_ready *ready = (key->flags & JSON_TOKEN_ESCAPES) == 0
                                                 ? stix_property_hashed(type, name, key->next)
                                                 : stix_property_find(type, stix_text(check, key));
        if (ready == NULL) {
            members->unknown++;
            continue;
        }
        members->seen |= UINT64_C(1) << ready->bit;
        members->at[ready->bit] = (uint32_t)(i + 1);
        stix_syntax_check(check, ready, i + 1);
    }
    missing_check(check, members);
    check->property = NULL;
    stix_rules_check(check, members);
    if (members->unknown > 0 && check->version == STIX_21)
        unknown_check(check, members);
}

/* ---- Objects ---- */

/* An object of a type that we do not know has the properties of its family: an extension says which, or its looks. */
static uint16_t unknown_type(struct stix_check *check, size_t token)
{
    enum stix_family family = STIX_COMMON;
    stix_extensions_look(check, token, &family);
    bool versioned =
            stix_member(check, token, S("created")) != NULL || stix_member(check, token, S("modified")) != NULL;
    if (family == STIX_COMMON)
        family = versioned ? STIX_SDO : STIX_SCO;
    return stix_type_find(family == STIX_SCO ? S("(sco)") : S("(sdo)"));
}

static void custom_type_check(struct stix_check *check, const struct json_token *type)
{
    slice name = stix_text(check, type);
    if (!check->new_type && check->version == STIX_21 && stix_name_type(name))
        stix_say(check, STIX_WARNING, number_of(check, type), "11.2",
                "%s is not of the standard; types should be added by an extension", shown(check, name));
}

void stix_object_check(struct stix_check *check, size_t token)
{
    struct stix_members members;
    check->object = token;
    check->container = 0;
    check->toplevel = check->new_type = check->full = false;
    check->steps = 0;
    check->rule = NULL;
    check->property = NULL;
    if (at_token(check, token)->kind != JSON_OBJECT) {
        stix_say(check, STIX_ERROR, token, "8", "must be an object");
        return;
    }
    const struct json_token *type = stix_member(check, token, S("type"));
    if (type == NULL || type->kind != JSON_STRING) {
        stix_say(check, STIX_ERROR, token, "3.2", "an object has a type, a string");
        return;
    }
    if (slice_eq(stix_text(check, type), S("bundle"))) {
        stix_say(check, STIX_ERROR, token, "8", "a bundle is no object and must not stand inside another");
        return;
    }
    uint16_t known = stix_type_find(stix_text(check, type));
    bool of_21 = known != STIX_NONE && stix_types[known].family <= STIX_META && stix_name_type(stix_text(check, type));
    bool defined = of_21 && (check->version == STIX_21 || stix_types[known].was_in_20);
    check->type = defined ? known : unknown_type(check, token);
    if (!defined)
        custom_type_check(check, type);
    stix_members_check(check, token, check->type, &members);
}
