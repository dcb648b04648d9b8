/* SPDX-License-Identifier: Apache-2.0 */
#include "app/risks.h"

#include <unistd.h>

#include "base/arena.h"
#include "case/risk.h"
#include "input/input.h"
#include "text/ini.h"

static struct err own_read(const char *file, struct arena *arena, struct plan_risks *rules)
{
    struct input_text text;
    TRY(input_text(file, INI_TEXT_MAX, arena, &text));
    struct err err = plan_risks_read(file, text.text, NULL, NULL, arena, rules);
    input_text_free(&text);
    return err;
}

struct err risks_open(const struct config *config, struct arena *arena)
{
    const char *file = arena_printf(arena, "%s/risks.conf", config->folder);
    struct plan_risks *rules = arena_new(arena, struct plan_risks, 1);
    TRY(access(file, F_OK) == 0 ? own_read(file, arena, rules) : plan_risks_shipped(arena, rules));
    case_risk_rules(rules);
    return OK;
}
