/* SPDX-License-Identifier: Apache-2.0 */
#include "app/classes.h"

#include <unistd.h>

#include "base/arena.h"
#include "case/report.h"
#include "input/input.h"
#include "plan/classify.h"
#include "text/ini.h"

struct err classes_open(const struct config *config, struct arena *arena)
{
    const char *file = arena_printf(arena, "%s/classes.conf", config->folder);
    struct plan_classes *all = arena_new(arena, struct plan_classes, 1), own = {0};
    struct input_text text;
    TRY(plan_classes_shipped(arena, all));
    if (access(file, F_OK) == 0) {
        TRY(input_text(file, INI_TEXT_MAX, arena, &text));
        struct err err = plan_classes_read(file, arena_copy(arena, text.text), NULL, NULL, arena, &own);
        input_text_free(&text);
        TRY(err);
        *all = plan_classes_merge(&own, all, arena);
    }
    case_report_rules(all);
    return OK;
}
