/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan id: the identifier that a cyber-observable object gets from its properties. */
#include "app/command.h"
#include "base/buf.h"
#include "input/input.h"
#include "stix/id.h"
#include "json/check.h"

#define OBJECT_MAX ((size_t)32 << 20)

/* JSON that passed the check, without blanks around it. */
static struct err object_read(struct command_line *line, const char *file, struct input_text *text, slice *object)
{
    size_t offset = 0, at_line, column;
    TRY(input_text(file, OBJECT_MAX, line->arena, text));
    struct err err = json_check(text->text, &json_limits_default, &offset);
    *object = slice_trim(text->text);
    if (err.kind == ERR_NONE)
        return OK;
    json_place(text->text, offset, &at_line, &column);
    return err_format(line->arena, err.kind, "%s:%zu:%zu: %s", file, at_line, column, err.why);
}

static int id(struct command_line *line)
{
    struct input_text text = {0};
    slice object;
    if (line->file_count > 1)
        return command_fail(line, err_make(ERR_INPUT, "takes one object: a file, or standard input"));
    struct buf out = buf_make(1 << 10);
    struct err err = object_read(line, line->file_count == 0 ? "-" : line->files[0], &text, &object);
    if (err.kind == ERR_NONE)
        err = stix_id_make(object, line->arena, &out);
    if (err.kind == ERR_NONE)
        printf("%.*s\n", (int)out.len, out.ptr);
    buf_free(&out);
    input_text_free(&text);
    if (err.kind != ERR_NONE)
        return command_fail(line, err);
    return command_written() ? 0 : command_fail(line, err_errno(line->arena, "standard output"));
}

const struct command command_id = {
        .name = "id",
        .arguments = "[FILE]",
        .about = "Print the STIX id that a cyber-observable object gets from its properties",
        .run = id,
};
