/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Values that are found in what was told: by the rules by which a pasted text is imported (form/form.h), in the text
 * and in the mails that it hands on; and which of them are of nobody's business. Private to this folder.
 */
#include "mailbox/mail.h"
#include "store/report.h"

/* `text`: without who told it. Addresses of mail of the people of a mail, and of whom the mails in it went to, are left
 * out: they are mostly victims. *left_out: values beyond REPORT_OBSERVABLES_MAX, or too long. */
MUST_USE struct err case_found_add(struct work *work, int64_t report, slice text, const struct mailbox_mail *mail,
        const struct report_person *person, size_t *left_out);
