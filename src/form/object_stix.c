/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "form/make.h"
#include "json/read.h"

/*
 * STIX as it comes: a stream of objects, each byte for byte. The check of the standard hands them on with their
 * findings; one that breaks a MUST is refused with the first of them, one that breaks a SHOULD is kept.
 */

#define REASONS_MAX 4 /* findings of one refused object that are told */

struct stix_reading {
    struct form_objects *reading;
    struct err err;          /* of the sink: the check takes a ceiling for a finding */
    struct buf why;          /* the errors of the object at hand */
    size_t errors;           /* of it */
    const char *waiting;     /* an error of the text as a whole: if it is the last, the text is broken there */
    struct form_place place; /* of it */
};

static void waited(struct stix_reading *stix)
{
    if (stix->waiting != NULL)
        form_objects_refuse(stix->reading, stix->place, stix->waiting, (slice){0});
    stix->waiting = NULL;
}

static void found(void *context, const struct stix_finding *finding)
{
    struct stix_reading *stix = context;
    struct form_objects *reading = stix->reading;
    struct form_place place = {finding->line, finding->column};
    if (stix->err.kind != ERR_NONE)
        return;
    if (finding->level == STIX_WARNING) {
        form_objects_warn(reading, place, finding->why);
    } else if (!finding->inside) {
        waited(stix);
        arena_reset(reading->work); /* there may be many bundles and no object */
        stix->waiting = arena_printf(reading->work, "%s", finding->why);
        stix->place = place;
    } else if (stix->errors++ < REASONS_MAX) {
        buf_printf(&stix->why, "%s%s", stix->why.len > 0 ? "; " : "", finding->why);
    }
}

/* The spelling of a time in which order is the order of bytes. */
static slice version_of(slice modified)
{
    if (slice_ends(modified, S("Z")))
        modified.len--;
    if (slice_find(modified, '.') == modified.len)
        return modified;
    while (slice_ends(modified, S("0")))
        modified.len--;
    if (slice_ends(modified, S(".")))
        modified.len--;
    return modified;
}

static void refuse(struct stix_reading *stix, const struct stix_checked *checked)
{
    if (stix->errors > REASONS_MAX)
        buf_printf(&stix->why, "; and %zu more", stix->errors - REASONS_MAX);
    buf_byte(&stix->why, '\0');
    form_objects_refuse(
            stix->reading, (struct form_place){checked->line, checked->column}, stix->why.ptr, checked->json);
}

static struct err give(struct stix_reading *stix, const struct stix_checked *checked)
{
    struct arena *work = stix->reading->work;
    slice modified = json_text(checked->modified, work);
    struct form_object object = {
            .bytes = checked->json,
            .id = json_text(checked->id, work),
            .type = json_text(checked->type, work),
            .spec_version = checked->older ? S("2.0") : S("2.1"),
            .version = version_of(modified),
            .created_by = json_text(checked->created_by_ref, work),
            .modified_us = TIME_NONE,
            .revoked = json_kind(checked->revoked) == JSON_TRUE,
            .meaning = hash_sha256(checked->json),
            .line = checked->line,
            .column = checked->column,
    };
    if (modified.len > 0)
        time_parse_strict(modified, &object.modified_us);
    return form_objects_give(stix->reading, &object);
}

static struct err take(void *context, const struct stix_checked *checked)
{
    struct stix_reading *stix = context;
    waited(stix);
    if (checked->valid)
        stix->err = give(stix, checked);
    else
        refuse(stix, checked);
    buf_reset(&stix->why);
    stix->errors = 0;
    arena_reset(stix->reading->work);
    if (stix->err.kind == ERR_NONE)
        stix->err = stix->reading->failed;
    return stix->err;
}

struct err form_stix_objects(struct form_objects *reading, const struct stix_stream *stream)
{
    struct stix_reading stix = {.reading = reading, .why = buf_make(1 << 16)};
    const struct stix_sink sink = {
            &stix, found, UINT64_MAX, reading->sink->warned == NULL ? 0 : FORM_WARNINGS_MAX, take, true};
    struct stix_totals totals;
    struct err err = stix_validate(stream, &sink, reading->messages, &totals);
    buf_free(&stix.why);
    if (stix.err.kind != ERR_NONE)
        return stix.err;
    if (err.kind == ERR_NONE && totals.broken != ERR_NONE && stix.waiting != NULL)
        err = err_format(reading->messages, totals.broken, "line %llu, column %llu: %s",
                (unsigned long long)stix.place.line, (unsigned long long)stix.place.column, stix.waiting);
    else
        waited(&stix);
    if (reading->warned == FORM_WARNINGS_MAX)
        reading->warned = totals.warnings;
    return err;
}
