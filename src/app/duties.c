/* SPDX-License-Identifier: Apache-2.0 */
#include "app/duties.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "input/input.h"
#include "text/ini.h"

struct err duties_of_file(const char *file, struct arena *arena, struct plan_duties *duties)
{
    struct input_text text;
    TRY(input_text(file, INI_TEXT_MAX, arena, &text));
    struct err err = plan_duty_read(file, arena_copy(arena, text.text), NULL, NULL, arena, duties);
    input_text_free(&text);
    return err;
}

static int is_rules(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && slice_ends(slice_of(entry->d_name), S(".conf"));
}

/* Two files of the node may not have a duty of the same name: nobody would know which holds. */
static struct err add(const char *file, struct arena *arena, struct plan_duties *own)
{
    struct plan_duties more;
    TRY(duties_of_file(file, arena, &more));
    for (size_t i = 0; i < more.count; i++)
        if (plan_duty_find(own, more.rows[i].name) != NULL)
            return err_format(arena, ERR_INPUT, "%s:1:1: another file there has the duty \"%.*s\" already", file,
                    (int)more.rows[i].name.len, more.rows[i].name.ptr);
    *own = plan_duty_merge(own, &more, arena);
    return OK;
}

struct err duties_of_node(const struct config *config, struct arena *arena, struct plan_duties *duties)
{
    const char *folder = arena_printf(arena, "%s/duties", config->folder);
    struct plan_duties own = {0}, all;
    struct dirent **names;
    struct err err = OK;
    TRY(plan_duty_shipped(arena, &all));
    int count = scandir(folder, &names, is_rules, alphasort);
    if (count < 0 && errno != ENOENT)
        return err_errno(arena, folder);
    if (count > PLAN_DUTY_FILES_MAX)
        err = err_format(arena, ERR_LIMIT, "%s: %d files of rules at the most", folder, PLAN_DUTY_FILES_MAX);
    for (int i = 0; i < count; i++) {
        if (err.kind == ERR_NONE)
            err = add(arena_printf(arena, "%s/%s", folder, names[i]->d_name), arena, &own);
        free(names[i]);
    }
    if (count >= 0)
        free(names);
    if (err.kind == ERR_NONE)
        *duties = plan_duty_merge(&own, &all, arena);
    return err;
}
