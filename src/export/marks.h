/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * TLP and PAP of an object, in all spellings that are met: published marking definitions, definitions that came before,
 * labels as MISP writes its tags. The strictest counts. For this folder and for who shows marks; one thread.
 */
#include "export/export.h"

struct arena;

/* From loose to strict. */
enum export_tlp { TLP_NONE, TLP_CLEAR, TLP_GREEN, TLP_AMBER, TLP_AMBER_STRICT, TLP_RED };
enum export_pap { PAP_NONE, PAP_CLEAR, PAP_GREEN, PAP_AMBER, PAP_RED };

struct export_marks {
    enum export_tlp tlp;
    enum export_pap pap;
    bool unknown; /* marked by a definition that was never seen: it may say anything */
};

const char *export_tlp_name(enum export_tlp tlp); /* "TLP:AMBER+STRICT"; NULL for none */
const char *export_pap_name(enum export_pap pap);
/* The published definitions of a level by their place from 0; empty behind the last. */
slice export_tlp_id(enum export_tlp tlp, size_t place, struct arena *arena);
/* Whether PAP lets a defender do this. None is taken as GREEN (doc/why/exports.md). */
bool export_pap_allows(enum export_pap pap, enum export_action action);

/* Marking definitions that were seen. */
struct export_definitions;
struct export_definitions *export_definitions_open(void);
void export_definitions_close(struct export_definitions *definitions); /* NULL is allowed */
/* Remembers a marking-definition; JSON that was checked. ERR_LIMIT beyond EXPORT_DEFINITIONS_MAX. */
MUST_USE struct err export_definitions_add(struct export_definitions *definitions, slice object, struct arena *work);

/* The properties of an object that mark it: JSON that was checked, or empty. */
struct export_marked {
    slice labels, refs, granular;
};

/* Those of an object: JSON that was checked. */
struct export_marked export_marked_of(slice object);
struct export_marks export_marks_of(
        const struct export_definitions *definitions, const struct export_marked *marked, struct arena *work);
