/* SPDX-License-Identifier: Apache-2.0 */
#include "app/typed.h"

#include "base/clock.h"

slice typed_or(const struct command_line *line, const char *option, const char *otherwise)
{
    const char *text = command_text(line, option);
    return slice_of(text == NULL ? otherwise : text);
}

struct err typed_number(const struct command_line *line, const char *text, const char *what, int64_t *number)
{
    uint64_t read;
    *number = 0;
    if (!slice_u64(slice_of(text), INT64_MAX, &read))
        return err_format(line->arena, ERR_INPUT, "%s is no number of %s", text, what);
    *number = (int64_t)read;
    return OK;
}

struct err typed_moment(const struct command_line *line, const char *option, int64_t *us)
{
    const char *text = command_text(line, option);
    *us = TIME_NONE;
    return text == NULL || time_parse_strict(slice_of(text), us)
                   ? OK
                   : err_format(line->arena, ERR_INPUT, "--%s %s is no moment as 2026-11-20T22:40:00+07:00 (RFC 3339)",
                             option, text);
}
