/* SPDX-License-Identifier: Apache-2.0 */
#include "form/reader.h"

#include <assert.h>

#include "json/check.h"

enum {
    SHOWN_MAX = 96,    /* bytes of a name from outside that is shown */
    FANGS_MAX = 8192,  /* bytes; no value of a type that may have fangs is longer */
    HEAD_NEAR = 65536, /* bytes at the beginning in which a telling key is looked for */
};

/* The words of other tools for our types: in small letters, with hyphens where they write blanks or underscores. */
static const struct word {
    const char *text;
    enum observable_type type;
    enum form_guess guess;
} words[] = {
        {"address", OBSERVABLE_NONE, GUESS_ADDRESS},
        {"domain-name", OBSERVABLE_HOST, GUESS_NOTHING},
        {"dst-ip", OBSERVABLE_NONE, GUESS_ADDRESS},
        {"email-addr", OBSERVABLE_EMAIL, GUESS_NOTHING},
        {"email-address", OBSERVABLE_EMAIL, GUESS_NOTHING},
        {"email-dst", OBSERVABLE_EMAIL, GUESS_NOTHING},
        {"email-src", OBSERVABLE_EMAIL, GUESS_NOTHING},
        {"file-name", OBSERVABLE_FILENAME, GUESS_NOTHING},
        {"filehash-md5", OBSERVABLE_MD5, GUESS_NOTHING},
        {"filehash-sha1", OBSERVABLE_SHA1, GUESS_NOTHING},
        {"filehash-sha256", OBSERVABLE_SHA256, GUESS_NOTHING},
        {"filehash-sha512", OBSERVABLE_SHA512, GUESS_NOTHING},
        {"fqdn", OBSERVABLE_HOST, GUESS_NOTHING},
        {"hash", OBSERVABLE_NONE, GUESS_HASH},
        {"hostname", OBSERVABLE_HOST, GUESS_NOTHING},
        {"ip", OBSERVABLE_NONE, GUESS_ADDRESS},
        {"ip-address", OBSERVABLE_NONE, GUESS_ADDRESS},
        {"ip-dst", OBSERVABLE_NONE, GUESS_ADDRESS},
        {"ip-src", OBSERVABLE_NONE, GUESS_ADDRESS},
        {"ipv4-addr", OBSERVABLE_NONE, GUESS_ADDRESS},
        {"ipv6-addr", OBSERVABLE_NONE, GUESS_ADDRESS},
        {"ja3-fingerprint-md5", OBSERVABLE_JA3, GUESS_NOTHING},
        {"ja3-hash", OBSERVABLE_JA3, GUESS_NOTHING},
        {"md5-hash", OBSERVABLE_MD5, GUESS_NOTHING},
        {"netblock", OBSERVABLE_NONE, GUESS_ADDRESS},
        {"network", OBSERVABLE_NONE, GUESS_ADDRESS},
        {"prefix", OBSERVABLE_NONE, GUESS_ADDRESS},
        {"sha-1", OBSERVABLE_SHA1, GUESS_NOTHING},
        {"sha-256", OBSERVABLE_SHA256, GUESS_NOTHING},
        {"sha-512", OBSERVABLE_SHA512, GUESS_NOTHING},
        {"sha1-hash", OBSERVABLE_SHA1, GUESS_NOTHING},
        {"sha256-hash", OBSERVABLE_SHA256, GUESS_NOTHING},
        {"sha512-hash", OBSERVABLE_SHA512, GUESS_NOTHING},
        {"src-ip", OBSERVABLE_NONE, GUESS_ADDRESS},
        {"subnet", OBSERVABLE_NONE, GUESS_ADDRESS},
        {"uri", OBSERVABLE_URL, GUESS_NOTHING},
        {"user-agent", OBSERVABLE_USERAGENT, GUESS_NOTHING},
};

static const bool refanged[OBSERVABLE_TYPES] = {
        [OBSERVABLE_IPV4] = true,
        [OBSERVABLE_IPV6] = true,
        [OBSERVABLE_CIDR] = true,
        [OBSERVABLE_DOMAIN] = true,
        [OBSERVABLE_HOST] = true,
        [OBSERVABLE_URL] = true,
        [OBSERVABLE_EMAIL] = true,
};

struct form_reader form_reader_open(slice text, struct arena *messages, const struct form_sink *sink)
{
    text = text.ptr == NULL ? S("") : form_without_mark(text);
    return (struct form_reader){
            .text = text,
            .sink = sink,
            .messages = messages,
            .work = arena_open("form", ARENA_WORK, FORM_WORK_MAX),
            .plain = buf_make(FANGS_MAX),
            .item = text.ptr,
            .line = 1,
            .line_start = text.ptr,
    };
}

void form_reader_close(struct form_reader *reader)
{
    arena_close(reader->work);
    buf_free(&reader->plain);
}

/* Goes on from a counted place to a later one. */
static void count_lines(const char **from, const char *to, uint64_t *line, const char **line_start)
{
    const char *newline;
    while (*from < to && (newline = memchr(*from, '\n', (size_t)(to - *from))) != NULL) {
        *from = *line_start = newline + 1;
        (*line)++;
    }
    *from = to;
}

static void move_to(struct form_reader *reader, const char *at)
{
    assert(at >= reader->item && at <= reader->text.ptr + reader->text.len);
    count_lines(&reader->item, at, &reader->line, &reader->line_start);
    arena_reset(reader->work);
}

bool form_reader_item(struct form_reader *reader, slice item)
{
    move_to(reader, item.ptr);
    if (item.len <= FORM_ITEM_MAX)
        return true;
    form_reader_problem(reader, item.ptr, "this item is longer than 33554432 bytes");
    return false;
}

struct form_place form_reader_place(const struct form_reader *reader, const char *at)
{
    const char *from = reader->item, *line_start = reader->line_start;
    uint64_t line = reader->line;
    assert(at >= from);
    count_lines(&from, at, &line, &line_start);
    return (struct form_place){line, (uint64_t)(at - line_start) + 1};
}

void form_reader_problem(struct form_reader *reader, const char *at, const char *why)
{
    struct form_place place = form_reader_place(reader, at);
    reader->sink->problem(reader->sink->context, place.line, place.column, why);
}

struct err form_reader_refuse(const struct form_reader *reader, size_t offset, struct err err)
{
    size_t line, column;
    json_place(reader->text, offset, &line, &column);
    if (reader->sink->refused != NULL)
        *reader->sink->refused = (struct form_place){line, column};
    return err;
}

void form_reader_skip(struct form_reader *reader, const char *what, slice name)
{
    char text[2 * SHOWN_MAX + 2];
    size_t len = (size_t)snprintf(text, SHOWN_MAX, name.len > 0 ? "%s " : "%s", what);
    assert(len < SHOWN_MAX);
    for (size_t i = 0; i < name.len && i < SHOWN_MAX; i++)
        text[len++] = (char)(name.ptr[i] >= ' ' && name.ptr[i] <= '~' ? name.ptr[i] : '?');
    text[len] = '\0';
    reader->sink->skipped(reader->sink->context, text);
}

static struct err give(struct form_reader *reader, struct err (*take)(void *, const struct indicator *),
        struct indicator *indicator, struct form_place place)
{
    indicator->line = place.line > UINT32_MAX ? UINT32_MAX : (uint32_t)place.line;
    if (reader->sink->place != NULL)
        *reader->sink->place = place;
    struct err err = take(reader->sink->context, indicator);
    if (err.kind != ERR_INPUT)
        return err;
    reader->sink->problem(reader->sink->context, place.line, place.column, err.why);
    return OK;
}

struct err form_reader_give(struct form_reader *reader, struct indicator *indicator, struct form_place place)
{
    return give(reader, reader->sink->indicator, indicator, place);
}

struct err form_reader_give_pattern(struct form_reader *reader, struct indicator *pattern, struct form_place place)
{
    return give(reader, reader->sink->pattern, pattern, place);
}

static bool is_object(slice text)
{
    return json_check(text, &json_limits_default, NULL).kind == ERR_NONE && json_kind(text) == JSON_OBJECT;
}

/* NDJSON has a whole object on one of its first two lines; one document that spans lines never has, unless it ends. */
static bool is_lines(slice text)
{
    slice line;
    for (unsigned seen = 0; seen < 2 && slice_next(&text, '\n', &line);) {
        line = slice_trim(line);
        if (line.len == 0)
            continue;
        if (is_object(line))
            return true;
        seen++;
    }
    return false;
}

/* Takes one line; `taken` counts those that were of this form. */
static struct err take_line(struct form_reader *reader, slice line, form_take *take, size_t *taken)
{
    size_t offset = 0;
    move_to(reader, line.ptr);
    struct err err = json_check(line, &json_limits_default, &offset);
    if (err.kind == ERR_NONE) {
        offset = 0;
        err = take(reader, line);
    }
    *taken += err.kind == ERR_NONE;
    if (err.kind != ERR_INPUT)
        return err;
    form_reader_problem(reader, line.ptr + offset, err.why);
    return OK;
}

static struct err take_lines(struct form_reader *reader, form_take *take)
{
    size_t taken = 0;
    slice rest = reader->text, line;
    while (slice_next(&rest, '\n', &line)) {
        line = slice_trim(line);
        if (line.len > 0)
            TRY(take_line(reader, line, take, &taken));
    }
    return taken > 0 ? OK : form_reader_refuse(reader, 0, err_make(ERR_INPUT, "no line is of this form"));
}

struct err form_reader_json(struct form_reader *reader, form_take *take)
{
    size_t offset = 0;
    struct err err = json_check(reader->text, &json_limits_default, &offset);
    if (err.kind == ERR_INPUT && is_lines(reader->text))
        return take_lines(reader, take);
    if (err.kind != ERR_NONE)
        return form_reader_refuse(reader, offset, err);
    slice document = slice_trim(reader->text);
    move_to(reader, document.ptr);
    err = take(reader, document);
    if (err.kind == ERR_INPUT)
        return form_reader_refuse(reader, (size_t)(document.ptr - reader->text.ptr), err);
    return err;
}

slice form_reader_text(struct form_reader *reader, slice string)
{
    return json_text(string, reader->work);
}

slice form_reader_label(struct form_reader *reader, slice string)
{
    slice label = {0};
    if (string.len <= FORM_LABEL_MAX)
        label = json_text(string, reader->work);
    return label;
}

bool form_head_key(slice head, slice quoted_key)
{
    if (head.len > HEAD_NEAR)
        head.len = HEAD_NEAR;
    for (;;) {
        size_t at = slice_find_slice(head, quoted_key);
        if (at == head.len)
            return false;
        head = slice_from(head, at + quoted_key.len);
        slice behind = slice_trim(head);
        if (slice_starts(behind, S(":")))
            return true;
    }
}

static bool has_fangs(slice value)
{
    if (value.len == 0)
        return false;
    if (byte_lower(value.ptr[0]) == 'h' && value.len > 2 && byte_lower(value.ptr[1]) == 'x')
        return true;
    return memchr(value.ptr, '[', value.len) != NULL || memchr(value.ptr, '(', value.len) != NULL ||
           memchr(value.ptr, '{', value.len) != NULL;
}

slice form_reader_refang(struct form_reader *reader, slice value)
{
    if (value.len > FANGS_MAX || !has_fangs(value))
        return value;
    buf_reset(&reader->plain);
    bool changed = observable_refang(value, &reader->plain);
    return changed && !reader->plain.full ? buf_slice(&reader->plain) : value;
}

slice form_word(slice word, char spelt[FORM_WORD_MAX])
{
    if (word.len > FORM_WORD_MAX)
        return (slice){0};
    for (size_t i = 0; i < word.len; i++)
        spelt[i] = word.ptr[i] == '_' || word.ptr[i] == ' ' ? '-' : byte_lower(word.ptr[i]);
    return (slice){spelt, word.len};
}

slice form_without_mark(slice text)
{
    return slice_starts(text, S("\xEF\xBB\xBF")) ? slice_from(text, 3) : text;
}

bool form_type_find(slice word, struct form_type *found)
{
    char spelt[FORM_WORD_MAX];
    slice ours = form_word(word, spelt);
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (!slice_eq(ours, slice_of(words[i].text)))
            continue;
        *found = (struct form_type){words[i].type, words[i].guess, {0}};
        return true;
    }
    enum observable_type type = observable_type_find(ours.len == 0 ? word : ours);
    if (type == OBSERVABLE_OTHER)
        type = observable_type_find(word);
    if (type == OBSERVABLE_NONE)
        return false;
    *found = (struct form_type){type, GUESS_NOTHING, type == OBSERVABLE_OTHER ? word : (slice){0}};
    return true;
}

static bool is_hash(enum observable_type type)
{
    return type >= OBSERVABLE_MD5 && type <= OBSERVABLE_SHA512;
}

enum observable_type form_type_of(const struct form_type *found, slice value)
{
    if (found->guess == GUESS_ADDRESS)
        return form_address_type(value);
    if (found->guess == GUESS_HASH) {
        enum observable_type type = observable_guess(value);
        return is_hash(type) ? type : OBSERVABLE_NONE;
    }
    return found->type;
}

bool form_type_refangs(enum observable_type type)
{
    return refanged[type];
}

enum observable_type form_address_type(slice value)
{
    if (slice_find(value, '/') < value.len)
        return OBSERVABLE_CIDR;
    return slice_find(value, ':') < value.len ? OBSERVABLE_IPV6 : OBSERVABLE_IPV4;
}
