/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "form/make.h"

/*
 * Rows as objects: each indicator that a form of rows hands on becomes a STIX indicator, or the object of which it is
 * the name. Rows have no ids and no times, so ids come from what the row says and times are those of the reading.
 */

#define EXPIRED_BEFORE_US                                                                                              \
    1000000 /* how long a row that is over already counted as valid: it has to be before its end */

struct rows {
    struct form_objects *reading;
    slice row;
    struct form_place place; /* of the value at hand */
};

/* Values that are names of something and nothing to look for in events. */
static const struct named {
    const char *name, *type, *source;
} named[] = {
        {"vulnerability", "vulnerability", "cve"},
        {"cve", "vulnerability", "cve"},
        {"attack-pattern", "attack-pattern", "mitre-attack"},
};

static const struct named *named_find(const struct indicator *indicator)
{
    for (size_t i = 0; i < COUNT_OF(named); i++)
        if (indicator->type == OBSERVABLE_OTHER && slice_eq(indicator->name, slice_of(named[i].name)))
            return &named[i];
    return NULL;
}

/* The kind of value in the name that an id is made from. */
static slice kind_of(const struct indicator *indicator)
{
    if ((indicator->flags & INDICATOR_BELOW) != 0)
        return S("url-below");
    const char *name = observable_type_name(indicator->type);
    return name == NULL ? indicator->name : slice_of(name);
}

static slice uuid_of(struct form_objects *reading, const struct indicator *indicator)
{
    struct buf *name = &reading->scratch;
    buf_reset(name);
    buf_put(name, slice_of(reading->form));
    buf_byte(name, '\0');
    buf_put(name, reading->options->name);
    buf_byte(name, '\0');
    buf_put(name, kind_of(indicator));
    buf_byte(name, '\0');
    buf_put(name, indicator->value);
    return form_make_uuid(reading, buf_slice(name));
}

static void write_reference(struct form_objects *reading, slice source, slice id)
{
    json_write_key(&reading->w, S("external_references"));
    json_write_array(&reading->w);
    json_write_object(&reading->w);
    json_write_key_text(&reading->w, S("source_name"), source);
    json_write_key_text(&reading->w, S("external_id"), id);
    json_write_end(&reading->w);
    json_write_end(&reading->w);
}

static void write_named(struct form_objects *reading, const struct indicator *indicator, const struct named *as)
{
    form_make_text(reading, "name", indicator->value);
    form_make_text(reading, "description", indicator->label);
    write_reference(reading, slice_of(as->source), indicator->value);
}

/* When it is valid from: what the row says, or now; before its end in any case (section 4.7 of STIX 2.1). */
static void write_validity(struct form_objects *reading, const struct indicator *indicator)
{
    int64_t from = indicator->from_us;
    if (from == TIME_NONE && indicator->until_us != TIME_NONE && indicator->until_us <= reading->options->now_us)
        from = indicator->until_us - EXPIRED_BEFORE_US;
    if (from != TIME_NONE)
        form_make_time(reading, "valid_from", from);
    if (indicator->until_us != TIME_NONE)
        form_make_time(reading, "valid_until", indicator->until_us);
}

static bool is_valid_from_now(const struct form_objects *reading, const struct indicator *indicator)
{
    return indicator->from_us == TIME_NONE &&
           (indicator->until_us == TIME_NONE || indicator->until_us > reading->options->now_us);
}

static void write_indicator(struct form_objects *reading, const struct indicator *indicator)
{
    struct buf *pattern = &reading->scratch;
    slice source = reading->options->name.len > 0 ? reading->options->name : slice_of(reading->form);
    buf_reset(pattern);
    form_pattern_put(pattern, indicator);
    form_make_text(reading, "name", indicator->label.len > 0 ? indicator->label : indicator->value);
    form_make_text(reading, "pattern", buf_slice(pattern));
    form_make_text(reading, "pattern_type", S("stix"));
    write_validity(reading, indicator);
    if (indicator->id.len > 0)
        write_reference(reading, source, indicator->id);
}

static struct err take(void *context, const struct indicator *indicator)
{
    static const slice guessed[] = {{"from-free-text", 14}};
    struct rows *rows = context;
    struct form_objects *reading = rows->reading;
    const struct named *as = named_find(indicator);
    const char *wrong = as != NULL ? NULL : observable_wrong(indicator->type, indicator->value);
    if (wrong != NULL)
        return err_make(ERR_INPUT, wrong);
    if (!form_make_is_utf8(indicator->value) || !form_make_is_utf8(indicator->label) ||
            !form_make_is_utf8(indicator->id))
        return err_make(ERR_INPUT, "not UTF-8 (RFC 3629)");
    arena_reset(reading->work);
    struct form_made made = {
            .type = as == NULL ? S("indicator") : slice_of(as->type),
            .uuid = uuid_of(reading, indicator),
            .created_us = reading->options->now_us,
            .modified_us = reading->options->now_us,
            .now = true,
            .moments = {as == NULL && is_valid_from_now(reading, indicator) ? "valid_from" : NULL},
            .revoked = (indicator->flags & INDICATOR_REVOKED) != 0,
            .labels = guessed,
            .label_count = slice_eq(slice_of(reading->form), S("text")),
            .place = rows->place,
            .original = rows->row,
    };
    form_make_begin(reading, &made);
    if (as == NULL)
        write_indicator(reading, indicator);
    else
        write_named(reading, indicator, as);
    return form_make_end(reading);
}

static void problem(void *context, uint64_t line, uint64_t column, const char *why)
{
    struct rows *rows = context;
    form_objects_refuse(rows->reading, (struct form_place){line, column}, why, rows->row);
}

static void skipped(void *context, const char *what)
{
    struct rows *rows = context;
    form_objects_drop(rows->reading, what, (slice){0});
}

static void unused(void *context, slice column)
{
    struct rows *rows = context;
    form_objects_drop(rows->reading, "column", column);
}

static struct err read_rows(struct form_objects *reading, const struct stix_stream *stream, const struct form *form)
{
    struct rows rows = {.reading = reading};
    struct form_place place = {0};
    const struct form_sink sink = {
            .context = &rows,
            .indicator = take,
            .problem = problem,
            .skipped = skipped,
            .refused = &place,
            .row = &rows.row,
            .place = &rows.place,
            .unused = unused,
    };
    slice text;
    TRY(form_objects_text(reading, stream, &text));
    struct err err = form->read(text, reading->messages, &sink);
    if (err.kind != ERR_INPUT)
        return err;
    return err_format(reading->messages, ERR_INPUT, "line %llu, column %llu: %s", (unsigned long long)place.line,
            (unsigned long long)place.column, err.why);
}

struct err form_csv_objects(struct form_objects *reading, const struct stix_stream *stream)
{
    return read_rows(reading, stream, &form_csv);
}

struct err form_list_objects(struct form_objects *reading, const struct stix_stream *stream)
{
    return read_rows(reading, stream, &form_list);
}

struct err form_text_objects(struct form_objects *reading, const struct stix_stream *stream)
{
    return read_rows(reading, stream, &form_text);
}
