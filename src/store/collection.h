/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Collections of TAXII: each has a source of its own for what is posted to it, and grants that say who may read and who
 * may write it. What one account sees begins with its own view (store_collection_view): a collection without a grant
 * to it is not there. The objects in a collection are in collected.h.
 *
 * Each of the verbs that change something leaves a row in the journal, with subject "collection/ID".
 */
#include "store/work.h"

#define COLLECTION_GRANTS_MAX 1000 /* of one collection */

/* To whom a grant is given. */
enum grantee { GRANTEE_USER, GRANTEE_ORGANISATION, GRANTEE_EVERYONE, GRANTEES };

struct collection {
    int64_t number;
    slice id, title, description;
    int64_t source;
    slice source_name;
    int64_t last_us, added_us;
    bool can_read, can_write; /* the account of a view may */
};

struct collection_grant {
    enum grantee kind;
    int64_t subject; /* number of the user or organisation; 0: everyone */
    bool can_read, can_write;
    slice name; /* of the list: of the user or organisation */
};

/* ERR_CONFLICT if there is one of that title. */
MUST_USE struct err store_collection_add(struct work *work, slice title, slice description, int64_t *number);
/* The same with a source that is there: what is posted to it is said by that. */
MUST_USE struct err store_collection_add_of(
        struct work *work, slice title, slice description, int64_t source, int64_t *number);
/* Also its grants and statuses. Its objects stay in the store, as what its source said. */
MUST_USE struct err store_collection_remove(struct work *work, int64_t number);
/* Adds to what there is, or takes away from it. ERR_MISSING if there is nothing to take away. */
MUST_USE struct err store_collection_grant(struct work *work, int64_t number, const struct collection_grant *grant);
MUST_USE struct err store_collection_revoke(struct work *work, int64_t number, const struct collection_grant *grant);

MUST_USE struct err store_collection_get(
        struct db *db, int64_t number, struct arena *arena, struct collection *collection);
/* By id or title; ERR_MISSING. */
MUST_USE struct err store_collection_find(struct db *db, slice name, int64_t *number);
MUST_USE struct err store_collection_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct collection **rows, size_t *row_count);
MUST_USE struct err store_collection_grants(
        struct db *db, int64_t number, struct arena *arena, struct collection_grant **rows, size_t *row_count);

/* What this account sees. ERR_MISSING without a word on whether there is one that others see. */
MUST_USE struct err store_collection_view(
        struct db *db, const struct actor *actor, slice id, struct arena *arena, struct collection *collection);
MUST_USE struct err store_collection_view_list(struct db *db, const struct actor *actor, int64_t after, size_t count,
        struct arena *arena, struct collection **rows, size_t *row_count);
/* ERR_DENIED unless a grant lets this actor write; ERR_AUTH for nobody. */
MUST_USE struct err store_collection_may_write(struct db *db, const struct actor *actor, int64_t number);

const char *store_grantee_name(enum grantee kind); /* "user" */

/* ---- What a POST became ---- */

#define STATUS_KEPT_US INT64_C(172800000000) /* two days; section 4.3 asks for one */

/* For this actor alone; removes what is older than STATUS_KEPT_US. */
MUST_USE struct err store_status_put(struct work *work, slice id, int64_t collection, slice body);
/* ERR_MISSING, too, if another sent it or sees its collection no more. */
MUST_USE struct err store_status_get(
        struct db *db, const struct actor *actor, slice id, struct arena *arena, slice *body);
