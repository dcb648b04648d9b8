/* SPDX-License-Identifier: Apache-2.0 */
#include "export/kind.h"
#include "export/kinds.h"

/*
 * CSV as RFC 4180 has it, a record on a line, in columns that our own form reads. Spreadsheets run what begins like a
 * formula: such a value is left out, by name, since it cannot be both safe and itself (options.formulas_too writes it);
 * names, which are for people, get an apostrophe in front.
 */

static bool is_formula(slice text)
{
    size_t at = 0;
    while (at < text.len && text.ptr[at] == ' ')
        at++;
    return at < text.len && memchr("=+-@", text.ptr[at], 4) != NULL;
}

/* Quotes doubled; line breaks and other control characters, which RFC 4180 has no place for, as blanks. */
static void put_inside(struct buf *out, slice text)
{
    for (size_t i = 0; i < text.len && !out->full; i++) {
        char c = text.ptr[i];
        bool control = (unsigned char)c < ' ' || c == 0x7f;
        if (c == '"')
            buf_byte(out, '"');
        buf_byte(out, control ? ' ' : c);
    }
}

static bool needs_quotes(slice text)
{
    return slice_holds(text, ',') || slice_holds(text, '"') || slice_holds(text, ';') || export_has_control(text) ||
           (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[text.len - 1] == ' '));
}

static void put_cell(struct buf *out, slice text)
{
    if (!needs_quotes(text)) {
        buf_put(out, text);
        return;
    }
    buf_byte(out, '"');
    put_inside(out, text);
    buf_byte(out, '"');
}

static void put_label(struct buf *out, slice text)
{
    if (!is_formula(text)) {
        put_cell(out, text);
        return;
    }
    buf_put(out, S("\"'"));
    put_inside(out, text);
    buf_byte(out, '"');
}

static void put_time(struct buf *out, int64_t us)
{
    buf_byte(out, ',');
    if (us != TIME_NONE)
        time_write(out, us);
}

static void put_name(struct buf *out, const char *name)
{
    buf_byte(out, ',');
    if (name != NULL)
        buf_put(out, slice_of(name));
}

static struct err begin(struct export *export)
{
    buf_put(&export->text, S("type,value,id,name,valid_from,valid_until,modified,tlp,pap\r\n"));
    return OK;
}

/* By which name the value cannot be in a CSV; NULL: it can. */
static const char *why_not(const struct export *export, const struct indicator *indicator)
{
    if ((indicator->flags & INDICATOR_BELOW) != 0)
        return "URL with all below it";
    if (export_has_control(indicator->value))
        return "value with a control character";
    if (is_formula(indicator->value) && !export->options.formulas_too)
        return "value that a spreadsheet takes for a formula";
    return NULL;
}

static struct err indicator(struct export *export, const struct indicator *indicator)
{
    struct buf *out = &export->text;
    const char *why = why_not(export, indicator);
    if (why != NULL) {
        export_leave(export, why);
        return OK;
    }
    put_cell(out, slice_of(export_type_name(export, indicator)));
    buf_byte(out, ',');
    put_cell(out, indicator->value);
    buf_byte(out, ',');
    put_label(out, indicator->id);
    buf_byte(out, ',');
    put_label(out, indicator->label);
    put_time(out, indicator->from_us);
    put_time(out, indicator->until_us);
    put_time(out, indicator->modified_us);
    put_name(out, stix_tlp_name(export->marks.tlp));
    put_name(out, stix_pap_name(export->marks.pap));
    buf_put(out, S("\r\n"));
    return OK;
}

const struct export_kind export_csv = {
        .name = "csv",
        .about = "CSV with a header: a value, its indicator, its times and markings on each line",
        .action = EXPORT_READ,
        .extension = "csv",
        .says_objects = true,
        .begin = begin,
        .indicator = indicator,
};
