/* SPDX-License-Identifier: Apache-2.0 */
#include "export/export.h"

#include <assert.h>

#include "export/kind.h"
#include "form/form.h"
#include "stix/validate.h"
#include "json/check.h"
#include "json/read.h"

/*
 * The road of an object: is it JSON, what is it marked with, may its indicator be used now and for this, which values
 * does its pattern name (form_stix says, so that a pattern means here what it means in `match`), and then the kind.
 */

enum {
    FLUSH_BYTES = 256 << 10,   /* handed on at once */
    VALUE_BYTES = 64 << 10,    /* of a value in its normal form */
    REASON_MAX = 160,          /* bytes of a name of what was left out */
    ID_MAX = 4096,             /* bytes; the form takes no longer label */
    DOMAIN_PATTERN_MAX = 4096, /* bytes of a pattern that says a domain: a name twice, escaped */
    MEMORY_MAX = 1 << 20,      /* bytes: options, reasons, states of kinds */
};

struct export_reason {
    const char *what;
    uint64_t count;
};

/* ---- What is left out ---- */

static void count_reason(struct export *export, const char *what)
{
    size_t i = 0;
    while (i < export->reason_count && strcmp(export->reasons[i].what, what) != 0)
        i++;
    if (i == export->reason_count) {
        if (i == EXPORT_REASONS_MAX - 1)
            what = "for further reasons";
        if (i < EXPORT_REASONS_MAX)
            export->reasons[export->reason_count++].what = arena_cstr(export->memory, slice_of(what));
        else
            i--;
    }
    export->reasons[i].count++;
}

void export_leave(struct export *export, const char *what)
{
    export->totals.left_out++;
    count_reason(export, what);
    if (export->sink.left_out_object != NULL)
        export->sink.left_out_object(export->sink.context, what, export->id);
}

void export_leave_format(struct export *export, const char *format, ...)
{
    char text[REASON_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    for (char *at = text; *at != '\0'; at++)
        if (*at < ' ' || *at > '~')
            *at = '?';
    export_leave(export, text);
}

const char *export_type_name(const struct export *export, const struct indicator *indicator)
{
    const char *name = observable_type_name(indicator->type);
    return name != NULL ? name : arena_cstr(export->work, indicator->name);
}

/* ---- Text ---- */

struct err export_flush_all(struct export *export)
{
    if (export->text.full)
        return err_make(ERR_LIMIT, "one object gives more than 256 MiB of text, or there is no memory for it");
    if (export->text.len == 0)
        return OK;
    struct err err = export->sink.write(export->sink.context, buf_slice(&export->text));
    buf_reset(&export->text);
    return err;
}

struct err export_flush(struct export *export)
{
    return export->text.full || export->text.len >= FLUSH_BYTES ? export_flush_all(export) : OK;
}

/* ---- A value ---- */

/* Takes an address off the front of a normal form: its family and its bytes. */
static bool take_address(slice *normal, struct prefix *prefix)
{
    unsigned char family = normal->len == 0 ? 0 : (unsigned char)normal->ptr[0];
    if (family != 4 && family != 6)
        return false;
    size_t bytes = family == 4 ? 4 : 16;
    *prefix = (struct prefix){.ip = {.family = family}, .bits = (uint8_t)(bytes * 8)};
    memcpy(prefix->ip.bytes, normal->ptr + 1, bytes);
    *normal = slice_from(*normal, 1 + bytes);
    return true;
}

/* host[:port]/path, where the host may be an address in binary. */
static void take_url(struct export *export, struct export_value *value)
{
    slice rest = value->normal;
    struct prefix prefix;
    bool address = take_address(&rest, &prefix), brackets = address && prefix.ip.family == 6;
    if (brackets)
        buf_byte(&export->spelt, '[');
    if (address)
        ip_write(&export->spelt, &prefix.ip);
    else
        buf_put(&export->spelt, slice_part(rest, 0, strcspn(rest.ptr, ":/")));
    if (brackets)
        buf_byte(&export->spelt, ']');
    size_t host = export->spelt.len;
    rest = address ? rest : slice_from(rest, host);
    buf_put(&export->spelt, rest);
    value->text = buf_slice(&export->spelt);
    value->host = slice_part(value->text, 0, host);
    value->path = slice_from(rest, slice_find(rest, '/'));
    uint64_t port = 0;
    if (slice_starts(rest, S(":")) && slice_u64(slice_part(rest, 1, slice_find(rest, '/')), UINT16_MAX, &port))
        value->port = (uint32_t)port;
}

static bool is_name_or_address(enum observable_type type)
{
    return type == OBSERVABLE_IPV4 || type == OBSERVABLE_IPV6 || type == OBSERVABLE_CIDR || type == OBSERVABLE_DOMAIN ||
           type == OBSERVABLE_HOST;
}

/* The value apart; false if it cannot be of its type. */
static bool take_value(struct export *export, const struct indicator *indicator)
{
    struct observable observable = {.type = indicator->type, .name = indicator->name, .value = indicator->value};
    struct export_value *value = &export->value;
    buf_reset(&export->normal);
    buf_reset(&export->spelt);
    if (!observable_normal(&observable, &export->normal))
        return false;
    buf_byte(&export->normal, '\0'); /* an end for strcspn; no part of the value */
    *value = (struct export_value){.type = indicator->type};
    value->normal = slice_part(buf_slice(&export->normal), 0, export->normal.len - 1);
    slice rest = value->normal;
    if (indicator->type == OBSERVABLE_URL)
        take_url(export, value);
    else if (!is_name_or_address(indicator->type) || !take_address(&rest, &value->prefix))
        value->text = value->normal;
    else if (indicator->type == OBSERVABLE_CIDR)
        value->prefix.bits = (uint8_t)rest.ptr[0];
    else
        value->type = value->prefix.ip.family == 4 ? OBSERVABLE_IPV4 : OBSERVABLE_IPV6;
    return !export->spelt.full;
}

/* ---- An indicator ---- */

bool export_pap_allows(enum stix_pap pap, enum export_action action)
{
    static const enum stix_pap strictest[] = {
            /* that still allows it */
            [EXPORT_READ] = PAP_RED,
            [EXPORT_DETECT] = PAP_AMBER,
            [EXPORT_BLOCK] = PAP_GREEN,
    };
    return pap <= strictest[action];
}

/* By which name it may not be used; NULL: it may. */
static const char *why_not(const struct export *export, const struct indicator *indicator)
{
    const struct export_kind *kind = export->kind;
    if ((indicator->flags & INDICATOR_REVOKED) != 0)
        return kind->revoked ? NULL : "revoked indicator";
    if (indicator->until_us != TIME_NONE && indicator->until_us <= export->options.now_us)
        return "expired indicator";
    if (indicator->from_us != TIME_NONE && indicator->from_us > export->options.now_us)
        return "indicator not yet valid";
    if (!export_pap_allows(export->marks.pap, kind->action))
        return stix_pap_name(export->marks.pap);
    if (export->marks.unknown && kind->action != EXPORT_READ)
        return "marked by a definition that was not given";
    return NULL;
}

/* Asked at the first value of an object, so that it is left out, and told, once. */
static bool is_wanted(struct export *export, const struct indicator *indicator)
{
    if (!export->asked) {
        const char *why = why_not(export, indicator);
        export->asked = true;
        export->wanted = why == NULL;
        if (why != NULL)
            export_leave(export, why);
    }
    return export->wanted;
}

/* An ERR_INPUT would be taken by the form for a fault of the value, so the error at hand is kept beside it. */
static struct err stop_if(const struct export *export)
{
    return export->error.kind == ERR_NONE ? OK : err_make(ERR_LIMIT, "see export->error");
}

static slice present(slice s)
{
    return s.ptr == NULL ? S("") : s;
}

/* Kinds add to pointers and hand them on: what is absent is empty, not nowhere. */
static struct indicator without_null(const struct indicator *indicator)
{
    struct indicator whole = *indicator;
    whole.name = present(whole.name);
    whole.id = present(whole.id);
    whole.label = present(whole.label);
    return whole;
}

static struct err on_indicator(void *context, const struct indicator *given)
{
    struct export *export = context;
    const struct indicator whole = without_null(given), *indicator = &whole;
    if (!is_wanted(export, indicator))
        return OK;
    if (!take_value(export, indicator)) {
        export_leave_format(export, "value that cannot be of its type: %s", export_type_name(export, indicator));
        return OK;
    }
    export->totals.values++;
    export->error = export->kind->indicator(export, indicator);
    export->value_number++;
    if (export->error.kind == ERR_NONE)
        export->error = export_flush(export);
    return stop_if(export);
}

static struct err on_pattern(void *context, const struct indicator *pattern)
{
    struct export *export = context;
    struct indicator whole = without_null(pattern);
    if (!is_wanted(export, pattern))
        return OK;
    if (export->kind->pattern == NULL)
        export_leave(export, "pattern that is more than values");
    else
        export->error = export->kind->pattern(export, &whole);
    return stop_if(export);
}

static void on_problem(void *context, uint64_t line, uint64_t column, const char *why)
{
    (void)line, (void)column;
    export_leave_format(context, "indicator that cannot be read: %s", why);
}

static void on_skipped(void *context, const char *what)
{
    export_leave_format(context, "%s", what);
}

static struct err take_indicator(struct export *export, slice bytes)
{
    const struct form_sink sink = {export, on_indicator, on_problem, on_skipped, NULL, on_pattern};
    export->asked = false;
    export->value_number = 0;
    export->error = OK;
    struct err err = form_stix.read(bytes, export->work, &sink);
    if (export->error.kind != ERR_NONE)
        return export->error;
    if (err.kind == ERR_INPUT) {
        on_problem(export, 0, 0, err.why);
        return OK;
    }
    return err;
}

/* ---- An object ---- */

static slice text_of(struct export *export, slice json)
{
    return json_kind(json) == JSON_STRING && json.len <= ID_MAX ? json_text(json, export->work) : S("");
}

/* The properties that are read here: raw JSON, empty where absent. */
struct members {
    slice type, id;
};

static struct members members_of(slice object)
{
    static const struct {
        slice key;
        size_t offset;
    } wanted[] = {
            {{"type", 4}, offsetof(struct members, type)},
            {{"id", 2}, offsetof(struct members, id)},
    };
    struct members members = {0};
    struct json_members walk = json_members(object);
    slice key, value;
    while (json_member_next(&walk, &key, &value))
        for (size_t i = 0; i < COUNT_OF(wanted); i++)
            if (json_key_is(key, wanted[i].key))
                *(slice *)((char *)&members + wanted[i].offset) = value;
    return members;
}

static struct err take_object(struct export *export, slice bytes)
{
    struct members members = members_of(bytes);
    const struct export_object whole = {bytes, text_of(export, members.type), text_of(export, members.id)};
    slice type = whole.type;
    export->id = whole.id;
    if (export->kind->object != NULL)
        TRY(export->kind->object(export, &whole));
    if (slice_eq(type, S("marking-definition")))
        return stix_definitions_add(export->definitions, bytes, export->work);
    if (export->kind->indicator == NULL)
        return OK;
    if (slice_eq(type, S("indicator"))) {
        const struct stix_marked marked = stix_marked_of(bytes);
        export->marks = stix_marks_of(export->definitions, &marked, export->work);
        return take_indicator(export, bytes);
    }
    if (export->kind->says_objects)
        export_leave_format(export, "object %.*s", (int)(type.len < 64 ? type.len : 64), type.ptr);
    return OK;
}

/* By which name it cannot be taken at all; NULL: it can. */
static const char *object_unfit(slice json)
{
    struct json_limits limits = json_limits_default;
    limits.bytes_max = STIX_OBJECT_MAX;
    struct err err = json_check(json, &limits, NULL);
    if (err.kind == ERR_LIMIT)
        return "object longer, deeper or with more keys than STIX objects may be here";
    return err.kind != ERR_NONE || json_kind(json) != JSON_OBJECT ? "what is no JSON object" : NULL;
}

struct err export_object(struct export *export, const struct export_object *object)
{
    arena_reset(export->work);
    export->totals.objects++;
    export->id = S("");
    slice json = object->bytes.len == 0 ? S("") : slice_trim(object->bytes);
    const char *unfit = object_unfit(json);
    if (unfit != NULL) {
        export_leave(export, unfit);
        return OK;
    }
    TRY(take_object(export, json));
    TRY(arena_check(export->work));
    return export_flush(export);
}

/* ---- The whole ---- */

static void copy_options(struct export *export, const struct export_options *options)
{
    struct export_options *ours = &export->options;
    *ours = *options;
    ours->name = arena_copy(export->memory, options->name.len == 0 ? S("kentongan") : options->name);
    ours->zone = arena_copy(export->memory, options->zone);
}

struct err export_open(const struct export_kind *kind, const struct export_options *options,
        const struct export_sink *sink, struct export **export)
{
    if (options->name.len > ID_MAX || options->zone.len > ID_MAX)
        return err_make(ERR_LIMIT, "the name of the exporting node, or of its zone, is longer than 4096 bytes");
    struct arena *memory = arena_open("export", ARENA_PROCESS, MEMORY_MAX);
    struct export *opened = arena_new(memory, struct export, 1);
    *opened = (struct export){
            .kind = kind,
            .sink = *sink,
            .memory = memory,
            .work = arena_open("export of an object", ARENA_WORK, EXPORT_WORK_MAX),
            .text = buf_make(EXPORT_TEXT_MAX),
            .normal = buf_make(VALUE_BYTES),
            .spelt = buf_make(VALUE_BYTES),
            .definitions = stix_definitions_open(),
            .reasons = arena_new(memory, struct export_reason, EXPORT_REASONS_MAX),
    };
    copy_options(opened, options);
    export_specials_fill(opened);
    struct err err = kind->begin == NULL ? OK : kind->begin(opened);
    if (err.kind != ERR_NONE) {
        export_close(opened);
        return err;
    }
    *export = opened;
    return OK;
}

struct err export_end(struct export *export)
{
    arena_reset(export->work);
    export->id = S("");
    if (export->kind->end != NULL)
        TRY(export->kind->end(export));
    TRY(export_flush_all(export));
    if (export->sink.left_out != NULL)
        for (size_t i = 0; i < export->reason_count; i++)
            export->sink.left_out(export->sink.context, export->reasons[i].what, export->reasons[i].count);
    return OK;
}

struct export_totals export_totals(const struct export *export)
{
    return export->totals;
}

void export_close(struct export *export)
{
    if (export == NULL)
        return;
    if (export->kind->close != NULL)
        export->kind->close(export);
    stix_definitions_close(export->definitions);
    buf_free(&export->text);
    buf_free(&export->normal);
    buf_free(&export->spelt);
    arena_close(export->work);
    arena_close(export->memory);
}
