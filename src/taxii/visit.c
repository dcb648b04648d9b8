/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/visit.h"

#include "share/visitor.h"

/* Without a visit the request goes all the same, and is refused in words that say so. */
static const char *authorize(void *context, struct arena *arena)
{
    const struct taxii_visit *visit = context;
    const char *authorization;
    struct err err = share_visit_write(visit->keys, visit->node, arena, &authorization);
    return err.kind == ERR_NONE ? authorization : NULL;
}

bool taxii_visit_stopped(const struct taxii_visit *visit)
{
    return visit->watch->stop != NULL && visit->watch->stop(visit->watch->context);
}

static bool stop(void *context)
{
    return taxii_visit_stopped(context);
}

struct taxii_client taxii_visit_client(struct http_client *http, struct taxii_visit *visit)
{
    return taxii_client_open(&(struct taxii_client_options){
            .http = http, .pins = visit->pins, .context = visit, .stop = stop, .once = true, .authorize = authorize});
}
