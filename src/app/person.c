/* SPDX-License-Identifier: Apache-2.0 */
#include "app/person.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "base/password.h"
#include "people/people.h"
#include "people/sign_in.h"

#define US_PER_MS 1000

struct person {
    struct doorkeeper *doorkeeper;
    struct who who;
};

struct err person_doorkeeper(struct local *local, struct doorkeeper **doorkeeper)
{
    const struct config *config = &local->node.config;
    struct key_pair pair;
    TRY(people_doorkeeper_open(local->arena, doorkeeper));
    TRY(node_key(&local->node, local->arena, &pair));
    const struct people_options options = {
            .rest_us = (int64_t)config->people.rest_ms * US_PER_MS,
            .session_us = (int64_t)config->people.session_ms * US_PER_MS,
            .key = &pair,
    };
    people_doorkeeper_set(*doorkeeper, &options);
    key_forget(&pair);
    return OK;
}

/* ---- The password ---- */

/* One line, without its end; what is longer than any password is cut and will not be right. */
static struct err line_read(int terminal, struct arena *arena, slice *text)
{
    char *room = arena_take(arena, PASSWORD_BYTES_MAX + 1);
    size_t length = 0;
    for (char c = 0; length <= PASSWORD_BYTES_MAX; room[length++] = c) {
        ssize_t got = read(terminal, &c, 1);
        if (got < 0)
            return err_errno(arena, "terminal");
        if (got == 0 || c == '\n')
            break;
    }
    *text = (slice){room, length};
    return OK;
}

/* Nobody who looks over the shoulder sees it. */
static struct err password_ask(const char *name, struct arena *arena, slice *password)
{
    struct termios shown, hidden;
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal < 0 || tcgetattr(terminal, &shown) != 0) {
        if (terminal >= 0)
            close(terminal);
        return err_make(ERR_INPUT, "there is no terminal to ask for the password: name its file by --password-file");
    }
    hidden = shown;
    hidden.c_lflag &= (tcflag_t) ~(unsigned)ECHO;
    tcsetattr(terminal, TCSAFLUSH, &hidden);
    fprintf(stderr, "password of %s: ", name);
    struct err err = line_read(terminal, arena, password);
    tcsetattr(terminal, TCSAFLUSH, &shown);
    fputc('\n', stderr);
    close(terminal);
    return err;
}

/* ---- Signing in ---- */

static struct err sign_in(const struct command_line *line, struct local *local, struct person *person, slice password)
{
    const char *name = command_text(line, "person"), *code = command_text(line, "code");
    const struct sign_in in = {
            .name = slice_of(name),
            .password = password,
            .code = code == NULL ? S("") : slice_of(code),
            .agent = S("command line"),
    };
    struct signed_in signed_in;
    TRY(people_sign_in(local->db, person->doorkeeper, &in, line->arena, &signed_in));
    const struct credentials credentials = {.session = slice_of(signed_in.secret.text)};
    TRY(people_who(local->db, person->doorkeeper, &credentials, line->arena, &person->who));
    return signed_in.half ? err_format(line->arena, ERR_AUTH, "%s has a second factor: its code goes to --code", name)
                          : OK;
}

static bool has_person(const struct command *command)
{
    for (size_t i = 0; i < command->option_count; i++)
        if (strcmp(command->options[i].name, "person") == 0)
            return true;
    return false;
}

struct err person_enter(const struct command_line *line, struct local *local)
{
    const char *name = command_text(line, "person"), *file = command_text(line, "person-password");
    slice password;
    if (!has_person(line->command))
        return OK;
    if (name == NULL && (file != NULL || command_text(line, "code") != NULL))
        return err_make(ERR_INPUT, "whose password? --person says it");
    if (name == NULL)
        return OK;
    TRY(file != NULL ? password_read(file, line->arena, &password) : password_ask(name, line->arena, &password));
    struct person *person = arena_new(line->arena, struct person, 1);
    struct err err = person_doorkeeper(local, &person->doorkeeper);
    if (err.kind == ERR_NONE) {
        local->person = person;
        err = sign_in(line, local, person, password);
    }
    password_forget(password);
    if (err.kind != ERR_NONE)
        person_leave(local);
    else
        local->actor = person->who.actor;
    return err;
}

void person_leave(struct local *local)
{
    struct person *person = local->person;
    if (person == NULL)
        return;
    struct err err = person->who.session != 0 ? people_sign_out(local->db, &person->who, local->arena) : OK;
    if (err.kind == ERR_NONE)
        err = people_doorkeeper_tell(person->doorkeeper, local->db, local->arena);
    if (err.kind != ERR_NONE)
        fprintf(stderr, "kentongan: the session was not ended: %s\n", err.why);
    people_doorkeeper_close(person->doorkeeper);
    local->person = NULL;
}
