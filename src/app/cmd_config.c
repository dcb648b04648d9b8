/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan config: what holds on this node, and what could be said. */
#include "app/command.h"
#include "app/node.h"
#include "app/options.h"
#include "json/write.h"

#define TEXT_MAX (1u << 20)

static void put_json(const struct config *config, const struct config_row *row, bool defaults, struct arena *arena)
{
    struct buf buf = buf_make(TEXT_MAX);
    struct json_writer w = json_writer(&buf);
    const char *value = defaults ? row->otherwise : config_shown(config, row, arena);
    const char *range = config_range(row, arena);
    json_write_object(&w);
    json_write_key_text(&w, S("section"), slice_of(row->section));
    json_write_key_text(&w, S("key"), slice_of(row->key));
    json_write_key(&w, S("value"));
    if (value == NULL || *value == 0)
        json_write_null(&w);
    else
        json_write_text(&w, slice_of(value));
    json_write_key_text(&w, S("type"), slice_of(config_type_name(row->type)));
    if (range != NULL)
        json_write_key_text(&w, S("range"), slice_of(range));
    json_write_key(&w, S("required"));
    json_write_bool(&w, row->otherwise == NULL);
    json_write_key_text(&w, S("about"), slice_of(row->about));
    json_write_end(&w);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static void put_sample(struct arena *arena)
{
    struct buf buf = buf_make(TEXT_MAX);
    config_write(&buf, NULL, 0, arena);
    printf("%.*s", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static void put_text(const struct config *config, struct arena *arena)
{
    for (size_t i = 0; i < config_row_count; i++) {
        const struct config_row *row = &config_rows[i];
        const char *value = config_shown(config, row, arena);
        if (i == 0 || strcmp(row->section, config_rows[i - 1].section) != 0)
            printf("%s[%s]\n", i == 0 ? "" : "\n", row->section);
        if (*value == 0)
            printf("#%s =\n", row->key);
        else
            printf("%s = %s\n", row->key, value);
    }
}

static int config(struct command_line *line)
{
    struct node node = {0};
    bool defaults = command_flag(line, "defaults"), json = command_flag(line, "json");
    if (line->file_count > 0)
        return command_fail(line, err_make(ERR_INPUT, "takes no files; the node is named by -c CONF"));
    if (!defaults) {
        struct err err = node_open(command_text(line, "config"), line->arena, &node);
        if (err.kind != ERR_NONE)
            return command_fail(line, err);
    }
    for (size_t i = 0; json && i < config_row_count; i++)
        put_json(&node.config, &config_rows[i], defaults, line->arena);
    if (!json && defaults)
        put_sample(line->arena);
    if (!json && !defaults)
        put_text(&node.config, line->arena);
    return command_written() ? 0 : command_fail(line, err_errno(line->arena, "standard output"));
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        {0, "defaults", NULL, "Print a node.conf with every key, what it means and its default"},
        OPTION_JSON,
};

const struct command command_config = {
        .name = "config",
        .arguments = "",
        .about = "Show the configuration that holds on a node, without its secrets",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = config,
};
