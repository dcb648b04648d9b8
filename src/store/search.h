/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Search by words in the newest version of what is seen: names, descriptions, aliases, labels, values of patterns and
 * observables, ids. Addresses and names are found whole (198.51.100.7, evil.example), a name also by the domain above
 * it, a word joined by hyphens by its parts.
 *
 * A query is words and "phrases", all of which have to be there; word* is the beginning of one; defanged spelling
 * (evil[.]example) is understood. Whatever else stands in it is text, never syntax. What is found in names and values
 * comes before what is found in the text around them, and the latest to arrive first.
 */
#include "store/object.h"

#define SEARCH_QUERY_MAX 1000 /* bytes of a query */
#define SEARCH_TERMS_MAX 32   /* words and phrases of a query */
#define SEARCH_PREFIX_MIN 3   /* bytes before a star: shorter ones begin nearly everything, and all of it is read */
#define SEARCH_WORD_MAX 120   /* bytes of a word; a longer one is known by its beginning */
#define SEARCH_TEXT_MAX (256u << 10) /* bytes of an object's words; what is beyond is not found */
#define SEARCH_REFS_MAX (128u << 10) /* bytes of the ids that an object refers to; by those beyond it is not found */

/* What is known of an object when it arrives; called by store_object_put for what it keeps. */
struct search_put {
    int64_t number;
    slice type;
    slice bytes; /* JSON that passed json_check() */
};
MUST_USE struct err store_search_put(struct work *work, const struct search_put *rows, size_t count);
MUST_USE struct err store_search_drop(struct work *work, const int64_t *numbers, size_t count);

/* Where a page ended; zero to begin. */
struct search_place {
    int64_t tier;   /* 0: in names and values, 1: in the text */
    int64_t number; /* of the last object; 0: the beginning of the tier */
    bool end;
};
/* ERR_INPUT for a query without a word, with too short a beginning of one, or too long, ERR_LIMIT beyond
 * SEARCH_TERMS_MAX. */
MUST_USE struct err store_search_list(struct db *db, slice query, slice type, struct search_place *place, size_t count,
        struct arena *arena, struct object **rows, size_t *row_count);

/* What is referred to; `type`: by objects of this type, empty: of any. */
struct search_refs {
    const slice *ids;
    size_t count;
    slice type;
};
/*
 * Newest versions that refer to any of these ids, by whatever property but created_by_ref (relationships, sightings,
 * reports, markings), the latest first; of the place, `tier` is not used. A page ends behind OBJECT_PAGE_BYTES, too. A
 * phrase of two or more words in lower case ("tlp red", as a label says it) may stand among the ids.
 */
MUST_USE struct err store_search_refs(struct db *db, const struct search_refs *refs, struct search_place *place,
        size_t count, struct arena *arena, struct object **rows, size_t *row_count);
