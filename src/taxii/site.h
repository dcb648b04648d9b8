/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What lies behind a URL of TAXII: a server with its API roots, a root with its collections, or one collection
 * (TAXII 2.1 sections 4 and 5). Texts are in the caller's arena and come from outside.
 */
#include "taxii/client.h"

struct taxii_collection {
    slice id, title, description;
    const char *url;  /* with a slash at the end */
    const char *root; /* URL of its API root */
    bool can_read, can_write;
};

struct taxii_root {
    const char *url;
    slice title, description;
    uint64_t content_max; /* bytes of an envelope; 0: not said */
    const char *why;      /* why nothing is known of it, or not all; NULL: it is */
    bool elsewhere;       /* on another host: not asked */
    struct taxii_collection *collections;
    size_t collection_count;
};

struct taxii_site {
    slice title, description, contact;
    struct taxii_root *roots;
    size_t root_count;
};

/*
 * Looks at a URL of any of these, or of a host alone. Roots on other hosts are named and not asked: credentials are for
 * one host.
 */
MUST_USE struct err taxii_site_look(
        struct taxii_client *client, const char *url, struct arena *arena, struct taxii_site *site);
