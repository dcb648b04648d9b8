/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Search by words in incidents and in reports; words and queries are those of search.h. A number, or the reference of a
 * report, finds that one first; then come those that have the words in their name (number and title of an incident;
 * number, reference and subject of a report), then those that have them anywhere, each the latest first.
 *
 * Of a report nobody is found by who told it. Who sees what was found is asked above (case/find.h): this gives numbers.
 */
#include "store/search.h"

enum case_words { CASE_WORDS_INCIDENT, CASE_WORDS_REPORT, CASE_WORDS };

/*
 * What these rows say becomes words when the work ends; asked for by whatever changes them. An incident: title,
 * classes, sector, parties, observables, tasks, entries of its timeline; a report: reference, subject, text, class,
 * observables. Of very many, the first to SEARCH_TEXT_MAX are found. An organisation is known by the name that it had
 * then.
 */
MUST_USE struct err store_case_words(struct work *work, enum case_words which, int64_t number);

struct case_search {
    slice query;
    int64_t party; /* those of this organisation alone, and by their names: what else is said may not be theirs; 0: all
                    */
};
/* Errors as of store_search_list; the place begins as zero. */
MUST_USE struct err store_case_search(struct db *db, enum case_words which, const struct case_search *search,
        struct search_place *place, size_t count, struct arena *arena, int64_t **numbers, size_t *number_count);
