/* SPDX-License-Identifier: Apache-2.0 */
#include "store/asset.h"

#include <assert.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/ip.h"
#include "base/observable.h"
#include "store/organisation.h"
#include "store/page.h"

#define VALUE_MAX 512       /* bytes of a value as people write it */
#define NAME_BYTES_MAX 2048 /* of one that is being normalised */
#define ASN_MAX 4294967294u /* RFC 7300: the last is reserved; so is 0 (RFC 7607) */

/* ---- Values as compared ---- */

static struct err wrong(struct arena *arena, const char *what, slice text, const char *why)
{
    return err_format(arena, ERR_INPUT, "%s \"%.*s\": %s", what, (int)text.len, text.ptr, why);
}

static slice written(struct arena *arena, struct buf *buf)
{
    slice copy = arena_copy(arena, buf_slice(buf));
    buf_free(buf);
    return copy;
}

/* Whoever writes bits behind the length may have meant the one address. */
static bool has_host_bits(slice text, const struct prefix *prefix)
{
    struct ip ip;
    slice address = slice_part(text, 0, slice_find(text, '/'));
    return ip_parse(address, &ip) && memcmp(ip.bytes, prefix->ip.bytes, sizeof ip.bytes) != 0;
}

static struct err value_prefix(struct arena *arena, slice text, slice *value)
{
    struct prefix prefix;
    struct buf buf = buf_make(NAME_BYTES_MAX);
    if (!prefix_parse(text, &prefix))
        return wrong(arena, "prefix", text, "not an address or address prefix");
    if (has_host_bits(text, &prefix))
        return wrong(arena, "prefix", text, "bits behind its length are set; is one address meant, or all of them?");
    if (prefix.bits < (prefix.ip.family == 4 ? ASSET_IPV4_BITS_MIN : ASSET_IPV6_BITS_MIN))
        return wrong(arena, "prefix", text, "larger than anybody's: at least /8, or /16 of IPv6");
    ip_write(&buf, &prefix.ip);
    buf_printf(&buf, "/%u", (unsigned)prefix.bits);
    *value = written(arena, &buf);
    return OK;
}

static struct err value_asn(struct arena *arena, slice text, slice *value)
{
    uint64_t number;
    slice digits = text.len > 2 && slice_eq_fold(slice_part(text, 0, 2), S("AS")) ? slice_from(text, 2) : text;
    if (!slice_u64(digits, ASN_MAX, &number) || number == 0)
        return wrong(arena, "AS number", text, "not a number from 1 to 4294967294");
    *value = slice_of(arena_printf(arena, "%llu", (unsigned long long)number));
    return OK;
}

static struct err value_domain(struct arena *arena, slice text, slice *value)
{
    struct prefix prefix;
    struct buf buf = buf_make(NAME_BYTES_MAX);
    struct observable name = {.type = OBSERVABLE_DOMAIN, .value = text};
    const char *why = observable_wrong(OBSERVABLE_DOMAIN, text);
    if (why != NULL)
        return wrong(arena, "domain", text, why);
    if (prefix_parse(text, &prefix) || slice_starts(text, S("[")))
        return wrong(arena, "domain", text, "an address, not a name");
    if (slice_find(text, '*') < text.len)
        return wrong(arena, "domain", text, "a domain stands for all below it, without \"*\"");
    (void)observable_normal(&name, &buf);
    *value = written(arena, &buf);
    return slice_find(*value, '.') < value->len ? OK
                                                : wrong(arena, "domain", text, "a name of one label is nobody's alone");
}

static struct err value_site(struct arena *arena, slice text, slice *value)
{
    TRY(store_text_check(arena, "site", text, STORE_NAME_MAX));
    *value = arena_copy(arena, text);
    return OK;
}

/* In the order of the enum. */
static const struct {
    const char *name;
    struct err (*value)(struct arena *arena, slice text, slice *value);
} kinds[ASSET_KINDS] = {
        {"prefix", value_prefix},
        {"asn", value_asn},
        {"domain", value_domain},
        {"site", value_site},
};

const char *store_asset_kind_name(enum asset_kind kind)
{
    return kinds[kind].name;
}

bool store_asset_kind_find(slice name, enum asset_kind *kind)
{
    for (size_t i = 0; i < ASSET_KINDS; i++)
        if (slice_eq(name, slice_of(kinds[i].name))) {
            *kind = (enum asset_kind)i;
            return true;
        }
    return false;
}

struct err store_asset_value(struct arena *arena, enum asset_kind kind, slice text, slice *value)
{
    TRY(store_text_check(arena, kinds[kind].name, text, VALUE_MAX));
    return kinds[kind].value(arena, text, value);
}

/* ---- Reading ---- */

#define COLUMNS "SELECT number, organisation, kind, value, from_us, until_us, said_by, added_us FROM asset "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct asset *asset = row;
    *asset = (struct asset){
            .number = db_number(rows, 0),
            .organisation = db_number(rows, 1),
            .kind = ASSET_SITE,
            .value = arena_copy(arena, db_slice(rows, 3)),
            .from_us = db_number(rows, 4),
            .until_us = page_time(rows, 5),
            .said_by = arena_copy(arena, db_slice(rows, 6)),
            .added_us = db_number(rows, 7),
    };
    (void)store_asset_kind_find(db_slice(rows, 2), &asset->kind);
}

struct err store_asset_get(struct db *db, int64_t number, struct arena *arena, struct asset *asset)
{
    static const char GET[] = COLUMNS "WHERE number = $1";
    struct page page = page_of(struct asset, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, asset, "there is no such asset");
}

struct err store_asset_history(
        struct db *db, enum asset_kind kind, slice value, struct arena *arena, struct asset **rows, size_t *row_count)
{
    static const char HISTORY[] = COLUMNS "WHERE kind = $1 AND value = $2 ORDER BY from_us LIMIT $3";
    struct page page = page_of(struct asset, HISTORY, row_read, STORE_PAGE_MAX);
    const struct db_value values[] = {db_text(slice_of(kinds[kind].name)), db_text(value)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_asset_list(struct db *db, int64_t organisation, int64_t after, size_t count, struct arena *arena,
        struct asset **rows, size_t *row_count)
{
    static const char ALL[] = COLUMNS "WHERE number > $1 ORDER BY number LIMIT $2";
    static const char OF[] = COLUMNS "WHERE number > $1 AND organisation = $2 ORDER BY number LIMIT $3";
    struct page page = page_of(struct asset, organisation == 0 ? ALL : OF, row_read, count);
    const struct db_value values[] = {db_i64(after), db_i64(organisation)};
    return page_read(db, &page, values, organisation == 0 ? 1 : 2, arena, (void **)rows, row_count);
}

/* ---- Changing ---- */

/* "RS Melati until 2026-11-20T10:00:00.000000Z". */
static struct err taken(struct work *work, const struct asset *other)
{
    struct organisation organisation;
    struct buf buf = buf_make(NAME_BYTES_MAX);
    TRY(store_organisation_get(work->db, other->organisation, work->arena, &organisation));
    buf_printf(&buf, "%s %.*s is owned by %.*s (asset %lld) from ", kinds[other->kind].name, (int)other->value.len,
            other->value.ptr, (int)organisation.name.len, organisation.name.ptr, (long long)other->number);
    if (other->from_us == ASSET_EVER)
        buf_put(&buf, S("ever"));
    else
        time_write(&buf, other->from_us);
    if (other->until_us != TIME_NONE) {
        buf_put(&buf, S(" until "));
        time_write(&buf, other->until_us);
    }
    buf_byte(&buf, '\0');
    return err_make(ERR_CONFLICT, written(work->arena, &buf).ptr);
}

/* A row that ends where it begins never owned anything. */
static struct err free_check(struct work *work, const struct asset *fresh)
{
    static const char OVERLAPS[] =
            COLUMNS "WHERE kind = $1 AND value = $2 AND from_us < $4 AND (until_us IS NULL OR until_us > $3) "
                    "AND (until_us IS NULL OR until_us > from_us) ORDER BY from_us LIMIT 1";
    struct asset other;
    struct page page = page_of(struct asset, OVERLAPS, row_read, 1);
    const struct db_value values[] = {db_text(slice_of(kinds[fresh->kind].name)), db_text(fresh->value),
            db_i64(fresh->from_us), db_i64(fresh->until_us == TIME_NONE ? INT64_MAX : fresh->until_us)};
    struct err err = page_get(work->db, &page, values, COUNT_OF(values), work->arena, &other, "free");
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    return taken(work, &other);
}

static struct err put_check(struct work *work, const struct asset_put *put, struct asset *fresh)
{
    struct organisation organisation;
    *fresh = (struct asset){.organisation = put->organisation,
            .kind = put->kind,
            .from_us = put->from_us,
            .until_us = put->until_us,
            .said_by = put->said_by};
    TRY(store_asset_value(work->arena, put->kind, put->value, &fresh->value));
    if (put->said_by.len > 0)
        TRY(store_text_check(work->arena, "source of an asset", put->said_by, STORE_NAME_MAX));
    if (put->until_us != TIME_NONE && put->until_us <= put->from_us)
        return err_make(ERR_INPUT, "an asset cannot end before it begins");
    TRY(store_organisation_get(work->db, put->organisation, work->arena, &organisation));
    return organisation.state != ORGANISATION_CLOSED
                   ? OK
                   : err_format(work->arena, ERR_CONFLICT, "%.*s is closed: nothing can be theirs any more",
                             (int)organisation.name.len, organisation.name.ptr);
}

/* The number is taken first: its counter is a row that whoever adds waits for, so that of two who claim the same at the
 * same time the second sees the first. */
struct err store_asset_add(struct work *work, const struct asset_put *put, int64_t *number)
{
    static const char ADD[] = "INSERT INTO asset (number, organisation, kind, value, from_us, until_us, said_by, "
                              "added_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
                              "ON CONFLICT (organisation, kind, value, from_us) DO UPDATE SET until_us = $6, "
                              "said_by = $7 RETURNING number";
    struct asset fresh;
    TRY(put_check(work, put, &fresh));
    TRY(store_number(work->db, "asset", 1, &fresh.number));
    TRY(free_check(work, &fresh));
    const struct db_value values[] = {db_i64(fresh.number), db_i64(fresh.organisation),
            db_text(slice_of(kinds[fresh.kind].name)), db_text(fresh.value), db_i64(fresh.from_us),
            page_time_value(fresh.until_us), db_text(fresh.said_by), db_i64(work->now_us)};
    return db_one(work->db, ADD, values, COUNT_OF(values), fresh.number, number);
}

struct err store_asset_end(struct work *work, int64_t number, int64_t until_us)
{
    static const char END[] = "UPDATE asset SET until_us = CASE WHEN from_us > $2 THEN from_us ELSE $2 END "
                              "WHERE number = $1 AND (until_us IS NULL OR until_us > $2)";
    struct asset asset;
    uint64_t changed;
    TRY(store_asset_get(work->db, number, work->arena, &asset));
    TRY(db_run(work->db, END, (struct db_value[]){db_i64(number), db_i64(until_us)}, 2, &changed));
    return changed > 0 ? OK : err_make(ERR_CONFLICT, "the asset ended before that");
}

struct err store_asset_said(struct work *work, int64_t number, slice said_by)
{
    static const char SAID[] = "UPDATE asset SET said_by = $2 WHERE number = $1";
    if (said_by.len > 0)
        TRY(store_text_check(work->arena, "source of an asset", said_by, STORE_NAME_MAX));
    return db_run(work->db, SAID, (struct db_value[]){db_i64(number), db_text(said_by)}, 2, NULL);
}

struct err store_asset_hand(
        struct work *work, int64_t number, int64_t organisation, int64_t from_us, slice said_by, int64_t *fresh)
{
    struct asset asset;
    TRY(store_asset_get(work->db, number, work->arena, &asset));
    if (asset.organisation == organisation)
        return err_make(ERR_CONFLICT, "the asset is theirs already");
    if (from_us <= asset.from_us)
        return err_make(ERR_INPUT, "an asset cannot be handed over before it was theirs");
    const struct asset_put put = {organisation, asset.kind, asset.value, from_us, asset.until_us, said_by};
    TRY(store_asset_end(work, number, from_us));
    return store_asset_add(work, &put, fresh);
}

struct err store_asset_end_all(struct work *work, int64_t organisation, int64_t until_us, uint64_t *count)
{
    static const char END[] = "UPDATE asset SET until_us = CASE WHEN from_us > $2 THEN from_us ELSE $2 END "
                              "WHERE organisation = $1 AND (until_us IS NULL OR until_us > $2)";
    return db_run(work->db, END, (struct db_value[]){db_i64(organisation), db_i64(until_us)}, 2, count);
}
