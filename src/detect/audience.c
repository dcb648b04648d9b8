/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/audience.h"

#include <stdlib.h>

#include "base/arena.h"
#include "detect/news.h"
#include "export/export.h"
#include "stix/marks.h"
#include "store/organisation.h"

#define WORK_BYTES_MAX (4 * (size_t)OBJECT_BYTES_MAX)

/* From `least` to `most` an audience may have it. */
static const struct {
    const char *name;
    enum stix_tlp least, most;
    bool unknown; /* marked by what was never seen */
} audiences[AUDIENCES] = {
        [AUDIENCE_OWN] = {"own", TLP_NONE, TLP_RED, true},
        [AUDIENCE_CLIENTS] = {"clients", TLP_CLEAR, TLP_AMBER, false},
};

struct audience {
    enum audience_kind kind;
    struct stix_definitions *definitions;
    struct arena *work;
};

const char *audience_name(enum audience_kind kind)
{
    return audiences[kind].name;
}

struct err audience_find(struct db *db, int64_t organisation, struct arena *arena, enum audience_kind *kind)
{
    struct organisation of;
    if (organisation == 0)
        return err_make(ERR_DENIED, "only people of an organisation have an index to match with");
    TRY(store_organisation_get(db, organisation, arena, &of));
    if (of.relation != RELATION_OWN && of.relation != RELATION_CONSTITUENT)
        return err_make(ERR_DENIED, "the index is for our own organisation and those that we serve");
    if (of.state != ORGANISATION_PROPOSED && of.state != ORGANISATION_ACTIVE)
        return err_make(ERR_DENIED, "the organisation is suspended or closed at this node");
    *kind = of.relation == RELATION_OWN ? AUDIENCE_OWN : AUDIENCE_CLIENTS;
    return OK;
}

struct audience *audience_open(enum audience_kind kind)
{
    struct arena *work = arena_open("markings", ARENA_WORK, WORK_BYTES_MAX);
    struct audience *audience = malloc(sizeof *audience);
    if (audience == NULL) {
        fputs("kentongan: the system has no memory left\n", stderr);
        abort();
    }
    *audience = (struct audience){kind, stix_definitions_open(), work};
    return audience;
}

void audience_close(struct audience *audience)
{
    if (audience == NULL)
        return;
    stix_definitions_close(audience->definitions);
    arena_close(audience->work);
    free(audience);
}

struct err audience_learn(struct audience *audience, const struct object *definition)
{
    arena_reset(audience->work);
    return stix_definitions_add(audience->definitions, definition->bytes, audience->work);
}

static struct err learn(void *context, const struct object *object, struct arena *arena)
{
    (void)arena;
    return audience_learn(context, object);
}

struct err audience_read(struct audience *audience, struct db *db)
{
    const struct object_filter filter = {.type = S("marking-definition"), .all_versions = true};
    if (audience->kind == AUDIENCE_OWN)
        return OK;
    return news_objects(db, &filter, audience, learn);
}

bool audience_may(struct audience *audience, const struct object *object)
{
    if (audience == NULL || audience->kind == AUDIENCE_OWN)
        return true;
    arena_reset(audience->work);
    const struct stix_marked marked = stix_marked_of(object->bytes);
    struct stix_marks marks = stix_marks_of(audience->definitions, &marked, audience->work);
    return marks.tlp >= audiences[audience->kind].least && marks.tlp <= audiences[audience->kind].most &&
           (!marks.unknown || audiences[audience->kind].unknown) && export_pap_allows(marks.pap, EXPORT_DETECT);
}
