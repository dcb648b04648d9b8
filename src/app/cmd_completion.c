/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The completion of each shell, written from the command table, so that it cannot fall behind. A shell is a row: what
 * stands at the start, what is said of each command and of each option, and what stands at the end.
 */
#include "app/command.h"

struct shell {
    const char *name;
    void (*begin)(void);
    void (*command_begin)(const struct command *command);
    void (*option)(const struct command *command, const struct option_row *option);
    void (*command_end)(const struct command *command);
    void (*end)(void);
};

/* Writes text between single quotes; `escaped` are the bytes that get a backslash. A quote itself is closed around. */
static void put_quoted(const char *text, const char *escaped)
{
    for (; *text != 0; text++) {
        if (*text == '\'') {
            fputs("'\\''", stdout);
            continue;
        }
        if (strchr(escaped, *text) != NULL)
            putchar('\\');
        putchar(*text);
    }
}

static void put_names(void)
{
    for (const struct command *const *row = commands; *row != NULL; row++)
        printf("%s%s", row == commands ? "" : " ", (*row)->name);
}

static void bash_begin(void)
{
    printf("# bash completion for kentongan\n"
           "_kentongan()\n"
           "{\n"
           "    local current=${COMP_WORDS[COMP_CWORD]} words=\n"
           "    COMPREPLY=()\n"
           "    if [ \"$COMP_CWORD\" -eq 1 ] || [ \"${COMP_WORDS[1]}\" = help ]; then\n"
           "        words='");
    put_names();
    printf("'\n"
           "    elif [[ $current = -* ]]; then\n"
           "        case ${COMP_WORDS[1]} in\n");
}

static void bash_command_begin(const struct command *command)
{
    printf("        %s) words='", command->name);
}

static void bash_option(const struct command *command, const struct option_row *option)
{
    (void)command;
    if (option->letter != 0)
        printf("-%c ", option->letter);
    printf("--%s ", option->name);
}

static void bash_command_end(const struct command *command)
{
    (void)command;
    printf("' ;;\n");
}

static void bash_end(void)
{
    printf("        esac\n"
           "    fi\n"
           "    [ -z \"$words\" ] || COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
           "}\n"
           "complete -o default -F _kentongan kentongan\n");
}

static void zsh_begin(void)
{
    printf("#compdef kentongan\n"
           "local -a commands\n"
           "commands=(\n");
    for (const struct command *const *row = commands; *row != NULL; row++) {
        printf("    '%s:", (*row)->name);
        put_quoted((*row)->about, ":\\");
        printf("'\n");
    }
    printf(")\n"
           "if (( CURRENT == 2 )) || [[ $words[2] = help ]]; then\n"
           "    _describe command commands\n"
           "    return\n"
           "fi\n"
           "local command=$words[2]\n"
           "shift words\n"
           "(( CURRENT-- ))\n"
           "case $command in\n");
}

static void zsh_command_begin(const struct command *command)
{
    printf("%s)\n    _arguments", command->name);
}

static void zsh_spelling(const struct option_row *option, const char *dashes, const char *name)
{
    printf(" \\\n        '*%s%s[", dashes, name);
    put_quoted(option->about, "[]:\\");
    printf("]");
    if (option->argument != NULL)
        printf(":%s:%s", option->argument, strcmp(option->argument, "FILE") == 0 ? "_files" : "");
    printf("'");
}

static void zsh_option(const struct command *command, const struct option_row *option)
{
    (void)command;
    if (option->letter != 0)
        zsh_spelling(option, "-", (const char[]){option->letter, 0});
    zsh_spelling(option, "--", option->name);
}

static void zsh_command_end(const struct command *command)
{
    (void)command;
    printf(" \\\n        '*:file:_files'\n    ;;\n");
}

static void zsh_end(void)
{
    printf("esac\n");
}

static void fish_begin(void)
{
    printf("# fish completion for kentongan\n"
           "complete -c kentongan -n '__fish_use_subcommand' -f\n"
           "complete -c kentongan -n '__fish_seen_subcommand_from help' -f -a '");
    put_names();
    printf("'\n");
}

/* fish keeps a backslash inside single quotes for a quote or a backslash alone, so these two are escaped by it. */
static void fish_quoted(const char *text)
{
    for (; *text != 0; text++)
        printf("%s%c", *text == '\'' || *text == '\\' ? "\\" : "", *text);
}

static void fish_command_begin(const struct command *command)
{
    printf("complete -c kentongan -n '__fish_use_subcommand' -a %s -d '", command->name);
    fish_quoted(command->about);
    printf("'\n");
}

static void fish_option(const struct command *command, const struct option_row *option)
{
    printf("complete -c kentongan -n '__fish_seen_subcommand_from %s'", command->name);
    if (option->letter != 0)
        printf(" -s %c", option->letter);
    printf(" -l %s%s -d '", option->name, option->argument == NULL ? "" : " -r");
    fish_quoted(option->about);
    printf("'\n");
}

static void nothing_of(const struct command *command)
{
    (void)command;
}

static void nothing(void)
{
}

static const struct shell shells[] = {
        {"bash", bash_begin, bash_command_begin, bash_option, bash_command_end, bash_end},
        {"zsh", zsh_begin, zsh_command_begin, zsh_option, zsh_command_end, zsh_end},
        {"fish", fish_begin, fish_command_begin, fish_option, nothing_of, nothing},
};

static void print_completion(const struct shell *shell)
{
    shell->begin();
    for (const struct command *const *row = commands; *row != NULL; row++) {
        shell->command_begin(*row);
        for (size_t i = 0; i < (*row)->option_count; i++)
            shell->option(*row, &(*row)->options[i]);
        shell->command_end(*row);
    }
    shell->end();
}

static const struct shell *find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(shells); i++)
        if (strcmp(shells[i].name, name) == 0)
            return &shells[i];
    return NULL;
}

static int completion(struct command_line *line)
{
    if (line->file_count != 1)
        return command_fail(line, err_make(ERR_INPUT, "name one shell: bash, zsh or fish"));
    const struct shell *shell = find(line->files[0]);
    if (shell == NULL)
        return command_fail(line,
                err_format(line->arena, ERR_INPUT, "no such shell: %s (bash, zsh and fish are known)", line->files[0]));
    print_completion(shell);
    return fflush(stdout) == 0 ? 0 : command_fail(line, err_errno(line->arena, "standard output"));
}

const struct command command_completion = {
        .name = "completion",
        .arguments = "bash|zsh|fish",
        .about = "Print the completion script of a shell",
        .run = completion,
};
