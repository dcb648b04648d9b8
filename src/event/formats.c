/* SPDX-License-Identifier: Apache-2.0 */
#include "event/event.h"

#include "event/document.h"
#include "event/fields.h"

extern const struct event_format event_eve, event_zeek, event_zeek_tsv, event_intelmq, event_n6, event_idea, event_fhir,
        event_xarf, event_cef, event_syslog, event_weblog, event_shadowserver, event_summary, event_csv, event_lines;

const struct event_format *const event_formats[] = {
        &event_eve,
        &event_zeek,
        &event_zeek_tsv,
        &event_intelmq,
        &event_n6,
        &event_idea,
        &event_fhir,
        &event_xarf,
        &event_cef,
        &event_syslog,
        &event_weblog,
        &event_shadowserver,
        &event_summary,
        &event_csv,
        &event_lines,
        NULL,
};

const struct event_format *event_format_find(slice name)
{
    for (const struct event_format *const *at = event_formats; *at != NULL; at++)
        if (slice_eq(slice_of((*at)->name), name))
            return *at;
    return NULL;
}

/* The first of the surest: the table begins with the most particular. */
const struct event_format *event_format_guess(slice head, slice name, int *sure)
{
    const struct event_format *best = NULL;
    for (const struct event_format *const *at = event_formats; *at != NULL; at++) {
        int certainty = (*at)->recognise_named != NULL ? (*at)->recognise_named(head, name) : (*at)->recognise(head);
        if (certainty > *sure) {
            *sure = certainty;
            best = *at;
        }
    }
    return best;
}

static struct err unknown(const char *name, struct arena *arena)
{
    struct buf names = buf_make(1024);
    for (const struct event_format *const *at = event_formats; *at != NULL; at++)
        buf_printf(&names, " %s", (*at)->name);
    struct err err =
            err_format(arena, ERR_MISSING, "unknown event format \"%s\" (known:%.*s)", name, (int)names.len, names.ptr);
    buf_free(&names);
    return err;
}

bool event_head_is_enough(slice head)
{
    bool whole;
    if (slice_find(head, '\n') == head.len)
        return false;
    slice rest = event_document_object(head, S(""));
    if (rest.len == 0)
        return slice_find(head, '[') == head.len; /* an array that has only begun */
    if (rest.ptr[0] != '{')
        return true;
    slice object = event_document_first(head, S(""), &whole);
    return whole || object.len == 0;
}

struct err event_open(const char *name, slice head, const struct event_options *options, struct arena *arena,
        struct event_reader *reader)
{
    static const struct event_options none = {.map_name = NULL};
    bool guess = name == NULL || strcmp(name, "auto") == 0;
    int sure = 0;
    options = options == NULL ? &none : options;
    const struct event_format *format =
            guess ? event_format_guess(head, options->name, &sure) : event_format_find(slice_of(name));
    if (format == NULL)
        return unknown(name, arena);
    struct event_reader made = {.format = format};
    TRY(format->open(&made, head, options, arena));
    event_fields_measure(&made, arena);
    *reader = made;
    return OK;
}
