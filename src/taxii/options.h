/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What the handlers of this folder share: options and the first checks of a request. Private to this folder. */
#include "gate/ask.h"
#include "taxii/taxii.h"

/* Of the node that is asked; never NULL. */
const struct taxii_options *taxii_options_of(const struct ask *ask);
/* Bytes of an envelope: the least of all ceilings on the way. */
uint64_t taxii_content_max(const struct ask *ask);
/* Every handler begins with it: the API root is there (404), and the client takes what we answer (406, section 3.1). */
MUST_USE struct err taxii_begin(struct ask *ask, bool rooted);
/* An error whose status is none that its kind has. */
MUST_USE struct err taxii_fail(struct ask *ask, unsigned status, enum err_kind kind, const char *why);
/* An empty JSON answer of TAXII, to be written into with room for that many bytes. */
struct json_writer taxii_reply(struct ask *ask, unsigned status, size_t bytes_max);
