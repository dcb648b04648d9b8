/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The console: pages for people, and the same documents for scripts. A page's function writes a JSON document (into
 * ask->json) that holds no more than who asks may see; asked for JSON that is the answer, asked for HTML the template
 * page/NAME.html, of the route's name, is applied to it, inside of page/frame.html.
 *
 * Besides what the function writes, a template sees what every page has (frame.h says which: who is signed in, the way
 * around, the language, the key of forms); the JSON face does not show that.
 */
#include "gate/ask.h"

extern const struct face web_face;
