/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * TLP and PAP of an object, in all spellings that are met: published marking definitions, definitions that came before,
 * labels as MISP writes its tags. The strictest counts. One thread.
 */
#include "base/err.h"

struct arena;

#define STIX_DEFINITIONS_MAX (1u << 16) /* that are remembered at a time */

/* From loose to strict. */
enum stix_tlp { TLP_NONE, TLP_CLEAR, TLP_GREEN, TLP_AMBER, TLP_AMBER_STRICT, TLP_RED };
enum stix_pap { PAP_NONE, PAP_CLEAR, PAP_GREEN, PAP_AMBER, PAP_RED };

struct stix_marks {
    enum stix_tlp tlp;
    enum stix_pap pap;
    bool unknown; /* marked by a definition that was never seen: it may say anything */
};

const char *stix_tlp_name(enum stix_tlp tlp); /* "TLP:AMBER+STRICT"; NULL for none */
const char *stix_pap_name(enum stix_pap pap);
/* The published definitions of a level by their place from 0; empty behind the last. */
slice stix_tlp_id(enum stix_tlp tlp, size_t place, struct arena *arena);

/* Marking definitions that were seen. */
struct stix_definitions;
struct stix_definitions *stix_definitions_open(void);
void stix_definitions_close(struct stix_definitions *definitions); /* NULL is allowed */
/* Remembers a marking-definition; JSON that was checked. ERR_LIMIT beyond STIX_DEFINITIONS_MAX. */
MUST_USE struct err stix_definitions_add(struct stix_definitions *definitions, slice object, struct arena *work);

/* The properties of an object that mark it: JSON that was checked, or empty. */
struct stix_marked {
    slice labels, refs, granular;
};

/* Those of an object: JSON that was checked. */
struct stix_marked stix_marked_of(slice object);
struct stix_marks stix_marks_of(
        const struct stix_definitions *definitions, const struct stix_marked *marked, struct arena *work);
