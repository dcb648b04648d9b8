/* SPDX-License-Identifier: Apache-2.0 */
#include "app/takedowns.h"

#include <unistd.h>

#include "base/arena.h"
#include "case/takedown.h"
#include "input/input.h"
#include "text/ini.h"

/* *text: NULL if the node has no such file. */
static struct err file_read(const char *file, struct arena *arena, slice *text)
{
    struct input_text read;
    *text = (slice){0};
    if (access(file, F_OK) != 0)
        return OK;
    TRY(input_text(file, INI_TEXT_MAX, arena, &read));
    *text = arena_copy(arena, read.text);
    input_text_free(&read);
    return OK;
}

static struct err letter_read(const struct config *config, enum plan_letter_to to, slice language, struct arena *arena,
        struct plan_letter *letter)
{
    const char *file = arena_printf(arena, "%s/%s", config->folder, plan_letter_file(to, language, arena));
    slice text;
    TRY(file_read(file, arena, &text));
    return text.ptr == NULL ? plan_letter_shipped(to, language, arena, letter)
                            : plan_letter_read(file, text, arena, letter);
}

struct err takedowns_of_node(const struct config *config, struct arena *arena, const struct case_takedown_rules **rules)
{
    const char *file = arena_printf(arena, "%s/takedown.conf", config->folder);
    struct plan_takedowns shipped, own = {0};
    struct case_takedown_rules *made = arena_new(arena, struct case_takedown_rules, 1);
    slice text;
    TRY(plan_takedown_shipped(arena, &shipped));
    TRY(file_read(file, arena, &text));
    if (text.ptr != NULL)
        TRY(plan_takedown_read(file, text, NULL, NULL, arena, &own));
    made->table = plan_takedown_merge(&own, &shipped, arena);
    for (size_t i = 0; i < CASE_TAKEDOWN_LANGUAGES; i++)
        for (enum plan_letter_to to = 0; to < PLAN_LETTER_TOS; to++)
            TRY(letter_read(config, to, slice_of(plan_letter_language(i)), arena, &made->letters[to][i]));
    *rules = made;
    return OK;
}
