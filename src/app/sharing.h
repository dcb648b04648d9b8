/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the commands of sharing have in common: what two persons have to agree to is told with its number, and what
 * waits for the node's signature is signed where the keys are at hand.
 */
#include "app/local.h"
#include "share/approve.h"

/* For the command's table: what may need a second person. */
#define OPTION_REASON                                                                                                  \
    {                                                                                                                  \
        0, "reason", "TEXT", "Why, where a second person has to agree or --emergency is given"                         \
    }
#define OPTION_EMERGENCY                                                                                               \
    {                                                                                                                  \
        0, "emergency", NULL, "Do it without the second person; everybody who could have agreed is told"               \
    }

/* Who acts, and the reason where another person has to agree or it is an emergency; ERR_INPUT without one. */
MUST_USE struct err sharing_who(const struct command_line *line, struct local *local, const char *act, slice subject,
        slice detail, struct actor *actor, slice *reason);
/*
 * Has an act of the table done, or proposed where another person has to agree; then --reason says why. With --emergency
 * the machine does it at once all the same. What became of it is told, but for what is simply done.
 */
MUST_USE struct err sharing_do(const struct command_line *line, struct local *local, const char *act, slice subject,
        slice detail, struct share_proposal *proposal);
/* "it waits for a second person: approval 7"; that everybody hears of an emergency; nothing where it is simply done. */
void sharing_tell(const struct command_line *line, const struct share_proposal *proposal);
/* The reason of --reason; ERR_INPUT without one. */
MUST_USE struct err sharing_reason(const struct command_line *line, slice *reason);
/* Signs what waits, with the keys of the node. */
MUST_USE struct err sharing_sign(const struct command_line *line, struct local *local);
/* `export`: signs what waits, then writes the statements that wait for a partner, one a line; they go on waiting.
 * `import`: takes such lines from a file, as if the partner had sent them; ERR_CONFLICT if one was refused. */
MUST_USE struct err sharing_export(const struct command_line *line, struct local *local, int64_t partner);
MUST_USE struct err sharing_import(const struct command_line *line, struct local *local, const char *file);
