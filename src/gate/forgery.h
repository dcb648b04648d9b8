/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Forgery: a page of somebody else has the browser of a person send a request with what the browser carries along by
 * itself. What changes something therefore says that it comes from a page of ours (Origin, RFC 6454, or Sec-Fetch-Site)
 * and, of a session, carries the key that only our pages know. Private to this folder.
 */
#include "gate/ask.h"

/* ERR_DENIED with what is missing. After who asks and the form are known. */
MUST_USE struct err forgery_check(const struct ask *ask);
