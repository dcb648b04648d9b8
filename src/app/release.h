/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The parts of `kentongan release`: what people decide is in a file of its own, the options are in cmd_release.c. */
#include "app/local.h"
#include "share/preview.h"
#include "store/partner.h"

/* `release asks|answer|rule|consent|recall ...`: cmd_release_decide.c. */
MUST_USE struct err release_asks(const struct command_line *line, struct local *local);
MUST_USE struct err release_answer(const struct command_line *line, struct local *local);
MUST_USE struct err release_rule(const struct command_line *line, struct local *local);
MUST_USE struct err release_consent(const struct command_line *line, struct local *local);
MUST_USE struct err release_recall(const struct command_line *line, struct local *local);

/* The partner of an option; its number 0 if it was not typed. ERR_MISSING with how to see who there is. */
MUST_USE struct err release_partner(
        const struct command_line *line, struct local *local, const char *option, struct partner *partner);
/* What an option must say; ERR_INPUT otherwise. */
MUST_USE struct err release_text(const struct command_line *line, const char *option, slice *text);
/* What would leave for a partner, byte for byte, and why the rest stays. */
MUST_USE struct err release_preview(const struct command_line *line, struct local *local, const struct partner *partner,
        const struct share_preview_of *of);
