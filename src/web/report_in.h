/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What somebody tells us by a form or by JSON, as case/report.h takes it. The three ways (anybody, the telephone, a
 * program) have the same fields, read once here; a table says which of them a way has. JSON is an object whose members
 * are these fields, and becomes the form that would have said the same. A file that hangs on it makes a mail of
 * it, since that is how a report has files: composed here, and kept as the original.
 */
#include "case/report.h"
#include "gate/ask.h"

#define REPORT_FILE_MAX (4u << 20)                      /* bytes of the one file; a photograph of a screen has less */
#define REPORT_FORM_MAX (REPORT_FILE_MAX + (64u << 10)) /* of a form with it */
#define REPORT_PERSON_MAX 200                           /* bytes of a name, of an address */

/* The body as fields in ask->form, if it is JSON. ERR_INPUT names the member that is none of ours. */
MUST_USE struct err report_in_json(struct ask *ask);
/*
 * Reads the fields. *field is the one that an error is about; NULL: none of them. Of `organisation` (VERB_REPORT): who
 * may tell for their own only tells for that one, whatever was said.
 */
MUST_USE struct err report_in_read(
        struct ask *ask, enum report_channel channel, struct case_report_put *put, const char **field);
/* Takes it in as `actor`. *field as above. */
MUST_USE struct err report_in_take(struct ask *ask, const struct actor *actor, const struct case_report_put *put,
        struct case_report_taken *taken, const char **field);
