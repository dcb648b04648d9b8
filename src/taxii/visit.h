/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Our visits to the nodes of partners: a client whose every request is signed anew (share/visitor.h). It waits for
 * nothing: who visits has others to visit meanwhile.
 */
#include "intel/ingest.h"
#include "share/keys.h"
#include "taxii/client.h"

struct taxii_visit {
    const struct share_keys *keys; /* ours */
    slice node;                    /* that is visited */
    const struct intel_watch *watch;
    const char *pins; /* of the TLS keys that it certified; NULL: none */
};

/* The visit has to live as long as the client; the http client stays the caller's. */
struct taxii_client taxii_visit_client(struct http_client *http, struct taxii_visit *visit);
bool taxii_visit_stopped(const struct taxii_visit *visit);
