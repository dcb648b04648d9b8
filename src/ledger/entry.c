/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/entry.h"

#include <assert.h>
#include <endian.h>
#include <inttypes.h>

#include "base/arena.h"
#include "ledger/line.h"
#include "ledger/note.h"
#include "ledger/tile.h"

#define TAG S("kentongan-entry/1")

static bool name_fits(slice name)
{
    if (name.len == 0 || name.len > LEDGER_FIELD_NAME_MAX || name.ptr[0] < 'a' || name.ptr[0] > 'z')
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!byte_is_digit(name.ptr[i]) && name.ptr[i] != '-' && (name.ptr[i] < 'a' || name.ptr[i] > 'z'))
            return false;
    return true;
}

static bool origin_fits(slice origin)
{
    return origin.len > 0 && origin.len <= LEDGER_NAME_MAX && !slice_holds(origin, '\n') && ledger_line_is_text(origin);
}

/* ---- Digests ---- */

enum { LENGTH_BYTES = 8, TAG_BYTES = 32, BRIEF = 1024 };

static char *put_bytes(char *to, slice text)
{
    memcpy(to, text.ptr, text.len);
    return to + text.len;
}

static char *put_length(char *to, slice text)
{
    uint64_t length = htobe64(text.len);
    memcpy(to, &length, sizeof length);
    return to + sizeof length;
}

/* The value last, so that all before it is small and a long one is not copied. On the stack and without asking for room
 * at each byte: this runs for each field of whatever is entered. */
struct sha256 ledger_entry_digest(const struct ledger_field *field)
{
    char head[3 * LENGTH_BYTES + TAG_BYTES + LEDGER_FIELD_NAME_MAX + LEDGER_SALT_BYTES + BRIEF], *to = head;
    assert(field->name.len <= LEDGER_FIELD_NAME_MAX && TAG.len <= TAG_BYTES);
    to = put_bytes(put_length(to, TAG), TAG);
    to = put_bytes(put_length(to, field->name), field->name);
    to = put_bytes(to, (slice){(const char *)field->salt, sizeof field->salt});
    to = put_length(to, field->value);
    if (field->value.len > 0 && field->value.len <= BRIEF)
        to = put_bytes(to, field->value);
    if (field->value.len <= BRIEF)
        return hash_sha256((slice){head, (size_t)(to - head)});
    struct sha256_sum *sum = hash_sha256_begin();
    hash_sha256_put(sum, (slice){head, (size_t)(to - head)});
    hash_sha256_put(sum, field->value);
    return hash_sha256_end(sum);
}

bool ledger_entry_opens(const struct ledger_entry *entry, const struct ledger_field *field)
{
    if (!name_fits(field->name))
        return false;
    for (size_t i = 0; i < entry->count; i++)
        if (slice_eq(entry->fields[i].name, field->name)) {
            struct sha256 digest = ledger_entry_digest(field);
            return ledger_hash_eq(&digest, &entry->fields[i].digest);
        }
    return false;
}

/* ---- Writing ---- */

static struct err fields_fit(const struct ledger_field *fields, size_t count, struct arena *arena)
{
    if (count > LEDGER_FIELDS_MAX)
        return err_format(arena, ERR_LIMIT, "an entry has at most %d fields", LEDGER_FIELDS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (!name_fits(fields[i].name))
            return err_format(
                    arena, ERR_INPUT, "field %zu of the entry has a name that is not a to z, 0 to 9, hyphen", i + 1);
        for (size_t k = 0; k < i; k++)
            if (slice_eq(fields[i].name, fields[k].name))
                return err_format(arena, ERR_INPUT, "two fields of the entry are named %.*s", (int)fields[i].name.len,
                        fields[i].name.ptr);
    }
    return OK;
}

struct err ledger_entry_write(slice origin, uint64_t sequence, const struct ledger_field *fields, size_t count,
        struct arena *arena, struct buf *out)
{
    if (!origin_fits(origin) || sequence > LEDGER_SIZE_MAX)
        return err_make(ERR_INPUT, "the origin of an entry is a line of 1 to 255 bytes, its number below 2^63");
    TRY(fields_fit(fields, count, arena));
    buf_put(out, TAG);
    buf_byte(out, '\n');
    buf_put(out, origin);
    buf_byte(out, '\n');
    buf_u64(out, sequence);
    buf_byte(out, '\n');
    for (size_t i = 0; i < count; i++) {
        struct sha256 digest = ledger_entry_digest(&fields[i]);
        buf_put(out, fields[i].name);
        buf_byte(out, ' ');
        ledger_line_put_base64(out, sha256_slice(&digest));
        buf_byte(out, '\n');
    }
    return buf_check(out);
}

struct err ledger_entry_make(slice origin, uint64_t sequence, struct ledger_field *fields, size_t count,
        struct arena *arena, struct buf *out)
{
    uint8_t salts[LEDGER_FIELDS_MAX * LEDGER_SALT_BYTES];
    TRY(fields_fit(fields, count, arena));
    if (count > 0)
        hash_random(salts, count * LEDGER_SALT_BYTES);
    for (size_t i = 0; i < count; i++)
        memcpy(fields[i].salt, salts + i * LEDGER_SALT_BYTES, LEDGER_SALT_BYTES);
    return ledger_entry_write(origin, sequence, fields, count, arena, out);
}

/* ---- Reading ---- */

static bool field_parse(slice line, struct ledger_entry_field *field)
{
    size_t end = slice_find(line, ' ');
    field->name = slice_part(line, 0, end);
    return end < line.len && name_fits(field->name) && ledger_line_hash(slice_from(line, end + 1), &field->digest);
}

static bool is_named(const struct ledger_entry *entry, slice name)
{
    for (size_t i = 0; i < entry->count; i++)
        if (slice_eq(entry->fields[i].name, name))
            return true;
    return false;
}

static struct err lines_parse(slice lines, struct arena *arena, struct ledger_entry *entry)
{
    slice line;
    entry->fields = arena_new(arena, struct ledger_entry_field, LEDGER_FIELDS_MAX);
    while (ledger_line_next(&lines, &line)) {
        struct ledger_entry_field field;
        if (entry->count == LEDGER_FIELDS_MAX)
            return err_format(arena, ERR_LIMIT, "an entry has at most %d fields", LEDGER_FIELDS_MAX);
        if (!field_parse(line, &field) || is_named(entry, field.name))
            return err_format(arena, ERR_INPUT, "line %zu of the entry is not a new name and 32 bytes in base64",
                    entry->count + 4);
        entry->fields[entry->count++] = field;
    }
    return lines.len == 0 ? OK : err_make(ERR_INPUT, "the entry does not end in a newline");
}

struct err ledger_entry_parse(slice bytes, struct arena *arena, struct ledger_entry *entry)
{
    struct ledger_entry read = {.count = 0};
    slice rest = bytes, line;
    if (bytes.len > LEDGER_ENTRY_MAX)
        return err_make(ERR_LIMIT, "an entry has at most 65,535 bytes [C2SP tlog-tiles, Log entries]");
    if (!ledger_line_next(&rest, &line) || !slice_eq(line, TAG))
        return err_make(ERR_INPUT, "line 1 of the entry is not \"kentongan-entry/1\"");
    if (!ledger_line_next(&rest, &read.origin) || !origin_fits(read.origin))
        return err_make(ERR_INPUT, "line 2 of the entry is not the origin of a log");
    if (!ledger_line_next(&rest, &line) || !ledger_line_number(line, &read.sequence))
        return err_make(ERR_INPUT, "line 3 of the entry is not its number, in decimal without leading zeros");
    TRY(lines_parse(rest, arena, &read));
    *entry = read;
    return OK;
}

struct err ledger_entry_belongs(const struct ledger_entry *entry, slice origin, uint64_t index, struct arena *arena)
{
    if (!slice_eq(entry->origin, origin))
        return err_format(arena, ERR_DENIED, "entry %" PRIu64 " was made for another log", index);
    if (entry->sequence != index)
        return err_format(
                arena, ERR_DENIED, "entry %" PRIu64 " says that it is entry %" PRIu64, index, entry->sequence);
    return OK;
}
