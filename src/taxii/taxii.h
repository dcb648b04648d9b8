/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The TAXII 2.1 server: one handler for each row below /taxii2/ (app/routes.c), each a function of an ask (gate/ask.h).
 * What an account may see begins with its own view (store/collection.h); what is not in it is answered as what is not
 * there. doc/why/taxii.md says where the standard leaves a choice.
 */
#include "base/err.h"

struct arena;
struct ask;
struct face;

#define TAXII_MEDIA_TYPE "application/taxii+json;version=2.1"
#define TAXII_BODY_MAX (256u << 20) /* bytes of an envelope, whatever the configuration says */
#define TAXII_ROOT "main"           /* of the one API root */

/* Section [taxii] of the configuration. */
struct taxii_options {
    const char *title, *contact; /* of discovery; NULL: the name of the organisation, and none */
    uint64_t content_max;        /* bytes of an envelope that is posted */
    uint64_t page_default, page_max;
};

/* Answers of the TAXII family, with its error resource (section 3.6.1). */
extern const struct face taxii_face;

struct err taxii_discovery(struct ask *ask);   /* GET  /taxii2/ */
struct err taxii_root(struct ask *ask);        /* GET  /taxii2/{root}/ */
struct err taxii_status(struct ask *ask);      /* GET  /taxii2/{root}/status/{id}/ */
struct err taxii_collections(struct ask *ask); /* GET  /taxii2/{root}/collections/ */
struct err taxii_collection_one(struct ask *ask);
struct err taxii_manifest(struct ask *ask);
struct err taxii_objects(struct ask *ask);
struct err taxii_add(struct ask *ask);    /* POST /taxii2/{root}/collections/{id}/objects/ */
struct err taxii_object(struct ask *ask); /* GET  /taxii2/{root}/collections/{id}/objects/{id}/ */
struct err taxii_versions(struct ask *ask);
struct err taxii_delete(struct ask *ask);

/* /ledger/: logs for those they concern, and this node as a witness; no TAXII either. */
struct err taxii_ledger_logs(struct ask *ask);
struct err taxii_ledger_checkpoint(struct ask *ask);
struct err taxii_ledger_tile(struct ask *ask);
struct err taxii_ledger_opening(struct ask *ask);
struct err taxii_ledger_entries(struct ask *ask);
struct err taxii_ledger_anchor(struct ask *ask);
struct err taxii_ledger_heads(struct ask *ask);
struct err taxii_ledger_kept(struct ask *ask);
struct err taxii_ledger_held(struct ask *ask);
struct err taxii_ledger_witness(struct ask *ask);
struct err taxii_statement(struct ask *ask); /* POST /partner/statement, which is no TAXII but comes along with it */

/* The API root of a node that is reached at this URL. */
const char *taxii_root_url(const char *url, struct arena *arena);
