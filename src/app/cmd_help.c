/* SPDX-License-Identifier: Apache-2.0 */
#include "app/command.h"

#define SPELLED_MAX 80 /* bytes of one option as help shows it; longer ones are cut */

/* "-i, --intel FILE", the long form always in the same column. Returns its width. */
static int spell(const struct option_row *option, char *text)
{
    char letter[5] = "    ";
    if (option->letter != 0)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    const char *argument = option->argument == NULL ? "" : option->argument;
    snprintf(text, SPELLED_MAX, "%s--%s%s%s", letter, option->name, *argument == 0 ? "" : " ", argument);
    return (int)strlen(text);
}

static int options_width(const struct command *command)
{
    char text[SPELLED_MAX];
    int width = 0;
    for (size_t i = 0; i < command->option_count; i++) {
        int spelled = spell(&command->options[i], text);
        width = spelled > width ? spelled : width;
    }
    return width;
}

static void print_options(const struct command *command)
{
    int width = options_width(command);
    for (size_t i = 0; i < command->option_count; i++) {
        char text[SPELLED_MAX];
        spell(&command->options[i], text);
        printf("  %-*s  %s\n", width, text, command->options[i].about);
    }
}

static void print_command(const struct command *command)
{
    printf("Usage: kentongan %s%s%s%s\n\n%s.\n", command->name, command->option_count == 0 ? "" : " [OPTION...]",
            *command->arguments == 0 ? "" : " ", command->arguments, command->about);
    if (command->option_count > 0)
        printf("\nOptions:\n");
    print_options(command);
}

static int commands_width(void)
{
    int width = 0;
    for (const struct command *const *row = commands; *row != NULL; row++) {
        int length = (int)strlen((*row)->name);
        width = length > width ? length : width;
    }
    return width;
}

static void print_commands(void)
{
    printf("Usage: kentongan [-c CONF] COMMAND [OPTION...] [FILE...]\n\nCommands:\n");
    int width = commands_width();
    for (const struct command *const *row = commands; *row != NULL; row++)
        printf("  %-*s  %s\n", width, (*row)->name, (*row)->about);
    printf("\n%s:\n", command_before.about);
    print_options(&command_before);
    printf("\n`kentongan help COMMAND` shows the options of a command. Where no file is named, standard input is "
           "read.\n"
           "Exit status: 0 done or found, 1 nothing found or refused, 2 error.\n");
}

static const struct command *find(const char *name)
{
    const struct command *const *row = commands;
    while (*row != NULL && strcmp((*row)->name, name) != 0)
        row++;
    return *row;
}

static int help(struct command_line *line)
{
    if (line->file_count == 0)
        print_commands();
    for (size_t i = 0; i < line->file_count; i++) {
        const struct command *command = find(line->files[i]);
        if (command == NULL)
            return command_fail(line, err_format(line->arena, ERR_INPUT, "no such command: %s", line->files[i]));
        print_command(command);
    }
    return command_written() ? 0 : command_fail(line, err_errno(line->arena, "standard output"));
}

const struct command command_help = {
        .name = "help",
        .arguments = "[COMMAND...]",
        .about = "Show the commands, or the options of a command",
        .run = help,
};
