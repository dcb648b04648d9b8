/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/id.h"

#include <endian.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/uuid.h"
#include "stix/syntax.h"
#include "stix/table.h"
#include "json/jcs.h"
#include "json/read.h"

enum { UUID_TEXT = 36, ID_MAX = 32 << 20 };

/* The namespace of section 2.9. */
static const struct uuid namespace = {
        {0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7}};

/* Which one of the hashes contributes: the first that is there. */
static const char *const preferred[] = {"MD5", "SHA-1", "SHA-256", "SHA-512"};

/* Eight characters: whether they are hexadecimal digits, but for the hyphen that may stand at one place. */
static inline bool eight_hex(const char *at, uint64_t hyphen)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones * 0x80;
    uint64_t word;
    memcpy(&word, at, sizeof word);
    word = le64toh(word);
    if ((word & hyphen) != (hyphen & ones * '-') || (word & high) != 0)
        return false;
    word = (word & ~hyphen) | (hyphen & ones * '0');
    uint64_t lower = word | ones * 0x20; /* digits have this bit */
    uint64_t digit = (word + ones * (0x80 - '0')) & ~(word + ones * (0x80 - '9' - 1));
    uint64_t letter = (lower + ones * (0x80 - 'a')) & ~(lower + ones * (0x80 - 'f' - 1));
    return ((digit | letter) & high) == high;
}

/* The form of a UUID, 36 characters (RFC 9562 section 4), eight at a time. */
static bool is_uuid(const char *at)
{
    /* xxxxxxxx -xxxx-xx xx-xxxx- xxxxxxxx xxxx: the last eight overlap those before */
    const uint64_t second = UINT64_C(0xff) | UINT64_C(0xff) << 40;
    const uint64_t third = UINT64_C(0xff) << 16 | UINT64_C(0xff) << 56;
    return eight_hex(at, 0) && eight_hex(at + 8, second) && eight_hex(at + 16, third) && eight_hex(at + 24, 0) &&
           eight_hex(at + 28, 0);
}

bool stix_id_parse(slice text, struct stix_id *id)
{
    if (text.len < UUID_TEXT + 5)
        return false;
    size_t type = text.len - UUID_TEXT - 2;
    id->type = slice_part(text, 0, type);
    id->uuid = slice_from(text, type + 2);
    if (text.ptr[type] != '-' || text.ptr[type + 1] != '-' || !is_uuid(id->uuid.ptr))
        return false;
    id->version = (unsigned)byte_hex(id->uuid.ptr[14]);
    return stix_name_type(id->type) && id->version >= 1 && id->version <= 8 && byte_hex(id->uuid.ptr[19]) >> 2 == 2;
}

/* The one hash that contributes; where none of the preferred is there, the first in the order of names. */
static void put_hash(slice hashes, struct buf *out)
{
    struct json_members walk = json_members(hashes);
    slice key, value, name = {0}, chosen = {0};
    size_t rank = SIZE_MAX;
    while (json_member_next(&walk, &key, &value)) {
        size_t place = 0;
        while (place < COUNT_OF(preferred) && !json_key_is(key, slice_of(preferred[place])))
            place++;
        bool better = place < rank || (place == rank && slice_order(key, name) < 0);
        if (better) {
            name = key;
            chosen = value;
            rank = place;
        }
    }
    buf_put(out, S("{\""));
    buf_put(out, name);
    buf_put(out, S("\":"));
    buf_put(out, chosen);
    buf_byte(out, '}');
}

/* The object of contributing properties; false if there are none. */
static bool contributing(slice object, uint16_t type, struct arena *arena, struct buf *out)
{
    struct json_members walk = json_members(object);
    slice key, value;
    bool any = false;
    while (json_member_next(&walk, &key, &value)) {
        const struct stix_ready *ready = stix_property_find(type, json_unescape(key, arena));
        if (ready == NULL || (ready->row->flags & STIX_CONTRIBUTES) == 0)
            continue;
        buf_put(out, any ? S(",\"") : S("{\""));
        buf_put(out, key);
        buf_put(out, S("\":"));
        bool choose = ready->row->kind == STIX_HASHES && json_kind(value) == JSON_OBJECT;
        if (choose)
            put_hash(value, out);
        else
            buf_put(out, value);
        any = true;
    }
    buf_byte(out, '}');
    return any;
}

static struct err make_uuid(slice object, uint16_t type, struct arena *arena, struct uuid *uuid)
{
    struct buf chosen = buf_make(ID_MAX), name = buf_make(ID_MAX);
    bool any = contributing(object, type, arena, &chosen);
    struct err err = buf_check(&chosen);
    if (err.kind == ERR_NONE && any)
        err = json_canonical(buf_slice(&chosen), arena, &name);
    if (err.kind == ERR_NONE)
        *uuid = any ? uuid_v5(&namespace, buf_slice(&name)) : uuid_v4();
    buf_free(&chosen);
    buf_free(&name);
    return err;
}

struct err stix_id_make(slice object, struct arena *arena, struct buf *out)
{
    slice name = json_text(json_get(object, S("type")), arena);
    uint16_t type = stix_type_find(name);
    if (json_kind(object) != JSON_OBJECT)
        return err_make(ERR_INPUT, "not an object [STIX 2.1 section 3.2]");
    if (name.len == 0)
        return err_make(ERR_INPUT, "an object has a type, a string [STIX 2.1 section 3.2]");
    if (type == STIX_NONE || stix_types[type].family != STIX_SCO || !stix_name_type(name))
        return err_make(ERR_INPUT, "only cyber-observable objects of the standard have an id made of their properties "
                                   "[STIX 2.1 section 2.9]");
    struct uuid uuid;
    TRY(make_uuid(object, type, arena, &uuid));
    buf_put(out, name);
    buf_put(out, S("--"));
    uuid_write(out, &uuid);
    return buf_check(out);
}
