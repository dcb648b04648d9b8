/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Where what a row of the journal or an approval is about is to be seen. */
#include "gate/ask.h"

/* A member "path" of the page, or of the row that is written; null: it has no page. */
void subject_path(struct ask *ask, slice subject);
