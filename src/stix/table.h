/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * STIX 2.1 as tables: the types of objects, their properties, the vocabularies, the relationships that the standard
 * defines. A reader holds types.c, words.c and relations.c against the standard, row by row; everything that checks an
 * object, or makes its id, asks them. Sections are those of STIX 2.1 with Errata 01.
 *
 * All rows are static. What is looked up by name is entered into one hash table when it is asked for first.
 */
#include "base/slice.h"

#define STIX_TYPES_MAX 128
#define STIX_PROPERTIES_MAX 64 /* of one type with those it has in common: a bit each */

/* ---- Types ---- */

enum stix_family {
    STIX_SDO,
    STIX_SRO,
    STIX_SCO,
    STIX_META,
    STIX_PART,      /* the type of a value inside an object: external-reference */
    STIX_EXTENSION, /* what stands under its name in `extensions`: ntfs-ext */
    STIX_COMMON,    /* properties that several types have */
};

struct stix_type {
    const char *name;
    enum stix_family family;
    const char *section;
    const char *common; /* the rows it has besides its own, by name; NULL: none */
    const char *of;     /* of an extension: the types that may have it; NULL: any */
    bool was_in_20;     /* STIX 2.0 has an object of this name at top level */
};

/* ---- Properties ---- */

/* What a value has to be; `kinds` in syntax.c names each with its section. */
enum stix_kind {
    STIX_ANY,
    STIX_STRING,
    STIX_BOOLEAN,
    STIX_INTEGER, /* bounds in `what`: "0..100" */
    STIX_FLOAT,
    STIX_TIMESTAMP,
    STIX_MILLIS,  /* a timestamp with three digits of a second or more */
    STIX_SECONDS, /* a timestamp without a fraction */
    STIX_BINARY,
    STIX_HEX,
    STIX_HASHES,
    STIX_DICTIONARY,
    STIX_ID,
    STIX_REF, /* to the types in `what`: "identity", "sdo sco", "*" all; "..." also those that we do not know; not !this
               */
    STIX_WORD,   /* the vocabulary in `what`, open or closed */
    STIX_OBJECT, /* of the type in `what` */
    STIX_LANG,
    STIX_URI,
    STIX_TYPE_NAME,
    STIX_VERSION,
    STIX_EXTENSIONS,
    STIX_CONTAINER, /* cyber-observable objects under local names, as in STIX 2.0 */
    STIX_CONTENTS,  /* translations */
    STIX_COUNTS,    /* of entities: a dictionary, or a list of entity_type and count */
    STIX_STRINGS,   /* a dictionary of strings */
    STIX_NUMBERS_OR_STRINGS,
    STIX_HEADERS, /* a dictionary of lists of strings */
    STIX_MAIL_HEADERS,
    STIX_SOCKET_OPTIONS,
    STIX_STARTUP_INFO,
    STIX_IPV4,
    STIX_IPV6,
    STIX_MAC,
    STIX_EMAIL,
    STIX_DOMAIN,
    STIX_CPE,
    STIX_MIME,
    STIX_CHARSET,
    STIX_RELATION_NAME,
    STIX_KEBAB, /* a string that should be lower case with hyphens */
    STIX_KINDS,
};

enum stix_property_flag {
    STIX_REQUIRED = 1,
    STIX_REQUIRED_20 = 2, /* by STIX 2.0 */
    STIX_LIST = 4,
    STIX_CONTRIBUTES = 8, /* to the deterministic id */
    STIX_DEPRECATED = 16,
    STIX_NOT_HERE = 32, /* does not apply to this type */
    STIX_NEVER = 64,    /* must not be used with this type */
    STIX_ONLY_20 = 128, /* a property of STIX 2.0 only */
};

struct stix_property {
    const char *type, *name;
    enum stix_kind kind;
    unsigned flags;
    const char *what;
};

/* ---- Vocabularies and relationships ---- */

struct stix_vocabulary {
    const char *name;
    const char *section;
    bool closed;       /* an enumeration: nothing else is allowed */
    const char *words; /* with | between them */
};

struct stix_relationship {
    const char *source, *name, *targets;
};

/* The rows; each table ends with a NULL name. */
extern const struct stix_type stix_types[];
extern const struct stix_property stix_properties[];
extern const struct stix_vocabulary stix_vocabularies[];
extern const struct stix_relationship stix_relations[];

/* ---- Looking up ---- */

#define STIX_NONE 0xffffu

/* A row made ready: its bit among those of its type, and what `what` means. */
struct stix_ready {
    const struct stix_property *row;
    uint8_t bit;
    uint16_t vocabulary; /* of STIX_WORD */
    uint16_t object;     /* type of STIX_OBJECT */
    uint64_t targets[2]; /* of STIX_REF: a bit per type */
    bool others;         /* of STIX_REF: types that we do not know may be meant, too */
    int64_t least, most; /* of STIX_INTEGER */
};

/* What is known of a type at once: bits are those of its properties. */
struct stix_masks {
    uint64_t required, required_20, common;
    uint16_t first, count; /* its properties among those made ready */
};

/* The number of a type: its place in stix_types, or STIX_NONE. */
uint16_t stix_type_find(slice name);
const struct stix_masks *stix_masks(uint16_t type);
/* NULL: the type has no such property. */
const struct stix_ready *stix_property_find(uint16_t type, slice name);
/* The same with json_tape_hash(name) at hand. */
const struct stix_ready *stix_property_hashed(uint16_t type, slice name, uint32_t hash);
/* The properties of a type one by one, in the order of their bits. */
const struct stix_ready *stix_property_at(uint16_t type, unsigned bit);
bool stix_word_known(uint16_t vocabulary, slice word);
uint16_t stix_vocabulary_find(const char *name);

enum stix_relation_answer { STIX_RELATION_UNKNOWN, STIX_RELATION_OTHER_TARGET, STIX_RELATION_DEFINED };
enum stix_relation_answer stix_relation_known(uint16_t source, slice name, uint16_t target);

static inline bool stix_targets_hold(const struct stix_ready *ready, uint16_t type)
{
    return (ready->targets[type / 64] >> type % 64 & 1) != 0;
}
