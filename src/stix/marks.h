/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What an object is marked with, in all spellings that are met: published marking definitions, definitions that came
 * before, labels as MISP writes its tags. TLP says who may have it, PAP what may be done with it, IEP 2.0 under which
 * conditions, our own extension (doc/why/markings.md) where, when and among whom. The strictest counts. One thread.
 */
#include "base/uuid.h"
#include "json/read.h"

struct arena;

#define STIX_DEFINITIONS_MAX (1u << 16) /* that are remembered at a time */
#define STIX_MARKS_GROUPS_MAX 4         /* sharing groups of one object; more are unclear */

/* From loose to strict. */
enum stix_tlp { TLP_NONE, TLP_CLEAR, TLP_GREEN, TLP_AMBER, TLP_AMBER_STRICT, TLP_RED };
enum stix_pap { PAP_NONE, PAP_CLEAR, PAP_GREEN, PAP_AMBER, PAP_RED };
enum stix_attribution { ATTRIBUTION_MAY, ATTRIBUTION_MUST, ATTRIBUTION_MUST_NOT };

/* All zero: nothing is said. */
struct stix_marks {
    enum stix_tlp tlp;
    enum stix_pap pap; /* or what IEP permits */
    bool unknown;      /* marked by a definition that was never seen: it may say anything */
    bool unclear;      /* by one in words that we do not know, by a reference to a policy, or by two that contradict */
    bool silent;       /* IEP: who is affected must not be told */
    bool encrypted;    /* IEP: in transit */
    bool exercise;     /* ours: of an exercise */
    enum stix_attribution attribution; /* IEP: of the source */
    int64_t from_us, until_us;         /* IEP: the policy begins, ends; 0: no such bound */
    int64_t embargo_us;                /* ours: not before; 0: none */
    char residency[3];                 /* ours: the country that it may not leave, ISO 3166-1; empty: none */
    uint8_t group_count;
    struct uuid groups[STIX_MARKS_GROUPS_MAX]; /* ours: sharing groups; who has it is a member of each */
};

const char *stix_tlp_name(enum stix_tlp tlp); /* "TLP:AMBER+STRICT"; NULL for none */
const char *stix_pap_name(enum stix_pap pap);
/* The one whose name this is, in either case, "WHITE" too; false: none. */
bool stix_tlp_find(slice name, enum stix_tlp *tlp);
/* The published definitions of a level by their place from 0, that of TLP 2.0 last; empty behind it. */
slice stix_tlp_id(enum stix_tlp tlp, size_t place, struct arena *arena);
/* Whether an id is that of a published definition of TLP or PAP, which everybody knows. */
bool stix_marking_published(slice id);
/* Makes marks as strict as both. */
void stix_marks_add(struct stix_marks *marks, const struct stix_marks *more);

/* Marking definitions that were seen. */
struct stix_definitions;
struct stix_definitions *stix_definitions_open(void);
void stix_definitions_close(struct stix_definitions *definitions); /* NULL is allowed */
/* Remembers a marking-definition; JSON that was checked. ERR_LIMIT beyond STIX_DEFINITIONS_MAX. */
MUST_USE struct err stix_definitions_add(struct stix_definitions *definitions, slice object, struct arena *work);

/* What a marking-definition says: JSON that was checked. */
struct stix_marks stix_definition_marks(slice object, struct arena *work);

/* The properties of an object that mark it: JSON that was checked, or empty. */
struct stix_marked {
    slice labels, refs, granular;
};

/* Those of an object: JSON that was checked. */
struct stix_marked stix_marked_of(slice object);
/* Of the object and of all its parts: what a part is marked with counts for the whole. */
struct stix_marks stix_marks_of(
        const struct stix_definitions *definitions, const struct stix_marked *marked, struct arena *work);
/* Of the object alone. */
struct stix_marks stix_marks_whole(
        const struct stix_definitions *definitions, const struct stix_marked *marked, struct arena *work);
/*
 * Of its parts, one granular marking after another (STIX 2.1 section 7.2.3); those that only say a language are passed
 * over. Begin with json_elements(marked->granular).
 */
struct stix_part {
    slice ref;       /* JSON, as it stands there */
    slice selectors; /* the same */
    struct stix_marks marks;
};
bool stix_part_next(const struct stix_definitions *definitions, struct json_elements *walk, struct arena *work,
        struct stix_part *part);
