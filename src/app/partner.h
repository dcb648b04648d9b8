/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The parts of `kentongan partner`: each in a file of its own, their options in cmd_partner.c. */
#include "app/local.h"
#include "share/partner.h"

#define PARTNER_FILE_MAX (STATEMENT_BYTES_MAX + 1) /* bytes of a file that is read; one more than is taken */

/* `partner key VERB ...`: cmd_partner_key.c. */
MUST_USE struct err partner_key(const struct command_line *line, struct local *local);

/* How it goes with what is on its way: cmd_partner_post.c. */
MUST_USE struct err partner_post(const struct command_line *line, struct local *local);
MUST_USE struct err partner_claims(const struct command_line *line, struct local *local);
MUST_USE struct err partner_settle(const struct command_line *line, struct local *local);
MUST_USE struct err partner_reread(const struct command_line *line, struct local *local);

/* A partner that was named; ERR_MISSING with how to see who there is. */
MUST_USE struct err partner_named(
        const struct command_line *line, struct local *local, const char *name, struct partner *partner);
/* All of a small file, or of standard input for "-". */
MUST_USE struct err partner_file(const char *name, struct arena *arena, slice *text);
/* As whom the node speaks; share_keys_forget(speaker->keys) when it has been said. */
MUST_USE struct err partner_speaker(
        const struct command_line *line, struct local *local, struct share_keys *keys, struct share_speaker *speaker);
/* The reason of --reason, or what is said without one. */
slice partner_reason(const struct command_line *line, const char *otherwise);
