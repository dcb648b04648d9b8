/* SPDX-License-Identifier: Apache-2.0 */
#include "app/command.h"

static int version(struct command_line *line)
{
    if (line->file_count > 0)
        return command_fail(line, err_make(ERR_INPUT, "takes no files"));
    printf("kentongan %s\n", KENTONGAN_VERSION);
    return command_written() ? 0 : command_fail(line, err_errno(line->arena, "standard output"));
}

const struct command command_version = {
        .name = "version",
        .arguments = "",
        .about = "Print the version",
        .run = version,
};
