/* SPDX-License-Identifier: Apache-2.0 */
#include "app/constituent.h"

#include <stdio.h>

#include "base/clock.h"
#include "desk/asset.h"
#include "store/organisation.h"
#include "json/write.h"

#define ROW_MAX (256u << 10)
#define TIME_MAX 64

struct err constituent_named(const struct command_line *line, struct local *local, const char *name, int64_t *number)
{
    *number = 0;
    if (name == NULL)
        return OK;
    struct err err = store_organisation_find(local->db, slice_of(name), number);
    return err.kind != ERR_MISSING ? err : err_format(line->arena, ERR_MISSING, "there is no organisation %s", name);
}

struct err constituent_name(struct local *local, int64_t number, struct arena *arena, slice *name)
{
    struct organisation row;
    TRY(store_organisation_get(local->db, number, arena, &row));
    *name = row.name;
    return OK;
}

struct err constituent_moment(const struct command_line *line, const char *option, int64_t otherwise, int64_t *us)
{
    const char *text = command_text(line, option);
    *us = otherwise;
    if (text == NULL || desk_moment(slice_of(text), us))
        return OK;
    return err_format(line->arena, ERR_INPUT,
            "--%s takes a moment as 2026-11-21T09:00:00+07:00, or a day as 2026-11-21, not %s", option, text);
}

struct err constituent_number(const struct command_line *line, const char *text, int64_t *number)
{
    uint64_t read;
    if (!slice_u64(slice_of(text), INT64_MAX, &read))
        return err_format(line->arena, ERR_INPUT, "that takes the number which the list shows first, not %s", text);
    *number = (int64_t)read;
    return OK;
}

slice constituent_text(const struct command_line *line, const char *option, const char *otherwise)
{
    const char *text = command_text(line, option);
    return slice_of(text == NULL ? otherwise : text);
}

void constituent_show(
        const struct command_line *line, int64_t number, const struct constituent_column *columns, size_t count)
{
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    bool json = command_flag(line, "json");
    if (json) {
        json_write_object(&w);
        json_write_key_u64(&w, S("number"), (uint64_t)number);
    } else {
        buf_i64(&buf, number);
    }
    for (size_t i = 0; i < count; i++) {
        if (json)
            json_write_key_text(&w, slice_of(columns[i].name), columns[i].text);
        else
            buf_printf(&buf, "\t%.*s", (int)columns[i].text.len, columns[i].text.ptr);
    }
    if (json)
        json_write_end(&w);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

slice constituent_time(struct arena *arena, int64_t us)
{
    char room[TIME_MAX];
    struct buf text = {.ptr = room, .cap = sizeof room, .max = sizeof room};
    if (us != TIME_NONE)
        time_write(&text, us);
    return arena_copy(arena, buf_slice(&text));
}
