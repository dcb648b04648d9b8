/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/query.h"

#include <inttypes.h>

#include "base/token.h"
#include "gate/ask.h"
#include "gate/gate.h"
#include "taxii/options.h"

#define PLACE_BYTES 16 /* of a moment, and as many of what binds it to its collection, in hexadecimal */
#define VALUE_BYTES_MAX (OBJECT_ID_MAX + STORE_NAME_MAX)

/* ---- Versions ---- */

/* The fraction has at least three digits, as the standard's own examples. */
slice taxii_version(slice kept, struct arena *arena)
{
    size_t dot = slice_find(kept, '.');
    size_t digits = dot == kept.len ? 0 : kept.len - dot - 1;
    return slice_of(arena_printf(arena, "%.*s%s%.*sZ", (int)kept.len, kept.ptr, dot == kept.len ? "." : "",
            digits < 3 ? (int)(3 - digits) : 0, "000"));
}

/* ---- Places ---- */

/* Bound by the node's key, so that nobody makes one but us. */
static void place_write(const struct ask *ask, struct buf *buf, slice id, uint64_t moment)
{
    char text[128];
    int len = snprintf(text, sizeof text, "taxii next %.*s %" PRIu64, id.len > 64 ? 64 : (int)id.len, id.ptr, moment);
    struct sha256 bound = people_bound(ask->gate->options.doorkeeper, (slice){text, (size_t)len});
    buf_printf(buf, "%016" PRIx64, moment);
    buf_hex(buf, (slice){(const char *)bound.bytes, PLACE_BYTES / 2});
}

slice taxii_next(const struct ask *ask, slice id, int64_t added_us)
{
    struct buf buf = buf_make(2 * PLACE_BYTES + 1);
    place_write(ask, &buf, id, (uint64_t)added_us);
    slice next = arena_copy(ask->arena, buf_slice(&buf));
    buf_free(&buf);
    return next;
}

static bool place_read(const struct ask *ask, slice text, slice id, int64_t *added_us)
{
    struct buf again = buf_make(2 * PLACE_BYTES + 1);
    uint64_t moment = 0;
    if (text.len != 2 * PLACE_BYTES)
        return false;
    for (size_t i = 0; i < PLACE_BYTES; i++) {
        int digit = byte_hex(text.ptr[i]);
        if (digit < 0)
            return false;
        moment = moment << 4 | (uint64_t)digit;
    }
    place_write(ask, &again, id, moment);
    bool same = token_eq(text, buf_slice(&again));
    buf_free(&again);
    *added_us = (int64_t)moment;
    return same;
}

/* ---- One parameter each ---- */

struct parsing {
    const struct ask *ask;
    slice id;
    struct taxii_query *query;
    int64_t added_after_us, next_us;
};

typedef struct err field_read(struct parsing *parsing, slice value);

static struct err added_after_read(struct parsing *parsing, slice value)
{
    if (time_parse_strict(value, &parsing->added_after_us))
        return OK;
    return err_make(ERR_INPUT, "added_after is no timestamp (RFC 3339; TAXII 2.1 section 3.4)");
}

/* More than we give in one page is asked for by many: they get less, and `more`. */
static struct err limit_read(struct parsing *parsing, slice value)
{
    uint64_t limit = 0, most = taxii_options_of(parsing->ask)->page_max;
    for (size_t i = 0; i < value.len; i++)
        if (!byte_is_digit(value.ptr[i]))
            value.len = 0;
    bool number = value.len > 0;
    if (number && !slice_u64(value, UINT64_MAX, &limit))
        limit = most;
    if (!number || limit == 0)
        return err_make(ERR_INPUT, "limit is no whole number above 0 (TAXII 2.1 section 3.4)");
    parsing->query->rows.limit = (size_t)(limit < most ? limit : most);
    return OK;
}

static struct err next_read(struct parsing *parsing, slice value)
{
    if (place_read(parsing->ask, value, parsing->id, &parsing->next_us))
        return OK;
    return err_make(ERR_INPUT, "next is none that this collection gave (TAXII 2.1 section 3.5)");
}

/* The values between commas; each of them is something. */
static struct err values_split(struct parsing *parsing, const char *field, slice value, slice **values, size_t *count)
{
    slice rest = value, one;
    size_t most = 1;
    for (size_t i = 0; i < value.len; i++)
        most += value.ptr[i] == ',';
    if (most > COLLECTED_IDS_MAX)
        return err_format(parsing->ask->arena, ERR_INPUT, "match[%s] has %zu values, more than %d", field, most,
                COLLECTED_IDS_MAX);
    *values = arena_new(parsing->ask->arena, slice, most);
    *count = 0;
    if (value.len == 0)
        return err_format(parsing->ask->arena, ERR_INPUT, "match[%s] is empty (TAXII 2.1 section 3.4)", field);
    while (slice_next(&rest, ',', &one)) {
        if (one.len == 0 || one.len > VALUE_BYTES_MAX)
            return err_format(parsing->ask->arena, ERR_INPUT, "a value of match[%s] is empty or too long", field);
        (*values)[(*count)++] = one;
    }
    return OK;
}

static struct err ids_read(struct parsing *parsing, slice value)
{
    slice *values;
    TRY(values_split(parsing, "id", value, &values, &parsing->query->rows.id_count));
    parsing->query->rows.ids = values;
    return OK;
}

static struct err types_read(struct parsing *parsing, slice value)
{
    slice *values;
    TRY(values_split(parsing, "type", value, &values, &parsing->query->rows.type_count));
    parsing->query->rows.types = values;
    return OK;
}

static struct err version_read(struct parsing *parsing, slice value, slice *exact)
{
    static const struct {
        const char *word;
        unsigned bit;
    } words[] = {{"first", VERSIONS_FIRST}, {"last", VERSIONS_LAST}, {"all", VERSIONS_ALL}};
    struct collected_query *rows = &parsing->query->rows;
    int64_t us;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (slice_eq(value, slice_of(words[i].word))) {
            if ((rows->versions & words[i].bit) != 0)
                return err_make(ERR_INPUT, "match[version] names a version twice (TAXII 2.1 section 3.4.1)");
            rows->versions |= words[i].bit;
            return OK;
        }
    if (!slice_ends(value, S("Z")) || !time_parse_strict(value, &us))
        return err_make(
                ERR_INPUT, "match[version] is first, last, all or a timestamp of STIX (TAXII 2.1 section 3.4.1)");
    slice kept = store_version_kept(value);
    for (size_t i = 0; i < rows->exact_count; i++)
        if (slice_eq(exact[i], kept))
            return err_make(ERR_INPUT, "match[version] names a version twice (TAXII 2.1 section 3.4.1)");
    exact[rows->exact_count++] = kept;
    return OK;
}

static struct err versions_read(struct parsing *parsing, slice value)
{
    struct collected_query *rows = &parsing->query->rows;
    slice *values;
    size_t count;
    TRY(values_split(parsing, "version", value, &values, &count));
    slice *exact = arena_new(parsing->ask->arena, slice, count);
    rows->exact = exact;
    for (size_t i = 0; i < count; i++)
        TRY(version_read(parsing, values[i], exact));
    if ((rows->versions & VERSIONS_ALL) != 0 && count > 1)
        return err_make(ERR_INPUT, "match[version]=all stands alone (TAXII 2.1 section 3.4.1)");
    return OK;
}

static struct err specs_read(struct parsing *parsing, slice value)
{
    slice *values;
    size_t count;
    TRY(values_split(parsing, "spec_version", value, &values, &count));
    for (size_t i = 0; i < count; i++) {
        for (size_t at = 0; at < values[i].len; at++)
            if (!byte_is_digit(values[i].ptr[at]) && values[i].ptr[at] != '.')
                return err_make(ERR_INPUT, "match[spec_version] is no version as 2.1 (TAXII 2.1 section 3.4.1)");
        parsing->query->rows.specs |= slice_eq(values[i], S("2.1"))   ? SPECS_21
                                      : slice_eq(values[i], S("2.0")) ? SPECS_20
                                                                      : SPECS_NONE;
    }
    return OK;
}

/* ---- All of them ---- */

static const struct {
    const char *name;
    enum taxii_field field;
    field_read *read;
} fields_known[] = {
        {"added_after", FIELD_ADDED_AFTER, added_after_read},
        {"limit", FIELD_LIMIT, limit_read},
        {"next", FIELD_NEXT, next_read},
        {"match[id]", FIELD_ID, ids_read},
        {"match[type]", FIELD_TYPE, types_read},
        {"match[version]", FIELD_VERSION, versions_read},
        {"match[spec_version]", FIELD_SPEC, specs_read},
};

/* What is no parameter of TAXII may be there (section 3.4); a filter that we would not apply may not. */
static struct err field_take(struct parsing *parsing, unsigned fields, const struct http_field *field, unsigned *seen)
{
    struct arena *arena = parsing->ask->arena;
    for (size_t i = 0; i < COUNT_OF(fields_known); i++) {
        if (!slice_eq(field->name, slice_of(fields_known[i].name)))
            continue;
        if ((fields & fields_known[i].field) == 0)
            return err_format(arena, ERR_INPUT, "%s is not for this (TAXII 2.1 section 5)", fields_known[i].name);
        if ((*seen & fields_known[i].field) != 0)
            return err_format(arena, ERR_INPUT, "%s is there twice (TAXII 2.1 section 3.4)", fields_known[i].name);
        *seen |= fields_known[i].field;
        return fields_known[i].read(parsing, field->value);
    }
    if (slice_starts(field->name, S("match[")))
        return err_make(ERR_INPUT, "match is for id, type, version and spec_version (TAXII 2.1 section 3.4.1)");
    return OK;
}

struct err taxii_query_read(const struct ask *ask, unsigned fields, slice id, struct taxii_query *query)
{
    struct parsing parsing = {.ask = ask, .id = id, .query = query, .added_after_us = INT64_MIN, .next_us = INT64_MIN};
    unsigned seen = 0;
    *query = (struct taxii_query){.rows.limit = (size_t)taxii_options_of(ask)->page_default};
    for (size_t i = 0; i < ask->query_count; i++)
        TRY(field_take(&parsing, fields, &ask->query[i], &seen));
    /* Some send both, and move only one of them on: the later holds. */
    query->rows.after_us = parsing.next_us > parsing.added_after_us ? parsing.next_us : parsing.added_after_us;
    query->placed = (seen & (FIELD_ADDED_AFTER | FIELD_NEXT)) != 0;
    return arena_check(ask->arena);
}
