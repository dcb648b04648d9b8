/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The two faces that need no templates: plain text, for what programs read in a form of its own, and the document of a
 * handler as it is, for what has no page.
 */
#include "gate/ask.h"

/* The handler writes ask->reply itself. A failure is its sentence and a line break. */
extern const struct face gate_plain;
/* The document as application/json. A failure is {"error": KIND, "why": SENTENCE}. */
extern const struct face gate_document;
