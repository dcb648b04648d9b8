/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan org: the organisations that a node knows: its own, those it serves, its partners and others. */
#include "app/local.h"
#include "app/options.h"
#include "base/clock.h"
#include "store/organisation.h"
#include "store/right.h"
#include "json/write.h"

#define ROW_MAX (256u << 10)

/* ---- What is shown ---- */

/* One row for both faces: the columns of the text are the keys of the JSON. */
struct column {
    const char *name;
    slice text;
};

static void show(const struct command_line *line, const struct organisation *row)
{
    const struct column columns[] = {
            {"name", row->name},
            {"relation", slice_of(store_relation_name(row->relation))},
            {"state", slice_of(store_organisation_state_name(row->state))},
            {"kind", row->kind},
            {"sector", row->sector},
            {"country", row->country},
            {"identity", row->identity},
    };
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    bool json = command_flag(line, "json");
    if (json) {
        json_write_object(&w);
        json_write_key_u64(&w, S("number"), (uint64_t)row->number);
    }
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        if (json)
            json_write_key_text(&w, slice_of(columns[i].name), columns[i].text);
        else
            buf_printf(&buf, "%s%.*s", i == 0 ? "" : "\t", (int)columns[i].text.len, columns[i].text.ptr);
    }
    if (json)
        json_write_end(&w);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static void show_time(struct buf *buf, int64_t us)
{
    if (us == TIME_NONE)
        buf_put(buf, S("now"));
    else
        time_write(buf, us);
}

static void show_names(const struct organisation_name *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct buf buf = buf_make(ROW_MAX);
        show_time(&buf, names[i].from_us);
        buf_put(&buf, S(" to "));
        show_time(&buf, names[i].until_us);
        printf("\t%.*s: %.*s\n", (int)buf.len, buf.ptr, (int)names[i].name.len, names[i].name.ptr);
        buf_free(&buf);
    }
}

/* ---- Verbs ---- */

/* The number of a name that was typed; 0 for none. */
static struct err number_of(const struct command_line *line, struct local *local, const char *name, int64_t *number)
{
    *number = 0;
    if (name == NULL)
        return OK;
    struct err err = store_organisation_find(local->db, slice_of(name), number);
    return err.kind != ERR_MISSING ? err : err_format(line->arena, ERR_MISSING, "there is no organisation %s", name);
}

static slice text_or(const struct command_line *line, const char *option, const char *otherwise)
{
    const char *text = command_text(line, option);
    return slice_of(text == NULL ? otherwise : text);
}

struct adding {
    struct organisation_put put;
    int64_t number;
};

static struct err put(struct work *work, void *context)
{
    struct adding *adding = context;
    TRY(store_right_check(work->actor, VERB_CHANGE_ORGANISATIONS, 0, work->arena, NULL));
    return store_organisation_add(work, &adding->put, &adding->number);
}

static struct err add(const struct command_line *line, struct local *local)
{
    struct adding adding = {.put = {
                                    .name = slice_of(line->files[1]),
                                    .kind = text_or(line, "kind", "other"),
                                    .sector = text_or(line, "sector", ""),
                                    .country = text_or(line, "country", ""),
                            }};
    struct organisation row;
    slice relation = text_or(line, "relation", "constituent");
    if (!store_relation_find(relation, &adding.put.relation) || adding.put.relation == RELATION_OWN)
        return err_make(ERR_INPUT, "--relation is constituent, partner or other");
    TRY(number_of(line, local, command_text(line, "parent"), &adding.put.parent));
    TRY(store_work(local->db, &local->actor, line->arena, put, &adding));
    TRY(store_organisation_get(local->db, adding.number, line->arena, &row));
    show(line, &row);
    return OK;
}

static struct err list_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct organisation *rows;
    TRY(store_organisation_list(local->db, *after, STORE_PAGE_MAX, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        show(line, &rows[i]);
        *after = rows[i].number;
    }
    return OK;
}

static struct err list(const struct command_line *line, struct local *local)
{
    TRY(store_right_check(&local->actor, VERB_READ_ORGANISATIONS, 0, line->arena, NULL));
    return local_pages(line, local, list_page);
}

static struct err show_one(const struct command_line *line, struct local *local)
{
    struct organisation row;
    struct organisation_name *names;
    size_t count;
    int64_t number;
    TRY(number_of(line, local, line->files[1], &number));
    TRY(store_right_check(&local->actor, VERB_READ_ORGANISATIONS, number, line->arena, NULL));
    TRY(store_organisation_get(local->db, number, line->arena, &row));
    TRY(store_organisation_names(local->db, number, line->arena, &names, &count));
    show(line, &row);
    if (!command_flag(line, "json"))
        show_names(names, count);
    return OK;
}

static const struct local_verb verbs[] = {
        {"add", 2, add},
        {"list", 1, list},
        {"show", 2, show_one},
};

static int org(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs), "what? `org add NAME`, `org list` or `org show NAME`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        {0, "relation", "WORD", "What it is to this node: constituent (default), partner or other"},
        {0, "kind", "WORD", "team, ministry, hospital, supplier, platform, police or other (default)"},
        {0, "sector", "NAME", "Its sector"},
        {0, "country", "CC", "Its country, two letters (ISO 3166-1)"},
        {0, "parent", "NAME", "The organisation that it belongs to"},
        OPTION_JSON,
};

const struct command command_org = {
        .name = "org",
        .arguments = "add NAME|list|show NAME",
        .about = "Add organisations to a node, list them, or show one",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = org,
};
