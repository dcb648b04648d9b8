/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/responsibility.h"

#include "base/arena.h"
#include "plan/shipped.h"

#define NAME_MAX_BYTES 200 /* of an organisation */

/* ---- Fields ---- */

static const char *classes_set(void *thing, slice value, struct arena *arena)
{
    struct plan_responsible *row = thing;
    return plan_words(value, arena, &row->classes, &row->class_count);
}

static const char *sectors_set(void *thing, slice value, struct arena *arena)
{
    struct plan_responsible *row = thing;
    return plan_words(value, arena, &row->sectors, &row->sector_count);
}

static const char *severity_set(void *thing, slice value, struct arena *arena)
{
    struct plan_responsible *row = thing;
    (void)arena;
    row->severity = plan_severity(value);
    return row->severity > 0 ? NULL : PLAN_SEVERITIES;
}

static const char *vital_set(void *thing, slice value, struct arena *arena)
{
    (void)arena;
    return plan_truth(value, &((struct plan_responsible *)thing)->vital);
}

static const char *who_set(void *thing, enum plan_part part, slice value, struct arena *arena)
{
    struct plan_responsible *row = thing;
    slice rest = value, name;
    row->who[part] = arena_new(arena, slice, PLAN_PART_MAX);
    while (slice_next(&rest, ';', &name)) {
        name = slice_trim(name);
        if (row->who_count[part] == PLAN_PART_MAX)
            return "16 organisations at the most";
        if (name.len == 0 || name.len > NAME_MAX_BYTES)
            return "names of organisations, own or sector-team, with semicolons between";
        row->who[part][row->who_count[part]++] = name;
    }
    return NULL;
}

static const char *lead_set(void *thing, slice value, struct arena *arena)
{
    return who_set(thing, PLAN_LEAD, value, arena);
}

static const char *support_set(void *thing, slice value, struct arena *arena)
{
    return who_set(thing, PLAN_SUPPORT, value, arena);
}

static const char *informed_set(void *thing, slice value, struct arena *arena)
{
    return who_set(thing, PLAN_INFORMED, value, arena);
}

static const char *end(void *thing, struct arena *arena)
{
    const struct plan_responsible *row = thing;
    (void)arena;
    return row->who_count[PLAN_LEAD] == 1 ? NULL : "one leads, and no more";
}

static const struct plan_field fields[] = {
        {"classes", false, classes_set},
        {"sectors", false, sectors_set},
        {"severity", false, severity_set},
        {"vital", false, vital_set},
        {"lead", true, lead_set},
        {"support", false, support_set},
        {"informed", false, informed_set},
};
static const struct plan_kind kind = {"responsible", sizeof(struct plan_responsible), fields, COUNT_OF(fields), end};

struct err plan_responsibility_read(const char *name, slice text, plan_say *say, void *context, struct arena *arena,
        struct plan_responsibility *table)
{
    struct plan_file file;
    TRY(plan_read(name, text, &kind, say, context, arena, &file));
    *table = (struct plan_responsibility){file.version, file.things, file.count};
    return OK;
}

/* ---- Finding ---- */

/* "fraud" is every class of that taxonomy. */
static bool class_fits(slice wanted, const struct plan_facts *facts)
{
    return slice_eq(wanted, facts->class) || (facts->local_class.len > 0 && slice_eq(wanted, facts->local_class)) ||
           (slice_starts(facts->class, wanted) && facts->class.len > wanted.len && facts->class.ptr[wanted.len] == '/');
}

static bool fits(const struct plan_responsible *row, const struct plan_facts *facts)
{
    bool class = row->class_count == 0, sector = row->sector_count == 0;
    size_t rank = plan_severity(facts->severity);
    for (size_t i = 0; !class && i < row->class_count; i++)
        class = class_fits(row->classes[i], facts);
    for (size_t i = 0; !sector && i < row->sector_count; i++)
        sector = slice_eq(row->sectors[i], facts->sector);
    return class && sector && rank > 0 && rank >= row->severity && (!row->vital || facts->vital);
}

const struct plan_responsible *plan_responsibility_find(
        const struct plan_responsibility *table, const struct plan_facts *facts)
{
    for (size_t i = 0; i < table->count; i++)
        if (fits(&table->rows[i], facts))
            return &table->rows[i];
    return NULL;
}

struct err plan_responsibility_shipped(struct arena *arena, struct plan_responsibility *table)
{
    return plan_responsibility_read(
            "responsibility.conf", plan_shipped_text(S("responsibility.conf")), NULL, NULL, arena, table);
}
