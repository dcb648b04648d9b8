/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan compile: intelligence into an index that match opens at once. */
#include <inttypes.h>

#include "app/filter.h"
#include "app/options.h"

static struct err compile_files(const struct command_line *line, struct report *report, uint64_t *count)
{
    const char **files = arena_new(line->arena, const char *, line->given_count + 1);
    size_t file_count = 0, at = 0;
    for (const char *file; (file = command_each(line, "intel", &at)) != NULL;)
        files[file_count++] = file;
    const char *output = command_text(line, "output");
    if (file_count == 0 || output == NULL)
        return err_make(ERR_INPUT, "compile what into what? Name intelligence with -i FILE and the index with -o FILE");
    struct load_report load = report_load(report);
    struct match_builder *builder;
    TRY(match_build_place(output, line->arena));
    TRY(load_build(files, file_count, &load, line->arena, &builder));
    *count = match_build_count(builder);
    struct err err = match_build_write(builder, output, line->arena);
    match_builder_close(builder);
    return err;
}

static int compile(struct command_line *line)
{
    struct report report = report_begin(line);
    uint64_t count = 0;
    struct err err = compile_files(line, &report, &count);
    report_clear(&report);
    if (err.kind != ERR_NONE)
        return command_fail(line, err);
    fprintf(stderr, "%s: %" PRIu64 " indicators\n", command_text(line, "output"), count);
    return 0;
}

static const struct option_row options[] = {
        OPTION_INTEL,
        {'o', "output", "FILE", "The index to write"},
};

const struct command command_compile = {
        .name = "compile",
        .arguments = "",
        .about = "Compile intelligence into an index that match opens at once",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = compile,
};
