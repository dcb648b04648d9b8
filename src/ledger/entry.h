/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What an entry of our logs is: lines of text that commit to values and tell nothing of them.
 *
 *     kentongan-entry/1
 *     node.example/log/partner-7          the origin of the log
 *     41                                  its number there, from 0: the index of its leaf
 *     object 9t1Y...=                     one line a field: its name, and the digest of its value with a salt
 *     digest MrYg...=
 *
 * A digest is SHA-256 of the tag, the name, 32 random bytes and the value, each of the three texts behind its length (8
 * bytes, big-endian). Who has the salt and the value can open a field; when both are gone nobody can ever again, and
 * the entry verifies as before. Pure but for the salts.
 */
#include "base/buf.h"
#include "base/hash.h"

struct arena;

enum {
    LEDGER_SALT_BYTES = 32,
    LEDGER_FIELDS_MAX = 64,     /* of an entry */
    LEDGER_FIELD_NAME_MAX = 64, /* bytes: a to z, 0 to 9, hyphen; a letter first */
};

/* A value that is committed to: its opening. */
struct ledger_field {
    slice name, value;
    uint8_t salt[LEDGER_SALT_BYTES];
};

struct ledger_entry {
    slice origin;
    uint64_t sequence;
    struct ledger_entry_field {
        slice name;
        struct sha256 digest;
    } * fields;
    size_t count;
};

/* Draws the salts of all fields, then appends the entry. ERR_INPUT: a name or an origin that an entry cannot have. */
MUST_USE struct err ledger_entry_make(slice origin, uint64_t sequence, struct ledger_field *fields, size_t count,
        struct arena *arena, struct buf *out);
/* The same with the salts that the fields have. */
MUST_USE struct err ledger_entry_write(slice origin, uint64_t sequence, const struct ledger_field *fields, size_t count,
        struct arena *arena, struct buf *out);
/* What is parsed is what was written, to the byte. */
MUST_USE struct err ledger_entry_parse(slice bytes, struct arena *arena, struct ledger_entry *entry);

/* ERR_DENIED if the entry says that it is of another log, or another number of it. */
MUST_USE struct err ledger_entry_belongs(
        const struct ledger_entry *entry, slice origin, uint64_t index, struct arena *arena);

struct sha256 ledger_entry_digest(const struct ledger_field *field);
/* Whether the entry commits to this value under this name. */
bool ledger_entry_opens(const struct ledger_entry *entry, const struct ledger_field *field);
