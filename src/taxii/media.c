/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/media.h"

/* One media range: its type, and what it says about version and weight. */
struct range {
    slice type;
    slice version; /* empty: any */
    bool refused;  /* q=0 */
    bool broken;   /* a parameter that is none */
};

/* "2.1" of `"2.1"`. */
static slice unquote(slice value)
{
    bool quoted = value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"';
    return quoted ? slice_part(value, 1, value.len - 1) : value;
}

/* "0", "0.0", "0.000" (RFC 9110 section 12.4.2). */
static bool is_zero(slice weight)
{
    for (size_t i = 0; i < weight.len; i++)
        if (weight.ptr[i] != '0' && weight.ptr[i] != '.')
            return false;
    return weight.len > 0;
}

static void parameter_read(slice text, struct range *range)
{
    size_t equals = slice_find(text, '=');
    slice name = slice_trim(slice_part(text, 0, equals));
    if (equals == text.len) {
        range->broken = range->broken || name.len > 0;
        return;
    }
    slice value = unquote(slice_trim(slice_from(text, equals + 1)));
    if (slice_eq_fold(name, S("version")))
        range->version = value;
    else if (slice_eq_fold(name, S("q")))
        range->refused = is_zero(value);
}

static struct range range_read(slice text)
{
    struct range range = {.version = S("")};
    slice part;
    for (bool first = true; slice_next(&text, ';', &part); first = false)
        if (first)
            range.type = slice_trim(part);
        else
            parameter_read(part, &range);
    return range;
}

/* From the broadest to the most particular; a version is more particular still. */
static int fit(const struct range *range)
{
    static const char *const types[] = {"*/*", "application/*", "application/taxii+json"};
    for (int i = (int)COUNT_OF(types); i-- > 0;)
        if (slice_eq_fold(range->type, slice_of(types[i])))
            return range->version.len == 0 ? i + 1 : slice_eq(range->version, S("2.1")) ? i + 2 : 0;
    return 0;
}

bool taxii_accepts(slice accept)
{
    slice text;
    int best = 0;
    bool accepted = false;
    if (slice_trim(accept).len == 0)
        return true;
    while (slice_next(&accept, ',', &text)) {
        struct range range = range_read(text);
        int here = fit(&range);
        if (here < best || here == 0)
            continue;
        accepted = here > best ? !range.refused : accepted || !range.refused;
        best = here;
    }
    return accepted;
}

bool taxii_takes(slice type)
{
    if (type.ptr == NULL)
        return false;
    struct range range = range_read(type);
    bool known = slice_eq_fold(range.type, S("application/taxii+json")) ||
                 slice_eq_fold(range.type, S("application/stix+json"));
    return known && !range.broken && (range.version.len == 0 || slice_eq(range.version, S("2.1")));
}
