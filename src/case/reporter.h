/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Who told us, where their name and addresses are not to stand. Private to this folder.
 */
#include "store/report.h"

struct mailbox_mail;

#define REPORTER_MARK "[reporter]" /* stands where they stood */

/* As it is compared and written to: addresses in small letters. ERR_INPUT names the field that is wrong. */
MUST_USE struct err case_reporter_read(
        struct arena *arena, const struct report_person *put, struct report_person *person);
/* Who wrote a mail, as far as somebody can be written to. */
struct report_person case_reporter_of(const struct mailbox_mail *mail, struct arena *arena);
/* The text with a mark in place of each whole word that is their name or one of their addresses. */
slice case_reporter_hide(const struct report_person *person, slice text, struct arena *arena);
