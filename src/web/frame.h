/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What every page has besides its document, as the member "frame" of what templates see:
 *
 *     node, lang, address      the node's name, the language's tag, where this page is (path and query)
 *     css, js, mark            addresses of the static files
 *     key                      what forms carry against forgery
 *     signed_in, half, name    who asks
 *     places                   the way around: those that who asks may see; {path, text, current, waiting: how many, or
 * null} languages                {tag, name, current} done                     what a form did that led here; null:
 * none did
 */
#include "gate/ask.h"

/* Writes the member "frame" into an open object. */
void web_frame_write(struct ask *ask, struct json_writer *json);
/* Where this page is, to come back to: path and query; after a form, and what it says it did, the path alone. */
slice web_frame_address(const struct ask *ask);
