/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/validate.h"

#include "stix/id.h"
#include "stix/object.h"
#include "json/check.h"

/*
 * Bytes come in blocks into one buffer. What is read next begins at `from`; a value that does not end in the buffer is
 * read again when there is more, and the buffer grows up to the ceiling of one object. A wrapper, be it bundle or
 * envelope, is never held: its members are taken one by one, and the elements of `objects` one by one.
 *
 * The tape reads a value and says yes or no; where it says no, json_check() decides and says why.
 */

#define BLOCK (512u << 10)
#define BUFFER_MAX (STIX_OBJECT_MAX + BLOCK)
#define CUT_MAX 16   /* bytes before the end of the buffer, within which an error may only be that it ends */
#define NAMES_MAX 64 /* members of a wrapper */

/* What a wrapper has said of itself so far. */
struct wrapper {
    bool is_bundle, has_id, has_objects, other_type;
    bool version_said;
    enum stix_version version;
    uint64_t presumed; /* objects without spec_version that were taken for STIX 2.0 */
    uint64_t presumed_line, presumed_column;
    uint64_t line, column; /* where it begins */
    size_t name_count;
    uint32_t names[NAMES_MAX]; /* hashes of its keys */
};

struct stream {
    const struct stix_stream *source;
    const struct stix_sink *sink;
    struct arena *messages;
    struct stix_totals *totals;
    char *buffer;
    size_t room, from, to;
    bool ended;
    size_t counted;      /* up to here in the buffer lines are counted */
    uint64_t line;       /* the line there, */
    uint64_t line_start; /* which begins here, and the buffer */
    uint64_t base;       /* here, in bytes of all */
    uint64_t errors_told, warnings_told;
    bool inside; /* an object is being checked */
    bool broken; /* the JSON is; nothing more can be read */
    struct json_tape tape;
    struct stix_check check;
};

/* ---- Places and findings ---- */

static void count_lines(struct stream *s, size_t to)
{
    const char *last = NULL;
    uint64_t lines = 0;
    for (size_t i = s->counted; i < to; i++)
        lines += s->buffer[i] == '\n';
    if (lines > 0)
        last = memrchr(s->buffer + s->counted, '\n', to - s->counted);
    s->line += lines;
    if (last != NULL)
        s->line_start = s->base + (uint64_t)(last - s->buffer) + 1;
    s->counted = to;
}

/* The place of an offset of the buffer that is not before what was counted. */
static void place(const struct stream *s, size_t at, uint64_t *line, uint64_t *column)
{
    uint64_t start = s->line_start;
    *line = s->line;
    for (size_t i = s->counted; i < at; i++) {
        if (s->buffer[i] != '\n')
            continue;
        ++*line;
        start = s->base + i + 1;
    }
    *column = s->base + at - start + 1;
}

static bool wants(void *context, enum stix_level level)
{
    const struct stream *s = context;
    return s->sink->found != NULL &&
           (level == STIX_ERROR ? s->errors_told < s->sink->errors_max : s->warnings_told < s->sink->warnings_max);
}

static void tell(struct stream *s, enum stix_level level, uint64_t line, uint64_t column, const char *why)
{
    bool told = why != NULL && wants(s, level);
    *(level == STIX_ERROR ? &s->totals->errors : &s->totals->warnings) += 1;
    if (!told)
        return;
    *(level == STIX_ERROR ? &s->errors_told : &s->warnings_told) += 1;
    const struct stix_finding finding = {level, line, column, why, s->inside};
    s->sink->found(s->sink->context, &finding);
}

static void tell_at(struct stream *s, enum stix_level level, size_t at, const char *why)
{
    uint64_t line = 0, column = 0;
    if (why != NULL && wants(s, level))
        place(s, at, &line, &column);
    tell(s, level, line, column, why);
}

/* For the checks of an object: offsets are those of the tape's text. */
static void say(void *context, enum stix_level level, size_t offset, const char *why)
{
    struct stream *s = context;
    tell_at(s, level, (size_t)(s->tape.text - s->buffer) + offset, why);
}

/* The JSON is broken here. */
static void broken(struct stream *s, size_t at, const char *why)
{
    s->broken = true;
    tell_at(s, STIX_ERROR, at, why);
}

/* ---- Bytes ---- */

static struct err grow(struct stream *s)
{
    size_t room = s->room == 0 ? BLOCK : s->room * 2;
    if (s->room >= BUFFER_MAX)
        return err_make(ERR_LIMIT, "an object is longer than 33554432 bytes");
    room = room > BUFFER_MAX ? BUFFER_MAX : room;
    char *buffer = realloc(s->buffer, room);
    if (buffer == NULL)
        return err_make(ERR_SYSTEM, "no memory for an object");
    s->buffer = buffer;
    s->room = room;
    return OK;
}

/*
 * Reads on, behind what is there: as much again, so that a value which comes in small pieces is not begun too often.
 * What lies before `from` is forgotten.
 */
static struct err more(struct stream *s)
{
    if (s->from > 0) {
        count_lines(s, s->from);
        memmove(s->buffer, s->buffer + s->from, s->to - s->from);
        s->base += s->from;
        s->to -= s->from;
        s->counted = s->from = 0;
    }
    if (s->to == s->room)
        TRY(grow(s));
    size_t wanted = 2 * s->to < s->room ? 2 * s->to : s->room;
    do {
        size_t got = 0;
        TRY(s->source->read(s->source->context, s->buffer + s->to, s->room - s->to, &got));
        s->to += got;
        s->totals->bytes += got;
        s->ended = got == 0;
    } while (!s->ended && s->to < wanted);
    return OK;
}

/* Passes over blanks; then a byte stands at `from`, or all has ended. */
static struct err blanks(struct stream *s)
{
    for (;;) {
        while (s->from < s->to && byte_is_blank(s->buffer[s->from]))
            s->from++;
        if (s->from < s->to || s->ended)
            return OK;
        TRY(more(s));
    }
}

static char byte_at(const struct stream *s)
{
    return s->from < s->to ? s->buffer[s->from] : '\0';
}

/* ---- Values ---- */

/* The end of a value by its brackets; 0 if it does not end in the text. */
static size_t value_extent(slice text)
{
    size_t depth = 0;
    bool inside = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (inside) {
            i += c == '\\';
            inside = c != '"';
        } else if (c == '"') {
            inside = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            if (depth <= 1)
                return i + (depth == 1);
            depth--;
        } else if (depth == 0 && i > 0 && (c == ',' || byte_is_blank(c))) {
            return i;
        }
        if (depth == 0 && !inside && c == '"')
            return i + 1;
    }
    return 0;
}

/* What the tape did not take: the check says why, or that all is well. */
static struct err value_odd(struct stream *s, bool *taken)
{
    slice text = {s->buffer + s->from, s->to - s->from};
    size_t end = value_extent(text), offset = 0;
    if (end == 0 && !s->ended)
        return more(s); /* and try again */
    if (end > 0)
        text.len = end;
    struct err err = json_check(text, &json_limits_default, &offset);
    bool bare = err.kind == ERR_NONE && s->from + text.len == s->to; /* a number at the very end */
    if (err.kind != ERR_NONE)
        broken(s, s->from + offset, err.why);
    else if (!json_tape_read(&s->tape, (slice){text.ptr, text.len + !bare}, JSON_TAPE_CHECKED))
        broken(s, s->from,
                bare && !s->tape.full ? "a number alone is no STIX content [STIX 2.1 section 8]"
                                      : "a value has more than 4194304 parts");
    *taken = !s->broken;
    return OK;
}

/* Reads the value at `from` onto the tape, unless the JSON is broken. It stays in the buffer until value_pass(). */
static struct err value_take(struct stream *s)
{
    bool taken = false;
    while (!taken && !s->broken) {
        slice text = {s->buffer + s->from, s->to - s->from};
        taken = json_tape_read(&s->tape, text, JSON_TAPE_STRICT);
        if (taken)
            break;
        if (!s->ended && !s->tape.full && text.len - s->tape.end < CUT_MAX)
            TRY(more(s));
        else
            TRY(value_odd(s, &taken));
    }
    return OK;
}

static void value_pass(struct stream *s)
{
    s->from += s->tape.end;
}

/* ---- Objects ---- */

/* What an object says of its version itself. */
enum saying { SAYS_NOTHING, SAYS_20, SAYS_OTHER };

static enum saying object_says(struct stix_check *check)
{
    const struct json_token *version = stix_member(check, 0, S("spec_version"));
    if (version == NULL)
        return stix_member(check, 0, S("created")) == NULL ? SAYS_OTHER
                                                           : SAYS_NOTHING; /* a cyber-observable needs none */
    return version->kind == JSON_STRING && slice_eq(stix_text(check, version), S("2.0")) ? SAYS_20 : SAYS_OTHER;
}

/* By which version an object is checked; in a bundle that has not said yet, by its own looks. */
static enum stix_version version_of(struct stream *s, struct wrapper *wrapper)
{
    enum saying saying = object_says(&s->check);
    bool older = wrapper != NULL && wrapper->version_said && wrapper->version == STIX_20;
    bool implicit = saying == SAYS_NOTHING && s->sink->implicit && wrapper != NULL && wrapper->is_bundle;
    if (saying == SAYS_20 || older || implicit)
        return STIX_20;
    if (saying == SAYS_OTHER || wrapper == NULL || wrapper->version_said)
        return STIX_21;
    if (wrapper->presumed++ == 0) {
        count_lines(s, s->from);
        place(s, s->from, &wrapper->presumed_line, &wrapper->presumed_column);
    }
    return STIX_20;
}

static slice token_json(const struct json_tape *tape, const struct json_token *token)
{
    slice text = json_tape_slice(tape, token);
    return token->kind == JSON_STRING ? (slice){text.ptr - 1, text.len + 2} : text;
}

/* What stands at the top of an object, for whoever keeps it: one step per member over the tape that is there. */
static void tops_take(const struct json_tape *tape, struct stix_checked *object)
{
    const struct {
        slice name;
        slice *to;
    } tops[] = {
            {S("type"), &object->type},
            {S("id"), &object->id},
            {S("modified"), &object->modified},
            {S("created_by_ref"), &object->created_by_ref},
            {S("revoked"), &object->revoked},
    };
    for (size_t i = 1; i < tape->tokens[0].next; i = tape->tokens[i + 1].next) {
        const struct json_token *key = &tape->tokens[i];
        slice name = json_tape_slice(tape, key);
        bool escapes = (key->flags & JSON_TOKEN_ESCAPES) != 0;
        for (size_t j = 0; j < COUNT_OF(tops); j++)
            if (escapes ? json_key_is(name, tops[j].name) : slice_eq(name, tops[j].name))
                *tops[j].to = token_json(tape, key + 1);
    }
}

static struct err object_give(struct stream *s, bool valid)
{
    struct stix_checked object = {
            .json = token_json(&s->tape, &s->tape.tokens[0]),
            .valid = valid,
            .older = s->check.version == STIX_20,
    };
    if (s->sink->object == NULL)
        return OK;
    count_lines(s, s->from);
    place(s, s->from, &object.line, &object.column);
    if (s->tape.tokens[0].kind == JSON_OBJECT)
        tops_take(&s->tape, &object);
    return s->sink->object(s->sink->context, &object);
}

/* Checks the object on the tape. */
static struct err object_done(struct stream *s, struct wrapper *wrapper)
{
    uint64_t errors = s->totals->errors;
    s->totals->objects += s->tape.tokens[0].kind == JSON_OBJECT; /* anything else is told to be none */
    s->check.version = version_of(s, wrapper);
    s->check.path = NULL;
    s->inside = true;
    stix_object_check(&s->check, 0);
    if (s->check.full || arena_full(s->check.work))
        tell_at(s, STIX_ERROR, s->from, "checking this object takes more memory than 134217728 bytes");
    if (s->check.steps > STIX_STEPS_MAX)
        tell_at(s, STIX_ERROR, s->from,
                "the selectors or references of this object pass more than 16777216 parts of it");
    s->inside = false;
    struct err err = object_give(s, s->totals->errors == errors);
    arena_reset(s->check.work);
    return err;
}

/* The comma or bracket behind an element or member; `last` if it was the bracket. */
static struct err between(struct stream *s, char bracket, bool *last)
{
    TRY(blanks(s));
    char c = byte_at(s);
    *last = c == bracket;
    if (s->from == s->to)
        broken(s, s->from,
                bracket == ']' ? "the text ends inside an array [RFC 8259 section 5]"
                               : "the text ends inside an object [RFC 8259 section 4]");
    else if (c != ',' && c != bracket)
        broken(s, s->from,
                bracket == ']' ? "a comma is missing between elements [RFC 8259 section 5]"
                               : "a comma is missing between members [RFC 8259 section 4]");
    else
        s->from++;
    return s->broken || *last ? OK : blanks(s);
}

typedef struct err element_take(struct stream *s, struct wrapper *wrapper);

/* The elements of an array one by one, from its bracket. */
static struct err elements(struct stream *s, struct wrapper *wrapper, element_take *take, uint64_t *count)
{
    bool last = false;
    s->from++;
    TRY(blanks(s));
    if (byte_at(s) == ']') {
        s->from++;
        return OK;
    }
    while (!last && !s->broken) {
        TRY(take(s, wrapper));
        ++*count;
        if (!s->broken)
            TRY(between(s, ']', &last));
    }
    return OK;
}

static struct err object_take(struct stream *s, struct wrapper *wrapper)
{
    TRY(value_take(s));
    if (s->broken)
        return OK;
    TRY(object_done(s, wrapper));
    value_pass(s);
    return OK;
}

/* ---- Bundles and envelopes ---- */

static void wrapper_say(struct stream *s, enum stix_level level, size_t token, const char *why)
{
    say(s, level, s->tape.tokens[token].at, why);
}

static slice value_text(struct stream *s)
{
    const struct json_token *token = &s->tape.tokens[0];
    return token->kind == JSON_STRING ? stix_text(&s->check, token) : S("");
}

static void bundle_type(struct stream *s, struct wrapper *wrapper)
{
    wrapper->is_bundle = slice_eq(value_text(s), S("bundle"));
    if (!wrapper->is_bundle)
        wrapper_say(s, STIX_ERROR, 0, "type: must be bundle, since there are objects [STIX 2.1 section 8.1]");
    wrapper->other_type = !wrapper->is_bundle;
}

static void bundle_id(struct stream *s, struct wrapper *wrapper)
{
    struct stix_id id;
    wrapper->has_id = true;
    if (!stix_id_parse(value_text(s), &id) || !slice_eq(id.type, S("bundle")))
        wrapper_say(s, STIX_ERROR, 0, "id: must be bundle--UUID [STIX 2.1 section 8.1]");
}

static void bundle_version(struct stream *s, struct wrapper *wrapper)
{
    slice text = value_text(s);
    bool older = slice_eq(text, S("2.0"));
    wrapper->version_said = true;
    wrapper->version = older ? STIX_20 : STIX_21;
    if (!older && !slice_eq(text, S("2.1")))
        wrapper_say(s, STIX_ERROR, 0, "spec_version: must be 2.0, or not be there [STIX 2.1 section 8.1]");
    else if (!older)
        wrapper_say(s, STIX_WARNING, 0, "spec_version: a bundle has none since STIX 2.1 [STIX 2.1 section 8.1]");
}

static void envelope_more(struct stream *s, struct wrapper *wrapper)
{
    (void)wrapper;
    if (s->tape.tokens[0].kind != JSON_TRUE && s->tape.tokens[0].kind != JSON_FALSE)
        wrapper_say(s, STIX_ERROR, 0, "more: must be true or false [TAXII 2.1 section 3.7]");
}

static void envelope_next(struct stream *s, struct wrapper *wrapper)
{
    (void)wrapper;
    if (s->tape.tokens[0].kind != JSON_STRING)
        wrapper_say(s, STIX_ERROR, 0, "next: must be a string [TAXII 2.1 section 3.7]");
}

static void wrapper_objects(struct stream *s, struct wrapper *wrapper)
{
    (void)wrapper;
    wrapper_say(s, STIX_ERROR, 0, "objects: must be a list [STIX 2.1 section 8.1]");
}

/* The members of wrappers. */
static const struct {
    const char *key;
    void (*take)(struct stream *s, struct wrapper *wrapper);
} wrapper_members[] = {
        {"type", bundle_type},
        {"id", bundle_id},
        {"spec_version", bundle_version},
        {"objects", wrapper_objects},
        {"more", envelope_more},
        {"next", envelope_next},
};

static void wrapper_note(struct stream *s, struct wrapper *wrapper, slice key)
{
    for (size_t i = 0; i < COUNT_OF(wrapper_members); i++) {
        if (!slice_eq(key, slice_of(wrapper_members[i].key)))
            continue;
        wrapper_members[i].take(s, wrapper);
        return;
    }
    const char *why = arena_printf(s->check.work, "%.*s: is not of the standard [STIX 2.1 section 8.1]",
            (int)(key.len < 80 ? key.len : 80), key.ptr);
    wrapper_say(s, STIX_WARNING, 0, why);
}

/* Whether the key is a new one. */
static bool wrapper_key(struct stream *s, struct wrapper *wrapper, slice key)
{
    uint32_t hash = json_tape_hash(key);
    bool doubled = wrapper->name_count == NAMES_MAX;
    for (size_t i = 0; i < wrapper->name_count; i++)
        doubled |= wrapper->names[i] == hash;
    if (doubled)
        broken(s, s->from,
                wrapper->name_count == NAMES_MAX ? "a bundle has too many members"
                                                 : "the object has this key twice [RFC 8259 section 4]");
    else
        wrapper->names[wrapper->name_count++] = hash;
    return !doubled;
}

static struct err wrapper_value(struct stream *s, struct wrapper *wrapper, slice key)
{
    if (slice_eq(key, S("objects")) && byte_at(s) == '[') {
        uint64_t count = 0;
        uint64_t line, column;
        count_lines(s, s->from);
        place(s, s->from, &line, &column);
        wrapper->has_objects = true;
        TRY(elements(s, wrapper, object_take, &count));
        if (count == 0 && !s->broken && wrapper->is_bundle)
            tell(s, STIX_ERROR, line, column, "objects: a list must have at least one value [STIX 2.1 section 2.12]");
        return OK;
    }
    TRY(value_take(s));
    if (s->broken)
        return OK;
    wrapper_note(s, wrapper, key);
    value_pass(s);
    arena_reset(s->check.work);
    return OK;
}

static struct err wrapper_member(struct stream *s, struct wrapper *wrapper)
{
    char copy[256];
    if (byte_at(s) != '"') {
        broken(s, s->from, "a key must stand here, between double quotes [RFC 8259 section 4]");
        return OK;
    }
    TRY(value_take(s));
    if (s->broken)
        return OK;
    slice key = stix_text(&s->check, &s->tape.tokens[0]);
    key.len = key.len < sizeof copy ? key.len : sizeof copy;
    memcpy(copy, key.ptr, key.len);
    key.ptr = copy;
    if (!wrapper_key(s, wrapper, key))
        return OK;
    value_pass(s);
    TRY(blanks(s));
    if (byte_at(s) != ':') {
        broken(s, s->from, "a colon is missing behind the key [RFC 8259 section 4]");
        return OK;
    }
    s->from++;
    TRY(blanks(s));
    return wrapper_value(s, wrapper, key);
}

static void wrapper_end(struct stream *s, const struct wrapper *wrapper)
{
    if (wrapper->is_bundle && !wrapper->has_id)
        tell(s, STIX_ERROR, wrapper->line, wrapper->column, "id is required [STIX 2.1 section 8.1]");
    if (wrapper->presumed == 0 || (wrapper->version_said && wrapper->version == STIX_20))
        return;
    s->totals->errors += wrapper->presumed - 1;
    tell(s, STIX_ERROR, wrapper->presumed_line, wrapper->presumed_column,
            arena_printf(s->check.work,
                    "spec_version is required, in %llu objects from here on; the bundle does not say 2.0 [STIX 2.1 "
                    "section 3.2]",
                    (unsigned long long)wrapper->presumed));
    arena_reset(s->check.work); /* there may be many bundles */
}

/* A bundle or envelope, from its brace. What is known of it already is set. */
static struct err wrapper_take(struct stream *s, struct wrapper *wrapper)
{
    bool last = false;
    count_lines(s, s->from);
    place(s, s->from, &wrapper->line, &wrapper->column);
    s->from++;
    TRY(blanks(s));
    if (byte_at(s) == '}') {
        s->from++;
        last = true;
    }
    while (!last && !s->broken) {
        TRY(wrapper_member(s, wrapper));
        if (!s->broken)
            TRY(between(s, '}', &last));
    }
    if (!s->broken)
        wrapper_end(s, wrapper);
    return OK;
}

/* ---- Documents ---- */

/* What the object on the tape is; a wrapper is then read as a stream, knowing the version that it says. */
static bool tape_is_wrapper(struct stream *s, struct wrapper *wrapper)
{
    struct stix_check *check = &s->check;
    const struct json_token *objects = stix_member(check, 0, S("objects"));
    const struct json_token *type = stix_member(check, 0, S("type")),
                            *version = stix_member(check, 0, S("spec_version"));
    bool bundle = type != NULL && type->kind == JSON_STRING && slice_eq(stix_text(check, type), S("bundle"));
    bool envelope = type == NULL &&
                    (objects != NULL || stix_member(check, 0, S("more")) != NULL || s->tape.tokens[0].count == 0);
    bool older = version != NULL && version->kind == JSON_STRING && slice_eq(stix_text(check, version), S("2.0"));
    wrapper->version_said = true;
    wrapper->version = bundle && older ? STIX_20 : STIX_21;
    wrapper->is_bundle = bundle;
    return bundle || envelope;
}

/*
 * Whether a key "objects" with a list stands among the members that are in the buffer, and no type before it says that
 * this is something else.
 */
static bool head_is_wrapper(struct stream *s)
{
    const char *at = s->buffer + s->from + 1, *end = s->buffer + s->to;
    while (at < end) {
        if (!json_tape_read(&s->tape, (slice){at, (size_t)(end - at)}, JSON_TAPE_STRICT))
            return false;
        slice key = json_tape_slice(&s->tape, &s->tape.tokens[0]);
        bool objects = slice_eq(key, S("objects")), type = slice_eq(key, S("type"));
        at += s->tape.end;
        while (at < end && byte_is_blank(*at))
            at++;
        if (at == end || *at != ':')
            return false;
        for (at++; at < end && byte_is_blank(*at);)
            at++;
        if (objects)
            return at < end && *at == '[';
        if (!json_tape_read(&s->tape, (slice){at, (size_t)(end - at)}, JSON_TAPE_STRICT))
            return false;
        if (type && !slice_eq(json_tape_slice(&s->tape, &s->tape.tokens[0]), S("bundle")))
            return false;
        at += s->tape.end;
        while (at < end && (byte_is_blank(*at) || *at == ','))
            at++;
    }
    return false;
}

/* An object, bundle or envelope. One that is too large for the buffer is a wrapper, or is read when there is more. */
static struct err item_take(struct stream *s, struct wrapper *unused)
{
    struct wrapper wrapper = {0};
    (void)unused;
    for (;;) {
        slice text = {s->buffer + s->from, s->to - s->from};
        if (byte_at(s) != '{' || json_tape_read(&s->tape, text, JSON_TAPE_STRICT))
            break;
        bool cut = !s->ended && text.len - s->tape.end < CUT_MAX;
        if ((s->from == 0 && s->to == s->room) || !cut) { /* it cannot be held, or is odd and told when it is reached */
            if (head_is_wrapper(s))
                return wrapper_take(s, &wrapper);
            if (!cut)
                break;
        }
        TRY(more(s));
    }
    TRY(value_take(s));
    if (s->broken)
        return OK;
    if (s->tape.tokens[0].kind == JSON_OBJECT && tape_is_wrapper(s, &wrapper))
        return wrapper_take(s, &wrapper);
    bool named = stix_member(&s->check, 0, S("type")) != NULL || stix_member(&s->check, 0, S("id")) != NULL;
    if (named) {
        TRY(object_done(s, NULL));
    } else {
        s->totals->objects += s->tape.tokens[0].kind == JSON_OBJECT;
        s->inside = true;
        wrapper_say(s, STIX_ERROR, 0,
                "neither a STIX object with type and id, nor a bundle or a TAXII envelope with objects "
                "[STIX 2.1 section 8, TAXII 2.1 section 3.7]");
        s->inside = false;
        TRY(object_give(s, false));
    }
    value_pass(s);
    return OK;
}

static struct err document(struct stream *s)
{
    uint64_t count = 0;
    return byte_at(s) == '[' ? elements(s, NULL, item_take, &count) : item_take(s, NULL);
}

/* One document, or one a line. */
static struct err documents(struct stream *s)
{
    TRY(more(s));
    while (s->to < 3 && !s->ended)
        TRY(more(s));
    if (s->to >= 3 && memcmp(s->buffer, "\xEF\xBB\xBF", 3) == 0) {
        s->from = s->counted = 3; /* a byte order mark is no part of the text */
        s->line_start = 3;
    }
    TRY(blanks(s));
    if (s->from == s->to)
        broken(s, s->from, "the text ends where a value should stand [RFC 8259 section 2]");
    while (s->from < s->to && !s->broken) {
        TRY(document(s));
        if (s->broken)
            break;
        count_lines(s, s->from);
        uint64_t line = s->line, now, column;
        TRY(blanks(s));
        place(s, s->from, &now, &column);
        if (s->from < s->to && now == line)
            broken(s, s->from, "something follows the value [RFC 8259 section 2]");
    }
    return OK;
}

struct err stix_validate(const struct stix_stream *source, const struct stix_sink *sink, struct arena *messages,
        struct stix_totals *totals)
{
    struct stream s = {.source = source, .sink = sink, .messages = messages, .totals = totals, .line = 1};
    *totals = (struct stix_totals){0};
    (void)stix_type_find(S("")); /* the tables are made */
    s.check = (struct stix_check){.tape = &s.tape,
            .work = arena_open("stix", ARENA_WORK, STIX_WORK_MAX),
            .context = &s,
            .say = say,
            .wants = wants};
    struct err err = documents(&s);
    totals->broken = err.kind == ERR_LIMIT ? ERR_LIMIT : s.broken ? ERR_INPUT : ERR_NONE;
    if (err.kind == ERR_LIMIT) {
        tell_at(&s, STIX_ERROR, s.from, err.why);
        err = OK;
    }
    arena_close(s.check.work);
    json_tape_free(&s.tape);
    free(s.buffer);
    return err;
}

/* ---- A text in memory ---- */

static struct err text_read(void *context, char *to, size_t room, size_t *got)
{
    slice *rest = context;
    *got = rest->len < room ? rest->len : room;
    if (*got > 0)
        memcpy(to, rest->ptr, *got);
    *rest = slice_from(*rest, *got);
    return OK;
}

struct err stix_validate_text(
        slice text, const struct stix_sink *sink, struct arena *messages, struct stix_totals *totals)
{
    slice rest = text.ptr == NULL ? S("") : text;
    const struct stix_stream source = {&rest, text_read};
    return stix_validate(&source, sink, messages, totals);
}
