/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a TAXII server answered: bytes from outside become a page, a status, a reason. Private to the client. Texts are
 * in the caller's arena or in the answer; any thread.
 */
#include "taxii/client.h"

/* OK if the text is one JSON object; names that stand twice are left to who takes the objects in. */
MUST_USE struct err taxii_answer_check(
        const char *url, const struct http_answer *answer, slice text, struct arena *arena);
/* "; it says: TITLE: DESCRIPTION" of an error, without what could harm a terminal; "" if it says nothing. */
const char *taxii_answer_reason(slice page, struct arena *arena);

/* These take JSON that passed the check. */
MUST_USE struct err taxii_answer_page(
        slice json, const struct http_answer *answer, struct arena *arena, struct taxii_page *page);
MUST_USE struct err taxii_answer_status(slice json, const char *url, struct arena *arena, struct taxii_status *status);
