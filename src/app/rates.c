/* SPDX-License-Identifier: Apache-2.0 */
#include "app/rates.h"

#include <unistd.h>

#include "base/arena.h"
#include "input/input.h"
#include "plan/rates.h"
#include "text/ini.h"

static struct err file_read(const char *file, struct arena *arena, struct plan_rates *rates)
{
    struct input_text text;
    TRY(input_text(file, INI_TEXT_MAX, arena, &text));
    slice kept = arena_copy(arena, text.text);
    input_text_free(&text);
    return plan_rates_read(file, kept, NULL, NULL, arena, rates);
}

struct err rates_of_node(const struct config *config, struct arena *arena, const struct plan_rates **rates)
{
    const char *file = arena_printf(arena, "%s/rates.conf", config->folder);
    struct plan_rates *made = arena_new(arena, struct plan_rates, 1);
    slice currency = slice_of(config->figures.currency);
    if (!plan_currency_is(currency))
        return err_format(
                arena, ERR_INPUT, "[figures] currency: %.*s is no currency as IDR", (int)currency.len, currency.ptr);
    TRY(access(file, F_OK) == 0 ? file_read(file, arena, made) : plan_rates_shipped(arena, made));
    made->currency = currency;
    *rates = made;
    return OK;
}
