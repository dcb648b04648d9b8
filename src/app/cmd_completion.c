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

/* The options before the command that take a value, as a pattern of the shell: "-c|--config". */
static void put_taking_before(void)
{
    const char *between = "";
    for (size_t i = 0; i < command_before.option_count; i++) {
        const struct option_row *option = &command_before.options[i];
        if (option->argument == NULL)
            continue;
        if (option->letter != 0)
            printf("%s-%c|", between, option->letter);
        printf("%s--%s", option->letter != 0 ? "" : between, option->name);
        between = "|";
    }
}

static void bash_option(const struct command *command, const struct option_row *option)
{
    (void)command;
    if (option->letter != 0)
        printf("-%c ", option->letter);
    printf("--%s ", option->name);
}

static void bash_begin(void)
{
    printf("# bash completion for kentongan\n"
           "_kentongan()\n"
           "{\n"
           "    local current=${COMP_WORDS[COMP_CWORD]} words= at=1\n"
           "    COMPREPLY=()\n"
           "    while [[ $at -lt $COMP_CWORD && ${COMP_WORDS[at]} = -* ]]; do\n"
           "        case ${COMP_WORDS[at]} in\n"
           "        ");
    put_taking_before();
    printf(") at=$((at + 2)) ;;\n"
           "        *) at=$((at + 1)) ;;\n"
           "        esac\n"
           "    done\n"
           "    [ \"$at\" -le \"$COMP_CWORD\" ] || return\n"
           "    if [[ $at -eq $COMP_CWORD && $current = -* ]]; then\n"
           "        words='");
    for (size_t i = 0; i < command_before.option_count; i++)
        bash_option(&command_before, &command_before.options[i]);
    printf("'\n"
           "    elif [ \"$COMP_CWORD\" -eq \"$at\" ] || [ \"${COMP_WORDS[at]}\" = help ]; then\n"
           "        words='");
    put_names();
    printf("'\n"
           "    elif [[ $current = -* ]]; then\n"
           "        case ${COMP_WORDS[at]} in\n");
}

static void bash_command_begin(const struct command *command)
{
    printf("        %s) words='", command->name);
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

static bool is_file(const char *argument)
{
    return strcmp(argument, "FILE") == 0 || strcmp(argument, "CONF") == 0;
}

static void zsh_spelling(const struct option_row *option, const char *dashes, const char *name)
{
    printf(" \\\n        '*%s%s[", dashes, name);
    put_quoted(option->about, "[]:\\");
    printf("]");
    if (option->argument != NULL)
        printf(":%s:%s", option->argument, is_file(option->argument) ? "_files" : "");
    printf("'");
}

static void zsh_option(const struct command *command, const struct option_row *option)
{
    (void)command;
    if (option->letter != 0)
        zsh_spelling(option, "-", (const char[]){option->letter, 0});
    zsh_spelling(option, "--", option->name);
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
           "while (( CURRENT > 2 )) && [[ $words[2] = -* ]]; do\n"
           "    case $words[2] in\n"
           "    ");
    put_taking_before();
    printf(") (( CURRENT > 3 )) || { _files; return; }; shift 2 words; (( CURRENT -= 2 )) ;;\n"
           "    *) shift words; (( CURRENT-- )) ;;\n"
           "    esac\n"
           "done\n"
           "if (( CURRENT == 2 )) && [[ $words[2] = -* ]]; then\n"
           "    _arguments");
    for (size_t i = 0; i < command_before.option_count; i++)
        zsh_option(&command_before, &command_before.options[i]);
    printf("\n"
           "    return\n"
           "fi\n"
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

static void zsh_command_end(const struct command *command)
{
    (void)command;
    printf(" \\\n        '*:file:_files'\n    ;;\n");
}

static void zsh_end(void)
{
    printf("esac\n");
}

/* fish keeps a backslash inside single quotes for a quote or a backslash alone, so these two are escaped by it. */
static void fish_quoted(const char *text)
{
    for (; *text != 0; text++)
        printf("%s%c", *text == '\'' || *text == '\\' ? "\\" : "", *text);
}

/* The rest of a line that completes one option. */
static void fish_spelling(const struct option_row *option)
{
    if (option->letter != 0)
        printf(" -s %c", option->letter);
    printf(" -l %s%s -d '", option->name, option->argument == NULL ? "" : " -r");
    fish_quoted(option->about);
    printf("'\n");
}

/* No command was named yet; fish's own word for that would take the value of -c for a command. */
static void fish_before(void)
{
    printf("complete -c kentongan -n 'not __fish_seen_subcommand_from ");
    put_names();
    printf("'");
}

static void fish_begin(void)
{
    printf("# fish completion for kentongan\n");
    fish_before();
    printf(" -f\n");
    for (size_t i = 0; i < command_before.option_count; i++) {
        fish_before();
        fish_spelling(&command_before.options[i]);
    }
    printf("complete -c kentongan -n '__fish_seen_subcommand_from help' -f -a '");
    put_names();
    printf("'\n");
}

static void fish_command_begin(const struct command *command)
{
    fish_before();
    printf(" -a %s -d '", command->name);
    fish_quoted(command->about);
    printf("'\n");
}

static void fish_option(const struct command *command, const struct option_row *option)
{
    printf("complete -c kentongan -n '__fish_seen_subcommand_from %s'", command->name);
    fish_spelling(option);
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
    return command_written() ? 0 : command_fail(line, err_errno(line->arena, "standard output"));
}

const struct command command_completion = {
        .name = "completion",
        .arguments = "bash|zsh|fish",
        .about = "Print the completion script of a shell",
        .run = completion,
};
