/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Imports that people began in the console: each runs in a thread of its own with a connection of its own, so that a
 * long one keeps nobody waiting, and its page says how far it is. At most IMPORTERS_MAX at once. When the program ends
 * they are stopped, and nothing of what they brought stays (intel/ingest.h).
 */
#include "gate/ask.h"
#include "intel/ingest.h"

#define IMPORTERS_MAX 2
#define IMPORTER_WAIT_MS 1500 /* who began one waits so long for its end */

struct importer_text {
    slice source, kind, name, creator, marking; /* as in struct intel_ingest */
    slice form;                                 /* empty: by its looks */
    const char *path;                           /* of the text: removed when it was read; NULL: `text` */
    slice text;
};

/*
 * Begins one and waits a little. *import: its number, whether it is done or not; 0: it was not begun, or is not yet.
 * The error is its own, if it ended within the time. ERR_LIMIT: enough are running.
 */
MUST_USE struct err importer_run(struct ask *ask, const struct importer_text *text, int64_t *import);
/* Stops all of them and waits for their end; no more are begun. */
void importer_close(void);
