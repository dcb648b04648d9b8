/* SPDX-License-Identifier: Apache-2.0 */
#include "app/routes.h"

#include "app/status.h"
#include "gate/api.h"
#include "gate/face.h"
#include "taxii/taxii.h"
#include "web/pages.h"
#include "web/web.h"

/* method, path, name, face, function, access, right, scope, bytes of a body, about, fields */
const struct route routes[] = {
        /* ---- For who watches the node ---- */
        {HTTP_GET, "/health", "health", &gate_plain, status_health, ROUTE_OPEN, VERBS, 0, 0,
                "Whether the node works: ok, or one word for what does not", NULL},
        {HTTP_GET, "/metrics", "metrics", &gate_plain, status_metrics, ROUTE_MEMBER, VERB_DOCTOR, SCOPE_METRICS, 0,
                "How the node does, for Prometheus", NULL},

        /* ---- Pages: what there is ---- */
        {HTTP_GET, "/api", "api", &web_face, gate_api, ROUTE_MEMBER, VERBS, SCOPE_READ, 0,
                "This list: the pages and forms that you may use", NULL},
        {HTTP_GET, "/about", "about", &web_face, web_about, ROUTE_OPEN, VERBS, SCOPE_READ, 0,
                "What this node is, and in which version", NULL},
        {HTTP_GET, "/static/{file}", "static", &web_face, web_static, ROUTE_OPEN, VERBS, SCOPE_READ, 0,
                "What pages are drawn with", NULL},

        /* ---- TAXII 2.1: which account sees which collection is for its grants to say ---- */
        {HTTP_GET, "/taxii2/", "taxii-discovery", &taxii_face, taxii_discovery, ROUTE_MEMBER, VERBS, SCOPE_TAXII, 0,
                "TAXII: the server and its API root", NULL},
        {HTTP_GET, "/taxii2/{root}/", "taxii-root", &taxii_face, taxii_root, ROUTE_MEMBER, VERBS, SCOPE_TAXII, 0,
                "TAXII: what the API root takes", NULL},
        {HTTP_GET, "/taxii2/{root}/status/{status}/", "taxii-status", &taxii_face, taxii_status, ROUTE_MEMBER, VERBS,
                SCOPE_TAXII, 0, "TAXII: what became of objects that you added", NULL},
        {HTTP_GET, "/taxii2/{root}/collections/", "taxii-collections", &taxii_face, taxii_collections, ROUTE_MEMBER,
                VERBS, SCOPE_TAXII, 0, "TAXII: the collections that are open to you", NULL},
        {HTTP_GET, "/taxii2/{root}/collections/{collection}/", "taxii-collection", &taxii_face, taxii_collection_one,
                ROUTE_MEMBER, VERBS, SCOPE_TAXII, 0, "TAXII: one collection", NULL},
        {HTTP_GET, "/taxii2/{root}/collections/{collection}/manifest/", "taxii-manifest", &taxii_face, taxii_manifest,
                ROUTE_MEMBER, VERBS, SCOPE_TAXII, 0, "TAXII: what is in a collection, without the objects", NULL},
        {HTTP_GET, "/taxii2/{root}/collections/{collection}/objects/", "taxii-objects", &taxii_face, taxii_objects,
                ROUTE_MEMBER, VERBS, SCOPE_TAXII, 0, "TAXII: the objects of a collection", NULL},
        {HTTP_POST, "/taxii2/{root}/collections/{collection}/objects/", "taxii-add", &taxii_face, taxii_add,
                ROUTE_MEMBER, VERBS, SCOPE_TAXII, TAXII_BODY_MAX, "TAXII: add objects to a collection", NULL},
        {HTTP_GET, "/taxii2/{root}/collections/{collection}/objects/{object}/", "taxii-object", &taxii_face,
                taxii_object, ROUTE_MEMBER, VERBS, SCOPE_TAXII, 0, "TAXII: one object", NULL},
        {HTTP_DELETE, "/taxii2/{root}/collections/{collection}/objects/{object}/", "taxii-delete", &taxii_face,
                taxii_delete, ROUTE_MEMBER, VERBS, SCOPE_TAXII, 0, "TAXII: take an object out of a collection", NULL},
        {HTTP_GET, "/taxii2/{root}/collections/{collection}/objects/{object}/versions/", "taxii-versions", &taxii_face,
                taxii_versions, ROUTE_MEMBER, VERBS, SCOPE_TAXII, 0, "TAXII: the versions of an object", NULL},
        {.path = NULL},
};
