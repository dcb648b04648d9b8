/* SPDX-License-Identifier: Apache-2.0 */
#include "app/routes.h"

#include "app/status.h"
#include "gate/api.h"
#include "gate/face.h"
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
        {.path = NULL},
};
