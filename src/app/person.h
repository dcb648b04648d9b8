/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Commands in the name of a user: `--person NAME`. Who types them on the node's machine is `local`, one person whatever
 * the account; where two persons are needed the other one signs in here, by password and code as in the console.
 */
#include "app/local.h"

struct doorkeeper;

/* For the command's table. */
#define OPTION_PERSON                                                                                                  \
    {0, "person", "USER", "Do it as this user, who signs in for it (default: whoever owns the node's keys)"},          \
            {0, "person-password", "FILE",                                                                             \
                    "File that holds the password of --person; - is standard input (default: the terminal asks)"},     \
    {                                                                                                                  \
        0, "code", "CODE", "The code of the second factor of --person"                                                 \
    }

/* With the node's key and what node.conf says of sessions. */
MUST_USE struct err person_doorkeeper(struct local *local, struct doorkeeper **doorkeeper);
/* If --person was typed, who acts becomes that user until person_leave. ERR_AUTH, ERR_LIMIT as people_sign_in. */
MUST_USE struct err person_enter(const struct command_line *line, struct local *local);
/* Ends the session; what goes wrong is told on standard error. */
void person_leave(struct local *local);
