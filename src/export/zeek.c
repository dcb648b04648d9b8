/* SPDX-License-Identifier: Apache-2.0 */
#include "export/kind.h"
#include "export/kinds.h"

/*
 * The file that Zeek's Intelligence Framework reads: columns with tabs between them. Its reader takes \xHH for a byte,
 * and "-" and "(empty)" for no value, so these are written so that they mean themselves.
 */

/* Which types Zeek looks for with the scripts that it brings (policy/frameworks/intel/seen). NULL: it does not. */
static const char *const intel_types[OBSERVABLE_TYPES] = {
        [OBSERVABLE_IPV4] = "Intel::ADDR",
        [OBSERVABLE_IPV6] = "Intel::ADDR",
        [OBSERVABLE_CIDR] = "Intel::SUBNET",
        [OBSERVABLE_DOMAIN] = "Intel::DOMAIN",
        [OBSERVABLE_HOST] = "Intel::DOMAIN",
        [OBSERVABLE_URL] = "Intel::URL",
        [OBSERVABLE_MD5] = "Intel::FILE_HASH",
        [OBSERVABLE_SHA1] = "Intel::FILE_HASH",
        [OBSERVABLE_SHA256] = "Intel::FILE_HASH",
        [OBSERVABLE_EMAIL] = "Intel::EMAIL",
        [OBSERVABLE_USERAGENT] = "Intel::SOFTWARE",
        [OBSERVABLE_FILENAME] = "Intel::FILE_NAME",
};

struct zeek_state {
    struct export_set written;
    struct buf key;
};

static void put_escaped(struct buf *out, slice text)
{
    for (size_t i = 0; i < text.len && !out->full; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        bool meant_otherwise = i == 0 && (c == '#' || (c == '-' && text.len == 1) || c == '(');
        if (c < ' ' || c > '~' || c == '\\' || meant_otherwise)
            buf_printf(out, "\\x%02x", c);
        else
            buf_byte(out, (char)c);
    }
}

static void put_field(struct buf *out, slice text)
{
    buf_byte(out, '\t');
    if (text.len == 0)
        buf_byte(out, '-');
    else
        put_escaped(out, text);
}

static struct err begin(struct export *export)
{
    struct zeek_state *state = export->state = arena_new(export->memory, struct zeek_state, 1);
    *state = (struct zeek_state){export_set_make(), buf_make(UINT16_MAX)};
    buf_put(&export->text, S("#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc\tmeta.id\tmeta.marking\n"));
    return OK;
}

static void close(struct export *export)
{
    struct zeek_state *state = export->state;
    if (state == NULL)
        return;
    export_set_free(&state->written);
    buf_free(&state->key);
}

static void put_value(struct buf *out, const struct export_value *value)
{
    if (value->prefix.ip.family == 0)
        put_escaped(out, value->text);
    else if (value->type == OBSERVABLE_CIDR)
        prefix_write(out, &value->prefix);
    else
        ip_write(out, &value->prefix.ip);
}

/* What is written of a value and less than it says; it is named all the same. */
static void tell_less(struct export *export, const struct indicator *indicator)
{
    if (export->value.type == OBSERVABLE_DOMAIN)
        export_leave(export, "names below a domain (Zeek compares whole names; the domain itself is written)");
    if ((indicator->flags & INDICATOR_BELOW) != 0)
        export_leave(export, "URLs below a URL (Zeek compares whole URLs; the URL itself is written)");
}

static struct err is_new(struct export *export, const char *type, bool *added)
{
    struct zeek_state *state = export->state;
    buf_reset(&state->key);
    buf_printf(&state->key, "%s\t", type);
    put_value(&state->key, &export->value);
    return export_set_add(&state->written, buf_slice(&state->key), added);
}

static struct err indicator(struct export *export, const struct indicator *indicator)
{
    const struct export_value *value = &export->value;
    const char *type = intel_types[value->type];
    const char *wide = value->type == OBSERVABLE_CIDR ? export_prefix_too_wide(&value->prefix) : NULL;
    struct buf *out = &export->text;
    bool added;
    if (wide != NULL) {
        export_leave(export, wide);
        return OK;
    }
    if (type == NULL) {
        export_leave_format(export, "type %s, which Zeek does not look for", export_type_name(export, indicator));
        return OK;
    }
    TRY(is_new(export, type, &added));
    if (!added) {
        export_leave(export, "value that is there already");
        return OK;
    }
    tell_less(export, indicator);
    put_value(out, value);
    buf_printf(out, "\t%s", type);
    put_field(out, export->options.name);
    put_field(out, indicator->label);
    put_field(out, indicator->id);
    struct buf marks = buf_make(UINT8_MAX);
    export_put_marks(&marks, &export->marks);
    put_field(out, marks.len == 0 ? S("") : slice_trim(buf_slice(&marks)));
    buf_free(&marks);
    buf_byte(out, '\n');
    return OK;
}

const struct export_kind export_zeek = {
        .name = "zeek",
        .about = "file of Zeek's Intelligence Framework",
        .action = EXPORT_DETECT,
        .extension = "dat",
        .begin = begin,
        .indicator = indicator,
        .close = close,
};
