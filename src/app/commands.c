/* SPDX-License-Identifier: Apache-2.0 */
#include "app/command.h"

#include <assert.h>
#include <getopt.h>

#include "app/options.h"

#define OPTIONS_MAX 64
#define LONG_ONLY 256 /* getopt's answer for the first option without a letter */

extern const struct command command_agreement, command_approval, command_asset, command_backup, command_check,
        command_compile, command_completion, command_config, command_contact, command_decode, command_demo,
        command_doctor, command_duty, command_evidence, command_export, command_feed, command_figures, command_follower,
        command_group, command_help, command_hunt, command_id, command_import, command_incident, command_indicator,
        command_ingest, command_init, command_ledger, command_lesson, command_mail, command_match, command_org,
        command_partner, command_pattern, command_playbook, command_profile, command_release, command_report,
        command_restore, command_retain, command_risk, command_roster, command_search, command_serve, command_simulate,
        command_stats, command_stream, command_takedown, command_task, command_taxii, command_token, command_user,
        command_version, command_warn;

const struct command *const commands[] = {
        &command_match,
        &command_decode,
        &command_compile,
        &command_check,
        &command_pattern,
        &command_id,
        &command_simulate,
        &command_demo,
        &command_init,
        &command_config,
        &command_serve,
        &command_doctor,
        &command_follower,
        &command_backup,
        &command_restore,
        &command_retain,
        &command_import,
        &command_export,
        &command_search,
        &command_hunt,
        &command_feed,
        &command_stream,
        &command_indicator,
        &command_ingest,
        &command_org,
        &command_contact,
        &command_asset,
        &command_warn,
        &command_report,
        &command_incident,
        &command_playbook,
        &command_duty,
        &command_task,
        &command_evidence,
        &command_takedown,
        &command_lesson,
        &command_risk,
        &command_mail,
        &command_stats,
        &command_figures,
        &command_agreement,
        &command_group,
        &command_approval,
        &command_partner,
        &command_release,
        &command_taxii,
        &command_ledger,
        &command_profile,
        &command_roster,
        &command_user,
        &command_token,
        &command_completion,
        &command_version,
        &command_help,
        NULL,
};

static const struct option_row options_before[] = {
        OPTION_CONFIG,
        {'h', "help", NULL, "Show the commands, as `kentongan help` does"},
        {0, "version", NULL, "Print the version, as `kentongan version` does"},
};

const struct command command_before = {
        .name = "",
        .arguments = "",
        .about = "What may stand before the command",
        .options = options_before,
        .option_count = COUNT_OF(options_before),
};

const struct command *command_find(const char *name)
{
    for (size_t i = 0; commands[i] != NULL; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

bool command_flag(const struct command_line *line, const char *name)
{
    for (size_t i = 0; i < line->given_count; i++)
        if (strcmp(line->given[i].option->name, name) == 0)
            return true;
    return false;
}

const char *command_each(const struct command_line *line, const char *name, size_t *at)
{
    while (*at < line->given_count) {
        size_t i = (*at)++;
        if (strcmp(line->given[i].option->name, name) == 0)
            return line->given[i].text;
    }
    return NULL;
}

const char *command_text(const struct command_line *line, const char *name)
{
    const char *last = NULL, *text;
    size_t at = 0;
    while ((text = command_each(line, name, &at)) != NULL)
        last = text;
    return last;
}

struct err command_number(const struct command_line *line, const char *name, uint64_t least, uint64_t most,
        uint64_t otherwise, uint64_t *value)
{
    const char *text = command_text(line, name);
    uint64_t number = otherwise;
    if (text != NULL && (!slice_u64(slice_of(text), most, &number) || number < least))
        return err_format(line->arena, ERR_INPUT, "--%s takes a whole number from %llu to %llu, not %s", name,
                (unsigned long long)least, (unsigned long long)most, text);
    *value = number;
    return OK;
}

bool command_written(void)
{
    return fflush(stdout) == 0 && ferror(stdout) == 0;
}

int command_fail(const struct command_line *line, struct err err)
{
    bool named = line->command != NULL && *line->command->name != 0;
    fprintf(stderr, "kentongan%s%s: %s\n", named ? " " : "", named ? line->command->name : "", err.why);
    return 2;
}

/* ---- Parsing ---- */

/* The options of a command as getopt_long wants them. */
struct getopt_table {
    char letters[2 * OPTIONS_MAX + 3];
    struct option rows[OPTIONS_MAX + 1];
};

static void getopt_table_make(const struct command *command, struct getopt_table *table)
{
    char *letter = table->letters;
    if (command == &command_before)
        *letter++ = '+'; /* the first word is the command, what follows is its own */
    *letter++ = ':';     /* we word the errors ourselves */
    assert(command->option_count <= OPTIONS_MAX);
    for (size_t i = 0; i < command->option_count; i++) {
        const struct option_row *option = &command->options[i];
        int has_argument = option->argument == NULL ? no_argument : required_argument;
        table->rows[i] = (struct option){option->name, has_argument, NULL, LONG_ONLY + (int)i};
        if (option->letter != 0) {
            *letter++ = option->letter;
            if (has_argument == required_argument)
                *letter++ = ':';
        }
    }
}

static const struct option_row *option_found(const struct command *command, int answer)
{
    if (answer >= LONG_ONLY)
        return &command->options[answer - LONG_ONLY];
    for (size_t i = 0; i < command->option_count; i++)
        if (command->options[i].letter == answer)
            return &command->options[i];
    return NULL;
}

static bool option_known(const struct command *command, const char *name)
{
    for (size_t i = 0; i < command->option_count; i++)
        if (strcmp(command->options[i].name, name) == 0)
            return true;
    return false;
}

/* The option that getopt complains of, as the command spells it, or the word it knows nothing about. */
static const char *option_typed(const struct getopt_table *table, char **argv, struct arena *arena)
{
    if (optopt >= LONG_ONLY)
        return arena_printf(arena, "--%s", table->rows[optopt - LONG_ONLY].name);
    return optopt != 0 ? arena_printf(arena, "-%c", optopt) : argv[optind - 1];
}

static const char *option_wrong(int answer)
{
    if (answer == ':')
        return "wants a value";
    return optopt >= LONG_ONLY ? "takes no value" : "is no option";
}

/* As many options as words can hold: letters may be joined (-qv). */
static size_t options_most(int argc, char **argv)
{
    size_t most = 0;
    for (int i = 0; i < argc; i++)
        most += strlen(argv[i]);
    return most;
}

/* Adds the options in argv to those that the line holds. */
static struct err options_parse(const struct command *command, int argc, char **argv, struct command_line *line)
{
    struct getopt_table table = {0};
    getopt_table_make(command, &table);
    struct option_given *given =
            arena_take_array(line->arena, line->given_count + options_most(argc, argv), sizeof *given);
    if (line->given_count > 0)
        memcpy(given, line->given, line->given_count * sizeof *given);
    line->command = command;
    line->given = given;
    optind = 0; /* getopt forgets what it was in the middle of */
    for (int answer; (answer = getopt_long(argc, argv, table.letters, table.rows, NULL)) != -1;) {
        const struct option_row *option = option_found(command, answer);
        if (option == NULL)
            return err_format(line->arena, ERR_INPUT, "%s %s; see `kentongan help%s%s`",
                    option_typed(&table, argv, line->arena), option_wrong(answer), *command->name == 0 ? "" : " ",
                    command->name);
        line->given[line->given_count].option = option;
        line->given[line->given_count++].text = optarg;
    }
    return OK;
}

struct err command_parse_before(int argc, char **argv, struct command_line *line, int *at)
{
    TRY(options_parse(&command_before, argc, argv, line));
    *at = optind;
    return OK;
}

struct err command_parse(const struct command *command, int argc, char **argv, struct command_line *line)
{
    line->command = command;
    for (size_t i = 0; i < line->given_count; i++)
        if (!option_known(command, line->given[i].option->name))
            return err_format(line->arena, ERR_INPUT, "it needs no node: leave --%s out", line->given[i].option->name);
    TRY(options_parse(command, argc, argv, line));
    line->files = (const char *const *)(argv + optind);
    line->file_count = (size_t)(argc - optind);
    return OK;
}
